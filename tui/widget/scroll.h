// Scroll: a cursor on rows and which of them are seen; what list, grid, tree and text view have in common.
// Relies on action.
#ifndef TUI_WIDGET_SCROLL_H
#define TUI_WIDGET_SCROLL_H

#include "tui/core/action.h"

typedef struct Scroll {
    uint64_t at, first, count; // cursor row, first row seen, rows there are
    int height;                // rows seen
} Scroll;

// New count or height: the cursor stays in range and in sight.
void scroll_set(Scroll *s, uint64_t count, int height);
void scroll_to(Scroll *s, uint64_t row);
// UP, DOWN, PAGE_UP, PAGE_DOWN, TOP, BOTTOM; false for others.
bool scroll_act(Scroll *s, Action a);
// Moves what is seen without moving the cursor further than needed (mouse wheel).
void scroll_by(Scroll *s, int64_t rows);

#endif
