// Parse: what concerns the session: transactions, settings, SHOW, EXPLAIN, PREPARE, cursors, maintenance, and
// the statements that the assignment names.
#include "engine/sql/parse_in.h"

// ---- transactions ----

static bool transaction_mode(Parser *p, AstTransaction *t)
{
    if (parse_accept_two(p, KEYWORD_ISOLATION, KEYWORD_LEVEL)) {
        if (parse_accept(p, KEYWORD_SERIALIZABLE))
            t->isolation = AST_ISOLATION_SERIALIZABLE;
        else if (parse_accept_two(p, KEYWORD_REPEATABLE, KEYWORD_READ))
            t->isolation = AST_ISOLATION_REPEATABLE_READ;
        else if (parse_accept_two(p, KEYWORD_READ, KEYWORD_COMMITTED))
            t->isolation = AST_ISOLATION_READ_COMMITTED;
        else {
            parse_expect(p, KEYWORD_READ);
            parse_expect(p, KEYWORD_UNCOMMITTED);
            t->isolation = AST_ISOLATION_READ_UNCOMMITTED;
        }
    } else if (parse_accept_two(p, KEYWORD_READ, KEYWORD_ONLY))
        t->access_given = t->read_only = true;
    else if (parse_accept_two(p, KEYWORD_READ, KEYWORD_WRITE))
        t->access_given = true, t->read_only = false;
    else if (parse_accept(p, KEYWORD_DEFERRABLE))
        t->deferrable = true;
    else
        return parse_accept_two(p, KEYWORD_NOT, KEYWORD_DEFERRABLE);
    return true;
}

static void transaction_modes(Parser *p, AstTransaction *t)
{
    bool comma = false;
    while (transaction_mode(p, t)) comma = parse_accept_op(p, ',');
    if (comma) parse_syntax(p);
}

static void work(Parser *p)
{
    if (!parse_accept(p, KEYWORD_WORK)) (void)parse_accept(p, KEYWORD_TRANSACTION);
}

static void chain(Parser *p, AstTransaction *t)
{
    if (!parse_accept(p, KEYWORD_AND)) return;
    t->chain = !parse_accept(p, KEYWORD_NO);
    parse_expect(p, KEYWORD_CHAIN);
}

static AstTransaction *transaction(Parser *p, Statement *s, AstTransactionKind kind)
{
    AstTransaction *t = PARSE_NEW(p, AstTransaction);
    t->kind = kind;
    t->name.at = -1;
    s->kind = STATEMENT_TRANSACTION;
    s->transaction = t;
    return t;
}

static void begin(Parser *p, Statement *s)
{
    AstTransaction *t = transaction(p, s, AST_BEGIN);
    bool start = parse_accept(p, KEYWORD_START);
    if (start)
        parse_expect(p, KEYWORD_TRANSACTION);
    else {
        parse_advance(p);
        work(p);
    }
    transaction_modes(p, t);
}

static void commit(Parser *p, Statement *s)
{
    AstTransaction *t = transaction(p, s, AST_COMMIT);
    bool is_commit = parse_is(p, KEYWORD_COMMIT);
    parse_advance(p);
    if (is_commit && parse_accept(p, KEYWORD_PREPARED)) {
        t->kind = AST_COMMIT_PREPARED;
        t->gid = parse_string(p);
        return;
    }
    work(p);
    chain(p, t);
}

static void rollback(Parser *p, Statement *s)
{
    AstTransaction *t = transaction(p, s, AST_ROLLBACK);
    bool is_rollback = parse_is(p, KEYWORD_ROLLBACK);
    parse_advance(p);
    if (is_rollback && parse_accept(p, KEYWORD_PREPARED)) {
        t->kind = AST_ROLLBACK_PREPARED;
        t->gid = parse_string(p);
        return;
    }
    work(p);
    if (is_rollback && parse_accept(p, KEYWORD_TO)) {
        t->kind = AST_ROLLBACK_TO;
        (void)parse_accept(p, KEYWORD_SAVEPOINT);
        t->name = parse_name(p, NAME_COLUMN);
        return;
    }
    chain(p, t);
}

