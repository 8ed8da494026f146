// Bind: one SELECT, in the order of its meaning: FROM, WHERE, the output list, GROUP BY, HAVING, DISTINCT,
// ORDER BY, LIMIT. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

typedef struct Select {
    Scope scope;
    BindLocks locks;
    const AstQuery *q;
    Rel *rel;
    BindTargets targets; // the output, then what only ORDER BY needs
    uint32_t outputs;
    uint32_t *order;   // per ORDER BY item: which target
    uint32_t *on, ons; // DISTINCT ON: which targets
    Expr *having;
} Select;

void bind_target_add(Planner *p, BindTargets *t, BindTarget target)
{
    if (t->count == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 8;
        BindTarget *grown = arena_array(p->mem, BindTarget, t->cap);
        for (uint32_t i = 0; i < t->count; i++) grown[i] = t->at[i];
        t->at = grown;
    }
    t->at[t->count++] = target;
}

// ---- the output list ----

static Str cast_name(const AstType *t)
{
    static const char *const short_name[][2] = {
        {"integer", "int4"},
        {"int", "int4"},
        {"bigint", "int8"},
        {"smallint", "int2"},
        {"real", "float4"},
        {"float", "float8"},
        {"double precision", "float8"},
        {"boolean", "bool"},
        {"character", "bpchar"},
        {"char", "bpchar"},
        {"character varying", "varchar"},
        {"decimal", "numeric"},
    };
    for (size_t i = 0; i < COUNT_OF(short_name); i++)
        if (str_equal(t->name, str_of(short_name[i][0]))) return str_of(short_name[i][1]);
    return t->name;
}

static Str target_name(const AstExpr *e);

static Str case_name(const AstExpr *e)
{
    Str inner = e->b ? target_name(e->b) : STR_NONE;
    return inner.len && !str_equal(inner, STR("?column?")) ? inner : STR("case");
}

static Str subquery_name(const AstQuery *q)
{
    while (q->kind == AST_QUERY_SET) q = q->left;
    if (q->kind == AST_QUERY_VALUES) return STR("column1");
    if (!q->targets.count) return STR("?column?");
    const AstTarget *t = &q->targets.at[0];
    return t->alias.text.len ? t->alias.text : target_name(t->expr);
}

// A cast's name stands behind that of a column or call, before one that a CASE or another cast would have.
static bool weak_name(const AstExpr *e, Str name)
{
    if (e->kind == AST_CASE) return str_equal(name, STR("case"));
    if (e->kind == AST_CAST) return str_equal(name, cast_name(e->type));
    return e->kind == AST_BOOLEAN || str_equal(name, STR("?column?"));
}

// How PostgreSQL calls a column that has no alias.
static Str target_name(const AstExpr *e)
{
    switch (e->kind) {
    case AST_COLUMN: return ast_path_name(e->path);
    case AST_CALL: return ast_path_name(&e->call->name);
    case AST_CASE: return case_name(e);
    case AST_FIELD: return ast_path_name(e->path);
    case AST_ROW: return STR("row");
    case AST_ARRAY:
    case AST_ARRAY_QUERY: return STR("array");
    case AST_EXISTS: return STR("exists");
    case AST_SUBQUERY: return subquery_name(e->query);
    case AST_COLLATE:
    case AST_SUBSCRIPT: return target_name(e->a);
    case AST_BOOLEAN: return STR("bool");
    case AST_CAST: {
        Str inner = target_name(e->a);
        return weak_name(e->a, inner) ? cast_name(e->type) : inner;
    }
    default: return STR("?column?");
    }
}

bool bind_star_targets(Scope *s, const AstExpr *star, BindTargets *out)
{
    Planner *p = s->p;
    if (star->kind == AST_FIELD) return bind_field_star(s, star, out);
    if (star->path) {
        ScopeRange *r = bind_range_find(s, star->path, star->path->parts);
        for (uint32_t i = 0; r && i < r->columns; i++)
            bind_target_add(p, out, (BindTarget){rel_slot(p, r->id[i], star->at), r->name[i], star->at});
        if (r) bind_permit_read_range(s, r);
        if (r) bind_names_star(s, star, r);
        return r != NULL;
    }
    if (!s->ranges)
        return err_set_at(p->err, SQLSTATE_SYNTAX, star->at,
                          "SELECT * with no tables specified is not valid");
    for (uint32_t i = 0; i < s->columns; i++) {
        const ScopeColumn *c = &s->column[i];
        bind_permit_read(s, c->id);
        bind_target_add(p, out, (BindTarget){rel_slot(p, c->id, star->at), c->name, star->at});
    }
    bind_names_star(s, star, NULL);
    return true;
}

