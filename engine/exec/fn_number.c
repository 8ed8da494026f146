// Functions of numbers: sign, rounding, roots, logarithms, angles, greatest and least, random. Doubles go
// through libm, exact decimals through fn_decimal; errors are PostgreSQL 15's.
#include "engine/exec/fn.h"
#include "engine/exec/fn_decimal.h"

#include "engine/base/random.h"
#include <math.h>
#include <string.h>

static bool number_range(KernelContext *ctx, const char *sentence)
{
    return err_set_at(ctx->err, SQLSTATE_OUT_OF_RANGE, ctx->at, "%s", sentence);
}

// ---- sign ----

#define ABS_INT(name, T, MIN, sql)                                                                           \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            const T x = FN_CELL(T, 0, r);                                                                    \
            if (x == MIN) return number_range(ctx, sql " out of range");                                     \
            FN_OUT(T)[r] = (T)(x < 0 ? -x : x);                                                              \
        });                                                                                                  \
        return true;                                                                                         \
    }
ABS_INT(abs_i16, int16_t, INT16_MIN, "smallint")
ABS_INT(abs_i32, int32_t, INT32_MIN, "integer")
ABS_INT(abs_i64, int64_t, INT64_MIN, "bigint")

#define EACH(name, T, EXPR)                                                                                  \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            const T x = FN_CELL(T, 0, r);                                                                    \
            FN_OUT(T)[r] = EXPR;                                                                             \
        });                                                                                                  \
        return true;                                                                                         \
    }
EACH(abs_f32, float, fabsf(x))
EACH(abs_f64, double, fabs(x))
EACH(abs_numeric, Numeric, numeric_sign(&x) < 0 ? numeric_negate(&x, ctx->mem) : x)
EACH(sign_f64, double, x > 0 ? 1 : x < 0 ? -1 : x)
EACH(sign_numeric, Numeric, x.kind == NUMERIC_NAN ? x : numeric_small(numeric_sign(&x), 0))

// ---- rounding ----

EACH(round_f64, double, rint(x))
EACH(trunc_f64, double, trunc(x))
EACH(ceil_f64, double, ceil(x))
EACH(floor_f64, double, floor(x))

// The scale argument is cut to what a decimal can hold, as PostgreSQL does.
static int scale_of(const Vector *arg, uint32_t args, uint32_t row)
{
    int32_t s = args > 1 ? FN_CELL(int32_t, 1, row) : 0;
    return s > NUMERIC_SCALE_MAX ? NUMERIC_SCALE_MAX : s < -NUMERIC_DIGITS_MAX ? -NUMERIC_DIGITS_MAX : s;
}
#define DECIMAL_CUT(name, call)                                                                              \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_ROWS(r, {                                                                                         \
            if (!call(&FN_OUT(Numeric)[r], &FN_CELL(Numeric, 0, r), scale_of(arg, args, r), ctx->mem,        \
                      ctx->err))                                                                             \
                return false;                                                                                \
        });                                                                                                  \
        return true;                                                                                         \
    }
DECIMAL_CUT(round_numeric, numeric_round)
DECIMAL_CUT(trunc_numeric, numeric_truncate)

// direction +1: up, -1: down.
static bool decimal_whole(Numeric *out, const Numeric *x, int direction, Arena *mem, Err *err)
{
    const Numeric one = numeric_small(direction, 0);
    Numeric cut;
    if (x->kind >= NUMERIC_NAN) {
        *out = *x;
        return true;
    }
    if (!numeric_truncate(&cut, x, 0, mem, err)) return false;
    int d = numeric_compare(x, &cut);
    *out = cut;
    return d != direction || numeric_add(out, &cut, &one, mem, err);
}
#define DECIMAL_ONE(name, CALL)                                                                              \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            const Numeric *x = &FN_CELL(Numeric, 0, r);                                                      \
            Numeric *o = &FN_OUT(Numeric)[r];                                                                \
            if (!(CALL)) return false;                                                                       \
        });                                                                                                  \
        return true;                                                                                         \
    }
