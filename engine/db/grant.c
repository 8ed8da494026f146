// Grant: GRANT and REVOKE on things, ALTER DEFAULT PRIVILEGES. The entries of a thing are read, changed in
// memory, and written back as a whole; what somebody had passed on goes with the right to pass on.
#include "engine/db/access.h"

#include "engine/db/ddl.h"
#include "engine/sql/ast_role.h"

enum { GRANT_ENTRIES_MAX = 5000 };

typedef struct List {
    AccessEntry *at;
    uint32_t count, cap;
} List;

typedef struct Granting {
    Run *run;
    const AstGrant *ast;
    AccessThing thing;
    const TableDef *table;
    List list;
    Str grantor;
    unsigned missing; // asked for, and the grantor may not pass them on
    bool dependent;   // a right that was passed on stands in the way
} Granting;

static AccessEntry *grant_entry(Granting *g, Str grantee, Str grantor, unsigned column)
{
    List *l = &g->list;
    for (uint32_t i = 0; i < l->count; i++)
        if (str_equal(l->at[i].grantee, grantee) && str_equal(l->at[i].grantor, grantor) &&
            l->at[i].column == column)
            return &l->at[i];
    if (l->count == l->cap) {
        AccessEntry *grown = arena_array(g->run->mem, AccessEntry, l->cap * 2 + 16);
        for (uint32_t i = 0; i < l->count; i++) grown[i] = l->at[i];
        l->at = grown;
        l->cap = l->cap * 2 + 16;
    }
    l->at[l->count] = (AccessEntry){.grantee = grantee, .grantor = grantor, .column = column};
    return &l->at[l->count++];
}

static void take_rights(Granting *g, Str grantee, Str grantor, unsigned column, unsigned rights,
                        bool option_only);

// Whether the role may still pass them on by another's grant.
static unsigned still_options(const Granting *g, Str role, unsigned column)
{
    unsigned option = str_equal(role, g->thing.owner) ? access_all(g->thing.kind) : 0;
    for (uint32_t i = 0; i < g->list.count; i++) {
        const AccessEntry *e = &g->list.at[i];
        if (str_equal(e->grantee, role) && (!e->column || e->column == column)) option |= e->option;
    }
    return option;
}

static void take_passed_on(Granting *g, Str role, unsigned column, unsigned rights)
{
    unsigned lost = rights & ~still_options(g, role, column);
    for (uint32_t i = 0; lost && i < g->list.count; i++) {
        AccessEntry e = g->list.at[i];
        if (!str_equal(e.grantor, role) || e.column != column || !(e.rights & lost) ||
            str_equal(e.grantee, role))
            continue;
        if (!g->ast->cascade) {
            g->dependent = true;
            return;
        }
        take_rights(g, e.grantee, role, column, e.rights & lost, false);
    }
}

static void take_rights(Granting *g, Str grantee, Str grantor, unsigned column, unsigned rights,
                        bool option_only)
{
    AccessEntry *e = grant_entry(g, grantee, grantor, column);
    unsigned option = e->option & rights;
    e->option &= ~rights;
    if (!option_only) e->rights &= ~rights;
    if (option) take_passed_on(g, grantee, column, option);
}

// ---- which rights ----

static unsigned right_of(Str name)
{
    static const char *const names[RIGHT_KINDS] = {"insert",   "select",     "update",    "delete",
                                                   "truncate", "references", "trigger",   "execute",
                                                   "usage",    "create",     "temporary", "connect"};
    for (unsigned i = 0; i < RIGHT_KINDS; i++)
        if (str_equal(name, str_of(names[i]))) return 1u << i;
    return str_equal(name, STR("temp")) ? RIGHT_TEMPORARY : 0;
}

static bool invalid(const AstPrivilege *v, AccessKind kind, Err *err)
{
    static const char *const words[ACCESS_KINDS] = {"table",    "table", "sequence", "schema",
                                                    "database", "type",  "function"};
    char name[64];
    size_t n = 0;
    for (; n < v->name.text.len && n < sizeof name - 1; n++) {
        char c = v->name.text.at[n];
        name[n] = c >= 'a' && c <= 'z' ? (char)(c & ~32) : c;
    }
    name[n] = 0;
    return err_set_at(err, "0LP01", v->name.at, "invalid privilege type %s for %s", name, words[kind]);
}

