// Record: a popup with one form made from the dictionary: for a new row, for the key of a row, and for the
// row itself. What is sent is SQL text run on the person's own connection, so that it shows in Messages and
// logs like any other. Relies on desk, form, dialog.
#include "tui/panes/record.h"

#include "tui/panes/panes.h"
#include "tui/widget/dialog.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS_READ = DESK_OWN, ROW_READ, ASK_SURE = 1, RECORD_WIDTH = 72, STATEMENT_MAX = 16 << 20 };
typedef enum RecordStep { RECORD_INSERT, RECORD_KEY, RECORD_CHANGE, RECORD_REMOVE } RecordStep;

typedef struct RecordColumn {
    Str name, hint;
    bool primary, optional; // optional: empty means DEFAULT or identity
} RecordColumn;

typedef struct RecordState {
    Str database, table;
    RecordStep step;
    bool remove;
    RecordColumn *column;
    uint32_t columns;
    FieldSpec *spec;
    uint32_t *field; // column of each field
    Form form;
    bool formed;
    bool running; // the statement that was sent; the form goes when it ends well
    Str *before;  // values of the row as read; at == NULL: NULL
    Str *key;     // values of the primary key, by column
    Err err;
} RecordState;

typedef struct RecordArg {
    Str database, table;
    bool change, remove;
} RecordArg;
typedef struct Reading {
    Str text, database;
    Collected rows;
} Reading;

// ---- reading ----

static bool use(Source *source, Str database, Err *err)
{
    if (database.len == 0) return true;
    Bytes text;
    bytes_init(&text, 4096);
    ResultSink sink = {0};
    bytes_put(&text, STR("USE "));
    source_quote_name(&text, database);
    bool ok = source_run(source, bytes_str(&text), &sink, err);
    bytes_done(&text);
    return ok;
}

static void read_rows(Job *j, void *context)
{
    Reading *r = j->data;
    if (!use(context, r->database, &j->err) || !source_collect(context, r->text, &j->mem, &r->rows, &j->err))
        r->rows.rows = 0;
}

static void start_reading(Pane *p, uint32_t what, Str text)
{
    RecordState *s = pane_state(p, RecordState);
    Job *j = desk_side_job(p, what, read_rows);
    Reading *r = arena_new(&j->mem, Reading);
    r->text = arena_copy(&j->mem, text);
    r->database = arena_copy(&j->mem, s->database);
    j->data = r;
    if (what == ROW_READ && str_equal(s->database, desk_database(desk_of(p->app)))) {
        r->database = STR_NONE;              // chosen on both connections
        desk_read_start(desk_of(p->app), j); // sees what the open transaction has changed
    } else {
        desk_side_start(desk_of(p->app), j);
    }
}

static void read_columns(Pane *p)
{
    RecordState *s = pane_state(p, RecordState);
    Bytes text;
    bytes_init(&text, 16384);
    bytes_put(&text, STR("SELECT column_name, column_type, in_primary, in_foreign, not_null, column_default, "
                         "identity FROM d2db.columns WHERE database = "));
    source_quote_text(&text, s->database);
    bytes_put(&text, STR(" AND table_name = "));
    source_quote_text(&text, s->table);
    bytes_put(&text, STR(" ORDER BY position"));
    start_reading(p, COLUMNS_READ, bytes_str(&text));
    bytes_done(&text);
}

static void put_where(const RecordState *s, Bytes *text)
{
    const char *word = " WHERE ";
    for (uint32_t i = 0; i < s->columns; i++) {
        if (!s->column[i].primary) continue;
        bytes_put(text, str_of(word));
        source_quote_name(text, s->column[i].name);
        bytes_put(text, STR(" = "));
        source_quote_text(text, s->key[i]);
        word = " AND ";
    }
}

static void read_row(Pane *p)
{
    RecordState *s = pane_state(p, RecordState);
    Bytes text;
    bytes_init(&text, STATEMENT_MAX);
    bytes_put(&text, STR("SELECT "));
    for (uint32_t i = 0; i < s->columns; i++) {
        if (i) bytes_put(&text, STR(", "));
        source_quote_name(&text, s->column[i].name);
    }
    bytes_put(&text, STR(" FROM "));
    desk_quote_table(&text, s->table);
    put_where(s, &text);
    start_reading(p, ROW_READ, bytes_str(&text));
    bytes_done(&text);
}

