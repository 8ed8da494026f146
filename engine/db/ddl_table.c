// DDL: CREATE TABLE (also AS a query), DROP TABLE and DROP INDEX, TRUNCATE.
#include "engine/db/access.h"
#include "engine/db/ddl_object.h"
#include "engine/db/temporary.h"
#include "engine/db/triggers.h"

#include "engine/sql/print.h"
#include <string.h>

enum { INNER_SQL_MAX = 8192, DRAFT_ROOM_MAX = 8192 };

// ---- drafts ----

bool ddl_draft_new(Draft *d, Run *run, const SearchPlace *place, Str name, uint32_t columns,
                   uint32_t constraints, Err *err)
{
    Arena *mem = run->mem;
    if (columns > SCHEMA_COLUMNS_MAX)
        return err_set(err, "54011", "a table has at most %d columns", SCHEMA_COLUMNS_MAX);
    if (constraints > DRAFT_ROOM_MAX)
        return err_set(err, SQLSTATE_LIMIT, "a table has at most %d constraints", DRAFT_ROOM_MAX);
    TableDef *def = arena_new(mem, TableDef);
    def->database = place->database;
    def->schema = place->schema;
    def->temporary = str_starts(place->schema, STR("pg_temp"));
    def->name = name;
    def->column = arena_array(mem, ColumnDef, columns + 1);
    def->index = arena_array(mem, IndexDef, 2 * constraints + 1); // a foreign key may bring its own
    def->foreign_key = arena_array(mem, ForeignKeyDef, constraints + 1);
    def->check = arena_array(mem, CheckDef, constraints + 1);
    *d = (Draft){.run = run, .def = def};
    return true;
}

void ddl_draft_of(Draft *d, Run *run, const TableDef *def, uint32_t constraints)
{
    Arena *mem = run->mem;
    TableDef *copy = schema_copy(def, mem);
    IndexDef *index = arena_array(mem, IndexDef, copy->index_count + 2 * constraints + 1);
    ForeignKeyDef *key = arena_array(mem, ForeignKeyDef, copy->foreign_key_count + constraints + 1);
    CheckDef *check = arena_array(mem, CheckDef, copy->check_count + constraints + 1);
    if (copy->index_count) memcpy(index, copy->index, copy->index_count * sizeof *index);
    if (copy->foreign_key_count) memcpy(key, copy->foreign_key, copy->foreign_key_count * sizeof *key);
    if (copy->check_count) memcpy(check, copy->check, copy->check_count * sizeof *check);
    copy->index = index;
    copy->foreign_key = key;
    copy->check = check;
    *d = (Draft){.run = run, .def = copy, .old = def};
}

// ---- columns ----

bool ddl_column(Draft *d, const AstColumnDef *c, Err *err)
{
    TableDef *def = d->def;
    bool serial;
    if (schema_column(def, c->name.text) >= 0)
        return err_set_at(err, "42701", c->name.at, "column \"%.*s\" specified more than once",
                          STR_ARG(c->name.text));
    ColumnDef *col = &def->column[def->column_count];
    col->name = c->name.text;
    if (!ddl_type(d->run, &col->type, c->type, &serial, err)) return false;
    col->not_null = serial;
    if (col->type.domain) { // until the column has a default of its own
        const ObjectDef *o =
            transaction_object_by_id(d->run->session->transaction, col->type.domain, d->run->mem);
        if (o) col->default_text = object_field(o, "default");
    }
    def->column_count++;
    return !serial || ddl_sequence_of_column(d, def->column_count - 1, NULL, err);
}

// The four passes below, so that keys are known before others refer to them.
static unsigned pass_of(AstConstraintKind kind)
{
    switch (kind) {
    case AST_CONSTRAINT_PRIMARY:
    case AST_CONSTRAINT_UNIQUE: return 1;
    case AST_CONSTRAINT_CHECK: return 2;
    case AST_CONSTRAINT_FOREIGN_KEY: return 3;
    default: return 0;
    }
}

