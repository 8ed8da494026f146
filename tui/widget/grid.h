// Grid: a table of any number of rows with a fixed header, frozen key columns, a cell cursor, and ranges to
// copy. Cells come by a callback; only what is seen is asked for. Relies on scroll, canvas, rowset.
#ifndef TUI_WIDGET_GRID_H
#define TUI_WIDGET_GRID_H

#include "engine/data/rowset.h"
#include "tui/core/canvas.h"
#include "tui/core/event.h"
#include "tui/widget/scroll.h"

enum { GRID_WIDTH_DEFAULT = 40, GRID_WIDTH_LIMIT = 400, GRID_COLUMN_MAX = 1600, GRID_COPY_MAX = 64 << 20 };

typedef struct GridColumn {
    Str name; // kept: must outlive the grid
    Style style;
    bool right;  // right-aligned (numbers)
    bool key;    // part of the primary key: a sign in the header
    bool frozen; // stays when scrolled sideways; frozen columns come first
    bool fixed;  // the user set the width
    int width;   // cells
} GridColumn;

typedef struct GridRows {
    void *self;
    uint64_t (*count)(void *self);
    // Text is borrowed until the next call. False: the cell cannot be read (shown as "?").
    bool (*cell)(void *self, uint64_t row, uint32_t column, Str *text, bool *null);
    // May be NULL: then grid_find looks at cells one by one.
    bool (*find)(void *self, Str needle, uint64_t from, bool backwards, uint64_t *row, uint32_t *column);
} GridRows;

typedef struct Grid {
    GridRows rows;
    GridColumn *column; // count of them, in the caller's arena
    uint32_t count;
    Scroll scroll;
    uint32_t at;    // cursor column
    uint32_t first; // first column seen behind the frozen ones
    bool marking;   // a range from (mark_row, mark_column) to the cursor
    uint64_t mark_row;
    uint32_t mark_column;
    int width;
    bool numbers;  // row numbers at the left
    uint32_t sort; // column with a sort sign + 1; 0 = none
    bool sort_down;
} Grid;

// Names, styles and alignment from the types; widths from the header alone until grid_measure.
void grid_init(Grid *g, GridRows rows, Arena *mem, const ResultColumn *column, uint32_t count);
// Rows of a rowset (borrowed).
GridRows grid_rows_of(Rowset *r);
void grid_place(Grid *g, int width, int height); // whole area, header included; also after rows arrived
// Widths from header and up to 200 rows around what is seen; columns the user changed keep theirs.
void grid_measure(Grid *g);
void grid_freeze(Grid *g, uint32_t columns);
void grid_draw(const Grid *g, Canvas *c, bool focused);
// Moves, select.*, edit.select-all; false for others.
bool grid_act(Grid *g, Action a);
bool grid_mouse(Grid *g, const Mouse *m, bool *chosen);
void grid_goto(Grid *g, uint64_t row, uint32_t column);
void grid_widen(Grid *g, int cells); // the cursor's column
// From the cell behind (before) the cursor; wraps; false when nothing holds it.
bool grid_find(Grid *g, Str needle, bool backwards);
// The cell under the cursor, whole: borrowed until the next call of rows.cell.
bool grid_value(const Grid *g, Str *text, bool *null);
// The marked range, or the cell: cells by tab, rows by newline, NULL as \N when there are several cells;
// appended.
void grid_copy(const Grid *g, bool header, Bytes *out);

#endif
