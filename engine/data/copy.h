// Copy: the text and CSV forms of rows that COPY reads and writes, and import with it: records and fields,
// without types. Relies on buf.
#ifndef ENGINE_DATA_COPY_H
#define ENGINE_DATA_COPY_H

#include "engine/base/buf.h"

enum { COPY_FIELDS_MAX = 4096 };

typedef struct CopyFormat {
    bool csv;
    char delimiter, quote, escape; // quote and escape: of CSV
    Str null;                      // how NULL is written
    bool strict;                   // CSV: nothing may stand behind a closing quote
    bool no_mark;                  // a line \. is data, not the end
} CopyFormat;
// PostgreSQL's defaults.
static inline CopyFormat copy_format(bool csv)
{
    return csv ? (CopyFormat){.csv = true, .delimiter = ',', .quote = '"', .escape = '"', .null = {"", 0}}
               : (CopyFormat){.delimiter = '\t', .null = {"\\N", 2}};
}

typedef struct CopyField {
    size_t at, len;
    bool inside; // at counts in CopyRecord.text, else in the text that was read
    bool quoted;
    bool null;
} CopyField;

typedef struct CopyRecord {
    Bytes text; // of fields that had to be rewritten
    CopyField *field;
    uint32_t fields;
    size_t bytes; // of the text read, line end included
    size_t lines; // line ends in them
} CopyRecord;

typedef enum CopyFound {
    COPY_RECORD,
    COPY_MARK, // \. on a line of its own: the end; bytes are those of the line
    COPY_MORE, // the text stops before the record does
    COPY_BAD,
} CopyFound;

void copy_record_init(CopyRecord *r, size_t text_max);
void copy_record_done(CopyRecord *r);
// The record at the front of text. last: nothing follows text. COPY_BAD tells why.
CopyFound copy_record(CopyRecord *r, const CopyFormat *f, Str text, bool last, const char **why);
static inline Str copy_field(const CopyRecord *r, Str text, uint32_t i)
{
    const CopyField *f = &r->field[i];
    return (Str){(f->inside ? r->text.at : text.at) + f->at, f->len};
}

// One field that is not NULL, as the format writes it. alone: the record has no other.
void copy_put_field(Bytes *out, const CopyFormat *f, Str value, bool quote, bool alone);

#endif
