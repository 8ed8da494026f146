// Inside numeric: the working form of long decimals. Wide lives on the stack while one operation runs;
// NumericBig is what a cell points to. Both hold |coefficient| as base-10^9 limbs, lowest first. Private to
// numeric*.c.
// Nouns: wide, uint64, uint128
#ifndef ENGINE_DATA_NUMERIC_IN_H
#define ENGINE_DATA_NUMERIC_IN_H

#include "engine/data/numeric.h"

enum {
    LIMB_BASE = 1000000000,
    LIMB_DIGITS = 9,
    // A product of two longest values, 2 × (NUMERIC_DIGITS_MAX + NUMERIC_SCALE_MAX) digits, and some slack.
    WIDE_LIMBS = 2 * (NUMERIC_DIGITS_MAX + NUMERIC_SCALE_MAX) / LIMB_DIGITS + 8,
    SMALL_DIGITS = 18,
};
#define SMALL_LIMIT INT64_C(1000000000000000000) // 10^18

struct NumericBig {
    uint32_t count; // limbs, the highest is not zero
    bool negative;
    uint32_t limb[];
};

typedef struct Wide {
    uint32_t count; // 0 = zero
    bool negative;
    uint32_t limb[WIDE_LIMBS];
} Wide;

typedef unsigned __int128 Uint128;

extern const uint64_t numeric_power10[20]; // 10^0 … 10^19

unsigned uint64_digits(uint64_t v); // decimal digits, 0 for 0
void wide_from_uint128(Wide *w, Uint128 v, bool negative);
void wide_from_numeric(Wide *w, const Numeric *n); // SMALL or BIG
unsigned wide_digits(const Wide *w);               // decimal digits, 0 for 0
int wide_compare(const Wide *a, const Wide *b);    // absolute values
void wide_scale_up(Wide *w, unsigned digits);      // × 10^digits; the caller knows that it fits
// ÷ 10^digits, rounded half away from zero or cut.
void wide_scale_down(Wide *w, unsigned digits, bool round);
void wide_add(Wide *a, const Wide *b); // a += b, signs counted
void wide_mul(Wide *out, const Wide *a, const Wide *b);
// |num| ÷ |den|: quotient to *quot (sign of the true quotient), remainder left in *num (sign of num). den is
// not zero.
void wide_divide(Wide *quot, Wide *num, const Wide *den);
// Gives the value w / 10^scale the smallest form that holds it; 22003 when it is too long.
MUST_CHECK bool wide_to_numeric(Numeric *out, const Wide *w, unsigned scale, Arena *mem, Err *err);
// The same for a value that has been in 128 bits.
MUST_CHECK bool uint128_to_numeric(Numeric *out, Uint128 v, bool negative, unsigned scale, Arena *mem,
                                   Err *err);

#endif
