// Prepared: see prepared.h; and the statements PREPARE, EXECUTE and DEALLOCATE.
#include "engine/db/prepared.h"

#include "engine/base/size.h"
#include "engine/data/cast.h"
#include "engine/db/ddl.h"
#include "engine/sql/lexer.h"
#include "engine/sql/parser.h"

#include <stdlib.h>
#include <string.h>

// ---- made and dropped ----

static bool is_only(Str text, size_t pos, Err *err)
{
    size_t at, len;
    if (!lexer_statement(text, &pos, &at, &len)) return true;
    return err_set(err, SQLSTATE_SYNTAX, "cannot insert multiple commands into a prepared statement");
}

bool prepared_new(Prepared **out, Str text, const Type *type, uint32_t types, Err *err)
{
    Prepared *p = size_alloc_zero(1, sizeof *p);
    if (!p) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a prepared statement");
    arena_init(&p->mem, PREPARED_TREE_MAX);
    p->users = 1;
    p->text = arena_copy(&p->mem, text);
    p->types = types;
    p->type = arena_array(&p->mem, Type, types + 1);
    if (types) memcpy(p->type, type, types * sizeof *type);
    size_t pos = 0;
    if (parser_statement(&p->tree, p->text, &pos, &p->mem, err) && is_only(p->text, pos, err)) {
        *out = p;
        return true;
    }
    prepared_drop(p);
    return false;
}

void prepared_keep(Prepared *p) { p->users++; }

void prepared_drop(Prepared *p)
{
    if (!p || --p->users) return;
    plan_free(p->plan);
    plan_free(p->old);
    Arena mem = p->mem;
    free(p);
    arena_done(&mem);
}

bool prepared_is_planned(const Prepared *p) { return p->tree && p->tree->kind <= STATEMENT_DELETE; }

// ---- plan ----

static bool same_columns(Prepared *p, const Plan *plan, bool first, Err *err)
{
    uint32_t n = plan->returns ? plan->root->columns : 0;
    if (first) {
        p->columns = n;
        p->column = arena_array(&p->mem, Type, n + 1);
        for (uint32_t i = 0; i < n; i++) p->column[i] = plan->root->column[i].type;
        return true;
    }
    bool same = n == p->columns;
    for (uint32_t i = 0; same && i < n; i++) same = type_equal(plan->root->column[i].type, p->column[i]);
    return same || err_set(err, SQLSTATE_UNSUPPORTED, "cached plan must not change result type");
}

bool prepared_plan(const Plan **out, Run *run, Prepared *p, Err *err)
{
    Session *s = run->session;
    char room[SESSION_PLACE_SIZE];
    Str place = session_place(s, room);
    uint64_t definitions = atomic_load(&s->engine->definitions);
    bool stale = true;
    *out = p->plan;
    if (p->plan && p->definitions == definitions && str_equal(place, (Str){p->place, p->place_len}) &&
        !query_lock_tables(s, p->plan, &stale, err))
        return false;
    if (!stale) return true;
    Plan *made;
    if (!query_plan_locked(&made, run, p->tree, p->type, p->types, err)) return false;
    if (!same_columns(p, made, !p->plan, err)) {
        plan_free(made);
        return false;
    }
    if (p->users > 1 && !p->old) {
        p->old = p->plan; // a portal may be running it
    } else if (p->users > 1) {
        plan_free(p->old);
        p->old = p->plan;
    } else
        plan_free(p->plan);
    p->plan = made;
    p->definitions = definitions;
    p->place_len = place.len;
    memcpy(p->place, place.at, place.len);
    *out = made;
    return true;
}

// ---- names ----

Prepared *prepared_find(const Session *s, Str name) { return map_get(&s->prepared, name); }

bool prepared_add(Session *s, Str name, Prepared *p, Err *err)
{
    if (name.len && map_get(&s->prepared, name))
        return err_set(err, "42P05", "prepared statement \"%.*s\" already exists", STR_ARG(name));
    if (s->prepared.count >= PREPARED_MAX)
        return err_set(err, SQLSTATE_LIMIT, "a session may have at most %d prepared statements",
                       PREPARED_MAX);
    (void)prepared_remove(s, name);
    map_set(&s->prepared, name, p);
    return true;
}

bool prepared_remove(Session *s, Str name)
{
    Prepared *p = map_get(&s->prepared, name);
    if (!p) return false;
    map_remove(&s->prepared, name);
    prepared_drop(p);
    return true;
}

void query_prepared_done(Session *s)
{
    const MapEntry *e;
    for (size_t i = 0; (e = map_next(&s->prepared, &i)) != NULL;) prepared_drop(e->value);
    map_done(&s->prepared);
}

// ---- PREPARE, EXECUTE, DEALLOCATE ----

bool query_prepare(Run *run, const AstPrepare *ast, Err *err)
{
    Session *s = run->session;
    Type *type = arena_array(run->mem, Type, ast->types + 1);
    for (uint32_t i = 0; i < ast->types; i++)
        if (!ddl_type(run, &type[i], ast->type[i], NULL, err)) return false;
    if (map_get(&s->prepared, ast->name.text))
        return err_set_at(err, "42P05", ast->name.at, "prepared statement \"%.*s\" already exists",
                          STR_ARG(ast->name.text));
    Prepared *p;
    const Plan *plan;
    Str text = str_slice(run->source, (size_t)ast->statement->at, ast->statement->len);
    if (!prepared_new(&p, text, type, ast->types, err)) return false;
    // names and types are looked at now, as PostgreSQL does
    if (prepared_is_planned(p) && prepared_plan(&plan, run, p, err) &&
        prepared_add(s, ast->name.text, p, err))
        return true;
    if (err->at >= 0) err->at += ast->statement->at;
    prepared_drop(p);
    return err_set(err, SQLSTATE_UNSUPPORTED, "PREPARE is for SELECT, INSERT, UPDATE, DELETE and VALUES");
}

bool query_deallocate(Run *run, const AstDeallocate *d, Err *err)
{
    Session *s = run->session;
    if (!d->name.text.at) {
        query_prepared_done(s);
        return true;
    }
    return prepared_remove(s, d->name.text) ||
           err_set_at(err, "26000", d->name.at, "prepared statement \"%.*s\" does not exist",
                      STR_ARG(d->name.text));
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

bool query_execute(Run *run, const AstExecute *e, Err *err)
{
    Prepared *p = prepared_find(run->session, e->name.text);
    if (!p)
        return err_set_at(err, "26000", e->name.at, "prepared statement \"%.*s\" does not exist",
                          STR_ARG(e->name.text));
    if (!prepared_is_planned(p))
        return err_set_at(err, SQLSTATE_UNSUPPORTED, e->name.at, "EXECUTE of %s is not supported",
                          p->tree ? ast_statement_name(p->tree) : "an empty statement");
    const Plan *plan;
    Value *v = NULL;
    bool planned = prepared_plan(&plan, run, p, err);
    if (planned && !arguments(run, p, plan, e, &v, err)) return false;
    if (planned && query_run_plan(run, plan, v, plan->params, err)) return true;
    err->at = e->name.at; // its own positions are those of the prepared text
    return false;
}
