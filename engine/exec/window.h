// Window: one partition of a window as its functions see it. Positions are places in the sorted order of all
// rows; numbers are those of the rows as they are kept. Relies on rows, operator.
#ifndef ENGINE_EXEC_WINDOW_H
#define ENGINE_EXEC_WINDOW_H

#include "engine/exec/operator.h"
#include "engine/exec/rows.h"

// Per position of all rows; what lies in one partition is filled when it is reached.
typedef struct WindowMap {
    uint32_t *row;                   // number of the row at a position
    uint32_t *peer_from, *peer_to;   // positions of its peers
    uint32_t *group;                 // number of its peer group in the partition, from 0
    uint32_t *group_from;            // by from + group number: where the group begins
    uint32_t *frame_from, *frame_to; // its frame before EXCLUDE; empty: equal
    uint32_t *pick;                  // scratch
} WindowMap;

typedef struct WindowPart {
    const WindowMap *map;
    uint32_t from, to; // positions of the partition
    uint32_t groups;   // peer groups
    FrameExclude exclude;
    const Vector *arg; // by row number
    uint32_t args;
    Vector *out; // by row number; bitmap cleared
} WindowPart;

// A frame without what EXCLUDE leaves out: at most three pieces, in order; returns how many.
typedef struct WindowPiece {
    uint32_t from, to;
} WindowPiece;
uint32_t window_pieces(const WindowPart *part, uint32_t at, WindowPiece out[3]);

// Fills frame_from and frame_to of the partition. key: the order key (by row number), for RANGE with offsets.
typedef struct WindowEdges {
    const WindowFrame *frame;
    Value from_offset, to_offset;
    Vector key, from_bound, to_bound; // by row number; bounds where the plan has them
    bool descending, has_key;
} WindowEdges;
MUST_CHECK bool window_frames(const WindowPart *part, const WindowEdges *edges, Err *err);
// 22004, 22013 for offsets that are NULL or negative.
MUST_CHECK bool window_edges_check(const WindowEdges *edges, Err *err);

// Cells from rows pick[position] (ROWS_NONE: NULL) to the rows of the partition.
void window_gather(const WindowPart *part, const Vector *from, const uint32_t *pick, Vector *out);
// One cell to another row of the same vector.
void window_repeat(Vector *out, uint32_t from_row, uint32_t to_row);

// ---- aggregates over frames (window_fold.c) ----

typedef struct WindowFold {
    const AggregateCall *call;
    Exec *exec;
    Vector *in;           // arguments by position: sorted
    const uint64_t *pass; // by position: passes FILTER; NULL = all
    Arena scratch, tree_mem;
    Arena *results; // long results
    unsigned char *state, *tree;
    size_t stride, tree_bytes;
    uint32_t leaves; // a power of two
} WindowFold;
MUST_CHECK bool window_fold(WindowFold *f, const WindowPart *part, Err *err);

extern const WindowFunction fn_window[];

#endif
