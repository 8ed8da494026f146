// Watch: one thread that ends what takes too long: statements (statement_timeout) and transactions that lie
// idle (idle_in_transaction_session_timeout). It runs only once somebody has set one. Relies on session.
#ifndef ENGINE_DB_WATCH_H
#define ENGINE_DB_WATCH_H

#include "engine/db/session.h"

typedef struct Watch Watch;
MUST_CHECK bool watch_new(Watch **out, Err *err);
void watch_free(Watch *w); // no session is left
// The session's next end; us = 0: none. idle: a transaction that nobody works in.
MUST_CHECK bool watch_set(Watch *w, Session *s, bool idle, int64_t us, Err *err);
void watch_clear(Watch *w, Session *s);
void watch_leave(Watch *w, Session *s); // comes back when the thread has let go of it

#endif
