// DDL: new definitions inside a transaction. A definition begins and ends like a row version; rows stay where
// they are, as a column keeps its slot for life and a new one has a value for older rows. Who changes a
// definition must be the only one with changes to the table.
#include "engine/store/file_name_in.h"
#include "engine/store/index_in.h"
#include "engine/store/object_in.h"

#include <stdlib.h>
#include <string.h>

static bool name_ok(Str name, const char *what, Err *err)
{
    if (name.len == 0) return err_set(err, "42602", "a %s needs a name", what);
    if (name.len > SCHEMA_NAME_MAX)
        return err_set(err, "42622", "the name of a %s is longer than %d bytes", what, SCHEMA_NAME_MAX);
    return !memchr(name.at, 0, name.len) || err_set(err, "42602", "the name of a %s holds a NUL byte", what);
}

static bool def_ok(const TableDef *def, Err *err)
{
    if (!name_ok(def->name, "table", err)) return false;
    if (schema_stored(def) > SCHEMA_COLUMNS_MAX)
        return err_set(err, "54011", "table %.*s has more than %d columns", STR_ARG(def->name),
                       SCHEMA_COLUMNS_MAX);
    for (uint16_t i = 0; i < def->column_count; i++)
        if (!name_ok(def->column[i].name, "column", err)) return false;
    for (uint16_t i = 0; i < def->index_count; i++) {
        if (!name_ok(def->index[i].name, "index or constraint", err)) return false;
        if (def->index[i].column_count == 0 || def->index[i].column_count > SCHEMA_KEY_COLUMNS_MAX)
            return err_set(err, "54011", "index %.*s has no or more than %d columns",
                           STR_ARG(def->index[i].name), SCHEMA_KEY_COLUMNS_MAX);
    }
    return true;
}

// Is the name taken in the database by something that may yet be seen? Catalog latch held. *busy: an open
// transaction decides that; err is not set then.
static bool name_free(const Transaction *t, const TableDef *def, const Relation *but, uint64_t *busy,
                      Err *err)
{
    Str database = def->database, name = def->name;
    for (const Definition *d = catalog_list(t->store, database, def->schema, name); d; d = d->named) {
        Stamp begin = atomic_load(&d->begin), end = atomic_load(&d->end);
        if (d->relation == but || begin == STAMP_NEVER || end == stamp_of_txn(t->number)) continue;
        if (stamp_is_txn(begin) && begin != stamp_of_txn(t->number)) {
            *busy = begin & ~STAMP_TXN_BIT;
            return false;
        }
        if (end == STAMP_NEVER)
            return err_set(err, SQLSTATE_DUPLICATE_TABLE, "table %.*s exists already in %.*s", STR_ARG(name),
                           STR_ARG(database));
        if (stamp_is_txn(end)) {
            *busy = end & ~STAMP_TXN_BIT;
            return false;
        }
    }
    return object_table_name_free(t, database, def->schema, name, err);
}

static bool index_name_free(Transaction *t, const Relation *r, Str name, Err *err)
{
    for (const Relation *o = r->database->relations; o; o = o->sibling) {
        const Definition *d = relation_definition(o, &t->snapshot);
        for (uint16_t i = 0; d && i < d->def->index_count; i++)
            if (str_equal(d->def->index[i].name, name))
                return err_set(err, SQLSTATE_DUPLICATE_TABLE, "index %.*s exists already on table %.*s",
                               STR_ARG(name), STR_ARG(d->def->name));
    }
    return true;
}

static uint64_t new_id(Store *s) { return atomic_fetch_add(&s->next_id, 1); }

// Sole user of the table until the transaction ends. Who wants its definition to be the newest has locked it
// before looking at it: waiting here ends with 40001 when it has changed meanwhile.
static bool open_definition(Transaction *t, Table *table, LockMode mode, Err *err)
{
    return transaction_may_change(t, err) && table_lock(t, table, mode, LOCK_WAIT, NULL, err) &&
           table_open_writer(t, table, err);
}

