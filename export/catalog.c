// Catalog: see catalog.h. One plain SELECT per system table, whole databases at once, joined here by name:
// the same queries work on any engine that has these views, and cost the same for one table as for a
// thousand.
#include "export/catalog.h"

#include "engine/data/collect.h"
#include <stdlib.h>
#include <string.h>

enum { CATALOG_QUERY_MAX = 1 << 20 };

// Each query ends where the quoted name of the database is put in; `order` follows it.
enum { INDEX_TEXT_MAX = 4 << 20 };

typedef struct CatalogQuery {
    const char *select, *order;
} CatalogQuery;

static const CatalogQuery query_tables = {"SELECT table_name, node, schema_name, local_name FROM d2db.tables "
                                          "WHERE kind = 'table' AND database = ",
                                          " ORDER BY table_name"};
static const CatalogQuery query_definitions = {
    "SELECT phase, kind, schema_name, name, statement FROM d2db.definitions WHERE database = ", ""};
static const CatalogQuery query_columns = {
    "SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, "
    "is_nullable, "
    "column_default, is_identity, table_schema, generation_expression FROM information_schema.columns WHERE "
    "table_catalog = ",
    " ORDER BY table_schema, table_name, ordinal_position"};
static const CatalogQuery query_indexes = {
    "SELECT table_name, index_name, is_unique, is_primary, "
    "is_constraint, method, column_name, is_expression, is_descending, "
    "nulls_first, predicate FROM d2db.indexes "
    "WHERE database = ",
    " ORDER BY table_name, index_name, position"};
static const CatalogQuery query_foreign = {
    "SELECT table_name, constraint_name, column_name, parent_table, parent_column, on_delete, on_update "
    "FROM d2db.foreign_keys WHERE database = ",
    " ORDER BY table_name, constraint_name, position"};
static const CatalogQuery query_checks = {
    "SELECT table_name, constraint_name, check_clause FROM d2db.checks WHERE database = ",
    " ORDER BY table_name, constraint_name"};

static const char *const action_texts[] = {"NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"};
const char *catalog_action_text(CatalogAction a) { return action_texts[a]; }

static CatalogAction action_of(Str text)
{
    for (size_t i = 0; i < COUNT_OF(action_texts); i++)
        if (str_equal_fold(text, str_of(action_texts[i]))) return (CatalogAction)i;
    return CATALOG_NO_ACTION;
}

static bool catalog_ask(const CatalogQuery *q, Source *s, Str database, Arena *mem, Collected *out, Err *err)
{
    Bytes text;
    bytes_init(&text, CATALOG_QUERY_MAX);
    bytes_put(&text, str_of(q->select));
    source_quote_text(&text, database);
    bytes_put(&text, str_of(q->order));
    bool ok = !text.failed || err_set(err, SQLSTATE_LIMIT, "the name of the database is too long");
    ok = ok && source_collect(s, bytes_str(&text), mem, out, err);
    bytes_done(&text);
    return ok || err_note(err, "while reading the structure of database %.*s", STR_ARG(database));
}

static int table_order(const void *a, const void *b)
{
    return str_compare(((const CatalogTable *)a)->name, ((const CatalogTable *)b)->name);
}

const CatalogTable *catalog_table(const Catalog *c, Str name)
{
    CatalogTable wanted = {.name = name};
    if (!c->tables) return NULL;
    return bsearch(&wanted, c->table, c->tables, sizeof *c->table, table_order);
}

int catalog_column(const CatalogTable *t, Str name)
{
    for (uint32_t i = 0; i < t->columns; i++)
        if (str_equal(t->column[i].name, name)) return (int)i;
    return -1;
}

static bool read_tables(Catalog *c, Source *s, Arena *mem, Err *err)
{
    Collected r;
    if (!catalog_ask(&query_tables, s, c->database, mem, &r, err)) return false;
    c->tables = (uint32_t)r.rows;
    c->table = arena_array(mem, CatalogTable, r.rows ? r.rows : 1);
    for (uint32_t i = 0; i < c->tables; i++) {
        Str schema = collected_cell(&r, i, 2);
        bool plain = !schema.len || str_equal(schema, STR("public"));
        c->table[i] = (CatalogTable){.name = collected_cell(&r, i, 0), .rows = -1};
        c->table[i].schema = plain ? STR("") : schema;
        c->table[i].local = collected_cell(&r, i, 3);
    }
    c->node = collected_cell(&r, 0, 1);
    qsort(c->table, c->tables, sizeof *c->table, table_order);
    return true;
}

