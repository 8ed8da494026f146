// Numeric: the operations. Two small operands meet in 128 bits; everything else goes through Wide
// (numeric_wide.c). NaN and the infinities are decided first, by one table of signs, before any digit is
// looked at.
#include "engine/data/numeric.h"

#include "engine/base/hash.h"
#include "engine/data/numeric_in.h"

#include <string.h>

static const Numeric numeric_nan = {.kind = NUMERIC_NAN};

static inline bool is_finite(const Numeric *n) { return n->kind <= NUMERIC_BIG; }
static inline bool both_small(const Numeric *a, const Numeric *b) { return !(a->kind | b->kind); }
static inline uint64_t small_abs(const Numeric *n) { return (uint64_t)(n->small < 0 ? -n->small : n->small); }
static Numeric infinity_of(int sign) { return (Numeric){.kind = sign < 0 ? NUMERIC_NEG_INF : NUMERIC_INF}; }

int numeric_sign(const Numeric *n)
{
    switch (n->kind) {
    case NUMERIC_SMALL: return (n->small > 0) - (n->small < 0);
    case NUMERIC_BIG: return n->big->count == 0 ? 0 : n->big->negative ? -1 : 1;
    case NUMERIC_NEG_INF: return -1;
    default: return 1;
    }
}

Numeric numeric_from_int64(int64_t value, Arena *mem)
{
    if (value < SMALL_LIMIT && value > -SMALL_LIMIT) return numeric_small(value, 0);
    uint64_t v = value < 0 ? -(uint64_t)value : (uint64_t)value;
    NumericBig *big = arena_get(mem, sizeof(NumericBig) + 3 * sizeof big->limb[0]);
    big->negative = value < 0;
    for (; v; v /= LIMB_BASE) big->limb[big->count++] = (uint32_t)(v % LIMB_BASE);
    return (Numeric){.big = big, .kind = NUMERIC_BIG};
}

size_t numeric_long_bytes(const Numeric *n)
{
    return n->kind == NUMERIC_BIG ? sizeof(NumericBig) + n->big->count * sizeof n->big->limb[0] : 0;
}

Numeric numeric_copy(Arena *mem, Numeric n)
{
    if (n.kind != NUMERIC_BIG) return n;
    size_t size = numeric_long_bytes(&n);
    NumericBig *big = arena_get(mem, size);
    memcpy(big, n.big, size);
    n.big = big;
    return n;
}

Numeric numeric_negate(const Numeric *n, Arena *mem)
{
    Numeric out = *n;
    switch (n->kind) {
    case NUMERIC_SMALL: out.small = -n->small; break;
    case NUMERIC_BIG:
        out = numeric_copy(mem, *n);
        ((NumericBig *)(uintptr_t)out.big)->negative =
            out.big->count && !n->big->negative; // the copy is ours
        break;
    case NUMERIC_INF: out.kind = NUMERIC_NEG_INF; break;
    case NUMERIC_NEG_INF: out.kind = NUMERIC_INF; break;
    default: break;
    }
    return out;
}

bool numeric_to_int64(const Numeric *n, int64_t *out)
{
    if (n->kind == NUMERIC_SMALL) {
        int64_t unit = (int64_t)numeric_power10[n->scale];
        int64_t whole = n->small / unit, rest = n->small % unit;
        *out = whole + (rest >= unit - rest && rest) - (-rest >= unit + rest && rest);
        return true;
    }
    if (n->kind != NUMERIC_BIG) return false;
    Wide w;
    wide_from_numeric(&w, n);
    wide_scale_down(&w, n->scale, true);
    if (w.count > 3) return false;
    Uint128 v = 0;
    for (uint32_t i = w.count; i-- > 0;) v = v * LIMB_BASE + w.limb[i];
    if (v > (Uint128)INT64_MAX + (w.negative ? 1 : 0)) return false;
    *out = (int64_t)(w.negative ? -(uint64_t)v : (uint64_t)v);
    return true;
}

