// Spill: a chunk is a batch laid out column by column: a word that tells of nulls, the null bitmap, the
// cells, then the bytes that long cells point to, each at a multiple of 8. Chunks are gathered and written as
// extents; a Spill is the list of its extents.
#include "engine/exec/spill.h"

#include "engine/base/hash.h"
#include "engine/base/size.h"
#include "engine/base/thread.h"
#include "engine/exec/measure.h"
#include <stdlib.h>
#include <string.h>

struct ExecSpill {
    Mutex lock;
    IoFile file;
    int64_t end;
};

void exec_spill_init(Exec *x)
{
    x->spill = arena_new(&x->mem, ExecSpill);
    mutex_init(&x->spill->lock);
    x->spill->file = IO_FILE_NONE;
}

void exec_spill_done(Exec *x)
{
    if (x->spill->file.fd >= 0) io_close(&x->spill->file);
    mutex_done(&x->spill->lock);
}

void spill_init(Spill *s, Operator *op, const Type *type, const bool *stay, uint32_t columns)
{
    *s = (Spill){.op = op, .columns = columns, .type = type, .stay = stay};
}

void spill_done(Spill *s)
{
    free(s->buf);
    free(s->extent);
    *s = (Spill){0};
}

// ---- writing ----

static bool no_memory(Err *err)
{
    return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while putting rows aside in a file");
}

static size_t to_eight(size_t n) { return (n + 7) & ~(size_t)7; }

// Room for `more` bytes behind what is there, zeroed; NULL when memory is out.
static unsigned char *room(Spill *s, size_t more)
{
    more = to_eight(more);
    if (s->len + more > s->cap) {
        size_t cap = s->cap ? s->cap : SPILL_BYTES;
        while (cap < s->len + more) cap *= 2;
        unsigned char *bigger = size_realloc(s->buf, cap, 1);
        if (!bigger) return NULL;
        s->buf = bigger;
        s->cap = cap;
    }
    unsigned char *at = s->buf + s->len;
    memset(at, 0, more);
    s->len += more;
    return at;
}

static bool file_open(ExecSpill *f, const ExecContext *ctx, Err *err)
{
    if (f->file.fd >= 0) return true;
    return io_open_unnamed(&f->file, ctx->io.ops ? ctx->io : io_posix(), err);
}

static bool flush(Spill *s, Err *err)
{
    const Exec *x = s->op->exec;
    ExecSpill *f = x->spill;
    if (s->extents == s->extent_cap) {
        uint32_t cap = s->extent_cap ? s->extent_cap * 2 : 8;
        SpillExtent *bigger = size_realloc(s->extent, cap, sizeof *bigger);
        if (!bigger) return no_memory(err);
        s->extent = bigger;
        s->extent_cap = cap;
    }
    mutex_lock(&f->lock);
    bool ok = file_open(f, x->ctx, err);
    int64_t at = f->end;
    f->end += (int64_t)s->len;
    mutex_unlock(&f->lock);
    if (!ok || !io_write(&f->file, s->buf, s->len, at, err))
        return err_note(err, "while putting rows of the statement aside in a file");
    if (s->op->seen) atomic_fetch_add(&s->op->seen->spilled, s->len);
    s->extent[s->extents++] = (SpillExtent){at, s->len};
    s->len = 0;
    return true;
}

#define SPILL_CELLS(T)                                                                                       \
    do {                                                                                                     \
        const T *from = v->data;                                                                             \
        T *to = (T *)(void *)at;                                                                             \
        if (v->constant)                                                                                     \
            for (uint32_t i = 0; i < count; i++) to[i] = from[0];                                            \
        else if (sel)                                                                                        \
            for (uint32_t i = 0; i < count; i++) to[i] = from[sel[i]];                                       \
        else                                                                                                 \
            memcpy(to, from, count * sizeof(T));                                                             \
    } while (0)

