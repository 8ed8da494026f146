// Transaction: who is open, what they see, and the operation queue: the ordered list of changes that commit
// turns into one log record and undo walks backwards.
#include "engine/base/clock.h"
#include "engine/base/crc32c.h"
#include "engine/base/size.h"
#include "engine/store/object_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool transaction_begin(Transaction **out, Store *s, const TransactionOptions *o, Err *err)
{
    Transaction *t = size_alloc_zero(1, sizeof *t);
    if (!t) return store_out_of_memory(err);
    t->store = s;
    t->isolation = o->isolation;
    t->read_only = o->read_only;
    t->asynchronous = o->asynchronous;
    if (o->user.len) t->user = arena_copy(&t->mem, o->user);
    t->wait.cancel = o->cancel;
    t->began_us = clock_wall_us();
    mutex_init(&t->reading);
    if (t->isolation == ISOLATION_SERIALIZABLE) history_enter(t);
    mutex_lock(&s->active);
    t->number = s->next_txn++;
    t->locks = (LockOwner){.number = t->number, .session = o->session};
    t->snapshot = (Snapshot){.at = atomic_load(&s->log.published), .txn = t->number};
    t->held = t->snapshot.at;
    t->older = s->newest;
    if (s->newest) s->newest->newer = t;
    s->newest = t;
    mutex_unlock(&s->active);
    *out = t;
    return true;
}

Stamp store_oldest(Store *s)
{
    mutex_lock(&s->active);
    Stamp oldest = atomic_load(&s->log.published);
    for (Transaction *t = s->newest; t; t = t->older)
        if (t->held < oldest) oldest = t->held;
    mutex_unlock(&s->active);
    return oldest;
}

void transaction_statement_begin(Transaction *t)
{
    t->mark = t->changes;
    transaction_statement_refresh(t);
}

void transaction_statement_refresh(Transaction *t)
{
    if (t->isolation != ISOLATION_READ_COMMITTED) return;
    mutex_lock(&t->store->active);
    t->held = t->snapshot.at = atomic_load(&t->store->log.published);
    mutex_unlock(&t->store->active);
}

void transaction_statement_mark(Transaction *t) { t->mark = t->changes; }

void transaction_statement_end(Transaction *t)
{
    if (t->isolation != ISOLATION_READ_COMMITTED) return;
    mutex_lock(&t->store->active);
    t->held = STAMP_NEVER;
    mutex_unlock(&t->store->active);
}

Stamp transaction_snapshot_latest(Transaction *t)
{
    Stamp before = t->snapshot.at;
    t->snapshot.at = atomic_load(&t->store->log.published);
    return before;
}

void transaction_snapshot_restore(Transaction *t, Stamp at) { t->snapshot.at = at; }
IsolationLevel transaction_isolation(const Transaction *t) { return t->isolation; }

void transaction_set_isolation(Transaction *t, IsolationLevel isolation)
{
    t->isolation = isolation;
    if (isolation == ISOLATION_SERIALIZABLE) history_enter(t);
    mutex_lock(&t->store->active);
    t->held = t->snapshot.at = atomic_load(&t->store->log.published);
    mutex_unlock(&t->store->active);
}

void transaction_set_read_only(Transaction *t, bool read_only) { t->read_only = read_only; }
bool transaction_met_change(const Transaction *t) { return t->changed_rows; }

void transaction_statement_undo(Transaction *t) { transaction_undo_to(t, t->mark); }
const Snapshot *transaction_snapshot(const Transaction *t) { return &t->snapshot; }
uint64_t transaction_number(const Transaction *t) { return t->number; }
uint64_t transaction_pending(const Transaction *t) { return t->pending; }
Store *transaction_store(const Transaction *t) { return t->store; }
uint64_t store_definition_counter(const Store *s) { return atomic_load(&s->definitions); }

bool transaction_may_change(Transaction *t, Err *err)
{
    return !t->read_only || err_set(err, "25006", "a read-only transaction cannot change anything");
}

