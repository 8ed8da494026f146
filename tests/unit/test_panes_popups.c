// The windows: data model, counts, dumps, rows in forms, users, tasks, values; and the panes below them:
// grid, tree and logs.
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void enter(Stage *s, int width, int height)
{
    stage_open(s, width, height);
    stage_school(s);
    stage_enter(s);
}

static void run(Stage *s, const char *text)
{
    stage_keys(s, "M-2 C-a Del");
    stage_type(s, text);
    stage_keys(s, "S-F5");
    stage_wait_run(s);
}

// ---- the panes ----

static void results(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    fake_answer(s.host.script, "SELECT wide", "a:text b:text",
                "0123456789012345678901234567890123456789012345678901234567890123456789|x\n~|\n");
    run(&s, "SELECT s.student_id FROM student s;\nSELECT wide;\nEXPLAIN SELECT 1;\nCREATE TABLE t (a int);");
    assert_true(stage_has(&s, "Result 1: 5 rows · 14 ms ─ Result 2: 2 rows"));
    stage_golden(&s, "result_wide_and_null");
    stage_keys(&s, "M-3 M-,");
    assert_int_equal(stage_style(&s, "∅"), STYLE_NULL);
    stage_keys(&s, "C-f");
    stage_type(&s, "garc\n");
    assert_int_equal(stage_style(&s, "María José García"), STYLE_SELECTION);
    stage_keys(&s, "Enter");
    assert_true(stage_has(&s, "full_name  row 3"));
    stage_keys(&s, "Esc C-g");
    stage_type(&s, "4\n");
    assert_int_equal(stage_style(&s, "李小龙"), STYLE_SELECTION);
    stage_keys(&s, "f Right Right"); // frozen at the left
    stage_golden(&s, "result_grid");
    stage_keys(&s, "M-c");
    assert_true(str_equal(app_copied(s.app), STR("27")));
    stage_keys(&s, "M-, M-,");
    assert_true(stage_has(&s, "CREATE"));
    stage_golden(&s, "result_messages");
    stage_close(&s);
}

static void a_result_becomes_a_file(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    run(&s, "SELECT s.student_id FROM student s");
    stage_do(&s, ACTION_EXPORT_RESULT);
    stage_keys(&s, "F5");
    stage_wait(&s, "Wrote ");
    size_t len = 0;
    char *text = kit_dir_read(&s.host.dir, "exports/result.csv", &len);
    assert_non_null(text);
    assert_non_null(strstr(text, "20117,Adaeze Okafor,9,31"));
    free(text);
    stage_close(&s);
}

static void the_tree(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    stage_keys(&s, "M-1 C-f");
    stage_type(&s, "student\n");
    stage_keys(&s, "Right");
    stage_wait(&s, "full_name");
    stage_golden(&s, "tree_open");
    stage_keys(&s, "Down Enter"); // the column's name goes to the editor
    stage_keys(&s, "M-1 b");
    stage_wait_run(&s);
    assert_non_null(strstr(fake_log(s.host.script), "SELECT * FROM student"));
    // A statement does not move the cursor nor close what is open.
    assert_int_equal(stage_style(&s, "◆ student_id"), STYLE_SELECTION);
    int x, y;
    stage_find(&s, "library", &x, &y);
    stage_press(&s, x, y, 3);
    assert_true(stage_has(&s, "Browse rows"));
    stage_golden(&s, "tree_context");
    stage_keys(&s, "Esc");
    stage_find(&s, "course", &x, &y);
    stage_press(&s, x, y, 1);
    stage_do(&s, ACTION_DATA_DROP_TABLE);
    assert_true(stage_has(&s, "Drop table course with all its rows?"));
    stage_keys(&s, "Enter"); // "Keep it" has the focus
    assert_null(strstr(fake_log(s.host.script), "DROP TABLE"));
    stage_close(&s);
}

