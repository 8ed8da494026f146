// Parse: ALTER TABLE and its like. Actions without a meaning here keep their words, so that who meets them
// can say which.
#include "engine/sql/parse_in.h"

static void skip_action(Parser *p)
{
    uint32_t open = 0;
    while (!p->failed && !parse_ends(p)) {
        if (!open && (parse_is_op(p, ',') || parse_is_op(p, ')'))) return;
        if (parse_is_op(p, '(')) open++;
        if (parse_is_op(p, ')')) open--;
        parse_advance(p);
    }
}

static void other(Parser *p, AstAlterAction *a)
{
    size_t from = p->tok.at;
    a->kind = AST_ALTER_OTHER;
    if (p->tok.kind != TOKEN_WORD && p->tok.kind != TOKEN_NUMBER && !parse_is_op(p, '(')) parse_syntax(p);
    skip_action(p);
    a->words = parse_words_from(p, from);
}

static void add(Parser *p, AstAlterAction *a)
{
    parse_advance(p);
    bool column = parse_accept(p, KEYWORD_COLUMN);
    AstConstraint *c = column || p->tok.kind != TOKEN_WORD ? NULL : parse_constraint(p, false);
    if (c) {
        a->kind = AST_ALTER_ADD_CONSTRAINT;
        a->constraint = c;
        a->name = c->name;
        return;
    }
    a->kind = AST_ALTER_ADD_COLUMN;
    a->if_not_exists = parse_if_not_exists(p);
    a->column = PARSE_NEW(p, AstColumnDef);
    *a->column = parse_column(p);
    if (!a->column->type) parse_syntax(p);
    a->name = a->column->name;
}

static void drop(Parser *p, AstAlterAction *a)
{
    parse_advance(p);
    bool constraint = parse_accept(p, KEYWORD_CONSTRAINT);
    if (!constraint) (void)parse_accept(p, KEYWORD_COLUMN);
    a->kind = constraint ? AST_ALTER_DROP_CONSTRAINT : AST_ALTER_DROP_COLUMN;
    a->if_exists = parse_if_exists(p);
    a->name = parse_name(p, NAME_COLUMN);
    a->cascade = parse_cascade(p);
}

static void column_type(Parser *p, AstAlterAction *a)
{
    a->kind = AST_ALTER_TYPE;
    a->type = parse_type(p);
    if (parse_accept(p, KEYWORD_COLLATE)) (void)parse_path(p, NAME_COLUMN);
    if (parse_accept(p, KEYWORD_USING)) a->expr = parse_expr(p);
}

static void column_set(Parser *p, AstAlterAction *a)
{
    if (parse_accept(p, KEYWORD_DEFAULT)) {
        a->kind = AST_ALTER_SET_DEFAULT;
        a->expr = parse_expr(p);
    } else if (parse_accept_two(p, KEYWORD_NOT, KEYWORD_NULL))
        a->kind = AST_ALTER_SET_NOT_NULL;
    else if (parse_accept(p, KEYWORD_DATA)) {
        parse_expect(p, KEYWORD_TYPE);
        column_type(p, a);
    } else
        other(p, a);
}

static void column_drop(Parser *p, AstAlterAction *a)
{
    if (parse_accept(p, KEYWORD_DEFAULT))
        a->kind = AST_ALTER_DROP_DEFAULT;
    else if (parse_accept_two(p, KEYWORD_NOT, KEYWORD_NULL))
        a->kind = AST_ALTER_DROP_NOT_NULL;
    else if (parse_accept(p, KEYWORD_IDENTITY)) {
        a->kind = AST_ALTER_DROP_IDENTITY;
        a->if_exists = parse_if_exists(p);
    } else
        other(p, a);
}

static void alter_column(Parser *p, AstAlterAction *a)
{
    parse_advance(p);
    if (parse_is(p, KEYWORD_CONSTRAINT)) {
        other(p, a);
        return;
    }
    (void)parse_accept(p, KEYWORD_COLUMN);
    if (p->tok.kind == TOKEN_NUMBER) {
        other(p, a);
        return;
    }
    a->name = parse_name(p, NAME_COLUMN);
    if (parse_accept(p, KEYWORD_TYPE))
        column_type(p, a);
    else if (parse_accept(p, KEYWORD_SET))
        column_set(p, a);
    else if (parse_accept(p, KEYWORD_DROP))
        column_drop(p, a);
    else if (parse_is(p, KEYWORD_ADD)) {
        parse_advance(p);
        a->constraint = parse_constraint(p, true);
        if (!a->constraint || a->constraint->kind != AST_CONSTRAINT_IDENTITY) parse_syntax(p);
        a->kind = AST_ALTER_ADD_IDENTITY;
    } else
        other(p, a);
}

