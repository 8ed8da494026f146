// Every way out of the program leaves the terminal whole and nothing typed lost; a long statement stops at
// Esc; every terminal and size gets a screen; a broken theme is told and does not stop anybody.
#include "tests/unit/kit_cmocka.h"

#include "tests/tui/kit_walk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { STOP_MS = 1000 };

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Thousands of millions of rows: it cannot end by itself while the test looks on.
static const char long_statement[] =
    "SELECT count(*) FROM n a, n b, n c, n d WHERE a.i + b.i + c.i + d.i < 0";

static void start_long_statement(Walk *w)
{
    char text[8192];
    size_t len = (size_t)snprintf(text, sizeof text, "INSERT INTO n VALUES (0)");
    for (int i = 1; i < 400; i++) len += (size_t)snprintf(text + len, sizeof text - len, ",(%d)", i);
    walk_write_sql(w, "CREATE DATABASE busy; USE busy; CREATE TABLE n (i integer PRIMARY KEY);");
    walk_key_when_idle(w, "M-a");
    walk_need(w, "in use");
    walk_write_sql(w, text);
    walk_key_when_idle(w, "F5");
    walk_need(w, "INSERT");
    walk_write_sql(w, long_statement);
    walk_key_when_idle(w, "F5");
    walk_need(w, "RUNNING");
}

static void test_long_statement_stops(void **state)
{
    (void)state;
    Walk w;
    walk_make(&w);
    walk_enter(&w);
    start_long_statement(&w);
    int64_t began = now_ms();
    walk_keys(&w, "Esc");
    walk_need_within(&w, "57014", STOP_MS);
    assert_true(now_ms() - began <= STOP_MS);
    walk_run(&w, "SELECT 41 * 2 AS alive", "82");
    // The same with Ctrl-C; when nothing runs, Ctrl-C leaves.
    walk_write_sql(&w, long_statement);
    walk_key_when_idle(&w, "F5");
    walk_need(&w, "RUNNING");
    walk_keys(&w, "C-c");
    walk_need_within(&w, "57014", STOP_MS);
    walk_need_gone(&w, "RUNNING");
    walk_run(&w, "SELECT 41 * 3 AS alive", "123");
    walk_keys(&w, "C-c");
    walk_need(&w, "Ctrl-C once more");
    walk_keys(&w, "C-c");
    walk_need_exit(&w, 0);
    walk_end(&w);
}

// The window is closed while something unsaved stands in the editor: it is there the next time.
static void test_hang_up_keeps_what_was_typed(void **state)
{
    (void)state;
    Walk w;
    int status;
    walk_make(&w);
    walk_enter(&w);
    walk_write_sql(&w, "SELECT 'a thought that nobody has saved'");
    walk_need(&w, "a thought that nobody");
    kit_pty_signal(w.p, SIGHUP);
    assert_true(kit_pty_wait_exit(w.p, WALK_WAIT_MS, &status));
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    walk_need_whole_terminal(&w);
    walk_start(&w);
    walk_sign_in(&w, false);
    walk_need(&w, "a thought that nobody has saved");
    walk_key_when_idle(&w, "C-q");
    walk_need_exit(&w, 0);
    walk_end(&w);
}

// An open transaction is not kept by any way out; a committed one is by every one.
static void die_by(int number)
{
    Walk w;
    int status;
    walk_make(&w);
    walk_enter(&w);
    walk_write_sql(&w,
                   "CREATE DATABASE d; USE d; CREATE TABLE kept (i integer); INSERT INTO kept VALUES (77)");
    walk_key_when_idle(&w, "M-a");
    walk_need(&w, "INSERT");
    walk_key_when_idle(&w, "F9");
    walk_need(&w, "TRANSACTION OPEN");
    walk_run(&w, "INSERT INTO kept VALUES (88)", "1 change ");
    kit_pty_signal(w.p, number);
    assert_true(kit_pty_wait_exit(w.p, WALK_WAIT_MS, &status));
    int by = WIFSIGNALED(status) ? WTERMSIG(status) : WIFEXITED(status) ? WEXITSTATUS(status) - 128 : 0;
    assert_int_equal(by, number);
    walk_need_whole_terminal(&w);
    walk_start(&w);
    walk_sign_in(&w, false);
    walk_write_sql(&w, "USE d; SELECT sum(i) * 10 AS tenfold FROM kept");
    walk_key_when_idle(&w, "M-a");
    walk_need(&w, "770");
    walk_key_when_idle(&w, "C-q");
    walk_need_exit(&w, 0);
    walk_end(&w);
}

