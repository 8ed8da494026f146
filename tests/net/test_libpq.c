// libpq against the node: pipelining, single rows, formats, COPY, cancel, errors' fields, transactions'
// state.
#include "tests/unit/kit_cmocka.h"

#include "engine/base/thread.h"
#include "tests/net/kit_node.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

static KitNode *node;

static int set_up(void **state)
{
    (void)state;
    node = kit_node_open(30, 64);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kit_node_close(node);
    return 0;
}

static PGconn *open_connection(void)
{
    PGconn *c = PQconnectdb(kit_node_conninfo(node, KIT_NODE_USER));
    if (PQstatus(c) != CONNECTION_OK) fail_msg("%s", PQerrorMessage(c));
    return c;
}

static void run(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(c));
    PQclear(r);
}

static void assert_value(PGconn *c, const char *sql, const char *want)
{
    PGresult *r = PQexec(c, sql);
    if (PQresultStatus(r) != PGRES_TUPLES_OK) fail_msg("%s: %s", sql, PQerrorMessage(c));
    assert_string_equal(PQgetvalue(r, 0, 0), want);
    PQclear(r);
}

static void parameters_are_told(void **state)
{
    (void)state;
    PGconn *c = open_connection();
    assert_int_equal(PQserverVersion(c), 150000);
    assert_string_equal(PQparameterStatus(c, "client_encoding"), "UTF8");
    assert_string_equal(PQparameterStatus(c, "integer_datetimes"), "on");
    assert_string_equal(PQparameterStatus(c, "standard_conforming_strings"), "on");
    assert_string_equal(PQparameterStatus(c, "session_authorization"), KIT_NODE_USER);
    run(c, "SET application_name = 'tester'");
    assert_string_equal(PQparameterStatus(c, "application_name"), "tester");
    run(c, "SET TimeZone = 'Europe/Berlin'");
    assert_string_equal(PQparameterStatus(c, "TimeZone"), "Europe/Berlin");
    PQfinish(c);
}

// Each type as text and as binary, there and back: the binary form of a value, bound again, is the same text.
static void formats_go_both_ways(void **state)
{
    (void)state;
    static const struct {
        const char *type, *text;
        Oid oid;
    } cases[] = {
        {"boolean", "t", 16},
        {"smallint", "-32768", 21},
        {"integer", "2147483647", 23},
        {"bigint", "-9223372036854775808", 20},
        {"real", "1.5", 700},
        {"double precision", "-0.1", 701},
        {"double precision", "NaN", 701},
        {"numeric", "0", 1700},
        {"numeric", "12345.678900", 1700},
        {"numeric", "-0.00010203", 1700},
        {"numeric", "100000000", 1700},
        {"numeric", "123456789012345678901234567890.5", 1700},
        {"numeric", "NaN", 1700},
        {"text", "f\303\274r 'alle'", 25},
        {"varchar(10)", "zehn", 1043},
        {"bytea", "\\x00ff41", 17},
        {"date", "2026-11-21", 1082},
        {"date", "0044-03-15 BC", 1082},
        {"date", "infinity", 1082},
        {"time", "23:59:59.999999", 1083},
        {"timestamp", "1999-12-31 23:59:59.5", 1114},
        {"timestamp", "-infinity", 1114},
        {"timestamptz", "2026-11-21 12:00:00+00", 1184},
        {"interval", "1 year 2 mons -3 days +04:05:06.7", 1186},
        {"uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", 2950},
        {"json", "{\"a\": 1}", 114},
        {"jsonb", "{\"a\": 1}", 3802},
    };
    PGconn *c = open_connection();
    run(c, "SET TimeZone = 'UTC'");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char sql[200];
        snprintf(sql, sizeof sql, "SELECT $1::%s", cases[i].type);
        PGresult *binary = PQexecParams(c, sql, 1, NULL, &cases[i].text, NULL, NULL, 1);
        if (PQresultStatus(binary) != PGRES_TUPLES_OK) fail_msg("%s: %s", cases[i].type, PQerrorMessage(c));
        assert_int_equal(PQfformat(binary, 0), 1);
        if (PQftype(binary, 0) != cases[i].oid) fail_msg("%s has oid %u", cases[i].type, PQftype(binary, 0));
        const char *value = PQgetvalue(binary, 0, 0);
        int len = PQgetlength(binary, 0, 0), format = 1;
        PGresult *text = PQexecParams(c, sql, 1, &cases[i].oid, &value, &len, &format, 0);
        if (PQresultStatus(text) != PGRES_TUPLES_OK) fail_msg("%s: %s", cases[i].type, PQerrorMessage(c));
        assert_string_equal(PQgetvalue(text, 0, 0), cases[i].text);
        PQclear(binary);
        PQclear(text);
    }
    PQfinish(c);
}

