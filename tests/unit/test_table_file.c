// Table files: every type comes back from a file; columns load alone; a damaged place is named and takes
// nothing else down; flipped bits and cuts never give a wrong answer.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL_TYPES                                                                                            \
    "id bigint!, a boolean, b smallint, c integer, d numeric, e real, f double precision, g text, h bytea, " \
    "i date, j time, "                                                                                       \
    "k timestamp"
#define FILE_T "data/databases/db/t.d2t"

static const char *const rows[] = {
    "1|t|-5|70000|12.50|0.5|-1e+300|short|raw|2026-11-21|02:53:49|2026-11-21 02:53:49.118000",
    "2|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N",
    ("3|f|0|0|123456789012345678901234567890.5|1.5|0.1|a text that is longer than twelve "
     "bytes||0001-01-01|24:00:00|@9223372036854775807"),
};

static void content(const KitDir *d, const char *name, char *out, size_t size)
{
    KitStore k = {.dir = *d};
    Err err = {0};
    Bytes bytes = {0};
    k.options = (StoreOptions){
        .io = io_posix(), .path = kit_dir_path(d, "data", k.path), .node = 1, .no_background = true};
    if (!store_open(&k.s, &k.options, &err)) {
        snprintf(out, size, "!%s", err.state);
        return;
    }
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    if (kit_store_dump(t, kit_store_table(t, name), &bytes, &err))
        snprintf(out, size, "%s", bytes.at ? bytes.at : "");
    else
        snprintf(out, size, "!%s", err.state);
    if (err_any(&err)) assert_non_null(strstr(err.text, "table db.t"));
    bytes_done(&bytes);
    transaction_rollback(t);
    store_close(k.s);
}

static void make(KitDir *d, char *want, size_t size)
{
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", ALL_TYPES);
    kit_store_create(&k, "other", "id bigint!");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_ok(kit_store_insert(t, kit_store_table(t, "t"), rows[i], &err), &err);
    assert_ok(kit_store_insert(t, kit_store_table(t, "other"), "7", &err), &err);
    kit_store_commit(t);
    assert_ok(store_checkpoint(k.s, &err), &err);
    // A hole in the numbers, so that the file has a section of them.
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"),
                               "4|t|1|1|1|1|1|x|y|1970-01-01|00:00:00|1970-01-01 00:00:00", &err),
              &err);
    assert_ok(kit_store_delete(t, kit_store_table(t, "t"), 2, &err), &err);
    kit_store_commit(t);
    assert_ok(store_checkpoint(k.s, &err), &err);
    Bytes bytes;
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_dump(t, kit_store_table(t, "t"), &bytes, &err), &err);
    transaction_rollback(t);
    snprintf(want, size, "%s", bytes.at);
    bytes_done(&bytes);
    store_close(k.s);
    *d = k.dir;
}

static void all_types_come_back(void **state)
{
    (void)state;
    KitDir d;
    char is[4096], want[4096];
    size_t len;
    make(&d, want, sizeof want);
    content(&d, "t", is, sizeof is);
    assert_string_equal(is, want);
    char *file = kit_dir_read(&d, FILE_T, &len);
    assert_non_null(strstr(file, "\na text that is longer than twelve bytes\n")); // grep finds it
    for (size_t i = 0; i < len; i++)
        assert_true(file[i] == '\n' || file[i] == '\t' || (unsigned char)file[i] >= 0x20);
    free(file);
    kit_dir_remove(&d);
}

