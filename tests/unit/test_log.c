// Log: segments come back record by record; the reader tells the end, a torn write and damage apart.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_dir.h"

#include "engine/base/thread.h"
#include "engine/store/log_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS = 12, SESSIONS = 4, EACH = 100 };

static void commit(Log *l, const char *text, uint64_t txn)
{
    Err err = {0};
    Bytes body;
    bytes_init(&body, LOG_RECORD_MAX);
    bytes_put(&body, str_of(text));
    bytes_put_byte(&body, '\n');
    LogNode *n = log_node_new(&body, STR("an na"), txn, false);
    assert_non_null(n);
    mutex_lock(&l->mutex);
    bool ok = log_put(l, n, &err);
    mutex_unlock(&l->mutex);
    assert_ok(ok, &err);
    Stamp stamp = n->stamp;
    assert_ok(log_finish(l, n, &err), &err);
    assert_true(atomic_load(&l->published) >= stamp);
}

typedef struct Kit {
    KitDir dir;
    IoDir io;
    StampClock clock;
    Log log;
} Kit;

static void start(Kit *k)
{
    Err err = {0};
    memset(k, 0, sizeof *k);
    kit_dir_make(&k->dir);
    assert_ok(io_dir_open(&k->io, io_posix(), k->dir.path, false, &err), &err);
    stamp_clock_init(&k->clock, 1, 0);
    assert_ok(log_start(&k->log, &k->io, &k->clock, 1, 1, 0, &err), &err);
}

static void stop(Kit *k)
{
    log_stop(&k->log);
    stamp_clock_done(&k->clock);
    io_dir_close(&k->io);
    kit_dir_remove(&k->dir);
}

// Reads text as segment 1; says how it ended and how many records came first.
static LogRead read_all(const char *at, size_t len, uint64_t *records)
{
    LogReader r = {.text = {at, len}, .expect = 1};
    LogRecord record;
    Err err = {0}, why = {0};
    assert_ok(log_head(&r, 1, &err), &err);
    for (*records = 0;; ++*records) {
        LogRead state = log_read(&r, &record, &why);
        if (state != LOG_READ_RECORD) return state;
        assert_int_equal(record.seq, *records + 1);
        assert_str(record.user, "an_na");
    }
}

static void records_come_back(void **state)
{
    (void)state;
    Kit k;
    size_t len;
    uint64_t records;
    start(&k);
    for (int i = 0; i < RECORDS; i++) {
        char text[64];
        snprintf(text, sizeof text, "rows\t%d\tdb\tt", i);
        commit(&k.log, text, (uint64_t)i);
    }
    char *live = kit_dir_read(&k.dir, "000000000001.d2l", &len); // with its filler
    assert_int_equal(read_all(live, len, &records), LOG_READ_END);
    assert_int_equal(records, RECORDS);
    // The third record loses a byte: what follows had known it to be on disk.
    char *third = strstr(live, "\ncommit 3 ");
    third[20] ^= 1;
    assert_int_equal(read_all(live, len, &records), LOG_READ_DAMAGED);
    assert_int_equal(records, 2);
    third[20] ^= 1;
    // The last one was written whole and changed since.
    char *last = strstr(live, "\ncommit 12 "), *end = strstr(last, "\nend 12 ");
    end[-3] ^= 4;
    assert_int_equal(read_all(live, len, &records), LOG_READ_DAMAGED);
    assert_int_equal(records, RECORDS - 1);
    end[-3] ^= 4;
    // The last one was never written to its end.
    char *tail = strchr(end + 1, '\n');
    memset(end - 10, '\n', (size_t)(tail - end) + 11);
    size_t sector = ((size_t)(end - live) / LOG_SECTOR) * LOG_SECTOR;
    if ((size_t)(end - 10 - live) <= sector ||
        (size_t)(last + 1 - live) / LOG_SECTOR == (size_t)(end - live) / LOG_SECTOR) {
        LogRead ends = read_all(live, (size_t)(end - 10 - live), &records); // cut there: torn for certain
        assert_int_equal(ends, LOG_READ_TORN);
        assert_int_equal(records, RECORDS - 1);
    }
    free(live);
    stop(&k);
}

static void a_missing_number_is_damage(void **state)
{
    (void)state;
    Kit k;
    size_t len;
    uint64_t records;
    start(&k);
    for (int i = 0; i < 3; i++) commit(&k.log, "counted\t1\t1", 1);
    char *live = kit_dir_read(&k.dir, "000000000001.d2l", &len);
    char *second = strstr(live, "\ncommit 2 ") + 1, *third = strstr(live, "\ncommit 3 ") + 1;
    memmove(second, third, len - (size_t)(third - live));
    assert_int_equal(read_all(live, len - (size_t)(third - second), &records), LOG_READ_DAMAGED);
    assert_int_equal(records, 1);
    free(live);
    stop(&k);
}

static void other_versions_are_named(void **state)
{
    (void)state;
    Err err = {0};
    LogReader r = {.text = STR("d2l 9 segment 1 00000000\n")};
    assert_false(log_head(&r, 1, &err));
    assert_non_null(strstr(err.text, "version 9"));
    err_clear(&err);
    r.text = STR("garbage");
    assert_err(log_head(&r, 1, &err), &err, "XX001");
    r.text = STR("");
    assert_err(log_head(&r, 1, &err), &err, "XX001");
    uint64_t number;
    assert_true(log_segment_number(STR("000000000042.d2l"), &number) && number == 42);
    assert_false(log_segment_number(STR("42.d2l"), &number));
    assert_false(log_segment_number(STR("00000000004x.d2l"), &number));
}

static void session(void *arg)
{
    for (int i = 0; i < EACH; i++) commit(arg, "counted\t7\t1", 3);
}

static void nothing(void *self) { (void)self; }

static void many_sessions_share_syncs_and_segments(void **state)
{
    (void)state;
    Kit k;
    Err err = {0};
    Thread thread[SESSIONS] = {0};
    uint64_t first, seq, records;
    Stamp at;
    size_t len;
    start(&k);
    for (int i = 0; i < SESSIONS; i++) assert_ok(thread_start(&thread[i], session, &k.log, &err), &err);
    for (int i = 0; i < SESSIONS; i++) thread_join(&thread[i]);
    LogNode *n = log_rotate_begin(&k.log, nothing, NULL, &err);
    assert_non_null(n);
    assert_ok(log_rotate_end(&k.log, n, &first, &seq, &at, &err), &err);
    assert_int_equal(first, 2);
    assert_int_equal(seq, SESSIONS * EACH + 1);
    assert_int_equal(at, atomic_load(&k.log.published));
    char *done = kit_dir_read(&k.dir, "000000000001.d2l", &len); // cut to what was written
    assert_int_equal(read_all(done, len, &records), LOG_READ_END);
    assert_int_equal(records, SESSIONS * EACH);
    assert_memory_not_equal(done + len - 2, "\n\n", 2);
    free(done);
    stop(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back),
        cmocka_unit_test(a_missing_number_is_damage),
        cmocka_unit_test(other_versions_are_named),
        cmocka_unit_test(many_sessions_share_syncs_and_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
