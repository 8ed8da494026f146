// Bind: tests with syntax of their own: IS, BETWEEN, IN (list), LIKE, CASE and comparisons of rows. They
// become few kinds of Expr: CASE x WHEN … its searched form, BETWEEN two comparisons, rows one comparison a
// column. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

static Expr *truth_test(Scope *s, const AstExpr *e, Expr *x, bool truth)
{
    static const char *const name[2][2] = {{"IS FALSE", "IS NOT FALSE"}, {"IS TRUE", "IS NOT TRUE"}};
    Expr *t = bind_new(s->p, EXPR_IS_TRUE, type_of(TYPE_BOOLEAN), 1, e->at);
    t->negated = e->negated;
    t->value = (Value){.type = type_of(TYPE_BOOLEAN), .boolean = truth};
    t->arg[0] = bind_boolean(s->p, x, name[truth][e->negated]);
    return t->arg[0] ? t : NULL;
}

static Expr *null_test(Scope *s, const AstExpr *e, Expr *x)
{
    x = bind_settle(s->p, x);
    if (!x) return NULL;
    if (x->type.id == TYPE_RECORD) return bind_row_null(s->p, x, e->negated, e->at);
    Expr *t = bind_new(s->p, EXPR_IS_NULL, type_of(TYPE_BOOLEAN), 1, e->at);
    t->negated = e->negated;
    t->arg[0] = x;
    return t;
}

// (a, b) IS NULL: all of them are; IS NOT NULL: none of them is.
static Expr *row_null_test(Scope *s, const AstExpr *e)
{
    const AstExprs *row = &e->a->list;
    Expr *all = bind_new(s->p, EXPR_AND, type_of(TYPE_BOOLEAN), row->count, e->at);
    for (uint32_t i = 0; i < row->count; i++) {
        Expr *x = bind_expr(s, row->at[i]);
        if (!x || !(all->arg[i] = null_test(s, e, x))) return NULL;
    }
    return all;
}

Expr *bind_is(Scope *s, const AstExpr *e)
{
    if (e->test == AST_TEST_NULL && e->a->kind == AST_ROW) return row_null_test(s, e);
    Expr *x = bind_expr(s, e->a);
    if (!x) return NULL;
    switch (e->test) {
    case AST_TEST_NULL: return null_test(s, e, x);
    case AST_TEST_TRUE: return truth_test(s, e, x, true);
    case AST_TEST_FALSE: return truth_test(s, e, x, false);
    case AST_TEST_UNKNOWN:
        x = bind_boolean(s->p, x, e->negated ? "IS NOT UNKNOWN" : "IS UNKNOWN");
        return x ? null_test(s, e, x) : NULL;
    default: bind_unsupported(s->p, e->at, "IS DOCUMENT or IS NORMALIZED"); return NULL;
    }
}

Expr *bind_is_distinct(Scope *s, const AstExpr *e)
{
    Expr *a = bind_expr(s, e->a);
    Expr *b = a ? bind_expr(s, e->b) : NULL;
    Expr *equal = b ? bind_operator(s->p, STR("="), a, b, e->at) : NULL;
    if (!equal) return NULL;
    Expr *x = bind_new(s->p, EXPR_IS_DISTINCT, type_of(TYPE_BOOLEAN), 2, e->at);
    x->negated = e->negated;
    x->arg[0] = equal->arg[0];
    x->arg[1] = equal->arg[1];
    return x;
}

static Expr *two(Planner *p, ExprKind kind, Expr *a, Expr *b, int64_t at)
{
    if (!a || !b) return NULL;
    Expr *x = bind_new(p, kind, type_of(TYPE_BOOLEAN), 2, at);
    x->arg[0] = a;
    x->arg[1] = b;
    return x;
}

static Expr *inside(Scope *s, const AstExpr *e, Expr *x, Expr *low, Expr *high)
{
    Expr *above = bind_operator(s->p, STR(">="), x, low, e->at);
    Expr *below = above ? bind_operator(s->p, STR("<="), x, high, e->at) : NULL;
    return two(s->p, EXPR_AND, above, below, e->at);
}

Expr *bind_between(Scope *s, const AstExpr *e)
{
    Expr *x = bind_expr(s, e->a), *low = x ? bind_expr(s, e->b) : NULL,
         *high = low ? bind_expr(s, e->c) : NULL;
    if (!high) return NULL;
    Expr *in = inside(s, e, x, low, high);
    if (in && e->flag) in = two(s->p, EXPR_OR, in, inside(s, e, x, high, low), e->at);
    return e->negated ? bind_not(s->p, in, e->at) : in;
}

// ---- IN (list) ----

static Expr *either_equal(Scope *s, const AstExpr *e)
{
    Expr *any = bind_new(s->p, EXPR_OR, type_of(TYPE_BOOLEAN), e->list.count, e->at);
    AstExpr equal = {.kind = AST_OPERATOR, .at = e->at, .text = STR("="), .a = e->a};
    for (uint32_t i = 0; i < e->list.count; i++) {
        equal.b = e->list.at[i];
        if (!(any->arg[i] = bind_expr(s, &equal))) return NULL;
    }
    return e->negated ? bind_not(s->p, any, e->at) : any;
}

