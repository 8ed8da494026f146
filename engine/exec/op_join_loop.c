// Loop join: every left row with every right row, for conditions that no hash or index can serve. The right
// side is kept.
#include "engine/exec/join.h"

typedef struct LoopJoin {
    Join join;
    uint32_t left, right; // next candidate
} LoopJoin;

static bool loop_start(Join *j, Err *err)
{
    (void)err;
    ((LoopJoin *)j)->left = ((LoopJoin *)j)->right = 0;
    return true;
}

static bool loop_pairs(Join *j, bool *more, Err *err)
{
    LoopJoin *l = (LoopJoin *)j;
    (void)err;
    *more = true;
    for (; l->left < j->probe->sel_len; l->left++, l->right = 0) {
        uint16_t row = (uint16_t)batch_row(j->probe, l->left);
        if (j->matched[row] && (j->kind == JOIN_SEMI || j->kind == JOIN_ANTI || j->kind == JOIN_MARK))
            continue;
        for (; l->right < j->build.count; l->right++) {
            if (j->count == BATCH_ROWS) return true;
            j->left_row[j->count] = row;
            j->right_row[j->count++] = l->right;
        }
    }
    *more = false;
    return true;
}

static bool loop_make(Operator *op, Err *err)
{
    Join *j = (Join *)op;
    j->right_columns = op->plan->child[1]->columns;
    j->start = loop_start;
    j->pairs = loop_pairs;
    j->right_cells = join_build_cells;
    op->rows_stay = op->child[0]->rows_stay && op->child[1]->rows_stay;
    return join_make(j, err);
}

static bool loop_open(Operator *op, Err *err)
{
    Join *j = (Join *)op;
    Batch *b;
    Type *type = arena_array(&op->mem, Type, j->right_columns + 1);
    for (uint32_t c = 0; c < j->right_columns; c++) type[c] = op->plan->child[1]->column[c].type;
    rows_init(&j->build, &op->memory, type, j->right_columns);
    j->build.borrow = op->child[1]->rows_stay;
    if (!join_open(j, err)) return false;
    for (;;) {
        if (!operator_next(op->child[1], &b, err)) return false;
        if (!b) break;
        if (!rows_append(&j->build, b->vector, b->sel, b->sel_len, err)) return false;
    }
    return join_build_done(j, err);
}

const OperatorKind op_join_loop = {sizeof(LoopJoin), loop_make, loop_open, join_next, join_close};
