// Rules: the list of all rewrite rules and how they are applied: to the whole statement first, then to the
// trees of the subqueries that are left in its expressions. Relies on rel_in.h.
#include "engine/plan/rel_in.h"

// In the order of application; each leaves the answer as it is, so any may be left out
// (PlanRequest.no_optimise).
static const Rule *const optional[] = {
    &rule_inline,  &rule_fold,  &rule_decorrelate, &rule_pushdown, &rule_join_order,
    &rule_in_list, &rule_index, &rule_prune,       &rule_topn,     &rule_zone,
};

static void inner_tree(Planner *p, Rel *r);

static bool inner_visit(Expr *e, void *arg)
{
    Planner *p = arg;
    if (e->kind != EXPR_SUBQUERY || !e->logical || err_any(p->err)) return true;
    Rel *tree = e->logical;
    if (!tree->planned) tree->planned = rule_apply_all(p, tree);
    if (!tree->planned) return false;
    e->logical = tree->planned;
    e->logical->planned = e->logical;
    return true;
}

static void inner_place(Planner *p, Expr **place, void *arg)
{
    (void)arg;
    expr_walk(*place, inner_visit, p);
}

// A kept query has a tree of its own.
void rule_apply_spool(Planner *p, RelSpool *s)
{
    if (s->planned || err_any(p->err)) return;
    s->planned = true;
    Rel *body = rule_apply_all(p, s->body), *step = body && s->step ? rule_apply_all(p, s->step) : NULL;
    if (!body || (s->step && !step)) return;
    s->body = body;
    s->step = step;
}

static void inner_tree(Planner *p, Rel *r)
{
    if (r->kind == REL_SPOOL) rule_apply_spool(p, r->spool);
    rel_exprs(p, r, inner_place, NULL);
    for (uint32_t i = 0; i < r->children; i++) inner_tree(p, r->child[i]);
}

// Estimates made on the way are of trees that have changed since.
static void forget_rows(Rel *r)
{
    r->rows = -1;
    for (uint32_t i = 0; i < r->children; i++) forget_rows(r->child[i]);
}

Rel *rule_apply_all(Planner *p, Rel *root)
{
    for (size_t i = 0; i < COUNT_OF(optional) && !p->request->no_optimise; i++) {
        forget_rows(root);
        root = optional[i]->apply(p, root);
        if (!root || err_any(p->err)) return NULL;
    }
    if (!(root = rule_join_method.apply(p, root)) || err_any(p->err)) return NULL;
    inner_tree(p, root);
    forget_rows(root);
    cost_rows(p, root);
    return err_any(p->err) ? NULL : root;
}
