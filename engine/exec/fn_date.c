// Functions of dates and times: the clock, date arithmetic, extract and date_part, date_trunc, make_*. Units,
// scales and errors are PostgreSQL 15's; there is no interval type, so what would give one is refused by
// name.
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

// ---- units ----

typedef enum Unit {
    UNIT_MICROSECOND,
    UNIT_MILLISECOND,
    UNIT_SECOND,
    UNIT_MINUTE,
    UNIT_HOUR,
    UNIT_DAY,
    UNIT_WEEK,
    UNIT_MONTH,
    UNIT_QUARTER,
    UNIT_YEAR,
    UNIT_DECADE,
    UNIT_CENTURY,
    UNIT_MILLENNIUM,
    UNIT_DOW,
    UNIT_ISODOW,
    UNIT_DOY,
    UNIT_ISOYEAR,
    UNIT_EPOCH,
    UNIT_JULIAN,
    UNIT_TIMEZONE,
    UNIT_NONE
} Unit;

static Unit unit_of(Str s)
{
    static const struct {
        const char *name;
        Unit unit;
    } units[] = {{"microseconds", UNIT_MICROSECOND},
                 {"microsecond", UNIT_MICROSECOND},
                 {"us", UNIT_MICROSECOND},
                 {"usec", UNIT_MICROSECOND},
                 {"milliseconds", UNIT_MILLISECOND},
                 {"millisecond", UNIT_MILLISECOND},
                 {"ms", UNIT_MILLISECOND},
                 {"msec", UNIT_MILLISECOND},
                 {"second", UNIT_SECOND},
                 {"seconds", UNIT_SECOND},
                 {"sec", UNIT_SECOND},
                 {"s", UNIT_SECOND},
                 {"minute", UNIT_MINUTE},
                 {"minutes", UNIT_MINUTE},
                 {"min", UNIT_MINUTE},
                 {"m", UNIT_MINUTE},
                 {"hour", UNIT_HOUR},
                 {"hours", UNIT_HOUR},
                 {"h", UNIT_HOUR},
                 {"day", UNIT_DAY},
                 {"days", UNIT_DAY},
                 {"d", UNIT_DAY},
                 {"week", UNIT_WEEK},
                 {"weeks", UNIT_WEEK},
                 {"w", UNIT_WEEK},
                 {"month", UNIT_MONTH},
                 {"months", UNIT_MONTH},
                 {"mon", UNIT_MONTH},
                 {"quarter", UNIT_QUARTER},
                 {"qtr", UNIT_QUARTER},
                 {"year", UNIT_YEAR},
                 {"years", UNIT_YEAR},
                 {"y", UNIT_YEAR},
                 {"decade", UNIT_DECADE},
                 {"decades", UNIT_DECADE},
                 {"century", UNIT_CENTURY},
                 {"centuries", UNIT_CENTURY},
                 {"c", UNIT_CENTURY},
                 {"millennium", UNIT_MILLENNIUM},
                 {"millennia", UNIT_MILLENNIUM},
                 {"dow", UNIT_DOW},
                 {"isodow", UNIT_ISODOW},
                 {"doy", UNIT_DOY},
                 {"isoyear", UNIT_ISOYEAR},
                 {"epoch", UNIT_EPOCH},
                 {"julian", UNIT_JULIAN},
                 {"timezone", UNIT_TIMEZONE}};
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (str_equal_fold(s, str_of(units[i].name))) return units[i].unit;
    return UNIT_NONE;
}

static bool unit_refused(KernelContext *ctx, Str unit, bool known, const char *type)
{
    return err_set_at(ctx->err, known ? SQLSTATE_UNSUPPORTED : "22023", ctx->at,
                      known ? "unit \"%.*s\" not supported for type %s"
                            : "unit \"%.*s\" not recognized for type %s",
                      STR_ARG(unit), type);
}

// Monday of ISO week 1 of a year, as a day number.
static int32_t iso_year_start(int32_t year)
{
    int32_t jan4 = date_from_parts((DateParts){year, 1, 4});
    return jan4 - (int32_t)((jan4 + 3) - floor_div(jan4 + 3, 7) * 7);
}
static int32_t iso_year(int32_t day)
{
    int32_t year = date_to_parts(day).year;
    if (day < iso_year_start(year)) return year - 1;
    return day >= iso_year_start(year + 1) ? year + 1 : year;
}

// A field as value / 10^scale.
typedef struct Field {
    int64_t value;
    unsigned scale;
} Field;

static int64_t shown_year(int64_t y) { return y > 0 ? y : y - 1; }

