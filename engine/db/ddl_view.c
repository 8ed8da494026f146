// DDL: views and materialized views. A view is its query's text with every name in full; a materialized view
// is a table that REFRESH fills, with its text beside it.
#include "engine/db/access.h"
#include "engine/db/ddl_object.h"

#include "engine/sql/parser.h"

#include <stdio.h>
#include <string.h>

enum { VIEW_SQL_MAX = SCHEMA_TEXT_MAX + 8192 };

typedef struct Making {
    Run *run;
    const AstCreateView *ast;
    SearchPlace place;
    PlanNames names;
    ObjectDef def; // of the view, or of the text beside a materialized one
    uint32_t columns;
    Str *name;
    Type *type;
} Making;

static bool read_only(Run *run, Err *err)
{
    return !run->session->read_only ||
           err_set(err, "25006", "cannot execute %s in a read-only transaction", run->tag);
}

static bool is_temporary(Str schema) { return str_starts(schema, STR("pg_temp")); }

// ---- columns ----

static bool twice(const Making *m, uint32_t upto, Str name)
{
    for (uint32_t i = 0; i < upto; i++)
        if (str_equal(m->name[i], name)) return true;
    return false;
}

static bool take_columns(Making *m, const PlanNode *root, Err *err)
{
    const AstCreateView *v = m->ast;
    m->columns = root->columns;
    m->name = arena_array(m->run->mem, Str, root->columns + 1);
    m->type = arena_array(m->run->mem, Type, root->columns + 1);
    if (v->columns.count > root->columns)
        return err_set_at(err, SQLSTATE_SYNTAX, v->name.at, "%s specifies more column names than columns",
                          v->materialized ? "CREATE MATERIALIZED VIEW" : "CREATE VIEW");
    for (uint32_t i = 0; i < root->columns; i++) {
        Str name = i < v->columns.count ? v->columns.at[i].text : root->column[i].name;
        if (twice(m, i, name))
            return err_set_at(err, "42701", v->name.at, "column \"%.*s\" specified more than once",
                              STR_ARG(name));
        m->name[i] = arena_copy(m->run->mem, name);
        m->type[i] = root->column[i].type;
        if (!ddl_is_kept(name, m->type[i], v->name.at, err)) return false;
    }
    return true;
}

static void put_columns(Making *m)
{
    for (uint32_t i = 0; i < m->columns; i++) {
        Str field = arena_printf(m->run->mem, "column %u", (unsigned)i);
        object_set_field(&m->def, m->run->mem, arena_cstr(m->run->mem, field), m->name[i]);
    }
}

// WITH RECURSIVE name (columns) AS (query) SELECT columns FROM name.
static AstQuery *recursive_query(Run *run, const AstCreateView *v)
{
    Arena *mem = run->mem;
    AstQuery *outer = arena_new(mem, AstQuery);
    AstTable *from = arena_new(mem, AstTable);
    *from = (AstTable){.kind = AST_TABLE_NAME, .at = v->name.at, .alias.at = -1};
    from->path = (AstPath){.part = {v->name.part[v->name.parts - 1]}, .parts = 1, .at = v->name.at};
    Statement *body = arena_new(mem, Statement);
    *body = (Statement){.kind = STATEMENT_SELECT, .at = v->query->at, .query = v->query};
    AstWith *with = arena_new(mem, AstWith);
    with->recursive = true;
    with->count = 1;
    with->cte = arena_new(mem, AstCte);
    *with->cte = (AstCte){.name = from->path.part[0], .columns = v->columns, .body = body};
    AstTarget *target = arena_array(mem, AstTarget, v->columns.count + 1);
    for (uint32_t i = 0; i < v->columns.count; i++) {
        AstExpr *e = arena_new(mem, AstExpr);
        e->kind = AST_COLUMN;
        e->at = -1;
        e->path = arena_new(mem, AstPath);
        *e->path = (AstPath){.part = {v->columns.at[i]}, .parts = 1, .at = -1};
        target[i] = (AstTarget){.expr = e, .alias.at = -1};
    }
    AstTable **list = arena_array(mem, AstTable *, 1);
    list[0] = from;
    *outer = (AstQuery){.kind = AST_QUERY_SELECT,
                        .at = v->query->at,
                        .with = with,
                        .targets = {target, v->columns.count},
                        .from = {list, 1}};
    return outer;
}

