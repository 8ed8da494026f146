// Cast: several hundred values against PostgreSQL 15's answers, vectors against single values, length rules,
// doubles.
#include "engine/base/random.h"
#include "engine/data/cast.h"
#include "tests/unit/cast_rows.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// "numeric(5,2)" → Type.
static Type type_read(const char *text)
{
    char name[64];
    int64_t mods[2];
    size_t count = 0;
    const char *open = strchr(text, '(');
    snprintf(name, sizeof name, "%.*s", (int)(open ? (size_t)(open - text) : strlen(text)), text);
    for (const char *p = open; p && count < 2; p = strchr(p + 1, ','))
        mods[count++] = strtoll(p + 1, NULL, 10);
    Type t;
    Err err = {.at = -1};
    assert_true(type_from_name(&t, str_of(name), mods, count, &err));
    return t;
}

static void show(Bytes *out, bool went, const Value *v, const Err *err)
{
    bytes_clear(out);
    if (!went)
        bytes_printf(out, "!%s", err->state);
    else if (v->null)
        bytes_put(out, STR("NULL"));
    else
        value_to_text(v, out);
}

static void run(const CastRow *row, CastHow how, Arena *mem, Bytes *out)
{
    Type from = type_read(row->from), to = type_read(row->to);
    Value in, result;
    Err err = {.at = -1};
    if (from.id == TYPE_NULL)
        in = (Value){.type = from, .text = text_of(str_of(row->text))};
    else
        assert_true(cast_text_to_value(&in, str_of(row->text), from, mem, &err));
    bool went = cast_value(&result, &in, to, how, mem, &err);
    assert_true(went || (err.text[0] && err_any(&err)));
    show(out, went, &result, &err);
}

static void test_rows(void **state)
{
    (void)state;
    unsigned bad = 0;
    for (size_t i = 0; i < COUNT_OF(cast_row); i++) {
        const CastRow *row = &cast_row[i];
        for (int how = CAST_ASSIGNMENT; how <= CAST_EXPLICIT; how++) {
            Arena mem = {0};
            Bytes out;
            bytes_init(&out, 1 << 20);
            run(row, (CastHow)how, &mem, &out);
            const char *expect = how == CAST_EXPLICIT ? row->explicit_result : row->stored;
            if (strcmp(out.at ? out.at : "", expect) != 0) {
                bad++;
                print_message("# '%s' %s -> %s (%s): got '%s', PostgreSQL '%s'\n", row->text, row->from,
                              row->to, how == CAST_EXPLICIT ? "explicit" : "assignment", out.at ? out.at : "",
                              expect);
            }
            bytes_done(&out);
            arena_done(&mem);
        }
    }
    assert_int_equal(bad, 0);
}

// ---- vectors ----

enum { FAMILY_ROWS = 300 };

// A random value of a type that casts to most others without error.
static Value random_value(Random *r, Type type, Arena *mem)
{
    Err err = {.at = -1};
    char text[48];
    int64_t v = (int64_t)random_below(r, 20001) - (type_is_oid(type.id) ? 0 : 10000);
    switch (type.id) {
    case TYPE_UUID:
        snprintf(text, sizeof text, "a0eebc999c0b4ef8bb6d6bb9%08llx", (long long)v & 0xffffffff);
        break;
    case TYPE_TIMESTAMPTZ:
        snprintf(text, sizeof text, "20%02d-01-02 03:04+%02d", (int)(v & 63), (int)(v & 7));
        break;
    case TYPE_BOOLEAN: snprintf(text, sizeof text, "%s", v & 1 ? "t" : "f"); break;
    case TYPE_DATE: snprintf(text, sizeof text, "20%02d-%02d-01", (int)(v & 63), (int)(v & 7) + 1); break;
    case TYPE_TIME: snprintf(text, sizeof text, "%02d:%02d:00.25", (int)(v & 15), (int)(v & 31)); break;
    case TYPE_TIMESTAMP:
        snprintf(text, sizeof text, "20%02d-01-02 03:04:%02d", (int)(v & 63), (int)(v & 31));
        break;
    case TYPE_NUMERIC:
    case TYPE_REAL:
    case TYPE_DOUBLE: snprintf(text, sizeof text, "%lld.%02d", (long long)v, (int)(v & 63)); break;
    case TYPE_CHAR:
    case TYPE_VARCHAR:
    case TYPE_TEXT:
    case TYPE_BYTEA:
        snprintf(text, sizeof text, v & 1 ? "%lld" : "%lld and some longer text", (long long)v);
        break;
    default: snprintf(text, sizeof text, "%lld", (long long)v);
    }
    Value out;
    assert_true(cast_text_to_value(&out, str_of(text), type, mem, &err));
    return out;
}

