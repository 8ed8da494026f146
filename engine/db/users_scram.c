// Engine: sign-in by SCRAM's messages, and the session that has to answer its question before anything else.
#include "engine/db/session.h"

#include "engine/base/size.h"
#include <stdlib.h>

struct EngineScram {
    Engine *engine;
    ScramServer server;
    Arena mem;
    Str user;
};

bool engine_scram_first(Engine *e, Str user, Str client_first, Str binding, bool plus, EngineScram **out,
                        Bytes *message, Err *err)
{
    ScramVerifier v;
    EngineScram *s = size_alloc_zero(1, sizeof *s);
    if (!s) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory to sign in");
    s->engine = e;
    s->user = arena_copy(&s->mem, user);
    ScramBinding b = {.plus = plus, .data = arena_copy(&s->mem, binding)};
    bool good = scram_server_read_first(&s->server, client_first, &b, err) &&
                profile_verifier(e->profile, user, &v, err) &&
                scram_server_first(&s->server, &v, STR_NONE, message, err);
    scram_forget(&v, sizeof v);
    if (good)
        *out = s;
    else
        engine_scram_drop(s);
    return good;
}

static bool make_session(Engine *e, ProfileTicket *ticket, Source **session, Err *err)
{
    Arena mem = {0};
    ProfileUser user;
    Session *s;
    bool good = profile_ticket_user(e->profile, ticket, &user, &mem, err) &&
                (!user.service || profile_ticket_redeem(e->profile, ticket, &user, &mem, err)) &&
                session_new(&s, e, user.name, user.name_hash, user.role == PROFILE_ADMINISTRATOR, err);
    if (good) {
        *session = &s->source;
        if (!user.service) s->ticket = ticket;
    }
    if (!good || user.service) profile_ticket_drop(ticket);
    arena_done(&mem);
    return good;
}

bool engine_scram_final(EngineScram *s, Str client_final, Bytes *message, int64_t *wait_us, Source **session,
                        Err *err)
{
    ProfileTicket *ticket;
    *session = NULL;
    if (!profile_scram_final(s->engine->profile, s->user, &s->server, client_final, message, wait_us, &ticket,
                             err))
        return false;
    return *wait_us > 0 || make_session(s->engine, ticket, session, err);
}

void engine_scram_drop(EngineScram *s)
{
    if (!s) return;
    arena_done(&s->mem);
    scram_forget(s, sizeof *s);
    free(s);
}

bool engine_user_service(Engine *e, Source *by, Str user, bool service, Err *err)
{
    const Session *s = session_administrator(e, by, err);
    return s && profile_set_service(e->profile, str_of(s->user), user, service, err);
}