static void rename_thing(Parser *p, AstAlterAction *a)
{
    parse_advance(p);
    if (parse_accept(p, KEYWORD_TO)) {
        a->kind = AST_ALTER_RENAME_TABLE;
        a->new_name = parse_name(p, NAME_COLUMN);
        return;
    }
    a->kind = parse_accept(p, KEYWORD_CONSTRAINT) ? AST_ALTER_RENAME_CONSTRAINT : AST_ALTER_RENAME_COLUMN;
    if (a->kind == AST_ALTER_RENAME_COLUMN) (void)parse_accept(p, KEYWORD_COLUMN);
    a->name = parse_name(p, NAME_COLUMN);
    parse_expect(p, KEYWORD_TO);
    a->new_name = parse_name(p, NAME_COLUMN);
}

static AstAlterAction action(Parser *p)
{
    AstAlterAction a = {.at = (int64_t)p->tok.at, .name = {.at = -1}, .new_name = {.at = -1}};
    if (parse_is(p, KEYWORD_ADD))
        add(p, &a);
    else if (parse_is(p, KEYWORD_DROP))
        drop(p, &a);
    else if (parse_is(p, KEYWORD_ALTER))
        alter_column(p, &a);
    else if (parse_is(p, KEYWORD_RENAME))
        rename_thing(p, &a);
    else if (parse_accept_two(p, KEYWORD_OWNER, KEYWORD_TO)) {
        a.kind = AST_ALTER_OWNER;
        a.new_name = parse_name(p, NAME_LABEL);
    } else if (parse_accept_two(p, KEYWORD_SET, KEYWORD_SCHEMA)) {
        a.kind = AST_ALTER_SET_SCHEMA;
        a.new_name = parse_name(p, NAME_COLUMN);
    } else if (parse_accept_two(p, KEYWORD_VALIDATE, KEYWORD_CONSTRAINT)) {
        a.kind = AST_ALTER_VALIDATE;
        a.name = parse_name(p, NAME_COLUMN);
    } else if ((parse_is(p, KEYWORD_ENABLE) || parse_is(p, KEYWORD_DISABLE)) &&
               parse_next_is(p, KEYWORD_TRIGGER)) {
        a.kind = AST_ALTER_TRIGGER;
        a.on = parse_is(p, KEYWORD_ENABLE);
        parse_advance(p);
        parse_advance(p);
        if (!parse_accept(p, KEYWORD_ALL) && !parse_accept(p, KEYWORD_USER))
            a.name = parse_name(p, NAME_COLUMN);
    } else
        other(p, &a);
    return a;
}

static void alter_sequence(Parser *p, Statement *s)
{
    AstSequence *q = PARSE_NEW(p, AstSequence);
    bool if_exists = parse_if_exists(p);
    AstPath name = parse_path(p, NAME_COLUMN);
    if (parse_is(p, KEYWORD_RENAME) || parse_is(p, KEYWORD_OWNER) || parse_is(p, KEYWORD_SET)) {
        AstAlterTable *t = PARSE_NEW(p, AstAlterTable);
        s->kind = STATEMENT_ALTER_TABLE;
        s->alter = t;
        t->object = AST_OBJECT_SEQUENCE;
        t->if_exists = if_exists;
        t->name = name;
        t->action = PARSE_NEW(p, AstAlterAction);
        *t->action = action(p);
        t->actions = 1;
        return;
    }
    s->kind = STATEMENT_CREATE_SEQUENCE;
    s->sequence = q;
    q->alter = true;
    q->if_exists = if_exists;
    q->name = name;
    q->options = parse_sequence_options(p);
    if (!q->options.count) parse_syntax(p);
}

void parse_alter(Parser *p, Statement *s)
{
    parse_expect(p, KEYWORD_ALTER);
    if (parse_default_privileges(p, s) || parse_role(p, s, KEYWORD_ALTER)) return;
    if (parse_alter_outside(p, s)) return;
    AstObject object = parse_object(p);
    if (object == AST_OBJECT_OTHER || object == AST_OBJECT_COLUMN || object == AST_OBJECT_CONSTRAINT)
        parse_syntax(p);
    if (object == AST_OBJECT_SEQUENCE) {
        alter_sequence(p, s);
        return;
    }
    AstAlterTable *t = PARSE_NEW(p, AstAlterTable);
    s->kind = STATEMENT_ALTER_TABLE;
    s->alter = t;
    t->object = object;
    t->if_exists = parse_if_exists(p);
    t->only = parse_accept(p, KEYWORD_ONLY);
    t->name = parse_path(p, NAME_COLUMN);
    (void)parse_accept_op(p, '*');
    size_t mark = parse_mark(p);
    do {
        AstAlterAction a = action(p);
        parse_push(p, &a, sizeof a);
    } while (parse_accept_op(p, ','));
    t->action = parse_take(p, mark, sizeof *t->action, &t->actions);
}
