// kill -9 at random moments of a child whose threads move money, leave tokens, make and drop tables while
// checkpoints run. Every acknowledged commit must be there, and no part of any other: the money's sum holds,
// a token is in both tables or in none, and tokens of one thread have no gap. Each new table has a view,
// which is there as long as the table is; each commit takes a number of a sequence, and none is given twice.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/base/thread.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, ACCOUNTS = 24, MONEY = 100, ROUNDS = 200, ROUNDS_FULL = 10000, LIFE_US_MAX = 60000 };

typedef struct Ack {
    int64_t thread, token;
} Ack;

typedef struct Worker {
    KitStore *k;
    int64_t thread, next;
    int pipe;
    Random random;
} Worker;

static bool balance(Transaction *t, Table *bank, int64_t id, int64_t *out, Err *err)
{
    RowList list = {0};
    Value key = {.type = type_of(TYPE_BIGINT), .i64 = id};
    bool ok = index_lookup(t, bank, schema_primary(table_def(bank)), &key, 1, &list, err) && list.count == 1;
    Arena mem = {0};
    Type type = type_of(TYPE_BIGINT);
    Batch *b = batch_new(&mem, &type, 1);
    uint16_t column = 1;
    ok = ok && table_fetch(t, bank, list.pos, 1, &column, 1, b, &mem, err);
    if (ok) *out = ((int64_t *)b->vector[0].data)[0];
    arena_done(&mem);
    free(list.pos);
    return ok;
}

static bool transfer(Worker *w, Transaction *t, Err *err)
{
    char row[64];
    int64_t from = (int64_t)random_below(&w->random, ACCOUNTS),
            to = (from + 1 + (int64_t)random_below(&w->random, ACCOUNTS - 1)) % ACCOUNTS;
    int64_t a, b, amount = (int64_t)random_below(&w->random, 20);
    Table *bank = kit_store_table(t, "bank");
    if (!balance(t, bank, from, &a, err) || !balance(t, bank, to, &b, err)) return false;
    snprintf(row, sizeof row, "%ld|%ld", (long)from, (long)(a - amount));
    if (!kit_store_update(t, bank, from, row, err)) return false;
    snprintf(row, sizeof row, "%ld|%ld", (long)to, (long)(b + amount));
    return kit_store_update(t, bank, to, row, err);
}

static uint64_t sequence_of(Transaction *t)
{
    Arena mem = {0};
    const ObjectDef *o =
        transaction_object_find(t, OBJECT_SEQUENCE, STR("db"), SCHEMA_PUBLIC, 0, STR("numbers"), &mem);
    uint64_t id = o ? o->id : 0;
    arena_done(&mem);
    return id;
}

static bool leave_token(Worker *w, Transaction *t, Err *err)
{
    char row[160];
    int64_t number;
    if (!sequence_next(t, sequence_of(t), &number, err)) return false;
    snprintf(row, sizeof row, "%ld|%ld|a text that does not fit into a cell",
             (long)(w->next * THREADS + w->thread), (long)w->thread);
    if (!kit_store_insert(t, kit_store_table(t, "token_a"), row, err) ||
        !kit_store_insert(t, kit_store_table(t, "token_b"), row, err))
        return false;
    return transaction_count_update(t, kit_store_table(t, "token_a"));
}

// A table that comes with its first row, and one that goes.
static bool change_tables(Worker *w, Transaction *t, Err *err)
{
    char name[32], row[32];
    Arena mem = {0};
    Table *table = NULL;
    snprintf(name, sizeof name, "x%ld_%ld", (long)w->thread, (long)w->next);
    snprintf(row, sizeof row, "%ld", (long)w->next);
    bool ok = transaction_create_table(t, kit_store_def(&mem, name, "id bigint!"), &table, err) &&
              kit_store_insert(t, table, row, err);
    snprintf(name, sizeof name, "x%ld_%ld", (long)w->thread, (long)(w->next - 20));
    ObjectDef view = {.kind = OBJECT_VIEW, .database = STR("db"), .schema = SCHEMA_PUBLIC};
    view.name = arena_printf(&mem, "view of x%ld_%ld", (long)w->thread, (long)w->next);
    if (ok) object_set_field(&view, &mem, "query", STR("select 1"));
    if (ok) object_add_dependency(&view, &mem, table_def(table)->id);
    ok = ok && transaction_object_create(t, &view, NULL, err);
    Table *old = ok ? transaction_table(t, STR("db"), str_of(name)) : NULL;
    const ObjectDef **on;
    size_t views = old ? transaction_object_dependents(t, table_def(old)->id, &mem, &on) : 0;
    for (size_t i = 0; ok && i < views; i++) ok = transaction_object_drop(t, on[i]->id, err);
    if (ok && old) ok = transaction_drop_table(t, old, err);
    arena_done(&mem);
    return ok;
}

