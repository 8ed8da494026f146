// Lock: FOR UPDATE and its kin: rows that come are locked before they go on. A row that somebody has changed
// meanwhile is looked at again in its newest version: a second copy of the plan below runs over that version
// alone (PostgreSQL calls this EvalPlanQual); what still fits is locked and passed on. Under a LIMIT rows
// come one by one, so that no row is locked that nobody asked for.
#include "engine/exec/operator.h"

typedef struct OpLock {
    Operator op;
    Operator *again; // the plan below once more; made when first needed
    bool looking;    // its rows come first
    struct {
        const Batch *in;
        uint32_t taken; // rows of `in` already seen
    } from[2];          // the plan below, the second look
    uint16_t sel[BATCH_ROWS];
    RowPos *pos;
    uint8_t *state;
    RecheckRow *moved; // one row of all tables, of which one has become another
    bool has_moved;
    Recheck recheck;
} OpLock;

static bool lock_make(Operator *op, Err *err)
{
    OpLock *x = (OpLock *)op;
    (void)err;
    operator_output(op, false);
    op->rows_stay = op->child[0]->rows_stay;
    x->pos = arena_array(&op->exec->mem, RowPos, BATCH_ROWS);
    x->state = arena_get(&op->exec->mem, BATCH_ROWS);
    x->moved = arena_array(&op->exec->mem, RecheckRow, plan_as(PlanLock, op->plan)->locks + 1);
    return true;
}

static bool lock_open(Operator *op, Err *err)
{
    OpLock *x = (OpLock *)op;
    x->looking = false;
    x->from[0].in = x->from[1].in = NULL;
    if (op->exec->ctx->read_only)
        return err_set(err, "25006",
                       "cannot execute SELECT FOR UPDATE or FOR SHARE in a read-only transaction");
    return true;
}

static RowPos position_in(const Batch *in, uint32_t column, uint32_t row)
{
    const Vector *v = &in->vector[column];
    uint32_t at = batch_row(in, row);
    return vector_is_null(v, at) ? ROW_NONE : (RowPos)((const int64_t *)v->data)[vector_slot(v, at)];
}

// Locks table t's rows of those in sel and keeps the ones that stand as they were; *row: their places among
// the rows of the batch. A row that has become another ends it: the rest waits until that one has been looked
// at.
static bool lock_table(OpLock *x, uint32_t t, const Batch *in, uint32_t *row, uint32_t *count,
                       uint32_t *taken, Err *err)
{
    const PlanLock *p = plan_as(PlanLock, x->op.plan);
    Transaction *txn = x->op.exec->ctx->transaction;
    Table *table = transaction_table_by_id(txn, p->lock[t].table_id);
    if (p->lock[t].mode == LOCK_NONE) return true;
    if (!table) return err_set(err, SQLSTATE_UNDEFINED_TABLE, "a table does not exist any more");
    for (uint32_t i = 0; i < *count; i++) x->pos[i] = position_in(in, p->position[t], row[i]);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *count; i++) {
        if (!table_lock_rows(txn, table, &x->pos[i], &x->state[i], 1, p->lock[t].mode, p->lock[t].patience,
                             false, err))
            return false;
        if (x->state[i] == ROW_STATE_LOCKED) row[kept++] = row[i];
        if (x->state[i] != ROW_STATE_MOVED) continue;
        for (uint32_t u = 0; u < p->locks; u++)
            x->moved[u] = (RecheckRow){p->lock[u].table_id, u + 1,
                                       u == t ? x->pos[i] : position_in(in, p->position[u], row[i])};
        x->has_moved = true;
        *taken = row[i] + 1;
        break;
    }
    *count = kept;
    return true;
}

// The next batch of the second look or from below; NULL: no more.
static bool next_input(OpLock *x, Err *err)
{
    Batch *b;
    for (;;) {
        x->op.exec->recheck = x->looking ? &x->recheck : NULL;
        bool ok = operator_next(x->looking ? x->again : x->op.child[0], &b, err);
        x->op.exec->recheck = NULL;
        x->from[x->looking].in = ok ? b : NULL;
        x->from[x->looking].taken = 0;
        if (!ok || b || !x->looking) return ok;
        x->looking = false;
        operator_close(x->again);
        if (x->from[0].in && x->from[0].taken < x->from[0].in->sel_len) return true;
    }
}

static bool look_again(OpLock *x, Err *err)
{
    x->has_moved = false;
    x->recheck = (Recheck){x->moved, plan_as(PlanLock, x->op.plan)->locks};
    if (!x->again && !operator_make(&x->again, x->op.plan->child[0], x->op.exec, x->op.scope, err))
        return false;
    x->op.exec->recheck = &x->recheck;
    x->looking = operator_open(x->again, err);
    x->op.exec->recheck = NULL;
    x->from[1].in = NULL;
    return x->looking;
}

static bool lock_next(Operator *op, Batch **out, Err *err)
{
    OpLock *x = (OpLock *)op;
    const PlanLock *p = plan_as(PlanLock, op->plan);
    uint32_t row[BATCH_ROWS];
    *out = NULL;
    for (;;) {
        if (x->has_moved && !look_again(x, err)) return false;
        const Batch *in = x->from[x->looking].in;
        if (!in || x->from[x->looking].taken == in->sel_len) {
            if (!next_input(x, err)) return false;
            in = x->from[x->looking].in;
            if (!in) return true;
        }
        uint32_t first = x->from[x->looking].taken, taken, count = p->one_by_one ? 1 : in->sel_len - first;
        for (uint32_t i = 0; i < count; i++) row[i] = first + i;
        taken = first + count;
        for (uint32_t t = 0; t < p->locks && count; t++)
            if (!lock_table(x, t, in, row, &count, &taken, err)) return false;
        x->from[x->looking].taken = taken;
        if (!count) continue;
        for (uint32_t i = 0; i < count; i++) x->sel[i] = (uint16_t)batch_row(in, row[i]);
        op->out = *in;
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
    x->looking = x->has_moved = false;
    x->from[0].in = x->from[1].in = NULL;
}

const OperatorKind op_lock = {sizeof(OpLock), lock_make, lock_open, lock_next, lock_close};
