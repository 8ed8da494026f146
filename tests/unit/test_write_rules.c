// INSERT, UPDATE, DELETE: NOT NULL, CHECK, unique keys, foreign keys in both directions with each action,
// cascades over several tables and back to the same one; a failing statement leaves nothing behind.
#include "engine/base/clock.h"
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_exec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static KitExec kit;

static void must(const char *sql)
{
    if (!kit_exec_run(&kit, sql)) fail_msg("%s: %s %s", sql, kit.err.state, kit.err.text);
}

static int setup(void **state)
{
    (void)state;
    kit_exec_open(&kit);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_exec_close(&kit);
    return 0;
}

static void single_rows(void **state)
{
    (void)state;
    kit_exec_table(
        &kit, "t: id integer primary, v integer check v > 0 and v < 100, x varchar(5) not_null, c char(3)");
    must("insert into t values (1, 10, 'a', 'b'), (2, null, 'c', null)");
    assert_int_equal(kit.count, 2);
    kit_exec_error(&kit, "insert into t values (3, 5, null, null)", "23502");
    assert_string_equal(kit.err.text,
                        "null value in column \"x\" of relation \"t\" violates not-null constraint");
    assert_non_null(strstr(kit.err.notes, "Failing row contains (3, 5, null, null)."));
    kit_exec_error(&kit, "insert into t values (3, 0, 'x', null)", "23514");
    assert_string_equal(kit.err.text, "new row for relation \"t\" violates check constraint \"t_v_check\"");
    kit_exec_error(&kit, "insert into t values (3, 5, 'toolong', null)", "22001");
    kit_exec_error(&kit, "insert into t values (4, 5, 'x', null), (1, 5, 'y', null)", "23505");
    kit_exec_error(&kit, "insert into t values (null, 5, 'x', null)", "23502");
    kit_exec_error(&kit, "update t set v = v * 20 where id = 1", "23514");
    kit_exec_error(&kit, "update t set x = null", "23502");
    kit_exec_error(&kit, "update t set id = 2 where id = 1", "23505");
    kit_exec_rows(&kit, "select * from t order by id", "1|10|a|b  \n2|NULL|c|NULL");
    must("update t set v = id * 7, x = x || 'z' where id < 3");
    assert_int_equal(kit.count, 2);
    must("update t set id = 3 - id"); // keys change places within one statement
    kit_exec_rows(&kit, "select * from t order by id", "1|14|cz|NULL\n2|7|az|b  ");
    must("delete from t where v = 7");
    assert_int_equal(kit.count, 1);
    must("insert into t (x, id) select x || id, id + 1 from t");
    must("insert into t (x, id) select 'n', id + 10 from t");
    kit_exec_rows(&kit, "select id from t order by id", "1\n2\n11\n12");
}

static void parents(void **state)
{
    (void)state;
    kit_exec_table(&kit, "p: id integer primary, name text");
    kit_exec_table(&kit, "c: id integer primary, pid bigint > p(id)");
    must("insert into p values (1,'one'),(2,'two')");
    must("insert into c values (1,1),(2,null),(3,2)");
    kit_exec_error(&kit, "insert into c values (4, 9)", "23503");
    assert_string_equal(kit.err.text,
                        "insert or update on table \"c\" violates foreign key constraint \"c_pid_fkey\"");
    assert_non_null(strstr(kit.err.notes, "Key (pid)=(9) is not present in table \"p\"."));
    kit_exec_error(&kit, "update c set pid = 7 where id = 1", "23503");
    kit_exec_error(&kit, "delete from p where id = 1", "23503");
    assert_string_equal(
        kit.err.text,
        "update or delete on table \"p\" violates foreign key constraint \"c_pid_fkey\" on table \"c\"");
    assert_non_null(strstr(kit.err.notes, "Key (id)=(1) is still referenced from table \"c\"."));
    kit_exec_error(&kit, "update p set id = 5 where id = 2", "23503");
    must("update p set name = 'uno' where id = 1");
    must("update p set id = id where id = 1");
    must("update c set pid = 2 where id = 1");
    must("delete from p where id = 1");
    kit_exec_rows(&kit, "select id, pid from c order by id", "1|2\n2|NULL\n3|2");
    must("delete from c");
    must("delete from p");
    kit_exec_rows(&kit, "select count(*) from p", "0");
}

static void cascade(void **state)
{
    (void)state;
    kit_exec_table(&kit, "g: id integer primary");
    kit_exec_table(&kit, "h: id integer primary, gid integer > g(id) cascade cascade");
    kit_exec_table(&kit, "i: id integer primary, hid integer > h(id) set_null cascade");
    kit_exec_table(&kit, "j: id integer, hid integer default 100 > h(id)");
    must("insert into g values (1),(2),(100)");
    must("insert into h values (10,1),(11,1),(20,2),(100,100)");
    must("insert into i values (1,10),(2,11),(3,20),(4,null)");
    must("update g set id = 3 where id = 1");
    kit_exec_rows(&kit, "select * from h order by id", "10|3\n11|3\n20|2\n100|100");
    must("delete from g where id = 3");
    kit_exec_rows(&kit, "select * from h order by id", "20|2\n100|100");
    kit_exec_rows(&kit, "select * from i order by id", "1|NULL\n2|NULL\n3|20\n4|NULL");
    must("update h set id = 21 where id = 20");
    kit_exec_rows(&kit, "select * from i where hid is not null", "3|21");
}

