// The editor: which statement the cursor means, typing, undo, find, tabs, completion, the error's place,
// files, and what is kept for the next session.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_stage.h"
#include "tui/panes/sql_editor.h"

#include <stdlib.h>
#include <string.h>

// ---- the statement at the cursor ----

typedef struct Case {
    const char *text; // ^ is the cursor
    const char *statement;
} Case;
static const Case cases[] = {
    {"^", NULL},
    {"  ^ \n ", NULL},
    {";^;", NULL},
    {"-- only a word; of comment^", NULL},
    {"^SELECT 1", "SELECT 1"},
    {"SELECT^ 1;", "SELECT 1"},
    {"SELECT 1^;", "SELECT 1"},
    {"SELECT 1;^", "SELECT 1"},
    {"SELECT 1;  ^ \n", "SELECT 1"},
    {"SELECT 1;\n\n^\n", "SELECT 1"},
    {"SELECT 1;^ SELECT 2", "SELECT 1"},
    {"SELECT 1; ^SELECT 2", "SELECT 2"},
    {"SELECT 1;\n^SELECT 2;\nSELECT 3", "SELECT 2"},
    {"SELECT 1;\n^\nSELECT 2;\nSELECT 3", "SELECT 2"},
    {"SELECT 1; -- why^\nSELECT 2", "SELECT 1"},
    {"SELECT 1;\n-- about 2^\nSELECT 2", "SELECT 2"},
    {"SELECT 1;\nSELECT 2^\n+ 3;\nSELECT 4", "SELECT 2\n+ 3"},
    {"SELECT 'a;b^'; SELECT 2", "SELECT 'a;b'"},
    {"SELECT 'it''s;^', 2; SELECT 3", "SELECT 'it''s;', 2"},
    {"SELECT E'\\';^'; SELECT 3", "SELECT E'\\';'"},
    {"SELECT $$;^;$$; SELECT 3", "SELECT $$;;$$"},
    {"SELECT $tag$ ; $$ ; ^$tag$; SELECT 3", "SELECT $tag$ ; $$ ; $tag$"},
    {"SELECT \"a;b\"^; SELECT 3", "SELECT \"a;b\""},
    {"SELECT /* ; /* ; */ ^; */ 1; SELECT 2", "SELECT /* ; /* ; */ ; */ 1"},
    {"SELECT 1 -- ; no end^\n, 2; SELECT 3", "SELECT 1 -- ; no end\n, 2"},
    {"SELECT 'never ended; ^SELECT 2", "SELECT 'never ended; SELECT 2"},
    {"/* head */ SELECT 1; /* tail */^", "SELECT 1"},
    {";;SELECT 1;;^;", "SELECT 1"},
    {"SELECT 1;\n;;\n^SELECT 2", "SELECT 2"},
};

static size_t spans_of(Source *s, Str text, Span *out, size_t max)
{
    (void)s;
    return fake_spans_of(text, out, max < 3 ? max : 3); // a small chunk: its borders are met, too
}

static void the_statement_at_the_cursor(void **state)
{
    (void)state;
    SourceKind kind = {.name = "lexer", .spans = spans_of};
    Source source = {&kind};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[256];
        const char *mark = strchr(cases[i].text, '^');
        size_t at = (size_t)(mark - cases[i].text), from = 0, len = 0;
        memcpy(text, cases[i].text, at);
        strcpy(text + at, mark + 1);
        bool found = sql_editor_statement(&source, str_of(text), at, &from, &len);
        if (found != (cases[i].statement != NULL)) fail_msg("%s: found %d", cases[i].text, found);
        if (found && !str_equal(str_slice(str_of(text), from, len), str_of(cases[i].statement)))
            fail_msg("%s: %.*s", cases[i].text, (int)len, text + from);
    }
}

// ---- hands on ----

static void enter(Stage *s, int width, int height)
{
    stage_open(s, width, height);
    stage_school(s);
    stage_enter(s);
}

