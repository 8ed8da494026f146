// Aggregation: groups and the states of their aggregates, filled batch by batch; two of them can be merged,
// so that workers can each fill one. Relies on eval, keys.
#ifndef ENGINE_EXEC_AGGREGATE_H
#define ENGINE_EXEC_AGGREGATE_H

#include "engine/exec/keys.h"
#include "engine/exec/operator.h"

typedef struct AggregationCall {
    EvalNode *arg, *filter;
    size_t offset; // of its state inside a group's
    Keys seen;     // DISTINCT: (value, group)
} AggregationCall;

typedef struct Aggregation {
    const PlanAggregate *plan;
    Exec *exec;
    EvalNode **group;
    AggregationCall *call;
    Vector *key;
    Keys keys;
    unsigned char *states;
    size_t stride;
    uint32_t count, cap; // groups
    Arena mem;           // what states point to
    size_t mem_counted;
    bool is_open;
} Aggregation;

// Expressions are compiled against ev, which aggregate_batch is then given.
MUST_CHECK bool aggregate_init(Aggregation *a, const PlanAggregate *plan, Exec *exec, Eval *ev, Err *err);
MUST_CHECK bool aggregate_open(Aggregation *a, Err *err);
void aggregate_close(Aggregation *a);
MUST_CHECK bool aggregate_batch(Aggregation *a, Eval *ev, const Batch *in, Err *err);
MUST_CHECK bool aggregate_merge(Aggregation *into, const Aggregation *from, Err *err);
// Groups from …, at most BATCH_ROWS: key columns, then results (into room); long results go to mem.
MUST_CHECK bool aggregate_output(Aggregation *a, uint32_t from, Batch *out, Vector *room, Arena *mem,
                                 Err *err);

// Workers that share a table: each runs its own chain of scan, filters and projections over blocks and fills
// its own Aggregation. *out NULL when the plan or the pool does not allow it.
typedef struct AggregateWorkers AggregateWorkers;
MUST_CHECK bool aggregate_workers_make(AggregateWorkers **out, Operator *op, Err *err);
MUST_CHECK bool aggregate_workers_run(AggregateWorkers *w, Aggregation *into, Err *err);

#endif
