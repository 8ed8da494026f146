// Rule: subqueries become joins: EXISTS and IN a semi join, their negations an anti join, a correlated scalar
// aggregate a left join with a grouping by the correlated columns, another correlated scalar subquery a
// single join, a LATERAL item a plain one. The conditions that name the enclosing query are taken out of the
// subquery's tree and become the join's. What does not fit stays an expression that exec runs once per
// distinct outer row. Relies on bind_in.h (for "=").
#include "engine/plan/bind_in.h"

#define FEW_OUTER_ROWS                                                                                       \
    20.0 // so many times fewer outer than inner rows: an index look-up per outer row is cheaper

enum { SCALARS_MAX = 32 }; // joined into one node

static Rel *visit(Planner *p, Rel *r);

static bool meets(Planner *p, const Expr *e, const IdSet *ids)
{
    IdSet own = rel_set_new(p);
    rel_expr_ids(p, e, &own);
    return rel_set_meets(&own, ids);
}

static bool tree_borrows(Planner *p, const Rel *r, const IdSet *outer)
{
    IdSet borrowed = rel_set_new(p);
    rel_free_ids(p, r, &borrowed);
    return rel_set_meets(&borrowed, outer);
}

// ---- taking correlated conditions out of a tree; nodes on the way are copied, so that giving up costs
// nothing ----

static ExprList split(Planner *p, const ExprList *where, const IdSet *outer, ExprList *on)
{
    ExprList rest = {0};
    for (uint32_t i = 0; i < where->count; i++) {
        Expr *e = where->at[i];
        rel_list_add(p, meets(p, e, outer) && rel_is_movable(e) ? on : &rest, e);
    }
    return rest;
}

static Rel *pull(Planner *p, Rel *r, const IdSet *outer, ExprList *on)
{
    bool inner = r->kind == REL_JOIN && r->join == JOIN_INNER;
    bool left_kept =
        r->kind == REL_JOIN && (r->join == JOIN_SEMI || r->join == JOIN_ANTI || r->join == JOIN_LEFT);
    if (r->kind != REL_FILTER && !inner && !left_kept) return r;
    Rel *copy = rel_new(p, r->kind);
    if (!copy) return NULL;
    *copy = *r;
    copy->rows = -1;
    copy->child[0] = pull(p, r->child[0], outer, on);
    if (inner) copy->child[1] = pull(p, r->child[1], outer, on);
    if (!copy->child[0] || (inner && !copy->child[1])) return NULL;
    if (!left_kept) copy->where = split(p, &r->where, outer, on);
    if (r->kind == REL_FILTER && !copy->where.count) return copy->child[0];
    rel_refresh(p, copy);
    return copy;
}

// The tree without its correlated conditions, or NULL when some cannot be taken out.
static Rel *freed(Planner *p, Rel *r, const IdSet *outer, ExprList *on)
{
    Rel *inner = pull(p, r, outer, on);
    return inner && !tree_borrows(p, inner, outer) ? inner : NULL;
}

static bool keeps_a_row(const Rel *limit)
{
    const Expr *n = limit->limit;
    return !limit->offset && n && n->kind == EXPR_CONSTANT && !n->value.null && n->value.i64 > 0;
}

// ---- EXISTS, IN ----

static Rel *exists_body(Rel *r)
{
    while (r->kind == REL_PROJECT || r->kind == REL_SORT || r->kind == REL_DISTINCT ||
           (r->kind == REL_LIMIT && keeps_a_row(r)))
        r = r->child[0];
    return r;
}

static Rel *join_exists(Planner *p, Rel *child, const Expr *e, bool negated)
{
    IdSet outer = rel_output(p, child);
    ExprList on = {0};
    if (!tree_borrows(p, e->logical, &outer)) return NULL; // runs once: nothing to win
    Rel *inner = freed(p, exists_body(e->logical), &outer, &on);
    if (!inner) return NULL;
    Rel *j = rel_join(p, negated ? JOIN_ANTI : JOIN_SEMI, child, inner, NULL);
    if (j) j->where = on;
    return j;
}

