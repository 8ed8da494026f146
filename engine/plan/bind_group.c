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
    bool constant = e->kind == AST_STRING || e->kind == AST_NULL || e->kind == AST_BOOLEAN;
    if (e->kind != AST_NUMBER && !constant) return true;
    int64_t n;
    if (constant || !str_to_int64(e->text, &n))
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
    bool found, window;
} AggregateFind;

static bool find_aggregate(Expr *e, void *arg)
{
    AggregateFind *f = arg;
    for (uint32_t i = 0; e->kind == EXPR_SLOT && i < f->s->aggregates.count; i++)
        if (f->s->aggregates.id[i] == e->slot) f->found = true;
    if (e->kind == EXPR_SLOT && bind_is_window_column(f->s, e->slot)) f->window = true;
    return !f->found;
}

static bool key_add(Scope *s, ExprList *keys, Expr *key, uint32_t *number)
{
    AggregateFind f = {.s = s};
    expr_walk(key, find_aggregate, &f);
    if (f.window)
        return err_set_at(s->p->err, "42P20", key->at, "window functions are not allowed in GROUP BY");
    if (f.found)
        return err_set_at(s->p->err, "42803", key->at, "aggregate functions are not allowed in GROUP BY");
    for (uint32_t i = 0; i < keys->count; i++)
        if (expr_equal(keys->at[i], key)) {
            *number = i;
            return true;
        }
    *number = keys->count;
    rel_list_add(s->p, keys, key);
    return true;
}

bool bind_group_key(Scope *s, const AstExpr *e, const BindTargets *targets, ExprList *keys, uint32_t *key)
{
    Expr *bound = group_key(s, e, targets);
    return bound && key_add(s, keys, bound, key);
}

// ---- rewriting ----

typedef struct Grouping {
    Scope *s;
    ExprList keys;
    ColumnId *id; // of the keys
    const BindGroups *groups;
    bool in_subquery;
} Grouping;

// With several sets a key's column is another one than what is grouped: it may be NULL.
static bool several_sets(const Grouping *g) { return g->groups->sets > 1; }

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

static bool key_find(const Grouping *g, ColumnId id, uint32_t *key)
{
    for (uint32_t i = 0; i < g->keys.count; i++) {
        if (g->keys.at[i]->kind != EXPR_SLOT || g->keys.at[i]->slot != id) continue;
        *key = i;
        return true;
    }
    return false;
}

static bool set_has(const BindGroupSet *set, uint32_t key)
{
    for (uint32_t i = 0; i < set->keys; i++)
        if (set->key[i] == key) return true;
    return false;
}

// Grouped by in every set.
static bool key_always(const Grouping *g, ColumnId id)
{
    uint32_t key;
    if (!key_find(g, id, &key)) return false;
    for (uint32_t i = 0; key < g->groups->keys.count && i < g->groups->sets; i++)
        if (!set_has(&g->groups->set[i], key)) return false;
    return true;
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
        if (!key_always(g, r->id[primary->column[i]])) return false;
    return true;
}

static ColumnId key_append(Grouping *g, Expr *slot)
{
    Planner *p = g->s->p;
    rel_list_add(p, &g->keys, slot);
    ColumnId *id = arena_array(p->mem, ColumnId, g->keys.count);
    for (uint32_t i = 0; i + 1 < g->keys.count; i++) id[i] = g->id[i];
    id[g->keys.count - 1] =
        several_sets(g) ? rel_column_new(p, p->column[slot->slot].name, slot->type) : slot->slot;
    g->id = id;
    return id[g->keys.count - 1];
}

static const BindGroupingCall *grouping_of(const Grouping *g, ColumnId id)
{
    for (uint32_t i = 0; i < g->s->groupings.count; i++)
        if (g->s->groupings.call[i].id == id) return &g->s->groupings.call[i];
    return NULL;
}

