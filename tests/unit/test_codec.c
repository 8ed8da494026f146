// Codec: every value comes back as it went, nothing else is taken, and separators never stand raw in the
// text.
#include "tests/unit/kit_cmocka.h"

#include "engine/base/random.h"
#include "engine/data/datetime.h"
#include "engine/store/codec.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static char *room_of(void *self, size_t size) { return arena_try(self, size, 1); }

static void there_and_back(TypeId type, const Value *v, const char *text)
{
    Arena mem = {0};
    CodecMemory memory = {room_of, &mem, &mem};
    Bytes b;
    Value back = {.type = type_of(type)};
    bytes_init(&b, 1 << 20);
    codec_put(&b, type, &v->boolean);
    assert_false(b.failed);
    if (text) assert_string_equal(b.at ? b.at : "", text);
    bytes_put_byte(&b, '\n');
    for (size_t i = 0; i + 1 < b.len; i++) assert_true(b.at[i] != '\n' && b.at[i] != '\t' && b.at[i] != 0);
    const char *next;
    bool escaped;
    Str field = codec_field(b.at, b.at + b.len, &next, &escaped);
    assert_ptr_equal(next, b.at + b.len);
    assert_false(codec_is_null(field));
    if (!codec_get(&back.boolean, type_of(type), field, escaped, &memory))
        fail_msg("%.*s is not read back", STR_ARG(field));
    switch (type_phys(type)) {
    case PHYS_F64: assert_memory_equal(&back.f64, &v->f64, isnan(v->f64) ? 0 : 8); break;
    case PHYS_F32: assert_memory_equal(&back.f32, &v->f32, isnan(v->f32) ? 0 : 4); break;
    default:
        if (!value_equal(&back, v)) fail_msg("%s differs", b.at);
    }
    bytes_done(&b);
    arena_done(&mem);
}

#define CHECK(kind, member, value, text)                                                                     \
    there_and_back(kind, &(Value){.type = {.id = kind}, .member = value}, text)

static void known_texts(void **state)
{
    (void)state;
    CHECK(TYPE_BOOLEAN, boolean, 1, "t");
    CHECK(TYPE_BOOLEAN, boolean, 0, "f");
    CHECK(TYPE_SMALLINT, i16, -32768, "-32768");
    CHECK(TYPE_INTEGER, i32, 1234567, "1234567");
    CHECK(TYPE_BIGINT, i64, INT64_MIN, "-9223372036854775808");
    CHECK(TYPE_BIGINT, i64, INT64_MAX, "9223372036854775807");
    CHECK(TYPE_DOUBLE, f64, 0.1, "0.1");
    CHECK(TYPE_DOUBLE, f64, -12.5, "-12.5");
    CHECK(TYPE_DOUBLE, f64, 1000000, "1000000");
    CHECK(TYPE_DOUBLE, f64, -0.0, NULL);
    CHECK(TYPE_DOUBLE, f64, 5e-324, NULL);
    CHECK(TYPE_DOUBLE, f64, 1.7976931348623157e308, NULL);
    CHECK(TYPE_DOUBLE, f64, (double)INFINITY, NULL);
    CHECK(TYPE_DOUBLE, f64, (double)NAN, NULL);
    CHECK(TYPE_REAL, f32, 0.1f, "0.1");
    CHECK(TYPE_DATE, i32, 0, "1970-01-01");
    CHECK(TYPE_DATE, i32, DATE_INFINITY, "@2147483647");
    CHECK(TYPE_TIME, i64, 3723000001, "01:02:03.000001");
    CHECK(TYPE_TIME, i64, DATETIME_US_PER_DAY, "24:00:00");
    CHECK(TYPE_TIMESTAMP, i64, -1, "1969-12-31 23:59:59.999999");
    CHECK(TYPE_TIMESTAMP, i64, TIMESTAMP_NEG_INFINITY, "@-9223372036854775808");
    CHECK(TYPE_NUMERIC, numeric, numeric_small(-150, 2), "-1.50");
    CHECK(TYPE_NUMERIC, numeric, numeric_small(5, 3), "0.005");
    CHECK(TYPE_TEXT, text, text_of(STR("")), "");
    CHECK(TYPE_TEXT, text, text_of(STR("\\N")), "\\\\N");
    CHECK(TYPE_TEXT, text, text_of(STR("a\tb\nc\rd\\e\x01")), "a\\tb\\nc\\rd\\\\e\\x01");
    CHECK(TYPE_TEXT, text, text_of(STR("gr\xc3\xbc\xc3\x9f")), "gr\xc3\xbc\xc3\x9f");
    CHECK(TYPE_BYTEA, text,
          text_of(STR("\xff\x00"
                      "a")),
          "\\xff\\x00a");
}

