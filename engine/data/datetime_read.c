// Datetime, reading: a text is a row of numbers, words and signs; each is put where it belongs and the three
// readers look whether what they need is there. Numbers of a date are kept in the order read and are settled
// at the end, because only the whole tells whether 21 is a day or a year.
#include "engine/data/datetime.h"

#include <math.h>
#include <string.h>

typedef enum Fault { FAULT_NONE, FAULT_SYNTAX, FAULT_RANGE, FAULT_ZONE, FAULT_TOLD } Fault;
typedef enum Special {
    SPECIAL_NONE,
    SPECIAL_INFINITY,
    SPECIAL_NEG_INFINITY,
    SPECIAL_EPOCH,
    SPECIAL_NOW,
    SPECIAL_DAY
} Special;

typedef struct Reader {
    Str s;
    const ZoneContext *context;
    int32_t east_s;   // of the zone in the text: an offset,
    const Zone *zone; // or a name
    bool zone_named;
    Err *err; // set when the fault says more than Fault can
    size_t at;
    bool time_wanted; // a bare number may be a time: the reader of times, or after T
    Fault fault;
    // the date
    int32_t number[3];
    unsigned digits[3], numbers;
    int32_t month; // by name; 0 = none
    DateParts date;
    bool date_done, bc, era_seen;
    // the time
    bool time_done, half_seen, pm, zone_seen;
    int64_t us; // of the day
    int32_t hour;
    // a word that says all
    Special special;
    int32_t day_offset; // SPECIAL_DAY: from today
} Reader;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static char peek(const Reader *r, size_t ahead)
{
    return r->at + ahead < r->s.len ? r->s.at[r->at + ahead] : 0;
}

static bool fail(Reader *r, Fault fault)
{
    if (!r->fault) r->fault = fault;
    return false;
}

// Reads digits; a number too long for any field becomes one that is out of range.
static int32_t take_number(Reader *r, unsigned *digits)
{
    int64_t v = 0;
    unsigned n = 0;
    for (; is_digit(peek(r, 0)); r->at++, n++)
        if (v < 100000000) v = v * 10 + (peek(r, 0) - '0');
    if (digits) *digits = n;
    return (int32_t)v;
}

// ".49118" behind seconds, rounded to microseconds: through a double and half to even, as PostgreSQL does.
static int64_t take_fraction(Reader *r)
{
    enum { DIGITS_KEPT = 15 }; // exact in a double
    if (peek(r, 0) != '.') return 0;
    r->at++;
    double digits = 0, unit = 1;
    for (unsigned n = 0; is_digit(peek(r, 0)); r->at++, n++) {
        if (n >= DIGITS_KEPT) continue;
        digits = digits * 10 + (peek(r, 0) - '0');
        unit *= 10;
    }
    return (int64_t)rint(digits / unit * 1e6);
}

static bool set_time(Reader *r, int32_t hour, int32_t minute, int32_t second, int64_t us)
{
    if (r->time_done) return fail(r, FAULT_SYNTAX);
    if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute || second || us)))
        return fail(r, FAULT_RANGE);
    r->time_done = true;
    r->hour = hour;
    r->us = (((int64_t)hour * 60 + minute) * 60 + second) * 1000000 + us;
    return true;
}

// At the ':' behind the hour.
static bool take_time(Reader *r, int32_t hour)
{
    r->at++;
    if (!is_digit(peek(r, 0))) return fail(r, FAULT_SYNTAX);
    int32_t minute = take_number(r, NULL), second = 0;
    if (peek(r, 0) == ':') {
        r->at++;
        second = take_number(r, NULL);
    }
    return set_time(r, hour, minute, second, take_fraction(r));
}

static bool add_date_number(Reader *r, int32_t v, unsigned digits)
{
    if (r->numbers == COUNT_OF(r->number) || r->date_done) return fail(r, FAULT_SYNTAX);
    r->number[r->numbers] = v;
    r->digits[r->numbers++] = digits;
    return true;
}

static int32_t month_of(Str word)
{
    static const char *const name[] = {"january", "february", "march",     "april",   "may",      "june",
                                       "july",    "august",   "september", "october", "november", "december"};
    for (int32_t i = 0; i < 12; i++) {
        Str whole = str_of(name[i]);
        if (str_equal_fold(word, whole) || str_equal_fold(word, str_slice(whole, 0, 3))) return i + 1;
    }
    return str_equal_fold(word, STR("sept")) ? 9 : 0;
}

