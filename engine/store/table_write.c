// Table, written: appending versions, ending versions, and unique keys. New versions of an UPDATE stay
// STAMP_UNBORN until all of them are there, so that what the statement reads is what was before it.
#include "engine/store/index_in.h"
#include "engine/store/store_in.h"

#include <inttypes.h>
#include <string.h>

bool table_open_writer(Transaction *t, Table *table, Err *err)
{
    if (!transaction_may_change(t, err)) return false;
    Relation *r = table->relation;
    if (table->writer) return true;
    latch_read(&t->store->catalog);
    mutex_lock(&r->write);
    const Definition *newest = r->definition;
    while (newest && atomic_load(&newest->begin) == STAMP_NEVER) newest = newest->older;
    bool ok = (r->ddl == 0 || r->ddl == t->number) && newest == table->definition &&
              (atomic_load(&newest->end) == STAMP_NEVER || stamp_is_txn(atomic_load(&newest->end)));
    if (ok) {
        table->writer = true;
        r->writers++;
    }
    mutex_unlock(&r->write);
    latch_unlock(&t->store->catalog);
    if (ok) return true;
    err_set(err, SQLSTATE_SERIALIZATION,
            "the definition of table %.*s is being changed by another transaction",
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
    err_set(err, SQLSTATE_UNIQUE, "duplicate key in %.*s: %.*s = (%.*s) is in table %.*s already",
            STR_ARG(def->name), STR_ARG(bytes_str(&names)), key.failed ? 4 : (int)key.len,
            key.failed ? "long" : key.at, STR_ARG(table_def(table)->name));
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
    *u = (UniqueCheck){.t = t, .g = g, .self = pos, .newest_first = x->kind == INDEX_HASH};
    if (!index_visit_key(g, x, &key, look_at_version, u, NULL, err)) return KEY_FAILED;
    if (u->duplicate) return KEY_TAKEN;
    if (!u->busy && !u->unpublished) return KEY_FREE;
    if (u->unpublished || t->isolation == ISOLATION_READ_COMMITTED) return KEY_WAIT;
    err_set(err, SQLSTATE_SERIALIZATION,
            "a key of %.*s is held by transaction %" PRIu64 ", which has not ended", STR_ARG(def->name),
            u->busy);
    err_hint(err, "roll back and run the transaction again");
    return KEY_FAILED;
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

// Waits for who is in the way; the write mutex is held, and let go of meanwhile.
static bool wait_for_key(Transaction *t, Table *table, const UniqueCheck *u, Err *err)
{
    bool ok = true;
    mutex_unlock(&table->relation->write);
    if (u->unpublished)
        log_wait_published(&t->store->log, u->unpublished);
    else
        ok = transaction_wait(t, u->busy, err);
    mutex_lock(&table->relation->write);
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
        else if (!wait_for_key(t, table, &u, err))
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
            if (state == KEY_FAILED || (state == KEY_WAIT && !wait_for_key(t, table, &u, err))) return false;
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

static bool changed_meanwhile(const Table *table, Err *err)
{
    err_set(err, SQLSTATE_SERIALIZATION, "a row of table %.*s was changed by another transaction meanwhile",
            STR_ARG(table_def(table)->name));
    return err_hint(err, "roll back and run the transaction again");
}

// The write mutex is held, and let go of while waiting. *skip: the row was ended by this transaction already.
static bool may_end(Transaction *t, Table *table, const Block *b, uint32_t row, bool *skip, Err *err)
{
    for (;;) {
        Stamp end = block_end(b, row);
        *skip = end == stamp_of_txn(t->number);
        if (*skip) return true;
        switch (snapshot_may_write(&t->snapshot, end)) {
        case WRITE_OK: return true;
        case WRITE_CHANGED: return changed_meanwhile(table, err);
        case WRITE_BUSY: break;
        }
        if (t->isolation != ISOLATION_READ_COMMITTED) return changed_meanwhile(table, err);
        mutex_unlock(&table->relation->write);
        bool ok = transaction_wait(t, end & ~STAMP_TXN_BIT, err);
        mutex_lock(&table->relation->write);
        if (!ok) return false;
    }
}

static bool end_rows(Transaction *t, Table *table, Generation *g, const RowPos *pos, size_t count,
                     ChangeKind kind, Err *err)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t row = (uint32_t)pos[i] & 0xffff;
        Block *b = generation_block(g, (uint32_t)(pos[i] >> 16));
        bool skip;
        if (!b || row >= block_rows(b))
            return err_set(err, SQLSTATE_INTERNAL, "there is no row at this position");
        if (!may_end(t, table, b, row, &skip, err)) return false;
        if (skip && kind == CHANGE_DELETE) continue;
        if (skip)
            return err_set(err, "21000", "a row of %.*s would be changed twice",
                           STR_ARG(table_def(table)->name));
        if (!block_open_ends(b, row / SLICE_ROWS, err)) return false;
        Change c = {.kind = kind, .pos = (uint32_t)pos[i], .count = 1, .table = table};
        if (!transaction_push(t, &c, err)) return false;
        atomic_store_explicit(&atomic_load(&b->slice[row / SLICE_ROWS].end)[row % SLICE_ROWS],
                              stamp_of_txn(t->number), memory_order_release);
    }
    return true;
}

bool table_delete(Transaction *t, Table *table, const RowPos *pos, size_t count, Err *err)
{
    Relation *r = table->relation;
    Generation *g;
    if (!table_open_writer(t, table, err)) return false;
    mutex_lock(&r->write);
    size_t mark = t->changes, held = t->mark;
    t->mark = mark;
    bool ok = relation_generation_locked(r, t->store, &g, err) &&
              end_rows(t, table, g, pos, count, CHANGE_DELETE, err);
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
    ok = ok && append_unborn(t, table, g, count, next, self, err);
    mutex_lock(&r->write);
    size_t born = t->changes;
    ok =
        ok && end_rows(t, table, g, pos, count, CHANGE_UPDATE_OLD, err) && bear(t, table, g, mark, born, err);
    ok = ok && (!unique || check_unique(t, table, g, mark, err));
    mutex_unlock(&r->write);
    if (!ok) transaction_undo_to(t, mark);
    t->mark = held;
    return ok;
}
