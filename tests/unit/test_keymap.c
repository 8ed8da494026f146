// Keys and actions: names there and back, one meaning per key, keys.yaml with its complaints, mnemonics that
// do not clash.
#include "tui/core/keymap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void names(void **state)
{
    (void)state;
    static const char *const good[] = {"C-s",     "M-x", "F5", "S-Tab",    "C-PgDn", "Space",
                                       "M-Space", "a",   "é",  "C-M-Left", "S-F12"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        Key k;
        char text[KEY_TEXT_SIZE];
        assert_true(key_from_text(str_of(good[i]), &k));
        assert_string_equal(key_text(text, k), good[i]);
    }
    static const char *const bad[] = {"", "C-", "X-a", "F13", "ab", "C-C-a", "S-a", "\x01"};
    Key k;
    for (size_t i = 0; i < COUNT_OF(bad); i++) assert_false(key_from_text(str_of(bad[i]), &k));
}

// Each default key is a key, and no two actions want the same one.
static void defaults(void **state)
{
    (void)state;
    Keymap m;
    keymap_default(&m);
    for (unsigned a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
        Str rest = str_of(action_info((Action)a)->keys);
        while (rest.len) {
            Key k;
            Str one = str_cut(&rest, ' ');
            assert_true(key_from_text(one, &k));
            if (keymap_find(&m, k) != (Action)a) fail_msg("%.*s is wanted twice", STR_ARG(one));
        }
        assert_int_equal(action_find(str_of(action_info((Action)a)->name)), a);
        assert_true(action_info((Action)a)->help[0] != 0);
    }
}

static void mnemonics(void **state)
{
    (void)state;
    for (unsigned a = 1; a < ACTION_COUNT; a++)
        for (unsigned b = a + 1; b < ACTION_COUNT; b++) {
            bool group;
            const char *one = strchr(action_info((Action)a)->label, '&'),
                       *other = strchr(action_info((Action)b)->label, '&');
            if (!str_equal(action_menu((Action)a, &group), action_menu((Action)b, &group)) || !one || !other)
                continue;
            if (str_equal_fold((Str){one + 1, 1}, (Str){other + 1, 1}))
                fail_msg("%s and %s have the same letter", action_info((Action)a)->name,
                         action_info((Action)b)->name);
        }
}

static void files(void **state)
{
    (void)state;
    Keymap m, before;
    Err err = {0};
    Key f5 = {0}, f6 = {0};
    char text[KEY_TEXT_SIZE];
    keymap_default(&m);
    assert_true(key_from_text(STR("F5"), &f5) && key_from_text(STR("F6"), &f6));
    assert_true(keymap_read(&m, STR("query.run: [F6, C-e]\nfile.quit: []\n"), "keys.yaml", &err));
    assert_int_equal(keymap_find(&m, f6), ACTION_QUERY_RUN);
    assert_int_equal(keymap_find(&m, f5), ACTION_NONE);
    assert_string_equal(keymap_key(&m, ACTION_QUERY_RUN, 1, text), "C-e");
    assert_string_equal(keymap_key(&m, ACTION_FILE_QUIT, 0, text), "");
    before = m;
    assert_false(keymap_read(&m, STR("query.run: [F6]\nquery.rum: [F7]\n"), "keys.yaml", &err));
    assert_non_null(strstr(err.text, "keys.yaml:2:"));
    err_clear(&err);
    assert_false(keymap_read(&m, STR("query.run: [Hyper-x]\n"), "keys.yaml", &err));
    assert_non_null(strstr(err.text, "keys.yaml:1:13"));
    assert_memory_equal(&m, &before, sizeof m);
}

// What keymap_write writes is what keymap_read takes.
static void there_and_back(void **state)
{
    (void)state;
    Keymap m, again = {0};
    Err err = {0};
    Bytes out;
    keymap_default(&m);
    bytes_init(&out, 1 << 20);
    keymap_write(&m, &out);
    if (!keymap_read(&again, bytes_str(&out), "keys.yaml", &err)) fail_msg("%s", err.text);
    assert_int_equal(m.count, again.count);
    for (size_t i = 0; i < m.count; i++)
        assert_int_equal(keymap_find(&again, m.binding[i].key), m.binding[i].action);
    bytes_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(defaults),
                                       cmocka_unit_test(mnemonics), cmocka_unit_test(files),
                                       cmocka_unit_test(there_and_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
