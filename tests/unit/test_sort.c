// Sorting: every type's order, NULLs first and last, stability, long texts with a common beginning, top-N
// against the full sort, and all of it against a plain comparison of neighbours on many rows.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_exec.h"

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/base/thread.h"
#include "engine/exec/sort.h"
#include <stdio.h>
#include <stdlib.h>

static KitExec kit;

static void must(const char *sql) { assert_ok(kit_exec_run(&kit, sql), &kit.err); }

static int setup(void **state)
{
    (void)state;
    kit_exec_open(&kit);
    kit_exec_table(&kit,
                   "t: id integer, i integer, n numeric, d double, x text, day date, c char(4), ok boolean");
    must("insert into t values "
         "(1,3,1.10,'NaN','b','2024-01-01','b',true),(2,null,-5,'-Infinity','B','2023-01-01','a',false),"
         "(3,-7,1.1,0,'abcdefghij2',null,'b  ',null),(4,3,'NaN','Infinity','abcdefghij1','0044-03-15 "
         "BC',null,true),"
         "(5,0,100000000000000000000000000,-0.5,null,'infinity','A',false)");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kit_exec_close(&kit);
    return 0;
}

static void orders(void **state)
{
    (void)state;
    kit_exec_rows(&kit, "select id from t order by i, id", "3\n5\n1\n4\n2");
    kit_exec_rows(&kit, "select id from t order by i desc, id", "2\n1\n4\n5\n3");
    kit_exec_rows(&kit, "select id from t order by i nulls first, id desc", "2\n3\n5\n4\n1");
    kit_exec_rows(&kit, "select id from t order by i desc nulls last, id", "1\n4\n5\n3\n2");
    kit_exec_rows(&kit, "select id from t order by n, id", "2\n1\n3\n5\n4");
    kit_exec_rows(&kit, "select id from t order by d", "2\n5\n3\n4\n1");
    kit_exec_rows(&kit, "select id from t order by x", "2\n4\n3\n1\n5");
    kit_exec_rows(&kit, "select id from t order by day desc", "3\n5\n1\n2\n4");
    kit_exec_rows(&kit, "select id from t order by c, id", "5\n2\n1\n3\n4");
    kit_exec_rows(&kit, "select id from t order by ok, id", "2\n5\n1\n4\n3");
    kit_exec_rows(&kit, "select id, i + 1 from t order by i + 1 desc nulls last, id limit 2", "1|4\n4|4");
    kit_exec_rows(&kit, "select id from t order by id limit 2 offset 3", "4\n5");
    kit_exec_rows(&kit, "select id from t order by id offset 4", "5");
    kit_exec_rows(&kit, "select id from t order by id limit 0", "");
    kit_exec_error(&kit, "select id from t limit -1", "2201W");
    kit_exec_error(&kit, "select id from t offset -1", "2201X");
}

// Random rows with few distinct values, many NULLs and long common beginnings: sort_rows against its own
// promise.
static void neighbours(void **state)
{
    (void)state;
    enum { ROWS = 20000 };
    Random random;
    random_seed(&random, 7);
    Memory memory = {0};
    Rows keys;
    const Type type[3] = {type_of(TYPE_TEXT), type_of(TYPE_INTEGER), type_of(TYPE_NUMERIC)};
    const SortOrder order[3] = {{false, true}, {true, false}, {false, false}};
    Arena mem = {0};
    Err err = {.at = -1};
    rows_init(&keys, &memory, type, 3);
    for (uint32_t i = 0; i < ROWS; i++) {
        char text[64];
        snprintf(text, sizeof text, "a common beginning %u", (unsigned)random_below(&random, 40));
        Value v[3] = {{.type = type[0], .text = text_of(str_of(text))},
                      {.type = type[1], .i32 = (int32_t)random_below(&random, 20) - 10},
                      {.type = type[2], .numeric = numeric_small((int64_t)random_below(&random, 50), 1)}};
        Vector cell[3];
        for (int c = 0; c < 3; c++) {
            if (random_below(&random, 10) == 0) v[c] = value_null(type[c]);
            cell[c] = vector_constant(&mem, &v[c]);
        }
        assert_ok(rows_append(&keys, cell, NULL, 1, &err), &err);
    }
    uint32_t *row = arena_array(&mem, uint32_t, ROWS);
    bool *seen = arena_array(&mem, bool, ROWS);
    for (uint32_t i = 0; i < ROWS; i++) row[i] = i;
    assert_ok(sort_rows(row, ROWS, &keys, order, NULL, &err), &err);
    for (uint32_t i = 0; i < ROWS; i++) {
        assert_false(seen[row[i]]);
        seen[row[i]] = true;
        int d = 0;
        for (uint32_t c = 0; i && !d && c < 3; c++) {
            Value a = rows_value(&keys, c, row[i - 1]), b = rows_value(&keys, c, row[i]);
            if (a.null || b.null)
                d = a.null == b.null ? 0 : a.null == order[c].nulls_first ? -1 : 1;
            else
                d = order[c].descending ? value_compare(&b, &a) : value_compare(&a, &b);
        }
        assert_true(d <= 0);
        if (i && d == 0) assert_true(row[i - 1] < row[i]); // stable
    }
    rows_done(&keys);
    arena_done(&mem);
    assert_int_equal(atomic_load(&memory.used), 0);
}