static void savepoint(Parser *p, Statement *s)
{
    AstTransaction *t = transaction(p, s, AST_SAVEPOINT);
    parse_advance(p);
    t->name = parse_name(p, NAME_COLUMN);
}

static void release(Parser *p, Statement *s)
{
    AstTransaction *t = transaction(p, s, AST_RELEASE);
    parse_advance(p);
    (void)parse_accept(p, KEYWORD_SAVEPOINT);
    t->name = parse_name(p, NAME_COLUMN);
}

// ---- SET, RESET, SHOW ----

// A word becomes a string; ON, TRUE and the like are words here.
static AstExprs setting_values(Parser *p)
{
    AstExprs values;
    size_t mark = parse_mark(p);
    do {
        if (parse_is_op(p, '*') || parse_is_op(p, '(')) parse_syntax(p);
        AstExpr *e = parse_option_value(p);
        parse_push(p, &e, sizeof e);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &values);
    return values;
}

static void one_part(AstSet *set, const char *name, int64_t at)
{
    set->name = (AstPath){.at = at, .parts = 1, .part = {{str_of(name), at}}};
}

static void set_value(Parser *p, AstSet *set)
{
    if (parse_accept(p, KEYWORD_DEFAULT))
        set->reset = true;
    else
        set->value = setting_values(p);
}

static AstExpr *zone_value(Parser *p)
{
    if (!parse_is(p, KEYWORD_INTERVAL)) return parse_option_value(p);
    return parse_primary(p);
}

static void set_zone(Parser *p, AstSet *set)
{
    if (parse_accept(p, KEYWORD_DEFAULT) || parse_accept(p, KEYWORD_LOCAL)) {
        set->reset = true;
        return;
    }
    AstExpr *e = zone_value(p);
    size_t mark = parse_mark(p);
    parse_push(p, &e, sizeof e);
    PARSE_TAKE(p, mark, &set->value);
}

static void set_constraints(Parser *p, AstSet *set)
{
    one_part(set, "constraints", set->name.at);
    if (!parse_accept(p, KEYWORD_ALL)) set->constraints = parse_path_list(p);
    AstExpr *e = parse_node(p, AST_STRING, (int64_t)p->tok.at);
    e->text = parse_is(p, KEYWORD_DEFERRED) ? STR("deferred") : STR("immediate");
    if (!parse_accept(p, KEYWORD_DEFERRED)) parse_expect(p, KEYWORD_IMMEDIATE);
    size_t mark = parse_mark(p);
    parse_push(p, &e, sizeof e);
    PARSE_TAKE(p, mark, &set->value);
}

// The settings with a grammar of their own; false = none of them.
static bool set_special(Parser *p, AstSet *set)
{
    int64_t at = (int64_t)p->tok.at;
    set->name.at = at;
    if (parse_accept_two(p, KEYWORD_TIME, KEYWORD_ZONE)) {
        one_part(set, "timezone", at);
        set_zone(p, set);
    } else if (parse_is(p, KEYWORD_NAMES) && !parse_next_is_op(p, '=') && !parse_next_is(p, KEYWORD_TO)) {
        parse_advance(p);
        one_part(set, "names", at);
        if (parse_ends(p))
            set->reset = true;
        else
            set_value(p, set);
        if (parse_accept(p, KEYWORD_COLLATE)) (void)parse_option_value(p);
    } else if (parse_accept(p, KEYWORD_CONSTRAINTS))
        set_constraints(p, set);
    else if ((parse_is(p, KEYWORD_ROLE) || parse_is(p, KEYWORD_SCHEMA) || parse_is(p, KEYWORD_CATALOG)) &&
             !parse_next_is_op(p, '=') && !parse_next_is(p, KEYWORD_TO)) {
        one_part(set, keyword_text(p->tok.keyword), at);
        parse_advance(p);
        set_value(p, set);
    } else if (parse_accept_two(p, KEYWORD_SESSION, KEYWORD_AUTHORIZATION)) {
        one_part(set, "session authorization", at);
        set_value(p, set);
    } else if (parse_accept_two(p, KEYWORD_XML, KEYWORD_OPTION)) {
        one_part(set, "xmloption", at);
        set_value(p, set);
    } else
        return false;
    return true;
}