static Str take_word(Reader *r)
{
    size_t from = r->at;
    while (is_letter(peek(r, 0))) r->at++;
    return str_slice(r->s, from, r->at - from);
}

static bool set_month(Reader *r, int32_t month)
{
    if (!month || r->month || r->date_done) return fail(r, FAULT_SYNTAX);
    r->month = month;
    return true;
}

static void set_date_from_days(Reader *r, int32_t days)
{
    r->date = date_to_parts(days);
    r->date_done = true;
}

// "2026-11-21", "11/21/2026", "21-Nov-2026", "2026.325" (day of the year): at the first separator.
static bool take_date(Reader *r, int32_t first, unsigned digits)
{
    char separator = peek(r, 0);
    if (!add_date_number(r, first, digits)) return false;
    r->at++;
    if (is_letter(peek(r, 0))) {
        if (!set_month(r, month_of(take_word(r)))) return false;
    } else {
        int32_t second = take_number(r, &digits);
        if (separator == '.' && digits == 3 && r->digits[0] >= 3 && peek(r, 0) != '.') {
            if (second < 1 || second > 366) return fail(r, FAULT_RANGE);
            set_date_from_days(r, date_from_parts((DateParts){first, 1, 1}) + second - 1);
            return true;
        }
        if (!add_date_number(r, second, digits)) return false;
    }
    if (peek(r, 0) != separator || !is_digit(peek(r, 1))) return fail(r, FAULT_SYNTAX);
    r->at++;
    int32_t third = take_number(r, &digits);
    return add_date_number(r, third, digits);
}

static bool has_date(const Reader *r) { return r->date_done || r->numbers + (r->month != 0) == 3; }

// A number with nothing that says what it is: 20261121, 101112, or a day or year beside a month's name.
static bool take_plain(Reader *r, int32_t v, unsigned digits)
{
    bool time = (has_date(r) || r->time_wanted) && !r->time_done;
    if (digits == 6 && time) return set_time(r, v / 10000, v / 100 % 100, v % 100, take_fraction(r));
    if (digits == 4 && time && !r->month) return set_time(r, v / 100, v % 100, 0, 0);
    if (digits == 8 && !r->numbers && !r->month && !r->date_done) {
        r->date = (DateParts){v / 10000, v / 100 % 100, v % 100};
        r->date_done = true;
        return true;
    }
    if (digits == 6 && !r->numbers && !r->month)
        return add_date_number(r, v / 10000, 4) && add_date_number(r, v / 100 % 100, 2) &&
               add_date_number(r, v % 100, 2) && (r->number[0] += r->number[0] < 70 ? 2000 : 1900, true);
    if (digits > 4 && !r->month && !r->numbers) return fail(r, FAULT_RANGE);
    return add_date_number(r, v, digits);
}

static bool take_digits(Reader *r)
{
    unsigned digits;
    int32_t v = take_number(r, &digits);
    char next = peek(r, 0), after = peek(r, 1);
    if (next == ':') return take_time(r, v);
    bool separator = next == '-' || next == '/' || next == '.';
    bool bare_time = (has_date(r) || r->time_wanted) && digits == 6;
    if (separator && !bare_time && (is_digit(after) || is_letter(after))) return take_date(r, v, digits);
    return take_plain(r, v, digits);
}

// "+02", "-05:30", "+0530", "-05:30:15"
static bool take_zone_offset(Reader *r)
{
    bool minus = peek(r, 0) == '-';
    int32_t part[2] = {0};
    r->at++;
    if (!is_digit(peek(r, 0)) || r->zone_seen || !(r->time_done || has_date(r))) return fail(r, FAULT_SYNTAX);
    unsigned digits;
    int32_t hour = take_number(r, &digits);
    if (digits > 2) {
        part[0] = hour % 100;
        hour = digits <= 4 ? hour / 100 : 99;
    }
    for (int i = 0; i < 2 && peek(r, 0) == ':' && is_digit(peek(r, 1)); i++) {
        r->at++;
        if ((part[i] = take_number(r, NULL)) > 59) return fail(r, FAULT_ZONE);
    }
    r->zone_seen = true;
    r->east_s = (hour * 60 + part[0]) * 60 + part[1];
    if (minus) r->east_s = -r->east_s;
    return (hour <= 15 && part[0] < 60) || fail(r, FAULT_ZONE);
}

