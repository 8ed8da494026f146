// Workers of an aggregation: blocks of the table are taken from one counter; each worker runs its own copy of
// the chain of scan, filters and projections and fills its own groups, which are merged at the end. Nothing
// is shared but the table, the counter and the count of memory.
#include "engine/exec/aggregate.h"
#include "engine/exec/op_scan.h"

enum { WORKERS_MAX = 64, WORKERS_BLOCKS_MIN = 2, WORKERS_CROWD = 3 };

typedef struct Worker {
    Exec exec;
    Eval eval;
    Operator *chain, *scan;
    Aggregation part;
    AggregateLeft left;
    Memory memory;
    Err err;
    bool ok;
} Worker;

struct AggregateWorkers {
    Operator *op;
    Worker *worker;
    uint32_t workers;
    uint32_t blocks;
    atomic_uint next;
};

static bool plain_expr(Expr *e, void *arg)
{
    bool *plain = arg;
    if (e->kind == EXPR_SUBQUERY || e->kind == EXPR_OUTER) *plain = false;
    if (e->kind == EXPR_CALL && (e->function->flags & FUNCTION_VOLATILE)) *plain = false;
    return *plain;
}

static bool plain(Expr *e)
{
    bool ok = true;
    if (e) expr_walk(e, plain_expr, &ok);
    return ok;
}

// Scan, filters and projections only, and nothing in them that runs a plan of its own.
static bool chain_plain(const PlanNode *n)
{
    bool ok = true;
    switch (n->kind) {
    case PLAN_SCAN: return plain(plan_as(PlanScan, n)->filter);
    case PLAN_FILTER: ok = plain(plan_as(PlanFilter, n)->condition); break;
    case PLAN_PROJECT:
        for (uint32_t c = 0; ok && c < n->columns; c++) ok = plain(plan_as(PlanProject, n)->expr[c]);
        break;
    default: return false;
    }
    return ok && chain_plain(n->child[0]);
}

// Its partial states can be merged in any order.
static bool call_plain(const AggregateCall *c)
{
    if (c->distinct || c->order_keys || !c->function->merge) return false;
    for (uint32_t i = 0; i < c->args; i++)
        if (!plain(c->arg[i])) return false;
    return plain(c->filter);
}

static bool allowed(const Operator *op)
{
    const PlanAggregate *p = plan_as(PlanAggregate, op->plan);
    if (op->scope || !op->exec->ctx->pool || pool_width(op->exec->ctx->pool) < 2) return false;
    for (uint32_t g = 0; g < p->groups; g++)
        if (!plain(p->group[g])) return false;
    for (uint32_t c = 0; c < p->calls; c++)
        if (!call_plain(&p->call[c])) return false;
    return chain_plain(op->plan->child[0]);
}

static const PlanScan *chain_scan(const PlanNode *n)
{
    while (n->kind != PLAN_SCAN) n = n->child[0];
    return plan_as(PlanScan, n);
}

bool aggregate_workers_make(AggregateWorkers **out, Operator *op, Err *err)
{
    *out = NULL;
    if (!allowed(op)) return true;
    Table *table =
        transaction_table_by_id(op->exec->ctx->transaction, chain_scan(op->plan->child[0])->table.id);
    if (!table || table_rows_estimate(table) < (uint64_t)STORE_BLOCK_ROWS * WORKERS_BLOCKS_MIN) return true;
    (void)err;
    AggregateWorkers *w = arena_new(&op->exec->mem, AggregateWorkers);
    w->op = op;
    w->blocks = table_blocks(table);
    w->workers = pool_width(op->exec->ctx->pool);
    if (w->workers > w->blocks) w->workers = w->blocks;
    if (w->workers > WORKERS_MAX) w->workers = WORKERS_MAX;
    if (w->workers < 2) return true;
    w->worker = arena_array(&op->exec->mem, Worker, w->workers);
    *out = w;
    return true;
}

static bool worker_block(Worker *me, uint32_t block)
{
    Batch *b;
    operator_close(me->chain);
    if (!op_scan_open_blocks(me->scan, block, block + 1, &me->err)) return false;
    me->scan->is_open = true;
    for (;;) {
        if (!operator_next(me->chain, &b, &me->err)) return false;
        if (!b) return true;
        if (!aggregate_batch(&me->part, &me->eval, b, &me->err)) return false;
    }
}

static void worker_run(void *arg, size_t i)
{
    AggregateWorkers *w = arg;
    Worker *me = &w->worker[i];
    const PlanNode *plan = w->op->plan;
    me->ok = operator_make(&me->chain, plan->child[0], &me->exec, NULL, &me->err) &&
             aggregate_init(&me->part, plan_as(PlanAggregate, plan), &me->exec, &me->eval, &me->memory,
                            &me->err) &&
             aggregate_open(&me->part, &me->err);
    me->part.left = &me->left;
    me->part.crowd = WORKERS_CROWD * w->workers; // what they hold is merged into one more
    for (me->scan = me->chain; me->ok && me->scan->child[0];) me->scan = me->scan->child[0];
    while (me->ok) {
        unsigned block = atomic_fetch_add(&w->next, 1);
        if (block >= w->blocks) break;
        me->ok = worker_block(me, block);
    }
    if (!me->ok) atomic_store(&w->next, w->blocks); // the others need not go on
}

bool aggregate_workers_run(AggregateWorkers *w, Aggregation *into, Err *err)
{
    Exec *exec = w->op->exec;
    bool ok = true;
    atomic_store(&w->next, 0);
    for (uint32_t i = 0; i < w->workers; i++) {
        Worker *me = &w->worker[i];
        *me = (Worker){.exec = {.ctx = exec->ctx, .memory = exec->memory, .spill = exec->spill},
                       .err = {.at = -1}};
        arena_init(&me->exec.mem, 0);
        eval_init(&me->eval, &me->exec, NULL);
        me->memory.up = &w->op->memory;
        aggregate_left_init(&me->left, w->op);
    }
    pool_run(exec->ctx->pool, w->workers, worker_run, w);
    for (uint32_t i = 0; i < w->workers; i++) {
        Worker *me = &w->worker[i];
        if (!me->ok && ok) *err = me->err;
        ok = ok && me->ok && aggregate_merge(into, &me->part, err);
        aggregate_close(&me->part);
    }
    for (uint32_t i = 0; i < w->workers; i++) // when all groups there are have been brought together
        ok = ok && aggregate_left_feed(&w->worker[i].left, into, &w->op->eval, err);
    for (uint32_t i = 0; i < w->workers; i++) {
        Worker *me = &w->worker[i];
        aggregate_left_done(&me->left);
        operator_free(me->chain);
        eval_done(&me->eval);
        for (ExecEnd *e = me->exec.end; e; e = e->next) e->done(e->arg);
        arena_done(&me->exec.mem);
    }
    return ok;
}
