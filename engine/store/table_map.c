// Table map: which blocks of a table file have changed since it was written. One look at the stamps of all
// rows in memory: slices without stamps, which are most of them, cost nothing.
#include "engine/store/table_map_in.h"

#include "engine/base/size.h"
#include "engine/store/store_in.h"

#include <stdlib.h>

TableMap *table_map_new(uint16_t columns)
{
    TableMap *m = size_alloc_zero(1, sizeof *m);
    if (!m) return NULL;
    m->columns = columns;
    m->slot = arena_try(&m->mem, columns + 1u, sizeof *m->slot);
    if (m->slot) return m;
    table_map_free(m);
    return NULL;
}

void table_map_free(TableMap *m)
{
    if (!m) return;
    free(m->block);
    arena_done(&m->mem);
    free(m);
}

bool table_map_add(TableMap *m, const MapBlock *block, Err *err)
{
    if (m->count == m->cap) {
        uint32_t cap = m->cap ? m->cap * 2 : 16;
        MapBlock *more = size_realloc(m->block, cap, sizeof *more);
        if (!more) return store_out_of_memory(err);
        m->block = more;
        m->cap = cap;
    }
    char *text = arena_try(&m->mem, block->text.len, 1);
    if (!text) return store_out_of_memory(err);
    memcpy(text, block->text.at, block->text.len);
    MapBlock *b = &m->block[m->count++];
    *b = *block;
    b->text = (Str){text, block->text.len};
    b->changed = false;
    if (b->id >= m->next_id) m->next_id = b->id + 1;
    return true;
}

bool table_map_fits(const TableMap *m, const TableDef *def)
{
    if (m->columns != schema_stored(def)) return false;
    for (uint16_t c = 0; c < m->columns; c++)
        if (m->slot[c] != schema_slot(def, c)) return false;
    return true;
}

typedef struct Marking {
    TableMap *map;
    Generation *g;
    Stamp from, to;
    uint64_t next;
    uint64_t low, high; // numbers of the block that was marked last
    TableChanges *out;
    uint64_t cap;
} Marking;

static void mark_number(Marking *m, uint64_t number)
{
    TableMap *map = m->map;
    if (!map || !map->count || number >= map->next || (number >= m->low && number < m->high)) return;
    uint32_t low = 0, high = map->count;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (map->block[mid].first <= number)
            low = mid;
        else
            high = mid;
    }
    map->block[low].changed = true;
    m->low = low ? map->block[low].first : 0;
    m->high = low + 1 < map->count ? map->block[low + 1].first : map->next;
}

// A row that will not be in the file, but may be named by a record behind the checkpoint.
static bool put_late(Marking *m, uint64_t number, Err *err)
{
    TableChanges *c = m->out;
    if (++c->late_rows > c->late_rows_max) {
        err_set(err, SQLSTATE_LIMIT, "the table has too many rows that are not committed yet");
        return err_hint(err, "a checkpoint can be taken when the large transaction has ended");
    }
    if (c->lates && c->late[c->lates - 1].to + 1 == number) {
        c->late[c->lates - 1].to = number;
        return true;
    }
    if (c->lates == m->cap) {
        uint64_t cap = m->cap ? m->cap * 2 : 64;
        FileRange *more = size_realloc(c->late, cap, sizeof *more);
        if (!more) return store_out_of_memory(err);
        c->late = more;
        m->cap = cap;
    }
    c->late[c->lates++] = (FileRange){number, number};
    return true;
}

static bool mark_slice(Marking *m, const Block *b, uint32_t block, uint32_t slice, Err *err)
{
    _Atomic Stamp *begin = atomic_load_explicit(&b->slice[slice].begin, memory_order_acquire),
                  *end = atomic_load_explicit(&b->slice[slice].end, memory_order_acquire);
    if (!begin && !end) return true;
    uint32_t first = slice * SLICE_ROWS, rows = block_rows(b) - first;
    if (rows > SLICE_ROWS) rows = SLICE_ROWS;
    for (uint32_t i = 0; i < rows; i++) {
        Stamp began = begin ? atomic_load_explicit(&begin[i], memory_order_acquire) : 0,
              ended = end ? atomic_load_explicit(&end[i], memory_order_acquire) : STAMP_NEVER;
        bool late = began != STAMP_NEVER && began > m->to; // a transaction's number is greater than any stamp
        bool changed = (began > m->from && began <= m->to) || (ended > m->from && ended <= m->to);
        uint64_t number;
        if (!late && !changed) continue;
        if (!generation_number(m->g, block << 16 | (first + i), &number, err)) return false;
        if (changed) mark_number(m, number);
        if (late && number < m->next && !put_late(m, number, err)) return false;
    }
    return true;
}

static int compare_ranges(const void *a, const void *b)
{
    const FileRange *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

bool table_map_mark(TableMap *map, Generation *g, Stamp from, Stamp to, uint64_t next, TableChanges *out,
                    Err *err)
{
    Marking m = {.map = map, .g = g, .from = from, .to = to, .next = next, .out = out};
    for (uint32_t i = 0; map && i < map->count; i++) map->block[i].changed = false;
    for (uint32_t i = 0, n = atomic_load_explicit(&g->blocks, memory_order_acquire); i < n; i++) {
        const Block *b = generation_block(g, i);
        for (uint32_t s = 0; b && s * SLICE_ROWS < block_rows(b); s++)
            if (!mark_slice(&m, b, i, s, err)) return false;
    }
    // Rows that came late to an older file stand behind those of the others.
    if (out->lates) qsort(out->late, out->lates, sizeof *out->late, compare_ranges);
    return true;
}
