// Sort, merging: sorted runs that were put aside become one order. Runs are merged in the order in which they
// came, so the whole stays stable. Relies on sort, spill.
#ifndef ENGINE_EXEC_SORT_MERGE_H
#define ENGINE_EXEC_SORT_MERGE_H

#include "engine/exec/sort.h"
#include "engine/exec/spill.h"

enum { SORT_FAN_IN = 16 }; // runs merged at once; more go through several passes

typedef struct SortRun {
    Spill spill; // rows, then their keys
    SpillReader reader;
    const Batch *batch; // at hand; NULL = the run has ended
    uint32_t at;
} SortRun;

typedef struct SortMerge {
    Operator *op;
    const SortOrder *order;
    OrderCompare *compare; // per key
    Type *type;
    bool *stay;
    uint32_t columns, keys;
    SortRun *run;
    uint32_t runs, cap;
    uint64_t limit, given;      // limit 0 = none
    uint32_t heap[SORT_FAN_IN]; // numbers of runs, the least row on top
    uint32_t heaped, first;     // first: the run that heap counts from
    Arena mem;                  // long cells of the batch given last
} SortMerge;

// rows and keys: their types, and whether their long cells are borrowed.
void sort_merge_init(SortMerge *m, Operator *op, const SortOrder *order, const Rows *rows, const Rows *keys,
                     uint64_t limit);
void sort_merge_done(SortMerge *m);
// Puts the rows with these numbers aside, in this order, as one more run.
MUST_CHECK bool sort_merge_run(SortMerge *m, const Rows *rows, const Rows *keys, const uint32_t *row,
                               uint32_t count, Err *err);
// No more runs come. Then batches, in op->out; *out NULL at the end.
MUST_CHECK bool sort_merge_begin(SortMerge *m, Err *err);
MUST_CHECK bool sort_merge_next(SortMerge *m, Batch **out, Err *err);

#endif
