// Recovery: what is acknowledged comes back, an unfinished write is cut, damage is named and nothing is lost
// silently: every truncation, flipped bits, a fault at every call that changes the disk, a full disk.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_fault_io.h"
#include "tests/unit/kit_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMITS = 6, FLIP_STRIDE = 5 };
#define LOG_FILE "data/log/000000000002.d2l"

// The content of table t in a directory, or "!SQLSTATE" when it cannot be opened or read.
static void content(const KitDir *d, char *out, size_t size, StoreRecovery *recovery)
{
    KitStore k = {.dir = *d};
    Err err = {0};
    Bytes rows = {0};
    k.options = (StoreOptions){
        .io = io_posix(), .path = kit_dir_path(d, "data", k.path), .node = 1, .no_background = true};
    bool ok = store_open(&k.s, &k.options, &err);
    if (ok) {
        if (recovery) store_recovery(k.s, recovery);
        Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        Table *table = transaction_table(t, STR("db"), STR("t"));
        if (table) ok = kit_store_dump(t, table, &rows, &err);
        snprintf(out, size, "%s", !table ? "absent" : rows.at ? rows.at : "");
        bytes_done(&rows);
        transaction_rollback(t);
        store_close(k.s);
    }
    if (!ok) snprintf(out, size, "!%s", err.state);
}

// A store as a kill leaves it: table t with rows 1 … COMMITS, one commit each, all in the log.
static void killed_store(KitDir *out)
{
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, name text");
    assert_ok(store_checkpoint(k.s, &err), &err);
    for (int i = 1; i <= COMMITS; i++) {
        char row[64];
        Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        snprintf(row, sizeof row, "%d|name number %d", i, i);
        assert_ok(kit_store_insert(t, kit_store_table(t, "t"), row, &err), &err);
        if (i == COMMITS) assert_ok(kit_store_delete(t, kit_store_table(t, "t"), 1, &err), &err);
        kit_store_commit(t);
    }
    kit_store_copy(&k, out);
    kit_store_done(&k);
}

static void expected(char *out, size_t size, int commits)
{
    size_t len = 0;
    out[0] = 0;
    for (int i = commits == COMMITS ? 2 : 1; i <= commits; i++)
        len += (size_t)snprintf(out + len, size - len, "%d|name number %d\n", i, i);
}

static void committed_rows_come_back(void **state)
{
    (void)state;
    KitDir d;
    char is[1024], want[1024];
    StoreRecovery recovery;
    killed_store(&d);
    content(&d, is, sizeof is, &recovery);
    expected(want, sizeof want, COMMITS);
    assert_string_equal(is, want);
    assert_int_equal(recovery.transactions, COMMITS);
    assert_false(recovery.clean);
    content(&d, is, sizeof is, &recovery);
    assert_string_equal(is, want);
    assert_true(recovery.clean);
    kit_dir_remove(&d);
}

// Puts the directory's log back to what it was.
static void restore(const KitDir *from, KitDir *to)
{
    char command[KIT_PATH_MAX * 4];
    snprintf(command, sizeof command, "rm -rf '%s/data' && cp -r '%s/data' '%s/data'", to->path, from->path,
             to->path);
    assert_int_equal(system(command), 0);
}

static size_t written_bytes(const char *at, size_t len)
{
    while (len > 1 && at[len - 1] == '\n' && at[len - 2] == '\n') len--;
    return len;
}

static void every_truncation_gives_a_prefix(void **state)
{
    (void)state;
    KitDir d, work;
    size_t len;
    killed_store(&d);
    kit_dir_make(&work);
    char *log = kit_dir_read(&d, LOG_FILE, &len);
    size_t end = written_bytes(log, len);
    int prefixes = 0;
    for (size_t cut = 0; cut <= end; cut += cut + 9 < end ? 3 : 1) {
        char is[1024], want[1024];
        restore(&d, &work);
        kit_dir_write(&work, LOG_FILE, log, cut);
        content(&work, is, sizeof is, NULL);
        bool ok = strcmp(is, "!XX001") == 0; // the segment's own first line is cut
        for (int i = 0; i <= COMMITS && !ok; i++) {
            expected(want, sizeof want, i);
            ok = strcmp(is, want) == 0;
            prefixes += ok;
        }
        if (!ok) fail_msg("cut at %zu of %zu: %s", cut, end, is);
    }
    assert_true(prefixes > COMMITS);
    free(log);
    kit_dir_remove(&d);
    kit_dir_remove(&work);
}

