// d2db export: structure and values of a database as SQL.
#include "export/dump.h"
#include "tui/cli.h"

#include <inttypes.h>
#include <unistd.h>

static void on_progress(void *self, const DumpProgress *p)
{
    (void)self;
    fprintf(stderr, "\r%u of %u tables, %" PRIu64 " of %" PRIu64 " rows ", p->tables_done, p->tables,
            p->rows_done, p->rows_expected);
}

static CliStatus run_export(Cli *c)
{
    const char *dialect = cli_has(c, '\5') ? cli_value(c, '\5') : "d2db";
    int64_t rows;
    if (c->arguments != 1) return cli_misused(c, "name one database");
    if (!cli_known(c, "dialect", dialect, dump_dialect_names())) return CLI_USAGE;
    if (cli_has(c, 's') && cli_has(c, 'a'))
        return cli_misused(c, "give --structure-only or --values-only, not both");
    if (!cli_number(c, '\6', 1, 100000, 0, &rows)) return CLI_USAGE;
    Err err = {0};
    OutFile *out;
    if (!cli_sign_in(c, "D2DB_", &err) || !cli_quiet(c, &err) || !cli_watch(c, &err))
        return cli_error(c, &err, CLI_CANNOT_OPEN);
    if (!out_file_open(&out, c->io, cli_value(c, 'o'), &err)) return cli_error(c, &err, CLI_FAILED);
    bool show = isatty(STDERR_FILENO) && cli_has(c, 'o');
    DumpOptions o = {.dialect = dump_dialect(str_of(dialect)),
                     .structure = !cli_has(c, 'a'),
                     .values = !cli_has(c, 's'),
                     .insert_rows = (uint32_t)rows,
                     .progress = show ? on_progress : NULL,
                     .stop = &c->stop};
    DumpSummary s;
    bool ok = dump_write(c->session, str_of(c->argument[0]), &o, out, &s, &err);
    if (show) fputs("\r\x1b[K", stderr);
    if (!ok)
        out_file_abandon(out);
    else
        ok = out_file_finish(out, &err);
    if (!ok) return cli_error(c, &err, CLI_FAILED);
    if (cli_has(c, 'o'))
        cli_say(c, "%s: %u tables, %" PRIu64 " rows, %" PRIu64 " bytes", cli_value(c, 'o'), s.tables, s.rows,
                s.bytes);
    return CLI_DONE;
}

static const CliOption options[] = {
    {'o', "output", "FILE", "write to FILE, which appears when it is whole (default: standard output)"},
    {'\5', "dialect", "D", "d2db (default), postgres, mysql or sqlite"},
    {'s', "structure-only", NULL, "no values"},
    {'a', "values-only", NULL, "no structure"},
    {'\6', "insert-rows", "N", "rows of one INSERT at most (default 500)"},
    {0, NULL, NULL, NULL},
};

const CliCommand cli_export = {
    .name = "export",
    .usage = "DB [-o FILE] [--dialect D]",
    .summary = "write a database as SQL",
    .help = "Writes structure and values of a database from one snapshot, tables in the order of their "
            "foreign keys, with row\n"
            "counts and checksums at the end. The file loads into the chosen system without changes.",
    .option = options,
    .run = run_export,
};
