// INSERT: the child's rows are kept first (a table may be read while it is written), then identity values are
// drawn, rows are checked and stored batch by batch, and parents are looked for when all rows are in.
#include "engine/exec/write.h"

#include <string.h>

typedef struct OpInsert {
    Operator op;
    Write write;
    WriteConflict *conflict; // ON CONFLICT; NULL = none
    Rows rows;
    Rows written; // what RETURNING sees when that is not `rows`
    uint32_t given;
    bool done;
} OpInsert;

static bool insert_make(Operator *op, Err *err)
{
    OpInsert *s = (OpInsert *)op;
    operator_output(op, false);
    return write_make(&s->write, op, err) &&
           (!s->write.plan->conflict || write_conflict_make(&s->conflict, &s->write, op, err));
}

static bool insert_open(Operator *op, Err *err)
{
    OpInsert *s = (OpInsert *)op;
    s->done = false;
    s->given = 0;
    return write_open(&s->write, err);
}

static bool store_rows(Write *w, const Batch *b, Err *err)
{
    Batch whole;
    if (!write_hidden(w->exec, w->def, b, &whole, err)) return false;
    if (!table_insert(w->transaction, w->table, &whole, NULL, err)) return false;
    exec_progress(w->exec, b->rows);
    return true;
}

// Numbers first: generated columns may read them.
static bool fill_rows(Write *w, Rows *rows, Vector *vector, Err *err)
{
    Batch b;
    for (uint32_t at = 0; w->plan->identity && at < rows->count; at += BATCH_ROWS) {
        rows_window(rows, at, &b, vector);
        if (!write_identities(w, &b, err)) return false;
    }
    return write_generate(w, rows, err);
}

// Window by window: identities and rules when `check`, into the table when `store`.
static bool each_window(OpInsert *s, bool check, bool store, Err *err)
{
    Write *w = &s->write;
    Vector *vector = arena_array(&w->exec->mem, Vector, s->rows.columns + 1);
    Batch b;
    if (check && !fill_rows(w, &s->rows, vector, err)) return false;
    for (uint32_t at = 0; at < s->rows.count; at += BATCH_ROWS) {
        rows_window(&s->rows, at, &b, vector);
        if (!exec_go_on(w->exec, err)) return false;
        if (check && !write_check(w, &b, err)) return false;
        if (store && !store_rows(w, &b, err)) return false;
    }
    return true;
}

// What triggers make of the rows before anything is checked.
static bool before_rows(OpInsert *s, Err *err)
{
    Write *w = &s->write;
    if (!write_fires_rows(w->exec, w->def, EXEC_INSERT, NULL, true)) return true;
    Vector *vector = arena_array(&w->exec->mem, Vector, s->rows.columns + 1);
    uint32_t kept, *keep = arena_try(&s->op.mem, (size_t)s->rows.count + 1, sizeof *keep);
    if (!keep) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "too many rows for one statement");
    const WriteBefore b = {.event = EXEC_INSERT, .new_rows = &s->rows, .keep = keep, .kept = &kept};
    return fill_rows(w, &s->rows, vector, err) && write_fire_before(w->exec, w->def, &b, err);
}

static bool after_rows(OpInsert *s, const Rows *rows, Err *err)
{
    const Write *w = &s->write;
    return (!write_fires_rows(w->exec, w->def, EXEC_INSERT, NULL, false) ||
            write_fire_after(w->exec, w->def, EXEC_INSERT, NULL, NULL, rows, err)) &&
           write_fire_statement(w->exec, w->def, EXEC_INSERT, NULL, false, err);
}

static bool insert_apply(Operator *op, Err *err)
{
    OpInsert *s = (OpInsert *)op;
    if (!each_window(s, !op->exec->defers, true, err)) return false;
    write_count(&s->write, s->rows.count);
    return write_check_parents(&s->write, &s->rows, err) && after_rows(s, &s->rows, err);
}

static bool insert_collect(OpInsert *s, Err *err)
{
    Batch *b;
    for (;;) {
        if (!operator_next(s->op.child[0], &b, err)) return false;
        if (!b) return true;
        if (!rows_append(&s->rows, b->vector, b->sel, b->sel_len, err)) return false;
    }
}

// What other writes will find must be there before a conflict can be seen.
static bool insert_conflict(OpInsert *s, Err *err)
{
    write_rows_init(&s->written, s->op.exec, s->write.def);
    return write_apply_waiting(s->op.exec, err) && each_window(s, true, false, err) &&
           write_conflict_run(s->conflict, &s->rows, s->write.plan->returning ? &s->written : NULL, err) &&
           write_fire_statement(s->op.exec, s->write.def, EXEC_INSERT, NULL, false, err);
}

static bool insert_all(OpInsert *s, Err *err)
{
    s->done = true;
    write_rows_init(&s->rows, s->op.exec, s->write.def);
    s->rows.borrow = s->op.child[0]->rows_stay;
    if (!write_fire_statement(s->op.exec, s->write.def, EXEC_INSERT, NULL, true, err)) return false;
    if (!insert_collect(s, err) || !before_rows(s, err)) return false;
    if (s->conflict) return insert_conflict(s, err);
    if (s->op.exec->defers && !each_window(s, true, false, err)) return false;
    return write_ready(&s->op, insert_apply, err);
}

static bool insert_next(Operator *op, Batch **out, Err *err)
{
    OpInsert *s = (OpInsert *)op;
    *out = NULL;
    if (!s->done && !insert_all(s, err)) return false;
    const Rows *rows = s->conflict ? &s->written : &s->rows;
    if (!s->write.plan->returning || s->given >= rows->count) return true;
    rows_window(rows, s->given, &op->out, op->out.vector);
    s->given += op->out.rows;
    *out = &op->out;
    return true;
}

static void insert_close(Operator *op)
{
    OpInsert *s = (OpInsert *)op;
    rows_done(&s->rows);
    rows_done(&s->written);
    if (s->conflict) write_conflict_close(s->conflict);
    write_close(&s->write);
}

const OperatorKind op_insert = {sizeof(OpInsert), insert_make, insert_open, insert_next, insert_close};
