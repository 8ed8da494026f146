// Diagram: the data model drawn in boxes with crow's feet: read and measured on the side connection, laid out
// by export/erd, scrolled and searched here. The chosen table and its neighbours are lit, the rest is dim.
// Relies on desk, export/erd, textview, dialog.
#include "tui/panes/panes.h"

#include "engine/base/utf8.h"
#include "export/erd.h"
#include "tui/panes/commands.h"
#include "tui/panes/desk.h"
#include "tui/widget/dialog.h"
#include "tui/widget/textview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODEL_READ = DESK_OWN, ASK_FIND = 1, WIDTH_WISHED = 160, TEXT_MAX = 64 << 20, PAN = 4, NO_TABLE = -1 };

typedef struct Model {
    Str database;
    Erd erd;
    ErdGrid grid[3]; // by ErdDetail
    Str text;        // the text form
} Model;

typedef struct DiagramState {
    Arena mem; // of the model
    Model *model;
    ErdDetail detail;
    int left, top;     // cell of the grid in the upper left corner
    int table;         // chosen; NO_TABLE
    uint32_t relation; // of the chosen table: which one the bottom line tells
    bool as_text;
    TextView view;
    Arena lines_mem;
    Bytes needle;
    uint64_t job;
    Err err;
    int drag_x, drag_y;
} DiagramState;

// ---- reading, on the side connection's thread ----

static bool draw_all(Model *m, Job *j)
{
    OutFile *out = NULL;
    for (int d = ERD_ALL_COLUMNS; d <= ERD_NAMES; d++)
        if (!erd_draw(&m->grid[d], &m->erd, (ErdDetail)d, WIDTH_WISHED, &j->mem, &j->err)) return false;
    if (!out_file_memory(&out, TEXT_MAX, &j->err)) return false;
    bool ok = erd_format(STR("text"))->write(&m->erd, out, &j->err);
    if (ok) m->text = arena_copy(&j->mem, out_text(out));
    out_file_abandon(out);
    return ok;
}

static void read_model(Job *j, void *context)
{
    Model *m = j->data;
    if (!catalog_use(context, m->database, &j->err) ||
        !erd_read(&m->erd, context, m->database, true, &j->cancelled, &j->mem, &j->err))
        return;
    if (!draw_all(m, j)) err_note(&j->err, "while drawing the data model");
}

static void start_reading(Pane *p)
{
    DiagramState *s = pane_state(p, DiagramState);
    Desk *d = desk_of(p->app);
    Job *j = desk_side_job(p, MODEL_READ, read_model);
    Model *m = arena_new(&j->mem, Model);
    m->database = arena_copy(&j->mem, desk_database(d));
    j->data = m;
    s->job = desk_side_start(d, j);
}

// ---- choosing and scrolling ----

static const ErdGrid *grid_of(const DiagramState *s) { return &s->model->grid[s->detail]; }

static int clamp(int value, int low, int high)
{
    return value > high ? (high < low ? low : high) : value < low ? low : value;
}

static void pan(Pane *p, int dx, int dy)
{
    DiagramState *s = pane_state(p, DiagramState);
    const ErdGrid *g = grid_of(s);
    s->left = clamp(s->left + dx, 0, (int)g->width - p->width > 0 ? (int)g->width - p->width : 0);
    s->top =
        clamp(s->top + dy, 0, (int)g->height - (p->height - 1) > 0 ? (int)g->height - (p->height - 1) : 0);
}

// Brings the chosen table's box into sight.
static void show_table(Pane *p, int table)
{
    DiagramState *s = pane_state(p, DiagramState);
    if (table < 0 || (uint32_t)table >= s->model->erd.catalog.tables) return;
    s->table = table;
    s->relation = 0;
    const ErdBox *b = &grid_of(s)->box[table];
    int x = (int)b->x, y = (int)b->y, right = x + (int)b->width, bottom = y + (int)b->height;
    if (right > s->left + p->width) pan(p, right - s->left - p->width, 0);
    if (x < s->left) pan(p, x - s->left, 0);
    if (bottom > s->top + p->height - 1) pan(p, 0, bottom - s->top - p->height + 1);
    if (y < s->top) pan(p, 0, y - s->top);
}

