// List: rows of text to move over and choose from, with a filter. Rows come by a callback. Relies on scroll,
// canvas.
#ifndef TUI_WIDGET_LIST_H
#define TUI_WIDGET_LIST_H

#include "tui/core/canvas.h"
#include "tui/core/event.h"
#include "tui/widget/scroll.h"

// One row as drawn: a sign, the label, a detail at the right.
typedef struct ListRow {
    Str label, detail;
    Style style, detail_style;
    uint32_t sign; // a glyph before the label; 0 = none
    Style sign_style;
    int indent;
} ListRow;

typedef struct ListRows {
    void *self;
    uint64_t (*count)(void *self);
    // Strings stay until the next call.
    void (*row)(void *self, uint64_t i, ListRow *out);
} ListRows;

typedef struct List {
    ListRows rows;
    Scroll scroll;
    Style style; // background: STYLE_TEXT or STYLE_POPUP
    int width;
} List;

void list_init(List *l, ListRows rows, Style style);
void list_place(List *l, int width, int height); // also after the count changed
void list_draw(const List *l, Canvas *c, bool focused);
bool list_act(List *l, Action a);
// A press moves the cursor; *chosen = a double click.
bool list_mouse(List *l, const Mouse *m, bool *chosen);
// Draws one row into a line of the canvas; list, tree and completion share it.
void list_draw_row(Canvas *c, int y, const ListRow *row, Style background, bool selected, bool focused);

#endif
