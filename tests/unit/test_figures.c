// Figures for charts: bars in order, ticks at round numbers that cover the range, statements per minute from
// journal lines.
#include "analytics/figures.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check_ticks(double low, double high, uint32_t wished)
{
    FigureTicks t = figure_ticks(low, high, wished);
    assert_in_range(t.count, 2, FIGURE_TICKS_MAX);
    assert_true(t.step > 0 && isfinite(t.step));
    double digit = t.step / pow(10, floor(log10(t.step) + 1e-9));
    assert_true(fabs(digit - 1) < 1e-6 || fabs(digit - 2) < 1e-6 || fabs(digit - 5) < 1e-6);
    for (uint32_t i = 1; i < t.count; i++) assert_true(t.at[i] > t.at[i - 1]);
    assert_true(t.at[0] == t.low);
}

static void ticks_are_round_and_cover(void **state)
{
    (void)state;
    static const double ranges[][2] = {{0, 1204}, {0, 1},   {-3, 7},       {0.001, 0.0013}, {5, 5},
                                       {0, 0},    {-5, -5}, {1e-12, 1e12}, {7, -7}};
    for (size_t i = 0; i < COUNT_OF(ranges); i++)
        for (uint32_t wished = 0; wished < 30; wished++) {
            double low = fmin(ranges[i][0], ranges[i][1]), high = fmax(ranges[i][0], ranges[i][1]);
            FigureTicks t = figure_ticks(ranges[i][0], ranges[i][1], wished);
            check_ticks(ranges[i][0], ranges[i][1], wished);
            double slack = 1e-6 * t.step;
            assert_true(t.at[0] <= low + slack);
            assert_true(t.at[t.count - 1] >= high - slack);
        }
    FigureTicks t = figure_ticks(0, 1204, 4);
    assert_true(t.step == 500 && t.high == 1500);
}

static void extremes_are_safe(void **state)
{
    (void)state;
    static const double odd[] = {NAN, INFINITY, -INFINITY, DBL_MAX, -DBL_MAX, DBL_MIN, 5e-324, 0};
    for (size_t i = 0; i < COUNT_OF(odd); i++)
        for (size_t k = 0; k < COUNT_OF(odd); k++) {
            FigureTicks t = figure_ticks(odd[i], odd[k], 5);
            assert_in_range(t.count, 1, FIGURE_TICKS_MAX);
        }
}

static void whole_ticks_have_no_fractions(void **state)
{
    (void)state;
    for (int high = 0; high < 200; high++) {
        FigureTicks t = figure_ticks_whole(high, 5);
        assert_true(t.step >= 1 && t.step == floor(t.step));
        assert_true(t.at[t.count - 1] >= high);
    }
}

static void bars_are_sorted(void **state)
{
    (void)state;
    Arena mem = {0};
    QueryCount at[] = {{STR("b"), STR("x"), STR("vm1"), 3, 0},
                       {STR("a"), STR("x"), STR("vm1"), 3, 0},
                       {STR("c"), STR(""), STR("vm2"), 5, 7}};
    QueryCounts c = {.at = at, .count = 3};
    FigureBars bars = figure_query_bars(&c, &mem);
    assert_true(bars.value_max == 12 && bars.at[0].second == 7);
    assert_true(str_equal(bars.at[0].label, STR("c  -  vm2")));
    assert_true(str_starts(bars.at[1].label, STR("a")));
    arena_done(&mem);
}

static void minutes_are_counted(void **state)
{
    (void)state;
    Arena mem = {0};
    const int64_t minute = 60000000, now = 1795229629 * INT64_C(1000000);
    FigureSeries s = figure_series_new(now, 10, &mem);
    assert_int_equal(s.start_us % minute, 0);
    assert_true(s.start_us + 10 * minute > now && s.start_us + 9 * minute <= now);
    figure_series_add(&s, STR("{\"at\":\"2026-11-21T02:53:49.118Z\",\"valid\":true,\"user\":\"x\"}"));
    figure_series_add(&s, STR("{\"at\":\"2026-11-21T02:53:01.000Z\",\"valid\":false}"));
    figure_series_add(&s, STR("{\"at\":\"2026-11-21T02:50:01.000Z\",\"valid\":true}"));
    figure_series_add(&s, STR("{\"at\":\"2020-01-01T00:00:00Z\"}"));
    figure_series_add(&s, STR("torn {"));
    figure_series_add(&s, STR(""));
    assert_true(s.count[9] == 2 && s.invalid[9] == 1 && s.count[6] == 1 && s.count_max == 2);
    arena_done(&mem);
}

static void check_number(double value, const char *text, const char *brief)
{
    Bytes a, b;
    bytes_init(&a, 64);
    bytes_init(&b, 64);
    figure_number_text(value, &a);
    figure_number_short(value, &b);
    assert_string_equal(a.at, text);
    assert_string_equal(b.at, brief);
    bytes_done(&a);
    bytes_done(&b);
}

static void numbers_are_readable(void **state)
{
    (void)state;
    check_number(0, "0", "0");
    check_number(1204, "1,204", "1,204");
    check_number(30000, "30,000", "30.0k");
    check_number(1234567, "1,234,567", "1.2M");
    check_number(-45000, "-45,000", "-45.0k");
    check_number(0.25, "0.25", "0.25");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_and_cover),     cmocka_unit_test(extremes_are_safe),
        cmocka_unit_test(whole_ticks_have_no_fractions), cmocka_unit_test(bars_are_sorted),
        cmocka_unit_test(minutes_are_counted),           cmocka_unit_test(numbers_are_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
