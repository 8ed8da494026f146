// Parse: queries: WITH, SELECT, VALUES, TABLE, set operations, and what stands behind them (ORDER BY, LIMIT,
// FOR UPDATE).
#include "engine/sql/parse_in.h"

// ---- order ----

static AstOrder order_item(Parser *p)
{
    AstOrder o = {.expr = parse_expr(p)};
    if (parse_accept(p, KEYWORD_USING)) {
        o.using_operator = parse_operator(p);
    } else if (parse_accept(p, KEYWORD_DESC))
        o.descending = true;
    else
        (void)parse_accept(p, KEYWORD_ASC);
    if (!parse_accept(p, KEYWORD_NULLS)) return o;
    o.nulls_given = true;
    o.nulls_first = parse_accept(p, KEYWORD_FIRST);
    if (!o.nulls_first) parse_expect(p, KEYWORD_LAST);
    return o;
}

AstOrders parse_order_list(Parser *p)
{
    AstOrders orders;
    size_t mark = parse_mark(p);
    do {
        AstOrder o = order_item(p);
        parse_push(p, &o, sizeof o);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &orders);
    return orders;
}

AstOrders parse_order_by(Parser *p)
{
    if (!parse_accept(p, KEYWORD_ORDER)) return (AstOrders){0};
    parse_expect(p, KEYWORD_BY);
    return parse_order_list(p);
}

// ---- WITH ----

static AstCte cte(Parser *p)
{
    AstCte c = {.name = parse_name(p, NAME_COLUMN)};
    c.columns = parse_optional_name_list(p);
    parse_expect(p, KEYWORD_AS);
    if (parse_accept_two(p, KEYWORD_NOT, KEYWORD_MATERIALIZED))
        c.materialized_given = true;
    else if (parse_accept(p, KEYWORD_MATERIALIZED))
        c.materialized_given = c.materialized = true;
    parse_expect_op(p, '(');
    c.body = parse_statement(p);
    if (c.body->kind > STATEMENT_DELETE) parse_syntax(p);
    parse_expect_op(p, ')');
    return c;
}

AstWith *parse_with(Parser *p)
{
    int64_t at = (int64_t)p->tok.at;
    if (!parse_accept(p, KEYWORD_WITH)) return NULL;
    AstWith *w = PARSE_NEW(p, AstWith);
    w->at = at;
    w->recursive = parse_accept(p, KEYWORD_RECURSIVE);
    size_t mark = parse_mark(p);
    do {
        AstCte c = cte(p);
        parse_push(p, &c, sizeof c);
    } while (parse_accept_op(p, ','));
    w->cte = parse_take(p, mark, sizeof *w->cte, &w->count);
    return w;
}

// ---- SELECT ----

static AstTarget target(Parser *p)
{
    AstTarget t = {.alias = {.at = -1}};
    if (parse_is_op(p, '*')) {
        t.expr = parse_node(p, AST_STAR, (int64_t)p->tok.at);
        parse_advance(p);
        return t;
    }
    t.expr = parse_expr(p);
    if (parse_accept(p, KEYWORD_AS))
        t.alias = parse_name(p, NAME_LABEL);
    else
        t.alias = parse_optional_name(p, NAME_BARE_LABEL);
    return t;
}

AstTargets parse_targets(Parser *p)
{
    AstTargets targets;
    size_t mark = parse_mark(p);
    do {
        AstTarget t = target(p);
        parse_push(p, &t, sizeof t);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &targets);
    return targets;
}

AstTargets parse_returning(Parser *p)
{
    return parse_accept(p, KEYWORD_RETURNING) ? parse_targets(p) : (AstTargets){0};
}

AstExpr *parse_where(Parser *p) { return parse_accept(p, KEYWORD_WHERE) ? parse_expr(p) : NULL; }

static AstGroup group_item(Parser *p);

static AstGroup *group_list(Parser *p, uint32_t *count)
{
    size_t mark = parse_mark(p);
    do {
        AstGroup g = group_item(p);
        parse_push(p, &g, sizeof g);
    } while (parse_accept_op(p, ','));
    return parse_take(p, mark, sizeof(AstGroup), count);
}

static AstGroup group_sets(Parser *p)
{
    AstGroup g = {.kind = AST_GROUP_SETS, .at = (int64_t)p->tok.at};
    parse_advance(p);
    parse_advance(p);
    parse_expect_op(p, '(');
    if (parse_enter(p)) g.set = group_list(p, &g.sets);
    parse_leave(p);
    parse_expect_op(p, ')');
    return g;
}

