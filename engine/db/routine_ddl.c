// Routines: CREATE, DROP and ALTER of functions and procedures. A body is planned when it is made, so that it
// is known to work; it is kept as it was written, with the schemas that its names are looked for in. One in
// the standard's form cannot be without the tables and functions that it names.
#include "engine/sql/ast_routine.h"
#include "engine/db/access.h"
#include "engine/db/routines.h"

#include "engine/db/ddl.h"
#include "engine/db/ddl_object.h"
#include "engine/sql/parser.h"

#include <string.h>

typedef struct Making {
    Run *run;
    const AstCreateRoutine *ast;
    Routine r;
    ObjectDef def;
    PlanNames names;
} Making;

// ---- language ----

static bool language_known(Str name)
{
    static const char *const others[] = {"plpgsql",    "c",     "internal", "plperl", "plperlu",
                                         "plpython3u", "pltcl", "pltclu",   "plv8",   "plpythonu"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (str_equal(name, str_of(others[i]))) return true;
    return false;
}

static bool language_check(const AstCreateRoutine *c, Err *err)
{
    Str name = c->language.text, routine = ast_path_name(&c->name.name);
    if (!name.at && str_equal(c->form, STR("text")))
        return err_set_at(err, "42P13", c->name.name.at, "no language specified");
    if (!name.at || str_equal_fold(name, STR("sql"))) return true;
    if (!language_known(name))
        return err_set_at(err, "42704", c->language.at, "language \"%.*s\" does not exist", STR_ARG(name));
    err_set_at(err, SQLSTATE_UNSUPPORTED, c->language.at, "%s \"%.*s\": language %.*s is not supported",
               c->kind == AST_ROUTINE_PROCEDURE ? "procedure" : "function", STR_ARG(routine), STR_ARG(name));
    return err_hint(err, "Write the body in LANGUAGE SQL.");
}

// ---- arguments ----

static const RoutineMode mode_of[] = {
    [AST_ARG_IN] = ROUTINE_IN,       [AST_ARG_OUT] = ROUTINE_OUT,
    [AST_ARG_INOUT] = ROUTINE_INOUT, [AST_ARG_VARIADIC] = ROUTINE_VARIADIC,
    [AST_ARG_TABLE] = ROUTINE_TABLE,
};

static bool arg_type(Run *run, Type *out, const AstType *t, Err *err)
{
    if (str_starts(t->name, STR("any")) && !t->quoted)
        return err_set_at(err, SQLSTATE_UNSUPPORTED, t->at, "an argument of type %.*s is not supported",
                          STR_ARG(t->name));
    return ddl_type(run, out, t, NULL, err);
}

static bool arg_name_free(const Routine *r, const AstRoutineArg *a, Err *err)
{
    for (uint32_t i = 0; i < r->args && a->name.text.len; i++) {
        bool apart = (r->arg[i].mode == ROUTINE_IN && a->mode == AST_ARG_OUT) ||
                     (r->arg[i].mode == ROUTINE_OUT && a->mode == AST_ARG_IN);
        if (str_equal(r->arg[i].name, a->name.text) && !apart)
            return err_set_at(err, "42P13", a->name.at, "parameter name \"%.*s\" used more than once",
                              STR_ARG(a->name.text));
    }
    return true;
}

static bool arg_value(Making *m, const AstRoutineArg *a, RoutineArg *out, bool *defaults, Err *err)
{
    Expr *bound;
    bool input = routine_is_input(out->mode);
    if (!a->value) {
        if (*defaults && input && out->mode != ROUTINE_VARIADIC)
            return err_set_at(err, "42P13", m->ast->name.name.at,
                              "input parameters after one with a default value must also have defaults");
        return true;
    }
    if (!input)
        return err_set_at(err, "42P13", a->value->at, "only input parameters can have default values");
    *defaults = true;
    out->value = a->value_text;
    return plan_bind_expr(&bound, a->value, NULL, out->type, query_names(m->run), m->run->mem, err);
}

static bool take_args(Making *m, Err *err)
{
    const AstRoutineName *n = &m->ast->name;
    Routine *r = &m->r;
    Arena *mem = m->run->mem;
    bool defaults = false;
    if (n->args > ROUTINE_ARGS_MAX)
        return err_set_at(err, "54023", n->name.at, "functions cannot have more than %d arguments",
                          ROUTINE_ARGS_MAX);
    r->arg = arena_array(mem, RoutineArg, n->args + 1);
    r->input = arena_array(mem, uint16_t, n->args + 1);
    r->out = arena_array(mem, uint16_t, n->args + 1);
    for (uint32_t i = 0; i < n->args; i++) {
        const AstRoutineArg *a = &n->arg[i];
        RoutineArg *out = &r->arg[i];
        *out = (RoutineArg){.mode = mode_of[a->mode], .name = a->name.text.at ? a->name.text : STR("")};
        if (!arg_type(m->run, &out->type, a->type, err) || !arg_name_free(r, a, err) ||
            !arg_value(m, a, out, &defaults, err))
            return false;
        if (r->variadic && routine_is_input(out->mode))
            return err_set_at(err, "42P13", n->name.at,
                              "VARIADIC parameter must be the last input parameter");
        if (out->mode == ROUTINE_VARIADIC && out->type.id != TYPE_ARRAY)
            return err_set_at(err, "42P13", a->type->at, "VARIADIC parameter must be an array");
        r->variadic = r->variadic || out->mode == ROUTINE_VARIADIC;
        if (routine_is_input(out->mode)) r->input[r->inputs++] = (uint16_t)i;
        if (routine_is_out(out->mode)) r->out[r->outs++] = (uint16_t)i;
        r->args++;
    }
    return true;
}

// ---- result ----

// RETURNS SETOF t: the table's columns as they are now.
static bool row_result(Making *m, const TableDef *t, Err *err)
{
    Routine *r = &m->r;
    uint32_t n = r->args + t->column_count;
    if (n > ROUTINE_ARGS_MAX || r->outs)
        return err_set_at(
            err, SQLSTATE_UNSUPPORTED, m->ast->name.name.at,
            "a function that returns rows of table \"%.*s\" with these arguments is not supported",
            STR_ARG(t->name));
    RoutineArg *arg = arena_array(m->run->mem, RoutineArg, n + 1);
    if (r->args) memcpy(arg, r->arg, r->args * sizeof *arg);
    r->out = arena_array(m->run->mem, uint16_t, n + 1);
    for (uint16_t c = 0; c < t->column_count; c++) {
        r->out[r->outs++] = (uint16_t)r->args;
        arg[r->args++] = (RoutineArg){.mode = ROUTINE_TABLE,
                                      .name = t->column[c].name,
                                      .type = type_bare(t->column[c].type),
                                      .value = STR_NONE};
    }
    r->arg = arg;
    r->result = ROUTINE_RECORD;
    object_add_dependency(&m->def, m->run->mem, t->id);
    return true;
}

static bool named_result(Making *m, const AstType *t, bool *is, Err *err)
{
    SearchFound found;
    AstPath path = {.parts = 1, .at = t->at};
    *is = true;
    if (!t->schema.text.len && !t->quoted && !t->dimensions) {
        static const struct {
            const char *name;
            RoutineResult result;
        } words[] = {{"void", ROUTINE_VOID}, {"trigger", ROUTINE_TRIGGER}, {"record", ROUTINE_RECORD}};
        for (size_t i = 0; i < COUNT_OF(words); i++)
            if (str_equal(t->name, str_of(words[i].name))) {
                m->r.result = words[i].result;
                return true;
            }
    }
    if (t->schema.text.len) path.part[path.parts++ - 1] = t->schema;
    path.part[path.parts - 1] = (AstName){t->name, t->at};
    if (ddl_relation(m->run, &path, &found) && found.table) return row_result(m, table_def(found.table), err);
    *is = false;
    return true;
}

static bool mismatch(const Making *m, Str wanted, Err *err)
{
    return err_set_at(err, "42P13", m->ast->name.name.at,
                      "function result type must be %.*s because of OUT parameters", STR_ARG(wanted));
}

static bool out_result(Making *m, Err *err)
{
    Routine *r = &m->r;
    SearchPath search;
    session_search(m->run->session, &search);
    bool many = r->outs > 1 || m->ast->returns_table || r->procedure;
    if (m->ast->returns) {
        if (many && r->result != ROUTINE_RECORD) return mismatch(m, STR("record"), err);
        Type only = type_bare(r->arg[r->out[0]].type);
        if (!many && (r->result || !type_equal(type_bare(r->type), only)))
            return mismatch(m, search_type_name(&search, only, m->run->mem), err);
    }
    r->result = many ? ROUTINE_RECORD : ROUTINE_VALUE;
    if (!many) r->type = r->arg[r->out[0]].type;
    return true;
}

static bool take_result(Making *m, Err *err)
{
    const AstCreateRoutine *c = m->ast;
    Routine *r = &m->r;
    bool is = false;
    r->set = c->returns_set;
    r->result = ROUTINE_VOID;
    if (c->returns) {
        uint32_t outs = r->outs;
        r->result = ROUTINE_VALUE;
        if (!named_result(m, c->returns, &is, err)) return false;
        if (!is && !arg_type(m->run, &r->type, c->returns, err)) return false;
        if (r->outs > outs) return true;
        if (r->result == ROUTINE_RECORD && !outs)
            return err_set_at(err, SQLSTATE_UNSUPPORTED, c->returns->at,
                              "a function that returns record without OUT arguments is not supported");
    } else if (!r->outs && !r->procedure)
        return err_set_at(err, "42P13", c->name.name.at, "function result type must be specified");
    if (r->result == ROUTINE_TRIGGER && r->args)
        return err_set_at(err, "42P13", c->name.name.at, "trigger functions cannot have declared arguments");
    return !r->outs || out_result(m, err);
}

// ---- body ----

static bool body_mismatch(const Making *m, Str detail, Err *err)
{
    Str declared =
        m->r.result == ROUTINE_RECORD ? STR("record") : search_type_name(NULL, m->r.type, m->run->mem);
    err_set_at(err, "42P13", m->ast->name.name.at, "return type mismatch in function declared to return %.*s",
               STR_ARG(declared));
    return err_note(err, "%.*s", STR_ARG(detail));
}

static bool result_check(const Making *m, const Plan *plan, Err *err)
{
    const Routine *r = &m->r;
    if (r->result == ROUTINE_VOID || (r->procedure && !r->outs)) return true;
    if (!plan || !plan->returns)
        return body_mismatch(
            m, STR("Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING."), err);
    uint32_t n = routine_columns(r), have = plan->root->columns;
    if (r->result == ROUTINE_VALUE && have != 1)
        return body_mismatch(m, STR("Final statement must return exactly one column."), err);
    if (have < n) return body_mismatch(m, STR("Final statement returns too few columns."), err);
    if (have > n) return body_mismatch(m, STR("Final statement returns too many columns."), err);
    for (uint32_t i = 0; i < n; i++) {
        Type is = plan->root->column[i].type, want = routine_column_type(r, i);
        if (is.id == TYPE_NULL || is.id == want.id || cast_exists(is.id, want.id, CAST_ASSIGNMENT)) continue;
        Str name = search_type_name(NULL, is, m->run->mem),
            wanted = search_type_name(NULL, want, m->run->mem);
        Str detail =
            r->result == ROUTINE_VALUE
                ? arena_printf(m->run->mem, "Actual return type is %.*s.", STR_ARG(name))
                : arena_printf(m->run->mem, "Final statement returns %.*s instead of %.*s at column %u.",
                               STR_ARG(name), STR_ARG(wanted), (unsigned)i + 1);
        return body_mismatch(m, detail, err);
    }
    return true;
}

static bool step_allowed(const Making *m, const AstStep *s, Err *err)
{
    bool trigger = m->r.result == ROUTINE_TRIGGER;
    bool special = s->kind == AST_STEP_SET || s->kind == AST_STEP_SIGNAL;
    if (special && !trigger)
        return err_set_at(err, SQLSTATE_UNSUPPORTED, m->ast->at, "%s outside of a trigger is not supported",
                          s->kind == AST_STEP_SET ? "SET NEW" : "SIGNAL");
    if (s->statement->kind <= STATEMENT_DELETE &&
        !(s->statement->kind == STATEMENT_SELECT && s->statement->query->into))
        return true;
    return err_set_at(err, SQLSTATE_UNSUPPORTED, m->ast->at, "%s in the body of a function is not supported",
                      ast_statement_name(s->statement));
}

static bool step_check(Making *m, RoutineBody *b, uint32_t i, bool last, Err *err)
{
    Plan *plan = NULL;
    Run *run = m->run;
    run->path = &b->path;
    run->arguments = &b->arguments;
    run->names = &m->names;
    bool good = query_plan_declared(&plan, run, b->steps.at[i].statement, b->type, b->arguments.count, err);
    run->path = NULL;
    run->arguments = NULL;
    run->names = NULL;
    if (!good) {
        bool quoted = str_equal(m->ast->form, STR("text"));
        if (err->at >= 0) err->at = quoted ? m->ast->at : m->ast->at + err->at;
        return err_note(err, "SQL function \"%.*s\"", STR_ARG(m->r.name));
    }
    good = !last || result_check(m, plan, err);
    plan_free(plan);
    return good;
}

// Of a trigger's function only the words are known to be right: its columns are those of the table.
static bool body_check(Making *m, uint64_t id, Err *err)
{
    AstSteps steps;
    RoutineBody *b;
    if (!parser_steps(&steps, m->r.body, m->run->mem, err)) {
        bool quoted = str_equal(m->ast->form, STR("text"));
        if (err->at >= 0) err->at = quoted ? m->ast->at : m->ast->at + err->at;
        return false;
    }
    for (uint32_t i = 0; i < steps.count; i++)
        if (!step_allowed(m, &steps.at[i], err)) return false;
    const Settings *settings = &m->run->session->settings;
    if (m->r.result == ROUTINE_TRIGGER || !setting_on(settings, setting_find(STR("check_function_bodies"))))
        return true;
    if (!steps.count) return result_check(m, NULL, err);
    if (!routines_body_of(&b, m->run->session, id, err)) return false;
    bool good = true;
    for (uint32_t i = 0; good && i < b->steps.count; i++)
        good = step_check(m, b, i, i + 1 == b->steps.count, err);
    routines_body_drop(m->run->session, b);
    return good;
}

// ---- CREATE ----

static void take_body(Making *m)
{
    const AstCreateRoutine *c = m->ast;
    Routine *r = &m->r;
    SearchPath search;
    session_search(m->run->session, &search);
    r->form = c->form;
    r->body = c->body;
    r->strict = c->strict;
    r->volatility = c->volatility.len ? c->volatility.at[0] : 'v';
    r->path = arena_array(m->run->mem, Str, search.schemas + 2);
    r->path[r->paths++] = m->def.schema;
    for (uint32_t i = 0; i < search.schemas; i++)
        if (!str_equal(search.schema[i], m->def.schema)) r->path[r->paths++] = search.schema[i];
}

static void type_depends(Making *m, Type t)
{
    uint64_t id = t.domain ? t.domain : t.id == TYPE_ENUM ? type_number(t) : 0;
    object_add_dependency(&m->def, m->run->mem, id);
}

static bool may_replace(const Making *m, const Routine *old, Err *err)
{
    int64_t at = m->ast->name.name.at;
    const Routine *r = &m->r;
    if (old->procedure != r->procedure) return err_set_at(err, "42809", at, "cannot change routine kind");
    bool same = old->result == r->result && old->set == r->set && old->outs == r->outs &&
                (r->result || type_equal(type_bare(old->type), type_bare(r->type)));
    for (uint32_t i = 0; same && i < r->outs; i++)
        same = type_equal(type_bare(old->arg[old->out[i]].type), type_bare(r->arg[r->out[i]].type));
    if (!same) {
        err_set_at(err, "42P13", at, "cannot change return type of existing function");
        return err_hint(err, "Use DROP FUNCTION %.*s first.", STR_ARG(r->signature));
    }
    for (uint32_t i = 0; i < r->inputs; i++) {
        Str was = old->arg[old->input[i]].name, is = r->arg[r->input[i]].name;
        if (!was.len || str_equal(was, is)) continue;
        err_set_at(err, "42P13", at, "cannot change name of input parameter \"%.*s\"", STR_ARG(was));
        return err_hint(err, "Use DROP FUNCTION %.*s first.", STR_ARG(r->signature));
    }
    return true;
}

static bool routine_owned(Run *run, const ObjectDef *o, Str name, Err *err)
{
    AccessThing of;
    access_of_object(run->session, o, run->mem, &of);
    of.name = name;
    return access_owner(run, &of, false, err);
}

static bool put(Making *m, bool again, Err *err)
{
    Transaction *t = m->run->session->transaction;
    const ObjectDef *old = transaction_object_find(t, OBJECT_FUNCTION, m->def.database, m->def.schema, 0,
                                                   m->r.signature, m->run->mem);
    routine_write(&m->r, &m->def, m->run->mem);
    if (!old) return transaction_object_create(t, &m->def, &m->def.id, err);
    Routine was;
    if (!again && !m->ast->or_replace)
        return err_set_at(err, "42723", m->ast->name.name.at,
                          "function \"%.*s\" already exists with same argument types", STR_ARG(m->r.name));
    if (!again && (!routine_read(&was, old, m->run->mem, err) || !may_replace(m, &was, err))) return false;
    m->def.id = old->id;
    if (!routine_owned(m->run, old, m->r.name, err)) return false;
    m->def.owner = old->owner;
    return transaction_object_replace(t, &m->def, false, err);
}

// What a body in the standard's form names.
static bool put_dependencies(Making *m, Err *err)
{
    if (str_equal(m->ast->form, STR("text"))) return true;
    view_text_depend(m->run, &m->def, &m->names);
    ObjectDef *d = &m->def;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < d->dependency_count; i++)
        if (d->dependency[i] != d->id) d->dependency[kept++] = d->dependency[i]; // it calls itself
    d->dependency_count = kept;
    return !kept || put(m, true, err);
}

