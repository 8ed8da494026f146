// Memory: what one statement holds in sorts, joins, groups and results that it must keep: the one place that
// counts. Relies on base. Thread-safe.
#ifndef ENGINE_EXEC_MEMORY_H
#define ENGINE_EXEC_MEMORY_H

#include "engine/base/err.h"
#include <stdatomic.h>

typedef struct Memory {
    atomic_size_t used;
    size_t max; // 0 = no limit
} Memory;

// Counts `size` more bytes; 53200 names the limit.
MUST_CHECK bool memory_take(Memory *m, size_t size, Err *err);
void memory_give(Memory *m, size_t size);
// realloc of counted memory to new_size bytes; the new part is not zeroed. Free with memory_free.
MUST_CHECK bool memory_grow(Memory *m, void **at, size_t old_size, size_t new_size, Err *err);
void memory_free(Memory *m, void *at, size_t size);

#endif
