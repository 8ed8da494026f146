// Eval: compiling, leaves (constants, slots, parameters, outer columns), calls and casts, and the row-set
// tools that the other eval_*.c files share.
#include "engine/exec/eval.h"

#include "engine/exec/compare.h"
#include "engine/exec/regex.h"
#include <string.h>

enum { EVAL_SMALL = 16, EVAL_DEPTH_MAX = 2000 };

void eval_init(Eval *ev, Exec *exec, Scope *scope)
{
    const ExecContext *c = exec->ctx;
    *ev = (Eval){.exec = exec, .scope = scope};
    arena_init(&ev->mem, 0);
    ev->kernel = (KernelContext){.mem = &ev->mem,
                                 .regexes = &ev->regexes,
                                 .statement_us = c->statement_us,
                                 .cast = c->cast,
                                 .user = c->user,
                                 .database = c->database,
                                 .node = c->node,
                                 .exec = exec->ctx,
                                 .at = -1};
}

void eval_done(Eval *ev)
{
    regex_set_free(ev->regexes);
    ev->regexes = NULL;
    arena_done(&ev->mem);
}

void eval_begin(Eval *ev, const Batch *in, Err *err)
{
    arena_reset(&ev->mem);
    ev->in = in;
    ev->kernel.err = err;
}

// ---- row sets ----

void eval_all_rows(uint16_t *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) rows[i] = (uint16_t)i;
}

uint16_t *eval_scratch(EvalNode *n, Eval *ev)
{
    if (!n->rows) n->rows = arena_array(&ev->exec->mem, uint16_t, BATCH_ROWS);
    return n->rows;
}

Vector *eval_own(EvalNode *n, Eval *ev)
{
    uint32_t rows = ev->in && ev->in->rows ? ev->in->rows : 1;
    if (rows > n->cap) {
        n->cap = rows <= EVAL_SMALL ? EVAL_SMALL : BATCH_ROWS;
        size_t cell = phys_size(type_phys(n->expr->type.id));
        n->own.data = arena_get(&ev->exec->mem, cell * n->cap);
        n->own_nulls = arena_array(&ev->exec->mem, uint64_t, (n->cap + 63) / 64);
    } else {
        memset(n->own_nulls, 0, (n->cap + 63) / 64 * sizeof(uint64_t));
    }
    n->own.type = n->expr->type;
    n->own.nulls = n->own_nulls;
    n->own.constant = false;
    return &n->own;
}

void eval_settle_nulls(Vector *v, uint32_t rows)
{
    if (!v->nulls) return;
    uint64_t any = 0;
    uint32_t words = v->constant ? 1 : (rows + 63) / 64;
    for (uint32_t w = 0; w < words; w++) any |= v->nulls[w];
    if (!any) v->nulls = NULL;
}

static void eval_zero_cell(Vector *v, uint32_t row)
{
    size_t cell = phys_size(type_phys(v->type.id));
    memset((char *)v->data + row * cell, 0, cell);
}

void eval_set_nulls(Vector *out, const uint16_t *sel, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        vector_set_null(out, row);
        eval_zero_cell(out, row);
    }
}

uint32_t eval_not_null(const Vector *v, const uint16_t *sel, uint32_t count, uint16_t *rest)
{
    uint32_t n = 0;
    if (v->constant) {
        if (vector_is_null(v, 0)) return 0;
        for (uint32_t i = 0; i < count; i++) rest[i] = sel ? sel[i] : (uint16_t)i;
        return count;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        rest[n] = (uint16_t)row;
        n += !(v->nulls && (v->nulls[row >> 6] >> (row & 63) & 1));
    }
    return n;
}

uint32_t eval_split_nulls(Vector *out, const Vector *v, const uint16_t *sel, uint32_t count, uint16_t *rest)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        if (vector_is_null(v, row)) {
            vector_set_null(out, row);
            eval_zero_cell(out, row);
        } else {
            rest[n++] = (uint16_t)row;
        }
    }
    return n;
}

#define EVAL_TAKE(T)                                                                                         \
    do {                                                                                                     \
        const T *from = v->data;                                                                             \
        T *to = out->data;                                                                                   \
        const uint32_t step = v->constant ? 0 : 1;                                                           \
        if (sel)                                                                                             \
            for (uint32_t i = 0; i < count; i++) to[sel[i]] = from[sel[i] * step];                           \
        else                                                                                                 \
            for (uint32_t i = 0; i < count; i++) to[i] = from[i * step];                                     \
    } while (0)

