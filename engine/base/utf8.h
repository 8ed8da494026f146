// UTF-8: decoding, checking, cell widths, and the one place where a string is made printable. Relies on str,
// buf.
#ifndef ENGINE_BASE_UTF8_H
#define ENGINE_BASE_UTF8_H

#include "engine/base/buf.h"

enum { UTF8_BAD = 0xFFFD, UTF8_SAFE_ONE = 12 };

// Decodes one code point at s.at[*pos] and moves *pos behind it. A bad byte gives UTF8_BAD and moves by one.
uint32_t utf8_next(Str s, size_t *pos);
// Writes up to 4 bytes to out, returns how many.
size_t utf8_encode(uint32_t rune, char *out);
// Offset of the first byte that is not well-formed UTF-8 (surrogates, overlong, > U+10FFFF refused); SIZE_MAX
// = fine.
size_t utf8_check(Str s);
size_t utf8_length(Str s); // code points
// Byte offset of the `count`-th code point (clamped to the end).
size_t utf8_offset(Str s, size_t count);
// Start of the grapheme cluster behind / before byte `pos` (utf8proc's rules).
size_t utf8_grapheme_next(Str s, size_t pos);
size_t utf8_grapheme_prev(Str s, size_t pos);
// Terminal cells of one code point as the C library's wcwidth sees it: 0, 1 or 2; controls give 0.
int utf8_rune_width(uint32_t rune);
// Simple case mapping and letters or digits, by Unicode alone: no locale has a say.
uint32_t utf8_rune_lower(uint32_t rune);
uint32_t utf8_rune_upper(uint32_t rune);
bool utf8_rune_alnum(uint32_t rune);
size_t utf8_width(Str s); // cells of the whole string, as utf8_safe would print it
// Appends s so that no terminal, log or mail can be driven by it: C0, DEL, C1, bidi controls, zero-width and
// line/paragraph separators become visible (␛, ␀ … for C0, "\u202e" style otherwise), bad bytes become
// "\xNN". keep_newlines: \n and \t stay as they are.
void utf8_safe(Bytes *out, Str s, bool keep_newlines);
// One step of utf8_safe without memory: writes the printable form of what stands at *pos to out, moves *pos
// behind it, returns how many bytes (at most UTF8_SAFE_ONE, not NUL-terminated).
size_t utf8_safe_one(Str s, size_t *pos, bool keep_newlines, char out[UTF8_SAFE_ONE]);
// Casefold (Unicode) + NFKC; for comparing names and answers, not for showing.
// False, with out unchanged, on bad UTF-8 and when memory or out->max does not suffice.
bool utf8_fold(Bytes *out, Str s);
// NFKC alone, for passwords (RFC 4013's normalisation): case and invisible code points stay. False as
// utf8_fold.
bool utf8_nfkc(Bytes *out, Str s);

#endif
