// Table, written: appending versions, ending versions, and unique keys. New versions of an UPDATE stay
// STAMP_UNBORN until all of them are there, so that what the statement reads is what was before it.
#include "engine/base/size.h"
#include "engine/store/index_in.h"
#include "engine/store/store_in.h"

#include <stdlib.h>
#include <string.h>

bool table_open_writer(Transaction *t, Table *table, Err *err)
{
    if (!transaction_may_change(t, err) || !table_lock(t, table, LOCK_ROW_EXCLUSIVE, LOCK_WAIT, NULL, err))
        return false;
    if (table->writer) return true;
    latch_read(&t->store->catalog);
    const Definition *newest = table->relation->definition;
    while (newest && atomic_load(&newest->begin) == STAMP_NEVER) newest = newest->older;
    Stamp end = newest ? atomic_load(&newest->end) : 0;
    table->writer = newest == table->definition && (end == STAMP_NEVER || stamp_is_txn(end));
    latch_unlock(&t->store->catalog);
    if (table->writer) return true;
    err_set(err, SQLSTATE_SERIALIZATION, "the definition of table %.*s was changed by another transaction",
            STR_ARG(table_def(table)->name));
    return err_hint(err, "roll back and run the transaction again");
}

static bool table_full(const Table *table, Err *err)
{
    err_set(err, SQLSTATE_LIMIT, "table %.*s can hold no more row versions", STR_ARG(table_def(table)->name));
    return err_hint(err, "commit, run a checkpoint, and try again");
}

// Appends chosen rows i … i + count - 1 of the batch at the tail (all fit into one slice).
static bool append_slice(Transaction *t, Table *table, Generation *g, const Batch *rows, uint32_t i,
                         uint32_t count, const Change *change, Stamp begin, Err *err)
{
    uint32_t at = change->pos & 0xffff, slice = at / SLICE_ROWS;
    Block *b = generation_make(g, change->pos >> 16);
    if (!b) return table_full(table, err);
    if (!block_open_slice(b, slice, err)) return false;
    g->tail_rows += count; // also when this fails: its positions are not used twice
    const TableDef *def = table_def(table);
    for (uint16_t c = 0; c < schema_stored(def); c++) {
        const uint16_t *sel = rows->sel ? rows->sel + i : NULL;
        Vector v = rows->vector[c];
        if (!sel && !v.constant && i) { // a plain run: let the copy be one
            uint16_t run[SLICE_ROWS];
            for (uint32_t k = 0; k < count; k++) run[k] = (uint16_t)(i + k);
            if (!block_put(b, schema_slot(def, c), &v, run, count, at, err)) return false;
        } else if (!block_put(b, schema_slot(def, c), &v, sel, count, at, err)) {
            return false;
        }
    }
    _Atomic Stamp *stamp = atomic_load(&b->slice[slice].begin);
    for (uint32_t k = 0; k < count; k++)
        atomic_store_explicit(&stamp[at % SLICE_ROWS + k], begin, memory_order_relaxed);
    atomic_store_explicit(&b->rows, at + count, memory_order_release);
    return transaction_push(t, change, err);
}

// The table's write mutex is held.
static bool append_rows(Transaction *t, Table *table, Generation *g, const Batch *rows, ChangeKind kind,
                        Stamp begin, RowPos *pos, Err *err)
{
    for (uint32_t i = 0; i < rows->sel_len;) {
        uint64_t at = ((uint64_t)g->tail_block << 16) + g->tail_rows;
        if (at >> 16 >= GENERATION_BLOCKS_MAX) return table_full(table, err);
        uint32_t room = SLICE_ROWS - (uint32_t)(at % SLICE_ROWS), count = rows->sel_len - i;
        if (count > room) count = room;
        Change change = {.kind = kind, .pos = (uint32_t)at, .count = count, .table = table};
        if (!append_slice(t, table, g, rows, i, count, &change, begin, err)) return false;
        if (begin != STAMP_UNBORN && !index_add(g, (uint32_t)at, count, err)) return false;
        for (uint32_t k = 0; pos && k < count; k++) pos[i + k] = at + k;
        i += count;
    }
    return true;
}

// ---- unique keys ----

