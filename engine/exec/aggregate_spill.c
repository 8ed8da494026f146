// Aggregation past its memory (hybrid hash aggregation, as in Graefe's survey "Query evaluation techniques",
// 1993): the groups that are there stay and go on taking rows; rows of new groups are put aside in parts by
// the hash of their key. When the input has ended and the groups there are have been given, each part is
// aggregated for itself, by the same means. With several grouping sets a row is put aside once for each set
// that has no room for its group.
#include "engine/exec/aggregate.h"

#include "engine/base/size.h"
#include <stdlib.h>
#include <string.h>

struct AggregateWaiting {
    Spill rows;
    int64_t set; // -1: there is only one
    unsigned level;
    AggregateWaiting *next;
};

void aggregate_left_init(AggregateLeft *l, Operator *op)
{
    const PlanNode *child = op->plan->child[0];
    Arena *mem = &op->exec->mem;
    uint32_t sets = plan_as(PlanAggregate, op->plan)->sets;
    *l = (AggregateLeft){.op = op, .columns = child->columns, .sets = sets ? sets : 1};
    l->type = arena_array(mem, Type, l->columns + 1);
    l->stay = arena_array(mem, bool, l->columns + 1);
    l->parts = arena_array(mem, SpillParts *, l->sets);
    for (uint32_t c = 0; c < l->columns; c++) {
        l->type[c] = child->column[c].type;
        l->stay[c] = op->child[0]->rows_stay;
    }
}

void aggregate_left_done(AggregateLeft *l)
{
    for (uint32_t i = 0; i < l->sets; i++) {
        if (l->parts[i]) spill_parts_done(l->parts[i]);
        free(l->parts[i]);
        l->parts[i] = NULL;
    }
}

bool aggregate_left_add(Aggregation *a, uint32_t set, const Batch *in, const uint16_t *sel,
                        const uint64_t *hash, uint32_t count, Err *err)
{
    AggregateLeft *l = a->left;
    if (!l->parts[set]) {
        l->parts[set] = size_alloc_zero(1, sizeof(SpillParts));
        if (!l->parts[set]) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while grouping");
        spill_parts_init(l->parts[set], l->op, l->type, l->stay, l->columns, l->level);
    }
    return spill_parts_add(l->parts[set], in->vector, sel, hash, count, err);
}

static bool feed(Spill *rows, Aggregation *a, Eval *ev, Err *err)
{
    SpillReader r;
    Batch *b;
    bool ok;
    spill_read_begin(&r, rows);
    while ((ok = spill_read(&r, &b, err)) && b)
        if (!aggregate_batch(a, ev, b, err)) {
            ok = false;
            break;
        }
    spill_read_done(&r);
    return ok;
}

bool aggregate_left_feed(AggregateLeft *from, Aggregation *a, Eval *ev, Err *err)
{
    bool ok = true;
    for (uint32_t i = 0; i < from->sets; i++) {
        if (!from->parts[i]) continue;
        a->only_set = a->plan->sets ? (int64_t)i : -1;
        for (int k = 0; ok && k < SPILL_PARTS; k++) ok = feed(&from->parts[i]->part[k], a, ev, err);
    }
    a->only_set = -1;
    aggregate_left_done(from);
    return ok;
}

bool aggregate_waiting_push(AggregateWaiting **list, AggregateLeft *l, Err *err)
{
    for (uint32_t i = 0; i < l->sets; i++) {
        for (int k = 0; l->parts[i] && k < SPILL_PARTS; k++) {
            Spill *part = &l->parts[i]->part[k];
            if (!part->rows) continue;
            AggregateWaiting *w = size_alloc_zero(1, sizeof *w);
            if (!w) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while grouping");
            w->set = plan_as(PlanAggregate, l->op->plan)->sets ? (int64_t)i : -1;
            w->level = l->level + 1;
            w->next = *list;
            *list = w;
            bool sealed = spill_seal(part, err);
            w->rows = *part;
            *part = (Spill){0};
            if (!sealed) return false;
        }
    }
    aggregate_left_done(l);
    return true;
}

bool aggregate_waiting_next(AggregateWaiting **list, Aggregation *a, Eval *ev, bool *more, Err *err)
{
    AggregateWaiting *w = *list;
    *more = w != NULL;
    if (!w) return true;
    *list = w->next;
    aggregate_close(a);
    a->left->level = w->level;
    a->only_set = w->set;
    bool ok = aggregate_open(a, err) && feed(&w->rows, a, ev, err) && aggregate_finish(a, ev, err) &&
              aggregate_waiting_push(list, a->left, err);
    spill_done(&w->rows);
    free(w);
    return ok;
}

void aggregate_waiting_done(AggregateWaiting **list)
{
    while (*list) {
        AggregateWaiting *w = *list;
        *list = w->next;
        spill_done(&w->rows);
        free(w);
    }
}
