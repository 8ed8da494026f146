// Kit: MD5 after RFC 1321.
#include "tests/unit/kit_md5.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct Md5 {
    uint32_t a, b, c, d;
} Md5;

static uint32_t rotate(uint32_t x, unsigned n) { return x << n | x >> (32 - n); }

static uint32_t word(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void block(Md5 *m, const unsigned char *p)
{
    static const unsigned turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t a = m->a, b = m->b, c = m->c, d = m->d;
    for (unsigned i = 0; i < 64; i++) {
        uint32_t f, k;
        if (i < 16)
            f = (b & c) | (~b & d), k = i;
        else if (i < 32)
            f = (d & b) | (~d & c), k = (5 * i + 1) % 16;
        else if (i < 48)
            f = b ^ c ^ d, k = (3 * i + 5) % 16;
        else
            f = c ^ (b | ~d), k = 7 * i % 16;
        uint32_t sine = (uint32_t)(fabs(sin(i + 1.0)) * 4294967296.0);
        uint32_t next = b + rotate(a + f + sine + word(p + 4 * k), turns[i / 16][i % 4]);
        a = d, d = c, c = b, b = next;
    }
    m->a += a, m->b += b, m->c += c, m->d += d;
}

void kit_md5_hex(const void *at, size_t len, char out[33])
{
    Md5 m = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    const unsigned char *p = at;
    size_t left = len;
    for (; left >= 64; left -= 64, p += 64) block(&m, p);
    unsigned char tail[128] = {0};
    if (left) memcpy(tail, p, left);
    tail[left] = 0x80;
    size_t size = left < 56 ? 64 : 128;
    for (unsigned i = 0; i < 8; i++) tail[size - 8 + i] = (unsigned char)((uint64_t)len * 8 >> (8 * i));
    for (size_t i = 0; i < size; i += 64) block(&m, tail + i);
    const uint32_t words[4] = {m.a, m.b, m.c, m.d};
    for (unsigned i = 0; i < 16; i++) snprintf(out + 2 * i, 3, "%02x", words[i / 4] >> (8 * (i % 4)) & 0xff);
}
