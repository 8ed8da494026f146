// Map: against a dumb model, through growth and removal.
#include "engine/base/map.h"
#include "engine/base/random.h"
#include "tests/unit/kit_cmocka.h"

#include <stdio.h>

enum { NAMES = 500 };

static Str name_of(char *out, size_t size, size_t i)
{
    int len = snprintf(out, size, "name%zu", i);
    return (Str){out, (size_t)len};
}

static void agrees_with_a_model(void **state)
{
    (void)state;
    Map m = {0};
    size_t model[NAMES] = {0}, live = 0;
    Random r;
    random_seed(&r, 7);
    char text[32];
    for (size_t step = 1; step < 40000; step++) {
        size_t i = random_below(&r, NAMES);
        Str key = name_of(text, sizeof text, i);
        if (random_below(&r, 3) == 0) {
            assert_int_equal(map_remove(&m, key), model[i] != 0);
            live -= model[i] != 0;
            model[i] = 0;
        } else {
            live += model[i] == 0;
            model[i] = step;
            map_set(&m, key, (void *)step);
        }
        assert_int_equal(m.count, live);
        size_t probe = random_below(&r, NAMES);
        assert_true(map_get(&m, name_of(text, sizeof text, probe)) == (void *)model[probe]);
    }
    size_t seen = 0, sum = 0, expected = 0, cursor = 0;
    for (const MapEntry *e; (e = map_next(&m, &cursor)) != NULL; seen++) sum += (size_t)e->value;
    for (size_t i = 0; i < NAMES; i++) expected += model[i];
    assert_int_equal(seen, live);
    assert_int_equal(sum, expected);
    map_done(&m);
}

static void keys_are_bytes(void **state)
{
    (void)state;
    Map m = {0};
    int a, b, c;
    assert_null(map_get(&m, STR("none")));
    assert_false(map_remove(&m, STR("none")));
    map_set(&m, STR_NONE, &a);
    map_set(&m, (Str){"x\0y", 3}, &b);
    map_set(&m, (Str){"x\0z", 3}, &c);
    assert_ptr_equal(map_get(&m, STR("")), &a);
    assert_ptr_equal(map_get(&m, (Str){"x\0y", 3}), &b);
    assert_ptr_equal(map_get(&m, (Str){"x\0z", 3}), &c);
    assert_null(map_get(&m, STR("x")));
    map_done(&m);
    assert_int_equal(m.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_a_model),
                                       cmocka_unit_test(keys_are_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
