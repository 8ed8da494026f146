// Cast, between numbers and between dates and times: one typed loop per pair, made by the macros below.
#include "engine/data/cast_in.h"
#include "engine/data/datetime.h"

#include <math.h>
#include <stdio.h>

// ---- always fits ----

#define KERNEL_WIDEN(name, S, D)                                                                             \
    static bool name(const CastJob *job)                                                                     \
    {                                                                                                        \
        CAST_ROWS(job, S, D, { *d = (D)x; });                                                                \
        return true;                                                                                         \
    }
KERNEL_WIDEN(copy_bool, uint8_t, uint8_t)
KERNEL_WIDEN(copy_i16, int16_t, int16_t)
KERNEL_WIDEN(copy_i32, int32_t, int32_t)
KERNEL_WIDEN(copy_i64, int64_t, int64_t)
KERNEL_WIDEN(copy_f32, float, float)
KERNEL_WIDEN(copy_f64, double, double)
KERNEL_WIDEN(i16_to_i32, int16_t, int32_t)
KERNEL_WIDEN(i16_to_i64, int16_t, int64_t)
KERNEL_WIDEN(i16_to_f32, int16_t, float)
KERNEL_WIDEN(i16_to_f64, int16_t, double)
KERNEL_WIDEN(i32_to_i64, int32_t, int64_t)
KERNEL_WIDEN(i32_to_f32, int32_t, float)
KERNEL_WIDEN(i32_to_f64, int32_t, double)
KERNEL_WIDEN(i64_to_f32, int64_t, float)
KERNEL_WIDEN(i64_to_f64, int64_t, double)
KERNEL_WIDEN(f32_to_f64, float, double)
KERNEL_WIDEN(bool_to_i32, uint8_t, int32_t)

static bool i32_to_bool(const CastJob *job)
{
    CAST_ROWS(job, int32_t, uint8_t, { *d = x != 0; });
    return true;
}

// ---- may be out of range ----

static bool range_error(const CastJob *job, int64_t value)
{
    return err_set(job->err, SQLSTATE_OUT_OF_RANGE, "%s out of range: %lld", type_name(job->to.id),
                   (long long)value);
}

static bool range_error_double(const CastJob *job, double value)
{
    char text[32];
    size_t len = cast_double_to_text(value, text);
    return err_set(job->err, SQLSTATE_OUT_OF_RANGE, "%s out of range: %.*s", type_name(job->to.id), (int)len,
                   text);
}

// The loop only notes that something did not fit, so that it stays free of branches; a second pass finds the
// value.
#define KERNEL_NARROW(name, S, D)                                                                            \
    static bool name(const CastJob *job)                                                                     \
    {                                                                                                        \
        bool bad = false;                                                                                    \
        CAST_ROWS(job, S, D, {                                                                               \
            *d = (D)x;                                                                                       \
            bad |= (S)*d != x;                                                                               \
        });                                                                                                  \
        if (!bad) return true;                                                                               \
        CAST_ROWS(job, S, D, {                                                                               \
            if ((S)*d != x) return range_error(job, x);                                                      \
        });                                                                                                  \
        return false;                                                                                        \
    }
KERNEL_NARROW(i32_to_i16, int32_t, int16_t)
KERNEL_NARROW(i64_to_i16, int64_t, int16_t)
KERNEL_NARROW(i64_to_i32, int64_t, int32_t)

// Half to even, as PostgreSQL. LIMIT is 2^(bits-1): the range is [-LIMIT, LIMIT); NaN fails both comparisons.
#define KERNEL_ROUND(name, S, D, LIMIT)                                                                      \
    static bool name(const CastJob *job)                                                                     \
    {                                                                                                        \
        CAST_ROWS(job, S, D, {                                                                               \
            double whole = rint((double)x);                                                                  \
            if (!(whole >= -(LIMIT) && whole < (LIMIT))) return range_error_double(job, (double)x);          \
            *d = (D)whole;                                                                                   \
        });                                                                                                  \
        return true;                                                                                         \
    }
