// Measure: what the operators of one run did, by node of its plan (EXPLAIN ANALYZE). A node may have several
// operators at once: one per worker, or one per place where a subquery stands. Relies on plan. Thread-safe
// while the run goes on; read when it has ended.
#ifndef ENGINE_EXEC_MEASURE_H
#define ENGINE_EXEC_MEASURE_H

#include "engine/plan/plan.h"
#include <stdatomic.h>

typedef struct MeasureSeen {
    const PlanNode *plan;
    atomic_ullong rows;    // given
    atomic_ullong loops;   // times opened
    atomic_ullong us;      // in it and below it, of all its threads together
    atomic_size_t memory;  // most that one of its operators held at once
    atomic_ullong spilled; // bytes put aside in files
    struct MeasureSeen *next;
} MeasureSeen;

typedef struct Measure Measure;
Measure *measure_new(void); // NULL when memory is out
void measure_free(Measure *m);
// The node's own; made at the first call.
MeasureSeen *measure_seen(Measure *m, const PlanNode *plan);
void measure_memory(MeasureSeen *s, size_t most);
// NULL: no operator of the node was ever made.
const MeasureSeen *measure_find(Measure *m, const PlanNode *plan);
// For plan_text_noted: "8 expected, 7 rows, 0.12 ms …" behind a node.
void measure_text(void *measure, const PlanNode *plan, Bytes *out);

#endif
