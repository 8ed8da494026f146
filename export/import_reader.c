// Reader: a file or standard input, read in pieces that double while one statement does not fit, so that
// looking again at its beginning stays cheap.
#include "export/import_in.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { READ_PIECE = 64 << 10 };

bool import_reader_open(ImportReader *r, Io io, const char *path, Err *err)
{
    *r = (ImportReader){.path = path, .file = IO_FILE_NONE, .line = 1, .column = 1};
    bytes_init(&r->buffer, (size_t)IMPORT_STATEMENT_MAX * 2);
    if (strcmp(path, "-") == 0) {
        r->path = "standard input";
        r->file = (IoFile){.io = io, .fd = STDIN_FILENO};
        return true;
    }
    if (!io_open_path(&r->file, io, path, IO_READ, err)) return false;
    int64_t size = 0;
    Err ignored = {0};
    if (io_size(&r->file, &size, &ignored) && size > 0) r->size = (uint64_t)size;
    return true;
}

void import_reader_close(ImportReader *r)
{
    if (r->file.fd > STDIN_FILENO) io_close(&r->file);
    bytes_done(&r->buffer);
}

bool import_reader_more(ImportReader *r, Err *err)
{
    if (r->end) return true;
    size_t waiting = r->buffer.len - r->front;
    if (waiting > IMPORT_STATEMENT_MAX) {
        err_set(err, SQLSTATE_LIMIT, "a statement is longer than %d MB", IMPORT_STATEMENT_MAX >> 20);
        return import_reader_locate(r, 0, err);
    }
    if (r->front) {
        bytes_remove_front(&r->buffer, r->front);
        r->front = 0;
    }
    size_t want = waiting > READ_PIECE ? waiting : READ_PIECE, got = 0;
    char *room = bytes_reserve(&r->buffer, want);
    if (!room) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory to read %s", r->path);
    bool ok = io_read(&r->file, room, want, -1, &got, err);
    bytes_reserve_done(&r->buffer, ok ? got : 0);
    r->end = ok && got < want;
    return ok;
}

void import_reader_drop(ImportReader *r, size_t count)
{
    const char *at = r->buffer.at + r->front;
    for (size_t i = 0; i < count; i++) {
        if (at[i] == '\n') {
            r->line++;
            r->column = 1;
        } else if (((unsigned char)at[i] & 0xc0) != 0x80) {
            r->column++;
        }
    }
    r->front += count;
    r->done += count;
}

bool import_reader_locate(const ImportReader *r, size_t at, Err *err)
{
    Str text = str_slice(import_reader_text(r), 0, at);
    uint32_t line = r->line, column = r->column;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text.at[i] & 0xc0) != 0x80) {
            column++;
        }
    }
    Err told = *err;
    err_clear(&told);
    err_set(&told, err->state, "%s:%" PRIu32 ":%" PRIu32 ": %s", r->path, line, column, err->text);
    memcpy(told.hint, err->hint, sizeof told.hint);
    memcpy(told.notes, err->notes, sizeof told.notes);
    told.line = line;
    told.column = column;
    told.at = err->at;
    *err = told;
    return false;
}

bool import_reader_line(ImportReader *r, Str *line, size_t *ending, bool *found, Err *err)
{
    for (;;) {
        Str text = import_reader_text(r);
        size_t end = str_find_byte(text, '\n', 0);
        *found = text.len > 0;
        if (end != SIZE_MAX || r->end) {
            *ending = end != SIZE_MAX ? 1 : 0;
            *line = str_slice(text, 0, end != SIZE_MAX ? end : text.len);
            return true;
        }
        if (!import_reader_more(r, err)) return false;
    }
}