KERNEL_ROUND(f32_to_i16, float, int16_t, 0x1p15)
KERNEL_ROUND(f32_to_i32, float, int32_t, 0x1p31)
KERNEL_ROUND(f32_to_i64, float, int64_t, 0x1p63)
KERNEL_ROUND(f64_to_i16, double, int16_t, 0x1p15)
KERNEL_ROUND(f64_to_i32, double, int32_t, 0x1p31)
KERNEL_ROUND(f64_to_i64, double, int64_t, 0x1p63)

static bool float_out_of_range(const CastJob *job, const char *how, Str value)
{
    return err_set(job->err, SQLSTATE_OUT_OF_RANGE, "value out of range: %s: %.*s is outside of %s", how,
                   (int)(value.len > 60 ? 60 : value.len), value.at, type_name(job->to.id));
}

static bool f64_to_f32(const CastJob *job)
{
    CAST_ROWS(job, double, float, {
        float f = (float)x; // IEEE 754: infinity when it is too large
        *d = f;
        bool overflow = isinf(f) && isfinite(x), underflow = f == 0 && x != 0;
        if (overflow || underflow) {
            char text[32];
            size_t len = cast_double_to_text(x, text);
            return float_out_of_range(job, overflow ? "overflow" : "underflow", (Str){text, len});
        }
    });
    return true;
}

// ---- numeric ----

static bool numeric_keep(const CastJob *job, Numeric *d, const Numeric *n)
{
    if (job->how != CAST_IMPLICIT && job->to.length)
        return numeric_fit(d, n, job->to.length, job->to.scale, job->mem, job->err);
    *d = job->copy ? numeric_copy(job->mem, *n) : *n;
    return true;
}

#define KERNEL_INTEGER_TO_NUMERIC(name, S)                                                                   \
    static bool name(const CastJob *job)                                                                     \
    {                                                                                                        \
        CAST_ROWS(job, S, Numeric, {                                                                         \
            Numeric n = numeric_from_int64(x, job->mem);                                                     \
            if (!numeric_keep(job, d, &n)) return false;                                                     \
        });                                                                                                  \
        return true;                                                                                         \
    }
KERNEL_INTEGER_TO_NUMERIC(i16_to_numeric, int16_t)
KERNEL_INTEGER_TO_NUMERIC(i32_to_numeric, int32_t)
KERNEL_INTEGER_TO_NUMERIC(i64_to_numeric, int64_t)

static bool f64_to_numeric(const CastJob *job)
{
    CAST_ROWS(job, double, Numeric, {
        Numeric n;
        if (!numeric_from_double(&n, x, job->mem, job->err) || !numeric_keep(job, d, &n)) return false;
    });
    return true;
}

// A float is good for six digits; its neighbours in double precision would show noise.
static bool float_to_numeric(Numeric *out, float x, const CastJob *job)
{
    if (!isfinite(x)) return numeric_from_double(out, (double)x, job->mem, job->err);
    char text[48];
    int len = snprintf(text, sizeof text, "%.5e", (double)x);
    for (int i = 1; i < len; i++)
        if (text[i] != 'e' && text[i] != '-' && text[i] != '+' && (text[i] < '0' || text[i] > '9'))
            text[i] = '.';
    double six;
    if (!cast_text_to_double((Str){text, (size_t)len}, &six, job->err)) return false;
    return numeric_from_double(out, six, job->mem, job->err);
}

static bool f32_to_numeric(const CastJob *job)
{
    CAST_ROWS(job, float, Numeric, {
        Numeric n;
        if (!float_to_numeric(&n, x, job) || !numeric_keep(job, d, &n)) return false;
    });
    return true;
}

static bool numeric_range_error(const CastJob *job, const Numeric *n)
{
    if (n->kind > NUMERIC_BIG)
        return err_set(job->err, SQLSTATE_UNSUPPORTED, "cannot convert %s to %s",
                       n->kind == NUMERIC_NAN ? "NaN" : "infinity", type_name(job->to.id));
    char text[NUMERIC_TEXT_MAX];
    size_t len = numeric_to_text(n, text, sizeof text);
    return err_set(job->err, SQLSTATE_OUT_OF_RANGE, "%s out of range: %.*s", type_name(job->to.id),
                   (int)(len > 60 ? 60 : len), text);
}