static void typing_and_taking_back(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 80, 24);
    stage_type(&s, "SELECT 1;\n  SELECT 2;\nSELECT 3");
    stage_keys(&s, "C-u");
    assert_false(stage_has(&s, "SELECT 3"));
    stage_keys(&s, "C-y");
    assert_true(stage_has(&s, "SELECT 3"));
    stage_keys(&s, "C-a M-;");
    assert_true(stage_has(&s, "-- SELECT 1;"));
    stage_keys(&s, "M-; C-End S-Home C-x");
    assert_false(stage_has(&s, "SELECT 3"));
    stage_keys(&s, "C-v C-v");
    stage_golden(&s, "editor_typed");
    // What is pasted is text, whatever it holds: no key, no command, no escape.
    stage_paste(&s, "\r\n\x1b[31mred\x1b[0m\x07 \xe2\x80\xae end\r\n");
    assert_true(stage_has(&s, "red"));
    assert_null(strchr(stage_look(&s), '\x1b'));
    stage_close(&s);
}

static void finding(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 80, 24);
    stage_type(&s, "SELECT alpha;\nSELECT beta;\nSELECT ALPHA;\n");
    stage_keys(&s, "C-Home C-f");
    stage_golden(&s, "editor_find");
    stage_type(&s, "alpha\n");
    assert_int_equal(stage_style(&s, "alpha"), STYLE_SELECTION);
    stage_keys(&s, "F3");
    assert_int_equal(stage_style(&s, "ALPHA"), STYLE_SELECTION);
    stage_keys(&s, "C-f");
    stage_type(&s, "nowhere\n");
    stage_keys(&s, "M-r");
    stage_golden(&s, "editor_replace");
    stage_keys(&s, "Esc C-g");
    stage_type(&s, "2\n");
    stage_keys(&s, "C-k");
    assert_false(stage_has(&s, "beta"));
    stage_close(&s);
}

static void tabs_and_files(void **state)
{
    (void)state;
    Stage s;
    char path[KIT_PATH_MAX];
    enter(&s, 80, 24);
    stage_type(&s, "SELECT 1");
    stage_keys(&s, "C-n");
    stage_type(&s, "SELECT 2");
    stage_keys(&s, "M-,");
    assert_true(stage_has(&s, "SELECT 1"));
    stage_keys(&s, "M-. C-s");
    for (int i = 0; i < 20; i++) stage_keys(&s, "Backspace");
    stage_type(&s, kit_dir_path(&s.host.dir, "two.sql", path));
    stage_keys(&s, "Enter");
    assert_true(stage_has(&s, "two.sql"));
    size_t len = 0;
    char *text = kit_dir_read(&s.host.dir, "two.sql", &len);
    assert_string_equal(text, "SELECT 2");
    free(text);
    stage_type(&s, ";");
    assert_true(stage_has(&s, "two.sql ●"));
    stage_golden(&s, "editor_tabs");
    stage_keys(&s, "C-w");
    assert_true(stage_has(&s, "not saved"));
    stage_keys(&s, "d");
    assert_false(stage_has(&s, "two.sql"));
    stage_keys(&s, "C-o");
    stage_type(&s, "/nowhere/at/all.sql\n");
    assert_true(stage_has(&s, "58030") || stage_has(&s, "No such file"));
    stage_close(&s);
}

static void completing(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    stage_type(&s, "SELECT s. FROM student s");
    stage_keys(&s, "Home");
    for (int i = 0; i < 9; i++) stage_keys(&s, "Right");
    int64_t patience = 200;
    while (patience-- && !stage_has(&s, "full_name")) {
        stage_keys(&s, "F2");
        stage_pause(&s);
    }
    stage_golden(&s, "editor_complete");
    stage_type(&s, "ful");
    stage_keys(&s, "Enter");
    assert_true(stage_has(&s, "SELECT s.full_name FROM"));
    stage_keys(&s, "End");
    stage_type(&s, " WHER");
    stage_keys(&s, "F2 Tab");
    assert_true(stage_has(&s, "student s WHERE"));
    stage_type(&s, " cou");
    stage_keys(&s, "F2");
    assert_true(stage_has(&s, "count(*)"));
    stage_type(&s, " "); // no word any more
    assert_false(stage_has(&s, "count(*)"));
    stage_close(&s);
}

