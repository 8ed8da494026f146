// One log's file: appended to by whole lines, renamed to NAME.1.jsonl … NAME.9.jsonl when it is full. After a
// failed write the file is cut back to its last whole line, so that it never holds half of one. Relies on io.
#include "engine/journal/journal_in.h"

#include <stdio.h>
#include <string.h>

const char *journal_name(JournalLog log)
{
    static const char *const names[JOURNAL_LOGS] = {"general", "event", "query"};
    return log < JOURNAL_LOGS ? names[log] : "";
}

void journal_file_name(char out[JOURNAL_FILE_NAME_MAX], JournalLog log, unsigned age)
{
    int len = age ? snprintf(out, JOURNAL_FILE_NAME_MAX, "%s.%u.jsonl", journal_name(log), age)
                  : snprintf(out, JOURNAL_FILE_NAME_MAX, "%s.jsonl", journal_name(log));
    if (len < 0 || len >= JOURNAL_FILE_NAME_MAX) out[0] = 0;
}

// A crash may have left half a line at the end.
static bool look_at_end(JournalFile *f, Err *err)
{
    char last = '\n';
    size_t got;
    if (!io_size(&f->file, &f->size, err)) return false;
    if (f->size > 0 && !io_read(&f->file, &last, 1, f->size - 1, &got, err)) return false;
    f->torn = last != '\n';
    return true;
}

bool journal_file_open(JournalFile *f, const IoDir *dir, JournalLog log, int64_t rotate_bytes, Err *err)
{
    char name[JOURNAL_FILE_NAME_MAX];
    *f = (JournalFile){.log = log, .rotate_bytes = rotate_bytes, .file = IO_FILE_NONE};
    journal_file_name(name, log, 0);
    if (!io_open(&f->file, dir, name, IO_WRITE | IO_CREATE | IO_APPEND, err)) return false;
    if (look_at_end(f, err)) return true;
    io_close(&f->file);
    return false;
}

// Moves files up by one age, only as far as the first free age: when a rename or the new file fails, the next
// try finds the gap and loses nothing more.
static bool make_older(JournalFile *f, const IoDir *dir, Err *err)
{
    char from[JOURNAL_FILE_NAME_MAX], to[JOURNAL_FILE_NAME_MAX];
    unsigned gap = 0;
    do journal_file_name(from, f->log, gap);
    while (io_exists(dir, from) && gap++ < JOURNAL_OLD_FILES);
    if (gap > JOURNAL_OLD_FILES) gap = JOURNAL_OLD_FILES; // the oldest is overwritten
    for (unsigned age = gap; age > 0; age--) {
        journal_file_name(from, f->log, age - 1);
        journal_file_name(to, f->log, age);
        if (!io_rename(dir, from, to, err)) return false;
    }
    return true;
}

static bool rotate(JournalFile *f, const IoDir *dir, Err *err)
{
    if (!make_older(f, dir, err)) return false;
    JournalFile fresh;
    if (!journal_file_open(&fresh, dir, f->log, f->rotate_bytes, err)) return false;
    io_close(&f->file);
    *f = fresh;
    return true;
}

// Length of the whole lines at the front that fit into `room`; at least one line.
static size_t lines_within(Str lines, int64_t room)
{
    size_t first = str_find_byte(lines, '\n', 0) + 1; // lines end with a newline, so there is one
    if (room <= (int64_t)first) return first;
    if ((uint64_t)room >= lines.len) return lines.len;
    const char *last = memrchr(lines.at, '\n', (size_t)room);
    return last ? (size_t)(last - lines.at) + 1 : first;
}

// What of a failed write reached the file: keeps its whole lines and cuts the rest off.
static size_t settle(JournalFile *f, Str part)
{
    Err ignored = {0};
    int64_t now = 0;
    if (!io_size(&f->file, &now, &ignored) || now <= f->size) return 0;
    size_t there = (uint64_t)(now - f->size) < part.len ? (size_t)(now - f->size) : part.len;
    const char *last = memrchr(part.at, '\n', there);
    size_t whole = last ? (size_t)(last - part.at) + 1 : 0;
    f->size += (int64_t)whole;
    f->torn = now != f->size && !io_truncate(&f->file, f->size, &ignored);
    if (f->torn) f->size = now;
    return whole;
}

bool journal_file_write(JournalFile *f, const IoDir *dir, Str lines, size_t *written, Err *err)
{
    *written = 0;
    if (f->torn) {
        if (!io_write(&f->file, "\n", 1, -1, err)) return false;
        f->size++;
        f->torn = false;
    }
    while (*written < lines.len) {
        Str rest = str_slice(lines, *written, SIZE_MAX);
        size_t first = str_find_byte(rest, '\n', 0) + 1;
        if (f->size > 0 && f->size + (int64_t)first > f->rotate_bytes && !rotate(f, dir, err)) return false;
        Str part = str_slice(rest, 0, lines_within(rest, f->rotate_bytes - f->size));
        if (!io_write(&f->file, part.at, part.len, -1, err)) {
            *written += settle(f, part);
            return false;
        }
        f->size += (int64_t)part.len;
        *written += part.len;
    }
    return true;
}