// The rows of r from `from` on that have the same first `same` cells; returns the row behind them.
static uint64_t run_end(const Collected *r, uint64_t from, int same)
{
    uint64_t end = from + 1;
    for (; end < r->rows; end++)
        for (int k = 0; k < same; k++)
            if (!str_equal(collected_cell(r, end, k), collected_cell(r, from, k))) return end;
    return end;
}

static CatalogTable *table_of_row(Catalog *c, const Collected *r, uint64_t row)
{
    return (CatalogTable *)catalog_table(c, collected_cell(r, row, 0));
}

static void read_type(CatalogColumn *c, const Collected *r, uint64_t row, Arena *mem)
{
    Str name = collected_cell(r, row, 2);
    int64_t mods[2] = {collected_int(r, row, 3, -1), 0};
    size_t count = mods[0] >= 0 ? 1 : 0;
    bool numeric = str_equal_fold(name, STR("numeric")) || str_equal_fold(name, STR("decimal"));
    if (numeric && !collected_null(r, row, 4)) {
        mods[0] = collected_int(r, row, 4, 0);
        mods[1] = collected_int(r, row, 5, 0);
        count = 2;
    }
    Err ignored = {0};
    if (type_from_name(&c->type, name, mods, count, &ignored)) {
        c->type_text = type_text(c->type, mem);
    } else {
        c->type = type_of(TYPE_NULL);
        c->type_text = name;
    }
}

// The table of a row whose schema stands in its last cell.
static CatalogTable *table_of_column(Catalog *c, const Collected *r, uint64_t row, Arena *mem)
{
    Str schema = r->columns > 9 ? collected_cell(r, row, 9) : STR("");
    Str name = collected_cell(r, row, 0);
    if (schema.len && !str_equal(schema, STR("public")))
        name = arena_printf(mem, "%.*s.%.*s", STR_ARG(schema), STR_ARG(name));
    return (CatalogTable *)catalog_table(c, name);
}

static bool read_columns(Catalog *c, Source *s, Arena *mem, Err *err)
{
    Collected r;
    if (!catalog_ask(&query_columns, s, c->database, mem, &r, err)) return false;
    for (uint64_t row = 0, end; row < r.rows; row = end) {
        end = run_end(&r, row, 1);
        while (r.columns > 9 && end > row + 1 &&
               !str_equal(collected_cell(&r, end - 1, 9), collected_cell(&r, row, 9)))
            end--; // of the same name in the next schema
        CatalogTable *t = table_of_column(c, &r, row, mem);
        if (!t) continue; // a view's
        t->columns = (uint32_t)(end - row);
        t->column = arena_array(mem, CatalogColumn, t->columns);
        for (uint32_t i = 0; i < t->columns; i++) {
            CatalogColumn *column = &t->column[i];
            column->name = collected_cell(&r, row + i, 1);
            read_type(column, &r, row + i, mem);
            column->nullable = collected_true(&r, row + i, 6);
            column->default_text = collected_cell(&r, row + i, 7);
            if (r.columns > 10) column->generated = collected_cell(&r, row + i, 10);
            bool counts = str_starts(column->default_text, STR("nextval(")) && !column->nullable;
            column->identity = collected_true(&r, row + i, 8) || counts; // serial is one for other engines
        }
    }
    return true;
}

// Positions in t of the column names in cell `column` of rows [row, end).
static bool read_positions(uint32_t **out, const CatalogTable *t, const Collected *r, uint64_t row,
                           uint64_t end, int column, Arena *mem, Err *err)
{
    *out = arena_array(mem, uint32_t, end - row);
    for (uint64_t i = row; i < end; i++) {
        Str name = collected_cell(r, i, column);
        int at = catalog_column(t, name);
        if (at < 0)
            return err_set(err, SQLSTATE_INTERNAL,
                           "the system tables name column %.*s of table %.*s, which has none", STR_ARG(name),
                           STR_ARG(t->name));
        (*out)[i - row] = (uint32_t)at;
    }
    return true;
}

// "(lower(a), b DESC) WHERE c"; false when it is an index over plain columns.
static bool read_special(Str *out, const Collected *r, uint64_t row, uint64_t end, Arena *mem)
{
    Bytes text;
    bool special = false;
    if (r->columns < 11) return false;
    bytes_init(&text, INDEX_TEXT_MAX);
    for (uint64_t i = row; i < end; i++) {
        bool expression = collected_true(r, i, 7), descending = collected_true(r, i, 8);
        bytes_put(&text, i == row ? STR("(") : STR(", "));
        if (expression) bytes_put_byte(&text, '(');
        if (expression)
            bytes_put(&text, collected_cell(r, i, 6));
        else
            source_quote_name(&text, collected_cell(r, i, 6));
        if (expression) bytes_put_byte(&text, ')');
        if (descending) bytes_put(&text, STR(" DESC"));
        bool nulls_first = collected_true(r, i, 9);
        if (nulls_first != descending)
            bytes_put(&text, nulls_first ? STR(" NULLS FIRST") : STR(" NULLS LAST"));
        special |= expression || descending || nulls_first;
    }
    Str predicate = collected_cell(r, row, 10);
    bytes_put_byte(&text, ')');
    if (predicate.len) bytes_printf(&text, " WHERE %.*s", STR_ARG(predicate));
    special = (special || predicate.len) && !text.failed;
    if (special) *out = arena_copy(mem, bytes_str(&text));
    bytes_done(&text);
    return special;
}

