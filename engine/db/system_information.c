// System: information_schema, as far as SQL:2016 part 11 and what this engine has go together. The catalog is
// the database; system tables are in the chosen one.
#include "engine/db/ddl.h"
#include "engine/db/look.h"
#include "engine/db/system.h"

#define TEXT                                                                                                 \
    {                                                                                                        \
        .id = TYPE_TEXT                                                                                      \
    }
#define INTEGER                                                                                              \
    {                                                                                                        \
        .id = TYPE_INTEGER                                                                                   \
    }

static SystemFill filler(bool (*emit)(void *self, const Value *row), void *self, Arena *mem)
{
    return (SystemFill){.emit = emit, .self = self, .mem = mem};
}

static bool walk(void *db, bool (*emit)(void *self, const Value *row), void *self, Arena *mem,
                 SystemVisit visit)
{
    SystemFill f = filler(emit, self, mem);
    return system_each_table(&f, db, STR_NONE, visit);
}

static void put_place(SystemFill *f, Str database, Str schema)
{
    system_text(f, database);
    system_text(f, schema);
}

// ---- schemata ----

static bool schema_row(SystemFill *f, Str database, Str name)
{
    put_place(f, database, name);
    system_text(f, STR("d2db"));
    return system_done(f);
}

static bool visit_schema(SystemFill *f, Session *s, const ObjectDef *o)
{
    (void)s;
    return schema_row(f, o->database, o->name);
}

static bool fill_schemata(void *db, const Str *args, uint32_t count,
                          bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    static const char *const always[] = {"d2db", "information_schema", "pg_catalog", "public"};
    Session *s = db;
    SystemFill f = filler(emit, self, mem);
    Str *name;
    size_t n = store_databases(s->engine->store, mem, &name);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < COUNT_OF(always); k++)
            if (!schema_row(&f, name[i], str_of(always[k]))) return false;
    return system_each_object(&f, s, OBJECT_SCHEMA, visit_schema);
}

static const char *const schemata_names[] = {"catalog_name", "schema_name", "schema_owner"};
static const Type schemata_types[] = {TEXT, TEXT, TEXT};
const SystemTable system_schemata = {.schema = "information_schema",
                                     .name = "schemata",
                                     .columns = COUNT_OF(schemata_names),
                                     .column_name = schemata_names,
                                     .column_type = schemata_types,
                                     .fill = fill_schemata};

// ---- tables ----

static bool visit_table(SystemFill *f, Session *s, const TableDef *def)
{
    (void)s;
    if (def->materialized) return true; // the standard knows none
    put_place(f, def->database, def->schema);
    system_text(f, def->name);
    system_text(f, def->temporary ? STR("LOCAL TEMPORARY") : STR("BASE TABLE"));
    system_yes_no(f, true);
    return system_done(f);
}

static bool visit_view(SystemFill *f, Session *s, const ObjectDef *o)
{
    (void)s;
    put_place(f, o->database, o->schema);
    system_text(f, o->name);
    system_text(f, STR("VIEW"));
    system_yes_no(f, false);
    return system_done(f);
}

static bool fill_tables(void *db, const Str *args, uint32_t count, bool (*emit)(void *self, const Value *row),
                        void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    if (!walk(db, emit, self, mem, visit_table)) return false;
    SystemFill f = filler(emit, self, mem);
    if (!system_each_object(&f, db, OBJECT_VIEW, visit_view)) return false;
    for (const SystemTable *const *t = system_tables(); *t; t++) {
        put_place(&f, session_database(db), str_of((*t)->schema));
        system_text(&f, str_of((*t)->name));
        system_text(&f, STR("VIEW"));
        system_yes_no(&f, false);
        if (!system_done(&f)) return false;
    }
    return true;
}

static const char *const tables_names[] = {"table_catalog", "table_schema", "table_name", "table_type",
                                           "is_insertable_into"};
static const Type tables_types[] = {TEXT, TEXT, TEXT, TEXT, TEXT};
const SystemTable system_information_tables = {.schema = "information_schema",
                                               .name = "tables",
                                               .columns = COUNT_OF(tables_names),
                                               .column_name = tables_names,
                                               .column_type = tables_types,
                                               .fill = fill_tables};

// ---- columns ----

