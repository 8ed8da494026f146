// Write: rules for single rows, and the tools that insert, update, delete and cascading actions share.
#include "engine/exec/write.h"

#include "engine/exec/keys.h"
#include <stdlib.h>
#include <string.h>

void write_count(const Write *w, uint64_t rows)
{
    if (w->plan->main) w->exec->changed += rows;
}

bool write_ready(Operator *op, bool (*apply)(Operator *op, Err *err), Err *err)
{
    Exec *x = op->exec;
    if (!x->defers) return apply(op, err);
    ExecWrite *wait = arena_new(&x->mem, ExecWrite);
    *wait = (ExecWrite){.apply = apply, .op = op};
    if (x->waiting_last)
        x->waiting_last->next = wait;
    else
        x->waiting = wait;
    x->waiting_last = wait;
    return true;
}

bool write_apply_waiting(Exec *x, Err *err)
{
    for (ExecWrite *w; (w = x->waiting) != NULL;) {
        x->waiting = w->next;
        if (!x->waiting) x->waiting_last = NULL;
        if (!w->apply(w->op, err)) return false;
    }
    return true;
}

bool write_make(Write *w, Operator *op, Err *err)
{
    w->exec = op->exec;
    w->plan = plan_as(PlanWrite, op->plan);
    const WriteRules *r = w->plan->rules;
    eval_init(&w->eval, op->exec, op->scope);
    return !r || (eval_compile_all(&w->check, r->check, r->checks, &w->eval, err) &&
                  eval_compile_all(&w->generate, r->generate, r->generated, &w->eval, err));
}

bool write_open(Write *w, Err *err)
{
    w->transaction = w->exec->ctx->transaction;
    w->table = transaction_table_by_id(w->transaction, w->plan->table.id);
    if (!w->table)
        return err_set(err, SQLSTATE_UNDEFINED_TABLE, "table %.*s does not exist any more",
                       STR_ARG(w->plan->table.name));
    w->def = table_def(w->table);
    w->column = arena_array(&w->exec->mem, uint16_t, w->def->column_count + 1);
    for (uint16_t c = 0; c < w->def->column_count; c++) w->column[c] = c;
    return true;
}

void write_close(Write *w) { eval_done(&w->eval); }

bool write_identities(Write *w, Batch *rows, Err *err)
{
    if (!w->plan->identity) return true;
    for (uint16_t c = 0; c < w->def->column_count; c++) {
        if (!w->def->column[c].identity) continue;
        Vector *v = &rows->vector[c];
        for (uint32_t i = 0; i < rows->rows; i++) {
            bool null = vector_is_null(v, i);
            Value value = vector_value(v, i), big;
            if (!null) {
                Err unused = {.at = -1};
                if (cast_value(&big, &value, type_of(TYPE_BIGINT), CAST_ASSIGNMENT, &w->eval.mem, &unused))
                    table_identity_saw(w->transaction, w->table, c, big.i64);
                continue;
            }
            if (!w->plan->identity[c]) continue;
            big = (Value){.type = type_of(TYPE_BIGINT)};
            if (!table_identity_next(w->transaction, w->table, c, &big.i64, err)) return false;
            if (!cast_value(&value, &big, v->type, CAST_ASSIGNMENT, &w->eval.mem, err)) return false;
            v->nulls[i >> 6] &= ~(UINT64_C(1) << (i & 63));
            vector_set_value(v, i, &value);
        }
        eval_settle_nulls(v, rows->rows);
    }
    return true;
}

// One window: what the expressions give goes to the rows' own cells.
static bool generate_window(Write *w, Rows *rows, uint32_t from, Vector *vector, Err *err)
{
    const WriteRules *r = w->plan->rules;
    Batch b;
    rows_window(rows, from, &b, vector);
    eval_begin(&w->eval, &b, err);
    for (uint32_t i = 0; i < r->generated; i++) {
        const Vector *v;
        Vector *to = &vector[r->generated_column[i]];
        if (!eval_run(w->generate[i], &w->eval, NULL, b.rows, &v)) return false;
        memset(to->nulls, 0, (b.rows + 63) / 64 * sizeof *to->nulls);
        vector_copy_rows(to, 0, v, NULL, b.rows, &rows->mem);
    }
    return true;
}

bool write_generate(Write *w, Rows *rows, Err *err)
{
    const WriteRules *r = w->plan->rules;
    if (!r || !r->generated) return true;
    Vector *vector = arena_array(&w->exec->mem, Vector, rows->columns + 1);
    for (uint32_t i = 0; i < r->generated; i++)
        if (!rows_open_nulls(rows, r->generated_column[i], err)) return false;
    for (uint32_t from = 0; from < rows->count; from += BATCH_ROWS)
        if (!exec_go_on(w->exec, err) || !generate_window(w, rows, from, vector, err)) return false;
    return true;
}

