// Err: filled without memory of its own; what it holds is always printable and whole UTF-8. Relies on utf8.
#include "engine/base/err.h"
#include "engine/base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { RAW_MAX = 4 * ERR_TEXT_MAX };

// Appends the printable form of `raw` behind out[len], never past size - 1 and never half a character.
static size_t put_safe(char *out, size_t len, size_t size, Str raw, bool keep_newlines)
{
    size_t pos = 0;
    while (pos < raw.len) {
        char one[UTF8_SAFE_ONE];
        size_t n = utf8_safe_one(raw, &pos, keep_newlines, one);
        if (len + n >= size) break;
        memcpy(out + len, one, n);
        len += n;
    }
    out[len] = 0;
    return len;
}

// Formats into raw; when it had to be cut, the sequence broken by the cut goes too.
PRINTF_LIKE(2, 0) static Str format_raw(char raw[RAW_MAX], const char *format, va_list list)
{
    int wanted = vsnprintf(raw, RAW_MAX, format, list);
    size_t len = wanted < 0 ? 0 : (size_t)wanted;
    if (len >= RAW_MAX) {
        len = RAW_MAX - 1;
        for (int back = 0; back < 4 && len > 0; back++) {
            unsigned char c = (unsigned char)raw[len - 1];
            if (c < 0x80) break;
            len--;
            if (c >= 0xC0) break;
        }
    }
    return (Str){raw, len};
}

static void add_note(Err *err, Str raw)
{
    size_t len = strlen(err->notes);
    if (raw.len == 0 || len + 2 >= sizeof err->notes) return;
    if (len) err->notes[len++] = '\n';
    put_safe(err->notes, len, sizeof err->notes, raw, false);
}

static bool fill(Err *err, const char *state, int64_t at, Str raw)
{
    if (err_any(err)) {
        add_note(err, raw);
        return false;
    }
    err_clear(err);
    size_t len = strlen(state);
    if (len >= sizeof err->state) len = sizeof err->state - 1;
    memcpy(err->state, state, len);
    err->state[len] = 0;
    err->at = at;
    put_safe(err->text, 0, sizeof err->text, raw, false);
    return false;
}

bool err_set(Err *err, const char *state, const char *format, ...)
{
    char raw[RAW_MAX];
    va_list list;
    va_start(list, format);
    fill(err, state, -1, format_raw(raw, format, list));
    va_end(list);
    return false;
}

bool err_set_at(Err *err, const char *state, int64_t at, const char *format, ...)
{
    char raw[RAW_MAX];
    va_list list;
    va_start(list, format);
    fill(err, state, at, format_raw(raw, format, list));
    va_end(list);
    return false;
}

static const char *state_of_errno(int value, const char **hint)
{
    switch (value) {
    case ENOSPC:
    case EDQUOT: *hint = "free some space on that file system, then try again"; return SQLSTATE_DISK_FULL;
    case EACCES:
    case EPERM: *hint = "check owner and mode of the file and of the directories above it"; return "42501";
    case EROFS: *hint = "the file system is mounted read-only"; return "42501";
    case ENOMEM: return SQLSTATE_OUT_OF_MEMORY;
    case EMFILE:
    case ENFILE: *hint = "too many files are open: raise the limit (ulimit -n)"; return "53000";
    case ENOENT: return "58P01";
    case EEXIST: return "58P02";
    default: return SQLSTATE_IO;
    }
}

bool err_set_errno(Err *err, int errno_value, const char *format, ...)
{
    char raw[RAW_MAX], reason[128];
    va_list list;
    va_start(list, format);
    Str what = format_raw(raw, format, list);
    va_end(list);
    if (what.len > RAW_MAX / 2) what.len = RAW_MAX / 2;
    const char *sentence = strerror_r(errno_value, reason, sizeof reason);
    int tail = snprintf(raw + what.len, RAW_MAX - what.len, ": %s", sentence);
    if (tail > 0) what.len += (size_t)tail;
    if (what.len >= RAW_MAX) what.len = RAW_MAX - 1;
    bool first = !err_any(err);
    const char *hint = NULL;
    fill(err, state_of_errno(errno_value, &hint), -1, what);
    if (first && hint) err_hint(err, "%s", hint);
    return false;
}

bool err_note(Err *err, const char *format, ...)
{
    char raw[RAW_MAX];
    va_list list;
    va_start(list, format);
    add_note(err, format_raw(raw, format, list));
    va_end(list);
    return false;
}

bool err_hint(Err *err, const char *format, ...)
{
    if (err->hint[0]) return false; // it belongs to the first error
    char raw[RAW_MAX];
    va_list list;
    va_start(list, format);
    put_safe(err->hint, 0, sizeof err->hint, format_raw(raw, format, list), true);
    va_end(list);
    return false;
}

bool err_is(const Err *err, const char *state) { return strcmp(err->state, state) == 0; }

void err_clear(Err *err)
{
    err->state[0] = err->text[0] = err->notes[0] = err->hint[0] = 0;
    err->at = -1;
    err->line = err->column = 0;
}

void err_locate(Err *err, Str query)
{
    if (err->at < 0 || !err_any(err)) return;
    size_t at = (uint64_t)err->at < query.len ? (size_t)err->at : query.len;
    size_t line_start = 0;
    uint32_t line = 1;
    for (size_t nl = 0; (nl = str_find_byte(query, '\n', nl)) < at; nl++) {
        line++;
        line_start = nl + 1;
    }
    err->line = line;
    err->column = (uint32_t)utf8_length(str_slice(query, line_start, at - line_start)) + 1;
}
