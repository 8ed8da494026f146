// d2db backup and d2db restore: copies of a data directory while it is in use, and a new one from them as of
// a moment. Nobody signs in: whoever may read the files may copy them.
#include "tui/cli.h"

#include "engine/base/clock.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

typedef struct Watch {
    const Cli *cli;
    int64_t told_us;
} Watch;

enum { TELL_EVERY_US = 1000000 };

static bool on_progress(void *self, uint64_t done, uint64_t expected)
{
    Watch *w = self;
    int64_t now = clock_mono_us();
    if (now - w->told_us < TELL_EVERY_US) return true;
    w->told_us = now;
    if (expected >= done) cli_say(w->cli, "%" PRIu64 " of about %" PRIu64 " MiB", done >> 20, expected >> 20);
    return true;
}

static CliStatus run_backup(Cli *c)
{
    if (c->arguments != 1) return cli_misused(c, "name the directory that takes the backup");
    Err err = {0};
    Str data;
    EngineCopied copied;
    Watch watch = {c, clock_mono_us()};
    char time[CLOCK_TEXT_SIZE];
    if (!cli_data(c, &data, &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    if (!engine_backup(c->io, arena_cstr(&c->mem, data), c->argument[0], on_progress, &watch, &copied, &err))
        return cli_error(c, &err, CLI_FAILED);
    printf("snapshot %" PRIu64 ": %" PRIu64 " table files, %" PRIu64 " of them new, %" PRIu64
           " bytes copied, commits up to %s\n",
           copied.snapshot, copied.tables, copied.tables_copied, copied.bytes,
           clock_text_utc(time, copied.until_ms * 1000));
    return CLI_DONE;
}

// "2026-11-21T02:53:49[.118]Z", or the same with a blank and without Z in local time.
static bool read_time(const char *text, int64_t *out_ms)
{
    struct tm tm = {.tm_isdst = -1};
    int ms = 0, used = 0, digits = 0;
    char between, zone = 0;
    if (sscanf(text, "%4d-%2d-%2d%c%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &between,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 7 ||
        (between != ' ' && between != 'T'))
        return false;
    const char *rest = text + used;
    if (*rest == '.') {
        for (rest++; *rest >= '0' && *rest <= '9' && digits < 3; rest++, digits++)
            ms = ms * 10 + (*rest - '0');
        for (; digits < 3; digits++) ms *= 10;
    }
    if (*rest == 'Z') zone = *rest++;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    struct tm given = tm;
    time_t seconds = zone ? timegm(&tm) : mktime(&tm);
    bool same = given.tm_mday == tm.tm_mday && given.tm_mon == tm.tm_mon; // there is such a day
    *out_ms = (int64_t)seconds * 1000 + ms;
    return *rest == 0 && same && seconds != (time_t)-1;
}

static CliStatus run_restore(Cli *c)
{
    if (c->arguments != 1) return cli_misused(c, "name the backup to restore from");
    Err err = {0};
    Str data;
    EngineCopied copied;
    int64_t until_ms = INT64_MAX;
    char time[CLOCK_TEXT_SIZE];
    if (cli_has(c, 'u') && !read_time(cli_value(c, 'u'), &until_ms))
        return cli_misused(c, "'%s' is no time like 2026-11-21T17:30:00Z or '2026-11-21 18:30:00'",
                           cli_value(c, 'u'));
    if (!cli_data(c, &data, &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    if (!engine_restore(c->io, c->argument[0], cli_value(c, 'a'), arena_cstr(&c->mem, data), until_ms,
                        &copied, &err))
        return cli_error(c, &err, CLI_FAILED);
    printf("%.*s: snapshot %" PRIu64 " with %" PRIu64 " table files and %" PRIu64
           " later transactions, up to %s\n",
           STR_ARG(data), copied.snapshot, copied.tables, copied.transactions,
           clock_text_utc(time, copied.until_ms * 1000));
    if (copied.left_out_ms)
        printf("left out: commits from %s on\n", clock_text_utc(time, copied.left_out_ms * 1000));
    return CLI_DONE;
}

static const CliOption backup_options[] = {{0, NULL, NULL, NULL}};
static const CliOption restore_options[] = {
    {'u', "until", "TIME",
     "leave out what was committed later: 2026-11-21T17:30:00Z, or local time without Z"},
    {'a', "archive", "DIR", "a directory that log_archive filled: later log than the backup's own"},
    {0, NULL, NULL, NULL},
};

const CliCommand cli_backup = {
    .name = "backup",
    .usage = "[--data DIR] BACKUP",
    .summary = "copy the data directory while it is in use",
    .help = "Adds a snapshot to the directory BACKUP, which is made when absent. The data directory may be "
            "in use; the "
            "snapshot holds every commit that was acknowledged before. From the second one on only new table "
            "files and log are copied. What was copied is read again and its checksums are verified.",
    .option = backup_options,
    .run = run_backup,
};

const CliCommand cli_restore = {
    .name = "restore",
    .usage = "[--until TIME] [--archive DIR] [--data DIR] BACKUP",
    .summary = "make a data directory from a backup",
    .help = "Makes the data directory, which must be absent or empty, from the newest snapshot that is old "
            "enough, and "
            "replays the backup's log up to TIME.",
    .option = restore_options,
    .run = run_restore,
};
