// Tail: reads one log by whole lines. The place between two calls is always the start of a line in a file
// that is held open; when its name has gone to a newer file, that one is looked up by identity, so no
// rotation is missed. Relies on io.
#include "engine/base/size.h"
#include "engine/journal/journal_in.h"

#include <stdlib.h>

enum { STEP = 64 << 10 };

struct JournalTail {
    IoDir dir;
    JournalLog log;
    IoFile file;    // closed until there is one
    int64_t offset; // in the file, of buffer[0]
    Bytes buffer;
    size_t pos;    // lines before it were given out
    bool skipping; // behind a cut line: up to the next newline nothing counts
};

static bool open_age(JournalTail *t, unsigned age, IoFile *out)
{
    char name[JOURNAL_FILE_NAME_MAX];
    Err absent = {0};
    journal_file_name(name, t->log, age);
    return io_open(out, &t->dir, name, IO_READ, &absent);
}

static void start_file(JournalTail *t, IoFile file, int64_t offset)
{
    io_close(&t->file);
    t->file = file;
    t->offset = offset;
    t->pos = 0;
    t->skipping = false;
    bytes_clear(&t->buffer);
}

static void open_oldest(JournalTail *t)
{
    IoFile file;
    for (unsigned age = JOURNAL_OLD_FILES + 1; age-- > 0;)
        if (open_age(t, age, &file)) {
            start_file(t, file, 0);
            return;
        }
}

// Starts `back` bytes before the end of the file of that age, or at its start when it is shorter. *left: how
// many bytes are missing.
static bool open_back(JournalTail *t, unsigned age, int64_t back, int64_t *left, Err *err)
{
    IoFile file;
    int64_t size = 0;
    *left = back;
    if (!open_age(t, age, &file)) return true; // starts with its first line
    if (!io_size(&file, &size, err)) {
        io_close(&file);
        return false;
    }
    *left = back > size ? back - size : 0;
    start_file(t, file, back > size ? 0 : size - back);
    // In the middle of a line: what is left of it does not count. A line that begins just there is lost too.
    t->skipping = back > 0 && back < size;
    return true;
}

static bool open_near_end(JournalTail *t, Err *err)
{
    int64_t left = 0, rest = 0;
    if (!open_back(t, 0, JOURNAL_NEAR_END, &left, err)) return false;
    return left == 0 || open_back(t, 1, left, &rest, err);
}

bool journal_tail_open(JournalTail **out, Io io, const char *directory, JournalLog log, JournalFrom from,
                       Err *err)
{
    *out = NULL;
    JournalTail *t = size_alloc_zero(1, sizeof *t);
    if (!t) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while opening a log");
    *t = (JournalTail){.dir = IO_DIR_NONE, .file = IO_FILE_NONE, .log = log};
    bytes_init(&t->buffer, JOURNAL_LINE_MAX + STEP);
    bool ok = io_dir_open(&t->dir, io, directory, false, err);
    int64_t left;
    if (ok && from == JOURNAL_FROM_START)
        open_oldest(t);
    else if (ok && from == JOURNAL_FROM_NEAR_END)
        ok = open_near_end(t, err);
    else if (ok)
        ok = open_back(t, 0, 0, &left, err);
    if (ok)
        *out = t;
    else
        journal_tail_close(t);
    return ok;
}

void journal_tail_close(JournalTail *t)
{
    if (!t) return;
    io_close(&t->file);
    io_dir_close(&t->dir);
    bytes_done(&t->buffer);
    free(t);
}

// The file that came after ours, if ours was renamed: the one that stands an age before it. Files only move
// to higher ages while we look, so going upwards misses none. Ours gone: the oldest that is left.
static bool open_successor(JournalTail *t, IoFile *out)
{
    IoFile newer = IO_FILE_NONE, here;
    for (unsigned age = 0; age <= JOURNAL_OLD_FILES; age++) {
        if (!open_age(t, age, &here)) continue;
        if (t->file.fd >= 0 && io_same_file(&here, &t->file)) {
            io_close(&here);
            *out = newer;
            return newer.fd >= 0;
        }
        io_close(&newer);
        newer = here;
    }
    *out = newer;
    return newer.fd >= 0;
}

// Reads more behind the buffer. *more: bytes came, or another file began.
static bool read_on(JournalTail *t, bool *more, Err *err)
{
    size_t got = 0;
    *more = false;
    for (int look = 0; look < 2 && t->file.fd >= 0; look++) {
        char *at = bytes_reserve(&t->buffer, STEP);
        if (!at) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while reading a log");
        if (!io_read(&t->file, at, STEP, t->offset + (int64_t)t->buffer.len, &got, err)) return false;
        bytes_reserve_done(&t->buffer, got);
        *more = got > 0;
        if (*more) return true;
        IoFile next = IO_FILE_NONE;
        if (!open_successor(t, &next)) return true;
        if (look == 1) { // a second empty read after the rename: nothing was added in between
            start_file(t, next, 0);
            *more = true;
        } else {
            io_close(&next);
        }
    }
    if (t->file.fd < 0) {
        open_oldest(t);
        *more = t->file.fd >= 0;
    }
    return true;
}

static void drop_used(JournalTail *t)
{
    bytes_remove_front(&t->buffer, t->pos);
    t->offset += (int64_t)t->pos;
    t->pos = 0;
}

// A whole line of the buffer, or the first part of one that is too long.
static bool take_line(JournalTail *t, Str *line)
{
    for (;;) {
        Str rest = str_slice(bytes_str(&t->buffer), t->pos, SIZE_MAX);
        size_t end = str_find_byte(rest, '\n', 0);
        bool cut = end == SIZE_MAX && rest.len >= JOURNAL_LINE_MAX;
        if (end == SIZE_MAX && !cut) return false;
        bool counts = !t->skipping;
        *line = str_slice(rest, 0, cut ? JOURNAL_LINE_MAX : end);
        t->pos += cut ? line->len : end + 1;
        t->skipping = cut;
        if (counts) return true;
    }
}

bool journal_tail_next(JournalTail *t, Str *line, bool *end, Err *err)
{
    *end = false;
    for (;;) {
        if (take_line(t, line)) return true;
        drop_used(t);
        bool more = false;
        if (!read_on(t, &more, err)) return false;
        if (more) continue;
        *line = STR_NONE;
        *end = true;
        if (!t->skipping) bytes_clear(&t->buffer); // half a line is read again: its writer may yet cut it off
        return true;
    }
}
