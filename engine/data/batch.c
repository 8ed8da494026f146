// Batch: making vectors, moving single cells and copying chosen rows; a loop per cell size, none per value.
#include "engine/data/batch.h"

Vector vector_new(Arena *mem, Type type)
{
    return (Vector){
        .type = type,
        .data = arena_get(mem, BATCH_ROWS * phys_size(type_phys(type.id))),
        .nulls = arena_array(mem, uint64_t, BATCH_NULL_WORDS),
    };
}

Vector vector_constant(Arena *mem, const Value *v)
{
    Vector out = {.type = v->type, .constant = true};
    size_t size = phys_size(type_phys(v->type.id));
    out.data = arena_get(mem, size);
    if (v->null) {
        out.nulls = arena_array(mem, uint64_t, 1);
        vector_set_null(&out, 0);
        return out;
    }
    Value own = value_copy(mem, v);
    memcpy(out.data, &own.boolean, size); // every member of the union begins at the same byte
    return out;
}

Value vector_value(const Vector *v, uint32_t row)
{
    Value out = {.type = v->type};
    if (vector_is_null(v, row)) {
        out.null = true;
        return out;
    }
    size_t size = phys_size(type_phys(v->type.id));
    memcpy(&out.boolean, (const char *)v->data + size * vector_slot(v, row), size);
    return out;
}

void vector_set_value(Vector *v, uint32_t row, const Value *value)
{
    size_t size = phys_size(type_phys(v->type.id));
    char *cell = (char *)v->data + size * row;
    if (value->null) {
        memset(cell, 0, size);
        vector_set_null(v, row);
        return;
    }
    if (v->nulls) v->nulls[row >> 6] &= ~(UINT64_C(1) << (row & 63));
    memcpy(cell, &value->boolean, size);
}

#define COPY_CELLS(T)                                                                                        \
    do {                                                                                                     \
        T *d = (T *)dst->data + to;                                                                          \
        const T *s = src->data;                                                                              \
        if (src->constant)                                                                                   \
            for (uint32_t i = 0; i < count; i++) d[i] = s[0];                                                \
        else if (sel)                                                                                        \
            for (uint32_t i = 0; i < count; i++) d[i] = s[sel[i]];                                           \
        else                                                                                                 \
            memcpy(d, s, count * sizeof(T));                                                                 \
    } while (0)

static void copy_nulls(Vector *dst, uint32_t to, const Vector *src, const uint16_t *sel, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = to + i;
        uint64_t bit = UINT64_C(1) << (row & 63);
        if (vector_is_null(src, sel ? sel[i] : i))
            dst->nulls[row >> 6] |= bit;
        else if (dst->nulls)
            dst->nulls[row >> 6] &= ~bit;
    }
}

void vector_copy_rows(Vector *dst, uint32_t to, const Vector *src, const uint16_t *sel, uint32_t count,
                      Arena *mem)
{
    if (!count) return;
    switch (type_phys(src->type.id)) {
    case PHYS_BOOL: COPY_CELLS(uint8_t); break;
    case PHYS_I16: COPY_CELLS(int16_t); break;
    case PHYS_I32: COPY_CELLS(int32_t); break;
    case PHYS_I64: COPY_CELLS(int64_t); break;
    case PHYS_F32: COPY_CELLS(float); break;
    case PHYS_F64: COPY_CELLS(double); break;
    case PHYS_INTERVAL: COPY_CELLS(Interval); break;
    case PHYS_UUID: COPY_CELLS(Uuid); break;
    case PHYS_ARRAY:
    case PHYS_JSONB:
    case PHYS_TEXT:
        COPY_CELLS(Text);
        for (uint32_t i = 0; i < count; i++) {
            Text *t = (Text *)dst->data + to + i;
            if (t->len > TEXT_INLINE) *t = text_copy(mem, *t);
        }
        break;
    case PHYS_NUMERIC:
        COPY_CELLS(Numeric);
        for (uint32_t i = 0; i < count; i++) {
            Numeric *n = (Numeric *)dst->data + to + i;
            if (n->kind == NUMERIC_BIG) *n = numeric_copy(mem, *n);
        }
        break;
    case PHYS_COUNT: break;
    }
    if (src->nulls || dst->nulls) copy_nulls(dst, to, src, sel, count);
}

Batch *batch_new(Arena *mem, const Type *types, uint32_t columns)
{
    Batch *b = arena_new(mem, Batch);
    b->columns = columns;
    b->vector = arena_array(mem, Vector, columns ? columns : 1);
    for (uint32_t i = 0; i < columns; i++) b->vector[i] = vector_new(mem, types[i]);
    return b;
}
