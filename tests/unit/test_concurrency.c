// Many sessions at once on one store: readers see whole transactions only, sums hold, keys stay unique, while
// checkpoints, vacuum and new tables go on. Meant to be run under TSan as well.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include "engine/base/random.h"
#include "engine/base/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WRITERS = 4, READERS = 2, COMMITS = 60, ACCOUNTS = 8, MONEY = 100 };

typedef struct Crowd {
    KitStore k;
    atomic_int running;
    atomic_int conflicts, commits, reads;
} Crowd;

typedef struct Person {
    Crowd *crowd;
    int number;
} Person;

static bool change(Transaction *t, Random *r, int person, int round, Err *err)
{
    char row[64];
    Bytes rows;
    Table *bank = kit_store_table(t, "bank");
    int64_t money[ACCOUNTS] = {0}, from = (int64_t)random_below(r, ACCOUNTS), to = (from + 1) % ACCOUNTS;
    if (!kit_store_dump(t, bank, &rows, err)) return false;
    for (Str rest = bytes_str(&rows); rest.len;) {
        Str line = str_cut(&rest, '\n');
        int64_t id;
        str_to_int64(str_cut(&line, '|'), &id);
        str_to_int64(line, &money[id]);
    }
    bytes_done(&rows);
    snprintf(row, sizeof row, "%ld|%ld", (long)from, (long)money[from] - 1);
    if (!kit_store_update(t, bank, from, row, err)) return false;
    snprintf(row, sizeof row, "%ld|%ld", (long)to, (long)money[to] + 1);
    if (!kit_store_update(t, bank, to, row, err)) return false;
    snprintf(row, sizeof row, "%d|%d|a longer text of person and round|\\N", person * 1000 + round, person);
    return kit_store_insert(t, kit_store_table(t, "diary"), row, err);
}

static void write_all(void *arg)
{
    Person *p = arg;
    Random r;
    random_seed(&r, (uint64_t)p->number);
    for (int round = 0; round < COMMITS;) {
        Err err = {0};
        IsolationLevel level = (IsolationLevel)(p->number % 3);
        Transaction *t = kit_store_begin(
            &p->crowd->k, level == ISOLATION_READ_COMMITTED ? ISOLATION_REPEATABLE_READ : level);
        bool ok = change(t, &r, p->number, round, &err);
        if (!ok) transaction_rollback(t);
        ok = ok && transaction_commit(t, &err);
        if (ok)
            round++;
        else if (strcmp(err.state, "40001") != 0)
            fail_msg("%s %s", err.state, err.text);
        atomic_fetch_add(ok ? &p->crowd->commits : &p->crowd->conflicts, 1);
    }
    atomic_fetch_sub(&p->crowd->running, 1);
}

static void read_all(void *arg)
{
    Person *p = arg;
    while (atomic_load(&p->crowd->running)) {
        Err err = {0};
        Bytes rows;
        int64_t sum = 0, entries = 0;
        Transaction *t = kit_store_begin(&p->crowd->k, ISOLATION_REPEATABLE_READ);
        assert_ok(kit_store_dump(t, kit_store_table(t, "bank"), &rows, &err), &err);
        for (Str rest = bytes_str(&rows); rest.len;) {
            Str line = str_cut(&rest, '\n');
            int64_t money;
            str_cut(&line, '|');
            str_to_int64(line, &money);
            sum += money;
        }
        bytes_done(&rows);
        assert_int_equal(sum, ACCOUNTS * MONEY);
        for (int again = 0; again < 2; again++) { // the same snapshot, the same rows
            int64_t count = 0;
            assert_ok(kit_store_dump(t, kit_store_table(t, "diary"), &rows, &err), &err);
            for (Str rest = bytes_str(&rows); rest.len; count++) str_cut(&rest, '\n');
            bytes_done(&rows);
            if (again) assert_int_equal(count, entries);
            entries = count;
        }
        RowList list = {0};
        Table *bank = kit_store_table(t, "bank");
        Value key = {.type = type_of(TYPE_BIGINT), .i64 = 3};
        assert_ok(index_lookup(t, bank, schema_primary(table_def(bank)), &key, 1, &list, &err), &err);
        assert_int_equal(list.count, 1);
        free(list.pos);
        transaction_rollback(t);
        atomic_fetch_add(&p->crowd->reads, 1);
    }
}

