// DumpFile: one pass over the file makes a sparse index (the offset of every STRIDE-th line) and the outline;
// a line is then found by one read of the window that begins at its stride. Relies on io, size.
#include "tui/panes/dump_file.h"

#include "engine/base/size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STRIDE = 64, CHUNK = 1 << 20, HEAD_MAX = 256, OFFSETS_MAX = 1 << 28 };

struct DumpFile {
    IoFile file;
    int64_t *offset; // of line i * STRIDE
    size_t offsets, offsets_cap;
    uint64_t lines;
    DumpEntry *entry;
    size_t entries, entries_cap;
    Bytes window; // bytes from window_at on, that begin with line window_line
    int64_t window_at;
    uint64_t window_line;
    Bytes line;   // lent to the caller
    bool in_rows; // while indexing: the last entry is an INSERT or COPY whose rows go on
};

// ---- the outline ----

typedef struct Opening {
    const char *words, *what;
} Opening;
static const Opening openings[] = {
    {"CREATE TABLE ", "table"},
    {"INSERT INTO ", "rows"},
    {"COPY ", "rows"},
    {"CREATE INDEX ", "index"},
    {"CREATE UNIQUE INDEX ", "index"},
    {"ALTER TABLE ", "constraint"},
    {"CREATE VIEW ", "view"},
    {"CREATE ", "other"},
};

static bool starts_fold(Str s, Str words)
{
    return s.len >= words.len && str_equal_fold(str_slice(s, 0, words.len), words);
}

static Str first_name(Str rest)
{
    static const char *const skipped[] = {"IF NOT EXISTS ", "ONLY ", "IF EXISTS "};
    for (size_t i = 0; i < COUNT_OF(skipped); i++)
        if (starts_fold(rest, str_of(skipped[i]))) rest = str_slice(rest, strlen(skipped[i]), rest.len);
    size_t end = 0;
    char quote = rest.len && (rest.at[0] == '"' || rest.at[0] == '`') ? rest.at[0] : 0;
    if (quote) {
        size_t close = str_find_byte(rest, quote, 1);
        return close == SIZE_MAX ? rest : str_slice(rest, 1, close - 1);
    }
    while (end < rest.len && rest.at[end] != ' ' && rest.at[end] != '(' && rest.at[end] != ';') end++;
    return str_slice(rest, 0, end);
}

static bool add_entry(DumpFile *f, const char *what, Str name, Err *err)
{
    if (f->entries == DUMP_ENTRIES_MAX) return true; // the text is all there; the outline stops
    DumpEntry *last = f->entries ? &f->entry[f->entries - 1] : NULL;
    char text[sizeof last->name];
    snprintf(text, sizeof text, "%.*s", STR_ARG(name));
    if (last && strcmp(what, "rows") == 0 && strcmp(last->what, what) == 0 && strcmp(last->name, text) == 0)
        return true; // same run
    if (f->entries == f->entries_cap) {
        size_t cap = f->entries_cap ? 2 * f->entries_cap : 64;
        DumpEntry *more = size_realloc(f->entry, cap, sizeof *more);
        if (!more) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the outline");
        f->entry = more;
        f->entries_cap = cap;
    }
    DumpEntry *e = &f->entry[f->entries++];
    *e = (DumpEntry){.line = f->lines};
    snprintf(e->what, sizeof e->what, "%s", what);
    memcpy(e->name, text, sizeof text);
    return true;
}

static bool look_at_line(DumpFile *f, Str head, Err *err)
{
    Str trimmed = str_trim(head);
    for (size_t i = 0; i < COUNT_OF(openings); i++) {
        if (!starts_fold(trimmed, str_of(openings[i].words))) continue;
        f->in_rows = strcmp(openings[i].what, "rows") == 0;
        Str rest = str_slice(trimmed, strlen(openings[i].words), trimmed.len);
        if (!add_entry(f, openings[i].what, first_name(rest), err)) return false;
        // "INSERT … VALUES (…)" on one line is a row; our own dumps write the rows on lines of their own.
        if (f->in_rows && str_find(trimmed, STR("VALUES ("), 0) != SIZE_MAX) f->entry[f->entries - 1].rows++;
        return true;
    }
    if (f->in_rows && f->entries && trimmed.len && trimmed.at[0] == '(') f->entry[f->entries - 1].rows++;
    return true;
}

static bool add_offset(DumpFile *f, int64_t at, Err *err)
{
    if (f->offsets == f->offsets_cap) {
        size_t cap = f->offsets_cap ? 2 * f->offsets_cap : 1024;
        int64_t *more = cap > OFFSETS_MAX ? NULL : size_realloc(f->offset, cap, sizeof *more);
        if (!more) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the index of lines");
        f->offset = more;
        f->offsets_cap = cap;
    }
    f->offset[f->offsets++] = at;
    return true;
}

typedef struct Indexing {
    char head[HEAD_MAX];
    size_t head_len;
} Indexing;

