// Undo: groups, joining of typed letters, what is saved, and random changes taken back and done again.
#include "engine/base/random.h"
#include "tui/text/undo.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static Err err;

static void is_text(Buffer *b, const char *want)
{
    Str have = buffer_slice(b, 0, buffer_len(b));
    if (!str_equal(have, str_of(want))) fail_msg("have [%.*s], want [%s]", STR_ARG(have), want);
}

static void type(Undo *u, Buffer *b, const char *text)
{
    for (; *text; text++) assert_true(undo_insert(u, b, buffer_len(b), (Str){text, 1}, &err));
}

static void joining(void **state)
{
    (void)state;
    Buffer b;
    Undo u;
    size_t at;
    buffer_init(&b);
    undo_init(&u);
    type(&u, &b, "abc");
    undo_break(&u);
    type(&u, &b, "def\nghi");
    assert_true(undo_back(&u, &b, &at));
    is_text(&b, "abcdef\n");
    assert_true(undo_back(&u, &b, &at));
    is_text(&b, "abcdef");
    assert_true(undo_back(&u, &b, &at));
    is_text(&b, "abc");
    assert_int_equal(at, 3);
    assert_true(undo_again(&u, &b, &at));
    is_text(&b, "abcdef");
    type(&u, &b, "X"); // what could be done again is gone
    assert_false(undo_again(&u, &b, &at));
    assert_true(undo_delete(&u, &b, 6, 1, &err));
    assert_true(undo_delete(&u, &b, 5, 1, &err));
    is_text(&b, "abcde");
    assert_true(undo_back(&u, &b, &at)); // backspaces join
    is_text(&b, "abcdefX");
    undo_done(&u);
    buffer_done(&b);
}

static void saved(void **state)
{
    (void)state;
    Buffer b;
    Undo u;
    size_t at;
    buffer_init(&b);
    undo_init(&u);
    assert_false(undo_changed(&u));
    type(&u, &b, "ab");
    undo_saved(&u);
    assert_false(undo_changed(&u));
    type(&u, &b, "c"); // does not join what was saved
    assert_true(undo_changed(&u));
    assert_true(undo_back(&u, &b, &at));
    assert_false(undo_changed(&u));
    assert_true(undo_back(&u, &b, &at));
    assert_true(undo_changed(&u));
    type(&u, &b, "z"); // the saved text cannot be reached any more
    assert_true(undo_changed(&u));
    undo_done(&u);
    buffer_done(&b);
}

static void random_groups(void **state)
{
    (void)state;
    enum { GROUPS = 60, TEXT_MAX = 2000 };
    static char seen[GROUPS + 1][TEXT_MAX];
    Random r;
    random_seed(&r, 11);
    Buffer b;
    Undo u;
    size_t at;
    buffer_init(&b);
    undo_init(&u);
    for (int g = 0; g < GROUPS; g++) {
        undo_begin(&u);
        for (size_t n = 1 + random_below(&r, 4); n > 0; n--) {
            size_t len = buffer_len(&b), place = random_below(&r, len + 1);
            if (len > 800 || random_below(&r, 3) == 0)
                assert_true(undo_delete(&u, &b, place, random_below(&r, 20), &err));
            else
                assert_true(undo_insert(&u, &b, place,
                                        str_slice(STR("line\nof some text"), random_below(&r, 10), 7), &err));
        }
        // A group that changed nothing leaves nothing to take back: make sure that each does.
        assert_true(undo_insert(&u, &b, 0, STR("."), &err));
        undo_end(&u);
        Str now = buffer_slice(&b, 0, buffer_len(&b));
        snprintf(seen[g + 1], TEXT_MAX, "%.*s", STR_ARG(now));
    }
    for (int g = GROUPS; g > 0; g--) {
        is_text(&b, seen[g]);
        assert_true(undo_back(&u, &b, &at));
    }
    is_text(&b, "");
    for (int g = 1; g <= GROUPS; g++) {
        assert_true(undo_again(&u, &b, &at));
        is_text(&b, seen[g]);
    }
    undo_done(&u);
    buffer_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(joining), cmocka_unit_test(saved),
                                       cmocka_unit_test(random_groups)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