static void keep(void *arg)
{
    Person *p = arg;
    for (int i = 0; atomic_load(&p->crowd->running); i++) {
        Err err = {0};
        Arena mem = {0};
        char name[16];
        snprintf(name, sizeof name, "x%d", i);
        Transaction *t = kit_store_begin(&p->crowd->k, ISOLATION_READ_COMMITTED);
        assert_ok(transaction_create_table(t, kit_store_def(&mem, name, "id bigint!"), NULL, &err), &err);
        assert_ok(transaction_commit(t, &err), &err);
        assert_ok(store_checkpoint(p->crowd->k.s, &err), &err);
        t = kit_store_begin(&p->crowd->k, ISOLATION_READ_COMMITTED);
        assert_ok(transaction_drop_table(t, kit_store_table(t, name), &err), &err);
        if (i % 2)
            transaction_rollback(t);
        else
            kit_store_commit(t);
        arena_done(&mem);
    }
}

static void a_crowd_on_one_store(void **state)
{
    (void)state;
    Crowd c = {0};
    Err err = {0};
    kit_store_open(&c.k);
    kit_store_create(&c.k, "bank", "id bigint!, money bigint");
    kit_store_create(&c.k, "diary", "id bigint!, person bigint, note text, more text");
    Transaction *t = kit_store_begin(&c.k, ISOLATION_READ_COMMITTED);
    for (int i = 0; i < ACCOUNTS; i++) {
        char row[32];
        snprintf(row, sizeof row, "%d|%d", i, MONEY);
        assert_ok(kit_store_insert(t, kit_store_table(t, "bank"), row, &err), &err);
    }
    kit_store_commit(t);
    atomic_store(&c.running, WRITERS);
    Thread thread[WRITERS + READERS + 1] = {0};
    Person person[WRITERS + READERS + 1];
    for (int i = 0; i < WRITERS + READERS + 1; i++) {
        person[i] = (Person){&c, i};
        assert_ok(thread_start(&thread[i],
                               i < WRITERS             ? write_all
                               : i < WRITERS + READERS ? read_all
                                                       : keep,
                               &person[i], &err),
                  &err);
    }
    for (int i = 0; i < WRITERS + READERS + 1; i++) thread_join(&thread[i]);
    print_message("# %d commits, %d conflicts, %d reads\n", c.commits, c.conflicts, c.reads);
    assert_int_equal(c.commits, WRITERS * COMMITS);
    kit_store_again(&c.k);
    t = kit_store_begin(&c.k, ISOLATION_READ_COMMITTED);
    assert_int_equal(table_rows_estimate(kit_store_table(t, "diary")), WRITERS * COMMITS);
    transaction_rollback(t);
    kit_store_done(&c.k);
}

// Two that wait for each other: one is told so, the other goes on.
static void wait_for_first(void *arg)
{
    Person *p = arg;
    Err err = {0};
    Transaction *t = kit_store_begin(&p->crowd->k, ISOLATION_READ_COMMITTED);
    Table *table = kit_store_table(t, "t");
    int64_t first = p->number, second = 1 - p->number;
    assert_ok(kit_store_update(t, table, first, first ? "1|5" : "0|5", &err), &err);
    atomic_fetch_add(&p->crowd->running, 1);
    while (atomic_load(&p->crowd->running) < 2) {}
    bool ok = kit_store_update(t, table, second, second ? "1|6" : "0|6", &err);
    if (!ok) {
        assert_true(strcmp(err.state, "40P01") == 0 || strcmp(err.state, "40001") == 0);
        if (strcmp(err.state, "40P01") == 0) atomic_fetch_add(&p->crowd->conflicts, 1);
        transaction_rollback(t);
        return;
    }
    assert_ok(transaction_commit(t, &err), &err);
    atomic_fetch_add(&p->crowd->commits, 1);
}

static void deadlock_is_found(void **state)
{
    (void)state;
    Crowd c = {0};
    Err err = {0};
    kit_store_open(&c.k);
    kit_store_create(&c.k, "t", "id bigint!, v bigint");
    Transaction *t = kit_store_begin(&c.k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "0|0", &err), &err);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "1|0", &err), &err);
    kit_store_commit(t);
    Thread thread[2] = {0};
    Person person[2] = {{&c, 0}, {&c, 1}};
    for (int i = 0; i < 2; i++) assert_ok(thread_start(&thread[i], wait_for_first, &person[i], &err), &err);
    for (int i = 0; i < 2; i++) thread_join(&thread[i]);
    assert_int_equal(c.conflicts, 1);
    assert_int_equal(c.commits, 1); // who waited goes on when the other has rolled back
    kit_store_done(&c.k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_crowd_on_one_store),
                                       cmocka_unit_test(deadlock_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
