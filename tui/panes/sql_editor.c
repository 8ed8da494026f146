// SqlEditor: the editor pane: keys and actions, running what stands at the cursor, files, find and replace.
// Drawing, completion and keeping unsaved tabs have files of their own. Relies on desk, edit, dialog.
#include "tui/panes/sql_editor.h"

#include "engine/base/clock.h"
#include "tui/widget/dialog.h"
#include "tui/widget/menu.h"

#include <stdlib.h>
#include <string.h>

enum { ASK_OPEN = 1, ASK_SAVE_AS, ASK_CLOSE, ASK_FIND, ASK_REPLACE, ASK_GOTO, ASK_HISTORY };
enum { KEEP_AFTER_US = 2000000, KEEP_TICK_MS = 2000 };

static SqlTab *tab_of(const Pane *p)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    return e->tab[e->at];
}

static void told(const Pane *p, bool ok, const Err *err)
{
    if (!ok) app_notice_err(p->app, err);
}

// After anything that moved the cursor or changed the text.
static void settled(Pane *p, bool changed)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    SqlTab *t = tab_of(p);
    if (changed) {
        t->error_at = SIZE_MAX;
        e->kept = false;
        e->changed_us = clock_mono_us();
    }
    sql_editor_follow(t, p->width, p->height);
}

static void editor_open(Pane *p, const void *arg)
{
    (void)arg;
    SqlEditor *e = pane_state(p, SqlEditor);
    p->takes_text = true;
    complete_init(&e->complete);
    bytes_init(&e->needle, 4096);
    bytes_init(&e->use, 4096);
    sql_editor_restore(e, desk_of(p->app));
    if (e->tabs == 0) sql_tab_new(e);
    e->words_wanted = true;
    e->kept = true;
}

static void editor_close(Pane *p)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    sql_editor_keep(e, desk_of(p->app));
    for (size_t i = 0; i < e->tabs; i++) sql_tab_free(e->tab[i]);
    complete_done(&e->complete);
    bytes_done(&e->needle);
    bytes_done(&e->use);
    arena_done(&e->words_mem);
}

// Goes on with the database of the last session.
static void use_again(Pane *p)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    Desk *d = desk_of(p->app);
    Bytes text;
    bytes_init(&text, 8192);
    bytes_put(&text, STR("USE "));
    source_quote_name(&text, bytes_str(&e->use));
    if (desk_database(d).len == 0) desk_run(d, p, bytes_str(&text));
    bytes_done(&text);
    bytes_clear(&e->use);
}

static int editor_tick(Pane *p, int64_t now_us)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    (void)now_us;
    if (e->use.len && !desk_running(desk_of(p->app))) use_again(p);
    if (e->words_wanted && !desk_running(desk_of(p->app))) sql_editor_words(p);
    if (e->kept) return -1;
    if (clock_mono_us() - e->changed_us >= KEEP_AFTER_US) sql_editor_keep(e, desk_of(p->app));
    return e->kept ? -1 : KEEP_TICK_MS;
}

// ---- running ----

static void run_range(Pane *p, size_t from, size_t len, Str before)
{
    SqlTab *t = tab_of(p);
    Bytes text;
    bytes_init(&text, DESK_RUN_MAX + 64);
    bytes_put(&text, before);
    buffer_copy(&t->edit.text, from, len, &text);
    Desk *d = desk_of(p->app);
    size_t line = buffer_line_of(&t->edit.text, from);
    d->run_line = (unsigned)line;
    if (before.len == 0) d->run_column = (unsigned)(from - buffer_line_start(&t->edit.text, line));
    if (text.failed) {
        app_notice(p->app, NOTICE_ERROR, "The text is larger than the %d MiB that can be run at once",
                   (int)(DESK_RUN_MAX >> 20));
    } else if (desk_run(d, p, bytes_str(&text))) {
        t->error_at = SIZE_MAX;
        pane_state(p, SqlEditor)->ran = t->number;
        t->ran_from = from - before.len; // may wrap below zero and back: positions are added to it
        t->ran_len = len;
    }
    bytes_done(&text);
}

