// Buffer: both gap buffers. Line starts follow the text's edit point, not its gap: reading moves only the
// text's gap. Relies on buffer.h, base/size, base/utf8.
#include "tui/text/buffer.h"
#include "engine/base/size.h"
#include "engine/base/utf8.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { GRAPHEME_WINDOW = 64, LINES_FIRST = 64 };

void buffer_init(Buffer *b) { *b = (Buffer){.line_gap = 1, .line_count = 1}; }

void buffer_done(Buffer *b)
{
    free(b->at);
    free(b->line);
    *b = (Buffer){0};
}

size_t buffer_len(const Buffer *b) { return b->cap - b->gap_size; }

// --- lines
// ---------------------------------------------------------------------------------------------------

static size_t line_start(const Buffer *b, size_t i)
{
    if (i == 0) return 0;
    return i < b->line_gap ? b->line[i] : buffer_len(b) - b->line[b->line_cap - (b->line_count - i)];
}

static bool lines_reserve(Buffer *b, size_t more)
{
    if (b->line_count + more <= b->line_cap) return true;
    size_t cap = b->line_cap ? b->line_cap * 2 : LINES_FIRST, behind = b->line_count - b->line_gap;
    if (cap < b->line_count + more) cap = b->line_count + more;
    uint32_t *line = size_realloc(b->line, cap, sizeof *line);
    if (!line) return false;
    memmove(line + cap - behind, line + b->line_cap - behind, behind * sizeof *line);
    b->line = line;
    b->line_cap = cap;
    return true;
}

// Line starts at or before `at` in front of the gap, the others behind it.
static void lines_part(Buffer *b, size_t at)
{
    size_t len = buffer_len(b);
    while (b->line_gap < b->line_count && line_start(b, b->line_gap) <= at) {
        size_t start = line_start(b, b->line_gap);
        b->line[b->line_gap++] = (uint32_t)start;
    }
    while (b->line_gap > 1 && b->line[b->line_gap - 1] > at) {
        size_t start = b->line[--b->line_gap];
        b->line[b->line_cap - (b->line_count - b->line_gap)] = (uint32_t)(len - start);
    }
}

size_t buffer_lines(const Buffer *b) { return b->line_count; }

size_t buffer_line_start(const Buffer *b, size_t line)
{
    return line < b->line_count ? line_start(b, line) : buffer_len(b);
}

size_t buffer_line_end(const Buffer *b, size_t line)
{
    return line + 1 < b->line_count ? line_start(b, line + 1) - 1 : buffer_len(b);
}

size_t buffer_line_of(const Buffer *b, size_t at)
{
    size_t low = 0, high = b->line_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (line_start(b, middle) <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

// --- text
// ----------------------------------------------------------------------------------------------------

static void gap_move(Buffer *b, size_t to)
{
    if (to < b->gap)
        memmove(b->at + to + b->gap_size, b->at + to, b->gap - to);
    else if (to > b->gap)
        memmove(b->at + b->gap, b->at + b->gap + b->gap_size, to - b->gap);
    b->gap = to;
}

static bool gap_reserve(Buffer *b, size_t more)
{
    if (more <= b->gap_size) return true;
    size_t len = buffer_len(b), cap = len + more + BUFFER_GAP + len / 8, behind = len - b->gap;
    char *at = size_realloc(b->at, cap, 1);
    if (!at) return false;
    memmove(at + cap - behind, at + b->gap + b->gap_size, behind);
    b->at = at;
    b->gap_size = cap - len;
    b->cap = cap;
    return true;
}

bool buffer_insert(Buffer *b, size_t at, Str text, Err *err)
{
    size_t len = buffer_len(b), newlines = 0;
    assert(at <= len);
    if (text.len == 0) return true;
    if (text.len > BUFFER_BYTES_MAX - len)
        return err_set(err, SQLSTATE_LIMIT, "the text would be larger than %d MiB", BUFFER_BYTES_MAX >> 20);
    for (size_t i = 0; i < text.len; i++) newlines += text.at[i] == '\n';
    if (!gap_reserve(b, text.len) || !lines_reserve(b, newlines + 1))
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for %zu bytes of text", text.len);
    lines_part(b, at);
    gap_move(b, at);
    memcpy(b->at + at, text.at, text.len);
    b->gap += text.len;
    b->gap_size -= text.len;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '\n') continue;
        b->line[b->line_gap++] = (uint32_t)(at + i + 1);
        b->line_count++;
    }
    return true;
}

