// Parse: CREATE of everything but tables, DROP, COMMENT. Objects that the engine does not have are skipped by
// name.
#include "engine/sql/ast_routine.h"
#include "engine/sql/parse_in.h"

AstObject parse_object(Parser *p)
{
    if (parse_accept(p, KEYWORD_TABLE)) return AST_OBJECT_TABLE;
    if (parse_accept(p, KEYWORD_INDEX)) return AST_OBJECT_INDEX;
    if (parse_accept(p, KEYWORD_VIEW)) return AST_OBJECT_VIEW;
    if (parse_accept_two(p, KEYWORD_MATERIALIZED, KEYWORD_VIEW)) return AST_OBJECT_MATERIALIZED_VIEW;
    if (parse_accept(p, KEYWORD_SEQUENCE)) return AST_OBJECT_SEQUENCE;
    if (parse_accept(p, KEYWORD_SCHEMA)) return AST_OBJECT_SCHEMA;
    if (parse_accept(p, KEYWORD_DATABASE)) return AST_OBJECT_DATABASE;
    if (parse_accept(p, KEYWORD_COLUMN)) return AST_OBJECT_COLUMN;
    if (parse_accept(p, KEYWORD_CONSTRAINT)) return AST_OBJECT_CONSTRAINT;
    if (parse_accept(p, KEYWORD_TYPE)) return AST_OBJECT_TYPE;
    if (parse_accept(p, KEYWORD_DOMAIN)) return AST_OBJECT_DOMAIN;
    return AST_OBJECT_OTHER;
}

// ---- CREATE INDEX ----

static AstOrder index_key(Parser *p)
{
    AstOrder o = {.expr = parse_expr(p)};
    if (parse_is_name(p, NAME_COLUMN) && !parse_is(p, KEYWORD_NULLS)) { // an operator class
        AstPath path = parse_path(p, NAME_COLUMN);
        o.using_operator = ast_path_name(&path);
        if (parse_is_op(p, '(')) (void)parse_options_paren(p);
    }
    o.descending = parse_accept(p, KEYWORD_DESC);
    if (!o.descending) (void)parse_accept(p, KEYWORD_ASC);
    if (!parse_accept(p, KEYWORD_NULLS)) return o;
    o.nulls_given = true;
    o.nulls_first = parse_accept(p, KEYWORD_FIRST);
    if (!o.nulls_first) parse_expect(p, KEYWORD_LAST);
    return o;
}

AstOrders parse_index_keys(Parser *p)
{
    AstOrders keys;
    size_t mark = parse_mark(p);
    parse_expect_op(p, '(');
    do {
        AstOrder o = index_key(p);
        parse_push(p, &o, sizeof o);
    } while (parse_accept_op(p, ','));
    parse_expect_op(p, ')');
    PARSE_TAKE(p, mark, &keys);
    return keys;
}

static void create_index(Parser *p, Statement *s)
{
    AstCreateIndex *i = PARSE_NEW(p, AstCreateIndex);
    s->kind = STATEMENT_CREATE_INDEX;
    s->create_index = i;
    i->method.at = i->name.at = -1;
    i->unique = parse_accept(p, KEYWORD_UNIQUE);
    parse_expect(p, KEYWORD_INDEX);
    i->concurrently = parse_accept(p, KEYWORD_CONCURRENTLY);
    i->if_not_exists = parse_if_not_exists(p);
    i->name = parse_optional_name(p, NAME_COLUMN);
    if (i->if_not_exists && !i->name.text.at) parse_syntax(p);
    parse_expect(p, KEYWORD_ON);
    (void)parse_accept(p, KEYWORD_ONLY);
    i->table = parse_path(p, NAME_COLUMN);
    if (parse_accept(p, KEYWORD_USING)) i->method = parse_name(p, NAME_COLUMN);
    i->key = parse_index_keys(p);
    if (parse_accept(p, KEYWORD_INCLUDE)) i->include = parse_name_list(p);
    if (parse_accept(p, KEYWORD_NULLS)) {
        i->nulls_not_distinct = parse_accept(p, KEYWORD_NOT);
        parse_expect(p, KEYWORD_DISTINCT);
    }
    if (parse_accept(p, KEYWORD_WITH)) i->options = parse_options_paren(p);
    if (parse_accept(p, KEYWORD_TABLESPACE)) (void)parse_name(p, NAME_COLUMN);
    i->where = parse_where(p);
}

