// Objects: seen as their transaction says, undone with it, there again after a kill and after a checkpoint;
// sequences never give a number twice; directories from before there were objects open.
#include "engine/base/crc32c.h"
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static const ObjectDef *find(Transaction *t, ObjectKind kind, const char *name, Arena *mem)
{
    return transaction_object_find(t, kind, STR("db"), SCHEMA_PUBLIC, 0, str_of(name), mem);
}

static uint64_t make(Transaction *t, ObjectKind kind, const char *name, const char *text, uint64_t on,
                     Arena *mem)
{
    Err err = {0};
    uint64_t id = 0;
    ObjectDef def = {.kind = kind,
                     .database = STR("db"),
                     .schema = SCHEMA_PUBLIC,
                     .name = str_of(name),
                     .owner = STR("me")};
    object_set_field(&def, mem, "text", str_of(text));
    object_add_dependency(&def, mem, on);
    assert_ok(transaction_object_create(t, &def, &id, &err), &err);
    return id;
}

// Once after a kill, once after an orderly end.
static void both_ways(KitStore *k, void (*look)(KitStore *k, void *self), void *self)
{
    KitDir killed;
    kit_store_copy(k, &killed);
    KitStore after = {.dir = killed, .options = k->options};
    Err err = {0};
    after.options.path = kit_dir_path(&killed, "data", after.path);
    assert_ok(store_open(&after.s, &after.options, &err), &err);
    look(&after, self);
    kit_store_done(&after);
    kit_store_again(k);
    look(k, self);
}

static void look_at_view(KitStore *k, void *self)
{
    const uint64_t *id = self;
    Arena mem = {0};
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    const ObjectDef *v = find(t, OBJECT_VIEW, "v", &mem), *all = transaction_object_by_id(t, id[0], &mem);
    assert_non_null(v);
    assert_int_equal(v->id, id[0]);
    assert_int_equal(all->version, 2);
    assert_int_equal(v->parent, 0);
    assert_str(object_field(v, "text"), "select 2\n\t\\");
    assert_str(object_field(v, "empty"), "");
    assert_true(object_field(v, "empty").at && !object_field(v, "none").at);
    assert_str(v->owner, "me");
    assert_true(object_depends(v, id[1]) && v->dependency_count == 1);
    assert_null(find(t, OBJECT_VIEW, "gone", &mem));
    const ObjectDef **list;
    assert_int_equal(transaction_object_dependents(t, id[1], &mem, &list), 1);
    assert_int_equal(list[0]->id, id[0]);
    assert_int_equal(transaction_object_list(t, OBJECT_ANY, STR("db"), &mem, &list), 1);
    transaction_rollback(t);
    arena_done(&mem);
}

static void definitions_survive(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    Arena mem = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    uint64_t id[2] = {0, table_def(kit_store_table(t, "t"))->id};
    id[0] = make(t, OBJECT_VIEW, "v", "select 1", id[1], &mem);
    uint64_t gone = make(t, OBJECT_VIEW, "gone", "select 1", id[1], &mem);
    make(t, OBJECT_DOMAIN, "passing", "x", 0, &mem);
    assert_ok(transaction_object_drop(t, find(t, OBJECT_ENUM, "passing", &mem)->id, &err),
              &err); // same space
    kit_store_commit(t);
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    ObjectDef *v = object_copy(find(t, OBJECT_VIEW, "v", &mem), &mem);
    object_set_field(v, &mem, "text", STR("select 2\n\t\\"));
    object_set_field(v, &mem, "empty", STR(""));
    object_set_field(v, &mem, "none", STR("x"));
    object_set_field(v, &mem, "none", STR_NONE);
    assert_ok(transaction_object_replace(t, v, false, &err), &err);
    assert_ok(transaction_object_drop(t, gone, &err), &err);
    kit_store_commit(t);
    both_ways(&k, look_at_view, id);
    arena_done(&mem);
    kit_store_done(&k);
}

