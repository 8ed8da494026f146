// Stamps: always rising, also when the wall clock stands or another node is ahead; parts come back out.
#include "tests/unit/kit_cmocka.h"

#include "engine/base/clock.h"
#include "engine/txn/stamp.h"

static void stamps_rise(void **state)
{
    (void)state;
    StampClock c;
    stamp_clock_init(&c, 5, 0);
    Stamp last = 0;
    for (int i = 0; i < 50000; i++) { // more than the counter holds in a millisecond or two
        Stamp s = stamp_next(&c);
        assert_true(s > last);
        assert_int_equal(stamp_node(s), 5);
        assert_false(stamp_is_txn(s));
        last = s;
    }
    assert_true(stamp_ms(last) >= clock_wall_us() / 1000 - 1000);
    stamp_clock_done(&c);
}

static void a_remote_stamp_pulls_forward(void **state)
{
    (void)state;
    StampClock c;
    stamp_clock_init(&c, 1, 0);
    Stamp ahead =
        stamp_next(&c) + ((Stamp)3600000 << (STAMP_NODE_BITS + STAMP_COUNTER_BITS)) + 1; // node 2, an hour on
    stamp_saw(&c, ahead);
    Stamp next = stamp_next(&c);
    assert_true(next > ahead);
    assert_int_equal(stamp_node(next), 1);
    stamp_saw(&c, STAMP_NEVER);
    stamp_saw(&c, stamp_of_txn(77));
    assert_true(stamp_next(&c) < next + (1 << 20));
    stamp_clock_done(&c);
    stamp_clock_init(&c, 1, ahead); // a restart goes on behind what the log held
    assert_true(stamp_next(&c) > ahead);
    stamp_clock_done(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stamps_rise),
                                       cmocka_unit_test(a_remote_stamp_pulls_forward)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
