// Ordered-set aggregates: percentile_cont, percentile_disc, mode, and the hypothetical-set ones rank,
// dense_rank, percent_rank, cume_dist: where a row of the direct arguments would stand among the group's
// rows.
#include "engine/exec/fn.h"

#include <math.h>

// The part of the sorted rows that is not NULL in the first column: NULLs lie at one end.
static void known_rows(const AggregateSorted *in, const uint32_t **row, uint32_t *rows)
{
    uint32_t from = 0, to = in->rows;
    while (from < to && vector_is_null(in->column, in->row[from])) from++;
    while (to > from && vector_is_null(in->column, in->row[to - 1])) to--;
    *row = in->row + from;
    *rows = to - from;
}

static void give_null(Vector *out, uint32_t row)
{
    Value none = value_null(out->type);
    vector_set_value(out, row, &none);
}

// *has false: the result is NULL.
static bool fraction_of(const AggregateSorted *in, uint32_t rows, double *fraction, bool *has, Err *err)
{
    *has = rows && !in->direct[0].null;
    if (!*has) return true;
    *fraction = in->direct[0].f64;
    if (*fraction >= 0 && *fraction <= 1) return true;
    return err_set(err, SQLSTATE_OUT_OF_RANGE, "percentile value %g is not between 0 and 1", *fraction);
}

static bool percentile_cont(const AggregateSorted *in, Vector *out, uint32_t to, Arena *mem, Err *err)
{
    const uint32_t *row;
    const double *x = in->column->data;
    uint32_t rows;
    double fraction = 0;
    bool has;
    (void)mem;
    known_rows(in, &row, &rows);
    if (!fraction_of(in, rows, &fraction, &has, err)) return false;
    if (!has) {
        give_null(out, to);
        return true;
    }
    const double at = fraction * (double)(rows - 1), low = floor(at), high = ceil(at);
    const double a = x[row[(uint32_t)low]], b = x[row[(uint32_t)high]];
    FN_OUT(double)[to] = low == high ? a : a + (at - low) * (b - a);
    return true;
}

static bool percentile_disc(const AggregateSorted *in, Vector *out, uint32_t to, Arena *mem, Err *err)
{
    const uint32_t *row;
    uint32_t rows;
    double fraction = 0;
    bool has;
    (void)mem;
    known_rows(in, &row, &rows);
    if (!fraction_of(in, rows, &fraction, &has, err)) return false;
    if (!has) {
        give_null(out, to);
        return true;
    }
    const double at = ceil(fraction * (double)rows);
    Value v = vector_value(in->column, row[at < 1 ? 0 : (uint32_t)at - 1]);
    vector_set_value(out, to, &v);
    return true;
}

// The most frequent value, of several the first in order.
static bool mode(const AggregateSorted *in, Vector *out, uint32_t to, Arena *mem, Err *err)
{
    const uint32_t *row;
    uint32_t rows, best = 0, best_rows = 0;
    (void)mem, (void)err;
    known_rows(in, &row, &rows);
    if (!rows) {
        give_null(out, to);
        return true;
    }
    for (uint32_t from = 0, end; from < rows; from = end) {
        for (end = from + 1; end < rows && order_same(in->column, row[from], in->column, row[end]);) end++;
        if (end - from <= best_rows) continue;
        best = from;
        best_rows = end - from;
    }
    Value v = vector_value(in->column, row[best]);
    vector_set_value(out, to, &v);
    return true;
}

// ---- hypothetical rows ----

// <0: the group's row comes before the direct arguments, 0: beside them.
static int against_direct(const AggregateSorted *in, const Vector *direct, uint32_t row)
{
    for (uint32_t c = 0; c < in->columns; c++) {
        const Vector *v = &in->column[c];
        const bool a = vector_is_null(v, row), b = vector_is_null(&direct[c], 0);
        if (a && b) continue;
        if (a || b) return a == in->nulls_first[c] ? -1 : 1;
        const size_t cell = phys_size(type_phys(v->type.id));
        const int d = order_compare(v->type.id)((const char *)v->data + row * cell, direct[c].data);
        if (d) return in->descending[c] ? -d : d;
    }
    return 0;
}

// Rows before the direct arguments, or (with `beside`) before and equal to them: by halving.
static uint32_t rows_before(const AggregateSorted *in, bool beside, Arena *mem)
{
    Vector *direct = arena_array(mem, Vector, in->columns + 1);
    for (uint32_t c = 0; c < in->columns; c++) direct[c] = vector_constant(mem, &in->direct[c]);
    uint32_t from = 0, to = in->rows;
    while (from < to) {
        const uint32_t mid = from + (to - from) / 2;
        const int d = against_direct(in, direct, in->row[mid]);
        if (d < 0 || (beside && d == 0))
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

static bool same_rows(const AggregateSorted *in, uint32_t a, uint32_t b)
{
    for (uint32_t c = 0; c < in->columns; c++)
        if (!order_same(&in->column[c], a, &in->column[c], b)) return false;
    return true;
}

static bool rank(const AggregateSorted *in, Vector *out, uint32_t to, Arena *mem, Err *err)
{
    (void)err;
    FN_OUT(int64_t)[to] = (int64_t)rows_before(in, false, mem) + 1;
    return true;
}

static bool dense_rank(const AggregateSorted *in, Vector *out, uint32_t to, Arena *mem, Err *err)
{
    const uint32_t before = rows_before(in, false, mem);
    int64_t kinds = 0;
    (void)err;
    for (uint32_t i = 0; i < before; i++) kinds += !i || !same_rows(in, in->row[i - 1], in->row[i]);
    FN_OUT(int64_t)[to] = kinds + 1;
    return true;
}

static bool percent_rank(const AggregateSorted *in, Vector *out, uint32_t to, Arena *mem, Err *err)
{
    (void)err;
    FN_OUT(double)[to] = in->rows ? (double)rows_before(in, false, mem) / (double)in->rows : 0;
    return true;
}

static bool cume_dist(const AggregateSorted *in, Vector *out, uint32_t to, Arena *mem, Err *err)
{
    (void)err;
    FN_OUT(double)[to] = ((double)rows_before(in, true, mem) + 1) / ((double)in->rows + 1);
    return true;
}

#define HYPOTHETICAL(fn, T)                                                                                  \
    {                                                                                                        \
        .name = #fn, .kind = AGGREGATE_HYPOTHETICAL, .result = T, .sorted = fn                               \
    }
const Aggregate fn_ordered_set[] = {
    {.name = "percentile_cont",
     .kind = AGGREGATE_ORDERED_SET,
     .args = 1,
     .arg = {TYPE_DOUBLE, TYPE_DOUBLE},
     .result = TYPE_DOUBLE,
     .sorted = percentile_cont},
    {.name = "percentile_disc",
     .kind = AGGREGATE_ORDERED_SET,
     .args = 1,
     .arg = {TYPE_DOUBLE},
     .sorted = percentile_disc},
    {.name = "mode", .kind = AGGREGATE_ORDERED_SET, .sorted = mode},
    HYPOTHETICAL(rank, TYPE_BIGINT),
    HYPOTHETICAL(dense_rank, TYPE_BIGINT),
    HYPOTHETICAL(percent_rank, TYPE_DOUBLE),
    HYPOTHETICAL(cume_dist, TYPE_DOUBLE),
    {0},
};
