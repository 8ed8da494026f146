// Dump: see dump.h. One read-only transaction from first to last: header, tables with unique indexes, values,
// the other indexes, foreign keys of cycles, footer with row counts and checksums.
#include "export/dump.h"

#include "engine/base/clock.h"
#include "export/dump_in.h"
#include <inttypes.h>

static bool run_plain(Source *s, const char *text, Err *err)
{
    ResultSink sink = {0};
    return source_run(s, str_of(text), &sink, err);
}

// Comments carry names of people's choosing: nothing in them may end the line.
static void put_header(DumpRun *d)
{
    SourceState state;
    char now[CLOCK_TEXT_SIZE];
    source_state(d->source, &state);
    out_put(d->out, STR("-- d2db dump of database "));
    out_safe(d->out, d->catalog.database);
    out_printf(d->out, ", for %s\n-- taken %s from one snapshot on node ", d->dialect->title,
               clock_text_utc(now, clock_wall_us()));
    out_safe(d->out, str_of(state.node));
    out_put(d->out, STR(" by "));
    out_safe(d->out, str_of(state.user));
    out_printf(d->out, "\n-- %u tables, %" PRIu64 " rows\n\n", d->catalog.tables, d->progress.rows_expected);
    out_put(d->out, str_of(d->dialect->prologue));
}

static void put_footer(DumpRun *d, DumpSummary *summary)
{
    out_put(d->out, str_of(d->dialect->epilogue));
    out_put(d->out, STR("\n-- end of dump\n"));
    for (uint32_t i = 0; i < d->catalog.tables; i++) {
        const DumpTable *t = &d->order[i];
        summary->rows += t->rows;
        if (!d->options->values) continue;
        out_put(d->out, STR("-- table "));
        out_safe(d->out, d->catalog.table[t->table].name);
        out_printf(d->out, ": %" PRIu64 " rows, checksum %016" PRIx64 "\n", t->rows, t->checksum);
    }
    summary->tables = d->catalog.tables;
    summary->bytes = out_size(d->out);
}

static bool put_values(DumpRun *d, Err *err)
{
    out_put(d->out, str_of(d->dialect->values_begin));
    for (uint32_t i = 0; i < d->catalog.tables; i++) {
        d->progress.tables_done = i;
        if (!dump_values(d, &d->order[i], err)) return false;
    }
    out_put(d->out, str_of(d->dialect->values_end));
    return true;
}

static void put_structure(DumpRun *d)
{
    for (uint32_t i = 0; i < d->catalog.tables; i++) {
        dump_create_table(d, d->order[i].table);
        dump_indexes(d, d->order[i].table, true);
    }
}

static void put_structure_behind(DumpRun *d)
{
    for (uint32_t i = 0; i < d->catalog.tables; i++) dump_indexes(d, d->order[i].table, false);
    for (uint32_t i = 0; i < d->catalog.tables; i++) dump_late_foreign_keys(d, d->order[i].table);
}

// Schemas and sequences stand before the tables; views, positions of sequences and comments behind the rows.
static void put_definitions(DumpRun *d, bool before)
{
    for (uint32_t i = 0; i < d->catalog.definitions; i++) {
        const CatalogDefinition *one = &d->catalog.definition[i];
        if (one->before != before) continue;
        if (d->dialect->objects) {
            out_put(d->out, one->statement);
            out_put(d->out, STR(";\n"));
            continue;
        }
        if (!str_equal(one->kind, STR("view")) && !str_equal(one->kind, STR("materialized-view"))) continue;
        out_put(d->out, STR("-- left out, as it has no sure translation: "));
        out_safe(d->out, one->statement);
        out_byte(d->out, '\n');
    }
    if (d->catalog.definitions) out_byte(d->out, '\n');
}

static bool dump_everything(DumpRun *d, Str database, DumpSummary *summary, Err *err)
{
    if (!catalog_read(&d->catalog, d->source, database, d->options->values, d->mem, err)) return false;
    for (uint32_t i = 0; i < d->catalog.tables; i++) {
        const CatalogTable *t = &d->catalog.table[i];
        if (t->rows > 0) d->progress.rows_expected += (uint64_t)t->rows;
        dump_take_name(d, t->name);
    }
    d->progress.tables = d->catalog.tables;
    dump_order(d);
    put_header(d);
    if (d->options->structure) put_definitions(d, true);
    if (d->options->structure) put_structure(d);
    if (d->options->values && !put_values(d, err)) return false;
    if (d->options->structure) put_structure_behind(d);
    if (d->options->structure) put_definitions(d, false);
    put_footer(d, summary);
    d->progress.tables_done = d->progress.tables;
    if (d->options->progress) d->options->progress(d->options->self, &d->progress);
    return true;
}

bool dump_write(Source *s, Str database, const DumpOptions *o, OutFile *out, DumpSummary *summary, Err *err)
{
    *summary = (DumpSummary){0};
    SourceState state;
    source_state(s, &state);
    if (state.in_transaction)
        return err_set(err, "25001", "an export needs a session without an open transaction");
    if (!catalog_use(s, database, err)) return false;
    if (!run_plain(s, "BEGIN ISOLATION LEVEL REPEATABLE READ", err)) return false;
    Arena mem = {0};
    DumpRun d = {.source = s, .options = o, .dialect = o->dialect, .out = out, .mem = &mem};
    bool ok = dump_everything(&d, database, summary, err);
    Err end = {0};
    if (!run_plain(s, "ROLLBACK", &end) && ok) {
        *err = end;
        ok = false;
    }
    map_done(&d.names);
    arena_done(&mem);
    return ok;
}
