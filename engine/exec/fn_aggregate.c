// Aggregates count, sum, avg, min, max, bool_and, bool_or. Result types and scales are PostgreSQL's. Each has
// one loop for the ungrouped case without NULLs, which vectorises, and one for the rest.
#include "engine/exec/fn.h"
#include "engine/exec/fn_decimal.h"

#include <math.h>
#include <string.h>

#define AGG_UPDATE(name)                                                                                     \
    static bool name(unsigned char *base, size_t stride, const uint32_t *group, const Vector *arg,           \
                     const uint16_t *sel, uint32_t count, Arena *mem, Err *err)
#define AGG_MERGE(name) static bool name(unsigned char *into, const unsigned char *from, Arena *mem, Err *err)
#define AGG_FINAL(name)                                                                                      \
    static bool name(const unsigned char *state, Vector *out, uint32_t row, Arena *mem, Err *err)
#define AGG_UNUSED       (void)mem, (void)err
#define AGG_STATE(S, at) ((S *)(void *)(at))
#define AGG_CONST(S, at) ((const S *)(const void *)(at))
// Runs body for every chosen row that is not NULL; s is its state, cell its index.
#define AGG_ROWS(S, ...)                                                                                     \
    for (uint32_t k = 0; k < count; k++) {                                                                   \
        const uint32_t row = sel ? sel[k] : k;                                                               \
        if (arg->nulls && vector_is_null(arg, row)) continue;                                                \
        const uint32_t cell = arg->constant ? 0 : row;                                                       \
        S *s = AGG_STATE(S, base + (group ? group[k] * stride : 0));                                         \
        __VA_ARGS__                                                                                          \
    }
static inline bool agg_dense(const uint32_t *group, const Vector *arg)
{
    return !group && !arg->nulls && !arg->constant;
}

// ---- count ----

AGG_UPDATE(count_all)
{
    AGG_UNUSED;
    (void)arg;
    (void)sel;
    if (!group) *AGG_STATE(int64_t, base) += count;
    for (uint32_t k = 0; group && k < count; k++) ++*AGG_STATE(int64_t, base + group[k] * stride);
    return true;
}
AGG_UPDATE(count_some)
{
    if (!arg->nulls) return count_all(base, stride, group, arg, sel, count, mem, err);
    AGG_ROWS(int64_t, {
        (void)cell;
        ++*s;
    })
    return true;
}
AGG_UPDATE(count_all_less)
{
    AGG_UNUSED;
    (void)stride, (void)group, (void)arg, (void)sel;
    *AGG_STATE(int64_t, base) -= count;
    return true;
}
AGG_UPDATE(count_some_less)
{
    AGG_UNUSED;
    AGG_ROWS(int64_t, {
        (void)cell;
        --*s;
    })
    return true;
}
AGG_MERGE(count_merge)
{
    AGG_UNUSED;
    *AGG_STATE(int64_t, into) += *AGG_CONST(int64_t, from);
    return true;
}
AGG_FINAL(count_final)
{
    AGG_UNUSED;
    ((int64_t *)out->data)[row] = *AGG_CONST(int64_t, state);
    return true;
}

// ---- sums of whole numbers ----

typedef struct IntSum {
    __int128 sum;
    int64_t n;
} IntSum;