static void to_itself(void **state)
{
    (void)state;
    kit_exec_table(&kit, "emp: id integer primary, boss integer > emp(id) cascade");
    must("insert into emp values (1,1),(2,1),(3,2),(4,3),(5,null)");
    must("insert into emp values (7,8),(8,7)"); // each other's parents, in one statement
    kit_exec_error(&kit, "insert into emp values (9, 10)", "23503");
    must("delete from emp where id = 2");
    kit_exec_rows(&kit, "select id from emp order by id", "1\n5\n7\n8");
    must("delete from emp where id = 7"); // a cycle
    kit_exec_rows(&kit, "select id from emp order by id", "1\n5");
    kit_exec_table(&kit, "node: id integer primary, up integer > node(id)");
    must("insert into node values (1,null),(2,1),(3,2)");
    kit_exec_error(&kit, "delete from node where id < 3", "23503");
    must("delete from node");
}

static void set_default(void **state)
{
    (void)state;
    kit_exec_table(&kit, "dp: id integer primary");
    kit_exec_table(&kit, "dc: id integer, pid integer > dp(id) set_default");
    must("insert into dp values (1),(2)");
    must("insert into dc values (1,1),(2,2)");
    must("delete from dp where id = 1"); // no DEFAULT: NULL
    kit_exec_rows(&kit, "select * from dc order by id", "1|NULL\n2|2");
    kit_exec_table(&kit, "sn: id integer, pid integer not_null > dp(id) set_null");
    must("insert into sn values (1,2)");
    kit_exec_error(&kit, "delete from dp", "23502");
}

// A table read while it is written, rows that come twice, many rows.
static void many(void **state)
{
    (void)state;
    kit_exec_table(&kit, "m: i integer, v integer");
    must("insert into m values (1,1)");
    for (int i = 0; i < 13; i++) must("insert into m select i + (select count(*) from m)::integer, v from m");
    kit_exec_rows(&kit, "select count(*), sum(i) from m", "8192|33558528");
    must("update m set i = i + 8192, v = i");
    assert_int_equal(kit.count, 8192);
    kit_exec_rows(&kit, "select count(*), min(i), max(i), sum(v) from m", "8192|8193|16384|33558528");
    must("delete from m where v % 2 = 0");
    assert_int_equal(kit.count, 4096);
    must("delete from m");
    kit_exec_rows(&kit, "select count(*) from m", "0");
}

static void no_index_on_child(void **state)
{
    (void)state;
    kit_exec_table(&kit, "big_p: id integer primary");
    kit_exec_table(&kit, "big_c: id integer primary, pid integer > big_p(id) cascade, note text");
    must("insert into big_p values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)");
    must("insert into big_c select a.id + 10 * b.id + 100 * c.id + 1000 * d.id, a.id, 'a note that is long "
         "enough' from "
         "big_p a, big_p b, big_p c, big_p d");
    must("delete from big_p where id in (3, 4)");
    kit_exec_rows(&kit, "select count(*), count(distinct pid) from big_c", "8000|8");
    kit_exec_table(&kit, "key_c: id integer, pid integer unique > big_p(id) cascade");
    must("insert into key_c values (1,1),(2,2)");
    must("delete from big_p where id = 1");
    kit_exec_rows(&kit, "select * from key_c", "2|2");
}

// A row changed over and over in one transaction: its own dead versions are not walked each time.
static void one_row_many_times(void **state)
{
    (void)state;
    const bool full = getenv("D2DB_FULL") != NULL;
    const int updates = full ? 20000 : 2000;
    int64_t first_us = 0, last_us = 0;
    kit_exec_table(&kit, "hot: id integer primary, v integer");
    must("insert into hot values (1, 0), (2, 0)");
    for (int i = 0; i < updates; i++) {
        int64_t start_us = clock_mono_us();
        must("update hot set v = v + 1 where id = 1");
        int64_t took_us = clock_mono_us() - start_us;
        if (i < 1000) first_us += took_us;
        if (i >= updates - 1000) last_us += took_us;
    }
    char want[32];
    snprintf(want, sizeof want, "1|%d\n2|0", updates);
    kit_exec_rows(&kit, "select * from hot order by id", want);
    kit_exec_error(&kit, "insert into hot values (1, 1)", "23505");
    if (full && last_us >= 4 * first_us)
        fail_msg("the first 1000 updates took %lld us, the last %lld us", (long long)first_us,
                 (long long)last_us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_rows),       cmocka_unit_test(parents),           cmocka_unit_test(cascade),
        cmocka_unit_test(to_itself),         cmocka_unit_test(set_default),       cmocka_unit_test(many),
        cmocka_unit_test(no_index_on_child), cmocka_unit_test(one_row_many_times)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
