// Bind: GROUP BY: its keys, and the rewriting of what stands above the aggregation: a part equal to a key
// becomes the key's column, and no other column of FROM may be left (42803), unless the primary key of its
// table is grouped by. The one idea: a key that is a plain column keeps its ColumnId, so subqueries that name
// it need no rewriting. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

// ---- keys ----

bool bind_position(Planner *p, const AstExpr *e, uint32_t count, const char *clause, uint32_t *position,
                   bool *is)
{
    bool minus;
    const AstExpr *number = bind_signed_number(e, &minus);
    *is = false;
    if (number) e = number;
    if (e->kind != AST_NUMBER && e->kind != AST_STRING) return true;
    int64_t n;
    if (e->kind == AST_STRING || !str_to_int64(e->text, &n))
        return err_set_at(p->err, SQLSTATE_SYNTAX, e->at, "non-integer constant in %s", clause);
    if (minus) n = -n;
    if (n < 1 || n > (int64_t)count)
        return err_set_at(p->err, "42P10", e->at, "%s position %lld is not in select list", clause,
                          (long long)n);
    *is = true;
    *position = (uint32_t)n - 1;
    return true;
}

// A bare name is a column of FROM first, then a name of the output.
static Expr *key_by_output_name(Scope *s, const AstExpr *e, const BindTargets *targets)
{
    if (e->kind != AST_COLUMN || e->path->parts != 1) return NULL;
    bool ambiguous;
    Str name = e->path->part[0].text;
    if (bind_name_find(s, name, &ambiguous) != COLUMN_NONE) return NULL;
    for (uint32_t i = 0; i < targets->count; i++)
        if (str_equal(targets->at[i].name, name)) return targets->at[i].expr;
    return NULL;
}

static Expr *group_key(Scope *s, const AstExpr *e, const BindTargets *targets)
{
    uint32_t position;
    bool is;
    if (!bind_position(s->p, e, targets->count, "GROUP BY", &position, &is)) return NULL;
    if (is) return targets->at[position].expr;
    Expr *named = key_by_output_name(s, e, targets);
    if (named) return named;
    return bind_settle(s->p, bind_expr(s, e));
}

typedef struct AggregateFind {
    const Scope *s;
    bool found;
} AggregateFind;

static bool find_aggregate(Expr *e, void *arg)
{
    AggregateFind *f = arg;
    for (uint32_t i = 0; e->kind == EXPR_SLOT && i < f->s->aggregates.count; i++)
        if (f->s->aggregates.id[i] == e->slot) f->found = true;
    return !f->found;
}

static bool key_add(Scope *s, ExprList *keys, Expr *key)
{
    AggregateFind f = {s, false};
    expr_walk(key, find_aggregate, &f);
    if (f.found)
        return err_set_at(s->p->err, "42803", key->at, "aggregate functions are not allowed in GROUP BY");
    for (uint32_t i = 0; i < keys->count; i++)
        if (expr_equal(keys->at[i], key)) return true;
    rel_list_add(s->p, keys, key);
    return true;
}

bool bind_group_keys(Scope *s, const AstQuery *q, const BindTargets *targets, ExprList *keys)
{
    s->clause = CLAUSE_GROUP;
    for (uint32_t i = 0; i < q->groups; i++) {
        const AstGroup *g = &q->group[i];
        if (g->kind == AST_GROUP_EMPTY && q->groups == 1) continue;
        if (g->kind != AST_GROUP_EXPR) return bind_unsupported(s->p, g->at, "GROUPING SETS, ROLLUP and CUBE");
        const AstExprs one = {(AstExpr **)(uintptr_t)&g->expr, 1};
        const AstExprs *list = g->expr->kind == AST_ROW ? &g->expr->list : &one;
        for (uint32_t k = 0; k < list->count; k++) {
            Expr *key = group_key(s, list->at[k], targets);
            if (!key || !key_add(s, keys, key)) return false;
        }
    }
    return true;
}

// ---- rewriting ----

typedef struct Grouping {
    Scope *s;
    ExprList keys;
    ColumnId *id; // of the keys
    bool in_subquery;
} Grouping;

static Expr *regroup(Grouping *g, Expr *e);

static bool is_aggregate_id(const Grouping *g, ColumnId id)
{
    for (uint32_t i = 0; i < g->s->aggregates.count; i++)
        if (g->s->aggregates.id[i] == id) return true;
    return false;
}

static const ScopeRange *range_of(const Scope *s, ColumnId id, uint32_t *place)
{
    for (uint32_t i = 0; i < s->ranges; i++)
        for (uint32_t k = 0; k < s->range[i]->columns; k++)
            if (s->range[i]->id[k] == id) {
                *place = k;
                return s->range[i];
            }
    return NULL;
}

static bool from_here(const Scope *s, ColumnId id)
{
    uint32_t place;
    if (range_of(s, id, &place)) return true;
    for (uint32_t i = 0; i < s->columns; i++)
        if (s->column[i].id == id) return true;
    return false;
}

static bool key_has(const Grouping *g, ColumnId id)
{
    for (uint32_t i = 0; i < g->keys.count; i++)
        if (g->keys.at[i]->kind == EXPR_SLOT && g->keys.at[i]->slot == id) return true;
    return false;
}

