// Parse: operators, by precedence climbing over PostgreSQL's levels (its manual, 4.1.6). A rule takes what
// stands to its left and gives the larger tree; `min` is the lowest level that may still be taken.
#include "engine/sql/parse_in.h"

typedef enum Level {
    LEVEL_OR = 1,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_IS,
    LEVEL_COMPARE,
    LEVEL_RANGE, // BETWEEN, IN, LIKE
    LEVEL_OPERATOR,
    LEVEL_ADD,
    LEVEL_MULTIPLY,
    LEVEL_POWER,
    LEVEL_ZONE,
    LEVEL_COLLATE,
    LEVEL_SIGN,
} Level;

static AstExpr *expr_at(Parser *p, Level min);

AstExpr *parse_node(Parser *p, AstExprKind kind, int64_t at)
{
    AstExpr *e = PARSE_NEW(p, AstExpr);
    e->kind = kind;
    e->at = at;
    parse_grow(p);
    return e;
}

static AstExpr *unary(Parser *p, AstExprKind kind, int64_t at, AstExpr *a)
{
    AstExpr *e = parse_node(p, kind, at);
    e->a = a;
    return e;
}

static Str operator_text(Parser *p)
{
    if (p->tok.op == OP2('!', '=')) return STR("<>");
    return arena_copy(p->mem, str_slice(p->lexer.text, p->tok.at, p->tok.len));
}

// ---- what stands in front ----

static AstExpr *prefix_sign(Parser *p)
{
    AstExpr *e = PARSE_NEW(p, AstExpr);
    e->kind = AST_OPERATOR;
    e->at = (int64_t)p->tok.at;
    e->text = operator_text(p);
    bool sign = p->tok.op == '+' || p->tok.op == '-';
    parse_advance(p);
    e->b = expr_at(p, sign ? LEVEL_SIGN : LEVEL_ADD);
    parse_grow(p);
    return e;
}

static bool is_plain_operator(const Token *t)
{
    if (t->kind != TOKEN_OPERATOR) return false;
    switch (t->op) {
    case '(':
    case ')':
    case '[':
    case ']':
    case ',':
    case '.':
    case ':':
    case OP2('.', '.'):
    case OP2(':', ':'):
    case OP2(':', '='):
    case OP2('=', '>'): return false;
    default: return true;
    }
}

// OPERATOR(schema.+): the path's last part is the operator.
static AstPath *named_operator(Parser *p, Str *text)
{
    AstPath path = {.at = (int64_t)p->tok.at};
    parse_advance(p);
    parse_expect_op(p, '(');
    while (parse_is_name(p, NAME_COLUMN) && path.parts < AST_PATH_MAX - 1) {
        path.part[path.parts++] = parse_name(p, NAME_COLUMN);
        parse_expect_op(p, '.');
    }
    if (!is_plain_operator(&p->tok))
        parse_syntax(p);
    else
        *text = operator_text(p);
    path.part[path.parts++] = (AstName){*text, (int64_t)p->tok.at};
    parse_advance(p);
    parse_expect_op(p, ')');
    return parse_path_node(p, &path);
}

Str parse_operator(Parser *p)
{
    Str text = STR_NONE;
    if (parse_is(p, KEYWORD_OPERATOR))
        (void)named_operator(p, &text);
    else if (!is_plain_operator(&p->tok))
        parse_syntax(p);
    else {
        text = operator_text(p);
        parse_advance(p);
    }
    return text;
}

static AstExpr *prefix_named(Parser *p)
{
    AstExpr *e = parse_node(p, AST_OPERATOR, (int64_t)p->tok.at);
    e->path = named_operator(p, &e->text);
    e->b = expr_at(p, LEVEL_ADD);
    return e;
}

static bool prefix_allowed(const Token *t)
{
    switch (t->op) {
    case '*':
    case '/':
    case '%':
    case '^':
    case '<':
    case '>':
    case '=':
    case OP2('<', '='):
    case OP2('>', '='):
    case OP2('<', '>'):
    case OP2('!', '='): return false;
    default: return true;
    }
}

static AstExpr *operand(Parser *p)
{
    if (parse_is(p, KEYWORD_NOT) && !p->restricted) {
        int64_t at = (int64_t)p->tok.at;
        parse_advance(p);
        AstExpr *a = expr_at(p, LEVEL_NOT);
        return unary(p, AST_NOT, at, a);
    }
    if (is_plain_operator(&p->tok) && prefix_allowed(&p->tok)) return prefix_sign(p);
    if (parse_is(p, KEYWORD_OPERATOR) && parse_next_is_op(p, '(')) return prefix_named(p);
    return parse_primary(p);
}

