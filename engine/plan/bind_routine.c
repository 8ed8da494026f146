// Bind: calls of functions that users made: which of its name is meant (PostgreSQL 15, section 10.3), and
// what the call becomes: the body in its place where that means the same, else a call that runs the body. In
// its place stands a body of one query that does not call the function again; arguments that would be worked
// out more often than once, or not at all while volatile, are not put into it. Relies on routine, bind_in.h,
// engine/sql/parser.h.
#include "engine/sql/ast_routine.h"
#include "engine/plan/bind_in.h"
#include "engine/plan/routine.h"
#include "engine/sql/parser.h"

enum { INLINE_DEPTH_MAX = 32 };

// ---- names of arguments ----

static bool is_named(const BindFrame *f, uint32_t i, const AstPath *path)
{
    Str name = path->part[path->parts - 1].text;
    if (path->parts > 2 || !str_equal(f->name[i], name)) return false;
    return path->parts == 1 ? !f->qualified || !f->qualifier[i].len
                            : str_equal(f->qualifier[i], path->part[0].text);
}

static Expr *frame_value(Planner *p, uint32_t i, int64_t at)
{
    const BindFrame *f = p->frame;
    if (f->used) f->used[i]++;
    if (f->arg) return expr_copy(f->arg[i], p->mem);
    Expr *x = bind_new(p, EXPR_PARAM, p->param_type[i], 0, at);
    x->slot = i;
    return x;
}

Expr *bind_frame_name(Planner *p, const AstPath *path, int64_t at)
{
    if (!p->frame) return NULL;
    for (uint32_t i = 0; i < p->frame->count; i++)
        if (is_named(p->frame, i, path)) return frame_value(p, i, at);
    return NULL;
}

Expr *bind_frame_number(Planner *p, uint32_t number, int64_t at)
{
    if (number && number <= p->frame->count) return frame_value(p, number - 1, at);
    err_set_at(p->err, "42P02", at, "there is no parameter $%u", (unsigned)number);
    return NULL;
}

// ---- choosing ----

// How the arguments of a call are spread over the inputs of a routine.
typedef struct Fit {
    const Routine *r;
    uint32_t count;  // arguments as given, for comparing
    Type *want;      // per argument of the call
    int32_t *from;   // per input: argument of the call; -1 = its default, -2 = the variadic ones
    uint32_t spread; // how many the variadic input takes
    uint32_t exact, preferred;
} Fit;

typedef struct Choice {
    Scope *scope;
    const AstCall *call;
    Expr **arg;
    uint32_t args;
    Fit *fit;
    uint32_t fits;
} Choice;

static bool reaches(const Expr *e, Type want)
{
    want = type_bare(want);
    if (bind_is_unknown(e)) return true;
    bool bound = want.id == TYPE_ENUM || want.id == TYPE_ARRAY;
    if (bound && e->type.id == want.id) return e->type.of == want.of;
    if (want.id == TYPE_ENUM || (want.id == TYPE_ARRAY && e->type.id != TYPE_ARRAY)) return false;
    return bind_can_coerce(e, want.id, CAST_IMPLICIT);
}

static int32_t input_named(const Routine *r, Str name)
{
    for (uint32_t i = 0; i < r->inputs; i++)
        if (str_equal(r->arg[r->input[i]].name, name)) return (int32_t)i;
    return -1;
}

// Which argument goes where; false when the numbers or names do not fit.
static bool spread(const Choice *c, Fit *f)
{
    const Routine *r = f->r;
    uint32_t plain = r->variadic && !c->call->variadic ? r->inputs - 1 : r->inputs;
    for (uint32_t i = 0; i < r->inputs; i++) f->from[i] = -1;
    for (uint32_t i = 0; i < c->args; i++) {
        Str name = c->call->arg_name ? c->call->arg_name[i].text : STR_NONE;
        int32_t to = name.at ? input_named(r, name) : (int32_t)i;
        bool more = !name.at && i >= plain && plain < r->inputs;
        if (more) {
            f->from[plain] = -2;
            f->spread++;
            f->want[i] = type_element(r->arg[r->input[plain]].type);
            continue;
        }
        if (to < 0 || to >= (int32_t)r->inputs || f->from[to] != -1) return false;
        f->from[to] = (int32_t)i;
        f->want[i] = r->arg[r->input[to]].type;
    }
    for (uint32_t i = 0; i < r->inputs; i++)
        if (f->from[i] == -1 && !r->arg[r->input[i]].value.at) return false;
    return !c->call->variadic || r->variadic;
}

