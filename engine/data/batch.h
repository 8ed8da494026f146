// Vector and Batch: what flows between operators: at most BATCH_ROWS rows as typed arrays with a selection
// vector. Relies on base, value.
//
// Nouns: vector
#ifndef ENGINE_DATA_BATCH_H
#define ENGINE_DATA_BATCH_H

#include "engine/data/value.h"

enum { BATCH_ROWS = 2048, BATCH_NULL_WORDS = BATCH_ROWS / 64 };

// A vector does not own what it points to; who made it says how long it lives.
typedef struct Vector {
    Type type;
    void *data;      // cells of type_phys(type.id); `constant`: one cell for every row
    uint64_t *nulls; // bit i set = row i is NULL (the cell is then zero); NULL = no nulls
    bool constant;   // row 0 stands for all rows, its null bit too
} Vector;

// Rows are positions 0 … rows-1 of the vectors; sel lists the chosen ones in ascending order.
typedef struct Batch {
    uint32_t rows;       // positions in the vectors, at most BATCH_ROWS
    const uint16_t *sel; // NULL = all rows chosen
    uint32_t sel_len;    // chosen rows (== rows when sel is NULL)
    uint32_t columns;
    Vector *vector;
} Batch;

static inline uint32_t batch_row(const Batch *b, uint32_t i) { return b->sel ? b->sel[i] : i; }
static inline uint32_t vector_slot(const Vector *v, uint32_t row) { return v->constant ? 0 : row; }
static inline bool vector_is_null(const Vector *v, uint32_t row)
{
    uint32_t i = vector_slot(v, row);
    return v->nulls && (v->nulls[i >> 6] >> (i & 63) & 1);
}
static inline void vector_set_null(Vector *v, uint32_t row)
{
    v->nulls[row >> 6] |= UINT64_C(1) << (row & 63);
}

// Space for BATCH_ROWS cells and a zeroed null bitmap, in mem.
Vector vector_new(Arena *mem, Type type);
// One cell, constant.
Vector vector_constant(Arena *mem, const Value *v);
Value vector_value(const Vector *v, uint32_t row);                  // borrows long texts
void vector_set_value(Vector *v, uint32_t row, const Value *value); // type ids must agree; borrows long texts
// Copies `count` chosen rows of src (sel NULL = 0…count-1) to dst rows to, to+1 …; long cells are copied into
// mem.
void vector_copy_rows(Vector *dst, uint32_t to, const Vector *src, const uint16_t *sel, uint32_t count,
                      Arena *mem);
// A batch with `columns` vectors of the given types and room for BATCH_ROWS rows, rows = 0.
Batch *batch_new(Arena *mem, const Type *types, uint32_t columns);

#endif
