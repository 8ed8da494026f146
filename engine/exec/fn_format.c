// to_char for moments and numbers: the common patterns of PostgreSQL 15 (section 9.8); what is not known of a
// pattern is put out as it stands.
#include "engine/exec/fn.h"

#include "engine/data/datetime.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FORMAT_RESULT_MAX = 64 << 10 };

// ---- moments ----

typedef struct Moment {
    DateParts d;
    TimeParts t;
    int32_t day;
} Moment;

static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
static const char *const day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};

static int weekday(const Moment *m) { return (int)(((int64_t)m->day + 4) % 7 + 7) % 7; }
static int day_of_year(const Moment *m) { return m->day - date_from_parts((DateParts){m->d.year, 1, 1}) + 1; }
static int hour12(const Moment *m) { return m->t.hour % 12 ? m->t.hour % 12 : 12; }
static int shown_year(const Moment *m) { return m->d.year > 0 ? m->d.year : 1 - m->d.year; }
static void iso_week(const Moment *m, int *year, int *week)
{
    Moment thursday = *m;
    thursday.day = m->day + 3 - (weekday(m) + 6) % 7;
    thursday.d = date_to_parts(thursday.day);
    *year = thursday.d.year;
    *week = (day_of_year(&thursday) - 1) / 7 + 1;
}

// A name as the pattern's own letters are written: ALL, First or none in capitals; padded to 9 unless FM.
static void put_name(Bytes *b, const char *name, size_t len, Str pattern, bool fill)
{
    bool all = pattern.at[1] >= 'A' && pattern.at[1] <= 'Z',
         first = pattern.at[0] >= 'A' && pattern.at[0] <= 'Z';
    size_t width = len == SIZE_MAX ? 9 : len, n = 0;
    for (; n < width && name[n]; n++) {
        char c = name[n];
        bool upper = (all && first) || (n == 0 && first);
        if (upper && c >= 'a' && c <= 'z') c = (char)(c - 32);
        if (!upper && c >= 'A' && c <= 'Z') c = (char)(c + 32);
        bytes_put_byte(b, c);
    }
    if (fill && len == SIZE_MAX) bytes_put_repeat(b, ' ', 9 - n);
}

static void put_number(Bytes *b, int64_t value, int width, bool fill)
{
    bytes_printf(b, "%0*" PRId64, fill ? width : 1, value);
}

typedef enum Piece {
    PIECE_YEAR4C,
    PIECE_YEAR,
    PIECE_YEAR3,
    PIECE_YEAR2,
    PIECE_YEAR1,
    PIECE_ISOYEAR,
    PIECE_MONTHNAME,
    PIECE_MON,
    PIECE_MM,
    PIECE_DDD,
    PIECE_DD,
    PIECE_DAYNAME,
    PIECE_DY,
    PIECE_D,
    PIECE_ID,
    PIECE_HH24,
    PIECE_HH12,
    PIECE_MI,
    PIECE_SSSS,
    PIECE_SS,
    PIECE_MS,
    PIECE_US,
    PIECE_AM,
    PIECE_AMDOT,
    PIECE_WW,
    PIECE_IW,
    PIECE_W,
    PIECE_Q,
    PIECE_CC,
    PIECE_J,
    PIECE_BC
} Piece;

// Longer ones before their beginnings.
static const struct {
    const char *text;
    Piece piece;
    bool any_case;
} pieces[] = {
    {"Y,YYY", PIECE_YEAR4C, true},
    {"YYYY", PIECE_YEAR, true},
    {"IYYY", PIECE_ISOYEAR, true},
    {"YYY", PIECE_YEAR3, true},
    {"YY", PIECE_YEAR2, true},
    {"Y", PIECE_YEAR1, true},
    {"MONTH", PIECE_MONTHNAME, true},
    {"MON", PIECE_MON, true},
    {"MM", PIECE_MM, true},
    {"MI", PIECE_MI, true},
    {"MS", PIECE_MS, true},
    {"DDD", PIECE_DDD, true},
    {"DD", PIECE_DD, true},
    {"DAY", PIECE_DAYNAME, true},
    {"DY", PIECE_DY, true},
    {"D", PIECE_D, true},
    {"ID", PIECE_ID, true},
    {"HH24", PIECE_HH24, true},
    {"HH12", PIECE_HH12, true},
    {"HH", PIECE_HH12, true},
    {"SSSSS", PIECE_SSSS, true},
    {"SSSS", PIECE_SSSS, true},
    {"SS", PIECE_SS, true},
    {"US", PIECE_US, true},
    {"AM", PIECE_AM, true},
    {"PM", PIECE_AM, true},
    {"A.M.", PIECE_AMDOT, true},
    {"P.M.", PIECE_AMDOT, true},
    {"WW", PIECE_WW, true},
    {"IW", PIECE_IW, true},
    {"W", PIECE_W, true},
    {"Q", PIECE_Q, true},
    {"CC", PIECE_CC, true},
    {"J", PIECE_J, true},
    {"BC", PIECE_BC, true},
    {"AD", PIECE_BC, true},
};

