// Datetime: the calendar and the writing of dates and times. Day numbers follow Howard Hinnant's
// "chrono-Compatible Low-Level Date Algorithms" (days_from_civil, civil_from_days), whose years begin in
// March.
#include "engine/data/datetime.h"

#include <string.h>

enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 }; // an era is 400 years; from 0000-03-01

int32_t date_from_parts(DateParts p)
{
    int64_t year = (int64_t)p.year - (p.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (p.month + (p.month > 2 ? -3 : 9)) + 2) / 5 + p.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int32_t)(era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970);
}

DateParts date_to_parts(int32_t days)
{
    int64_t z = (int64_t)days + DAYS_TO_1970;
    int64_t era = (z >= 0 ? z : z - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = z - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_PER_ERA - 1)) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; // from March
    DateParts p;
    p.day = (int32_t)(day_of_year - (153 * month + 2) / 5 + 1);
    p.month = (int32_t)(month < 10 ? month + 3 : month - 9);
    p.year = (int32_t)(year_of_era + era * 400 + (p.month <= 2));
    return p;
}

bool timestamp_from_date(int64_t *out, int32_t days)
{
    if (days == DATE_INFINITY || days == DATE_NEG_INFINITY) {
        *out = days == DATE_INFINITY ? TIMESTAMP_INFINITY : TIMESTAMP_NEG_INFINITY;
        return true;
    }
    return !__builtin_mul_overflow(days, DATETIME_US_PER_DAY, out);
}

bool date_parts_valid(DateParts p)
{
    static const int8_t length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (p.month < 1 || p.month > 12 || p.day < 1) return false;
    bool leap = p.year % 4 == 0 && (p.year % 100 != 0 || p.year % 400 == 0);
    return p.day <= length[p.month - 1] + (leap && p.month == 2);
}

TimeParts time_to_parts(int64_t us_of_day)
{
    int64_t seconds = us_of_day / 1000000;
    return (TimeParts){(int32_t)(seconds / 3600), (int32_t)(seconds / 60 % 60), (int32_t)(seconds % 60),
                       (int32_t)(us_of_day % 1000000)};
}

// Writes v with at least `digits` digits; returns the end.
static char *put_padded(char *out, uint32_t v, unsigned digits)
{
    char reversed[10];
    unsigned n = 0;
    for (; v || n < digits; v /= 10) reversed[n++] = (char)('0' + v % 10);
    while (n) *out++ = reversed[--n];
    return out;
}

static char *put_word(char *out, const char *word)
{
    size_t len = strlen(word);
    memcpy(out, word, len);
    return out + len;
}

static char *put_date(char *out, DateParts p)
{
    out = put_padded(out, (uint32_t)(p.year > 0 ? p.year : 1 - p.year), 4);
    *out++ = '-';
    out = put_padded(out, (uint32_t)p.month, 2);
    *out++ = '-';
    return put_padded(out, (uint32_t)p.day, 2);
}

static char *put_time(char *out, int64_t us_of_day)
{
    TimeParts t = time_to_parts(us_of_day);
    out = put_padded(out, (uint32_t)t.hour, 2);
    *out++ = ':';
    out = put_padded(out, (uint32_t)t.minute, 2);
    *out++ = ':';
    out = put_padded(out, (uint32_t)t.second, 2);
    if (!t.us) return out;
    *out++ = '.';
    out = put_padded(out, (uint32_t)t.us, 6);
    while (out[-1] == '0') out--;
    return out;
}

size_t date_to_text(int32_t days, char *out)
{
    char *p = out;
    if (days == DATE_INFINITY || days == DATE_NEG_INFINITY)
        return (size_t)(put_word(p, days == DATE_INFINITY ? "infinity" : "-infinity") - out);
    DateParts parts = date_to_parts(days);
    p = put_date(p, parts);
    if (parts.year <= 0) p = put_word(p, " BC");
    return (size_t)(p - out);
}

size_t time_to_text(int64_t us_of_day, char *out) { return (size_t)(put_time(out, us_of_day) - out); }

static char *put_offset(char *out, int32_t east_s)
{
    uint32_t size = (uint32_t)(east_s < 0 ? -east_s : east_s);
    *out++ = east_s < 0 ? '-' : '+';
    out = put_padded(out, size / 3600, 2);
    if (!(size % 3600)) return out;
    *out++ = ':';
    out = put_padded(out, size / 60 % 60, 2);
    if (!(size % 60)) return out;
    *out++ = ':';
    return put_padded(out, size % 60, 2);
}

static size_t put_timestamp(int64_t us, const int32_t *east_s, char *out)
{
    char *p = out;
    if (us == TIMESTAMP_INFINITY || us == TIMESTAMP_NEG_INFINITY)
        return (size_t)(put_word(p, us == TIMESTAMP_INFINITY ? "infinity" : "-infinity") - out);
    int64_t days = us / DATETIME_US_PER_DAY, rest = us % DATETIME_US_PER_DAY;
    if (rest < 0) {
        rest += DATETIME_US_PER_DAY;
        days--;
    }
    DateParts parts = date_to_parts((int32_t)days);
    p = put_date(p, parts);
    *p++ = ' ';
    p = put_time(p, rest);
    if (east_s) p = put_offset(p, *east_s);
    if (parts.year <= 0) p = put_word(p, " BC");
    return (size_t)(p - out);
}

size_t timestamp_to_text(int64_t us, char *out) { return put_timestamp(us, NULL, out); }

size_t timestamptz_to_text(int64_t utc_us, const Zone *z, char *out)
{
    int32_t east_s = zone_offset_at(z, utc_us, NULL);
    int64_t local;
    if (!zone_to_local(z, utc_us, &local)) {
        local = utc_us;
        east_s = 0;
    }
    return put_timestamp(local, &east_s, out);
}

bool timestamp_in_range(int64_t us)
{
    return us >= -2440588 * DATETIME_US_PER_DAY && us < TIMESTAMP_INFINITY;
}
