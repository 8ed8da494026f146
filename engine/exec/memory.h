// Memory: what is held in sorts, joins, groups and results that must be kept: the one place that counts. A
// count may stand under another: an operator's under its statement's, that under the engine's. Relies on
// base. Thread-safe.
#ifndef ENGINE_EXEC_MEMORY_H
#define ENGINE_EXEC_MEMORY_H

#include "engine/base/err.h"
#include <stdatomic.h>

typedef struct Memory {
    atomic_size_t used, peak;
    size_t max;        // 0 = no limit of its own
    struct Memory *up; // counts the same bytes; NULL = none
    bool engine;       // of all statements together: for the error's sentence
} Memory;

// Counts `size` more bytes; 53200 names the limit.
MUST_CHECK bool memory_take(Memory *m, size_t size, Err *err);
void memory_give(Memory *m, size_t size);
// realloc of counted memory to new_size bytes; the new part is not zeroed. Free with memory_free.
MUST_CHECK bool memory_grow(Memory *m, void **at, size_t old_size, size_t new_size, Err *err);
void memory_free(Memory *m, void *at, size_t size);
// Less is left than `times` what m holds: who can put rows aside now does, so that arrays may still double.
// Each operator of a statement so leaves a share to those that come after it.
bool memory_crowded(const Memory *m, unsigned times);

#endif