static bool set_transaction(Parser *p, Statement *s)
{
    bool session = parse_is(p, KEYWORD_SESSION) && parse_next_is(p, KEYWORD_CHARACTERISTICS);
    if (session) {
        parse_advance(p);
        parse_advance(p);
        parse_expect(p, KEYWORD_AS);
    }
    if (!session && !parse_is(p, KEYWORD_TRANSACTION)) return false;
    parse_expect(p, KEYWORD_TRANSACTION);
    AstTransaction *t = transaction(p, s, AST_SET_TRANSACTION);
    t->session = session;
    if (parse_accept(p, KEYWORD_SNAPSHOT)) {
        int64_t at = (int64_t)p->tok.at;
        (void)parse_string(p);
        parse_fail(p, SQLSTATE_UNSUPPORTED, at, "SET TRANSACTION SNAPSHOT is not supported");
    }
    transaction_modes(p, t);
    return true;
}

static void set(Parser *p, Statement *s)
{
    parse_advance(p);
    if (set_transaction(p, s)) return;
    AstSet *set = PARSE_NEW(p, AstSet);
    set->local = parse_accept(p, KEYWORD_LOCAL);
    if (!set->local && parse_is(p, KEYWORD_SESSION) && !parse_next_is(p, KEYWORD_AUTHORIZATION))
        parse_advance(p);
    if (set_transaction(p, s)) return;
    s->kind = STATEMENT_SET;
    s->set = set;
    if (set_special(p, set)) return;
    set->name = parse_path(p, NAME_COLUMN);
    if (!parse_accept(p, KEYWORD_TO)) parse_expect_op(p, '=');
    set_value(p, set);
}

static AstPath setting_name(Parser *p)
{
    int64_t at = (int64_t)p->tok.at;
    const char *name = NULL;
    if (parse_accept_two(p, KEYWORD_TIME, KEYWORD_ZONE))
        name = "timezone";
    else if (parse_accept_two(p, KEYWORD_SESSION, KEYWORD_AUTHORIZATION))
        name = "session authorization";
    else if (parse_is(p, KEYWORD_TRANSACTION) && parse_next_is(p, KEYWORD_ISOLATION)) {
        parse_advance(p);
        parse_advance(p);
        parse_expect(p, KEYWORD_LEVEL);
        name = "transaction_isolation";
    }
    if (name) return (AstPath){.at = at, .parts = 1, .part = {{str_of(name), at}}};
    return parse_path(p, NAME_COLUMN);
}

static void reset(Parser *p, Statement *s)
{
    AstSet *set = PARSE_NEW(p, AstSet);
    s->kind = STATEMENT_SET;
    s->set = set;
    parse_advance(p);
    set->reset = true;
    if (parse_accept(p, KEYWORD_ALL))
        one_part(set, "all", s->at);
    else
        set->name = setting_name(p);
}

static void show_like(Parser *p, AstShow *show)
{
    if (parse_accept(p, KEYWORD_FROM) || parse_accept(p, KEYWORD_IN)) show->name = parse_path(p, NAME_COLUMN);
    if (parse_accept(p, KEYWORD_LIKE)) show->like = parse_string_node(p);
}

