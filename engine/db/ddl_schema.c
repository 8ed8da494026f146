// DDL: schemas: made, renamed, dropped with what is in them. "public" is in every database without having
// been made, and stays.
#include "engine/db/access.h"
#include "engine/db/ddl_object.h"

static bool name_ok(const AstName *name, Err *err)
{
    if (str_starts(name->text, STR("pg_"))) {
        err_set_at(err, "42939", name->at, "unacceptable schema name \"%.*s\"", STR_ARG(name->text));
        return err_note(err, "The prefix \"pg_\" is reserved for system schemas.");
    }
    if (!str_equal(name->text, STR("information_schema")) && !str_equal(name->text, STR("d2db"))) return true;
    return err_set_at(err, "42939", name->at, "the name \"%.*s\" is the engine's own", STR_ARG(name->text));
}

// The chosen database: schemas live in it.
static bool home(Run *run, int64_t at, Str *out, Err *err)
{
    AstPath none = {.part = {{.at = at}}, .parts = 1, .at = at};
    return ddl_database(run, &none, out, err);
}

static const ObjectDef *find(Run *run, Str database, Str name)
{
    return transaction_object_find(run->session->transaction, OBJECT_SCHEMA, database, STR(""), 0, name,
                                   run->mem);
}

static bool create_elements(Run *run, const AstCreateSchema *c, Str name, Err *err)
{
    Session *s = run->session;
    Settings before = s->settings;
    Err quiet = {0};
    Bytes path;
    bytes_init(&path, SETTING_TEXT_MAX);
    bytes_printf(&path, "\"%.*s\"", STR_ARG(name));
    bool good = c->elements == 0 || path.failed ||
                setting_set(&s->settings, SETTING_SEARCH_PATH, bytes_str(&path), &quiet);
    const char *tag = run->tag;
    for (uint32_t i = 0; good && i < c->elements; i++) good = statement_run_tree(run, c->element[i], err);
    run->tag = tag;
    s->settings = before;
    bytes_done(&path);
    return good || err_any(err) || err_set(err, SQLSTATE_LIMIT, "the schema's name is too long");
}

bool ddl_create_schema(Run *run, const AstCreateSchema *c, Err *err)
{
    AstName name = c->name.text.at ? c->name : c->owner;
    Str database;
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute CREATE SCHEMA in a read-only transaction");
    if (!name_ok(&name, err) || !home(run, name.at, &database, err)) return false;
    if (find(run, database, name.text) || str_equal(name.text, SCHEMA_PUBLIC)) {
        if (!c->if_not_exists)
            return err_set_at(err, "42P06", name.at, "schema \"%.*s\" already exists", STR_ARG(name.text));
        statement_notice(run, "schema \"%.*s\" already exists, skipping", STR_ARG(name.text));
        return true;
    }
    AccessThing of;
    Str owner = role_current_key(run->session);
    access_of_database(run->session, database, run->mem, &of);
    if (!access_need(run->session, &of, RIGHT_CREATE, err)) return false;
    if (c->owner.text.at && !role_key(run->session, &c->owner, false, run->mem, &owner, err)) return false;
    if (c->owner.text.at && !role_is_administrator(run->session) &&
        !role_has(role_current(run->session), owner))
        return err_set_at(err, "42501", c->owner.at, "must be member of role \"%.*s\"",
                          STR_ARG(c->owner.text));
    ObjectDef def = {.kind = OBJECT_SCHEMA, .database = database, .name = name.text, .owner = owner};
    if (!transaction_object_create(run->session->transaction, &def, NULL, err)) {
        if (err->at < 0) err->at = name.at;
        return false;
    }
    ddl_changed(run);
    return create_elements(run, c, name.text, err) && !err_any(err);
}

// ---- ALTER SCHEMA … RENAME ----

static bool move_tables(Run *run, Str database, Str from, Str to, ViewTexts *held, bool write, Err *err)
{
    Transaction *t = run->session->transaction;
    const TableDef **def;
    size_t n = transaction_tables(t, database, run->mem, &def);
    for (size_t i = 0; i < n; i++) {
        if (!str_equal(def[i]->schema, from)) continue;
        if (!write && !view_texts_hold(run, held, def[i]->id, err)) return false;
        if (!write) continue;
        Table *table = transaction_table_by_id(t, def[i]->id);
        TableDef *own = schema_copy(def[i], run->mem);
        own->schema = to;
        if (table && !transaction_alter_table(t, table, own, err)) return false;
    }
    return true;
}

static bool move_objects(Run *run, Str database, Str from, Str to, ViewTexts *held, bool write, Err *err)
{
    Transaction *t = run->session->transaction;
    const ObjectDef **o;
    size_t n = transaction_object_list(t, OBJECT_ANY, database, run->mem, &o);
    for (size_t i = 0; i < n; i++) {
        if (!str_equal(o[i]->schema, from)) continue;
        if (!write && o[i]->kind == OBJECT_VIEW && !view_texts_hold(run, held, o[i]->id, err)) return false;
        if (!write) continue;
        ObjectDef *own = object_copy(o[i], run->mem);
        own->schema = to;
        if (!transaction_object_replace(t, own, false, err)) return false;
        if (own->kind == OBJECT_SEQUENCE && !ddl_sequence_moved(run, o[i], own, err)) return false;
    }
    return true;
}

bool ddl_alter_schema(Run *run, const AstAlterTable *a, Err *err)
{
    Str database, name = ast_path_name(&a->name);
    if (!home(run, a->name.at, &database, err)) return false;
    const ObjectDef *o = find(run, database, name);
    bool is_public = str_equal(name, SCHEMA_PUBLIC);
    if (!o && !is_public)
        return err_set_at(err, "3F000", a->name.at, "schema \"%.*s\" does not exist", STR_ARG(name));
    const AstAlterAction *action = &a->action[0];
    AccessThing of;
    if (!access_of_schema(run->session, database, name, run->mem, &of) || !access_owner(run, &of, false, err))
        return err_any(err) ? false : err_set(err, "3F000", "schema \"%.*s\" does not exist", STR_ARG(name));
    if (action->kind == AST_ALTER_OWNER) return access_set_owner(run, &of, &action->new_name, err);
    if (action->kind != AST_ALTER_RENAME_TABLE) return ddl_unsupported(action->at, "this ALTER SCHEMA", err);
    Str to = action->new_name.text;
    if (is_public)
        return ddl_unsupported(a->name.at, "renaming schema public, which every database has,", err);
    if (!name_ok(&action->new_name, err)) return false;
    if (find(run, database, to) || str_equal(to, SCHEMA_PUBLIC))
        return err_set_at(err, "42P06", action->new_name.at, "schema \"%.*s\" already exists", STR_ARG(to));
    ViewTexts held = {0};
    ObjectDef *own = object_copy(o, run->mem);
    own->name = to;
    bool good = move_tables(run, database, name, to, &held, false, err) &&
                move_objects(run, database, name, to, &held, false, err) &&
                transaction_object_replace(run->session->transaction, own, false, err) &&
                move_tables(run, database, name, to, &held, true, err) &&
                move_objects(run, database, name, to, &held, true, err) && view_texts_write(run, &held, err);
    ddl_changed(run);
    return good;
}
