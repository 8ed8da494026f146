// Parse: roles, GRANT and REVOKE, row policies.
#include "engine/sql/ast_role.h"
#include "engine/sql/parse_in.h"

// A role: any word, CURRENT_USER and the like among them.
static AstName role_name(Parser *p)
{
    (void)(parse_is(p, KEYWORD_GROUP) && p->next.kind == TOKEN_WORD && parse_accept(p, KEYWORD_GROUP));
    return parse_name(p, NAME_LABEL);
}

static AstNames role_names(Parser *p)
{
    AstNames names;
    size_t mark = parse_mark(p);
    do {
        AstName name = role_name(p);
        parse_push(p, &name, sizeof name);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &names);
    return names;
}

// ---- CREATE, ALTER, DROP ROLE ----

static AstExpr *names_row(Parser *p)
{
    AstExpr *row = parse_node(p, AST_ROW, (int64_t)p->tok.at);
    AstNames names = role_names(p);
    size_t mark = parse_mark(p);
    for (uint32_t i = 0; i < names.count; i++) {
        AstExpr *e = parse_node(p, AST_STRING, names.at[i].at);
        e->text = names.at[i].text;
        parse_push(p, &e, sizeof e);
    }
    PARSE_TAKE(p, mark, &row->list);
    return row;
}

static bool members_option(Parser *p, AstOption *o)
{
    if (parse_accept(p, KEYWORD_IN)) {
        if (!parse_accept(p, KEYWORD_GROUP)) parse_expect(p, KEYWORD_ROLE);
        o->name.text = STR("in role");
    } else if (parse_accept(p, KEYWORD_ROLE) || parse_accept(p, KEYWORD_USER))
        o->name.text = STR("role");
    else if (parse_accept(p, KEYWORD_ADMIN))
        o->name.text = STR("admin");
    else
        return false;
    o->value = names_row(p);
    return true;
}

static AstOption role_option(Parser *p)
{
    AstOption o = {.name = {.at = (int64_t)p->tok.at}};
    if (members_option(p, &o)) return o;
    (void)parse_accept(p, KEYWORD_ENCRYPTED);
    o.name = parse_name(p, NAME_LABEL);
    bool connection = str_equal(o.name.text, STR("connection")), valid = str_equal(o.name.text, STR("valid"));
    if (connection) {
        parse_expect(p, KEYWORD_LIMIT);
        o.value = parse_signed_number(p);
    } else if (valid) {
        parse_expect(p, KEYWORD_UNTIL);
        o.value = parse_string_node(p);
    } else if (str_equal(o.name.text, STR("password")) || str_equal(o.name.text, STR("question")) ||
               str_equal(o.name.text, STR("answer"))) {
        if (parse_accept(p, KEYWORD_NULL))
            o.value = parse_node(p, AST_NULL, o.name.at);
        else
            o.value = parse_string_node(p);
    } else if (str_equal(o.name.text, STR("sysid")))
        o.value = parse_signed_number(p);
    return o;
}

static void role_options(Parser *p, AstRole *r)
{
    size_t mark = parse_mark(p);
    while (!p->failed && !parse_ends(p)) {
        AstOption o = role_option(p);
        parse_push(p, &o, sizeof o);
    }
    PARSE_TAKE(p, mark, &r->options);
}

static void alter_role(Parser *p, AstRole *r, bool group)
{
    if (parse_accept(p, KEYWORD_RENAME)) {
        r->what = AST_ROLE_RENAME;
        parse_expect(p, KEYWORD_TO);
        r->new_name = parse_name(p, NAME_LABEL);
        return;
    }
    if (group) {
        r->what = parse_accept(p, KEYWORD_ADD) ? AST_ROLE_ADD : AST_ROLE_TAKE;
        if (r->what == AST_ROLE_TAKE) parse_expect(p, KEYWORD_DROP);
        AstOption o = {.name = {STR("role"), (int64_t)p->tok.at}};
        parse_expect(p, KEYWORD_USER);
        o.value = names_row(p);
        size_t mark = parse_mark(p);
        parse_push(p, &o, sizeof o);
        PARSE_TAKE(p, mark, &r->options);
        return;
    }
    if (parse_is(p, KEYWORD_SET) || parse_is(p, KEYWORD_RESET) || parse_is(p, KEYWORD_IN)) {
        parse_fail(p, SQLSTATE_UNSUPPORTED, (int64_t)p->tok.at, "settings of a role are not supported");
        return;
    }
    (void)parse_accept(p, KEYWORD_WITH);
    role_options(p, r);
    if (!r->options.count) parse_syntax(p);
}

