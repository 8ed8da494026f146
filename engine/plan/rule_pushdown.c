// Rule: conditions go down to where their columns are made: through projections, groupings and set
// operations, into the sides of joins, at last into the tables. An outer join whose added NULLs a condition
// above refuses becomes an inner join; a condition that is never true empties its part of the tree. Relies on
// rel_in.h.
#include "engine/plan/rel_in.h"

enum { DERIVE_MAX = 256 }; // conditions of one join that are looked at for derived ones

static Rel *push(Planner *p, Rel *r, ExprList down);

static Rel *keep_above(Planner *p, Rel *r, const ExprList *list)
{
    if (!r || !list->count) return r;
    Rel *f = rel_over(p, REL_FILTER, r);
    if (f) f->where = *list;
    return f;
}

static bool never_true(const Expr *e)
{
    return e->kind == EXPR_CONSTANT && e->type.id == TYPE_BOOLEAN && (e->value.null || !e->value.boolean);
}

// No rows, the same columns.
static Rel *empty(Planner *p, const Rel *r)
{
    Rel *v = rel_new(p, REL_VALUES);
    if (!v) return NULL;
    v->columns = r->columns;
    v->id = r->id;
    v->expr = arena_array(p->mem, Expr *, 1);
    return v;
}

static void add_all(Planner *p, ExprList *into, const ExprList *from)
{
    for (uint32_t i = 0; i < from->count; i++) rel_list_add(p, into, from->at[i]);
}

static IdSet ids_of(Planner *p, const Expr *e)
{
    IdSet s = rel_set_new(p);
    rel_expr_ids(p, e, &s);
    return s;
}

// ---- below a projection, a grouping, a set operation: the same condition in other words ----

typedef struct Rename {
    const ColumnId *id;
    Expr *const *expr;
    uint32_t count;
} Rename;

static Expr *rename_slot(const Expr *slot, void *arg)
{
    const Rename *n = arg;
    for (uint32_t i = 0; i < n->count; i++)
        if (n->id[i] == slot->slot) return n->expr[i];
    return NULL;
}

static bool renames_well(const Rename *n, const IdSet *ids)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (rel_set_has(ids, n->id[i]) && !rel_is_movable(n->expr[i])) return false;
    return true;
}

static Rel *push_project(Planner *p, Rel *r, ExprList down)
{
    Rename names = {r->id, r->expr, r->columns};
    ExprList below = {0}, above = {0};
    for (uint32_t i = 0; i < down.count; i++) {
        IdSet ids = ids_of(p, down.at[i]);
        bool fine = rel_is_movable(down.at[i]) && renames_well(&names, &ids);
        if (fine)
            rel_list_add(p, &below, rel_replace(p, down.at[i], rename_slot, &names));
        else
            rel_list_add(p, &above, down.at[i]);
    }
    r->child[0] = push(p, r->child[0], below);
    return r->child[0] ? keep_above(p, r, &above) : NULL;
}

static Rel *push_aggregate(Planner *p, Rel *r, ExprList down)
{
    Rename keys = {r->id, r->group, r->groups};
    IdSet calls = rel_set_new(p);
    for (uint32_t i = r->groups; i < r->columns; i++) rel_set_add(&calls, r->id[i]);
    ExprList below = {0}, above = {0};
    for (uint32_t i = 0; i < down.count; i++) {
        IdSet ids = ids_of(p, down.at[i]);
        bool fine = r->groups && !r->sets && !rel_set_empty(&ids) && !rel_set_meets(&ids, &calls) &&
                    rel_is_movable(down.at[i]) && renames_well(&keys, &ids);
        if (fine)
            rel_list_add(p, &below, rel_replace(p, down.at[i], rename_slot, &keys));
        else
            rel_list_add(p, &above, down.at[i]);
    }
    r->child[0] = push(p, r->child[0], below);
    return r->child[0] ? keep_above(p, r, &above) : NULL;
}

static Rel *push_set(Planner *p, Rel *r, ExprList down)
{
    ExprList side[2] = {{0}, {0}}, above = {0};
    for (int k = 0; k < 2; k++) {
        Expr **slot = arena_array(p->mem, Expr *, r->columns + 1);
        for (uint32_t i = 0; i < r->columns; i++) slot[i] = rel_slot(p, r->child[k]->id[i], -1);
        Rename names = {r->id, slot, r->columns};
        for (uint32_t i = 0; i < down.count; i++)
            if (rel_is_movable(down.at[i]))
                rel_list_add(p, &side[k], rel_replace(p, down.at[i], rename_slot, &names));
    }
    for (uint32_t i = 0; i < down.count; i++)
        if (!rel_is_movable(down.at[i])) rel_list_add(p, &above, down.at[i]);
    for (int k = 0; k < 2; k++) {
        // The sides are matched by place: what is pushed must not change their columns.
        Rel *child = r->child[k];
        Rel *pushed = push(p, child, side[k]);
        if (!pushed) return NULL;
        r->child[k] =
            pushed->columns == child->columns ? pushed : rel_choose(p, pushed, child->columns, child->id);
    }
    return keep_above(p, r, &above);
}