static void transactions_see_their_own(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    Arena mem = {0};
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!");
    Transaction *a = kit_store_begin(&k, ISOLATION_READ_COMMITTED),
                *b = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    make(a, OBJECT_SEQUENCE, "s", "1", 0, &mem);
    assert_non_null(find(a, OBJECT_SEQUENCE, "s", &mem));
    assert_null(find(b, OBJECT_SEQUENCE, "s", &mem));
    ObjectDef def = {.kind = OBJECT_VIEW, .database = STR("db"), .schema = SCHEMA_PUBLIC, .name = STR("s")};
    assert_err(transaction_object_create(b, &def, NULL, &err), &err, "40001");
    def.name = STR("t"); // tables, views and sequences share their names
    assert_err(transaction_object_create(a, &def, NULL, &err), &err, "42P07");
    assert_err(transaction_create_table(a, kit_store_def(&mem, "s", "id bigint!"), NULL, &err), &err,
               "42P07");
    def.schema = STR("other");
    transaction_statement_begin(a);
    assert_ok(transaction_object_create(a, &def, NULL, &err), &err);
    transaction_statement_undo(a);
    assert_null(transaction_object_find(a, OBJECT_VIEW, STR("db"), STR("other"), 0, STR("t"), &mem));
    kit_store_commit(a);
    transaction_statement_begin(b);
    uint64_t id = find(b, OBJECT_SEQUENCE, "s", &mem)->id;
    a = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(transaction_object_drop(a, id, &err), &err);
    assert_err(transaction_object_drop(b, id, &err), &err, "40001");
    assert_non_null(find(b, OBJECT_SEQUENCE, "s", &mem));
    transaction_rollback(a);
    assert_ok(transaction_object_drop(b, id, &err), &err);
    transaction_rollback(b);
    assert_ok(store_checkpoint(k.s, &err), &err);
    a = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_non_null(find(a, OBJECT_SEQUENCE, "s", &mem));
    transaction_rollback(a);
    arena_done(&mem);
    kit_store_done(&k);
}

static void look_at_number(KitStore *k, void *self)
{
    const int64_t *last = self;
    int64_t next;
    Arena mem = {0};
    Err err = {0};
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    uint64_t id = find(t, OBJECT_SEQUENCE, "s", &mem)->id;
    assert_ok(sequence_next(t, id, &next, &err), &err);
    assert_int_equal(next, *last + 2);
    transaction_rollback(t); // kept all the same
    arena_done(&mem);
}

static void numbers_are_given_once(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    Arena mem = {0};
    int64_t v;
    SequenceState s;
    kit_store_open(&k);
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    ObjectDef def = {
        .kind = OBJECT_SEQUENCE, .database = STR("db"), .schema = SCHEMA_PUBLIC, .name = STR("s")};
    uint64_t id;
    object_set_field(&def, &mem, "increment", STR("2"));
    object_set_field(&def, &mem, "start", STR("11"));
    object_set_field(&def, &mem, "max", STR("1000"));
    assert_ok(transaction_object_create(t, &def, &id, &err), &err);
    assert_ok(sequence_next(t, id, &v, &err), &err);
    assert_int_equal(v, 11);
    kit_store_commit(t);
    both_ways(&k, look_at_number, &v);
    v += 2;
    Transaction *a = kit_store_begin(&k, ISOLATION_READ_COMMITTED),
                *b = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(sequence_next(a, id, &v, &err) && sequence_next(b, id, &v, &err), &err);
    kit_store_commit(b); // its record comes first and knows more
    kit_store_commit(a);
    both_ways(&k, look_at_number, &v);
    v += 2;
    a = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    ObjectDef *again = object_copy(transaction_object_by_id(a, id, &mem), &mem);
    object_set_field(again, &mem, "restart", STR("500"));
    assert_ok(transaction_object_replace(a, again, true, &err), &err);
    int64_t inside;
    assert_ok(sequence_next(a, id, &inside, &err), &err);
    assert_int_equal(inside, 500);
    transaction_rollback(a); // and goes on as if nothing had been
    both_ways(&k, look_at_number, &v);
    v += 2;
    a = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(transaction_object_replace(a, again, true, &err), &err);
    kit_store_commit(a);
    v = 498;
    both_ways(&k, look_at_number, &v);
    v += 2;
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(sequence_set(t, id, 999, true, &err), &err);
    assert_err(sequence_next(t, id, &v, &err), &err, "2200H");
    assert_err(sequence_set(t, id, 1001, true, &err), &err, "22003");
    assert_ok(sequence_state(t, id, &s, &err), &err);
    assert_true(s.called && s.last == 999);
    transaction_rollback(t);
    arena_done(&mem);
    kit_store_done(&k);
}

