// Err: the one error record. Filled once, returned as false, never lost. Relies on str.
// Three classes: user errors and environment errors fill an Err; a programmer's error is an assert.
#ifndef ENGINE_BASE_ERR_H
#define ENGINE_BASE_ERR_H

#include "engine/base/str.h"

// SQLSTATEs that more than one room raises; a room may use others as literals.
#define SQLSTATE_SYNTAX             "42601"
#define SQLSTATE_UNDEFINED_TABLE    "42P01"
#define SQLSTATE_UNDEFINED_COLUMN   "42703"
#define SQLSTATE_UNDEFINED_FUNCTION "42883"
#define SQLSTATE_DUPLICATE_TABLE    "42P07"
#define SQLSTATE_TYPE_MISMATCH      "42804"
#define SQLSTATE_UNSUPPORTED        "0A000"
#define SQLSTATE_UNIQUE             "23505"
#define SQLSTATE_NOT_NULL           "23502"
#define SQLSTATE_FOREIGN_KEY        "23503"
#define SQLSTATE_CHECK              "23514"
#define SQLSTATE_SERIALIZATION      "40001"
#define SQLSTATE_TXN_ABORTED        "25P02"
#define SQLSTATE_CANCELED           "57014"
#define SQLSTATE_OUT_OF_RANGE       "22003"
#define SQLSTATE_BAD_TEXT           "22P02"
#define SQLSTATE_BAD_UTF8           "22021"
#define SQLSTATE_DIVISION           "22012"
#define SQLSTATE_TOO_LONG           "22001"
#define SQLSTATE_OUT_OF_MEMORY      "53200"
#define SQLSTATE_DISK_FULL          "53100"
#define SQLSTATE_TOO_COMPLEX        "54001"
#define SQLSTATE_LIMIT              "54000"
#define SQLSTATE_IO                 "58030"
#define SQLSTATE_CORRUPT            "XX001"
#define SQLSTATE_INTERNAL           "XX000"
#define SQLSTATE_AUTH               "28000"
#define SQLSTATE_AUTH_PASSWORD      "28P01"

enum { ERR_TEXT_MAX = 512, ERR_NOTES_MAX = 512 };

typedef struct Err {
    char state[6];             // SQLSTATE; "" = no error
    char text[ERR_TEXT_MAX];   // one sentence that names the thing
    char notes[ERR_NOTES_MAX]; // trail of what was attempted, one per line; later errors land here too
    char hint[ERR_TEXT_MAX];   // the way out; may be ""
    int64_t at;                // byte offset in the query text; -1 = nowhere
    uint32_t line, column;     // 1-based, in characters; 0 until err_locate
} Err;

// Fills *err and returns false, so that a failing branch is one statement. First error wins: when *err is
// already set, the new sentence becomes a note. The text is made printable (escapes, bad UTF-8).
bool err_set(Err *err, const char *state, const char *format, ...) PRINTF_LIKE(3, 4);
bool err_set_at(Err *err, const char *state, int64_t at, const char *format, ...) PRINTF_LIKE(4, 5);
// Adds errno's sentence: "cannot read dictionary.local: Permission denied". ENOSPC and EDQUOT become
// 53100, EACCES, EPERM and EROFS 42501, ENOENT 58P01, EEXIST 58P02, ENOMEM 53200, EMFILE and ENFILE 53000,
// the rest 58030.
bool err_set_errno(Err *err, int errno_value, const char *format, ...) PRINTF_LIKE(3, 4);
// Adds a line to the trail; returns false.
bool err_note(Err *err, const char *format, ...) PRINTF_LIKE(2, 3);
bool err_hint(Err *err, const char *format, ...) PRINTF_LIKE(2, 3);
bool err_is(const Err *err, const char *state);
static inline bool err_any(const Err *err) { return err->state[0] != 0; }
void err_clear(Err *err);
// Turns err->at into line and column of `query`.
void err_locate(Err *err, Str query);

#endif
