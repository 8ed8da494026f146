// Functions of dates and times: the clock, date arithmetic, make_*. Scales and errors are PostgreSQL 15's.
#include "engine/exec/fn.h"

#include "engine/base/clock.h"
#include "engine/data/datetime.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define US_PER_S INT64_C(1000000)

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }
static bool is_endless(int64_t us) { return us == TIMESTAMP_INFINITY || us == TIMESTAMP_NEG_INFINITY; }
static bool is_endless_date(int32_t d) { return d == DATE_INFINITY || d == DATE_NEG_INFINITY; }
static bool date_us(int32_t d, int64_t *us, KernelContext *ctx)
{
    return timestamp_from_date(us, d) ||
           err_set_at(ctx->err, "22008", ctx->at, "date out of range for timestamp");
}

// ---- the clock: one moment for the whole statement ----

#define CLOCK(name, T, EXPR)                                                                                 \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, { FN_OUT(T)[r] = (T)(EXPR); });                                                           \
        return true;                                                                                         \
    }
static int64_t local_now(const KernelContext *ctx)
{
    int64_t us;
    return zone_to_local(fn_zone(ctx), ctx->statement_us, &us) ? us : ctx->statement_us;
}
CLOCK(clock_utc, int64_t, ctx->statement_us)
CLOCK(clock_real, int64_t, clock_wall_us())
CLOCK(clock_timestamp, int64_t, local_now(ctx))
CLOCK(clock_date, int32_t, floor_div(local_now(ctx), DATETIME_US_PER_DAY))
CLOCK(clock_time, int64_t,
      local_now(ctx) - floor_div(local_now(ctx), DATETIME_US_PER_DAY) * DATETIME_US_PER_DAY)

// ---- date arithmetic ----

static bool date_range(KernelContext *ctx)
{
    return err_set_at(ctx->err, "22008", ctx->at, "date out of range");
}
// Days that PostgreSQL's date type can hold: 4713 BC to 5874897 AD.
static bool date_add(int32_t day, int64_t more, int32_t *out, KernelContext *ctx)
{
    const int64_t sum = day + more;
    *out = day;
    if (is_endless_date(day)) return true;
    *out = (int32_t)sum;
    return (sum >= -2440588 && sum <= 2145042905) || date_range(ctx);
}
#define DATE_MATH(name, DAY, MORE)                                                                           \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            if (!date_add(DAY, MORE, &FN_OUT(int32_t)[r], ctx)) return false;                                \
        });                                                                                                  \
        return true;                                                                                         \
    }
DATE_MATH(date_plus_int, FN_CELL(int32_t, 0, r), FN_CELL(int32_t, 1, r))
DATE_MATH(int_plus_date, FN_CELL(int32_t, 1, r), FN_CELL(int32_t, 0, r))
DATE_MATH(date_minus_int, FN_CELL(int32_t, 0, r), -(int64_t)FN_CELL(int32_t, 1, r))

FN_KERNEL(date_minus_date)
{
    FN_UNUSED;
    FN_ROWS(r, {
        const int32_t a = FN_CELL(int32_t, 0, r);
        const int32_t b = FN_CELL(int32_t, 1, r);
        if (is_endless_date(a) || is_endless_date(b))
            return err_set_at(ctx->err, "22008", ctx->at, "cannot subtract infinite dates");
        FN_OUT(int32_t)[r] = a - b;
    });
    return true;
}

FN_KERNEL(date_plus_time)
{
    FN_UNUSED;
    FN_ROWS(r, {
        int64_t day;
        if (!date_us(FN_CELL(int32_t, 0, r), &day, ctx)) return false;
        if (is_endless(day))
            FN_OUT(int64_t)[r] = day;
        else if (__builtin_add_overflow(day, FN_CELL(int64_t, 1, r), &FN_OUT(int64_t)[r]))
            return err_set_at(ctx->err, "22008", ctx->at, "timestamp out of range");
    });
    return true;
}
FN_KERNEL(date_finite)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(uint8_t)[r] = !is_endless_date(FN_CELL(int32_t, 0, r)); });
    return true;
}
FN_KERNEL(timestamp_finite)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(uint8_t)[r] = !is_endless(FN_CELL(int64_t, 0, r)); });
    return true;
}

// ---- making ----

