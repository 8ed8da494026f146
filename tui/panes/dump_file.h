// DumpFile: a dump on disk, of any size, read in windows: an index of line offsets and an outline of what it
// holds. Relies on base/io.
#ifndef TUI_PANES_DUMP_FILE_H
#define TUI_PANES_DUMP_FILE_H

#include "engine/base/io.h"

typedef struct DumpEntry {
    char what[16];  // "table", "rows", "index", "constraint", "other"
    char name[160]; // as written
    uint64_t line;  // where it begins, from 0
    uint64_t rows;  // of "rows": rows written one a line; 0 = not known
} DumpEntry;

typedef struct DumpFile DumpFile;
enum { DUMP_ENTRIES_MAX = 20000, DUMP_LINE_MAX = 1 << 20 };

// Reads the file once to the end; *stop gives up (57014). Lines longer than DUMP_LINE_MAX are shown cut.
MUST_CHECK bool dump_file_open(DumpFile **out, Io io, const char *path, const atomic_bool *stop, Err *err);
void dump_file_close(DumpFile *f); // NULL is fine
uint64_t dump_file_lines(const DumpFile *f);
Str dump_file_line(DumpFile *f, uint64_t line); // borrowed until the next call; empty when it cannot be read
size_t dump_file_entries(const DumpFile *f);
const DumpEntry *dump_file_entry(const DumpFile *f, size_t i);
// First line at or behind `from` (or before it, backwards) that holds the text, ASCII case folded;
// UINT64_MAX.
uint64_t dump_file_find(DumpFile *f, Str needle, uint64_t from, bool backwards);

#endif
