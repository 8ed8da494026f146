// Bind: functions that give rows: items of FROM (with what they read of the items to their left), and calls
// in the output list, which become columns of a node below the projection. Relies on bind_in.h.
#include "engine/plan/bind_in.h"
#include "engine/plan/routine.h"

static bool is_set(const Expr *e) { return e->kind == EXPR_CALL && e->function->flags & FUNCTION_SET; }

// `call` is the first member of its TableFunction.
static const TableFunction *table_function(const Expr *e)
{
    return (const TableFunction *)(const void *)e->function;
}

static PlanFunctionCall call_of(const Expr *e)
{
    const TableFunction *f = table_function(e);
    return (PlanFunctionCall){.function = f, .args = e->args, .arg = e->arg, .columns = f->columns};
}

// ---- in FROM ----

typedef struct FunctionItem {
    Planner *p;
    const AstTable *ast;
    Scope scope; // of the arguments
    uint32_t calls, columns;
    PlanFunctionCall *call;
    ColumnId *id;
    Str *name;
    Rel *inlined; // a user's function whose body stands in its place
} FunctionItem;

static void column_add(FunctionItem *f, Str name, Type type)
{
    name = bind_copy(f->p, name);
    f->id[f->columns] = rel_column_new(f->p, name, type);
    f->name[f->columns++] = name;
}

// A column without a name of its own has the alias of the only function, else the function's name.
static Str column_name(const FunctionItem *f, const char *own, Str function)
{
    if (own) return str_of(own);
    return f->calls == 1 && f->ast->call.count == 1 && f->ast->alias.text.len ? f->ast->alias.text : function;
}

static Str function_name(const AstExpr *e)
{
    return e->kind == AST_CALL ? ast_path_name(&e->call->name) : STR("?column?");
}

static bool routine_names(FunctionItem *f, const TableFunction *t)
{
    const Routine *r = ((const BindRoutine *)(const void *)t)->routine;
    for (uint32_t i = 0; i < t->columns; i++) {
        Str own = r->result == ROUTINE_RECORD || r->outs == 1 ? routine_column_name(r, i) : STR_NONE;
        if (r->result != ROUTINE_RECORD && !own.len) own = column_name(f, NULL, r->name);
        if (r->procedure && r->result != ROUTINE_RECORD) own = STR(""); // it gives nothing out
        column_add(f, own, routine_column_type(r, i));
    }
    return true;
}

static bool item_call(FunctionItem *f, const AstExpr *ast)
{
    Planner *p = f->p;
    f->scope.set_top = ast;
    Expr *e = bind_settle(p, bind_expr(&f->scope, ast));
    if (!e) return false;
    PlanFunctionCall *call = &f->call[f->calls++];
    if (!is_set(e)) { // one row
        *call = (PlanFunctionCall){.args = 1, .arg = arena_array(p->mem, Expr *, 1), .columns = 1};
        call->arg[0] = e;
        column_add(f, column_name(f, NULL, function_name(ast)), e->type);
        return true;
    }
    *call = call_of(e);
    const TableFunction *t = call->function;
    if (t->call.flags & FUNCTION_ROUTINE) return routine_names(f, t);
    for (uint32_t i = 0; i < t->columns; i++) {
        Type type = t->columns == 1 ? e->type : type_of(t->column[i].type);
        column_add(f, column_name(f, t->column[i].name, str_of(t->call.name)), type);
    }
    return true;
}

// unnest(a, b) is ROWS FROM (unnest(a), unnest(b)).
static bool item_calls(FunctionItem *f, const AstExpr *ast)
{
    bool several = ast->kind == AST_CALL && str_equal(ast_path_name(&ast->call->name), STR("unnest")) &&
                   ast->call->args.count > 1 && !ast->call->distinct && !ast->call->over;
    if (!several) return item_call(f, ast);
    for (uint32_t i = 0; i < ast->call->args.count; i++) {
        AstCall *call = arena_new(f->p->mem, AstCall);
        AstExpr *one = arena_new(f->p->mem, AstExpr);
        *call = *ast->call;
        call->args = (AstExprs){&ast->call->args.at[i], 1};
        *one = *ast;
        one->call = call;
        if (!item_call(f, one)) return false;
    }
    return true;
}

// One user's function alone, whose body can stand in its place.
static bool item_routine(FunctionItem *f)
{
    Bound b;
    const PlanFunctionCall *c = &f->call[0];
    if (f->calls != 1 || f->ast->ordinality || !c->function || !(c->function->call.flags & FUNCTION_ROUTINE))
        return false;
    const Expr call = {.kind = EXPR_CALL, .function = &c->function->call, .args = c->args, .arg = c->arg};
    if (!bind_routine_rows(f->p, &call, &b)) return false;
    f->inlined = b.rel;
    for (uint32_t i = 0; i < f->columns; i++) f->id[i] = b.id[i];
    return true;
}

