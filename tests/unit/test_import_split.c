// Import: statements are found in a stream cut anywhere, three families of SQL are rewritten, COPY and CSV
// become INSERTs, and an error has its place in the file.
#include "export/import_in.h"
#include "tests/unit/kit_dir.h"
#include "tests/unit/kit_fake_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// ---- the splitter alone ----

// All pieces of text, each in brackets, when it arrives `step` bytes at a time.
static void split_all(const char *text, ImportDialect dialect, size_t step, Bytes *out)
{
    ImportSplitter s;
    import_splitter_init(&s, dialect);
    Str all = str_of(text);
    size_t front = 0, seen = step < all.len ? step : all.len;
    for (;;) {
        ImportPiece piece;
        Str view = str_slice(all, front, seen - front);
        if (import_split(&s, view, seen == all.len, &piece)) {
            bytes_put(out, piece.kind == IMPORT_COMMAND ? STR("{") : STR("["));
            bytes_put(out, str_slice(view, piece.at, piece.len));
            bytes_put(out, piece.kind == IMPORT_COMMAND ? STR("}") : STR("]"));
            front += piece.end;
        } else if (seen == all.len) {
            return;
        } else {
            seen = seen + step < all.len ? seen + step : all.len;
        }
    }
}

static void check_split(const char *text, ImportDialect dialect, const char *expected)
{
    for (size_t step = 1; step < 40; step++) {
        Bytes out;
        bytes_init(&out, 1 << 20);
        split_all(text, dialect, step, &out);
        if (!str_equal(bytes_str(&out), str_of(expected)))
            fail_msg("in steps of %zu: %s\n  became %s\n  not    %s", step, text, out.at, expected);
        bytes_done(&out);
    }
}

static void statements_are_found(void **state)
{
    (void)state;
    check_split("SELECT 1; SELECT 2", IMPORT_POSTGRES, "[SELECT 1][SELECT 2]");
    check_split(";;-- c\n/* ; */ ;", IMPORT_POSTGRES, "");
    check_split("a 'x;''y;'; b \"q;\"\"r\";", IMPORT_POSTGRES, "[a 'x;''y;'][b \"q;\"\"r\"]");
    check_split("a E'x\\';'; b 'x\\'; c", IMPORT_POSTGRES, "[a E'x\\';'][b 'x\\'][c]");
    check_split("a /* /* ; */ ; */ b; c", IMPORT_POSTGRES, "[a /* /* ; */ ; */ b][c]");
    check_split("a $$ ; $x$ ; $$; b $t$;$$;$t$; c $1;", IMPORT_POSTGRES,
                "[a $$ ; $x$ ; $$][b $t$;$$;$t$][c $1]");
    check_split("\\c chinook;\nSELECT 1;\n\\q\n", IMPORT_POSTGRES, "{\\c chinook;}[SELECT 1]{\\q}");
    check_split("-- one\nSELECT -- two ;\n 1;", IMPORT_POSTGRES, "[SELECT -- two ;\n 1]");
    check_split("a 'x\\';'; # no ; here\nb `c;d`;", IMPORT_MYSQL, "[a 'x\\';'][b `c;d`]");
    check_split("DELIMITER ;;\nCREATE x; y;;\nDELIMITER ;\nz;", IMPORT_MYSQL,
                "{DELIMITER ;;}[CREATE x; y]{DELIMITER ;}[z]");
    check_split("/* /* */ a;", IMPORT_MYSQL, "[a]");
    check_split("a [b;c]; CREATE TRIGGER t BEGIN x; y; END; z;", IMPORT_SQLITE,
                "[a [b;c]][CREATE TRIGGER t BEGIN x; y; END][z]");
    check_split(".mode csv\nSELECT 1;", IMPORT_SQLITE, "{.mode csv}[SELECT 1]");
    check_split("SELECT 'open; ", IMPORT_POSTGRES, "[SELECT 'open; ]");
    check_split("SELECT ü; SELECT 'ñ';", IMPORT_POSTGRES, "[SELECT ü][SELECT 'ñ']");
}

static void the_family_is_guessed(void **state)
{
    (void)state;
    assert_int_equal(import_guess(STR("CREATE TABLE `a` (x int);")), IMPORT_MYSQL);
    assert_int_equal(import_guess(STR("CREATE TABLE a (x int) ENGINE=InnoDB;")), IMPORT_MYSQL);
    assert_int_equal(import_guess(STR("CREATE TABLE a (engine int); -- `x` [y]")), IMPORT_POSTGRES);
    assert_int_equal(import_guess(STR("CREATE TABLE [a] ([x] int);")), IMPORT_SQLITE);
    assert_int_equal(import_guess(STR("PRAGMA foreign_keys=OFF; CREATE TABLE `a` (x);")), IMPORT_SQLITE);
    assert_int_equal(import_guess(STR("SELECT '`', ARRAY[1];")), IMPORT_POSTGRES);
    assert_int_equal(import_guess(STR("")), IMPORT_POSTGRES);
}

