// Parse: function calls: plain, aggregate and window ones, and the standard's special forms, which become
// plain calls (trim(both x from y) is btrim(y, x), position(a in b) is strpos(b, a), extract(year from d) is
// extract('year', d)).
#include "engine/sql/parse_in.h"

AstExprs parse_expr_list(Parser *p)
{
    AstExprs list;
    size_t mark = parse_mark(p);
    do {
        AstExpr *e = parse_expr(p);
        parse_push(p, &e, sizeof(AstExpr *));
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &list);
    return list;
}

AstExprs parse_expr_list_paren(Parser *p)
{
    parse_expect_op(p, '(');
    AstExprs list = parse_expr_list(p);
    parse_expect_op(p, ')');
    return list;
}

AstExprs parse_call_list(Parser *p)
{
    if (!parse_is_op(p, '(') || !parse_next_is_op(p, ')')) return parse_expr_list_paren(p);
    parse_advance(p);
    parse_advance(p);
    return (AstExprs){0};
}

// ---- special forms ----

static AstExpr *call_node(Parser *p, const char *name, int64_t at)
{
    AstExpr *e = parse_node(p, AST_CALL, at);
    e->call = PARSE_NEW(p, AstCall);
    e->call->name = (AstPath){.at = at, .parts = 1, .part = {{str_of(name), at}}};
    return e;
}

static void give_args(Parser *p, AstExpr *e, size_t mark) { PARSE_TAKE(p, mark, &e->call->args); }

static void push_expr(Parser *p, AstExpr *e) { parse_push(p, &e, sizeof e); }

static AstExpr *extract(Parser *p, int64_t at)
{
    AstExpr *e = call_node(p, "extract", at);
    size_t mark = parse_mark(p);
    AstExpr *what = parse_node(p, AST_STRING, (int64_t)p->tok.at);
    what->text = p->tok.kind == TOKEN_STRING ? parse_string(p) : parse_token_name(p).text;
    push_expr(p, what);
    parse_expect(p, KEYWORD_FROM);
    push_expr(p, parse_expr(p));
    give_args(p, e, mark);
    return e;
}

static AstExpr *overlay(Parser *p, int64_t at)
{
    AstExpr *e = call_node(p, "overlay", at);
    size_t mark = parse_mark(p);
    push_expr(p, parse_expr(p));
    if (parse_accept(p, KEYWORD_PLACING)) {
        push_expr(p, parse_expr(p));
        parse_expect(p, KEYWORD_FROM);
        push_expr(p, parse_expr(p));
        if (parse_accept(p, KEYWORD_FOR)) push_expr(p, parse_expr(p));
    } else
        while (parse_accept_op(p, ',')) push_expr(p, parse_expr(p));
    give_args(p, e, mark);
    return e;
}

static AstExpr *position(Parser *p, int64_t at)
{
    AstExpr *e = call_node(p, "strpos", at);
    size_t mark = parse_mark(p);
    AstExpr *part = parse_expr_restricted(p);
    parse_expect(p, KEYWORD_IN);
    push_expr(p, parse_expr_restricted(p));
    push_expr(p, part);
    give_args(p, e, mark);
    return e;
}

static AstExpr *one(Parser *p, int64_t at)
{
    AstExpr *e = parse_node(p, AST_NUMBER, at);
    e->text = STR("1");
    return e;
}

static AstExpr *substring(Parser *p, int64_t at)
{
    AstExpr *e = call_node(p, "substring", at);
    size_t mark = parse_mark(p);
    AstExpr *from = NULL, *length = NULL;
    if (!parse_is_op(p, ')')) push_expr(p, parse_expr(p));
    while (parse_accept_op(p, ',')) push_expr(p, parse_expr(p));
    if (parse_accept(p, KEYWORD_SIMILAR)) {
        e->call->name.part[0].text = STR("substring_similar");
        from = parse_expr(p);
        parse_expect(p, KEYWORD_ESCAPE);
        length = parse_expr(p);
    } else {
        bool length_first = parse_accept(p, KEYWORD_FOR);
        if (length_first) length = parse_expr(p);
        if (parse_accept(p, KEYWORD_FROM)) from = parse_expr(p);
        if (!length_first && parse_accept(p, KEYWORD_FOR)) length = parse_expr(p);
        if (length && !from) from = one(p, at);
    }
    if (from) push_expr(p, from);
    if (length) push_expr(p, length);
    give_args(p, e, mark);
    return e;
}

static AstExpr *trim(Parser *p, int64_t at)
{
    AstExpr *e = call_node(p, "btrim", at);
    if (parse_accept(p, KEYWORD_LEADING))
        e->call->name.part[0].text = STR("ltrim");
    else if (parse_accept(p, KEYWORD_TRAILING))
        e->call->name.part[0].text = STR("rtrim");
    else
        (void)parse_accept(p, KEYWORD_BOTH);
    size_t mark = parse_mark(p);
    AstExpr *what = parse_is(p, KEYWORD_FROM) ? NULL : parse_expr(p);
    bool from = parse_accept(p, KEYWORD_FROM);
    push_expr(p, from ? parse_expr(p) : what);
    while (parse_accept_op(p, ',')) push_expr(p, parse_expr(p));
    if (from && what) push_expr(p, what);
    give_args(p, e, mark);
    return e;
}