bool routines_create(Run *run, const AstCreateRoutine *c, Err *err)
{
    SearchPlace place;
    Making m = {.run = run, .ast = c, .names = {.mem = run->mem}};
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", run->tag);
    if (!language_check(c, err) || !ddl_new_place(run, &c->name.name, &place, err)) return false;
    if (!c->form.len) return err_set_at(err, "42P13", c->name.name.at, "no function body specified");
    m.def = (ObjectDef){.kind = OBJECT_FUNCTION,
                        .database = place.database,
                        .schema = place.schema,
                        .owner = role_current_key(run->session)};
    m.r.procedure = c->kind == AST_ROUTINE_PROCEDURE;
    m.r.name = ast_path_name(&c->name.name);
    if (!take_args(&m, err) || !take_result(&m, err)) return false;
    take_body(&m);
    Type *type = arena_array(run->mem, Type, m.r.inputs + 1);
    for (uint32_t i = 0; i < m.r.inputs; i++) type[i] = m.r.arg[m.r.input[i]].type;
    SearchPath search;
    session_search(run->session, &search);
    m.r.signature = routine_signature(&search, m.r.name, type, m.r.inputs, run->mem);
    for (uint32_t i = 0; i < m.r.args; i++) type_depends(&m, m.r.arg[i].type);
    type_depends(&m, m.r.type);
    if (!put(&m, false, err)) {
        if (err->at < 0) err->at = c->name.name.at;
        return false;
    }
    ddl_changed(run);
    return body_check(&m, m.def.id, err) && put_dependencies(&m, err);
}

