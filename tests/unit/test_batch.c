// Batch: cells in and out, constants, copying chosen rows with their NULLs.
#include "engine/base/random.h"
#include "engine/data/cast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

// The i-th value of a type; every fifth is NULL.
static Value sample(TypeId id, uint32_t i, Arena *mem)
{
    static const char *const format[TYPE_COUNT] = {
        [TYPE_NULL] = "literal %u",
        [TYPE_BOOLEAN] = "t",
        [TYPE_SMALLINT] = "%u",
        [TYPE_INTEGER] = "-%u",
        [TYPE_BIGINT] = "900000%u",
        [TYPE_NUMERIC] = "123456789012345678901.%u",
        [TYPE_REAL] = "%u.5",
        [TYPE_DOUBLE] = "%u.25",
        [TYPE_CHAR] = "%u",
        [TYPE_VARCHAR] = "a long enough text %u",
        [TYPE_TEXT] = "%u",
        [TYPE_BYTEA] = "bytes that are many %u",
        [TYPE_DATE] = "20%02u-01-01",
        [TYPE_TIME] = "10:11:12.%u",
        [TYPE_TIMESTAMP] = "2026-11-21 10:11:12.%u",
        [TYPE_TIMESTAMPTZ] = "2026-11-21 10:11:12.%u+02",
        [TYPE_INTERVAL] = "1 mon -3 days 10:11:12.%u",
        [TYPE_UUID] = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a%u",
        [TYPE_JSON] = "{\"a\": %u}",
        [TYPE_JSONB] = "[%u, \"a longer text\"]",
        [TYPE_OID] = "%u",
        [TYPE_REGCLASS] = "%u",
        [TYPE_REGTYPE] = "%u",
        [TYPE_REGPROC] = "%u",
        [TYPE_REGNAMESPACE] = "%u",
        [TYPE_NAME] = "a_name_%u",
    };
    if (i % 5 == 4) return value_null(type_of(id));
    // These need the dictionary, or an element type.
    if (id == TYPE_ENUM) return (Value){.type = type_of(id), .i64 = i % 90};
    const TypeId read_as = id == TYPE_ARRAY || id == TYPE_RECORD ? TYPE_TEXT : id;
    char text[64];
    Err err = {.at = -1};
    Value v;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof text, format[read_as], i % 90 + 10);
#pragma GCC diagnostic pop
    assert_true(cast_text_to_value(&v, str_of(text), type_of(read_as), mem, &err));
    v.type = type_of(id);
    return v;
}

static void test_cells(void **state)
{
    (void)state;
    for (int id = 0; id < TYPE_COUNT; id++) {
        Arena mem = {0};
        Vector v = vector_new(&mem, type_of((TypeId)id));
        for (uint32_t i = 0; i < BATCH_ROWS; i++) {
            Value cell = sample((TypeId)id, i, &mem);
            vector_set_value(&v, i, &cell);
        }
        for (uint32_t i = 0; i < BATCH_ROWS; i++) {
            Value expect = sample((TypeId)id, i, &mem), got = vector_value(&v, i);
            assert_int_equal(vector_is_null(&v, i), expect.null);
            assert_true(got.null == expect.null && value_equal(&got, &expect));
        }
        Value again = sample((TypeId)id, 0, &mem);
        vector_set_value(&v, 4, &again); // takes the NULL back
        assert_false(vector_is_null(&v, 4));
        arena_done(&mem);
    }
}

static void test_constant(void **state)
{
    (void)state;
    for (int id = 0; id < TYPE_COUNT; id++)
        for (uint32_t i = 3; i < 5; i++) { // a value, a NULL
            Arena mem = {0};
            Value v = sample((TypeId)id, i, &mem);
            Vector c = vector_constant(&mem, &v);
            assert_true(c.constant);
            assert_int_equal(vector_is_null(&c, 1000), v.null);
            Value got = vector_value(&c, 2047);
            assert_true(value_equal(&got, &v));
            Vector spread = vector_new(&mem, v.type);
            vector_copy_rows(&spread, 10, &c, NULL, 100, &mem);
            got = vector_value(&spread, 109);
            assert_true(got.null == v.null && value_equal(&got, &v));
            arena_done(&mem);
        }
}

static void test_copy_rows(void **state)
{
    (void)state;
    Random r;
    random_seed(&r, 11);
    for (int id = 0; id < TYPE_COUNT; id++) {
        Arena mem = {0}, source_mem = {0};
        Vector src = vector_new(&source_mem, type_of((TypeId)id)),
               dst = vector_new(&mem, type_of((TypeId)id));
        for (uint32_t i = 0; i < BATCH_ROWS; i++) {
            Value cell = sample((TypeId)id, i, &source_mem);
            vector_set_value(&src, i, &cell);
        }
        uint16_t sel[BATCH_ROWS];
        uint32_t count = 0;
        for (uint32_t i = 0; i < BATCH_ROWS; i++)
            if (random_below(&r, 2)) sel[count++] = (uint16_t)i;
        uint32_t to = (BATCH_ROWS - count) / 2;
        vector_copy_rows(&dst, to, &src, sel, count, &mem);
        arena_done(&source_mem); // long cells must live in mem now
        for (uint32_t i = 0; i < count; i++) {
            Value expect = sample((TypeId)id, sel[i], &mem), got = vector_value(&dst, to + i);
            assert_true(got.null == expect.null && value_equal(&got, &expect));
        }
        assert_false(to && vector_is_null(&dst, to - 1));
        arena_done(&mem);
    }
}

static void test_batch(void **state)
{
    (void)state;
    Arena mem = {0};
    const Type types[] = {{.id = TYPE_INTEGER, .length = 0, .scale = 0},
                          {.id = TYPE_TEXT, .length = 0, .scale = 0}};
    Batch *b = batch_new(&mem, types, 2);
    assert_int_equal(b->columns, 2);
    assert_int_equal(b->rows, 0);
    assert_int_equal(b->vector[1].type.id, TYPE_TEXT);
    ((int32_t *)b->vector[0].data)[BATCH_ROWS - 1] = 5;
    const uint16_t sel[] = {7, 9};
    assert_int_equal(batch_row(b, 3), 3);
    b->sel = sel;
    assert_int_equal(batch_row(b, 1), 9);
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_copy_rows),
        cmocka_unit_test(test_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