// The tree that gives IN's right side and the expressions over it.
static Rel *in_body(Planner *p, const Expr *e, const IdSet *outer, ExprList *on, Expr **column)
{
    Rel *r = e->logical;
    if (!tree_borrows(p, r, outer)) {
        for (uint32_t i = 0; i < e->args; i++) column[i] = rel_slot(p, r->id[i], -1);
        return r;
    }
    while (r->kind == REL_SORT || (r->kind == REL_DISTINCT && !r->groups)) r = r->child[0];
    if (r->kind != REL_PROJECT) return NULL;
    for (uint32_t i = 0; i < e->args; i++) {
        column[i] = r->expr[i];
        if (!rel_is_movable(column[i])) return NULL;
    }
    return freed(p, r->child[0], outer, on);
}

static Rel *join_in(Planner *p, Rel *child, const Expr *e, bool negated)
{
    IdSet outer = rel_output(p, child);
    ExprList on = {0};
    Expr **column = arena_array(p->mem, Expr *, e->args + 1);
    for (uint32_t i = 0; i < e->args; i++)
        if (!rel_is_movable(e->arg[i]) || !meets(p, e->arg[i], &outer)) return NULL;
    Rel *inner = in_body(p, e, &outer, &on, column);
    if (!inner || (negated && (on.count || e->args != 1))) return NULL;
    IdSet own = rel_output(p, inner);
    for (uint32_t i = 0; i < e->args; i++) {
        if (!meets(p, column[i], &own) || meets(p, column[i], &outer)) return NULL;
        Expr *equal = bind_operator(p, STR("="), e->arg[i], column[i], e->at);
        if (!equal) return NULL;
        rel_list_add(p, &on, equal);
    }
    Rel *j = rel_join(p, negated ? JOIN_ANTI_NULL : JOIN_SEMI, child, inner, NULL);
    if (j) j->where = on;
    return j;
}

// ---- scalar subqueries ----

typedef struct Scalar {
    Planner *p;
    Rel *child;   // grows by a join for each
    bool certain; // the expression is always evaluated, so an error of it may show
    uint32_t count;
    struct {
        const Rel *tree;
        Expr *column;
    } done[SCALARS_MAX]; // one subquery may stand in two places (BETWEEN)
} Scalar;

static bool leads_an_index(const RelColumn *c)
{
    const TableDef *def = c->stored ? table_def(c->stored) : NULL;
    for (uint16_t i = 0; def && i < def->index_count; i++) {
        const IndexDef *index = &def->index[i];
        if (index->column[0] == c->position && !index->predicate &&
            (index->kind == INDEX_SORTED || index->column_count == 1))
            return true;
    }
    return false;
}

// Few outer rows, and the rows each one asks for are found by an index.
static bool better_by_index(Scalar *s, Rel *inner, const ExprList *pulled)
{
    Planner *p = s->p;
    if (cost_rows(p, s->child) * FEW_OUTER_ROWS >= cost_rows(p, inner)) return false;
    IdSet own = rel_output(p, inner), outer = rel_output(p, s->child);
    for (uint32_t i = 0; i < pulled->count; i++) {
        Expr *inside, *outside;
        if (!rel_equality(p, pulled->at[i], &own, &outer, &inside, &outside)) continue;
        if (inside->kind == EXPR_SLOT && leads_an_index(&p->column[inside->slot])) return true;
    }
    return false;
}

static bool is_count(const Rel *aggregate, ColumnId id)
{
    for (uint32_t i = 0; i < aggregate->calls; i++) {
        AggregateKind k = aggregate->call[i].function->kind;
        if (aggregate->id[aggregate->groups + i] == id)
            return k == AGGREGATE_COUNT || k == AGGREGATE_COUNT_ALL;
    }
    return false;
}

typedef struct CountMap {
    Planner *p;
    const Rel *aggregate;
} CountMap;

// No row at all counts as 0, where the left join gives NULL.
static Expr *count_or_zero(const Expr *slot, void *arg)
{
    const CountMap *m = arg;
    if (!is_count(m->aggregate, slot->slot)) return NULL;
    Expr *e = bind_new(m->p, EXPR_COALESCE, slot->type, 2, slot->at);
    e->arg[0] = rel_slot(m->p, slot->slot, slot->at);
    e->arg[1] = rel_constant(m->p, (Value){.type = slot->type, .i64 = 0}, slot->at);
    return e;
}

static bool call_borrows(Planner *p, const AggregateCall *c, const IdSet *outer)
{
    for (uint32_t i = 0; i < c->args; i++)
        if (meets(p, c->arg[i], outer)) return true;
    for (uint32_t i = 0; i < c->order_keys; i++)
        if (meets(p, c->order[i].expr, outer)) return true;
    return c->filter && meets(p, c->filter, outer);
}

