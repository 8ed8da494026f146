// Bind: calls: functions and the few that are syntax (coalesce, nullif); aggregates and window functions have
// files of their own. Relies on bind_in.h.
#include "engine/plan/bind_in.h"
#include "engine/plan/routine.h"

static Expr *refuse(Planner *p, int64_t at, const char *feature)
{
    bind_unsupported(p, at, feature);
    return NULL;
}

// nextval('s'::regclass): the name is looked up when the function runs, so that it may follow a rename.
static const AstExpr *sequence_name(const AstExpr *call, const AstExpr *arg)
{
    static const char *const counting[] = {"nextval", "currval", "setval"};
    if (arg->kind != AST_CAST || arg->a->kind != AST_STRING || !str_equal(arg->type->name, STR("regclass")))
        return arg;
    for (size_t i = 0; i < COUNT_OF(counting); i++)
        if (str_equal(ast_path_name(&call->call->name), str_of(counting[i]))) return arg->a;
    return arg;
}

static Expr **bind_args(Scope *s, const AstExpr *call, const AstExprs *list)
{
    Expr **arg = arena_array(s->p->mem, Expr *, list->count + 1);
    for (uint32_t i = 0; i < list->count; i++)
        if (!(arg[i] = bind_expr(s, sequence_name(call, list->at[i])))) return NULL;
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
static Expr *text_constant(Scope *s, Type type, Str text, int64_t at)
{
    return rel_constant(s->p, (Value){.type = type, .text = text_of(text)}, at);
}

static Expr *bind_typeof(Scope *s, const AstExpr *e, Expr **arg, uint32_t args)
{
    if (args != 1) {
        err_set_at(s->p->err, SQLSTATE_UNDEFINED_FUNCTION, e->at, "function pg_typeof takes one argument");
        return NULL;
    }
    return text_constant(s, type_of(TYPE_TEXT), search_type_name(&s->p->search, arg[0]->type, s->p->mem),
                         e->at);
}

// The first or last label of the argument's enum; the argument itself may be NULL.
static Expr *enum_end(Scope *s, const AstExpr *e, Expr **arg, uint32_t args, bool last)
{
    Planner *p = s->p;
    const ObjectDef *o = NULL;
    int64_t place;
    if (args == 1 && arg[0]->type.id == TYPE_ENUM)
        o = transaction_object_by_id(p->search.transaction, type_number(arg[0]->type), p->mem);
    if (!o || !o->field_count) {
        err_set_at(p->err, "42804", e->at, "%.*s needs a value of an enum type",
                   STR_ARG(ast_path_name(&e->call->name)));
        return NULL;
    }
    if (!str_to_int64(o->field[last ? o->field_count - 1 : 0].name, &place)) return NULL;
    return rel_constant(p, (Value){.type = type_bare(arg[0]->type), .i64 = place}, e->at);
}
static Expr *bind_enum_first(Scope *s, const AstExpr *e, Expr **arg, uint32_t args)
{
    return enum_end(s, e, arg, args, false);
}
static Expr *bind_enum_last(Scope *s, const AstExpr *e, Expr **arg, uint32_t args)
{
    return enum_end(s, e, arg, args, true);
}

// current_timestamp(3) and its like: the value rounded to so many digits.
static Expr *bind_clock(Scope *s, const AstExpr *e, Expr **arg, uint32_t args)
{
    Str name = ast_path_name(&e->call->name);
    Expr *now = args < 2 ? bind_function(s->p, name, arg, 0, e->at) : NULL;
    if (args == 1 && (arg[0]->kind != EXPR_CONSTANT || arg[0]->type.id != TYPE_INTEGER || arg[0]->value.null))
        now = NULL;
    if (!now) {
        if (!err_any(s->p->err))
            err_set_at(s->p->err, SQLSTATE_SYNTAX, e->at, "%.*s takes a number of digits", STR_ARG(name));
        return NULL;
    }
    if (!args) return now;
    Type t = now->type;
    int32_t digits = arg[0]->value.i32;
    if (digits < 0) {
        err_set_at(s->p->err, "22023", e->at, "%.*s(%d) precision must not be negative", STR_ARG(name),
                   digits);
        return NULL;
    }
    t.scale = digits < TYPE_FRACTION_MAX ? TYPE_FRACTION_MAX - digits : 0;
    return bind_coerce(s->p, now, t, CAST_EXPLICIT);
}

// A literal is of no type that JSON could show.
static Expr *bind_to_json(Scope *s, const AstExpr *e, Expr **arg, uint32_t args)
{
    if (args != 1 || !bind_is_unknown(arg[0]))
        return bind_function(s->p, ast_path_name(&e->call->name), arg, args, e->at);
    err_set_at(s->p->err, SQLSTATE_TYPE_MISMATCH, e->at,
               "could not determine polymorphic type because input has type unknown");
    return NULL;
}

static const Special specials[] = {
    {"to_json", bind_to_json},     {"to_jsonb", bind_to_json},        {"coalesce", bind_coalesce},
    {"nullif", bind_nullif},       {"pg_typeof", bind_typeof},        {"enum_first", bind_enum_first},
    {"enum_last", bind_enum_last}, {"current_timestamp", bind_clock}, {"localtimestamp", bind_clock},
    {"localtime", bind_clock},     {"current_time", bind_clock},
};

// A function that a user made. Inside EXPR_COALESCE and its like none of those that give rows may stand.
static bool try_routine(Scope *s, const AstExpr *e, bool *is, Expr **out)
{
    Routine *r;
    uint32_t count;
    if (!bind_has_routine(s->p, e->call, &r, &count)) return false;
    if (!count) return true;
    Expr **arg = bind_args(s, e, &e->call->args);
    if (!arg) return false;
    *is = bind_routine_call(s, e, r, count, arg, out);
    bool set = *out && (*out)->kind == EXPR_CALL && (*out)->function->flags & FUNCTION_SET;
    if (set && e != s->set_top) *out = bind_set_call(s, *out);
    return true;
}

Expr *bind_call(Scope *s, const AstExpr *e)
{
    Planner *p = s->p;
    const AstCall *c = e->call;
    Str name = ast_path_name(&c->name);
    Expr *x = NULL;
    bool is = false;
    if (!try_routine(s, e, &is, &x)) return NULL;
    if (is) return x;
    if (c->arg_name) return refuse(p, e->at, "naming the arguments of a function");
    if (c->variadic) return refuse(p, e->at, "VARIADIC");
    if (str_equal(name, STR("grouping")) && c->name.parts == 1) return bind_grouping_call(s, e);
    if (bind_is_json_aggregate(e)) return bind_json_aggregate(s, e);
    if (str_starts(name, STR("jsonb_path_"))) {
        bind_unsupported(p, e->at, arena_printf(p->mem, "function %.*s (SQL/JSON paths)", STR_ARG(name)).at);
        return NULL;
    }
    if (c->over) return bind_window_call(s, e);
    if (bind_is_window(p, name) && !c->within_group && (!c->args.count || !bind_is_aggregate(p, name))) {
        err_set_at(p->err, "42809", e->at, "window function %.*s requires an OVER clause", STR_ARG(name));
        return NULL;
    }
    if (bind_is_aggregate(p, name)) return bind_aggregate(s, e);
    if (!bind_no_aggregate(p, e)) return NULL;
    const char *before = s->no_sets;
    if (str_equal(name, STR("coalesce"))) s->no_sets = "COALESCE";
    Expr **arg = bind_args(s, e, &c->args);
    s->no_sets = before;
    if (!arg) return NULL;
    for (size_t i = 0; i < COUNT_OF(specials); i++)
        if (str_equal(name, str_of(specials[i].name))) return specials[i].bind(s, e, arg, c->args.count);
    x = bind_function(p, name, arg, c->args.count, e->at);
    bool set = x && x->kind == EXPR_CALL && x->function->flags & FUNCTION_SET;
    return set && e != s->set_top ? bind_set_call(s, x) : x;
}
