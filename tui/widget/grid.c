// Grid: drawing a window of a table. Asks for the cells it shows and for no others. Relies on grid.h.
#include "tui/widget/grid.h"
#include <stdio.h>
#include <string.h>

enum {
    GRID_GAP = 3,
    GRID_WIDTH_MIN = 3,
    GRID_MEASURE_ROWS = 200,
    GRID_WHEEL_ROWS = 3
}; // " │ " between columns

// --- columns
// -------------------------------------------------------------------------------------------------

static Style style_of(Type type)
{
    if (type_is_number(type.id)) return STYLE_NUMBER;
    if (type_is_when(type.id) || type.id == TYPE_BOOLEAN) return STYLE_PARAMETER;
    return STYLE_TEXT;
}

void grid_init(Grid *g, GridRows rows, Arena *mem, const ResultColumn *column, uint32_t count)
{
    if (count > GRID_COLUMN_MAX) count = GRID_COLUMN_MAX;
    *g = (Grid){.rows = rows, .count = count, .column = arena_array(mem, GridColumn, count ? count : 1)};
    for (uint32_t i = 0; i < count; i++)
        g->column[i] = (GridColumn){.name = arena_copy(mem, column[i].name),
                                    .style = style_of(column[i].type),
                                    .right = type_is_number(column[i].type.id)};
    grid_measure(g);
}

static int header_width(const Grid *g, uint32_t i)
{
    const GridColumn *col = &g->column[i];
    return canvas_text_width(col->name, GRID_WIDTH_LIMIT) + (col->key ? 2 : 0) + (g->sort == i + 1 ? 2 : 0);
}

static int cell_width(const Grid *g, uint64_t row, uint32_t column)
{
    Str text;
    bool null = false;
    if (!g->rows.cell(g->rows.self, row, column, &text, &null)) return 1;
    return null ? 1 : canvas_text_width(text, GRID_WIDTH_LIMIT);
}

static void measure(Grid *g, uint32_t i, uint64_t first, uint64_t last)
{
    int width = header_width(g, i), most = GRID_WIDTH_DEFAULT;
    if (width > most) most = width < GRID_WIDTH_LIMIT ? width : GRID_WIDTH_LIMIT;
    for (uint64_t row = first; row < last && width < most; row++) {
        int cells = cell_width(g, row, i);
        if (cells > width) width = cells;
    }
    if (width > most) width = most;
    g->column[i].width = width < GRID_WIDTH_MIN ? GRID_WIDTH_MIN : width;
}

void grid_measure(Grid *g)
{
    uint64_t count = g->rows.count(g->rows.self), first = g->scroll.first, last = first + GRID_MEASURE_ROWS;
    if (last > count) last = count;
    if (first > last) first = last;
    for (uint32_t i = 0; i < g->count; i++)
        if (!g->column[i].fixed) measure(g, i, first, last);
}

void grid_widen(Grid *g, int cells)
{
    if (g->at >= g->count) return;
    GridColumn *col = &g->column[g->at];
    int width = col->width + cells;
    col->width = width < GRID_WIDTH_MIN     ? GRID_WIDTH_MIN
                 : width > GRID_WIDTH_LIMIT ? GRID_WIDTH_LIMIT
                                            : width;
    col->fixed = true;
}

void grid_freeze(Grid *g, uint32_t columns)
{
    for (uint32_t i = 0; i < g->count; i++) g->column[i].frozen = i < columns;
    g->first = g->first < columns ? columns : g->first;
}

static uint32_t frozen_count(const Grid *g)
{
    uint32_t n = 0;
    while (n < g->count && g->column[n].frozen) n++;
    return n;
}

static int gutter(const Grid *g)
{
    if (!g->numbers) return 0;
    int digits = 1;
    for (uint64_t n = g->scroll.count; n >= 10; n /= 10) digits++;
    return digits + GRID_GAP - 1;
}

// Cells of columns [from, to) with their gaps.
static int span(const Grid *g, uint32_t from, uint32_t to)
{
    int cells = 0;
    for (uint32_t i = from; i < to; i++) cells += g->column[i].width + GRID_GAP;
    return cells;
}

// The first column seen behind the frozen ones, so that the cursor's column is seen. Part of moving, not of
// drawing.
static void columns_into_sight(Grid *g)
{
    uint32_t frozen = frozen_count(g);
    if (g->at >= g->count) g->at = g->count ? g->count - 1 : 0;
    if (g->first < frozen) g->first = frozen;
    if (g->at < frozen) return;
    if (g->at < g->first) g->first = g->at;
    int room = g->width - gutter(g) - span(g, 0, frozen) - 1;
    while (g->first < g->at && span(g, g->first, g->at + 1) - 1 > room) g->first++;
}