typedef struct Stopper {
    atomic_bool *stop;
    atomic_bool *running;
    atomic_int_fast64_t at_us;
} Stopper;

static void stop_soon(void *arg)
{
    Stopper *x = arg;
    while (!atomic_load(x->running)) continue;
    int64_t from_us = clock_mono_us();
    while (clock_mono_us() - from_us < 2000) continue; // well into the work
    atomic_store(&x->at_us, clock_mono_us());
    atomic_store(x->stop, true);
}

// A million rows, first by a number that prefixes tell only roughly; stopped from another thread on the way.
static void canceled(void **state)
{
    (void)state;
    enum { ROWS = 1000000, LATE_US = 50000 };
    Memory memory = {0};
    Rows keys;
    const Type type[2] = {type_of(TYPE_NUMERIC), type_of(TYPE_INTEGER)};
    const SortOrder order[2] = {{false, true}, {true, false}};
    Arena mem = {0};
    Err err = {.at = -1};
    Random random;
    random_seed(&random, 11);
    rows_init(&keys, &memory, type, 2);
    for (uint32_t i = 0; i < ROWS; i++) {
        Value v[2] = {{.type = type[0], .numeric = numeric_small((int64_t)random_below(&random, 1000), 2)},
                      {.type = type[1], .i32 = (int32_t)random_below(&random, 1 << 30)}};
        Vector cell[2] = {{.type = type[0], .data = &v[0].numeric, .constant = true},
                          {.type = type[1], .data = &v[1].i32, .constant = true}};
        static const uint16_t first = 0;
        assert_ok(rows_append(&keys, cell, &first, 1, &err), &err);
    }
    uint32_t *row = arena_array(&mem, uint32_t, ROWS);
    for (uint32_t i = 0; i < ROWS; i++) row[i] = i;
    atomic_bool stop = false, running = false;
    Stopper x = {.stop = &stop, .running = &running};
    Thread t = {0};
    assert_ok(thread_start(&t, stop_soon, &x, &err), &err);
    atomic_store(&running, true);
    while (sort_rows(row, ROWS, &keys, order, &stop, &err)) continue; // the other thread may come late
    int64_t late_us = clock_mono_us() - atomic_load(&x.at_us);
    thread_join(&t);
    assert_string_equal(err.state, "57014");
    if (getenv("D2DB_FULL") && late_us > LATE_US) fail_msg("stopped %lld us late", (long long)late_us);
    rows_done(&keys);
    arena_done(&mem);
    assert_int_equal(atomic_load(&memory.used), 0);
}

static void top_n(void **state)
{
    (void)state;
    kit_exec_table(&kit, "digits: i integer");
    kit_exec_table(&kit, "many: i integer, m integer, x text");
    must("insert into digits values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)");
    must("insert into many select (a.i + 10*b.i + 100*c.i + 1000*d.i + 10000*e.i) * 7919 % 100000, "
         "nullif(a.i, 3), "
         "'text number ' || (a.i + 10*b.i + 100*c.i + 1000*d.i + 10000*e.i) from digits a, digits b, digits "
         "c, digits d, digits e");
    static const char *const orders_by[] = {
        "i", "i desc", "m, i", "m desc nulls last, i desc", "m nulls first, x", "x desc", "x, i"};
    for (size_t i = 0; i < COUNT_OF(orders_by); i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "select i, m, x from many order by %s limit 25 offset 5", orders_by[i]);
        must(sql);
        Bytes top;
        bytes_init(&top, 1 << 20);
        bytes_put(&top, bytes_str(&kit.text));
        snprintf(sql, sizeof sql, "select i, m, x from many order by %s", orders_by[i]);
        must(sql);
        Str all = bytes_str(&kit.text);
        for (int skip = 0; skip < 5; skip++) str_cut(&all, '\n');
        assert_true(str_starts(all, bytes_str(&top)));
        assert_int_equal(all.at[top.len], '\n');
        bytes_done(&top);
    }
    kit_exec_rows(&kit, "select count(*) from (select i from many order by i desc limit 50000) x", "50000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(orders), cmocka_unit_test(neighbours),
                                       cmocka_unit_test(canceled), cmocka_unit_test(top_n)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