static bool day_of(const Vector *arg, uint32_t row, int32_t *out, KernelContext *ctx)
{
    DateParts p = {FN_CELL(int32_t, 0, row), FN_CELL(int32_t, 1, row), FN_CELL(int32_t, 2, row)};
    const int32_t year = p.year;
    if (year < 0) p.year = year + 1; // 1 BC is year 0
    if (year == 0 || year < -4713 || year > 294276 || !date_parts_valid(p))
        return err_set_at(ctx->err, "22008", ctx->at, "date field value out of range: %d-%02d-%02d",
                          (int)year, (int)p.month, (int)p.day);
    *out = date_from_parts(p);
    return true;
}
FN_KERNEL(make_date)
{
    (void)args;
    FN_ROWS(r, {
        if (!day_of(arg, r, &FN_OUT(int32_t)[r], ctx)) return false;
    });
    return true;
}

static bool clock_of(const Vector *arg, uint32_t from, uint32_t row, int64_t *out, KernelContext *ctx)
{
    const int32_t h = FN_CELL(int32_t, from, row);
    const int32_t m = FN_CELL(int32_t, from + 1, row);
    const double s = FN_CELL(double, from + 2, row);
    const bool midnight = h == 24 && m == 0 && s == 0;
    if (!midnight && (h < 0 || h > 23 || m < 0 || m > 59 || !(s >= 0) || s > 60))
        return err_set_at(ctx->err, "22008", ctx->at, "time field value out of range: %d:%02d:%02g", (int)h,
                          (int)m, s);
    *out = (h * INT64_C(60) + m) * 60 * US_PER_S + (int64_t)rint(s * 1e6);
    return true;
}
FN_KERNEL(make_time)
{
    (void)args;
    FN_ROWS(r, {
        if (!clock_of(arg, 0, r, &FN_OUT(int64_t)[r], ctx)) return false;
    });
    return true;
}
bool fn_make_timestamp(const Vector *arg, uint32_t row, int64_t *us, KernelContext *ctx)
{
    int32_t day;
    if (!day_of(arg, row, &day, ctx) || !clock_of(arg, 3, row, us, ctx)) return false;
    *us += day * DATETIME_US_PER_DAY;
    return true;
}
FN_KERNEL(make_timestamp)
{
    (void)args;
    FN_ROWS(r, {
        if (!fn_make_timestamp(arg, r, &FN_OUT(int64_t)[r], ctx)) return false;
    });
    return true;
}

#define S  FUNCTION_STRICT
#define SO (FUNCTION_STRICT | FUNCTION_OPERATOR)
#define C  (FUNCTION_STRICT | FUNCTION_STABLE)
#define D  TYPE_DATE
#define TS TYPE_TIMESTAMP
#define TM TYPE_TIME
#define I  TYPE_INTEGER
#define T  TYPE_TEXT
#define F  TYPE_DOUBLE
const Function fn_date[] = {
    {"now", 0, C, {0}, TYPE_TIMESTAMPTZ, clock_utc},
    {"current_timestamp", 0, C, {0}, TYPE_TIMESTAMPTZ, clock_utc},
    {"localtimestamp", 0, C, {0}, TS, clock_timestamp},
    {"transaction_timestamp", 0, C, {0}, TYPE_TIMESTAMPTZ, clock_utc},
    {"statement_timestamp", 0, C, {0}, TYPE_TIMESTAMPTZ, clock_utc},
    {"clock_timestamp", 0, FUNCTION_STRICT | FUNCTION_VOLATILE, {0}, TYPE_TIMESTAMPTZ, clock_real},
    {"current_date", 0, C, {0}, D, clock_date},
    {"current_time", 0, C, {0}, TM, clock_time},
    {"localtime", 0, C, {0}, TM, clock_time},
    {"+", 2, SO, {D, I}, D, date_plus_int},
    {"+", 2, SO, {I, D}, D, int_plus_date},
    {"-", 2, SO, {D, I}, D, date_minus_int},
    {"-", 2, SO, {D, D}, I, date_minus_date},
    {"+", 2, SO, {D, TM}, TS, date_plus_time},
    {"isfinite", 1, S, {D}, TYPE_BOOLEAN, date_finite},
    {"isfinite", 1, S, {TS}, TYPE_BOOLEAN, timestamp_finite},
    {"isfinite", 1, S, {TYPE_TIMESTAMPTZ}, TYPE_BOOLEAN, timestamp_finite},
    {"make_date", 3, S, {I, I, I}, D, make_date},
    {"make_time", 3, S, {I, I, F}, TM, make_time},
    {"make_timestamp", 6, S, {I, I, I, I, I, F}, TS, make_timestamp},
    {0},
};
