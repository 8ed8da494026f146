// Textview: lines by a callback, drawn from a left edge on. Relies on textview.h, base/utf8.
#include "tui/widget/textview.h"
#include "engine/base/utf8.h"
#include <string.h>

enum { TEXTVIEW_STEP = 8, TEXTVIEW_WHEEL_ROWS = 3, TEXTVIEW_NEEDLE_MAX = 4096 };

void textview_init(TextView *v, TextViewLines lines, Style style)
{
    *v = (TextView){.lines = lines, .style = style, .found = UINT64_MAX};
    bytes_init(&v->needle, TEXTVIEW_NEEDLE_MAX);
}

void textview_done(TextView *v) { bytes_done(&v->needle); }

// --- lines of a text
// -----------------------------------------------------------------------------------------

typedef struct TextLines {
    Str text;
    size_t *start;
    uint64_t count;
} TextLines;

static uint64_t text_count(void *self) { return ((const TextLines *)self)->count; }

static Str text_line(void *self, uint64_t i)
{
    const TextLines *t = self;
    if (i >= t->count) return STR_NONE;
    size_t from = t->start[i], to = i + 1 < t->count ? t->start[i + 1] - 1 : t->text.len;
    if (to > from && t->text.at[to - 1] == '\r') to--;
    return str_slice(t->text, from, to - from);
}

TextViewLines textview_lines_of(Str text, Arena *mem)
{
    uint64_t count = 1;
    for (size_t i = 0; i < text.len; i++) count += text.at[i] == '\n';
    if (text.len > 0 && text.at[text.len - 1] == '\n') {
        count--;
        text.len--;
    }
    TextLines *t = arena_new(mem, TextLines);
    *t = (TextLines){text, arena_array(mem, size_t, count ? count : 1), count};
    uint64_t line = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '\n') t->start[++line] = i + 1;
    return (TextViewLines){t, text_count, text_line, NULL};
}

// --- drawing
// -------------------------------------------------------------------------------------------------

void textview_place(TextView *v, int width, int height)
{
    v->width = width;
    scroll_set(&v->scroll, v->lines.count(v->lines.self), height);
}

static int digits(uint64_t n)
{
    int count = 1;
    for (; n >= 10; n /= 10) count++;
    return count;
}

static void draw_plain(const TextView *v, Canvas *c, int y, Str line)
{
    canvas_text(c, -v->left, y, STYLE_TEXT, str_slice(line, 0, TEXTVIEW_LINE_MAX));
}

static bool equal_fold_at(Str line, size_t at, Str needle)
{
    return str_equal_fold(str_slice(line, at, needle.len), needle);
}

static size_t find_in(Str line, Str needle, size_t from)
{
    for (size_t at = from; needle.len > 0 && at + needle.len <= line.len; at++)
        if (equal_fold_at(line, at, needle)) return at;
    return SIZE_MAX;
}

static void mark_found(const TextView *v, Canvas *c, int y, Str line)
{
    Str needle = bytes_str(&v->needle);
    line = str_slice(line, 0, TEXTVIEW_LINE_MAX);
    size_t at = 0;
    for (int marks = 0; marks < 100 && (at = find_in(line, needle, at)) != SIZE_MAX; marks++) {
        int x = (int)utf8_width(str_slice(line, 0, at)) - v->left,
            width = (int)utf8_width(str_slice(line, at, needle.len));
        canvas_restyle(c, (Rect){x, y, width, 1}, STYLE_MATCH);
        at += needle.len;
    }
}

