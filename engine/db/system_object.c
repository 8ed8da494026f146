// System: what the dictionary knows beside tables, as rows: information_schema.views and sequences, and
// d2db.definitions: the statements that make them anew, in an order in which they can be run.
#include "engine/db/ddl_object.h"
#include "engine/db/system.h"
#include "engine/sql/print.h"

#include <inttypes.h>

enum { STATEMENT_TEXT_MAX = 4 << 20 };
#define TEXT                                                                                                 \
    {                                                                                                        \
        .id = TYPE_TEXT                                                                                      \
    }
#define INTEGER                                                                                              \
    {                                                                                                        \
        .id = TYPE_INTEGER                                                                                   \
    }

typedef bool (*Emit)(void *self, const Value *row);

bool system_each_object(SystemFill *f, Session *s, ObjectKind kind, SystemVisitObject visit)
{
    Str *name;
    size_t n = store_databases(s->engine->store, f->mem, &name);
    for (size_t i = 0; i < n; i++) {
        const ObjectDef **o;
        size_t count = transaction_object_list(s->transaction, kind, name[i], f->mem, &o);
        for (size_t k = 0; k < count; k++)
            if (!visit(f, s, o[k])) return false;
    }
    return true;
}

static Str check_option(const ObjectDef *o)
{
    Str check = object_field(o, "check");
    return !check.at ? STR("NONE") : str_equal(check, STR("local")) ? STR("LOCAL") : STR("CASCADED");
}

static bool visit_view(SystemFill *f, Session *s, const ObjectDef *o)
{
    (void)s;
    system_text(f, o->database);
    system_text(f, o->schema);
    system_text(f, o->name);
    system_text(f, object_field(o, "query"));
    system_text(f, check_option(o));
    system_yes_no(f, false);
    system_yes_no(f, false);
    return system_done(f);
}

static bool fill_views(void *db, const Str *args, uint32_t count, Emit emit, void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    SystemFill f = {.emit = emit, .self = self, .mem = mem};
    return system_each_object(&f, db, OBJECT_VIEW, visit_view);
}

static const char *const views_names[] = {"table_catalog",     "table_schema", "table_name",
                                          "view_definition",   "check_option", "is_updatable",
                                          "is_insertable_into"};
static const Type views_types[] = {TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT};
const SystemTable system_views = {.schema = "information_schema",
                                  .name = "views",
                                  .columns = COUNT_OF(views_names),
                                  .column_name = views_names,
                                  .column_type = views_types,
                                  .fill = fill_views};

static bool visit_sequence(SystemFill *f, Session *s, const ObjectDef *o)
{
    (void)s;
    Str type = object_field(o, "type");
    if (object_field(o, "internal").at) return true; // of an identity column
    system_text(f, o->database);
    system_text(f, o->schema);
    system_text(f, o->name);
    system_text(f, type);
    system_int(f, str_equal(type, STR("smallint")) ? 16 : str_equal(type, STR("integer")) ? 32 : 64);
    system_int(f, 2);
    system_int(f, 0);
    system_text(f, object_field(o, "start"));
    system_text(f, object_field(o, "min"));
    system_text(f, object_field(o, "max"));
    system_text(f, object_field(o, "increment"));
    system_yes_no(f, object_field(o, "cycle").at != NULL);
    return system_done(f);
}

static bool fill_sequences(void *db, const Str *args, uint32_t count, Emit emit, void *self, Arena *mem,
                           Err *err)
{
    (void)args, (void)count, (void)err;
    SystemFill f = {.emit = emit, .self = self, .mem = mem};
    return system_each_object(&f, db, OBJECT_SEQUENCE, visit_sequence);
}

static const char *const sequences_names[] = {
    "sequence_catalog",  "sequence_schema",         "sequence_name", "data_type",
    "numeric_precision", "numeric_precision_radix", "numeric_scale", "start_value",
    "minimum_value",     "maximum_value",           "increment",     "cycle_option"};
static const Type sequences_types[] = {TEXT,    TEXT, TEXT, TEXT, INTEGER, INTEGER,
                                       INTEGER, TEXT, TEXT, TEXT, TEXT,    TEXT};
const SystemTable system_sequences = {.schema = "information_schema",
                                      .name = "sequences",
                                      .columns = COUNT_OF(sequences_names),
                                      .column_name = sequences_names,
                                      .column_type = sequences_types,
                                      .fill = fill_sequences};

// ---- d2db.definitions ----