static void work(void *arg)
{
    Worker *w = arg;
    for (;;) {
        Err err = {0};
        Transaction *t = kit_store_begin(w->k, ISOLATION_REPEATABLE_READ);
        bool ok =
            transfer(w, t, &err) && leave_token(w, t, &err) && (w->next % 10 || change_tables(w, t, &err));
        if (!ok) {
            transaction_rollback(t);
        } else if (transaction_commit(t, &err)) {
            Ack ack = {w->thread, w->next++};
            if (write(w->pipe, &ack, sizeof ack) != sizeof ack) _exit(3);
            continue;
        }
        if (strcmp(err.state, "40001") != 0 && strcmp(err.state, "40P01") != 0) { // tried again
            fprintf(stderr, "child: %s %s\n", err.state, err.text);
            _exit(2);
        }
    }
}

static int64_t sum_of(const int64_t count[THREADS])
{
    int64_t sum = 0;
    for (int i = 0; i < THREADS; i++) sum += count[i];
    return sum;
}

// Rows of a table of tokens per thread: 1 … n without a gap; gives n.
static void count_tokens(KitStore *k, const char *name, int64_t *count)
{
    Err err = {0};
    Bytes rows;
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_dump(t, kit_store_table(t, name), &rows, &err), &err);
    int64_t sum[THREADS] = {0};
    memset(count, 0, THREADS * sizeof *count);
    for (Str rest = bytes_str(&rows); rest.len;) {
        Str line = str_cut(&rest, '\n');
        int64_t id;
        assert_true(str_to_int64(str_cut(&line, '|'), &id));
        count[id % THREADS]++;
        sum[id % THREADS] += id / THREADS;
    }
    for (int i = 0; i < THREADS; i++) assert_int_equal(sum[i], count[i] * (count[i] + 1) / 2);
    if (strcmp(name, "token_a") == 0)
        assert_int_equal(table_update_count(kit_store_table(t, name)), sum_of(count));
    kit_store_commit(t);
    bytes_done(&rows);
}

static void child(KitStore *k, int to, uint64_t seed)
{
    Err err = {0};
    Worker w[THREADS];
    Thread thread[THREADS];
    k->options.no_background = false;
    k->options.checkpoint_log_bytes = 20000;
    if (!store_open(&k->s, &k->options, &err)) {
        fprintf(stderr, "child cannot open: %s %s\n", err.state, err.text);
        _exit(1);
    }
    int64_t there[THREADS];
    count_tokens(k, "token_a", there);
    for (int64_t i = 0; i < THREADS; i++) {
        w[i] = (Worker){.k = k, .thread = i, .next = there[i] + 1, .pipe = to};
        random_seed(&w[i].random, seed * 10 + (uint64_t)i);
        if (!thread_start(&thread[i], work, &w[i], &err)) _exit(1);
    }
    for (int i = 0; i < THREADS; i++) thread_join(&thread[i]);
    _exit(1);
}

static void check_money(KitStore *k)
{
    Err err = {0};
    Bytes rows;
    int64_t sum = 0, accounts = 0;
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_dump(t, kit_store_table(t, "bank"), &rows, &err), &err);
    for (Str rest = bytes_str(&rows); rest.len; accounts++) {
        Str line = str_cut(&rest, '\n');
        int64_t money;
        str_cut(&line, '|');
        assert_true(str_to_int64(line, &money));
        sum += money;
    }
    assert_int_equal(accounts, ACCOUNTS);
    assert_int_equal(sum, ACCOUNTS * MONEY);
    kit_store_commit(t);
    bytes_done(&rows);
}

