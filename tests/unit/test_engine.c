// Engine: opening, users, sessions, what the logs are told, counts over restarts and lost files, cancel,
// positions of errors.
#include "tests/unit/kit_cmocka.h"

#include "engine/base/json.h"
#include "engine/base/thread.h"
#include "engine/data/collect.h"
#include "tests/unit/kit_engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS_MAX = 32, SQL_MAX = 1 << 20 };

static void run_ok(Source *s, const char *sql)
{
    Err err = {.at = -1};
    if (!source_run(s, str_of(sql), NULL, &err)) fail_msg("%s: %s %s", sql, err.state, err.text);
}

static void run_err(Source *s, const char *sql, const char *state)
{
    Err err = {.at = -1};
    if (source_run(s, str_of(sql), NULL, &err)) fail_msg("%s did not fail", sql);
    if (strcmp(err.state, state) != 0) fail_msg("%s: %s %s, not %s", sql, err.state, err.text, state);
}

// One cell as text, in a buffer of the caller.
static const char *cell(Source *s, const char *sql, char out[256])
{
    Arena mem = {0};
    Err err = {.at = -1};
    Collected c;
    if (!source_collect(s, str_of(sql), &mem, &c, &err)) fail_msg("%s: %s", sql, err.text);
    assert_true(c.rows >= 1);
    snprintf(out, 256, "%.*s", STR_ARG(collected_cell(&c, 0, 0)));
    arena_done(&mem);
    return out;
}

// ---- logs ----

typedef struct Lines {
    Arena mem;
    Str line[1024];
    size_t count;
} Lines;

// All lines of a log that have been told so far.
static void read_log(KitEngine *k, const char *log, Lines *out)
{
    Err err = {.at = -1};
    EngineTail *tail;
    bool end = false;
    Str line;
    *out = (Lines){0};
    // closing waits for the writer; what follows reads whole files
    assert_ok(engine_tail_open(k->engine, log, ENGINE_FROM_START, &tail, &err), &err);
    for (;;) {
        assert_ok(engine_tail_next(tail, &line, &end, &err), &err);
        if (end || out->count == COUNT_OF(out->line)) break;
        out->line[out->count++] = arena_copy(&out->mem, line);
    }
    engine_tail_close(tail);
}

static bool has(const Lines *l, const char *part)
{
    for (size_t i = 0; i < l->count; i++)
        if (str_find(l->line[i], str_of(part), 0) != SIZE_MAX) return true;
    return false;
}

static void must_have(const Lines *l, const char *part)
{
    if (has(l, part)) return;
    for (size_t i = 0; i < l->count; i++) print_message("%.*s\n", STR_ARG(l->line[i]));
    fail_msg("no line has %s", part);
}

static void logs_tell_what_happens(void **state)
{
    (void)state;
    KitEngine k;
    Lines l;
    kit_engine_open(&k);
    run_ok(k.session, "CREATE DATABASE db1; USE db1; CREATE TABLE registration (id int PRIMARY KEY, n int)");
    run_ok(k.session, "INSERT INTO registration VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)");
    run_ok(k.session, "BEGIN");
    run_ok(k.session, "UPDATE registration SET n = n + 1");
    run_ok(k.session, "DELETE FROM registration WHERE id = 1");
    run_ok(k.session, "ROLLBACK");
    run_ok(k.session, "BEGIN; UPDATE registration SET n = 0; COMMIT");
    run_err(k.session, "SELECT nothing FROM registration", "42703");
    run_err(k.session, "CREATE USER bob PASSWORD 'geheim'", "22023");
    kit_engine_reopen(&k); // the lines are in the files
    read_log(&k, "event", &l);
    must_have(&l, "insert registration 6 rows\"");
    must_have(&l, "update registration 6 rows (not yet durable)");
    must_have(&l, "delete registration 1 row (not yet durable)");
    must_have(&l, "\"kind\":\"begin\"");
    must_have(&l, "\"kind\":\"commit\"");
    must_have(&l, "\"kind\":\"rollback\"");
    must_have(&l, "create table registration");
    arena_done(&l.mem);
    read_log(&k, "query", &l);
    must_have(&l, "\"user\":\"tester\"");
    must_have(&l, "\"text\":\"UPDATE registration SET n = n + 1\",\"valid\":true,\"rows\":6");
    must_have(&l, "\"valid\":false");
    must_have(&l, "\"state\":\"42703\"");
    assert_false(has(&l, "geheim"));
    arena_done(&l.mem);
    read_log(&k, "general", &l);
    must_have(&l, "\"statement\":\"UPDATE\"");
    must_have(&l, "\"tables\":{\"registration\":6}");
    must_have(&l, "\"duration_us\":");
    assert_false(has(&l, "geheim"));
    arena_done(&l.mem);
    kit_engine_close(&k);
}