// Takes bytes in order; a line's first HEAD_MAX bytes are enough for the outline.
static bool index_bytes(DumpFile *f, Indexing *x, const char *bytes, size_t len, int64_t base, Err *err)
{
    for (size_t at = 0; at < len;) {
        const char *newline = memchr(bytes + at, '\n', len - at);
        size_t end = newline ? (size_t)(newline - bytes) : len;
        size_t take = end - at < HEAD_MAX - x->head_len ? end - at : HEAD_MAX - x->head_len;
        memcpy(x->head + x->head_len, bytes + at, take);
        x->head_len += take;
        if (!newline) return true;
        if (!look_at_line(f, (Str){x->head, x->head_len}, err)) return false;
        x->head_len = 0;
        f->lines++;
        at = end + 1;
        if (f->lines % STRIDE == 0 && !add_offset(f, base + (int64_t)at, err)) return false;
    }
    return true;
}

static bool index_file(DumpFile *f, const atomic_bool *stop, Err *err)
{
    char *chunk = size_alloc(CHUNK, 1);
    if (!chunk) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory");
    Indexing x = {0};
    size_t got = CHUNK;
    bool ok = add_offset(f, 0, err);
    for (int64_t at = 0; ok && got == CHUNK; at += (int64_t)got) {
        ok = io_read(&f->file, chunk, CHUNK, at, &got, err) && index_bytes(f, &x, chunk, got, at, err);
        if (ok && stop && atomic_load(stop)) ok = err_set(err, SQLSTATE_CANCELED, "stopped");
    }
    if (ok && x.head_len) { // a last line without a newline
        ok = look_at_line(f, (Str){x.head, x.head_len}, err);
        f->lines++;
    }
    free(chunk);
    return ok;
}

bool dump_file_open(DumpFile **out, Io io, const char *path, const atomic_bool *stop, Err *err)
{
    DumpFile *f = size_alloc_zero(1, sizeof *f);
    if (!f) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory");
    f->file = IO_FILE_NONE;
    f->window_at = -1;
    bytes_init(&f->window, STRIDE * (size_t)DUMP_LINE_MAX + CHUNK);
    bytes_init(&f->line, DUMP_LINE_MAX + 1);
    if (!io_open_path(&f->file, io, path, IO_READ, err) || !index_file(f, stop, err)) {
        dump_file_close(f);
        return false;
    }
    *out = f;
    return true;
}

void dump_file_close(DumpFile *f)
{
    if (!f) return;
    io_close(&f->file);
    bytes_done(&f->window);
    bytes_done(&f->line);
    free(f->offset);
    free(f->entry);
    free(f);
}

uint64_t dump_file_lines(const DumpFile *f) { return f->lines; }
size_t dump_file_entries(const DumpFile *f) { return f->entries; }
const DumpEntry *dump_file_entry(const DumpFile *f, size_t i) { return &f->entry[i]; }

// ---- reading lines ----

// The window holds one whole stride of lines, however long they are (up to its limit).
static bool load_window(DumpFile *f, uint64_t line)
{
    size_t at = (size_t)(line / STRIDE);
    if (at >= f->offsets) return false;
    if (f->window_at == f->offset[at]) return true;
    Err err = {0};
    int64_t from = f->offset[at], to = 0;
    if (at + 1 < f->offsets)
        to = f->offset[at + 1];
    else if (!io_size(&f->file, &to, &err))
        return false;
    size_t want = to > from ? (size_t)(to - from) : 0, got = 0;
    if (want > f->window.max - 1) want = f->window.max - 1;
    bytes_clear(&f->window);
    char *place = bytes_reserve(&f->window, want + 1);
    if (!place || !io_read(&f->file, place, want, from, &got, &err)) return false;
    bytes_reserve_done(&f->window, got);
    f->window_at = from;
    f->window_line = at * (uint64_t)STRIDE;
    return true;
}

static Str line_in_window(const DumpFile *f, uint64_t line)
{
    Str rest = bytes_str(&f->window);
    for (uint64_t i = f->window_line; i < line && rest.len; i++) str_cut(&rest, '\n');
    return str_slice(str_cut(&rest, '\n'), 0, DUMP_LINE_MAX);
}

Str dump_file_line(DumpFile *f, uint64_t line)
{
    if (line >= f->lines || !load_window(f, line)) return STR_NONE;
    bytes_clear(&f->line);
    bytes_put(&f->line, line_in_window(f, line));
    return bytes_str(&f->line);
}

static bool holds(Str line, Str needle)
{
    for (size_t i = 0; i + needle.len <= line.len; i++)
        if (str_equal_fold(str_slice(line, i, needle.len), needle)) return true;
    return false;
}

uint64_t dump_file_find(DumpFile *f, Str needle, uint64_t from, bool backwards)
{
    if (needle.len == 0) return UINT64_MAX;
    for (uint64_t n = 0; n < f->lines; n++) {
        if (backwards && from < n + 1) break;
        uint64_t line = backwards ? from - 1 - n : from + n;
        if (line >= f->lines) break;
        if (load_window(f, line) && holds(line_in_window(f, line), needle)) return line;
    }
    return UINT64_MAX;
}
