// Function: functions that give rows, side by side, for each row of the child or once. Arguments are worked
// out for a whole batch of the child; what the functions give is written straight into the output, the
// child's cells are put beside it when the output is full or the child's batch is used up.
#include "engine/exec/operator.h"

#include <string.h>

typedef struct FunctionCall {
    const PlanFunctionCall *plan;
    EvalNode **node;
    const Vector **arg; // of the child's batch
    Value *value;       // of its row at work
    void *state;
    uint32_t column; // first of its output columns
    bool ended;
} FunctionCall;

typedef struct OpFunction {
    Operator op;
    FunctionCall *call;
    uint32_t calls, passed; // columns of the child
    Vector *own;            // every output column with its room
    Arena states;           // what the functions keep for the row at work
    const Batch *in;
    uint32_t next_row;  // of `in`, among the chosen ones
    bool row_open, any; // a row is at work; it gave something
    bool child_done;
    int64_t ordinal;
    uint16_t from[BATCH_ROWS]; // per output row: the child's row
} OpFunction;

static bool function_make(Operator *op, Err *err)
{
    const PlanFunction *p = plan_as(PlanFunction, op->plan);
    OpFunction *f = (OpFunction *)op;
    Arena *mem = &op->exec->mem;
    operator_output(op, true);
    f->own = op->out.vector;
    op->out.vector = arena_array(mem, Vector, op->out.columns + 1);
    f->passed = op->child[0] ? op->plan->child[0]->columns : 0;
    f->calls = p->calls;
    f->call = arena_array(mem, FunctionCall, p->calls + 1);
    uint32_t column = f->passed;
    for (uint32_t i = 0; i < p->calls; i++) {
        FunctionCall *c = &f->call[i];
        c->plan = &p->call[i];
        c->column = column;
        column += c->plan->columns;
        c->arg = arena_array(mem, const Vector *, c->plan->args + 1);
        c->value = arena_array(mem, Value, c->plan->args + 1);
        if (c->plan->function) c->state = arena_get(mem, c->plan->function->state_size + 1);
        if (!eval_compile_all(&c->node, c->plan->arg, c->plan->args, &op->eval, err)) return false;
    }
    return true;
}

static bool function_open(Operator *op, Err *err)
{
    OpFunction *f = (OpFunction *)op;
    (void)err;
    f->in = NULL;
    f->row_open = f->child_done = false;
    return true;
}

// The child's next batch with the arguments over it; f->in NULL at the end.
static bool function_input(OpFunction *f, Err *err)
{
    static const Batch one = {.rows = 1, .sel_len = 1};
    Operator *op = &f->op;
    f->in = NULL;
    f->next_row = 0;
    if (f->child_done) return true;
    if (op->child[0]) {
        Batch *in;
        if (!operator_next(op->child[0], &in, err)) return false;
        f->in = in;
    } else {
        f->in = &one;
        f->child_done = true;
    }
    if (!f->in) {
        f->child_done = true;
        return true;
    }
    eval_begin(&op->eval, f->in, err);
    for (uint32_t i = 0; i < f->calls; i++)
        for (uint32_t k = 0; k < f->call[i].plan->args; k++)
            if (!eval_run(f->call[i].node[k], &op->eval, f->in->sel, f->in->sel_len, &f->call[i].arg[k]))
                return false;
    return true;
}

static KernelContext function_context(OpFunction *f, Err *err)
{
    KernelContext ctx = f->op.eval.kernel;
    ctx.mem = &f->op.mem;
    ctx.keep = &f->states;
    ctx.err = err;
    ctx.at = -1;
    return ctx;
}

static bool call_open(OpFunction *f, FunctionCall *c, uint32_t row, Err *err)
{
    const TableFunction *t = c->plan->function;
    bool null = false;
    for (uint32_t i = 0; i < c->plan->args; i++) {
        c->value[i] = vector_value(c->arg[i], row);
        c->value[i].type = c->plan->arg[i]->type;
        null = null || c->value[i].null;
    }
    c->ended = t && null && (t->call.flags & FUNCTION_STRICT);
    if (c->ended || !t) return true;
    KernelContext ctx = function_context(f, err);
    memset(c->state, 0, t->state_size);
    return t->open(c->state, c->value, c->plan->args, &ctx);
}

static bool row_open(OpFunction *f, Err *err)
{
    uint32_t row = batch_row(f->in, f->next_row);
    arena_reset(&f->states);
    for (uint32_t i = 0; i < f->calls; i++)
        if (!call_open(f, &f->call[i], row, err)) return false;
    f->row_open = true;
    f->any = false;
    f->ordinal = 0;
    return true;
}

