// Expressions over batches: what must not be evaluated is not, three-valued logic in filters and in results,
// IN lists by hash and by comparing, subqueries once per outer value, texts of every length, constants beside
// columns.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_exec.h"

#include <stdio.h>

static KitExec kit;

static void must(const char *sql) { assert_ok(kit_exec_run(&kit, sql), &kit.err); }

static int setup(void **state)
{
    (void)state;
    kit_exec_open(&kit);
    kit_exec_table(&kit, "digits: i integer");
    must("insert into digits values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)");
    kit_exec_table(&kit, "t: id integer, a integer, b boolean, x text");
    must("insert into t select n, nullif(n % 7, 3), case n % 3 when 0 then true when 1 then false end, "
         "nullif(repeat('x', n % 20), 'xxxxx') from (select a.i + 10 * b.i + 100 * c.i + 1000 * d.i as n "
         "from digits a, digits b, "
         "digits c, digits d) q");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_exec_close(&kit);
    return 0;
}

static void not_taken(void **state)
{
    (void)state;
    kit_exec_rows(
        &kit,
        "select sum(case when a = 0 then 0 else 84 / a end), count(case when a <> 0 then 1 / a end) from t",
        "252882|7142");
    kit_exec_rows(&kit, "select count(*) from t where a <> 0 and 100 / a > 30", "2858");
    kit_exec_rows(&kit, "select count(*) from t where a = 0 or 100 / a > 30", "4287");
    kit_exec_rows(&kit,
                  "select count(coalesce(a, 1 / (id - id + 1 - a))) from t where a is not null and a <> 1",
                  "7142");
    kit_exec_error(&kit, "select count(*) from t where 100 / a > 30", "22012");
    kit_exec_rows(&kit, "select count(*) from t where false and 1 / (id - id) = 1", "0");
}

static void three_values(void **state)
{
    (void)state;
    kit_exec_rows(&kit,
                  "select b and a > 3, b or a > 3, not b, count(*) from t group by 1, 2, 3 order by 1, 2, 3",
                  "f|f|t|1429\nf|t|f|1429\nf|t|t|1428\nf|NULL|t|476\nf|NULL|NULL|1429\nt|t|f|1428\nNULL|t|f|"
                  "477\nNULL|t|NULL|1428\nNULL|NULL|NULL|476");
}

static void filters_are_results(void **state)
{
    (void)state;
    static const char *const conditions[] = {"b and a > 3",
                                             "b or a > 3",
                                             "not b",
                                             "a in (1, 2)",
                                             "a in (1, 2, null)",
                                             "a not in (1, 2, 4, 5, 6, 99, 100)",
                                             "a in (1, 2, 4, 5, 6, 99, null)",
                                             "a is null or b is null",
                                             "(a is distinct from 3) = b",
                                             "x like '%xx' and not (a > 2)",
                                             "x like 'xxx_' or b is true",
                                             "a between 2 and 5",
                                             "5 > a",
                                             "a < a + b::integer",
                                             "a = 1 or a = 2 or a = 5 or b",
                                             "x > 'xxxx' and x <= 'xxxxxxxxxxxxxxx'",
                                             "b is not unknown and a <> 4",
                                             "coalesce(b, a > 2)",
                                             "nullif(a, 1) = 2"};
    for (size_t i = 0; i < COUNT_OF(conditions); i++) {
        char sql[512], want[64];
        snprintf(sql, sizeof sql, "select count(*), sum(id) from t where %s", conditions[i]);
        must(sql);
        snprintf(want, sizeof want, "%.*s", STR_ARG(bytes_str(&kit.text)));
        snprintf(sql, sizeof sql,
                 "select sum(case c when true then 1 else 0 end), sum(case when c then id end) from (select "
                 "id, %s as c from t) q",
                 conditions[i]);
        kit_exec_rows(&kit, sql, want);
        snprintf(sql, sizeof sql, "select count(*), sum(id) from t where not (not (%s))", conditions[i]);
        kit_exec_rows(&kit, sql, want);
        snprintf(sql, sizeof sql, "select count(*), sum(id) from t where (%s) is true", conditions[i]);
        kit_exec_rows(&kit, sql, want);
        snprintf(sql, sizeof sql,
                 "select 10000 from (select count(*) filter (where %s) + count(*) filter (where not (%s)) + "
                 "count(*) filter (where "
                 "(%s) is null) as n from t) q where n = 10000",
                 conditions[i], conditions[i], conditions[i]);
        kit_exec_rows(&kit, sql, "10000");
    }
}

static void subqueries(void **state)
{
    (void)state;
    for (int way = 0; way < 2; way++) {
        kit.no_optimise = way;
        kit_exec_rows(&kit, "select count(*) from t where a = (select max(i) from digits where i < 3)",
                      "1429");
        kit_exec_rows(&kit, "select sum((select count(*) from digits where i < t.a)) from t", "25707");
        kit_exec_rows(&kit, "select count(*) from t where exists (select 1 from digits where i = t.a + 5)",
                      "5715");
        kit_exec_rows(&kit, "select count(*) from t where a > all (select i from digits where i < t.id % 4)",
                      "6786");
        kit_exec_rows(&kit,
                      "select count(*) from t where (select (select max(d.i) from digits d where d.i < e.i + "
                      "t.a) from digits e "
                      "where e.i = 1) = 2",
                      "1429");
    }
    kit.no_optimise = false;
}

static void texts(void **state)
{
    (void)state;
    kit_exec_rows(&kit,
                  "select count(*), sum(length(x)), max(x) from t where upper(x) = repeat('X', length(x))",
                  "9500|92500|xxxxxxxxxxxxxxxxxxx");
    kit_exec_rows(&kit, "select count(distinct x || '-' || a) from t where x || 'y' > 'xxxy'", "18");
}

static void parameters(void **state)
{
    (void)state;
    const Value given[] = {{.type = {.id = TYPE_INTEGER}, .i32 = 5},
                           {.type = {.id = TYPE_TEXT}, .text = text_of(STR("xx%"))}};
    kit.ctx.param = given;
    kit.ctx.params = 2;
    kit_exec_rows(&kit, "select count(*) from t where a = $1", "1428");
    kit_exec_rows(&kit, "select count(*) from t where x like $2 and id < 100", "85");
    kit_exec_rows(&kit, "select $1 + 1", "6");
    kit_exec_error(&kit, "select count(*) from t where a = $3", "08P01");
    kit.ctx.param = NULL;
    kit.ctx.params = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(not_taken),  cmocka_unit_test(three_values), cmocka_unit_test(filters_are_results),
        cmocka_unit_test(subqueries), cmocka_unit_test(texts),        cmocka_unit_test(parameters)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
