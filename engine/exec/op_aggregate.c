// Aggregate: GROUP BY through Keys; the states of a group lie together, those of all groups in one array.
// Without GROUP BY there is one group and the kernels run without a group list. DISTINCT goes through a
// second Keys over (arguments, group), FILTER narrows the rows.
#include "engine/exec/aggregate.h"

#include <string.h>

enum { STATE_ALIGN = 16, CROWD_TIMES = 2 };

static void aggregate_sets_init(Aggregation *a, Arena *mem)
{
    const PlanAggregate *p = a->plan;
    a->value = arena_array(mem, Vector, p->groups + 1);
    a->none = arena_array(mem, Vector, p->groups + 1);
    a->group_of = arena_array(mem, uint32_t, (size_t)p->sets * BATCH_ROWS);
    for (uint32_t g = 0; g < p->groups; g++) {
        Value null = value_null(p->group[g]->type);
        a->none[g] = vector_constant(mem, &null);
    }
}

bool aggregate_init(Aggregation *a, const PlanAggregate *plan, Exec *exec, Eval *ev, Memory *memory, Err *err)
{
    *a = (Aggregation){.plan = plan, .exec = exec, .memory = memory, .crowd = CROWD_TIMES, .only_set = -1};
    Arena *mem = &exec->mem;
    if (!eval_compile_all(&a->group, plan->group, plan->groups, ev, err)) return false;
    a->call = arena_array(mem, AggregationCall, plan->calls + 1);
    a->key = arena_array(mem, Vector, plan->groups + 2);
    if (plan->sets) aggregate_sets_init(a, mem);
    for (uint32_t i = 0; i < plan->calls; i++) {
        AggregationCall *c = &a->call[i];
        const AggregateCall *p = &plan->call[i];
        c->offset = a->stride;
        a->stride += (size_t)(p->function->state_size + STATE_ALIGN - 1) / STATE_ALIGN * STATE_ALIGN;
        c->plan = p;
        c->in = arena_array(mem, Vector, p->args + 2);
        if (!eval_compile_all(&c->arg, p->arg, p->args, ev, err)) return false;
        if (aggregate_keeps(p) && !aggregate_order_init(c, ev, err)) return false;
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
        if (!memory_grow(a->memory, &at, a->cap * a->stride, cap * a->stride, err)) return false;
        a->states = at;
        a->cap = cap;
    }
    if (groups > a->count) memset(a->states + a->count * a->stride, 0, (groups - a->count) * a->stride);
    a->count = groups > a->count ? groups : a->count;
    return true;
}

static bool call_open(Aggregation *a, AggregationCall *c, Err *err)
{
    const AggregateCall *p = c->plan;
    if (aggregate_keeps(p)) return aggregate_order_open(c, a->memory, err);
    if (!p->distinct || !p->args) return true;
    Type *type = arena_array(&a->exec->mem, Type, p->args + 1);
    for (uint32_t i = 0; i < p->args; i++) type[i] = p->arg[i]->type;
    type[p->args] = type_of(TYPE_INTEGER);
    return keys_init(&c->seen, a->memory, type, p->args + (a->plan->groups > 0 || a->plan->sets > 0), err);
}

static bool by_keys(const PlanAggregate *p) { return p->groups || p->sets; }

// The key of a grouping set's rows: what it leaves out is NULL, its number comes last.
static void set_key(Aggregation *a, uint32_t set, const Vector *value, Vector *number, int32_t *cell)
{
    const PlanAggregate *p = a->plan;
    for (uint32_t g = 0; g < p->groups; g++)
        a->key[g] = p->in_set[(size_t)set * p->groups + g] ? value[g] : a->none[g];
    *cell = (int32_t)set;
    *number = (Vector){.type = type_of(TYPE_INTEGER), .data = cell, .constant = true};
    a->key[p->groups] = *number;
}

// The set () has its one group whatever comes.
static bool open_empty_sets(Aggregation *a, Err *err)
{
    const PlanAggregate *p = a->plan;
    for (uint32_t i = 0; i < p->sets; i++) {
        bool empty = true;
        uint32_t group;
        int32_t cell;
        Vector number;
        for (uint32_t g = 0; g < p->groups; g++) empty = empty && !p->in_set[(size_t)i * p->groups + g];
        if (!empty) continue;
        set_key(a, i, a->none, &number, &cell);
        if (!keys_insert(&a->keys, a->key, NULL, 1, &group, err)) return false;
    }
    return aggregate_room(a, keys_count(&a->keys), err);
}