static void test_terminate(void **state)
{
    (void)state;
    die_by(SIGTERM);
}

static void test_crash(void **state)
{
    (void)state;
    die_by(SIGSEGV);
}

// ---- terminals ----

static bool is_any_cell_coloured(Walk *w)
{
    for (int y = 0; y < 24; y++)
        for (int x = 0; x < 80; x++)
            if (kit_pty_cell(w->p, x, y).coloured) return true;
    return false;
}

static void test_every_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *environment[2];
        bool colours;
    } terminals[] = {
        {{"TERM=xterm-256color"}, true},  {{"TERM=screen-256color"}, true},
        {{"TERM=linux"}, true},           {{"TERM=vt100"}, false},
        {{"TERM=nobody-has-this"}, true}, {{"TERM=xterm-256color", "NO_COLOR=1"}, false},
    };
    Walk w;
    walk_make(&w);
    w.width = 80;
    w.height = 24;
    walk_start(&w);
    walk_register(&w, "none");
    walk_key_when_idle(&w, "C-q");
    walk_need_exit(&w, 0);
    for (size_t i = 0; i < sizeof terminals / sizeof terminals[0]; i++) {
        w.extra[0] = terminals[i].environment[0];
        w.extra[1] = terminals[i].environment[1];
        walk_start(&w);
        walk_need(&w, "Password");
        walk_need(&w, "Sign in");
        if (is_any_cell_coloured(&w) != terminals[i].colours && i != 4)
            walk_fail(&w, terminals[i].colours ? "there are no colours" : "there are colours");
        walk_key_when_idle(&w, "C-q");
        walk_need_exit(&w, 0);
    }
    walk_end(&w);
}

// Small windows: everything can be reached, and a change of size at any moment does no harm.
static void test_small_windows(void **state)
{
    (void)state;
    Walk w;
    walk_make(&w);
    w.width = 80;
    w.height = 24;
    walk_enter(&w);
    walk_run(&w, "SELECT 4100 + 11 AS small", "4111");
    kit_pty_resize(w.p, 60, 24); // one pane with tabs
    walk_keys(&w, "M-3");
    walk_need(&w, "4111");
    walk_run(&w, "SELECT 4100 + 12 AS small", "SELECT 4100");
    walk_keys(&w, "M-3");
    walk_need(&w, "4112");
    walk_keys(&w, "M-4");
    walk_need(&w, "Log: event");
    for (int i = 0; i < 12; i++) {
        kit_pty_resize(w.p, 20 + 17 * (i % 8), 5 + 7 * (i % 5));
        walk_keys(&w, i % 2 ? "F10" : "Esc");
    }
    walk_keys(&w, "Esc");
    kit_pty_resize(w.p, 200, 60);
    walk_run(&w, "SELECT 4100 + 13 AS large", "4113");
    walk_key_when_idle(&w, "C-q");
    walk_need_exit(&w, 0);
    walk_end(&w);
}

static void test_broken_theme(void **state)
{
    (void)state;
    static const char theme[] =
        "name: dark\nstyles:\n  keyword: {foreground: \"#7aa2f7\"}\n  keywrd: {bold: yes}\n";
    Walk w;
    char themes[KIT_PATH_MAX], variable[KIT_PATH_MAX + 16];
    walk_make(&w);
    kit_dir_path(&w.dir, "themes", themes);
    assert_int_equal(mkdir(themes, 0700), 0);
    kit_dir_write(&w.dir, "themes/dark.yaml", theme, sizeof theme - 1);
    snprintf(variable, sizeof variable, "D2DB_THEMES=%s", themes);
    w.extra[0] = variable;
    w.width = 160;
    walk_start(&w);
    walk_need(&w, "dark.yaml:4:3"); // file, line, column …
    walk_need(&w, "keyword");       // … and what was meant
    assert_true(is_any_cell_coloured(&w));
    walk_register(&w, "none");
    walk_key_when_idle(&w, "C-q");
    walk_need_exit(&w, 0);
    walk_end(&w);
}