// ---- rewriting ----

static void check_rewrite(const char *text, ImportDialect dialect, const char *expected, const char *later)
{
    Bytes out, wait;
    bytes_init(&out, 1 << 20);
    bytes_init(&wait, 1 << 20);
    ImportRewrite r = {.dialect = dialect, .text = str_of(text), .out = &out, .later = &wait};
    import_rewrite(&r);
    for (size_t i = 0; i < wait.len; i++)
        if (!wait.at[i]) wait.at[i] = ';';
    if (!str_equal(bytes_str(&out), str_of(expected)))
        fail_msg("%s\n  became %s\n  not    %s", text, out.at, expected);
    if (!str_equal(bytes_str(&wait), str_of(later)))
        fail_msg("%s\n  waits  %s\n  not    %s", text, wait.at, later);
    import_rewrite_done(&r);
    bytes_done(&out);
    bytes_done(&wait);
}

static void others_words_are_rewritten(void **state)
{
    (void)state;
    check_rewrite("INSERT INTO public.a VALUES ('public.x')", IMPORT_POSTGRES,
                  "INSERT INTO a VALUES ('public.x')", "");
    check_rewrite("ALTER TABLE ONLY public.a ADD x", IMPORT_POSTGRES, "ALTER TABLE  a ADD x", "");
    check_rewrite(
        "INSERT INTO `A b` VALUES (N'it\\'s \\\\ \\n', \"d\"\"q\", 0x41, x'42', _binary 'c', -1.5e+3)",
        IMPORT_MYSQL,
        "INSERT INTO \"A b\" VALUES ('it''s \\ \n', 'd\"q', '\\x41', '\\x42', '\\x63', -1.5e+3)", "");
    check_rewrite("CREATE SCHEMA IF NOT EXISTS `n` DEFAULT CHARACTER SET latin1", IMPORT_MYSQL,
                  "CREATE DATABASE IF NOT EXISTS n", "");
    check_rewrite("DROP SCHEMA `n`", IMPORT_MYSQL, "DROP DATABASE n", "");
    check_rewrite("INSERT INTO `n`.`t` (`a`) VALUES (1)", IMPORT_MYSQL, "INSERT INTO t (a) VALUES (1)", "");
    check_rewrite("CREATE TABLE `n`.`t` (`a` INT REFERENCES `n`.`p` (`q`))", IMPORT_MYSQL,
                  "CREATE TABLE t (a integer )", "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES p (q);");
    check_rewrite("SELECT `t`.`a` FROM `t`", IMPORT_MYSQL, "SELECT t.a FROM t", "");
    check_rewrite("INSERT INTO [a] VALUES (X'00ff', 'x''y')", IMPORT_SQLITE,
                  "INSERT INTO a VALUES ('\\x00ff', 'x''y')", "");
    check_rewrite("INSERT INTO a VALUES(1,-2.5,'x',(3.0/4),1e999,-9e999, 7 )", IMPORT_SQLITE,
                  "INSERT INTO a VALUES('1','-2.5','x',(3.0/4),'Infinity','-Infinity','7' )", "");
    check_rewrite("CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b]'::text])::text[])))",
                  IMPORT_POSTGRES, "CHECK (((s)::text IN ('a'::character varying, 'b]'::text)))", "");
    check_rewrite("CHECK ((l = ANY (ARRAY[1, 2])))", IMPORT_POSTGRES, "CHECK ((l IN (1, 2)))", "");
    check_rewrite("CHECK (l >= ANY (ARRAY[1]) AND x = ANY (y))", IMPORT_POSTGRES,
                  "CHECK (l >= ANY (ARRAY[1]) AND x = ANY (y))", "");
    check_rewrite("DROP TABLE IF EXISTS [Album]", IMPORT_SQLITE, "DROP TABLE IF EXISTS \"Album\" CASCADE",
                  "");
}

