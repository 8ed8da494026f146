// Block: 65,536 rows of a table as column arrays, cut into slices of one batch each, and the generation that
// strings blocks together. Nothing moves once published: readers take no latch, the row count is
// release-stored after the cells, stamps are atomics. Relies on data, txn.
//
// Nouns: block, slice, generation, heap
#ifndef ENGINE_STORE_BLOCK_IN_H
#define ENGINE_STORE_BLOCK_IN_H

#include "engine/base/thread.h"
#include "engine/data/batch.h"
#include "engine/store/slot_in.h"
#include "engine/store/store.h"

enum {
    SLICE_ROWS = BATCH_ROWS,
    BLOCK_SLICES = STORE_BLOCK_ROWS / SLICE_ROWS,
    GENERATION_BLOCKS_MAX = 65535,   // a position fits in 32 bits
    GENERATION_STRING_BLOCKS = 1024, // blocks per string of pointers
    HEAP_CHUNK_MIN = 1024,
    HEAP_CHUNK_MAX = 256 << 10,
};
#define POS_NONE UINT32_MAX
// Begin of a new version of an UPDATE that is still being made: seen by nobody, and not given up like
// STAMP_NEVER.
#define STAMP_UNBORN (STAMP_NEVER - 1)

// Long texts and big numerics of one column of one block; lives as long as the block.
typedef struct HeapChunk HeapChunk;
typedef struct Heap {
    HeapChunk *chunk;
    Arena big;
} Heap;

// min/max as cell_zone gives them; min > max: no value yet. Written under the table's write mutex, read by
// anyone.
typedef struct Zone {
    _Atomic int64_t min, max;
    atomic_bool has_null, has_value, unknown; // unknown: a NaN or a type without zones
} Zone;

typedef struct ColumnBlock {
    _Atomic(void *) cells[BLOCK_SLICES];
    _Atomic(uint64_t *) nulls[BLOCK_SLICES]; // NULL: none in the slice
    atomic_bool loaded;                      // false: the cells lie in the table file still
    void *whole, *whole_nulls;               // a loaded block is one array; the slices point into it
    Buf *raw;                                // section text that long cells point into
    Heap heap;
    Zone zone;
} ColumnBlock;

typedef struct Slice {
    _Atomic(_Atomic Stamp *) begin;   // NULL: visible to all
    _Atomic(_Atomic Stamp *) end;     // NULL: alive
    _Atomic Stamp settled;            // full and all begun by this stamp; 0: not known
    _Atomic(_Atomic uint32_t *) next; // where each ended version went on; NULL, POS_NONE: nowhere
} Slice;

typedef struct Block {
    atomic_uint rows; // published
    bool in_file;     // made from block `file_block` of the table file
    uint32_t file_block;
    uint64_t number;             // row number of row 0
    _Atomic(uint64_t *) numbers; // NULL: row i has number + i; loaded on demand when numbered
    bool numbered;               // the file has a numbers section for this block
    Mutex load;
    bool mixed; // a slice may hold rows from before a column came and from behind it (replay, vacuum)
    const Slots *slots;
    uint16_t columns; // slots it was made with; rows hold the missing value of later ones
    Slice slice[BLOCK_SLICES];
    ColumnBlock column[];
} Block;

struct Index;
struct TableFile;
struct TableMap;
typedef struct Generation {
    _Atomic(_Atomic(Block *) *) string[GENERATION_BLOCKS_MAX / GENERATION_STRING_BLOCKS + 1];
    atomic_uint blocks;     // published; single ones may be NULL (a gap of numbers)
    uint32_t late_block;    // [late_block, tail_block): rows that were on their way when the file was written
    uint32_t tail_block;    // first block that takes appended rows
    uint64_t tail_number;   // row number of its row 0
    uint64_t tail_rows;     // positions used behind tail_block << 16, gaps included (write mutex)
    const Slots *slots;     // the relation's
    struct TableFile *file; // NULL: all in memory
    struct TableMap *map;   // of the newest table file; NULL: it must be written whole (checkpoint)
    atomic_bool withdrawn;  // some key was given up for a while: chains of keys are not in order of birth
    _Atomic(struct Index *) index;
} Generation;

