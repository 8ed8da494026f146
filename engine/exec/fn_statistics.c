// Aggregates of spread: variance and standard deviation. Doubles by Youngs and Cramer's update (1971), exact
// numbers by N * sum(x^2) - sum(x)^2, as PostgreSQL 15 does, so that digits agree.
#include "engine/exec/fn.h"
#include "engine/exec/fn_decimal.h"

#include <math.h>

typedef struct FloatSpread {
    int64_t n;
    double sum, square; // sum of x, sum of squared distances from the mean
} FloatSpread;

static bool float_add(FloatSpread *s, double v, Err *err)
{
    const double sum = s->sum;
    s->n++;
    s->sum += v;
    if (s->n == 1) {
        if (!isfinite(v)) s->square = NAN;
        return true;
    }
    const double t = v * (double)s->n - s->sum;
    s->square += t * t / ((double)s->n * (double)(s->n - 1));
    if (!isinf(s->sum) && !isinf(s->square)) return true;
    s->square = NAN;
    return isinf(sum) || isinf(v) || err_set(err, SQLSTATE_OUT_OF_RANGE, "value out of range: overflow");
}

static bool float_update(unsigned char *base, size_t stride, const uint32_t *group, const Vector *arg,
                         const uint16_t *sel, uint32_t count, Arena *mem, Err *err)
{
    const double *x = arg->data;
    (void)mem;
    for (uint32_t k = 0; k < count; k++) {
        const uint32_t row = sel ? sel[k] : k;
        if (vector_is_null(arg, row)) continue;
        FloatSpread *s = (FloatSpread *)(void *)(base + (group ? group[k] * stride : 0));
        const double v = x[vector_slot(arg, row)];
        if (!float_add(s, v, err)) return false;
    }
    return true;
}

static bool float_merge(unsigned char *into, const unsigned char *from, Arena *mem, Err *err)
{
    FloatSpread *a = (FloatSpread *)(void *)into;
    const FloatSpread *b = (const FloatSpread *)(const void *)from;
    (void)mem, (void)err;
    if (!b->n) return true;
    if (a->n) {
        const double d = a->sum / (double)a->n - b->sum / (double)b->n, n = (double)(a->n + b->n);
        a->square += d * d * (double)a->n * (double)b->n / n;
    }
    a->square += b->square;
    a->sum += b->sum;
    a->n += b->n;
    return true;
}

static bool float_final(const unsigned char *state, Vector *out, uint32_t row, bool sample, bool root)
{
    const FloatSpread *s = (const FloatSpread *)(const void *)state;
    const int64_t n = s->n - sample;
    double v = n > 0 ? s->square / (double)n : 0;
    if (n <= 0) vector_set_null(out, row);
    FN_OUT(double)[row] = root ? sqrt(v) : v;
    return true;
}

typedef struct ExactSpread {
    int64_t n;
    Numeric sum, square; // sum of x, sum of x * x
} ExactSpread;

static bool exact_add(ExactSpread *s, const Numeric *v, Arena *mem, Err *err)
{
    Numeric square;
    s->n++;
    return numeric_mul(&square, v, v, mem, err) && numeric_add(&s->sum, &s->sum, v, mem, err) &&
           numeric_add(&s->square, &s->square, &square, mem, err);
}

#define EXACT_UPDATE(name, T, DECIMAL)                                                                       \
    static bool name(unsigned char *base, size_t stride, const uint32_t *group, const Vector *arg,           \
                     const uint16_t *sel, uint32_t count, Arena *mem, Err *err)                              \
    {                                                                                                        \
        const T *cells = arg->data;                                                                          \
        for (uint32_t k = 0; k < count; k++) {                                                               \
            const uint32_t row = sel ? sel[k] : k;                                                           \
            if (vector_is_null(arg, row)) continue;                                                          \
            const T x = cells[vector_slot(arg, row)];                                                        \
            const Numeric v = DECIMAL;                                                                       \
            if (!exact_add((ExactSpread *)(void *)(base + (group ? group[k] * stride : 0)), &v, mem, err))   \
                return false;                                                                                \
        }                                                                                                    \
        return true;                                                                                         \
    }
