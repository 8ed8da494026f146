// Interval, reading: PostgreSQL 15's forms: numbers with units, a time, years-months, ISO 8601 with and
// without designators. Each part may come once.
#include "engine/data/datetime.h"
#include "engine/data/interval.h"
#include "engine/data/type.h"

#include <math.h>
#include <string.h>

typedef enum Part {
    PART_MICROSECOND,
    PART_MILLISECOND,
    PART_SECOND,
    PART_MINUTE,
    PART_HOUR,
    PART_DAY,
    PART_WEEK,
    PART_MONTH,
    PART_YEAR,
    PART_DECADE,
    PART_CENTURY,
    PART_MILLENNIUM,
    PART_NONE
} Part;

typedef struct Reader {
    Str s;
    size_t at;
    int32_t fields;
    uint32_t seen; // bit per Part
    bool range;    // the fault is one of range, not of form
    __int128 months, days, us;
} Reader;

typedef struct Number {
    bool negative;
    int64_t whole; // with its sign
    double part;   // behind the point, with the sign
    bool has_point;
} Number;

static char peek(const Reader *r) { return r->at < r->s.len ? r->s.at[r->at] : 0; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static void skip_blanks(Reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r') r->at++;
}

static bool out_of_range(Reader *r)
{
    r->range = true;
    return false;
}

static bool mark(Reader *r, uint32_t bits)
{
    if (r->seen & bits) return false;
    r->seen |= bits;
    return true;
}

static double take_fraction(Reader *r)
{
    double digits = 0, unit = 1;
    r->at++; // the point
    for (unsigned n = 0; is_digit(peek(r)); r->at++, n++) {
        if (n >= 17) continue;
        digits = digits * 10 + (peek(r) - '0');
        unit *= 10;
    }
    return digits / unit;
}

static bool take_number(Reader *r, Number *n)
{
    *n = (Number){.negative = peek(r) == '-'};
    if (peek(r) == '-' || peek(r) == '+') r->at++;
    if (!is_digit(peek(r)) && !(peek(r) == '.' && r->at + 1 < r->s.len && is_digit(r->s.at[r->at + 1])))
        return false;
    for (; is_digit(peek(r)); r->at++)
        if (__builtin_mul_overflow(n->whole, 10, &n->whole) ||
            __builtin_sub_overflow(n->whole, peek(r) - '0', &n->whole))
            return out_of_range(r);
    if (!n->negative && __builtin_sub_overflow(INT64_C(0), n->whole, &n->whole)) return out_of_range(r);
    if (peek(r) == '.') {
        n->has_point = true;
        n->part = take_fraction(r);
        if (n->negative) n->part = -n->part;
    }
    return true;
}

// A fraction of `scale_us` microseconds, to the nearest one.
static void add_us(Reader *r, double part, double scale_us)
{
    part *= scale_us;
    int64_t us = (int64_t)part;
    part -= (double)us;
    r->us += us + (part > 0.5) - (part < -0.5);
}

static void add_days(Reader *r, double part, int32_t scale)
{
    part *= scale;
    int32_t days = (int32_t)part;
    r->days += days;
    add_us(r, part - days, (double)DATETIME_US_PER_DAY);
}

static bool add_part(Reader *r, Part part, const Number *n)
{
    static const int64_t us[] = {1, 1000, 1000000, 60000000, INT64_C(3600000000)};
    static const int32_t years[] = {1, 10, 100, 1000};
    uint32_t bits = UINT32_C(1) << part;
    if (part == PART_SECOND && n->part != 0) bits = 7; // all below the second
    if (!mark(r, bits)) return false;
    if (part <= PART_HOUR) {
        r->us += (__int128)n->whole * us[part];
        add_us(r, n->part, (double)us[part]);
    } else if (part == PART_DAY || part == PART_WEEK) {
        int32_t scale = part == PART_DAY ? 1 : 7;
        r->days += (__int128)n->whole * scale;
        if (part == PART_DAY)
            add_us(r, n->part, (double)DATETIME_US_PER_DAY);
        else
            add_days(r, n->part, scale);
    } else if (part == PART_MONTH) {
        r->months += n->whole;
        add_days(r, n->part, INTERVAL_DAYS_PER_MONTH);
    } else {
        int32_t scale = years[part - PART_YEAR];
        r->months += (__int128)n->whole * scale * 12 + (int64_t)rint(n->part * scale * 12);
    }
    return true;
}

static Part part_of(Str word)
{
    static const struct {
        const char *word;
        Part part;
    } known[] = {
        {"us", PART_MICROSECOND},
        {"usec", PART_MICROSECOND},
        {"usecs", PART_MICROSECOND},
        {"usecond", PART_MICROSECOND},
        {"useconds", PART_MICROSECOND},
        {"microsecon", PART_MICROSECOND},
        {"ms", PART_MILLISECOND},
        {"msec", PART_MILLISECOND},
        {"msecs", PART_MILLISECOND},
        {"msecond", PART_MILLISECOND},
        {"mseconds", PART_MILLISECOND},
        {"millisecon", PART_MILLISECOND},
        {"s", PART_SECOND},
        {"sec", PART_SECOND},
        {"secs", PART_SECOND},
        {"second", PART_SECOND},
        {"seconds", PART_SECOND},
        {"m", PART_MINUTE},
        {"min", PART_MINUTE},
        {"mins", PART_MINUTE},
        {"minute", PART_MINUTE},
        {"minutes", PART_MINUTE},
        {"h", PART_HOUR},
        {"hr", PART_HOUR},
        {"hrs", PART_HOUR},
        {"hour", PART_HOUR},
        {"hours", PART_HOUR},
        {"d", PART_DAY},
        {"day", PART_DAY},
        {"days", PART_DAY},
        {"w", PART_WEEK},
        {"week", PART_WEEK},
        {"weeks", PART_WEEK},
        {"mon", PART_MONTH},
        {"mons", PART_MONTH},
        {"month", PART_MONTH},
        {"months", PART_MONTH},
        {"y", PART_YEAR},
        {"yr", PART_YEAR},
        {"yrs", PART_YEAR},
        {"year", PART_YEAR},
        {"years", PART_YEAR},
        {"dec", PART_DECADE},
        {"decs", PART_DECADE},
        {"decade", PART_DECADE},
        {"decades", PART_DECADE},
        {"c", PART_CENTURY},
        {"cent", PART_CENTURY},
        {"century", PART_CENTURY},
        {"centuries", PART_CENTURY},
        {"mil", PART_MILLENNIUM},
        {"mils", PART_MILLENNIUM},
        {"millennia", PART_MILLENNIUM},
        {"millennium", PART_MILLENNIUM},
    };
    enum { WORD_KEPT = 10 }; // longer words are known by their beginning
    if (word.len > WORD_KEPT) word.len = WORD_KEPT;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_equal_fold(word, str_of(known[i].word))) return known[i].part;
    return PART_NONE;
}