static void run(Pane *p, bool all, Str before)
{
    SqlTab *t = tab_of(p);
    size_t from, len;
    if (all) {
        run_range(p, 0, buffer_len(&t->edit.text), before);
    } else if (edit_selection(&t->edit, &from, &len)) {
        run_range(p, from, len, before);
    } else {
        Str text = buffer_slice(&t->edit.text, 0, buffer_len(&t->edit.text));
        if (!sql_editor_statement(desk_of(p->app)->source, text, t->edit.cursor, &from, &len))
            app_notice(p->app, NOTICE_INFO, "There is no statement here to run");
        else
            run_range(p, from, len, before);
    }
}

// In the tab that ran, which need not be the one that is seen now.
static void show_error(Pane *p, const Err *err)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    SqlTab *t = NULL;
    for (size_t i = 0; i < e->tabs; i++)
        if (e->tab[i]->number == e->ran) t = e->tab[i];
    if (!t || err->at < 0) return;
    size_t at = t->ran_from + (size_t)err->at;
    if (at > buffer_len(&t->edit.text)) return;
    t->error_at = at;
    edit_goto(&t->edit, at, false);
    sql_editor_follow(t, p->width, p->height);
}

// ---- files ----

static void open_file(Pane *p, Str path)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    Desk *d = desk_of(p->app);
    Bytes text;
    bytes_init(&text, BUFFER_BYTES_MAX);
    Err err = {0};
    Arena mem = {0};
    SqlTab *t = NULL;
    bool ok = io_read_path(d->host->io, arena_cstr(&mem, path), &text, &err);
    if (ok && !(t = sql_tab_new(e)))
        ok = err_set(&err, SQLSTATE_LIMIT, "there are %d tabs already", (int)SQL_TABS_MAX);
    if (ok && (ok = edit_load(&t->edit, bytes_str(&text), &err))) bytes_put(&t->path, path);
    told(p, ok, &err);
    if (ok) settled(p, false);
    e->kept = false;
    bytes_done(&text);
    arena_done(&mem);
}

static void save_file(Pane *p, Str path)
{
    SqlTab *t = tab_of(p);
    Err err = {0};
    Arena mem = {0};
    Str text = buffer_slice(&t->edit.text, 0, buffer_len(&t->edit.text));
    bool ok = io_replace_path(desk_of(p->app)->host->io, arena_cstr(&mem, path), text, &err);
    if (ok) {
        undo_saved(&t->edit.undo);
        Str copy = arena_copy(&mem, path); // path may be the tab's own
        bytes_clear(&t->path);
        bytes_put(&t->path, copy);
        app_notice(p->app, NOTICE_OK, "Saved %.*s (%zu bytes)", STR_ARG(copy), text.len);
        pane_state(p, SqlEditor)->kept = false;
    }
    told(p, ok, &err);
    arena_done(&mem);
}

static void close_tab(Pane *p)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    sql_tab_free(e->tab[e->at]);
    memmove(&e->tab[e->at], &e->tab[e->at + 1], (--e->tabs - e->at) * sizeof e->tab[0]);
    if (e->at == e->tabs && e->at) e->at--;
    if (e->tabs == 0) sql_tab_new(e);
    e->kept = false;
    settled(p, false);
}

static void ask_close(Pane *p)
{
    static const char *const buttons[] = {"&Save", "&Discard", "&Keep open", NULL};
    SqlTab *t = tab_of(p);
    if (!undo_changed(&t->edit.undo) || buffer_len(&t->edit.text) == 0)
        close_tab(p);
    else
        dialog_confirm(p->app, p, ASK_CLOSE, "Close tab",
                       STR("The text has changes that are not saved to a file."), buttons, 0);
}

static void ask_save(Pane *p, bool as)
{
    SqlTab *t = tab_of(p);
    if (!as && t->path.len)
        save_file(p, bytes_str(&t->path));
    else
        dialog_prompt(p->app, p, ASK_SAVE_AS, "Save as", "File",
                      t->path.len ? bytes_str(&t->path) : STR("query.sql"));
}

// ---- find, replace, go to, history ----

static void ask_find(Pane *p)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    dialog_prompt(p->app, p, ASK_FIND, "Find", "Text", bytes_str(&e->needle));
}

