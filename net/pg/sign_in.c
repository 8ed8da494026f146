// Sign-in: SCRAM-SHA-256 (and -PLUS under TLS) by the messages of SASL, then the session with what the
// start-up message asked for. Relies on client, talk.
#include "net/pg/client.h"

#include "engine/base/clock.h"
#include <string.h>

enum { AUTH_OK = 0, AUTH_SASL = 10, AUTH_CONTINUE = 11, AUTH_FINAL = 12 };
#define SCRAM      "SCRAM-SHA-256"
#define SCRAM_PLUS "SCRAM-SHA-256-PLUS"

static Str binding(PgClient *c)
{
    TlsContext *tls = c->link.tls ? c->tls_context : NULL;
    return tls ? tls_context_binding(tls) : STR_NONE;
}

void pg_sign_in_offer(PgClient *c)
{
    static const char both[] = SCRAM_PLUS "\0" SCRAM "\0", plain[] = SCRAM "\0";
    bool bound = binding(c).len > 0;
    pg_message_authentication(&c->link.out, AUTH_SASL,
                              bound ? (Str){both, sizeof both} : (Str){plain, sizeof plain});
    c->state = PG_STATE_SASL;
}

// ---- the session ----

// name=value of "-c name=value" and "--name=value"; a backslash keeps the next byte as it is.
static bool next_option(Str *rest, char *out, size_t size)
{
    size_t len = 0;
    *rest = str_trim(*rest);
    if (!rest->len) return false;
    size_t i = 0;
    for (; i < rest->len && !strchr(" \t\n", rest->at[i]); i++) {
        if (rest->at[i] == '\\' && i + 1 < rest->len) i++;
        if (len + 1 < size) out[len++] = rest->at[i];
    }
    out[len] = 0;
    *rest = str_slice(*rest, i, SIZE_MAX);
    return true;
}

static bool set_option(PgClient *c, Str assignment, Err *err)
{
    Str value = assignment, name = str_cut(&value, '=');
    char folded[64];
    size_t len = name.len < sizeof folded ? name.len : sizeof folded;
    for (size_t i = 0; i < len; i++) folded[i] = name.at[i] == '-' ? '_' : name.at[i];
    return engine_setting_set(c->session, (Str){folded, len}, value, err);
}

static bool set_options(PgClient *c, Str options, Err *err)
{
    char word[512];
    while (next_option(&options, word, sizeof word)) {
        Str w = str_of(word);
        if (str_equal(w, STR("-c"))) {
            if (!next_option(&options, word, sizeof word))
                return err_set(err, SQLSTATE_SYNTAX, "option -c without name=value");
            w = str_of(word);
        } else if (str_starts(w, STR("-c")))
            w = str_slice(w, 2, SIZE_MAX);
        else if (str_starts(w, STR("--")))
            w = str_slice(w, 2, SIZE_MAX);
        else
            return err_set(err, SQLSTATE_SYNTAX, "invalid command-line argument for server process: %s",
                           word);
        if (!set_option(c, w, err)) return false;
    }
    return true;
}

static bool set_parameters(PgClient *c, Err *err)
{
    Frame f = frame_of(c->parameters);
    for (;;) {
        Str name = frame_string(&f);
        if (!name.len) return true;
        Str value = frame_string(&f);
        if (str_equal(name, STR("user")) || str_equal(name, STR("database")) ||
            str_equal(name, STR("replication")) || str_starts(name, STR("_pq_.")))
            continue;
        bool good = str_equal(name, STR("options")) ? set_options(c, value, err)
                                                    : engine_setting_set(c->session, name, value, err);
        if (!good) return false;
    }
}

// The named database; one called like the user, or postgres, is what clients name when nobody has named any:
// where it does not exist, the session begins without one.
static bool use_database(PgClient *c, Err *err)
{
    if (engine_session_use(c->session, c->database, err)) return true;
    if (!err_is(err, "3D000")) return false;
    if (!str_equal(c->database, c->user) && !str_equal(c->database, STR("postgres")) &&
        !str_equal(c->database, STR("template1")))
        return false;
    err_clear(err);
    return true;
}

static bool open_session(PgClient *c, Source *session)
{
    Err err = {.at = -1};
    mutex_lock(&c->session_lock);
    c->session = session;
    mutex_unlock(&c->session_lock);
    pg_message_authentication(&c->link.out, AUTH_OK, STR_NONE);
    if (!set_parameters(c, &err) || !use_database(c, &err)) return pg_client_refuse(c, &err);
    atomic_store(&c->deadline_us, 0);
    pg_client_open(c);
    return true;
}

// ---- messages ----

// 28P01 as PostgreSQL says it, ours behind.
static bool refuse(PgClient *c, const Err *err)
{
    if (!err_is(err, SQLSTATE_AUTH_PASSWORD)) return pg_client_refuse(c, err);
    Err told = {.at = -1};
    err_set(&told, SQLSTATE_AUTH_PASSWORD, "password authentication failed for user \"%.*s\"",
            STR_ARG(c->user));
    if (err->hint[0]) err_hint(&told, "%s", err->hint);
    return pg_client_refuse(c, &told);
}

static bool first_message(PgClient *c, Str body)
{
    Frame f = frame_of(body);
    Str mechanism = frame_string(&f);
    uint32_t len = frame_u32(&f);
    bool plus = str_equal(mechanism, STR(SCRAM_PLUS));
    Err err = {.at = -1};
    if (f.bad || (!plus && !str_equal(mechanism, STR(SCRAM))) || (plus && !binding(c).len))
        return pg_client_refuse_with(c, "08P01", "client selected an invalid SASL authentication mechanism");
    if (len != f.left)
        return pg_client_refuse_with(c, "08P01", "the sign-in message is malformed: its length does not fit");
    Bytes answer;
    bytes_init(&answer, PG_SIGN_IN_MAX);
    bool good = engine_scram_first(pg_server_options(c->server)->engine, c->user, (Str){f.at, f.left},
                                   binding(c), plus, &c->scram, &answer, &err);
    if (good) {
        pg_message_authentication(&c->link.out, AUTH_CONTINUE, bytes_str(&answer));
        c->state = PG_STATE_PROOF;
    }
    bytes_done(&answer);
    return good || refuse(c, &err);
}

static bool final_message(PgClient *c, Str body)
{
    Err err = {.at = -1};
    Bytes answer;
    int64_t wait_us = 0;
    Source *session = NULL;
    bytes_init(&answer, PG_SIGN_IN_MAX);
    bool good = engine_scram_final(c->scram, body, &answer, &wait_us, &session, &err);
    if (good && session) pg_message_authentication(&c->link.out, AUTH_FINAL, bytes_str(&answer));
    bytes_done(&answer);
    if (!good) return refuse(c, &err);
    if (session) return open_session(c, session);
    if (body.at != c->proof.at) bytes_put(&c->proof, body);
    atomic_store(&c->deadline_us, clock_mono_us() + wait_us);
    c->state = PG_STATE_HELD;
    return true;
}

bool pg_sign_in_message(PgClient *c, Str body)
{
    return c->state == PG_STATE_SASL ? first_message(c, body) : final_message(c, body);
}

bool pg_sign_in_again(PgClient *c) { return final_message(c, bytes_str(&c->proof)); }
