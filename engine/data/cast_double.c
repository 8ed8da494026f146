// Cast, binary floats: the shortest text that reads back as the same value, and exact reading. Values that
// are short decimals (prices, measures) are found by one multiplication and one division; the rest by
// printing and reading.
#include "engine/base/size.h"
#include "engine/data/cast_in.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DIGITS_MAX = 17, EXACT_POWER = 22, FAST_FRACTION = 9 };
#define EXACT_INTEGER (UINT64_C(1) << 53)

static const double power10[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// A decimal 0.d1d2…dn × 10^point, d1 not zero.
typedef struct Decimal {
    char digit[DIGITS_MAX + 1];
    int count, point;
} Decimal;

static size_t put_decimal(char *out, const Decimal *d, bool negative, int exponent_from)
{
    char *p = out;
    int exponent = d->point - 1, i = 0;
    if (negative) *p++ = '-';
    if (exponent < -4 || exponent >= exponent_from) {
        *p++ = d->digit[i++];
        if (i < d->count) *p++ = '.';
        while (i < d->count) *p++ = d->digit[i++];
        *p++ = 'e';
        *p++ = exponent < 0 ? '-' : '+';
        unsigned e = (unsigned)(exponent < 0 ? -exponent : exponent);
        if (e >= 100) *p++ = (char)('0' + e / 100);
        *p++ = (char)('0' + e / 10 % 10);
        *p++ = (char)('0' + e % 10);
        return (size_t)(p - out);
    }
    if (d->point <= 0) *p++ = '0';
    for (; i < d->point; i++) *p++ = i < d->count ? d->digit[i] : '0';
    if (i < d->count) *p++ = '.';
    for (int zeros = d->point; zeros < 0; zeros++) *p++ = '0';
    while (i < d->count) *p++ = d->digit[i++];
    return (size_t)(p - out);
}

static void decimal_trim(Decimal *d)
{
    while (d->count > 1 && d->digit[d->count - 1] == '0') d->count--;
}

static void decimal_from_integer(Decimal *d, uint64_t v, int fraction)
{
    char reversed[20];
    int n = 0;
    for (; v; v /= 10) reversed[n++] = (char)('0' + v % 10);
    d->count = n;
    d->point = n - fraction;
    for (int i = 0; i < n; i++) d->digit[i] = reversed[n - 1 - i];
    decimal_trim(d);
}

// Decimals of at most 15 digits with few behind the point: u / 10^k is rounded once, so equality proves the
// round trip, and no two such decimals give one double.
static bool find_short(Decimal *d, double v)
{
    if (v >= 1e15 || v < 1e-4) return false;
    for (int k = 0; k <= FAST_FRACTION; k++) {
        double scaled = v * power10[k];
        if (scaled >= 1e15) return false;
        uint64_t u = (uint64_t)(scaled + 0.5);
        if ((double)u / power10[k] != v) continue;
        decimal_from_integer(d, u, k);
        return true;
    }
    return false;
}

// Rounds v to `count` digits. The point that printf writes is the locale's; only digits and exponent are
// taken.
static void decimal_print(Decimal *d, double v, int count)
{
    char text[48];
    int len = snprintf(text, sizeof text, "%.*e", count - 1, v), i = 0;
    d->count = 0;
    for (; i < len && text[i] != 'e'; i++)
        if (text[i] >= '0' && text[i] <= '9' && d->count < DIGITS_MAX) d->digit[d->count++] = text[i];
    d->point = (int)strtol(text + i + 1, NULL, 10) + 1;
}

// "123e-5": without a point it reads the same in every locale.
static const char *decimal_plain(const Decimal *d, char *text, size_t size)
{
    int len = snprintf(text, size, "%.*se%d", d->count, d->digit, d->point - d->count);
    return len > 0 ? text : "0";
}

// A decimal that lies exactly between two doubles would read back by the rule of ties only; PostgreSQL prints
// one digit more. Such a midpoint has one bit more than a double, so it fits a long double.
static bool on_midpoint(const char *text, double v)
{
    if (v < 1e15) return false; // below, a midpoint has more than 17 digits
    long double x = strtold(text, NULL);
    return x == ((long double)v + (long double)nextafter(v, 0)) / 2 ||
           x == ((long double)v + (long double)nextafter(v, (double)INFINITY)) / 2;
}

static bool on_midpoint_float(const char *text, float v)
{
    if (v < 1e6f) return false;
    double x = strtod(text, NULL);
    return x == ((double)v + (double)nextafterf(v, 0)) / 2 ||
           x == ((double)v + (double)nextafterf(v, INFINITY)) / 2;
}

static size_t put_special(char *out, double v)
{
    Str s = isnan(v)     ? STR("NaN")
            : isinf(v)   ? (v < 0 ? STR("-Infinity") : STR("Infinity"))
            : signbit(v) ? STR("-0")
                         : STR("0");
    memcpy(out, s.at, s.len);
    return s.len;
}

static bool reads_back(const Decimal *d, double v)
{
    char text[48];
    const char *plain = decimal_plain(d, text, sizeof text);
    return strtod(plain, NULL) == v && !on_midpoint(plain, v);
}

static bool reads_back_float(const Decimal *d, double v)
{
    char text[48];
    const char *plain = decimal_plain(d, text, sizeof text);
    return strtof(plain, NULL) == (float)v && !on_midpoint_float(plain, (float)v);
}

// The next decimal with as many digits.
static void decimal_up(Decimal *d)
{
    int i = d->count - 1;
    for (; i >= 0 && d->digit[i] == '9'; i--) d->digit[i] = '0';
    if (i >= 0) {
        d->digit[i]++;
        return;
    }
    d->digit[0] = '1'; // all were nines
    d->point++;
}

// The shortest decimal of `from` to `to` digits that reads back. Below a power of two the floats lie closer
// than above it, so there the decimal above may do where the nearest one, below, does not.
static void find_shortest(Decimal *d, double v, int from, int to, bool (*accept)(const Decimal *d, double v))
{
    int exponent;
    bool power = frexp(v, &exponent) == 0.5;
    for (int count = from; count <= to; count++) {
        decimal_print(d, v, count);
        if (accept(d, v)) return;
        Decimal nearest = *d;
        decimal_up(d);
        if (power && accept(d, v)) return;
        *d = nearest;
    }
}

size_t cast_double_to_text(double value, char *out)
{
    if (value == 0 || !isfinite(value)) return put_special(out, value);
    double v = fabs(value);
    Decimal d = {0};
    if (!find_short(&d, v)) find_shortest(&d, v, v < 0x1p-1022 ? 1 : 15, DIGITS_MAX, reads_back);
    decimal_trim(&d);
    return put_decimal(out, &d, value < 0, 15);
}

size_t cast_float_to_text(float value, char *out)
{
    if (value == 0 || !isfinite(value)) return put_special(out, (double)value);
    double v = fabs((double)value);
    Decimal d = {0};
    find_shortest(&d, v, v < 0x1p-126 ? 1 : 6, 9, reads_back_float);
    decimal_trim(&d);
    return put_decimal(out, &d, value < 0, 6);
}

// ---- reading ----

// A decimal number cut into its parts: mantissa × 10^power when `exact`.
typedef struct Scan {
    bool negative, exact;
    uint64_t mantissa;
    int power;
} Scan;

static bool scan_digits(Scan *n, Str s, size_t *at, bool fraction, unsigned *seen)
{
    for (; *at < s.len && s.at[*at] >= '0' && s.at[*at] <= '9'; ++*at, ++*seen) {
        if (n->mantissa > EXACT_INTEGER) n->exact = false;
        if (n->exact) n->mantissa = n->mantissa * 10 + (uint64_t)(s.at[*at] - '0');
        if (n->exact && fraction) n->power--;
    }
    return true;
}

static bool scan_exponent(Scan *n, Str s, size_t *at)
{
    if (*at == s.len || (s.at[*at] != 'e' && s.at[*at] != 'E')) return true;
    ++*at;
    bool negative = *at < s.len && s.at[*at] == '-';
    if (*at < s.len && (s.at[*at] == '-' || s.at[*at] == '+')) ++*at;
    int v = 0;
    size_t from = *at;
    for (; *at < s.len && s.at[*at] >= '0' && s.at[*at] <= '9'; ++*at)
        if (v < 100000) v = v * 10 + (s.at[*at] - '0');
    n->power += negative ? -v : v;
    return *at > from;
}

static bool scan_number(Scan *n, Str s)
{
    *n = (Scan){.exact = true};
    size_t at = 0;
    if (s.len && (s.at[0] == '-' || s.at[0] == '+')) n->negative = s.at[at++] == '-';
    unsigned seen = 0;
    scan_digits(n, s, &at, false, &seen);
    if (at < s.len && s.at[at] == '.') {
        at++;
        scan_digits(n, s, &at, true, &seen);
    }
    return seen && scan_exponent(n, s, &at) && at == s.len;
}

static bool scan_special(Str s, double *out)
{
    static const struct {
        const char *text;
        double value;
    } special[] = {
        {"nan", (double)NAN},        {"infinity", (double)INFINITY},
        {"inf", (double)INFINITY},   {"+infinity", (double)INFINITY},
        {"+inf", (double)INFINITY},  {"-infinity", -(double)INFINITY},
        {"-inf", -(double)INFINITY},
    };
    for (size_t i = 0; i < COUNT_OF(special); i++) {
        if (!str_equal_fold(s, str_of(special[i].text))) continue;
        *out = special[i].value;
        return true;
    }
    return false;
}

// The C library reads it, in the "C" locale whatever the program's is. glibc does not allocate that one.
static bool read_slow(Str s, bool single, double *out)
{
    char small[512];
    char *text = s.len < sizeof small ? small : size_alloc(s.len + 1, 1);
    if (!text) return false;
    memcpy(text, s.at, s.len);
    text[s.len] = 0;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    *out = single ? (double)strtof_l(text, NULL, c) : strtod_l(text, NULL, c);
    freelocale(c);
    if (text != small) free(text);
    return true;
}

static bool read_float(Str text, double *out, bool single, Err *err)
{
    const char *name = type_name(single ? TYPE_REAL : TYPE_DOUBLE);
    Str s = str_trim(text);
    Scan n;
    int shown = (int)(text.len > 100 ? 100 : text.len);
    if (!scan_number(&n, s)) {
        if (scan_special(s, out)) return true;
        return err_set(err, SQLSTATE_BAD_TEXT, "invalid input syntax for type %s: \"%.*s\"", name, shown,
                       text.at ? text.at : "");
    }
    // Mantissa and power both exact: one rounding, so the result is the nearest value.
    bool exact = n.exact && n.mantissa <= (single ? UINT64_C(1) << 24 : EXACT_INTEGER);
    int power_max = single ? 10 : EXACT_POWER;
    if (exact && n.power >= -power_max && n.power <= power_max) {
        double m = (double)n.mantissa, p = power10[n.power < 0 ? -n.power : n.power];
        if (single)
            m = (double)(n.power < 0 ? (float)m / (float)p : (float)m * (float)p);
        else
            m = n.power < 0 ? m / p : m * p;
        *out = n.negative ? -m : m;
        return true;
    }
    if (!read_slow(s, single, out)) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory to read a number");
    bool vanished = *out == 0 && (n.mantissa != 0 || !n.exact);
    if (isinf(*out) || vanished)
        return err_set(err, SQLSTATE_OUT_OF_RANGE, "\"%.*s\" is out of range for type %s", shown, text.at,
                       name);
    return true;
}

bool cast_text_to_double(Str s, double *out, Err *err) { return read_float(s, out, false, err); }

bool cast_text_to_float(Str s, float *out, Err *err)
{
    double v;
    if (!read_float(s, &v, true, err)) return false;
    *out = (float)v;
    return true;
}
