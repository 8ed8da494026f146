// Aggregate calls over rows in order: ORDER BY inside a call, DISTINCT where order counts, and ordered-set
// aggregates. Rows are kept with their group's number, sorted once by group and keys, then fed to the
// aggregate in that order in whole batches, or shown to an ordered-set aggregate group by group.
#include "engine/exec/aggregate.h"
#include "engine/exec/sort.h"

#include <string.h>

// Columns of `kept`: the group, the sort keys, the arguments.
static uint32_t keys_at(void) { return 1; }
static uint32_t args_at(const AggregationCall *c) { return 1 + c->plan->order_keys; }
static uint32_t columns_of(const AggregationCall *c) { return args_at(c) + c->plan->args; }

bool aggregate_order_init(AggregationCall *c, Eval *ev, Err *err)
{
    const AggregateCall *p = c->plan;
    Expr **key = arena_array(&ev->exec->mem, Expr *, p->order_keys + 1);
    c->direction = arena_array(&ev->exec->mem, SortOrder, p->order_keys + 1);
    for (uint32_t i = 0; i < p->order_keys; i++) {
        key[i] = p->order[i].expr;
        c->direction[i + 1] = (SortOrder){p->order[i].descending, p->order[i].nulls_first};
    }
    c->in = arena_array(&ev->exec->mem, Vector, columns_of(c) + 1);
    return eval_compile_all(&c->order, key, p->order_keys, ev, err);
}

bool aggregate_order_open(AggregationCall *c, Memory *memory, Err *err)
{
    const AggregateCall *p = c->plan;
    Type type[SCHEMA_COLUMNS_MAX];
    if (columns_of(c) > SCHEMA_COLUMNS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "an aggregate is ordered by too many columns");
    type[0] = type_of(TYPE_INTEGER);
    for (uint32_t i = 0; i < p->order_keys; i++) type[keys_at() + i] = p->order[i].expr->type;
    for (uint32_t i = 0; i < p->args; i++) type[args_at(c) + i] = p->arg[i]->type;
    rows_init(&c->kept, memory, type, columns_of(c));
    return true;
}

void aggregate_order_close(AggregationCall *c, Memory *memory)
{
    memory_free(memory, c->row, ((size_t)c->kept.count + 1) * sizeof(uint32_t));
    memory_free(memory, c->start, ((size_t)c->groups + 1) * sizeof(uint32_t));
    rows_done(&c->kept);
    c->row = c->start = NULL;
    c->groups = 0;
}

bool aggregate_order_batch(AggregationCall *c, Eval *ev, const uint32_t *group, const uint16_t *sel,
                           uint32_t count, Err *err)
{
    const AggregateCall *p = c->plan;
    int32_t number[BATCH_ROWS];
    Vector *all = arena_array(&ev->mem, Vector, columns_of(c));
    for (uint32_t i = 0; i < count; i++) number[sel ? sel[i] : i] = group ? (int32_t)group[i] : 0;
    all[0] = (Vector){.type = type_of(TYPE_INTEGER), .data = number};
    for (uint32_t i = 0; i < p->order_keys; i++) {
        const Vector *v;
        if (!eval_run(c->order[i], ev, sel, count, &v)) return false;
        all[keys_at() + i] = *v;
    }
    for (uint32_t i = 0; i < p->args; i++) all[args_at(c) + i] = c->in[i];
    return rows_append(&c->kept, all, sel, count, err);
}

// ---- sorting ----

static bool sort_kept(AggregationCall *c, const Exec *exec, Err *err)
{
    const AggregateCall *p = c->plan;
    uint32_t n = c->kept.count;
    void *room = NULL;
    if (!memory_grow(c->kept.memory, &room, 0, ((size_t)n + 1) * sizeof(uint32_t), err)) return false;
    c->row = room;
    for (uint32_t i = 0; i < n; i++) c->row[i] = i;
    Rows keys = c->kept; // the first columns of the same rows
    keys.columns = 1 + p->order_keys;
    return sort_rows(c->row, n, &keys, c->direction, exec->ctx->cancel, err);
}

static bool find_groups(AggregationCall *c, uint32_t groups, Err *err)
{
    void *room = NULL;
    const int32_t *group = (const int32_t *)(const void *)c->kept.column[0].data;
    if (!memory_grow(c->kept.memory, &room, 0, ((size_t)groups + 1) * sizeof(uint32_t), err)) return false;
    c->start = room;
    c->groups = groups;
    uint32_t at = 0;
    for (uint32_t g = 0; g < groups; g++) {
        c->start[g] = at;
        while (at < c->kept.count && group[c->row[at]] == (int32_t)g) at++;
    }
    c->start[groups] = at;
    return true;
}

