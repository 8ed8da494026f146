// Rowset: rows are encoded one after another into an open chunk; a full chunk is sealed, never changes again
// and may go to the file. The reader works on whole sealed chunks (or a copy of the open one) that it keeps
// by reference, so the lock is held only to find a chunk or to add a row.
//
// A chunk: uint32 offsets of its rows and of its end, then the rows. A cell: its length + 1 as a varint (0 =
// NULL), then its bytes.
#include "engine/data/rowset.h"

#include "engine/base/size.h"
#include "engine/base/thread.h"
#include "engine/base/utf8.h"
#include "engine/data/cell_text.h"

#include <stdlib.h>

enum {
    CHUNK_ROWS = 4096,
    CHUNK_BYTES = 64 << 10, // sealed when it has grown past this
    CHUNKS_MAX = 1 << 26,
    ROW_BYTES_MAX = 1 << 30,
    CACHE_CHUNKS = 8,
    WIDTH_MAX = 4000,       // terminal cells
    WIDTH_BYTES = 4 * 4000, // no more bytes of a cell are looked at
    VARINT_MAX = 5,
};

typedef struct Chunk {
    uint64_t first;
    uint32_t rows;
    Buf *buf; // NULL = in the file
    size_t size;
    int64_t offset;
} Chunk;

// What the reader holds: rows first … first+rows-1. A copy of the open chunk may know fewer rows than there
// are now.
typedef struct Held {
    uint64_t first;
    uint32_t rows;
    Buf *buf; // NULL = free
} Held;

struct Rowset {
    Arena mem; // columns
    uint32_t columns;
    ResultColumn *column;
    atomic_uint *width;
    Io io;
    size_t memory_max;

    Mutex lock; // chunks and the open chunk; the writer reads its own without
    Chunk *chunk;
    size_t chunks, chunk_cap;
    Bytes open;
    uint32_t open_at[CHUNK_ROWS + 1]; // offsets in `open`; [open_rows] is its end
    uint32_t open_rows;
    uint64_t open_first;
    IoFile file;
    atomic_uint_fast64_t count;

    // writer only
    Bytes row, cell;
    size_t memory, spilled; // bytes of sealed chunks in memory; chunks written so far
    int64_t file_size;

    // reader only
    Held held[CACHE_CHUNKS];
    unsigned next; // slot to replace
};

bool rowset_new(Rowset **out, const ResultColumn *column, uint32_t count, Io io, size_t memory_max, Err *err)
{
    Rowset *r = size_alloc_zero(1, sizeof *r);
    if (!r) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a result");
    r->columns = count;
    r->column = arena_array(&r->mem, ResultColumn, count ? count : 1);
    r->width = arena_array(&r->mem, atomic_uint, count ? count : 1);
    for (uint32_t i = 0; i < count; i++)
        r->column[i] = (ResultColumn){arena_copy(&r->mem, column[i].name), column[i].type};
    r->io = io;
    r->memory_max = memory_max;
    r->file = IO_FILE_NONE;
    mutex_init(&r->lock);
    bytes_init(&r->open, (size_t)ROW_BYTES_MAX + CHUNK_BYTES);
    bytes_init(&r->row, ROW_BYTES_MAX);
    bytes_init(&r->cell, ROW_BYTES_MAX);
    *out = r;
    return true;
}

void rowset_free(Rowset *r)
{
    if (!r) return;
    for (size_t i = 0; i < r->chunks; i++) buf_drop(r->chunk[i].buf);
    for (unsigned i = 0; i < CACHE_CHUNKS; i++) buf_drop(r->held[i].buf);
    free(r->chunk);
    if (r->file.fd >= 0) io_close(&r->file);
    bytes_done(&r->open);
    bytes_done(&r->row);
    bytes_done(&r->cell);
    mutex_done(&r->lock);
    arena_done(&r->mem);
    free(r);
}

uint64_t rowset_count(const Rowset *r) { return atomic_load_explicit(&r->count, memory_order_acquire); }
uint32_t rowset_columns(const Rowset *r) { return r->columns; }
const ResultColumn *rowset_column(const Rowset *r, uint32_t column) { return &r->column[column]; }
uint32_t rowset_width(const Rowset *r, uint32_t column)
{
    return atomic_load_explicit(&r->width[column], memory_order_relaxed);
}

