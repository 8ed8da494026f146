// Bind: calls of aggregates: which entry of the FunctionList is meant, what its arguments, ORDER BY and
// WITHIN GROUP become, and to which query's aggregation the call belongs. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

static bool calls_own(const Scope *s, ColumnId id)
{
    for (uint32_t i = 0; i < s->aggregates.count; i++)
        if (s->aggregates.id[i] == id) return true;
    for (uint32_t i = 0; i < s->groupings.count; i++)
        if (s->groupings.call[i].id == id) return true;
    return false;
}

static bool scope_owns(const Scope *s, ColumnId id)
{
    for (uint32_t i = 0; i < s->ranges; i++)
        for (uint32_t k = 0; k < s->range[i]->columns; k++)
            if (s->range[i]->id[k] == id) return true;
    for (uint32_t i = 0; i < s->columns; i++)
        if (s->column[i].id == id) return true;
    return calls_own(s, id);
}

static IdSet ids_of(Planner *p, const ExprList *list)
{
    IdSet ids = rel_set_new(p);
    for (uint32_t i = 0; i < list->count; i++) rel_expr_ids(p, list->at[i], &ids);
    return ids;
}

Scope *bind_owner(Scope *s, const ExprList *list)
{
    IdSet ids = ids_of(s->p, list);
    for (Scope *o = s; o; o = o->outer)
        for (ColumnId id = 0; id < s->p->columns; id++)
            if (rel_set_has(&ids, id) && scope_owns(o, id)) return o;
    return s;
}

// An aggregate belongs to the innermost query whose columns it uses.
static Scope *owner(Scope *s, const AggregateCall *call, bool *nested)
{
    ExprList all = {0};
    for (uint32_t i = 0; i < call->args; i++) rel_list_add(s->p, &all, call->arg[i]);
    for (uint32_t i = 0; i < call->order_keys; i++) rel_list_add(s->p, &all, call->order[i].expr);
    if (call->filter) rel_list_add(s->p, &all, call->filter);
    Scope *o = bind_owner(s, &all);
    IdSet ids = ids_of(s->p, &all);
    *nested = o->in_aggregate && o->clause != CLAUSE_FILTER;
    for (ColumnId id = 0; id < s->p->columns && !*nested; id++)
        *nested = rel_set_has(&ids, id) && calls_own(o, id);
    return o;
}

bool bind_aggregates_allowed(Scope *s, const char *what, int64_t at)
{
    bool fine = s->clause == CLAUSE_SELECT || s->clause == CLAUSE_HAVING || s->clause == CLAUSE_ORDER;
    if (fine) return true;
    if (s->clause == CLAUSE_ON)
        return err_set_at(s->p->err, "42803", at, "%s are not allowed in JOIN conditions", what);
    return err_set_at(s->p->err, "42803", at, "%s are not allowed in %s", what, bind_clause_name(s->clause));
}

static bool call_equal(const AggregateCall *a, const AggregateCall *b)
{
    if (a->function != b->function || a->distinct != b->distinct || a->args != b->args ||
        a->order_keys != b->order_keys || !a->filter != !b->filter)
        return false;
    for (uint32_t i = 0; i < a->args; i++)
        if (!expr_equal(a->arg[i], b->arg[i])) return false;
    for (uint32_t i = 0; i < a->order_keys; i++) {
        const SortKey *x = &a->order[i], *y = &b->order[i];
        if (!expr_equal(x->expr, y->expr) || x->descending != y->descending ||
            x->nulls_first != y->nulls_first)
            return false;
    }
    return !a->filter || expr_equal(a->filter, b->filter);
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
    all->call[all->count] = call;
    all->id[all->count] = rel_column_new(s->p, str_of(call.function->name), call.type);
    return all->id[all->count++];
}

// ---- which function ----

bool bind_is_aggregate(const Planner *p, Str name)
{
    const Aggregate *const *list = p->request->functions ? p->request->functions->aggregate : NULL;
    for (; list && *list; list++)
        for (const Aggregate *a = *list; a->name; a++)
            if (str_equal(str_of(a->name), name)) return true;
    return false;
}

