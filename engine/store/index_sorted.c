// Sorted index: leaves of up to 512 entries in key order; the first entry of each leaf is its fence. An entry
// carries the rank of its first column, so that most comparisons stay inside the leaf. NULLs come last; equal
// keys by position.
#include "engine/store/index_in.h"

#include "engine/base/size.h"
#include "engine/store/cell_in.h"

#include <stdlib.h>

typedef struct Order {
    const Generation *g;
    const Index *x;
} Order;

static SortedEntry entry_of(const Generation *g, const Index *x, uint32_t pos)
{
    const Block *b = generation_block(g, pos >> 16);
    uint32_t row = pos & 0xffff;
    if (block_is_null(b, x->column[0], row)) return (SortedEntry){.null = 1, .pos = pos};
    return (SortedEntry){
        .rank = cell_rank(x->phys[0], block_cell(b, x->column[0], row, phys_size(x->phys[0]))), .pos = pos};
}

static int compare_column(const Generation *g, const Index *x, uint16_t i, uint32_t a, uint32_t b)
{
    const Block *ba = generation_block(g, a >> 16), *bb = generation_block(g, b >> 16);
    bool na = block_is_null(ba, x->column[i], a & 0xffff), nb = block_is_null(bb, x->column[i], b & 0xffff);
    if (na || nb) return (int)na - (int)nb;
    size_t size = phys_size(x->phys[i]);
    return cell_compare(x->phys[i], block_cell(ba, x->column[i], a & 0xffff, size),
                        block_cell(bb, x->column[i], b & 0xffff, size));
}

static int compare_entries(const Generation *g, const Index *x, const SortedEntry *a, const SortedEntry *b)
{
    if (a->null != b->null) return (int)a->null - (int)b->null;
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    for (uint16_t i = a->null || cell_rank_exact(x->phys[0]) ? 1 : 0; i < x->count; i++) {
        int c = compare_column(g, x, i, a->pos, b->pos);
        if (c) return c;
    }
    return (a->pos > b->pos) - (a->pos < b->pos);
}

// Order of an entry against a key of the first columns (no position): <0 the entry is before.
static int compare_key(const Generation *g, const Index *x, const SortedEntry *e, const IndexKey *key,
                       uint64_t rank)
{
    if (e->null) return 1;
    if (e->rank != rank) return e->rank < rank ? -1 : 1;
    const Block *b = generation_block(g, e->pos >> 16);
    for (uint16_t i = cell_rank_exact(x->phys[0]) ? 1 : 0; i < key->count; i++) {
        if (block_is_null(b, x->column[i], e->pos & 0xffff)) return 1;
        const void *cell = block_cell(b, x->column[i], e->pos & 0xffff, phys_size(x->phys[i]));
        int c = cell_compare(x->phys[i], cell, key->cell[i]);
        if (c) return c;
    }
    return 0;
}

static int compare_for_sort(const void *a, const void *b, void *order)
{
    const Order *o = order;
    return compare_entries(o->g, o->x, a, b);
}

static bool out_of_memory(Err *err)
{
    return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for an index");
}

static bool leaves_reserve(SortedArray *s, size_t leaves)
{
    if (leaves <= s->cap) return true;
    size_t cap = s->cap * 2 > leaves ? s->cap * 2 : leaves;
    SortedLeaf **leaf = size_realloc(s->leaf, cap, sizeof *leaf);
    if (!leaf) return false;
    s->leaf = leaf;
    s->cap = cap;
    return true;
}

static bool cut_into_leaves(SortedArray *s, const SortedEntry *entry, size_t count)
{
    if (!leaves_reserve(s, count / SORTED_LEAF_FILL + 1)) return false;
    for (size_t from = 0; from < count; from += SORTED_LEAF_FILL) {
        SortedLeaf *leaf = size_alloc(1, sizeof *leaf);
        if (!leaf) return false;
        leaf->count = (uint32_t)(count - from < SORTED_LEAF_FILL ? count - from : SORTED_LEAF_FILL);
        memcpy(leaf->entry, entry + from, leaf->count * sizeof *entry);
        s->leaf[s->leaves++] = leaf;
    }
    return true;
}

bool index_sorted_build(const Generation *g, Index *x, Err *err)
{
    size_t count = 0;
    uint32_t blocks = atomic_load_explicit(&g->blocks, memory_order_acquire);
    for (uint32_t i = 0; i < blocks; i++)
        count += generation_block(g, i) ? block_rows(generation_block(g, i)) : 0;
    SortedEntry *entry = size_alloc(count, sizeof *entry);
    if (!entry) return out_of_memory(err);
    size_t at = 0;
    for (uint32_t i = 0; i < blocks; i++) {
        const Block *b = generation_block(g, i);
        for (uint32_t row = 0, rows = b ? block_rows(b) : 0; row < rows; row++)
            if (!stamp_is_void(block_begin(b, row)) && index_has_row(g, x, i << 16 | row))
                entry[at++] = entry_of(g, x, i << 16 | row);
    }
    qsort_r(entry, at, sizeof *entry, compare_for_sort, &(Order){g, x});
    bool ok = cut_into_leaves(&x->sorted, entry, at);
    free(entry);
    return ok || out_of_memory(err);
}

