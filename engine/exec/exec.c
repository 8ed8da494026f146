// Exec: one run of a plan from the first batch to the last.
#include "engine/exec/exec.h"

#include "engine/exec/fn.h"
#include "engine/exec/spool.h"
#include "engine/exec/write.h"

static void exec_start(Exec *x, Memory *memory, ExecContext *ctx)
{
    *memory = (Memory){.max = ctx->memory_max};
    *x = (Exec){.ctx = ctx, .memory = memory};
    arena_init(&x->mem, 0);
}

static void exec_finish(Exec *x)
{
    for (ExecEnd *e = x->end; e; e = e->next) e->done(e->arg);
    arena_done(&x->mem);
}

static bool pull(Operator *root, const Plan *plan, ExecRows rows, void *self, int64_t *count, Err *err)
{
    Batch *b;
    if (!operator_open(root, err)) return false;
    for (;;) {
        if (!operator_next(root, &b, err)) return false;
        if (!b) break;
        *count += b->sel_len;
        if (!rows || !plan->returns || rows(self, b)) continue;
        if (!plan->write) return true;
        rows = NULL; // enough seen, but not enough done
    }
    return true;
}

// INSERT, UPDATE, DELETE inside WITH: made before anything runs, run to the end whether they were read or
// not; then what waited is written.
static bool write_spools_make(const Plan *plan, Exec *x, Err *err)
{
    x->spool = arena_array(&x->mem, struct Spool *, plan->spools + 1);
    for (uint32_t i = 0; i < plan->write_spools; i++) {
        Spool *s;
        if (!spool_get(&s, plan->write_spool[i], x, NULL, true, err)) return false;
    }
    return true;
}

static bool finish_writes(const Plan *plan, Exec *x, Err *err)
{
    for (uint32_t i = 0; i < plan->write_spools; i++)
        if (!spool_finish(x->spool[plan->write_spool[i]->number], err)) return false;
    return write_apply_waiting(x, err);
}

bool exec_run(const Plan *plan, ExecContext *ctx, ExecRows rows, void *self, int64_t *count, Err *err)
{
    Exec x;
    Memory memory;
    Operator *root = NULL;
    int64_t returned = 0;
    exec_start(&x, &memory, ctx);
    x.defers = plan->defers;
    if (ctx->rows_expected && plan->root->rows_expected > 0)
        atomic_store(ctx->rows_expected, (uint_fast64_t)plan->root->rows_expected);
    bool ok = write_spools_make(plan, &x, err) && operator_make(&root, plan->root, &x, NULL, err) &&
              pull(root, plan, rows, self, &returned, err) && finish_writes(plan, &x, err);
    operator_free(root);
    *count = plan->write ? (int64_t)x.changed : returned;
    exec_finish(&x);
    return ok;
}

bool exec_constant(const Expr *e, ExecContext *ctx, Value *out, Arena *mem, Err *err)
{
    Exec x;
    Memory memory;
    Eval ev;
    EvalNode *node;
    exec_start(&x, &memory, ctx);
    eval_init(&ev, &x, NULL);
    bool ok = eval_compile(&node, e, &ev, err) && eval_value(node, &ev, out, mem, err);
    eval_done(&ev);
    exec_finish(&x);
    return ok;
}

const FunctionList *exec_functions(void)
{
    static const Function *const scalar[] = {fn_compare, fn_arithmetic, fn_number,  fn_text,  fn_string,
                                             fn_date,    fn_format,     fn_session, fn_bytes, NULL};
    static const Aggregate *const aggregate[] = {fn_aggregate,  fn_aggregate_text, fn_statistics,
                                                 fn_regression, fn_ordered_set,    NULL};
    static const TableFunction *const table[] = {fn_series, NULL};
    static const FunctionList list = {scalar, aggregate, table};
    return &list;
}