// ---- CREATE VIEW, SEQUENCE, SCHEMA, TYPE, DOMAIN, DATABASE ----

static void view_tail(Parser *p, AstCreateView *v)
{
    parse_expect(p, KEYWORD_AS);
    v->query = parse_query(p);
    if (!parse_accept(p, KEYWORD_WITH)) return;
    if (v->materialized) {
        v->with_no_data = parse_accept(p, KEYWORD_NO);
        parse_expect(p, KEYWORD_DATA);
        return;
    }
    v->check_option = parse_accept(p, KEYWORD_LOCAL) ? STR("local") : STR("cascaded");
    if (v->check_option.at[0] == 'c') (void)parse_accept(p, KEYWORD_CASCADED);
    parse_expect(p, KEYWORD_CHECK);
    parse_expect(p, KEYWORD_OPTION);
}

static void create_view(Parser *p, Statement *s, bool or_replace, bool temporary)
{
    AstCreateView *v = PARSE_NEW(p, AstCreateView);
    s->kind = STATEMENT_CREATE_VIEW;
    s->create_view = v;
    v->or_replace = or_replace;
    v->temporary = temporary;
    v->recursive = parse_accept(p, KEYWORD_RECURSIVE);
    v->materialized = parse_accept(p, KEYWORD_MATERIALIZED);
    parse_expect(p, KEYWORD_VIEW);
    v->if_not_exists = parse_if_not_exists(p);
    v->name = parse_path(p, NAME_COLUMN);
    v->columns = parse_optional_name_list(p);
    if (parse_accept(p, KEYWORD_USING)) (void)parse_name(p, NAME_COLUMN);
    if (parse_accept(p, KEYWORD_WITH)) v->options = parse_options_paren(p);
    if (parse_accept(p, KEYWORD_TABLESPACE)) (void)parse_name(p, NAME_COLUMN);
    view_tail(p, v);
}

static void create_sequence(Parser *p, Statement *s, bool temporary)
{
    AstSequence *q = PARSE_NEW(p, AstSequence);
    s->kind = STATEMENT_CREATE_SEQUENCE;
    s->sequence = q;
    q->temporary = temporary;
    parse_expect(p, KEYWORD_SEQUENCE);
    q->if_not_exists = parse_if_not_exists(p);
    q->name = parse_path(p, NAME_COLUMN);
    q->options = parse_sequence_options(p);
}

static void create_schema(Parser *p, Statement *s)
{
    AstCreateSchema *c = PARSE_NEW(p, AstCreateSchema);
    s->kind = STATEMENT_CREATE_SCHEMA;
    s->schema = c;
    parse_expect(p, KEYWORD_SCHEMA);
    c->if_not_exists = parse_if_not_exists(p);
    c->owner.at = -1;
    c->name = parse_is(p, KEYWORD_AUTHORIZATION) ? (AstName){.at = -1} : parse_name(p, NAME_COLUMN);
    if (parse_accept(p, KEYWORD_AUTHORIZATION)) c->owner = parse_name(p, NAME_LABEL);
    size_t mark = parse_mark(p);
    while (!p->failed && (parse_is(p, KEYWORD_CREATE) || parse_is(p, KEYWORD_GRANT))) {
        Statement *element = parse_enter(p) ? parse_statement(p) : s;
        parse_leave(p);
        parse_push(p, &element, sizeof element);
    }
    c->element = parse_take(p, mark, sizeof *c->element, &c->elements);
}