static void the_logs(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    char line[200];
    for (int i = 0; i < 40; i++) {
        snprintf(
            line, sizeof line,
            "{\"at\":\"2026-11-21T20:57:%02d.118Z\",\"node\":\"vm1\",\"kind\":\"change\",\"user\":\"alice\","
            "\"transaction\":1845,\"sentence\":\"update registration %d rows\"}",
            i, i);
        fake_host_line(&s.host, "event", line);
    }
    fake_host_line(
        &s.host, "query",
        "{\"at\":\"2026-11-21T20:57:33.118Z\",\"node\":\"vm1\",\"kind\":\"query\",\"user\":\"alice\","
        "\"database\":\"school\",\"text\":\"SELECT nam\",\"valid\":false,\"rows\":0,"
        "\"duration_us\":14000}");
    fake_host_line(
        &s.host, "general",
        "{\"at\":\"2026-11-21T20:57:33.118Z\",\"kind\":\"statement\",\"rows\":1,\"duration_us\":900}");
    stage_wait(&s, "update registration 39 rows");
    stage_keys(&s, "M-4");
    stage_golden(&s, "log_following");
    stage_keys(&s, "PgUp");
    assert_true(stage_has(&s, "paused"));
    fake_host_line(&s.host, "event", "{\"kind\":\"commit\",\"sentence\":\"the newest\"}");
    stage_look(&s);
    assert_false(stage_has(&s, "the newest"));
    stage_keys(&s, "M-f");
    stage_wait(&s, "the newest");
    stage_do(&s, ACTION_LOGS_FILTER);
    stage_type(&s, "registration 7\n");
    assert_true(stage_has(&s, "/registration 7 · following"));
    assert_true(stage_has(&s, "update registration 7 rows"));
    assert_false(stage_has(&s, "update registration 8 rows"));
    stage_keys(&s, "Enter");
    assert_true(stage_has(&s, "Log line"));
    stage_golden(&s, "log_line");
    stage_keys(&s, "Esc M-.");
    stage_do(&s, ACTION_LOGS_FILTER);
    stage_keys(&s, "C-k C-a");
    for (int i = 0; i < 20; i++) stage_keys(&s, "Backspace");
    stage_keys(&s, "Enter");
    assert_int_equal(stage_style(&s, "invalid"), STYLE_ERROR);
    stage_golden(&s, "log_query");
    stage_keys(&s, "M-.");
    assert_true(stage_has(&s, "1 row"));
    // A transaction brings the event log back to the front.
    run(&s, "BEGIN");
    stage_wait(&s, "the newest");
    stage_close(&s);
}

// ---- the windows ----

static void the_model(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    stage_keys(&s, "M-m");
    stage_wait(&s, "customer");
    stage_golden(&s, "diagram");
    stage_keys(&s, "Right 2");
    stage_golden(&s, "diagram_keys");
    stage_keys(&s, "Enter");
    assert_true(stage_has(&s, "rows"));
    stage_keys(&s, "Esc t");
    stage_golden(&s, "diagram_text");
    stage_keys(&s, "t w"); // the model goes to a file from here, too
    assert_true(stage_has(&s, "Write the data model"));
    stage_keys(&s, "F5");
    stage_wait(&s, "relationships written to");
    stage_keys(&s, "Esc");
    assert_int_equal(app_popup_count(s.app), 0);
    // Closing it while it reads: the answer finds nobody.
    app_act(s.app, ACTION_MODEL_DIAGRAM);
    stage_keys(&s, "Esc");
    stage_look(&s);
    stage_close(&s);
}

static void the_counts(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    fake_answer(s.host.script, "COUNT QUERIES", "user_name database_name node valid:bigint invalid:bigint",
                "SDEY|DB1|vm1|10|2\nalice|school|vm1|1204|0");
    fake_answer(s.host.script, "COUNT UPDATE", "table_name updates:bigint", "Employee|9\ndepartment|3");
    stage_do(&s, ACTION_ANALYTICS_QUERIES);
    stage_wait(&s, "1,204");
    stage_golden(&s, "analytics_queries");
    stage_keys(&s, "Right");
    assert_true(stage_has(&s, "Total 9 Update operations are performed on Employee"));
    stage_golden(&s, "analytics_updates");
    stage_keys(&s, "Right");
    assert_true(stage_has(&s, "Statements per minute"));
    stage_keys(&s, "w");
    stage_wait(&s, "Wrote ");
    stage_keys(&s, "Esc");
    assert_int_equal(app_popup_count(s.app), 0);
    stage_close(&s);
}