static void mysql_tables_are_taken_apart(void **state)
{
    (void)state;
    check_rewrite(
        "CREATE TABLE `a` (\n `id` int(11) unsigned NOT NULL AUTO_INCREMENT,\n `t` tinytext COLLATE utf8_bin "
        "COMMENT 'x',\n"
        " `k` tinyint(1) DEFAULT '0',\n `w` datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE "
        "CURRENT_TIMESTAMP(6),\n"
        " `e` enum('x','y'),\n PRIMARY KEY (`id`),\n UNIQUE KEY `u` (`t`(10)),\n KEY `i` (`k`,`w` DESC),\n"
        " CONSTRAINT `f` FOREIGN KEY (`k`) REFERENCES `b` (`id`) ON DELETE CASCADE\n) ENGINE=InnoDB "
        "AUTO_INCREMENT=5",
        IMPORT_MYSQL,
        "CREATE TABLE a (id bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,\n t text,\n k smallint DEFAULT "
        "'0',\n w timestamp "
        "DEFAULT CURRENT_TIMESTAMP,\n e text,\n PRIMARY KEY (id),\n CONSTRAINT a_u UNIQUE (t ) )",
        "CREATE INDEX a_i ON a (k , w ); ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (k) REFERENCES b (id) "
        "ON DELETE CASCADE;");
}

static void sqlite_tables_are_taken_apart(void **state)
{
    (void)state;
    check_rewrite("CREATE TABLE [Album] ([Id] INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, [Artist] INTEGER "
                  "NOT NULL REFERENCES [Artist] "
                  "([Id]) ON DELETE SET NULL, x, y NUMERIC(10,2), z DECIMAL_TEXT(38,18), "
                  "FOREIGN KEY ([x]) REFERENCES [p] ([q]) ON DELETE NO ACTION) WITHOUT ROWID",
                  IMPORT_SQLITE,
                  "CREATE TABLE \"Album\" (\"Id\" bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY NOT "
                  "NULL,\n \"Artist\" bigint NOT "
                  "NULL,\n x text,\n y NUMERIC(10, 2),\n z numeric (38, 18) )",
                  "ALTER TABLE \"Album\" ADD FOREIGN KEY (\"Artist\") REFERENCES \"Artist\" (\"Id\") ON "
                  "DELETE SET NULL; ALTER TABLE "
                  "\"Album\" ADD FOREIGN KEY (x) REFERENCES p (q) ON DELETE NO ACTION;");
}

// ---- whole files through a fake source ----

typedef struct Run {
    KitDir dir;
    FakeSource *fake;
    ImportSummary summary;
    Err err;
    bool ok;
} Run;

static void run_file(Run *r, const char *name, const char *text, const char *table, bool single)
{
    char path[KIT_PATH_MAX];
    kit_dir_make(&r->dir);
    kit_dir_write(&r->dir, name, text, strlen(text));
    ImportOptions o = {.io = io_posix(),
                       .path = kit_dir_path(&r->dir, name, path),
                       .table = str_of(table),
                       .single_transaction = single};
    r->err = (Err){0};
    r->ok = import_file(fake_source(r->fake), &o, &r->summary, &r->err);
    kit_dir_remove(&r->dir);
}

static void psql_scripts_run(void **state)
{
    (void)state;
    Run r = {.fake = fake_new()};
    run_file(&r, "x.sql",
             "DROP DATABASE IF EXISTS chinook;\nCREATE DATABASE chinook;\n\\c chinook;\n\nSET x = 1;\n"
             "CREATE TABLE a (b int);\nINSERT INTO a VALUES (1);\nSELECT pg_catalog.setval('a', 1, true);\n",
             "", false);
    assert_true(r.ok);
    assert_string_equal(
        fake_log(r.fake),
        "DROP DATABASE IF EXISTS chinook\nCREATE DATABASE chinook\nUSE chinook\nCREATE TABLE a (b int)\n"
        "INSERT INTO a VALUES (1)\nSELECT pg_catalog.setval('a', 1, true)\n");
    assert_int_equal(r.summary.statements, 6);
    assert_int_equal(r.summary.skipped, 1);
    fake_free(r.fake);
}

static void copy_becomes_inserts(void **state)
{
    (void)state;
    Run r = {.fake = fake_new()};
    run_file(&r, "x.sql",
             "COPY public.a (x, \"Y z\") FROM stdin;\n1\tit's\n\\N\tt\\tb\\\\n\\x\n2\t\n\\.\n\nINSERT INTO b "
             "VALUES (3);\n",
             "", false);
    assert_true(r.ok);
    assert_string_equal(fake_log(r.fake), "INSERT INTO a ( x , \"Y z\" ) VALUES ('1', 'it''s'), (NULL, "
                                          "'t\tb\\nx'), ('2', '')\nINSERT INTO b VALUES (3)\n");
    fake_free(r.fake);
}

