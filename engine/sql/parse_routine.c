// Parse: functions and procedures: CREATE, DROP, ALTER, CALL, and the steps of a body.
#include "engine/sql/ast_routine.h"
#include "engine/sql/parse_in.h"

#include <string.h>

// ---- the parts ----

bool parse_routine_kind(Parser *p, AstRoutineKind *out)
{
    if (parse_accept(p, KEYWORD_FUNCTION))
        *out = AST_ROUTINE_FUNCTION;
    else if (parse_accept(p, KEYWORD_PROCEDURE))
        *out = AST_ROUTINE_PROCEDURE;
    else if (parse_accept(p, KEYWORD_ROUTINE))
        *out = AST_ROUTINE_ANY;
    else
        return false;
    return true;
}

static bool arg_mode(Parser *p, AstArgMode *out)
{
    if (parse_accept_two(p, KEYWORD_IN, KEYWORD_OUT) || parse_accept(p, KEYWORD_INOUT))
        *out = AST_ARG_INOUT;
    else if (parse_accept(p, KEYWORD_IN))
        *out = AST_ARG_IN;
    else if (parse_accept(p, KEYWORD_OUT))
        *out = AST_ARG_OUT;
    else if (parse_accept(p, KEYWORD_VARIADIC))
        *out = AST_ARG_VARIADIC;
    else
        return false;
    return true;
}

// A type's first word with another word behind it is the name of an argument: "double precision" and its
// like, which begin with a keyword of types, are types.
static bool at_arg_name(const Parser *p)
{
    if (p->tok.kind == TOKEN_WORD && parse_is_type_keyword(p->tok.keyword) &&
        p->tok.keyword != KEYWORD_ABSENT)
        return false;
    if (parse_is_word(p, "double") && p->next.kind == TOKEN_WORD && p->next.keyword == KEYWORD_PRECISION)
        return false;
    if (p->next.kind != TOKEN_WORD && p->next.kind != TOKEN_QUOTED) return false;
    return !parse_next_is(p, KEYWORD_DEFAULT) && parse_is_name(p, NAME_FUNCTION);
}

static AstRoutineArg routine_arg(Parser *p)
{
    AstRoutineArg a = {.name.at = -1};
    bool mode = arg_mode(p, &a.mode);
    if (at_arg_name(p)) a.name = parse_token_name(p);
    if (!mode) (void)arg_mode(p, &a.mode);
    a.type = parse_type(p);
    if (!parse_accept(p, KEYWORD_DEFAULT) && !parse_accept_op(p, '=')) return a;
    size_t from = p->tok.at;
    a.value = parse_expr(p);
    a.value_text = parse_words_from(p, from);
    return a;
}

static void routine_args(Parser *p, AstRoutineName *n)
{
    size_t mark = parse_mark(p);
    n->given = true;
    parse_expect_op(p, '(');
    if (!parse_is_op(p, ')')) do {
            AstRoutineArg a = routine_arg(p);
            parse_push(p, &a, sizeof a);
        } while (parse_accept_op(p, ','));
    parse_expect_op(p, ')');
    n->arg = parse_take(p, mark, sizeof *n->arg, &n->args);
}

AstRoutineName parse_routine_name(Parser *p)
{
    AstRoutineName n = {.name = parse_path(p, NAME_FUNCTION)};
    if (parse_is_op(p, '(')) routine_args(p, &n);
    return n;
}

// ---- steps ----

static AstExpr *null_node(Parser *p) { return parse_node(p, AST_NULL, (int64_t)p->tok.at); }

// SELECT e, … [WHERE condition]
static Statement *select_of(Parser *p, AstTargets targets, AstExpr *condition, int64_t at)
{
    Statement *s = PARSE_NEW(p, Statement);
    AstQuery *q = PARSE_NEW(p, AstQuery);
    *q = (AstQuery){.kind = AST_QUERY_SELECT, .at = at, .targets = targets, .where = condition};
    *s = (Statement){.kind = STATEMENT_SELECT, .at = at, .query = q};
    return s;
}

