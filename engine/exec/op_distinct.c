// Distinct: lets the first row of each kind through, as a selection on its child's batches. DISTINCT ON looks
// at its keys only. When memory runs short, rows of kinds not met so far are put aside in parts by their
// hash, and each part is gone through when the input has ended; DISTINCT ON must keep the order of its input
// and does not do that.
#include "engine/exec/keys.h"
#include "engine/exec/spill.h"

#include "engine/base/size.h"
#include <stdlib.h>

enum { DISTINCT_TIMES = 2 };

typedef struct DistinctPart {
    Spill rows;
    unsigned level;
    struct DistinctPart *next;
} DistinctPart;

typedef struct OpDistinct {
    Operator op;
    Keys keys;
    bool ready;
    uint16_t *sel;
    EvalNode **key; // DISTINCT ON; the first rows then pass whole
    Vector *cells;
    Type *type;
    bool *stay;
    SpillParts *parts; // new kinds go there; NULL = there is room
    DistinctPart *waiting, *part;
    SpillReader reader; // of part
    unsigned level;
    bool ended;
} OpDistinct;

static bool distinct_make(Operator *op, Err *err)
{
    OpDistinct *d = (OpDistinct *)op;
    const PlanDistinct *p = plan_as(PlanDistinct, op->plan);
    d->sel = arena_array(&op->exec->mem, uint16_t, BATCH_ROWS);
    d->cells = arena_array(&op->exec->mem, Vector, p->keys + 1);
    op->rows_stay = op->child[0]->rows_stay;
    return eval_compile_all(&d->key, p->key, p->keys, &op->eval, err);
}

static bool distinct_open(Operator *op, Err *err)
{
    OpDistinct *d = (OpDistinct *)op;
    const PlanDistinct *p = plan_as(PlanDistinct, op->plan);
    uint32_t keys = p->keys ? p->keys : op->plan->columns;
    Type *type = arena_array(&op->mem, Type, keys + 1);
    for (uint32_t c = 0; c < keys; c++) type[c] = p->keys ? p->key[c]->type : op->plan->column[c].type;
    d->ready = true;
    d->type = type;
    d->stay = arena_array(&op->mem, bool, op->plan->columns + 1);
    for (uint32_t c = 0; c < op->plan->columns; c++) d->stay[c] = op->child[0]->rows_stay;
    d->level = 0;
    d->ended = false;
    return keys_init(&d->keys, &op->memory, type, keys, err);
}

static bool distinct_cells(OpDistinct *d, const Batch *in, Err *err)
{
    eval_begin(&d->op.eval, in, err);
    for (uint32_t i = 0; i < plan_as(PlanDistinct, d->op.plan)->keys; i++) {
        const Vector *v;
        if (!eval_run(d->key[i], &d->op.eval, in->sel, in->sel_len, &v)) return false;
        d->cells[i] = *v;
    }
    return true;
}

// From here on kinds that were not met are put aside.
static bool distinct_full(OpDistinct *d, Err *err)
{
    Operator *op = &d->op;
    bool on = plan_as(PlanDistinct, op->plan)->keys > 0;
    if (d->parts || on || d->level >= SPILL_LEVELS || !memory_crowded(&op->memory, DISTINCT_TIMES))
        return true;
    if (!(d->parts = size_alloc_zero(1, sizeof *d->parts)))
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for DISTINCT");
    spill_parts_init(d->parts, op, d->type, d->stay, op->plan->columns, d->level);
    return true;
}

static bool distinct_put(OpDistinct *d, const Batch *in, Err *err)
{
    uint32_t group[BATCH_ROWS], n = 0;
    uint64_t hash[BATCH_ROWS];
    keys_find(&d->keys, in->vector, in->sel, in->sel_len, group);
    for (uint32_t i = 0; i < in->sel_len; i++) {
        d->sel[n] = (uint16_t)batch_row(in, i);
        hash[n] = d->keys.hash[i];
        n += group[i] == KEYS_NONE;
    }
    return spill_parts_add(d->parts, in->vector, d->sel, hash, n, err);
}

static bool distinct_push(OpDistinct *d, Err *err)
{
    for (int i = 0; d->parts && i < SPILL_PARTS; i++) {
        if (!d->parts->part[i].rows) continue;
        DistinctPart *p = size_alloc_zero(1, sizeof *p);
        if (!p) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for DISTINCT");
        bool sealed = spill_seal(&d->parts->part[i], err);
        *p = (DistinctPart){d->parts->part[i], d->level + 1, d->waiting};
        d->parts->part[i] = (Spill){0};
        d->waiting = p;
        if (!sealed) return false;
    }
    if (d->parts) spill_parts_done(d->parts);
    free(d->parts);
    d->parts = NULL;
    return true;
}

static void distinct_part_done(OpDistinct *d)
{
    spill_read_done(&d->reader);
    if (d->part) spill_done(&d->part->rows);
    free(d->part);
    d->part = NULL;
}

// The next batch: of the child, then of one part after the other.
static bool distinct_input(OpDistinct *d, Batch **in, Err *err)
{
    *in = NULL;
    if (!(d->part ? spill_read(&d->reader, in, err) : operator_next(d->op.child[0], in, err))) return false;
    while (!*in) {
        if (!distinct_push(d, err)) return false;
        distinct_part_done(d);
        if (!(d->part = d->waiting)) return true;
        d->waiting = d->part->next;
        d->level = d->part->level;
        keys_done(&d->keys);
        if (!keys_init(&d->keys, &d->op.memory, d->type, d->op.plan->columns, err)) return false;
        spill_read_begin(&d->reader, &d->part->rows);
        if (!spill_read(&d->reader, in, err)) return false;
    }
    return true;
}

static bool distinct_next(Operator *op, Batch **out, Err *err)
{
    OpDistinct *d = (OpDistinct *)op;
    uint32_t group[BATCH_ROWS], n = 0;
    Batch *in;
    *out = NULL;
    do {
        if (d->ended) return true;
        if (!distinct_input(d, &in, err)) return false;
        d->ended = !in;
        if (!in) return true;
        if (!distinct_full(d, err) || (d->parts && !distinct_put(d, in, err))) return false;
    } while (d->parts);
    uint32_t seen = keys_count(&d->keys);
    const Vector *cells = in->vector;
    if (plan_as(PlanDistinct, op->plan)->keys) {
        if (!distinct_cells(d, in, err)) return false;
        cells = d->cells;
    }
    if (!keys_insert(&d->keys, cells, in->sel, in->sel_len, group, err)) return false;
    for (uint32_t i = 0; i < in->sel_len; i++) {
        d->sel[n] = (uint16_t)batch_row(in, i);
        bool first = group[i] == seen;
        n += first;
        seen += first;
    }
    op->out = *in;
    op->out.sel = d->sel;
    op->out.sel_len = n;
    *out = &op->out;
    return true;
}

static void distinct_close(Operator *op)
{
    OpDistinct *d = (OpDistinct *)op;
    distinct_part_done(d);
    while ((d->part = d->waiting)) {
        d->waiting = d->part->next;
        distinct_part_done(d);
    }
    if (d->parts) spill_parts_done(d->parts);
    free(d->parts);
    d->parts = NULL;
    if (d->ready) keys_done(&d->keys);
    d->ready = false;
}

const OperatorKind op_distinct = {sizeof(OpDistinct), distinct_make, distinct_open, distinct_next,
                                  distinct_close};
