// Str, Random, Clock and Hash: the small pure ones.
#include "engine/base/str.h"
#include "engine/base/clock.h"
#include "engine/base/hash.h"
#include "engine/base/random.h"
#include "tests/unit/kit_cmocka.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void compares(void **state)
{
    (void)state;
    assert_true(str_equal(STR_NONE, STR("")));
    assert_true(str_equal((Str){"a\0b", 3}, (Str){"a\0b", 3}));
    assert_false(str_equal((Str){"a\0b", 3}, (Str){"a\0c", 3}));
    assert_true(str_equal_fold(STR("SeLect"), STR("sELECT")));
    assert_false(str_equal_fold(STR("\xC4"), STR("\xE4"))); // only ASCII folds
    assert_false(str_equal_fold(STR("[@"), STR("{`")));
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("b"), STR("ab")) > 0);
    assert_true(str_compare(STR("\xFF"), STR("a")) > 0);
    assert_int_equal(str_compare(STR_NONE, STR("")), 0);
    assert_true(str_starts(STR("abc"), STR("ab")) && str_starts(STR("abc"), STR_NONE));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("abc"), STR("bc")));
    assert_false(str_ends(STR("c"), STR("bc")));
}

static void finds_and_cuts(void **state)
{
    (void)state;
    Str s = STR("one two one");
    assert_int_equal(str_find(s, STR("one"), 0), 0);
    assert_int_equal(str_find(s, STR("one"), 1), 8);
    assert_true(str_find(s, STR("one"), 9) == SIZE_MAX);
    assert_true(str_find(s, STR("x"), 99) == SIZE_MAX);
    assert_int_equal(str_find(s, STR_NONE, 11), 11);
    assert_true(str_find_byte(s, 't', 12) == SIZE_MAX);
    assert_int_equal(str_find_byte(s, 't', 0), 4);
    assert_str(str_slice(s, 4, 3), "two");
    assert_str(str_slice(s, 8, SIZE_MAX), "one");
    assert_str(str_slice(s, SIZE_MAX, SIZE_MAX), "");
    assert_str(str_slice(STR_NONE, 1, 1), "");
    assert_str(str_trim(STR(" \t\r\n a b \v\f")), "a b");
    assert_str(str_trim(STR("  ")), "");
    Str rest = STR("a,,b");
    assert_str(str_cut(&rest, ','), "a");
    assert_str(str_cut(&rest, ','), "");
    assert_str(str_cut(&rest, ','), "b");
    assert_str(str_cut(&rest, ','), "");
    assert_int_equal(rest.len, 0);
}

