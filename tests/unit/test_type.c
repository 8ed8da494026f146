// Type: names and modifiers both ways, promotion.
#include "engine/data/type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef struct NameRow {
    const char *name;
    int64_t mods[2];
    size_t count;
    const char *result; // type_text, or "!" and SQLSTATE
} NameRow;

static const NameRow name_row[] = {
    {"int", {0}, 0, "integer"},
    {"int8", {0}, 0, "bigint"},
    {"decimal", {10, 2}, 2, "numeric(10,2)"},
    {"numeric", {5}, 1, "numeric(5,0)"},
    {"numeric", {3, -2}, 2, "numeric(3,-2)"},
    {"numeric", {0}, 0, "numeric"},
    {"numeric", {0}, 1, "!22023"},
    {"numeric", {1001, 0}, 2, "!22023"},
    {"numeric", {10, 1001}, 2, "!22023"},
    {"float", {0}, 0, "double precision"},
    {"float", {24}, 1, "real"},
    {"float", {25}, 1, "double precision"},
    {"float", {54}, 1, "!22023"},
    {"double precision", {0}, 0, "double precision"},
    {"character varying", {20}, 1, "varchar(20)"},
    {"varchar", {0}, 0, "varchar"},
    {"varchar", {0}, 1, "!22023"},
    {"varchar", {10485761}, 1, "!22023"},
    {"char", {0}, 0, "char(1)"},
    {"character", {8}, 1, "char(8)"},
    {"bpchar", {0}, 0, "bpchar"},
    {"nvarchar", {8}, 1, "varchar(8)"},
    {"string", {0}, 0, "text"},
    {"bool", {0}, 0, "boolean"},
    {"bool", {1}, 1, "!22023"},
    {"int", {11}, 1, "integer"},
    {"datetime", {0}, 0, "timestamp"},
    {"timestamp", {3}, 1, "timestamp(3)"},
    {"timestamp", {6}, 1, "timestamp"},
    {"timestamp", {7}, 1, "!22023"},
    {"time without time zone", {0}, 1, "time(0)"},
    {"blob", {100}, 1, "bytea"},
    {"interval", {0}, 0, "interval"},
    {"interval", {2}, 1, "interval(2)"},
    {"interval day to second", {3}, 1, "interval day to second(3)"},
    {"interval year to month", {0}, 0, "interval year to month"},
    {"interval month to day", {0}, 0, "!42601"},
    {"timestamp with time zone", {0}, 0, "timestamptz"},
    {"timestamptz", {3}, 1, "timestamptz(3)"},
    {"time with time zone", {0}, 0, "!0A000"},
    {"nosuch", {0}, 0, "!42704"},
    {"", {0}, 0, "!42704"},
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(name_row); i++) {
        const NameRow *row = &name_row[i];
        Arena mem = {0};
        Err err = {.at = -1};
        Type t;
        if (!type_from_name(&t, str_of(row->name), row->mods, row->count, &err)) {
            assert_string_equal(err.state, row->result + 1);
        } else {
            Str text = type_text(t, &mem);
            assert_int_equal(text.len, strlen(row->result));
            assert_memory_equal(text.at, row->result, text.len);
        }
        arena_done(&mem);
    }
}

// What DESCRIBE shows must be read back as the same type (the dictionary does that).
static void test_every_name_reads_back(void **state)
{
    (void)state;
    for (int id = 0; id < TYPE_COUNT; id++) {
        if (id == TYPE_CHAR) continue; // its name alone means char(1)
        if (id == TYPE_ENUM || id == TYPE_ARRAY || id == TYPE_RECORD)
            continue; // of what, says the dictionary
        Type t;
        Err err = {.at = -1};
        assert_true(type_from_name(&t, str_of(type_name((TypeId)id)), NULL, 0, &err));
        assert_true(type_equal(t, type_of((TypeId)id)));
        assert_in_range(phys_size(type_phys((TypeId)id)), 1, 16);
    }
}

