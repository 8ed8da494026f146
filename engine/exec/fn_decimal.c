// Decimal functions by series and Newton steps on numeric.h's exact arithmetic, some digits wider than what
// is shown. Scales follow PostgreSQL 15 (numeric.c: at least 16 significant digits).
#include "engine/exec/fn_decimal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SIG_DIGITS = 16, GUARD = 10, STEPS_MAX = 20000 };
#define LN_10   2.302585092994046
#define LOG10_E 0.4342944819032518

static int clamp_scale(double scale, int at_least)
{
    if (scale < at_least) scale = at_least;
    if (scale < 0) scale = 0;
    return scale > NUMERIC_SCALE_MAX ? NUMERIC_SCALE_MAX : (int)scale;
}

bool fn_decimal_from_wide(Numeric *out, __int128 value, unsigned scale, Arena *mem, Err *err)
{
    char text[64];
    size_t at = sizeof text;
    bool minus = value < 0;
    unsigned __int128 u = minus ? -(unsigned __int128)value : (unsigned __int128)value;
    if (u < 1000000000000000000u && scale <= 18) {
        *out = numeric_small((int64_t)value, scale);
        return true;
    }
    unsigned digits = 0;
    do {
        if (digits == scale && scale) text[--at] = '.';
        text[--at] = (char)('0' + (int)(u % 10));
        u /= 10;
        digits++;
    } while (u || digits <= scale);
    if (minus) text[--at] = '-';
    return numeric_from_text(out, (Str){text + at, sizeof text - at}, mem, err);
}

// a * b and a / b, rounded to `scale` digits.
static bool mul_at(Numeric *out, const Numeric *a, const Numeric *b, int scale, Arena *mem, Err *err)
{
    return numeric_mul(out, a, b, mem, err) && numeric_round(out, out, scale, mem, err);
}
static bool div_at(Numeric *out, const Numeric *a, const Numeric *b, int scale, Arena *mem, Err *err)
{
    Numeric wide; // more digits shown on the left means more in the quotient
    return numeric_round(&wide, a, scale > a->scale ? scale : a->scale, mem, err) &&
           numeric_div(out, &wide, b, mem, err) && numeric_round(out, out, scale, mem, err);
}
static bool is_special(const Numeric *x) { return x->kind >= NUMERIC_NAN; }

// log10(|x|) of a finite x other than 0, also where a double does not reach: from the leading digits.
static double log10_abs(const Numeric *x)
{
    enum { LEADING = 15 };
    char text[NUMERIC_TEXT_MAX];
    const double d = fabs(numeric_to_double(x));
    if (d >= DBL_MIN && d <= DBL_MAX) return log10(d);
    double leading = 0, unit = 1;
    int before = 0, seen = 0; // digits before the point from the first that is not 0; less than 0 behind it
    bool point = false;
    const size_t len = numeric_to_text(x, text, sizeof text);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '.') point = true;
        if (text[i] < '0' || text[i] > '9') continue;
        if (text[i] != '0' || seen) seen++;
        if (seen && !point) before++;
        if (!seen && point) before--;
        if (seen && seen <= LEADING) leading += (text[i] - '0') * unit, unit /= 10;
    }
    return seen ? before - 1 + log10(leading) : 0;
}

// ---- square root ----

static int digits_before(const Numeric *x)
{
    return numeric_sign(x) == 0 || is_special(x) ? 0 : (int)floor(log10_abs(x)) + 1;
}

int fn_decimal_sqrt_scale(const Numeric *x)
{
    int before = digits_before(x), weight = 0; // in groups of four digits, as PostgreSQL keeps them
    if (before > 0)
        weight = (before - 1) / 4;
    else if (numeric_sign(x))
        weight = -(-before / 4 + 1);
    int sweight = weight >= 0 ? weight * 4 / 2 + 1 : 1 - (1 - weight * 4) / 2;
    return clamp_scale(SIG_DIGITS - sweight, x->scale);
}

