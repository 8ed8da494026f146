// Distinct: lets the first row of each kind through, as a selection on its child's batches. DISTINCT ON looks
// at its keys only.
#include "engine/exec/keys.h"
#include "engine/exec/operator.h"

typedef struct OpDistinct {
    Operator op;
    Keys keys;
    bool ready;
    uint16_t *sel;
    EvalNode **key; // DISTINCT ON; the first rows then pass whole
    Vector *cells;
} OpDistinct;

static bool distinct_make(Operator *op, Err *err)
{
    OpDistinct *d = (OpDistinct *)op;
    const PlanDistinct *p = plan_as(PlanDistinct, op->plan);
    d->sel = arena_array(&op->exec->mem, uint16_t, BATCH_ROWS);
    d->cells = arena_array(&op->exec->mem, Vector, p->keys + 1);
    op->rows_stay = op->child[0]->rows_stay;
    return eval_compile_all(&d->key, p->key, p->keys, &op->eval, err);
}

static bool distinct_open(Operator *op, Err *err)
{
    OpDistinct *d = (OpDistinct *)op;
    const PlanDistinct *p = plan_as(PlanDistinct, op->plan);
    uint32_t keys = p->keys ? p->keys : op->plan->columns;
    Type *type = arena_array(&op->mem, Type, keys + 1);
    for (uint32_t c = 0; c < keys; c++) type[c] = p->keys ? p->key[c]->type : op->plan->column[c].type;
    d->ready = true;
    return keys_init(&d->keys, op->exec->memory, type, keys, err);
}

static bool distinct_cells(OpDistinct *d, const Batch *in, Err *err)
{
    eval_begin(&d->op.eval, in, err);
    for (uint32_t i = 0; i < plan_as(PlanDistinct, d->op.plan)->keys; i++) {
        const Vector *v;
        if (!eval_run(d->key[i], &d->op.eval, in->sel, in->sel_len, &v)) return false;
        d->cells[i] = *v;
    }
    return true;
}

static bool distinct_next(Operator *op, Batch **out, Err *err)
{
    OpDistinct *d = (OpDistinct *)op;
    uint32_t group[BATCH_ROWS], seen = keys_count(&d->keys), n = 0;
    Batch *in;
    *out = NULL;
    if (!operator_next(op->child[0], &in, err)) return false;
    if (!in) return true;
    const Vector *cells = in->vector;
    if (plan_as(PlanDistinct, op->plan)->keys) {
        if (!distinct_cells(d, in, err)) return false;
        cells = d->cells;
    }
    if (!keys_insert(&d->keys, cells, in->sel, in->sel_len, group, err)) return false;
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
