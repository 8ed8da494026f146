// IN lists: short ones by comparing, long ones of constants by a hash set. NULL rules: no match and a NULL in
// the list (or on the left) give NULL.
#include "engine/exec/compare.h"
#include "engine/exec/eval.h"
#include "engine/exec/keys.h"
#include "engine/exec/order.h"

#include <string.h>

enum { IN_HASH_FROM = 6 };

typedef struct InList {
    const Function *equal;
    CompareSelect select, swapped;
    bool hashed;
    bool null_inside; // hashed: the list holds a NULL
    Keys set;
} InList;

// Rows of open that equal item; the rest stay open, *nulls gets those where the item is NULL.
static bool in_item(EvalNode *item, InList *l, Eval *ev, const Vector *left, const uint16_t *open,
                    uint32_t count, uint16_t *hit, uint32_t *hits, Vector *own)
{
    const Vector *v;
    uint16_t known[BATCH_ROWS];
    if (!eval_run(item, ev, open, count, &v)) return false;
    if (v->nulls) {
        uint32_t some = eval_not_null(v, open, count, known);
        for (uint32_t i = 0, j = 0; i < count; i++) {
            if (j < some && known[j] == open[i])
                j++;
            else
                vector_set_null(own, open[i]);
        }
        open = known;
        count = some;
    }
    if (!left->constant) {
        *hits = l->select(left, v, open, count, hit);
        return true;
    }
    if (!v->constant) {
        *hits = l->swapped(v, left, open, count, hit);
        return true;
    }
    *hits = 0;
    if (count && order_same(left, 0, v, 0)) {
        memmove(hit, open, count * sizeof(uint16_t));
        *hits = count;
    }
    return true;
}

static void in_hashed(const InList *l, const Vector *left, const uint16_t *open, uint32_t count,
                      uint16_t *hit, uint32_t *hits, Vector *own)
{
    uint32_t group[BATCH_ROWS], n = 0;
    keys_find((Keys *)(uintptr_t)&l->set, left, open, count, group);
    for (uint32_t i = 0; i < count; i++) {
        hit[n] = open[i];
        n += group[i] != KEYS_NONE;
        if (l->null_inside) vector_set_null(own, open[i]);
    }
    *hits = n;
}

static bool run_in(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    InList *l = n->state;
    const Vector *left;
    uint16_t open[BATCH_ROWS], hit[BATCH_ROWS];
    Vector *own = eval_own(n, ev);
    uint8_t *o = own->data;
    *out = own;
    if (!count) return true;
    if (!eval_run(n->arg[0], ev, sel, count, &left)) return false;
    for (uint32_t i = 0; i < count; i++) o[sel ? sel[i] : i] = n->expr->negated;
    count = eval_split_nulls(own, left, sel, count, open);
    Vector cells = *left;
    cells.nulls = NULL;
    for (uint32_t a = 1; a < n->args && count; a++) {
        uint32_t hits;
        if (l->hashed)
            in_hashed(l, &cells, open, count, hit, &hits, own);
        else if (!in_item(n->arg[a], l, ev, &cells, open, count, hit, &hits, own))
            return false;
        for (uint32_t i = 0; i < hits; i++) {
            o[hit[i]] = !n->expr->negated;
            own->nulls[hit[i] >> 6] &= ~(UINT64_C(1) << (hit[i] & 63));
        }
        count = eval_rows_without(open, count, hit, hits, open);
        if (l->hashed) break;
    }
    for (uint32_t i = 0; i < count; i++)
        if (vector_is_null(own, open[i])) o[open[i]] = 0;
    eval_settle_nulls(own, ev->in ? ev->in->rows : 1);
    return true;
}

static void in_done(void *list) { keys_done(&((InList *)list)->set); }

static bool in_fill(EvalNode *n, InList *l, Eval *ev, Err *err)
{
    Type type = n->expr->arg[0]->type;
    exec_at_end(ev->exec, in_done, l);
    if (!keys_init(&l->set, ev->exec->memory, &type, 1, err)) return false;
    for (uint32_t a = 1; a < n->args; a++) {
        const Vector *v = &n->arg[a]->own;
        uint32_t group;
        Vector cell = *v;
        cell.type = type;
        if (vector_is_null(v, 0))
            l->null_inside = true;
        else if (!keys_insert(&l->set, &cell, NULL, 1, &group, err))
            return false;
    }
    l->hashed = true;
    return true;
}

bool eval_make_in_list(EvalNode *n, Eval *ev, Err *err)
{
    InList *l = arena_new(&ev->exec->mem, InList);
    bool constants = true;
    n->run = run_in;
    n->state = l;
    l->equal = compare_equal(n->expr->arg[0]->type.id);
    compare_select(l->equal, &l->select, &l->swapped);
    for (uint32_t a = 1; a < n->args; a++)
        constants &= n->expr->arg[a]->kind == EXPR_CONSTANT || n->expr->arg[a]->kind == EXPR_PARAM;
    if (constants && n->args - 1 >= IN_HASH_FROM) return in_fill(n, l, ev, err);
    return true;
}
