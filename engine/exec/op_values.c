// Values: rows of expressions; SELECT without FROM is one row. Constants are put into the batch without
// evaluation.
#include "engine/exec/operator.h"

typedef struct OpValues {
    Operator op;
    EvalNode **node;
    uint32_t next;
} OpValues;

static bool values_make(Operator *op, Err *err)
{
    const PlanValues *p = plan_as(PlanValues, op->plan);
    OpValues *v = (OpValues *)op;
    operator_output(op, false);
    uint64_t cells = (uint64_t)p->rows * p->node.columns;
    if (cells > UINT32_MAX) return err_set(err, SQLSTATE_LIMIT, "VALUES holds too many cells");
    return eval_compile_all(&v->node, p->expr, (uint32_t)cells, &op->eval, err);
}

static bool values_open(Operator *op, Err *err)
{
    (void)err;
    const PlanValues *p = plan_as(PlanValues, op->plan);
    ((OpValues *)op)->next = 0;
    uint32_t room = p->rows < 64 ? 64 : BATCH_ROWS;
    for (uint32_t c = 0; c < op->out.columns; c++) {
        Type type = p->node.column[c].type;
        if (op->out.vector[c].data) continue;
        op->out.vector[c] = (Vector){.type = type,
                                     .data = arena_get(&op->exec->mem, phys_size(type_phys(type.id)) * room),
                                     .nulls = arena_array(&op->exec->mem, uint64_t, BATCH_NULL_WORDS)};
    }
    return true;
}

static bool values_next(Operator *op, Batch **out, Err *err)
{
    static const Batch one = {.rows = 1, .sel_len = 1};
    static const uint16_t first = 0;
    const PlanValues *p = plan_as(PlanValues, op->plan);
    OpValues *v = (OpValues *)op;
    Batch *b = &op->out;
    *out = NULL;
    if (v->next >= p->rows) return true;
    operator_output_clear(op);
    arena_reset(&op->mem);
    eval_begin(&op->eval, &one, err);
    for (; b->rows < BATCH_ROWS && v->next < p->rows; b->rows++, v->next++) {
        for (uint32_t c = 0; c < b->columns; c++) {
            const Vector *cell;
            if (!eval_run(v->node[v->next * b->columns + c], &op->eval, NULL, 1, &cell)) return false;
            vector_copy_rows(&b->vector[c], b->rows, cell, &first, 1, &op->mem);
        }
    }
    b->sel_len = b->rows;
    *out = b;
    return true;
}

static void values_close(Operator *op) { (void)op; }

const OperatorKind op_values = {sizeof(OpValues), values_make, values_open, values_next, values_close};