// ---- what stands between ----

static AstExpr *chain(Parser *p, AstExpr *left, AstExprKind kind, Keyword word, Level level)
{
    int64_t at = (int64_t)p->tok.at;
    size_t mark = parse_mark(p);
    parse_push(p, &left, sizeof(AstExpr *));
    while (parse_accept(p, word)) {
        AstExpr *right = expr_at(p, level + 1);
        parse_push(p, &right, sizeof(AstExpr *));
    }
    AstExpr *e = parse_node(p, kind, at);
    PARSE_TAKE(p, mark, &e->list);
    return e;
}

static AstExpr *quantified(Parser *p, AstExpr *left, Str text, int64_t at)
{
    AstExpr *e = parse_node(p, AST_QUANTIFIED, at);
    e->a = left;
    e->text = text;
    e->flag = parse_is(p, KEYWORD_ALL);
    parse_advance(p);
    parse_expect_op(p, '(');
    if (parse_is_query(p))
        e->query = parse_query(p);
    else {
        e->b = parse_expr(p);
        if (e->b->kind == AST_SUBQUERY) e->query = e->b->query, e->b = NULL;
    }
    parse_expect_op(p, ')');
    return e;
}

static bool at_quantifier(const Parser *p)
{
    return (parse_is(p, KEYWORD_ANY) || parse_is(p, KEYWORD_ALL) || parse_is(p, KEYWORD_SOME)) &&
           parse_next_is_op(p, '(');
}

static AstExpr *binary(Parser *p, AstExpr *left, Level level)
{
    int64_t at = (int64_t)p->tok.at;
    AstPath *path = NULL;
    Str text = STR_NONE;
    if (parse_is(p, KEYWORD_OPERATOR))
        path = named_operator(p, &text);
    else {
        text = operator_text(p);
        parse_advance(p);
    }
    if (at_quantifier(p)) return quantified(p, left, text, at);
    AstExpr *right = expr_at(p, level + 1);
    AstExpr *e = parse_node(p, AST_OPERATOR, at);
    e->text = text;
    e->path = path;
    e->a = left;
    e->b = right;
    return e;
}

static AstExpr *is_test(Parser *p, AstExpr *left)
{
    int64_t at = (int64_t)p->tok.at;
    parse_expect(p, KEYWORD_IS);
    bool negated = parse_accept(p, KEYWORD_NOT);
    if (parse_accept(p, KEYWORD_DISTINCT)) {
        parse_expect(p, KEYWORD_FROM);
        AstExpr *right = expr_at(p, LEVEL_COMPARE);
        AstExpr *e = unary(p, AST_IS_DISTINCT, at, left);
        e->b = right;
        e->negated = negated;
        return e;
    }
    AstExpr *e = unary(p, AST_IS, at, left);
    e->negated = negated;
    if (p->restricted && !parse_is(p, KEYWORD_DOCUMENT)) parse_syntax(p);
    if (parse_accept(p, KEYWORD_NULL))
        e->test = AST_TEST_NULL;
    else if (parse_accept(p, KEYWORD_TRUE))
        e->test = AST_TEST_TRUE;
    else if (parse_accept(p, KEYWORD_FALSE))
        e->test = AST_TEST_FALSE;
    else if (parse_accept(p, KEYWORD_UNKNOWN))
        e->test = AST_TEST_UNKNOWN;
    else if (parse_accept(p, KEYWORD_DOCUMENT))
        e->test = AST_TEST_DOCUMENT;
    else {
        if (!parse_is(p, KEYWORD_NORMALIZED) && p->tok.kind == TOKEN_WORD)
            e->text = parse_token_name(p).text; // NFC, NFD …
        parse_expect(p, KEYWORD_NORMALIZED);
        e->test = AST_TEST_NORMALIZED;
    }
    return e;
}

static AstExpr *is_null_word(Parser *p, AstExpr *left, bool negated)
{
    AstExpr *e = unary(p, AST_IS, (int64_t)p->tok.at, left);
    e->negated = negated;
    parse_advance(p);
    return e;
}