// The nearest box in a direction from the chosen one, measured between their middles.
static void step(Pane *p, int dx, int dy)
{
    DiagramState *s = pane_state(p, DiagramState);
    const ErdGrid *g = grid_of(s);
    uint32_t tables = s->model->erd.catalog.tables;
    if (s->table < 0) {
        show_table(p, 0);
        return;
    }
    const ErdBox *from = &g->box[s->table];
    int fx = (int)(from->x + from->width / 2), fy = (int)(from->y + from->height / 2), best = NO_TABLE,
        least = INT32_MAX;
    for (uint32_t i = 0; i < tables; i++) {
        const ErdBox *b = &g->box[i];
        int x = (int)(b->x + b->width / 2) - fx, y = (int)(b->y + b->height / 2) - fy;
        int along = x * dx + y * dy * 2, across = abs(x * dy) + abs(y * dx) * 2;
        if ((int)i == s->table || along <= 0) continue;
        int cost = along + 2 * across;
        if (cost < least) {
            least = cost;
            best = (int)i;
        }
    }
    if (best == NO_TABLE)
        pan(p, dx * PAN, dy * PAN);
    else
        show_table(p, best);
}

static bool is_neighbour(const Erd *e, int chosen, uint32_t table)
{
    for (uint32_t i = 0; i < e->relations; i++) {
        const ErdRelation *r = &e->relation[i];
        if ((r->child == (uint32_t)chosen && r->parent == table) ||
            (r->parent == (uint32_t)chosen && r->child == table))
            return true;
    }
    return false;
}

// The k-th relation of the chosen table; NULL past the last.
static const ErdRelation *relation_of(const DiagramState *s, uint32_t k)
{
    const Erd *e = &s->model->erd;
    for (uint32_t i = 0; i < e->relations && s->table >= 0; i++)
        if ((e->relation[i].child == (uint32_t)s->table || e->relation[i].parent == (uint32_t)s->table) &&
            k-- == 0)
            return &e->relation[i];
    return NULL;
}

// ---- drawing ----

static const Style role_style[] = {
    [ERD_BLANK] = STYLE_TEXT,   [ERD_BORDER] = STYLE_BORDER, [ERD_TITLE] = STYLE_TITLE,
    [ERD_PK] = STYLE_KEY_GLYPH, [ERD_FK] = STYLE_NAME,       [ERD_TEXT] = STYLE_TEXT,
    [ERD_TYPE] = STYLE_TYPE,    [ERD_LINE] = STYLE_ACCENT,   [ERD_MARKER] = STYLE_ACCENT,
};

// What a box-drawing rune is in letters, for terminals that have no lines.
static uint32_t plain_rune(uint32_t rune)
{
    if (rune < 0x80) return rune;
    if (rune == 0x2502 || rune == 0x254E || rune == 0x2551) return '|';
    if (rune == 0x2500 || rune == 0x254C || rune == 0x2550) return '-';
    if (rune == 0x25CB) return 'o';
    if (rune == 0x25C6) return '*';
    return rune >= 0x2500 && rune < 0x2580 ? '+' : '?';
}

static Style cell_style(const DiagramState *s, const ErdCell *cell, const bool *lit)
{
    Style style = role_style[cell->role];
    if (s->table < 0) return style;
    const Erd *e = &s->model->erd;
    if (cell->table != ERD_NOWHERE) {
        if (cell->table == (uint32_t)s->table)
            return cell->role == ERD_BORDER  ? STYLE_BORDER_FOCUS
                   : cell->role == ERD_TITLE ? STYLE_TITLE_FOCUS
                                             : style;
        return lit[cell->table] ? style : STYLE_DIM;
    }
    if (cell->relation == ERD_NOWHERE) return style;
    const ErdRelation *r = &e->relation[cell->relation];
    return r->child == (uint32_t)s->table || r->parent == (uint32_t)s->table ? STYLE_ACCENT : STYLE_DIM;
}

