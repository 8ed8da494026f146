// Parse: what an operator stands between: literals, columns, parentheses, CASE, ARRAY, subqueries, and what
// hangs behind them without a blank (::type, [subscript], .field).
#include "engine/sql/parse_in.h"

static AstExpr *taken(Parser *p, AstExprKind kind)
{
    AstExpr *e = parse_node(p, kind, (int64_t)p->tok.at);
    parse_advance(p);
    return e;
}

static AstExpr *token_node(Parser *p, AstExprKind kind)
{
    AstExpr *e = parse_node(p, kind, (int64_t)p->tok.at);
    if (!p->failed && !lexer_value(&p->lexer, &p->tok, p->mem, &e->text, p->err)) {
        p->failed = true;
        parse_fail(p, SQLSTATE_SYNTAX, 0, "");
    }
    parse_advance(p);
    return e;
}

AstExpr *parse_string_node(Parser *p)
{
    AstExpr *e = parse_node(p, AST_STRING, (int64_t)p->tok.at);
    e->text = parse_string(p);
    return e;
}

static AstExpr *param(Parser *p)
{
    AstExpr *e = token_node(p, AST_PARAM);
    uint64_t number = 0;
    if (p->failed) return e;
    if (!str_to_uint64(str_slice(e->text, 1, e->text.len), &number) || number == 0 || number > 65535)
        parse_fail(p, "42P02", e->at, "parameter numbers go from $1 to $65535");
    e->number = (uint32_t)number;
    e->text = STR_NONE;
    if (e->number > p->params) p->params = e->number;
    return e;
}

static AstExpr *typed_literal(Parser *p, AstType *type, int64_t at)
{
    AstExpr *e = parse_node(p, AST_CAST, at);
    e->type = type;
    e->a = parse_string_node(p);
    return e;
}

static AstExpr *interval_literal(Parser *p, AstType *type, int64_t at)
{
    AstExpr *e = typed_literal(p, type, at);
    Str fields = parse_interval_fields(p);
    if (fields.len) type->name = arena_printf(p->mem, "interval %.*s", STR_ARG(fields));
    if (fields.len && parse_is_op(p, '(')) type->mods = parse_expr_list_paren(p);
    return e;
}

// char '…', numeric(10,2) '…', timestamp with time zone '…': a type's keyword that cannot be a column here.
static bool at_keyword_literal(const Parser *p)
{
    if (p->tok.kind != TOKEN_WORD) return false;
    if (p->tok.keyword == KEYWORD_DOUBLE) return parse_next_is(p, KEYWORD_PRECISION);
    if (!parse_is_type_keyword(p->tok.keyword)) return false;
    return p->next.kind == TOKEN_STRING || parse_next_is_op(p, '(') || parse_next_is(p, KEYWORD_VARYING) ||
           ((p->tok.keyword == KEYWORD_TIME || p->tok.keyword == KEYWORD_TIMESTAMP) &&
            (parse_next_is(p, KEYWORD_WITH) || parse_next_is(p, KEYWORD_WITHOUT))) ||
           p->tok.keyword == KEYWORD_NATIONAL;
}

static AstExpr *keyword_literal(Parser *p)
{
    int64_t at = (int64_t)p->tok.at;
    bool interval = parse_is(p, KEYWORD_INTERVAL);
    AstType *type = parse_type(p);
    return interval ? interval_literal(p, type, at) : typed_literal(p, type, at);
}

static AstType *type_of_path(Parser *p, const AstPath *path, AstExprs mods)
{
    AstType *t = PARSE_NEW(p, AstType);
    t->at = path->at;
    t->name = ast_path_name(path);
    t->quoted = p->lexer.text.at[path->part[path->parts - 1].at] == '"';
    t->schema = path->parts > 1 ? path->part[path->parts - 2] : (AstName){.at = -1};
    t->mods = mods;
    return t;
}

static AstExpr *star_of(Parser *p, const AstPath *path)
{
    parse_advance(p);
    AstExpr *e = taken(p, AST_STAR);
    e->path = parse_path_node(p, path);
    return e;
}

static bool is_plain_call(const AstCall *c)
{
    return !c->star && !c->distinct && !c->variadic && !c->arg_name && !c->order.count && !c->filter &&
           !c->over && c->args.count;
}

// A name: column, t.*, function call, or a type before a string.
static AstExpr *named(Parser *p)
{
    int64_t at = (int64_t)p->tok.at;
    bool function_only = p->tok.kind == TOKEN_WORD &&
                         keyword_class(p->tok.keyword) == KEYWORD_CLASS_FUNCTION &&
                         p->tok.keyword != KEYWORD_ABSENT;
    if (!function_only && !parse_is_name(p, NAME_COLUMN)) {
        parse_syntax(p);
        return PARSE_NEW(p, AstExpr);
    }
    AstPath path = parse_path(p, NAME_LABEL);
    if (parse_is_op(p, '(')) {
        AstExpr *e = parse_call(p, &path, at);
        if (p->tok.kind != TOKEN_STRING || p->failed || !is_plain_call(e->call)) return e;
        return typed_literal(p, type_of_path(p, &path, e->call->args), at);
    }
    if (p->tok.kind == TOKEN_STRING) return typed_literal(p, type_of_path(p, &path, (AstExprs){0}), at);
    if (function_only) parse_syntax(p);
    if (parse_is_op(p, '.') && parse_next_is_op(p, '*')) return star_of(p, &path);
    AstExpr *e = parse_node(p, AST_COLUMN, at);
    e->path = parse_path_node(p, &path);
    return e;
}

