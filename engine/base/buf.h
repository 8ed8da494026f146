// Buf: reference-counted bytes, immutable once shared. Bytes: a growing byte string with a stated maximum.
// Relies on str.
// Nouns: bytes
#ifndef ENGINE_BASE_BUF_H
#define ENGINE_BASE_BUF_H

#include "engine/base/str.h"
#include <stdatomic.h>

typedef struct Buf {
    atomic_uint_fast32_t refs;
    size_t size;
    _Alignas(16) unsigned char at[];
} Buf;

// One reference, contents zeroed; NULL when memory is out.
Buf *buf_new(size_t size);
Buf *buf_keep(Buf *b);
// Frees with the last reference; NULL is fine.
void buf_drop(Buf *b);

// Appending past `max` (or out of memory) sets `failed`, frees the contents and ignores all that follows;
// callers check `failed` once at the end.
typedef struct Bytes {
    char *at; // always NUL-terminated when not NULL
    size_t len, cap, max;
    bool failed;
} Bytes;

void bytes_init(Bytes *b, size_t max);
void bytes_done(Bytes *b);
void bytes_clear(Bytes *b); // keeps the memory
void bytes_put(Bytes *b, Str s);
void bytes_put_byte(Bytes *b, char byte);
void bytes_put_repeat(Bytes *b, char byte, size_t count);
void bytes_printf(Bytes *b, const char *format, ...) PRINTF_LIKE(2, 3);
void bytes_put_int64(Bytes *b, int64_t value);
void bytes_put_uint64(Bytes *b, uint64_t value);
void bytes_put_hex64(Bytes *b, uint64_t value, unsigned digits); // lower case, at least `digits`
// Room for `size` more bytes to be written at the returned place; call bytes_grow_done with how many were.
char *bytes_reserve(Bytes *b, size_t size);
void bytes_reserve_done(Bytes *b, size_t written);
void bytes_remove_front(Bytes *b, size_t count);
static inline Str bytes_str(const Bytes *b) { return (Str){b->at, b->len}; }

#endif
