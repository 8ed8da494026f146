// Functions of intervals, and of moments and clocks with intervals: + - * /, age, justify_*, make_interval,
// date_bin, overlaps, AT TIME ZONE, make_timestamptz, to_timestamp(seconds). Rules and errors are PostgreSQL
// 15's.
#include "engine/exec/fn.h"

#include "engine/data/datetime.h"
#include <math.h>

static bool is_endless(int64_t us) { return us == TIMESTAMP_INFINITY || us == TIMESTAMP_NEG_INFINITY; }
static bool interval_range(KernelContext *ctx)
{
    return err_set_at(ctx->err, "22008", ctx->at, "interval out of range");
}
static bool timestamp_range(KernelContext *ctx)
{
    return err_set_at(ctx->err, "22008", ctx->at, "timestamp out of range");
}

// ---- intervals with intervals and numbers ----

#define SPAN_MATH(name, CALL)                                                                                \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            Interval *o = &FN_OUT(Interval)[r];                                                              \
            if (!(CALL)) return interval_range(ctx);                                                         \
        });                                                                                                  \
        return true;                                                                                         \
    }
#define SPAN(i) (&FN_CELL(Interval, i, r))

static bool interval_subtract(Interval *out, const Interval *a, const Interval *b)
{
    Interval minus;
    return interval_negate(&minus, b) && interval_add(out, a, &minus);
}
SPAN_MATH(span_add, interval_add(o, SPAN(0), SPAN(1)))
SPAN_MATH(span_subtract, interval_subtract(o, SPAN(0), SPAN(1)))
SPAN_MATH(span_negate, interval_negate(o, SPAN(0)))
SPAN_MATH(span_times, interval_multiply(o, SPAN(0), FN_CELL(double, 1, r)))
SPAN_MATH(times_span, interval_multiply(o, SPAN(1), FN_CELL(double, 0, r)))
SPAN_MATH(span_justify_hours, interval_justify_hours(o, SPAN(0)))
SPAN_MATH(span_justify_days, interval_justify_days(o, SPAN(0)))
SPAN_MATH(span_justify, interval_justify(o, SPAN(0)))

FN_KERNEL(span_same)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(Interval)[r] = FN_CELL(Interval, 0, r); });
    return true;
}

FN_KERNEL(span_divide)
{
    FN_UNUSED;
    FN_ROWS(r, {
        const double by = FN_CELL(double, 1, r);
        if (by == 0) return err_set_at(ctx->err, "22012", ctx->at, "division by zero");
        if (!interval_divide(&FN_OUT(Interval)[r], &FN_CELL(Interval, 0, r), by)) return interval_range(ctx);
    });
    return true;
}

FN_KERNEL(span_finite)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(uint8_t)[r] = 1; });
    return true;
}

// Seven numbers, each may be left out.
FN_KERNEL(make_interval)
{
    FN_ROWS(r, {
        int64_t whole[6] = {0};
        for (uint32_t i = 0; i < args && i < 6; i++) whole[i] = FN_CELL(int32_t, i, r);
        const double seconds = args > 6 ? FN_CELL(double, 6, r) : 0;
        const int64_t months = whole[0] * 12 + whole[1];
        const int64_t days = whole[2] * 7 + whole[3];
        const double us = rint(seconds * 1e6);
        Interval *o = &FN_OUT(Interval)[r];
        if (months != (int32_t)months || days != (int32_t)days || !(fabs(us) < 9e18))
            return interval_range(ctx);
        o->months = (int32_t)months;
        o->days = (int32_t)days;
        if (__builtin_add_overflow(whole[4] * INT64_C(3600000000) + whole[5] * 60000000, (int64_t)us, &o->us))
            return interval_range(ctx);
    });
    return true;
}

// ---- clocks without zone ----

#define MOVE(name, US, SIGN_OK, ...)                                                                         \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            Interval by;                                                                                     \
            int64_t us;                                                                                      \
            US;                                                                                              \
            if (!(SIGN_OK)) return interval_range(ctx);                                                      \
            if (!(__VA_ARGS__)) return timestamp_range(ctx);                                                 \
        });                                                                                                  \
        return true;                                                                                         \
    }
