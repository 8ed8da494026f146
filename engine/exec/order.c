// Order: typed comparison loops. One X list of the ways in which cells compare; every loop is made from it.
#include "engine/exec/order.h"

#include <string.h>

#define CMP(a, b) (((a) > (b)) - ((a) < (b)))
#define ORDER_WAYS(X)                                                                                        \
    X(bool, uint8_t, CMP(*x, *y))                                                                            \
    X(i16, int16_t, CMP(*x, *y))                                                                             \
    X(i32, int32_t, CMP(*x, *y))                                                                             \
    X(i64, int64_t, CMP(*x, *y))                                                                             \
    X(f32, float, order_f64(*x, *y))                                                                         \
    X(f64, double, order_f64(*x, *y))                                                                        \
    X(text, Text, text_compare(x, y))                                                                        \
    X(char, Text, order_char(x, y))                                                                          \
    X(numeric, Numeric, order_numeric(x, y))                                                                 \
    X(interval, Interval, interval_compare(x, y))                                                            \
    X(uuid, Uuid, uuid_compare(x, y))                                                                        \
    X(array, Text, array_compare(x, y)) X(jsonb, Text, document_compare(x, y))

#define ORDER_ONE(name, T, EXPR)                                                                             \
    static int one_##name(const void *a, const void *b)                                                      \
    {                                                                                                        \
        const T *x = a, *y = b;                                                                              \
        return EXPR;                                                                                         \
    }
ORDER_WAYS(ORDER_ONE)

enum {
    WAY_BOOL,
    WAY_I16,
    WAY_I32,
    WAY_I64,
    WAY_F32,
    WAY_F64,
    WAY_TEXT,
    WAY_CHAR,
    WAY_NUMERIC,
    WAY_INTERVAL,
    WAY_UUID,
    WAY_ARRAY,
    WAY_JSONB
};

static int order_way(TypeId type)
{
    if (type == TYPE_CHAR) return WAY_CHAR;
    switch (type_phys(type)) {
    case PHYS_BOOL: return WAY_BOOL;
    case PHYS_I16: return WAY_I16;
    case PHYS_I32: return WAY_I32;
    case PHYS_I64: return WAY_I64;
    case PHYS_F32: return WAY_F32;
    case PHYS_F64: return WAY_F64;
    case PHYS_NUMERIC: return WAY_NUMERIC;
    case PHYS_INTERVAL: return WAY_INTERVAL;
    case PHYS_UUID: return WAY_UUID;
    case PHYS_ARRAY: return WAY_ARRAY;
    case PHYS_JSONB: return WAY_JSONB;
    case PHYS_TEXT:
    case PHYS_COUNT: break;
    }
    return WAY_TEXT;
}

OrderCompare order_compare(TypeId type)
{
    static const OrderCompare way[] = {one_bool, one_i16,   one_i32,  one_i64,     one_f32,
                                       one_f64,  one_text,  one_char, one_numeric, one_interval,
                                       one_uuid, one_array, one_jsonb};
    return way[order_way(type)];
}

bool order_same(const Vector *a, uint32_t a_row, const Vector *b, uint32_t b_row)
{
    bool a_null = vector_is_null(a, a_row), b_null = vector_is_null(b, b_row);
    if (a_null || b_null) return a_null == b_null;
    size_t cell = phys_size(type_phys(a->type.id));
    return order_compare(a->type.id)((const char *)a->data + vector_slot(a, a_row) * cell,
                                     (const char *)b->data + vector_slot(b, b_row) * cell) == 0;
}

