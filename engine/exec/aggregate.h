// Aggregation: groups and the states of their aggregates, filled batch by batch. Several grouping sets are
// filled in one pass: a row then has a group in each; two of them can be merged,
// so that workers can each fill one. Relies on eval, keys.
#ifndef ENGINE_EXEC_AGGREGATE_H
#define ENGINE_EXEC_AGGREGATE_H

#include "engine/exec/keys.h"
#include "engine/exec/operator.h"
#include "engine/exec/sort.h"
#include "engine/exec/spill.h"

typedef struct AggregationCall {
    const AggregateCall *plan;
    EvalNode **arg, *filter;
    Vector *in;    // the arguments, over the batch at work
    size_t offset; // of its state inside a group's
    Keys seen;     // DISTINCT: (arguments, group)
    // A call whose rows must be in order keeps them: group, sort keys, arguments.
    EvalNode **order;
    SortOrder *direction; // of the group, then the keys
    Rows kept;
    uint32_t *row;   // of kept, sorted; NULL until aggregate_finish
    uint32_t *start; // where each group's rows begin in row, and the end
    uint32_t groups;
} AggregationCall;

// Rows of groups that found no room, by grouping set and part; the child's columns (aggregate_spill.c).
typedef struct AggregateLeft {
    Operator *op;
    Type *type;
    bool *stay;
    uint32_t columns, sets;
    SpillParts **parts; // per set; NULL = none
    unsigned level;
} AggregateLeft;

typedef struct Aggregation {
    const PlanAggregate *plan;
    Exec *exec;
    EvalNode **group;
    AggregationCall *call;
    Vector *key;
    Keys keys;          // of the group expressions; with several grouping sets also the set's number
    Vector *value;      // group expressions over the batch at work
    Vector *none;       // a NULL of each one's type, for sets that leave it out
    uint32_t *group_of; // sets × BATCH_ROWS: groups of the batch at work
    unsigned char *states;
    size_t stride;
    uint32_t count, cap; // groups
    Arena mem;           // what states point to
    size_t mem_counted;
    bool is_open;
    Memory *memory;      // the operator's, or a worker's part of it
    unsigned crowd;      // memory_crowded's times
    AggregateLeft *left; // where rows of unknown groups go when memory is short; NULL = it cannot be
    bool frozen;         // no new groups: their rows go to left
    int64_t only_set;    // rows put aside belong to this grouping set; -1 = to all
} Aggregation;

// Expressions are compiled against ev, which aggregate_batch is then given.
MUST_CHECK bool aggregate_init(Aggregation *a, const PlanAggregate *plan, Exec *exec, Eval *ev,
                               Memory *memory, Err *err);
MUST_CHECK bool aggregate_open(Aggregation *a, Err *err);
void aggregate_close(Aggregation *a);
MUST_CHECK bool aggregate_batch(Aggregation *a, Eval *ev, const Batch *in, Err *err);
MUST_CHECK bool aggregate_merge(Aggregation *into, const Aggregation *from, Err *err);
// No more rows will come: what was kept for its order is sorted and folded.
MUST_CHECK bool aggregate_finish(Aggregation *a, Eval *ev, Err *err);
// Groups from …, at most BATCH_ROWS: key columns, then results (into room); long results go to mem.
MUST_CHECK bool aggregate_output(Aggregation *a, Eval *ev, uint32_t from, Batch *out, Vector *room,
                                 Arena *mem, Err *err);

// ---- rows put aside (aggregate_spill.c) ----

void aggregate_left_init(AggregateLeft *l, Operator *op);
void aggregate_left_done(AggregateLeft *l);
// The chosen rows of in, whose keys were just hashed into a->keys; sel with count rows of them.
MUST_CHECK bool aggregate_left_add(Aggregation *a, uint32_t set, const Batch *in, const uint16_t *sel,
                                   const uint64_t *hash, uint32_t count, Err *err);
// Feeds all that `from` holds to a, and forgets it.
MUST_CHECK bool aggregate_left_feed(AggregateLeft *from, Aggregation *a, Eval *ev, Err *err);
// Groups of parts that wait, one part at a time: fills a anew. *more false: there are no more.
typedef struct AggregateWaiting AggregateWaiting;
MUST_CHECK bool aggregate_waiting_push(AggregateWaiting **list, AggregateLeft *l, Err *err);
MUST_CHECK bool aggregate_waiting_next(AggregateWaiting **list, Aggregation *a, Eval *ev, bool *more,
                                       Err *err);
void aggregate_waiting_done(AggregateWaiting **list);

// ---- calls over rows in order (aggregate_order.c) ----

static inline bool aggregate_keeps(const AggregateCall *c) { return c->order_keys > 0; }
bool aggregate_order_init(AggregationCall *c, Eval *ev, Err *err);
bool aggregate_order_open(AggregationCall *c, Memory *memory, Err *err);
// Keeps the chosen rows with their group numbers (NULL = all of group 0).
bool aggregate_order_batch(AggregationCall *c, Eval *ev, const uint32_t *group, const uint16_t *sel,
                           uint32_t count, Err *err);
// Sorts; plain aggregates are then fed in that order.
bool aggregate_order_finish(AggregationCall *c, Aggregation *a, Err *err);
// The result of an ordered-set aggregate for a group.
bool aggregate_order_result(AggregationCall *c, Eval *ev, uint32_t group, Vector *out, uint32_t row,
                            Arena *mem, Err *err);
void aggregate_order_close(AggregationCall *c, Memory *memory);

// Workers that share a table: each runs its own chain of scan, filters and projections over blocks and fills
// its own Aggregation. *out NULL when the plan or the pool does not allow it.
typedef struct AggregateWorkers AggregateWorkers;
MUST_CHECK bool aggregate_workers_make(AggregateWorkers **out, Operator *op, Err *err);
MUST_CHECK bool aggregate_workers_run(AggregateWorkers *w, Aggregation *into, Err *err);

#endif
