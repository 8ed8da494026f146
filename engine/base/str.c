// Str: comparing, searching, cutting and reading numbers. Every function is total: any bytes, any lengths.
#include "engine/base/str.h"

#include <string.h>

Str str_of(const char *text) { return (Str){text, text ? strlen(text) : 0}; }

bool str_equal(Str a, Str b) { return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0); }

static unsigned char fold_byte(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

bool str_equal_fold(Str a, Str b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (fold_byte(a.at[i]) != fold_byte(b.at[i])) return false;
    return true;
}

int str_compare(Str a, Str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.at, b.at, shorter) : 0;
    if (order) return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts(Str s, Str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.at, prefix.at, prefix.len) == 0);
}

bool str_ends(Str s, Str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.at + s.len - suffix.len, suffix.at, suffix.len) == 0);
}

size_t str_find(Str s, Str needle, size_t from)
{
    if (from > s.len) return SIZE_MAX;
    if (needle.len == 0) return from;
    const char *hit = from < s.len ? memmem(s.at + from, s.len - from, needle.at, needle.len) : NULL;
    return hit ? (size_t)(hit - s.at) : SIZE_MAX;
}

size_t str_find_byte(Str s, char byte, size_t from)
{
    if (from >= s.len) return SIZE_MAX;
    const char *hit = memchr(s.at + from, byte, s.len - from);
    return hit ? (size_t)(hit - s.at) : SIZE_MAX;
}

Str str_slice(Str s, size_t from, size_t len)
{
    if (from >= s.len) return (Str){s.at ? s.at + s.len : NULL, 0};
    size_t rest = s.len - from;
    return (Str){s.at + from, len < rest ? len : rest};
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

Str str_trim(Str s)
{
    while (s.len && is_space(s.at[0])) s.at++, s.len--;
    while (s.len && is_space(s.at[s.len - 1])) s.len--;
    return s;
}

Str str_cut(Str *rest, char byte)
{
    size_t at = str_find_byte(*rest, byte, 0);
    Str head = *rest;
    if (at == SIZE_MAX) {
        *rest = str_slice(*rest, rest->len, 0);
    } else {
        head.len = at;
        *rest = str_slice(*rest, at + 1, SIZE_MAX);
    }
    return head;
}

bool str_to_uint64(Str s, uint64_t *out)
{
    if (s.len && s.at[0] == '+') s = str_slice(s, 1, SIZE_MAX);
    if (s.len == 0) return false;
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') return false;
        if (__builtin_mul_overflow(value, (uint64_t)10, &value)) return false;
        if (__builtin_add_overflow(value, (uint64_t)(s.at[i] - '0'), &value)) return false;
    }
    *out = value;
    return true;
}

bool str_to_int64(Str s, int64_t *out)
{
    bool negative = s.len && s.at[0] == '-';
    uint64_t value;
    if (negative) {
        s = str_slice(s, 1, SIZE_MAX);
        if (s.len && s.at[0] == '+') return false;
    }
    if (!str_to_uint64(s, &value)) return false;
    if (value > (uint64_t)INT64_MAX + negative) return false;
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

bool str_to_hex64(Str s, uint64_t *out)
{
    if (s.len == 0) return false;
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = fold_byte(s.at[i]), digit;
        if (c >= '0' && c <= '9')
            digit = (unsigned char)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (unsigned char)(c - 'a' + 10);
        else
            return false;
        if (value >> 60) return false;
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

bool str_to_hex64_lower(Str s, uint64_t *out)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] >= 'A' && s.at[i] <= 'F') return false;
    return str_to_hex64(s, out);
}

// One row of the matrix at a time.
size_t str_distance(Str a, Str b)
{
    size_t row[STR_DISTANCE_MAX + 1];
    if (a.len > STR_DISTANCE_MAX || b.len > STR_DISTANCE_MAX) return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++) row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t changed = diagonal + (a.at[i - 1] != b.at[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] : row[j - 1];
            diagonal = row[j];
            row[j] = changed < least + 1 ? changed : least + 1;
        }
    }
    return row[b.len];
}
