// DDL: ALTER TABLE, as far as rows stay as they are: names, constraints (the rows that are there are checked
// first), defaults, NOT NULL. Adding, dropping and converting columns is refused.
#include "engine/db/ddl.h"

#include "engine/sql/print.h"

enum { CHECK_SQL_MAX = 2 << 20 };

// ---- checks of the rows that are there ----

static bool some_row(void *self, const Batch *batch)
{
    bool *found = self;
    *found |= batch->sel_len > 0;
    return !*found;
}

// *found: a row of the table fulfils the condition that has been written behind WHERE.
static bool look(Run *run, Bytes *sql, bool *found, Err *err)
{
    int64_t count;
    *found = false;
    bytes_put(sql, STR(" LIMIT 1"));
    bool good = !sql->failed ? statement_run_inner(run, bytes_str(sql), some_row, found, &count, err)
                             : err_set(err, SQLSTATE_LIMIT, "the constraint is too long");
    bytes_done(sql);
    return good;
}

static bool check_rows(Run *run, const TableDef *def, const CheckDef *check, Err *err)
{
    Bytes sql;
    bool found;
    bytes_init(&sql, CHECK_SQL_MAX);
    bytes_put(&sql, STR("SELECT 1 FROM "));
    ddl_put_table(&sql, def);
    bytes_put(&sql, STR(" WHERE NOT ("));
    bytes_put(&sql, check->text);
    bytes_put_byte(&sql, ')');
    if (!look(run, &sql, &found, err)) return false;
    return !found ||
           err_set(err, SQLSTATE_CHECK, "check constraint \"%.*s\" of table \"%.*s\" is violated by some row",
                   STR_ARG(check->name), STR_ARG(def->name));
}

static bool not_null_rows(Run *run, const TableDef *def, const ColumnDef *column, Err *err)
{
    Bytes sql;
    bool found;
    bytes_init(&sql, CHECK_SQL_MAX);
    bytes_put(&sql, STR("SELECT 1 FROM "));
    ddl_put_table(&sql, def);
    bytes_put(&sql, STR(" WHERE "));
    print_name(&sql, column->name);
    bytes_put(&sql, STR(" IS NULL"));
    if (!look(run, &sql, &found, err)) return false;
    return !found || err_set(err, SQLSTATE_NOT_NULL, "column \"%.*s\" of table \"%.*s\" contains null values",
                             STR_ARG(column->name), STR_ARG(def->name));
}

static bool foreign_rows(Run *run, const TableDef *def, const ForeignKeyDef *key, Err *err)
{
    Table *parent = transaction_table_by_id(run->session->transaction, key->parent_id);
    if (!parent) return true;
    const TableDef *pd = table_def(parent);
    Bytes sql;
    bool found;
    bytes_init(&sql, CHECK_SQL_MAX);
    bytes_put(&sql, STR("SELECT 1 FROM "));
    ddl_put_table(&sql, def);
    bytes_put(&sql, STR(" AS c LEFT JOIN "));
    ddl_put_table(&sql, pd);
    for (uint16_t i = 0; i < key->column_count; i++) {
        bytes_put(&sql, i ? STR(" AND c.") : STR(" AS p ON c."));
        print_name(&sql, def->column[key->column[i]].name);
        bytes_put(&sql, STR(" = p."));
        print_name(&sql, pd->column[key->parent_column[i]].name);
    }
    bytes_put(&sql, STR(" WHERE p."));
    print_name(&sql, pd->column[key->parent_column[0]].name);
    bytes_put(&sql, STR(" IS NULL"));
    for (uint16_t i = 0; i < key->column_count; i++) {
        bytes_put(&sql, STR(" AND c."));
        print_name(&sql, def->column[key->column[i]].name);
        bytes_put(&sql, STR(" IS NOT NULL"));
    }
    if (!look(run, &sql, &found, err)) return false;
    return !found || err_set(err, SQLSTATE_FOREIGN_KEY,
                             "insert or update on table \"%.*s\" violates foreign key constraint \"%.*s\"",
                             STR_ARG(def->name), STR_ARG(key->name));
}

// ---- actions ----

static bool add_constraint(Draft *d, const AstAlterAction *a, Err *err)
{
    TableDef *def = d->def;
    uint16_t checks = def->check_count, keys = def->foreign_key_count;
    bool *was_not_null = arena_array(d->run->mem, bool, def->column_count + 1);
    for (uint16_t i = 0; i < def->column_count; i++) was_not_null[i] = def->column[i].not_null;
    if (!ddl_constraint(d, a->constraint, -1, err)) return false;
    for (uint16_t i = 0; i < def->column_count; i++)
        if (def->column[i].not_null && !was_not_null[i] &&
            !not_null_rows(d->run, d->old, &def->column[i], err))
            return false;
    if (a->constraint->not_valid) return true;
    for (uint16_t i = checks; i < def->check_count; i++)
        if (!check_rows(d->run, d->old, &def->check[i], err)) return false;
    for (uint16_t i = keys; i < def->foreign_key_count; i++)
        if (!foreign_rows(d->run, d->old, &def->foreign_key[i], err)) return false;
    return true;
}

