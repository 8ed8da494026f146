// Value: order, equality, hash and copy of every type.
#include "engine/data/cast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// Ascending texts of one type; NULL at the end stands for a NULL value, which comes last.
typedef struct OrderRow {
    TypeId type;
    const char *text[6];
} OrderRow;

static const OrderRow order_row[] = {
    {TYPE_BOOLEAN, {"f", "t"}},
    {TYPE_SMALLINT, {"-32768", "-1", "0", "32767"}},
    {TYPE_INTEGER, {"-2147483648", "-1", "0", "2147483647"}},
    {TYPE_BIGINT, {"-9223372036854775808", "-1", "0", "9223372036854775807"}},
    {TYPE_NUMERIC, {"-Infinity", "-1e30", "0", "0.1", "1e30", "NaN"}},
    {TYPE_REAL, {"-Infinity", "-1", "0", "1e-40", "Infinity", "NaN"}},
    {TYPE_DOUBLE, {"-Infinity", "-1", "0", "1e-310", "Infinity", "NaN"}},
    {TYPE_CHAR, {"", "a", "a\001", "ab"}},
    {TYPE_VARCHAR, {"", "a", "a ", "a text that is longer", "ab", "\303\244"}},
    {TYPE_TEXT, {"", "Z", "a", "a text that is longea", "a text that is longer", "\303\244"}},
    {TYPE_BYTEA, {"\\x", "\\x00", "\\x0000", "\\x01", "\\xff"}},
    {TYPE_DATE, {"-infinity", "0044-03-15 BC", "1970-01-01", "2026-11-21", "infinity"}},
    {TYPE_TIME, {"00:00:00", "00:00:00.000001", "24:00:00"}},
    {TYPE_TIMESTAMP, {"-infinity", "0044-03-15 00:00:00 BC", "2026-11-21 10:11:12", "infinity"}},
};

static void test_order(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT_OF(order_row); k++) {
        Arena mem = {0}, other = {0};
        Err err = {.at = -1};
        Value v[7];
        size_t count = 0;
        for (; count < 6 && order_row[k].text[count]; count++)
            assert_true(cast_text_to_value(&v[count], str_of(order_row[k].text[count]),
                                           type_of(order_row[k].type), &mem, &err));
        v[count++] = value_null(type_of(order_row[k].type));
        for (size_t i = 0; i < count; i++)
            for (size_t j = 0; j < count; j++) {
                int order = value_compare(&v[i], &v[j]);
                assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
                assert_int_equal(value_equal(&v[i], &v[j]), i == j);
                if (i != j && value_hash(&v[i]) == value_hash(&v[j]))
                    fail_msg("one hash for %zu and %zu of %s", i, j, type_name(order_row[k].type));
            }
        for (size_t i = 0; i < count; i++) {
            Value copy = value_copy(&other, &v[i]);
            assert_true(value_equal(&copy, &v[i]));
            assert_true(value_hash(&copy) == value_hash(&v[i]));
            Bytes text;
            bytes_init(&text, 1000);
            value_to_text(&copy, &text);
            const char *expect = i < count - 1 ? order_row[k].text[i] : "";
            if (!strstr(expect, "e30"))
                assert_string_equal(text.at ? text.at : "", expect); // printed without exponent
            bytes_done(&text);
        }
        arena_done(&mem);
        arena_done(&other);
    }
}

static void test_alike(void **state)
{
    (void)state;
    static const struct {
        TypeId type;
        const char *a, *b;
    } row[] = {
        {TYPE_NUMERIC, "1.0", "1.000"}, {TYPE_DOUBLE, "0", "-0"},    {TYPE_REAL, "-0", "0"},
        {TYPE_CHAR, "ab", "ab   "},     {TYPE_DOUBLE, "NaN", "NaN"},
    };
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        Arena mem = {0};
        Err err = {.at = -1};
        Value a = {.type = {.id = row[i].type, .length = 5}}, b = a;
        if (row[i].type == TYPE_CHAR) { // one padded, one not
            a.text = text_of(str_of(row[i].a));
            b.text = text_of(str_of(row[i].b));
        } else {
            assert_true(cast_text_to_value(&a, str_of(row[i].a), type_of(row[i].type), &mem, &err));
            assert_true(cast_text_to_value(&b, str_of(row[i].b), type_of(row[i].type), &mem, &err));
        }
        assert_true(value_equal(&a, &b));
        assert_true(value_hash(&a) == value_hash(&b));
        arena_done(&mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
