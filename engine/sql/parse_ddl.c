// Parse: CREATE TABLE with its columns and constraints.
#include "engine/sql/ast_routine.h"
#include "engine/sql/parse_in.h"

bool parse_if_not_exists(Parser *p)
{
    if (!parse_accept(p, KEYWORD_IF)) return false;
    parse_expect(p, KEYWORD_NOT);
    parse_expect(p, KEYWORD_EXISTS);
    return true;
}

bool parse_if_exists(Parser *p) { return parse_accept_two(p, KEYWORD_IF, KEYWORD_EXISTS); }

// ---- options of sequences ----

static bool sequence_number(Parser *p, AstOption *o, Keyword optional)
{
    o->name = parse_token_name(p);
    (void)parse_accept(p, optional);
    o->value = parse_signed_number(p);
    return true;
}

static bool sequence_no(Parser *p, AstOption *o)
{
    parse_advance(p);
    Keyword k = p->tok.kind == TOKEN_WORD ? p->tok.keyword : KEYWORD_ABSENT;
    if (k != KEYWORD_MINVALUE && k != KEYWORD_MAXVALUE && k != KEYWORD_CYCLE) parse_syntax(p);
    parse_advance(p);
    o->name.text = arena_printf(p->mem, "no %s", keyword_text(k));
    return true;
}

static bool sequence_owned(Parser *p, AstOption *o)
{
    o->name.text = STR("owned by");
    parse_advance(p);
    parse_expect(p, KEYWORD_BY);
    AstPath path = parse_path(p, NAME_COLUMN);
    o->value = parse_node(p, AST_COLUMN, path.at);
    o->value->path = parse_path_node(p, &path);
    return true;
}

static bool sequence_option(Parser *p, AstOption *o)
{
    *o = (AstOption){.name = {.at = (int64_t)p->tok.at}};
    switch (p->tok.kind == TOKEN_WORD ? p->tok.keyword : KEYWORD_ABSENT) {
    case KEYWORD_AS:
        o->name.text = STR("as");
        parse_advance(p);
        o->value = parse_node(p, AST_CAST, o->name.at);
        o->value->type = parse_type(p);
        return true;
    case KEYWORD_INCREMENT: return sequence_number(p, o, KEYWORD_BY);
    case KEYWORD_START: return sequence_number(p, o, KEYWORD_WITH);
    case KEYWORD_MINVALUE:
    case KEYWORD_MAXVALUE:
    case KEYWORD_CACHE: return sequence_number(p, o, KEYWORD_ABSENT);
    case KEYWORD_RESTART:
        o->name = parse_token_name(p);
        if (parse_accept(p, KEYWORD_WITH) || p->tok.kind == TOKEN_NUMBER || parse_is_op(p, '-'))
            o->value = parse_signed_number(p);
        return true;
    case KEYWORD_CYCLE: o->name = parse_token_name(p); return true;
    case KEYWORD_NO: return sequence_no(p, o);
    case KEYWORD_OWNED: return sequence_owned(p, o);
    default: return false;
    }
}

AstOptions parse_sequence_options(Parser *p)
{
    AstOptions options;
    AstOption o;
    size_t mark = parse_mark(p);
    while (sequence_option(p, &o) && !p->failed) parse_push(p, &o, sizeof o);
    PARSE_TAKE(p, mark, &options);
    return options;
}

// ---- constraints ----

static AstKeyAction key_action(Parser *p, bool of_delete, AstConstraint *c)
{
    if (parse_accept(p, KEYWORD_CASCADE)) return AST_KEY_CASCADE;
    if (parse_accept(p, KEYWORD_RESTRICT)) return AST_KEY_RESTRICT;
    if (parse_accept(p, KEYWORD_SET)) {
        AstKeyAction action = parse_accept(p, KEYWORD_NULL) ? AST_KEY_SET_NULL : AST_KEY_SET_DEFAULT;
        if (action == AST_KEY_SET_DEFAULT) parse_expect(p, KEYWORD_DEFAULT);
        if (parse_is_op(p, '(') && !of_delete)
            parse_fail(p, SQLSTATE_UNSUPPORTED, (int64_t)p->tok.at,
                       "a column list with SET NULL or SET DEFAULT is only supported for ON DELETE actions");
        if (parse_is_op(p, '(')) c->set_columns = parse_name_list(p);
        return action;
    }
    parse_expect(p, KEYWORD_NO);
    parse_expect(p, KEYWORD_ACTION);
    return AST_KEY_NO_ACTION;
}

