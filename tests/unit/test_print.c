// Print: what is printed parses to the same tree. Trees are compared by a writer of their own (kit_tree), so
// that a lost bracket shows. All pairs of operators are tried in all three ways of bracketing.
#include "tests/unit/kit_cmocka.h"

#include "engine/sql/parser.h"
#include "engine/sql/print.h"
#include "tests/unit/kit_tree.h"
#include <stdio.h>

enum { TEXT_MAX = 1 << 20 };

static void same_expr(const char *text)
{
    Arena mem = {0};
    Err err = {.at = -1};
    AstExpr *e, *again;
    Bytes printed, tree, tree_again;
    bytes_init(&printed, TEXT_MAX);
    bytes_init(&tree, TEXT_MAX);
    bytes_init(&tree_again, TEXT_MAX);
    if (!parser_expr(&e, str_of(text), &mem, &err)) fail_msg("%s: %s", text, err.text);
    print_expr(&printed, e);
    if (!parser_expr(&again, bytes_str(&printed), &mem, &err))
        fail_msg("%s printed as %s: %s", text, printed.at, err.text);
    kit_tree_expr(&tree, e);
    kit_tree_expr(&tree_again, again);
    if (!str_equal(bytes_str(&tree), bytes_str(&tree_again))) fail_msg("%s printed as %s", text, printed.at);
    bytes_done(&printed);
    bytes_done(&tree);
    bytes_done(&tree_again);
    arena_done(&mem);
}

static const char *const expressions[] = {
    "NULL",
    "TRUE",
    "1",
    "1.5e3",
    ".5",
    "'it''s'",
    "''",
    "b'101'",
    "x'ff'",
    "$1",
    "a",
    "a.b",
    "a.b.c",
    "\"A b\".\"select\"",

    "t.*",
    "-1",
    "- -1",
    "-(-1)",
    "+a",
    "~a",
    "@ -5",
    "a - -b",
    "NOT a",
    "NOT NOT a",
    "NOT (a AND b)",
    "(NOT a) = b",
    "-a ^ 2",
    "-(a ^ 2)",
    "a IS NULL",
    "a IS NOT NULL",
    "a ISNULL",
    "a NOTNULL",
    "a IS TRUE",
    "a IS NOT UNKNOWN",
    "(a = b) IS NULL",
    "a = (b IS NULL)",
    "a IS DISTINCT FROM b",
    "a IS NOT DISTINCT FROM b + 1",
    "(a IS NULL) IS NULL",
    "a BETWEEN 1 AND 2",
    "a NOT BETWEEN SYMMETRIC b AND c",
    "a BETWEEN (b = c) AND (d OR e)",
    "(a BETWEEN 1 AND 2) = b",
    "a IN (1)",
    "a IN (1, 2, 3)",
    "a NOT IN (b, c)",
    "(a, b) IN ((1, 2), (3, 4))",
    "a IN (SELECT 1)",
    "a NOT IN (SELECT b FROM t)",
    "a LIKE 'x%'",
    "a NOT ILIKE b ESCAPE '!'",
    "a SIMILAR TO b",
    "a LIKE (b = c)",
    "a = ANY (SELECT 1)",
    "a <> ALL (ARRAY[1, 2])",
    "a LIKE ANY (b)",
    "a NOT LIKE ALL (ARRAY['x'])",
    "a || ANY (b)",
    "EXISTS (SELECT 1)",
    "(SELECT 1)",
    "(SELECT 1) + 2",
    "((SELECT 1) UNION SELECT 2)",
    "CASE WHEN a THEN 1 END",
    "CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' ELSE 'z' END",
    "CASE WHEN a THEN CASE WHEN b THEN 1 END ELSE 2 END",
    "CAST(a AS integer)",
    "a::int",
    "a::numeric(10,2)",
    "a::varchar(5)::text",
    "(a + b)::bigint",
    "-a::int",
    "a::timestamp(3) with time zone",
    "a::double precision",
    "a::int[]",
    "a::my.type",
    "a::\"Quoted\"",
    "a::\"int\"",
    "DATE '2020-01-01'",
    "INTERVAL '1 day'",
    "interval '1' day to second",
    "timestamp with time zone 'now'",
    "char(3) 'abc'",
    "point '(1,2)'",
    "a COLLATE \"C\"",
    "a || b COLLATE \"C\"",
    "(a || b) COLLATE \"C\"",
    "a AT TIME ZONE 'UTC'",
    "a + b AT TIME ZONE 'UTC'",
    "ROW(1, 2)",
    "ROW()",
    "(1, 2)",
    "(1, 2) = (a, b)",
    "ARRAY[1, 2]",
    "ARRAY[]",
    "ARRAY[[1, 2], [3, 4]]",
    "ARRAY(SELECT 1)",
    "a[1]",
    "a[1:2]",
    "a[:]",
    "a[1][2]",
    "(ARRAY[1])[1]",
    "(f(a)).b",
    "(a).b",
    "(a).*",
    "(ROW(1, 2)).f1",
    "f()",
    "f(a, b)",
    "s.f(a)",
    "f(DISTINCT a)",
    "count(*)",
    "f(a ORDER BY b DESC NULLS LAST, c)",
    "f(x => 1, y => 2)",
    "f(1, y => 2)",
    "f(VARIADIC a)",
    "sum(a) FILTER (WHERE b > 0)",
    "rank() OVER w",
    "rank() OVER (PARTITION BY a ORDER BY b)",
    "sum(a) OVER (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES)",
    "sum(a) OVER (w RANGE UNBOUNDED PRECEDING)",
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY a)",
    "coalesce(a, b)",
    "nullif(a, b)",
    "greatest(a, b)",
    "left(a, 2)",
    "\"coalesce\"(a)",
    "extract(year FROM a)",
    "substring(a FROM 1 FOR 2)",
    "substring(a, 1)",
    "trim(BOTH 'x' FROM a)",
    "trim(a)",
    "ltrim(a)",
    "position('a' IN b)",
    "overlay(a PLACING b FROM 1)",
    "normalize(a, NFC)",
    "current_date",
    "current_timestamp(3)",
    "user",
    "a OPERATOR(pg_catalog.+) b",
    "OPERATOR(pg_catalog.-) a",
    "a ~* 'x'",
    "a !~ b",
    "a -> 'b' ->> 'c'",
    "a <-> b",
    "(a, b) OVERLAPS (c, d)",
    "a IS NORMALIZED",
    "a IS NOT NFC NORMALIZED",
    "DEFAULT",
    "count.a",
    "\"a\"\"b\"",
    "'\xc3\xa4'",
};