static void role(Parser *p, Statement *s, Keyword verb)
{
    AstRole *r = PARSE_NEW(p, AstRole);
    s->kind = STATEMENT_ROLE;
    s->role = r;
    bool group = parse_is(p, KEYWORD_GROUP);
    r->login = parse_is(p, KEYWORD_USER);
    parse_advance(p);
    r->if_exists = verb == KEYWORD_DROP && parse_if_exists(p);
    r->what = verb == KEYWORD_DROP     ? AST_ROLE_DROP
              : verb == KEYWORD_CREATE ? AST_ROLE_CREATE
                                       : AST_ROLE_ALTER;
    if (verb == KEYWORD_DROP) {
        r->names = role_names(p);
        return;
    }
    size_t mark = parse_mark(p);
    AstName name = parse_name(p, NAME_LABEL);
    parse_push(p, &name, sizeof name);
    PARSE_TAKE(p, mark, &r->names);
    if (verb == KEYWORD_ALTER) {
        alter_role(p, r, group);
        return;
    }
    (void)parse_accept(p, KEYWORD_WITH);
    role_options(p, r);
}

static void owned(Parser *p, Statement *s, AstRoleDo what)
{
    AstRole *r = PARSE_NEW(p, AstRole);
    s->kind = STATEMENT_ROLE;
    s->role = r;
    r->what = what;
    parse_advance(p);
    if (what == AST_ROLE_REASSIGN) parse_expect(p, KEYWORD_OWNED);
    parse_expect(p, KEYWORD_BY);
    r->names = role_names(p);
    if (what == AST_ROLE_REASSIGN) {
        parse_expect(p, KEYWORD_TO);
        r->new_name = role_name(p);
    } else
        r->cascade = parse_cascade(p);
}

// ---- policies ----

static void policy_body(Parser *p, AstPolicy *c)
{
    if (parse_accept(p, KEYWORD_TO)) c->to = role_names(p);
    if (parse_accept(p, KEYWORD_USING)) {
        parse_expect_op(p, '(');
        c->expr = parse_expr(p);
        parse_expect_op(p, ')');
    }
    if (parse_accept(p, KEYWORD_WITH)) {
        parse_expect(p, KEYWORD_CHECK);
        parse_expect_op(p, '(');
        c->check = parse_expr(p);
        parse_expect_op(p, ')');
    }
}

static void policy_kind(Parser *p, AstPolicy *c)
{
    c->command = STR("all");
    if (parse_accept(p, KEYWORD_AS)) {
        c->restrictive = parse_accept_word(p, "restrictive");
        if (!c->restrictive && !parse_accept_word(p, "permissive")) parse_syntax(p);
    }
    if (!parse_accept(p, KEYWORD_FOR)) return;
    static const Keyword commands[] = {KEYWORD_ALL, KEYWORD_SELECT, KEYWORD_INSERT, KEYWORD_UPDATE,
                                       KEYWORD_DELETE};
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (parse_accept(p, commands[i])) {
            c->command = str_of(keyword_text(commands[i]));
            return;
        }
    parse_syntax(p);
}

static void policy(Parser *p, Statement *s, Keyword verb)
{
    AstPolicy *c = PARSE_NEW(p, AstPolicy);
    s->kind = STATEMENT_POLICY;
    s->policy = c;
    parse_advance(p);
    c->if_exists = verb == KEYWORD_DROP && parse_if_exists(p);
    c->name = parse_name(p, NAME_COLUMN);
    parse_expect(p, KEYWORD_ON);
    c->table = parse_path(p, NAME_COLUMN);
    c->what = verb == KEYWORD_CREATE ? AST_POLICY_CREATE : AST_POLICY_DROP;
    if (verb == KEYWORD_CREATE) policy_kind(p, c);
    if (verb == KEYWORD_DROP) (void)parse_cascade(p);
    if (verb == KEYWORD_ALTER) {
        c->what = AST_POLICY_ALTER;
        if (parse_accept(p, KEYWORD_RENAME)) {
            c->what = AST_POLICY_RENAME;
            parse_expect(p, KEYWORD_TO);
            c->new_name = parse_name(p, NAME_COLUMN);
        }
    }
    if (c->what == AST_POLICY_CREATE || c->what == AST_POLICY_ALTER) policy_body(p, c);
}

