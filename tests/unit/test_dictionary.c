// Dictionaries: every part of a definition survives; names that are no file names work; damage and other
// versions are named; databases come and go.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static TableDef *rich(Arena *mem, uint64_t parent)
{
    TableDef *d = schema_copy(kit_store_def(mem, "rich", "id bigint!, a numeric, b varchar, c text*"), mem);
    d->column[1].type = (Type){.id = TYPE_NUMERIC, .length = 12, .scale = 3};
    d->column[1].not_null = true;
    d->column[1].default_text = STR("1 + 2\t-- tab\nand line");
    d->column[2].type = (Type){.id = TYPE_VARCHAR, .length = 40, .scale = 0};
    d->column[2].default_text = STR("");
    d->column[0].identity = true;
    d->foreign_key = arena_array(mem, ForeignKeyDef, 2);
    d->foreign_key_count = 2;
    d->foreign_key[0] = (ForeignKeyDef){.name = STR("up"),
                                        .column_count = 1,
                                        .column = {0},
                                        .parent_id = parent,
                                        .parent_column = {0},
                                        .on_delete = KEY_CASCADE,
                                        .on_update = KEY_SET_NULL};
    d->foreign_key[1] =
        (ForeignKeyDef){.name = STR("self"), .column_count = 2, .column = {1, 2}, .parent_column = {2, 1}};
    d->check = arena_array(mem, CheckDef, 1);
    d->check_count = 1;
    d->check[0] = (CheckDef){.name = STR("chk \\ 'x'"), .text = STR("a > 0 AND b <> '\\N'")};
    return d;
}

static void same(const TableDef *a, const TableDef *b, uint64_t parent)
{
    assert_int_equal(a->column_count, b->column_count);
    for (int i = 0; i < a->column_count; i++) {
        assert_true(str_equal(a->column[i].name, b->column[i].name) &&
                    type_equal(a->column[i].type, b->column[i].type));
        assert_int_equal(a->column[i].not_null, b->column[i].not_null);
        assert_int_equal(a->column[i].identity, b->column[i].identity);
        assert_int_equal(a->column[i].default_text.at != NULL, b->column[i].default_text.at != NULL);
        assert_true(str_equal(a->column[i].default_text, b->column[i].default_text));
    }
    assert_int_equal(a->index_count, b->index_count);
    for (int i = 0; i < a->index_count; i++) {
        assert_true(str_equal(a->index[i].name, b->index[i].name));
        assert_true(a->index[i].primary == b->index[i].primary && a->index[i].unique && b->index[i].unique &&
                    b->index[i].id);
    }
    assert_int_equal(b->foreign_key_count, 2);
    assert_int_equal(b->foreign_key[0].parent_id, parent);
    assert_int_equal(b->foreign_key[0].on_delete, KEY_CASCADE);
    assert_int_equal(b->foreign_key[0].on_update, KEY_SET_NULL);
    assert_int_equal(b->foreign_key[1].parent_id, b->id);
    assert_int_equal(b->foreign_key[1].parent_column[0], 2);
    assert_true(str_equal(a->check[0].name, b->check[0].name) &&
                str_equal(a->check[0].text, b->check[0].text));
}

static void definitions_survive(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    Arena mem = {0};
    Table *table;
    kit_store_open(&k);
    kit_store_create(&k, "parent", "id bigint!");
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    uint64_t parent = table_def(kit_store_table(t, "parent"))->id;
    TableDef *def = rich(&mem, parent);
    assert_ok(transaction_create_table(t, def, &table, &err), &err);
    kit_store_commit(t);
    for (int again = 0; again < 3; again++) {
        t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        table = kit_store_table(t, "rich");
        same(def, table_def(table), parent);
        const TableDef **children;
        assert_int_equal(transaction_children(t, parent, &mem, &children), 1);
        assert_str(children[0]->name, "rich");
        kit_store_commit(t);
        kit_store_again(&k);
    }
    arena_done(&mem);
    kit_store_done(&k);
}

