// Result files: each format on numbers, texts with everything in them, NULL and empty, several results.
#include "export/result_file.h"
#include "tests/unit/kit_fake_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COLUMNS "id:integer name flag:boolean price:numeric(10,2) x:double"
#define ROWS    "1|plain|t|1.50|0.5\n2|a,\"b\\n|f|~|NaN\n30||~|-2.00|~"

static void check(const char *format, bool terminal, const char *rows, const char *expected)
{
    FakeSource *f = fake_new();
    OutFile *out;
    ResultFile *r;
    Err err = {0};
    ResultFileOptions o = {.format = result_format(str_of(format)),
                           .terminal = terminal,
                           .null_text = STR("~"),
                           .table = STR("t")};
    assert_non_null(o.format);
    fake_answer(f, "SELECT", COLUMNS, rows);
    fake_batch_rows(f, 2);
    assert_true(out_file_memory(&out, 1 << 20, &err));
    assert_true(result_file_new(&r, &o, out, &err));
    ResultSink sink = result_file_sink(r);
    assert_true(source_run(fake_source(f), STR("SELECT"), &sink, &err));
    Str text = out_text(out);
    if (!str_equal(text, str_of(expected))) fail_msg("%s gave:\n%.*s", format, STR_ARG(text));
    result_file_free(r);
    out_file_abandon(out);
    fake_free(f);
}

static void table_is_aligned(void **state)
{
    (void)state;
    check("table", true, ROWS,
          " id │ name  │ flag │ price │   x\n"
          "────┼───────┼──────┼───────┼─────\n"
          "  1 │ plain │ t    │  1.50 │ 0.5\n"
          "  2 │ a,\"b␊ │ f    │     ~ │ NaN\n"
          " 30 │       │ ~    │ -2.00 │   ~\n"
          "(3 rows)\n");
}

static void csv_tells_null_from_empty(void **state)
{
    (void)state;
    check("csv", false, ROWS,
          "id,name,flag,price,x\n1,plain,t,1.50,0.5\n2,\"a,\"\"b\n\",f,,NaN\n30,\"\",,-2.00,\n");
}

static void tsv_escapes(void **state)
{
    (void)state;
    check("tsv", false, ROWS,
          "id\tname\tflag\tprice\tx\n1\tplain\tt\t1.50\t0.5\n2\ta,\"b\\n\tf\t\\N\tNaN\n30\t\t\\N\t-2."
          "00\t\\N\n");
}

static void json_keeps_types(void **state)
{
    (void)state;
    check("json", false, ROWS,
          "[\n{\"id\":1,\"name\":\"plain\",\"flag\":true,\"price\":1.50,\"x\":0.5},\n"
          "{\"id\":2,\"name\":\"a,\\\"b\\n\",\"flag\":false,\"price\":null,\"x\":\"NaN\"},\n"
          "{\"id\":30,\"name\":\"\",\"flag\":null,\"price\":-2.00,\"x\":null}\n]\n");
    check("json", false, "", "[]\n");
}

static void sql_is_insertable(void **state)
{
    (void)state;
    check("sql", false, ROWS,
          "INSERT INTO t (id, name, flag, price, x) VALUES\n  (1, 'plain', TRUE, 1.50, '0.5'),\n"
          "  (2, 'a,\"b\n', FALSE, NULL, 'NaN'),\n  (30, '', NULL, -2.00, NULL);\n");
}

static void a_terminal_gets_no_escapes(void **state)
{
    (void)state;
    check("csv", true, "1|\\x1b[2J|t|1.00|1", "id,name,flag,price,x\n1,␛[2J,t,1.00,1\n");
    check("csv", false, "1|\\x1b[2J|t|1.00|1", "id,name,flag,price,x\n1,\x1b[2J,t,1.00,1\n");
}

static void widths_come_from_the_first_rows_and_memory_is_bounded(void **state)
{
    (void)state;
    FakeSource *f = fake_new();
    OutFile *out;
    ResultFile *r;
    Err err = {0};
    char *rows = malloc(5000 * 8 + 1), *at = rows;
    for (int i = 0; i < 5000; i++) at += snprintf(at, 8, "%d\n", i);
    at[-1] = '\0';
    ResultFileOptions o = {.format = result_format(STR("table"))};
    fake_answer(f, "SELECT", "n:integer", rows);
    assert_true(out_file_memory(&out, 1 << 20, &err));
    assert_true(result_file_new(&r, &o, out, &err));
    ResultSink sink = result_file_sink(r);
    assert_true(source_run(fake_source(f), STR("SELECT"), &sink, &err));
    assert_int_equal(result_file_rows(r), 5000);
    assert_true(str_ends(out_text(out), STR("\n 4999\n(5000 rows)\n")));
    result_file_free(r);
    out_file_abandon(out);
    free(rows);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_aligned),
        cmocka_unit_test(csv_tells_null_from_empty),
        cmocka_unit_test(tsv_escapes),
        cmocka_unit_test(json_keeps_types),
        cmocka_unit_test(sql_is_insertable),
        cmocka_unit_test(a_terminal_gets_no_escapes),
        cmocka_unit_test(widths_come_from_the_first_rows_and_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
