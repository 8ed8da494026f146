// Definition text: a table's definition as lines of tab-separated fields, as the dictionaries and the log
// hold it, and a reader of such lines. Relies on codec.
//
// Nouns: definition, line
#ifndef ENGINE_STORE_DEFINITION_IN_H
#define ENGINE_STORE_DEFINITION_IN_H

#include "engine/store/codec.h"
#include "engine/store/schema.h"

enum { LINE_FIELDS_MAX = 10, LINE_ID_LISTS = 3 };

// One line cut at its tabs; fields are unescaped into mem where need be.
typedef struct Line {
    Str field[LINE_FIELDS_MAX];
    bool null[LINE_FIELDS_MAX];
    unsigned count;
} Line;
// Takes the next line off *rest; false when there is none or it has too many fields or a bad escape.
bool line_next(Str *rest, Line *out, Arena *mem);
bool line_is(const Line *l, const char *word, unsigned fields); // first field and how many there are
bool line_uint(const Line *l, unsigned field, uint64_t max, uint64_t *out);
bool line_int(const Line *l, unsigned field, int64_t *out);
void line_put(Bytes *out, Str field); // escaped, with a tab before it

void definition_put(Bytes *out, const TableDef *def, Str file);
// Is this the first line of a table's definition, of whichever version?
bool definition_begins(const Line *l);
// The first line ("table …") has been read; takes the rest up to "end". *file: the table file's name.
MUST_CHECK bool definition_get(const Line *first, Str *rest, TableDef *out, Str *file, Arena *mem, Err *err);

#endif