static bool put_cells(Spill *s, const Vector *v, const uint16_t *sel, uint32_t count)
{
    size_t cell = phys_size(type_phys(v->type.id));
    unsigned char *at = room(s, count * cell);
    if (!at) return false;
    switch (cell) {
    case 1: SPILL_CELLS(uint8_t); break;
    case 2: SPILL_CELLS(uint16_t); break;
    case 4: SPILL_CELLS(uint32_t); break;
    case 8: SPILL_CELLS(uint64_t); break;
    default: SPILL_CELLS(Text); break;
    }
    return true;
}

static bool put_nulls(Spill *s, const Vector *v, const uint16_t *sel, uint32_t count)
{
    unsigned char *told = room(s, sizeof(uint64_t));
    if (!told) return false;
    bool any = false;
    for (uint32_t i = 0; v->nulls && !any && i < count; i++) any = vector_is_null(v, sel ? sel[i] : i);
    if (!any) return true;
    told[0] = 1;
    uint64_t *nulls = (uint64_t *)(void *)room(s, (count + 63) / 64 * sizeof(uint64_t));
    if (!nulls) return false;
    for (uint32_t i = 0; i < count; i++)
        if (vector_is_null(v, sel ? sel[i] : i)) nulls[i >> 6] |= UINT64_C(1) << (i & 63);
    return true;
}

// The bytes behind a long cell, and how many; 0: all is in the cell.
static size_t behind(TypeId type, const void *cell, const void **at)
{
    if (type_phys(type) == PHYS_NUMERIC) {
        const Numeric *n = cell;
        *at = n->big;
        return numeric_long_bytes(n);
    }
    const Text *t = cell;
    *at = t->len > TEXT_INLINE ? t->at : NULL;
    return t->len > TEXT_INLINE ? t->len : 0;
}

static bool put_long(Spill *s, const Vector *v, const uint16_t *sel, uint32_t count)
{
    const unsigned char *cells = v->data;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        const void *from;
        if (vector_is_null(v, row)) continue;
        size_t len = behind(v->type.id, cells + (size_t)vector_slot(v, row) * sizeof(Text), &from);
        if (!len) continue;
        unsigned char *at = room(s, len);
        if (!at) return false;
        memcpy(at, from, len);
    }
    return true;
}

static bool put_chunk(Spill *s, const Vector *v, const uint16_t *sel, uint32_t count)
{
    unsigned char *rows = room(s, sizeof(uint64_t));
    if (!rows) return false;
    memcpy(rows, &count, sizeof count);
    for (uint32_t c = 0; c < s->columns; c++) {
        Vector own = v[c];
        own.type = s->type[c];
        if (!put_nulls(s, &own, sel, count) || !put_cells(s, &own, sel, count)) return false;
        bool far = phys_is_long(type_phys(own.type.id)) && !(s->stay && s->stay[c]);
        if (far && !put_long(s, &own, sel, count)) return false;
    }
    return true;
}

bool spill_add(Spill *s, const Vector *v, const uint16_t *sel, uint32_t count, Err *err)
{
    if (!count) return true;
    if (!put_chunk(s, v, sel, count)) return no_memory(err);
    s->rows += count;
    return s->len < SPILL_BYTES || flush(s, err);
}

bool spill_seal(Spill *s, Err *err)
{
    if (s->len && !flush(s, err)) return false;
    free(s->buf);
    s->buf = NULL;
    s->cap = 0;
    return true;
}

// ---- reading ----

void spill_read_begin(SpillReader *r, Spill *s)
{
    *r = (SpillReader){.spill = s};
    r->out =
        (Batch){.columns = s->columns, .vector = size_alloc_zero((size_t)s->columns + 1, sizeof(Vector))};
    if (!r->out.vector) abort();
}

void spill_read_done(SpillReader *r)
{
    free(r->buf);
    free(r->out.vector);
    *r = (SpillReader){0};
}

