// Str: a borrowed run of bytes with a length; the way text is passed everywhere. Relies on nothing.
#ifndef ENGINE_BASE_STR_H
#define ENGINE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK              __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define COUNT_OF(array)         (sizeof(array) / sizeof((array)[0]))

// Borrowed; not NUL-terminated; may hold any byte, NUL included. {NULL, 0} is the empty string.
typedef struct Str {
    const char *at;
    size_t len;
} Str;

#define STR(literal) ((Str){"" literal, sizeof(literal) - 1})
#define STR_NONE     ((Str){NULL, 0})
// For printf-like functions: "%.*s", STR_ARG(s)
#define STR_ARG(s) ((int)((s).len > 1u << 20 ? 1u << 20 : (s).len)), ((s).at ? (s).at : "")

// The bytes of a C string without its NUL; NULL gives the empty string.
Str str_of(const char *text);
bool str_equal(Str a, Str b);
// ASCII letters compare without case.
bool str_equal_fold(Str a, Str b);
// memcmp order, a prefix first: <0, 0, >0.
int str_compare(Str a, Str b);
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
// Offset of the first needle at or after `from`, SIZE_MAX if there is none.
size_t str_find(Str s, Str needle, size_t from);
size_t str_find_byte(Str s, char byte, size_t from);
// Clamped to the string: never reads outside.
Str str_slice(Str s, size_t from, size_t len);
// Without ASCII white space at both ends.
Str str_trim(Str s);
// Cuts *rest at the first `byte`: returns what stood before it and moves *rest behind it.
Str str_cut(Str *rest, char byte);
// Whole string as a decimal integer; false on anything else and on overflow.
bool str_to_int64(Str s, int64_t *out);
bool str_to_uint64(Str s, uint64_t *out);
// Whole string as hexadecimal digits, either case.
bool str_to_hex64(Str s, uint64_t *out);
// Lower case only, as our own files write stamps and checksums: a flipped bit must not read as the same
// number.
bool str_to_hex64_lower(Str s, uint64_t *out);

enum { STR_DISTANCE_MAX = 64 };
// Levenshtein's edit distance in bytes, for "did you mean"; SIZE_MAX when a string is longer than
// STR_DISTANCE_MAX.
size_t str_distance(Str a, Str b);

#endif