static void references(Parser *p, AstConstraint *c)
{
    c->kind = AST_CONSTRAINT_FOREIGN_KEY;
    parse_expect(p, KEYWORD_REFERENCES);
    c->parent = parse_path(p, NAME_COLUMN);
    c->parent_columns = parse_optional_name_list(p);
    if (parse_accept(p, KEYWORD_MATCH)) {
        c->match_full = parse_accept(p, KEYWORD_FULL);
        if (!c->match_full && parse_is(p, KEYWORD_PARTIAL))
            parse_fail(p, SQLSTATE_UNSUPPORTED, (int64_t)p->tok.at, "MATCH PARTIAL is not supported");
        if (!c->match_full) parse_expect(p, KEYWORD_SIMPLE);
    }
    while (parse_is(p, KEYWORD_ON) &&
           (parse_next_is(p, KEYWORD_DELETE) || parse_next_is(p, KEYWORD_UPDATE))) {
        parse_advance(p);
        bool of_delete = parse_accept(p, KEYWORD_DELETE);
        if (!of_delete) parse_expect(p, KEYWORD_UPDATE);
        *(of_delete ? &c->on_delete : &c->on_update) = key_action(p, of_delete, c);
    }
}

static void index_tail(Parser *p, AstConstraint *c)
{
    if (parse_accept(p, KEYWORD_INCLUDE)) c->include = parse_name_list(p);
    if (parse_is(p, KEYWORD_WITH) && parse_next_is_op(p, '(')) {
        parse_advance(p);
        (void)parse_options_paren(p);
    }
    if (parse_is(p, KEYWORD_USING) && parse_next_is(p, KEYWORD_INDEX)) {
        parse_advance(p);
        parse_advance(p);
        if (parse_accept(p, KEYWORD_TABLESPACE))
            (void)parse_name(p, NAME_COLUMN);
        else
            c->index = parse_name(p, NAME_COLUMN);
    }
}

static void unique(Parser *p, AstConstraint *c, bool of_column)
{
    c->kind = parse_accept(p, KEYWORD_PRIMARY) ? AST_CONSTRAINT_PRIMARY : AST_CONSTRAINT_UNIQUE;
    if (c->kind == AST_CONSTRAINT_PRIMARY)
        parse_expect(p, KEYWORD_KEY);
    else
        parse_expect(p, KEYWORD_UNIQUE);
    if (c->kind == AST_CONSTRAINT_UNIQUE && parse_accept(p, KEYWORD_NULLS)) {
        c->nulls_not_distinct = parse_accept(p, KEYWORD_NOT);
        parse_expect(p, KEYWORD_DISTINCT);
    }
    if (!of_column && !(parse_is(p, KEYWORD_USING) && parse_next_is(p, KEYWORD_INDEX)))
        c->columns = parse_name_list(p);
    index_tail(p, c);
}

static void check(Parser *p, AstConstraint *c)
{
    c->kind = AST_CONSTRAINT_CHECK;
    parse_expect(p, KEYWORD_CHECK);
    parse_expect_op(p, '(');
    c->expr = parse_expr(p);
    parse_expect_op(p, ')');
}

static void generated(Parser *p, AstConstraint *c)
{
    parse_advance(p);
    c->always = parse_accept(p, KEYWORD_ALWAYS);
    if (!c->always) {
        parse_expect(p, KEYWORD_BY);
        parse_expect(p, KEYWORD_DEFAULT);
    }
    parse_expect(p, KEYWORD_AS);
    if (parse_accept(p, KEYWORD_IDENTITY)) {
        c->kind = AST_CONSTRAINT_IDENTITY;
        c->generated = true;
        if (!parse_accept_op(p, '(')) return;
        c->sequence = parse_sequence_options(p);
        parse_expect_op(p, ')');
        return;
    }
    c->kind = AST_CONSTRAINT_GENERATED;
    parse_expect_op(p, '(');
    c->expr = parse_expr(p);
    parse_expect_op(p, ')');
    parse_expect(p, KEYWORD_STORED);
}

static void exclude(Parser *p, AstConstraint *c)
{
    c->kind = AST_CONSTRAINT_EXCLUDE;
    parse_advance(p);
    if (parse_accept(p, KEYWORD_USING)) (void)parse_name(p, NAME_COLUMN);
    uint32_t open = 0;
    if (!parse_is_op(p, '(')) parse_syntax(p);
    while (!p->failed && p->tok.kind != TOKEN_END) {
        if (parse_is_op(p, '(')) open++;
        if (parse_is_op(p, ')') && --open == 0) break;
        parse_advance(p);
    }
    parse_expect_op(p, ')');
    index_tail(p, c);
    if (!parse_accept(p, KEYWORD_WHERE)) return;
    parse_expect_op(p, '(');
    c->expr = parse_expr(p);
    parse_expect_op(p, ')');
}