static void show(Parser *p, Statement *s)
{
    AstShow *show = PARSE_NEW(p, AstShow);
    s->kind = STATEMENT_SHOW;
    s->show = show;
    parse_advance(p);
    if (parse_accept(p, KEYWORD_DATABASES)) {
        show->what = AST_SHOW_DATABASES;
        show_like(p, show);
    } else if (parse_accept(p, KEYWORD_TABLES)) {
        show->what = AST_SHOW_TABLES;
        show_like(p, show);
    } else if (parse_accept(p, KEYWORD_COLUMNS)) {
        show->what = AST_SHOW_COLUMNS;
        if (!parse_accept(p, KEYWORD_IN)) parse_expect(p, KEYWORD_FROM);
        show->name = parse_path(p, NAME_COLUMN);
    } else if (parse_accept(p, KEYWORD_INDEXES) || parse_accept(p, KEYWORD_INDEX)) {
        show->what = AST_SHOW_INDEXES;
        if (!parse_accept(p, KEYWORD_IN)) parse_expect(p, KEYWORD_FROM);
        show->name = parse_path(p, NAME_COLUMN);
    } else if (parse_accept_two(p, KEYWORD_CREATE, KEYWORD_TABLE)) {
        show->what = AST_SHOW_CREATE_TABLE;
        show->name = parse_path(p, NAME_COLUMN);
    } else if (parse_accept(p, KEYWORD_ALL))
        show->what = AST_SHOW_ALL;
    else
        show->name = setting_name(p);
}

// ---- of the assignment ----

static void use(Parser *p, Statement *s)
{
    s->kind = STATEMENT_USE;
    s->database = PARSE_NEW(p, AstDatabase);
    parse_advance(p);
    s->database->name = parse_name(p, NAME_COLUMN);
}

static void describe(Parser *p, Statement *s)
{
    s->kind = STATEMENT_DESCRIBE;
    s->describe = PARSE_NEW(p, AstPath);
    parse_advance(p);
    (void)parse_accept(p, KEYWORD_TABLE);
    *s->describe = parse_path(p, NAME_COLUMN);
}

static void count(Parser *p, Statement *s)
{
    parse_advance(p);
    if (parse_accept(p, KEYWORD_QUERIES)) {
        s->kind = STATEMENT_COUNT_QUERIES;
        return;
    }
    if (!parse_accept_word(p, "updates")) parse_expect(p, KEYWORD_UPDATE);
    s->kind = STATEMENT_COUNT_UPDATE;
    s->database = PARSE_NEW(p, AstDatabase);
    s->database->name = parse_optional_name(p, NAME_COLUMN);
}

// ---- EXPLAIN, PREPARE, cursors, maintenance ----

static void explain(Parser *p, Statement *s)
{
    AstExplain *e = PARSE_NEW(p, AstExplain);
    s->kind = STATEMENT_EXPLAIN;
    s->explain = e;
    parse_advance(p);
    if (parse_is_op(p, '(') && !parse_next_is(p, KEYWORD_SELECT) && !parse_next_is(p, KEYWORD_VALUES) &&
        !parse_next_is(p, KEYWORD_WITH) && !parse_next_is_op(p, '(')) {
        e->options = parse_options_paren(p);
        for (uint32_t i = 0; i < e->options.count; i++)
            if (str_equal(e->options.at[i].name.text, STR("analyze"))) e->analyze = true;
    } else {
        e->analyze = parse_accept(p, KEYWORD_ANALYZE) || parse_accept(p, KEYWORD_ANALYSE);
        (void)parse_accept(p, KEYWORD_VERBOSE);
    }
    e->statement = parse_statement(p);
    e->statement->params = p->params;
}

