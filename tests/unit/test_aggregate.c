// Grouping and aggregates: types, scales and NULL rules of PostgreSQL 15; groups over batch borders;
// DISTINCT, FILTER; and the shared-out scan against the single one.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_exec.h"

static KitExec kit;

static void must(const char *sql) { assert_ok(kit_exec_run(&kit, sql), &kit.err); }

static int setup(void **state)
{
    (void)state;
    kit_exec_open(&kit);
    kit_exec_table(&kit, "t: g text, i integer, s smallint, b bigint, n numeric, r real, d double, ok "
                         "boolean, day date, c char(5)");
    must("insert into t values "
         "('a',1,1,10000000000,1.10,1.5,1.5,true,'2024-01-01','x'),"
         "('a',2,2,20000000000,2.205,2.5,2.5,false,'2024-01-02','y '),"
         "('b',3,null,9223372036854775807,3.3,null,null,null,null,'y'),"
         "('b',null,4,9223372036854775807,null,4.25,4.25,true,'2023-12-31',null),"
         "(null,5,5,null,-1,0,0,true,'2024-06-01','x   ')");
    kit_exec_table(&kit, "digits: i integer");
    must("insert into digits values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)");
    kit_exec_table(&kit, "big: i integer, g integer, t text, d double");
    must("insert into big select a.i + 10*b.i + 100*c.i + 1000*d.i + 10000*e.i, b.i * 10 + a.i, 'name ' || "
         "c.i, a.i / 4.0 "
         "from digits a, digits b, digits c, digits d, digits e");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_exec_close(&kit);
    return 0;
}

static void types(void **state)
{
    (void)state;
    kit_exec_rows(&kit, "select count(*), count(i), count(n) from t", "5|4|4");
    kit_exec_rows(&kit, "select sum(i), sum(s), sum(b), sum(n) from t", "11|12|18446744103709551614|5.605");
    kit_exec_rows(&kit, "select sum(r), sum(d) from t", "8.25|8.25");
    kit_exec_rows(&kit, "select avg(i), avg(s), avg(n) from t",
                  "2.7500000000000000|3.0000000000000000|1.4012500000000000");
    kit_exec_rows(&kit, "select avg(b) from t", "4611686025927387904");
    kit_exec_rows(&kit, "select avg(r), avg(d) from t", "2.0625|2.0625");
    kit_exec_rows(&kit, "select min(i), max(i), min(n), max(n), min(d), max(d) from t", "1|5|-1|3.3|0|4.25");
    kit_exec_rows(&kit, "select min(g), max(g), min(day), max(day) from t", "a|b|2023-12-31|2024-06-01");
    kit_exec_rows(&kit, "select bool_and(ok), bool_or(ok), every(i > 0) from t", "f|t|t");
    kit_exec_rows(&kit, "select variance(i), stddev(i) from t", "2.9166666666666667|1.7078251276599331");
    kit_exec_rows(&kit, "select var_pop(i), stddev_pop(i) from t", "2.1875000000000000|1.4790199457749040");
    kit_exec_rows(&kit, "select var_samp(i), stddev_samp(n) from t where i = 1", "NULL|NULL");
    kit_exec_rows(&kit, "select stddev_pop(n) from t where i = 1", "0");
}

static void nothing(void **state)
{
    (void)state;
    kit_exec_rows(&kit, "select count(*), count(i), sum(i), avg(i), min(g), bool_or(ok) from t where false",
                  "0|0|NULL|NULL|NULL|NULL");
    kit_exec_rows(&kit, "select g, count(*) from t where false group by g", "");
    kit_exec_rows(&kit, "select sum(i) from t where i is null", "NULL");
}

static void groups(void **state)
{
    (void)state;
    kit_exec_rows(&kit, "select g, count(*), sum(i) from t group by g order by g", "a|2|3\nb|2|3\nNULL|1|5");
    kit_exec_rows(&kit, "select c, count(*) from t group by c order by c", "x    |2\ny    |2\nNULL|1");
    kit_exec_rows(&kit, "select ok, count(*) from t group by ok order by ok", "f|1\nt|3\nNULL|1");
    kit_exec_rows(&kit, "select g, sum(i) from t group by g having sum(i) > 3", "NULL|5");
    kit_exec_rows(&kit, "select i % 2, count(*) from t group by i % 2 order by 1", "0|1\n1|3\nNULL|1");
    kit_exec_rows(&kit, "select g, ok, count(*) from t group by g, ok order by 1, 2",
                  "a|f|1\na|t|1\nb|t|1\nb|NULL|1\nNULL|t|1");
    kit_exec_rows(&kit, "select g from t group by g order by count(*) desc, g", "a\nb\nNULL");
}

