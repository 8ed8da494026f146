// Canvas: clipping, wide characters, joined lines, and that no string can drive a terminal.
#include "engine/base/utf8.h"
#include "tests/tui/kit_golden.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void boxes(void **state)
{
    (void)state;
    Surface s;
    surface_init(&s, 40, 12, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    canvas_box(&c, (Rect){0, 0, 20, 12}, STYLE_BORDER, STYLE_TITLE, STR("school"));
    canvas_box(&c, (Rect){19, 0, 21, 6}, STYLE_BORDER, STYLE_TITLE, STR("a title that is too long"));
    canvas_box(&c, (Rect){19, 5, 21, 7}, STYLE_BORDER_FOCUS, STYLE_TITLE_FOCUS, STR("log"));
    canvas_hline(&c, 0, 6, 20, STYLE_AXIS);
    canvas_vline(&c, 10, 6, 6, STYLE_AXIS);
    Canvas inside = canvas_sub(&c, (Rect){1, 1, 18, 5});
    canvas_text(&inside, 0, 0, STYLE_TEXT, STR("Adaeze Okafor is longer than the pane"));
    canvas_text(&inside, -3, 1, STYLE_NAME, STR("cut at the left"));
    canvas_text(&inside, 0, 2, STYLE_STRING, STR("中文字符中文字符中文"));
    canvas_text(&inside, 1, 3, STYLE_STRING, STR("中文字符中文字符中文"));
    canvas_text(&inside, 0, 4, STYLE_STRING, STR("Ivan Petrovic\xCC\x81 e\xCC\x81"));
    canvas_text_in(&c, 21, 1, 10, ALIGN_RIGHT, STYLE_NUMBER, STR("30.0k"));
    canvas_text_in(&c, 21, 2, 10, ALIGN_CENTER, STYLE_OK, STR("ok"));
    canvas_text_in(&c, 21, 3, 10, ALIGN_LEFT, STYLE_ERROR, STR("much too long"));
    canvas_scrollbar(&c, 39, 6, 5, 50, 10, 100, STYLE_DIM);
    canvas_cursor(&c, 3, 3);
    kit_golden_check(&s, "canvas_boxes");
    surface_done(&s);
}

static void wide_halves(void **state)
{
    (void)state;
    Surface s;
    surface_init(&s, 4, 1, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    canvas_text(&c, 0, 0, STYLE_TEXT, STR("中文"));
    canvas_text(&c, 1, 0, STYLE_TEXT, STR("x"));
    assert_int_equal(surface_cell(&s, 0, 0)->width, 1);
    assert_int_equal(surface_cell(&s, 0, 0)->text[0], ' ');
    assert_int_equal(surface_cell(&s, 1, 0)->text[0], 'x');
    canvas_text(&c, 2, 0, STYLE_TEXT, STR("y"));
    assert_int_equal(surface_cell(&s, 3, 0)->width, 1);
    canvas_text(&c, 3, 0, STYLE_TEXT, STR("中"));
    assert_int_equal(surface_cell(&s, 3, 0)->width, 1); // half of it has no place
    surface_done(&s);
}

static void ground(void **state)
{
    (void)state;
    Surface s;
    surface_init(&s, 10, 1, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    canvas_fill(&c, (Rect){0, 0, 10, 1}, STYLE_POPUP);
    canvas_text(&c, 0, 0, STYLE_DIM, STR("dim"));
    assert_int_equal(surface_cell(&s, 0, 0)->style, STYLE_DIM);
    assert_int_equal(surface_cell(&s, 0, 0)->ground, STYLE_POPUP);
    canvas_restyle(&c, (Rect){0, 0, 2, 1}, STYLE_SELECTION);
    assert_int_equal(surface_cell(&s, 1, 0)->ground, STYLE_SELECTION);
    surface_done(&s);
}

// Every byte, and every pair with ESC before it: no cell ever holds something that acts.
static void nothing_acts(void **state)
{
    (void)state;
    static const char *const bad[] = {"\u202e", "\u200b",   "\u2028", "\u2066",    "\ufeff",
                                      "\u00ad", "\xC2\x85", "\u200d", "\U000E0041"};
    Surface s;
    surface_init(&s, 60, 1, CHARSET_FULL);
    for (int n = 0; n < 512 + (int)COUNT_OF(bad); n++) {
        char text[8] = {27, (char)n, 'm', 0};
        Str given = n < 256 ? (Str){text + 1, 2} : n < 512 ? (Str){text, 3} : str_of(bad[n - 512]);
        surface_clear(&s);
        Canvas c = canvas_of(&s);
        canvas_text(&c, 0, 0, STYLE_TEXT, given);
        canvas_box(&c, (Rect){10, -1, 20, 3}, STYLE_TEXT, STYLE_TEXT, given);
        canvas_text_in(&c, 30, 0, 20, ALIGN_RIGHT, STYLE_TEXT, given);
        for (int x = 0; x < 60; x++) {
            const Cell *cell = surface_cell(&s, x, 0);
            Str shown = {cell->text, cell->len};
            assert_true(utf8_check(shown) == SIZE_MAX);
            for (size_t pos = 0; pos < shown.len;) {
                uint32_t rune = utf8_next(shown, &pos);
                assert_true(rune >= 32 && rune != 127 && !(rune >= 0x80 && rune < 0xA0));
                assert_true(rune != 0x202e && rune != 0x200b && rune != 0x2028 && rune != 0x2066 &&
                            rune != 0xfeff);
            }
        }
    }
    surface_done(&s);
}

static void long_marks(void **state)
{
    (void)state;
    char text[1 + 2 * 500];
    text[0] = 'a';
    for (int i = 0; i < 500; i++) memcpy(text + 1 + 2 * i, "\xCC\x81", 2);
    Surface s;
    surface_init(&s, 5, 1, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    int x = canvas_text(&c, 0, 0, STYLE_TEXT, (Str){text, sizeof text});
    assert_int_equal(x, 1);
    assert_true(surface_cell(&s, 0, 0)->len <= CELL_TEXT_MAX);
    surface_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(boxes), cmocka_unit_test(wide_halves),
                                       cmocka_unit_test(ground), cmocka_unit_test(nothing_acts),
                                       cmocka_unit_test(long_marks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
