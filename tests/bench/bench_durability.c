// Durability, measured at the store (no SQL): the disk's own rate of append + fdatasync and of overwriting, a
// bare group-commit loop, and d2db's durable single-row commits with the same numbers of sessions, in one
// run; the longest commit while checkpoints of a large table run; the time to open after a kill, and of a
// clean directory.
//
// Usage: bench_durability [MEGABYTES]     of the large table
#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "engine/base/thread.h"
#include "tests/unit/kit_store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORD = 200, COMMIT_MS = 1500, SESSIONS_MAX = 64, BATCH = 20000, PROBE_BYTES = 8 << 20 };

static void fail(const char *what, const Err *err)
{
    fprintf(stderr, "bench: %s: %s\n", what, err ? err->text : "failed");
    exit(1);
}

// ---- the disk itself ----

static double probe(const char *path, bool filled)
{
    char record[RECORD];
    memset(record, 'r', sizeof record);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char *filler = calloc(1, PROBE_BYTES);
    if (fd < 0 || !filler || (filled && pwrite(fd, filler, PROBE_BYTES, 0) != PROBE_BYTES) || fsync(fd) != 0)
        fail(path, NULL);
    free(filler);
    int64_t began = clock_mono_us(), until = began + COMMIT_MS * 1000;
    uint64_t count = 0;
    for (off_t at = 0; clock_mono_us() < until && at + RECORD < PROBE_BYTES; at += RECORD, count++)
        if (pwrite(fd, record, RECORD, at) != RECORD || fdatasync(fd) != 0) fail(path, NULL);
    double rate = (double)count * 1e6 / (double)(clock_mono_us() - began);
    close(fd);
    unlink(path);
    return rate;
}

// The least that group commit can be: a leader writes the records of all that wait, and syncs once.
typedef struct Bare {
    Mutex mutex;
    Cond done;
    int fd;
    bool writing;
    uint64_t asked, durable;
    off_t at;
    int64_t until;
    atomic_uint_fast64_t commits;
} Bare;

static void bare_session(void *arg)
{
    Bare *b = arg;
    static const char records[SESSIONS_MAX * RECORD] = {'r'};
    while (clock_mono_us() < b->until) {
        mutex_lock(&b->mutex);
        uint64_t mine = ++b->asked;
        while (b->durable < mine) {
            if (b->writing) {
                cond_wait(&b->done, &b->mutex);
                continue;
            }
            b->writing = true;
            uint64_t upto = b->asked;
            size_t len = (size_t)(upto - b->durable) * RECORD;
            mutex_unlock(&b->mutex);
            if (pwrite(b->fd, records, len, b->at) != (ssize_t)len || fdatasync(b->fd) != 0)
                fail("bare", NULL);
            mutex_lock(&b->mutex);
            b->at = (b->at + (off_t)len) % (PROBE_BYTES - (off_t)sizeof records);
            b->durable = upto;
            b->writing = false;
            cond_broadcast(&b->done);
        }
        mutex_unlock(&b->mutex);
        atomic_fetch_add(&b->commits, 1);
    }
}

static double run_threads(unsigned count, void (*run)(void *), void *arg, size_t step)
{
    Thread thread[SESSIONS_MAX] = {0};
    Err err = {0};
    int64_t began = clock_mono_us();
    for (unsigned i = 0; i < count; i++)
        if (!thread_start(&thread[i], run, (char *)arg + i * step, &err)) fail("thread", &err);
    for (unsigned i = 0; i < count; i++) thread_join(&thread[i]);
    return (double)(clock_mono_us() - began) / 1e6;
}

