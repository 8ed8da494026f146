// Plan: the tree as text for EXPLAIN: one line a node, its details and the expected rows behind. Relies on
// plan.h.
#include "engine/plan/plan.h"
#include <stdlib.h>
#include "engine/base/size.h"

typedef struct PlanText {
    Bytes *out;
    unsigned depth;
    PlanNote note; // what stands behind a node; NULL = the expected rows
    void *arg;
} PlanText;

static void node_text(PlanText *t, const PlanNode *n);

// The names a node's expressions refer to: one child's columns, or both children's.
typedef struct Names {
    Str *at;
    uint32_t count;
} Names;

static Names names_of(const PlanNode *a, const PlanNode *b)
{
    uint32_t left = a ? a->columns : 0, right = b ? b->columns : 0;
    Names n = {size_alloc_zero((size_t)left + right + 1, sizeof(Str)), left + right};
    if (!n.at) return (Names){NULL, 0};
    for (uint32_t i = 0; i < left; i++) n.at[i] = a->column[i].name;
    for (uint32_t i = 0; i < right; i++) n.at[left + i] = b->column[i].name;
    return n;
}

static void expr_put(PlanText *t, const char *label, const Expr *e, Names names)
{
    if (!e) return;
    bytes_put(t->out, str_of(label));
    expr_text(e, names.at, names.count, t->out);
}

static void list_put(PlanText *t, const char *label, Expr *const *e, uint32_t count, Names names)
{
    if (!count) return;
    bytes_put(t->out, str_of(label));
    for (uint32_t i = 0; i < count; i++) expr_put(t, i ? ", " : "", e[i], names);
}

// ---- one function a kind ----

static void scan_text(PlanText *t, const PlanNode *n, Names in)
{
    const PlanScan *s = plan_as(PlanScan, n);
    Names own = names_of(n, NULL);
    bytes_printf(t->out, " %.*s", STR_ARG(s->table.name));
    if (s->point) bytes_put(t->out, STR(" point"));
    list_put(t, " key ", s->key, s->keys, in);
    expr_put(t, s->low_open ? " above " : " from ", s->low, in);
    expr_put(t, s->high_open ? " below " : " to ", s->high, in);
    if (s->zones) bytes_printf(t->out, " zones %u", (unsigned)s->zones);
    expr_put(t, " where ", s->filter, own);
    free(own.at);
}

static void values_text(PlanText *t, const PlanNode *n, Names in)
{
    (void)in;
    bytes_printf(t->out, " %u rows", (unsigned)plan_as(PlanValues, n)->rows);
}

static void system_text(PlanText *t, const PlanNode *n, Names in)
{
    (void)in;
    const PlanSystem *s = plan_as(PlanSystem, n);
    bytes_printf(t->out, " %s.%s", s->table->schema, s->table->name);
}

static void function_text(PlanText *t, const PlanNode *n, Names in)
{
    const PlanFunction *f = plan_as(PlanFunction, n);
    for (uint32_t i = 0; i < f->calls; i++) {
        const PlanFunctionCall *c = &f->call[i];
        bytes_printf(t->out, "%s%s(", i ? ", " : " ", c->function ? c->function->call.name : "row");
        list_put(t, "", c->arg, c->args, in);
        bytes_put_byte(t->out, ')');
    }
    if (f->ordinality) bytes_put(t->out, STR(" with ordinality"));
    if (f->outer) bytes_put(t->out, STR(" outer"));
}

static void filter_text(PlanText *t, const PlanNode *n, Names in)
{
    expr_put(t, " ", plan_as(PlanFilter, n)->condition, in);
}

static void project_text(PlanText *t, const PlanNode *n, Names in)
{
    list_put(t, " ", plan_as(PlanProject, n)->expr, n->columns, in);
}