static bool add_constraints(Draft *d, const AstCreateTable *t, unsigned pass, Err *err)
{
    for (uint32_t i = 0; i < t->columns; i++)
        for (uint32_t k = 0; k < t->column[i].constraints; k++)
            if (pass_of(t->column[i].constraint[k].kind) == pass &&
                !ddl_constraint(d, &t->column[i].constraint[k], (int)i, err))
                return false;
    for (uint32_t i = 0; i < t->constraints; i++)
        if (pass_of(t->constraint[i].kind) == pass && !ddl_constraint(d, &t->constraint[i], -1, err))
            return false;
    return true;
}

static bool is_temporary_path(const AstPath *path)
{
    return path->parts == 2 && str_equal(path->part[0].text, STR("pg_temp"));
}

static bool refuse_options(const AstCreateTable *t, bool temporary, Err *err)
{
    int64_t at = t->name.at;
    if (t->inherits.count) return ddl_unsupported(at, "INHERITS", err);
    if (t->partition.len) return ddl_unsupported(at, "PARTITION BY", err);
    if (t->temporary && t->name.parts > 1 && !is_temporary_path(&t->name))
        return err_set_at(err, "42P16", at, "cannot create temporary relation in non-temporary schema");
    if (t->on_commit.len && !temporary)
        return err_set_at(err, "42P16", at, "ON COMMIT can only be used on temporary tables");
    return t->execute ? ddl_unsupported(at, "CREATE TABLE … AS EXECUTE", err) : true;
}

static uint32_t constraint_count(const AstCreateTable *t)
{
    uint32_t n = t->constraints;
    for (uint32_t i = 0; i < t->columns; i++) n += t->column[i].constraints;
    return n;
}

static bool draft_columns(Draft *d, const AstCreateTable *t, Err *err)
{
    uint32_t like = 0; // in the order written
    for (uint32_t i = 0; i < t->columns; i++) {
        for (; like < t->likes && t->like[like].at < t->column[i].at; like++)
            if (!ddl_like_columns(d, &t->like[like], err)) return false;
        if (!ddl_column(d, &t->column[i], err)) return false;
    }
    for (; like < t->likes; like++)
        if (!ddl_like_columns(d, &t->like[like], err)) return false;
    for (uint32_t i = 0; i < t->likes; i++)
        if (!ddl_like_rest(d, &t->like[i], err)) return false;
    for (unsigned pass = 0; pass <= 3; pass++)
        if (!add_constraints(d, t, pass, err)) return false;
    return true;
}

static bool create(Run *run, const TableDef *def, const AstCreateTable *t, Err *err)
{
    Table *table;
    if (!transaction_create_table(run->session->transaction, def, &table, err)) {
        if (err->at < 0) err->at = t->name.at;
        return false;
    }
    ddl_changed(run);
    bool drop = str_equal(t->on_commit, STR("drop")), empty = str_equal(t->on_commit, STR("delete rows"));
    if ((drop || empty) && !temporary_on_commit(run->session, table_def(table)->id, drop, err)) return false;
    if (!ddl_sequences_own(run, table_def(table), err) || !access_own_table(run, table_def(table), err))
        return false;
    run->verb = "create table";
    run->table = def->name;
    return true;
}

// ---- CREATE TABLE … AS ----

bool ddl_is_kept(Str column, Type type, int64_t at, Err *err)
{
    bool record = type.id == TYPE_RECORD || (type.id == TYPE_ARRAY && type_element(type).id == TYPE_RECORD);
    return !record || err_set_at(err, "42P16", at, "column \"%.*s\" has pseudo-type record", STR_ARG(column));
}