static AstExpr *between(Parser *p, AstExpr *left, bool negated)
{
    int64_t at = (int64_t)p->tok.at;
    parse_advance(p);
    bool symmetric = parse_accept(p, KEYWORD_SYMMETRIC);
    if (!symmetric) (void)parse_accept(p, KEYWORD_ASYMMETRIC);
    AstExpr *low = expr_at(p, LEVEL_OPERATOR);
    parse_expect(p, KEYWORD_AND);
    AstExpr *high = expr_at(p, LEVEL_OPERATOR);
    AstExpr *e = unary(p, AST_BETWEEN, at, left);
    e->b = low;
    e->c = high;
    e->negated = negated;
    e->flag = symmetric;
    return e;
}

static AstExpr *in_list(Parser *p, AstExpr *left, bool negated)
{
    AstExpr *e = unary(p, AST_IN_LIST, (int64_t)p->tok.at, left);
    e->negated = negated;
    parse_advance(p);
    if (!parse_is_op(p, '(')) parse_syntax(p);
    parse_advance(p);
    if (parse_is_query(p)) {
        e->kind = AST_IN_QUERY;
        e->query = parse_query(p);
    } else {
        e->list = parse_expr_list(p);
        if (e->list.count == 1 && e->list.at[0]->kind == AST_SUBQUERY) {
            e->kind = AST_IN_QUERY;
            e->query = e->list.at[0]->query;
            e->list = (AstExprs){0};
        }
    }
    parse_expect_op(p, ')');
    return e;
}

static AstExpr *like(Parser *p, AstExpr *left, bool negated)
{
    static const char *const quantified_text[2][2] = {{"like", "not like"}, {"ilike", "not ilike"}};
    int64_t at = (int64_t)p->tok.at;
    Keyword k = p->tok.keyword;
    parse_advance(p);
    if (k == KEYWORD_SIMILAR) parse_expect(p, KEYWORD_TO);
    if (k != KEYWORD_SIMILAR && at_quantifier(p))
        return quantified(p, left, str_of(quantified_text[k == KEYWORD_ILIKE][negated]), at);
    AstExpr *pattern = expr_at(p, LEVEL_OPERATOR);
    AstExpr *escape = parse_accept(p, KEYWORD_ESCAPE) ? expr_at(p, LEVEL_OPERATOR) : NULL;
    AstExpr *e = unary(p, AST_LIKE, at, left);
    e->text = k == KEYWORD_SIMILAR ? STR("similar to") : str_of(keyword_text(k));
    e->b = pattern;
    e->c = escape;
    e->negated = negated;
    return e;
}

static AstExpr *range(Parser *p, AstExpr *left)
{
    bool negated = parse_accept(p, KEYWORD_NOT);
    if (parse_is(p, KEYWORD_BETWEEN)) return between(p, left, negated);
    if (parse_is(p, KEYWORD_IN)) return in_list(p, left, negated);
    return like(p, left, negated);
}

static AstExpr *at_time_zone(Parser *p, AstExpr *left)
{
    int64_t at = (int64_t)p->tok.at;
    parse_advance(p);
    parse_expect(p, KEYWORD_TIME);
    parse_expect(p, KEYWORD_ZONE);
    AstExpr *zone = expr_at(p, LEVEL_COLLATE);
    AstExpr *e = unary(p, AST_AT_TIME_ZONE, at, left);
    e->b = zone;
    return e;
}

static AstExpr *collate(Parser *p, AstExpr *left)
{
    AstExpr *e = unary(p, AST_COLLATE, (int64_t)p->tok.at, left);
    parse_advance(p);
    AstPath path = parse_path(p, NAME_COLUMN);
    e->path = parse_path_node(p, &path);
    return e;
}

static AstExpr *overlaps(Parser *p, AstExpr *left)
{
    AstExpr *e = unary(p, AST_OPERATOR, (int64_t)p->tok.at, left);
    if (left->kind != AST_ROW) parse_syntax(p);
    parse_advance(p);
    e->text = STR("overlaps");
    e->b = expr_at(p, LEVEL_OPERATOR);
    return e;
}

// ---- climbing ----

static Level operator_level(const Token *t)
{
    switch (t->op) {
    case '<':
    case '>':
    case '=':
    case OP2('<', '='):
    case OP2('>', '='):
    case OP2('<', '>'):
    case OP2('!', '='): return LEVEL_COMPARE;
    case '+':
    case '-': return LEVEL_ADD;
    case '*':
    case '/':
    case '%': return LEVEL_MULTIPLY;
    case '^': return LEVEL_POWER;
    default: return LEVEL_OPERATOR;
    }
}

static bool is_range_word(Keyword k)
{
    return k == KEYWORD_BETWEEN || k == KEYWORD_IN || k == KEYWORD_LIKE || k == KEYWORD_ILIKE ||
           k == KEYWORD_SIMILAR;
}

