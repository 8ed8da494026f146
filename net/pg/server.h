// Server: listens, takes connections in, keeps the list of them, ends those that are too slow, and finds the
// one that a cancel request means. Relies on loop, link, engine.h. Nouns: pg
#ifndef NET_PG_SERVER_H
#define NET_PG_SERVER_H

#include "engine/engine.h"
#include "net/wire/loop.h"
#include "net/wire/socket.h"
#include "net/wire/tls.h"

typedef struct PgServer PgServer;
typedef struct PgServerOptions {
    Engine *engine;
    Loop *loop;
    unsigned connections_max;                      // 53300 above it
    unsigned sign_in_s;                            // from the first byte to signed in
    void (*say)(void *self, const char *sentence); // what a person at the daemon should know; may be NULL
    void *say_self;
} PgServerOptions;

MUST_CHECK bool pg_server_new(PgServer **out, const PgServerOptions *o, Err *err);
// Watches a listener from now on; taken over.
MUST_CHECK bool pg_server_listen(PgServer *s, const SocketListener *l, Err *err);
// A certificate for connections from now on (NULL = none any more); taken over.
void pg_server_secure(PgServer *s, TlsContext *tls);
// Timeouts: call it about once a second.
void pg_server_tick(PgServer *s);
// No more connections; those that are there are told 57P01, their statements cancelled.
void pg_server_shut(PgServer *s);
unsigned pg_server_connections(PgServer *s);
// When the loop has ended: closes what is left.
void pg_server_free(PgServer *s);

#endif