#define PLUS(i)  (by = FN_CELL(Interval, i, r), true)
#define MINUS(i) interval_negate(&by, &FN_CELL(Interval, i, r))
#define STAMP(i) us = FN_CELL(int64_t, i, r)
#define DAY(i)                                                                                               \
    if (!timestamp_from_date(&us, FN_CELL(int32_t, i, r)))                                                   \
    return err_set_at(ctx->err, "22008", ctx->at, "date out of range for timestamp")
MOVE(stamp_plus, STAMP(0), PLUS(1), timestamp_add_interval(&FN_OUT(int64_t)[r], us, &by))
MOVE(plus_stamp, STAMP(1), PLUS(0), timestamp_add_interval(&FN_OUT(int64_t)[r], us, &by))
MOVE(stamp_minus, STAMP(0), MINUS(1), timestamp_add_interval(&FN_OUT(int64_t)[r], us, &by))
MOVE(date_plus, DAY(0), PLUS(1), timestamp_add_interval(&FN_OUT(int64_t)[r], us, &by))
MOVE(plus_date, DAY(1), PLUS(0), timestamp_add_interval(&FN_OUT(int64_t)[r], us, &by))
MOVE(date_minus, DAY(0), MINUS(1), timestamp_add_interval(&FN_OUT(int64_t)[r], us, &by))

// Months and days move the zone's clock, the rest is time that passes.
bool fn_moment_add(int64_t *out, int64_t us, const Interval *by, const Zone *zone)
{
    const Interval calendar = {.days = by->days, .months = by->months};
    const Interval passing = {.us = by->us};
    int64_t local;
    *out = us;
    if (is_endless(us)) return true;
    if (by->months || by->days) {
        // PostgreSQL settles the offset after the months and again after the days.
        const Interval months = {.months = by->months};
        const Interval days = {.days = calendar.days};
        if (by->months && (!zone_to_local(zone, us, &local) ||
                           !timestamp_add_interval(&local, local, &months) || !zone_to_utc(zone, local, &us)))
            return false;
        if (by->days && (!zone_to_local(zone, us, &local) || !timestamp_add_interval(&local, local, &days) ||
                         !zone_to_utc(zone, local, &us)))
            return false;
    }
    return timestamp_add_interval(out, us, &passing);
}
MOVE(moment_plus, STAMP(0), PLUS(1), fn_moment_add(&FN_OUT(int64_t)[r], us, &by, fn_zone(ctx)))
MOVE(plus_moment, STAMP(1), PLUS(0), fn_moment_add(&FN_OUT(int64_t)[r], us, &by, fn_zone(ctx)))
MOVE(moment_minus, STAMP(0), MINUS(1), fn_moment_add(&FN_OUT(int64_t)[r], us, &by, fn_zone(ctx)))

static bool stamp_difference(int64_t a, int64_t b, Interval *out, KernelContext *ctx)
{
    Interval raw = {0};
    if (is_endless(a) || is_endless(b))
        return err_set_at(ctx->err, "22008", ctx->at, "cannot subtract infinite timestamps");
    if (__builtin_sub_overflow(a, b, &raw.us)) return interval_range(ctx);
    return interval_justify_hours(out, &raw) || interval_range(ctx);
}
FN_KERNEL(stamp_minus_stamp)
{
    (void)args;
    FN_ROWS(r, {
        if (!stamp_difference(FN_CELL(int64_t, 0, r), FN_CELL(int64_t, 1, r), &FN_OUT(Interval)[r], ctx))
            return false;
    });
    return true;
}

// Of the day, round and round.
#define CLOCK_MOVE(name, TIME, SPAN_AT, OP)                                                                  \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            const int64_t us =                                                                               \
                (FN_CELL(int64_t, TIME, r) OP FN_CELL(Interval, SPAN_AT, r).us % DATETIME_US_PER_DAY) %      \
                DATETIME_US_PER_DAY;                                                                         \
            FN_OUT(int64_t)[r] = us < 0 ? us + DATETIME_US_PER_DAY : us;                                     \
        });                                                                                                  \
        return true;                                                                                         \
    }
CLOCK_MOVE(clock_plus, 0, 1, +)
CLOCK_MOVE(plus_clock, 1, 0, +)
CLOCK_MOVE(clock_minus, 0, 1, -)