static void join_text(PlanText *t, const PlanNode *n, Names in)
{
    static const char *const kind[] = {"inner", "left",      "right",  "full", "semi",
                                       "anti",  "anti null", "single", "mark"};
    const PlanJoin *j = plan_as(PlanJoin, n);
    bytes_printf(t->out, " %s", kind[j->join]);
    if (n->kind == PLAN_INDEX_JOIN) bytes_printf(t->out, " %.*s", STR_ARG(j->inner.name));
    Names left = names_of(n->child[0], NULL), right = names_of(n->children > 1 ? n->child[1] : NULL, NULL);
    list_put(t, " on ", j->left_key, j->keys, left);
    if (n->kind == PLAN_HASH_JOIN) list_put(t, " = ", j->right_key, j->keys, right);
    expr_put(t, " where ", j->filter, n->children > 1 ? in : left);
    free(left.at);
    free(right.at);
}

static void keys_put(PlanText *t, const char *label, const SortKey *key, uint32_t count, Names in)
{
    for (uint32_t i = 0; i < count; i++) {
        expr_put(t, i ? ", " : label, key[i].expr, in);
        if (key[i].descending) bytes_put(t->out, STR(" desc"));
        if (key[i].nulls_first != key[i].descending)
            bytes_put(t->out, key[i].nulls_first ? STR(" nulls first") : STR(" nulls last"));
    }
}

static void call_put(PlanText *t, const char *label, const AggregateCall *c, const char *name, Names in)
{
    const bool set = c->function && c->function->sorted;
    bytes_printf(t->out, "%s%s(%s", label, name, c->distinct ? "DISTINCT " : "");
    if (c->function && c->function->kind == AGGREGATE_COUNT_ALL) bytes_put_byte(t->out, '*');
    list_put(t, "", c->arg, c->args, in);
    if (!set) keys_put(t, " order ", c->order, c->order_keys, in);
    bytes_put_byte(t->out, ')');
    if (set) keys_put(t, " within order ", c->order, c->order_keys, in);
    expr_put(t, " filter ", c->filter, in);
}

static void apply_text(PlanText *t, const PlanNode *n, Names in)
{
    const PlanJoin *j = plan_as(PlanJoin, n);
    (void)in;
    Names both = names_of(n->child[0], n->child[1]);
    bytes_printf(t->out, " %s", j->join == JOIN_LEFT ? "left" : j->join == JOIN_SINGLE ? "single" : "inner");
    expr_put(t, " where ", j->filter, both);
    free(both.at);
}

static void aggregate_text(PlanText *t, const PlanNode *n, Names in)
{
    const PlanAggregate *a = plan_as(PlanAggregate, n);
    for (uint32_t i = 0; i < a->calls; i++)
        call_put(t, i ? ", " : " ", &a->call[i], a->call[i].function->name, in);
    list_put(t, " by ", a->group, a->groups, in);
    for (uint32_t i = 0; i < a->sets; i++) {
        bytes_put(t->out, i ? STR(", (") : STR(" sets ("));
        for (uint32_t k = 0, many = 0; k < a->groups; k++)
            if (a->in_set[(size_t)i * a->groups + k]) expr_put(t, many++ ? ", " : "", a->group[k], in);
        bytes_put_byte(t->out, ')');
    }
}

static void edge_put(PlanText *t, FrameEdge edge, const Expr *offset)
{
    static const char *const word[] = {"first", " preceding", "current", " following", "last"};
    expr_put(t, "", offset, (Names){NULL, 0});
    bytes_put(t->out, str_of(word[edge]));
}

static void frame_put(PlanText *t, const WindowFrame *f)
{
    static const char *const unit[] = {" range ", " rows ", " groups "};
    static const char *const left_out[] = {"", " without current row", " without group", " without ties"};
    bytes_put(t->out, str_of(unit[f->unit]));
    edge_put(t, f->from, f->from_offset);
    bytes_put(t->out, STR(" to "));
    edge_put(t, f->to, f->to_offset);
    bytes_put(t->out, str_of(left_out[f->exclude]));
}

