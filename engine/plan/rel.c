// Rel: making nodes of the logical tree and keeping their columns right. Relies on rel_in.h.
#include "engine/plan/rel_in.h"

Rel *rel_new(Planner *p, RelKind kind)
{
    if (++p->nodes > REL_NODES_MAX) {
        err_set(p->err, SQLSTATE_TOO_COMPLEX, "the statement needs more than %d plan nodes", REL_NODES_MAX);
        return NULL;
    }
    Rel *r = arena_new(p->mem, Rel);
    r->kind = kind;
    r->rows = -1;
    return r;
}

ColumnId rel_column_new(Planner *p, Str name, Type type)
{
    if (p->columns == p->column_cap) {
        uint32_t cap = p->column_cap ? p->column_cap * 2 : 64;
        RelColumn *grown = arena_array(p->mem, RelColumn, cap);
        for (uint32_t i = 0; i < p->columns; i++) grown[i] = p->column[i];
        p->column = grown;
        p->column_cap = cap;
    }
    p->column[p->columns] = (RelColumn){.name = name, .type = type};
    if (p->columns + 1 >= REL_COLUMNS_MAX) {
        err_set(p->err, SQLSTATE_TOO_COMPLEX, "the statement uses more than %d columns", REL_COLUMNS_MAX);
        return p->columns;
    }
    return p->columns++;
}

Expr *rel_slot(Planner *p, ColumnId id, int64_t at)
{
    Expr *e = arena_new(p->mem, Expr);
    e->kind = EXPR_SLOT;
    e->type = p->column[id].type;
    e->slot = id;
    e->at = at;
    return e;
}

Expr *rel_constant(Planner *p, Value value, int64_t at)
{
    Expr *e = arena_new(p->mem, Expr);
    e->kind = EXPR_CONSTANT;
    e->type = value.type;
    e->value = value;
    e->at = at;
    return e;
}

Expr *rel_true(Planner *p)
{
    return rel_constant(p, (Value){.type = type_of(TYPE_BOOLEAN), .boolean = 1}, -1);
}

void rel_list_add(Planner *p, ExprList *list, Expr *e)
{
    if (list->count == list->cap) {
        uint32_t cap = list->cap ? list->cap * 2 : 4;
        Expr **grown = arena_array(p->mem, Expr *, cap);
        for (uint32_t i = 0; i < list->count; i++) grown[i] = list->at[i];
        list->at = grown;
        list->cap = cap;
    }
    list->at[list->count++] = e;
}

static bool is_true(const Expr *e)
{
    return e->kind == EXPR_CONSTANT && e->type.id == TYPE_BOOLEAN && !e->value.null && e->value.boolean;
}

void rel_conjuncts_add(Planner *p, ExprList *list, Expr *e)
{
    if (!e || is_true(e)) return;
    if (e->kind != EXPR_AND) {
        rel_list_add(p, list, e);
        return;
    }
    for (uint32_t i = 0; i < e->args; i++) rel_conjuncts_add(p, list, e->arg[i]);
}

Expr *rel_conjunction(Planner *p, const ExprList *list)
{
    if (!list->count) return NULL;
    if (list->count == 1) return list->at[0];
    Expr *e = arena_new(p->mem, Expr);
    e->kind = EXPR_AND;
    e->type = type_of(TYPE_BOOLEAN);
    e->at = -1;
    e->args = list->count;
    e->arg = arena_array(p->mem, Expr *, list->count);
    for (uint32_t i = 0; i < list->count; i++) e->arg[i] = list->at[i];
    return e;
}

Rel *rel_over(Planner *p, RelKind kind, Rel *child)
{
    Rel *r = rel_new(p, kind);
    if (!r) return NULL;
    r->children = 1;
    r->child[0] = child;
    r->columns = child->columns;
    r->id = child->id;
    return r;
}

Rel *rel_filter(Planner *p, Rel *child, Expr *condition)
{
    ExprList list = {0};
    rel_conjuncts_add(p, &list, condition);
    if (!list.count) return child;
    Rel *r = rel_over(p, REL_FILTER, child);
    if (r) r->where = list;
    return r;
}

