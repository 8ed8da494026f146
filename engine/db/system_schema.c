// SystemSchema: each table is two arrays (names and types of its columns) and one function from a table's
// definition to rows. Relies on system_walk, store.
#include "engine/db/system_schema.h"

#include "engine/db/system_walk.h"

typedef SystemWalk Walk;

#define PLACE SYSTEM_TEXT, SYSTEM_TEXT, SYSTEM_TEXT // catalog, schema, name

// ---- what is asked of a definition ----

static bool in_primary(const TableDef *t, uint16_t column)
{
    const IndexDef *i = schema_primary(t);
    for (uint16_t k = 0; i && k < i->column_count; k++)
        if (i->column[k] == column) return true;
    return false;
}

static bool in_foreign(const TableDef *t, uint16_t column)
{
    for (uint16_t f = 0; f < t->foreign_key_count; f++)
        for (uint16_t k = 0; k < t->foreign_key[f].column_count; k++)
            if (t->foreign_key[f].column[k] == column) return true;
    return false;
}

static Str action_text(KeyAction a)
{
    switch (a) {
    case KEY_RESTRICT: return STR("RESTRICT");
    case KEY_CASCADE: return STR("CASCADE");
    case KEY_SET_NULL: return STR("SET NULL");
    case KEY_SET_DEFAULT: return STR("SET DEFAULT");
    default: return STR("NO ACTION");
    }
}

// The unique key that a foreign key points at; NULL when its table is gone.
static const IndexDef *parent_key(const Walk *w, const ForeignKeyDef *f)
{
    const TableDef *parent = system_walk_table(w, f->parent_id);
    return parent ? schema_unique_on(parent, f->parent_column, f->column_count) : NULL;
}

static int32_t position_in(const IndexDef *i, uint16_t column)
{
    for (uint16_t k = 0; i && k < i->column_count; k++)
        if (i->column[k] == column) return k + 1;
    return 0;
}

static void put_name(Walk *w, Str name) // catalog, schema, name
{
    system_walk_text(w, w->node);
    system_walk_text(w, w->database);
    system_walk_text(w, name);
}

static void put_integer_or_null(Walk *w, int32_t v)
{
    if (v)
        system_walk_integer(w, v);
    else
        system_walk_null(w, TYPE_INTEGER);
}

// ---- information_schema ----

static const char *const schemata_names[] = {"catalog_name", "schema_name", "schema_owner"};
static const Type schemata_types[] = {PLACE};

static bool schema_row(Walk *w, Str name)
{
    system_walk_text(w, w->node);
    system_walk_text(w, name);
    system_walk_null(w, TYPE_TEXT);
    return system_walk_row(w);
}

static bool fill_schemata(void *db, const Str *args, uint32_t arg_count, SystemEmit emit, void *self,
                          Arena *mem, Err *err)
{
    (void)args;
    (void)arg_count;
    (void)err;
    Walk w = system_walk_of(db, emit, self, mem);
    Str *name = NULL;
    size_t count = store_databases(w.session->engine->store, mem, &name);
    for (size_t i = 0; i < count; i++)
        if (!schema_row(&w, name[i])) return true;
    // The engine's own schemas stand beside every database.
    if (schema_row(&w, STR("d2db"))) schema_row(&w, STR("information_schema"));
    return true;
}

static const char *const tables_names[] = {"table_catalog", "table_schema", "table_name", "table_type"};
static const Type tables_types[] = {PLACE, SYSTEM_TEXT};
static bool tables_row(Walk *w)
{
    put_name(w, w->table->name);
    system_walk_text(w, STR("BASE TABLE"));
    return system_walk_row(w);
}
SYSTEM_WALK_FILL(fill_tables, tables_row)

static const char *const columns_names[] = {
    "table_catalog",     "table_schema",     "table_name",
    "column_name",       "ordinal_position", "column_default",
    "is_nullable",       "data_type",        "character_maximum_length",
    "numeric_precision", "numeric_scale",    "is_identity",
    "is_updatable"};
static const Type columns_types[] = {PLACE,          SYSTEM_TEXT, SYSTEM_INTEGER, SYSTEM_TEXT,
                                     SYSTEM_TEXT,    SYSTEM_TEXT, SYSTEM_INTEGER, SYSTEM_INTEGER,
                                     SYSTEM_INTEGER, SYSTEM_TEXT, SYSTEM_TEXT};

// The standard's long names.
static Str standard_type(TypeId id)
{
    switch (id) {
    case TYPE_CHAR: return STR("character");
    case TYPE_VARCHAR: return STR("character varying");
    case TYPE_TIME: return STR("time without time zone");
    case TYPE_TIMESTAMP: return STR("timestamp without time zone");
    default: return str_of(type_name(id));
    }
}

