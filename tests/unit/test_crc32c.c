// CRC-32C: published values, chaining, and the instruction against the table.
#include "engine/base/crc32c.h"
#include "tests/unit/kit_cmocka.h"

#include <string.h>

static void gives_published_values(void **state)
{
    (void)state;
    unsigned char block[32];
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283u);
    memset(block, 0, sizeof block); // RFC 3720 appendix B.4
    assert_int_equal(crc32c(0, block, sizeof block), 0x8a9136aau);
    memset(block, 0xff, sizeof block);
    assert_int_equal(crc32c(0, block, sizeof block), 0x62a8ab43u);
    for (int i = 0; i < 32; i++) block[i] = (unsigned char)i;
    assert_int_equal(crc32c(0, block, sizeof block), 0x46dd794eu);
    assert_int_equal(crc32c(0, NULL, 0), 0);
}

static void table_and_instruction_agree(void **state)
{
    (void)state;
    unsigned char text[300];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (unsigned char)(i * 131 + i / 7);
    for (size_t from = 0; from < 9; from++)
        for (size_t len = 0; len + from < sizeof text; len += 3) {
            uint32_t whole = crc32c(0, text + from, len);
            assert_int_equal(whole, crc32c_portable(0, text + from, len));
            size_t cut = len / 3;
            assert_int_equal(whole,
                             crc32c(crc32c_portable(0, text + from, cut), text + from + cut, len - cut));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gives_published_values),
                                       cmocka_unit_test(table_and_instruction_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
