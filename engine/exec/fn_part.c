// Parts of dates, times, moments and intervals: extract and date_part, date_trunc. Units, scales and errors
// are PostgreSQL 15's.
#include "engine/exec/fn.h"

#include "engine/data/datetime.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define US_PER_S INT64_C(1000000)

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }
static bool is_endless(int64_t us) { return us == TIMESTAMP_INFINITY || us == TIMESTAMP_NEG_INFINITY; }
static bool is_endless_date(int32_t d) { return d == DATE_INFINITY || d == DATE_NEG_INFINITY; }

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
    UNIT_TIMEZONE_HOUR,
    UNIT_TIMEZONE_MINUTE,
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
                 {"timezone", UNIT_TIMEZONE},
                 {"timezone_hour", UNIT_TIMEZONE_HOUR},
                 {"timezone_h", UNIT_TIMEZONE_HOUR},
                 {"timezone_minute", UNIT_TIMEZONE_MINUTE},
                 {"timezone_m", UNIT_TIMEZONE_MINUTE}};
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

static bool field_of_interval(Unit unit, Interval v, Field *out)
{
    const int64_t years = v.months / 12, seconds = 1000000;
    *out = (Field){0, 0};
    switch (unit) {
    case UNIT_MICROSECOND: out->value = v.us % (60 * seconds); return true;
    case UNIT_MILLISECOND: *out = (Field){v.us % (60 * seconds), 3}; return true;
    case UNIT_SECOND: *out = (Field){v.us % (60 * seconds), 6}; return true;
    case UNIT_MINUTE: out->value = v.us / (60 * seconds) % 60; return true;
    case UNIT_HOUR: out->value = v.us / (3600 * seconds); return true;
    case UNIT_DAY: out->value = v.days; return true;
    case UNIT_MONTH: out->value = v.months % 12; return true;
    case UNIT_QUARTER: out->value = v.months % 12 / 3 + 1; return true;
    case UNIT_YEAR: out->value = years; return true;
    case UNIT_DECADE: out->value = years / 10; return true;
    case UNIT_CENTURY: out->value = years / 100; return true;
    case UNIT_MILLENNIUM: out->value = years / 1000; return true;
    default: return false;
    }
}

// A year has 365.25 days here.
static __int128 interval_epoch_us(Interval v)
{
    const __int128 day = DATETIME_US_PER_DAY;
    return v.months / 12 * (day * 1461 / 4) + v.months % 12 * day * INTERVAL_DAYS_PER_MONTH + v.days * day +
           v.us;
}

// Of an offset the hours and minutes stand as fields of their own.
static bool field_of_zone(Unit unit, int32_t east_s, Field *out)
{
    *out = (Field){0, 0};
    switch (unit) {
    case UNIT_TIMEZONE: out->value = east_s; return true;
    case UNIT_TIMEZONE_HOUR: out->value = east_s / 3600; return true;
    case UNIT_TIMEZONE_MINUTE: out->value = east_s / 60 % 60; return true;
    default: return false;
    }
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

// ---- moments with zone: the fields are the session zone's ----

static bool moment_field(Unit unit, int64_t us, const Zone *zone, Field *out)
{
    int64_t local;
    if (unit == UNIT_EPOCH || !zone_to_local(zone, us, &local)) return field_of_timestamp(unit, us, out);
    return field_of_zone(unit, zone_offset_at(zone, us, NULL), out) || field_of_timestamp(unit, local, out);
}

#define EXTRACT_MOMENT(name, exact)                                                                          \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        (void)args;                                                                                          \
        FN_ROWS(r, {                                                                                         \
            const Str word = fn_str(arg, 0, r);                                                              \
            const Unit unit = unit_of(word);                                                                 \
            const int64_t x = FN_CELL(int64_t, 1, r);                                                        \
            Field f;                                                                                         \
            if (unit != UNIT_NONE && is_endless(x)) {                                                        \
                endless_field(unit, x < 0, exact, out, r);                                                   \
                continue;                                                                                    \
            }                                                                                                \
            if (!moment_field(unit, x, fn_zone(ctx), &f))                                                    \
                return unit_refused(ctx, word, unit != UNIT_NONE, "timestamp with time zone");               \
            put_field(out, r, f, exact);                                                                     \
        });                                                                                                  \
        return true;                                                                                         \
    }
EXTRACT_MOMENT(extract_moment, true)
EXTRACT_MOMENT(part_moment, false)

#define EXTRACT_INTERVAL(name, exact)                                                                        \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        (void)args;                                                                                          \
        FN_ROWS(r, {                                                                                         \
            const Str word = fn_str(arg, 0, r);                                                              \
            const Unit unit = unit_of(word);                                                                 \
            const Interval x = FN_CELL(Interval, 1, r);                                                      \
            Field f = {0, 6};                                                                                \
            if (unit == UNIT_EPOCH) {                                                                        \
                const __int128 us = interval_epoch_us(x);                                                    \
                f.value = (int64_t)us;                                                                       \
                if (us != f.value) return err_set_at(ctx->err, "22003", ctx->at, "interval out of range");   \
            } else if (!field_of_interval(unit, x, &f)) {                                                    \
                return unit_refused(ctx, word, unit != UNIT_NONE, "interval");                               \
            }                                                                                                \
            put_field(out, r, f, exact);                                                                     \
        });                                                                                                  \
        return true;                                                                                         \
    }
