// Lower: from the logical tree to the physical plan: column ids become slots of the batch an expression runs
// on, or outer references counted by level, and each node gets its operator's struct. The one idea: every
// logical node lowers to a node whose columns stand in the order of rel->id, so a layout is nothing but that
// array. Relies on rel_in.h.
#include "engine/plan/rel_in.h"

#include <string.h>

// The batches of the enclosing queries, nearest first.
typedef struct Enclosing {
    const ColumnId *layout;
    uint32_t columns;
    const struct Enclosing *outer;
} Enclosing;
typedef struct Lowering {
    Planner *p;
    const Enclosing *outer;
} Lowering;

static PlanNode *lower(const Lowering *l, const Rel *r);

static bool layout_find(const ColumnId *layout, uint32_t columns, ColumnId id, uint32_t *slot)
{
    for (uint32_t i = 0; i < columns; i++) {
        if (layout[i] != id) continue;
        *slot = i;
        return true;
    }
    return false;
}

static bool slot_resolve(const Lowering *l, Expr *e, const ColumnId *layout, uint32_t columns)
{
    if (layout_find(layout, columns, e->slot, &e->slot)) return true;
    uint32_t level = 1;
    for (const Enclosing *o = l->outer; o; o = o->outer, level++) {
        if (!layout_find(o->layout, o->columns, e->slot, &e->slot)) continue;
        e->kind = EXPR_OUTER;
        e->level = level;
        return true;
    }
    const RelColumn *c = &l->p->column[e->slot];
    return err_set(l->p->err, SQLSTATE_INTERNAL, "column %.*s is out of reach where the plan uses it",
                   STR_ARG(c->name));
}

static bool resolve(const Lowering *l, Expr *e, const ColumnId *layout, uint32_t columns)
{
    if (e->kind == EXPR_SLOT) return slot_resolve(l, e, layout, columns);
    if (e->kind == EXPR_SUBQUERY) {
        Enclosing here = {layout, columns, l->outer};
        Lowering inner = {l->p, &here};
        IdSet borrowed = rel_set_new(l->p);
        rel_free_ids(l->p, e->logical, &borrowed);
        e->correlated = !rel_set_empty(&borrowed);
        e->subplan = lower(&inner, e->logical);
        e->logical = NULL;
        if (!e->subplan) return false;
    }
    for (uint32_t i = 0; i < e->args; i++)
        if (!resolve(l, e->arg[i], layout, columns)) return false;
    return true;
}

// NULL gives NULL; the caller looks at the error record once at the end.
static Expr *expr_over(const Lowering *l, const Expr *e, const ColumnId *layout, uint32_t columns)
{
    if (!e) return NULL;
    if (e->kind == EXPR_CONSTANT) return (Expr *)(uintptr_t)e;
    Expr *copy = expr_copy(e, l->p->mem);
    return resolve(l, copy, layout, columns) ? copy : NULL;
}

static Expr **exprs_over(const Lowering *l, Expr *const *e, size_t count, const ColumnId *layout,
                         uint32_t columns)
{
    Expr **out = arena_array(l->p->mem, Expr *, count + 1);
    for (size_t i = 0; i < count; i++) out[i] = expr_over(l, e[i], layout, columns);
    return out;
}

static void node_init(const Lowering *l, PlanNode *n, PlanKind kind, const Rel *r)
{
    n->kind = kind;
    n->columns = r->columns;
    n->column = arena_array(l->p->mem, ResultColumn, r->columns + 1);
    for (uint32_t i = 0; i < r->columns; i++) {
        const RelColumn *c = &l->p->column[r->id[i]];
        n->column[i] = (ResultColumn){c->name, c->type};
    }
    n->rows_expected = r->rows;
    n->child = arena_array(l->p->mem, PlanNode *, 2);
}

#define NODE(Kind, kind)                                                                                     \
    Kind *n = arena_new(l->p->mem, Kind);                                                                    \
    node_init(l, &n->node, kind, r)

static void child_add(const Lowering *l, PlanNode *n, const Rel *child)
{
    n->child[n->children++] = lower(l, child);
}

