// List and completion: moving, drawing, choosing by the mouse, fitting typed letters.
#include "tests/tui/kit_golden.h"
#include "tui/widget/complete.h"
#include "tui/widget/palette.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static uint64_t row_count(void *self) { return *(uint64_t *)self; }

static void row_text(void *self, uint64_t i, ListRow *out)
{
    (void)self;
    static const char *const names[] = {"course", "department", "offering", "registration of many students",
                                        "Студент 中文"};
    *out = (ListRow){.label = str_of(names[i % 5]),
                     .detail = i % 2 ? STR("151k") : STR_NONE,
                     .sign = i % 3 ? 0x25C6 : 0,
                     .sign_style = STYLE_KEY_GLYPH};
}

static void drawing(void **state)
{
    (void)state;
    uint64_t count = 30;
    List l;
    Surface s;
    surface_init(&s, 30, 8, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    list_init(&l, (ListRows){&count, row_count, row_text}, STYLE_TEXT);
    list_place(&l, 30, 8);
    assert_true(list_act(&l, ACTION_DOWN) && list_act(&l, ACTION_PAGE_DOWN));
    assert_int_equal(l.scroll.at, 9);
    list_draw(&l, &c, true);
    kit_golden_check(&s, "list");
    surface_done(&s);
}

static void moving(void **state)
{
    (void)state;
    uint64_t count = 30;
    List l;
    bool chosen;
    list_init(&l, (ListRows){&count, row_count, row_text}, STYLE_TEXT);
    list_place(&l, 30, 8);
    list_act(&l, ACTION_END);
    assert_int_equal(l.scroll.at, 29);
    assert_int_equal(l.scroll.first, 22);
    list_act(&l, ACTION_DOWN);
    assert_int_equal(l.scroll.at, 29);
    count = 4; // rows went away
    list_place(&l, 30, 8);
    assert_int_equal(l.scroll.at, 3);
    assert_true(list_mouse(&l, &(Mouse){.kind = MOUSE_PRESS, .y = 1, .button = 1}, &chosen) && !chosen);
    assert_true(list_mouse(&l, &(Mouse){.kind = MOUSE_PRESS, .y = 1, .button = 1, .twice = true}, &chosen) &&
                chosen);
    assert_int_equal(l.scroll.at, 1);
    assert_false(list_mouse(&l, &(Mouse){.kind = MOUSE_PRESS, .y = 7, .button = 1}, &chosen));
    count = 0;
    list_place(&l, 30, 8);
    assert_true(list_act(&l, ACTION_DOWN));
    assert_int_equal(l.scroll.at, 0);
}

static void scores(void **state)
{
    (void)state;
    assert_int_equal(palette_score(STR("xyz"), STR("Query: Run")), 0);
    assert_true(palette_score(STR("qr"), STR("Query: Run")) >
                palette_score(STR("qr"), STR("Query: Explain for")));
    assert_true(palette_score(STR("sel"), STR("SELECT")) > palette_score(STR("sel"), STR("is_eligible_l")));
    assert_true(palette_score(STR("uer"), STR("Query: Run")) >
                0); // a jump to a word's beginning must not lose it
    assert_true(palette_score(STR(""), STR("anything")) > 0);
}

static void completing(void **state)
{
    (void)state;
    Complete k;
    Surface s;
    surface_init(&s, 40, 8, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    complete_init(&k);
    complete_begin(&k, 7);
    static const char *const words[] = {"student", "student_id", "STUDENT", "status", "registration", "SET"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        complete_offer(&k, STR("st"), str_of(words[i]), STR("column"), STYLE_NAME);
    complete_end(&k);
    assert_int_equal(k.count, 5); // STUDENT is there already
    assert_true(complete_act(&k, ACTION_DOWN));
    assert_false(complete_act(&k, ACTION_LEFT));
    canvas_cstr(&c, 0, 1, STYLE_TEXT, "SELECT st");
    complete_draw(&k, &c, 7, 1);
    kit_golden_check(&s, "complete");
    complete_hide(&k);
    assert_null(complete_chosen(&k));
    complete_done(&k);
    surface_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(drawing), cmocka_unit_test(moving),
                                       cmocka_unit_test(scores), cmocka_unit_test(completing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
