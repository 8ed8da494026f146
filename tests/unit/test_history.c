// Histories: random list-append transactions of eight sessions at once are searched for the anomalies that
// their level rules out; the search itself is tried on small histories whose anomalies are known. 20
// histories a level; D2DB_FULL=1: 1,000 a level.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_engine.h"
#include "tests/unit/kit_history.h"

#include "engine/base/random.h"
#include "engine/base/thread.h"
#include "engine/data/cast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- the search, on what is known ----

#define LIST(...)                                                                                            \
    ((const uint32_t[]){__VA_ARGS__}), sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)
#define NOTHING NULL, 0

static void good_one(void **state)
{
    (void)state;
    History h;
    kit_history_init(&h);
    HistoryTxn *a = kit_history_add(&h, true), *b = kit_history_add(&h, true),
               *c = kit_history_add(&h, false);
    kit_history_append(a, 0, 1);
    kit_history_append(a, 1, 2);
    kit_history_read(&h, b, 0, LIST(1));
    kit_history_append(b, 0, 3);
    kit_history_read(&h, b, 0, LIST(1, 3));
    kit_history_read(&h, b, 1, LIST(2));
    kit_history_append(c, 0, 4);
    kit_history_final(&h, 0, LIST(1, 3));
    kit_history_final(&h, 1, LIST(2));
    assert_int_equal(kit_history_check(&h), 0);
    kit_history_done(&h);
}

static void aborted_and_intermediate_reads(void **state)
{
    (void)state;
    History h;
    kit_history_init(&h);
    HistoryTxn *a = kit_history_add(&h, false), *b = kit_history_add(&h, true);
    kit_history_append(a, 0, 1);
    kit_history_read(&h, b, 0, LIST(1));
    assert_true(kit_history_check(&h) & HISTORY_G1A);
    kit_history_done(&h);
    kit_history_init(&h);
    a = kit_history_add(&h, true), b = kit_history_add(&h, true);
    kit_history_append(a, 0, 1);
    kit_history_append(a, 0, 2);
    kit_history_read(&h, b, 0, LIST(1));
    kit_history_final(&h, 0, LIST(1, 2));
    assert_true(kit_history_check(&h) & HISTORY_G1B);
    kit_history_done(&h);
}

static void lost_and_disordered(void **state)
{
    (void)state;
    History h;
    kit_history_init(&h);
    HistoryTxn *a = kit_history_add(&h, true), *b = kit_history_add(&h, true);
    kit_history_append(a, 0, 1);
    kit_history_append(b, 0, 2);
    kit_history_final(&h, 0, LIST(2));
    assert_int_equal(kit_history_check(&h), HISTORY_LOST);
    kit_history_read(&h, b, 0, LIST(1, 2));
    assert_true(kit_history_check(&h) & HISTORY_ORDER);
    kit_history_done(&h);
    kit_history_init(&h);
    a = kit_history_add(&h, true);
    kit_history_append(a, 0, 1);
    kit_history_read(&h, a, 0, NOTHING);
    kit_history_final(&h, 0, LIST(1));
    assert_true(kit_history_check(&h) & HISTORY_INTERNAL);
    kit_history_done(&h);
}

static void circles(void **state)
{
    (void)state;
    History h;
    kit_history_init(&h); // G0: a before b in one list, b before a in the other
    HistoryTxn *a = kit_history_add(&h, true), *b = kit_history_add(&h, true);
    kit_history_append(a, 0, 1);
    kit_history_append(a, 1, 2);
    kit_history_append(b, 0, 3);
    kit_history_append(b, 1, 4);
    kit_history_final(&h, 0, LIST(1, 3));
    kit_history_final(&h, 1, LIST(4, 2));
    assert_int_equal(kit_history_check(&h), HISTORY_G0);
    kit_history_done(&h);
    kit_history_init(&h); // G1c: each sees the other's
    a = kit_history_add(&h, true), b = kit_history_add(&h, true);
    kit_history_append(a, 0, 1);
    kit_history_read(&h, a, 1, LIST(2));
    kit_history_append(b, 1, 2);
    kit_history_read(&h, b, 0, LIST(1));
    kit_history_final(&h, 0, LIST(1));
    kit_history_final(&h, 1, LIST(2));
    assert_int_equal(kit_history_check(&h), HISTORY_G1C);
    kit_history_done(&h);
    kit_history_init(&h); // G-single: b sees one of a's two
    a = kit_history_add(&h, true), b = kit_history_add(&h, true);
    kit_history_append(a, 0, 1);
    kit_history_append(a, 1, 2);
    kit_history_read(&h, b, 0, LIST(1));
    kit_history_read(&h, b, 1, NOTHING);
    kit_history_final(&h, 0, LIST(1));
    kit_history_final(&h, 1, LIST(2));
    assert_int_equal(kit_history_check(&h), HISTORY_G_SINGLE);
    kit_history_done(&h);
    kit_history_init(&h); // G2: write skew
    a = kit_history_add(&h, true), b = kit_history_add(&h, true);
    kit_history_read(&h, a, 0, NOTHING);
    kit_history_append(a, 1, 1);
    kit_history_read(&h, b, 1, NOTHING);
    kit_history_append(b, 0, 2);
    kit_history_final(&h, 0, LIST(2));
    kit_history_final(&h, 1, LIST(1));
    assert_int_equal(kit_history_check(&h), HISTORY_G2);
    kit_history_done(&h);
}