static bool columns_of_plan(Draft *d, const AstCreateTable *t, const PlanNode *root, Err *err)
{
    if (t->query_columns.count > root->columns)
        return err_set_at(err, SQLSTATE_SYNTAX, t->name.at, "too many column names were specified");
    for (uint32_t i = 0; i < root->columns; i++) {
        Str name = i < t->query_columns.count ? t->query_columns.at[i].text
                                              : arena_copy(d->run->mem, root->column[i].name);
        if (schema_column(d->def, name) >= 0)
            return err_set_at(err, "42701", t->name.at, "column \"%.*s\" specified more than once",
                              STR_ARG(name));
        Type type = root->column[i].type;
        if (!ddl_is_kept(name, type, t->name.at, err)) return false;
        d->def->column[d->def->column_count++] =
            (ColumnDef){.name = name, .type = type.id == TYPE_NULL ? type_of(TYPE_TEXT) : type};
    }
    return true;
}

static bool fill_from_query(Run *run, const AstCreateTable *t, const TableDef *def, Err *err)
{
    const AstPath path = {
        .part = {{def->database, -1}, {def->schema, -1}, {def->name, -1}}, .parts = 3, .at = t->name.at};
    AstInsert insert = {
        .table = path, .alias = {.at = -1}, .conflict_constraint = {.at = -1}, .query = t->query};
    Statement statement = {.kind = STATEMENT_INSERT, .at = t->name.at, .insert = &insert};
    Plan *plan;
    if (!query_plan(&plan, run, &statement, err)) return false;
    ExecContext ctx;
    query_context(run, &ctx);
    bool good = exec_run(plan, &ctx, NULL, NULL, &run->rows, err);
    plan_free(plan);
    return good;
}

static bool create_as(Run *run, const AstCreateTable *t, const SearchPlace *place, Err *err)
{
    Statement select = {.kind = STATEMENT_SELECT, .at = t->query->at, .query = t->query};
    Plan *plan;
    Draft d;
    if (!query_plan(&plan, run, &select, err)) return false;
    bool good = ddl_draft_new(&d, run, place, ast_path_name(&t->name), plan->root->columns, 0, err) &&
                columns_of_plan(&d, t, plan->root, err);
    plan_free(plan);
    return good && create(run, d.def, t, err) && (t->with_no_data || fill_from_query(run, t, d.def, err));
}

bool ddl_create_table(Run *run, const AstCreateTable *t, Err *err)
{
    Str name = ast_path_name(&t->name);
    SearchPlace place;
    Draft d;
    bool temporary = t->temporary || is_temporary_path(&t->name);
    if (!refuse_options(t, temporary, err)) return false;
    if (temporary ? !ddl_temporary_place(run, &place, err) : !ddl_new_place(run, &t->name, &place, err))
        return false;
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute CREATE TABLE in a read-only transaction");
    bool exists;
    if (!ddl_name_taken(run, &place, &t->name, t->if_not_exists, &exists, err)) return false;
    if (exists) return true;
    if (t->query) return create_as(run, t, &place, err);
    uint32_t constraints = constraint_count(t), columns = t->columns + ddl_like_width(run, t, &constraints);
    return ddl_draft_new(&d, run, &place, name, columns, constraints, err) && draft_columns(&d, t, err) &&
           create(run, d.def, t, err);
}

// ---- DROP INDEX ----

bool ddl_find_index(Run *run, Str database, Str name, Table **table, const IndexDef **out)
{
    Transaction *t = run->session->transaction;
    const TableDef **def;
    size_t n = transaction_tables(t, database, run->mem, &def);
    for (size_t i = 0; i < n; i++)
        for (uint16_t k = 0; k < def[i]->index_count; k++)
            if (str_equal(def[i]->index[k].name, name)) {
                *table = transaction_table_by_id(t, def[i]->id);
                *out = &def[i]->index[k];
                return *table != NULL;
            }
    return false;
}

