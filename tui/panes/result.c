// Result: the answers of a run: a grid per statement that gives rows, a line per statement in Messages, the
// error with its place. Rows are read from a Rowset while the worker still fills it. Relies on desk, grid,
// textview, dialog.
#include "tui/panes/panes.h"

#include "analytics/figures.h"
#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "export/result_file.h"
#include "tui/panes/desk.h"
#include "tui/widget/dialog.h"
#include "tui/widget/grid.h"
#include "tui/widget/textview.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ASK_FIND = 1, ASK_GOTO, ASK_EXPORT, RESULT_WRITTEN = DESK_OWN };
// Statements that give no rows have tabs while there are few: a script of hundreds is told in Messages.
enum { MESSAGES_MAX = 4 << 20, GROWING_TICK_MS = 60, MEASURE_ROWS = 200, CHANGE_TABS = 8 };

typedef struct ResultTab {
    Arena mem;
    DeskStatement statement;
    DeskRows *rows; // NULL: changed rows only
    Grid grid;
    bool done, failed, measured;
    bool lent; // a worker reads the rowset: the grid is not drawn
} ResultTab;

typedef struct ResultState {
    ResultTab *tab[DESK_RESULTS_MAX];
    size_t tabs, at; // at == tabs: Messages
    Bytes messages;
    size_t *line; // where each line of messages begins
    size_t lines, lines_cap;
    TextView view;
    Bytes needle;
    JobWorker *writer; // of "save result"; made when first asked for
    ResultTab *written;
} ResultState;

static ResultTab *tab_of(const Pane *p)
{
    ResultState *s = pane_state(p, ResultState);
    return s->at < s->tabs ? s->tab[s->at] : NULL;
}

static ResultTab *grid_tab(const Pane *p)
{
    ResultTab *t = tab_of(p);
    return t && t->rows && !t->lent ? t : NULL;
}

// ---- messages ----

static uint64_t message_count(void *self) { return ((ResultState *)self)->lines; }

static Str message_line(void *self, uint64_t i)
{
    const ResultState *s = self;
    Str rest = str_slice(bytes_str(&s->messages), s->line[i], SIZE_MAX);
    return str_cut(&rest, '\n');
}

static void add_line(ResultState *s, size_t at)
{
    if (s->lines == s->lines_cap) {
        size_t cap = s->lines_cap ? 2 * s->lines_cap : 64;
        size_t *more = size_realloc(s->line, cap, sizeof *more);
        if (!more) return; // that line is not shown
        s->line = more;
        s->lines_cap = cap;
    }
    s->line[s->lines++] = at;
}

static void index_from(ResultState *s, size_t at)
{
    for (; at < s->messages.len; at++) {
        add_line(s, at);
        at = str_find_byte(bytes_str(&s->messages), '\n', at);
        if (at == SIZE_MAX) break;
    }
}

static void place_messages(Pane *p)
{
    ResultState *s = pane_state(p, ResultState);
    textview_place(&s->view, p->width, p->height);
    scroll_to(&s->view.scroll, s->lines ? s->lines - 1 : 0);
}

static void forget_messages(Pane *p)
{
    ResultState *s = pane_state(p, ResultState);
    bytes_clear(&s->messages);
    s->lines = 0;
    place_messages(p);
}

static void say(Pane *p, const char *format, ...) PRINTF_LIKE(2, 3);
static void say(Pane *p, const char *format, ...)
{
    ResultState *s = pane_state(p, ResultState);
    char line[2 * ERR_TEXT_MAX];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (len < 0) return;
    if (s->messages.len > MESSAGES_MAX / 2) {
        bytes_remove_front(&s->messages, s->messages.len - MESSAGES_MAX / 4);
        s->lines = 0;
        index_from(s, 0);
    }
    size_t from = s->messages.len;
    bytes_put(&s->messages, str_of(line));
    bytes_put_byte(&s->messages, '\n');
    index_from(s, from);
    place_messages(p);
}

static void drop_tabs(ResultState *s)
{
    for (size_t i = 0; i < s->tabs; i++) {
        desk_rows_drop(s->tab[i]->rows);
        Arena mem = s->tab[i]->mem; // the tab lies in its own arena
        arena_done(&mem);
    }
    s->tabs = s->at = 0;
}

