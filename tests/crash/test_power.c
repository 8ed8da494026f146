// Power loss at every moment of a workload: threads move money, leave tokens in two tables and make and drop
// tables, one of them without waiting for the disk, while checkpoints run. From the record of all calls the
// states are rebuilt that the disk could be in; each must open, hold every acknowledged commit and no part of
// another.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include "engine/base/clock.h"
#include "engine/base/hash.h"
#include "engine/base/random.h"
#include "engine/base/size.h"
#include "engine/base/thread.h"
#include "tests/crash/kit_power.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    THREADS = 3, // the last one commits without waiting
    ACCOUNTS = 6,
    MONEY = 100,
    COMMITS = 24, // of each thread between two checkpoints
    LAPS = 4,
    READY = POWER_MARKERS - 1, // the marker that says: tables and money are there
    STATES = 1500,
    STATES_FULL = 120000,
    SECOND = 12, // moments at which it fails twice
    SECOND_FULL = 400,
    SECOND_STATES = 20, // each
};

typedef struct Worker {
    KitStore *k;
    PowerIo *power;
    int64_t thread, next;
    Random random;
} Worker;

static bool balance(Transaction *t, Table *bank, int64_t id, int64_t *out, Err *err)
{
    RowList list = {0};
    Value key = {.type = type_of(TYPE_BIGINT), .i64 = id};
    Arena mem = {0};
    Type type = type_of(TYPE_BIGINT);
    uint16_t column = 1;
    Batch *b = batch_new(&mem, &type, 1);
    bool ok = index_lookup(t, bank, schema_primary(table_def(bank)), &key, 1, &list, err) &&
              list.count == 1 && table_fetch(t, bank, list.pos, 1, &column, 1, b, &mem, err);
    if (ok) *out = ((int64_t *)b->vector[0].data)[0];
    arena_done(&mem);
    free(list.pos);
    return ok;
}

static bool transfer(Worker *w, Transaction *t, Err *err)
{
    char row[64];
    int64_t from = (int64_t)random_below(&w->random, ACCOUNTS), to = (from + 1) % ACCOUNTS, a, b;
    Table *bank = kit_store_table(t, "bank");
    if (!balance(t, bank, from, &a, err) || !balance(t, bank, to, &b, err)) return false;
    snprintf(row, sizeof row, "%ld|%ld", (long)from, (long)(a - 1));
    if (!kit_store_update(t, bank, from, row, err)) return false;
    snprintf(row, sizeof row, "%ld|%ld", (long)to, (long)(b + 1));
    return kit_store_update(t, bank, to, row, err);
}

static bool leave_token(const Worker *w, Transaction *t, Err *err)
{
    char row[1200];
    int pad = (int)random_below(&((Worker *)w)->random, 1000); // records of all sizes, over sectors' edges
    snprintf(row, sizeof row, "%ld|%0*d", (long)(w->next * THREADS + w->thread), pad, 7);
    return kit_store_insert(t, kit_store_table(t, "token_a"), row, err) &&
           kit_store_insert(t, kit_store_table(t, "token_b"), row, err);
}

// Every eighth token brings a table with one row and takes the one before away.
static bool change_tables(const Worker *w, Transaction *t, Err *err)
{
    char name[32], row[32];
    Arena mem = {0};
    Table *table = NULL;
    snprintf(name, sizeof name, "x%ld_%ld", (long)w->thread, (long)w->next);
    snprintf(row, sizeof row, "%ld", (long)w->next);
    bool ok = transaction_create_table(t, kit_store_def(&mem, name, "id bigint!"), &table, err) &&
              kit_store_insert(t, table, row, err);
    snprintf(name, sizeof name, "x%ld_%ld", (long)w->thread, (long)(w->next - 8));
    Table *old = ok ? transaction_table(t, STR("db"), str_of(name)) : NULL;
    if (ok && old) ok = transaction_drop_table(t, old, err);
    arena_done(&mem);
    return ok;
}