static void flipped_bits_are_found(void **state)
{
    (void)state;
    KitDir d, work;
    size_t len;
    char is[1024], want[1024];
    killed_store(&d);
    kit_dir_make(&work);
    expected(want, sizeof want, COMMITS);
    char *log = kit_dir_read(&d, LOG_FILE, &len);
    size_t end = written_bytes(log, len), bits = (end + 64) * 8,
           stride = getenv("D2DB_FULL") ? 1 : FLIP_STRIDE * 8 + 3;
    int found = 0;
    for (size_t bit = 0; bit < bits; bit += stride) {
        restore(&d, &work);
        log[bit / 8] = (char)(log[bit / 8] ^ 1 << bit % 8);
        kit_dir_write(&work, LOG_FILE, log, len);
        log[bit / 8] = (char)(log[bit / 8] ^ 1 << bit % 8);
        content(&work, is, sizeof is, NULL);
        found += strcmp(is, "!XX001") == 0;
        if (strcmp(is, "!XX001") != 0 && strcmp(is, want) != 0)
            fail_msg("bit %zu of byte %zu (of %zu): %s", bit % 8, bit / 8, end, is);
        if (bit / 8 < end && strcmp(is, want) == 0)
            fail_msg("bit %zu of byte %zu went unseen", bit % 8, bit / 8);
    }
    assert_true(found > 10);
    free(log);
    kit_dir_remove(&d);
    kit_dir_remove(&work);
}

// A hole of unwritten sectors in the last record: the write was torn, and nothing of it counts.
static void a_torn_sector_is_cut(void **state)
{
    (void)state;
    KitStore k;
    KitDir d;
    Err err = {0};
    StoreRecovery recovery;
    char is[8192], row[3000] = "2|", want[] = "1|one\n";
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, name text");
    assert_ok(store_checkpoint(k.s, &err), &err);
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "1|one", &err), &err);
    kit_store_commit(t);
    memset(row + 2, 'x', sizeof row - 3);
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), row, &err), &err);
    kit_store_commit(t);
    kit_store_copy(&k, &d);
    kit_store_done(&k);
    size_t len;
    char *log = kit_dir_read(&d, LOG_FILE, &len);
    memset(log + 1024, '\n', 512);
    kit_dir_write(&d, LOG_FILE, log, len);
    free(log);
    content(&d, is, sizeof is, &recovery);
    assert_string_equal(is, want);
    assert_true(recovery.cut_bytes > 0);
    kit_dir_remove(&d);
}

static void a_missing_segment_is_damage(void **state)
{
    (void)state;
    KitStore k;
    KitDir d;
    Err err = {0};
    char is[256], path[KIT_PATH_MAX];
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, name text");
    assert_ok(store_checkpoint(k.s, &err), &err);
    char *row = malloc(3000000);
    for (int i = 1; i <= 4; i++) {
        Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        snprintf(row, 16, "%d|", i);
        memset(row + 2, 'y', 2999000);
        row[2999002] = 0;
        assert_ok(kit_store_insert(t, kit_store_table(t, "t"), row, &err), &err);
        kit_store_commit(t);
    }
    free(row);
    kit_store_copy(&k, &d);
    kit_store_done(&k);
    assert_int_equal(remove(kit_dir_path(&d, "data/log/000000000003.d2l", path)), 0);
    content(&d, is, sizeof is, NULL);
    assert_string_equal(is, "!XX001");
    kit_dir_remove(&d);
}

// ---- faults ----

// A scripted life: commits row after row, with a checkpoint between; says how many were acknowledged.
static int live(KitDir *d, FaultIo *f, bool *clean)
{
    KitStore k = {.dir = *d};
    Err err = {0};
    Arena mem = {0};
    int done = 0;
    k.options = (StoreOptions){
        .io = fault_io(f), .path = kit_dir_path(d, "data", k.path), .node = 1, .no_background = true};
    *clean = false;
    if (!store_open(&k.s, &k.options, &err)) return -1;
    bool ok = store_database_create(k.s, STR("db"), true, STR("me"), &err);
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    ok = ok && transaction_create_table(t, kit_store_def(&mem, "t", "id bigint!, name text"), NULL, &err);
    if (ok)
        ok = transaction_commit(t, &err);
    else
        transaction_rollback(t);
    if (!ok) done = -1;
    for (int i = 1; ok && i <= COMMITS; i++) {
        char row[64];
        t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        snprintf(row, sizeof row, "%d|name number %d", i, i);
        ok = kit_store_insert(t, kit_store_table(t, "t"), row, &err);
        if (ok && i == COMMITS) ok = kit_store_delete(t, kit_store_table(t, "t"), 1, &err);
        assert_true(ok);
        ok = transaction_commit(t, &err);
        if (ok) done = i;
        Err ignored = {0};
        if (i == 3 && !store_checkpoint(k.s, &ignored)) assert_true(err_any(&ignored));
    }
    *clean = ok;
    arena_done(&mem);
    store_close(k.s);
    return done;
}

