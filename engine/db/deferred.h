// Deferred: foreign keys that are looked at when the transaction ends (DEFERRABLE, SET CONSTRAINTS). A row
// that breaks such a key puts the key on a list; COMMIT and SET CONSTRAINTS … IMMEDIATE look at all rows of
// the keys on it. Relies on statement.
#ifndef ENGINE_DB_DEFERRED_H
#define ENGINE_DB_DEFERRED_H

#include "engine/db/statement.h"

// ExecContext.defer: is the key looked at later? Then it is on the list.
bool deferred_note(void *session, uint64_t table, const ForeignKeyDef *key);
// 23503 when a key on the list is broken; the list is empty then, or when all of them hold.
MUST_CHECK bool deferred_check(Session *s, Err *err);
MUST_CHECK bool deferred_set(Run *run, const AstSet *set, Err *err); // SET CONSTRAINTS; 42704, 42809
void deferred_forget(Session *s);                                    // the transaction has ended

#endif