bool bind_no_aggregate(Planner *p, const AstExpr *e)
{
    const AstCall *c = e->call;
    Str name = ast_path_name(&c->name);
    const char *what = c->star           ? NULL
                       : c->distinct     ? "DISTINCT"
                       : c->within_group ? "WITHIN GROUP"
                       : c->order.count  ? "ORDER BY"
                       : c->filter       ? "FILTER"
                                         : "";
    if (what && !*what) return true;
    if (!what) {
        bind_not_found(p, name, NULL, 0, e->at);
        return false;
    }
    return err_set_at(p->err, "42809", e->at, "%s specified, but %.*s is not an aggregate function", what,
                      STR_ARG(name));
}

static TypeId as_text(TypeId id) { return id == TYPE_VARCHAR ? TYPE_TEXT : id; }

// How well an argument fits; -1: not at all.
static int arg_points(TypeId want, const Expr *arg)
{
    if (want == TYPE_NULL) return 0;
    if (want == as_text(arg->type.id) || (bind_is_unknown(arg) && want == TYPE_TEXT)) return 3;
    if (!bind_can_coerce(arg, want, CAST_IMPLICIT)) return -1;
    return want == TYPE_DOUBLE || want == TYPE_TEXT || want == TYPE_BOOLEAN ? 2 : 1;
}

static int call_points(const Aggregate *a, Expr *const *arg, uint32_t args)
{
    int all = 0;
    uint32_t wanted = a->args + (a->kind == AGGREGATE_ORDERED_SET);
    if (a->kind == AGGREGATE_HYPOTHETICAL) return 0;
    if (args != wanted) return -1;
    for (uint32_t i = 0; i < args; i++) {
        int points = arg_points(a->arg[i], arg[i]);
        if (points < 0) return -1;
        all += points;
    }
    return all;
}

static const Aggregate *choose(Planner *p, Str name, Expr *const *arg, uint32_t args)
{
    const Aggregate *best = NULL;
    int best_points = -1;
    for (const Aggregate *const *list = p->request->functions->aggregate; list && *list; list++)
        for (const Aggregate *a = *list; a->name; a++) {
            if (!str_equal(str_of(a->name), name)) continue;
            int points = call_points(a, arg, args);
            if (points <= best_points) continue;
            best = a;
            best_points = points;
        }
    return best;
}

static bool bring(Planner *p, const Aggregate *a, Expr **arg, uint32_t args)
{
    for (uint32_t i = 0; i < args; i++) {
        TypeId want = i < AGGREGATE_ARGS_MAX ? a->arg[i] : TYPE_NULL;
        if (want == TYPE_NULL)
            arg[i] = bind_settle(p, arg[i]);
        else if (as_text(arg[i]->type.id) != want)
            arg[i] = bind_coerce(p, arg[i], type_of(want), CAST_IMPLICIT);
        if (!arg[i]) return false;
    }
    return true;
}

static Type result_of(Planner *p, const Aggregate *a, Expr *const *arg, uint32_t args)
{
    if (a->result_type) {
        Type *type = arena_array(p->mem, Type, args + 1);
        for (uint32_t i = 0; i < args; i++) type[i] = arg[i]->type;
        return a->result_type(type, args);
    }
    uint32_t first = a->kind == AGGREGATE_ORDERED_SET ? a->args : 0;
    if (a->result != TYPE_NULL || first >= args) return type_of(a->result);
    return type_bare(arg[first]->type);
}

// ---- the parts of a call ----