bool parse_role(Parser *p, Statement *s, Keyword verb)
{
    bool mapping = parse_is(p, KEYWORD_USER) && parse_next_is(p, KEYWORD_MAPPING);
    if (!mapping && (parse_is(p, KEYWORD_ROLE) || parse_is(p, KEYWORD_USER) || parse_is(p, KEYWORD_GROUP)))
        role(p, s, verb);
    else if (parse_is(p, KEYWORD_POLICY))
        policy(p, s, verb);
    else if (verb == KEYWORD_DROP && parse_is(p, KEYWORD_OWNED))
        owned(p, s, AST_ROLE_DROP_OWNED);
    else
        return false;
    return true;
}

// ---- GRANT, REVOKE ----

static AstPrivilege privilege(Parser *p)
{
    AstPrivilege v = {.name = parse_name(p, NAME_LABEL)};
    if (str_equal(v.name.text, STR("all"))) (void)parse_accept(p, KEYWORD_PRIVILEGES);
    v.columns = parse_optional_name_list(p);
    return v;
}

// TABLE t, SEQUENCE s, ALL TABLES IN SCHEMA s …
static bool all_in(Parser *p, AstGrant *g)
{
    if (!parse_accept(p, KEYWORD_ALL)) return false;
    g->all_in = true;
    if (parse_accept(p, KEYWORD_TABLES))
        g->on = AST_GRANT_TABLE;
    else if (parse_accept(p, KEYWORD_SEQUENCES))
        g->on = AST_GRANT_SEQUENCE;
    else {
        parse_advance(p);
        g->on = AST_GRANT_FUNCTION;
    }
    parse_expect(p, KEYWORD_IN);
    parse_expect(p, KEYWORD_SCHEMA);
    g->names = parse_path_list(p);
    return true;
}

static void other_things(Parser *p, AstGrant *g)
{
    static const struct {
        Keyword word;
        AstGrantOn on;
    } kinds[] = {
        {KEYWORD_SEQUENCE, AST_GRANT_SEQUENCE}, {KEYWORD_SCHEMA, AST_GRANT_SCHEMA},
        {KEYWORD_DATABASE, AST_GRANT_DATABASE}, {KEYWORD_TYPE, AST_GRANT_TYPE},
        {KEYWORD_DOMAIN, AST_GRANT_TYPE},       {KEYWORD_LANGUAGE, AST_GRANT_OTHER},
        {KEYWORD_TABLESPACE, AST_GRANT_OTHER},  {KEYWORD_FOREIGN, AST_GRANT_OTHER},
        {KEYWORD_LARGE, AST_GRANT_OTHER},       {KEYWORD_TABLE, AST_GRANT_TABLE},
    };
    g->on = AST_GRANT_TABLE;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!parse_is(p, kinds[i].word) || p->next.kind == TOKEN_OPERATOR) continue;
        g->on = kinds[i].on;
        g->words = str_of(keyword_text(kinds[i].word));
        parse_advance(p);
        break;
    }
    if (g->on == AST_GRANT_OTHER) {
        while (!p->failed && !parse_ends(p) && !parse_is(p, KEYWORD_TO) && !parse_is(p, KEYWORD_FROM))
            parse_advance(p);
        return;
    }
    g->names = parse_path_list(p);
}

static void functions(Parser *p, AstGrant *g)
{
    g->on = AST_GRANT_FUNCTION;
    parse_advance(p);
    while (!p->failed && !parse_ends(p) && !parse_is(p, KEYWORD_TO) && !parse_is(p, KEYWORD_FROM))
        parse_advance(p);
}

