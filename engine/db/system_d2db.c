// System: d2db.*: the engine's own tables about databases, sessions, transactions and settings.
#include "engine/db/ddl.h"
#include "engine/db/system.h"

#define TEXT                                                                                                 \
    {                                                                                                        \
        .id = TYPE_TEXT                                                                                      \
    }
#define INTEGER                                                                                              \
    {                                                                                                        \
        .id = TYPE_INTEGER                                                                                   \
    }
#define BIGINT                                                                                               \
    {                                                                                                        \
        .id = TYPE_BIGINT                                                                                    \
    }
#define BOOLEAN                                                                                              \
    {                                                                                                        \
        .id = TYPE_BOOLEAN                                                                                   \
    }
#define TIMESTAMP                                                                                            \
    {                                                                                                        \
        .id = TYPE_TIMESTAMP                                                                                 \
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

// ---- tables ----

static bool visit_table(SystemFill *f, Session *s, const TableDef *def)
{
    Table *t = transaction_table_by_id(s->transaction, def->id);
    system_text(f, def->database);
    system_text(f, system_table_name(def->schema, def->name, f->mem));
    system_int(f, t ? (int64_t)table_rows_estimate(t) : 0);
    system_int(f, def->column_count);
    system_int(f, t ? (int64_t)table_update_count(t) : 0);
    system_text(f, engine_node(s->engine));
    system_text(f, def->schema);
    system_text(f, def->name);
    system_text(f, def->materialized ? STR("materialized")
                   : def->temporary  ? STR("temporary")
                                     : STR("table"));
    return system_done(f);
}

static bool fill_tables(void *db, const Str *args, uint32_t count, bool (*emit)(void *self, const Value *row),
                        void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    return walk(db, emit, self, mem, visit_table);
}

static const char *const tables_names[] = {"database", "table_name",  "row_estimate", "columns", "updates",
                                           "node",     "schema_name", "local_name",   "kind"};
static const Type tables_types[] = {TEXT, TEXT, BIGINT, INTEGER, BIGINT, TEXT, TEXT, TEXT, TEXT};
const SystemTable system_d2db_tables = {.schema = "d2db",
                                        .name = "tables",
                                        .columns = COUNT_OF(tables_names),
                                        .column_name = tables_names,
                                        .column_type = tables_types,
                                        .fill = fill_tables};

// ---- columns ----

static bool in_key(const uint16_t *column, uint16_t count, uint16_t at)
{
    for (uint16_t i = 0; i < count; i++)
        if (column[i] == at) return true;
    return false;
}

static bool in_foreign(const TableDef *def, uint16_t at)
{
    for (uint16_t i = 0; i < def->foreign_key_count; i++)
        if (in_key(def->foreign_key[i].column, def->foreign_key[i].column_count, at)) return true;
    return false;
}

static bool visit_columns(SystemFill *f, Session *s, const TableDef *def)
{
    (void)s;
    const IndexDef *primary = schema_primary(def);
    for (uint16_t i = 0; i < def->column_count; i++) {
        const ColumnDef *c = &def->column[i];
        system_text(f, def->database);
        system_text(f, system_table_name(def->schema, def->name, f->mem));
        system_int(f, i + 1);
        system_text(f, c->name);
        system_text(f, type_text(c->type, f->mem));
        system_bool(f, c->not_null);
        system_optional(f, c->default_text);
        system_bool(f, c->identity || c->numbering);
        system_bool(f, primary && in_key(primary->column, primary->column_count, i));
        system_bool(f, in_foreign(def, i));
        if (!system_done(f)) return false;
    }
    return true;
}

static bool fill_columns(void *db, const Str *args, uint32_t count,
                         bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    return walk(db, emit, self, mem, visit_columns);
}

static const char *const columns_names[] = {
    "database", "table_name",     "position", "column_name", "column_type",
    "not_null", "column_default", "identity", "in_primary",  "in_foreign",
};
static const Type columns_types[] = {TEXT,    TEXT, INTEGER, TEXT,    TEXT,
                                     BOOLEAN, TEXT, BOOLEAN, BOOLEAN, BOOLEAN};
const SystemTable system_d2db_columns = {.schema = "d2db",
                                         .name = "columns",
                                         .columns = COUNT_OF(columns_names),
                                         .column_name = columns_names,
                                         .column_type = columns_types,
                                         .fill = fill_columns};

// ---- indexes ----

static bool index_rows(SystemFill *f, const TableDef *def, const IndexDef *x)
{
    for (uint16_t k = 0; k < x->column_count; k++) {
        system_text(f, def->database);
        system_text(f, system_table_name(def->schema, def->name, f->mem));
        system_text(f, x->name);
        system_bool(f, x->unique);
        system_bool(f, x->primary);
        system_bool(f, x->constraint);
        system_text(f, x->kind == INDEX_HASH ? STR("hash") : STR("sorted"));
        system_int(f, k + 1);
        system_text(f, schema_key_name(def, x->column[k]));
        system_bool(f, x->column[k] >= def->column_count);
        system_bool(f, x->descending >> k & 1);
        system_bool(f, x->nulls_first >> k & 1);
        system_optional(f, x->predicate ? schema_key_name(def, (uint16_t)(x->predicate - 1)) : STR_NONE);
        if (!system_done(f)) return false;
    }
    return true;
}

// Without the indexes that foreign keys brought: they come and go with their keys.
static bool visit_indexes(SystemFill *f, Session *s, const TableDef *def)
{
    (void)s;
    for (uint16_t i = 0; i < def->index_count; i++)
        if (!ddl_is_foreign_index(def, &def->index[i]) && !index_rows(f, def, &def->index[i])) return false;
    return true;
}

static bool fill_indexes(void *db, const Str *args, uint32_t count,
                         bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    return walk(db, emit, self, mem, visit_indexes);
}

static const char *const indexes_names[] = {
    "database", "table_name",  "index_name",    "is_unique",     "is_primary",  "is_constraint", "method",
    "position", "column_name", "is_expression", "is_descending", "nulls_first", "predicate",
};
static const Type indexes_types[] = {TEXT,    TEXT, TEXT,    BOOLEAN, BOOLEAN, BOOLEAN, TEXT,
                                     INTEGER, TEXT, BOOLEAN, BOOLEAN, BOOLEAN, TEXT};
const SystemTable system_d2db_indexes = {.schema = "d2db",
                                         .name = "indexes",
                                         .columns = COUNT_OF(indexes_names),
                                         .column_name = indexes_names,
                                         .column_type = indexes_types,
                                         .fill = fill_indexes};

// ---- foreign keys ----

static const char *action_text(KeyAction a)
{
    static const char *const texts[] = {
        [KEY_NO_ACTION] = "NO ACTION", [KEY_RESTRICT] = "RESTRICT",       [KEY_CASCADE] = "CASCADE",
        [KEY_SET_NULL] = "SET NULL",   [KEY_SET_DEFAULT] = "SET DEFAULT",
    };
    return texts[a];
}

static bool foreign_rows(SystemFill *f, const TableDef *def, const ForeignKeyDef *key, const TableDef *parent)
{
    for (uint16_t k = 0; k < key->column_count; k++) {
        system_text(f, def->database);
        system_text(f, system_table_name(def->schema, def->name, f->mem));
        system_text(f, key->name);
        system_int(f, k + 1);
        system_text(f, def->column[key->column[k]].name);
        system_text(f, system_table_name(parent->schema, parent->name, f->mem));
        system_text(f, parent->column[key->parent_column[k]].name);
        system_text(f, str_of(action_text(key->on_delete)));
        system_text(f, str_of(action_text(key->on_update)));
        if (!system_done(f)) return false;
    }
    return true;
}

static bool visit_foreign(SystemFill *f, Session *s, const TableDef *def)
{
    for (uint16_t i = 0; i < def->foreign_key_count; i++) {
        Table *parent = transaction_table_by_id(s->transaction, def->foreign_key[i].parent_id);
        if (parent && !foreign_rows(f, def, &def->foreign_key[i], table_def(parent))) return false;
    }
    return true;
}

static bool fill_foreign(void *db, const Str *args, uint32_t count,
                         bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    return walk(db, emit, self, mem, visit_foreign);
}

static const char *const foreign_names[] = {
    "database",     "table_name",    "constraint_name", "position",  "column_name",
    "parent_table", "parent_column", "on_delete",       "on_update",
};
static const Type foreign_types[] = {TEXT, TEXT, TEXT, INTEGER, TEXT, TEXT, TEXT, TEXT, TEXT};
const SystemTable system_d2db_foreign_keys = {.schema = "d2db",
                                              .name = "foreign_keys",
                                              .columns = COUNT_OF(foreign_names),
                                              .column_name = foreign_names,
                                              .column_type = foreign_types,
                                              .fill = fill_foreign};

// ---- checks: information_schema.check_constraints does not say whose a check is ----

static bool visit_check(SystemFill *f, Session *s, const TableDef *def)
{
    (void)s;
    for (uint16_t i = 0; i < def->check_count; i++) {
        system_text(f, def->database);
        system_text(f, system_table_name(def->schema, def->name, f->mem));
        system_text(f, def->check[i].name);
        system_text(f, def->check[i].text);
        if (!system_done(f)) return false;
    }
    return true;
}

static bool fill_check(void *db, const Str *args, uint32_t count, bool (*emit)(void *self, const Value *row),
                       void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    return walk(db, emit, self, mem, visit_check);
}

static const char *const check_names[] = {"database", "table_name", "constraint_name", "check_clause"};
static const Type check_types[] = {TEXT, TEXT, TEXT, TEXT};
const SystemTable system_d2db_checks = {.schema = "d2db",
                                        .name = "checks",
                                        .columns = COUNT_OF(check_names),
                                        .column_name = check_names,
                                        .column_type = check_types,
                                        .fill = fill_check};

// ---- sessions and their transactions ----

// Users see their own sessions, an administrator all. The list is copied under its lock, so that no row waits
// on it.
static size_t visible_sessions(Session *by, Arena *mem, SourceState **out, uint64_t **number)
{
    Engine *e = by->engine;
    size_t count = 0, at = 0;
    mutex_lock(&e->lock);
    for (const Session *s = e->session; s; s = s->next) count++;
    *out = arena_array(mem, SourceState, count + 1);
    *number = arena_array(mem, uint64_t, count + 1);
    for (Session *s = e->session; s; s = s->next) {
        if (!by->administrator && !str_equal(str_of(s->user), str_of(by->user))) continue;
        (*number)[at] = s->number;
        source_state(&s->source, &(*out)[at++]);
    }
    mutex_unlock(&e->lock);
    return at;
}

static bool fill_sessions(void *db, const Str *args, uint32_t count,
                          bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    SystemFill f = filler(emit, self, mem);
    SourceState *state;
    uint64_t *number;
    size_t n = visible_sessions(db, mem, &state, &number);
    for (size_t i = 0; i < n; i++) {
        system_int(&f, (int64_t)number[i]);
        system_text(&f, str_of(state[i].user));
        system_text(&f, str_of(state[i].database));
        system_text(&f, str_of(state[i].node));
        system_bool(&f, state[i].in_transaction);
        if (!system_done(&f)) return false;
    }
    return true;
}

static const char *const sessions_names[] = {"session", "user_name", "database", "node", "in_transaction"};
static const Type sessions_types[] = {BIGINT, TEXT, TEXT, TEXT, BOOLEAN};
const SystemTable system_sessions = {.schema = "d2db",
                                     .name = "sessions",
                                     .columns = COUNT_OF(sessions_names),
                                     .column_name = sessions_names,
                                     .column_type = sessions_types,
                                     .fill = fill_sessions};

static bool fill_transactions(void *db, const Str *args, uint32_t count,
                              bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    SystemFill f = filler(emit, self, mem);
    SourceState *state;
    uint64_t *number;
    size_t n = visible_sessions(db, mem, &state, &number);
    for (size_t i = 0; i < n; i++) {
        if (!state[i].in_transaction) continue;
        system_int(&f, (int64_t)state[i].transaction);
        system_int(&f, (int64_t)number[i]);
        system_text(&f, str_of(state[i].user));
        system_text(&f, str_of(state[i].database));
        system_time(&f, state[i].began_us);
        system_int(&f, (int64_t)state[i].pending);
        system_bool(&f, state[i].failed_transaction);
        if (!system_done(&f)) return false;
    }
    return true;
}

static const char *const transactions_names[] = {"transaction", "session",         "user_name", "database",
                                                 "began",       "pending_changes", "failed"};
static const Type transactions_types[] = {BIGINT, BIGINT, TEXT, TEXT, TIMESTAMP, BIGINT, BOOLEAN};
const SystemTable system_transactions = {.schema = "d2db",
                                         .name = "transactions",
                                         .columns = COUNT_OF(transactions_names),
                                         .column_name = transactions_names,
                                         .column_type = transactions_types,
                                         .fill = fill_transactions};

// ---- settings ----

static bool fill_settings(void *db, const Str *args, uint32_t count,
                          bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    const Session *s = db;
    SystemFill f = filler(emit, self, mem);
    for (size_t i = 0; i < setting_count(); i++) {
        system_text(&f, str_of(setting_at(i)->name));
        system_text(&f, str_of(setting_value(&s->settings, i)));
        system_text(&f, str_of(setting_at(i)->about));
        if (!system_done(&f)) return false;
    }
    return true;
}

static const char *const settings_names[] = {"name", "setting", "description"};
static const Type settings_types[] = {TEXT, TEXT, TEXT};
const SystemTable system_settings = {.schema = "d2db",
                                     .name = "settings",
                                     .columns = COUNT_OF(settings_names),
                                     .column_name = settings_names,
                                     .column_type = settings_types,
                                     .fill = fill_settings};