static void flips_and_cuts_are_found(void **state)
{
    (void)state;
    KitDir d;
    char is[4096], want[4096];
    size_t len;
    make(&d, want, sizeof want);
    char *file = kit_dir_read(&d, FILE_T, &len);
    int found = 0;
    size_t stride = getenv("D2DB_FULL") ? 1 : 61;
    for (size_t bit = 0; bit < len * 8; bit += stride) {
        file[bit / 8] = (char)(file[bit / 8] ^ 1 << bit % 8);
        kit_dir_write(&d, FILE_T, file, len);
        file[bit / 8] = (char)(file[bit / 8] ^ 1 << bit % 8);
        content(&d, "t", is, sizeof is);
        found += strcmp(is, "!XX001") == 0;
        if (strcmp(is, "!XX001") != 0 && strcmp(is, want) != 0) fail_msg("bit %zu: %s", bit, is);
    }
    assert_true(found > 20);
    for (size_t cut = 0; cut < len; cut += 37) {
        kit_dir_write(&d, FILE_T, file, cut);
        content(&d, "t", is, sizeof is);
        assert_string_equal(is, "!XX001");
    }
    content(&d, "other", is, sizeof is); // the damage stays where it is
    assert_string_equal(is, "7\n");
    free(file);
    kit_dir_remove(&d);
}

enum { MANY = 3 * STORE_BLOCK_ROWS + 500 };

static void insert_many(KitStore *k, int from, int to)
{
    Err err = {0};
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    for (int i = from; i < to; i++) {
        char row[64];
        snprintf(row, sizeof row, "%d|row %d", i, i);
        assert_ok(kit_store_insert(t, kit_store_table(t, "t"), row, &err), &err);
    }
    kit_store_commit(t);
}

static uint64_t sum_of(KitStore *k, uint64_t *count)
{
    Err err = {0};
    Bytes dumped;
    uint64_t sum = 0, id;
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_dump(t, kit_store_table(t, "t"), &dumped, &err), &err);
    *count = 0;
    for (Str rest = bytes_str(&dumped); rest.len; ++*count) {
        Str line = str_cut(&rest, '\n');
        assert_true(str_to_uint64(str_cut(&line, '|'), &id));
        assert_true(str_starts(line, STR("row ")) || str_starts(line, STR("new ")));
        sum += id;
    }
    bytes_done(&dumped);
    transaction_rollback(t);
    return sum;
}

static size_t file_size(const KitDir *d)
{
    size_t len;
    free(kit_dir_read(d, FILE_T, &len));
    return len;
}

// A checkpoint writes the blocks that changed, and what stands behind the end that the dictionary knows
// counts for nothing; when half of the file is waste it is written anew.
static void changed_blocks_are_appended(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    uint64_t count, sum, again;
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, name text");
    insert_many(&k, 0, MANY);
    assert_ok(store_checkpoint(k.s, &err), &err);
    size_t whole = file_size(&k.dir);
    for (int round = 0; round < 2; round++) { // rows as they were written, and as they were read
        size_t before = file_size(&k.dir);
        Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        char row[32];
        snprintf(row, sizeof row, "%d|new row", 2000000 + round);
        assert_ok(kit_store_update(t, kit_store_table(t, "t"), STORE_BLOCK_ROWS + round, row, &err), &err);
        assert_ok(kit_store_delete(t, kit_store_table(t, "t"), STORE_BLOCK_ROWS + 100 + round, &err), &err);
        kit_store_commit(t);
        sum = sum_of(&k, &count);
        assert_int_equal(count, MANY - 1 - round);
        assert_ok(store_checkpoint(k.s, &err), &err);
        size_t grown = file_size(&k.dir) - before;
        assert_true(grown > whole / 8 &&
                    grown < whole * 3 / 5); // one block, its numbers, and the last, small one
        if (round == 0) kit_store_again(&k);
        assert_int_equal(sum_of(&k, &again), sum);
        assert_int_equal(again, count);
    }
    store_close(k.s);
    size_t len;
    char *file = kit_dir_read(&k.dir, FILE_T, &len);
    char *longer = calloc(1, len + 5000);
    memcpy(longer, file, len);
    memcpy(longer + len, file + len - 3000, 3000); // an append that never counted, with a last line
    kit_dir_write(&k.dir, FILE_T, longer, len + 3000);
    assert_ok(store_open(&k.s, &k.options, &err), &err);
    assert_int_equal(sum_of(&k, &again), sum);
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_delete(t, kit_store_table(t, "t"), 7, &err), &err);
    kit_store_commit(t);
    kit_store_again(&k);
    assert_int_equal(sum_of(&k, &again), sum - 7);
    for (int i = 0; i < 12; i++) {
        insert_many(&k, 1000000 + i, 1000001 + i);
        t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        assert_ok(kit_store_delete(t, kit_store_table(t, "t"), 5000 + i, &err), &err);
        kit_store_commit(t);
        assert_ok(store_checkpoint(k.s, &err), &err);
        assert_true(file_size(&k.dir) < whole * 5 / 2);
    }
    kit_store_again(&k);
    sum_of(&k, &again);
    assert_int_equal(again, count - 1);
    free(file);
    free(longer);
    kit_store_done(&k);
}

