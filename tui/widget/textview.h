// Textview: a text to read: scrolls both ways, searches, colours its lines by a callback. Help, dumps,
// values, plans. Relies on scroll, canvas.
#ifndef TUI_WIDGET_TEXTVIEW_H
#define TUI_WIDGET_TEXTVIEW_H

#include "engine/base/arena.h"
#include "tui/core/canvas.h"
#include "tui/core/event.h"
#include "tui/widget/scroll.h"

enum { TEXTVIEW_LINE_MAX = 1 << 20 }; // bytes of a line that are looked at

typedef struct TextViewLines {
    void *self;
    uint64_t (*count)(void *self);
    Str (*line)(void *self, uint64_t i); // without \n; borrowed until the next call
    // Draws the line itself from cell -left on; NULL = plain text.
    void (*draw)(void *self, uint64_t i, Canvas *c, int y, int left);
} TextViewLines;

typedef struct TextView {
    TextViewLines lines;
    Scroll scroll; // the cursor is a line
    int left, width;
    Bytes needle; // last search
    uint64_t found;
    bool numbers, bar; // line numbers; the cursor's line is marked
    Style style;       // STYLE_TEXT or STYLE_POPUP
} TextView;

void textview_init(TextView *v, TextViewLines lines, Style style);
void textview_done(TextView *v);
// Lines of a text that stays (copied into mem by the caller if need be); the index is in mem.
TextViewLines textview_lines_of(Str text, Arena *mem);
void textview_place(TextView *v, int width, int height); // also when lines were added
void textview_draw(const TextView *v, Canvas *c, bool focused);
bool textview_act(TextView *v, Action a); // moves, find-next, find-prev
bool textview_mouse(TextView *v, const Mouse *m);
bool textview_find(TextView *v, Str needle, bool backwards); // false when not there; the needle is kept

#endif
