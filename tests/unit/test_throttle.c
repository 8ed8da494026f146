// Throttle: the rule with a clock turned by hand, restarts, damage, a full disk, and many threads.
#include "engine/auth/throttle.h"
#include "engine/base/thread.h"
#include "tests/unit/kit_clock.h"
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_dir.h"
#include "tests/unit/kit_fault_io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define BOB    STR("b0b0b0")

typedef struct Place {
    KitDir dir;
    IoDir d;
    KitClock clock;
    FaultIo fault;
    Throttle *t;
} Place;

static void reopen(Place *p, bool expect_damage)
{
    Err err = {0};
    bool damaged = false;
    ThrottleClock clock = kit_clock(&p->clock);
    throttle_close(p->t);
    assert_ok(throttle_open(&p->t, &p->d, &clock, &damaged, &err), &err);
    assert_int_equal(damaged, expect_damage);
}

static int set_up(void **state)
{
    Place *p = calloc(1, sizeof *p);
    Err err = {0};
    kit_dir_make(&p->dir);
    fault_io_init(&p->fault);
    atomic_store(&p->clock.now_us, 1000000 * SECOND);
    assert_ok(io_dir_open(&p->d, fault_io(&p->fault), p->dir.path, false, &err), &err);
    reopen(p, false);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    Place *p = *state;
    throttle_close(p->t);
    io_dir_close(&p->d);
    kit_dir_remove(&p->dir);
    free(p);
    return 0;
}

static int64_t try_once(Place *p, Str account, ThrottleResult result)
{
    Err err = {0};
    int64_t waited = 0;
    assert_ok(throttle_enter(p->t, account, NULL, &waited, &err), &err);
    assert_ok(throttle_leave(p->t, account, result, &err), &err);
    return waited;
}

static void doubles_up_to_five_minutes(void **state)
{
    Place *p = *state;
    const int64_t waits_s[] = {0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300};
    for (size_t i = 0; i < COUNT_OF(waits_s); i++)
        assert_int_equal(try_once(p, BOB, THROTTLE_FAILED), waits_s[i] * SECOND);
    assert_int_equal(throttle_delay_us(p->t, BOB), 300 * SECOND);
    assert_int_equal(try_once(p, STR("a11ce"), THROTTLE_FAILED), 0);   // another account is not slowed
    assert_int_equal(try_once(p, BOB, THROTTLE_PASSED), 300 * SECOND); // no lock-out
    assert_int_equal(try_once(p, BOB, THROTTLE_FAILED), 0);
    assert_int_equal(throttle_failures(p->t, BOB), 1);
}

static void part_of_a_sign_in_forgets_nothing(void **state)
{
    Place *p = *state;
    for (int i = 0; i < 4; i++) try_once(p, BOB, THROTTLE_FAILED);
    try_once(p, BOB, THROTTLE_PARTLY);
    try_once(p, BOB, THROTTLE_UNTRIED);
    assert_int_equal(throttle_failures(p->t, BOB), 4);
}

static void a_quiet_quarter_of_an_hour_forgets(void **state)
{
    Place *p = *state;
    for (int i = 0; i < 6; i++) try_once(p, BOB, THROTTLE_FAILED);
    atomic_fetch_add(&p->clock.now_us, 901 * SECOND);
    assert_int_equal(try_once(p, BOB, THROTTLE_FAILED), 0);
    assert_int_equal(throttle_failures(p->t, BOB), 1);
}

static void survives_a_restart(void **state)
{
    Place *p = *state;
    for (int i = 0; i < 5; i++) try_once(p, BOB, THROTTLE_FAILED);
    try_once(p, STR("a11ce"), THROTTLE_FAILED);
    reopen(p, false);
    assert_int_equal(throttle_failures(p->t, BOB), 5);
    assert_int_equal(throttle_failures(p->t, STR("a11ce")), 1);
    assert_int_equal(throttle_delay_us(p->t, BOB), 4 * SECOND);
    atomic_fetch_sub(&p->clock.now_us, 86400 * SECOND); // the clock was set back: not a day's wait
    reopen(p, false);
    assert_int_equal(throttle_delay_us(p->t, BOB), 4 * SECOND);
}

static void waits_can_be_stopped(void **state)
{
    Place *p = *state;
    Err err = {0};
    atomic_bool stop = false;
    for (int i = 0; i < 8; i++) try_once(p, BOB, THROTTLE_FAILED);
    p->clock.stop_at_wait = &stop;
    assert_err(throttle_enter(p->t, BOB, &stop, NULL, &err), &err, "57014");
    assert_int_equal(throttle_failures(p->t, BOB), 8);
}

static void damage_is_put_aside(void **state)
{
    Place *p = *state;
    for (int i = 0; i < 4; i++) {
        try_once(p, BOB, THROTTLE_FAILED);
        try_once(p, STR("a11ce"), THROTTLE_FAILED);
    }
    size_t len;
    char *text = kit_dir_read(&p->dir, THROTTLE_FILE, &len);
    char *bob = strstr(text, "b0b0b0 4");
    assert_non_null(bob);
    bob[7] = '1'; // somebody gives himself fewer failures
    kit_dir_write(&p->dir, THROTTLE_FILE, text, len);
    reopen(p, true);
    assert_int_equal(throttle_failures(p->t, STR("a11ce")), 4); // the good lines count
    assert_true(io_exists(&p->d, THROTTLE_FILE ".damaged"));
    reopen(p, false);
    const char *junk[] = {
        "", "d2db throttle 2\n", "\n\n\n", "d2db throttle 1\nx", "d2db throttle 1\n        \n", "\xff\xfe"};
    for (size_t i = 0; i < COUNT_OF(junk); i++) {
        kit_dir_write(&p->dir, THROTTLE_FILE, junk[i], strlen(junk[i]));
        reopen(p, true);
    }
    free(text);
}

