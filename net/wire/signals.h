// Signals: SIGTERM, SIGINT and SIGHUP as something that the loop watches, so that what they order runs on an
// ordinary thread. Relies on loop.
#ifndef NET_WIRE_SIGNALS_H
#define NET_WIRE_SIGNALS_H

#include "net/wire/loop.h"

typedef struct Signals Signals;

// Before any thread is started: they inherit it. SIGPIPE is ignored too.
MUST_CHECK bool signals_block(Err *err);
MUST_CHECK bool signals_watch(Signals **out, Loop *loop, void (*on_signal)(void *arg, int number), void *arg,
                              Err *err);
void signals_free(Signals *s); // when the loop has ended

#endif
