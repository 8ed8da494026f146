// Journal, inside the room: one log's file with its rotation, used by the writer thread alone.
#ifndef ENGINE_JOURNAL_JOURNAL_IN_H
#define ENGINE_JOURNAL_JOURNAL_IN_H

#include "engine/journal/journal.h"

enum { JOURNAL_FILE_NAME_MAX = 32 };

// "event.jsonl" for age 0, "event.3.jsonl" for age 3.
void journal_file_name(char out[JOURNAL_FILE_NAME_MAX], JournalLog log, unsigned age);

typedef struct JournalFile {
    JournalLog log;
    IoFile file;
    int64_t size; // ends with a whole line
    int64_t rotate_bytes;
    bool torn; // the file's end is not a line's end: a newline has to come first
} JournalFile;

MUST_CHECK bool journal_file_open(JournalFile *f, const IoDir *dir, JournalLog log, int64_t rotate_bytes,
                                  Err *err);
// Writes whole lines, rotating between them. *written counts the bytes that stay, also when it fails.
MUST_CHECK bool journal_file_write(JournalFile *f, const IoDir *dir, Str lines, size_t *written, Err *err);

#endif