static bool privilege_rights(const AstPrivilege *v, AccessKind kind, unsigned *out, Err *err)
{
    unsigned allowed = access_all(kind);
    if (v->columns.count) allowed = RIGHT_SELECT | RIGHT_INSERT | RIGHT_UPDATE | RIGHT_REFERENCES;
    *out = str_equal(v->name.text, STR("all")) ? allowed : right_of(v->name.text);
    if (!*out)
        return err_set_at(err, SQLSTATE_SYNTAX, v->name.at, "unrecognized privilege type \"%.*s\"",
                          STR_ARG(v->name.text));
    if (v->columns.count && !(*out & allowed))
        return err_set_at(err, "0LP01", v->name.at, "invalid privilege type %.*s for column",
                          STR_ARG(v->name.text));
    return !(*out & ~allowed) || invalid(v, kind, err);
}

static bool column_number(const Granting *g, const AstName *name, unsigned *out, Err *err)
{
    const ObjectDef *o = g->thing.object;
    int at = g->table ? schema_column(g->table, name->text) : -1;
    if (g->table && at >= 0) {
        *out = access_column(g->table, (uint32_t)at);
        return true;
    }
    unsigned place = 0;
    for (uint32_t i = 0; o && i < o->field_count; i++) {
        if (!str_starts(o->field[i].name, STR("column "))) continue;
        place++;
        if (!str_equal(o->field[i].value, name->text)) continue;
        *out = place;
        return true;
    }
    return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, name->at,
                      "column \"%.*s\" of relation \"%.*s\" does not exist", STR_ARG(name->text),
                      STR_ARG(g->thing.name));
}

// ---- one thing ----

// The owner's rights are granted as the owner, by whoever has them.
static void choose_grantor(Granting *g)
{
    Session *s = g->run->session;
    g->grantor = role_current_key(s);
    if (access_owns(s, &g->thing)) {
        g->grantor = g->thing.owner;
        return;
    }
    unsigned best = 0;
    const RoleSet *set = role_current(s);
    for (uint32_t i = 0; i < set->count; i++) { // the first of its roles that may pass on most
        unsigned option = 0;
        for (uint32_t k = 0; k < g->list.count; k++)
            if (str_equal(g->list.at[k].grantee, set->member[i])) option |= g->list.at[k].option;
        unsigned more = (unsigned)__builtin_popcount(option);
        if (more <= best) continue;
        best = more;
        g->grantor = set->member[i];
    }
}

static bool apply_one(Granting *g, unsigned rights, unsigned column, Err *err)
{
    const AstGrant *a = g->ast;
    Session *s = g->run->session;
    unsigned may = access_options(&g->thing, role_current(s), column);
    g->missing |= rights & ~may;
    rights &= may;
    for (uint32_t i = 0; i < a->to.count; i++) {
        Str key;
        if (!role_key(s, &a->to.at[i], true, g->run->mem, &key, err)) return false;
        if (str_equal(key, ROLE_PUBLIC) && a->with_option && !a->revoke)
            return err_set_at(err, "0LP01", a->to.at[i].at, "grant options can only be granted to roles");
        if (a->revoke) {
            take_rights(g, key, g->grantor, column, rights, a->option_only);
            // what the whole thing had goes from its columns, too
            for (uint32_t k = 0; !column && k < g->list.count; k++)
                if (g->list.at[k].column && str_equal(g->list.at[k].grantee, key) &&
                    str_equal(g->list.at[k].grantor, g->grantor))
                    take_rights(g, key, g->grantor, g->list.at[k].column, rights, a->option_only);
            continue;
        }
        AccessEntry *e = grant_entry(g, key, g->grantor, column);
        e->rights |= rights;
        if (a->with_option) e->option |= rights;
    }
    return true;
}