static void prepare(Parser *p, Statement *s)
{
    parse_advance(p);
    if (parse_accept(p, KEYWORD_TRANSACTION)) {
        transaction(p, s, AST_PREPARE_TRANSACTION)->gid = parse_string(p);
        return;
    }
    AstPrepare *r = PARSE_NEW(p, AstPrepare);
    s->kind = STATEMENT_PREPARE;
    s->prepare = r;
    r->name = parse_name(p, NAME_COLUMN);
    if (parse_accept_op(p, '(')) {
        size_t mark = parse_mark(p);
        do {
            AstType *type = parse_type(p);
            parse_push(p, &type, sizeof type);
        } while (parse_accept_op(p, ','));
        parse_expect_op(p, ')');
        r->type = parse_take(p, mark, sizeof *r->type, &r->types);
    }
    parse_expect(p, KEYWORD_AS);
    r->statement = parse_statement(p);
    r->statement->params = p->params;
    if (r->statement->kind > STATEMENT_DELETE) parse_syntax(p);
}

static void execute(Parser *p, Statement *s)
{
    AstExecute *e = PARSE_NEW(p, AstExecute);
    s->kind = STATEMENT_EXECUTE;
    s->execute = e;
    parse_advance(p);
    e->name = parse_name(p, NAME_COLUMN);
    if (parse_is_op(p, '(')) e->args = parse_expr_list_paren(p);
}

static void deallocate(Parser *p, Statement *s)
{
    s->kind = STATEMENT_DEALLOCATE;
    s->deallocate = PARSE_NEW(p, AstDeallocate);
    parse_advance(p);
    (void)parse_accept(p, KEYWORD_PREPARE);
    s->deallocate->name.at = -1;
    if (!parse_accept(p, KEYWORD_ALL)) s->deallocate->name = parse_name(p, NAME_COLUMN);
}

static void declare(Parser *p, Statement *s)
{
    AstCursor *c = PARSE_NEW(p, AstCursor);
    s->kind = STATEMENT_DECLARE;
    s->cursor = c;
    parse_advance(p);
    c->name = parse_name(p, NAME_COLUMN);
    for (;;) {
        if (parse_accept(p, KEYWORD_BINARY))
            c->binary = true;
        else if (parse_accept(p, KEYWORD_SCROLL))
            c->scroll = true;
        else if (!parse_accept(p, KEYWORD_INSENSITIVE) && !parse_accept(p, KEYWORD_ASENSITIVE) &&
                 !parse_accept_two(p, KEYWORD_NO, KEYWORD_SCROLL))
            break;
    }
    parse_expect(p, KEYWORD_CURSOR);
    c->hold = parse_accept_two(p, KEYWORD_WITH, KEYWORD_HOLD);
    if (!c->hold) (void)parse_accept_two(p, KEYWORD_WITHOUT, KEYWORD_HOLD);
    parse_expect(p, KEYWORD_FOR);
    c->query = parse_query(p);
}

static void fetch_direction(Parser *p, AstFetch *f)
{
    static const Keyword words[] = {KEYWORD_NEXT,     KEYWORD_PRIOR,   KEYWORD_FIRST,
                                    KEYWORD_LAST,     KEYWORD_ALL,     KEYWORD_ABSOLUTE,
                                    KEYWORD_RELATIVE, KEYWORD_FORWARD, KEYWORD_BACKWARD};
    f->direction = STR("next");
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (parse_is(p, words[i])) {
            f->direction = str_of(keyword_text(words[i]));
            parse_advance(p);
            break;
        }
    if (parse_accept(p, KEYWORD_ALL)) {
        f->direction = str_equal(f->direction, STR("backward")) ? STR("backward all") : STR("all");
    } else if (p->tok.kind == TOKEN_NUMBER || parse_is_op(p, '-') || parse_is_op(p, '+'))
        f->count = parse_signed_number(p);
    if (!parse_accept(p, KEYWORD_FROM)) (void)parse_accept(p, KEYWORD_IN);
}

static void fetch(Parser *p, Statement *s)
{
    AstFetch *f = PARSE_NEW(p, AstFetch);
    s->kind = STATEMENT_FETCH;
    s->fetch = f;
    f->move = parse_is(p, KEYWORD_MOVE);
    parse_advance(p);
    fetch_direction(p, f);
    f->cursor = parse_name(p, NAME_COLUMN);
}