static bool needed_by_child(Draft *d, const IndexDef *index, const AstAlterAction *a, Err *err)
{
    const TableDef **child;
    size_t n = transaction_children(d->run->session->transaction, d->old->id, d->run->mem, &child);
    for (size_t i = 0; i < n; i++)
        for (uint16_t k = 0; k < child[i]->foreign_key_count; k++) {
            const ForeignKeyDef *key = &child[i]->foreign_key[k];
            if (key->parent_id == d->old->id &&
                schema_unique_on(d->old, key->parent_column, key->column_count) &&
                str_equal(schema_unique_on(d->old, key->parent_column, key->column_count)->name, index->name))
                return err_set_at(err, "2BP01", a->at,
                                  "cannot drop constraint \"%.*s\" because foreign key \"%.*s\" of table "
                                  "\"%.*s\" depends on it",
                                  STR_ARG(index->name), STR_ARG(key->name), STR_ARG(child[i]->name));
        }
    return true;
}

static bool drop_index_constraint(Draft *d, const AstAlterAction *a, bool *found, Err *err)
{
    TableDef *def = d->def;
    for (uint16_t i = 0; i < def->index_count; i++) {
        if (!def->index[i].constraint || !str_equal(def->index[i].name, a->name.text)) continue;
        if (!needed_by_child(d, &def->index[i], a, err)) return false;
        for (uint16_t k = i; k + 1 < def->index_count; k++) def->index[k] = def->index[k + 1];
        def->index_count--;
        *found = true;
        return true;
    }
    return true;
}

static void drop_check(TableDef *def, Str name, bool *found)
{
    uint16_t kept = 0;
    for (uint16_t i = 0; i < def->check_count; i++)
        if (!str_equal(def->check[i].name, name)) def->check[kept++] = def->check[i];
    *found |= kept < def->check_count;
    def->check_count = kept;
}

static void drop_foreign_key(Draft *d, Str name, bool *found)
{
    TableDef *def = d->def;
    uint16_t kept = 0, kept_index = 0;
    for (uint16_t i = 0; i < def->foreign_key_count; i++) {
        if (!str_equal(def->foreign_key[i].name, name)) {
            def->foreign_key[kept++] = def->foreign_key[i];
            continue;
        }
        Str index = ddl_foreign_index_name(def, &def->foreign_key[i], d->run->mem);
        for (uint16_t k = 0; k < def->index_count; k++)
            if (!str_equal(def->index[k].name, index)) def->index[kept_index++] = def->index[k];
        def->index_count = kept_index;
        *found = true;
    }
    def->foreign_key_count = kept;
}

static bool drop_constraint(Draft *d, const AstAlterAction *a, Err *err)
{
    bool found = false;
    if (!drop_index_constraint(d, a, &found, err)) return false;
    if (!found) drop_check(d->def, a->name.text, &found);
    if (!found) drop_foreign_key(d, a->name.text, &found);
    if (found) return true;
    if (!a->if_exists)
        return err_set_at(err, "42704", a->name.at, "constraint \"%.*s\" of table \"%.*s\" does not exist",
                          STR_ARG(a->name.text), STR_ARG(d->def->name));
    statement_notice(d->run, "constraint \"%.*s\" of table \"%.*s\" does not exist, skipping",
                     STR_ARG(a->name.text), STR_ARG(d->def->name));
    return true;
}

static bool column_of(const Draft *d, const AstName *name, int *out, Err *err)
{
    *out = schema_column(d->def, name->text);
    if (*out >= 0) return true;
    return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, name->at,
                      "column \"%.*s\" of table \"%.*s\" does not exist", STR_ARG(name->text),
                      STR_ARG(d->def->name));
}

static bool alter_column(Draft *d, const AstAlterAction *a, Err *err)
{
    int at;
    if (!column_of(d, &a->name, &at, err)) return false;
    ColumnDef *c = &d->def->column[at];
    AstConstraint wanted = {.kind = AST_CONSTRAINT_DEFAULT, .at = a->at, .expr = a->expr};
    switch (a->kind) {
    case AST_ALTER_SET_DEFAULT: c->default_text = STR_NONE; return ddl_constraint(d, &wanted, at, err);
    case AST_ALTER_DROP_DEFAULT: c->default_text = STR_NONE; return true;
    case AST_ALTER_SET_NOT_NULL:
        if (!c->not_null && !not_null_rows(d->run, d->old, c, err)) return false;
        c->not_null = true;
        return true;
    case AST_ALTER_DROP_NOT_NULL: {
        const IndexDef *primary = schema_primary(d->def);
        for (uint16_t i = 0; primary && i < primary->column_count; i++)
            if (primary->column[i] == at)
                return err_set_at(err, "42P16", a->name.at, "column \"%.*s\" is in a primary key",
                                  STR_ARG(a->name.text));
        c->not_null = c->identity;
        return true;
    }
    case AST_ALTER_ADD_IDENTITY: return ddl_constraint(d, a->constraint, at, err);
    default: c->identity = false; return true;
    }
}