bool bind_targets(Scope *s, const AstTargets *list, BindTargets *out)
{
    Planner *p = s->p;
    for (uint32_t i = 0; i < list->count; i++) {
        const AstTarget *t = &list->at[i];
        if (t->expr->kind == AST_STAR || (t->expr->kind == AST_FIELD && t->expr->flag)) {
            if (!bind_star_targets(s, t->expr, out)) return false;
            continue;
        }
        Expr *e = bind_expr(s, t->expr);
        if (!e) return false;
        Str name = bind_copy(p, t->alias.text.len ? t->alias.text : target_name(t->expr));
        bind_target_add(p, out, (BindTarget){e, name, t->expr->at});
    }
    return out->count <= REL_OUTPUT_MAX ||
           err_set(p->err, "54011", "target lists can have at most %d entries", REL_OUTPUT_MAX);
}

static bool bind_outputs(Select *x)
{
    x->scope.clause = CLAUSE_SELECT;
    bind_names_query(x->scope.p, x->q);
    if (!bind_targets(&x->scope, &x->q->targets, &x->targets)) return false;
    x->outputs = x->targets.count;
    return true;
}

static bool settle_outputs(Select *x, bool keep_unknown)
{
    if (keep_unknown && !x->q->distinct && !x->q->order.count) return true;
    for (uint32_t i = 0; i < x->targets.count; i++)
        if (!(x->targets.at[i].expr = bind_settle(x->scope.p, x->targets.at[i].expr))) return false;
    return true;
}

// ---- ORDER BY ----

SortKey bind_sort_key(const AstOrder *o, Expr *e)
{
    bool descending = o->descending || str_equal(o->using_operator, STR(">"));
    return (SortKey){e, descending, o->nulls_given ? o->nulls_first : descending};
}

bool bind_order_operator(Planner *p, const AstOrder *o)
{
    Str op = o->using_operator;
    if (!op.len || str_equal(op, STR("<")) || str_equal(op, STR(">"))) return true;
    return err_set_at(p->err, "42809", o->expr->at, "operator %.*s is not a valid ordering operator",
                      STR_ARG(op));
}

// A bare name is a name of the output first.
static bool order_by_output_name(Select *x, const AstExpr *e, uint32_t *target, bool *is)
{
    *is = false;
    if (e->kind != AST_COLUMN || e->path->parts != 1) return true;
    Str name = e->path->part[0].text;
    for (uint32_t i = 0; i < x->outputs; i++) {
        if (!str_equal(x->targets.at[i].name, name)) continue;
        if (*is && !expr_equal(x->targets.at[i].expr, x->targets.at[*target].expr))
            return err_set_at(x->scope.p->err, "42702", e->at, "ORDER BY \"%.*s\" is ambiguous",
                              STR_ARG(name));
        if (!*is) *target = i;
        *is = true;
    }
    return true;
}

static bool order_by_expression(Select *x, const AstExpr *e, uint32_t *target)
{
    Planner *p = x->scope.p;
    Expr *key = bind_settle(p, bind_expr(&x->scope, e));
    if (!key) return false;
    for (uint32_t i = 0; i < x->targets.count; i++) {
        if (!expr_equal(x->targets.at[i].expr, key)) continue;
        *target = i;
        return true;
    }
    if (x->q->distinct && !x->q->distinct_on.count)
        return err_set_at(p->err, "42P10", e->at,
                          "for SELECT DISTINCT, ORDER BY expressions must appear in select list");
    *target = x->targets.count;
    bind_target_add(p, &x->targets, (BindTarget){key, STR("?column?"), e->at});
    return true;
}

static bool bind_order(Select *x)
{
    Planner *p = x->scope.p;
    x->scope.clause = CLAUSE_ORDER;
    x->order = arena_array(p->mem, uint32_t, x->q->order.count + 1);
    for (uint32_t i = 0; i < x->q->order.count; i++) {
        const AstOrder *o = &x->q->order.at[i];
        bool is;
        if (!bind_order_operator(p, o)) return false;
        if (!bind_position(p, o->expr, x->outputs, "ORDER BY", &x->order[i], &is)) return false;
        if (!is && !order_by_output_name(x, o->expr, &x->order[i], &is)) return false;
        if (!is && !order_by_expression(x, o->expr, &x->order[i])) return false;
    }
    return true;
}