static void create_enum(Parser *p, Statement *s, const AstPath *name)
{
    AstCreateEnum *e = PARSE_NEW(p, AstCreateEnum);
    s->kind = STATEMENT_CREATE_ENUM;
    s->create_enum = e;
    e->name = *name;
    parse_advance(p);
    parse_expect_op(p, '(');
    size_t mark = parse_mark(p);
    if (!parse_is_op(p, ')')) do {
            Str label = parse_string(p);
            parse_push(p, &label, sizeof label);
        } while (parse_accept_op(p, ','));
    parse_expect_op(p, ')');
    e->label = parse_take(p, mark, sizeof *e->label, &e->labels);
}

static void create_type(Parser *p, Statement *s)
{
    parse_advance(p);
    AstPath name = parse_path(p, NAME_COLUMN);
    if (parse_is(p, KEYWORD_AS) && parse_next_is(p, KEYWORD_ENUM)) {
        parse_advance(p);
        create_enum(p, s, &name);
    } else
        parse_skip(p, s, STR("CREATE TYPE"));
}

static void create_domain(Parser *p, Statement *s)
{
    AstCreateDomain *d = PARSE_NEW(p, AstCreateDomain);
    s->kind = STATEMENT_CREATE_DOMAIN;
    s->domain = d;
    parse_advance(p);
    d->name = parse_path(p, NAME_COLUMN);
    d->collation.at = -1;
    (void)parse_accept(p, KEYWORD_AS);
    d->type = parse_type(p);
    size_t mark = parse_mark(p);
    for (;;) {
        if (parse_accept(p, KEYWORD_COLLATE)) {
            AstPath path = parse_path(p, NAME_COLUMN);
            d->collation = path.part[path.parts - 1];
            continue;
        }
        AstConstraint *c = p->failed ? NULL : parse_constraint(p, true);
        if (!c) break;
        parse_push(p, c, sizeof *c);
    }
    d->constraint = parse_take(p, mark, sizeof *d->constraint, &d->constraints);
}

// OWNER = x, ENCODING 'UTF8' …: read, without effect here.
static AstOptions database_options(Parser *p)
{
    AstOptions options;
    size_t mark = parse_mark(p);
    (void)parse_accept(p, KEYWORD_WITH);
    while (!parse_ends(p) && !p->failed) {
        AstOption o = {.name = parse_name(p, NAME_LABEL)};
        if (str_equal(o.name.text, STR("connection"))) parse_expect(p, KEYWORD_LIMIT);
        (void)parse_accept_op(p, '=');
        o.value = parse_option_value(p);
        parse_push(p, &o, sizeof o);
    }
    PARSE_TAKE(p, mark, &options);
    return options;
}

static void create_database(Parser *p, Statement *s)
{
    s->kind = STATEMENT_CREATE_DATABASE;
    s->database = PARSE_NEW(p, AstDatabase);
    parse_advance(p);
    s->database->if_exists = parse_if_not_exists(p);
    s->database->name = parse_name(p, NAME_COLUMN);
    s->database->options = database_options(p);
}

// ---- what is known by name only ----

typedef struct Outside {
    Keyword first, second;
    unsigned words;
} Outside;
static const Outside outside[] = {
    {KEYWORD_TRIGGER, 0, 1},
    {KEYWORD_EVENT, KEYWORD_TRIGGER, 2},
    {KEYWORD_ROLE, 0, 1},
    {KEYWORD_USER, KEYWORD_MAPPING, 2},
    {KEYWORD_USER, 0, 1},
    {KEYWORD_GROUP, 0, 1},
    {KEYWORD_EXTENSION, 0, 1},
    {KEYWORD_AGGREGATE, 0, 1},
    {KEYWORD_OPERATOR, KEYWORD_CLASS, 2},
    {KEYWORD_OPERATOR, KEYWORD_FAMILY, 2},
    {KEYWORD_OPERATOR, 0, 1},
    {KEYWORD_CAST, 0, 1},
    {KEYWORD_COLLATION, 0, 1},
    {KEYWORD_CONVERSION, 0, 1},
    {KEYWORD_DEFAULT, KEYWORD_CONVERSION, 2},
    {KEYWORD_LANGUAGE, 0, 1},
    {KEYWORD_TRUSTED, 0, 2},
    {KEYWORD_PROCEDURAL, KEYWORD_LANGUAGE, 2},
    {KEYWORD_TRANSFORM, 0, 1},
    {KEYWORD_RULE, 0, 1},
    {KEYWORD_POLICY, 0, 1},
    {KEYWORD_PUBLICATION, 0, 1},
    {KEYWORD_SUBSCRIPTION, 0, 1},
    {KEYWORD_SERVER, 0, 1},
    {KEYWORD_FOREIGN, KEYWORD_TABLE, 2},
    {KEYWORD_FOREIGN, KEYWORD_DATA, 3},
    {KEYWORD_STATISTICS, 0, 1},
    {KEYWORD_TABLESPACE, 0, 1},
    {KEYWORD_TEXT, KEYWORD_SEARCH, 2},
    {KEYWORD_ACCESS, KEYWORD_METHOD, 2},
    {KEYWORD_LARGE, KEYWORD_OBJECT, 2},
    {KEYWORD_SYSTEM, 0, 1},
};

