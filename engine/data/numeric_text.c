// Numeric: from text and double, to text and double. Reading skips leading zeros first, so that the length of
// a value, not of its spelling, is what the limits count.
#include "engine/base/buf.h"
#include "engine/data/numeric_in.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool bad_text(Str s, Err *err)
{
    return err_set(err, SQLSTATE_BAD_TEXT, "invalid input syntax for type numeric: \"%.*s\"",
                   (int)(s.len > 100 ? 100 : s.len), s.at ? s.at : "");
}

static bool overflow(Str s, Err *err)
{
    return err_set(err, SQLSTATE_OUT_OF_RANGE, "value overflows numeric format: \"%.*s\"",
                   (int)(s.len > 100 ? 100 : s.len), s.at ? s.at : "");
}

// A number cut into its parts. whole and fraction are digits only.
typedef struct Spelling {
    bool negative;
    Str whole, fraction;
    int64_t exponent;
} Spelling;

static Str take_digits(Str *s)
{
    size_t n = 0;
    while (n < s->len && is_digit(s->at[n])) n++;
    Str digits = {s->at, n};
    *s = str_slice(*s, n, s->len - n);
    return digits;
}

static bool take_exponent(Str *s, int64_t *exponent)
{
    *s = str_slice(*s, 1, s->len - 1);
    bool negative = s->len && s->at[0] == '-';
    if (s->len && (s->at[0] == '-' || s->at[0] == '+')) *s = str_slice(*s, 1, s->len - 1);
    Str digits = take_digits(s);
    int64_t v = 0;
    for (size_t i = 0; i < digits.len; i++) {
        v = v * 10 + (digits.at[i] - '0');
        if (v > INT32_MAX / 2) return false;
    }
    *exponent = negative ? -v : v;
    return digits.len != 0;
}

static bool spelling_read(Spelling *out, Str s)
{
    *out = (Spelling){0};
    if (s.len && (s.at[0] == '-' || s.at[0] == '+')) {
        out->negative = s.at[0] == '-';
        s = str_slice(s, 1, s.len - 1);
    }
    out->whole = take_digits(&s);
    if (s.len && s.at[0] == '.') {
        s = str_slice(s, 1, s.len - 1);
        out->fraction = take_digits(&s);
    }
    if (!out->whole.len && !out->fraction.len) return false;
    if (s.len && (s.at[0] == 'e' || s.at[0] == 'E') && !take_exponent(&s, &out->exponent)) return false;
    return s.len == 0;
}

static bool special_read(Numeric *out, Str s)
{
    static const struct {
        const char *text;
        NumericKind kind;
    } special[] = {
        {"nan", NUMERIC_NAN},       {"infinity", NUMERIC_INF}, {"inf", NUMERIC_INF},
        {"+infinity", NUMERIC_INF}, {"+inf", NUMERIC_INF},     {"-infinity", NUMERIC_NEG_INF},
        {"-inf", NUMERIC_NEG_INF},
    };
    for (size_t i = 0; i < COUNT_OF(special); i++) {
        if (!str_equal_fold(s, str_of(special[i].text))) continue;
        *out = (Numeric){.kind = (uint8_t)special[i].kind};
        return true;
    }
    return false;
}

// Up to 18 digits, no exponent: one pass, no Wide.
static bool read_short(Numeric *out, Str s)
{
    size_t i = 0;
    bool negative = s.len && s.at[0] == '-';
    if (s.len && (s.at[0] == '-' || s.at[0] == '+')) i++;
    if (s.len - i > SMALL_DIGITS + 1) return false;
    int64_t v = 0;
    size_t digits = 0, point = SIZE_MAX;
    for (; i < s.len; i++) {
        if (s.at[i] == '.' && point == SIZE_MAX) {
            point = digits;
        } else if (is_digit(s.at[i]) && digits < SMALL_DIGITS) {
            v = v * 10 + (s.at[i] - '0');
            digits++;
        } else {
            return false;
        }
    }
    if (!digits) return false;
    *out = numeric_small(negative ? -v : v, point == SIZE_MAX ? 0 : (unsigned)(digits - point));
    return true;
}

// Appends the digits of s to the coefficient being gathered, limb by limb, highest digit first.
typedef struct Gather {
    Wide *wide;
    unsigned left; // digits still to come
} Gather;

static void gather_digits(Gather *g, Str s, size_t zeros)
{
    for (size_t i = 0; i < s.len + zeros; i++) {
        g->left--;
        uint32_t *limb = &g->wide->limb[g->left / LIMB_DIGITS];
        *limb = *limb * 10 + (i < s.len ? (uint32_t)(s.at[i] - '0') : 0);
    }
}

static Str without_zeros(Str s)
{
    while (s.len && s.at[0] == '0') s = str_slice(s, 1, s.len - 1);
    return s;
}