typedef struct UniqueCheck {
    const Transaction *t;
    const Generation *g;
    uint32_t self;
    bool newest_first, duplicate;
    uint32_t holder;   // duplicate: the row that has the key
    uint64_t busy;     // another open transaction holds the key
    Stamp unpublished; // so does a commit on its way to the disk
} UniqueCheck;

static bool look_at_version(void *self, uint32_t pos)
{
    UniqueCheck *u = self;
    if (pos == u->self) return true;
    const Block *b = generation_block(u->g, pos >> 16);
    Stamp own = stamp_of_txn(u->t->number), begin = block_begin(b, pos & 0xffff),
          end = block_end(b, pos & 0xffff);
    if (begin == own && end == own) return !u->newest_first; // when it was new, all that is older was dead
    if (stamp_is_void(begin) || (stamp_is_txn(begin) && end == begin)) return true;
    if (stamp_is_txn(begin) && begin != own) {
        u->busy = begin & ~STAMP_TXN_BIT;
        return false;
    }
    Stamp published = atomic_load(&u->t->store->log.published);
    if (begin != own && begin > published) {
        u->unpublished = begin;
    } else if (end == STAMP_NEVER) {
        u->duplicate = true;
        u->holder = pos;
    } else if (stamp_is_txn(end) && end != own) {
        u->busy = end & ~STAMP_TXN_BIT;
    } else if (end != own && end > published) {
        u->unpublished = end;
    } else {
        return !u->newest_first; // dead, and so is all that is older
    }
    return false;
}

static bool duplicate(const Table *table, const Generation *g, const IndexDef *def, uint32_t pos, Err *err)
{
    Bytes key, names;
    bytes_init(&key, 256);
    bytes_init(&names, 256);
    const Block *b = generation_block(g, pos >> 16);
    for (uint16_t i = 0; i < def->column_count; i++) {
        uint16_t c = def->column[i];
        Type type = table_def(table)->column[c].type;
        Vector v = {.type = type,
                    .data = (void *)(uintptr_t)block_cell(b, schema_slot(table_def(table), c), pos & 0xffff,
                                                          phys_size(type_phys(type.id)))};
        Value value = vector_value(&v, 0);
        if (i) bytes_put(&key, STR(", "));
        if (i) bytes_put(&names, STR(", "));
        bytes_put(&names, schema_key_name(table_def(table), c));
        value_to_text(&value, &key);
    }
    if (key.failed) bytes_put(&key, STR_NONE);
    err_set(err, SQLSTATE_UNIQUE, "duplicate key value violates unique constraint \"%.*s\"",
            STR_ARG(def->name));
    err_note(err, "Key (%.*s)=(%.*s) already exists.", STR_ARG(bytes_str(&names)),
             key.failed ? 4 : (int)key.len, key.failed ? "long" : key.at);
    bytes_done(&key);
    bytes_done(&names);
    return false;
}

typedef enum KeyState { KEY_FREE, KEY_TAKEN, KEY_WAIT, KEY_FAILED } KeyState;

// Does another row hold the key that this one has in x?
static KeyState look_for_holder(const Transaction *t, Generation *g, const IndexDef *def, uint32_t pos,
                                UniqueCheck *u, Err *err)
{
    IndexKey key;
    Index *x = index_find(g, def->id);
    if (!index_key_of_row(g, x, pos, &key)) return KEY_FREE;
    *u = (UniqueCheck){
        .t = t, .g = g, .self = pos, .newest_first = x->kind == INDEX_HASH && !atomic_load(&g->withdrawn)};
    if (!index_visit_key(g, x, &key, look_at_version, u, NULL, err)) return KEY_FAILED;
    if (u->duplicate) return KEY_TAKEN;
    return u->busy || u->unpublished ? KEY_WAIT : KEY_FREE;
}

static KeyState check_rows(const Transaction *t, const Table *table, Generation *g, const Change *c,
                           UniqueCheck *u, Err *err)
{
    const TableDef *def = table_def(table);
    for (uint16_t k = 0; k < def->index_count; k++) {
        if (!def->index[k].unique) continue;
        for (uint32_t i = 0; i < c->count; i++) {
            KeyState state = look_for_holder(t, g, &def->index[k], c->pos + i, u, err);
            if (state == KEY_TAKEN) duplicate(table, g, &def->index[k], c->pos + i, err);
            if (state != KEY_FREE) return state == KEY_TAKEN ? KEY_FAILED : state;
        }
    }
    return KEY_FREE;
}