void eval_take_rows(Vector *out, const Vector *v, const uint16_t *sel, uint32_t count)
{
    switch (phys_size(type_phys(out->type.id))) {
    case 1: EVAL_TAKE(uint8_t); break;
    case 2: EVAL_TAKE(uint16_t); break;
    case 4: EVAL_TAKE(uint32_t); break;
    case 8: EVAL_TAKE(uint64_t); break;
    default: EVAL_TAKE(Text); break;
    }
    if (!v->nulls) return;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        if (vector_is_null(v, row)) vector_set_null(out, row);
    }
}

uint32_t eval_true_rows(const Vector *v, const uint16_t *sel, uint32_t count, uint16_t *out)
{
    uint32_t n = 0;
    const uint8_t *b = v->data;
    if (v->constant) {
        if (vector_is_null(v, 0) || !b[0]) return 0;
        for (uint32_t i = 0; i < count; i++) out[i] = sel ? sel[i] : (uint16_t)i;
        return count;
    }
    if (!v->nulls) { // the usual case: no branch at all
        for (uint32_t i = 0; i < count; i++) {
            uint32_t row = sel ? sel[i] : i;
            out[n] = (uint16_t)row;
            n += b[row] != 0;
        }
        return n;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        out[n] = (uint16_t)row;
        n += b[row] && !(v->nulls[row >> 6] >> (row & 63) & 1);
    }
    return n;
}

uint32_t eval_rows_without(const uint16_t *a, uint32_t a_count, const uint16_t *b, uint32_t b_count,
                           uint16_t *out)
{
    uint32_t n = 0, j = 0;
    for (uint32_t i = 0; i < a_count; i++) {
        while (j < b_count && b[j] < a[i]) j++;
        if (j < b_count && b[j] == a[i]) continue;
        out[n++] = a[i];
    }
    return n;
}

bool eval_select_by_run(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, uint16_t *out,
                        uint32_t *out_count)
{
    const Vector *v;
    *out_count = 0;
    if (!count) return true;
    if (!eval_run(n, ev, sel, count, &v)) return false;
    *out_count = eval_true_rows(v, sel, count, out);
    return true;
}

// ---- leaves ----

static bool run_own(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    (void)ev;
    (void)sel;
    (void)count;
    *out = &n->own;
    return true;
}

static bool run_slot(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    (void)sel;
    (void)count;
    *out = &ev->in->vector[n->expr->slot];
    return true;
}

static bool run_outer(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    (void)sel;
    (void)count;
    const Scope *s = n->state;
    const Vector *v = &s->batch->vector[n->expr->slot];
    Vector *own = eval_own(n, ev);
    Value value = vector_value(v, s->row);
    own->constant = true;
    value.type = own->type;
    if (value.null)
        vector_set_null(own, 0);
    else
        vector_set_value(own, 0, &value);
    eval_settle_nulls(own, 1);
    *out = own;
    return true;
}

static bool scope_add(Scope *s, uint32_t slot, Type type, Err *err)
{
    for (uint32_t i = 0; i < s->slots; i++)
        if (s->slot[i] == slot) return true;
    if (s->slots == SCOPE_SLOTS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "a subquery reads more than %d columns of the query around it",
                       SCOPE_SLOTS_MAX);
    s->slot[s->slots] = slot;
    s->type[s->slots++] = type;
    return true;
}

static bool make_outer(EvalNode *n, Eval *ev, Err *err)
{
    Scope *s = ev->scope;
    for (uint32_t level = 1; s && level < n->expr->level; level++) s = s->up;
    if (!s) return err_set(err, SQLSTATE_INTERNAL, "an outer column stands outside any subquery");
    n->state = s;
    n->run = run_outer;
    // Every query between here and there depends on that row too.
    for (Scope *t = ev->scope; t != s; t = t->up) t->deep = true;
    return scope_add(s, n->expr->slot, n->expr->type, err);
}

static bool make_value(EvalNode *n, Eval *ev, const Value *v)
{
    n->run = run_own;
    n->constant = true;
    n->own = vector_constant(&ev->exec->mem, v);
    n->own.type = n->expr->type;
    eval_settle_nulls(&n->own, 1);
    return true;
}

static bool make_constant(EvalNode *n, Eval *ev, Err *err)
{
    (void)err;
    Value v = n->expr->value;
    v.type = n->expr->type;
    return make_value(n, ev, &v);
}

static bool make_slot(EvalNode *n, Eval *ev, Err *err)
{
    (void)ev;
    (void)err;
    n->run = run_slot;
    return true;
}

