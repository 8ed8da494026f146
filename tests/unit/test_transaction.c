// Transactions: who sees what, who wins, what comes back after undo, and random histories held against a dumb
// model.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include "engine/base/random.h"
#include "engine/base/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void rows_come_and_go(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, name text");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    Table *table = kit_store_table(t, "t");
    assert_ok(kit_store_insert(t, table, "1|ann", &err), &err);
    assert_ok(kit_store_insert(t, table, "2|a name longer than twelve bytes", &err), &err);
    assert_ok(kit_store_insert(t, table, "3|\\N", &err), &err);
    kit_store_expect(&k, "t", "");
    assert_int_equal(transaction_pending(t), 3);
    kit_store_commit(t);
    kit_store_expect(&k, "t", "1|ann\n2|a name longer than twelve bytes\n3|\\N\n");
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    table = kit_store_table(t, "t");
    assert_ok(kit_store_update(t, table, 1, "1|bob", &err), &err);
    assert_ok(kit_store_delete(t, table, 2, &err), &err);
    TransactionChange change[4];
    assert_int_equal(transaction_changes(t, change, 4), 1);
    assert_int_equal(change[0].updated, 1);
    assert_int_equal(change[0].deleted, 1);
    assert_int_equal(change[0].inserted, 0);
    assert_int_equal(table_rows_estimate(table), 2);
    kit_store_commit(t);
    kit_store_expect(&k, "t", "1|bob\n3|\\N\n");
    kit_store_done(&k);
}

static void rollback_and_statement_undo(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, v bigint");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    Table *table = kit_store_table(t, "t");
    assert_ok(kit_store_insert(t, table, "1|10", &err), &err);
    transaction_statement_begin(t);
    assert_ok(kit_store_insert(t, table, "2|20", &err), &err);
    assert_ok(kit_store_update(t, table, 1, "1|11", &err), &err);
    transaction_statement_undo(t);
    assert_int_equal(transaction_pending(t), 1);
    transaction_statement_begin(t);
    assert_ok(kit_store_insert(t, table, "2|21", &err), &err);
    kit_store_commit(t);
    kit_store_expect(&k, "t", "1|10\n2|21\n");
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    table = kit_store_table(t, "t");
    assert_ok(kit_store_delete(t, table, 1, &err), &err);
    assert_ok(kit_store_update(t, table, 2, "2|99", &err), &err);
    transaction_rollback(t);
    kit_store_expect(&k, "t", "1|10\n2|21\n");
    kit_store_done(&k);
}

static void first_writer_wins(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, v bigint");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "1|10", &err), &err);
    kit_store_commit(t);
    Transaction *a = kit_store_begin(&k, ISOLATION_REPEATABLE_READ),
                *b = kit_store_begin(&k, ISOLATION_REPEATABLE_READ);
    assert_ok(kit_store_update(a, kit_store_table(a, "t"), 1, "1|11", &err), &err);
    transaction_lock_timeout(b, 1000);
    assert_err(kit_store_update(b, kit_store_table(b, "t"), 1, "1|12", &err), &err, "55P03");
    kit_store_commit(a);
    assert_err(kit_store_delete(b, kit_store_table(b, "t"), 1, &err), &err, "40001");
    Bytes seen;
    assert_ok(kit_store_dump(b, kit_store_table(b, "t"), &seen, &err), &err);
    assert_string_equal(seen.at, "1|10\n");
    bytes_done(&seen);
    transaction_rollback(b);
    kit_store_expect(&k, "t", "1|11\n");
    kit_store_done(&k);
}

static void serializable_refuses_write_skew(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    Bytes seen;
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, v bigint");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "1|10", &err), &err);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "2|10", &err), &err);
    kit_store_commit(t);
    Transaction *a = kit_store_begin(&k, ISOLATION_SERIALIZABLE),
                *b = kit_store_begin(&k, ISOLATION_SERIALIZABLE);
    assert_ok(kit_store_dump(a, kit_store_table(a, "t"), &seen, &err), &err);
    bytes_done(&seen);
    assert_ok(kit_store_dump(b, kit_store_table(b, "t"), &seen, &err), &err);
    bytes_done(&seen);
    assert_ok(kit_store_update(a, kit_store_table(a, "t"), 1, "1|-1", &err), &err);
    assert_ok(kit_store_update(b, kit_store_table(b, "t"), 2, "2|-1", &err), &err);
    kit_store_commit(a);
    assert_err(transaction_commit(b, &err), &err, "40001");
    kit_store_expect(&k, "t", "1|-1\n2|10\n");
    kit_store_done(&k);
}

