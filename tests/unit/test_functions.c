// Functions over columns against the same functions over one row at a time: selections, NULLs, constants
// beside columns and batch borders must not change an answer. The answers themselves are tested by
// tests/sql/fn_*.test.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_exec.h"

#include <stdio.h>

static KitExec kit;

static void must(const char *sql)
{
    if (!kit_exec_run(&kit, sql)) fail_msg("%s: %s %s", sql, kit.err.state, kit.err.text);
}

static int setup(void **state)
{
    (void)state;
    kit_exec_open(&kit);
    kit_exec_table(&kit, "digits: i integer");
    must("insert into digits values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)");
    kit_exec_table(&kit, "f: id integer primary, i integer, s smallint, b bigint, n numeric, r real, d "
                         "double, x text, c char(6), y bytea, "
                         "day date, at timestamp, clock time");
    must("insert into f select k, nullif(k % 11, 4) - 5, (k % 13)::smallint, nullif(k, 77)::bigint * "
         "10000000000, "
         "case when k % 5 <> 2 then (k - 700) / 7.0 end, (k % 17 / 4.0)::real, case when k % 6 <> 1 then k / "
         "3.0::double precision end, "
         "case when k % 9 <> 4 then substr('Straße über Äcker und Felder', k % 25 + 1, k % 14) end, "
         "substr('Häuser', k % 6 + 1), ('text' || k)::bytea, date '2024-01-01' + k * 37 - 9000, "
         "timestamp '2024-02-28 23:59:59.75' , time '01:02:03' "
         "from (select a.i + 10 * b.i + 100 * c.i + 1000 * d.i as k from digits a, digits b, digits c, "
         "(select i from digits where i < 3) d) q");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_exec_close(&kit);
    return 0;
}

static const char *const expressions[] = {
    "i + s",
    "i - 3",
    "3 - i",
    "i * b",
    "s / 2",
    "7 % (s + 1)",
    "-i",
    "n + 1.5",
    "n * n",
    "n / 3",
    "n % 7",
    "d + r",
    "d * 2",
    "d / 4",
    "b + 1",
    "i & 3",
    "i << 2",
    "~s",
    "i + n",
    "b / 7",
    "n::integer",
    "d::integer",
    "i::text",
    "n::numeric(8,2)",
    "d::numeric(12,3)",
    "b::double precision",
    "abs(i)",
    "sign(n)",
    "round(n, 1)",
    "trunc(d)",
    "ceil(n)",
    "floor(n)",
    "sqrt(abs(d))",
    "power(d, 0.5)",
    "greatest(i, s, 2)",
    "least(n, d)",
    "coalesce(i, s)",
    "nullif(i, 2)",
    "case when i > 0 then n else d::numeric end",
    "x || c",
    "x || i",
    "lower(x)",
    "upper(x)",
    "initcap(x)",
    "length(x)",
    "length(c)",
    "octet_length(x)",
    "substr(x, 2, 3)",
    "left(x, -2)",
    "right(x, 3)",
    "reverse(x)",
    "replace(x, 'e', 'EE')",
    "lpad(x, 9, 'ä')",
    "rpad(x, s)",
    "repeat(x, 3)",
    "position('r' in x)",
    "strpos(x, c)",
    "split_part(x, ' ', 2)",
    "trim(x)",
    "translate(x, 'aeü', '12')",
    "concat(x, i, n)",
    "concat_ws('-', x, c, i)",
    "md5(x)",
    "to_hex(i)",
    "quote_literal(x)",
    "ascii(x)",
    "starts_with(x, 'S')",
    "encode(y, 'hex')",
    "encode(y, 'base64')",
    "y || y",
    "day + s",
    "day - date '2020-01-01'",
    "extract(year from day)",
    "date_part('week', day)",
    "date_trunc('month', day)",
    "to_char(day, 'FMDay, DD Mon YYYY')",
    "to_char(n, '9,990.99')",
    "to_char(i, 'S09')",
    "at::date",
    "extract(second from at)",
    "clock::text",
    "i = s",
    "n < d",
    "x < c",
    "c = 'Häuser'",
    "x is null",
    "i is distinct from s",
    "i in (1, 2, 3)",
    "i in (1, -2, 3, 0, 5, -5, 2)",
    "x like '%er%'",
    "x like '_t%'",
    "x ilike '%ÄCKER%'",
    "i between -2 and 2",
    "not (i > 0)",
    "i > 0 and n > 0",
    "i > 0 or n > 0",
    "(i > 0) is not true",
};

static void batches_as_rows(void **state)
{
    (void)state;
    enum { STEP = 149 };
    for (size_t e = 0; e < COUNT_OF(expressions); e++) {
        char sql[512], line[1024];
        snprintf(sql, sizeof sql, "select id, %s from f where id %% 3 <> 1 order by id", expressions[e]);
        must(sql);
        Bytes all;
        bytes_init(&all, 8 << 20);
        bytes_put(&all, bytes_str(&kit.text));
        bytes_put_byte(&all, '\n');
        for (int id = 2; id < 3000; id += STEP) {
            if (id % 3 == 1) continue;
            snprintf(sql, sizeof sql, "select id, %s from f where id = %d", expressions[e], id);
            must(sql);
            snprintf(line, sizeof line, "\n%.*s\n", STR_ARG(bytes_str(&kit.text)));
            if (str_find(bytes_str(&all), str_of(line), 0) == SIZE_MAX)
                fail_msg("%s: row %d alone gives %s, among others something else", expressions[e], id, line);
        }
        bytes_done(&all);
    }
}

static void errors_have_places(void **state)
{
    (void)state;
    kit_exec_error(&kit, "select 10 / (i - i) from f", "22012");
    assert_true(kit.err.at >= 7);
    kit_exec_error(&kit, "select x::integer from f", "22P02");
    kit_exec_error(&kit, "select sqrt(i) from f", "2201F");
    kit_exec_error(&kit, "select repeat(x, 2000000000) from f", "54000");
    kit_exec_error(&kit, "select b * b from f", "22003");
}

static void whole_moment(void **state)
{
    (void)state;
    kit_exec_rows(&kit,
                  "select count(distinct now()), min(current_date), count(distinct current_user) from f",
                  "1|2026-11-21|1");
    kit_exec_rows(&kit, "select count(*) > 2900 from (select distinct random() from f) q", "t");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(batches_as_rows),
                                       cmocka_unit_test(errors_have_places), cmocka_unit_test(whole_moment)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
