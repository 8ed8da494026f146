// Query: a SELECT, INSERT, UPDATE or DELETE from tree to rows: plan (or take it from the cache), run, tell.
#include "engine/base/clock.h"
#include "engine/data/cast.h"
#include "engine/db/setting_run.h"
#include "engine/db/access.h"
#include "engine/db/deferred.h"
#include "engine/db/casts.h"
#include "engine/db/triggers.h"
#include "engine/db/routines.h"
#include "engine/db/look.h"
#include "engine/db/system.h"

#include <string.h>

void query_context(const Run *run, ExecContext *out)
{
    Session *s = run->session;
    session_search(s, &s->looked);
    *out = (ExecContext){
        .names = {exec_functions(), &s->looked, &s->cast},
        .search = &s->looked,
        .tell = look_tell,
        .sequences = &s->sequences,
        .transaction = s->transaction,
        .functions = exec_functions(),
        .db = s,
        .defer = deferred_note,
        .cancel = &s->cancel,
        .rows_done = &s->rows_done,
        .rows_expected = &s->rows_expected,
        .setting = setting_run_config,
        .client = s->client_number,
        .pool = s->engine->pool,
        .memory_max = s->engine->config.statement_memory,
        .memory_all = &s->engine->memory,
        .io = s->engine->io,
        .measure = run->measure,
        .statement_us = s->transaction_us,
        .cast = &s->cast,
        .read_only = s->read_only,
        .session_locks = &s->locks,
        .user = arena_cstr(run->mem, role_name(s, role_session_key(s), run->mem)),
        .role = arena_cstr(run->mem, role_name(s, role_current_key(s), run->mem)),
        .sequence = access_sequence,
        .database = s->database,
        .node = s->engine->config.node,
        .routine = routines_value,
        .routine_rows = routines_rows,
        .has_triggers = triggers_has,
        .fire = triggers_fire,
    };
    if (run->path) out->search = out->names.search = run->path;
}

const PlanContext *query_names(Run *run)
{
    Session *s = run->session;
    PlanContext *c = arena_new(run->mem, PlanContext);
    session_search(s, &s->looked);
    *c = (PlanContext){exec_functions(), &s->looked, &s->cast};
    return c;
}

static bool evaluate(void *arg, const Expr *e, Value *out, Arena *mem, Err *err)
{
    return exec_constant(e, arg, out, mem, err);
}

bool query_plan(Plan **out, Run *run, const Statement *s, Err *err)
{
    return query_plan_declared(out, run, s, NULL, 0, err);
}

bool query_plan_declared(Plan **out, Run *run, const Statement *s, const Type *type, uint32_t types, Err *err)
{
    ExecContext ctx;
    query_context(run, &ctx);
    SearchPath search;
    session_search(run->session, &search);
    if (run->path) search = *run->path;
    if (run->home.len) search.database = run->home;
    const SystemTable *const fed[] = {run->feed, NULL}, *const *system = run->feed ? fed : system_tables();
    PlanRequest request = {
        .statement = s,
        .param_type = type,
        .param_types = types,
        .search = &search,
        .arguments = run->arguments,
        .names = run->names,
        .calls = run->calls,
        .permit = run->own ? NULL : access_permit(run),
        .refreshes = run->refreshes,
        .transaction = run->session->transaction,
        .database = session_database(run->session),
        .functions = exec_functions(),
        .system = system,
        .evaluate = evaluate,
        .evaluate_arg = &ctx,
        .cast = &run->session->cast,
        .refill = run->refill,
    };
    return plan_make(out, &request, err);
}

static const char *write_verb(PlanKind kind)
{
    switch (kind) {
    case PLAN_INSERT: return "insert";
    case PLAN_UPDATE: return "update";
    case PLAN_DELETE: return "delete";
    default: return NULL;
    }
}

void query_note_write(Run *run, const Plan *plan)
{
    const PlanWrite *w = plan->write;
    Transaction *t = run->session->transaction;
    run->verb = write_verb(w->node.kind);
    run->table = arena_copy(run->mem, w->table.name);
    run->counts = true;
    if (w->node.kind != PLAN_UPDATE) return;
    Table *table = transaction_table_by_id(t, w->table.id);
    if (table) (void)transaction_count_update(t, table);
}

static bool columns(const Run *run, const PlanNode *root)
{
    const ResultSink *sink = run->sink;
    return !sink || !sink->columns || sink->columns(sink->self, root->column, root->columns);
}