DECIMAL_ONE(ceil_numeric, decimal_whole(o, x, 1, ctx->mem, ctx->err))
DECIMAL_ONE(floor_numeric, decimal_whole(o, x, -1, ctx->mem, ctx->err))
DECIMAL_ONE(sqrt_numeric, fn_decimal_sqrt(o, x, fn_decimal_sqrt_scale(x), ctx->mem, ctx->err))
DECIMAL_ONE(exp_numeric, fn_decimal_exp(o, x, ctx->mem, ctx->err))
DECIMAL_ONE(ln_numeric, fn_decimal_ln(o, x, ctx->mem, ctx->err))

static bool decimal_log10(Numeric *o, const Numeric *x, Arena *mem, Err *err)
{
    const Numeric ten = numeric_small(10, 0);
    return fn_decimal_log(o, &ten, x, mem, err);
}
DECIMAL_ONE(log_numeric, decimal_log10(o, x, ctx->mem, ctx->err))

static bool decimal_div(Numeric *o, const Numeric *x, const Numeric *y, Arena *mem, Err *err)
{
    Numeric rest, whole;
    if (x->kind >= NUMERIC_NAN || y->kind >= NUMERIC_NAN) return numeric_div(o, x, y, mem, err);
    return numeric_mod(&rest, x, y, mem, err) && numeric_sub(&whole, x, &rest, mem, err) &&
           numeric_div(&whole, &whole, y, mem, err) && numeric_round(o, &whole, 0, mem, err);
}
#define DECIMAL_TWO(name, call)                                                                              \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            if (!call(&FN_OUT(Numeric)[r], &FN_CELL(Numeric, 0, r), &FN_CELL(Numeric, 1, r), ctx->mem,       \
                      ctx->err))                                                                             \
                return false;                                                                                \
        });                                                                                                  \
        return true;                                                                                         \
    }
DECIMAL_TWO(log_base_numeric, fn_decimal_log)
DECIMAL_TWO(power_numeric, fn_decimal_power)
DECIMAL_TWO(div_whole_numeric, decimal_div)

// ---- doubles ----

// TEST names what is wrong with x before the call; overflow and underflow are found behind it.
#define DOUBLE_ONE(name, CALL, TEST)                                                                         \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            const double x = FN_CELL(double, 0, r);                                                          \
            TEST const double y = CALL;                                                                      \
            if (isinf(y) && !isinf(x)) return number_range(ctx, "value out of range: overflow");             \
            FN_OUT(double)[r] = y;                                                                           \
        });                                                                                                  \
        return true;                                                                                         \
    }
#define REFUSE(condition, state, sentence)                                                                   \
    if (condition) return err_set_at(ctx->err, state, ctx->at, sentence);
#define FINITE REFUSE(isinf(x), SQLSTATE_OUT_OF_RANGE, "input is out of range")
#define UNIT   REFUSE(x<-1 || x> 1, SQLSTATE_OUT_OF_RANGE, "input is out of range")
#define POSITIVE                                                                                             \
    REFUSE(x == 0, "2201E", "cannot take logarithm of zero")                                                 \
    REFUSE(x < 0, "2201E", "cannot take logarithm of a negative number")
static const double degree = 57.29577951308232; // 180 / pi
DOUBLE_ONE(sqrt_f64, sqrt(x), REFUSE(x < 0, "2201F", "cannot take square root of a negative number"))
DOUBLE_ONE(cbrt_f64, cbrt(x), )
DOUBLE_ONE(exp_f64, exp(x),
           REFUSE(x < -745.2 && !isinf(x), SQLSTATE_OUT_OF_RANGE, "value out of range: underflow"))
DOUBLE_ONE(ln_f64, log(x), POSITIVE)
DOUBLE_ONE(log_f64, log10(x), POSITIVE)
DOUBLE_ONE(sin_f64, sin(x), FINITE)
DOUBLE_ONE(cos_f64, cos(x), FINITE)
DOUBLE_ONE(tan_f64, tan(x), FINITE)
DOUBLE_ONE(asin_f64, asin(x), UNIT)
DOUBLE_ONE(acos_f64, acos(x), UNIT)
DOUBLE_ONE(atan_f64, atan(x), )
DOUBLE_ONE(asinh_f64, asinh(x), )
DOUBLE_ONE(acosh_f64, acosh(x), REFUSE(x < 1, SQLSTATE_OUT_OF_RANGE, "input is out of range"))
DOUBLE_ONE(sinh_f64, sinh(x), )
DOUBLE_ONE(cosh_f64, cosh(x), )
DOUBLE_ONE(tanh_f64, tanh(x), )
DOUBLE_ONE(degrees_f64, x *degree, )
DOUBLE_ONE(radians_f64, x / degree, )

