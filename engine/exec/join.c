// Join: from candidate pairs to output batches, one small rule per join kind.
#include "engine/exec/join.h"

#include "engine/base/size.h"
#include <stdlib.h>
#include <string.h>

// ---- making ----

static Vector null_vector(Arena *mem, Type type)
{
    Vector v = {
        .type = type, .data = arena_get(mem, 16), .nulls = arena_new(mem, uint64_t), .constant = true};
    v.nulls[0] = 1;
    return v;
}

bool join_make(Join *j, Err *err)
{
    Operator *op = &j->op;
    Arena *mem = &op->exec->mem;
    j->plan = plan_as(PlanJoin, op->plan);
    j->kind = j->plan->join;
    j->left_columns = op->plan->child[0]->columns;
    operator_output(op, false);
    uint32_t all = j->left_columns + j->right_columns;
    j->both = (Batch){.columns = all, .vector = arena_array(mem, Vector, all + 1)};
    j->left_own = arena_array(mem, Vector, j->left_columns + 1);
    j->right_own = arena_array(mem, Vector, j->right_columns + 1);
    j->none = arena_array(mem, Vector, all + 1);
    for (uint32_t c = 0; c < j->left_columns; c++)
        j->none[c] = null_vector(mem, op->plan->child[0]->column[c].type);
    eval_init(&j->filter_eval, op->exec, op->scope);
    return !j->plan->filter || eval_compile(&j->filter, j->plan->filter, &j->filter_eval, err);
}

bool join_open(Join *j, Err *err)
{
    (void)err;
    j->probe = NULL;
    j->left_done = j->more = false;
    j->build_next = 0;
    return true;
}

bool join_build_done(Join *j, Err *err)
{
    for (uint32_t c = 0; c < j->right_columns; c++)
        if (!j->none[j->left_columns + c].data)
            j->none[j->left_columns + c] = null_vector(
                &j->op.exec->mem, j->build.columns ? j->build.column[c].type : type_of(TYPE_TEXT));
    if (j->kind != JOIN_RIGHT && j->kind != JOIN_FULL) return true;
    void *at = NULL;
    if (!memory_grow(&j->op.memory, &at, 0, j->build.count + 1, err)) return false;
    j->build_matched = memset(at, 0, j->build.count + 1);
    return true;
}

void join_close(Operator *op)
{
    Join *j = (Join *)op;
    memory_free(&op->memory, j->build_matched, j->build.count + 1);
    j->build_matched = NULL;
    rows_done(&j->build);
    eval_done(&j->filter_eval);
}

// ---- putting pairs together ----

#define JOIN_TAKE(T)                                                                                         \
    do {                                                                                                     \
        const T *from = v->data;                                                                             \
        T *to = out->data;                                                                                   \
        for (uint32_t i = 0; i < count; i++) to[i] = from[row[i]];                                           \
    } while (0)

