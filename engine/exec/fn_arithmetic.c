// Arithmetic: + - * / % and unary signs for every number type, bits for integers. Overflow is 22003, division
// by zero 22012, as in PostgreSQL. The dense loops collect an overflow mark instead of branching, so that
// they vectorise.
#include "engine/exec/fn.h"

#include <math.h>

#define FLAGS               (FUNCTION_STRICT | FUNCTION_OPERATOR)
#define NUMERIC_SMALL_LIMIT INT64_C(1000000000000000000)

// The loops of a binary kernel: dense column with column, dense with a constant, and the rest.
#define ARITH_LOOPS(T, BODY)                                                                                 \
    const T *a = arg[0].data, *b = arg[1].data;                                                              \
    T *o = out->data;                                                                                        \
    const bool ca = arg[0].constant, cb = arg[1].constant;                                                   \
    if (!sel && !ca && !cb) {                                                                                \
        for (uint32_t r = 0; r < count; r++) {                                                               \
            const T x = a[r], y = b[r];                                                                      \
            BODY                                                                                             \
        }                                                                                                    \
    } else if (!sel && !ca) {                                                                                \
        const T y = b[0];                                                                                    \
        for (uint32_t r = 0; r < count; r++) {                                                               \
            const T x = a[r];                                                                                \
            BODY                                                                                             \
        }                                                                                                    \
    } else {                                                                                                 \
        for (uint32_t k = 0; k < count; k++) {                                                               \
            const uint32_t r = sel ? sel[k] : k;                                                             \
            const T x = a[ca ? 0 : r], y = b[cb ? 0 : r];                                                    \
            BODY                                                                                             \
        }                                                                                                    \
    }

static bool arith_range(KernelContext *ctx, const char *type)
{
    return err_set_at(ctx->err, SQLSTATE_OUT_OF_RANGE, ctx->at, "%s out of range", type);
}
static bool arith_zero(KernelContext *ctx)
{
    return err_set_at(ctx->err, SQLSTATE_DIVISION, ctx->at, "division by zero");
}

// ---- integers: computed one size wider, or by sign bits for bigint ----

#define INT_BINARY(name, T, W, OP, sql)                                                                      \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        W bad = 0;                                                                                           \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(T, {                                                                                     \
            const W wide = (W)x OP(W) y;                                                                     \
            o[r] = (T)wide;                                                                                  \
            bad |= wide ^ (W)o[r];                                                                           \
        })                                                                                                   \
        return !bad || arith_range(ctx, sql);                                                                \
    }
INT_BINARY(add_i16, int16_t, int32_t, +, "smallint")
INT_BINARY(sub_i16, int16_t, int32_t, -, "smallint")
INT_BINARY(mul_i16, int16_t, int32_t, *, "smallint")
INT_BINARY(add_i32, int32_t, int64_t, +, "integer")
INT_BINARY(sub_i32, int32_t, int64_t, -, "integer")
INT_BINARY(mul_i32, int32_t, int64_t, *, "integer")

FN_KERNEL(add_i64)
{
    uint64_t bad = 0;
    FN_UNUSED;
    ARITH_LOOPS(int64_t, {
        const uint64_t u = (uint64_t)x + (uint64_t)y;
        o[r] = (int64_t)u;
        bad |= ((uint64_t)x ^ u) & ((uint64_t)y ^ u);
    })
    return !(bad >> 63) || arith_range(ctx, "bigint");
}

FN_KERNEL(sub_i64)
{
    uint64_t bad = 0;
    FN_UNUSED;
    ARITH_LOOPS(int64_t, {
        const uint64_t u = (uint64_t)x - (uint64_t)y;
        o[r] = (int64_t)u;
        bad |= ((uint64_t)x ^ (uint64_t)y) & ((uint64_t)x ^ u);
    })
    return !(bad >> 63) || arith_range(ctx, "bigint");
}

FN_KERNEL(mul_i64)
{
    bool bad = false;
    FN_UNUSED;
    ARITH_LOOPS(int64_t, { bad |= __builtin_mul_overflow(x, y, &o[r]); })
    return !bad || arith_range(ctx, "bigint");
}