static void a_full_disk_counts_in_memory(void **state)
{
    Place *p = *state;
    Err err = {0};
    atomic_store(&p->fault.space, 0);
    for (int i = 0; i < 4; i++) {
        assert_ok(throttle_enter(p->t, BOB, NULL, NULL, &err), &err);
        assert_err(throttle_leave(p->t, BOB, THROTTLE_FAILED, &err), &err, "53100");
    }
    assert_int_equal(throttle_failures(p->t, BOB), 4);
}

static void many_accounts_stay_bounded(void **state)
{
    Place *p = *state;
    Err err = {0};
    char name[32];
    atomic_store(&p->fault.space, 0); // 5,000 files would only cost time
    for (int i = 0; i < 4; i++) {
        assert_ok(throttle_enter(p->t, BOB, NULL, NULL, &err), &err);
        assert_false(throttle_leave(p->t, BOB, THROTTLE_FAILED, &err));
        err_clear(&err);
    }
    for (int i = 0; i < THROTTLE_ACCOUNTS_MAX - 1; i++) {
        atomic_fetch_add(&p->clock.now_us, 1);
        snprintf(name, sizeof name, "spray%d", i);
        assert_ok(throttle_enter(p->t, str_of(name), NULL, NULL, &err), &err);
        assert_false(throttle_leave(p->t, str_of(name), THROTTLE_FAILED, &err));
        err_clear(&err);
    }
    assert_int_equal(throttle_failures(p->t, BOB), 4);
    assert_ok(throttle_enter(p->t, STR("one-more"), NULL, NULL, &err), &err);
    assert_int_equal(throttle_failures(p->t, BOB), 0); // the oldest went
}

typedef struct Waiter {
    Throttle *t;
    atomic_bool stop;
    Err err;
    bool entered;
} Waiter;

static void wait_in_line(void *arg)
{
    Waiter *w = arg;
    w->entered = throttle_enter(w->t, BOB, &w->stop, NULL, &w->err);
}

// With the real clock: a wait of minutes ends as soon as somebody wants it to.
static void a_real_wait_ends_on_request(void **state)
{
    Place *p = *state;
    Err err = {0};
    bool damaged;
    Waiter w = {0};
    Thread thread = {0};
    assert_ok(throttle_open(&w.t, &p->d, NULL, &damaged, &err), &err);
    for (int i = 0; i < THROTTLE_FREE; i++) {
        assert_ok(throttle_enter(w.t, BOB, NULL, NULL, &err), &err);
        assert_ok(throttle_leave(w.t, BOB, THROTTLE_PARTLY, &err), &err);
    }
    for (int i = 0; i < 12; i++) assert_ok(throttle_leave(w.t, BOB, THROTTLE_FAILED, &err), &err);
    assert_true(throttle_delay_us(w.t, BOB) > 250 * SECOND);
    assert_ok(thread_start(&thread, wait_in_line, &w, &err), &err);
    atomic_store(&w.stop, true);
    thread_join(&thread);
    assert_false(w.entered);
    assert_true(err_is(&w.err, "57014"));
    throttle_close(w.t);
}

typedef struct Crowd {
    Throttle *t;
    atomic_int inside, most, done;
} Crowd;

static void guess(void *arg)
{
    Crowd *c = arg;
    Err err = {0};
    if (!throttle_enter(c->t, BOB, NULL, NULL, &err)) return;
    int now = atomic_fetch_add(&c->inside, 1) + 1, most = atomic_load(&c->most);
    while (now > most && !atomic_compare_exchange_weak(&c->most, &most, now)) {}
    atomic_fetch_sub(&c->inside, 1);
    throttle_leave(c->t, BOB, THROTTLE_FAILED, &err);
    atomic_fetch_add(&c->done, 1);
}

// Ten at once get no more guesses for their time than one after the other: 7 of them wait 1 + 2 + 4 + … s.
static void a_crowd_gets_no_more_guesses(void **state)
{
    Place *p = *state;
    Crowd c = {.t = p->t};
    Thread t[10] = {0};
    Err err = {0};
    for (size_t i = 0; i < COUNT_OF(t); i++) assert_ok(thread_start(&t[i], guess, &c, &err), &err);
    for (size_t i = 0; i < COUNT_OF(t); i++) thread_join(&t[i]);
    assert_int_equal(c.done, 10);
    assert_true(c.most <= THROTTLE_FREE);
    assert_int_equal(throttle_failures(p->t, BOB), 10);
    assert_true(atomic_load(&p->clock.waited_us) >= 127 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(doubles_up_to_five_minutes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(part_of_a_sign_in_forgets_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_quiet_quarter_of_an_hour_forgets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(survives_a_restart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waits_can_be_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage_is_put_aside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_counts_in_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_accounts_stay_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_real_wait_ends_on_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_crowd_gets_no_more_guesses, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