// Cells of rows row[] of v, densely; long cells are borrowed.
static void take_rows(Vector *out, const Vector *v, const uint16_t *row, uint32_t count)
{
    switch (phys_size(type_phys(v->type.id))) {
    case 1: JOIN_TAKE(uint8_t); break;
    case 2: JOIN_TAKE(uint16_t); break;
    case 4: JOIN_TAKE(uint32_t); break;
    case 8: JOIN_TAKE(uint64_t); break;
    default: JOIN_TAKE(Text); break;
    }
    if (!v->nulls) {
        out->nulls = NULL;
        return;
    }
    memset(out->nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
    for (uint32_t i = 0; i < count; i++)
        if (vector_is_null(v, row[i])) vector_set_null(out, i);
}

static void both_left(Join *j)
{
    for (uint32_t c = 0; c < j->left_columns; c++) {
        const Vector *v = &j->probe->vector[c];
        j->both.vector[c] = *v;
        if (j->one_match || v->constant) continue;
        Vector *own = &j->left_own[c];
        if (!own->data) *own = vector_new(&j->op.exec->mem, v->type);
        j->both.vector[c] = *own;
        j->both.vector[c].type = v->type;
        take_rows(&j->both.vector[c], v, j->left_row, j->count);
    }
}

// Makes j->both from the candidate pairs.
static bool put_together(Join *j, Err *err)
{
    both_left(j);
    j->both.rows = j->one_match ? j->probe->rows : j->count;
    j->both.sel = j->one_match ? j->left_row : NULL;
    j->both.sel_len = j->count;
    for (uint32_t c = 0; c < j->right_columns; c++) {
        Vector *own = &j->right_own[c];
        if (own->nulls) memset(own->nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
        j->both.vector[j->left_columns + c] = *own;
    }
    if (!j->right_cells(j, j->right_own, j->both.sel, err)) return false;
    for (uint32_t c = 0; c < j->right_columns; c++) {
        Vector *v = &j->both.vector[j->left_columns + c];
        *v = j->right_own[c];
        eval_settle_nulls(v, j->both.rows);
    }
    return true;
}

bool join_build_cells(Join *j, Vector *out, const uint16_t *at, Err *err)
{
    (void)err;
    for (uint32_t c = 0; c < j->build.columns; c++) {
        if (!out[c].data) out[c] = vector_new(&j->op.exec->mem, j->build.column[c].type);
        rows_gather(&j->build, c, j->right_row, j->count, at, &out[c]);
    }
    return true;
}

// ---- what a join kind makes of the pairs ----

static bool gives_pairs(JoinKind k)
{
    return k == JOIN_INNER || k == JOIN_LEFT || k == JOIN_RIGHT || k == JOIN_FULL || k == JOIN_SINGLE;
}

// Index of the candidate pair that stands at row `at` of both.
static bool note_match(Join *j, uint32_t left, uint32_t right, Err *err)
{
    if (j->kind == JOIN_SINGLE && j->matched[left] && right != ROWS_NONE)
        return err_set(err, "21000", "more than one row returned by a subquery used as an expression");
    j->matched[left] = 1;
    if (j->build_matched && right != ROWS_NONE) j->build_matched[right] = 1;
    return true;
}

static bool note_unknown(Join *j, Err *err)
{
    const Vector *v;
    if (j->kind != JOIN_MARK && j->kind != JOIN_ANTI_NULL) return true;
    if (!eval_run(j->filter, &j->filter_eval, j->both.sel, j->both.sel_len, &v)) return false;
    (void)err;
    for (uint32_t i = 0; v->nulls && i < j->count; i++)
        if (vector_is_null(v, j->one_match ? j->left_row[i] : i)) j->unknown[j->left_row[i]] = 1;
    return true;
}

// Tries the filter; j->sel, *passed: rows of both that passed.
static bool try_pairs(Join *j, uint32_t *passed, Err *err)
{
    if (!j->filter) {
        for (uint32_t i = 0; i < j->count; i++)
            if (!note_match(j, j->left_row[i], j->right_row[i], err)) return false;
        *passed = j->count;
        return !gives_pairs(j->kind) || put_together(j, err);
    }
    if (!put_together(j, err)) return false;
    eval_begin(&j->filter_eval, &j->both, err);
    if (!eval_select(j->filter, &j->filter_eval, j->both.sel, j->both.sel_len, j->sel, passed)) return false;
    if (!note_unknown(j, err)) return false;
    for (uint32_t i = 0, k = 0; i < *passed; i++) {
        if (j->one_match)
            while (j->left_row[k] != j->sel[i]) k++;
        else
            k = j->sel[i];
        if (!note_match(j, j->left_row[k], j->right_row[k], err)) return false;
    }
    j->both.sel = j->sel;
    j->both.sel_len = *passed;
    return true;
}

static void out_left(Join *j, const uint16_t *sel, uint32_t count, uint32_t columns)
{
    Batch *o = &j->op.out;
    memcpy(o->vector, j->probe->vector, j->left_columns * sizeof(Vector));
    o->columns = columns;
    o->rows = j->probe->rows;
    o->sel = sel;
    o->sel_len = count;
}

static void out_marked(Join *j)
{
    const Batch *p = j->probe;
    out_left(j, p->sel, p->sel_len, j->left_columns + 1);
    memset(j->mark_nulls, 0, sizeof j->mark_nulls);
    for (uint32_t i = 0; i < p->sel_len; i++) {
        uint32_t row = batch_row(p, i);
        j->mark[row] = j->matched[row];
        if (!j->matched[row] && j->unknown[row]) j->mark_nulls[row >> 6] |= UINT64_C(1) << (row & 63);
    }
    j->op.out.vector[j->left_columns] =
        (Vector){.type = type_of(TYPE_BOOLEAN), .data = j->mark, .nulls = j->mark_nulls};
}

// The left batch is through: what is left to say about its rows. False = nothing.
static bool left_rest(Join *j)
{
    const JoinKind k = j->kind;
    const Batch *p = j->probe;
    uint32_t n = 0;
    if (k == JOIN_INNER || k == JOIN_RIGHT) return false;
    if (k == JOIN_MARK) {
        out_marked(j);
        return true;
    }
    for (uint32_t i = 0; i < p->sel_len; i++) {
        uint32_t row = batch_row(p, i);
        j->sel[n] = (uint16_t)row;
        n += (k == JOIN_SEMI) == (j->matched[row] != 0) && !(k == JOIN_ANTI_NULL && j->unknown[row]);
    }
    if (!n) return false;
    out_left(j, j->sel, n, j->op.plan->columns);
    if (gives_pairs(k))
        memcpy(j->op.out.vector + j->left_columns, j->none + j->left_columns,
               j->right_columns * sizeof(Vector));
    return true;
}

// RIGHT and FULL: right rows that nobody matched, with NULLs on the left.
static bool right_rest(Join *j, Batch **out, Err *err)
{
    if (!j->build_matched) return true;
    for (j->count = 0; j->build_next < j->build.count && j->count < BATCH_ROWS; j->build_next++)
        if (!j->build_matched[j->build_next]) j->right_row[j->count++] = j->build_next;
    if (!j->count) return true;
    Batch *o = &j->op.out;
    for (uint32_t c = 0; c < j->right_columns; c++)
        if (j->right_own[c].nulls) memset(j->right_own[c].nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
    if (!j->right_cells(j, j->right_own, NULL, err)) return false;
    memcpy(o->vector, j->none, j->left_columns * sizeof(Vector));
    memcpy(o->vector + j->left_columns, j->right_own, j->right_columns * sizeof(Vector));
    o->columns = j->op.plan->columns;
    o->rows = o->sel_len = j->count;
    o->sel = NULL;
    *out = o;
    return true;
}

static bool next_probe(Join *j, Err *err)
{
    if (!(j->source ? j->source(j, &j->probe, err) : operator_next(j->op.child[0], &j->probe, err)))
        return false;
    if (!j->probe) {
        j->left_done = true;
        return true;
    }
    memset(j->matched, 0, j->probe->rows);
    memset(j->unknown, 0, j->probe->rows);
    j->more = true;
    return j->start(j, err);
}

static bool next_of_part(Operator *op, Batch **out, Err *err)
{
    Join *j = (Join *)op;
    *out = NULL;
    while (!j->left_done) {
        if (!j->probe && !next_probe(j, err)) return false;
        if (!j->probe) break;
        while (j->more) {
            uint32_t passed;
            j->count = 0;
            if (!exec_go_on(op->exec, err) || !j->pairs(j, &j->more, err)) return false;
            if (!j->count) continue;
            if (!try_pairs(j, &passed, err)) return false;
            if (!passed || !gives_pairs(j->kind)) continue;
            memcpy(op->out.vector, j->both.vector, j->both.columns * sizeof(Vector));
            op->out.columns = op->plan->columns;
            op->out.rows = j->both.rows;
            op->out.sel = j->both.sel;
            op->out.sel_len = j->both.sel_len;
            *out = &op->out;
            return true;
        }
        bool rest = left_rest(j);
        j->probe = NULL;
        if (!rest) continue;
        *out = &op->out;
        return true;
    }
    return right_rest(j, out, err);
}

bool join_next(Operator *op, Batch **out, Err *err)
{
    Join *j = (Join *)op;
    bool more = true;
    for (;;) {
        if (!next_of_part(op, out, err)) return false;
        if (*out || !j->again) return true;
        if (!j->again(j, &more, err)) return false;
        if (!more) return true;
    }
}
