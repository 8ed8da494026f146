// UPDATE: all positions and new rows are collected before the first row is touched, so that no row meets its
// own change. Of two new rows for one position the first counts.
#include "engine/exec/write.h"

#include <string.h>

typedef struct OpUpdate {
    Operator op;
    Write write;
    Rows pos, rows; // rows: the new ones, and behind each what RETURNING reads beside it
    uint32_t given;
    bool done;
} OpUpdate;

static bool update_make(Operator *op, Err *err)
{
    operator_output(op, false);
    return write_make(&((OpUpdate *)op)->write, op, err);
}

static bool update_open(Operator *op, Err *err)
{
    OpUpdate *s = (OpUpdate *)op;
    s->done = false;
    s->given = 0;
    return write_open(&s->write, err);
}

// What the child gives: pos (one bigint column) and whole rows, first of each position only.
static bool collect(Operator *op, Rows *pos, Rows *rows, Err *err)
{
    Batch *b;
    for (;;) {
        if (!operator_next(op->child[0], &b, err)) return false;
        if (!b) return true;
        if (!rows_append(pos, b->vector, b->sel, b->sel_len, err)) return false;
        if (!rows_append(rows, b->vector + 1, b->sel, b->sel_len, err)) return false;
    }
}

// Drops rows whose position came before.
static bool first_of_each(Write *w, Rows *pos, Rows *rows, Arena *mem, Err *err)
{
    uint32_t *keep, kept;
    RowPos *at = (RowPos *)(void *)pos->column[0].data;
    if (!write_unique(w->exec, at, pos->count, &keep, &kept, mem, err)) return false;
    if (kept == pos->count) return true;
    write_keep_rows(pos, keep, kept);
    write_keep_rows(rows, keep, kept);
    return true;
}

static bool check_rows(Write *w, Rows *rows, Err *err)
{
    Vector *vector = arena_array(&w->exec->mem, Vector, rows->columns + 1);
    Batch b;
    for (uint32_t i = 0; w->plan->identity && i < rows->count; i += BATCH_ROWS) {
        rows_window(rows, i, &b, vector);
        if (!write_identities(w, &b, err)) return false;
    }
    if (!write_generate(w, rows, err)) return false;
    for (uint32_t i = 0; i < rows->count; i += BATCH_ROWS) {
        rows_window(rows, i, &b, vector);
        if (!exec_go_on(w->exec, err) || !write_check(w, &b, err)) return false;
    }
    return true;
}

static bool take_again(void *self, Batch *b, Err *err)
{
    OpUpdate *s = self;
    return rows_append(&s->pos, b->vector, b->sel, b->sel_len, err) &&
           rows_append(&s->rows, b->vector + 1, b->sel, b->sel_len, err);
}

// Somebody has changed rows since the snapshot: the statement goes on with what they are now.
static bool update_again(OpUpdate *s, Err *err)
{
    Write *w = &s->write;
    Recheck moved;
    uint32_t kept, count = s->pos.count, *keep = arena_try(&s->op.mem, (size_t)count + 1, sizeof *keep);
    const RowPos *at = (const RowPos *)(const void *)s->pos.column[0].data;
    if (!keep) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "too many rows for one statement");
    if (!write_lock_again(w, at, count, LOCK_FOR_NO_KEY_UPDATE, keep, &kept, &moved, err)) return false;
    write_keep_rows(&s->pos, keep, kept);
    write_keep_rows(&s->rows, keep, kept);
    return write_look_again(s->op.child[0], &moved, take_again, s, err) &&
           first_of_each(w, &s->pos, &s->rows, &s->op.mem, err) && check_rows(w, &s->rows, err);
}

// old: the rows as they were, when somebody wants to know.
static bool update_store(OpUpdate *s, Rows *old, Err *err)
{
    Write *w = &s->write;
    for (;;) {
        const RowPos *at = (const RowPos *)(const void *)s->pos.column[0].data;
        if (old) rows_clear(old);
        if (old && !write_fetch(w->transaction, w->table, at, s->rows.count, old, err)) return false;
        if (write_update_rows(w->exec, w->table, at, &s->rows, err)) return true;
        if (!transaction_met_change(w->transaction)) return false;
        err_clear(err);
        if (!update_again(s, err)) return false;
    }
}