static bool apply_privilege(Granting *g, const AstPrivilege *v, Err *err)
{
    unsigned rights, column = 0;
    if (!privilege_rights(v, g->thing.kind, &rights, err)) return false;
    if (!v->columns.count) return apply_one(g, rights, 0, err);
    for (uint32_t i = 0; i < v->columns.count; i++)
        if (!column_number(g, &v->columns.at[i], &column, err) || !apply_one(g, rights, column, err))
            return false;
    return true;
}

static bool none_may(Granting *g, unsigned asked, Err *err)
{
    const AstGrant *a = g->ast;
    if (g->missing && g->missing == asked) {
        unsigned has = access_rights(&g->thing, role_current(g->run->session), 0);
        if (!has)
            return err_set(err, "42501", "permission denied for %s %.*s", access_kind_name(&g->thing),
                           STR_ARG(g->thing.name));
        statement_notice(g->run,
                         a->revoke ? "no privileges could be revoked for \"%.*s\""
                                   : "no privileges were granted for \"%.*s\"",
                         STR_ARG(g->thing.name));
    } else if (g->missing)
        statement_notice(g->run,
                         a->revoke ? "not all privileges could be revoked for \"%.*s\""
                                   : "not all privileges were granted for \"%.*s\"",
                         STR_ARG(g->thing.name));
    return true;
}

static void audit(const Granting *g)
{
    Session *s = g->run->session;
    journal_event(s->engine->journal, g->ast->revoke ? "revoke" : "grant", "user %s, %s %.*s: %.*s", s->user,
                  access_kind_name(&g->thing), STR_ARG(g->thing.name), STR_ARG(g->run->text));
}

static bool grant_thing(Run *run, const AstGrant *a, const AccessThing *t, const TableDef *table, Err *err)
{
    Granting g = {.run = run, .ast = a, .thing = *t, .table = table};
    unsigned asked = 0, rights;
    g.list.count = access_entries(t, run->mem, &g.list.at);
    g.list.cap = g.list.count;
    choose_grantor(&g);
    for (uint32_t i = 0; i < a->privileges; i++) {
        if (!apply_privilege(&g, &a->privilege[i], err)) return false;
        if (privilege_rights(&a->privilege[i], t->kind, &rights, err)) asked |= rights;
    }
    if (!none_may(&g, asked, err)) return false;
    if (g.dependent) {
        err_set(err, "2BP01", "dependent privileges exist");
        return err_hint(err, "Use CASCADE to revoke them too.");
    }
    if (g.list.count > GRANT_ENTRIES_MAX)
        return err_set(err, SQLSTATE_LIMIT, "%.*s has more than %d grants", STR_ARG(t->name),
                       GRANT_ENTRIES_MAX);
    audit(&g);
    return access_write(run, t, t->owner, g.list.at, g.list.count, err);
}

// ---- finding them ----

static bool no_relation(Run *run, const AstPath *path, Err *err)
{
    return err_set_at(err, SQLSTATE_UNDEFINED_TABLE, path->at, "relation \"%.*s\" does not exist",
                      STR_ARG(ddl_path_text(run, path)));
}

static bool on_relation(Run *run, const AstGrant *a, const AstPath *path, Err *err)
{
    SearchFound found;
    AccessThing t;
    if (!ddl_relation(run, path, &found)) return no_relation(run, path, err);
    if (found.table)
        access_of_table(run->session, table_def(found.table), run->mem, &t);
    else
        access_of_object(run->session, found.object, run->mem, &t);
    if (a->on == AST_GRANT_SEQUENCE && t.kind != ACCESS_SEQUENCE)
        return err_set_at(err, "42809", path->at, "\"%.*s\" is not a sequence", STR_ARG(t.name));
    return grant_thing(run, a, &t, found.table ? table_def(found.table) : NULL, err);
}

static bool on_schema(Run *run, const AstGrant *a, const AstPath *path, Err *err)
{
    AccessThing t;
    Str database;
    AstPath none = {.part = {{.at = path->at}}, .parts = 1, .at = path->at};
    if (!ddl_database(run, &none, &database, err)) return false;
    if (!access_of_schema(run->session, database, ast_path_name(path), run->mem, &t))
        return err_set_at(err, "3F000", path->at, "schema \"%.*s\" does not exist",
                          STR_ARG(ast_path_name(path)));
    return grant_thing(run, a, &t, NULL, err);
}

