// Clocks: wall time, monotonic time and their texts. Relies on str.
#ifndef ENGINE_BASE_CLOCK_H
#define ENGINE_BASE_CLOCK_H

#include "engine/base/str.h"

enum { CLOCK_TEXT_SIZE = 32 };

int64_t clock_wall_us(void); // microseconds since 1970-01-01 UTC
int64_t clock_mono_us(void); // microseconds since some start; never goes back
// "2026-11-21T02:53:49.118Z" in UTC; out holds CLOCK_TEXT_SIZE bytes; returns out.
const char *clock_text_utc(char *out, int64_t wall_us);
// "02:53:49.118" in local time.
const char *clock_text_local_time(char *out, int64_t wall_us);
// Offset of local time from UTC at that moment, in seconds.
int32_t clock_local_offset_s(int64_t wall_us);
// For people: "12 ms", "1.24 s", "3:05 min".
const char *clock_text_duration(char *out, int64_t duration_us);

#endif