// Skips a statement whose object, at the current word, the engine does not have. `verb` is CREATE, DROP,
// ALTER or COMMENT ON.
static bool outside_object(Parser *p, Statement *s, const char *verb)
{
    for (size_t i = 0; i < COUNT_OF(outside); i++) {
        const Outside *o = &outside[i];
        if (!parse_is(p, o->first) || (o->second && !parse_next_is(p, o->second))) continue;
        size_t from = p->tok.at;
        parse_advance(p);
        if (parse_ends(p)) parse_syntax(p);
        parse_outside(p, s, from, o->words);
        s->words = arena_printf(p->mem, "%s %.*s", verb, STR_ARG(s->words));
        return true;
    }
    return false;
}

static bool at_temporary(const Parser *p)
{
    return parse_is(p, KEYWORD_TEMP) || parse_is(p, KEYWORD_TEMPORARY) ||
           ((parse_is(p, KEYWORD_LOCAL) || parse_is(p, KEYWORD_GLOBAL)) &&
            (parse_next_is(p, KEYWORD_TEMP) || parse_next_is(p, KEYWORD_TEMPORARY)));
}

static void create_temporary(Parser *p, Statement *s, bool or_replace)
{
    if (parse_next_is(p, KEYWORD_VIEW) || parse_next_is(p, KEYWORD_RECURSIVE)) {
        parse_advance(p);
        create_view(p, s, or_replace, true);
    } else if (parse_next_is(p, KEYWORD_SEQUENCE)) {
        parse_advance(p);
        create_sequence(p, s, true);
    } else
        parse_create_table(p, s);
}

void parse_create(Parser *p, Statement *s)
{
    parse_expect(p, KEYWORD_CREATE);
    if (parse_role(p, s, KEYWORD_CREATE)) return;
    bool or_replace = parse_accept_two(p, KEYWORD_OR, KEYWORD_REPLACE);
    if (parse_create_routine(p, s, or_replace) || parse_create_trigger(p, s, or_replace)) return;
    if (at_temporary(p))
        create_temporary(p, s, or_replace);
    else if (or_replace && !parse_is(p, KEYWORD_VIEW) && !parse_is(p, KEYWORD_RECURSIVE)) {
        if (!outside_object(p, s, "CREATE")) parse_syntax(p);
    } else if (parse_is(p, KEYWORD_TABLE) || parse_is(p, KEYWORD_UNLOGGED))
        parse_create_table(p, s);
    else if (parse_is(p, KEYWORD_INDEX) || parse_is(p, KEYWORD_UNIQUE))
        create_index(p, s);
    else if (parse_is(p, KEYWORD_VIEW) || parse_is(p, KEYWORD_MATERIALIZED) || parse_is(p, KEYWORD_RECURSIVE))
        create_view(p, s, or_replace, false);
    else if (parse_is(p, KEYWORD_SEQUENCE))
        create_sequence(p, s, false);
    else if (parse_is(p, KEYWORD_SCHEMA))
        create_schema(p, s);
    else if (parse_is(p, KEYWORD_DATABASE))
        create_database(p, s);
    else if (parse_is(p, KEYWORD_TYPE))
        create_type(p, s);
    else if (parse_is(p, KEYWORD_DOMAIN))
        create_domain(p, s);
    else if (!outside_object(p, s, "CREATE"))
        parse_syntax(p);
}