// ---- counts ----

static void counts_survive(void **state)
{
    (void)state;
    KitEngine k;
    char out[256], path[KIT_PATH_MAX];
    static const char question[] =
        "SELECT valid || '/' || invalid FROM d2db.count_queries WHERE database = 'db1'";
    kit_engine_open(&k);
    run_ok(k.session, "CREATE DATABASE db1; USE db1");
    for (int i = 0; i < 10; i++) run_ok(k.session, "SELECT 1");
    run_err(k.session, "SELCT", "42601");
    assert_string_equal(cell(k.session, question, out),
                        "11/1"); // USE counts for db1: it is chosen when it ends
    kit_engine_reopen(&k);
    assert_string_equal(cell(k.session, question, out), "12/1");
    // the file is lost: the query log has every line
    source_close(k.session);
    engine_close(k.engine);
    assert_int_equal(remove(kit_dir_path(&k.dir, "counters", path)), 0);
    EngineOptions o = {.io = io_posix(), .path = k.dir.path};
    Err err = {.at = -1};
    assert_ok(engine_open(&k.engine, &o, &err), &err);
    k.session = kit_engine_session(&k);
    assert_string_equal(cell(k.session, question, out), "12/1");
    // what is damaged is told
    kit_engine_reopen(&k);
    source_close(k.session);
    engine_close(k.engine);
    size_t len;
    char *text = kit_dir_read(&k.dir, "counters", &len);
    text[len / 2] ^= 1;
    kit_dir_write(&k.dir, "counters", text, len);
    free(text);
    assert_err(engine_open(&k.engine, &o, &err), &err, "XX001");
    assert_int_equal(remove(kit_dir_path(&k.dir, "counters", path)), 0);
    assert_ok(engine_open(&k.engine, &o, &err), &err);
    k.session = kit_engine_session(&k);
    kit_engine_close(&k);
}

// A pane's own session is neither counted nor in the query log, and has its own transaction.
static void quiet_sessions_are_not_counted(void **state)
{
    (void)state;
    KitEngine k;
    Source *again;
    Err err = {.at = -1};
    char out[256];
    kit_engine_open(&k);
    run_ok(k.session,
           "CREATE DATABASE db1; USE db1; CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1)");
    assert_ok(engine_session_again(k.engine, k.session, true, &again, &err), &err);
    assert_string_equal(cell(again, "SELECT count(*) FROM t", out), "0");
    assert_string_equal(cell(again, "SELECT sum(valid) FROM d2db.count_queries", out), "5");
    source_close(again);
    kit_engine_close(&k);
}

// ---- sessions ----

static void state_is_told(void **state)
{
    (void)state;
    KitEngine k;
    SourceState s;
    kit_engine_open(&k);
    run_ok(k.session, "CREATE DATABASE db1; USE db1; CREATE TABLE t (a int)");
    source_state(k.session, &s);
    assert_string_equal(s.user, "tester");
    assert_string_equal(s.database, "db1");
    assert_string_equal(s.node, "vm1");
    assert_string_equal(s.kind, "d2db");
    assert_false(s.in_transaction);
    run_ok(k.session, "BEGIN; INSERT INTO t VALUES (1), (2)");
    source_state(k.session, &s);
    assert_true(s.in_transaction);
    assert_true(s.transaction > 0);
    assert_int_equal(s.pending, 2);
    assert_false(s.failed_transaction);
    run_err(k.session, "SELECT 1/0", "22012");
    source_state(k.session, &s);
    assert_true(s.failed_transaction);
    run_ok(k.session, "ROLLBACK");
    source_state(k.session, &s);
    assert_false(s.in_transaction);
    assert_false(s.failed_transaction);
    kit_engine_close(&k);
}