static void statements_are_described(void **state)
{
    (void)state;
    PGconn *c = open_connection();
    run(c, "CREATE TABLE described (a integer, b numeric(8,2), c varchar(7))");
    PGresult *r =
        PQprepare(c, "d", "SELECT a, b, c FROM described WHERE a = $1 AND b > $2 AND c LIKE $3", 0, NULL);
    assert_int_equal(PQresultStatus(r), PGRES_COMMAND_OK);
    PQclear(r);
    r = PQdescribePrepared(c, "d");
    assert_int_equal(PQnparams(r), 3);
    assert_int_equal(PQparamtype(r, 0), 23);
    assert_int_equal(PQparamtype(r, 1), 1700);
    assert_int_equal(PQparamtype(r, 2), 25);
    assert_int_equal(PQnfields(r), 3);
    assert_int_equal(PQfmod(r, 1), (8 << 16 | 2) + 4);
    assert_int_equal(PQfmod(r, 2), 11);
    PQclear(r);
    r = PQprepare(c, "s", "SHOW server_version", 0, NULL);
    PQclear(r);
    r = PQdescribePrepared(c, "s");
    assert_int_equal(PQnfields(r), 1);
    assert_string_equal(PQfname(r, 0), "server_version");
    PQclear(r);
    // A definition that changes under a prepared statement.
    run(c, "ALTER TABLE described ADD COLUMN d text");
    const char *values[] = {"1", "1.5", "%"};
    r = PQexecPrepared(c, "d", 3, values, NULL, NULL, 0);
    assert_int_equal(PQresultStatus(r), PGRES_TUPLES_OK);
    PQclear(r);
    run(c, "DROP TABLE described");
    r = PQexecPrepared(c, "d", 3, values, NULL, NULL, 0);
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "42P01");
    PQclear(r);
    PQfinish(c);
}

static void errors_have_fields(void **state)
{
    (void)state;
    PGconn *c = open_connection();
    run(c, "CREATE TABLE fields (id integer PRIMARY KEY)");
    run(c, "INSERT INTO fields VALUES (1)");
    PGresult *r = PQexec(c, "INSERT INTO fields VALUES (1)");
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "23505");
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED), "ERROR");
    assert_string_equal(PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY),
                        "duplicate key value violates unique constraint \"fields_pkey\"");
    assert_string_equal(PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL), "Key (id)=(1) already exists.");
    PQclear(r);
    r = PQexec(c, "SELECT '\303\274', nothing FROM fields");
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "42703");
    assert_string_equal(PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION), "13"); // characters, not bytes
    PQclear(r);
    PQfinish(c);
}

static void pipelines_answer_in_order(void **state)
{
    (void)state;
    PGconn *c = open_connection();
    run(c, "CREATE TABLE piped (a integer)");
    assert_int_equal(PQenterPipelineMode(c), 1);
    const char *one[] = {"1"};
    for (int i = 0; i < 100; i++)
        assert_int_equal(PQsendQueryParams(c, "INSERT INTO piped VALUES ($1)", 1, NULL, one, NULL, NULL, 0),
                         1);
    assert_int_equal(PQpipelineSync(c), 1);
    assert_int_equal(PQsendQueryParams(c, "INSERT INTO piped VALUES ($1)", 1, NULL, one, NULL, NULL, 0), 1);
    assert_int_equal(PQsendQueryParams(c, "SELECT 1/0", 0, NULL, NULL, NULL, NULL, 0), 1);
    assert_int_equal(PQsendQueryParams(c, "INSERT INTO piped VALUES ($1)", 1, NULL, one, NULL, NULL, 0), 1);
    assert_int_equal(PQpipelineSync(c), 1);
    for (int i = 0; i < 100; i++) {
        PGresult *r = PQgetResult(c);
        assert_int_equal(PQresultStatus(r), PGRES_COMMAND_OK);
        PQclear(r);
        assert_null(PQgetResult(c));
    }
    static const ExecStatusType rest[] = {PGRES_PIPELINE_SYNC, PGRES_COMMAND_OK, PGRES_FATAL_ERROR,
                                          PGRES_PIPELINE_ABORTED, PGRES_PIPELINE_SYNC};
    for (size_t i = 0; i < COUNT_OF(rest); i++) {
        PGresult *r = PQgetResult(c);
        if (PQresultStatus(r) != rest[i]) fail_msg("result %zu: %s", i, PQresStatus(PQresultStatus(r)));
        PQclear(r);
        if (rest[i] != PGRES_PIPELINE_SYNC) assert_null(PQgetResult(c));
    }
    assert_int_equal(PQexitPipelineMode(c), 1);
    assert_value(c, "SELECT count(*) FROM piped", "100"); // what came with the error went with it
    PQfinish(c);
}

