// Checked arithmetic on sizes: every product or sum that a user, file or wire can influence goes through
// here.
#ifndef ENGINE_BASE_SIZE_H
#define ENGINE_BASE_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// True when the result fits; *out is then set.
static inline bool size_add(size_t *out, size_t a, size_t b) { return !__builtin_add_overflow(a, b, out); }
static inline bool size_mul(size_t *out, size_t a, size_t b) { return !__builtin_mul_overflow(a, b, out); }
// malloc/calloc/realloc for arrays, NULL on overflow or when memory is out. Free with free().
void *size_alloc(size_t count, size_t size);
void *size_alloc_zero(size_t count, size_t size);
void *size_realloc(void *old, size_t count, size_t size);
// Ends the program with a sentence: for small things without which nothing can go on.
_Noreturn void size_exhausted(size_t wanted);

#endif