static const char *standard_name(TypeId id)
{
    switch (id) {
    case TYPE_CHAR: return "character";
    case TYPE_VARCHAR: return "character varying";
    case TYPE_TIME: return "time without time zone";
    case TYPE_TIMESTAMP: return "timestamp without time zone";
    default: return type_name(id);
    }
}

static unsigned number_bits(TypeId id)
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

static void put_precision(SystemFill *f, Type t)
{
    unsigned bits = number_bits(t.id);
    bool numeric = t.id == TYPE_NUMERIC;
    if (bits)
        system_int(f, bits);
    else if (numeric && t.length)
        system_int(f, t.length);
    else
        system_null(f);
    if (bits || numeric)
        system_int(f, bits ? 2 : 10);
    else
        system_null(f);
    if (type_is_integer(t.id))
        system_int(f, 0);
    else if (numeric && t.length)
        system_int(f, t.scale);
    else
        system_null(f);
}

static bool column_row(SystemFill *f, Session *s, const TableDef *def, uint16_t i)
{
    Look l = look_at(s, f->mem, NULL);
    LookType type = {0};
    const ColumnDef *c = &def->column[i];
    put_place(f, def->database, def->schema);
    system_text(f, def->name);
    system_text(f, c->name);
    system_int(f, i + 1);
    system_optional(f, c->numbering ? STR_NONE : look_expr_text(&l, c->default_text, def, c->type, false));
    system_yes_no(f, !c->not_null);
    system_text(f, str_of(standard_name(c->type.id)));
    if (type_is_string(c->type.id) && c->type.length)
        system_int(f, c->type.length);
    else
        system_null(f);
    put_precision(f, c->type);
    system_yes_no(f, c->identity || c->numbering);
    bool by_default = c->identity || c->numbering == COLUMN_BY_DEFAULT;
    system_optional(f, by_default ? STR("BY DEFAULT") : c->numbering ? STR("ALWAYS") : STR_NONE);
    system_text(f, c->generated.at ? STR("ALWAYS") : STR("NEVER"));
    system_optional(f, c->generated.at ? c->generated : STR_NONE);
    system_text(f, look_type(&l, look_type_oid(c->type), &type) ? type.name : STR(""));
    return system_done(f);
}

static bool visit_columns(SystemFill *f, Session *s, const TableDef *def)
{
    for (uint16_t i = 0; i < def->column_count; i++)
        if (!column_row(f, s, def, i)) return false;
    return true;
}

static bool system_columns(SystemFill *f, Session *s, const SystemTable *t)
{
    ColumnDef *column = arena_array(f->mem, ColumnDef, t->columns);
    for (uint32_t i = 0; i < t->columns; i++)
        column[i] = (ColumnDef){.name = str_of(t->column_name[i]), .type = t->column_type[i]};
    TableDef def = {.database = session_database(s),
                    .schema = str_of(t->schema),
                    .name = str_of(t->name),
                    .column = column,
                    .column_count = (uint16_t)t->columns};
    for (uint16_t i = 0; i < def.column_count; i++)
        if (!column_row(f, s, &def, i)) return false;
    return true;
}

static bool fill_columns(void *db, const Str *args, uint32_t count,
                         bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    if (!walk(db, emit, self, mem, visit_columns)) return false;
    SystemFill f = filler(emit, self, mem);
    for (const SystemTable *const *t = system_tables(); *t; t++)
        if (!system_columns(&f, db, *t)) return false;
    return true;
}

static const char *const columns_names[] = {
    "table_catalog",
    "table_schema",
    "table_name",
    "column_name",
    "ordinal_position",
    "column_default",
    "is_nullable",
    "data_type",
    "character_maximum_length",
    "numeric_precision",
    "numeric_precision_radix",
    "numeric_scale",
    "is_identity",
    "identity_generation",
    "is_generated",
    "generation_expression",
    "udt_name",
};
static const Type columns_types[] = {TEXT,    TEXT,    TEXT,    TEXT, INTEGER, TEXT, TEXT, TEXT, INTEGER,
                                     INTEGER, INTEGER, INTEGER, TEXT, TEXT,    TEXT, TEXT, TEXT};
const SystemTable system_information_columns = {.schema = "information_schema",
                                                .name = "columns",
                                                .columns = COUNT_OF(columns_names),
                                                .column_name = columns_names,
                                                .column_type = columns_types,
                                                .fill = fill_columns};