static bool read_index(CatalogTable *t, const Collected *r, uint64_t row, uint64_t end, Arena *mem, Err *err)
{
    uint32_t *column, count = (uint32_t)(end - row);
    Str special = STR_NONE;
    if (read_special(&special, r, row, end, mem)) {
        t->index[t->indexes++] = (CatalogIndex){.name = collected_cell(r, row, 1),
                                                .unique = collected_true(r, row, 2),
                                                .method = collected_cell(r, row, 5),
                                                .special = special};
        return true;
    }
    if (!read_positions(&column, t, r, row, end, 6, mem, err)) return false;
    Str name = collected_cell(r, row, 1);
    bool primary = collected_true(r, row, 3);
    if (primary || collected_true(r, row, 4)) {
        CatalogKey key = {.name = name, .primary = primary, .column = column, .columns = count};
        CatalogKey *to = &t->key[t->keys++];
        if (primary && t->keys > 1) {
            memmove(&t->key[1], &t->key[0], (t->keys - 1) * sizeof *to);
            to = &t->key[0];
        }
        *to = key;
        return true;
    }
    t->index[t->indexes++] = (CatalogIndex){.name = name,
                                            .unique = collected_true(r, row, 2),
                                            .method = collected_cell(r, row, 5),
                                            .column = column,
                                            .columns = count};
    return true;
}

static bool read_indexes(Catalog *c, Source *s, Arena *mem, Err *err)
{
    Collected r;
    if (!catalog_ask(&query_indexes, s, c->database, mem, &r, err)) return false;
    for (uint64_t row = 0, end; row < r.rows; row = end) {
        end = run_end(&r, row, 1);
        CatalogTable *t = table_of_row(c, &r, row);
        if (!t) continue;
        t->key = arena_array(mem, CatalogKey, end - row);
        t->index = arena_array(mem, CatalogIndex, end - row);
        for (uint64_t one = row, next; one < end; one = next) {
            next = run_end(&r, one, 2);
            if (!read_index(t, &r, one, next, mem, err)) return false;
        }
    }
    return true;
}

static bool read_foreign(CatalogTable *t, Catalog *c, const Collected *r, uint64_t row, uint64_t end,
                         Arena *mem, Err *err)
{
    const CatalogTable *parent = catalog_table(c, collected_cell(r, row, 3));
    if (!parent)
        return err_set(err, SQLSTATE_INTERNAL,
                       "the system tables name %.*s as parent of table %.*s, and no such table",
                       STR_ARG(collected_cell(r, row, 3)), STR_ARG(t->name));
    CatalogForeignKey *key = &t->foreign[t->foreigns++];
    key->name = collected_cell(r, row, 1);
    key->parent = (uint32_t)(parent - c->table);
    key->columns = (uint32_t)(end - row);
    key->on_delete = action_of(collected_cell(r, row, 5));
    key->on_update = action_of(collected_cell(r, row, 6));
    return read_positions(&key->column, t, r, row, end, 2, mem, err) &&
           read_positions(&key->parent_column, parent, r, row, end, 4, mem, err);
}

static bool read_foreigns(Catalog *c, Source *s, Arena *mem, Err *err)
{
    Collected r;
    if (!catalog_ask(&query_foreign, s, c->database, mem, &r, err)) return false;
    for (uint64_t row = 0, end; row < r.rows; row = end) {
        end = run_end(&r, row, 1);
        CatalogTable *t = table_of_row(c, &r, row);
        if (!t) continue;
        t->foreign = arena_array(mem, CatalogForeignKey, end - row);
        for (uint64_t one = row, next; one < end; one = next) {
            next = run_end(&r, one, 2);
            if (!read_foreign(t, c, &r, one, next, mem, err)) return false;
        }
    }
    return true;
}

static bool read_checks(Catalog *c, Source *s, Arena *mem, Err *err)
{
    Collected r;
    if (!catalog_ask(&query_checks, s, c->database, mem, &r, err)) return false;
    for (uint64_t row = 0, end; row < r.rows; row = end) {
        end = run_end(&r, row, 1);
        CatalogTable *t = table_of_row(c, &r, row);
        if (!t) continue;
        t->checks = (uint32_t)(end - row);
        t->check = arena_array(mem, CatalogCheck, t->checks);
        for (uint32_t i = 0; i < t->checks; i++)
            t->check[i] = (CatalogCheck){collected_cell(&r, row + i, 1), collected_cell(&r, row + i, 2)};
    }
    return true;
}

