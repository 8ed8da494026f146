// Layout: shares, minimums, folding, hits, growing: every cell belongs to a pane, at every size.
#include "tui/core/layout.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const LayoutNode table[] = {
    {LAYOUT_COLUMNS, .children = 2},           {LAYOUT_PANE, .slot = 0, .share = 25, .min = 20},
    {LAYOUT_ROWS, .share = 75, .children = 3}, {LAYOUT_PANE, .slot = 1, .share = 45},
    {LAYOUT_PANE, .slot = 2, .share = 35},     {LAYOUT_PANE, .slot = 3, .share = 20, .min = 5}};

static void shares(void **state)
{
    (void)state;
    Layout l;
    layout_init(&l, table, COUNT_OF(table));
    layout_place(&l, (Rect){0, 1, 110, 28}, 1);
    assert_false(l.folded);
    Rect tree = layout_rect(&l, 0), editor = layout_rect(&l, 1), log = layout_rect(&l, 3);
    assert_int_equal(tree.width + editor.width - 1, 110); // the line between is shared
    assert_int_equal(editor.x, tree.width - 1);
    assert_int_equal(tree.height, 28);
    assert_int_equal(log.y + log.height, 29);
    assert_int_equal(editor.y, 1);
    layout_show(&l, 3, false);
    layout_place(&l, (Rect){0, 1, 110, 28}, 1);
    assert_int_equal(layout_rect(&l, 3).width, 0);
    assert_int_equal(layout_rect(&l, 2).y + layout_rect(&l, 2).height, 29);
}

static void every_size(void **state)
{
    (void)state;
    Layout l;
    layout_init(&l, table, COUNT_OF(table));
    for (int width = 1; width <= 220; width += 3)
        for (int height = 1; height <= 70; height++) {
            layout_place(&l, (Rect){0, 0, width, height}, 2);
            for (int slot = 0; slot < 4; slot++) {
                Rect r = layout_rect(&l, slot);
                assert_true(r.x >= 0 && r.y >= 0 && r.x + r.width <= width && r.y + r.height <= height);
            }
            assert_true(layout_hit(&l, width / 2, height / 2) != LAYOUT_NONE);
            assert_true(layout_hit(&l, width - 1, height - 1) != LAYOUT_NONE);
            assert_int_equal(layout_hit(&l, width, 0), LAYOUT_NONE);
            if (width < LAYOUT_FOLD_COLUMNS) assert_true(l.folded && layout_rect(&l, 2).width == width);
        }
}

static void growing(void **state)
{
    (void)state;
    Layout l;
    Rect area = {0, 0, 100, 40};
    layout_init(&l, table, COUNT_OF(table));
    layout_place(&l, area, 0);
    int width = layout_rect(&l, 0).width;
    layout_grow(&l, 0, 6);
    layout_place(&l, area, 0);
    assert_int_equal(layout_rect(&l, 0).width, width + 6);
    layout_grow(&l, 0, -60); // as far as its minimum
    layout_place(&l, area, 0);
    assert_int_equal(layout_rect(&l, 0).width, 20);
    int border = layout_border(&l, layout_rect(&l, 1).x, 10);
    assert_true(border != LAYOUT_NONE);
    layout_drag(&l, border, 40, 10);
    layout_place(&l, area, 0);
    assert_int_equal(layout_rect(&l, 1).x, 40);
    l.zoomed = 2;
    layout_place(&l, area, 2);
    assert_int_equal(layout_rect(&l, 2).width, 100);
    assert_int_equal(layout_rect(&l, 1).width, 0);
}

static void order(void **state)
{
    (void)state;
    Layout l;
    layout_init(&l, table, COUNT_OF(table));
    assert_int_equal(layout_next(&l, 3, 1), 0);
    assert_int_equal(layout_next(&l, 0, -1), 3);
    layout_show(&l, 3, false);
    assert_int_equal(layout_next(&l, 2, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shares), cmocka_unit_test(every_size),
                                       cmocka_unit_test(growing), cmocka_unit_test(order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