static bool same_value(const Value *a, const Value *b)
{
    return a->null == b->null && type_equal(a->type, b->type) && (a->null || value_equal(a, b));
}

// cast_vector must give what cast_value gives row by row, or fail where some row fails.
static void check_pair(Random *r, TypeId from, TypeId to, bool nulls, bool selected, bool constant)
{
    Arena mem = {0};
    Err err = {.at = -1};
    Vector in = vector_new(&mem, type_of(from)), out = vector_new(&mem, type_of(to));
    uint16_t sel[FAMILY_ROWS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < FAMILY_ROWS; i++) {
        Value v = nulls && random_below(r, 4) == 0 ? value_null(type_of(from))
                                                   : random_value(r, type_of(from), &mem);
        vector_set_value(&in, i, &v);
        if (!selected || random_below(r, 2)) sel[count++] = (uint16_t)i;
    }
    in.constant = constant;
    if (!nulls) in.nulls = NULL;
    bool went = cast_vector(&out, &in, selected ? sel : NULL, count, type_of(to), CAST_EXPLICIT, &mem, &err);
    bool all = true;
    for (uint32_t i = 0; i < count; i++) {
        Value v = vector_value(&in, sel[i]), one, cell;
        Err none = {.at = -1};
        if (!cast_value(&one, &v, type_of(to), CAST_EXPLICIT, &mem, &none)) {
            all = false;
            continue;
        }
        if (!went) continue;
        cell = vector_value(&out, sel[i]);
        if (!same_value(&one, &cell)) print_message("%s to %s\n", type_name(from), type_name(to));
        assert_true(same_value(&one, &cell));
    }
    if (went != all) print_message("%s to %s: %s\n", type_name(from), type_name(to), err.text);
    assert_int_equal(went, all);
    if (went == err_any(&err))
        print_message("%s to %s: fails without a word\n", type_name(from), type_name(to));
    assert_int_equal(went, !err_any(&err));
    arena_done(&mem);
}

static void test_vectors(void **state)
{
    (void)state;
    Random r;
    random_seed(&r, 20261121);
    // Enums and arrays need the dictionary or an element type.
    for (int from = TYPE_BOOLEAN; from < TYPE_ENUM; from++)
        for (int to = TYPE_BOOLEAN; to < TYPE_ENUM; to++)
            for (int form = 0; form < 8 && cast_exists((TypeId)from, (TypeId)to, CAST_EXPLICIT); form++)
                check_pair(&r, (TypeId)from, (TypeId)to, form & 1, form & 2, form & 4);
}

static void test_missing_cast(void **state)
{
    (void)state;
    Arena mem = {0};
    Err err = {.at = -1};
    Value v = {.type = type_of(TYPE_INTEGER), .i32 = 5}, out;
    assert_false(cast_value(&out, &v, type_of(TYPE_DATE), CAST_EXPLICIT, &mem, &err));
    assert_string_equal(err.state, "42846");
    assert_true(cast_exists(TYPE_INTEGER, TYPE_BIGINT, CAST_IMPLICIT));
    assert_false(cast_exists(TYPE_BIGINT, TYPE_INTEGER, CAST_IMPLICIT));
    assert_true(cast_exists(TYPE_BIGINT, TYPE_INTEGER, CAST_ASSIGNMENT));
    assert_false(cast_exists(TYPE_INTEGER, TYPE_BOOLEAN, CAST_ASSIGNMENT));
    assert_false(cast_exists(TYPE_INTEGER, TYPE_NULL, CAST_EXPLICIT));
    arena_done(&mem);
}

