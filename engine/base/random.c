// Random: xoshiro256** seeded through splitmix64 (Blackman, Vigna 2018; Steele, Lea, Flood 2014), and
// libcrypto's generator for secrets.
#include "engine/base/random.h"

#include <limits.h>
#include <openssl/rand.h>

static uint64_t rotate(uint64_t x, unsigned by) { return x << by | x >> (64 - by); }

void random_seed(Random *r, uint64_t seed)
{
    for (size_t i = 0; i < COUNT_OF(r->s); i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15u);
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        r->s[i] = z ^ z >> 31;
    }
}

uint64_t random_next(Random *r)
{
    uint64_t *s = r->s, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

// Lemire 2019: the high half of a product; the few values that would favour some results are drawn again.
uint64_t random_below(Random *r, uint64_t limit)
{
    if (limit == 0) return 0;
    unsigned __int128 product = (unsigned __int128)random_next(r) * limit;
    if ((uint64_t)product < limit) {
        uint64_t least = (0 - limit) % limit;
        while ((uint64_t)product < least) product = (unsigned __int128)random_next(r) * limit;
    }
    return (uint64_t)(product >> 64);
}

double random_unit(Random *r) { return (double)(random_next(r) >> 11) * 0x1p-53; }

bool random_secret(void *out, size_t len, Err *err)
{
    if (len <= INT_MAX && RAND_bytes(out, (int)len) == 1) return true;
    return err_set(err, SQLSTATE_INTERNAL, "the system gives no random bytes for keys");
}
