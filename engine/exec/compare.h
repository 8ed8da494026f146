// Compare: comparisons as filters: they write the rows that pass, not a boolean vector. Relies on plan
// (Function).
#ifndef ENGINE_EXEC_COMPARE_H
#define ENGINE_EXEC_COMPARE_H

#include "engine/plan/function.h"

// a is not constant, b may be; neither holds a NULL among the chosen rows. Returns how many rows went to out,
// which may be sel itself.
typedef uint32_t (*CompareSelect)(const Vector *a, const Vector *b, const uint16_t *sel, uint32_t count,
                                  uint16_t *out);
// The filters of a comparison function: a op b, and the same with the sides changed (b op' a). False: f is
// not one.
bool compare_select(const Function *f, CompareSelect *select, CompareSelect *swapped);
// "=" for two values of this type.
const Function *compare_equal(TypeId type);

#endif
