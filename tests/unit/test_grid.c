// Grid: header, alignment, NULL told from empty, frozen columns, a range and its copy, finding, a million
// rows.
#include "tests/tui/kit_golden.h"
#include "tui/widget/grid.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

typedef struct Rows {
    uint64_t count;
    uint64_t asked;
    char text[64];
} Rows;

static uint64_t row_count(void *self) { return ((Rows *)self)->count; }

static bool cell(void *self, uint64_t row, uint32_t column, Str *text, bool *null)
{
    Rows *r = self;
    r->asked++;
    *null = column == 2 && row % 3 == 1;
    if (column == 0)
        snprintf(r->text, sizeof r->text, "%llu", (unsigned long long)(20000 + row));
    else if (column == 1)
        snprintf(r->text, sizeof r->text, "%s", row % 2 ? "Ivan Petrović" : "María José García\033[31m");
    else if (column == 2)
        snprintf(r->text, sizeof r->text, "%s", row % 3 ? "" : "2026-11-20");
    else
        snprintf(r->text, sizeof r->text, "note %llu", (unsigned long long)row);
    *text = str_of(r->text);
    return true;
}

static void make(Grid *g, Rows *r, Arena *mem)
{
    static const ResultColumn columns[] = {{{"student_id", 10}, {.id = TYPE_INTEGER}},
                                           {{"full_name", 9}, {.id = TYPE_TEXT}},
                                           {{"returned_on", 11}, {.id = TYPE_DATE}},
                                           {{"note", 4}, {.id = TYPE_TEXT}}};
    grid_init(g, (GridRows){r, row_count, cell, NULL}, mem, columns, 4);
    g->column[0].key = true;
    grid_measure(g);
}

static void drawing(void **state)
{
    (void)state;
    Rows r = {.count = 9};
    Arena mem = {0};
    Grid g;
    Surface s;
    make(&g, &r, &mem);
    surface_init(&s, 70, 8, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    grid_place(&g, 70, 8);
    assert_true(grid_act(&g, ACTION_DOWN) && grid_act(&g, ACTION_RIGHT));
    assert_true(grid_act(&g, ACTION_SELECT_DOWN) && grid_act(&g, ACTION_SELECT_RIGHT));
    grid_draw(&g, &c, true);
    kit_golden_check(&s, "grid");
    Bytes out;
    bytes_init(&out, GRID_COPY_MAX);
    grid_copy(&g, true, &out);
    assert_string_equal(out.at, "full_name\treturned_on\nIvan Petrović\t\\N\nMaría José García\033[31m\t");
    bytes_done(&out);
    assert_true(grid_act(&g, ACTION_CANCEL));
    assert_false(g.marking);
    surface_done(&s);
    arena_done(&mem);
}

static void narrow_and_frozen(void **state)
{
    (void)state;
    Rows r = {.count = 200};
    Arena mem = {0};
    Grid g;
    Surface s;
    make(&g, &r, &mem);
    surface_init(&s, 36, 6, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    grid_freeze(&g, 1);
    g.numbers = true;
    g.sort = 1;
    grid_place(&g, 36, 6);
    grid_act(&g, ACTION_END);
    grid_act(&g, ACTION_BOTTOM);
    grid_draw(&g, &c, false);
    kit_golden_check(&s, "grid_frozen");
    grid_widen(&g, 100);
    grid_measure(&g);
    assert_int_equal(g.column[3].width, 108);
    surface_done(&s);
    arena_done(&mem);
}

static void million(void **state)
{
    (void)state;
    Rows r = {.count = 1000000};
    Arena mem = {0};
    Grid g;
    Surface s;
    make(&g, &r, &mem);
    surface_init(&s, 120, 40, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    grid_place(&g, 120, 40);
    r.asked = 0;
    assert_true(grid_act(&g, ACTION_BOTTOM));
    grid_draw(&g, &c, true);
    assert_int_equal(g.scroll.at, 999999);
    assert_true(r.asked <= 4 * 40); // what is seen and nothing else
    grid_act(&g, ACTION_PAGE_UP);
    assert_int_equal(g.scroll.at, 999999 - 39);
    surface_done(&s);
    arena_done(&mem);
}

static void finding(void **state)
{
    (void)state;
    Rows r = {.count = 50};
    Arena mem = {0};
    Grid g;
    make(&g, &r, &mem);
    grid_place(&g, 70, 8);
    assert_true(grid_find(&g, STR("NOTE 7"), false));
    assert_int_equal(g.scroll.at, 7);
    assert_int_equal(g.at, 3);
    assert_true(grid_find(&g, STR("20003"), false)); // around the end
    assert_int_equal(g.scroll.at, 3);
    assert_true(grid_find(&g, STR("20049"), true));
    assert_int_equal(g.scroll.at, 49);
    assert_false(grid_find(&g, STR("nobody"), false));
    assert_int_equal(g.scroll.at, 49);
    Str text;
    bool null;
    grid_goto(&g, 1, 2);
    assert_true(grid_value(&g, &text, &null) && null);
    grid_goto(&g, 2, 2);
    assert_true(grid_value(&g, &text, &null) && !null && text.len == 0);
    r.count = 0;
    assert_false(grid_value(&g, &text, &null));
    assert_false(grid_find(&g, STR("x"), false));
    arena_done(&mem);
}

static void mouse(void **state)
{
    (void)state;
    Rows r = {.count = 50};
    Arena mem = {0};
    Grid g;
    bool chosen;
    make(&g, &r, &mem);
    grid_place(&g, 70, 8);
    assert_true(grid_mouse(&g, &(Mouse){.kind = MOUSE_PRESS, .x = 20, .y = 3, .button = 1}, &chosen));
    assert_int_equal(g.scroll.at, 2);
    assert_int_equal(g.at, 1);
    assert_true(grid_mouse(&g, &(Mouse){.kind = MOUSE_DRAG, .x = 2, .y = 5, .button = 1}, &chosen));
    assert_true(g.marking && g.mark_row == 2 && g.scroll.at == 4 && g.at == 0);
    assert_true(grid_mouse(&g, &(Mouse){.kind = MOUSE_WHEEL_DOWN}, &chosen));
    assert_int_equal(g.scroll.first, 3);
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(drawing), cmocka_unit_test(narrow_and_frozen),
                                       cmocka_unit_test(million), cmocka_unit_test(finding),
                                       cmocka_unit_test(mouse)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
