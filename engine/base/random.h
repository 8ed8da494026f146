// Random numbers: a seeded generator for tests, data and sampling; secrets come from libcrypto. Relies on
// err.
#ifndef ENGINE_BASE_RANDOM_H
#define ENGINE_BASE_RANDOM_H

#include "engine/base/err.h"

typedef struct Random {
    uint64_t s[4];
} Random; // xoshiro256** (Blackman, Vigna 2018)
void random_seed(Random *r, uint64_t seed);
uint64_t random_next(Random *r);
uint64_t random_below(Random *r, uint64_t limit); // [0, limit), unbiased; limit > 0
double random_unit(Random *r);                    // [0, 1)
// Bytes fit for keys and salts.
MUST_CHECK bool random_secret(void *out, size_t len, Err *err);

#endif
