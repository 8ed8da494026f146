// DDL: CREATE INDEX: hash for equality, sorted (also called btree) for order, the default.
#include "engine/db/ddl.h"

static bool method(const AstCreateIndex *i, IndexKind *kind, Err *err)
{
    Str name = i->method.text;
    *kind = INDEX_SORTED;
    if (!name.at || str_equal(name, STR("btree")) || str_equal(name, STR("sorted"))) return true;
    *kind = INDEX_HASH;
    if (str_equal(name, STR("hash"))) return true;
    return err_set_at(err, SQLSTATE_UNSUPPORTED, i->method.at,
                      "index method \"%.*s\" is not supported; there are sorted (btree) and hash",
                      STR_ARG(name));
}

static bool refuse(const AstCreateIndex *i, Err *err)
{
    int64_t at = i->table.at;
    if (i->where) return ddl_unsupported(i->where->at, "a partial index", err);
    if (i->include.count) return ddl_unsupported(at, "INCLUDE", err);
    if (i->nulls_not_distinct) return ddl_unsupported(at, "NULLS NOT DISTINCT", err);
    for (uint32_t k = 0; k < i->key.count; k++) {
        const AstOrder *o = &i->key.at[k];
        if (o->expr->kind != AST_COLUMN || o->expr->path->parts != 1)
            return ddl_unsupported(o->expr->at, "an index on an expression", err);
    }
    return true;
}

static bool key_columns(const AstCreateIndex *i, const TableDef *def, IndexDef *out, Err *err)
{
    if (i->key.count > SCHEMA_KEY_COLUMNS_MAX)
        return err_set(err, "54011", "an index has at most %d columns", SCHEMA_KEY_COLUMNS_MAX);
    for (uint32_t k = 0; k < i->key.count; k++) {
        const AstExpr *e = i->key.at[k].expr;
        Str name = ast_path_name(e->path);
        int at = schema_column(def, name);
        if (at < 0)
            return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, e->at, "column \"%.*s\" does not exist",
                              STR_ARG(name));
        out->column[out->column_count++] = (uint16_t)at;
    }
    return true;
}

static bool exists(Run *run, const AstCreateIndex *i, const TableDef *of, bool *found, Err *err)
{
    const TableDef **def;
    *found = false;
    size_t n =
        i->name.text.at ? transaction_tables(run->session->transaction, of->database, run->mem, &def) : 0;
    for (size_t k = 0; k < n && !*found; k++)
        for (uint16_t x = 0; x < def[k]->index_count; x++)
            *found |= str_equal(def[k]->index[x].name, i->name.text);
    if (!*found) return true;
    if (!i->if_not_exists)
        return err_set_at(err, SQLSTATE_DUPLICATE_TABLE, i->name.at, "relation \"%.*s\" already exists",
                          STR_ARG(i->name.text));
    statement_notice(run, "relation \"%.*s\" already exists, skipping", STR_ARG(i->name.text));
    return true;
}

bool ddl_create_index(Run *run, const AstCreateIndex *i, Err *err)
{
    Table *table;
    IndexDef index = {.unique = i->unique};
    bool found;
    if (!refuse(i, err) || !method(i, &index.kind, err) || !ddl_table(run, &i->table, false, &table, err))
        return false;
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute CREATE INDEX in a read-only transaction");
    const TableDef *def = table_def(table);
    if (!exists(run, i, def, &found, err)) return false;
    if (found) return true;
    if (!key_columns(i, def, &index, err)) return false;
    Draft d = {.run = run, .def = schema_copy(def, run->mem), .old = def};
    index.name =
        i->name.text.at ? i->name.text : ddl_constraint_name(&d, index.column, index.column_count, "idx");
    if (!transaction_create_index(run->session->transaction, table, &index, err)) {
        if (err->at < 0) err->at = i->name.text.at ? i->name.at : i->table.at;
        return false;
    }
    ddl_changed(run);
    run->verb = "create index";
    run->table = index.name;
    return true;
}
