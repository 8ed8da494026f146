// Collect: a small result held whole in memory, for what reads system tables, counts and forms. Long results
// belong into a Rowset. Relies on base, source.
// Nouns: collected
#ifndef ENGINE_DATA_COLLECT_H
#define ENGINE_DATA_COLLECT_H

#include "engine/data/source.h"

// Cells as text, row after row; NULL has at == NULL (an empty text has not).
typedef struct Collected {
    uint32_t columns;
    uint64_t rows;
    ResultColumn *column;
    Str *cell;
    Str tag; // of the last statement done
} Collected;

enum { COLLECT_ROWS_MAX = 1 << 20 };

// Runs text and keeps the rows of its last statement that gives any, in mem. More than COLLECT_ROWS_MAX rows:
// 54000.
MUST_CHECK bool source_collect(Source *s, Str text, Arena *mem, Collected *out, Err *err);
// Position of a column by name (ASCII case folded), -1 if there is none.
int collected_column(const Collected *c, const char *name);
// One cell; STR_NONE for NULL and for a column of -1.
Str collected_cell(const Collected *c, uint64_t row, int column);
bool collected_null(const Collected *c, uint64_t row, int column);
// The cell as a number; `otherwise` for NULL and for what is none.
int64_t collected_int(const Collected *c, uint64_t row, int column, int64_t otherwise);
// Yes, t, true, 1, on.
bool collected_true(const Collected *c, uint64_t row, int column);

#endif
