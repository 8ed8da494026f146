// d2db report: the counts of the assignment, on standard output and as a file in DATA/reports.
#include "analytics/report.h"
#include "tui/cli.h"

#include "engine/base/clock.h"
#include <string.h>

enum { REPORT_MAX = 64 << 20 };

static bool write_report(Cli *c, const char *kind, int64_t now, Str text, Err *err)
{
    Bytes directory, path;
    bytes_init(&directory, 1 << 16);
    bytes_init(&path, 1 << 16);
    OutFile *out;
    bool ok = engine_directory(c->engine, "reports", &directory, err) &&
              report_write(c->io, bytes_str(&directory), kind, now, text, &path, err) &&
              out_file_open(&out, c->io, NULL, err);
    if (ok) {
        out_put(out, text);
        ok = out_file_finish(out, err);
        cli_say(c, "written to %.*s", STR_ARG(bytes_str(&path)));
    }
    bytes_done(&directory);
    bytes_done(&path);
    return ok;
}

static bool make_report(Cli *c, bool updates, Err *err)
{
    Bytes text;
    int64_t now = clock_wall_us();
    bytes_init(&text, REPORT_MAX);
    bool ok;
    if (updates) {
        UpdateCounts counts;
        ok = count_updates(&counts, c->session, str_of(c->argument[1]), &c->mem, err);
        if (ok) report_updates_text(&counts, engine_node(c->engine), now, &text);
    } else {
        QueryCounts counts;
        ok = count_queries(&counts, c->session, &c->mem, err);
        if (ok) report_queries_text(&counts, engine_node(c->engine), now, &text);
    }
    ok = ok && write_report(c, updates ? "updates" : "queries", now, bytes_str(&text), err);
    bytes_done(&text);
    return ok;
}

static CliStatus run_report(Cli *c)
{
    bool queries = c->arguments == 1 && strcmp(c->argument[0], "queries") == 0;
    bool updates = c->arguments == 2 && strcmp(c->argument[0], "updates") == 0;
    if (!queries && !updates) return cli_misused(c, "say 'queries', or 'updates' and a database");
    Err err = {0};
    if (!cli_sign_in(c, "D2DB_", &err) || !cli_quiet(c, &err) || !cli_watch(c, &err))
        return cli_error(c, &err, CLI_CANNOT_OPEN);
    return make_report(c, updates, &err) ? CLI_DONE : cli_error(c, &err, CLI_FAILED);
}

static const CliOption options[] = {{0, NULL, NULL, NULL}};

const CliCommand cli_report = {
    .name = "report",
    .usage = "queries\nupdates DB",
    .summary = "count queries and updates",
    .help = "How many queries each user submitted (valid and invalid), or how many update operations each "
            "table of a database\n"
            "has seen. The report is shown and kept in the data directory below reports/.",
    .option = options,
    .run = run_report,
};
