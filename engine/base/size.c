// Size: array allocation with checked products. Relies on nothing.
#include "engine/base/size.h"

#include <stdio.h>
#include <stdlib.h>

void *size_alloc(size_t count, size_t size) { return size_realloc(NULL, count, size); }

void *size_alloc_zero(size_t count, size_t size)
{
    size_t total;
    if (!size_mul(&total, count, size)) return NULL;
    return calloc(1, total ? total : 1);
}

void *size_realloc(void *old, size_t count, size_t size)
{
    size_t total;
    if (!size_mul(&total, count, size)) return NULL;
    return realloc(old, total ? total : 1); // a size of 0 would free
}

void size_exhausted(size_t wanted)
{
    fprintf(stderr, "\r\nd2db: out of memory: %zu bytes could not be had; the program ends here\r\n", wanted);
    abort(); // SIGABRT: whoever owns the terminal restores it on the way out
}
