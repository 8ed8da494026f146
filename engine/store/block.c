// Block: making, filling and finding rows of column arrays. One writer at a time (the relation's write
// mutex), any number of readers.
#include "engine/store/block_in.h"

#include "engine/base/size.h"
#include "engine/store/cell_in.h"
#include "engine/store/index_in.h"
#include "engine/store/table_file_in.h"

#include <stdlib.h>

struct HeapChunk {
    HeapChunk *next;
    size_t used, size;
    char at[];
};

static bool out_of_memory(Err *err)
{
    return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for table rows");
}

char *heap_get(Heap *h, size_t size)
{
    HeapChunk *c = h->chunk;
    if (!c || c->size - c->used < size) {
        size_t room = c ? (c->size < HEAP_CHUNK_MAX ? c->size * 2 : HEAP_CHUNK_MAX) : HEAP_CHUNK_MIN, total;
        if (room < size) room = size;
        if (!size_add(&total, sizeof *c, room) || !(c = malloc(total))) return NULL;
        *c = (HeapChunk){.next = h->chunk, .size = room};
        h->chunk = c;
    }
    char *at = c->at + c->used;
    c->used += size;
    return at;
}

void heap_done(Heap *h)
{
    while (h->chunk) {
        HeapChunk *next = h->chunk->next;
        free(h->chunk);
        h->chunk = next;
    }
    arena_done(&h->big);
}

Generation *generation_new(const Slots *slots, uint64_t first_number)
{
    Generation *g = size_alloc_zero(1, sizeof *g);
    if (!g) return NULL;
    g->slots = slots;
    g->tail_number = first_number;
    return g;
}

void block_free(Block *b)
{
    for (uint32_t s = 0; s < BLOCK_SLICES; s++) {
        free((void *)atomic_load(&b->slice[s].begin));
        free((void *)atomic_load(&b->slice[s].end));
        free((void *)atomic_load(&b->slice[s].next));
    }
    for (uint16_t c = 0; c < b->columns; c++) {
        ColumnBlock *k = &b->column[c];
        for (uint32_t s = 0; s < BLOCK_SLICES && !k->whole; s++) {
            free(atomic_load(&k->cells[s]));
            free(atomic_load(&k->nulls[s]));
        }
        free(k->whole);
        free(k->whole_nulls);
        buf_drop(k->raw);
        heap_done(&k->heap);
    }
    free(atomic_load(&b->numbers));
    mutex_done(&b->load);
    free(b);
}

void generation_free(Generation *g)
{
    if (!g) return;
    for (uint32_t i = 0; i < atomic_load(&g->blocks); i++) {
        Block *b = generation_block(g, i);
        if (b) block_free(b);
    }
    for (size_t i = 0; i < COUNT_OF(g->string); i++) free((void *)atomic_load(&g->string[i]));
    index_free_all(g);
    table_file_close(g->file);
    table_map_free(g->map);
    free(g);
}

static void column_init(ColumnBlock *k)
{
    atomic_init(&k->loaded, true);
    atomic_init(&k->zone.min, INT64_MAX);
    atomic_init(&k->zone.max, INT64_MIN);
}

static Block *block_new(const Slots *slots)
{
    size_t size;
    uint16_t columns = slots_count(slots);
    if (!size_mul(&size, columns, sizeof(ColumnBlock)) || !size_add(&size, size, sizeof(Block))) return NULL;
    Block *b = calloc(1, size);
    if (!b) return NULL;
    b->columns = columns;
    b->slots = slots;
    mutex_init(&b->load);
    for (uint16_t c = 0; c < columns; c++) column_init(&b->column[c]);
    return b;
}

bool generation_widen(Generation *g, Err *err)
{
    uint16_t columns = slots_count(g->slots);
    for (uint32_t i = g->late_block; i < atomic_load(&g->blocks); i++) {
        Block *b = generation_block(g, i);
        if (!b || b->columns >= columns) continue;
        Block *wide = realloc(b, sizeof *b + columns * sizeof(ColumnBlock));
        if (!wide) return out_of_memory(err);
        memset(&wide->column[wide->columns], 0, (columns - wide->columns) * sizeof(ColumnBlock));
        for (uint16_t c = wide->columns; c < columns; c++) column_init(&wide->column[c]);
        wide->columns = columns;
        wide->mixed = true;
        atomic_store(&atomic_load(&g->string[i / GENERATION_STRING_BLOCKS])[i % GENERATION_STRING_BLOCKS],
                     wide);
    }
    return true;
}

