// Text: a 16-byte cell for strings. Up to 12 bytes lie inside; longer ones keep a 4-byte prefix and a
// pointer, so that most comparisons never leave the array. Relies on base.
#ifndef ENGINE_DATA_TEXT_H
#define ENGINE_DATA_TEXT_H

#include "engine/base/arena.h"
#include "engine/base/str.h"
#include <string.h>

enum { TEXT_INLINE = 12 };

// Unused inline bytes are zero, so equal short texts are equal as 16 bytes.
typedef struct Text {
    uint32_t len;
    union {
        char inside[TEXT_INLINE];
        struct {
            char prefix[4];
            const char *at __attribute__((packed)); // borrowed
        };
    };
} Text;
_Static_assert(sizeof(Text) == 16, "Text is a 16-byte cell");

static inline const char *text_at(const Text *t) { return t->len <= TEXT_INLINE ? t->inside : t->at; }
static inline Str text_str(const Text *t) { return (Str){text_at(t), t->len}; } // borrows *t when short
// Borrows s.at when it is longer than TEXT_INLINE.
static inline Text text_of(Str s)
{
    Text t = {.len = (uint32_t)s.len};
    if (s.len <= TEXT_INLINE) {
        if (s.len) memcpy(t.inside, s.at, s.len);
    } else {
        memcpy(t.prefix, s.at, 4);
        t.at = s.at;
    }
    return t;
}
Text text_copy(Arena *mem, Text t); // bytes live in mem
bool text_equal(const Text *a, const Text *b);
int text_compare(const Text *a, const Text *b); // byte order: <0, 0, >0
uint64_t text_hash(const Text *t);

#endif
