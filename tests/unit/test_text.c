// Text: cells of all lengths around the inline limit against plain strings.
#include "engine/base/random.h"
#include "engine/data/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int sign(int v) { return (v > 0) - (v < 0); }

static void test_against_strings(void **state)
{
    (void)state;
    Random r;
    random_seed(&r, 3);
    for (int i = 0; i < 50000; i++) {
        char bytes[2][32];
        Str s[2];
        for (int k = 0; k < 2; k++) {
            size_t len = random_below(&r, 20);
            for (size_t j = 0; j < len; j++)
                bytes[k][j] = (char)(random_below(&r, 3) ? 'a' : random_below(&r, 256));
            s[k] = (Str){bytes[k], len};
        }
        if (random_below(&r, 4) == 0) { // often alike, or one a prefix of the other
            memcpy(bytes[1], bytes[0], sizeof bytes[0]);
            s[1].len = random_below(&r, s[0].len + 1);
        }
        Text a = text_of(s[0]), b = text_of(s[1]);
        assert_int_equal(sign(text_compare(&a, &b)), sign(str_compare(s[0], s[1])));
        assert_int_equal(text_equal(&a, &b), str_equal(s[0], s[1]));
        assert_true(str_equal(text_str(&a), s[0]));
        if (text_equal(&a, &b)) assert_true(text_hash(&a) == text_hash(&b));
        assert_true(text_equal(&a, &a));
    }
}

static void test_copy_owns_its_bytes(void **state)
{
    (void)state;
    char bytes[] = "a text that is longer than the cell";
    Arena mem = {0};
    Text borrowed = text_of(str_of(bytes)), copy = text_copy(&mem, borrowed);
    bytes[0] = 'X';
    assert_int_equal(text_at(&copy)[0], 'a');
    assert_int_equal(text_at(&borrowed)[0], 'X');
    Text none = text_copy(&mem, text_of(STR_NONE));
    assert_int_equal(none.len, 0);
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_strings),
        cmocka_unit_test(test_copy_owns_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
