// Roots, logarithms and powers of exact decimals, with the number of digits that PostgreSQL 15 shows. Relies
// on data.
#ifndef ENGINE_EXEC_FN_DECIMAL_H
#define ENGINE_EXEC_FN_DECIMAL_H

#include "engine/data/numeric.h"

// x rounded to `scale` digits behind the point. 2201F negative.
MUST_CHECK bool fn_decimal_sqrt(Numeric *out, const Numeric *x, int scale, Arena *mem, Err *err);
int fn_decimal_sqrt_scale(const Numeric *x);
MUST_CHECK bool fn_decimal_exp(Numeric *out, const Numeric *x, Arena *mem, Err *err); // 22003
MUST_CHECK bool fn_decimal_ln(Numeric *out, const Numeric *x, Arena *mem, Err *err);  // 2201E
MUST_CHECK bool fn_decimal_log(Numeric *out, const Numeric *base, const Numeric *x, Arena *mem,
                               Err *err); // 2201E, 22012
MUST_CHECK bool fn_decimal_power(Numeric *out, const Numeric *x, const Numeric *y, Arena *mem,
                                 Err *err); // 2201F
// value / 10^scale from a wide integer (sums).
MUST_CHECK bool fn_decimal_from_wide(Numeric *out, __int128 value, unsigned scale, Arena *mem, Err *err);

#endif
