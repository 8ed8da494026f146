// Canvas: a clipped view on a grid of cells. Panes and widgets draw on it and on nothing else; a terminal and
// the tests are its two readers. Text from data cannot drive a terminal: canvas_text itself makes every
// string printable. Relies on base, style. Nouns: canvas, surface, rect
#ifndef TUI_CORE_CANVAS_H
#define TUI_CORE_CANVAS_H

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "tui/core/style.h"

enum { CELL_TEXT_MAX = 20, SURFACE_SIDE_MAX = 1000 };

// One terminal cell. A wide character has width 2 and is followed by a cell of width 0.
typedef struct Cell {
    char text[CELL_TEXT_MAX]; // one grapheme cluster, printable UTF-8
    uint8_t len;
    uint8_t width;  // 1, 2, or 0 = right half of the wide cell before it
    uint8_t style;  // Style of the character
    uint8_t ground; // Style whose background it stands on
} Cell;

typedef struct Rect {
    int x, y, width, height;
} Rect;

// What the terminal can show: line drawing and letters only; also blocks and arrows; also braille.
typedef enum Charset { CHARSET_ASCII, CHARSET_BLOCKS, CHARSET_FULL } Charset;

typedef struct Surface {
    Cell *cell; // width * height, row by row
    int width, height;
    Charset charset;
    bool cursor_shown;
    int cursor_x, cursor_y; // where the terminal's cursor is parked, seen or not
} Surface;

// Blank cells in STYLE_TEXT. Sides are clamped to [1, SURFACE_SIDE_MAX]; ends the program when memory is out.
void surface_init(Surface *s, int width, int height, Charset charset);
void surface_done(Surface *s);
// Also clears; the charset stays.
void surface_resize(Surface *s, int width, int height);
void surface_clear(Surface *s);
const Cell *surface_cell(const Surface *s, int x, int y); // NULL outside
// For tests: rows of runes, each followed by a row of style letters when `styles`; trailing blanks cut;
// appended. A legend (letter = style name) of the styles that occur ends it. The cursor is told as "cursor
// X,Y".
void surface_dump(const Surface *s, bool styles, Bytes *out);

// A view: (0,0) is its own corner, width and height its own size; what falls outside the clip is not drawn.
typedef struct Canvas {
    Surface *surface;
    int width, height; // of this view
    int x, y;          // its corner on the surface; may be negative
    Rect clip;         // in surface coordinates
} Canvas;

Canvas canvas_of(Surface *s);
// A view inside a view, in its coordinates; may reach outside (scrolled content) and is clipped.
Canvas canvas_sub(const Canvas *c, Rect r);
// Without a frame of one cell on each side.
Canvas canvas_inside(const Canvas *c);
Charset canvas_charset(const Canvas *c);

// Draws s from (x, y) on, on one line, cut at the right border of the view; returns the x behind what
// was drawn. Controls, bidi controls, zero-width characters and bad bytes appear as visible text, tabs
// and newlines too.
int canvas_text(Canvas *c, int x, int y, Style style, Str s);
int canvas_cstr(Canvas *c, int x, int y, Style style, const char *text);
int canvas_printf(Canvas *c, int x, int y, Style style, const char *format, ...) PRINTF_LIKE(5, 6);
// At most `width` cells: cut with "…" when longer; the rest of the width is filled with blanks of the style.
typedef enum Align { ALIGN_LEFT, ALIGN_RIGHT, ALIGN_CENTER } Align;
void canvas_text_in(Canvas *c, int x, int y, int width, Align align, Style style, Str s);
// Cells that canvas_text would use for s; stops counting at `limit`.
int canvas_text_width(Str s, int limit);
void canvas_fill(Canvas *c, Rect r, Style style);                       // blanks; also sets the ground
void canvas_glyph(Canvas *c, int x, int y, Style style, uint32_t rune); // one character of width 1
// Only the ground changes (the current line under coloured words).
void canvas_ground(Canvas *c, Rect r, Style ground);
// Only the style of what is there changes; its ground too when the style brings one.
void canvas_restyle(Canvas *c, Rect r, Style style);
// Lines join with lines that are already there: corners, tees and crosses come by themselves.
void canvas_hline(Canvas *c, int x, int y, int length, Style style);
void canvas_vline(Canvas *c, int x, int y, int length, Style style);
// A frame with the title in its upper line ("┌ title ───┐"); nothing inside is touched. Title may be empty.
void canvas_box(Canvas *c, Rect r, Style style, Style title_style, Str title);
// Parks the terminal's cursor (input lines, the focused item); the last call wins. Outside the clip: not
// shown.
void canvas_cursor(Canvas *c, int x, int y);
// The same without showing it: screen readers and magnifiers follow the focused row all the same.
void canvas_park(Canvas *c, int x, int y);
// A scroll mark on the right border: which part [first, first + shown) of `total` is seen. Nothing when all
// is.
void canvas_scrollbar(Canvas *c, int x, int y, int height, uint64_t first, uint64_t shown, uint64_t total,
                      Style style);

static inline bool rect_has(Rect r, int x, int y)
{
    return x >= r.x && y >= r.y && x < r.x + r.width && y < r.y + r.height;
}
Rect rect_cut(Rect a, Rect b); // the common part; width or height 0 when there is none
// A rectangle of that size in the middle of `outer`, at most as large.
Rect rect_center(Rect outer, int width, int height);

#endif