#define INT_SUM(name, T, WIDE)                                                                               \
    AGG_UPDATE(name)                                                                                         \
    {                                                                                                        \
        AGG_UNUSED;                                                                                          \
        const T *x = arg->data;                                                                              \
        if (agg_dense(group, arg)) {                                                                         \
            IntSum *s = AGG_STATE(IntSum, base);                                                             \
            WIDE sum = 0;                                                                                    \
            if (sel)                                                                                         \
                for (uint32_t k = 0; k < count; k++) sum += x[sel[k]];                                       \
            else                                                                                             \
                for (uint32_t k = 0; k < count; k++) sum += x[k];                                            \
            s->sum += sum;                                                                                   \
            s->n += count;                                                                                   \
            return true;                                                                                     \
        }                                                                                                    \
        AGG_ROWS(IntSum, {                                                                                   \
            s->sum += x[cell];                                                                               \
            s->n++;                                                                                          \
        })                                                                                                   \
        return true;                                                                                         \
    }                                                                                                        \
    AGG_UPDATE(name##_less)                                                                                  \
    {                                                                                                        \
        AGG_UNUSED;                                                                                          \
        const T *x = arg->data;                                                                              \
        AGG_ROWS(IntSum, {                                                                                   \
            s->sum -= x[cell];                                                                               \
            s->n--;                                                                                          \
        })                                                                                                   \
        return true;                                                                                         \
    }
INT_SUM(sum_i16, int16_t, int64_t)
INT_SUM(sum_i32, int32_t, int64_t)
INT_SUM(sum_i64, int64_t, __int128)

AGG_MERGE(int_merge)
{
    AGG_UNUSED;
    AGG_STATE(IntSum, into)->sum += AGG_CONST(IntSum, from)->sum;
    AGG_STATE(IntSum, into)->n += AGG_CONST(IntSum, from)->n;
    return true;
}
AGG_FINAL(int_sum_bigint)
{
    const IntSum *s = AGG_CONST(IntSum, state);
    (void)mem;
    if (!s->n) vector_set_null(out, row);
    if (s->sum > INT64_MAX || s->sum < INT64_MIN)
        return err_set(err, SQLSTATE_OUT_OF_RANGE, "bigint out of range");
    ((int64_t *)out->data)[row] = (int64_t)s->sum;
    return true;
}
AGG_FINAL(int_sum_numeric)
{
    const IntSum *s = AGG_CONST(IntSum, state);
    if (!s->n) vector_set_null(out, row);
    return fn_decimal_from_wide(&((Numeric *)out->data)[row], s->sum, 0, mem, err);
}
AGG_FINAL(int_avg)
{
    const IntSum *s = AGG_CONST(IntSum, state);
    Numeric sum, n;
    Numeric *o = &((Numeric *)out->data)[row];
    if (!s->n) {
        vector_set_null(out, row);
        *o = numeric_small(0, 0);
        return true;
    }
    n = numeric_from_int64(s->n, mem);
    return fn_decimal_from_wide(&sum, s->sum, 0, mem, err) && numeric_div(o, &sum, &n, mem, err);
}

// ---- sums of decimals: a wide integer at the largest scale seen; what does not fit goes to `rest` ----

typedef struct DecimalSum {
    __int128 sum;
    int64_t n;
    Numeric rest;
    uint16_t scale;
    bool has_rest;
} DecimalSum;

#define WIDE_LIMIT ((__int128)1000000000000000000 * 1000000000000000000)

static bool decimal_flush(DecimalSum *s, Arena *mem, Err *err)
{
    Numeric part;
    if (!fn_decimal_from_wide(&part, s->sum, s->scale, mem, err)) return false;
    s->sum = 0;
    if (!s->has_rest)
        s->rest = part;
    else if (!numeric_add(&s->rest, &s->rest, &part, mem, err))
        return false;
    s->has_rest = true;
    return true;
}

static bool decimal_add(DecimalSum *s, const Numeric *x, Arena *mem, Err *err)
{
    if (x->kind != NUMERIC_SMALL) {
        if (!decimal_flush(s, mem, err)) return false;
        return numeric_add(&s->rest, &s->rest, x, mem, err);
    }
    if (s->sum > WIDE_LIMIT || s->sum < -WIDE_LIMIT || (x->scale > s->scale && s->sum)) {
        if (!decimal_flush(s, mem, err)) return false;
    }
    if (x->scale > s->scale) s->scale = x->scale;
    __int128 v = x->small;
    for (unsigned i = x->scale; i < s->scale; i++) v *= 10;
    s->sum += v;
    return true;
}

AGG_UPDATE(sum_numeric)
{
    const Numeric *x = arg->data;
    AGG_ROWS(DecimalSum, {
        s->n++;
        if (x[cell].kind == NUMERIC_SMALL && x[cell].scale == s->scale)
            s->sum += x[cell].small;
        else if (!decimal_add(s, &x[cell], mem, err))
            return false;
    })
    return true;
}
static bool decimal_total(const DecimalSum *s, Numeric *out, Arena *mem, Err *err)
{
    if (!fn_decimal_from_wide(out, s->sum, s->scale, mem, err)) return false;
    return !s->has_rest || numeric_add(out, out, &s->rest, mem, err);
}
AGG_MERGE(decimal_merge)
{
    DecimalSum *a = AGG_STATE(DecimalSum, into);
    const DecimalSum *b = AGG_CONST(DecimalSum, from);
    Numeric total;
    a->n += b->n;
    if (!b->n || !decimal_total(b, &total, mem, err)) return !b->n;
    total = numeric_copy(mem, total);
    return decimal_add(a, &total, mem, err);
}
AGG_FINAL(decimal_sum)
{
    const DecimalSum *s = AGG_CONST(DecimalSum, state);
    if (!s->n) vector_set_null(out, row);
    return decimal_total(s, &((Numeric *)out->data)[row], mem, err);
}
AGG_FINAL(decimal_avg)
{
    const DecimalSum *s = AGG_CONST(DecimalSum, state);
    Numeric *o = &((Numeric *)out->data)[row];
    Numeric total, n;
    *o = numeric_small(0, 0);
    if (!s->n) {
        vector_set_null(out, row);
        return true;
    }
    n = numeric_from_int64(s->n, mem);
    return decimal_total(s, &total, mem, err) && numeric_div(o, &total, &n, mem, err);
}

// ---- sums of floats ----

typedef struct FloatSum {
    double sum;
    int64_t n;
} FloatSum;

// The dense loop adds in eight lanes: another order of the same additions.
#define FLOAT_SUM(name, T)                                                                                   \
    AGG_UPDATE(name)                                                                                         \
    {                                                                                                        \
        AGG_UNUSED;                                                                                          \
        const T *x = arg->data;                                                                              \
        if (agg_dense(group, arg) && !sel) {                                                                 \
            FloatSum *s = AGG_STATE(FloatSum, base);                                                         \
            double lane[8] = {0};                                                                            \
            uint32_t k = 0;                                                                                  \
            for (; k + 8 <= count; k += 8)                                                                   \
                for (int i = 0; i < 8; i++) lane[i] += x[k + (uint32_t)i];                                   \
            for (; k < count; k++) lane[0] += x[k];                                                          \
            s->sum +=                                                                                        \
                ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));   \
            s->n += count;                                                                                   \
            return true;                                                                                     \
        }                                                                                                    \
        AGG_ROWS(FloatSum, {                                                                                 \
            s->sum += x[cell];                                                                               \
            s->n++;                                                                                          \
        })                                                                                                   \
        return true;                                                                                         \
    }