static void put_calendar(Bytes *b, Piece p, const Moment *m, Str pattern, bool fill)
{
    int year, week;
    iso_week(m, &year, &week);
    switch (p) {
    case PIECE_YEAR4C: bytes_printf(b, "%d,%03d", shown_year(m) / 1000, shown_year(m) % 1000); break;
    case PIECE_YEAR: put_number(b, shown_year(m), 4, fill); break;
    case PIECE_YEAR3: put_number(b, shown_year(m) % 1000, 3, fill); break;
    case PIECE_YEAR2: put_number(b, shown_year(m) % 100, 2, fill); break;
    case PIECE_YEAR1: put_number(b, shown_year(m) % 10, 1, fill); break;
    case PIECE_ISOYEAR: put_number(b, year, 4, fill); break;
    case PIECE_MONTHNAME: put_name(b, month_names[m->d.month - 1], SIZE_MAX, pattern, fill); break;
    case PIECE_MON: put_name(b, month_names[m->d.month - 1], 3, pattern, fill); break;
    case PIECE_MM: put_number(b, m->d.month, 2, fill); break;
    case PIECE_DDD: put_number(b, day_of_year(m), 3, fill); break;
    case PIECE_DD: put_number(b, m->d.day, 2, fill); break;
    case PIECE_DAYNAME: put_name(b, day_names[weekday(m)], SIZE_MAX, pattern, fill); break;
    case PIECE_DY: put_name(b, day_names[weekday(m)], 3, pattern, fill); break;
    case PIECE_D: put_number(b, weekday(m) + 1, 1, fill); break;
    case PIECE_ID: put_number(b, weekday(m) ? weekday(m) : 7, 1, fill); break;
    case PIECE_WW: put_number(b, (day_of_year(m) - 1) / 7 + 1, 2, fill); break;
    case PIECE_IW: put_number(b, week, 2, fill); break;
    case PIECE_W: put_number(b, (m->d.day - 1) / 7 + 1, 1, fill); break;
    case PIECE_Q: put_number(b, (m->d.month - 1) / 3 + 1, 1, fill); break;
    case PIECE_CC: put_number(b, (shown_year(m) + 99) / 100, 2, fill); break;
    case PIECE_J: put_number(b, (int64_t)m->day + 2440588, 1, fill); break;
    default: break;
    }
}

static void put_clock(Bytes *b, Piece p, const Moment *m, Str pattern, bool fill)
{
    const bool low = pattern.at[0] >= 'a', pm = m->t.hour >= 12;
    switch (p) {
    case PIECE_HH24: put_number(b, m->t.hour, 2, fill); break;
    case PIECE_HH12: put_number(b, hour12(m), 2, fill); break;
    case PIECE_MI: put_number(b, m->t.minute, 2, fill); break;
    case PIECE_SS: put_number(b, m->t.second, 2, fill); break;
    case PIECE_SSSS: put_number(b, (m->t.hour * 60 + m->t.minute) * 60 + m->t.second, 1, fill); break;
    case PIECE_MS: put_number(b, m->t.us / 1000, 3, true); break;
    case PIECE_US: put_number(b, m->t.us, 6, true); break;
    case PIECE_AM: bytes_put(b, low ? (pm ? STR("pm") : STR("am")) : (pm ? STR("PM") : STR("AM"))); break;
    case PIECE_AMDOT:
        bytes_put(b, low ? (pm ? STR("p.m.") : STR("a.m.")) : (pm ? STR("P.M.") : STR("A.M.")));
        break;
    case PIECE_BC:
        bytes_put(b, low ? (m->d.year > 0 ? STR("ad") : STR("bc")) : (m->d.year > 0 ? STR("AD") : STR("BC")));
        break;
    default: break;
    }
}