// ---- rounding ----

static bool change_scale(Numeric *out, const Numeric *n, int scale, bool round, Arena *mem, Err *err)
{
    if (!is_finite(n)) {
        *out = *n;
        return true;
    }
    if (scale > NUMERIC_SCALE_MAX) scale = NUMERIC_SCALE_MAX;
    if (scale < -NUMERIC_DIGITS_MAX - 1) scale = -NUMERIC_DIGITS_MAX - 1;
    if (scale == n->scale) {
        *out = *n;
        return true;
    }
    int shift = scale - n->scale;
    if (n->kind == NUMERIC_SMALL && shift > 0 && shift <= SMALL_DIGITS)
        return uint128_to_numeric(out, (Uint128)small_abs(n) * numeric_power10[shift], n->small < 0,
                                  (unsigned)scale, mem, err);
    if (n->kind == NUMERIC_SMALL && scale >= 0 && shift < 0) { // then n->scale <= 18
        uint64_t unit = numeric_power10[-shift], v = small_abs(n);
        uint64_t kept = v / unit + (round && v % unit >= unit / 2);
        return uint128_to_numeric(out, kept, n->small < 0, (unsigned)scale, mem, err);
    }
    Wide w;
    wide_from_numeric(&w, n);
    if (shift > 0)
        wide_scale_up(&w, (unsigned)shift);
    else
        wide_scale_down(&w, (unsigned)-shift, round);
    if (scale < 0) { // the digits before the point that went away come back as zeros
        if (wide_digits(&w) + (unsigned)-scale <= NUMERIC_DIGITS_MAX + LIMB_DIGITS)
            wide_scale_up(&w, (unsigned)-scale);
        scale = 0;
    }
    return wide_to_numeric(out, &w, (unsigned)scale, mem, err);
}

bool numeric_round(Numeric *out, const Numeric *n, int scale, Arena *mem, Err *err)
{
    return change_scale(out, n, scale, true, mem, err);
}

bool numeric_truncate(Numeric *out, const Numeric *n, int scale, Arena *mem, Err *err)
{
    return change_scale(out, n, scale, false, mem, err);
}

static unsigned coefficient_digits(const Numeric *n)
{
    if (n->kind == NUMERIC_SMALL) return uint64_digits(small_abs(n));
    const NumericBig *big = n->big;
    return big->count ? (big->count - 1) * LIMB_DIGITS + uint64_digits(big->limb[big->count - 1]) : 0;
}

static bool fit_error(const Numeric *n, int precision, int scale, Err *err)
{
    char text[NUMERIC_TEXT_MAX];
    int len = (int)numeric_to_text(n, text, sizeof text);
    if (len > 80) len = 80;
    if (!is_finite(n))
        return err_set(err, SQLSTATE_OUT_OF_RANGE, "numeric field overflow: numeric(%d,%d) cannot hold %.*s",
                       precision, scale, len, text);
    if (precision == scale)
        return err_set(
            err, SQLSTATE_OUT_OF_RANGE,
            "numeric field overflow: %.*s does not fit numeric(%d,%d), it must round to an absolute value "
            "less than 1",
            len, text, precision, scale);
    return err_set(
        err, SQLSTATE_OUT_OF_RANGE,
        "numeric field overflow: %.*s does not fit numeric(%d,%d), it must round to an absolute value less "
        "than 10^%d",
        len, text, precision, scale, precision - scale);
}

bool numeric_fit(Numeric *out, const Numeric *n, int precision, int scale, Arena *mem, Err *err)
{
    if (n->kind == NUMERIC_NAN) {
        *out = *n;
        return true;
    }
    if (!is_finite(n)) return fit_error(n, precision, scale, err);
    Numeric rounded;
    if (!numeric_round(&rounded, n, scale, mem, err)) return false;
    unsigned digits = coefficient_digits(&rounded);
    if (digits && (int)digits - rounded.scale > precision - scale) return fit_error(n, precision, scale, err);
    *out = rounded;
    return true;
}

