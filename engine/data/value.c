// Value: one function per question, each a switch over the physical form; off the data path by definition.
#include "engine/data/value.h"

#include "engine/base/hash.h"
#include "engine/data/array.h"
#include "engine/data/cell_text.h"
#include "engine/data/document.h"

#include <math.h>

Value value_copy(Arena *mem, const Value *v)
{
    Value out = *v;
    if (v->null) return out;
    Phys p = type_phys(v->type.id);
    if (phys_is_text(p)) out.text = text_copy(mem, v->text);
    if (p == PHYS_NUMERIC) out.numeric = numeric_copy(mem, v->numeric);
    return out;
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int double_compare(double a, double b)
{
    if (isnan(a) || isnan(b)) return (isnan(a) != 0) - (isnan(b) != 0);
    return ORDER(a, b);
}

// char(n) compares without the blanks that pad it.
static Text without_padding(const Value *v)
{
    Str s = text_str(&v->text);
    if (v->type.id == TYPE_CHAR)
        while (s.len && s.at[s.len - 1] == ' ') s.len--;
    return text_of(s);
}

int value_compare(const Value *a, const Value *b)
{
    if (a->null || b->null) return (int)a->null - (int)b->null;
    switch (type_phys(a->type.id)) {
    case PHYS_BOOL: return ORDER(a->boolean, b->boolean);
    case PHYS_I16: return ORDER(a->i16, b->i16);
    case PHYS_I32: return ORDER(a->i32, b->i32);
    case PHYS_I64: return ORDER(a->i64, b->i64);
    case PHYS_F32: return double_compare((double)a->f32, (double)b->f32);
    case PHYS_F64: return double_compare(a->f64, b->f64);
    case PHYS_NUMERIC: return numeric_compare(&a->numeric, &b->numeric);
    case PHYS_TEXT: {
        Text x = without_padding(a), y = without_padding(b);
        return text_compare(&x, &y);
    }
    case PHYS_INTERVAL: return interval_compare(&a->interval, &b->interval);
    case PHYS_UUID: return uuid_compare(&a->uuid, &b->uuid);
    case PHYS_ARRAY: return array_compare(&a->text, &b->text);
    case PHYS_JSONB: return document_compare(&a->text, &b->text);
    case PHYS_COUNT: break;
    }
    return 0;
}

bool value_equal(const Value *a, const Value *b) { return value_compare(a, b) == 0; }

static uint64_t double_hash(double d)
{
    if (isnan(d)) d = (double)NAN; // every NaN is the same one
    if (d == 0) d = 0;             // -0 equals 0
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return hash_u64(bits);
}

uint64_t value_hash(const Value *v)
{
    if (v->null) return UINT64_C(0x6e756c6c00000001); // far from what small numbers give
    switch (type_phys(v->type.id)) {
    case PHYS_BOOL: return hash_u64(v->boolean);
    case PHYS_I16: return hash_u64((uint64_t)v->i16);
    case PHYS_I32: return hash_u64((uint64_t)v->i32);
    case PHYS_I64: return hash_u64((uint64_t)v->i64);
    case PHYS_F32: return double_hash((double)v->f32);
    case PHYS_F64: return double_hash(v->f64);
    case PHYS_NUMERIC: return numeric_hash(&v->numeric);
    case PHYS_TEXT: {
        Text t = without_padding(v);
        return text_hash(&t);
    }
    case PHYS_INTERVAL: return interval_hash(&v->interval);
    case PHYS_UUID: return uuid_hash(&v->uuid);
    case PHYS_ARRAY: return array_hash(&v->text);
    case PHYS_JSONB: return document_hash(&v->text);
    case PHYS_COUNT: break;
    }
    return 0;
}

void value_to_text(const Value *v, Bytes *out)
{
    if (!v->null) cell_put_text(out, v->type.id, &v->boolean);
}