// "st", "nd", "rd", "th" behind the number that ends b.
static void put_ordinal(Bytes *b, bool low)
{
    char last = b->len ? b->at[b->len - 1] : '0', before = b->len > 1 ? b->at[b->len - 2] : '0';
    static const char *const ends[] = {"TH", "ST", "ND", "RD"};
    const char *end = before != '1' && last >= '1' && last <= '3' ? ends[last - '0'] : ends[0];
    for (int i = 0; i < 2; i++) bytes_put_byte(b, (char)(low ? end[i] + 32 : end[i]));
}

static size_t moment_piece(Bytes *b, Str rest, const Moment *m, bool fill)
{
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        Str p = str_of(pieces[i].text);
        if (rest.len < p.len || !str_equal_fold(str_slice(rest, 0, p.len), p)) continue;
        size_t before = b->len;
        put_calendar(b, pieces[i].piece, m, rest, fill);
        if (b->len == before) put_clock(b, pieces[i].piece, m, rest, fill);
        Str behind = str_slice(rest, p.len, 2);
        if (!str_equal_fold(behind, STR("TH"))) return p.len;
        put_ordinal(b, behind.at[0] == 't');
        return p.len + 2;
    }
    return 0;
}

static void format_moment(Bytes *b, Str f, const Moment *m)
{
    bool fill = true;
    for (size_t i = 0; i < f.len;) {
        Str rest = str_slice(f, i, f.len - i);
        if (rest.len >= 2 && str_equal_fold(str_slice(rest, 0, 2), STR("FM"))) {
            fill = false;
            i += 2;
            continue;
        }
        if (f.at[i] == '"') {
            for (i++; i < f.len && f.at[i] != '"'; i++) bytes_put_byte(b, f.at[i]);
            i++;
            continue;
        }
        size_t used = moment_piece(b, rest, m, fill);
        if (!used)
            bytes_put_byte(b, f.at[i]);
        else
            fill = true;
        i += used ? used : 1;
    }
}

static bool moment_row(Vector *out, uint32_t row, int64_t us, Str format, Bytes *b, KernelContext *ctx)
{
    Moment m = {0};
    int64_t day = us / DATETIME_US_PER_DAY - (us % DATETIME_US_PER_DAY < 0);
    bytes_clear(b);
    if (!format.len) { // as PostgreSQL has it
        vector_set_null(out, row);
        FN_OUT(Text)[row] = (Text){0};
        return true;
    }
    if (us == TIMESTAMP_INFINITY || us == TIMESTAMP_NEG_INFINITY) {
        bytes_put(b, us > 0 ? STR("infinity") : STR("-infinity"));
    } else {
        m.day = (int32_t)day;
        m.d = date_to_parts(m.day);
        m.t = time_to_parts(us - day * DATETIME_US_PER_DAY);
        format_moment(b, format, &m);
    }
    if (b->failed) return err_set_at(ctx->err, "54000", ctx->at, "the format pattern is too long");
    return fn_put(out, row, bytes_str(b), ctx);
}

#define MOMENT(name, US)                                                                                     \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        Bytes b;                                                                                             \
        int64_t us = 0;                                                                                      \
        bool ok = true;                                                                                      \
        (void)args;                                                                                          \
        bytes_init(&b, FORMAT_RESULT_MAX);                                                                   \
        FN_ROWS(r, { ok = ok && US && moment_row(out, r, us, fn_str(arg, 1, r), &b, ctx); });                \
        bytes_done(&b);                                                                                      \
        return ok;                                                                                           \
    }
MOMENT(char_timestamp, (us = FN_CELL(int64_t, 0, r), true))
MOMENT(char_date, (timestamp_from_date(&us, FN_CELL(int32_t, 0, r)) ||
                   err_set_at(ctx->err, "22008", ctx->at, "date out of range for timestamp")))

MOMENT(char_moment, (zone_to_local(fn_zone(ctx), FN_CELL(int64_t, 0, r), &us) ||
                     err_set_at(ctx->err, "22008", ctx->at, "timestamp out of range")))

// ---- numbers ----

typedef struct NumberFormat {
    int before, after; // digit places
    int zero_from;     // place (from the left) of the first 0; -1 = none
    bool fill, minus_end, sign_first, sign_last, angle, sign_any, plus, exponent;
} NumberFormat;

static bool word_at(Str f, size_t i, const char *word)
{
    return str_equal_fold(str_slice(f, i, strlen(word)), str_of(word));
}

