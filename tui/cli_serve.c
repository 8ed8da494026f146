// d2db serve: the node daemon, in the foreground, until SIGTERM or SIGINT.
#include "net/serve.h"
#include "tui/cli.h"

#include <stdlib.h>

enum { PORT_DEFAULT = 5432 };

static void on_say(void *self, const char *sentence) { cli_say(self, "%s", sentence); }

static CliStatus run_serve(Cli *c)
{
    Err err = {.at = -1};
    Str data;
    int64_t port, connections;
    if (c->arguments) return cli_misused(c, "'%s' is not expected here", c->argument[0]);
    if (!cli_number(c, 'p', 1, 65535, PORT_DEFAULT, &port) ||
        !cli_number(c, 'n', 1, 1000000, 0, &connections))
        return CLI_USAGE;
    if (!cli_data(c, &data, &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    ServeOptions o = {
        .io = c->io,
        .data = arena_cstr(&c->mem, data),
        .listen = cli_value(c, 'l'),
        .socket = cli_value(c, 's'),
        .certificate = cli_value(c, 'c'),
        .key = cli_value(c, 'k'),
        .port = (unsigned)port,
        .connections_max = (unsigned)connections,
        .init_tls = cli_has(c, 'i'),
        .say = on_say,
        .self = c,
    };
    return serve_run(&o, &err) ? CLI_DONE : cli_error(c, &err, CLI_CANNOT_OPEN);
}

static const CliOption options[] = {
    {'l', "listen", "HOST:PORT", "listen on TCP too (none without it)"},
    {'s', "socket", "DIR", "directory of the unix socket (else DATA/run; '' = none)"},
    {'p', "port", "N", "number in the unix socket's name (else 5432, as psql expects)"},
    {'n', "connections", "N", "refuse connections above N (else 10000, or what open files allow)"},
    {'c', "certificate", "FILE", "certificate chain for TLS, PEM (else DATA/tls/server.crt where it is)"},
    {'k', "key", "FILE", "its private key, mode 0600 (else in the same file, or DATA/tls/server.key)"},
    {'i', "init-tls", NULL, "make a key and a certificate for trials in DATA/tls first"},
    {0, NULL, NULL, NULL},
};

const CliCommand cli_serve = {
    .name = "serve",
    .usage = "[--listen HOST:PORT] [--socket DIR] [OPTION]...",
    .summary = "make the data directory a node that PostgreSQL clients talk to",
    .help =
        "Runs in the foreground until SIGTERM or Ctrl-C; SIGHUP reads the certificate again. Clients sign in "
        "by "
        "SCRAM-SHA-256 with\n"
        "their d2db name and password (psql -h DIR -U NAME -d DATABASE). A user is asked for the security "
        "question's answer as\n"
        "the first statement, ANSWER '...', unless an administrator has made the account one of a program:\n"
        "d2db user service NAME.",
    .option = options,
    .run = run_serve,
};
