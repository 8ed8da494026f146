// Tables: many blocks, slices of batches, zone notes, parallel parts of a scan, vacuum, counters.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BULK = 200000 };

static void load(KitStore *k)
{
    Err err = {0};
    Arena mem = {0};
    kit_store_open(k);
    kit_store_create(k, "t", "id bigint!, v double precision, n integer");
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    Table *table = kit_store_table(t, "t");
    Type type[3] = {type_of(TYPE_BIGINT), type_of(TYPE_DOUBLE), type_of(TYPE_INTEGER)};
    Batch *b = batch_new(&mem, type, 3);
    for (int64_t at = 0; at < BULK; at += (int64_t)b->rows) {
        b->rows = b->sel_len = (uint32_t)(BULK - at < BATCH_ROWS ? BULK - at : BATCH_ROWS);
        memset(b->vector[2].nulls, 0, BATCH_NULL_WORDS * 8);
        for (uint32_t i = 0; i < b->rows; i++) {
            ((int64_t *)b->vector[0].data)[i] = at + i;
            ((double *)b->vector[1].data)[i] = (double)(at + i) / 4;
            ((int32_t *)b->vector[2].data)[i] = 0;
            if ((at + i) % 3)
                ((int32_t *)b->vector[2].data)[i] = (int32_t)((at + i) % 1000);
            else
                vector_set_null(&b->vector[2], i);
        }
        assert_ok(table_insert(t, table, b, NULL, &err), &err);
    }
    kit_store_commit(t);
    arena_done(&mem);
}

typedef struct Sum {
    int64_t rows, ids, nulls, batches;
} Sum;

static Sum sum_of(Transaction *t, const ZoneFilter *zone, uint32_t zones, uint32_t from, uint32_t to)
{
    Err err = {0};
    Arena mem = {0};
    TableScan *scan;
    Batch b;
    RowPos first;
    bool end;
    Sum s = {0};
    const uint16_t column[] = {2, 0};
    assert_ok(
        table_scan_begin(&scan, t, kit_store_table(t, "t"), column, 2, zone, zones, from, to, &mem, &err),
        &err);
    for (;;) {
        assert_ok(table_scan_next(scan, &b, &first, &end, &err), &err);
        if (end) break;
        s.batches++;
        for (uint32_t i = 0; i < b.sel_len; i++) {
            uint32_t row = batch_row(&b, i);
            s.rows++;
            s.ids += ((int64_t *)b.vector[1].data)[row];
            s.nulls += vector_is_null(&b.vector[0], row);
        }
    }
    table_scan_end(scan);
    arena_done(&mem);
    return s;
}

static void check_bulk(KitStore *k)
{
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    Table *table = kit_store_table(t, "t");
    Sum s = sum_of(t, NULL, 0, 0, UINT32_MAX), parts = {0};
    assert_int_equal(s.rows, BULK);
    assert_int_equal(s.ids, (int64_t)BULK * (BULK - 1) / 2);
    assert_int_equal(s.nulls, (BULK + 2) / 3);
    assert_int_equal(table_rows_estimate(table), BULK);
    assert_true(table_blocks(table) >= 4);
    for (uint32_t i = 0; i < table_blocks(table); i++) parts.rows += sum_of(t, NULL, 0, i, i + 1).rows;
    assert_int_equal(parts.rows, BULK);
    ZoneFilter zone = {.column = 0, .op = ZONE_GE, .value = {.type = type_of(TYPE_BIGINT), .i64 = BULK - 10}};
    Sum few = sum_of(t, &zone, 1, 0, UINT32_MAX);
    assert_true(few.rows >= 10 && few.rows <= STORE_BLOCK_ROWS);
    zone = (ZoneFilter){.column = 2, .op = ZONE_IS_NULL};
    assert_int_equal(sum_of(t, &zone, 1, 0, UINT32_MAX).rows, BULK);
    zone = (ZoneFilter){.column = 0, .op = ZONE_IS_NULL};
    assert_int_equal(sum_of(t, &zone, 1, 0, UINT32_MAX).rows, 0);
    Arena mem = {0};
    Value min, max;
    assert_true(table_column_bounds(table, 0, &mem, &min, &max));
    assert_true(min.i64 == 0 && max.i64 == BULK - 1);
    assert_true(table_column_bounds(table, 1, &mem, &min, &max));
    assert_true(min.f64 == 0 && max.f64 == (double)(BULK - 1) / 4);
    arena_done(&mem);
    kit_store_commit(t);
}

static void many_blocks(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    load(&k);
    check_bulk(&k);
    assert_ok(store_checkpoint(k.s, &err), &err);
    check_bulk(&k);
    kit_store_again(&k);
    check_bulk(&k);
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_err(kit_store_insert(t, kit_store_table(t, "t"), "77777|1|1", &err), &err, "23505");
    transaction_rollback(t);
    kit_store_done(&k);
}