static Str take_word(Reader *r)
{
    size_t from = r->at;
    while (is_letter(peek(r))) r->at++;
    return str_slice(r->s, from, r->at - from);
}

// At the ':' behind the first number: h:m, h:m:s, m:s.f, and m:s where the type ends in seconds only.
static bool take_time(Reader *r, const Number *first)
{
    int64_t part[3] = {first->negative ? -first->whole : first->whole, 0, 0};
    int count = 1;
    double fraction = 0;
    for (; count < 3 && peek(r) == ':'; count++) {
        r->at++;
        if (!is_digit(peek(r))) return false;
        for (; is_digit(peek(r)) && part[count] < 100000; r->at++)
            part[count] = part[count] * 10 + (peek(r) - '0');
    }
    bool point = peek(r) == '.';
    if (point) fraction = take_fraction(r);
    bool minutes_first = count == 2 && (point || r->fields == (TYPE_INTERVAL_MINUTE | TYPE_INTERVAL_SECOND));
    if (minutes_first) {
        part[2] = part[1];
        part[1] = part[0];
        part[0] = 0;
    }
    if (part[1] > 59 || part[2] > 60 || part[0] > INT64_MAX / INT64_C(3600000000)) return out_of_range(r);
    __int128 us =
        (((__int128)part[0] * 60 + part[1]) * 60 + part[2]) * 1000000 + (int64_t)rint(fraction * 1e6);
    r->us += first->negative ? -us : us;
    return mark(r, 1U << PART_HOUR | 1U << PART_MINUTE | 1U << PART_SECOND);
}

// "1-2": years and months, one sign for both.
static bool take_year_month(Reader *r, const Number *years)
{
    Number months;
    r->at++;
    if (!is_digit(peek(r)) || !take_number(r, &months) || months.has_point) return false;
    if (months.whole > 11) return out_of_range(r);
    r->months += (__int128)years->whole * 12 + (years->negative ? -months.whole : months.whole);
    return mark(r, 1U << PART_YEAR | 1U << PART_MONTH);
}

// What a number without unit means: the least field of the type.
static Part bare_part(int32_t fields)
{
    if (!fields || fields & TYPE_INTERVAL_SECOND) return PART_SECOND;
    if (fields & TYPE_INTERVAL_MINUTE) return PART_MINUTE;
    if (fields & TYPE_INTERVAL_HOUR) return PART_HOUR;
    if (fields & TYPE_INTERVAL_DAY) return PART_DAY;
    return fields & TYPE_INTERVAL_MONTH ? PART_MONTH : PART_YEAR;
}

static bool time_follows(const Reader *r)
{
    size_t i = r->at;
    if (i < r->s.len && (r->s.at[i] == '-' || r->s.at[i] == '+')) i++;
    size_t from = i;
    while (i < r->s.len && is_digit(r->s.at[i])) i++;
    return i > from && i < r->s.len && r->s.at[i] == ':';
}