// ---- joins ----

typedef struct Sides {
    IdSet left, right;
} Sides;

// False or NULL for certain when every column of `nulls` is NULL: comparisons and strict calls over one of
// them.
static bool refuses_nulls(Planner *p, const Expr *e, const IdSet *nulls);

static bool null_in_null_out(Planner *p, const Expr *e, const IdSet *nulls)
{
    if (e->kind == EXPR_SLOT) return rel_set_has(nulls, e->slot);
    bool strict = e->kind == EXPR_CAST || e->kind == EXPR_NOT || e->kind == EXPR_LIKE ||
                  (e->kind == EXPR_CALL && e->function->flags & FUNCTION_STRICT);
    if (!strict) return false;
    for (uint32_t i = 0; i < e->args; i++)
        if (null_in_null_out(p, e->arg[i], nulls)) return true;
    return false;
}

static bool refuses_nulls(Planner *p, const Expr *e, const IdSet *nulls)
{
    switch (e->kind) {
    case EXPR_IS_NULL: return e->negated && null_in_null_out(p, e->arg[0], nulls);
    case EXPR_IS_TRUE: return !e->negated && null_in_null_out(p, e->arg[0], nulls);
    case EXPR_IN_LIST: return null_in_null_out(p, e->arg[0], nulls);
    case EXPR_AND:
        for (uint32_t i = 0; i < e->args; i++)
            if (refuses_nulls(p, e->arg[i], nulls)) return true;
        return false;
    case EXPR_OR:
        for (uint32_t i = 0; i < e->args; i++)
            if (!refuses_nulls(p, e->arg[i], nulls)) return false;
        return e->args > 0;
    default: return null_in_null_out(p, e, nulls);
    }
}

static void weaken(Planner *p, Rel *r, const ExprList *down, const Sides *given)
{
    Sides s = *given;
    for (uint32_t i = 0; i < down->count && r->join != JOIN_INNER; i++) {
        bool no_right = refuses_nulls(p, down->at[i], &s.right),
             no_left = refuses_nulls(p, down->at[i], &s.left);
        if (r->join == JOIN_LEFT && no_right) r->join = JOIN_INNER;
        if (r->join != JOIN_FULL) continue;
        if (no_left && no_right) {
            r->join = JOIN_INNER;
        } else if (no_left) {
            r->join = JOIN_LEFT;
        } else if (no_right) {
            Rel *left = r->child[0];
            r->child[0] = r->child[1];
            r->child[1] = left;
            r->join = JOIN_LEFT;
            s = (Sides){s.right, s.left}; // for the conditions that follow
        }
    }
}

typedef enum Way { WAY_LEFT, WAY_RIGHT, WAY_BOTH } Way;

static Way way_of(Planner *p, const Expr *e, const Sides *s)
{
    IdSet ids = ids_of(p, e);
    bool left = rel_set_meets(&ids, &s->left), right = rel_set_meets(&ids, &s->right);
    if (rel_is_volatile(e)) return WAY_BOTH;
    if (left && !right) return WAY_LEFT;
    if (right && !left) return WAY_RIGHT;
    return WAY_BOTH;
}

// a = b AND a = 5: b = 5 as well.
static bool fixed_column(const Expr *e, const Expr **slot, int *side)
{
    if (!str_equal(rel_comparison(e), STR("="))) return false;
    for (*side = 0; *side < 2; ++*side) {
        *slot = e->arg[*side];
        ExprKind other = e->arg[1 - *side]->kind;
        if ((*slot)->kind == EXPR_SLOT && (other == EXPR_CONSTANT || other == EXPR_PARAM)) return true;
    }
    return false;
}

static void derive(Planner *p, ExprList *all, const Expr *fixed, const Expr *slot, int side,
                   const Expr *equality)
{
    for (int k = 0; k < 2; k++) {
        Expr *a = equality->arg[k], *b = equality->arg[1 - k];
        if (a->kind != EXPR_SLOT || a->slot != slot->slot || b->kind != EXPR_SLOT ||
            b->type.id != slot->type.id)
            continue;
        Expr *copy = arena_new(p->mem, Expr);
        *copy = *fixed;
        copy->arg = arena_array(p->mem, Expr *, 2);
        copy->arg[side] = b;
        copy->arg[1 - side] = fixed->arg[1 - side];
        for (uint32_t i = 0; i < all->count; i++)
            if (expr_equal(all->at[i], copy)) return;
        rel_list_add(p, all, copy);
    }
}

