// Bind: window calls: what OVER names or defines, the function or aggregate, and the REL_WINDOW that works
// all of a query's calls out. Windows with the same partition and order are one. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

static bool wrong(Planner *p, int64_t at, const char *before, Str name, const char *behind)
{
    return err_set_at(p->err, "42P20", at, "%s window \"%.*s\"%s", before, STR_ARG(name), behind);
}

// ---- definitions ----

static const AstWindow *named_window(const Scope *s, Str name, uint32_t before)
{
    const AstWindows *all = s->windows.named;
    for (uint32_t i = 0; all && i < all->count && i < before; i++)
        if (str_equal(all->at[i]->name.text, name)) return all->at[i];
    return NULL;
}

static bool bind_partition(Scope *s, const AstExprs *list, WindowDef *out)
{
    out->partition = arena_array(s->p->mem, Expr *, list->count + 1);
    for (uint32_t i = 0; i < list->count; i++) {
        Expr *e = bind_settle(s->p, bind_expr(s, list->at[i]));
        bool there = false;
        if (!e) return false;
        for (uint32_t k = 0; k < out->partitions; k++) there = there || expr_equal(out->partition[k], e);
        if (!there) out->partition[out->partitions++] = e;
    }
    return true;
}

static bool bind_order(Scope *s, const AstOrders *list, WindowDef *out)
{
    out->order = arena_array(s->p->mem, SortKey, list->count + 1);
    for (uint32_t i = 0; i < list->count; i++) {
        const AstOrder *o = &list->at[i];
        if (!bind_order_operator(s->p, o)) return false;
        Expr *e = bind_settle(s->p, bind_expr(s, o->expr));
        bool there = false;
        if (!e) return false;
        for (uint32_t k = 0; k < out->order_keys; k++) there = there || expr_equal(out->order[k].expr, e);
        if (!there) out->order[out->order_keys++] = bind_sort_key(o, e);
    }
    return true;
}

static bool bind_definition(Scope *s, const AstWindow *w, uint32_t before, WindowDef *out);

// What a definition takes over from the window that it starts from.
static bool inherit(Scope *s, const AstWindow *w, uint32_t before, WindowDef *out)
{
    Planner *p = s->p;
    Str name = w->base.text;
    const AstWindow *base = named_window(s, name, before);
    if (!base) return err_set_at(p->err, "42704", w->at, "window \"%.*s\" does not exist", STR_ARG(name));
    if (w->partition.count) return wrong(p, w->at, "cannot override PARTITION BY clause of", name, "");
    if (w->order.count && base->order.count)
        return wrong(p, w->at, "cannot override ORDER BY clause of", name, "");
    if (base->frame && !w->named) {
        wrong(p, w->at, "cannot copy", name, " because it has a frame clause");
        if (!w->order.count && !w->frame) err_hint(p->err, "Omit the parentheses in this OVER clause.");
        return false;
    }
    return bind_definition(s, base, before, out);
}

static bool bind_definition(Scope *s, const AstWindow *w, uint32_t before, WindowDef *out)
{
    if (w->base.text.len && !inherit(s, w, before, out)) return false;
    if (w->partition.count && !bind_partition(s, &w->partition, out)) return false;
    return !w->order.count || bind_order(s, &w->order, out);
}

// As OVER means it: keys and frame.
static bool bind_over(Scope *s, const AstWindow *w, WindowDef *def, WindowFrame *frame)
{
    bool before = s->windows.inside;
    s->windows.inside = true;
    bool fine = bind_definition(s, w, UINT32_MAX, def);
    if (fine && w->named) w = named_window(s, w->base.text, UINT32_MAX);
    fine = fine && bind_frame(s, w && w->frame ? w : NULL, def, frame);
    s->windows.inside = before;
    return fine;
}

bool bind_windows_check(Scope *s)
{
    const AstWindows *all = s->windows.named;
    for (uint32_t i = 0; all && i < all->count; i++) {
        const AstWindow *w = all->at[i];
        WindowDef def = {0};
        WindowFrame frame;
        if (named_window(s, w->name.text, i))
            return err_set_at(s->p->err, "42P20", w->at, "window \"%.*s\" is already defined",
                              STR_ARG(w->name.text));
        s->clause = CLAUSE_ORDER;
        s->windows.inside = true;
        bool fine = bind_definition(s, w, i, &def) && bind_frame(s, w->frame ? w : NULL, &def, &frame);
        s->windows.inside = false;
        if (!fine) return false;
    }
    return true;
}

