// JSON: the writer's commas and escapes, the reader on good, torn and hostile lines, and both against each
// other.
#include "engine/base/json.h"
#include "engine/base/utf8.h"
#include "tests/unit/kit_cmocka.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void writes(void **state)
{
    (void)state;
    Bytes b;
    Json j;
    bytes_init(&b, 10000);
    json_init(&j, &b);
    json_begin(&j, '{');
    json_key(&j, "a"), json_int(&j, INT64_MIN);
    json_key(&j, "b"), json_begin(&j, '['), json_bool(&j, true), json_null(&j), json_begin(&j, '{'),
        json_end(&j, '}');
    json_str(&j, STR("x")), json_end(&j, ']');
    json_key_str(&j, STR("q\"")), json_double(&j, 0.1), json_key(&j, "n"), json_double(&j, NAN);
    json_key(&j, "r"), json_raw(&j, STR("[1]"));
    json_end(&j, '}');
    assert_str(bytes_str(&b),
               "{\"a\":-9223372036854775808,\"b\":[true,null,{},\"x\"],\"q\\\"\":0.1,\"n\":null,\"r\":[1]}");
    bytes_done(&b);
}

static void doubles_read_back(void **state)
{
    (void)state;
    const double values[] = {0,   -0.0, 1, 0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, 123456789.123456789,
                             1e21};
    Bytes b;
    Json j;
    bytes_init(&b, 100);
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        bytes_clear(&b);
        json_init(&j, &b);
        json_double(&j, values[i]);
        assert_true(strtod(b.at, NULL) == values[i]);
    }
    bytes_done(&b);
}

// Every byte pair as a key and as a value comes back, and the line itself is harmless.
static void any_bytes_make_a_whole_line(void **state)
{
    (void)state;
    Bytes b;
    bytes_init(&b, 10000);
    Arena mem = {0};
    for (int x = 0; x < 256; x++)
        for (int y = 0; y < 256; y += 3) {
            char text[3] = {(char)x, (char)y, 'z'};
            Str s = {text, 3};
            Json j;
            bytes_clear(&b);
            json_init(&j, &b);
            json_begin(&j, '{');
            json_key_str(&j, s), json_str(&j, s);
            json_end(&j, '}');
            assert_true(utf8_check(bytes_str(&b)) == SIZE_MAX);
            for (size_t i = 0; i < b.len; i++) assert_true((unsigned char)b.at[i] >= 0x20 && b.at[i] != 0x7F);
            JsonMember m[2];
            size_t count = 0;
            assert_true(json_read_object(bytes_str(&b), m, 2, &count, &mem));
            assert_int_equal(count, 1);
            assert_true(str_equal(m[0].key, m[0].value));
            if (utf8_check(s) == SIZE_MAX) assert_true(str_equal(m[0].value, s));
            arena_reset(&mem);
        }
    arena_done(&mem);
    bytes_done(&b);
}

static void reads_members(void **state)
{
    (void)state;
    Arena mem = {0};
    JsonMember m[16];
    size_t count;
    assert_true(json_read_object(
        STR(" { \"a\" : \"x\\n\\u00e4\\ud83d\\ude00\\/\" , \"n\":-1.5e+3,\"t\":true,\"f\":false,"
            "\"z\":null,\"o\":{\"k\":[\"}\"]},\"l\":[1,{\"a\":2}] , \"lone\":\"\\ud800x\"} "),
        m, 16, &count, &mem));
    assert_int_equal(count, 8);
    assert_str(m[0].value, "x\n\xC3\xA4\xF0\x9F\x98\x80/");
    assert_str(m[1].value, "-1.5e+3");
    assert_str(m[5].value, "{\"k\":[\"}\"]}");
    assert_str(m[6].value, "[1,{\"a\":2}]");
    assert_str(m[7].value, "\xEF\xBF\xBDx");
    const char kinds[] = "sntf0{[s";
    for (size_t i = 0; i < count; i++) assert_int_equal(m[i].kind, kinds[i]);
    assert_true(json_read_object(STR("{}"), m, 0, &count, &mem));
    assert_int_equal(count, 0);
    arena_done(&mem);
}

static void refuses_what_is_torn(void **state)
{
    (void)state;
    Arena mem = {0};
    JsonMember m[4];
    size_t count;
    Str whole = STR("{\"a\":\"b\\u0041\",\"n\":12,\"o\":{\"x\":[1]},\"t\":true}");
    for (size_t len = 0; len < whole.len; len++) {
        char *copy = malloc(len + 1); // so that a read behind the end is seen
        memcpy(copy, whole.at, len);
        assert_false(json_read_object((Str){copy, len}, m, 4, &count, &mem));
        free(copy);
    }
    assert_true(json_read_object(whole, m, 4, &count, &mem));
    assert_false(json_read_object(whole, m, 3, &count, &mem)); // more members than room
    const char *bad[] = {"",
                         "[]",
                         "{\"a\":1,}",
                         "{\"a\":01}",
                         "{\"a\":1}x",
                         "{a:1}",
                         "{\"a\":.5}",
                         "{\"a\":-}",
                         "{\"a\":1e}",
                         "{\"a\":[}",
                         "{\"a\":\"\\x\"}",
                         "{\"a\":\"\\u12\"}",
                         "{\"a\" 1}",
                         "{,}",
                         "{\"a\":nul}",
                         "{\"a\":}",
                         "{\"a\":\"\t\"}",
                         "{\"a\":\"\\",
                         "{\"a\":[{]}}"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (json_read_object(str_of(bad[i]), m, 4, &count, &mem)) fail_msg("%s was taken", bad[i]);
    char deep[400] = "{\"a\":";
    memset(deep + 5, '[', 100);
    memset(deep + 105, ']', 100);
    deep[205] = '}';
    assert_false(json_read_object(str_of(deep), m, 4, &count, &mem));
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes),
        cmocka_unit_test(doubles_read_back),
        cmocka_unit_test(any_bytes_make_a_whole_line),
        cmocka_unit_test(reads_members),
        cmocka_unit_test(refuses_what_is_torn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
