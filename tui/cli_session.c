// The command line's session: which data directory, who, and Ctrl-C. Secrets come from the environment, from
// the command that the profile names, or from the terminal with the echo off.
#include "export/catalog.h"
#include "tui/cli.h"

#include "engine/base/yaml.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECRET_MAX = 4096, PATH_BYTES_MAX = 1 << 16, PROFILE_MAX = 1 << 20 };

static Str environment(const char *name)
{
    const char *value = getenv(name);
    return value ? str_of(value) : STR_NONE;
}

// ---- profile ----

static Str profile_member(const Yaml *root, const char *key)
{
    const Yaml *y = yaml_member(root, key);
    return y && y->kind == YAML_SCALAR ? y->text : STR_NONE;
}

// $XDG_CONFIG_HOME/d2db/profile.yaml; absent is fine.
static bool read_profile(Cli *c, Err *err)
{
    static const char *const keys[] = {"user", "data", "passwordcommand", "answercommand", "theme", NULL};
    Str config = environment("XDG_CONFIG_HOME"), home = environment("HOME");
    const char *path = config.len ? arena_printf(&c->mem, "%.*s/d2db/profile.yaml", STR_ARG(config)).at
                                  : arena_printf(&c->mem, "%.*s/.config/d2db/profile.yaml", STR_ARG(home)).at;
    if (access(path, F_OK) != 0) return true;
    Bytes text;
    Yaml *root = NULL;
    bytes_init(&text, PROFILE_MAX);
    bool ok = io_read_path(c->io, path, &text, err) &&
              yaml_read(&root, bytes_str(&text), path, &c->mem, err) &&
              (!root || yaml_only_keys(root, path, keys, err));
    if (ok && root) {
        c->profile_user = profile_member(root, "user");
        c->profile_data = profile_member(root, "data");
        c->profile_theme = profile_member(root, "theme");
        c->profile_command = profile_member(root, "passwordcommand");
        c->profile_answer_command = profile_member(root, "answercommand");
    }
    bytes_done(&text);
    return ok;
}

bool cli_data(Cli *c, Str *out, Err *err)
{
    if (!read_profile(c, err)) return false;
    Str home = environment("HOME");
    *out = cli_has(c, '\1') ? str_of(cli_value(c, '\1')) : environment("D2DB_DATA");
    if (!out->len) *out = c->profile_data;
    if (!out->len && home.len) *out = arena_printf(&c->mem, "%.*s/.local/share/d2db", STR_ARG(home));
    return out->len || err_set(err, "22023",
                               "no data directory: neither --data, D2DB_DATA, a profile nor HOME names one");
}

bool cli_open(Cli *c, Err *err)
{
    Str data;
    if (c->engine) return true;
    if (!cli_data(c, &data, err)) return false;
    EngineOptions o = {.io = c->io, .path = arena_cstr(&c->mem, data)};
    return engine_open(&c->engine, &o, err);
}

// ---- secrets ----

// First line of what the profile's command writes.
static bool secret_of_command(Cli *c, Str command, Bytes *out, Err *err)
{
    FILE *pipe = popen(arena_cstr(&c->mem, command), "re");
    if (!pipe) return err_set(err, SQLSTATE_AUTH, "the profile's passwordcommand cannot be started");
    for (int byte; (byte = fgetc(pipe)) != EOF && byte != '\n';) bytes_put_byte(out, (char)byte);
    int status = pclose(pipe);
    return (status == 0 && out->len) ||
           err_set(err, SQLSTATE_AUTH, "the profile's command gave nothing (status %d)", status);
}

static bool secret(Cli *c, const char *prefix, const char *what, Str command, const char *question,
                   Bytes *out, Err *err)
{
    const char *name = arena_printf(&c->mem, "%s%s", prefix, what).at;
    const char *value = getenv(name);
    if (value) {
        bytes_put(out, str_of(value));
        return true;
    }
    if (command.len) return secret_of_command(c, command, out, err);
    if (cli_ask(c, question, true, out)) return true;
    err_set(err, SQLSTATE_AUTH, "%s is not set and there is no terminal to ask", name);
    return err_hint(err, "set %s, or passwordcommand in the profile", name);
}

