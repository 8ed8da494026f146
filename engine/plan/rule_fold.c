// Rule: constants: an expression that depends on nothing is worked out once, now; AND, OR, CASE and COALESCE
// lose the parts that can no longer matter. What would fail is left for the run: it may never be reached.
// Relies on rel_in.h.
#include "engine/plan/rel_in.h"

static Expr *fold(Planner *p, Expr *e);

static bool is_constant(const Expr *e) { return e->kind == EXPR_CONSTANT; }
static bool is_truth(const Expr *e, bool truth)
{
    return is_constant(e) && e->type.id == TYPE_BOOLEAN && !e->value.null && (e->value.boolean != 0) == truth;
}

static Expr *truth(Planner *p, bool value, int64_t at)
{
    return rel_constant(p, (Value){.type = type_of(TYPE_BOOLEAN), .boolean = value}, at);
}

static Expr *evaluate(Planner *p, Expr *e)
{
    Err err = {0};
    Value v;
    if (!p->request->evaluate || !p->request->evaluate(p->request->evaluate_arg, e, &v, p->mem, &err))
        return e;
    v.type = e->type;
    return rel_constant(p, v, e->at);
}

// AND: TRUE parts go, one FALSE decides; OR the other way round. Nested ones are flattened.
static Expr *fold_logic(Planner *p, Expr *e)
{
    bool neutral = e->kind == EXPR_AND;
    ExprList kept = {0};
    for (uint32_t i = 0; i < e->args; i++) {
        Expr *part = e->arg[i];
        if (is_truth(part, neutral)) continue;
        if (is_truth(part, !neutral)) return truth(p, !neutral, e->at);
        uint32_t inner = part->kind == e->kind ? part->args : 0;
        for (uint32_t k = 0; k < inner; k++) rel_list_add(p, &kept, part->arg[k]);
        if (!inner) rel_list_add(p, &kept, part);
    }
    if (!kept.count) return truth(p, neutral, e->at);
    if (kept.count == 1) return kept.at[0];
    e->args = kept.count;
    e->arg = kept.at;
    return e;
}

// ---- (a AND b) OR (a AND c): a AND (b OR c), so that a can go its own way ----

static ExprList parts_of(Planner *p, Expr *e)
{
    ExprList list = {0};
    rel_conjuncts_add(p, &list, e);
    return list;
}

static bool has_part(const ExprList *list, const Expr *e)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (expr_equal(list->at[i], e)) return true;
    return false;
}

static Expr *without(Planner *p, const ExprList *parts, const ExprList *common)
{
    ExprList rest = {0};
    for (uint32_t i = 0; i < parts->count; i++)
        if (!has_part(common, parts->at[i])) rel_list_add(p, &rest, parts->at[i]);
    Expr *e = rel_conjunction(p, &rest);
    return e ? e : rel_true(p);
}

static Expr *factor_or(Planner *p, Expr *e)
{
    if (e->kind != EXPR_OR) return e;
    ExprList first = parts_of(p, e->arg[0]), common = {0};
    ExprList *parts = arena_array(p->mem, ExprList, e->args);
    for (uint32_t i = 0; i < e->args; i++) parts[i] = parts_of(p, e->arg[i]);
    for (uint32_t k = 0; k < first.count; k++) {
        bool all = rel_is_movable(first.at[k]);
        for (uint32_t i = 1; i < e->args && all; i++) all = has_part(&parts[i], first.at[k]);
        if (all) rel_list_add(p, &common, first.at[k]);
    }
    if (!common.count) return e;
    for (uint32_t i = 0; i < e->args; i++) e->arg[i] = without(p, &parts[i], &common);
    Expr *rest = fold_logic(p, e);
    if (!is_truth(rest, true)) rel_list_add(p, &common, rest);
    return rel_conjunction(p, &common);
}

