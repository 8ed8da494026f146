// A small shop behind a fake source: see kit_shop.h.
#include "tests/unit/kit_shop.h"

FakeSource *shop_new(void)
{
    FakeSource *f = fake_new();
    fake_answer(f, "SELECT table_name, node, schema_name, local_name FROM d2db.tables", "table_name node",
                "customer|vm1\nnode|vm1\norders|vm1");
    fake_answer(f, "SELECT table_name, column_name, data_type",
                "table_name column_name data_type character_maximum_length:integer numeric_precision:integer "
                "numeric_scale:integer is_nullable column_default is_identity",
                "customer|id|integer|~|32|0|NO|~|YES\n"
                "customer|email|character varying|40|~|~|NO|~|NO\n"
                "customer|credit|numeric|~|10|2|YES|0.00|NO\n"
                "node|id|integer|~|32|0|NO|~|NO\n"
                "node|up|integer|~|32|0|YES|~|NO\n"
                "orders|id|bigint|~|64|0|NO|~|NO\n"
                "orders|customer_id|integer|~|32|0|NO|~|NO\n"
                "orders|note|text|~|~|~|YES|~|NO");
    fake_answer(f, "SELECT table_name, index_name",
                "table_name index_name is_unique is_primary is_constraint method column_name",
                "customer|customer_email_key|YES|NO|YES|hash|email\n"
                "customer|customer_pkey|YES|YES|YES|hash|id\n"
                "node|node_pkey|YES|YES|YES|hash|id\n"
                "orders|orders_both|NO|NO|NO|sorted|customer_id\n"
                "orders|orders_both|NO|NO|NO|sorted|id\n"
                "orders|orders_pkey|YES|YES|YES|hash|id");
    fake_answer(f, "SELECT table_name, constraint_name, column_name, parent_table",
                "table_name constraint_name column_name parent_table parent_column on_delete on_update",
                "node|node_up_fkey|up|node|id|SET NULL|NO ACTION\n"
                "orders|orders_customer_fkey|customer_id|customer|id|CASCADE|NO ACTION");
    fake_answer(f, "SELECT table_name, constraint_name, check_clause",
                "table_name constraint_name check_clause",
                "customer|customer_credit_check|credit >= 0::numeric");
    fake_answer(f, "SELECT count(*) FROM customer", "count:bigint", "3");
    fake_answer(f, "SELECT count(*) FROM node", "count:bigint", "2");
    fake_answer(f, "SELECT count(*) FROM orders", "count:bigint", "4");
    fake_answer(f, "SELECT id, email", "id:integer email:varchar(40) credit:numeric(10,2)",
                "1|a@x|1.50\n2|it's|~\n7|\\x01\\x5cn|0.00");
    fake_answer(f, "SELECT id, up", "id:integer up:integer", "1|2\n2|~");
    fake_answer(f, "SELECT id, customer_id", "id:bigint customer_id:integer note",
                "10|1|\n11|1|~\n12|1|x\\ny\n13|2|\\x0d");
    return f;
}