// Rows, not versions: what an update ended is counted with what it wrote.
static uint64_t rows_of(const Change *c)
{
    return c->kind == CHANGE_INSERT || c->kind == CHANGE_DELETE || c->kind == CHANGE_UPDATE_NEW ? c->count
                                                                                                : 0;
}

// t->pending and the table's own balance of rows follow every change that comes (sign 1) or goes (-1).
static void count_change(Transaction *t, const Change *c, int sign)
{
    if (c->kind >= CHANGE_DEFINE) return;
    bool adds = c->kind == CHANGE_INSERT || c->kind == CHANGE_UPDATE_NEW;
    int64_t rows = sign * (int64_t)c->count;
    t->pending += (uint64_t)sign * rows_of(c);
    c->table->balance += adds ? rows : -rows;
}

static bool joins(const Change *last, const Change *c)
{
    return last->kind == c->kind && last->table == c->table && c->kind <= CHANGE_UPDATE_OLD &&
           last->pos + last->count == c->pos && last->pos >> 16 == c->pos >> 16;
}

bool transaction_push(Transaction *t, const Change *c, Err *err)
{
    count_change(t, c, 1);
    if (t->changes > t->mark && joins(&t->change[t->changes - 1], c)) {
        t->change[t->changes - 1].count += c->count;
        return true;
    }
    if (t->changes == t->changes_cap) {
        size_t cap = t->changes_cap ? t->changes_cap * 2 : 16;
        Change *change = size_realloc(t->change, cap, sizeof *change);
        if (!change) {
            count_change(t, c, -1);
            return store_out_of_memory(err);
        }
        t->change = change;
        t->changes_cap = cap;
    }
    t->change[t->changes++] = *c;
    return true;
}

void change_stamp_rows(const Generation *g, const Change *c, bool begin, Stamp stamp)
{
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t pos = c->pos + i, row = pos & 0xffff;
        Slice *slice = &generation_block(g, pos >> 16)->slice[row / SLICE_ROWS];
        _Atomic Stamp *at = begin ? atomic_load(&slice->begin) : atomic_load(&slice->end);
        atomic_store_explicit(&at[row % SLICE_ROWS], stamp, memory_order_release);
    }
}

static void stamp_change(const Change *c, Stamp begin, Stamp end)
{
    switch (c->kind) {
    case CHANGE_INSERT:
    case CHANGE_UPDATE_NEW:
        change_stamp_rows(atomic_load(&c->table->relation->generation), c, true, begin);
        break;
    case CHANGE_DELETE:
    case CHANGE_UPDATE_OLD:
        change_stamp_rows(atomic_load(&c->table->relation->generation), c, false, end);
        break;
    case CHANGE_DEFINE:
        if (c->began) atomic_store(&c->began->begin, begin);
        if (c->ended) atomic_store(&c->ended->end, end);
        break;
    case CHANGE_OBJECT:
        if (c->object_began) atomic_store(&c->object_began->begin, begin);
        if (c->object_ended) atomic_store(&c->object_ended->end, end);
        break;
    case CHANGE_COUNT: break;
    }
}

static bool is_definition(const Change *c) { return c->kind == CHANGE_DEFINE || c->kind == CHANGE_OBJECT; }

void transaction_stamp(Transaction *t, Stamp begin, Stamp end)
{
    for (size_t i = 0; i < t->changes; i++) stamp_change(&t->change[i], begin, end);
}

void transaction_undo_to(Transaction *t, size_t mark)
{
    bool defined = false;
    for (size_t i = t->changes; i > mark; i--) defined |= is_definition(&t->change[i - 1]);
    if (defined) atomic_fetch_add(&t->store->definitions, 1);
    if (defined) latch_write(&t->store->catalog);
    while (t->changes > mark) {
        Change *c = &t->change[--t->changes];
        count_change(t, c, -1);
        stamp_change(c, STAMP_NEVER, STAMP_NEVER);
        if (c->kind == CHANGE_INSERT || c->kind == CHANGE_UPDATE_NEW)
            atomic_fetch_add(&c->table->relation->dead, c->count);
        if (c->kind == CHANGE_COUNT) c->table->counted--;
        // The handle speaks of what was there before; a definition that never began is reaped when nobody is
        // in.
        if (c->kind == CHANGE_DEFINE && c->table && c->ended) c->table->definition = c->ended;
    }
    if (defined) latch_unlock(&t->store->catalog);
    if (t->mark > mark) t->mark = mark;
}