static void draw_grid(const Pane *p, const DiagramState *s, Canvas *c)
{
    const ErdGrid *g = grid_of(s);
    uint32_t tables = s->model->erd.catalog.tables;
    Arena mem = {0};
    bool *lit = arena_array(&mem, bool, tables + 1);
    for (uint32_t i = 0; i < tables; i++) lit[i] = is_neighbour(&s->model->erd, s->table, i);
    bool ascii = canvas_charset(c) == CHARSET_ASCII;
    for (int y = 0; y < p->height - 1 && s->top + y < (int)g->height; y++) {
        for (int x = 0; x < p->width && s->left + x < (int)g->width; x++) {
            const ErdCell *cell = erd_cell(g, (uint32_t)(s->left + x), (uint32_t)(s->top + y));
            if (cell->rune == 0 || cell->rune == ' ') continue;
            Style style = cell_style(s, cell, lit);
            char text[4];
            uint32_t rune = ascii ? plain_rune(cell->rune) : cell->rune;
            canvas_text(c, x, y, style, (Str){text, utf8_encode(rune, text)});
        }
    }
    arena_done(&mem);
}

static void draw_sentence(const Pane *p, const DiagramState *s, Canvas *c)
{
    Bytes text;
    bytes_init(&text, 65536);
    const ErdRelation *r = s->table >= 0 ? relation_of(s, s->relation) : NULL;
    if (r)
        erd_relation_sentence(&s->model->erd, r, &text);
    else
        bytes_printf(&text, "%u tables, %u relationships", s->model->erd.catalog.tables,
                     s->model->erd.relations);
    canvas_fill(c, (Rect){0, p->height - 1, p->width, 1}, STYLE_HEADER);
    canvas_text_in(c, 1, p->height - 1, p->width - 2, ALIGN_LEFT, STYLE_HEADER, bytes_str(&text));
    bytes_done(&text);
}

static void diagram_draw(const Pane *p, Canvas *c)
{
    const DiagramState *s = pane_state(p, DiagramState);
    if (s->job) {
        canvas_cstr(c, 1, 0, STYLE_DIM, "Reading and measuring the data model …");
    } else if (!s->model) {
        canvas_text_in(c, 1, 0, c->width - 2, ALIGN_LEFT, STYLE_ERROR, str_of(s->err.text));
    } else if (s->as_text) {
        textview_draw(&s->view, c, p->focused);
    } else {
        draw_grid(p, s, c);
        draw_sentence(p, s, c);
        if (s->model->erd.catalog.tables == 0)
            canvas_cstr(c, 1, 0, STYLE_DIM, "The database has no tables yet.");
    }
}

// ---- the pane ----

static void diagram_open(Pane *p, const void *arg)
{
    DiagramState *s = pane_state(p, DiagramState);
    s->as_text = arg && strcmp(arg, "text") == 0;
    s->table = NO_TABLE;
    bytes_init(&s->needle, 4096);
    textview_init(&s->view, textview_lines_of(STR_NONE, &s->lines_mem), STYLE_TEXT);
    start_reading(p);
}

static void diagram_close(Pane *p)
{
    DiagramState *s = pane_state(p, DiagramState);
    if (s->job) job_cancel(desk_of(p->app)->side_worker, s->job);
    textview_done(&s->view);
    bytes_done(&s->needle);
    arena_done(&s->lines_mem);
    arena_done(&s->mem);
}

static void diagram_message(Pane *p, Msg *m)
{
    DiagramState *s = pane_state(p, DiagramState);
    if (m->what != MODEL_READ) return;
    s->job = 0;
    s->err = m->err;
    if (err_any(&m->err)) return;
    s->mem = m->mem; // the model lives in it
    m->mem = (Arena){0};
    s->model = m->data;
    s->view.lines = textview_lines_of(s->model->text, &s->lines_mem);
    textview_place(&s->view, p->width, p->height);
    if (s->model->erd.catalog.tables) show_table(p, 0);
}