static int32_t binary_digits(TypeId id)
{
    switch (id) {
    case TYPE_SMALLINT: return 16;
    case TYPE_INTEGER: return 32;
    case TYPE_BIGINT: return 64;
    case TYPE_REAL: return 24;
    case TYPE_DOUBLE: return 53;
    default: return 0;
    }
}

static void put_sizes(Walk *w, Type t)
{
    bool exact = t.id == TYPE_NUMERIC && t.length > 0;
    put_integer_or_null(w, t.id == TYPE_CHAR || t.id == TYPE_VARCHAR ? t.length : 0);
    put_integer_or_null(w, exact ? t.length : binary_digits(t.id));
    if (exact || type_is_integer(t.id))
        system_walk_integer(w, exact ? t.scale : 0);
    else
        system_walk_null(w, TYPE_INTEGER);
}

static bool columns_row(Walk *w)
{
    for (uint16_t i = 0; i < w->table->column_count; i++) {
        const ColumnDef *c = &w->table->column[i];
        put_name(w, w->table->name);
        system_walk_text(w, c->name);
        system_walk_integer(w, i + 1);
        system_walk_text(w, c->default_text);
        system_walk_yes(w, !c->not_null);
        system_walk_text(w, standard_type(c->type.id));
        put_sizes(w, c->type);
        system_walk_yes(w, c->identity);
        system_walk_yes(w, true);
        if (!system_walk_row(w)) return false;
    }
    return true;
}
SYSTEM_WALK_FILL(fill_columns, columns_row)

static const char *const constraints_names[] = {
    "constraint_catalog", "constraint_schema", "constraint_name", "table_catalog",     "table_schema",
    "table_name",         "constraint_type",   "is_deferrable",   "initially_deferred"};
static const Type constraints_types[] = {PLACE, PLACE, SYSTEM_TEXT, SYSTEM_TEXT, SYSTEM_TEXT};

static bool constraint_row(Walk *w, Str name, Str kind)
{
    put_name(w, name);
    put_name(w, w->table->name);
    system_walk_text(w, kind);
    system_walk_yes(w, false);
    system_walk_yes(w, false);
    return system_walk_row(w);
}

static bool constraints_row(Walk *w)
{
    const TableDef *t = w->table;
    for (uint16_t i = 0; i < t->index_count; i++)
        if (t->index[i].constraint &&
            !constraint_row(w, t->index[i].name, t->index[i].primary ? STR("PRIMARY KEY") : STR("UNIQUE")))
            return false;
    for (uint16_t i = 0; i < t->foreign_key_count; i++)
        if (!constraint_row(w, t->foreign_key[i].name, STR("FOREIGN KEY"))) return false;
    for (uint16_t i = 0; i < t->check_count; i++)
        if (!constraint_row(w, t->check[i].name, STR("CHECK"))) return false;
    return true;
}
SYSTEM_WALK_FILL(fill_constraints, constraints_row)

static const char *const key_usage_names[] = {
    "constraint_catalog", "constraint_schema", "constraint_name",
    "table_catalog",      "table_schema",      "table_name",
    "column_name",        "ordinal_position",  "position_in_unique_constraint"};
static const Type key_usage_types[] = {PLACE, PLACE, SYSTEM_TEXT, SYSTEM_INTEGER, SYSTEM_INTEGER};

// parent_position: 0 = no foreign key.
static bool key_usage_cell(Walk *w, Str constraint, uint16_t column, int32_t position,
                           int32_t parent_position)
{
    put_name(w, constraint);
    put_name(w, w->table->name);
    system_walk_text(w, w->table->column[column].name);
    system_walk_integer(w, position);
    put_integer_or_null(w, parent_position);
    return system_walk_row(w);
}

static bool key_usage_row(Walk *w)
{
    const TableDef *t = w->table;
    for (uint16_t i = 0; i < t->index_count; i++)
        for (uint16_t k = 0; t->index[i].constraint && k < t->index[i].column_count; k++)
            if (!key_usage_cell(w, t->index[i].name, t->index[i].column[k], k + 1, 0)) return false;
    for (uint16_t i = 0; i < t->foreign_key_count; i++) {
        const ForeignKeyDef *f = &t->foreign_key[i];
        const IndexDef *key = parent_key(w, f);
        for (uint16_t k = 0; k < f->column_count; k++)
            if (!key_usage_cell(w, f->name, f->column[k], k + 1, position_in(key, f->parent_column[k])))
                return false;
    }
    return true;
}
SYSTEM_WALK_FILL(fill_key_usage, key_usage_row)

static const char *const referential_names[] = {"constraint_catalog",
                                                "constraint_schema",
                                                "constraint_name",
                                                "unique_constraint_catalog",
                                                "unique_constraint_schema",
                                                "unique_constraint_name",
                                                "match_option",
                                                "update_rule",
                                                "delete_rule"};