// All members and x in one type, if there is one; else each is compared on its own.
static bool in_one_type(Planner *p, Expr *x)
{
    Err none = {0};
    Err *kept = p->err;
    Type type;
    p->err = &none;
    bool fits = bind_common_type(p, x->arg, x->args, "IN", &type);
    p->err = kept;
    if (!fits) return false;
    for (uint32_t i = 0; i < x->args; i++)
        if (!bind_can_coerce(x->arg[i], type.id, CAST_IMPLICIT)) return false;
    type = type_bare(type);
    for (uint32_t i = 0; i < x->args; i++)
        if (!(x->arg[i] = bind_coerce(p, x->arg[i], type, CAST_IMPLICIT))) return true; // error is set
    return true;
}

Expr *bind_in_list(Scope *s, const AstExpr *e)
{
    if (e->a->kind == AST_ROW) return either_equal(s, e);
    Expr *x = bind_new(s->p, EXPR_IN_LIST, type_of(TYPE_BOOLEAN), e->list.count + 1, e->at);
    x->negated = e->negated;
    for (uint32_t i = 0; i <= e->list.count; i++)
        if (!(x->arg[i] = bind_expr(s, i ? e->list.at[i - 1] : e->a))) return NULL;
    if (!in_one_type(s->p, x)) return either_equal(s, e);
    return err_any(s->p->err) ? NULL : x;
}

// ---- LIKE ----

// x SIMILAR TO p ESCAPE e: x ~ similar_to_escape(p, e).
static Expr *bind_similar(Scope *s, const AstExpr *e)
{
    Planner *p = s->p;
    Expr *x = bind_settle(p, bind_expr(s, e->a)), *arg[2] = {0};
    if (!x || !(arg[0] = bind_settle(p, bind_expr(s, e->b)))) return NULL;
    if (e->c && !(arg[1] = bind_settle(p, bind_expr(s, e->c)))) return NULL;
    Expr *pattern = bind_function(p, STR("similar_to_escape"), arg, e->c ? 2 : 1, e->at);
    Expr *match = pattern ? bind_operator(p, STR("~"), x, pattern, e->at) : NULL;
    return match && e->negated ? bind_not(p, match, e->at) : match;
}

Expr *bind_like(Scope *s, const AstExpr *e)
{
    if (str_equal(e->text, STR("similar to"))) return bind_similar(s, e);
    Expr *x = bind_new(s->p, EXPR_LIKE, type_of(TYPE_BOOLEAN), e->c ? 3 : 2, e->at);
    x->negated = e->negated;
    x->fold = str_equal(e->text, STR("ilike"));
    const AstExpr *part[3] = {e->a, e->b, e->c};
    for (uint32_t i = 0; i < x->args; i++) {
        Expr *arg = bind_settle(s->p, bind_expr(s, part[i]));
        if (!arg) return NULL;
        if (!type_is_string(arg->type.id)) {
            const Expr *a = x->arg[0] ? x->arg[0] : arg;
            err_set_at(s->p->err, SQLSTATE_UNDEFINED_FUNCTION, e->at, "operator does not exist: %s %s %s",
                       type_name(a->type.id), x->fold ? "~~*" : "~~",
                       i ? type_name(arg->type.id) : "unknown");
            err_hint(s->p->err,
                     "No operator matches the given name and argument types. You might need to add explicit "
                     "type casts.");
            return NULL;
        }
        x->arg[i] = arg;
    }
    return x;
}

// ---- CASE ----

static Expr *when(Scope *s, const AstExpr *e, Expr *operand, const AstExpr *test)
{
    Expr *x = bind_expr(s, test);
    if (!x) return NULL;
    if (operand) return bind_operator(s->p, STR("="), operand, x, test->at);
    (void)e;
    return bind_boolean(s->p, x, "CASE/WHEN");
}

static Expr *case_inside(Scope *s, const AstExpr *e)
{
    Planner *p = s->p;
    Expr *operand = e->a ? bind_expr(s, e->a) : NULL;
    if (e->a && !operand) return NULL;
    uint32_t whens = e->list.count / 2, count = e->list.count + (e->b ? 1 : 0);
    Expr *x = bind_new(p, EXPR_CASE, type_of(TYPE_NULL), count, e->at);
    Expr **value = arena_array(p->mem, Expr *, whens + 2);
    // PostgreSQL settles the type from ELSE first, then the THENs.
    uint32_t values = 0;
    if (e->b && !(value[values++] = bind_expr(s, e->b))) return NULL;
    for (uint32_t i = 0; i < whens; i++) {
        if (!(x->arg[2 * i] = when(s, e, operand, e->list.at[2 * i]))) return NULL;
        if (!(value[values++] = bind_expr(s, e->list.at[2 * i + 1]))) return NULL;
    }
    if (!bind_coerce_all(p, value, values, "CASE", &x->type)) return NULL;
    uint32_t next = 0;
    if (e->b) x->arg[count - 1] = value[next++];
    for (uint32_t i = 0; i < whens; i++) x->arg[2 * i + 1] = value[next++];
    return x;
}