// The new definition takes the place of the table's; catalog latch held for writing.
static bool replace(Transaction *t, Table *table, const TableDef *def, Err *err)
{
    Definition *old = table->definition;
    Change c = {.kind = CHANGE_DEFINE, .count = 1, .table = table, .ended = old};
    if (def) c.began = catalog_define(t->store, table->relation, def, stamp_of_txn(t->number));
    if (def && !c.began) return store_out_of_memory(err);
    if (!transaction_push(t, &c, err)) {
        if (c.began) catalog_forget(t->store, c.began);
        return false;
    }
    atomic_store(&old->end, stamp_of_txn(t->number));
    if (def) table->definition = c.began;
    return true;
}

static bool create_locked(Transaction *t, TableDef *def, Table **out, uint64_t *busy, Err *err)
{
    Store *s = t->store;
    Database *d = catalog_database(s, def->database);
    if (!d) return err_set(err, "3D000", "database %.*s does not exist", STR_ARG(def->database));
    if (s->table_count >= SCHEMA_TABLES_MAX)
        return err_set(err, SQLSTATE_LIMIT, "there are %d tables already", SCHEMA_TABLES_MAX);
    if (!name_free(t, def, NULL, busy, err)) return false;
    Str file;
    Relation *r;
    if (!catalog_file_name(s, d, def->name, def->id, &t->mem, &file, err)) return false;
    if (!catalog_add_relation(s, d, def, file, &r, err)) return false;
    Definition *began = catalog_define(s, r, def, stamp_of_txn(t->number));
    if (!began) {
        catalog_remove_relation(s, r);
        return store_out_of_memory(err);
    }
    Table *table = transaction_handle(t, began);
    table->writer = true;
    *out = table;
    if (transaction_push(t, &(Change){.kind = CHANGE_DEFINE, .count = 1, .table = table, .began = began},
                         err))
        return true;
    atomic_store(&began->begin, STAMP_NEVER);
    return false;
}

bool transaction_create_table(Transaction *t, const TableDef *def, Table **out, Err *err)
{
    if (!transaction_may_change(t, err) || !def_ok(def, err)) return false;
    TableDef *own = schema_copy(def, &t->mem);
    own->id = new_id(t->store);
    own->version = 1;
    own->slots = schema_stored(own);
    for (uint16_t i = 0; i < schema_stored(own); i++) {
        own->column[i].slot = (uint16_t)(i + 1);
        own->column[i].missing = STR_NONE;
    }
    for (uint16_t i = 0; i < own->index_count; i++) own->index[i].id = new_id(t->store);
    for (uint16_t i = 0; i < own->foreign_key_count; i++) // 0: the table itself
        if (own->foreign_key[i].parent_id == 0) own->foreign_key[i].parent_id = own->id;
    for (;;) {
        uint64_t busy = 0;
        Table *table = NULL;
        latch_write(&t->store->catalog);
        bool ok = create_locked(t, own, &table, &busy, err);
        latch_unlock(&t->store->catalog);
        if (ok && out) *out = table;
        if (!busy) return ok && table_lock(t, table, LOCK_ACCESS_EXCLUSIVE, LOCK_WAIT, NULL, err);
        if (!transaction_wait(t, busy, err)) return false;
    }
}

bool transaction_drop_table(Transaction *t, Table *table, Err *err)
{
    if (!open_definition(t, table, LOCK_ACCESS_EXCLUSIVE, err)) return false;
    latch_write(&t->store->catalog);
    bool ok = replace(t, table, NULL, err);
    latch_unlock(&t->store->catalog);
    return ok;
}

typedef struct UniqueScan {
    const Transaction *t;
    const Generation *g;
    uint32_t self;
    bool found;
} UniqueScan;

static bool other_visible(void *self, uint32_t pos)
{
    UniqueScan *u = self;
    const Block *b = generation_block(u->g, pos >> 16);
    Stamp begin = block_begin(b, pos & 0xffff), end = block_end(b, pos & 0xffff);
    bool alive = !stamp_is_void(begin) && end == STAMP_NEVER;
    u->found = pos != u->self && alive;
    return !u->found;
}

