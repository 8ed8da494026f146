// Codec: one value as text, and back: the same for table file, log and peer link. Line ends and tabs never
// stand raw inside a value, so whoever reads splits first and decodes then. FORMAT.md "Values" specifies it.
// Relies on data.
#ifndef ENGINE_STORE_CODEC_H
#define ENGINE_STORE_CODEC_H

#include "engine/base/buf.h"
#include "engine/data/value.h"

enum { CODEC_CELL_MAX = 64 }; // bytes of any value but text, bytea and long numerics

// Appends the text of a cell of this type (not NULL).
void codec_put(Bytes *out, TypeId type, const void *cell);
// `count` cells in a row, each with `ending` behind it; nulls: bit first + i set = NULL, written as \N.
void codec_put_run(Bytes *out, TypeId type, const void *cells, const uint64_t *nulls, uint32_t first,
                   uint32_t count, char ending);
void codec_put_null(Bytes *out);
// Text with escapes (\\ \n \t \r \xNN); binary: bytes from 0x80 on too.
void codec_put_text(Bytes *out, Str s, bool binary);

// Where decoded bytes live that are not as they stand in the text.
typedef char *(*CodecRoom)(void *self, size_t size); // NULL: memory is out
typedef struct CodecMemory {
    CodecRoom room;
    void *self;
    Arena *big; // long numerics
} CodecMemory;
// The field that begins at `at` and ends before the first tab or line end: `end` must point behind a line
// end. *next is behind the separator. escaped tells whether a backslash stands in it.
static inline Str codec_field(const char *at, const char *end, const char **next, bool *escaped)
{
    const char *from = at;
    bool seen = false;
    while (at < end && *at != '\n' && *at != '\t') seen |= *at++ == '\\';
    *escaped = seen;
    *next = at < end ? at + 1 : at;
    return (Str){from, (size_t)(at - from)};
}
static inline bool codec_is_null(Str field)
{
    return field.len == 2 && field.at[0] == '\\' && field.at[1] == 'N';
}
// A field to a cell. Long texts without escapes borrow the field's bytes. False: not a value of this type.
bool codec_get(void *cell, Type type, Str field, bool escaped, const CodecMemory *mem);
// A type's name without modifiers: "integer", "integer[]". False: there is no such type.
void codec_put_type(Bytes *out, Type type);
bool codec_get_type(Type *out, Str name);
// Undoes the escapes; false on a bad one. out may hold field.len bytes.
bool codec_unescape(Str field, char *out, size_t *len);

#endif