static void put_name(Bytes *out, Str schema, Str name)
{
    if (schema.len) print_name(out, schema);
    if (schema.len) bytes_put_byte(out, '.');
    print_name(out, name);
}

static void put_view_columns(Bytes *out, const ObjectDef *o)
{
    bool any = false;
    for (uint32_t i = 0; i < o->field_count; i++) {
        if (!str_starts(o->field[i].name, STR("column "))) continue;
        bytes_put(out, any ? STR(", ") : STR(" ("));
        print_name(out, o->field[i].value);
        any = true;
    }
    if (any) bytes_put_byte(out, ')');
}

static void put_view(Bytes *out, const ObjectDef *o, Str schema, Str name, bool rows)
{
    bytes_put(out, rows ? STR("CREATE MATERIALIZED VIEW ") : STR("CREATE VIEW "));
    put_name(out, schema, name);
    put_view_columns(out, o);
    bytes_put(out, STR(" AS "));
    bytes_put(out, object_field(o, "query"));
    if (rows && !object_field(o, "filled").at) bytes_put(out, STR(" WITH NO DATA"));
    if (!rows && object_field(o, "check").at) {
        bytes_put(out, str_equal(check_option(o), STR("LOCAL")) ? STR(" WITH LOCAL CHECK OPTION")
                                                                : STR(" WITH CASCADED CHECK OPTION"));
    }
}

static void put_sequence(Bytes *out, const ObjectDef *o)
{
    static const char *const part[][2] = {{" AS ", "type"},          {" INCREMENT BY ", "increment"},
                                          {" MINVALUE ", "min"},     {" MAXVALUE ", "max"},
                                          {" START WITH ", "start"}, {" CACHE ", "cache"}};
    bytes_put(out, STR("CREATE SEQUENCE "));
    put_name(out, o->schema, o->name);
    for (size_t i = 0; i < COUNT_OF(part); i++) {
        bytes_put(out, str_of(part[i][0]));
        bytes_put(out, object_field(o, part[i][1]));
    }
    if (object_field(o, "cycle").at) bytes_put(out, STR(" CYCLE"));
}

// Where a sequence stands, for a dump.
static void put_position(Bytes *out, Session *s, const ObjectDef *o)
{
    Err err = {0};
    SequenceState state;
    Bytes name;
    if (!sequence_state(s->transaction, o->id, &state, &err)) return;
    bytes_init(&name, STATEMENT_TEXT_MAX);
    put_name(&name, o->schema, o->name);
    bytes_put(out, STR("SELECT setval("));
    print_string(out, bytes_str(&name));
    bytes_printf(out, ", %" PRId64 ", %s)", state.last, state.called ? "true" : "false");
    bytes_done(&name);
}

static bool put_about(Bytes *out, Session *s, const ObjectDef *comment, Arena *mem)
{
    Table *t = comment->parent ? transaction_table_by_id(s->transaction, comment->parent) : NULL;
    const ObjectDef *o =
        comment->parent && !t ? transaction_object_by_id(s->transaction, comment->parent, mem) : NULL;
    Str part = comment->name;
    if (!t && !o) { // schema public, or the database itself, which a dump does not name
        if (str_equal(part, STR("database"))) return false;
        bytes_put(out, STR("SCHEMA "));
        print_name(out, part);
        return true;
    }
    Str schema = t ? table_def(t)->schema : o->schema, name = t ? table_def(t)->name : o->name;
    if (str_starts(part, STR("constraint ")) || str_starts(part, STR("index "))) {
        bool constraint = part.at[0] == 'c';
        bytes_put(out, constraint ? STR("CONSTRAINT ") : STR("INDEX "));
        put_name(out, constraint ? STR("") : schema, str_slice(part, constraint ? 11 : 6, part.len));
        if (constraint) bytes_put(out, STR(" ON "));
        if (constraint) put_name(out, schema, name);
        return true;
    }
    const char *kind = t && table_def(t)->materialized ? "MATERIALIZED VIEW "
                       : t                             ? "TABLE "
                       : o->kind == OBJECT_VIEW        ? "VIEW "
                       : o->kind == OBJECT_SEQUENCE    ? "SEQUENCE "
                       : o->kind == OBJECT_SCHEMA      ? "SCHEMA "
                       : o->kind == OBJECT_DOMAIN      ? "DOMAIN "
                                                       : "TYPE ";
    bytes_put(out, part.len ? STR("COLUMN ") : str_of(kind));
    put_name(out, schema, name);
    if (part.len) bytes_put_byte(out, '.');
    if (part.len) print_name(out, part);
    return true;
}

