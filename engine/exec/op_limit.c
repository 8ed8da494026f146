// Limit: passes over OFFSET rows, lets LIMIT rows through (WITH TIES: and those alike with the last), then
// asks no more.
#include "engine/exec/operator.h"
#include "engine/exec/order.h"
#include "engine/exec/rows.h"

typedef struct OpLimit {
    Operator op;
    EvalNode *limit, *offset;
    uint64_t left, skip;
    uint16_t *sel;
    uint32_t ties;
    EvalNode **tie;
    Vector *key;
    Rows last; // its keys
    bool tying;
} OpLimit;

static bool limit_make(Operator *op, Err *err)
{
    const PlanLimit *p = plan_as(PlanLimit, op->plan);
    OpLimit *l = (OpLimit *)op;
    l->sel = arena_array(&op->exec->mem, uint16_t, BATCH_ROWS);
    op->rows_stay = op->child[0]->rows_stay;
    l->ties = p->ties;
    l->key = arena_array(&op->exec->mem, Vector, p->ties + 1);
    if (!eval_compile_all(&l->tie, p->tie, p->ties, &op->eval, err)) return false;
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
    l->tying = false;
    return limit_count(l, l->limit, UINT64_MAX, "LIMIT", "2201W", &l->left, err) &&
           limit_count(l, l->offset, 0, "OFFSET", "2201X", &l->skip, err);
}

static bool alike(const OpLimit *l, uint32_t row)
{
    for (uint32_t i = 0; i < l->ties; i++) {
        Vector last = rows_vector(&l->last, i);
        bool null = vector_is_null(&l->key[i], row);
        if (null != vector_is_null(&last, 0) || (!null && !order_same(&l->key[i], row, &last, 0)))
            return false;
    }
    return true;
}

// How many of the rows from the `done`-th on are alike with the last one let through.
static bool count_ties(OpLimit *l, const Batch *in, uint32_t done, uint32_t *count, Err *err)
{
    *count = 0;
    eval_begin(&l->op.eval, in, err);
    for (uint32_t i = 0; i < l->ties; i++) {
        const Vector *v;
        if (!eval_run(l->tie[i], &l->op.eval, in->sel, in->sel_len, &v)) return false;
        l->key[i] = *v;
    }
    if (!l->tying) {
        Batch one = {.columns = l->ties, .vector = l->key};
        uint16_t row = (uint16_t)batch_row(in, done - 1);
        rows_done(&l->last);
        rows_init_batch(&l->last, &l->op.memory, &one);
        if (!rows_append(&l->last, l->key, &row, 1, err)) return false;
    }
    while (done + *count < in->sel_len && alike(l, batch_row(in, done + *count))) ++*count;
    return true;
}

// The next batch may begin with rows that are alike, too.
static bool more_ties(OpLimit *l, Batch **out, Err *err)
{
    Batch *in;
    uint32_t n;
    if (!operator_next(l->op.child[0], &in, err)) return false;
    if (!in) return true;
    if (!count_ties(l, in, 0, &n, err)) return false;
    l->tying = n == in->sel_len;
    if (!n) return true;
    for (uint32_t i = 0; i < n; i++) l->sel[i] = (uint16_t)batch_row(in, i);
    l->op.out = *in;
    l->op.out.sel = l->sel;
    l->op.out.sel_len = n;
    *out = &l->op.out;
    return true;
}

static bool limit_next(Operator *op, Batch **out, Err *err)
{
    OpLimit *l = (OpLimit *)op;
    Batch *in;
    *out = NULL;
    if (!l->left) return !l->tying || more_ties(l, out, err);
    do {
        if (!operator_next(op->child[0], &in, err)) return false;
        if (!in) return true;
        if (l->skip < in->sel_len) break;
        l->skip -= in->sel_len;
    } while (true);
    uint32_t n = in->sel_len - (uint32_t)l->skip;
    if (n > l->left) n = (uint32_t)l->left;
    if (l->ties && n == l->left) {
        uint32_t tied, before = n + (uint32_t)l->skip;
        if (!count_ties(l, in, before, &tied, err)) return false;
        l->tying = before + tied == in->sel_len;
        l->left += tied;
        n += tied;
    }
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

static void limit_close(Operator *op) { rows_done(&((OpLimit *)op)->last); }

const OperatorKind op_limit = {sizeof(OpLimit), limit_make, limit_open, limit_next, limit_close};