// At the ends of its range it is infinite.
FN_KERNEL(atanh_f64)
{
    FN_UNUSED;
    FN_ROWS(r, {
        const double x = FN_CELL(double, 0, r);
        UNIT FN_OUT(double)[r] = x == 1 ? (double)INFINITY : x == -1 ? -(double)INFINITY : atanh(x);
    });
    return true;
}

FN_KERNEL(atan2_f64)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(double)[r] = atan2(FN_CELL(double, 0, r), FN_CELL(double, 1, r)); });
    return true;
}

FN_KERNEL(power_f64)
{
    FN_UNUSED;
    FN_ROWS(r, {
        const double x = FN_CELL(double, 0, r);
        const double y = FN_CELL(double, 1, r);
        REFUSE(x == 0 && y < 0, "2201F", "zero raised to a negative power is undefined")
        REFUSE(x < 0 && floor(y) != y, "2201F",
               "a negative number raised to a non-integer power yields a complex result")
        const double z = pow(x, y);
        if (isinf(z) && !isinf(x) && !isinf(y)) return number_range(ctx, "value out of range: overflow");
        if (z == 0 && x != 0 && !isinf(x) && !isinf(y))
            return number_range(ctx, "value out of range: underflow");
        FN_OUT(double)[r] = z;
    });
    return true;
}

FN_KERNEL(pi_f64)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(double)[r] = 3.14159265358979323846; });
    return true;
}

// Seeded anew for every batch: no state outlives the call.
FN_KERNEL(random_f64)
{
    uint64_t seed;
    Random random;
    (void)arg;
    (void)args;
    if (!random_secret(&seed, sizeof seed, ctx->err)) return false;
    random_seed(&random, seed);
    FN_ROWS(r, { FN_OUT(double)[r] = random_unit(&random); });
    return true;
}

#define GCD(name, T)                                                                                         \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            int64_t x = FN_CELL(T, 0, r);                                                                    \
            int64_t y = FN_CELL(T, 1, r);                                                                    \
            while (y) {                                                                                      \
                const int64_t rest = y == -1 ? 0 : x % y;                                                    \
                x = y;                                                                                       \
                y = rest;                                                                                    \
            }                                                                                                \
            if (x == INT64_MIN || (T)(x < 0 ? -x : x) < 0)                                                   \
                return number_range(ctx, "the result is out of range");                                      \
            FN_OUT(T)[r] = (T)(x < 0 ? -x : x);                                                              \
        });                                                                                                  \
        return true;                                                                                         \
    }
#define LCM(name, T)                                                                                         \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            const T a = FN_CELL(T, 0, r);                                                                    \
            const T b = FN_CELL(T, 1, r);                                                                    \
            T x = a;                                                                                         \
            T y = b;                                                                                         \
            T all = 0;                                                                                       \
            while (y) {                                                                                      \
                const T rest = y == -1 ? 0 : x % y;                                                          \
                x = y;                                                                                       \
                y = rest;                                                                                    \
            }                                                                                                \
            const bool none = !a || !b;                                                                      \
            const bool over =                                                                                \
                !none && (x == -1 ? __builtin_sub_overflow((T)0, a, &all) : (all = a / x, false));           \
            if (over || (!none && __builtin_mul_overflow(all, b, &all)) ||                                   \
                (all < 0 && __builtin_sub_overflow((T)0, all, &all)))                                        \
                return number_range(ctx, sizeof(T) == 4 ? "integer out of range" : "bigint out of range");   \
            FN_OUT(T)[r] = all;                                                                              \
        });                                                                                                  \
        return true;                                                                                         \
    }
LCM(lcm_i32, int32_t)
LCM(lcm_i64, int64_t)
GCD(gcd_i32, int32_t)
GCD(gcd_i64, int64_t)

// ---- digits behind the point, factorials ----

