// Kit: trees as text with all their brackets.
#include "tests/unit/kit_tree.h"

static void put(Bytes *out, const char *text) { bytes_put(out, str_of(text)); }

static void name(Bytes *out, const AstName *n)
{
    put(out, "<");
    bytes_put(out, n->text);
    put(out, ">");
}

static void path(Bytes *out, const AstPath *p)
{
    for (uint32_t i = 0; p && i < p->parts; i++) name(out, &p->part[i]);
}

static void exprs(Bytes *out, const AstExprs *list)
{
    put(out, "[");
    for (uint32_t i = 0; i < list->count; i++) kit_tree_expr(out, list->at[i]);
    put(out, "]");
}

static void orders(Bytes *out, const AstOrders *o)
{
    for (uint32_t i = 0; i < o->count; i++) {
        kit_tree_expr(out, o->at[i].expr);
        bytes_printf(out, "%d%d%d", o->at[i].descending, o->at[i].nulls_given, o->at[i].nulls_first);
    }
}

static void window(Bytes *out, const AstWindow *w)
{
    if (!w) return;
    bytes_printf(out, "{over %d ", w->named);
    name(out, &w->base);
    exprs(out, &w->partition);
    orders(out, &w->order);
    bytes_printf(out, "%d%d%d%d%d", w->frame, w->unit, w->from.kind, w->to.kind, w->exclude);
    kit_tree_expr(out, w->from.offset);
    kit_tree_expr(out, w->to.offset);
    put(out, "}");
}

static void call(Bytes *out, const AstCall *c)
{
    bytes_printf(out, "%d%d%d%d%d", c->star, c->bare, c->distinct, c->variadic, c->within_group);
    path(out, &c->name);
    exprs(out, &c->args);
    for (uint32_t i = 0; c->arg_name && i < c->args.count; i++) name(out, &c->arg_name[i]);
    orders(out, &c->order);
    kit_tree_expr(out, c->filter);
    window(out, c->over);
}

static void type(Bytes *out, const AstType *t)
{
    put(out, "{type ");
    name(out, &t->schema);
    bytes_put(out, t->name);
    bytes_printf(out, " %u%d%d", t->dimensions, t->set_of, t->quoted);
    exprs(out, &t->mods);
    put(out, "}");
}

void kit_tree_expr(Bytes *out, const AstExpr *e)
{
    if (!e) return;
    bytes_printf(out, "(%d %d%d%d %u ", e->kind, e->test, e->negated, e->flag, e->number);
    bytes_put(out, e->text);
    kit_tree_expr(out, e->a);
    put(out, ",");
    kit_tree_expr(out, e->b);
    put(out, ",");
    kit_tree_expr(out, e->c);
    exprs(out, &e->list);
    switch (e->kind) {
    case AST_CALL: call(out, e->call); break;
    case AST_CAST: type(out, e->type); break;
    case AST_IN_QUERY:
    case AST_QUANTIFIED:
    case AST_EXISTS:
    case AST_SUBQUERY:
    case AST_ARRAY_QUERY:
        if (e->query) kit_tree_query(out, e->query);
        break;
    default: path(out, e->path);
    }
    put(out, ")");
}

static void table(Bytes *out, const AstTable *t)
{
    if (!t) return;
    bytes_printf(out, "{table %d %d%d%d%d%d%d ", t->kind, t->lateral, t->only, t->ordinality, t->rows_from,
                 t->join, t->natural);
    name(out, &t->alias);
    path(out, &t->path);
    for (uint32_t i = 0; i < t->columns.count; i++) name(out, &t->columns.at[i]);
    if (t->query) kit_tree_query(out, t->query);
    exprs(out, &t->call);
    for (uint32_t i = 0; i < t->definitions; i++) type(out, t->definition[i].type);
    table(out, t->left);
    table(out, t->right);
    for (uint32_t i = 0; i < t->join_using.count; i++) name(out, &t->join_using.at[i]);
    kit_tree_expr(out, t->on);
    put(out, "}");
}

static void groups(Bytes *out, const AstGroup *g, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        bytes_printf(out, "{group %d ", g[i].kind);
        kit_tree_expr(out, g[i].expr);
        exprs(out, &g[i].list);
        groups(out, g[i].set, g[i].sets);
        put(out, "}");
    }
}

static void with(Bytes *out, const AstWith *w)
{
    for (uint32_t i = 0; w && i < w->count; i++) {
        bytes_printf(out, "{with %d%d%d ", w->recursive, w->cte[i].materialized_given,
                     w->cte[i].materialized);
        name(out, &w->cte[i].name);
        for (uint32_t k = 0; k < w->cte[i].columns.count; k++) name(out, &w->cte[i].columns.at[k]);
        kit_tree_query(out, w->cte[i].body->query);
        put(out, "}");
    }
}

void kit_tree_query(Bytes *out, const AstQuery *q)
{
    bytes_printf(out, "{query %d %d%d%d%d%d", q->kind, q->distinct, q->group_distinct, q->set, q->all,
                 q->with_ties);
    with(out, q->with);
    exprs(out, &q->distinct_on);
    for (uint32_t i = 0; i < q->targets.count; i++) {
        kit_tree_expr(out, q->targets.at[i].expr);
        name(out, &q->targets.at[i].alias);
    }
    for (uint32_t i = 0; i < q->from.count; i++) table(out, q->from.at[i]);
    put(out, " where ");
    kit_tree_expr(out, q->where);
    groups(out, q->group, q->groups);
    put(out, " having ");
    kit_tree_expr(out, q->having);
    for (uint32_t i = 0; i < q->windows.count; i++) window(out, q->windows.at[i]);
    for (uint32_t i = 0; i < q->rows; i++) exprs(out, &q->row[i]);
    if (q->left) kit_tree_query(out, q->left);
    if (q->right) kit_tree_query(out, q->right);
    orders(out, &q->order);
    put(out, " limit ");
    kit_tree_expr(out, q->limit);
    put(out, " offset ");
    kit_tree_expr(out, q->offset);
    for (uint32_t i = 0; i < q->locks; i++)
        bytes_printf(out, "{lock %d%d}", q->lock[i].kind, q->lock[i].wait);
    put(out, "}");
}
