// Bind: expressions: one function a kind of syntax, found in a table. Relies on bind_in.h.
#include "engine/plan/bind_in.h"

const char *bind_clause_name(BindClause clause)
{
    static const char *const name[CLAUSE_KINDS] = {
        [CLAUSE_NONE] = "expression",
        [CLAUSE_SELECT] = "SELECT",
        [CLAUSE_WHERE] = "WHERE",
        [CLAUSE_ON] = "JOIN/ON",
        [CLAUSE_GROUP] = "GROUP BY",
        [CLAUSE_HAVING] = "HAVING",
        [CLAUSE_ORDER] = "ORDER BY",
        [CLAUSE_LIMIT] = "LIMIT",
        [CLAUSE_OFFSET] = "OFFSET",
        [CLAUSE_VALUES] = "VALUES",
        [CLAUSE_FILTER] = "FILTER",
        [CLAUSE_SET] = "UPDATE",
        [CLAUSE_CHECK] = "CHECK",
        [CLAUSE_DEFAULT] = "DEFAULT",
        [CLAUSE_FUNCTION] = "functions in FROM",
        [CLAUSE_RETURNING] = "RETURNING",
        [CLAUSE_FRAME] = "window frame",
    };
    return name[clause];
}

Expr *bind_condition(Scope *s, const AstExpr *e, BindClause clause)
{
    BindClause before = s->clause;
    s->clause = clause;
    Expr *bound = bind_boolean(s->p, bind_expr(s, e), bind_clause_name(clause));
    s->clause = before;
    return bound;
}

static Expr *refuse(Scope *s, const AstExpr *e, const char *feature)
{
    bind_unsupported(s->p, e->at, feature);
    return NULL;
}

// ---- constants ----

static Expr *bind_null(Scope *s, const AstExpr *e)
{
    return rel_constant(s->p, value_null(type_of(TYPE_NULL)), e->at);
}

static Expr *bind_truth(Scope *s, const AstExpr *e)
{
    return rel_constant(s->p, (Value){.type = type_of(TYPE_BOOLEAN), .boolean = e->flag}, e->at);
}

static Expr *bind_string(Scope *s, const AstExpr *e)
{
    Value v = {.type = type_of(TYPE_NULL), .text = text_of(bind_copy(s->p, e->text))};
    return rel_constant(s->p, v, e->at);
}

static Expr *number_text(Scope *s, Str text, int64_t at)
{
    int64_t whole;
    if (str_to_int64(text, &whole)) {
        bool small = whole >= INT32_MIN && whole <= INT32_MAX;
        Value v = {.type = type_of(small ? TYPE_INTEGER : TYPE_BIGINT)};
        if (small)
            v.i32 = (int32_t)whole;
        else
            v.i64 = whole;
        return rel_constant(s->p, v, at);
    }
    Value v;
    if (cast_text_to_value(&v, text, type_of(TYPE_NUMERIC), s->p->mem, s->p->err))
        return rel_constant(s->p, v, at);
    if (s->p->err->at < 0) s->p->err->at = at;
    return NULL;
}

static Expr *bind_number(Scope *s, const AstExpr *e) { return number_text(s, e->text, e->at); }

const AstExpr *bind_signed_number(const AstExpr *e, bool *minus)
{
    *minus = false;
    for (; e->kind == AST_OPERATOR && !e->a && str_equal(e->text, STR("-")); e = e->b) *minus = !*minus;
    return e->kind == AST_NUMBER ? e : NULL;
}

static Expr *bind_minus(Scope *s, const AstExpr *number, bool minus, int64_t at)
{
    Bytes text;
    if (!minus) return number_text(s, number->text, at);
    bytes_init(&text, number->text.len + 2);
    bytes_put(&text, STR("-"));
    bytes_put(&text, number->text);
    Expr *e = text.failed ? NULL : number_text(s, bytes_str(&text), at);
    if (text.failed) err_set(s->p->err, SQLSTATE_OUT_OF_MEMORY, "out of memory for a number");
    bytes_done(&text);
    return e;
}

static Expr *bind_param(Scope *s, const AstExpr *e)
{
    Planner *p = s->p;
    if (p->frame) return bind_frame_number(p, e->number, e->at);
    if (!e->number || e->number > p->params) {
        err_set_at(p->err, "42P02", e->at, "there is no parameter $%u", (unsigned)e->number);
        return NULL;
    }
    Expr *x = bind_new(p, EXPR_PARAM, p->param_type[e->number - 1], 0, e->at);
    x->slot = e->number - 1;
    return x;
}

// ---- names and operators ----

static Expr *bind_path(Scope *s, const AstExpr *e)
{
    Expr *found = bind_column(s, e->path, e->at);
    if (found) bind_names_column(s->p, e, found);
    return found;
}
static Expr *bind_star(Scope *s, const AstExpr *e) { return refuse(s, e, "a row of all columns (*) here"); }

static Expr *bind_default_word(Scope *s, const AstExpr *e)
{
    err_set_at(s->p->err, SQLSTATE_SYNTAX, e->at, "DEFAULT is not allowed in this context");
    return NULL;
}

static bool is_row(const AstExpr *e) { return e && e->kind == AST_ROW; }