#define INT_DIVIDE(type, T, MIN, sql)                                                                        \
    FN_KERNEL(div_##type)                                                                                    \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(T, {                                                                                     \
            if (y == 0) return arith_zero(ctx);                                                              \
            if (y == -1 && x == MIN) return arith_range(ctx, sql);                                           \
            o[r] = (T)(x / y);                                                                               \
        })                                                                                                   \
        return true;                                                                                         \
    }                                                                                                        \
    FN_KERNEL(mod_##type)                                                                                    \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(T, {                                                                                     \
            if (y == 0) return arith_zero(ctx);                                                              \
            o[r] = y == -1 ? 0 : (T)(x % y);                                                                 \
        })                                                                                                   \
        return true;                                                                                         \
    }                                                                                                        \
    FN_KERNEL(neg_##type)                                                                                    \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            const T x = FN_CELL(T, 0, r);                                                                    \
            if (x == MIN) return arith_range(ctx, sql);                                                      \
            FN_OUT(T)[r] = (T)(-x);                                                                          \
        });                                                                                                  \
        return true;                                                                                         \
    }                                                                                                        \
    FN_KERNEL(and_##type)                                                                                    \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(T, { o[r] = (T)(x & y); })                                                               \
        return true;                                                                                         \
    }                                                                                                        \
    FN_KERNEL(or_##type)                                                                                     \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(T, { o[r] = (T)(x | y); })                                                               \
        return true;                                                                                         \
    }                                                                                                        \
    FN_KERNEL(xor_##type)                                                                                    \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(T, { o[r] = (T)(x ^ y); })                                                               \
        return true;                                                                                         \
    }                                                                                                        \
    FN_KERNEL(not_##type)                                                                                    \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, { FN_OUT(T)[r] = (T)~FN_CELL(T, 0, r); });                                                \
        return true;                                                                                         \
    }
INT_DIVIDE(i16, int16_t, INT16_MIN, "smallint")
INT_DIVIDE(i32, int32_t, INT32_MIN, "integer")
INT_DIVIDE(i64, int64_t, INT64_MIN, "bigint")

// Shift counts are taken modulo the width, as the processors that PostgreSQL runs on do.
#define INT_SHIFT(type, T, U, BITS)                                                                          \
    FN_KERNEL(shl_##type)                                                                                    \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, { FN_OUT(T)[r] = (T)((U)FN_CELL(T, 0, r) << (FN_CELL(int32_t, 1, r) & (BITS - 1))); });   \
        return true;                                                                                         \
    }                                                                                                        \
    FN_KERNEL(shr_##type)                                                                                    \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, { FN_OUT(T)[r] = (T)(FN_CELL(T, 0, r) >> (FN_CELL(int32_t, 1, r) & (BITS - 1))); });      \
        return true;                                                                                         \
    }
INT_SHIFT(i16, int16_t, uint32_t, 32)
INT_SHIFT(i32, int32_t, uint32_t, 32)
INT_SHIFT(i64, int64_t, uint64_t, 64)

// ---- floats ----

static bool float_range(KernelContext *ctx, bool overflow)
{
    return err_set_at(ctx->err, SQLSTATE_OUT_OF_RANGE, ctx->at, "value out of range: %s",
                      overflow ? "overflow" : "underflow");
}

#define FLOAT_KERNELS(type, T)                                                                               \
    FN_KERNEL(add_##type)                                                                                    \
    {                                                                                                        \
        bool bad = false;                                                                                    \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(T, {                                                                                     \
            o[r] = x + y;                                                                                    \
            bad |= isinf(o[r]) & !isinf(x) & !isinf(y);                                                      \
        })                                                                                                   \
        return !bad || float_range(ctx, true);                                                               \
    }                                                                                                        \
    FN_KERNEL(sub_##type)                                                                                    \
    {                                                                                                        \
        bool bad = false;                                                                                    \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(T, {                                                                                     \
            o[r] = x - y;                                                                                    \
            bad |= isinf(o[r]) & !isinf(x) & !isinf(y);                                                      \
        })                                                                                                   \
        return !bad || float_range(ctx, true);                                                               \
    }                                                                                                        \
    FN_KERNEL(mul_##type)                                                                                    \
    {                                                                                                        \
        bool bad = false, tiny = false;                                                                      \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(T, {                                                                                     \
            o[r] = x * y;                                                                                    \
            bad |= isinf(o[r]) & !isinf(x) & !isinf(y);                                                      \
            tiny |= (o[r] == 0) & (x != 0) & (y != 0);                                                       \
        })                                                                                                   \
        return !(bad | tiny) || float_range(ctx, bad);                                                       \
    }                                                                                                        \
    FN_KERNEL(div_##type)                                                                                    \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(T, {                                                                                     \
            if (y == 0 && !isnan(x)) return arith_zero(ctx);                                                 \
            o[r] = x / y;                                                                                    \
            if (isinf(o[r]) && !isinf(x)) return float_range(ctx, true);                                     \
            if (o[r] == 0 && x != 0 && !isinf(y)) return float_range(ctx, false);                            \
        })                                                                                                   \
        return true;                                                                                         \
    }                                                                                                        \
    FN_KERNEL(neg_##type)                                                                                    \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, { FN_OUT(T)[r] = -FN_CELL(T, 0, r); });                                                   \
        return true;                                                                                         \
    }
FLOAT_KERNELS(f32, float)
FLOAT_KERNELS(f64, double)

// ---- numeric: 18 digits in place, longer ones through numeric.h ----

static inline bool small_pair(const Numeric *x, const Numeric *y)
{
    return x->kind == NUMERIC_SMALL && y->kind == NUMERIC_SMALL;
}
static inline bool small_fits(int64_t v) { return v < NUMERIC_SMALL_LIMIT && v > -NUMERIC_SMALL_LIMIT; }

#define NUMERIC_SUM(name, OP, slow)                                                                          \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(Numeric, {                                                                               \
            if (small_pair(&x, &y) && x.scale == y.scale && small_fits(x.small OP y.small))                  \
                o[r] = numeric_small(x.small OP y.small, x.scale);                                           \
            else if (!slow(&o[r], &x, &y, ctx->mem, ctx->err))                                               \
                return false;                                                                                \
        })                                                                                                   \
        return true;                                                                                         \
    }