static void test_common(void **state)
{
    (void)state;
    static const struct {
        Type a, b;
        int result; // -1 = none
        int32_t length;
    } row[] = {
        {{.id = TYPE_SMALLINT, .length = 0, .scale = 0},
         {.id = TYPE_BIGINT, .length = 0, .scale = 0},
         TYPE_BIGINT,
         0},
        {{.id = TYPE_INTEGER, .length = 0, .scale = 0},
         {.id = TYPE_NUMERIC, .length = 5, .scale = 2},
         TYPE_NUMERIC,
         0},
        {{.id = TYPE_NUMERIC, .length = 5, .scale = 2},
         {.id = TYPE_NUMERIC, .length = 5, .scale = 2},
         TYPE_NUMERIC,
         5},
        {{.id = TYPE_NUMERIC, .length = 5, .scale = 2},
         {.id = TYPE_NUMERIC, .length = 6, .scale = 2},
         TYPE_NUMERIC,
         0},
        {{.id = TYPE_NUMERIC, .length = 0, .scale = 0},
         {.id = TYPE_REAL, .length = 0, .scale = 0},
         TYPE_DOUBLE,
         0},
        {{.id = TYPE_REAL, .length = 0, .scale = 0},
         {.id = TYPE_REAL, .length = 0, .scale = 0},
         TYPE_REAL,
         0},
        {{.id = TYPE_VARCHAR, .length = 5, .scale = 0},
         {.id = TYPE_TEXT, .length = 0, .scale = 0},
         TYPE_TEXT,
         0},
        {{.id = TYPE_CHAR, .length = 5, .scale = 0},
         {.id = TYPE_VARCHAR, .length = 5, .scale = 0},
         TYPE_TEXT,
         0},
        {{.id = TYPE_CHAR, .length = 5, .scale = 0},
         {.id = TYPE_CHAR, .length = 3, .scale = 0},
         TYPE_CHAR,
         0},
        {{.id = TYPE_CHAR, .length = 5, .scale = 0},
         {.id = TYPE_NULL, .length = 0, .scale = 0},
         TYPE_CHAR,
         5},
        {{.id = TYPE_NULL, .length = 0, .scale = 0},
         {.id = TYPE_NUMERIC, .length = 5, .scale = 2},
         TYPE_NUMERIC,
         0},
        {{.id = TYPE_NULL, .length = 0, .scale = 0},
         {.id = TYPE_NULL, .length = 0, .scale = 0},
         TYPE_TEXT,
         0},
        {{.id = TYPE_DATE, .length = 0, .scale = 0},
         {.id = TYPE_TIMESTAMP, .length = 0, .scale = 0},
         TYPE_TIMESTAMP,
         0},
        {{.id = TYPE_DATE, .length = 0, .scale = 0}, {.id = TYPE_TIME, .length = 0, .scale = 0}, -1, 0},
        {{.id = TYPE_TIME, .length = 0, .scale = 0}, {.id = TYPE_TIMESTAMP, .length = 0, .scale = 0}, -1, 0},
        {{.id = TYPE_TEXT, .length = 0, .scale = 0}, {.id = TYPE_INTEGER, .length = 0, .scale = 0}, -1, 0},
        {{.id = TYPE_BOOLEAN, .length = 0, .scale = 0}, {.id = TYPE_INTEGER, .length = 0, .scale = 0}, -1, 0},
        {{.id = TYPE_BYTEA, .length = 0, .scale = 0}, {.id = TYPE_TEXT, .length = 0, .scale = 0}, -1, 0},
    };
    for (size_t i = 0; i < COUNT_OF(row); i++)
        for (int turned = 0; turned < 2; turned++) {
            Type out = type_of(TYPE_NULL);
            bool found =
                turned ? type_common(row[i].b, row[i].a, &out) : type_common(row[i].a, row[i].b, &out);
            assert_int_equal(found, row[i].result >= 0);
            if (!found) continue;
            assert_int_equal(out.id, row[i].result);
            assert_int_equal(out.length, row[i].length);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_every_name_reads_back),
        cmocka_unit_test(test_common),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
