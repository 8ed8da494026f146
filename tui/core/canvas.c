// Canvas: drawing into clipped views. Text goes through utf8_safe here and nowhere else, so no caller can
// forget it. Relies on canvas.h, base/utf8.
#include "tui/core/canvas.h"
#include "engine/base/utf8.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_RUN_MAX = SURFACE_SIDE_MAX * 2 * CELL_TEXT_MAX, GRAPHEME_RUNES_MAX = 5 };

Rect rect_cut(Rect a, Rect b)
{
    int x0 = a.x > b.x ? a.x : b.x, y0 = a.y > b.y ? a.y : b.y;
    int x1 = a.x + a.width < b.x + b.width ? a.x + a.width : b.x + b.width;
    int y1 = a.y + a.height < b.y + b.height ? a.y + a.height : b.y + b.height;
    return (Rect){x0, y0, x1 > x0 ? x1 - x0 : 0, y1 > y0 ? y1 - y0 : 0};
}

Rect rect_center(Rect outer, int width, int height)
{
    if (width > outer.width) width = outer.width;
    if (height > outer.height) height = outer.height;
    return (Rect){outer.x + (outer.width - width) / 2, outer.y + (outer.height - height) / 2, width, height};
}

Canvas canvas_of(Surface *s)
{
    return (Canvas){
        .surface = s, .width = s->width, .height = s->height, .clip = {0, 0, s->width, s->height}};
}

Canvas canvas_sub(const Canvas *c, Rect r)
{
    Rect on_surface = {c->x + r.x, c->y + r.y, r.width > 0 ? r.width : 0, r.height > 0 ? r.height : 0};
    return (Canvas){.surface = c->surface,
                    .width = on_surface.width,
                    .height = on_surface.height,
                    .x = on_surface.x,
                    .y = on_surface.y,
                    .clip = rect_cut(c->clip, on_surface)};
}

Canvas canvas_inside(const Canvas *c) { return canvas_sub(c, (Rect){1, 1, c->width - 2, c->height - 2}); }

Charset canvas_charset(const Canvas *c) { return c->surface->charset; }

static Cell *cell_at(const Canvas *c, int x, int y)
{
    if (!rect_has(c->clip, c->x + x, c->y + y)) return NULL;
    return &c->surface->cell[(size_t)(c->y + y) * (size_t)c->surface->width + (size_t)(c->x + x)];
}

static void blank(Cell *cell)
{
    cell->text[0] = ' ';
    cell->len = cell->width = 1;
}

// A cell that is overwritten may be half of a wide character: the other half becomes a blank.
static void free_cell(const Canvas *c, Cell *cell, int x)
{
    int surface_x = c->x + x;
    if (cell->width == 0 && surface_x > 0) blank(cell - 1);
    if (cell->width == 2 && surface_x + 1 < c->surface->width) blank(cell + 1);
}

static void set_style(Cell *cell, Style style)
{
    cell->style = (uint8_t)style;
    if (style_is_ground(style)) cell->ground = (uint8_t)style;
}

static void put_cell(const Canvas *c, int x, int y, Style style, Str text, int width)
{
    Cell *left = cell_at(c, x, y), *right = width == 2 ? cell_at(c, x + 1, y) : NULL;
    if (width == 2 && (!left || !right)) { // half of it is cut away
        if (left) put_cell(c, x, y, style, STR(" "), 1);
        if (right) put_cell(c, x + 1, y, style, STR(" "), 1);
        return;
    }
    if (!left) return;
    free_cell(c, left, x);
    if (right) free_cell(c, right, x + 1);
    left->len = (uint8_t)text.len;
    left->width = (uint8_t)width;
    set_style(left, style);
    for (size_t i = 0; i < text.len; i++) left->text[i] = text.at[i];
    if (!right) return;
    right->len = right->width = 0;
    set_style(right, style);
}

// The next character with the marks that stand on it: as curses counts cells, so that both always agree.
static Str next_grapheme(Str s, size_t *pos, int *width)
{
    size_t from = *pos, kept;
    *width = utf8_rune_width(utf8_next(s, pos));
    kept = *pos;
    unsigned runes = 1;
    while (*pos < s.len) {
        size_t after = *pos;
        uint32_t rune = utf8_next(s, &after);
        if (rune < 0x300 || utf8_rune_width(rune) != 0) break;
        *pos = after;
        if (runes < GRAPHEME_RUNES_MAX && after - from <= CELL_TEXT_MAX) {
            kept = after;
            runes++;
        }
    }
    return str_slice(s, from, kept - from);
}