// ---- the engine ----

enum { PEOPLE = 8, TXNS_EACH = 12, KEYS_USED = 5, TEXT_MAX = 64 << 10 };

typedef struct Person {
    Source *source;
    Thread thread;
    Random random;
    Mutex *mutex; // guards the history and the numbers
    History *history;
    uint32_t *next_value;
    char *text; // of the last row read
} Person;

static bool take_text(void *self, const Batch *b)
{
    Person *p = self;
    Bytes out;
    bytes_init(&out, TEXT_MAX);
    if (b->sel_len) cast_cell_to_text(&b->vector[0], batch_row(b, 0), &out);
    snprintf(p->text, TEXT_MAX, "%.*s", STR_ARG(bytes_str(&out)));
    bytes_done(&out);
    return true;
}

static bool sql(Person *p, const char *text)
{
    Err err = {.at = -1};
    const ResultSink sink = {.self = p, .rows = take_text};
    p->text[0] = 0;
    if (source_run(p->source, str_of(text), &sink, &err)) return true;
    bool expected = err_is(&err, "40001") || err_is(&err, "40P01");
    if (!expected) fprintf(stderr, "# %s: %s %s\n", text, err.state, err.text);
    if (!expected) abort();
    return false;
}

static uint32_t list_of(const char *text, uint32_t *out)
{
    uint32_t n = 0;
    for (const char *at = text; *at && n < HISTORY_LIST_MAX;) {
        if (*at == ',') at++;
        char *end;
        out[n++] = (uint32_t)strtoul(at, &end, 10);
        at = end;
    }
    return n;
}

// What the transaction did is noted in a copy of its own, and joins the history when its end is known.
static void one_transaction(Person *p)
{
    HistoryTxn own = {0};
    static _Thread_local uint32_t list[HISTORY_OPS][HISTORY_LIST_MAX];
    char text[160];
    bool ok = sql(p, "BEGIN");
    uint32_t ops = 1 + (uint32_t)random_below(&p->random, 4);
    bool gives_up = random_below(&p->random, 10) == 0;
    for (uint32_t i = 0; ok && i < ops; i++) {
        unsigned key = (unsigned)random_below(&p->random, KEYS_USED);
        if (random_below(&p->random, 2)) {
            mutex_lock(p->mutex);
            uint32_t value = (*p->next_value)++;
            mutex_unlock(p->mutex);
            snprintf(text, sizeof text, "UPDATE l SET v = v || ',%u' WHERE k = %u", value, key);
            kit_history_append(&own, key, value); // also when it fails: then it must never be seen
            ok = sql(p, text);
        } else {
            snprintf(text, sizeof text, "SELECT v FROM l WHERE k = %u", key);
            ok = sql(p, text);
            if (!ok) break;
            own.op[own.ops] = (HistoryOp){.key = (uint8_t)key, .list = list[own.ops]};
            own.op[own.ops].len = list_of(p->text, list[own.ops]);
            own.ops++;
        }
    }
    own.committed = ok && !gives_up && sql(p, "COMMIT");
    if (!own.committed) (void)sql(p, "ROLLBACK");
    mutex_lock(p->mutex);
    HistoryTxn *t = kit_history_add(p->history, own.committed);
    for (uint32_t i = 0; i < own.ops; i++) {
        const HistoryOp *op = &own.op[i];
        if (op->append)
            kit_history_append(t, op->key, op->value);
        else
            kit_history_read(p->history, t, op->key, op->list, op->len);
    }
    mutex_unlock(p->mutex);
}