// ---- table_constraints ----

static void put_constraint(SystemFill *f, const TableDef *def, Str name)
{
    put_place(f, def->database, def->schema);
    system_text(f, name);
}

static bool constraint_row(SystemFill *f, const TableDef *def, Str name, const char *type)
{
    put_constraint(f, def, name);
    put_place(f, def->database, def->schema);
    system_text(f, def->name);
    system_text(f, str_of(type));
    system_yes_no(f, false);
    system_yes_no(f, false);
    return system_done(f);
}

static bool visit_constraints(SystemFill *f, Session *s, const TableDef *def)
{
    (void)s;
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *x = &def->index[i];
        if (x->constraint && !constraint_row(f, def, x->name, x->primary ? "PRIMARY KEY" : "UNIQUE"))
            return false;
    }
    for (uint16_t i = 0; i < def->foreign_key_count; i++)
        if (!constraint_row(f, def, def->foreign_key[i].name, "FOREIGN KEY")) return false;
    for (uint16_t i = 0; i < def->check_count; i++)
        if (!constraint_row(f, def, def->check[i].name, "CHECK")) return false;
    return true;
}

static bool fill_constraints(void *db, const Str *args, uint32_t count,
                             bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    return walk(db, emit, self, mem, visit_constraints);
}

static const char *const constraints_names[] = {
    "constraint_catalog", "constraint_schema", "constraint_name", "table_catalog",      "table_schema",
    "table_name",         "constraint_type",   "is_deferrable",   "initially_deferred",
};
static const Type constraints_types[] = {TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT};
const SystemTable system_table_constraints = {.schema = "information_schema",
                                              .name = "table_constraints",
                                              .columns = COUNT_OF(constraints_names),
                                              .column_name = constraints_names,
                                              .column_type = constraints_types,
                                              .fill = fill_constraints};

// ---- key_column_usage ----

static bool key_row(SystemFill *f, const TableDef *def, Str name, uint16_t column, int position,
                    int unique_position)
{
    put_constraint(f, def, name);
    put_place(f, def->database, def->schema);
    system_text(f, def->name);
    system_text(f, def->column[column].name);
    system_int(f, position);
    if (unique_position)
        system_int(f, unique_position);
    else
        system_null(f);
    return system_done(f);
}

static bool visit_keys(SystemFill *f, Session *s, const TableDef *def)
{
    (void)s;
    for (uint16_t i = 0; i < def->index_count; i++)
        for (uint16_t k = 0; def->index[i].constraint && k < def->index[i].column_count; k++)
            if (!key_row(f, def, def->index[i].name, def->index[i].column[k], k + 1, 0)) return false;
    for (uint16_t i = 0; i < def->foreign_key_count; i++)
        for (uint16_t k = 0; k < def->foreign_key[i].column_count; k++)
            if (!key_row(f, def, def->foreign_key[i].name, def->foreign_key[i].column[k], k + 1, k + 1))
                return false;
    return true;
}

static bool fill_keys(void *db, const Str *args, uint32_t count, bool (*emit)(void *self, const Value *row),
                      void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    return walk(db, emit, self, mem, visit_keys);
}

static const char *const keys_names[] = {
    "constraint_catalog", "constraint_schema", "constraint_name",
    "table_catalog",      "table_schema",      "table_name",
    "column_name",        "ordinal_position",  "position_in_unique_constraint",
};
static const Type keys_types[] = {TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, INTEGER, INTEGER};
const SystemTable system_key_column_usage = {.schema = "information_schema",
                                             .name = "key_column_usage",
                                             .columns = COUNT_OF(keys_names),
                                             .column_name = keys_names,
                                             .column_type = keys_types,
                                             .fill = fill_keys};

// ---- referential_constraints ----

static const char *rule_text(KeyAction a)
{
    static const char *const texts[] = {
        [KEY_NO_ACTION] = "NO ACTION", [KEY_RESTRICT] = "RESTRICT",       [KEY_CASCADE] = "CASCADE",
        [KEY_SET_NULL] = "SET NULL",   [KEY_SET_DEFAULT] = "SET DEFAULT",
    };
    return texts[a];
}

