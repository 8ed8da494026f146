// Journal: the three JSON-lines logs for people: general, event, query. A writer thread does the disk's work;
// a statement only hands over a line. Lines reach the file within 100 ms. Relies on base.
#ifndef ENGINE_JOURNAL_JOURNAL_H
#define ENGINE_JOURNAL_JOURNAL_H

#include "engine/base/io.h"
#include "engine/base/json.h"

typedef enum JournalLog { JOURNAL_GENERAL, JOURNAL_EVENT, JOURNAL_QUERY, JOURNAL_LOGS } JournalLog;
enum { JOURNAL_LINE_MAX = 1 << 20, JOURNAL_WAITING_MAX = 8 << 20, JOURNAL_OLD_FILES = 9 };
const char *journal_name(
    JournalLog log); // "general" …; the file is NAME.jsonl, older ones NAME.1.jsonl … NAME.9.jsonl

typedef struct JournalOptions {
    Io io;
    const char *directory; // DATA/journal; made when absent
    int64_t rotate_bytes;  // 0 = 16 MiB
    const char *node;      // into every line
} JournalOptions;
typedef struct Journal Journal;
MUST_CHECK bool journal_open(Journal **out, const JournalOptions *o, Err *err);
void journal_close(Journal *j); // writes what is waiting

// All of these take a NULL journal and then do nothing that can be seen.
// journal_begin … members … journal_end. Every line starts with {"at":"2026-…Z","node":"vm1","kind":KIND. The
// line is built in the caller's Bytes; secrets must not be given. When the waiting lines pass 8 MiB new ones
// are dropped and a line says how many; a disk that refuses keeps them waiting and is told once in a later
// line. journal_begin initialises json and line, journal_end frees the line; the longest line is
// JOURNAL_LINE_MAX, a longer one is replaced by a short one of kind "line_too_long".
void journal_begin(Journal *j, JournalLog log, const char *kind, Json *json, Bytes *line);
void journal_end(Journal *j, JournalLog log, Json *json, Bytes *line);
// For short ones: an event of `kind` with a sentence.
void journal_event(Journal *j, const char *kind, const char *format, ...) PRINTF_LIKE(3, 4);
// Waits until all handed-over lines are in the files (not synced), or the disk has refused them once more;
// for tests and orderly ends.
void journal_flush(Journal *j);

// Statement texts as the journal may show them: all string literals ('', E'', $$, and "" too) that follow a
// word with PASSWORD in it, IDENTIFIED or ANSWER in the same statement become '***'; in CREATE/ALTER/SET
// USER, ROLE, PASSWORD also bare words and numbers. Rather too much is hidden than too little.
void journal_hide_secrets(Bytes *out, Str statement);

// Tail: follows one log over rotations.
typedef struct JournalTail JournalTail;
// Where a tail begins: behind the last line, at the start of the oldest file, or at the first whole line of
// the newest JOURNAL_NEAR_END bytes (of at most two files), which is what a person wants to see first.
typedef enum JournalFrom { JOURNAL_FROM_END, JOURNAL_FROM_START, JOURNAL_FROM_NEAR_END } JournalFrom;
enum { JOURNAL_NEAR_END = 64 << 10 };
MUST_CHECK bool journal_tail_open(JournalTail **out, Io io, const char *directory, JournalLog log,
                                  JournalFrom from, Err *err);
// Next whole line, borrowed until the next call; *end = nothing more at the moment. A line over 1 MiB is cut.
MUST_CHECK bool journal_tail_next(JournalTail *t, Str *line, bool *end, Err *err);
void journal_tail_close(JournalTail *t);

#endif
