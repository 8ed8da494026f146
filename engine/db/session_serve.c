// Session: what a server of a protocol asks of a session beside running statements. Relies on session.
#include "engine/base/clock.h"
#include "engine/db/ddl.h"
#include "engine/db/portal.h"
#include "engine/db/setting_run.h"
#include "engine/sql/lexer.h"
#include "engine/sql/parser.h"

#include <stdio.h>

uint64_t engine_session_number(Source *session) { return session_of(session)->number; }

bool engine_session_use(Source *session, Str database, Err *err)
{
    Session *s = session_of(session);
    if (!s->engine) return err_set(err, "57P01", "the engine is closed");
    if (!store_database_exists(s->engine->store, database))
        return err_set(err, "3D000", "database \"%.*s\" does not exist", STR_ARG(database));
    Arena mem = {0};
    Run run = {.session = s, .mem = &mem, .tag = ""};
    bool good = ddl_may_connect(&run, database, err);
    arena_done(&mem);
    if (good) session_use(s, database);
    return good;
}

bool engine_setting_set(Source *session, Str name, Str value, Err *err)
{
    size_t i = setting_find(name);
    if (i == SIZE_MAX)
        return err_set(err, "42704", "unrecognized configuration parameter \"%.*s\"", STR_ARG(name));
    return setting_run_assign(session_of(session), i, value, err);
}

Str engine_setting(Source *session, Str name)
{
    size_t i = setting_find(name);
    return i == SIZE_MAX ? STR_NONE : str_of(setting_value(&session_of(session)->settings, i));
}

uint64_t engine_setting_moves(Source *session) { return session_of(session)->settings.moves; }

void engine_block_begin(Source *session) { session_of(session)->block = true; }

bool engine_block_end(Source *session, Err *err)
{
    Session *s = session_of(session);
    mutex_lock(&s->running);
    bool good = !s->engine || transaction_run_block_end(s, err);
    mutex_unlock(&s->running);
    return good;
}

void engine_block_fail(Source *session)
{
    Session *s = session_of(session);
    Err ignored = {.at = -1};
    Run run = {.session = s};
    mutex_lock(&s->running);
    bool good = !s->engine || transaction_run_leave(&run, false, &ignored);
    (void)good;
    mutex_unlock(&s->running);
}

bool engine_session_cancelled(Source *session) { return atomic_load(&session_of(session)->cancel); }

char engine_transaction_state(Source *session)
{
    const Session *s = session_of(session);
    return s->failed ? 'E' : s->open ? 'T' : 'I';
}

size_t engine_count_statements(Str text)
{
    size_t n = 0, pos = 0, at, len;
    while (lexer_statement(text, &pos, &at, &len)) n++;
    return n;
}

bool engine_check_syntax(Source *session, Str text, Err *err)
{
    Session *s = session_of(session);
    Arena mem;
    Statement *tree = NULL;
    size_t pos = 0;
    if (s->ticket) return true;
    arena_init(&mem, PREPARED_TREE_MAX);
    bool good = true;
    do {
        arena_reset(&mem);
        good = parser_statement(&tree, text, &pos, &mem, err);
    } while (good && tree);
    arena_done(&mem);
    if (!good) engine_block_fail(session);
    return good;
}

// ---- statements in steps ----

static bool enter(Session *s, Err *err)
{
    mutex_lock(&s->running);
    if (s->engine) return true;
    mutex_unlock(&s->running);
    return err_set(err, "57P01", "the engine is closed");
}

static void leave(Session *s) { mutex_unlock(&s->running); }

// Plans it where it can be planned; an error ends the transaction as that of a statement does.
static bool prepare(Session *s, Prepared *p, Err *err)
{
    Run run = {.session = s, .mem = &p->mem, .source = p->text, .text = p->text};
    const Plan *plan;
    if (!prepared_is_planned(p)) return true;
    if (!statement_may_run(s, p->tree, err)) return false;
    if (transaction_run_enter(s, err) && (transaction_run_query(s), true) &&
        prepared_plan(&plan, &run, p, err))
        return true;
    return transaction_run_leave(&run, false, err);
}

bool engine_prepare(Source *session, Str name, Str text, const Type *type, uint32_t types, Err *err)
{
    Session *s = session_of(session);
    Prepared *p = NULL;
    if (!enter(s, err)) return false;
    atomic_store(&s->cancel, false);
    if (!name.len) (void)prepared_remove(s, name);
    bool good = prepared_new(&p, s->ticket ? STR_NONE : text, type, types, err);
    if (good && s->ticket) p->text = arena_copy(&p->mem, text);
    if (!good && s->transaction) {
        Run run = {.session = s, .text = text};
        good = transaction_run_leave(&run, false, err);
    }
    good = good && prepare(s, p, err) && prepared_add(s, name, p, err);
    if (!good) prepared_drop(p);
    leave(s);
    return good;
}

void engine_unprepare(Source *session, Str name)
{
    Session *s = session_of(session);
    mutex_lock(&s->running);
    (void)prepared_remove(s, name);
    mutex_unlock(&s->running);
}

static Prepared *find(Session *s, Str name, Err *err)
{
    Prepared *p = prepared_find(s, name);
    if (p) return p;
    if (name.len)
        err_set(err, "26000", "prepared statement \"%.*s\" does not exist", STR_ARG(name));
    else
        err_set(err, "26000", "unnamed prepared statement does not exist");
    return NULL;
}