// One statement; empty: this object has none of its own in this phase.
static void put_statement(Bytes *out, Session *s, const ObjectDef *o, bool before, Arena *mem)
{
    if (before && o->kind == OBJECT_SCHEMA) {
        bytes_put(out, STR("CREATE SCHEMA "));
        print_name(out, o->name);
    } else if (o->kind == OBJECT_SEQUENCE && !object_field(o, "column").at) {
        if (before)
            put_sequence(out, o);
        else
            put_position(out, s, o);
    } else if (!before && o->kind == OBJECT_VIEW) {
        put_view(out, o, o->schema, o->name, false);
    } else if (!before && o->kind == OBJECT_MATERIALIZED_VIEW) {
        Table *t = transaction_table_by_id(s->transaction, o->parent);
        if (t) put_view(out, o, table_def(t)->schema, table_def(t)->name, true);
    } else if (!before && o->kind == OBJECT_COMMENT) {
        size_t from = out->len;
        bytes_put(out, STR("COMMENT ON "));
        if (!put_about(out, s, o, mem)) {
            out->len = from;
            return;
        }
        bytes_put(out, STR(" IS "));
        print_string(out, object_field(o, "text"));
    }
}

static bool definition_row(SystemFill *f, Session *s, const ObjectDef *o, bool before, Err *err)
{
    Bytes text;
    bytes_init(&text, STATEMENT_TEXT_MAX);
    put_statement(&text, s, o, before, f->mem);
    bool good = true;
    if (text.failed)
        good = err_set(err, SQLSTATE_LIMIT, "the definition of %.*s is too long", STR_ARG(o->name));
    else if (text.len) {
        system_text(f, o->database);
        system_text(f, before ? STR("before") : STR("after"));
        system_text(f, str_of(object_kind_name(o->kind)));
        system_text(f, o->schema);
        system_text(f, o->name);
        system_text(f, bytes_str(&text));
        good = system_done(f);
    }
    bytes_done(&text);
    return good;
}

static bool is_ready(const ObjectDef **o, size_t count, const bool *done, size_t at)
{
    if (o[at]->kind == OBJECT_COMMENT) { // behind everything that it may be about
        for (size_t i = 0; i < count; i++)
            if (!done[i] && o[i]->kind != OBJECT_COMMENT) return false;
        return true;
    }
    for (size_t i = 0; i < count; i++)
        if (!done[i] && i != at &&
            (object_depends(o[at], o[i]->id) ||
             (o[i]->kind == OBJECT_MATERIALIZED_VIEW && object_depends(o[at], o[i]->parent))))
            return false;
    return true;
}

static bool definitions_of(SystemFill *f, Session *s, Str database, Err *err)
{
    const ObjectDef **o;
    size_t count = transaction_object_list(s->transaction, OBJECT_ANY, database, f->mem, &o), left = count;
    for (size_t i = 0; i < count; i++)
        if (!o[i]->temporary && !definition_row(f, s, o[i], true, err)) return false;
    bool *done = arena_array(f->mem, bool, count + 1);
    for (bool moved = true; left && moved;) {
        moved = false;
        for (size_t i = 0; i < count; i++) {
            if (done[i] || !is_ready(o, count, done, i)) continue;
            if (!o[i]->temporary && !definition_row(f, s, o[i], false, err)) return false;
            done[i] = moved = true;
            left--;
        }
    }
    return true;
}

static bool fill_definitions(void *db, const Str *args, uint32_t count, Emit emit, void *self, Arena *mem,
                             Err *err)
{
    (void)args, (void)count;
    Session *s = db;
    SystemFill f = {.emit = emit, .self = self, .mem = mem};
    Str *name;
    size_t n = store_databases(s->engine->store, mem, &name);
    for (size_t i = 0; i < n; i++)
        if (!definitions_of(&f, s, name[i], err)) return false;
    return true;
}

static const char *const definitions_names[] = {"database",    "phase", "kind",
                                                "schema_name", "name",  "statement"};
static const Type definitions_types[] = {TEXT, TEXT, TEXT, TEXT, TEXT, TEXT};
const SystemTable system_definitions = {.schema = "d2db",
                                        .name = "definitions",
                                        .columns = COUNT_OF(definitions_names),
                                        .column_name = definitions_names,
                                        .column_type = definitions_types,
                                        .fill = fill_definitions};