// Implicit casts serve comparisons: nothing is cut, char is padded to the column's length.
static void test_implicit_keeps(void **state)
{
    (void)state;
    static const struct {
        const char *text, *type, *result;
    } row[] = {
        {"abcdef", "varchar(3)", "abcdef"},
        {"a", "char(3)", "a  "},
        {"a    ", "char(3)", "a  "},
        {"abcd", "char(3)", "abcd"},
        {"1.005", "numeric(10,2)", "1.005"},
        {"a  ", "bpchar", "a"},
        {"2026-01-01 00:00:00.75", "timestamp(0)", "2026-01-01 00:00:00.75"},
    };
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        Arena mem = {0};
        Err err = {.at = -1};
        Bytes out;
        bytes_init(&out, 1000);
        Value v = {.type = type_of(TYPE_NULL), .text = text_of(str_of(row[i].text))};
        show(&out, cast_value(&v, &v, type_read(row[i].type), CAST_IMPLICIT, &mem, &err), &v, &err);
        assert_string_equal(out.at, row[i].result);
        bytes_done(&out);
        arena_done(&mem);
    }
}

static void test_text_is_checked(void **state)
{
    (void)state;
    static const struct {
        const char *at;
        size_t len;
    } bad[] = {{"a\0b", 3},
               {"\xff", 1},
               {"\xc0\x80", 2},
               {"\xed\xa0\x80", 3},
               {"\xf4\x90\x80\x80", 4},
               {"long enough \xe2\x82", 14}};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Arena mem = {0};
        Err err = {.at = -1};
        Value v;
        assert_false(cast_text_to_value(&v, (Str){bad[i].at, bad[i].len}, type_of(TYPE_TEXT), &mem, &err));
        assert_string_equal(err.state, "22021");
        arena_done(&mem);
    }
}

// ---- doubles ----

static void check_double(double v)
{
    char text[64];
    Err err = {.at = -1};
    size_t len = cast_double_to_text(v, text);
    assert_in_range(len, 1, 31);
    double back;
    assert_true(cast_text_to_double((Str){text, len}, &back, &err));
    assert_memory_equal(&back, &v, sizeof v);
    text[len] = 0;
    unsigned digits = 0; // shortest: one digit less must not read back
    for (const char *p = text; *p && *p != 'e'; p++) digits += *p >= '1' ? *p <= '9' : *p == '0' && digits;
    if (digits < 2 || !strpbrk(text, ".e")) return;
    char fewer[64];
    snprintf(fewer, sizeof fewer, "%.*e", (int)digits - 2, v);
    if (fabs(v) < 1e15) assert_true(strtod(fewer, NULL) != v || strchr(text, 'e'));
}

static void test_doubles(void **state)
{
    (void)state;
    Random r;
    random_seed(&r, 7);
    for (int i = 0; i < 40000; i++) {
        uint64_t bits = random_next(&r);
        double v;
        memcpy(&v, &bits, sizeof v);
        if (isfinite(v)) check_double(v);
        check_double(random_unit(&r));
        check_double((double)(int64_t)random_below(&r, 2000000000) / 100);
        check_double((double)random_next(&r));
    }
    for (int i = 0; i < 20000; i++) {
        uint32_t bits = (uint32_t)random_next(&r);
        float v;
        memcpy(&v, &bits, sizeof v);
        if (!isfinite(v)) continue;
        char text[64];
        Value back;
        Arena mem = {0};
        Err err = {.at = -1};
        size_t len = cast_float_to_text(v, text);
        assert_true(cast_text_to_value(&back, (Str){text, len}, type_of(TYPE_REAL), &mem, &err));
        assert_memory_equal(&back.f32, &v, sizeof v);
        arena_done(&mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_missing_cast),
        cmocka_unit_test(test_implicit_keeps),
        cmocka_unit_test(test_text_is_checked),
        cmocka_unit_test(test_doubles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
