// The lock table: the matrix of modes, first come first served, circles, marks, lending.
#include "tests/unit/kit_cmocka.h"

#include "engine/txn/lock.h"

#include <sched.h>
#include <string.h>

static const LockWait at_once = {.patience = LOCK_NOWAIT};
static const LockTag thing = {LOCK_RELATION, 7, 0}, other = {LOCK_RELATION, 8, 0};

// PostgreSQL 15, table 13.2 and 13.3: x = conflict.
static void modes(void **state)
{
    (void)state;
    static const char *const rows[] = {"",         ".......x", "......xx", "....xxxx", "...xxxxx",
                                       "..xx.xxx", "..xxxxxx", ".xxxxxxx", "xxxxxxxx"};
    for (int a = LOCK_ACCESS_SHARE; a <= LOCK_ACCESS_EXCLUSIVE; a++)
        for (int b = LOCK_ACCESS_SHARE; b <= LOCK_ACCESS_EXCLUSIVE; b++)
            assert_int_equal(lock_modes_conflict((LockMode)a, (LockMode)b), rows[a][b - 1] == 'x');
    static const char *const tuples[] = {"...x", "..xx", ".xxx", "xxxx"};
    for (int a = 0; a < 4; a++)
        for (int b = 0; b < 4; b++)
            assert_int_equal(
                lock_modes_conflict((LockMode)(LOCK_FOR_KEY_SHARE + a), (LockMode)(LOCK_FOR_KEY_SHARE + b)),
                tuples[a][b] == 'x');
    assert_true(lock_mode_covers(LOCK_ACCESS_EXCLUSIVE, LOCK_SHARE));
    assert_false(lock_mode_covers(LOCK_SHARE, LOCK_ROW_EXCLUSIVE));
}

static void marks_and_lending(void **state)
{
    (void)state;
    LockTable l;
    Err err = {0};
    LockOwner a = {.number = 1}, b = {.number = 2}, same = {.number = 3, .session = 9},
              again = {.session = 9};
    assert_true(lock_table_init(&l, &err));
    assert_int_equal(lock_acquire(&l, &a, thing, LOCK_SHARE, &at_once, &err), LOCK_GRANTED);
    uint64_t mark = a.serial;
    assert_int_equal(lock_acquire(&l, &a, other, LOCK_EXCLUSIVE, &at_once, &err), LOCK_GRANTED);
    assert_int_equal(lock_acquire(&l, &b, other, LOCK_ACCESS_SHARE, &at_once, &err), LOCK_GRANTED);
    assert_int_equal(lock_acquire(&l, &b, other, LOCK_ROW_SHARE, &at_once, &err), LOCK_REFUSED);
    assert_true(lock_lend(&l, &a, (LockTag){LOCK_TRANSACTION, 1, 0}, LOCK_EXCLUSIVE));
    assert_true(lock_conflicts(&l, &b, (LockTag){LOCK_TRANSACTION, 1, 0}, LOCK_SHARE));
    lock_release_after(&l, &a, mark);
    assert_false(lock_conflicts(&l, &b, (LockTag){LOCK_TRANSACTION, 1, 0}, LOCK_SHARE));
    assert_false(lock_conflicts(&l, &b, other, LOCK_EXCLUSIVE));
    assert_true(lock_conflicts(&l, &b, thing, LOCK_EXCLUSIVE));
    // of one session: never in each other's way; counted
    assert_int_equal(lock_acquire(&l, &same, other, LOCK_ACCESS_SHARE, &at_once, &err), LOCK_GRANTED);
    assert_int_equal(lock_acquire(&l, &again, (LockTag){LOCK_ADVISORY, 1, 0}, LOCK_EXCLUSIVE, &at_once, &err),
                     LOCK_GRANTED);
    assert_int_equal(lock_acquire(&l, &same, (LockTag){LOCK_ADVISORY, 1, 0}, LOCK_EXCLUSIVE, &at_once, &err),
                     LOCK_GRANTED);
    assert_int_equal(lock_acquire(&l, &again, (LockTag){LOCK_ADVISORY, 1, 0}, LOCK_EXCLUSIVE, &at_once, &err),
                     LOCK_GRANTED);
    assert_true(lock_release(&l, &again, (LockTag){LOCK_ADVISORY, 1, 0}, LOCK_EXCLUSIVE));
    assert_true(lock_release(&l, &again, (LockTag){LOCK_ADVISORY, 1, 0}, LOCK_EXCLUSIVE));
    assert_false(lock_release(&l, &again, (LockTag){LOCK_ADVISORY, 1, 0}, LOCK_EXCLUSIVE));
    lock_release_all(&l, &a);
    lock_release_all(&l, &b);
    lock_release_all(&l, &same);
    assert_int_equal(l.items, 0);
    lock_table_done(&l);
}

typedef struct Waiter {
    LockTable *l;
    LockOwner owner;
    LockTag tag;
    LockMode mode;
    LockWait wait;
    LockResult result;
    atomic_uint *turn;
    unsigned came;
    Err err;
    Thread thread;
} Waiter;