static void the_dumps(void **state)
{
    (void)state;
    static const char dump[] =
        "-- a dump\nCREATE TABLE course (\n    id integer\n);\nINSERT INTO course VALUES\n(1),\n(2);\n"
        "CREATE INDEX course_at ON course (id);\n-- \x1b[2J hostile\n";
    Stage s;
    enter(&s, 110, 30);
    stage_do(&s, ACTION_FILE_DUMPS);
    stage_wait(&s, "no dump yet");
    stage_keys(&s, "Esc");
    kit_dir_write(&s.host.dir, "exports/a.sql", dump, sizeof dump - 1);
    kit_dir_write(&s.host.dir, "exports/b.sql", "SELECT 2;\n", 10);
    kit_dir_write(&s.host.dir, "exports/other.txt", "no", 2);
    stage_do(&s, ACTION_FILE_DUMPS);
    stage_wait(&s, "hostile");
    stage_golden(&s, "dumps");
    stage_keys(&s, "Down");
    stage_wait(&s, "SELECT 2;");
    stage_keys(&s, "Up");
    stage_wait(&s, "hostile");
    stage_keys(&s, "Tab Down Down Enter"); // the index in the text
    stage_keys(&s, "/");
    stage_type(&s, "(2)\n");
    assert_false(stage_has(&s, "Not found"));
    stage_keys(&s, "d y Esc"); // "y" answers nothing
    size_t len;
    char *left = kit_dir_read(&s.host.dir, "exports/a.sql", &len);
    assert_non_null(left);
    free(left);
    stage_keys(&s, "d d");
    stage_wait(&s, "Deleted a.sql");
    assert_null(kit_dir_read(&s.host.dir, "exports/a.sql", &len));
    stage_resize(&s, 60, 20);
    stage_look(&s);
    stage_close(&s);
}

static void rows_in_forms(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 110, 30);
    fake_answer(
        s.host.script, "SELECT column_name, column_type, in_primary, in_foreign, not_null",
        "column_name column_type in_primary:boolean in_foreign:boolean not_null:boolean column_default "
        "identity:boolean",
        "student_id|integer|t|f|t|~|t\nfull_name|text|f|f|t|~|f\nnote|text|f|f|f|~|f\n");
    fake_answer(s.host.script, "SELECT student_id, full_name, note", "student_id:integer full_name note",
                "7|Ivan Petrović|~\n");
    fake_fail(s.host.script, "INSERT INTO student (full_name, note) VALUES ('O''Brien'", "23505",
              "there is one already", -1);
    stage_keys(&s, "M-1 C-f");
    stage_type(&s, "student\n");
    stage_do(&s, ACTION_DATA_INSERT);
    stage_wait(&s, "primary key");
    stage_golden(&s, "record_insert");
    stage_keys(&s, "Tab");
    stage_type(&s, "O'Brien");
    stage_keys(&s, "F5");
    stage_wait_run(&s);
    assert_true(stage_has(&s, "there is one already"));
    assert_int_equal(app_popup_count(s.app), 1); // what was typed is still there
    assert_true(stage_has(&s, "O'Brien"));
    stage_keys(&s, "Tab");
    stage_type(&s, "''");
    stage_keys(&s, "S-Tab Backspace F5");
    stage_wait_run(&s);
    assert_int_equal(app_popup_count(s.app), 0);
    assert_non_null(
        strstr(fake_log(s.host.script), "INSERT INTO student (full_name, note) VALUES ('O''Brie', '')"));
    stage_do(&s, ACTION_DATA_UPDATE);
    stage_wait(&s, "primary key");
    stage_type(&s, "7\n");
    stage_wait(&s, "Ivan");
    stage_keys(&s, "F5");
    assert_true(stage_has(&s, "Nothing was changed"));
    stage_keys(&s, "Tab");
    stage_type(&s, "x");
    stage_golden(&s, "record_change");
    stage_keys(&s, "F5");
    stage_wait_run(&s);
    assert_non_null(strstr(fake_log(s.host.script), "UPDATE student SET"));
    stage_do(&s, ACTION_DATA_DELETE);
    stage_wait(&s, "primary key");
    stage_type(&s, "7\n");
    stage_wait(&s, "Ivan");
    stage_keys(&s, "F5 Enter"); // "Keep it" has the focus
    assert_null(strstr(fake_log(s.host.script), "DELETE FROM"));
    stage_keys(&s, "F5 d");
    stage_wait_run(&s);
    assert_non_null(strstr(fake_log(s.host.script), "DELETE FROM student WHERE student_id = '7'"));
    stage_close(&s);
}

