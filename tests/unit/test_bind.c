// Bind: the SQLSTATE, sentence and place of what cannot be bound (all as PostgreSQL 15 says them), and the
// types that untyped literals, mixed numbers and strings get.
#include <stdlib.h>
#include <string.h>

#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_plan.h"

typedef struct Case {
    const char *sql, *expect;
} Case;

static const Case errors[] = {
    {"SELECT * FROM nosuch", "ERROR 42P01: relation \"nosuch\" does not exist (14)"},
    {"SELECT nosuch FROM emp", "ERROR 42703: column \"nosuch\" does not exist (7)"},
    {"SELECT emp.nosuch FROM emp", "ERROR 42703: column emp.nosuch does not exist (7)"},
    {"SELECT x.id FROM emp", "ERROR 42P01: missing FROM-clause entry for table \"x\" (7)"},
    {"SELECT emp.id FROM emp e", "ERROR 42P01: invalid reference to FROM-clause entry for table \"emp\" (7)"},
    {"SELECT id FROM emp, dept", "ERROR 42702: column reference \"id\" is ambiguous (7)"},
    {"SELECT 1 FROM emp e, dept e", "ERROR 42712: table name \"e\" specified more than once (21)"},
    {"SELECT salary, count(*) FROM emp", "ERROR 42803: column \"emp.salary\" must appear in the GROUP BY "
                                         "clause or be used in an aggregate function (7)"},
    {"SELECT id FROM emp WHERE count(*) > 1",
     "ERROR 42803: aggregate functions are not allowed in WHERE (25)"},
    {"SELECT sum(count(*)) FROM emp", "ERROR 42803: aggregate function calls cannot be nested (11)"},
    {"SELECT (SELECT e.salary) FROM emp e GROUP BY e.name",
     "ERROR 42803: subquery uses ungrouped column \"e.salary\" from outer query (15)"},
    {"SELECT id FROM emp ORDER BY 2", "ERROR 42P10: ORDER BY position 2 is not in select list (28)"},
    {"SELECT id FROM emp GROUP BY 2", "ERROR 42P10: GROUP BY position 2 is not in select list (28)"},
    {"SELECT DISTINCT id FROM emp ORDER BY name",
     "ERROR 42P10: for SELECT DISTINCT, ORDER BY expressions must appear in select list (37)"},
    {"SELECT name + 1 FROM emp", "ERROR 42883: operator does not exist: text + integer (12)"},
    {"SELECT nosuch(1)", "ERROR 42883: function nosuch(integer) does not exist (7)"},
    {"SELECT id FROM emp WHERE id",
     "ERROR 42804: argument of WHERE must be type boolean, not type integer (25)"},
    {"SELECT NOT 1", "ERROR 42804: argument of NOT must be type boolean, not type integer (11)"},
    {"SELECT CASE WHEN true THEN 1 ELSE date '2020-01-01' END",
     "ERROR 42804: CASE types date and integer cannot be matched (27)"},
    {"SELECT id FROM emp UNION SELECT hired FROM emp",
     "ERROR 42804: UNION types integer and date cannot be matched (32)"},
    {"SELECT 1 UNION SELECT 1, 2", "ERROR 42601: each UNION query must have the same number of columns (15)"},
    {"SELECT id FROM emp WHERE id = 'x'", "ERROR 22P02: invalid input syntax for type integer: \"x\" (30)"},
    {"SELECT id FROM emp WHERE id IN (SELECT id, id FROM dept)",
     "ERROR 42601: subquery has too many columns (28)"},
    {"SELECT (SELECT id, name FROM dept)", "ERROR 42601: subquery must return only one column (7)"},
    {"SELECT id FROM emp LIMIT id", "ERROR 42P10: argument of LIMIT must not contain variables (25)"},
    {"SELECT *", "ERROR 42601: SELECT * with no tables specified is not valid (7)"},
    {"INSERT INTO pair VALUES (1, 2, 3)",
     "ERROR 42601: INSERT has more expressions than target columns (17)"},
    {"INSERT INTO pair (a, b) VALUES (1)",
     "ERROR 42601: INSERT has more target columns than expressions (21)"},
    {"INSERT INTO pair (a, a) VALUES (1, 2)", "ERROR 42701: column \"a\" specified more than once (21)"},
    {"INSERT INTO pair (x) VALUES (1)", "ERROR 42703: column \"x\" of relation \"pair\" does not exist (18)"},
    {"INSERT INTO pair VALUES (true)",
     "ERROR 42804: column \"a\" is of type integer but expression is of type boolean (25)"},
    {"UPDATE pair SET a = 1, a = 2", "ERROR 42601: multiple assignments to same column \"a\" (23)"},
    {"UPDATE pair SET x = 1", "ERROR 42703: column \"x\" of relation \"pair\" does not exist (16)"},
    {"SELECT * FROM pair x FULL JOIN pair y ON x.a < y.a",
     "ERROR 0A000: FULL JOIN is only supported with merge-joinable or hash-joinable join conditions (-1)"},
};