static void derive_constants(Planner *p, ExprList *all)
{
    const Expr *slot;
    int side;
    for (uint32_t i = 0; i < all->count && i < DERIVE_MAX; i++) {
        const Expr *fixed = all->at[i];
        if (!fixed_column(fixed, &slot, &side)) continue;
        for (uint32_t k = 0, count = all->count; k < count && k < DERIVE_MAX; k++)
            if (str_equal(rel_comparison(all->at[k]), STR("=")))
                derive(p, all, fixed, slot, side, all->at[k]);
    }
}

static Rel *push_inner(Planner *p, Rel *r, const ExprList *down, const Sides *s)
{
    ExprList all = {0}, side[3] = {{0}, {0}, {0}}, above = {0};
    add_all(p, &all, &r->where);
    add_all(p, &all, down);
    derive_constants(p, &all);
    for (uint32_t i = 0; i < all.count; i++) {
        Way way = way_of(p, all.at[i], s);
        if (way == WAY_BOTH && !rel_is_movable(all.at[i]))
            rel_list_add(p, &above, all.at[i]);
        else
            rel_list_add(p, &side[way], all.at[i]);
    }
    r->where = side[WAY_BOTH];
    r->child[0] = push(p, r->child[0], side[WAY_LEFT]);
    r->child[1] = r->child[0] ? push(p, r->child[1], side[WAY_RIGHT]) : NULL;
    return r->child[1] ? keep_above(p, r, &above) : NULL;
}

// LEFT, SEMI, ANTI, SINGLE, MARK: what is above and speaks of the left side goes left; what the join itself
// demands of the right side alone goes right, and of the left side alone goes left where unmatched rows are
// lost anyway.
static Rel *push_outer(Planner *p, Rel *r, const ExprList *down, const Sides *s)
{
    ExprList left = {0}, right = {0}, on = {0}, above = {0};
    for (uint32_t i = 0; i < down->count; i++) {
        bool fewer =
            r->join == JOIN_SEMI || r->join == JOIN_ANTI; // a subquery waits for what is left of them
        bool goes = r->join != JOIN_FULL && way_of(p, down->at[i], s) == WAY_LEFT &&
                    !(fewer && rel_has_subquery(down->at[i]));
        rel_list_add(p, goes ? &left : &above, down->at[i]);
    }
    for (uint32_t i = 0; i < r->where.count; i++) {
        Way way = way_of(p, r->where.at[i], s);
        bool fixed = r->join == JOIN_FULL || r->join == JOIN_ANTI_NULL || r->join == JOIN_MARK;
        if (way == WAY_RIGHT && !fixed)
            rel_list_add(p, &right, r->where.at[i]);
        else if (way == WAY_LEFT && r->join == JOIN_SEMI)
            rel_list_add(p, &left, r->where.at[i]);
        else
            rel_list_add(p, &on, r->where.at[i]);
    }
    r->where = on;
    r->child[0] = push(p, r->child[0], left);
    r->child[1] = r->child[0] ? push(p, r->child[1], right) : NULL;
    return r->child[1] ? keep_above(p, r, &above) : NULL;
}

static Rel *push_join(Planner *p, Rel *r, ExprList down)
{
    Sides s = {rel_output(p, r->child[0]), rel_output(p, r->child[1])};
    if (r->join == JOIN_LEFT || r->join == JOIN_FULL) {
        JoinKind before = r->join;
        weaken(p, r, &down, &s);
        if (r->join != before) s = (Sides){rel_output(p, r->child[0]), rel_output(p, r->child[1])};
    }
    return r->join == JOIN_INNER ? push_inner(p, r, &down, &s) : push_outer(p, r, &down, &s);
}

// ---- tables and the rest ----

static Rel *push_table(Planner *p, Rel *r, ExprList down)
{
    ExprList above = {0};
    for (uint32_t i = 0; i < down.count; i++)
        rel_list_add(p, rel_is_movable(down.at[i]) ? &r->where : &above, down.at[i]);
    return keep_above(p, r, &above);
}

static Rel *push_through(Planner *p, Rel *r, ExprList down)
{
    r->child[0] = push(p, r->child[0], down);
    return r->child[0] ? r : NULL;
}

// Are those of ids that are in own all keys?
static bool within(const IdSet *ids, const IdSet *own, const IdSet *keys)
{
    for (uint32_t w = 0; w < ids->words; w++)
        if (ids->word[w] & own->word[w] & ~keys->word[w]) return false;
    return true;
}