static void window_text(PlanText *t, const PlanNode *n, Names in)
{
    const PlanWindow *w = plan_as(PlanWindow, n);
    for (uint32_t i = 0; i < w->windows; i++) {
        const WindowDef *def = &w->window[i];
        if (i) bytes_put_byte(t->out, ';');
        for (uint32_t k = 0, many = 0; k < w->calls; k++) {
            const WindowCall *c = &w->call[k];
            if (c->window != i) continue;
            call_put(t, many++ ? ", " : " ", &c->call,
                     c->function ? c->function->name : c->call.function->name, in);
            if (!c->function || c->function->framed) frame_put(t, &c->frame);
        }
        list_put(t, " by ", def->partition, def->partitions, in);
        keys_put(t, " order ", def->order, def->order_keys, in);
    }
}

static void distinct_text(PlanText *t, const PlanNode *n, Names in)
{
    list_put(t, " on ", plan_as(PlanDistinct, n)->key, plan_as(PlanDistinct, n)->keys, in);
}

static void sort_text(PlanText *t, const PlanNode *n, Names in)
{
    const PlanSort *s = plan_as(PlanSort, n);
    keys_put(t, " ", s->key, s->keys, in);
    if (s->limit) bytes_printf(t->out, " top %llu", (unsigned long long)s->limit);
}

static void limit_text(PlanText *t, const PlanNode *n, Names in)
{
    expr_put(t, " ", plan_as(PlanLimit, n)->limit, in);
    expr_put(t, " offset ", plan_as(PlanLimit, n)->offset, in);
    list_put(t, " with ties ", plan_as(PlanLimit, n)->tie, plan_as(PlanLimit, n)->ties, in);
}

static void lock_text(PlanText *t, const PlanNode *n, Names in)
{
    const PlanLock *l = plan_as(PlanLock, n);
    (void)in;
    for (uint32_t i = 0; i < l->locks; i++)
        if (l->lock[i].mode) bytes_printf(t->out, " %s", lock_mode_name(l->lock[i].mode));
}

static void set_text(PlanText *t, const PlanNode *n, Names in)
{
    static const char *const kind[] = {"union", "intersect", "except"};
    (void)in;
    bytes_printf(t->out, " %s%s", kind[plan_as(PlanSet, n)->set], plan_as(PlanSet, n)->all ? " all" : "");
}

static void spool_text(PlanText *t, const PlanNode *n, Names in)
{
    (void)in;
    bytes_printf(t->out, " %.*s", STR_ARG(plan_as(PlanSpool, n)->spool->name));
}

static void write_text(PlanText *t, const PlanNode *n, Names in)
{
    (void)in;
    bytes_printf(t->out, " %.*s", STR_ARG(plan_as(PlanWrite, n)->table.name));
}

typedef struct KindText {
    const char *name;
    void (*text)(PlanText *t, const PlanNode *n, Names in);
} KindText;
static const KindText kinds[PLAN_KINDS] = {
    [PLAN_SCAN] = {"scan", scan_text},
    [PLAN_INDEX] = {"index", scan_text},
    [PLAN_INDEX_RANGE] = {"index range", scan_text},
    [PLAN_VALUES] = {"values", values_text},
    [PLAN_FUNCTION] = {"system table", system_text},
    [PLAN_TABLE_FUNCTION] = {"function", function_text},
    [PLAN_FILTER] = {"filter", filter_text},
    [PLAN_PROJECT] = {"project", project_text},
    [PLAN_HASH_JOIN] = {"hash join", join_text},
    [PLAN_INDEX_JOIN] = {"index join", join_text},
    [PLAN_LOOP_JOIN] = {"loop join", join_text},
    [PLAN_APPLY] = {"apply", apply_text},
    [PLAN_AGGREGATE] = {"aggregate", aggregate_text},
    [PLAN_WINDOW] = {"window", window_text},
    [PLAN_DISTINCT] = {"distinct", distinct_text},
    [PLAN_SORT] = {"sort", sort_text},
    [PLAN_LIMIT] = {"limit", limit_text},
    [PLAN_SET] = {"set", set_text},
    [PLAN_LOCK] = {"lock rows", lock_text},
    [PLAN_SPOOL] = {"with", spool_text},
    [PLAN_WORK] = {"with, last step of", spool_text},
    [PLAN_INSERT] = {"insert", write_text},
    [PLAN_UPDATE] = {"update", write_text},
    [PLAN_DELETE] = {"delete", write_text},
};

