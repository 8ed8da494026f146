// Sort: puts row numbers in order by key columns. Numbers that sort as the first key does go through a radix
// sort; runs of equal ones are sorted by the next key, or by comparing where 8 bytes cannot tell. Stable.
// Relies on rows, order.
#ifndef ENGINE_EXEC_SORT_H
#define ENGINE_EXEC_SORT_H

#include "engine/exec/order.h"
#include "engine/exec/rows.h"
#include "engine/plan/plan.h"

typedef struct SortOrder {
    bool descending, nulls_first;
} SortOrder;

// row: numbers of rows in keys, in their first order; sorted in place. cancel (may be NULL) is looked at
// every few thousand rows: 57014, and row is then in no order.
MUST_CHECK bool sort_rows(uint32_t *row, uint32_t count, const Rows *keys, const SortOrder *order,
                          const atomic_bool *cancel, Err *err);

#endif
