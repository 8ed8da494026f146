// Parse: what stands in FROM: tables, derived tables, functions, joins, aliases.
#include "engine/sql/parse_in.h"

static AstTable *join_tail(Parser *p, AstTable *left);
static AstTable *table_primary(Parser *p);

static AstTable *table_new(Parser *p, AstTableKind kind, int64_t at)
{
    AstTable *t = PARSE_NEW(p, AstTable);
    t->kind = kind;
    t->at = at;
    t->alias.at = t->using_alias.at = -1;
    return t;
}

// ---- aliases ----

static void column_definitions(Parser *p, AstTable *t)
{
    size_t mark = parse_mark(p);
    parse_expect_op(p, '(');
    do {
        AstColumnDef c = {.at = (int64_t)p->tok.at, .collation = {.at = -1}};
        c.name = parse_name(p, NAME_COLUMN);
        c.type = parse_type(p);
        if (parse_accept(p, KEYWORD_COLLATE)) c.collation = parse_name(p, NAME_COLUMN);
        parse_push(p, &c, sizeof c);
    } while (parse_accept_op(p, ','));
    parse_expect_op(p, ')');
    t->definition = parse_take(p, mark, sizeof *t->definition, &t->definitions);
}

// After the alias: (a, b) or, behind a function, (a integer, b text).
static void alias_columns(Parser *p, AstTable *t)
{
    if (!parse_is_op(p, '(')) return;
    Lexer l = p->lexer;
    Token third = lexer_next_word(&l);
    bool typed = t->kind == AST_TABLE_FUNCTION && third.kind != TOKEN_OPERATOR;
    if (typed && !p->failed)
        column_definitions(p, t);
    else
        t->columns = parse_name_list(p);
}

static void alias(Parser *p, AstTable *t, bool bare)
{
    if (parse_accept(p, KEYWORD_AS)) {
        if (t->kind == AST_TABLE_FUNCTION && parse_is_op(p, '(')) {
            column_definitions(p, t);
            return;
        }
        t->alias = parse_name(p, NAME_COLUMN);
    } else if (bare)
        t->alias = parse_optional_name(p, NAME_COLUMN);
    if (t->alias.text.at) alias_columns(p, t);
}

// ---- tables ----

static void relation_name(Parser *p, AstTable *t)
{
    t->only = parse_accept(p, KEYWORD_ONLY);
    bool paren = t->only && parse_accept_op(p, '(');
    t->path = parse_path(p, NAME_COLUMN);
    if (paren)
        parse_expect_op(p, ')');
    else if (!t->only)
        (void)parse_accept_op(p, '*');
}

AstTable *parse_relation(Parser *p, bool bare_alias, bool set_follows)
{
    AstTable *t = table_new(p, AST_TABLE_NAME, (int64_t)p->tok.at);
    relation_name(p, t);
    bool is_set = set_follows && parse_is(p, KEYWORD_SET);
    if (parse_accept(p, KEYWORD_AS))
        t->alias = parse_name(p, NAME_COLUMN);
    else if (bare_alias && !is_set)
        t->alias = parse_optional_name(p, NAME_COLUMN);
    return t;
}

static void sample(Parser *p, AstTable *t)
{
    if (!parse_accept(p, KEYWORD_TABLESAMPLE)) return;
    int64_t at = (int64_t)p->tok.at;
    AstPath method = parse_path(p, NAME_FUNCTION);
    t->sample = parse_node(p, AST_CALL, at);
    t->sample->call = PARSE_NEW(p, AstCall);
    t->sample->call->name = method;
    t->sample->call->args = parse_expr_list_paren(p);
    if (!parse_accept(p, KEYWORD_REPEATABLE)) return;
    parse_expect_op(p, '(');
    t->sample->b = parse_expr(p);
    parse_expect_op(p, ')');
}

static void function_tail(Parser *p, AstTable *t)
{
    if (parse_accept_two(p, KEYWORD_WITH, KEYWORD_ORDINALITY)) t->ordinality = true;
    alias(p, t, true);
}

static AstTable *function_table(Parser *p)
{
    AstTable *t = table_new(p, AST_TABLE_FUNCTION, (int64_t)p->tok.at);
    size_t mark = parse_mark(p);
    AstExpr *call = parse_primary(p);
    parse_push(p, &call, sizeof call);
    PARSE_TAKE(p, mark, &t->call);
    function_tail(p, t);
    return t;
}

static AstTable *rows_from(Parser *p)
{
    AstTable *t = table_new(p, AST_TABLE_FUNCTION, (int64_t)p->tok.at);
    t->rows_from = true;
    parse_advance(p);
    parse_advance(p);
    parse_expect_op(p, '(');
    t->call = parse_expr_list(p);
    parse_expect_op(p, ')');
    function_tail(p, t);
    return t;
}

// Whether the current word begins a function call: name ( …, also with dots; current_date and the like too.
static bool at_function(Parser *p)
{
    if (p->tok.kind != TOKEN_WORD && p->tok.kind != TOKEN_QUOTED) return false;
    if (parse_next_is_op(p, '(') || (parse_is(p, KEYWORD_COLLATION) && parse_next_is(p, KEYWORD_FOR)))
        return true;
    if (p->tok.kind == TOKEN_WORD && keyword_class(p->tok.keyword) == KEYWORD_CLASS_RESERVED)
        return p->tok.keyword != KEYWORD_ABSENT;
    if (!parse_next_is_op(p, '.')) return false;
    Lexer l = p->lexer; // stands behind the dot
    for (;;) {
        Token name = lexer_next_word(&l), after = lexer_next_word(&l);
        if (name.kind != TOKEN_WORD && name.kind != TOKEN_QUOTED) return false;
        if (after.kind != TOKEN_OPERATOR || after.op != '.')
            return after.kind == TOKEN_OPERATOR && after.op == '(';
    }
}

