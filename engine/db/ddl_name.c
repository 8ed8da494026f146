// DDL: what names in definitions lead to, and names printed in full for the engine's own statements.
#include "engine/db/access.h"
#include "engine/db/ddl.h"

#include "engine/sql/print.h"

bool ddl_database(Run *run, const AstPath *path, Str *out, Err *err)
{
    SearchPath search;
    SearchPlace place[SEARCH_PLACES_MAX];
    session_search(run->session, &search);
    *out = search.database;
    if (path->parts > 1 && search_places(&search, path, place)) *out = place[0].database;
    if (path->parts > 1 && !search_places(&search, path, place)) *out = ast_path_qualifier(path);
    if (!out->len) {
        err_set_at(err, "3D000", path->at, "no database is chosen");
        return err_hint(err, "Choose one with USE name.");
    }
    if (store_database_exists(run->session->engine->store, *out)) return true;
    return err_set_at(err, "3D000", path->at, "database \"%.*s\" does not exist", STR_ARG(*out));
}

bool ddl_new_place(Run *run, const AstPath *path, SearchPlace *out, Err *err)
{
    SearchPath search;
    session_search(run->session, &search);
    return search_new_place(&search, path, out, err) && access_create_in(run, out, err);
}

bool ddl_relation(Run *run, const AstPath *path, SearchFound *out)
{
    SearchPath search;
    session_search(run->session, &search);
    return search_relation(&search, path, run->mem, out);
}

bool ddl_name_taken(Run *run, const SearchPlace *place, const AstPath *path, bool if_not_exists, bool *taken,
                    Err *err)
{
    Str name = ast_path_name(path);
    Transaction *t = run->session->transaction;
    *taken = transaction_table_in(t, place->database, place->schema, name) ||
             transaction_object_find(t, OBJECT_VIEW, place->database, place->schema, 0, name, run->mem);
    if (!*taken) return true;
    if (!if_not_exists)
        return err_set_at(err, SQLSTATE_DUPLICATE_TABLE, path->at, "relation \"%.*s\" already exists",
                          STR_ARG(name));
    statement_notice(run, "relation \"%.*s\" already exists, skipping", STR_ARG(name));
    return true;
}

static const char *kind_of(const SearchFound *f)
{
    if (f->table) return table_def(f->table)->materialized ? "MATERIALIZED VIEW" : "TABLE";
    return f->object->kind == OBJECT_VIEW ? "VIEW" : "SEQUENCE";
}

bool ddl_wrong_kind(const AstPath *path, const SearchFound *found, const char *wanted, Err *err)
{
    const char *kind = kind_of(found);
    err_set_at(err, "42809", path->at, "\"%.*s\" is not a %s", STR_ARG(ast_path_name(path)), wanted);
    return err_hint(err, "Use DROP %s to remove a %s.", kind,
                    kind[0] == 'T'   ? "table"
                    : kind[0] == 'M' ? "materialized view"
                    : kind[0] == 'V' ? "view"
                                     : "sequence");
}

Str ddl_path_text(Run *run, const AstPath *path)
{
    Str text = path->part[0].text;
    for (uint32_t i = 1; i < path->parts; i++)
        text = arena_printf(run->mem, "%.*s.%.*s", STR_ARG(text), STR_ARG(path->part[i].text));
    return text;
}

bool ddl_table(Run *run, const AstPath *path, bool if_exists, Table **out, Err *err)
{
    Str name = ast_path_name(path), database;
    SearchFound found;
    *out = NULL;
    if (ddl_relation(run, path, &found)) {
        bool again = false;
        *out = found.table;
        if (found.table && !ddl_lock(run, found.table, run->locks, &again, err)) return false;
        if (again) return ddl_table(run, path, if_exists, out, err);
        return found.table || err_set_at(err, "42809", path->at, "\"%.*s\" is not a table", STR_ARG(name));
    }
    if (!ddl_database(run, path, &database, err)) return false;
    if (!if_exists)
        return err_set_at(err, SQLSTATE_UNDEFINED_TABLE, path->at, "table \"%.*s\" does not exist",
                          STR_ARG(name));
    statement_notice(run, "table \"%.*s\" does not exist, skipping", STR_ARG(name));
    return true;
}

void ddl_put_table(Bytes *sql, const TableDef *def)
{
    print_name(sql, def->database);
    bytes_put_byte(sql, '.');
    print_name(sql, def->schema);
    bytes_put_byte(sql, '.');
    print_name(sql, def->name);
}