static bool on_database(Run *run, const AstGrant *a, const AstPath *path, Err *err)
{
    AccessThing t;
    Str name = ast_path_name(path);
    if (!store_database_exists(run->session->engine->store, name))
        return err_set_at(err, "3D000", path->at, "database \"%.*s\" does not exist", STR_ARG(name));
    access_of_database(run->session, name, run->mem, &t);
    return grant_thing(run, a, &t, NULL, err);
}

static bool on_type(Run *run, const AstGrant *a, const AstPath *path, Err *err)
{
    AccessThing t;
    SearchPath search;
    session_search(run->session, &search);
    const ObjectDef *o = search_object(&search, OBJECT_ENUM, path, run->mem);
    if (!o)
        return err_set_at(err, "42704", path->at, "type \"%.*s\" does not exist",
                          STR_ARG(ddl_path_text(run, path)));
    access_of_object(run->session, o, run->mem, &t);
    return grant_thing(run, a, &t, NULL, err);
}

static bool all_tables(Run *run, const AstGrant *a, Str database, Str schema, Err *err)
{
    const TableDef **def;
    Transaction *t = run->session->transaction;
    size_t n = transaction_tables(t, database, run->mem, &def);
    for (size_t i = 0; i < n; i++) {
        AccessThing thing;
        if (!str_equal(def[i]->schema, schema)) continue;
        access_of_table(run->session, def[i], run->mem, &thing);
        if (!grant_thing(run, a, &thing, def[i], err)) return false;
    }
    return true;
}

static bool all_objects(Run *run, const AstGrant *a, ObjectKind kind, Str database, Str schema, Err *err)
{
    const ObjectDef **o;
    size_t n = transaction_object_list(run->session->transaction, kind, database, run->mem, &o);
    for (size_t i = 0; i < n; i++) {
        AccessThing thing;
        if (!str_equal(o[i]->schema, schema)) continue;
        access_of_object(run->session, o[i], run->mem, &thing);
        if (!grant_thing(run, a, &thing, NULL, err)) return false;
    }
    return true;
}

static bool all_in_schema(Run *run, const AstGrant *a, const AstPath *path, Err *err)
{
    Str database, schema = ast_path_name(path);
    AccessThing t;
    AstPath none = {.part = {{.at = path->at}}, .parts = 1, .at = path->at};
    if (!ddl_database(run, &none, &database, err)) return false;
    if (!access_of_schema(run->session, database, schema, run->mem, &t))
        return err_set_at(err, "3F000", path->at, "schema \"%.*s\" does not exist", STR_ARG(schema));
    if (a->on == AST_GRANT_SEQUENCE) return all_objects(run, a, OBJECT_SEQUENCE, database, schema, err);
    if (a->on == AST_GRANT_FUNCTION) return all_objects(run, a, OBJECT_FUNCTION, database, schema, err);
    return all_tables(run, a, database, schema, err) &&
           all_objects(run, a, OBJECT_VIEW, database, schema, err);
}

// ---- ALTER DEFAULT PRIVILEGES ----
//
// An access object in the database, without a parent: its name is "default SCHEMA KIND ROLE" with an empty
// schema for all; its entries are what a new thing gets beside its owner's rights.

static Str defaults_name(Arena *mem, Str schema, AccessKind kind, Str role)
{
    return arena_printf(mem, "default %u %.*s %.*s", (unsigned)kind, STR_ARG(role), STR_ARG(schema));
}

static AccessKind default_kind(AstGrantOn on)
{
    return on == AST_GRANT_TABLE      ? ACCESS_TABLE
           : on == AST_GRANT_SEQUENCE ? ACCESS_SEQUENCE
           : on == AST_GRANT_SCHEMA   ? ACCESS_SCHEMA
           : on == AST_GRANT_TYPE     ? ACCESS_TYPE
                                      : ACCESS_FUNCTION;
}