static void errors_have_their_place(void **state)
{
    (void)state;
    KitEngine k;
    Err err = {.at = -1};
    kit_engine_open(&k);
    assert_false(source_run(k.session, STR("SELECT 1;\n  SELECT zzz"), NULL, &err));
    assert_int_equal(err.at, 19);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 10);
    // the second time the plan comes from the cache, and the text stands elsewhere
    run_ok(k.session, "CREATE DATABASE d; USE d; CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
    run_ok(k.session, "SELECT 10 / a FROM t");
    run_ok(k.session, "UPDATE t SET a = 0");
    for (int i = 0; i < 2; i++) {
        err = (Err){.at = -1};
        assert_false(source_run(k.session, STR("\n\n SELECT 10 / a FROM t"), NULL, &err));
        assert_string_equal(err.state, "22012");
        if (err.at >= 0) assert_int_equal(err.line, 3);
    }
    kit_engine_close(&k);
}

typedef struct Job {
    Source *source;
    Err err;
    bool good;
} Job;

static void run_long(void *arg)
{
    Job *j = arg;
    j->good = source_run(j->source, STR("SELECT count(*) FROM t a, t b, t c, t d, t e, t f"), NULL, &j->err);
}

static void a_long_statement_stops(void **state)
{
    (void)state;
    KitEngine k;
    Err err = {.at = -1};
    kit_engine_open(&k);
    run_ok(k.session, "CREATE DATABASE d; USE d; CREATE TABLE t (a int)");
    Bytes sql;
    bytes_init(&sql, SQL_MAX);
    bytes_put(&sql, STR("INSERT INTO t VALUES (0)"));
    for (int i = 1; i < 100; i++) bytes_printf(&sql, ", (%d)", i);
    run_ok(k.session, sql.at);
    bytes_done(&sql);
    Job j = {.source = k.session, .err = {.at = -1}};
    Thread t = {0};
    assert_ok(thread_start(&t, run_long, &j, &err), &err);
    SourceProgress p;
    do source_progress(k.session, &p);
    while (!p.running);
    source_cancel(k.session);
    thread_join(&t);
    // the cancel may have come before the statement began: both ways it has not run to its end
    assert_false(j.good);
    assert_string_equal(j.err.state, "57014");
    run_ok(k.session, "SELECT 1");
    kit_engine_close(&k);
}

static void colours_cover_the_text(void **state)
{
    (void)state;
    KitEngine k;
    Span span[64];
    kit_engine_open(&k);
    Str text = STR("SELECT a, 'x' FROM \"T\" WHERE b::int > 1.5 -- end\n;");
    size_t n = source_spans(k.session, text, span, COUNT_OF(span)), at = 0;
    static const SpanKind first[] = {SPAN_KEYWORD, SPAN_SPACE, SPAN_NAME,    SPAN_OPERATOR, SPAN_SPACE,
                                     SPAN_STRING,  SPAN_SPACE, SPAN_KEYWORD, SPAN_SPACE,    SPAN_QUOTED_NAME};
    for (size_t i = 0; i < n; at += span[i++].len) assert_int_equal(span[i].at, at);
    assert_int_equal(at, text.len);
    for (size_t i = 0; i < COUNT_OF(first); i++) assert_int_equal(span[i].kind, first[i]);
    assert_int_equal(span[n - 1].kind, SPAN_SEMICOLON);
    kit_engine_close(&k);
}

// ---- opening, users ----

static void a_directory_has_one_owner(void **state)
{
    (void)state;
    KitEngine k;
    Engine *second;
    Err err = {.at = -1};
    kit_engine_open(&k);
    EngineOptions o = {.io = io_posix(), .path = k.dir.path};
    assert_err(engine_open(&second, &o, &err), &err, "55006");
    run_ok(k.session, "SELECT 1");
    kit_engine_close(&k);
}

