// Subqueries inside expressions. Uncorrelated: run once. Correlated: run once per distinct tuple of the outer
// columns it reads, found by Keys, so that repeated outer values cost a look-up. EXISTS looks for one row;
// IN, ANY and ALL keep the column's values and follow SQL's three values.
#include "engine/exec/compare.h"
#include "engine/exec/keys.h"
#include "engine/exec/operator.h"
#include "engine/exec/order.h"

enum { MEMO_MAX = 1 << 16, SET_ROWS_MIN = 16 };

typedef struct Subquery {
    Operator *root;
    Scope scope;
    const Expr *expr;
    Memory *memory;
    Keys memo; // outer tuples; group g's rows are [start[g], start[g + 1]) of rows
    bool memo_ready;
    Rows rows;       // scalar: one per group; EXISTS: none
    uint32_t *start; // cap entries
    uint32_t cap;
    Keys set; // IN over many rows that are the same for every outer row
    bool set_ready, set_null;
    uint64_t seen; // moves of the scopes further out when the memo was made
} Subquery;

static void subquery_done(void *arg)
{
    Subquery *s = arg;
    operator_free(s->root);
    keys_done(&s->memo);
    if (s->set_ready) keys_done(&s->set);
    rows_done(&s->rows);
    memory_free(s->memory, s->start, s->cap * sizeof(uint32_t));
}

static bool subquery_forget(Subquery *s, Err *err)
{
    if (s->memo_ready) {
        keys_clear(&s->memo);
        rows_clear(&s->rows);
        return true;
    }
    static const Type nothing = {.id = TYPE_INTEGER};
    bool keyed = s->scope.slots > 0;
    const PlanNode *p = s->expr->subplan;
    Type type[SCHEMA_KEY_COLUMNS_MAX];
    uint32_t columns = s->expr->subquery == SUBQUERY_EXISTS ? 0 : p->columns;
    if (columns > SCHEMA_KEY_COLUMNS_MAX)
        return err_set_at(err, SQLSTATE_LIMIT, s->expr->at, "a subquery compares more than %d columns",
                          SCHEMA_KEY_COLUMNS_MAX);
    for (uint32_t c = 0; c < columns; c++) type[c] = p->column[c].type;
    rows_init(&s->rows, s->memory, type, columns);
    s->memo_ready = true;
    return keys_init(&s->memo, s->memory, keyed ? s->scope.type : &nothing, keyed ? s->scope.slots : 1, err);
}

// The rows of one run, appended. limit: no more are needed; scalar subqueries refuse a second one.
static bool subquery_pull(Subquery *s, Err *err)
{
    Batch *b;
    const SubqueryKind kind = s->expr->subquery;
    uint32_t before = s->rows.count;
    if (!operator_open(s->root, err)) return false;
    for (;;) {
        if (!operator_next(s->root, &b, err)) return false;
        if (!b) break;
        if (kind == SUBQUERY_EXISTS) {
            s->rows.count++;
            break;
        }
        if (!rows_append(&s->rows, b->vector, b->sel, b->sel_len, err)) return false;
        if (kind == SUBQUERY_SCALAR && s->rows.count - before > 1)
            return err_set_at(err, "21000", s->expr->at,
                              "more than one row returned by a subquery used as an expression");
    }
    operator_close(s->root);
    return true;
}

static bool subquery_room(Subquery *s, uint32_t groups, Err *err)
{
    if (groups + 2 <= s->cap) return true;
    uint32_t cap = (groups + 2) * 2;
    void *at = s->start;
    if (!memory_grow(s->memory, &at, s->cap * sizeof(uint32_t), cap * sizeof(uint32_t), err)) return false;
    s->start = at;
    s->cap = cap;
    return true;
}

static uint64_t outer_moves(const Scope *s)
{
    uint64_t sum = 0;
    for (s = s->up; s; s = s->up) sum += s->moves;
    return sum;
}