static bool uses_temporary(const Making *m)
{
    for (uint32_t i = 0; i < m->names.count; i++)
        if (m->names.at[i].kind == PLAN_NAME_RELATION && is_temporary(m->names.at[i].schema)) return true;
    return false;
}

// Plans the query once: its columns, and what its names mean.
static bool read_query(Making *m, AstQuery *q, Err *err)
{
    Statement select = {.kind = STATEMENT_SELECT, .at = q->at, .query = q};
    Plan *plan;
    Str text;
    m->names = (PlanNames){.mem = m->run->mem};
    bool own = m->run->own;
    m->run->names = &m->names;
    m->run->own = own || !m->ast->materialized; // a view asks when it is read
    bool good = query_plan(&plan, m->run, &select, err);
    m->run->own = own;
    m->run->names = NULL;
    if (!good) return false;
    good = take_columns(m, plan->root, err);
    plan_free(plan);
    if (!good || !view_text_new(m->run, q, m->place.database, &m->names, &text, err)) return false;
    object_set_field(&m->def, m->run->mem, "query", text);
    put_columns(m);
    view_text_depend(m->run, &m->def, &m->names);
    return true;
}

// ---- CREATE VIEW ----

static bool option_check(Making *m, Err *err)
{
    const AstCreateView *v = m->ast;
    Str check = v->check_option;
    for (uint32_t i = 0; i < v->options.count; i++) {
        const AstOption *o = &v->options.at[i];
        Str value = o->value ? o->value->text : STR("true");
        if (str_equal(o->name.text, STR("check_option")))
            check = value;
        else if (str_equal(o->name.text, STR("security_invoker"))) {
            if (str_equal(value, STR("true")) || str_equal(value, STR("on")))
                object_set_field(&m->def, m->run->mem, "security_invoker", STR(""));
        } else if (!str_equal(o->name.text, STR("security_barrier")) && !v->materialized)
            return err_set_at(err, "22023", o->name.at, "unrecognized parameter \"%.*s\"",
                              STR_ARG(o->name.text));
    }
    if (check.len) object_set_field(&m->def, m->run->mem, "check", check);
    return true;
}

// OR REPLACE may add columns at the end, nothing else.
static bool may_replace(const Making *m, const ObjectDef *old, Err *err)
{
    uint32_t i = 0;
    int64_t at = m->ast->name.at;
    for (uint32_t k = 0; k < old->field_count; k++) {
        if (!str_starts(old->field[k].name, STR("column "))) continue;
        if (i >= m->columns) return err_set_at(err, "42P16", at, "cannot drop columns from view");
        if (!str_equal(m->name[i], old->field[k].value)) {
            err_set_at(err, "42P16", at, "cannot change name of view column \"%.*s\" to \"%.*s\"",
                       STR_ARG(old->field[k].value), STR_ARG(m->name[i]));
            return err_hint(err,
                            "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.");
        }
        i++;
    }
    for (uint32_t k = 0; k < m->def.dependency_count; k++)
        if (m->def.dependency[k] == old->id)
            return err_set_at(err, "42P17", at, "infinite recursion detected in rules for relation \"%.*s\"",
                              STR_ARG(old->name));
    return true;
}

static bool same_types(Making *m, const ObjectDef *old, Err *err)
{
    AstTable from = {.kind = AST_TABLE_NAME, .at = -1, .alias.at = -1};
    from.path =
        (AstPath){.part = {{old->database, -1}, {old->schema, -1}, {old->name, -1}}, .parts = 3, .at = -1};
    AstTable *list[1] = {&from};
    AstExpr star = {.kind = AST_STAR, .at = -1};
    AstTarget target = {.expr = &star, .alias.at = -1};
    AstQuery q = {.kind = AST_QUERY_SELECT, .at = -1, .targets = {&target, 1}, .from = {list, 1}};
    Statement select = {.kind = STATEMENT_SELECT, .at = -1, .query = &q};
    Plan *plan;
    if (!query_plan(&plan, m->run, &select, err)) {
        err_clear(err); // a view that no longer works may be replaced by one that does
        return true;
    }
    bool good = true;
    for (uint32_t i = 0; good && i < plan->root->columns && i < m->columns; i++) {
        Type was = plan->root->column[i].type;
        if (type_equal(was, m->type[i])) continue;
        Str a = type_text(was, m->run->mem), b = type_text(m->type[i], m->run->mem);
        good = err_set_at(err, "42P16", m->ast->name.at,
                          "cannot change data type of view column \"%.*s\" from %.*s to %.*s",
                          STR_ARG(m->name[i]), STR_ARG(a), STR_ARG(b));
    }
    plan_free(plan);
    return good;
}

