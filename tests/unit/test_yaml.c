// Yaml: positions, typed looks, and every kind of document that is refused before it costs anything.
#include "engine/base/yaml.h"
#include "engine/base/clock.h"
#include "tests/unit/kit_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reads_a_theme(void **state)
{
    (void)state;
    Arena mem = {0};
    Err err = {0};
    Yaml *root;
    Str text = STR("name: dark\n"
                   "styles:\n"
                   "  text: [white, \"12\"]\n"
                   "  bold: true\n"
                   "size: 0123\n");
    assert_ok(yaml_read(&root, text, "dark.yaml", &mem, &err), &err);
    assert_int_equal(root->kind, YAML_MAP);
    assert_str(yaml_member(root, "name")->text, "dark");
    const Yaml *styles = yaml_member(root, "styles"), *list = yaml_member(styles, "text");
    assert_int_equal(styles->key_line, 2);
    assert_int_equal(styles->line, 3);
    assert_int_equal(list->kind, YAML_LIST);
    assert_int_equal(list->column, 9);
    assert_false(list->child->quoted);
    assert_true(list->child->next->quoted);
    assert_null(list->child->next->next);
    bool bold = false;
    assert_ok(yaml_bool(yaml_member(styles, "bold"), "dark.yaml", &bold, &err), &err);
    assert_true(bold);
    assert_null(yaml_member(root, "absent"));
    assert_null(yaml_member(list, "x"));
    arena_done(&mem);
}

static void assert_sentence(Str text, const char *sentence, uint32_t line)
{
    Arena mem = {0};
    Err err = {0};
    Yaml *root;
    if (yaml_read(&root, text, "f.yaml", &mem, &err)) fail_msg("%.*s was taken", STR_ARG(text));
    assert_string_equal(err.state, "F0000");
    if (!strstr(err.text, sentence)) fail_msg("\"%s\" does not say \"%s\"", err.text, sentence);
    assert_int_equal(err.line, line);
    assert_null(root);
    arena_done(&mem);
}

static void refuses_by_position(void **state)
{
    (void)state;
    assert_sentence(STR("a: 1\nb: 2\na: 3\n"),
                    "f.yaml:3:1: key \"a\" stands here a second time, first in line 1", 3);
    assert_sentence(STR("a: &x 1\n"), "f.yaml:1:4: anchors", 1);
    assert_sentence(STR("a: 1\nb: *x\n"), "anchors", 2);
    assert_sentence(STR("a: !!int 1\n"), "tags", 1);
    assert_sentence(STR("a: !local [1]\n"), "tags", 1);
    assert_sentence(STR("a: 1\n---\nb: 1\n"), "second document", 2);
    assert_sentence(STR("{[a]: 1}\n"), "expected a key", 1);
    assert_sentence(STR("a: [1\nb: 2\n"), "f.yaml:2:", 2);
    assert_sentence(STR("a: \"open\n"), "f.yaml:2:", 2);
    assert_sentence(STR("a: \xff\n"), "f.yaml:", 1);
    assert_sentence((Str){"a: \0\n", 5}, "f.yaml:", 1);
    assert_sentence(STR("a: \x1b[0m\n"), "f.yaml:", 1);
    assert_sentence(STR("\ta: 1\n"), "f.yaml:1", 1);
}

