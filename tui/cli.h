// Cli: the command line: options as tables, one function per command, exit statuses, errors on standard
// error. Nothing secret is ever taken from an argument. Relies on engine.h, export, analytics.
#ifndef TUI_CLI_H
#define TUI_CLI_H

#include "engine/base/thread.h"
#include "engine/engine.h"
#include "export/out_file.h"
#include <stdio.h>

typedef enum CliStatus {
    CLI_DONE = 0,
    CLI_FAILED = 1, // the statement or the check failed
    CLI_USAGE = 2,
    CLI_CANNOT_OPEN = 3, // or sign in
} CliStatus;

// letter: how the program names the option, and its short form when it is a letter or digit.
typedef struct CliOption {
    char letter;
    const char *name;     // --name
    const char *argument; // NULL = a switch
    const char *help;
} CliOption;

typedef struct Cli Cli;
typedef struct CliCommand {
    const char *name;
    const char *usage;       // behind "d2db NAME"; several lines for several forms
    const char *summary;     // one line in the list of commands
    const char *help;        // paragraphs
    const CliOption *option; // ends with name NULL
    CliStatus (*run)(Cli *c);
} CliCommand;

enum { CLI_OPTIONS_MAX = 128 };

struct Cli {
    Io io;
    const CliCommand *command;
    const char *value[CLI_OPTIONS_MAX]; // of options, by letter; "" for a switch that was given
    char **argument;                    // those that are no options
    int arguments;
    Arena mem;
    // cli_session.c
    Str profile_user, profile_command, profile_answer_command, profile_data, profile_theme;
    Engine *engine;
    Source *session;
    Source *signed_in; // what the sign-in gave, when `session` is another one made from it
    atomic_bool stop;  // Ctrl-C was pressed
    _Atomic(Source *) running;
    Thread watcher;
};

extern const CliCommand cli_sql, cli_import, cli_export, cli_erd, cli_report, cli_user, cli_check, cli_serve,
    cli_backup, cli_restore, cli_repair;

// ---- cli.c ----

// Options and arguments of c->command; CLI_DONE to go on. --help is answered here (*answered).
CliStatus cli_parse(Cli *c, int argc, char **argv, bool *answered);
static inline const char *cli_value(const Cli *c, char letter) { return c->value[(unsigned char)letter]; }
static inline bool cli_has(const Cli *c, char letter) { return cli_value(c, letter) != NULL; }
// A whole number of an option; false (told) when it is none or outside.
bool cli_number(const Cli *c, char letter, int64_t least, int64_t most, int64_t otherwise, int64_t *out);
void cli_help(const CliCommand *command, FILE *to);
// "d2db sql: …" on standard error.
void cli_say(const Cli *c, const char *format, ...) PRINTF_LIKE(2, 3);
CliStatus cli_misused(const Cli *c, const char *format, ...) PRINTF_LIKE(2, 3);
// The error with its SQLSTATE, hint and notes; returns `status`.
CliStatus cli_error(const Cli *c, const Err *err, CliStatus status);
// The line of `text` that err points at, with a caret below.
void cli_caret(const Err *err, Str text);
// A name out of a list, NULL-terminated; tells the choices when it is none.
bool cli_known(const Cli *c, const char *what, const char *word, const char *const *names);
// One line from the terminal, without echo when secret; false when there is no terminal.
bool cli_ask(const Cli *c, const char *question, bool secret, Bytes *answer);

// ---- cli_session.c ----

// The data directory that options, environment and profile name.
MUST_CHECK bool cli_data(Cli *c, Str *out, Err *err);
MUST_CHECK bool cli_open(Cli *c, Err *err);
// Opens and signs in; c->session is then there. prefix: of the environment variables ("D2DB_" or
// "D2DB_ADMIN_").
MUST_CHECK bool cli_sign_in(Cli *c, const char *prefix, Err *err);
// What the program itself reads from here on is in no query log and no count of queries.
MUST_CHECK bool cli_quiet(Cli *c, Err *err);
// Makes `database` the session's own; NULL leaves it. This is no query of the user's.
MUST_CHECK bool cli_use(Cli *c, const char *database, Err *err);
// From here on Ctrl-C cancels what the session runs (a second one ends the program).
MUST_CHECK bool cli_watch(Cli *c, Err *err);
void cli_close(Cli *c);

#endif