static bool replace(Making *m, const SearchFound *found, Err *err)
{
    if (!found->object || found->object->kind != OBJECT_VIEW)
        return err_set_at(err, "42809", m->ast->name.at, "\"%.*s\" is not a view", STR_ARG(m->def.name));
    if (!may_replace(m, found->object, err) || !same_types(m, found->object, err)) return false;
    AccessThing of;
    access_of_object(m->run->session, found->object, m->run->mem, &of);
    if (!access_owner(m->run, &of, false, err)) return false;
    m->def.owner = found->object->owner;
    m->def.id = found->object->id;
    return transaction_object_replace(m->run->session->transaction, &m->def, false, err);
}

static bool create_view(Making *m, Err *err)
{
    const AstCreateView *v = m->ast;
    Transaction *t = m->run->session->transaction;
    AstQuery *q = v->query;
    if (v->recursive) q = recursive_query(m->run, v);
    if (q->into) return err_set_at(err, SQLSTATE_SYNTAX, q->into->at, "views must not contain SELECT INTO");
    if (!read_query(m, q, err) || !option_check(m, err)) return false;
    if (uses_temporary(m) && !is_temporary(m->place.schema)) {
        statement_notice(m->run, "view \"%.*s\" will be a temporary view", STR_ARG(m->def.name));
        if (!ddl_temporary_place(m->run, &m->place, err)) return false;
    }
    m->def.schema = m->place.schema;
    m->def.temporary = is_temporary(m->place.schema);
    SearchFound found = {.table = transaction_table_in(t, m->place.database, m->place.schema, m->def.name)};
    if (!found.table)
        found.object = transaction_object_find(t, OBJECT_VIEW, m->place.database, m->place.schema, 0,
                                               m->def.name, m->run->mem);
    if ((found.table || found.object) && v->or_replace) return replace(m, &found, err);
    uint64_t id;
    return transaction_object_create(t, &m->def, &id, err) &&
           access_own_object(m->run, transaction_object_by_id(t, id, m->run->mem), err);
}

// ---- materialized views ----

static bool create_rows(Making *m, Table **table, Err *err)
{
    Draft d;
    if (!ddl_draft_new(&d, m->run, &m->place, m->def.name, m->columns, 0, err)) return false;
    d.def->materialized = true;
    for (uint32_t i = 0; i < m->columns; i++) {
        Type type = m->type[i].id == TYPE_NULL ? type_of(TYPE_TEXT) : m->type[i];
        d.def->column[d.def->column_count++] = (ColumnDef){.name = m->name[i], .type = type};
    }
    return transaction_create_table(m->run->session->transaction, d.def, table, err);
}

// What the view reads may have been taken from who fills it.
static bool may_read(Run *run, const TableDef *def, Str query, Err *err)
{
    Statement *select;
    Plan *plan;
    size_t pos = 0;
    run->home = def->database;
    bool good = parser_statement(&select, query, &pos, run->mem, err) && query_plan(&plan, run, select, err);
    run->home = STR_NONE;
    if (good) plan_free(plan);
    if (!good) err->at = -1;
    return good;
}

static bool fill(Run *run, const TableDef *def, Str query, Err *err)
{
    if (!may_read(run, def, query, err)) return false;
    Bytes sql;
    int64_t count;
    bytes_init(&sql, VIEW_SQL_MAX);
    bytes_put(&sql, STR("INSERT INTO "));
    ddl_put_table(&sql, def);
    bytes_put_byte(&sql, ' ');
    bytes_put(&sql, query);
    run->home = def->database;
    run->refreshes = true;
    bool good = !sql.failed ? statement_run_inner(run, bytes_str(&sql), NULL, NULL, &count, err)
                            : err_set(err, SQLSTATE_LIMIT, "the query is too long");
    run->refreshes = false;
    run->home = STR_NONE;
    bytes_done(&sql);
    return good;
}

static bool create_materialized(Making *m, Err *err)
{
    const AstCreateView *v = m->ast;
    Table *table;
    bool taken;
    if (!ddl_name_taken(m->run, &m->place, &v->name, v->if_not_exists, &taken, err)) return false;
    if (taken) return true;
    if (!read_query(m, v->query, err) || !create_rows(m, &table, err)) return false;
    ddl_changed(m->run);
    m->def.kind = OBJECT_MATERIALIZED_VIEW;
    m->def.parent = table_def(table)->id;
    m->def.schema = m->def.name = STR(""); // those of the table, also when it is renamed
    if (!v->with_no_data) object_set_field(&m->def, m->run->mem, "filled", STR(""));
    if (!transaction_object_create(m->run->session->transaction, &m->def, NULL, err) ||
        !access_own_table(m->run, table_def(table), err))
        return false;
    return v->with_no_data || fill(m->run, table_def(table), object_field(&m->def, "query"), err);
}