// Every tenth token brings its table and takes the one twenty tokens older away.
static void check_tables(KitStore *k, const int64_t *count)
{
    Err err = {0};
    SequenceState state;
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    assert_ok(sequence_state(t, sequence_of(t), &state, &err), &err);
    assert_true(state.last >= sum_of(count)); // one for each commit at least
    for (int i = 0; i < THREADS; i++) {
        for (int64_t n = 10; n <= count[i]; n += 10) {
            char name[32];
            snprintf(name, sizeof name, "x%d_%ld", i, (long)n);
            Table *table = transaction_table(t, STR("db"), str_of(name));
            assert_true((table != NULL) == (n + 20 > count[i]));
            if (table) assert_int_equal(table_rows_estimate(table), 1);
            Arena mem = {0};
            Str view = arena_printf(&mem, "view of %s", name);
            const ObjectDef *o =
                transaction_object_find(t, OBJECT_VIEW, STR("db"), SCHEMA_PUBLIC, 0, view, &mem);
            assert_true((o != NULL) == (table != NULL));
            if (o) assert_true(object_depends(o, table_def(table)->id));
            arena_done(&mem);
        }
    }
    kit_store_commit(t);
}

static void fill(KitStore *k)
{
    Err err = {0};
    kit_store_create(k, "bank", "id bigint!, money bigint");
    kit_store_create(k, "token_a", "id bigint!, thread bigint, text text");
    kit_store_create(k, "token_b", "id bigint!, thread bigint, text text");
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    const ObjectDef numbers = {
        .kind = OBJECT_SEQUENCE, .database = STR("db"), .schema = SCHEMA_PUBLIC, .name = STR("numbers")};
    assert_ok(transaction_object_create(t, &numbers, NULL, &err), &err);
    for (int i = 0; i < ACCOUNTS; i++) {
        char row[32];
        snprintf(row, sizeof row, "%d|%d", i, MONEY);
        assert_ok(kit_store_insert(t, kit_store_table(t, "bank"), row, &err), &err);
    }
    kit_store_commit(t);
    store_close(k->s);
}

static void run_and_kill(KitStore *k, int64_t *acknowledged, Random *r)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    uint64_t seed = random_next(r) >> 8;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        child(k, ends[1], seed);
    }
    close(ends[1]);
    usleep((useconds_t)random_below(r, LIFE_US_MAX));
    kill(pid, SIGKILL);
    Ack ack;
    while (read(ends[0], &ack, sizeof ack) == sizeof ack) acknowledged[ack.thread] = ack.token;
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    close(ends[0]);
}

static void nothing_acknowledged_is_lost(void **state)
{
    (void)state;
    KitStore k;
    Random r;
    Err err = {0};
    int64_t acknowledged[THREADS] = {0}, total = 0;
    uint64_t replayed = 0, cut = 0;
    int rounds = getenv("D2DB_FULL") ? ROUNDS_FULL : ROUNDS;
    uint64_t seed = getenv("D2DB_SEED") ? strtoull(getenv("D2DB_SEED"), NULL, 10) : (uint64_t)clock_wall_us();
    print_message("# seed %llu (D2DB_SEED)\n", (unsigned long long)seed);
    random_seed(&r, seed);
    signal(SIGPIPE, SIG_IGN);
    kit_store_open(&k);
    fill(&k);
    for (int round = 0; round < rounds; round++) {
        uint64_t kills = 1 + random_below(&r, 3); // the next child replays what the last one left
        for (uint64_t i = 1; i < kills; i++, round++) run_and_kill(&k, acknowledged, &r);
        run_and_kill(&k, acknowledged, &r);
        k.options.no_background = true;
        assert_ok(store_open(&k.s, &k.options, &err), &err);
        StoreRecovery recovery;
        store_recovery(k.s, &recovery);
        replayed += recovery.transactions;
        cut += recovery.cut_bytes > 0;
        int64_t a[THREADS], b[THREADS];
        count_tokens(&k, "token_a", a);
        count_tokens(&k, "token_b", b);
        for (int i = 0; i < THREADS; i++) {
            if (a[i] < acknowledged[i])
                fail_msg("thread %d: token %ld was acknowledged, %ld are there", i, (long)acknowledged[i],
                         (long)a[i]);
            assert_true(a[i] <= acknowledged[i] + (int64_t)kills); // at most one was on its way at each kill
            assert_int_equal(a[i], b[i]);
            acknowledged[i] = a[i];
        }
        check_money(&k);
        check_tables(&k, a);
        store_close(k.s);
    }
    for (int i = 0; i < THREADS; i++) total += acknowledged[i];
    print_message("# %d kills, %ld commits, %lu replayed, %lu torn tails\n", rounds, (long)total,
                  (unsigned long)replayed, (unsigned long)cut);
    assert_true(total > rounds);
    kit_dir_remove(&k.dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_acknowledged_is_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
