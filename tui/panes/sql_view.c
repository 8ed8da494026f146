// SqlView: draws the editor: line numbers, words coloured by the source's own lexer, selection, the place of
// the last error, the bracket that belongs to the one at the cursor. Relies on sql_editor.
#include "tui/panes/sql_editor.h"

#include "engine/base/size.h"

#include <stdlib.h>
#include <string.h>

enum { SPANS_MAX = SQL_COLOUR_BYTES_MAX / 2, LINES_ABOVE = 200, GUTTER_MIN = 4 };

static const Style span_style[] = {
    [SPAN_SPACE] = STYLE_TEXT,         [SPAN_COMMENT] = STYLE_COMMENT,     [SPAN_KEYWORD] = STYLE_KEYWORD,
    [SPAN_TYPE] = STYLE_TYPE,          [SPAN_NAME] = STYLE_NAME,           [SPAN_QUOTED_NAME] = STYLE_NAME,
    [SPAN_STRING] = STYLE_STRING,      [SPAN_NUMBER] = STYLE_NUMBER,       [SPAN_OPERATOR] = STYLE_OPERATOR,
    [SPAN_SEMICOLON] = STYLE_OPERATOR, [SPAN_PARAMETER] = STYLE_PARAMETER, [SPAN_BAD] = STYLE_ERROR,
};

int sql_editor_gutter(const SqlTab *t)
{
    int digits = 1;
    for (size_t n = buffer_lines(&t->edit.text); n >= 10; n /= 10) digits++;
    return (digits < GUTTER_MIN - 2 ? GUTTER_MIN - 2 : digits) + 2;
}

void sql_editor_follow(SqlTab *t, int width, int height)
{
    size_t line;
    int cell;
    edit_place(&t->edit, t->edit.cursor, &line, &cell);
    size_t rows = height > 0 ? (size_t)height : 1;
    if (line < t->first) t->first = line;
    if (line >= t->first + rows) t->first = line - rows + 1;
    int room = width - sql_editor_gutter(t) - 1;
    if (room < 1) room = 1;
    if (cell < t->left) t->left = cell > 8 ? cell - 8 : 0;
    if (cell >= t->left + room) t->left = cell - room + 9;
}

// What is drawn: the text from `from` on, its spans, and where the interesting places are.
typedef struct View {
    const Pane *pane;
    const SqlTab *tab;
    Canvas *canvas;
    Bytes text;
    size_t from; // offset of text in the buffer
    Span *span;
    size_t spans;
    size_t sel_from, sel_to;
    size_t bracket;
    int gutter;
} View;

static void read_view(View *v, size_t first, size_t last)
{
    const Edit *e = &v->tab->edit;
    size_t top = buffer_len(&e->text) <= SQL_COLOUR_BYTES_MAX ? 0
                 : first > LINES_ABOVE                        ? first - LINES_ABOVE
                                                              : 0;
    v->from = buffer_line_start(&e->text, top);
    size_t to = buffer_line_end(&e->text, last < buffer_lines(&e->text) ? last : buffer_lines(&e->text) - 1);
    if (to - v->from > SQL_COLOUR_BYTES_MAX) v->from = buffer_line_start(&e->text, first);
    if (to - v->from > SQL_COLOUR_BYTES_MAX) to = v->from + SQL_COLOUR_BYTES_MAX;
    bytes_init(&v->text, SQL_COLOUR_BYTES_MAX + 1);
    buffer_copy(&e->text, v->from, to - v->from, &v->text);
    v->span = size_alloc(SPANS_MAX, sizeof *v->span);
    Desk *d = desk_of(v->pane->app);
    if (v->span && desk_is_open(d))
        v->spans = source_spans(d->source, bytes_str(&v->text), v->span, SPANS_MAX);
}

// Spans lie in order: *at moves forward with the text.
static Style style_at(const View *v, size_t offset, size_t *at)
{
    while (*at < v->spans && v->span[*at].at + v->span[*at].len <= offset) ++*at;
    return *at < v->spans && v->span[*at].at <= offset ? span_style[v->span[*at].kind] : STYLE_TEXT;
}

