// Talk: the conversation of a session that is signed in: messages in, messages out. It knows no socket, so
// that the link may be held by another process. Relies on message, row, engine.h. Nouns: talk
#ifndef NET_PG_TALK_H
#define NET_PG_TALK_H

#include "engine/engine.h"
#include "net/pg/row.h"

typedef struct Talk {
    Source *session;
    Bytes *out;
    // Sends what is in out; waits until little is left. False when the client is gone.
    bool (*drain)(void *self);
    void *drain_self;
    uint64_t settings_told; // engine_setting_moves when they were told
    bool skipping;          // after an error of the extended protocol, until Sync
    bool gone;
    Str text; // of the query that runs
    PgPutCell *put;
    uint32_t columns;
} Talk;

void talk_begin(Talk *t, Source *session, Bytes *out, bool (*drain)(void *self), void *drain_self);
void talk_done(Talk *t);
// Parameters and the first ReadyForQuery.
void talk_hello(Talk *t, uint32_t process, uint32_t secret);
// One message. False: the conversation is over (Terminate, or the protocol was broken, which was said).
bool talk_message(Talk *t, char type, Str body);

#endif
