// Arena: memory with one named lifetime (session, transaction, statement, pane …). Relies on nothing.
// Arrays that keep growing do not belong here: use Bytes or a Buf.
#ifndef ENGINE_BASE_ARENA_H
#define ENGINE_BASE_ARENA_H

#include "engine/base/str.h"

typedef struct ArenaBlock ArenaBlock;
typedef struct Arena {
    ArenaBlock *block; // newest first
    size_t used;       // bytes handed out
    size_t max;        // what arena_try may hand out in all; 0 = no limit
} Arena;

// A zeroed Arena is ready for use (no limit). max: bytes that arena_try may reach.
void arena_init(Arena *a, size_t max);
// Frees everything; the arena can be used again.
void arena_done(Arena *a);
// Like arena_done, but keeps one block for reuse.
void arena_reset(Arena *a);
// Zeroed, aligned to 16, never NULL: small things only; ends the program with a sentence when memory is out.
void *arena_get(Arena *a, size_t size);
// Zeroed array; large or user-sized things: NULL past `max`, on overflow of count*size and when memory is
// out.
void *arena_try(Arena *a, size_t count, size_t size);
// Copies, NUL-terminated (the NUL is not counted).
Str arena_copy(Arena *a, Str s);
Str arena_printf(Arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
const char *arena_cstr(Arena *a, Str s);
#define arena_new(a, Type)      ((Type *)arena_get((a), sizeof(Type)))
#define arena_array(a, Type, n) ((Type *)arena_get((a), sizeof(Type) * (size_t)(n)))

#endif