static bool make_param(EvalNode *n, Eval *ev, Err *err)
{
    const ExecContext *c = ev->exec->ctx;
    uint32_t slot = n->expr->slot;
    if (slot >= c->params)
        return err_set_at(err, "08P01", n->expr->at, "there is no value for parameter $%u",
                          (unsigned)slot + 1);
    Value v = c->param[slot];
    if (v.null)
        v = value_null(n->expr->type);
    else if (!type_equal(v.type, n->expr->type) && !cast_value_in(c->cast, &v, &c->param[slot], n->expr->type,
                                                                  CAST_ASSIGNMENT, &ev->exec->mem, err))
        return false;
    return make_value(n, ev, &v);
}

// ---- calls ----

typedef struct EvalCall {
    const Function *function;
    CompareSelect select; // comparisons that a filter can run without a boolean vector
    CompareSelect swapped;
} EvalCall;

static bool eval_fail_at(Eval *ev, const Expr *e)
{
    if (ev->kernel.err->at < 0) ev->kernel.err->at = e->at;
    return false;
}

// Runs the arguments; *constant: one row stands for all.
static bool call_arguments(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, bool *constant)
{
    *constant = n->args || !(((EvalCall *)n->state)->function->flags & FUNCTION_VOLATILE);
    for (uint32_t i = 0; i < n->args; i++) {
        const Vector *v;
        if (!eval_run(n->arg[i], ev, sel, count, &v)) return false;
        n->in[i] = *v;
        *constant &= v->constant;
    }
    if (((EvalCall *)n->state)->function->flags & FUNCTION_VOLATILE) *constant = false;
    return true;
}

static bool run_call(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    const EvalCall *c = n->state;
    Vector *own = eval_own(n, ev);
    bool constant;
    *out = own;
    if (!count) return true;
    if (!call_arguments(n, ev, sel, count, &constant)) return false;
    if (constant) {
        own->constant = true;
        sel = NULL;
        count = 1;
    }
    uint16_t rest[BATCH_ROWS];
    if (c->function->flags & FUNCTION_STRICT) {
        for (uint32_t i = 0; i < n->args; i++) {
            if (!n->in[i].nulls) continue;
            count = eval_split_nulls(own, &n->in[i], sel, count, rest);
            sel = rest;
        }
    }
    ev->kernel.at = n->expr->at;
    if (count && !c->function->kernel(n->in, n->args, sel, count, own, &ev->kernel))
        return eval_fail_at(ev, n->expr);
    eval_settle_nulls(own, ev->in ? ev->in->rows : 1);
    return true;
}

static bool select_compare(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, uint16_t *out,
                           uint32_t *out_count)
{
    const EvalCall *c = n->state;
    const Vector *a, *b;
    *out_count = 0;
    if (!count) return true;
    if (!eval_run(n->arg[0], ev, sel, count, &a) || !eval_run(n->arg[1], ev, sel, count, &b)) return false;
    if (a->constant && b->constant) return eval_select_by_run(n, ev, sel, count, out, out_count);
    if (a->nulls) {
        count = eval_not_null(a, sel, count, out);
        sel = out;
    }
    if (b->nulls) {
        count = eval_not_null(b, sel, count, out);
        sel = out;
    }
    *out_count = a->constant ? c->swapped(b, a, sel, count, out) : c->select(a, b, sel, count, out);
    return true;
}

bool eval_make_call(EvalNode *n, Eval *ev, Err *err)
{
    const Function *f = n->expr->function;
    if (!f || !f->kernel) return err_set_at(err, SQLSTATE_INTERNAL, n->expr->at, "a call has no function");
    EvalCall *c = arena_new(&ev->exec->mem, EvalCall);
    c->function = f;
    n->state = c;
    n->run = run_call;
    n->in = arena_array(&ev->exec->mem, Vector, n->args ? n->args : 1);
    if ((f->flags & FUNCTION_COMPARISON) && compare_select(f, &c->select, &c->swapped))
        n->select = select_compare;
    if (f->flags & FUNCTION_VOLATILE) n->constant = false;
    return true;
}

// ---- casts ----

