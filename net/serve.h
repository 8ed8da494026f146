// Serve: the daemon: a data directory's engine behind sockets, until a signal ends it. Relies on all of net,
// engine.h.
#ifndef NET_SERVE_H
#define NET_SERVE_H

#include "engine/engine.h"

typedef struct ServeOptions {
    Io io;
    const char *data;              // the data directory
    const char *listen;            // HOST:PORT, NULL = no TCP
    const char *socket;            // directory of the unix socket, NULL = DATA/run; "" = none
    const char *certificate, *key; // PEM files; NULL = DATA/tls/server.crt and .key when they are there
    unsigned port;                 // in the socket's name .s.PGSQL.PORT
    unsigned connections_max;      // 0 = as many as the limit of open files allows, at most 10,000
    bool init_tls;                 // makes a certificate for trials
    void (*say)(void *self, const char *sentence);
    void *self;
} ServeOptions;

// Opens, serves, closes; returns when SIGTERM or SIGINT came. SIGHUP reads the certificate again.
MUST_CHECK bool serve_run(const ServeOptions *o, Err *err);

#endif
