// Distinct: lets the first row of each kind through, as a selection on its child's batches.
#include "engine/exec/keys.h"
#include "engine/exec/operator.h"

typedef struct OpDistinct {
    Operator op;
    Keys keys;
    bool ready;
    uint16_t *sel;
} OpDistinct;

static bool distinct_make(Operator *op, Err *err)
{
    (void)err;
    ((OpDistinct *)op)->sel = arena_array(&op->exec->mem, uint16_t, BATCH_ROWS);
    op->rows_stay = op->child[0]->rows_stay;
    return true;
}

static bool distinct_open(Operator *op, Err *err)
{
    OpDistinct *d = (OpDistinct *)op;
    Type *type = arena_array(&op->mem, Type, op->plan->columns + 1);
    for (uint32_t c = 0; c < op->plan->columns; c++) type[c] = op->plan->column[c].type;
    d->ready = true;
    return keys_init(&d->keys, op->exec->memory, type, op->plan->columns, err);
}

static bool distinct_next(Operator *op, Batch **out, Err *err)
{
    OpDistinct *d = (OpDistinct *)op;
    uint32_t group[BATCH_ROWS], seen = keys_count(&d->keys), n = 0;
    Batch *in;
    *out = NULL;
    if (!operator_next(op->child[0], &in, err)) return false;
    if (!in) return true;
    if (!keys_insert(&d->keys, in->vector, in->sel, in->sel_len, group, err)) return false;
    for (uint32_t i = 0; i < in->sel_len; i++) {
        d->sel[n] = (uint16_t)batch_row(in, i);
        bool first = group[i] == seen;
        n += first;
        seen += first;
    }
    op->out = *in;
    op->out.sel = d->sel;
    op->out.sel_len = n;
    *out = &op->out;
    return true;
}

static void distinct_close(Operator *op)
{
    OpDistinct *d = (OpDistinct *)op;
    if (d->ready) keys_done(&d->keys);
    d->ready = false;
}

const OperatorKind op_distinct = {sizeof(OpDistinct), distinct_make, distinct_open, distinct_next,
                                  distinct_close};
