// Interval and Uuid: order, hash and rank.
#include "engine/data/interval.h"

#include "engine/base/hash.h"
#include "engine/data/datetime.h"

#include <stdio.h>
#include <string.h>

__int128 interval_span(const Interval *v)
{
    int64_t days = (int64_t)v->months * INTERVAL_DAYS_PER_MONTH + v->days;
    return (__int128)days * DATETIME_US_PER_DAY + v->us;
}

int interval_compare(const Interval *a, const Interval *b)
{
    __int128 x = interval_span(a), y = interval_span(b);
    return (x > y) - (x < y);
}

uint64_t interval_hash(const Interval *v)
{
    __int128 span = interval_span(v);
    return hash_mix(hash_u64((uint64_t)span), (uint64_t)(span >> 64));
}

// Spans have at most 74 bits.
uint64_t interval_rank(const Interval *v)
{
    return (uint64_t)(int64_t)(interval_span(v) >> 10) ^ (UINT64_C(1) << 63);
}

int uuid_compare(const Uuid *a, const Uuid *b) { return memcmp(a->byte, b->byte, sizeof a->byte); }

uint64_t uuid_rank(const Uuid *v)
{
    uint64_t rank = 0;
    for (int i = 0; i < 8; i++) rank = rank << 8 | v->byte[i];
    return rank;
}

uint64_t uuid_hash(const Uuid *v)
{
    uint64_t half[2];
    memcpy(half, v->byte, sizeof half);
    return hash_mix(hash_u64(half[0]), half[1]);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool uuid_from_text(Uuid *out, Str s, Err *err)
{
    bool braces = s.len >= 2 && s.at[0] == '{' && s.at[s.len - 1] == '}';
    size_t at = braces, end = s.len - braces;
    for (int i = 0; i < 16; i++) {
        int high = at < end ? hex_value(s.at[at]) : -1, low = at + 1 < end ? hex_value(s.at[at + 1]) : -1;
        if (high < 0 || low < 0) goto bad;
        out->byte[i] = (uint8_t)(high << 4 | low);
        at += 2;
        if (i % 2 == 1 && i < 15 && at < end && s.at[at] == '-') at++;
    }
    if (at == end) return true;
bad:
    return err_set(err, SQLSTATE_BAD_TEXT, "invalid input syntax for type uuid: \"%.*s\"",
                   (int)(s.len > 100 ? 100 : s.len), s.at ? s.at : "");
}

void uuid_to_text(const Uuid *v, char *out)
{
    static const char digit[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
        *out++ = digit[v->byte[i] >> 4];
        *out++ = digit[v->byte[i] & 15];
    }
}

static char *put_unit(char *at, char *start, int32_t n, const char *unit, bool *minus_seen)
{
    if (!n) return at;
    // A positive part behind a negative one says so.
    int len = snprintf(at, INTERVAL_TEXT_SIZE / 3, "%s%s%d %s%s", at == start ? "" : " ",
                       *minus_seen && n > 0 ? "+" : "", n, unit, n == 1 ? "" : "s");
    *minus_seen = n < 0;
    return at + len;
}

size_t interval_to_text(const Interval *v, char *out)
{
    bool minus = false;
    char *at = put_unit(out, out, v->months / 12, "year", &minus);
    at = put_unit(at, out, v->months % 12, "mon", &minus);
    at = put_unit(at, out, v->days, "day", &minus);
    if (!v->us && at != out) return (size_t)(at - out);
    uint64_t us = v->us < 0 ? 0 - (uint64_t)v->us : (uint64_t)v->us, seconds = us / 1000000;
    at += snprintf(at, INTERVAL_TEXT_SIZE / 3, "%s%s%02u:%02u:%02u", at == out ? "" : " ",
                   v->us < 0 ? "-"
                   : minus   ? "+"
                             : "",
                   (unsigned)(seconds / 3600), (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
    if (!(us % 1000000)) return (size_t)(at - out);
    at += snprintf(at, 8, ".%06u", (unsigned)(us % 1000000));
    while (at[-1] == '0') at--;
    return (size_t)(at - out);
}