static bool field_of_day(Unit unit, int32_t day, Field *out)
{
    const DateParts p = date_to_parts(day);
    const int64_t from_sunday = (int64_t)day + 4, weekday = from_sunday - floor_div(from_sunday, 7) * 7,
                  y = p.year;
    *out = (Field){0, 0};
    switch (unit) {
    case UNIT_DAY: out->value = p.day; return true;
    case UNIT_MONTH: out->value = p.month; return true;
    case UNIT_QUARTER: out->value = (p.month - 1) / 3 + 1; return true;
    case UNIT_YEAR: out->value = shown_year(y); return true;
    case UNIT_WEEK: out->value = (day - iso_year_start(iso_year(day))) / 7 + 1; return true;
    case UNIT_ISOYEAR: out->value = shown_year(iso_year(day)); return true;
    case UNIT_DECADE: out->value = floor_div(y, 10); return true;
    case UNIT_CENTURY: out->value = y > 0 ? (y + 99) / 100 : -((99 - (y - 1)) / 100); return true;
    case UNIT_MILLENNIUM: out->value = y > 0 ? (y + 999) / 1000 : -((999 - (y - 1)) / 1000); return true;
    case UNIT_DOW: out->value = weekday; return true;
    case UNIT_ISODOW: out->value = weekday ? weekday : 7; return true;
    case UNIT_DOY: out->value = day - date_from_parts((DateParts){p.year, 1, 1}) + 1; return true;
    default: return false;
    }
}

static bool field_of_time(Unit unit, int64_t us, Field *out)
{
    const TimeParts t = time_to_parts(us);
    const int64_t sub = t.second * US_PER_S + t.us;
    *out = (Field){0, 0};
    switch (unit) {
    case UNIT_MICROSECOND: out->value = sub; return true;
    case UNIT_MILLISECOND: *out = (Field){sub, 3}; return true;
    case UNIT_SECOND: *out = (Field){sub, 6}; return true;
    case UNIT_MINUTE: out->value = t.minute; return true;
    case UNIT_HOUR: out->value = t.hour; return true;
    default: return false;
    }
}

static bool field_of_timestamp(Unit unit, int64_t us, Field *out)
{
    const int64_t day = floor_div(us, DATETIME_US_PER_DAY);
    if (unit == UNIT_EPOCH) {
        *out = (Field){us, 6};
        return true;
    }
    return field_of_day(unit, (int32_t)day, out) || field_of_time(unit, us - day * DATETIME_US_PER_DAY, out);
}

static bool field_of_date(Unit unit, int64_t day, Field *out)
{
    if (unit == UNIT_EPOCH)
        *out = (Field){day * 86400, 0};
    else if (unit == UNIT_JULIAN)
        *out = (Field){day + 2440588, 0};
    else
        return field_of_day(unit, (int32_t)day, out);
    return true;
}

static bool field_of_clock(Unit unit, int64_t us, Field *out)
{
    if (unit != UNIT_EPOCH) return field_of_time(unit, us, out);
    *out = (Field){us, 6};
    return true;
}

// Endless moments: growing fields are endless, turning ones unknown.
static bool endless_field(Unit unit, bool negative, bool exact, Vector *out, uint32_t row)
{
    if (unit < UNIT_YEAR || unit == UNIT_DOW || unit == UNIT_ISODOW || unit == UNIT_DOY) {
        vector_set_null(out, row);
        memset((char *)out->data + row * phys_size(type_phys(out->type.id)), 0,
               phys_size(type_phys(out->type.id)));
    } else if (exact) {
        FN_OUT(Numeric)[row] = (Numeric){.kind = negative ? NUMERIC_NEG_INF : NUMERIC_INF};
    } else {
        FN_OUT(double)[row] = negative ? -INFINITY : INFINITY;
    }
    return true;
}

static void put_field(Vector *out, uint32_t row, Field f, bool exact)
{
    static const double power[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    if (exact)
        FN_OUT(Numeric)[row] = numeric_small(f.value, f.scale);
    else
        FN_OUT(double)[row] = (double)f.value / power[f.scale];
}

#define EXTRACT(name, T, call, type, exact, ENDLESS)                                                         \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        (void)args;                                                                                          \
        FN_ROWS(r, {                                                                                         \
            const Str word = fn_str(arg, 0, r);                                                              \
            const Unit unit = unit_of(word);                                                                 \
            const T x = FN_CELL(T, 1, r);                                                                    \
            Field f;                                                                                         \
            if (unit != UNIT_NONE && (ENDLESS)) {                                                            \
                endless_field(unit, x < 0, exact, out, r);                                                   \
                continue;                                                                                    \
            }                                                                                                \
            if (!call(unit, x, &f)) return unit_refused(ctx, word, unit != UNIT_NONE, type);                 \
            put_field(out, r, f, exact);                                                                     \
        });                                                                                                  \
        return true;                                                                                         \
    }
