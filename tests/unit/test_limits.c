// Limits of statements: long names, deep nesting, long lists, wide tables. Each is either done or refused in
// one sentence with its SQLSTATE; nothing crashes.
#include "engine/base/buf.h"
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_engine.h"

enum { SQL_MAX = 4 << 20, NAME = 1000000, NESTED = 10000, LIST = 100000, ROWS = 10000, COLUMNS = 1600 };

static KitEngine k;
static Bytes sql;

static int setup(void **state)
{
    (void)state;
    kit_engine_open(&k);
    bytes_init(&sql, SQL_MAX);
    Err err = {.at = -1};
    assert_ok(source_run(k.session, STR("CREATE DATABASE d; USE d; CREATE TABLE t (n int PRIMARY KEY)"), NULL,
                         &err),
              &err);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bytes_done(&sql);
    kit_engine_close(&k);
    return 0;
}

// Runs what sql holds: want NULL = it works. Leaves sql empty.
static void expect(const char *want)
{
    Err err = {.at = -1};
    assert_false(sql.failed);
    bool ok = source_run(k.session, bytes_str(&sql), NULL, &err);
    if (!want) assert_ok(ok, &err);
    if (want) {
        assert_false(ok);
        assert_string_equal(err.state, want);
    }
    bytes_clear(&sql);
}

static void put_times(const char *text, int times)
{
    for (int i = 0; i < times; i++) bytes_put(&sql, str_of(text));
}

static void names(void **state)
{
    (void)state;
    bytes_put(&sql, STR("SELECT 1 AS "));
    put_times("a", NAME);
    expect("42622");
    bytes_put(&sql, STR("CREATE TABLE \""));
    put_times("a", NAME);
    bytes_put(&sql, STR("\" (a int)"));
    expect("42622");
}

static void nesting(void **state)
{
    (void)state;
    static const char *const pair[][2] = {
        {"(", ")"}, {"(SELECT ", ")"}, {"- ", ""}, {"NOT ", ""}, {"abs(", ")"}};
    for (size_t i = 0; i < COUNT_OF(pair); i++) {
        bytes_put(&sql, STR("SELECT "));
        put_times(pair[i][0], NESTED);
        bytes_put(&sql, STR("1"));
        put_times(pair[i][1], NESTED);
        expect("54001");
    }
}

static void lists(void **state)
{
    (void)state;
    bytes_put(&sql, STR("INSERT INTO t VALUES (0)"));
    for (int i = 1; i < ROWS; i++) bytes_printf(&sql, ",(%d)", i);
    expect(NULL);
    // 1 / 0 comes unless every row is found
    bytes_put(&sql, STR("SELECT 1 / CASE WHEN count(*) = 10000 THEN 1 ELSE 0 END FROM t WHERE n IN (0"));
    for (int i = 1; i < LIST; i++) bytes_printf(&sql, ",%d", i);
    bytes_put(&sql, STR(")"));
    expect(NULL);
    bytes_put(&sql, STR("SELECT 1 / (count(*) - 9999) FROM (VALUES (0)"));
    for (int i = 1; i < ROWS; i++) bytes_printf(&sql, ",(%d)", i);
    bytes_put(&sql, STR(") v"));
    expect(NULL);
}

static void wide(int columns, const char *want)
{
    bytes_printf(&sql, "CREATE TABLE w%d (c0 int", columns);
    for (int i = 1; i < columns; i++) bytes_printf(&sql, ",c%d int", i);
    bytes_put(&sql, STR(")"));
    expect(want);
}

static void columns(void **state)
{
    (void)state;
    wide(COLUMNS, NULL);
    wide(COLUMNS + 1, "54011");
    bytes_put(&sql, STR("INSERT INTO w1600 (c1599) VALUES (7); SELECT 1 / (c1599 - 6) FROM w1600"));
    expect(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(nesting),
                                       cmocka_unit_test(lists), cmocka_unit_test(columns)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
