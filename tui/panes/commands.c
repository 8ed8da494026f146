// Commands: see commands.h. What a pane can do itself is handed to that pane (so F5 works from the tree,
// too); the rest asks a question or opens a popup. Relies on desk, dialog, menu, palette, task, record.
#include "tui/panes/commands.h"

#include "engine/base/clock.h"
#include "tui/panes/ask.h"
#include "tui/panes/panes.h"
#include "tui/panes/record.h"
#include "tui/panes/task.h"
#include "tui/widget/dialog.h"
#include "tui/widget/menu.h"
#include "tui/widget/palette.h"

#include <stdlib.h>
#include <string.h>

enum { POPUP_BARS = 2, INTERRUPT_TWICE_US = 2000000 };

static const LayoutNode workstation_layout[] = {
    {LAYOUT_COLUMNS, .children = 2},
    {LAYOUT_PANE, .slot = SLOT_TREE, .share = 26, .min = 25},
    {LAYOUT_ROWS, .share = 74, .min = 40, .children = 3},
    {LAYOUT_PANE, .slot = SLOT_EDITOR, .share = 42, .min = 4},
    {LAYOUT_PANE, .slot = SLOT_RESULT, .share = 38, .min = 4},
    {LAYOUT_PANE, .slot = SLOT_LOG, .share = 20, .min = 3},
};
static const LayoutNode door_layout[] = {{LAYOUT_PANE, .slot = SLOT_SIGN_IN}};

// "vm1 ●  alice" at the right end of the menu bar.
static void bar_info(void *self, Bytes *out)
{
    const Desk *d = self;
    bytes_printf(out, "%s ●  %s", d->state.node, d->state.user);
}

void commands_screen(App *a)
{
    Desk *d = desk_of(a);
    app_screen(a, workstation_layout, COUNT_OF(workstation_layout));
    app_bar_top(a, &menu_bar_kind, &(MenuBarArg){d, bar_info});
    app_bar_bottom(a, &pane_status, NULL);
    app_open(a, SLOT_TREE, &pane_tree, NULL);
    app_open(a, SLOT_EDITOR, &pane_editor, NULL);
    app_open(a, SLOT_RESULT, &pane_result, NULL);
    app_open(a, SLOT_LOG, &pane_log, NULL);
    app_focus(a, SLOT_EDITOR);
}

void commands_door(App *a)
{
    app_screen(a, door_layout, COUNT_OF(door_layout));
    app_open(a, SLOT_SIGN_IN, &pane_sign_in, NULL);
    app_focus(a, SLOT_SIGN_IN);
}

// ---- popups that fill most of the screen ----

static void open_large(App *a, const PaneKind *kind, const void *arg)
{
    PopupSpec spec = {.place = POPUP_CENTER, .width = 0, .height = -POPUP_BARS};
    app_popup(a, kind, arg, &spec);
}

static bool need_database(App *a)
{
    if (desk_database(desk_of(a)).len) return true;
    app_notice(a, NOTICE_INFO, "Choose a database first: Data → Use database");
    return false;
}

// ---- the functions behind the table ----

static void do_quit(App *a) { ask_leave(a, true); }
static void do_sign_out(App *a) { ask_leave(a, false); }
static void do_begin(App *a) { desk_run(desk_of(a), NULL, STR("BEGIN")); }
static void do_commit(App *a) { desk_run(desk_of(a), NULL, STR("COMMIT")); }
static void do_rollback(App *a) { desk_run(desk_of(a), NULL, STR("ROLLBACK")); }
static void do_checkpoint(App *a) { desk_run(desk_of(a), NULL, STR("CHECKPOINT")); }
static void do_settings(App *a) { desk_run(desk_of(a), NULL, STR("SHOW ALL")); }
static void do_diagram(App *a)
{
    if (need_database(a)) open_large(a, &pane_diagram, NULL);
}
static void do_dumps(App *a) { open_large(a, &pane_dumps, NULL); }
static void do_queries(App *a) { open_large(a, &pane_analytics, "queries"); }
static void do_updates(App *a) { open_large(a, &pane_analytics, "updates"); }
static void do_activity(App *a) { open_large(a, &pane_analytics, "activity"); }
static void do_users(App *a)
{
    PopupSpec spec = {.place = POPUP_CENTER, .width = 72, .height = 14};
    app_popup(a, &pane_users, NULL, &spec);
}
static void do_menu(App *a) { menu_open(a, 0); }

