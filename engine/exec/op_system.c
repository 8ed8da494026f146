// System: a table that the engine makes up (SHOW, DESCRIBE, information_schema): filled when opened, then
// handed out.
#include "engine/exec/operator.h"
#include "engine/exec/rows.h"

typedef struct OpSystem {
    Operator op;
    Rows rows;
    uint32_t next;
    Err *err; // of the fill that runs
    bool failed;
} OpSystem;

static bool system_make(Operator *op, Err *err)
{
    (void)err;
    operator_output(op, false);
    return true;
}

static bool system_emit(void *self, const Value *row)
{
    OpSystem *s = self;
    Operator *op = &s->op;
    static const uint16_t first = 0;
    Arena *mem = &op->mem;
    Vector *v = arena_array(mem, Vector, s->rows.columns ? s->rows.columns : 1);
    for (uint32_t c = 0; c < s->rows.columns; c++) {
        Value cell = row[c];
        Type to = s->rows.column[c].type;
        if (cell.null)
            cell = value_null(to);
        else if (cell.type.id != to.id && !cast_value(&cell, &row[c], to, CAST_EXPLICIT, mem, s->err)) {
            s->failed = true;
            return false;
        }
        v[c] = vector_constant(mem, &cell);
        v[c].type = to;
    }
    s->failed = !exec_go_on(op->exec, s->err) || !rows_append(&s->rows, v, &first, 1, s->err);
    return !s->failed;
}

static bool system_open(Operator *op, Err *err)
{
    const PlanSystem *p = plan_as(PlanSystem, op->plan);
    OpSystem *s = (OpSystem *)op;
    Arena mem = {0};
    s->err = err;
    s->next = 0;
    s->failed = false;
    if (!p->table->fill) return true;
    rows_init(&s->rows, &op->memory, p->table->column_type, p->table->columns);
    bool ok = p->table->fill(op->exec->ctx->db, p->arg, p->args, system_emit, s, &mem, err) && !s->failed;
    arena_done(&mem);
    return ok;
}

static bool system_next(Operator *op, Batch **out, Err *err)
{
    OpSystem *s = (OpSystem *)op;
    const SystemTable *table = plan_as(PlanSystem, op->plan)->table;
    *out = NULL;
    if (!table->fill) {
        const SystemFeed *feed = (const SystemFeed *)(const void *)table;
        return feed->rows(feed->self, out, err);
    }
    if (s->next >= s->rows.count) return true;
    rows_window(&s->rows, s->next, &op->out, op->out.vector);
    s->next += op->out.rows;
    *out = &op->out;
    return true;
}

static void system_close(Operator *op)
{
    if (plan_as(PlanSystem, op->plan)->table->fill) rows_done(&((OpSystem *)op)->rows);
}

const OperatorKind op_system = {sizeof(OpSystem), system_make, system_open, system_next, system_close};
