// Aggregates string_agg, bit_and, bit_or, bit_xor. Values that are NULL are passed over; string_agg puts each
// value's own separator in front of it, but of the first.
#include "engine/exec/fn.h"

#include <string.h>

// ---- string_agg ----

typedef struct Joined {
    char *at;
    uint32_t len, cap;
    bool any;
} Joined;

static bool joined_room(Joined *s, size_t more, Arena *mem, Err *err)
{
    enum { FIRST = 64 };
    size_t need = (size_t)s->len + more, cap = s->cap ? s->cap : FIRST;
    if (need <= s->cap) return true;
    if (need > TYPE_VALUE_BYTES_MAX)
        return err_set(err, SQLSTATE_LIMIT, "the result of string_agg is longer than %d bytes",
                       TYPE_VALUE_BYTES_MAX);
    while (cap < need) cap *= 2;
    char *grown = arena_try(mem, cap, 1);
    if (!grown) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the result of string_agg");
    if (s->len) memcpy(grown, s->at, s->len);
    s->at = grown;
    s->cap = (uint32_t)cap;
    return true;
}

static bool joined_put(Joined *s, Str text, Arena *mem, Err *err)
{
    if (!text.len) return true;
    if (!joined_room(s, text.len, mem, err)) return false;
    memcpy(s->at + s->len, text.at, text.len);
    s->len += (uint32_t)text.len;
    return true;
}

static bool joined_update(unsigned char *base, size_t stride, const uint32_t *group, const Vector *arg,
                          const uint16_t *sel, uint32_t count, Arena *mem, Err *err)
{
    for (uint32_t k = 0; k < count; k++) {
        const uint32_t row = sel ? sel[k] : k;
        if (vector_is_null(&arg[0], row)) continue;
        Joined *s = (Joined *)(void *)(base + (group ? group[k] * stride : 0));
        if (s->any && !vector_is_null(&arg[1], row) && !joined_put(s, fn_str(arg, 1, row), mem, err))
            return false;
        s->any = true;
        if (!joined_put(s, fn_str(arg, 0, row), mem, err)) return false;
    }
    return true;
}

static bool joined_final(const unsigned char *state, Vector *out, uint32_t row, Arena *mem, Err *err)
{
    const Joined *s = (const Joined *)(const void *)state;
    (void)mem, (void)err;
    if (!s->any) vector_set_null(out, row);
    FN_OUT(Text)[row] = s->len ? text_of((Str){s->at, s->len}) : (Text){0};
    return true;
}

// ---- bits ----

#define BITS(name, T, JOIN)                                                                                  \
    typedef struct Bits_##name {                                                                             \
        T value;                                                                                             \
        bool has;                                                                                            \
    } Bits_##name;                                                                                           \
    static void name##_add(Bits_##name *s, T x)                                                              \
    {                                                                                                        \
        s->value = s->has ? (T)(s->value JOIN x) : x;                                                        \
        s->has = true;                                                                                       \
    }                                                                                                        \
    static bool name##_update(unsigned char *base, size_t stride, const uint32_t *group, const Vector *arg,  \
                              const uint16_t *sel, uint32_t count, Arena *mem, Err *err)                     \
    {                                                                                                        \
        (void)mem, (void)err;                                                                                \
        for (uint32_t k = 0; k < count; k++) {                                                               \
            const uint32_t row = sel ? sel[k] : k;                                                           \
            if (vector_is_null(arg, row)) continue;                                                          \
            name##_add((Bits_##name *)(void *)(base + (group ? group[k] * stride : 0)), FN_CELL(T, 0, row)); \
        }                                                                                                    \
        return true;                                                                                         \
    }                                                                                                        \
    static bool name##_merge(unsigned char *into, const unsigned char *from, Arena *mem, Err *err)           \
    {                                                                                                        \
        const Bits_##name *s = (const Bits_##name *)(const void *)from;                                      \
        (void)mem, (void)err;                                                                                \
        if (s->has) name##_add((Bits_##name *)(void *)into, s->value);                                       \
        return true;                                                                                         \
    }                                                                                                        \
    static bool name##_final(const unsigned char *state, Vector *out, uint32_t row, Arena *mem, Err *err)    \
    {                                                                                                        \
        const Bits_##name *s = (const Bits_##name *)(const void *)state;                                     \
        (void)mem, (void)err;                                                                                \
        if (!s->has) vector_set_null(out, row);                                                              \
        FN_OUT(T)[row] = s->value;                                                                           \
        return true;                                                                                         \
    }
#define BITS_OF(way, T)                                                                                      \
    BITS(and_##way, T, &)                                                                                    \
    BITS(or_##way, T, |)                                                                                     \
    BITS(xor_##way, T, ^)
BITS_OF(i16, int16_t)
BITS_OF(i32, int32_t)
BITS_OF(i64, int64_t)

#define ENTRY(sql, T, bits)                                                                                  \
    {                                                                                                        \
        .name = sql, .kind = AGGREGATE_OTHER, .args = 1, .arg = {T}, .result = T,                            \
        .flags = AGGREGATE_ANY_ORDER, .state_size = sizeof(Bits_##bits), .update = bits##_update,            \
        .merge = bits##_merge, .final = bits##_final                                                         \
    }
#define ENTRIES(sql, name)                                                                                   \
    ENTRY(sql, TYPE_SMALLINT, name##_i16), ENTRY(sql, TYPE_INTEGER, name##_i32),                             \
        ENTRY(sql, TYPE_BIGINT, name##_i64)
#define STRING_AGG(T)                                                                                        \
    {                                                                                                        \
        .name = "string_agg", .kind = AGGREGATE_OTHER, .args = 2, .arg = {T, T}, .result = T,                \
        .state_size = sizeof(Joined), .update = joined_update, .final = joined_final                         \
    }
const Aggregate fn_aggregate_text[] = {
    STRING_AGG(TYPE_TEXT), STRING_AGG(TYPE_BYTEA),  ENTRIES("bit_and", and),
    ENTRIES("bit_or", or), ENTRIES("bit_xor", xor), {0},
};
