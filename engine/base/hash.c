// Hash: 16 bytes a step through a 64x64→128-bit multiplication whose halves are folded together.
#include "engine/base/hash.h"

#include <string.h>

#define KEY_A 0xa0761d6478bd642fu
#define KEY_B 0xe7037ed1a0b428dbu
#define KEY_C 0x8ebc6af09c88c6e3u

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t load8(const unsigned char *p)
{
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}

static inline uint64_t load4(const unsigned char *p)
{
    uint32_t x;
    memcpy(&x, p, 4);
    return x;
}

uint64_t hash_bytes(const void *at, size_t len, uint64_t seed)
{
    const unsigned char *p = at;
    uint64_t h = seed ^ fold(seed ^ KEY_A, KEY_B), a = 0, b = 0;
    if (len > 16) {
        size_t rest = len;
        for (; rest > 16; rest -= 16, p += 16) h = fold(load8(p) ^ KEY_B, load8(p + 8) ^ h);
        a = load8(p + rest - 16); // the last 16 bytes, overlapping what was read
        b = load8(p + rest - 8);
    } else if (len >= 8) {
        a = load8(p);
        b = load8(p + len - 8);
    } else if (len >= 4) {
        a = load4(p);
        b = load4(p + len - 4);
    } else if (len) {
        a = (uint64_t)p[0] << 16 | (uint64_t)p[len / 2] << 8 | p[len - 1];
    }
    return fold(KEY_C ^ len, fold(a ^ KEY_B, b ^ h));
}