#define KERNEL_NUMERIC_TO_INTEGER(name, D)                                                                   \
    static bool name(const CastJob *job)                                                                     \
    {                                                                                                        \
        CAST_ROWS(job, Numeric, D, {                                                                         \
            int64_t v;                                                                                       \
            if (!numeric_to_int64(&x, &v) || (D)v != v) return numeric_range_error(job, &x);                 \
            *d = (D)v;                                                                                       \
        });                                                                                                  \
        return true;                                                                                         \
    }
KERNEL_NUMERIC_TO_INTEGER(numeric_to_i16, int16_t)
KERNEL_NUMERIC_TO_INTEGER(numeric_to_i32, int32_t)
KERNEL_NUMERIC_TO_INTEGER(numeric_to_i64, int64_t)

static bool numeric_float_error(const CastJob *job, const Numeric *n)
{
    char text[NUMERIC_TEXT_MAX];
    size_t len = numeric_to_text(n, text, sizeof text);
    return err_set(job->err, SQLSTATE_OUT_OF_RANGE, "\"%.*s\" is out of range for type %s",
                   (int)(len > 60 ? 60 : len), text, type_name(job->to.id));
}

static bool numeric_to_f64(const CastJob *job)
{
    CAST_ROWS(job, Numeric, double, {
        *d = numeric_to_double(&x);
        bool lost = isinf(*d) ? x.kind == NUMERIC_BIG : *d == 0 && numeric_sign(&x) != 0;
        if (lost) return numeric_float_error(job, &x);
    });
    return true;
}

static bool numeric_to_f32(const CastJob *job)
{
    CAST_ROWS(job, Numeric, float, {
        if (x.kind > NUMERIC_BIG) {
            *d = (float)numeric_to_double(&x);
        } else { // by its text: through a double it would be rounded twice
            char text[NUMERIC_TEXT_MAX];
            size_t len = numeric_to_text(&x, text, sizeof text);
            if (!cast_text_to_float((Str){text, len}, d, job->err)) return false;
        }
    });
    return true;
}

static bool numeric_to_numeric(const CastJob *job)
{
    CAST_ROWS(job, Numeric, Numeric, {
        if (!numeric_keep(job, d, &x)) return false;
    });
    return true;
}

// ---- dates and times ----

static bool date_to_timestamp(const CastJob *job)
{
    CAST_ROWS(job, int32_t, int64_t, {
        if (!timestamp_from_date(d, x)) {
            char text[DATETIME_TEXT_SIZE];
            size_t len = date_to_text(x, text);
            return err_set(job->err, "22008", "date out of range for timestamp: %.*s", (int)len, text);
        }
    });
    return true;
}

static bool timestamp_to_date(const CastJob *job)
{
    CAST_ROWS(job, int64_t, int32_t, {
        if (x == TIMESTAMP_INFINITY || x == TIMESTAMP_NEG_INFINITY)
            *d = x == TIMESTAMP_INFINITY ? DATE_INFINITY : DATE_NEG_INFINITY;
        else
            *d = (int32_t)(x / DATETIME_US_PER_DAY - (x % DATETIME_US_PER_DAY < 0));
    });
    return true;
}