static void attributes(Parser *p, AstConstraint *c)
{
    for (;;) {
        if (parse_accept_two(p, KEYWORD_NOT, KEYWORD_DEFERRABLE))
            c->deferrable = false;
        else if (parse_accept(p, KEYWORD_DEFERRABLE))
            c->deferrable = true;
        else if (parse_accept_two(p, KEYWORD_INITIALLY, KEYWORD_DEFERRED))
            c->deferrable = c->deferred = true;
        else if (parse_accept_two(p, KEYWORD_INITIALLY, KEYWORD_IMMEDIATE))
            c->deferred = false;
        else if (parse_accept_two(p, KEYWORD_NOT, KEYWORD_VALID))
            c->not_valid = true;
        else if (parse_accept_two(p, KEYWORD_NO, KEYWORD_INHERIT))
            c->no_inherit = true;
        else
            return;
    }
}

static bool column_only(Parser *p, AstConstraint *c)
{
    if (parse_accept_two(p, KEYWORD_NOT, KEYWORD_NULL))
        c->kind = AST_CONSTRAINT_NOT_NULL;
    else if (parse_accept(p, KEYWORD_NULL))
        c->kind = AST_CONSTRAINT_NULL;
    else if (parse_accept(p, KEYWORD_DEFAULT)) {
        c->kind = AST_CONSTRAINT_DEFAULT;
        c->expr = parse_expr_restricted(p);
    } else if (parse_accept(p, KEYWORD_AUTO_INCREMENT) || parse_accept(p, KEYWORD_AUTOINCREMENT))
        c->kind = AST_CONSTRAINT_IDENTITY;
    else if (parse_is(p, KEYWORD_GENERATED))
        generated(p, c);
    else if (parse_is(p, KEYWORD_REFERENCES))
        references(p, c);
    else
        return false;
    return true;
}

static bool table_only(Parser *p, AstConstraint *c)
{
    if (parse_accept_two(p, KEYWORD_FOREIGN, KEYWORD_KEY)) {
        AstNames columns = parse_name_list(p);
        references(p, c);
        c->columns = columns;
    } else if (parse_is(p, KEYWORD_EXCLUDE) && (parse_next_is(p, KEYWORD_USING) || parse_next_is_op(p, '(')))
        exclude(p, c);
    else
        return false;
    return true;
}

// Whether the word is a constraint's first in a table's list, not a column's name.
AstConstraint *parse_constraint(Parser *p, bool of_column)
{
    AstConstraint c = {.at = (int64_t)p->tok.at, .name = {.at = -1}, .index = {.at = -1}};
    if (parse_accept(p, KEYWORD_CONSTRAINT)) c.name = parse_name(p, NAME_COLUMN);
    if (parse_is(p, KEYWORD_CHECK))
        check(p, &c);
    else if (parse_is(p, KEYWORD_UNIQUE) || parse_is(p, KEYWORD_PRIMARY))
        unique(p, &c, of_column);
    else if (!(of_column ? column_only(p, &c) : table_only(p, &c))) {
        if (c.name.text.at) parse_syntax(p);
        return NULL;
    }
    attributes(p, &c);
    AstConstraint *node = PARSE_NEW(p, AstConstraint);
    *node = c;
    return node;
}

// ---- columns ----

static bool column_extra(Parser *p, AstColumnDef *c)
{
    if (parse_accept(p, KEYWORD_COLLATE)) {
        AstPath path = parse_path(p, NAME_COLUMN);
        c->collation = path.part[path.parts - 1];
    } else if (parse_is(p, KEYWORD_COMMENT) && p->next.kind == TOKEN_STRING) {
        parse_advance(p);
        c->comment = parse_string(p);
    } else if (parse_accept(p, KEYWORD_STORAGE) || parse_accept(p, KEYWORD_COMPRESSION))
        (void)parse_name(p, NAME_LABEL);
    else
        return false;
    return true;
}