static void find(Pane *p, bool backwards)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    if (e->needle.len == 0) {
        ask_find(p);
        return;
    }
    if (!edit_find(&tab_of(p)->edit, bytes_str(&e->needle), backwards, true))
        app_notice(p->app, NOTICE_WARNING, "Not found: %.*s", STR_ARG(bytes_str(&e->needle)));
    settled(p, false);
}

static void ask_replace(Pane *p)
{
    static const FieldSpec fields[] = {{.label = "Find", .required = true}, {.label = "Replace by"}};
    SqlEditor *e = pane_state(p, SqlEditor);
    dialog_form(p->app, p, ASK_REPLACE, "Replace all", fields, COUNT_OF(fields),
                (Str[]){bytes_str(&e->needle), STR("")}, "Replace");
}

static void ask_history(Pane *p)
{
    Desk *d = desk_of(p->app);
    if (d->histories == 0) {
        app_notice(p->app, NOTICE_INFO, "No statement has run in this session");
        return;
    }
    Arena mem = {0};
    Str *item = arena_array(&mem, Str, d->histories), *when = arena_array(&mem, Str, d->histories);
    for (size_t i = 0; i < d->histories; i++) { // the newest first
        const DeskHistory *h = &d->history[d->histories - 1 - i];
        char text[CLOCK_TEXT_SIZE];
        item[i] = str_slice(h->text, 0, 500);
        when[i] = arena_copy(&mem, str_slice(str_of(clock_text_local_time(text, h->wall_us)), 0, 8));
    }
    dialog_choose(p->app, p, ASK_HISTORY, "History", item, when, d->histories, 0);
    arena_done(&mem);
}

static void insert_text(Pane *p, Str text, bool new_tab)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    if (new_tab && buffer_len(&tab_of(p)->edit.text) && !sql_tab_new(e)) return;
    Err err = {0};
    told(p, edit_paste(&tab_of(p)->edit, text, &err), &err);
    settled(p, true);
}

static void replace_all(Pane *p, const Answer *a)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    Err err = {0};
    size_t count = 0;
    bytes_clear(&e->needle);
    bytes_put(&e->needle, a->field[0]);
    bool ok = edit_replace_all(&tab_of(p)->edit, a->field[0], a->field[1], false, &count, &err);
    told(p, ok, &err);
    if (ok) app_notice(p->app, count ? NOTICE_OK : NOTICE_WARNING, "%zu replaced", count);
    settled(p, true);
}

static void editor_answer(Pane *p, const Answer *a)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    Desk *d = desk_of(p->app);
    int64_t line;
    if (!a->ok) return;
    switch (a->question) {
    case ASK_OPEN: open_file(p, a->field[0]); break;
    case ASK_SAVE_AS: save_file(p, a->field[0]); break;
    case ASK_CLOSE:
        if (a->choice == 0)
            ask_save(p, false);
        else if (a->choice == 1)
            close_tab(p);
        break;
    case ASK_FIND:
        bytes_clear(&e->needle);
        bytes_put(&e->needle, a->field[0]);
        if (e->needle.len) find(p, false);
        break;
    case ASK_REPLACE: replace_all(p, a); break;
    case ASK_GOTO:
        if (str_to_int64(str_trim(a->field[0]), &line) && line > 0)
            edit_goto_line(&tab_of(p)->edit, (size_t)line - 1);
        settled(p, false);
        break;
    case ASK_HISTORY:
        if (a->choice < d->histories) insert_text(p, d->history[d->histories - 1 - a->choice].text, true);
        break;
    default: break;
    }
}

// ---- actions ----

