// DDL: CREATE INDEX: hash for equality, sorted (also called btree) for order, the default. Expressions and
// the condition of a partial index become hidden generated columns of the table, which the store keeps like
// any other.
#include "engine/db/access.h"
#include "engine/db/ddl.h"

static bool method(const AstCreateIndex *i, IndexKind *kind, Err *err)
{
    static const char *const others[] = {"gin", "gist", "brin", "spgist"};
    Str name = i->method.text;
    *kind = INDEX_SORTED;
    if (!name.at || str_equal(name, STR("btree")) || str_equal(name, STR("sorted"))) return true;
    *kind = INDEX_HASH;
    if (str_equal(name, STR("hash"))) return true;
    for (size_t k = 0; k < COUNT_OF(others); k++)
        if (str_equal(name, str_of(others[k])))
            return err_set_at(err, SQLSTATE_UNSUPPORTED, i->method.at,
                              "index method \"%s\" is not supported; there are btree (sorted) and hash",
                              others[k]);
    return err_set_at(err, "42704", i->method.at, "access method \"%.*s\" does not exist", STR_ARG(name));
}

// ---- hidden columns: the values of expressions ----

static bool changes_by_itself(Expr *e, void *arg)
{
    if (e->kind == EXPR_CALL && e->function->flags & (FUNCTION_VOLATILE | FUNCTION_STABLE))
        *(bool *)arg = true;
    return true;
}

// The hidden column that has this expression, made when there is none. d: a draft with room in its columns.
static bool hidden_column(Draft *d, const AstExpr *e, Type type, const char *what, uint16_t *out, Err *err)
{
    TableDef *def = d->def;
    Expr *bound;
    Str text;
    bool volatiles = false;
    if (!plan_bind_expr(&bound, e, def, type, query_names(d->run), d->run->mem, err)) return false;
    expr_walk(bound, changes_by_itself, &volatiles);
    if (volatiles)
        return err_set_at(err, "42P17", e->at, "functions in index %s must be marked IMMUTABLE", what);
    if (!ddl_expr_text(d->run, e, &text, err)) return false;
    for (uint16_t c = def->column_count; c < schema_stored(def); c++)
        if (str_equal(def->column[c].generated, text)) {
            *out = c;
            return true;
        }
    *out = schema_stored(def);
    if (*out >= SCHEMA_COLUMNS_MAX) return err_set_at(err, "54011", e->at, "the table has too many columns");
    Type own = bound->type.id == TYPE_NULL ? type_of(TYPE_TEXT) : type_bare(bound->type);
    def->column[*out] =
        (ColumnDef){.name = arena_printf(d->run->mem, "\x1e%u", *out), .type = own, .generated = text};
    def->hidden_count++;
    return true;
}

static const char *expression_name(const AstExpr *e) { return e->kind == AST_CALL ? NULL : "expr"; }

static bool key_part(Draft *d, const AstOrder *o, IndexDef *out, Str *names, Err *err)
{
    uint16_t k = out->column_count, column;
    if (o->expr->kind == AST_COLUMN && o->expr->path->parts == 1) {
        Str name = ast_path_name(o->expr->path);
        int at = schema_column(d->def, name);
        if (at < 0)
            return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, o->expr->at, "column \"%.*s\" does not exist",
                              STR_ARG(name));
        column = (uint16_t)at;
        names[k] = name;
    } else {
        if (!hidden_column(d, o->expr, type_of(TYPE_NULL), "expression", &column, err)) return false;
        const char *plain = expression_name(o->expr);
        names[k] = plain ? str_of(plain) : ast_path_name(&o->expr->call->name);
    }
    bool nulls_first = o->nulls_given ? o->nulls_first : o->descending;
    if (o->descending) out->descending |= UINT32_C(1) << k;
    if (nulls_first) out->nulls_first |= UINT32_C(1) << k;
    out->column[out->column_count++] = column;
    return true;
}

static bool index_parts(Draft *d, const AstCreateIndex *i, IndexDef *out, Str *names, Err *err)
{
    if (i->key.count > SCHEMA_KEY_COLUMNS_MAX || i->include.count > SCHEMA_KEY_COLUMNS_MAX)
        return err_set(err, "54011", "cannot use more than %d columns in an index", SCHEMA_KEY_COLUMNS_MAX);
    if (i->nulls_not_distinct) return ddl_unsupported(i->table.at, "NULLS NOT DISTINCT", err);
    for (uint32_t k = 0; k < i->key.count; k++)
        if (!key_part(d, &i->key.at[k], out, names, err)) return false;
    for (uint32_t k = 0; k < i->include.count; k++) {
        int at = schema_column(d->def, i->include.at[k].text);
        if (at < 0)
            return err_set_at(err, SQLSTATE_UNDEFINED_COLUMN, i->include.at[k].at,
                              "column \"%.*s\" does not exist", STR_ARG(i->include.at[k].text));
        out->include[out->include_count++] = (uint16_t)at;
    }
    if (!i->where) return true;
    uint16_t column;
    if (!hidden_column(d, i->where, type_of(TYPE_BOOLEAN), "predicate", &column, err)) return false;
    out->predicate = (uint16_t)(column + 1);
    return true;
}

// The new hidden columns, with their values in every row.
static bool fill_hidden(Run *run, Table *table, Draft *d, Err *err)
{
    if (d->def->hidden_count == d->old->hidden_count) return true;
    return transaction_alter_table(run->session->transaction, table, d->def, err) &&
           ddl_refill(run, table, err);
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

// "t_a_lower_idx", as PostgreSQL makes it.
static Str index_name(const Draft *d, const AstCreateIndex *i, const Str *names)
{
    Str middle = STR_NONE;
    for (uint32_t k = 0; k < i->key.count; k++)
        middle = arena_printf(d->run->mem, "%.*s_%.*s", STR_ARG(middle), STR_ARG(names[k]));
    return ddl_constraint_name_of(d, middle, "idx");
}

bool ddl_create_index(Run *run, const AstCreateIndex *i, Err *err)
{
    Table *table;
    Draft d;
    IndexDef index = {.unique = i->unique};
    Str names[SCHEMA_KEY_COLUMNS_MAX];
    bool found;
    if (!method(i, &index.kind, err) || !ddl_table(run, &i->table, false, &table, err)) return false;
    if (run->session->read_only)
        return err_set(err, "25006", "cannot execute CREATE INDEX in a read-only transaction");
    if (!access_table_owner(run, table_def(table), err) || !exists(run, i, table_def(table), &found, err))
        return false;
    if (found) return true;
    ddl_draft_of(&d, run, table_def(table), 0);
    d.old = schema_copy(table_def(table), run->mem);
    ColumnDef *column = arena_array(run->mem, ColumnDef, schema_stored(d.def) + i->key.count + 2);
    for (uint16_t c = 0; c < schema_stored(d.def); c++) column[c] = d.def->column[c];
    d.def->column = column;
    if (!index_parts(&d, i, &index, names, err)) return false;
    index.name = i->name.text.at ? i->name.text : index_name(&d, i, names);
    if (!fill_hidden(run, table, &d, err)) return false;
    if (!transaction_create_index(run->session->transaction, table, &index, err)) {
        if (err->at < 0) err->at = i->name.text.at ? i->name.at : i->table.at;
        return false;
    }
    ddl_changed(run);
    run->verb = "create index";
    run->table = index.name;
    return true;
}