// ---- addition, multiplication ----

static bool add_wide(Numeric *out, const Numeric *a, const Numeric *b, bool subtract, Arena *mem, Err *err)
{
    unsigned scale = a->scale > b->scale ? a->scale : b->scale;
    Wide x, y;
    wide_from_numeric(&x, a);
    wide_from_numeric(&y, b);
    wide_scale_up(&x, scale - a->scale);
    wide_scale_up(&y, scale - b->scale);
    if (subtract) y.negative = y.count && !y.negative;
    wide_add(&x, &y);
    return wide_to_numeric(out, &x, scale, mem, err);
}

static bool add_signed(Numeric *out, const Numeric *a, const Numeric *b, bool subtract, Arena *mem, Err *err)
{
    if (both_small(a, b)) {
        unsigned scale = a->scale > b->scale ? a->scale : b->scale;
        __int128 x = a->small, y = subtract ? -b->small : b->small;
        if (a->scale != b->scale) {
            x *= (int64_t)numeric_power10[scale - a->scale];
            y *= (int64_t)numeric_power10[scale - b->scale];
        }
        x += y;
        return uint128_to_numeric(out, x < 0 ? -(Uint128)x : (Uint128)x, x < 0, scale, mem, err);
    }
    if (is_finite(a) && is_finite(b)) return add_wide(out, a, b, subtract, mem, err);
    int x = is_finite(a) ? 0 : numeric_sign(a), y = is_finite(b) ? 0 : numeric_sign(b);
    if (subtract) y = -y;
    if (a->kind == NUMERIC_NAN || b->kind == NUMERIC_NAN || x + y == 0)
        *out = numeric_nan; // ∞ - ∞ too
    else
        *out = infinity_of(x + y);
    return true;
}

bool numeric_add(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err)
{
    return add_signed(out, a, b, false, mem, err);
}

bool numeric_sub(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err)
{
    return add_signed(out, a, b, true, mem, err);
}

static bool mul_wide(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err)
{
    Wide x, y, product;
    wide_from_numeric(&x, a);
    wide_from_numeric(&y, b);
    wide_mul(&product, &x, &y);
    unsigned scale = (unsigned)a->scale + b->scale;
    if (scale > NUMERIC_SCALE_MAX) {
        wide_scale_down(&product, scale - NUMERIC_SCALE_MAX, true);
        scale = NUMERIC_SCALE_MAX;
    }
    return wide_to_numeric(out, &product, scale, mem, err);
}

bool numeric_mul(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err)
{
    if (both_small(a, b)) {
        bool negative = (a->small < 0) != (b->small < 0);
        return uint128_to_numeric(out, (Uint128)small_abs(a) * small_abs(b), negative,
                                  (unsigned)a->scale + b->scale, mem, err);
    }
    if (is_finite(a) && is_finite(b)) return mul_wide(out, a, b, mem, err);
    int sign = numeric_sign(a) * numeric_sign(b);
    if (a->kind == NUMERIC_NAN || b->kind == NUMERIC_NAN || !sign)
        *out = numeric_nan; // ∞ × 0 too
    else
        *out = infinity_of(sign);
    return true;
}

// ---- division ----

// Where the value begins, in PostgreSQL's base-10^4 digits: the power of 10^4 of its first digit, and that
// digit.
typedef struct Head {
    int weight, digit;
} Head;

static Head head_of(const Numeric *n)
{
    unsigned digits = coefficient_digits(n);
    if (!digits) return (Head){0, 0};
    int power = (int)digits - 1 - n->scale; // of ten, of the first decimal digit
    int weight = power >= 0 ? power / 4 : -((3 - power) / 4);
    unsigned wanted = (unsigned)(power - 4 * weight) + 1; // decimal digits in the first digit: 1 … 4
    uint64_t top;
    if (n->kind == NUMERIC_SMALL) {
        top = small_abs(n);
    } else {
        const NumericBig *big = n->big;
        top = big->limb[big->count - 1];
        if (big->count > 1) top = top * LIMB_BASE + big->limb[big->count - 2];
    }
    unsigned have = uint64_digits(top);
    top = have >= wanted ? top / numeric_power10[have - wanted] : top * numeric_power10[wanted - have];
    return (Head){weight, (int)top};
}