static AstTable *named_table(Parser *p)
{
    if (parse_is(p, KEYWORD_ROWS) && parse_next_is(p, KEYWORD_FROM)) return rows_from(p);
    if (!parse_is(p, KEYWORD_ONLY) && at_function(p)) return function_table(p);
    AstTable *t = table_new(p, AST_TABLE_NAME, (int64_t)p->tok.at);
    relation_name(p, t);
    alias(p, t, true);
    sample(p, t);
    return t;
}

static AstTable *derived(Parser *p, AstQuery *q, int64_t at)
{
    AstTable *t = table_new(p, AST_TABLE_QUERY, at);
    t->query = q;
    return t;
}

// ( query ) or ( join ): which of them shows behind the inner parentheses, as with expressions. No alias yet.
static AstTable *table_paren(Parser *p)
{
    int64_t at = (int64_t)p->tok.at;
    if (!parse_enter(p)) {
        parse_leave(p);
        return table_new(p, AST_TABLE_NAME, at);
    }
    parse_expect_op(p, '(');
    AstTable *t;
    if (parse_is_query(p))
        t = derived(p, parse_query(p), at);
    else if (parse_is_op(p, '(')) {
        t = table_paren(p);
        if (t->kind == AST_TABLE_QUERY && parse_is_query_rest(p))
            t = derived(p, parse_query_from(p, t->query), at);
        else if (!parse_is_op(p, ')')) {
            alias(p, t, true);
            t = join_tail(p, t);
            if (t->kind != AST_TABLE_JOIN) parse_syntax(p);
        }
    } else {
        t = join_tail(p, table_primary(p));
        if (t->kind != AST_TABLE_JOIN) parse_syntax(p);
    }
    parse_expect_op(p, ')');
    parse_leave(p);
    return t;
}

static AstTable *table_primary(Parser *p)
{
    bool lateral = parse_accept(p, KEYWORD_LATERAL);
    AstTable *t;
    if (parse_is_op(p, '(')) {
        t = table_paren(p);
        alias(p, t, true);
    } else
        t = named_table(p);
    if (lateral && t->kind != AST_TABLE_QUERY && t->kind != AST_TABLE_FUNCTION) parse_syntax(p);
    t->lateral = lateral;
    return t;
}

// ---- joins ----

static bool at_join(const Parser *p)
{
    return parse_is(p, KEYWORD_JOIN) || parse_is(p, KEYWORD_INNER) || parse_is(p, KEYWORD_LEFT) ||
           parse_is(p, KEYWORD_RIGHT) || parse_is(p, KEYWORD_FULL) || parse_is(p, KEYWORD_CROSS) ||
           parse_is(p, KEYWORD_NATURAL);
}

static AstJoinKind join_kind(Parser *p)
{
    AstJoinKind kind = AST_JOIN_INNER;
    if (parse_accept(p, KEYWORD_CROSS)) return AST_JOIN_CROSS;
    if (parse_accept(p, KEYWORD_INNER)) return kind;
    if (parse_accept(p, KEYWORD_LEFT))
        kind = AST_JOIN_LEFT;
    else if (parse_accept(p, KEYWORD_RIGHT))
        kind = AST_JOIN_RIGHT;
    else if (parse_accept(p, KEYWORD_FULL))
        kind = AST_JOIN_FULL;
    if (kind != AST_JOIN_INNER) (void)parse_accept(p, KEYWORD_OUTER);
    return kind;
}

static void join_condition(Parser *p, AstTable *j)
{
    if (parse_accept(p, KEYWORD_ON))
        j->on = parse_expr(p);
    else {
        parse_expect(p, KEYWORD_USING);
        j->join_using = parse_name_list(p);
        if (parse_accept(p, KEYWORD_AS)) j->using_alias = parse_name(p, NAME_COLUMN);
    }
}

static AstTable *join_step(Parser *p, AstTable *left)
{
    AstTable *j = table_new(p, AST_TABLE_JOIN, (int64_t)p->tok.at);
    j->left = left;
    j->natural = parse_accept(p, KEYWORD_NATURAL);
    j->join = join_kind(p);
    if (j->natural && j->join == AST_JOIN_CROSS) parse_syntax(p);
    parse_expect(p, KEYWORD_JOIN);
    j->right = table_primary(p);
    parse_grow(p);
    if (j->natural || j->join == AST_JOIN_CROSS) return j;
    // a JOIN b JOIN c ON … ON …: the inner one belongs to the right side
    if (parse_enter(p))
        while (at_join(p) && !p->failed) j->right = join_step(p, j->right);
    parse_leave(p);
    join_condition(p, j);
    return j;
}

static AstTable *join_tail(Parser *p, AstTable *left)
{
    while (at_join(p) && !p->failed) left = join_step(p, left);
    return left;
}

AstTables parse_from(Parser *p, Keyword word)
{
    AstTables tables = {0};
    if (!parse_accept(p, word)) return tables;
    size_t mark = parse_mark(p);
    do {
        AstTable *t = join_tail(p, table_primary(p));
        parse_push(p, &t, sizeof t);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &tables);
    return tables;
}