static void the_error_has_its_place(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    fake_fail(s.host.script, "SELECT nam", "42703", "column nam does not exist", 7);
    stage_type(&s, "SELECT s.student_id FROM student s;\n\nSELECT nam FROM student;\nSELECT 3;");
    stage_keys(&s, "Up Home F5");
    stage_wait_run(&s);
    assert_true(stage_has(&s, "42703: column nam does not exist"));
    stage_golden(&s, "editor_error");
    int x, y;
    stage_find(&s, "nam FROM", &x, &y);
    assert_int_equal(surface_cell(&s.surface, x, y)->style, STYLE_ERROR);
    assert_int_equal(s.surface.cursor_x, x);
    assert_int_equal(s.surface.cursor_y, y);
    // The other tab is not marked by what this one ran.
    stage_type(&s, "e");
    assert_int_equal(stage_style(&s, "nam FROM") == STYLE_ERROR, false);
    assert_string_equal(fake_log(s.host.script) + strlen(fake_log(s.host.script)) - 1, "\n");
    stage_close(&s);
}

static void texts_are_kept(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 80, 24);
    stage_type(&s, "SELECT 'kept'");
    stage_keys(&s, "C-n");
    stage_type(&s, "SELECT 'too'");
    assert_false(app_unsaved(s.app, NULL)); // they are in the file of kept texts
    stage_do(&s, ACTION_FILE_SIGN_OUT);
    stage_wait(&s, "Sign in");
    stage_enter(&s);
    assert_true(stage_has(&s, "SELECT 'kept'"));
    assert_true(stage_has(&s, "sql 2 ●"));
    // Where the session begins without a database, the one of the last session is used again.
    stage_do(&s, ACTION_FILE_SIGN_OUT);
    stage_wait(&s, "Sign in");
    s.host.no_database = true;
    fake_forget(s.host.script);
    stage_enter(&s);
    stage_wait_run(&s);
    assert_non_null(strstr(fake_log(s.host.script), "USE school"));
    stage_close(&s);
}

// Names and texts of others cannot drive the terminal, whatever they hold.
static void hostile_texts(void **state)
{
    (void)state;
    static const char hostile[] = "a\x1b[2J\x1b]0;t\x07\xc2\x9b"
                                  "31m\xe2\x80\xae\xe2\x81\xa6\x7f z";
    Stage s;
    stage_open(&s, 80, 24);
    char *rows = malloc(12000);
    memcpy(rows, hostile, sizeof hostile - 1);
    rows[sizeof hostile - 1] = '\n';
    memset(rows + sizeof hostile, 'N', 10000);
    strcpy(rows + sizeof hostile + 10000, "\nstudent\n");
    fake_answer(s.host.script, "SELECT database FROM d2db.show_databases", "database:text",
                "school\nx\x1b[0m\n");
    fake_answer(s.host.script, "SELECT table_name, row_estimate", "table_name:text", rows);
    fake_answer(s.host.script, "SELECT q", "q:text \x1b[5mw:text", rows);
    stage_enter(&s);
    stage_type(&s, "SELECT q");
    stage_keys(&s, "F5");
    stage_wait_run(&s);
    fake_host_line(&s.host, "event", "{\"at\":\"x\",\"kind\":\"\\u001b[31m\",\"text\":\"\\u009b1m\\u202e\"}");
    fake_host_line(&s.host, "event", "not json \x1b[2J");
    stage_wait(&s, "not json");
    stage_keys(&s, "M-3 F4");
    for (const char *c = stage_look(&s); *c; c++)
        if ((unsigned char)*c < 32 && *c != '\n') fail_msg("a control %d is on the screen", *c);
    assert_null(strstr(stage_look(&s), "\xe2\x80\xae")); // right-to-left override
    assert_null(strstr(stage_look(&s), "\xc2\x9b"));     // C1 control
    stage_golden(&s, "hostile");
    stage_close(&s);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_statement_at_the_cursor),
        cmocka_unit_test(typing_and_taking_back),
        cmocka_unit_test(finding),
        cmocka_unit_test(tabs_and_files),
        cmocka_unit_test(completing),
        cmocka_unit_test(the_error_has_its_place),
        cmocka_unit_test(texts_are_kept),
        cmocka_unit_test(hostile_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
