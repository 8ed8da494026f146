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

struct ProfileTicket {
    char hash[PROFILE_HASH_SIZE];
    uint64_t version; // of the record when the password was right
    int64_t made_us;
    Str question; // behind the struct
    Str name;     // as typed, behind the question
};

typedef struct Attempt {
    char hash[PROFILE_HASH_SIZE];
    bool known;
    ProfileRecord record; // a copy; for unknown names the mock verifier
} Attempt;

static void tell_wait(Profile *p, Str user, const char *hash, int64_t waited_us)
{
    char reason[80];
    if (waited_us <= 0) return;
    snprintf(reason, sizeof reason, "waited %lld ms after %u failed tries", (long long)(waited_us / 1000),
             throttle_failures(p->throttle, str_of(hash)));
    profile_tell(p, "sign_in_slowed", user, hash, STR_NONE, reason);
}

// The disk may refuse the throttle's file; that must not decide who gets in.
static void leave(Profile *p, const char *hash, ThrottleResult result)
{
    Err err = {0};
    if (!throttle_leave(p->throttle, str_of(hash), result, &err))
        journal_event(p->journal, "throttle_unwritten", "failed sign-ins are counted in memory only: %s",
                      err.text);
}

static bool look_up(Profile *p, Str user, Attempt *a, Err *err)
{
    memset(a, 0, sizeof *a);
    ScramVerifier mock;
    if (!profile_hash(p, user, a->hash, err) || !scram_verifier_mock(&mock, p->key, str_of(a->hash), err))
        return false;
    mutex_lock(&p->lock);
    const ProfileRecord *r = profile_find(p, a->hash);
    if (r)
        a->record = *r;
    else
        a->record.verifier = mock;
    a->known = r != NULL;
    mutex_unlock(&p->lock);
    return true;
}

static bool refuse_password(Profile *p, Str user, const Attempt *a, Err *err)
{
    leave(p, a->hash, THROTTLE_FAILED);
    profile_tell(p, "sign_in_refused", a->known ? user : STR_NONE, a->hash, STR_NONE,
                 "user name or password");
    err_set(err, SQLSTATE_AUTH_PASSWORD, "user name or password is wrong");
    int64_t wait_us = throttle_delay_us(p->throttle, str_of(a->hash));
    if (wait_us > 0)
        err_hint(err, "after several failed tries the next one waits up to %lld s",
                 (long long)(wait_us / SECOND) + 1);
    return false;
}

static ProfileTicket *make_ticket(Profile *p, Str user, const Attempt *a)
{
    Str name = str_slice(user, 0, NAME_KEPT);
    ProfileTicket *t = size_alloc_zero(1, sizeof *t + a->record.question.len + name.len);
    if (!t) return NULL;
    char *text = (char *)(t + 1);
    memcpy(t->hash, a->hash, sizeof t->hash);
    t->version = a->record.version;
    t->made_us = p->clock.now_us(p->clock.self);
    if (a->record.question.len) memcpy(text, a->record.question.at, a->record.question.len);
    if (name.len) memcpy(text + a->record.question.len, name.at, name.len);
    t->question = (Str){text, a->record.question.len};
    t->name = (Str){text + a->record.question.len, name.len};
    return t;
}

static bool finish_password(Profile *p, Str user, const Attempt *a, bool fits, ProfileTicket **ticket,
                            Err *err)
{
    if (!fits || !a->known) return refuse_password(p, user, a, err);
    leave(p, a->hash, THROTTLE_PARTLY);
    if (a->record.disabled) {
        profile_tell(p, "sign_in_refused", user, a->hash, STR_NONE, "the account is disabled");
        err_set(err, SQLSTATE_AUTH, "this account is disabled");
        return err_hint(err, "an administrator can enable it again");
    }
    *ticket = make_ticket(p, user, a);
    return *ticket || err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while signing in");
}

bool profile_sign_in(Profile *p, Str user, Str password, const atomic_bool *stop, ProfileTicket **ticket,
                     Err *err)
{
    Attempt a;
    int64_t waited_us = 0;
    *ticket = NULL;
    if (!look_up(p, user, &a, err)) return false;
    bool known_before = a.known;
    if (!throttle_enter(p->throttle, str_of(a.hash), stop, &waited_us, err)) return false;
    tell_wait(p, known_before ? user : STR_NONE, a.hash, waited_us);
    bool fits = false;
    // After the wait: the account may have been reset or disabled meanwhile.
    bool ok = look_up(p, user, &a, err) &&
              scram_verifier_check(&a.record.verifier,
                                   password.len > SCRAM_PASSWORD_MAX ? STR_NONE : password, &fits, err);
    if (ok)
        ok = finish_password(p, user, &a, fits, ticket, err);
    else
        leave(p, a.hash, THROTTLE_UNTRIED);
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
    leave(p, t->hash, result);
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
        leave(p, t->hash, THROTTLE_UNTRIED);
        return false;
    }
    if (!right) return refuse_answer(p, t, THROTTLE_FAILED, "answer", err);
    leave(p, t->hash, THROTTLE_PASSED);
    return true;
}

bool profile_answer(Profile *p, ProfileTicket *ticket, Str answer, const atomic_bool *stop, ProfileUser *user,
                    Arena *mem, Err *err)
{
    ProfileRecord r = {0};
    int64_t waited_us = 0;
    bool ok = throttle_enter(p->throttle, str_of(ticket->hash), stop, &waited_us, err);
    if (ok) {
        tell_wait(p, ticket->name, ticket->hash, waited_us);
        ok = check_answer(p, ticket, answer, &r, err);
    }
    if (ok) {
        Bytes name;
        bytes_init(&name, NAME_KEPT * UTF8_SAFE_ONE);
        utf8_safe(&name, ticket->name, false);
        *user = (ProfileUser){.name = arena_copy(mem, bytes_str(&name)),
                              .name_hash = arena_copy(mem, str_of(r.hash)),
                              .role = r.role,
                              .disabled = r.disabled,
                              .created_us = r.created_us};
        bytes_done(&name);
        profile_tell(p, "sign_in", ticket->name, ticket->hash, STR_NONE, NULL);
    }
    scram_forget(&r, sizeof r);
    profile_ticket_drop(ticket);
    return ok;
}