typedef struct MoveAction {
    Action action, select;
    EditMove move;
} MoveAction;
static const MoveAction moves[] = {
    {ACTION_LEFT, ACTION_SELECT_LEFT, EDIT_LEFT},
    {ACTION_RIGHT, ACTION_SELECT_RIGHT, EDIT_RIGHT},
    {ACTION_UP, ACTION_SELECT_UP, EDIT_UP},
    {ACTION_DOWN, ACTION_SELECT_DOWN, EDIT_DOWN},
    {ACTION_HOME, ACTION_SELECT_HOME, EDIT_LINE_START},
    {ACTION_END, ACTION_SELECT_END, EDIT_LINE_END},
    {ACTION_PAGE_UP, ACTION_SELECT_PAGE_UP, EDIT_PAGE_UP},
    {ACTION_PAGE_DOWN, ACTION_SELECT_PAGE_DOWN, EDIT_PAGE_DOWN},
    {ACTION_TOP, ACTION_NONE, EDIT_TOP},
    {ACTION_BOTTOM, ACTION_NONE, EDIT_BOTTOM},
    {ACTION_WORD_LEFT, ACTION_NONE, EDIT_WORD_LEFT},
    {ACTION_WORD_RIGHT, ACTION_NONE, EDIT_WORD_RIGHT},
};

static bool act_move(Pane *p, Action a)
{
    for (size_t i = 0; i < COUNT_OF(moves); i++) {
        if (a != moves[i].action && (a != moves[i].select || a == ACTION_NONE)) continue;
        edit_move(&tab_of(p)->edit, moves[i].move, a == moves[i].select,
                  p->height > 1 ? (size_t)p->height - 1 : 1);
        settled(p, false);
        return true;
    }
    return false;
}

static void copy(Pane *p, bool cut)
{
    SqlTab *t = tab_of(p);
    size_t from, len;
    if (!edit_selection(&t->edit, &from, &len)) {
        app_notice(p->app, NOTICE_INFO, "Nothing is selected: hold Shift with the arrow keys, or M-Space");
        return;
    }
    app_copy(p->app, buffer_slice(&t->edit.text, from, len));
    Err err = {0};
    if (cut) told(p, edit_delete(&t->edit, false, &err), &err);
    t->edit.marking = false;
    settled(p, cut);
}

static bool act_change(Pane *p, Action a)
{
    SqlTab *t = tab_of(p);
    Err err = {0};
    bool ok = true;
    switch (a) {
    case ACTION_ENTER: ok = edit_newline(&t->edit, &err); break;
    case ACTION_BACKSPACE: ok = edit_backspace(&t->edit, false, &err); break;
    case ACTION_DELETE: ok = edit_delete(&t->edit, false, &err); break;
    case ACTION_DELETE_WORD: ok = edit_delete(&t->edit, true, &err); break;
    case ACTION_BACKSPACE_WORD: ok = edit_backspace(&t->edit, true, &err); break;
    case ACTION_DELETE_LINE: ok = edit_delete_line(&t->edit, &err); break;
    case ACTION_NEXT:
    case ACTION_EDIT_INDENT: ok = edit_indent(&t->edit, &err); break;
    case ACTION_PREV:
    case ACTION_EDIT_OUTDENT: ok = edit_outdent(&t->edit, &err); break;
    case ACTION_EDIT_COMMENT: ok = edit_comment(&t->edit, STR("-- "), &err); break;
    case ACTION_EDIT_PASTE:
        if (app_copied(p->app).len == 0)
            app_notice(p->app, NOTICE_INFO, "Nothing was copied here; the terminal pastes its own");
        ok = edit_paste(&t->edit, app_copied(p->app), &err);
        break;
    case ACTION_EDIT_UNDO:
        if (!edit_undo(&t->edit)) app_notice(p->app, NOTICE_INFO, "Nothing to undo");
        break;
    case ACTION_EDIT_REDO:
        if (!edit_redo(&t->edit)) app_notice(p->app, NOTICE_INFO, "Nothing to do again");
        break;
    default: return false;
    }
    told(p, ok, &err);
    settled(p, true);
    return true;
}

static void turn_tab(Pane *p, size_t by)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    if (e->tabs == 1) app_notice(p->app, NOTICE_INFO, "The editor has one tab only");
    e->at = (e->at + by) % e->tabs;
    complete_hide(&e->complete);
    settled(p, false);
}

