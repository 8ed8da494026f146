// Import: runs a .sql script or dump (ours, pg_dump's, MySQL's, SQLite's) statement by statement, and a .csv
// into a table, in bounded memory. Relies on base, data.
#ifndef EXPORT_IMPORT_H
#define EXPORT_IMPORT_H

#include "engine/base/io.h"
#include "engine/data/source.h"

typedef struct ImportProgress {
    uint64_t bytes_done, bytes; // of the file; 0 = not known (standard input)
    uint64_t statements, rows;  // done; rows inserted
    uint32_t line;
} ImportProgress;

typedef struct ImportOptions {
    Io io;
    const char *path; // "-" = standard input
    Str dialect;      // "", "postgres", "mysql", "sqlite": whose script; "" = found out from its beginning
    bool single_transaction; // all or nothing
    bool skip_unsupported;   // what the engine refuses as not supported (0A000), and what fails for want of
                             // it, is left out and told
    // csv:
    Str table;                                               // into which
    char separator;                                          // 0 = ',' ('\t' when the name ends in .tsv)
    bool no_header;                                          // the first row is data: columns in order
    void (*progress)(void *self, const ImportProgress *p);   // may be NULL; after each statement or batch
    void (*notice)(void *self, uint32_t line, Str sentence); // what was left out and why; may be NULL
    void *self;
    const atomic_bool *stop; // may be NULL; 57014
} ImportOptions;

typedef struct ImportSummary {
    uint64_t statements; // run
    uint64_t skipped;    // of other systems, without meaning here
    uint64_t refused;    // left out as not supported (0A000)
    uint64_t lost;       // left out since they need what was left out
    uint64_t rows;       // inserted
    uint64_t bytes;      // read
} ImportSummary;

enum { IMPORT_STATEMENT_MAX = 64 << 20 };

// Stops at the first error: err->text begins with "FILE:LINE:COLUMN: ", err->line and column are set; summary
// tells what was done before it.
MUST_CHECK bool import_sql(Source *s, const ImportOptions *o, ImportSummary *summary, Err *err);
MUST_CHECK bool import_csv(Source *s, const ImportOptions *o, ImportSummary *summary, Err *err);
// By the file's name: .csv and .tsv, or a table given, is import_csv; all else import_sql.
MUST_CHECK bool import_file(Source *s, const ImportOptions *o, ImportSummary *summary, Err *err);

#endif