static Expr *regroup_slot(Grouping *g, Expr *e)
{
    Planner *p = g->s->p;
    ColumnId id = e->slot;
    uint32_t key;
    if (grouping_of(g, id) && !several_sets(g))
        return rel_constant(p, (Value){.type = type_of(TYPE_INTEGER)}, e->at);
    if (grouping_of(g, id) || is_aggregate_id(g, id) || bind_is_window_column(g->s, id)) return e;
    if (key_find(g, id, &key)) return g->id[key] == id ? e : rel_slot(p, g->id[key], e->at);
    if (!from_here(g->s, id)) return e;
    if (depends_on_key(g, id)) {
        ColumnId made = key_append(g, rel_slot(p, id, e->at));
        return made == id ? e : rel_slot(p, made, e->at);
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
        if (!g->in_subquery && (several_sets(g) || e->kind != EXPR_CONSTANT) && e->kind != EXPR_SLOT &&
            expr_equal(g->keys.at[i], e))
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

// ---- the aggregation ----

// Per set and key: is the key in the set? Keys added for what depends on them are in every set.
static bool *set_members(const Grouping *g)
{
    uint32_t keys = g->keys.count;
    bool *in = arena_array(g->s->p->mem, bool, (size_t)g->groups->sets *keys + 1);
    for (uint32_t i = 0; i < g->groups->sets; i++)
        for (uint32_t k = 0; k < keys; k++)
            in[(size_t)i * keys + k] = k >= g->groups->keys.count || set_has(&g->groups->set[i], k);
    return in;
}

// GROUPING's value in each set: a bit for each argument that is not grouped by.
static bool grouping_values(Grouping *g, Rel *r)
{
    Planner *p = g->s->p;
    const ScopeGroupings *all = &g->s->groupings;
    r->grouping = arena_array(p->mem, int32_t, (size_t)all->count * r->sets + 1);
    for (uint32_t i = 0; i < all->count; i++)
        for (uint32_t a = 0; a < all->call[i].arg.count; a++) {
            uint32_t key = 0;
            const Expr *arg = all->call[i].arg.at[a];
            while (key < g->groups->keys.count && !expr_equal(g->keys.at[key], arg)) key++;
            if (key == g->groups->keys.count)
                return err_set_at(
                    p->err, "42803", arg->at,
                    "arguments to GROUPING must be grouping expressions of the associated query "
                    "level");
            for (uint32_t k = 0; k < r->sets; k++) {
                int32_t *value = &r->grouping[(size_t)i * r->sets + k];
                *value = *value * 2 + !set_has(&g->groups->set[k], key);
            }
        }
    r->groupings = several_sets(g) ? all->count : 0;
    return true;
}

// The direct arguments of an ordered-set aggregate have one value in a group.
static bool direct_args_grouped(Grouping *g)
{
    const ScopeAggregates *a = &g->s->aggregates;
    for (uint32_t i = 0; i < a->count; i++) {
        if (!a->call[i].function->sorted) continue;
        for (uint32_t k = 0; k < a->call[i].args; k++) {
            if (regroup(g, a->call[i].arg[k])) continue;
            err_hint(g->s->p->err,
                     "Direct arguments of an ordered-set aggregate must use only grouped columns.");
            return false;
        }
    }
    return true;
}

static Rel *aggregate_over(Grouping *g, Rel *child)
{
    Planner *p = g->s->p;
    const ScopeAggregates *a = &g->s->aggregates;
    Rel *r = rel_over(p, REL_AGGREGATE, child);
    if (!r || !direct_args_grouped(g)) return NULL;
    r->groups = g->keys.count;
    r->group = g->keys.at;
    r->calls = a->count;
    r->call = a->call;
    r->sets = g->groups->sets;
    if (!grouping_values(g, r)) return NULL;
    r->in_set = set_members(g);
    if (!several_sets(g)) r->sets = 0;
    r->columns = r->groups + r->calls + r->groupings;
    r->id = arena_array(p->mem, ColumnId, r->columns + 1);
    for (uint32_t i = 0; i < r->groups; i++) r->id[i] = g->id[i];
    for (uint32_t i = 0; i < r->calls; i++) r->id[r->groups + i] = a->id[i];
    for (uint32_t i = 0; i < r->groupings; i++) r->id[r->groups + r->calls + i] = g->s->groupings.call[i].id;
    return r;
}

bool bind_group(Scope *s, Rel **rel, const BindGroups *groups, BindTargets *targets, Expr **having)
{
    Planner *p = s->p;
    Grouping g = {.s = s,
                  .keys = groups->keys,
                  .id = arena_array(p->mem, ColumnId, groups->keys.count + 1),
                  .groups = groups};
    for (uint32_t i = 0; i < groups->keys.count; i++) {
        const Expr *key = groups->keys.at[i];
        bool own = groups->sets == 1 && key->kind == EXPR_SLOT && rel_has(*rel, key->slot);
        Str name = key->kind == EXPR_SLOT ? p->column[key->slot].name : STR("?column?");
        g.id[i] = own ? key->slot : rel_column_new(p, name, key->type);
    }
    for (uint32_t i = 0; i < targets->count; i++)
        if (!(targets->at[i].expr = regroup(&g, targets->at[i].expr))) return false;
    if (*having && !(*having = regroup(&g, *having))) return false;
    *rel = aggregate_over(&g, *rel);
    if (*rel && *having) *rel = rel_filter(p, *rel, *having);
    return *rel != NULL;
}