static bool rename_column(Draft *d, const AstAlterAction *a, Err *err)
{
    int at;
    if (!column_of(d, &a->name, &at, err)) return false;
    if (schema_column(d->def, a->new_name.text) >= 0)
        return err_set_at(err, "42701", a->new_name.at, "column \"%.*s\" of table \"%.*s\" already exists",
                          STR_ARG(a->new_name.text), STR_ARG(d->def->name));
    if (d->def->check_count)
        return ddl_unsupported(a->at, "renaming a column of a table with CHECK constraints", err);
    d->def->column[at].name = a->new_name.text;
    return true;
}

static bool rename_constraint(Draft *d, const AstAlterAction *a, Err *err)
{
    TableDef *def = d->def;
    if (ddl_constraint_exists(def, a->new_name.text))
        return err_set_at(err, "42710", a->new_name.at,
                          "constraint \"%.*s\" for table \"%.*s\" already exists", STR_ARG(a->new_name.text),
                          STR_ARG(def->name));
    Str *name = NULL;
    for (uint16_t i = 0; i < def->index_count; i++)
        if (def->index[i].constraint && str_equal(def->index[i].name, a->name.text))
            name = &def->index[i].name;
    for (uint16_t i = 0; i < def->check_count; i++)
        if (str_equal(def->check[i].name, a->name.text)) name = &def->check[i].name;
    for (uint16_t i = 0; i < def->foreign_key_count; i++)
        if (str_equal(def->foreign_key[i].name, a->name.text)) name = &def->foreign_key[i].name;
    if (!name)
        return err_set_at(err, "42704", a->name.at, "constraint \"%.*s\" of table \"%.*s\" does not exist",
                          STR_ARG(a->name.text), STR_ARG(def->name));
    *name = a->new_name.text;
    return true;
}

static bool act(Draft *d, const AstAlterAction *a, Err *err)
{
    switch (a->kind) {
    case AST_ALTER_ADD_CONSTRAINT: return add_constraint(d, a, err);
    case AST_ALTER_DROP_CONSTRAINT: return drop_constraint(d, a, err);
    case AST_ALTER_SET_DEFAULT:
    case AST_ALTER_DROP_DEFAULT:
    case AST_ALTER_SET_NOT_NULL:
    case AST_ALTER_DROP_NOT_NULL:
    case AST_ALTER_ADD_IDENTITY:
    case AST_ALTER_DROP_IDENTITY: return alter_column(d, a, err);
    case AST_ALTER_RENAME_TABLE: d->def->name = a->new_name.text; return true;
    case AST_ALTER_RENAME_COLUMN: return rename_column(d, a, err);
    case AST_ALTER_RENAME_CONSTRAINT: return rename_constraint(d, a, err);
    case AST_ALTER_OWNER: // every table belongs to the database
    case AST_ALTER_VALIDATE: return true;
    case AST_ALTER_ADD_COLUMN: return ddl_unsupported(a->at, "ALTER TABLE … ADD COLUMN", err);
    case AST_ALTER_DROP_COLUMN: return ddl_unsupported(a->at, "ALTER TABLE … DROP COLUMN", err);
    case AST_ALTER_TYPE: return ddl_unsupported(a->at, "ALTER TABLE … ALTER COLUMN … TYPE", err);
    case AST_ALTER_SET_SCHEMA: return ddl_unsupported(a->at, "ALTER TABLE … SET SCHEMA", err);
    case AST_ALTER_OTHER: break;
    }
    return err_set_at(err, SQLSTATE_UNSUPPORTED, a->at, "ALTER TABLE … %.*s is not supported",
                      STR_ARG(a->words));
}

bool ddl_alter(Run *run, const AstAlterTable *a, Err *err)
{
    Table *table;
    if (a->object != AST_OBJECT_TABLE) return ddl_unsupported(a->name.at, run->tag, err);
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute ALTER TABLE in a read-only transaction");
    for (uint32_t i = 0; i < a->actions; i++) {
        Draft d;
        if (!ddl_table(run, &a->name, a->if_exists, &table, err)) return false;
        if (!table) return true;
        ddl_draft_of(&d, run, table_def(table), 1);
        if (!act(&d, &a->action[i], err) ||
            !transaction_alter_table(run->session->transaction, table, d.def, err)) {
            if (err->at < 0) err->at = a->action[i].at;
            return false;
        }
    }
    ddl_changed(run);
    run->verb = "alter table";
    run->table = ast_path_name(&a->name);
    return true;
}