static void note_row(Err *err, const Batch *rows, uint32_t columns, uint32_t row)
{
    Bytes b;
    bytes_init(&b, ERR_NOTES_MAX);
    for (uint32_t c = 0; c < columns && !b.failed && b.len < ERR_NOTES_MAX / 2; c++) {
        if (c) bytes_put(&b, STR(", "));
        if (vector_is_null(&rows->vector[c], row))
            bytes_put(&b, STR("null"));
        else
            cast_cell_to_text(&rows->vector[c], row, &b);
    }
    if (!b.failed) err_note(err, "Failing row contains (%.*s).", STR_ARG(bytes_str(&b)));
    bytes_done(&b);
}

static bool check_not_null(const TableDef *def, const Batch *rows, Err *err)
{
    for (uint32_t c = 0; c < def->column_count; c++) {
        const Vector *v = &rows->vector[c];
        if (!def->column[c].not_null || !v->nulls) continue;
        for (uint32_t i = 0; i < rows->sel_len; i++) {
            if (!vector_is_null(v, batch_row(rows, i))) continue;
            err_set(err, SQLSTATE_NOT_NULL,
                    "null value in column \"%.*s\" of relation \"%.*s\" violates not-null constraint",
                    STR_ARG(def->column[c].name), STR_ARG(def->name));
            note_row(err, rows, def->column_count, batch_row(rows, i));
            return false;
        }
    }
    return true;
}

bool write_check(Write *w, const Batch *rows, Err *err)
{
    const WriteRules *r = w->plan->rules;
    if (!check_not_null(w->def, rows, err)) return false;
    if (!r || !r->checks) return true;
    eval_begin(&w->eval, rows, err);
    for (uint32_t i = 0; i < r->checks; i++) {
        const Vector *v;
        if (!eval_run(w->check[i], &w->eval, rows->sel, rows->sel_len, &v)) return false;
        const uint8_t *ok = v->data;
        for (uint32_t k = 0; k < rows->sel_len; k++) {
            uint32_t row = batch_row(rows, k);
            if (ok[vector_slot(v, row)] || vector_is_null(v, row)) continue;
            err_set(err, SQLSTATE_CHECK, "new row for relation \"%.*s\" violates check constraint \"%.*s\"",
                    STR_ARG(w->def->name), STR_ARG(r->check_name[i]));
            note_row(err, rows, w->def->column_count, row);
            return false;
        }
    }
    return true;
}

void write_note_key(Err *err, const TableDef *def, const uint16_t *column, uint32_t count, const Value *key,
                    const char *format, Str name)
{
    Bytes b;
    bytes_init(&b, ERR_NOTES_MAX);
    bytes_put(&b, STR("Key ("));
    for (uint32_t i = 0; i < count; i++)
        bytes_printf(&b, "%s%.*s", i ? ", " : "", STR_ARG(def->column[column[i]].name));
    bytes_put(&b, STR(")=("));
    for (uint32_t i = 0; i < count; i++) {
        if (i) bytes_put(&b, STR(", "));
        value_to_text(&key[i], &b);
    }
    bytes_printf(&b, ") %s \"%.*s\".", format, STR_ARG(name));
    if (!b.failed) err_note(err, "%.*s", STR_ARG(bytes_str(&b)));
    bytes_done(&b);
}

// Key of one foreign key's row in the order of the parent's index; false when a part is NULL (nothing to look
// for).
static bool parent_key(const ForeignKeyCheck *f, const TableDef *parent, const Rows *rows, uint32_t row,
                       Value *key, Arena *mem, bool *known, Err *err)
{
    const ForeignKeyDef *k = f->key;
    *known = false;
    for (uint16_t i = 0; i < f->parent_index->column_count; i++) {
        uint16_t at = 0;
        while (at + 1 < k->column_count && k->parent_column[at] != f->parent_index->column[i]) at++;
        Value v = rows_value(rows, k->column[at], row);
        Type to = parent->column[f->parent_index->column[i]].type;
        if (v.null) return true;
        key[i] = v;
        if (v.type.id != to.id && !cast_value(&key[i], &v, to, CAST_EXPLICIT, mem, err)) return false;
    }
    *known = true;
    return true;
}

