// Indexes: hash and sorted arrays against a dumb list, with updates, deletes, NULLs, several columns and
// restarts.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include "engine/base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 3000, KEYS = 120 };

static int64_t key_of_row(Transaction *t, Table *table, RowPos pos, uint16_t column, bool *null)
{
    Err err = {0};
    Arena mem = {0};
    Type type = type_of(TYPE_BIGINT);
    Batch *b = batch_new(&mem, &type, 1);
    assert_ok(table_fetch(t, table, &pos, 1, &column, 1, b, &mem, &err), &err);
    *null = vector_is_null(&b->vector[0], 0);
    int64_t v = ((int64_t *)b->vector[0].data)[0];
    arena_done(&mem);
    return v;
}

static void make(KitStore *k, int64_t *model)
{
    Err err = {0};
    Arena mem = {0};
    Random r;
    random_seed(&r, 99);
    kit_store_open(k);
    kit_store_create(k, "t", "id bigint!, v bigint, s text");
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    Table *table = kit_store_table(t, "t");
    IndexDef sorted = {.name = STR("by_v"), .kind = INDEX_SORTED, .column_count = 2, .column = {1, 2}};
    IndexDef hash = {.name = STR("hash_v"), .kind = INDEX_HASH, .column_count = 1, .column = {1}};
    IndexDef text = {.name = STR("by_s"), .kind = INDEX_SORTED, .column_count = 1, .column = {2}};
    assert_ok(transaction_create_index(t, table, &sorted, &err), &err);
    assert_ok(transaction_create_index(t, table, &hash, &err), &err);
    assert_ok(transaction_create_index(t, table, &text, &err), &err);
    for (int i = 0; i < ROWS; i++) {
        char row[64];
        model[i] = random_below(&r, 10) == 0 ? INT64_MIN : (int64_t)random_below(&r, KEYS) - KEYS / 2;
        if (model[i] == INT64_MIN)
            snprintf(row, sizeof row, "%d|\\N|x", i);
        else
            snprintf(row, sizeof row, "%d|%ld|text %ld of row %d", i, (long)model[i], (long)model[i] + 100,
                     i);
        assert_ok(kit_store_insert(t, table, row, &err), &err);
    }
    for (int n = 0; n < 300; n++) {
        int i = (int)random_below(&r, ROWS);
        char row[64];
        if (model[i] == INT64_MAX) continue; // deleted
        if (n % 2) {
            model[i] = (int64_t)random_below(&r, KEYS) - KEYS / 2;
            snprintf(row, sizeof row, "%d|%ld|new", i, (long)model[i]);
            assert_ok(kit_store_update(t, table, i, row, &err), &err);
        } else {
            model[i] = INT64_MAX;
            assert_ok(kit_store_delete(t, table, i, &err), &err);
        }
    }
    kit_store_commit(t);
    arena_done(&mem);
}

static const IndexDef *index_named(const Table *table, const char *name)
{
    const TableDef *d = table_def(table);
    for (uint16_t i = 0; i < d->index_count; i++)
        if (str_equal(d->index[i].name, str_of(name))) return &d->index[i];
    fail_msg("no index %s", name);
    return NULL;
}

static void look_up(Transaction *t, Table *table, const char *index, const int64_t *model)
{
    Err err = {0};
    for (int64_t key = -KEYS / 2 - 1; key <= KEYS / 2; key++) {
        RowList list = {0};
        size_t want = 0;
        bool null;
        Value v = {.type = type_of(TYPE_BIGINT), .i64 = key};
        for (int i = 0; i < ROWS; i++) want += model[i] == key;
        assert_ok(index_lookup(t, table, index_named(table, index), &v, 1, &list, &err), &err);
        assert_int_equal(list.count, want);
        for (size_t i = 0; i < list.count; i++)
            assert_int_equal(key_of_row(t, table, list.pos[i], 1, &null), key);
        free(list.pos);
    }
}