AstColumnDef parse_column(Parser *p)
{
    AstColumnDef c = {.at = (int64_t)p->tok.at, .collation = {.at = -1}};
    c.name = parse_name(p, NAME_COLUMN);
    bool typed = p->tok.kind == TOKEN_WORD
                     ? parse_is_name(p, NAME_FUNCTION) || parse_is_type_keyword(p->tok.keyword) ||
                           parse_is(p, KEYWORD_SETOF)
                     : p->tok.kind == TOKEN_QUOTED;
    if (typed) c.type = parse_type(p);
    size_t mark = parse_mark(p);
    for (;;) {
        if (p->failed || column_extra(p, &c)) {
            if (p->failed) break;
            continue;
        }
        AstConstraint *constraint = parse_constraint(p, true);
        if (!constraint) break;
        parse_push(p, constraint, sizeof *constraint);
    }
    c.constraint = parse_take(p, mark, sizeof *c.constraint, &c.constraints);
    return c;
}

// ---- CREATE TABLE ----

// The three kinds of members lie on the stack in the order written; a tag tells them apart.
typedef struct Member {
    enum { MEMBER_COLUMN, MEMBER_CONSTRAINT, MEMBER_LIKE } kind;
    void *node;
} Member;

static AstLike *like(Parser *p)
{
    AstLike *l = PARSE_NEW(p, AstLike);
    l->at = (int64_t)p->tok.at;
    parse_advance(p);
    l->table = parse_path(p, NAME_COLUMN);
    size_t mark = parse_mark(p);
    while (parse_is(p, KEYWORD_INCLUDING) || parse_is(p, KEYWORD_EXCLUDING)) {
        bool include = parse_accept(p, KEYWORD_INCLUDING);
        if (!include) parse_advance(p);
        AstName what = parse_name(p, NAME_LABEL);
        if (include) parse_push(p, &what, sizeof what);
    }
    PARSE_TAKE(p, mark, &l->include);
    return l;
}

static Member member(Parser *p)
{
    if (parse_is(p, KEYWORD_LIKE)) return (Member){MEMBER_LIKE, like(p)};
    AstConstraint *c = p->tok.kind == TOKEN_WORD ? parse_constraint(p, false) : NULL;
    if (c) return (Member){MEMBER_CONSTRAINT, c};
    AstColumnDef *column = PARSE_NEW(p, AstColumnDef);
    *column = parse_column(p);
    return (Member){MEMBER_COLUMN, column};
}

static void split_members(Parser *p, AstCreateTable *t, const Member *list, uint32_t count)
{
    uint32_t n[3] = {0};
    for (uint32_t i = 0; i < count; i++) n[list[i].kind]++;
    t->column = parse_new(p, (n[MEMBER_COLUMN] + 1) * sizeof *t->column);
    t->constraint = parse_new(p, (n[MEMBER_CONSTRAINT] + 1) * sizeof *t->constraint);
    t->like = parse_new(p, (n[MEMBER_LIKE] + 1) * sizeof *t->like);
    for (uint32_t i = 0; i < count && !p->failed; i++) {
        if (list[i].kind == MEMBER_COLUMN)
            t->column[t->columns++] = *(AstColumnDef *)list[i].node;
        else if (list[i].kind == MEMBER_CONSTRAINT)
            t->constraint[t->constraints++] = *(AstConstraint *)list[i].node;
        else
            t->like[t->likes++] = *(AstLike *)list[i].node;
    }
}

static void members(Parser *p, AstCreateTable *t)
{
    parse_expect_op(p, '(');
    if (parse_accept_op(p, ')')) return;
    size_t mark = parse_mark(p);
    do {
        Member m = member(p);
        parse_push(p, &m, sizeof m);
    } while (parse_accept_op(p, ','));
    parse_expect_op(p, ')');
    uint32_t count;
    const Member *list = parse_take(p, mark, sizeof *list, &count);
    if (list) split_members(p, t, list, count);
}

static void on_commit(Parser *p, AstCreateTable *t)
{
    if (parse_accept(p, KEYWORD_DROP))
        t->on_commit = STR("drop");
    else {
        t->on_commit = parse_accept(p, KEYWORD_DELETE) ? STR("delete rows") : STR("preserve rows");
        if (t->on_commit.at[0] == 'p') parse_expect(p, KEYWORD_PRESERVE);
        parse_expect(p, KEYWORD_ROWS);
    }
}

// MySQL's ENGINE=…, DEFAULT CHARSET=…, COLLATE=…, AUTO_INCREMENT=…, COMMENT='…': read and left without
// effect.
static bool foreign_option(Parser *p)
{
    static const char *const known[] = {"engine",         "charset", "collate",
                                        "auto_increment", "comment", "row_format"};
    if (parse_is(p, KEYWORD_DEFAULT) && p->next.kind == TOKEN_WORD) parse_advance(p);
    if (parse_accept(p, KEYWORD_CHARACTER)) {
        parse_expect(p, KEYWORD_SET);
        parse_expect_op(p, '=');
        (void)parse_option_value(p);
        return true;
    }
    if (!parse_next_is_op(p, '=')) return false;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (parse_accept_word(p, known[i])) {
            parse_advance(p);
            (void)parse_option_value(p);
            (void)parse_accept_op(p, ',');
            return true;
        }
    return false;
}

