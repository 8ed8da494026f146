// Index join: looks the right rows of each left row up in an index of the inner table; good when the left
// side is small.
#include "engine/exec/join.h"

#include "engine/base/size.h"
#include <stdlib.h>

typedef struct IndexJoin {
    Join join;
    EvalNode **key;
    Table *table;
    const IndexDef *index;
    RowList found;  // right rows of the left batch
    uint16_t *left; // left row of each
    size_t left_cap, next;
    Batch raw;
    int64_t *position;
} IndexJoin;

static bool index_start(Join *j, Err *err);
static bool index_pairs(Join *j, bool *more, Err *err);
static bool index_cells(Join *j, Vector *out, const uint16_t *at, Err *err);

static bool index_make(Operator *op, Err *err)
{
    IndexJoin *x = (IndexJoin *)op;
    const PlanJoin *p = plan_as(PlanJoin, op->plan);
    x->join.right_columns = p->inner.columns + p->inner.row_position;
    x->join.start = index_start;
    x->join.pairs = index_pairs;
    x->join.right_cells = index_cells;
    x->raw.columns = p->inner.columns;
    op->rows_stay = op->child[0]->rows_stay;
    return join_make(&x->join, err) && eval_compile_all(&x->key, p->left_key, p->keys, &op->eval, err);
}

static bool index_open(Operator *op, Err *err)
{
    IndexJoin *x = (IndexJoin *)op;
    Join *j = &x->join;
    const PlanTable *t = &j->plan->inner;
    x->table = transaction_table_by_id(op->exec->ctx->transaction, t->id);
    if (!x->table)
        return err_set(err, SQLSTATE_UNDEFINED_TABLE, "table %.*s does not exist any more", STR_ARG(t->name));
    const TableDef *def = table_def(x->table);
    x->index = NULL;
    for (uint32_t i = 0; i < def->index_count; i++)
        if (def->index[i].id == j->plan->index_id) x->index = &def->index[i];
    if (!x->index)
        return err_set(err, "42704", "an index of table %.*s does not exist any more", STR_ARG(t->name));
    for (uint32_t c = 0; c < j->right_columns; c++) {
        Type type = c < t->columns ? def->column[t->column[c]].type : type_of(TYPE_BIGINT);
        if (!j->right_own[c].data) j->right_own[c] = vector_new(&op->exec->mem, type);
        Vector none = {.type = type, .data = arena_get(&op->exec->mem, 16), .constant = true};
        none.nulls = arena_new(&op->exec->mem, uint64_t);
        none.nulls[0] = 1;
        j->none[j->left_columns + c] = none;
    }
    return join_open(j, err);
}

static bool index_note(IndexJoin *x, uint16_t row, Err *err)
{
    if (x->found.count > x->left_cap) {
        size_t cap = x->left_cap ? x->left_cap : BATCH_ROWS;
        while (cap < x->found.count) cap *= 2;
        uint16_t *bigger = size_realloc(x->left, cap, sizeof(uint16_t));
        if (!bigger) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for an index join");
        x->left = bigger;
        x->left_cap = cap;
    }
    for (; x->next < x->found.count; x->next++) x->left[x->next] = row;
    return true;
}

static bool index_start(Join *j, Err *err)
{
    IndexJoin *x = (IndexJoin *)j;
    const Batch *p = j->probe;
    const TableDef *def = table_def(x->table);
    Vector key[SCHEMA_KEY_COLUMNS_MAX];
    Value value[SCHEMA_KEY_COLUMNS_MAX];
    eval_begin(&j->op.eval, p, err);
    for (uint32_t k = 0; k < j->plan->keys; k++) {
        const Vector *v;
        if (!eval_run(x->key[k], &j->op.eval, p->sel, p->sel_len, &v)) return false;
        key[k] = *v;
    }
    x->found.count = 0;
    x->next = 0;
    for (uint32_t i = 0; i < p->sel_len; i++) {
        uint32_t row = batch_row(p, i);
        bool null = false;
        for (uint32_t k = 0; k < j->plan->keys && !null; k++) {
            Type to = def->column[x->index->column[k]].type;
            value[k] = vector_value(&key[k], row);
            null = value[k].null;
            if (!null && value[k].type.id != to.id &&
                !cast_value(&value[k], &value[k], to, CAST_ASSIGNMENT, &j->op.eval.mem, err))
                return false;
        }
        if (null) continue;
        if (!index_lookup(j->op.exec->ctx->transaction, x->table, x->index, value, j->plan->keys, &x->found,
                          err))
            return false;
        if (!index_note(x, (uint16_t)row, err)) return false;
    }
    x->next = 0;
    exec_progress(j->op.exec, x->found.count);
    return true;
}

static bool index_pairs(Join *j, bool *more, Err *err)
{
    IndexJoin *x = (IndexJoin *)j;
    (void)err;
    for (; x->next < x->found.count && j->count < BATCH_ROWS; x->next++, j->count++) {
        j->left_row[j->count] = x->left[x->next];
        j->right_row[j->count] = (uint32_t)x->next;
    }
    *more = x->next < x->found.count;
    return true;
}

static bool index_cells(Join *j, Vector *out, const uint16_t *at, Err *err)
{
    IndexJoin *x = (IndexJoin *)j;
    const PlanTable *t = &j->plan->inner;
    RowPos pos[BATCH_ROWS];
    (void)at; // one_match is never set here
    for (uint32_t i = 0; i < j->count; i++) pos[i] = x->found.pos[j->right_row[i]];
    x->raw.vector = out;
    if (!table_fetch(j->op.exec->ctx->transaction, x->table, pos, j->count, t->column, t->columns, &x->raw,
                     &j->op.eval.mem, err))
        return false;
    for (uint32_t i = 0; t->row_position && i < j->count; i++)
        ((int64_t *)out[t->columns].data)[i] = (int64_t)pos[i];
    return true;
}

static void index_close(Operator *op)
{
    IndexJoin *x = (IndexJoin *)op;
    free(x->found.pos);
    free(x->left);
    x->found = (RowList){0};
    x->left = NULL;
    x->left_cap = 0;
    join_close(op);
}

const OperatorKind op_join_index = {sizeof(IndexJoin), index_make, index_open, join_next, index_close};
