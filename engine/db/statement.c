// Statement: from text to result. Each statement is atomic: what an error leaves behind is taken back.
#include "engine/sql/ast_routine.h"
#include "engine/db/domains.h"
#include "engine/db/enums.h"
#include "engine/db/statement.h"

#include "engine/base/clock.h"
#include "engine/db/access.h"
#include "engine/db/ddl_object.h"
#include "engine/db/copying.h"
#include "engine/db/line.h"
#include "engine/db/notify.h"
#include "engine/db/portal.h"
#include "engine/db/triggers.h"
#include "engine/db/setting_run.h"
#include "engine/db/system.h"
#include "engine/sql/lexer.h"
#include "engine/sql/parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STATEMENT_TREE_MAX = 1 << 30, STATEMENT_INNER_MAX = 1 << 20 };

void statement_warn(const Run *run, const char *state, const char *format, ...)
{
    char sentence[ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (run->sink && run->sink->warning)
        run->sink->warning(run->sink->self, state, str_of(sentence));
    else if (run->sink && run->sink->notice)
        run->sink->notice(run->sink->self, str_of(sentence));
}

void statement_notice(const Run *run, const char *format, ...)
{
    char sentence[ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (run->sink && run->sink->notice) run->sink->notice(run->sink->self, str_of(sentence));
}

// ---- by kind ----

static bool show(Run *run, const AstShow *s, Err *err)
{
    Str args[3] = {session_database(run->session), STR_NONE, STR_NONE};
    Str like = s->like ? s->like->text : STR_NONE;
    switch (s->what) {
    case AST_SHOW_DATABASES: return system_show(run, "show_databases", &like, 1, err);
    case AST_SHOW_TABLES:
        if (!ddl_database(run, &s->name, &args[0], err)) return false;
        args[1] = like;
        return system_show(run, "show_tables", args, 2, err);
    case AST_SHOW_COLUMNS:
    case AST_SHOW_INDEXES: {
        Table *t;
        if (!ddl_table(run, &s->name, false, &t, err)) return false;
        args[0] = table_def(t)->database;
        args[1] = table_def(t)->name;
        args[2] = table_def(t)->schema;
        return system_show(run, s->what == AST_SHOW_COLUMNS ? "describe" : "show_indexes", args, 3, err);
    }
    case AST_SHOW_CREATE_TABLE: return ddl_unsupported(s->name.at, "SHOW CREATE TABLE", err);
    case AST_SHOW_ALL: return system_show(run, "settings", NULL, 0, err);
    case AST_SHOW_SETTING: break;
    }
    return setting_run_show(run, &s->name, err);
}

static bool describe(Run *run, const AstPath *path, Err *err)
{
    Table *t;
    if (!ddl_table(run, path, false, &t, err)) return false;
    Str args[3] = {table_def(t)->database, table_def(t)->name, table_def(t)->schema};
    return system_show(run, "describe", args, 3, err);
}

static bool count_update(Run *run, const AstDatabase *d, Err *err)
{
    Str name = d->name.text.at ? d->name.text : session_database(run->session);
    if (!name.len)
        return err_set_at(err, "3D000", d->name.at, "no database is chosen; write COUNT UPDATE name");
    if (!store_database_exists(run->session->engine->store, name))
        return err_set_at(err, "3D000", d->name.at, "database \"%.*s\" does not exist", STR_ARG(name));
    return system_show(run, "count_update", &name, 1, err);
}

static bool analyze_all(Run *run, Err *err)
{
    Transaction *t = run->session->transaction;
    const TableDef **def;
    size_t n = transaction_tables(t, session_database(run->session), run->mem, &def);
    for (size_t i = 0; i < n; i++) {
        Table *table = transaction_table_by_id(t, def[i]->id);
        if (table && !statement_analyze(run, table, err)) return false;
    }
    return true;
}

static bool maintain(Run *run, const AstMaintain *m, Err *err)
{
    if (str_equal(m->verb, STR("refresh"))) return ddl_refresh(run, m, err);
    bool analyze = m->analyze || str_equal(m->verb, STR("analyze"));
    for (uint32_t i = 0; i < m->tables.count; i++) {
        Table *t;
        if (!ddl_table(run, &m->tables.at[i], false, &t, err)) return false;
        if (analyze && !statement_analyze(run, t, err)) return false;
    }
    if (analyze && !m->tables.count && !analyze_all(run, err)) return false;
    if (str_equal(m->verb, STR("vacuum"))) {
        if (run->session->open) return err_set(err, "25001", "VACUUM cannot run inside a transaction block");
        store_vacuum(run->session->engine->store);
    }
    if (!str_equal(m->verb, STR("checkpoint"))) return true;
    if (!role_is_administrator(run->session))
        return err_set(err, "42501", "only an administrator may order a checkpoint");
    return store_checkpoint(run->session->engine->store, err);
}

// DISCARD: plans are cached anew by themselves; temporary tables and sequences' last values are the
// session's.
static bool discard(Run *run, const Statement *s, Err *err)
{
    Session *session = run->session;
    run->tag = arena_cstr(run->mem, s->words);
    bool all = str_equal(s->words, STR("DISCARD ALL"));
    if (all && session->open)
        return err_set(err, "25001", "DISCARD ALL cannot run inside a transaction block");
    if (all || str_equal(s->words, STR("DISCARD PLANS"))) plan_cache_done(&session->plans);
    if (all || str_equal(s->words, STR("DISCARD SEQUENCES"))) {
        sequence_memory_done(&session->sequences);
        session->sequences = (SequenceMemory){0};
    }
    if (!all) return !str_equal(s->words, STR("DISCARD TEMP")) || ddl_unsupported(s->at, "DISCARD TEMP", err);
    portal_close_all(session);
    query_prepared_done(session);
    notify_unlisten_all(session);
    setting_run_reset_all(session);
    return true;
}

static bool run_outside(Run *run, const Statement *s, Err *err)
{
    bool known;
    if (str_starts(s->words, STR("DISCARD "))) return discard(run, s, err);
    if (!notify_run(run, s, &known, err)) return false;
    return known || ddl_unsupported(s->at, ast_statement_name(s), err);
}

static bool run_session_kind(Run *run, const Statement *s, Err *err)
{
    switch (s->kind) {
    case STATEMENT_SET: return setting_run_set(run, s->set, err);
    case STATEMENT_SHOW: return show(run, s->show, err);
    case STATEMENT_DESCRIBE: return describe(run, s->describe, err);
    case STATEMENT_COUNT_QUERIES: return system_show(run, "count_queries", NULL, 0, err);
    case STATEMENT_COUNT_UPDATE: return count_update(run, s->database, err);
    case STATEMENT_EXPLAIN: return query_explain(run, s->explain, err);
    case STATEMENT_PREPARE: return query_prepare(run, s->prepare, err);
    case STATEMENT_EXECUTE: return query_execute(run, s->execute, err);
    case STATEMENT_OUTSIDE: return run_outside(run, s, err);
    case STATEMENT_COPY: return copying_run(run, s->copy, err);
    case STATEMENT_DECLARE: return portal_declare(run, s, err);
    case STATEMENT_FETCH: return portal_fetch_statement(run, s->fetch, err);
    case STATEMENT_CLOSE: return portal_close_statement(run, s->close, err);
    case STATEMENT_DEALLOCATE: return query_deallocate(run, s->deallocate, err);
    case STATEMENT_MAINTAIN: return maintain(run, s->maintain, err);
    case STATEMENT_CREATE_ROUTINE: return routines_create(run, s->create_routine, err);
    case STATEMENT_DROP_ROUTINE: return routines_drop(run, s->drop_routine, err);
    case STATEMENT_ALTER_ROUTINE: return routines_alter(run, s->alter_routine, err);
    case STATEMENT_CREATE_TRIGGER: return triggers_create(run, s->create_trigger, err);
    case STATEMENT_DROP_TRIGGER: return triggers_drop(run, s->drop_trigger, err);
    case STATEMENT_CALL: return routines_call(run, s->call, err);
    case STATEMENT_LOCK: return lock_run(run, s->lock, err);
    default: return ddl_unsupported(s->at, ast_statement_name(s), err);
    }
}

// SELECT … INTO t is CREATE TABLE t AS SELECT ….
static bool select_into(Run *run, const AstQuery *q, Err *err)
{
    AstQuery *query = arena_new(run->mem, AstQuery);
    *query = *q;
    query->into = NULL;
    AstCreateTable create = {.name = *q->into, .query = query};
    return ddl_create_table(run, &create, err);
}

bool statement_run_tree(Run *run, const Statement *s, Err *err)
{
    run->tag = ast_statement_name(s);
    run->locks =
        s->kind == STATEMENT_CREATE_INDEX ? LOCK_SHARE
        : s->kind == STATEMENT_DROP || s->kind == STATEMENT_ALTER_TABLE || s->kind == STATEMENT_TRUNCATE
            ? LOCK_ACCESS_EXCLUSIVE
            : LOCK_NONE;
    switch (s->kind) {
    case STATEMENT_SELECT:
        if (s->query->into) return select_into(run, s->query, err);
        return query_run(run, s, NULL, 0, err);
    case STATEMENT_INSERT:
    case STATEMENT_UPDATE:
    case STATEMENT_DELETE: return query_run(run, s, NULL, 0, err);
    case STATEMENT_CREATE_DATABASE: return ddl_create_database(run, s->database, err);
    case STATEMENT_DROP_DATABASE: return ddl_drop_database(run, s->database, err);
    case STATEMENT_USE: return ddl_use(run, s->database, err);
    case STATEMENT_CREATE_TABLE: return ddl_create_table(run, s->create_table, err);
    case STATEMENT_CREATE_DOMAIN: return domains_create(run, s->domain, err);
    case STATEMENT_CREATE_ENUM: return enums_create(run, s->create_enum, err);
    case STATEMENT_CREATE_INDEX: return ddl_create_index(run, s->create_index, err);
    case STATEMENT_DROP:
        if (s->drop->object == AST_OBJECT_TYPE || s->drop->object == AST_OBJECT_DOMAIN)
            return enums_drop(run, s->drop, err);
        return ddl_drop(run, s->drop, err);
    case STATEMENT_CREATE_SCHEMA: return ddl_create_schema(run, s->schema, err);
    case STATEMENT_CREATE_VIEW: return ddl_create_view(run, s->create_view, err);
    case STATEMENT_CREATE_SEQUENCE: return ddl_sequence(run, s->sequence, err);
    case STATEMENT_COMMENT: return ddl_comment(run, s->comment, err);
    case STATEMENT_ALTER_TABLE: return ddl_alter_object(run, s->alter, err);
    case STATEMENT_ROLE: return role_run(run, s->role, err);
    case STATEMENT_GRANT: return grant_run(run, s->grant, err);
    case STATEMENT_POLICY: return policy_run(run, s->policy, err);
    case STATEMENT_TRUNCATE: return ddl_truncate(run, s->truncate, err);
    default: return run_session_kind(run, s, err);
    }
}

// ---- one statement ----

// Statements that make their own commit, or need no transaction around them.
static bool stands_alone(const Statement *s)
{
    return s->kind == STATEMENT_CREATE_DATABASE || s->kind == STATEMENT_DROP_DATABASE ||
           s->kind == STATEMENT_USE;
}

// What a cursor does reads nothing new: it goes on with the snapshot that the cursor was opened with.
static bool goes_on(const Statement *s) { return s->kind == STATEMENT_FETCH || s->kind == STATEMENT_CLOSE; }

static bool may_follow_error(const Statement *s)
{
    return s->kind == STATEMENT_TRANSACTION &&
           (s->transaction->kind == AST_COMMIT || s->transaction->kind == AST_ROLLBACK ||
            s->transaction->kind == AST_ROLLBACK_TO);
}

static bool aborted(Err *err)
{
    err_set(err, SQLSTATE_TXN_ABORTED,
            "current transaction is aborted, commands ignored until end of transaction block");
    return err_hint(err, "ROLLBACK ends it.");
}

// What only talks about the session does not settle when a transaction's snapshot is taken.
static bool needs_snapshot(const Statement *s)
{
    return s->kind != STATEMENT_SET && s->kind != STATEMENT_SHOW && s->kind != STATEMENT_LOCK;
}

static bool run_in_transaction(Run *run, const Statement *s, Err *err)
{
    bool good = transaction_run_enter(run->session, err);
    if (good && needs_snapshot(s)) transaction_run_query(run->session);
    good = good && statement_run_tree(run, s, err);
    return transaction_run_leave(run, good, err);
}

bool statement_may_run(const Session *s, const Statement *statement, Err *err)
{
    if (atomic_load(&s->cancel))
        return err_set(err, SQLSTATE_CANCELED, "canceling statement due to user request");
    if (!profile_may_work(s->engine->profile, str_of(s->user_hash)))
        return err_set(err, SQLSTATE_AUTH,
                       "user %s may no longer work here: the account was disabled or removed", s->user);
    if (!transaction_run_awake((Session *)(uintptr_t)s, err)) return false;
    return !s->failed || !statement || may_follow_error(statement) || aborted(err);
}

bool statement_run_parsed(Run *run, const Statement *s, Err *err)
{
    Session *session = run->session;
    if (session->failed && !may_follow_error(s)) return aborted(err);
    run->tag = ast_statement_name(s);
    if (s->kind == STATEMENT_TRANSACTION)
        return transaction_run_statement(run, s->transaction, err) || transaction_run_leave(run, false, err);
    if (goes_on(s)) {
        transaction_run_mark(session);
        return statement_run_tree(run, s, err) || transaction_run_leave(run, false, err);
    }
    if (stands_alone(s)) return statement_run_tree(run, s, err) || transaction_run_leave(run, false, err);
    return run_in_transaction(run, s, err);
}

// *hit stays false when the plan turns out to be stale: then the statement runs as if it were new.
static bool run_cached(Run *run, bool *hit, Err *err)
{
    Session *s = run->session;
    char place[SESSION_PLACE_SIZE];
    *hit = !s->failed && plan_cache_find(&s->plans, run->text, session_place(s, place),
                                         atomic_load(&s->engine->definitions));
    if (!*hit) return true;
    bool good = transaction_run_enter(s, err);
    if (good) transaction_run_query(s);
    good = good && query_run_cached(run, hit, err);
    return (good && !*hit) || transaction_run_leave(run, good, err);
}

static bool run_text(Run *run, Err *err)
{
    enums_forget(run->session);
    Session *s = run->session;
    bool hit;
    if (!statement_may_run(s, NULL, err)) return false;
    if (s->ticket) return answer_run(run, err);
    if (!run_cached(run, &hit, err)) return false;
    if (hit) return true;
    Statement *statement;
    size_t pos = (size_t)(run->text.at - run->source.at);
    Str upto = str_slice(run->source, 0, pos + run->text.len);
    if (parser_statement(&statement, upto, &pos, run->mem, err))
        return statement_run_parsed(run, statement, err);
    return s->failed ? false : transaction_run_leave(run, false, err);
}

bool statement_run_next(Session *s, Str source, size_t *pos, unsigned index, const ResultSink *sink,
                        bool *end, Err *err)
{
    size_t at, len;
    *end = !lexer_statement(source, pos, &at, &len);
    if (*end) return true;
    Arena mem;
    arena_init(&mem, STATEMENT_TREE_MAX);
    Run run = {.session = s, .mem = &mem, .source = source, .text = str_slice(source, at, len), .sink = sink};
    int64_t start = clock_mono_us();
    if (sink && sink->begin) sink->begin(sink->self, index, at, len);
    bool good = run_text(&run, err);
    int64_t duration = clock_mono_us() - start;
    if (!good) err_locate(err, source);
    if (!good && strcmp(err->state, "42501") == 0) access_told(s, err);
    line_statement(&run, good ? NULL : err, duration);
    if (good && sink && sink->done) sink->done(sink->self, str_of(run.tag), run.rows, duration);
    if (!good && sink && sink->error) sink->error(sink->self, err);
    arena_done(&mem);
    return good;
}

bool statement_run_inner(Run *run, Str sql, ExecRows rows, void *self, int64_t *count, Err *err)
{
    Statement *statement;
    Plan *plan;
    size_t pos = 0;
    if (sql.len > STATEMENT_INNER_MAX) return err_set(err, SQLSTATE_LIMIT, "a definition is too long");
    bool own = run->own;
    run->own = true;
    bool good =
        parser_statement(&statement, sql, &pos, run->mem, err) && query_plan(&plan, run, statement, err);
    if (good) {
        ExecContext ctx;
        query_context(run, &ctx);
        ctx.has_triggers = NULL; // what the engine does by itself fires nothing
        good = exec_run(plan, &ctx, rows, self, count, err);
        plan_free(plan);
    }
    run->own = own;
    if (!good) err->at = -1; // a position in a text that the user has not written
    return good;
}
