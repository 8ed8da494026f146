// System: a table that the engine makes up (SHOW, DESCRIBE, information_schema): filled when opened, then
// handed out.
#include "engine/exec/operator.h"
#include "engine/exec/rows.h"

typedef struct OpSystem {
    Operator op;
    Rows rows;
    EvalNode **key;
    uint32_t next;
    Err *err; // of the fill that runs
    bool failed;
} OpSystem;

static bool is_feed(const SystemTable *t) { return !t->fill && !t->find; }

static bool system_make(Operator *op, Err *err)
{
    const PlanSystem *p = plan_as(PlanSystem, op->plan);
    OpSystem *s = (OpSystem *)op;
    s->key = arena_array(&op->exec->mem, EvalNode *, p->keys + 1);
    for (uint32_t k = 0; k < p->keys; k++)
        if (!eval_compile(&s->key[k], p->key[k].value, &op->eval, err)) return false;
    operator_output(op, false);
    return true;
}

static bool system_emit(void *self, const Value *row)
{
    OpSystem *s = self;
    Operator *op = &s->op;
    static const uint16_t first = 0;
    Arena *mem = &op->mem;
    const uint16_t *column = plan_as(PlanSystem, op->plan)->column;
    Vector *v = arena_array(mem, Vector, s->rows.columns ? s->rows.columns : 1);
    for (uint32_t c = 0; c < s->rows.columns; c++) {
        const Value *from = &row[column ? column[c] : c];
        Value cell = *from;
        Type to = s->rows.column[c].type;
        if (cell.null)
            cell = value_null(to);
        else if (cell.type.id != to.id && !cast_value(&cell, from, to, CAST_EXPLICIT, mem, s->err)) {
            s->failed = true;
            return false;
        }
        v[c] = vector_constant(mem, &cell);
        v[c].type = to;
    }
    s->failed = !exec_go_on(op->exec, s->err) || !rows_append(&s->rows, v, &first, 1, s->err);
    return !s->failed;
}

// The keys' values; *none when one of them is NULL, which equals nothing.
static bool system_keys(OpSystem *s, const PlanSystem *p, SystemKey *key, bool *none, Err *err)
{
    Operator *op = &s->op;
    for (uint32_t k = 0; k < p->keys; k++) {
        Type to = p->table->column_type[p->key[k].column];
        key[k].column = p->key[k].column;
        if (!eval_value(s->key[k], &op->eval, &key[k].value, &op->mem, err)) return false;
        *none |= key[k].value.null;
        if (!key[k].value.null && key[k].value.type.id != to.id &&
            !cast_value_in(op->exec->ctx->cast, &key[k].value, &key[k].value, to, CAST_EXPLICIT, &op->mem,
                           err))
            return false;
    }
    return true;
}

static bool system_fill(OpSystem *s, const PlanSystem *p, Arena *mem, Err *err)
{
    void *db = s->op.exec->ctx->db;
    if (p->table->fill) return p->table->fill(db, p->arg, p->args, system_emit, s, mem, err);
    SystemKey *key = arena_array(mem, SystemKey, p->keys + 1);
    bool none = false;
    if (!system_keys(s, p, key, &none, err)) return false;
    return none || p->table->find(db, key, p->keys, system_emit, s, mem, err);
}

static bool system_open(Operator *op, Err *err)
{
    const PlanSystem *p = plan_as(PlanSystem, op->plan);
    OpSystem *s = (OpSystem *)op;
    Arena mem = {0};
    s->err = err;
    s->next = 0;
    s->failed = false;
    if (is_feed(p->table)) return true;
    Type *type = arena_array(&op->mem, Type, p->node.columns + 1);
    for (uint32_t c = 0; c < p->node.columns; c++) type[c] = p->node.column[c].type;
    rows_init(&s->rows, &op->memory, type, p->node.columns);
    bool ok = system_fill(s, p, &mem, err) && !s->failed;
    arena_done(&mem);
    return ok;
}

static bool system_next(Operator *op, Batch **out, Err *err)
{
    OpSystem *s = (OpSystem *)op;
    const SystemTable *table = plan_as(PlanSystem, op->plan)->table;
    *out = NULL;
    if (is_feed(table)) {
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
    if (!is_feed(plan_as(PlanSystem, op->plan)->table)) rows_done(&((OpSystem *)op)->rows);
}

const OperatorKind op_system = {sizeof(OpSystem), system_make, system_open, system_next, system_close};
