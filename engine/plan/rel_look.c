// Rel: which columns a tree or an expression makes, reads and borrows, and replacing them. Relies on
// rel_in.h.
#include "engine/plan/rel_in.h"

// ---- sets ----

IdSet rel_set_new(Planner *p)
{
    uint32_t words = p->columns / 64 + 1;
    return (IdSet){arena_array(p->mem, uint64_t, words), words};
}

void rel_set_add(IdSet *s, ColumnId id)
{
    if (id / 64 < s->words) s->word[id / 64] |= UINT64_C(1) << (id & 63);
}

bool rel_set_has(const IdSet *s, ColumnId id)
{
    return id / 64 < s->words && (s->word[id / 64] >> (id & 63) & 1);
}

bool rel_set_meets(const IdSet *a, const IdSet *b)
{
    for (uint32_t i = 0; i < a->words && i < b->words; i++)
        if (a->word[i] & b->word[i]) return true;
    return false;
}

bool rel_set_within(const IdSet *a, const IdSet *b)
{
    for (uint32_t i = 0; i < a->words; i++)
        if (a->word[i] & ~(i < b->words ? b->word[i] : 0)) return false;
    return true;
}

bool rel_set_empty(const IdSet *s)
{
    for (uint32_t i = 0; i < s->words; i++)
        if (s->word[i]) return false;
    return true;
}

void rel_set_union(IdSet *into, const IdSet *from)
{
    for (uint32_t i = 0; i < into->words && i < from->words; i++) into->word[i] |= from->word[i];
}

IdSet rel_output(Planner *p, const Rel *r)
{
    IdSet s = rel_set_new(p);
    for (uint32_t i = 0; i < r->columns; i++) rel_set_add(&s, r->id[i]);
    return s;
}

bool rel_has(const Rel *r, ColumnId id)
{
    for (uint32_t i = 0; i < r->columns; i++)
        if (r->id[i] == id) return true;
    return false;
}

// ---- reading ----

typedef struct IdCollect {
    Planner *p;
    IdSet *into;
} IdCollect;

static bool ids_visit(Expr *e, void *arg)
{
    IdCollect *c = arg;
    if (e->kind == EXPR_SLOT) rel_set_add(c->into, e->slot);
    if (e->kind == EXPR_SUBQUERY && e->logical) rel_free_ids(c->p, e->logical, c->into);
    return true;
}

void rel_expr_ids(Planner *p, const Expr *e, IdSet *into)
{
    IdCollect c = {p, into};
    expr_walk((Expr *)(uintptr_t)e, ids_visit, &c);
}

static void collect_place(Planner *p, Expr **place, void *arg) { rel_expr_ids(p, *place, arg); }

static void collect_tree(Planner *p, Rel *r, IdSet *used, IdSet *made)
{
    rel_exprs(p, r, collect_place, used);
    for (uint32_t i = 0; i < r->columns; i++) rel_set_add(made, r->id[i]);
    for (uint32_t i = 0; r->write && i < r->write->layout_columns; i++)
        rel_set_add(made, r->write->layout[i]);
    if (r->kind == REL_SPOOL && r->spool->borrows) { // what is borrowed there is borrowed here
        rel_free_ids(p, r->spool->body, used);
        if (r->spool->step) rel_free_ids(p, r->spool->step, used);
    }
    for (uint32_t i = 0; i < r->children; i++) collect_tree(p, r->child[i], used, made);
}

void rel_free_ids(Planner *p, const Rel *r, IdSet *into)
{
    IdSet used = rel_set_new(p), made = rel_set_new(p);
    collect_tree(p, (Rel *)(uintptr_t)r, &used, &made);
    for (uint32_t i = 0; i < used.words; i++) used.word[i] &= ~made.word[i];
    rel_set_union(into, &used);
}