static void live(void *arg)
{
    for (int i = 0; i < TXNS_EACH; i++) one_transaction(arg);
}

static void one_history(KitEngine *k, Source **source, const char *level, uint64_t seed, unsigned ruled_out)
{
    History h;
    Mutex mutex;
    uint32_t next_value = 1, *list = calloc(HISTORY_LIST_MAX, sizeof *list);
    Person person[PEOPLE] = {0};
    char text[160];
    Err err = {.at = -1};
    kit_history_init(&h);
    mutex_init(&mutex);
    Person watcher = {.source = k->session, .text = calloc(1, TEXT_MAX)};
    assert_true(sql(&watcher, "DROP TABLE IF EXISTS l; CREATE TABLE l (k int PRIMARY KEY, v text NOT NULL)"));
    snprintf(text, sizeof text, "INSERT INTO l SELECT i, '' FROM generate_series(0, %d) i", KEYS_USED - 1);
    assert_true(sql(&watcher, text));
    snprintf(text, sizeof text, "USE h; SET synchronous = off; SET default_transaction_isolation = '%s'",
             level);
    for (int i = 0; i < PEOPLE; i++) {
        person[i] = (Person){.source = source[i], .mutex = &mutex, .history = &h};
        person[i].next_value = &next_value;
        person[i].text = calloc(1, TEXT_MAX);
        random_seed(&person[i].random, seed * PEOPLE + (uint64_t)i);
        assert_true(sql(&person[i], text));
        assert_true(thread_start(&person[i].thread, live, &person[i], &err));
    }
    for (int i = 0; i < PEOPLE; i++) {
        thread_join(&person[i].thread);
        free(person[i].text);
    }
    for (unsigned key = 0; key < KEYS_USED; key++) {
        snprintf(text, sizeof text, "SELECT v FROM l WHERE k = %u", key);
        assert_true(sql(&watcher, text));
        kit_history_final(&h, key, list, list_of(watcher.text, list));
    }
    unsigned found = kit_history_check(&h);
    if (found & ruled_out)
        print_message("# %s, seed %llu: anomalies %x\n", level, (unsigned long long)seed, found);
    assert_int_equal(found & ruled_out, 0);
    free(watcher.text);
    free(list);
    mutex_done(&mutex);
    kit_history_done(&h);
}

static void engine_histories(const char *level, unsigned ruled_out)
{
    KitEngine k;
    unsigned count = getenv("D2DB_FULL") ? 1000 : 20;
    uint64_t seed = getenv("D2DB_SEED") ? strtoull(getenv("D2DB_SEED"), NULL, 10) : 20261121;
    Err err = {.at = -1};
    kit_engine_open(&k);
    assert_true(source_run(k.session, STR("CREATE DATABASE h; USE h"), NULL, &err));
    print_message("# %s: %u histories, seed %llu (D2DB_SEED)\n", level, count, (unsigned long long)seed);
    Source *source[PEOPLE];
    for (int i = 0; i < PEOPLE; i++) source[i] = kit_engine_session(&k);
    for (unsigned i = 0; i < count; i++) one_history(&k, source, level, seed + i, ruled_out);
    for (int i = 0; i < PEOPLE; i++) source_close(source[i]);
    kit_engine_close(&k);
}

enum {
    NEVER =
        HISTORY_G1A | HISTORY_G1B | HISTORY_ORDER | HISTORY_LOST | HISTORY_INTERNAL | HISTORY_G0 | HISTORY_G1C
};
static void read_committed(void **state)
{
    (void)state;
    engine_histories("read committed", NEVER);
}

static void repeatable_read(void **state)
{
    (void)state;
    engine_histories("repeatable read", NEVER | HISTORY_G_SINGLE);
}

static void serializable(void **state)
{
    (void)state;
    engine_histories("serializable", NEVER | HISTORY_G_SINGLE | HISTORY_G2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_one),
        cmocka_unit_test(aborted_and_intermediate_reads),
        cmocka_unit_test(lost_and_disordered),
        cmocka_unit_test(circles),
        cmocka_unit_test(read_committed),
        cmocka_unit_test(repeatable_read),
        cmocka_unit_test(serializable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
