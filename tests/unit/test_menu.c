// App, menu, dialogs, palette: whole screens drawn, events routed, answers at their askers.
#include "tests/tui/kit_golden.h"
#include "tui/widget/dialog.h"
#include "tui/widget/menu.h"
#include "tui/widget/palette.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

typedef struct World {
    App *app;
    JobBox *box;
    Keymap keymap;
    Surface surface;
    Action last;
    Answer answer;
    char field[64];
} World;
typedef struct Note {
    Action last;
    int question;
    size_t choice;
    bool ok;
    char text[64];
} Note;

static void note_draw(const Pane *p, Canvas *c)
{
    canvas_printf(c, 0, 0, STYLE_TEXT, "%s", pane_state(p, Note)->text);
}
static bool note_act(Pane *p, Action a)
{
    pane_state(p, Note)->last = a;
    return a == ACTION_DOWN;
}
static void note_text(Pane *p, Str s)
{
    Note *n = pane_state(p, Note);
    size_t len = strlen(n->text);
    snprintf(n->text + len, sizeof n->text - len, "%.*s", STR_ARG(s));
}
static void note_answer(Pane *p, const Answer *a)
{
    Note *n = pane_state(p, Note);
    n->question = a->question;
    n->choice = a->choice;
    n->ok = a->ok;
    if (a->fields > 0) snprintf(n->text, sizeof n->text, "%.*s", STR_ARG(a->field[0]));
}
static void note_message(Pane *p, Msg *m) { snprintf(pane_state(p, Note)->text, 64, "message %u", m->what); }
static bool note_tab(const Pane *p, size_t i, Bytes *out, bool *active)
{
    (void)p;
    static const char *const tabs[] = {"Result 1: 318 rows", "Plan", "Messages"};
    if (i > 2) return false;
    bytes_put(out, str_of(tabs[i]));
    *active = i == 0;
    return true;
}
static void note_note(const Pane *p, Bytes *out)
{
    (void)p;
    bytes_put(out, STR("following"));
}
static const PaneKind note_kind = {.name = "note",
                                   .state_size = sizeof(Note),
                                   .draw = note_draw,
                                   .act = note_act,
                                   .text = note_text,
                                   .answer = note_answer,
                                   .message = note_message,
                                   .note = note_note};
static const PaneKind tabs_kind = {
    .name = "result", .state_size = sizeof(Note), .draw = note_draw, .tab = note_tab};

static bool world_act(App *a, Action action)
{
    ((World *)app_self(a))->last = action;
    return true;
}
static bool world_enabled(const App *a, Action action)
{
    (void)a;
    return action != ACTION_TRANSACTION_COMMIT;
}
static void info(void *self, Bytes *out)
{
    (void)self;
    bytes_put(out, STR("vm1 ● vm2 ●  alice"));
}

static void world_make(World *w, int width, int height)
{
    static const LayoutNode table[] = {{LAYOUT_COLUMNS, .children = 2},
                                       {LAYOUT_PANE, .slot = 0, .share = 25},
                                       {LAYOUT_ROWS, .share = 75, .children = 2},
                                       {LAYOUT_PANE, .slot = 1},
                                       {LAYOUT_PANE, .slot = 2}};
    Err err = {0};
    *w = (World){0};
    keymap_default(&w->keymap);
    assert_true(job_box_new(&w->box, &err));
    AppHooks hooks = {.self = w, .act = world_act, .enabled = world_enabled};
    w->app = app_new(&hooks, &w->keymap, w->box);
    app_resize(w->app, width, height);
    app_screen(w->app, table, COUNT_OF(table));
    app_bar_top(w->app, &menu_bar_kind, &(MenuBarArg){NULL, info});
    app_open(w->app, 0, &note_kind, NULL);
    app_open(w->app, 1, &note_kind, NULL);
    app_open(w->app, 2, &tabs_kind, NULL);
    surface_init(&w->surface, width, height, CHARSET_FULL);
}

static void world_drop(World *w)
{
    app_free(w->app);
    job_box_free(w->box);
    surface_done(&w->surface);
}

static void keys(World *w, const char *names)
{
    Str rest = str_of(names);
    while (rest.len) {
        Event e = {.kind = EVENT_KEY};
        assert_true(key_from_text(str_cut(&rest, ' '), &e.key));
        app_event(w->app, &e);
    }
}

static void look(World *w, const char *name)
{
    app_draw(w->app, &w->surface);
    kit_golden_check(&w->surface, name);
}

static void menus(void **state)
{
    (void)state;
    World w;
    world_make(&w, 110, 20);
    look(&w, "app");
    keys(&w, "F10 Right Right Right Right Down");
    look(&w, "app_menu");
    keys(&w, "Enter");
    assert_int_equal(w.last, ACTION_NONE); // commit makes no sense now
    assert_int_equal(app_popup_count(w.app), 1);
    keys(&w, "r");
    assert_int_equal(w.last, ACTION_TRANSACTION_ROLLBACK);
    assert_int_equal(app_popup_count(w.app), 0);
    keys(&w, "M-q a"); // by letters
    assert_int_equal(w.last, ACTION_QUERY_RUN_ALL);
    app_event(w.app,
              &(Event){.kind = EVENT_MOUSE, .mouse = {.kind = MOUSE_PRESS, .x = 2, .y = 0, .button = 1}});
    assert_int_equal(app_popup_count(w.app), 1);
    app_event(w.app,
              &(Event){.kind = EVENT_MOUSE, .mouse = {.kind = MOUSE_PRESS, .x = 100, .y = 15, .button = 1}});
    assert_int_equal(app_popup_count(w.app), 0);
    world_drop(&w);
}

