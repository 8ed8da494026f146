// Buffer: the text of an editor: a gap buffer of bytes beside a gap buffer of line starts. Line starts in
// front of the edit point are kept as offsets from the front, those behind it as distances from the end, so
// that typing moves none of them. Any bytes are allowed; lines end with \n. Relies on base/str.
#ifndef TUI_TEXT_BUFFER_H
#define TUI_TEXT_BUFFER_H

#include "engine/base/buf.h"
#include "engine/base/err.h"

#ifndef BUFFER_GAP // tests are also built with a tiny gap
#define BUFFER_GAP 4096
#endif
enum { BUFFER_BYTES_MAX = 64 << 20 };

typedef struct Buffer {
    char *at;                  // text before the gap, gap, text behind it
    size_t gap, gap_size, cap; // gap starts at byte `gap`
    uint32_t *line;            // line starts; [0, line_gap) from the front, the others from the end
    size_t line_gap, line_count, line_cap;
} Buffer;

void buffer_init(Buffer *b);
void buffer_done(Buffer *b);
size_t buffer_len(const Buffer *b);
// False (54000, or 53200) when the text would pass BUFFER_BYTES_MAX; nothing has changed then. at <= length.
MUST_CHECK bool buffer_insert(Buffer *b, size_t at, Str text, Err *err);
void buffer_delete(Buffer *b, size_t at, size_t len); // clamped to the text
char buffer_byte(const Buffer *b, size_t at);         // 0 at and behind the end
// Bytes [from, from + len) in one piece, borrowed until the next change; may move the gap.
Str buffer_slice(Buffer *b, size_t from, size_t len);
// The same appended to out, moving nothing.
void buffer_copy(const Buffer *b, size_t from, size_t len, Bytes *out);
size_t buffer_lines(const Buffer *b);                   // at least 1
size_t buffer_line_start(const Buffer *b, size_t line); // from 0; the end of the text past the last line
size_t buffer_line_end(const Buffer *b, size_t line);   // before its \n
size_t buffer_line_of(const Buffer *b, size_t at);      // which line holds that byte
// First needle at or behind `from` (or the last one that ends at or before `from`, backwards); SIZE_MAX.
// fold: ASCII case.
size_t buffer_find(const Buffer *b, Str needle, size_t from, bool backwards, bool fold);
// Grapheme borders around a byte.
size_t buffer_next(const Buffer *b, size_t at);
size_t buffer_prev(const Buffer *b, size_t at);

#endif
