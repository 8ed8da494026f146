// Numeric: NaN and infinities, limits, fitting columns, hashes, doubles; digit-for-digit checks are in
// test_numeric_oracle.
#include "engine/data/numeric.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static Numeric number(const char *text, Arena *mem)
{
    Numeric n;
    Err err = {.at = -1};
    assert_true(numeric_from_text(&n, str_of(text), mem, &err));
    return n;
}

static void assert_text(const Numeric *n, const char *expect)
{
    char text[NUMERIC_TEXT_MAX + 1];
    text[numeric_to_text(n, text, NUMERIC_TEXT_MAX)] = 0;
    assert_string_equal(text, expect);
}

typedef bool (*Operation)(Numeric *out, const Numeric *a, const Numeric *b, Arena *mem, Err *err);
typedef struct OperationRow {
    Operation run;
    const char *a, *b, *result; // "!" and SQLSTATE
} OperationRow;

// As PostgreSQL 15 answers.
static const OperationRow operation_row[] = {
    {numeric_add, "0.1", "0.20", "0.30"},
    {numeric_add, "999999999999999999", "1", "1000000000000000000"},
    {numeric_sub, "1000000000000000000", "1", "999999999999999999"},
    {numeric_sub, "1.5", "1.50", "0.00"},
    {numeric_mul, "1.10", "2.0", "2.200"},
    {numeric_mul, "-999999999999999999", "999999999999999999", "-999999999999999998000000000000000001"},
    {numeric_div, "1", "3", "0.33333333333333333333"},
    {numeric_div, "2", "3", "0.66666666666666666667"},
    {numeric_div, "-2", "3", "-0.66666666666666666667"},
    {numeric_div, "10", "2", "5.0000000000000000"},
    {numeric_div, "1", "10000", "0.000100000000000000000000"},
    {numeric_div, "123456789", "0.001", "123456789000.00000000"},
    {numeric_div, "1", "0", "!22012"},
    {numeric_div, "NaN", "0", "NaN"},
    {numeric_div, "Infinity", "0", "!22012"},
    {numeric_div, "Infinity", "-2", "-Infinity"},
    {numeric_div, "5", "-Infinity", "0"},
    {numeric_div, "Infinity", "Infinity", "NaN"},
    {numeric_mod, "-7", "3", "-1"},
    {numeric_mod, "7.5", "-2", "1.5"},
    {numeric_mod, "7", "0", "!22012"},
    {numeric_mod, "7.50", "Infinity", "7.50"},
    {numeric_mod, "Infinity", "7", "NaN"},
    {numeric_add, "Infinity", "-Infinity", "NaN"},
    {numeric_sub, "Infinity", "Infinity", "NaN"},
    {numeric_sub, "Infinity", "-Infinity", "Infinity"},
    {numeric_add, "NaN", "1", "NaN"},
    {numeric_mul, "Infinity", "0", "NaN"},
    {numeric_mul, "-Infinity", "-1", "Infinity"},
};

static void test_operations(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(operation_row); i++) {
        const OperationRow *row = &operation_row[i];
        Arena mem = {0};
        Err err = {.at = -1};
        Numeric a = number(row->a, &mem), b = number(row->b, &mem);
        if (row->run(&a, &a, &b, &mem, &err)) // out may be an input
            assert_text(&a, row->result);
        else
            assert_string_equal(err.state, row->result + 1);
        arena_done(&mem);
    }
}

static void test_limits(void **state)
{
    (void)state;
    Arena mem = {0};
    Err err = {.at = -1};
    char nines[NUMERIC_DIGITS_MAX + 2];
    memset(nines, '9', sizeof nines);
    Numeric n, one = numeric_small(1, 0);
    assert_true(numeric_from_text(&n, (Str){nines, NUMERIC_DIGITS_MAX}, &mem, &err));
    assert_false(numeric_add(&n, &n, &one, &mem, &err));
    assert_string_equal(err.state, "22003");
    Err longer = {.at = -1};
    assert_false(numeric_from_text(&n, (Str){nines, NUMERIC_DIGITS_MAX + 1}, &mem, &longer));
    assert_string_equal(longer.state, "22003");
    Err exponent = {.at = -1};
    assert_false(numeric_from_text(&n, STR("1e4000"), &mem, &exponent));
    assert_string_equal(exponent.state, "22003");
    Err product = {.at = -1};
    n = number("1e2500", &mem);
    assert_false(numeric_mul(&n, &n, &n, &mem, &product));
    assert_string_equal(product.state, "22003");
    // A thousand digits squared, exactly.
    char text[2200];
    memset(text, '3', 1000);
    assert_true(numeric_from_text(&n, (Str){text, 1000}, &mem, &product));
    Err fine = {.at = -1};
    Numeric square, back;
    assert_true(numeric_mul(&square, &n, &n, &mem, &fine));
    assert_true(numeric_div(&back, &square, &n, &mem, &fine));
    assert_int_equal(numeric_compare(&back, &n), 0);
    // Products keep NUMERIC_SCALE_MAX digits behind the point.
    n = number("1e-1500", &mem);
    assert_true(numeric_mul(&square, &n, &n, &mem, &fine));
    assert_int_equal(square.scale, NUMERIC_SCALE_MAX);
    assert_int_equal(numeric_sign(&square), 0);
    arena_done(&mem);
}