static void read_format(Str f, NumberFormat *n)
{
    bool behind = false;
    *n = (NumberFormat){.fill = true, .zero_from = -1};
    for (size_t i = 0; i < f.len; i++) {
        char c = f.at[i];
        if (c == '"')
            for (i++; i < f.len && f.at[i] != '"';) i++;
        else if (word_at(f, i, "FM"))
            n->fill = false, i++;
        else if (word_at(f, i, "MI"))
            n->minus_end = true, i++;
        else if (word_at(f, i, "PR"))
            n->angle = true, i++;
        else if (word_at(f, i, "SG"))
            n->sign_any = true, i++;
        else if (word_at(f, i, "PL"))
            n->plus = true, i++;
        else if (c == 'S' || c == 's')
            *(n->before + n->after ? &n->sign_last : &n->sign_first) = true;
        else if (c == '.' || c == 'D' || c == 'd')
            behind = true;
        else if (c == '9' || c == '0') {
            if (c == '0' && !behind && n->zero_from < 0) n->zero_from = n->before;
            *(behind ? &n->after : &n->before) += 1;
        }
    }
}

typedef struct NumberText {
    char digits[NUMERIC_TEXT_MAX]; // before ++ after, no point
    int before;                    // digits before the point, leading zeros taken away
    int after;
    bool minus;
} NumberText;

static bool number_text(const Numeric *x, int after, NumberText *t, KernelContext *ctx)
{
    Numeric r;
    char text[NUMERIC_TEXT_MAX];
    if (!numeric_round(&r, x, after, ctx->mem, ctx->err)) return false;
    size_t len = numeric_to_text(&r, text, sizeof text), i = 0, o = 0;
    t->minus = text[0] == '-';
    i += t->minus;
    while (i < len && text[i] == '0') i++;
    for (t->before = 0; i < len && text[i] != '.'; i++, t->before++) t->digits[o++] = text[i];
    for (t->after = 0, i++; i < len; i++, t->after++) t->digits[o++] = text[i];
    return true;
}

// How many decimals FM leaves: trailing zeros go, as far as 0 in the pattern allows.
static int kept_decimals(Str f, const NumberFormat *n, const NumberText *t)
{
    int keep = n->after, place = 0, last_zero = 0;
    bool behind = false;
    for (size_t i = 0; i < f.len; i++) {
        if (f.at[i] == '.' || f.at[i] == 'D' || f.at[i] == 'd') behind = true;
        if (behind && (f.at[i] == '9' || f.at[i] == '0')) {
            place++;
            if (f.at[i] == '0') last_zero = place;
        }
    }
    if (n->fill) return keep;
    while (keep > last_zero && t->digits[t->before + keep - 1] == '0') keep--;
    return keep;
}

static void put_digit(Bytes *b, const NumberFormat *n, const NumberText *t, int place, bool *begun,
                      const char *sign)
{
    const int lead = n->before - t->before; // places that no digit fills
    bool zero = n->zero_from >= 0 && place >= n->zero_from;
    bool last = place == n->before - 1 && !t->before && (!n->after || zero);
    bool show = place >= lead || zero || last;
    if (show && !*begun) bytes_put(b, str_of(sign));
    *begun |= show;
    if (place >= lead)
        bytes_put_byte(b, t->digits[place - lead]);
    else if (show)
        bytes_put_byte(b, '0');
    else if (n->fill)
        bytes_put_byte(b, ' ');
}

static const char *leading_sign(const NumberFormat *n, bool minus)
{
    if (n->sign_first) return minus ? "-" : "+";
    if (n->sign_last || n->minus_end || n->sign_any) return "";
    if (n->angle) return minus ? "<" : n->fill ? " " : "";
    return minus ? "-" : n->fill ? " " : "";
}