static void distinct_and_filter(void **state)
{
    (void)state;
    kit_exec_rows(&kit, "select count(distinct g), count(distinct c), sum(distinct i % 2) from t", "2|2|1");
    kit_exec_rows(&kit, "select g, count(distinct ok) from t group by g order by g", "a|2\nb|1\nNULL|1");
    kit_exec_rows(&kit, "select count(*) filter (where i > 2), sum(i) filter (where ok) from t", "2|6");
    kit_exec_rows(&kit,
                  "select g, count(*) filter (where ok), count(distinct i) filter (where i < 3) from t group "
                  "by g order by g",
                  "a|1|2\nb|1|0\nNULL|1|0");
    kit_exec_rows(&kit, "select distinct g from t order by g", "a\nb\nNULL");
    kit_exec_rows(&kit, "select distinct c from t order by c", "x    \ny    \nNULL");
    kit_exec_rows(&kit, "select count(*) from (select distinct g, t from big) x", "1000");
}

static void sets(void **state)
{
    (void)state;
    kit_exec_rows(&kit, "select i from digits where i < 3 union select i from digits where i < 5 order by 1",
                  "0\n1\n2\n3\n4");
    kit_exec_rows(&kit, "select count(*) from (select i from digits union all select i from digits) x", "20");
    kit_exec_rows(&kit,
                  "select i from digits where i < 5 intersect select i from digits where i > 2 order by 1",
                  "3\n4");
    kit_exec_rows(&kit, "select i from digits where i < 5 except select i from digits where i > 2 order by 1",
                  "0\n1\n2");
    kit_exec_rows(&kit, "select g from t except all select 'a' order by 1", "a\nb\nb\nNULL");
    kit_exec_rows(&kit,
                  "select g from t intersect all select x from (select 'b' as x union all select 'b' union "
                  "all select 'b') y",
                  "b\nb");
    kit_exec_rows(&kit, "select g from t except select null order by 1", "a\nb");
}

static void large(void **state)
{
    (void)state;
    kit_exec_rows(&kit, "select count(*), sum(i), min(i), max(i), avg(i) from big",
                  "100000|4999950000|0|99999|49999.500000000000");
    kit_exec_rows(&kit, "select sum(d), min(t), max(t) from big", "112500|name 0|name 9");
    kit_exec_rows(
        &kit,
        "select count(*), sum(c), sum(s) from (select g, count(*) as c, sum(i) as s from big group by g) x",
        "100|100000|4999950000");
    kit_exec_rows(&kit, "select t, count(*), sum(i) from big group by t order by t limit 2",
                  "name 0|10000|495495000\nname 1|10000|496495000");
    kit_exec_rows(&kit, "select count(*) from (select i, t from big group by i, t) x", "100000");
    kit_exec_rows(&kit, "select count(distinct i), count(distinct t) from big", "100000|10");
}

static void workers(void **state)
{
    (void)state;
    static const char *const queries[] = {
        "select count(*), sum(i), min(t), max(t), avg(d) from big where i % 3 = 1",
        "select g, count(*), sum(i), max(t) from big group by g order by g",
        "select t, avg(i), stddev(i) from big where g < 50 group by t order by t"};
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        must(queries[i]);
        Bytes alone;
        bytes_init(&alone, 1 << 20);
        bytes_put(&alone, bytes_str(&kit.text));
        kit.ctx.pool = pool_new(3);
        must(queries[i]);
        pool_free(kit.ctx.pool);
        kit.ctx.pool = NULL;
        assert_true(str_equal(bytes_str(&alone), bytes_str(&kit.text)));
        bytes_done(&alone);
    }
}

static void limits(void **state)
{
    (void)state;
    kit.ctx.memory_max = 1 << 20;
    kit_exec_rows(&kit, "select count(*), sum(n) from (select i, count(*) n from big group by i) x",
                  "100000|100000");
    kit_exec_rows(&kit, "select i from big order by t, i limit 1 offset 99999", "99999");
    kit_exec_rows(&kit, "select count(*) from big x join big y on x.i = y.i", "100000");
    kit_exec_rows(&kit, "select count(*) from big", "100000");
    kit.ctx.memory_max = 0;
    atomic_bool stop = true;
    kit.ctx.cancel = &stop;
    kit_exec_error(&kit, "select count(*) from big", "57014");
    kit.ctx.cancel = NULL;
    kit_exec_error(&kit, "select sum(1 / i) from big", "22012");
    kit_exec_error(&kit, "select sum(b) + 'x' from t", "22P02");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(types),   cmocka_unit_test(nothing),
                                       cmocka_unit_test(groups),  cmocka_unit_test(distinct_and_filter),
                                       cmocka_unit_test(sets),    cmocka_unit_test(large),
                                       cmocka_unit_test(workers), cmocka_unit_test(limits)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