FLOAT_SUM(sum_f32, float)
FLOAT_SUM(sum_f64, double)

AGG_MERGE(float_merge)
{
    AGG_UNUSED;
    AGG_STATE(FloatSum, into)->sum += AGG_CONST(FloatSum, from)->sum;
    AGG_STATE(FloatSum, into)->n += AGG_CONST(FloatSum, from)->n;
    return true;
}
AGG_FINAL(float_sum_real)
{
    AGG_UNUSED;
    const FloatSum *s = AGG_CONST(FloatSum, state);
    if (!s->n) vector_set_null(out, row);
    ((float *)out->data)[row] = (float)s->sum;
    return true;
}
AGG_FINAL(float_sum)
{
    AGG_UNUSED;
    const FloatSum *s = AGG_CONST(FloatSum, state);
    if (!s->n) vector_set_null(out, row);
    ((double *)out->data)[row] = s->sum;
    return true;
}
AGG_FINAL(float_avg)
{
    AGG_UNUSED;
    const FloatSum *s = AGG_CONST(FloatSum, state);
    if (!s->n) vector_set_null(out, row);
    ((double *)out->data)[row] = s->n ? s->sum / (double)s->n : 0;
    return true;
}

// ---- sums of intervals ----

typedef struct SpanSum {
    Interval sum;
    int64_t n;
} SpanSum;

AGG_UPDATE(sum_interval)
{
    const Interval *x = arg->data;
    AGG_UNUSED;
    AGG_ROWS(SpanSum, {
        if (!interval_add(&s->sum, &s->sum, &x[cell])) return err_set(err, "22008", "interval out of range");
        s->n++;
    })
    return true;
}
AGG_MERGE(span_merge)
{
    SpanSum *s = AGG_STATE(SpanSum, into);
    const SpanSum *more = AGG_CONST(SpanSum, from);
    (void)mem;
    s->n += more->n;
    return interval_add(&s->sum, &s->sum, &more->sum) || err_set(err, "22008", "interval out of range");
}
AGG_FINAL(span_sum)
{
    const SpanSum *s = AGG_CONST(SpanSum, state);
    AGG_UNUSED;
    if (!s->n) vector_set_null(out, row);
    ((Interval *)out->data)[row] = s->sum;
    return true;
}
AGG_FINAL(span_avg)
{
    const SpanSum *s = AGG_CONST(SpanSum, state);
    (void)mem;
    ((Interval *)out->data)[row] = (Interval){0};
    if (!s->n) {
        vector_set_null(out, row);
        return true;
    }
    return interval_divide(&((Interval *)out->data)[row], &s->sum, (double)s->n) ||
           err_set(err, "22008", "interval out of range");
}

