// What happens to children when parent rows go or change their key: NO ACTION and RESTRICT refuse, CASCADE,
// SET NULL and SET DEFAULT write the children and go on from there. A row that is gone is not found again, so
// cycles end; the depth is bounded as well.
#include "engine/exec/write.h"

#include "engine/exec/keys.h"
#include "engine/exec/order.h"
#include <stdlib.h>
#include <string.h>

// One foreign key of one child table, and the rows that lose their parent.
typedef struct Follow {
    const WriteParent *p;
    Table *table;
    const TableDef *def;
    const ForeignKeyDef *key;
    KeyAction action;
    RowList found;    // child rows
    uint32_t *parent; // which parent row each belongs to
    size_t parents_cap;
} Follow;

static const IndexDef *child_index(const TableDef *def, const ForeignKeyDef *k)
{
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *x = &def->index[i];
        uint16_t same = 0;
        if (x->column_count < k->column_count ||
            (x->kind == INDEX_HASH && x->column_count != k->column_count))
            continue;
        for (uint16_t c = 0; c < k->column_count; c++)
            for (uint16_t d = 0; d < k->column_count; d++) same += x->column[c] == k->column[d];
        if (same == k->column_count) return x;
    }
    return NULL;
}

static bool key_changed(const Follow *f, uint32_t row)
{
    const WriteParent *p = f->p;
    if (!p->new_rows) return true;
    for (uint16_t i = 0; i < f->key->column_count; i++) {
        Vector a = rows_vector(p->old_rows, f->key->parent_column[i]);
        Vector b = rows_vector(p->new_rows, f->key->parent_column[i]);
        if (!order_same(&a, row, &b, row)) return true;
    }
    return false;
}

// The old key as the child's columns hold it; false when it cannot be there (a NULL, or a value the type
// cannot hold).
static bool old_key(const Follow *f, uint32_t row, Value *key, Arena *mem)
{
    Err unused = {.at = -1};
    for (uint16_t i = 0; i < f->key->column_count; i++) {
        Value v = rows_value(f->p->old_rows, f->key->parent_column[i], row);
        Type to = f->def->column[f->key->column[i]].type;
        if (v.null) return false;
        key[i] = v;
        if (v.type.id != to.id && !cast_value(&key[i], &v, to, CAST_EXPLICIT, mem, &unused)) return false;
    }
    return true;
}

static bool note_parents(Follow *f, uint32_t row, Err *err)
{
    if (f->found.count > f->parents_cap) {
        size_t cap = f->parents_cap ? f->parents_cap * 2 : 64;
        while (cap < f->found.count) cap *= 2;
        void *at = f->parent;
        if (!memory_grow(f->p->exec->memory, &at, f->parents_cap * sizeof(uint32_t), cap * sizeof(uint32_t),
                         err))
            return false;
        f->parent = at;
        memset(f->parent + f->parents_cap, 0xff, (cap - f->parents_cap) * sizeof(uint32_t));
        f->parents_cap = cap;
    }
    for (size_t i = f->found.count; i > 0 && f->parent[i - 1] == UINT32_MAX; i--) f->parent[i - 1] = row;
    return true;
}

static bool find_by_index(Follow *f, const IndexDef *index, Err *err)
{
    Transaction *t = f->p->exec->ctx->transaction;
    Arena mem = {0};
    bool ok = true;
    for (uint32_t r = 0; ok && r < f->p->old_rows->count; r++) {
        Value key[SCHEMA_KEY_COLUMNS_MAX], ordered[SCHEMA_KEY_COLUMNS_MAX];
        if (r % BATCH_ROWS == 0 && !exec_go_on(f->p->exec, err)) ok = false;
        if (!ok || !key_changed(f, r) || !old_key(f, r, key, &mem)) continue;
        for (uint16_t i = 0; i < f->key->column_count; i++)
            for (uint16_t d = 0; d < f->key->column_count; d++)
                if (index->column[i] == f->key->column[d]) ordered[i] = key[d];
        ok = index_lookup(t, f->table, index, ordered, f->key->column_count, &f->found, err) &&
             note_parents(f, r, err);
    }
    arena_done(&mem);
    return ok;
}

static bool found_add(Follow *f, RowPos pos, uint32_t row, Err *err)
{
    if (f->found.count == f->found.cap) {
        size_t cap = f->found.cap ? f->found.cap * 2 : 64;
        RowPos *bigger = realloc(f->found.pos, cap * sizeof(RowPos));
        if (!bigger)
            return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the rows of a foreign key");
        f->found.pos = bigger;
        f->found.cap = cap;
    }
    f->found.pos[f->found.count++] = pos;
    return note_parents(f, row, err);
}