static Statement *select_one(Parser *p, AstExpr *e, AstExpr *condition)
{
    AstTargets list = {PARSE_NEW(p, AstTarget), 1};
    *list.at = (AstTarget){.expr = e, .alias.at = -1};
    return select_of(p, list, condition, e->at);
}

static AstExpr *step_condition(Parser *p) { return parse_accept(p, KEYWORD_WHEN) ? parse_expr(p) : NULL; }

static void return_step(Parser *p, AstStep *out)
{
    parse_advance(p);
    if (parse_is(p, KEYWORD_NULL) && (p->next.kind == TOKEN_SEMICOLON || p->next.kind == TOKEN_END ||
                                      parse_next_is(p, KEYWORD_WHEN) || parse_next_is(p, KEYWORD_END))) {
        out->kind = AST_STEP_SKIP;
        AstExpr *null = null_node(p);
        parse_advance(p);
        out->statement = select_one(p, null, step_condition(p));
        return;
    }
    out->kind = AST_STEP_RETURN;
    out->statement = select_one(p, parse_expr(p), NULL);
}

// SET NEW.a = 1, NEW.b = 2
static void set_step(Parser *p, AstStep *out)
{
    int64_t at = (int64_t)p->tok.at;
    AstTarget list[64] = {0};
    AstName name[64] = {0};
    uint32_t n = 0;
    parse_advance(p);
    do {
        parse_expect(p, KEYWORD_NEW);
        parse_expect_op(p, '.');
        if (n == COUNT_OF(list)) parse_syntax(p);
        if (p->failed) return;
        name[n] = parse_name(p, NAME_LABEL);
        if (!parse_accept_op(p, OP2(':', '='))) parse_expect_op(p, '=');
        list[n++] = (AstTarget){.expr = parse_expr(p), .alias.at = -1};
    } while (parse_accept_op(p, ','));
    AstTargets targets = {parse_new(p, n * sizeof *list), n};
    out->columns = (AstNames){parse_new(p, n * sizeof *name), n};
    if (p->failed) return;
    memcpy(targets.at, list, n * sizeof *list);
    memcpy(out->columns.at, name, n * sizeof *name);
    out->kind = AST_STEP_SET;
    out->statement = select_of(p, targets, step_condition(p), at);
}

// SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'x' [WHEN condition]
static void signal_step(Parser *p, AstStep *out)
{
    parse_advance(p);
    if (!parse_accept_word(p, "sqlstate")) parse_syntax(p);
    (void)parse_accept(p, KEYWORD_VALUE);
    out->kind = AST_STEP_SIGNAL;
    size_t at = p->tok.at;
    out->state = parse_string(p);
    if (!p->failed && out->state.len != 5)
        parse_fail(p, SQLSTATE_SYNTAX, (int64_t)at, "a SQLSTATE has five characters");
    AstExpr *text = NULL;
    if (parse_accept(p, KEYWORD_SET)) {
        if (!parse_accept_word(p, "message_text")) parse_syntax(p);
        parse_expect_op(p, '=');
        text = parse_expr(p);
    }
    if (!text) text = null_node(p);
    out->statement = select_one(p, text, step_condition(p));
}

// SQLite's SELECT RAISE(ABORT, 'text') [WHERE …] and SELECT RAISE(IGNORE).
static void raise_step(AstStep *s)
{
    AstQuery *q = s->statement->kind == STATEMENT_SELECT ? s->statement->query : NULL;
    if (!q || q->kind != AST_QUERY_SELECT || q->targets.count != 1 || q->from.count) return;
    const AstExpr *e = q->targets.at[0].expr;
    if (e->kind != AST_CALL || !str_equal(ast_path_name(&e->call->name), STR("raise")) ||
        !e->call->args.count)
        return;
    AstExpr *how = e->call->args.at[0];
    if (how->kind != AST_COLUMN || how->path->parts != 1) return;
    if (str_equal(how->path->part[0].text, STR("ignore"))) {
        s->kind = AST_STEP_SKIP;
        q->targets.at[0].expr->kind = AST_NULL;
        return;
    }
    if (e->call->args.count != 2) return;
    s->kind = AST_STEP_SIGNAL;
    s->state = STR("45000");
    q->targets.at[0].expr = e->call->args.at[1];
}