static AstGroup group_item(Parser *p)
{
    AstGroup g = {.at = (int64_t)p->tok.at};
    if (parse_is_op(p, '(') && parse_next_is_op(p, ')')) {
        parse_advance(p);
        parse_advance(p);
        g.kind = AST_GROUP_EMPTY;
    } else if ((parse_is(p, KEYWORD_ROLLUP) || parse_is(p, KEYWORD_CUBE)) && parse_next_is_op(p, '(')) {
        g.kind = parse_is(p, KEYWORD_ROLLUP) ? AST_GROUP_ROLLUP : AST_GROUP_CUBE;
        parse_advance(p);
        g.list = parse_expr_list_paren(p);
    } else if (parse_is(p, KEYWORD_GROUPING) && parse_next_is(p, KEYWORD_SETS))
        g = group_sets(p);
    else
        g.expr = parse_expr(p);
    return g;
}

static void group_by(Parser *p, AstQuery *q)
{
    if (!parse_accept(p, KEYWORD_GROUP)) return;
    parse_expect(p, KEYWORD_BY);
    q->group_distinct = parse_accept(p, KEYWORD_DISTINCT);
    if (!q->group_distinct) (void)parse_accept(p, KEYWORD_ALL);
    q->group = group_list(p, &q->groups);
}

static void windows(Parser *p, AstQuery *q)
{
    if (!parse_accept(p, KEYWORD_WINDOW)) return;
    size_t mark = parse_mark(p);
    do {
        AstName name = parse_name(p, NAME_COLUMN);
        parse_expect(p, KEYWORD_AS);
        AstWindow *w = parse_window(p);
        w->name = name;
        parse_push(p, &w, sizeof w);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &q->windows);
}

static void distinct(Parser *p, AstQuery *q)
{
    if (!parse_accept(p, KEYWORD_DISTINCT)) {
        (void)parse_accept(p, KEYWORD_ALL);
        return;
    }
    q->distinct = true;
    if (parse_accept(p, KEYWORD_ON)) q->distinct_on = parse_expr_list_paren(p);
}

static AstPath *into(Parser *p)
{
    if (!parse_accept(p, KEYWORD_INTO)) return NULL;
    if (!parse_accept(p, KEYWORD_TEMP) && !parse_accept(p, KEYWORD_TEMPORARY))
        (void)parse_accept(p, KEYWORD_UNLOGGED);
    (void)parse_accept(p, KEYWORD_TABLE);
    AstPath path = parse_path(p, NAME_COLUMN);
    return parse_path_node(p, &path);
}

static bool at_target(const Parser *p)
{
    if (parse_ends(p) || parse_is_op(p, ')')) return false;
    if (p->tok.kind != TOKEN_WORD || p->tok.keyword == KEYWORD_ABSENT) return true;
    switch (p->tok.keyword) {
    case KEYWORD_FROM:
    case KEYWORD_WHERE:
    case KEYWORD_INTO:
    case KEYWORD_GROUP:
    case KEYWORD_HAVING:
    case KEYWORD_WINDOW:
    case KEYWORD_UNION:
    case KEYWORD_INTERSECT:
    case KEYWORD_EXCEPT:
    case KEYWORD_ORDER:
    case KEYWORD_LIMIT:
    case KEYWORD_OFFSET:
    case KEYWORD_FETCH:
    case KEYWORD_FOR: return false;
    default: return true;
    }
}

static AstQuery *select_body(Parser *p)
{
    AstQuery *q = PARSE_NEW(p, AstQuery);
    q->at = (int64_t)p->tok.at;
    parse_expect(p, KEYWORD_SELECT);
    distinct(p, q);
    if (at_target(p))
        q->targets = parse_targets(p);
    else if (q->distinct)
        parse_syntax(p);
    q->into = into(p);
    q->from = parse_from(p, KEYWORD_FROM);
    q->where = parse_where(p);
    group_by(p, q);
    if (parse_accept(p, KEYWORD_HAVING)) q->having = parse_expr(p);
    windows(p, q);
    return q;
}

static AstQuery *values_body(Parser *p)
{
    AstQuery *q = PARSE_NEW(p, AstQuery);
    q->kind = AST_QUERY_VALUES;
    q->at = (int64_t)p->tok.at;
    parse_expect(p, KEYWORD_VALUES);
    size_t mark = parse_mark(p);
    do {
        AstExprs row = parse_expr_list_paren(p);
        if (row.count != 0) parse_push(p, &row, sizeof row);
    } while (parse_accept_op(p, ','));
    q->row = parse_take(p, mark, sizeof *q->row, &q->rows);
    return q;
}

