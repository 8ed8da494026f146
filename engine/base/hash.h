// Hash of bytes and of integers; 64 bits, seeded, not for adversaries' secrets. Relies on str.
#ifndef ENGINE_BASE_HASH_H
#define ENGINE_BASE_HASH_H

#include "engine/base/str.h"

uint64_t hash_bytes(const void *at, size_t len, uint64_t seed);
static inline uint64_t hash_u64(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    return x ^ (x >> 32);
}
static inline uint64_t hash_mix(uint64_t a, uint64_t b) { return hash_u64(a ^ (b * 0x9e3779b97f4a7c15u)); }

#endif
