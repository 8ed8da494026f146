// Attempt: the first half of signing in, the same for a password typed and for one proven by SCRAM: who is
// meant, what the throttle says, and the ticket or the refusal at the end.
#include "engine/auth/profile_in.h"
#include "engine/base/size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000)
enum { NAME_KEPT = 4 * PROFILE_NAME_MAX };

void profile_attempt_tell_wait(Profile *p, Str user, const char *hash, int64_t waited_us)
{
    char reason[80];
    if (waited_us < 1000) return; // only the time of looking
    snprintf(reason, sizeof reason, "waited %lld ms after %u failed tries", (long long)(waited_us / 1000),
             throttle_failures(p->throttle, str_of(hash)));
    profile_tell(p, "sign_in_slowed", user, hash, STR_NONE, reason);
}

// The disk may refuse the throttle's file; that must not decide who gets in.
void profile_attempt_leave(Profile *p, const char *hash, ThrottleResult result)
{
    Err err = {0};
    if (!throttle_leave(p->throttle, str_of(hash), result, &err))
        journal_event(p->journal, "throttle_unwritten", "failed sign-ins are counted in memory only: %s",
                      err.text);
}

bool profile_attempt_begin(Profile *p, Str user, ProfileAttempt *a, Err *err)
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
        a->record.verifier = mock, a->record.verifier.iterations = profile_iterations(p);
    a->known = r != NULL;
    mutex_unlock(&p->lock);
    return true;
}

static bool refuse_password(Profile *p, Str user, const ProfileAttempt *a, Err *err)
{
    profile_attempt_leave(p, a->hash, THROTTLE_FAILED);
    profile_tell(p, "sign_in_refused", a->known ? user : STR_NONE, a->hash, STR_NONE,
                 "user name or password");
    err_set(err, SQLSTATE_AUTH_PASSWORD, "user name or password is wrong");
    int64_t wait_us = throttle_delay_us(p->throttle, str_of(a->hash));
    if (wait_us > 0)
        err_hint(err, "after several failed tries the next one waits up to %lld s",
                 (long long)(wait_us / SECOND) + 1);
    return false;
}

static ProfileTicket *make_ticket(Profile *p, Str user, const ProfileAttempt *a)
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

bool profile_attempt_end(Profile *p, Str user, const ProfileAttempt *a, bool fits, ProfileTicket **ticket,
                         Err *err)
{
    if (!fits || !a->known) return refuse_password(p, user, a, err);
    profile_attempt_leave(p, a->hash, THROTTLE_PARTLY);
    if (a->record.disabled) {
        profile_tell(p, "sign_in_refused", user, a->hash, STR_NONE, "the account is disabled");
        err_set(err, SQLSTATE_AUTH, "this account is disabled");
        return err_hint(err, "an administrator can enable it again");
    }
    *ticket = make_ticket(p, user, a);
    return *ticket || err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while signing in");
}
