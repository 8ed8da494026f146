// Cost: how many rows a tree gives, from the store's row estimates, column bounds and plain selectivities.
// Estimates only choose between plans that give the same answer. Relies on rel_in.h.
#include "engine/plan/rel_in.h"
#include <math.h>

#define SELECT_EQUAL       0.01
#define SELECT_RANGE       0.33
#define SELECT_LIKE        0.1
#define SELECT_NULL        0.05
#define SELECT_OTHER       0.3
#define DISTINCT_GUESS     200.0
#define RECURSION_ROWS     10.0
#define WORK_ROWS          10.0
#define SYSTEM_ROWS        100.0
#define FUNCTION_ROWS      1000.0 // of a function in FROM
#define FUNCTION_ROWS_EACH 10.0   // for each row of the items to its left

static double clamp(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

static double number_of(const Value *v, bool *is)
{
    *is = !v->null;
    switch (type_phys(v->type.id)) {
    case PHYS_I16: return v->i16;
    case PHYS_I32: return v->i32;
    case PHYS_I64: return (double)v->i64;
    case PHYS_F32: return v->f32;
    case PHYS_F64: return v->f64;
    default: *is = false; return 0;
    }
}

bool cost_bounds(Planner *p, ColumnId id, Value *min, Value *max)
{
    const RelColumn *c = &p->column[id];
    return c->stored && table_column_bounds(c->stored, c->position, p->mem, min, max);
}

static bool is_unique(const RelColumn *c)
{
    return c->stored && schema_unique_on(table_def(c->stored), &c->position, 1);
}

double cost_distinct(Planner *p, const Expr *e, double rows)
{
    if (e->kind == EXPR_CONSTANT) return 1;
    while (e->kind == EXPR_CAST) e = e->arg[0];
    if (e->type.id == TYPE_BOOLEAN) return 2;
    if (e->kind != EXPR_SLOT) return clamp(DISTINCT_GUESS, 1, rows < 1 ? 1 : rows);
    const RelColumn *c = &p->column[e->slot];
    double all = c->stored ? (double)table_rows_estimate(c->stored) : rows;
    if (all < 1) all = 1;
    if (is_unique(c)) return all;
    Value min, max;
    bool a = false, b = false;
    if (cost_bounds(p, e->slot, &min, &max)) {
        double low = number_of(&min, &a), high = number_of(&max, &b);
        bool whole = type_is_integer(c->type.id) || c->type.id == TYPE_DATE;
        if (a && b && whole) return clamp(high - low + 1, 1, all);
    }
    return clamp(all / 10, 1, all < DISTINCT_GUESS ? all : fmax(DISTINCT_GUESS, all / 10));
}

// The share of a column's span that lies on the wanted side of a constant.
static double range_share(Planner *p, const Expr *slot, const Expr *constant, bool below)
{
    Value min, max;
    bool a = false, b = false, c = false;
    if (slot->kind != EXPR_SLOT || constant->kind != EXPR_CONSTANT || !cost_bounds(p, slot->slot, &min, &max))
        return SELECT_RANGE;
    double low = number_of(&min, &a), high = number_of(&max, &b), at = number_of(&constant->value, &c);
    if (!a || !b || !c || !(high > low)) return SELECT_RANGE;
    double share = (at - low) / (high - low);
    return clamp(below ? share : 1 - share, 0.0001, 1);
}

static double compare_selectivity(Planner *p, const Expr *e)
{
    Str op = rel_comparison(e);
    const Expr *a = e->arg[0], *b = e->arg[1];
    if (str_equal(op, STR("="))) {
        double x = cost_distinct(p, a, 1e9), y = cost_distinct(p, b, 1e9);
        double most = x > y ? x : y;
        return most > 0 ? 1 / most : SELECT_EQUAL;
    }
    if (str_equal(op, STR("<>"))) return 1 - SELECT_EQUAL;
    bool below = op.at[0] == '<';
    if (a->kind == EXPR_CONSTANT) return range_share(p, b, a, !below);
    return range_share(p, a, b, below);
}

double cost_selectivity(Planner *p, const Expr *e)
{
    double all = 1;
    switch (e->kind) {
    case EXPR_CONSTANT: return !e->value.null && e->type.id == TYPE_BOOLEAN && e->value.boolean ? 1 : 0;
    case EXPR_AND:
        for (uint32_t i = 0; i < e->args; i++) all *= cost_selectivity(p, e->arg[i]);
        return all;
    case EXPR_OR:
        for (uint32_t i = 0; i < e->args; i++) all *= 1 - cost_selectivity(p, e->arg[i]);
        return 1 - all;
    case EXPR_NOT: return clamp(1 - cost_selectivity(p, e->arg[0]), 0.0001, 1);
    case EXPR_IS_NULL: return e->negated ? 1 - SELECT_NULL : SELECT_NULL;
    case EXPR_IN_LIST: {
        double share = clamp((e->args - 1) / cost_distinct(p, e->arg[0], 1e9), 0.000001, 1);
        return e->negated ? 1 - share : share;
    }
    case EXPR_LIKE: return e->negated ? 1 - SELECT_LIKE : SELECT_LIKE;
    default: return rel_comparison(e).len ? compare_selectivity(p, e) : SELECT_OTHER;
    }
}

static double where_selectivity(Planner *p, const Rel *r)
{
    double all = 1;
    for (uint32_t i = 0; i < r->where.count; i++) all *= cost_selectivity(p, r->where.at[i]);
    return all;
}

// ---- rows of a node ----

static double table_rows(Planner *p, Rel *r)
{
    double rows = (double)table_rows_estimate(r->table);
    if (r->point) return 1;
    if (r->index && (r->keys || r->range)) rows *= r->share;
    return rows * where_selectivity(p, r);
}

static double join_rows(Planner *p, Rel *r)
{
    double left = cost_rows(p, r->child[0]), right = cost_rows(p, r->child[1]);
    double all = left * right * where_selectivity(p, r);
    for (uint32_t i = 0; i < r->keys; i++) {
        double x = cost_distinct(p, r->left_key[i], left),
               y = r->right_key ? cost_distinct(p, r->right_key[i], right) : right;
        all /= fmax(fmax(x, y), 1);
    }
    switch (r->join) {
    case JOIN_LEFT: return fmax(all, left);
    case JOIN_RIGHT: return fmax(all, right);
    case JOIN_FULL: return fmax(all, left + right);
    case JOIN_SEMI: return fmin(all, left);
    case JOIN_ANTI:
    case JOIN_ANTI_NULL: return fmax(left - fmin(all, left), left * 0.1);
    case JOIN_SINGLE:
    case JOIN_MARK: return left;
    default: return all;
    }
}

static double group_rows(Planner *p, const Rel *r, double rows)
{
    double groups = 1;
    for (uint32_t i = 0; i < r->groups; i++) groups *= cost_distinct(p, r->group[i], rows);
    if (r->sets) return fmin(groups, rows) * r->sets;
    return r->groups ? fmin(groups, rows) : 1;
}

static double limit_rows(const Rel *r, double rows)
{
    if (!r->limit || r->limit->kind != EXPR_CONSTANT || r->limit->value.null) return rows;
    return fmin(rows, (double)r->limit->value.i64);
}

static double set_rows(const Rel *r, double a, double b)
{
    if (r->set == SET_UNION) return a + b;
    return r->set == SET_INTERSECT ? fmin(a, b) : a;
}

static double function_rows(const Rel *r, double rows)
{
    bool sets = false;
    for (uint32_t i = 0; i < r->functions; i++) sets = sets || r->function[i].function;
    if (!sets) return r->children ? rows : 1;
    return r->children ? rows * FUNCTION_ROWS_EACH : FUNCTION_ROWS;
}

double cost_rows(Planner *p, Rel *r)
{
    if (r->rows >= 0) return r->rows;
    double a = r->children > 0 ? cost_rows(p, r->child[0]) : 0,
           b = r->children > 1 ? cost_rows(p, r->child[1]) : 0;
    switch (r->kind) {
    case REL_TABLE: r->rows = table_rows(p, r); break;
    case REL_VALUES: r->rows = r->row_count; break;
    case REL_SYSTEM: r->rows = SYSTEM_ROWS; break;
    case REL_FUNCTION: r->rows = function_rows(r, a); break;
    case REL_SPOOL: r->rows = cost_rows(p, r->spool->body) * (r->spool->step ? RECURSION_ROWS : 1); break;
    case REL_WORK: r->rows = WORK_ROWS; break;
    case REL_FILTER: r->rows = a * where_selectivity(p, r); break;
    case REL_JOIN: r->rows = join_rows(p, r); break;
    case REL_DISTINCT: r->rows = r->groups ? group_rows(p, r, a) : a; break;
    case REL_AGGREGATE: r->rows = group_rows(p, r, a); break;
    case REL_LIMIT: r->rows = limit_rows(r, a); break;
    case REL_SET: r->rows = set_rows(r, a, b); break;
    default: r->rows = a; break;
    }
    return r->rows;
}
