// Interval arithmetic by PostgreSQL 15's rules: fractions of a month become days of 1/30 month, fractions of
// a day become time; nothing moves up unless a justify function is asked to.
#include "engine/data/datetime.h"
#include "engine/data/interval.h"

#include <math.h>

#define SECONDS_PER_DAY 86400.0

bool interval_add(Interval *out, const Interval *a, const Interval *b)
{
    return !__builtin_add_overflow(a->months, b->months, &out->months) &&
           !__builtin_add_overflow(a->days, b->days, &out->days) &&
           !__builtin_add_overflow(a->us, b->us, &out->us);
}

bool interval_negate(Interval *out, const Interval *v)
{
    return !__builtin_sub_overflow(0, v->months, &out->months) &&
           !__builtin_sub_overflow(0, v->days, &out->days) &&
           !__builtin_sub_overflow(INT64_C(0), v->us, &out->us);
}

static double whole_us(double seconds) { return rint(seconds * 1e6) / 1e6; }
static bool fits_int32(double d) { return d >= (double)INT32_MIN && d <= (double)INT32_MAX; }

// months, days and us are the exact products; what lies behind the point of each moves down.
static bool from_products(Interval *out, double months, double days, double us)
{
    if (!fits_int32(months) || !fits_int32(days)) return false;
    out->months = (int32_t)months;
    out->days = (int32_t)days;
    double rest_days = whole_us((months - out->months) * INTERVAL_DAYS_PER_MONTH);
    double seconds = whole_us((days - out->days + rest_days - (int32_t)rest_days) * SECONDS_PER_DAY);
    int64_t sum = out->days;
    if (fabs(seconds) >= SECONDS_PER_DAY) {
        sum += (int32_t)(seconds / SECONDS_PER_DAY);
        seconds -= (int32_t)(seconds / SECONDS_PER_DAY) * SECONDS_PER_DAY;
    }
    sum += (int32_t)rest_days;
    double rest = rint(us + seconds * 1e6);
    if (sum != (int32_t)sum || isnan(rest) || rest < (double)INT64_MIN || rest >= -(double)INT64_MIN)
        return false;
    out->days = (int32_t)sum;
    out->us = (int64_t)rest;
    return true;
}

bool interval_multiply(Interval *out, const Interval *v, double by)
{
    const Interval x = *v;
    if (isnan(by)) return false;
    return from_products(out, x.months * by, x.days * by, (double)x.us * by);
}

bool interval_divide(Interval *out, const Interval *v, double by)
{
    const Interval x = *v;
    if (isnan(by)) return false;
    return from_products(out, x.months / by, x.days / by, (double)x.us / by);
}

static void same_sign_time(Interval *v)
{
    if (v->days > 0 && v->us < 0) {
        v->us += DATETIME_US_PER_DAY;
        v->days--;
    } else if (v->days < 0 && v->us > 0) {
        v->us -= DATETIME_US_PER_DAY;
        v->days++;
    }
}

bool interval_justify_hours(Interval *out, const Interval *v)
{
    int64_t days = v->us / DATETIME_US_PER_DAY;
    Interval x = {.us = v->us % DATETIME_US_PER_DAY, .months = v->months};
    if (__builtin_add_overflow(v->days, days, &x.days)) return false;
    same_sign_time(&x);
    *out = x;
    return true;
}

bool interval_justify_days(Interval *out, const Interval *v)
{
    Interval x = {.us = v->us, .days = v->days % INTERVAL_DAYS_PER_MONTH};
    if (__builtin_add_overflow(v->months, v->days / INTERVAL_DAYS_PER_MONTH, &x.months)) return false;
    if (x.months > 0 && x.days < 0) {
        x.days += INTERVAL_DAYS_PER_MONTH;
        x.months--;
    } else if (x.months < 0 && x.days > 0) {
        x.days -= INTERVAL_DAYS_PER_MONTH;
        x.months++;
    }
    *out = x;
    return true;
}

bool interval_justify(Interval *out, const Interval *v)
{
    int64_t days = v->days + v->us / DATETIME_US_PER_DAY, months = v->months + days / INTERVAL_DAYS_PER_MONTH;
    Interval x = {.us = v->us % DATETIME_US_PER_DAY, .days = (int32_t)(days % INTERVAL_DAYS_PER_MONTH)};
    if (months != (int32_t)months) return false;
    x.months = (int32_t)months;
    if (x.months > 0 && (x.days < 0 || (x.days == 0 && x.us < 0))) {
        x.days += INTERVAL_DAYS_PER_MONTH;
        x.months--;
    } else if (x.months < 0 && (x.days > 0 || (x.days == 0 && x.us > 0))) {
        x.days -= INTERVAL_DAYS_PER_MONTH;
        x.months++;
    }
    same_sign_time(&x);
    *out = x;
    return true;
}

static int32_t month_days(int32_t year, int32_t month)
{
    int32_t day = 31;
    while (!date_parts_valid((DateParts){year, month, day})) day--;
    return day;
}

static int64_t day_of(int64_t us) { return us / DATETIME_US_PER_DAY - (us % DATETIME_US_PER_DAY < 0); }

bool timestamp_add_interval(int64_t *out, int64_t us, const Interval *v)
{
    *out = us;
    if (us == TIMESTAMP_INFINITY || us == TIMESTAMP_NEG_INFINITY) return true;
    int64_t day = day_of(us), time = us - day * DATETIME_US_PER_DAY;
    if (v->months) {
        DateParts p = date_to_parts((int32_t)day);
        int64_t month = p.year * INT64_C(12) + p.month - 1 + v->months;
        int64_t year = month / 12 - (month % 12 < 0);
        if (year < -5000 || year > 300000) return false;
        p.year = (int32_t)year;
        p.month = (int32_t)(month - year * 12) + 1;
        if (p.day > month_days(p.year, p.month)) p.day = month_days(p.year, p.month);
        day = date_from_parts(p);
    }
    return !__builtin_mul_overflow(day + v->days, DATETIME_US_PER_DAY, out) &&
           !__builtin_add_overflow(*out, time, out) && !__builtin_add_overflow(*out, v->us, out) &&
           timestamp_in_range(*out);
}

bool timestamp_age(Interval *out, int64_t a, int64_t b)
{
    const bool swapped = a < b;
    const int64_t high = swapped ? b : a, low = swapped ? a : b;
    const int64_t high_day = day_of(high), low_day = day_of(low);
    const DateParts p = date_to_parts((int32_t)high_day), q = date_to_parts((int32_t)low_day);
    int64_t us = (high - high_day * DATETIME_US_PER_DAY) - (low - low_day * DATETIME_US_PER_DAY);
    int32_t days = p.day - q.day, months = (p.year - q.year) * 12 + p.month - q.month;
    if (us < 0) {
        us += DATETIME_US_PER_DAY;
        days--;
    }
    if (days < 0) { // a month of the earlier date's
        days += month_days(q.year, q.month);
        months--;
    }
    *out = swapped ? (Interval){.us = -us, .days = -days, .months = -months}
                   : (Interval){.us = us, .days = days, .months = months};
    return true;
}