NUMERIC_SUM(add_numeric, +, numeric_add)
NUMERIC_SUM(sub_numeric, -, numeric_sub)

FN_KERNEL(mul_numeric)
{
    FN_UNUSED;
    ARITH_LOOPS(Numeric, {
        int64_t product;
        if (small_pair(&x, &y) && x.scale + y.scale <= 18 &&
            !__builtin_mul_overflow(x.small, y.small, &product) && small_fits(product))
            o[r] = numeric_small(product, (unsigned)x.scale + y.scale);
        else if (!numeric_mul(&o[r], &x, &y, ctx->mem, ctx->err))
            return false;
    })
    return true;
}

#define NUMERIC_SLOW(name, call)                                                                             \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        ARITH_LOOPS(Numeric, {                                                                               \
            if (!call(&o[r], &x, &y, ctx->mem, ctx->err)) return false;                                      \
        })                                                                                                   \
        return true;                                                                                         \
    }
NUMERIC_SLOW(div_numeric, numeric_div)
NUMERIC_SLOW(mod_numeric, numeric_mod)

FN_KERNEL(neg_numeric)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(Numeric)[r] = numeric_negate(&FN_CELL(Numeric, 0, r), ctx->mem); });
    return true;
}

// + in front of a number: the number.
#define SIGN_PLUS(type, T)                                                                                   \
    FN_KERNEL(plus_##type)                                                                                   \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, { FN_OUT(T)[r] = FN_CELL(T, 0, r); });                                                    \
        return true;                                                                                         \
    }
SIGN_PLUS(i16, int16_t)
SIGN_PLUS(i32, int32_t)
SIGN_PLUS(i64, int64_t)
SIGN_PLUS(f32, float)
SIGN_PLUS(f64, double)
SIGN_PLUS(numeric, Numeric)

#define ROW2(symbol, op, T, way) {symbol, 2, FLAGS, {T, T}, T, op##_##way},
#define ROW1(symbol, op, T, way) {symbol, 1, FLAGS, {T}, T, op##_##way},
#define NUMBER_ROWS(T, way)                                                                                  \
    ROW2("+", add, T, way)                                                                                   \
    ROW2("-", sub, T, way)                                                                                   \
    ROW2("*", mul, T, way) ROW2("/", div, T, way) ROW1("-", neg, T, way) ROW1("+", plus, T, way)
#define INTEGER_ROWS(T, way)                                                                                 \
    NUMBER_ROWS(T, way)                                                                                      \
    ROW2("%", mod, T, way){"mod", 2, FUNCTION_STRICT, {T, T}, T, mod_##way},                                 \
        ROW2("&", and, T, way) ROW2("|", or, T, way) ROW2("#", xor, T, way)                                  \
            ROW1("~", not, T, way){"<<", 2, FLAGS, {T, TYPE_INTEGER}, T, shl_##way},                         \
        {">>", 2, FLAGS, {T, TYPE_INTEGER}, T, shr_##way},

const Function fn_arithmetic[] = {
    INTEGER_ROWS(TYPE_SMALLINT, i16) INTEGER_ROWS(TYPE_INTEGER, i32) INTEGER_ROWS(TYPE_BIGINT, i64)
        NUMBER_ROWS(TYPE_NUMERIC, numeric) ROW2("%", mod, TYPE_NUMERIC, numeric){
            "mod", 2, FUNCTION_STRICT, {TYPE_NUMERIC, TYPE_NUMERIC}, TYPE_NUMERIC, mod_numeric},
    NUMBER_ROWS(TYPE_REAL, f32) NUMBER_ROWS(TYPE_DOUBLE, f64){0},
};