EXACT_UPDATE(exact_numeric, Numeric, x)
EXACT_UPDATE(exact_i16, int16_t, numeric_small(x, 0))
EXACT_UPDATE(exact_i32, int32_t, numeric_small(x, 0))
EXACT_UPDATE(exact_i64, int64_t, numeric_from_int64(x, mem))

static bool exact_merge(unsigned char *into, const unsigned char *from, Arena *mem, Err *err)
{
    ExactSpread *a = (ExactSpread *)(void *)into;
    const ExactSpread *b = (const ExactSpread *)(const void *)from;
    a->n += b->n;
    if (!numeric_add(&a->sum, &a->sum, &b->sum, mem, err) ||
        !numeric_add(&a->square, &a->square, &b->square, mem, err))
        return false;
    a->sum = numeric_copy(mem, a->sum);
    a->square = numeric_copy(mem, a->square);
    return true;
}

static bool exact_final(const unsigned char *state, Vector *out, uint32_t row, bool sample, bool root,
                        Arena *mem, Err *err)
{
    const ExactSpread *s = (const ExactSpread *)(const void *)state;
    Numeric *o = &FN_OUT(Numeric)[row];
    *o = numeric_small(0, 0);
    if (s->n - sample <= 0) {
        vector_set_null(out, row);
        return true;
    }
    Numeric n = numeric_from_int64(s->n, mem), less = numeric_from_int64(s->n - sample, mem), a, b;
    if (!numeric_mul(&a, &n, &s->square, mem, err) || !numeric_mul(&b, &s->sum, &s->sum, mem, err) ||
        !numeric_sub(&a, &a, &b, mem, err))
        return false;
    if (numeric_sign(&a) <= 0) return true;
    if (!numeric_mul(&b, &n, &less, mem, err) || !numeric_div(o, &a, &b, mem, err)) return false;
    return !root || fn_decimal_sqrt(o, o, o->scale, mem, err);
}

#define SPREAD(name, sample, root)                                                                           \
    static bool float_##name(const unsigned char *state, Vector *out, uint32_t row, Arena *mem, Err *err)    \
    {                                                                                                        \
        (void)mem, (void)err;                                                                                \
        return float_final(state, out, row, sample, root);                                                   \
    }                                                                                                        \
    static bool exact_##name(const unsigned char *state, Vector *out, uint32_t row, Arena *mem, Err *err)    \
    {                                                                                                        \
        return exact_final(state, out, row, sample, root, mem, err);                                         \
    }
SPREAD(var_samp, true, false)
SPREAD(var_pop, false, false)
SPREAD(stddev_samp, true, true)
SPREAD(stddev_pop, false, true)

#define ONE(sql, T, give, S, add, join, end, order)                                                          \
    {                                                                                                        \
        .name = sql, .kind = AGGREGATE_OTHER, .args = 1, .arg = {T}, .result = give, .flags = order,         \
        .state_size = sizeof(S), .update = add, .merge = join, .final = end                                  \
    }
#define EXACT(sql, T, update, name)                                                                          \
    ONE(sql, T, TYPE_NUMERIC, ExactSpread, update, exact_merge, exact_##name, AGGREGATE_ANY_ORDER)
#define ROWS(sql, name)                                                                                      \
    EXACT(sql, TYPE_SMALLINT, exact_i16, name), EXACT(sql, TYPE_INTEGER, exact_i32, name),                   \
        EXACT(sql, TYPE_BIGINT, exact_i64, name), EXACT(sql, TYPE_NUMERIC, exact_numeric, name),             \
        ONE(sql, TYPE_DOUBLE, TYPE_DOUBLE, FloatSpread, float_update, float_merge, float_##name, 0)
const Aggregate fn_statistics[] = {
    ROWS("variance", var_samp),
    ROWS("var_samp", var_samp),
    ROWS("var_pop", var_pop),
    ROWS("stddev", stddev_samp),
    ROWS("stddev_samp", stddev_samp),
    ROWS("stddev_pop", stddev_pop),
    {0},
};