static void test_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int precision, scale;
        const char *result;
    } row[] = {
        {"1.005", 5, 2, "1.01"},     {"999.995", 5, 2, NULL},
        {"999.994", 5, 2, "999.99"}, {"12345", 3, -2, "12300"},
        {"99950", 3, -2, NULL},      {"0.00994", 2, 4, "0.0099"},
        {"0.00995", 2, 4, NULL},     {"0", 1, 0, "0"},
        {"NaN", 3, 1, "NaN"},        {"Infinity", 3, 1, NULL},
        {"1", 1000, 999, NULL},      {"-1e30", 31, 0, "-1000000000000000000000000000000"},
        {"1e30", 30, 0, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        Arena mem = {0};
        Err err = {.at = -1};
        Numeric n = number(row[i].text, &mem);
        bool went = numeric_fit(&n, &n, row[i].precision, row[i].scale, &mem, &err);
        if (row[i].precision == 1000) {
            assert_true(went);
            assert_int_equal(n.scale, 999);
        } else if (row[i].result) {
            assert_true(went);
            assert_text(&n, row[i].result);
        } else {
            assert_false(went);
            assert_string_equal(err.state, "22003");
        }
        arena_done(&mem);
    }
}

static void test_order_and_hash(void **state)
{
    (void)state;
    static const char *const ascending[] = {"-Infinity",
                                            "-1e30",
                                            "-1000000000000000000",
                                            "-999999999999999999.5",
                                            "-1.1",
                                            "-1",
                                            "-1e-30",
                                            "0",
                                            "1e-30",
                                            "1",
                                            "1.0000000000000000000000001",
                                            "2",
                                            "1e17",
                                            "1e18",
                                            "1e40",
                                            "Infinity",
                                            "NaN"};
    Arena mem = {0};
    for (size_t i = 0; i < COUNT_OF(ascending); i++)
        for (size_t j = 0; j < COUNT_OF(ascending); j++) {
            Numeric a = number(ascending[i], &mem), b = number(ascending[j], &mem);
            assert_int_equal(numeric_compare(&a, &b), (i > j) - (i < j));
        }
    static const char *const same[][2] = {{"1", "1.0000"},    {"0", "-0.00"},
                                          {"100", "1e2"},     {"1.5", "1.50000000000000000000000"},
                                          {"0", "0e-30"},     {"1e20", "100000000000000000000.000"},
                                          {"-12.30", "-12.3"}};
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        Numeric a = number(same[i][0], &mem), b = number(same[i][1], &mem);
        assert_int_equal(numeric_compare(&a, &b), 0);
        assert_true(numeric_hash(&a) == numeric_hash(&b));
    }
    Numeric one = number("1", &mem), ten = number("10", &mem), minus = number("-1", &mem);
    assert_true(numeric_hash(&one) != numeric_hash(&ten) && numeric_hash(&one) != numeric_hash(&minus));
    arena_done(&mem);
}

static void test_integers(void **state)
{
    (void)state;
    Arena mem = {0};
    static const int64_t value[] = {
        0, 1, -1, 999999999999999999, 1000000000000000000, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    for (size_t i = 0; i < COUNT_OF(value); i++) {
        Numeric n = numeric_from_int64(value[i], &mem), negative = numeric_negate(&n, &mem);
        int64_t back;
        assert_true(numeric_to_int64(&n, &back));
        assert_true(back == value[i]);
        char text[32];
        snprintf(text, sizeof text, "%lld", (long long)value[i]);
        assert_text(&n, text);
        assert_int_equal(numeric_sign(&negative), -numeric_sign(&n));
        Numeric copy = numeric_copy(&mem, n);
        assert_int_equal(numeric_compare(&copy, &n), 0);
    }
    int64_t back;
    Numeric n = number("9223372036854775807.5", &mem);
    assert_false(numeric_to_int64(&n, &back));
    n = number("NaN", &mem);
    assert_false(numeric_to_int64(&n, &back));
    n = number("-0.5", &mem);
    assert_true(numeric_to_int64(&n, &back));
    assert_true(back == -1);
    arena_done(&mem);
}

static void test_doubles(void **state)
{
    (void)state;
    Arena mem = {0};
    Err err = {.at = -1};
    Numeric n;
    assert_true(numeric_from_double(&n, 0.1 + 0.2, &mem, &err));
    assert_text(&n, "0.3");
    assert_true(numeric_from_double(&n, -1e20, &mem, &err));
    assert_text(&n, "-100000000000000000000");
    assert_true(numeric_from_double(&n, (double)NAN, &mem, &err));
    assert_text(&n, "NaN");
    assert_true(isnan(numeric_to_double(&n)));
    n = number("123456789012345678901234567890.5", &mem);
    assert_true(numeric_to_double(&n) == 123456789012345678901234567890.5);
    n = number("-Infinity", &mem);
    assert_true(numeric_to_double(&n) == -(double)INFINITY);
    n = number("1e400", &mem);
    assert_true(isinf(numeric_to_double(&n)));
    char small[3];
    n = number("12.34", &mem);
    assert_int_equal(numeric_to_text(&n, small, sizeof small), 0);
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operations), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_fit),        cmocka_unit_test(test_order_and_hash),
        cmocka_unit_test(test_integers),   cmocka_unit_test(test_doubles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