void generation_turn(Generation *g)
{
    g->tail_rows = (g->tail_rows + STORE_BLOCK_ROWS - 1) / STORE_BLOCK_ROWS * STORE_BLOCK_ROWS;
}

Block *generation_make(Generation *g, uint32_t at)
{
    if (at >= GENERATION_BLOCKS_MAX) return NULL;
    Block *b = generation_block(g, at);
    if (b) return b;
    _Atomic(Block *) *string = atomic_load(&g->string[at / GENERATION_STRING_BLOCKS]);
    if (!string) {
        string = size_alloc_zero(GENERATION_STRING_BLOCKS, sizeof *string);
        if (!string) return NULL;
        atomic_store_explicit(&g->string[at / GENERATION_STRING_BLOCKS], string, memory_order_release);
    }
    b = block_new(g->slots);
    if (!b) return NULL;
    if (at >= g->tail_block) b->number = g->tail_number + ((uint64_t)(at - g->tail_block) << 16);
    atomic_store_explicit(&string[at % GENERATION_STRING_BLOCKS], b, memory_order_release);
    if (at >= atomic_load(&g->blocks)) atomic_store_explicit(&g->blocks, at + 1, memory_order_release);
    return b;
}

uint64_t generation_next_number(const Generation *g) { return g->tail_number + g->tail_rows; }

static bool numbers_of(Generation *g, Block *b, Err *err)
{
    if (!b->numbered || atomic_load_explicit(&b->numbers, memory_order_acquire)) return true;
    return table_file_load_numbers(g, b, err);
}

bool generation_number(Generation *g, uint32_t pos, uint64_t *number, Err *err)
{
    Block *b = generation_block(g, pos >> 16);
    if (!numbers_of(g, b, err)) return false;
    const uint64_t *numbers = atomic_load_explicit(&b->numbers, memory_order_acquire);
    *number = numbers ? numbers[pos & 0xffff] : b->number + (pos & 0xffff);
    return true;
}

// The last block of [low, high) that starts at or below the number.
static uint32_t block_of_number(const Generation *g, uint32_t low, uint32_t high, uint64_t number)
{
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (generation_block(g, mid)->number <= number)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static bool find_in(Generation *g, uint32_t from, uint32_t to, uint64_t number, uint32_t *pos, Err *err)
{
    if (from == to) return true;
    uint32_t at = block_of_number(g, from, to, number);
    Block *b = generation_block(g, at);
    if (!numbers_of(g, b, err)) return false;
    const uint64_t *numbers = atomic_load_explicit(&b->numbers, memory_order_acquire);
    uint32_t rows = block_rows(b);
    if (!numbers) {
        if (number >= b->number && number - b->number < rows)
            *pos = at << 16 | (uint32_t)(number - b->number);
        return true;
    }
    uint32_t low = 0, high = rows;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (numbers[mid] < number)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < rows && numbers[low] == number) *pos = at << 16 | low;
    return true;
}

bool generation_find(Generation *g, uint64_t number, uint32_t *pos, Err *err)
{
    *pos = POS_NONE;
    if (number < g->tail_number)
        return find_in(g, 0, g->late_block, number, pos, err) &&
               (*pos != POS_NONE || find_in(g, g->late_block, g->tail_block, number, pos, err));
    uint64_t row = number - g->tail_number;
    if (row < g->tail_rows) *pos = (uint32_t)(((uint64_t)g->tail_block << 16) + row);
    return true;
}

RowWalk generation_walk(Generation *g) { return (RowWalk){.g = g, .late = g->late_block << 16}; }

// The first position of [from, to) with this number or a greater one; perhaps behind its block's last row.
static bool lower_bound(Generation *g, uint32_t from, uint32_t to, uint64_t number, uint32_t *at, Err *err)
{
    *at = from << 16;
    if (from == to) return true;
    uint32_t block = block_of_number(g, from, to, number), low = 0;
    Block *b = generation_block(g, block);
    if (number > b->number) {
        if (!numbers_of(g, b, err)) return false;
        const uint64_t *numbers = atomic_load_explicit(&b->numbers, memory_order_acquire);
        uint32_t high = block_rows(b);
        if (!numbers) low = number - b->number < high ? (uint32_t)(number - b->number) : high;
        while (numbers && low < high) {
            uint32_t mid = low + (high - low) / 2;
            if (numbers[mid] < number)
                low = mid + 1;
            else
                high = mid;
        }
    }
    *at = low < STORE_BLOCK_ROWS ? block << 16 | low : (block + 1) << 16;
    return true;
}