static void exprs_of_access(Planner *p, Rel *r, RelExprVisit visit, void *arg)
{
    if (r->low) visit(p, &r->low, arg);
    if (r->high) visit(p, &r->high, arg);
    for (uint32_t i = 0; i < r->zones; i++)
        if (r->zone[i].value) visit(p, &r->zone[i].value, arg);
    for (uint32_t i = 0; r->key && i < r->keys; i++) visit(p, &r->key[i], arg);
    for (uint32_t i = 0; r->left_key && i < r->keys; i++) visit(p, &r->left_key[i], arg);
    for (uint32_t i = 0; r->right_key && i < r->keys; i++) visit(p, &r->right_key[i], arg);
}

static void exprs_of_call(Planner *p, AggregateCall *c, RelExprVisit visit, void *arg)
{
    for (uint32_t i = 0; i < c->args; i++) visit(p, &c->arg[i], arg);
    for (uint32_t i = 0; i < c->order_keys; i++) visit(p, &c->order[i].expr, arg);
    if (c->filter) visit(p, &c->filter, arg);
}

static void exprs_of_write(Planner *p, RelWrite *w, RelExprVisit visit, void *arg)
{
    if (!w->conflict || !w->conflict->update) return;
    if (w->conflict->condition) visit(p, &w->conflict->condition, arg);
    for (uint16_t i = 0; i < table_def(w->table)->column_count; i++) visit(p, &w->conflict->set[i], arg);
}

static void exprs_of_window(Planner *p, RelWindow *w, RelExprVisit visit, void *arg)
{
    for (uint32_t i = 0; i < w->windows; i++) {
        WindowDef *def = &w->window[i];
        for (uint32_t k = 0; k < def->partitions; k++) visit(p, &def->partition[k], arg);
        for (uint32_t k = 0; k < def->order_keys; k++) visit(p, &def->order[k].expr, arg);
    }
    for (uint32_t i = 0; i < w->calls; i++) {
        WindowFrame *f = &w->call[i].frame;
        exprs_of_call(p, &w->call[i].call, visit, arg);
        if (f->from_offset) visit(p, &f->from_offset, arg);
        if (f->to_offset) visit(p, &f->to_offset, arg);
        if (f->from_bound) visit(p, &f->from_bound, arg);
        if (f->to_bound) visit(p, &f->to_bound, arg);
        if (f->key) visit(p, &f->key, arg);
    }
}

void rel_exprs(Planner *p, Rel *r, RelExprVisit visit, void *arg)
{
    if (r->write) exprs_of_write(p, r->write, visit, arg);
    for (uint32_t i = 0; i < r->where.count; i++) visit(p, &r->where.at[i], arg);
    exprs_of_access(p, r, visit, arg);
    size_t exprs = r->kind == REL_VALUES ? (size_t)r->row_count * r->columns : r->expr ? r->columns : 0;
    for (size_t i = 0; i < exprs; i++) visit(p, &r->expr[i], arg);
    for (uint32_t i = 0; i < r->groups; i++) visit(p, &r->group[i], arg);
    for (uint32_t i = 0; i < r->calls; i++) exprs_of_call(p, &r->call[i], visit, arg);
    for (uint32_t i = 0; i < r->functions; i++)
        for (uint32_t k = 0; k < r->function[i].args; k++) visit(p, &r->function[i].arg[k], arg);
    if (r->window) exprs_of_window(p, r->window, visit, arg);
    for (uint32_t i = 0; i < r->sort_keys; i++) visit(p, &r->sort[i].expr, arg);
    if (r->limit) visit(p, &r->limit, arg);
    if (r->offset) visit(p, &r->offset, arg);
}

static bool subquery_visit(Expr *e, void *arg)
{
    bool *found = arg;
    if (e->kind == EXPR_SUBQUERY) *found = true;
    return !*found;
}

bool rel_has_subquery(const Expr *e)
{
    bool found = false;
    expr_walk((Expr *)(uintptr_t)e, subquery_visit, &found);
    return found;
}

static bool volatile_visit(Expr *e, void *arg)
{
    bool *found = arg;
    if (e->kind == EXPR_CALL && e->function->flags & FUNCTION_VOLATILE) *found = true;
    return !*found;
}

bool rel_is_volatile(const Expr *e)
{
    bool found = false;
    expr_walk((Expr *)(uintptr_t)e, volatile_visit, &found);
    return found;
}