static void format_number(Bytes *b, Str f, const NumberFormat *n, const NumberText *t)
{
    int place = 0, decimals = 0, keep = kept_decimals(f, n, t);
    bool begun = false, behind = false;
    const bool over = t->before > n->before;
    const char *sign = leading_sign(n, t->minus);
    for (size_t i = 0; i < f.len; i++) {
        char c = f.at[i];
        if (word_at(f, i, "FM") || word_at(f, i, "PR")) {
            i++;
        } else if (word_at(f, i, "MI") || word_at(f, i, "SG") || word_at(f, i, "PL")) {
            if (word_at(f, i, "MI"))
                bytes_put(b, t->minus ? STR("-") : n->fill ? STR(" ") : STR(""));
            else if (word_at(f, i, "SG"))
                bytes_put_byte(b, t->minus ? '-' : '+');
            else
                bytes_put_byte(b, t->minus ? ' ' : '+');
            i++;
        } else if (c == 'S' || c == 's') {
            if (n->sign_last) bytes_put_byte(b, t->minus ? '-' : '+');
        } else if (c == '9' || c == '0') {
            if (behind) {
                if (over)
                    bytes_put_byte(b, '#');
                else if (decimals < keep)
                    bytes_put_byte(b, t->digits[t->before + decimals]);
                decimals++;
            } else if (over) {
                if (!begun) bytes_put(b, str_of(sign));
                begun = true;
                bytes_put_byte(b, '#');
            } else {
                put_digit(b, n, t, place, &begun, sign);
            }
            place += !behind;
        } else if (c == '.' || c == 'D' || c == 'd') {
            if (!begun) bytes_put(b, str_of(sign));
            begun = behind = true;
            bytes_put_byte(b, '.');
        } else if (c == ',' || c == 'G' || c == 'g') {
            if (begun)
                bytes_put_byte(b, ',');
            else if (n->fill)
                bytes_put_byte(b, ' ');
        } else if (c == 'L' || c == 'l') {
            bytes_put_byte(b, ' ');
        } else if (c == '"') {
            for (i++; i < f.len && f.at[i] != '"'; i++) bytes_put_byte(b, f.at[i]);
        } else {
            bytes_put_byte(b, c);
        }
    }
    if (n->angle) bytes_put(b, t->minus ? STR(">") : n->fill ? STR(" ") : STR(""));
}

static bool number_row(Vector *out, uint32_t row, const Numeric *x, Str f, Bytes *b, KernelContext *ctx)
{
    NumberFormat n;
    NumberText t;
    read_format(f, &n);
    bytes_clear(b);
    if (word_at(f, 0, "RN") || str_find(f, STR("EEEE"), 0) != SIZE_MAX ||
        str_find_byte(f, 'V', 0) != SIZE_MAX)
        return err_set_at(ctx->err, SQLSTATE_UNSUPPORTED, ctx->at,
                          "to_char does not know the patterns RN, V and EEEE");
    if (x->kind >= NUMERIC_NAN)
        return err_set_at(ctx->err, SQLSTATE_UNSUPPORTED, ctx->at,
                          "to_char of NaN or Infinity is not supported");
    if (!number_text(x, n.after, &t, ctx)) return false;
    format_number(b, f, &n, &t);
    if (b->failed) return err_set_at(ctx->err, "54000", ctx->at, "the format pattern is too long");
    return fn_put(out, row, bytes_str(b), ctx);
}

static bool numeric_of_double(Numeric *out, double x, KernelContext *ctx)
{
    return numeric_from_double(out, x, ctx->mem, ctx->err);
}
static bool numeric_of_int(Numeric *out, int64_t x, KernelContext *ctx)
{
    *out = numeric_from_int64(x, ctx->mem);
    return true;
}
static bool numeric_as_is(Numeric *out, Numeric x, KernelContext *ctx)
{
    (void)ctx;
    *out = x;
    return true;
}
#define NUMBER(name, T, convert)                                                                             \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        Bytes b;                                                                                             \
        Numeric x;                                                                                           \
        bool ok = true;                                                                                      \
        (void)args;                                                                                          \
        bytes_init(&b, FORMAT_RESULT_MAX);                                                                   \
        FN_ROWS(r, {                                                                                         \
            ok = ok && convert(&x, FN_CELL(T, 0, r), ctx) &&                                                 \
                 number_row(out, r, &x, fn_str(arg, 1, r), &b, ctx);                                         \
        });                                                                                                  \
        bytes_done(&b);                                                                                      \
        return ok;                                                                                           \
    }
NUMBER(char_i32, int32_t, numeric_of_int)
NUMBER(char_i64, int64_t, numeric_of_int)
NUMBER(char_f64, double, numeric_of_double)
NUMBER(char_numeric, Numeric, numeric_as_is)

#define S FUNCTION_STRICT
#define T TYPE_TEXT
const Function fn_format[] = {
    {"to_char", 2, S, {TYPE_TIMESTAMP, T}, T, char_timestamp},
    {"to_char", 2, S | FUNCTION_STABLE, {TYPE_TIMESTAMPTZ, T}, T, char_moment},
    {"to_char", 2, S, {TYPE_DATE, T}, T, char_date},
    {"to_char", 2, S, {TYPE_INTEGER, T}, T, char_i32},
    {"to_char", 2, S, {TYPE_BIGINT, T}, T, char_i64},
    {"to_char", 2, S, {TYPE_NUMERIC, T}, T, char_numeric},
    {"to_char", 2, S, {TYPE_DOUBLE, T}, T, char_f64},
    {0},
};
