// Comparison functions = <> < <= > >= for every type, and the same as filters. One X list of the ways in
// which cells compare (PostgreSQL: NaN equals NaN and is greatest, char(n) without trailing blanks), one of
// the types.
#include "engine/exec/compare.h"
#include "engine/exec/fn.h"

#define NUM_eq(a, b)  ((a) == (b))
#define NUM_ne(a, b)  ((a) != (b))
#define NUM_lt(a, b)  ((a) < (b))
#define NUM_le(a, b)  ((a) <= (b))
#define NUM_gt(a, b)  ((a) > (b))
#define NUM_ge(a, b)  ((a) >= (b))
#define NAN_eq(a, b)  (((a) == (b)) | (((a) != (a)) & ((b) != (b))))
#define NAN_lt(a, b)  (((a) < (b)) | (((b) != (b)) & ((a) == (a))))
#define NAN_ne(a, b)  !NAN_eq(a, b)
#define NAN_gt(a, b)  NAN_lt(b, a)
#define NAN_le(a, b)  !NAN_lt(b, a)
#define NAN_ge(a, b)  !NAN_lt(a, b)
#define TEXT_eq(a, b) text_equal(&(a), &(b))
#define TEXT_ne(a, b) !text_equal(&(a), &(b))
#define TEXT_lt(a, b) (text_compare(&(a), &(b)) < 0)
#define TEXT_le(a, b) (text_compare(&(a), &(b)) <= 0)
#define TEXT_gt(a, b) (text_compare(&(a), &(b)) > 0)
#define TEXT_ge(a, b) (text_compare(&(a), &(b)) >= 0)
#define CHAR_eq(a, b) (order_char(&(a), &(b)) == 0)
#define CHAR_ne(a, b) (order_char(&(a), &(b)) != 0)
#define CHAR_lt(a, b) (order_char(&(a), &(b)) < 0)
#define CHAR_le(a, b) (order_char(&(a), &(b)) <= 0)
#define CHAR_gt(a, b) (order_char(&(a), &(b)) > 0)
#define CHAR_ge(a, b) (order_char(&(a), &(b)) >= 0)
#define DEC_eq(a, b)  (order_numeric(&(a), &(b)) == 0)
#define DEC_ne(a, b)  (order_numeric(&(a), &(b)) != 0)
#define DEC_lt(a, b)  (order_numeric(&(a), &(b)) < 0)
#define DEC_le(a, b)  (order_numeric(&(a), &(b)) <= 0)
#define DEC_gt(a, b)  (order_numeric(&(a), &(b)) > 0)
#define DEC_ge(a, b)  (order_numeric(&(a), &(b)) >= 0)

#define SPAN_eq(a, b) (interval_compare(&(a), &(b)) == 0)
#define SPAN_ne(a, b) (interval_compare(&(a), &(b)) != 0)
#define SPAN_lt(a, b) (interval_compare(&(a), &(b)) < 0)
#define SPAN_le(a, b) (interval_compare(&(a), &(b)) <= 0)
#define SPAN_gt(a, b) (interval_compare(&(a), &(b)) > 0)
#define SPAN_ge(a, b) (interval_compare(&(a), &(b)) >= 0)
#define UUID_eq(a, b) (uuid_compare(&(a), &(b)) == 0)
#define UUID_ne(a, b) (uuid_compare(&(a), &(b)) != 0)
#define UUID_lt(a, b) (uuid_compare(&(a), &(b)) < 0)
#define UUID_le(a, b) (uuid_compare(&(a), &(b)) <= 0)
#define UUID_gt(a, b) (uuid_compare(&(a), &(b)) > 0)
#define UUID_ge(a, b) (uuid_compare(&(a), &(b)) >= 0)
#define ARR_eq(a, b)  (array_compare(&(a), &(b)) == 0)
#define ARR_ne(a, b)  (array_compare(&(a), &(b)) != 0)
#define ARR_lt(a, b)  (array_compare(&(a), &(b)) < 0)
#define ARR_le(a, b)  (array_compare(&(a), &(b)) <= 0)
#define ARR_gt(a, b)  (array_compare(&(a), &(b)) > 0)
#define ARR_ge(a, b)  (array_compare(&(a), &(b)) >= 0)
#define DOC_eq(a, b)  (document_compare(&(a), &(b)) == 0)
#define DOC_ne(a, b)  (document_compare(&(a), &(b)) != 0)
#define DOC_lt(a, b)  (document_compare(&(a), &(b)) < 0)
#define DOC_le(a, b)  (document_compare(&(a), &(b)) <= 0)
#define DOC_gt(a, b)  (document_compare(&(a), &(b)) > 0)
#define DOC_ge(a, b)  (document_compare(&(a), &(b)) >= 0)