static void random_values(void **state)
{
    (void)state;
    Random r;
    random_seed(&r, 4711);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = random_next(&r) >> random_below(&r, 64);
        double d;
        float f;
        char text[40];
        size_t len = random_below(&r, sizeof text);
        memcpy(&d, &bits, 8);
        memcpy(&f, &bits, 4);
        for (size_t k = 0; k < len; k++) text[k] = (char)random_below(&r, 256);
        CHECK(TYPE_BIGINT, i64, (int64_t)bits, NULL);
        CHECK(TYPE_INTEGER, i32, (int32_t)bits, NULL);
        CHECK(TYPE_DATE, i32, (int32_t)(bits % 6000000) - 3000000, NULL);
        CHECK(TYPE_TIMESTAMP, i64, (int64_t)(bits ^ (uint64_t)i << 50), NULL);
        if (!isnan(d)) CHECK(TYPE_DOUBLE, f64, d, NULL);
        CHECK(TYPE_DOUBLE, f64, (double)(int64_t)(bits % 100000000) / 100, NULL);
        if (!isnan(f)) CHECK(TYPE_REAL, f32, f, NULL);
        CHECK(TYPE_NUMERIC, numeric,
              numeric_small((int64_t)(bits % 1000000000000000000u), (unsigned)random_below(&r, 19)), NULL);
        CHECK(TYPE_TEXT, text, text_of(((Str){text, len})), NULL);
        CHECK(TYPE_BYTEA, text, text_of(((Str){text, len})), NULL);
    }
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const struct {
        TypeId type;
        const char *text;
    } bad[] = {
        {TYPE_BOOLEAN, "true"},
        {TYPE_BOOLEAN, ""},
        {TYPE_SMALLINT, "32768"},
        {TYPE_INTEGER, "2147483648"},
        {TYPE_INTEGER, ""},
        {TYPE_INTEGER, "-"},
        {TYPE_INTEGER, "1x"},
        {TYPE_INTEGER, "+1"},
        {TYPE_BIGINT, "9223372036854775808"},
        {TYPE_BIGINT, "99999999999999999999"},
        {TYPE_DOUBLE, ""},

        {TYPE_DOUBLE, "x"},
        {TYPE_DATE, "1970-13-01"},
        {TYPE_DATE, "1970-02-30"},
        {TYPE_DATE, "1970-1-1"},
        {TYPE_DATE, "@"},
        {TYPE_TIME, "1:2:3"},
        {TYPE_TIME, "12:61:00"},
        {TYPE_TIME, "12:00:00.1"},
        {TYPE_TIMESTAMP, "1970-01-01"},
        {TYPE_NUMERIC, "1.2.3"},
        {TYPE_NUMERIC, ""},
        {TYPE_TEXT, "\\q"},
        {TYPE_TEXT, "\\"},
        {TYPE_TEXT, "\\x1"},
        {TYPE_TEXT, "\\xG0"},
    };
    Arena mem = {0};
    CodecMemory memory = {room_of, &mem, &mem};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Value v;
        if (codec_get(&v.boolean, type_of(bad[i].type), str_of(bad[i].text),
                      strchr(bad[i].text, '\\') != NULL, &memory))
            fail_msg("%s was taken as %s", bad[i].text, type_name(bad[i].type));
    }
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_texts), cmocka_unit_test(random_values),
                                       cmocka_unit_test(nonsense_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
