// Cost: how many rows a tree gives, from the store's row estimates, column bounds and plain selectivities.
// Estimates only choose between plans that give the same answer. Relies on rel_in.h.
#include "engine/plan/rel_in.h"
#include "engine/plan/statistics.h"
#include <math.h>
#include <stdlib.h>

#define SELECT_EQUAL       0.01
#define SELECT_RANGE       0.33
#define SELECT_LIKE        0.1
#define SELECT_NULL        0.05
#define SELECT_OTHER       0.3
#define SELECT_LEAST       1e-7
#define LIKE_DOUBT         0.5 // a pattern that no known value has may still be there
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

// ---- statistics ----

typedef struct CostTable {
    uint64_t id;
    const ObjectDef *object; // NULL = never analyzed
    struct CostTable *next;
} CostTable;

static const ObjectDef *statistics_object(Planner *p, Table *table)
{
    const TableDef *def = table_def(table);
    CostTable *t = p->analyzed;
    while (t && t->id != def->id) t = t->next;
    if (t) return t->object;
    t = arena_new(p->mem, CostTable);
    *t = (CostTable){.id = def->id, .next = p->analyzed};
    t->object = transaction_object_find(p->request->transaction, OBJECT_STATISTICS, def->database, STR(""),
                                        def->id, STR(""), p->mem);
    p->analyzed = t;
    return t->object;
}

static const Statistics *statistics_of(Planner *p, const Expr *e)
{
    if (e->kind != EXPR_SLOT) return NULL;
    RelColumn *c = &p->column[e->slot];
    if (!c->stored || c->looked) return c->statistics;
    c->looked = true;
    const ObjectDef *o = statistics_object(p, c->stored);
    char name[STATISTICS_FIELD_MAX];
    const TableDef *def = table_def(c->stored);
    if (!o || c->position >= def->column_count) return NULL;
    Str text = object_field(o, statistics_field(name, def->column[c->position].slot));
    Statistics *s = arena_new(p->mem, Statistics);
    if (text.at && statistics_get(s, c->type, text, p->mem)) c->statistics = s;
    return c->statistics;
}

// The constant in the column's own type, for comparing with what the statistics hold.
static bool same_kind(const Statistics *s, const Expr *constant)
{
    const Value *v = s->commons ? &s->common[0] : s->bounds ? &s->bound[0] : NULL;
    return v && constant->kind == EXPR_CONSTANT && !constant->value.null &&
           type_phys(v->type.id) == type_phys(constant->value.type.id);
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
    const Statistics *s = statistics_of(p, e);
    if (s) return clamp(s->distinct, 1, all);
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

static double statistics_compare(const Statistics *s, Str op, bool turned, const Value *v)
{
    double equal = statistics_equal(s, v), below = statistics_below(s, v), all = 1 - s->nulls;
    if (str_equal(op, STR("="))) return clamp(equal, SELECT_LEAST, 1);
    if (str_equal(op, STR("<>"))) return clamp(all - equal, SELECT_LEAST, 1);
    bool less = (op.at[0] == '<') != turned, or_equal = op.len > 1;
    double share = less ? below + (or_equal ? equal : 0) : all - below - (or_equal ? 0 : equal);
    return clamp(share, SELECT_LEAST, 1);
}

static double in_selectivity(Planner *p, const Expr *e)
{
    const Statistics *s = statistics_of(p, e->arg[0]);
    double share = 0;
    for (uint32_t i = 1; i < e->args; i++)
        share += s && same_kind(s, e->arg[i]) ? statistics_equal(s, &e->arg[i]->value)
                                              : 1 / fmax(cost_distinct(p, e->arg[0], 1e9), 1);
    share = clamp(share, SELECT_LEAST, 1);
    return e->negated ? 1 - share : share;
}

// The pattern is tried on the values that the statistics hold.
static double like_selectivity(Planner *p, const Expr *e)
{
    const Statistics *s = statistics_of(p, e->arg[0]);
    double plain = e->negated ? 1 - SELECT_LIKE : SELECT_LIKE, hits = 0, known = 0, common = 0;
    if (!s || !p->request->evaluate || e->args != 2 || !same_kind(s, e->arg[1])) return plain;
    for (uint32_t i = 0; i < s->commons + s->bounds; i++) {
        Expr test = *e, value = *e->arg[1], *arg[2] = {&value, e->arg[1]};
        Value yes;
        Err ignored = {.at = -1};
        value.value = i < s->commons ? s->common[i] : s->bound[i - s->commons];
        value.value.type = value.type;
        test.arg = arg;
        if (!p->request->evaluate(p->request->evaluate_arg, &test, &yes, p->mem, &ignored) || yes.null)
            return plain;
        if (i < s->commons) {
            common += s->share[i];
            known += yes.boolean ? s->share[i] : 0;
        } else {
            hits += yes.boolean;
        }
    }
    double rest = fmax(1 - s->nulls - common, 0);
    if (s->bounds) known += rest * (hits + LIKE_DOUBT) / (s->bounds + 2 * LIKE_DOUBT);
    return clamp(known, SELECT_LEAST, 1);
}

static int by_share(const void *a, const void *b)
{
    const CostShare *x = a, *y = b;
    if (x->about != y->about) return x->about < y->about ? -1 : 1;
    return (x->share > y->share) - (x->share < y->share);
}

// Of conditions about the same thing the most selective counts whole, the next one's square root, then its
// fourth root …
double cost_conjunction(CostShare *share, uint32_t count)
{
    double all = 1, power = 1;
    if (count) qsort(share, count, sizeof *share, by_share);
    for (uint32_t i = 0; i < count; i++) {
        power = i && share[i].about == share[i - 1].about ? power / 2 : 1;
        all *= pow(share[i].share, power);
    }
    return all;
}

typedef struct Tables {
    Planner *p;
    uint64_t sum;
} Tables;

static bool add_table(Expr *e, void *arg)
{
    Tables *t = arg;
    const Table *stored = e->kind == EXPR_SLOT ? t->p->column[e->slot].stored : NULL;
    uint64_t bit = stored ? UINT64_C(1) << (table_def(stored)->id % 61) : 0;
    t->sum |= bit;
    return true;
}

// The tables that a condition speaks of: conditions on one table, or on one pair, may depend on each other.
static CostShare share_about(Planner *p, Expr *e)
{
    Tables t = {p, 0};
    expr_walk(e, add_table, &t);
    return (CostShare){t.sum, cost_selectivity(p, e)};
}

static double conjunction(Planner *p, Expr *const *e, uint32_t count)
{
    CostShare *share = arena_array(p->mem, CostShare, count + 1);
    for (uint32_t i = 0; i < count; i++) share[i] = share_about(p, e[i]);
    return cost_conjunction(share, count);
}

static double null_selectivity(Planner *p, const Expr *e)
{
    const Statistics *s = statistics_of(p, e->arg[0]);
    double share = s ? clamp(s->nulls, SELECT_LEAST, 1) : SELECT_NULL;
    return e->negated ? 1 - share : share;
}

static double compare_selectivity(Planner *p, const Expr *e)
{
    Str op = rel_comparison(e);
    const Expr *a = e->arg[0], *b = e->arg[1];
    const Expr *slot = a->kind == EXPR_CONSTANT ? b : a, *constant = a->kind == EXPR_CONSTANT ? a : b;
    const Statistics *s = statistics_of(p, slot);
    if (s && same_kind(s, constant)) return statistics_compare(s, op, constant == a, &constant->value);
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
    case EXPR_AND: return conjunction(p, e->arg, e->args);
    case EXPR_OR:
        for (uint32_t i = 0; i < e->args; i++) all *= 1 - cost_selectivity(p, e->arg[i]);
        return 1 - all;
    case EXPR_NOT: return clamp(1 - cost_selectivity(p, e->arg[0]), 0.0001, 1);
    case EXPR_IS_NULL: return null_selectivity(p, e);
    case EXPR_IN_LIST: return in_selectivity(p, e);
    case EXPR_LIKE: return like_selectivity(p, e);
    default: return rel_comparison(e).len ? compare_selectivity(p, e) : SELECT_OTHER;
    }
}

