// Aggregate: GROUP BY through Keys; the states of a group lie together, those of all groups in one array.
// Without GROUP BY there is one group and the kernels run without a group list. DISTINCT goes through a
// second Keys over (group, value), FILTER narrows the rows.
#include "engine/exec/aggregate.h"

#include <string.h>

enum { STATE_ALIGN = 16 };

bool aggregate_init(Aggregation *a, const PlanAggregate *plan, Exec *exec, Eval *ev, Err *err)
{
    *a = (Aggregation){.plan = plan, .exec = exec};
    Arena *mem = &exec->mem;
    if (!eval_compile_all(&a->group, plan->group, plan->groups, ev, err)) return false;
    a->call = arena_array(mem, AggregationCall, plan->calls + 1);
    a->key = arena_array(mem, Vector, plan->groups + 1);
    for (uint32_t i = 0; i < plan->calls; i++) {
        AggregationCall *c = &a->call[i];
        const AggregateCall *p = &plan->call[i];
        c->offset = a->stride;
        a->stride += (size_t)(p->function->state_size + STATE_ALIGN - 1) / STATE_ALIGN * STATE_ALIGN;
        if (p->arg && !eval_compile(&c->arg, p->arg, ev, err)) return false;
        if (p->filter && !eval_compile(&c->filter, p->filter, ev, err)) return false;
    }
    if (!a->stride) a->stride = STATE_ALIGN;
    return true;
}

static bool aggregate_room(Aggregation *a, uint32_t groups, Err *err)
{
    if (groups > a->cap) {
        uint32_t cap = a->cap ? a->cap * 2 : 16;
        while (cap < groups) cap *= 2;
        void *at = a->states;
        if (!memory_grow(a->exec->memory, &at, a->cap * a->stride, cap * a->stride, err)) return false;
        a->states = at;
        a->cap = cap;
    }
    if (groups > a->count) memset(a->states + a->count * a->stride, 0, (groups - a->count) * a->stride);
    a->count = groups > a->count ? groups : a->count;
    return true;
}

bool aggregate_open(Aggregation *a, Err *err)
{
    Type type[SCHEMA_COLUMNS_MAX];
    if (a->plan->groups > SCHEMA_COLUMNS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "GROUP BY names too many columns");
    a->is_open = true;
    for (uint32_t g = 0; g < a->plan->groups; g++) type[g] = a->plan->group[g]->type;
    if (a->plan->groups && !keys_init(&a->keys, a->exec->memory, type, a->plan->groups, err)) return false;
    for (uint32_t i = 0; i < a->plan->calls; i++) {
        const AggregateCall *p = &a->plan->call[i];
        if (!p->distinct || !p->arg) continue;
        Type pair[2] = {p->arg->type, type_of(TYPE_INTEGER)};
        if (!keys_init(&a->call[i].seen, a->exec->memory, pair, a->plan->groups ? 2 : 1, err)) return false;
    }
    return a->plan->groups || aggregate_room(a, 1, err);
}

void aggregate_close(Aggregation *a)
{
    if (!a->is_open) return;
    keys_done(&a->keys);
    for (uint32_t i = 0; i < a->plan->calls; i++) keys_done(&a->call[i].seen);
    memory_free(a->exec->memory, a->states, a->cap * a->stride);
    arena_done(&a->mem);
    a->states = NULL;
    a->count = a->cap = 0;
    a->is_open = false;
}

// Leaves the rows whose (value, group) was not seen before; group is narrowed with them.
static bool keep_new(AggregationCall *c, const Vector *arg, uint16_t *sel, uint32_t *count, uint32_t *group,
                     Err *err)
{
    uint32_t found[BATCH_ROWS], kept = 0, seen;
    int32_t cell[BATCH_ROWS];
    *count = eval_not_null(arg, sel, *count, sel);
    Vector key[2] = {*arg, {.type = type_of(TYPE_INTEGER), .data = cell}};
    key[0].nulls = NULL;
    for (uint32_t i = 0; group && i < *count; i++) cell[sel[i]] = (int32_t)group[i];
    seen = keys_count(&c->seen);
    if (!keys_insert(&c->seen, key, sel, *count, found, err)) return false;
    for (uint32_t i = 0; i < *count; i++) {
        if (found[i] != seen) continue;
        seen++;
        sel[kept] = sel[i];
        if (group) group[kept] = group[i];
        kept++;
    }
    *count = kept;
    return true;
}

// Group numbers of the rows in sub, which is part of sel.
static void narrow_groups(const uint16_t *sel, const uint32_t *group, const uint16_t *sub, uint32_t count,
                          uint32_t *out)
{
    for (uint32_t i = 0, k = 0; i < count; i++, k++) {
        while ((sel ? sel[k] : k) != sub[i]) k++;
        out[i] = group[k];
    }
}

static bool aggregate_call(Aggregation *a, uint32_t i, Eval *ev, const Batch *in, const uint32_t *group,
                           Err *err)
{
    const AggregateCall *p = &a->plan->call[i];
    AggregationCall *c = &a->call[i];
    const uint16_t *sel = in->sel;
    uint32_t count = in->sel_len;
    uint16_t own[BATCH_ROWS];
    uint32_t own_group[BATCH_ROWS];
    const Vector *arg = NULL;
    if (c->filter) {
        if (!eval_select(c->filter, ev, sel, count, own, &count)) return false;
        sel = own;
    }
    if (!count) return true;
    if (c->arg && !eval_run(c->arg, ev, sel, count, &arg)) return false;
    if (p->distinct && arg) {
        if (!sel)
            eval_all_rows(own, count);
        else if (sel != own)
            memcpy(own, sel, count * sizeof(uint16_t));
        sel = own;
        count = eval_not_null(arg, sel, count, own);
    }
    if (group && sel != in->sel) {
        narrow_groups(in->sel, group, sel, count, own_group);
        group = own_group;
    }
    if (p->distinct && arg && !keep_new(c, arg, own, &count, group ? own_group : NULL, err)) return false;
    return !count ||
           p->function->update(a->states + c->offset, a->stride, group, arg, sel, count, &a->mem, err);
}