static void rows_come_one_by_one(void **state)
{
    (void)state;
    PGconn *c = open_connection();
    assert_int_equal(PQsendQuery(c, "SELECT g FROM generate_series(1, 10000) AS g"), 1);
    assert_int_equal(PQsetSingleRowMode(c), 1);
    int rows = 0;
    for (PGresult *r; (r = PQgetResult(c)) != NULL; PQclear(r))
        if (PQresultStatus(r) == PGRES_SINGLE_TUPLE) assert_int_equal(atoi(PQgetvalue(r, 0, 0)), ++rows);
    assert_int_equal(rows, 10000);
    PQfinish(c);
}

static void copy_goes_both_ways(void **state)
{
    (void)state;
    PGconn *c = open_connection();
    run(c, "CREATE TABLE copied (a integer PRIMARY KEY, b text)");
    PGresult *r = PQexec(c, "COPY copied FROM STDIN");
    assert_int_equal(PQresultStatus(r), PGRES_COPY_IN);
    PQclear(r);
    for (int i = 0; i < 5000; i++) { // lines cut anywhere
        char line[64];
        int len = snprintf(line, sizeof line, "%d\tline %d\n", i, i);
        assert_int_equal(PQputCopyData(c, line, len / 2), 1);
        assert_int_equal(PQputCopyData(c, line + len / 2, len - len / 2), 1);
    }
    assert_int_equal(PQputCopyEnd(c, NULL), 1);
    r = PQgetResult(c);
    assert_string_equal(PQcmdTuples(r), "5000");
    PQclear(r);
    assert_null(PQgetResult(c));
    r = PQexec(c, "COPY copied FROM STDIN");
    PQclear(r);
    assert_int_equal(PQputCopyData(c, "9000\tx\n", 7), 1);
    assert_int_equal(PQputCopyEnd(c, "changed my mind"), 1);
    r = PQgetResult(c);
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "57014");
    PQclear(r);
    assert_null(PQgetResult(c));
    r = PQexec(c, "COPY copied TO STDOUT");
    assert_int_equal(PQresultStatus(r), PGRES_COPY_OUT);
    PQclear(r);
    int lines = 0;
    for (char *line; PQgetCopyData(c, &line, 0) > 0; PQfreemem(line)) lines++;
    assert_int_equal(lines, 5000);
    r = PQgetResult(c);
    assert_string_equal(PQcmdStatus(r), "COPY 5000");
    PQclear(r);
    assert_null(PQgetResult(c));
    assert_value(c, "SELECT sum(a) FROM copied", "12497500");
    PQfinish(c);
}

static void cancel_thread(void *arg)
{
    char why[256];
    PGcancel *cancel = arg;
    for (int i = 0; i < 20; i++) {
        if (!PQcancel(cancel, why, sizeof why)) abort();
        Mutex m;
        Cond c;
        mutex_init(&m);
        cond_init(&c);
        mutex_lock(&m);
        (void)cond_wait_for(&c, &m, 50000);
        mutex_unlock(&m);
        cond_done(&c);
        mutex_done(&m);
    }
}

static void cancel_stops_a_statement(void **state)
{
    (void)state;
    PGconn *c = open_connection();
    PGcancel *cancel = PQgetCancel(c);
    Thread t = {0};
    Err err = {.at = -1};
    assert_ok(thread_start(&t, cancel_thread, cancel, &err), &err);
    PGresult *r =
        PQexec(c, "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b");
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "57014");
    PQclear(r);
    thread_join(&t);
    PQfreeCancel(cancel);
    assert_value(c, "SELECT 1", "1");
    PQfinish(c);
}