static void columns_load_alone(void **state)
{
    (void)state;
    KitDir d;
    char want[4096];
    size_t len;
    make(&d, want, sizeof want);
    char *file = kit_dir_read(&d, FILE_T, &len), *at = strstr(file, "a text that is longer");
    for (char *next; (next = strstr(at + 1, "a text that is longer"));) at = next; // the newest directory's
    at[0] = 'X';
    kit_dir_write(&d, FILE_T, file, len);
    free(file);
    KitStore k = {.dir = d};
    Err err = {0};
    Arena mem = {0};
    k.options = (StoreOptions){
        .io = io_posix(), .path = kit_dir_path(&d, "data", k.path), .node = 1, .no_background = true};
    assert_ok(store_open(&k.s, &k.options, &err), &err);
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    Table *table = kit_store_table(t, "t");
    for (uint16_t column = 0; column < 12; column++) {
        TableScan *scan;
        Batch b;
        RowPos first;
        bool end;
        assert_ok(table_scan_begin(&scan, t, table, &column, 1, NULL, 0, 0, UINT32_MAX, &mem, &err), &err);
        if (column == 7) {
            assert_err(table_scan_next(scan, &b, &first, &end, &err), &err, "XX001");
        } else {
            assert_ok(table_scan_next(scan, &b, &first, &end, &err), &err);
            assert_int_equal(b.sel_len, 3);
        }
        table_scan_end(scan);
    }
    Value min, max;
    assert_true(table_column_bounds(table, 3, &mem, &min, &max));
    assert_int_equal(min.i32, 0);
    assert_int_equal(max.i32, 70000);
    transaction_rollback(t);
    arena_done(&mem);
    store_close(k.s);
    kit_dir_remove(&d);
}

// Rows that were on their way when the file was written come back from the log behind it.
static void late_rows_find_their_place(void **state)
{
    (void)state;
    KitStore k;
    KitDir d;
    Err err = {0};
    char is[4096];
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, name text");
    Transaction *a = kit_store_begin(&k, ISOLATION_READ_COMMITTED),
                *b = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(a, kit_store_table(a, "t"), "1|a", &err), &err);
    assert_ok(kit_store_insert(b, kit_store_table(b, "t"), "2|b", &err), &err);
    assert_ok(kit_store_insert(a, kit_store_table(a, "t"), "3|a", &err), &err);
    assert_ok(kit_store_insert(b, kit_store_table(b, "t"), "4|b", &err), &err);
    kit_store_commit(b);
    assert_ok(store_checkpoint(k.s, &err), &err);
    assert_ok(kit_store_insert(a, kit_store_table(a, "t"), "5|a", &err), &err);
    kit_store_commit(a);
    kit_store_copy(&k, &d);
    kit_store_done(&k);
    for (int again = 0; again < 2; again++) { // from the log, then from the file that the closing wrote
        content(&d, "t", is, sizeof is);
        assert_string_equal(is, "1|a\n2|b\n3|a\n4|b\n5|a\n");
    }
    kit_dir_remove(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_types_come_back),         cmocka_unit_test(flips_and_cuts_are_found),
        cmocka_unit_test(changed_blocks_are_appended), cmocka_unit_test(columns_load_alone),
        cmocka_unit_test(late_rows_find_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