// No index on the child's columns: the old keys go into Keys, the child table is scanned once.
static bool find_by_scan(Follow *f, Err *err)
{
    Exec *exec = f->p->exec;
    Arena mem = {0};
    Keys gone;
    TableScan *scan = NULL;
    uint16_t n = f->key->column_count;
    uint32_t *parent = arena_try(&mem, (size_t)f->p->old_rows->count + 1, sizeof(uint32_t)),
             group[BATCH_ROWS];
    Type type[SCHEMA_KEY_COLUMNS_MAX];
    for (uint16_t i = 0; i < n; i++) type[i] = f->def->column[f->key->column[i]].type;
    bool ok = keys_init(&gone, exec->memory, type, n, err);
    if (!parent) ok = err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the rows of a foreign key");
    for (uint32_t r = 0; ok && r < f->p->old_rows->count; r++) {
        Value key[SCHEMA_KEY_COLUMNS_MAX];
        Vector cell[SCHEMA_KEY_COLUMNS_MAX];
        if (!key_changed(f, r) || !old_key(f, r, key, &mem)) continue;
        for (uint16_t i = 0; i < n; i++) cell[i] = vector_constant(&mem, &key[i]);
        ok = keys_insert(&gone, cell, NULL, 1, group, err);
        if (ok) parent[group[0]] = r;
    }
    Batch b = {.columns = n, .vector = arena_array(&mem, Vector, n)};
    ok = ok && table_scan_begin(&scan, exec->ctx->transaction, f->table, f->key->column, n, NULL, 0, 0,
                                UINT32_MAX, &mem, err);
    while (ok && keys_count(&gone)) {
        RowPos first;
        bool end = false;
        ok = exec_go_on(exec, err) && table_scan_next(scan, &b, &first, &end, err);
        if (!ok || end) break;
        keys_find(&gone, b.vector, b.sel, b.sel_len, group);
        for (uint32_t i = 0; ok && i < b.sel_len; i++)
            if (group[i] != KEYS_NONE) ok = found_add(f, first + batch_row(&b, i), parent[group[i]], err);
    }
    if (scan) table_scan_end(scan);
    keys_done(&gone);
    arena_done(&mem);
    return ok;
}

static bool refuse(const Follow *f, Err *err)
{
    const ForeignKeyDef *k = f->key;
    Value key[SCHEMA_KEY_COLUMNS_MAX];
    for (uint16_t i = 0; i < k->column_count; i++)
        key[i] = rows_value(f->p->old_rows, k->parent_column[i], f->parent[0]);
    err_set(err, SQLSTATE_FOREIGN_KEY,
            "update or delete on table \"%.*s\" violates foreign key constraint \"%.*s\" on table \"%.*s\"",
            STR_ARG(f->p->def->name), STR_ARG(k->name), STR_ARG(f->def->name));
    write_note_key(err, f->p->def, k->parent_column, k->column_count, key, "is still referenced from table",
                   f->def->name);
    return false;
}

// ---- what children become ----

static bool default_value(const Follow *f, uint16_t column, Value *out, Arena *mem, Err *err)
{
    const ColumnDef *c = &f->def->column[column];
    Expr *e;
    *out = value_null(c->type);
    if (!c->default_text.at) return true;
    ExecContext *ctx = f->p->exec->ctx;
    return plan_bind_text(&e, c->default_text, f->def, c->type, ctx->functions, mem, err) &&
           exec_constant(e, ctx, out, mem, err);
}

static bool child_values(const Follow *f, uint32_t parent, Value *value, Arena *mem, Err *err)
{
    const ForeignKeyDef *k = f->key;
    for (uint16_t i = 0; i < k->column_count; i++) {
        Type to = f->def->column[k->column[i]].type;
        if (f->action == KEY_SET_NULL) {
            value[i] = value_null(to);
        } else if (f->action == KEY_SET_DEFAULT) {
            if (!default_value(f, k->column[i], &value[i], mem, err)) return false;
        } else {
            Value v = rows_value(f->p->new_rows, k->parent_column[i], parent);
            if (v.null)
                value[i] = value_null(to);
            else if (!cast_value(&value[i], &v, to, CAST_ASSIGNMENT, mem, err))
                return false;
        }
    }
    return true;
}

// The children as they were, with the key's columns changed.
static bool changed_rows(const Follow *f, const Rows *old, Rows *out, Arena *mem, Err *err)
{
    Vector *v = arena_array(mem, Vector, old->columns + 1);
    static const uint16_t first = 0;
    for (uint32_t r = 0; r < old->count; r++) {
        Value value[SCHEMA_KEY_COLUMNS_MAX];
        if (!child_values(f, f->parent[r], value, mem, err)) return false;
        for (uint32_t c = 0; c < old->columns; c++) {
            Value cell = rows_value(old, c, r);
            for (uint16_t i = 0; i < f->key->column_count; i++)
                if (f->key->column[i] == c) cell = value[i];
            cell.type = old->column[c].type;
            if (cell.null && f->def->column[c].not_null)
                return err_set(
                    err, SQLSTATE_NOT_NULL,
                    "null value in column \"%.*s\" of relation \"%.*s\" violates not-null constraint",
                    STR_ARG(f->def->column[c].name), STR_ARG(f->def->name));
            v[c] = vector_constant(mem, &cell);
            v[c].type = old->column[c].type;
        }
        if (!rows_append(out, v, &first, 1, err)) return false;
    }
    return true;
}

