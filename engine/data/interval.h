// Interval: months, days and microseconds, kept apart because neither a month nor a day has a fixed length;
// and Uuid, 16 bytes. Relies on base, text forms follow PostgreSQL 15.
// Nouns: interval, timestamp, uuid
#ifndef ENGINE_DATA_INTERVAL_H
#define ENGINE_DATA_INTERVAL_H

#include "engine/base/err.h"

typedef struct Interval {
    int64_t us;
    int32_t days;
    int32_t months;
} Interval;
_Static_assert(sizeof(Interval) == 16, "Interval is a 16-byte cell");

typedef struct Uuid {
    uint8_t byte[16];
} Uuid;

enum { INTERVAL_TEXT_SIZE = 96, UUID_TEXT_SIZE = 36, INTERVAL_DAYS_PER_MONTH = 30 };

// The length that orders intervals: a month as 30 days, a day as 24 hours, in microseconds.
__int128 interval_span(const Interval *v);
int interval_compare(const Interval *a, const Interval *b); // <0, 0, >0
uint64_t interval_hash(const Interval *v);                  // of the span: equal intervals hash alike
uint64_t interval_rank(const Interval *v);                  // orders like the spans; ties are allowed
// fields: TypeIntervalField bits that the type keeps (0 = all); they also say what a number without unit is.
// 22007, 22015.
MUST_CHECK bool interval_from_text(Interval *out, Str s, int32_t fields, Err *err);
void interval_fit(Interval *v, int32_t fields);        // gives up what lies below the fields
size_t interval_to_text(const Interval *v, char *out); // INTERVAL_TEXT_SIZE bytes; IntervalStyle postgres

// Arithmetic; false: out of range.
bool interval_add(Interval *out, const Interval *a, const Interval *b);
bool interval_negate(Interval *out, const Interval *v);
bool interval_multiply(Interval *out, const Interval *v, double by);
bool interval_divide(Interval *out, const Interval *v, double by); // by is not 0
bool interval_justify_hours(Interval *out, const Interval *v);
bool interval_justify_days(Interval *out, const Interval *v);
bool interval_justify(Interval *out, const Interval *v);
// The month's day is kept or clipped to its end.
bool timestamp_add_interval(int64_t *out, int64_t local_us, const Interval *v);
bool timestamp_age(Interval *out, int64_t a,
                   int64_t b); // years, months and days by the calendar; finite only

int uuid_compare(const Uuid *a, const Uuid *b);
uint64_t uuid_hash(const Uuid *v);
uint64_t uuid_rank(const Uuid *v); // the first eight bytes
// Any case, with or without braces, hyphens after any group of four digits. 22P02.
MUST_CHECK bool uuid_from_text(Uuid *out, Str s, Err *err);
void uuid_to_text(const Uuid *v, char *out); // UUID_TEXT_SIZE bytes, lower case, no end mark

#endif
