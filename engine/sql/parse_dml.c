// Parse: INSERT, UPDATE, DELETE, TRUNCATE, COPY.
#include "engine/sql/parse_in.h"

// ---- SET a = 1, (b, c) = (2, 3) ----

static void part_of_column(Parser *p)
{
    parse_fail(p, SQLSTATE_UNSUPPORTED, (int64_t)p->tok.at,
               "assigning to a part of a column is not supported here");
}

// [1][2]; slices are refused.
static AstExprs subscripts(Parser *p)
{
    AstExprs list;
    size_t mark = parse_mark(p);
    while (parse_accept_op(p, '[')) {
        if (parse_is_op(p, ':')) part_of_column(p);
        AstExpr *e = parse_expr(p);
        if (parse_is_op(p, ':')) part_of_column(p);
        parse_push(p, &e, sizeof e);
        parse_expect_op(p, ']');
    }
    PARSE_TAKE(p, mark, &list);
    return list;
}

static AstAssignment assignment(Parser *p)
{
    AstAssignment a = {.at = (int64_t)p->tok.at, .column = {.at = -1}, .field = {.at = -1}};
    if (parse_is_op(p, '('))
        a.columns = parse_name_list(p);
    else {
        a.column = parse_name(p, NAME_COLUMN);
        if (parse_accept_op(p, '.')) a.field = parse_name(p, NAME_LABEL);
        if (parse_is_op(p, '[')) a.subscript = subscripts(p);
        if (parse_is_op(p, '.')) part_of_column(p);
    }
    parse_expect_op(p, '=');
    a.expr = parse_expr(p);
    return a;
}

static AstAssignments assignments(Parser *p)
{
    AstAssignments list;
    size_t mark = parse_mark(p);
    do {
        AstAssignment a = assignment(p);
        parse_push(p, &a, sizeof a);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &list);
    return list;
}

// ---- INSERT ----

static void conflict_target(Parser *p, AstInsert *i)
{
    if (parse_is_op(p, '(')) {
        i->conflict_target = parse_index_keys(p);
        i->conflict_where = parse_where(p);
    } else if (parse_accept(p, KEYWORD_ON)) {
        parse_expect(p, KEYWORD_CONSTRAINT);
        i->conflict_constraint = parse_name(p, NAME_COLUMN);
    }
}

static void on_conflict(Parser *p, AstInsert *i)
{
    i->conflict_constraint.at = -1;
    if (!parse_accept_two(p, KEYWORD_ON, KEYWORD_CONFLICT)) return;
    conflict_target(p, i);
    parse_expect(p, KEYWORD_DO);
    if (parse_accept(p, KEYWORD_NOTHING)) {
        i->conflict = AST_CONFLICT_NOTHING;
        return;
    }
    i->conflict = AST_CONFLICT_UPDATE;
    parse_expect(p, KEYWORD_UPDATE);
    parse_expect(p, KEYWORD_SET);
    i->conflict_set = assignments(p);
    i->conflict_condition = parse_where(p);
}

static void overriding(Parser *p, AstInsert *i)
{
    if (!parse_accept(p, KEYWORD_OVERRIDING)) return;
    i->overriding_given = true;
    i->overriding_system = parse_accept(p, KEYWORD_SYSTEM);
    if (!i->overriding_system) parse_expect(p, KEYWORD_USER);
    parse_expect(p, KEYWORD_VALUE);
}

static bool at_column_list(const Parser *p)
{
    if (!parse_is_op(p, '(')) return false;
    return !parse_next_is_op(p, '(') && !parse_next_is(p, KEYWORD_SELECT) &&
           !parse_next_is(p, KEYWORD_VALUES) && !parse_next_is(p, KEYWORD_WITH) &&
           !parse_next_is(p, KEYWORD_TABLE);
}

static AstNames column_list(Parser *p)
{
    AstNames names;
    size_t mark = parse_mark(p);
    parse_expect_op(p, '(');
    do {
        AstName name = parse_name(p, NAME_COLUMN);
        if (parse_is_op(p, '[') || parse_is_op(p, '.')) part_of_column(p);
        parse_push(p, &name, sizeof name);
    } while (parse_accept_op(p, ','));
    parse_expect_op(p, ')');
    PARSE_TAKE(p, mark, &names);
    return names;
}

void parse_insert(Parser *p, Statement *s, AstWith *with)
{
    AstInsert *i = PARSE_NEW(p, AstInsert);
    s->kind = STATEMENT_INSERT;
    s->insert = i;
    i->with = with;
    i->alias.at = -1;
    parse_expect(p, KEYWORD_INSERT);
    parse_expect(p, KEYWORD_INTO);
    i->table = parse_path(p, NAME_COLUMN);
    if (parse_accept(p, KEYWORD_AS)) i->alias = parse_name(p, NAME_COLUMN);
    if (at_column_list(p)) i->columns = column_list(p);
    overriding(p, i);
    if (!i->columns.count && parse_accept_two(p, KEYWORD_DEFAULT, KEYWORD_VALUES))
        i->default_values = true;
    else if (parse_is_query(p) || parse_is_op(p, '('))
        i->query = parse_query(p);
    else
        parse_syntax(p);
    on_conflict(p, i);
    i->returning = parse_returning(p);
}

