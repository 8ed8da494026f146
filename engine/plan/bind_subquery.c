// Bind: subqueries inside expressions: scalar, EXISTS, IN and ANY/ALL. Each is bound with the scope around it
// as its outer one, so a name it does not know itself becomes a column id of the enclosing query. Relies on
// bind_in.h.
#include "engine/plan/bind_in.h"

static Expr *subquery_new(Scope *s, SubqueryKind kind, Type type, uint32_t args, const Bound *b, int64_t at)
{
    Expr *x = bind_new(s->p, EXPR_SUBQUERY, type, args, at);
    x->subquery = kind;
    x->logical = b->rel;
    return x;
}

static bool bind_inner(Scope *s, const AstQuery *q, bool keep_unknown, Bound *b)
{
    // Names inside see the clause of the enclosing query, too: an aggregate of it may stand in the subquery.
    return bind_query(s->p, q, s, s->cte, keep_unknown, b);
}

static Expr *bind_exists(Scope *s, const AstExpr *e)
{
    Bound b;
    if (!bind_inner(s, e->query, false, &b)) return NULL;
    return subquery_new(s, SUBQUERY_EXISTS, type_of(TYPE_BOOLEAN), 0, &b, e->at);
}

static Expr *bind_scalar(Scope *s, const AstExpr *e)
{
    Bound b;
    if (!bind_inner(s, e->query, false, &b)) return NULL;
    if (b.columns != 1) {
        err_set_at(s->p->err, SQLSTATE_SYNTAX, e->at, "subquery must return only one column");
        return NULL;
    }
    return subquery_new(s, SUBQUERY_SCALAR, s->p->column[b.id[0]].type, 0, &b, e->at);
}

// The left side's expressions: one, or those of a row.
static bool left_side(Scope *s, const AstExpr *a, uint32_t columns, Expr ***out, int64_t at)
{
    uint32_t count = a->kind == AST_ROW ? a->list.count : 1;
    if (count != columns)
        return err_set_at(s->p->err, SQLSTATE_SYNTAX, at,
                          count > columns ? "subquery has too few columns" : "subquery has too many columns");
    *out = arena_array(s->p->mem, Expr *, count);
    for (uint32_t i = 0; i < count; i++)
        if (!((*out)[i] = bind_expr(s, a->kind == AST_ROW ? a->list.at[i] : a))) return false;
    return true;
}

// Both sides are brought to the types of the comparison; the subquery's columns by a projection over it.
static const Function *match_columns(Scope *s, Str op, Expr **left, Bound *b, int64_t at)
{
    const Function *f = NULL;
    Type *want = arena_array(s->p->mem, Type, b->columns);
    for (uint32_t i = 0; i < b->columns; i++) {
        Expr *right = rel_slot(s->p, b->id[i], at);
        Expr *pair = bind_operator(s->p, op, left[i], right, at);
        if (!pair) return NULL;
        if (pair->kind != EXPR_CALL || pair->type.id != TYPE_BOOLEAN) {
            err_set_at(s->p->err, SQLSTATE_TYPE_MISMATCH, at, "operator %.*s is no comparison", STR_ARG(op));
            return NULL;
        }
        f = pair->function;
        left[i] = pair->arg[0];
        want[i] = pair->arg[1]->type;
    }
    return bind_bound_coerce(s->p, b, want, CAST_IMPLICIT) ? f : NULL;
}

static Expr *compare_with(Scope *s, const AstExpr *e, const AstExpr *a, SubqueryKind kind, Str op)
{
    Bound b;
    Expr **left = NULL;
    if (!bind_inner(s, e->query, false, &b) || !left_side(s, a, b.columns, &left, e->at)) return NULL;
    const Function *f = match_columns(s, op, left, &b, e->at);
    if (!f) return NULL;
    Expr *x = subquery_new(s, kind, type_of(TYPE_BOOLEAN), b.columns, &b, e->at);
    for (uint32_t i = 0; i < b.columns; i++) x->arg[i] = left[i];
    x->function = f;
    return x;
}

static Expr *bind_quantified(Scope *s, const AstExpr *e)
{
    if (!e->query) return bind_any_array(s, e);
    Str op = str_equal(e->text, STR("!=")) ? STR("<>") : e->text;
    bool equal = str_equal(op, STR("=")), differs = str_equal(op, STR("<>"));
    if (!equal && !differs && e->a->kind == AST_ROW) {
        bind_unsupported(s->p, e->at, "ordering rows against a subquery");
        return NULL;
    }
    if (equal && !e->flag) return compare_with(s, e, e->a, SUBQUERY_IN, op);
    if (differs && e->flag) {
        Expr *x = compare_with(s, e, e->a, SUBQUERY_IN, STR("="));
        if (x) x->negated = true;
        return x;
    }
    return compare_with(s, e, e->a, e->flag ? SUBQUERY_ALL : SUBQUERY_ANY, op);
}

Expr *bind_subquery(Scope *s, const AstExpr *e)
{
    switch (e->kind) {
    case AST_EXISTS: return bind_exists(s, e);
    case AST_SUBQUERY: return bind_scalar(s, e);
    case AST_QUANTIFIED: return bind_quantified(s, e);
    case AST_IN_QUERY: {
        Expr *x = compare_with(s, e, e->a, SUBQUERY_IN, STR("="));
        if (x) x->negated = e->negated;
        return x;
    }
    default: bind_unsupported(s->p, e->at, "comparing a row with a subquery"); return NULL;
    }
}