static bool update_apply(Operator *op, Err *err)
{
    OpUpdate *s = (OpUpdate *)op;
    Write *w = &s->write;
    const Rows *rows = &s->rows;
    const WriteRules *r = w->plan->rules;
    Rows old = {0};
    bool fires = write_fires_rows(w->exec, w->def, EXEC_UPDATE, w->plan->set, false),
         parents = r && r->children, seen = parents || fires;
    if (seen) write_rows_init(&old, w->exec, w->def);
    bool ok = update_store(s, seen ? &old : NULL, err);
    write_count(w, rows->count);
    if (ok && parents) {
        const WriteParent p = {.exec = w->exec, .def = w->def, .old_rows = &old, .new_rows = rows};
        ok = write_follow(&p, err);
    }
    ok = ok && write_check_parents(w, rows, err) &&
         (!fires || write_fire_after(w->exec, w->def, EXEC_UPDATE, w->plan->set, &old, rows, err)) &&
         write_fire_statement(w->exec, w->def, EXEC_UPDATE, w->plan->set, false, err);
    rows_done(&old);
    return ok;
}

// What triggers make of the new rows before anything is checked.
static bool before_rows(OpUpdate *s, Err *err)
{
    Write *w = &s->write;
    Rows old = {0};
    if (!write_fires_rows(w->exec, w->def, EXEC_UPDATE, w->plan->set, true)) return true;
    uint32_t kept = 0, *keep = arena_try(&s->op.mem, (size_t)s->rows.count + 1, sizeof *keep);
    const RowPos *at = (const RowPos *)(const void *)s->pos.column[0].data;
    const WriteBefore b = {EXEC_UPDATE, w->plan->set, &old, &s->rows, keep, &kept};
    if (!keep) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "too many rows for one statement");
    write_rows_init(&old, w->exec, w->def);
    bool ok = write_fetch(w->transaction, w->table, at, s->rows.count, &old, err) &&
              write_fire_before(w->exec, w->def, &b, err);
    if (ok && kept < s->pos.count) write_keep_rows(&s->pos, keep, kept);
    rows_done(&old);
    return ok;
}

static bool update_all(OpUpdate *s, Err *err)
{
    const Type bigint = type_of(TYPE_BIGINT);
    s->done = true;
    rows_init(&s->pos, s->op.exec->memory, &bigint, 1);
    write_rows_init_child(&s->rows, &s->op, 1);
    return write_fire_statement(s->op.exec, s->write.def, EXEC_UPDATE, s->write.plan->set, true, err) &&
           collect(&s->op, &s->pos, &s->rows, err) &&
           first_of_each(&s->write, &s->pos, &s->rows, &s->op.mem, err) && before_rows(s, err) &&
           check_rows(&s->write, &s->rows, err) && write_ready(&s->op, update_apply, err);
}

static bool update_next(Operator *op, Batch **out, Err *err)
{
    OpUpdate *s = (OpUpdate *)op;
    Batch pos;
    *out = NULL;
    if (!s->done && !update_all(s, err)) return false;
    if (!s->write.plan->returning || s->given >= s->rows.count) return true;
    rows_window(&s->pos, s->given, &pos, op->out.vector);
    rows_window(&s->rows, s->given, &op->out, op->out.vector + 1);
    op->out.vector -= 1;
    op->out.columns += 1;
    s->given += op->out.rows;
    *out = &op->out;
    return true;
}

static void update_close(Operator *op)
{
    OpUpdate *s = (OpUpdate *)op;
    rows_done(&s->pos);
    rows_done(&s->rows);
    write_close(&s->write);
}

const OperatorKind op_update = {sizeof(OpUpdate), update_make, update_open, update_next, update_close};