static void dialogs(void **state)
{
    (void)state;
    World w;
    world_make(&w, 80, 24);
    Pane *asker = app_slot(w.app, 1);
    Note *n = pane_state(asker, Note);
    static const char *const buttons[] = {"&Save", "&Discard", "Cancel", NULL};
    dialog_confirm(w.app, asker, 7, "Sign out",
                   STR("registration.sql has changes that are not saved, and transaction 1845 is open "
                       "with 6 changes.\nWhat shall become of them?"),
                   buttons, 2);
    look(&w, "dialog_confirm");
    keys(&w, "d");
    assert_true(n->question == 7 && n->ok && n->choice == 1);
    static const FieldSpec spec[] = {{.label = "Database", .required = true}, {.label = "File", .width = 30}};
    dialog_form(w.app, asker, 8, "Export", spec, 2, NULL, "Export");
    look(&w, "dialog_form");
    keys(&w, "s c h Tab x Enter");
    assert_true(n->question == 8 && n->ok);
    assert_string_equal(n->text, "sch");
    static const Str items[] = {{"school", 6}, {"library", 7}, {"warehouse", 9}};
    dialog_choose(w.app, asker, 9, "Use database", items, NULL, 3, 1);
    look(&w, "dialog_choose");
    keys(&w, "w h Enter");
    assert_true(n->question == 9 && n->choice == 2);
    dialog_prompt(w.app, asker, 10, "Find", "Text", STR("abc"));
    keys(&w, "Esc");
    assert_true(n->question == 10 && !n->ok);
    dialog_choose(w.app, asker, 11, "Gone", items, NULL, 3, 0);
    app_close(w.app, asker); // the asker is closed before the answer comes
    keys(&w, "Enter");
    world_drop(&w);
}

static void palette_and_help(void **state)
{
    (void)state;
    World w;
    world_make(&w, 90, 24);
    palette_open(w.app);
    keys(&w, "e x p o r t");
    look(&w, "palette");
    keys(&w, "Enter");
    assert_int_equal(w.last, ACTION_EXPORT_DATABASE);
    Bytes help;
    bytes_init(&help, 1 << 20);
    palette_help(&w.keymap, &help);
    for (unsigned a = 1; a < ACTION_COUNT; a++)
        assert_true(str_find(bytes_str(&help), str_of(action_info((Action)a)->help), 0) != SIZE_MAX);
    dialog_text(w.app, "Keys and actions", bytes_str(&help));
    keys(&w, "/ c o m m i t Enter");
    look(&w, "help");
    bytes_done(&help);
    world_drop(&w);
}

static void routing(void **state)
{
    (void)state;
    World w;
    world_make(&w, 100, 24);
    Pane *p = app_slot(w.app, 0);
    assert_ptr_equal(app_focused(w.app), p);
    keys(&w, "Down");
    assert_int_equal(w.last, ACTION_NONE);
    keys(&w, "F5");
    assert_int_equal(w.last, ACTION_QUERY_RUN);
    p->takes_text = true;
    keys(&w, "q é Space");
    assert_string_equal(pane_state(p, Note)->text, "qé ");
    keys(&w, "F6");
    assert_ptr_equal(app_focused(w.app), app_slot(w.app, 1));
    app_event(w.app,
              &(Event){.kind = EVENT_MOUSE, .mouse = {.kind = MOUSE_PRESS, .x = 60, .y = 20, .button = 1}});
    assert_ptr_equal(app_focused(w.app), app_slot(w.app, 2));
    keys(&w, "M-z");
    assert_int_equal(app_slot(w.app, 2)->width, 98);
    keys(&w, "M-z");
    app_resize(w.app, 60, 20);
    app_draw(w.app, &w.surface);
    kit_golden_check(&w.surface, "app_folded");
    app_event(w.app,
              &(Event){.kind = EVENT_MOUSE, .mouse = {.kind = MOUSE_PRESS, .x = 2, .y = 1, .button = 1}});
    assert_ptr_equal(app_focused(w.app), app_slot(w.app, 0));
    for (int width = 1; width < 120; width += 7)
        for (int height = 1; height < 40; height += 3) {
            app_resize(w.app, width, height);
            app_draw(w.app, &w.surface);
        }
    world_drop(&w);
}

static void nothing(Job *j, void *context)
{
    (void)j;
    (void)context;
}

static void late_answers(void **state)
{
    (void)state;
    World w;
    Err err = {0};
    JobWorker *worker;
    world_make(&w, 100, 24);
    assert_true(job_worker_new(&worker, w.box, NULL, NULL, &err));
    uint64_t closed = app_slot(w.app, 0)->id, open = app_slot(w.app, 1)->id;
    job_start(worker, job_new(closed, 3, nothing));
    job_start(worker, job_new(open, 4, nothing));
    app_close(w.app, app_slot(w.app, 0));
    job_worker_free(worker); // both have answered, or been cancelled, now
    app_messages(w.app);
    assert_string_equal(pane_state(app_slot(w.app, 1), Note)->text, "message 4");
    world_drop(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(menus), cmocka_unit_test(dialogs),
                                       cmocka_unit_test(palette_and_help), cmocka_unit_test(routing),
                                       cmocka_unit_test(late_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
