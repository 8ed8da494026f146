// Scope: where a running plan finds the statement's context and the rows of the queries around it (correlated
// subqueries). Relies on plan, memory.
#ifndef ENGINE_EXEC_SCOPE_H
#define ENGINE_EXEC_SCOPE_H

#include "engine/exec/exec.h"
#include "engine/exec/memory.h"

enum { SCOPE_SLOTS_MAX = 64 };
struct Operator;
typedef struct ExecSpill ExecSpill;

// Something to give back when the run ends (hash sets of IN lists, remembered subqueries).
typedef struct ExecEnd {
    void (*done)(void *arg);
    void *arg;
    struct ExecEnd *next;
} ExecEnd;

// A write whose rows are known and which waits until everything else has been read.
typedef struct ExecWrite {
    bool (*apply)(struct Operator *op, Err *err);
    struct Operator *op;
    struct ExecWrite *next;
} ExecWrite;

// Rows of a changed or locked table that are looked at again: its reads give these and no others.
enum { EXEC_RECHECK_MAX = 1 << 24 };
typedef struct RecheckRow {
    uint64_t table;
    uint32_t mark; // PlanTable
    RowPos pos;    // ROW_NONE: there was none
} RecheckRow;
typedef struct Recheck {
    RecheckRow *row;
    uint32_t count;
} Recheck;

// One run of one plan.
typedef struct Exec {
    ExecContext *ctx;
    Arena mem;               // operators and compiled expressions: until the run ends
    Memory *memory;          // of the whole statement, workers included
    struct ExecSpill *spill; // its file of rows put aside (spill.h)
    uint64_t changed;        // rows a write has changed
    ExecEnd *end;
    struct Spool **spool;   // WITH queries that are kept, by number; made when first needed (spool.h)
    const Recheck *recheck; // while operators are opened and run that look again
    bool defers;            // writes wait (Plan.defers)
    ExecWrite *waiting, *waiting_last;
    struct WriteHidden *hidden; // per table that is written (write_hidden.c)
} Exec;

// The row of an enclosing query at which a subquery stands at the moment. slot lists the columns that the
// subquery reads, found when it is compiled.
typedef struct Scope {
    struct Scope *up; // of the query around that one
    const Batch *batch;
    uint32_t row;
    uint64_t moves; // grows whenever batch or row changes
    bool deep;      // the subquery also reads rows further out
    uint32_t slots;
    uint32_t slot[SCOPE_SLOTS_MAX];
    Type type[SCOPE_SLOTS_MAX];
} Scope;

// 57014 when the statement is to stop.
static inline bool exec_go_on(const Exec *x, Err *err)
{
    if (!x->ctx->cancel || !atomic_load_explicit(x->ctx->cancel, memory_order_relaxed)) return true;
    return err_set(err, SQLSTATE_CANCELED, "canceling statement due to user request");
}
static inline void exec_progress(const Exec *x, uint64_t rows)
{
    if (x->ctx->rows_done) atomic_fetch_add_explicit(x->ctx->rows_done, rows, memory_order_relaxed);
}

static inline void exec_at_end(Exec *x, void (*done)(void *arg), void *arg)
{
    ExecEnd *e = arena_new(&x->mem, ExecEnd);
    *e = (ExecEnd){done, arg, x->end};
    x->end = e;
}

#endif