static void names_become_no_paths(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    Arena mem = {0};
    char longest[SCHEMA_NAME_MAX + 1], longer[SCHEMA_NAME_MAX + 1];
    for (int i = 0; i < SCHEMA_NAME_MAX; i += 2) memcpy(longest + i, "\xc3\xa4", 2);
    longest[SCHEMA_NAME_MAX] = 0;
    memcpy(longer, longest, sizeof longer);
    longer[SCHEMA_NAME_MAX - 1] = '\xb6';
    const char *name[] = {"../x",  "con",  "CON", "Con",   "a/b",  "..",   ".", " ",
                          "x.d2t", "t\nb", "%2e", longest, longer, "lock", "~5"};
    kit_store_open(&k);
    for (size_t i = 0; i < COUNT_OF(name); i++) {
        char row[32];
        Table *table;
        assert_ok(store_database_create(k.s, str_of(name[i]), false, STR("me"), &err), &err);
        assert_err(store_database_create(k.s, str_of(name[i]), false, STR("me"), &err), &err, "42P04");
        kit_store_create(&k, name[i], "id bigint");
        Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
        TableDef *def = schema_copy(kit_store_def(&mem, name[i], "id bigint"), &mem);
        def->database = str_of(name[i]);
        assert_ok(transaction_create_table(t, def, &table, &err), &err);
        snprintf(row, sizeof row, "%zu", i);
        assert_ok(kit_store_insert(t, table, row, &err), &err);
        assert_ok(kit_store_insert(t, kit_store_table(t, name[i]), row, &err), &err);
        kit_store_commit(t);
    }
    kit_store_again(&k);
    for (size_t i = 0; i < COUNT_OF(name); i++) {
        char row[32];
        snprintf(row, sizeof row, "%zu\n", i);
        kit_store_expect(&k, name[i], row);
        assert_true(store_database_exists(k.s, str_of(name[i])));
    }
    char outside[KIT_PATH_MAX];
    assert_null(kit_dir_read(&k.dir, "data/x.d2t", &(size_t){0}));
    assert_null(kit_dir_read(&k.dir, "data/databases/x.d2t", &(size_t){0}));
    kit_dir_path(&k.dir, "x", outside);
    memset(longest, 'n', sizeof longest);
    assert_err(store_database_create(k.s, (Str){longest, SCHEMA_NAME_MAX + 1}, false, STR("me"), &err), &err,
               "42622");
    arena_done(&mem);
    kit_store_done(&k);
}

static void databases_come_and_go(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    Arena mem = {0};
    Str *names;
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!");
    assert_ok(store_checkpoint(k.s, &err), &err);
    Transaction *t = kit_store_begin(&k, ISOLATION_READ_COMMITTED);
    assert_ok(kit_store_insert(t, kit_store_table(t, "t"), "1", &err), &err);
    assert_err(store_database_drop(k.s, STR("db"), false, STR("me"), &err), &err, "55006");
    kit_store_commit(t);
    assert_ok(store_checkpoint(k.s, &err), &err);
    assert_ok(store_database_drop(k.s, STR("db"), false, STR("me"), &err), &err);
    assert_err(store_database_drop(k.s, STR("db"), false, STR("me"), &err), &err, "3D000");
    assert_ok(store_database_drop(k.s, STR("db"), true, STR("me"), &err), &err);
    assert_ok(store_database_create(k.s, STR("db"), false, STR("me"), &err), &err);
    assert_ok(store_database_create(k.s, STR("abc"), true, STR("me"), &err), &err);
    kit_store_create(&k, "t", "id bigint!");
    kit_store_expect(&k, "t", "");
    assert_int_equal(store_databases(k.s, &mem, &names), 2);
    assert_str(names[0], "abc");
    KitDir d;
    kit_store_copy(&k, &d); // the old table's file lies there still: it is not the new one's
    kit_store_done(&k);
    k = (KitStore){.dir = d};
    k.options = (StoreOptions){
        .io = io_posix(), .path = kit_dir_path(&d, "data", k.path), .node = 1, .no_background = true};
    assert_ok(store_open(&k.s, &k.options, &err), &err);
    kit_store_expect(&k, "t", "");
    arena_done(&mem);
    kit_store_done(&k);
}

static void damage_is_named(void **state)
{
    (void)state;
    KitStore k;
    Err err = {0};
    Store *s = NULL;
    size_t len;
    kit_store_open(&k);
    kit_store_create(&k, "t", "id bigint!, name text");
    assert_false(store_open(&s, &k.options, &err)); // one owner at a time
    assert_string_equal(err.state, "55006");
    err_clear(&err);
    store_close(k.s);
    char *file = kit_dir_read(&k.dir, "data/dictionary.local", &len);
    for (size_t bit = 0; bit < len * 8; bit += 29) {
        file[bit / 8] = (char)(file[bit / 8] ^ 1 << bit % 8);
        kit_dir_write(&k.dir, "data/dictionary.local", file, len);
        file[bit / 8] = (char)(file[bit / 8] ^ 1 << bit % 8);
        assert_err(store_open(&s, &k.options, &err), &err, "XX001");
    }
    for (size_t cut = 0; cut < len; cut += 7) {
        kit_dir_write(&k.dir, "data/dictionary.local", file, cut);
        assert_err(store_open(&s, &k.options, &err), &err, "XX001");
    }
    char *other = malloc(len + 1);
    memcpy(other, file, len);
    other[16] = '7';
    kit_dir_write(&k.dir, "data/dictionary.local", other, len);
    assert_false(store_open(&s, &k.options, &err));
    assert_non_null(strstr(err.text, "version 7"));
    kit_dir_write(&k.dir, "data/dictionary.local", file, len);
    err_clear(&err);
    assert_ok(store_open(&k.s, &k.options, &err), &err);
    free(other);
    free(file);
    kit_store_done(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definitions_survive),
        cmocka_unit_test(names_become_no_paths),
        cmocka_unit_test(databases_come_and_go),
        cmocka_unit_test(damage_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