bool aggregate_open(Aggregation *a, Err *err)
{
    const PlanAggregate *p = a->plan;
    Type type[SCHEMA_COLUMNS_MAX + 1];
    if (p->groups > SCHEMA_COLUMNS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "GROUP BY names too many columns");
    a->is_open = true;
    a->frozen = false;
    for (uint32_t g = 0; g < p->groups; g++) type[g] = p->group[g]->type;
    type[p->groups] = type_of(TYPE_INTEGER);
    if (by_keys(p) && !keys_init(&a->keys, a->memory, type, p->groups + (p->sets > 0), err)) return false;
    for (uint32_t i = 0; i < p->calls; i++)
        if (!call_open(a, &a->call[i], err)) return false;
    if (a->only_set >= 0) return true; // its one group was given with the others
    return p->sets ? open_empty_sets(a, err) : p->groups || aggregate_room(a, 1, err);
}

void aggregate_close(Aggregation *a)
{
    if (!a->is_open) return;
    keys_done(&a->keys);
    for (uint32_t i = 0; i < a->plan->calls; i++) {
        keys_done(&a->call[i].seen);
        aggregate_order_close(&a->call[i], a->memory);
    }
    memory_free(a->memory, a->states, a->cap * a->stride);
    arena_done(&a->mem);
    memory_give(a->memory, a->mem_counted);
    a->mem_counted = 0;
    a->states = NULL;
    a->count = a->cap = 0;
    a->is_open = false;
}