static void result_open(Pane *p, const void *arg)
{
    (void)arg;
    ResultState *s = pane_state(p, ResultState);
    bytes_init(&s->messages, MESSAGES_MAX);
    bytes_init(&s->needle, 4096);
    textview_init(&s->view, (TextViewLines){s, message_count, message_line, NULL}, STYLE_TEXT);
}

static void result_close(Pane *p)
{
    ResultState *s = pane_state(p, ResultState);
    if (s->writer) job_worker_free(s->writer);
    drop_tabs(s);
    textview_done(&s->view);
    bytes_done(&s->messages);
    bytes_done(&s->needle);
    free(s->line);
}

// ---- what the run tells ----

static ResultTab *add_tab(Pane *p, const DeskStatement *d)
{
    ResultState *s = pane_state(p, ResultState);
    if (s->tabs == DESK_RESULTS_MAX) return NULL;
    Arena mem = {0};
    ResultTab *t = arena_new(&mem, ResultTab);
    t->statement = *d;
    t->statement.rows = NULL;
    t->statement.tag = STR_NONE;
    t->mem = mem;
    // Rows come to the front; a count does not take their place.
    bool first = d->rows || s->tabs == 0 || s->at == s->tabs || !s->tab[s->at]->rows;
    s->tab[s->tabs] = t;
    if (first) s->at = s->tabs;
    s->tabs++;
    return t;
}

static void start_rows(Pane *p, DeskStatement *d)
{
    ResultTab *t = add_tab(p, d);
    if (!t) return; // the message still holds the reference
    t->rows = d->rows;
    d->rows = NULL;
    Rowset *r = t->rows->set;
    uint32_t count = rowset_columns(r);
    ResultColumn *column = arena_array(&t->mem, ResultColumn, count);
    for (uint32_t i = 0; i < count; i++) column[i] = *rowset_column(r, i);
    grid_init(&t->grid, grid_rows_of(r), &t->mem, column, count);
    t->grid.numbers = true;
    grid_place(&t->grid, p->width, p->height);
    // A folded screen shows one pane: now this one.
    if (app_width(p->app) < LAYOUT_FOLD_COLUMNS) app_focus(p->app, SLOT_RESULT);
}

static ResultTab *tab_for(ResultState *s, const DeskStatement *d)
{
    for (size_t i = s->tabs; i-- > 0;)
        if (s->tab[i]->statement.index == d->index && !s->tab[i]->done) return s->tab[i];
    return NULL;
}

static bool changes_rows(Str tag)
{
    static const char *const tags[] = {"INSERT", "UPDATE", "DELETE", "MERGE", "COPY"};
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        if (str_starts(tag, str_of(tags[i]))) return true;
    return false;
}

// "318 rows", "6 changed", or nothing where nothing is counted (COMMIT, CREATE TABLE).
static void put_count(Bytes *out, Str tag, bool rows, int64_t count)
{
    if (rows)
        bytes_printf(out, "%lld %s", (long long)count, count == 1 ? "row" : "rows");
    else if (changes_rows(tag))
        bytes_printf(out, "%lld changed", (long long)count);
}

static void finish(Pane *p, const DeskStatement *d)
{
    ResultState *s = pane_state(p, ResultState);
    char took[CLOCK_TEXT_SIZE];
    ResultTab *t = tab_for(s, d);
    bool rows = t && t->rows;
    Bytes count;
    bytes_init(&count, 64);
    put_count(&count, d->tag, rows, d->count);
    say(p, "%4u  %-18.*s %-16.*s %s", d->index + 1, STR_ARG(d->tag), STR_ARG(bytes_str(&count)),
        clock_text_duration(took, d->duration_us));
    bytes_done(&count);
    if (!t && s->tabs < CHANGE_TABS && !str_equal(d->tag, STR("USE"))) t = add_tab(p, d);
    if (!t) return;
    t->done = true;
    t->statement.count = d->count;
    t->statement.duration_us = d->duration_us;
    t->statement.tag = arena_copy(&t->mem, d->tag);
    if (t->rows && !t->lent) {
        grid_place(&t->grid, p->width, p->height);
        grid_measure(&t->grid);
    }
}

static void fail(Pane *p, const Msg *m)
{
    ResultState *s = pane_state(p, ResultState);
    const Err *e = &m->err;
    if (e->line)
        say(p, " %s: %s (line %u, column %u)", e->state, e->text, e->line, e->column);
    else
        say(p, " %s: %s", e->state, e->text);
    if (e->hint[0]) say(p, "       hint: %s", e->hint);
    for (Str rest = str_of(e->notes); rest.len;) say(p, "       %.*s", STR_ARG(str_cut(&rest, '\n')));
    // A grid that was still growing keeps what it has; Messages come to the front.
    const DeskStatement *d = m->data;
    ResultTab *t = d ? tab_for(s, d) : NULL;
    if (t) t->done = t->failed = true;
    s->at = s->tabs;
}