static void show_details(Pane *p)
{
    DiagramState *s = pane_state(p, DiagramState);
    if (s->table < 0) return;
    const CatalogTable *t = &s->model->erd.catalog.table[s->table];
    Bytes text;
    bytes_init(&text, 1 << 20);
    bytes_printf(&text, "%lld rows\n\n", (long long)t->rows);
    for (uint32_t i = 0; i < t->columns; i++) {
        const CatalogColumn *col = &t->column[i];
        const char *mark = catalog_in_primary(t, i) ? "◆" : catalog_in_foreign(t, i) ? "↗" : "·";
        bytes_printf(&text, "%s %-28.*s %-22.*s %s", mark, STR_ARG(col->name), STR_ARG(col->type_text),
                     col->nullable ? "" : "NOT NULL");
        if (col->identity) bytes_put(&text, STR(" identity"));
        if (col->default_text.len) bytes_printf(&text, " DEFAULT %.*s", STR_ARG(col->default_text));
        bytes_put_byte(&text, '\n');
    }
    for (uint32_t i = 0; i < t->checks; i++)
        bytes_printf(&text, "\nCHECK %.*s: %.*s", STR_ARG(t->check[i].name), STR_ARG(t->check[i].text));
    bytes_put_byte(&text, '\n');
    const ErdRelation *r;
    for (uint32_t k = 0; (r = relation_of(s, k)) != NULL; k++) {
        bytes_put_byte(&text, '\n');
        erd_relation_sentence(&s->model->erd, r, &text);
    }
    char title[160];
    snprintf(title, sizeof title, "%.*s", STR_ARG(t->name));
    dialog_text(p->app, title, bytes_str(&text));
    bytes_done(&text);
}

static void find(Pane *p, bool again)
{
    DiagramState *s = pane_state(p, DiagramState);
    Str needle = bytes_str(&s->needle);
    uint32_t tables = s->model->erd.catalog.tables;
    for (uint32_t i = 0; i < tables && needle.len; i++) {
        uint32_t at = (uint32_t)((s->table < 0 ? 0 : s->table) + (again ? 1 : 0) + (int)i) % tables;
        Str name = s->model->erd.catalog.table[at].name;
        for (size_t k = 0; k + needle.len <= name.len; k++) {
            if (!str_equal_fold(str_slice(name, k, needle.len), needle)) continue;
            show_table(p, (int)at);
            return;
        }
    }
    app_notice(p->app, NOTICE_WARNING, "No table is called like %.*s", STR_ARG(needle));
}

static void diagram_answer(Pane *p, const Answer *a)
{
    DiagramState *s = pane_state(p, DiagramState);
    if (!a->ok || !s->model) return;
    bytes_clear(&s->needle);
    bytes_put(&s->needle, a->field[0]);
    if (!s->as_text)
        find(p, false);
    else if (!textview_find(&s->view, a->field[0], false))
        app_notice(p->app, NOTICE_WARNING, "Not found: %.*s", STR_ARG(a->field[0]));
}

static bool act_drawing(Pane *p, Action a)
{
    DiagramState *s = pane_state(p, DiagramState);
    const ErdGrid *g = grid_of(s);
    switch (a) {
    case ACTION_LEFT: step(p, -1, 0); return true;
    case ACTION_RIGHT: step(p, 1, 0); return true;
    case ACTION_UP: step(p, 0, -1); return true;
    case ACTION_DOWN: step(p, 0, 1); return true;
    case ACTION_PAGE_UP: pan(p, 0, -(p->height - 2)); return true;
    case ACTION_PAGE_DOWN: pan(p, 0, p->height - 2); return true;
    case ACTION_HOME: pan(p, -(int)g->width, 0); return true;
    case ACTION_END: pan(p, (int)g->width, 0); return true;
    case ACTION_TOP: pan(p, -(int)g->width, -(int)g->height); return true;
    case ACTION_BOTTOM: pan(p, (int)g->width, (int)g->height); return true;
    case ACTION_SELECT_LEFT: pan(p, -PAN, 0); return true;
    case ACTION_SELECT_RIGHT: pan(p, PAN, 0); return true;
    case ACTION_SELECT_UP: pan(p, 0, -PAN / 2); return true;
    case ACTION_SELECT_DOWN: pan(p, 0, PAN / 2); return true;
    case ACTION_NEXT: s->relation = relation_of(s, s->relation + 1) ? s->relation + 1 : 0; return true;
    case ACTION_ENTER: show_details(p); return true;
    case ACTION_EDIT_FIND_NEXT: find(p, true); return true;
    default: return false;
    }
}

