// JSON: a writer that cannot produce a broken line, and a reader for the journal's own flat lines. Relies on
// buf.
#ifndef ENGINE_BASE_JSON_H
#define ENGINE_BASE_JSON_H

#include "engine/base/arena.h"
#include "engine/base/buf.h"

// The writer puts commas by itself: json_begin(b,'{'); json_key(b,"a"); json_int(b,1); json_end(b,'}').
typedef struct Json {
    Bytes *out;
    uint64_t comma; // one bit per nesting level: an item stands before
    unsigned depth; // at most 63
    bool after_key;
} Json;
void json_init(Json *j, Bytes *out);
void json_begin(Json *j, char bracket); // '{' or '['
void json_end(Json *j, char bracket);   // '}' or ']'
void json_key(Json *j, const char *key);
void json_key_str(Json *j, Str key);
void json_str(Json *j, Str s); // bad UTF-8 becomes U+FFFD, controls \u00XX
void json_int(Json *j, int64_t value);
void json_double(Json *j, double value); // shortest that reads back; NaN and infinities as null
void json_bool(Json *j, bool value);
void json_null(Json *j);
void json_raw(Json *j, Str json); // already JSON

// One member of a flat object. Strings are unescaped into the arena; numbers, true, false, null are given as
// text; nested objects and arrays are given as their raw text.
typedef struct JsonMember {
    Str key, value;
    char kind;
} JsonMember; // kind: 's' 'n' 't' 'f' '0' '{' '['
// Splits one object; false when the line is not one (torn tail). At most `max` members.
bool json_read_object(Str line, JsonMember *out, size_t max, size_t *count, Arena *mem);

#endif