static double where_selectivity(Planner *p, const Rel *r)
{
    return conjunction(p, r->where.at, r->where.count);
}

// ---- rows of a node ----

static double table_rows(Planner *p, Rel *r)
{
    double rows = (double)table_rows_estimate(r->table);
    if (r->point) return 1;
    if (r->index && (r->keys || r->range)) rows *= r->share;
    return rows * where_selectivity(p, r);
}

// Different values of the i-th column of the index by which an index join reads the table.
static double index_distinct(Planner *p, const Rel *table, uint32_t i, double rows)
{
    for (uint32_t c = 0; c < table->columns; c++) {
        if (table->position[c] != table->index->column[i]) continue;
        Expr slot = {.kind = EXPR_SLOT, .type = p->column[table->id[c]].type, .slot = table->id[c]};
        return cost_distinct(p, &slot, rows);
    }
    return rows;
}

static double join_rows(Planner *p, Rel *r)
{
    double left = cost_rows(p, r->child[0]), right = cost_rows(p, r->child[1]);
    CostShare *share = arena_array(p->mem, CostShare, r->keys + r->where.count + 1);
    uint32_t shares = 0;
    double widest = 1; // of the keys' different values on the right
    for (uint32_t i = 0; i < r->keys; i++) {
        double x = cost_distinct(p, r->left_key[i], left), y = r->right_key
                                                                   ? cost_distinct(p, r->right_key[i], right)
                                                                   : index_distinct(p, r->child[1], i, right);
        share[shares++] = (CostShare){0, 1 / fmax(fmax(x, y), 1)};
        widest = fmax(widest, x);
    }
    double matched = fmin(1, right / widest); // share of left rows with a partner, for SEMI and ANTI
    for (uint32_t i = 0; i < r->where.count; i++) share[shares++] = share_about(p, r->where.at[i]);
    double all = left * right * cost_conjunction(share, shares);
    switch (r->join) {
    case JOIN_LEFT: return fmax(all, left);
    case JOIN_RIGHT: return fmax(all, right);
    case JOIN_FULL: return fmax(all, left + right);
    case JOIN_SEMI: return r->keys ? fmin(all, left * matched) : fmin(all, left);
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

// DISTINCT over all columns.
static double kinds_rows(Planner *p, const Rel *r, double rows)
{
    double kinds = 1;
    for (uint32_t i = 0; i < r->columns && kinds < rows; i++) {
        Expr slot = {.kind = EXPR_SLOT, .type = p->column[r->id[i]].type, .slot = r->id[i]};
        kinds *= cost_distinct(p, &slot, rows);
    }
    return fmin(kinds, rows);
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
    case REL_DISTINCT: r->rows = r->groups ? group_rows(p, r, a) : kinds_rows(p, r, a); break;
    case REL_AGGREGATE: r->rows = group_rows(p, r, a); break;
    case REL_LIMIT: r->rows = limit_rows(r, a); break;
    case REL_SET: r->rows = set_rows(r, a, b); break;
    default: r->rows = a; break;
    }
    return r->rows;
}