static void written(Pane *p, const Msg *m)
{
    ResultState *s = pane_state(p, ResultState);
    if (s->written) s->written->lent = false;
    s->written = NULL;
    if (err_any(&m->err))
        app_notice_err(p->app, &m->err);
    else
        app_notice(p->app, NOTICE_OK, "Wrote %.*s", STR_ARG(*(const Str *)m->data));
}

static void result_message(Pane *p, Msg *m)
{
    ResultState *s = pane_state(p, ResultState);
    switch (m->what) {
    case DESK_RESULT_START:
        if (s->written) break; // a file is being written from them: they stay until the next run
        drop_tabs(s);
        forget_messages(p);
        break;
    case DESK_RESULT_ROWS: start_rows(p, m->data); break;
    case DESK_RESULT_NOTICE: say(p, "     %.*s", STR_ARG(((const DeskStatement *)m->data)->tag)); break;
    case DESK_RESULT_DONE: finish(p, m->data); break;
    case DESK_RUN_ERROR: fail(p, m); break;
    case DESK_RUN_END: desk_run_ended(desk_of(p->app), m); return; // of a run that had no pane of its own
    case RESULT_WRITTEN: written(p, m); return;
    default: break;
    }
}

static int result_tick(Pane *p, int64_t now_us)
{
    (void)now_us;
    ResultState *s = pane_state(p, ResultState);
    bool growing = false;
    for (size_t i = 0; i < s->tabs; i++) {
        ResultTab *t = s->tab[i];
        if (!t->rows || t->done || t->lent) continue;
        growing = true;
        uint64_t count = rowset_count(t->rows->set);
        if (count == t->grid.scroll.count) continue;
        grid_place(&t->grid, p->width, p->height);
        if (!t->measured) {
            grid_measure(&t->grid);
            t->measured = count >= MEASURE_ROWS;
        }
        app_touch(p->app);
    }
    return growing ? GROWING_TICK_MS : -1;
}

// ---- drawing ----

static void draw_change(const ResultTab *t, Canvas *c)
{
    char took[CLOCK_TEXT_SIZE];
    Bytes text;
    bytes_init(&text, 256);
    put_count(&text, t->statement.tag, false, t->statement.count);
    int x = canvas_text(c, 1, 0, STYLE_OK, t->statement.tag) + 2;
    if (text.len) x = canvas_text(c, x, 0, STYLE_NUMBER, bytes_str(&text)) + 2;
    canvas_cstr(c, x, 0, STYLE_DIM, clock_text_duration(took, t->statement.duration_us));
    bytes_done(&text);
}

static void result_draw(const Pane *p, Canvas *c)
{
    const ResultState *s = pane_state(p, ResultState);
    const ResultTab *t = tab_of(p);
    if (!t) {
        textview_draw(&s->view, c, p->focused);
        if (s->messages.len == 0)
            canvas_cstr(c, 1, 0, STYLE_DIM, "F5 runs the statement at the cursor; its answer comes here.");
    } else if (t->lent) {
        canvas_cstr(c, 1, 0, STYLE_DIM, "This result is being written to a file …");
    } else if (t->rows) {
        grid_draw(&t->grid, c, p->focused);
    } else {
        draw_change(t, c);
    }
}

static bool result_tab(const Pane *p, size_t i, Bytes *out, bool *active)
{
    const ResultState *s = pane_state(p, ResultState);
    *active = i == s->at;
    if (i > s->tabs) return false;
    if (i == s->tabs) {
        bytes_put(out, STR("Messages"));
        return true;
    }
    const ResultTab *t = s->tab[i];
    char took[CLOCK_TEXT_SIZE];
    if (!t->rows) {
        bytes_printf(out, "%zu: %.*s", i + 1, STR_ARG(t->statement.tag));
        if (changes_rows(t->statement.tag)) bytes_printf(out, " %lld", (long long)t->statement.count);
        return true;
    }
    unsigned long long count = rowset_count(t->rows->set);
    if (str_equal(t->statement.tag, STR("EXPLAIN")))
        bytes_put(out, STR("Plan"));
    else {
        bytes_printf(out, "Result %zu: ", i + 1);
        figure_number_text((double)count, out);
        bytes_put(out, count == 1 ? STR(" row") : STR(" rows"));
    }
    if (t->failed)
        bytes_put(out, STR(" (stopped)"));
    else if (t->done)
        bytes_printf(out, " · %s", clock_text_duration(took, t->statement.duration_us));
    else
        bytes_put(out, STR(" …"));
    return true;
}

