// Backup and restore of a store: while it is written, incrementally, up to a moment, and of damaged ones.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include "engine/base/clock.h"
#include "engine/base/thread.h"
#include "engine/store/backup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const no_names[] = {NULL};

typedef struct Box {
    KitStore k;
    KitDir dir; // the backup and what is restored from it
    char backup[KIT_PATH_MAX];
    int restored;
} Box;

static void box_open(Box *b)
{
    *b = (Box){0};
    kit_store_open(&b->k);
    kit_dir_make(&b->dir);
    kit_dir_path(&b->dir, "backup", b->backup);
    kit_store_create(&b->k, "t", "id bigint!, text text");
    kit_store_create(&b->k, "still", "id bigint!");
}

static void box_done(Box *b)
{
    kit_store_done(&b->k);
    kit_dir_remove(&b->dir);
}

static void add(Box *b, const char *table, const char *row)
{
    Err err = {0};
    Transaction *t = kit_store_begin(&b->k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, table), row, &err), &err);
    kit_store_commit(t);
}

static BackupResult back_up(Box *b)
{
    Err err = {0};
    BackupResult result;
    BackupRequest r = {.io = io_posix(), .from = b->k.path, .to = b->backup, .name = no_names};
    assert_ok(backup_make(&r, &result, &err), &err);
    return result;
}

// Restores into a fresh directory and opens it.
static RestoreResult restore(Box *b, int64_t until_ms, KitStore *into)
{
    Err err = {0};
    char name[32];
    RestoreResult result;
    snprintf(name, sizeof name, "restored%d", b->restored++);
    *into = (KitStore){.options = {.io = io_posix(), .node = 1, .no_background = true}};
    into->options.path = kit_dir_path(&b->dir, name, into->path);
    RestoreRequest r = {.io = io_posix(), .from = b->backup, .to = into->path, .until_ms = until_ms};
    assert_ok(restore_make(&r, &result, &err), &err);
    assert_ok(store_open(&into->s, &into->options, &err), &err);
    return result;
}

static void expect_rows(Box *b, int64_t until_ms, const char *rows)
{
    KitStore k;
    restore(b, until_ms, &k);
    kit_store_expect(&k, "t", rows);
    store_close(k.s);
}

static void comes_back_from_files_and_log(void **state)
{
    (void)state;
    Box b;
    Err err = {0};
    box_open(&b);
    add(&b, "still", "7");
    add(&b, "t", "1|from the table file");
    assert_ok(store_checkpoint(b.k.s, &err), &err);
    add(&b, "t", "2|from the log");
    BackupResult r = back_up(&b);
    assert_int_equal(r.snapshot, 1);
    assert_int_equal(r.tables_copied, 2);
    RestoreResult none;
    char to[KIT_PATH_MAX];
    RestoreRequest too_old = {
        .io = io_posix(), .from = b.backup, .to = kit_dir_path(&b.dir, "none", to), .until_ms = 1000};
    assert_err(restore_make(&too_old, &none, &err), &err, "22023");
    add(&b, "t", "3|after it");
    expect_rows(&b, INT64_MAX, "1|from the table file\n2|from the log\n");
    box_done(&b);
}

static void the_second_one_copies_what_is_new(void **state)
{
    (void)state;
    Box b;
    Err err = {0};
    box_open(&b);
    add(&b, "still", "7");
    add(&b, "t", "1|a");
    assert_ok(store_checkpoint(b.k.s, &err), &err);
    back_up(&b);
    add(&b, "t", "2|b");
    assert_ok(store_checkpoint(b.k.s, &err), &err);
    add(&b, "t", "3|c");
    BackupResult r = back_up(&b);
    assert_int_equal(r.snapshot, 2);
    assert_int_equal(r.tables, 2);
    assert_int_equal(r.tables_copied, 1); // the other has not changed
    expect_rows(&b, INT64_MAX, "1|a\n2|b\n3|c\n");
    BackupResult same = back_up(&b);
    assert_int_equal(same.tables_copied, 0);
    expect_rows(&b, INT64_MAX, "1|a\n2|b\n3|c\n");
    box_done(&b);
}

// The clock of stamps has milliseconds: the next commit is in a later one.
static int64_t next_ms(void)
{
    int64_t now = clock_wall_us() / 1000;
    while (clock_wall_us() / 1000 <= now) continue;
    return now;
}

static void goes_back_to_a_moment(void **state)
{
    (void)state;
    Box b;
    Err err = {0};
    int64_t moment[4];
    box_open(&b);
    for (int i = 0; i < 4; i++) {
        char row[32];
        snprintf(row, sizeof row, "%d|row", i);
        moment[i] = next_ms();
        add(&b, "t", row);
        if (i == 1) back_up(&b);
        if (i == 2) assert_ok(store_checkpoint(b.k.s, &err), &err);
    }
    next_ms();
    back_up(&b);
    expect_rows(&b, moment[1], "0|row\n"); // the first snapshot's log, cut
    expect_rows(&b, moment[3], "0|row\n1|row\n2|row\n");
    expect_rows(&b, INT64_MAX, "0|row\n1|row\n2|row\n3|row\n");
    KitStore k;
    RestoreResult r = restore(&b, moment[3], &k);
    assert_true(r.left_out_ms > moment[3]);
    add(&(Box){.k = k}, "t", "9|goes on");
    kit_store_expect(&k, "t", "0|row\n1|row\n2|row\n9|goes on\n");
    store_close(k.s);
    box_done(&b);
}

