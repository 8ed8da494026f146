// UTF-8: strict decoding (no surrogates, no overlong forms), widths as the terminal library sees them, and
// the one place that makes a string printable. Relies on utf8proc for categories, grapheme breaks and
// folding.
#include "engine/base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <wchar.h>

static bool is_tail(char c) { return ((unsigned char)c & 0xC0) == 0x80; }

// Length of the well-formed sequence at p (rest bytes are there), 0 if there is none.
static size_t sequence(const char *p, size_t rest, uint32_t *rune)
{
    unsigned char lead = (unsigned char)p[0];
    if (lead < 0x80) {
        *rune = lead;
        return 1;
    }
    size_t len = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || rest < len) return 0;
    uint32_t r = lead & (0xFFu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if (!is_tail(p[i])) return 0;
        r = r << 6 | ((unsigned char)p[i] & 0x3F);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (r < least[len] || r > 0x10FFFF || (r >= 0xD800 && r <= 0xDFFF)) return 0;
    *rune = r;
    return len;
}

uint32_t utf8_next(Str s, size_t *pos)
{
    if (*pos >= s.len) return UTF8_BAD;
    uint32_t rune;
    size_t len = sequence(s.at + *pos, s.len - *pos, &rune);
    *pos += len ? len : 1;
    return len ? rune : UTF8_BAD;
}

size_t utf8_encode(uint32_t rune, char *out)
{
    if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF)) rune = UTF8_BAD;
    if (rune < 0x80) {
        out[0] = (char)rune;
        return 1;
    }
    size_t len = rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, rune >>= 6) out[i] = (char)(0x80 | (rune & 0x3F));
    out[0] = (char)((0xF00u >> len & 0xFF) | rune);
    return len;
}

// True when eight bytes at p are all ASCII.
static inline bool is_ascii8(const char *p)
{
    uint64_t x;
    memcpy(&x, p, 8);
    return (x & 0x8080808080808080u) == 0;
}

size_t utf8_check(Str s)
{
    size_t i = 0;
    while (i < s.len) {
        if (s.len - i >= 8 && is_ascii8(s.at + i)) {
            i += 8;
            continue;
        }
        uint32_t rune;
        size_t len = sequence(s.at + i, s.len - i, &rune);
        if (!len) return i;
        i += len;
    }
    return SIZE_MAX;
}

size_t utf8_length(Str s)
{ // bad bytes count one each, as utf8_next sees them
    size_t count = 0, i = 0;
    while (i < s.len) {
        if (s.len - i >= 8 && is_ascii8(s.at + i)) {
            i += 8;
            count += 8;
        } else {
            utf8_next(s, &i);
            count++;
        }
    }
    return count;
}

size_t utf8_offset(Str s, size_t count)
{
    size_t i = 0;
    while (i < s.len && count) {
        if (count >= 8 && s.len - i >= 8 && is_ascii8(s.at + i)) {
            i += 8;
            count -= 8;
        } else {
            utf8_next(s, &i);
            count--;
        }
    }
    return i;
}

size_t utf8_grapheme_next(Str s, size_t pos)
{
    if (pos >= s.len) return s.len;
    utf8proc_int32_t state = 0;
    uint32_t before = utf8_next(s, &pos);
    while (pos < s.len) {
        size_t after = pos;
        uint32_t rune = utf8_next(s, &after);
        if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)before, (utf8proc_int32_t)rune, &state)) break;
        before = rune;
        pos = after;
    }
    return pos;
}

size_t utf8_grapheme_prev(Str s, size_t pos)
{
    enum { BACK_MAX = 64 }; // code points; a longer cluster is cut, which only moves a cursor
    if (pos > s.len) pos = s.len;
    size_t start = pos;
    for (int i = 0; i < BACK_MAX && start > 0; i++) {
        start--;
        while (start > 0 && pos - start < 4 * BACK_MAX && is_tail(s.at[start])) start--;
        if (s.at[start] == '\n' && start + 1 < pos) break;
    }
    for (size_t at = start; at < pos; at = utf8_grapheme_next(s, at)) start = at;
    return start;
}

int utf8_rune_width(uint32_t rune)
{
    if (rune < 0x20 || (rune >= 0x7F && rune < 0xA0)) return 0;
    if (rune < 0x7F) return 1;
    int width = wcwidth((wchar_t)rune);
    if (width >= 0) return width;
    width = utf8proc_charwidth((utf8proc_int32_t)rune); // a C locale knows only ASCII
    return width < 0 ? 0 : width > 2 ? 2 : width;
}

