// Old versions go by themselves: a row changed again and again does not make its table grow without end,
// unless a reader holds them back, and then it is known who.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include <sched.h>

enum { CHANGES = 60000, SOME = 4000, DEAD_MAX = 2048 };

static void change(KitStore *k, int times)
{
    Err err = {0};
    for (int i = 0; i < times; i++) {
        const TransactionOptions o = {.asynchronous = true};
        Transaction *t;
        assert_ok(transaction_begin(&t, k->s, &o, &err), &err);
        assert_ok(kit_store_update(t, kit_store_table(t, "t"), 1, "1|5", &err), &err);
        assert_ok(transaction_commit(t, &err), &err);
    }
}

static void open_with_keeper(KitStore *k)
{
    kit_store_open(k);
    k->options.no_background = false;
    kit_store_again(k);
    kit_store_create(k, "t", "id bigint!, v bigint");
    Err err = {0};
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "1|10", &err), &err);
    kit_store_commit(t);
}

// The keeper has its own pace: asked for, it comes.
static void wait_until_few(KitStore *k)
{
    while (store_dead_versions(k->s) >= DEAD_MAX) {
        store_vacuum(k->s);
        sched_yield();
    }
}

static void one_row(void **state)
{
    (void)state;
    KitStore k;
    open_with_keeper(&k);
    change(&k, CHANGES);
    wait_until_few(&k);
    kit_store_expect(&k, "t", "1|5\n");
    kit_store_done(&k);
}

static void held_back(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    open_with_keeper(&k);
    Transaction *reader = kit_store_begin(&k, ISOLATION_REPEATABLE_READ);
    Bytes seen;
    assert_ok(kit_store_dump(reader, kit_store_table(reader, "t"), &seen, &err), &err);
    bytes_done(&seen);
    change(&k, SOME);
    store_vacuum(k.s);
    StoreHolder holder[4];
    assert_int_equal(store_holders(k.s, holder, 4), 1);
    assert_int_equal(holder[0].transaction, transaction_number(reader));
    assert_true(store_dead_versions(k.s) >= SOME);
    assert_ok(kit_store_dump(reader, kit_store_table(reader, "t"), &seen, &err), &err);
    assert_string_equal(seen.at, "1|10\n");
    bytes_done(&seen);
    transaction_rollback(reader);
    assert_int_equal(store_holders(k.s, holder, 4), 0);
    wait_until_few(&k);
    kit_store_done(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_row), cmocka_unit_test(held_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