// Digits behind the point of a quotient, as PostgreSQL 15 chooses them (select_div_scale): at least 16
// significant ones, at least as many as either operand shows, at most 1000.
static unsigned quotient_scale(const Numeric *a, const Numeric *b)
{
    enum { SIGNIFICANT_MIN = 16, DISPLAY_MAX = 1000 };
    Head x = head_of(a), y = head_of(b);
    int weight = x.weight - y.weight - (x.digit <= y.digit);
    int scale = SIGNIFICANT_MIN - weight * 4;
    if (scale < a->scale) scale = a->scale;
    if (scale < b->scale) scale = b->scale;
    if (scale < 0) scale = 0;
    return (unsigned)(scale > DISPLAY_MAX ? DISPLAY_MAX : scale);
}

static bool div_wide(Numeric *out, const Numeric *a, const Numeric *b, unsigned scale, Arena *mem, Err *err)
{
    Wide num, den, quot;
    wide_from_numeric(&num, a);
    wide_from_numeric(&den, b);
    int shift = (int)scale + b->scale - a->scale;
    if (shift >= 0)
        wide_scale_up(&num, (unsigned)shift);
    else
        wide_scale_up(&den, (unsigned)-shift);
    bool negative = num.negative != den.negative;
    wide_divide(&quot, &num, &den);
    Wide rest = num, one;
    rest.negative = num.negative = den.negative = false;
    wide_add(&rest, &num); // twice the remainder decides
    if (wide_compare(&rest, &den) >= 0) {
        wide_from_uint128(&one, 1, false);
        quot.negative = false;
        wide_add(&quot, &one);
    }
    quot.negative = quot.count && negative;
    return wide_to_numeric(out, &quot, scale, mem, err);
}

// For at least one infinite or NaN operand.
static bool div_special(Numeric *out, const Numeric *a, const Numeric *b, Err *err)
{
    if (a->kind == NUMERIC_NAN || b->kind == NUMERIC_NAN || (!is_finite(a) && !is_finite(b))) {
        *out = numeric_nan;
        return true;
    }
    if (is_finite(a)) {
        *out = numeric_small(0, 0);
        return true;
    }
    int sign = numeric_sign(b);
    if (!sign) return err_set(err, SQLSTATE_DIVISION, "division by zero");
    *out = infinity_of(sign * numeric_sign(a));
    return true;
}

bool numeric_div(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err)
{
    if (!is_finite(a) || !is_finite(b)) return div_special(out, a, b, err);
    if (!numeric_sign(b)) return err_set(err, SQLSTATE_DIVISION, "division by zero");
    unsigned scale = quotient_scale(a, b);
    int shift = (int)scale + b->scale - a->scale;
    if (both_small(a, b) && shift >= 0 && shift <= 2 * SMALL_DIGITS &&
        coefficient_digits(a) + (unsigned)shift <= 38) {
        Uint128 num = small_abs(a);
        num *= numeric_power10[shift > SMALL_DIGITS ? SMALL_DIGITS : shift];
        if (shift > SMALL_DIGITS) num *= numeric_power10[shift - SMALL_DIGITS];
        uint64_t den = small_abs(b);
        Uint128 quot = num / den;
        uint64_t rest = (uint64_t)(num % den);
        quot += rest >= den - rest;
        return uint128_to_numeric(out, quot, (a->small < 0) != (b->small < 0), scale, mem, err);
    }
    return div_wide(out, a, b, scale, mem, err);
}