FN_KERNEL(clock_minus_clock)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(Interval)[r] = (Interval){.us = FN_CELL(int64_t, 0, r) - FN_CELL(int64_t, 1, r)}; });
    return true;
}

// ---- age ----

static bool age_of(int64_t a, int64_t b, Interval *out, KernelContext *ctx)
{
    if (is_endless(a) || is_endless(b)) return timestamp_range(ctx);
    return timestamp_age(out, a, b) || timestamp_range(ctx);
}
static bool today(KernelContext *ctx, int64_t *us)
{
    int64_t local;
    if (!zone_to_local(fn_zone(ctx), ctx->statement_us, &local)) return timestamp_range(ctx);
    *us = local - (local % DATETIME_US_PER_DAY + DATETIME_US_PER_DAY) % DATETIME_US_PER_DAY;
    return true;
}
FN_KERNEL(stamp_age)
{
    FN_ROWS(r, {
        int64_t a;
        const int64_t b = FN_CELL(int64_t, args - 1, r);
        if (args > 1)
            a = FN_CELL(int64_t, 0, r);
        else if (!today(ctx, &a))
            return false;
        if (!age_of(a, b, &FN_OUT(Interval)[r], ctx)) return false;
    });
    return true;
}
FN_KERNEL(moment_age)
{
    FN_ROWS(r, {
        int64_t a;
        int64_t b;
        if (!zone_to_local(fn_zone(ctx), FN_CELL(int64_t, args - 1, r), &b)) return timestamp_range(ctx);
        if (args > 1 ? !zone_to_local(fn_zone(ctx), FN_CELL(int64_t, 0, r), &a) : !today(ctx, &a))
            return timestamp_range(ctx);
        if (!age_of(a, b, &FN_OUT(Interval)[r], ctx)) return false;
    });
    return true;
}

// ---- date_bin ----

static bool bin_one(const Interval *stride, int64_t us, int64_t origin, int64_t *out, KernelContext *ctx)
{
    int64_t width;
    int64_t distance;
    *out = us;
    if (is_endless(us)) return true;
    if (is_endless(origin)) return err_set_at(ctx->err, "22008", ctx->at, "origin out of range");
    if (stride->months)
        return err_set_at(ctx->err, SQLSTATE_UNSUPPORTED, ctx->at,
                          "timestamps cannot be binned into intervals containing months or years");
    if (__builtin_mul_overflow(stride->days, DATETIME_US_PER_DAY, &width) ||
        __builtin_add_overflow(width, stride->us, &width) || __builtin_sub_overflow(us, origin, &distance))
        return interval_range(ctx);
    if (width <= 0) return err_set_at(ctx->err, "22008", ctx->at, "stride must be greater than zero");
    const int64_t rest = distance % width;
    *out = us - (rest < 0 ? rest + width : rest);
    return timestamp_in_range(*out) || timestamp_range(ctx);
}
FN_KERNEL(stamp_bin)
{
    (void)args;
    FN_ROWS(r, {
        if (!bin_one(&FN_CELL(Interval, 0, r), FN_CELL(int64_t, 1, r), FN_CELL(int64_t, 2, r),
                     &FN_OUT(int64_t)[r], ctx))
            return false;
    });
    return true;
}

// ---- OVERLAPS ----

// The earlier of two ends comes first; one that is not known stays behind. False: neither is known.
static bool ordered_ends(const Vector *arg, uint32_t from, uint32_t row, int64_t end[2], bool *open)
{
    const bool no_first = vector_is_null(&arg[from], row), no_second = vector_is_null(&arg[from + 1], row);
    const int64_t first = FN_CELL(int64_t, from, row), second = FN_CELL(int64_t, from + 1, row);
    if (no_first && no_second) return false;
    *open = no_first || no_second;
    end[0] = no_first || (!no_second && second < first) ? second : first;
    end[1] = end[0] == first ? second : first;
    return true;
}