void grid_place(Grid *g, int width, int height)
{
    g->width = width;
    scroll_set(&g->scroll, g->rows.count(g->rows.self), height > 1 ? height - 1 : 1);
    columns_into_sight(g);
}

// --- drawing
// -------------------------------------------------------------------------------------------------

typedef struct Range {
    uint64_t row0, row1;
    uint32_t column0, column1;
} Range; // ends included

static Range range_of(const Grid *g)
{
    Range r = {g->scroll.at, g->scroll.at, g->at, g->at};
    if (!g->marking) return r;
    if (g->mark_row < r.row0)
        r.row0 = g->mark_row;
    else
        r.row1 = g->mark_row;
    if (g->mark_column < r.column0)
        r.column0 = g->mark_column;
    else
        r.column1 = g->mark_column;
    if (r.row1 >= g->scroll.count) r.row1 = g->scroll.count ? g->scroll.count - 1 : 0;
    return r;
}

static bool in_range(const Range *r, uint64_t row, uint32_t column)
{
    return row >= r->row0 && row <= r->row1 && column >= r->column0 && column <= r->column1;
}

static void draw_header_cell(const Grid *g, Canvas *c, uint32_t i, int x)
{
    const GridColumn *col = &g->column[i];
    char text[GRID_WIDTH_LIMIT * 4];
    const char *sort = g->sort == i + 1 ? (g->sort_down ? " ▾" : " ▴") : "";
    snprintf(text, sizeof text, "%s%.*s%s", col->key ? "◆ " : "",
             STR_ARG(str_slice(col->name, 0, sizeof text - 16)), sort);
    canvas_text_in(c, x, 0, col->width, col->right ? ALIGN_RIGHT : ALIGN_LEFT, STYLE_HEADER, str_of(text));
}

static void draw_cell(const Grid *g, Canvas *c, uint64_t row, uint32_t i, int x, int y)
{
    const GridColumn *col = &g->column[i];
    Str text = {0};
    bool null = false, good = g->rows.cell(g->rows.self, row, i, &text, &null);
    Align align = col->right ? ALIGN_RIGHT : ALIGN_LEFT;
    if (!good)
        canvas_text_in(c, x, y, col->width, align, STYLE_ERROR, STR("?"));
    else if (null)
        canvas_text_in(c, x, y, col->width, align, STYLE_NULL, STR("∅"));
    else
        canvas_text_in(c, x, y, col->width, align, col->style, text);
}

static void draw_column(const Grid *g, Canvas *c, uint32_t i, int x, const Range *range, bool focused)
{
    const GridColumn *col = &g->column[i];
    uint64_t count = g->scroll.count;
    draw_header_cell(g, c, i, x);
    for (int y = 1; y < c->height && g->scroll.first + (uint64_t)y - 1 < count; y++) {
        uint64_t row = g->scroll.first + (uint64_t)y - 1;
        draw_cell(g, c, row, i, x, y);
        bool here = row == g->scroll.at && i == g->at;
        Rect r = {x - 1, y, col->width + 2, 1};
        if (here)
            canvas_restyle(c, r, focused ? STYLE_SELECTION : STYLE_SELECTION_IDLE);
        else if (g->marking && in_range(range, row, i))
            canvas_restyle(c, r, STYLE_RANGE);
        else if (row == g->scroll.at)
            canvas_ground(c, r, STYLE_LINE);
        if (here && focused) canvas_park(c, x, y);
    }
}

static void draw_line(const Grid *g, Canvas *c, int x)
{
    uint64_t seen = g->scroll.count - (g->scroll.first < g->scroll.count ? g->scroll.first : g->scroll.count);
    int height = seen < (uint64_t)(c->height - 1) ? (int)seen + 1 : c->height;
    for (int y = 0; y < height; y++) canvas_cstr(c, x, y, STYLE_BORDER, "│");
}

static void draw_numbers(const Grid *g, Canvas *c)
{
    int width = gutter(g);
    for (int y = 1; width > 0 && y < c->height && g->scroll.first + (uint64_t)y - 1 < g->scroll.count; y++)
        canvas_printf(c, 0, y, STYLE_DIM, "%*llu", width - 2,
                      (unsigned long long)(g->scroll.first + (uint64_t)y));
}

