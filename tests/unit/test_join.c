// Joins of every kind, with and without rules, against answers written out by hand (and checked with
// PostgreSQL 15).
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_exec.h"

#include <stdio.h>

static KitExec kit;

static int setup(void **state)
{
    (void)state;
    kit_exec_open(&kit);
    kit_exec_table(&kit, "a: id integer, x text");
    kit_exec_table(&kit, "b: aid integer, y text");
    assert_ok(
        kit_exec_run(&kit, "insert into a values (1,'one'),(2,'two'),(3,'three'),(null,'none'),(5,'five')"),
        &kit.err);
    assert_ok(kit_exec_run(&kit, "insert into b values (1,'b1'),(1,'b1b'),(3,'b3'),(null,'bn'),(9,'b9')"),
              &kit.err);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_exec_close(&kit);
    return 0;
}

// Each query runs twice: as the rules rewrite it and as it is written.
static void both_ways(const char *sql, const char *want)
{
    kit.no_optimise = false;
    kit_exec_rows(&kit, sql, want);
    kit.no_optimise = true;
    kit_exec_rows(&kit, sql, want);
    kit.no_optimise = false;
}

static void inner(void **state)
{
    (void)state;
    both_ways("select a.id, y from a join b on a.id = b.aid order by 1, 2", "1|b1\n1|b1b\n3|b3");
    both_ways("select a.id, y from a join b on a.id = b.aid and y <> 'b1' order by 1, 2", "1|b1b\n3|b3");
    both_ways("select a.id, b.aid from a join b on a.id < b.aid order by 1, 2",
              "1|3\n1|9\n2|3\n2|9\n3|9\n5|9");
    both_ways("select count(*) from a, b", "25");
    both_ways("select count(*) from a cross join b where a.id = b.aid", "3");
    both_ways("select count(*) from a join b on true where false", "0");
}

static void outer(void **state)
{
    (void)state;
    both_ways("select x, y from a left join b on a.id = b.aid order by 1, 2",
              "five|NULL\nnone|NULL\none|b1\none|b1b\nthree|b3\ntwo|NULL");
    both_ways("select x, y from a right join b on a.id = b.aid order by 2, 1",
              "one|b1\none|b1b\nthree|b3\nNULL|b9\nNULL|bn");
    both_ways("select x, y from a full join b on a.id = b.aid order by 1, 2",
              "five|NULL\nnone|NULL\none|b1\none|b1b\nthree|b3\ntwo|NULL\nNULL|b9\nNULL|bn");
    both_ways("select x, y from a left join b on a.id = b.aid and y = 'b1' order by 1, 2",
              "five|NULL\nnone|NULL\none|b1\nthree|NULL\ntwo|NULL");
    both_ways("select x, y from a left join b on a.id > b.aid order by 1, 2",
              "five|b1\nfive|b1b\nfive|b3\nnone|NULL\none|NULL\nthree|b1\nthree|b1b\ntwo|b1\ntwo|b1b");
    both_ways("select x from a left join b on a.id = b.aid where b.aid is null order by 1",
              "five\nnone\ntwo");
    both_ways("select x, y from a full join b on a.id = b.aid and y = 'b3' order by 1, 2",
              "five|NULL\nnone|NULL\none|NULL\nthree|b3\ntwo|NULL\nNULL|b1\nNULL|b1b\nNULL|b9\nNULL|bn");
}

// Two conditions on one side of a FULL JOIN: the other side's unmatched rows go, this side's stay.
static void full_with_conditions(void **state)
{
    (void)state;
    both_ways("select x, y from a full join b on a.id = b.aid where b.aid > 0 and b.y <> 'b1' order by 2",
              "one|b1b\nthree|b3\nNULL|b9");
    both_ways("select x, y from a full join b on a.id = b.aid where a.id > 1 and x < 'two' order by 1",
              "five|NULL\nthree|b3");
}