Rel *rel_project(Planner *p, Rel *child, uint32_t count, ColumnId *id, Expr **expr)
{
    Rel *r = rel_over(p, REL_PROJECT, child);
    if (!r) return NULL;
    r->columns = count;
    r->id = id;
    r->expr = expr;
    return r;
}

Rel *rel_choose(Planner *p, Rel *child, uint32_t count, const ColumnId *id)
{
    ColumnId *own = arena_array(p->mem, ColumnId, count + 1);
    Expr **expr = arena_array(p->mem, Expr *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        own[i] = id[i];
        expr[i] = rel_slot(p, id[i], -1);
    }
    return rel_project(p, child, count, own, expr);
}

static void join_columns(Planner *p, Rel *r)
{
    const Rel *left = r->child[0], *right = r->child[1];
    if (join_left_only(r->join)) {
        r->columns = left->columns;
        r->id = left->id;
        return;
    }
    r->columns = left->columns + right->columns;
    r->id = arena_array(p->mem, ColumnId, r->columns + 1);
    for (uint32_t i = 0; i < left->columns; i++) r->id[i] = left->id[i];
    for (uint32_t i = 0; i < right->columns; i++) r->id[left->columns + i] = right->id[i];
}

Rel *rel_join(Planner *p, JoinKind join, Rel *left, Rel *right, Expr *condition)
{
    Rel *r = rel_new(p, REL_JOIN);
    if (!r) return NULL;
    r->join = join;
    r->children = 2;
    r->child[0] = left;
    r->child[1] = right;
    rel_conjuncts_add(p, &r->where, condition);
    join_columns(p, r);
    return r;
}

static void function_columns(Planner *p, Rel *r)
{
    uint32_t passed = r->children ? r->child[0]->columns : 0;
    r->columns = passed + r->mades;
    r->id = arena_array(p->mem, ColumnId, r->columns + 1);
    for (uint32_t i = 0; i < passed; i++) r->id[i] = r->child[0]->id[i];
    for (uint32_t i = 0; i < r->mades; i++) r->id[passed + i] = r->made[i];
}

Rel *rel_functions(Planner *p, Rel *child, uint32_t count, PlanFunctionCall *call, uint32_t mades,
                   ColumnId *made)
{
    Rel *r = rel_new(p, REL_FUNCTION);
    if (!r) return NULL;
    r->functions = count;
    r->function = call;
    r->mades = mades;
    r->made = made;
    rel_function_under(p, r, child);
    return r;
}

void rel_function_under(Planner *p, Rel *r, Rel *child)
{
    r->children = child ? 1 : 0;
    r->child[0] = child;
    function_columns(p, r);
}

static void window_columns(Planner *p, Rel *r)
{
    const Rel *child = r->child[0];
    r->columns = child->columns + r->window->calls;
    r->id = arena_array(p->mem, ColumnId, r->columns + 1);
    for (uint32_t i = 0; i < child->columns; i++) r->id[i] = child->id[i];
    for (uint32_t i = 0; i < r->window->calls; i++) r->id[child->columns + i] = r->window->id[i];
}

Rel *rel_window(Planner *p, Rel *child, RelWindow *window)
{
    Rel *r = rel_over(p, REL_WINDOW, child);
    if (!r) return NULL;
    r->window = window;
    window_columns(p, r);
    return r;
}

void rel_refresh(Planner *p, Rel *r)
{
    for (uint32_t i = 0; i < r->children; i++) rel_refresh(p, r->child[i]);
    switch (r->kind) {
    case REL_FILTER:
    case REL_DISTINCT:
    case REL_SORT:
    case REL_LIMIT:
    case REL_LOCK:
        r->columns = r->child[0]->columns;
        r->id = r->child[0]->id;
        break;
    case REL_JOIN: join_columns(p, r); break;
    case REL_WINDOW: window_columns(p, r); break;
    case REL_FUNCTION: function_columns(p, r); break;
    default: break;
    }
}