bool ddl_drop_index(Run *run, const AstDrop *drop, const AstPath *path, Err *err)
{
    Str database, name = ast_path_name(path);
    Table *table;
    const IndexDef *index;
    if (!ddl_database(run, path, &database, err)) return false;
    if (!ddl_find_index(run, database, name, &table, &index)) {
        if (!drop->if_exists)
            return err_set_at(err, "42704", path->at, "index \"%.*s\" does not exist", STR_ARG(name));
        statement_notice(run, "index \"%.*s\" does not exist, skipping", STR_ARG(name));
        return true;
    }
    if (index->constraint) {
        err_set_at(err, "2BP01", path->at,
                   "cannot drop index \"%.*s\" because a constraint of table \"%.*s\" requires it",
                   STR_ARG(name), STR_ARG(table_def(table)->name));
        return err_hint(err, "Drop the constraint instead.");
    }
    if (!access_table_owner(run, table_def(table), err) ||
        !transaction_drop_index(run->session->transaction, table, name, err))
        return false;
    ddl_changed(run);
    run->verb = "drop index";
    run->table = name;
    return true;
}

// ---- TRUNCATE ----

static bool may_truncate(Run *run, const AstTruncate *t, const TableDef *def, int64_t at, Err *err)
{
    const TableDef **child;
    size_t n = transaction_children(run->session->transaction, def->id, run->mem, &child);
    for (size_t i = 0; i < n; i++) {
        bool also = child[i]->id == def->id;
        for (uint32_t k = 0; k < t->tables.count; k++)
            also |= str_equal(ast_path_name(&t->tables.at[k]->path), child[i]->name);
        if (also) continue;
        err_set_at(err, SQLSTATE_UNSUPPORTED, at,
                   "cannot truncate a table referenced in a foreign key constraint");
        return err_hint(err, "Truncate table \"%.*s\" at the same time.", STR_ARG(child[i]->name));
    }
    return true;
}

static bool truncate_fires(Run *run, const TableDef *def, bool before, Err *err)
{
    ExecFire f = {.table = def->id, .event = EXEC_TRUNCATE, .before = before};
    return !triggers_has(run->session, def, &f) || triggers_fire(run->session, def, &f, err);
}

static bool truncate_one(Run *run, const AstTruncate *t, const AstPath *path, Err *err)
{
    Table *table;
    if (!ddl_table(run, path, false, &table, err) || !may_truncate(run, t, table_def(table), path->at, err))
        return false;
    AccessThing of;
    access_of_table(run->session, table_def(table), run->mem, &of);
    if (!access_need(run->session, &of, RIGHT_TRUNCATE, err)) return false;
    Bytes sql;
    bytes_init(&sql, INNER_SQL_MAX);
    bytes_put(&sql, STR("DELETE FROM "));
    ddl_put_table(&sql, table_def(table));
    int64_t count = 0;
    bool good = truncate_fires(run, table_def(table), true, err) &&
                statement_run_inner(run, bytes_str(&sql), NULL, NULL, &count, err) &&
                truncate_fires(run, table_def(table), false, err);
    bytes_done(&sql);
    if (good && t->restart_identity) good = ddl_sequences_restart(run, table_def(table), err);
    run->verb = "truncate";
    run->table = arena_copy(run->mem, ast_path_name(path));
    run->rows += count;
    run->counts = true;
    return good;
}

// Children first: with both sides of a key in the list, each DELETE must find its children gone.
bool ddl_truncate(Run *run, const AstTruncate *t, Err *err)
{
    if (t->cascade) return ddl_unsupported(t->tables.at[0]->at, "TRUNCATE … CASCADE", err);
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute TRUNCATE in a read-only transaction");
    bool done[64] = {false};
    if (t->tables.count > COUNT_OF(done))
        return err_set(err, SQLSTATE_LIMIT, "TRUNCATE takes at most %zu tables", COUNT_OF(done));
    uint32_t left = t->tables.count;
    for (uint32_t round = 0; left && round < t->tables.count; round++)
        for (uint32_t i = 0; i < t->tables.count; i++) {
            Err try = {.at = -1};
            if (done[i]) continue;
            bool last = round + 1 == t->tables.count;
            done[i] = truncate_one(run, t, &t->tables.at[i]->path, last ? err : &try);
            if (!done[i] && !err_is(&try, SQLSTATE_FOREIGN_KEY)) {
                if (!last) *err = try;
                return false;
            }
            left -= done[i];
        }
    return left == 0;
}