bool ddl_create_view(Run *run, const AstCreateView *v, Err *err)
{
    Making m = {.run = run, .ast = v};
    if (!read_only(run, err)) return false;
    if (v->temporary ? !ddl_temporary_place(run, &m.place, err)
                     : !ddl_new_place(run, &v->name, &m.place, err))
        return false;
    m.def = (ObjectDef){.kind = OBJECT_VIEW,
                        .database = m.place.database,
                        .schema = m.place.schema,
                        .name = ast_path_name(&v->name),
                        .owner = role_current_key(run->session)};
    if (!(v->materialized ? create_materialized(&m, err) : create_view(&m, err))) {
        if (err->at < 0) err->at = v->name.at;
        return false;
    }
    ddl_changed(run);
    return true;
}

// ---- REFRESH ----

static bool is_named(const AstOptions *options, const char *word)
{
    for (uint32_t i = 0; i < options->count; i++)
        if (str_equal(options->at[i].name.text, str_of(word))) return true;
    return false;
}

static bool empty(Run *run, const TableDef *def, Err *err)
{
    Bytes sql;
    int64_t count;
    bytes_init(&sql, VIEW_SQL_MAX);
    bytes_put(&sql, STR("DELETE FROM "));
    ddl_put_table(&sql, def);
    run->refreshes = true;
    bool good = statement_run_inner(run, bytes_str(&sql), NULL, NULL, &count, err);
    run->refreshes = false;
    bytes_done(&sql);
    return good;
}

static bool has_unique(const TableDef *def)
{
    for (uint16_t i = 0; i < def->index_count; i++)
        if (def->index[i].unique) return true;
    return false;
}

bool ddl_refresh(Run *run, const AstMaintain *m, Err *err)
{
    const AstPath *path = &m->tables.at[0];
    SearchFound found;
    bool concurrently = is_named(&m->options, "concurrently"), no_data = is_named(&m->options, "no data");
    if (!read_only(run, err)) return false;
    if (!ddl_relation(run, path, &found))
        return err_set_at(err, SQLSTATE_UNDEFINED_TABLE, path->at, "relation \"%.*s\" does not exist",
                          STR_ARG(ddl_path_text(run, path)));
    if (!found.table || !table_def(found.table)->materialized)
        return err_set_at(err, SQLSTATE_UNSUPPORTED, path->at, "\"%.*s\" is not a materialized view",
                          STR_ARG(ast_path_name(path)));
    const TableDef *def = table_def(found.table);
    const ObjectDef *view = transaction_object_find(run->session->transaction, OBJECT_MATERIALIZED_VIEW,
                                                    def->database, STR(""), def->id, STR(""), run->mem);
    if (!access_table_owner(run, def, err)) return false;
    if (!view)
        return err_set(err, SQLSTATE_CORRUPT, "materialized view %.*s has no text", STR_ARG(def->name));
    bool filled = object_field(view, "filled").at != NULL;
    if (concurrently && no_data)
        return err_set_at(err, SQLSTATE_SYNTAX, path->at,
                          "REFRESH options CONCURRENTLY and WITH NO DATA cannot be used together");
    if (concurrently && !filled)
        return err_set_at(err, "0A000", path->at,
                          "CONCURRENTLY cannot be used when the materialized view is not populated");
    if (concurrently && !has_unique(def)) {
        err_set_at(err, "55000", path->at, "cannot refresh materialized view \"%.*s.%.*s\" concurrently",
                   STR_ARG(def->schema), STR_ARG(def->name));
        return err_hint(err, "Create a unique index with no WHERE clause on one or more columns of the "
                             "materialized view.");
    }
    ObjectDef *own = object_copy(view, run->mem);
    object_set_field(own, run->mem, "filled", no_data ? STR_NONE : STR(""));
    if (filled == no_data && !transaction_object_replace(run->session->transaction, own, false, err))
        return false;
    if (filled == no_data) ddl_changed(run);
    return empty(run, def, err) && (no_data || fill(run, def, object_field(view, "query"), err));
}
