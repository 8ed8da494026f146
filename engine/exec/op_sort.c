// Sort: keeps all rows with their keys, sorts row numbers, hands rows out in that order. With a limit (top-N)
// it keeps no more than a few times the limit: whenever it has more it sorts and drops the rest, and from
// then on rows whose first key is already too late are not even kept. When memory runs short the rows kept so
// far are sorted and put aside as a run; the runs are merged at the end (external merge sort: Knuth, TAOCP 3,
// 5.4).
#include "engine/exec/sort_merge.h"
#include "engine/exec/sort.h"

#include <stdlib.h>
#include <string.h>

typedef struct OpSort {
    Operator op;
    EvalNode **key;
    SortOrder *order;
    Rows rows, keys;
    Vector *cells;
    uint32_t *row; // sorted row numbers
    uint32_t row_cap, next;
    uint64_t worst; // prefix of the first key of the last row kept
    bool has_worst;
    SortMerge merge; // runs put aside
} OpSort;

static bool sort_make(Operator *op, Err *err)
{
    OpSort *s = (OpSort *)op;
    const PlanSort *p = plan_as(PlanSort, op->plan);
    Arena *mem = &op->exec->mem;
    operator_output(op, true);
    op->rows_stay = op->child[0]->rows_stay;
    s->key = arena_array(mem, EvalNode *, p->keys + 1);
    s->order = arena_array(mem, SortOrder, p->keys + 1);
    s->cells = arena_array(mem, Vector, p->keys + 1);
    for (uint32_t k = 0; k < p->keys; k++) {
        s->order[k] = (SortOrder){p->key[k].descending, p->key[k].nulls_first};
        if (!eval_compile(&s->key[k], p->key[k].expr, &op->eval, err)) return false;
    }
    return true;
}

static void sort_init(OpSort *s, Rows *rows, Rows *keys)
{
    Operator *op = &s->op;
    const PlanSort *p = plan_as(PlanSort, op->plan);
    Type *type = arena_array(&op->mem, Type, p->keys + op->plan->columns + 1);
    for (uint32_t c = 0; c < op->plan->columns; c++) type[c] = op->plan->column[c].type;
    rows_init(rows, &op->memory, type, op->plan->columns);
    for (uint32_t k = 0; k < p->keys; k++) type[k] = p->key[k].expr->type;
    rows_init(keys, &op->memory, type, p->keys);
    rows->borrow = op->child[0]->rows_stay;
}

static bool sort_numbers(OpSort *s, Err *err)
{
    uint32_t n = s->rows.count;
    if (n > s->row_cap) {
        void *at = s->row;
        if (!memory_grow(&s->op.memory, &at, s->row_cap * sizeof(uint32_t), (size_t)n * sizeof(uint32_t),
                         err))
            return false;
        s->row = at;
        s->row_cap = n;
    }
    for (uint32_t i = 0; i < n; i++) s->row[i] = i;
    return sort_rows(s->row, n, &s->keys, s->order, s->op.exec->ctx->cancel, err);
}

