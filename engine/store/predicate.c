// Predicate: what SERIALIZABLE transactions have read, as conditions on rows (keys, ranges, bounds of
// columns), and what has committed while they were open. A transaction that wrote may commit only when no row
// version that began or ended since its snapshot meets one of its conditions (Kung, Robinson, "On Optimistic
// Methods for Concurrency Control", 1981: backward validation; conditions instead of rows, so phantoms
// count). Then it is as if it had run at the moment of its commit. One that wrote nothing is as if it had run
// at its snapshot.
#include "engine/base/size.h"
#include "engine/store/cell_in.h"
#include "engine/store/store_in.h"

#include <stdlib.h>
#include <string.h>

typedef struct Bound {
    uint16_t slot;
    ZoneOp op;
    Value value;
} Bound;

struct Predicate { // all of its bounds hold
    Predicate *next;
    uint32_t bounds;
    Bound bound[];
};

typedef struct CommitRows {
    const Relation *relation;
    uint32_t pos, count;
} CommitRows;

struct Commit {
    _Atomic(Commit *) next;
    Stamp stamp;
    size_t runs;
    CommitRows run[];
};

// ---- reading ----

static bool tracked(const Table *table)
{
    return table->txn->isolation == ISOLATION_SERIALIZABLE && !atomic_load(&table->read_all);
}

void predicate_all(Table *table) { atomic_store(&table->read_all, true); }

static Predicate *add(Table *table, uint32_t bounds)
{
    Transaction *t = table->txn;
    if (table->predicates == PREDICATES_MAX) {
        predicate_all(table);
        return NULL;
    }
    Predicate *p = arena_get(&t->mem, sizeof *p + bounds * sizeof p->bound[0]);
    *p = (Predicate){.bounds = bounds};
    return p;
}

static void link_in(Table *table, Predicate *p)
{
    p->next = table->predicate;
    table->predicate = p;
    table->predicates++;
}

void predicate_key(Table *table, const IndexDef *index, const Value *key, uint32_t n)
{
    if (!tracked(table)) return;
    mutex_lock(&table->txn->reading);
    Predicate *p = add(table, n);
    for (uint32_t i = 0; p && i < n; i++)
        p->bound[i] = (Bound){schema_slot(table_def(table), index->column[i]), ZONE_EQ,
                              value_copy(&table->txn->mem, &key[i])};
    if (p) link_in(table, p);
    mutex_unlock(&table->txn->reading);
}

void predicate_range(Table *table, const IndexDef *index, const IndexRange *range)
{
    uint32_t n = (range->low != NULL) + (range->high != NULL), at = 0;
    if (!tracked(table)) return;
    if (!n) predicate_all(table);
    mutex_lock(&table->txn->reading);
    Predicate *p = n ? add(table, n) : NULL;
    uint16_t slot = schema_slot(table_def(table), index->column[0]);
    if (p && range->low)
        p->bound[at++] =
            (Bound){slot, range->low_open ? ZONE_GT : ZONE_GE, value_copy(&table->txn->mem, range->low)};
    if (p && range->high)
        p->bound[at++] =
            (Bound){slot, range->high_open ? ZONE_LT : ZONE_LE, value_copy(&table->txn->mem, range->high)};
    if (p) link_in(table, p);
    mutex_unlock(&table->txn->reading);
}

// Bounds that a scan's condition implies: rows outside of them cannot matter to it.
void predicate_zones(Table *table, const ZoneFilter *zone, uint32_t zones)
{
    if (!tracked(table)) return;
    if (!zones) predicate_all(table);
    mutex_lock(&table->txn->reading);
    Predicate *p = zones ? add(table, zones) : NULL;
    for (uint32_t i = 0; p && i < zones; i++)
        p->bound[i] = (Bound){schema_slot(table_def(table), zone[i].column), zone[i].op,
                              value_copy(&table->txn->mem, &zone[i].value)};
    if (p) link_in(table, p);
    mutex_unlock(&table->txn->reading);
}

// ---- testing a row ----

// When in doubt: yes.
static bool holds(Generation *g, uint32_t pos, const Bound *bound)
{
    Err unused = {.at = -1};
    Block *b = generation_block(g, pos >> 16);
    if (!block_load(g, b, bound->slot, &unused)) return true;
    bool null = block_is_null(b, bound->slot, pos & 0xffff);
    if (bound->op == ZONE_IS_NULL) return null;
    if (bound->op == ZONE_NOT_NULL || null) return !null;
    Phys p = type_phys(slots_type(g->slots, bound->slot).id);
    Value room;
    int64_t wide, narrow;
    if (bound->value.null) return true;
    const void *cell = cell_of_value(p, &bound->value, &room);
    bool whole = cell_int(p, cell, &narrow);
    if (!whole && type_phys(bound->value.type.id) != p) return true;
    if (whole && (!cell_int(type_phys(bound->value.type.id), &bound->value.boolean, &wide) || wide != narrow))
        return true;
    int order = cell_compare(p, block_cell(b, bound->slot, pos & 0xffff, phys_size(p)), cell);
    switch (bound->op) {
    case ZONE_EQ: return order == 0;
    case ZONE_LT: return order < 0;
    case ZONE_LE: return order <= 0;
    case ZONE_GT: return order > 0;
    default: return order >= 0;
    }
}