static AstExpr *list_call(Parser *p, const char *name, int64_t at)
{
    AstExpr *e = call_node(p, name, at);
    e->call->args = parse_expr_list(p);
    return e;
}

static AstExpr *treat(Parser *p, int64_t at)
{
    AstExpr *e = parse_node(p, AST_CAST, at);
    e->a = parse_expr(p);
    parse_expect(p, KEYWORD_AS);
    e->type = parse_type(p);
    return e;
}

static AstExpr *normalize(Parser *p, int64_t at)
{
    AstExpr *e = call_node(p, "normalize", at);
    size_t mark = parse_mark(p);
    push_expr(p, parse_expr(p));
    if (parse_accept_op(p, ',')) {
        AstExpr *form = parse_node(p, AST_STRING, (int64_t)p->tok.at);
        form->text = parse_token_name(p).text;
        push_expr(p, form);
    }
    give_args(p, e, mark);
    return e;
}

static AstExpr *special_inside(Parser *p, Keyword k, int64_t at)
{
    switch (k) {
    case KEYWORD_EXTRACT: return extract(p, at);
    case KEYWORD_OVERLAY: return overlay(p, at);
    case KEYWORD_POSITION: return position(p, at);
    case KEYWORD_SUBSTRING: return substring(p, at);
    case KEYWORD_TRIM: return trim(p, at);
    case KEYWORD_TREAT: return treat(p, at);
    case KEYWORD_NORMALIZE: return normalize(p, at);
    default: return list_call(p, keyword_text(k), at);
    }
}

static AstExpr *collation_for(Parser *p)
{
    int64_t at = (int64_t)p->tok.at;
    parse_advance(p);
    parse_expect(p, KEYWORD_FOR);
    parse_expect_op(p, '(');
    AstExpr *e = list_call(p, "pg_collation_for", at);
    parse_expect_op(p, ')');
    return e;
}

AstExpr *parse_call_special(Parser *p)
{
    Keyword k = p->tok.keyword;
    int64_t at = (int64_t)p->tok.at;
    if (k == KEYWORD_COLLATION && parse_next_is(p, KEYWORD_FOR)) return collation_for(p);
    bool special = k == KEYWORD_EXTRACT || k == KEYWORD_OVERLAY || k == KEYWORD_POSITION ||
                   k == KEYWORD_SUBSTRING || k == KEYWORD_TRIM || k == KEYWORD_TREAT ||
                   k == KEYWORD_NORMALIZE || k == KEYWORD_COALESCE || k == KEYWORD_GREATEST ||
                   k == KEYWORD_LEAST || k == KEYWORD_NULLIF || k == KEYWORD_GROUPING;
    if (!special || !parse_next_is_op(p, '(')) return NULL;
    parse_advance(p);
    parse_advance(p);
    AstExpr *e = special_inside(p, k, at);
    if (k == KEYWORD_NULLIF && !p->failed && e->call->args.count != 2) parse_syntax(p);
    parse_expect_op(p, ')');
    return e;
}

// ---- windows ----

static AstBound bound(Parser *p)
{
    AstBound b = {0};
    if (parse_accept_two(p, KEYWORD_CURRENT, KEYWORD_ROW)) {
        b.kind = AST_BOUND_CURRENT;
        return b;
    }
    bool unbounded = parse_accept(p, KEYWORD_UNBOUNDED);
    if (!unbounded) b.offset = parse_expr(p);
    if (parse_accept(p, KEYWORD_PRECEDING))
        b.kind = unbounded ? AST_BOUND_UNBOUNDED_PRECEDING : AST_BOUND_PRECEDING;
    else {
        parse_expect(p, KEYWORD_FOLLOWING);
        b.kind = unbounded ? AST_BOUND_UNBOUNDED_FOLLOWING : AST_BOUND_FOLLOWING;
    }
    return b;
}

static AstExclude exclude(Parser *p)
{
    if (!parse_accept(p, KEYWORD_EXCLUDE)) return AST_EXCLUDE_NONE;
    if (parse_accept_two(p, KEYWORD_CURRENT, KEYWORD_ROW)) return AST_EXCLUDE_CURRENT;
    if (parse_accept(p, KEYWORD_GROUP)) return AST_EXCLUDE_GROUP;
    if (parse_accept(p, KEYWORD_TIES)) return AST_EXCLUDE_TIES;
    parse_expect(p, KEYWORD_NO);
    parse_expect(p, KEYWORD_OTHERS);
    return AST_EXCLUDE_NONE;
}

