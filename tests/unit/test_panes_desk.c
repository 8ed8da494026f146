// The workstation as a whole: its screen in several sizes, the status line, transactions, leaving, and every
// entry of the menus.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_stage.h"

#include <stdlib.h>
#include <string.h>

static void enter(Stage *s, int width, int height)
{
    stage_open(s, width, height);
    stage_school(s);
    stage_enter(s);
}

static void run(Stage *s, const char *text, const char *keys)
{
    stage_keys(s, "M-2 C-a Del");
    stage_type(s, text);
    stage_keys(s, keys);
    stage_wait_run(s);
}

static void screens(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    stage_golden(&s, "desk_110x30");
    run(&s, "SELECT s.student_id, s.full_name FROM student s;\nUPDATE registration SET status = 'held';\n",
        "S-F5");
    stage_golden(&s, "desk_results_110x30");
    stage_resize(&s, 80, 24);
    stage_golden(&s, "desk_results_80x24");
    stage_resize(&s, 60, 24);
    stage_golden(&s, "desk_folded_60x24");
    stage_keys(&s, "F6");
    stage_golden(&s, "desk_folded_result");
    stage_resize(&s, 200, 60);
    assert_true(stage_has(&s, "Adaeze Okafor"));
    stage_close(&s);
}

static void a_transaction_is_seen(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    run(&s, "BEGIN", "F5");
    run(&s, "UPDATE registration SET status = 'held'", "F5");
    assert_true(stage_has(&s, "TRANSACTION OPEN 0:42 · 6 changes "));
    assert_true(stage_has(&s, "F7 commit"));
    assert_int_equal(stage_style(&s, "TRANSACTION"), STYLE_STATUS_ALERT);
    stage_golden(&s, "desk_transaction");
    stage_resize(&s, 60, 24);
    assert_true(stage_has(&s, "TRANSACTION OPEN 0:42 · 6 changes "));
    stage_keys(&s, "C-q");
    assert_true(stage_has(&s, "A transaction is open with 6 changes"));
    assert_false(app_quitting(s.app));
    stage_golden(&s, "desk_leave");
    stage_keys(&s, "Esc");
    fake_fail(s.host.script, "SELECT 1/0", "22012", "division by zero", 8);
    stage_resize(&s, 110, 30);
    run(&s, "SELECT 1/0", "F5");
    assert_true(stage_has(&s, "TRANSACTION FAILED"));
    assert_true(stage_has(&s, "22012: division by zero")); // beside it
    stage_keys(&s, "F8");
    stage_wait_run(&s);
    assert_false(stage_has(&s, "TRANSACTION"));
    stage_close(&s);
}

static void a_running_statement_is_seen_and_stopped(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    s.host.held = true;
    stage_keys(&s, "M-2");
    stage_type(&s, "HOLD");
    stage_keys(&s, "F5");
    s.desk.run_began_us -= 2000000;
    stage_wait(&s, "RUNNING 2");
    assert_true(stage_has(&s, "Esc stop"));
    stage_keys(&s, "F5");
    assert_true(stage_has(&s, "still running"));
    stage_type(&s, " "); // typing goes on beside it
    stage_keys(&s, "Esc");
    stage_wait(&s, "57014");
    assert_false(desk_running(&s.desk));
    stage_close(&s);
}

static void signing_out_leaves_nothing(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 80, 24);
    run(&s, "BEGIN", "F5");
    stage_do(&s, ACTION_FILE_SIGN_OUT);
    stage_keys(&s, "Enter"); // Stay has the focus
    assert_true(desk_is_open(&s.desk));
    app_act(s.app, ACTION_DATA_USE); // its list is on the way
    app_act(s.app, ACTION_FILE_SIGN_OUT);
    stage_keys(&s, "l");
    stage_wait(&s, "Sign in");
    assert_false(desk_is_open(&s.desk));
    assert_false(stage_has(&s, "library"));
    // The text typed there is back with its owner.
    stage_enter(&s);
    assert_true(stage_has(&s, "BEGIN"));
    stage_close(&s);
}

static void interrupt_comes_twice(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 80, 24);
    stage_keys(&s, "C-c");
    assert_false(app_quitting(s.app));
    assert_true(stage_has(&s, "once more"));
    stage_keys(&s, "C-c");
    assert_true(app_quitting(s.app));
    stage_close(&s);
}

// ---- the menus ----

// Done by the composition root, which owns the terminal.
static bool of_the_root(Action a) { return a == ACTION_VIEW_THEME || a == ACTION_VIEW_MOUSE; }

static char *picture(Stage *s)
{
    Bytes out;
    bytes_init(&out, 1 << 20);
    stage_look(s);
    surface_dump(&s->surface, true, &out);
    return out.at;
}

// Every entry of the menu bar does something that is seen: on the screen, or by leaving.
static void every_menu_entry_is_answered(void **state)
{
    (void)state;
    int silent = 0;
    for (Action a = ACTION_FILE_NEW; a < ACTION_COUNT; a++) {
        if (!action_info(a)->menu[0] || of_the_root(a)) continue;
        Stage s;
        enter(&s, 110, 30);
        run(&s, "SELECT s.student_id FROM student s", "F5");
        fake_host_line(&s.host, "event", "{\"at\":\"2026-11-21T20:57:33.118Z\",\"kind\":\"begin\"}");
        stage_wait(&s, "begin");
        if (a == ACTION_EDIT_REDO) stage_keys(&s, "C-u");
        if (a == ACTION_EDIT_OUTDENT) stage_keys(&s, "C-Home Tab");
        if (a == ACTION_VIEW_EDITOR) stage_keys(&s, "M-1");
        if (a == ACTION_QUERY_STOP) {
            s.host.held = true;
            run(&s, "HOLD", "");
            stage_keys(&s, "F5");
        }
        fake_host_forget(&s.host);
        char *before = picture(&s);
        stage_do(&s, a);
        int64_t patience = 100;
        bool seen = false;
        while (!seen && patience--) {
            char *after = picture(&s);
            seen = strcmp(before, after) != 0 || app_quitting(s.app) || !desk_is_open(&s.desk) ||
                   app_wish_take(s.app) != APP_WISH_NONE || fake_host_saw(&s.host, "SELECT s.");
            free(after);
            if (!seen) stage_pause(&s);
        }
        free(before);
        if (!seen) print_error("%s does nothing that is seen\n", action_info(a)->name);
        silent += !seen;
        stage_close(&s);
    }
    assert_int_equal(silent, 0);
}

// No two actions have the same key, and what menus name is in the help.
static void keys_are_single(void **state)
{
    (void)state;
    Keymap m;
    keymap_default(&m);
    for (size_t i = 0; i < m.count; i++)
        for (size_t k = i + 1; k < m.count; k++)
            if (key_equal(m.binding[i].key, m.binding[k].key))
                fail_msg("%s and %s share a key", action_info(m.binding[i].action)->name,
                         action_info(m.binding[k].action)->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screens),
        cmocka_unit_test(a_transaction_is_seen),
        cmocka_unit_test(a_running_statement_is_seen_and_stopped),
        cmocka_unit_test(signing_out_leaves_nothing),
        cmocka_unit_test(interrupt_comes_twice),
        cmocka_unit_test(every_menu_entry_is_answered),
        cmocka_unit_test(keys_are_single),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