static bool visit_references(SystemFill *f, Session *s, const TableDef *def)
{
    for (uint16_t i = 0; i < def->foreign_key_count; i++) {
        const ForeignKeyDef *key = &def->foreign_key[i];
        Table *parent = transaction_table_by_id(s->transaction, key->parent_id);
        const IndexDef *unique =
            parent ? schema_unique_on(table_def(parent), key->parent_column, key->column_count) : NULL;
        put_constraint(f, def, key->name);
        put_place(f, def->database, def->schema);
        system_optional(f, unique ? unique->name : STR_NONE);
        system_text(f, STR("NONE"));
        system_text(f, str_of(rule_text(key->on_update)));
        system_text(f, str_of(rule_text(key->on_delete)));
        if (!system_done(f)) return false;
    }
    return true;
}

static bool fill_references(void *db, const Str *args, uint32_t count,
                            bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    return walk(db, emit, self, mem, visit_references);
}

static const char *const references_names[] = {
    "constraint_catalog",
    "constraint_schema",
    "constraint_name",
    "unique_constraint_catalog",
    "unique_constraint_schema",
    "unique_constraint_name",
    "match_option",
    "update_rule",
    "delete_rule",
};
static const Type references_types[] = {TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT};
const SystemTable system_referential_constraints = {.schema = "information_schema",
                                                    .name = "referential_constraints",
                                                    .columns = COUNT_OF(references_names),
                                                    .column_name = references_names,
                                                    .column_type = references_types,
                                                    .fill = fill_references};

// ---- check_constraints ----

static bool visit_checks(SystemFill *f, Session *s, const TableDef *def)
{
    (void)s;
    for (uint16_t i = 0; i < def->check_count; i++) {
        put_constraint(f, def, def->check[i].name);
        system_text(f, def->check[i].text);
        if (!system_done(f)) return false;
    }
    return true;
}

static bool fill_checks(void *db, const Str *args, uint32_t count, bool (*emit)(void *self, const Value *row),
                        void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    return walk(db, emit, self, mem, visit_checks);
}

static const char *const checks_names[] = {"constraint_catalog", "constraint_schema", "constraint_name",
                                           "check_clause"};
static const Type checks_types[] = {TEXT, TEXT, TEXT, TEXT};
const SystemTable system_check_constraints = {.schema = "information_schema",
                                              .name = "check_constraints",
                                              .columns = COUNT_OF(checks_names),
                                              .column_name = checks_names,
                                              .column_type = checks_types,
                                              .fill = fill_checks};

// ---- constraint_column_usage ----

static bool usage_row(SystemFill *f, const TableDef *def, uint16_t column, Str constraint)
{
    put_place(f, def->database, def->schema);
    system_text(f, def->name);
    system_text(f, def->column[column].name);
    put_constraint(f, def, constraint);
    return system_done(f);
}

static bool visit_usage(SystemFill *f, Session *s, const TableDef *def)
{
    for (uint16_t i = 0; i < def->index_count; i++)
        for (uint16_t k = 0; def->index[i].constraint && k < def->index[i].column_count; k++)
            if (!usage_row(f, def, def->index[i].column[k], def->index[i].name)) return false;
    for (uint16_t i = 0; i < def->foreign_key_count; i++) {
        const ForeignKeyDef *key = &def->foreign_key[i];
        Table *parent = transaction_table_by_id(s->transaction, key->parent_id);
        for (uint16_t k = 0; parent && k < key->column_count; k++)
            if (!usage_row(f, table_def(parent), key->parent_column[k], key->name)) return false;
    }
    return true;
}

static bool fill_usage(void *db, const Str *args, uint32_t count, bool (*emit)(void *self, const Value *row),
                       void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    return walk(db, emit, self, mem, visit_usage);
}

static const char *const usage_names[] = {
    "table_catalog",      "table_schema",      "table_name",      "column_name",
    "constraint_catalog", "constraint_schema", "constraint_name",
};
static const Type usage_types[] = {TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT};
const SystemTable system_constraint_column_usage = {.schema = "information_schema",
                                                    .name = "constraint_column_usage",
                                                    .columns = COUNT_OF(usage_names),
                                                    .column_name = usage_names,
                                                    .column_type = usage_types,
                                                    .fill = fill_usage};