static void work(void *arg)
{
    Worker *w = arg;
    for (int64_t end = w->next + COMMITS; w->next < end;) {
        Err err = {0};
        Transaction *t;
        TransactionOptions o = {.isolation = ISOLATION_REPEATABLE_READ,
                                .asynchronous = w->thread == THREADS - 1,
                                .user = STR("test")};
        if (!transaction_begin(&t, w->k->s, &o, &err)) abort();
        transaction_statement_begin(t);
        bool ok =
            transfer(w, t, &err) && leave_token(w, t, &err) && (w->next % 8 || change_tables(w, t, &err));
        if (!ok)
            transaction_rollback(t);
        else if (transaction_commit(t, &err))
            power_mark(w->power, (unsigned)w->thread, w->next++);
        if (err_any(&err) && strcmp(err.state, "40001") != 0 && strcmp(err.state, "40P01") != 0) {
            fprintf(stderr, "worker: %s %s\n", err.state, err.text);
            abort();
        }
    }
}

static void fill(KitStore *k)
{
    Err err = {0};
    kit_store_create(k, "bank", "id bigint!, money bigint");
    kit_store_create(k, "token_a", "id bigint!, text text");
    kit_store_create(k, "token_b", "id bigint!, text text");
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    for (int i = 0; i < ACCOUNTS; i++) {
        char row[32];
        snprintf(row, sizeof row, "%d|%d", i, MONEY);
        assert_ok(kit_store_insert(t, kit_store_table(t, "bank"), row, &err), &err);
    }
    kit_store_commit(t);
}

static void record(PowerIo *p, KitDir *root, uint64_t seed)
{
    Err err = {0};
    KitStore k = {.dir = *root};
    Worker w[THREADS];
    kit_dir_path(root, "data", k.path);
    k.options = (StoreOptions){.io = power_io(p), .path = k.path, .node = 1, .no_background = true};
    assert_ok(store_open(&k.s, &k.options, &err), &err);
    assert_ok(store_database_create(k.s, STR("db"), false, STR("test"), &err), &err);
    fill(&k);
    power_mark(p, READY, 1);
    for (int i = 0; i < THREADS; i++) {
        w[i] = (Worker){.k = &k, .power = p, .thread = i, .next = 1};
        random_seed(&w[i].random, seed + (uint64_t)i);
    }
    for (int lap = 0; lap < LAPS; lap++) {
        Thread thread[THREADS] = {0};
        for (int i = 0; i < THREADS; i++) assert_ok(thread_start(&thread[i], work, &w[i], &err), &err);
        assert_ok(store_checkpoint(k.s, &err), &err); // in the middle of them
        for (int i = 0; i < THREADS; i++) thread_join(&thread[i]);
        if (lap == LAPS / 2) kit_store_again(&k);
    }
    store_close(k.s);
}

// ---- looking at a state, in a child of its own ----

static void wrong(const char *format, ...) PRINTF_LIKE(1, 2);
static void wrong(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    _exit(1);
}

static void read_rows(KitStore *k, Transaction *t, const char *name, Bytes *rows)
{
    Err err = {0};
    (void)k;
    Table *table = transaction_table(t, STR("db"), str_of(name));
    if (!table) wrong("table %s is gone", name);
    if (!kit_store_dump(t, table, rows, &err)) wrong("%s: %s %s", name, err.state, err.text);
}

static void check_money(KitStore *k, Transaction *t, bool ready)
{
    Bytes rows;
    int64_t sum = 0, accounts = 0, money;
    read_rows(k, t, "bank", &rows);
    for (Str rest = bytes_str(&rows); rest.len; accounts++) {
        Str line = str_cut(&rest, '\n');
        str_cut(&line, '|');
        if (!str_to_int64(line, &money)) wrong("no number in bank");
        sum += money;
    }
    if (accounts != (ready || accounts ? ACCOUNTS : 0) || sum != accounts * MONEY)
        wrong("%ld accounts with %ld", (long)accounts, (long)sum);
    bytes_done(&rows);
}

static void check_tokens(KitStore *k, Transaction *t, int64_t *count)
{
    Bytes a, b;
    int64_t sum[THREADS] = {0}, id;
    read_rows(k, t, "token_a", &a);
    read_rows(k, t, "token_b", &b);
    if (!str_equal(bytes_str(&a), bytes_str(&b))) wrong("half of a transaction: the tokens differ");
    for (Str rest = bytes_str(&a); rest.len;) {
        Str line = str_cut(&rest, '\n');
        if (!str_to_int64(str_cut(&line, '|'), &id)) wrong("no number in token_a");
        count[id % THREADS]++;
        sum[id % THREADS] += id / THREADS;
    }
    for (int i = 0; i < THREADS; i++)
        if (sum[i] != count[i] * (count[i] + 1) / 2) wrong("thread %d has a gap", i);
    bytes_done(&a);
    bytes_done(&b);
}