static bool no_two_alike(Transaction *t, Table *table, Generation *g, Index *x, const IndexDef *def, Err *err)
{
    for (uint32_t i = 0, n = atomic_load(&g->blocks); i < n; i++) {
        const Block *b = generation_block(g, i);
        for (uint32_t row = 0, rows = b ? block_rows(b) : 0; row < rows; row++) {
            IndexKey key;
            UniqueScan u = {.t = t, .g = g, .self = i << 16 | row};
            if (stamp_is_void(block_begin(b, row)) || block_end(b, row) != STAMP_NEVER ||
                !index_key_of_row(g, x, u.self, &key))
                continue;
            if (!index_visit_key(g, x, &key, other_visible, &u, NULL, err)) return false;
            if (u.found)
                return err_set(err, SQLSTATE_UNIQUE,
                               "unique index %.*s cannot be made: table %.*s holds a key twice",
                               STR_ARG(def->name), STR_ARG(table_def(table)->name));
        }
    }
    return true;
}

static bool build(Transaction *t, Table *table, const TableDef *own, const IndexDef *def, Err *err)
{
    Relation *r = table->relation;
    Generation *g;
    Index *x;
    mutex_lock(&r->write);
    bool ok = relation_generation_locked(r, t->store, &g, err) && index_make(g, own, def, &x, err) &&
              index_build(g, x, err) && (!def->unique || no_two_alike(t, table, g, x, def, err));
    mutex_unlock(&r->write);
    return ok;
}

// Indexes that the new definition has and the old one had not get an id and are built.
static bool open_new_indexes(Transaction *t, Table *table, TableDef *def, Err *err)
{
    const TableDef *old = table_def(table);
    for (uint16_t i = 0; i < def->index_count; i++) {
        IndexDef *x = &def->index[i];
        bool known = false;
        for (uint16_t k = 0; k < old->index_count && !known; k++) known = x->id && old->index[k].id == x->id;
        if (known) continue;
        x->id = new_id(t->store);
        if (!build(t, table, def, x, err)) return false;
    }
    return true;
}

static bool redefine(Transaction *t, Table *table, TableDef *def, Err *err)
{
    def->id = table->relation->id;
    def->version = table_def(table)->version + 1;
    if (!open_new_indexes(t, table, def, err)) return false;
    bool same =
        str_equal(def->name, table_def(table)->name) && str_equal(def->schema, table_def(table)->schema);
    for (;;) {
        uint64_t busy = 0;
        latch_write(&t->store->catalog);
        bool ok = same || name_free(t, def, table->relation, &busy, err);
        ok = ok && replace(t, table, def, err);
        latch_unlock(&t->store->catalog);
        if (!busy) return ok;
        if (!transaction_wait(t, busy, err)) return false;
    }
}

bool transaction_create_index(Transaction *t, Table *table, const IndexDef *def, Err *err)
{
    if (!name_ok(def->name, "index", err) || !open_definition(t, table, LOCK_SHARE, err)) return false;
    latch_read(&t->store->catalog);
    bool ok = index_name_free(t, table->relation, def->name, err);
    latch_unlock(&t->store->catalog);
    if (!ok) return false;
    TableDef *own = schema_copy(table_def(table), &t->mem);
    IndexDef *index = arena_array(&t->mem, IndexDef, own->index_count + 1);
    memcpy(index, own->index, own->index_count * sizeof *index);
    index[own->index_count] = *def;
    index[own->index_count++].id = 0;
    own->index = index;
    return def_ok(own, err) && redefine(t, table, own, err);
}

