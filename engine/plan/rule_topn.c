// Rule: a sort under a LIMIT with constant counts keeps only that many rows. Relies on rel_in.h.
#include "engine/plan/rel_in.h"

static bool count_of(const Expr *e, uint64_t *out)
{
    if (!e) return true;
    if (e->kind != EXPR_CONSTANT || e->value.null || e->type.id != TYPE_BIGINT || e->value.i64 < 0)
        return false;
    *out += (uint64_t)e->value.i64;
    return true;
}

static void visit(Rel *r)
{
    for (uint32_t i = 0; i < r->children; i++) visit(r->child[i]);
    if (r->kind != REL_LIMIT || !r->limit || r->sort_keys) return;
    uint64_t rows = 0;
    if (!count_of(r->limit, &rows) || !count_of(r->offset, &rows) || !rows) return;
    Rel *below = r->child[0];
    while (below->kind == REL_PROJECT) below = below->child[0];
    if (below->kind == REL_SORT) below->top = rows;
}

static Rel *apply(Planner *p, Rel *root)
{
    (void)p;
    visit(root);
    return root;
}

const Rule rule_topn = {"topn", apply};
