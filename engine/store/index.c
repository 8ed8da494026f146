// Index: what both kinds share: finding, building over the rows there are, adding rows, and the latch around
// look-ups.
#include "engine/store/index_in.h"

#include "engine/base/size.h"
#include "engine/store/cell_in.h"

#include <stdlib.h>

Index *index_find(const Generation *g, uint64_t id)
{
    for (Index *x = atomic_load_explicit(&g->index, memory_order_acquire); x; x = x->next)
        if (x->id == id) return x;
    return NULL;
}

bool index_make(Generation *g, const TableDef *table, const IndexDef *def, Index **out, Err *err)
{
    if ((*out = index_find(g, def->id)) != NULL) return true;
    Index *x = size_alloc_zero(1, sizeof *x);
    if (!x) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for an index");
    x->id = def->id;
    x->kind = def->kind;
    x->unique = def->unique;
    x->count = def->column_count;
    for (uint16_t i = 0; i < def->column_count; i++) {
        x->column[i] = schema_slot(table, def->column[i]);
        x->phys[i] = type_phys(table->column[def->column[i]].type.id);
    }
    x->partial = def->predicate != 0;
    if (x->partial) x->predicate = schema_slot(table, (uint16_t)(def->predicate - 1));
    x->integer = x->count == 1 && x->phys[0] <= PHYS_I64;
    latch_init(&x->latch);
    x->next = atomic_load(&g->index);
    atomic_store_explicit(&g->index, x, memory_order_release);
    *out = x;
    return true;
}

static void empty(Index *x)
{
    index_hash_done(x);
    index_sorted_done(x);
}

static bool load_columns(Generation *g, const Index *x, Err *err)
{
    uint32_t blocks = atomic_load_explicit(&g->blocks, memory_order_acquire);
    for (uint32_t i = 0; i < blocks; i++) {
        Block *b = generation_block(g, i);
        for (uint16_t c = 0; b && c < x->count; c++)
            if (!block_load(g, b, x->column[c], err)) return false;
        if (b && x->partial && !block_load(g, b, x->predicate, err)) return false;
    }
    return true;
}

static bool build_hash(const Generation *g, Index *x, Err *err)
{
    uint32_t blocks = atomic_load_explicit(&g->blocks, memory_order_acquire);
    for (uint32_t i = 0; i < blocks; i++) {
        const Block *b = generation_block(g, i);
        for (uint32_t row = 0, rows = b ? block_rows(b) : 0; row < rows; row++)
            if (!stamp_is_void(block_begin(b, row)) && !index_hash_add(g, x, i << 16 | row, err))
                return false;
    }
    return true;
}

bool index_build(Generation *g, Index *x, Err *err)
{
    if (atomic_load_explicit(&x->built, memory_order_acquire)) return true;
    if (!load_columns(g, x, err)) return false;
    latch_write(&x->latch);
    bool ok = x->kind == INDEX_HASH ? build_hash(g, x, err) : index_sorted_build(g, x, err);
    if (ok)
        atomic_store_explicit(&x->built, true, memory_order_release);
    else
        empty(x);
    latch_unlock(&x->latch);
    return ok;
}

bool index_add(Generation *g, uint32_t pos, uint32_t count, Err *err)
{
    bool ok = true;
    for (Index *x = atomic_load(&g->index); x; x = x->next) {
        if (!atomic_load(&x->built)) continue;
        latch_write(&x->latch);
        for (uint32_t i = 0; i < count && ok; i++)
            ok = x->kind == INDEX_HASH ? index_hash_add(g, x, pos + i, err)
                                       : index_sorted_add(g, x, pos + i, err);
        if (!ok) { // an index that misses a row is worse than none: it is built again at its next use
            atomic_store(&x->built, false);
            empty(x);
        }
        latch_unlock(&x->latch);
        if (!ok) return false;
    }
    return true;
}

void index_free_all(Generation *g)
{
    for (Index *x = atomic_load(&g->index), *next; x; x = next) {
        next = x->next;
        empty(x);
        latch_done(&x->latch);
        free(x);
    }
    atomic_store(&g->index, NULL);
}

bool index_has_row(const Generation *g, const Index *x, uint32_t pos)
{
    if (!x->partial) return true;
    const Block *b = generation_block(g, pos >> 16);
    if (block_is_null(b, x->predicate, pos & 0xffff)) return false;
    return *(const bool *)block_cell(b, x->predicate, pos & 0xffff, sizeof(bool));
}

bool index_key_of_row(const Generation *g, const Index *x, uint32_t pos, IndexKey *key)
{
    const Block *b = generation_block(g, pos >> 16);
    key->count = x->count;
    if (!index_has_row(g, x, pos)) return false;
    for (uint16_t i = 0; i < x->count; i++) {
        if (block_is_null(b, x->column[i], pos & 0xffff)) return false;
        key->cell[i] = block_cell(b, x->column[i], pos & 0xffff, phys_size(x->phys[i]));
    }
    return true;
}

// Leaves with the read latch held on a built index.
static bool ready(Generation *g, Index *x, Mutex *write, Err *err)
{
    for (;;) {
        latch_read(&x->latch);
        if (atomic_load_explicit(&x->built, memory_order_acquire)) return true;
        latch_unlock(&x->latch);
        if (write) mutex_lock(write);
        bool ok = index_build(g, x, err);
        if (write) mutex_unlock(write);
        if (!ok) return false;
    }
}

bool index_visit_key(Generation *g, Index *x, const IndexKey *key, IndexVisit visit, void *self, Mutex *write,
                     Err *err)
{
    if (!ready(g, x, write, err)) return false;
    if (x->kind == INDEX_HASH) {
        if (key->count == x->count) index_hash_visit(g, x, key, visit, self);
    } else {
        index_sorted_visit(g, x, key, visit, self);
    }
    latch_unlock(&x->latch);
    return true;
}

bool index_visit_range(Generation *g, Index *x, const IndexRange *range, IndexVisit visit, void *self,
                       Mutex *write, Err *err)
{
    if (!ready(g, x, write, err)) return false;
    index_sorted_range(g, x, range, visit, self);
    latch_unlock(&x->latch);
    return true;
}
