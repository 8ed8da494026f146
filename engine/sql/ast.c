// Ast: names of statements and paths, and the walk over an expression.
#include "engine/sql/ast_routine.h"
#include "engine/sql/ast_role.h"

Str ast_path_name(const AstPath *p) { return p->parts ? p->part[p->parts - 1].text : STR_NONE; }
Str ast_path_qualifier(const AstPath *p) { return p->parts > 1 ? p->part[p->parts - 2].text : STR_NONE; }

static void walk_list(const AstExprs *list, bool (*visit)(const AstExpr *e, void *arg), void *arg)
{
    for (uint32_t i = 0; i < list->count; i++) ast_expr_walk(list->at[i], visit, arg);
}

static void walk_orders(const AstOrders *orders, bool (*visit)(const AstExpr *e, void *arg), void *arg)
{
    for (uint32_t i = 0; i < orders->count; i++) ast_expr_walk(orders->at[i].expr, visit, arg);
}

static void walk_call(const AstCall *c, bool (*visit)(const AstExpr *e, void *arg), void *arg)
{
    walk_list(&c->args, visit, arg);
    walk_orders(&c->order, visit, arg);
    ast_expr_walk(c->filter, visit, arg);
    if (!c->over) return;
    walk_list(&c->over->partition, visit, arg);
    walk_orders(&c->over->order, visit, arg);
    ast_expr_walk(c->over->from.offset, visit, arg);
    ast_expr_walk(c->over->to.offset, visit, arg);
}

void ast_expr_walk(const AstExpr *e, bool (*visit)(const AstExpr *e, void *arg), void *arg)
{
    if (!e || !visit(e, arg)) return;
    ast_expr_walk(e->a, visit, arg);
    ast_expr_walk(e->b, visit, arg);
    ast_expr_walk(e->c, visit, arg);
    walk_list(&e->list, visit, arg);
    if (e->kind == AST_CALL) walk_call(e->call, visit, arg);
}

static const char *const names[STATEMENT_KINDS] = {
    [STATEMENT_SELECT] = "SELECT",
    [STATEMENT_INSERT] = "INSERT",
    [STATEMENT_UPDATE] = "UPDATE",
    [STATEMENT_DELETE] = "DELETE",
    [STATEMENT_TRUNCATE] = "TRUNCATE TABLE",
    [STATEMENT_COPY] = "COPY",
    [STATEMENT_CREATE_DATABASE] = "CREATE DATABASE",
    [STATEMENT_DROP_DATABASE] = "DROP DATABASE",
    [STATEMENT_USE] = "USE",
    [STATEMENT_CREATE_TABLE] = "CREATE TABLE",
    [STATEMENT_CREATE_INDEX] = "CREATE INDEX",
    [STATEMENT_CREATE_VIEW] = "CREATE VIEW",
    [STATEMENT_CREATE_SEQUENCE] = "CREATE SEQUENCE",
    [STATEMENT_CREATE_SCHEMA] = "CREATE SCHEMA",
    [STATEMENT_CREATE_ENUM] = "CREATE TYPE",
    [STATEMENT_CREATE_DOMAIN] = "CREATE DOMAIN",
    [STATEMENT_ALTER_TABLE] = "ALTER TABLE",
    [STATEMENT_COMMENT] = "COMMENT",
    [STATEMENT_SET] = "SET",
    [STATEMENT_SHOW] = "SHOW",
    [STATEMENT_DESCRIBE] = "DESCRIBE",
    [STATEMENT_COUNT_QUERIES] = "COUNT QUERIES",
    [STATEMENT_COUNT_UPDATE] = "COUNT UPDATE",
    [STATEMENT_EXPLAIN] = "EXPLAIN",
    [STATEMENT_PREPARE] = "PREPARE",
    [STATEMENT_EXECUTE] = "EXECUTE",
    [STATEMENT_DEALLOCATE] = "DEALLOCATE",
    [STATEMENT_DECLARE] = "DECLARE CURSOR",
    [STATEMENT_FETCH] = "FETCH",
    [STATEMENT_CLOSE] = "CLOSE CURSOR",
    [STATEMENT_LOCK] = "LOCK TABLE",
    [STATEMENT_CALL] = "CALL",
    [STATEMENT_CREATE_TRIGGER] = "CREATE TRIGGER",
    [STATEMENT_DROP_TRIGGER] = "DROP TRIGGER",
};

static const char *drop_name(AstObject object)
{
    static const char *const drops[] = {
        [AST_OBJECT_TABLE] = "DROP TABLE",
        [AST_OBJECT_INDEX] = "DROP INDEX",
        [AST_OBJECT_VIEW] = "DROP VIEW",
        [AST_OBJECT_MATERIALIZED_VIEW] = "DROP MATERIALIZED VIEW",
        [AST_OBJECT_SEQUENCE] = "DROP SEQUENCE",
        [AST_OBJECT_SCHEMA] = "DROP SCHEMA",
        [AST_OBJECT_DATABASE] = "DROP DATABASE",
        [AST_OBJECT_COLUMN] = "DROP COLUMN",
        [AST_OBJECT_CONSTRAINT] = "DROP CONSTRAINT",
        [AST_OBJECT_TYPE] = "DROP TYPE",
        [AST_OBJECT_DOMAIN] = "DROP DOMAIN",
        [AST_OBJECT_OTHER] = "DROP",
    };
    return drops[object];
}