static double bare(const char *path, unsigned sessions)
{
    Bare b = {.until = clock_mono_us() + COMMIT_MS * 1000};
    char *filler = calloc(1, PROBE_BYTES);
    mutex_init(&b.mutex);
    cond_init(&b.done);
    b.fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (b.fd < 0 || !filler || pwrite(b.fd, filler, PROBE_BYTES, 0) != PROBE_BYTES || fsync(b.fd) != 0)
        fail(path, NULL);
    free(filler);
    double seconds = run_threads(sessions, bare_session, &b, 0);
    close(b.fd);
    unlink(path);
    mutex_done(&b.mutex);
    cond_done(&b.done);
    return (double)atomic_load(&b.commits) / seconds;
}

// ---- the store ----

typedef struct Session {
    KitStore *k;
    unsigned number;
    bool asynchronous;
    int64_t until, longest_us;
    uint64_t commits, next;
    const atomic_bool *stop;
} Session;

static void commit_rows(void *arg)
{
    Session *s = arg;
    Err err = {0};
    while (s->stop ? !atomic_load(s->stop) : clock_mono_us() < s->until) {
        Transaction *t;
        char row[160];
        TransactionOptions o = {.asynchronous = s->asynchronous, .user = STR("bench")};
        int64_t began = clock_mono_us(), took;
        if (!transaction_begin(&t, s->k->s, &o, &err)) fail("begin", &err);
        transaction_statement_begin(t);
        snprintf(row, sizeof row, "%llu|%u|a text of some length, as rows have it",
                 (unsigned long long)(s->next++ * SESSIONS_MAX + s->number), s->number);
        if (!kit_store_insert(t, kit_store_table(t, "t"), row, &err) || !transaction_commit(t, &err))
            fail("commit", &err);
        if ((took = clock_mono_us() - began) > s->longest_us) s->longest_us = took;
        s->commits++;
    }
}

static double commits(KitStore *k, unsigned sessions, bool asynchronous, uint64_t *base)
{
    Session s[SESSIONS_MAX];
    uint64_t count = 0;
    for (unsigned i = 0; i < sessions; i++)
        s[i] = (Session){.k = k,
                         .number = i,
                         .asynchronous = asynchronous,
                         .until = clock_mono_us() + COMMIT_MS * 1000,
                         .next = *base};
    double seconds = run_threads(sessions, commit_rows, s, sizeof *s);
    for (unsigned i = 0; i < sessions; i++) {
        count += s[i].commits;
        if (s[i].next > *base) *base = s[i].next;
    }
    return (double)count / seconds;
}

static void fill(KitStore *k, const char *table, uint64_t from, uint64_t rows)
{
    Err err = {0};
    char row[200];
    Transaction *t = NULL;
    for (uint64_t i = 0; i < rows; i++) {
        if (!t) t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
        snprintf(row, sizeof row,
                 "%llu|%llu|a text of some length, as rows in tables have it, and a number %llu",
                 (unsigned long long)(from + i), (unsigned long long)(i * 7919 % 1000),
                 (unsigned long long)(i * 2654435761u));
        if (!kit_store_insert(t, kit_store_table(t, table), row, &err)) fail("insert", &err);
        if (i % BATCH != BATCH - 1 && i + 1 < rows) continue;
        kit_store_commit(t);
        t = NULL;
    }
}

static double open_ms(KitStore *k, const KitDir *d, StoreRecovery *recovery)
{
    Err err = {0};
    *k = (KitStore){.dir = *d};
    k->options = (StoreOptions){
        .io = io_posix(), .path = kit_dir_path(d, "data", k->path), .node = 1, .no_background = true};
    int64_t began = clock_mono_us();
    if (!store_open(&k->s, &k->options, &err)) fail("open", &err);
    double took = (double)(clock_mono_us() - began) / 1000;
    store_recovery(k->s, recovery);
    return took;
}

static double log_megabytes(const KitDir *d)
{
    char command[KIT_PATH_MAX + 64], line[64] = "0";
    snprintf(command, sizeof command, "du -sb '%s/data/log' | cut -f1", d->path);
    FILE *f = popen(command, "r");
    if (!f || !fgets(line, sizeof line, f)) fail("du", NULL);
    pclose(f);
    return strtod(line, NULL) / 1e6;
}

