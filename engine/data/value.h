// Value: one typed scalar, for constants, keys, defaults and bounds; never used row by row on the data path.
// Relies on base, type, text, numeric.
#ifndef ENGINE_DATA_VALUE_H
#define ENGINE_DATA_VALUE_H

#include "engine/base/buf.h"
#include "engine/data/interval.h"
#include "engine/data/numeric.h"
#include "engine/data/text.h"
#include "engine/data/type.h"

typedef struct Value {
    Type type;
    bool null;
    union {
        uint8_t boolean;
        int16_t i16;
        int32_t i32;
        int64_t i64;
        float f32;
        double f64;
        Text text; // borrowed when long
        Numeric numeric;
        Interval interval;
        Uuid uuid;
    };
} Value;

static inline Value value_null(Type t) { return (Value){.type = t, .null = true}; }
Value value_copy(Arena *mem, const Value *v);
// Order of SQL for two values of the same type id (NaN last); nulls compare equal and last.
int value_compare(const Value *a, const Value *b);
bool value_equal(const Value *a, const Value *b);
uint64_t value_hash(const Value *v);
// The text PostgreSQL would print ("t"/"f", \x… for bytea, shortest doubles); appended. NULL appends nothing.
void value_to_text(const Value *v, Bytes *out);

#endif
