// Memory: counting of what a statement keeps, and arrays that grow under that count.
#include "engine/exec/memory.h"

#include "engine/base/size.h"
#include <inttypes.h>
#include <stdlib.h>

bool memory_take(Memory *m, size_t size, Err *err)
{
    size_t used = atomic_fetch_add_explicit(&m->used, size, memory_order_relaxed) + size;
    if (!m->max || used <= m->max) return true;
    memory_give(m, size);
    err_set(err, SQLSTATE_OUT_OF_MEMORY, "the statement needs more memory than its limit of %zu MiB allows",
            m->max >> 20);
    err_hint(err, "Select fewer rows or columns, or raise the limit of memory for one statement.");
    return false;
}

void memory_give(Memory *m, size_t size) { atomic_fetch_sub_explicit(&m->used, size, memory_order_relaxed); }

bool memory_grow(Memory *m, void **at, size_t old_size, size_t new_size, Err *err)
{
    if (!memory_take(m, new_size - old_size, err)) return false;
    void *bigger = size_realloc(*at, new_size, 1);
    if (!bigger) {
        memory_give(m, new_size - old_size);
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while asking for %zu bytes", new_size);
    }
    *at = bigger;
    return true;
}

void memory_free(Memory *m, void *at, size_t size)
{
    if (!at) return;
    free(at);
    memory_give(m, size);
}