static void click(Walk *w, int x, int y)
{
    char text[64];
    snprintf(text, sizeof text, "\033[<0;%d;%dM\033[<0;%d;%dm", x + 1, y + 1, x + 1, y + 1);
    walk_type(w, text);
}

static void test_mouse_gives_the_focus(void **state)
{
    (void)state;
    Walk w;
    int x, y;
    walk_make(&w);
    walk_enter(&w);
    walk_run(&w, "SELECT 8000 + 88 AS clicked", "8088");
    assert_true(kit_pty_find(w.p, "8088", &x, &y));
    click(&w, x, y);
    walk_need(&w, "f freeze"); // the status line tells the keys of the pane with the focus
    assert_true(kit_pty_find(w.p, "Log: event", &x, &y));
    click(&w, x + 2, y + 2);
    walk_need_gone(&w, "f freeze");
    walk_need(&w, "next log");
    assert_true(kit_pty_find(w.p, "Query", &x, &y));
    click(&w, x, y); // the menu bar, too
    walk_need(&w, "Run all");
    walk_escape(&w, "Run all");
    walk_key_when_idle(&w, "C-q");
    walk_need_exit(&w, 0);
    walk_end(&w);
}

// What comes out of the data never reaches the terminal as a command.
static void test_escapes_in_data(void **state)
{
    (void)state;
    static const char sql[] =
        "USE esc; CREATE TABLE \"t\033]0;owned\a\" (\"c\033[2J\" text); "
        "INSERT INTO \"t\033]0;owned\a\" VALUES (E'before\\x1b[31mred\\x07\\u009bafter')";
    Walk w;
    walk_make(&w);
    walk_enter(&w);
    walk_write_sql(&w, "CREATE DATABASE esc; USE esc; CREATE TABLE plain (c text); "
                       "INSERT INTO plain VALUES (E'before\\x1b]0;owned\\x07after\\x1b[2J')");
    walk_key_when_idle(&w, "M-a");
    walk_need(&w, "INSERT");
    walk_run(&w, "SELECT c, length(c) * 100 AS size FROM plain", "before");
    walk_need(&w, "after");
    walk_keys(&w, "M-3 F4");
    walk_need(&w, "c  row 1");
    walk_escape(&w, "c  row 1");
    assert_false(kit_pty_wrote(w.p, "\033]0;owned", 9));
    // As names: in the tree, the drawing and the logs. Pasted controls are no text for an editor, so a script
    // says it.
    kit_dir_write(&w.dir, "esc.sql", sql, sizeof sql - 1);
    walk_menu(&w, "File", 'i');
    walk_need(&w, "A .sql script or dump");
    char path[KIT_PATH_MAX];
    kit_pty_paste(w.p, kit_dir_path(&w.dir, "esc.sql", path));
    walk_keys(&w, "Enter Enter Enter");
    walk_need(&w, "statements run, 1 rows");
    walk_keys(&w, "M-m");
    walk_need(&w, "Data model of esc");
    walk_need(&w, "plain");
    walk_escape(&w, "Data model of esc");
    walk_menu(&w, "Logs", 'q');
    walk_need(&w, "Log: event");
    assert_false(kit_pty_wrote(w.p, "\033]0;owned", 9));
    assert_false(kit_pty_wrote(w.p, "owned\a", 6));
    walk_key_when_idle(&w, "C-q");
    walk_need_exit(&w, 0);
    walk_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long_statement_stops),
        cmocka_unit_test(test_hang_up_keeps_what_was_typed),
        cmocka_unit_test(test_terminate),
        cmocka_unit_test(test_crash),
        cmocka_unit_test(test_every_terminal),
        cmocka_unit_test(test_small_windows),
        cmocka_unit_test(test_broken_theme),
        cmocka_unit_test(test_mouse_gives_the_focus),
        cmocka_unit_test(test_escapes_in_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