// ---- DROP, COMMENT ----

static void drop_database(Parser *p, Statement *s)
{
    s->kind = STATEMENT_DROP_DATABASE;
    s->database = PARSE_NEW(p, AstDatabase);
    s->database->if_exists = parse_if_exists(p);
    s->database->name = parse_name(p, NAME_COLUMN);
    (void)parse_accept(p, KEYWORD_WITH);
    if (parse_is_op(p, '(')) s->database->options = parse_options_paren(p);
}

void parse_drop(Parser *p, Statement *s)
{
    parse_expect(p, KEYWORD_DROP);
    if (parse_drop_routine(p, s) || parse_drop_trigger(p, s)) return;
    if (parse_role(p, s, KEYWORD_DROP)) return;
    if (outside_object(p, s, "DROP")) return;
    AstObject object = parse_object(p);
    if (object == AST_OBJECT_DATABASE) {
        drop_database(p, s);
        return;
    }
    if (object == AST_OBJECT_OTHER || object == AST_OBJECT_COLUMN || object == AST_OBJECT_CONSTRAINT)
        parse_syntax(p);
    AstDrop *d = PARSE_NEW(p, AstDrop);
    s->kind = STATEMENT_DROP;
    s->drop = d;
    d->object = object;
    d->concurrently = object == AST_OBJECT_INDEX && parse_accept(p, KEYWORD_CONCURRENTLY);
    d->if_exists = parse_if_exists(p);
    d->names = parse_path_list(p);
    d->cascade = parse_cascade(p);
}

void parse_comment(Parser *p, Statement *s)
{
    parse_expect(p, KEYWORD_COMMENT);
    parse_expect(p, KEYWORD_ON);
    AstComment *c = PARSE_NEW(p, AstComment);
    if (parse_routine_kind(p, &c->routine_kind)) {
        c->object = AST_OBJECT_ROUTINE;
        c->routine = PARSE_NEW(p, AstRoutineName);
        *c->routine = parse_routine_name(p);
        c->name = c->routine->name;
    } else if (parse_accept(p, KEYWORD_TRIGGER)) {
        c->object = AST_OBJECT_TRIGGER;
    } else if (outside_object(p, s, "COMMENT ON"))
        return;
    else
        c->object = parse_object(p);
    s->kind = STATEMENT_COMMENT;
    s->comment = c;
    if (c->object == AST_OBJECT_OTHER) parse_syntax(p);
    if (!c->routine) c->name = parse_path(p, NAME_COLUMN);
    if (c->object == AST_OBJECT_CONSTRAINT || c->object == AST_OBJECT_TRIGGER) {
        parse_expect(p, KEYWORD_ON);
        (void)parse_accept(p, KEYWORD_DOMAIN);
        c->on = parse_path(p, NAME_COLUMN);
    }
    parse_expect(p, KEYWORD_IS);
    c->null = parse_accept(p, KEYWORD_NULL);
    if (!c->null) c->text = parse_string(p);
}

// ALTER of what the engine does not have, or only by name.
bool parse_alter_outside(Parser *p, Statement *s)
{
    static const struct {
        Keyword word;
        const char *name;
    } skipped[] = {
        {KEYWORD_DATABASE, "ALTER DATABASE"},
        {KEYWORD_TYPE, "ALTER TYPE"},
        {KEYWORD_DOMAIN, "ALTER DOMAIN"},
    };
    if (parse_alter_routine(p, s)) return true;
    for (size_t i = 0; i < COUNT_OF(skipped); i++)
        if (parse_is(p, skipped[i].word)) {
            parse_advance(p);
            if (parse_ends(p)) parse_syntax(p);
            parse_skip(p, s, str_of(skipped[i].name));
            return true;
        }
    return outside_object(p, s, "ALTER");
}
