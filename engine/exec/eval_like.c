// LIKE and ILIKE: the pattern is compiled once when it is constant, else whenever it changes from row to row.
#include "engine/exec/eval.h"
#include "engine/exec/like.h"

typedef struct EvalLike {
    bool ready; // the constant pattern is compiled
    Like like;
} EvalLike;

static bool like_escape(const EvalNode *n, const Vector *v, uint32_t row, int *escape, Err *err)
{
    *escape = '\\';
    if (n->args < 3) return true;
    Value e = vector_value(v, row);
    Str s = text_str(&e.text);
    if (s.len > 1) return err_set_at(err, "22025", n->expr->at, "invalid escape string \"%.*s\"", STR_ARG(s));
    *escape = s.len ? (unsigned char)s.at[0] : -1;
    return true;
}

static bool like_prepare(EvalNode *n, Eval *ev, const Vector *pattern, const Vector *esc, uint32_t row,
                         Like *out, Arena *mem)
{
    int escape;
    Value p = vector_value(pattern, row);
    if (!like_escape(n, esc, row, &escape, ev->kernel.err)) return false;
    return like_compile(out, arena_copy(mem, text_str(&p.text)), escape, n->expr->fold, mem, ev->kernel.err);
}

static bool like_rows(EvalNode *n, Eval *ev, const Vector *in, const uint16_t *rows, uint32_t count,
                      uint8_t *o)
{
    EvalLike *state = n->state;
    const Text *cells = in[0].data;
    const bool negated = n->expr->negated;
    Like own;
    const Like *like = &state->like;
    bool constant = in[1].constant && (n->args < 3 || in[2].constant);
    if (constant && !state->ready) {
        if (!like_prepare(n, ev, &in[1], &in[2], 0, &state->like, &ev->exec->mem)) return false;
        state->ready = n->arg[1]->constant || n->expr->arg[1]->kind == EXPR_CONSTANT;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = rows[i];
        if (!constant) {
            if (!like_prepare(n, ev, &in[1], &in[2], row, &own, &ev->mem)) return false;
            like = &own;
        }
        o[row] = like_match(like, text_str(&cells[vector_slot(&in[0], row)])) != negated;
    }
    return true;
}

static bool run_like(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    uint16_t rest[BATCH_ROWS];
    Vector in[3];
    Vector *own = eval_own(n, ev);
    *out = own;
    if (!count) return true;
    for (uint32_t a = 0; a < n->args; a++) {
        const Vector *v;
        if (!eval_run(n->arg[a], ev, sel, count, &v)) return false;
        in[a] = *v;
    }
    if (!sel) {
        eval_all_rows(rest, count);
        sel = rest;
    }
    for (uint32_t a = 0; a < n->args; a++) {
        if (!in[a].nulls) continue;
        count = eval_split_nulls(own, &in[a], sel, count, rest);
        sel = rest;
    }
    if (!like_rows(n, ev, in, sel, count, own->data)) return false;
    eval_settle_nulls(own, ev->in ? ev->in->rows : 1);
    return true;
}

bool eval_make_like(EvalNode *n, Eval *ev, Err *err)
{
    (void)err;
    n->run = run_like;
    n->state = arena_new(&ev->exec->mem, EvalLike);
    return true;
}
