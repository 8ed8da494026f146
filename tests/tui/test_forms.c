// Tables and rows without a line of SQL: databases and tables made, rows inserted, changed and deleted by
// forms, users administered, results and models written to files; and the editor's files, history and search.
#include "tests/unit/kit_cmocka.h"

#include "tests/tui/kit_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void make_table(Walk *w)
{
    walk_menu(w, "Data", 'd');
    walk_need(w, "Create database");
    walk_type(w, "shop");
    walk_keys(w, "Enter");
    walk_need(w, "in use");
    walk_menu(w, "Data", 't'); // a statement to be filled in
    walk_need(w, "CREATE TABLE name");
    walk_write_sql(
        w, "CREATE TABLE item (id integer PRIMARY KEY, name varchar(20) NOT NULL, price numeric(8,2))");
    walk_key_when_idle(w, "F5");
    walk_need(w, "▸ item");
}

static void test_rows_by_forms(void **state)
{
    (void)state;
    Walk w;
    walk_make(&w);
    walk_enter(&w);
    make_table(&w);
    walk_menu(&w, "Data", 'i');
    walk_need(&w, "Insert a row into");
    walk_keys(&w, "Enter");
    walk_need(&w, "Insert into item");
    walk_need(&w, "integer, primary key"); // the form is there: its fields come from the dictionary
    walk_type(&w, "7");
    walk_keys(&w, "Tab");
    walk_type(&w, "O'Brien; DROP");
    walk_keys(&w, "Tab");
    walk_type(&w, "12.5");
    walk_keys(&w, "Enter");
    walk_need_gone(&w, "Insert into item");
    walk_run(&w, "SELECT name, price * 2 AS twice FROM item WHERE id = 7", "25.00");
    walk_need(&w, "O'Brien; DROP");
    // A row that the table refuses: nothing is inserted and the sentence says why.
    walk_menu(&w, "Data", 'i');
    walk_need(&w, "Insert a row into");
    walk_keys(&w, "Enter");
    walk_need(&w, "Insert into item");
    walk_need(&w, "integer, primary key"); // the form is there: its fields come from the dictionary
    walk_type(&w, "7");
    walk_keys(&w, "Tab");
    walk_type(&w, "again");
    walk_keys(&w, "Tab Enter");
    walk_need(&w, "23505");
    walk_escape(&w, "Insert into item");
    walk_run(&w, "SELECT count(*) * 111 AS triple FROM item", "111");
    walk_key_when_idle(&w, "M-1");
    walk_menu(&w, "View", 's');
    walk_keys(&w, "C-f");
    walk_need(&w, "Find");
    walk_type(&w, "item");
    walk_keys(&w, "Enter");
    kit_pty_wait_quiet(w.p, 100, 2000);
    walk_type(&w, "d"); // describe
    walk_need(&w, "PRIMARY KEY │");
    kit_pty_wait_quiet(w.p, 100, 2000);
    walk_type(&w, "b"); // browse
    walk_need(&w, "O'Brien; DROP");
    walk_end(&w);
}

static void test_files(void **state)
{
    (void)state;
    Walk w;
    char path[KIT_PATH_MAX], *text;
    size_t len;
    walk_make(&w);
    walk_enter(&w);
    walk_write_sql(&w, "SELECT 12345 AS kept");
    walk_keys(&w, "C-s");
    walk_need(&w, "Save as");
    walk_keys(&w, "C-a Backspace");
    kit_pty_paste(w.p, kit_dir_path(&w.dir, "mine.sql", path));
    walk_keys(&w, "Enter");
    walk_need(&w, "Saved");
    text = kit_dir_read(&w.dir, "mine.sql", &len);
    assert_string_equal(text, "SELECT 12345 AS kept");
    free(text);
    walk_keys(&w, "C-n");
    walk_need(&w, "sql 2");
    walk_keys(&w, "C-o");
    walk_need(&w, "Open");
    kit_pty_paste(w.p, path);
    walk_keys(&w, "Enter");
    walk_need(&w, "SELECT 12345 AS kept");
    walk_key_when_idle(&w, "F5");
    walk_need(&w, "Result 1: 1 row");
    walk_menu(&w, "Export", 'r');
    walk_need(&w, "Write result");
    walk_keys(&w, "Enter Enter");
    walk_need(&w, "Wrote ");
    text = walk_file(&w, "exports/result.csv");
    assert_non_null(text);
    assert_true(strncmp(text, "kept", 4) == 0);
    assert_non_null(strstr(text, "12345"));
    free(text);
    walk_menu(&w, "Query", 'h');
    walk_need(&w, "History");
    walk_escape(&w, "History");
    walk_key_when_idle(&w, "C-q");
    walk_need_exit(&w, 0);
    walk_end(&w);
}

static void test_users(void **state)
{
    (void)state;
    Walk w;
    walk_make(&w);
    walk_enter(&w);
    walk_menu(&w, "Admin", 'a');
    walk_need(&w, "Add user");
    static const char *const words[] = {"ben", "a good passphrase", "a good passphrase", "Which tree?",
                                        "Oak"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        walk_type(&w, words[i]);
        walk_keys(&w, "Enter");
    }
    walk_need(&w, "registered");
    walk_menu(&w, "File", 'u');
    walk_need(&w, "F2 register");
    walk_type(&w, "ben");
    walk_keys(&w, "Tab");
    walk_type(&w, "a good passphrase");
    walk_keys(&w, "Enter");
    walk_need(&w, "Which tree?");
    walk_type(&w, "OAK");
    walk_keys(&w, "Enter");
    walk_need(&w, "Log: event");
    walk_need(&w, "vm1 ●  ben");
    walk_keys(&w, "F10");
    for (int i = 0; i < 10; i++) walk_keys(&w, "Right");
    walk_need(&w, "Users");
    walk_type(&w, "u"); // a plain user does not see the others
    walk_need(&w, "makes no sense");
    walk_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_by_forms),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_users),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