// ---- DISTINCT ----

static bool on_has(const Select *x, uint32_t target)
{
    for (uint32_t i = 0; i < x->ons; i++)
        if (x->on[i] == target) return true;
    return false;
}

// The expressions of ON are the first of ORDER BY, in whatever order; ORDER BY may have fewer.
static bool on_fits_order(const Select *x)
{
    Planner *p = x->scope.p;
    bool passed = false, seen = true;
    for (uint32_t i = 0; i < x->q->order.count; i++) {
        bool on = on_has(x, x->order[i]);
        passed = passed || !on;
        if (passed && on) goto mismatch;
    }
    for (uint32_t i = 0; passed && i < x->ons; i++) {
        seen = false;
        for (uint32_t k = 0; k < x->q->order.count; k++) seen = seen || x->order[k] == x->on[i];
        if (!seen) goto mismatch;
    }
    return true;
mismatch:
    return err_set_at(p->err, "42P10", x->q->distinct_on.at[0]->at,
                      "SELECT DISTINCT ON expressions must match initial ORDER BY expressions");
}

static bool bind_distinct_on(Select *x)
{
    const AstExprs *list = &x->q->distinct_on;
    x->on = arena_array(x->scope.p->mem, uint32_t, list->count + 1);
    x->scope.clause = CLAUSE_ORDER;
    for (uint32_t i = 0; i < list->count; i++) {
        bool is;
        if (!bind_position(x->scope.p, list->at[i], x->outputs, "DISTINCT ON", &x->on[x->ons], &is))
            return false;
        if (!is && !order_by_output_name(x, list->at[i], &x->on[x->ons], &is)) return false;
        if (!is && !order_by_expression(x, list->at[i], &x->on[x->ons])) return false;
        x->ons++;
    }
    return on_fits_order(x);
}

static Rel *distinct_targets(Select *x, const Rel *project)
{
    Planner *p = x->scope.p;
    Rel *r = rel_over(p, REL_DISTINCT, x->rel);
    if (!r) return NULL;
    r->groups = x->ons;
    r->group = arena_array(p->mem, Expr *, x->ons + 1);
    for (uint32_t i = 0; i < x->ons; i++) r->group[i] = rel_slot(p, project->id[x->on[i]], -1);
    return r;
}

// ---- putting it together ----

static bool bind_source(Select *x)
{
    Planner *p = x->scope.p;
    if (!bind_from(&x->scope, &x->q->from, &x->rel)) return false;
    if (!x->rel) { // one row without columns
        if (!(x->rel = rel_new(p, REL_VALUES))) return false;
        x->rel->row_count = 1;
        x->rel->id = arena_array(p->mem, ColumnId, 1);
        x->rel->expr = arena_array(p->mem, Expr *, 1);
    }
    if (!bind_locks(p, x->q, x->rel, &x->locks)) return false;
    if (!x->q->where) return true;
    Expr *where = bind_condition(&x->scope, x->q->where, CLAUSE_WHERE);
    return where && (x->rel = rel_filter(p, x->rel, where));
}

// What the functions that give rows are given stands above the grouping, as the output does.
static bool group_with_sets(Select *x, const BindGroups *keys)
{
    Scope *s = &x->scope;
    uint32_t own = x->targets.count;
    for (uint32_t i = 0; i < s->sets.count; i++)
        for (uint32_t k = 0; !s->sets.at[i].placed && k < s->sets.at[i].call.args; k++)
            bind_target_add(
                s->p, &x->targets,
                (BindTarget){s->sets.at[i].call.arg[k], STR("?column?"), s->sets.at[i].call.arg[k]->at});
    uint32_t windows = x->targets.count;
    bind_windows_expose(s, &x->targets);
    if (!bind_group(s, &x->rel, keys, &x->targets, &x->having)) return false;
    bind_windows_take(s, &x->targets, windows);
    uint32_t next = own;
    for (uint32_t i = 0; i < s->sets.count; i++)
        for (uint32_t k = 0; !s->sets.at[i].placed && k < s->sets.at[i].call.args; k++)
            s->sets.at[i].call.arg[k] = x->targets.at[next++].expr;
    x->targets.count = own;
    return true;
}