static bool take_term(Reader *r)
{
    Number n;
    if (!take_number(r, &n)) return false;
    if (peek(r) == ':' && !n.has_point) return take_time(r, &n);
    if (peek(r) == '-' && !n.has_point) return take_year_month(r, &n);
    skip_blanks(r);
    if (is_letter(peek(r))) {
        Str word = take_word(r);
        if (!str_equal_fold(word, STR("ago"))) {
            Part part = part_of(word);
            return part != PART_NONE && add_part(r, part, &n);
        }
        return false; // ago wants a unit before it
    }
    return add_part(r, time_follows(r) ? PART_DAY : bare_part(r->fields), &n);
}

// "P1Y2M3DT4H5M6.5S": r->at is behind the P.
static bool take_iso(Reader *r)
{
    static const char date_letters[] = "YMWD", time_letters[] = "HMS";
    static const Part date_part[] = {PART_YEAR, PART_MONTH, PART_WEEK, PART_DAY},
                      time_part[] = {PART_HOUR, PART_MINUTE, PART_SECOND};
    bool time = false, any = false;
    while (r->at < r->s.len) {
        Number n;
        if (!time && (peek(r) == 'T' || peek(r) == 't')) {
            time = true;
            r->at++;
            continue;
        }
        if (!take_number(r, &n)) return false;
        char letter = (char)(peek(r) & ~32);
        const char *list = time ? time_letters : date_letters, *found = letter ? strchr(list, letter) : NULL;
        if (!found) return false;
        r->at++;
        any = true;
        if (!add_part(r, (time ? time_part : date_part)[found - list], &n)) return false;
    }
    return any;
}

// "P0001-02-03T04:05:06"
static bool take_iso_plain(Reader *r)
{
    Number n;
    int32_t days = 0;
    if (!take_number(r, &n) || n.has_point || peek(r) != '-' || !take_year_month(r, &n)) return false;
    if (peek(r) == '-') {
        r->at++;
        while (is_digit(peek(r)) && days < 100000) days = days * 10 + (r->s.at[r->at++] - '0');
        r->days += n.negative ? -days : days;
    }
    if (peek(r) != 'T' && peek(r) != 't') return r->at == r->s.len;
    r->at++;
    return take_number(r, &n) && peek(r) == ':' && take_time(r, &n) && r->at == r->s.len;
}

static bool take_terms(Reader *r)
{
    bool any = false, ago = false;
    skip_blanks(r);
    if (peek(r) == '@') r->at++;
    for (skip_blanks(r); r->at < r->s.len; skip_blanks(r)) {
        if (peek(r) == ',') {
            r->at++;
            continue;
        }
        if (is_letter(peek(r))) {
            if (!any || !str_equal_fold(take_word(r), STR("ago"))) return false;
            skip_blanks(r);
            if (r->at < r->s.len) return false;
            ago = true;
            break;
        }
        if (!take_term(r)) return false;
        any = true;
    }
    if (ago) {
        r->months = -r->months;
        r->days = -r->days;
        r->us = -r->us;
    }
    return any;
}

void interval_fit(Interval *v, int32_t fields)
{
    int64_t unit = fields & TYPE_INTERVAL_SECOND   ? 1
                   : fields & TYPE_INTERVAL_MINUTE ? 60000000
                   : fields & TYPE_INTERVAL_HOUR   ? INT64_C(3600000000)
                                                   : 0;
    if (!fields) return;
    if (unit) {
        v->us -= v->us % unit;
        return;
    }
    v->us = 0;
    if (fields & TYPE_INTERVAL_DAY) return;
    v->days = 0;
    if (!(fields & TYPE_INTERVAL_MONTH)) v->months -= v->months % 12;
}

bool interval_from_text(Interval *out, Str s, int32_t fields, Err *err)
{
    Reader r = {.s = str_trim(s), .fields = fields};
    bool good;
    if (r.s.len && (r.s.at[0] == 'P')) {
        r.at = 1;
        good = take_iso(&r);
        if (!good && !r.range) {
            r = (Reader){.s = r.s, .fields = fields, .at = 1};
            good = take_iso_plain(&r);
        }
    } else {
        good = take_terms(&r);
    }
    int shown = (int)(s.len > 100 ? 100 : s.len);
    const char *at = s.at ? s.at : "";
    if (!good && !r.range)
        return err_set(err, "22007", "invalid input syntax for type interval: \"%.*s\"", shown, at);
    *out = (Interval){.us = (int64_t)r.us, .days = (int32_t)r.days, .months = (int32_t)r.months};
    if (!good || out->us != r.us || out->days != r.days || out->months != r.months)
        return err_set(err, "22015", "interval field value out of range: \"%.*s\"", shown, at);
    interval_fit(out, fields);
    return true;
}