static void draw_line(View *v, size_t line, int y, size_t *span_at)
{
    const Edit *e = &v->tab->edit;
    Canvas c = canvas_sub(v->canvas, (Rect){v->gutter, y, v->canvas->width - v->gutter, 1});
    size_t at = buffer_line_start(&e->text, line), end = buffer_line_end(&e->text, line);
    int cell = 0;
    while (at < end && cell - v->tab->left < c.width) {
        size_t next = buffer_next(&e->text, at);
        int cells = edit_cells(e, at, next, cell);
        size_t offset = at - v->from;
        if (offset >= v->text.len) break;
        Style style = style_at(v, offset, span_at);
        if (at == v->tab->error_at) style = STYLE_ERROR;
        if (at == v->bracket) style = STYLE_MATCH;
        int x = cell - v->tab->left;
        Str glyph = str_slice(bytes_str(&v->text), offset, next - at);
        if (glyph.at[0] != '\t') canvas_text(&c, x, 0, style, glyph);
        if (at >= v->sel_from && at < v->sel_to)
            canvas_restyle(&c, (Rect){x, 0, cells, 1},
                           v->pane->focused ? STYLE_SELECTION : STYLE_SELECTION_IDLE);
        cell += cells;
        at = next;
    }
    if (at >= end && end >= v->sel_from && end < v->sel_to) // the line break is selected too
        canvas_restyle(&c, (Rect){cell - v->tab->left, 0, 1, 1},
                       v->pane->focused ? STYLE_SELECTION : STYLE_SELECTION_IDLE);
    if (at >= end && v->tab->error_at == end && end > 0 && line + 1 == buffer_lines(&e->text))
        canvas_restyle(&c, (Rect){cell - v->tab->left, 0, 1, 1}, STYLE_ERROR);
}

static void draw_cursor(const View *v, const SqlEditor *s)
{
    size_t line;
    int cell;
    edit_place(&v->tab->edit, v->tab->edit.cursor, &line, &cell);
    int x = v->gutter + cell - v->tab->left, y = (int)line - (int)v->tab->first;
    Canvas *c = v->canvas;
    canvas_cursor(c, x, y);
    if (s->complete.shown) {
        edit_place(&v->tab->edit, s->complete.from, &line, &cell);
        complete_draw(&s->complete, c, v->gutter + cell - v->tab->left, y);
    }
}

void sql_editor_draw(const Pane *p, Canvas *c)
{
    const SqlEditor *s = pane_state(p, SqlEditor);
    if (s->tabs == 0 || c->height < 1) return;
    const SqlTab *t = s->tab[s->at];
    View v = {.pane = p, .tab = t, .canvas = c, .gutter = sql_editor_gutter(t), .bracket = SIZE_MAX};
    size_t lines = buffer_lines(&t->edit.text), last = t->first + (size_t)c->height;
    read_view(&v, t->first, last);
    size_t len;
    if (edit_selection(&t->edit, &v.sel_from, &len)) v.sel_to = v.sel_from + len;
    if (p->focused) v.bracket = edit_bracket(&t->edit, t->edit.cursor);
    size_t cursor_line = buffer_line_of(&t->edit.text, t->edit.cursor), span_at = 0;
    for (int y = 0; y < c->height; y++) {
        size_t line = t->first + (size_t)y;
        if (line >= lines) break;
        canvas_printf(c, 0, y, line == cursor_line && p->focused ? STYLE_ACCENT : STYLE_DIM, "%*zu",
                      v.gutter - 1, line + 1);
        draw_line(&v, line, y, &span_at);
    }
    canvas_scrollbar(c, c->width - 1, 0, c->height, t->first, (uint64_t)c->height, lines, STYLE_BORDER);
    if (p->focused) draw_cursor(&v, s);
    free(v.span);
    bytes_done(&v.text);
}
