// Temporary: what the session's own tables do when a transaction commits, and their end with the session.
// Relies on session.
#ifndef ENGINE_DB_TEMPORARY_H
#define ENGINE_DB_TEMPORARY_H

#include "engine/db/session.h"

// ON COMMIT DELETE ROWS or DROP for a table made in this session; 53200.
MUST_CHECK bool temporary_on_commit(Session *s, uint64_t table, bool drop, Err *err);
// Just before the open transaction commits.
MUST_CHECK bool temporary_commit(Session *s, Err *err);
// Drops everything temporary, in a transaction of its own. Errors are left: nothing of it is in a file.
void temporary_end(Session *s);

#endif
