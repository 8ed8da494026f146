// List: drawing rows and moving over them. Relies on list.h.
#include "tui/widget/list.h"

enum { WHEEL_ROWS = 3 };

enum { DETAIL_MIN = 5 };

void list_init(List *l, ListRows rows, Style style) { *l = (List){.rows = rows, .style = style}; }

void list_place(List *l, int width, int height)
{
    l->width = width;
    scroll_set(&l->scroll, l->rows.count(l->rows.self), height);
}

void list_draw_row(Canvas *c, int y, const ListRow *row, Style background, bool selected, bool focused)
{
    Style whole = focused ? STYLE_SELECTION : STYLE_SELECTION_IDLE;
    Style label = selected ? whole : row->style == STYLE_TEXT ? background : row->style;
    Style detail = selected ? whole : row->detail_style == STYLE_TEXT ? STYLE_DIM : row->detail_style;
    canvas_fill(c, (Rect){0, y, c->width, 1}, selected ? whole : background);
    int x = row->indent, end = c->width;
    int detail_width = row->detail.len ? canvas_text_width(row->detail, c->width / 2) : 0;
    // The label is worth more than a long detail.
    int rest = c->width - x - (row->sign ? 2 : 0) - 2 - canvas_text_width(row->label, c->width);
    if (detail_width > DETAIL_MIN && detail_width > rest)
        detail_width = rest > DETAIL_MIN ? rest : DETAIL_MIN;
    if (detail_width > 0) {
        end = c->width - detail_width - 1;
        canvas_text_in(c, end, y, detail_width, ALIGN_RIGHT, detail, row->detail);
    }
    if (row->sign) {
        canvas_glyph(c, x, y,
                     selected                        ? whole
                     : row->sign_style == STYLE_TEXT ? label
                                                     : row->sign_style,
                     row->sign);
        x += 2;
    }
    int room = end - x - (detail_width > 0 ? 1 : 0), width = canvas_text_width(row->label, room + 1);
    canvas_text_in(c, x, y, width < room ? width : room, ALIGN_LEFT, label, row->label);
}

void list_draw(const List *l, Canvas *c, bool focused)
{
    uint64_t count = l->rows.count(l->rows.self);
    canvas_fill(c, (Rect){0, 0, c->width, c->height}, l->style);
    Canvas rows =
        canvas_sub(c, (Rect){0, 0, c->width - (count > (uint64_t)c->height), c->height}); // room for the bar
    for (int y = 0; y < c->height && l->scroll.first + (uint64_t)y < count; y++) {
        uint64_t i = l->scroll.first + (uint64_t)y;
        ListRow row = {0};
        l->rows.row(l->rows.self, i, &row);
        list_draw_row(&rows, y, &row, l->style, i == l->scroll.at, focused);
        if (i == l->scroll.at && focused) canvas_park(c, 0, y);
    }
    canvas_scrollbar(c, c->width - 1, 0, c->height, l->scroll.first, (uint64_t)c->height, count, STYLE_DIM);
}

bool list_act(List *l, Action a)
{
    scroll_set(&l->scroll, l->rows.count(l->rows.self), l->scroll.height);
    if (a == ACTION_HOME) a = ACTION_TOP;
    if (a == ACTION_END) a = ACTION_BOTTOM;
    return scroll_act(&l->scroll, a);
}

bool list_mouse(List *l, const Mouse *m, bool *chosen)
{
    *chosen = false;
    if (m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN) {
        scroll_by(&l->scroll, m->kind == MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS);
        return true;
    }
    if (m->kind != MOUSE_PRESS || m->y < 0 || m->y >= l->scroll.height) return false;
    uint64_t row = l->scroll.first + (uint64_t)m->y;
    if (row >= l->scroll.count) return false;
    *chosen = m->twice && row == l->scroll.at;
    scroll_to(&l->scroll, row);
    return true;
}