// (a, b) OVERLAPS (c, d): ends, or lengths that become ends.
static Expr *bind_overlaps(Scope *s, const AstExpr *e)
{
    Expr *arg[4];
    const AstExpr *side[2] = {e->a, e->b};
    for (uint32_t i = 0; i < 2; i++) {
        if (!is_row(side[i]) || side[i]->list.count != 2) {
            err_set_at(s->p->err, SQLSTATE_SYNTAX, e->at,
                       "wrong number of parameters on %s side of OVERLAPS expression", i ? "right" : "left");
            return NULL;
        }
        for (uint32_t k = 0; k < 2; k++)
            if (!(arg[2 * i + k] = bind_expr(s, side[i]->list.at[k]))) return NULL;
        if (arg[2 * i + 1]->type.id != TYPE_INTERVAL) continue;
        arg[2 * i + 1] = bind_operator(s->p, STR("+"), arg[2 * i], arg[2 * i + 1], e->at);
        if (!arg[2 * i + 1]) return NULL;
    }
    return bind_function(s->p, STR("overlaps"), arg, 4, e->at);
}

static Expr *bind_operation(Scope *s, const AstExpr *e)
{
    if (str_equal(e->text, STR("overlaps"))) return bind_overlaps(s, e);
    if (e->a && (is_row(e->a) || is_row(e->b))) return bind_row_compare(s, e);
    bool minus;
    const AstExpr *number = bind_signed_number(e, &minus);
    if (number) return bind_minus(s, number, minus, e->at);
    Expr *left = e->a ? bind_expr(s, e->a) : NULL;
    if (e->a && !left) return NULL;
    Expr *right = bind_expr(s, e->b);
    return bind_operator(s->p, e->text, left, right, e->at);
}

static Expr *bind_logic(Scope *s, const AstExpr *e)
{
    bool all = e->kind == AST_AND;
    Expr *x = bind_new(s->p, all ? EXPR_AND : EXPR_OR, type_of(TYPE_BOOLEAN), e->list.count, e->at);
    for (uint32_t i = 0; i < e->list.count; i++) {
        x->arg[i] = bind_boolean(s->p, bind_expr(s, e->list.at[i]), all ? "AND" : "OR");
        if (!x->arg[i]) return NULL;
    }
    return x;
}

static Expr *bind_negation(Scope *s, const AstExpr *e)
{
    return bind_not(s->p, bind_boolean(s->p, bind_expr(s, e->a), "NOT"), e->at);
}

static Expr *bind_cast(Scope *s, const AstExpr *e)
{
    Type type;
    if (!bind_type(s->p, e->type, &type)) return NULL;
    bool array = e->a->kind == AST_ARRAY && type.id == TYPE_ARRAY;
    Expr *x = array ? bind_array_as(s, e->a, type) : bind_expr(s, e->a);
    if (!x) return NULL;
    return bind_coerce(s->p, x, type, CAST_EXPLICIT);
}

// One byte order is all there is: the collations that mean it are accepted.
static Expr *bind_collate(Scope *s, const AstExpr *e)
{
    Str name = ast_path_name(e->path);
    Expr *x = bind_settle(s->p, bind_expr(s, e->a));
    if (!x) return NULL;
    if (!type_is_string(x->type.id)) {
        err_set_at(s->p->err, SQLSTATE_TYPE_MISMATCH, e->at, "collations are not supported by type %s",
                   type_name(x->type.id));
        return NULL;
    }
    if (str_equal(name, STR("C")) || str_equal(name, STR("POSIX")) || str_equal(name, STR("default")))
        return x;
    err_set_at(s->p->err, SQLSTATE_UNSUPPORTED, e->at, "collation \"%.*s\" is not supported", STR_ARG(name));
    return NULL;
}

static Expr *bind_bits(Scope *s, const AstExpr *e) { return refuse(s, e, "a bit string"); }
static Expr *bind_zone(Scope *s, const AstExpr *e)
{
    Expr *moment = bind_expr(s, e->a), *zone = moment ? bind_expr(s, e->b) : NULL;
    Expr *arg[2] = {zone, moment};
    return zone ? bind_function(s->p, STR("timezone"), arg, 2, e->at) : NULL;
}

Expr *bind_expr(Scope *s, const AstExpr *e)
{
    static Expr *(*const bind_kind[AST_EXPR_KINDS])(Scope *, const AstExpr *) = {
        [AST_NULL] = bind_null,
        [AST_BOOLEAN] = bind_truth,
        [AST_NUMBER] = bind_number,
        [AST_STRING] = bind_string,
        [AST_BITS] = bind_bits,
        [AST_PARAM] = bind_param,
        [AST_COLUMN] = bind_path,
        [AST_STAR] = bind_star,
        [AST_DEFAULT] = bind_default_word,
        [AST_CALL] = bind_call,
        [AST_OPERATOR] = bind_operation,
        [AST_AND] = bind_logic,
        [AST_OR] = bind_logic,
        [AST_NOT] = bind_negation,
        [AST_IS] = bind_is,
        [AST_IS_DISTINCT] = bind_is_distinct,
        [AST_BETWEEN] = bind_between,
        [AST_IN_LIST] = bind_in_list,
        [AST_IN_QUERY] = bind_subquery,
        [AST_LIKE] = bind_like,
        [AST_QUANTIFIED] = bind_subquery,
        [AST_EXISTS] = bind_subquery,
        [AST_SUBQUERY] = bind_subquery,
        [AST_CASE] = bind_case,
        [AST_CAST] = bind_cast,
        [AST_COLLATE] = bind_collate,
        [AST_AT_TIME_ZONE] = bind_zone,
        [AST_ROW] = bind_row,
        [AST_ARRAY] = bind_array,
        [AST_ARRAY_QUERY] = bind_array,
        [AST_SUBSCRIPT] = bind_subscript,
        [AST_FIELD] = bind_field,
    };
    return bind_kind[e->kind](s, e);
}