static bool act_file(Pane *p, Action a)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    switch (a) {
    case ACTION_FILE_NEW:
        if (!sql_tab_new(e))
            app_notice(p->app, NOTICE_WARNING, "There are %d tabs already", (int)SQL_TABS_MAX);
        app_focus(p->app, SLOT_EDITOR);
        return true;
    case ACTION_FILE_OPEN: dialog_prompt(p->app, p, ASK_OPEN, "Open", "File", STR("")); return true;
    case ACTION_FILE_SAVE: ask_save(p, false); return true;
    case ACTION_FILE_SAVE_AS: ask_save(p, true); return true;
    case ACTION_FILE_CLOSE: ask_close(p); return true;
    case ACTION_VIEW_NEXT_TAB: turn_tab(p, 1); return true;
    case ACTION_VIEW_PREV_TAB: turn_tab(p, e->tabs - 1); return true;
    default: return false;
    }
}

static bool act_search(Pane *p, Action a)
{
    SqlTab *t = tab_of(p);
    switch (a) {
    case ACTION_EDIT_FIND: ask_find(p); return true;
    case ACTION_EDIT_FIND_NEXT: find(p, false); return true;
    case ACTION_EDIT_FIND_PREV: find(p, true); return true;
    case ACTION_EDIT_REPLACE: ask_replace(p); return true;
    case ACTION_EDIT_GOTO: dialog_prompt(p->app, p, ASK_GOTO, "Go to", "Line", STR("")); return true;
    case ACTION_EDIT_SELECT_ALL: edit_select_all(&t->edit); return true;
    case ACTION_SELECT_MARK:
        t->edit.marking = !t->edit.marking;
        t->edit.anchor = t->edit.cursor;
        return true;
    case ACTION_EDIT_COPY: copy(p, false); return true;
    case ACTION_EDIT_CUT: copy(p, true); return true;
    default: return false;
    }
}

static bool act_query(Pane *p, Action a)
{
    switch (a) {
    case ACTION_QUERY_RUN: run(p, false, STR("")); return true;
    case ACTION_QUERY_RUN_ALL: run(p, true, STR("")); return true;
    case ACTION_QUERY_EXPLAIN: run(p, false, STR("EXPLAIN ")); return true;
    case ACTION_QUERY_HISTORY: ask_history(p); return true;
    case ACTION_EDIT_COMPLETE: sql_editor_offer(p); return true;
    default: return false;
    }
}

static bool editor_act(Pane *p, Action a)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    SqlTab *t = tab_of(p);
    if (e->complete.shown) {
        if (complete_act(&e->complete, a)) return true;
        if (a == ACTION_ENTER || a == ACTION_NEXT) {
            sql_editor_accept(p);
            settled(p, true);
            return true;
        }
        complete_hide(&e->complete);
        if (a == ACTION_CANCEL) return true;
    }
    if (a == ACTION_CANCEL && (t->edit.marking || t->edit.anchor != t->edit.cursor) &&
        !desk_running(desk_of(p->app))) {
        t->edit.marking = false;
        t->edit.anchor = t->edit.cursor;
        return true;
    }
    return act_move(p, a) || act_change(p, a) || act_search(p, a) || act_query(p, a) || act_file(p, a);
}

static void editor_text(Pane *p, Str s)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    Err err = {0};
    bool again = e->complete.shown, dot = str_equal(s, STR("."));
    complete_hide(&e->complete);
    told(p, edit_type(&tab_of(p)->edit, s, &err), &err);
    settled(p, true);
    const Edit *edit = &tab_of(p)->edit;
    bool in_word = edit_word_start(edit, edit->cursor) < edit->cursor;
    if ((again && in_word) || (dot && e->words.rows)) sql_editor_offer(p);
}

static void editor_paste(Pane *p, Str s)
{
    Err err = {0};
    complete_hide(&pane_state(p, SqlEditor)->complete);
    told(p, edit_paste(&tab_of(p)->edit, s, &err), &err);
    settled(p, true);
}

static void select_word(Edit *e)
{
    e->anchor = edit_word_start(e, e->cursor);
    edit_move(e, EDIT_WORD_RIGHT, true, 1);
    while (e->cursor > e->anchor && (unsigned char)buffer_byte(&e->text, e->cursor - 1) <= ' ')
        edit_move(e, EDIT_LEFT, true, 1);
}