void grid_draw(const Grid *g, Canvas *c, bool focused)
{
    canvas_fill(c, (Rect){0, 0, c->width, c->height}, STYLE_TEXT);
    canvas_fill(c, (Rect){0, 0, c->width, 1}, STYLE_HEADER);
    Range range = range_of(g);
    uint32_t frozen = frozen_count(g);
    draw_numbers(g, c);
    int x = gutter(g) + 1;
    for (uint32_t i = 0; i < g->count && x < c->width; i++) {
        if (i == frozen && g->first > i) i = g->first;
        if (i >= g->count) break;
        draw_column(g, c, i, x, &range, focused);
        x += g->column[i].width + GRID_GAP;
        if (x - 2 < c->width) draw_line(g, c, x - 2);
    }
    canvas_scrollbar(c, c->width - 1, 1, c->height - 1, g->scroll.first, (uint64_t)(c->height - 1),
                     g->scroll.count, STYLE_DIM);
}

// --- moving
// --------------------------------------------------------------------------------------------------

static void mark(Grid *g)
{
    if (g->marking) return;
    g->marking = true;
    g->mark_row = g->scroll.at;
    g->mark_column = g->at;
}

typedef struct SelectMove {
    Action select, move;
} SelectMove;
static const SelectMove select_moves[] = {
    {ACTION_SELECT_UP, ACTION_UP},           {ACTION_SELECT_DOWN, ACTION_DOWN},
    {ACTION_SELECT_LEFT, ACTION_LEFT},       {ACTION_SELECT_RIGHT, ACTION_RIGHT},
    {ACTION_SELECT_HOME, ACTION_HOME},       {ACTION_SELECT_END, ACTION_END},
    {ACTION_SELECT_PAGE_UP, ACTION_PAGE_UP}, {ACTION_SELECT_PAGE_DOWN, ACTION_PAGE_DOWN},
};

static bool move(Grid *g, Action a)
{
    uint32_t last = g->count ? g->count - 1 : 0;
    switch (a) {
    case ACTION_LEFT:
    case ACTION_PREV: g->at -= g->at > 0; break;
    case ACTION_RIGHT:
    case ACTION_NEXT: g->at += g->at < last; break;
    case ACTION_WORD_LEFT: g->at = g->at > 5 ? g->at - 5 : 0; break;
    case ACTION_WORD_RIGHT: g->at = last - g->at > 5 ? g->at + 5 : last; break;
    case ACTION_HOME: g->at = 0; break;
    case ACTION_END: g->at = last; break;
    default: return scroll_act(&g->scroll, a);
    }
    columns_into_sight(g);
    return true;
}

bool grid_act(Grid *g, Action a)
{
    scroll_set(&g->scroll, g->rows.count(g->rows.self), g->scroll.height);
    for (size_t i = 0; i < COUNT_OF(select_moves); i++)
        if (select_moves[i].select == a) {
            mark(g);
            return move(g, select_moves[i].move);
        }
    if (a == ACTION_SELECT_MARK) {
        if (g->marking)
            g->marking = false;
        else
            mark(g);
        return true;
    }
    if (a == ACTION_EDIT_SELECT_ALL) {
        g->marking = true;
        g->mark_row = 0;
        g->mark_column = 0;
        grid_goto(g, UINT64_MAX, g->count ? g->count - 1 : 0);
        return true;
    }
    if (a == ACTION_CANCEL && g->marking) {
        g->marking = false;
        return true;
    }
    return move(g, a);
}

void grid_goto(Grid *g, uint64_t row, uint32_t column)
{
    scroll_set(&g->scroll, g->rows.count(g->rows.self), g->scroll.height);
    scroll_to(&g->scroll, row);
    g->at = column;
    columns_into_sight(g);
}

static uint32_t column_at(const Grid *g, int at_x)
{
    uint32_t frozen = frozen_count(g), last = 0;
    int x = gutter(g);
    for (uint32_t i = 0; i < g->count && x <= at_x; i++) {
        if (i == frozen && g->first > i) i = g->first;
        if (i >= g->count) break;
        last = i;
        x += g->column[i].width + GRID_GAP;
    }
    return last;
}

bool grid_mouse(Grid *g, const Mouse *m, bool *chosen)
{
    *chosen = false;
    if (m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN) {
        scroll_by(&g->scroll, m->kind == MOUSE_WHEEL_UP ? -GRID_WHEEL_ROWS : GRID_WHEEL_ROWS);
        return true;
    }
    if (m->y < 1 || g->count == 0) return false;
    uint64_t row = g->scroll.first + (uint64_t)m->y - 1;
    if (row >= g->scroll.count) return false;
    if (m->kind == MOUSE_DRAG)
        mark(g);
    else if (m->kind == MOUSE_PRESS)
        g->marking = false;
    else
        return false;
    *chosen = m->kind == MOUSE_PRESS && m->twice;
    grid_goto(g, row, column_at(g, m->x));
    return true;
}

