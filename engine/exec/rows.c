// Rows: growing column arrays. One idea: contiguous cells, so that a window is a batch without copying and a
// gather is one load per cell.
#include "engine/exec/rows.h"

#include "engine/base/size.h"
#include <stdlib.h>
#include <string.h>

enum { ROWS_FIRST = 64 };

void rows_init(Rows *r, Memory *memory, const Type *type, uint32_t columns)
{
    *r = (Rows){.memory = memory, .columns = columns};
    arena_init(&r->mem, 0);
    r->column = size_alloc_zero(columns ? columns : 1, sizeof(RowsColumn));
    if (!r->column) abort();
    for (uint32_t c = 0; c < columns; c++) {
        Phys p = type_phys(type[c].id);
        r->column[c] =
            (RowsColumn){.type = type[c], .cell = (uint32_t)phys_size(p), .long_cells = phys_is_long(p)};
    }
}

void rows_init_batch(Rows *r, Memory *memory, const Batch *like)
{
    Type *type = size_alloc_zero(like->columns ? like->columns : 1, sizeof(Type));
    if (!type) abort();
    for (uint32_t c = 0; c < like->columns; c++) type[c] = like->vector[c].type;
    rows_init(r, memory, type, like->columns);
    free(type);
}

static size_t rows_null_bytes(uint32_t cap) { return (size_t)(cap + 63) / 64 * sizeof(uint64_t); }

void rows_done(Rows *r)
{
    if (!r->memory) return;
    for (uint32_t c = 0; c < r->columns; c++) {
        memory_free(r->memory, r->column[c].data, (size_t)r->cap * r->column[c].cell);
        memory_free(r->memory, r->column[c].nulls, rows_null_bytes(r->cap));
    }
    memory_give(r->memory, r->mem_counted);
    free(r->column);
    arena_done(&r->mem);
    *r = (Rows){0};
}

void rows_clear(Rows *r)
{
    for (uint32_t c = 0; c < r->columns; c++)
        if (r->column[c].nulls) memset(r->column[c].nulls, 0, rows_null_bytes(r->cap));
    r->count = 0;
    memory_give(r->memory, r->mem_counted);
    r->mem_counted = 0;
    arena_reset(&r->mem);
}

void rows_cut(Rows *r, uint32_t count)
{
    for (uint32_t c = 0; c < r->columns; c++)
        for (uint32_t i = count; r->column[c].nulls && i < r->count; i++)
            r->column[c].nulls[i >> 6] &= ~(UINT64_C(1) << (i & 63));
    r->count = count;
}

static bool rows_grow(Rows *r, uint32_t cap, Err *err)
{
    for (uint32_t c = 0; c < r->columns; c++) {
        RowsColumn *col = &r->column[c];
        void *data = col->data, *nulls = col->nulls;
        if (!memory_grow(r->memory, &data, (size_t)r->cap * col->cell, (size_t)cap * col->cell, err))
            return false;
        col->data = data;
        if (!nulls) continue;
        if (!memory_grow(r->memory, &nulls, rows_null_bytes(r->cap), rows_null_bytes(cap), err)) return false;
        col->nulls = nulls;
        memset((char *)nulls + rows_null_bytes(r->cap), 0, rows_null_bytes(cap) - rows_null_bytes(r->cap));
    }
    r->cap = cap;
    return true;
}

bool rows_room(Rows *r, uint32_t more, Err *err)
{
    if (r->count + (uint64_t)more <= r->cap) return true;
    uint64_t need = r->count + (uint64_t)more, cap = r->cap ? (uint64_t)r->cap * 2 : ROWS_FIRST;
    if (need > ROWS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "the statement keeps more than %d rows at once", ROWS_MAX);
    while (cap < need) cap *= 2;
    if (cap > ROWS_MAX) cap = ROWS_MAX;
    return rows_grow(r, (uint32_t)cap, err);
}

#define ROWS_COPY(T)                                                                                         \
    do {                                                                                                     \
        T *to = (T *)(void *)c->data + r->count;                                                             \
        const T *from = v->data;                                                                             \
        if (v->constant)                                                                                     \
            for (uint32_t k = 0; k < count; k++) to[k] = from[0];                                            \
        else if (sel)                                                                                        \
            for (uint32_t k = 0; k < count; k++) to[k] = from[sel[k]];                                       \
        else                                                                                                 \
            memcpy(to, from, count * sizeof(T));                                                             \
    } while (0)

typedef struct Cell16 {
    uint64_t half[2];
} Cell16;

bool rows_open_nulls(Rows *r, uint32_t column, Err *err)
{
    RowsColumn *c = &r->column[column];
    if (c->nulls || !r->cap) return true;
    void *nulls = NULL;
    if (!memory_grow(r->memory, &nulls, 0, rows_null_bytes(r->cap), err)) return false;
    memset(nulls, 0, rows_null_bytes(r->cap));
    c->nulls = nulls;
    return true;
}