static bool same_keys(const WindowDef *a, const WindowDef *b)
{
    if (a->partitions != b->partitions || a->order_keys != b->order_keys) return false;
    for (uint32_t i = 0; i < a->partitions; i++)
        if (!expr_equal(a->partition[i], b->partition[i])) return false;
    for (uint32_t i = 0; i < a->order_keys; i++) {
        const SortKey *x = &a->order[i], *y = &b->order[i];
        if (!expr_equal(x->expr, y->expr) || x->descending != y->descending ||
            x->nulls_first != y->nulls_first)
            return false;
    }
    return true;
}

static uint32_t window_number(Scope *s, const WindowDef *def)
{
    ScopeWindows *all = &s->windows;
    for (uint32_t i = 0; i < all->windows; i++)
        if (same_keys(&all->window[i], def)) return i;
    if (all->windows == all->window_cap) {
        all->window_cap = all->window_cap ? all->window_cap * 2 : 4;
        WindowDef *grown = arena_array(s->p->mem, WindowDef, all->window_cap);
        for (uint32_t i = 0; i < all->windows; i++) grown[i] = all->window[i];
        all->window = grown;
    }
    all->window[all->windows] = *def;
    return all->windows++;
}

// ---- calls ----

static const WindowFunction *window_functions(const Planner *p)
{
    static const WindowFunction none = {0};
    return p->request->functions && p->request->functions->window ? p->request->functions->window : &none;
}

bool bind_is_window(const Planner *p, Str name)
{
    for (const WindowFunction *f = window_functions(p); f->name; f++)
        if (str_equal(str_of(f->name), name)) return true;
    return false;
}

bool bind_is_window_column(const Scope *s, ColumnId id)
{
    for (uint32_t i = 0; i < s->windows.calls; i++)
        if (s->windows.id[i] == id) return true;
    return false;
}

static bool allowed(const Scope *s, int64_t at)
{
    Err *err = s->p->err;
    if (s->in_aggregate)
        return err_set_at(err, "42803", at, "aggregate function calls cannot contain window function calls");
    if (s->clause == CLAUSE_FRAME)
        return err_set_at(err, "42P20", at, "window functions are not allowed in window definitions");
    if (s->windows.inside) return err_set_at(err, "42P20", at, "window function calls cannot be nested");
    if (s->clause == CLAUSE_SELECT || s->clause == CLAUSE_ORDER) return true;
    if (s->clause == CLAUSE_ON)
        return err_set_at(err, "42P20", at, "window functions are not allowed in JOIN conditions");
    return err_set_at(err, "42P20", at, "window functions are not allowed in %s",
                      bind_clause_name(s->clause));
}

// The arguments that may be of any type meet in one.
static bool common_args(Planner *p, const WindowFunction *f, Expr **arg, uint32_t args)
{
    Expr *any[WINDOW_ARGS_MAX];
    uint32_t count = 0;
    Type type;
    for (uint32_t i = 0; i < args; i++)
        if (f->arg[i] == TYPE_NULL) any[count++] = arg[i];
    if (count > 1 && !bind_coerce_all(p, any, count, f->name, &type)) return false;
    count = 0;
    for (uint32_t i = 0; i < args; i++) {
        if (f->arg[i] == TYPE_NULL)
            arg[i] = bind_settle(p, any[count++]);
        else
            arg[i] = bind_coerce(p, arg[i], type_of(f->arg[i]), CAST_IMPLICIT);
        if (!arg[i]) return false;
    }
    return true;
}

static bool fits(const WindowFunction *f, Expr *const *arg, uint32_t args)
{
    if (args < f->args_min || args > f->args) return false;
    for (uint32_t i = 0; i < args; i++)
        if (f->arg[i] != TYPE_NULL && !bind_can_coerce(arg[i], f->arg[i], CAST_IMPLICIT)) return false;
    return true;
}

static bool function_parts(Scope *s, const AstExpr *e, WindowCall *out)
{
    Planner *p = s->p;
    const AstCall *c = e->call;
    Str name = ast_path_name(&c->name);
    Expr **arg = arena_array(p->mem, Expr *, c->args.count + 1);
    for (uint32_t i = 0; i < c->args.count; i++)
        if (!(arg[i] = bind_expr(s, c->args.at[i]))) return false;
    const WindowFunction *f = window_functions(p);
    while (f->name && !(str_equal(str_of(f->name), name) && fits(f, arg, c->args.count))) f++;
    if (!f->name || c->star) {
        bind_not_found(p, name, arg, c->args.count, e->at);
        return false;
    }
    if (c->distinct) return bind_unsupported(p, e->at, "DISTINCT in a window function's call");
    if (c->order.count) return bind_unsupported(p, e->at, "ORDER BY inside a window function's call");
    if (c->filter) return bind_unsupported(p, e->at, "FILTER on a window function that is no aggregate");
    if (!common_args(p, f, arg, c->args.count)) return false;
    out->function = f;
    out->call = (AggregateCall){.args = c->args.count, .arg = arg};
    out->call.type = f->result == TYPE_NULL ? arg[0]->type : type_of(f->result);
    return true;
}

