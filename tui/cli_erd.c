// d2db erd: the data model as text, as a drawing, or for other tools.
#include "export/erd.h"
#include "tui/cli.h"

static CliStatus run_erd(Cli *c)
{
    const char *format = cli_has(c, '\4') ? cli_value(c, '\4') : "text";
    if (c->arguments != 1) return cli_misused(c, "name one database");
    if (!cli_known(c, "format", format, erd_format_names())) return CLI_USAGE;
    Err err = {0};
    Erd model;
    OutFile *out;
    if (!cli_sign_in(c, "D2DB_", &err) || !cli_quiet(c, &err) || !cli_watch(c, &err))
        return cli_error(c, &err, CLI_CANNOT_OPEN);
    if (!erd_read(&model, c->session, str_of(c->argument[0]), !cli_has(c, 'm'), &c->stop, &c->mem, &err) ||
        !out_file_open(&out, c->io, cli_value(c, 'o'), &err))
        return cli_error(c, &err, CLI_FAILED);
    bool ok = erd_format(str_of(format))->write(&model, out, &err);
    if (!ok)
        out_file_abandon(out);
    else
        ok = out_file_finish(out, &err);
    return ok ? CLI_DONE : cli_error(c, &err, CLI_FAILED);
}

static const CliOption options[] = {
    {'o', "output", "FILE", "write to FILE (default: standard output)"},
    {'\4', "format", "F", "text (default), drawing, mermaid, dot or dbml"},
    {'m', "no-measure", NULL, "do not count rows and children"},
    {0, NULL, NULL, NULL},
};

const CliCommand cli_erd = {
    .name = "erd",
    .usage = "DB [-o FILE] [--format F]",
    .summary = "show the data model",
    .help = "Writes tables, columns, keys and relationships with their cardinality, as declared and as "
            "measured in the data.",
    .option = options,
    .run = run_erd,
};