// With the whole primary key grouped by, every column of the table has one value per group.
static bool depends_on_key(const Grouping *g, ColumnId id)
{
    uint32_t place;
    const ScopeRange *r = range_of(g->s, id, &place);
    if (!r || !r->table) return false;
    const IndexDef *primary = schema_primary(table_def(r->table->table));
    if (!primary) return false;
    for (uint16_t i = 0; i < primary->column_count; i++)
        if (!key_has(g, r->id[primary->column[i]])) return false;
    return true;
}

static void key_append(Grouping *g, Expr *slot)
{
    Planner *p = g->s->p;
    rel_list_add(p, &g->keys, slot);
    ColumnId *id = arena_array(p->mem, ColumnId, g->keys.count);
    for (uint32_t i = 0; i + 1 < g->keys.count; i++) id[i] = g->id[i];
    id[g->keys.count - 1] = slot->slot;
    g->id = id;
}

static Expr *regroup_slot(Grouping *g, Expr *e)
{
    Planner *p = g->s->p;
    ColumnId id = e->slot;
    if (is_aggregate_id(g, id) || key_has(g, id) || !from_here(g->s, id)) return e;
    if (depends_on_key(g, id)) {
        key_append(g, rel_slot(p, id, e->at));
        return e;
    }
    const RelColumn *c = &p->column[id];
    const char *dot = c->table.len ? "." : "";
    if (g->in_subquery)
        err_set_at(p->err, "42803", e->at, "subquery uses ungrouped column \"%.*s%s%.*s\" from outer query",
                   STR_ARG(c->table), dot, STR_ARG(c->name));
    else
        err_set_at(
            p->err, "42803", e->at,
            "column \"%.*s%s%.*s\" must appear in the GROUP BY clause or be used in an aggregate function",
            STR_ARG(c->table), dot, STR_ARG(c->name));
    return NULL;
}

static void regroup_place(Planner *p, Expr **place, void *arg)
{
    Expr *e = err_any(p->err) ? NULL : regroup(arg, *place);
    if (e) *place = e;
}

static void regroup_tree(Grouping *g, Rel *r)
{
    rel_exprs(g->s->p, r, regroup_place, g);
    for (uint32_t i = 0; i < r->children; i++) regroup_tree(g, r->child[i]);
}

static Expr *regroup_args(Grouping *g, Expr *e)
{
    Expr *copy = e;
    for (uint32_t i = 0; i < e->args; i++) {
        Expr *part = regroup(g, e->arg[i]);
        if (!part) return NULL;
        if (part == e->arg[i]) continue;
        if (copy == e) {
            Planner *p = g->s->p;
            copy = bind_new(p, e->kind, e->type, 0, e->at);
            *copy = *e;
            copy->arg = arena_array(p->mem, Expr *, e->args);
            for (uint32_t k = 0; k < e->args; k++) copy->arg[k] = e->arg[k];
        }
        copy->arg[i] = part;
    }
    return copy;
}

static Expr *regroup(Grouping *g, Expr *e)
{
    for (uint32_t i = 0; i < g->keys.count; i++)
        if (e->kind != EXPR_CONSTANT && e->kind != EXPR_SLOT && expr_equal(g->keys.at[i], e))
            return rel_slot(g->s->p, g->id[i], e->at);
    if (e->kind == EXPR_SLOT) return regroup_slot(g, e);
    if (e->kind == EXPR_SUBQUERY) {
        bool before = g->in_subquery;
        g->in_subquery = true;
        regroup_tree(g, e->logical);
        g->in_subquery = before;
        if (err_any(g->s->p->err)) return NULL;
    }
    return regroup_args(g, e);
}

static Rel *aggregate_over(const Grouping *g, Rel *child)
{
    Planner *p = g->s->p;
    const ScopeAggregates *a = &g->s->aggregates;
    Rel *r = rel_over(p, REL_AGGREGATE, child);
    if (!r) return NULL;
    r->groups = g->keys.count;
    r->group = g->keys.at;
    r->calls = a->count;
    r->call = a->call;
    r->columns = r->groups + r->calls;
    r->id = arena_array(p->mem, ColumnId, r->columns + 1);
    for (uint32_t i = 0; i < r->columns; i++) r->id[i] = i < r->groups ? g->id[i] : a->id[i - r->groups];
    return r;
}

bool bind_group(Scope *s, Rel **rel, const ExprList *keys, BindTargets *targets, Expr **having)
{
    Planner *p = s->p;
    Grouping g = {.s = s, .keys = *keys, .id = arena_array(p->mem, ColumnId, keys->count + 1)};
    for (uint32_t i = 0; i < keys->count; i++) {
        const Expr *key = keys->at[i];
        bool own = key->kind == EXPR_SLOT && rel_has(*rel, key->slot);
        g.id[i] = own ? key->slot : rel_column_new(p, STR("?column?"), key->type);
    }
    for (uint32_t i = 0; i < targets->count; i++)
        if (!(targets->at[i].expr = regroup(&g, targets->at[i].expr))) return false;
    if (*having && !(*having = regroup(&g, *having))) return false;
    *rel = aggregate_over(&g, *rel);
    if (*rel && *having) *rel = rel_filter(p, *rel, *having);
    return *rel != NULL;
}