// Rows whose keys are not sure yet stand back while their transaction waits: of two who wait for one key the
// first to look again gets it. The write mutex is held.
static void set_begins(Transaction *t, const Table *table, Generation *g, size_t from, Stamp begin)
{
    atomic_store(&g->withdrawn, true);
    for (size_t i = from; i < t->changes; i++) {
        const Change *c = &t->change[i];
        if (c->table == table && (c->kind == CHANGE_INSERT || c->kind == CHANGE_UPDATE_NEW))
            change_stamp_rows(g, c, true, begin);
    }
}

// Waits for who is in the way of the rows that came with change `from` and after; the write mutex is held,
// and let go of meanwhile.
static bool wait_for_key(Transaction *t, Table *table, Generation *g, size_t from, const UniqueCheck *u,
                         Err *err)
{
    bool ok = true;
    set_begins(t, table, g, from, STAMP_UNBORN);
    mutex_unlock(&table->relation->write);
    if (u->unpublished)
        log_wait_published(&t->store->log, u->unpublished);
    else
        ok = transaction_wait(t, u->busy, err);
    mutex_lock(&table->relation->write);
    set_begins(t, table, g, from, stamp_of_txn(t->number));
    return ok;
}

// Checks the new rows since `mark`; the write mutex is held, and let go of while waiting for others.
static bool check_unique(Transaction *t, Table *table, Generation *g, size_t mark, Err *err)
{
    for (size_t i = mark; i < t->changes;) {
        Change c = t->change[i];
        UniqueCheck u;
        KeyState state = KEY_FREE;
        if (c.table == table && (c.kind == CHANGE_INSERT || c.kind == CHANGE_UPDATE_NEW))
            state = check_rows(t, table, g, &c, &u, err);
        if (state == KEY_FAILED) return false;
        if (state == KEY_FREE)
            i++;
        else if (!wait_for_key(t, table, g, i, &u, err))
            return false;
    }
    return true;
}

// All unique indexes stand before rows come. The write mutex is held.
static bool open_unique(Table *table, Generation *g, bool *any, Err *err)
{
    const TableDef *def = table_def(table);
    *any = false;
    for (uint16_t k = 0; k < def->index_count; k++) {
        Index *x;
        if (!def->index[k].unique) continue;
        if (!index_make(g, def, &def->index[k], &x, err) || !index_build(g, x, err)) return false;
        *any = true;
    }
    return true;
}

// The first change of a call that went well joins the one before it, when it goes on where that ends.
static void join_changes(Transaction *t, size_t mark)
{
    if (mark <= t->mark || t->changes != mark + 1) return;
    Change *last = &t->change[mark - 1], *c = &t->change[mark];
    if (last->kind != c->kind || last->table != c->table || last->pos + last->count != c->pos ||
        last->pos >> 16 != c->pos >> 16)
        return;
    last->count += c->count;
    t->changes--;
}

bool table_insert(Transaction *t, Table *table, const Batch *rows, RowPos *pos, Err *err)
{
    Relation *r = table->relation;
    Generation *g;
    if (!table_open_writer(t, table, err)) return false;
    size_t mark = t->changes, held = t->mark;
    t->mark = mark; // what this call appends joins nothing yet: it may have to go again
    mutex_lock(&r->write);
    bool unique = false;
    bool ok = relation_generation_locked(r, t->store, &g, err) && open_unique(table, g, &unique, err);
    ok = ok && append_rows(t, table, g, rows, CHANGE_INSERT, stamp_of_txn(t->number), pos, err);
    ok = ok && (!unique || check_unique(t, table, g, mark, err));
    mutex_unlock(&r->write);
    if (!ok) transaction_undo_to(t, mark);
    t->mark = held;
    if (ok) join_changes(t, mark);
    return ok;
}

// ---- INSERT … ON CONFLICT ----

static bool is_arbiter(const IndexDef *def, const uint64_t *index, uint32_t indexes)
{
    for (uint32_t i = 0; i < indexes; i++)
        if (index[i] == def->id) return true;
    return !indexes;
}