bool write_no_parent(const Write *w, const ForeignKeyCheck *f, const Rows *rows, uint32_t row, Err *err)
{
    const Table *parent = transaction_table_by_id(w->transaction, f->parent_id);
    Value own[SCHEMA_KEY_COLUMNS_MAX];
    for (uint16_t i = 0; i < f->key->column_count; i++) own[i] = rows_value(rows, f->key->column[i], row);
    err_set(err, SQLSTATE_FOREIGN_KEY,
            "insert or update on table \"%.*s\" violates foreign key constraint \"%.*s\"",
            STR_ARG(w->def->name), STR_ARG(f->key->name));
    write_note_key(err, w->def, f->key->column, f->key->column_count, own, "is not present in table",
                   parent ? table_def(parent)->name : STR(""));
    return false;
}

bool write_take_row(const Rows *rows, uint32_t row, Rows *out, Err *err)
{
    Arena mem = {0};
    Vector *v = arena_array(&mem, Vector, rows->columns + 1);
    Batch b;
    uint16_t at = (uint16_t)(row % BATCH_ROWS);
    rows_window(rows, row - at, &b, v);
    bool ok = rows_append(out, b.vector, &at, 1, err);
    arena_done(&mem);
    return ok;
}

// Looks for the parent as it is now, and holds on to its key: whoever wants to take it away waits for us.
static bool hold_parent(Write *w, Table *table, const IndexDef *index, const Value *key, RowList *found,
                        bool *there, Err *err)
{
    Transaction *t = w->transaction;
    bool latest = transaction_isolation(t) == ISOLATION_READ_COMMITTED;
    for (;;) {
        uint8_t state;
        found->count = 0;
        Stamp before = latest ? transaction_snapshot_latest(t) : 0;
        bool ok = index_lookup(t, table, index, key, index->column_count, found, err);
        if (latest) transaction_snapshot_restore(t, before);
        *there = ok && found->count;
        if (!*there || table_row_is_own(t, table, found->pos[0])) return ok;
        if (!table_lock_rows(t, table, found->pos, &state, 1, LOCK_FOR_KEY_SHARE, LOCK_WAIT, false, err))
            return false;
        if (state == ROW_STATE_LOCKED) return true;
        *there = false;
        if (!latest) return true;
    } // it has changed: its key may still be there
}

bool write_lost_rows(Write *w, const ForeignKeyCheck *f, const Rows *rows, Rows *lost, Err *err)
{
    Table *table = transaction_table_by_id(w->transaction, f->parent_id);
    if (!table || !f->parent_index)
        return err_set(err, SQLSTATE_INTERNAL, "the parent table of %.*s is gone", STR_ARG(f->key->name));
    const TableDef *parent = table_def(table);
    Arena mem = {0};
    RowList found = {0};
    Value key[SCHEMA_KEY_COLUMNS_MAX], last[SCHEMA_KEY_COLUMNS_MAX];
    bool ok = true, has_last = false;
    for (uint32_t r = 0; ok && r < rows->count; r++) {
        bool known, same = has_last;
        if (r % BATCH_ROWS == 0 && !exec_go_on(w->exec, err)) ok = false;
        ok = ok && parent_key(f, parent, rows, r, key, &mem, &known, err);
        if (!ok || !known) continue;
        for (uint16_t i = 0; same && i < f->parent_index->column_count; i++)
            same = value_equal(&key[i], &last[i]);
        if (same) continue;
        bool there = false;
        ok = hold_parent(w, table, f->parent_index, key, &found, &there, err);
        if (ok && !there) ok = write_take_row(rows, r, lost, err);
        memcpy(last, key, sizeof last);
        has_last = true;
    }
    free(found.pos);
    arena_done(&mem);
    return ok;
}

bool write_defers(const Exec *exec, const TableDef *def, const ForeignKeyDef *key)
{
    const ExecContext *ctx = exec->ctx;
    return key->deferrable && ctx->defer && ctx->defer(ctx->db, def->id, key);
}

// MATCH FULL: all columns of the key, or none.
static bool check_full(const Write *w, const ForeignKeyDef *k, const Rows *rows, Err *err)
{
    for (uint32_t r = 0; r < rows->count; r++) {
        uint16_t nulls = 0;
        for (uint16_t i = 0; i < k->column_count; i++) nulls += rows_is_null(&rows->column[k->column[i]], r);
        if (nulls == 0 || nulls == k->column_count) continue;
        err_set(err, SQLSTATE_FOREIGN_KEY,
                "insert or update on table \"%.*s\" violates foreign key constraint \"%.*s\"",
                STR_ARG(w->def->name), STR_ARG(k->name));
        return err_note(err, "MATCH FULL does not allow mixing of null and nonnull key values.");
    }
    return true;
}