static void unique_keys(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, code text*");
    Transaction *t = kit_store_begin(&k, ISOLATION_REPEATABLE_READ);
    Table *table = kit_store_table(t, "t");
    assert_ok(kit_store_insert(t, table, "1|a", &err), &err);
    assert_err(kit_store_insert(t, table, "1|b", &err), &err, "23505");
    assert_err(kit_store_insert(t, table, "2|a", &err), &err, "23505");
    assert_ok(kit_store_insert(t, table, "2|\\N", &err), &err);
    assert_ok(kit_store_insert(t, table, "3|\\N", &err), &err);
    Transaction *other = kit_store_begin(&k, ISOLATION_REPEATABLE_READ);
    transaction_lock_timeout(other, 1000);
    assert_err(kit_store_insert(other, kit_store_table(other, "t"), "1|z", &err), &err, "55P03");
    transaction_rollback(other);
    kit_store_commit(t);
    t = kit_store_begin(&k, ISOLATION_REPEATABLE_READ);
    table = kit_store_table(t, "t");
    assert_ok(kit_store_update(t, table, 1, "1|c", &err), &err);
    assert_ok(kit_store_insert(t, table, "4|a", &err), &err);
    assert_err(kit_store_update(t, table, 4, "1|d", &err), &err, "23505");
    assert_ok(kit_store_delete(t, table, 1, &err), &err);
    assert_ok(kit_store_update(t, table, 4, "1|d", &err), &err);
    kit_store_commit(t);
    kit_store_expect(&k, "t", "1|d\n2|\\N\n3|\\N\n");
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    table = kit_store_table(t, "t");
    RowList list = {0};
    Value key = {.type = type_of(TYPE_BIGINT), .i64 = 1};
    assert_ok(index_lookup(t, table, schema_primary(table_def(table)), &key, 1, &list, &err), &err);
    assert_int_equal(list.count, 1);
    key.i64 = 4;
    list.count = 0;
    assert_ok(index_lookup(t, table, schema_primary(table_def(table)), &key, 1, &list, &err), &err);
    assert_int_equal(list.count, 0);
    free(list.pos);
    kit_store_commit(t);
    kit_store_done(&k);
}

static void definitions_are_transactional(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    Arena mem = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, v bigint");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED),
                *other = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    Table *table;
    assert_ok(transaction_create_table(t, kit_store_def(&mem, "u", "id bigint!"), &table, &err), &err);
    assert_ok(kit_store_insert(t, table, "7", &err), &err);
    assert_null(transaction_table(other, STR("db"), STR("u")));
    transaction_lock_timeout(other, 1000);
    assert_err(transaction_create_table(other, kit_store_def(&mem, "u", "id bigint"), NULL, &err), &err,
               "55P03");
    transaction_statement_begin(t);
    assert_ok(transaction_drop_table(t, kit_store_table(t, "t"), &err), &err);
    assert_null(transaction_table(t, STR("db"), STR("t")));
    assert_non_null(transaction_table(other, STR("db"), STR("t")));
    transaction_statement_undo(t);
    TableDef *renamed = schema_copy(table_def(kit_store_table(t, "t")), &mem);
    renamed->name = STR("t2");
    assert_ok(transaction_alter_table(t, kit_store_table(t, "t"), renamed, &err), &err);
    assert_null(transaction_table(t, STR("db"), STR("t")));
    IndexDef x = {.name = STR("t_v"), .kind = INDEX_SORTED, .column_count = 1, .column = {1}};
    assert_ok(transaction_create_index(t, kit_store_table(t, "t2"), &x, &err), &err);
    assert_err(transaction_create_index(t, kit_store_table(t, "t2"), &x, &err), &err, "42P07");
    kit_store_commit(t);
    transaction_rollback(other);
    kit_store_expect(&k, "u", "7\n");
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    const TableDef **list;
    assert_int_equal(transaction_tables(t, STR("db"), &mem, &list), 2);
    assert_str(list[0]->name, "t2");
    assert_int_equal(list[0]->index_count, 2);
    assert_str(list[1]->name, "u");
    transaction_rollback(t);
    arena_done(&mem);
    kit_store_done(&k);
}

// synchronous = off: seen at once by others and by the next statement, on disk with the next sync or the
// closing.
static void asynchronous_commits(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, v bigint");
    for (int i = 0; i < 200; i++) {
        char row[32];
        Transaction *t;
        assert_ok(transaction_begin(&t, k.s, &(TransactionOptions){.asynchronous = i % 7 != 0}, &err), &err);
        transaction_statement_begin(t);
        assert_int_equal(table_rows_estimate(kit_store_table(t, "t")), i);
        snprintf(row, sizeof row, "%d|%d", i, i);
        assert_ok(kit_store_insert(t, kit_store_table(t, "t"), row, &err), &err);
        kit_store_commit(t);
    }
    kit_store_again(&k);
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_int_equal(table_rows_estimate(kit_store_table(t, "t")), 200);
    transaction_rollback(t);
    kit_store_done(&k);
}

// ---- random histories ----

enum { KEYS = 40, SESSIONS = 4, STEPS = 3000 };

typedef struct Model {
    int64_t value[KEYS]; // -1 = no row
} Model;

