// ResultFile: results written as table, csv, tsv, json or sql, straight from a run (as a ResultSink) or from
// a kept Rowset. Relies on out_file, rowset.
// Nouns: result
#ifndef EXPORT_RESULT_FILE_H
#define EXPORT_RESULT_FILE_H

#include "engine/data/rowset.h"
#include "export/out_file.h"

typedef struct ResultFormat ResultFormat;
const ResultFormat *result_format(Str name);  // NULL for another word
const char *const *result_format_names(void); // "table", "csv", "tsv", "json", "sql"; NULL behind the last

typedef struct ResultFileOptions {
    const ResultFormat *format;
    bool terminal;  // goes to a screen: control characters of csv, tsv and sql are shown, not sent
    bool no_header; // table, csv, tsv: no line of column names
                    // shown, never raw
    Str table;      // sql: the table named in the INSERTs; empty = "result"
    Str null_text;  // table: how NULL is shown
} ResultFileOptions;

typedef struct ResultFile ResultFile;
// Writes to out, which stays the caller's (to finish or abandon).
MUST_CHECK bool result_file_new(ResultFile **out, const ResultFileOptions *o, OutFile *file, Err *err);
void result_file_free(ResultFile *r);
// The columns and rows slots of a sink (self, columns, rows, done); the caller may fill the others with its
// own functions when it passes the four on.
ResultSink result_file_sink(ResultFile *r);
uint64_t result_file_rows(const ResultFile *r); // written so far, of all statements
// A kept result, from row 0 on; stop may be NULL.
MUST_CHECK bool result_file_write_rowset(ResultFile *r, Rowset *rows, const atomic_bool *stop, Err *err);

#endif
