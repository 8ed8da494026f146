// Engine: registration, signing in, administration of users; the rules are engine/auth's.
#include "engine/db/engine_in.h"

#include "engine/base/size.h"
#include "engine/db/session.h"
#include <stdlib.h>

uint64_t engine_user_count(const Engine *e) { return profile_count(e->profile); }

bool engine_register(Engine *e, const EngineRegistration *r, Err *err)
{
    ProfileRegistration p = {
        .user = r->user,
        .password = r->password,
        .question = r->question,
        .answer = r->answer,
        .role = r->role,
        .by_administrator = r->by_administrator,
    };
    return profile_register(e->profile, &p, err);
}

bool engine_sign_in(Engine *e, Str user, Str password, const atomic_bool *stop, EngineTicket **ticket,
                    Str *question, Arena *mem, Err *err)
{
    EngineTicket *t = size_alloc_zero(1, sizeof *t);
    if (!t) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory to sign in");
    t->engine = e;
    if (!profile_sign_in(e->profile, user, password, stop, &t->ticket, err)) {
        free(t);
        return false;
    }
    *question = arena_copy(mem, profile_ticket_question(t->ticket));
    *ticket = t;
    return true;
}

bool engine_answer(Engine *e, EngineTicket *ticket, Str answer, Source **session, Err *err)
{
    Arena mem = {0};
    ProfileUser user;
    Session *s;
    bool good = profile_answer(e->profile, ticket->ticket, answer, &ticket->never, &user, &mem, err) &&
                session_new(&s, e, user.name, user.name_hash, user.role == PROFILE_ADMINISTRATOR, err);
    if (good) *session = &s->source;
    arena_done(&mem);
    free(ticket);
    return good;
}

void engine_ticket_drop(EngineTicket *t)
{
    if (!t) return;
    profile_ticket_drop(t->ticket);
    free(t);
}

bool engine_is_administrator(Source *session)
{
    const Session *s = session_of(session);
    return s && s->administrator;
}

bool engine_user_list(Engine *e, Source *by, Arena *mem, EngineUser **out, size_t *count, Err *err)
{
    ProfileUser *user;
    if (!session_administrator(e, by, err) || !profile_list(e->profile, mem, &user, count, err)) return false;
    *out = arena_array(mem, EngineUser, *count + 1);
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = (EngineUser){user[i].name_hash, str_of(profile_role_name(user[i].role)), user[i].disabled,
                                 user[i].created_us};
    return true;
}

bool engine_user_disable(Engine *e, Source *by, Str user, bool disable, Err *err)
{
    const Session *s = session_administrator(e, by, err);
    return s && profile_disable(e->profile, str_of(s->user), user, disable, err);
}

bool engine_user_reset(Engine *e, Source *by, Str user, Str password, Str question, Str answer, Err *err)
{
    const Session *s = session_administrator(e, by, err);
    return s && profile_reset(e->profile, str_of(s->user), user, password, question, answer, err);
}
