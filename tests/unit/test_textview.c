// Textview: lines, both directions, finding, marks.
#include "tests/tui/kit_golden.h"
#include "tui/widget/textview.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char text[] = "CREATE TABLE student (\n  student_id integer,\r\n  note text -- "
                           "\033[31mred\n);\n\nINSERT INTO Student VALUES (1, "
                           "'中文');\nlast";

static void drawing(void **state)
{
    (void)state;
    Arena mem = {0};
    TextView v;
    Surface s;
    surface_init(&s, 44, 8, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    textview_init(&v, textview_lines_of(str_of(text), &mem), STYLE_TEXT);
    v.numbers = v.bar = true;
    textview_place(&v, 44, 8);
    assert_true(textview_find(&v, STR("student"), false));
    textview_draw(&v, &c, true);
    kit_golden_check(&s, "textview");
    textview_done(&v);
    surface_done(&s);
    arena_done(&mem);
}

static void finding(void **state)
{
    (void)state;
    Arena mem = {0};
    TextView v;
    textview_init(&v, textview_lines_of(str_of(text), &mem), STYLE_TEXT);
    v.bar = true;
    textview_place(&v, 44, 3);
    assert_int_equal(v.scroll.count, 7);
    assert_true(textview_find(&v, STR("STUDENT"), false));
    assert_int_equal(v.scroll.at, 0);
    assert_true(textview_act(&v, ACTION_EDIT_FIND_NEXT));
    assert_int_equal(v.scroll.at, 1);
    assert_true(textview_act(&v, ACTION_EDIT_FIND_NEXT));
    assert_int_equal(v.scroll.at, 5);
    assert_true(textview_act(&v, ACTION_EDIT_FIND_NEXT)); // around the end
    assert_int_equal(v.scroll.at, 0);
    assert_true(textview_act(&v, ACTION_EDIT_FIND_PREV));
    assert_int_equal(v.scroll.at, 5);
    assert_false(textview_find(&v, STR("nowhere"), false));
    textview_act(&v, ACTION_BOTTOM);
    assert_int_equal(v.scroll.at, 6);
    textview_done(&v);
    arena_done(&mem);
}

static void no_text(void **state)
{
    (void)state;
    Arena mem = {0};
    TextView v;
    Surface s;
    surface_init(&s, 10, 2, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    textview_init(&v, textview_lines_of(STR_NONE, &mem), STYLE_TEXT);
    textview_place(&v, 10, 2);
    textview_draw(&v, &c, true);
    textview_act(&v, ACTION_PAGE_DOWN);
    assert_false(textview_find(&v, STR("x"), true));
    textview_done(&v);
    surface_done(&s);
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(drawing), cmocka_unit_test(finding),
                                       cmocka_unit_test(no_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
