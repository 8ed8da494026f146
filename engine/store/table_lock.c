// Table, locked: modes of whole tables and locks on rows, on top of engine/txn/lock. The three weak modes of
// a table cost a flag in the transaction's handle; who wants a strong one writes them down first, so that it
// can queue behind them (as PostgreSQL's fast-path locks). A row that was written is locked by its stamp; who
// has to wait for it writes that down in the writer's name.
#include "engine/base/clock.h"
#include "engine/store/cell_in.h"
#include "engine/store/index_in.h"
#include "engine/store/store_in.h"

#include <string.h>

static LockTag relation_tag(const Relation *r) { return (LockTag){LOCK_RELATION, r->id, 0}; }
static LockTag row_tag(const Relation *r, uint64_t pos) { return (LockTag){LOCK_ROW, r->id, pos}; }

LockTable *store_locks(Store *s) { return &s->locks; }
LockOwner *transaction_locks(Transaction *t) { return &t->locks; }
void transaction_lock_timeout(Transaction *t, int64_t us) { t->wait.timeout_us = us; }

LockWait transaction_lock_wait(const Transaction *t, LockPatience patience)
{
    LockWait wait = t->wait;
    wait.patience = patience;
    return wait;
}

// ---- whole tables ----

void table_enter(Table *table)
{
    Relation *r = table->relation;
    mutex_lock(&r->door);
    while (r->gate) cond_wait(&r->opened, &r->door);
    r->users++;
    table->inside_next = r->inside;
    if (r->inside) r->inside->inside_before = table;
    r->inside = table;
    mutex_unlock(&r->door);
}

void table_leave(Table *table)
{
    Relation *r = table->relation;
    mutex_lock(&r->door);
    if (table->inside_before)
        table->inside_before->inside_next = table->inside_next;
    else
        r->inside = table->inside_next;
    if (table->inside_next) table->inside_next->inside_before = table->inside_before;
    r->strong -= table->strong;
    atomic_fetch_sub(&r->row_locks, table->row_locks);
    r->users--;
    if (r->users == 0 && r->gate) cond_broadcast(&r->opened);
    mutex_unlock(&r->door);
}

static bool holds(const Table *table, LockMode mode)
{
    unsigned modes = atomic_load_explicit(&table->modes, memory_order_relaxed);
    for (int m = LOCK_ACCESS_SHARE; m <= LOCK_ACCESS_EXCLUSIVE; m++)
        if ((modes >> m & 1) && lock_mode_covers((LockMode)m, mode)) return true;
    return false;
}

static void note_mode(Table *table, LockMode mode)
{
    table->mode_level[mode] = table->txn->savepoints;
    atomic_fetch_or(&table->modes, 1u << mode);
}

// Writes the weak locks of all who are inside down, so that they can be waited for. The door is held.
static bool write_down(const Relation *r, LockTable *locks)
{
    for (Table *other = r->inside; other; other = other->inside_next)
        for (int m = LOCK_ACCESS_SHARE; m <= LOCK_ROW_EXCLUSIVE; m++)
            if ((atomic_load(&other->modes) >> m & 1) &&
                !lock_lend(locks, &other->txn->locks, relation_tag(r), (LockMode)m))
                return false;
    return true;
}

static void drop_strong(Table *table)
{
    mutex_lock(&table->relation->door);
    table->strong--;
    table->relation->strong--;
    mutex_unlock(&table->relation->door);
}

// *done: it was had without the lock table.
static bool take_at_door(Transaction *t, Table *table, LockMode mode, bool *done, Err *err)
{
    Relation *r = table->relation;
    bool weak = lock_mode_is_weak(mode), ok = true;
    mutex_lock(&r->door);
    *done = weak && r->strong == 0;
    if (*done) note_mode(table, mode);
    if (!weak) {
        table->strong++;
        r->strong++;
        ok = write_down(r, &t->store->locks);
    }
    mutex_unlock(&r->door);
    if (ok) return true;
    drop_strong(table);
    return store_out_of_memory(err);
}

