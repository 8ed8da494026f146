// Text: comparing and copying 16-byte string cells; the prefix decides before the pointer is followed.
#include "engine/data/text.h"

#include "engine/base/hash.h"

Text text_copy(Arena *mem, Text t)
{
    if (t.len > TEXT_INLINE) t.at = arena_copy(mem, (Str){t.at, t.len}).at;
    return t;
}

bool text_equal(const Text *a, const Text *b)
{
    if (a->len != b->len) return false;
    if (a->len <= TEXT_INLINE) return memcmp(a->inside, b->inside, TEXT_INLINE) == 0;
    if (memcmp(a->prefix, b->prefix, sizeof a->prefix) != 0) return false;
    const char *x = a->at, *y = b->at;
    return x == y || memcmp(x, y, a->len) == 0;
}

// The first four bytes as a big-endian number: unused inline bytes are zero, so a shorter text is never
// greater.
static inline uint32_t text_head(const Text *t)
{
    uint32_t head;
    memcpy(&head, t->inside, sizeof head); // prefix and inside begin at the same byte
    return __builtin_bswap32(head);
}

int text_compare(const Text *a, const Text *b)
{
    uint32_t x = text_head(a), y = text_head(b);
    if (x != y) return x < y ? -1 : 1;
    uint32_t shorter = a->len < b->len ? a->len : b->len;
    int order = memcmp(text_at(a), text_at(b), shorter);
    if (order) return order;
    return (a->len > b->len) - (a->len < b->len);
}

uint64_t text_hash(const Text *t) { return hash_bytes(text_at(t), t->len, 0); }