// --- values
// --------------------------------------------------------------------------------------------------

bool grid_value(const Grid *g, Str *text, bool *null)
{
    if (g->scroll.at >= g->rows.count(g->rows.self) || g->at >= g->count) return false;
    return g->rows.cell(g->rows.self, g->scroll.at, g->at, text, null);
}

void grid_copy(const Grid *g, bool header, Bytes *out)
{
    Range r = range_of(g);
    bool several = r.row0 != r.row1 || r.column0 != r.column1;
    for (uint32_t i = r.column0; header && i <= r.column1 && i < g->count; i++) {
        bytes_put(out, g->column[i].name);
        bytes_put_byte(out, i == r.column1 ? '\n' : '\t');
    }
    for (uint64_t row = r.row0; row <= r.row1 && row < g->scroll.count && !out->failed; row++) {
        for (uint32_t i = r.column0; i <= r.column1 && i < g->count; i++) {
            Str text = {0};
            bool null = false;
            if (!g->rows.cell(g->rows.self, row, i, &text, &null)) continue;
            if (null && several)
                text = STR("\\N");
            else if (null)
                text = STR_NONE;
            bytes_put(out, text);
            if (i < r.column1) bytes_put_byte(out, '\t');
        }
        if (several && row < r.row1) bytes_put_byte(out, '\n');
    }
}

static bool cell_holds(const Grid *g, uint64_t row, uint32_t column, Str needle)
{
    Str text = {0};
    bool null = false;
    if (!g->rows.cell(g->rows.self, row, column, &text, &null) || null) return false;
    for (size_t i = 0; i + needle.len <= text.len; i++)
        if (str_equal_fold(str_slice(text, i, needle.len), needle)) return true;
    return false;
}

// The rest of the cursor's row first; then whole rows, around the end.
static bool find_in_row(Grid *g, Str needle, bool backwards)
{
    for (uint32_t i = g->at; backwards ? i-- > 0 : ++i < g->count;)
        if (cell_holds(g, g->scroll.at, i, needle)) {
            grid_goto(g, g->scroll.at, i);
            return true;
        }
    return false;
}

static bool find_row(const Grid *g, Str needle, uint64_t from, uint64_t to, bool backwards, uint64_t *row,
                     uint32_t *column)
{
    for (uint64_t k = 0; from + k < to; k++) {
        *row = backwards ? to - 1 - k : from + k;
        for (*column = 0; *column < g->count; ++*column)
            if (cell_holds(g, *row, *column, needle)) return true;
    }
    return false;
}

bool grid_find(Grid *g, Str needle, bool backwards)
{
    uint64_t count = g->rows.count(g->rows.self), at = g->scroll.at, row;
    uint32_t column;
    if (needle.len == 0 || count == 0) return false;
    if (find_in_row(g, needle, backwards)) return true;
    bool found;
    if (g->rows.find) {
        found = (backwards ? at > 0 : at + 1 < count) &&
                g->rows.find(g->rows.self, needle, backwards ? at - 1 : at + 1, backwards, &row, &column);
        if (!found)
            found = g->rows.find(g->rows.self, needle, backwards ? count - 1 : 0, backwards, &row, &column);
    } else {
        found = backwards ? find_row(g, needle, 0, at, true, &row, &column) ||
                                find_row(g, needle, at, count, true, &row, &column)
                          : find_row(g, needle, at + 1, count, false, &row, &column) ||
                                find_row(g, needle, 0, at + 1, false, &row, &column);
    }
    if (found) grid_goto(g, row, column);
    return found;
}

// --- rows of a rowset
// ----------------------------------------------------------------------------------------

static uint64_t rowset_rows(void *self) { return rowset_count(self); }

static bool rowset_text(void *self, uint64_t row, uint32_t column, Str *text, bool *null)
{
    Err err = {0};
    return rowset_cell(self, row, column, text, null, &err);
}

static bool rowset_look(void *self, Str needle, uint64_t from, bool backwards, uint64_t *row,
                        uint32_t *column)
{
    Err err = {0};
    return rowset_find(self, needle, from, backwards, NULL, row, column, &err) && *row != UINT64_MAX;
}

GridRows grid_rows_of(Rowset *r) { return (GridRows){r, rowset_rows, rowset_text, rowset_look}; }