static const Type referential_types[] = {PLACE, PLACE, SYSTEM_TEXT, SYSTEM_TEXT, SYSTEM_TEXT};
static bool referential_row(Walk *w)
{
    for (uint16_t i = 0; i < w->table->foreign_key_count; i++) {
        const ForeignKeyDef *f = &w->table->foreign_key[i];
        const IndexDef *key = parent_key(w, f);
        put_name(w, f->name);
        put_name(w, key ? key->name : STR_NONE);
        system_walk_text(w, STR("NONE"));
        system_walk_text(w, action_text(f->on_update));
        system_walk_text(w, action_text(f->on_delete));
        if (!system_walk_row(w)) return false;
    }
    return true;
}
SYSTEM_WALK_FILL(fill_referential, referential_row)

static const char *const usage_names[] = {"table_catalog",  "table_schema",       "table_name",
                                          "column_name",    "constraint_catalog", "constraint_schema",
                                          "constraint_name"};
static const Type usage_types[] = {PLACE, SYSTEM_TEXT, PLACE};
static bool usage_cell(Walk *w, const TableDef *t, uint16_t column, Str constraint)
{
    put_name(w, t->name);
    system_walk_text(w, t->column[column].name);
    put_name(w, constraint);
    return system_walk_row(w);
}

// Keys name their own columns, foreign keys those of the parent: the standard's reading.
static bool usage_row(Walk *w)
{
    const TableDef *t = w->table;
    for (uint16_t i = 0; i < t->index_count; i++)
        for (uint16_t k = 0; t->index[i].constraint && k < t->index[i].column_count; k++)
            if (!usage_cell(w, t, t->index[i].column[k], t->index[i].name)) return false;
    for (uint16_t i = 0; i < t->foreign_key_count; i++) {
        const ForeignKeyDef *f = &t->foreign_key[i];
        const TableDef *parent = system_walk_table(w, f->parent_id);
        for (uint16_t k = 0; parent && k < f->column_count; k++)
            if (!usage_cell(w, parent, f->parent_column[k], f->name)) return false;
    }
    return true;
}
SYSTEM_WALK_FILL(fill_usage, usage_row)

static const char *const checks_names[] = {"constraint_catalog", "constraint_schema", "constraint_name",
                                           "check_clause"};
static const Type checks_types[] = {PLACE, SYSTEM_TEXT};
static bool checks_row(Walk *w)
{
    for (uint16_t i = 0; i < w->table->check_count; i++) {
        put_name(w, w->table->check[i].name);
        system_walk_text(w, w->table->check[i].text);
        if (!system_walk_row(w)) return false;
    }
    return true;
}
SYSTEM_WALK_FILL(fill_checks, checks_row)

// ---- d2db ----

static const char *const d2db_tables_names[] = {"database", "table_name", "row_estimate", "columns",
                                                "updates"};
static const Type d2db_tables_types[] = {SYSTEM_TEXT, SYSTEM_TEXT, SYSTEM_BIGINT, SYSTEM_INTEGER,
                                         SYSTEM_BIGINT};
static bool d2db_tables_row(Walk *w)
{
    Table *t = transaction_table_by_id(w->session->transaction, w->table->id);
    system_walk_text(w, w->database);
    system_walk_text(w, w->table->name);
    system_walk_bigint(w, t ? (int64_t)table_rows_estimate(t) : 0);
    system_walk_integer(w, w->table->column_count);
    system_walk_bigint(w, t ? (int64_t)table_update_count(t) : 0);
    return system_walk_row(w);
}
SYSTEM_WALK_FILL(fill_d2db_tables, d2db_tables_row)

static const char *const d2db_columns_names[] = {"database",    "table_name",  "column_name",   "column_type",
                                                 "position",    "in_primary",  "in_foreign",    "nullable",
                                                 "has_default", "is_identity", "column_default"};
static const Type d2db_columns_types[] = {PLACE,          SYSTEM_TEXT,    SYSTEM_INTEGER,
                                          SYSTEM_BOOLEAN, SYSTEM_BOOLEAN, SYSTEM_BOOLEAN,
                                          SYSTEM_BOOLEAN, SYSTEM_BOOLEAN, SYSTEM_TEXT};
static bool d2db_columns_row(Walk *w)
{
    for (uint16_t i = 0; i < w->table->column_count; i++) {
        const ColumnDef *c = &w->table->column[i];
        system_walk_text(w, w->database);
        system_walk_text(w, w->table->name);
        system_walk_text(w, c->name);
        system_walk_text(w, type_text(c->type, w->mem));
        system_walk_integer(w, i + 1);
        system_walk_bool(w, in_primary(w->table, i));
        system_walk_bool(w, in_foreign(w->table, i));
        system_walk_bool(w, !c->not_null);
        system_walk_bool(w, c->default_text.at != NULL);
        system_walk_bool(w, c->identity);
        system_walk_text(w, c->default_text);
        if (!system_walk_row(w)) return false;
    }
    return true;
}
SYSTEM_WALK_FILL(fill_d2db_columns, d2db_columns_row)