bool fn_decimal_sqrt(Numeric *out, const Numeric *x, int scale, Arena *mem, Err *err)
{
    if (is_special(x) && x->kind != NUMERIC_NEG_INF) {
        *out = *x;
        return true;
    }
    if (numeric_sign(x) < 0) return err_set(err, "2201F", "cannot take square root of a negative number");
    if (numeric_sign(x) == 0) return numeric_round(out, x, scale, mem, err);
    const int wide = scale + GUARD;
    const Numeric half = numeric_small(5, 1);
    Numeric r, q, next;
    double guess = pow(10, log10_abs(x) / 2);
    if (guess < DBL_MIN || guess > DBL_MAX) guess = 1;
    if (!numeric_from_double(&r, guess, mem, err) || !numeric_round(&r, &r, wide, mem, err)) return false;
    if (numeric_sign(&r) == 0) r = numeric_small(1, 0);
    for (int step = 0; step < STEPS_MAX; step++) {
        if (!div_at(&q, x, &r, wide, mem, err) || !numeric_add(&next, &r, &q, mem, err) ||
            !mul_at(&next, &next, &half, wide, mem, err) || !numeric_sub(&q, &next, &r, mem, err))
            return false;
        r = next;
        if (numeric_sign(&q) == 0 || (q.kind == NUMERIC_SMALL && q.small <= 1 && q.small >= -1)) break;
    }
    return numeric_round(out, &r, scale, mem, err);
}

// ---- exponential ----

// e^x to `scale` digits: the argument is halved until it is small, the series summed, the result squared
// back.
static bool exp_at(Numeric *out, const Numeric *x, int scale, Arena *mem, Err *err)
{
    double d = numeric_to_double(x);
    int halvings = 0;
    while (fabs(d) > 0.1) {
        d /= 2;
        halvings++;
    }
    double top = numeric_to_double(x) * LOG10_E;
    const int wide = scale + GUARD + halvings + (top > 0 ? (int)top : 0);
    const Numeric half = numeric_small(5, 1), one = numeric_small(1, 0);
    Numeric small = *x, sum = one, term = one;
    for (int i = 0; i < halvings; i++)
        if (!mul_at(&small, &small, &half, wide, mem, err)) return false;
    for (int i = 1; i < STEPS_MAX; i++) {
        const Numeric n = numeric_small(i, 0);
        if (!mul_at(&term, &term, &small, wide, mem, err) || !div_at(&term, &term, &n, wide, mem, err))
            return false;
        if (numeric_sign(&term) == 0) break;
        if (!numeric_add(&sum, &sum, &term, mem, err)) return false;
    }
    for (int i = 0; i < halvings; i++)
        if (!mul_at(&sum, &sum, &sum, wide, mem, err)) return false;
    return numeric_round(out, &sum, scale, mem, err);
}

// 10^top: refused when it is too large to hold; *done with 0 when no digit of it can be shown.
static bool power_edge(Numeric *out, double top, int scale, bool *done, Arena *mem, Err *err)
{
    if (top > NUMERIC_DIGITS_MAX / 2)
        return err_set(err, SQLSTATE_OUT_OF_RANGE, "value overflows numeric format");
    *done = top < -NUMERIC_SCALE_MAX;
    return !*done || numeric_round(out, &(Numeric){.kind = NUMERIC_SMALL}, scale, mem, err);
}

bool fn_decimal_exp(Numeric *out, const Numeric *x, Arena *mem, Err *err)
{
    if (is_special(x)) {
        *out = x->kind == NUMERIC_NEG_INF ? numeric_small(0, 0) : *x;
        return true;
    }
    bool done = false;
    double top = numeric_to_double(x) * LOG10_E;
    if (!power_edge(out, top, NUMERIC_SCALE_MAX, &done, mem, err)) return false;
    return done || exp_at(out, x, clamp_scale(SIG_DIGITS - (int)top, x->scale), mem, err);
}