// Only what drops whole partitions of every window may go below.
static Rel *push_window(Planner *p, Rel *r, ExprList down)
{
    ExprList below = {0}, above = {0};
    for (uint32_t i = 0; i < down.count; i++) {
        IdSet ids = ids_of(p, down.at[i]), own = rel_output(p, r);
        bool fine = rel_is_movable(down.at[i]) && rel_set_meets(&ids, &own);
        for (uint32_t w = 0; fine && w < r->window->windows; w++) {
            const WindowDef *def = &r->window->window[w];
            IdSet keys = rel_set_new(p);
            for (uint32_t k = 0; k < def->partitions; k++)
                if (def->partition[k]->kind == EXPR_SLOT) rel_set_add(&keys, def->partition[k]->slot);
            fine = within(&ids, &own, &keys);
        }
        rel_list_add(p, fine ? &below : &above, down.at[i]);
    }
    r->child[0] = push(p, r->child[0], below);
    return r->child[0] ? keep_above(p, r, &above) : NULL;
}

// With ON only what speaks of its keys alone may drop rows before: whole kinds of them.
static Rel *push_distinct(Planner *p, Rel *r, ExprList down)
{
    ExprList below = {0}, above = {0};
    IdSet keys = rel_set_new(p);
    for (uint32_t i = 0; i < r->groups; i++)
        if (r->group[i]->kind == EXPR_SLOT) rel_set_add(&keys, r->group[i]->slot);
    for (uint32_t i = 0; i < down.count; i++) {
        IdSet ids = ids_of(p, down.at[i]), own = rel_output(p, r);
        bool fine = !r->groups || (rel_is_movable(down.at[i]) && rel_set_meets(&ids, &own));
        fine = fine && (!r->groups || within(&ids, &own, &keys));
        rel_list_add(p, fine ? &below : &above, down.at[i]);
    }
    r->child[0] = push(p, r->child[0], below);
    return r->child[0] ? keep_above(p, r, &above) : NULL;
}

static Rel *push_stop(Planner *p, Rel *r, ExprList down)
{
    for (uint32_t i = 0; i < r->children; i++)
        if (!(r->child[i] = push(p, r->child[i], (ExprList){0}))) return NULL;
    return keep_above(p, r, &down);
}

// What speaks of the child only can be asked before the functions run.
static Rel *push_function(Planner *p, Rel *r, ExprList down)
{
    IdSet made = rel_set_new(p);
    for (uint32_t i = 0; i < r->mades; i++) rel_set_add(&made, r->made[i]);
    ExprList below = {0}, above = {0};
    for (uint32_t i = 0; i < down.count; i++) {
        IdSet ids = ids_of(p, down.at[i]);
        bool fine = r->children && rel_is_movable(down.at[i]) && !rel_set_meets(&ids, &made);
        rel_list_add(p, fine ? &below : &above, down.at[i]);
    }
    if (r->children && !(r->child[0] = push(p, r->child[0], below))) return NULL;
    return keep_above(p, r, &above);
}

static Rel *push_filter(Planner *p, Rel *r, ExprList down)
{
    ExprList stay = {0}, go = {0};
    for (uint32_t i = 0; i < r->where.count; i++)
        rel_list_add(p, rel_is_volatile(r->where.at[i]) ? &stay : &go, r->where.at[i]);
    if (stay.count) {
        // What is above a volatile condition must not overtake it.
        add_all(p, &stay, &down);
        return keep_above(p, push(p, r->child[0], go), &stay);
    }
    add_all(p, &go, &down);
    return push(p, r->child[0], go);
}

static Rel *push(Planner *p, Rel *r, ExprList down)
{
    static Rel *(*const push_kind[])(Planner *, Rel *, ExprList) = {
        [REL_TABLE] = push_table,         [REL_VALUES] = push_stop,       [REL_SYSTEM] = push_stop,
        [REL_FILTER] = push_filter,       [REL_PROJECT] = push_project,   [REL_JOIN] = push_join,
        [REL_AGGREGATE] = push_aggregate, [REL_DISTINCT] = push_distinct, [REL_SORT] = push_through,
        [REL_LIMIT] = push_stop,          [REL_LOCK] = push_stop,         [REL_SET] = push_set,
        [REL_FUNCTION] = push_function,   [REL_WINDOW] = push_window,     [REL_WRITE] = push_stop,
        [REL_SPOOL] = push_stop,          [REL_WORK] = push_stop,
    };
    for (uint32_t i = 0; i < down.count; i++)
        if (never_true(down.at[i])) return empty(p, r);
    return push_kind[r->kind](p, r, down);
}

static Rel *apply(Planner *p, Rel *root)
{
    Rel *r = push(p, root, (ExprList){0});
    if (r) rel_refresh(p, r);
    return r;
}

const Rule rule_pushdown = {"pushdown", apply};