static void close_tables(Transaction *t)
{
    for (Table *table = t->tables; table; table = table->next) table_leave(table);
}

static void transaction_end(Transaction *t)
{
    Store *s = t->store;
    close_tables(t);
    counter_uses_end(t);
    mutex_lock(&s->active);
    if (t->newer)
        t->newer->older = t->older;
    else
        s->newest = t->older;
    if (t->older) t->older->newer = t->newer;
    mutex_unlock(&s->active);
    lock_release_all(&s->locks, &t->locks);
    history_leave(t);
    mutex_done(&t->reading);
    free(t->change);
    free(t->savepoint);
    arena_done(&t->mem);
    free(t);
}

void transaction_rollback(Transaction *t)
{
    transaction_undo_to(t, 0);
    if (t->counters) counter_uses_keep(t);
    transaction_end(t);
}

Transaction *transaction_open_number(const Store *s, uint64_t number)
{
    Transaction *t = s->newest;
    while (t && t->number != number) t = t->older;
    return t;
}

// ---- savepoints ----

bool transaction_savepoint(Transaction *t, Err *err)
{
    if (t->savepoints == SAVEPOINTS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "a transaction can hold no more than %d savepoints",
                       SAVEPOINTS_MAX);
    if (t->savepoints == t->savepoints_cap) {
        uint16_t cap = t->savepoints_cap ? (uint16_t)(t->savepoints_cap * 2) : 8;
        Savepoint *grown = size_realloc(t->savepoint, cap, sizeof *grown);
        if (!grown) return store_out_of_memory(err);
        t->savepoint = grown;
        t->savepoints_cap = cap;
    }
    t->mark = t->changes; // what comes now joins nothing before
    t->savepoint[t->savepoints++] = (Savepoint){.changes = t->changes, .locks = t->locks.serial};
    return true;
}

unsigned transaction_savepoints(const Transaction *t) { return t->savepoints; }

void transaction_savepoint_release(Transaction *t, unsigned number)
{
    t->savepoints = (uint16_t)(number - 1);
    for (Table *table = t->tables; table; table = table->next) table_merge_locks(table, t->savepoints);
}

static void undo_level(Transaction *t, size_t changes, uint64_t locks, int level)
{
    transaction_undo_to(t, changes);
    for (Table *table = t->tables; table; table = table->next) table_unlock_above(table, level);
    lock_release_after(&t->store->locks, &t->locks, locks);
}

void transaction_savepoint_undo(Transaction *t, unsigned number)
{
    const Savepoint *p = &t->savepoint[number - 1];
    t->savepoints = (uint16_t)number;
    undo_level(t, p->changes, p->locks, (int)number - 1);
    t->mark = t->changes;
}

void transaction_fail(Transaction *t)
{
    if (t->savepoints)
        transaction_savepoint_undo(t, t->savepoints);
    else
        undo_level(t, 0, 0, -1);
}

bool transaction_count_update(Transaction *t, Table *table)
{
    Err err = {0};
    if (!transaction_may_change(t, &err) || !table_open_writer(t, table, &err)) return false;
    if (!transaction_push(t, &(Change){.kind = CHANGE_COUNT, .count = 1, .table = table}, &err)) return false;
    table->counted++;
    return true;
}

size_t transaction_changes(const Transaction *t, TransactionChange *out, size_t max)
{
    size_t count = 0;
    for (const Table *table = t->tables; table && count < max; table = table->next) {
        TransactionChange sum = {.database = table->definition->def->database,
                                 .table = table->definition->def->name};
        for (size_t i = 0; i < t->changes; i++) {
            const Change *c = &t->change[i];
            if (c->table != table) continue;
            sum.inserted += c->kind == CHANGE_INSERT ? c->count : 0;
            sum.updated += c->kind == CHANGE_UPDATE_NEW ? c->count : 0;
            sum.deleted += c->kind == CHANGE_DELETE ? c->count : 0;
        }
        if (sum.inserted || sum.updated || sum.deleted) out[count++] = sum;
    }
    return count;
}

