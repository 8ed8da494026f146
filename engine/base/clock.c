// Clocks and their texts. Nothing here keeps state; local time is the C library's (TZ).
#include "engine/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_wall_us(void) { return read_us(CLOCK_REALTIME); }
int64_t clock_mono_us(void) { return read_us(CLOCK_MONOTONIC); }

// Whole seconds, rounded down, and the microseconds above them.
static time_t split(int64_t wall_us, int *rest_us)
{
    int64_t s = wall_us / 1000000, us = wall_us % 1000000;
    if (us < 0) {
        us += 1000000;
        s--;
    }
    *rest_us = (int)us;
    return (time_t)s;
}

static const char *checked(char *out, int wanted)
{
    if (wanted < 0 || wanted >= CLOCK_TEXT_SIZE) out[CLOCK_TEXT_SIZE - 1] = 0;
    return out;
}

const char *clock_text_utc(char *out, int64_t wall_us)
{
    int us;
    time_t s = split(wall_us, &us);
    struct tm t = {0};
    gmtime_r(&s, &t);
    return checked(out,
                   snprintf(out, CLOCK_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.tm_year + 1900,
                            t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, us / 1000));
}

const char *clock_text_local_time(char *out, int64_t wall_us)
{
    int us;
    time_t s = split(wall_us, &us);
    struct tm t = {0};
    localtime_r(&s, &t);
    return checked(
        out, snprintf(out, CLOCK_TEXT_SIZE, "%02d:%02d:%02d.%03d", t.tm_hour, t.tm_min, t.tm_sec, us / 1000));
}

int32_t clock_local_offset_s(int64_t wall_us)
{
    int us;
    time_t s = split(wall_us, &us);
    struct tm t = {0};
    localtime_r(&s, &t);
    return (int32_t)t.tm_gmtoff;
}

const char *clock_text_duration(char *out, int64_t duration_us)
{
    if (duration_us < 0) duration_us = 0;
    int64_t ms = duration_us / 1000, s = ms / 1000;
    int len;
    if (duration_us < 10000) // hundredths count only where whole milliseconds say little
        len = snprintf(out, CLOCK_TEXT_SIZE, "%" PRId64 ".%02d ms", ms, (int)(duration_us / 10 % 100));
    else if (s < 1)
        len = snprintf(out, CLOCK_TEXT_SIZE, "%" PRId64 " ms", ms);
    else if (s < 60)
        len = snprintf(out, CLOCK_TEXT_SIZE, "%" PRId64 ".%02d s", s, (int)(ms / 10 % 100));
    else if (s < 3600)
        len = snprintf(out, CLOCK_TEXT_SIZE, "%" PRId64 ":%02d min", s / 60, (int)(s % 60));
    else
        len = snprintf(out, CLOCK_TEXT_SIZE, "%" PRId64 ":%02d:%02d h", s / 3600, (int)(s / 60 % 60),
                       (int)(s % 60));
    return checked(out, len);
}
