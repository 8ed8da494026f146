// Bind: what JSON's functions need beyond their entries: json_agg and json_object_agg gather their arguments
// as arrays, which a function writes as JSON; json_to_recordset reads the members that its column definitions
// name. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

typedef struct JsonAggregate {
    const char *name;
    uint32_t args;
    const char *function; // of the arrays
    TypeId result;
} JsonAggregate;
static const JsonAggregate json_aggregate[] = {
    {"json_agg", 1, "json of elements", TYPE_JSON},
    {"jsonb_agg", 1, "jsonb of elements", TYPE_JSONB},
    {"json_object_agg", 2, "json of pairs", TYPE_JSON},
    {"jsonb_object_agg", 2, "jsonb of pairs", TYPE_JSONB},
};

static const JsonAggregate *aggregate_of(const AstCall *c)
{
    Str name = ast_path_name(&c->name);
    for (size_t i = 0; i < COUNT_OF(json_aggregate); i++)
        if (str_equal(name, str_of(json_aggregate[i].name))) return &json_aggregate[i];
    return NULL;
}

bool bind_is_json_aggregate(const AstExpr *e) { return aggregate_of(e->call) != NULL; }

// The same call gathering one of the arguments.
static const AstExpr *gathered(Planner *p, const AstExpr *e, uint32_t i)
{
    AstCall *call = arena_new(p->mem, AstCall);
    AstExpr *one = arena_new(p->mem, AstExpr);
    *call = *e->call;
    call->name = (AstPath){.parts = 1, .at = e->at};
    call->name.part[0] = (AstName){.text = STR("json gather"), .at = e->at};
    call->args = (AstExprs){&e->call->args.at[i], 1};
    *one = *e;
    one->call = call;
    return one;
}

Expr *bind_json_aggregate(Scope *s, const AstExpr *e)
{
    Planner *p = s->p;
    const AstCall *c = e->call;
    const JsonAggregate *a = aggregate_of(c);
    if (c->star || c->args.count != a->args) {
        Expr **arg = arena_array(p->mem, Expr *, c->args.count + 1);
        for (uint32_t i = 0; i < c->args.count; i++)
            if (!(arg[i] = bind_expr(s, c->args.at[i]))) return NULL;
        bind_not_found(p, str_of(a->name), arg, c->args.count, e->at);
        return NULL;
    }
    if (a->args > 1 && c->distinct) {
        bind_unsupported(p, e->at, "DISTINCT in json_object_agg");
        return NULL;
    }
    Expr *x = bind_internal(p, a->function, type_of(a->result), a->args, e->at);
    for (uint32_t i = 0; x && i < a->args; i++)
        if (!(x->arg[i] = bind_call(s, gathered(p, e, i)))) return NULL;
    return x;
}

// ---- json_to_record, json_to_recordset ----

typedef struct JsonRecords {
    const char *name;
    const char *rows; // the function that gives the objects; NULL: the argument is the object
} JsonRecords;
static const JsonRecords json_records[] = {
    {"json_to_record", NULL},
    {"jsonb_to_record", NULL},
    {"json_to_recordset", "json_array_elements"},
    {"jsonb_to_recordset", "jsonb_array_elements"},
};

static const JsonRecords *records_of(const AstExpr *e)
{
    if (e->kind != AST_CALL) return NULL;
    Str name = ast_path_name(&e->call->name);
    for (size_t i = 0; i < COUNT_OF(json_records); i++)
        if (str_equal(name, str_of(json_records[i].name))) return &json_records[i];
    return NULL;
}

bool bind_is_json_records(const AstTable *t) { return t->call.count == 1 && records_of(t->call.at[0]); }