// First leaf whose last entry is not before `e`; the last leaf when all are.
static size_t leaf_for(const Generation *g, const Index *x, const SortedEntry *e)
{
    const SortedArray *s = &x->sorted;
    size_t low = 0, high = s->leaves;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (compare_entries(g, x, &s->leaf[mid]->entry[0], e) <= 0)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static bool split(SortedArray *s, size_t at)
{
    SortedLeaf *right = size_alloc(1, sizeof *right);
    if (!right || !leaves_reserve(s, s->leaves + 1)) {
        free(right);
        return false;
    }
    SortedLeaf *left = s->leaf[at];
    // At the right end (rising keys) leave the left leaf nearly full.
    uint32_t keep = at + 1 == s->leaves ? SORTED_LEAF_MAX - 32 : SORTED_LEAF_MAX / 2;
    right->count = left->count - keep;
    memcpy(right->entry, left->entry + keep, right->count * sizeof right->entry[0]);
    left->count = keep;
    memmove(s->leaf + at + 2, s->leaf + at + 1, (s->leaves - at - 1) * sizeof *s->leaf);
    s->leaf[at + 1] = right;
    s->leaves++;
    return true;
}

bool index_sorted_add(const Generation *g, Index *x, uint32_t pos, Err *err)
{
    SortedArray *s = &x->sorted;
    if (!index_has_row(g, x, pos)) return true;
    SortedEntry e = entry_of(g, x, pos);
    if (s->leaves == 0) return cut_into_leaves(s, &e, 1) || out_of_memory(err);
    size_t at = leaf_for(g, x, &e);
    if (s->leaf[at]->count == SORTED_LEAF_MAX) {
        if (!split(s, at)) return out_of_memory(err);
        if (compare_entries(g, x, &s->leaf[at + 1]->entry[0], &e) <= 0) at++;
    }
    SortedLeaf *leaf = s->leaf[at];
    uint32_t low = 0, high = leaf->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (compare_entries(g, x, &leaf->entry[mid], &e) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    memmove(leaf->entry + low + 1, leaf->entry + low, (leaf->count - low) * sizeof e);
    leaf->entry[low] = e;
    leaf->count++;
    return true;
}

typedef struct Place {
    size_t leaf;
    uint32_t at;
} Place;

// First entry that is not before the key (after: first that is behind all with the key).
static Place place_of(const Generation *g, const Index *x, const IndexKey *key, bool after)
{
    const SortedArray *s = &x->sorted;
    uint64_t rank = cell_rank(x->phys[0], key->cell[0]);
    int wanted = after ? 1 : 0;
    size_t low = 0, high = s->leaves; // leaves whose fence is before the place
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (compare_key(g, x, &s->leaf[mid]->entry[0], key, rank) < wanted)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0) return (Place){0, 0};
    const SortedLeaf *leaf = s->leaf[low - 1];
    uint32_t from = 0, to = leaf->count;
    while (from < to) {
        uint32_t mid = from + (to - from) / 2;
        if (compare_key(g, x, &leaf->entry[mid], key, rank) < wanted)
            from = mid + 1;
        else
            to = mid;
    }
    return from == leaf->count ? (Place){low, 0} : (Place){low - 1, from};
}

static bool before(Place a, Place b) { return a.leaf < b.leaf || (a.leaf == b.leaf && a.at < b.at); }

static void visit_forward(const SortedArray *s, Place p, Place end, IndexVisit visit, void *self)
{
    while (before(p, end)) {
        if (!visit(self, s->leaf[p.leaf]->entry[p.at].pos)) return;
        if (++p.at == s->leaf[p.leaf]->count) p = (Place){p.leaf + 1, 0};
    }
}

static void visit_backward(const SortedArray *s, Place start, Place p, IndexVisit visit, void *self)
{
    while (before(start, p)) {
        if (p.at == 0) p = (Place){p.leaf - 1, s->leaf[p.leaf - 1]->count};
        p.at--;
        if (!visit(self, s->leaf[p.leaf]->entry[p.at].pos)) return;
    }
}

void index_sorted_visit(const Generation *g, const Index *x, const IndexKey *key, IndexVisit visit,
                        void *self)
{
    visit_forward(&x->sorted, place_of(g, x, key, false), place_of(g, x, key, true), visit, self);
}

static Place end_of_values(const Index *x, bool open)
{
    const SortedArray *s = &x->sorted;
    if (open) return (Place){s->leaves, 0};
    size_t low = 0, high = s->leaves; // with a bound, NULLs do not match: stop before the first
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (!s->leaf[mid]->entry[0].null)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0) return (Place){0, 0};
    const SortedLeaf *leaf = s->leaf[low - 1];
    uint32_t at = 0;
    while (at < leaf->count && !leaf->entry[at].null) at++;
    return at == leaf->count ? (Place){low, 0} : (Place){low - 1, at};
}

void index_sorted_range(const Generation *g, const Index *x, const IndexRange *range, IndexVisit visit,
                        void *self)
{
    Value low_room, high_room;
    Place start = {0, 0}, end = end_of_values(x, !range->low && !range->high);
    if (range->low) {
        IndexKey key = {.cell = {cell_of_value(x->phys[0], range->low, &low_room)}, .count = 1};
        start = place_of(g, x, &key, range->low_open);
    }
    if (range->high) {
        IndexKey key = {.cell = {cell_of_value(x->phys[0], range->high, &high_room)}, .count = 1};
        end = place_of(g, x, &key, !range->high_open);
    }
    if (range->descending)
        visit_backward(&x->sorted, start, end, visit, self);
    else
        visit_forward(&x->sorted, start, end, visit, self);
}

void index_sorted_done(Index *x)
{
    for (size_t i = 0; i < x->sorted.leaves; i++) free(x->sorted.leaf[i]);
    free(x->sorted.leaf);
    x->sorted = (SortedArray){0};
}