// ---- DROP, ALTER ----

static const char *word_of(AstRoutineKind kind)
{
    return kind == AST_ROUTINE_PROCEDURE ? "procedure" : kind == AST_ROUTINE_ANY ? "routine" : "function";
}

static bool same_types(const Routine *r, const Type *type, uint32_t count, bool all)
{
    uint32_t n = all ? r->args : r->inputs;
    bool same = n == count;
    for (uint32_t i = 0; same && i < n; i++)
        same = type_equal(type_bare(r->arg[all ? i : r->input[i]].type), type_bare(type[i]));
    return same;
}

static bool unnamed(Run *run, const AstRoutineName *n, AstRoutineKind kind, const Type *type, uint32_t count,
                    uint32_t found, Err *err)
{
    Str name = ast_path_name(&n->name);
    if (found > 1) {
        err_set_at(err, "42725", n->name.at, "%s name \"%.*s\" is not unique", word_of(kind), STR_ARG(name));
        return err_hint(err, "Specify the argument list to select the %s unambiguously.", word_of(kind));
    }
    SearchPath search;
    session_search(run->session, &search);
    if (!n->given)
        return err_set_at(err, SQLSTATE_UNDEFINED_FUNCTION, n->name.at, "could not find a %s named \"%.*s\"",
                          word_of(kind), STR_ARG(name));
    Str text = routine_signature(&search, name, type, count, run->mem);
    return err_set_at(err, SQLSTATE_UNDEFINED_FUNCTION, n->name.at, "%s %.*s does not exist", word_of(kind),
                      STR_ARG(text));
}