bool table_lock(Transaction *t, Table *table, LockMode mode, LockPatience patience, bool *waited, Err *err)
{
    Relation *r = table->relation;
    bool done;
    if (waited) *waited = false;
    if (holds(table, mode)) return true;
    if (!take_at_door(t, table, mode, &done, err)) return false;
    if (done) return true;
    LockWait wait = transaction_lock_wait(t, patience);
    LockResult result = lock_acquire(&t->store->locks, &t->locks, relation_tag(r), mode, &wait, err);
    if (result <= LOCK_GRANTED_LATE) {
        mutex_lock(&r->door);
        note_mode(table, mode);
        mutex_unlock(&r->door);
        if (waited) *waited = result == LOCK_GRANTED_LATE;
        return true;
    }
    if (!lock_mode_is_weak(mode)) drop_strong(table);
    if (result == LOCK_FAILED) return false;
    err_set(err, "55P03", "could not obtain lock on relation \"%.*s\"", STR_ARG(table_def(table)->name));
    return err_hint(err, "d2db.locks shows who holds it");
}

bool table_renew(Transaction *t, Table *table)
{
    latch_read(&t->store->catalog);
    Definition *d = relation_definition(table->relation, &t->snapshot);
    if (d) table->definition = d;
    latch_unlock(&t->store->catalog);
    return d != NULL;
}

void table_unlock_above(Table *table, int level)
{
    unsigned modes = atomic_load(&table->modes), kept = modes, strong = 0;
    for (int m = LOCK_ACCESS_SHARE; m <= LOCK_ACCESS_EXCLUSIVE; m++) {
        if (!(modes >> m & 1) || table->mode_level[m] <= level) continue;
        kept &= ~(1u << m);
        strong += !lock_mode_is_weak((LockMode)m);
    }
    if (kept == modes) return;
    mutex_lock(&table->relation->door);
    atomic_store(&table->modes, kept);
    table->strong -= strong;
    table->relation->strong -= strong;
    mutex_unlock(&table->relation->door);
}

void table_merge_locks(Table *table, uint16_t level)
{
    for (int m = LOCK_ACCESS_SHARE; m <= LOCK_ACCESS_EXCLUSIVE; m++)
        if (table->mode_level[m] > level) table->mode_level[m] = level;
}

// ---- other transactions ----

bool transaction_wait(Transaction *t, uint64_t other, Err *err)
{
    Store *s = t->store;
    const LockTag tag = {LOCK_TRANSACTION, other, 0};
    mutex_lock(&s->active);
    Transaction *o = transaction_open_number(s, other);
    bool lent = o && lock_lend(&s->locks, &o->locks, tag, LOCK_EXCLUSIVE);
    mutex_unlock(&s->active);
    if (!o) return true;
    if (!lent) return store_out_of_memory(err);
    LockWait wait = transaction_lock_wait(t, LOCK_WAIT);
    if (lock_acquire(&s->locks, &t->locks, tag, LOCK_SHARE, &wait, err) == LOCK_FAILED) return false;
    lock_release(&s->locks, &t->locks, tag, LOCK_SHARE);
    return true;
}

// ---- rows ----

bool table_changed_meanwhile(bool deleted, Err *err)
{
    err_set(err, SQLSTATE_SERIALIZATION, "could not serialize access due to concurrent %s",
            deleted ? "delete" : "update");
    return err_hint(err, "roll back and run the transaction again");
}

// Columns of unique keys are in memory: whoever wrote the newer version has looked at them.
static bool same_cells(const Generation *g, uint32_t a, uint32_t b, uint16_t column)
{
    const Block *x = generation_block(g, a >> 16), *y = generation_block(g, b >> 16);
    Phys p = type_phys(slots_type(g->slots, column).id);
    bool null = block_is_null(x, column, a & 0xffff);
    if (null != block_is_null(y, column, b & 0xffff)) return false;
    return null || cell_compare(p, block_cell(x, column, a & 0xffff, phys_size(p)),
                                block_cell(y, column, b & 0xffff, phys_size(p))) == 0;
}