// SET DEFAULT must find a parent again.
static bool parent_exists(const Follow *f, const Rows *rows, Err *err)
{
    Transaction *t = f->p->exec->ctx->transaction;
    const ForeignKeyDef *k = f->key;
    const IndexDef *index = schema_unique_on(f->p->def, k->parent_column, k->column_count);
    Table *parent = transaction_table_by_id(t, k->parent_id);
    RowList found = {0};
    bool ok = true;
    for (uint32_t r = 0; ok && index && parent && r < rows->count; r++) {
        Value key[SCHEMA_KEY_COLUMNS_MAX], own[SCHEMA_KEY_COLUMNS_MAX];
        bool null = false;
        for (uint16_t i = 0; i < k->column_count; i++) {
            uint16_t at = 0;
            while (at + 1 < k->column_count && k->parent_column[at] != index->column[i]) at++;
            key[i] = rows_value(rows, k->column[at], r);
            own[i] = rows_value(rows, k->column[i], r);
            null |= key[i].null;
        }
        found.count = 0;
        if (null) continue;
        ok = index_lookup(t, parent, index, key, index->column_count, &found, err);
        if (!ok || found.count) continue;
        ok = err_set(err, SQLSTATE_FOREIGN_KEY,
                     "insert or update on table \"%.*s\" violates foreign key constraint \"%.*s\"",
                     STR_ARG(f->def->name), STR_ARG(k->name));
        write_note_key(err, f->def, k->column, k->column_count, own, "is not present in table",
                       f->p->def->name);
    }
    free(found.pos);
    return ok;
}

static bool act(Follow *f, Err *err)
{
    Exec *exec = f->p->exec;
    Transaction *t = exec->ctx->transaction;
    Rows old = {0}, changed = {0};
    Arena mem = {0};
    const bool goes = f->action == KEY_CASCADE && !f->p->new_rows;
    WriteParent next = {.exec = exec, .def = f->def, .old_rows = &old, .depth = f->p->depth + 1};
    write_rows_init(&old, exec, f->def);
    write_rows_init(&changed, exec, f->def);
    bool ok = write_fetch(t, f->table, f->found.pos, f->found.count, &old, err);
    if (goes) {
        ok = ok && table_delete(t, f->table, f->found.pos, f->found.count, err);
    } else {
        next.new_rows = &changed;
        ok = ok && changed_rows(f, &old, &changed, &mem, err) &&
             write_update_rows(exec, f->table, f->found.pos, &changed, err) &&
             (f->action != KEY_SET_DEFAULT || parent_exists(f, &changed, err));
    }
    ok = ok && write_follow(&next, err);
    rows_done(&old);
    rows_done(&changed);
    arena_done(&mem);
    return ok;
}

static bool follow_key(const WriteParent *p, const TableDef *child, const ForeignKeyDef *key, Err *err)
{
    Follow f = {.p = p, .def = child, .key = key, .action = p->new_rows ? key->on_update : key->on_delete};
    f.table = transaction_table_by_id(p->exec->ctx->transaction, child->id);
    if (!f.table) return true;
    const IndexDef *index = child_index(child, key);
    bool ok = index ? find_by_index(&f, index, err) : find_by_scan(&f, err);
    if (ok && f.found.count)
        ok = f.action == KEY_NO_ACTION || f.action == KEY_RESTRICT ? refuse(&f, err) : act(&f, err);
    free(f.found.pos);
    memory_free(p->exec->memory, f.parent, f.parents_cap * sizeof(uint32_t));
    return ok;
}

bool write_follow(const WriteParent *p, Err *err)
{
    const TableDef **child;
    Arena mem = {0};
    bool ok = true;
    if (!p->old_rows->count) return true;
    if (p->depth > WRITE_CASCADE_MAX)
        return err_set(err, SQLSTATE_TOO_COMPLEX, "foreign keys cascade through more than %d steps",
                       WRITE_CASCADE_MAX);
    size_t n = transaction_children(p->exec->ctx->transaction, p->def->id, &mem, &child);
    for (int refusing = 1; ok && refusing >= 0;
         refusing--) // those who act go first: they may settle what others refuse
        for (size_t i = 0; ok && i < n; i++)
            for (uint16_t k = 0; ok && k < child[i]->foreign_key_count; k++) {
                const ForeignKeyDef *key = &child[i]->foreign_key[k];
                KeyAction action = p->new_rows ? key->on_update : key->on_delete;
                bool acts = action != KEY_NO_ACTION && action != KEY_RESTRICT;
                if (key->parent_id == p->def->id && acts == (refusing == 1))
                    ok = follow_key(p, child[i], key, err);
            }
    arena_done(&mem);
    return ok;
}