// Calls over the outer row's columns, or that give something for no rows at all (hypothetical-set ones).
static bool calls_borrow(Planner *p, const Rel *a, const IdSet *outer)
{
    for (uint32_t i = 0; i < a->calls; i++)
        if (call_borrows(p, &a->call[i], outer) || a->call[i].function->kind == AGGREGATE_HYPOTHETICAL)
            return true;
    return false;
}

// The aggregation, now grouped by the inner sides of the correlated equalities; *on joins it to the outer
// ones.
static Rel *grouped(Planner *p, const Rel *a, Rel *inner, const ExprList *pulled, const IdSet *outer,
                    ExprList *on)
{
    IdSet own = rel_output(p, inner);
    Rel *r = rel_over(p, REL_AGGREGATE, inner);
    if (!r) return NULL;
    r->group = arena_array(p->mem, Expr *, pulled->count + 1);
    r->calls = a->calls;
    r->call = a->call;
    r->id = arena_array(p->mem, ColumnId, pulled->count + a->calls + 1);
    for (uint32_t i = 0; i < pulled->count; i++) {
        Expr *inside, *outside;
        if (!rel_equality(p, pulled->at[i], &own, outer, &inside, &outside)) return NULL;
        ColumnId id =
            inside->kind == EXPR_SLOT ? inside->slot : rel_column_new(p, STR("?column?"), inside->type);
        Expr *equal = bind_operator(p, STR("="), outside, rel_slot(p, id, -1), -1);
        if (!equal) return NULL;
        rel_list_add(p, on, equal);
        r->group[r->groups] = inside;
        r->id[r->groups++] = id;
    }
    for (uint32_t i = 0; i < a->calls; i++) r->id[r->groups + i] = a->id[a->groups + i];
    r->columns = r->groups + r->calls;
    return r;
}

// Joins the aggregation, grouped, to s->child; the grouped node, or NULL.
static Rel *join_grouped(Scalar *s, const Rel *a)
{
    Planner *p = s->p;
    IdSet outer = rel_output(p, s->child);
    ExprList pulled = {0}, on = {0};
    if (calls_borrow(p, a, &outer)) return NULL;
    Rel *inner = freed(p, a->child[0], &outer, &pulled);
    if (!inner || !pulled.count) return NULL;
    if (better_by_index(s, inner, &pulled)) return NULL;
    Rel *r = grouped(p, a, inner, &pulled, &outer, &on);
    Rel *j = r ? rel_join(p, JOIN_LEFT, s->child, r, NULL) : NULL;
    if (!j) return NULL;
    j->where = on;
    s->child = j;
    return r;
}

static Expr *join_aggregate(Scalar *s, const Expr *value, const Rel *a)
{
    Rel *r = join_grouped(s, a);
    if (!r) return NULL;
    CountMap map = {s->p, r};
    return rel_replace(s->p, (Expr *)(uintptr_t)value, count_or_zero, &map);
}

// The value is worked out below the join, so that it is NULL where no row matched.
static Expr *join_single(Scalar *s, Expr *value, Rel *body)
{
    Planner *p = s->p;
    IdSet outer = rel_output(p, s->child);
    ExprList on = {0};
    if (!s->certain || meets(p, value, &outer)) return NULL;
    Rel *inner = freed(p, body, &outer, &on);
    if (!inner || !on.count) return NULL;
    IdSet own = rel_output(p, inner);
    bool any = false;
    for (uint32_t i = 0; i < on.count; i++) {
        Expr *a, *b;
        any = any || rel_equality(p, on.at[i], &outer, &own, &a, &b);
    }
    if (!any || better_by_index(s, inner, &on)) return NULL;
    uint32_t n = inner->columns;
    ColumnId *id = arena_array(p->mem, ColumnId, n + 1);
    Expr **expr = arena_array(p->mem, Expr *, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        id[i] = inner->id[i];
        expr[i] = rel_slot(p, id[i], -1);
    }
    id[n] = rel_column_new(p, STR("?column?"), value->type);
    expr[n] = value;
    Rel *right = rel_project(p, inner, n + 1, id, expr);
    Rel *j = right ? rel_join(p, JOIN_SINGLE, s->child, right, NULL) : NULL;
    if (!j) return NULL;
    j->where = on;
    s->child = j;
    return rel_slot(p, id[n], value->at);
}