// SQL:1999, with PostgreSQL's reading of NULLs: true where no end could say otherwise.
static int overlap_one(const Vector *arg, uint32_t row)
{
    int64_t a[2], b[2];
    bool a_open, b_open;
    if (!ordered_ends(arg, 0, row, a, &a_open) || !ordered_ends(arg, 2, row, b, &b_open)) return -1;
    if (a[0] == b[0]) return a_open || b_open ? -1 : 1;
    const bool a_later = a[0] > b[0];
    const int64_t later = a_later ? a[0] : b[0], end = a_later ? b[1] : a[1];
    if (a_later ? b_open : a_open) return -1;
    return later < end;
}

FN_KERNEL(spans_overlap)
{
    FN_UNUSED;
    FN_ROWS(r, {
        const int hit = overlap_one(arg, r);
        FN_OUT(uint8_t)[r] = hit > 0;
        if (hit < 0) vector_set_null(out, r);
    });
    return true;
}

// ---- AT TIME ZONE ----

static bool zone_named(KernelContext *ctx, Str name, const Zone **out)
{
    return zones_find(ctx->cast ? ctx->cast->when.zones : NULL, name, out, ctx->err);
}
static bool zone_by_interval(KernelContext *ctx, const Interval *v, const Zone **out)
{
    if (v->months || v->days)
        return err_set_at(ctx->err, "22023", ctx->at, "interval time zone must not include months or days");
    return zones_fixed(ctx->cast ? ctx->cast->when.zones : NULL, (int32_t)(v->us / 1000000 % 1000000), out,
                       ctx->err);
}
#define AT_ZONE(name, FIND, CALL)                                                                            \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        (void)args;                                                                                          \
        FN_ROWS(r, {                                                                                         \
            const Zone *zone;                                                                                \
            if (!(FIND)) return false;                                                                       \
            if (!CALL(zone, FN_CELL(int64_t, 1, r), &FN_OUT(int64_t)[r])) return timestamp_range(ctx);       \
        });                                                                                                  \
        return true;                                                                                         \
    }
AT_ZONE(stamp_in_zone, zone_named(ctx, fn_str(arg, 0, r), &zone), zone_to_utc)
AT_ZONE(moment_at_zone, zone_named(ctx, fn_str(arg, 0, r), &zone), zone_to_local)
AT_ZONE(stamp_in_offset, zone_by_interval(ctx, &FN_CELL(Interval, 0, r), &zone), zone_to_utc)
AT_ZONE(moment_at_offset, zone_by_interval(ctx, &FN_CELL(Interval, 0, r), &zone), zone_to_local)

// ---- making moments ----

FN_KERNEL(moment_of_seconds)
{
    (void)args;
    FN_ROWS(r, {
        const double s = FN_CELL(double, 0, r);
        const double us = rint(s * 1e6);
        int64_t *o = &FN_OUT(int64_t)[r];
        if (isnan(s)) return err_set_at(ctx->err, "22008", ctx->at, "timestamp cannot be NaN");
        if (isinf(s))
            *o = s > 0 ? TIMESTAMP_INFINITY : TIMESTAMP_NEG_INFINITY;
        else if (!(fabs(us) < 9.2e18) || !timestamp_in_range(*o = (int64_t)us))
            return err_set_at(ctx->err, "22008", ctx->at, "timestamp out of range: \"%g\"", s);
    });
    return true;
}

// The clock's parts are those of make_timestamp; without a name they are the session zone's.
FN_KERNEL(make_moment)
{
    FN_ROWS(r, {
        const Zone *zone = fn_zone(ctx);
        int64_t us;
        if (!fn_make_timestamp(arg, r, &us, ctx)) return false;
        if (args > 6 && !zone_named(ctx, fn_str(arg, 6, r), &zone)) return false;
        if (!zone_to_utc(zone, us, &FN_OUT(int64_t)[r])) return timestamp_range(ctx);
    });
    return true;
}

