// Record: a row as one value: fields of any types with names, as bytes in a Text cell, which begin like an
// array's do, so that both lie in one physical form. Layout, in this machine's byte order:
//   u32 Type.of of a record (its low byte is TYPE_RECORD); u32 fields;
//   per field: u32 its type as in an array, u32 1 = NULL, u32 end of its name, u32 end of its cell;
//   the names; the cells as an array's elements. A field without a name is called f1, f2 … by its place.
// Only memory has this form. Relies on array.
#ifndef ENGINE_DATA_RECORD_H
#define ENGINE_DATA_RECORD_H

#include "engine/data/array.h"

enum { RECORD_FIELDS_MAX = 1664 };

// What record_open found; borrows the bytes.
typedef struct Record {
    uint32_t fields;
    const unsigned char *heads, *names, *cells;
} Record;

bool record_is(const Text *cell); // a record, not an array
// Looks at every length before it is used: false when the bytes are not a record.
bool record_open(Record *out, const Text *cell);
Value record_value(const Record *r, uint32_t i, Arena *mem);
Str record_name(const Record *r, uint32_t i, Arena *mem);
// names: one per field, each ended by NUL; empty: none has one. 54011, 54000.
MUST_CHECK bool record_make(Text *out, const Value *field, uint32_t fields, Str names, Arena *mem, Err *err);

// Field by field, NULL last; then by number of fields.
int record_compare(const Text *a, const Text *b);
uint64_t record_hash(const Text *a);

#endif