// NULL for NaN and the infinities.
static bool is_finite(const Numeric *n) { return n->kind == NUMERIC_SMALL || n->kind == NUMERIC_BIG; }

FN_KERNEL(shown_scale)
{
    FN_UNUSED;
    FN_ROWS(r, {
        const Numeric n = FN_CELL(Numeric, 0, r);
        if (is_finite(&n))
            FN_OUT(int32_t)[r] = n.scale;
        else
            vector_set_null(out, r);
    });
    return true;
}

static bool needed_scale(const Numeric *n, int *scale, KernelContext *ctx)
{
    char text[NUMERIC_TEXT_MAX];
    size_t len = numeric_to_text(n, text, sizeof text);
    *scale = n->scale;
    if (!len) return number_range(ctx, "value overflows numeric format");
    while (*scale && text[--len] == '0') --*scale;
    return true;
}

FN_KERNEL(min_scale_of)
{
    FN_UNUSED;
    FN_ROWS(r, {
        const Numeric n = FN_CELL(Numeric, 0, r);
        int scale = 0;
        if (is_finite(&n) && !needed_scale(&n, &scale, ctx)) return false;
        FN_OUT(int32_t)[r] = scale;
        if (!is_finite(&n)) vector_set_null(out, r);
    });
    return true;
}

FN_KERNEL(trim_scale)
{
    FN_UNUSED;
    FN_ROWS(r, {
        Numeric n = FN_CELL(Numeric, 0, r);
        int scale;
        if (is_finite(&n) &&
            (!needed_scale(&n, &scale, ctx) || !numeric_round(&n, &n, scale, ctx->mem, ctx->err)))
            return false;
        FN_OUT(Numeric)[r] = n;
    });
    return true;
}

enum { FACTORIAL_MAX = 1448 }; // the last whose digits a numeric holds

FN_KERNEL(factorial)
{
    FN_UNUSED;
    FN_ROWS(r, {
        const int64_t n = FN_CELL(int64_t, 0, r);
        Numeric all = numeric_small(1, 0);
        if (n < 0) return number_range(ctx, "factorial of a negative number is undefined");
        if (n > FACTORIAL_MAX) return number_range(ctx, "value overflows numeric format");
        for (int64_t i = 2; i <= n; i++) {
            const Numeric next = numeric_small(i, 0);
            if (!numeric_mul(&all, &all, &next, ctx->mem, ctx->err)) return false;
        }
        FN_OUT(Numeric)[r] = all;
    });
    return true;
}

// ---- greatest, least: NULLs do not take part ----

static bool extreme(const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count, Vector *out,
                    int direction)
{
    const size_t cell = phys_size(type_phys(out->type.id));
    const OrderCompare compare = order_compare(arg[0].type.id);
    for (uint32_t k = 0; k < count; k++) {
        const uint32_t row = sel ? sel[k] : k;
        const char *best = NULL;
        for (uint32_t i = 0; i < args; i++) {
            if (vector_is_null(&arg[i], row)) continue;
            const char *x = (const char *)arg[i].data + vector_slot(&arg[i], row) * cell;
            if (!best || compare(x, best) * direction > 0) best = x;
        }
        if (best)
            memcpy((char *)out->data + row * cell, best, cell);
        else {
            memset((char *)out->data + row * cell, 0, cell);
            vector_set_null(out, row);
        }
    }
    return true;
}
FN_KERNEL(greatest)
{
    (void)ctx;
    return extreme(arg, args, sel, count, out, 1);
}
FN_KERNEL(least)
{
    (void)ctx;
    return extreme(arg, args, sel, count, out, -1);
}

#define S FUNCTION_STRICT
#define D TYPE_DOUBLE
#define N TYPE_NUMERIC
#define I TYPE_INTEGER
#define L TYPE_BIGINT
#define BOTH(name, double_kernel, numeric_kernel)                                                            \
    {name, 1, S, {D}, D, double_kernel}, { name, 1, S, {N}, N, numeric_kernel }
