// Chart: bars and lines in each character set, ticks, and figures that are none.
#include "tests/tui/kit_golden.h"
#include "tui/widget/chart.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const ChartBar bars[] = {
    {.label = {"alice\tschool\tvm1", 16}, .value = 1204},
    {.label = {"alice\tlibrary\tvm2", 17}, .value = 342, .style = STYLE_CHART2},
    {.label = {"bob\tschool\tvm2", 14}, .value = 221},
    {.label = {"carol", 5}, .value = NAN},
    {.label = {"dave\tschool", 11}, .value = 0},
};

static void draw_bars(void **state)
{
    (void)state;
    static const char *const names[] = {"chart_bars_ascii", "chart_bars_blocks", "chart_bars"};
    for (int set = CHARSET_ASCII; set <= CHARSET_FULL; set++) {
        Surface s;
        surface_init(&s, 56, 6, (Charset)set);
        Canvas c = canvas_of(&s);
        assert_int_equal(chart_bars(&c, bars, COUNT_OF(bars), 0), 5);
        kit_golden_check(&s, names[set]);
        surface_done(&s);
    }
}

static void draw_negative(void **state)
{
    (void)state;
    static const ChartBar both[] = {{.label = {"up", 2}, .value = 10},
                                    {.label = {"down", 4}, .value = -5},
                                    {.label = {"half", 4}, .value = 2.5}};
    Surface s;
    surface_init(&s, 40, 3, CHARSET_FULL);
    Canvas c = canvas_of(&s);
    chart_bars(&c, both, COUNT_OF(both), 0);
    kit_golden_check(&s, "chart_negative");
    surface_done(&s);
}

static void draw_lines(void **state)
{
    (void)state;
    enum { POINTS = 60 };
    ChartPoint one[POINTS], two[POINTS];
    for (int i = 0; i < POINTS; i++) {
        double x = (1763755800.0 + i * 60) * 1e6; // 2025-11-21 20:10 UTC
        one[i] = (ChartPoint){x, 60 + 50 * sin(i / 8.0)};
        two[i] = (ChartPoint){x, i > 20 && i < 30 ? NAN : i};
    }
    const ChartSeries series[] = {{.name = STR("vm1"), .point = one, .count = POINTS},
                                  {.name = STR("vm2"), .point = two, .count = POINTS}};
    setenv("TZ", "UTC0", 1);
    static const char *const names[] = {"chart_lines_ascii", "chart_lines"};
    for (int i = 0; i < 2; i++) {
        Surface s;
        surface_init(&s, 60, 12, i ? CHARSET_FULL : CHARSET_ASCII);
        Canvas c = canvas_of(&s);
        chart_lines(
            &c, series, 2,
            &(ChartSpec){.x_axis = CHART_TIME, .zero = true, .legend = true, .y_title = STR("per minute")});
        kit_golden_check(&s, names[i]);
        surface_done(&s);
    }
}

// Nothing that can be a figure, at no size, draws outside or hangs.
static void odd_figures(void **state)
{
    (void)state;
    static const double odd[] = {0,      1,    -1,  1e308,    -1e308,    1e-308,
                                 5e-324, 1e15, NAN, INFINITY, -INFINITY, 1763755800e6};
    for (size_t a = 0; a < COUNT_OF(odd); a++)
        for (size_t b = 0; b < COUNT_OF(odd); b++)
            for (int width = 1; width < 60; width += 19) {
                ChartPoint p[] = {{odd[a], odd[b]}, {odd[b], odd[a]}, {odd[a], odd[a]}};
                ChartSeries s1 = {.name = STR("x"), .point = p, .count = 3};
                ChartBar bar[] = {{.label = STR("a"), .value = odd[a]}, {.label = STR("b"), .value = odd[b]}};
                double values[] = {odd[a], odd[b], odd[a]};
                Surface s;
                surface_init(&s, width, 8, CHARSET_FULL);
                Canvas c = canvas_of(&s);
                chart_lines(&c, &s1, 1, &(ChartSpec){.x_axis = (ChartAxis)(a % 2), .legend = true});
                chart_bars(&c, bar, 2, 0);
                chart_sparkline(&c, 0, 0, width, values, 3, STYLE_CHART1);
                chart_lines(&c, NULL, 0, &(ChartSpec){.zero = true});
                surface_done(&s);
            }
}

static void numbers(void **state)
{
    (void)state;
    char out[32];
    static const struct {
        double value;
        const char *text;
    } want[] = {{0, "0"},        {1204, "1,204"},  {99999, "99,999"}, {151000, "151k"},
                {1.8e6, "1.8M"}, {0.25, "0.25"},   {-1204, "-1,204"}, {-151000, "-151k"},
                {NAN, "-"},      {999999, "1.0M"}, {12.5, "12.5"},    {1.5e9, "1.5G"}};
    for (size_t i = 0; i < COUNT_OF(want); i++)
        assert_string_equal(chart_number(out, want[i].value), want[i].text);
    double first, step;
    chart_ticks(0, 118, 4, &first, &step);
    assert_true(first == 0 && step == 50);
    chart_ticks(3, 9, 6, &first, &step);
    assert_true(first == 3 && step == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(draw_bars), cmocka_unit_test(draw_negative),
                                       cmocka_unit_test(draw_lines), cmocka_unit_test(odd_figures),
                                       cmocka_unit_test(numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