static bool diagram_act(Pane *p, Action a)
{
    DiagramState *s = pane_state(p, DiagramState);
    if (a == ACTION_CANCEL) {
        app_close(p->app, p);
        return true;
    }
    if (!s->model) return false;
    if (a == ACTION_EDIT_FIND) {
        dialog_prompt(p->app, p, ASK_FIND, "Find", s->as_text ? "Text" : "Table", bytes_str(&s->needle));
        return true;
    }
    return s->as_text ? textview_act(&s->view, a) : act_drawing(p, a);
}

static bool diagram_key(Pane *p, Key k)
{
    DiagramState *s = pane_state(p, DiagramState);
    if (k.mods || !s->model) return false;
    switch (k.code) {
    case '1':
    case '2':
    case '3':
        s->detail = (ErdDetail)(k.code - '1');
        pan(p, 0, 0);
        show_table(p, s->table);
        return true;
    case 't': s->as_text = !s->as_text; return true;
    case 'w': return commands_act(p->app, ACTION_MODEL_WRITE);
    case 'q': app_close(p->app, p); return true;
    case '/': return diagram_act(p, ACTION_EDIT_FIND);
    default: return false;
    }
}

static bool diagram_mouse(Pane *p, const Mouse *m)
{
    DiagramState *s = pane_state(p, DiagramState);
    if (!s->model) return false;
    if (s->as_text) return textview_mouse(&s->view, m);
    const ErdGrid *g = grid_of(s);
    if (m->kind == MOUSE_WHEEL_UP)
        pan(p, 0, -PAN / 2);
    else if (m->kind == MOUSE_WHEEL_DOWN)
        pan(p, 0, PAN / 2);
    else if (m->kind == MOUSE_DRAG)
        pan(p, s->drag_x - m->x, s->drag_y - m->y);
    else if (m->kind == MOUSE_PRESS) {
        int x = s->left + m->x, y = s->top + m->y;
        const ErdCell *cell = x >= 0 && y >= 0 && x < (int)g->width && y < (int)g->height
                                  ? erd_cell(g, (uint32_t)x, (uint32_t)y)
                                  : NULL;
        if (cell && cell->table != ERD_NOWHERE) s->table = (int)cell->table;
        if (cell && cell->table != ERD_NOWHERE && m->twice) show_details(p);
    }
    s->drag_x = m->x;
    s->drag_y = m->y;
    return true;
}

static void diagram_place(Pane *p)
{
    DiagramState *s = pane_state(p, DiagramState);
    textview_place(&s->view, p->width, p->height);
    if (s->model) pan(p, 0, 0);
}

static void diagram_title(const Pane *p, Bytes *out)
{
    const DiagramState *s = pane_state(p, DiagramState);
    bytes_put(out, STR("Data model"));
    if (!s->model) return;
    bytes_put(out, STR(" of "));
    bytes_put(out, s->model->database);
}

static void diagram_hint(const Pane *p, Bytes *out)
{
    bytes_put(out, pane_state(p, DiagramState)->as_text
                       ? STR("t drawing  / find  w write  Esc close")
                       : STR("arrows table  Enter details  1 2 3 detail  Tab relation  t text  / find  w "
                             "write  Esc close"));
}

const PaneKind pane_diagram = {
    .name = "diagram",
    .state_size = sizeof(DiagramState),
    .open = diagram_open,
    .close = diagram_close,
    .place = diagram_place,
    .draw = diagram_draw,
    .key = diagram_key,
    .act = diagram_act,
    .mouse = diagram_mouse,
    .message = diagram_message,
    .answer = diagram_answer,
    .title = diagram_title,
    .hint = diagram_hint,
};
