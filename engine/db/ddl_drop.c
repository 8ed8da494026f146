// DDL: DROP of tables, views, sequences, schemas and indexes: what was named is gathered first, so that
// several that need each other may go together.
#include "engine/db/access.h"
#include "engine/db/ddl_object.h"

typedef struct DropKind {
    AstObject object;
    const char *word, *article;
    bool table, materialized;
    ObjectKind kind;
} DropKind;
static const DropKind kinds[] = {
    {AST_OBJECT_TABLE, "table", "a table", true, false, OBJECT_ANY},
    {AST_OBJECT_MATERIALIZED_VIEW, "materialized view", "a materialized view", true, true, OBJECT_ANY},
    {AST_OBJECT_VIEW, "view", "a view", false, false, OBJECT_VIEW},
    {AST_OBJECT_SEQUENCE, "sequence", "a sequence", false, false, OBJECT_SEQUENCE},
};

static bool is_of(const SearchFound *f, const DropKind *k)
{
    if (f->table) return k->table && table_def(f->table)->materialized == k->materialized;
    return !k->table && f->object->kind == k->kind;
}

static bool missing(Run *run, const AstDrop *d, const char *word, const char *state, const AstPath *path,
                    Err *err)
{
    Str name = ast_path_name(path), database, q = path->parts > 1 ? ast_path_qualifier(path) : STR("");
    SearchPath search;
    SearchPlace place[SEARCH_PLACES_MAX];
    session_search(run->session, &search);
    if (path->parts == 1 && !ddl_database(run, path, &database, err)) return false;
    bool placed = path->parts == 1 || search_places(&search, path, place) > 0;
    if (d->if_exists && !placed)
        statement_notice(run, "schema \"%.*s\" does not exist, skipping", STR_ARG(q));
    else if (d->if_exists)
        statement_notice(run, "%s \"%.*s\" does not exist, skipping", word, STR_ARG(name));
    if (d->if_exists) return true;
    if (!placed) return err_set_at(err, "3F000", path->at, "schema \"%.*s\" does not exist", STR_ARG(q));
    return err_set_at(err, state, path->at, "%s \"%.*s\" does not exist", word, STR_ARG(name));
}

static bool take_relation(Run *run, const AstDrop *d, const DropKind *k, const AstPath *path, DependList *l,
                          Err *err)
{
    SearchFound found;
    if (!ddl_relation(run, path, &found))
        return missing(run, d, k->word, SQLSTATE_UNDEFINED_TABLE, path, err);
    if (!is_of(&found, k)) return ddl_wrong_kind(path, &found, k->word, err);
    bool again = false;
    if (found.table && !ddl_lock(run, found.table, run->locks, &again, err)) return false;
    if (again) return take_relation(run, d, k, path, l, err);
    AccessThing thing;
    if (found.table)
        access_of_table(run->session, table_def(found.table), run->mem, &thing);
    else
        access_of_object(run->session, found.object, run->mem, &thing);
    if (!access_owner(run, &thing, true, err)) return false;
    if (found.table) {
        depend_add_table(run, l, table_def(found.table), true, false);
        run->table = arena_copy(run->mem, table_def(found.table)->name);
        return true;
    }
    Str internal = object_field(found.object, "internal");
    if (k->kind == OBJECT_SEQUENCE && internal.at && found.object->dependency_count) {
        Table *table = transaction_table_by_id(run->session->transaction, found.object->dependency[0]);
        Str column = object_field(found.object, "column"), of = table ? table_def(table)->name : STR("?");
        err_set_at(err, "2BP01", path->at,
                   "cannot drop sequence %.*s because column %.*s of table %.*s requires it",
                   STR_ARG(found.object->name), STR_ARG(column), STR_ARG(of));
        return err_hint(err, "You can drop column %.*s of table %.*s instead.", STR_ARG(column), STR_ARG(of));
    }
    depend_add_object(run, l, found.object, true, false);
    return true;
}

static bool take_schema(Run *run, const AstDrop *d, const AstPath *path, DependList *l, Err *err)
{
    Str database, name = ast_path_name(path);
    AstPath none = {.part = {{.at = path->at}}, .parts = 1, .at = path->at};
    if (!ddl_database(run, &none, &database, err)) return false;
    const ObjectDef *o = transaction_object_find(run->session->transaction, OBJECT_SCHEMA, database, STR(""),
                                                 0, name, run->mem);
    if (o) {
        AccessThing of;
        access_of_object(run->session, o, run->mem, &of);
        if (!access_owner(run, &of, false, err)) return false;
        depend_add_object(run, l, o, true, false);
        return true;
    }
    if (str_equal(name, SCHEMA_PUBLIC))
        return ddl_unsupported(path->at, "dropping schema public, which every database has,", err);
    return missing(run, d, "schema", "3F000", path, err);
}

static bool take(Run *run, const AstDrop *d, const AstPath *path, DependList *l, Err *err)
{
    if (d->object == AST_OBJECT_SCHEMA) return take_schema(run, d, path, l, err);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i].object == d->object) return take_relation(run, d, &kinds[i], path, l, err);
    return ddl_unsupported(path->at, run->tag, err);
}

bool ddl_drop(Run *run, const AstDrop *d, Err *err)
{
    DependList list = {0};
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", run->tag);
    for (uint32_t i = 0; i < d->names.count; i++) {
        const AstPath *path = &d->names.at[i];
        if (d->object == AST_OBJECT_INDEX ? !ddl_drop_index(run, d, path, err)
                                          : !take(run, d, path, &list, err))
            return false;
    }
    if (d->object == AST_OBJECT_INDEX) return true;
    if (!depend_drop(run, &list, d->cascade, d->names.at[0].at, err)) return false;
    if (d->object == AST_OBJECT_TABLE && list.count) run->verb = "drop table";
    return true;
}