// ---- logarithm ----

// ln(x) to `scale` digits, by Newton on e^y from the double's logarithm.
static bool ln_at(Numeric *out, const Numeric *x, int scale, Arena *mem, Err *err)
{
    const int wide = scale + GUARD / 2;
    Numeric y, e, q, step;
    const Numeric one = numeric_small(1, 0), zero = numeric_small(0, 0);
    const double d = numeric_to_double(x);
    if (d < 0.1) // e^y would keep too few digits of a small x: ln(x) = -ln(1/x)
        return div_at(&q, &one, x, wide, mem, err) && ln_at(&y, &q, scale, mem, err) &&
               numeric_sub(out, &zero, &y, mem, err);
    if (!numeric_from_double(&y, d >= DBL_MIN && d <= DBL_MAX ? log(d) : log10_abs(x) * LN_10, mem, err) ||
        !numeric_round(&y, &y, wide, mem, err))
        return false;
    for (int i = 0; i < 64; i++) { // y += x / e^y - 1
        if (!exp_at(&e, &y, wide + 2, mem, err) || !div_at(&q, x, &e, wide, mem, err) ||
            !numeric_sub(&step, &q, &one, mem, err) || !numeric_add(&y, &y, &step, mem, err))
            return false;
        if (numeric_sign(&step) == 0 || fabs(numeric_to_double(&step)) < pow(10, -(wide / 2.0) - 1))
            break; // the next step would be below the last digit
    }
    return numeric_round(out, &y, scale, mem, err);
}

// About how many decimal digits ln(x) has before the point, cut towards zero as PostgreSQL's estimate is.
static int ln_weight(const Numeric *x)
{
    double d = numeric_to_double(x);
    if (d < 0.9 || d > 1.1) return (int)log10(fabs(log10_abs(x) * LN_10));
    double off = fabs(d - 1); // the leading group of four digits of x - 1
    if (off == 0) return 0;
    int group = (int)floor(log10(off) / 4);
    return group * 4 + (int)log10(floor(off / pow(10, group * 4.0) + 1e-9));
}

static bool ln_allowed(const Numeric *x, Err *err)
{
    if (numeric_sign(x) < 0) return err_set(err, "2201E", "cannot take logarithm of a negative number");
    if (numeric_sign(x) == 0) return err_set(err, "2201E", "cannot take logarithm of zero");
    return true;
}

bool fn_decimal_ln(Numeric *out, const Numeric *x, Arena *mem, Err *err)
{
    if (!ln_allowed(x, err)) return false;
    if (is_special(x)) {
        *out = *x;
        return true;
    }
    return ln_at(out, x, clamp_scale(SIG_DIGITS - ln_weight(x), x->scale), mem, err);
}

// What a logarithm with an endless side is, as PostgreSQL answers.
static Numeric log_special(const Numeric *base, const Numeric *x)
{
    if (base->kind == NUMERIC_NAN || x->kind == NUMERIC_NAN) return (Numeric){.kind = NUMERIC_NAN};
    if (!is_special(base)) return *x;
    return is_special(x) ? (Numeric){.kind = NUMERIC_NAN} : numeric_small(0, 0);
}

bool fn_decimal_log(Numeric *out, const Numeric *base, const Numeric *x, Arena *mem, Err *err)
{
    if (!ln_allowed(base, err) || !ln_allowed(x, err)) return false;
    if (is_special(base) || is_special(x)) {
        *out = log_special(base, x);
        return true;
    }
    int weight = ln_weight(x) - ln_weight(base);
    int scale = clamp_scale(SIG_DIGITS - weight, base->scale > x->scale ? base->scale : x->scale);
    int wide = scale + 8 + (weight > 0 ? weight : -weight);
    Numeric a, b;
    if (!ln_at(&a, x, wide, mem, err) || !ln_at(&b, base, wide, mem, err)) return false;
    if (numeric_sign(&b) == 0) return err_set(err, SQLSTATE_DIVISION, "division by zero");
    return div_at(out, &a, &b, scale, mem, err);
}

