// Signing in by SCRAM's messages (the wire protocol). The throttle is asked when the proof comes, not when
// the conversation begins: an open conversation holds nobody up. Relies on profile_attempt, scram_message.
#include "engine/auth/profile_in.h"

#include <string.h>

bool profile_scram_final(Profile *p, Str user, ScramServer *server, Str client_final, Bytes *message,
                         int64_t *wait_us, ProfileTicket **ticket, Err *err)
{
    ProfileAttempt a;
    bool proven = false;
    *ticket = NULL;
    *wait_us = 0;
    if (!profile_attempt_begin(p, user, &a, err)) return false;
    bool ok = throttle_try(p->throttle, str_of(a.hash), wait_us, err);
    if (!ok || *wait_us) {
        scram_forget(&a, sizeof a);
        return ok;
    }
    ok = scram_server_final(server, client_final, message, &proven, err);
    // The account may have been reset since the conversation began.
    bool same = memcmp(server->verifier.stored_key, a.record.verifier.stored_key, SCRAM_KEY_SIZE) == 0;
    if (ok)
        ok = profile_attempt_end(p, user, &a, proven && same, ticket, err);
    else
        profile_attempt_leave(p, a.hash, THROTTLE_FAILED);
    scram_forget(&a, sizeof a);
    return ok;
}
