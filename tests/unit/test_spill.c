// Spilling: each operator gives the same rows with little memory and with plenty, puts rows aside on the way,
// and says 53100 when the disk is full and 53200 when putting aside cannot help; nothing is lost after
// either.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_exec.h"
#include "tests/unit/kit_fault_io.h"

#include "engine/base/thread.h"
#include <stdlib.h>
#include <string.h>

static KitExec kit;
static FaultIo disk;

static void must(const char *sql) { assert_ok(kit_exec_run(&kit, sql), &kit.err); }

static int setup(void **state)
{
    (void)state;
    kit_exec_open(&kit);
    kit_exec_table(&kit, "digits: i integer");
    must("insert into digits values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)");
    kit_exec_table(&kit, "big: i integer, g integer, t text, d double, n numeric");
    must("insert into big select a.i + 10*b.i + 100*c.i + 1000*d.i + 10000*e.i, "
         "nullif((a.i + 10*b.i + 100*c.i + 1000*d.i) * 7 % 9973, 13), "
         "'a name that does not fit into its cell ' || c.i || d.i || a.i || b.i, nullif(a.i, 3) / 4.0, "
         "12345678901234567890.5 * (a.i + b.i * 3 + 7 * d.i) "
         "from digits a, digits b, digits c, digits d, digits e where e.i < 4");
    kit_exec_table(&kit, "other: k integer, u text, v integer");
    must("insert into other select g, t, i from big where i % 3 = 1");
    fault_io_init(&disk);
    kit.ctx.io = fault_io(&disk);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_exec_close(&kit);
    return 0;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

// The rows in the order of their text, when the query promises none.
static char *rows_of(const char *sql, bool ordered)
{
    must(sql);
    Str text = bytes_str(&kit.text);
    char *all = malloc(text.len + 2), **line = malloc(((size_t)kit.rows + 2) * sizeof(char *)), *out;
    assert_non_null(all);
    assert_non_null(line);
    if (text.len) memcpy(all, text.at, text.len);
    all[text.len] = 0;
    if (ordered) {
        free(line);
        return all;
    }
    size_t lines = 0;
    for (char *rest = NULL, *l = strtok_r(all, "\n", &rest); l; l = strtok_r(NULL, "\n", &rest))
        line[lines++] = l;
    qsort(line, lines, sizeof(char *), by_text);
    out = malloc(text.len + 2);
    assert_non_null(out);
    size_t at = 0;
    for (size_t i = 0; i < lines; i++) {
        size_t len = strlen(line[i]);
        memcpy(out + at, line[i], len);
        out[at + len] = '\n';
        at += len + 1;
    }
    out[at] = 0;
    free(line);
    free(all);
    return out;
}

static void same_with(const char *sql, bool ordered, size_t memory)
{
    kit.ctx.memory_max = 0;
    char *plenty = rows_of(sql, ordered);
    long before = fault_io_count(&disk, FAULT_WRITE);
    kit.ctx.memory_max = memory;
    char *little = rows_of(sql, ordered);
    kit.ctx.memory_max = 0;
    if (strcmp(plenty, little) != 0) fail_msg("other rows with %zu bytes of memory: %s", memory, sql);
    if (fault_io_count(&disk, FAULT_WRITE) == before) fail_msg("nothing was put aside: %s", sql);
    free(plenty);
    free(little);
}

static void same(const char *const *sql, size_t count, bool ordered)
{
    for (size_t i = 0; i < count; i++) {
        same_with(sql[i], ordered, 2 << 20);
        same_with(sql[i], ordered, 1 << 20);
    }
}

static void sorting(void **state)
{
    (void)state;
    static const char *const sql[] = {
        "select i, g, t, n from big order by g desc nulls last, t, i",
        "select i from big order by d, n desc",
        "select i + 0, t || '-' from big order by t || '!' desc, g",
        "select t, i from big order by g, i limit 30000 offset 5",
        "select n from big order by n, i",
    };
    same(sql, COUNT_OF(sql), true);
}

static void grouping(void **state)
{
    (void)state;
    static const char *const sql[] = {
        "select i, count(*), sum(n), max(t) from big group by i",
        "select t, sum(i), min(d), avg(n) from big group by t",
        "select g, t || g, count(d) filter (where i % 2 = 0) from big group by g, t || g",
        "select g, i % 7, d, count(*), grouping(g, d) from big group by grouping sets ((g, i % 7), (i % 7), "
        "(), "
        "(i, d))",
        "select i, g, sum(d) from big group by rollup (i, g)",
    };
    same(sql, COUNT_OF(sql), false);
}

static void workers(void **state)
{
    (void)state;
    kit_exec_table(&kit, "long: i integer, t text");
    must("insert into long select x.i, x.t from big x, digits y where y.i < 5");
    kit.ctx.pool = pool_new(2);
    static const char *const sql[] = {
        "select i, count(*), max(t) from long group by i",
        "select t, sum(i) from long group by t",
        "select i, t, count(*) from long group by grouping sets ((i), (t), ())",
    };
    same(sql, COUNT_OF(sql), false);
    pool_free(kit.ctx.pool);
    kit.ctx.pool = NULL;
}

static void joining(void **state)
{
    (void)state;
    static const char *const sql[] = {
        "select b.i, b.t, o.u, o.v from big b join other o on b.i = o.v",
        "select count(*), sum(b.i), sum(o.g) from big b join big o on b.i = o.i and b.t = o.t",
        "select b.i, o.u from big b left join other o on b.i = o.v and b.g > 5000 and b.i > o.v - 1",
        "select b.i, o.u, o.v from (select * from big where i < 9000) b right join other o on b.g = o.v",
        "select b.i, o.u, o.v from (select * from big where i % 5 = 0) b full join other o on b.g = o.v + 1",
        "select i, n from big where t in (select u from other)",
        "select i from big b where not exists (select 1 from other o where o.u = b.t and o.v <> b.i)",
        "select i from big where t || 1 not in (select u || 2 from other)",
        "select i, (select u || '!' from other where v = big.i) from big",
    };
    same(sql, COUNT_OF(sql), false);
}

static void kinds(void **state)
{
    (void)state;
    static const char *const sql[] = {
        "select distinct t from big",
        "select distinct g, d, n from big",
        "select distinct i, t || 'x' from big",
    };
    same(sql, COUNT_OF(sql), false);
}

static void limits(void **state)
{
    (void)state;
    kit.ctx.memory_max = 400 << 10;
    atomic_store(&disk.space, 300000);
    kit_exec_error(&kit, "select i from big order by t", "53100");
    kit_exec_error(&kit, "select i, count(*) from big group by i", "53100");
    kit_exec_error(&kit, "select count(*) from big b join big o on b.t = o.t", "53100");
    kit_exec_error(&kit, "select count(*) from (select distinct t from big) x", "53100");
    atomic_store(&disk.space, -1);
    disk.watched = FAULT_READ;
    disk.fail_at = atomic_load(&disk.seen) + 3;
    kit_exec_error(&kit, "select i from big order by t", "58030");
    disk.fail_at = 0;
    // all rows have one key: parts do not get smaller
    kit_exec_error(&kit, "select count(*) from big b join big o on b.i * 0 = o.i * 0 and b.t <> o.t",
                   "53200");
    kit.ctx.memory_max = 0;
    kit_exec_rows(&kit, "select count(*), sum(i) from big", "40000|799980000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sorting), cmocka_unit_test(grouping),
                                       cmocka_unit_test(workers), cmocka_unit_test(joining),
                                       cmocka_unit_test(kinds),   cmocka_unit_test(limits)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
