// Threads and the pool: every index once, nested and simultaneous loops, signals, time-outs. Runs under TSan.
#include "engine/base/thread.h"
#include "engine/base/clock.h"
#include "tests/unit/kit_cmocka.h"

#include <signal.h>
#include <string.h>

enum { COUNT = 5000 };
typedef struct Loop {
    Pool *pool;
    atomic_uint hits[COUNT];
    atomic_size_t inner;
} Loop;

static void hit(void *arg, size_t i) { atomic_fetch_add(&((Loop *)arg)->hits[i], 1); }
static void count_inner(void *arg, size_t i)
{
    (void)i;
    atomic_fetch_add(&((Loop *)arg)->inner, 1);
}
static void nest(void *arg, size_t i)
{
    Loop *l = arg;
    (void)i;
    pool_run(l->pool, 10, count_inner, l);
}

static void each_index_once(void **state)
{
    (void)state;
    static const unsigned widths[] = {0, 1, 3};
    for (size_t w = 0; w < COUNT_OF(widths); w++) {
        Loop l = {.pool = pool_new(widths[w])};
        for (size_t n = 0; n < COUNT; n = n * 3 + 1) {
            memset(l.hits, 0, sizeof l.hits);
            pool_run(l.pool, n, hit, &l);
            for (size_t i = 0; i < COUNT; i++) assert_int_equal(l.hits[i], i < n);
        }
        for (int round = 0; round < 300; round++)
            pool_run(l.pool, 4, count_inner, &l); // late workers join nothing
        assert_int_equal(l.inner, 1200);
        pool_free(l.pool);
    }
}

static void nested_and_without_a_pool(void **state)
{
    (void)state;
    Loop l = {.pool = pool_new(2)};
    assert_int_equal(pool_width(l.pool), 3);
    pool_run(l.pool, 50, nest, &l);
    assert_int_equal(l.inner, 500);
    pool_free(l.pool);
    pool_run(NULL, 7, hit, &l);
    assert_int_equal(l.hits[6], 1);
    assert_int_equal(pool_width(NULL), 1);
    pool_free(NULL);
}

static void run_loops(void *arg)
{
    Loop *l = arg;
    for (int i = 0; i < 100; i++) pool_run(l->pool, 20, count_inner, l);
}

static void sessions_share_a_pool(void **state)
{
    (void)state;
    Loop l = {.pool = pool_new(2)};
    Thread t[4] = {0};
    Err err = {0};
    for (size_t i = 0; i < COUNT_OF(t); i++) assert_ok(thread_start(&t[i], run_loops, &l, &err), &err);
    for (size_t i = 0; i < COUNT_OF(t); i++) thread_join(&t[i]);
    assert_int_equal(l.inner, 4 * 100 * 20);
    pool_free(l.pool);
}

typedef struct Meeting {
    Mutex m;
    Cond c;
    bool signals_blocked, arrived;
} Meeting;

static void arrive(void *arg)
{
    Meeting *meeting = arg;
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    mutex_lock(&meeting->m);
    meeting->signals_blocked =
        sigismember(&now, SIGINT) && sigismember(&now, SIGWINCH) && sigismember(&now, SIGTERM);
    meeting->arrived = true;
    cond_signal(&meeting->c);
    mutex_unlock(&meeting->m);
}

static void threads_take_no_signals(void **state)
{
    (void)state;
    Meeting meeting = {0};
    Thread t = {0};
    Err err = {0};
    mutex_init(&meeting.m);
    cond_init(&meeting.c);
    assert_ok(thread_start(&t, arrive, &meeting, &err), &err);
    mutex_lock(&meeting.m);
    while (!meeting.arrived) cond_wait(&meeting.c, &meeting.m);
    assert_true(meeting.signals_blocked);
    int64_t start = clock_mono_us();
    while (cond_wait_for(&meeting.c, &meeting.m, 20000)) {}
    assert_true(clock_mono_us() - start >= 19000);
    mutex_unlock(&meeting.m);
    thread_join(&t);
    thread_join(&t); // nothing
    sigset_t mine;
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    assert_false(sigismember(&mine, SIGINT));
    cond_done(&meeting.c);
    mutex_done(&meeting.m);
}

typedef struct Shared {
    Latch latch;
    int a, b;
    atomic_int torn;
} Shared;

static void change_and_look(void *arg)
{
    Shared *s = arg;
    for (int i = 0; i < 2000; i++) {
        if (i % 4 == 0) {
            latch_write(&s->latch);
            s->a++;
            s->b++;
        } else {
            latch_read(&s->latch);
            if (s->a != s->b) atomic_fetch_add(&s->torn, 1);
        }
        latch_unlock(&s->latch);
    }
}

static void latch_keeps_writers_alone(void **state)
{
    (void)state;
    Shared s = {0};
    Thread t[3] = {0};
    Err err = {0};
    latch_init(&s.latch);
    for (size_t i = 0; i < COUNT_OF(t); i++) assert_ok(thread_start(&t[i], change_and_look, &s, &err), &err);
    for (size_t i = 0; i < COUNT_OF(t); i++) thread_join(&t[i]);
    assert_int_equal(s.torn, 0);
    assert_int_equal(s.a, 1500);
    latch_done(&s.latch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_index_once),           cmocka_unit_test(nested_and_without_a_pool),
        cmocka_unit_test(sessions_share_a_pool),     cmocka_unit_test(threads_take_no_signals),
        cmocka_unit_test(latch_keeps_writers_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
