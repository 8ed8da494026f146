// The terminal layer on real pseudo-terminals: whole again after every way out, any TERM, any moment for a
// new size, and how many bytes it takes.
#include "tests/tui/kit_pty.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

static const char *demo(void)
{
    static char path[512];
    const char *tools = getenv("D2DB_TOOLS");
    snprintf(path, sizeof path, "%s/tool_term_demo", tools ? tools : "build/release/tests/tools");
    return path;
}

static KitPty *start_with(const char *const *environment, int width, int height)
{
    const char *argv[] = {demo(), "dark", "mouse", NULL};
    KitPty *p = kit_pty_start(argv, environment, width, height);
    if (!kit_pty_wait_text(p, "ready", KIT_WAIT_MS)) {
        char *screen = kit_pty_screen(p);
        print_error("%s\n", screen);
        free(screen);
        fail_msg("the program did not become ready");
    }
    return p;
}

static void assert_whole(KitPty *p)
{
    static const int modes[] = {1049, 2004, 1000, 1002, 1003, 1004, 1006, 1};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (kit_pty_mode(p, modes[i])) fail_msg("mode %d was left switched on", modes[i]);
    assert_true(kit_pty_mode(p, 25));
    assert_true(kit_pty_termios_restored(p));
}

static void check_signal(int number, bool by_key, const char *key)
{
    KitPty *p = start_with(NULL, 100, 30);
    assert_true(kit_pty_mode(p, 1049) && kit_pty_mode(p, 2004) && kit_pty_mode(p, 1006));
    assert_false(kit_pty_termios_restored(p));
    if (by_key)
        kit_pty_type(p, key);
    else
        kit_pty_signal(p, number);
    int status = 0;
    assert_true(kit_pty_wait_exit(p, KIT_WAIT_MS, &status));
    if (number) {
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), number);
    } else {
        assert_true(WIFEXITED(status));
    }
    assert_whole(p);
    kit_pty_free(p);
}

static void test_exits(void **state)
{
    (void)state;
    check_signal(0, true, "q");
    check_signal(0, true, "\003"); // Ctrl-C
    check_signal(0, true, "e");    // exit() in the middle
}

static void test_signals(void **state)
{
    (void)state;
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) check_signal(numbers[i], false, NULL);
}

static void test_crashes(void **state)
{
    (void)state;
    static const int numbers[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) check_signal(numbers[i], false, NULL);
    check_signal(SIGSEGV, true, "s");
    check_signal(SIGABRT, true, "a");
}

static void check_suspend(bool by_key)
{
    KitPty *p = start_with(NULL, 100, 30);
    if (by_key)
        kit_pty_type(p, "\032");
    else
        kit_pty_signal(p, SIGTSTP);
    assert_true(kit_pty_wait_stopped(p, KIT_WAIT_MS));
    assert_whole(p);
    kit_pty_resize(p, 90, 28);
    kit_pty_foreground(p);
    assert_true(kit_pty_wait_text(p, "90x28 ready", KIT_WAIT_MS));
    assert_true(kit_pty_mode(p, 1049) && kit_pty_mode(p, 2004) && kit_pty_mode(p, 1006));
    kit_pty_keys(p, "Down");
    assert_true(kit_pty_wait_text(p, "demo 1 of", KIT_WAIT_MS));
    kit_pty_type(p, "q");
    assert_true(kit_pty_wait_exit(p, KIT_WAIT_MS, NULL));
    assert_whole(p);
    kit_pty_free(p);
}

static void test_suspend(void **state)
{
    (void)state;
    check_suspend(true);
    check_suspend(false);
}

static void test_terms(void **state)
{
    (void)state;
    static const char *const terms[] = {"TERM=vt100",           "TERM=linux",
                                        "TERM=screen-256color", "TERM=xterm-256color",
                                        "TERM=unknown-term",    "TERM=xterm-ghostty-of-tomorrow",
                                        "TERM=xterm",           "TERM=ansi"};
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        const char *environment[] = {terms[i], "COLORTERM", NULL};
        KitPty *p = start_with(environment, 80, 24);
        if (strstr(terms[i], "unknown")) assert_true(kit_pty_wait_text(p, "is not known here", KIT_WAIT_MS));
        kit_pty_keys(p, "Down Down");
        assert_true(kit_pty_wait_text(p, "demo 2 of", KIT_WAIT_MS));
        kit_pty_type(p, "q");
        int status;
        assert_true(kit_pty_wait_exit(p, KIT_WAIT_MS, &status));
        assert_int_equal(status, 0);
        assert_whole(p);
        kit_pty_free(p);
    }
}

static void test_plain_locale(void **state)
{
    (void)state;
    const char *environment[] = {"LC_ALL=C", "LANG=C", NULL};
    KitPty *p = start_with(environment, 80, 24);
    assert_true(kit_pty_has(p, "+ demo 0 of"));
    for (size_t c = 0x80; c < 0x100; c++) {
        char byte = (char)c;
        assert_false(kit_pty_wrote(p, &byte, 1));
    }
    kit_pty_free(p);
}

static void test_dumb(void **state)
{
    (void)state;
    const char *argv[] = {demo(), NULL}, *environment[] = {"TERM=dumb", NULL};
    KitPty *p = kit_pty_start(argv, environment, 80, 24);
    int status;
    assert_true(kit_pty_wait_exit(p, KIT_WAIT_MS, &status));
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_true(kit_pty_wait_text(p, "d2db sql", KIT_WAIT_MS));
    kit_pty_free(p);
}