// Rows to … of the call's columns.
static bool call_next(OpFunction *f, FunctionCall *c, uint32_t to, uint32_t room, uint32_t *made, Err *err)
{
    *made = 0;
    if (c->ended || !room) return true;
    if (!c->plan->function) {
        vector_set_value(&f->own[c->column], to, &c->value[0]);
        *made = 1;
        c->ended = true;
        return true;
    }
    KernelContext ctx = function_context(f, err);
    if (!c->plan->function->next(c->state, &f->own[c->column], to, room, made, &ctx)) return false;
    c->ended = *made < room;
    return true;
}

static void set_nulls(Vector *v, uint32_t from, uint32_t to)
{
    size_t size = phys_size(type_phys(v->type.id));
    memset((char *)v->data + size * from, 0, size * (to - from));
    for (uint32_t i = from; i < to; i++) vector_set_null(v, i);
}

// What the row at work still gives, as far as there is room; it is closed when it gives no more.
static bool row_rows(OpFunction *f, uint32_t *rows, Err *err)
{
    const PlanFunction *p = plan_as(PlanFunction, f->op.plan);
    uint32_t to = *rows, room = BATCH_ROWS - to, most = 0;
    uint32_t made[64], *each = f->calls <= 64 ? made : arena_array(&f->op.mem, uint32_t, f->calls);
    bool ended = true;
    for (uint32_t i = 0; i < f->calls; i++) {
        if (!call_next(f, &f->call[i], to, room, &each[i], err)) return false;
        if (each[i] > most) most = each[i];
        ended = ended && f->call[i].ended;
    }
    f->any = f->any || most;
    bool alone = ended && !f->any && p->outer;
    if (alone) most = 1;
    for (uint32_t i = 0; i < f->calls; i++)
        for (uint32_t k = 0; most > each[i] && k < f->call[i].plan->columns; k++)
            set_nulls(&f->own[f->call[i].column + k], to + each[i], to + most);
    if (p->ordinality) {
        Vector *v = &f->own[f->op.out.columns - 1];
        int64_t *number = (int64_t *)v->data + to;
        for (uint32_t i = 0; i < most; i++) number[i] = ++f->ordinal;
        if (alone) set_nulls(v, to, to + 1);
    }
    uint16_t row = (uint16_t)batch_row(f->in, f->next_row);
    for (uint32_t i = 0; i < most; i++) f->from[to + i] = row;
    *rows += most;
    if (!ended) return true;
    f->row_open = false;
    f->next_row++;
    return true;
}

#define GATHER(T)                                                                                            \
    do {                                                                                                     \
        const T *s = src->data;                                                                              \
        T *d = dst->data;                                                                                    \
        for (uint32_t i = 0; i < rows; i++) d[i] = s[from[i]];                                               \
    } while (0)

// Long cells are borrowed from the child's batch.
static void gather(Vector *dst, const Vector *src, const uint16_t *from, uint32_t rows)
{
    switch (phys_size(type_phys(dst->type.id))) {
    case 1: GATHER(uint8_t); break;
    case 2: GATHER(uint16_t); break;
    case 4: GATHER(uint32_t); break;
    case 8: GATHER(uint64_t); break;
    default: GATHER(Text); break;
    }
    for (uint32_t i = 0; src->nulls && i < rows; i++)
        if (src->nulls[from[i] >> 6] >> (from[i] & 63) & 1) vector_set_null(dst, i);
}

static void output_fill(OpFunction *f, uint32_t rows)
{
    Batch *b = &f->op.out;
    for (uint32_t c = 0; c < f->passed; c++) {
        const Vector *v = &f->in->vector[c];
        if (v->constant) {
            b->vector[c] = *v;
            b->vector[c].type = f->own[c].type;
            continue;
        }
        gather(&f->own[c], v, f->from, rows);
        b->vector[c] = f->own[c];
    }
    for (uint32_t c = f->passed; c < b->columns; c++) b->vector[c] = f->own[c];
    for (uint32_t c = 0; c < b->columns; c++) eval_settle_nulls(&b->vector[c], rows);
    b->rows = b->sel_len = rows;
    b->sel = NULL;
}

static bool function_next(Operator *op, Batch **out, Err *err)
{
    OpFunction *f = (OpFunction *)op;
    uint32_t rows = 0;
    *out = NULL;
    arena_reset(&op->mem);
    for (uint32_t c = 0; c < op->out.columns; c++)
        memset(f->own[c].nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
    while (rows < BATCH_ROWS) {
        if (!f->row_open && (!f->in || f->next_row >= f->in->sel_len)) {
            if (rows) break; // they borrow from the child's batch
            if (!exec_go_on(op->exec, err) || !function_input(f, err)) return false;
            if (!f->in) return true;
        }
        if (!f->row_open && !row_open(f, err)) return false;
        if (!row_rows(f, &rows, err)) return false;
    }
    output_fill(f, rows);
    *out = &op->out;
    return true;
}

static void function_close(Operator *op) { arena_done(&((OpFunction *)op)->states); }

const OperatorKind op_function = {sizeof(OpFunction), function_make, function_open, function_next,
                                  function_close};