static void bombs_are_cheap(void **state)
{
    (void)state;
    enum { SIZE = 1 << 20 };
    char *big = malloc(SIZE + 2);
    int64_t start = clock_mono_us();
    memset(big, '[', SIZE);
    assert_sentence((Str){big, SIZE}, "nested deeper than 16", 1);
    memset(big, '{', SIZE);
    assert_sentence((Str){big, SIZE}, "", 1); // a map as a key, or nested too deeply: both are refusals
    for (size_t i = 0; i < SIZE; i++) big[i] = "- "[i % 2];
    assert_sentence((Str){big, SIZE}, "nested deeper than 16", 1);
    for (size_t i = 0; i < SIZE; i++) big[i] = "1,"[i % 2];
    big[0] = '[';
    big[1] = ' ';
    assert_sentence((Str){big, SIZE}, "more than 65536 values", 1);
    assert_sentence((Str){big, SIZE + 1}, "larger than 1 MiB", 1);
    size_t len = 0; // very many different keys: the look for duplicates must not be quadratic
    for (unsigned i = 0; i < 65000; i++) len += (size_t)snprintf(big + len, SIZE - len, "k%u: \n", i);
    Arena mem = {0};
    Err err = {0};
    Yaml *root;
    assert_ok(yaml_read(&root, (Str){big, len}, "f", &mem, &err), &err);
    arena_done(&mem);
    assert_true(clock_mono_us() - start < 20000000); // minutes, were it quadratic
    free(big);
}

static void depth_of_sixteen_is_fine(void **state)
{
    (void)state;
    Arena mem = {0};
    Err err = {0};
    Yaml *root;
    assert_ok(yaml_read(&root, STR("[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]"), "f", &mem, &err), &err);
    assert_false(yaml_read(&root, STR("[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]"), "f", &mem, &err));
    err_clear(&err);
    assert_ok(yaml_read(&root, STR_NONE, "f", &mem, &err), &err);
    assert_int_equal(root->kind, YAML_MAP);
    assert_null(root->child);
    assert_ok(yaml_read(&root, STR("# only a comment\n"), "f", &mem, &err), &err);
    arena_done(&mem);
}

static void typed_looks_say_what_they_expected(void **state)
{
    (void)state;
    Arena mem = {0};
    Err err = {0};
    Yaml *root;
    int64_t n = 0;
    bool b = false;
    assert_ok(yaml_read(&root, STR("n: 12\nq: \"12\"\nbig: 99\nyes: yes\nl: [1]\nempty:\ntrue: false\n"),
                        "c.yaml", &mem, &err),
              &err);
    assert_ok(yaml_int(yaml_member(root, "n"), "c.yaml", 0, 50, &n, &err), &err);
    assert_int_equal(n, 12);
    assert_false(yaml_int(yaml_member(root, "big"), "c.yaml", 0, 50, &n, &err));
    assert_string_equal(err.text, "c.yaml:3:6: expected a whole number from 0 to 50, found \"99\"");
    err_clear(&err);
    assert_err(yaml_int(yaml_member(root, "q"), "c.yaml", 0, 50, &n, &err), &err, "F0000");
    assert_false(yaml_bool(yaml_member(root, "yes"), "c.yaml", &b, &err));
    assert_string_equal(err.text, "c.yaml:4:6: expected true or false, found \"yes\"");
    err_clear(&err);
    assert_false(yaml_int(yaml_member(root, "l"), "c.yaml", 0, 50, &n, &err));
    assert_non_null(strstr(err.text, "found a list"));
    err_clear(&err);
    assert_false(yaml_bool(yaml_member(root, "empty"), "c.yaml", &b, &err));
    assert_non_null(strstr(err.text, "found nothing"));
    err_clear(&err);
    const char *known[] = {"n", "q", "bigger", "yes", "l", "empty", NULL};
    assert_false(yaml_only_keys(root, "c.yaml", known, &err));
    assert_string_equal(err.text, "c.yaml:3:1: unknown key \"big\"; did you mean \"bigger\"?");
    assert_int_equal(err.column, 1);
    err_clear(&err);
    const char *all[] = {"n", "q", "big", "yes", "l", "empty", NULL};
    assert_false(yaml_only_keys(root, "c.yaml", all, &err));
    assert_string_equal(err.text, "c.yaml:7:1: unknown key \"true\"");
    err_clear(&err);
    assert_err(yaml_only_keys(yaml_member(root, "n"), "c.yaml", all, &err), &err, "F0000");
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_theme),
        cmocka_unit_test(refuses_by_position),
        cmocka_unit_test(bombs_are_cheap),
        cmocka_unit_test(depth_of_sixteen_is_fine),
        cmocka_unit_test(typed_looks_say_what_they_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