static TypeId as_text(TypeId id) { return id == TYPE_VARCHAR ? TYPE_TEXT : id; }

static bool is_preferred(TypeId id)
{
    return id == TYPE_DOUBLE || id == TYPE_TEXT || id == TYPE_BOOLEAN || id == TYPE_TIMESTAMPTZ ||
           id == TYPE_INTERVAL;
}

static void fit_add(Choice *c, const Routine *r)
{
    Fit f = {.r = r, .count = c->args};
    f.want = arena_array(c->scope->p->mem, Type, c->args + 1);
    f.from = arena_array(c->scope->p->mem, int32_t, r->inputs + 1);
    if (!spread(c, &f)) return;
    for (uint32_t i = 0; i < c->args; i++) {
        if (!reaches(c->arg[i], f.want[i])) return;
        TypeId have = as_text(c->arg[i]->type.id), want = as_text(f.want[i].id);
        bool same = !bind_is_unknown(c->arg[i]) && have == want;
        f.exact += same;
        f.preferred += same || is_preferred(want);
    }
    c->fit[c->fits++] = f;
}

static void keep_most(Choice *c, bool preferred)
{
    uint32_t best = 0, kept = 0;
    for (uint32_t i = 0; i < c->fits; i++) {
        uint32_t n = preferred ? c->fit[i].preferred : c->fit[i].exact;
        if (n > best) best = n;
    }
    for (uint32_t i = 0; i < c->fits; i++)
        if ((preferred ? c->fit[i].preferred : c->fit[i].exact) == best) c->fit[kept++] = c->fit[i];
    c->fits = kept;
}

// An untyped literal is a string when one of the candidates takes one.
static void keep_strings(Choice *c)
{
    for (uint32_t i = 0; i < c->args && c->fits > 1; i++) {
        if (!bind_is_unknown(c->arg[i])) continue;
        uint32_t kept = 0, strings = 0;
        for (uint32_t k = 0; k < c->fits; k++) strings += type_is_string(c->fit[k].want[i].id);
        for (uint32_t k = 0; strings && k < c->fits; k++)
            if (type_is_string(c->fit[k].want[i].id)) c->fit[kept++] = c->fit[k];
        if (strings) c->fits = kept;
    }
}

// Without defaults and variadic ones before those with them.
static void keep_plain(Choice *c)
{
    uint32_t kept = 0, plain = 0;
    for (uint32_t i = 0; i < c->fits; i++) plain += c->fit[i].r->inputs == c->args && !c->fit[i].spread;
    for (uint32_t i = 0; plain && i < c->fits; i++)
        if (c->fit[i].r->inputs == c->args && !c->fit[i].spread) c->fit[kept++] = c->fit[i];
    if (plain) c->fits = kept;
}

static const Fit *choose(Choice *c, const Routine *r, uint32_t count, bool procedure)
{
    c->fit = arena_array(c->scope->p->mem, Fit, count + 1);
    for (uint32_t i = 0; i < count; i++)
        if (r[i].procedure == procedure) fit_add(c, &r[i]);
    if (c->fits > 1) keep_most(c, false);
    if (c->fits > 1) keep_most(c, true);
    if (c->fits > 1) keep_strings(c);
    if (c->fits > 1) keep_plain(c);
    return c->fits == 1 ? &c->fit[0] : NULL;
}

// ---- the arguments as the body has them ----

static Expr *default_of(Planner *p, const Routine *r, const RoutineArg *a)
{
    AstExpr *ast;
    SearchPath outer = p->search;
    const BindFrame *frame = p->frame;
    PlanNames *names = p->names;
    Scope s = {.p = p, .clause = CLAUSE_DEFAULT};
    p->frame = NULL;
    p->names = NULL;
    routine_search(r, &outer, &p->search);
    Expr *e = parser_expr(&ast, a->value, p->mem, p->err) ? bind_expr(&s, ast) : NULL;
    p->search = outer;
    p->frame = frame;
    p->names = names;
    return e;
}

static Expr *variadic_of(const Choice *c, const Fit *f, Type array)
{
    Planner *p = c->scope->p;
    Expr *x = bind_internal(p, "array make", array, f->spread, -1);
    uint32_t n = 0;
    for (uint32_t i = 0; x && i < c->args; i++) {
        bool more = i >= f->r->inputs - 1 && (!c->call->arg_name || !c->call->arg_name[i].text.at);
        if (!more) continue;
        if (!(x->arg[n++] = bind_coerce(p, c->arg[i], type_element(array), CAST_IMPLICIT))) return NULL;
    }
    return x;
}

