// d2db user: registration and administration. A new user's secrets come from D2DB_PASSWORD, D2DB_QUESTION and
// D2DB_ANSWER or the terminal; an administrator who acts for another signs in with D2DB_ADMIN_PASSWORD and
// D2DB_ADMIN_ANSWER.
#include "tui/cli.h"

#include "engine/base/clock.h"
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 4096 };

typedef struct NewUser {
    Bytes password, again, question, answer;
} NewUser;

static void new_user_done(NewUser *n)
{
    Bytes *all[] = {&n->password, &n->again, &n->question, &n->answer};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (all[i]->at) explicit_bzero(all[i]->at, all[i]->len);
        bytes_done(all[i]);
    }
}

static bool word_of(const Cli *c, const char *variable, const char *question, bool hidden, Bytes *out,
                    Err *err)
{
    const char *value = getenv(variable);
    if (value) {
        bytes_put(out, str_of(value));
        return true;
    }
    return cli_ask(c, question, hidden, out) ||
           err_set(err, SQLSTATE_AUTH, "%s is not set and there is no terminal to ask", variable);
}

static bool ask_new_user(const Cli *c, NewUser *n, Err *err)
{
    bytes_init(&n->password, WORD_MAX);
    bytes_init(&n->again, WORD_MAX);
    bytes_init(&n->question, WORD_MAX);
    bytes_init(&n->answer, WORD_MAX);
    if (!word_of(c, "D2DB_PASSWORD", "Password: ", true, &n->password, err)) return false;
    if (!getenv("D2DB_PASSWORD")) {
        if (!cli_ask(c, "The same password again: ", true, &n->again)) return false;
        if (!str_equal(bytes_str(&n->password), bytes_str(&n->again)))
            return err_set(err, "22023", "the two passwords differ");
    }
    return word_of(c, "D2DB_QUESTION", "Security question: ", false, &n->question, err) &&
           word_of(c, "D2DB_ANSWER", "Its answer: ", true, &n->answer, err);
}

static CliStatus user_add(Cli *c)
{
    Err err = {0};
    NewUser n = {0};
    const char *role = cli_value(c, 'r');
    if (!cli_open(c, &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    bool first = engine_user_count(c->engine) == 0,
         administrator = role && !first && strcmp(role, "user") != 0;
    if (administrator && !cli_sign_in(c, "D2DB_ADMIN_", &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    if (administrator && !engine_is_administrator(c->session)) {
        err_set(&err, "42501", "only an administrator gives roles");
        return cli_error(c, &err, CLI_FAILED);
    }
    bool ok = ask_new_user(c, &n, &err);
    EngineRegistration r = {.user = str_of(c->argument[1]),
                            .password = bytes_str(&n.password),
                            .question = bytes_str(&n.question),
                            .answer = bytes_str(&n.answer),
                            .role = str_of(role ? role : ""),
                            .by_administrator = administrator};
    ok = ok && engine_register(c->engine, &r, &err);
    new_user_done(&n);
    if (!ok) return cli_error(c, &err, CLI_FAILED);
    cli_say(c, "%s is registered%s", c->argument[1], first ? " and is the administrator" : "");
    return CLI_DONE;
}

static CliStatus user_list(Cli *c)
{
    Err err = {0};
    EngineUser *user;
    size_t count;
    OutFile *out;
    if (!cli_sign_in(c, "D2DB_", &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    if (!engine_user_list(c->engine, c->session, &c->mem, &user, &count, &err) ||
        !out_file_open(&out, c->io, NULL, &err))
        return cli_error(c, &err, CLI_FAILED);
    for (size_t i = 0; i < count; i++) {
        char when[CLOCK_TEXT_SIZE];
        out_safe(out, user[i].name_hash);
        out_put(out, STR("  "));
        out_safe(out, user[i].role);
        out_printf(out, "  %s%s\n", clock_text_utc(when, user[i].created_us),
                   user[i].disabled ? "  disabled" : "");
    }
    return out_file_finish(out, &err) ? CLI_DONE : cli_error(c, &err, CLI_FAILED);
}

static CliStatus user_disable(Cli *c, bool disable)
{
    Err err = {0};
    if (!cli_sign_in(c, "D2DB_", &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    if (!engine_user_disable(c->engine, c->session, str_of(c->argument[1]), disable, &err))
        return cli_error(c, &err, CLI_FAILED);
    cli_say(c, "%s is %s", c->argument[1], disable ? "disabled" : "enabled");
    return CLI_DONE;
}

static CliStatus user_service(Cli *c, bool service)
{
    Err err = {0};
    if (!cli_sign_in(c, "D2DB_", &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    if (!engine_user_service(c->engine, c->session, str_of(c->argument[1]), service, &err))
        return cli_error(c, &err, CLI_FAILED);
    cli_say(c, "%s signs in %s the answer", c->argument[1], service ? "without" : "with");
    return CLI_DONE;
}

static CliStatus user_reset(Cli *c)
{
    Err err = {0};
    NewUser n = {0};
    if (!cli_sign_in(c, "D2DB_ADMIN_", &err)) return cli_error(c, &err, CLI_CANNOT_OPEN);
    bool ok = ask_new_user(c, &n, &err) &&
              engine_user_reset(c->engine, c->session, str_of(c->argument[1]), bytes_str(&n.password),
                                bytes_str(&n.question), bytes_str(&n.answer), &err);
    new_user_done(&n);
    if (!ok) return cli_error(c, &err, CLI_FAILED);
    cli_say(c, "%s has a new password", c->argument[1]);
    return CLI_DONE;
}

static CliStatus run_user(Cli *c)
{
    const char *what = c->arguments ? c->argument[0] : "";
    if (c->arguments == 1 && strcmp(what, "list") == 0) return user_list(c);
    if (c->arguments != 2)
        return cli_misused(
            c, "say 'add', 'disable', 'enable', 'reset', 'service' or 'person' and a name, or 'list'");
    if (strcmp(what, "add") == 0) return user_add(c);
    if (strcmp(what, "disable") == 0) return user_disable(c, true);
    if (strcmp(what, "enable") == 0) return user_disable(c, false);
    if (strcmp(what, "reset") == 0) return user_reset(c);
    if (strcmp(what, "service") == 0) return user_service(c, true);
    if (strcmp(what, "person") == 0) return user_service(c, false);
    return cli_misused(c, "'%s' is no action", what);
}

static const CliOption options[] = {
    {'r', "role", "ROLE", "role of the new user (an administrator gives others than 'user')"},
    {0, NULL, NULL, NULL},
};

const CliCommand cli_user = {
    .name = "user",
    .usage =
        "add NAME [--role ROLE]\nlist\ndisable NAME | enable NAME | reset NAME\nservice NAME | person NAME",
    .summary = "register and administer users",
    .help = "add and reset read the new password, question and answer from D2DB_PASSWORD, D2DB_QUESTION and "
            "D2DB_ANSWER, or ask on\n"
            "the terminal. The first user becomes the administrator. For add --role and reset the "
            "administrator signs in with\n"
            "--user and D2DB_ADMIN_PASSWORD and D2DB_ADMIN_ANSWER; for the others with "
            "D2DB_PASSWORD and D2DB_ANSWER.\n"
            "A service account is a program's: through 'd2db serve' it signs in without the answer; 'person' "
            "takes "
            "that back.",
    .option = options,
    .run = run_user,
};