static void result_tab_pick(Pane *p, size_t i)
{
    ResultState *s = pane_state(p, ResultState);
    if (i <= s->tabs) s->at = i;
}

static void result_place(Pane *p)
{
    ResultState *s = pane_state(p, ResultState);
    for (size_t i = 0; i < s->tabs; i++)
        if (s->tab[i]->rows) grid_place(&s->tab[i]->grid, p->width, p->height);
    textview_place(&s->view, p->width, p->height);
}

// ---- actions ----

static void show_value(Pane *p, ResultTab *t)
{
    Str text;
    bool null;
    if (!grid_value(&t->grid, &text, &null)) return;
    Bytes title;
    bytes_init(&title, 4096);
    bytes_put(&title, t->grid.column[t->grid.at].name);
    bytes_printf(&title, "  row %llu", (unsigned long long)t->grid.scroll.at + 1);
    dialog_text(p->app, title.at, null ? STR("NULL") : text.len ? text : STR("(empty)"));
    bytes_done(&title);
}

static void copy(Pane *p, ResultTab *t)
{
    Bytes text;
    bytes_init(&text, GRID_COPY_MAX);
    grid_copy(&t->grid, false, &text);
    if (text.failed)
        app_notice(p->app, NOTICE_ERROR, "More than %d MiB are selected; save the result to a file instead",
                   GRID_COPY_MAX >> 20);
    else
        app_copy(p->app, bytes_str(&text));
    bytes_done(&text);
}

static void ask_find(Pane *p)
{
    dialog_prompt(p->app, p, ASK_FIND, "Find", "Text", bytes_str(&pane_state(p, ResultState)->needle));
}

static void find(Pane *p, bool backwards)
{
    ResultState *s = pane_state(p, ResultState);
    ResultTab *t = grid_tab(p);
    Str needle = bytes_str(&s->needle);
    if (needle.len == 0) {
        ask_find(p);
        return;
    }
    if (t ? !grid_find(&t->grid, needle, backwards) : !textview_find(&s->view, needle, backwards))
        app_notice(p->app, NOTICE_WARNING, "Not found: %.*s", STR_ARG(needle));
}

static const char *const file_formats[] = {"csv", "tsv", "json", "sql", "table", NULL};

static void ask_export(Pane *p)
{
    static const FieldSpec fields[] = {
        {.label = "File", .required = true, .width = 56},
        {.label = "Format", .choice = file_formats},
    };
    if (!grid_tab(p)) {
        app_notice(p->app, NOTICE_INFO, "There is no result to write");
        return;
    }
    Bytes path;
    bytes_init(&path, 4096);
    Err err = {0};
    Desk *d = desk_of(p->app);
    if (d->host->kind->directory(d->host, "exports", &path, &err)) bytes_put(&path, STR("/result.csv"));
    dialog_form(p->app, p, ASK_EXPORT, "Write result", fields, COUNT_OF(fields),
                (Str[]){bytes_str(&path), STR("csv")}, "Write");
    bytes_done(&path);
}

typedef struct WriteJob {
    Io io;
    Str path, format;
    Rowset *rows;
} WriteJob;

static void write_result(Job *j, void *context)
{
    (void)context;
    WriteJob *w = j->data;
    Str *path = arena_new(&j->mem, Str);
    *path = w->path;
    j->data = path;
    OutFile *file = NULL;
    ResultFile *r = NULL;
    ResultFileOptions o = {.format = result_format(w->format), .null_text = STR("NULL")};
    bool ok = out_file_open(&file, w->io, arena_cstr(&j->mem, w->path), &j->err) &&
              result_file_new(&r, &o, file, &j->err) &&
              result_file_write_rowset(r, w->rows, &j->cancelled, &j->err);
    if (r) result_file_free(r);
    if (!ok)
        out_file_abandon(file);
    else if (!out_file_finish(file, &j->err))
        return;
}