// A snapshot that must not move cannot act on a row that came after it.
static bool may_follow(const Transaction *t, const Table *table, const Generation *g, uint32_t holder,
                       Err *err)
{
    const Block *b = generation_block(g, holder >> 16);
    if (t->isolation == ISOLATION_READ_COMMITTED ||
        snapshot_sees(&t->snapshot, block_begin(b, holder & 0xffff), block_end(b, holder & 0xffff)))
        return true;
    err_set(
        err, SQLSTATE_SERIALIZATION,
        "could not serialize access due to concurrent update: another transaction has added this key to %.*s",
        STR_ARG(table_def(table)->name));
    return err_hint(err, "roll back and run the transaction again");
}

// The new row at pos against the keys that decide, then (when none of them is taken) against the others.
static bool arbitrate(Transaction *t, Table *table, Generation *g, uint32_t pos, const uint64_t *index,
                      uint32_t indexes, RowPos *holder, Err *err)
{
    const TableDef *def = table_def(table);
    for (int others = 0; others < 2; others++)
        for (uint16_t k = 0; k < def->index_count;) {
            const IndexDef *x = &def->index[k];
            UniqueCheck u;
            bool looked = x->unique && is_arbiter(x, index, indexes) != (others != 0);
            KeyState state = looked ? look_for_holder(t, g, x, pos, &u, err) : KEY_FREE;
            if (state == KEY_FAILED ||
                (state == KEY_WAIT && !wait_for_key(t, table, g, t->changes - 1, &u, err)))
                return false;
            if (state == KEY_TAKEN && others) return duplicate(table, g, x, pos, err);
            if (state == KEY_TAKEN) {
                *holder = u.holder;
                return may_follow(t, table, g, u.holder, err);
            }
            if (state == KEY_FREE) k++;
        }
    return true;
}

RowPos table_tail(Transaction *t, Table *table)
{
    Generation *g;
    Err unused = {.at = -1};
    mutex_lock(&table->relation->write);
    RowPos tail = relation_generation_locked(table->relation, t->store, &g, &unused)
                      ? ((RowPos)g->tail_block << 16) + g->tail_rows
                      : 0;
    mutex_unlock(&table->relation->write);
    return tail;
}

bool table_row_is_seen(Transaction *t, Table *table, RowPos pos)
{
    Generation *g = atomic_load(&table->relation->generation);
    const Block *b = generation_block(g, (uint32_t)(pos >> 16));
    uint32_t row = (uint32_t)pos & 0xffff;
    return snapshot_sees(&t->snapshot, block_begin(b, row), block_end(b, row));
}

bool table_row_is_own(Transaction *t, Table *table, RowPos pos)
{
    Generation *g = atomic_load(&table->relation->generation);
    const Block *b = g ? generation_block(g, (uint32_t)(pos >> 16)) : NULL;
    uint32_t row = (uint32_t)pos & 0xffff;
    return b && row < block_rows(b) && block_begin(b, row) == stamp_of_txn(t->number);
}

bool table_insert_absent(Transaction *t, Table *table, const Batch *rows, const uint64_t *index,
                         uint32_t indexes, RowPos *pos, RowPos *holder, Err *err)
{
    Relation *r = table->relation;
    Generation *g;
    if (!table_open_writer(t, table, err)) return false;
    size_t first = t->changes, held = t->mark;
    mutex_lock(&r->write);
    bool unique = false;
    bool ok = relation_generation_locked(r, t->store, &g, err) && open_unique(table, g, &unique, err);
    for (uint32_t i = 0; ok && i < rows->sel_len; i++) {
        uint16_t row = (uint16_t)batch_row(rows, i);
        size_t mark = t->changes;
        Batch one = *rows;
        one.sel = &row;
        one.sel_len = 1;
        t->mark = mark;
        holder[i] = ROW_NONE;
        ok = append_rows(t, table, g, &one, CHANGE_INSERT, stamp_of_txn(t->number), &pos[i], err) &&
             (!unique || arbitrate(t, table, g, (uint32_t)pos[i], index, indexes, &holder[i], err));
        if (ok && holder[i] != ROW_NONE) {
            transaction_undo_to(t, mark);
            pos[i] = ROW_NONE;
        }
        t->mark = held;
        if (ok && mark > first) join_changes(t, mark);
    }
    mutex_unlock(&r->write);
    if (!ok) transaction_undo_to(t, first);
    t->mark = held;
    return ok;
}