static void check_made_tables(Transaction *t, const int64_t *count)
{
    for (int i = 0; i < THREADS; i++) {
        for (int64_t n = 8; n <= count[i]; n += 8) {
            char name[32];
            snprintf(name, sizeof name, "x%d_%ld", i, (long)n);
            bool there = transaction_table(t, STR("db"), str_of(name)) != NULL;
            if (there != (n + 8 > count[i])) wrong("table %s is %s", name, there ? "still there" : "gone");
        }
    }
}

// go_on: the store must take a change from here too.
static void look(const char *path, const int64_t *marks, bool go_on)
{
    KitStore k = {.options = {.io = io_posix(), .path = path, .node = 1, .no_background = true}};
    Err err = {0};
    int64_t count[THREADS] = {0};
    if (!store_open(&k.s, &k.options, &err)) wrong("does not open: %s %s", err.state, err.text);
    bool ready = marks[READY];
    Transaction *t = kit_store_begin(&k, ISOLATION_REPEATABLE_READ);
    if (ready || transaction_table(t, STR("db"), STR("bank"))) check_money(&k, t, ready);
    if (ready) check_tokens(&k, t, count);
    check_made_tables(t, count);
    for (int i = 0; i < THREADS - 1; i++)
        if (count[i] < marks[i])
            wrong("thread %d: %ld acknowledged, %ld there", i, (long)marks[i], (long)count[i]);
    transaction_rollback(t);
    if (!ready || !go_on) return;
    Transaction *more = kit_store_begin(&k, ISOLATION_REPEATABLE_READ);
    if (!kit_store_insert(more, kit_store_table(more, "token_a"), "-1|after", &err) ||
        !transaction_commit(more, &err))
        wrong("takes no more changes: %s %s", err.state, err.text);
}

static bool state_is_good(const char *path, const int64_t *marks, bool go_on)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        look(path, marks, go_on);
        _exit(0);
    }
    int status = -1;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// ---- the search ----

typedef struct Search {
    PowerIo *power;
    KitDir box; // states are built here, in memory where the machine offers that
    uint64_t *seen;
    size_t seen_mask, built, distinct;
} Search;

static bool is_new(Search *s, uint64_t hash)
{
    hash |= 1;
    for (size_t i = hash & s->seen_mask;; i = (i + 1) & s->seen_mask) {
        if (s->seen[i] == hash) return false;
        if (s->seen[i] == 0) return s->seen[i] = hash, true;
    }
}

static void try_state(Search *s, size_t at, PowerLoss loss, uint64_t dice)
{
    static const char *const name[] = {"keep", "drop", "prefix", "reorder", "tear"};
    char path[KIT_PATH_MAX], state[KIT_PATH_MAX];
    int64_t marks[POWER_MARKERS];
    KitDir dir;
    power_seek(s->power, at, marks);
    kit_dir_path(&s->box, "state", state);
    memcpy(dir.path, state, sizeof state);
    if (mkdir(state, 0700) != 0) fail_msg("cannot make %s", state);
    uint64_t hash = power_build(s->power, loss, dice, state);
    s->built++;
    // The same disk with fewer acknowledged commits was looked at already, never with more: marks only grow.
    if (is_new(s, hash_mix(hash, (uint64_t)(marks[0] * 1000003 + marks[1] * 1009 + marks[READY])))) {
        s->distinct++;
        if (!state_is_good(kit_dir_path(&dir, "data", path), marks, s->distinct % 16 == 0))
            fail_msg("call %zu of %zu, %s, dice %llu", at, power_calls(s->power), name[loss],
                     (unsigned long long)dice);
    }
    kit_dir_remove(&dir);
}

static void box_make(KitDir *box)
{
    // A file system in memory keeps 100,000 states off the disk.
    snprintf(box->path, sizeof box->path, "/dev/shm/d2db-power.XXXXXX");
    if (access("/dev/shm", W_OK) != 0 || !mkdtemp(box->path)) kit_dir_make(box);
}