static const char *transaction_name(const AstTransaction *t)
{
    static const char *const kinds[] = {
        [AST_BEGIN] = "BEGIN",
        [AST_COMMIT] = "COMMIT",
        [AST_ROLLBACK] = "ROLLBACK",
        [AST_SAVEPOINT] = "SAVEPOINT",
        [AST_RELEASE] = "RELEASE",
        [AST_ROLLBACK_TO] = "ROLLBACK TO SAVEPOINT",
        [AST_SET_TRANSACTION] = "SET TRANSACTION",
        [AST_PREPARE_TRANSACTION] = "PREPARE TRANSACTION",
        [AST_COMMIT_PREPARED] = "COMMIT PREPARED",
        [AST_ROLLBACK_PREPARED] = "ROLLBACK PREPARED",
    };
    return kinds[t->kind];
}

static const char *maintain_name(Str verb)
{
    if (str_equal(verb, STR("refresh"))) return "REFRESH MATERIALIZED VIEW";
    if (str_equal(verb, STR("analyze"))) return "ANALYZE";
    if (str_equal(verb, STR("vacuum"))) return "VACUUM";
    return str_equal(verb, STR("reindex")) ? "REINDEX" : "CHECKPOINT";
}

static const char *alter_name(AstObject object)
{
    switch (object) {
    case AST_OBJECT_INDEX: return "ALTER INDEX";
    case AST_OBJECT_VIEW: return "ALTER VIEW";
    case AST_OBJECT_MATERIALIZED_VIEW: return "ALTER MATERIALIZED VIEW";
    case AST_OBJECT_SEQUENCE: return "ALTER SEQUENCE";
    default: return "ALTER TABLE";
    }
}

static const char *routine_name(AstRoutineKind kind, const char *function)
{
    static const char *const other[3][3] = {
        {"CREATE FUNCTION", "CREATE PROCEDURE", "CREATE ROUTINE"},
        {"DROP FUNCTION", "DROP PROCEDURE", "DROP ROUTINE"},
        {"ALTER FUNCTION", "ALTER PROCEDURE", "ALTER ROUTINE"},
    };
    for (size_t i = 0; i < COUNT_OF(other); i++)
        if (str_equal(str_of(other[i][0]), str_of(function))) return other[i][kind];
    return function;
}

static const char *role_statement(const AstRole *r)
{
    static const char *const kinds[] = {
        [AST_ROLE_CREATE] = "CREATE ROLE",      [AST_ROLE_ALTER] = "ALTER ROLE",
        [AST_ROLE_RENAME] = "ALTER ROLE",       [AST_ROLE_DROP] = "DROP ROLE",
        [AST_ROLE_ADD] = "ALTER ROLE",          [AST_ROLE_TAKE] = "ALTER ROLE",
        [AST_ROLE_REASSIGN] = "REASSIGN OWNED", [AST_ROLE_DROP_OWNED] = "DROP OWNED",
    };
    return kinds[r->what];
}

static const char *grant_statement(const AstGrant *g)
{
    if (g->defaults) return "ALTER DEFAULT PRIVILEGES";
    if (g->on == AST_GRANT_ROLE) return g->revoke ? "REVOKE ROLE" : "GRANT ROLE";
    return g->revoke ? "REVOKE" : "GRANT";
}

static const char *policy_statement(const AstPolicy *c)
{
    return c->what == AST_POLICY_CREATE ? "CREATE POLICY"
           : c->what == AST_POLICY_DROP ? "DROP POLICY"
                                        : "ALTER POLICY";
}

const char *ast_statement_name(const Statement *s)
{
    switch (s->kind) {
    case STATEMENT_DROP: return drop_name(s->drop->object);
    case STATEMENT_CREATE_ROUTINE: return routine_name(s->create_routine->kind, "CREATE FUNCTION");
    case STATEMENT_DROP_ROUTINE: return routine_name(s->drop_routine->kind, "DROP FUNCTION");
    case STATEMENT_ALTER_ROUTINE: return routine_name(s->alter_routine->kind, "ALTER FUNCTION");
    case STATEMENT_TRANSACTION: return transaction_name(s->transaction);
    case STATEMENT_MAINTAIN: return maintain_name(s->maintain->verb);
    case STATEMENT_ALTER_TABLE: return alter_name(s->alter->object);
    case STATEMENT_CREATE_TABLE: return s->create_table->query ? "CREATE TABLE AS" : "CREATE TABLE";
    case STATEMENT_CREATE_VIEW:
        return s->create_view->materialized ? "CREATE MATERIALIZED VIEW" : "CREATE VIEW";
    case STATEMENT_CREATE_SEQUENCE: return s->sequence->alter ? "ALTER SEQUENCE" : "CREATE SEQUENCE";
    case STATEMENT_ROLE: return role_statement(s->role);
    case STATEMENT_GRANT: return grant_statement(s->grant);
    case STATEMENT_POLICY: return policy_statement(s->policy);
    case STATEMENT_OUTSIDE: return s->words.at;
    default: return names[s->kind];
    }
}