// Row positions travel with the output as targets that nobody sees.
static bool lock_targets(Select *x, bool plain)
{
    Planner *p = x->scope.p;
    if (!plain || x->scope.sets.count)
        return err_set_at(p->err, SQLSTATE_UNSUPPORTED, x->q->lock[0].at, "row locks are not allowed with %s",
                          plain ? "set-returning functions in the target list" : "aggregate functions");
    for (uint32_t i = 0; i < x->locks.count; i++)
        bind_target_add(p, &x->targets,
                        (BindTarget){rel_slot(p, x->locks.at[i].position, -1), STR("row position"), -1});
    return true;
}

static bool bind_grouping(Select *x)
{
    BindGroups keys;
    if (!bind_group_keys(&x->scope, x->q, &x->targets, &keys)) return false;
    if (x->q->having && !(x->having = bind_condition(&x->scope, x->q->having, CLAUSE_HAVING))) return false;
    if (!bind_order(x) || !bind_distinct_on(x) || !bind_windows_check(&x->scope)) return false;
    if (!bind_sets_below(&x->scope, &x->rel, &keys.keys)) return false;
    bool plain = !x->q->groups && !x->q->having && !x->scope.aggregates.count && !x->scope.groupings.count;
    if (x->q->locks && !lock_targets(x, plain)) return false;
    if (plain) return true;
    return group_with_sets(x, &keys);
}

static Rel *project_targets(Select *x)
{
    Planner *p = x->scope.p;
    uint32_t n = x->targets.count;
    ColumnId *id = arena_array(p->mem, ColumnId, n + 1);
    Expr **expr = arena_array(p->mem, Expr *, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const BindTarget *t = &x->targets.at[i];
        bool own = t->expr->kind == EXPR_SLOT && rel_has(x->rel, t->expr->slot);
        id[i] = own ? t->expr->slot : rel_column_new(p, t->name, t->expr->type);
        expr[i] = t->expr;
    }
    return rel_project(p, x->rel, n, id, expr);
}

static Rel *sort_targets(Select *x, Rel *project)
{
    Planner *p = x->scope.p;
    Rel *sort = rel_over(p, REL_SORT, x->rel);
    if (!sort) return NULL;
    sort->sort_keys = x->q->order.count;
    sort->sort = arena_array(p->mem, SortKey, sort->sort_keys);
    for (uint32_t i = 0; i < sort->sort_keys; i++)
        sort->sort[i] = bind_sort_key(&x->q->order.at[i], rel_slot(p, project->id[x->order[i]], -1));
    return sort;
}

static bool finish(Select *x, Bound *out)
{
    Planner *p = x->scope.p;
    if (!bind_windows_above(&x->scope, &x->rel) || !bind_sets_above(&x->scope, &x->rel)) return false;
    Rel *project = project_targets(x);
    if (!(x->rel = project)) return false;
    if (x->q->distinct && !x->ons && !(x->rel = distinct_targets(x, project))) return false;
    if (x->q->order.count && !(x->rel = sort_targets(x, project))) return false;
    if (x->ons && !(x->rel = distinct_targets(x, project))) return false;
    bool limited = x->q->limit || x->q->offset;
    if (x->locks.count && !(x->rel = bind_lock_rows(p, x->rel, &x->locks, limited))) return false;
    if (!bind_limit(&x->scope, x->q, &x->rel)) return false;
    if (x->targets.count > x->outputs && !(x->rel = rel_choose(p, x->rel, x->outputs, project->id)))
        return false;
    out->rel = x->rel;
    out->columns = x->outputs;
    out->id = arena_array(p->mem, ColumnId, x->outputs + 1);
    out->name = arena_array(p->mem, Str, x->outputs + 1);
    for (uint32_t i = 0; i < x->outputs; i++) {
        out->id[i] = project->id[i];
        out->name[i] = x->targets.at[i].name;
    }
    out->project = x->rel == project ? project : NULL;
    return true;
}

static bool refused(Planner *p, const AstQuery *q)
{
    if (q->into) return !bind_unsupported(p, q->at, "SELECT … INTO");
    if (!bind_lock_allowed(p, q)) return true;
    return false;
}

bool bind_select(Planner *p, const AstQuery *q, Scope *outer, const ScopeCte *cte, bool keep_unknown,
                 Bound *out)
{
    if (refused(p, q)) return false;
    Select x = {.scope = {.p = p, .outer = outer, .cte = cte, .windows.named = &q->windows}, .q = q};
    return bind_source(&x) && bind_outputs(&x) && settle_outputs(&x, keep_unknown) && bind_grouping(&x) &&
           finish(&x, out);
}
