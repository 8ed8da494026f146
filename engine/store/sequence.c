// Sequence: numbers given outside of transactions. Each transaction that took one writes the counter as it is
// at its end into its record; the counter's serial tells which of two records knows more, whichever comes
// first.
#include "engine/store/object_in.h"

#include <inttypes.h>

static CounterUse *use_of(Transaction *t, uint64_t id)
{
    latch_read(&t->store->catalog);
    Object *o = objects_find(t->store, id);
    ObjectVersion *v = o ? objects_version(o, &t->snapshot) : NULL;
    CounterUse *use = v && v->counter ? t->counters : NULL;
    while (use && use->version != v) use = use->next;
    if (!use && v && v->counter) {
        use = arena_new(&t->mem, CounterUse);
        *use = (CounterUse){.next = t->counters, .version = v, .counter = v->counter};
        t->counters = use;
        atomic_fetch_add(&o->users, 1);
    }
    latch_unlock(&t->store->catalog);
    return use;
}

static bool open_use(Transaction *t, uint64_t id, CounterUse **out, Err *err)
{
    *out = use_of(t, id);
    return *out || err_set(err, "42704", "there is no sequence %" PRIu64, id);
}

// The number behind `last`; false: there is none.
static bool step(const CounterRule *r, int64_t *last)
{
    int64_t next;
    bool out = __builtin_add_overflow(*last, r->increment, &next) || next > r->max || next < r->min;
    if (out && !r->cycle) return false;
    *last = out ? r->increment > 0 ? r->min : r->max : next;
    return true;
}

bool sequence_next(Transaction *t, uint64_t id, int64_t *out, Err *err)
{
    CounterUse *use;
    if (!open_use(t, id, &use, err)) return false;
    const ObjectDef *def = use->version->def;
    if (!def->temporary && !transaction_may_change(t, err)) return false;
    const CounterRule *rule = &use->version->rule;
    Counter *c = use->counter;
    mutex_lock(&use->version->object->mutex);
    bool ok = !c->called || step(rule, &c->last);
    if (ok) {
        c->called = true;
        c->serial++;
        *out = c->last;
    }
    mutex_unlock(&use->version->object->mutex);
    use->used |= ok;
    if (ok) return true;
    bool up = rule->increment > 0;
    return err_set(err, "2200H", "nextval: reached %s value of sequence \"%.*s\" (%" PRId64 ")",
                   up ? "maximum" : "minimum", STR_ARG(def->name), up ? rule->max : rule->min);
}

bool sequence_set(Transaction *t, uint64_t id, int64_t last, bool called, Err *err)
{
    CounterUse *use;
    if (!open_use(t, id, &use, err)) return false;
    const ObjectDef *def = use->version->def;
    const CounterRule *rule = &use->version->rule;
    if (!def->temporary && !transaction_may_change(t, err)) return false;
    if (last < rule->min || last > rule->max)
        return err_set(err, SQLSTATE_OUT_OF_RANGE,
                       "setval: value %" PRId64 " is out of bounds for sequence \"%.*s\" (%" PRId64
                       "..%" PRId64 ")",
                       last, STR_ARG(def->name), rule->min, rule->max);
    Counter *c = use->counter;
    mutex_lock(&use->version->object->mutex);
    c->last = last;
    c->called = called;
    c->serial++;
    mutex_unlock(&use->version->object->mutex);
    use->used = true;
    return true;
}

bool sequence_state(Transaction *t, uint64_t id, SequenceState *out, Err *err)
{
    CounterUse *use;
    if (!open_use(t, id, &use, err)) return false;
    mutex_lock(&use->version->object->mutex);
    *out = (SequenceState){use->counter->last, use->counter->called};
    mutex_unlock(&use->version->object->mutex);
    return true;
}

// Will the counter be there when the transaction has ended?
static bool stays(const Transaction *t, const CounterUse *use)
{
    for (const ObjectVersion *v = use->version->object->version; v; v = v->older) {
        Stamp begin = atomic_load(&v->begin), end = atomic_load(&v->end);
        if (v->counter == use->counter && begin != STAMP_NEVER &&
            (!stamp_is_txn(begin) || begin == stamp_of_txn(t->number)) &&
            (end == STAMP_NEVER || stamp_is_txn(end)) && end != stamp_of_txn(t->number))
            return true;
    }
    return false;
}

void counter_uses_put(Bytes *out, const Transaction *t)
{
    latch_read(&t->store->catalog);
    for (const CounterUse *use = t->counters; use; use = use->next) {
        Object *o = use->version->object;
        if (!use->used || use->version->def->temporary || !stays(t, use)) continue;
        mutex_lock(&o->mutex);
        counter_put(out, o->id, use->counter);
        mutex_unlock(&o->mutex);
    }
    latch_unlock(&t->store->catalog);
}

void counter_uses_end(Transaction *t)
{
    for (const CounterUse *use = t->counters; use; use = use->next)
        atomic_fetch_sub(&use->version->object->users, 1);
    t->counters = NULL;
}

void counter_uses_keep(Transaction *t)
{
    Bytes body;
    bytes_init(&body, LOG_RECORD_MAX);
    counter_uses_put(&body, t);
    LogNode *n = body.len && !body.failed ? log_node_new(&body, t->user, t->number, t->asynchronous) : NULL;
    Err err = {0};
    if (n) {
        mutex_lock(&t->store->log.mutex);
        bool put = log_put(&t->store->log, n, &err);
        mutex_unlock(&t->store->log.mutex);
        if (!put)
            log_node_drop(n);
        else if (!log_finish(&t->store->log, n, &err))
            log_taken_back(&t->store->log, n);
    }
    bytes_done(&body); // a log that takes nothing more gives no numbers either
}
