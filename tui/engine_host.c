// EngineHost: thin: each call of the Host table is one call of engine.h. Relies on engine.h.
#include "tui/engine_host.h"

#include "tui/samples.h"

static EngineHost *of(Host *h) { return (EngineHost *)h; }

static uint64_t host_user_count(Host *h) { return engine_user_count(of(h)->engine); }
static Str host_node(Host *h) { return engine_node(of(h)->engine); }

static bool host_enroll(Host *h, const HostRegistration *r, Err *err)
{
    EngineRegistration e = {
        .user = r->user, .password = r->password, .question = r->question, .answer = r->answer};
    return engine_register(of(h)->engine, &e, err);
}

static bool host_sign_in(Host *h, Str user, Str password, const atomic_bool *stop, Str *question, Arena *mem,
                         Err *err)
{
    EngineHost *e = of(h);
    if (e->ticket) engine_ticket_drop(e->ticket);
    e->ticket = NULL;
    return engine_sign_in(e->engine, user, password, stop, &e->ticket, question, mem, err);
}

static bool host_answer(Host *h, Str answer, Err *err)
{
    EngineHost *e = of(h);
    EngineTicket *ticket = e->ticket;
    e->ticket = NULL;
    if (!ticket) return err_set(err, SQLSTATE_AUTH, "the sign-in has to begin with user and password");
    return engine_answer(e->engine, ticket, answer, &e->session, err);
}

static void host_sign_out(Host *h)
{
    EngineHost *e = of(h);
    if (e->session) source_close(e->session);
    e->session = NULL;
}

static bool host_session(Host *h, bool quiet, Source **out, Err *err)
{
    EngineHost *e = of(h);
    if (!e->session) return err_set(err, SQLSTATE_AUTH, "nobody is signed in");
    return engine_session_again(e->engine, e->session, quiet, out, err);
}

static bool host_administrator(Host *h) { return of(h)->session && engine_is_administrator(of(h)->session); }

static bool host_users(Host *h, Arena *mem, HostUser **out, size_t *count, Err *err)
{
    EngineUser *user = NULL;
    if (!engine_user_list(of(h)->engine, of(h)->session, mem, &user, count, err)) return false;
    *out = arena_array(mem, HostUser, *count + 1);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = (HostUser){user[i].name_hash, user[i].role, user[i].disabled, user[i].created_us};
    return true;
}

static bool host_user_disable(Host *h, Str user, bool disable, Err *err)
{
    return engine_user_disable(of(h)->engine, of(h)->session, user, disable, err);
}

static bool host_user_reset(Host *h, const HostRegistration *r, Err *err)
{
    return engine_user_reset(of(h)->engine, of(h)->session, r->user, r->password, r->question, r->answer,
                             err);
}

// A HostTail is the engine's own tail.
static bool host_tail_open(Host *h, const char *log, HostFrom from, HostTail **out, Err *err)
{
    static const EngineFrom froms[] = {[HOST_FROM_END] = ENGINE_FROM_END,
                                       [HOST_FROM_START] = ENGINE_FROM_START,
                                       [HOST_FROM_NEAR_END] = ENGINE_FROM_NEAR_END};
    return engine_tail_open(of(h)->engine, log, froms[from], (EngineTail **)out, err);
}

static bool host_tail_next(HostTail *t, Str *line, bool *end, Err *err)
{
    return engine_tail_next((EngineTail *)t, line, end, err);
}
static void host_tail_close(HostTail *t) { engine_tail_close((EngineTail *)t); }

static bool host_directory(Host *h, const char *name, Bytes *path, Err *err)
{
    return engine_directory(of(h)->engine, name, path, err);
}

static const HostKind engine_host_kind = {
    .user_count = host_user_count,
    .node = host_node,
    .enroll = host_enroll,
    .sign_in = host_sign_in,
    .answer = host_answer,
    .sign_out = host_sign_out,
    .session = host_session,
    .administrator = host_administrator,
    .users = host_users,
    .user_disable = host_user_disable,
    .user_reset = host_user_reset,
    .tail_open = host_tail_open,
    .tail_next = host_tail_next,
    .tail_close = host_tail_close,
    .directory = host_directory,
    .samples = samples_list,
};

void engine_host_init(EngineHost *h, Engine *engine, Io io)
{
    *h = (EngineHost){.host = {&engine_host_kind, io}, .engine = engine};
}

void engine_host_done(EngineHost *h)
{
    host_sign_out(&h->host);
    if (h->ticket) engine_ticket_drop(h->ticket);
    h->ticket = NULL;
}