// The objects as one column.
static Rel *objects(Scope *args, const AstTable *t)
{
    Planner *p = args->p;
    const AstExpr *ast = t->call.at[0];
    const JsonRecords *f = records_of(ast);
    if (ast->call->args.count != 1 || ast->call->star) {
        bind_not_found(p, str_of(f->name), NULL, 0, ast->at);
        return NULL;
    }
    args->set_top = ast;
    bool b = str_starts(str_of(f->name), STR("jsonb"));
    Expr *arg = bind_expr(args, ast->call->args.at[0]);
    arg = bind_coerce(p, arg, type_of(b ? TYPE_JSONB : TYPE_JSON), CAST_IMPLICIT);
    PlanFunctionCall *call = arena_new(p->mem, PlanFunctionCall);
    Expr **list = arena_new(p->mem, Expr *);
    if (!arg) return NULL;
    *list = arg;
    *call = (PlanFunctionCall){.args = 1, .arg = list, .columns = 1};
    if (f->rows) {
        Expr *rows = bind_function(p, str_of(f->rows), list, 1, ast->at);
        if (!rows) return NULL;
        *call = (PlanFunctionCall){.function = (const TableFunction *)(const void *)rows->function,
                                   .args = 1,
                                   .arg = rows->arg,
                                   .columns = 1};
    }
    ColumnId *id = arena_new(p->mem, ColumnId);
    *id = rel_column_new(p, STR("value"), arg->type);
    return rel_functions(p, NULL, 1, call, 1, id);
}

// A member as a value of a column's type.
static Expr *member(Planner *p, ColumnId object, Str name, Type type, int64_t at)
{
    bool json = type.id == TYPE_JSON || type.id == TYPE_JSONB;
    Expr *key = rel_constant(p, (Value){.type = type_of(TYPE_TEXT), .text = text_of(name)}, at);
    Expr *x = bind_operator(p, json ? STR("->") : STR("->>"), rel_slot(p, object, at), key, at);
    if (type.id == TYPE_ARRAY) {
        Expr *list = bind_internal(p, "json array text", type_of(TYPE_TEXT), 1, at);
        if (!list || !x) return NULL;
        list->arg[0] = x;
        x = list;
    }
    return bind_coerce(p, x, type, CAST_EXPLICIT);
}

bool bind_json_records(Scope *args, const AstTable *t, Scope *into, Rel **rel)
{
    Planner *p = args->p;
    if (!t->definitions)
        return err_set_at(p->err, SQLSTATE_SYNTAX, t->at,
                          "a column definition list is required for functions returning \"record\"");
    if (t->ordinality)
        return err_set_at(p->err, SQLSTATE_SYNTAX, t->at,
                          "WITH ORDINALITY cannot be used with a column definition list");
    Rel *r = objects(args, t);
    if (!r) return false;
    ColumnId object = r->made[0];
    uint32_t n = t->definitions;
    ColumnId *id = arena_array(p->mem, ColumnId, n);
    Expr **out = arena_array(p->mem, Expr *, n);
    ScopeRange *range = bind_range_new(p, ast_path_name(&t->call.at[0]->call->name), n);
    for (uint32_t i = 0; i < n; i++) {
        const AstColumnDef *d = &t->definition[i];
        Type type;
        if (!bind_type(p, d->type, &type)) return false;
        Str name = bind_copy(p, d->name.text);
        if (!(out[i] = member(p, object, name, type, d->at))) return false;
        range->id[i] = id[i] = rel_column_new(p, name, type);
        range->name[i] = name;
    }
    return (*rel = rel_project(p, r, n, id, out)) && bind_range_enter(into, range, t);
}

// jsonb[…] = value.
Expr *bind_jsonb_assign(Scope *s, Expr *old, const AstExprs *subscript, Expr *value, int64_t at)
{
    Planner *p = s->p;
    Expr *x = bind_internal(p, "jsonb assign", type_bare(old->type), 2 + subscript->count, at);
    if (!x || !value) return NULL;
    x->arg[0] = old;
    if (!(x->arg[1] = bind_coerce(p, value, type_of(TYPE_JSONB), CAST_ASSIGNMENT))) return NULL;
    for (uint32_t i = 0; i < subscript->count; i++) {
        const AstExpr *e = subscript->at[i];
        bool part = e->kind == AST_SUBSCRIPT;
        if (part && e->flag) {
            err_set_at(p->err, "0A000", at, "jsonb subscript does not support slices");
            return NULL;
        }
        Expr *key = bind_expr(s, part ? e->b : e);
        if (!key || !(x->arg[2 + i] = bind_coerce(p, key, type_of(TYPE_TEXT), CAST_ASSIGNMENT))) return NULL;
    }
    return x;
}
