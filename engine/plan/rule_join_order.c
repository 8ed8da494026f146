// Rule: inner joins in a row are put into the order that makes the fewest rows on the way: all orders by
// dynamic programming up to ORDER_DP_MAX tables, the cheapest next pair past it. The smaller side of each
// join becomes the right one (the side that is built). Relies on rel_in.h.
#include "engine/plan/rel_in.h"
#include <math.h>

enum { ORDER_DP_MAX = 12, ORDER_LEAVES_MAX = 64, CONDITIONS_MAX = 32 };
#define CROSS_PENALTY 1e3
#define BUILD_COST    1.5

typedef struct Order {
    Planner *p;
    uint32_t leaves;
    Rel *leaf[ORDER_LEAVES_MAX];
    ExprList where;
    uint64_t *mask; // per condition: the leaves it speaks of
    double *selectivity;
} Order;

typedef struct Part {
    double rows, cost;
    uint64_t left, right; // 0 = a leaf
} Part;

static Rel *reorder(Planner *p, Rel *r);

static bool is_inner(const Rel *r) { return r->kind == REL_JOIN && r->join == JOIN_INNER && !r->lateral; }

static uint32_t leaves_of(const Rel *r)
{
    return is_inner(r) ? leaves_of(r->child[0]) + leaves_of(r->child[1]) : 1;
}

static void flatten(Order *o, Rel *r)
{
    if (!is_inner(r)) {
        o->leaf[o->leaves++] = reorder(o->p, r);
        return;
    }
    for (uint32_t i = 0; i < r->where.count; i++) rel_list_add(o->p, &o->where, r->where.at[i]);
    flatten(o, r->child[0]);
    flatten(o, r->child[1]);
}

static void measure(Order *o)
{
    Planner *p = o->p;
    o->mask = arena_array(p->mem, uint64_t, o->where.count + 1);
    o->selectivity = arena_array(p->mem, double, o->where.count + 1);
    for (uint32_t i = 0; i < o->where.count; i++) {
        IdSet ids = rel_set_new(p);
        rel_expr_ids(p, o->where.at[i], &ids);
        for (uint32_t k = 0; k < o->leaves; k++) {
            IdSet own = rel_output(p, o->leaf[k]);
            if (rel_set_meets(&ids, &own)) o->mask[i] |= UINT64_C(1) << k;
        }
        o->selectivity[i] = cost_selectivity(p, o->where.at[i]);
    }
}

// Joins two parts in thought.
static Part together(const Order *o, const Part *a, uint64_t left, const Part *b, uint64_t right)
{
    Part j = {.rows = a->rows * b->rows, .left = left, .right = right};
    bool joined = false;
    uint32_t shares = 0;
    CostShare share[CONDITIONS_MAX];
    for (uint32_t i = 0; i < o->where.count; i++) {
        uint64_t m = o->mask[i];
        if ((m & ~(left | right)) || !(m & left) || !(m & right)) continue;
        if (shares < CONDITIONS_MAX) share[shares++] = (CostShare){m, o->selectivity[i]};
        joined = true;
    }
    j.rows = fmax(j.rows * cost_conjunction(share, shares), 1);
    double build = a->rows < b->rows ? a->rows : b->rows;
    j.cost = a->cost + b->cost + (joined ? j.rows : a->rows * b->rows * CROSS_PENALTY) + build * BUILD_COST;
    return j;
}

static Rel *build_join(Order *o, Rel *a, uint64_t left, Rel *b, uint64_t right)
{
    Planner *p = o->p;
    if (!a || !b) return NULL;
    bool turn = cost_rows(p, a) < cost_rows(p, b);
    Rel *j = rel_join(p, JOIN_INNER, turn ? b : a, turn ? a : b, NULL);
    for (uint32_t i = 0; j && i < o->where.count; i++) {
        uint64_t m = o->mask[i];
        if ((m & ~(left | right)) || !(m & left) || !(m & right)) continue;
        rel_list_add(p, &j->where, o->where.at[i]);
    }
    return j;
}