static uint64_t seed_of_the_run(void)
{
    uint64_t seed = getenv("D2DB_SEED") ? strtoull(getenv("D2DB_SEED"), NULL, 10) : (uint64_t)clock_wall_us();
    print_message("# seed %llu (D2DB_SEED)\n", (unsigned long long)seed);
    return seed;
}

static void search_begin(Search *s, KitDir *root, uint64_t seed)
{
    *s = (Search){.seen_mask = (1 << 20) - 1};
    kit_dir_make(root);
    box_make(&s->box);
    s->power = power_new(root->path);
    s->seen = size_alloc_zero(s->seen_mask + 1, sizeof *s->seen);
    record(s->power, root, seed);
}

static void search_end(Search *s, const KitDir *root)
{
    power_free(s->power);
    free(s->seen);
    kit_dir_remove(&s->box);
    kit_dir_remove(root);
}

static void every_state_holds_what_was_acknowledged(void **state)
{
    (void)state;
    KitDir root;
    Search s;
    Random r;
    uint64_t seed = seed_of_the_run();
    search_begin(&s, &root, seed);
    random_seed(&r, seed);
    size_t states = getenv("D2DB_FULL") ? STATES_FULL : STATES, calls = power_calls(s.power);
    for (size_t i = 0; i < states; i++) {
        // Moments in order, as power_seek wants them.
        size_t at = (size_t)((double)i / (double)states * (double)(calls + 1));
        try_state(&s, at, (PowerLoss)(i % POWER_LOSSES), random_next(&r));
    }
    print_message("# %zu calls, %zu states built, %zu different ones opened\n", calls, s.built, s.distinct);
    assert_true(s.distinct > states / 4);
    search_end(&s, &root);
}

// The power fails again while the store recovers from the first time.
static void fail_twice(Search *s, size_t at, uint64_t dice)
{
    int64_t marks[POWER_MARKERS], none[POWER_MARKERS];
    char path[KIT_PATH_MAX], again[KIT_PATH_MAX];
    KitDir root, box = s->box;
    Err err = {0};
    kit_dir_make(&root);
    power_seek(s->power, at, marks);
    power_build(s->power, POWER_TEAR, dice, root.path);
    PowerIo *second = power_new(root.path);
    Store *store;
    StoreOptions options = {
        .io = power_io(second), .path = kit_dir_path(&root, "data", path), .node = 1, .no_background = true};
    assert_ok(store_open(&store, &options, &err), &err);
    store_close(store); // with its checkpoint
    size_t first = power_first(second), calls = power_calls(second) + 1 - first;
    for (size_t i = 0; i < SECOND_STATES; i++) {
        KitDir state;
        memcpy(state.path, kit_dir_path(&box, "again", again), sizeof again);
        if (mkdir(state.path, 0700) != 0) fail_msg("cannot make %s", state.path);
        power_seek(second, first + i * calls / SECOND_STATES, none);
        power_build(second, (PowerLoss)(1 + (dice + i) % (POWER_LOSSES - 1)), dice + i, state.path);
        if (!state_is_good(kit_dir_path(&state, "data", path), marks, false))
            fail_msg("call %zu, dice %llu, then call %zu of %zu", at, (unsigned long long)dice,
                     i * calls / SECOND_STATES, calls);
        s->built++;
        kit_dir_remove(&state);
    }
    power_free(second);
    kit_dir_remove(&root);
}

static void power_may_fail_while_it_recovers(void **state)
{
    (void)state;
    KitDir root;
    Search s = {0};
    Random r;
    uint64_t seed = seed_of_the_run();
    search_begin(&s, &root, seed);
    random_seed(&r, seed);
    size_t moments = getenv("D2DB_FULL") ? SECOND_FULL : SECOND, calls = power_calls(s.power);
    for (size_t i = 0; i < moments; i++)
        fail_twice(&s, calls / 10 + i * (calls - calls / 10) / moments, random_next(&r));
    print_message("# %zu states of a second failure\n", s.built);
    search_end(&s, &root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_state_holds_what_was_acknowledged),
                                       cmocka_unit_test(power_may_fail_while_it_recovers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
