// Zone, reading: TZif files of version 2 and up (RFC 8536) and POSIX rules. Files are checked as hostile:
// every count is held against the bytes that are there.
#include "engine/data/zone_in.h"

#include <string.h>

// ---- POSIX rules ----

typedef struct RuleReader {
    Str s;
    size_t at;
} RuleReader;

static char rule_peek(const RuleReader *r) { return r->at < r->s.len ? r->s.at[r->at] : 0; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool rule_accept(RuleReader *r, char c)
{
    if (rule_peek(r) != c) return false;
    r->at++;
    return true;
}

static bool rule_number(RuleReader *r, int32_t min, int32_t max, int32_t *out)
{
    int32_t v = 0;
    if (!is_digit(rule_peek(r))) return false;
    for (; is_digit(rule_peek(r)) && v < 100000; r->at++) v = v * 10 + (rule_peek(r) - '0');
    *out = v;
    return v >= min && v <= max;
}

static bool rule_word(RuleReader *r, char *out)
{
    bool quoted = rule_accept(r, '<');
    size_t from = r->at;
    while (quoted ? rule_peek(r) && rule_peek(r) != '>' : is_letter(rule_peek(r))) r->at++;
    size_t len = r->at - from;
    if (len < (quoted ? 1 : 3) || len > ZONE_WORD_MAX || (quoted && !rule_accept(r, '>'))) return false;
    memcpy(out, r->s.at + from, len);
    out[len] = 0;
    return true;
}

// [+-]hh[:mm[:ss]]
static bool rule_time(RuleReader *r, int32_t hours_max, int32_t *out)
{
    int32_t part[3] = {0};
    bool minus = rule_accept(r, '-');
    if (!minus) rule_accept(r, '+');
    if (!rule_number(r, 0, hours_max, &part[0])) return false;
    for (int i = 1; i < 3 && rule_accept(r, ':'); i++)
        if (!rule_number(r, 0, 59, &part[i])) return false;
    *out = (part[0] * 60 + part[1]) * 60 + part[2];
    if (minus) *out = -*out;
    return true;
}

static bool rule_day(RuleReader *r, ZoneDay *d)
{
    d->time_s = 2 * 3600;
    bool good;
    if (rule_accept(r, 'M')) {
        d->kind = ZONE_DAY_WEEK;
        good = rule_number(r, 1, 12, &d->month) && rule_accept(r, '.') && rule_number(r, 1, 5, &d->week) &&
               rule_accept(r, '.') && rule_number(r, 0, 6, &d->day);
    } else {
        d->kind = rule_accept(r, 'J') ? ZONE_DAY_JULIAN : ZONE_DAY_PLAIN;
        good = rule_number(r, d->kind == ZONE_DAY_JULIAN, 365, &d->day);
    }
    return good && (!rule_accept(r, '/') || rule_time(r, 167, &d->time_s));
}

bool zone_rule_read(ZoneRule *out, Str s)
{
    enum { HOURS_MAX = 24 };
    RuleReader r = {.s = s};
    *out = (ZoneRule){0};
    if (!rule_word(&r, out->standard.word) || !rule_time(&r, HOURS_MAX, &out->standard.east_s)) return false;
    out->standard.east_s = -out->standard.east_s; // POSIX counts to the west
    if (r.at == s.len) return true;
    out->has_dst = true;
    out->summer.east_s = out->standard.east_s + 3600;
    if (!rule_word(&r, out->summer.word)) return false;
    if (rule_peek(&r) && rule_peek(&r) != ',') {
        if (!rule_time(&r, HOURS_MAX, &out->summer.east_s)) return false;
        out->summer.east_s = -out->summer.east_s;
    }
    if (r.at == s.len) { // the rule of the United States
        out->begin = (ZoneDay){.kind = ZONE_DAY_WEEK, .month = 3, .week = 2, .time_s = 7200};
        out->end = (ZoneDay){.kind = ZONE_DAY_WEEK, .month = 11, .week = 1, .time_s = 7200};
        return true;
    }
    return rule_accept(&r, ',') && rule_day(&r, &out->begin) && rule_accept(&r, ',') &&
           rule_day(&r, &out->end) && r.at == s.len;
}

// ---- TZif ----

enum { HEADER_BYTES = 44 };
typedef struct Header {
    char version;
    uint32_t utc, standard, leap, time, type, chars;
} Header;

static uint64_t get_big(const char *at, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++) v = v << 8 | (unsigned char)at[i];
    return v;
}

static bool header_get(Str s, size_t at, Header *h)
{
    if (s.len < at + HEADER_BYTES || memcmp(s.at + at, "TZif", 4) != 0) return false;
    const char *p = s.at + at;
    *h = (Header){p[4],
                  (uint32_t)get_big(p + 20, 4),
                  (uint32_t)get_big(p + 24, 4),
                  (uint32_t)get_big(p + 28, 4),
                  (uint32_t)get_big(p + 32, 4),
                  (uint32_t)get_big(p + 36, 4),
                  (uint32_t)get_big(p + 40, 4)};
    return h->time <= ZONE_TRANSITIONS_MAX && h->type >= 1 && h->type <= ZONE_KINDS_MAX && h->chars <= 4096 &&
           h->leap <= 1000 && h->utc <= h->type && h->standard <= h->type;
}

static size_t body_bytes(const Header *h, size_t time_bytes)
{
    return h->time * (time_bytes + 1) + h->type * (size_t)6 + h->chars + h->leap * (time_bytes + 4) +
           h->standard + h->utc;
}

static bool kinds_get(Zone *out, const Header *h, const char *types, const char *chars, Arena *mem)
{
    out->kind = arena_array(mem, ZoneKind, h->type);
    for (uint32_t i = 0; i < h->type; i++) {
        const char *t = types + i * (size_t)6;
        uint8_t word = (uint8_t)t[5];
        out->kind[i].east_s = (int32_t)get_big(t, 4);
        if (word >= h->chars || out->kind[i].east_s > 26 * 3600 || out->kind[i].east_s < -26 * 3600)
            return false;
        for (size_t k = 0; k < ZONE_WORD_MAX && word + k < h->chars && chars[word + k]; k++)
            out->kind[i].word[k] = chars[word + k];
    }
    return true;
}

bool zone_file_read(Zone *out, Str s, Arena *mem)
{
    Header h;
    if (!header_get(s, 0, &h) || h.version < '2') return false;
    size_t at = HEADER_BYTES + body_bytes(&h, 4);
    if (!header_get(s, at, &h)) return false;
    at += HEADER_BYTES;
    size_t end = at + body_bytes(&h, 8);
    if (end > s.len) return false;
    const char *times = s.at + at, *index = times + h.time * (size_t)8, *types = index + h.time;
    out->count = h.time;
    out->at = arena_array(mem, int64_t, h.time ? h.time : 1);
    out->index = arena_array(mem, uint8_t, h.time ? h.time : 1);
    for (uint32_t i = 0; i < h.time; i++) {
        out->at[i] = (int64_t)get_big(times + i * (size_t)8, 8);
        out->index[i] = (uint8_t)index[i];
        if (out->index[i] >= h.type || (i && out->at[i] <= out->at[i - 1])) return false;
    }
    if (!kinds_get(out, &h, types, types + h.type * (size_t)6, mem)) return false;
    if (end < s.len && s.at[end] == '\n') {
        size_t stop = str_find_byte(s, '\n', end + 1);
        if (stop != SIZE_MAX && stop > end + 1)
            out->has_rule = zone_rule_read(&out->rule, str_slice(s, end + 1, stop - end - 1));
    }
    return true;
}
