// Operator: the table from plan kinds to operators, and the walk over the tree that all kinds share.
#include "engine/exec/operator.h"

#include "engine/base/clock.h"
#include "engine/exec/measure.h"

#include <string.h>

enum { OPERATOR_DEPTH_MAX = 1000 };

static const OperatorKind *const operator_kinds[PLAN_KINDS] = {
    [PLAN_SCAN] = &op_scan,
    [PLAN_INDEX] = &op_index,
    [PLAN_INDEX_RANGE] = &op_index_range,
    [PLAN_VALUES] = &op_values,
    [PLAN_FUNCTION] = &op_system,
    [PLAN_FILTER] = &op_filter,
    [PLAN_PROJECT] = &op_project,
    [PLAN_HASH_JOIN] = &op_join_hash,
    [PLAN_INDEX_JOIN] = &op_join_index,
    [PLAN_LOOP_JOIN] = &op_join_loop,
    [PLAN_AGGREGATE] = &op_aggregate,
    [PLAN_WINDOW] = &op_window,
    [PLAN_DISTINCT] = &op_distinct,
    [PLAN_SORT] = &op_sort,
    [PLAN_LIMIT] = &op_limit,
    [PLAN_LOCK] = &op_lock,
    [PLAN_SET] = &op_set,
    [PLAN_TABLE_FUNCTION] = &op_function,
    [PLAN_APPLY] = &op_apply,
    [PLAN_SPOOL] = &op_spool,
    [PLAN_WORK] = &op_work,
    [PLAN_INSERT] = &op_insert,
    [PLAN_UPDATE] = &op_update,
    [PLAN_DELETE] = &op_delete,
};

static bool make(Operator **out, const PlanNode *plan, Exec *exec, Scope *scope, unsigned depth, Err *err)
{
    if (depth > OPERATOR_DEPTH_MAX)
        return err_set(err, SQLSTATE_TOO_COMPLEX, "the query is nested deeper than %d levels",
                       OPERATOR_DEPTH_MAX);
    const OperatorKind *kind = operator_kinds[plan->kind];
    Operator *op = arena_get(&exec->mem, kind->size);
    op->kind = kind;
    op->plan = plan;
    op->exec = exec;
    op->scope = scope;
    op->memory.up = exec->memory;
    if (exec->ctx->measure) op->seen = measure_seen(exec->ctx->measure, plan);
    *out = op;
    eval_init(&op->eval, exec, scope);
    for (uint32_t i = 0; i < plan->children && i < 2; i++)
        if (!make(&op->child[i], plan->child[i], exec, scope, depth + 1, err)) return false;
    return kind->make(op, err);
}

bool operator_make(Operator **out, const PlanNode *plan, Exec *exec, Scope *scope, Err *err)
{
    return make(out, plan, exec, scope, 0, err);
}

bool operator_open(Operator *op, Err *err)
{
    int64_t start = op->seen ? clock_mono_us() : 0;
    for (int i = 0; i < 2; i++)
        if (op->child[i] && !operator_open(op->child[i], err)) return false;
    if (op->is_open) {
        op->kind->close(op);
        arena_reset(&op->mem);
    }
    op->is_open = true;
    if (!op->seen) return op->kind->open(op, err);
    bool ok = op->kind->open(op, err);
    atomic_fetch_add(&op->seen->loops, 1);
    atomic_fetch_add(&op->seen->us, (unsigned long long)(clock_mono_us() - start));
    return ok;
}

static bool next_seen(Operator *op, Batch **out, Err *err)
{
    int64_t start = clock_mono_us();
    bool ok = op->kind->next(op, out, err);
    atomic_fetch_add(&op->seen->us, (unsigned long long)(clock_mono_us() - start));
    if (ok && *out) atomic_fetch_add(&op->seen->rows, (*out)->sel_len);
    return ok;
}

bool operator_next(Operator *op, Batch **out, Err *err)
{
    do {
        if (!exec_go_on(op->exec, err)) return false;
        if (!(op->seen ? next_seen(op, out, err) : op->kind->next(op, out, err))) return false;
    } while (*out && !(*out)->sel_len);
    return true;
}

void operator_close(Operator *op)
{
    if (!op) return;
    if (op->seen) measure_memory(op->seen, atomic_load(&op->memory.peak));
    if (op->is_open) {
        op->kind->close(op);
        arena_reset(&op->mem);
        op->is_open = false;
    }
    operator_close(op->child[0]);
    operator_close(op->child[1]);
}

void operator_free(Operator *op)
{
    if (!op) return;
    if (op->seen) measure_memory(op->seen, atomic_load(&op->memory.peak));
    if (op->is_open) op->kind->close(op);
    op->is_open = false;
    arena_done(&op->mem);
    eval_done(&op->eval);
    operator_free(op->child[0]);
    operator_free(op->child[1]);
}

void operator_output(Operator *op, bool room)
{
    const PlanNode *p = op->plan;
    op->out = (Batch){.columns = p->columns};
    op->out.vector = arena_array(&op->exec->mem, Vector, p->columns ? p->columns : 1);
    for (uint32_t c = 0; room && c < p->columns; c++)
        op->out.vector[c] = vector_new(&op->exec->mem, p->column[c].type);
}

void operator_output_clear(Operator *op)
{
    for (uint32_t c = 0; c < op->out.columns; c++)
        if (op->out.vector[c].nulls) memset(op->out.vector[c].nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
    op->out.sel = NULL;
    op->out.rows = op->out.sel_len = 0;
}