static void table_fill(const Lowering *l, PlanTable *t, const Rel *r)
{
    const TableDef *def = table_def(r->table);
    t->id = def->id;
    t->version = def->version;
    t->name = arena_copy(l->p->mem, def->name);
    t->columns = r->columns - (r->row_position ? 1 : 0);
    t->column = r->position;
    t->row_position = r->row_position;
    t->mark = r->mark;
}

static PlanNode *lower_table(const Lowering *l, const Rel *r)
{
    NODE(PlanScan, !r->index ? PLAN_SCAN : r->range ? PLAN_INDEX_RANGE : PLAN_INDEX);
    Planner *p = l->p;
    table_fill(l, &n->table, r);
    n->filter = expr_over(l, rel_conjunction(p, &r->where), r->id, r->columns);
    n->zones = r->zones;
    n->zone = arena_array(p->mem, ZoneBound, r->zones + 1);
    for (uint32_t i = 0; i < r->zones; i++) {
        n->zone[i] = r->zone[i];
        n->zone[i].value = expr_over(l, r->zone[i].value, NULL, 0);
    }
    if (!r->index) return &n->node;
    n->index_id = r->index->id;
    n->keys = r->keys;
    n->key = exprs_over(l, r->key, r->keys, NULL, 0);
    n->point = r->point;
    n->low = expr_over(l, r->low, NULL, 0);
    n->high = expr_over(l, r->high, NULL, 0);
    n->low_open = r->low_open;
    n->high_open = r->high_open;
    return &n->node;
}

static PlanNode *lower_values(const Lowering *l, const Rel *r)
{
    NODE(PlanValues, PLAN_VALUES);
    n->rows = r->row_count;
    n->expr = exprs_over(l, r->expr, (size_t)r->row_count * r->columns, NULL, 0);
    return &n->node;
}

static PlanNode *lower_system(const Lowering *l, const Rel *r)
{
    NODE(PlanSystem, PLAN_FUNCTION);
    n->table = r->system;
    n->column = r->position;
    n->args = r->arguments;
    n->arg = r->argument;
    return &n->node;
}

static PlanNode *lower_function(const Lowering *l, const Rel *r)
{
    NODE(PlanFunction, PLAN_TABLE_FUNCTION);
    const Rel *child = r->children ? r->child[0] : NULL;
    if (child) child_add(l, &n->node, child);
    n->calls = r->functions;
    n->ordinality = r->ordinality;
    n->outer = r->outer;
    n->call = arena_array(l->p->mem, PlanFunctionCall, r->functions + 1);
    for (uint32_t i = 0; i < r->functions; i++) {
        n->call[i] = r->function[i];
        n->call[i].arg = exprs_over(l, r->function[i].arg, r->function[i].args, child ? child->id : NULL,
                                    child ? child->columns : 0);
    }
    return &n->node;
}

// The place of a column of the system table, seen through a cast that keeps the value.
static bool is_system_column(const Rel *r, const Expr *e, uint16_t *column)
{
    while (e->kind == EXPR_CAST && (type_is_oid(e->type.id) || type_is_string(e->type.id)) &&
           (type_is_oid(e->arg[0]->type.id) || type_is_string(e->arg[0]->type.id)))
        e = e->arg[0];
    uint32_t at;
    if (e->kind != EXPR_SLOT || !layout_find(r->id, r->columns, e->slot, &at)) return false;
    *column = r->position[at];
    return true;
}

static bool reads_system(Planner *p, const Rel *r, Expr *e)
{
    IdSet ids = rel_set_new(p);
    rel_expr_ids(p, e, &ids);
    for (uint32_t i = 0; i < r->columns; i++)
        if (rel_set_has(&ids, r->id[i])) return true;
    return false;
}

// Conditions "column = value" are told to the maker of the rows; the filter above looks at them all the same.
static void system_keys(const Lowering *l, PlanSystem *n, const Rel *r, const ExprList *where)
{
    n->key = arena_array(l->p->mem, PlanSystemKey, where->count + 1);
    for (uint32_t i = 0; n->table->find && i < where->count; i++) {
        const Expr *e = where->at[i];
        bool equals = e->kind == EXPR_CALL && e->args == 2 && (e->function->flags & FUNCTION_COMPARISON) &&
                      strcmp(e->function->name, "=") == 0 && rel_is_movable(e);
        for (int side = 0; equals && side < 2; side++) {
            uint16_t column;
            Expr *value = e->arg[1 - side];
            if (!is_system_column(r, e->arg[side], &column) || reads_system(l->p, r, value)) continue;
            n->key[n->keys++] = (PlanSystemKey){column, expr_over(l, value, NULL, 0)};
            break;
        }
    }
}