// Every argument may be a call of its own.
static uint32_t calls_most(const AstTable *t)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->call.count; i++)
        n += 1 + (t->call.at[i]->kind == AST_CALL ? t->call.at[i]->call->args.count : 0);
    return n;
}

bool bind_from_function(Scope *s, const AstTable *t, Scope *into, Rel **rel)
{
    Planner *p = s->p;
    uint32_t calls = calls_most(t), most = calls * ROUTINE_ARGS_MAX + 1;
    if (bind_is_json_records(t)) {
        Scope args = {
            .p = p, .outer = s->lateral ? s->lateral : s->outer, .cte = s->cte, .clause = CLAUSE_FUNCTION};
        return bind_json_records(&args, t, into, rel);
    }
    if (t->definitions)
        return err_set_at(p->err, SQLSTATE_SYNTAX, t->at,
                          "a column definition list is only allowed for functions returning \"record\"");
    FunctionItem f = {.p = p,
                      .ast = t,
                      .scope = {.p = p,
                                .outer = s->lateral ? s->lateral : s->outer,
                                .cte = s->cte,
                                .clause = CLAUSE_FUNCTION},
                      .call = arena_array(p->mem, PlanFunctionCall, calls + 1),
                      .id = arena_array(p->mem, ColumnId, most),
                      .name = arena_array(p->mem, Str, most)};
    for (uint32_t i = 0; i < t->call.count; i++)
        if (!item_calls(&f, t->call.at[i])) return false;
    if (t->ordinality) column_add(&f, STR("ordinality"), type_of(TYPE_BIGINT));
    Rel *r = item_routine(&f) ? NULL : rel_functions(p, NULL, f.calls, f.call, f.columns, f.id);
    if (f.inlined) r = f.inlined;
    if (!r || err_any(p->err)) return false;
    if (!f.inlined) r->ordinality = t->ordinality;
    ScopeRange *range = bind_range_new(p, t->call.count ? function_name(t->call.at[0]) : STR(""), f.columns);
    for (uint32_t i = 0; i < f.columns; i++) {
        range->id[i] = f.id[i];
        range->name[i] = f.name[i];
    }
    *rel = r;
    return bind_range_enter(into, range, t);
}

// ---- joining what reads the columns of its neighbours ----

static bool reads(Planner *p, const Rel *r, const Rel *left)
{
    IdSet borrowed = rel_set_new(p), made = rel_output(p, left);
    rel_free_ids(p, r, &borrowed);
    return rel_set_meets(&borrowed, &made);
}

Rel *bind_join(Planner *p, JoinKind join, Rel *left, Rel *right, Expr *on, int64_t at)
{
    if (!reads(p, right, left))
        return join == JOIN_RIGHT ? rel_join(p, JOIN_LEFT, right, left, on)
                                  : rel_join(p, join, left, right, on);
    if (join != JOIN_INNER && join != JOIN_LEFT) {
        err_set_at(p->err, "42P10", at, "invalid reference to an item of FROM on the other side of the join");
        err_hint(p->err, "The combining JOIN type must be INNER or LEFT for a LATERAL reference.");
        return NULL;
    }
    ExprList conditions = {0};
    rel_conjuncts_add(p, &conditions, on);
    if (right->kind != REL_FUNCTION || right->children || (join == JOIN_LEFT && conditions.count)) {
        Rel *r = rel_join(p, join, left, right, on);
        if (r) r->lateral = true;
        return r;
    }
    right->outer = join == JOIN_LEFT;
    rel_function_under(p, right, left);
    return rel_filter(p, right, on);
}

// ---- in the output list ----

static bool sets_allowed(Scope *s, int64_t at)
{
    Planner *p = s->p;
    bool fine = s->clause == CLAUSE_SELECT || s->clause == CLAUSE_ORDER || s->clause == CLAUSE_GROUP;
    if (fine && !s->in_aggregate && !s->no_sets) return true;
    if (s->in_aggregate && s->clause != CLAUSE_FILTER)
        err_set_at(p->err, SQLSTATE_UNSUPPORTED, at,
                   "aggregate function calls cannot contain set-returning function calls");
    else if (s->clause == CLAUSE_FUNCTION)
        return err_set_at(p->err, SQLSTATE_UNSUPPORTED, at,
                          "set-returning functions must appear at top level of FROM");
    else
        err_set_at(p->err, SQLSTATE_UNSUPPORTED, at, "set-returning functions are not allowed in %s",
                   s->no_sets                    ? s->no_sets
                   : s->clause == CLAUSE_ON      ? "JOIN conditions"
                   : s->clause == CLAUSE_CHECK   ? "check constraints"
                   : s->clause == CLAUSE_DEFAULT ? "DEFAULT expressions"
                                                 : bind_clause_name(s->clause));
    if (s->no_sets || s->in_aggregate)
        err_hint(p->err, "You might be able to move the set-returning function into a LATERAL FROM item.");
    return false;
}

