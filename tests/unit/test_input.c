// Input: typing, selecting, words, a text longer than its field, limits.
#include "tests/tui/kit_golden.h"
#include "tui/widget/input.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void is(const Input *in, const char *want, size_t cursor)
{
    if (!str_equal(input_text(in), str_of(want)))
        fail_msg("have [%.*s], want [%s]", STR_ARG(input_text(in)), want);
    assert_int_equal(in->cursor, cursor);
}

static void typing(void **state)
{
    (void)state;
    Input in;
    input_init(&in, false, 40);
    input_type(&in, STR("one two\tthree\x1b"));
    is(&in, "one two three", 13);
    input_act(&in, ACTION_BACKSPACE_WORD);
    is(&in, "one two ", 8);
    input_act(&in, ACTION_WORD_LEFT);
    input_act(&in, ACTION_SELECT_HOME);
    input_type(&in, STR("中"));
    is(&in, "中two ", 3);
    input_act(&in, ACTION_BACKSPACE);
    is(&in, "two ", 0);
    input_act(&in, ACTION_DELETE);
    is(&in, "wo ", 0);
    input_act(&in, ACTION_BACKSPACE);
    is(&in, "wo ", 0);
    input_act(&in, ACTION_EDIT_SELECT_ALL);
    for (int i = 0; i < 30; i++) input_type(&in, STR("ab"));
    assert_int_equal(input_text(&in).len, 40); // no further
    assert_false(input_act(&in, ACTION_ENTER));
    input_done(&in);
}

static void drawing(void **state)
{
    (void)state;
    Input in, secret;
    Surface s;
    surface_init(&s, 24, 5, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    input_init(&in, false, 100);
    input_draw(&in, &c, 1, 0, 20, false, STR("type to search"));
    input_set(&in, STR("a text that is longer than its field"));
    input_draw(&in, &c, 1, 1, 20, true, STR_NONE);
    input_act(&in, ACTION_HOME);
    input_act(&in, ACTION_SELECT_RIGHT);
    input_act(&in, ACTION_SELECT_RIGHT);
    input_draw(&in, &c, 1, 2, 20, true, STR_NONE);
    input_init(&secret, true, 100);
    input_set(&secret, STR("geheim"));
    input_draw(&secret, &c, 1, 3, 20, true, STR_NONE);
    kit_golden_check(&s, "input");
    input_mouse(&in, 4, 20);
    assert_int_equal(in.cursor, 4);
    input_done(&in);
    input_done(&secret);
    surface_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(typing), cmocka_unit_test(drawing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