// ---- writer ----

static void note_width(Rowset *r, uint32_t column, Str s)
{
    uint32_t known = atomic_load_explicit(&r->width[column], memory_order_relaxed);
    if (known >= WIDTH_MAX || !s.len) return;
    bool plain = true;
    size_t len = s.len < WIDTH_BYTES ? s.len : WIDTH_BYTES;
    for (size_t i = 0; i < len && plain; i++) plain = s.at[i] >= ' ' && s.at[i] <= '~';
    size_t width = plain ? len : utf8_width(str_slice(s, 0, len));
    if (width > WIDTH_MAX) width = WIDTH_MAX;
    if (width > known) atomic_store_explicit(&r->width[column], (unsigned)width, memory_order_relaxed);
}

static void put_varint(Bytes *b, uint64_t v)
{
    for (; v >= 128; v >>= 7) bytes_put_byte(b, (char)(v | 128));
    bytes_put_byte(b, (char)v);
}

static void encode_cell(Rowset *r, uint32_t column, const Vector *v, uint32_t row)
{
    if (vector_is_null(v, row)) {
        put_varint(&r->row, 0);
        return;
    }
    Phys phys = type_phys(v->type.id);
    const void *cell = (const char *)v->data + phys_size(phys) * vector_slot(v, row);
    Str s;
    if (phys == PHYS_TEXT && v->type.id != TYPE_BYTEA) {
        s = text_str(cell);
    } else {
        bytes_clear(&r->cell);
        cell_put_text(&r->cell, v->type.id, cell);
        s = bytes_str(&r->cell);
        if (r->cell.failed) r->row.failed = true;
    }
    note_width(r, column, s);
    put_varint(&r->row, (uint64_t)s.len + 1);
    bytes_put(&r->row, s);
}

static Buf *open_to_buf(const Rowset *r)
{
    size_t head = (r->open_rows + 1u) * sizeof(uint32_t);
    Buf *buf = buf_new(head + r->open.len);
    if (!buf) return NULL;
    memcpy(buf->at, r->open_at, head);
    if (r->open.len) memcpy(buf->at + head, r->open.at, r->open.len);
    return buf;
}

static bool reserve_chunk(Rowset *r, Err *err)
{
    if (r->chunks < r->chunk_cap) return true;
    if (r->chunks >= CHUNKS_MAX) return err_set(err, SQLSTATE_LIMIT, "the result is too long to be kept");
    size_t cap = r->chunk_cap ? 2 * r->chunk_cap : 64;
    mutex_lock(&r->lock);
    Chunk *grown = size_realloc(r->chunk, cap, sizeof *grown);
    if (grown) {
        r->chunk = grown;
        r->chunk_cap = cap;
    }
    mutex_unlock(&r->lock);
    return grown || err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a longer result");
}

static bool seal(Rowset *r, Err *err)
{
    if (!reserve_chunk(r, err)) return false;
    Buf *buf = open_to_buf(r);
    if (!buf) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a longer result");
    mutex_lock(&r->lock);
    r->chunk[r->chunks++] =
        (Chunk){.first = r->open_first, .rows = r->open_rows, .buf = buf, .size = buf->size};
    r->open_first += r->open_rows;
    r->open_rows = 0;
    bytes_clear(&r->open);
    mutex_unlock(&r->lock);
    r->memory += buf->size;
    if (r->open.cap > 16 * CHUNK_BYTES) { // one huge row does not hold its memory for ever
        mutex_lock(&r->lock);
        bytes_done(&r->open);
        bytes_init(&r->open, (size_t)ROW_BYTES_MAX + CHUNK_BYTES);
        mutex_unlock(&r->lock);
    }
    return true;
}

static bool open_file(Rowset *r, Err *err)
{
    if (r->file.fd >= 0) return true;
    IoFile file;
    if (!io_open_unnamed(&file, r->io, err)) return false;
    mutex_lock(&r->lock);
    r->file = file;
    mutex_unlock(&r->lock);
    return true;
}

