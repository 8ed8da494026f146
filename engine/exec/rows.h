// Rows: rows that an operator keeps, column by column in growing arrays: the build side of a join, what is
// sorted, keys of groups. Row numbers are 32 bits. Relies on data, memory.
#ifndef ENGINE_EXEC_ROWS_H
#define ENGINE_EXEC_ROWS_H

#include "engine/data/batch.h"
#include "engine/exec/memory.h"

enum { ROWS_MAX = INT32_MAX };
#define ROWS_NONE UINT32_MAX // in rows_gather: a row of NULLs

typedef struct RowsColumn {
    Type type;
    uint32_t cell;   // bytes of a cell
    bool long_cells; // text and numeric: cells may point elsewhere
    unsigned char *data;
    uint64_t *nulls; // NULL until the first NULL arrives
} RowsColumn;

typedef struct Rows {
    Memory *memory;
    uint32_t columns;
    RowsColumn *column;
    uint32_t count, cap;
    Arena mem;          // long cells
    size_t mem_counted; // bytes of it that memory knows of
    bool borrow;        // long cells live longer than these rows: not copied
} Rows;

void rows_init(Rows *r, Memory *memory, const Type *type, uint32_t columns);
void rows_init_batch(Rows *r, Memory *memory, const Batch *like); // types of a batch's vectors
void rows_done(Rows *r);
// Forgets the rows, keeps the arrays.
void rows_clear(Rows *r);
void rows_cut(Rows *r, uint32_t count); // forgets those from `count` on
// Appends the chosen rows (sel NULL = 0 … count-1); long cells are copied.
MUST_CHECK bool rows_append(Rows *r, const Vector *v, const uint16_t *sel, uint32_t count, Err *err);
// Room for `more` rows to be written in place; the caller then raises count.
MUST_CHECK bool rows_room(Rows *r, uint32_t more, Err *err);
// The column has room for null bits.
MUST_CHECK bool rows_open_nulls(Rows *r, uint32_t column, Err *err);
// A window on rows from … (a multiple of 64), at most BATCH_ROWS; vectors has room for every column.
void rows_window(const Rows *r, uint32_t from, Batch *out, Vector *vectors);
// Cells of the given rows to out's rows at[i] (at NULL = 0 … count-1); long cells are borrowed. out has
// nulls, cleared.
void rows_gather(const Rows *r, uint32_t column, const uint32_t *row, uint32_t count, const uint16_t *at,
                 Vector *out);
Value rows_value(const Rows *r, uint32_t column, uint32_t row); // borrows
static inline bool rows_is_null(const RowsColumn *c, uint32_t row)
{
    return c->nulls && (c->nulls[row >> 6] >> (row & 63) & 1);
}
// A column as a vector over all rows (more than BATCH_ROWS: read by row number only).
Vector rows_vector(const Rows *r, uint32_t column);

#endif