typedef struct SetLevel {
    const Scope *s;
    uint32_t level;
} SetLevel;

static bool level_visit(Expr *e, void *arg)
{
    SetLevel *l = arg;
    for (uint32_t i = 0; e->kind == EXPR_SLOT && i < l->s->sets.count; i++) {
        const ScopeSet *set = &l->s->sets.at[i];
        if (set->id == e->slot && set->level > l->level) l->level = set->level;
    }
    return true;
}

static bool same_call(const PlanFunctionCall *a, const PlanFunctionCall *b)
{
    if (a->function != b->function || a->args != b->args) return false;
    for (uint32_t i = 0; i < a->args; i++)
        if (!expr_equal(a->arg[i], b->arg[i]) || rel_is_volatile(a->arg[i])) return false;
    return true;
}

Expr *bind_set_call(Scope *s, Expr *call)
{
    Planner *p = s->p;
    if (!sets_allowed(s, call->at)) return NULL;
    PlanFunctionCall c = call_of(call);
    if (c.columns != 1) {
        bind_unsupported(p, call->at, "a function of several columns in the output list");
        return NULL;
    }
    ScopeSets *all = &s->sets;
    SetLevel below = {s, 0};
    for (uint32_t i = 0; i < c.args; i++) expr_walk(c.arg[i], level_visit, &below);
    for (uint32_t i = 0; i < all->count; i++)
        if (same_call(&all->at[i].call, &c)) return rel_slot(p, all->at[i].id, call->at);
    if (all->count == all->cap) {
        all->cap = all->cap ? all->cap * 2 : 4;
        ScopeSet *grown = arena_array(p->mem, ScopeSet, all->cap);
        for (uint32_t i = 0; i < all->count; i++) grown[i] = all->at[i];
        all->at = grown;
    }
    ColumnId id = rel_column_new(p, str_of(c.function->call.name), call->type);
    all->at[all->count++] = (ScopeSet){.call = c, .id = id, .level = below.level + 1};
    return rel_slot(p, id, call->at);
}

// ---- placing them ----

typedef struct SetNeed {
    const ScopeSets *sets;
    bool *needed;
} SetNeed;

static bool need_visit(Expr *e, void *arg)
{
    SetNeed *n = arg;
    for (uint32_t i = 0; e->kind == EXPR_SLOT && i < n->sets->count; i++) {
        if (n->sets->at[i].id != e->slot || n->needed[i]) continue;
        n->needed[i] = true;
        for (uint32_t k = 0; k < n->sets->at[i].call.args; k++)
            expr_walk(n->sets->at[i].call.arg[k], need_visit, n);
    }
    return true;
}

// Those of one level that are needed (NULL = all).
static bool level_place(Scope *s, Rel **rel, uint32_t level, const bool *needed, bool *more)
{
    Planner *p = s->p;
    PlanFunctionCall *call = arena_array(p->mem, PlanFunctionCall, s->sets.count);
    ColumnId *id = arena_array(p->mem, ColumnId, s->sets.count);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->sets.count; i++) {
        ScopeSet *set = &s->sets.at[i];
        *more = *more || set->level > level;
        if (set->level != level || set->placed || (needed && !needed[i])) continue;
        set->placed = true;
        call[n] = set->call;
        id[n++] = set->id;
    }
    return !n || (*rel = rel_functions(p, *rel, n, call, n, id));
}

static bool sets_place(Scope *s, Rel **rel, const bool *needed)
{
    bool more = s->sets.count > 0;
    for (uint32_t level = 1; more; level++) {
        more = false;
        if (!level_place(s, rel, level, needed, &more)) return false;
    }
    return true;
}

bool bind_sets_below(Scope *s, Rel **rel, const ExprList *keys)
{
    bool *needed = arena_array(s->p->mem, bool, s->sets.count + 1);
    SetNeed need = {&s->sets, needed};
    for (uint32_t i = 0; i < keys->count; i++) expr_walk(keys->at[i], need_visit, &need);
    return sets_place(s, rel, needed);
}

bool bind_sets_above(Scope *s, Rel **rel) { return sets_place(s, rel, NULL); }
