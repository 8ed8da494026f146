// CASE and COALESCE: each branch runs only for the rows that take it, so an error in a branch not taken never
// happens.
#include "engine/exec/eval.h"

// Gives the rows in `taken` the values of node `value`.
static bool branch_take(EvalNode *value, Eval *ev, const uint16_t *taken, uint32_t count, Vector *own)
{
    const Vector *v;
    if (!count) return true;
    if (!eval_run(value, ev, taken, count, &v)) return false;
    eval_take_rows(own, v, taken, count);
    return true;
}

static bool run_case(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    uint16_t open[BATCH_ROWS], hit[BATCH_ROWS];
    Vector *own = eval_own(n, ev);
    *out = own;
    for (uint32_t i = 0; i < count; i++) open[i] = sel ? sel[i] : (uint16_t)i;
    uint32_t a = 0;
    for (; a + 1 < n->args && count; a += 2) {
        uint32_t hits;
        if (!eval_select(n->arg[a], ev, open, count, hit, &hits)) return false;
        if (!branch_take(n->arg[a + 1], ev, hit, hits, own)) return false;
        count = eval_rows_without(open, count, hit, hits, open);
    }
    if (n->args % 2) {
        if (!branch_take(n->arg[n->args - 1], ev, open, count, own)) return false;
    } else {
        eval_set_nulls(own, open, count);
    }
    eval_settle_nulls(own, ev->in ? ev->in->rows : 1);
    return true;
}

static bool run_coalesce(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    uint16_t open[BATCH_ROWS], known[BATCH_ROWS];
    Vector *own = eval_own(n, ev);
    *out = own;
    for (uint32_t i = 0; i < count; i++) open[i] = sel ? sel[i] : (uint16_t)i;
    for (uint32_t a = 0; a < n->args && count; a++) {
        const Vector *v;
        if (!eval_run(n->arg[a], ev, open, count, &v)) return false;
        uint32_t found = eval_not_null(v, open, count, known);
        eval_take_rows(own, v, known, found);
        count = eval_rows_without(open, count, known, found, open);
    }
    eval_set_nulls(own, open, count);
    eval_settle_nulls(own, ev->in ? ev->in->rows : 1);
    return true;
}

bool eval_make_branch(EvalNode *n, Eval *ev, Err *err)
{
    (void)ev;
    (void)err;
    n->run = n->expr->kind == EXPR_CASE ? run_case : run_coalesce;
    return true;
}