// Oldest chunks first; a sealed chunk is written without the lock.
static bool spill(Rowset *r, Err *err)
{
    while (r->memory > r->memory_max && r->spilled < r->chunks) {
        if (!open_file(r, err)) return false;
        Chunk *c = &r->chunk[r->spilled];
        Buf *buf = c->buf;
        if (!io_write(&r->file, buf->at, buf->size, r->file_size, err)) return false;
        mutex_lock(&r->lock);
        c->offset = r->file_size;
        c->buf = NULL;
        mutex_unlock(&r->lock);
        r->file_size += (int64_t)buf->size;
        r->memory -= buf->size;
        r->spilled++;
        buf_drop(buf);
    }
    return true;
}

static bool add_row(Rowset *r, Err *err)
{
    if (r->row.failed)
        return err_set(err, SQLSTATE_LIMIT, "a row of the result is longer than %d bytes", ROW_BYTES_MAX);
    mutex_lock(&r->lock);
    r->open_at[r->open_rows] = (uint32_t)r->open.len;
    bytes_put(&r->open, bytes_str(&r->row));
    bool kept = !r->open.failed;
    if (kept) {
        r->open_at[++r->open_rows] = (uint32_t)r->open.len;
        atomic_store_explicit(&r->count, r->open_first + r->open_rows, memory_order_release);
    }
    mutex_unlock(&r->lock);
    if (!kept) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a longer result");
    if (r->open_rows < CHUNK_ROWS && r->open.len < CHUNK_BYTES) return true;
    return seal(r, err) && spill(r, err);
}

bool rowset_append(Rowset *r, const Batch *b, Err *err)
{
    uint32_t count = b->sel ? b->sel_len : b->rows;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = batch_row(b, i);
        bytes_clear(&r->row);
        for (uint32_t c = 0; c < r->columns; c++) encode_cell(r, c, &b->vector[c], row);
        if (!add_row(r, err)) return false;
    }
    return true;
}

// ---- reader ----

static Held *find_held(Rowset *r, uint64_t row)
{
    for (unsigned i = 0; i < CACHE_CHUNKS; i++) {
        Held *h = &r->held[i];
        if (h->buf && row >= h->first && row - h->first < h->rows) return h;
    }
    return NULL;
}

static const Chunk *find_chunk(const Rowset *r, uint64_t row)
{
    size_t low = 0, high = r->chunks; // the last chunk whose first row is at most `row`
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (r->chunk[middle].first <= row)
            low = middle;
        else
            high = middle;
    }
    return &r->chunk[low];
}

// The chunk with `row`, kept in the cache. row < rowset_count.
static Held *hold(Rowset *r, uint64_t row, Err *err)
{
    Held *h = find_held(r, row);
    if (h) return h;
    Held found = {0};
    Chunk c = {0};
    mutex_lock(&r->lock);
    bool open = row >= r->open_first;
    IoFile file = r->file;
    if (open) {
        found = (Held){r->open_first, r->open_rows, open_to_buf(r)};
    } else {
        c = *find_chunk(r, row);
        found = (Held){c.first, c.rows, c.buf ? buf_keep(c.buf) : NULL};
    }
    mutex_unlock(&r->lock);
    if (!open && !found.buf) {
        size_t got = 0;
        found.buf = buf_new(c.size);
        if (found.buf && (!io_read(&file, found.buf->at, c.size, c.offset, &got, err) || got != c.size)) {
            buf_drop(found.buf);
            if (!err_any(err))
                err_set(err, SQLSTATE_IO, "the temporary file of a result is shorter than what was written");
            return NULL;
        }
    }
    if (!found.buf) {
        err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory to read a result");
        return NULL;
    }
    h = &r->held[r->next];
    r->next = (r->next + 1) % CACHE_CHUNKS;
    buf_drop(h->buf);
    *h = found;
    return h;
}

// The bytes of one row.
static Str held_row(const Held *h, uint64_t row)
{
    uint32_t at[2];
    size_t head = (h->rows + 1u) * sizeof(uint32_t);
    memcpy(at, h->buf->at + (row - h->first) * sizeof(uint32_t), sizeof at);
    return str_slice((Str){(const char *)h->buf->at + head, h->buf->size - head}, at[0], at[1] - at[0]);
}

