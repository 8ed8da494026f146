// Client: one connection to the server: its link, its place in the list, and where the conversation stands.
// What is said lives in talk.h. Relies on server, link, engine.h. Nouns: pg
#ifndef NET_PG_CLIENT_H
#define NET_PG_CLIENT_H

#include "engine/base/thread.h"
#include "net/pg/server.h"
#include "net/pg/talk.h"
#include "net/wire/link.h"

enum {
    PG_STARTUP_MAX = 10000, // bytes of the first message
    PG_SIGN_IN_MAX = 8192,  // of each message until signed in
    PG_MESSAGE_MAX = 300 << 20,
    PG_SMALL_MAX = 30000, // of messages that have no reason to be long
    PG_OUT_MAX = 300 << 20,
    PG_OUT_FULL = 64 << 10, // so many bytes are sent before more rows are made
};

typedef enum PgState {
    PG_STATE_FIRST,   // nothing has come yet
    PG_STATE_SHAKING, // TLS's handshake
    PG_STATE_STARTUP, // the start-up message is expected
    PG_STATE_SASL,    // the client's first message of SCRAM
    PG_STATE_PROOF,   // its final one
    PG_STATE_HELD,    // it has come, after failed tries it has to wait
    PG_STATE_OPEN,    // signed in
    PG_STATE_CLOSING, // what is left in the link is sent, then it closes
} PgState;

typedef struct PgClient {
    PgServer *server;
    struct PgClient *next, *before; // in the server's list
    LoopHandle handle;
    Link link;
    PgState state;
    bool local; // by a unix socket
    bool full;  // there are too many: told when it has said who it is
    bool asked_tls, asked_gss;
    char peer[64];
    uint32_t number, secret; // what a cancel request names
    Talk talk;
    EngineScram *scram;
    TlsContext *tls_context;        // of link.tls
    Bytes proof;                    // HELD: the message
    Str user, database, parameters; // in mem, as the start-up message said
    bool replication;
    Arena mem;
    // What other threads look at and set.
    atomic_int_fast64_t deadline_us; // monotonic; 0 = none
    atomic_int why;                  // PgEnd: why it is to end
    Mutex session_lock;              // guards `session` against cancel
    Source *session;
} PgClient;

typedef enum PgEnd { PG_END_NOT, PG_END_SLOW, PG_END_IDLE, PG_END_IDLE_TRANSACTION, PG_END_SHUTDOWN } PgEnd;

// Takes the descriptor over and begins; NULL when it was closed at once. Once the loop runs it belongs to the
// loop.
PgClient *pg_client_begin(PgServer *s, int fd, bool local, const char *peer);
// Handler of the loop.
LoopWant pg_client_ready(void *arg, bool hung_up);
void pg_client_free(PgClient *c);

// ---- server.c ----
const PgServerOptions *pg_server_options(const PgServer *s);
bool pg_server_add(PgServer *s, PgClient *c); // false when there are too many; gives number and secret
void pg_server_remove(PgServer *s, PgClient *c);
void pg_server_cancel(PgServer *s, uint32_t number, uint32_t secret);
TlsContext *pg_server_tls(PgServer *s);
bool pg_server_ending(const PgServer *s);

// ---- startup.c ----
// The start-up packet (also requests for TLS, GSS, cancel), len bytes without the length; what is answered
// stands in the link. False: nothing more is to be read.
bool pg_startup_packet(PgClient *c, Str body);
// ---- sign_in.c ----
void pg_sign_in_offer(PgClient *c);
bool pg_sign_in_message(PgClient *c, Str body);
bool pg_sign_in_again(PgClient *c); // HELD: tries once more
// Signed in: session is set.
void pg_client_open(PgClient *c);
// Says it and closes behind it; false.
bool pg_client_refuse(PgClient *c, const Err *err);
bool pg_client_refuse_with(PgClient *c, const char *state, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
