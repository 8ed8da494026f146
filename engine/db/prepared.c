// Prepared statements: kept as text with the declared types; EXECUTE takes the plan from the session's cache,
// so a repeated point look-up neither parses nor plans.
#include "engine/base/size.h"
#include "engine/data/cast.h"
#include "engine/db/ddl.h"
#include "engine/db/statement.h"
#include "engine/sql/parser.h"

#include <stdlib.h>
#include <string.h>

enum { PREPARED_MAX = 4096 };

typedef struct Prepared {
    Arena mem;
    Str text;
    uint32_t types;
    Type *type; // as declared; TYPE_NULL = not
} Prepared;

static void prepared_free(Prepared *p)
{
    Arena mem = p->mem;
    free(p);
    arena_done(&mem);
}

void query_prepared_done(Session *s)
{
    const MapEntry *e;
    for (size_t i = 0; (e = map_next(&s->prepared, &i)) != NULL;) prepared_free(e->value);
    map_done(&s->prepared);
}

static bool declared_types(Prepared *p, const AstPrepare *ast, Err *err)
{
    p->types = ast->types;
    p->type = arena_array(&p->mem, Type, ast->types + 1);
    for (uint32_t i = 0; i < ast->types; i++)
        if (!ddl_type(&p->type[i], ast->type[i], NULL, err)) return false;
    return true;
}

bool query_prepare(Run *run, const AstPrepare *ast, Err *err)
{
    Session *s = run->session;
    Str name = ast->name.text;
    if (map_get(&s->prepared, name))
        return err_set_at(err, "42P05", ast->name.at, "prepared statement \"%.*s\" already exists",
                          STR_ARG(name));
    if (s->prepared.count >= PREPARED_MAX)
        return err_set(err, SQLSTATE_LIMIT, "a session may have at most %d prepared statements",
                       PREPARED_MAX);
    Plan *plan; // names and types are looked at now, as PostgreSQL does
    if (!query_plan(&plan, run, ast->statement, err)) return false;
    plan_free(plan);
    Prepared *p = size_alloc_zero(1, sizeof *p);
    if (!p) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a prepared statement");
    p->text = arena_copy(&p->mem, str_slice(run->source, (size_t)ast->statement->at, ast->statement->len));
    if (!declared_types(p, ast, err)) {
        prepared_free(p);
        return false;
    }
    map_set(&s->prepared, name, p);
    return true;
}

bool query_deallocate(Run *run, const AstDeallocate *d, Err *err)
{
    Session *s = run->session;
    if (!d->name.text.at) {
        query_prepared_done(s);
        return true;
    }
    Prepared *p = map_get(&s->prepared, d->name.text);
    if (!p)
        return err_set_at(err, "26000", d->name.at, "prepared statement \"%.*s\" does not exist",
                          STR_ARG(d->name.text));
    map_remove(&s->prepared, d->name.text);
    prepared_free(p);
    return true;
}

static bool arguments(Run *run, const Prepared *p, const Plan *plan, const AstExecute *e, Value **out,
                      Err *err)
{
    if (e->args.count != plan->params)
        return err_set_at(err, SQLSTATE_SYNTAX, e->name.at,
                          "wrong number of parameters for prepared statement \"%.*s\": %u expected, %u given",
                          STR_ARG(e->name.text), plan->params, e->args.count);
    Value *v = arena_array(run->mem, Value, plan->params + 1);
    for (uint32_t i = 0; i < plan->params; i++) {
        Type declared = i < p->types ? p->type[i] : type_of(TYPE_NULL), wanted = plan->param_type[i];
        if (!query_constant(run, e->args.at[i], declared, &v[i], err)) return false;
        if (wanted.id == TYPE_NULL || (wanted.id == v[i].type.id && !v[i].null)) continue;
        if (v[i].null)
            v[i] = value_null(wanted);
        else if (!cast_value(&v[i], &v[i], wanted, CAST_ASSIGNMENT, run->mem, err))
            return false;
    }
    *out = v;
    return true;
}

static const Plan *prepared_plan(Run *run, const Prepared *p, Err *err)
{
    Session *s = run->session;
    uint64_t definitions = atomic_load(&s->engine->definitions);
    const PlanCacheSlot *slot = plan_cache_find(&s->plans, p->text, session_database(s), definitions);
    if (slot) return slot->plan;
    Statement *statement;
    Plan *made;
    size_t pos = 0;
    if (!parser_statement(&statement, p->text, &pos, run->mem, err) ||
        !query_plan(&made, run, statement, err))
        return NULL;
    plan_cache_add(&s->plans, p->text, session_database(s), definitions, 0, made);
    slot = plan_cache_find(&s->plans, p->text, session_database(s), definitions);
    if (slot) return slot->plan;
    err_set(err, SQLSTATE_LIMIT, "the prepared statement is longer than %d bytes", PLAN_CACHE_TEXT_MAX);
    return NULL;
}

bool query_execute(Run *run, const AstExecute *e, Err *err)
{
    const Prepared *p = map_get(&run->session->prepared, e->name.text);
    if (!p)
        return err_set_at(err, "26000", e->name.at, "prepared statement \"%.*s\" does not exist",
                          STR_ARG(e->name.text));
    const Plan *plan = prepared_plan(run, p, err);
    Value *v = NULL;
    if (plan && !arguments(run, p, plan, e, &v, err)) return false;
    if (plan && query_run_plan(run, plan, v, plan->params, err)) return true;
    err->at = e->name.at; // its own positions are those of the prepared text
    return false;
}
