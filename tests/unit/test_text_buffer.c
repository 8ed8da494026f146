// Buffer and edit: random changes against a plain string; lines, finding, words, indentation, paste.
#include "engine/base/random.h"
#include "tui/text/edit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static Err err;

typedef struct Model {
    char at[4096];
    size_t len;
} Model;

static void model_insert(Model *m, size_t at, Str s)
{
    memmove(m->at + at + s.len, m->at + at, m->len - at);
    memcpy(m->at + at, s.at, s.len);
    m->len += s.len;
}

static void model_delete(Model *m, size_t at, size_t len)
{
    memmove(m->at + at, m->at + at + len, m->len - at - len);
    m->len -= len;
}

static void check(Buffer *b, const Model *m)
{
    Bytes copy;
    bytes_init(&copy, 1 << 20);
    buffer_copy(b, 0, buffer_len(b), &copy);
    assert_int_equal(copy.len, m->len);
    if (m->len) assert_memory_equal(copy.at, m->at, m->len);
    bytes_done(&copy);
    size_t line = 0, start = 0;
    for (size_t i = 0; i <= m->len; i++) {
        if (i < m->len) {
            assert_int_equal(buffer_byte(b, i), m->at[i]);
            assert_int_equal(buffer_line_of(b, i), line);
        }
        if (i < m->len && m->at[i] != '\n') continue;
        assert_int_equal(buffer_line_start(b, line), start);
        assert_int_equal(buffer_line_end(b, line), i);
        start = i + 1;
        line++;
    }
    assert_int_equal(buffer_lines(b), line);
}

static void random_changes(void **state)
{
    (void)state;
    static const char *const words[] = {
        "a", "\n", "select\n", "\n\n\n", "žluťoučký\nkůň", "0123456789012345678901234567890123456789"};
    Random r;
    random_seed(&r, 7);
    for (int round = 0; round < 20; round++) {
        Buffer b;
        Model m = {.len = 0};
        buffer_init(&b);
        for (int i = 0; i < 200; i++) {
            if (random_below(&r, 3) > 0 && m.len < 3000) {
                Str s = str_of(words[random_below(&r, COUNT_OF(words))]);
                size_t at = random_below(&r, m.len + 1);
                assert_true(buffer_insert(&b, at, s, &err));
                model_insert(&m, at, s);
            } else if (m.len > 0) {
                size_t at = random_below(&r, m.len), len = random_below(&r, m.len - at + 1);
                if (len > 60) len = 60;
                buffer_delete(&b, at, len);
                model_delete(&m, at, len);
            }
            if (m.len > 4) {
                size_t from = random_below(&r, m.len - 3);
                Str part = buffer_slice(&b, from, 3); // moves the gap, changes nothing
                assert_memory_equal(part.at, m.at + from, 3);
            }
            if (i % 10 == 0) check(&b, &m);
        }
        check(&b, &m);
        buffer_done(&b);
    }
}

static void finding(void **state)
{
    (void)state;
    Buffer b;
    buffer_init(&b);
    assert_true(buffer_insert(&b, 0, STR("Select one; SELECT two; 'select'"), &err));
    assert_true(buffer_insert(&b, 12, STR(""), &err));
    assert_int_equal(buffer_find(&b, STR("select"), 0, false, false), 25);
    assert_int_equal(buffer_find(&b, STR("select"), 0, false, true), 0);
    assert_int_equal(buffer_find(&b, STR("select"), 1, false, true), 12);
    buffer_slice(&b, 10, 1);
    assert_int_equal(buffer_find(&b, STR("SELECT"), 32, true, true), 25);
    assert_int_equal(buffer_find(&b, STR("SELECT"), 25, true, true), 12);
    assert_true(buffer_find(&b, STR("nowhere"), 0, false, true) == SIZE_MAX);
    assert_true(buffer_find(&b, STR("'select''"), 0, false, true) == SIZE_MAX);
    buffer_done(&b);
}

static void is_text(Edit *e, const char *want)
{
    Str have = buffer_slice(&e->text, 0, buffer_len(&e->text));
    if (!str_equal(have, str_of(want))) fail_msg("have [%.*s], want [%s]", STR_ARG(have), want);
}