bool numeric_from_text(Numeric *out, Str s, Arena *mem, Err *err)
{
    Str whole_text = s;
    s = str_trim(s);
    if (read_short(out, s) || special_read(out, s)) return true;
    Spelling p;
    if (!spelling_read(&p, s)) return bad_text(whole_text, err);
    Str whole = without_zeros(p.whole);
    Str fraction = whole.len ? p.fraction : without_zeros(p.fraction);
    int64_t scale = (int64_t)p.fraction.len - p.exponent;
    int64_t zeros = scale < 0 ? -scale : 0;
    if (scale < 0) scale = 0;
    if (scale > NUMERIC_SCALE_MAX) return overflow(whole_text, err);
    if (!whole.len && !fraction.len) zeros = 0;
    int64_t digits = (int64_t)whole.len + (int64_t)fraction.len + zeros;
    if (digits - scale > NUMERIC_DIGITS_MAX) return overflow(whole_text, err);
    Wide w = {.negative = p.negative && digits};
    w.count = (uint32_t)(digits + LIMB_DIGITS - 1) / LIMB_DIGITS;
    Gather g = {&w, (unsigned)digits};
    gather_digits(&g, whole, 0);
    gather_digits(&g, fraction, (size_t)zeros);
    return wide_to_numeric(out, &w, (unsigned)scale, mem, err);
}

bool numeric_from_double(Numeric *out, double value, Arena *mem, Err *err)
{
    if (isnan(value) || isinf(value)) {
        *out = (Numeric){.kind = (uint8_t)(isnan(value) ? NUMERIC_NAN
                                           : value < 0  ? NUMERIC_NEG_INF
                                                        : NUMERIC_INF)};
        return true;
    }
    char text[40];
    int len = snprintf(text, sizeof text, "%.15g", value), kept = 0;
    for (int i = 0; i < len; i++) { // whatever the locale's point is, it becomes one '.'
        bool plain = is_digit(text[i]) || text[i] == 'e' || text[i] == '+' || text[i] == '-';
        if (plain || !kept || text[kept - 1] != '.') text[kept++] = plain ? text[i] : '.';
    }
    return numeric_from_text(out, (Str){text, (size_t)kept}, mem, err);
}

// Writes v with exactly `digits` digits.
static void put_digits(char *out, uint64_t v, unsigned digits)
{
    while (digits-- > 0) {
        out[digits] = (char)('0' + v % 10);
        v /= 10;
    }
}

static size_t special_text(uint8_t kind, char *out, size_t size)
{
    static const char *const text[] = {[NUMERIC_SMALL] = "",
                                       [NUMERIC_BIG] = "",
                                       [NUMERIC_NAN] = "NaN",
                                       [NUMERIC_INF] = "Infinity",
                                       [NUMERIC_NEG_INF] = "-Infinity"};
    Str s = str_of(text[kind]);
    if (s.len > size) return 0;
    memcpy(out, s.at, s.len);
    return s.len;
}

// All digits of the coefficient without leading zeros; returns how many.
static size_t coefficient_text(const Numeric *n, char *out)
{
    if (n->kind == NUMERIC_SMALL) {
        uint64_t v = (uint64_t)(n->small < 0 ? -n->small : n->small);
        unsigned digits = uint64_digits(v);
        put_digits(out, v, digits);
        return digits;
    }
    const NumericBig *big = n->big;
    if (!big->count) return 0;
    unsigned len = uint64_digits(big->limb[big->count - 1]);
    put_digits(out, big->limb[big->count - 1], len);
    for (uint32_t i = big->count - 1; i-- > 0; len += LIMB_DIGITS)
        put_digits(out + len, big->limb[i], LIMB_DIGITS);
    return len;
}

size_t numeric_to_text(const Numeric *n, char *out, size_t size)
{
    if (n->kind > NUMERIC_BIG) return special_text(n->kind, out, size);
    char digits[NUMERIC_DIGITS_MAX + NUMERIC_SCALE_MAX + LIMB_DIGITS];
    size_t count = coefficient_text(n, digits), scale = n->scale;
    size_t whole = count > scale ? count - scale : 0;
    if (size < (whole ? whole : 1) + scale + 2) return 0;
    char *p = out;
    if (numeric_sign(n) < 0) *p++ = '-';
    if (whole) {
        memcpy(p, digits, whole);
        p += whole;
    } else {
        *p++ = '0';
    }
    if (!scale) return (size_t)(p - out);
    *p++ = '.';
    size_t zeros = count < scale ? scale - count : 0;
    memset(p, '0', zeros);
    memcpy(p + zeros, digits + whole, scale - zeros);
    return (size_t)(p + scale - out);
}

double numeric_to_double(const Numeric *n)
{
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                   1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    if (n->kind == NUMERIC_NAN) return NAN;
    if (n->kind > NUMERIC_BIG) return n->kind == NUMERIC_INF ? INFINITY : -INFINITY;
    // Both exact in a double, so the one division rounds correctly.
    if (n->kind == NUMERIC_SMALL && n->small <= INT64_C(1) << 53 && n->small >= -(INT64_C(1) << 53))
        return (double)n->small / power[n->scale];
    char text[NUMERIC_TEXT_MAX];
    size_t len = numeric_to_text(n, text, sizeof text - 1);
    text[len] = 0;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0); // the "C" locale is not allocated
    double value = strtod_l(text, NULL, c);
    freelocale(c);
    return value;
}
