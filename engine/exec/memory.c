// Memory: counting of what a statement keeps, and arrays that grow under that count.
#include "engine/exec/memory.h"

#include "engine/base/size.h"
#include <inttypes.h>
#include <stdlib.h>

static bool refuse(const Memory *m, Err *err)
{
    const bool large = m->max >= 1 << 20;
    err_set(err, SQLSTATE_OUT_OF_MEMORY, "%s more memory than %s limit of %zu %s allows",
            m->engine ? "all statements together need" : "the statement needs", m->engine ? "their" : "its",
            large ? m->max >> 20 : m->max >> 10, large ? "MiB" : "KiB");
    err_hint(err, m->engine
                      ? "Try again when other statements have ended, or raise engine_memory_mib in node.yaml."
                      : "Select fewer rows or columns, or raise the limit of memory for one statement.");
    return false;
}

bool memory_take(Memory *m, size_t size, Err *err)
{
    size_t used = atomic_fetch_add_explicit(&m->used, size, memory_order_relaxed) + size;
    if ((m->max && used > m->max && !refuse(m, err)) || (m->up && !memory_take(m->up, size, err))) {
        atomic_fetch_sub_explicit(&m->used, size, memory_order_relaxed);
        return false;
    }
    size_t peak = atomic_load_explicit(&m->peak, memory_order_relaxed);
    while (used > peak && !atomic_compare_exchange_weak_explicit(&m->peak, &peak, used, memory_order_relaxed,
                                                                 memory_order_relaxed))
        continue;
    return true;
}

void memory_give(Memory *m, size_t size)
{
    for (; m; m = m->up) atomic_fetch_sub_explicit(&m->used, size, memory_order_relaxed);
}

bool memory_crowded(const Memory *m, unsigned times)
{
    size_t own = atomic_load_explicit(&m->used, memory_order_relaxed);
    for (; m; m = m->up) {
        size_t used = atomic_load_explicit(&m->used, memory_order_relaxed);
        if (m->max && (used >= m->max || (m->max - used) / times < own)) return true;
    }
    return false;
}

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
