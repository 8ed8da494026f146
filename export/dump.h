// Dump: structure and values of a database as SQL in a chosen dialect, made from the present state inside one
// snapshot. Relies on catalog, out_file.
#ifndef EXPORT_DUMP_H
#define EXPORT_DUMP_H

#include "export/catalog.h"
#include "export/out_file.h"

typedef struct DumpDialect DumpDialect;

// "d2db", "postgres", "mysql", "sqlite"; NULL for another word.
const DumpDialect *dump_dialect(Str name);
// The names of all dialects, NULL behind the last.
const char *const *dump_dialect_names(void);

typedef struct DumpProgress {
    Str table; // being written
    uint32_t tables_done, tables;
    uint64_t rows_done, rows_expected; // of all tables
    uint64_t bytes;
} DumpProgress;

typedef struct DumpOptions {
    const DumpDialect *dialect;
    bool structure, values; // what to write
    uint32_t insert_rows;   // rows of one INSERT at most; 0 = 500
    size_t insert_bytes;    // its bytes at most (one row may be longer); 0 = 256 KiB
    void (*progress)(void *self, const DumpProgress *p); // called at most once a batch; may be NULL
    void *self;
    const atomic_bool *stop; // may be NULL; 57014
} DumpOptions;

typedef struct DumpSummary {
    uint32_t tables;
    uint64_t rows, bytes;
} DumpSummary;

// s: a session of its own, outside of a transaction (25001); its database is `database` afterwards. Writes to
// `out`, which the caller finishes or abandons. 22P05 when a value cannot be written in the dialect (named
// with its column).
MUST_CHECK bool dump_write(Source *s, Str database, const DumpOptions *o, OutFile *out, DumpSummary *summary,
                           Err *err);

#endif
