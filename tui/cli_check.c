// d2db check: every file of a data directory, without opening the engine. d2db repair: what is whole stays.
#include "tui/cli.h"

#include <inttypes.h>
#include <errno.h>
#include <unistd.h>

typedef struct Findings {
    OutFile *out;
    uint64_t count;
} Findings;

static void on_found(void *self, const char *file, const char *sentence)
{
    Findings *f = self;
    f->count++;
    out_safe(f->out, str_of(file));
    out_put(f->out, STR(": "));
    out_safe(f->out, str_of(sentence));
    out_byte(f->out, '\n');
}

static CliStatus run_check(Cli *c)
{
    if (c->arguments) return cli_misused(c, "'%s' is one argument too many", c->argument[0]);
    Err err = {0};
    Str data;
    Findings f = {0};
    uint64_t files = 0, rows = 0;
    if (!cli_data(c, &data, &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    const char *path = arena_cstr(&c->mem, data);
    if (access(path, R_OK | X_OK) != 0) {
        err_set_errno(&err, errno, "cannot open %s", path);
        return cli_error(c, &err, CLI_CANNOT_OPEN);
    }
    if (!out_file_open(&f.out, c->io, NULL, &err)) return cli_error(c, &err, CLI_FAILED);
    bool ok = engine_check(c->io, path, on_found, &f, &files, &rows, &err);
    if (ok && !f.count) out_printf(f.out, "%" PRIu64 " files, %" PRIu64 " rows: no damage\n", files, rows);
    Err end = {0};
    if (!out_file_finish(f.out, &end)) return cli_error(c, &end, CLI_FAILED);
    if (!ok) return cli_error(c, &err, f.count ? CLI_FAILED : CLI_CANNOT_OPEN);
    if (f.count) cli_say(c, "%" PRIu64 " damaged places in %" PRIu64 " files", f.count, files);
    return f.count ? CLI_FAILED : CLI_DONE;
}

static const CliOption options[] = {{0, NULL, NULL, NULL}};

const CliCommand cli_check = {
    .name = "check",
    .usage = "[--data DIR]",
    .summary = "verify every file of a data directory",
    .help = "Reads every file, its checksums and its structure, and names each damaged place. Status 1 when "
            "there is one.",
    .option = options,
    .run = run_check,
};

static CliStatus run_repair(Cli *c)
{
    if (c->arguments) return cli_misused(c, "'%s' is one argument too many", c->argument[0]);
    Err err = {0}, end = {0};
    Str data;
    Findings f = {0};
    if (!cli_data(c, &data, &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    const char *path = arena_cstr(&c->mem, data);
    if (access(path, R_OK | W_OK | X_OK) != 0) {
        err_set_errno(&err, errno, "cannot open %s", path);
        return cli_error(c, &err, CLI_CANNOT_OPEN);
    }
    if (!out_file_open(&f.out, c->io, NULL, &err)) return cli_error(c, &err, CLI_FAILED);
    bool ok = engine_repair(c->io, path, on_found, &f, &err);
    if (ok && !f.count) out_put(f.out, STR("nothing is damaged\n"));
    if (!out_file_finish(f.out, &end)) return cli_error(c, &end, CLI_FAILED);
    return ok ? CLI_DONE : cli_error(c, &err, CLI_CANNOT_OPEN);
}

const CliCommand cli_repair = {
    .name = "repair",
    .usage = "[--data DIR]",
    .summary = "keep what is whole of a damaged data directory",
    .help = "Copies damaged files to DIR/damaged, takes damaged blocks out of their tables, ends the log "
            "where it is "
            "damaged, and says which rows and transactions are lost. No other process may have DIR open.",
    .option = options,
    .run = run_repair,
};