// ---- forms ----

static void record_place(Pane *p)
{
    RecordState *s = pane_state(p, RecordState);
    if (s->formed) form_place(&s->form, p->width - 2, p->height);
}

static void show_form(Pane *p, RecordStep step, const char *send)
{
    RecordState *s = pane_state(p, RecordState);
    if (s->formed) form_done(&s->form);
    s->step = step;
    s->spec = arena_array(&p->mem, FieldSpec, s->columns);
    s->field = arena_array(&p->mem, uint32_t, s->columns);
    Str *initial = arena_array(&p->mem, Str, s->columns);
    size_t count = 0;
    for (uint32_t i = 0; i < s->columns && count < FORM_FIELD_MAX; i++) {
        const RecordColumn *c = &s->column[i];
        if (step == RECORD_KEY && !c->primary) continue;
        bool fixed = step == RECORD_REMOVE || (step == RECORD_CHANGE && c->primary);
        s->spec[count] = (FieldSpec){.label = arena_cstr(&p->mem, c->name),
                                     .hint = arena_cstr(&p->mem, c->hint),
                                     .fixed = fixed,
                                     .required = step == RECORD_KEY,
                                     .max = 1 << 20};
        // An empty text is written as two quotes, so that it is told from NULL.
        if (s->before) initial[count] = s->before[i].at && s->before[i].len == 0 ? STR("''") : s->before[i];
        s->field[count++] = i;
    }
    form_init(&s->form, s->spec, count, initial, send, &p->mem);
    s->formed = true;
    app_popup_resize(p->app, p, RECORD_WIDTH, form_height(&s->form));
    record_place(p);
}

static void take_columns(Pane *p, const Collected *c)
{
    RecordState *s = pane_state(p, RecordState);
    s->columns = (uint32_t)c->rows;
    s->column = arena_array(&p->mem, RecordColumn, c->rows + 1);
    s->key = arena_array(&p->mem, Str, c->rows + 1);
    bool any_key = false;
    for (uint32_t i = 0; i < s->columns; i++) {
        RecordColumn *col = &s->column[i];
        bool defaulted = !collected_null(c, i, 5) || collected_true(c, i, 6);
        col->name = arena_copy(&p->mem, collected_cell(c, i, 0));
        col->primary = collected_true(c, i, 2);
        col->optional = defaulted;
        Str type = collected_cell(c, i, 1);
        col->hint =
            arena_printf(&p->mem, "%.*s%s%s%s%s", STR_ARG(type), col->primary ? ", primary key" : "",
                         collected_true(c, i, 3) ? ", foreign key" : "",
                         collected_true(c, i, 4) ? ", not null" : "; empty is NULL, '' the empty text",
                         defaulted ? "; empty takes the default" : "");
        any_key |= col->primary;
    }
    if (s->columns == 0)
        err_set(&s->err, SQLSTATE_UNDEFINED_TABLE, "table %.*s has no columns here", STR_ARG(s->table));
    else if (s->columns > FORM_FIELD_MAX)
        err_set(&s->err, SQLSTATE_LIMIT, "a form holds at most %d columns; use the editor",
                (int)FORM_FIELD_MAX);
    else if (s->step == RECORD_KEY && !any_key)
        err_set(&s->err, "42830", "table %.*s has no primary key to find a row by; use the editor",
                STR_ARG(s->table));
    else
        show_form(p, s->step, s->step == RECORD_INSERT ? "Insert" : "Find");
}

static void take_row(Pane *p, const Collected *c)
{
    RecordState *s = pane_state(p, RecordState);
    if (c->rows == 0) {
        app_notice(p->app, NOTICE_WARNING, "There is no such row");
        return;
    }
    s->before = arena_array(&p->mem, Str, s->columns);
    for (uint32_t i = 0; i < s->columns; i++)
        s->before[i] =
            collected_null(c, 0, (int)i) ? STR_NONE : arena_copy(&p->mem, collected_cell(c, 0, (int)i));
    show_form(p, s->remove ? RECORD_REMOVE : RECORD_CHANGE, s->remove ? "Delete" : "Change");
}

// ---- what is sent ----