static bool word_is_in(Str word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal_fold(word, str_of(list[i]))) return true;
    return false;
}

static bool word_is_weekday(Str word)
{
    static const char *const day[] = {"mon",  "monday",    "tue", "tues",     "tuesday", "wed",
                                      "weds", "wednesday", "thu", "thur",     "thurs",   "thursday",
                                      "fri",  "friday",    "sat", "saturday", "sun",     "sunday"};
    return word_is_in(word, day, COUNT_OF(day));
}

// A slip of the pen must not pass for a zone's name, though it means nothing to a type without zone.
static bool take_zone_name(Reader *r, Str word)
{
    static const char *const area[] = {"africa",    "america", "antarctica", "arctic",  "asia", "atlantic",
                                       "australia", "europe",  "indian",     "pacific", "etc",  "us"};
    if (r->zone_seen) return false;
    r->zone_seen = true;
    bool more = peek(r, 0) == '/';
    if (!more && zone_abbreviation(word, &r->east_s)) return true;
    while (is_letter(peek(r, 0)) || is_digit(peek(r, 0)) || (peek(r, 0) && strchr("/_+-", peek(r, 0))))
        r->at++;
    Str name = {word.at, (size_t)(r->s.at + r->at - word.at)};
    Zones *zones = r->context ? r->context->zones : NULL;
    if (!zones) return more && word_is_in(word, area, COUNT_OF(area));
    Err none = {0};
    r->zone_named = true;
    if (zones_find(zones, name, &r->zone, more ? r->err : &none)) return true;
    return more && fail(r, FAULT_TOLD);
}

static bool take_special(Reader *r, Str word)
{
    static const struct {
        const char *word;
        Special special;
        int32_t day;
    } special[] = {
        {"infinity", SPECIAL_INFINITY, 0}, {"epoch", SPECIAL_EPOCH, 0},  {"now", SPECIAL_NOW, 0},
        {"today", SPECIAL_DAY, 0},         {"tomorrow", SPECIAL_DAY, 1}, {"yesterday", SPECIAL_DAY, -1},
    };
    for (size_t i = 0; i < COUNT_OF(special); i++) {
        if (!str_equal_fold(word, str_of(special[i].word))) continue;
        if (r->special || r->numbers || r->month || r->date_done) return fail(r, FAULT_SYNTAX);
        r->special = special[i].special;
        r->day_offset = special[i].day;
        return true;
    }
    return false;
}

// "Nov-21-2026": what is glued to a month's name by separators.
static bool take_month_tail(Reader *r)
{
    char separator = peek(r, 0);
    if (separator != '-' && separator != '/' && separator != '.') return true;
    while (peek(r, 0) == separator && is_digit(peek(r, 1))) {
        unsigned digits;
        r->at++;
        int32_t v = take_number(r, &digits);
        if (!add_date_number(r, v, digits)) return false;
    }
    return true;
}

static bool take_letters(Reader *r)
{
    Str word = take_word(r);
    if (str_equal_fold(word, STR("t")) && is_digit(peek(r, 0))) {
        r->time_wanted = true;
        return true;
    }
    if (str_equal_fold(word, STR("j")) && is_digit(peek(r, 0)) && !has_date(r)) { // Julian day
        set_date_from_days(r, take_number(r, NULL) - 2440588);
        return true;
    }
    if (str_equal_fold(word, STR("am")) || str_equal_fold(word, STR("pm"))) {
        if (r->half_seen || !r->time_done) return fail(r, FAULT_SYNTAX);
        r->half_seen = true;
        r->pm = word.at[0] == 'p' || word.at[0] == 'P';
        return true;
    }
    if (str_equal_fold(word, STR("bc")) || str_equal_fold(word, STR("ad"))) {
        if (r->era_seen) return fail(r, FAULT_SYNTAX);
        r->era_seen = true;
        r->bc = word.at[0] == 'b' || word.at[0] == 'B';
        return true;
    }
    if (str_equal_fold(word, STR("allballs"))) return set_time(r, 0, 0, 0, 0);
    if (month_of(word)) return set_month(r, month_of(word)) && take_month_tail(r);
    if (word_is_weekday(word) || take_special(r, word)) return true;
    if (r->fault) return false;
    return take_zone_name(r, word) || fail(r, FAULT_SYNTAX);
}

