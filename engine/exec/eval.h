// Eval: an expression compiled once per statement into nodes with functions and vectors of their own, then
// run over batches. Two ways to run a node: eval_run gives a vector, eval_select gives the rows where it is
// TRUE without making one. Relies on plan, scope.
#ifndef ENGINE_EXEC_EVAL_H
#define ENGINE_EXEC_EVAL_H

#include "engine/exec/scope.h"

// What belongs to the expressions of one operator over one input batch.
typedef struct Eval {
    Exec *exec;
    Scope *scope;
    Arena mem; // long cells of the results: until the next eval_begin
    const Batch *in;
    KernelContext kernel;
    struct RegexSet *regexes; // patterns that its calls have compiled
} Eval;

typedef struct EvalNode EvalNode;
// Rows: sel NULL = 0 … count-1. *out is the node's, its input's or its child's; valid until the next
// eval_begin.
typedef bool (*EvalRun)(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out);
// Writes the chosen rows that are TRUE to out (may be sel itself), ascending; returns false on error.
typedef bool (*EvalSelect)(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, uint16_t *out,
                           uint32_t *out_count);

struct EvalNode {
    EvalRun run;
    EvalSelect select;
    const Expr *expr;
    uint32_t args;
    EvalNode **arg;
    Vector own; // where results go; room for `cap` rows
    uint64_t *own_nulls;
    uint32_t cap;
    bool constant;  // no slot, no volatile call: one row stands for all
    Vector *in;     // CALL: arguments as the kernel takes them
    uint16_t *rows; // scratch selection
    void *state;
};

void eval_init(Eval *ev, Exec *exec, Scope *scope);
void eval_done(Eval *ev);
// e must live as long as the run. 0A000 for what cannot be run.
MUST_CHECK bool eval_compile(EvalNode **out, const Expr *e, Eval *ev, Err *err);
MUST_CHECK bool eval_compile_all(EvalNode ***out, Expr *const *e, uint32_t count, Eval *ev, Err *err);
// Starts work on a batch; results of the batch before are gone.
void eval_begin(Eval *ev, const Batch *in, Err *err);
static inline bool eval_run(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    return n->run(n, ev, sel, count, out);
}
static inline bool eval_select(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, uint16_t *out,
                               uint32_t *out_count)
{
    return n->select(n, ev, sel, count, out, out_count);
}
// One value on no input (constants, parameters, outer columns), copied into mem.
MUST_CHECK bool eval_value(EvalNode *n, Eval *ev, Value *out, Arena *mem, Err *err);

// ---- for the files that make nodes (eval_*.c) ----

// The node's vector with room for the batch and no NULLs; its bitmap is zeroed.
Vector *eval_own(EvalNode *n, Eval *ev);
// Drops an empty bitmap, so that later loops need not look.
void eval_settle_nulls(Vector *v, uint32_t rows);
// Marks the chosen rows of out that are NULL in v (cells zeroed) and writes the others to rest. Returns how
// many.
uint32_t eval_split_nulls(Vector *out, const Vector *v, const uint16_t *sel, uint32_t count, uint16_t *rest);
// Chosen rows that are not NULL in v.
uint32_t eval_not_null(const Vector *v, const uint16_t *sel, uint32_t count, uint16_t *rest);
void eval_set_nulls(Vector *out, const uint16_t *sel, uint32_t count);
// Copies cells of the chosen rows to the same rows of out.
void eval_take_rows(Vector *out, const Vector *v, const uint16_t *sel, uint32_t count);
// The chosen rows TRUE in a boolean vector.
uint32_t eval_true_rows(const Vector *v, const uint16_t *sel, uint32_t count, uint16_t *out);
// a and not b, both ascending; out may be a.
uint32_t eval_rows_without(const uint16_t *a, uint32_t a_count, const uint16_t *b, uint32_t b_count,
                           uint16_t *out);
void eval_all_rows(uint16_t *rows, uint32_t count);
uint16_t *eval_scratch(EvalNode *n, Eval *ev);
// select by way of run.
bool eval_select_by_run(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, uint16_t *out,
                        uint32_t *out_count);

// One maker per expression kind: fills run, select, state; children are compiled already (but subplans).
typedef bool (*EvalMake)(EvalNode *n, Eval *ev, Err *err);
bool eval_make_call(EvalNode *n, Eval *ev, Err *err);
bool eval_make_cast(EvalNode *n, Eval *ev, Err *err);
bool eval_make_logic(EvalNode *n, Eval *ev, Err *err);
bool eval_make_test(EvalNode *n, Eval *ev, Err *err);
bool eval_make_distinct(EvalNode *n, Eval *ev, Err *err);
bool eval_make_branch(EvalNode *n, Eval *ev, Err *err);
bool eval_make_in_list(EvalNode *n, Eval *ev, Err *err);
bool eval_make_any(EvalNode *n, Eval *ev, Err *err);
bool eval_make_like(EvalNode *n, Eval *ev, Err *err);
bool eval_make_domain(EvalNode *n, Eval *ev, Err *err);
bool eval_make_subquery(EvalNode *n, Eval *ev, Err *err);

#endif