bool generation_walk_from(RowWalk *w, Generation *g, uint64_t number, Err *err)
{
    *w = generation_walk(g);
    if (number < g->tail_number)
        return lower_bound(g, 0, g->late_block, number, &w->at, err) &&
               lower_bound(g, g->late_block, g->tail_block, number, &w->late, err);
    w->in_tail = true;
    w->late = g->tail_block << 16;
    w->at = (g->tail_block << 16) + (uint32_t)(number - g->tail_number);
    return true;
}

// Moves *at to a position that exists, or to the end.
static bool settle(const Generation *g, uint32_t *at, uint32_t end_block)
{
    for (; *at >> 16 < end_block; *at = ((*at >> 16) + 1) << 16) {
        const Block *b = generation_block(g, *at >> 16);
        if (b && (*at & 0xffff) < block_rows(b)) return true;
    }
    return false;
}

bool generation_walk_next(RowWalk *w, uint32_t *pos, uint64_t *number, Err *err)
{
    Generation *g = w->g;
    uint32_t end = w->in_tail ? atomic_load_explicit(&g->blocks, memory_order_acquire) : g->late_block;
    bool late = settle(g, &w->late, g->tail_block), here = settle(g, &w->at, end);
    if (!here && !late && !w->in_tail) {
        w->in_tail = true;
        w->at = g->tail_block << 16;
        here = settle(g, &w->at, atomic_load_explicit(&g->blocks, memory_order_acquire));
    }
    uint64_t other = 0;
    if (here && !generation_number(g, w->at, number, err)) return false;
    if (late && !generation_number(g, w->late, &other, err)) return false;
    if (late && (!here || other < *number)) {
        *number = other;
        *pos = w->late++;
    } else {
        *pos = here ? w->at++ : POS_NONE;
    }
    return true;
}

static _Atomic Stamp *stamps_new(Stamp fill)
{
    _Atomic Stamp *at = size_alloc(SLICE_ROWS, sizeof *at);
    if (!at) return NULL;
    for (uint32_t i = 0; i < SLICE_ROWS; i++) atomic_init(&at[i], fill);
    return at;
}

bool block_open_slice(Block *b, uint32_t slice, Err *err)
{
    // Slices that were jumped over hold rows that never began.
    for (uint32_t s = 0; s <= slice; s++) {
        if (atomic_load(&b->slice[s].begin)) continue;
        _Atomic Stamp *begin = stamps_new(STAMP_NEVER);
        if (!begin) return out_of_memory(err);
        atomic_store_explicit(&b->slice[s].begin, begin, memory_order_release);
    }
    return true;
}

// Cells for rows to come. In a mixed block the slice may hold rows without the column: they keep what they
// had.
static bool open_cells(Block *b, uint16_t column, uint32_t slice, Err *err)
{
    const Slot *slot = slots_get(b->slots, column);
    ColumnBlock *k = &b->column[column];
    size_t size = phys_size(type_phys(slot->type.id));
    if (atomic_load(&k->cells[slice])) return true;
    char *cells = size_alloc_zero(SLICE_ROWS, size);
    if (!cells) return out_of_memory(err);
    if (b->mixed && slot->missing.null) {
        if (!block_open_nulls(b, column, slice, err)) {
            free(cells);
            return false;
        }
        memset(atomic_load(&k->nulls[slice]), 0xff, BATCH_NULL_WORDS * sizeof(uint64_t));
        atomic_store(&k->zone.has_null, true);
    } else if (b->mixed) {
        for (uint32_t i = 0; i < SLICE_ROWS; i++) memcpy(cells + i * size, &slot->missing.boolean, size);
        atomic_store(&k->zone.unknown, true);
        atomic_store(&k->zone.has_value, true);
    }
    atomic_store_explicit(&k->cells[slice], cells, memory_order_release);
    return true;
}

bool block_open_nulls(Block *b, uint16_t column, uint32_t slice, Err *err)
{
    if (atomic_load(&b->column[column].nulls[slice])) return true;
    uint64_t *nulls = size_alloc_zero(BATCH_NULL_WORDS, sizeof *nulls);
    if (!nulls) return out_of_memory(err);
    atomic_store_explicit(&b->column[column].nulls[slice], nulls, memory_order_release);
    return true;
}