void buffer_delete(Buffer *b, size_t at, size_t len)
{
    size_t all = buffer_len(b);
    if (at >= all || len == 0) return;
    if (len > all - at) len = all - at;
    if (b->line) {
        lines_part(b, at);
        while (b->line_gap < b->line_count && line_start(b, b->line_gap) <= at + len) b->line_count--;
    }
    gap_move(b, at);
    b->gap_size += len;
}

char buffer_byte(const Buffer *b, size_t at)
{
    if (at >= buffer_len(b)) return 0;
    return b->at[at < b->gap ? at : at + b->gap_size];
}

Str buffer_slice(Buffer *b, size_t from, size_t len)
{
    size_t all = buffer_len(b);
    if (from > all) from = all;
    if (len > all - from) len = all - from;
    if (len == 0) return (Str){"", 0};
    if (from < b->gap && from + len > b->gap)
        gap_move(b, b->gap - from < from + len - b->gap ? from : from + len);
    return (Str){b->at + (from < b->gap ? from : from + b->gap_size), len};
}

void buffer_copy(const Buffer *b, size_t from, size_t len, Bytes *out)
{
    size_t all = buffer_len(b);
    if (from > all) from = all;
    if (len > all - from) len = all - from;
    size_t front = from < b->gap ? (b->gap - from < len ? b->gap - from : len) : 0;
    if (front > 0) bytes_put(out, (Str){b->at + from, front});
    if (len > front) bytes_put(out, (Str){b->at + from + front + b->gap_size, len - front});
}

// --- finding
// -------------------------------------------------------------------------------------------------

static char fold_byte(char c, bool fold) { return fold && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

static bool matches(const Buffer *b, size_t at, Str needle, bool fold)
{
    for (size_t i = 0; i < needle.len; i++)
        if (fold_byte(buffer_byte(b, at + i), fold) != fold_byte(needle.at[i], fold)) return false;
    return true;
}

// The next place at or behind `from` where a match could begin; `end` when there is none.
static size_t next_candidate(const Buffer *b, size_t from, size_t end, char first)
{
    char other = first >= 'a' && first <= 'z' ? (char)(first - 32) : first;
    while (from < end) {
        size_t stop = from < b->gap && end > b->gap ? b->gap : end;
        const char *at = b->at + (from < b->gap ? from : from + b->gap_size),
                   *lower = memchr(at, first, stop - from);
        const char *upper =
            other == first ? NULL : memchr(at, other, lower ? (size_t)(lower - at) : stop - from);
        const char *hit = upper ? upper : lower;
        if (hit) return from + (size_t)(hit - at);
        from = stop;
    }
    return end;
}

size_t buffer_find(const Buffer *b, Str needle, size_t from, bool backwards, bool fold)
{
    size_t len = buffer_len(b);
    if (needle.len == 0 || needle.len > len) return SIZE_MAX;
    size_t last = len - needle.len;
    if (backwards) {
        if (from < needle.len) return SIZE_MAX;
        size_t at = from - needle.len < last ? from - needle.len : last;
        for (;; at--) {
            if (matches(b, at, needle, fold)) return at;
            if (at == 0) return SIZE_MAX;
        }
    }
    char first = fold_byte(needle.at[0], fold);
    bool both = fold && first >= 'a' && first <= 'z';
    for (size_t at = from; at <= last; at++) {
        if (both || !(first >= 'a' && first <= 'z')) at = next_candidate(b, at, last + 1, first);
        if (at <= last && matches(b, at, needle, fold)) return at;
    }
    return SIZE_MAX;
}

size_t buffer_next(const Buffer *b, size_t at)
{
    char text[GRAPHEME_WINDOW];
    size_t len = 0;
    while (len < sizeof text && at + len < buffer_len(b)) {
        text[len] = buffer_byte(b, at + len);
        len++;
        if (len == 1 && (unsigned char)text[0] < 0x80 && (unsigned char)buffer_byte(b, at + 1) < 0x80)
            return at + 1;
    }
    return at + (len ? utf8_grapheme_next((Str){text, len}, 0) : 0);
}

size_t buffer_prev(const Buffer *b, size_t at)
{
    char text[GRAPHEME_WINDOW];
    size_t len = at < sizeof text ? at : sizeof text;
    if (len == 0) return 0;
    if ((unsigned char)buffer_byte(b, at - 1) < 0x80) return at - 1;
    for (size_t i = 0; i < len; i++) text[i] = buffer_byte(b, at - len + i);
    return at - len + utf8_grapheme_prev((Str){text, len}, len);
}