static bool rows_append_nulls(Rows *r, RowsColumn *c, const Vector *v, const uint16_t *sel, uint32_t count,
                              Err *err)
{
    if (!rows_open_nulls(r, (uint32_t)(c - r->column), err)) return false;
    for (uint32_t k = 0; k < count; k++) {
        if (!vector_is_null(v, sel ? sel[k] : k)) continue;
        uint32_t to = r->count + k;
        c->nulls[to >> 6] |= UINT64_C(1) << (to & 63);
        memset(c->data + (size_t)to * c->cell, 0, c->cell);
    }
    return true;
}

static void rows_own_cells(Rows *r, RowsColumn *c, uint32_t count)
{
    if (type_phys(c->type.id) == PHYS_NUMERIC) {
        Numeric *n = (Numeric *)(void *)c->data + r->count;
        for (uint32_t k = 0; k < count; k++)
            if (n[k].kind == NUMERIC_BIG) n[k] = numeric_copy(&r->mem, n[k]);
        return;
    }
    Text *t = (Text *)(void *)c->data + r->count;
    for (uint32_t k = 0; k < count; k++)
        if (t[k].len > TEXT_INLINE) t[k] = text_copy(&r->mem, t[k]);
}

bool rows_append(Rows *r, const Vector *vectors, const uint16_t *sel, uint32_t count, Err *err)
{
    if (!rows_room(r, count, err)) return false;
    for (uint32_t i = 0; i < r->columns; i++) {
        RowsColumn *c = &r->column[i];
        const Vector *v = &vectors[i];
        switch (c->cell) {
        case 1: ROWS_COPY(uint8_t); break;
        case 2: ROWS_COPY(uint16_t); break;
        case 4: ROWS_COPY(uint32_t); break;
        case 8: ROWS_COPY(uint64_t); break;
        default: ROWS_COPY(Cell16); break;
        }
        if (v->nulls && !rows_append_nulls(r, c, v, sel, count, err)) return false;
        if (c->long_cells && !r->borrow) rows_own_cells(r, c, count);
    }
    r->count += count;
    size_t more = r->mem.used > r->mem_counted ? r->mem.used - r->mem_counted : 0;
    if (more && !memory_take(r->memory, more, err)) return false;
    r->mem_counted += more;
    return true;
}

void rows_window(const Rows *r, uint32_t from, Batch *out, Vector *vectors)
{
    uint32_t rows = r->count > from ? r->count - from : 0;
    if (rows > BATCH_ROWS) rows = BATCH_ROWS;
    *out = (Batch){.rows = rows, .sel_len = rows, .columns = r->columns, .vector = vectors};
    for (uint32_t i = 0; i < r->columns; i++) {
        const RowsColumn *c = &r->column[i];
        vectors[i] = (Vector){.type = c->type,
                              .data = c->data ? c->data + (size_t)from * c->cell : NULL,
                              .nulls = c->nulls ? c->nulls + from / 64 : NULL};
    }
}

#define ROWS_GATHER(T)                                                                                       \
    do {                                                                                                     \
        const T *from = (const T *)(const void *)c->data;                                                    \
        T *to = out->data;                                                                                   \
        if (at)                                                                                              \
            for (uint32_t k = 0; k < count; k++) to[at[k]] = row[k] == ROWS_NONE ? (T){0} : from[row[k]];    \
        else                                                                                                 \
            for (uint32_t k = 0; k < count; k++) to[k] = row[k] == ROWS_NONE ? (T){0} : from[row[k]];        \
    } while (0)

void rows_gather(const Rows *r, uint32_t column, const uint32_t *row, uint32_t count, const uint16_t *at,
                 Vector *out)
{
    const RowsColumn *c = &r->column[column];
    switch (c->cell) {
    case 1: ROWS_GATHER(uint8_t); break;
    case 2: ROWS_GATHER(uint16_t); break;
    case 4: ROWS_GATHER(uint32_t); break;
    case 8: ROWS_GATHER(uint64_t); break;
    default: ROWS_GATHER(Cell16); break;
    }
    for (uint32_t k = 0; k < count; k++)
        if (row[k] == ROWS_NONE || rows_is_null(c, row[k])) vector_set_null(out, at ? at[k] : k);
}

Vector rows_vector(const Rows *r, uint32_t column)
{
    const RowsColumn *c = &r->column[column];
    return (Vector){.type = c->type, .data = c->data, .nulls = c->nulls};
}

Value rows_value(const Rows *r, uint32_t column, uint32_t row)
{
    Vector v = rows_vector(r, column);
    return vector_value(&v, row);
}