static bool shape(Planner *p, const AstExpr *e)
{
    const AstCall *c = e->call;
    Str name = ast_path_name(&c->name);
    bool count = str_equal(name, STR("count"));
    if (c->star && c->distinct)
        return err_set_at(p->err, SQLSTATE_SYNTAX, e->at, "DISTINCT needs an argument to count");
    if (c->within_group && c->distinct)
        return err_set_at(p->err, SQLSTATE_SYNTAX, e->at, "cannot use DISTINCT with WITHIN GROUP");
    if (c->star && !count) {
        bind_not_found(p, name, NULL, 0, e->at);
        return false;
    }
    if (!c->star && !c->args.count && count)
        return err_set_at(p->err, "42809", e->at,
                          "count(*) must be used to call a parameterless aggregate function");
    if (c->args.count + c->order.count > FUNCTION_ARGS_MAX * 4)
        return err_set_at(p->err, "54023", e->at, "cannot pass more than %d arguments to a function",
                          FUNCTION_ARGS_MAX * 4);
    return true;
}

// count of rows (a, b): a row is never NULL.
static bool counts_rows(const AstCall *c)
{
    return c->args.count == 1 && c->args.at[0]->kind == AST_ROW && !c->within_group &&
           str_equal(ast_path_name(&c->name), STR("count"));
}

static bool bind_parts(Scope *s, const AstCall *c, AggregateCall *call)
{
    Planner *p = s->p;
    const AstExprs *list = counts_rows(c) ? &c->args.at[0]->list : &c->args;
    call->args = c->star ? 0 : list->count;
    call->arg = arena_array(p->mem, Expr *, call->args + 1);
    for (uint32_t i = 0; i < call->args; i++)
        if (!(call->arg[i] = bind_expr(s, list->at[i]))) return false;
    call->order_keys = c->order.count;
    call->order = arena_array(p->mem, SortKey, call->order_keys + 1);
    for (uint32_t i = 0; i < call->order_keys; i++) {
        const AstOrder *o = &c->order.at[i];
        if (!bind_order_operator(p, o)) return false;
        Expr *key = bind_expr(s, o->expr);
        if (!key) return false;
        call->order[i] = bind_sort_key(o, key);
    }
    if (c->filter && !(call->filter = bind_condition(s, c->filter, CLAUSE_FILTER))) return false;
    return true;
}

static bool within_group_fits(Planner *p, const AstExpr *e, const Aggregate *a)
{
    const AstCall *c = e->call;
    if (a->sorted && !c->within_group)
        return err_set_at(p->err, "42809", e->at, "WITHIN GROUP is required for ordered-set aggregate %s",
                          a->name);
    if (!a->sorted && c->within_group)
        return err_set_at(p->err, "42809", e->at,
                          "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP", a->name);
    return true;
}

// Each direct argument meets its key in one type.
static bool match_hypothetical(Planner *p, const AstExpr *e, AggregateCall *call)
{
    if (call->args != call->order_keys) {
        bind_not_found(p, ast_path_name(&e->call->name), call->arg, call->args, e->at);
        err_hint(p->err,
                 "To use the hypothetical-set aggregate %s, the number of hypothetical direct arguments "
                 "(here %u) must match the number of ordering columns (here %u).",
                 call->function->name, (unsigned)call->args, (unsigned)call->order_keys);
        return false;
    }
    for (uint32_t i = 0; i < call->args; i++) {
        Expr *both[2] = {call->order[i].expr, call->arg[i]};
        Type type;
        if (!bind_coerce_all(p, both, 2, "WITHIN GROUP", &type)) return false;
        call->order[i].expr = both[0];
        call->arg[i] = both[1];
    }
    return true;
}

static bool match_set(Planner *p, AggregateCall *call, Expr **all)
{
    const Aggregate *a = call->function;
    if (!bring(p, a, all, a->args + 1)) return false;
    for (uint32_t i = 0; i < a->args; i++) call->arg[i] = all[i];
    call->order[0].expr = all[a->args];
    call->type = result_of(p, a, all, a->args + 1);
    return true;
}

static bool order_in_args(Planner *p, const AggregateCall *call)
{
    for (uint32_t i = 0; i < call->order_keys; i++) {
        bool found = false;
        for (uint32_t k = 0; k < call->args; k++)
            found = found || expr_equal(call->arg[k], call->order[i].expr);
        if (!found)
            return err_set_at(p->err, "42P10", call->order[i].expr->at,
                              "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument "
                              "list");
    }
    return true;
}