static bool meets(const Table *table, Generation *g, uint32_t pos)
{
    for (const Predicate *p = table->predicate; p; p = p->next) {
        bool all = true;
        for (uint32_t i = 0; all && i < p->bounds; i++) all = holds(g, pos, &p->bound[i]);
        if (all) return true;
    }
    return false;
}

static Table *reader_of(const Transaction *t, const Relation *r)
{
    for (Table *table = t->tables; table; table = table->next)
        if (table->relation == r && (table->predicate || atomic_load(&table->read_all))) return table;
    return NULL;
}

static bool run_conflicts(const Transaction *t, const CommitRows *run, Err *err)
{
    Table *table = reader_of(t, run->relation);
    if (!table) return false;
    Generation *g = atomic_load(&table->relation->generation);
    bool meet = atomic_load(&table->read_all) || !g;
    for (uint32_t i = 0; i < run->count && !meet; i++) meet = meets(table, g, run->pos + i);
    if (!meet) return false;
    err_set(err, SQLSTATE_SERIALIZATION,
            "could not serialize access due to read/write dependencies among transactions");
    err_note(err, "Rows of table %.*s that this transaction has read were changed by another one.",
             STR_ARG(table_def(table)->name));
    err_hint(err, "The transaction might succeed if retried.");
    return true;
}

// ---- what has committed ----

void history_enter(Transaction *t)
{
    Store *s = t->store;
    if (t->in_history) return;
    t->in_history = true;
    atomic_fetch_add(&s->serializables, 1);
    // Whoever has a stamp already may not have seen that somebody is interested: it is to be in the snapshot.
    mutex_lock(&s->log.mutex);
    Stamp last = s->log.last_stamp;
    mutex_unlock(&s->log.mutex);
    log_wait_published(&s->log, last);
}

static Stamp oldest_reader(Store *s)
{
    Stamp oldest = STAMP_NEVER;
    mutex_lock(&s->active);
    for (const Transaction *t = s->newest; t; t = t->older)
        if (t->in_history && t->held < oldest) oldest = t->held;
    mutex_unlock(&s->active);
    return oldest;
}

// The transaction is no longer among the open ones.
void history_leave(Transaction *t)
{
    Store *s = t->store;
    if (!t->in_history) return;
    t->in_history = false;
    atomic_fetch_sub(&s->serializables, 1);
    Stamp oldest = oldest_reader(s);
    mutex_lock(&s->history);
    for (Commit *c; (c = s->oldest_commit) != NULL && c->stamp <= oldest;) {
        s->oldest_commit = atomic_load(&c->next);
        if (!s->oldest_commit) s->newest_commit = NULL;
        free(c);
    }
    mutex_unlock(&s->history);
}

Commit *history_entry(const Transaction *t)
{
    if (!atomic_load(&t->store->serializables)) return NULL;
    size_t runs = 0;
    for (size_t i = 0; i < t->changes; i++) runs += t->change[i].kind < CHANGE_DEFINE;
    Commit *c = malloc(sizeof *c + runs * sizeof c->run[0]);
    if (!c) return NULL;
    *c = (Commit){.runs = 0};
    for (size_t i = 0; i < t->changes; i++) {
        const Change *change = &t->change[i];
        if (change->kind < CHANGE_DEFINE)
            c->run[c->runs++] = (CommitRows){change->table->relation, change->pos, change->count};
    }
    return c;
}

void history_add(Store *s, Commit *c, Stamp stamp)
{
    c->stamp = stamp;
    mutex_lock(&s->history);
    if (s->newest_commit)
        atomic_store(&s->newest_commit->next, c);
    else
        s->oldest_commit = c;
    s->newest_commit = c;
    mutex_unlock(&s->history);
}

// *checked: the last commit that was looked at; NULL at first. Commits behind the snapshot stay in the list
// as long as the transaction is open, so the list is walked without its mutex.
bool history_validate(Transaction *t, Commit **checked, Err *err)
{
    Store *s = t->store;
    if (t->isolation != ISOLATION_SERIALIZABLE || !t->changes) return true;
    mutex_lock(&s->history);
    Commit *c = *checked ? atomic_load(&(*checked)->next) : s->oldest_commit;
    while (c && c->stamp <= t->snapshot.at) c = atomic_load(&c->next);
    Commit *last = s->newest_commit;
    mutex_unlock(&s->history);
    for (; c; c = atomic_load(&c->next)) {
        for (size_t i = 0; i < c->runs; i++)
            if (run_conflicts(t, &c->run[i], err)) return false;
        *checked = c;
        if (c == last) break;
    }
    return true;
}

void history_done(Store *s)
{
    for (Commit *c = s->oldest_commit, *next; c; c = next) {
        next = atomic_load(&c->next);
        free(c);
    }
}