static void semi_and_anti(void **state)
{
    (void)state;
    both_ways("select x from a where exists (select 1 from b where b.aid = a.id) order by 1", "one\nthree");
    both_ways("select x from a where not exists (select 1 from b where b.aid = a.id) order by 1",
              "five\nnone\ntwo");
    both_ways("select x from a where id in (select aid from b) order by 1", "one\nthree");
    both_ways("select x from a where id not in (select aid from b) order by 1", "");
    both_ways("select x from a where id not in (select aid from b where aid is not null) order by 1",
              "five\ntwo");
    both_ways("select x from a where id not in (select aid from b where false) order by 1",
              "five\nnone\none\nthree\ntwo");
    both_ways("select x, id in (select aid from b) from a order by 1",
              "five|NULL\nnone|NULL\none|t\nthree|t\ntwo|NULL");
    both_ways("select x, id in (select aid from b where aid is not null) from a order by 1",
              "five|f\nnone|NULL\none|t\nthree|t\ntwo|f");
    both_ways("select x, id not in (select aid from b where aid is not null) from a order by 1",
              "five|t\nnone|NULL\none|f\nthree|f\ntwo|t");
    both_ways("select x from a where exists (select 1 from b where b.aid > a.id and y <> 'b9') order by 1",
              "one\ntwo");
    both_ways("select x from a where id = any (select aid from b) order by 1", "one\nthree");
    both_ways("select x from a where id >= all (select aid from b where aid < 5) order by 1", "five\nthree");
    both_ways("select x from a where id > all (select aid from b where false) order by 1",
              "five\nnone\none\nthree\ntwo");
}

static void scalar(void **state)
{
    (void)state;
    both_ways("select x, (select max(y) from b where b.aid = a.id) from a order by 1",
              "five|NULL\nnone|NULL\none|b1b\nthree|b3\ntwo|NULL");
    both_ways("select x, (select count(*) from b where b.aid = a.id) from a order by 1",
              "five|0\nnone|0\none|2\nthree|1\ntwo|0");
    both_ways("select (select max(id) from a)", "5");
    both_ways("select (select id from a where false)", "NULL");
    kit_exec_error(&kit, "select (select id from a)", "21000");
    kit_exec_error(&kit, "select x, (select y from b where b.aid = a.id) from a", "21000");
    both_ways("select x from a where (select count(*) from b where b.aid = a.id) = 2", "one");
    both_ways("select a.id from a where a.id = (select min(c.id) from a c where c.id > (select min(b.aid) "
              "from b where "
              "b.aid = a.id - 1 or b.aid = 1))",
              "2");
}

// One row in each of several batches, many matches per key: the paths over batch borders.
static void large(void **state)
{
    (void)state;
    char sql[256];
    kit_exec_table(&kit, "n: i integer");
    kit_exec_table(&kit, "m: j integer, k integer");
    assert_ok(kit_exec_run(&kit, "insert into n values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)"), &kit.err);
    snprintf(sql, sizeof sql,
             "insert into m select a.i + 10*b.i + 100*c.i + 1000*d.i, a.i from n a, n b, n c, n d");
    assert_ok(kit_exec_run(&kit, sql), &kit.err);
    both_ways("select count(*), sum(j) from m", "10000|49995000");
    both_ways("select count(*), sum(m.j) from m join n on m.k = n.i where n.i < 3", "3000|14988000");
    both_ways("select count(*) from n join m on m.k = n.i", "10000");
    both_ways("select count(*) from m x join m y on x.k = y.k where x.j < 100 and y.j < 1000", "10000");
    both_ways("select count(*), sum(y.j) from m x join m y on x.j = y.j + 5000", "5000|12497500");
    both_ways("select count(*) from m x left join m y on x.j = y.j + 5000 where y.j is null", "5000");
    both_ways("select count(*) from m x full join m y on x.j = y.j + 5000", "15000");
    both_ways("select count(*) from m x where exists (select 1 from m y where y.j = x.j + 1)", "9999");
    both_ways("select count(*) from n x join m y on x.i < y.k and y.j < 100", "450");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inner),         cmocka_unit_test(outer),  cmocka_unit_test(full_with_conditions),
        cmocka_unit_test(semi_and_anti), cmocka_unit_test(scalar), cmocka_unit_test(large)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