// With DISTINCT the rows are sorted by what is left of the arguments, too; so equal ones lie together.
static void order_distinct(Planner *p, AggregateCall *call)
{
    SortKey *all = arena_array(p->mem, SortKey, call->order_keys + call->args + 1);
    uint32_t keys = call->order_keys;
    for (uint32_t i = 0; i < keys; i++) all[i] = call->order[i];
    for (uint32_t i = 0; i < call->args; i++) {
        bool there = false;
        for (uint32_t k = 0; k < keys; k++) there = there || expr_equal(all[k].expr, call->arg[i]);
        if (!there) all[keys++] = (SortKey){.expr = call->arg[i]};
    }
    call->order = all;
    call->order_keys = keys;
}

static bool match_plain(Planner *p, AggregateCall *call)
{
    const Aggregate *a = call->function;
    if (!bring(p, a, call->arg, call->args)) return false;
    for (uint32_t i = 0; i < call->order_keys; i++)
        if (!(call->order[i].expr = bind_settle(p, call->order[i].expr))) return false;
    if (call->distinct && !order_in_args(p, call)) return false;
    if (a->flags & AGGREGATE_JSON && call->arg[0]->type.id == TYPE_ARRAY) {
        Expr *item = bind_internal(p, "json item", type_of(TYPE_JSON), 1, call->arg[0]->at);
        if (!item) return false;
        item->arg[0] = call->arg[0];
        call->arg[0] = item;
    }
    call->type = result_of(p, a, call->arg, call->args);
    if (a->flags & AGGREGATE_ANY_ORDER)
        call->order_keys = 0;
    else if (call->distinct)
        order_distinct(p, call);
    return true;
}

// The arguments as the search for the function sees them: WITHIN GROUP's follow the direct ones.
static Expr **searched(Planner *p, const AstCall *c, const AggregateCall *call, uint32_t *count)
{
    Expr **all = arena_array(p->mem, Expr *, call->args + call->order_keys + 1);
    *count = counts_rows(c) ? 0 : call->args;
    for (uint32_t i = 0; i < call->args; i++) all[i] = call->arg[i];
    for (uint32_t i = 0; c->within_group && i < call->order_keys; i++) all[(*count)++] = call->order[i].expr;
    return all;
}

bool bind_aggregate_parts(Scope *s, const AstExpr *e, AggregateCall *call)
{
    Planner *p = s->p;
    const AstCall *c = e->call;
    uint32_t count;
    *call = (AggregateCall){.distinct = c->distinct};
    if (!shape(p, e)) return false;
    bool before = s->in_aggregate;
    s->in_aggregate = before || !c->over;
    bool bound = bind_parts(s, c, call);
    s->in_aggregate = before;
    if (!bound) return false;
    Expr **all = searched(p, c, call, &count);
    call->function = choose(p, ast_path_name(&c->name), all, count);
    if (!call->function) {
        bind_not_found(p, ast_path_name(&c->name), all, count, e->at);
        return false;
    }
    if (!within_group_fits(p, e, call->function)) return false;
    if (call->function->flags & AGGREGATE_STABLE) p->volatile_used = true;
    call->type = type_of(call->function->result);
    if (call->function->kind == AGGREGATE_HYPOTHETICAL) return match_hypothetical(p, e, call);
    return call->function->sorted ? match_set(p, call, all) : match_plain(p, call);
}

Expr *bind_aggregate(Scope *s, const AstExpr *e)
{
    AggregateCall call;
    if (!bind_aggregate_parts(s, e, &call)) return NULL;
    bool nested;
    Scope *o = owner(s, &call, &nested);
    if (nested) {
        err_set_at(s->p->err, "42803", e->at, "aggregate function calls cannot be nested");
        return NULL;
    }
    if (!bind_aggregates_allowed(o, "aggregate functions", e->at)) return NULL;
    return rel_slot(s->p, aggregate_column(o, call), e->at);
}
