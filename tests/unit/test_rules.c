// Rules: what the plan of a query looks like after them, and that leaving them out gives the same answers.
#include <stdlib.h>
#include <string.h>

#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_plan.h"

static KitPlan kit;

static int open_kit(void **state)
{
    (void)state;
    kit_plan_open(&kit);
    return 0;
}

static int close_kit(void **state)
{
    (void)state;
    kit_plan_close(&kit);
    return 0;
}

static void expect(const char *sql, const char *plan)
{
    char *got = kit_plan_text(&kit, sql);
    if (strcmp(got, plan) != 0) fail_msg("%s\n%s\nis not\n%s", sql, got, plan);
    free(got);
}

static void a_key_gives_the_point_look_up(void **state)
{
    (void)state;
    expect("SELECT name FROM emp WHERE id = 7", "index emp point key 7\n");
    expect("SELECT name FROM emp WHERE id = $1", "index emp point key $1\n");
    expect("SELECT name FROM emp WHERE 2 * 3 + 1 = id AND salary > 3",
           "project name\n  index emp point key 7 where (salary > 3)\n");
    expect("SELECT id FROM emp WHERE name = 'n5'", "index emp point key 'n5'\n");
}

static void ranges_use_a_sorted_index_when_few_rows_are_wanted(void **state)
{
    (void)state;
    expect("SELECT id FROM emp WHERE hired > '2022-09-20'", "index range emp above '2022-09-20'\n");
    expect("SELECT id FROM emp WHERE hired = '2022-09-20'", "index emp key '2022-09-20'\n");
    expect("SELECT id FROM emp WHERE hired > '2020-02-01'",
           "project id\n  scan emp zones 1 where (hired > '2020-02-01')\n");
}

static void conditions_go_down(void **state)
{
    (void)state;
    expect("SELECT q.n FROM (SELECT dept_id, count(*) AS n FROM emp GROUP BY dept_id) q WHERE q.dept_id = 3",
           "project count\n  aggregate count(*) by dept_id\n    scan emp zones 1 where (dept_id = 3)\n");
    expect("SELECT e.id FROM emp e LEFT JOIN dept d ON d.id = e.boss WHERE d.budget > 500",
           "project id\n  hash join inner on boss = id\n    scan emp\n    scan dept zones 1 where (budget > "
           "500)\n");
    expect("SELECT a FROM pair WHERE 1 = 2", "project a\n  values 0 rows\n");
}

static void subqueries_become_joins(void **state)
{
    (void)state;
    expect("SELECT id FROM emp e WHERE EXISTS (SELECT 1 FROM pair p WHERE p.a = e.dept_id)",
           "project id\n  hash join semi on dept_id = a\n    scan emp\n    scan pair\n");
    expect("SELECT a FROM pair WHERE b NOT IN (SELECT id FROM dept)",
           "project a\n  hash join anti null on b = id\n    scan pair\n    scan dept\n");
    expect("SELECT d.name, (SELECT count(*) FROM emp e WHERE e.dept_id = d.id) FROM dept d WHERE d.id > 4",
           "project name, COALESCE(count, 0)\n  hash join left on id = dept_id\n    scan dept zones 1 where "
           "(id > 4)\n"
           "    aggregate count(*) by dept_id\n      scan emp\n");
}

static void a_small_side_looks_into_an_index(void **state)
{
    (void)state;
    expect("SELECT e.name FROM emp e JOIN pair p ON p.b = e.id",
           "project name\n  index join inner emp on b\n    scan pair\n");
}

static void a_list_of_keys_is_looked_up(void **state)
{
    (void)state;
    const char *plan = "project name\n  index join inner emp on id\n    values 2 rows\n";
    expect("SELECT name FROM emp WHERE id IN (3, 5, NULL, 3)", plan);
    expect("SELECT name FROM emp WHERE id = 5 OR 3 = id", plan);
    char *got = kit_plan_answer(&kit, "SELECT name FROM emp WHERE id IN (3, 5, NULL, 3) ORDER BY 1", false);
    assert_string_equal(got, "n3\nn5\n");
    free(got);
}

static void conditions_are_derived_and_factored(void **state)
{
    (void)state;
    expect("SELECT e.name FROM emp e JOIN dept d ON d.id = e.id WHERE d.id = 4",
           "project name\n  hash join inner on id = id\n    index dept point key 4\n    index emp point key "
           "4\n");
    expect(
        "SELECT d.name FROM dept d, pair p WHERE (d.id = p.a AND p.b = 1) OR (d.id = p.a AND d.name = 'x')",
        "project name\n  hash join inner on id = a where ((b = 1) OR (name = 'x'))\n    scan dept\n    scan "
        "pair\n");
}