static AstStep step(Parser *p)
{
    AstStep s = {.kind = AST_STEP_STATEMENT};
    if (parse_is(p, KEYWORD_RETURN))
        return_step(p, &s);
    else if (parse_is(p, KEYWORD_SET) && parse_next_is(p, KEYWORD_NEW))
        set_step(p, &s);
    else if (parse_is_word(p, "signal"))
        signal_step(p, &s);
    else if (parse_enter(p)) {
        s.statement = parse_statement(p);
        if (!p->failed) raise_step(&s);
    }
    return s;
}

AstSteps parse_steps(Parser *p, size_t *from, size_t *to)
{
    AstSteps steps;
    size_t mark = parse_mark(p);
    uint32_t depth = p->depth;
    while (p->tok.kind == TOKEN_SEMICOLON) parse_advance(p);
    *from = *to = p->tok.at;
    while (!p->failed && p->tok.kind != TOKEN_END && !parse_is(p, KEYWORD_END)) {
        AstStep s = step(p);
        p->depth = depth;
        if (!p->failed && !s.statement) parse_syntax(p);
        parse_push(p, &s, sizeof s);
        *to = p->end;
        if (p->tok.kind != TOKEN_SEMICOLON) break;
        while (p->tok.kind == TOKEN_SEMICOLON) parse_advance(p);
    }
    PARSE_TAKE(p, mark, &steps);
    return steps;
}

// ---- CREATE ----

static void quoted_body(Parser *p, AstCreateRoutine *c)
{
    if (c->form.len) parse_fail(p, SQLSTATE_SYNTAX, (int64_t)p->tok.at, "conflicting or redundant options");
    c->form = STR("text");
    c->at = (int64_t)p->tok.at;
    c->body = parse_string(p);
    if (parse_accept_op(p, ',')) c->support = parse_string(p); // the symbol of a C function
}

static void standard_body(Parser *p, AstCreateRoutine *c, bool atomic)
{
    size_t from = p->tok.at, to;
    if (c->form.len) parse_fail(p, SQLSTATE_SYNTAX, (int64_t)from, "duplicate function body specified");
    c->form = atomic ? STR("atomic") : STR("return");
    if (atomic) {
        (void)parse_steps(p, &from, &to);
        c->body = p->failed ? STR_NONE : arena_copy(p->mem, str_slice(p->lexer.text, from, to - from));
        parse_expect(p, KEYWORD_END);
    } else {
        parse_advance(p);
        (void)parse_expr(p);
        c->body = parse_words_from(p, from);
    }
    c->at = (int64_t)from;
}

static bool volatility(Parser *p, Str *out)
{
    if (parse_accept(p, KEYWORD_IMMUTABLE))
        *out = STR("immutable");
    else if (parse_accept(p, KEYWORD_STABLE))
        *out = STR("stable");
    else if (parse_accept(p, KEYWORD_VOLATILE))
        *out = STR("volatile");
    else
        return false;
    return true;
}

static bool null_input(Parser *p, bool *strict, bool *given)
{
    if (parse_accept(p, KEYWORD_STRICT)) {
        *strict = *given = true;
        return true;
    }
    bool called = parse_is(p, KEYWORD_CALLED);
    if (!called && !(parse_is(p, KEYWORD_RETURNS) && parse_next_is(p, KEYWORD_NULL))) return false;
    parse_advance(p);
    if (!called) parse_advance(p);
    parse_expect(p, KEYWORD_ON);
    parse_expect(p, KEYWORD_NULL);
    parse_expect(p, KEYWORD_INPUT);
    *strict = !called;
    *given = true;
    return true;
}

