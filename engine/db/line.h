// Line: what the three logs are told of a statement. Relies on statement, journal.
#ifndef ENGINE_DB_LINE_H
#define ENGINE_DB_LINE_H

#include "engine/db/statement.h"

// After each statement: its line in the query log (and the count), and in the general log with the tables of
// the database and their row counts. err: NULL when it went well.
void line_statement(const Run *run, const Err *err, int64_t duration_us);
// The moment a changing statement is done: "update registration 6 rows (not yet durable)".
void line_change(const Run *run);
// BEGIN, COMMIT, ROLLBACK: "begin", "commit" …
void line_transaction(const Session *s, const char *kind, uint64_t number, const char *sentence);

#endif
