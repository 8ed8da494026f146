// Base64: four letters for three bytes. Relies on buf.
#include "engine/base/base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_put(Bytes *out, const void *at, size_t len)
{
    const unsigned char *p = at;
    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t bits = (uint32_t)p[i] << 16 | (n > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (n > 2 ? p[i + 2] : 0);
        char four[4] = {letters[bits >> 18], letters[bits >> 12 & 63], n > 1 ? letters[bits >> 6 & 63] : '=',
                        n > 2 ? letters[bits & 63] : '='};
        bytes_put(out, (Str){four, 4});
    }
}

// 0 … 63, or 64 for what is no letter of the alphabet.
static uint32_t value_of(char c)
{
    if (c >= 'A' && c <= 'Z') return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z') return (uint32_t)(c - 'a' + 26);
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0' + 52);
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

bool base64_read(Str text, void *out, size_t size, size_t *len)
{
    unsigned char *p = out;
    *len = 0;
    if (text.len % 4) return false;
    for (size_t i = 0; i < text.len; i += 4) {
        bool last = i + 4 == text.len;
        size_t pad = last && text.at[i + 3] == '=' ? (text.at[i + 2] == '=' ? 2 : 1) : 0, n = 3 - pad;
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++) {
            uint32_t v = k >= 4 - pad ? 0 : value_of(text.at[i + k]);
            if (v > 63) return false;
            bits = bits << 6 | v;
        }
        if ((pad && (bits & ((1u << (8 * pad)) - 1))) || *len + n > size) return false;
        for (size_t k = 0; k < n; k++) p[(*len)++] = (unsigned char)(bits >> (16 - 8 * k));
    }
    return true;
}