// ---- all orders ----

static Rel *build(Order *o, const Part *part, uint64_t set)
{
    const Part *x = &part[set];
    if (!x->left) {
        uint32_t k = 0;
        while (set >> k != 1) k++;
        return o->leaf[k];
    }
    return build_join(o, build(o, part, x->left), x->left, build(o, part, x->right), x->right);
}

static Rel *order_all(Order *o)
{
    uint64_t all = (UINT64_C(1) << o->leaves) - 1;
    Part *part = arena_array(o->p->mem, Part, all + 1);
    for (uint64_t set = 1; set <= all; set++) {
        if (!(set & (set - 1))) {
            uint32_t k = 0;
            while (set >> k != 1) k++;
            part[set].rows = cost_rows(o->p, o->leaf[k]);
            continue;
        }
        bool first = true;
        for (uint64_t left = (set - 1) & set; left; left = (left - 1) & set) {
            uint64_t right = set & ~left;
            if (left < right) continue;
            Part j = together(o, &part[left], left, &part[right], right);
            if (first || j.cost < part[set].cost) part[set] = j;
            first = false;
        }
    }
    return build(o, part, all);
}

// ---- the cheapest next pair ----

static Rel *order_greedy(Order *o)
{
    Rel *rel[ORDER_LEAVES_MAX] = {0};
    uint64_t set[ORDER_LEAVES_MAX];
    Part part[ORDER_LEAVES_MAX];
    uint32_t count = o->leaves;
    for (uint32_t i = 0; i < count; i++) {
        rel[i] = o->leaf[i];
        set[i] = UINT64_C(1) << i;
        part[i] = (Part){.rows = cost_rows(o->p, rel[i])};
    }
    while (count > 1) {
        uint32_t x = 0, y = 1;
        Part best = together(o, &part[0], set[0], &part[1], set[1]);
        for (uint32_t i = 0; i < count; i++)
            for (uint32_t k = i + 1; k < count; k++) {
                Part j = together(o, &part[i], set[i], &part[k], set[k]);
                if (j.cost - part[i].cost - part[k].cost >= best.cost - part[x].cost - part[y].cost) continue;
                best = j;
                x = i;
                y = k;
            }
        if (!(rel[x] = build_join(o, rel[x], set[x], rel[y], set[y]))) return NULL;
        set[x] |= set[y];
        part[x] = best;
        count--;
        rel[y] = rel[count];
        set[y] = set[count];
        part[y] = part[count];
    }
    return rel[0];
}

// Conditions on fewer than two leaves were left here by nobody, but are kept all the same.
static Rel *add_rest(Order *o, Rel *r)
{
    ExprList rest = {0};
    for (uint32_t i = 0; i < o->where.count; i++)
        if (!(o->mask[i] & (o->mask[i] - 1))) rel_list_add(o->p, &rest, o->where.at[i]);
    if (!r || !rest.count) return r;
    Rel *f = rel_over(o->p, REL_FILTER, r);
    if (f) f->where = rest;
    return f;
}

static Rel *reorder(Planner *p, Rel *r)
{
    if (!is_inner(r) || leaves_of(r) > ORDER_LEAVES_MAX) {
        for (uint32_t i = 0; i < r->children; i++)
            if (!(r->child[i] = reorder(p, r->child[i]))) return NULL;
        return r;
    }
    Order *o = arena_new(p->mem, Order);
    o->p = p;
    flatten(o, r);
    for (uint32_t i = 0; i < o->leaves; i++)
        if (!o->leaf[i]) return NULL;
    measure(o);
    return add_rest(o, o->leaves <= ORDER_DP_MAX ? order_all(o) : order_greedy(o));
}

static Rel *apply(Planner *p, Rel *root)
{
    Rel *r = reorder(p, root);
    if (r) rel_refresh(p, r);
    return r;
}

const Rule rule_join_order = {"join order", apply};
