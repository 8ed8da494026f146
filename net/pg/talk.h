// Talk: the conversation of a session that is signed in: messages in, messages out. It knows no socket, so
// that the link may be held by another process. Relies on message, row, engine.h. Nouns: talk
#ifndef NET_PG_TALK_H
#define NET_PG_TALK_H

#include "engine/engine.h"
#include "net/pg/row.h"

// Where what is said goes. send: sends of `out` what goes without waiting, or all of it when `wait`; false
// when the client is gone.
typedef struct TalkPipe {
    Bytes *out;
    bool (*send)(void *self, bool wait);
    // The next message, waiting for it; borrowed until the next call. False when the client is gone.
    bool (*next)(void *self, char *type, Str *body);
    void *self;
} TalkPipe;

// How a portal's cells are sent: formats as bound, functions when the first rows have come.
typedef struct TalkPortal {
    struct TalkPortal *next;
    Str name; // owned
    uint32_t formats, room;
    uint8_t *format; // none: all text; one: for all columns; else one for each
    bool ready;      // put is filled for `columns`
    uint32_t columns, put_room;
    PgPutCell *put;
} TalkPortal;

// An Execute that waits for the client to take what is there.
typedef struct TalkRunning {
    TalkPortal *portal; // NULL = nothing waits
    uint64_t left;      // rows that may still be given, when limited
    bool limited, begun;
} TalkRunning;

typedef struct Talk {
    Source *session;
    Bytes *out;
    TalkPipe pipe;
    Arena mem;              // of one message
    uint64_t settings_told; // engine_setting_moves when they were told
    bool in_block;          // statements since the last Sync share a transaction
    bool skipping;          // after an error of the extended protocol, until Sync
    bool gone;
    bool copying;         // COPY TO runs: CopyDone comes before its end
    Str text;             // of the simple query that runs
    TalkPortal portal[2]; // of simple queries; the unnamed one, and behind it those with names
    TalkRunning running;
} Talk;

void talk_begin(Talk *t, Source *session, const TalkPipe *pipe);
void talk_done(Talk *t);
// Parameters and the first ReadyForQuery.
void talk_hello(Talk *t, uint32_t process, uint32_t secret);
// One message. False: the conversation is over (Terminate, or the protocol was broken, which was said).
bool talk_message(Talk *t, char type, Str body);
// Rows wait until the client has taken what is in out; then talk_resume goes on, before the next message.
static inline bool talk_waits(const Talk *t) { return t->running.portal != NULL; }
bool talk_resume(Talk *t);
// Notifications that have come, when no transaction is open.
void talk_notifications(Talk *t);

#endif