static void range(Transaction *t, Table *table, const int64_t *model, int64_t low, int64_t high,
                  bool low_open, bool high_open, bool down)
{
    Err err = {0};
    RowList list = {0};
    Value a = {.type = type_of(TYPE_BIGINT), .i64 = low}, b = {.type = type_of(TYPE_BIGINT), .i64 = high};
    IndexRange r = {.low = low == INT64_MIN ? NULL : &a,
                    .high = high == INT64_MAX ? NULL : &b,
                    .low_open = low_open,
                    .high_open = high_open,
                    .descending = down};
    assert_ok(index_range(t, table, index_named(table, "by_v"), &r, &list, &err), &err);
    size_t want = 0;
    for (int i = 0; i < ROWS; i++) {
        if (model[i] == INT64_MAX) continue;
        if (model[i] == INT64_MIN)
            want += !r.low && !r.high;
        else
            want += (!r.low || model[i] > low || (model[i] == low && !low_open)) &&
                    (!r.high || model[i] < high || (model[i] == high && !high_open));
    }
    assert_int_equal(list.count, want);
    int64_t last = 0;
    bool last_null = false, null;
    for (size_t i = 0; i < list.count; i++) {
        int64_t v = key_of_row(t, table, list.pos[i], 1, &null);
        if (i && !null && !last_null) assert_true(down ? v <= last : v >= last);
        if (i)
            assert_true(down ? !(null && !last_null)
                             : !(last_null && !null)); // NULLs last, first when descending
        last = v;
        last_null = null;
    }
    r.limit = 5;
    list.count = 0;
    assert_ok(index_range(t, table, index_named(table, "by_v"), &r, &list, &err), &err);
    assert_int_equal(list.count, want < 5 ? want : 5);
    free(list.pos);
}

static void against_a_list(void **state)
{
    (void)state;
    KitStore k;
    static int64_t model[ROWS];
    make(&k, model);
    for (int again = 0; again < 2; again++) {
        Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        Table *table = kit_store_table(t, "t");
        look_up(t, table, "hash_v", model);
        look_up(t, table, "by_v", model);
        for (int down = 0; down < 2; down++) {
            range(t, table, model, INT64_MIN, INT64_MAX, false, false, down);
            range(t, table, model, -10, 10, false, false, down);
            range(t, table, model, -10, 10, true, true, down);
            range(t, table, model, 5, INT64_MAX, true, false, down);
            range(t, table, model, INT64_MIN, 5, false, true, down);
            range(t, table, model, 10, -10, false, false, down);
            range(t, table, model, KEYS, INT64_MAX, false, false, down);
        }
        kit_store_commit(t);
        kit_store_again(&k);
    }
    kit_store_done(&k);
}

static void two_columns_and_unique(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "a bigint, b text");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    Table *table = kit_store_table(t, "t");
    IndexDef x = {
        .name = STR("ab"), .kind = INDEX_SORTED, .unique = true, .column_count = 2, .column = {0, 1}};
    assert_ok(kit_store_insert(t, table, "1|one", &err), &err);
    assert_ok(kit_store_insert(t, table, "1|two", &err), &err);
    assert_ok(transaction_create_index(t, table, &x, &err), &err);
    assert_err(kit_store_insert(t, table, "1|two", &err), &err, "23505");
    assert_ok(kit_store_insert(t, table, "2|two", &err), &err);
    assert_ok(kit_store_insert(t, table, "2|\\N", &err), &err);
    assert_ok(kit_store_insert(t, table, "2|\\N", &err), &err);
    kit_store_commit(t);
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    table = kit_store_table(t, "t");
    RowList list = {0};
    Value key[2] = {{.type = type_of(TYPE_INTEGER), .i32 = 2},
                    {.type = type_of(TYPE_TEXT), .text = text_of(STR("two"))}};
    assert_ok(index_lookup(t, table, index_named(table, "ab"), key, 2, &list, &err), &err);
    assert_int_equal(list.count, 1);
    list.count = 0;
    assert_ok(index_lookup(t, table, index_named(table, "ab"), key, 1, &list, &err), &err);
    assert_int_equal(list.count, 3);
    free(list.pos);
    x.name = STR("a");
    x.column_count = 1;
    assert_err(transaction_create_index(t, table, &x, &err), &err, "23505");
    transaction_statement_undo(t);
    assert_ok(transaction_drop_index(t, table, STR("ab"), &err), &err);
    assert_err(transaction_drop_index(t, table, STR("ab"), &err), &err, "42704");
    assert_ok(kit_store_insert(t, table, "1|two", &err), &err);
    kit_store_commit(t);
    kit_store_done(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(against_a_list),
                                       cmocka_unit_test(two_columns_and_unique)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