static Expr *join_scalar_once(Scalar *s, const Expr *e)
{
    Rel *r = e->logical;
    IdSet outer = rel_output(s->p, s->child);
    if (!tree_borrows(s->p, r, &outer)) return NULL;
    while (r->kind == REL_SORT) r = r->child[0];
    if (r->kind != REL_PROJECT || r->columns != 1 || !rel_is_movable(r->expr[0])) return NULL;
    Rel *body = r->child[0];
    if (body->kind == REL_AGGREGATE)
        return body->groups || body->sets ? NULL : join_aggregate(s, r->expr[0], body);
    return join_single(s, r->expr[0], body);
}

static Expr *join_scalar(Scalar *s, const Expr *e)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->done[i].tree == e->logical) return s->done[i].column;
    if (s->count == SCALARS_MAX) return NULL;
    Expr *column = join_scalar_once(s, e);
    s->done[s->count].tree = e->logical;
    if (column) s->done[s->count++].column = column;
    return column;
}

// e with the scalar subqueries in it that could be joined replaced.
static Expr *join_scalars(Scalar *s, Expr *e)
{
    if (e->kind == EXPR_SUBQUERY) {
        Expr *column = e->subquery == SUBQUERY_SCALAR ? join_scalar(s, e) : NULL;
        return column ? column : e;
    }
    bool certain = s->certain;
    if (e->kind == EXPR_CASE || e->kind == EXPR_COALESCE || e->kind == EXPR_AND || e->kind == EXPR_OR)
        s->certain = false;
    Expr *copy = e;
    for (uint32_t i = 0; i < e->args; i++) {
        Expr *part = join_scalars(s, e->arg[i]);
        if (part == e->arg[i]) continue;
        if (copy == e) {
            copy = bind_new(s->p, e->kind, e->type, 0, e->at);
            *copy = *e;
            copy->arg = arena_array(s->p->mem, Expr *, e->args);
            for (uint32_t k = 0; k < e->args; k++) copy->arg[k] = e->arg[k];
        }
        copy->arg[i] = part;
    }
    s->certain = certain;
    return copy;
}

// ---- LATERAL ----

static bool movable_columns(Planner *p, const Rel *project, const IdSet *outer, bool *borrow)
{
    *borrow = false;
    for (uint32_t i = 0; i < project->columns; i++) {
        if (!rel_is_movable(project->expr[i])) return false;
        *borrow = *borrow || meets(p, project->expr[i], outer);
    }
    return true;
}

// All columns of rel, then those of the projection; map: what becomes of its expressions (NULL = nothing).
static Rel *with_columns(Planner *p, Rel *rel, const Rel *project, CountMap *map)
{
    uint32_t n = rel->columns, all = n + project->columns;
    ColumnId *id = arena_array(p->mem, ColumnId, all + 1);
    Expr **expr = arena_array(p->mem, Expr *, all + 1);
    uint32_t to = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (rel_has(project, rel->id[i])) continue; // a plain column that keeps its number
        id[to] = rel->id[i];
        expr[to++] = rel_slot(p, rel->id[i], -1);
    }
    for (uint32_t i = 0; i < project->columns; i++) {
        id[to] = project->id[i];
        expr[to++] = map ? rel_replace(p, project->expr[i], count_or_zero, map) : project->expr[i];
    }
    return rel_project(p, rel, to, id, expr);
}

// One row for each left one, whatever the condition finds.
static Rel *lateral_aggregate(Planner *p, Rel *r, const Rel *right)
{
    if (r->join != JOIN_INNER && r->where.count) return NULL;
    Scalar s = {.p = p, .child = r->child[0], .certain = true};
    CountMap map = {p, join_grouped(&s, right->child[0])};
    Rel *top = map.aggregate ? with_columns(p, s.child, right, &map) : NULL;
    return top ? rel_filter(p, top, rel_conjunction(p, &r->where)) : NULL;
}

