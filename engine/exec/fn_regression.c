// Aggregates over pairs (y, x) of doubles: covariance, correlation, linear regression. Sums by Youngs and
// Cramer's update (1971) in the order of PostgreSQL 15's arithmetic, so that digits agree. A pair with a NULL
// is passed over.
#include "engine/exec/fn.h"

#include <math.h>

typedef struct Pairs {
    int64_t n;
    double x, xx, y, yy, xy; // sums; of squared distances; of the product of distances
} Pairs;

static bool overflow(Err *err) { return err_set(err, SQLSTATE_OUT_OF_RANGE, "value out of range: overflow"); }

// A sum that grew past all numbers though nothing infinite was put in is an error; else it is not a number.
static bool settle_infinite(Pairs *s, const Pairs *before, double x, double y, Err *err)
{
    bool fine_x = !isinf(before->x) && !isinf(x), fine_y = !isinf(before->y) && !isinf(y);
    if ((isinf(s->x) || isinf(s->xx)) && fine_x) return overflow(err);
    if ((isinf(s->y) || isinf(s->yy)) && fine_y) return overflow(err);
    if (isinf(s->xy) && fine_x && fine_y) return overflow(err);
    if (isinf(s->xx)) s->xx = NAN;
    if (isinf(s->yy)) s->yy = NAN;
    if (isinf(s->xy)) s->xy = NAN;
    return true;
}

static bool pair_add(Pairs *s, double y, double x, Err *err)
{
    const Pairs before = *s;
    s->n++;
    s->x += x;
    s->y += y;
    if (!before.n) {
        if (!isfinite(x)) s->xx = s->xy = NAN;
        if (!isfinite(y)) s->yy = s->xy = NAN;
        return true;
    }
    const double n = (double)s->n, dx = x * n - s->x, dy = y * n - s->y, scale = 1.0 / (n * (double)before.n);
    s->xx += dx * dx * scale;
    s->yy += dy * dy * scale;
    s->xy += dx * dy * scale;
    if (isinf(s->x) || isinf(s->y) || isinf(s->xx) || isinf(s->yy) || isinf(s->xy))
        return settle_infinite(s, &before, x, y, err);
    return true;
}

static bool pairs_update(unsigned char *base, size_t stride, const uint32_t *group, const Vector *arg,
                         const uint16_t *sel, uint32_t count, Arena *mem, Err *err)
{
    (void)mem;
    for (uint32_t k = 0; k < count; k++) {
        const uint32_t row = sel ? sel[k] : k;
        if (vector_is_null(&arg[0], row) || vector_is_null(&arg[1], row)) continue;
        Pairs *s = (Pairs *)(void *)(base + (group ? group[k] * stride : 0));
        if (!pair_add(s, FN_CELL(double, 0, row), FN_CELL(double, 1, row), err)) return false;
    }
    return true;
}

static bool pairs_merge(unsigned char *into, const unsigned char *from, Arena *mem, Err *err)
{
    Pairs *a = (Pairs *)(void *)into;
    const Pairs *b = (const Pairs *)(const void *)from;
    (void)mem, (void)err;
    if (!b->n) return true;
    if (!a->n) {
        *a = *b;
        return true;
    }
    const double an = (double)a->n, bn = (double)b->n, n = an + bn;
    const double dx = a->x / an - b->x / bn, dy = a->y / an - b->y / bn;
    a->n += b->n;
    a->x += b->x;
    a->y += b->y;
    a->xx += b->xx + an * bn * dx * dx / n;
    a->yy += b->yy + an * bn * dy * dy / n;
    a->xy += b->xy + an * bn * dx * dy / n;
    return true;
}

static bool pairs_count(const unsigned char *state, Vector *out, uint32_t row, Arena *mem, Err *err)
{
    (void)mem, (void)err;
    FN_OUT(int64_t)[row] = ((const Pairs *)(const void *)state)->n;
    return true;
}

// NULL unless there are FEW pairs and NEEDS holds; then VALUE.
#define PAIRS_FINAL(name, FEW, NEEDS, VALUE)                                                                 \
    static bool pairs_##name(const unsigned char *state, Vector *out, uint32_t row, Arena *mem, Err *err)    \
    {                                                                                                        \
        const Pairs *s = (const Pairs *)(const void *)state;                                                 \
        (void)mem, (void)err;                                                                                \
        const bool has = s->n >= (FEW) && (NEEDS);                                                           \
        if (!has) vector_set_null(out, row);                                                                 \
        FN_OUT(double)[row] = has ? (VALUE) : 0;                                                             \
        return true;                                                                                         \
    }
PAIRS_FINAL(sxx, 1, true, s->xx)
PAIRS_FINAL(syy, 1, true, s->yy)
PAIRS_FINAL(sxy, 1, true, s->xy)
PAIRS_FINAL(avgx, 1, true, s->x / (double)s->n)
PAIRS_FINAL(avgy, 1, true, s->y / (double)s->n)
PAIRS_FINAL(covar_pop, 1, true, s->xy / (double)s->n)
PAIRS_FINAL(covar_samp, 2, true, s->xy / (double)(s->n - 1))
PAIRS_FINAL(corr, 1, s->xx != 0 && s->yy != 0, s->xy / sqrt(s->xx * s->yy))
PAIRS_FINAL(r2, 1, s->xx != 0, s->yy == 0 ? 1.0 : (s->xy * s->xy) / (s->xx * s->yy))
PAIRS_FINAL(slope, 1, s->xx != 0, s->xy / s->xx)
PAIRS_FINAL(intercept, 1, s->xx != 0, (s->y - s->x * s->xy / s->xx) / (double)s->n)

#define PAIRS(sql, end)                                                                                      \
    {                                                                                                        \
        .name = sql, .kind = AGGREGATE_OTHER, .args = 2, .arg = {TYPE_DOUBLE, TYPE_DOUBLE},                  \
        .result = TYPE_DOUBLE, .state_size = sizeof(Pairs), .update = pairs_update, .merge = pairs_merge,    \
        .final = end                                                                                         \
    }
const Aggregate fn_regression[] = {
    {.name = "regr_count",
     .kind = AGGREGATE_COUNT,
     .args = 2,
     .arg = {TYPE_DOUBLE, TYPE_DOUBLE},
     .result = TYPE_BIGINT,
     .state_size = sizeof(Pairs),
     .update = pairs_update,
     .merge = pairs_merge,
     .final = pairs_count},
    PAIRS("regr_sxx", pairs_sxx),
    PAIRS("regr_syy", pairs_syy),
    PAIRS("regr_sxy", pairs_sxy),
    PAIRS("regr_avgx", pairs_avgx),
    PAIRS("regr_avgy", pairs_avgy),
    PAIRS("regr_r2", pairs_r2),
    PAIRS("regr_slope", pairs_slope),
    PAIRS("regr_intercept", pairs_intercept),
    PAIRS("covar_pop", pairs_covar_pop),
    PAIRS("covar_samp", pairs_covar_samp),
    PAIRS("corr", pairs_corr),
    {0},
};