static int put_runes(Canvas *c, int x, int y, Style style, Str s, int end)
{
    size_t pos = 0;
    char on_blank[CELL_TEXT_MAX + 1];
    while (pos < s.len && x < end) {
        int width;
        Str one = next_grapheme(s, &pos, &width);
        if (width == 0) { // a mark without a letter stands on a blank
            on_blank[0] = ' ';
            size_t len = one.len < CELL_TEXT_MAX - 1 ? one.len : utf8_offset(one, 1);
            memcpy(on_blank + 1, one.at, len);
            one = (Str){on_blank, len + 1};
            width = 1;
        }
        put_cell(c, x, y, style, one, width);
        x += width;
    }
    return x;
}

static bool is_plain(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < 0x20 || s.at[i] > 0x7E) return false;
    return true;
}

static int put_plain(Canvas *c, int x, int y, Style style, Str s, int end)
{
    for (size_t i = 0; i < s.len && x < end; i++, x++) put_cell(c, x, y, style, (Str){s.at + i, 1}, 1);
    return x;
}

// What may be seen of s, on a character's border: nobody looks at megabytes behind the right edge.
static Str bounded(Str s, int cells)
{
    size_t most = (size_t)(cells > 0 ? cells : 0) * CELL_TEXT_MAX;
    if (most > TEXT_RUN_MAX) most = TEXT_RUN_MAX;
    if (s.len <= most) return s;
    size_t len = most;
    while (len > 0 && len > most - 4 && (s.at[len] & 0xC0) == 0x80) len--;
    return str_slice(s, 0, len);
}

static int put_text(Canvas *c, int x, int y, Style style, Str s, int end)
{
    s = bounded(s, end - x);
    if (is_plain(s)) return put_plain(c, x, y, style, s, end);
    Bytes safe;
    bytes_init(&safe, (size_t)TEXT_RUN_MAX * 8);
    utf8_safe(&safe, s, false);
    x = put_runes(c, x, y, style, bytes_str(&safe), end);
    bytes_done(&safe);
    return x;
}

int canvas_text(Canvas *c, int x, int y, Style style, Str s) { return put_text(c, x, y, style, s, c->width); }

int canvas_cstr(Canvas *c, int x, int y, Style style, const char *text)
{
    return canvas_text(c, x, y, style, str_of(text));
}

int canvas_printf(Canvas *c, int x, int y, Style style, const char *format, ...)
{
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return canvas_cstr(c, x, y, style, text);
}

int canvas_text_width(Str s, int limit)
{
    if (limit <= 0) return 0;
    s = bounded(s, limit);
    size_t cells = is_plain(s) ? s.len : utf8_width(s);
    return cells < (size_t)limit ? (int)cells : limit;
}

void canvas_text_in(Canvas *c, int x, int y, int width, Align align, Style style, Str s)
{
    if (width <= 0) return;
    int cells = canvas_text_width(s, width + 1);
    int spare = cells < width ? width - cells : 0;
    int before = align == ALIGN_RIGHT ? spare : align == ALIGN_CENTER ? spare / 2 : 0;
    for (int i = 0; i < width; i++) put_cell(c, x + i, y, style, STR(" "), 1);
    if (cells <= width) {
        put_text(c, x + before, y, style, s, x + width);
        return;
    }
    put_text(c, x, y, style, s, x + width);
    put_cell(c, x + width - 1, y, style, STR("…"), 1);
}

void canvas_fill(Canvas *c, Rect r, Style style)
{
    for (int y = r.y; y < r.y + r.height && y < c->height; y++)
        for (int x = r.x; x < r.x + r.width && x < c->width; x++) put_cell(c, x, y, style, STR(" "), 1);
    canvas_ground(c, r, style);
}

void canvas_glyph(Canvas *c, int x, int y, Style style, uint32_t rune)
{
    char text[4];
    size_t len = utf8_encode(rune, text);
    put_text(c, x, y, style, (Str){text, len}, x + 1);
}

void canvas_restyle(Canvas *c, Rect r, Style style)
{
    for (int y = r.y; y < r.y + r.height && y < c->height; y++)
        for (int x = r.x; x < r.x + r.width && x < c->width; x++) {
            Cell *cell = cell_at(c, x, y);
            if (cell) set_style(cell, style);
        }
}

void canvas_ground(Canvas *c, Rect r, Style ground)
{
    for (int y = r.y; y < r.y + r.height && y < c->height; y++)
        for (int x = r.x; x < r.x + r.width && x < c->width; x++) {
            Cell *cell = cell_at(c, x, y);
            if (cell) cell->ground = (uint8_t)ground;
        }
}

// --- lines
// ---------------------------------------------------------------------------------------------------