// ---- ending versions ----

// Rows of an UPDATE or DELETE: new_pos[i] is what pos[i] becomes (NULL: nothing).
typedef struct Ending {
    Transaction *t;
    Table *table;
    Generation *g;
    const RowPos *pos;
    uint32_t *new_pos;
    size_t count;
    ChangeKind kind;
} Ending;

static LockMode ending_mode(const Ending *e, size_t i)
{
    return e->new_pos ? table_write_mode(e->table, e->g, (uint32_t)e->pos[i], e->new_pos[i])
                      : LOCK_FOR_UPDATE;
}

// Waits for a row that somebody else holds; the write mutex is not held. False with changed_rows set: it has
// become another one.
static bool wait_for_row(const Ending *e, size_t i, LockMode mode, Err *err)
{
    RowPos now = e->pos[i];
    uint8_t state;
    if (!table_lock_rows(e->t, e->table, &now, &state, 1, mode, LOCK_WAIT, false, err)) return false;
    if (state == ROW_STATE_LOCKED || state == ROW_STATE_OWN) return true;
    e->t->changed_rows = true;
    return table_changed_meanwhile(state == ROW_STATE_GONE, err);
}

// Every row can be ended now; the write mutex is held, and let go of while waiting.
static bool all_free(const Ending *e, Err *err)
{
    for (size_t i = 0; i < e->count; i++) {
        const Block *b = generation_block(e->g, (uint32_t)(e->pos[i] >> 16));
        if (!b || ((uint32_t)e->pos[i] & 0xffff) >= block_rows(b))
            return err_set(err, SQLSTATE_INTERNAL, "there is no row at this position");
        LockMode mode = ending_mode(e, i);
        RowVerdict verdict = table_row_verdict(e->table, e->g, (uint32_t)e->pos[i], mode);
        if (verdict == ROW_OWN && e->new_pos)
            return err_set(err, "21000", "a row of %.*s would be changed twice",
                           STR_ARG(table_def(e->table)->name));
        if (verdict == ROW_FREE || verdict == ROW_OWN) continue;
        mutex_unlock(&e->table->relation->write);
        bool ok = wait_for_row(e, i, mode, err);
        mutex_lock(&e->table->relation->write);
        if (!ok) return false;
        i = SIZE_MAX; // others may have come meanwhile: from the beginning
    }
    return true;
}

static bool end_row(const Ending *e, size_t i, Err *err)
{
    uint32_t pos = (uint32_t)e->pos[i], row = pos & 0xffff;
    Relation *r = e->table->relation;
    Block *b = generation_block(e->g, pos >> 16);
    Slice *slice = &b->slice[row / SLICE_ROWS];
    Stamp own = stamp_of_txn(e->t->number);
    if (block_end(b, row) == own) return true;
    if (!block_open_ends(b, row / SLICE_ROWS, err)) return false;
    if (e->new_pos) {
        if (!block_open_next(b, row / SLICE_ROWS, err)) return false;
        atomic_store_explicit(&atomic_load(&slice->next)[row % SLICE_ROWS], e->new_pos[i],
                              memory_order_relaxed);
        if (atomic_load(&r->row_locks) && !lock_copy(&e->t->store->locks, (LockTag){LOCK_ROW, r->id, pos},
                                                     (LockTag){LOCK_ROW, r->id, e->new_pos[i]}))
            return store_out_of_memory(err);
    } else if (atomic_load(&slice->next)) {
        atomic_store_explicit(&atomic_load(&slice->next)[row % SLICE_ROWS], POS_NONE, memory_order_relaxed);
    }
    Change c = {.kind = e->kind, .pos = pos, .count = 1, .table = e->table};
    if (!transaction_push(e->t, &c, err)) return false;
    atomic_store_explicit(&atomic_load(&slice->end)[row % SLICE_ROWS], own, memory_order_release);
    return true;
}

// All of them or, after a wait that showed changes, none.
static bool end_rows(const Ending *e, Err *err)
{
    if (!all_free(e, err)) return false;
    for (size_t i = 0; i < e->count; i++)
        if (!end_row(e, i, err)) return false;
    return true;
}

