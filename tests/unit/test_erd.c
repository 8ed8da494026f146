// The data model: relationships, measured cardinality, sentences and the formats for other tools.
#include "export/erd.h"
#include "tests/unit/kit_model.h"
#include "tests/unit/kit_shop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *format_text(const Erd *e, const char *format)
{
    OutFile *out;
    Err err = {0};
    assert_true(out_file_memory(&out, 16 << 20, &err));
    assert_true(erd_format(str_of(format))->write(e, out, &err));
    Str s = out_text(out);
    char *text = malloc(s.len + 1);
    memcpy(text, s.at, s.len);
    text[s.len] = '\0';
    out_file_abandon(out);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("no \"%s\" in:\n%s", part, text);
}

static FakeSource *measured_shop(void)
{
    FakeSource *f = shop_new();
    fake_answer(f, "SELECT count(*) FROM customer WHERE id IS NOT NULL", "count:bigint", "3");
    fake_answer(f, "SELECT count(*) FROM orders WHERE customer_id IS NOT NULL GROUP BY customer_id",
                "count:bigint", "3\n1");
    fake_answer(f, "SELECT count(*) FROM node WHERE id IS NOT NULL", "count:bigint", "2");
    fake_answer(f, "SELECT count(*) FROM node WHERE up IS NOT NULL GROUP BY up", "count:bigint", "1");
    return f;
}

static void relationships_are_measured(void **state)
{
    (void)state;
    FakeSource *f = measured_shop();
    Arena mem = {0};
    Erd e;
    Err err = {0};
    assert_true(erd_read(&e, fake_source(f), STR("shop"), true, NULL, &mem, &err));
    assert_int_equal(e.relations, 2);
    const ErdRelation *node = &e.relation[0], *orders = &e.relation[1];
    assert_true(node->optional);
    assert_int_equal(node->child, node->parent);
    assert_int_equal(node->children_orphan, 1);
    assert_false(orders->optional);
    assert_int_equal(orders->children, 4);
    assert_int_equal(orders->children_max, 3);
    assert_int_equal(orders->parents_childless, 1);
    Bytes sentence;
    bytes_init(&sentence, 4096);
    erd_relation_sentence(&e, orders, &sentence);
    assert_string_equal(sentence.at,
                        "one customer has 0..n orders rows (1.3 on average, 3 at most; 1 of 3 without)");
    bytes_done(&sentence);
    arena_done(&mem);
    fake_free(f);
}

static void every_format_names_the_relationship(void **state)
{
    (void)state;
    FakeSource *f = measured_shop();
    Arena mem = {0};
    Erd e;
    Err err = {0};
    assert_true(erd_read(&e, fake_source(f), STR("shop"), true, NULL, &mem, &err));
    static const struct {
        const char *format, *part;
    } expected[] = {
        {"text", "  ◆ id      integer        not null  identity\n"},
        {"text", "declared: one parent has 0..n children, one child has 1 parent\n"},
        {"text",
         "measured: 4 children of 3 parents; 1.3 on average, 3 at most; 1 parents without any (33.3 %)"},
        {"text", "customer (id) ─┤├──○< orders (customer_id)"},
        {"drawing", "┌ customer ──────────── 3 ┐"},
        {"drawing", "○<│ ↗ customer_id"},
        {"mermaid", "    customer ||--o{ orders : \"orders_customer_fkey\"\n"},
        {"dot", "t0:r0 -> t2:l1 [arrowtail=teetee, arrowhead=crowodot];"},
        {"dbml", "Ref \"orders_customer_fkey\": \"orders\".(\"customer_id\") > \"customer\".(\"id\")\n"},
    };
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        char *text = format_text(&e, expected[i].format);
        assert_has(text, expected[i].part);
        free(text);
    }
    assert_null(erd_format(STR("svg")));
    arena_done(&mem);
    fake_free(f);
}

static void names_cannot_drive_a_terminal(void **state)
{
    (void)state;
    Arena mem = {0};
    Catalog c;
    Erd e;
    model_text(&c, "a\x1b[2J\"<b> id!", &mem);
    erd_of_catalog(&e, &c, &mem);
    for (const char *const *name = erd_format_names(); *name; name++) {
        char *text = format_text(&e, *name);
        assert_null(strchr(text, '\x1b'));
        free(text);
    }
    arena_done(&mem);
}

static void wide_names_keep_the_frame(void **state)
{
    (void)state;
    Arena mem = {0};
    Catalog c;
    Erd e;
    ErdGrid g;
    Err err = {0};
    model_text(&c, "学生 番号! 名前?; 登録 番号! 学生>学生.番号", &mem);
    erd_of_catalog(&e, &c, &mem);
    assert_true(erd_draw(&g, &e, ERD_ALL_COLUMNS, 100, &mem, &err));
    for (uint32_t i = 0; i < 2; i++) {
        const ErdBox *b = &g.box[i];
        assert_int_equal(erd_cell(&g, b->x, b->y)->rune, 0x250c);
        assert_int_equal(erd_cell(&g, b->x + b->width - 1, b->y)->rune, 0x2510);
        assert_int_equal(erd_cell(&g, b->x + b->width - 1, b->y + 1)->rune, 0x2502);
        assert_int_equal(erd_cell(&g, b->x + 4, b->y + 1)->rune, 0x756a);
        assert_int_equal(erd_cell(&g, b->x + 5, b->y + 1)->rune, 0);
    }
    arena_done(&mem);
}

static void an_empty_database_is_drawn(void **state)
{
    (void)state;
    Arena mem = {0};
    Catalog c = {.database = STR("none")};
    Erd e;
    erd_of_catalog(&e, &c, &mem);
    char *text = format_text(&e, "drawing");
    assert_has(text, "0 tables, 0 relationships");
    free(text);
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relationships_are_measured),
        cmocka_unit_test(every_format_names_the_relationship),
        cmocka_unit_test(names_cannot_drive_a_terminal),
        cmocka_unit_test(wide_names_keep_the_frame),
        cmocka_unit_test(an_empty_database_is_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