// ---- UPDATE, DELETE ----

static AstName current_of(Parser *p, AstExpr **where)
{
    AstName cursor = {.at = -1};
    *where = NULL;
    if (parse_is(p, KEYWORD_WHERE) && parse_next_is(p, KEYWORD_CURRENT)) {
        parse_advance(p);
        parse_advance(p);
        parse_expect(p, KEYWORD_OF);
        cursor = parse_name(p, NAME_COLUMN);
    } else
        *where = parse_where(p);
    return cursor;
}

void parse_update(Parser *p, Statement *s, AstWith *with)
{
    AstUpdate *u = PARSE_NEW(p, AstUpdate);
    s->kind = STATEMENT_UPDATE;
    s->update = u;
    u->with = with;
    parse_expect(p, KEYWORD_UPDATE);
    u->table = parse_relation(p, true, true);
    parse_expect(p, KEYWORD_SET);
    u->set = assignments(p);
    u->from = parse_from(p, KEYWORD_FROM);
    u->current_of = current_of(p, &u->where);
    u->returning = parse_returning(p);
}

void parse_delete(Parser *p, Statement *s, AstWith *with)
{
    AstDelete *d = PARSE_NEW(p, AstDelete);
    s->kind = STATEMENT_DELETE;
    s->remove = d;
    d->with = with;
    parse_expect(p, KEYWORD_DELETE);
    parse_expect(p, KEYWORD_FROM);
    d->table = parse_relation(p, true, false);
    d->join_using = parse_from(p, KEYWORD_USING);
    d->current_of = current_of(p, &d->where);
    d->returning = parse_returning(p);
}

bool parse_cascade(Parser *p)
{
    if (parse_accept(p, KEYWORD_CASCADE)) return true;
    (void)parse_accept(p, KEYWORD_RESTRICT);
    return false;
}

void parse_truncate(Parser *p, Statement *s)
{
    AstTruncate *t = PARSE_NEW(p, AstTruncate);
    s->kind = STATEMENT_TRUNCATE;
    s->truncate = t;
    parse_expect(p, KEYWORD_TRUNCATE);
    (void)parse_accept(p, KEYWORD_TABLE);
    size_t mark = parse_mark(p);
    do {
        AstTable *table = parse_relation(p, false, false);
        parse_push(p, &table, sizeof table);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &t->tables);
    if (parse_accept_two(p, KEYWORD_RESTART, KEYWORD_IDENTITY))
        t->restart_identity = true;
    else
        (void)parse_accept_two(p, KEYWORD_CONTINUE, KEYWORD_IDENTITY);
    t->cascade = parse_cascade(p);
}

// ---- options ----

AstExpr *parse_signed_number(Parser *p)
{
    AstExpr *e = parse_node(p, AST_NUMBER, (int64_t)p->tok.at);
    bool negative = parse_accept_op(p, '-');
    if (!negative) (void)parse_accept_op(p, '+');
    if (p->tok.kind != TOKEN_NUMBER) parse_syntax(p);
    Str digits = str_slice(p->lexer.text, p->tok.at, p->tok.len);
    e->text = arena_printf(p->mem, "%s%.*s", negative ? "-" : "", STR_ARG(digits));
    parse_advance(p);
    return e;
}

static AstExpr *word_value(Parser *p)
{
    AstExpr *e = parse_node(p, AST_STRING, (int64_t)p->tok.at);
    e->text = parse_token_name(p).text;
    return e;
}

static AstExpr *list_value(Parser *p)
{
    AstExpr *e = parse_node(p, AST_ROW, (int64_t)p->tok.at);
    size_t mark = parse_mark(p);
    parse_advance(p);
    do {
        AstExpr *item = parse_option_value(p);
        parse_push(p, &item, sizeof item);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &e->list);
    parse_expect_op(p, ')');
    return e;
}

// A word, string, signed number, * or list of these.
AstExpr *parse_option_value(Parser *p)
{
    if (p->tok.kind == TOKEN_STRING) return parse_string_node(p);
    if (p->tok.kind == TOKEN_NUMBER || parse_is_op(p, '-') || parse_is_op(p, '+'))
        return parse_signed_number(p);
    if (parse_is_op(p, '(') && p->depth < AST_DEPTH_MAX) {
        (void)parse_enter(p);
        AstExpr *e = list_value(p);
        parse_leave(p);
        return e;
    }
    if (!parse_is_op(p, '*')) return word_value(p);
    AstExpr *star = parse_node(p, AST_STAR, (int64_t)p->tok.at);
    parse_advance(p);
    return star;
}