static bool defaults_for(Run *run, const AstGrant *a, Str database, Str schema, Str role, Err *err)
{
    AccessKind kind = default_kind(a->on);
    AccessThing t = {.kind = kind,
                     .database = database,
                     .name = defaults_name(run->mem, schema, kind, role),
                     .owner = role};
    if (t.name.len > SCHEMA_NAME_MAX)
        return err_set(err, SQLSTATE_LIMIT, "the schema's name is too long for default privileges");
    t.record = transaction_object_find(run->session->transaction, OBJECT_ACCESS, database, STR(""), 0, t.name,
                                       run->mem);
    return grant_thing(run, a, &t, NULL, err);
}

static bool defaults_of_role(Run *run, const AstGrant *a, Str role, Err *err)
{
    Str database;
    AstPath none = {.part = {{.at = -1}}, .parts = 1, .at = -1};
    if (!role_is_administrator(run->session) && !role_has(role_current(run->session), role))
        return err_set(err, "42501", "permission denied to change default privileges");
    if (!ddl_database(run, &none, &database, err)) return false;
    if (!a->in_schemas.count) return defaults_for(run, a, database, STR(""), role, err);
    for (uint32_t i = 0; i < a->in_schemas.count; i++) {
        AccessThing t;
        const AstName *name = &a->in_schemas.at[i];
        if (!access_of_schema(run->session, database, name->text, run->mem, &t))
            return err_set_at(err, "3F000", name->at, "schema \"%.*s\" does not exist", STR_ARG(name->text));
        if (!defaults_for(run, a, database, name->text, role, err)) return false;
    }
    return true;
}

static bool defaults_run(Run *run, const AstGrant *a, Err *err)
{
    if (!a->for_roles.count) return defaults_of_role(run, a, role_current_key(run->session), err);
    for (uint32_t i = 0; i < a->for_roles.count; i++) {
        Str key;
        if (!role_key(run->session, &a->for_roles.at[i], false, run->mem, &key, err) ||
            !defaults_of_role(run, a, key, err))
            return false;
    }
    return true;
}

uint32_t grant_defaults(Run *run, const AccessThing *t, AccessEntry **out)
{
    AccessKind kind = t->kind == ACCESS_VIEW ? ACCESS_TABLE : t->kind;
    Str schemas[2] = {STR(""), t->schema};
    Granting g = {.run = run, .thing = *t};
    bool found = false;
    g.thing.record = NULL;
    g.list.count = g.list.cap = access_entries(&g.thing, run->mem, &g.list.at);
    for (int i = 0; i < 2; i++) {
        AccessEntry *e;
        Str name = defaults_name(run->mem, schemas[i], kind, t->owner);
        AccessThing from = {.kind = kind, .owner = t->owner, .name = name};
        from.record = transaction_object_find(run->session->transaction, OBJECT_ACCESS, t->database, STR(""),
                                              0, name, run->mem);
        if (!from.record) continue;
        if (!i) g.list.count = 0; // for all schemas: instead of what holds without it
        found = true;
        uint32_t n = access_entries(&from, run->mem, &e);
        for (uint32_t k = 0; k < n; k++) {
            AccessEntry *to = grant_entry(&g, e[k].grantee, e[k].grantor, 0);
            to->rights |= e[k].rights;
            to->option |= e[k].option;
        }
    }
    *out = g.list.at;
    return found ? g.list.count : 0;
}

bool grant_run(Run *run, const AstGrant *a, Err *err)
{
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", run->tag);
    if (a->defaults) return defaults_run(run, a, err);
    if (a->on == AST_GRANT_ROLE) return role_grant(run, a, err);
    if (a->on == AST_GRANT_OTHER || (a->on == AST_GRANT_FUNCTION && !a->all_in))
        return err_set(err, SQLSTATE_UNSUPPORTED, "%s on this kind of object is not supported", run->tag);
    for (uint32_t i = 0; i < a->names.count; i++) {
        const AstPath *path = &a->names.at[i];
        bool good = a->all_in                     ? all_in_schema(run, a, path, err)
                    : a->on == AST_GRANT_SCHEMA   ? on_schema(run, a, path, err)
                    : a->on == AST_GRANT_DATABASE ? on_database(run, a, path, err)
                    : a->on == AST_GRANT_TYPE     ? on_type(run, a, path, err)
                                                  : on_relation(run, a, path, err);
        if (!good) return false;
    }
    return true;
}