enum { ARM_UP = 1, ARM_RIGHT = 2, ARM_DOWN = 4, ARM_LEFT = 8 };
static const char *const line_glyph[16] = {" ", "│", "─", "└", "│", "│", "┌", "├",
                                           "─", "┘", "─", "┴", "┐", "┤", "┬", "┼"};

// The arms of a line character that stands in the cell, 0 for anything else.
static unsigned arms_of(const Cell *cell)
{
    static const uint8_t kinds[] = {5, 10, 3, 6, 9, 12, 7, 13, 11, 14, 15};
    if (cell->len != 3) return 0;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (memcmp(cell->text, line_glyph[kinds[i]], 3) == 0) return kinds[i];
    return 0;
}

static void put_arms(Canvas *c, int x, int y, unsigned arms, Style style)
{
    const Cell *cell = cell_at(c, x, y);
    if (cell) put_cell(c, x, y, style, str_of(line_glyph[arms | arms_of(cell)]), 1);
}

// A line's end only reaches into the line it meets; in the open it is a whole dash.
static void put_end(Canvas *c, int x, int y, unsigned inward, unsigned whole, Style style)
{
    const Cell *cell = cell_at(c, x, y);
    if (cell) put_arms(c, x, y, arms_of(cell) & ~whole ? inward : whole, style);
}

void canvas_hline(Canvas *c, int x, int y, int length, Style style)
{
    for (int i = 1; i + 1 < length; i++) put_arms(c, x + i, y, ARM_LEFT | ARM_RIGHT, style);
    if (length > 0) put_end(c, x, y, ARM_RIGHT, ARM_LEFT | ARM_RIGHT, style);
    if (length > 1) put_end(c, x + length - 1, y, ARM_LEFT, ARM_LEFT | ARM_RIGHT, style);
}

void canvas_vline(Canvas *c, int x, int y, int length, Style style)
{
    for (int i = 1; i + 1 < length; i++) put_arms(c, x, y + i, ARM_UP | ARM_DOWN, style);
    if (length > 0) put_end(c, x, y, ARM_DOWN, ARM_UP | ARM_DOWN, style);
    if (length > 1) put_end(c, x, y + length - 1, ARM_UP, ARM_UP | ARM_DOWN, style);
}

void canvas_box(Canvas *c, Rect r, Style style, Style title_style, Str title)
{
    if (r.width < 2 || r.height < 2) return;
    int right = r.x + r.width - 1, bottom = r.y + r.height - 1;
    for (int x = r.x + 1; x < right; x++) {
        put_arms(c, x, r.y, ARM_LEFT | ARM_RIGHT, style);
        put_arms(c, x, bottom, ARM_LEFT | ARM_RIGHT, style);
    }
    for (int y = r.y + 1; y < bottom; y++) {
        put_arms(c, r.x, y, ARM_UP | ARM_DOWN, style);
        put_arms(c, right, y, ARM_UP | ARM_DOWN, style);
    }
    put_arms(c, r.x, r.y, ARM_RIGHT | ARM_DOWN, style);
    put_arms(c, right, r.y, ARM_LEFT | ARM_DOWN, style);
    put_arms(c, r.x, bottom, ARM_RIGHT | ARM_UP, style);
    put_arms(c, right, bottom, ARM_LEFT | ARM_UP, style);
    int room = r.width - 6; // corner, dash and blank at each end
    if (title.len == 0 || room < 1) return;
    int cells = canvas_text_width(title, room + 1);
    if (cells > room) cells = room;
    canvas_fill(c, (Rect){r.x + 1, r.y, cells + 2, 1}, title_style);
    canvas_text_in(c, r.x + 2, r.y, cells, ALIGN_LEFT, title_style, title);
}

void canvas_cursor(Canvas *c, int x, int y)
{
    canvas_park(c, x, y);
    c->surface->cursor_shown = rect_has(c->clip, c->x + x, c->y + y);
}

void canvas_park(Canvas *c, int x, int y)
{
    Surface *s = c->surface;
    s->cursor_shown = false;
    if (!rect_has(c->clip, c->x + x, c->y + y)) return;
    s->cursor_x = c->x + x;
    s->cursor_y = c->y + y;
}

void canvas_scrollbar(Canvas *c, int x, int y, int height, uint64_t first, uint64_t shown, uint64_t total,
                      Style style)
{
    if (height < 1 || shown >= total) return;
    double scale = (double)height / (double)total;
    int size = (int)((double)shown * scale + 0.5);
    if (size < 1) size = 1;
    int room = height - size;
    uint64_t last_first = total - shown;
    int at = (int)((double)(first < last_first ? first : last_first) / (double)last_first * room + 0.5);
    for (int i = 0; i < size; i++) put_cell(c, x, y + at + i, style, STR("┃"), 1);
}