static bool aggregate_parts(Scope *s, const AstExpr *e, WindowCall *out)
{
    Planner *p = s->p;
    const AstCall *c = e->call;
    if (!bind_aggregate_parts(s, e, &out->call)) return false;
    if (out->call.function->sorted)
        return err_set_at(p->err, SQLSTATE_UNSUPPORTED, e->at,
                          "OVER is not supported for ordered-set aggregate %s", out->call.function->name);
    if (c->distinct) return bind_unsupported(p, e->at, "DISTINCT in a window function's call");
    if (c->order.count) return bind_unsupported(p, e->at, "ORDER BY inside a window function's call");
    return true;
}

static ColumnId call_column(Scope *s, const WindowCall *call)
{
    ScopeWindows *all = &s->windows;
    const char *name = call->function ? call->function->name : call->call.function->name;
    if (all->calls == all->call_cap) {
        all->call_cap = all->call_cap ? all->call_cap * 2 : 8;
        WindowCall *calls = arena_array(s->p->mem, WindowCall, all->call_cap);
        ColumnId *ids = arena_array(s->p->mem, ColumnId, all->call_cap);
        for (uint32_t i = 0; i < all->calls; i++) {
            calls[i] = all->call[i];
            ids[i] = all->id[i];
        }
        all->call = calls;
        all->id = ids;
    }
    all->call[all->calls] = *call;
    all->id[all->calls] = rel_column_new(s->p, str_of(name), call->call.type);
    return all->id[all->calls++];
}

Expr *bind_window_call(Scope *s, const AstExpr *e)
{
    Planner *p = s->p;
    const AstCall *c = e->call;
    Str name = ast_path_name(&c->name);
    WindowCall call = {0};
    WindowDef def = {0};
    bool window = bind_is_window(p, name) && !c->within_group, aggregate = bind_is_aggregate(p, name);
    if (!window && !aggregate) {
        err_set_at(p->err, "42809", e->at,
                   "OVER specified, but %.*s is not a window function nor an aggregate function",
                   STR_ARG(name));
        return NULL;
    }
    if (!allowed(s, e->at)) return NULL;
    s->windows.inside = true;
    bool fine =
        window && (!aggregate || !c->args.count) ? function_parts(s, e, &call) : aggregate_parts(s, e, &call);
    s->windows.inside = false;
    if (!fine || !bind_over(s, c->over, &def, &call.frame)) return NULL;
    call.window = window_number(s, &def);
    return rel_slot(p, call_column(s, &call), e->at);
}

// ---- above the grouping ----

typedef void (*PlaceVisit)(Planner *p, Expr **place, void *arg);

// Every place of an expression over the rows: not the offsets of frames.
static void each_place(Scope *s, PlaceVisit visit, void *arg)
{
    ScopeWindows *all = &s->windows;
    for (uint32_t i = 0; i < all->windows; i++) {
        WindowDef *def = &all->window[i];
        for (uint32_t k = 0; k < def->partitions; k++) visit(s->p, &def->partition[k], arg);
        for (uint32_t k = 0; k < def->order_keys; k++) visit(s->p, &def->order[k].expr, arg);
    }
    for (uint32_t i = 0; i < all->calls; i++) {
        AggregateCall *call = &all->call[i].call;
        for (uint32_t k = 0; k < call->args; k++) visit(s->p, &call->arg[k], arg);
        if (call->filter) visit(s->p, &call->filter, arg);
        WindowFrame *f = &all->call[i].frame;
        if (f->from_bound) visit(s->p, &f->from_bound, arg);
        if (f->to_bound) visit(s->p, &f->to_bound, arg);
        if (f->key) visit(s->p, &f->key, arg);
    }
}

static void expose(Planner *p, Expr **place, void *arg)
{
    bind_target_add(p, arg, (BindTarget){*place, STR("?column?"), (*place)->at});
}

void bind_windows_expose(Scope *s, BindTargets *targets) { each_place(s, expose, targets); }

typedef struct Taking {
    const BindTargets *from;
    uint32_t next;
} Taking;

static void take(Planner *p, Expr **place, void *arg)
{
    Taking *t = arg;
    (void)p;
    *place = t->from->at[t->next++].expr;
}

void bind_windows_take(Scope *s, const BindTargets *targets, uint32_t from)
{
    Taking t = {targets, from};
    each_place(s, take, &t);
}

bool bind_windows_above(Scope *s, Rel **rel)
{
    const ScopeWindows *all = &s->windows;
    if (!all->calls) return true;
    RelWindow *w = arena_new(s->p->mem, RelWindow);
    *w = (RelWindow){all->windows, all->calls, all->window, all->call, all->id};
    return (*rel = rel_window(s->p, *rel, w)) != NULL;
}