static void do_help(App *a)
{
    Bytes text;
    bytes_init(&text, 1 << 20);
    palette_help(app_keymap(a), &text);
    dialog_text(a, "Keys and actions", bytes_str(&text));
    bytes_done(&text);
}

static void do_help_sql(App *a)
{
    static const char text[] =
        "Databases      CREATE DATABASE name; DROP DATABASE [IF EXISTS] name; USE name; SHOW DATABASES\n"
        "Tables         SHOW TABLES; DESCRIBE table; DROP TABLE [IF EXISTS] table\n"
        "               CREATE TABLE t (id integer PRIMARY KEY, name varchar(40) NOT NULL, price "
        "numeric(10,2) DEFAULT 0,\n"
        "                 made date, owner integer REFERENCES person (id) ON DELETE CASCADE, CHECK (price >= "
        "0))\n"
        "               CREATE [UNIQUE] INDEX name ON t (column, …)\n"
        "Types          smallint integer bigint numeric(p,s) real double precision boolean char(n) "
        "varchar(n) text\n"
        "               bytea date time timestamp\n"
        "Rows           INSERT INTO t (a, b) VALUES (1, 'x'), (2, DEFAULT)\n"
        "               UPDATE t SET a = a + 1 WHERE id = 7\n"
        "               DELETE FROM t WHERE made < '2026-01-01'\n"
        "Queries        SELECT a, count(*) FROM t JOIN u ON t.id = u.t_id LEFT JOIN v USING (id)\n"
        "                 WHERE … GROUP BY a HAVING count(*) > 1 ORDER BY 2 DESC LIMIT 10 OFFSET 20\n"
        "               EXPLAIN SELECT …\n"
        "Transactions   BEGIN; COMMIT; ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ\n"
        "Counts         COUNT QUERIES; COUNT UPDATE database\n";
    dialog_text(a, "SQL statements", str_of(text));
}

static void do_about(App *a)
{
    Desk *d = desk_of(a);
    Bytes text;
    bytes_init(&text, 4096);
    bytes_printf(&text,
                 "d2db %s\n\nA database workstation for the terminal on its own SQL engine.\n\nnode      "
                 "%s\nuser      %s\n",
                 D2DB_VERSION, d->state.node, d->state.user);
    Bytes path;
    Err err = {0};
    bytes_init(&path, 4096);
    if (d->host->kind->directory(d->host, "exports", &path, &err)) {
        bytes_put(&text, STR("exports   "));
        bytes_put(&text, bytes_str(&path));
    }
    bytes_put(&text, STR("\nlicence   MIT\n"));
    dialog_message(a, NOTICE_INFO, "About d2db", bytes_str(&text));
    bytes_done(&path);
    bytes_done(&text);
}

static void show_log(App *a, int64_t which)
{
    app_slot_show(a, SLOT_LOG, true);
    desk_tell(desk_of(a), SLOT_LOG, DESK_LOG_CHOOSE, which, STR_NONE);
    app_focus(a, SLOT_LOG);
}
static void do_log_event(App *a) { show_log(a, 0); }
static void do_log_query(App *a) { show_log(a, 1); }
static void do_log_general(App *a) { show_log(a, 2); }

static void do_create_table(App *a)
{
    desk_tell(desk_of(a), SLOT_EDITOR, DESK_NEW_TEXT, 0,
              STR("CREATE TABLE name (\n    id integer PRIMARY KEY,\n    title varchar(80) NOT NULL,\n    "
                  "made date DEFAULT current_date\n);\n"));
    app_focus(a, SLOT_EDITOR);
}

static void do_model_text(App *a)
{
    if (need_database(a)) open_large(a, &pane_diagram, "text");
}

static void do_reports(App *a)
{
    TaskSpec spec = {.kind = TASK_REPORT, .database = desk_database(desk_of(a))};
    task_start(a, &spec);
}

static void do_stop(App *a)
{
    if (desk_running(desk_of(a)))
        desk_stop(desk_of(a));
    else
        app_notice(a, NOTICE_INFO, "Nothing is running");
}

// Esc at the end of its way: nobody had anything to close.
static void do_cancel(App *a)
{
    if (desk_running(desk_of(a))) desk_stop(desk_of(a));
}

// Ctrl-C is often meant for "copy": it leaves only when it comes twice.
static void do_interrupt(App *a)
{
    Desk *d = desk_of(a);
    int64_t now_us = clock_mono_us();
    if (desk_is_open(d) && desk_running(d)) {
        desk_stop(d);
    } else if (!desk_is_open(d) || (d->interrupt_us && now_us - d->interrupt_us < INTERRUPT_TWICE_US)) {
        do_quit(a);
    } else {
        d->interrupt_us = now_us;
        app_notice(a, NOTICE_INFO, "Nothing is running. Ctrl-C once more leaves d2db");
    }
}

