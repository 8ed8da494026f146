// The catalog: tables, columns, keys, foreign keys and checks out of the system tables' rows.
#include "export/catalog.h"
#include "tests/unit/kit_shop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void shop_is_read(void **state)
{
    (void)state;
    FakeSource *f = shop_new();
    Arena mem = {0};
    Catalog c;
    Err err = {0};
    assert_true(catalog_read(&c, fake_source(f), STR("shop"), true, &mem, &err));
    assert_int_equal(c.tables, 3);
    assert_true(str_equal(c.node, STR("vm1")));
    const CatalogTable *customer = catalog_table(&c, STR("customer")),
                       *orders = catalog_table(&c, STR("orders"));
    assert_non_null(customer);
    assert_non_null(orders);
    assert_null(catalog_table(&c, STR("nothing")));
    assert_int_equal(customer->rows, 3);
    assert_int_equal(customer->columns, 3);
    assert_true(customer->column[0].identity);
    assert_false(customer->column[0].nullable);
    assert_true(str_equal(customer->column[1].type_text, STR("varchar(40)")));
    assert_true(str_equal(customer->column[2].type_text, STR("numeric(10,2)")));
    assert_true(str_equal(customer->column[2].default_text, STR("0.00")));
    assert_int_equal(customer->keys, 2);
    assert_true(customer->key[0].primary); // though its name comes second
    assert_int_equal(customer->checks, 1);
    assert_int_equal(orders->indexes, 1);
    assert_int_equal(orders->index[0].columns, 2);
    assert_int_equal(orders->foreigns, 1);
    assert_int_equal(orders->foreign[0].on_delete, CATALOG_CASCADE);
    assert_ptr_equal(&c.table[orders->foreign[0].parent], customer);
    assert_true(catalog_in_foreign(orders, 1));
    assert_false(catalog_in_foreign(orders, 0));
    assert_true(catalog_in_primary(orders, 0));
    arena_done(&mem);
    fake_free(f);
}

static void uniqueness_follows_from_fewer_columns(void **state)
{
    (void)state;
    FakeSource *f = shop_new();
    Arena mem = {0};
    Catalog c;
    Err err = {0};
    assert_true(catalog_read(&c, fake_source(f), STR("shop"), false, &mem, &err));
    const CatalogTable *customer = catalog_table(&c, STR("customer"));
    assert_true(catalog_unique_on(customer, (uint32_t[]){2, 1}, 2));
    assert_false(catalog_unique_on(customer, (uint32_t[]){2}, 1));
    assert_int_equal(customer->rows, -1);
    arena_done(&mem);
    fake_free(f);
}

static void hostile_database_name_is_quoted(void **state)
{
    (void)state;
    FakeSource *f = shop_new();
    Arena mem = {0};
    Catalog c;
    Err err = {0};
    assert_true(catalog_read(&c, fake_source(f), STR("x' OR 'a'='a"), false, &mem, &err));
    assert_non_null(strstr(fake_log(f), "table_catalog = 'x'' OR ''a''=''a'"));
    arena_done(&mem);
    fake_free(f);
}

static void lies_of_the_system_tables_are_errors(void **state)
{
    (void)state;
    FakeSource *f = shop_new();
    Arena mem = {0};
    Catalog c;
    Err err = {0};
    fake_answer(f, "SELECT table_name, index_name",
                "table_name index_name is_unique is_primary is_constraint method column_name",
                "customer|k|YES|NO|YES|hash|no_such_column");
    assert_false(catalog_read(&c, fake_source(f), STR("shop"), false, &mem, &err));
    assert_non_null(strstr(err.text, "no_such_column"));
    arena_done(&mem);
    fake_free(f);
}

static void use_is_said_once(void **state)
{
    (void)state;
    FakeSource *f = shop_new();
    Err err = {0};
    assert_true(catalog_use(fake_source(f), STR("shop"), &err));
    assert_true(catalog_use(fake_source(f), STR("shop"), &err));
    assert_string_equal(fake_log(f), "USE shop\n");
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shop_is_read),
        cmocka_unit_test(uniqueness_follows_from_fewer_columns),
        cmocka_unit_test(hostile_database_name_is_quoted),
        cmocka_unit_test(lies_of_the_system_tables_are_errors),
        cmocka_unit_test(use_is_said_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