// Puts the numbers of the date where they belong: year first when it has three digits or more, else month,
// day, year.
static bool settle_date(Reader *r)
{
    if (!r->date_done && r->numbers + (r->month != 0) == 3) {
        bool year_first = r->digits[0] >= 3;
        unsigned year_at = year_first ? 0 : r->numbers - 1;
        const int32_t *n = r->number;
        if (r->month)
            r->date = (DateParts){n[year_at], r->month, n[year_first ? 1 : 0]};
        else
            r->date = year_first ? (DateParts){n[0], n[1], n[2]} : (DateParts){n[2], n[0], n[1]};
        if (r->digits[year_at] <= 2 && !r->bc)
            r->date.year += r->date.year < 70 ? 2000 : r->date.year < 100 ? 1900 : 0;
        r->date_done = true;
    } else if (r->numbers && !r->date_done) {
        return fail(r, FAULT_SYNTAX);
    }
    if (!r->date_done) return !(r->month || (r->era_seen && !r->time_done)) || fail(r, FAULT_SYNTAX);
    if (r->date.year == 0 && r->numbers) return fail(r, FAULT_RANGE);
    if (r->bc) r->date.year = 1 - r->date.year;
    return (r->date.year < 6000000 && date_parts_valid(r->date)) || fail(r, FAULT_RANGE);
}

static bool settle_time(Reader *r)
{
    if (!r->half_seen) return true;
    if (r->hour > 12) return fail(r, FAULT_RANGE);
    int32_t hour = r->hour % 12 + (r->pm ? 12 : 0);
    r->us += (int64_t)(hour - r->hour) * 3600 * 1000000;
    return true;
}

static bool read_all(Reader *r)
{
    enum { LENGTH_MAX = 128 };
    r->s = str_trim(r->s);
    if (!r->s.len || r->s.len > LENGTH_MAX) return fail(r, FAULT_SYNTAX);
    if (str_equal_fold(r->s, STR("-infinity"))) {
        r->special = SPECIAL_NEG_INFINITY;
        return true;
    }
    while (r->at < r->s.len) {
        char c = peek(r, 0);
        if (c == ' ' || c == ',' || c == '\t' || c == '\n') {
            r->at++;
            continue;
        }
        bool went = is_digit(c)    ? take_digits(r)
                    : is_letter(c) ? take_letters(r)
                                   : (c == '+' || c == '-') && take_zone_offset(r);
        if (!went) return fail(r, FAULT_SYNTAX);
    }
    return settle_date(r) && settle_time(r);
}

static bool read_error(const Reader *r, const char *type, Str s, Err *err)
{
    int len = (int)(s.len > 100 ? 100 : s.len);
    const char *at = s.at ? s.at : "";
    if (r->fault == FAULT_TOLD) return false;
    if (r->fault == FAULT_ZONE)
        return err_set(err, "22009", "time zone displacement out of range: \"%.*s\"", len, at);
    if (r->fault == FAULT_SYNTAX)
        return err_set(err, "22007", "invalid input syntax for type %s: \"%.*s\"", type, len, at);
    err_set(err, "22008", "date/time field value out of range: \"%.*s\"", len, at);
    return err_hint(err, "dates are read as year-month-day or month/day/year");
}

static int64_t local_now_us(const ZoneContext *c)
{
    int64_t us = zone_now_us(c), local;
    return c && zone_to_local(c->zone, us, &local) ? local : us;
}

enum { // the ends of PostgreSQL's calendar: 4714-11-24 BC (days since 1970) and the year 5874897
    DATE_FIRST = -2440588,
    DATE_YEAR_LAST = 5874897,
};
// The last whole year that microseconds since 1970 can hold in 63 bits is 294246.
#define TIMESTAMP_DAY_LAST INT64_C(106751981)

