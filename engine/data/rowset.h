// Rowset: a result of any length that can be read at any row. Cells are kept as text (or NULL) in chunks;
// past a memory limit older chunks go to an unnamed file. One writer, one reader, any threads. Relies on
// base, source.
#ifndef ENGINE_DATA_ROWSET_H
#define ENGINE_DATA_ROWSET_H

#include "engine/base/io.h"
#include "engine/data/source.h"

typedef struct Rowset Rowset;
enum { ROWSET_MEMORY_DEFAULT = 8 << 20 };

// memory_max: bytes of cells kept in memory. Columns are copied.
MUST_CHECK bool rowset_new(Rowset **out, const ResultColumn *column, uint32_t count, Io io, size_t memory_max,
                           Err *err);
void rowset_free(Rowset *r);
MUST_CHECK bool rowset_append(Rowset *r, const Batch *b, Err *err); // writer
uint64_t rowset_count(const Rowset *r);                             // rows readable now, any thread
uint32_t rowset_columns(const Rowset *r);
const ResultColumn *rowset_column(const Rowset *r, uint32_t column);
// One cell's text, borrowed until the next rowset_cell of this rowset. *null tells NULL from empty.
MUST_CHECK bool rowset_cell(Rowset *r, uint64_t row, uint32_t column, Str *text, bool *null, Err *err);
// Widest cell of a column seen so far, in terminal cells (capped at 4,000), header not counted.
uint32_t rowset_width(const Rowset *r, uint32_t column);
// First row >= from (or <= from when backwards) with a cell that contains `needle` (ASCII case folded), and
// its first such column; *row = UINT64_MAX when there is none. Stops early when *stop becomes true (may be
// NULL). Reader's side: ends what rowset_cell lent.
MUST_CHECK bool rowset_find(Rowset *r, Str needle, uint64_t from, bool backwards, const atomic_bool *stop,
                            uint64_t *row, uint32_t *column, Err *err);

#endif