static void things(Parser *p, AstGrant *g)
{
    if (all_in(p, g)) return;
    if (parse_is(p, KEYWORD_FUNCTION) || parse_is(p, KEYWORD_PROCEDURE) || parse_is(p, KEYWORD_ROUTINE))
        functions(p, g);
    else
        other_things(p, g);
}

static void privileges(Parser *p, AstGrant *g)
{
    size_t mark = parse_mark(p);
    do {
        AstPrivilege v = privilege(p);
        parse_push(p, &v, sizeof v);
    } while (parse_accept_op(p, ','));
    g->privilege = parse_take(p, mark, sizeof *g->privilege, &g->privileges);
}

static void option_for(Parser *p, AstGrant *g)
{
    if (!g->revoke || (!parse_is(p, KEYWORD_GRANT) && !parse_is(p, KEYWORD_ADMIN)) ||
        !parse_next_is(p, KEYWORD_OPTION))
        return;
    parse_advance(p);
    parse_advance(p);
    parse_expect(p, KEYWORD_FOR);
    g->option_only = true;
}

static void grant_tail(Parser *p, AstGrant *g)
{
    parse_expect(p, g->revoke ? KEYWORD_FROM : KEYWORD_TO);
    g->to = role_names(p);
    if (!g->revoke && parse_accept(p, KEYWORD_WITH)) {
        if (!parse_accept(p, KEYWORD_GRANT)) parse_expect(p, KEYWORD_ADMIN);
        parse_expect(p, KEYWORD_OPTION);
        g->with_option = true;
    }
    if (parse_accept(p, KEYWORD_GRANTED)) {
        parse_expect(p, KEYWORD_BY);
        g->granted_by = role_name(p);
    }
    if (g->revoke) g->cascade = parse_cascade(p);
}

static AstGrant *grant_new(Parser *p, Statement *s)
{
    AstGrant *g = PARSE_NEW(p, AstGrant);
    s->kind = STATEMENT_GRANT;
    s->grant = g;
    g->granted_by.at = -1;
    return g;
}

bool parse_grant(Parser *p, Statement *s)
{
    if (parse_is(p, KEYWORD_REASSIGN)) {
        owned(p, s, AST_ROLE_REASSIGN);
        return true;
    }
    if (!parse_is(p, KEYWORD_GRANT) && !parse_is(p, KEYWORD_REVOKE)) return false;
    AstGrant *g = grant_new(p, s);
    g->revoke = parse_is(p, KEYWORD_REVOKE);
    parse_advance(p);
    option_for(p, g);
    privileges(p, g);
    g->on = AST_GRANT_ROLE;
    if (parse_accept(p, KEYWORD_ON)) things(p, g);
    grant_tail(p, g);
    return true;
}

bool parse_default_privileges(Parser *p, Statement *s)
{
    if (!parse_accept_two(p, KEYWORD_DEFAULT, KEYWORD_PRIVILEGES)) return false;
    AstGrant *g = grant_new(p, s);
    g->defaults = true;
    for (;;) {
        if (parse_accept(p, KEYWORD_FOR)) {
            if (!parse_accept(p, KEYWORD_ROLE)) parse_expect(p, KEYWORD_USER);
            g->for_roles = role_names(p);
        } else if (parse_accept(p, KEYWORD_IN)) {
            parse_expect(p, KEYWORD_SCHEMA);
            g->in_schemas = parse_bare_name_list(p);
        } else
            break;
    }
    g->revoke = parse_is(p, KEYWORD_REVOKE);
    if (!g->revoke && !parse_is(p, KEYWORD_GRANT)) parse_syntax(p);
    parse_advance(p);
    option_for(p, g);
    privileges(p, g);
    parse_expect(p, KEYWORD_ON);
    if (parse_accept(p, KEYWORD_TABLES))
        g->on = AST_GRANT_TABLE;
    else if (parse_accept(p, KEYWORD_SEQUENCES))
        g->on = AST_GRANT_SEQUENCE;
    else if (parse_accept(p, KEYWORD_SCHEMAS))
        g->on = AST_GRANT_SCHEMA;
    else if (parse_accept(p, KEYWORD_TYPES))
        g->on = AST_GRANT_TYPE;
    else {
        g->on = AST_GRANT_FUNCTION;
        parse_advance(p);
    }
    grant_tail(p, g);
    return true;
}