static void sorts_under_a_limit_keep_few(void **state)
{
    (void)state;
    expect("SELECT id, salary FROM emp ORDER BY salary DESC LIMIT 5 OFFSET 2",
           "limit 5 offset 2\n  sort salary desc top 7\n    scan emp\n");
}

// Every shape with and without rules; what is right is known by PostgreSQL in the scripts of tests/sql.
static void rules_do_not_change_answers(void **state)
{
    (void)state;
    static const char *const sql[] = {
        "SELECT count(*), sum(e.salary) FROM emp e, dept d, pair p WHERE e.dept_id = d.id AND p.a = d.id AND "
        "d.budget > 100",
        "SELECT d.id, (SELECT max(e.salary) FROM emp e WHERE e.dept_id = d.id AND e.id < 50) FROM dept d "
        "ORDER BY 1",
        "SELECT id FROM dept d WHERE NOT EXISTS (SELECT 1 FROM pair WHERE a = d.id) ORDER BY id",
        "SELECT id FROM dept WHERE id NOT IN (SELECT a FROM pair) ORDER BY id",
        "SELECT id FROM dept WHERE id NOT IN (SELECT a FROM pair WHERE a IS NOT NULL) ORDER BY id",
        "SELECT x.a, y.b FROM pair x LEFT JOIN pair y ON x.a = y.a AND y.b > 10 ORDER BY 1, 2",
        "SELECT x.a, y.b FROM pair x FULL JOIN pair y ON x.a = y.b ORDER BY 1, 2",
        "SELECT a FROM pair UNION SELECT id FROM dept WHERE id > 8 ORDER BY 1",
        "SELECT a FROM pair INTERSECT ALL SELECT b / 10 FROM pair ORDER BY 1",
        "SELECT name FROM emp WHERE id IN (SELECT b FROM pair) ORDER BY 1",
        "SELECT id FROM emp e WHERE salary > (SELECT avg(salary) * 1.9 FROM emp x WHERE x.dept_id = "
        "e.dept_id) ORDER BY 1",
        "SELECT d.name FROM dept d WHERE (SELECT count(*) FROM pair p WHERE p.a = d.id) BETWEEN 1 AND 2 "
        "ORDER BY 1",
        "SELECT count(*) FROM dept a, dept b, dept c, pair d, pair e WHERE a.id = b.id AND b.id = c.id AND "
        "d.a = c.id AND e.a = d.a",
        "SELECT DISTINCT dept_id, active FROM emp WHERE hired BETWEEN '2020-01-01' AND '2020-02-01' ORDER BY "
        "1, 2",
        "SELECT CASE WHEN p.a > ALL (SELECT x.b / 10 FROM pair x WHERE x.a = p.a) THEN 'y' END, a FROM pair "
        "p ORDER BY 2, 1",
    };
    for (size_t i = 0; i < COUNT_OF(sql); i++) {
        char *with = kit_plan_answer(&kit, sql[i], false), *without = kit_plan_answer(&kit, sql[i], true);
        assert_false(str_starts(str_of(with), STR("ERROR")));
        if (strcmp(with, without) != 0) fail_msg("%s\nwith rules\n%s\nwithout\n%s", sql[i], with, without);
        free(with);
        free(without);
    }
}

// More tables than dynamic programming takes, and more than one run of the greedy order takes.
static void long_joins_are_planned(void **state)
{
    (void)state;
    static const int sizes[] = {13, 70};
    for (size_t k = 0; k < COUNT_OF(sizes); k++) {
        Bytes sql;
        bytes_init(&sql, 100000);
        bytes_put(&sql, STR("SELECT count(*) FROM dept t0"));
        for (int i = 1; i < sizes[k]; i++)
            bytes_printf(&sql, " JOIN dept t%d ON t%d.id = t%d.id", i, i, i - 1);
        char *got = kit_plan_answer(&kit, sql.at, false);
        assert_string_equal(got, "10\n");
        free(got);
        bytes_done(&sql);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_gives_the_point_look_up),
        cmocka_unit_test(ranges_use_a_sorted_index_when_few_rows_are_wanted),
        cmocka_unit_test(conditions_go_down),
        cmocka_unit_test(subqueries_become_joins),
        cmocka_unit_test(a_small_side_looks_into_an_index),
        cmocka_unit_test(a_list_of_keys_is_looked_up),
        cmocka_unit_test(conditions_are_derived_and_factored),
        cmocka_unit_test(sorts_under_a_limit_keep_few),
        cmocka_unit_test(rules_do_not_change_answers),
        cmocka_unit_test(long_joins_are_planned),
    };
    return cmocka_run_group_tests(tests, open_kit, close_kit);
}
