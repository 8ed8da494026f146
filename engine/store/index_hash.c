// Hash index: one open-addressing array of distinct keys (linear probing, at most 3/4 full); rows of one key
// are chained through an array of positions, newest first, so that the live version of a row changed often is
// met at once.
#include "engine/store/index_in.h"

#include "engine/base/hash.h"
#include "engine/base/size.h"
#include "engine/store/cell_in.h"

#include <stdlib.h>

enum { CAP_MIN = 64 };

static uint64_t key_number(const Index *x, const IndexKey *key)
{
    int64_t value = 0;
    if (x->integer) {
        cell_int(x->phys[0], key->cell[0], &value);
        return (uint64_t)value;
    }
    uint64_t hash = 0;
    for (uint16_t i = 0; i < key->count; i++) hash = hash_mix(hash, cell_hash(x->phys[i], key->cell[i]));
    return hash;
}

static bool row_has_key(const Generation *g, const Index *x, uint32_t pos, const IndexKey *key)
{
    const Block *b = generation_block(g, pos >> 16);
    for (uint16_t i = 0; i < x->count; i++) {
        const void *cell = block_cell(b, x->column[i], pos & 0xffff, phys_size(x->phys[i]));
        if (cell_compare(x->phys[i], cell, key->cell[i]) != 0) return false;
    }
    return true;
}

// The slot of the key, or the free slot where it belongs.
static HashSlot *slot_of(const Generation *g, const Index *x, uint64_t number, const IndexKey *key)
{
    const HashArray *h = &x->hash;
    for (size_t i = hash_u64(number) & (h->cap - 1);; i = (i + 1) & (h->cap - 1)) {
        HashSlot *s = &h->slot[i];
        if (!s->used) return s;
        if (s->key == number && (x->integer || row_has_key(g, x, s->head, key))) return s;
    }
}

static bool grow(HashArray *h)
{
    size_t cap = h->cap ? h->cap * 2 : CAP_MIN;
    HashSlot *slot = size_alloc_zero(cap, sizeof *slot);
    if (!slot) return false;
    for (size_t i = 0; i < h->cap; i++) {
        if (!h->slot[i].used) continue;
        size_t to = hash_u64(h->slot[i].key) & (cap - 1);
        while (slot[to].used) to = (to + 1) & (cap - 1);
        slot[to] = h->slot[i];
    }
    free(h->slot);
    h->slot = slot;
    h->cap = cap;
    return true;
}

static uint32_t *next_of(HashArray *h, uint32_t pos)
{
    size_t string = pos / SLICE_ROWS;
    if (string >= h->nexts) {
        size_t count = h->nexts * 2 > string + 1 ? h->nexts * 2 : string + 1;
        uint32_t **next = size_realloc(h->next, count, sizeof *next);
        if (!next) return NULL;
        memset(next + h->nexts, 0, (count - h->nexts) * sizeof *next);
        h->next = next;
        h->nexts = count;
    }
    if (!h->next[string] && !(h->next[string] = size_alloc(SLICE_ROWS, sizeof(uint32_t)))) return NULL;
    return &h->next[string][pos % SLICE_ROWS];
}

bool index_hash_add(const Generation *g, Index *x, uint32_t pos, Err *err)
{
    IndexKey key;
    if (!index_key_of_row(g, x, pos, &key)) return true; // NULL equals nothing
    HashArray *h = &x->hash;
    uint32_t *next = next_of(h, pos);
    if (!next || (h->count >= h->cap / 4 * 3 && !grow(h)))
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for an index");
    uint64_t number = key_number(x, &key);
    HashSlot *s = slot_of(g, x, number, &key);
    if (s->used) {
        *next = s->head;
        s->head = pos;
        return true;
    }
    *next = POS_NONE;
    *s = (HashSlot){.key = number, .head = pos, .used = 1};
    h->count++;
    return true;
}

void index_hash_visit(const Generation *g, const Index *x, const IndexKey *key, IndexVisit visit, void *self)
{
    const HashArray *h = &x->hash;
    if (!h->cap) return;
    const HashSlot *s = slot_of(g, x, key_number(x, key), key);
    if (!s->used) return;
    for (uint32_t pos = s->head; pos != POS_NONE; pos = h->next[pos / SLICE_ROWS][pos % SLICE_ROWS])
        if (!visit(self, pos)) return;
}

void index_hash_done(Index *x)
{
    for (size_t i = 0; i < x->hash.nexts; i++) free(x->hash.next[i]);
    free(x->hash.next);
    free(x->hash.slot);
    x->hash = (HashArray){0};
}