EXTRACT_INTERVAL(extract_interval, true)
EXTRACT_INTERVAL(part_interval, false)

// In the zone's clock; units from the day on are put back into it, as the offset may be another one there.
static bool trunc_moment_one(Str word, int64_t us, const Zone *zone, int64_t *out, KernelContext *ctx)
{
    const Unit unit = unit_of(word);
    int64_t local;
    int64_t cut;
    *out = us;
    if (unit != UNIT_NONE && is_endless(us)) return true;
    if (!zone_to_local(zone, us, &local))
        return err_set_at(ctx->err, "22008", ctx->at, "timestamp out of range");
    if (!truncate_us(unit, local, &cut))
        return unit_refused(ctx, word, unit != UNIT_NONE, "timestamp with time zone");
    if (unit < UNIT_DAY) {
        *out = us - (local - cut);
        return true;
    }
    return zone_to_utc(zone, cut, out) || err_set_at(ctx->err, "22008", ctx->at, "timestamp out of range");
}

FN_KERNEL(trunc_moment)
{
    (void)args;
    FN_ROWS(r, {
        if (!trunc_moment_one(fn_str(arg, 0, r), FN_CELL(int64_t, 1, r), fn_zone(ctx), &FN_OUT(int64_t)[r],
                              ctx))
            return false;
    });
    return true;
}

FN_KERNEL(trunc_moment_zone)
{
    (void)args;
    FN_ROWS(r, {
        const Zone *zone;
        if (!zones_find(ctx->cast ? ctx->cast->when.zones : NULL, fn_str(arg, 2, r), &zone, ctx->err))
            return false;
        if (!trunc_moment_one(fn_str(arg, 0, r), FN_CELL(int64_t, 1, r), zone, &FN_OUT(int64_t)[r], ctx))
            return false;
    });
    return true;
}

static bool trunc_interval_one(Unit unit, Interval x, Interval *out)
{
    static const int64_t us[] = {1, 1000, US_PER_S, 60 * US_PER_S, 3600 * US_PER_S};
    static const int32_t years[] = {1, 10, 100, 1000};
    *out = x;
    if (unit <= UNIT_HOUR) {
        out->us -= x.us % us[unit];
        return true;
    }
    out->us = 0;
    if (unit == UNIT_DAY) return true;
    if (unit == UNIT_WEEK) return false;
    out->days = 0;
    switch (unit) {
    case UNIT_MONTH: return true;
    case UNIT_QUARTER: out->months -= x.months % 3; return true;
    case UNIT_YEAR:
    case UNIT_DECADE:
    case UNIT_CENTURY:
    case UNIT_MILLENNIUM: out->months -= x.months % (12 * years[unit - UNIT_YEAR]); return true;
    default: return false;
    }
}

FN_KERNEL(trunc_interval)
{
    (void)args;
    FN_ROWS(r, {
        const Str word = fn_str(arg, 0, r);
        const Unit unit = unit_of(word);
        if (unit == UNIT_NONE || !trunc_interval_one(unit, FN_CELL(Interval, 1, r), &FN_OUT(Interval)[r])) {
            return unit_refused(ctx, word, unit != UNIT_NONE, "interval");
        }
    });
    return true;
}

#define S  FUNCTION_STRICT
#define C  (FUNCTION_STRICT | FUNCTION_STABLE)
#define T  TYPE_TEXT
#define TS TYPE_TIMESTAMP
#define TZ TYPE_TIMESTAMPTZ
#define IV TYPE_INTERVAL
#define F  TYPE_DOUBLE
const Function fn_part[] = {
    {"extract", 2, S, {T, TS}, TYPE_NUMERIC, extract_timestamp},
    {"extract", 2, C, {T, TZ}, TYPE_NUMERIC, extract_moment},
    {"extract", 2, S, {T, TYPE_DATE}, TYPE_NUMERIC, extract_date},
    {"extract", 2, S, {T, TYPE_TIME}, TYPE_NUMERIC, extract_time},
    {"extract", 2, S, {T, IV}, TYPE_NUMERIC, extract_interval},
    {"date_part", 2, S, {T, TS}, F, part_timestamp},
    {"date_part", 2, C, {T, TZ}, F, part_moment},
    {"date_part", 2, S, {T, TYPE_DATE}, F, part_date},
    {"date_part", 2, S, {T, TYPE_TIME}, F, part_time},
    {"date_part", 2, S, {T, IV}, F, part_interval},
    {"date_trunc", 2, S, {T, TS}, TS, trunc_timestamp},
    {"date_trunc", 2, C, {T, TZ}, TZ, trunc_moment},
    {"date_trunc", 3, S, {T, TZ, T}, TZ, trunc_moment_zone},
    {"date_trunc", 2, S, {T, IV}, IV, trunc_interval},
    {0},
};