AstExpr *parse_case(Parser *p)
{
    AstExpr *e = taken(p, AST_CASE);
    if (!parse_is(p, KEYWORD_WHEN)) e->a = parse_expr(p);
    size_t mark = parse_mark(p);
    do {
        parse_expect(p, KEYWORD_WHEN);
        AstExpr *when = parse_expr(p);
        parse_push(p, &when, sizeof(AstExpr *));
        parse_expect(p, KEYWORD_THEN);
        AstExpr *then = parse_expr(p);
        parse_push(p, &then, sizeof(AstExpr *));
    } while (parse_is(p, KEYWORD_WHEN));
    PARSE_TAKE(p, mark, &e->list);
    if (parse_accept(p, KEYWORD_ELSE)) e->b = parse_expr(p);
    parse_expect(p, KEYWORD_END);
    return e;
}

static AstExpr *array_list(Parser *p)
{
    if (!parse_enter(p)) {
        parse_leave(p);
        return PARSE_NEW(p, AstExpr);
    }
    AstExpr *e = taken(p, AST_ARRAY);
    size_t mark = parse_mark(p);
    while (!parse_is_op(p, ']') && !p->failed) {
        AstExpr *item = parse_is_op(p, '[') ? array_list(p) : parse_expr(p);
        parse_push(p, &item, sizeof(AstExpr *));
        if (!parse_accept_op(p, ',')) break;
        if (parse_is_op(p, ']')) parse_syntax(p);
    }
    PARSE_TAKE(p, mark, &e->list);
    parse_expect_op(p, ']');
    parse_leave(p);
    return e;
}

AstExpr *parse_array(Parser *p)
{
    int64_t at = (int64_t)p->tok.at;
    parse_expect(p, KEYWORD_ARRAY);
    if (parse_is_op(p, '[')) {
        AstExpr *e = array_list(p);
        e->at = at;
        return e;
    }
    AstExpr *e = parse_node(p, AST_ARRAY_QUERY, at);
    e->query = parse_query_paren(p);
    return e;
}

static AstExpr *cast(Parser *p)
{
    AstExpr *e = taken(p, AST_CAST);
    parse_expect_op(p, '(');
    e->a = parse_expr(p);
    parse_expect(p, KEYWORD_AS);
    e->type = parse_type(p);
    parse_expect_op(p, ')');
    return e;
}

static AstExpr *subquery(Parser *p, int64_t at, AstQuery *q)
{
    AstExpr *e = parse_node(p, AST_SUBQUERY, at);
    e->query = q;
    return e;
}

static AstExpr *row_rest(Parser *p, int64_t at, AstExpr *first)
{
    size_t mark = parse_mark(p);
    parse_push(p, &first, sizeof(AstExpr *));
    while (parse_accept_op(p, ',')) {
        AstExpr *item = parse_expr(p);
        parse_push(p, &item, sizeof(AstExpr *));
    }
    AstExpr *e = parse_node(p, AST_ROW, at);
    PARSE_TAKE(p, mark, &e->list);
    return e;
}

// ( … ): an expression, a row, or a subquery. What begins with more parentheses turns out to be one or the
// other only behind them: a subquery may go on with UNION, an expression with an operator.
AstExpr *parse_paren(Parser *p)
{
    int64_t at = (int64_t)p->tok.at;
    parse_expect_op(p, '(');
    AstExpr *e;
    if (parse_is_query(p))
        e = subquery(p, at, parse_query(p));
    else if (parse_is_op(p, '(')) {
        e = parse_enter(p) ? parse_paren(p) : PARSE_NEW(p, AstExpr);
        parse_leave(p);
        if (e->kind == AST_SUBQUERY && parse_is_query_rest(p))
            e = subquery(p, at, parse_query_from(p, e->query));
        else
            e = parse_expr_from(p, e);
    } else
        e = parse_expr(p);
    if (parse_is_op(p, ',')) e = row_rest(p, at, e);
    parse_expect_op(p, ')');
    return e;
}

static AstExpr *exists(Parser *p)
{
    AstExpr *e = taken(p, AST_EXISTS);
    e->query = parse_query_paren(p);
    return e;
}

static AstExpr *row(Parser *p)
{
    AstExpr *e = taken(p, AST_ROW);
    e->list = parse_call_list(p);
    return e;
}