const Function fn_number[] = {
    {"abs", 1, S, {TYPE_SMALLINT}, TYPE_SMALLINT, abs_i16},
    {"abs", 1, S, {I}, I, abs_i32},
    {"abs", 1, S, {L}, L, abs_i64},
    {"abs", 1, S, {TYPE_REAL}, TYPE_REAL, abs_f32},
    BOTH("abs", abs_f64, abs_numeric),
    {"@", 1, S | FUNCTION_OPERATOR, {D}, D, abs_f64},
    {"@", 1, S | FUNCTION_OPERATOR, {N}, N, abs_numeric},
    {"@", 1, S | FUNCTION_OPERATOR, {I}, I, abs_i32},
    {"@", 1, S | FUNCTION_OPERATOR, {L}, L, abs_i64},
    BOTH("sign", sign_f64, sign_numeric),
    BOTH("round", round_f64, round_numeric),
    {"round", 2, S, {N, I}, N, round_numeric},
    BOTH("trunc", trunc_f64, trunc_numeric),
    {"trunc", 2, S, {N, I}, N, trunc_numeric},
    BOTH("ceil", ceil_f64, ceil_numeric),
    BOTH("ceiling", ceil_f64, ceil_numeric),
    BOTH("floor", floor_f64, floor_numeric),
    {"div", 2, S, {N, N}, N, div_whole_numeric},
    BOTH("sqrt", sqrt_f64, sqrt_numeric),
    {"|/", 1, S | FUNCTION_OPERATOR, {D}, D, sqrt_f64},
    {"||/", 1, S | FUNCTION_OPERATOR, {D}, D, cbrt_f64},
    {"cbrt", 1, S, {D}, D, cbrt_f64},
    BOTH("exp", exp_f64, exp_numeric),
    BOTH("ln", ln_f64, ln_numeric),
    BOTH("log", log_f64, log_numeric),
    BOTH("log10", log_f64, log_numeric),
    {"log", 2, S, {N, N}, N, log_base_numeric},
    {"power", 2, S, {D, D}, D, power_f64},
    {"power", 2, S, {N, N}, N, power_numeric},
    {"pow", 2, S, {D, D}, D, power_f64},
    {"pow", 2, S, {N, N}, N, power_numeric},
    {"^", 2, S | FUNCTION_OPERATOR, {D, D}, D, power_f64},
    {"^", 2, S | FUNCTION_OPERATOR, {N, N}, N, power_numeric},
    {"pi", 0, S, {0}, D, pi_f64},
    {"random", 0, S | FUNCTION_VOLATILE, {0}, D, random_f64},
    {"gcd", 2, S, {I, I}, I, gcd_i32},
    {"gcd", 2, S, {L, L}, L, gcd_i64},
    {"lcm", 2, S, {I, I}, I, lcm_i32},
    {"lcm", 2, S, {L, L}, L, lcm_i64},
    {"scale", 1, S, {N}, I, shown_scale},
    {"min_scale", 1, S, {N}, I, min_scale_of},
    {"trim_scale", 1, S, {N}, N, trim_scale},
    {"factorial", 1, S, {L}, N, factorial},
    {"asinh", 1, S, {D}, D, asinh_f64},
    {"acosh", 1, S, {D}, D, acosh_f64},
    {"atanh", 1, S, {D}, D, atanh_f64},
    {"sin", 1, S, {D}, D, sin_f64},
    {"cos", 1, S, {D}, D, cos_f64},
    {"tan", 1, S, {D}, D, tan_f64},
    {"asin", 1, S, {D}, D, asin_f64},
    {"acos", 1, S, {D}, D, acos_f64},
    {"atan", 1, S, {D}, D, atan_f64},
    {"sinh", 1, S, {D}, D, sinh_f64},
    {"cosh", 1, S, {D}, D, cosh_f64},
    {"tanh", 1, S, {D}, D, tanh_f64},
    {"atan2", 2, S, {D, D}, D, atan2_f64},
    {"degrees", 1, S, {D}, D, degrees_f64},
    {"radians", 1, S, {D}, D, radians_f64},
    {"greatest", 1, FUNCTION_VARIADIC | FUNCTION_SAME_TYPE, {TYPE_NULL}, TYPE_NULL, greatest},
    {"least", 1, FUNCTION_VARIADIC | FUNCTION_SAME_TYPE, {TYPE_NULL}, TYPE_NULL, least},
    {0},
};