static void test_no_color(void **state)
{
    (void)state;
    const char *argv[] = {demo(), NULL}, *environment[] = {"NO_COLOR=1", NULL};
    KitPty *p = kit_pty_start(argv, environment, 100, 30);
    assert_true(kit_pty_wait_text(p, "ready", KIT_WAIT_MS));
    bool reverse = false;
    for (int y = 0; y < 30; y++)
        for (int x = 0; x < 100; x++) {
            KitPtyCell cell = kit_pty_cell(p, x, y);
            assert_false(cell.coloured);
            reverse = reverse || cell.reverse;
        }
    assert_true(reverse); // the selection is still to be seen
    kit_pty_free(p);
}

static void test_resize(void **state)
{
    (void)state;
    KitPty *p = start_with(NULL, 100, 30);
    static const int sizes[][2] = {{80, 24},  {200, 60}, {40, 10}, {10, 3},  {1, 1},
                                   {110, 30}, {69, 24},  {70, 24}, {132, 43}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        kit_pty_keys(p, "Down PgDn");
        kit_pty_resize(p, sizes[i][0], sizes[i][1]);
        kit_pty_keys(p, "PgUp");
    }
    assert_true(kit_pty_wait_text(p, "132x43 ready", KIT_WAIT_MS));
    assert_true(kit_pty_has(p, "┐"));
    kit_pty_type(p, "q");
    assert_true(kit_pty_wait_exit(p, KIT_WAIT_MS, NULL));
    assert_whole(p);
    kit_pty_free(p);
}

static void test_paste_is_text(void **state)
{
    (void)state;
    KitPty *p = start_with(NULL, 120, 30);
    kit_pty_keys(p, "F6");
    kit_pty_paste(p, "q and \033[A e\033[31m"); // q would leave, e would exit
    assert_true(kit_pty_wait_text(p, "pasted[q and", KIT_WAIT_MS));
    kit_pty_type(p, "q");
    int status;
    assert_true(kit_pty_wait_exit(p, KIT_WAIT_MS, &status));
    assert_int_equal(status, 0);
    kit_pty_free(p);
}

static void test_stderr_waits(void **state)
{
    (void)state;
    KitPty *p = start_with(NULL, 100, 30);
    kit_pty_type(p, "w");
    assert_true(kit_pty_wait_quiet(p, 100, KIT_WAIT_MS));
    assert_false(kit_pty_has(p, "said on stderr"));
    kit_pty_type(p, "s");
    assert_true(kit_pty_wait_exit(p, KIT_WAIT_MS, NULL));
    assert_true(kit_pty_has(p, "said on stderr?[31m")); // shown, and harmless
    kit_pty_free(p);
}

static void test_clipboard(void **state)
{
    (void)state;
    KitPty *p = start_with(NULL, 120, 30);
    kit_pty_type(p, "c");
    assert_true(kit_pty_wait_text(p, "11 bytes sent", KIT_WAIT_MS));
    static const char sent[] = "\033]52;c;Y29waWVkIHRleHQ=\a";
    assert_true(kit_pty_wrote(p, sent, sizeof sent - 1));
    kit_pty_free(p);
}

static void test_mouse(void **state)
{
    (void)state;
    KitPty *p = start_with(NULL, 120, 30);
    int x, y;
    bool shown;
    kit_pty_type(p, "\033[<0;80;25M\033[<0;80;25m"); // a press in the third pane gives it the keyboard
    kit_pty_keys(p, "Down");
    assert_true(kit_pty_wait_text(p, "demo 1 of", KIT_WAIT_MS));
    assert_true(kit_pty_find(p, "demo 1 of", &x, &y));
    assert_true(y > 10);
    kit_pty_cursor(p, &x, &y, &shown);
    assert_false(shown);
    assert_true(y > 10); // parked on the focused row all the same
    kit_pty_free(p);
}

static size_t cost(KitPty *p, const char *keys, size_t times)
{
    assert_true(kit_pty_wait_quiet(p, 150, KIT_WAIT_MS));
    size_t before = kit_pty_bytes(p);
    char all[1024] = "";
    for (size_t i = 0; i < times; i++) strncat(all, keys, sizeof all - strlen(all) - 1);
    kit_pty_type(p, all);
    assert_true(kit_pty_wait_quiet(p, 150, KIT_WAIT_MS));
    return kit_pty_bytes(p) - before;
}

// The bytes that a slow line would have to carry; the bounds are those of the field's best, measured before.
static void test_bytes(void **state)
{
    (void)state;
    const char *environment[] = {"DEMO_ONE=1", NULL};
    KitPty *p = start_with(environment, 120, 40);
    size_t down = cost(p, "\033OB", 1), first = cost(p, "\033[6~", 1), page = cost(p, "\033[6~", 1),
           burst = cost(p, "\033OB", 30);
    kit_pty_keys(p, "PgDn");
    assert_true(first > 0);
    size_t scroll = cost(p, "\033OB", 1);
    size_t idle = kit_pty_bytes(p);
    kit_pty_wait_quiet(p, 1000, 1000);
    idle = kit_pty_bytes(p) - idle;
    print_message("bytes: down %zu, scroll %zu, page %zu, burst of 30 %zu, idle %zu\n", down, scroll, page,
                  burst, idle);
    assert_true(down <= 350);
    assert_true(page <= 4200);
    assert_true(burst <= 9000);
    assert_int_equal(idle, 0);
    kit_pty_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exits),        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_crashes),      cmocka_unit_test(test_suspend),
        cmocka_unit_test(test_terms),        cmocka_unit_test(test_plain_locale),
        cmocka_unit_test(test_dumb),         cmocka_unit_test(test_no_color),
        cmocka_unit_test(test_resize),       cmocka_unit_test(test_paste_is_text),
        cmocka_unit_test(test_stderr_waits), cmocka_unit_test(test_clipboard),
        cmocka_unit_test(test_mouse),        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