AstOptions parse_options_paren(Parser *p)
{
    AstOptions options = {0};
    parse_expect_op(p, '(');
    size_t mark = parse_mark(p);
    do {
        AstOption o = {.name = parse_name(p, NAME_LABEL)};
        if (parse_accept_op(p, '.')) {
            AstName part = parse_name(p, NAME_LABEL);
            o.name.text = arena_printf(p->mem, "%.*s.%.*s", STR_ARG(o.name.text), STR_ARG(part.text));
        }
        (void)parse_accept_op(p, '=');
        if (!parse_is_op(p, ',') && !parse_is_op(p, ')')) o.value = parse_option_value(p);
        parse_push(p, &o, sizeof o);
    } while (parse_accept_op(p, ','));
    parse_expect_op(p, ')');
    PARSE_TAKE(p, mark, &options);
    return options;
}

// ---- COPY ----

static AstExpr *column_words(Parser *p)
{
    if (parse_is_op(p, '*')) return parse_option_value(p);
    AstExpr *e = parse_node(p, AST_ROW, (int64_t)p->tok.at);
    size_t mark = parse_mark(p);
    do {
        AstExpr *item = word_value(p);
        parse_push(p, &item, sizeof item);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &e->list);
    return e;
}

// One option in the form before PostgreSQL 9; false = none begins here.
static bool old_option(Parser *p, AstOption *o)
{
    *o = (AstOption){.name = {.at = (int64_t)p->tok.at}};
    Keyword k = p->tok.kind == TOKEN_WORD ? p->tok.keyword : KEYWORD_ABSENT;
    switch (k) {
    case KEYWORD_BINARY:
    case KEYWORD_CSV:
        o->name.text = STR("format");
        o->value = word_value(p);
        return true;
    case KEYWORD_FREEZE:
    case KEYWORD_HEADER: o->name = parse_token_name(p); return true;
    case KEYWORD_DELIMITER:
    case KEYWORD_NULL:
    case KEYWORD_QUOTE:
    case KEYWORD_ESCAPE:
    case KEYWORD_ENCODING:
        o->name = parse_token_name(p);
        (void)parse_accept(p, KEYWORD_AS);
        o->value = parse_string_node(p);
        return true;
    case KEYWORD_FORCE: {
        parse_advance(p);
        bool negated = parse_accept(p, KEYWORD_NOT);
        bool null = parse_accept(p, KEYWORD_NULL);
        if (!null) parse_expect(p, KEYWORD_QUOTE);
        o->name.text = !null ? STR("force_quote") : negated ? STR("force_not_null") : STR("force_null");
        o->value = column_words(p);
        return true;
    }
    default: return false;
    }
}

static void copy_options(Parser *p, AstCopy *c, bool binary)
{
    (void)parse_accept(p, KEYWORD_WITH);
    if (parse_is_op(p, '(')) {
        c->options = parse_options_paren(p);
        return;
    }
    size_t mark = parse_mark(p);
    AstOption o = {.name = {STR("format"), (int64_t)p->tok.at}};
    if (binary) {
        o.value = parse_node(p, AST_STRING, o.name.at);
        o.value->text = STR("binary");
        parse_push(p, &o, sizeof o);
    }
    while (old_option(p, &o) && !p->failed) parse_push(p, &o, sizeof o);
    PARSE_TAKE(p, mark, &c->options);
}

static void copy_end(Parser *p, AstCopy *c)
{
    if (parse_accept(p, KEYWORD_STDIN) || parse_accept(p, KEYWORD_STDOUT))
        c->standard = true;
    else {
        c->program = parse_accept(p, KEYWORD_PROGRAM);
        c->file = parse_string(p);
    }
}

void parse_copy(Parser *p, Statement *s)
{
    AstCopy *c = PARSE_NEW(p, AstCopy);
    s->kind = STATEMENT_COPY;
    s->copy = c;
    parse_expect(p, KEYWORD_COPY);
    bool binary = false;
    if (parse_is_op(p, '(')) {
        parse_advance(p);
        Statement *inner = parse_statement(p);
        if (inner->kind == STATEMENT_SELECT)
            c->query = inner->query;
        else if (inner->kind <= STATEMENT_DELETE)
            parse_fail(p, SQLSTATE_UNSUPPORTED, inner->at, "COPY of a changing statement is not supported");
        else
            parse_syntax(p);
        parse_expect_op(p, ')');
    } else {
        binary = parse_accept(p, KEYWORD_BINARY);
        c->table = parse_path(p, NAME_COLUMN);
        c->columns = parse_optional_name_list(p);
        c->from = parse_accept(p, KEYWORD_FROM);
    }
    if (!c->from) parse_expect(p, KEYWORD_TO);
    copy_end(p, c);
    copy_options(p, c, binary);
    if (c->from) c->where = parse_where(p);
}
