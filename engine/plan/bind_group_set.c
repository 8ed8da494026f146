// Bind: GROUP BY's list as grouping sets: each item is a list of sets (ROLLUP its prefixes, CUBE its subsets,
// GROUPING SETS the sets of its members), and the list means every combination of one set of each item.
// GROUPING(…) is bound here, too. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

typedef struct Sets {
    BindGroupSet *at;
    uint32_t count, cap;
} Sets;
typedef struct Expand {
    Scope *s;
    const BindTargets *targets;
    ExprList keys;
    int64_t at;
} Expand;

static bool sets_add(Expand *x, Sets *sets, BindGroupSet set)
{
    Planner *p = x->s->p;
    if (sets->count == GROUP_SETS_MAX)
        return err_set_at(p->err, SQLSTATE_TOO_COMPLEX, x->at, "too many grouping sets present (maximum %d)",
                          GROUP_SETS_MAX);
    if (sets->count == sets->cap) {
        sets->cap = sets->cap ? sets->cap * 2 : 4;
        BindGroupSet *grown = arena_array(p->mem, BindGroupSet, sets->cap);
        for (uint32_t i = 0; i < sets->count; i++) grown[i] = sets->at[i];
        sets->at = grown;
    }
    sets->at[sets->count++] = set;
    return true;
}

// Keys of both, ascending, each once.
static BindGroupSet set_union(Planner *p, const BindGroupSet *a, const BindGroupSet *b)
{
    BindGroupSet out = {arena_array(p->mem, uint32_t, a->keys + b->keys + 1), 0};
    uint32_t i = 0, k = 0;
    while (i < a->keys || k < b->keys) {
        bool left = k == b->keys || (i < a->keys && a->key[i] <= b->key[k]);
        uint32_t key = left ? a->key[i] : b->key[k];
        if (i < a->keys && a->key[i] == key) i++;
        if (k < b->keys && b->key[k] == key) k++;
        out.key[out.keys++] = key;
    }
    return out;
}

// An expression, or the members of (a, b), as one set.
static bool set_of(Expand *x, const AstExpr *e, BindGroupSet *out)
{
    const AstExpr *const one[1] = {e};
    const AstExpr *const *list = e->kind == AST_ROW ? (const AstExpr *const *)e->list.at : one;
    uint32_t count = e->kind == AST_ROW ? e->list.count : 1;
    *out = (BindGroupSet){0};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t key;
        if (!bind_group_key(x->s, list[i], x->targets, &x->keys, &key)) return false;
        const BindGroupSet single = {&key, 1};
        *out = set_union(x->s->p, out, &single);
    }
    return true;
}

static bool list_sets(Expand *x, const AstExprs *list, BindGroupSet **out)
{
    *out = arena_array(x->s->p->mem, BindGroupSet, list->count + 1);
    for (uint32_t i = 0; i < list->count; i++)
        if (!set_of(x, list->at[i], &(*out)[i])) return false;
    return true;
}

static bool rollup(Expand *x, const AstGroup *g, Sets *out)
{
    BindGroupSet *part;
    if (!list_sets(x, &g->list, &part)) return false;
    for (uint32_t n = g->list.count + 1; n-- > 0;) {
        BindGroupSet set = {0};
        for (uint32_t i = 0; i < n; i++) set = set_union(x->s->p, &set, &part[i]);
        if (!sets_add(x, out, set)) return false;
    }
    return true;
}

static bool cube(Expand *x, const AstGroup *g, Sets *out)
{
    BindGroupSet *part;
    if (g->list.count > GROUP_CUBE_MAX)
        return err_set_at(x->s->p->err, "54011", g->at, "CUBE is limited to %d elements", GROUP_CUBE_MAX);
    if (!list_sets(x, &g->list, &part)) return false;
    for (uint32_t n = 0; n < 1u << g->list.count; n++) {
        BindGroupSet set = {0};
        for (uint32_t i = 0; i < g->list.count; i++)
            if (!(n >> i & 1)) set = set_union(x->s->p, &set, &part[i]);
        if (!sets_add(x, out, set)) return false;
    }
    return true;
}

