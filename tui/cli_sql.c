// d2db sql: statements from -c, a file or standard input; results to standard output in the chosen format.
#include "export/result_file.h"
#include "tui/cli.h"

#include "engine/base/clock.h"
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 64 << 20, READ_PIECE = 64 << 10 };

typedef struct SqlRun {
    Cli *cli;
    ResultFile *file;
    ResultSink into; // the file's part of the sink
    bool quiet, rows;
} SqlRun;

static bool on_columns(void *self, const ResultColumn *column, uint32_t count)
{
    SqlRun *r = self;
    r->rows = true;
    return r->into.columns(r->into.self, column, count);
}

static bool on_rows(void *self, const Batch *b)
{
    SqlRun *r = self;
    return r->into.rows(r->into.self, b);
}

static void on_notice(void *self, Str sentence)
{
    SqlRun *r = self;
    cli_say(r->cli, "notice: %.*s", STR_ARG(sentence));
}

static void on_done(void *self, Str tag, int64_t rows, int64_t duration_us)
{
    SqlRun *r = self;
    char took[CLOCK_TEXT_SIZE];
    r->into.done(r->into.self, tag, rows, duration_us);
    bool counted =
        str_equal(tag, STR("INSERT")) || str_equal(tag, STR("UPDATE")) || str_equal(tag, STR("DELETE"));
    if (!r->rows && !r->quiet && counted)
        fprintf(stderr, "%.*s %lld  %s\n", STR_ARG(tag), (long long)rows,
                clock_text_duration(took, duration_us));
    else if (!r->rows && !r->quiet)
        fprintf(stderr, "%.*s  %s\n", STR_ARG(tag), clock_text_duration(took, duration_us));
    r->rows = false;
}

static bool read_standard_input(Cli *c, Bytes *text, Err *err)
{
    IoFile in = {.io = c->io, .fd = STDIN_FILENO};
    for (size_t got = READ_PIECE; got == READ_PIECE;) {
        char *room = bytes_reserve(text, READ_PIECE);
        if (!room)
            return err_set(err, SQLSTATE_LIMIT, "standard input is longer than %d MB: use d2db import",
                           TEXT_MAX >> 20);
        if (!io_read(&in, room, READ_PIECE, -1, &got, err)) return false;
        bytes_reserve_done(text, got);
    }
    return true;
}

static bool read_text(Cli *c, Bytes *text, Err *err)
{
    const char *file = cli_value(c, 'f');
    if (cli_has(c, 'c')) {
        bytes_put(text, str_of(cli_value(c, 'c')));
        return true;
    }
    if (!file || strcmp(file, "-") == 0) return read_standard_input(c, text, err);
    return io_read_path(c->io, file, text, err);
}

static CliStatus run_text(Cli *c, Str text, OutFile *out, const char *format)
{
    Err err = {0};
    SqlRun r = {.cli = c, .quiet = cli_has(c, 'q')};
    ResultFileOptions o = {.format = result_format(str_of(format)),
                           .terminal = isatty(STDOUT_FILENO),
                           .no_header = cli_has(c, 'n'),
                           .table = str_of(cli_has(c, 't') ? cli_value(c, 't') : ""),
                           .null_text = str_of(cli_has(c, '\5') ? cli_value(c, '\5') : "~")};
    if (!result_file_new(&r.file, &o, out, &err)) return cli_error(c, &err, CLI_FAILED);
    r.into = result_file_sink(r.file);
    ResultSink sink = {
        .self = &r, .columns = on_columns, .rows = on_rows, .notice = on_notice, .done = on_done};
    bool ok = source_run(c->session, text, &sink, &err);
    result_file_free(r.file);
    if (ok) return CLI_DONE;
    err_locate(&err, text);
    cli_error(c, &err, CLI_FAILED);
    cli_caret(&err, text);
    return CLI_FAILED;
}

static CliStatus run_sql(Cli *c)
{
    const char *format = cli_has(c, '\4') ? cli_value(c, '\4') : "table";
    if (c->arguments)
        return cli_misused(c, "'%s' is one argument too many (statements go behind -c)", c->argument[0]);
    if (cli_has(c, 'c') && cli_has(c, 'f')) return cli_misused(c, "give -c or -f, not both");
    if (!cli_known(c, "format", format, result_format_names())) return CLI_USAGE;
    Err err = {0};
    Bytes text;
    OutFile *out = NULL;
    bytes_init(&text, TEXT_MAX);
    CliStatus status = CLI_DONE;
    if (!read_text(c, &text, &err))
        status = cli_error(c, &err, CLI_FAILED);
    else if (!cli_sign_in(c, "D2DB_", &err) || !cli_watch(c, &err))
        status = cli_error(c, &err, CLI_CANNOT_OPEN);
    else if (!cli_use(c, cli_value(c, 'd'), &err) || !out_file_open(&out, c->io, cli_value(c, 'o'), &err))
        status = cli_error(c, &err, CLI_FAILED);
    if (status == CLI_DONE) {
        status = run_text(c, bytes_str(&text), out, format);
        if (status != CLI_DONE && cli_has(c, 'o'))
            out_file_abandon(out);
        else if (!out_file_finish(out, &err))
            status = cli_error(c, &err, CLI_FAILED);
    }
    bytes_done(&text);
    return status;
}

static const CliOption options[] = {
    {'d', "database", "DB", "the database"},
    {'c', "command", "SQL", "run SQL"},
    {'f', "file", "FILE", "run the statements of FILE (- is standard input)"},
    {'\4', "format", "F", "table (default), csv, tsv, json or sql"},
    {'o', "output", "FILE", "write results to FILE"},
    {'n', "no-header", NULL, "no line of column names"},
    {'t', "table", "NAME", "table named in the INSERTs of --format sql"},
    {'\5', "null", "TEXT", "how table shows NULL (default ~)"},
    {'q', "quiet", NULL, "say nothing of statements without rows"},
    {0, NULL, NULL, NULL},
};

const CliCommand cli_sql = {
    .name = "sql",
    .usage = "[-d DB] [-c SQL | -f FILE] [--format F]",
    .summary = "run statements",
    .help =
        "Runs SQL from the command line, a file or standard input. Rows go to standard output, everything "
        "else to\n"
        "standard error. The first error ends the run with status 1. Ctrl-C cancels the running statement.",
    .option = options,
    .run = run_sql,
};
