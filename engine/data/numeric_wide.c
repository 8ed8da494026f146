// Wide: schoolbook arithmetic on base-10^9 limbs. Decimal limbs make rounding, text and scale exact and
// cheap; the values are a hundred limbs at most in practice, where faster multiplication would not pay.
#include "engine/data/numeric_in.h"

#include <string.h>

const uint64_t numeric_power10[20] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

unsigned uint64_digits(uint64_t v)
{
    if (!v) return 0;
    unsigned guess = (unsigned)(64 - __builtin_clzll(v)) * 1233 >> 12; // bits × log10(2)
    return guess + (v >= numeric_power10[guess]);
}

static void wide_trim(Wide *w)
{
    while (w->count && !w->limb[w->count - 1]) w->count--;
    if (!w->count) w->negative = false;
}

void wide_from_uint128(Wide *w, Uint128 v, bool negative)
{
    w->count = 0;
    w->negative = negative && v;
    for (; v; v /= LIMB_BASE) w->limb[w->count++] = (uint32_t)(v % LIMB_BASE);
}

void wide_from_numeric(Wide *w, const Numeric *n)
{
    if (n->kind == NUMERIC_SMALL) {
        uint64_t v = (uint64_t)(n->small < 0 ? -n->small : n->small);
        wide_from_uint128(w, v, n->small < 0);
        return;
    }
    w->count = n->big->count;
    w->negative = n->big->negative;
    memcpy(w->limb, n->big->limb, w->count * sizeof w->limb[0]);
}

unsigned wide_digits(const Wide *w)
{
    return w->count ? (w->count - 1) * LIMB_DIGITS + uint64_digits(w->limb[w->count - 1]) : 0;
}

int wide_compare(const Wide *a, const Wide *b)
{
    if (a->count != b->count) return a->count < b->count ? -1 : 1;
    for (uint32_t i = a->count; i-- > 0;)
        if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

static void wide_mul_limb(Wide *w, uint32_t factor)
{
    uint64_t carry = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        uint64_t t = (uint64_t)w->limb[i] * factor + carry;
        w->limb[i] = (uint32_t)(t % LIMB_BASE);
        carry = t / LIMB_BASE;
    }
    if (carry) w->limb[w->count++] = (uint32_t)carry;
}

static uint32_t wide_div_limb(Wide *w, uint32_t divisor)
{
    uint64_t rest = 0;
    for (uint32_t i = w->count; i-- > 0;) {
        uint64_t t = rest * LIMB_BASE + w->limb[i];
        w->limb[i] = (uint32_t)(t / divisor);
        rest = t % divisor;
    }
    wide_trim(w);
    return (uint32_t)rest;
}

void wide_scale_up(Wide *w, unsigned digits)
{
    if (!w->count || !digits) return;
    unsigned limbs = digits / LIMB_DIGITS;
    if (digits % LIMB_DIGITS) wide_mul_limb(w, (uint32_t)numeric_power10[digits % LIMB_DIGITS]);
    if (!limbs) return;
    memmove(w->limb + limbs, w->limb, w->count * sizeof w->limb[0]);
    memset(w->limb, 0, limbs * sizeof w->limb[0]);
    w->count += limbs;
}

static void wide_increment(Wide *w)
{
    uint32_t i = 0;
    for (; i < w->count; i++) {
        if (++w->limb[i] < LIMB_BASE) return;
        w->limb[i] = 0;
    }
    w->limb[w->count++] = 1;
}

void wide_scale_down(Wide *w, unsigned digits, bool round)
{
    if (!w->count || !digits) return;
    unsigned limbs = digits / LIMB_DIGITS, last = (digits - 1) / LIMB_DIGITS;
    bool negative = w->negative, up = false;
    if (round && last < w->count) // the highest digit that goes away decides
        up = w->limb[last] / numeric_power10[(digits - 1) % LIMB_DIGITS] % 10 >= 5;
    if (limbs >= w->count) {
        w->count = 0;
    } else {
        w->count -= limbs;
        memmove(w->limb, w->limb + limbs, w->count * sizeof w->limb[0]);
        if (digits % LIMB_DIGITS) (void)wide_div_limb(w, (uint32_t)numeric_power10[digits % LIMB_DIGITS]);
    }
    if (up) wide_increment(w);
    w->negative = w->count && negative;
}

static void wide_add_abs(Wide *a, const Wide *b)
{
    for (; a->count < b->count; a->count++) a->limb[a->count] = 0;
    uint32_t carry = 0, i = 0;
    for (; i < b->count || (carry && i < a->count); i++) {
        uint32_t t = a->limb[i] + (i < b->count ? b->limb[i] : 0) + carry;
        carry = t >= LIMB_BASE;
        a->limb[i] = carry ? t - LIMB_BASE : t;
    }
    if (carry) a->limb[a->count++] = 1;
}

// out = high - low, where |high| >= |low|; out may be either.
static void wide_sub_abs(Wide *out, const Wide *high, const Wide *low)
{
    uint32_t borrow = 0;
    for (uint32_t i = 0; i < high->count; i++) {
        uint32_t t = (i < low->count ? low->limb[i] : 0) + borrow;
        borrow = high->limb[i] < t;
        out->limb[i] = borrow ? high->limb[i] + LIMB_BASE - t : high->limb[i] - t;
    }
    out->count = high->count;
    wide_trim(out);
}

