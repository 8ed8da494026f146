// Numeric: exact decimals to 1,000 digits and more, as PostgreSQL counts them (value and displayed scale), in
// a 16-byte cell. Up to 18 digits lie inside as an integer; longer ones are base-10^9 limbs elsewhere. Relies
// on base.
#ifndef ENGINE_DATA_NUMERIC_H
#define ENGINE_DATA_NUMERIC_H

#include "engine/base/arena.h"
#include "engine/base/err.h"

typedef enum NumericKind {
    NUMERIC_SMALL,
    NUMERIC_BIG,
    NUMERIC_NAN,
    NUMERIC_INF,
    NUMERIC_NEG_INF
} NumericKind;
typedef struct NumericBig NumericBig; // limbs; immutable; opaque outside numeric.c and cast

// Value = coefficient / 10^scale. SMALL: |small| < 10^18 and scale <= 18.
typedef struct Numeric {
    union {
        int64_t small;
        const NumericBig *big; // borrowed, like Text's pointer
    };
    uint16_t scale; // digits shown behind the point
    uint8_t kind;   // NumericKind
    uint8_t pad[5]; // zero
} Numeric;
_Static_assert(sizeof(Numeric) == 16, "Numeric is a 16-byte cell");

// Digits behind the point (products are rounded there, so that 1,000 × 1,000 are exact), digits before it.
enum { NUMERIC_SCALE_MAX = 2000, NUMERIC_DIGITS_MAX = 4000, NUMERIC_TEXT_MAX = 2 * NUMERIC_DIGITS_MAX };

static inline Numeric numeric_small(int64_t coefficient, unsigned scale)
{
    return (Numeric){.small = coefficient, .scale = (uint16_t)scale, .kind = NUMERIC_SMALL};
}
Numeric numeric_from_int64(int64_t value, Arena *mem);
// Rounded to 15 significant digits, as PostgreSQL's cast does (0.1 + 0.2 gives 0.3).
MUST_CHECK bool numeric_from_double(Numeric *out, double value, Arena *mem, Err *err);
// Whole string: sign, digits, point, exponent, NaN, Infinity. 22P02.
MUST_CHECK bool numeric_from_text(Numeric *out, Str s, Arena *mem, Err *err);
// Bytes written (at most NUMERIC_TEXT_MAX, no NUL); the usual notation without exponent; 0 when it does not
// fit.
size_t numeric_to_text(const Numeric *n, char *out, size_t size);
// Bytes that `big` points to; 0 when all is in the cell.
size_t numeric_long_bytes(const Numeric *n);
double numeric_to_double(const Numeric *n);
// Rounded half away from zero; false when it does not fit or is NaN/infinite.
bool numeric_to_int64(const Numeric *n, int64_t *out);
// Rounds (half away from zero) to `scale` digits behind the point; negative = before it.
MUST_CHECK bool numeric_round(Numeric *out, const Numeric *n, int scale, Arena *mem, Err *err);
MUST_CHECK bool numeric_truncate(Numeric *out, const Numeric *n, int scale, Arena *mem, Err *err);
// 22003 when more than precision - scale digits stand before the point.
MUST_CHECK bool numeric_fit(Numeric *out, const Numeric *n, int precision, int scale, Arena *mem, Err *err);
// Results as PostgreSQL 15 gives them, scale included; 22012 division by zero, 22003 overflow. out may be an
// input.
MUST_CHECK bool numeric_add(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err);
MUST_CHECK bool numeric_sub(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err);
MUST_CHECK bool numeric_mul(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err);
MUST_CHECK bool numeric_div(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err);
MUST_CHECK bool numeric_mod(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err);
Numeric numeric_negate(const Numeric *n, Arena *mem);
int numeric_sign(const Numeric *n); // -1, 0, 1; NaN gives 1
// -1, 0, 1; NaN equals NaN and is greater than all else, as in PostgreSQL.
int numeric_compare(const Numeric *a, const Numeric *b);
uint64_t numeric_hash(const Numeric *n); // 1.0 and 1.00 hash alike
Numeric numeric_copy(Arena *mem, Numeric n);
// floor/ceil/sqrt/power/exp/ln live beside the functions that need them (exec/fn_number).

#endif