bool transaction_drop_index(Transaction *t, Table *table, Str name, Err *err)
{
    if (!open_definition(t, table, LOCK_ACCESS_EXCLUSIVE, err)) return false;
    TableDef *own = schema_copy(table_def(table), &t->mem);
    uint16_t kept = 0;
    for (uint16_t i = 0; i < own->index_count; i++)
        if (!str_equal(own->index[i].name, name)) own->index[kept++] = own->index[i];
    if (kept == own->index_count) return err_set(err, "42704", "index %.*s does not exist", STR_ARG(name));
    own->index_count = kept;
    schema_drop_hidden(own);
    return redefine(t, table, own, err);
}

// New columns get slots that no definition had, not even one that was taken back: older rows may hold
// something there. From here on rows go to blocks that have them.
static bool open_slots(Transaction *t, Table *table, TableDef *own, Err *err)
{
    Relation *r = table->relation;
    const TableDef *old = table_def(table);
    uint16_t next = slots_count(&r->slots);
    bool any = false;
    if (next < old->slots) next = old->slots;
    own->slots = old->slots;
    for (uint16_t i = 0; i < schema_stored(own); i++) {
        if (own->column[i].slot) continue;
        if (next == SCHEMA_SLOTS_MAX) {
            err_set(err, SQLSTATE_LIMIT, "table %.*s had %d columns in its life; it can have no more",
                    STR_ARG(own->name), SCHEMA_SLOTS_MAX);
            return err_hint(err, "make a new table from it");
        }
        own->column[i].slot = ++next;
        own->slots = next;
        any = true;
    }
    if (!any) return true;
    mutex_lock(&r->write);
    Generation *g = atomic_load(&r->generation);
    bool ok = slots_cover(&r->slots, own, err);
    if (ok && g) generation_turn(g);
    mutex_unlock(&r->write);
    (void)t;
    return ok;
}

bool transaction_alter_table(Transaction *t, Table *table, const TableDef *def, Err *err)
{
    if (!def_ok(def, err) || !open_definition(t, table, LOCK_ACCESS_EXCLUSIVE, err)) return false;
    const TableDef *old = table_def(table);
    if (!str_equal(def->database, old->database))
        return err_set(err, SQLSTATE_UNSUPPORTED, "a table cannot move to another database");
    TableDef *own = schema_copy(def, &t->mem);
    return open_slots(t, table, own, err) && redefine(t, table, own, err);
}

static int compare_names(const void *a, const void *b)
{
    return str_compare((*(const TableDef *const *)a)->name, (*(const TableDef *const *)b)->name);
}

size_t transaction_tables(Transaction *t, Str database, Arena *mem, const TableDef ***out)
{
    latch_read(&t->store->catalog);
    const Database *d = catalog_database(t->store, database);
    size_t count = 0, at = 0;
    for (const Relation *r = d ? d->relations : NULL; r; r = r->sibling)
        count += relation_definition(r, &t->snapshot) != NULL;
    const TableDef **list = arena_array(mem, const TableDef *, count + 1);
    for (const Relation *r = d ? d->relations : NULL; r; r = r->sibling) {
        const Definition *def = relation_definition(r, &t->snapshot);
        if (!def) continue;
        list[at++] = schema_copy(def->def, mem);
    }
    latch_unlock(&t->store->catalog);
    qsort(list, count, sizeof *list, compare_names);
    *out = list;
    return count;
}

size_t transaction_children(Transaction *t, uint64_t id, Arena *mem, const TableDef ***out)
{
    latch_read(&t->store->catalog);
    const Relation *parent = catalog_relation(t->store, id);
    size_t count = 0, cap = 0;
    for (const Relation *r = parent ? parent->database->relations : NULL; r; r = r->sibling) cap++;
    const TableDef **list = arena_array(mem, const TableDef *, cap + 1);
    for (const Relation *r = parent ? parent->database->relations : NULL; r; r = r->sibling) {
        const Definition *def = relation_definition(r, &t->snapshot);
        bool refers = false;
        for (uint16_t i = 0; def && i < def->def->foreign_key_count; i++)
            refers |= def->def->foreign_key[i].parent_id == id;
        if (refers) list[count++] = schema_copy(def->def, mem);
    }
    latch_unlock(&t->store->catalog);
    *out = list;
    return count;
}
