// System: what SHOW, DESCRIBE and the two COUNT statements give. Their arguments come as strings; selected
// from without any, they take the chosen database, or all.
#include "engine/db/ddl.h"
#include "engine/db/system.h"

#include <inttypes.h>

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

typedef bool (*Emit)(void *self, const Value *row);

static Str argument(const Str *args, uint32_t count, uint32_t i) { return i < count ? args[i] : STR_NONE; }

// LIKE with % and _ only; nothing given fits all.
static bool like(Str text, Str pattern)
{
    if (!pattern.at) return true;
    size_t t = 0, p = 0, star = SIZE_MAX, mark = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.at[p] == '%')
            star = p++, mark = t;
        else if (p < pattern.len && (pattern.at[p] == '_' || pattern.at[p] == text.at[t]))
            t++, p++;
        else if (star != SIZE_MAX)
            p = star + 1, t = ++mark;
        else
            return false;
    }
    while (p < pattern.len && pattern.at[p] == '%') p++;
    return p == pattern.len;
}

// ---- SHOW DATABASES, SHOW TABLES ----

static bool fill_databases(void *db, const Str *args, uint32_t count, Emit emit, void *self, Arena *mem,
                           Err *err)
{
    (void)err;
    const Session *s = db;
    SystemFill f = {.emit = emit, .self = self, .mem = mem};
    Str *name;
    size_t n = store_databases(s->engine->store, mem, &name);
    for (size_t i = 0; i < n; i++) {
        if (!like(name[i], argument(args, count, 0))) continue;
        system_text(&f, name[i]);
        if (!system_done(&f)) return false;
    }
    return true;
}

static const char *const databases_names[] = {"database"};
static const Type databases_types[] = {TEXT};
const SystemTable system_show_databases = {.schema = "d2db",
                                           .name = "show_databases",
                                           .columns = COUNT_OF(databases_names),
                                           .column_name = databases_names,
                                           .column_type = databases_types,
                                           .fill = fill_databases};

static bool fill_tables(void *db, const Str *args, uint32_t count, Emit emit, void *self, Arena *mem,
                        Err *err)
{
    (void)err;
    const Session *s = db;
    SystemFill f = {.emit = emit, .self = self, .mem = mem};
    const TableDef **def;
    Str database = count ? args[0] : session_database(s);
    size_t n = transaction_tables(s->transaction, database, mem, &def);
    for (size_t i = 0; i < n; i++) {
        bool theirs = def[i]->temporary && !str_equal(def[i]->schema, str_of(s->temporary));
        if (theirs || !like(def[i]->name, argument(args, count, 1))) continue;
        system_text(&f, system_table_name(def[i]->schema, def[i]->name, mem));
        if (!system_done(&f)) return false;
    }
    const ObjectDef **view;
    n = transaction_object_list(s->transaction, OBJECT_VIEW, database, mem, &view);
    for (size_t i = 0; i < n; i++) {
        if (!like(view[i]->name, argument(args, count, 1))) continue;
        system_text(&f, system_table_name(view[i]->schema, view[i]->name, mem));
        if (!system_done(&f)) return false;
    }
    return true;
}

static const char *const tables_names[] = {"table_name"};
static const Type tables_types[] = {TEXT};
const SystemTable system_show_tables = {.schema = "d2db",
                                        .name = "show_tables",
                                        .columns = COUNT_OF(tables_names),
                                        .column_name = tables_names,
                                        .column_type = tables_types,
                                        .fill = fill_tables};

// ---- DESCRIBE ----

static void put_list(Bytes *out, const char *word, Str more)
{
    if (out->len) bytes_put(out, STR(", "));
    bytes_put(out, str_of(word));
    bytes_put(out, more);
}

static bool has(const uint16_t *column, uint16_t count, uint16_t at)
{
    for (uint16_t i = 0; i < count; i++)
        if (column[i] == at) return true;
    return false;
}