// Runs the subplan for the tuple of row when it is new; group[i] of the i-th chosen row.
static bool subquery_groups(Subquery *s, Eval *ev, const uint16_t *sel, uint32_t count, uint32_t *group,
                            Err *err)
{
    Vector key[SCOPE_SLOTS_MAX];
    const int32_t zero = 0;
    uint32_t keys = s->scope.slots, known;
    uint64_t moves = s->scope.deep ? outer_moves(&s->scope) : 0;
    if (!s->memo_ready || moves != s->seen || keys_count(&s->memo) > MEMO_MAX) {
        if (!subquery_forget(s, err)) return false;
        s->seen = moves;
    }
    for (uint32_t k = 0; k < keys; k++) {
        key[k] = ev->in->vector[s->scope.slot[k]];
        key[k].type = s->scope.type[k];
    }
    if (!keys)
        key[0] = (Vector){.type = type_of(TYPE_INTEGER), .data = (void *)(uintptr_t)&zero, .constant = true};
    known = keys_count(&s->memo);
    if (!keys_insert(&s->memo, key, sel, count, group, err)) return false;
    if (!subquery_room(s, keys_count(&s->memo), err)) return false;
    for (uint32_t i = 0; i < count && known < keys_count(&s->memo); i++) {
        if (group[i] != known) continue;
        s->start[known++] = s->rows.count;
        s->scope.batch = ev->in;
        s->scope.row = sel ? sel[i] : i;
        s->scope.moves++;
        if (!subquery_pull(s, err)) return false;
        s->start[known] = s->rows.count;
    }
    return true;
}

// ---- what a group's rows mean ----

// One tuple of the left side against the rows [from, to): TRUE 1, FALSE 0, unknown -1.
static int tuple_equals(const EvalNode *n, const Subquery *s, const Vector *left, uint32_t row, uint32_t kept)
{
    int all = 1;
    for (uint32_t c = 0; c < n->args; c++) {
        Vector v = rows_vector(&s->rows, c);
        if (vector_is_null(&left[c], row) || vector_is_null(&v, kept))
            all = -1;
        else if (!order_same(&left[c], row, &v, kept))
            return 0;
    }
    return all;
}

static int value_compares(const EvalNode *n, const Subquery *s, const Vector *left, uint32_t row,
                          uint32_t kept, KernelContext *ctx)
{
    uint8_t cell = 0;
    uint64_t nulls = 0;
    Vector out = {.type = type_of(TYPE_BOOLEAN), .data = &cell, .nulls = &nulls};
    Vector v = rows_vector(&s->rows, 0);
    if (vector_is_null(left, row) || vector_is_null(&v, kept)) return -1;
    Value a = vector_value(left, row), b = vector_value(&v, kept);
    Vector in[2] = {vector_constant(ctx->mem, &a), vector_constant(ctx->mem, &b)};
    if (!n->expr->function->kernel(in, 2, NULL, 1, &out, ctx)) return -2;
    return cell;
}

static int group_truth(const EvalNode *n, const Subquery *s, const Vector *left, uint32_t row, uint32_t from,
                       uint32_t to, KernelContext *ctx)
{
    const bool all = n->expr->subquery == SUBQUERY_ALL;
    int truth = all;
    for (uint32_t r = from; r < to; r++) {
        int one = n->expr->subquery == SUBQUERY_IN ? tuple_equals(n, s, left, row, r)
                                                   : value_compares(n, s, left, row, r, ctx);
        if (one == -2) return -2;
        if (one == !all) return one;
        if (one == -1) truth = -1;
    }
    return truth;
}

// x IN (rows that are the same for every x): the rows once as a hash set.
static bool set_make(Subquery *s, Err *err)
{
    uint32_t group[BATCH_ROWS];
    uint16_t sel[BATCH_ROWS];
    Type type = s->rows.column[0].type;
    Batch window;
    Vector v;
    s->set_ready = true;
    s->set_null = false;
    if (!keys_init(&s->set, s->memory, &type, 1, err)) return false;
    for (uint32_t from = 0; from < s->rows.count; from += BATCH_ROWS) {
        rows_window(&s->rows, from, &window, &v);
        uint32_t n = window.rows;
        if (v.nulls) n = eval_not_null(&v, NULL, n, sel);
        s->set_null |= n != window.rows;
        if (!keys_insert(&s->set, &v, v.nulls ? sel : NULL, n, group, err)) return false;
    }
    return keys_close(&s->set, err);
}

