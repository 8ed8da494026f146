// DDL: databases, names, types: what all of its files use.
#include "engine/db/access.h"
#include "engine/db/ddl.h"

#include <string.h>

bool ddl_unsupported(int64_t at, const char *what, Err *err)
{
    return err_set_at(err, SQLSTATE_UNSUPPORTED, at, "%s is not supported", what);
}

void ddl_changed(const Run *run)
{
    run->session->defines = run->session->transaction != NULL;
    atomic_fetch_add(&run->session->engine->definitions, 1);
}

// ---- databases ----

static bool outside_transaction(const Run *run, Err *err)
{
    if (!run->session->open) return true;
    return err_set(err, "25001", "%s cannot run inside a transaction block", run->tag);
}

// In a transaction of its own, before the database comes (it is never there without its owner) or goes. drop:
// the database.
static bool own_database(Run *run, Str name, const AstName *drop, Err *err)
{
    Session *s = run->session;
    if (store_database_exists(s->engine->store, name) != (drop != NULL)) return true;
    if (!transaction_run_enter(s, err)) return false;
    AccessThing t;
    access_of_database(s, name, run->mem, &t);
    bool good = drop ? access_owner(run, &t, false, err)
                     : role_is_administrator(s) || role_current(s)->makes_databases ||
                           err_set(err, "42501", "permission denied to create database");
    AccessThing fresh = {.kind = t.kind, .owner = role_current_key(s)};
    AccessEntry *e; // a record that is there is of a database that never came, or is gone
    uint32_t n = access_entries(&fresh, run->mem, &e);
    if (good && !drop) good = access_write(run, &t, fresh.owner, e, n, err);
    return transaction_run_leave(run, good, err);
}

bool ddl_create_database(Run *run, const AstDatabase *d, Err *err)
{
    Session *s = run->session;
    Str name = d->name.text;
    static const char *const taken[] = {"information_schema", "d2db", "pg_catalog", "public"};
    for (size_t i = 0; i < COUNT_OF(taken); i++)
        if (str_equal(name, str_of(taken[i])))
            return err_set_at(err, "42939", d->name.at, "the name \"%.*s\" is the engine's own",
                              STR_ARG(name));
    if (!outside_transaction(run, err)) return false;
    if (d->if_exists && store_database_exists(s->engine->store, name)) {
        statement_notice(run, "database \"%.*s\" already exists, skipping", STR_ARG(name));
        return true;
    }
    if (!own_database(run, name, NULL, err)) return false;
    if (!store_database_create(s->engine->store, name, d->if_exists, str_of(s->user), err)) {
        if (err->at < 0) err->at = d->name.at;
        return false;
    }
    ddl_changed(run);
    return true;
}

bool ddl_drop_database(Run *run, const AstDatabase *d, Err *err)
{
    Session *s = run->session;
    Str name = d->name.text;
    if (!outside_transaction(run, err)) return false;
    if (d->if_exists && !store_database_exists(s->engine->store, name)) {
        statement_notice(run, "database \"%.*s\" does not exist, skipping", STR_ARG(name));
        return true;
    }
    if (!own_database(run, name, &d->name, err)) return false;
    if (!store_database_drop(s->engine->store, name, d->if_exists, str_of(s->user), err)) {
        if (err->at < 0) err->at = d->name.at;
        return false;
    }
    ddl_changed(run);
    if (str_equal(session_database(s), name)) session_use(s, STR_NONE);
    return true;
}

bool ddl_may_connect(Run *run, Str name, Err *err)
{
    Session *s = run->session;
    if (role_is_administrator(s)) return true;
    if (!transaction_run_enter(s, err)) return false;
    AccessThing t;
    access_of_database(s, name, run->mem, &t);
    return transaction_run_leave(run, access_need(s, &t, RIGHT_CONNECT, err), err);
}

bool ddl_use(Run *run, const AstDatabase *d, Err *err)
{
    Session *s = run->session;
    if (!store_database_exists(s->engine->store, d->name.text)) {
        err_set_at(err, "3D000", d->name.at, "database \"%.*s\" does not exist", STR_ARG(d->name.text));
        return err_hint(err, "SHOW DATABASES lists those that do.");
    }
    if (!ddl_may_connect(run, d->name.text, err)) return false;
    session_use(s, d->name.text);
    return true;
}

// ---- types ----

static bool type_mods(const AstType *t, int64_t mods[2], size_t *count, Err *err)
{
    *count = 0;
    if (t->mods.count > 2)
        return err_set_at(err, "22023", t->at, "type %.*s has too many modifiers", STR_ARG(t->name));
    for (uint32_t i = 0; i < t->mods.count; i++) {
        const AstExpr *e = t->mods.at[i];
        bool negative = e->kind == AST_OPERATOR && !e->a && str_equal(e->text, STR("-"));
        const AstExpr *number = negative ? e->b : e;
        if (number->kind != AST_NUMBER || !str_to_int64(number->text, &mods[i]))
            return err_set_at(err, "22023", e->at, "type modifiers must be whole numbers");
        if (negative) mods[i] = -mods[i];
        *count = i + 1;
    }
    return true;
}

static bool serial_type(Type *out, Str name)
{
    static const struct {
        const char *name;
        TypeId id;
    } serials[] = {
        {"serial", TYPE_INTEGER}, {"serial4", TYPE_INTEGER},      {"bigserial", TYPE_BIGINT},
        {"serial8", TYPE_BIGINT}, {"smallserial", TYPE_SMALLINT}, {"serial2", TYPE_SMALLINT},
    };
    for (size_t i = 0; i < COUNT_OF(serials); i++)
        if (str_equal(name, str_of(serials[i].name))) {
            *out = type_of(serials[i].id);
            return true;
        }
    return false;
}

bool ddl_type(Run *run, Type *out, const AstType *t, bool *serial, Err *err)
{
    if (serial) *serial = false;
    if (t->set_of) return ddl_unsupported(t->at, "a type of sets", err);
    if (serial && !t->quoted && !t->dimensions && serial_type(out, t->name)) {
        *serial = true;
        return true;
    }
    int64_t mods[2];
    size_t count;
    if (!type_mods(t, mods, &count, err)) return false;
    SearchPath search;
    session_search(run->session, &search);
    return search_type(&search, t, mods, count, run->mem, out, err);
}