static void look_for_temporaries(KitStore *k, void *self)
{
    (void)self;
    Transaction *t = kit_store_begin(k, ISOLATION_READ_COMMITTED);
    assert_null(transaction_table_in(t, STR("db"), STR("pg_temp_1"), STR("t")));
    transaction_rollback(t);
}

static void temporaries_are_not_written(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    Arena mem = {0};
    kit_store_open(&k);
    TableDef *def = schema_copy(kit_store_def(&mem, "t", "id bigint!, name text"), &mem);
    def->schema = STR("pg_temp_1");
    def->temporary = true;
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    Table *table;
    assert_ok(transaction_create_table(t, def, &table, &err), &err);
    kit_store_commit(t);
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    table = transaction_table_in(t, STR("db"), STR("pg_temp_1"), STR("t"));
    assert_non_null(table);
    assert_ok(kit_store_insert(t, table, "1|here", &err), &err);
    kit_store_commit(t);
    assert_ok(store_checkpoint(k.s, &err), &err);
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    Bytes out;
    bytes_init(&out, 1000);
    table = transaction_table_in(t, STR("db"), STR("pg_temp_1"), STR("t"));
    assert_ok(kit_store_dump(t, table, &out, &err), &err);
    assert_str(bytes_str(&out), "1|here\n");
    transaction_rollback(t);
    bytes_done(&out);
    both_ways(&k, look_for_temporaries, NULL);
    arena_done(&mem);
    kit_store_done(&k);
}

static void older_directories_open(void **state)
{
    (void)state;
    static const char body[] = "d2db-dictionary\t1\tlocal\n"
                               "checkpoint\t0000000000000001\t1\t1\t9\t1\n"
                               "database\t1\tdb\tdb\n"
                               "table\t2\t1\tdb\told\told.d2t\n"
                               "column\tid\tbigint\t0\t0\tni\t\\N\n"
                               "end\n"
                               "state\t2\t0000000000000000\t0\t0\t0=5\n";
    char text[sizeof body + 16];
    KitStore k;
    Err err = {0};
    kit_store_open(&k);
    store_close(k.s);
    assert_ok(store_open(&k.s, &k.options, &err), &err); // log numbers start anew below
    store_close(k.s);
    int len = snprintf(text, sizeof text, "%scrc %08" PRIx32 "\n", body, crc32c(0, body, sizeof body - 1));
    kit_dir_write(&k.dir, "data/dictionary.local", text, (size_t)len);
    for (int i = 1; i < 9; i++) {
        char name[KIT_PATH_MAX + 32];
        snprintf(name, sizeof name, "%s/log/%012d.d2l", k.options.path, i);
        assert_true(unlink(name) == 0 || errno == ENOENT);
    }
    assert_ok(store_open(&k.s, &k.options, &err), &err);
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    const TableDef *def = table_def(kit_store_table(t, "old"));
    assert_str(def->schema, "public");
    assert_true(def->column[0].identity);
    transaction_rollback(t);
    kit_store_again(&k);
    t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    int64_t next;
    assert_ok(table_identity_next(t, kit_store_table(t, "old"), 0, &next, &err), &err);
    assert_int_equal(next, 6);
    transaction_rollback(t);
    kit_store_done(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definitions_survive),    cmocka_unit_test(transactions_see_their_own),
        cmocka_unit_test(numbers_are_given_once), cmocka_unit_test(temporaries_are_not_written),
        cmocka_unit_test(older_directories_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