static void the_node_has_a_file(void **state)
{
    (void)state;
    KitDir dir;
    char path[KIT_PATH_MAX];
    Engine *e;
    Err err = {.at = -1};
    kit_dir_make(&dir);
    EngineOptions o = {.io = io_posix(), .path = kit_dir_path(&dir, "a/b/c", path)};
    assert_ok(engine_open(&e, &o, &err), &err);
    assert_str(engine_node(e), "vm1");
    engine_close(e);
    static const char named[] = "node: library\nlimits:\n  statement_memory_mib: 64\n";
    kit_dir_write(&dir, "a/b/c/node.yaml", named, sizeof named - 1);
    assert_ok(engine_open(&e, &o, &err), &err);
    assert_str(engine_node(e), "library");
    engine_close(e);
    static const char wrong[] = "node: library\nlimit:\n  x: 1\n";
    kit_dir_write(&dir, "a/b/c/node.yaml", wrong, sizeof wrong - 1);
    assert_false(engine_open(&e, &o, &err));
    assert_non_null(strstr(err.text, "node.yaml"));
    kit_dir_remove(&dir);
}

static void users_are_administered(void **state)
{
    (void)state;
    KitEngine k;
    Err err = {.at = -1};
    Arena mem = {0};
    EngineTicket *ticket;
    Str question;
    Source *bob;
    EngineUser *user;
    size_t count;
    kit_engine_open(&k);
    assert_true(engine_is_administrator(k.session));
    EngineRegistration r = {.user = STR("bob"),
                            .password = STR("long enough 5"),
                            .question = STR("Which street?"),
                            .answer = STR("Elm")};
    assert_ok(engine_register(k.engine, &r, &err), &err);
    assert_err(engine_register(k.engine, &r, &err), &err, "42710");
    assert_err(
        engine_sign_in(k.engine, STR("bob"), STR("wrong password"), NULL, &ticket, &question, &mem, &err),
        &err, "28P01");
    assert_ok(
        engine_sign_in(k.engine, STR("bob"), STR("long enough 5"), NULL, &ticket, &question, &mem, &err),
        &err);
    assert_str(question, "Which street?");
    assert_ok(engine_answer(k.engine, ticket, STR(" elm "), &bob, &err), &err);
    assert_false(engine_is_administrator(bob));
    assert_err(engine_user_list(k.engine, bob, &mem, &user, &count, &err), &err, "42501");
    assert_ok(engine_user_list(k.engine, k.session, &mem, &user, &count, &err), &err);
    assert_int_equal(count, 2);
    run_ok(bob, "SELECT 1");
    assert_ok(engine_user_disable(k.engine, k.session, STR("bob"), true, &err), &err);
    run_err(bob, "SELECT 1", "28000");
    source_close(bob);
    arena_done(&mem);
    kit_engine_close(&k);
}

// What is left open when the engine closes is rolled back; the Source may be closed afterwards.
static void closing_rolls_back(void **state)
{
    (void)state;
    KitEngine k;
    char out[256];
    Err err = {.at = -1};
    kit_engine_open(&k);
    run_ok(k.session, "CREATE DATABASE d; USE d; CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1)");
    Source *left = k.session;
    engine_close(k.engine);
    assert_err(source_run(left, STR("SELECT 1"), NULL, &err), &err, "57P01");
    source_close(left);
    EngineOptions o = {.io = io_posix(), .path = k.dir.path};
    assert_ok(engine_open(&k.engine, &o, &err), &err);
    k.session = kit_engine_session(&k);
    assert_string_equal(cell(k.session, "SELECT count(*) FROM d.t", out), "0");
    kit_engine_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_tell_what_happens),
        cmocka_unit_test(counts_survive),
        cmocka_unit_test(quiet_sessions_are_not_counted),
        cmocka_unit_test(state_is_told),
        cmocka_unit_test(errors_have_their_place),
        cmocka_unit_test(a_long_statement_stops),
        cmocka_unit_test(colours_cover_the_text),
        cmocka_unit_test(a_directory_has_one_owner),
        cmocka_unit_test(the_node_has_a_file),
        cmocka_unit_test(users_are_administered),
        cmocka_unit_test(closing_rolls_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