bool cli_sign_in(Cli *c, const char *prefix, Err *err)
{
    if (!cli_open(c, err)) return false;
    Str user = cli_has(c, '\2') ? str_of(cli_value(c, '\2')) : environment("D2DB_USER");
    if (!user.len) user = c->profile_user;
    if (!user.len) {
        err_set(err, SQLSTATE_AUTH, "nobody to sign in as");
        return err_hint(err, "give --user NAME, set D2DB_USER, or name the user in the profile");
    }
    Bytes word;
    Str question;
    EngineTicket *ticket = NULL;
    bytes_init(&word, SECRET_MAX);
    bool ok = secret(c, prefix, "PASSWORD", c->profile_command, "Password: ", &word, err) &&
              engine_sign_in(c->engine, user, bytes_str(&word), &c->stop, &ticket, &question, &c->mem, err);
    if (ok) {
        if (word.at) explicit_bzero(word.at, word.len);
        bytes_clear(&word);
        const char *ask = arena_printf(&c->mem, "%.*s ", STR_ARG(question)).at;
        if (secret(c, prefix, "ANSWER", c->profile_answer_command, ask, &word, err)) {
            ok = engine_answer(c->engine, ticket, bytes_str(&word), &c->session, err);
        } else {
            engine_ticket_drop(ticket);
            ok = false;
        }
    }
    if (word.at) explicit_bzero(word.at, word.len);
    bytes_done(&word);
    return ok;
}

bool cli_quiet(Cli *c, Err *err)
{
    Source *quiet;
    if (!engine_session_again(c->engine, c->session, true, &quiet, err)) return false;
    c->signed_in = c->session;
    c->session = quiet;
    return true;
}

// A new session begins in the database of the one that it is made from.
bool cli_use(Cli *c, const char *database, Err *err)
{
    Source *quiet, *session = NULL;
    if (!database) return true;
    if (!engine_session_again(c->engine, c->session, true, &quiet, err)) return false;
    bool ok = catalog_use(quiet, str_of(database), err) &&
              engine_session_again(c->engine, quiet, false, &session, err);
    source_close(quiet);
    if (!ok) return false;
    c->signed_in = c->session;
    c->session = session;
    if (c->watcher.started) atomic_store(&c->running, session);
    return true;
}

// ---- Ctrl-C ----

static void fill_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGUSR1); // the program's own, to end the watcher
}

static void watch(void *arg)
{
    Cli *c = arg;
    sigset_t set;
    fill_signals(&set);
    for (int number;;) {
        if (sigwait(&set, &number) != 0 || number == SIGUSR1) return;
        if (atomic_exchange(&c->stop, true)) _exit(128 + number);
        Source *running = atomic_load(&c->running);
        if (running) source_cancel(running);
    }
}

bool cli_watch(Cli *c, Err *err)
{
    sigset_t set;
    fill_signals(&set);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return err_set(err, SQLSTATE_INTERNAL, "signals cannot be blocked");
    signal(SIGPIPE, SIG_IGN); // a reader that has enough is an error of writing, told once
    atomic_store(&c->running, c->session);
    return thread_start(&c->watcher, watch, c, err);
}

void cli_close(Cli *c)
{
    if (c->watcher.started) {
        kill(getpid(), SIGUSR1);
        thread_join(&c->watcher);
    }
    atomic_store(&c->running, (Source *)NULL);
    if (c->session) source_close(c->session);
    if (c->signed_in) source_close(c->signed_in);
    c->signed_in = NULL;
    if (c->engine) engine_close(c->engine);
    c->session = NULL;
    c->engine = NULL;
    arena_done(&c->mem);
}