// Options that change nothing here.
static bool other_option(Parser *p)
{
    if (parse_accept(p, KEYWORD_NOT)) {
        parse_expect(p, KEYWORD_LEAKPROOF);
    } else if (parse_accept(p, KEYWORD_LEAKPROOF) || parse_accept(p, KEYWORD_WINDOW)) {
        return true;
    } else if (parse_is(p, KEYWORD_EXTERNAL) || parse_is(p, KEYWORD_SECURITY)) {
        (void)parse_accept(p, KEYWORD_EXTERNAL);
        parse_expect(p, KEYWORD_SECURITY);
        if (!parse_accept(p, KEYWORD_INVOKER)) parse_expect(p, KEYWORD_DEFINER);
    } else if (parse_accept(p, KEYWORD_PARALLEL)) {
        (void)parse_name(p, NAME_LABEL);
    } else if (parse_accept(p, KEYWORD_COST) || parse_accept(p, KEYWORD_ROWS)) {
        (void)parse_signed_number(p);
    } else if (parse_accept(p, KEYWORD_SUPPORT)) {
        (void)parse_path(p, NAME_FUNCTION);
    } else if (parse_is(p, KEYWORD_SET) || parse_is(p, KEYWORD_RESET)) {
        parse_advance(p);
        (void)parse_path(p, NAME_LABEL);
        if (parse_accept(p, KEYWORD_FROM)) {
            parse_expect(p, KEYWORD_CURRENT);
            return true;
        }
        if (!parse_accept(p, KEYWORD_TO) && !parse_accept_op(p, '=')) return true;
        do (void)parse_option_value(p);
        while (parse_accept_op(p, ','));
    } else
        return false;
    return true;
}

static void language(Parser *p, AstCreateRoutine *c)
{
    if (c->language.text.at)
        parse_fail(p, SQLSTATE_SYNTAX, (int64_t)p->tok.at, "conflicting or redundant options");
    if (p->tok.kind != TOKEN_STRING) {
        c->language = parse_name(p, NAME_LABEL);
        return;
    }
    c->language.at = (int64_t)p->tok.at;
    c->language.text = parse_string(p);
}

static void routine_options(Parser *p, AstCreateRoutine *c)
{
    while (!parse_ends(p) && !p->failed) {
        if (parse_accept(p, KEYWORD_LANGUAGE))
            language(p, c);
        else if (parse_accept(p, KEYWORD_AS))
            quoted_body(p, c);
        else if (parse_is(p, KEYWORD_RETURN))
            standard_body(p, c, false);
        else if (parse_accept_two(p, KEYWORD_BEGIN, KEYWORD_ATOMIC))
            standard_body(p, c, true);
        else if (!volatility(p, &c->volatility) && !null_input(p, &c->strict, &c->strict_given) &&
                 !other_option(p)) {
            if (c->kind == AST_ROUTINE_FUNCTION && parse_accept(p, KEYWORD_TRANSFORM))
                parse_fail(p, SQLSTATE_UNSUPPORTED, (int64_t)p->tok.at, "TRANSFORM is not supported");
            parse_syntax(p);
        }
    }
}

// RETURNS TABLE (a integer, …): arguments behind the others.
static void table_columns(Parser *p, AstCreateRoutine *c)
{
    size_t mark = parse_mark(p);
    c->returns_table = c->returns_set = true;
    for (uint32_t i = 0; i < c->name.args; i++) parse_push(p, &c->name.arg[i], sizeof *c->name.arg);
    parse_expect_op(p, '(');
    do {
        AstRoutineArg a = {.mode = AST_ARG_TABLE, .name = parse_name(p, NAME_LABEL)};
        a.type = parse_type(p);
        parse_push(p, &a, sizeof a);
    } while (parse_accept_op(p, ','));
    parse_expect_op(p, ')');
    c->name.arg = parse_take(p, mark, sizeof *c->name.arg, &c->name.args);
}

