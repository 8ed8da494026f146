// Notify: LISTEN, NOTIFY, UNLISTEN: words that take effect when their transaction commits, and go to the
// sessions of the same database that listen. Relies on statement.
#ifndef ENGINE_DB_NOTIFY_H
#define ENGINE_DB_NOTIFY_H

#include "engine/db/statement.h"

// LISTEN, NOTIFY, UNLISTEN; *known false for another statement.
MUST_CHECK bool notify_run(Run *run, const Statement *s, bool *known, Err *err);
// The session's transaction has ended: its orders take effect, or are forgotten.
void notify_end(Session *s, bool committed);
void notify_unlisten_all(Session *s); // DISCARD ALL

#endif
