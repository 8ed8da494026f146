// Index: positions by key over all row versions of one generation; who asks looks at the stamps. Two arrays:
// an open-addressing hash array whose slots head chains of positions, newest first, and a blocked sorted
// array with fences. Both are built at first use and kept by the writers. Relies on block, cell.
#ifndef ENGINE_STORE_INDEX_IN_H
#define ENGINE_STORE_INDEX_IN_H

#include "engine/store/block_in.h"

typedef struct HashSlot {
    uint64_t key; // the integer itself, or a hash
    uint32_t head, used;
} HashSlot;

typedef struct HashArray {
    HashSlot *slot;
    size_t count, cap; // cap: power of two
    uint32_t **next;   // next[pos / SLICE_ROWS][pos % SLICE_ROWS]
    size_t nexts;
} HashArray;

enum { SORTED_LEAF_MAX = 512, SORTED_LEAF_FILL = 384 };
typedef struct SortedEntry {
    uint64_t rank; // of the first column
    uint32_t null; // the first column is NULL: behind all others
    uint32_t pos;
} SortedEntry;
typedef struct SortedLeaf {
    uint32_t count;
    SortedEntry entry[SORTED_LEAF_MAX];
} SortedLeaf;
typedef struct SortedArray {
    SortedLeaf **leaf; // leaf[i]->entry[0] is the fence
    size_t leaves, cap;
} SortedArray;

typedef struct Index {
    uint64_t id;
    IndexKind kind;
    bool unique;
    bool integer; // one column of integer-like cells: the key is the value
    uint16_t count;
    uint16_t column[SCHEMA_KEY_COLUMNS_MAX]; // slots
    Phys phys[SCHEMA_KEY_COLUMNS_MAX];
    bool partial;
    uint16_t predicate; // slot: rows where it is true are in
    Latch latch;
    atomic_bool built;
    HashArray hash;
    SortedArray sorted;
    struct Index *next;
} Index;

// A key to look for: cells of the first n columns.
typedef struct IndexKey {
    const void *cell[SCHEMA_KEY_COLUMNS_MAX];
    uint16_t count;
} IndexKey;
typedef bool (*IndexVisit)(void *self, uint32_t pos); // false: enough

// The generation's array for this definition; made (empty, not built) when absent, under the write mutex.
Index *index_find(const Generation *g, uint64_t id);
MUST_CHECK bool index_make(Generation *g, const TableDef *table, const IndexDef *def, Index **out, Err *err);
// Fills it from the rows there are; the caller holds the write mutex.
MUST_CHECK bool index_build(Generation *g, Index *x, Err *err);
// Adds rows of one block to every built index of the generation; the caller holds the write mutex.
MUST_CHECK bool index_add(Generation *g, uint32_t pos, uint32_t count, Err *err);
void index_free_all(Generation *g);
bool index_has_row(const Generation *g, const Index *x, uint32_t pos); // of a partial one: is the row in it?
bool index_key_of_row(const Generation *g, const Index *x, uint32_t pos,
                      IndexKey *key); // false: a column is NULL, or the row is not in it
// Calls visit for each version with the key, newest first (hash) or in order (sorted), under the read latch.
// Builds it first when need be, for which it takes `write`, the table's write mutex (NULL: the caller holds
// it).
MUST_CHECK bool index_visit_key(Generation *g, Index *x, const IndexKey *key, IndexVisit visit, void *self,
                                Mutex *write, Err *err);
MUST_CHECK bool index_visit_range(Generation *g, Index *x, const IndexRange *range, IndexVisit visit,
                                  void *self, Mutex *write, Err *err);

MUST_CHECK bool index_hash_add(const Generation *g, Index *x, uint32_t pos, Err *err);
void index_hash_visit(const Generation *g, const Index *x, const IndexKey *key, IndexVisit visit, void *self);
void index_hash_done(Index *x);

MUST_CHECK bool index_sorted_build(const Generation *g, Index *x, Err *err);
MUST_CHECK bool index_sorted_add(const Generation *g, Index *x, uint32_t pos, Err *err);
void index_sorted_visit(const Generation *g, const Index *x, const IndexKey *key, IndexVisit visit,
                        void *self);
void index_sorted_range(const Generation *g, const Index *x, const IndexRange *range, IndexVisit visit,
                        void *self);
void index_sorted_done(Index *x);

#endif