static inline Block *generation_block(const Generation *g, uint32_t block)
{
    _Atomic(Block *) *string =
        atomic_load_explicit(&g->string[block / GENERATION_STRING_BLOCKS], memory_order_acquire);
    return string ? atomic_load_explicit(&string[block % GENERATION_STRING_BLOCKS], memory_order_acquire)
                  : NULL;
}
static inline bool stamp_is_void(Stamp begin) { return begin == STAMP_NEVER || begin == STAMP_UNBORN; }
static inline uint32_t block_rows(const Block *b)
{
    return atomic_load_explicit(&b->rows, memory_order_acquire);
}
// The cells of a slice; NULL: its rows were written without this column and hold the slot's missing value.
static inline const char *block_cells(const Block *b, uint16_t column, uint32_t slice)
{
    return column < b->columns ? atomic_load_explicit(&b->column[column].cells[slice], memory_order_acquire)
                               : NULL;
}
// Do the zone notes speak of all of its rows? Not where the first ones are older than the column.
static inline bool block_has_notes(const Block *b, uint16_t column)
{
    return column < b->columns && (!atomic_load_explicit(&b->column[column].loaded, memory_order_acquire) ||
                                   block_cells(b, column, 0));
}
static inline const void *block_cell(const Block *b, uint16_t column, uint32_t row, size_t size)
{
    const char *cells = block_cells(b, column, row / SLICE_ROWS);
    return cells ? cells + row % SLICE_ROWS * size
                 : (const void *)&slots_get(b->slots, column)->missing.boolean;
}
static inline bool block_is_null(const Block *b, uint16_t column, uint32_t row)
{
    if (!block_cells(b, column, row / SLICE_ROWS)) return slots_get(b->slots, column)->missing.null;
    uint64_t *nulls = atomic_load_explicit(&b->column[column].nulls[row / SLICE_ROWS], memory_order_acquire);
    uint32_t i = row % SLICE_ROWS;
    return nulls && (__atomic_load_n(&nulls[i >> 6], __ATOMIC_RELAXED) >> (i & 63) & 1);
}
static inline Stamp block_begin(const Block *b, uint32_t row)
{
    _Atomic Stamp *at = atomic_load_explicit(&b->slice[row / SLICE_ROWS].begin, memory_order_acquire);
    return at ? atomic_load_explicit(&at[row % SLICE_ROWS], memory_order_acquire) : 0;
}
static inline Stamp block_end(const Block *b, uint32_t row)
{
    _Atomic Stamp *at = atomic_load_explicit(&b->slice[row / SLICE_ROWS].end, memory_order_acquire);
    return at ? atomic_load_explicit(&at[row % SLICE_ROWS], memory_order_acquire) : STAMP_NEVER;
}

// Where an ended version went on; POS_NONE: it was deleted, or nobody noted it.
static inline uint32_t block_next(const Block *b, uint32_t row)
{
    _Atomic uint32_t *at = atomic_load_explicit(&b->slice[row / SLICE_ROWS].next, memory_order_acquire);
    return at ? atomic_load_explicit(&at[row % SLICE_ROWS], memory_order_acquire) : POS_NONE;
}

Generation *generation_new(const Slots *slots, uint64_t first_number); // NULL: memory is out
// Blocks that take rows get room for all slots; nobody else reads them (replay).
MUST_CHECK bool generation_widen(Generation *g, Err *err);
// New rows begin a new block, so that no slice holds rows of two shapes. The write mutex is held.
void generation_turn(Generation *g);
void generation_free(Generation *g);
// Block `at`, made when absent; NULL when memory is out or the table is full.
Block *generation_make(Generation *g, uint32_t at);
// Position of a row number; POS_NONE when there is none. Loads the block's numbers if need be.
MUST_CHECK bool generation_find(Generation *g, uint64_t number, uint32_t *pos, Err *err);
// All positions in the order of their numbers.
typedef struct RowWalk {
    Generation *g;
    uint32_t at, late; // next position of the file's part or the tail, of the late part
    bool in_tail;
} RowWalk;
RowWalk generation_walk(Generation *g);
// Those from this number on.
MUST_CHECK bool generation_walk_from(RowWalk *w, Generation *g, uint64_t number, Err *err);
// POS_NONE at the end.
MUST_CHECK bool generation_walk_next(RowWalk *w, uint32_t *pos, uint64_t *number, Err *err);
uint64_t generation_next_number(const Generation *g);
MUST_CHECK bool generation_number(Generation *g, uint32_t pos, uint64_t *number, Err *err);
void block_free(Block *b);
// Begin stamps of a slice that takes rows; its cells come with the first put.
MUST_CHECK bool block_open_slice(Block *b, uint32_t slice, Err *err);
MUST_CHECK bool block_open_nulls(Block *b, uint16_t column, uint32_t slice, Err *err);
MUST_CHECK bool block_open_ends(Block *b, uint32_t slice, Err *err);
MUST_CHECK bool block_open_next(Block *b, uint32_t slice, Err *err);
// Copies `count` chosen rows of a vector to rows at … of the block (all in one slice).
MUST_CHECK bool block_put(Block *b, uint16_t column, const Vector *v, const uint16_t *row, uint32_t count,
                          uint32_t at, Err *err);
// The cells of a column, loaded from the file when they lie there.
MUST_CHECK bool block_load(Generation *g, Block *b, uint16_t column, Err *err);

char *heap_get(Heap *h, size_t size); // NULL: memory is out
void heap_done(Heap *h);

#endif