static void measure_recovery(KitStore *k, uint64_t rows)
{
    KitDir killed;
    KitStore again;
    StoreRecovery r;
    kit_store_copy(k, &killed);
    double mb = log_megabytes(&killed), ms = open_ms(&again, &killed, &r);
    printf("| open after a kill, %.0f MB of log, %llu rows | %.0f ms, %.2f s per GB |\n", mb,
           (unsigned long long)rows, ms, ms / mb);
    printf("| log, bytes per row of about 85 bytes of text | %.0f |\n", mb * 1e6 / (double)rows);
    store_close(again.s);
    double clean = open_ms(&again, &killed, &r);
    printf("| open a clean directory with that table | %.1f ms |\n", clean);
    kit_store_done(&again);
}

static void checkpoint_loop(KitStore *k, atomic_bool *stop, unsigned times, int64_t *took)
{
    Err err = {0};
    for (unsigned i = 0; i < times; i++) {
        int64_t began = clock_mono_us();
        if (!store_checkpoint(k->s, &err)) fail("checkpoint", &err);
        took[i] = clock_mono_us() - began;
    }
    atomic_store(stop, true);
}

static void measure_checkpoint(KitStore *k, uint64_t *base)
{
    enum { WRITERS = 4, TIMES = 4 };
    Session s[WRITERS];
    Thread thread[WRITERS] = {0};
    atomic_bool stop = false;
    int64_t took[TIMES], longest = 0;
    Err err = {0};
    for (unsigned i = 0; i < WRITERS; i++) {
        s[i] = (Session){.k = k, .number = i, .next = *base, .stop = &stop};
        if (!thread_start(&thread[i], commit_rows, &s[i], &err)) fail("thread", &err);
    }
    checkpoint_loop(k, &stop, TIMES, took);
    for (unsigned i = 0; i < WRITERS; i++) {
        thread_join(&thread[i]);
        if (s[i].longest_us > longest) longest = s[i].longest_us;
    }
    printf("| checkpoints, the first whole | %.0f, %.0f, %.0f, %.0f ms |\n", (double)took[0] / 1000,
           (double)took[1] / 1000, (double)took[2] / 1000, (double)took[3] / 1000);
    printf("| longest of %u sessions' commits meanwhile | %.1f ms |\n", WRITERS, (double)longest / 1000);
}

int main(int argc, char **argv)
{
    static const unsigned sessions[] = {1, 8, 64};
    uint64_t megabytes = argc > 1 ? strtoull(argv[1], NULL, 10) : 200, rows = megabytes * 10000, base = 1;
    KitStore k;
    char path[KIT_PATH_MAX];
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, number bigint, text text");
    kit_store_create(&k, "large", "id bigint!, number bigint, text text");
    kit_dir_path(&k.dir, "probe", path);
    printf("| what | measured |\n|---|---:|\n");
    printf("| append %d bytes + fdatasync | %.0f /s |\n", RECORD, probe(path, false));
    printf("| overwrite %d bytes + fdatasync | %.0f /s |\n", RECORD, probe(path, true));
    for (size_t i = 0; i < COUNT_OF(sessions); i++) {
        double least = bare(path, sessions[i]), ours = commits(&k, sessions[i], false, &base);
        printf("| %u session%s: bare group commit, d2db | %.0f /s, %.0f /s (%.2f) |\n", sessions[i],
               sessions[i] > 1 ? "s" : "", least, ours, ours / least);
    }
    printf("| 8 sessions, synchronous = off | %.0f /s |\n", commits(&k, 8, true, &base));
    Err err = {0};
    if (!store_checkpoint(k.s, &err)) fail("checkpoint", &err);
    fill(&k, "large", 0, rows);
    measure_recovery(&k, rows);
    measure_checkpoint(&k, &base);
    kit_store_done(&k);
    return 0;
}
