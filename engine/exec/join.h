// Join: what hash, index and loop joins share: pairs of a left row and a right row are put together, tried
// against the rest of the ON condition, and each join kind takes from that what it needs. A join brings two
// functions: start (a new left batch) and pairs (the next candidates). Relies on operator, rows.
#ifndef ENGINE_EXEC_JOIN_H
#define ENGINE_EXEC_JOIN_H

#include "engine/exec/operator.h"
#include "engine/exec/rows.h"

typedef struct Join Join;
struct Join {
    Operator op;
    const PlanJoin *plan;
    JoinKind kind;
    uint32_t left_columns, right_columns;
    EvalNode *filter;
    Eval filter_eval;
    // Filled by start and pairs.
    bool (*start)(Join *j, Err *err);
    bool (*pairs)(Join *j, bool *more, Err *err);
    bool (*right_cells)(Join *j, Vector *out, const uint16_t *at,
                        Err *err); // cells of right_row[], to rows at[]
    // NULL: left batches are the child's, and the right side is all there at once.
    bool (*source)(Join *j, Batch **out, Err *err);
    bool (*again)(Join *j, bool *more, Err *err); // the next part of both sides, when one is through
    Batch *probe;
    uint32_t count;                 // candidate pairs
    uint16_t left_row[BATCH_ROWS];  // row of probe
    uint32_t right_row[BATCH_ROWS]; // number of the right row; ROWS_NONE = NULLs
    bool one_match;                 // pairs gives each left row at most once per batch, in order
    uint8_t matched[BATCH_ROWS];    // by row of probe
    uint8_t unknown[BATCH_ROWS];    // IN's third value, should no match be found
    // Right side kept (hash and loop joins).
    Rows build;
    uint8_t *build_matched; // RIGHT, FULL
    uint32_t build_next;
    // Output.
    Batch both; // what the filter looks at
    Vector *left_own, *right_own, *none;
    uint16_t sel[BATCH_ROWS];
    uint8_t mark[BATCH_ROWS];
    uint64_t mark_nulls[BATCH_NULL_WORDS];
    bool more, left_done;
};

MUST_CHECK bool join_make(Join *j, Err *err);
MUST_CHECK bool join_open(Join *j, Err *err);
MUST_CHECK bool join_next(Operator *op, Batch **out, Err *err);
void join_close(Operator *op);
// Does the join give right cells or look at them in a filter?
static inline bool join_needs_right(const Join *j)
{
    return j->filter || (j->kind != JOIN_SEMI && j->kind != JOIN_ANTI && j->kind != JOIN_ANTI_NULL &&
                         j->kind != JOIN_MARK);
}
// right_cells for joins that keep the right side in `build`.
bool join_build_cells(Join *j, Vector *out, const uint16_t *at, Err *err);
MUST_CHECK bool join_build_done(Join *j, Err *err); // all right rows are in build

#endif