bool routines_named(Run *run, const AstRoutineName *n, AstRoutineKind kind, Routine *out, Err *err)
{
    Routine *r;
    uint32_t count, inputs = 0, found = 0;
    SearchPath search;
    session_search(run->session, &search);
    Type *type = arena_array(run->mem, Type, n->args + 1), *input = arena_array(run->mem, Type, n->args + 1);
    for (uint32_t i = 0; i < n->args; i++) {
        if (!ddl_type(run, &type[i], n->arg[i].type, NULL, err)) return false;
        if (routine_is_input(mode_of[n->arg[i].mode])) input[inputs++] = type[i];
    }
    if (!routine_find(&search, &n->name, run->mem, &r, &count, err)) return false;
    for (uint32_t i = 0; i < count; i++) {
        bool fits =
            !n->given || same_types(&r[i], input, inputs, false) || same_types(&r[i], type, n->args, true);
        if (!fits) continue;
        if (n->given && kind != AST_ROUTINE_ANY && r[i].procedure != (kind == AST_ROUTINE_PROCEDURE))
            return err_set_at(err, "42809", n->name.at, "%.*s is not a %s", STR_ARG(r[i].signature),
                              word_of(kind));
        if (kind != AST_ROUTINE_ANY && r[i].procedure != (kind == AST_ROUTINE_PROCEDURE)) continue;
        *out = r[i];
        found++;
    }
    return found == 1 || unnamed(run, n, kind, input, inputs, found, err);
}