// TABLE t is SELECT * FROM t.
static AstQuery *table_body(Parser *p)
{
    AstQuery *q = PARSE_NEW(p, AstQuery);
    q->at = (int64_t)p->tok.at;
    parse_expect(p, KEYWORD_TABLE);
    size_t mark = parse_mark(p);
    AstTarget star = {.expr = parse_node(p, AST_STAR, q->at), .alias = {.at = -1}};
    parse_push(p, &star, sizeof star);
    PARSE_TAKE(p, mark, &q->targets);
    AstTable *t = parse_relation(p, false, false);
    parse_push(p, &t, sizeof t);
    PARSE_TAKE(p, mark, &q->from);
    return q;
}

// ---- set operations ----

bool parse_is_query(const Parser *p)
{
    return parse_is(p, KEYWORD_SELECT) || parse_is(p, KEYWORD_WITH) || parse_is(p, KEYWORD_TABLE) ||
           (parse_is(p, KEYWORD_VALUES) && parse_next_is_op(p, '('));
}

bool parse_is_query_rest(const Parser *p)
{
    if (p->tok.kind != TOKEN_WORD) return false;
    switch (p->tok.keyword) {
    case KEYWORD_UNION:
    case KEYWORD_INTERSECT:
    case KEYWORD_EXCEPT:
    case KEYWORD_ORDER:
    case KEYWORD_LIMIT:
    case KEYWORD_OFFSET:
    case KEYWORD_FETCH:
    case KEYWORD_FOR: return true;
    default: return false;
    }
}

static AstQuery *query_primary(Parser *p)
{
    if (parse_is_op(p, '(')) return parse_query_paren(p);
    if (parse_is(p, KEYWORD_VALUES)) return values_body(p);
    if (parse_is(p, KEYWORD_TABLE)) return table_body(p);
    return select_body(p);
}

static AstQuery *set_node(Parser *p, AstQuery *left)
{
    AstQuery *q = PARSE_NEW(p, AstQuery);
    q->kind = AST_QUERY_SET;
    q->at = (int64_t)p->tok.at;
    q->set = parse_is(p, KEYWORD_UNION)       ? AST_SET_UNION
             : parse_is(p, KEYWORD_INTERSECT) ? AST_SET_INTERSECT
                                              : AST_SET_EXCEPT;
    parse_advance(p);
    q->all = parse_accept(p, KEYWORD_ALL);
    if (!q->all) (void)parse_accept(p, KEYWORD_DISTINCT);
    q->left = left;
    parse_grow(p);
    return q;
}

static AstQuery *intersect(Parser *p, AstQuery *left)
{
    while (parse_is(p, KEYWORD_INTERSECT)) {
        AstQuery *q = set_node(p, left);
        q->right = query_primary(p);
        left = q;
    }
    return left;
}

static AstQuery *set_rest(Parser *p, AstQuery *left)
{
    left = intersect(p, left);
    while (parse_is(p, KEYWORD_UNION) || parse_is(p, KEYWORD_EXCEPT)) {
        AstQuery *q = set_node(p, left);
        q->right = intersect(p, query_primary(p));
        left = q;
    }
    return left;
}

// ---- behind the query ----

static void fetch(Parser *p, AstQuery *q)
{
    if (!parse_accept(p, KEYWORD_FIRST)) parse_expect(p, KEYWORD_NEXT);
    if (parse_is(p, KEYWORD_ROW) || parse_is(p, KEYWORD_ROWS)) {
        q->limit = parse_node(p, AST_NUMBER, (int64_t)p->tok.at);
        q->limit->text = STR("1");
    } else
        q->limit = parse_primary(p);
    if (!parse_accept(p, KEYWORD_ROW)) parse_expect(p, KEYWORD_ROWS);
    if (parse_accept(p, KEYWORD_ONLY)) return;
    parse_expect(p, KEYWORD_WITH);
    parse_expect(p, KEYWORD_TIES);
    q->with_ties = true;
}

static void limit(Parser *p, AstQuery *q)
{
    if (parse_accept(p, KEYWORD_ALL)) return;
    q->limit = parse_expr(p);
    if (q->limit->kind == AST_NULL) q->limit = NULL;
    if (parse_is_op(p, ',')) {
        int64_t at = (int64_t)p->tok.at;
        if (!p->failed) (void)err_hint(p->err, "Use separate LIMIT and OFFSET clauses.");
        parse_fail(p, SQLSTATE_SYNTAX, at, "LIMIT #,# syntax is not supported");
    }
}

