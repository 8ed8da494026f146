// Apply: the right side runs for each left row, which it reads as its outer row (LATERAL). Rows of the left
// side that are alike in what the right side reads share one run.
#include "engine/exec/join.h"
#include "engine/exec/keys.h"

enum { APPLY_RUNS_MAX = 1 << 16, APPLY_ROWS_MAX = 1 << 18 }; // kept from one left batch to the next

typedef struct Apply {
    Join join;
    Operator *inner;
    Scope scope;
    Keys runs; // by what the right side reads; run g's rows are [start[g], start[g + 1]) of join.build
    uint32_t *start;
    uint32_t cap, count; // count: runs there are
    bool keyed;
    uint32_t left; // the row at work
    uint32_t right, right_end;
    bool at_row;
} Apply;

static void inner_free(void *arg) { operator_free(arg); }

static bool apply_start(Join *j, Err *err)
{
    (void)err;
    Apply *a = (Apply *)j;
    if (!a->keyed || a->count > APPLY_RUNS_MAX || j->build.count > APPLY_ROWS_MAX) {
        if (a->keyed) keys_clear(&a->runs);
        rows_clear(&j->build);
        a->count = 0;
    }
    a->left = 0;
    a->at_row = false;
    return true;
}

static bool run_room(Apply *a, Err *err)
{
    if (a->count + 2 <= a->cap) return true;
    uint32_t cap = a->cap ? a->cap * 2 : BATCH_ROWS;
    void *at = a->start;
    if (!memory_grow(&a->join.op.memory, &at, a->cap * sizeof(uint32_t), cap * sizeof(uint32_t), err))
        return false;
    a->start = at;
    a->cap = cap;
    return true;
}

static bool run(Apply *a, uint16_t row, Err *err)
{
    Batch *b;
    if (!run_room(a, err)) return false;
    a->start[a->count++] = a->join.build.count;
    a->scope.batch = a->join.probe;
    a->scope.row = row;
    a->scope.moves++;
    if (!operator_open(a->inner, err)) return false;
    for (;;) {
        if (!operator_next(a->inner, &b, err)) return false;
        if (!b) break;
        if (!rows_append(&a->join.build, b->vector, b->sel, b->sel_len, err)) return false;
    }
    operator_close(a->inner);
    a->start[a->count] = a->join.build.count;
    return true;
}

// The run for this row: a new one, or that of a row like it.
static bool find_run(Apply *a, uint16_t row, Err *err)
{
    uint32_t group = a->count;
    Vector key[SCOPE_SLOTS_MAX];
    for (uint32_t k = 0; a->keyed && k < a->scope.slots; k++) {
        key[k] = a->join.probe->vector[a->scope.slot[k]];
        key[k].type = a->scope.type[k];
    }
    if (a->keyed && !keys_insert(&a->runs, key, &row, 1, &group, err)) return false;
    if (group == a->count && !run(a, row, err)) return false;
    a->right = a->start[group];
    a->right_end = a->start[group + 1];
    return a->at_row = true;
}

static bool apply_pairs(Join *j, bool *more, Err *err)
{
    Apply *a = (Apply *)j;
    *more = true;
    for (; a->left < j->probe->sel_len; a->left++, a->at_row = false) {
        uint16_t row = (uint16_t)batch_row(j->probe, a->left);
        if (!a->at_row && !find_run(a, row, err)) return false;
        for (; a->right < a->right_end; a->right++) {
            if (j->count == BATCH_ROWS) return true;
            j->left_row[j->count] = row;
            j->right_row[j->count++] = a->right;
        }
        if (j->count >= BATCH_ROWS / 2) { // enough to show before the next run
            a->left++;
            a->at_row = false;
            return true;
        }
    }
    *more = false;
    return true;
}

static bool apply_make(Operator *op, Err *err)
{
    Apply *a = (Apply *)op;
    Join *j = &a->join;
    j->right_columns = op->plan->child[1]->columns;
    j->start = apply_start;
    j->pairs = apply_pairs;
    j->right_cells = join_build_cells;
    a->scope.up = op->scope;
    bool made = operator_make(&a->inner, op->plan->child[1], op->exec, &a->scope, err);
    if (a->inner) exec_at_end(op->exec, inner_free, a->inner);
    return made && join_make(j, err);
}

static bool apply_open(Operator *op, Err *err)
{
    Apply *a = (Apply *)op;
    Join *j = &a->join;
    Type *type = arena_array(&op->mem, Type, j->right_columns + 1);
    for (uint32_t c = 0; c < j->right_columns; c++) type[c] = op->plan->child[1]->column[c].type;
    rows_init(&j->build, &op->memory, type, j->right_columns);
    a->count = 0;
    a->keyed = !j->plan->fresh && a->scope.slots;
    if (a->keyed && !keys_init(&a->runs, &op->memory, a->scope.type, a->scope.slots, err)) return false;
    return join_open(j, err) && join_build_done(j, err);
}

static void apply_close(Operator *op)
{
    Apply *a = (Apply *)op;
    if (a->keyed) keys_done(&a->runs);
    a->keyed = false;
    memory_free(&op->memory, a->start, a->cap * sizeof(uint32_t));
    a->start = NULL;
    a->cap = 0;
    join_close(op);
}

const OperatorKind op_apply = {sizeof(Apply), apply_make, apply_open, join_next, apply_close};