// The loops take equal 16-byte cells as equal before they look closer.
static inline bool differs_text(const Text *x, const Text *y) { return !text_equal(x, y); }
#define DIFFERS_bool     (*x != *y)
#define DIFFERS_i16      (*x != *y)
#define DIFFERS_i32      (*x != *y)
#define DIFFERS_i64      (*x != *y)
#define DIFFERS_f32      (order_f64(*x, *y) != 0)
#define DIFFERS_f64      (order_f64(*x, *y) != 0)
#define DIFFERS_text     differs_text(x, y)
#define DIFFERS_char     (order_char(x, y) != 0)
#define DIFFERS_numeric  (order_numeric(x, y) != 0)
#define DIFFERS_interval (interval_compare(x, y) != 0)
#define DIFFERS_uuid     (uuid_compare(x, y) != 0)
#define DIFFERS_array    (array_compare(x, y) != 0)
#define DIFFERS_jsonb    (document_compare(x, y) != 0)

#define ORDER_MARK(name, T, EXPR)                                                                            \
    static void mark_##name(const Vector *v, const uint16_t *sel, uint32_t count, const T *kept,             \
                            const uint32_t *at, uint8_t *bad)                                                \
    {                                                                                                        \
        const T *cells = v->data;                                                                            \
        const uint32_t step = v->constant ? 0 : 1;                                                           \
        for (uint32_t i = 0; i < count; i++) {                                                               \
            if (at[i] == UINT32_MAX) continue;                                                               \
            const T *x = &cells[(sel ? sel[i] : i) * step], *y = &kept[at[i]];                               \
            bad[i] |= (uint8_t)(DIFFERS_##name);                                                             \
        }                                                                                                    \
    }
ORDER_WAYS(ORDER_MARK)

static void mark_nulls(const Vector *v, const uint16_t *sel, uint32_t count, const Vector *kept,
                       const uint32_t *at, uint8_t *bad)
{
    for (uint32_t i = 0; i < count; i++)
        if (at[i] != UINT32_MAX) bad[i] |= vector_is_null(v, sel ? sel[i] : i) != vector_is_null(kept, at[i]);
}

void order_mark_different(const Vector *v, const uint16_t *sel, uint32_t count, const Vector *kept,
                          const uint32_t *at, uint8_t *bad)
{
    if (v->nulls || kept->nulls) mark_nulls(v, sel, count, kept, at, bad);
    switch (order_way(v->type.id)) {
    case WAY_BOOL: mark_bool(v, sel, count, kept->data, at, bad); break;
    case WAY_I16: mark_i16(v, sel, count, kept->data, at, bad); break;
    case WAY_I32: mark_i32(v, sel, count, kept->data, at, bad); break;
    case WAY_I64: mark_i64(v, sel, count, kept->data, at, bad); break;
    case WAY_F32: mark_f32(v, sel, count, kept->data, at, bad); break;
    case WAY_F64: mark_f64(v, sel, count, kept->data, at, bad); break;
    case WAY_CHAR: mark_char(v, sel, count, kept->data, at, bad); break;
    case WAY_NUMERIC: mark_numeric(v, sel, count, kept->data, at, bad); break;
    case WAY_INTERVAL: mark_interval(v, sel, count, kept->data, at, bad); break;
    case WAY_UUID: mark_uuid(v, sel, count, kept->data, at, bad); break;
    case WAY_ARRAY: mark_array(v, sel, count, kept->data, at, bad); break;
    case WAY_JSONB: mark_jsonb(v, sel, count, kept->data, at, bad); break;
    default: mark_text(v, sel, count, kept->data, at, bad); break;
    }
}

// ---- prefixes: numbers that sort as the cells do ----

static inline uint64_t prefix_signed(int64_t x) { return (uint64_t)x ^ (UINT64_C(1) << 63); }
static inline uint64_t prefix_f64(double d)
{
    uint64_t u;
    if (d == 0) d = 0;
    if (d != d) return UINT64_MAX;
    memcpy(&u, &d, sizeof u);
    return u >> 63 ? ~u : u | UINT64_C(1) << 63;
}
static inline uint64_t prefix_text(const Text *t)
{
    unsigned char b[8] = {0};
    uint64_t u;
    memcpy(b, text_at(t), t->len < 8 ? t->len : 8);
    memcpy(&u, b, sizeof u);
    return __builtin_bswap64(u);
}
static inline uint64_t prefix_char(const Text *t)
{
    Text trimmed = order_char_trim(t);
    return prefix_text(&trimmed);
}
// A double keeps 53 bits: monotone, so it never contradicts the order; NaN is greatest.
static inline uint64_t prefix_numeric(const Numeric *n)
{
    return n->kind == NUMERIC_NAN ? UINT64_MAX : prefix_f64(numeric_to_double(n));
}

#define ORDER_PREFIXES(T, VALUE)                                                                             \
    do {                                                                                                     \
        const T *cells = v->data;                                                                            \
        const uint32_t step = v->constant ? 0 : 1;                                                           \
        for (uint32_t i = 0; i < count; i++) {                                                               \
            const T *x = &cells[(row ? row[i] : i) * step];                                                  \
            out[i] = VALUE;                                                                                  \
        }                                                                                                    \
    } while (0)

void order_prefixes(const Vector *v, const uint32_t *row, uint32_t count, bool descending, uint64_t *out,
                    bool *exact)
{
    *exact = true;
    switch (order_way(v->type.id)) {
    case WAY_BOOL: ORDER_PREFIXES(uint8_t, *x); break;
    case WAY_I16: ORDER_PREFIXES(int16_t, prefix_signed(*x)); break;
    case WAY_I32: ORDER_PREFIXES(int32_t, prefix_signed(*x)); break;
    case WAY_I64: ORDER_PREFIXES(int64_t, prefix_signed(*x)); break;
    case WAY_F32: ORDER_PREFIXES(float, prefix_f64(*x)); break;
    case WAY_F64: ORDER_PREFIXES(double, prefix_f64(*x)); break;
    case WAY_NUMERIC:
        ORDER_PREFIXES(Numeric, prefix_numeric(x));
        *exact = false;
        break;
    case WAY_INTERVAL:
        ORDER_PREFIXES(Interval, interval_rank(x));
        *exact = false;
        break;
    case WAY_UUID:
        ORDER_PREFIXES(Uuid, uuid_rank(x));
        *exact = false;
        break;
    case WAY_ARRAY:
        ORDER_PREFIXES(Text, array_rank(x));
        *exact = false;
        break;
    case WAY_JSONB:
        ORDER_PREFIXES(Text, document_rank(x));
        *exact = false;
        break;
    case WAY_CHAR:
        ORDER_PREFIXES(Text, prefix_char(x));
        *exact = false;
        break;
    default:
        ORDER_PREFIXES(Text, prefix_text(x));
        *exact = false;
        break;
    }
    if (descending)
        for (uint32_t i = 0; i < count; i++) out[i] = ~out[i];
}

// Bytes from `skip` on in which all rows agree with the first.
static uint32_t common_bytes(const Text *cells, const uint32_t *row, uint32_t count, uint32_t skip,
                             bool *same)
{
    Str first = text_str(&cells[row[0]]);
    size_t common = first.len;
    *same = true;
    for (uint32_t i = 1; i < count; i++) {
        Str s = text_str(&cells[row[i]]);
        size_t n = skip, end = s.len < common ? s.len : common;
        while (n < end && s.at[n] == first.at[n]) n++;
        *same &= s.len == first.len;
        common = n < common ? n : common;
        if (common <= skip) break;
    }
    *same &= common == first.len;
    return (uint32_t)common > skip ? (uint32_t)common : skip;
}

void order_text_prefixes(const Text *cells, const uint32_t *row, uint32_t count, bool descending,
                         uint64_t *out, uint32_t *skip, bool *same)
{
    *skip = common_bytes(cells, row, count, *skip, same);
    for (uint32_t i = 0; i < count; i++) {
        Str s = text_str(&cells[row[i]]);
        unsigned char b[8] = {0};
        uint64_t u;
        size_t left = s.len > *skip ? s.len - *skip : 0;
        if (left) memcpy(b, s.at + *skip, left < 8 ? left : 8);
        memcpy(&u, b, sizeof u);
        u = __builtin_bswap64(u);
        out[i] = descending ? ~u : u;
    }
}