bool date_from_text(int32_t *out, Str s, const ZoneContext *c, Err *err)
{
    Reader r = {.s = s, .context = c, .err = err};
    if (!read_all(&r)) return read_error(&r, "date", s, err);
    switch (r.special) {
    case SPECIAL_INFINITY: *out = DATE_INFINITY; return true;
    case SPECIAL_NEG_INFINITY: *out = DATE_NEG_INFINITY; return true;
    case SPECIAL_EPOCH: *out = 0; return true;
    case SPECIAL_NOW:
    case SPECIAL_DAY: *out = (int32_t)(local_now_us(c) / DATETIME_US_PER_DAY) + r.day_offset; return true;
    case SPECIAL_NONE: break;
    }
    if (!r.date_done) {
        r.fault = FAULT_SYNTAX;
        return read_error(&r, "date", s, err);
    }
    if (r.date.year > DATE_YEAR_LAST || date_from_parts(r.date) < DATE_FIRST)
        return err_set(err, "22008", "date out of range: \"%.*s\"", STR_ARG(s));
    *out = date_from_parts(r.date);
    return true;
}

bool time_from_text(int64_t *out, Str s, const ZoneContext *c, Err *err)
{
    Reader r = {.s = s, .context = c, .err = err, .time_wanted = true};
    if (!read_all(&r)) return read_error(&r, "time", s, err);
    if (r.special == SPECIAL_NOW) {
        *out = local_now_us(c) % DATETIME_US_PER_DAY;
        return true;
    }
    if (r.special || !r.time_done)
        r.fault = FAULT_SYNTAX;
    else if (r.us > DATETIME_US_PER_DAY)
        r.fault = FAULT_RANGE;
    if (r.fault) return read_error(&r, "time", s, err);
    *out = r.us;
    return true;
}

// The moment as the text's own clock shows it; infinities and 'now' with *settled.
static bool read_timestamp(Reader *r, int64_t *out, const char *type, bool *settled, Err *err)
{
    const ZoneContext *c = r->context;
    const Str s = r->s;
    int64_t days;
    if (!read_all(r)) return read_error(r, type, s, err);
    *settled = true;
    switch (r->special) {
    case SPECIAL_INFINITY: *out = TIMESTAMP_INFINITY; return true;
    case SPECIAL_NEG_INFINITY: *out = TIMESTAMP_NEG_INFINITY; return true;
    case SPECIAL_NOW: *out = zone_now_us(c); return true;
    case SPECIAL_EPOCH: *out = 0; return true;
    case SPECIAL_DAY: days = local_now_us(c) / DATETIME_US_PER_DAY + r->day_offset; break;
    default:
        if (!r->date_done) {
            r->fault = FAULT_SYNTAX;
            return read_error(r, type, s, err);
        }
        days = date_from_parts(r->date);
    }
    if (r->date.year > 294276 || days < DATE_FIRST || days > TIMESTAMP_DAY_LAST)
        return err_set(err, "22008", "timestamp out of range: \"%.*s\"", STR_ARG(s));
    *out = days * DATETIME_US_PER_DAY + r->us;
    *settled = false;
    return true;
}

bool timestamp_from_text(int64_t *out, Str s, const ZoneContext *c, Err *err)
{
    Reader r = {.s = s, .context = c, .err = err};
    bool settled;
    if (!read_timestamp(&r, out, "timestamp", &settled, err)) return false;
    if (r.special == SPECIAL_NOW) *out = local_now_us(c);
    return true;
}

bool timestamptz_from_text(int64_t *out, Str s, const ZoneContext *c, Err *err)
{
    Reader r = {.s = s, .context = c, .err = err};
    bool settled;
    int64_t local;
    if (!read_timestamp(&r, &local, "timestamp with time zone", &settled, err)) return false;
    *out = local;
    if (settled) return true;
    bool fits;
    if (r.zone_seen && !r.zone_named)
        fits = !__builtin_sub_overflow(local, r.east_s * INT64_C(1000000), out) && timestamp_in_range(*out);
    else
        fits = zone_to_utc(r.zone_named ? r.zone : c ? c->zone : NULL, local, out);
    return fits || err_set(err, "22008", "timestamp out of range: \"%.*s\"", STR_ARG(s));
}