static void a_fault_at_every_call(void **state)
{
    (void)state;
    FaultIo f;
    KitDir d;
    bool clean;
    fault_io_init(&f);
    kit_dir_make(&d);
    assert_int_equal(live(&d, &f, &clean), COMMITS);
    kit_dir_remove(&d);
    long calls = f.seen;
    int failures = 0;
    for (int mode = 0; mode < 3; mode++) {
        for (long k = 1; k <= calls; k++) {
            char is[1024], want[1024], next[1024];
            kit_dir_make(&d);
            fault_io_init(&f);
            f.fail_at = k;
            f.forever = mode == 1;
            f.error = mode == 2 ? ENOSPC : EIO;
            f.cut = mode == 0 ? 100 : 0;
            int done = live(&d, &f, &clean);
            failures += !clean;
            content(&d, is, sizeof is, NULL);
            expected(want, sizeof want, done < 0 ? 0 : done);
            expected(next, sizeof next, done < 0 ? 0 : done + 1);
            // The one that was refused may have reached the disk; more or less must not be there.
            bool fine =
                strcmp(is, want) == 0 || strcmp(is, next) == 0 || (done < 0 && strcmp(is, "absent") == 0);
            if (!fine) fail_msg("mode %d, call %ld of %ld, %d acknowledged: %s", mode, k, calls, done, is);
            kit_dir_remove(&d);
        }
    }
    assert_true(failures > 10);
}

static void a_full_disk_is_survived(void **state)
{
    (void)state;
    FaultIo f;
    KitStore k;
    Err err = {0};
    fault_io_init(&f);
    kit_store_with(&k, fault_io(&f));
    kit_store_create(&k, "t", "id bigint!, name text");
    f.space = 600000;
    int64_t done = 0;
    bool full = false;
    char *row = malloc(100000);
    for (int i = 1; i < 200 && !full; i++) {
        Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        int len = snprintf(row, 16, "%d|", i);
        memset(row + len, 'z', 90000);
        row[len + 90000] = 0;
        assert_ok(kit_store_insert(t, kit_store_table(t, "t"), row, &err), &err);
        if (transaction_commit(t, &err))
            done = i;
        else
            full = true;
    }
    free(row);
    assert_true(full);
    assert_string_equal(err.state, "53100");
    err_clear(&err);
    f.space = -1; // somebody made room: work goes on without a restart
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_int_equal(table_rows_estimate(kit_store_table(t, "t")), done);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "1000|again", &err), &err);
    kit_store_commit(t);
    kit_store_again(&k);
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_int_equal(table_rows_estimate(kit_store_table(t, "t")), done + 1);
    transaction_rollback(t);
    kit_store_done(&k);
}

static void after_a_failed_sync_nothing_is_written(void **state)
{
    (void)state;
    FaultIo f;
    KitStore k;
    Err err = {0};
    Bytes rows;
    fault_io_init(&f);
    kit_store_with(&k, fault_io(&f));
    kit_store_create(&k, "t", "id bigint!, name text");
    f.watched = FAULT_SYNC;
    f.seen = 0;
    f.fail_at = 1;
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "1|lost", &err), &err);
    assert_err(transaction_commit(t, &err), &err, "58030");
    for (int i = 0; i < 3; i++) { // the disk works again, but what it holds is not known
        t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        assert_ok(kit_store_dump(t, kit_store_table(t, "t"), &rows, &err), &err);
        assert_string_equal(rows.at, "");
        bytes_done(&rows);
        assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "2|refused", &err), &err);
        assert_err(transaction_commit(t, &err), &err, "58030");
    }
    assert_err(store_checkpoint(k.s, &err), &err, "58030");
    kit_store_again(&k);
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "3|fine", &err), &err);
    kit_store_commit(t);
    kit_store_done(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(committed_rows_come_back),
        cmocka_unit_test(every_truncation_gives_a_prefix),
        cmocka_unit_test(flipped_bits_are_found),
        cmocka_unit_test(a_torn_sector_is_cut),
        cmocka_unit_test(a_missing_segment_is_damage),
        cmocka_unit_test(a_fault_at_every_call),
        cmocka_unit_test(a_full_disk_is_survived),
        cmocka_unit_test(after_a_failed_sync_nothing_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