bool aggregate_batch(Aggregation *a, Eval *ev, const Batch *in, Err *err)
{
    uint32_t group[BATCH_ROWS];
    const bool grouped = a->plan->groups > 0;
    eval_begin(ev, in, err);
    for (uint32_t g = 0; g < a->plan->groups; g++) {
        const Vector *v;
        if (!eval_run(a->group[g], ev, in->sel, in->sel_len, &v)) return false;
        a->key[g] = *v;
    }
    if (grouped) {
        if (!keys_insert(&a->keys, a->key, in->sel, in->sel_len, group, err)) return false;
        if (!aggregate_room(a, keys_count(&a->keys), err)) return false;
    }
    for (uint32_t i = 0; i < a->plan->calls; i++)
        if (!aggregate_call(a, i, ev, in, grouped ? group : NULL, err)) return false;
    size_t used = a->mem.used > a->mem_counted ? a->mem.used - a->mem_counted : 0;
    a->mem_counted += used;
    return !used || memory_take(a->exec->memory, used, err);
}

bool aggregate_merge(Aggregation *into, const Aggregation *from, Err *err)
{
    uint32_t group[BATCH_ROWS];
    Batch window;
    for (uint32_t at = 0; at < from->count; at += BATCH_ROWS) {
        uint32_t n = from->count - at > BATCH_ROWS ? BATCH_ROWS : from->count - at;
        if (into->plan->groups) {
            rows_window(&from->keys.rows, at, &window, into->key);
            if (!keys_insert(&into->keys, into->key, NULL, n, group, err)) return false;
            if (!aggregate_room(into, keys_count(&into->keys), err)) return false;
        } else {
            group[0] = 0;
        }
        for (uint32_t c = 0; c < into->plan->calls; c++) {
            const Aggregate *f = into->plan->call[c].function;
            for (uint32_t i = 0; i < n; i++)
                if (!f->merge(into->states + group[i] * into->stride + into->call[c].offset,
                              from->states + (size_t)(at + i) * from->stride + from->call[c].offset,
                              &into->mem, err))
                    return false;
        }
    }
    return true;
}

bool aggregate_output(Aggregation *a, uint32_t from, Batch *out, Vector *room, Arena *mem, Err *err)
{
    const PlanAggregate *p = a->plan;
    uint32_t n = a->count > from ? a->count - from : 0;
    if (n > BATCH_ROWS) n = BATCH_ROWS;
    Batch keys;
    if (p->groups) rows_window(&a->keys.rows, from, &keys, out->vector);
    for (uint32_t c = 0; c < p->calls; c++) {
        const AggregateCall *call = &p->call[c];
        Vector *v = &out->vector[p->groups + c];
        *v = room[c];
        memset(v->nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
        for (uint32_t i = 0; i < n; i++)
            if (!call->function->final(a->states + (size_t)(from + i) * a->stride + a->call[c].offset, v, i,
                                       mem, err))
                return false;
        eval_settle_nulls(v, n);
    }
    out->rows = out->sel_len = n;
    out->sel = NULL;
    return true;
}

// ---- the operator ----

typedef struct OpAggregate {
    Operator op;
    Aggregation all;
    AggregateWorkers *workers; // when a table is shared out
    Vector *room;
    uint32_t next;
} OpAggregate;

static bool aggregate_make(Operator *op, Err *err)
{
    OpAggregate *o = (OpAggregate *)op;
    const PlanAggregate *p = plan_as(PlanAggregate, op->plan);
    operator_output(op, false);
    o->room = arena_array(&op->exec->mem, Vector, p->calls + 1);
    for (uint32_t c = 0; c < p->calls; c++)
        o->room[c] = vector_new(&op->exec->mem, p->node.column[p->groups + c].type);
    return aggregate_init(&o->all, p, op->exec, &op->eval, err) &&
           aggregate_workers_make(&o->workers, op, err);
}

static bool aggregate_open_op(Operator *op, Err *err)
{
    OpAggregate *o = (OpAggregate *)op;
    Batch *b;
    o->next = 0;
    if (!aggregate_open(&o->all, err)) return false;
    if (o->workers) return aggregate_workers_run(o->workers, &o->all, err);
    for (;;) {
        if (!operator_next(op->child[0], &b, err)) return false;
        if (!b) return true;
        if (!aggregate_batch(&o->all, &op->eval, b, err)) return false;
    }
}

static bool aggregate_next(Operator *op, Batch **out, Err *err)
{
    OpAggregate *o = (OpAggregate *)op;
    *out = NULL;
    if (o->next >= o->all.count) return true;
    arena_reset(&op->mem);
    if (!aggregate_output(&o->all, o->next, &op->out, o->room, &op->mem, err)) return false;
    o->next += op->out.rows;
    *out = &op->out;
    return true;
}

static void aggregate_close_op(Operator *op) { aggregate_close(&((OpAggregate *)op)->all); }

const OperatorKind op_aggregate = {sizeof(OpAggregate), aggregate_make, aggregate_open_op, aggregate_next,
                                   aggregate_close_op};