// ---- min, max ----

#define EXTREME(name, T, BETTER, KEEP)                                                                       \
    typedef struct Extreme_##name {                                                                          \
        T value;                                                                                             \
        bool has;                                                                                            \
    } Extreme_##name;                                                                                        \
    AGG_UPDATE(name)                                                                                         \
    {                                                                                                        \
        AGG_UNUSED;                                                                                          \
        const T *x = arg->data;                                                                              \
        AGG_ROWS(Extreme_##name, {                                                                           \
            if (s->has && !(BETTER(x[cell], s->value))) continue;                                            \
            s->value = KEEP(x[cell]);                                                                        \
            s->has = true;                                                                                   \
        })                                                                                                   \
        return true;                                                                                         \
    }                                                                                                        \
    AGG_MERGE(name##_merge)                                                                                  \
    {                                                                                                        \
        AGG_UNUSED;                                                                                          \
        Extreme_##name *a = AGG_STATE(Extreme_##name, into);                                                 \
        const Extreme_##name *b = AGG_CONST(Extreme_##name, from);                                           \
        if (!b->has || (a->has && !(BETTER(b->value, a->value)))) return true;                               \
        a->value = KEEP(b->value);                                                                           \
        a->has = true;                                                                                       \
        return true;                                                                                         \
    }                                                                                                        \
    AGG_FINAL(name##_final)                                                                                  \
    {                                                                                                        \
        AGG_UNUSED;                                                                                          \
        const Extreme_##name *s = AGG_CONST(Extreme_##name, state);                                          \
        if (!s->has) vector_set_null(out, row);                                                              \
        ((T *)out->data)[row] = s->value;                                                                    \
        return true;                                                                                         \
    }
#define LESS(a, b)         ((a) < (b))
#define MORE(a, b)         ((a) > (b))
#define FLOAT_LESS(a, b)   (order_f64(a, b) < 0)
#define FLOAT_MORE(a, b)   (order_f64(a, b) > 0)
#define TEXT_LESS(a, b)    (text_compare(&(a), &(b)) < 0)
#define TEXT_MORE(a, b)    (text_compare(&(a), &(b)) > 0)
#define CHAR_LESS(a, b)    (order_char(&(a), &(b)) < 0)
#define CHAR_MORE(a, b)    (order_char(&(a), &(b)) > 0)
#define NUMERIC_LESS(a, b) (order_numeric(&(a), &(b)) < 0)
#define NUMERIC_MORE(a, b) (order_numeric(&(a), &(b)) > 0)
#define SAME(x)            (x)
#define OWN_TEXT(x)        text_copy(mem, x)
#define OWN_NUMERIC(x)     numeric_copy(mem, x)
#define EXTREMES(way, T, P, KEEP)                                                                            \
    EXTREME(min_##way, T, P##LESS, KEEP)                                                                     \
    EXTREME(max_##way, T, P##MORE, KEEP)
EXTREMES(i16, int16_t, , SAME)
EXTREMES(i32, int32_t, , SAME)
EXTREMES(i64, int64_t, , SAME)
EXTREMES(f32, float, FLOAT_, SAME)
EXTREMES(f64, double, FLOAT_, SAME)
EXTREMES(text, Text, TEXT_, OWN_TEXT)
EXTREMES(char, Text, CHAR_, OWN_TEXT)
EXTREMES(numeric, Numeric, NUMERIC_, OWN_NUMERIC)
#define SPAN_LESS(a, b) (interval_compare(&(a), &(b)) < 0)
#define SPAN_MORE(a, b) (interval_compare(&(a), &(b)) > 0)
EXTREMES(interval, Interval, SPAN_, SAME)
EXTREMES(u8, uint8_t, , SAME) // bool_and is min, bool_or is max

#define ONE(sql, which, T, give, S, add, join, end, order)                                                   \
    ONE_LESS(sql, which, T, give, S, add, join, end, order, NULL)
#define ONE_LESS(sql, which, T, give, S, add, join, end, order, less)                                        \
    {                                                                                                        \
        .name = sql, .kind = which, .args = 1, .arg = {T}, .result = give, .flags = order,                   \
        .state_size = sizeof(S), .update = add, .merge = join, .final = end, .retract = less                 \
    }
#define BEST(sql, which, T, way, name)                                                                       \
    ONE(sql, which, T, TYPE_NULL, Extreme_##name##_##way, name##_##way, name##_##way##_merge,                \
        name##_##way##_final, AGGREGATE_ANY_ORDER)
#define MIN_MAX(T, way) BEST("min", AGGREGATE_MIN, T, way, min), BEST("max", AGGREGATE_MAX, T, way, max)
#define SUM_AVG(T, update, State, merge, sum_type, sum, avg_type, avg, order)                                \
    ONE("sum", AGGREGATE_SUM, T, sum_type, State, update, merge, sum, order),                                \
        ONE("avg", AGGREGATE_AVG, T, avg_type, State, update, merge, avg, order)
#define INT_SUM_AVG(T, update, sum_type, sum)                                                                \
    ONE_LESS("sum", AGGREGATE_SUM, T, sum_type, IntSum, update, int_merge, sum, AGGREGATE_ANY_ORDER,         \
             update##_less),                                                                                 \
        ONE_LESS("avg", AGGREGATE_AVG, T, TYPE_NUMERIC, IntSum, update, int_merge, int_avg,                  \
                 AGGREGATE_ANY_ORDER, update##_less)

const Aggregate fn_aggregate[] = {
    {.name = "count",
     .kind = AGGREGATE_COUNT_ALL,
     .result = TYPE_BIGINT,
     .flags = AGGREGATE_ANY_ORDER,
     .state_size = sizeof(int64_t),
     .update = count_all,
     .merge = count_merge,
     .final = count_final,
     .retract = count_all_less},
    ONE_LESS("count", AGGREGATE_COUNT, TYPE_NULL, TYPE_BIGINT, int64_t, count_some, count_merge, count_final,
             AGGREGATE_ANY_ORDER, count_some_less),
    INT_SUM_AVG(TYPE_SMALLINT, sum_i16, TYPE_BIGINT, int_sum_bigint),
    INT_SUM_AVG(TYPE_INTEGER, sum_i32, TYPE_BIGINT, int_sum_bigint),
    INT_SUM_AVG(TYPE_BIGINT, sum_i64, TYPE_NUMERIC, int_sum_numeric),
    SUM_AVG(TYPE_NUMERIC, sum_numeric, DecimalSum, decimal_merge, TYPE_NUMERIC, decimal_sum, TYPE_NUMERIC,
            decimal_avg, AGGREGATE_ANY_ORDER),
    SUM_AVG(TYPE_REAL, sum_f32, FloatSum, float_merge, TYPE_REAL, float_sum_real, TYPE_DOUBLE, float_avg, 0),
    SUM_AVG(TYPE_DOUBLE, sum_f64, FloatSum, float_merge, TYPE_DOUBLE, float_sum, TYPE_DOUBLE, float_avg, 0),
    MIN_MAX(TYPE_SMALLINT, i16),
    MIN_MAX(TYPE_INTEGER, i32),
    MIN_MAX(TYPE_BIGINT, i64),
    MIN_MAX(TYPE_NUMERIC, numeric),
    MIN_MAX(TYPE_REAL, f32),
    MIN_MAX(TYPE_DOUBLE, f64),
    MIN_MAX(TYPE_TEXT, text),
    MIN_MAX(TYPE_CHAR, char),
    MIN_MAX(TYPE_DATE, i32),
    MIN_MAX(TYPE_TIME, i64),
    MIN_MAX(TYPE_TIMESTAMP, i64),
    MIN_MAX(TYPE_TIMESTAMPTZ, i64),
    MIN_MAX(TYPE_OID, i64),
    MIN_MAX(TYPE_ENUM, i64),
    MIN_MAX(TYPE_INTERVAL, interval),
    SUM_AVG(TYPE_INTERVAL, sum_interval, SpanSum, span_merge, TYPE_INTERVAL, span_sum, TYPE_INTERVAL,
            span_avg, AGGREGATE_ANY_ORDER),
    BEST("bool_and", AGGREGATE_OTHER, TYPE_BOOLEAN, u8, min),
    BEST("every", AGGREGATE_OTHER, TYPE_BOOLEAN, u8, min),
    BEST("bool_or", AGGREGATE_OTHER, TYPE_BOOLEAN, u8, max),
    {0},
};
