// Rule: a WITH query with one reader is put in its place, where other rules reach it; volatile and
// MATERIALIZED ones stay. Relies on rel_in.h.
#include "engine/plan/rel_in.h"

static void visit(Planner *p, Rel *r);

static bool inner_visit(Expr *e, void *arg)
{
    if (e->kind == EXPR_SUBQUERY && e->logical) visit(arg, e->logical);
    return true;
}

static void inner_place(Planner *p, Expr **place, void *arg)
{
    (void)arg;
    expr_walk(*place, inner_visit, p);
}

static void replace(Planner *p, Rel *r)
{
    const Rel *body = r->spool->body;
    r->spool->inlined = true;
    r->kind = REL_PROJECT;
    r->children = 1;
    r->child[0] = r->spool->body;
    r->expr = arena_array(p->mem, Expr *, r->columns + 1);
    for (uint32_t i = 0; i < r->columns; i++) r->expr[i] = rel_slot(p, body->id[r->position[i]], -1);
    r->spool = NULL;
}

static void visit(Planner *p, Rel *r)
{
    if (r->kind == REL_SPOOL && !r->spool->fixed && r->spool->readers == 1) replace(p, r);
    rel_exprs(p, r, inner_place, NULL);
    for (uint32_t i = 0; i < r->children; i++) visit(p, r->child[i]);
}

static Rel *apply(Planner *p, Rel *root)
{
    visit(p, root);
    return root;
}

const Rule rule_inline = {"inline", apply};
