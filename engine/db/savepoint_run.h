// Savepoint: SAVEPOINT, RELEASE, ROLLBACK TO, and what else goes back with a transaction: settings. Relies on
// session.
// Nouns: savepoint
#ifndef ENGINE_DB_SAVEPOINT_RUN_H
#define ENGINE_DB_SAVEPOINT_RUN_H

#include "engine/db/statement.h"

MUST_CHECK bool savepoint_run(Run *run, const AstTransaction *t, Err *err); // 25P01, 3B001
// Before a SET inside a transaction: what a rollback, or the end of the transaction (local), brings back.
MUST_CHECK bool savepoint_keep_settings(Session *s, bool local, Err *err);
// A setting that outlives the transaction, although a local one hides it.
void savepoint_set_outside(Session *s, size_t setting);
void savepoint_end(Session *s, bool committed); // the transaction has ended

#endif
