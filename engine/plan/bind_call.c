// Bind: calls: functions, the few that are syntax (coalesce, nullif), and aggregates, which become a column
// of the aggregation around them. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

static Expr *refuse(Planner *p, int64_t at, const char *feature)
{
    bind_unsupported(p, at, feature);
    return NULL;
}

static Expr **bind_args(Scope *s, const AstExprs *list)
{
    Expr **arg = arena_array(s->p->mem, Expr *, list->count + 1);
    for (uint32_t i = 0; i < list->count; i++)
        if (!(arg[i] = bind_expr(s, list->at[i]))) return NULL;
    return arg;
}

static Expr *bind_coalesce(Scope *s, const AstExpr *e, Expr **arg, uint32_t args)
{
    if (!args) {
        err_set_at(s->p->err, SQLSTATE_SYNTAX, e->at, "COALESCE needs an argument");
        return NULL;
    }
    Expr *x = bind_new(s->p, EXPR_COALESCE, type_of(TYPE_NULL), args, e->at);
    for (uint32_t i = 0; i < args; i++) x->arg[i] = arg[i];
    return bind_coerce_all(s->p, x->arg, args, "COALESCE", &x->type) ? x : NULL;
}

// PostgreSQL has an = for each pair of these types, so that neither side is cast by comparing them.
static bool compares_across(TypeId a, TypeId b)
{
    bool floats = (a == TYPE_REAL || a == TYPE_DOUBLE) && (b == TYPE_REAL || b == TYPE_DOUBLE);
    bool days = (a == TYPE_DATE || a == TYPE_TIMESTAMP) && (b == TYPE_DATE || b == TYPE_TIMESTAMP);
    return floats || days || (type_is_integer(a) && type_is_integer(b));
}

// NULLIF(a, b): CASE WHEN a = b THEN NULL ELSE a END, where a is as the comparison has it.
static Expr *bind_nullif(Scope *s, const AstExpr *e, Expr **arg, uint32_t args)
{
    if (args != 2) {
        err_set_at(s->p->err, SQLSTATE_SYNTAX, e->at, "NULLIF takes two arguments");
        return NULL;
    }
    Expr *equal = bind_operator(s->p, STR("="), arg[0], arg[1], e->at);
    if (!equal) return NULL;
    Expr *kept = compares_across(arg[0]->type.id, arg[1]->type.id) ? arg[0] : equal->arg[0];
    Expr *x = bind_new(s->p, EXPR_CASE, kept->type, 3, e->at);
    x->arg[0] = equal;
    x->arg[1] = rel_constant(s->p, value_null(kept->type), e->at);
    x->arg[2] = kept;
    return x;
}

typedef struct Special {
    const char *name;
    Expr *(*bind)(Scope *s, const AstExpr *e, Expr **arg, uint32_t args);
} Special;
static const Special specials[] = {{"coalesce", bind_coalesce}, {"nullif", bind_nullif}};

// ---- aggregates ----

typedef struct ScopeOf {
    Scope *scope;
    unsigned level; // 0 = the innermost
    unsigned nearest;
    bool any;
} ScopeOf;

static bool scope_owns(const Scope *s, ColumnId id)
{
    for (uint32_t i = 0; i < s->ranges; i++)
        for (uint32_t k = 0; k < s->range[i]->columns; k++)
            if (s->range[i]->id[k] == id) return true;
    for (uint32_t i = 0; i < s->columns; i++)
        if (s->column[i].id == id) return true;
    return false;
}

static bool owner_visit(Expr *e, void *arg)
{
    ScopeOf *found = arg;
    if (e->kind != EXPR_SLOT) return true;
    unsigned level = 0;
    for (Scope *s = found->scope; s; s = s->outer, level++) {
        if (!scope_owns(s, e->slot)) continue;
        if (!found->any || level < found->nearest) found->nearest = level;
        found->any = true;
        return true;
    }
    return true;
}

// An aggregate belongs to the innermost query whose columns its argument uses.
static Scope *owner(Scope *s, Expr *arg)
{
    ScopeOf found = {.scope = s};
    if (arg) expr_walk(arg, owner_visit, &found);
    Scope *o = s;
    for (unsigned i = 0; found.any && i < found.nearest; i++) o = o->outer;
    return o;
}

static bool aggregates_allowed(Scope *s, int64_t at)
{
    bool fine = s->clause == CLAUSE_SELECT || s->clause == CLAUSE_HAVING || s->clause == CLAUSE_ORDER;
    if (s->in_aggregate && s->clause != CLAUSE_FILTER)
        return err_set_at(s->p->err, "42803", at, "aggregate function calls cannot be nested");
    if (fine) return true;
    if (s->clause == CLAUSE_ON)
        return err_set_at(s->p->err, "42803", at, "aggregate functions are not allowed in JOIN conditions");
    return err_set_at(s->p->err, "42803", at, "aggregate functions are not allowed in %s",
                      bind_clause_name(s->clause));
}

