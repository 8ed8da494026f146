// INSERT: the child's rows are kept first (a table may be read while it is written), then identity values are
// drawn, rows are checked and stored batch by batch, and parents are looked for when all rows are in.
#include "engine/exec/write.h"

#include <string.h>

typedef struct OpInsert {
    Operator op;
    Write write;
} OpInsert;

static bool insert_make(Operator *op, Err *err)
{
    operator_output(op, false);
    return write_make(&((OpInsert *)op)->write, op, err);
}

static bool insert_open(Operator *op, Err *err) { return write_open(&((OpInsert *)op)->write, err); }

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

static bool insert_rows(Write *w, Rows *rows, Err *err)
{
    Vector *vector = arena_array(&w->exec->mem, Vector, rows->columns + 1);
    Batch b;
    for (uint32_t at = 0; at < rows->count; at += BATCH_ROWS) {
        rows_window(rows, at, &b, vector);
        if (!exec_go_on(w->exec, err) || !identities(w, &b, err) || !write_check(w, &b, err)) return false;
        if (!table_insert(w->transaction, w->table, &b, NULL, err)) return false;
        exec_progress(w->exec, b.rows);
    }
    w->exec->changed += rows->count;
    return write_check_parents(w, rows, err);
}

static bool insert_next(Operator *op, Batch **out, Err *err)
{
    Write *w = &((OpInsert *)op)->write;
    Rows rows;
    Batch *b;
    bool ok = true;
    *out = NULL;
    write_rows_init(&rows, op->exec, w->def);
    rows.borrow = op->child[0]->rows_stay;
    while (ok) {
        ok = operator_next(op->child[0], &b, err);
        if (!ok || !b) break;
        ok = rows_append(&rows, b->vector, b->sel, b->sel_len, err);
    }
    ok = ok && insert_rows(w, &rows, err);
    rows_done(&rows);
    return ok;
}

static void insert_close(Operator *op) { write_close(&((OpInsert *)op)->write); }

const OperatorKind op_insert = {sizeof(OpInsert), insert_make, insert_open, insert_next, insert_close};