static void states_are_told(void **state)
{
    (void)state;
    PGconn *c = open_connection();
    assert_int_equal(PQtransactionStatus(c), PQTRANS_IDLE);
    run(c, "BEGIN");
    assert_int_equal(PQtransactionStatus(c), PQTRANS_INTRANS);
    PQclear(PQexec(c, "SELECT 1/0"));
    assert_int_equal(PQtransactionStatus(c), PQTRANS_INERROR);
    PGresult *r = PQexec(c, "SELECT 1");
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "25P02");
    PQclear(r);
    r = PQexec(c, "COMMIT");
    assert_string_equal(PQcmdStatus(r), "ROLLBACK");
    PQclear(r);
    assert_int_equal(PQtransactionStatus(c), PQTRANS_IDLE);
    PQfinish(c);
}

static void cursors_scroll(void **state)
{
    (void)state;
    PGconn *c = open_connection();
    run(c, "BEGIN");
    run(c, "DECLARE s SCROLL CURSOR WITH HOLD FOR SELECT g FROM generate_series(1, 100) AS g");
    assert_value(c, "FETCH LAST FROM s", "100");
    assert_value(c, "FETCH PRIOR FROM s", "99");
    assert_value(c, "FETCH ABSOLUTE 7 FROM s", "7");
    assert_value(c, "FETCH RELATIVE -3 FROM s", "4");
    run(c, "COMMIT");
    assert_value(c, "FETCH FIRST FROM s", "1");
    assert_value(c, "FETCH NEXT FROM s", "2");
    run(c, "CLOSE s");
    PGresult *r = PQexec(c, "FETCH NEXT FROM s");
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "34000");
    PQclear(r);
    run(c, "BEGIN");
    run(c, "CREATE TABLE scrolled AS SELECT g FROM generate_series(1, 5000) AS g");
    run(c, "DECLARE f CURSOR FOR SELECT g FROM scrolled");
    assert_value(c, "FETCH NEXT FROM f", "1");
    run(c, "DELETE FROM scrolled"); // a cursor shows what was there when it was opened
    assert_value(c, "FETCH NEXT FROM f", "2");
    r = PQexec(c, "FETCH ALL FROM f");
    assert_int_equal(PQntuples(r), 4998);
    PQclear(r);
    r = PQexec(c, "FETCH PRIOR FROM f");
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "55000");
    PQclear(r);
    PQfinish(c);
}

static void notifications_wait_for_commit(void **state)
{
    (void)state;
    PGconn *listener = open_connection(), *c = open_connection();
    run(listener, "LISTEN channel");
    run(c, "BEGIN");
    run(c, "NOTIFY channel, 'not this'");
    run(c, "ROLLBACK");
    run(c, "BEGIN");
    run(c, "NOTIFY channel, 'this'");
    run(c, "NOTIFY channel, 'this'");
    run(listener, "SELECT 1");
    assert_null(PQnotifies(listener));
    run(c, "COMMIT");
    run(listener, "SELECT 1");
    PGnotify *n = PQnotifies(listener);
    assert_non_null(n);
    assert_string_equal(n->extra, "this");
    assert_int_equal(n->be_pid, PQbackendPID(c));
    PQfreemem(n);
    assert_null(PQnotifies(listener)); // said twice, heard once
    PQfinish(listener);
    PQfinish(c);
}

static void a_person_answers_first(void **state)
{
    (void)state;
    PGconn *c = PQconnectdb(kit_node_conninfo(node, KIT_NODE_PERSON));
    assert_int_equal(PQstatus(c), CONNECTION_OK);
    PGresult *r = PQexecParams(c, "SELECT 1", 0, NULL, NULL, NULL, NULL, 0);
    assert_string_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "28000");
    assert_non_null(strstr(PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY), "Which dog was it?"));
    PQclear(r);
    r = PQexecParams(c, "ANSWER 'Bello'", 0, NULL, NULL, NULL, NULL, 0);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) fail_msg("%s", PQerrorMessage(c));
    PQclear(r);
    assert_value(c, "SELECT 1", "1");
    PQfinish(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_told),
        cmocka_unit_test(formats_go_both_ways),
        cmocka_unit_test(statements_are_described),
        cmocka_unit_test(errors_have_fields),
        cmocka_unit_test(pipelines_answer_in_order),
        cmocka_unit_test(rows_come_one_by_one),
        cmocka_unit_test(copy_goes_both_ways),
        cmocka_unit_test(cancel_stops_a_statement),
        cmocka_unit_test(states_are_told),
        cmocka_unit_test(cursors_scroll),
        cmocka_unit_test(notifications_wait_for_commit),
        cmocka_unit_test(a_person_answers_first),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
