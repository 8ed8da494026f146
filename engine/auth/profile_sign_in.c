// Signing in: password, then answer. Both steps pass the throttle, both say the same for every way of being
// wrong, and the counter of failures is forgotten only when both were right, so that a known password gives
// no free guesses at the answer.
#include "engine/auth/profile_in.h"
#include "engine/base/size.h"
#include "engine/base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000)
enum { NAME_KEPT = 4 * PROFILE_NAME_MAX };

bool profile_sign_in(Profile *p, Str user, Str password, const atomic_bool *stop, ProfileTicket **ticket,
                     Err *err)
{
    ProfileAttempt a;
    int64_t waited_us = 0;
    *ticket = NULL;
    if (!profile_attempt_begin(p, user, &a, err)) return false;
    bool known_before = a.known;
    if (!throttle_enter(p->throttle, str_of(a.hash), stop, &waited_us, err)) return false;
    profile_attempt_tell_wait(p, known_before ? user : STR_NONE, a.hash, waited_us);
    bool fits = false;
    // After the wait: the account may have been reset or disabled meanwhile.
    bool ok = profile_attempt_begin(p, user, &a, err) &&
              scram_verifier_check(&a.record.verifier,
                                   password.len > SCRAM_PASSWORD_MAX ? STR_NONE : password, &fits, err);
    if (ok)
        ok = profile_attempt_end(p, user, &a, fits, ticket, err);
    else
        profile_attempt_leave(p, a.hash, THROTTLE_UNTRIED);
    scram_forget(&a, sizeof a);
    return ok;
}

Str profile_ticket_question(const ProfileTicket *t) { return t->question; }

void profile_ticket_drop(ProfileTicket *t)
{
    if (!t) return;
    scram_forget(t, sizeof *t);
    free(t);
}

static bool refuse_answer(Profile *p, const ProfileTicket *t, ThrottleResult result, const char *reason,
                          Err *err)
{
    profile_attempt_leave(p, t->hash, result);
    profile_tell(p, "sign_in_refused", t->name, t->hash, STR_NONE, reason);
    if (result == THROTTLE_FAILED) return err_set(err, SQLSTATE_AUTH_PASSWORD, "the answer is wrong");
    return err_set(err, SQLSTATE_AUTH_PASSWORD, "this sign-in is no longer valid: %s; sign in again", reason);
}

static bool is_right(const ProfileRecord *r, Str answer, bool *right, Err *err)
{
    uint8_t hash[SCRAM_KEY_SIZE];
    *right = false;
    if (!profile_answer_hash(r, answer, hash, err)) return false;
    *right = scram_same_key(hash, r->answer_hash);
    scram_forget(hash, sizeof hash);
    return true;
}

// Between enter and leave of the throttle.
static bool check_answer(Profile *p, const ProfileTicket *t, Str answer, ProfileRecord *r, Err *err)
{
    bool right;
    mutex_lock(&p->lock);
    const ProfileRecord *now = profile_find(p, t->hash);
    if (now) *r = *now;
    mutex_unlock(&p->lock);
    int64_t age_us = p->clock.now_us(p->clock.self) - t->made_us;
    if (!now || r->version != t->version)
        return refuse_answer(p, t, THROTTLE_PARTLY, "the account was reset", err);
    if (r->disabled) return refuse_answer(p, t, THROTTLE_PARTLY, "the account was disabled", err);
    if (age_us > PROFILE_TICKET_S * SECOND)
        return refuse_answer(p, t, THROTTLE_PARTLY, "the answer came too late", err);
    if (!is_right(r, answer, &right, err)) {
        profile_attempt_leave(p, t->hash, THROTTLE_UNTRIED);
        return false;
    }
    if (!right) return refuse_answer(p, t, THROTTLE_FAILED, "answer", err);
    profile_attempt_leave(p, t->hash, THROTTLE_PASSED);
    return true;
}

static void copy_user(const ProfileTicket *t, const ProfileRecord *r, ProfileUser *user, Arena *mem)
{
    Bytes name;
    bytes_init(&name, NAME_KEPT * UTF8_SAFE_ONE);
    utf8_safe(&name, t->name, false);
    *user = (ProfileUser){.name = arena_copy(mem, bytes_str(&name)),
                          .name_hash = arena_copy(mem, str_of(r->hash)),
                          .role = r->role,
                          .disabled = r->disabled,
                          .service = r->service,
                          .created_us = r->created_us};
    bytes_done(&name);
}

// Between enter and leave of the throttle.
static bool take_answer(Profile *p, ProfileTicket *ticket, Str answer, ProfileUser *user, Arena *mem,
                        Err *err)
{
    ProfileRecord r = {0};
    bool ok = check_answer(p, ticket, answer, &r, err);
    if (ok) {
        copy_user(ticket, &r, user, mem);
        profile_tell(p, "sign_in", ticket->name, ticket->hash, STR_NONE, NULL);
    }
    scram_forget(&r, sizeof r);
    return ok;
}

bool profile_answer(Profile *p, ProfileTicket *ticket, Str answer, const atomic_bool *stop, ProfileUser *user,
                    Arena *mem, Err *err)
{
    int64_t waited_us = 0;
    bool ok = throttle_enter(p->throttle, str_of(ticket->hash), stop, &waited_us, err);
    if (ok) {
        profile_attempt_tell_wait(p, ticket->name, ticket->hash, waited_us);
        ok = take_answer(p, ticket, answer, user, mem, err);
    }
    profile_ticket_drop(ticket);
    return ok;
}

bool profile_answer_now(Profile *p, ProfileTicket *ticket, Str answer, int64_t *wait_us, ProfileUser *user,
                        Arena *mem, Err *err)
{
    if (!throttle_try(p->throttle, str_of(ticket->hash), wait_us, err) || *wait_us) return false;
    return take_answer(p, ticket, answer, user, mem, err);
}

bool profile_ticket_user(Profile *p, const ProfileTicket *t, ProfileUser *user, Arena *mem, Err *err)
{
    mutex_lock(&p->lock);
    const ProfileRecord *r = profile_find(p, t->hash);
    if (r) copy_user(t, r, user, mem);
    mutex_unlock(&p->lock);
    return r || err_set(err, SQLSTATE_AUTH, "this sign-in is no longer valid: the account is gone");
}

bool profile_ticket_redeem(Profile *p, const ProfileTicket *t, ProfileUser *user, Arena *mem, Err *err)
{
    if (!profile_ticket_user(p, t, user, mem, err)) return false;
    if (!user->service)
        return err_set(err, SQLSTATE_AUTH, "this account has to answer its security question");
    if (user->disabled) return err_set(err, SQLSTATE_AUTH, "this account is disabled");
    profile_attempt_leave(p, t->hash, THROTTLE_PASSED);
    profile_tell(p, "sign_in", t->name, t->hash, STR_NONE, "service account");
    return true;
}