static bool item_sets(Expand *x, const AstGroup *g, Sets *out)
{
    BindGroupSet set = {0};
    x->at = g->at;
    switch (g->kind) {
    case AST_GROUP_ROLLUP: return rollup(x, g, out);
    case AST_GROUP_CUBE: return cube(x, g, out);
    case AST_GROUP_SETS:
        for (uint32_t i = 0; i < g->sets; i++)
            if (!item_sets(x, &g->set[i], out)) return false;
        return true;
    case AST_GROUP_EXPR:
        if (!set_of(x, g->expr, &set)) return false;
        break;
    case AST_GROUP_EMPTY: break;
    }
    return sets_add(x, out, set);
}

static bool combine(Expand *x, Sets *all, const Sets *item)
{
    Sets out = {0};
    for (uint32_t i = 0; i < all->count; i++)
        for (uint32_t k = 0; k < item->count; k++)
            if (!sets_add(x, &out, set_union(x->s->p, &all->at[i], &item->at[k]))) return false;
    *all = out;
    return true;
}

static bool same_set(const BindGroupSet *a, const BindGroupSet *b)
{
    if (a->keys != b->keys) return false;
    for (uint32_t i = 0; i < a->keys; i++)
        if (a->key[i] != b->key[i]) return false;
    return true;
}

static void drop_repeated(Sets *sets)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < sets->count; i++) {
        uint32_t k = 0;
        while (k < kept && !same_set(&sets->at[k], &sets->at[i])) k++;
        if (k == kept) sets->at[kept++] = sets->at[i];
    }
    sets->count = kept;
}

bool bind_group_keys(Scope *s, const AstQuery *q, const BindTargets *targets, BindGroups *out)
{
    Expand x = {.s = s, .targets = targets};
    Sets all = {0};
    s->clause = CLAUSE_GROUP;
    if (!sets_add(&x, &all, (BindGroupSet){0})) return false;
    for (uint32_t i = 0; i < q->groups; i++) {
        Sets item = {0};
        if (!item_sets(&x, &q->group[i], &item) || !combine(&x, &all, &item)) return false;
    }
    if (q->group_distinct) drop_repeated(&all);
    *out = (BindGroups){x.keys, all.at, all.count};
    return true;
}

// ---- GROUPING(…) ----

static ColumnId grouping_column(Scope *s, const ExprList *arg, int64_t at)
{
    ScopeGroupings *all = &s->groupings;
    if (all->count == all->cap) {
        all->cap = all->cap ? all->cap * 2 : 4;
        BindGroupingCall *grown = arena_array(s->p->mem, BindGroupingCall, all->cap);
        for (uint32_t i = 0; i < all->count; i++) grown[i] = all->call[i];
        all->call = grown;
    }
    ColumnId id = rel_column_new(s->p, STR("grouping"), type_of(TYPE_INTEGER));
    all->call[all->count++] = (BindGroupingCall){*arg, id, at};
    return id;
}

Expr *bind_grouping_call(Scope *s, const AstExpr *e)
{
    enum { ARGS_MAX = 31 };
    ExprList arg = {0};
    if (e->call->args.count > ARGS_MAX) {
        err_set_at(s->p->err, "54023", e->at, "GROUPING must have fewer than 32 arguments");
        return NULL;
    }
    for (uint32_t i = 0; i < e->call->args.count; i++) {
        Expr *a = bind_settle(s->p, bind_expr(s, e->call->args.at[i]));
        if (!a) return NULL;
        rel_list_add(s->p, &arg, a);
    }
    Scope *o = bind_owner(s, &arg);
    if (!bind_aggregates_allowed(o, "grouping operations", e->at)) return NULL;
    return rel_slot(s->p, grouping_column(o, &arg, e->at), e->at);
}