// As of the timestamp at midnight, for days that no timestamp reaches too.
static bool field_of_midnight(Unit unit, int32_t day, Field *out)
{
    *out = (Field){(int64_t)day * 86400, 0};
    return unit == UNIT_EPOCH || field_of_day(unit, day, out) || field_of_time(unit, 0, out);
}
EXTRACT(extract_timestamp, int64_t, field_of_timestamp, "timestamp without time zone", true, is_endless(x))
EXTRACT(extract_date, int32_t, field_of_date, "date", true, is_endless_date(x))
EXTRACT(extract_time, int64_t, field_of_clock, "time without time zone", true, false)
EXTRACT(part_timestamp, int64_t, field_of_timestamp, "timestamp without time zone", false, is_endless(x))
EXTRACT(part_date, int32_t, field_of_midnight, "timestamp without time zone", false, is_endless_date(x))
EXTRACT(part_time, int64_t, field_of_clock, "time without time zone", false, false)

// ---- date_trunc ----

static int64_t day_start(int32_t year, int32_t month)
{
    return date_from_parts((DateParts){year, month, 1}) * DATETIME_US_PER_DAY;
}

static bool truncate_us(Unit unit, int64_t us, int64_t *out)
{
    static const int64_t size[] = {1, 1000, US_PER_S, 60 * US_PER_S, 3600 * US_PER_S, DATETIME_US_PER_DAY};
    const int32_t day = (int32_t)floor_div(us, DATETIME_US_PER_DAY);
    const DateParts p = date_to_parts(day);
    const int32_t y = p.year;
    if (unit <= UNIT_DAY) {
        *out = floor_div(us, size[unit]) * size[unit];
        return true;
    }
    switch (unit) {
    case UNIT_WEEK: *out = (day - ((day + 3) - floor_div(day + 3, 7) * 7)) * DATETIME_US_PER_DAY; return true;
    case UNIT_MONTH: *out = day_start(y, p.month); return true;
    case UNIT_QUARTER: *out = day_start(y, (p.month - 1) / 3 * 3 + 1); return true;
    case UNIT_YEAR: *out = day_start(y, 1); return true;
    case UNIT_DECADE: *out = day_start((int32_t)floor_div(y, 10) * 10, 1); return true;
    case UNIT_CENTURY: *out = day_start((int32_t)floor_div(y - 1, 100) * 100 + 1, 1); return true;
    case UNIT_MILLENNIUM: *out = day_start((int32_t)floor_div(y - 1, 1000) * 1000 + 1, 1); return true;
    default: return false;
    }
}

static bool trunc_one(Str word, int64_t us, int64_t *out, KernelContext *ctx)
{
    const Unit unit = unit_of(word);
    *out = us;
    if (unit != UNIT_NONE && is_endless(us)) return true;
    return truncate_us(unit, us, out) ||
           unit_refused(ctx, word, unit != UNIT_NONE, "timestamp without time zone");
}
FN_KERNEL(trunc_timestamp)
{
    (void)args;
    FN_ROWS(r, {
        if (!trunc_one(fn_str(arg, 0, r), FN_CELL(int64_t, 1, r), &FN_OUT(int64_t)[r], ctx)) return false;
    });
    return true;
}
FN_KERNEL(trunc_date)
{
    (void)args;
    FN_ROWS(r, {
        int64_t us;
        if (!date_us(FN_CELL(int32_t, 1, r), &us, ctx) ||
            !trunc_one(fn_str(arg, 0, r), us, &FN_OUT(int64_t)[r], ctx))
            return false;
    });
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
FN_KERNEL(make_timestamp)
{
    (void)args;
    FN_ROWS(r, {
        int32_t day;
        int64_t us;
        if (!day_of(arg, r, &day, ctx) || !clock_of(arg, 3, r, &us, ctx)) return false;
        FN_OUT(int64_t)[r] = day * DATETIME_US_PER_DAY + us;
    });
    return true;
}

FN_KERNEL(refuse_age)
{
    FN_UNUSED;
    (void)sel, (void)count, (void)out;
    err_set_at(ctx->err, SQLSTATE_UNSUPPORTED, ctx->at,
               "age() gives an interval, a type that d2db does not have");
    return err_hint(ctx->err, "Subtract dates (a - b gives days) or use extract(epoch FROM ...).");
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
    {"extract", 2, S, {T, TS}, TYPE_NUMERIC, extract_timestamp},
    {"extract", 2, S, {T, D}, TYPE_NUMERIC, extract_date},
    {"extract", 2, S, {T, TM}, TYPE_NUMERIC, extract_time},
    {"date_part", 2, S, {T, TS}, F, part_timestamp},
    {"date_part", 2, S, {T, D}, F, part_date},
    {"date_part", 2, S, {T, TM}, F, part_time},
    {"date_trunc", 2, S, {T, TS}, TS, trunc_timestamp},
    {"date_trunc", 2, S, {T, D}, TS, trunc_date},
    {"make_date", 3, S, {I, I, I}, D, make_date},
    {"make_time", 3, S, {I, I, F}, TM, make_time},
    {"make_timestamp", 6, S, {I, I, I, I, I, F}, TS, make_timestamp},
    {"age", 1, S, {TS}, TS, refuse_age},
    {"age", 2, S, {TS, TS}, TS, refuse_age},
    {0},
};