static PlanNode *lower_filter(const Lowering *l, const Rel *r)
{
    NODE(PlanFilter, PLAN_FILTER);
    child_add(l, &n->node, r->child[0]);
    if (n->node.child[0] && r->child[0]->kind == REL_SYSTEM)
        system_keys(l, (PlanSystem *)(void *)n->node.child[0], r->child[0], &r->where);
    n->condition = expr_over(l, rel_conjunction(l->p, &r->where), r->id, r->columns);
    return &n->node;
}

// A projection that changes nothing is left out.
static bool is_identity(const Rel *r)
{
    const Rel *child = r->child[0];
    if (r->columns != child->columns) return false;
    for (uint32_t i = 0; i < r->columns; i++) {
        const Expr *e = r->expr[i];
        if (e->kind != EXPR_SLOT || e->slot != child->id[i] || r->id[i] != e->slot) return false;
    }
    return true;
}

static PlanNode *lower_project(const Lowering *l, const Rel *r)
{
    const Rel *child = r->child[0];
    if (is_identity(r)) return lower(l, child);
    NODE(PlanProject, PLAN_PROJECT);
    child_add(l, &n->node, child);
    n->expr = exprs_over(l, r->expr, r->columns, child->id, child->columns);
    return &n->node;
}

// The right side of an apply: the left row encloses it.
static void lower_applied(const Lowering *l, PlanJoin *n, const Rel *left, const Rel *right)
{
    Enclosing here = {left->id, left->columns, l->outer};
    const Lowering inner = {l->p, &here};
    n->node.child[1] = lower(&inner, right);
    n->fresh = rel_tree_is_volatile(l->p, (Rel *)(uintptr_t)right);
}

static PlanNode *lower_join(const Lowering *l, const Rel *r)
{
    static const PlanKind kind[] = {[METHOD_LOOP] = PLAN_LOOP_JOIN,
                                    [METHOD_HASH] = PLAN_HASH_JOIN,
                                    [METHOD_INDEX] = PLAN_INDEX_JOIN,
                                    [METHOD_APPLY] = PLAN_APPLY};
    NODE(PlanJoin, kind[r->method]);
    Planner *p = l->p;
    const Rel *left = r->child[0], *right = r->child[1];
    n->join = r->join;
    child_add(l, &n->node, left);
    if (r->method == METHOD_APPLY)
        lower_applied(l, n, left, right);
    else if (r->method != METHOD_INDEX)
        child_add(l, &n->node, right);
    n->keys = r->keys;
    n->left_key = exprs_over(l, r->left_key, r->keys, left->id, left->columns);
    if (r->method == METHOD_HASH)
        n->right_key = exprs_over(l, r->right_key, r->keys, right->id, right->columns);
    ExprList rest = r->where;
    if (r->method == METHOD_INDEX) {
        table_fill(l, &n->inner, right);
        n->index_id = right->index->id;
        rest = (ExprList){0};
        for (uint32_t i = 0; i < right->where.count; i++) rel_list_add(p, &rest, right->where.at[i]);
        for (uint32_t i = 0; i < r->where.count; i++) rel_list_add(p, &rest, r->where.at[i]);
    }
    uint32_t both = left->columns + right->columns;
    ColumnId *layout = arena_array(p->mem, ColumnId, both + 1);
    for (uint32_t i = 0; i < both; i++)
        layout[i] = i < left->columns ? left->id[i] : right->id[i - left->columns];
    n->filter = expr_over(l, rel_conjunction(p, &rest), layout, both);
    return &n->node;
}

static SortKey *keys_over(const Lowering *l, const SortKey *key, uint32_t count, const Rel *child)
{
    SortKey *out = arena_array(l->p->mem, SortKey, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = key[i];
        out[i].expr = expr_over(l, key[i].expr, child->id, child->columns);
    }
    return out;
}