// "PRIMARY KEY, REFERENCES course(id)"
static void put_keys(const Session *s, const TableDef *def, uint16_t at, Arena *mem, Bytes *out)
{
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *x = &def->index[i];
        if (x->constraint && has(x->column, x->column_count, at))
            put_list(out, x->primary ? "PRIMARY KEY" : "UNIQUE", STR_NONE);
    }
    for (uint16_t i = 0; i < def->foreign_key_count; i++) {
        const ForeignKeyDef *key = &def->foreign_key[i];
        Table *parent = transaction_table_by_id(s->transaction, key->parent_id);
        for (uint16_t k = 0; parent && k < key->column_count; k++) {
            if (key->column[k] != at) continue;
            put_list(out, "REFERENCES ",
                     system_table_name(table_def(parent)->schema, table_def(parent)->name, mem));
            bytes_put_byte(out, '(');
            bytes_put(out, table_def(parent)->column[key->parent_column[k]].name);
            bytes_put_byte(out, ')');
        }
    }
}

enum { KEYS_TEXT_MAX = 64 << 10 };

static bool describe_column(SystemFill *f, const Session *s, const TableDef *def, uint16_t i)
{
    const ColumnDef *c = &def->column[i];
    Bytes keys;
    bytes_init(&keys, KEYS_TEXT_MAX);
    put_keys(s, def, i, f->mem, &keys);
    system_text(f, c->name);
    system_text(f, type_text(c->type, f->mem));
    system_yes_no(f, !c->not_null);
    system_text(f, bytes_str(&keys));
    system_optional(f, c->numbering ? STR_NONE : c->default_text);
    system_text(f, c->identity || c->numbering ? STR("identity") : STR(""));
    bytes_done(&keys);
    return system_done(f);
}

static bool visit_described(SystemFill *f, Session *s, const TableDef *def)
{
    for (uint16_t i = 0; i < def->column_count; i++)
        if (!describe_column(f, s, def, i)) return false;
    return true;
}

// The table args[1] of schema args[2] and database args[0]; without arguments all tables.
static bool each_table(void *db, const Str *args, uint32_t count, Emit emit, void *self, Arena *mem,
                       SystemVisit visit)
{
    Session *s = db;
    SystemFill f = {.emit = emit, .self = self, .mem = mem};
    if (count < 2) return system_each_table(&f, s, STR_NONE, visit);
    Table *t = transaction_table_in(s->transaction, args[0], count > 2 ? args[2] : SCHEMA_PUBLIC, args[1]);
    return !t || visit(&f, s, table_def(t));
}

static bool fill_describe(void *db, const Str *args, uint32_t count, Emit emit, void *self, Arena *mem,
                          Err *err)
{
    (void)err;
    return each_table(db, args, count, emit, self, mem, visit_described);
}

static const char *const describe_names[] = {"column_name", "type", "nullable", "key", "default", "extra"};
static const Type describe_types[] = {TEXT, TEXT, TEXT, TEXT, TEXT, TEXT};
const SystemTable system_describe = {.schema = "d2db",
                                     .name = "describe",
                                     .columns = COUNT_OF(describe_names),
                                     .column_name = describe_names,
                                     .column_type = describe_types,
                                     .fill = fill_describe};

// ---- SHOW INDEXES ----

static bool visit_indexes(SystemFill *f, Session *s, const TableDef *def)
{
    (void)s;
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *x = &def->index[i];
        if (ddl_is_foreign_index(def, x)) continue;
        Bytes columns;
        bytes_init(&columns, KEYS_TEXT_MAX);
        for (uint16_t k = 0; k < x->column_count; k++)
            put_list(&columns, "", schema_key_name(def, x->column[k]));
        system_text(f, x->name);
        system_text(f, bytes_str(&columns));
        system_bool(f, x->unique);
        system_text(f, x->kind == INDEX_HASH ? STR("hash") : STR("sorted"));
        bytes_done(&columns);
        if (!system_done(f)) return false;
    }
    return true;
}