static void focus_slot(App *a, int slot)
{
    app_slot_show(a, slot, true);
    app_focus(a, slot);
}
static void do_tree(App *a) { focus_slot(a, SLOT_TREE); }
static void do_editor(App *a) { focus_slot(a, SLOT_EDITOR); }
static void do_result(App *a) { focus_slot(a, SLOT_RESULT); }
static void do_log(App *a) { focus_slot(a, SLOT_LOG); }

// An action is done by `run`, or by the pane of `slot` when run is NULL.
typedef struct Command {
    Action action;
    void (*run)(App *a);
    int slot;
} Command;

static const Command commands[] = {
    {ACTION_FILE_NEW, NULL, SLOT_EDITOR},
    {ACTION_FILE_OPEN, NULL, SLOT_EDITOR},
    {ACTION_FILE_SAVE, NULL, SLOT_EDITOR},
    {ACTION_FILE_SAVE_AS, NULL, SLOT_EDITOR},
    {ACTION_FILE_CLOSE, NULL, SLOT_EDITOR},
    {ACTION_FILE_IMPORT, ask_import, 0},
    {ACTION_FILE_DUMPS, do_dumps, 0},
    {ACTION_FILE_SAMPLE, ask_sample, 0},
    {ACTION_FILE_SIGN_OUT, do_sign_out, 0},
    {ACTION_FILE_QUIT, do_quit, 0},
    {ACTION_EDIT_UNDO, NULL, SLOT_EDITOR},
    {ACTION_EDIT_REDO, NULL, SLOT_EDITOR},
    {ACTION_EDIT_CUT, NULL, SLOT_EDITOR},
    {ACTION_EDIT_COPY, NULL, SLOT_EDITOR},
    {ACTION_EDIT_PASTE, NULL, SLOT_EDITOR},
    {ACTION_EDIT_SELECT_ALL, NULL, SLOT_EDITOR},
    {ACTION_EDIT_FIND, NULL, SLOT_EDITOR},
    {ACTION_EDIT_FIND_NEXT, NULL, SLOT_EDITOR},
    {ACTION_EDIT_FIND_PREV, NULL, SLOT_EDITOR},
    {ACTION_EDIT_REPLACE, NULL, SLOT_EDITOR},
    {ACTION_EDIT_GOTO, NULL, SLOT_EDITOR},
    {ACTION_EDIT_COMPLETE, NULL, SLOT_EDITOR},
    {ACTION_EDIT_COMMENT, NULL, SLOT_EDITOR},
    {ACTION_EDIT_INDENT, NULL, SLOT_EDITOR},
    {ACTION_EDIT_OUTDENT, NULL, SLOT_EDITOR},
    {ACTION_VIEW_NEXT_TAB, NULL, SLOT_EDITOR},
    {ACTION_VIEW_PREV_TAB, NULL, SLOT_EDITOR},
    {ACTION_VIEW_TREE, do_tree, 0},
    {ACTION_VIEW_EDITOR, do_editor, 0},
    {ACTION_VIEW_RESULT, do_result, 0},
    {ACTION_VIEW_LOG, do_log, 0},
    {ACTION_QUERY_RUN, NULL, SLOT_EDITOR},
    {ACTION_QUERY_RUN_ALL, NULL, SLOT_EDITOR},
    {ACTION_QUERY_EXPLAIN, NULL, SLOT_EDITOR},
    {ACTION_QUERY_HISTORY, NULL, SLOT_EDITOR},
    {ACTION_QUERY_STOP, do_stop, 0},
    {ACTION_CANCEL, do_cancel, 0},
    {ACTION_INTERRUPT, do_interrupt, 0},
    {ACTION_TRANSACTION_BEGIN, do_begin, 0},
    {ACTION_TRANSACTION_COMMIT, do_commit, 0},
    {ACTION_TRANSACTION_ROLLBACK, do_rollback, 0},
    {ACTION_TRANSACTION_ISOLATION, ask_isolation, 0},
    {ACTION_TRANSACTION_LOG, do_log_event, 0},
    {ACTION_DATA_USE, ask_use, 0},
    {ACTION_DATA_CREATE_DATABASE, ask_create_database, 0},
    {ACTION_DATA_DROP_DATABASE, ask_drop_database, 0},
    {ACTION_DATA_CREATE_TABLE, do_create_table, 0},
    {ACTION_DATA_DROP_TABLE, NULL, SLOT_TREE},
    {ACTION_DATA_DESCRIBE, NULL, SLOT_TREE},
    {ACTION_DATA_BROWSE, NULL, SLOT_TREE},
    {ACTION_DATA_REFRESH, NULL, SLOT_TREE},
    {ACTION_DATA_INSERT, ask_insert_row, 0},
    {ACTION_DATA_UPDATE, ask_update_row, 0},
    {ACTION_DATA_DELETE, ask_delete_row, 0},
    {ACTION_DATA_VALUE, NULL, SLOT_RESULT},
    {ACTION_MODEL_DIAGRAM, do_diagram, 0},
    {ACTION_MODEL_TEXT, do_model_text, 0},
    {ACTION_MODEL_WRITE, ask_model_file, 0},
    {ACTION_EXPORT_DATABASE, ask_export, 0},
    {ACTION_EXPORT_RESULT, NULL, SLOT_RESULT},
    {ACTION_ANALYTICS_QUERIES, do_queries, 0},
    {ACTION_ANALYTICS_UPDATES, do_updates, 0},
    {ACTION_ANALYTICS_ACTIVITY, do_activity, 0},
    {ACTION_ANALYTICS_WRITE, do_reports, 0},
    {ACTION_LOGS_EVENT, do_log_event, 0},
    {ACTION_LOGS_QUERY, do_log_query, 0},
    {ACTION_LOGS_GENERAL, do_log_general, 0},
    {ACTION_LOGS_FOLLOW, NULL, SLOT_LOG},
    {ACTION_LOGS_FILTER, NULL, SLOT_LOG},
    {ACTION_ADMIN_USERS, do_users, 0},
    {ACTION_ADMIN_ADD_USER, ask_add_user, 0},
    {ACTION_ADMIN_CHECKPOINT, do_checkpoint, 0},
    {ACTION_ADMIN_SETTINGS, do_settings, 0},
    {ACTION_HELP_KEYS, do_help, 0},
    {ACTION_HELP_PALETTE, palette_open, 0},
    {ACTION_HELP_MENU, do_menu, 0},
    {ACTION_HELP_SQL, do_help_sql, 0},
    {ACTION_HELP_ABOUT, do_about, 0},
};