static void wait_for(void *arg)
{
    Waiter *w = arg;
    w->result = lock_acquire(w->l, &w->owner, w->tag, w->mode, &w->wait, &w->err);
    w->came = atomic_fetch_add(w->turn, 1);
    if (w->result != LOCK_FAILED) lock_release_all(w->l, &w->owner);
}

static void begin_waiting(Waiter *w)
{
    Err err = {0};
    assert_true(thread_start(&w->thread, wait_for, w, &err));
    while (!lock_is_waiting(w->l, w->owner.session)) sched_yield();
}

// Who comes first is served first, also by one who could be let in at once.
static void first_come(void **state)
{
    (void)state;
    LockTable l;
    Err err = {0};
    atomic_uint turn = 0;
    LockOwner holder = {.number = 1};
    assert_true(lock_table_init(&l, &err));
    assert_int_equal(lock_acquire(&l, &holder, thing, LOCK_ACCESS_SHARE, &at_once, &err), LOCK_GRANTED);
    Waiter w[3];
    for (unsigned i = 0; i < 3; i++) {
        w[i] = (Waiter){.l = &l, .owner = {.number = i + 2, .session = i + 2}, .tag = thing, .turn = &turn};
        w[i].mode = i == 1 ? LOCK_ACCESS_SHARE : LOCK_ACCESS_EXCLUSIVE;
        begin_waiting(&w[i]);
    }
    LockOwner late = {.number = 9};
    assert_int_equal(lock_acquire(&l, &late, thing, LOCK_ACCESS_SHARE, &at_once, &err), LOCK_REFUSED);
    lock_release_all(&l, &holder);
    for (unsigned i = 0; i < 3; i++) {
        thread_join(&w[i].thread);
        assert_int_equal(w[i].result, LOCK_GRANTED_LATE);
    }
    for (unsigned i = 0; i < 2; i++) assert_true(w[i].came < w[i + 1].came);
    lock_table_done(&l);
}

// a holds thing, b holds other and waits for thing: a may not wait for other.
static void circle(void **state)
{
    (void)state;
    LockTable l;
    Err err = {0};
    atomic_uint turn = 0;
    const LockWait patient = {.patience = LOCK_WAIT};
    LockOwner a = {.number = 1, .session = 1};
    assert_true(lock_table_init(&l, &err));
    Waiter b = {
        .l = &l, .owner = {.number = 2, .session = 2}, .tag = thing, .mode = LOCK_SHARE, .turn = &turn};
    assert_int_equal(lock_acquire(&l, &a, thing, LOCK_EXCLUSIVE, &at_once, &err), LOCK_GRANTED);
    assert_int_equal(lock_acquire(&l, &b.owner, other, LOCK_EXCLUSIVE, &at_once, &err), LOCK_GRANTED);
    begin_waiting(&b);
    assert_int_equal(lock_acquire(&l, &a, other, LOCK_SHARE, &patient, &err), LOCK_FAILED);
    assert_string_equal(err.state, "40P01");
    assert_non_null(strstr(err.notes, "Session 1 waits for ShareLock on relation 8; blocked by session 2."));
    assert_non_null(strstr(err.notes, "Session 2 waits for ShareLock on relation 7; blocked by session 1."));
    lock_release_all(&l, &a);
    thread_join(&b.thread);
    assert_int_equal(b.result, LOCK_GRANTED_LATE);
    lock_table_done(&l);
}

static void time_and_cancel(void **state)
{
    (void)state;
    LockTable l;
    Err err = {0};
    atomic_uint turn = 0;
    atomic_bool cancel = false;
    LockOwner a = {.number = 1}, c = {.number = 3};
    const LockWait brief = {.patience = LOCK_WAIT, .timeout_us = 1000};
    assert_true(lock_table_init(&l, &err));
    assert_int_equal(lock_acquire(&l, &a, thing, LOCK_EXCLUSIVE, &at_once, &err), LOCK_GRANTED);
    assert_int_equal(lock_acquire(&l, &c, thing, LOCK_SHARE, &brief, &err), LOCK_FAILED);
    assert_string_equal(err.state, "55P03");
    Waiter b = {.l = &l,
                .owner = {.number = 2, .session = 2},
                .tag = thing,
                .mode = LOCK_SHARE,
                .wait = {.patience = LOCK_WAIT, .cancel = &cancel},
                .turn = &turn};
    begin_waiting(&b);
    atomic_store(&cancel, true);
    lock_wake(&l, &cancel);
    thread_join(&b.thread);
    assert_int_equal(b.result, LOCK_FAILED);
    assert_string_equal(b.err.state, "57014");
    lock_release_all(&l, &a);
    lock_table_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes),  cmocka_unit_test(marks_and_lending), cmocka_unit_test(first_come),
        cmocka_unit_test(circle), cmocka_unit_test(time_and_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