static const Case answers[] = {
    {"SELECT 7 / 2, 7 / 2.0, 2147483648, 1.50, 7 % 4", "3|3.5000000000000000|2147483648|1.50|3\n"},
    {"SELECT count(*) FROM emp WHERE hired = '2020-01-02'", "2\n"},
    {"SELECT count(*) FROM emp WHERE code = 'c1'", "286\n"},
    {"SELECT coalesce(NULL, 2, 2.5), nullif(1, 1), CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "2|~|b\n"},
    {"SELECT 'a' || 1 || 'b', 1 IN (1, NULL), 2 IN (1, NULL), (1, 2) < (1, 3)", "a1b|t|~|t\n"},
    {"SELECT a, count(*), sum(b) FROM pair GROUP BY a ORDER BY a NULLS FIRST",
     "~|2|10\n1|2|30\n2|1|~\n3|1|30\n"},
    {"SELECT d.id, d.name, count(*) FROM dept d JOIN emp e ON e.dept_id = d.id GROUP BY d.id ORDER BY 1 "
     "LIMIT 2",
     "1|d1|200\n2|d2|200\n"},
    {"SELECT a, b FROM pair WHERE a NOT IN (SELECT b FROM pair) ORDER BY 1, 2", ""},
    {"SELECT x.a, y.a FROM pair x FULL JOIN (SELECT 3 AS a UNION ALL SELECT 4) y ON x.a = y.a WHERE x.b IS "
     "NULL OR x.b = 30 "
     "ORDER BY 1, 2",
     "2|~\n3|3\n~|4\n~|~\n"},
    {"SELECT a FROM (SELECT 1 AS a UNION SELECT NULL UNION SELECT '1') q ORDER BY a", "1\n~\n"},
    {"SELECT sum(b) FILTER (WHERE a = 1), count(DISTINCT b), count(*) FROM pair", "30|3|6\n"},
    {"WITH q(x) AS (SELECT a FROM pair WHERE b = 10) SELECT count(*), count(x) FROM q JOIN q r USING (x)",
     "1|1\n"},
};

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

static void refused_as_postgresql_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        char *got = kit_plan_text(&kit, errors[i].sql);
        if (strcmp(got, errors[i].expect) != 0)
            fail_msg("%s\n  gives %s\n  not   %s", errors[i].sql, got, errors[i].expect);
        free(got);
    }
}

static void answered_with_and_without_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        for (int plain = 0; plain < 2; plain++) {
            char *got = kit_plan_answer(&kit, answers[i].sql, plain);
            if (strcmp(got, answers[i].expect) != 0)
                fail_msg("%s\n  gives %s\n  not   %s", answers[i].sql, got, answers[i].expect);
            free(got);
        }
}

static void near_names_are_offered(void **state)
{
    (void)state;
    Err err = {.at = -1};
    Plan *plan;
    assert_false(kit_plan_make(&kit, &plan, "SELECT e.salry FROM emp e", false, &err));
    assert_string_equal(err.hint, "Perhaps you meant to reference the column \"e.salary\".");
    err_clear(&err);
    assert_false(kit_plan_make(&kit, &plan, "SELECT 1 FROM dpet", false, &err));
    assert_string_equal(err.hint, "Perhaps you meant the table \"dept\".");
}

// A chain of WITH queries that each use the one before twice would need 2^20 tables.
static void inlining_has_a_limit(void **state)
{
    (void)state;
    Err err = {.at = -1};
    Plan *plan;
    Bytes sql;
    bytes_init(&sql, 100000);
    bytes_put(&sql, STR("WITH q0 AS NOT MATERIALIZED (SELECT a FROM pair)"));
    for (int i = 1; i <= 20; i++)
        bytes_printf(&sql, ", q%d AS NOT MATERIALIZED (SELECT x.a FROM q%d x, q%d y)", i, i - 1, i - 1);
    bytes_put(&sql, STR(" SELECT * FROM q20"));
    assert_err(kit_plan_make(&kit, &plan, sql.at, false, &err), &err, SQLSTATE_TOO_COMPLEX);
    bytes_done(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_as_postgresql_does),
        cmocka_unit_test(answered_with_and_without_rules),
        cmocka_unit_test(near_names_are_offered),
        cmocka_unit_test(inlining_has_a_limit),
    };
    return cmocka_run_group_tests(tests, open_kit, close_kit);
}