void textview_draw(const TextView *v, Canvas *c, bool focused)
{
    uint64_t count = v->lines.count(v->lines.self);
    canvas_fill(c, (Rect){0, 0, c->width, c->height}, v->style);
    int gutter = v->numbers ? digits(count) + 2 : 0;
    Canvas text = canvas_sub(c, (Rect){gutter, 0, c->width - gutter, c->height});
    for (int y = 0; y < c->height && v->scroll.first + (uint64_t)y < count; y++) {
        uint64_t i = v->scroll.first + (uint64_t)y;
        if (v->bar && i == v->scroll.at) canvas_ground(c, (Rect){0, y, c->width, 1}, STYLE_LINE);
        if (v->numbers) canvas_printf(c, 0, y, STYLE_DIM, "%*llu", gutter - 1, (unsigned long long)(i + 1));
        Str line = v->lines.line(v->lines.self, i);
        if (v->lines.draw)
            v->lines.draw(v->lines.self, i, &text, y, v->left);
        else
            draw_plain(v, &text, y, line);
        if (v->needle.len > 0) mark_found(v, &text, y, v->lines.line(v->lines.self, i));
        if (i == v->scroll.at && focused) canvas_park(c, gutter, y);
    }
    canvas_scrollbar(c, c->width - 1, 0, c->height, v->scroll.first, (uint64_t)c->height, count, STYLE_DIM);
}

// --- moving
// --------------------------------------------------------------------------------------------------

// Without a bar to be seen, Up and Down move the text and not an unseen cursor.
static bool scroll_without_bar(TextView *v, Action a)
{
    if (v->bar || (a != ACTION_UP && a != ACTION_DOWN)) return false;
    scroll_by(&v->scroll, a == ACTION_UP ? -1 : 1);
    v->scroll.at = v->scroll.first;
    return true;
}

bool textview_act(TextView *v, Action a)
{
    scroll_set(&v->scroll, v->lines.count(v->lines.self), v->scroll.height);
    if (scroll_without_bar(v, a)) return true;
    switch (a) {
    case ACTION_LEFT: v->left = v->left > TEXTVIEW_STEP ? v->left - TEXTVIEW_STEP : 0; return true;
    case ACTION_RIGHT: v->left = v->left < TEXTVIEW_LINE_MAX ? v->left + TEXTVIEW_STEP : v->left; return true;
    case ACTION_HOME:
        v->left = 0;
        if (!v->bar) scroll_to(&v->scroll, 0);
        return true;
    case ACTION_END:
        if (!v->bar) scroll_to(&v->scroll, UINT64_MAX);
        return true;
    case ACTION_EDIT_FIND_NEXT:
    case ACTION_EDIT_FIND_PREV:
        if (v->needle.len == 0) return false;
        textview_find(v, bytes_str(&v->needle), a == ACTION_EDIT_FIND_PREV);
        return true;
    default: return scroll_act(&v->scroll, a);
    }
}

bool textview_mouse(TextView *v, const Mouse *m)
{
    if (m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN) {
        scroll_by(&v->scroll, m->kind == MOUSE_WHEEL_UP ? -TEXTVIEW_WHEEL_ROWS : TEXTVIEW_WHEEL_ROWS);
        return true;
    }
    if (m->kind != MOUSE_PRESS || m->y < 0) return false;
    scroll_to(&v->scroll, v->scroll.first + (uint64_t)m->y);
    return true;
}

bool textview_find(TextView *v, Str needle, bool backwards)
{
    if (needle.at != v->needle.at) {
        bytes_clear(&v->needle);
        bytes_put(&v->needle, str_slice(needle, 0, TEXTVIEW_NEEDLE_MAX - 1));
        v->found = UINT64_MAX;
    }
    uint64_t count = v->lines.count(v->lines.self);
    uint64_t from = v->found == UINT64_MAX
                        ? v->scroll.at + (backwards ? 1 : 0) + (backwards ? 0 : count - (count > 0))
                        : v->found;
    for (uint64_t k = 1; k <= count; k++) {
        uint64_t i = (from + (backwards ? count * 2 - k : k)) % count;
        if (find_in(v->lines.line(v->lines.self, i), bytes_str(&v->needle), 0) == SIZE_MAX) continue;
        v->found = i;
        scroll_to(&v->scroll, i);
        return true;
    }
    return false;
}
