// DELETE: all positions are collected first; then the rows go in one call, and their children are refused or
// follow.
#include "engine/exec/write.h"

typedef struct OpDelete {
    Operator op;
    Write write;
    Rows rows; // positions, and behind each what RETURNING reads
    uint32_t *keep, kept;
    uint32_t given;
    bool done;
} OpDelete;

static bool delete_make(Operator *op, Err *err)
{
    operator_output(op, true);
    return write_make(&((OpDelete *)op)->write, op, err);
}

static bool delete_open(Operator *op, Err *err)
{
    OpDelete *s = (OpDelete *)op;
    s->done = false;
    s->given = 0;
    return write_open(&s->write, err);
}

static bool take_rows(void *self, Batch *b, Err *err)
{
    return rows_append(&((OpDelete *)self)->rows, b->vector, b->sel, b->sel_len, err);
}

static bool first_of_each(OpDelete *s, Err *err)
{
    const RowPos *at = (const RowPos *)(const void *)s->rows.column[0].data;
    return write_unique(s->op.exec, at, s->rows.count, &s->keep, &s->kept, &s->op.mem, err);
}

// Somebody has changed rows since the snapshot: the statement goes on with what they are now.
static bool delete_again(OpDelete *s, Err *err)
{
    Recheck moved;
    uint32_t kept;
    write_keep_rows(&s->rows, s->keep, s->kept);
    const RowPos *at = (const RowPos *)(const void *)s->rows.column[0].data;
    if (!write_lock_again(&s->write, at, s->kept, LOCK_FOR_UPDATE, s->keep, &kept, &moved, err)) return false;
    write_keep_rows(&s->rows, s->keep, kept);
    return write_look_again(s->op.child[0], &moved, take_rows, s, err) && first_of_each(s, err);
}

// old: the rows as they were, when somebody wants to know.
static bool delete_store(OpDelete *s, Rows *old, Err *err)
{
    Write *w = &s->write;
    for (;;) {
        const RowPos *all = (const RowPos *)(const void *)s->rows.column[0].data;
        RowPos *at = arena_try(&s->op.mem, (size_t)s->kept + 1, sizeof(RowPos));
        if (!at) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "too many rows for one statement");
        for (uint32_t i = 0; i < s->kept; i++) at[i] = all[s->keep[i]];
        if (old) rows_clear(old);
        if (old && !write_fetch(w->transaction, w->table, at, s->kept, old, err)) return false;
        if (!s->kept || table_delete(w->transaction, w->table, at, s->kept, err)) return true;
        if (!transaction_met_change(w->transaction)) return false;
        err_clear(err);
        if (!delete_again(s, err)) return false;
    }
}

static bool delete_apply(Operator *op, Err *err)
{
    OpDelete *s = (OpDelete *)op;
    Write *w = &s->write;
    const WriteRules *r = w->plan->rules;
    Rows old = {0};
    bool fires = write_fires_rows(w->exec, w->def, EXEC_DELETE, NULL, false), parents = r && r->children,
         seen = parents || fires;
    if (seen) write_rows_init(&old, w->exec, w->def);
    bool ok = delete_store(s, seen ? &old : NULL, err);
    write_count(w, s->kept);
    if (ok && parents) {
        const WriteParent p = {.exec = w->exec, .def = w->def, .old_rows = &old};
        ok = write_follow(&p, err);
    }
    ok = ok && (!fires || write_fire_after(w->exec, w->def, EXEC_DELETE, NULL, &old, NULL, err)) &&
         write_fire_statement(w->exec, w->def, EXEC_DELETE, NULL, false, err);
    rows_done(&old);
    return ok;
}

// Triggers may leave rows as they are.
static bool before_rows(OpDelete *s, Err *err)
{
    Write *w = &s->write;
    Rows old = {0};
    if (!write_fires_rows(w->exec, w->def, EXEC_DELETE, NULL, true)) return true;
    const RowPos *all = (const RowPos *)(const void *)s->rows.column[0].data;
    RowPos *at = arena_try(&s->op.mem, (size_t)s->kept + 1, sizeof(RowPos));
    uint32_t kept = 0, *keep = arena_try(&s->op.mem, (size_t)s->kept + 1, sizeof *keep);
    if (!at || !keep) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "too many rows for one statement");
    for (uint32_t i = 0; i < s->kept; i++) at[i] = all[s->keep[i]];
    const WriteBefore b = {.event = EXEC_DELETE, .old_rows = &old, .keep = keep, .kept = &kept};
    write_rows_init(&old, w->exec, w->def);
    bool ok = write_fetch(w->transaction, w->table, at, s->kept, &old, err) &&
              write_fire_before(w->exec, w->def, &b, err);
    for (uint32_t i = 0; ok && i < kept; i++) s->keep[i] = s->keep[keep[i]];
    s->kept = kept;
    rows_done(&old);
    return ok;
}

static bool delete_all(OpDelete *s, Err *err)
{
    Batch *b;
    s->done = true;
    write_rows_init_child(&s->rows, &s->op, 0);
    if (!write_fire_statement(s->op.exec, s->write.def, EXEC_DELETE, NULL, true, err)) return false;
    for (;;) {
        if (!operator_next(s->op.child[0], &b, err)) return false;
        if (!b) break;
        if (!take_rows(s, b, err)) return false;
    }
    return first_of_each(s, err) && before_rows(s, err) && write_ready(&s->op, delete_apply, err);
}

static bool delete_next(Operator *op, Batch **out, Err *err)
{
    OpDelete *s = (OpDelete *)op;
    *out = NULL;
    if (!s->done && !delete_all(s, err)) return false;
    if (!s->write.plan->returning || s->given >= s->kept) return true;
    uint32_t n = s->kept - s->given < BATCH_ROWS ? s->kept - s->given : BATCH_ROWS;
    operator_output_clear(op);
    for (uint32_t c = 0; c < op->out.columns; c++)
        rows_gather(&s->rows, c, s->keep + s->given, n, NULL, &op->out.vector[c]);
    op->out.rows = op->out.sel_len = n;
    s->given += n;
    *out = &op->out;
    return true;
}

static void delete_close(Operator *op)
{
    OpDelete *s = (OpDelete *)op;
    rows_done(&s->rows);
    write_close(&s->write);
}

const OperatorKind op_delete = {sizeof(OpDelete), delete_make, delete_open, delete_next, delete_close};