#define COMPARE_ONE(way, T, op, TEST)                                                                        \
    FN_KERNEL(kernel_##op##_##way)                                                                           \
    {                                                                                                        \
        const T *a = arg[0].data, *b = arg[1].data;                                                          \
        const uint32_t sa = !arg[0].constant, sb = !arg[1].constant;                                         \
        uint8_t *o = out->data;                                                                              \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, { o[r] = (uint8_t)(TEST(a[r * sa], b[r * sb])); });                                       \
        return true;                                                                                         \
    }                                                                                                        \
    static uint32_t select_##op##_##way(const Vector *va, const Vector *vb, const uint16_t *sel,             \
                                        uint32_t count, uint16_t *out)                                       \
    {                                                                                                        \
        const T *a = va->data, *b = vb->data;                                                                \
        const T y = b[0];                                                                                    \
        uint32_t n = 0;                                                                                      \
        if (vb->constant) {                                                                                  \
            FN_ROWS(r, {                                                                                     \
                const bool hit = TEST(a[r], y);                                                              \
                out[n] = (uint16_t)r;                                                                        \
                n += hit;                                                                                    \
            });                                                                                              \
        } else {                                                                                             \
            FN_ROWS(r, {                                                                                     \
                const bool hit = TEST(a[r], b[r]);                                                           \
                out[n] = (uint16_t)r;                                                                        \
                n += hit;                                                                                    \
            });                                                                                              \
        }                                                                                                    \
        return n;                                                                                            \
    }

#define COMPARE_SIX(way, T, P)                                                                               \
    COMPARE_ONE(way, T, eq, P##_eq)                                                                          \
    COMPARE_ONE(way, T, ne, P##_ne)                                                                          \
    COMPARE_ONE(way, T, lt, P##_lt)                                                                          \
    COMPARE_ONE(way, T, le, P##_le)                                                                          \
    COMPARE_ONE(way, T, gt, P##_gt)                                                                          \
    COMPARE_ONE(way, T, ge, P##_ge)

COMPARE_SIX(u8, uint8_t, NUM)
COMPARE_SIX(i16, int16_t, NUM)
COMPARE_SIX(i32, int32_t, NUM)
COMPARE_SIX(i64, int64_t, NUM)
COMPARE_SIX(f32, float, NAN)
COMPARE_SIX(f64, double, NAN)
COMPARE_SIX(text, Text, TEXT)
COMPARE_SIX(char, Text, CHAR)
COMPARE_SIX(numeric, Numeric, DEC)
COMPARE_SIX(interval, Interval, SPAN)
COMPARE_SIX(uuid, Uuid, UUID)
COMPARE_SIX(array, Text, ARR)
COMPARE_SIX(jsonb, Text, DOC)

// The types in the order of both tables.
#define COMPARE_TYPES(X)                                                                                     \
    X(TYPE_BOOLEAN, u8)                                                                                      \
    X(TYPE_SMALLINT, i16)                                                                                    \
    X(TYPE_INTEGER, i32)                                                                                     \
    X(TYPE_BIGINT, i64)                                                                                      \
    X(TYPE_NUMERIC, numeric)                                                                                 \
    X(TYPE_REAL, f32)                                                                                        \
    X(TYPE_DOUBLE, f64)                                                                                      \
    X(TYPE_TEXT, text)                                                                                       \
    X(TYPE_CHAR, char)                                                                                       \
    X(TYPE_VARCHAR, text)                                                                                    \
    X(TYPE_BYTEA, text)                                                                                      \
    X(TYPE_DATE, i32)                                                                                        \
    X(TYPE_TIME, i64)                                                                                        \
    X(TYPE_TIMESTAMP, i64)                                                                                   \
    X(TYPE_TIMESTAMPTZ, i64)                                                                                 \
    X(TYPE_INTERVAL, interval)                                                                               \
    X(TYPE_UUID, uuid)                                                                                       \
    X(TYPE_OID, i64)                                                                                         \
    X(TYPE_NAME, text)                                                                                       \
    X(TYPE_ENUM, i64)                                                                                        \
    X(TYPE_ARRAY, array) X(TYPE_JSONB, jsonb) X(TYPE_RECORD, array)

enum { COMPARE_OPS = 6, COMPARE_FLAGS = FUNCTION_STRICT | FUNCTION_OPERATOR | FUNCTION_COMPARISON };

#define COMPARE_ROW(symbol, op, T, way) {symbol, 2, COMPARE_FLAGS, {T, T}, TYPE_BOOLEAN, kernel_##op##_##way},
#define COMPARE_ROWS(T, way)                                                                                 \
    COMPARE_ROW("=", eq, T, way)                                                                             \
    COMPARE_ROW("<>", ne, T, way)                                                                            \
    COMPARE_ROW("<", lt, T, way)                                                                             \
    COMPARE_ROW("<=", le, T, way) COMPARE_ROW(">", gt, T, way) COMPARE_ROW(">=", ge, T, way)
#define COMPARE_FILTERS(T, way)                                                                              \
    {select_eq_##way, select_ne_##way, select_lt_##way, select_le_##way, select_gt_##way, select_ge_##way},

const Function fn_compare[] = {COMPARE_TYPES(COMPARE_ROWS){0}};
static const CompareSelect compare_filters[][COMPARE_OPS] = {COMPARE_TYPES(COMPARE_FILTERS)};

bool compare_select(const Function *f, CompareSelect *select, CompareSelect *swapped)
{
    static const uint8_t other_way[COMPARE_OPS] = {0, 1, 4, 5, 2, 3};
    if (f < fn_compare || f >= fn_compare + COUNT_OF(fn_compare) - 1) return false;
    size_t at = (size_t)(f - fn_compare);
    *select = compare_filters[at / COMPARE_OPS][at % COMPARE_OPS];
    *swapped = compare_filters[at / COMPARE_OPS][other_way[at % COMPARE_OPS]];
    return true;
}

const Function *compare_equal(TypeId type)
{
    for (const Function *f = fn_compare; f->name; f += COMPARE_OPS)
        if (f->arg[0] == type) return f;
    return compare_equal(TYPE_TEXT); // the type of a bare NULL lies as text
}