static bool run_cast(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    const Vector *v;
    Vector *own = eval_own(n, ev);
    *out = own;
    if (!count) return true;
    if (!eval_run(n->arg[0], ev, sel, count, &v)) return false;
    uint16_t rest[BATCH_ROWS];
    if (v->constant) {
        own->constant = true;
        sel = NULL;
        count = 1;
    }
    if (v->nulls) {
        count = eval_split_nulls(own, v, sel, count, rest);
        sel = rest;
    }
    Vector in = *v;
    in.nulls = NULL;
    uint64_t *nulls = own->nulls;
    if (count && !cast_vector_in(ev->kernel.cast, own, &in, sel, count, n->expr->type, n->expr->how, &ev->mem,
                                 ev->kernel.err))
        return eval_fail_at(ev, n->expr);
    own->nulls = nulls;
    own->constant = v->constant;
    own->type = n->expr->type;
    eval_settle_nulls(own, ev->in ? ev->in->rows : 1);
    return true;
}

// Same cells, another name.
static bool run_cast_name(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    const Vector *v;
    if (!eval_run(n->arg[0], ev, sel, count, &v)) return false;
    n->own = *v;
    n->own.type = n->expr->type;
    *out = &n->own;
    return true;
}

bool eval_make_cast(EvalNode *n, Eval *ev, Err *err)
{
    (void)ev;
    (void)err;
    Type from = n->expr->arg[0]->type, to = n->expr->type;
    bool plain_text =
        (from.id == TYPE_TEXT || from.id == TYPE_VARCHAR) && (to.id == TYPE_TEXT || to.id == TYPE_VARCHAR);
    bool same =
        type_equal(from, to) || (from.id == to.id && from.of == to.of && !to.length && to.id != TYPE_CHAR);
    n->run = same || (plain_text && !to.length) ? run_cast_name : run_cast;
    return true;
}

// ---- compiling ----

static const EvalMake eval_makers[] = {
    [EXPR_CONSTANT] = make_constant,    [EXPR_SLOT] = make_slot,
    [EXPR_OUTER] = make_outer,          [EXPR_PARAM] = make_param,
    [EXPR_CALL] = eval_make_call,       [EXPR_CAST] = eval_make_cast,
    [EXPR_AND] = eval_make_logic,       [EXPR_OR] = eval_make_logic,
    [EXPR_NOT] = eval_make_logic,       [EXPR_IS_NULL] = eval_make_test,
    [EXPR_IS_TRUE] = eval_make_test,    [EXPR_IS_DISTINCT] = eval_make_distinct,
    [EXPR_CASE] = eval_make_branch,     [EXPR_COALESCE] = eval_make_branch,
    [EXPR_IN_LIST] = eval_make_in_list, [EXPR_ANY_ARRAY] = eval_make_any,
    [EXPR_LIKE] = eval_make_like,       [EXPR_SUBQUERY] = eval_make_subquery,
    [EXPR_DOMAIN] = eval_make_domain,
};

static bool compile(EvalNode **out, const Expr *e, Eval *ev, unsigned depth, Err *err)
{
    if (depth > EVAL_DEPTH_MAX)
        return err_set_at(err, SQLSTATE_TOO_COMPLEX, e->at, "the expression is nested deeper than %d levels",
                          EVAL_DEPTH_MAX);
    EvalNode *n = arena_new(&ev->exec->mem, EvalNode);
    n->expr = e;
    n->args = e->args;
    n->select = eval_select_by_run;
    n->arg = arena_array(&ev->exec->mem, EvalNode *, e->args ? e->args : 1);
    n->constant = e->kind == EXPR_CALL || e->kind == EXPR_CAST;
    for (uint32_t i = 0; i < e->args; i++) {
        if (!compile(&n->arg[i], e->arg[i], ev, depth + 1, err)) return false;
        n->constant &= n->arg[i]->constant;
    }
    *out = n;
    return eval_makers[e->kind](n, ev, err);
}

bool eval_compile(EvalNode **out, const Expr *e, Eval *ev, Err *err) { return compile(out, e, ev, 0, err); }

bool eval_compile_all(EvalNode ***out, Expr *const *e, uint32_t count, Eval *ev, Err *err)
{
    *out = arena_array(&ev->exec->mem, EvalNode *, count ? count : 1);
    for (uint32_t i = 0; i < count; i++)
        if (!eval_compile(&(*out)[i], e[i], ev, err)) return false;
    return true;
}

bool eval_value(EvalNode *n, Eval *ev, Value *out, Arena *mem, Err *err)
{
    static const Batch one = {.rows = 1, .sel_len = 1};
    const Vector *v;
    eval_begin(ev, &one, err);
    if (!eval_run(n, ev, NULL, 1, &v)) return false;
    Value value = vector_value(v, 0);
    value.type = n->expr->type;
    *out = value_copy(mem, &value);
    return true;
}