static void returns(Parser *p, AstCreateRoutine *c)
{
    if (parse_accept(p, KEYWORD_TABLE)) {
        table_columns(p, c);
        return;
    }
    c->returns_set = parse_accept(p, KEYWORD_SETOF);
    c->returns = parse_type(p);
}

bool parse_create_routine(Parser *p, Statement *s, bool or_replace)
{
    AstRoutineKind kind;
    if (!parse_is(p, KEYWORD_FUNCTION) && !parse_is(p, KEYWORD_PROCEDURE)) return false;
    if (!parse_routine_kind(p, &kind)) return false;
    AstCreateRoutine *c = PARSE_NEW(p, AstCreateRoutine);
    *c = (AstCreateRoutine){.kind = kind, .or_replace = or_replace, .language.at = -1};
    s->kind = STATEMENT_CREATE_ROUTINE;
    s->create_routine = c;
    c->name.name = parse_path(p, NAME_FUNCTION);
    routine_args(p, &c->name);
    if (kind == AST_ROUTINE_FUNCTION && parse_is(p, KEYWORD_RETURNS) && !parse_next_is(p, KEYWORD_NULL)) {
        parse_advance(p);
        returns(p, c);
    }
    routine_options(p, c);
    return true;
}

// ---- DROP, ALTER, CALL ----

bool parse_drop_routine(Parser *p, Statement *s)
{
    AstRoutineKind kind;
    if (!parse_routine_kind(p, &kind)) return false;
    AstDropRoutine *d = PARSE_NEW(p, AstDropRoutine);
    s->kind = STATEMENT_DROP_ROUTINE;
    s->drop_routine = d;
    d->kind = kind;
    d->if_exists = parse_if_exists(p);
    size_t mark = parse_mark(p);
    do {
        AstRoutineName n = parse_routine_name(p);
        parse_push(p, &n, sizeof n);
    } while (parse_accept_op(p, ','));
    d->name = parse_take(p, mark, sizeof *d->name, &d->names);
    d->cascade = parse_cascade(p);
    return true;
}

bool parse_alter_routine(Parser *p, Statement *s)
{
    AstRoutineKind kind;
    if (!parse_routine_kind(p, &kind)) return false;
    AstAlterRoutine *a = PARSE_NEW(p, AstAlterRoutine);
    *a = (AstAlterRoutine){.kind = kind, .new_name.at = -1, .schema.at = -1, .owner.at = -1};
    s->kind = STATEMENT_ALTER_ROUTINE;
    s->alter_routine = a;
    a->name = parse_routine_name(p);
    if (parse_accept_two(p, KEYWORD_RENAME, KEYWORD_TO))
        a->new_name = parse_name(p, NAME_FUNCTION);
    else if (parse_accept_two(p, KEYWORD_SET, KEYWORD_SCHEMA))
        a->schema = parse_name(p, NAME_COLUMN);
    else if (parse_accept_two(p, KEYWORD_OWNER, KEYWORD_TO))
        a->owner = parse_name(p, NAME_LABEL);
    else {
        if (parse_ends(p)) parse_syntax(p);
        while (!parse_ends(p) && !p->failed && !parse_accept(p, KEYWORD_RESTRICT))
            if (!volatility(p, &a->volatility) && !null_input(p, &a->strict, &a->strict_given) &&
                !other_option(p))
                parse_syntax(p);
    }
    return true;
}

void parse_call_statement(Parser *p, Statement *s)
{
    parse_advance(p);
    s->kind = STATEMENT_CALL;
    int64_t at = (int64_t)p->tok.at;
    AstPath name = parse_path(p, NAME_FUNCTION);
    if (!parse_is_op(p, '(')) parse_syntax(p);
    s->call = parse_call(p, &name, at);
}
