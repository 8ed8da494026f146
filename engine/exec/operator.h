// Operator: one step of a running plan. Each kind is a file op_*.c with one const OperatorKind; the table
// from plan kinds to operators is in operator.c. Relies on plan, eval.
#ifndef ENGINE_EXEC_OPERATOR_H
#define ENGINE_EXEC_OPERATOR_H

#include "engine/exec/eval.h"

typedef struct Operator Operator;
typedef struct OperatorKind {
    size_t size;                          // of the kind's own struct, which begins with an Operator
    bool (*make)(Operator *op, Err *err); // once: compiles expressions; children are made already
    bool (*open)(Operator *op, Err *err); // starts (again): children are opened by operator_open before
    bool (*next)(Operator *op, Batch **out,
                 Err *err);      // *out NULL at the end; a batch lives until the next call
    void (*close)(Operator *op); // what open and next hold; may be called without open
} OperatorKind;

struct Operator {
    const OperatorKind *kind;
    const PlanNode *plan;
    Exec *exec;
    Scope *scope;
    Operator *child[2];
    Eval eval;                // over the batches of child[0] (or of the table)
    Arena mem;                // from open to close
    Memory memory;            // what it keeps; part of the statement's
    struct MeasureSeen *seen; // EXPLAIN ANALYZE; else NULL
    Batch out;
    bool is_open;
    bool rows_stay; // long cells of the output live until the transaction ends
};

// Builds and compiles the whole tree.
MUST_CHECK bool operator_make(Operator **out, const PlanNode *plan, Exec *exec, Scope *scope, Err *err);
MUST_CHECK bool operator_open(Operator *op, Err *err); // children first
// Looks at the cancel flag, then asks for the next batch. *out NULL = no more; batches with no chosen row are
// passed over.
MUST_CHECK bool operator_next(Operator *op, Batch **out, Err *err);
void operator_close(Operator *op); // children too; fine when never opened
void operator_free(Operator *op);  // closes, gives back evaluation memory

// op->out with one vector per output column (room for BATCH_ROWS when `room`), in the statement's memory.
void operator_output(Operator *op, bool room);
// Clears null bitmaps of vectors made by operator_output and sets the row count.
void operator_output_clear(Operator *op);

extern const OperatorKind op_scan, op_index, op_index_range, op_values, op_system, op_filter, op_project,
    op_join_hash, op_join_index, op_join_loop, op_aggregate, op_window, op_distinct, op_sort, op_lock,
    op_limit, op_set, op_apply, op_spool, op_work, op_insert, op_update, op_delete, op_function;

#endif