// The level of what stands at the current token, 0 if it continues no expression.
static Level infix_level(const Parser *p)
{
    if (is_plain_operator(&p->tok)) return operator_level(&p->tok);
    if (p->tok.kind != TOKEN_WORD) return 0;
    Keyword k = p->tok.keyword;
    if (k == KEYWORD_IS)
        return p->restricted && !parse_next_is(p, KEYWORD_DISTINCT) && !parse_next_is(p, KEYWORD_NOT)
                   ? 0
                   : LEVEL_IS;
    if (k == KEYWORD_OPERATOR) return parse_next_is_op(p, '(') ? LEVEL_OPERATOR : 0;
    if (p->restricted) return 0;
    if (k == KEYWORD_SIMILAR) return parse_next_is(p, KEYWORD_TO) ? LEVEL_RANGE : 0;
    if (is_range_word(k)) return LEVEL_RANGE;
    switch (k) {
    case KEYWORD_OR: return LEVEL_OR;
    case KEYWORD_AND: return LEVEL_AND;
    case KEYWORD_NOT: return p->next.kind == TOKEN_WORD && is_range_word(p->next.keyword) ? LEVEL_RANGE : 0;
    case KEYWORD_ISNULL:
    case KEYWORD_NOTNULL: return LEVEL_IS;
    case KEYWORD_AT: return parse_next_is(p, KEYWORD_TIME) ? LEVEL_ZONE : 0;
    case KEYWORD_COLLATE: return LEVEL_COLLATE;
    case KEYWORD_OVERLAPS: return LEVEL_OPERATOR;
    default: return 0;
    }
}

static AstExpr *infix(Parser *p, AstExpr *left, Level level)
{
    switch (level) {
    case LEVEL_OR: return chain(p, left, AST_OR, KEYWORD_OR, LEVEL_OR);
    case LEVEL_AND: return chain(p, left, AST_AND, KEYWORD_AND, LEVEL_AND);
    case LEVEL_IS:
        if (parse_is(p, KEYWORD_IS)) return is_test(p, left);
        return is_null_word(p, left, parse_is(p, KEYWORD_NOTNULL));
    case LEVEL_RANGE: return range(p, left);
    case LEVEL_ZONE: return at_time_zone(p, left);
    case LEVEL_COLLATE: return collate(p, left);
    default:
        if (parse_is(p, KEYWORD_OVERLAPS)) return overlaps(p, left);
        return binary(p, left, level);
    }
}

// a = b = c, a LIKE b LIKE c: these do not associate; a IN (…) IN (…) and a IS NULL IS NULL end by
// themselves.
static bool stands_alone(const AstExpr *e, Level level)
{
    if (level == LEVEL_COMPARE) return e->kind == AST_OPERATOR;
    return (level == LEVEL_RANGE && (e->kind == AST_LIKE || e->kind == AST_BETWEEN)) ||
           (level == LEVEL_IS && e->kind == AST_IS_DISTINCT);
}

static AstExpr *climb(Parser *p, AstExpr *left, Level min)
{
    Level last = 0;
    for (;;) {
        Level level = infix_level(p);
        if (!level || level < min) return left;
        if (level == last && stands_alone(left, level)) parse_syntax(p);
        left = infix(p, left, level);
        if (parse_is_op(p, OP2(':', ':'))) left = parse_postfix(p, left);
        if (p->failed) return left;
        last = level;
    }
}

static AstExpr *expr_at(Parser *p, Level min)
{
    if (!parse_enter(p)) {
        parse_leave(p);
        return PARSE_NEW(p, AstExpr);
    }
    uint32_t outer = p->height;
    p->height = 0;
    AstExpr *e = climb(p, operand(p), min);
    if (outer > p->height) p->height = outer;
    parse_leave(p);
    return e;
}

AstExpr *parse_expr(Parser *p)
{
    bool restricted = p->restricted;
    p->restricted = false;
    AstExpr *e = expr_at(p, LEVEL_OR);
    p->restricted = restricted;
    return e;
}

AstExpr *parse_expr_restricted(Parser *p)
{
    bool restricted = p->restricted;
    p->restricted = true;
    AstExpr *e = expr_at(p, LEVEL_IS);
    p->restricted = restricted;
    return e;
}

AstExpr *parse_expr_from(Parser *p, AstExpr *left)
{
    bool restricted = p->restricted;
    p->restricted = false;
    AstExpr *e = climb(p, parse_postfix(p, left), LEVEL_OR);
    p->restricted = restricted;
    return e;
}