// ---- subqueries stand below the node whose expression runs them ----

static bool subquery_visit(Expr *e, void *arg)
{
    PlanText *t = arg;
    if (e->kind != EXPR_SUBQUERY || !e->subplan) return true;
    bytes_put_repeat(t->out, ' ', (size_t)t->depth * 2);
    bytes_put(t->out, e->correlated ? STR("subquery, once per outer row\n") : STR("subquery, once\n"));
    t->depth++;
    node_text(t, e->subplan);
    t->depth--;
    return true;
}

static void subqueries_text(PlanText *t, const PlanNode *n)
{
    const PlanScan *s = plan_as(PlanScan, n);
    switch (n->kind) {
    case PLAN_SCAN:
    case PLAN_INDEX:
    case PLAN_INDEX_RANGE: expr_walk(s->filter, subquery_visit, t); break;
    case PLAN_FILTER: expr_walk(plan_as(PlanFilter, n)->condition, subquery_visit, t); break;
    case PLAN_TABLE_FUNCTION:
        for (uint32_t i = 0; i < plan_as(PlanFunction, n)->calls; i++)
            for (uint32_t k = 0; k < plan_as(PlanFunction, n)->call[i].args; k++)
                expr_walk(plan_as(PlanFunction, n)->call[i].arg[k], subquery_visit, t);
        break;
    case PLAN_PROJECT:
        for (uint32_t i = 0; i < n->columns; i++)
            expr_walk(plan_as(PlanProject, n)->expr[i], subquery_visit, t);
        break;
    case PLAN_HASH_JOIN:
    case PLAN_LOOP_JOIN:
    case PLAN_APPLY:
    case PLAN_INDEX_JOIN: expr_walk(plan_as(PlanJoin, n)->filter, subquery_visit, t); break;
    default: break;
    }
}

static void node_text(PlanText *t, const PlanNode *n)
{
    bytes_put_repeat(t->out, ' ', (size_t)t->depth * 2);
    bytes_put(t->out, str_of(kinds[n->kind].name));
    Names in = names_of(n->children ? n->child[0] : NULL, n->children > 1 ? n->child[1] : NULL);
    kinds[n->kind].text(t, n, in);
    free(in.at);
    if (t->note)
        t->note(t->arg, n, t->out);
    else if (n->rows_expected >= 0)
        bytes_printf(t->out, "  (%.0f rows)", n->rows_expected);
    bytes_put_byte(t->out, '\n');
    t->depth++;
    subqueries_text(t, n);
    if (n->kind == PLAN_SPOOL && plan_as(PlanSpool, n)->owner) {
        const PlanSpoolBody *b = plan_as(PlanSpool, n)->spool;
        node_text(t, b->body);
        if (b->step) node_text(t, b->step);
    }
    for (uint32_t i = 0; i < n->children; i++) node_text(t, n->child[i]);
    if (n->kind == PLAN_APPLY) node_text(t, n->child[1]);
    t->depth--;
}

void plan_text(const PlanNode *root, Bytes *out) { plan_text_noted(root, NULL, NULL, out); }

void plan_text_noted(const PlanNode *root, PlanNote note, void *arg, Bytes *out)
{
    PlanText t = {out, 0, note, arg};
    node_text(&t, root);
}