static void an_error_has_its_place(void **state)
{
    (void)state;
    Run r = {.fake = fake_new()};
    fake_fail(r.fake, "INSERT INTO b", "42P01", "table b does not exist", 12);
    run_file(&r, "x.sql", "SELECT 1;\n\n  /* ü */ INSERT INTO b VALUES (1);\nSELECT 2;\n", "", false);
    assert_false(r.ok);
    assert_string_equal(r.err.state, "42P01");
    assert_int_equal(r.err.line, 3);
    assert_int_equal(r.err.column, 23);
    assert_non_null(strstr(r.err.text, "x.sql:3:23: table b does not exist"));
    assert_string_equal(fake_log(r.fake), "SELECT 1\nINSERT INTO b VALUES (1)\n");
    assert_int_equal(r.summary.statements, 1);
    fake_free(r.fake);
}

static void one_transaction_for_all(void **state)
{
    (void)state;
    Run r = {.fake = fake_new()};
    fake_fail(r.fake, "BAD", "42601", "bad", 0);
    run_file(&r, "x.sql", "BEGIN;\nSELECT 1;\nCOMMIT;\nBAD;\n", "", true);
    assert_false(r.ok);
    assert_string_equal(fake_log(r.fake), "BEGIN\nSELECT 1\nBAD\nROLLBACK\n");
    fake_free(r.fake);
}

static void a_script_cannot_reach_out(void **state)
{
    (void)state;
    static const char *const lines[] = {"\\! touch x\n", "\\i other.sql\n", "\\copy a from 'x'\n"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        Run r = {.fake = fake_new()};
        run_file(&r, "x.sql", lines[i], "", false);
        assert_false(r.ok);
        assert_string_equal(r.err.state, "0A000");
        fake_free(r.fake);
    }
}

static void csv_goes_into_columns(void **state)
{
    (void)state;
    Run r = {.fake = fake_new()};
    fake_answer(r.fake, "SELECT * FROM a LIMIT 0", "id:integer name Note", "");
    run_file(&r, "x.csv", "\xef\xbb\xbfname,ID\r\n\"x, \"\"y\"\"\nz\",1\r\n,2\n\"\",3", "a", false);
    assert_true(r.ok);
    assert_string_equal(fake_log(r.fake),
                        "SELECT * FROM a LIMIT 0\n"
                        "INSERT INTO a (name, id) VALUES ('x, \"y\" z', '1'), (NULL, '2'), ('', '3')\n");
    fake_free(r.fake);
}

static void csv_faults_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
        uint32_t line;
    } cases[] = {{"id,nothing\n1,2\n", "no column \"nothing\"", 1},
                 {"id,name\n1,2\n3\n", "1 fields instead of 2", 3},
                 {"id,name\n1,\"open\n", "unterminated CSV quoted field", 2},
                 {"id,name\n1,\"x\"y\n", "goes on behind its closing quote", 2}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Run r = {.fake = fake_new()};
        fake_answer(r.fake, "SELECT * FROM a LIMIT 0", "id:integer name", "");
        run_file(&r, "x.csv", cases[i].text, "a", false);
        assert_false(r.ok);
        if (!strstr(r.err.text, cases[i].part)) fail_msg("%s", r.err.text);
        assert_int_equal(r.err.line, cases[i].line);
        fake_free(r.fake);
    }
}

static void long_files_come_in_batches(void **state)
{
    (void)state;
    Run r = {.fake = fake_new()};
    Bytes text;
    bytes_init(&text, 16 << 20);
    bytes_put(&text, STR("id\n"));
    for (int i = 0; i < 60000; i++) bytes_printf(&text, "%d\n", i);
    fake_answer(r.fake, "SELECT * FROM a LIMIT 0", "id:integer", "");
    run_file(&r, "x.csv", text.at, "a", false);
    assert_true(r.ok);
    assert_int_equal(r.summary.statements, 60000 / IMPORT_ROWS_MAX);
    assert_int_equal(r.summary.bytes, text.len);
    bytes_done(&text);
    fake_free(r.fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_are_found),          cmocka_unit_test(the_family_is_guessed),
        cmocka_unit_test(others_words_are_rewritten),    cmocka_unit_test(mysql_tables_are_taken_apart),
        cmocka_unit_test(sqlite_tables_are_taken_apart), cmocka_unit_test(psql_scripts_run),
        cmocka_unit_test(copy_becomes_inserts),          cmocka_unit_test(an_error_has_its_place),
        cmocka_unit_test(one_transaction_for_all),       cmocka_unit_test(a_script_cannot_reach_out),
        cmocka_unit_test(csv_goes_into_columns),         cmocka_unit_test(csv_faults_are_told),
        cmocka_unit_test(long_files_come_in_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