bool table_delete(Transaction *t, Table *table, const RowPos *pos, size_t count, Err *err)
{
    Relation *r = table->relation;
    Generation *g;
    if (!table_open_writer(t, table, err)) return false;
    t->changed_rows = false;
    mutex_lock(&r->write);
    size_t mark = t->changes, held = t->mark;
    t->mark = mark;
    bool ok = relation_generation_locked(r, t->store, &g, err);
    const Ending e = {.t = t, .table = table, .g = g, .pos = pos, .count = count, .kind = CHANGE_DELETE};
    ok = ok && end_rows(&e, err);
    mutex_unlock(&r->write);
    if (!ok) transaction_undo_to(t, mark);
    t->mark = held;
    return ok;
}

// New versions are appended unborn while `next` gives them.
static bool append_unborn(Transaction *t, Table *table, Generation *g, size_t count, TableNextRows next,
                          void *self, Err *err)
{
    for (size_t done = 0; done < count;) {
        Batch *rows = NULL;
        if (!next(self, &rows, err)) return false;
        if (!rows || rows->sel_len == 0 || rows->sel_len > count - done)
            return err_set(err, SQLSTATE_INTERNAL, "an update gave another number of rows than it found");
        mutex_lock(&table->relation->write);
        bool ok = append_rows(t, table, g, rows, CHANGE_UPDATE_NEW, STAMP_UNBORN, NULL, err);
        mutex_unlock(&table->relation->write);
        if (!ok) return false;
        done += rows->sel_len;
    }
    return true;
}

// Positions of the new rows in the order they were given.
static bool list_new(const Transaction *t, const Table *table, size_t mark, size_t count, uint32_t **out,
                     Err *err)
{
    size_t n = 0;
    *out = size_alloc(count ? count : 1, sizeof **out);
    if (!*out) return store_out_of_memory(err);
    for (size_t i = mark; i < t->changes; i++) {
        const Change *c = &t->change[i];
        if (c->table != table || c->kind != CHANGE_UPDATE_NEW) continue;
        for (uint32_t k = 0; k < c->count && n < count; k++) (*out)[n++] = c->pos + k;
    }
    return n == count ||
           err_set(err, SQLSTATE_INTERNAL, "an update gave another number of rows than it found");
}

static bool bear(Transaction *t, Table *table, Generation *g, size_t mark, size_t until, Err *err)
{
    for (size_t i = mark; i < until; i++) {
        const Change *c = &t->change[i];
        if (c->table != table || c->kind != CHANGE_UPDATE_NEW) continue;
        for (uint32_t k = 0; k < c->count; k++) {
            uint32_t row = (c->pos & 0xffff) + k;
            Slice *slice = &generation_block(g, c->pos >> 16)->slice[row / SLICE_ROWS];
            atomic_store_explicit(&atomic_load(&slice->begin)[row % SLICE_ROWS], stamp_of_txn(t->number),
                                  memory_order_release);
        }
        if (!index_add(g, c->pos, c->count, err)) return false;
    }
    return true;
}

bool table_update(Transaction *t, Table *table, const RowPos *pos, size_t count, TableNextRows next,
                  void *self, Err *err)
{
    Relation *r = table->relation;
    Generation *g;
    if (!table_open_writer(t, table, err)) return false;
    bool unique = false;
    mutex_lock(&r->write);
    bool ok = relation_generation_locked(r, t->store, &g, err) && open_unique(table, g, &unique, err);
    mutex_unlock(&r->write);
    size_t mark = t->changes, held = t->mark;
    t->mark = t->changes; // this call's changes join none that was before
    uint32_t *new_pos = NULL;
    ok = ok && append_unborn(t, table, g, count, next, self, err) &&
         list_new(t, table, mark, count, &new_pos, err);
    t->changed_rows = false;
    mutex_lock(&r->write);
    size_t born = t->changes;
    const Ending e = {t, table, g, pos, new_pos, count, CHANGE_UPDATE_OLD};
    ok = ok && end_rows(&e, err) && bear(t, table, g, mark, born, err);
    ok = ok && (!unique || check_unique(t, table, g, mark, err));
    mutex_unlock(&r->write);
    free(new_pos);
    if (!ok) transaction_undo_to(t, mark);
    t->mark = held;
    return ok;
}