static bool check_parent(Write *w, const ForeignKeyCheck *f, const Rows *rows, Err *err)
{
    Rows lost = {0};
    if (f->key->match_full && !check_full(w, f->key, rows, err)) return false;
    write_rows_init(&lost, w->exec, w->def);
    lost.borrow = true;
    bool ok = write_lost_rows(w, f, rows, &lost, err);
    if (ok && lost.count && !write_defers(w->exec, w->def, f->key)) ok = write_no_parent(w, f, &lost, 0, err);
    rows_done(&lost);
    return ok;
}

bool write_check_parents(Write *w, const Rows *rows, Err *err)
{
    const WriteRules *r = w->plan->rules;
    for (uint32_t i = 0; r && i < r->foreign_keys; i++)
        if (!check_parent(w, &r->foreign_key[i], rows, err)) return false;
    return true;
}

void write_rows_init(Rows *out, Exec *exec, const TableDef *def)
{
    Type type[SCHEMA_COLUMNS_MAX];
    for (uint32_t c = 0; c < def->column_count; c++) type[c] = def->column[c].type;
    rows_init(out, exec->memory, type, def->column_count);
}

void write_rows_init_child(Rows *out, const Operator *op, uint32_t first)
{
    const PlanNode *child = op->child[0]->plan;
    Arena mem = {0};
    Type *type = arena_array(&mem, Type, child->columns + 1);
    for (uint32_t c = first; c < child->columns; c++) type[c - first] = child->column[c].type;
    rows_init(out, op->exec->memory, type, child->columns - first);
    out->borrow = op->child[0]->rows_stay;
    arena_done(&mem);
}

bool write_fetch(Transaction *t, Table *table, const RowPos *pos, size_t count, Rows *out, Err *err)
{
    const TableDef *def = table_def(table);
    Arena mem = {0};
    bool ok = true;
    Type *type = arena_array(&mem, Type, def->column_count + 1);
    uint16_t *column = arena_array(&mem, uint16_t, def->column_count + 1);
    for (uint16_t c = 0; c < def->column_count; c++) {
        type[c] = def->column[c].type;
        column[c] = c;
    }
    Batch *b = batch_new(&mem, type, def->column_count);
    for (size_t from = 0; ok && from < count; from += BATCH_ROWS) {
        uint32_t n = count - from < BATCH_ROWS ? (uint32_t)(count - from) : BATCH_ROWS;
        for (uint32_t c = 0; c < b->columns; c++)
            if (b->vector[c].nulls) memset(b->vector[c].nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
        ok = table_fetch(t, table, pos + from, n, column, def->column_count, b, &mem, err) &&
             rows_append(out, b->vector, NULL, n, err);
    }
    arena_done(&mem);
    return ok;
}

typedef struct NextWindow {
    Exec *exec;
    const Rows *rows;
    uint32_t at;
    Batch batch, whole;
    Vector *vector;
    const TableDef *def;
} NextWindow;

static bool next_window(void *self, Batch **batch, Err *err)
{
    NextWindow *n = self;
    if (!exec_go_on(n->exec, err)) return false;
    rows_window(n->rows, n->at, &n->batch, n->vector);
    n->at += n->batch.rows;
    *batch = &n->whole;
    return write_hidden(n->exec, n->def, &n->batch, &n->whole, err);
}

bool write_update_rows(Exec *exec, Table *table, const RowPos *pos, const Rows *new_rows, Err *err)
{
    NextWindow n = {.exec = exec, .rows = new_rows, .def = table_def(table)};
    n.vector = arena_array(&exec->mem, Vector, new_rows->columns + 1);
    return !new_rows->count ||
           table_update(exec->ctx->transaction, table, pos, new_rows->count, next_window, &n, err);
}

bool write_unique(Exec *exec, const RowPos *pos, size_t count, uint32_t **keep, uint32_t *kept, Arena *mem,
                  Err *err)
{
    Keys keys;
    const Type type = type_of(TYPE_BIGINT);
    uint32_t group[BATCH_ROWS], seen = 0;
    *kept = 0;
    *keep = arena_try(mem, count + 1, sizeof(uint32_t));
    if (!*keep || count > ROWS_MAX)
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "too many rows for one statement");
    if (!keys_init(&keys, exec->memory, &type, 1, err)) {
        keys_done(&keys);
        return false;
    }
    bool ok = true;
    for (size_t from = 0; ok && from < count; from += BATCH_ROWS) {
        uint32_t n = count - from < BATCH_ROWS ? (uint32_t)(count - from) : BATCH_ROWS;
        Vector v = {.type = type, .data = (void *)(uintptr_t)(pos + from)};
        ok = keys_insert(&keys, &v, NULL, n, group, err);
        for (uint32_t i = 0; ok && i < n; i++) {
            if (group[i] != seen) continue;
            seen++;
            (*keep)[(*kept)++] = (uint32_t)(from + i);
        }
    }
    keys_done(&keys);
    return ok;
}