// Gives up the digits of the second that time(p) and timestamp(p) do not show. Halves go away from midnight
// of 2000-01-01, PostgreSQL's zero.
int64_t cast_round_fraction(int64_t us, const CastJob *job)
{
    static const int64_t unit_us[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    if (job->how == CAST_IMPLICIT || job->to.scale <= 0 || job->to.scale > TYPE_FRACTION_MAX) return us;
    if (us == TIMESTAMP_INFINITY || us == TIMESTAMP_NEG_INFINITY) return us;
    const int64_t zero =
        job->to.id != TYPE_TIME && job->to.id != TYPE_INTERVAL ? 10957 * DATETIME_US_PER_DAY : 0;
    int64_t unit = unit_us[job->to.scale], rest = us % unit;
    if (us >= zero && rest < 0) rest += unit;
    if (us < zero && rest > 0) rest -= unit;
    int64_t whole = us - rest;
    if (rest >= unit / 2) return whole > INT64_MAX - unit ? us : whole + unit;
    if (-rest >= unit / 2) return whole < INT64_MIN + unit ? us : whole - unit;
    return whole;
}

static bool when_to_when(const CastJob *job)
{
    CAST_ROWS(job, int64_t, int64_t, { *d = cast_round_fraction(x, job); });
    return true;
}

static bool timestamp_to_time(const CastJob *job)
{
    if (!job->out->nulls) job->out->nulls = arena_array(job->mem, uint64_t, BATCH_NULL_WORDS);
    CAST_ROWS(job, int64_t, int64_t, {
        bool infinite = x == TIMESTAMP_INFINITY || x == TIMESTAMP_NEG_INFINITY;
        int64_t us = infinite ? 0 : x % DATETIME_US_PER_DAY;
        *d = cast_round_fraction(us < 0 ? us + DATETIME_US_PER_DAY : us, job);
        if (infinite)
            vector_set_null(job->out, (uint32_t)(d - target_)); // as in PostgreSQL: no time of the day
    });
    return true;
}

CastKernel cast_number_kernel(TypeId from, TypeId to)
{
    static const CastKernel kernel[TYPE_COUNT][TYPE_COUNT] = {
        [TYPE_BOOLEAN] = {[TYPE_BOOLEAN] = copy_bool, [TYPE_INTEGER] = bool_to_i32},
        [TYPE_SMALLINT] = {[TYPE_SMALLINT] = copy_i16,
                           [TYPE_INTEGER] = i16_to_i32,
                           [TYPE_BIGINT] = i16_to_i64,
                           [TYPE_NUMERIC] = i16_to_numeric,
                           [TYPE_REAL] = i16_to_f32,
                           [TYPE_DOUBLE] = i16_to_f64},
        [TYPE_INTEGER] = {[TYPE_BOOLEAN] = i32_to_bool,
                          [TYPE_SMALLINT] = i32_to_i16,
                          [TYPE_INTEGER] = copy_i32,
                          [TYPE_BIGINT] = i32_to_i64,
                          [TYPE_NUMERIC] = i32_to_numeric,
                          [TYPE_REAL] = i32_to_f32,
                          [TYPE_DOUBLE] = i32_to_f64},
        [TYPE_BIGINT] = {[TYPE_SMALLINT] = i64_to_i16,
                         [TYPE_INTEGER] = i64_to_i32,
                         [TYPE_BIGINT] = copy_i64,
                         [TYPE_NUMERIC] = i64_to_numeric,
                         [TYPE_REAL] = i64_to_f32,
                         [TYPE_DOUBLE] = i64_to_f64},
        [TYPE_NUMERIC] = {[TYPE_SMALLINT] = numeric_to_i16,
                          [TYPE_INTEGER] = numeric_to_i32,
                          [TYPE_BIGINT] = numeric_to_i64,
                          [TYPE_NUMERIC] = numeric_to_numeric,
                          [TYPE_REAL] = numeric_to_f32,
                          [TYPE_DOUBLE] = numeric_to_f64},
        [TYPE_REAL] = {[TYPE_SMALLINT] = f32_to_i16,
                       [TYPE_INTEGER] = f32_to_i32,
                       [TYPE_BIGINT] = f32_to_i64,
                       [TYPE_NUMERIC] = f32_to_numeric,
                       [TYPE_REAL] = copy_f32,
                       [TYPE_DOUBLE] = f32_to_f64},
        [TYPE_DOUBLE] = {[TYPE_SMALLINT] = f64_to_i16,
                         [TYPE_INTEGER] = f64_to_i32,
                         [TYPE_BIGINT] = f64_to_i64,
                         [TYPE_NUMERIC] = f64_to_numeric,
                         [TYPE_REAL] = f64_to_f32,
                         [TYPE_DOUBLE] = copy_f64},
        [TYPE_DATE] = {[TYPE_DATE] = copy_i32, [TYPE_TIMESTAMP] = date_to_timestamp},
        // cppcheck-suppress unknownEvaluationOrder ; a designator, not an assignment
        [TYPE_TIME] = {[TYPE_TIME] = when_to_when},
        [TYPE_TIMESTAMP] = {[TYPE_DATE] = timestamp_to_date,
                            [TYPE_TIME] = timestamp_to_time,
                            [TYPE_TIMESTAMP] = when_to_when},
    };
    return kernel[from][to] ? kernel[from][to] : cast_when_kernel(from, to);
}
