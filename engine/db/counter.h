// Counter: how many queries each user submitted for each database on each node, valid and invalid. Kept in
// the text file DATA/counters, which names the last line of the query log that it holds; what a crash left
// out of it is taken from the newer lines of that log. Thread-safe. Relies on base, journal.
#ifndef ENGINE_DB_COUNTER_H
#define ENGINE_DB_COUNTER_H

#include "engine/journal/journal.h"

#define COUNTER_FILE "counters"

typedef struct CounterRow {
    Str user, database, node;
    uint64_t valid, invalid;
} CounterRow;
typedef struct Counter Counter;

// journal: the directory of the logs, for the lines that the file does not hold yet. Damaged files: XX001.
MUST_CHECK bool counter_open(Counter **out, const IoDir *directory, const char *journal, Err *err);
// Writes the file; the counts are lost to nobody when that fails: the log has them.
void counter_close(Counter *c);
// Counts one query and gives its line's number for the query log.
uint64_t counter_add(Counter *c, Str user, Str database, Str node, bool valid);
// All counts, sorted by user, database, node; strings in mem.
size_t counter_rows(Counter *c, Arena *mem, CounterRow **out);

#endif