static Expr **inputs_of(const Choice *c, const Fit *f)
{
    Planner *p = c->scope->p;
    Expr **in = arena_array(p->mem, Expr *, f->r->inputs + 1);
    for (uint32_t i = 0; i < f->r->inputs; i++) {
        const RoutineArg *a = &f->r->arg[f->r->input[i]];
        Type want = type_bare(a->type);
        want.domain = a->type.domain;
        Expr *e = f->from[i] == -2   ? variadic_of(c, f, want)
                  : f->from[i] == -1 ? default_of(p, f->r, a)
                                     : c->arg[f->from[i]];
        if (!(in[i] = bind_coerce(p, e, want, f->from[i] == -1 ? CAST_ASSIGNMENT : CAST_IMPLICIT)))
            return NULL;
    }
    return in;
}

// ---- the body in the call's place ----

typedef struct Inline {
    Planner *p;
    const Routine *r;
    BindFrame frame;
    SearchPath outer;
    PlanNames *names;
    const BindFrame *around;
} Inline;

static bool is_inside(const Planner *p, const Routine *r)
{
    uint32_t depth = 0;
    for (const BindFrame *f = p->frame; f; f = f->outer, depth++)
        if (f->routine == r->id || depth > INLINE_DEPTH_MAX) return true;
    return false;
}

// The one query of the body; NULL when it is more than that.
static AstQuery *body_query(Planner *p, const Routine *r)
{
    AstSteps steps;
    Err none = {.at = -1};
    if (r->result == ROUTINE_VOID || r->result == ROUTINE_TRIGGER || r->procedure) return NULL;
    if (!parser_steps(&steps, r->body, p->mem, &none) || steps.count != 1) return NULL;
    const AstStep *s = &steps.at[0];
    if (s->kind == AST_STEP_SKIP) return s->statement->query; // RETURN NULL
    if (s->kind != AST_STEP_STATEMENT && s->kind != AST_STEP_RETURN) return NULL;
    AstQuery *q = s->statement->kind == STATEMENT_SELECT ? s->statement->query : NULL;
    return q && !q->into && !q->locks && !q->with ? q : NULL;
}

static void inline_enter(Inline *x, Planner *p, const Routine *r, Expr **in)
{
    *x = (Inline){.p = p, .r = r, .outer = p->search, .names = p->names, .around = p->frame};
    Str *name = arena_array(p->mem, Str, r->inputs + 1), *qualifier = arena_array(p->mem, Str, r->inputs + 1);
    for (uint32_t i = 0; i < r->inputs; i++) {
        name[i] = r->arg[r->input[i]].name;
        qualifier[i] = r->name;
    }
    x->frame = (BindFrame){.routine = r->id,
                           .count = r->inputs,
                           .name = name,
                           .qualifier = qualifier,
                           .arg = in,
                           .used = arena_array(p->mem, uint32_t, r->inputs + 1),
                           .outer = p->frame};
    routine_search(r, &x->outer, &p->search);
    p->frame = &x->frame;
    p->names = NULL;
}

static void inline_leave(Inline *x)
{
    x->p->search = x->outer;
    x->p->names = x->names;
    x->p->frame = x->around;
}

// May stand in the body as often as the body names it?
static bool args_fit(const Inline *x)
{
    for (uint32_t i = 0; i < x->r->inputs; i++) {
        const Expr *e = x->frame.arg[i];
        if (rel_is_volatile(e) ? x->frame.used[i] != 1 : rel_has_subquery(e) && x->frame.used[i] > 1)
            return false;
    }
    return true;
}

static bool is_bare(const AstQuery *q)
{
    return q->kind == AST_QUERY_SELECT && q->targets.count == 1 && !q->from.count && !q->where &&
           !q->having && !q->group && !q->order.count && !q->limit && !q->offset && !q->distinct;
}

// SELECT expression: the expression itself. NULL without an error: it is more than an expression.
static Expr *bare_body(Planner *p, const AstQuery *q)
{
    Scope s = {.p = p, .clause = CLAUSE_SELECT};
    Expr *e = bind_expr(&s, q->targets.at[0].expr);
    return e && !s.aggregates.count && !s.sets.count && !s.windows.calls ? e : NULL;
}

static Expr *query_body(Planner *p, const AstQuery *q)
{
    Bound b;
    if (!bind_query(p, q, NULL, NULL, false, &b) || !b.columns) return NULL;
    Rel *first = rel_over(p, REL_LIMIT, b.rel);
    if (!first) return NULL;
    first->limit = rel_constant(p, (Value){.type = type_of(TYPE_BIGINT), .i64 = 1}, -1);
    Expr *x = bind_new(p, EXPR_SUBQUERY, p->column[b.id[0]].type, 0, -1);
    x->subquery = SUBQUERY_SCALAR;
    x->logical = rel_choose(p, first, 1, b.id);
    return x;
}