static void reads_numbers(void **state)
{
    (void)state;
    int64_t i = 0;
    uint64_t u = 0;
    assert_true(str_to_int64(STR("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(str_to_int64(STR("9223372036854775807"), &i) && i == INT64_MAX);
    assert_true(str_to_int64(STR("+7"), &i) && i == 7);
    assert_true(str_to_uint64(STR("18446744073709551615"), &u) && u == UINT64_MAX);
    assert_true(str_to_hex64(STR("DEADbeef"), &u) && u == 0xdeadbeef);
    assert_true(str_to_hex64(STR("ffffffffffffffff"), &u) && u == UINT64_MAX);
    const char *bad[] = {"",   "-",  "+",   "--1", "-+1", "9223372036854775808", "-9223372036854775809",
                         "1 ", " 1", "1.0", "0x1"};
    for (size_t k = 0; k < COUNT_OF(bad); k++) assert_false(str_to_int64(str_of(bad[k]), &i));
    assert_false(str_to_uint64(STR("18446744073709551616"), &u));
    assert_false(str_to_uint64(STR("-1"), &u));
    assert_false(str_to_hex64(STR("10000000000000000"), &u));
    assert_false(str_to_hex64(STR("g"), &u));
    assert_true(str_to_hex64_lower(STR("09af"), &u) && u == 0x09af);
    assert_false(str_to_hex64_lower(STR("09aF"), &u));
    assert_false(str_to_hex64(STR_NONE, &u));
}

static void random_numbers_are_even(void **state)
{
    (void)state;
    Random r, again;
    random_seed(&r, 42);
    random_seed(&again, 42);
    size_t hits[10] = {0};
    for (int i = 0; i < 100000; i++) {
        uint64_t n = random_below(&r, 10);
        assert_true(n < 10);
        hits[n]++;
        assert_true(n == random_below(&again, 10));
    }
    for (int i = 0; i < 10; i++) assert_in_range(hits[i], 9500, 10500);
    for (int i = 0; i < 1000; i++) {
        double unit = random_unit(&r);
        assert_true(unit >= 0 && unit < 1);
    }
    assert_int_equal(random_below(&r, 1), 0);
    unsigned char a[32] = {0}, b[32] = {0};
    Err err = {0};
    assert_ok(random_secret(a, sizeof a, &err), &err);
    assert_ok(random_secret(b, sizeof b, &err), &err);
    assert_memory_not_equal(a, b, sizeof a);
}

static void hashes_differ_in_every_bit(void **state)
{
    (void)state;
    unsigned char text[70] = {0};
    for (size_t len = 0; len < sizeof text; len++) {
        uint64_t base = hash_bytes(text, len, 1);
        assert_true(base != hash_bytes(text, len, 2));
        assert_true(base != hash_bytes(text, len + 1, 1));
        for (size_t bit = 0; bit < len * 8; bit++) {
            text[bit / 8] ^= (unsigned char)(1 << bit % 8);
            assert_true(hash_bytes(text, len, 1) != base);
            text[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
    }
}

static void tells_time(void **state)
{
    (void)state;
    char out[CLOCK_TEXT_SIZE];
    assert_string_equal(clock_text_utc(out, 0), "1970-01-01T00:00:00.000Z");
    assert_string_equal(clock_text_utc(out, -1), "1969-12-31T23:59:59.999Z");
    assert_string_equal(clock_text_utc(out, 1795229629118000), "2026-11-21T02:53:49.118Z");
    assert_true(strlen(clock_text_utc(out, INT64_MAX)) < CLOCK_TEXT_SIZE);
    assert_true(strlen(clock_text_utc(out, INT64_MIN)) < CLOCK_TEXT_SIZE);
    setenv("TZ", "XYZ-2", 1); // two hours east
    tzset();
    assert_string_equal(clock_text_local_time(out, 1795229629118000), "04:53:49.118");
    assert_int_equal(clock_local_offset_s(0), 7200);
    assert_string_equal(clock_text_duration(out, 12000), "12 ms");
    assert_string_equal(clock_text_duration(out, 350), "0.35 ms");
    assert_string_equal(clock_text_duration(out, 1240000), "1.24 s");
    assert_string_equal(clock_text_duration(out, 185000000), "3:05 min");
    assert_string_equal(clock_text_duration(out, 3661000000), "1:01:01 h");
    int64_t before = clock_mono_us();
    assert_true(clock_mono_us() >= before);
}

static void distance_counts_edits(void **state)
{
    (void)state;
    char text[STR_DISTANCE_MAX + 1] = {0};
    assert_int_equal(str_distance(STR("kitten"), STR("sitting")), 3);
    assert_int_equal(str_distance(STR(""), STR("abc")), 3);
    assert_int_equal(str_distance(STR("abc"), STR("abc")), 0);
    assert_int_equal(str_distance(STR("ab"), STR("ba")), 2);
    assert_int_equal(str_distance((Str){text, STR_DISTANCE_MAX}, (Str){text, STR_DISTANCE_MAX}), 0);
    assert_true(str_distance((Str){text, STR_DISTANCE_MAX + 1}, STR("")) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(compares),
        cmocka_unit_test(finds_and_cuts),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(random_numbers_are_even),
        cmocka_unit_test(hashes_differ_in_every_bit),
        cmocka_unit_test(tells_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