bool block_open_ends(Block *b, uint32_t slice, Err *err)
{
    if (atomic_load(&b->slice[slice].end)) return true;
    _Atomic Stamp *end = stamps_new(STAMP_NEVER);
    if (!end) return out_of_memory(err);
    atomic_store_explicit(&b->slice[slice].end, end, memory_order_release);
    return true;
}

bool block_open_next(Block *b, uint32_t slice, Err *err)
{
    if (atomic_load(&b->slice[slice].next)) return true;
    _Atomic uint32_t *next = size_alloc(SLICE_ROWS, sizeof *next);
    if (!next) return out_of_memory(err);
    for (uint32_t i = 0; i < SLICE_ROWS; i++) atomic_init(&next[i], POS_NONE);
    atomic_store_explicit(&b->slice[slice].next, next, memory_order_release);
    return true;
}

static bool put_long(Heap *h, Phys p, void *cell)
{
    if (p == PHYS_NUMERIC) {
        Numeric *n = cell;
        if (n->kind == NUMERIC_BIG) *n = numeric_copy(&h->big, *n);
        return true;
    }
    Text *t = cell;
    if (t->len <= TEXT_INLINE) return true;
    char *at = heap_get(h, t->len);
    if (!at) return false;
    memcpy(at, t->at, t->len);
    t->at = at;
    return true;
}

static void zone_put(ColumnBlock *k, Phys p, const char *cells, uint32_t count, const uint64_t *nulls,
                     uint32_t first)
{
    int64_t min = atomic_load_explicit(&k->zone.min, memory_order_relaxed);
    int64_t max = atomic_load_explicit(&k->zone.max, memory_order_relaxed);
    size_t size = phys_size(p);
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bit = first + i;
        if (nulls && (__atomic_load_n(&nulls[bit >> 6], __ATOMIC_RELAXED) >> (bit & 63) & 1)) {
            atomic_store_explicit(&k->zone.has_null, true, memory_order_relaxed);
            continue;
        }
        any = true;
        int64_t zone;
        if (!cell_zone(p, cells + i * size, &zone)) continue;
        if (zone < min) min = zone;
        if (zone > max) max = zone;
    }
    if (any) atomic_store_explicit(&k->zone.has_value, true, memory_order_relaxed);
    atomic_store_explicit(&k->zone.min, min, memory_order_relaxed);
    atomic_store_explicit(&k->zone.max, max, memory_order_relaxed);
}

bool block_put(Block *b, uint16_t column, const Vector *v, const uint16_t *row, uint32_t count, uint32_t at,
               Err *err)
{
    ColumnBlock *k = &b->column[column];
    Phys p = type_phys(v->type.id);
    size_t size = phys_size(p);
    uint32_t slice = at / SLICE_ROWS, first = at % SLICE_ROWS;
    if (!open_cells(b, column, slice, err)) return false;
    char *cells = (char *)atomic_load(&k->cells[slice]) + first * size;
    uint64_t *mixed = b->mixed ? atomic_load(&k->nulls[slice]) : NULL;
    for (uint32_t i = first; mixed && i < first + count; i++) mixed[i >> 6] &= ~(UINT64_C(1) << (i & 63));
    if (!v->constant && !row) {
        memcpy(cells, v->data, count * size);
    } else {
        for (uint32_t i = 0; i < count; i++)
            memcpy(cells + i * size, (const char *)v->data + vector_slot(v, row ? row[i] : i) * size, size);
    }
    if (v->nulls) {
        for (uint32_t i = 0; i < count; i++) {
            if (!vector_is_null(v, row ? row[i] : i)) continue;
            if (!block_open_nulls(b, column, slice, err)) return false;
            uint64_t *nulls = atomic_load(&k->nulls[slice]);
            __atomic_fetch_or(&nulls[(first + i) >> 6], UINT64_C(1) << ((first + i) & 63), __ATOMIC_RELAXED);
            memset(cells + i * size, 0, size);
        }
    }
    if (phys_is_long(p)) {
        for (uint32_t i = 0; i < count; i++)
            if (!put_long(&k->heap, p, cells + i * size)) return out_of_memory(err);
    }
    zone_put(k, p, cells, count, atomic_load(&k->nulls[slice]), first);
    return true;
}

bool block_load(Generation *g, Block *b, uint16_t column, Err *err)
{
    if (column >= b->columns || atomic_load_explicit(&b->column[column].loaded, memory_order_acquire))
        return true;
    return table_file_load(g, b, column, err);
}
