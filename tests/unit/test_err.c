// Err: the first error wins, and nothing in it can drive a terminal.
#include "engine/base/err.h"
#include "engine/base/utf8.h"
#include "tests/unit/kit_cmocka.h"

#include <errno.h>
#include <string.h>

static void first_wins(void **state)
{
    (void)state;
    Err err;
    memset(&err, 'x', sizeof err); // err_clear makes any bytes an Err
    err_clear(&err);
    assert_false(err_any(&err));
    assert_int_equal(err.at, -1);
    assert_false(err_set_at(&err, "42P01", 7, "table %s does not exist", "t"));
    assert_false(err_set(&err, "XX000", "cleanup failed too"));
    assert_false(err_note(&err, "while %s", "testing"));
    assert_false(err_hint(&err, "make it"));
    assert_false(err_hint(&err, "other hint"));
    assert_true(err_is(&err, "42P01"));
    assert_string_equal(err.state, "42P01");
    assert_string_equal(err.text, "table t does not exist");
    assert_string_equal(err.notes, "cleanup failed too\nwhile testing");
    assert_string_equal(err.hint, "make it");
    assert_int_equal(err.at, 7);
    for (int i = 0; i < 200; i++) err_note(&err, "line %d", i);
    assert_true(strlen(err.notes) < ERR_NOTES_MAX);
}

static void is_printable(void **state)
{
    (void)state;
    Err err = {0};
    err_set(&err, "42601", "bad \x1b[31m \xff \xe2\x80\xae name");
    assert_string_equal(err.text, "bad \xe2\x90\x9b[31m \\xff \\u202e name");
}

static void cuts_between_characters(void **state)
{
    (void)state;
    char text[6000];
    for (size_t shift = 0; shift < 4; shift++) {
        size_t len = shift;
        memset(text, 'a', shift);
        while (len + 4 < sizeof text) {
            memcpy(text + len, "\xF0\x9F\x98\x80", 4);
            len += 4;
        }
        text[len] = 0;
        Err err = {0};
        err_set(&err, "42601", "%s", text);
        assert_true(utf8_check(str_of(err.text)) == SIZE_MAX);
        assert_null(strchr(err.text, '\\'));
        assert_true(strlen(err.text) > ERR_TEXT_MAX - 5);
        err_set_errno(&err, EIO, "%s", text);
        assert_true(utf8_check(str_of(err.notes)) == SIZE_MAX);
    }
}

static void names_the_state_of_errno(void **state)
{
    (void)state;
    const struct {
        int value;
        const char *state;
        bool hint;
    } rows[] = {{ENOSPC, "53100", true}, {EDQUOT, "53100", true}, {EACCES, "42501", true},
                {EROFS, "42501", true},  {EPERM, "42501", true},  {ENOENT, "58P01", false},
                {EIO, "58030", false},   {ENOMEM, "53200", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Err err = {0};
        assert_false(err_set_errno(&err, rows[i].value, "cannot read %s", "x"));
        assert_string_equal(err.state, rows[i].state);
        assert_true(str_starts(str_of(err.text), STR("cannot read x: ")));
        assert_int_equal(err.hint[0] != 0, rows[i].hint);
    }
}

static void locates(void **state)
{
    (void)state;
    Str query = STR("select\n  \xC3\xA4\xC3\xB6 x\nfrom");
    Err err = {0};
    err_set_at(&err, "42601", (int64_t)str_find(query, STR("x"), 0), "here");
    err_locate(&err, query);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 6);
    err_clear(&err);
    err_set_at(&err, "42601", 999, "behind the end");
    err_locate(&err, query);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 5);
    err_clear(&err);
    err_set(&err, "42601", "nowhere");
    err_locate(&err, query);
    assert_int_equal(err.line, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_wins),
        cmocka_unit_test(is_printable),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(locates),
        cmocka_unit_test(names_the_state_of_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