static void count_commit(const Transaction *t, Stamp stamp, int sign)
{
    for (const Table *table = t->tables; table; table = table->next) {
        Relation *r = table->relation;
        if (!table->writer) continue;
        if (sign > 0) atomic_store(&r->last_commit, stamp);
        if (sign > 0)
            atomic_fetch_add(&r->updates, table->counted);
        else
            atomic_fetch_sub(&r->updates, table->counted);
    }
}

static void count_rows(const Transaction *t)
{
    for (size_t i = 0; i < t->changes; i++) {
        const Change *c = &t->change[i];
        bool adds = c->kind == CHANGE_INSERT || c->kind == CHANGE_UPDATE_NEW;
        if (is_definition(c)) atomic_store(&t->store->catalog_changed, true);
        if (is_definition(c)) atomic_fetch_add(&t->store->definitions, 1);
        if (c->kind >= CHANGE_DEFINE) continue;
        if (adds)
            atomic_fetch_add(&c->table->relation->live, c->count);
        else
            atomic_fetch_sub(&c->table->relation->live, c->count);
        if (!adds) atomic_fetch_add(&c->table->relation->dead, c->count);
    }
}

// The result caches look at the counter: it moves once the new rows can be seen.
static void tell_caches(const Transaction *t)
{
    for (const Table *table = t->tables; table; table = table->next)
        if (table->writer) atomic_fetch_add(&table->relation->commits, 1);
}

static bool commit_record(Transaction *t, Bytes *body, Err *err)
{
    Store *s = t->store;
    bool nothing_to_lose = str_equal(bytes_str(body), RECORD_TEMPORARY);
    LogNode *node = log_node_new(body, t->user, t->number, t->asynchronous || nothing_to_lose);
    if (!node) {
        transaction_undo_to(t, 0);
        return store_out_of_memory(err);
    }
    Commit *checked = NULL, *entry = history_entry(t);
    bool ok = history_validate(t, &checked, err); // most of it, in nobody's way
    mutex_lock(&s->log.mutex);
    // Memory is out, or the first reader came just now: it is told all the same.
    if (ok && !entry) entry = history_entry(t);
    if (ok && !entry && atomic_load(&s->serializables)) ok = store_out_of_memory(err);
    ok = ok && history_validate(t, &checked, err) && log_put(&s->log, node, err);
    Stamp stamp = node->stamp;
    if (ok) count_commit(t, stamp, 1);
    if (ok && entry) history_add(s, entry, stamp);
    mutex_unlock(&s->log.mutex);
    if (!ok) free(entry);
    if (ok) {
        transaction_stamp(t, stamp, stamp);
        ok = log_finish(&s->log, node, err);
        if (ok) {
            count_rows(t);
            tell_caches(t);
            store_wake_keeper(s);
            return true;
        }
        mutex_lock(&s->log.mutex);
        count_commit(t, stamp, -1);
        mutex_unlock(&s->log.mutex);
        transaction_undo_to(t, 0);
        log_taken_back(&s->log, node);
        return false;
    }
    log_node_drop(node);
    transaction_undo_to(t, 0);
    return false;
}

bool transaction_commit(Transaction *t, Err *err)
{
    Bytes body;
    bytes_init(&body, LOG_RECORD_MAX);
    bool ok = true;
    if (t->changes || t->counters) ok = record_encode(t, &body, err);
    if (!ok) transaction_undo_to(t, 0);
    if (ok && body.len)
        ok = commit_record(t, &body, err);
    else if (ok && t->changes)
        transaction_undo_to(t, 0); // all that was made here is gone again
    bytes_done(&body);
    transaction_end(t);
    return ok;
}