void wide_add(Wide *a, const Wide *b)
{
    if (a->negative == b->negative) {
        wide_add_abs(a, b);
    } else if (wide_compare(a, b) >= 0) {
        wide_sub_abs(a, a, b);
    } else {
        a->negative = b->negative;
        wide_sub_abs(a, b, a);
    }
}

void wide_mul(Wide *out, const Wide *a, const Wide *b)
{
    memset(out->limb, 0, (a->count + b->count) * sizeof out->limb[0]);
    for (uint32_t i = 0; i < a->count; i++) {
        uint64_t carry = 0;
        for (uint32_t j = 0; j < b->count; j++) {
            uint64_t t = (uint64_t)a->limb[i] * b->limb[j] + out->limb[i + j] + carry;
            out->limb[i + j] = (uint32_t)(t % LIMB_BASE);
            carry = t / LIMB_BASE;
        }
        out->limb[i + b->count] = (uint32_t)carry;
    }
    out->count = a->count + b->count;
    out->negative = a->negative != b->negative;
    wide_trim(out);
}

// num[at … at+n] -= q × den; true when that went below zero (it is then num + 10^9^(n+1)).
static bool subtract_product(uint32_t *num, const Wide *den, uint64_t q)
{
    uint64_t carry = 0, borrow = 0;
    for (uint32_t i = 0; i <= den->count; i++) {
        uint64_t t = carry + (i < den->count ? q * den->limb[i] : 0);
        carry = t / LIMB_BASE;
        uint64_t low = t % LIMB_BASE + borrow;
        borrow = num[i] < low;
        num[i] = (uint32_t)(borrow ? num[i] + LIMB_BASE - low : num[i] - low);
    }
    return borrow;
}

static void add_back(uint32_t *num, const Wide *den)
{
    uint32_t carry = 0;
    for (uint32_t i = 0; i <= den->count; i++) {
        uint32_t t = num[i] + (i < den->count ? den->limb[i] : 0) + carry;
        carry = t >= LIMB_BASE;
        num[i] = carry ? t - LIMB_BASE : t;
    }
}

// Long division after Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D. den has at least two
// limbs and num is at least as long; both are scaled so that den's highest limb is at least half the base.
static void divide_long(Wide *quot, Wide *num, const Wide *den)
{
    uint32_t n = den->count, steps = num->count - n + 1;
    uint64_t top = den->limb[n - 1], next = den->limb[n - 2];
    num->limb[num->count] = 0;
    for (uint32_t j = steps; j-- > 0;) {
        uint32_t *at = num->limb + j;
        uint64_t head = (uint64_t)at[n] * LIMB_BASE + at[n - 1];
        uint64_t q = head / top, rest = head % top;
        while (q >= LIMB_BASE || q * next > rest * LIMB_BASE + at[n - 2]) {
            q--;
            rest += top;
            if (rest >= LIMB_BASE) break;
        }
        if (subtract_product(at, den, q)) {
            q--;
            add_back(at, den);
        }
        quot->limb[j] = (uint32_t)q;
    }
    quot->count = steps;
    num->count = n;
    wide_trim(num);
}

void wide_divide(Wide *quot, Wide *num, const Wide *den)
{
    bool num_negative = num->negative;
    quot->negative = num->negative != den->negative;
    if (wide_compare(num, den) < 0) {
        quot->count = 0;
        quot->negative = false;
        return;
    }
    if (den->count == 1) {
        *quot = *num;
        quot->negative = num->negative != den->negative;
        uint32_t rest = wide_div_limb(quot, den->limb[0]);
        wide_from_uint128(num, rest, num_negative);
    } else {
        Wide scaled = *den;
        uint32_t factor = LIMB_BASE / (den->limb[den->count - 1] + 1);
        wide_mul_limb(&scaled, factor);
        wide_mul_limb(num, factor);
        divide_long(quot, num, &scaled);
        (void)wide_div_limb(num, factor);
        num->negative = num->count && num_negative;
    }
    wide_trim(quot);
}

bool wide_to_numeric(Numeric *out, const Wide *w, unsigned scale, Arena *mem, Err *err)
{
    if (w->count <= 2 && scale <= SMALL_DIGITS) {
        int64_t v = 0;
        for (uint32_t i = w->count; i-- > 0;) v = v * LIMB_BASE + w->limb[i];
        *out = numeric_small(w->negative ? -v : v, scale);
        return true;
    }
    unsigned digits = wide_digits(w);
    if (digits > scale + NUMERIC_DIGITS_MAX || scale > NUMERIC_SCALE_MAX)
        return err_set(err, SQLSTATE_OUT_OF_RANGE,
                       "value overflows numeric format: it has %u digits, %u of them behind the point",
                       digits, scale);
    NumericBig *big = arena_get(mem, sizeof(NumericBig) + w->count * sizeof big->limb[0]);
    big->count = w->count;
    big->negative = w->negative;
    memcpy(big->limb, w->limb, w->count * sizeof w->limb[0]);
    *out = (Numeric){.big = big, .scale = (uint16_t)scale, .kind = NUMERIC_BIG};
    return true;
}

bool uint128_to_numeric(Numeric *out, Uint128 v, bool negative, unsigned scale, Arena *mem, Err *err)
{
    if (v < (Uint128)SMALL_LIMIT && scale <= SMALL_DIGITS) {
        *out = numeric_small(negative ? -(int64_t)v : (int64_t)v, scale);
        return true;
    }
    Wide w;
    wide_from_uint128(&w, v, negative);
    return wide_to_numeric(out, &w, scale, mem, err);
}
