// Array: a value of TYPE_ARRAY: elements of one type in up to six dimensions, as bytes in a Text cell. The
// bytes say of what type the elements are, so an array can be printed and compared without its column.
// Layout, in this machine's byte order:
//   u32 Type.of of the array; u8 dimensions; u8 1 = has a null bitmap; u16 1 = a vector, 0; u32 number of
//   elements; per dimension: i32 lower bound, u32 length; the null bitmap (bit i of byte i/8), if there is
//   one; fixed elements: their cells; texts and numerics: u32 end of each, then their bytes.
// Only memory has this form: files, log and wires hold the text. Relies on base, batch.
#ifndef ENGINE_DATA_ARRAY_H
#define ENGINE_DATA_ARRAY_H

#include "engine/data/batch.h"

enum { ARRAY_DIMS_MAX = 6, ARRAY_ELEMENTS_MAX = (1 << 27) - 1 };

typedef struct ArrayDim {
    int32_t lower;
    uint32_t length;
} ArrayDim;

// What array_open found; borrows the bytes.
typedef struct Array {
    Type element;
    uint32_t dims, count; // 0 dimensions: empty
    ArrayDim dim[ARRAY_DIMS_MAX];
    const unsigned char *nulls; // NULL = no element is
    const unsigned char *cells; // fixed elements
    const unsigned char *ends, *bytes;
} Array;

// Looks at every length before it is used: false when the bytes are not an array.
bool array_open(Array *out, const Text *cell);
static inline bool array_is_null(const Array *a, uint32_t i)
{
    return a->nulls && (a->nulls[i >> 3] >> (i & 7) & 1);
}
// Elements from … to rows to … of out, whose type is the element's; out has a null bitmap. Texts are borrowed
// from the array, long numerics go to mem.
void array_read(const Array *a, uint32_t from, uint32_t count, Vector *out, uint32_t to, Arena *mem);
Value array_value(const Array *a, uint32_t i, Arena *mem);
// The place of an element by one subscript per dimension; false when there is none.
bool array_place(const Array *a, const int32_t *subscript, uint32_t subscripts, uint32_t *place);

// cells: `count` native cells of the element's type; nulls: bit i = NULL, may be NULL. 54000 when there are
// too many elements or bytes.
MUST_CHECK bool array_make(Text *out, Type element, const ArrayDim *dim, uint32_t dims, const void *cells,
                           const uint64_t *nulls, uint32_t count, Arena *mem, Err *err);
// One dimension from 1; empty when count is 0.
// int2vector and oidvector: counted from 0, printed with blanks between the elements.
MUST_CHECK bool array_make_vector(Text *out, Type element, const void *cells, uint32_t count, Arena *mem,
                                  Err *err);
MUST_CHECK bool array_make_list(Text *out, Type element, const void *cells, const uint64_t *nulls,
                                uint32_t count, Arena *mem, Err *err);

// One element's bytes, as a record keeps its fields: how many, writing, reading (texts are borrowed).
size_t array_cell_size(Type element, const void *cell);
void array_cell_put(unsigned char *at, Type element, const void *cell, size_t size);
Value array_cell_value(Type element, Str bytes, Arena *mem);

bool array_is_vector(const Text *cell);

// As PostgreSQL prints it: {1,NULL,"a b"}, [0:1]={…}; appended.
void array_to_text(Bytes *out, const Text *cell);
// 22P02 for what is no array, and what the elements' type says of its texts.
MUST_CHECK bool array_from_text(Text *out, Str s, Type array, Arena *mem, Err *err);

// Element by element, NULL last; then by number of elements, dimensions, bounds. These three take a record,
// too.
int array_compare(const Text *a, const Text *b);
uint64_t array_hash(const Text *a); // equal arrays hash alike ({1.0} and {1.00})
// The same number for equal leading elements, and its unsigned order is the arrays' order as far as it can
// tell.
uint64_t array_rank(const Text *a);

#endif