static bool mod_wide(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err)
{
    unsigned scale = a->scale > b->scale ? a->scale : b->scale;
    Wide num, den, quot;
    wide_from_numeric(&num, a);
    wide_from_numeric(&den, b);
    wide_scale_up(&num, scale - a->scale);
    wide_scale_up(&den, scale - b->scale);
    wide_divide(&quot, &num, &den);
    return wide_to_numeric(out, &num, scale, mem, err);
}

bool numeric_mod(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err)
{
    if (a->kind == NUMERIC_NAN || b->kind == NUMERIC_NAN) {
        *out = numeric_nan;
        return true;
    }
    if (!numeric_sign(b)) return err_set(err, SQLSTATE_DIVISION, "division by zero");
    if (!is_finite(a) || !is_finite(b)) {
        *out = is_finite(a) ? *a : numeric_nan; // x mod ∞ = x
        return true;
    }
    if (both_small(a, b) && a->scale == b->scale) {
        *out = numeric_small(a->small % b->small, a->scale);
        return true;
    }
    return mod_wide(out, a, b, mem, err);
}

// ---- order and hash ----

static int compare_finite(const Numeric *a, const Numeric *b)
{
    int x = numeric_sign(a), y = numeric_sign(b);
    if (x != y || !x) return (x > y) - (x < y);
    // Where the first digit stands mostly decides.
    int first_a = (int)coefficient_digits(a) - a->scale, first_b = (int)coefficient_digits(b) - b->scale;
    if (first_a != first_b) return first_a < first_b ? -x : x;
    Wide p, q;
    wide_from_numeric(&p, a);
    wide_from_numeric(&q, b);
    if (a->scale < b->scale) wide_scale_up(&p, (unsigned)(b->scale - a->scale));
    if (b->scale < a->scale) wide_scale_up(&q, (unsigned)(a->scale - b->scale));
    return x * wide_compare(&p, &q);
}

int numeric_compare(const Numeric *a, const Numeric *b)
{
    if (both_small(a, b)) {
        __int128 x = a->small, y = b->small;
        if (a->scale < b->scale) x *= (int64_t)numeric_power10[b->scale - a->scale];
        if (b->scale < a->scale) y *= (int64_t)numeric_power10[a->scale - b->scale];
        return (x > y) - (x < y);
    }
    if (is_finite(a) && is_finite(b)) return compare_finite(a, b);
    // Ranks: -∞, finite, ∞, NaN.
    static const int8_t rank[] = {
        [NUMERIC_SMALL] = 0, [NUMERIC_BIG] = 0, [NUMERIC_NAN] = 2, [NUMERIC_INF] = 1, [NUMERIC_NEG_INF] = -1};
    return (rank[a->kind] > rank[b->kind]) - (rank[a->kind] < rank[b->kind]);
}

static uint64_t hash_small(int64_t v, unsigned scale)
{
    if (!v) return hash_mix(0, 0);
    for (; scale >= 4 && v % 10000 == 0; scale -= 4) v /= 10000;
    for (; scale && v % 10 == 0; scale--) v /= 10;
    return hash_mix((uint64_t)v, scale);
}

uint64_t numeric_hash(const Numeric *n)
{
    if (n->kind == NUMERIC_SMALL) return hash_small(n->small, n->scale);
    if (n->kind != NUMERIC_BIG) return hash_mix(n->kind, UINT64_MAX);
    Wide w;
    wide_from_numeric(&w, n);
    unsigned scale = w.count ? n->scale : 0;
    for (unsigned step = LIMB_DIGITS; scale && w.count; step = 1) {
        while (scale >= step && w.limb[0] % numeric_power10[step] == 0) {
            wide_scale_down(&w, step, false);
            scale -= step;
        }
        if (step == 1) break;
    }
    Numeric small;
    Err none = {.at = -1};
    if (w.count <= 2 && scale <= SMALL_DIGITS && wide_to_numeric(&small, &w, scale, NULL, &none))
        return hash_small(small.small, small.scale);
    return hash_mix(hash_bytes(w.limb, w.count * sizeof w.limb[0], w.negative), scale);
}
