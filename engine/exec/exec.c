// Exec: one run of a plan from the first batch to the last.
#include "engine/exec/exec.h"

#include "engine/base/size.h"
#include "engine/exec/fn.h"
#include "engine/exec/spill.h"
#include "engine/exec/spool.h"
#include "engine/exec/window.h"
#include "engine/exec/write.h"

#include <stdlib.h>

static void exec_start(Exec *x, Memory *memory, ExecContext *ctx)
{
    *memory = (Memory){.max = ctx->memory_max, .up = ctx->memory_all};
    *x = (Exec){.ctx = ctx, .memory = memory};
    arena_init(&x->mem, 0);
    exec_spill_init(x);
}

static void exec_finish(Exec *x)
{
    for (ExecEnd *e = x->end; e; e = e->next) e->done(e->arg);
    exec_spill_done(x);
    arena_done(&x->mem);
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

// ---- in steps ----

struct ExecRun {
    ExecContext ctx;
    Exec exec;
    Memory memory;
    const Plan *plan;
    Operator *root;
    int64_t returned;
    bool ended;
};

static bool run_open(ExecRun *r, const Plan *plan, const ExecContext *ctx, Err *err)
{
    r->ctx = *ctx;
    r->plan = plan;
    exec_start(&r->exec, &r->memory, &r->ctx);
    r->exec.defers = plan->defers;
    if (ctx->rows_expected && plan->root->rows_expected > 0)
        atomic_store(ctx->rows_expected, (uint_fast64_t)plan->root->rows_expected);
    return write_spools_make(plan, &r->exec, err) &&
           operator_make(&r->root, plan->root, &r->exec, NULL, err) && operator_open(r->root, err);
}

static void run_close(ExecRun *r)
{
    operator_free(r->root);
    exec_finish(&r->exec);
}

bool exec_open(ExecRun **out, const Plan *plan, const ExecContext *ctx, Err *err)
{
    ExecRun *r = size_alloc_zero(1, sizeof *r);
    if (!r) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory to run a statement");
    *out = r;
    if (run_open(r, plan, ctx, err)) return true;
    exec_close(r);
    *out = NULL;
    return false;
}

bool exec_next(ExecRun *r, Batch **out, Err *err)
{
    *out = NULL;
    if (r->ended) return true;
    if (!operator_next(r->root, out, err)) return false;
    if (*out) {
        r->returned += (*out)->sel_len;
        return true;
    }
    r->ended = true;
    return finish_writes(r->plan, &r->exec, err);
}

int64_t exec_count(const ExecRun *r) { return r->plan->write ? (int64_t)r->exec.changed : r->returned; }

void exec_close(ExecRun *r)
{
    if (!r) return;
    run_close(r);
    free(r);
}

// ---- at once ----

static bool pull(ExecRun *r, ExecRows rows, void *self, Err *err)
{
    Batch *b;
    for (;;) {
        if (!exec_next(r, &b, err)) return false;
        if (!b) return true;
        if (!rows || !r->plan->returns || rows(self, b)) continue;
        if (!r->plan->write) return finish_writes(r->plan, &r->exec, err);
        rows = NULL; // enough seen, but not enough done
    }
}

bool exec_run(const Plan *plan, ExecContext *ctx, ExecRows rows, void *self, int64_t *count, Err *err)
{
    ExecRun r = {0};
    bool ok = run_open(&r, plan, ctx, err) && pull(&r, rows, self, err);
    *count = exec_count(&r);
    run_close(&r);
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
    static const Function *const scalar[] = {
        fn_compare,    fn_arithmetic,  fn_number,        fn_text,        fn_string,
        fn_date,       fn_part,        fn_interval,      fn_uuid,        fn_format,
        fn_session,    fn_catalog,     fn_catalog_plain, fn_advisory,    fn_bytes,
        fn_sequence,   fn_regex,       fn_array,         fn_array_text,  fn_json,
        fn_json_build, fn_json_change, fn_record,        fn_text_format, NULL};
    static const Aggregate *const aggregate[] = {fn_aggregate,  fn_aggregate_text, fn_statistics,
                                                 fn_regression, fn_ordered_set,    fn_array_aggregate,
                                                 NULL};
    static const TableFunction *const table[] = {fn_series,     fn_catalog_rows, fn_regex_rows,
                                                 fn_array_rows, fn_json_rows,    NULL};
    static const FunctionList list = {scalar, aggregate, table, fn_window, fn_routine, &fn_routine_rows};
    return &list;
}
