// Lock: FOR UPDATE and its kin: rows that come are locked before they go on. A row that somebody has changed
// meanwhile is looked at again in its newest version: a second copy of the plan below runs over that version
// alone (PostgreSQL calls this EvalPlanQual); what still fits is locked and passed on. Under a LIMIT rows
// come one by one, so that no row is locked that nobody asked for.
#include "engine/exec/operator.h"

#include <stdlib.h>

typedef struct OpLock {
    Operator op;
    Operator *again; // the plan below once more; made when first needed
    bool looking;    // its rows come first
    const Batch *in;
    uint32_t taken; // rows of `in` already seen
    uint16_t sel[BATCH_ROWS];
    RowPos *pos; // BATCH_ROWS for each table
    uint8_t *state;
    RecheckRow *moved;
    uint32_t moves, moves_cap;
    Recheck recheck;
} OpLock;

static bool lock_make(Operator *op, Err *err)
{
    OpLock *x = (OpLock *)op;
    const PlanLock *p = plan_as(PlanLock, op->plan);
    (void)err;
    operator_output(op, false);
    op->rows_stay = op->child[0]->rows_stay;
    x->pos = arena_array(&op->exec->mem, RowPos, BATCH_ROWS);
    x->state = arena_get(&op->exec->mem, BATCH_ROWS);
    (void)p;
    return true;
}

static bool lock_open(Operator *op, Err *err)
{
    OpLock *x = (OpLock *)op;
    x->looking = false;
    x->in = NULL;
    x->moves = 0;
    if (op->exec->ctx->read_only)
        return err_set(err, "25006",
                       "cannot execute SELECT FOR UPDATE or FOR SHARE in a read-only transaction");
    return true;
}

static bool note_moved(OpLock *x, uint64_t table, RowPos pos, Err *err)
{
    if (x->moves == x->moves_cap) {
        uint32_t cap = x->moves_cap ? x->moves_cap * 2 : 64;
        RecheckRow *grown = cap > EXEC_RECHECK_MAX ? NULL : realloc(x->moved, cap * sizeof *grown);
        if (!grown) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "too many rows have changed meanwhile");
        x->moved = grown;
        x->moves_cap = cap;
    }
    x->moved[x->moves++] = (RecheckRow){table, pos};
    return true;
}

// Rows from..from + count of the batch: locks table t's, and keeps those that stand as they were.
static bool lock_table(OpLock *x, uint32_t t, uint16_t *sel, uint32_t *count, Err *err)
{
    const PlanLock *p = plan_as(PlanLock, x->op.plan);
    Transaction *txn = x->op.exec->ctx->transaction;
    Table *table = transaction_table_by_id(txn, p->lock[t].table_id);
    const Vector *v = &x->in->vector[p->position[t]];
    if (!table) return err_set(err, SQLSTATE_UNDEFINED_TABLE, "a table does not exist any more");
    for (uint32_t i = 0; i < *count; i++)
        x->pos[i] = (RowPos)((const int64_t *)v->data)[vector_slot(v, sel[i])];
    if (!table_lock_rows(txn, table, x->pos, x->state, *count, p->lock[t].mode, p->lock[t].patience, false,
                         err))
        return false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *count; i++) {
        if (x->state[i] == ROW_STATE_LOCKED) sel[kept++] = sel[i];
        if (x->state[i] == ROW_STATE_MOVED && !note_moved(x, p->lock[t].table_id, x->pos[i], err))
            return false;
    }
    *count = kept;
    return true;
}

// The next rows, from the second look or from below; NULL: no more.
static bool next_input(OpLock *x, Err *err)
{
    Batch *b;
    x->taken = 0;
    for (;;) {
        x->op.exec->recheck = x->looking ? &x->recheck : NULL;
        bool ok = operator_next(x->looking ? x->again : x->op.child[0], &b, err);
        x->op.exec->recheck = NULL;
        x->in = ok ? b : NULL;
        if (!ok || b || !x->looking) return ok;
        x->looking = false;
        operator_close(x->again);
    }
}

static bool look_again(OpLock *x, Err *err)
{
    free(x->recheck.row);
    x->recheck = (Recheck){x->moved, x->moves};
    x->moved = NULL;
    x->moves = x->moves_cap = 0;
    if (!x->again && !operator_make(&x->again, x->op.plan->child[0], x->op.exec, x->op.scope, err))
        return false;
    x->op.exec->recheck = &x->recheck;
    x->looking = operator_open(x->again, err);
    x->op.exec->recheck = NULL;
    return x->looking;
}

static bool lock_next(Operator *op, Batch **out, Err *err)
{
    OpLock *x = (OpLock *)op;
    const PlanLock *p = plan_as(PlanLock, op->plan);
    *out = NULL;
    for (;;) {
        if (!x->in || x->taken == x->in->sel_len) {
            // between two batches of the second look nothing new is begun: its rows are few
            if (x->moves && !x->looking && !look_again(x, err)) return false;
            if (!next_input(x, err)) return false;
            if (!x->in && x->moves) continue;
            if (!x->in) return true;
        }
        uint32_t count = p->one_by_one ? 1 : x->in->sel_len - x->taken;
        for (uint32_t i = 0; i < count; i++) x->sel[i] = (uint16_t)batch_row(x->in, x->taken + i);
        x->taken += count;
        for (uint32_t t = 0; t < p->locks && count; t++)
            if (!lock_table(x, t, x->sel, &count, err)) return false;
        if (!count) continue;
        op->out = *x->in;
        op->out.sel = x->sel;
        op->out.sel_len = count;
        *out = &op->out;
        return true;
    }
}

static void lock_close(Operator *op)
{
    OpLock *x = (OpLock *)op;
    operator_free(x->again);
    x->again = NULL;
    free(x->moved);
    free(x->recheck.row);
    x->moved = NULL;
    x->moves = x->moves_cap = 0;
    x->recheck = (Recheck){0};
    x->looking = false;
    x->in = NULL;
}

const OperatorKind op_lock = {sizeof(OpLock), lock_make, lock_open, lock_next, lock_close};
