// ANY and ALL over an array: the operator's kernel runs over the elements of each row's array, the left side
// stays one cell. An element that is NULL leaves the answer open, as NULL.
#include "engine/data/array.h"
#include "engine/exec/eval.h"

typedef struct AnyArray {
    Vector elements, truth;
    uint16_t *known; // elements that are not NULL
} AnyArray;

typedef enum AnyAnswer { ANY_FALSE, ANY_TRUE, ANY_OPEN } AnyAnswer;

// One piece of the elements.
static bool any_piece(EvalNode *n, Eval *ev, const Vector *left, uint32_t row, const Array *a, uint32_t from,
                      uint32_t count, AnyAnswer *answer)
{
    AnyArray *s = n->state;
    bool all = n->expr->negated;
    Vector pair[2] = {*left, s->elements};
    size_t size = phys_size(type_phys(left->type.id));
    pair[0].data = (char *)left->data + size * vector_slot(left, row);
    pair[0].constant = true;
    pair[0].nulls = NULL;
    memset(s->elements.nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
    memset(s->truth.nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
    array_read(a, from, count, &s->elements, 0, &ev->mem);
    uint32_t known = eval_not_null(&s->elements, NULL, count, s->known);
    pair[1].nulls = NULL;
    ev->kernel.at = n->expr->at;
    if (known && !n->expr->function->kernel(pair, 2, s->known, known, &s->truth, &ev->kernel)) return false;
    if (known < count) *answer = ANY_OPEN;
    for (uint32_t i = 0; i < known; i++) {
        uint16_t at = s->known[i];
        if (vector_is_null(&s->truth, at)) {
            *answer = ANY_OPEN;
        } else if ((((uint8_t *)s->truth.data)[at] != 0) != all) {
            *answer = all ? ANY_FALSE : ANY_TRUE;
            return true;
        }
    }
    return true;
}

static bool any_row(EvalNode *n, Eval *ev, const Vector *left, const Vector *arrays, uint32_t row,
                    AnyAnswer *answer)
{
    Array a;
    bool all = n->expr->negated;
    *answer = ANY_OPEN;
    if (vector_is_null(arrays, row)) return true;
    if (!array_open(&a, &((const Text *)arrays->data)[vector_slot(arrays, row)]))
        return err_set_at(ev->kernel.err, SQLSTATE_CORRUPT, n->expr->at, "an array is damaged");
    *answer = all ? ANY_TRUE : ANY_FALSE;
    if (!a.count) return true;
    if (vector_is_null(left, row)) {
        *answer = ANY_OPEN;
        return true;
    }
    AnyAnswer decided = all ? ANY_FALSE : ANY_TRUE;
    for (uint32_t from = 0; from < a.count && *answer != decided; from += BATCH_ROWS) {
        uint32_t count = a.count - from < BATCH_ROWS ? a.count - from : BATCH_ROWS;
        if (!any_piece(n, ev, left, row, &a, from, count, answer)) return false;
    }
    return true;
}

static bool run_any(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    const Vector *left, *arrays;
    Vector *own = eval_own(n, ev);
    *out = own;
    if (!count) return true;
    if (!eval_run(n->arg[0], ev, sel, count, &left) || !eval_run(n->arg[1], ev, sel, count, &arrays))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        AnyAnswer answer;
        if (!any_row(n, ev, left, arrays, row, &answer)) return false;
        ((uint8_t *)own->data)[row] = answer == ANY_TRUE;
        if (answer == ANY_OPEN) vector_set_null(own, row);
    }
    eval_settle_nulls(own, ev->in ? ev->in->rows : 1);
    return true;
}

bool eval_make_any(EvalNode *n, Eval *ev, Err *err)
{
    (void)err;
    AnyArray *s = arena_new(&ev->exec->mem, AnyArray);
    s->elements = vector_new(&ev->exec->mem, type_element(n->expr->arg[1]->type));
    s->truth = vector_new(&ev->exec->mem, type_of(TYPE_BOOLEAN));
    s->known = arena_array(&ev->exec->mem, uint16_t, BATCH_ROWS);
    n->state = s;
    n->run = run_any;
    return true;
}
