// DDL: COMMENT ON: a text beside a thing of the dictionary: an object with that thing as its parent, and the
// column's or constraint's name as its own.
#include "engine/sql/ast_routine.h"
#include "engine/db/access.h"
#include "engine/db/ddl_object.h"
#include "engine/db/routines.h"

typedef struct About {
    uint64_t id;
    Str database, schema, name; // name: of the part; empty = the thing itself
} About;

static bool unknown(const AstPath *path, Run *run, const char *state, const char *word, Err *err)
{
    return err_set_at(err, state, path->at, "%s \"%.*s\" does not exist", word,
                      STR_ARG(ddl_path_text(run, path)));
}

static bool fits(const SearchFound *f, AstObject object)
{
    bool table = f->table && !table_def(f->table)->materialized;
    switch (object) {
    case AST_OBJECT_TABLE: return table;
    case AST_OBJECT_MATERIALIZED_VIEW: return f->table && !table;
    case AST_OBJECT_VIEW: return f->object && f->object->kind == OBJECT_VIEW;
    default: return f->object && f->object->kind == OBJECT_SEQUENCE;
    }
}

static const char *article(AstObject object)
{
    return object == AST_OBJECT_TABLE               ? "table"
           : object == AST_OBJECT_MATERIALIZED_VIEW ? "materialized view"
           : object == AST_OBJECT_VIEW              ? "view"
                                                    : "sequence";
}

static void about_found(const SearchFound *f, About *out)
{
    if (f->table) {
        const TableDef *def = table_def(f->table);
        *out = (About){def->id, def->database, def->schema, STR("")};
    } else {
        *out = (About){f->object->id, f->object->database, f->object->schema, STR("")};
    }
}

static bool may_comment(Run *run, const SearchFound *f, Err *err)
{
    AccessThing of;
    if (f->table)
        access_of_table(run->session, table_def(f->table), run->mem, &of);
    else
        access_of_object(run->session, f->object, run->mem, &of);
    return access_owner(run, &of, false, err);
}

static bool about_relation(Run *run, const AstComment *c, About *out, Err *err)
{
    SearchFound found;
    if (!ddl_relation(run, &c->name, &found))
        return unknown(&c->name, run, SQLSTATE_UNDEFINED_TABLE, "relation", err);
    if (!fits(&found, c->object))
        return err_set_at(err, "42809", c->name.at, "\"%.*s\" is not a %s", STR_ARG(ast_path_name(&c->name)),
                          article(c->object));
    about_found(&found, out);
    return may_comment(run, &found, err);
}

static bool has_column(const SearchFound *f, Str column)
{
    if (f->table) return schema_column(table_def(f->table), column) >= 0;
    for (uint32_t i = 0; i < f->object->field_count; i++)
        if (str_starts(f->object->field[i].name, STR("column ")) &&
            str_equal(f->object->field[i].value, column))
            return true;
    return false;
}

static bool about_column(Run *run, const AstComment *c, About *out, Err *err)
{
    AstPath path = c->name;
    SearchFound found;
    Str column = ast_path_name(&path);
    if (path.parts < 2) return err_set_at(err, SQLSTATE_SYNTAX, path.at, "column name must be qualified");
    path.parts--;
    if (!ddl_relation(run, &path, &found))
        return unknown(&path, run, SQLSTATE_UNDEFINED_TABLE, "relation", err);
    if (!has_column(&found, column))
        return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, path.at,
                          "column \"%.*s\" of relation \"%.*s\" does not exist", STR_ARG(column),
                          STR_ARG(ast_path_name(&path)));
    about_found(&found, out);
    out->name = column;
    return may_comment(run, &found, err);
}

static bool about_constraint(Run *run, const AstComment *c, About *out, Err *err)
{
    Table *table;
    Str name = ast_path_name(&c->name);
    if (!ddl_table(run, &c->on, false, &table, err)) return false;
    if (!ddl_constraint_exists(table_def(table), name))
        return err_set_at(err, "42704", c->name.at, "constraint \"%.*s\" for table \"%.*s\" does not exist",
                          STR_ARG(name), STR_ARG(table_def(table)->name));
    SearchFound found = {.table = table};
    about_found(&found, out);
    out->name = arena_printf(run->mem, "constraint %.*s", STR_ARG(name));
    return true;
}

