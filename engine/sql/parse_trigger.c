// Parse: CREATE TRIGGER with a body or EXECUTE FUNCTION, and DROP TRIGGER.
#include "engine/sql/ast_routine.h"
#include "engine/sql/parse_in.h"

static void trigger_event(Parser *p, AstCreateTrigger *t)
{
    unsigned before = t->events;
    if (parse_accept(p, KEYWORD_INSERT))
        t->events |= AST_EVENT_INSERT;
    else if (parse_accept(p, KEYWORD_DELETE))
        t->events |= AST_EVENT_DELETE;
    else if (parse_accept(p, KEYWORD_TRUNCATE))
        t->events |= AST_EVENT_TRUNCATE;
    else {
        parse_expect(p, KEYWORD_UPDATE);
        t->events |= AST_EVENT_UPDATE;
        if (parse_accept(p, KEYWORD_OF)) t->columns = parse_bare_name_list(p);
    }
    if (before == t->events && !p->failed)
        parse_fail(p, SQLSTATE_SYNTAX, (int64_t)p->tok.at, "duplicate trigger events specified");
}

// REFERENCING NEW TABLE AS a OLD TABLE AS b
static void trigger_tables(Parser *p, AstCreateTrigger *t)
{
    if (!parse_accept(p, KEYWORD_REFERENCING)) return;
    do {
        bool new_rows = parse_accept(p, KEYWORD_NEW);
        if (!new_rows) parse_expect(p, KEYWORD_OLD);
        if (!parse_accept(p, KEYWORD_TABLE))
            parse_fail(p, SQLSTATE_UNSUPPORTED, (int64_t)p->tok.at,
                       "REFERENCING names tables only; a row is called OLD or NEW");
        (void)parse_accept(p, KEYWORD_AS);
        AstName name = parse_name(p, NAME_COLUMN);
        if (new_rows)
            t->new_table = name;
        else
            t->old_table = name;
    } while (parse_is(p, KEYWORD_NEW) || parse_is(p, KEYWORD_OLD));
}

static void trigger_execute(Parser *p, AstCreateTrigger *t)
{
    parse_expect(p, KEYWORD_EXECUTE);
    if (!parse_accept(p, KEYWORD_FUNCTION)) parse_expect(p, KEYWORD_PROCEDURE);
    t->function = parse_path(p, NAME_FUNCTION);
    AstExprs list = parse_call_list(p);
    t->arguments = list.count;
}

static void trigger_action(Parser *p, AstCreateTrigger *t)
{
    if (!parse_accept(p, KEYWORD_BEGIN)) {
        trigger_execute(p, t);
        return;
    }
    size_t from, to;
    (void)parse_accept(p, KEYWORD_ATOMIC);
    AstSteps steps = parse_steps(p, &from, &to);
    if (!steps.count) parse_syntax(p);
    t->body_at = (int64_t)from;
    if (!p->failed) t->body = arena_copy(p->mem, str_slice(p->lexer.text, from, to - from));
    parse_expect(p, KEYWORD_END);
}

static bool at_trigger(Parser *p, bool *constraint)
{
    *constraint = parse_is(p, KEYWORD_CONSTRAINT) && parse_next_is(p, KEYWORD_TRIGGER);
    if (*constraint) parse_advance(p);
    return parse_accept(p, KEYWORD_TRIGGER);
}

bool parse_create_trigger(Parser *p, Statement *s, bool or_replace)
{
    bool constraint;
    if (!at_trigger(p, &constraint)) return false;
    AstCreateTrigger *t = PARSE_NEW(p, AstCreateTrigger);
    *t = (AstCreateTrigger){
        .or_replace = or_replace, .constraint = constraint, .old_table.at = -1, .new_table.at = -1};
    s->kind = STATEMENT_CREATE_TRIGGER;
    s->create_trigger = t;
    t->if_not_exists = parse_if_not_exists(p);
    t->name = parse_name(p, NAME_COLUMN);
    if (parse_accept(p, KEYWORD_BEFORE))
        t->timing = STR("before");
    else if (parse_accept_two(p, KEYWORD_INSTEAD, KEYWORD_OF))
        t->timing = STR("instead");
    else {
        (void)parse_accept(p, KEYWORD_AFTER);
        t->timing = STR("after");
    }
    do trigger_event(p, t);
    while (parse_accept(p, KEYWORD_OR));
    parse_expect(p, KEYWORD_ON);
    t->table = parse_path(p, NAME_COLUMN);
    trigger_tables(p, t);
    if (parse_accept(p, KEYWORD_FOR)) {
        (void)parse_accept(p, KEYWORD_EACH);
        t->row = parse_accept(p, KEYWORD_ROW);
        if (!t->row) parse_expect(p, KEYWORD_STATEMENT);
    }
    if (parse_accept(p, KEYWORD_WHEN)) {
        parse_expect_op(p, '(');
        size_t from = p->tok.at;
        t->condition = parse_expr(p);
        t->when = parse_words_from(p, from);
        parse_expect_op(p, ')');
    }
    trigger_action(p, t);
    return true;
}

bool parse_drop_trigger(Parser *p, Statement *s)
{
    if (!parse_accept(p, KEYWORD_TRIGGER)) return false;
    AstDropTrigger *d = PARSE_NEW(p, AstDropTrigger);
    s->kind = STATEMENT_DROP_TRIGGER;
    s->drop_trigger = d;
    d->if_exists = parse_if_exists(p);
    d->name = parse_name(p, NAME_COLUMN);
    if (parse_accept(p, KEYWORD_ON)) d->table = parse_path(p, NAME_COLUMN);
    d->cascade = parse_cascade(p);
    return true;
}