// NULL for an empty field, the empty text for '' and a quoted text for the rest.
static void put_value(Bytes *text, Str value)
{
    if (value.len == 0)
        bytes_put(text, STR("NULL"));
    else if (str_equal(value, STR("''")))
        bytes_put(text, STR("''"));
    else
        source_quote_text(text, value);
}

static void put_insert(const RecordState *s, Bytes *text)
{
    Bytes values;
    bytes_init(&values, STATEMENT_MAX);
    bytes_put(text, STR("INSERT INTO "));
    desk_quote_table(text, s->table);
    bool any = false;
    for (size_t i = 0; i < s->form.count; i++) {
        const RecordColumn *c = &s->column[s->field[i]];
        Str value = form_value(&s->form, i);
        if (value.len == 0 && c->optional) continue;
        bytes_put(text, any ? STR(", ") : STR(" ("));
        source_quote_name(text, c->name);
        if (any) bytes_put(&values, STR(", "));
        put_value(&values, value);
        any = true;
    }
    if (any) {
        bytes_put(text, STR(") VALUES ("));
        bytes_put(text, bytes_str(&values));
        bytes_put_byte(text, ')');
    } else {
        bytes_put(text, STR(" DEFAULT VALUES"));
    }
    bytes_done(&values);
}

// False when nothing was changed.
static bool put_update(const RecordState *s, Bytes *text)
{
    bool any = false;
    bytes_put(text, STR("UPDATE "));
    desk_quote_table(text, s->table);
    for (size_t i = 0; i < s->form.count; i++) {
        uint32_t at = s->field[i];
        Str value = form_value(&s->form, i),
            old = s->before[at].at && s->before[at].len == 0 ? STR("''") : s->before[at];
        if (s->column[at].primary || str_equal(value, old)) continue;
        bytes_put(text, any ? STR(", ") : STR(" SET "));
        source_quote_name(text, s->column[at].name);
        bytes_put(text, STR(" = "));
        put_value(text, value);
        any = true;
    }
    put_where(s, text);
    return any;
}

// The table may be in another database than the person's: then that one is used from now on.
static void put_use(const Pane *p, Bytes *text)
{
    const RecordState *s = pane_state(p, RecordState);
    if (str_equal(s->database, desk_database(desk_of(p->app)))) return;
    bytes_put(text, STR("USE "));
    source_quote_name(text, s->database);
    bytes_put(text, STR("; "));
}

static void run_statement(Pane *p, Bytes *text)
{
    if (text->failed)
        app_notice(p->app, NOTICE_ERROR, "The row is too large for a form; use the editor");
    else
        pane_state(p, RecordState)->running = desk_run(desk_of(p->app), p, bytes_str(text));
}

// What was typed stays when the row is refused.
static void run_ended(Pane *p, const Msg *m)
{
    RecordState *s = pane_state(p, RecordState);
    s->running = false;
    desk_run_ended(desk_of(p->app), m);
    if (err_any(&m->err))
        form_fail(&s->form, s->form.at, &m->err);
    else
        app_close(p->app, p);
}

static void send(Pane *p)
{
    static const char *const buttons[] = {"&Delete it", "&Keep it", NULL};
    RecordState *s = pane_state(p, RecordState);
    Bytes text;
    bytes_init(&text, STATEMENT_MAX);
    if (s->step != RECORD_KEY) put_use(p, &text);
    switch (s->step) {
    case RECORD_INSERT:
        put_insert(s, &text);
        run_statement(p, &text);
        break;
    case RECORD_KEY:
        for (size_t i = 0; i < s->form.count; i++)
            s->key[s->field[i]] = arena_copy(&p->mem, form_value(&s->form, i));
        read_row(p);
        break;
    case RECORD_CHANGE:
        if (put_update(s, &text))
            run_statement(p, &text);
        else
            app_notice(p->app, NOTICE_INFO, "Nothing was changed");
        break;
    case RECORD_REMOVE:
        dialog_confirm(p->app, p, ASK_SURE, "Delete row", STR("Delete this row?"), buttons, 1);
        break;
    }
    bytes_done(&text);
}

// ---- the popup ----