static Expr *fold_case(Planner *p, Expr *e)
{
    ExprList kept = {0};
    uint32_t i = 0;
    for (; i + 1 < e->args; i += 2) {
        if (is_constant(e->arg[i]) && !is_truth(e->arg[i], true)) continue;
        if (is_truth(e->arg[i], true)) {
            if (!kept.count) return e->arg[i + 1];
            rel_list_add(p, &kept, e->arg[i + 1]);
            i = e->args;
            break;
        }
        rel_list_add(p, &kept, e->arg[i]);
        rel_list_add(p, &kept, e->arg[i + 1]);
    }
    if (i < e->args) rel_list_add(p, &kept, e->arg[i]);
    if (!kept.count) return rel_constant(p, value_null(e->type), e->at);
    if (kept.count == 1) return kept.at[0];
    e->args = kept.count;
    e->arg = kept.at;
    return e;
}

static Expr *fold_coalesce(Planner *p, Expr *e)
{
    ExprList kept = {0};
    for (uint32_t i = 0; i < e->args; i++) {
        if (is_constant(e->arg[i]) && e->arg[i]->value.null) continue;
        rel_list_add(p, &kept, e->arg[i]);
        if (is_constant(e->arg[i])) break;
    }
    if (!kept.count) return rel_constant(p, value_null(e->type), e->at);
    if (kept.count == 1) return kept.at[0];
    e->args = kept.count;
    e->arg = kept.at;
    return e;
}

static Expr *fold_not(Planner *p, Expr *e)
{
    Expr *a = e->arg[0];
    if (is_truth(a, true) || is_truth(a, false)) return truth(p, !a->value.boolean, e->at);
    if (a->kind == EXPR_NOT) return a->arg[0];
    return e;
}

static bool args_constant(const Expr *e)
{
    for (uint32_t i = 0; i < e->args; i++)
        if (!is_constant(e->arg[i])) return false;
    return true;
}

// A strict call with a NULL among its arguments is NULL, whatever the others are.
static bool is_null_call(const Expr *e)
{
    if (e->kind != EXPR_CALL || !(e->function->flags & FUNCTION_STRICT) || e->function->flags & FUNCTION_SET)
        return false;
    for (uint32_t i = 0; i < e->args; i++)
        if (is_constant(e->arg[i]) && e->arg[i]->value.null) return true;
    return false;
}

// Bottom-up; e itself belongs to a copy made by the caller's caller or to this statement only.
static Expr *fold(Planner *p, Expr *e)
{
    Expr *copy = e;
    if (e->args) {
        copy = arena_new(p->mem, Expr);
        *copy = *e;
        copy->arg = arena_array(p->mem, Expr *, e->args);
        for (uint32_t i = 0; i < e->args; i++) copy->arg[i] = fold(p, e->arg[i]);
    }
    switch (copy->kind) {
    case EXPR_CONSTANT:
    case EXPR_SLOT:
    case EXPR_OUTER:
    case EXPR_PARAM:
    case EXPR_SUBQUERY: return copy;
    case EXPR_AND: return fold_logic(p, copy);
    case EXPR_OR: return factor_or(p, fold_logic(p, copy));
    case EXPR_CASE: return fold_case(p, copy);
    case EXPR_COALESCE: return fold_coalesce(p, copy);
    case EXPR_NOT: copy = fold_not(p, copy); break;
    default: break;
    }
    if (is_null_call(copy)) return rel_constant(p, value_null(copy->type), copy->at);
    bool foldable = !is_constant(copy) && args_constant(copy) && expr_is_constant(copy);
    return foldable ? evaluate(p, copy) : copy;
}

static void fold_place(Planner *p, Expr **place, void *arg)
{
    (void)arg;
    if ((*place)->kind != EXPR_CONSTANT && (*place)->kind != EXPR_SLOT) *place = fold(p, *place);
}

static void fold_tree(Planner *p, Rel *r)
{
    rel_exprs(p, r, fold_place, NULL);
    ExprList where = {0};
    for (uint32_t i = 0; i < r->where.count; i++) rel_conjuncts_add(p, &where, r->where.at[i]);
    r->where = where;
    for (uint32_t i = 0; i < r->children; i++) fold_tree(p, r->child[i]);
}

static Rel *apply(Planner *p, Rel *root)
{
    fold_tree(p, root);
    return root;
}

const Rule rule_fold = {"fold", apply};
