// Arena: alignment, zeroes, limits and reuse.
#include "engine/base/arena.h"
#include "tests/unit/kit_cmocka.h"

#include <string.h>

static bool all_zero(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i]) return false;
    return true;
}

static void gives_aligned_zeroed_memory(void **state)
{
    (void)state;
    Arena a = {0};
    for (size_t round = 0; round < 3; round++) {
        for (size_t size = 0; size < 5000; size += 37) {
            char *at = arena_get(&a, size);
            assert_int_equal((uintptr_t)at % 16, 0);
            assert_true(all_zero(at, size));
            memset(at, 0xAA, size);
        }
        arena_reset(&a); // what was written must not shine through in the next round
    }
    char *large = arena_get(&a, 3 << 20);
    assert_true(all_zero(large, 3 << 20));
    memset(large, 1, 3 << 20);
    arena_done(&a);
    assert_int_equal(a.used, 0);
    assert_non_null(arena_get(&a, 1));
    arena_done(&a);
}

static void blocks_do_not_overlap(void **state)
{
    (void)state;
    Arena a = {0};
    enum { COUNT = 4000 };
    unsigned char *at[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        at[i] = arena_get(&a, i % 97 + (i % 50 == 0 ? 9000 : 0) + 1);
        memset(at[i], (int)(i % 251), i % 97 + 1);
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < i % 97 + 1; k++) assert_int_equal(at[i][k], i % 251);
    arena_done(&a);
}

static void try_refuses_limits_and_overflow(void **state)
{
    (void)state;
    Arena a;
    arena_init(&a, 10000);
    assert_non_null(arena_try(&a, 100, 50));
    assert_null(arena_try(&a, 1, 6000));
    assert_null(arena_try(&a, SIZE_MAX, 2));
    assert_null(arena_try(&a, SIZE_MAX / 2, 1));
    assert_null(arena_try(&a, 1, SIZE_MAX));
    assert_non_null(arena_try(&a, 1, 4000));
    arena_done(&a);
    Arena unlimited = {0};
    assert_null(arena_try(&unlimited, 1, SIZE_MAX - 4)); // rounding up must not wrap
    assert_null(arena_try(&unlimited, SIZE_MAX / 16, 16));
    arena_done(&unlimited);
}

static void copies_and_prints(void **state)
{
    (void)state;
    Arena a = {0};
    Str s = arena_copy(&a, (Str){"a\0b", 3});
    assert_int_equal(s.len, 3);
    assert_memory_equal(s.at, "a\0b", 4);
    assert_str(arena_copy(&a, STR_NONE), "");
    assert_str(arena_printf(&a, "%d-%s", 42, "x"), "42-x");
    assert_string_equal(arena_cstr(&a, STR("abc")), "abc");
    Str wide = arena_printf(&a, "%05000d", 7);
    assert_int_equal(wide.len, 5000);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_aligned_zeroed_memory),
        cmocka_unit_test(blocks_do_not_overlap),
        cmocka_unit_test(try_refuses_limits_and_overflow),
        cmocka_unit_test(copies_and_prints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