static void frame(Parser *p, AstWindow *w)
{
    if (parse_accept(p, KEYWORD_RANGE))
        w->unit = AST_FRAME_RANGE;
    else if (parse_accept(p, KEYWORD_ROWS))
        w->unit = AST_FRAME_ROWS;
    else if (parse_accept(p, KEYWORD_GROUPS))
        w->unit = AST_FRAME_GROUPS;
    else
        return;
    w->frame = true;
    w->to.kind = AST_BOUND_CURRENT;
    if (parse_accept(p, KEYWORD_BETWEEN)) {
        w->from = bound(p);
        parse_expect(p, KEYWORD_AND);
        w->to = bound(p);
    } else
        w->from = bound(p);
    w->exclude = exclude(p);
}

AstWindow *parse_window(Parser *p)
{
    AstWindow *w = PARSE_NEW(p, AstWindow);
    w->at = (int64_t)p->tok.at;
    w->base.at = w->name.at = -1;
    parse_expect_op(p, '(');
    bool clause = parse_is(p, KEYWORD_PARTITION) || parse_is(p, KEYWORD_RANGE) || parse_is(p, KEYWORD_ROWS) ||
                  parse_is(p, KEYWORD_GROUPS);
    if (!clause) w->base = parse_optional_name(p, NAME_COLUMN);
    if (parse_accept_two(p, KEYWORD_PARTITION, KEYWORD_BY)) w->partition = parse_expr_list(p);
    w->order = parse_order_by(p);
    frame(p, w);
    parse_expect_op(p, ')');
    return w;
}

static AstWindow *over(Parser *p)
{
    if (parse_is_op(p, '(')) return parse_window(p);
    AstWindow *w = PARSE_NEW(p, AstWindow);
    w->at = (int64_t)p->tok.at;
    w->name.at = -1;
    w->named = true;
    w->base = parse_name(p, NAME_COLUMN);
    return w;
}

// ---- calls ----

static AstName argument_name(Parser *p)
{
    AstName name = {.at = -1};
    bool named = parse_is_name(p, NAME_FUNCTION) &&
                 (parse_next_is_op(p, OP2('=', '>')) || parse_next_is_op(p, OP2(':', '=')));
    if (!named) return name;
    name = parse_token_name(p);
    parse_advance(p);
    return name;
}

// Value and name lie side by side on the stack until their number is known.
typedef struct Argument {
    AstExpr *value;
    AstName name;
} Argument;

static void arguments(Parser *p, AstCall *c)
{
    size_t mark = parse_mark(p);
    bool named = false;
    do {
        bool variadic = parse_accept(p, KEYWORD_VARIADIC);
        if (c->variadic) parse_syntax(p);
        c->variadic |= variadic;
        Argument a = {.name = argument_name(p)};
        named |= a.name.text.at != NULL;
        a.value = parse_expr(p);
        parse_push(p, &a, sizeof a);
    } while (parse_accept_op(p, ','));
    uint32_t count;
    const Argument *list = parse_take(p, mark, sizeof *list, &count);
    if (!list) return;
    c->args = (AstExprs){parse_new(p, count * sizeof(AstExpr *)), count};
    c->arg_name = named ? parse_new(p, count * sizeof(AstName)) : NULL;
    for (uint32_t i = 0; i < count && !p->failed; i++) {
        c->args.at[i] = list[i].value;
        if (named) c->arg_name[i] = list[i].name;
    }
}

static void call_inside(Parser *p, AstCall *c)
{
    parse_expect_op(p, '(');
    if (parse_is_op(p, '*') && parse_next_is_op(p, ')')) {
        parse_advance(p);
        c->star = true;
    } else if (!parse_is_op(p, ')')) {
        c->distinct = parse_accept(p, KEYWORD_DISTINCT);
        if (!c->distinct) (void)parse_accept(p, KEYWORD_ALL);
        arguments(p, c);
        c->order = parse_order_by(p);
    }
    parse_expect_op(p, ')');
}

AstExpr *parse_call(Parser *p, const AstPath *name, int64_t at)
{
    AstExpr *e = parse_node(p, AST_CALL, at);
    AstCall *c = e->call = PARSE_NEW(p, AstCall);
    c->name = *name;
    call_inside(p, c);
    if (parse_accept_two(p, KEYWORD_WITHIN, KEYWORD_GROUP)) {
        if (c->order.count)
            parse_fail(p, SQLSTATE_SYNTAX, at, "cannot use multiple ORDER BY clauses with WITHIN GROUP");
        parse_expect_op(p, '(');
        c->order = parse_order_by(p);
        c->within_group = true;
        parse_expect_op(p, ')');
    }
    if (parse_is(p, KEYWORD_FILTER) && parse_next_is_op(p, '(')) {
        parse_advance(p);
        parse_advance(p);
        parse_expect(p, KEYWORD_WHERE);
        c->filter = parse_expr(p);
        parse_expect_op(p, ')');
    }
    if (parse_accept(p, KEYWORD_OVER)) c->over = over(p);
    return e;
}
