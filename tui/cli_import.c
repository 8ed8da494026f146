// d2db import: a script or dump, or a .csv into a table.
#include "export/import.h"
#include "tui/cli.h"

#include "engine/base/clock.h"
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static void on_progress(void *self, const ImportProgress *p)
{
    (void)self;
    if (p->bytes)
        fprintf(stderr, "\r%3d %%  %" PRIu64 " statements, %" PRIu64 " rows ",
                (int)(100 * p->bytes_done / p->bytes), p->statements, p->rows);
    else
        fprintf(stderr, "\r%" PRIu64 " statements, %" PRIu64 " rows ", p->statements, p->rows);
}

static void on_notice(void *self, uint32_t line, Str sentence)
{
    cli_say(self, "line %u: %.*s", line, STR_ARG(sentence));
}

static bool choose_database(Cli *c, Err *err)
{
    const char *database = cli_value(c, 'd');
    if (!database || !cli_has(c, 'C')) return cli_use(c, database, err);
    Bytes text;
    ResultSink none = {0};
    bytes_init(&text, 1 << 16);
    bytes_put(&text, STR("CREATE DATABASE "));
    source_quote_name(&text, str_of(database));
    bool ok = source_run(c->session, bytes_str(&text), &none, err);
    bytes_done(&text);
    return ok && cli_use(c, database, err);
}

static CliStatus run_import(Cli *c)
{
    static const char *const dialects[] = {"d2db", "postgres", "mysql", "sqlite", NULL};
    if (c->arguments != 1) return cli_misused(c, "give one file");
    if (cli_has(c, '\5') && !cli_known(c, "dialect", cli_value(c, '\5'), dialects)) return CLI_USAGE;
    const char *separator = cli_value(c, '\6');
    if (separator && strlen(separator) != 1) return cli_misused(c, "a separator is one character");
    Err err = {0};
    if (!cli_sign_in(c, "D2DB_", &err) || !cli_watch(c, &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    if (!choose_database(c, &err)) return cli_error(c, &err, CLI_FAILED);
    bool show = isatty(STDERR_FILENO) && !cli_has(c, 'q');
    ImportOptions o = {.io = c->io,
                       .path = c->argument[0],
                       .dialect = str_of(cli_has(c, '\5') ? cli_value(c, '\5') : ""),
                       .single_transaction = cli_has(c, '1'),
                       .skip_unsupported = cli_has(c, 'S'),
                       .table = str_of(cli_has(c, 't') ? cli_value(c, 't') : ""),
                       .separator = separator ? separator[0] : 0,
                       .no_header = cli_has(c, 'n'),
                       .progress = show ? on_progress : NULL,
                       .notice = cli_has(c, 'q') ? NULL : on_notice,
                       .self = c,
                       .stop = &c->stop};
    ImportSummary s;
    int64_t began = clock_mono_us();
    bool ok = import_file(c->session, &o, &s, &err);
    char took[CLOCK_TEXT_SIZE];
    if (show) fputs("\r\x1b[K", stderr);
    if (!ok) cli_error(c, &err, CLI_FAILED);
    if (!ok || !cli_has(c, 'q'))
        cli_say(c, "%s%" PRIu64 " statements, %" PRIu64 " rows, %" PRIu64 " left out, %s",
                ok ? "" : "stopped after ", s.statements, s.rows, s.skipped,
                clock_text_duration(took, clock_mono_us() - began));
    if (s.refused || s.lost)
        cli_say(c, "%" PRIu64 " statements are not supported and were left out%s", s.refused,
                s.lost ? "," : "");
    if (s.lost) cli_say(c, "and %" PRIu64 " that need them", s.lost);
    return ok && !s.lost ? CLI_DONE : CLI_FAILED;
}

static const CliOption options[] = {
    {'d', "database", "DB", "the database"},
    {'C', "create", NULL, "make the database first"},
    {'t', "table", "NAME", "a .csv goes into this table"},
    {'n', "no-header", NULL, "the first line of a .csv is a row"},
    {'\6', "separator", "C", "between the fields of a .csv (default ,)"},
    {'\5', "dialect", "D", "whose script: d2db, postgres, mysql, sqlite (default: found out)"},
    {'1', "single-transaction", NULL, "all or nothing"},
    {'S', "skip-unsupported", NULL, "leave out, by name, what the engine does not support"},
    {'q', "quiet", NULL, "say nothing when all goes well"},
    {0, NULL, NULL, NULL},
};

const CliCommand cli_import = {
    .name = "import",
    .usage = "[-d DB] FILE\n[-d DB] --table NAME FILE.csv",
    .summary = "load a script, a dump or a .csv",
    .help = "Runs a .sql script or dump of d2db, PostgreSQL, MySQL or SQLite, or loads a .csv whose first "
            "line names columns.\n"
            "Stops at the first error with its place in the file; each statement is whole or not done.",
    .option = options,
    .run = run_import,
};