static void limits(Parser *p, AstQuery *q)
{
    bool limited = false, moved = false;
    for (;;) {
        bool is_offset = parse_is(p, KEYWORD_OFFSET),
             is_limit = parse_is(p, KEYWORD_LIMIT) || parse_is(p, KEYWORD_FETCH);
        if (!is_offset && !is_limit) return;
        if ((is_offset && (moved || q->offset)) || (is_limit && (limited || q->limit))) parse_syntax(p);
        moved |= is_offset;
        limited |= is_limit;
        if (parse_accept(p, KEYWORD_LIMIT))
            limit(p, q);
        else if (parse_accept(p, KEYWORD_FETCH))
            fetch(p, q);
        else {
            parse_advance(p);
            q->offset = parse_expr(p);
            if (!parse_accept(p, KEYWORD_ROW)) (void)parse_accept(p, KEYWORD_ROWS);
        }
    }
}

static AstLock lock(Parser *p)
{
    AstLock l = {.at = (int64_t)p->tok.at};
    if (parse_accept(p, KEYWORD_UPDATE))
        l.kind = AST_LOCK_UPDATE;
    else if (parse_accept(p, KEYWORD_SHARE))
        l.kind = AST_LOCK_SHARE;
    else if (parse_accept_two(p, KEYWORD_KEY, KEYWORD_SHARE))
        l.kind = AST_LOCK_KEY_SHARE;
    else {
        parse_expect(p, KEYWORD_NO);
        parse_expect(p, KEYWORD_KEY);
        parse_expect(p, KEYWORD_UPDATE);
        l.kind = AST_LOCK_NO_KEY_UPDATE;
    }
    if (parse_accept(p, KEYWORD_OF)) l.of = parse_path_list(p);
    if (parse_accept(p, KEYWORD_NOWAIT))
        l.wait = AST_LOCK_NOWAIT;
    else if (parse_accept_two(p, KEYWORD_SKIP, KEYWORD_LOCKED))
        l.wait = AST_LOCK_SKIP;
    return l;
}

static void locks(Parser *p, AstQuery *q)
{
    if (!parse_is(p, KEYWORD_FOR)) return;
    if (q->locks) parse_syntax(p);
    size_t mark = parse_mark(p);
    while (parse_accept(p, KEYWORD_FOR)) {
        if (parse_accept_two(p, KEYWORD_READ, KEYWORD_ONLY)) continue;
        AstLock l = lock(p);
        parse_push(p, &l, sizeof l);
    }
    q->lock = parse_take(p, mark, sizeof *q->lock, &q->locks);
}

static AstQuery *query_tail(Parser *p, AstQuery *q, AstWith *with)
{
    q = set_rest(p, q);
    if (with && q->with) parse_fail(p, SQLSTATE_SYNTAX, with->at, "multiple WITH clauses not allowed");
    if (with) q->with = with;
    if (parse_is(p, KEYWORD_ORDER) && q->order.count)
        parse_fail(p, SQLSTATE_SYNTAX, (int64_t)p->tok.at, "multiple ORDER BY clauses not allowed");
    // (SELECT … LIMIT 2) ORDER BY x sorts what the limit left: that needs a query around it
    bool around = (q->limit || q->offset) && (parse_is(p, KEYWORD_ORDER) || parse_is(p, KEYWORD_FETCH));
    if (around && parse_is(p, KEYWORD_ORDER))
        parse_fail(p, SQLSTATE_UNSUPPORTED, (int64_t)p->tok.at,
                   "ORDER BY behind a query in parentheses that has a LIMIT is not supported");
    if (parse_is(p, KEYWORD_ORDER)) q->order = parse_order_by(p);
    locks(p, q);
    limits(p, q);
    if (parse_is(p, KEYWORD_FOR) && !q->locks) locks(p, q);
    return q;
}

AstQuery *parse_query_from(Parser *p, AstQuery *left) { return query_tail(p, left, NULL); }

AstQuery *parse_query_with(Parser *p, AstWith *with)
{
    if (!parse_enter(p)) {
        parse_leave(p);
        return PARSE_NEW(p, AstQuery);
    }
    uint32_t outer = p->height;
    p->height = 0;
    AstQuery *q = query_tail(p, query_primary(p), with);
    parse_grow(p);
    if (outer > p->height) p->height = outer;
    parse_leave(p);
    return q;
}

AstQuery *parse_query(Parser *p) { return parse_query_with(p, parse_with(p)); }

AstQuery *parse_query_paren(Parser *p)
{
    parse_expect_op(p, '(');
    AstQuery *q = parse_is_op(p, '(') || parse_is_query(p) ? parse_query(p) : NULL;
    if (!q) parse_syntax(p);
    parse_expect_op(p, ')');
    return q ? q : PARSE_NEW(p, AstQuery);
}