// FOR NO KEY UPDATE as long as no column of a unique key changes: foreign keys may hold on to the row.
LockMode table_write_mode(const Table *table, const Generation *g, uint32_t old, uint32_t new_pos)
{
    const TableDef *def = table_def(table);
    if (new_pos == POS_NONE) return LOCK_FOR_UPDATE;
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *x = &def->index[i];
        for (uint16_t c = 0; x->unique && c < x->column_count; c++)
            if (!same_cells(g, old, new_pos, schema_slot(def, x->column[c]))) return LOCK_FOR_UPDATE;
    }
    return LOCK_FOR_NO_KEY_UPDATE;
}

RowVerdict table_row_verdict(Table *table, const Generation *g, uint32_t pos, LockMode mode)
{
    const Transaction *t = table->txn;
    Relation *r = table->relation;
    Stamp end = block_end(generation_block(g, pos >> 16), pos & 0xffff);
    if (end == stamp_of_txn(t->number)) return ROW_OWN;
    if (end == STAMP_NEVER) {
        bool locked =
            atomic_load(&r->row_locks) && lock_conflicts(&t->store->locks, &t->locks, row_tag(r, pos), mode);
        return locked ? ROW_LOCKED : ROW_FREE;
    }
    return stamp_is_txn(end) ? ROW_LOCKED : ROW_REPLACED;
}

typedef struct RowLocker {
    Transaction *t;
    Table *table;
    Generation *g;
    LockMode mode;
    LockPatience patience;
    bool contended;
    uint32_t got; // locked by this call, may be let go of again
} RowLocker;

typedef enum Step { STEP_DONE, STEP_WAIT, STEP_AGAIN, STEP_FAILED } Step;

static LockResult try_row(RowLocker *x, uint32_t pos, LockPatience patience, Err *err)
{
    LockWait wait = transaction_lock_wait(x->t, patience);
    Relation *r = x->table->relation;
    x->table->row_locks++;
    atomic_fetch_add(&r->row_locks, 1);
    return lock_acquire(&x->t->store->locks, &x->t->locks, row_tag(r, pos), x->mode, &wait, err);
}

// A row that only its other columns have changed of: a reader of its key holds on to all versions.
static Step share_key(RowLocker *x, uint32_t *pos, Err *err)
{
    uint32_t at = *pos;
    for (;;) {
        LockResult result = try_row(x, at, LOCK_NOWAIT, err);
        *pos = at;
        if (result != LOCK_GRANTED) return result == LOCK_REFUSED ? STEP_WAIT : STEP_FAILED;
        const Block *b = generation_block(x->g, at >> 16);
        Stamp end = block_end(b, at & 0xffff);
        if (end == STAMP_NEVER || end == stamp_of_txn(x->t->number)) return STEP_DONE;
        uint32_t next = block_next(b, at & 0xffff);
        if (next == POS_NONE || table_write_mode(x->table, x->g, at, next) == LOCK_FOR_UPDATE)
            return STEP_AGAIN;
        at = next;
    }
}

static void let_go(RowLocker *x)
{
    if (x->got != POS_NONE)
        lock_release(&x->t->store->locks, &x->t->locks, row_tag(x->table->relation, x->got), x->mode);
    x->got = POS_NONE;
}

// Its writer is still at work: it is made to hold the row, so that one can queue behind it.
static Step behind_writer(RowLocker *x, uint32_t at, uint64_t writer, Err *err)
{
    Store *s = x->t->store;
    const Block *b = generation_block(x->g, at >> 16);
    LockMode mode = table_write_mode(x->table, x->g, at, block_next(b, at & 0xffff));
    mutex_lock(&s->active);
    Transaction *o = transaction_open_number(s, writer);
    bool lent = o && lock_lend(&s->locks, &o->locks, row_tag(x->table->relation, at), mode);
    mutex_unlock(&s->active);
    if (!o) return STEP_AGAIN; // it has just ended
    if (lent) return STEP_WAIT;
    (void)!store_out_of_memory(err);
    return STEP_FAILED;
}

