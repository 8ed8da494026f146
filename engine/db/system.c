// System: the list of tables, and how their rows are made and shown.
#include "engine/db/system.h"
#include "engine/db/system_pg.h"

#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "engine/data/cast.h"
#include <inttypes.h>
#include <string.h>

#define LISTED(name) &system_view_##name,
const SystemTable *const *system_tables(void)
{
    static const SystemTable *const list[] = {
        &system_schemata,
        &system_information_tables,
        &system_information_columns,
        &system_table_constraints,
        &system_key_column_usage,
        &system_referential_constraints,
        &system_check_constraints,
        &system_constraint_column_usage,
        &system_views,
        &system_sequences,
        &system_definitions,
        &system_d2db_tables,
        &system_d2db_columns,
        &system_d2db_indexes,
        &system_d2db_foreign_keys,
        &system_d2db_checks,
        &system_transactions,
        &system_locks,
        &system_snapshots,
        &system_sessions,
        &system_settings,
        &system_count_queries,
        &system_count_update,
        &system_show_databases,
        &system_show_tables,
        &system_describe,
        &system_show_indexes,
        &system_class,
        &system_namespace,
        &system_attribute,
        &system_attrdef,
        &system_type,
        &system_index,
        &system_constraint,
        &system_proc,
        &system_sequence,
        &system_enum,
        &system_database,
        &system_roles,
        &system_description,
        &system_depend,
        &system_pg_settings,
        &system_activity,
        &system_rewrite,
        &system_zones,
        &system_stat_tables,
        &system_trigger,
        SYSTEM_PG_VIEWS(LISTED) NULL,
    };
    return list;
}

// ---- cells ----

static Value *next_cell(SystemFill *f, TypeId type)
{
    Value *v = &f->cell[f->cells < SYSTEM_COLUMNS_MAX - 1 ? f->cells++ : f->cells];
    *v = (Value){.type = type_of(type)};
    return v;
}

void system_text(SystemFill *f, Str text)
{
    next_cell(f, TYPE_TEXT)->text = text_of(arena_copy(f->mem, text));
}
void system_null(SystemFill *f) { next_cell(f, TYPE_TEXT)->null = true; }
void system_int(SystemFill *f, int64_t value) { next_cell(f, TYPE_BIGINT)->i64 = value; }
void system_bool(SystemFill *f, bool value) { next_cell(f, TYPE_BOOLEAN)->boolean = value; }
void system_yes_no(SystemFill *f, bool value) { system_text(f, value ? STR("YES") : STR("NO")); }

void system_optional(SystemFill *f, Str text)
{
    if (text.at)
        system_text(f, text);
    else
        system_null(f);
}

void system_time(SystemFill *f, int64_t wall_us)
{
    if (wall_us)
        next_cell(f, TYPE_TIMESTAMP)->i64 = wall_us + (int64_t)clock_local_offset_s(wall_us) * 1000000;
    else
        system_null(f);
}

bool system_done(SystemFill *f)
{
    f->cells = 0;
    return f->emit(f->self, f->cell);
}

// ---- straight to the sink ----

static bool flush(SystemRows *r)
{
    const ResultSink *sink = r->run->sink;
    bool more = !r->batch->rows || !sink || !sink->rows || sink->rows(sink->self, r->batch);
    arena_reset(&r->mem);
    r->batch = batch_new(&r->mem, r->type, r->columns);
    return more;
}

static bool rows_emit(void *self, const Value *row)
{
    SystemRows *r = self;
    Batch *b = r->batch;
    uint32_t at = b->rows;
    for (uint32_t c = 0; c < r->columns; c++) {
        Value v = row[c];
        if (!v.null && v.type.id != r->type[c].id &&
            !cast_value(&v, &row[c], r->type[c], CAST_EXPLICIT, &r->mem, r->err))
            return false;
        if (v.null) {
            vector_set_null(&b->vector[c], at);
            continue;
        }
        v = value_copy(&r->mem, &v);
        v.type = r->type[c];
        vector_set_value(&b->vector[c], at, &v);
    }
    b->sel_len = ++b->rows;
    r->run->rows++;
    if (b->rows == BATCH_ROWS) r->more = flush(r);
    return r->more;
}

bool system_rows_begin(SystemRows *r, Run *run, const char *const *name, const Type *type, uint32_t columns,
                       Err *err)
{
    *r = (SystemRows){.run = run, .columns = columns, .type = type, .more = true, .err = err};
    r->batch = batch_new(&r->mem, type, columns);
    r->fill = (SystemFill){.emit = rows_emit, .self = r, .mem = run->mem};
    ResultColumn *column = arena_array(run->mem, ResultColumn, columns);
    for (uint32_t i = 0; i < columns; i++) column[i] = (ResultColumn){str_of(name[i]), type[i]};
    const ResultSink *sink = run->sink;
    if (sink && sink->columns) r->more = sink->columns(sink->self, column, columns);
    return !err_any(err);
}

void system_put_text(SystemRows *r, Str text) { system_text(&r->fill, text); }
bool system_row_done(SystemRows *r) { return system_done(&r->fill); }

bool system_rows_end(SystemRows *r, Err *err)
{
    if (r->more && !err_any(err)) (void)flush(r);
    arena_done(&r->mem);
    return !err_any(err);
}

bool system_show(Run *run, const char *name, const Str *args, uint32_t count, Err *err)
{
    for (const SystemTable *const *t = system_tables(); *t; t++) {
        if (strcmp((*t)->schema, "d2db") != 0 || strcmp((*t)->name, name) != 0) continue;
        SystemRows r;
        if (!system_rows_begin(&r, run, (*t)->column_name, (*t)->column_type, (*t)->columns, err))
            return false;
        bool good = !r.more || (*t)->fill(run->session, args, count, rows_emit, &r, run->mem, err) || !r.more;
        return system_rows_end(&r, err) && good;
    }
    return err_set(err, SQLSTATE_INTERNAL, "there is no table d2db.%s", name);
}

// ---- walking ----

static bool each_in(SystemFill *f, Session *s, Str database, SystemVisit visit)
{
    const TableDef **def;
    size_t n = transaction_tables(s->transaction, database, f->mem, &def);
    for (size_t i = 0; i < n; i++) {
        if (def[i]->temporary && !str_equal(def[i]->schema, str_of(s->temporary)))
            continue; // another session's
        if (!visit(f, s, def[i])) return false;
    }
    return true;
}

bool system_each_table(SystemFill *f, Session *s, Str only, SystemVisit visit)
{
    if (only.len) return each_in(f, s, only, visit);
    Str *name;
    size_t n = store_databases(s->engine->store, f->mem, &name);
    for (size_t i = 0; i < n; i++)
        if (!each_in(f, s, name[i], visit)) return false;
    return true;
}

Str system_table_name(Str schema, Str name, Arena *mem)
{
    // A dot in a name of public would look like a schema's.
    if (str_equal(schema, SCHEMA_PUBLIC) && str_find_byte(name, '.', 0) == SIZE_MAX) return name;
    return arena_printf(mem, "%.*s.%.*s", STR_ARG(schema), STR_ARG(name));
}

Str system_node_name(Str node, Arena *mem)
{
    uint64_t number;
    bool machine = str_starts(node, STR("vm")) && str_to_uint64(str_slice(node, 2, node.len), &number);
    return machine ? arena_printf(mem, "Virtual Machine %" PRIu64, number) : node;
}
