// Snapshots: the table of who sees what, and who may write.
#include "tests/unit/kit_cmocka.h"

#include "engine/txn/snapshot.h"

static void visibility(void **state)
{
    (void)state;
    const Stamp mine = stamp_of_txn(7), other = stamp_of_txn(8);
    const Snapshot s = {.at = 100, .txn = 7};
    const struct {
        Stamp begin, end;
        bool seen;
    } row[] = {
        {50, STAMP_NEVER, true},   {100, STAMP_NEVER, true},
        {101, STAMP_NEVER, false}, {50, 100, false},
        {50, 101, true},           {50, mine, false},
        {50, other, true},         {mine, STAMP_NEVER, true},
        {mine, mine, false},       {other, STAMP_NEVER, false},
        {other, other, false},     {STAMP_NEVER, STAMP_NEVER, false},
        {0, STAMP_NEVER, true},
    };
    for (size_t i = 0; i < COUNT_OF(row); i++)
        assert_int_equal(snapshot_sees(&s, row[i].begin, row[i].end), row[i].seen);
    const Snapshot nobody = {.at = 100};
    assert_false(snapshot_sees(&nobody, mine, STAMP_NEVER));
}

static void who_may_write(void **state)
{
    (void)state;
    const Snapshot s = {.at = 100, .txn = 7};
    assert_int_equal(snapshot_may_write(&s, STAMP_NEVER), WRITE_OK);
    assert_int_equal(snapshot_may_write(&s, stamp_of_txn(8)), WRITE_BUSY);
    assert_int_equal(snapshot_may_write(&s, 101), WRITE_CHANGED);
    assert_int_equal(snapshot_may_write(&s, stamp_of_txn(7)), WRITE_CHANGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(visibility), cmocka_unit_test(who_may_write)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
