// Theme: the built-in ones are good to read, bad files are told by place, and fewer colours keep things
// apart.
#include "tests/unit/kit_dir.h"
#include "tui/core/theme.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void contrast(void **state)
{
    (void)state;
    assert_int_equal(theme_contrast(0x000000, 0xFFFFFF), 2100);
    for (size_t i = 0; theme_builtin_name(i); i++) {
        Theme t;
        const char *name = theme_builtin_name(i);
        assert_true(theme_builtin(&t, str_of(name)));
        for (unsigned s = 0; s < STYLE_COUNT; s++) {
            Look look = t.look[s];
            if (look.foreground < 0 || look.background < 0 || look.foreground >= THEME_PALETTE) continue;
            int least = strcmp(name, "high-contrast") == 0 ? 700 : s == STYLE_BORDER ? 180 : 450;
            if (theme_contrast(look.foreground, look.background) < least)
                fail_msg("%s: %s has a contrast of %d", name, style_name((Style)s),
                         theme_contrast(look.foreground, look.background));
        }
    }
}

static void refuse(const char *text, const char *place, const char *word)
{
    Theme t = {.name = "before"};
    Err err = {0};
    Arena mem = {0};
    assert_false(theme_read(&t, str_of(text), "x.yaml", &mem, &err));
    assert_string_equal(err.state, "F0000");
    assert_string_equal(t.name, "before");
    if (!strstr(err.text, place) ||
        !(strstr(err.text, word) || strstr(err.hint, word) || strstr(err.notes, word)))
        fail_msg("said: %s / %s", err.text, err.hint);
    arena_done(&mem);
}

static void bad_files(void **state)
{
    (void)state;
    refuse("name: x\nstyles:\n  keywrd: {foreground: red}\n", "x.yaml:3:", "keyword");
    refuse("name: x\nstyles:\n  keyword: {foreground: reddish}\n", "x.yaml:3:25", "a colour");
    refuse("name: x\nstyles:\n  keyword: {foreground: \"#12345\"}\n", "x.yaml:3:25", "#rrggbb");
    refuse("name: x\nstyles:\n  keyword: {attributes: [bold, loud]}\n", "x.yaml:3:32", "underline");
    refuse("name: x\nstyle:\n  keyword: {}\n", "x.yaml:2:", "styles");
    refuse("base: nothing\n", "x.yaml:1:7", "dark");
    refuse("styles: [1, 2]\n", "x.yaml:1:9", "mapping");
    refuse("styles:\n  text: {foreground: red\n", "x.yaml:", "x.yaml");
}

static void a_base(void **state)
{
    (void)state;
    Theme dark, t;
    Err err = {0};
    Arena mem = {0};
    assert_true(theme_builtin(&dark, STR("dark")));
    assert_true(theme_read(&t, STR("name: mine\nbase: dark\nstyles:\n  keyword: {foreground: \"#ff0000\"}\n"),
                           "m.yaml", &mem, &err));
    assert_int_equal(t.look[STYLE_KEYWORD].foreground, 0xFF0000);
    assert_int_equal(t.look[STYLE_STRING].foreground, dark.look[STYLE_STRING].foreground);
    arena_done(&mem);
}

static void broken_file_falls_back(void **state)
{
    (void)state;
    KitDir d;
    Theme t, light;
    Err err = {0};
    kit_dir_make(&d);
    setenv("D2DB_THEMES", d.path, 1);
    kit_dir_write(&d, "light.yaml", "styles:\n  text: 5\n", 18);
    kit_dir_write(&d, "own.yaml", "name: own\nbase: light\n", 22);
    assert_true(theme_builtin(&light, STR("light")));
    assert_false(theme_load(&t, STR("light"), io_posix(), &err));
    assert_non_null(strstr(err.text, "light.yaml:2:9"));
    assert_int_equal(t.look[STYLE_TEXT].foreground, light.look[STYLE_TEXT].foreground);
    err_clear(&err);
    assert_true(theme_load(&t, STR("own"), io_posix(), &err));
    assert_string_equal(t.name, "own");
    assert_false(theme_load(&t, STR("../own"), io_posix(), &err));
    unsetenv("D2DB_THEMES");
    kit_dir_remove(&d);
}

static void fewer_colours(void **state)
{
    (void)state;
    assert_int_equal(theme_nearest(0xFF0000, 256), 196);
    assert_int_equal(theme_nearest(0x1c1c1c, 256), 234);
    assert_int_equal(theme_nearest(0xFF1010, 8), 1);
    assert_int_equal(theme_nearest(-1, 8), -1);
    assert_int_equal(theme_nearest(0x123456, 1 << 24), 0x123456);
    for (size_t i = 0; theme_builtin_name(i); i++) {
        Theme t;
        assert_true(theme_builtin(&t, str_of(theme_builtin_name(i))));
        for (unsigned s = 0; s < STYLE_COUNT; s++) {
            Look few = theme_look(&t, (Style)s, STYLE_TEXT, 8);
            if (few.foreground >= 0) assert_int_not_equal(few.foreground, few.background);
            Look none = theme_look(&t, (Style)s, STYLE_TEXT, 0);
            assert_true(none.foreground == -1 && none.background == -1);
        }
        static const Style apart[] = {STYLE_SELECTION, STYLE_MATCH, STYLE_MENU_SELECTED, STYLE_BUTTON_FOCUS,
                                      STYLE_STATUS_ALERT};
        for (size_t k = 0; k < COUNT_OF(apart); k++)
            assert_true(theme_look(&t, apart[k], STYLE_TEXT, 0).attributes != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(contrast), cmocka_unit_test(bad_files),
                                       cmocka_unit_test(a_base), cmocka_unit_test(broken_file_falls_back),
                                       cmocka_unit_test(fewer_colours)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