// CASE WHEN an argument is NULL THEN NULL ELSE the body END
static Expr *strict_body(Planner *p, const Routine *r, Expr **in, Expr *body)
{
    if (!r->strict || !r->inputs) return body;
    Expr *any = bind_new(p, EXPR_OR, type_of(TYPE_BOOLEAN), r->inputs, -1);
    for (uint32_t i = 0; i < r->inputs; i++) {
        any->arg[i] = bind_new(p, EXPR_IS_NULL, type_of(TYPE_BOOLEAN), 1, -1);
        any->arg[i]->arg[0] = expr_copy(in[i], p->mem);
    }
    Expr *x = bind_new(p, EXPR_CASE, body->type, 3, -1);
    x->arg[0] = r->inputs == 1 ? any->arg[0] : any;
    x->arg[1] = rel_constant(p, value_null(body->type), -1);
    x->arg[2] = body;
    return x;
}

// What a function that may change its answer reads must not be moved around in a statement that writes.
static bool may_inline(const Planner *p, const Routine *r)
{
    bool writes = p->request->statement && p->request->statement->kind != STATEMENT_SELECT;
    return !is_inside(p, r) && !(writes && r->volatility == 'v');
}

// NULL: it is to be called. What the try has met is forgotten: the call will meet it again.
static Expr *inline_value(Planner *p, const Routine *r, Expr **in, bool bare_only)
{
    AstQuery *q = is_inside(p, r) || r->set || r->result != ROUTINE_VALUE ? NULL : body_query(p, r);
    if (!q || (!is_bare(q) && (bare_only || !may_inline(p, r)))) return NULL;
    Inline x;
    Err mine = {.at = -1}, *err = p->err;
    for (uint32_t i = 0; r->strict && i < r->inputs; i++)
        if (rel_is_volatile(in[i]) || rel_has_subquery(in[i])) return NULL;
    inline_enter(&x, p, r, in);
    p->err = &mine;
    Expr *e = is_bare(q) ? bare_body(p, q) : NULL;
    if (!e && !err_any(&mine) && !bare_only) e = query_body(p, q);
    Type to = type_bare(r->type);
    to.domain = r->type.domain;
    if (e) e = bind_coerce(p, e, to, CAST_ASSIGNMENT);
    if (e && bind_is_unknown(e)) e = NULL;
    inline_leave(&x);
    bool good = e && !err_any(&mine) && args_fit(&x);
    p->err = err;
    return good ? strict_body(p, r, in, e) : NULL;
}

// ---- calling ----

static uint16_t flags_of(const Routine *r)
{
    uint16_t flags = FUNCTION_ROUTINE | (r->strict ? FUNCTION_STRICT : 0);
    if (r->volatility == 'v') flags |= FUNCTION_VOLATILE;
    if (r->volatility == 's') flags |= FUNCTION_STABLE;
    return flags;
}

// The routine's number stands before its arguments.
static Expr *make_call(Planner *p, const Routine *r, Expr **in, int64_t at)
{
    BindRoutine *x = arena_new(p->mem, BindRoutine);
    bool set = r->set || r->result == ROUTINE_RECORD || r->procedure;
    const FunctionList *list = p->request->functions;
    if (!list || !list->routine_rows) {
        bind_unsupported(p, at, "a function of the user's here");
        return NULL;
    }
    x->table = *list->routine_rows;
    x->routine = r;
    Function *f = &x->table.call;
    f->name = arena_cstr(p->mem, r->name);
    f->flags = (uint16_t)(flags_of(r) | (set ? FUNCTION_SET : 0));
    f->kernel = set ? NULL : list->routine;
    f->result = routine_column_type(r, 0).id;
    x->table.columns = (uint8_t)routine_columns(r);
    Expr *e = bind_new(p, EXPR_CALL, routine_column_type(r, 0), r->inputs + 1, at);
    e->function = f;
    e->arg[0] = rel_constant(p, (Value){.type = type_of(TYPE_BIGINT), .i64 = (int64_t)r->id}, -1);
    for (uint32_t i = 0; i < r->inputs; i++) e->arg[i + 1] = in[i];
    if (r->volatility != 'i') p->volatile_used = true;
    Type domain = r->result == ROUTINE_VALUE ? r->type : type_of(TYPE_NULL);
    return !set && domain.domain ? bind_domain(p, e, domain) : e;
}

