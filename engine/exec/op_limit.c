// Limit: passes over OFFSET rows, lets LIMIT rows through, then asks no more.
#include "engine/exec/operator.h"

typedef struct OpLimit {
    Operator op;
    EvalNode *limit, *offset;
    uint64_t left, skip;
    uint16_t *sel;
} OpLimit;

static bool limit_make(Operator *op, Err *err)
{
    const PlanLimit *p = plan_as(PlanLimit, op->plan);
    OpLimit *l = (OpLimit *)op;
    l->sel = arena_array(&op->exec->mem, uint16_t, BATCH_ROWS);
    op->rows_stay = op->child[0]->rows_stay;
    return (!p->limit || eval_compile(&l->limit, p->limit, &op->eval, err)) &&
           (!p->offset || eval_compile(&l->offset, p->offset, &op->eval, err));
}

static bool limit_count(OpLimit *l, EvalNode *node, uint64_t none, const char *word, const char *state,
                        uint64_t *out, Err *err)
{
    Value v, big;
    *out = none;
    if (!node) return true;
    if (!eval_value(node, &l->op.eval, &v, &l->op.mem, err)) return false;
    if (v.null) return true;
    if (!cast_value(&big, &v, type_of(TYPE_BIGINT), CAST_ASSIGNMENT, &l->op.mem, err)) return false;
    if (big.i64 < 0) return err_set_at(err, state, node->expr->at, "%s must not be negative", word);
    *out = (uint64_t)big.i64;
    return true;
}

static bool limit_open(Operator *op, Err *err)
{
    OpLimit *l = (OpLimit *)op;
    return limit_count(l, l->limit, UINT64_MAX, "LIMIT", "2201W", &l->left, err) &&
           limit_count(l, l->offset, 0, "OFFSET", "2201X", &l->skip, err);
}

static bool limit_next(Operator *op, Batch **out, Err *err)
{
    OpLimit *l = (OpLimit *)op;
    Batch *in;
    *out = NULL;
    if (!l->left) return true;
    do {
        if (!operator_next(op->child[0], &in, err)) return false;
        if (!in) return true;
        if (l->skip < in->sel_len) break;
        l->skip -= in->sel_len;
    } while (true);
    uint32_t n = in->sel_len - (uint32_t)l->skip;
    if (n > l->left) n = (uint32_t)l->left;
    op->out = *in;
    if (n != in->sel_len) {
        for (uint32_t i = 0; i < n; i++) l->sel[i] = (uint16_t)batch_row(in, i + (uint32_t)l->skip);
        op->out.sel = l->sel;
        op->out.sel_len = n;
    }
    l->skip = 0;
    l->left -= n;
    *out = &op->out;
    return true;
}

static void limit_close(Operator *op) { (void)op; }

const OperatorKind op_limit = {sizeof(OpLimit), limit_make, limit_open, limit_next, limit_close};