static bool about_index(Run *run, const AstComment *c, About *out, Err *err)
{
    Table *table;
    const IndexDef *index;
    Str database;
    if (!ddl_database(run, &c->name, &database, err)) return false;
    if (!ddl_find_index(run, database, ast_path_name(&c->name), &table, &index))
        return unknown(&c->name, run, SQLSTATE_UNDEFINED_TABLE, "relation", err);
    SearchFound found = {.table = table};
    about_found(&found, out);
    out->name = arena_printf(run->mem, "index %.*s", STR_ARG(index->name));
    return true;
}

// Schemas, enums and domains. The comment on public has no object to hang on: it names public itself.
static bool about_object(Run *run, const AstComment *c, About *out, Err *err)
{
    Str database, name = ast_path_name(&c->name);
    bool schema = c->object == AST_OBJECT_SCHEMA;
    AstPath none = {.part = {{.at = c->name.at}}, .parts = 1, .at = c->name.at};
    if (!ddl_database(run, &none, &database, err)) return false;
    SearchPath search;
    session_search(run->session, &search);
    const ObjectDef *o = schema ? transaction_object_find(run->session->transaction, OBJECT_SCHEMA, database,
                                                          STR(""), 0, name, run->mem)
                                : search_object(&search, OBJECT_ENUM, &c->name, run->mem);
    *out = (About){0, database, schema ? STR("") : SCHEMA_PUBLIC, schema ? name : STR("")};
    if (schema && str_equal(name, SCHEMA_PUBLIC)) return true;
    if (!o) return unknown(&c->name, run, schema ? "3F000" : "42704", schema ? "schema" : "type", err);
    *out = (About){o->id, o->database, o->schema, STR("")};
    return true;
}

static bool about_routine(Run *run, const AstComment *c, About *out, Err *err)
{
    Routine r;
    if (!routines_named(run, c->routine, c->routine_kind, &r, err)) return false;
    *out = (About){r.id, r.database, r.schema, STR("")};
    return true;
}

static bool find_thing(Run *run, const AstComment *c, About *out, Err *err)
{
    switch (c->object) {
    case AST_OBJECT_TABLE:
    case AST_OBJECT_VIEW:
    case AST_OBJECT_MATERIALIZED_VIEW:
    case AST_OBJECT_SEQUENCE: return about_relation(run, c, out, err);
    case AST_OBJECT_COLUMN: return about_column(run, c, out, err);
    case AST_OBJECT_CONSTRAINT: return about_constraint(run, c, out, err);
    case AST_OBJECT_INDEX: return about_index(run, c, out, err);
    case AST_OBJECT_ROUTINE: return about_routine(run, c, out, err);
    case AST_OBJECT_SCHEMA:
    case AST_OBJECT_TYPE:
    case AST_OBJECT_DOMAIN: return about_object(run, c, out, err);
    case AST_OBJECT_DATABASE:
        *out = (About){0, ast_path_name(&c->name), STR(""), STR("database")};
        return store_database_exists(run->session->engine->store, out->database) ||
               unknown(&c->name, run, "3D000", "database", err);
    default: return ddl_unsupported(c->name.at, "COMMENT ON this", err);
    }
}

bool ddl_comment(Run *run, const AstComment *c, Err *err)
{
    About about;
    Transaction *t = run->session->transaction;
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute COMMENT in a read-only transaction");
    if (!find_thing(run, c, &about, err)) return false;
    const ObjectDef *old = transaction_object_find(t, OBJECT_COMMENT, about.database, about.schema, about.id,
                                                   about.name, run->mem);
    bool none = c->null || c->text.len == 0; // an empty comment is none
    if (none && !old) return true;
    ddl_changed(run);
    if (none) return transaction_object_drop(t, old->id, err);
    ObjectDef def = {.kind = OBJECT_COMMENT,
                     .database = about.database,
                     .schema = about.schema,
                     .name = about.name,
                     .parent = about.id,
                     .owner = role_current_key(run->session),
                     .temporary = str_starts(about.schema, STR("pg_temp"))};
    if (old) def.id = old->id;
    object_set_field(&def, run->mem, "text", c->text);
    return old ? transaction_object_replace(t, &def, false, err)
               : transaction_object_create(t, &def, NULL, err);
}
