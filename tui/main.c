// Main: d2db alone opens the workstation; d2db COMMAND runs one of the table below.
#include "tui/cli.h"
#include "tui/workstation.h"

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const CliCommand *const commands[] = {&cli_sql,    &cli_import,  &cli_export, &cli_erd,
                                             &cli_report, &cli_user,    &cli_check,  &cli_serve,
                                             &cli_backup, &cli_restore, &cli_repair};

static const CliOption no_options[] = {
    {'t', "theme", "NAME", "colours: a theme's name or file"},
    {'m', "no-mouse", NULL, "leave the mouse to the terminal"},
    {'V', "version", NULL, "the version"},
    {0, NULL, NULL, NULL},
};

static void print_commands(FILE *to)
{
    fputs("\ncommands:\n", to);
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n'd2db COMMAND --help' says more of each.\n", to);
}

static CliStatus run_workstation(Cli *c)
{
    Err err = {0};
    Str data;
    if (c->arguments) {
        cli_say(c, "'%s' is no command", c->argument[0]);
        print_commands(stderr);
        return CLI_USAGE;
    }
    if (cli_has(c, 'V')) {
        puts("d2db " D2DB_VERSION);
        return CLI_DONE;
    }
    if (!cli_data(c, &data, &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    WorkstationOptions o = {.io = c->io,
                            .data = arena_cstr(&c->mem, data),
                            .theme = cli_has(c, 't')        ? cli_value(c, 't')
                                     : c->profile_theme.len ? arena_cstr(&c->mem, c->profile_theme)
                                                            : NULL,
                            .mouse = !cli_has(c, 'm')};
    return (CliStatus)workstation_run(&o);
}

static const CliCommand workstation = {
    .name = "",
    .usage = "[--data DIR] [--theme NAME] [--no-mouse]\nCOMMAND [OPTION]... [ARGUMENT]...",
    .summary = "",
    .help =
        "Without a command: the workstation, a full screen to sign in, write queries and look at databases.",
    .option = no_options,
    .run = run_workstation,
};

// "d2db --data DIR sql …" is "d2db sql --data DIR …": the command comes to the front.
static void put_command_first(int argc, char **argv)
{
    int at = 1;
    while (at < argc && (strncmp(argv[at], "--data", 6) == 0 || strncmp(argv[at], "--user", 6) == 0))
        at += argv[at][6] == '=' ? 1 : 2;
    if (at <= 1 || at >= argc || argv[at][0] == '-') return;
    char *command = argv[at];
    memmove(&argv[2], &argv[1], (size_t)(at - 1) * sizeof *argv);
    argv[1] = command;
}

static const CliCommand *find_command(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < COUNT_OF(commands); i++)
        if (strcmp(argv[1], commands[i]->name) == 0) return commands[i];
    return &workstation;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error of the write, told like a full disk
    Cli c = {.io = io_posix()};
    put_command_first(argc, argv);
    c.command = find_command(argc, argv);
    int skipped = c.command == &workstation ? 0 : 1;
    bool answered;
    CliStatus status = cli_parse(&c, argc - skipped, argv + skipped, &answered);
    if (answered && c.command == &workstation) print_commands(stdout);
    if (status == CLI_DONE && !answered) status = c.command->run(&c);
    cli_close(&c);
    if (fflush(stdout) != 0 && status == CLI_DONE) status = CLI_FAILED;
    return (int)status;
}