bool routines_drop(Run *run, const AstDropRoutine *d, Err *err)
{
    DependList list = {0};
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", run->tag);
    for (uint32_t i = 0; i < d->names; i++) {
        Routine r;
        if (!routines_named(run, &d->name[i], d->kind, &r, err)) {
            bool missing =
                err_is(err, SQLSTATE_UNDEFINED_FUNCTION) || err_is(err, "42704") || err_is(err, "3F000");
            if (!d->if_exists || !missing) return false;
            statement_notice(run, "%s, skipping", err->text);
            err_clear(err);
            continue;
        }
        const ObjectDef *o = transaction_object_by_id(run->session->transaction, r.id, run->mem);
        if (!routine_owned(run, o, o->name, err)) return false;
        depend_add_object(run, &list, o, true, false);
    }
    return depend_drop(run, &list, d->cascade, d->name[0].name.at, err);
}

bool routines_alter(Run *run, const AstAlterRoutine *a, Err *err)
{
    Routine r;
    Transaction *t = run->session->transaction;
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", run->tag);
    if (!routines_named(run, &a->name, a->kind, &r, err)) return false;
    ObjectDef *def = object_copy(transaction_object_by_id(t, r.id, run->mem), run->mem);
    if (!routine_owned(run, def, r.name, err)) return false;
    if (a->owner.text.at) {
        AccessThing of;
        access_of_object(run->session, def, run->mem, &of);
        return access_set_owner(run, &of, &a->owner, err);
    }
    if (a->new_name.text.at) {
        Str types = str_slice(r.signature, r.name.len, r.signature.len);
        r.name = a->new_name.text;
        r.signature = arena_printf(run->mem, "%.*s%.*s", STR_ARG(r.name), STR_ARG(types));
    }
    if (a->schema.text.at) {
        SearchPath search;
        session_search(run->session, &search);
        if (!search_has_schema(&search, def->database, a->schema.text))
            return err_set_at(err, "3F000", a->schema.at, "schema \"%.*s\" does not exist",
                              STR_ARG(a->schema.text));
        def->schema = a->schema.text;
    }
    if (a->volatility.len) r.volatility = a->volatility.at[0];
    if (a->strict_given) r.strict = a->strict;
    bool moves = a->new_name.text.at || a->schema.text.at;
    if (moves &&
        transaction_object_find(t, OBJECT_FUNCTION, def->database, def->schema, 0, r.signature, run->mem))
        return err_set_at(err, "42723", a->name.name.at, "function %.*s already exists in schema \"%.*s\"",
                          STR_ARG(r.signature), STR_ARG(def->schema));
    routine_write(&r, def, run->mem);
    if (!transaction_object_replace(t, def, false, err)) return false;
    ddl_changed(run);
    return true;
}