// Where rows go; an error of showing them is kept for the run's end.
typedef struct RowsOut {
    Run *run;
    bool by_session; // some column's text depends on the session
    Err *err;
} RowsOut;

static bool rows_shown(const RowsOut *out, const Batch *batch)
{
    const ResultSink *sink = out->run->sink;
    Arena mem;
    Batch shown;
    arena_init(&mem, 0);
    bool more =
        casts_show(out->run->session, batch, NULL, &shown, &mem, out->err) && sink->rows(sink->self, &shown);
    arena_done(&mem);
    return more;
}

static bool rows(void *self, const Batch *batch)
{
    const RowsOut *out = self;
    const ResultSink *sink = out->run->sink;
    if (!sink || !sink->rows) return true;
    return out->by_session ? rows_shown(out, batch) : sink->rows(sink->self, batch);
}

bool query_run_plan(Run *run, const Plan *plan, const Value *param, uint32_t params, Err *err)
{
    Session *s = run->session;
    run->tag = plan->tag;
    if (plan->writes && s->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", plan->tag);
    atomic_store(&s->rows_done, 0);
    atomic_store(&s->rows_expected, 0);
    ExecContext ctx;
    query_context(run, &ctx);
    ctx.param = param;
    ctx.params = params;
    if (plan->returns && !columns(run, plan->root) && !plan->writes) return true;
    RowsOut out = {.run = run, .err = err};
    for (uint32_t c = 0; plan->returns && c < plan->root->columns; c++)
        out.by_session |= cast_needs_context(plan->root->column[c].type.id);
    if (!exec_run(plan, &ctx, rows, &out, &run->rows, err) || err_any(err)) return false;
    if (plan->write) query_note_write(run, plan);
    return true;
}

bool query_run_cached(Run *run, bool *hit, Err *err)
{
    Session *s = run->session;
    char place[SESSION_PLACE_SIZE];
    uint64_t definitions = atomic_load(&s->engine->definitions);
    const PlanCacheSlot *slot = plan_cache_find(&s->plans, run->text, session_place(s, place), definitions);
    *hit = slot != NULL;
    if (!slot) return true;
    int64_t at = slot->at;
    bool stale;
    if (!query_lock_tables(s, slot->plan, &stale, err)) return false;
    *hit = !stale;
    if (stale) return true;
    if (query_run_plan(run, slot->plan, NULL, 0, err)) return true;
    if (err->at >= 0) err->at += (run->text.at - run->source.at) - at;
    return false;
}

bool query_plan_locked(Plan **out, Run *run, const Statement *statement, const Type *type, uint32_t types,
                       Err *err)
{
    for (bool stale = true; stale;) {
        if (!query_plan_declared(out, run, statement, type, types, err)) return false;
        bool locked = query_lock_tables(run->session, *out, &stale, err);
        if (!locked || stale) plan_free(*out);
        if (!locked) return false;
    }
    return true;
}

bool query_run(Run *run, const Statement *statement, const Value *param, uint32_t params, Err *err)
{
    Session *s = run->session;
    uint64_t definitions = atomic_load(&s->engine->definitions);
    run->tag = ast_statement_name(statement);
    if (statement->params > params)
        return err_set_at(err, "42P02", statement->at,
                          "there is no parameter $%u: the statement is not prepared", statement->params);
    Plan *plan;
    if (!query_plan_locked(&plan, run, statement, NULL, 0, err)) return false;
    bool good = query_run_plan(run, plan, param, params, err);
    bool whole =
        run->sink && statement->at >= 0 && (size_t)statement->at == (size_t)(run->text.at - run->source.at);
    // what a transaction's own new tables made is not for others, nor for later: definitions moves when they
    // go
    char place[SESSION_PLACE_SIZE];
    if (good && whole && !params)
        plan_cache_add(&s->plans, run->text, session_place(s, place), definitions,
                       run->text.at - run->source.at, plan);
    else
        plan_free(plan);
    return good;
}

bool query_constant(Run *run, const AstExpr *ast, Type type, Value *out, Err *err)
{
    Expr *e;
    ExecContext ctx;
    query_context(run, &ctx);
    return plan_bind_expr(&e, ast, NULL, type, query_names(run), run->mem, err) &&
           exec_constant(e, &ctx, out, run->mem, err);
}