static bool call_equal(const AggregateCall *a, const AggregateCall *b)
{
    if (a->function != b->function || a->distinct != b->distinct || !a->arg != !b->arg ||
        !a->filter != !b->filter)
        return false;
    return (!a->arg || expr_equal(a->arg, b->arg)) && (!a->filter || expr_equal(a->filter, b->filter));
}

static ColumnId aggregate_column(Scope *s, AggregateCall call)
{
    ScopeAggregates *all = &s->aggregates;
    for (uint32_t i = 0; i < all->count; i++)
        if (call_equal(&all->call[i], &call)) return all->id[i];
    if (all->count == all->cap) {
        all->cap = all->cap ? all->cap * 2 : 8;
        AggregateCall *calls = arena_array(s->p->mem, AggregateCall, all->cap);
        ColumnId *ids = arena_array(s->p->mem, ColumnId, all->cap);
        for (uint32_t i = 0; i < all->count; i++) {
            calls[i] = all->call[i];
            ids[i] = all->id[i];
        }
        all->call = calls;
        all->id = ids;
    }
    TypeId result = call.function->result;
    Type type = type_of(result == TYPE_NULL && call.arg ? call.arg->type.id : result);
    all->call[all->count] = call;
    all->id[all->count] = rel_column_new(s->p, str_of(call.function->name), type);
    return all->id[all->count++];
}

static bool aggregate_shape(Planner *p, const AstExpr *e, bool star)
{
    const AstCall *c = e->call;
    Str name = ast_path_name(&c->name);
    if (c->within_group) return bind_unsupported(p, e->at, "WITHIN GROUP");
    if (star && c->distinct)
        return err_set_at(p->err, SQLSTATE_SYNTAX, e->at, "DISTINCT needs an argument to count");
    if (star && !str_equal(name, STR("count")))
        return err_set_at(p->err, SQLSTATE_UNDEFINED_FUNCTION, e->at, "function %.*s() does not exist",
                          STR_ARG(name));
    if (star) return true;
    if (!c->args.count && str_equal(name, STR("count")))
        return err_set_at(p->err, "42809", e->at,
                          "count(*) must be used to call a parameterless aggregate function");
    if (c->args.count != 1) {
        if (c->args.count > 1)
            return err_set_at(p->err, SQLSTATE_UNDEFINED_FUNCTION, e->at,
                              "function %.*s with %u arguments does not exist", STR_ARG(name),
                              (unsigned)c->args.count);
        return err_set_at(p->err, SQLSTATE_UNDEFINED_FUNCTION, e->at, "function %.*s() does not exist",
                          STR_ARG(name));
    }
    return true;
}

static bool aggregate_args(Scope *s, const AstExpr *e, Expr **arg, Expr **filter)
{
    const AstCall *c = e->call;
    bool before = s->in_aggregate;
    s->in_aggregate = true;
    bool done = (c->star || (*arg = bind_expr(s, c->args.at[0]))) &&
                (!c->filter || (*filter = bind_condition(s, c->filter, CLAUSE_FILTER)));
    s->in_aggregate = before;
    return done;
}

static Expr *bind_aggregate_call(Scope *s, const AstExpr *e)
{
    const AstCall *c = e->call;
    if (!aggregate_shape(s->p, e, c->star)) return NULL;
    AggregateCall call = {.distinct = c->distinct};
    if (!aggregate_args(s, e, &call.arg, &call.filter)) return NULL;
    call.function = bind_aggregate(s->p, ast_path_name(&c->name), &call.arg, c->star, e->at);
    if (!call.function) return NULL;
    if (c->order.count && call.function->kind == AGGREGATE_OTHER)
        return refuse(s->p, e->at, "ORDER BY inside an aggregate");
    Scope *o = owner(s, call.arg);
    if (!aggregates_allowed(o, e->at)) return NULL;
    return rel_slot(s->p, aggregate_column(o, call), e->at);
}

Expr *bind_call(Scope *s, const AstExpr *e)
{
    Planner *p = s->p;
    const AstCall *c = e->call;
    Str name = ast_path_name(&c->name);
    if (c->over) return refuse(p, e->at, "a window function");
    if (c->arg_name) return refuse(p, e->at, "naming the arguments of a function");
    if (c->variadic) return refuse(p, e->at, "VARIADIC");
    if (bind_is_aggregate(p, name)) return bind_aggregate_call(s, e);
    if (c->star || c->distinct || c->filter || c->order.count) {
        err_set_at(p->err, "42809", e->at, "%.*s is not an aggregate function", STR_ARG(name));
        return NULL;
    }
    Expr **arg = bind_args(s, &c->args);
    if (!arg) return NULL;
    for (size_t i = 0; i < COUNT_OF(specials); i++)
        if (str_equal(name, str_of(specials[i].name))) return specials[i].bind(s, e, arg, c->args.count);
    return bind_function(p, name, arg, c->args.count, e->at);
}