static void vacuum_keeps_what_is_seen(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, v bigint, n integer");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    for (int i = 0; i < 5; i++) {
        char row[32];
        snprintf(row, sizeof row, "%d|0|\\N", i);
        assert_ok(kit_store_insert(t, kit_store_table(t, "t"), row, &err), &err);
    }
    kit_store_commit(t);
    for (int round = 1; round <= 3; round++) {
        for (int n = 0; n < 1200; n++) {
            char row[64];
            t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
            Table *table = kit_store_table(t, "t");
            RowList list = {0};
            Value key = {.type = type_of(TYPE_BIGINT), .i64 = n % 5};
            assert_ok(index_lookup(t, table, schema_primary(table_def(table)), &key, 1, &list, &err), &err);
            assert_int_equal(list.count, 1);
            snprintf(row, sizeof row, "%d|%d|\\N", n % 5, round * 10000 + n);
            assert_ok(kit_store_update(t, table, n % 5, row, &err), &err);
            free(list.pos);
            if (n % 100 == 7)
                transaction_rollback(t); // given up versions go as well
            else if (n % 50 == 3)
                kit_store_commit(t);
            else
                transaction_rollback(t);
        }
        Transaction *old = kit_store_begin(&k, ISOLATION_REPEATABLE_READ);
        t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        assert_ok(kit_store_update(t, kit_store_table(t, "t"), 0, "0|-7|\\N", &err), &err);
        kit_store_commit(t);
        assert_ok(store_checkpoint(k.s, &err), &err); // rewrites: nobody holds the table
        kit_store_expect(&k, "t",
                         round == 1   ? "0|-7|\\N\n1|0|\\N\n2|0|\\N\n3|11153|\\N\n4|0|\\N\n"
                         : round == 2 ? "0|-7|\\N\n1|0|\\N\n2|0|\\N\n3|21153|\\N\n4|0|\\N\n"
                                      : "0|-7|\\N\n1|0|\\N\n2|0|\\N\n3|31153|\\N\n4|0|\\N\n");
        Bytes seen;
        assert_ok(kit_store_dump(old, kit_store_table(old, "t"), &seen, &err), &err);
        assert_null(strstr(seen.at, round == 1 ? "-7" : "no such text")); // its version was kept
        bytes_done(&seen);
        transaction_rollback(old);
        t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        assert_int_equal(table_blocks(kit_store_table(t, "t")), 1);
        transaction_rollback(t);
    }
    kit_store_again(&k);
    kit_store_expect(&k, "t", "0|-7|\\N\n1|0|\\N\n2|0|\\N\n3|31153|\\N\n4|0|\\N\n");
    kit_store_done(&k);
}

static void counters_survive(void **state)
{
    (void)state;
    KitStore k;
    KitDir d;
    Err err = {0};
    int64_t number;
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, v bigint, n integer");
    for (int i = 1; i <= 5; i++) {
        char row[32];
        Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        Table *table = kit_store_table(t, "t");
        assert_ok(table_identity_next(t, table, 0, &number, &err), &err);
        assert_int_equal(number, i == 5 ? 101 : i);
        snprintf(row, sizeof row, "%ld|1|1", (long)number);
        assert_ok(kit_store_insert(t, table, row, &err), &err);
        assert_true(transaction_count_update(t, table));
        transaction_statement_begin(t);
        assert_true(transaction_count_update(t, table));
        transaction_statement_undo(t);
        if (i == 4) table_identity_saw(t, table, 0, 100);
        kit_store_commit(t);
        if (i == 2) assert_ok(store_checkpoint(k.s, &err), &err);
    }
    kit_store_copy(&k, &d);
    kit_store_done(&k);
    k = (KitStore){.dir = d};
    k.options = (StoreOptions){
        .io = io_posix(), .path = kit_dir_path(&d, "data", k.path), .node = 1, .no_background = true};
    assert_ok(store_open(&k.s, &k.options, &err), &err);
    for (int again = 0; again < 2; again++) {
        Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        Table *table = kit_store_table(t, "t");
        assert_int_equal(table_update_count(table), 5);
        assert_int_equal(table_rows_estimate(table), 5);
        uint64_t counter = table_commit_counter(table);
        assert_ok(table_identity_next(t, table, 0, &number, &err), &err);
        assert_int_equal(number, 102);
        transaction_rollback(t);
        t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        assert_int_equal(table_commit_counter(kit_store_table(t, "t")), counter);
        transaction_rollback(t);
        if (again) break;
        t = kit_store_begin(
            &k, ISOLATION_READ_COMMITTED); // the number went unused: it may come again after a restart
        transaction_rollback(t);
        KitDir other;
        kit_store_copy(&k, &other);
        kit_store_done(&k);
        k = (KitStore){.dir = other};
        k.options = (StoreOptions){
            .io = io_posix(), .path = kit_dir_path(&other, "data", k.path), .node = 1, .no_background = true};
        assert_ok(store_open(&k.s, &k.options, &err), &err);
    }
    kit_store_done(&k);
}

static void read_only_refuses(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, v bigint, n integer");
    Transaction *t;
    assert_ok(transaction_begin(&t, k.s, &(TransactionOptions){.read_only = true}, &err), &err);
    Table *table = kit_store_table(t, "t");
    assert_err(kit_store_insert(t, table, "1|1|1", &err), &err, "25006");
    assert_err(transaction_drop_table(t, table, &err), &err, "25006");
    assert_false(transaction_count_update(t, table));
    assert_ok(transaction_commit(t, &err), &err);
    kit_store_done(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_blocks),
        cmocka_unit_test(vacuum_keeps_what_is_seen),
        cmocka_unit_test(counters_survive),
        cmocka_unit_test(read_only_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