typedef struct Session {
    Transaction *t;
    Model start, own; // what the snapshot saw; with own changes
    bool wrote[KEYS];
} Session;

static void model_text(const Model *m, Bytes *out)
{
    char line[KEYS][48];
    size_t count = 0;
    bytes_init(out, 1 << 16);
    for (int i = 0; i < KEYS; i++)
        if (m->value[i] >= 0) snprintf(line[count++], sizeof line[0], "%d|%ld\n", i, (long)m->value[i]);
    qsort(line, count, sizeof line[0], (int (*)(const void *, const void *))strcmp);
    for (size_t i = 0; i < count; i++) bytes_put(out, str_of(line[i]));
    bytes_put(out, STR_NONE);
}

static void compare_with_model(Transaction *t, const Model *m)
{
    Err err = {0};
    Bytes is, want;
    assert_ok(kit_store_dump(t, kit_store_table(t, "t"), &is, &err), &err);
    model_text(m, &want);
    assert_string_equal(is.at, want.at);
    bytes_done(&is);
    bytes_done(&want);
}

static void random_change(Session *s, const Model *committed, const Session *all, Random *r)
{
    Err err = {0};
    int key = (int)random_below(r, KEYS);
    char row[64];
    int64_t value = (int64_t)random_below(r, 1000);
    snprintf(row, sizeof row, "%d|%ld", key, (long)value);
    // Another session's uncommitted version, or a commit since the snapshot, must refuse us.
    bool held = committed->value[key] != s->start.value[key];
    for (int i = 0; i < SESSIONS; i++) held |= &all[i] != s && all[i].t && all[i].wrote[key];
    Table *table = kit_store_table(s->t, "t");
    transaction_statement_begin(s->t);
    transaction_lock_timeout(s->t, 50); // all sessions are one thread: nobody else goes on meanwhile
    bool ok;
    bool exists = s->own.value[key] >= 0, remove = exists && random_below(r, 3) == 0;
    if (remove)
        ok = kit_store_delete(s->t, table, key, &err);
    else if (exists)
        ok = kit_store_update(s->t, table, key, row, &err);
    else
        ok = kit_store_insert(s->t, table, row, &err);
    if (ok) {
        assert_false(held && !s->wrote[key] && exists);
        s->own.value[key] = remove ? -1 : value;
        s->wrote[key] = true;
    } else {
        // Equal values may hide that a commit replaced the row, so a refusal is wrong only when nobody
        // touched it.
        assert_true(err_is(&err, "40001") || err_is(&err, "23505") || err_is(&err, "55P03"));
        transaction_statement_undo(s->t);
    }
}

static void random_histories(void **state)
{
    (void)state;
    KitStore k;
    Random r;
    uint64_t seed = getenv("D2DB_SEED") ? strtoull(getenv("D2DB_SEED"), NULL, 10) : 20261121;
    print_message("# seed %llu (D2DB_SEED)\n", (unsigned long long)seed);
    random_seed(&r, seed);
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, v bigint");
    Model committed;
    Session session[SESSIONS] = {0};
    for (int i = 0; i < KEYS; i++) committed.value[i] = -1;
    for (int step = 0; step < STEPS; step++) {
        Session *s = &session[random_below(&r, SESSIONS)];
        Err err = {0};
        uint64_t what = random_below(&r, 20);
        if (!s->t) {
            *s = (Session){
                .t = kit_store_begin(&k, ISOLATION_REPEATABLE_READ), .start = committed, .own = committed};
        } else if (what < 13) {
            random_change(s, &committed, session, &r);
        } else if (what < 15) {
            compare_with_model(s->t, &s->own);
        } else if (what < 18) {
            assert_ok(transaction_commit(s->t, &err), &err);
            for (int i = 0; i < KEYS; i++)
                if (s->wrote[i]) committed.value[i] = s->own.value[i];
            s->t = NULL;
        } else {
            transaction_rollback(s->t);
            s->t = NULL;
        }
        if (step % 500 == 499) {
            assert_ok(store_checkpoint(k.s, &err), &err);
            for (int i = 0; i < SESSIONS && step % 1000 == 999; i++) {
                if (session[i].t) transaction_rollback(session[i].t);
                session[i].t = NULL;
            }
            if (step % 1000 == 999) kit_store_again(&k);
        }
    }
    for (int i = 0; i < SESSIONS; i++)
        if (session[i].t) transaction_rollback(session[i].t);
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    compare_with_model(t, &committed);
    transaction_rollback(t);
    kit_store_done(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_and_go),     cmocka_unit_test(rollback_and_statement_undo),
        cmocka_unit_test(first_writer_wins),    cmocka_unit_test(serializable_refuses_write_skew),
        cmocka_unit_test(unique_keys),          cmocka_unit_test(definitions_are_transactional),
        cmocka_unit_test(asynchronous_commits), cmocka_unit_test(random_histories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
