// OutFile: what an exporter writes to: a file that appears under its name only when it is whole (temporary
// file beside it, fdatasync, rename), standard output, or memory. Buffered; the first error sticks and is
// told at the end, so that writers are straight lines. Relies on base.
// Nouns: out
#ifndef EXPORT_OUT_FILE_H
#define EXPORT_OUT_FILE_H

#include "engine/base/io.h"

typedef struct OutFile OutFile;

// path NULL or "-": standard output. A path that names a device or pipe is written in place. Files are made
// 0600.
MUST_CHECK bool out_file_open(OutFile **out, Io io, const char *path, Err *err);
// Into memory, at most max bytes.
MUST_CHECK bool out_file_memory(OutFile **out, size_t max, Err *err);

void out_put(OutFile *o, Str s);
void out_byte(OutFile *o, char byte);
void out_repeat(OutFile *o, Str s, size_t count);
void out_printf(OutFile *o, const char *format, ...) PRINTF_LIKE(2, 3);
// s made printable (no escapes, no newline), for comments, titles and tables.
void out_safe(OutFile *o, Str s);
bool out_failed(const OutFile *o); // an error has stuck: stop early
uint64_t out_size(const OutFile *o);
Str out_text(const OutFile *o); // of a memory file, borrowed

// Writes what is left, syncs and gives the file its name; false with the first error (the temporary file is
// gone then). Frees o in either case.
MUST_CHECK bool out_file_finish(OutFile *o, Err *err);
// Gives up: removes the temporary file, frees. NULL is fine.
void out_file_abandon(OutFile *o);

#endif