// ---- power ----

static bool power_whole(Numeric *out, const Numeric *x, int64_t n, int scale, Arena *mem, Err *err)
{
    Numeric base = *x, result = numeric_small(1, 0);
    uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
    double top = fabs((double)n * log10_abs(x));
    const int wide = clamp_scale(scale + GUARD + top, 0);
    for (; left; left >>= 1) {
        if ((left & 1) && !mul_at(&result, &result, &base, wide, mem, err)) return false;
        if (left > 1 && !mul_at(&base, &base, &base, wide, mem, err)) return false;
    }
    const Numeric one = numeric_small(1, 0);
    return n < 0 ? div_at(out, &one, &result, scale, mem, err) : numeric_round(out, &result, scale, mem, err);
}

static bool power_zero(Numeric *out, const Numeric *y, Arena *mem, Err *err)
{
    if (numeric_sign(y) < 0) return err_set(err, "2201F", "zero raised to a negative power is undefined");
    return numeric_round(out, &(Numeric){.kind = NUMERIC_SMALL}, clamp_scale(SIG_DIGITS, y->scale), mem, err);
}

// A negative base to a large whole power: the logarithm is that of its amount, the sign that of odd or even.
static bool power_negative(Numeric *out, const Numeric *x, const Numeric *y, bool odd, Arena *mem, Err *err)
{
    Numeric amount = numeric_negate(x, mem);
    if (!fn_decimal_power(out, &amount, y, mem, err)) return false;
    if (odd) *out = numeric_negate(out, mem);
    return true;
}

bool fn_decimal_power(Numeric *out, const Numeric *x, const Numeric *y, Arena *mem, Err *err)
{
    int64_t n;
    Numeric whole;
    if (is_special(x) || is_special(y))
        return numeric_from_double(out, pow(numeric_to_double(x), numeric_to_double(y)), mem, err);
    if (!numeric_truncate(&whole, y, 0, mem, err)) return false;
    const bool is_whole = numeric_compare(&whole, y) == 0 && numeric_to_int64(&whole, &n);
    if (numeric_sign(x) < 0 && !is_whole)
        return err_set(err, "2201F",
                       "a negative number raised to a non-integer power yields a complex result");
    if (numeric_sign(y) == 0)
        return numeric_round(out, &(Numeric){.small = 1}, clamp_scale(SIG_DIGITS, x->scale), mem, err);
    if (numeric_sign(x) == 0) return power_zero(out, y, mem, err);
    bool done = false;
    const int least = x->scale > y->scale ? x->scale : y->scale;
    double top = numeric_to_double(y) * log10_abs(x);
    if (isnan(top))
        top = 0; // y beyond a double and x so near 1 that a double does not tell: ln(x) below does
    if (!power_edge(out, top, is_whole ? clamp_scale(SIG_DIGITS, x->scale) : NUMERIC_SCALE_MAX, &done, mem,
                    err))
        return false;
    if (done) return true;
    if (is_whole && n > INT32_MIN && n < INT32_MAX)
        return power_whole(out, x, n, clamp_scale(SIG_DIGITS, x->scale), mem, err);
    if (numeric_sign(x) < 0) return power_negative(out, x, y, n & 1, mem, err);
    int scale = clamp_scale(SIG_DIGITS - (int)top, least);
    Numeric l;
    int wide = clamp_scale(scale + 8 + fabs(top), 0);
    if (!ln_at(&l, x, wide, mem, err) || !mul_at(&l, &l, y, wide, mem, err) ||
        !power_edge(out, numeric_to_double(&l) * LOG10_E, scale, &done, mem, err))
        return false;
    return done || exp_at(out, &l, scale, mem, err);
}