static bool put_found(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, Vector *own)
{
    Subquery *s = n->state;
    const Vector *v;
    uint32_t found[BATCH_ROWS];
    uint8_t *o = own->data;
    if (!s->set_ready && !set_make(s, ev->kernel.err)) return false;
    if (!eval_run(n->arg[0], ev, sel, count, &v)) return false;
    keys_find(&s->set, v, sel, count, found);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        bool null = vector_is_null(v, row), in = !null && found[i] != KEYS_NONE;
        o[row] = in != n->expr->negated;
        if (in || (!null && !s->set_null)) continue;
        o[row] = 0;
        vector_set_null(own, row);
    }
    return true;
}

static bool put_truths(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const uint32_t *group,
                       Vector *own)
{
    const Subquery *s = n->state;
    Vector left[SCHEMA_KEY_COLUMNS_MAX];
    uint8_t *o = own->data;
    for (uint32_t a = 0; a < n->args; a++) {
        const Vector *v;
        if (!eval_run(n->arg[a], ev, sel, count, &v)) return false;
        left[a] = *v;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sel ? sel[i] : i;
        int truth = group_truth(n, s, left, row, s->start[group[i]], s->start[group[i] + 1], &ev->kernel);
        if (truth == -2) return false;
        o[row] = truth == -1 ? 0 : (truth != 0) != n->expr->negated;
        if (truth == -1) vector_set_null(own, row);
    }
    return true;
}

static bool run_subquery(EvalNode *n, Eval *ev, const uint16_t *sel, uint32_t count, const Vector **out)
{
    Subquery *s = n->state;
    uint32_t group[BATCH_ROWS], from[BATCH_ROWS];
    Vector *own = eval_own(n, ev);
    *out = own;
    if (!count) return true;
    if (!subquery_groups(s, ev, sel, count, group, ev->kernel.err)) return false;
    switch (n->expr->subquery) {
    case SUBQUERY_EXISTS:
        for (uint32_t i = 0; i < count; i++)
            ((uint8_t *)own->data)[sel ? sel[i] : i] =
                (s->start[group[i] + 1] > s->start[group[i]]) != n->expr->negated;
        break;
    case SUBQUERY_SCALAR:
        for (uint32_t i = 0; i < count; i++)
            from[i] = s->start[group[i] + 1] > s->start[group[i]] ? s->start[group[i]] : ROWS_NONE;
        rows_gather(&s->rows, 0, from, count, sel, own);
        break;
    case SUBQUERY_IN:
        if (n->args == 1 && !s->scope.slots && !s->scope.deep && s->rows.count >= SET_ROWS_MIN) {
            if (!put_found(n, ev, sel, count, own)) return false;
            break;
        }
        if (!put_truths(n, ev, sel, count, group, own)) return false;
        break;
    case SUBQUERY_ANY:
    case SUBQUERY_ALL:
        if (!put_truths(n, ev, sel, count, group, own)) return false;
        break;
    }
    eval_settle_nulls(own, ev->in ? ev->in->rows : 1);
    return true;
}

bool eval_make_subquery(EvalNode *n, Eval *ev, Err *err)
{
    const Expr *e = n->expr;
    Subquery *s = arena_new(&ev->exec->mem, Subquery);
    n->state = s;
    n->run = run_subquery;
    s->expr = e;
    s->memory = ev->exec->memory;
    s->scope.up = ev->scope;
    exec_at_end(ev->exec, subquery_done, s);
    if (e->args > SCHEMA_KEY_COLUMNS_MAX)
        return err_set_at(err, SQLSTATE_LIMIT, e->at, "a subquery compares more than %d columns",
                          SCHEMA_KEY_COLUMNS_MAX);
    return operator_make(&s->root, e->subplan, ev->exec, &s->scope, err);
}
