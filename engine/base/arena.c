// Arena: blocks that double from 4 KiB to 1 MiB; what is larger than a quarter of a block gets one of its
// own, put behind the newest, so that the newest keeps its room. Relies on size.
#include "engine/base/arena.h"
#include "engine/base/size.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Under AddressSanitizer what an arena has not given out, or took back, must not be touched: a gap stands
// behind every piece.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_WATCHED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_WATCHED 1
#endif
#ifdef ARENA_WATCHED
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#define WATCH(at, size) ASAN_POISON_MEMORY_REGION(at, size)
#define ALLOW(at, size) ASAN_UNPOISON_MEMORY_REGION(at, size)
#else
enum { GAP = 0 };
#define WATCH(at, size) ((void)0)
#define ALLOW(at, size) ((void)0)
#endif

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20, ALIGN = 16 };

struct ArenaBlock {
    ArenaBlock *next; // older
    size_t cap, used;
    _Alignas(ALIGN) char at[];
};

void arena_init(Arena *a, size_t max) { *a = (Arena){.max = max}; }

static void free_blocks(ArenaBlock *b)
{
    while (b) {
        ArenaBlock *next = b->next;
        ALLOW(b->at, b->cap);
        free(b);
        b = next;
    }
}

void arena_done(Arena *a)
{
    free_blocks(a->block);
    a->block = NULL;
    a->used = 0;
}

void arena_reset(Arena *a)
{
    ArenaBlock *keep = a->block;
    if (!keep || keep->cap > BLOCK_MAX) {
        arena_done(a);
        return;
    }
    free_blocks(keep->next);
    keep->next = NULL;
    keep->used = 0;
    WATCH(keep->at, keep->cap);
    a->used = 0;
}

static ArenaBlock *block_new(size_t cap)
{
    size_t total;
    if (!size_add(&total, sizeof(ArenaBlock), cap)) return NULL;
    ArenaBlock *b = malloc(total);
    if (!b) return NULL;
    *b = (ArenaBlock){.cap = cap};
    WATCH(b->at, cap);
    return b;
}

// Bytes from a block of their own, straight from calloc: large ones are zero without being touched.
static void *get_alone(Arena *a, size_t size)
{
    size_t total;
    if (!size_add(&total, sizeof(ArenaBlock), size)) return NULL;
    ArenaBlock *b = calloc(1, total);
    if (!b) return NULL;
    b->cap = b->used = size;
    if (a->block) {
        b->next = a->block->next;
        a->block->next = b;
    } else {
        a->block = b;
    }
    return b->at;
}

static void *get(Arena *a, size_t size)
{
    size_t rounded;
    if (!size_add(&rounded, size ? size : 1, ALIGN - 1 + GAP)) return NULL;
    rounded &= ~(size_t)(ALIGN - 1);
    ArenaBlock *b = a->block;
    if (!b || b->cap - b->used < rounded) {
        size_t cap = b && b->cap >= BLOCK_MIN ? b->cap * 2 : BLOCK_MIN;
        if (cap > BLOCK_MAX) cap = BLOCK_MAX;
        if (rounded > cap / 4) {
            void *alone = get_alone(a, rounded);
            if (!alone) return NULL;
            a->used += rounded - GAP;
            WATCH((char *)alone + size, rounded - size);
            return alone;
        }
        b = block_new(cap);
        if (!b) return NULL;
        b->next = a->block;
        a->block = b;
    }
    void *at = b->at + b->used;
    b->used += rounded;
    a->used += rounded - GAP;
    ALLOW(at, size);
    return memset(at, 0, GAP ? size : rounded);
}

void *arena_get(Arena *a, size_t size)
{
    void *at = get(a, size);
    if (!at) size_exhausted(size);
    return at;
}

void *arena_try(Arena *a, size_t count, size_t size)
{
    size_t total, after;
    if (!size_mul(&total, count, size) || !size_add(&after, a->used, total)) return NULL;
    if (a->max && after > a->max) return NULL;
    return get(a, total);
}

Str arena_copy(Arena *a, Str s)
{
    char *at = arena_get(a, s.len + 1);
    if (s.len) memcpy(at, s.at, s.len);
    return (Str){at, s.len};
}

const char *arena_cstr(Arena *a, Str s) { return arena_copy(a, s).at; }

Str arena_printf(Arena *a, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int len = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (len < 0) len = 0;
    char *at = arena_get(a, (size_t)len + 1);
    vsnprintf(at, (size_t)len + 1, format, again);
    va_end(again);
    return (Str){at, (size_t)len};
}