static bool next_extent(SpillReader *r, Err *err)
{
    Spill *s = r->spill;
    bool written = r->extent < s->extents;
    r->len = written ? s->extent[r->extent].len : s->len;
    r->at = 0;
    if (r->len > r->cap) {
        free(r->buf);
        r->cap = 0;
        if (!(r->buf = size_alloc(r->len, 1))) return no_memory(err);
        r->cap = r->len;
    }
    if (!written) {
        r->last = true;
        if (r->len) memcpy(r->buf, s->buf, r->len);
        return true;
    }
    size_t got;
    if (!io_read(&s->op->exec->spill->file, r->buf, r->len, s->extent[r->extent++].at, &got, err))
        return false;
    return got == r->len || err_set(err, SQLSTATE_CORRUPT, "rows put aside in a file came back cut short");
}

static unsigned char *take(SpillReader *r, size_t len)
{
    unsigned char *at = r->buf + r->at;
    r->at += to_eight(len);
    return at;
}

// Cells of this column point to what lies behind them now.
static void point(SpillReader *r, Vector *v, uint32_t rows)
{
    const bool numeric = type_phys(v->type.id) == PHYS_NUMERIC;
    for (uint32_t i = 0; i < rows; i++) {
        if (vector_is_null(v, i)) continue;
        if (numeric) {
            Numeric *n = (Numeric *)v->data + i;
            if (n->kind != NUMERIC_BIG) continue;
            n->big = (const NumericBig *)(const void *)(r->buf + r->at);
            (void)take(r, numeric_long_bytes(n));
        } else {
            Text *t = (Text *)v->data + i;
            if (t->len > TEXT_INLINE) t->at = (const char *)take(r, t->len);
        }
    }
}

bool spill_read(SpillReader *r, Batch **out, Err *err)
{
    const Spill *s = r->spill;
    uint32_t rows;
    *out = NULL;
    while (r->at >= r->len) {
        if (r->last) return true;
        if (!next_extent(r, err)) return false;
    }
    memcpy(&rows, take(r, sizeof(uint64_t)), sizeof rows);
    for (uint32_t c = 0; c < s->columns; c++) {
        Vector *v = &r->out.vector[c];
        bool nulls = take(r, sizeof(uint64_t))[0];
        *v = (Vector){.type = s->type[c]};
        if (nulls) v->nulls = (uint64_t *)(void *)take(r, (rows + 63) / 64 * sizeof(uint64_t));
        v->data = take(r, rows * phys_size(type_phys(v->type.id)));
        if (phys_is_long(type_phys(v->type.id)) && !(s->stay && s->stay[c])) point(r, v, rows);
    }
    r->out.rows = r->out.sel_len = rows;
    r->out.sel = NULL;
    *out = &r->out;
    return exec_go_on(s->op->exec, err);
}

// ---- parts ----

void spill_parts_init(SpillParts *p, Operator *op, const Type *type, const bool *stay, uint32_t columns,
                      unsigned level)
{
    p->level = level;
    for (int i = 0; i < SPILL_PARTS; i++) spill_init(&p->part[i], op, type, stay, columns);
}

void spill_parts_done(SpillParts *p)
{
    for (int i = 0; i < SPILL_PARTS; i++) spill_done(&p->part[i]);
}

bool spill_parts_add(SpillParts *p, const Vector *v, const uint16_t *sel, const uint64_t *hash,
                     uint32_t count, Err *err)
{
    uint16_t row[SPILL_PARTS][BATCH_ROWS];
    uint32_t rows[SPILL_PARTS] = {0};
    for (uint32_t i = 0; i < count; i++) {
        unsigned part = hash_u64(hash[i]) >> (60 - 4 * p->level) & (SPILL_PARTS - 1);
        row[part][rows[part]++] = sel ? sel[i] : (uint16_t)i;
    }
    for (int i = 0; i < SPILL_PARTS; i++)
        if (!spill_add(&p->part[i], v, row[i], rows[i], err)) return false;
    return true;
}