static AggregateCall call_over(const Lowering *l, const AggregateCall *c, const Rel *child)
{
    AggregateCall out = *c;
    out.arg = exprs_over(l, c->arg, c->args, child->id, child->columns);
    out.order = keys_over(l, c->order, c->order_keys, child);
    out.filter = expr_over(l, c->filter, child->id, child->columns);
    return out;
}

static PlanNode *lower_aggregate(const Lowering *l, const Rel *r)
{
    NODE(PlanAggregate, PLAN_AGGREGATE);
    const Rel *child = r->child[0];
    child_add(l, &n->node, child);
    n->groups = r->groups;
    n->group = exprs_over(l, r->group, r->groups, child->id, child->columns);
    n->calls = r->calls;
    n->call = arena_array(l->p->mem, AggregateCall, r->calls + 1);
    for (uint32_t i = 0; i < r->calls; i++) n->call[i] = call_over(l, &r->call[i], child);
    n->sets = r->sets;
    n->in_set = r->in_set;
    n->groupings = r->groupings;
    n->grouping = r->grouping;
    return &n->node;
}

static void frame_over(const Lowering *l, WindowFrame *f, const Rel *child)
{
    f->from_offset = expr_over(l, f->from_offset, NULL, 0);
    f->to_offset = expr_over(l, f->to_offset, NULL, 0);
    f->from_bound = expr_over(l, f->from_bound, child->id, child->columns);
    f->to_bound = expr_over(l, f->to_bound, child->id, child->columns);
    f->key = expr_over(l, f->key, child->id, child->columns);
}

static PlanNode *lower_window(const Lowering *l, const Rel *r)
{
    const Rel *child = r->child[0];
    const RelWindow *w = r->window;
    if (!w->calls) return lower(l, child);
    NODE(PlanWindow, PLAN_WINDOW);
    child_add(l, &n->node, child);
    n->windows = w->windows;
    n->window = arena_array(l->p->mem, WindowDef, w->windows + 1);
    for (uint32_t i = 0; i < w->windows; i++) {
        n->window[i] = w->window[i];
        n->window[i].partition =
            exprs_over(l, w->window[i].partition, w->window[i].partitions, child->id, child->columns);
        n->window[i].order = keys_over(l, w->window[i].order, w->window[i].order_keys, child);
    }
    n->calls = w->calls;
    n->call = arena_array(l->p->mem, WindowCall, w->calls + 1);
    for (uint32_t i = 0; i < w->calls; i++) {
        n->call[i] = w->call[i];
        n->call[i].call = call_over(l, &w->call[i].call, child);
        frame_over(l, &n->call[i].frame, child);
    }
    return &n->node;
}

static PlanNode *lower_distinct(const Lowering *l, const Rel *r)
{
    NODE(PlanDistinct, PLAN_DISTINCT);
    child_add(l, &n->node, r->child[0]);
    n->keys = r->groups;
    n->key = exprs_over(l, r->group, r->groups, r->id, r->columns);
    return &n->node;
}

static PlanNode *lower_sort(const Lowering *l, const Rel *r)
{
    NODE(PlanSort, PLAN_SORT);
    child_add(l, &n->node, r->child[0]);
    n->keys = r->sort_keys;
    n->limit = r->top;
    n->key = keys_over(l, r->sort, r->sort_keys, r);
    return &n->node;
}

static PlanNode *lower_limit(const Lowering *l, const Rel *r)
{
    NODE(PlanLimit, PLAN_LIMIT);
    child_add(l, &n->node, r->child[0]);
    n->limit = expr_over(l, r->limit, NULL, 0);
    n->offset = expr_over(l, r->offset, NULL, 0);
    n->ties = r->sort_keys;
    n->tie = arena_array(l->p->mem, Expr *, r->sort_keys + 1);
    for (uint32_t i = 0; i < r->sort_keys; i++) n->tie[i] = expr_over(l, r->sort[i].expr, r->id, r->columns);
    return &n->node;
}

static PlanNode *lower_lock(const Lowering *l, const Rel *r)
{
    NODE(PlanLock, PLAN_LOCK);
    child_add(l, &n->node, r->child[0]);
    n->locks = r->groups;
    n->lock = r->lock;
    n->one_by_one = r->one_by_one;
    n->position = arena_array(l->p->mem, uint32_t, r->groups + 1);
    for (uint32_t i = 0; i < r->groups; i++)
        while (r->id[n->position[i]] != r->group[i]->slot) n->position[i]++;
    return &n->node;
}