// Takes the next cell off *rest; false = the bytes are damaged.
static bool next_cell(Str *rest, Str *text, bool *null)
{
    uint64_t v = 0;
    size_t i = 0;
    for (unsigned shift = 0;; shift += 7, i++) {
        if (i >= rest->len || i >= VARINT_MAX) return false;
        v |= (uint64_t)(rest->at[i] & 127) << shift;
        if (!(rest->at[i] & 128)) break;
    }
    i++;
    *null = v == 0;
    size_t len = v ? (size_t)v - 1 : 0;
    if (len > rest->len - i) return false;
    *text = (Str){rest->at + i, len};
    *rest = (Str){rest->at + i + len, rest->len - i - len};
    return true;
}

bool rowset_cell(Rowset *r, uint64_t row, uint32_t column, Str *text, bool *null, Err *err)
{
    if (row >= rowset_count(r) || column >= r->columns)
        return err_set(err, SQLSTATE_INTERNAL, "row %llu, column %u is not in the result",
                       (unsigned long long)row, column);
    const Held *h = hold(r, row, err);
    if (!h) return false;
    Str rest = held_row(h, row);
    for (uint32_t c = 0; c <= column; c++)
        if (!next_cell(&rest, text, null))
            return err_set(err, SQLSTATE_CORRUPT, "the temporary file of a result is damaged");
    return true;
}

// ---- find ----

static char fold(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c; }

// needle is folded already and not empty.
static bool contains(Str s, Str needle)
{
    char low = needle.at[0], high = low >= 'a' && low <= 'z' ? (char)(low & ~32) : low;
    for (size_t i = 0; i + needle.len <= s.len; i++) {
        if (s.at[i] != low && s.at[i] != high) continue;
        size_t n = 1;
        while (n < needle.len && fold(s.at[i + n]) == needle.at[n]) n++;
        if (n == needle.len) return true;
    }
    return false;
}

// First (last when backwards) row of the held chunk from `from` on; UINT64_MAX if none.
static uint64_t find_in_chunk(const Rowset *r, const Held *h, Str needle, uint64_t from, bool backwards,
                              uint32_t *column)
{
    size_t head = (h->rows + 1u) * sizeof(uint32_t);
    if (!contains((Str){(const char *)h->buf->at + head, h->buf->size - head}, needle)) return UINT64_MAX;
    uint64_t last = h->first + h->rows - 1;
    for (uint64_t row = from;; row += backwards ? UINT64_MAX : 1) {
        Str rest = held_row(h, row), text;
        bool null;
        for (uint32_t c = 0; c < r->columns && next_cell(&rest, &text, &null); c++) {
            if (null || !contains(text, needle)) continue;
            *column = c;
            return row;
        }
        if (row == (backwards ? h->first : last)) return UINT64_MAX;
    }
}

static bool find_from(Rowset *r, Str needle, uint64_t from, bool backwards, const atomic_bool *stop,
                      uint64_t *row, uint32_t *column, Err *err)
{
    for (;;) {
        if (stop && atomic_load(stop)) return true;
        const Held *h = hold(r, from, err);
        if (!h) return false;
        *row = find_in_chunk(r, h, needle, from, backwards, column);
        if (*row != UINT64_MAX) return true;
        if (backwards ? h->first == 0 : h->first + h->rows >= rowset_count(r)) return true;
        from = backwards ? h->first - 1 : h->first + h->rows;
    }
}

bool rowset_find(Rowset *r, Str needle, uint64_t from, bool backwards, const atomic_bool *stop, uint64_t *row,
                 uint32_t *column, Err *err)
{
    *row = UINT64_MAX;
    uint64_t count = rowset_count(r);
    if (!needle.len || !count || (!backwards && from >= count)) return true;
    if (from >= count) from = count - 1;
    char small[256];
    char *folded = needle.len <= sizeof small ? small : size_alloc(needle.len, 1);
    if (!folded) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory to search a result");
    for (size_t i = 0; i < needle.len; i++) folded[i] = fold(needle.at[i]);
    bool went = find_from(r, (Str){folded, needle.len}, from, backwards, stop, row, column, err);
    if (folded != small) free(folded);
    return went;
}