static Rel *lateral_plain(Planner *p, Rel *r, const Rel *right, const IdSet *outer, bool borrow)
{
    ExprList on = {0};
    Scalar s = {.p = p, .child = r->child[0]};
    if (borrow && r->join != JOIN_INNER) return NULL;
    Rel *inner = freed(p, right->child[0], outer, &on);
    if (!inner || better_by_index(&s, inner, &on)) return NULL;
    if (!borrow && !(inner = with_columns(p, inner, right, NULL))) return NULL;
    Rel *j = rel_join(p, r->join, r->child[0], inner, NULL);
    if (!j) return NULL;
    j->where = on;
    if (borrow) {
        Rel *top = with_columns(p, j, right, NULL);
        return top ? rel_filter(p, top, rel_conjunction(p, &r->where)) : NULL;
    }
    for (uint32_t i = 0; i < r->where.count; i++) rel_list_add(p, &j->where, r->where.at[i]);
    return j;
}

// The right side without what it reads of the left one, where that can be; else r itself.
static Rel *lateral_visit(Planner *p, Rel *r)
{
    IdSet outer = rel_output(p, r->child[0]);
    const Rel *right = r->child[1];
    bool borrow, single = r->join == JOIN_SINGLE;
    r->lateral = tree_borrows(p, right, &outer);
    if (!r->lateral || right->kind != REL_PROJECT || !movable_columns(p, right, &outer, &borrow)) return r;
    bool one = right->child[0]->kind == REL_AGGREGATE && !right->child[0]->groups;
    Rel *free_of_it = one      ? lateral_aggregate(p, r, right)
                      : single ? NULL
                               : lateral_plain(p, r, right, &outer, borrow);
    return free_of_it || err_any(p->err) ? free_of_it : r;
}

// ---- the tree ----

static bool inner_visit(Expr *e, void *arg)
{
    Planner *p = arg;
    if (e->kind == EXPR_SUBQUERY && e->logical && !err_any(p->err)) {
        Rel *done = visit(p, e->logical);
        if (done) e->logical = done;
    }
    return true;
}

static void inner_place(Planner *p, Expr **place, void *arg)
{
    (void)arg;
    expr_walk(*place, inner_visit, p);
}

static Rel *join_condition(Planner *p, Rel *child, const Expr *e)
{
    bool negated = false;
    while (e->kind == EXPR_NOT) {
        negated = !negated;
        e = e->arg[0];
    }
    if (e->kind != EXPR_SUBQUERY) return NULL;
    negated = negated != e->negated;
    if (e->subquery == SUBQUERY_EXISTS) return join_exists(p, child, e, negated);
    return e->subquery == SUBQUERY_IN ? join_in(p, child, e, negated) : NULL;
}

// What needs no join filters first.
static Rel *filter_visit(Planner *p, Rel *r)
{
    ExprList plain = {0}, rest = {0};
    for (uint32_t i = 0; i < r->where.count; i++)
        rel_list_add(p, rel_has_subquery(r->where.at[i]) ? &rest : &plain, r->where.at[i]);
    if (!rest.count) return r;
    ExprList left = {0};
    Scalar s = {.p = p, .child = r->child[0], .certain = true};
    if (plain.count) {
        if (!(s.child = rel_over(p, REL_FILTER, r->child[0]))) return NULL;
        s.child->where = plain;
    }
    for (uint32_t i = 0; i < rest.count; i++) {
        Rel *joined = join_condition(p, s.child, rest.at[i]);
        if (joined)
            s.child = joined;
        else
            rel_list_add(p, &left, join_scalars(&s, rest.at[i]));
    }
    r->child[0] = s.child;
    r->where = left;
    return left.count ? r : s.child;
}

static Rel *project_visit(Planner *p, Rel *r)
{
    Scalar s = {.p = p, .child = r->child[0], .certain = true};
    for (uint32_t i = 0; i < r->columns; i++)
        if (rel_has_subquery(r->expr[i])) r->expr[i] = join_scalars(&s, r->expr[i]);
    r->child[0] = s.child;
    return r;
}

static Rel *visit(Planner *p, Rel *r)
{
    rel_exprs(p, r, inner_place, NULL);
    for (uint32_t i = 0; i < r->children; i++)
        if (!(r->child[i] = visit(p, r->child[i]))) return NULL;
    rel_refresh(p, r);
    if (r->kind == REL_JOIN && r->lateral && !(r = lateral_visit(p, r))) return NULL;
    if (r->kind == REL_FILTER) r = filter_visit(p, r);
    if (r && r->kind == REL_PROJECT) r = project_visit(p, r);
    if (r) rel_refresh(p, r);
    return err_any(p->err) ? NULL : r;
}

static Rel *apply(Planner *p, Rel *root) { return visit(p, root); }

const Rule rule_decorrelate = {"decorrelate", apply};