static void the_users(void **state)
{
    (void)state;
    Stage s;
    enter(&s, 80, 24);
    stage_do(&s, ACTION_ADMIN_USERS);
    stage_wait(&s, "4f1c9a77e0b2");
    stage_golden(&s, "users");
    stage_keys(&s, "d");
    stage_type(&s, "bob\n");
    stage_wait(&s, "Done");
    stage_keys(&s, "d");
    stage_type(&s, "nobody\n");
    stage_wait(&s, "there is no user nobody");
    stage_keys(&s, "Esc r");
    stage_type(&s, "bob\nlong enough\nlong enouhg\nq\na\n");
    assert_true(stage_has(&s, "not the same"));
    stage_keys(&s, "a");
    stage_type(&s, "carol\nlong enough\nlong enough\nq\na\n");
    stage_wait(&s, "The user is registered");
    assert_string_equal(s.host.done.at, "disable bob\nenroll carol\n");
    stage_close(&s);
}

static void tasks(void **state)
{
    (void)state;
    Stage s;
    char path[KIT_PATH_MAX];
    enter(&s, 80, 24);
    stage_do(&s, ACTION_EXPORT_DATABASE);
    assert_true(stage_has(&s, "postgres"));
    stage_keys(&s, "F5");
    stage_wait(&s, "written to");
    size_t len;
    char *text = kit_dir_read(&s.host.dir, "exports/school.sql", &len);
    assert_non_null(strstr(text, "CREATE TABLE"));
    free(text);
    stage_do(&s, ACTION_FILE_IMPORT);
    stage_type(&s, kit_dir_path(&s.host.dir, "absent.sql", path));
    stage_keys(&s, "F5");
    stage_wait(&s, "State ");
    stage_keys(&s, "Enter");
    // A task that waits is stopped by Esc; the person's own session is not touched.
    kit_dir_write(&s.host.dir, "slow.sql", "HOLD;\n", 6);
    s.host.held = true;
    stage_do(&s, ACTION_FILE_IMPORT);
    stage_type(&s, kit_dir_path(&s.host.dir, "slow.sql", path));
    stage_keys(&s, "F5");
    stage_wait(&s, "Esc stops");
    stage_keys(&s, "Esc");
    stage_wait(&s, "was stopped");
    assert_int_equal(app_popup_count(s.app), 0);
    s.host.held = false;
    stage_do(&s, ACTION_FILE_SAMPLE);
    stage_keys(&s, "Enter");
    stage_wait(&s, "Sample database school is loaded");
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results),   cmocka_unit_test(a_result_becomes_a_file),
        cmocka_unit_test(the_tree),  cmocka_unit_test(the_logs),
        cmocka_unit_test(the_model), cmocka_unit_test(the_counts),
        cmocka_unit_test(the_dumps), cmocka_unit_test(rows_in_forms),
        cmocka_unit_test(the_users), cmocka_unit_test(tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
