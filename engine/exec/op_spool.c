// Reading a WITH query that is kept: any number of readers, each with its own place; and, inside a recursive
// one, reading the rows of the step before.
#include "engine/exec/spool.h"

typedef struct OpSpool {
    Operator op;
    Spool *spool;
    SpoolPlace place;
    Vector *vector; // of the spool's columns
    uint16_t *sel;
} OpSpool;

static bool spool_make(Operator *op, Err *err)
{
    OpSpool *s = (OpSpool *)op;
    const PlanSpool *p = plan_as(PlanSpool, op->plan);
    operator_output(op, false);
    s->sel = arena_array(&op->exec->mem, uint16_t, BATCH_ROWS);
    s->vector = arena_array(&op->exec->mem, Vector, p->spool->body->columns + 1);
    if (op->plan->kind == PLAN_SPOOL)
        return spool_get(&s->spool, p->spool, op->exec, op->scope, p->owner, err);
    s->spool = op->exec->spool[p->spool->number];
    return s->spool || err_set(err, SQLSTATE_INTERNAL, "a recursive step stands outside its query");
}

static bool spool_open(Operator *op, Err *err)
{
    (void)err;
    OpSpool *s = (OpSpool *)op;
    spool_start(s->spool);
    s->place = (SpoolPlace){0, 0};
    return true;
}

static void choose(OpSpool *s, const Batch *in)
{
    const PlanSpool *p = plan_as(PlanSpool, s->op.plan);
    Batch *out = &s->op.out;
    for (uint32_t c = 0; c < out->columns; c++) out->vector[c] = in->vector[p->column[c]];
    out->rows = in->rows;
    out->sel = in->sel;
    out->sel_len = in->sel_len;
}

static bool spool_next(Operator *op, Batch **out, Err *err)
{
    OpSpool *s = (OpSpool *)op;
    Batch in;
    bool end;
    *out = NULL;
    if (!spool_read(s->spool, &s->place, &in, s->vector, s->sel, &end, err)) return false;
    if (end) return true;
    choose(s, &in);
    *out = &op->out;
    return true;
}

static bool work_open(Operator *op, Err *err)
{
    (void)err;
    OpSpool *s = (OpSpool *)op;
    spool_work_start(s->spool, &s->place);
    return true;
}

static bool work_next(Operator *op, Batch **out, Err *err)
{
    (void)err;
    OpSpool *s = (OpSpool *)op;
    Batch in;
    bool end;
    *out = NULL;
    spool_read_work(s->spool, &s->place, &in, s->vector, s->sel, &end);
    if (end) return true;
    choose(s, &in);
    *out = &op->out;
    return true;
}

static void spool_close(Operator *op) { (void)op; }

const OperatorKind op_spool = {sizeof(OpSpool), spool_make, spool_open, spool_next, spool_close};
const OperatorKind op_work = {sizeof(OpSpool), spool_make, work_open, work_next, spool_close};