static void typing(void **state)
{
    (void)state;
    Edit e;
    edit_init(&e);
    assert_true(edit_type(&e, STR("  SELECT 1"), &err));
    assert_true(edit_newline(&e, &err));
    assert_true(edit_type(&e, STR("FROM t"), &err));
    is_text(&e, "  SELECT 1\n  FROM t");
    edit_move(&e, EDIT_LINE_START, false, 1);
    assert_int_equal(e.cursor, 13); // the first letter, then the very start
    edit_move(&e, EDIT_LINE_START, false, 1);
    assert_int_equal(e.cursor, 11);
    edit_move(&e, EDIT_WORD_RIGHT, true, 1);
    edit_move(&e, EDIT_WORD_RIGHT, true, 1);
    assert_true(edit_type(&e, STR("x"), &err));
    is_text(&e, "  SELECT 1\nxt");
    assert_true(edit_undo(&e));
    is_text(&e, "  SELECT 1\n  FROM t");
    edit_select_all(&e);
    assert_true(edit_indent(&e, &err));
    is_text(&e, "      SELECT 1\n      FROM t");
    assert_true(edit_outdent(&e, &err));
    assert_true(edit_comment(&e, STR("-- "), &err));
    is_text(&e, "  -- SELECT 1\n  -- FROM t");
    assert_true(edit_comment(&e, STR("-- "), &err));
    is_text(&e, "  SELECT 1\n  FROM t");
    size_t count;
    assert_true(edit_replace_all(&e, STR("t"), STR("tt"), true, &count, &err));
    assert_int_equal(count, 2);
    is_text(&e, "  SELECtt 1\n  FROM tt");
    assert_true(edit_undo(&e));
    is_text(&e, "  SELECT 1\n  FROM t");
    edit_done(&e);
}

static void pasting(void **state)
{
    (void)state;
    Edit e;
    edit_init(&e);
    assert_true(edit_paste(&e, STR("a\r\nb\rc\033[31m\001\td\x7f"), &err));
    is_text(&e, "a\nb\nc[31m\td");
    assert_true(edit_undo(&e)); // one step
    is_text(&e, "");
    assert_false(edit_undo(&e));
    assert_true(edit_redo(&e));
    is_text(&e, "a\nb\nc[31m\td");
    edit_done(&e);
}

static void cells(void **state)
{
    (void)state;
    Edit e;
    edit_init(&e);
    assert_true(edit_load(&e, STR("a\tb\n中文x\ne\xCC\x81z"), &err));
    size_t line;
    int cell;
    edit_place(&e, 2, &line, &cell);
    assert_int_equal(cell, 4);
    edit_place(&e, 4 + 6, &line, &cell);
    assert_int_equal(line, 1);
    assert_int_equal(cell, 4);
    assert_int_equal(edit_at(&e, 1, 3), 4 + 3); // the middle of a wide one is its start
    edit_goto(&e, 12, false);
    edit_move(&e, EDIT_RIGHT, false, 1);
    assert_int_equal(e.cursor, 15); // letter and accent are one step
    edit_move(&e, EDIT_UP, false, 1);
    edit_move(&e, EDIT_UP, false, 1);
    assert_int_equal(e.cursor, 1);
    edit_done(&e);
}

static void limits(void **state)
{
    (void)state;
    Buffer b;
    Err full = {0};
    buffer_init(&b);
    char *big = malloc(BUFFER_BYTES_MAX);
    memset(big, 'x', BUFFER_BYTES_MAX);
    assert_true(buffer_insert(&b, 0, (Str){big, BUFFER_BYTES_MAX}, &full));
    assert_false(buffer_insert(&b, 0, STR("y"), &full));
    assert_string_equal(full.state, "54000");
    assert_int_equal(buffer_len(&b), BUFFER_BYTES_MAX);
    free(big);
    buffer_done(&b);
}

static void brackets(void **state)
{
    (void)state;
    Edit e;
    edit_init(&e);
    assert_true(edit_load(&e, STR("f(a, (b), [c])"), &err));
    assert_int_equal(edit_bracket(&e, 1), 13);
    assert_int_equal(edit_bracket(&e, 13), 1);
    assert_int_equal(edit_bracket(&e, 5), 7);
    assert_true(edit_bracket(&e, 3) == SIZE_MAX);
    edit_done(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes), cmocka_unit_test(finding), cmocka_unit_test(typing),
        cmocka_unit_test(pasting),        cmocka_unit_test(cells),   cmocka_unit_test(limits),
        cmocka_unit_test(brackets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
