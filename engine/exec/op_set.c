// UNION, INTERSECT, EXCEPT [ALL]: rows of the right side are numbered and counted first; left rows then pass
// or not by that count. UNION ALL is one side after the other.
#include "engine/exec/keys.h"
#include "engine/exec/operator.h"

#include <string.h>

typedef struct OpSet {
    Operator op;
    Keys keys;
    bool ready;
    uint32_t *left; // how often a row of this number may still pass (INTERSECT) or is taken away (EXCEPT)
    uint32_t cap;
    uint32_t side; // UNION: the child being read
    uint16_t *sel;
} OpSet;

static const PlanSet *set_plan(const Operator *op) { return plan_as(PlanSet, op->plan); }

static bool set_make(Operator *op, Err *err)
{
    (void)err;
    ((OpSet *)op)->sel = arena_array(&op->exec->mem, uint16_t, BATCH_ROWS);
    op->rows_stay = op->child[0]->rows_stay && op->child[1]->rows_stay;
    return true;
}

static bool set_count(OpSet *s, const uint32_t *group, uint32_t count, Err *err)
{
    uint32_t need = keys_count(&s->keys);
    if (need > s->cap) {
        uint32_t cap = s->cap ? s->cap : BATCH_ROWS;
        while (cap < need) cap *= 2;
        void *at = s->left;
        if (!memory_grow(&s->op.memory, &at, s->cap * sizeof(uint32_t), cap * sizeof(uint32_t), err))
            return false;
        s->left = at;
        memset(s->left + s->cap, 0, (cap - s->cap) * sizeof(uint32_t));
        s->cap = cap;
    }
    for (uint32_t i = 0; i < count; i++) s->left[group[i]]++;
    return true;
}

static bool set_open(Operator *op, Err *err)
{
    OpSet *s = (OpSet *)op;
    uint32_t group[BATCH_ROWS];
    Batch *b;
    Type *type = arena_array(&op->mem, Type, op->plan->columns + 1);
    s->side = 0;
    for (uint32_t c = 0; c < op->plan->columns; c++) type[c] = op->plan->column[c].type;
    s->ready = true;
    if (!keys_init(&s->keys, &op->memory, type, op->plan->columns, err)) return false;
    if (set_plan(op)->set == SET_UNION) return true;
    for (;;) {
        if (!operator_next(op->child[1], &b, err)) return false;
        if (!b) return true;
        if (!keys_insert(&s->keys, b->vector, b->sel, b->sel_len, group, err)) return false;
        if (!set_count(s, group, b->sel_len, err)) return false;
    }
}

// Does the row with this number pass?
static bool set_passes(OpSet *s, uint32_t group, uint32_t *seen)
{
    const PlanSet *p = set_plan(&s->op);
    bool first = group == *seen;
    if (p->set == SET_UNION) {
        *seen += first;
        return first;
    }
    if (p->set == SET_INTERSECT) {
        if (group == KEYS_NONE || !s->left[group]) return false;
        s->left[group] = p->all ? s->left[group] - 1 : 0;
        return true;
    }
    if (!p->all) {
        *seen += first;
        return first;
    }
    if (group == KEYS_NONE || !s->left[group]) return true;
    s->left[group]--;
    return false;
}

static bool set_groups(OpSet *s, const Batch *in, uint32_t *group, Err *err)
{
    const PlanSet *p = set_plan(&s->op);
    if (p->set == SET_UNION || (p->set == SET_EXCEPT && !p->all))
        return keys_insert(&s->keys, in->vector, in->sel, in->sel_len, group, err);
    keys_find(&s->keys, in->vector, in->sel, in->sel_len, group);
    return true;
}

static bool set_next(Operator *op, Batch **out, Err *err)
{
    OpSet *s = (OpSet *)op;
    const PlanSet *p = set_plan(op);
    uint32_t group[BATCH_ROWS], seen = keys_count(&s->keys), n = 0;
    Batch *in = NULL;
    *out = NULL;
    while (!in) {
        if (!operator_next(op->child[s->side], &in, err)) return false;
        if (!in && (p->set != SET_UNION || s->side)) return true;
        if (!in) s->side = 1;
    }
    op->out = *in;
    *out = &op->out;
    if (p->set == SET_UNION && p->all) return true;
    if (!set_groups(s, in, group, err)) return false;
    for (uint32_t i = 0; i < in->sel_len; i++) {
        s->sel[n] = (uint16_t)batch_row(in, i);
        n += set_passes(s, group[i], &seen);
    }
    op->out.sel = s->sel;
    op->out.sel_len = n;
    return true;
}

static void set_close(Operator *op)
{
    OpSet *s = (OpSet *)op;
    if (s->ready) keys_done(&s->keys);
    memory_free(&op->memory, s->left, s->cap * sizeof(uint32_t));
    s->left = NULL;
    s->cap = 0;
    s->ready = false;
}

const OperatorKind op_set = {sizeof(OpSet), set_make, set_open, set_next, set_close};
