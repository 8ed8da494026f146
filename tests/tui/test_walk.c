// The whole walk of a person through the program: first start, register, sign in, import, queries, a
// transaction with the event log beside it, roll back, data model, export, analytics, sign out, and all of it
// still there the next day. Runs on the Chinook database where the samples folder is at hand, else on the
// program's own library script.
#include "tests/unit/kit_cmocka.h"

#include "tests/tui/kit_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What the walk expects of the database that it imports.
typedef struct Facts {
    const char *database, *tables;    // number of tables
    const char *big, *big_count;      // a table for counting and scrolling
    const char *all, *all_title;      // every row of a table, in order
    const char *first, *last;         // in the first and the last row of it
    const char *sought, *value_title; // found by C-f: its cell's title in F4
    const char *tree_table, *tree_count;
    const char *table; // that transactions change
    const char *before, *after;
    const char *update, *look;
    const char *box; // a table's box in the drawing
    const char *relation;
} Facts;

static const Facts chinook = {
    .database = "chinook",
    .tables = "11",
    .big = "SELECT count(*) * 10 AS tenfold FROM track",
    .big_count = "35030",
    .all = "SELECT track_id, name FROM track ORDER BY track_id",
    .all_title = "Result 1: 3,503 rows",
    .first = "For Those About To Rock",
    .last = "Koyaanisqatsi",
    .sought = "Princess of the Dawn",
    .value_title = "name  row 5",
    .tree_table = "album",
    .tree_count = "347",
    .table = "genre",
    .update = "UPDATE genre SET name = 'Skiffle' WHERE genre_id = 1",
    .look = "SELECT upper(name) || '!' AS loud FROM genre WHERE genre_id = 1",
    .before = "ROCK!",
    .after = "SKIFFLE!",
    .box = "album",
    .relation = "TABLE playlist_track",
};
static const Facts library = {
    .database = "library",
    .tables = "5",
    .big = "SELECT count(*) * 10 AS tenfold FROM borrow_records",
    .big_count = "4000",
    .all = "SELECT record_id, 'record ' || record_id AS words FROM borrow_records ORDER BY record_id",
    .all_title = "Result 1: 400 rows",
    .first = "record 1",
    .last = "record 400",
    .sought = "record 5",
    .value_title = "words  row 5",
    .tree_table = "borrow_records",
    .tree_count = "400",
    .table = "sections",
    .update = "UPDATE sections SET name = 'Novels' WHERE section_id = 1",
    .look = "SELECT upper(name) || '!' AS loud FROM sections WHERE section_id = 1",
    .before = "FICTION!",
    .after = "NOVELS!",
    .box = "books",
    .relation = "TABLE borrow_records",
};