static PlanNode *lower_set(const Lowering *l, const Rel *r)
{
    NODE(PlanSet, PLAN_SET);
    child_add(l, &n->node, r->child[0]);
    child_add(l, &n->node, r->child[1]);
    n->set = r->set;
    n->all = r->all;
    return &n->node;
}

static PlanSpoolBody *lower_body(const Lowering *l, RelSpool *s)
{
    PlanSpoolBody *b = arena_new(l->p->mem, PlanSpoolBody);
    s->lowered = b; // the step reads it
    *b = (PlanSpoolBody){.number = l->p->spool_count++,
                         .name = s->name,
                         .distinct = s->distinct,
                         .writes = s->writes,
                         .correlated = s->borrows};
    const Lowering top = {l->p, NULL};
    b->body = lower(s->borrows ? l : &top, s->body);
    if (s->step && b->body) b->step = lower(s->borrows ? l : &top, s->step);
    return b;
}

static PlanNode *lower_spool(const Lowering *l, const Rel *r)
{
    NODE(PlanSpool, r->kind == REL_WORK ? PLAN_WORK : PLAN_SPOOL);
    n->owner = !r->spool->lowered;
    n->spool = n->owner ? lower_body(l, r->spool) : r->spool->lowered;
    n->column = r->position;
    return &n->node;
}

static const PlanConflict *lower_conflict(const Lowering *l, const RelWrite *w)
{
    if (!w->conflict) return NULL;
    PlanConflict *c = arena_new(l->p->mem, PlanConflict);
    *c = *w->conflict;
    if (!c->update) return c;
    c->condition = expr_over(l, c->condition, w->layout, w->layout_columns);
    c->set = exprs_over(l, c->set, table_def(w->table)->column_count, w->layout, w->layout_columns);
    return c;
}

static PlanNode *lower_write(const Lowering *l, const Rel *r)
{
    const RelWrite *w = r->write;
    const TableDef *def = table_def(w->table);
    NODE(PlanWrite, w->kind);
    child_add(l, &n->node, r->child[0]);
    n->table.id = def->id;
    n->table.version = def->version;
    n->table.name = arena_copy(l->p->mem, def->name);
    n->table.columns = def->column_count;
    n->table.column = arena_array(l->p->mem, uint16_t, def->column_count + 1);
    for (uint16_t i = 0; i < def->column_count; i++) n->table.column[i] = i;
    n->identity = w->identity;
    n->set = w->set;
    n->rules = w->rules;
    n->returning = w->returning;
    n->main = w->main;
    n->conflict = lower_conflict(l, w);
    return &n->node;
}

static PlanNode *lower(const Lowering *l, const Rel *r)
{
    static PlanNode *(*const lower_kind[])(const Lowering *, const Rel *) = {
        [REL_TABLE] = lower_table,         [REL_VALUES] = lower_values,     [REL_SYSTEM] = lower_system,
        [REL_FILTER] = lower_filter,       [REL_PROJECT] = lower_project,   [REL_JOIN] = lower_join,
        [REL_AGGREGATE] = lower_aggregate, [REL_DISTINCT] = lower_distinct, [REL_SORT] = lower_sort,
        [REL_LIMIT] = lower_limit,         [REL_LOCK] = lower_lock,         [REL_SET] = lower_set,
        [REL_FUNCTION] = lower_function,   [REL_WINDOW] = lower_window,     [REL_WRITE] = lower_write,
        [REL_SPOOL] = lower_spool,         [REL_WORK] = lower_spool,
    };
    PlanNode *n = lower_kind[r->kind](l, r);
    return err_any(l->p->err) ? NULL : n;
}

PlanNode *lower_rel(Planner *p, const Rel *r)
{
    Lowering l = {p, NULL};
    return lower(&l, r);
}

PlanSpoolBody *lower_spool_body(Planner *p, RelSpool *s)
{
    const Lowering l = {p, NULL};
    return s->lowered ? s->lowered : lower_body(&l, s);
}

Expr *lower_expr(Planner *p, const Expr *e, const ColumnId *layout, uint32_t columns)
{
    Lowering l = {p, NULL};
    return expr_over(&l, e, layout, columns);
}