static void close_cursor(Parser *p, Statement *s)
{
    s->kind = STATEMENT_CLOSE;
    s->close = PARSE_NEW(p, AstClose);
    s->close->cursor.at = -1;
    parse_advance(p);
    if (!parse_accept(p, KEYWORD_ALL)) s->close->cursor = parse_name(p, NAME_COLUMN);
}

static void maintained_tables(Parser *p, AstMaintain *m)
{
    if (!parse_is_name(p, NAME_COLUMN)) return;
    size_t mark = parse_mark(p);
    do {
        (void)parse_accept(p, KEYWORD_ONLY);
        AstPath path = parse_path(p, NAME_COLUMN);
        (void)parse_optional_name_list(p);
        parse_push(p, &path, sizeof path);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &m->tables);
}

static void maintain(Parser *p, Statement *s)
{
    AstMaintain *m = PARSE_NEW(p, AstMaintain);
    s->kind = STATEMENT_MAINTAIN;
    s->maintain = m;
    Keyword k = p->tok.keyword == KEYWORD_ANALYSE ? KEYWORD_ANALYZE : p->tok.keyword;
    m->verb = str_of(keyword_text(k));
    parse_advance(p);
    if (k == KEYWORD_CHECKPOINT) return;
    if (parse_is_op(p, '(')) m->options = parse_options_paren(p);
    if (k == KEYWORD_REINDEX) {
        if (parse_object(p) == AST_OBJECT_OTHER) parse_expect(p, KEYWORD_SYSTEM);
        (void)parse_accept(p, KEYWORD_CONCURRENTLY);
    } else {
        (void)parse_accept(p, KEYWORD_FULL);
        (void)parse_accept(p, KEYWORD_FREEZE);
        (void)parse_accept(p, KEYWORD_VERBOSE);
        if (k == KEYWORD_VACUUM)
            m->analyze = parse_accept(p, KEYWORD_ANALYZE) || parse_accept(p, KEYWORD_ANALYSE);
    }
    maintained_tables(p, m);
}

// REFRESH MATERIALIZED VIEW [CONCURRENTLY] name [WITH [NO] DATA]
static void refresh(Parser *p, Statement *s)
{
    AstMaintain *m = PARSE_NEW(p, AstMaintain);
    s->kind = STATEMENT_MAINTAIN;
    s->maintain = m;
    m->verb = STR("refresh");
    parse_advance(p);
    parse_expect(p, KEYWORD_MATERIALIZED);
    parse_expect(p, KEYWORD_VIEW);
    size_t options = parse_mark(p);
    AstOption o = {.name = {STR("concurrently"), (int64_t)p->tok.at}};
    if (parse_accept(p, KEYWORD_CONCURRENTLY)) parse_push(p, &o, sizeof o);
    AstPath *path = parse_path_node(p, &(AstPath){.at = -1});
    *path = parse_path(p, NAME_COLUMN);
    m->tables = (AstPaths){path, 1};
    if (parse_accept(p, KEYWORD_WITH)) {
        o.name.text = STR("no data");
        if (parse_accept(p, KEYWORD_NO)) parse_push(p, &o, sizeof o);
        parse_expect(p, KEYWORD_DATA);
    }
    PARSE_TAKE(p, options, &m->options);
}