// What can be done at the door, before anybody has signed in.
static const Action door_actions[] = {ACTION_FILE_QUIT, ACTION_INTERRUPT, ACTION_SUSPEND, ACTION_HELP_KEYS};

static bool at_door(const App *a) { return !desk_is_open(app_self(a)); }

// What changes a text goes to the editor, and so does the keyboard, so that it is seen.
static void hand_over(App *a, int slot, Action action)
{
    Pane *p = app_slot(a, slot);
    char label[64];
    bool editing = slot == SLOT_EDITOR && str_starts(str_of(action_info(action)->name), STR("edit."));
    if (editing) focus_slot(a, slot);
    if (!p || !p->kind->act || !p->kind->act(p, action))
        app_notice(a, NOTICE_INFO, "%s: there is nothing to do it with",
                   action_label(action, label, sizeof label));
}

bool commands_act(App *a, Action action)
{
    bool allowed = !at_door(a);
    for (size_t i = 0; i < COUNT_OF(door_actions) && !allowed; i++) allowed = door_actions[i] == action;
    if (!allowed) return false;
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        const Command *c = &commands[i];
        if (c->action != action) continue;
        if (c->run)
            c->run(a);
        else
            hand_over(a, c->slot, action);
        return true;
    }
    return false;
}

bool commands_enabled(const App *a, Action action)
{
    const Desk *d = app_self(a);
    switch (action) {
    case ACTION_TRANSACTION_BEGIN:
    case ACTION_TRANSACTION_ISOLATION: return !d->state.in_transaction;
    case ACTION_TRANSACTION_COMMIT:
    case ACTION_TRANSACTION_ROLLBACK: return d->state.in_transaction;
    case ACTION_QUERY_STOP: return desk_running(d);
    case ACTION_QUERY_RUN:
    case ACTION_QUERY_RUN_ALL:
    case ACTION_QUERY_EXPLAIN: return !desk_running(d);
    case ACTION_ADMIN_USERS:
    case ACTION_ADMIN_ADD_USER: return d->host->kind->administrator(d->host);
    default: return true;
    }
}

void commands_answer(App *a, const Answer *answer) { ask_answered(a, answer); }
void commands_message(App *a, Msg *m) { ask_message(a, m); }