typedef struct TreeLook {
    Planner *p;
    bool found;
} TreeLook;

static bool look_inside(Expr *e, void *arg)
{
    TreeLook *l = arg;
    if (e->kind == EXPR_SUBQUERY && e->logical && rel_tree_is_volatile(l->p, e->logical)) l->found = true;
    return !l->found;
}

static void look_place(Planner *p, Expr **place, void *arg)
{
    (void)p;
    TreeLook *l = arg;
    l->found = l->found || rel_is_volatile(*place);
    if (!l->found) expr_walk(*place, look_inside, l);
}

bool rel_tree_is_volatile(Planner *p, Rel *r)
{
    TreeLook l = {p, r->kind == REL_WRITE};
    rel_exprs(p, r, look_place, &l);
    for (uint32_t i = 0; i < r->children && !l.found; i++) l.found = rel_tree_is_volatile(p, r->child[i]);
    return l.found;
}

bool rel_is_movable(const Expr *e) { return !rel_is_volatile(e) && !rel_has_subquery(e); }

Str rel_comparison(const Expr *e)
{
    if (e->kind != EXPR_CALL || !(e->function->flags & FUNCTION_COMPARISON) || e->args != 2) return STR("");
    return str_of(e->function->name);
}

bool rel_equality(Planner *p, const Expr *e, const IdSet *left, const IdSet *right, Expr **left_key,
                  Expr **right_key)
{
    if (!str_equal(rel_comparison(e), STR("="))) return false;
    if (!rel_is_movable(e) || e->arg[0]->type.id != e->arg[1]->type.id) return false;
    IdSet a = rel_set_new(p), b = rel_set_new(p);
    rel_expr_ids(p, e->arg[0], &a);
    rel_expr_ids(p, e->arg[1], &b);
    if (!rel_set_meets(&a, left) && !rel_set_meets(&b, left)) return false;
    if (!rel_set_meets(&a, right) && !rel_set_meets(&b, right)) return false;
    bool straight = !rel_set_meets(&a, right) && !rel_set_meets(&b, left);
    bool turned = !rel_set_meets(&a, left) && !rel_set_meets(&b, right);
    if (!straight && !turned) return false;
    *left_key = e->arg[straight ? 0 : 1];
    *right_key = e->arg[straight ? 1 : 0];
    return true;
}

// ---- replacing ----

typedef struct Replacing {
    RelMap map;
    void *arg;
} Replacing;

static void replace_place(Planner *p, Expr **place, void *arg)
{
    Replacing *r = arg;
    *place = rel_replace(p, *place, r->map, r->arg);
}

void rel_replace_tree(Planner *p, Rel *r, RelMap map, void *arg)
{
    Replacing replacing = {map, arg};
    rel_exprs(p, r, replace_place, &replacing);
    if (r->kind == REL_SPOOL && r->spool->borrows) {
        rel_replace_tree(p, r->spool->body, map, arg);
        if (r->spool->step) rel_replace_tree(p, r->spool->step, map, arg);
    }
    for (uint32_t i = 0; i < r->children; i++) rel_replace_tree(p, r->child[i], map, arg);
}

Expr *rel_replace(Planner *p, Expr *e, RelMap map, void *arg)
{
    if (e->kind == EXPR_SLOT) {
        Expr *other = map(e, arg);
        return other ? other : e;
    }
    if (e->kind == EXPR_SUBQUERY && e->logical) rel_replace_tree(p, e->logical, map, arg);
    Expr *copy = NULL;
    for (uint32_t i = 0; i < e->args; i++) {
        Expr *part = rel_replace(p, e->arg[i], map, arg);
        if (part == e->arg[i]) continue;
        if (!copy) {
            copy = arena_new(p->mem, Expr);
            *copy = *e;
            copy->arg = arena_array(p->mem, Expr *, e->args);
            for (uint32_t k = 0; k < e->args; k++) copy->arg[k] = e->arg[k];
        }
        copy->arg[i] = part;
    }
    return copy ? copy : e;
}