// Letters and marks that nothing shows: a joiner, Hangul fillers, Khmer inherent vowels, supplementary
// selectors.
static bool is_invisible(uint32_t rune)
{
    return rune == 0x34F || rune == 0x115F || rune == 0x1160 || rune == 0x17B4 || rune == 0x17B5 ||
           rune == 0x3164 || rune == 0xFFA0 || (rune >= 0xE0000 && rune <= 0xE0FFF);
}

// Code points that act instead of standing for something: formats (bidi, zero-width, tags), line and
// paragraph separators, controls, and what is not assigned, because nobody knows what it will do.
static bool is_active(uint32_t rune)
{
    if (rune < 0x7F) return rune < 0x20;
    if (is_invisible(rune)) return true;
    switch (utf8proc_category((utf8proc_int32_t)rune)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return true;
    default: return false;
    }
}

static size_t put_hex(char *out, char letter, uint32_t value, unsigned digits)
{
    out[0] = '\\';
    out[1] = letter;
    for (unsigned i = 0; i < digits; i++)
        out[2 + i] = "0123456789abcdef"[value >> (4 * (digits - 1 - i)) & 15];
    return 2 + digits;
}

size_t utf8_safe_one(Str s, size_t *pos, bool keep_newlines, char out[UTF8_SAFE_ONE])
{
    if (*pos >= s.len) return 0;
    const char *at = s.at + *pos;
    uint32_t rune;
    size_t len = sequence(at, s.len - *pos, &rune);
    *pos += len ? len : 1;
    if (!len) return put_hex(out, 'x', (unsigned char)at[0], 2);
    if (!is_active(rune) || (keep_newlines && (rune == '\n' || rune == '\t'))) {
        memcpy(out, at, len);
        return len;
    }
    if (rune < 0x20) return utf8_encode(0x2400 + rune, out);
    return rune > 0xFFFF ? put_hex(out, 'U', rune, 8) : put_hex(out, 'u', rune, 4);
}

static bool is_plain(char c) { return c >= 0x20 && c < 0x7F; }

void utf8_safe(Bytes *out, Str s, bool keep_newlines)
{
    size_t pos = 0;
    while (pos < s.len) {
        size_t run = pos;
        while (run < s.len && is_plain(s.at[run])) run++;
        if (run > pos) {
            bytes_put(out, str_slice(s, pos, run - pos));
            pos = run;
            continue;
        }
        char one[UTF8_SAFE_ONE];
        size_t len = utf8_safe_one(s, &pos, keep_newlines, one);
        bytes_put(out, (Str){one, len});
    }
}

size_t utf8_width(Str s)
{
    size_t cells = 0, pos = 0;
    while (pos < s.len) {
        if (is_plain(s.at[pos])) {
            cells++;
            pos++;
            continue;
        }
        char one[UTF8_SAFE_ONE];
        size_t len = utf8_safe_one(s, &pos, false, one), i = 0;
        while (i < len) cells += (size_t)utf8_rune_width(utf8_next((Str){one, len}, &i));
    }
    return cells;
}

static bool put_mapped(Bytes *out, Str s, utf8proc_option_t options)
{
    if (utf8_check(s) != SIZE_MAX || s.len > out->max || out->failed) return false;
    utf8proc_uint8_t *mapped = NULL;
    utf8proc_ssize_t len =
        utf8proc_map((const utf8proc_uint8_t *)(s.at ? s.at : ""), (utf8proc_ssize_t)s.len, &mapped, options);
    bool fits = len >= 0 && (size_t)len <= out->max - out->len;
    if (fits) bytes_put(out, (Str){(const char *)mapped, (size_t)len});
    free(mapped);
    return fits && !out->failed;
}

bool utf8_fold(Bytes *out, Str s)
{
    return put_mapped(
        out, s, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
}

bool utf8_nfkc(Bytes *out, Str s)
{
    return put_mapped(out, s, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
}

uint32_t utf8_rune_lower(uint32_t rune)
{
    if (rune < 128) return rune >= 'A' && rune <= 'Z' ? rune + 32 : rune;
    return (uint32_t)utf8proc_tolower((utf8proc_int32_t)rune);
}

uint32_t utf8_rune_upper(uint32_t rune)
{
    if (rune < 128) return rune >= 'a' && rune <= 'z' ? rune - 32 : rune;
    if (rune == 0xDF) return rune; // Unicode gives the sharp s no simple upper case; utf8proc does
    return (uint32_t)utf8proc_toupper((utf8proc_int32_t)rune);
}

bool utf8_rune_alnum(uint32_t rune)
{
    if (rune < 128) return (rune >= '0' && rune <= '9') || (rune | 32) - 'a' < 26u;
    utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)rune);
    return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO &&
           !(c >= UTF8PROC_CATEGORY_MN && c <= UTF8PROC_CATEGORY_ME);
}
