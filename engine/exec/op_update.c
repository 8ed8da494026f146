// UPDATE: all positions and new rows are collected before the first row is touched, so that no row meets its
// own change. Of two new rows for one position the first counts.
#include "engine/exec/write.h"

#include <string.h>

typedef struct OpUpdate {
    Operator op;
    Write write;
} OpUpdate;

static bool update_make(Operator *op, Err *err)
{
    operator_output(op, false);
    return write_make(&((OpUpdate *)op)->write, op, err);
}

static bool update_open(Operator *op, Err *err) { return write_open(&((OpUpdate *)op)->write, err); }

// What the child gives: pos (one bigint column) and whole rows, first of each position only.
static bool collect(Operator *op, Rows *pos, Rows *rows, Err *err)
{
    Batch *b;
    for (;;) {
        if (!operator_next(op->child[0], &b, err)) return false;
        if (!b) return true;
        if (!rows_append(pos, b->vector, b->sel, b->sel_len, err)) return false;
        if (!rows_append(rows, b->vector + 1, b->sel, b->sel_len, err)) return false;
    }
}

// Drops rows whose position came before.
static bool first_of_each(Write *w, Rows *pos, Rows *rows, Arena *mem, Err *err)
{
    uint32_t *keep, kept;
    RowPos *at = (RowPos *)(void *)pos->column[0].data;
    if (!write_unique(w->exec, at, pos->count, &keep, &kept, mem, err)) return false;
    if (kept == pos->count) return true;
    for (uint32_t i = 0; i < kept; i++) {
        at[i] = at[keep[i]];
        for (uint32_t c = 0; c < rows->columns; c++) {
            RowsColumn *col = &rows->column[c];
            memmove(col->data + (size_t)i * col->cell, col->data + (size_t)keep[i] * col->cell, col->cell);
            if (!col->nulls) continue;
            uint64_t bit = UINT64_C(1) << (i & 63);
            if (rows_is_null(col, keep[i]))
                col->nulls[i >> 6] |= bit;
            else
                col->nulls[i >> 6] &= ~bit;
        }
    }
    pos->count = rows->count = kept;
    return true;
}

static bool update_rows(Write *w, const Rows *pos, Rows *rows, Err *err)
{
    const RowPos *at = (const RowPos *)(const void *)pos->column[0].data;
    Vector *vector = arena_array(&w->exec->mem, Vector, rows->columns + 1);
    const WriteRules *r = w->plan->rules;
    Rows old = {0};
    Batch b;
    bool ok = true, parents = r && r->children;
    for (uint32_t i = 0; i < rows->count; i += BATCH_ROWS) {
        rows_window(rows, i, &b, vector);
        if (!exec_go_on(w->exec, err) || !write_check(w, &b, err)) return false;
    }
    if (parents) {
        write_rows_init(&old, w->exec, w->def);
        ok = write_fetch(w->transaction, w->table, at, rows->count, &old, err);
    }
    ok = ok && write_update_rows(w->exec, w->table, at, rows, err);
    w->exec->changed += rows->count;
    if (ok && parents) {
        const WriteParent p = {.exec = w->exec, .def = w->def, .old_rows = &old, .new_rows = rows};
        ok = write_follow(&p, err);
    }
    rows_done(&old);
    return ok && write_check_parents(w, rows, err);
}

static bool update_next(Operator *op, Batch **out, Err *err)
{
    Write *w = &((OpUpdate *)op)->write;
    const Type bigint = type_of(TYPE_BIGINT);
    Rows pos, rows;
    *out = NULL;
    rows_init(&pos, op->exec->memory, &bigint, 1);
    write_rows_init(&rows, op->exec, w->def);
    rows.borrow = op->child[0]->rows_stay;
    bool ok = collect(op, &pos, &rows, err) && first_of_each(w, &pos, &rows, &op->mem, err) &&
              update_rows(w, &pos, &rows, err);
    rows_done(&pos);
    rows_done(&rows);
    return ok;
}

static void update_close(Operator *op) { write_close(&((OpUpdate *)op)->write); }

const OperatorKind op_update = {sizeof(OpUpdate), update_make, update_open, update_next, update_close};