static void expressions_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(expressions); i++) same_expr(expressions[i]);
}

static void brackets_are_kept(void **state)
{
    (void)state;
    static const char *const ops[] = {"OR",   "AND",
                                      "=",    "<",
                                      "<>",   "+",
                                      "-",    "*",
                                      "/",    "%",
                                      "^",    "||",
                                      "~",    "&",
                                      "->",   "IS DISTINCT FROM",
                                      "LIKE", "COLLATE x.y ||"};
    static const char *const prefixes[] = {"", "NOT ", "- ", "@ "};
    static const char *const suffixes[] = {
        "", " IS NULL", "::int", " COLLATE \"C\"", " BETWEEN 1 AND 2", " IN (1, 2)", " AT TIME ZONE 'x'"};
    char text[256];
    for (size_t i = 0; i < COUNT_OF(ops); i++)
        for (size_t k = 0; k < COUNT_OF(ops); k++) {
            snprintf(text, sizeof text, "(a %s b) %s c", ops[i], ops[k]);
            same_expr(text);
            snprintf(text, sizeof text, "a %s (b %s c)", ops[i], ops[k]);
            same_expr(text);
        }
    for (size_t p = 0; p < COUNT_OF(prefixes); p++)
        for (size_t s = 0; s < COUNT_OF(suffixes); s++)
            for (size_t i = 0; i < COUNT_OF(ops); i++) {
                snprintf(text, sizeof text, "%s(a %s b)%s", prefixes[p], ops[i], suffixes[s]);
                same_expr(text);
                snprintf(text, sizeof text, "(%sa%s) %s (%sb%s)", prefixes[p], suffixes[s], ops[i],
                         prefixes[p], suffixes[s]);
                same_expr(text);
                snprintf(text, sizeof text, "(%s(a%s))%s", prefixes[p], suffixes[s], suffixes[s]);
                same_expr(text);
            }
}

static void same_query(const char *text)
{
    Arena mem = {0};
    Err err = {.at = -1};
    Statement *s, *again;
    size_t pos = 0, pos_again = 0;
    Bytes printed, tree, tree_again;
    bytes_init(&printed, TEXT_MAX);
    bytes_init(&tree, TEXT_MAX);
    bytes_init(&tree_again, TEXT_MAX);
    if (!parser_statement(&s, str_of(text), &pos, &mem, &err)) fail_msg("%s: %s", text, err.text);
    print_query(&printed, s->query);
    if (!parser_statement(&again, bytes_str(&printed), &pos_again, &mem, &err))
        fail_msg("%s printed as %s: %s", text, printed.at, err.text);
    kit_tree_query(&tree, s->query);
    kit_tree_query(&tree_again, again->query);
    if (!str_equal(bytes_str(&tree), bytes_str(&tree_again))) fail_msg("%s printed as %s", text, printed.at);
    bytes_done(&printed);
    bytes_done(&tree);
    bytes_done(&tree_again);
    arena_done(&mem);
}