static bool fill_indexes(void *db, const Str *args, uint32_t count, Emit emit, void *self, Arena *mem,
                         Err *err)
{
    (void)err;
    return each_table(db, args, count, emit, self, mem, visit_indexes);
}

static const char *const indexes_names[] = {"index_name", "columns", "is_unique", "method"};
static const Type indexes_types[] = {TEXT, TEXT, BOOLEAN, TEXT};
const SystemTable system_show_indexes = {.schema = "d2db",
                                         .name = "show_indexes",
                                         .columns = COUNT_OF(indexes_names),
                                         .column_name = indexes_names,
                                         .column_type = indexes_types,
                                         .fill = fill_indexes};

// ---- COUNT QUERIES ----

static Str queries_sentence(const CounterRow *r, Arena *mem)
{
    Str node = system_node_name(r->node, mem);
    uint64_t all = r->valid + r->invalid;
    const char *word = all == 1 ? "query" : "queries";
    if (!r->database.len)
        return arena_printf(mem, "user %.*s submitted %" PRIu64 " %s for no database running on %.*s",
                            STR_ARG(r->user), all, word, STR_ARG(node));
    return arena_printf(mem, "user %.*s submitted %" PRIu64 " %s for %.*s running on %.*s", STR_ARG(r->user),
                        all, word, STR_ARG(r->database), STR_ARG(node));
}

static bool fill_queries(void *db, const Str *args, uint32_t count, Emit emit, void *self, Arena *mem,
                         Err *err)
{
    (void)args, (void)count, (void)err;
    const Session *s = db;
    SystemFill f = {.emit = emit, .self = self, .mem = mem};
    CounterRow *row;
    size_t n = counter_rows(s->engine->counter, mem, &row);
    for (size_t i = 0; i < n; i++) {
        system_text(&f, row[i].user);
        system_text(&f, row[i].database);
        system_text(&f, row[i].node);
        system_int(&f, (int64_t)row[i].valid);
        system_int(&f, (int64_t)row[i].invalid);
        system_text(&f, queries_sentence(&row[i], mem));
        if (!system_done(&f)) return false;
    }
    return true;
}

static const char *const queries_names[] = {"user_name", "database", "node", "valid", "invalid", "sentence"};
static const Type queries_types[] = {TEXT, TEXT, TEXT, BIGINT, BIGINT, TEXT};
const SystemTable system_count_queries = {.schema = "d2db",
                                          .name = "count_queries",
                                          .columns = COUNT_OF(queries_names),
                                          .column_name = queries_names,
                                          .column_type = queries_types,
                                          .fill = fill_queries};

// ---- COUNT UPDATE ----

static bool visit_updates(SystemFill *f, Session *s, const TableDef *def)
{
    Table *t = transaction_table_by_id(s->transaction, def->id);
    uint64_t updates = t ? table_update_count(t) : 0;
    system_text(f, def->name);
    system_int(f, (int64_t)updates);
    system_text(f, arena_printf(f->mem, "Total %" PRIu64 " Update operations are performed on %.*s", updates,
                                STR_ARG(def->name)));
    return system_done(f);
}

static bool fill_updates(void *db, const Str *args, uint32_t count, Emit emit, void *self, Arena *mem,
                         Err *err)
{
    (void)err;
    Session *s = db;
    SystemFill f = {.emit = emit, .self = self, .mem = mem};
    Str database = count ? args[0] : session_database(s);
    return !database.len || system_each_table(&f, s, database, visit_updates);
}

static const char *const updates_names[] = {"table_name", "updates", "sentence"};
static const Type updates_types[] = {TEXT, BIGINT, TEXT};
const SystemTable system_count_update = {.schema = "d2db",
                                         .name = "count_update",
                                         .columns = COUNT_OF(updates_names),
                                         .column_name = updates_names,
                                         .column_type = updates_types,
                                         .fill = fill_updates};