// One look at one version; the write mutex is held. *end: a commit that is not published yet.
static Step look(RowLocker *x, uint32_t *at, uint8_t *state, Stamp *unpublished, Err *err)
{
    Transaction *t = x->t;
    const Block *b = generation_block(x->g, *at >> 16);
    Stamp end = block_end(b, *at & 0xffff);
    uint32_t next = block_next(b, *at & 0xffff);
    *unpublished = 0;
    if (end == stamp_of_txn(t->number)) {
        *state = ROW_STATE_OWN;
        return STEP_DONE;
    }
    if (end == STAMP_NEVER) {
        if (x->contended && x->got == POS_NONE && table_row_verdict(x->table, x->g, *at, x->mode) == ROW_FREE)
            return STEP_DONE;
        LockResult result = try_row(x, *at, LOCK_NOWAIT, err);
        return result == LOCK_GRANTED ? STEP_DONE : result == LOCK_REFUSED ? STEP_WAIT : STEP_FAILED;
    }
    if (x->mode == LOCK_FOR_KEY_SHARE && next != POS_NONE &&
        table_write_mode(x->table, x->g, *at, next) != LOCK_FOR_UPDATE) {
        uint32_t last = *at;
        Step step = share_key(x, &last, err);
        if (step != STEP_AGAIN) {
            if (step == STEP_WAIT) *at = last;
            return step;
        }
        *at = last; // a later change was one of the key
        return STEP_AGAIN;
    }
    if (stamp_is_txn(end)) return behind_writer(x, *at, end & ~STAMP_TXN_BIT, err);
    if (end > atomic_load(&t->store->log.published)) {
        *unpublished = end;
        return STEP_AGAIN;
    }
    if (t->isolation != ISOLATION_READ_COMMITTED && end > t->held) {
        (void)!table_changed_meanwhile(next == POS_NONE, err);
        return STEP_FAILED;
    }
    let_go(x);
    *state = next == POS_NONE ? ROW_STATE_GONE : ROW_STATE_MOVED;
    if (next == POS_NONE) return STEP_DONE;
    *at = next;
    return STEP_AGAIN;
}

static bool queue_up(RowLocker *x, uint32_t at, uint8_t *state, Err *err)
{
    if (x->patience == LOCK_SKIP) {
        *state = ROW_STATE_SKIPPED;
        return true;
    }
    if (x->patience == LOCK_NOWAIT) {
        err_set(err, "55P03", "could not obtain lock on row in relation \"%.*s\"",
                STR_ARG(table_def(x->table)->name));
        return err_hint(err, "d2db.locks shows who holds it");
    }
    if (x->got != at) let_go(x);
    if (try_row(x, at, LOCK_WAIT, err) == LOCK_FAILED) return false;
    x->got = at;
    return true;
}

static bool lock_row(RowLocker *x, RowPos *pos, uint8_t *state, Err *err)
{
    uint32_t at = (uint32_t)*pos;
    Mutex *write = &x->table->relation->write;
    x->got = POS_NONE;
    *state = ROW_STATE_LOCKED;
    for (;;) {
        Stamp unpublished;
        mutex_lock(write);
        Step step = look(x, &at, state, &unpublished, err);
        mutex_unlock(write);
        if (step == STEP_FAILED) return false;
        if (step == STEP_DONE) break;
        if (unpublished) log_wait_published(&x->t->store->log, unpublished);
        if (step != STEP_WAIT) continue;
        if (!queue_up(x, at, state, err)) return false;
        if (*state == ROW_STATE_SKIPPED) break;
    }
    *pos = at;
    return true;
}

bool table_lock_rows(Transaction *t, Table *table, RowPos *pos, uint8_t *state, size_t count, LockMode mode,
                     LockPatience patience, bool contended, Err *err)
{
    RowLocker x = {
        .t = t, .table = table, .mode = mode, .patience = patience, .contended = contended, .got = POS_NONE};
    if (!table_lock(t, table, LOCK_ROW_SHARE, LOCK_WAIT, NULL, err)) return false;
    if (!relation_generation(table->relation, t->store, &x.g, err)) return false;
    for (size_t i = 0; i < count; i++)
        if (!lock_row(&x, &pos[i], &state[i], err)) return false;
    return true;
}
