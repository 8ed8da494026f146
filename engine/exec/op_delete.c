// DELETE: all positions are collected first; then the rows go in one call, and their children are refused or
// follow.
#include "engine/exec/write.h"

typedef struct OpDelete {
    Operator op;
    Write write;
} OpDelete;

static bool delete_make(Operator *op, Err *err)
{
    operator_output(op, false);
    return write_make(&((OpDelete *)op)->write, op, err);
}

static bool delete_open(Operator *op, Err *err) { return write_open(&((OpDelete *)op)->write, err); }

static bool delete_rows(Write *w, RowPos *at, uint32_t count, Err *err)
{
    const WriteRules *r = w->plan->rules;
    Rows old = {0};
    bool ok = true, parents = r && r->children;
    if (parents) {
        write_rows_init(&old, w->exec, w->def);
        ok = write_fetch(w->transaction, w->table, at, count, &old, err);
    }
    ok = ok && (!count || table_delete(w->transaction, w->table, at, count, err));
    w->exec->changed += count;
    if (ok && parents) {
        const WriteParent p = {.exec = w->exec, .def = w->def, .old_rows = &old};
        ok = write_follow(&p, err);
    }
    rows_done(&old);
    return ok;
}

static bool delete_next(Operator *op, Batch **out, Err *err)
{
    Write *w = &((OpDelete *)op)->write;
    const Type bigint = type_of(TYPE_BIGINT);
    Rows pos;
    Batch *b;
    uint32_t *keep, kept;
    bool ok = true;
    *out = NULL;
    rows_init(&pos, op->exec->memory, &bigint, 1);
    while (ok) {
        ok = operator_next(op->child[0], &b, err);
        if (!ok || !b) break;
        ok = rows_append(&pos, b->vector, b->sel, b->sel_len, err);
    }
    RowPos *at = (RowPos *)(void *)pos.column[0].data;
    ok = ok && write_unique(op->exec, at, pos.count, &keep, &kept, &op->mem, err);
    for (uint32_t i = 0; ok && i < kept; i++) at[i] = at[keep[i]];
    ok = ok && delete_rows(w, at, kept, err);
    rows_done(&pos);
    return ok;
}

static void delete_close(Operator *op) { write_close(&((OpDelete *)op)->write); }

const OperatorKind op_delete = {sizeof(OpDelete), delete_make, delete_open, delete_next, delete_close};
