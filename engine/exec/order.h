// Order: how cells compare, typed: PostgreSQL's order per type (NaN last, text by bytes, char(n) without its
// trailing blanks). Loops over rows live here so that nobody switches on a type inside one. Relies on data.
#ifndef ENGINE_EXEC_ORDER_H
#define ENGINE_EXEC_ORDER_H

#include "engine/data/array.h"
#include "engine/data/document.h"

static inline Text order_char_trim(const Text *t)
{
    Str s = text_str(t);
    size_t len = s.len;
    while (len && s.at[len - 1] == ' ') len--;
    return len == s.len ? *t : text_of((Str){s.at, len});
}
static inline int order_f64(double a, double b)
{
    if (a < b) return -1;
    if (a > b) return 1;
    if (a == b) return 0;
    return (a != a) - (b != b); // NaN is greater than all else and equals itself
}
static inline int order_char(const Text *a, const Text *b)
{
    Text x = order_char_trim(a), y = order_char_trim(b);
    return text_compare(&x, &y);
}
static inline int order_numeric(const Numeric *a, const Numeric *b)
{
    if (a->kind == NUMERIC_SMALL && b->kind == NUMERIC_SMALL && a->scale == b->scale)
        return (a->small > b->small) - (a->small < b->small);
    return numeric_compare(a, b);
}

// <0, 0, >0 for cells of one type; neither is NULL.
typedef int (*OrderCompare)(const void *a, const void *b);
OrderCompare order_compare(TypeId type);
// NULL equals NULL. Row numbers may pass BATCH_ROWS; constant vectors stand for every row.
bool order_same(const Vector *a, uint32_t a_row, const Vector *b, uint32_t b_row);
// bad[i] |= 1 where the i-th chosen row of v differs from row at[i] of kept; rows with at[i] == UINT32_MAX
// are left alone.
void order_mark_different(const Vector *v, const uint16_t *sel, uint32_t count, const Vector *kept,
                          const uint32_t *at, uint8_t *bad);
// A number whose unsigned order is the order of the cells as far as 8 bytes can tell, for the given rows
// (NULL = 0 … count-1). *exact: it tells all.
void order_prefixes(const Vector *v, const uint32_t *row, uint32_t count, bool descending, uint64_t *out,
                    bool *exact);

// For text columns whose cells begin alike: bytes that all these rows share from `skip` on are passed over.
// *skip: where the prefixes then begin; *same: the rows are equal texts, there is nothing to tell.
void order_text_prefixes(const Text *cells, const uint32_t *row, uint32_t count, bool descending,
                         uint64_t *out, uint32_t *skip, bool *same);

#endif
