// Buf and Bytes: counts, limits, and that a failed Bytes stays empty; base64 beside them.
#include "engine/base/base64.h"
#include "engine/base/buf.h"
#include "engine/base/size.h"
#include "tests/unit/kit_cmocka.h"

#include <stdlib.h>
#include <string.h>

static void counts_references(void **state)
{
    (void)state;
    Buf *b = buf_new(100);
    assert_int_equal((uintptr_t)b->at % 16, 0);
    assert_int_equal(b->size, 100);
    assert_int_equal(b->at[99], 0);
    assert_ptr_equal(buf_keep(b), b);
    buf_drop(b);
    b->at[0] = 1; // still ours
    buf_drop(b);
    buf_drop(NULL);
    assert_null(buf_new(SIZE_MAX));
    assert_null(size_alloc(SIZE_MAX / 2, 3));
    assert_null(size_alloc_zero(SIZE_MAX / 2, 3));
    assert_null(size_realloc(NULL, SIZE_MAX, SIZE_MAX));
}

static void grows_to_its_limit(void **state)
{
    (void)state;
    Bytes b;
    bytes_init(&b, 1000);
    for (int i = 0; i < 1000; i++) bytes_put_byte(&b, 'x');
    assert_false(b.failed);
    assert_int_equal(b.len, 1000);
    assert_int_equal(strlen(b.at), 1000);
    bytes_put_byte(&b, 'y');
    assert_true(b.failed);
    assert_int_equal(b.len, 0);
    bytes_put(&b, STR("ignored"));
    bytes_printf(&b, "%d", 1);
    assert_null(bytes_reserve(&b, 1));
    assert_int_equal(bytes_str(&b).len, 0);
    bytes_clear(&b);
    bytes_put(&b, STR("again"));
    assert_str(bytes_str(&b), "again");
    bytes_done(&b);
    bytes_init(&b, 10);
    bytes_put_repeat(&b, '-', SIZE_MAX);
    assert_true(b.failed);
    bytes_done(&b);
    bytes_init(&b, SIZE_MAX);
    assert_null(bytes_reserve(&b, SIZE_MAX)); // the closing NUL would wrap
    assert_true(b.failed);
    bytes_done(&b);
}

static void prints_numbers(void **state)
{
    (void)state;
    Bytes b;
    bytes_init(&b, 1 << 20);
    bytes_put_int64(&b, INT64_MIN);
    bytes_put_byte(&b, ' ');
    bytes_put_uint64(&b, UINT64_MAX);
    bytes_put_byte(&b, ' ');
    bytes_put_hex64(&b, 0xbeef, 8);
    bytes_put_byte(&b, ' ');
    bytes_put_hex64(&b, 0, 1);
    bytes_put_byte(&b, ' ');
    bytes_put_hex64(&b, UINT64_MAX, 99);
    bytes_printf(&b, " %s", "tail");
    assert_str(bytes_str(&b), "-9223372036854775808 18446744073709551615 0000beef 0 ffffffffffffffff tail");
    bytes_clear(&b);
    bytes_printf(&b, "%0300d", 5);
    assert_int_equal(b.len, 300);
    bytes_done(&b);
}

static void reserves_and_removes(void **state)
{
    (void)state;
    Bytes b;
    bytes_init(&b, 100);
    char *at = bytes_reserve(&b, 50);
    memcpy(at, "hello world", 11);
    bytes_reserve_done(&b, 11);
    assert_str(bytes_str(&b), "hello world");
    bytes_remove_front(&b, 6);
    assert_string_equal(b.at, "world");
    bytes_remove_front(&b, 99);
    assert_int_equal(b.len, 0);
    bytes_done(&b);
    bytes_remove_front(&b, 1);
}

static void base64_goes_both_ways(void **state)
{
    (void)state;
    unsigned char raw[64], back[64];
    for (size_t i = 0; i < sizeof raw; i++) raw[i] = (unsigned char)(i * 37 + 200);
    Bytes b;
    bytes_init(&b, 1000);
    base64_put(&b, "foobar", 6);
    base64_put(&b, "fooba", 5);
    base64_put(&b, "foob", 4);
    assert_str(bytes_str(&b), "Zm9vYmFyZm9vYmE=Zm9vYg=="); // RFC 4648 section 10
    for (size_t len = 0; len <= sizeof raw; len++) {
        size_t got = 0;
        bytes_clear(&b);
        base64_put(&b, raw, len);
        assert_true(base64_read(bytes_str(&b), back, len, &got));
        assert_int_equal(got, len);
        if (len) assert_memory_equal(back, raw, len);
        if (len) assert_false(base64_read(bytes_str(&b), back, len - 1, &got));
    }
    const char *bad[] = {"Z", "Zm9", "Zm9v\n", "Zh==", "Zm9=", "====", "Z===", "Zg==Zg==", "Zm-v", "=m9v"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        size_t got;
        assert_false(base64_read(str_of(bad[i]), back, sizeof back, &got));
    }
    bytes_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_references),     cmocka_unit_test(grows_to_its_limit),
        cmocka_unit_test(prints_numbers),        cmocka_unit_test(reserves_and_removes),
        cmocka_unit_test(base64_goes_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
