// Array work: elements on their way into an array: native cells and null bits that grow to a stated room.
// Relies on array, function. Nouns: elements
#ifndef ENGINE_EXEC_ARRAY_WORK_H
#define ENGINE_EXEC_ARRAY_WORK_H

#include "engine/data/array.h"
#include "engine/plan/function.h"

typedef struct Elements {
    Type type;
    size_t size; // of a cell
    uint32_t count, room;
    unsigned char *cells;
    uint64_t *nulls;
} Elements;

// Room for `room` elements in mem: 54000 past ARRAY_ELEMENTS_MAX, 53200 when memory is out.
MUST_CHECK bool elements_init(Elements *e, Type type, uint64_t room, Arena *mem, Err *err);
// The caller keeps to the room.
void elements_add(Elements *e, const Value *v);
void elements_take(Elements *e, const Array *a, uint32_t from, uint32_t count, Arena *mem);
// An array in ctx->mem to a row of out.
MUST_CHECK bool elements_put(const Elements *e, const ArrayDim *dim, uint32_t dims, Vector *out, uint32_t row,
                             KernelContext *ctx);
// One dimension from `lower`.
MUST_CHECK bool elements_put_list(const Elements *e, int32_t lower, Vector *out, uint32_t row,
                                  KernelContext *ctx);
// The array in a cell of a vector; XX001 when it is none.
MUST_CHECK bool elements_open(Array *a, const Vector *v, uint32_t row, KernelContext *ctx);

#endif