static bool pick_rows(Rows *out, const Rows *in, const uint32_t *row, uint32_t count, Err *err)
{
    Arena mem = {0};
    Vector *v = arena_array(&mem, Vector, in->columns + 1);
    bool ok = true;
    for (uint32_t c = 0; c < in->columns; c++) v[c] = vector_new(&mem, in->column[c].type);
    for (uint32_t from = 0; ok && from < count; from += BATCH_ROWS) {
        uint32_t n = count - from < BATCH_ROWS ? count - from : BATCH_ROWS;
        for (uint32_t c = 0; c < in->columns; c++) {
            memset(v[c].nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
            rows_gather(in, c, row + from, n, NULL, &v[c]);
        }
        ok = rows_append(out, v, NULL, n, err);
    }
    arena_done(&mem);
    return ok;
}

// Top-N: sorts what is there and keeps the first `limit`.
static bool sort_cut(OpSort *s, uint32_t limit, Err *err)
{
    Rows rows, keys;
    bool exact;
    if (!sort_numbers(s, err)) return false;
    sort_init(s, &rows, &keys);
    bool ok =
        pick_rows(&rows, &s->rows, s->row, limit, err) && pick_rows(&keys, &s->keys, s->row, limit, err);
    rows_done(&s->rows);
    rows_done(&s->keys);
    s->rows = rows;
    s->keys = keys;
    if (!ok) return false;
    uint32_t last = limit - 1;
    Vector first = rows_vector(&s->keys, 0);
    s->has_worst = !rows_is_null(&s->keys.column[0], last);
    if (s->has_worst) order_prefixes(&first, &last, 1, s->order[0].descending, &s->worst, &exact);
    return true;
}

// Rows whose first key does not come too late.
static uint32_t sort_in_time(OpSort *s, const Batch *b, uint16_t *sel)
{
    uint32_t row[BATCH_ROWS], n = 0;
    uint64_t prefix[BATCH_ROWS];
    bool exact;
    for (uint32_t i = 0; i < b->sel_len; i++) row[i] = batch_row(b, i);
    order_prefixes(&s->cells[0], row, b->sel_len, s->order[0].descending, prefix, &exact);
    for (uint32_t i = 0; i < b->sel_len; i++) {
        bool null = vector_is_null(&s->cells[0], row[i]);
        sel[n] = (uint16_t)row[i];
        n += null ? s->order[0].nulls_first : prefix[i] <= s->worst;
    }
    return n;
}

static bool sort_batch(OpSort *s, const Batch *b, Err *err)
{
    Operator *op = &s->op;
    const PlanSort *p = plan_as(PlanSort, op->plan);
    uint16_t own[BATCH_ROWS];
    const uint16_t *sel = b->sel;
    uint32_t n = b->sel_len;
    eval_begin(&op->eval, b, err);
    for (uint32_t k = 0; k < p->keys; k++) {
        const Vector *v;
        if (!eval_run(s->key[k], &op->eval, b->sel, b->sel_len, &v)) return false;
        s->cells[k] = *v;
    }
    if (s->has_worst) {
        n = sort_in_time(s, b, own);
        sel = own;
    }
    if (!n) return true;
    if (!rows_append(&s->rows, b->vector, sel, n, err) || !rows_append(&s->keys, s->cells, sel, n, err))
        return false;
    uint64_t many = p->limit * 2 + 2 * BATCH_ROWS;
    return !p->limit || p->limit > ROWS_MAX / 4 || s->rows.count < many ||
           sort_cut(s, (uint32_t)p->limit, err);
}

// What is kept so far becomes a run.
static bool sort_spill(OpSort *s, Err *err)
{
    const uint64_t limit = plan_as(PlanSort, s->op.plan)->limit;
    uint32_t n = s->rows.count;
    if (!n) return true;
    if (!sort_numbers(s, err)) return false;
    if (limit && n > limit) n = (uint32_t)limit;
    if (!sort_merge_run(&s->merge, &s->rows, &s->keys, s->row, n, err)) return false;
    memory_free(&s->op.memory, s->row, s->row_cap * sizeof(uint32_t));
    s->row = NULL;
    s->row_cap = 0;
    rows_done(&s->rows);
    rows_done(&s->keys);
    sort_init(s, &s->rows, &s->keys);
    return true;
}

static bool sort_end(OpSort *s, Err *err)
{
    if (!s->merge.runs) return sort_numbers(s, err);
    return sort_spill(s, err) && sort_merge_begin(&s->merge, err);
}

// Sorting takes as much again as the keys, so rows are put aside early.
enum { SORT_TIMES = 4 };

static bool sort_open(Operator *op, Err *err)
{
    OpSort *s = (OpSort *)op;
    const PlanSort *p = plan_as(PlanSort, op->plan);
    Batch *b;
    s->next = 0;
    s->has_worst = false;
    sort_init(s, &s->rows, &s->keys);
    sort_merge_init(&s->merge, op, s->order, &s->rows, &s->keys, p->limit);
    for (;;) {
        if (!operator_next(op->child[0], &b, err)) return false;
        if (!b) return sort_end(s, err);
        if (!sort_batch(s, b, err)) return false;
        if (memory_crowded(&op->memory, SORT_TIMES) && !sort_spill(s, err)) return false;
    }
}

static bool sort_next(Operator *op, Batch **out, Err *err)
{
    OpSort *s = (OpSort *)op;
    const PlanSort *p = plan_as(PlanSort, op->plan);
    if (s->merge.runs) return sort_merge_next(&s->merge, out, err);
    uint32_t all = s->rows.count;
    if (p->limit && all > p->limit) all = (uint32_t)p->limit;
    *out = NULL;
    if (s->next >= all) return true;
    uint32_t n = all - s->next < BATCH_ROWS ? all - s->next : BATCH_ROWS;
    operator_output_clear(op);
    for (uint32_t c = 0; c < op->out.columns; c++)
        rows_gather(&s->rows, c, s->row + s->next, n, NULL, &op->out.vector[c]);
    op->out.rows = op->out.sel_len = n;
    s->next += n;
    *out = &op->out;
    return true;
}

static void sort_close(Operator *op)
{
    OpSort *s = (OpSort *)op;
    sort_merge_done(&s->merge);
    rows_done(&s->rows);
    rows_done(&s->keys);
    memory_free(&op->memory, s->row, s->row_cap * sizeof(uint32_t));
    s->row = NULL;
    s->row_cap = 0;
}

const OperatorKind op_sort = {sizeof(OpSort), sort_make, sort_open, sort_next, sort_close};