static Portal *find_portal(Session *s, Str name, Err *err)
{
    Portal *p = portal_find(s, name);
    if (!p) err_set(err, "34000", "portal \"%.*s\" does not exist", STR_ARG(name));
    return p;
}

// ---- describing ----

typedef struct Capture {
    Arena *mem;
    EngineDescription *out;
} Capture;

// A statement without a plan that only shows something is begun, and stopped when its columns are known.
static bool capture_columns(void *self, const ResultColumn *column, uint32_t count)
{
    Capture *c = self;
    ResultColumn *copy = arena_array(c->mem, ResultColumn, count + 1);
    for (uint32_t i = 0; i < count; i++)
        copy[i] = (ResultColumn){arena_copy(c->mem, column[i].name), column[i].type};
    c->out->rows = true;
    c->out->columns = count;
    c->out->column = copy;
    return false;
}

static bool only_shows(const Statement *t)
{
    return t->kind == STATEMENT_SHOW || t->kind == STATEMENT_DESCRIBE || t->kind == STATEMENT_COUNT_QUERIES ||
           t->kind == STATEMENT_COUNT_UPDATE || (t->kind == STATEMENT_EXPLAIN && !t->explain->analyze);
}

static bool describe_plan(const Plan *plan, Capture *c)
{
    c->out->params = plan->params;
    c->out->param = plan->param_type;
    if (plan->returns) (void)capture_columns(c, plan->root->column, plan->root->columns);
    return true;
}

static bool describe_other(Session *s, const Statement *t, const Prepared *p, Capture *c, Err *err)
{
    const ResultSink sink = {.self = c, .columns = capture_columns};
    Run run = {.session = s, .mem = c->mem, .source = p->text, .text = p->text, .sink = &sink};
    if (t->kind == STATEMENT_EXECUTE) {
        const Prepared *named = prepared_find(s, t->execute->name.text);
        if (named && named->plan && named->plan->returns)
            (void)capture_columns(c, named->plan->root->column, named->plan->root->columns);
        return true;
    }
    if (t->kind == STATEMENT_FETCH && !t->fetch->move) {
        const Portal *cursor = portal_find(s, t->fetch->cursor.text);
        if (cursor && cursor->plan)
            (void)capture_columns(c, cursor->plan->root->column, cursor->plan->root->columns);
        return true;
    }
    return !only_shows(t) || statement_run_parsed(&run, t, err);
}

static bool describe_prepared(Session *s, const Prepared *p, Arena *mem, EngineDescription *out, Err *err)
{
    Capture c = {mem, out};
    *out = (EngineDescription){0};
    if (p->plan) return describe_plan(p->plan, &c);
    return !p->tree || describe_other(s, p->tree, p, &c, err);
}

bool engine_describe(Source *session, Str name, Arena *mem, EngineDescription *out, Err *err)
{
    Session *s = session_of(session);
    if (!enter(s, err)) return false;
    Prepared *p = find(s, name, err);
    bool good = p && (prepare(s, p, err)) && describe_prepared(s, p, mem, out, err);
    leave(s);
    return good;
}

bool engine_bind(Source *session, Str portal, Str statement, const EngineBinding *b, Err *err)
{
    Session *s = session_of(session);
    Portal *p;
    if (!enter(s, err)) return false;
    Prepared *prepared = find(s, statement, err);
    bool good = prepared && statement_may_run(s, prepared->tree, err);
    bool planned = good && prepared_is_planned(prepared);
    good = good && (!planned || (transaction_run_enter(s, err) && (transaction_run_query(s), true)));
    good = good && portal_new(&p, s, portal, prepared, b->param, b->params, err) &&
           portal_set_raw(p, b->raw, b->raws, err);
    if (!good && s->transaction && err_any(err)) {
        Run run = {.session = s};
        good = transaction_run_leave(&run, false, err);
    }
    leave(s);
    return good;
}

bool engine_portal_describe(Source *session, Str portal, Arena *mem, EngineDescription *out, Err *err)
{
    Session *s = session_of(session);
    if (!enter(s, err)) return false;
    Portal *p = find_portal(s, portal, err);
    bool good = p && describe_prepared(s, p->prepared, mem, out, err);
    leave(s);
    return good;
}

bool engine_portal_run(Source *session, Str portal, uint64_t max, bool goes_on, const ResultSink *sink,
                       EnginePortalEnd *end, Err *err)
{
    Session *s = session_of(session);
    if (!enter(s, err)) return false;
    if (!goes_on) {
        atomic_store(&s->cancel, false);
        atomic_store(&s->started_mono_us, clock_mono_us());
    }
    atomic_store(&s->busy, true);
    Portal *p = find_portal(s, portal, err);
    bool good = p && portal_run(s, p, max, sink, end, err);
    atomic_store(&s->busy, false);
    leave(s);
    return good;
}

void engine_portal_close(Source *session, Str portal)
{
    Session *s = session_of(session);
    mutex_lock(&s->running);
    Portal *p = portal_find(s, portal);
    if (p) portal_free(s, p);
    mutex_unlock(&s->running);
}