static void start_export(Pane *p, const Answer *a)
{
    ResultState *s = pane_state(p, ResultState);
    ResultTab *t = grid_tab(p);
    Err err = {0};
    if (!t || s->written) return;
    if (!s->writer && !job_worker_new(&s->writer, app_box(p->app), NULL, NULL, &err)) {
        app_notice_err(p->app, &err);
        return;
    }
    Job *j = job_new(p->id, RESULT_WRITTEN, write_result);
    WriteJob *w = arena_new(&j->mem, WriteJob);
    *w = (WriteJob){desk_of(p->app)->host->io, arena_copy(&j->mem, a->field[0]),
                    arena_copy(&j->mem, a->field[1]), t->rows->set};
    j->data = w;
    t->lent = true;
    s->written = t;
    job_start(s->writer, j);
}

static void result_answer(Pane *p, const Answer *a)
{
    ResultState *s = pane_state(p, ResultState);
    ResultTab *t = grid_tab(p);
    int64_t row;
    if (!a->ok) return;
    if (a->question == ASK_FIND) {
        bytes_clear(&s->needle);
        bytes_put(&s->needle, a->field[0]);
        if (s->needle.len) find(p, false);
    } else if (a->question == ASK_GOTO && t && str_to_int64(str_trim(a->field[0]), &row) && row > 0) {
        grid_goto(&t->grid, (uint64_t)row - 1, t->grid.at);
    } else if (a->question == ASK_EXPORT) {
        start_export(p, a);
    }
}

static bool act_grid(Pane *p, ResultTab *t, Action a)
{
    switch (a) {
    case ACTION_ENTER:
    case ACTION_DATA_VALUE: show_value(p, t); return true;
    case ACTION_EDIT_COPY: copy(p, t); return true;
    case ACTION_EDIT_GOTO: dialog_prompt(p->app, p, ASK_GOTO, "Go to", "Row", STR("")); return true;
    case ACTION_VIEW_GROW:
    case ACTION_VIEW_SHRINK: return false;
    default: return grid_act(&t->grid, a);
    }
}

static bool result_act(Pane *p, Action a)
{
    ResultState *s = pane_state(p, ResultState);
    ResultTab *t = grid_tab(p);
    switch (a) {
    case ACTION_VIEW_NEXT_TAB: s->at = (s->at + 1) % (s->tabs + 1); return true;
    case ACTION_VIEW_PREV_TAB: s->at = (s->at + s->tabs) % (s->tabs + 1); return true;
    case ACTION_EDIT_FIND: ask_find(p); return true;
    case ACTION_EDIT_FIND_NEXT: find(p, false); return true;
    case ACTION_EDIT_FIND_PREV: find(p, true); return true;
    case ACTION_EXPORT_RESULT: ask_export(p); return true;
    case ACTION_EDIT_COPY:
        if (t || !s->messages.len) break;
        app_copy(p->app, bytes_str(&s->messages));
        return true;
    default: break;
    }
    return t ? act_grid(p, t, a) : textview_act(&s->view, a);
}

static bool result_key(Pane *p, Key k)
{
    ResultTab *t = grid_tab(p);
    if (!t || k.mods) return false;
    switch (k.code) {
    case '+': grid_widen(&t->grid, 4); return true;
    case '-': grid_widen(&t->grid, -4); return true;
    case '/': return result_act(p, ACTION_EDIT_FIND);
    case 'n': find(p, false); return true;
    case 'f': grid_freeze(&t->grid, t->grid.at + 1); return true;
    default: return false;
    }
}

static bool result_mouse(Pane *p, const Mouse *m)
{
    ResultTab *t = grid_tab(p);
    bool chosen = false;
    if (!t) return textview_mouse(&pane_state(p, ResultState)->view, m);
    bool mine = grid_mouse(&t->grid, m, &chosen);
    if (chosen) show_value(p, t);
    return mine;
}

static void result_hint(const Pane *p, Bytes *out)
{
    if (grid_tab(p)) bytes_put(out, STR("F4 value  C-f find  f freeze"));
}

const PaneKind pane_result = {
    .name = "result",
    .state_size = sizeof(ResultState),
    .open = result_open,
    .close = result_close,
    .place = result_place,
    .draw = result_draw,
    .key = result_key,
    .act = result_act,
    .mouse = result_mouse,
    .message = result_message,
    .answer = result_answer,
    .tick = result_tick,
    .tab = result_tab,
    .tab_pick = result_tab_pick,
    .hint = result_hint,
};