static bool same_as_before(const AggregationCall *c, const Vector *column, uint32_t at)
{
    const int32_t *group = column[0].data;
    uint32_t a = c->row[at - 1], b = c->row[at];
    if (group[a] != group[b]) return false;
    for (uint32_t i = args_at(c); i < columns_of(c); i++)
        if (!order_same(&column[i], a, &column[i], b)) return false;
    return true;
}

// Feeds the sorted rows in order, BATCH_ROWS at a time; groups follow each other in one batch.
static bool fold_sorted(AggregationCall *c, Aggregation *a, Err *err)
{
    const AggregateCall *p = c->plan;
    Arena mem = {0};
    bool ok = true;
    uint32_t columns = columns_of(c), group[BATCH_ROWS];
    uint16_t sel[BATCH_ROWS];
    Vector *in = arena_array(&mem, Vector, columns + 1), *all = arena_array(&mem, Vector, columns + 1);
    for (uint32_t i = 0; i < columns; i++) {
        all[i] = rows_vector(&c->kept, i);
        in[i] = vector_new(&mem, c->kept.column[i].type);
    }
    for (uint32_t from = 0; ok && from < c->kept.count; from += BATCH_ROWS) {
        uint32_t n = c->kept.count - from < BATCH_ROWS ? c->kept.count - from : BATCH_ROWS, chosen = 0;
        for (uint32_t i = args_at(c); i < columns; i++) {
            memset(in[i].nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
            rows_gather(&c->kept, i, c->row + from, n, NULL, &in[i]);
        }
        for (uint32_t i = 0; i < n; i++) {
            if (p->distinct && from + i && same_as_before(c, all, from + i)) continue;
            group[chosen] = (uint32_t)((const int32_t *)all[0].data)[c->row[from + i]];
            sel[chosen++] = (uint16_t)i;
        }
        ok = !chosen || p->function->update(a->states + c->offset, a->stride, group, in + args_at(c), sel,
                                            chosen, &a->mem, err);
    }
    arena_done(&mem);
    return ok;
}

bool aggregate_order_finish(AggregationCall *c, Aggregation *a, Err *err)
{
    if (!sort_kept(c, a->exec, err)) return false;
    return c->plan->function->sorted ? find_groups(c, a->count, err) : fold_sorted(c, a, err);
}

// ---- ordered-set results ----

// A direct argument has one value in a group: that of any row; of none when it needs no row at all.
static bool direct_value(AggregationCall *c, Eval *ev, uint32_t i, uint32_t from, uint32_t to, Value *out,
                         Arena *mem, Err *err)
{
    if (to > from) {
        *out = rows_value(&c->kept, args_at(c) + i, c->row[from]);
        return true;
    }
    *out = value_null(c->plan->arg[i]->type);
    if (expr_slots(c->plan->arg[i])) return true;
    return eval_value(c->arg[i], ev, out, mem, err);
}

bool aggregate_order_result(AggregationCall *c, Eval *ev, uint32_t group, Vector *out, uint32_t row,
                            Arena *mem, Err *err)
{
    const AggregateCall *p = c->plan;
    uint32_t from = c->start[group], to = c->start[group + 1];
    Arena own = {0};
    Vector *column = arena_array(&own, Vector, p->order_keys + 1);
    Value *direct = arena_array(&own, Value, p->args + 1);
    bool *down = arena_array(&own, bool, p->order_keys * 2 + 1), *first = down + p->order_keys, ok = true;
    for (uint32_t i = 0; i < p->order_keys; i++) {
        column[i] = rows_vector(&c->kept, keys_at() + i);
        down[i] = p->order[i].descending;
        first[i] = p->order[i].nulls_first;
    }
    for (uint32_t i = 0; ok && i < p->args; i++) ok = direct_value(c, ev, i, from, to, &direct[i], mem, err);
    AggregateSorted in = {.columns = p->order_keys,
                          .column = column,
                          .descending = down,
                          .nulls_first = first,
                          .row = c->row + from,
                          .rows = to - from,
                          .directs = p->args,
                          .direct = direct};
    ok = ok && p->function->sorted(&in, out, row, mem, err);
    arena_done(&own);
    return ok;
}
