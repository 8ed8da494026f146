// INSERT: the child's rows are kept first (a table may be read while it is written), then identity values are
// drawn, rows are checked and stored batch by batch, and parents are looked for when all rows are in.
#include "engine/exec/write.h"

#include <string.h>

typedef struct OpInsert {
    Operator op;
    Write write;
    WriteConflict *conflict; // ON CONFLICT; NULL = none
    Rows rows;
    Rows written; // what RETURNING sees when that is not `rows`
    uint32_t given;
    bool done;
} OpInsert;

static bool insert_make(Operator *op, Err *err)
{
    OpInsert *s = (OpInsert *)op;
    operator_output(op, false);
    return write_make(&s->write, op, err) &&
           (!s->write.plan->conflict || write_conflict_make(&s->conflict, &s->write, op, err));
}

static bool insert_open(Operator *op, Err *err)
{
    OpInsert *s = (OpInsert *)op;
    s->done = false;
    s->given = 0;
    return write_open(&s->write, err);
}

// Fills NULLs that stand for "the next number", shows given numbers to the counter.
static bool identities(Write *w, Batch *rows, Err *err)
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

static bool store_rows(Write *w, const Batch *b, Err *err)
{
    if (!table_insert(w->transaction, w->table, b, NULL, err)) return false;
    exec_progress(w->exec, b->rows);
    return true;
}

// Window by window: identities and rules when `check`, into the table when `store`.
static bool each_window(OpInsert *s, bool check, bool store, Err *err)
{
    Write *w = &s->write;
    Vector *vector = arena_array(&w->exec->mem, Vector, s->rows.columns + 1);
    Batch b;
    for (uint32_t at = 0; at < s->rows.count; at += BATCH_ROWS) {
        rows_window(&s->rows, at, &b, vector);
        if (!exec_go_on(w->exec, err)) return false;
        if (check && (!identities(w, &b, err) || !write_check(w, &b, err))) return false;
        if (store && !store_rows(w, &b, err)) return false;
    }
    return true;
}

static bool insert_apply(Operator *op, Err *err)
{
    OpInsert *s = (OpInsert *)op;
    if (!each_window(s, !op->exec->defers, true, err)) return false;
    write_count(&s->write, s->rows.count);
    return write_check_parents(&s->write, &s->rows, err);
}

static bool insert_collect(OpInsert *s, Err *err)
{
    Batch *b;
    for (;;) {
        if (!operator_next(s->op.child[0], &b, err)) return false;
        if (!b) return true;
        if (!rows_append(&s->rows, b->vector, b->sel, b->sel_len, err)) return false;
    }
}

// What other writes will find must be there before a conflict can be seen.
static bool insert_conflict(OpInsert *s, Err *err)
{
    write_rows_init(&s->written, s->op.exec, s->write.def);
    return write_apply_waiting(s->op.exec, err) && each_window(s, true, false, err) &&
           write_conflict_run(s->conflict, &s->rows, s->write.plan->returning ? &s->written : NULL, err);
}

static bool insert_all(OpInsert *s, Err *err)
{
    s->done = true;
    write_rows_init(&s->rows, s->op.exec, s->write.def);
    s->rows.borrow = s->op.child[0]->rows_stay;
    if (!insert_collect(s, err)) return false;
    if (s->conflict) return insert_conflict(s, err);
    if (s->op.exec->defers && !each_window(s, true, false, err)) return false;
    return write_ready(&s->op, insert_apply, err);
}

static bool insert_next(Operator *op, Batch **out, Err *err)
{
    OpInsert *s = (OpInsert *)op;
    *out = NULL;
    if (!s->done && !insert_all(s, err)) return false;
    const Rows *rows = s->conflict ? &s->written : &s->rows;
    if (!s->write.plan->returning || s->given >= rows->count) return true;
    rows_window(rows, s->given, &op->out, op->out.vector);
    s->given += op->out.rows;
    *out = &op->out;
    return true;
}

static void insert_close(Operator *op)
{
    OpInsert *s = (OpInsert *)op;
    rows_done(&s->rows);
    rows_done(&s->written);
    if (s->conflict) write_conflict_close(s->conflict);
    write_close(&s->write);
}

const OperatorKind op_insert = {sizeof(OpInsert), insert_make, insert_open, insert_next, insert_close};