static bool read_definitions(Catalog *c, Source *s, Arena *mem, Err *err)
{
    Collected r;
    if (!catalog_ask(&query_definitions, s, c->database, mem, &r, err)) return false;
    c->definitions = (uint32_t)r.rows;
    c->definition = arena_array(mem, CatalogDefinition, r.rows + 1);
    for (uint32_t i = 0; i < c->definitions; i++)
        c->definition[i] = (CatalogDefinition){.before = str_equal(collected_cell(&r, i, 0), STR("before")),
                                               .kind = collected_cell(&r, i, 1),
                                               .schema = collected_cell(&r, i, 2),
                                               .name = collected_cell(&r, i, 3),
                                               .statement = collected_cell(&r, i, 4)};
    return true;
}

void catalog_quote_table(Bytes *out, const CatalogTable *t)
{
    if (t->schema.len) source_quote_name(out, t->schema);
    if (t->schema.len) bytes_put_byte(out, '.');
    source_quote_name(out, t->local.at ? t->local : t->name);
}

bool catalog_use(Source *s, Str database, Err *err)
{
    SourceState state;
    source_state(s, &state);
    if (str_equal(database, str_of(state.database))) return true;
    Bytes text;
    bytes_init(&text, CATALOG_QUERY_MAX);
    bytes_put(&text, STR("USE "));
    source_quote_name(&text, database);
    ResultSink sink = {0};
    bool ok = !text.failed || err_set(err, SQLSTATE_LIMIT, "the name of the database is too long");
    ok = ok && source_run(s, bytes_str(&text), &sink, err);
    bytes_done(&text);
    return ok;
}

bool catalog_count_rows(Catalog *c, Source *s, Err *err)
{
    Bytes text;
    bytes_init(&text, CATALOG_QUERY_MAX);
    Arena mem = {0};
    bool ok = true;
    for (uint32_t i = 0; i < c->tables && ok; i++) {
        bytes_clear(&text);
        bytes_put(&text, STR("SELECT count(*) FROM "));
        catalog_quote_table(&text, &c->table[i]);
        Collected r;
        arena_reset(&mem);
        ok = source_collect(s, bytes_str(&text), &mem, &r, err);
        if (ok) c->table[i].rows = collected_int(&r, 0, 0, -1);
    }
    arena_done(&mem);
    bytes_done(&text);
    return ok;
}

bool catalog_read(Catalog *out, Source *s, Str database, bool count_rows, Arena *mem, Err *err)
{
    *out = (Catalog){.database = arena_copy(mem, database)};
    return read_tables(out, s, mem, err) && read_columns(out, s, mem, err) &&
           read_indexes(out, s, mem, err) && read_foreigns(out, s, mem, err) &&
           read_checks(out, s, mem, err) && read_definitions(out, s, mem, err) &&
           (!count_rows || catalog_count_rows(out, s, err));
}

const CatalogKey *catalog_primary(const CatalogTable *t)
{
    return t->keys && t->key[0].primary ? &t->key[0] : NULL;
}

static bool column_among(const uint32_t *column, uint32_t columns, uint32_t one)
{
    for (uint32_t i = 0; i < columns; i++)
        if (column[i] == one) return true;
    return false;
}

bool catalog_in_primary(const CatalogTable *t, uint32_t column)
{
    const CatalogKey *key = catalog_primary(t);
    return key && column_among(key->column, key->columns, column);
}

bool catalog_in_foreign(const CatalogTable *t, uint32_t column)
{
    for (uint32_t i = 0; i < t->foreigns; i++)
        if (column_among(t->foreign[i].column, t->foreign[i].columns, column)) return true;
    return false;
}

static bool columns_within(const uint32_t *part, uint32_t parts, const uint32_t *whole, uint32_t wholes)
{
    for (uint32_t i = 0; i < parts; i++)
        if (!column_among(whole, wholes, part[i])) return false;
    return parts > 0;
}

bool catalog_unique_on(const CatalogTable *t, const uint32_t *column, uint32_t columns)
{
    for (uint32_t i = 0; i < t->keys; i++)
        if (columns_within(t->key[i].column, t->key[i].columns, column, columns)) return true;
    for (uint32_t i = 0; i < t->indexes; i++)
        if (t->index[i].unique && columns_within(t->index[i].column, t->index[i].columns, column, columns))
            return true;
    return false;
}