// The library script as a dump that makes its own database.
static void write_own_script(const Walk *w, char *path)
{
    char from[KIT_PATH_MAX];
    const char *root = getenv("D2DB_ROOT");
    snprintf(from, sizeof from, "%s/tui/samples/library.sql", root ? root : ".");
    FILE *in = fopen(from, "r"), *out = fopen(kit_dir_path(&w->dir, "library.sql", path), "w");
    assert_non_null(in);
    assert_non_null(out);
    fputs("CREATE DATABASE library;\n\\c library\n", out);
    char part[8192];
    size_t n;
    while ((n = fread(part, 1, sizeof part, in)) > 0) assert_int_equal(fwrite(part, 1, n, out), n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static const Facts *choose(const Walk *w, char *path)
{
    const char *corpora = getenv("D2DB_CORPORA");
    snprintf(path, KIT_PATH_MAX, "%s/samples/chinook/Chinook_PostgreSql.sql", corpora ? corpora : "");
    if (corpora && corpora[0] && access(path, R_OK) == 0) return &chinook;
    write_own_script(w, path);
    return &library;
}

// The row of the screen that holds `text` also holds `more`.
static void need_in_row(Walk *w, const char *text, const char *more)
{
    char row[2048], what[512];
    int x, y;
    walk_need(w, text);
    for (int tries = 0; tries < 100; tries++) {
        if (kit_pty_find(w->p, text, &x, &y) && strstr(kit_pty_row(w->p, y, row, sizeof row), more)) return;
        kit_pty_wait_quiet(w->p, 50, 200);
    }
    snprintf(what, sizeof what, "\"%s\" is not in the line of \"%s\"", more, text);
    walk_fail(w, what);
}

// ---- the stages ----

static void import(Walk *w, const Facts *f, const char *path)
{
    walk_menu(w, "File", 'i');
    walk_need(w, "A .sql script or dump");
    kit_pty_paste(w->p, path);
    walk_keys(w, "Enter Enter Enter");
    walk_need_within(w, "statements run", 60000);
    walk_keys(w, "M-2");
    char use[128];
    snprintf(use, sizeof use, "USE %s", f->database);
    walk_run(w, use, "in use"); // the tree says so
    walk_need(w, "tables");
    need_in_row(w, " tables ", f->tables);
    need_in_row(w, f->tree_table, f->tree_count);
}

static void queries(Walk *w, const Facts *f)
{
    walk_run(w, f->big, f->big_count);
    // Three statements: the one under the cursor, a selection, all.
    walk_write_sql(w, "SELECT 1111 * 2 AS one;\nSELECT 1111 * 3 AS two;\nSELECT 1111 * 4 AS three;");
    walk_keys(w, "C-Home Down F5");
    walk_need(w, "3333");
    walk_need_gone(w, "2222");
    walk_keys(w, "C-Home S-Down F5");
    walk_need(w, "2222");
    walk_key_when_idle(w, "M-a");
    walk_need(w, "Result 3: 1 row");
    walk_need(w, "4444");
    walk_keys(w, "M-3 C-PgUp");
    walk_need(w, "3333");
    walk_run(w, "SELEC 1", "42601");
    walk_run(w, "SELECT * FROM no_such_table", "\"no_such_table\" does not exist");
}

static void grid(Walk *w, const Facts *f)
{
    walk_run(w, f->all, f->all_title);
    walk_need(w, f->first);
    walk_keys(w, "M-3 C-End");
    walk_need(w, f->last);
    walk_keys(w, "C-Home");
    walk_need(w, f->first);
    walk_keys(w, "C-f");
    walk_need(w, "Find");
    walk_type(w, f->sought);
    walk_keys(w, "Enter F4");
    walk_need(w, f->value_title);
    walk_need(w, f->sought);
    walk_escape(w, f->value_title);
    walk_run(w, "SELECT NULL AS nothing, '' AS void, 'x' AS full", "void");
    walk_need(w, "∅");
    walk_keys(w, "M-3 F4");
    walk_need(w, "nothing  row 1");
    walk_need(w, "NULL");
    walk_escape(w, "nothing  row 1");
    walk_keys(w, "Right F4");
    walk_need(w, "void  row 1");
    walk_need(w, "(empty)");
    walk_escape(w, "(empty)");
}

// The event log shows each step before the next one is made; nothing of it waits for COMMIT.
static void transactions(Walk *w, const Facts *f)
{
    walk_run(w, f->look, f->before);
    walk_key_when_idle(w, "F9");
    walk_need(w, "TRANSACTION OPEN");
    walk_need(w, "begin");
    walk_need(w, "0 changes");
    walk_write_sql(w, f->update);
    walk_key_when_idle(w, "F5");
    walk_need(w, "(not yet durable)");
    walk_need(w, "1 change ");
    walk_run(w, f->look, f->after);
    walk_key_when_idle(w, "C-q"); // leaving warns
    walk_need(w, "leaving rolls it back");
    walk_escape(w, "leaving rolls it back");
    walk_need(w, "TRANSACTION OPEN");
    walk_key_when_idle(w, "F8");
    walk_need_gone(w, "TRANSACTION OPEN");
    walk_need(w, "rolled back");
    walk_run(w, f->look, f->before);

    walk_key_when_idle(w, "F9");
    walk_need(w, "TRANSACTION OPEN");
    walk_run(w, f->update, "1 change ");
    walk_key_when_idle(w, "F7");
    walk_need_gone(w, "TRANSACTION OPEN");
    walk_need(w, "committed");
    walk_run(w, f->look, f->after);
}

static void model(Walk *w, const Facts *f)
{
    char *before, *after, title[64];
    walk_keys(w, "M-m");
    snprintf(title, sizeof title, "Data model of %s", f->database);
    walk_need(w, title);
    walk_need(w, f->box);
    if (!kit_pty_wait_text(w->p, "○<", 2000) && !kit_pty_wait_text(w->p, ">○", 1000))
        walk_fail(w, "no crow's foot is drawn");
    walk_need(w, "◆");
    kit_pty_resize(w->p, 70, 16); // too small for any model: it scrolls
    walk_keys(w, "C-Home");
    kit_pty_wait_quiet(w->p, 100, 2000);
    before = kit_pty_screen(w->p);
    walk_keys(w, "PgDn End");
    kit_pty_wait_quiet(w->p, 100, 2000);
    after = kit_pty_screen(w->p);
    assert_string_not_equal(before, after);
    kit_pty_resize(w->p, 110, 32);
    free(before);
    free(after);
    walk_keys(w, "C-Home t");
    walk_keys(w, "C-f");
    walk_need(w, "Find");
    walk_type(w, f->relation);
    walk_keys(w, "Enter");
    walk_need(w, f->relation);
    walk_escape(w, title);
}

static void export(Walk *w, const Facts *f)
{
    char file[128], *text;
    walk_menu(w, "Export", 'd');
    walk_need(w, "Export database");
    walk_keys(w, "Enter Enter Enter");
    walk_need_within(w, "bytes written to", 30000);
    snprintf(file, sizeof file, "exports/%s.sql", f->database);
    text = walk_file(w, file);
    assert_non_null(text);
    assert_non_null(strstr(text, "CREATE TABLE"));
    assert_non_null(strstr(text, "INSERT INTO"));
    assert_non_null(strstr(text, "-- end of dump"));
    free(text);
    walk_menu(w, "File", 'd');
    snprintf(file, sizeof file, "%s.sql", f->database);
    walk_need(w, file);
    walk_keys(w, "Enter");
    walk_need(w, "d2db dump of database");
    walk_escape(w, "d2db dump of database");
}

static void analytics(Walk *w, const Facts *f)
{
    char sentence[160], path[KIT_PATH_MAX], *text;
    walk_menu(w, "Analytics", 'q');
    walk_need(w, "user " WALK_USER " submitted ");
    snprintf(sentence, sizeof sentence, " queries for %s running on Virtual Machine 1", f->database);
    walk_need(w, sentence);
    walk_need(w, "invalid");
    walk_keys(w, "Right");
    // One update was rolled back, the other one committed.
    snprintf(sentence, sizeof sentence, "Total 1 Update operations are performed on %s", f->table);
    walk_need(w, sentence);
    walk_keys(w, "Right");
    walk_need(w, "Statements per minute");
    walk_type(w, "w");
    walk_need(w, "reports/queries-");
    walk_escape(w, "Statements per minute");
    assert_true(walk_find_file(w, "reports", "updates-", path));
    text = walk_file(w, path);
    assert_non_null(text);
    assert_non_null(strstr(text, sentence));
    free(text);
    assert_true(walk_find_file(w, "reports", "queries-", path));
    text = walk_file(w, path);
    assert_non_null(strstr(text, "user " WALK_USER " submitted "));
    free(text);
}

// A wrong password and an unknown name get the same sentence; a wrong answer does not get in either.
static void sign_out_and_in(Walk *w)
{
    walk_menu(w, "File", 'u');
    walk_need(w, "F2 register");
    walk_type(w, WALK_USER);
    walk_keys(w, "Tab");
    walk_type(w, "not the password");
    walk_keys(w, "Enter");
    walk_need(w, "user name or password is wrong");
    walk_keys(w, "C-a Backspace");
    walk_type(w, WALK_PASSWORD);
    walk_keys(w, "Enter");
    walk_need(w, WALK_QUESTION);
    walk_type(w, "grey whale");
    walk_keys(w, "Enter");
    walk_need(w, "is wrong");
    walk_need_gone(w, WALK_QUESTION);
    walk_sign_in(w, true);
}

static void next_day(Walk *w, const Facts *f)
{
    char use[1024];
    walk_start(w);
    walk_sign_in(w, false);
    snprintf(use, sizeof use, "USE %s", f->database);
    walk_run(w, use, "in use");
    need_in_row(w, f->tree_table, f->tree_count);
    walk_run(w, f->big, f->big_count);
    walk_run(w, f->look, f->after);
    walk_key_when_idle(w, "C-q");
    walk_need_exit(w, 0);
}

static void test_whole_walk(void **state)
{
    (void)state;
    Walk w;
    char path[KIT_PATH_MAX];
    walk_make(&w);
    const Facts *f = choose(&w, path);
    walk_enter(&w);
    import(&w, f, path);
    queries(&w, f);
    kit_pty_resize(w.p, 80, 24);
    grid(&w, f);
    kit_pty_resize(w.p, 150, 45);
    transactions(&w, f);
    kit_pty_resize(w.p, 110, 32);
    model(&w, f);
    export(&w, f);
    analytics(&w, f);
    sign_out_and_in(&w);
    walk_key_when_idle(&w, "C-q");
    walk_need_exit(&w, 0);
    next_day(&w, f);
    walk_end(&w);
}

static void test_first_start_with_a_sample(void **state)
{
    (void)state;
    Walk w;
    walk_make(&w);
    walk_start(&w);
    walk_register(&w, "school");
    walk_sign_in(&w, true);
    walk_need_within(&w, "school is loaded", 30000);
    need_in_row(&w, " tables ", "8");
    need_in_row(&w, " registration ", "1.5k");
    walk_run(&w, "SELECT count(*) + 7000 AS shifted FROM student", "7300");
    walk_key_when_idle(&w, "C-q");
    walk_need_exit(&w, 0);
    walk_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_walk),
        cmocka_unit_test(test_first_start_with_a_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