#define S  FUNCTION_STRICT
#define C  (FUNCTION_STRICT | FUNCTION_STABLE)
#define SO (FUNCTION_STRICT | FUNCTION_OPERATOR)
#define CO (FUNCTION_STRICT | FUNCTION_STABLE | FUNCTION_OPERATOR)
#define D  TYPE_DATE
#define TS TYPE_TIMESTAMP
#define TZ TYPE_TIMESTAMPTZ
#define TM TYPE_TIME
#define IV TYPE_INTERVAL
#define I  TYPE_INTEGER
#define F  TYPE_DOUBLE
#define T  TYPE_TEXT
const Function fn_interval[] = {
    {"+", 2, SO, {IV, IV}, IV, span_add},
    {"-", 2, SO, {IV, IV}, IV, span_subtract},
    {"-", 1, SO, {IV}, IV, span_negate},
    {"+", 1, SO, {IV}, IV, span_same},
    {"*", 2, SO, {IV, F}, IV, span_times},
    {"*", 2, SO, {F, IV}, IV, times_span},
    {"/", 2, SO, {IV, F}, IV, span_divide},
    {"+", 2, SO, {TS, IV}, TS, stamp_plus},
    {"+", 2, SO, {IV, TS}, TS, plus_stamp},
    {"-", 2, SO, {TS, IV}, TS, stamp_minus},
    {"+", 2, SO, {D, IV}, TS, date_plus},
    {"+", 2, SO, {IV, D}, TS, plus_date},
    {"-", 2, SO, {D, IV}, TS, date_minus},
    {"+", 2, CO, {TZ, IV}, TZ, moment_plus},
    {"+", 2, CO, {IV, TZ}, TZ, plus_moment},
    {"-", 2, CO, {TZ, IV}, TZ, moment_minus},
    {"+", 2, SO, {TM, IV}, TM, clock_plus},
    {"+", 2, SO, {IV, TM}, TM, plus_clock},
    {"-", 2, SO, {TM, IV}, TM, clock_minus},
    {"-", 2, SO, {TS, TS}, IV, stamp_minus_stamp},
    {"-", 2, SO, {TZ, TZ}, IV, stamp_minus_stamp},
    {"-", 2, SO, {TM, TM}, IV, clock_minus_clock},
    {"justify_hours", 1, S, {IV}, IV, span_justify_hours},
    {"justify_days", 1, S, {IV}, IV, span_justify_days},
    {"justify_interval", 1, S, {IV}, IV, span_justify},
    {"isfinite", 1, S, {IV}, TYPE_BOOLEAN, span_finite},
    {"age", 2, S, {TS, TS}, IV, stamp_age},
    {"age", 2, C, {TZ, TZ}, IV, moment_age},
    {"age", 1, C, {TS}, IV, stamp_age},
    {"age", 1, C, {TZ}, IV, moment_age},
    {"overlaps", 4, 0, {TS, TS, TS, TS}, TYPE_BOOLEAN, spans_overlap},
    {"overlaps", 4, 0, {TZ, TZ, TZ, TZ}, TYPE_BOOLEAN, spans_overlap},
    {"overlaps", 4, 0, {TM, TM, TM, TM}, TYPE_BOOLEAN, spans_overlap},
    {"date_bin", 3, S, {IV, TS, TS}, TS, stamp_bin},
    {"date_bin", 3, S, {IV, TZ, TZ}, TZ, stamp_bin},
    {"timezone", 2, S, {T, TS}, TZ, stamp_in_zone},
    {"timezone", 2, S, {T, TZ}, TS, moment_at_zone},
    {"timezone", 2, S, {IV, TS}, TZ, stamp_in_offset},
    {"timezone", 2, S, {IV, TZ}, TS, moment_at_offset},
    {"to_timestamp", 1, S, {F}, TZ, moment_of_seconds},
    {"make_timestamptz", 6, C, {I, I, I, I, I, F}, TZ, make_moment},
    {"make_timestamptz", 7, C, {I, I, I, I, I, F, T}, TZ, make_moment},
    {"make_interval", 0, S, {0}, IV, make_interval},
    {"make_interval", 1, S, {I}, IV, make_interval},
    {"make_interval", 2, S, {I, I}, IV, make_interval},
    {"make_interval", 3, S, {I, I, I}, IV, make_interval},
    {"make_interval", 4, S, {I, I, I, I}, IV, make_interval},
    {"make_interval", 5, S, {I, I, I, I, I}, IV, make_interval},
    {"make_interval", 6, S, {I, I, I, I, I, I}, IV, make_interval},
    {"make_interval", 7, S, {I, I, I, I, I, I, F}, IV, make_interval},
    {0},
};