Expr *bind_case(Scope *s, const AstExpr *e)
{
    const char *before = s->no_sets;
    s->no_sets = "CASE";
    Expr *x = case_inside(s, e);
    s->no_sets = before;
    return x;
}

// ---- rows ----

static Expr *column_compare(Scope *s, Str op, const AstExpr *a, const AstExpr *b, int64_t at)
{
    AstExpr pair = {.kind = AST_OPERATOR,
                    .at = at,
                    .text = op,
                    .a = (AstExpr *)(uintptr_t)a,
                    .b = (AstExpr *)(uintptr_t)b};
    return bind_expr(s, &pair);
}

// Two rows: expressions as written, or the right side a subquery's columns.
typedef struct RowPair {
    const AstExprs *a, *b;
    Expr **left, **right; // NULL: a and b
} RowPair;

static Expr *pair_compare(Scope *s, const RowPair *r, uint32_t i, Str op, int64_t at)
{
    if (r->left) return bind_operator(s->p, op, r->left[i], r->right[i], at);
    return column_compare(s, op, r->a->at[i], r->b->at[i], at);
}

static Expr *row_equal(Scope *s, const AstExpr *e, const RowPair *r)
{
    Expr *all = bind_new(s->p, EXPR_AND, type_of(TYPE_BOOLEAN), r->a->count, e->at);
    for (uint32_t i = 0; i < r->a->count; i++)
        if (!(all->arg[i] = pair_compare(s, r, i, STR("="), e->at))) return NULL;
    return all;
}

// (a, b) < (c, d): a < c OR (a = c AND b < d).
static Expr *row_order(Scope *s, const AstExpr *e, const RowPair *r)
{
    Str strict = str_starts(e->text, STR("<")) ? STR("<") : STR(">");
    Expr *x = NULL;
    for (uint32_t i = r->a->count; i-- > 0;) {
        bool last = i + 1 == r->a->count;
        Expr *here = pair_compare(s, r, i, last ? e->text : strict, e->at);
        if (!here) return NULL;
        if (last) {
            x = here;
            continue;
        }
        Expr *equal = pair_compare(s, r, i, STR("="), e->at);
        x = two(s->p, EXPR_OR, here, two(s->p, EXPR_AND, equal, x, e->at), e->at);
        if (!x) return NULL;
    }
    return x;
}

static Expr *rows_compare(Scope *s, const AstExpr *e, const RowPair *r)
{
    static const char *const ops[] = {"<", "<=", ">", ">="};
    if (str_equal(e->text, STR("="))) return row_equal(s, e, r);
    if (str_equal(e->text, STR("<>")) || str_equal(e->text, STR("!=")))
        return bind_not(s->p, row_equal(s, e, r), e->at);
    for (size_t i = 0; i < COUNT_OF(ops); i++)
        if (str_equal(e->text, str_of(ops[i]))) return row_order(s, e, r);
    bind_unsupported(s->p, e->at, "this operator on rows");
    return NULL;
}

static Expr *row_against_query(Scope *s, const AstExpr *e)
{
    const AstExprs *a = &e->a->list;
    RowPair r = {.a = a,
                 .left = arena_array(s->p->mem, Expr *, a->count + 1),
                 .right = arena_array(s->p->mem, Expr *, a->count + 1)};
    for (uint32_t i = 0; i < a->count; i++)
        if (!(r.left[i] = bind_expr(s, a->at[i]))) return NULL;
    return bind_query_row(s, e->b->query, a->count, r.right, e->at) ? rows_compare(s, e, &r) : NULL;
}

// One side is a row as written, the other a value that is a row: two records.
static Expr *records_compare(Scope *s, const AstExpr *e)
{
    Expr *a = bind_expr(s, e->a), *b = a ? bind_expr(s, e->b) : NULL;
    return b ? bind_operator(s->p, e->text, a, b, e->at) : NULL;
}

Expr *bind_row_compare(Scope *s, const AstExpr *e)
{
    if (!e->a || !e->b) return records_compare(s, e);
    if (e->a->kind == AST_ROW && e->b->kind == AST_SUBQUERY) return row_against_query(s, e);
    if (e->a->kind != AST_ROW || e->b->kind != AST_ROW) return records_compare(s, e);
    const RowPair r = {.a = &e->a->list, .b = &e->b->list};
    if (r.a->count == r.b->count && r.a->count) return rows_compare(s, e, &r);
    err_set_at(s->p->err, SQLSTATE_SYNTAX, e->at, "unequal number of entries in row expressions");
    return NULL;
}