static bool table_option(Parser *p, AstCreateTable *t)
{
    if (parse_accept(p, KEYWORD_INHERITS)) {
        parse_expect_op(p, '(');
        t->inherits = parse_path_list(p);
        parse_expect_op(p, ')');
    } else if (parse_is(p, KEYWORD_PARTITION) && parse_next_is(p, KEYWORD_BY)) {
        size_t from = p->tok.at;
        parse_advance(p);
        parse_advance(p);
        (void)parse_name(p, NAME_COLUMN);
        (void)parse_index_keys(p);
        t->partition = parse_words_from(p, from);
    } else if (parse_accept(p, KEYWORD_USING))
        (void)parse_name(p, NAME_COLUMN);
    else if (parse_is(p, KEYWORD_WITH) && parse_next_is_op(p, '(')) {
        parse_advance(p);
        t->options = parse_options_paren(p);
    } else if (parse_accept_two(p, KEYWORD_WITHOUT, KEYWORD_OIDS))
        return true;
    else if (parse_accept_two(p, KEYWORD_ON, KEYWORD_COMMIT))
        on_commit(p, t);
    else if (parse_accept(p, KEYWORD_TABLESPACE))
        (void)parse_name(p, NAME_COLUMN);
    else
        return p->tok.kind == TOKEN_WORD && foreign_option(p);
    return true;
}

static void as_query(Parser *p, AstCreateTable *t)
{
    AstNames names = {parse_new(p, (t->columns + 1) * sizeof(AstName)), 0};
    for (uint32_t i = 0; i < t->columns && !p->failed; i++) {
        if (t->column[i].type || t->column[i].constraints) parse_syntax(p);
        names.at[names.count++] = t->column[i].name;
    }
    t->query_columns = names;
    t->columns = 0;
    if (parse_is(p, KEYWORD_EXECUTE))
        t->execute = parse_statement(p);
    else
        t->query = parse_query(p);
    if (!parse_accept(p, KEYWORD_WITH)) return;
    t->with_no_data = parse_accept(p, KEYWORD_NO);
    parse_expect(p, KEYWORD_DATA);
}

static void types_given(Parser *p, const AstCreateTable *t)
{
    for (uint32_t i = 0; i < t->columns && !p->failed; i++) {
        if (t->column[i].type) continue;
        Str name = t->column[i].name.text;
        (void)err_set_at(p->err, SQLSTATE_SYNTAX, t->column[i].at, "column %.*s has no type", STR_ARG(name));
        p->failed = true;
        parse_fail(p, SQLSTATE_SYNTAX, 0, "");
    }
}

void parse_create_table(Parser *p, Statement *s)
{
    AstCreateTable *t = PARSE_NEW(p, AstCreateTable);
    s->kind = STATEMENT_CREATE_TABLE;
    s->create_table = t;
    if (parse_accept(p, KEYWORD_UNLOGGED))
        t->unlogged = true;
    else {
        if (!parse_accept(p, KEYWORD_LOCAL)) (void)parse_accept(p, KEYWORD_GLOBAL);
        t->temporary = parse_accept(p, KEYWORD_TEMP) || parse_accept(p, KEYWORD_TEMPORARY);
    }
    parse_expect(p, KEYWORD_TABLE);
    t->if_not_exists = parse_if_not_exists(p);
    t->name = parse_path(p, NAME_COLUMN);
    if (parse_is(p, KEYWORD_PARTITION) && parse_next_is(p, KEYWORD_OF)) {
        parse_skip(p, s, STR("CREATE TABLE … PARTITION OF"));
        return;
    }
    if (parse_is(p, KEYWORD_OF)) {
        parse_skip(p, s, STR("CREATE TABLE … OF"));
        return;
    }
    bool listed = parse_is_op(p, '(') && !parse_next_is(p, KEYWORD_SELECT) && !parse_next_is(p, KEYWORD_WITH);
    if (listed) members(p, t);
    while (!p->failed && table_option(p, t)) {}
    if (parse_accept(p, KEYWORD_AS))
        as_query(p, t);
    else if (listed)
        types_given(p, t);
    else
        parse_syntax(p);
}