static int lock_mode(Parser *p)
{
    if (parse_accept(p, KEYWORD_ACCESS)) {
        if (parse_accept(p, KEYWORD_SHARE)) return 1;
        parse_expect(p, KEYWORD_EXCLUSIVE);
        return 8;
    }
    if (parse_accept(p, KEYWORD_ROW)) {
        if (parse_accept(p, KEYWORD_SHARE)) return 2;
        parse_expect(p, KEYWORD_EXCLUSIVE);
        return 3;
    }
    if (parse_accept(p, KEYWORD_EXCLUSIVE)) return 7;
    parse_expect(p, KEYWORD_SHARE);
    if (parse_accept_two(p, KEYWORD_UPDATE, KEYWORD_EXCLUSIVE)) return 4;
    return parse_accept_two(p, KEYWORD_ROW, KEYWORD_EXCLUSIVE) ? 6 : 5;
}

static void lock_table(Parser *p, Statement *s)
{
    AstLockTable *l = PARSE_NEW(p, AstLockTable);
    s->kind = STATEMENT_LOCK;
    s->lock = l;
    l->mode = 8;
    parse_advance(p);
    (void)parse_accept(p, KEYWORD_TABLE);
    size_t mark = parse_mark(p);
    do {
        (void)parse_accept(p, KEYWORD_ONLY);
        AstPath path = parse_path(p, NAME_COLUMN);
        (void)parse_accept_op(p, '*');
        parse_push(p, &path, sizeof path);
    } while (parse_accept_op(p, ','));
    PARSE_TAKE(p, mark, &l->tables);
    if (parse_accept(p, KEYWORD_IN)) {
        l->mode = lock_mode(p);
        parse_expect(p, KEYWORD_MODE);
    }
    l->nowait = parse_accept(p, KEYWORD_NOWAIT);
}

static void discard(Parser *p, Statement *s)
{
    size_t from = p->tok.at;
    parse_advance(p);
    bool known = parse_is(p, KEYWORD_ALL) || parse_is(p, KEYWORD_PLANS) || parse_is(p, KEYWORD_SEQUENCES) ||
                 parse_is(p, KEYWORD_TEMP) || parse_is(p, KEYWORD_TEMPORARY);
    if (!known) parse_syntax(p);
    parse_outside(p, s, from, 2);
}

typedef struct SessionRule {
    Keyword word;
    void (*rule)(Parser *p, Statement *s);
} SessionRule;

static const SessionRule rules[] = {
    {KEYWORD_BEGIN, begin},         {KEYWORD_START, begin},       {KEYWORD_COMMIT, commit},
    {KEYWORD_END, commit},          {KEYWORD_ROLLBACK, rollback}, {KEYWORD_ABORT, rollback},
    {KEYWORD_SAVEPOINT, savepoint}, {KEYWORD_RELEASE, release},   {KEYWORD_SET, set},
    {KEYWORD_RESET, reset},         {KEYWORD_SHOW, show},         {KEYWORD_USE, use},
    {KEYWORD_DESCRIBE, describe},   {KEYWORD_DESC, describe},     {KEYWORD_EXPLAIN, explain},
    {KEYWORD_PREPARE, prepare},     {KEYWORD_EXECUTE, execute},   {KEYWORD_DEALLOCATE, deallocate},
    {KEYWORD_DECLARE, declare},     {KEYWORD_FETCH, fetch},       {KEYWORD_MOVE, fetch},
    {KEYWORD_CLOSE, close_cursor},  {KEYWORD_ANALYZE, maintain},  {KEYWORD_ANALYSE, maintain},
    {KEYWORD_VACUUM, maintain},     {KEYWORD_REINDEX, maintain},  {KEYWORD_CHECKPOINT, maintain},
    {KEYWORD_DISCARD, discard},     {KEYWORD_LOCK, lock_table},   {KEYWORD_REFRESH, refresh},
};

bool parse_session(Parser *p, Statement *s)
{
    if (parse_is_word(p, "count") && (parse_next_is(p, KEYWORD_QUERIES) || p->next.kind == TOKEN_WORD)) {
        count(p, s);
        return true;
    }
    if (p->tok.kind != TOKEN_WORD) return false;
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (p->tok.keyword == rules[i].word) {
            rules[i].rule(p, s);
            return true;
        }
    return false;
}