static void queries_come_back(void **state)
{
    (void)state;
    static const char *const list[] = {
        "SELECT",
        "SELECT 1",
        "SELECT a AS b, c d, e.* FROM e",
        "SELECT * FROM a, b",
        "SELECT DISTINCT a FROM t",
        "SELECT DISTINCT ON (a, b) c FROM t",
        "SELECT a FROM t WHERE a > 1 GROUP BY a HAVING count(*) > 1 ORDER BY a DESC NULLS LAST LIMIT 5 "
        "OFFSET 2",
        "SELECT * FROM a JOIN b ON a.x = b.x",
        "SELECT * FROM a LEFT JOIN b USING (x, y)",
        "SELECT * FROM a NATURAL JOIN b CROSS JOIN c",
        "SELECT * FROM a FULL OUTER JOIN (b RIGHT JOIN c ON TRUE) ON FALSE",
        "SELECT * FROM (a JOIN b ON TRUE) AS j",
        "SELECT * FROM a JOIN b JOIN c ON 1 = 1 ON 2 = 2",
        "SELECT * FROM (SELECT 1) AS s(x)",
        "SELECT * FROM ((SELECT 1) UNION (SELECT 2)) AS s",
        "SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(n, t)",
        "SELECT * FROM a, LATERAL (SELECT a.x) AS l",
        "SELECT * FROM generate_series(1, 10) AS g(n)",
        "SELECT * FROM f() WITH ORDINALITY AS x(a, b)",
        "SELECT * FROM f() AS t(a int, b text)",
        "SELECT * FROM ROWS FROM (f(), g()) AS r",
        "SELECT * FROM ONLY t",
        "SELECT * FROM s.t AS x (a, b)",
        "VALUES (1, 2), (3, 4)",
        "TABLE t",
        "SELECT 1 UNION SELECT 2",
        "SELECT 1 UNION ALL SELECT 2 UNION SELECT 3",
        "SELECT 1 UNION (SELECT 2 UNION ALL SELECT 3)",
        "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3",
        "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3",
        "SELECT 1 EXCEPT SELECT 2 EXCEPT SELECT 3",
        "SELECT 1 EXCEPT (SELECT 2 EXCEPT SELECT 3)",
        "(SELECT a FROM t ORDER BY a LIMIT 1) UNION SELECT 2 ORDER BY 1",
        "(SELECT 1)",
        "((SELECT 1) LIMIT 2)",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5), s AS MATERIALIZED "
        "(SELECT 2) SELECT * FROM r, s",
        "WITH a AS NOT MATERIALIZED (WITH b AS (SELECT 1) SELECT * FROM b) SELECT 1",
        "SELECT a, sum(b) FROM t GROUP BY ROLLUP (a, (b, c)), CUBE (d), GROUPING SETS ((), (a), CUBE (b))",
        "SELECT 1 GROUP BY DISTINCT a, b",
        "SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY b), v AS (w ORDER BY c)",
        "SELECT 1 LIMIT ALL",
        "SELECT 1 FETCH FIRST 3 ROWS ONLY",
        "SELECT a FROM t ORDER BY a FETCH FIRST 3 ROWS WITH TIES",
        "SELECT 1 OFFSET 2 ROWS FETCH NEXT ROW ONLY",
        "SELECT * FROM t FOR UPDATE",
        "SELECT * FROM t FOR SHARE OF t NOWAIT",
        "SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED",
        "SELECT * FROM t WHERE a IN (SELECT b FROM u WHERE EXISTS (SELECT 1 FROM v WHERE v.x = u.x))",
        "SELECT a \"select\", b \"A\" FROM \"T\"",
        "SELECT * FROM t TABLESAMPLE bernoulli (10) REPEATABLE (1)",
        "SELECT a FROM t ORDER BY a USING <, b ASC NULLS FIRST",
        "SELECT (SELECT max(x) FROM u) - 1 AS d",
    };
    for (size_t i = 0; i < COUNT_OF(list); i++) same_query(list[i]);
}

static void printed(const char *text, const char *expected)
{
    Arena mem = {0};
    Err err = {.at = -1};
    AstExpr *e;
    Bytes out;
    bytes_init(&out, TEXT_MAX);
    assert_ok(parser_expr(&e, str_of(text), &mem, &err), &err);
    print_expr(&out, e);
    assert_string_equal(out.at, expected);
    bytes_done(&out);
    arena_done(&mem);
}

static void text_is_short(void **state)
{
    (void)state;
    printed("((a)+(b*c))>0 and(not(d))", "a + b * c > 0 AND NOT d");
    printed("(a+b)*c", "(a + b) * c");
    printed("\"age\" >= 18", "age >= 18");
    printed("upper(name)='X'or name is null", "upper(name) = 'X' OR name IS NULL");
    printed("a != 1", "a <> 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_come_back),
        cmocka_unit_test(brackets_are_kept),
        cmocka_unit_test(queries_come_back),
        cmocka_unit_test(text_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
