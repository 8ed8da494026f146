// Keys: numbers follow the rows, also where hashes of different tuples meet.
#include "tests/unit/kit_cmocka.h"

#include "engine/base/hash.h"
#include "engine/exec/keys.h"

#include <string.h>

// The inverse of an odd number modulo 2^64 (Newton's iteration).
static uint64_t inverse(uint64_t odd)
{
    uint64_t x = odd;
    for (int i = 0; i < 6; i++) x *= 2 - odd * x;
    return x;
}

// b of the tuple (a, b) that has the hash of (a0, b0): hash_mix(hash_u64(a), b) = hash_u64(hash_u64(a) ^ b *
// K).
static int64_t meeting(int64_t a0, int64_t b0, int64_t a)
{
    const uint64_t k = 0x9e3779b97f4a7c15u;
    return (int64_t)((hash_u64((uint64_t)a0) ^ hash_u64((uint64_t)a) ^ (uint64_t)b0 * k) * inverse(k));
}

static void numbers_follow_rows(void **state)
{
    (void)state;
    const Type type[2] = {type_of(TYPE_BIGINT), type_of(TYPE_BIGINT)};
    int64_t a[] = {1, 2, 3, 2, 1, 4, 5, 3}, b[8] = {10, 0, 30, 0, 10, 40, 0, 30};
    b[1] = b[3] = meeting(1, 10, 2);
    b[6] = meeting(3, 30, 5);
    const uint32_t expect[] = {0, 1, 2, 1, 0, 3, 4, 2};
    uint32_t group[8];
    Vector key[2] = {{.type = type[0], .data = a}, {.type = type[1], .data = b}};
    Memory memory;
    Err err = {0};
    Keys k;
    memset(&memory, 0, sizeof memory);
    assert_ok(keys_init(&k, &memory, type, 2, &err), &err);
    assert_ok(keys_insert(&k, key, NULL, 8, group, &err), &err);
    assert_memory_equal(group, expect, sizeof expect);
    assert_int_equal(keys_count(&k), 5);
    memset(group, 0, sizeof group);
    keys_find(&k, key, NULL, 8, group);
    assert_memory_equal(group, expect, sizeof expect);
    // A second batch with one more that meets an old one.
    int64_t more_a[] = {6, 1}, more_b[] = {meeting(4, 40, 6), 10};
    Vector more[2] = {{.type = type[0], .data = more_a}, {.type = type[1], .data = more_b}};
    assert_ok(keys_insert(&k, more, NULL, 2, group, &err), &err);
    assert_int_equal(group[0], 5);
    assert_int_equal(group[1], 0);
    keys_done(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_follow_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
