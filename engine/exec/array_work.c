// Array work: collecting elements and making the array.
#include "engine/exec/array_work.h"

bool elements_init(Elements *e, Type type, uint64_t room, Arena *mem, Err *err)
{
    if (room > ARRAY_ELEMENTS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "array size exceeds the maximum allowed (%d)",
                       ARRAY_ELEMENTS_MAX);
    *e = (Elements){.type = type, .size = phys_size(type_phys(type.id)), .room = (uint32_t)room};
    e->cells = arena_try(mem, (size_t)room + 1, e->size);
    e->nulls = arena_try(mem, (size_t)room / 64 + 1, sizeof *e->nulls);
    if (e->cells && e->nulls) return true;
    return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for an array of %llu elements",
                   (unsigned long long)room);
}

void elements_add(Elements *e, const Value *v)
{
    uint32_t i = e->count++;
    if (v->null)
        e->nulls[i >> 6] |= UINT64_C(1) << (i & 63);
    else
        memcpy(e->cells + i * e->size, &v->boolean, e->size);
}

void elements_take(Elements *e, const Array *a, uint32_t from, uint32_t count, Arena *mem)
{
    Vector all = {.type = e->type, .data = e->cells, .nulls = e->nulls};
    if (count) array_read(a, from, count, &all, e->count, mem);
    e->count += count;
}

bool elements_put(const Elements *e, const ArrayDim *dim, uint32_t dims, Vector *out, uint32_t row,
                  KernelContext *ctx)
{
    return array_make((Text *)out->data + row, e->type, dim, dims, e->cells, e->nulls, e->count, ctx->mem,
                      ctx->err);
}

bool elements_put_list(const Elements *e, int32_t lower, Vector *out, uint32_t row, KernelContext *ctx)
{
    ArrayDim one = {lower, e->count};
    return elements_put(e, &one, 1, out, row, ctx);
}

bool elements_open(Array *a, const Vector *v, uint32_t row, KernelContext *ctx)
{
    if (array_open(a, &((const Text *)v->data)[vector_slot(v, row)])) return true;
    return err_set_at(ctx->err, SQLSTATE_CORRUPT, ctx->at, "an array is damaged");
}