static bool editor_mouse(Pane *p, const Mouse *m)
{
    static const Action actions[] = {ACTION_QUERY_RUN, ACTION_QUERY_EXPLAIN,  ACTION_EDIT_CUT,
                                     ACTION_EDIT_COPY, ACTION_EDIT_PASTE,     ACTION_EDIT_UNDO,
                                     ACTION_EDIT_REDO, ACTION_EDIT_SELECT_ALL};
    SqlTab *t = tab_of(p);
    complete_hide(&pane_state(p, SqlEditor)->complete);
    Rect in = app_inside(p->app, p);
    size_t lines = buffer_lines(&t->edit.text), page = (size_t)(p->height > 0 ? p->height : 1);
    if (m->kind == MOUSE_WHEEL_UP)
        t->first = t->first > 3 ? t->first - 3 : 0;
    else if (m->kind == MOUSE_WHEEL_DOWN)
        t->first = t->first + 3 + page < lines ? t->first + 3 : lines > page ? lines - page : 0;
    else if (m->kind == MOUSE_PRESS && m->button == 3)
        menu_context(p->app, in.x + m->x, in.y + m->y, actions, COUNT_OF(actions));
    else if (m->kind == MOUSE_PRESS || m->kind == MOUSE_DRAG) {
        size_t line = t->first + (size_t)(m->y > 0 ? m->y : 0);
        int cell = m->x - sql_editor_gutter(t) + t->left;
        edit_goto(&t->edit, edit_at(&t->edit, line < lines ? line : lines - 1, cell > 0 ? cell : 0),
                  m->kind == MOUSE_DRAG);
        if (m->twice) select_word(&t->edit);
    } else {
        return false;
    }
    return true;
}

static void editor_message(Pane *p, Msg *m)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    switch (m->what) {
    case DESK_RUN_END:
        if (err_any(&m->err)) show_error(p, &m->err);
        desk_run_ended(desk_of(p->app), m);
        break;
    case DESK_CHANGED:
        e->words_wanted = true;
        e->kept = false; // the database may be another
        e->changed_us = clock_mono_us();
        break;
    case DESK_INSERT_TEXT: insert_text(p, *(const Str *)m->data, false); break;
    case DESK_NEW_TEXT: insert_text(p, *(const Str *)m->data, true); break;
    case DESK_OWN: // the names of the database
        if (err_any(&m->err)) break;
        arena_done(&e->words_mem);
        e->words_mem = m->mem;
        m->mem = (Arena){0};
        e->words = *(const Collected *)m->data;
        break;
    default: break;
    }
}

// Unsaved texts are kept from one session to the next: they are lost only where no file for them can be
// written.
static bool editor_unsaved(const Pane *p, Bytes *out)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    bool changed = false;
    for (size_t i = 0; i < e->tabs; i++)
        changed |= undo_changed(&e->tab[i]->edit.undo) && buffer_len(&e->tab[i]->edit.text) > 0;
    if (!changed) return false;
    sql_editor_keep(e, desk_of(p->app));
    if (e->kept) return false;
    bytes_put(out, STR("The editor has texts that are in no file."));
    return true;
}

static bool editor_tab(const Pane *p, size_t i, Bytes *out, bool *active)
{
    const SqlEditor *e = pane_state(p, SqlEditor);
    if (i >= e->tabs) return false;
    sql_tab_title(e->tab[i], out);
    *active = i == e->at;
    return true;
}

static void editor_tab_pick(Pane *p, size_t i)
{
    SqlEditor *e = pane_state(p, SqlEditor);
    if (i >= e->tabs) return;
    e->at = i;
    complete_hide(&e->complete);
    settled(p, false);
}

static void editor_place(Pane *p) { sql_editor_follow(tab_of(p), p->width, p->height); }

const PaneKind pane_editor = {
    .name = "editor",
    .state_size = sizeof(SqlEditor),
    .open = editor_open,
    .close = editor_close,
    .place = editor_place,
    .draw = sql_editor_draw,
    .act = editor_act,
    .text = editor_text,
    .paste = editor_paste,
    .mouse = editor_mouse,
    .message = editor_message,
    .answer = editor_answer,
    .tick = editor_tick,
    .tab = editor_tab,
    .tab_pick = editor_tab_pick,
    .unsaved = editor_unsaved,
};
