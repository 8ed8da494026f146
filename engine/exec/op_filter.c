// Filter: narrows the selection of its child's batches; no cell is touched.
#include "engine/exec/operator.h"

typedef struct OpFilter {
    Operator op;
    EvalNode *condition;
    uint16_t *sel;
} OpFilter;

static bool filter_make(Operator *op, Err *err)
{
    OpFilter *f = (OpFilter *)op;
    f->sel = arena_array(&op->exec->mem, uint16_t, BATCH_ROWS);
    op->rows_stay = op->child[0]->rows_stay;
    return eval_compile(&f->condition, plan_as(PlanFilter, op->plan)->condition, &op->eval, err);
}

static bool filter_open(Operator *op, Err *err)
{
    (void)op;
    (void)err;
    return true;
}

static bool filter_next(Operator *op, Batch **out, Err *err)
{
    OpFilter *f = (OpFilter *)op;
    Batch *in;
    *out = NULL;
    if (!operator_next(op->child[0], &in, err)) return false;
    if (!in) return true;
    op->out = *in;
    eval_begin(&op->eval, in, err);
    if (!eval_select(f->condition, &op->eval, in->sel, in->sel_len, f->sel, &op->out.sel_len)) return false;
    op->out.sel = f->sel;
    *out = &op->out;
    return true;
}

static void filter_close(Operator *op) { (void)op; }

const OperatorKind op_filter = {sizeof(OpFilter), filter_make, filter_open, filter_next, filter_close};