typedef struct Writer {
    Box *b;
    atomic_bool stop;
    atomic_long acknowledged;
} Writer;

static void write_pairs(void *arg)
{
    Writer *w = arg;
    for (long i = 1; !atomic_load(&w->stop); i++) {
        Err err = {0};
        char row[64];
        Transaction *t = kit_store_begin(&w->b->k, ISOLATION_REPEATABLE_READ);
        snprintf(row, sizeof row, "%ld|some text that makes records cross sectors", i);
        bool ok = kit_store_insert(t, kit_store_table(t, "t"), row, &err);
        snprintf(row, sizeof row, "%ld", i);
        ok = ok && kit_store_insert(t, kit_store_table(t, "still"), row, &err);
        if (!ok || !transaction_commit(t, &err)) abort();
        atomic_store(&w->acknowledged, i);
    }
}

static void count_rows(KitStore *k, const char *table, long *count)
{
    Err err = {0};
    Bytes rows;
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_dump(t, kit_store_table(t, table), &rows, &err), &err);
    *count = 0;
    for (Str rest = bytes_str(&rows); rest.len; ++*count) str_cut(&rest, '\n');
    kit_store_commit(t);
    bytes_done(&rows);
}

// Every commit acknowledged before a backup is in it, none is in it by half, while checkpoints come between.
static void holds_while_it_is_written(void **state)
{
    (void)state;
    Box b;
    Err err = {0};
    box_open(&b);
    b.k.options.no_background = false;
    b.k.options.checkpoint_log_bytes = 30000;
    kit_store_again(&b.k);
    Writer w = {.b = &b};
    Thread thread = {0};
    assert_ok(thread_start(&thread, write_pairs, &w, &err), &err);
    for (int i = 0; i < 8; i++) {
        KitStore k;
        long before = atomic_load(&w.acknowledged), rows, pairs;
        while (atomic_load(&w.acknowledged) < before + 50) continue;
        before = atomic_load(&w.acknowledged);
        back_up(&b);
        restore(&b, INT64_MAX, &k);
        count_rows(&k, "t", &rows);
        count_rows(&k, "still", &pairs);
        assert_int_equal(rows, pairs);
        assert_true(rows >= before);
        store_close(k.s);
    }
    atomic_store(&w.stop, true);
    thread_join(&thread);
    box_done(&b);
}

static void damage_is_found(void **state)
{
    (void)state;
    Box b;
    Err err = {0};
    BackupResult made;
    RestoreResult restored;
    box_open(&b);
    add(&b, "t", "1|a text to be damaged");
    assert_ok(store_checkpoint(b.k.s, &err), &err);
    add(&b, "t", "2|b");
    // A damaged source is not copied without a word.
    KitDir data;
    size_t len;
    memcpy(data.path, b.k.path, sizeof data.path);
    char *file = kit_dir_read(&data, "databases/db/t.d2t", &len);
    assert_non_null(file);
    file[len / 2] ^= 1;
    kit_dir_write(&data, "databases/db/t.d2t", file, len);
    BackupRequest r = {.io = io_posix(), .from = b.k.path, .to = b.backup, .name = no_names};
    assert_err(backup_make(&r, &made, &err), &err, "XX001");
    file[len / 2] ^= 1;
    kit_dir_write(&data, "databases/db/t.d2t", file, len);
    free(file);
    // What the failed one left behind is no snapshot, and is not taken for a good copy.
    char to[KIT_PATH_MAX];
    RestoreRequest none = {
        .io = io_posix(), .from = b.backup, .to = kit_dir_path(&b.dir, "x", to), .until_ms = INT64_MAX};
    assert_err(restore_make(&none, &restored, &err), &err, "58P01");
    back_up(&b);
    expect_rows(&b, INT64_MAX, "1|a text to be damaged\n2|b\n");
    // A backup whose list is damaged says so.
    KitDir backup;
    memcpy(backup.path, b.backup, sizeof backup.path);
    file = kit_dir_read(&backup, "backup", &len);
    file[len - 20] ^= 1;
    kit_dir_write(&backup, "backup", file, len);
    free(file);
    assert_err(restore_make(&none, &restored, &err), &err, "XX001");
    box_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_from_files_and_log),
        cmocka_unit_test(the_second_one_copies_what_is_new),
        cmocka_unit_test(goes_back_to_a_moment),
        cmocka_unit_test(holds_while_it_is_written),
        cmocka_unit_test(damage_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
