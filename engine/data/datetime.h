// Dates and times: proleptic Gregorian, microseconds. Relies on base.
// Nouns: date, time, timestamp, timestamptz
#ifndef ENGINE_DATA_DATETIME_H
#define ENGINE_DATA_DATETIME_H

#include "engine/data/zone.h"

#define DATETIME_US_PER_DAY INT64_C(86400000000)
enum { DATETIME_TEXT_SIZE = 48 };

typedef struct DateParts {
    int32_t year, month, day;
} DateParts; // year 0 = 1 BC
typedef struct TimeParts {
    int32_t hour, minute, second, us;
} TimeParts;

int32_t date_from_parts(DateParts p); // days since 1970-01-01
DateParts date_to_parts(int32_t days);
bool date_parts_valid(DateParts p);
TimeParts time_to_parts(int64_t us_of_day);
// Texts as PostgreSQL's ISO style reads and writes them ("2026-11-21", "0044-03-15 BC", "infinity",
// "02:53:49.118", "2026-11-21 02:53:49.118", "T" between, zone suffix read and
// ignored). c (may be NULL): the zone in which 'today' and 'now' are meant, and in which a timestamptz
// without zone is. 22007 / 22008 / 22009 / 22023.
MUST_CHECK bool date_from_text(int32_t *out, Str s, const ZoneContext *c, Err *err);
MUST_CHECK bool time_from_text(int64_t *out, Str s, const ZoneContext *c, Err *err);
MUST_CHECK bool timestamp_from_text(int64_t *out, Str s, const ZoneContext *c, Err *err);
MUST_CHECK bool timestamptz_from_text(int64_t *out_utc, Str s, const ZoneContext *c, Err *err);
bool timestamp_from_date(int64_t *out, int32_t days); // midnight; false beyond the range of timestamps
bool timestamp_in_range(int64_t us); // finite and within PostgreSQL's calendar: 4713 BC … 294276 AD
size_t date_to_text(int32_t days, char *out); // out holds DATETIME_TEXT_SIZE
size_t time_to_text(int64_t us_of_day, char *out);
size_t timestamp_to_text(int64_t us, char *out);
size_t timestamptz_to_text(int64_t utc_us, const Zone *z, char *out); // with the offset: "…+02", "…-05:30"
#define DATE_INFINITY          INT32_MAX
#define DATE_NEG_INFINITY      INT32_MIN
#define TIMESTAMP_INFINITY     INT64_MAX
#define TIMESTAMP_NEG_INFINITY INT64_MIN

#endif