static AstExpr *boolean(Parser *p, bool value)
{
    AstExpr *e = taken(p, AST_BOOLEAN);
    e->flag = value;
    return e;
}

// current_date and its like: functions without parentheses; some take a precision.
static AstExpr *bare_call(Parser *p)
{
    AstExpr *e = parse_node(p, AST_CALL, (int64_t)p->tok.at);
    e->call = PARSE_NEW(p, AstCall);
    e->call->bare = true;
    e->call->name.at = e->at;
    e->call->name.parts = 1;
    Keyword k = p->tok.keyword;
    e->call->name.part[0] = parse_token_name(p);
    bool precise = k == KEYWORD_CURRENT_TIME || k == KEYWORD_CURRENT_TIMESTAMP || k == KEYWORD_LOCALTIME ||
                   k == KEYWORD_LOCALTIMESTAMP;
    if (precise && parse_is_op(p, '(')) e->call->args = parse_expr_list_paren(p);
    return e;
}

static AstExpr *word(Parser *p)
{
    switch (p->tok.keyword) {
    case KEYWORD_NULL: return taken(p, AST_NULL);
    case KEYWORD_TRUE: return boolean(p, true);
    case KEYWORD_FALSE: return boolean(p, false);
    case KEYWORD_CASE: return parse_case(p);
    case KEYWORD_CAST: return cast(p);
    case KEYWORD_ARRAY: return parse_array(p);
    case KEYWORD_DEFAULT: return taken(p, AST_DEFAULT);
    case KEYWORD_EXISTS: return parse_next_is_op(p, '(') ? exists(p) : named(p);
    case KEYWORD_ROW: return parse_next_is_op(p, '(') ? row(p) : named(p);
    case KEYWORD_CURRENT_CATALOG:
    case KEYWORD_CURRENT_DATE:
    case KEYWORD_CURRENT_ROLE:
    case KEYWORD_CURRENT_TIME:
    case KEYWORD_CURRENT_TIMESTAMP:
    case KEYWORD_CURRENT_USER:
    case KEYWORD_LOCALTIME:
    case KEYWORD_LOCALTIMESTAMP:
    case KEYWORD_SESSION_USER:
    case KEYWORD_USER: return bare_call(p);
    case KEYWORD_CURRENT_SCHEMA: return parse_next_is_op(p, '(') ? named(p) : bare_call(p);
    default: {
        AstExpr *special = parse_call_special(p);
        if (special) return special;
        return at_keyword_literal(p) ? keyword_literal(p) : named(p);
    }
    }
}

static AstExpr *simple(Parser *p)
{
    switch (p->tok.kind) {
    case TOKEN_WORD: return word(p);
    case TOKEN_QUOTED: return named(p);
    case TOKEN_STRING: return parse_string_node(p);
    case TOKEN_NUMBER: return token_node(p, AST_NUMBER);
    case TOKEN_BITS: return token_node(p, AST_BITS);
    case TOKEN_PARAM: return param(p);
    default:
        if (parse_is_op(p, '(')) return parse_paren(p);
        parse_syntax(p);
        return PARSE_NEW(p, AstExpr);
    }
}

static AstExpr *subscript(Parser *p, AstExpr *array)
{
    AstExpr *e = taken(p, AST_SUBSCRIPT);
    e->a = array;
    if (!parse_is_op(p, ':')) e->b = parse_expr(p);
    e->flag = parse_accept_op(p, ':');
    if (e->flag && !parse_is_op(p, ']')) e->c = parse_expr(p);
    parse_expect_op(p, ']');
    return e;
}

static AstExpr *field(Parser *p, AstExpr *record)
{
    AstExpr *e = taken(p, AST_FIELD);
    e->a = record;
    e->flag = parse_accept_op(p, '*');
    if (e->flag) return e;
    AstPath path = {.at = (int64_t)p->tok.at, .parts = 1};
    path.part[0] = parse_name(p, NAME_LABEL);
    e->path = parse_path_node(p, &path);
    return e;
}

AstExpr *parse_postfix(Parser *p, AstExpr *e)
{
    while (!p->failed) {
        if (parse_is_op(p, OP2(':', ':'))) {
            AstExpr *outer = taken(p, AST_CAST);
            outer->a = e;
            outer->type = parse_type(p);
            e = outer;
            if (!parse_is_op(p, OP2(':', ':'))) break;
        } else if (parse_is_op(p, '['))
            e = subscript(p, e);
        else if (parse_is_op(p, '.'))
            e = field(p, e);
        else
            break;
    }
    return e;
}

// Only columns, parameters and parentheses have parts; a cast may stand behind anything.
AstExpr *parse_primary(Parser *p)
{
    bool paren = parse_is_op(p, '(');
    AstExpr *e = simple(p);
    if (paren || e->kind == AST_COLUMN || e->kind == AST_PARAM) return parse_postfix(p, e);
    while (!p->failed && parse_is_op(p, OP2(':', ':'))) e = parse_postfix(p, e);
    return e;
}
