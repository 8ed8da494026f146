// Document: JSON (RFC 8259) as values of json and jsonb. json is kept as it was written; jsonb in a normal
// form, also as text: keys by length, then bytes, the last of equal keys; numbers as numeric prints them; ",
// " and ": " between. So equal jsonb are equal texts but for the digits that numbers show behind the point.
// Relies on base, text.
#ifndef ENGINE_DATA_DOCUMENT_H
#define ENGINE_DATA_DOCUMENT_H

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/data/text.h"

enum { DOCUMENT_DEPTH_MAX = 1000, DOCUMENT_NODES_MAX = 1 << 26 };

// The order is that of jsonb's values of different kinds.
typedef enum DocumentKind {
    DOCUMENT_NULL,
    DOCUMENT_STRING,
    DOCUMENT_NUMBER,
    DOCUMENT_FALSE,
    DOCUMENT_TRUE,
    DOCUMENT_ARRAY,
    DOCUMENT_OBJECT,
} DocumentKind;

// A tree for what rebuilds documents. text: the number as written, the string or key decoded.
typedef struct Document Document;
struct Document {
    DocumentKind kind;
    uint32_t count; // members
    Str text;
    Str key; // as a member of an object
    Document *first, *last, *next;
};

// 22P02 with the reason as a hint, 54001 past DOCUMENT_DEPTH_MAX.
MUST_CHECK bool document_check(Str s, Err *err);
// Text of the normal form; also 22P05 for \u0000, 22003 for numbers that numeric cannot hold.
MUST_CHECK bool document_normal(Text *out, Str s, Arena *mem, Err *err);
// The tree; normal: as jsonb has it. Strings without escapes borrow s.
MUST_CHECK bool document_parse(Document **out, Str s, bool normal, Arena *mem, Err *err);
// Sorts the members of an object and leaves out all but the last of equal keys.
void document_sort(Document *object, Arena *mem);
// Appended as jsonb prints it: {"a": 1, "b": [2]}; pretty: one member a line, four blanks a level.
void document_put(Bytes *out, const Document *d);
void document_put_pretty(Bytes *out, const Document *d);
void document_put_compact(Bytes *out, const Document *d); // without blanks, as json functions print
void document_put_string(Bytes *out, Str s);              // quoted, with escapes
Document *document_new(Arena *mem, DocumentKind kind, Str text);
void document_add(Document *into, Document *member);

// ---- looking into checked text without a tree ----

// A value's text, without blanks around it.
DocumentKind document_kind(Str value);
typedef struct DocumentWalk {
    Str s;
    size_t at;
    bool object;
} DocumentWalk;
// Over the members of an array or object; no members for anything else.
void document_walk(DocumentWalk *w, Str value);
// key: raw, with its quotes; empty in an array.
bool document_next(DocumentWalk *w, Str *key, Str *value);
bool document_member(Str object, Str key, Str *value);       // the last one of that name; key is decoded
bool document_element(Str array, int64_t index, Str *value); // negative: from the end
// A string's or key's text without quotes and escapes; 22P05 for \u0000.
MUST_CHECK bool document_string(Str raw, Str *out, Arena *mem, Err *err);

// Order and hash of two jsonb, as PostgreSQL's: by kind, then size, then members.
int document_compare(const Text *a, const Text *b);
uint64_t document_hash(const Text *a);
uint64_t document_rank(const Text *a); // see array_rank
bool document_contains(Str a, Str b);  // a @> b

#endif