static bool no_fit(Choice *c, const Routine *r, uint32_t count, int64_t at)
{
    Planner *p = c->scope->p;
    Str name = ast_path_name(&c->call->name);
    if (c->fits > 1) {
        Type *type = arena_array(p->mem, Type, c->args + 1);
        for (uint32_t i = 0; i < c->args; i++) type[i] = c->arg[i]->type;
        Str text = routine_signature(&p->search, name, type, c->args, p->mem);
        err_set_at(p->err, "42725", at, "function %.*s is not unique", STR_ARG(text));
        return err_hint(p->err, "Could not choose a best candidate function. You might need to add explicit "
                                "type casts.");
    }
    if (p->request->calls && (c->fits = 0, choose(c, r, count, false))) {
        err_set_at(p->err, "42809", at, "%.*s is not a procedure", STR_ARG(c->fit[0].r->signature));
        return err_hint(p->err, "To call a function, use SELECT.");
    }
    c->fits = 0;
    if (!p->request->calls && choose(c, r, count, true)) {
        err_set_at(p->err, "42809", at, "%.*s is a procedure", STR_ARG(c->fit[0].r->signature));
        return err_hint(p->err, "To call a procedure, use CALL.");
    }
    bind_not_found(p, name, c->arg, c->args, at);
    return false;
}

// A built-in function of the same name that takes just these.
static bool is_built_in(Planner *p, const AstExpr *e, Expr **arg, uint32_t args)
{
    Err mine = {.at = -1}, *err = p->err;
    if (e->call->name.parts > 1 || e->call->arg_name || e->call->variadic) return false;
    p->err = &mine;
    Expr *x = bind_function(p, ast_path_name(&e->call->name), arg, args, e->at);
    p->err = err;
    return x != NULL;
}

bool bind_has_routine(Planner *p, const AstCall *c, Routine **out, uint32_t *count)
{
    bool plain = !c->star && !c->distinct && !c->over && !c->filter && !c->order.count && !c->within_group;
    *count = 0;
    if (!plain || !p->search.transaction) return true;
    return routine_find(&p->search, &c->name, p->mem, out, count, p->err);
}

bool bind_routine_call(Scope *s, const AstExpr *e, const Routine *r, uint32_t count, Expr **arg, Expr **out)
{
    Planner *p = s->p;
    Choice c = {.scope = s, .call = e->call, .arg = arg, .args = e->call->args.count};
    *out = NULL;
    bool procedure = p->request->calls && e == s->set_top && !p->frame;
    const Fit *fit = choose(&c, r, count, procedure);
    bool exact = fit && fit->exact == c.args;
    if (!exact && !procedure && is_built_in(p, e, arg, c.args)) return false;
    if (!fit) return (void)no_fit(&c, r, count, e->at), true;
    if (fit->r->result == ROUTINE_TRIGGER) {
        err_set_at(p->err, SQLSTATE_UNSUPPORTED, e->at, "trigger functions can only be called as triggers");
        return true;
    }
    Expr **in = inputs_of(&c, fit);
    if (!in) return true;
    bool bare_only = s->clause == CLAUSE_CHECK || s->clause == CLAUSE_DEFAULT;
    bind_names_routine(p, e, fit->r->id, fit->r->database, fit->r->schema, fit->r->name);
    *out = inline_value(p, fit->r, in, bare_only);
    if (!*out) *out = make_call(p, fit->r, in, e->at);
    if (*out) (*out)->at = e->at;
    return true;
}

bool bind_routine_rows(Planner *p, const Expr *call, Bound *out)
{
    const Routine *r = ((const BindRoutine *)(const void *)call->function)->routine;
    // a function of one row gives one, also when its query gives none
    AstQuery *q = r->set && !r->strict && may_inline(p, r) ? body_query(p, r) : NULL;
    if (!q) return false;
    Inline x;
    Err mine = {.at = -1}, *err = p->err;
    inline_enter(&x, p, r, call->arg + 1);
    p->err = &mine;
    bool good = bind_query(p, q, NULL, NULL, false, out) && out->columns == routine_columns(r);
    Type *type = arena_array(p->mem, Type, routine_columns(r) + 1);
    for (uint32_t i = 0; i < routine_columns(r); i++) type[i] = routine_column_type(r, i);
    good = good && bind_bound_coerce(p, out, type, CAST_ASSIGNMENT);
    inline_leave(&x);
    good = good && !err_any(&mine) && args_fit(&x);
    p->err = err;
    return good;
}