static void record_open(Pane *p, const void *arg)
{
    RecordState *s = pane_state(p, RecordState);
    const RecordArg *a = arg;
    p->takes_text = true;
    s->database = arena_copy(&p->mem, a->database);
    s->table = arena_copy(&p->mem, a->table);
    s->step = a->change ? RECORD_KEY : RECORD_INSERT;
    s->remove = a->remove;
    read_columns(p);
}

static void record_close(Pane *p)
{
    RecordState *s = pane_state(p, RecordState);
    if (s->formed) form_done(&s->form);
}

static void record_message(Pane *p, Msg *m)
{
    RecordState *s = pane_state(p, RecordState);
    if (m->what == DESK_RUN_END) {
        run_ended(p, m);
        return;
    }
    if (m->what < DESK_OWN) return;
    if (err_any(&m->err))
        s->err = m->err;
    else if (m->what == COLUMNS_READ)
        take_columns(p, &((Reading *)m->data)->rows);
    else if (m->what == ROW_READ)
        take_row(p, &((Reading *)m->data)->rows);
    if (err_any(&m->err) && s->formed) app_notice_err(p->app, &m->err);
}

static void record_answer(Pane *p, const Answer *a)
{
    RecordState *s = pane_state(p, RecordState);
    if (!a->ok || a->question != ASK_SURE || a->choice != 0) return;
    Bytes text;
    bytes_init(&text, STATEMENT_MAX);
    put_use(p, &text);
    bytes_put(&text, STR("DELETE FROM "));
    desk_quote_table(&text, s->table);
    put_where(s, &text);
    run_statement(p, &text);
    bytes_done(&text);
}

static bool record_act(Pane *p, Action a)
{
    RecordState *s = pane_state(p, RecordState);
    if (s->running) { // its end comes to this pane
        if (a == ACTION_CANCEL || a == ACTION_INTERRUPT) desk_stop(desk_of(p->app));
        return true;
    }
    if (a == ACTION_CANCEL) {
        app_close(p->app, p);
        return true;
    }
    if (s->formed && form_act(&s->form, a) == FORM_SENT) send(p);
    return true;
}

static void record_text(Pane *p, Str text)
{
    RecordState *s = pane_state(p, RecordState);
    if (s->formed && !s->running) form_type(&s->form, text);
}

static bool record_mouse(Pane *p, const Mouse *m)
{
    RecordState *s = pane_state(p, RecordState);
    Mouse in = *m;
    in.x -= 1;
    if (s->formed && !s->running && form_mouse(&s->form, &in) == FORM_SENT) send(p);
    return true;
}

static void record_draw(const Pane *p, Canvas *c)
{
    const RecordState *s = pane_state(p, RecordState);
    Canvas inside = canvas_sub(c, (Rect){1, 0, c->width - 2, c->height});
    if (s->formed)
        form_draw(&s->form, &inside, STYLE_POPUP, p->focused);
    else if (err_any(&s->err))
        canvas_text_in(c, 1, 0, c->width - 2, ALIGN_LEFT, STYLE_ERROR, str_of(s->err.text));
    else
        canvas_cstr(c, 1, 0, STYLE_DIM, "Reading …");
}

static void record_title(const Pane *p, Bytes *out)
{
    static const char *const words[] = {"Insert into ", "Which row of ", "Edit row of ", "Delete row of "};
    const RecordState *s = pane_state(p, RecordState);
    bytes_put(out, str_of(words[s->step]));
    bytes_put(out, s->table);
}

static const PaneKind pane_record = {
    .name = "record",
    .state_size = sizeof(RecordState),
    .open = record_open,
    .close = record_close,
    .place = record_place,
    .draw = record_draw,
    .act = record_act,
    .text = record_text,
    .paste = record_text,
    .mouse = record_mouse,
    .message = record_message,
    .answer = record_answer,
    .title = record_title,
};

static void open_record(App *a, const RecordArg *arg)
{
    PopupSpec spec = {.place = POPUP_CENTER, .width = RECORD_WIDTH, .height = 5};
    app_popup(a, &pane_record, arg, &spec);
}

void record_insert(App *a, Str database, Str table)
{
    open_record(a, &(RecordArg){database, table, false, false});
}
void record_change(App *a, Str database, Str table, bool remove)
{
    open_record(a, &(RecordArg){database, table, true, remove});
}
