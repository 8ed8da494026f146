// DDL: ALTER TABLE, what must hold for the rows that are there: each question is a query of the engine's own
// on the new definition, with an answer of one row at most.
#include "engine/db/ddl_alter_in.h"

#include "engine/sql/print.h"

enum { CHECK_SQL_MAX = 2 << 20 };

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

bool alter_check_rows(Run *run, const TableDef *def, const CheckDef *check, Err *err)
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
    return !found || err_set(err, SQLSTATE_CHECK,
                             "check constraint \"%.*s\" of relation \"%.*s\" is violated by some row",
                             STR_ARG(check->name), STR_ARG(def->name));
}

bool alter_check_not_null(Run *run, const TableDef *def, const ColumnDef *column, Err *err)
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
    return !found ||
           err_set(err, SQLSTATE_NOT_NULL, "column \"%.*s\" of relation \"%.*s\" contains null values",
                   STR_ARG(column->name), STR_ARG(def->name));
}

// MATCH FULL: no row may have some of the key's columns only.
static bool check_full(Run *run, const TableDef *def, const ForeignKeyDef *key, bool *found, Err *err)
{
    Bytes sql;
    bytes_init(&sql, CHECK_SQL_MAX);
    bytes_put(&sql, STR("SELECT 1 FROM "));
    ddl_put_table(&sql, def);
    for (uint16_t i = 1; i < key->column_count; i++) {
        bytes_put(&sql, i > 1 ? STR(" OR (") : STR(" WHERE ("));
        print_name(&sql, def->column[key->column[0]].name);
        bytes_put(&sql, STR(" IS NULL) <> ("));
        print_name(&sql, def->column[key->column[i]].name);
        bytes_put(&sql, STR(" IS NULL)"));
    }
    return look(run, &sql, found, err);
}

bool alter_check_parents(Run *run, const TableDef *def, const ForeignKeyDef *key, Err *err)
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
    if (!found && key->match_full && key->column_count > 1 && !check_full(run, def, key, &found, err))
        return false;
    return !found || err_set(err, SQLSTATE_FOREIGN_KEY,
                             "insert or update on table \"%.*s\" violates foreign key constraint \"%.*s\"",
                             STR_ARG(def->name), STR_ARG(key->name));
}
