// AND, OR, NOT (Kleene), IS NULL, IS TRUE/FALSE, IS DISTINCT FROM. AND and OR look at an argument only for
// the rows that are not settled yet; as filters they narrow the selection and never make a boolean vector.
#include "engine/exec/compare.h"
#include "engine/exec/eval.h"

#include <string.h>

// ---- AND, OR ----

// A row is settled when an argument has the value `stop` (FALSE for AND, TRUE for OR).
static bool run_and_or(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    const bool stop = n->expr->kind == EXPR_OR;
    uint16_t open[BATCH_ROWS];
    Vector *own = eval_own(n, ev);
    uint8_t *o = own->data;
    *out = own;
    for (uint32_t i = 0; i < count; i++) {
        open[i] = sel ? sel[i] : (uint16_t)i;
        o[open[i]] = !stop;
    }
    for (uint32_t a = 0; a < n->args && count; a++) {
        const Vector *v;
        uint32_t left = 0;
        if (!eval_run(n->arg[a], ev, open, count, &v)) return false;
        const uint8_t *b = v->data;
        for (uint32_t i = 0; i < count; i++) {
            uint32_t row = open[i], at = vector_slot(v, row);
            bool null = vector_is_null(v, row);
            if (!null && b[at] == stop) {
                o[row] = stop;
                own->nulls[row >> 6] &= ~(UINT64_C(1) << (row & 63));
                continue;
            }
            if (null) vector_set_null(own, row);
            open[left++] = (uint16_t)row;
        }
        count = left;
    }
    for (uint32_t i = 0; i < count; i++) // cells of NULLs are zero
        if (vector_is_null(own, open[i])) o[open[i]] = 0;
    eval_settle_nulls(own, ev->in ? ev->in->rows : 1);
    return true;
}

static bool select_and(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, uint16_t *out,
                       uint32_t *out_count)
{
    *out_count = 0;
    for (uint32_t a = 0; a < n->args && count; a++) {
        if (!eval_select(n->arg[a], ev, sel, count, out, &count)) return false;
        sel = out;
    }
    *out_count = count;
    return true;
}

static void merge_rows(uint16_t *into, uint32_t count, const uint16_t *more, uint32_t more_count)
{
    while (more_count) { // from the end, so that nothing is overwritten
        if (count && into[count - 1] > more[more_count - 1]) {
            into[count + more_count - 1] = into[count - 1];
            count--;
        } else {
            into[count + more_count - 1] = more[more_count - 1];
            more_count--;
        }
    }
}

static bool select_or(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, uint16_t *out,
                      uint32_t *out_count)
{
    uint16_t open[BATCH_ROWS], hit[BATCH_ROWS], all[BATCH_ROWS];
    uint32_t total = 0;
    for (uint32_t i = 0; i < count; i++) open[i] = sel ? sel[i] : (uint16_t)i;
    for (uint32_t a = 0; a < n->args && count; a++) {
        uint32_t hits;
        if (!eval_select(n->arg[a], ev, open, count, hit, &hits)) return false;
        if (!hits) continue;
        merge_rows(all, total, hit, hits);
        total += hits;
        count = eval_rows_without(open, count, hit, hits, open);
    }
    memcpy(out, all, total * sizeof(uint16_t));
    *out_count = total;
    return true;
}

static bool run_not(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    const Vector *v;
    Vector *own = eval_own(n, ev);
    uint8_t *o = own->data;
    *out = own;
    if (!count) return true;
    if (!eval_run(n->arg[0], ev, sel, count, &v)) return false;
    const uint8_t *b = v->data;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        if (v->nulls && vector_is_null(v, row)) {
            vector_set_null(own, row);
            o[row] = 0;
        } else {
            o[row] = !b[vector_slot(v, row)];
        }
    }
    eval_settle_nulls(own, ev->in ? ev->in->rows : 1);
    return true;
}

bool eval_make_logic(EvalNode *n, Eval *ev, Err *err)
{
    (void)ev;
    (void)err;
    if (n->expr->kind == EXPR_NOT) {
        n->run = run_not;
        return true;
    }
    n->run = run_and_or;
    n->select = n->expr->kind == EXPR_AND ? select_and : select_or;
    return true;
}

// ---- IS NULL, IS TRUE ----

static bool run_is_null(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    const Vector *v;
    Vector *own = eval_own(n, ev);
    uint8_t *o = own->data;
    const bool negated = n->expr->negated;
    own->nulls = NULL;
    *out = own;
    if (!count) return true;
    if (!eval_run(n->arg[0], ev, sel, count, &v)) return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        o[row] = vector_is_null(v, row) != negated;
    }
    return true;
}

static bool select_is_null(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, uint16_t *out,
                           uint32_t *out_count)
{
    const Vector *v;
    const bool negated = n->expr->negated;
    *out_count = 0;
    if (!count) return true;
    if (!eval_run(n->arg[0], ev, sel, count, &v)) return false;
    if (!v->nulls && !negated) return true;
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        bool hit = vector_is_null(v, row) != negated;
        out[found] = (uint16_t)row;
        found += hit;
    }
    *out_count = found;
    return true;
}

static bool run_is_true(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    const Vector *v;
    Vector *own = eval_own(n, ev);
    uint8_t *o = own->data;
    const bool negated = n->expr->negated, truth = n->expr->value.boolean;
    own->nulls = NULL;
    *out = own;
    if (!count) return true;
    if (!eval_run(n->arg[0], ev, sel, count, &v)) return false;
    const uint8_t *b = v->data;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        bool is = !vector_is_null(v, row) && (b[vector_slot(v, row)] != 0) == truth;
        o[row] = is != negated;
    }
    return true;
}

bool eval_make_test(EvalNode *n, Eval *ev, Err *err)
{
    (void)ev;
    (void)err;
    n->run = n->expr->kind == EXPR_IS_NULL ? run_is_null : run_is_true;
    if (n->expr->kind == EXPR_IS_NULL) n->select = select_is_null;
    return true;
}

// ---- IS DISTINCT FROM ----

static bool run_distinct(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    const Function *equal = n->state;
    const bool negated = n->expr->negated;
    const Vector *a, *b;
    uint16_t both[BATCH_ROWS];
    uint32_t known = 0;
    Vector *own = eval_own(n, ev);
    uint8_t *o = own->data;
    own->nulls = NULL;
    *out = own;
    if (!count) return true;
    if (!eval_run(n->arg[0], ev, sel, count, &a) || !eval_run(n->arg[1], ev, sel, count, &b)) return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        bool a_null = vector_is_null(a, row), b_null = vector_is_null(b, row);
        if (a_null || b_null)
            o[row] = (a_null != b_null) != negated;
        else
            both[known++] = (uint16_t)row;
    }
    Vector in[2] = {*a, *b};
    if (!equal->kernel(in, 2, both, known, own, &ev->kernel)) return false;
    for (uint32_t i = 0; i < known; i++) o[both[i]] = (o[both[i]] == 0) != negated;
    return true;
}

bool eval_make_distinct(EvalNode *n, Eval *ev, Err *err)
{
    (void)ev;
    (void)err;
    n->run = run_distinct;
    n->state = (void *)(uintptr_t)compare_equal(n->expr->arg[0]->type.id);
    return true;
}
