// DDL: ALTER of views, materialized views, sequences and schemas: RENAME, SET SCHEMA, OWNER; and the views'
// texts around an ALTER TABLE that renames.
#include "engine/db/access.h"
#include "engine/db/ddl_object.h"

static bool missing(Run *run, const AstAlterTable *a, Err *err)
{
    Str name = ddl_path_text(run, &a->name);
    if (!a->if_exists)
        return err_set_at(err, SQLSTATE_UNDEFINED_TABLE, a->name.at, "relation \"%.*s\" does not exist",
                          STR_ARG(name));
    statement_notice(run, "relation \"%.*s\" does not exist, skipping", STR_ARG(name));
    return true;
}

// The view's column called so, as the field that holds its name.
static ObjectField *view_column(ObjectDef *o, Str name)
{
    for (uint32_t i = 0; i < o->field_count; i++)
        if (str_starts(o->field[i].name, STR("column ")) && str_equal(o->field[i].value, name))
            return &o->field[i];
    return NULL;
}

static bool rename_column(ObjectDef *o, const AstAlterAction *a, Err *err)
{
    ObjectField *column = view_column(o, a->name.text);
    if (!column)
        return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, a->name.at, "column \"%.*s\" does not exist",
                          STR_ARG(a->name.text));
    if (view_column(o, a->new_name.text))
        return err_set_at(err, "42701", a->new_name.at, "column \"%.*s\" of relation \"%.*s\" already exists",
                          STR_ARG(a->new_name.text), STR_ARG(o->name));
    column->value = a->new_name.text;
    return true;
}

static bool set_schema(Run *run, Str database, const AstAlterAction *a, Str *schema, Err *err)
{
    SearchPath search;
    session_search(run->session, &search);
    if (!search_has_schema(&search, database, a->new_name.text))
        return err_set_at(err, "3F000", a->new_name.at, "schema \"%.*s\" does not exist",
                          STR_ARG(a->new_name.text));
    *schema = a->new_name.text;
    return true;
}

static bool change(Run *run, ObjectDef *o, const AstAlterAction *a, Err *err)
{
    switch (a->kind) {
    case AST_ALTER_RENAME_TABLE: o->name = a->new_name.text; return true;
    case AST_ALTER_SET_SCHEMA: return set_schema(run, o->database, a, &o->schema, err);
    case AST_ALTER_RENAME_COLUMN:
        if (o->kind == OBJECT_VIEW) return rename_column(o, a, err);
        break;
    default: break;
    }
    return ddl_unsupported(a->at, run->tag, err);
}

static bool alter_found(Run *run, const AstAlterTable *a, const ObjectDef *was, Err *err)
{
    const AstAlterAction *action = &a->action[0];
    ObjectDef *o = object_copy(was, run->mem);
    ViewTexts held = {0};
    AccessThing of;
    access_of_object(run->session, was, run->mem, &of);
    if (!access_owner(run, &of, false, err)) return false;
    if (action->kind == AST_ALTER_OWNER) return access_set_owner(run, &of, &action->new_name, err);
    if (action->kind == AST_ALTER_RENAME_COLUMN)
        held = (ViewTexts){0};
    else if (!view_texts_hold(run, &held, o->id, err))
        return false;
    if (!change(run, o, action, err) ||
        !transaction_object_replace(run->session->transaction, o, false, err) ||
        (o->kind == OBJECT_SEQUENCE && !ddl_sequence_moved(run, was, o, err)))
        return false;
    ddl_changed(run);
    return view_texts_write(run, &held, err);
}

// ALTER TABLE … RENAME and SET SCHEMA: the texts of the views on it follow.
static bool alter_table(Run *run, const AstAlterTable *a, const TableDef *def, Err *err)
{
    ViewTexts held = {0};
    AstAlterTable own = *a;
    AstAlterKind kind = a->action[0].kind;
    own.object = AST_OBJECT_TABLE;
    if (!access_table_owner(run, def, err)) return false;
    bool renames =
        kind == AST_ALTER_RENAME_TABLE || kind == AST_ALTER_RENAME_COLUMN || kind == AST_ALTER_SET_SCHEMA;
    if (renames && !view_texts_hold(run, &held, def->id, err)) return false;
    if (kind == AST_ALTER_SET_SCHEMA) {
        TableDef *moved = schema_copy(def, run->mem);
        Table *table = transaction_table_by_id(run->session->transaction, def->id);
        if (!set_schema(run, def->database, &a->action[0], &moved->schema, err) ||
            !transaction_alter_table(run->session->transaction, table, moved, err))
            return false;
        ddl_changed(run);
    } else if (!ddl_alter(run, &own, err)) {
        return false;
    }
    return view_texts_write(run, &held, err);
}

bool ddl_alter_object(Run *run, const AstAlterTable *a, Err *err)
{
    SearchFound found;
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute %s in a read-only transaction", run->tag);
    if (a->object == AST_OBJECT_SCHEMA) return ddl_alter_schema(run, a, err);
    bool known = a->object == AST_OBJECT_TABLE || a->object == AST_OBJECT_VIEW ||
                 a->object == AST_OBJECT_SEQUENCE || a->object == AST_OBJECT_MATERIALIZED_VIEW;
    if (!known) return ddl_alter(run, a, err);
    if (!ddl_relation(run, &a->name, &found))
        return a->object == AST_OBJECT_TABLE ? ddl_alter(run, a, err) : missing(run, a, err);
    bool wrong =
        (a->object == AST_OBJECT_VIEW && (!found.object || found.object->kind != OBJECT_VIEW)) ||
        (a->object == AST_OBJECT_SEQUENCE && (!found.object || found.object->kind != OBJECT_SEQUENCE)) ||
        (a->object == AST_OBJECT_MATERIALIZED_VIEW &&
         (!found.table || !table_def(found.table)->materialized));
    if (wrong)
        return err_set_at(err, "42809", a->name.at, "\"%.*s\" is not a %s", STR_ARG(ast_path_name(&a->name)),
                          a->object == AST_OBJECT_VIEW       ? "view"
                          : a->object == AST_OBJECT_SEQUENCE ? "sequence"
                                                             : "materialized view");
    return found.table ? alter_table(run, a, table_def(found.table), err)
                       : alter_found(run, a, found.object, err);
}