static const char *const indexes_names[] = {"database",  "table_name",  "index_name",
                                            "is_unique", "is_primary",  "is_constraint",
                                            "method",    "column_name", "position"};
static const Type indexes_types[] = {PLACE,       SYSTEM_BOOLEAN, SYSTEM_BOOLEAN, SYSTEM_BOOLEAN,
                                     SYSTEM_TEXT, SYSTEM_TEXT,    SYSTEM_INTEGER};
static bool indexes_row(Walk *w)
{
    for (uint16_t i = 0; i < w->table->index_count; i++) {
        const IndexDef *x = &w->table->index[i];
        for (uint16_t k = 0; k < x->column_count; k++) {
            system_walk_text(w, w->database);
            system_walk_text(w, w->table->name);
            system_walk_text(w, x->name);
            system_walk_bool(w, x->unique);
            system_walk_bool(w, x->primary);
            system_walk_bool(w, x->constraint);
            system_walk_text(w, x->kind == INDEX_HASH ? STR("hash") : STR("sorted"));
            system_walk_text(w, w->table->column[x->column[k]].name);
            system_walk_integer(w, k + 1);
            if (!system_walk_row(w)) return false;
        }
    }
    return true;
}
SYSTEM_WALK_FILL(fill_indexes, indexes_row)

static const char *const foreign_names[] = {"database",      "table_name",  "constraint_name",
                                            "position",      "column_name", "parent_table",
                                            "parent_column", "on_delete",   "on_update"};
static const Type foreign_types[] = {PLACE,       SYSTEM_INTEGER, SYSTEM_TEXT, SYSTEM_TEXT,
                                     SYSTEM_TEXT, SYSTEM_TEXT,    SYSTEM_TEXT};
static bool foreign_row(Walk *w)
{
    for (uint16_t i = 0; i < w->table->foreign_key_count; i++) {
        const ForeignKeyDef *f = &w->table->foreign_key[i];
        const TableDef *parent = system_walk_table(w, f->parent_id);
        for (uint16_t k = 0; parent && k < f->column_count; k++) {
            system_walk_text(w, w->database);
            system_walk_text(w, w->table->name);
            system_walk_text(w, f->name);
            system_walk_integer(w, k + 1);
            system_walk_text(w, w->table->column[f->column[k]].name);
            system_walk_text(w, parent->name);
            system_walk_text(w, parent->column[f->parent_column[k]].name);
            system_walk_text(w, action_text(f->on_delete));
            system_walk_text(w, action_text(f->on_update));
            if (!system_walk_row(w)) return false;
        }
    }
    return true;
}
SYSTEM_WALK_FILL(fill_foreign, foreign_row)

// ---- the list ----

SYSTEM_WALK_TABLE(schemata, "information_schema", "schemata", schemata_names, schemata_types, fill_schemata);
SYSTEM_WALK_TABLE(tables, "information_schema", "tables", tables_names, tables_types, fill_tables);
SYSTEM_WALK_TABLE(columns, "information_schema", "columns", columns_names, columns_types, fill_columns);
SYSTEM_WALK_TABLE(constraints, "information_schema", "table_constraints", constraints_names,
                  constraints_types, fill_constraints);
SYSTEM_WALK_TABLE(key_usage, "information_schema", "key_column_usage", key_usage_names, key_usage_types,
                  fill_key_usage);
SYSTEM_WALK_TABLE(referential, "information_schema", "referential_constraints", referential_names,
                  referential_types, fill_referential);
SYSTEM_WALK_TABLE(usage, "information_schema", "constraint_column_usage", usage_names, usage_types,
                  fill_usage);
SYSTEM_WALK_TABLE(checks, "information_schema", "check_constraints", checks_names, checks_types, fill_checks);
SYSTEM_WALK_TABLE(d2db_tables, "d2db", "tables", d2db_tables_names, d2db_tables_types, fill_d2db_tables);
SYSTEM_WALK_TABLE(d2db_columns, "d2db", "columns", d2db_columns_names, d2db_columns_types, fill_d2db_columns);
SYSTEM_WALK_TABLE(indexes, "d2db", "indexes", indexes_names, indexes_types, fill_indexes);
SYSTEM_WALK_TABLE(foreign_keys, "d2db", "foreign_keys", foreign_names, foreign_types, fill_foreign);

const SystemTable *const system_schema_tables[] = {
    &schemata, &tables,      &columns,      &constraints, &key_usage,    &referential, &usage,
    &checks,   &d2db_tables, &d2db_columns, &indexes,     &foreign_keys, NULL,
};