// Leaves the rows whose (arguments, group) were not seen before; group is narrowed with them.
static bool keep_new(AggregationCall *c, uint16_t *sel, uint32_t *count, uint32_t *group, Err *err)
{
    uint32_t found[BATCH_ROWS], kept = 0, seen = keys_count(&c->seen);
    int32_t cell[BATCH_ROWS];
    c->in[c->plan->args] = (Vector){.type = type_of(TYPE_INTEGER), .data = cell};
    for (uint32_t i = 0; group && i < *count; i++) cell[sel[i]] = (int32_t)group[i];
    if (!keys_insert(&c->seen, c->in, sel, *count, found, err)) return false;
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

// The rows that a call takes: those of the batch that pass its FILTER.
typedef struct Chosen {
    const uint16_t *sel;
    uint32_t count;
    const uint32_t *group;
} Chosen;

static bool call_fold(Aggregation *a, AggregationCall *c, const Chosen *rows, Err *err)
{
    const AggregateCall *p = c->plan;
    if (!p->distinct || !p->args)
        return p->function->update(a->states + c->offset, a->stride, rows->group, c->in, rows->sel,
                                   rows->count, &a->mem, err);
    uint16_t own[BATCH_ROWS];
    uint32_t own_group[BATCH_ROWS], count = rows->count, *group = rows->group ? own_group : NULL;
    if (rows->sel)
        memcpy(own, rows->sel, count * sizeof(uint16_t));
    else
        eval_all_rows(own, count);
    if (group) memcpy(group, rows->group, count * sizeof(uint32_t));
    if (!keep_new(c, own, &count, group, err)) return false;
    return !count ||
           p->function->update(a->states + c->offset, a->stride, group, c->in, own, count, &a->mem, err);
}

// Groups are those of the batch's chosen rows; FILTER may have left some of them.
static bool call_fold_set(Aggregation *a, AggregationCall *c, Eval *ev, const Batch *in, Chosen rows,
                          const uint32_t *group, Err *err)
{
    uint32_t own[BATCH_ROWS];
    rows.group = group;
    if (group && rows.sel != in->sel) {
        narrow_groups(in->sel, group, rows.sel, rows.count, own);
        rows.group = own;
    }
    if (aggregate_keeps(c->plan)) return aggregate_order_batch(c, ev, rows.group, rows.sel, rows.count, err);
    return call_fold(a, c, &rows, err);
}

// one_set: group says all; else each grouping set has its own.
static bool aggregate_call(Aggregation *a, uint32_t i, Eval *ev, const Batch *in, const uint32_t *group,
                           bool one_set, Err *err)
{
    AggregationCall *c = &a->call[i];
    Chosen rows = {in->sel, in->sel_len, NULL};
    uint16_t own[BATCH_ROWS];
    if (c->filter) {
        if (!eval_select(c->filter, ev, in->sel, in->sel_len, own, &rows.count)) return false;
        rows.sel = own;
    }
    if (!rows.count) return true;
    for (uint32_t k = 0; k < c->plan->args; k++) {
        const Vector *v;
        if (!eval_run(c->arg[k], ev, rows.sel, rows.count, &v)) return false;
        c->in[k] = *v;
    }
    if (!a->plan->sets || one_set) return call_fold_set(a, c, ev, in, rows, group, err);
    for (uint32_t k = 0; k < a->plan->sets; k++)
        if (!call_fold_set(a, c, ev, in, rows, a->group_of + (size_t)k * BATCH_ROWS, err)) return false;
    return true;
}

static bool count_memory(Aggregation *a, Err *err)
{
    size_t used = a->mem.used > a->mem_counted ? a->mem.used - a->mem_counted : 0;
    a->mem_counted += used;
    return !used || memory_take(a->memory, used, err);
}

static bool batch_groups(Aggregation *a, const Batch *in, uint32_t *group, Err *err)
{
    const PlanAggregate *p = a->plan;
    const Vector *value = a->value;
    if (!p->sets && p->groups && !keys_insert(&a->keys, a->key, in->sel, in->sel_len, group, err))
        return false;
    for (uint32_t i = 0; i < p->sets; i++) {
        int32_t cell;
        Vector number;
        set_key(a, i, value, &number, &cell);
        group = a->group_of + (size_t)i * BATCH_ROWS;
        if (!keys_insert(&a->keys, a->key, in->sel, in->sel_len, group, err)) return false;
    }
    return !by_keys(p) || aggregate_room(a, keys_count(&a->keys), err);
}

static bool batch_values(Aggregation *a, Eval *ev, const Batch *in)
{
    const PlanAggregate *p = a->plan;
    Vector *value = p->sets ? a->value : a->key;
    for (uint32_t g = 0; g < p->groups; g++) {
        const Vector *v;
        if (!eval_run(a->group[g], ev, in->sel, in->sel_len, &v)) return false;
        value[g] = *v;
    }
    return true;
}

// Rows of groups that are there stay in sel, the others are put aside.
static bool keep_known(Aggregation *a, uint32_t set, const Batch *in, uint32_t *group, uint16_t *sel,
                       uint32_t *known, Err *err)
{
    uint16_t other[BATCH_ROWS];
    uint64_t hash[BATCH_ROWS];
    uint32_t others = 0, n = 0;
    keys_find(&a->keys, a->key, in->sel, in->sel_len, group);
    for (uint32_t i = 0; i < in->sel_len; i++) {
        bool is = group[i] != KEYS_NONE;
        sel[n] = other[others] = (uint16_t)batch_row(in, i);
        hash[others] = a->keys.hash[i];
        group[n] = group[i];
        n += is;
        others += !is;
    }
    *known = n;
    return !others || aggregate_left_add(a, set, in, other, hash, others, err);
}

// One grouping set's share of a batch when memory is short, or when the rows are those of this set alone.
static bool batch_set(Aggregation *a, Eval *ev, const Batch *in, uint32_t set, Err *err)
{
    uint32_t group[BATCH_ROWS];
    uint16_t sel[BATCH_ROWS];
    int32_t cell;
    Vector number;
    Batch known = *in;
    if (a->plan->sets) set_key(a, set, a->value, &number, &cell);
    if (a->frozen) {
        if (!keep_known(a, set, in, group, sel, &known.sel_len, err)) return false;
        known.sel = sel;
    } else if (!keys_insert(&a->keys, a->key, in->sel, in->sel_len, group, err) ||
               !aggregate_room(a, keys_count(&a->keys), err)) {
        return false;
    }
    for (uint32_t i = 0; known.sel_len && i < a->plan->calls; i++)
        if (!aggregate_call(a, i, ev, &known, group, true, err)) return false;
    return true;
}

static bool batch_sets(Aggregation *a, Eval *ev, const Batch *in, Err *err)
{
    uint32_t from = a->only_set >= 0 ? (uint32_t)a->only_set : 0;
    uint32_t to = a->only_set >= 0 ? from + 1 : a->plan->sets ? a->plan->sets : 1;
    for (uint32_t set = from; set < to; set++)
        if (!batch_set(a, ev, in, set, err)) return false;
    return count_memory(a, err);
}

bool aggregate_batch(Aggregation *a, Eval *ev, const Batch *in, Err *err)
{
    uint32_t group[BATCH_ROWS];
    eval_begin(ev, in, err);
    if (!batch_values(a, ev, in)) return false;
    if (a->left && !a->frozen && by_keys(a->plan) && a->left->level < SPILL_LEVELS)
        a->frozen = memory_crowded(a->memory, a->crowd);
    if (a->frozen || a->only_set >= 0) return batch_sets(a, ev, in, err);
    if (!batch_groups(a, in, group, err)) return false;
    for (uint32_t i = 0; i < a->plan->calls; i++)
        if (!aggregate_call(a, i, ev, in, a->plan->groups ? group : NULL, false, err)) return false;
    return count_memory(a, err);
}

bool aggregate_finish(Aggregation *a, Eval *ev, Err *err)
{
    (void)ev;
    for (uint32_t i = 0; i < a->plan->calls; i++)
        if (aggregate_keeps(&a->plan->call[i]) && !aggregate_order_finish(&a->call[i], a, err)) return false;
    return count_memory(a, err);
}

bool aggregate_merge(Aggregation *into, const Aggregation *from, Err *err)
{
    uint32_t group[BATCH_ROWS];
    Batch window;
    for (uint32_t at = 0; at < from->count; at += BATCH_ROWS) {
        uint32_t n = from->count - at > BATCH_ROWS ? BATCH_ROWS : from->count - at;
        if (by_keys(into->plan)) {
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

static bool call_result(Aggregation *a, AggregationCall *c, Eval *ev, uint32_t group, Vector *out,
                        uint32_t row, Arena *mem, Err *err)
{
    const Aggregate *f = c->plan->function;
    if (f->sorted) return aggregate_order_result(c, ev, group, out, row, mem, err);
    return f->final(a->states + (size_t)group * a->stride + c->offset, out, row, mem, err);
}

bool aggregate_output(Aggregation *a, Eval *ev, uint32_t from, Batch *out, Vector *room, Arena *mem, Err *err)
{
    const PlanAggregate *p = a->plan;
    uint32_t n = a->count > from ? a->count - from : 0;
    if (n > BATCH_ROWS) n = BATCH_ROWS;
    Batch keys;
    if (by_keys(p)) rows_window(&a->keys.rows, from, &keys, a->key);
    for (uint32_t g = 0; g < p->groups; g++) out->vector[g] = a->key[g];
    for (uint32_t g = 0; g < p->groupings; g++) {
        Vector *v = &out->vector[p->groups + p->calls + g];
        const int32_t *set = a->key[p->groups].data;
        *v = room[p->calls + g];
        for (uint32_t i = 0; i < n; i++)
            ((int32_t *)v->data)[i] = p->grouping[(size_t)g * p->sets + (uint32_t)set[i]];
    }
    for (uint32_t c = 0; c < p->calls; c++) {
        Vector *v = &out->vector[p->groups + c];
        *v = room[c];
        memset(v->nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
        for (uint32_t i = 0; i < n; i++)
            if (!call_result(a, &a->call[c], ev, from + i, v, i, mem, err)) return false;
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
    AggregateLeft left;
    AggregateWaiting *waiting;
} OpAggregate;

static bool aggregate_make(Operator *op, Err *err)
{
    OpAggregate *o = (OpAggregate *)op;
    const PlanAggregate *p = plan_as(PlanAggregate, op->plan);
    operator_output(op, false);
    o->room = arena_array(&op->exec->mem, Vector, p->calls + p->groupings + 1);
    for (uint32_t c = 0; c < p->calls + p->groupings; c++)
        o->room[c] = vector_new(&op->exec->mem, p->node.column[p->groups + c].type);
    aggregate_left_init(&o->left, op);
    if (!aggregate_init(&o->all, p, op->exec, &op->eval, &op->memory, err)) return false;
    o->all.left = &o->left;
    return aggregate_workers_make(&o->workers, op, err);
}

static bool aggregate_open_op(Operator *op, Err *err)
{
    OpAggregate *o = (OpAggregate *)op;
    Batch *b;
    o->next = 0;
    o->left.level = 0;
    o->all.only_set = -1;
    if (!aggregate_open(&o->all, err)) return false;
    if (o->workers)
        return aggregate_workers_run(o->workers, &o->all, err) &&
               aggregate_waiting_push(&o->waiting, &o->left, err);
    for (;;) {
        if (!operator_next(op->child[0], &b, err)) return false;
        if (!b)
            return aggregate_finish(&o->all, &op->eval, err) &&
                   aggregate_waiting_push(&o->waiting, &o->left, err);
        if (!aggregate_batch(&o->all, &op->eval, b, err)) return false;
    }
}

static bool aggregate_next(Operator *op, Batch **out, Err *err)
{
    OpAggregate *o = (OpAggregate *)op;
    *out = NULL;
    while (o->next >= o->all.count) {
        bool more;
        if (!aggregate_waiting_next(&o->waiting, &o->all, &op->eval, &more, err)) return false;
        if (!more) return true;
        o->next = 0;
    }
    arena_reset(&op->mem);
    if (!aggregate_output(&o->all, &op->eval, o->next, &op->out, o->room, &op->mem, err)) return false;
    o->next += op->out.rows;
    *out = &op->out;
    return true;
}

static void aggregate_close_op(Operator *op)
{
    OpAggregate *o = (OpAggregate *)op;
    aggregate_close(&o->all);
    aggregate_left_done(&o->left);
    aggregate_waiting_done(&o->waiting);
}

const OperatorKind op_aggregate = {sizeof(OpAggregate), aggregate_make, aggregate_open_op, aggregate_next,
                                   aggregate_close_op};
