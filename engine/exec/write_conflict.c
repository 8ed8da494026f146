// INSERT … ON CONFLICT: rows whose key is free are stored; for the others the row that holds the key is
// changed (DO UPDATE) or left (DO NOTHING). A window of rows at a time: first all that can be stored, then
// one update of those that could not; row by row where SET moves keys.
#include "engine/exec/write.h"

#include <string.h>

struct WriteConflict {
    Write *w;
    Operator *op;
    const PlanConflict *plan;
    Eval eval; // over the row that is there, then the new one
    EvalNode *condition;
    EvalNode **set;
    RowPos tail; // rows of this statement come from here on
    RowPos pos[BATCH_ROWS], holder[BATCH_ROWS];
    uint32_t updated[BATCH_ROWS]; // per row of the window: its place in `changed`, or ROWS_NONE
    Rows stored, there, given, changed;
    RowPos at[BATCH_ROWS]; // what `changed` replaces
    Vector *pair;          // of both rows' columns
    Vector *result;        // of one row's
};

bool write_conflict_make(WriteConflict **out, Write *w, Operator *op, Err *err)
{
    WriteConflict *c = arena_new(&op->exec->mem, WriteConflict);
    *out = c;
    c->w = w;
    c->op = op;
    c->plan = w->plan->conflict;
    eval_init(&c->eval, op->exec, op->scope);
    c->pair = arena_array(&op->exec->mem, Vector, 2 * (size_t)w->plan->table.columns + 1);
    c->result = arena_array(&op->exec->mem, Vector, w->plan->table.columns + 1);
    if (!c->plan->update) return true;
    return (!c->plan->condition || eval_compile(&c->condition, c->plan->condition, &c->eval, err)) &&
           eval_compile_all(&c->set, c->plan->set, w->plan->table.columns, &c->eval, err);
}

void write_conflict_close(WriteConflict *c)
{
    rows_done(&c->stored);
    rows_done(&c->there);
    rows_done(&c->given);
    rows_done(&c->changed);
    eval_done(&c->eval);
}

static bool second_time(Err *err)
{
    err_set(err, "21000", "ON CONFLICT DO UPDATE command cannot affect row a second time");
    return err_hint(err, "Ensure that no rows proposed for insertion within the same command have duplicate "
                         "constrained values.");
}

// The rows that hold the keys, and the given ones beside them; *row: which rows of the window they are.
static bool gather_pairs(WriteConflict *c, const Batch *b, uint32_t *row, uint32_t *count, Err *err)
{
    Write *w = c->w;
    uint16_t sel[BATCH_ROWS];
    RowPos at[BATCH_ROWS];
    *count = 0;
    for (uint32_t i = 0; i < b->sel_len; i++) {
        if (c->holder[i] == ROW_NONE) continue;
        if (c->holder[i] >= c->tail && table_row_is_own(w->transaction, w->table, c->holder[i]))
            return second_time(err);
        at[*count] = c->holder[i];
        row[*count] = i;
        sel[(*count)++] = (uint16_t)batch_row(b, i);
    }
    rows_clear(&c->there);
    rows_clear(&c->given);
    return write_fetch(w->transaction, w->table, at, *count, &c->there, err) &&
           rows_append(&c->given, b->vector, sel, *count, err);
}

static bool no_row_twice(WriteConflict *c, const uint16_t *sel, uint32_t count, const uint32_t *row, Err *err)
{
    uint32_t *keep, kept;
    for (uint32_t i = 0; i < count; i++) c->at[i] = c->holder[row[sel[i]]];
    return count == 1 || (write_unique(c->w->exec, c->at, count, &keep, &kept, &c->op->mem, err) &&
                          (kept == count || second_time(err)));
}

static bool work_out(WriteConflict *c, const uint16_t *sel, uint32_t count, Err *err)
{
    uint32_t n = c->w->plan->table.columns;
    for (uint32_t i = 0; i < n; i++) {
        const Vector *v;
        if (!eval_run(c->set[i], &c->eval, sel, count, &v)) return false;
        c->result[i] = *v;
    }
    rows_clear(&c->changed);
    return rows_append(&c->changed, c->result, sel, count, err);
}

// A row that a trigger wants left alone is written as it was.
static bool changed_before(WriteConflict *c, Rows *old, Err *err)
{
    uint32_t keep[BATCH_ROWS], kept, rows = c->changed.count;
    const WriteBefore b = {
        .event = EXEC_UPDATE, .old_rows = old, .new_rows = &c->changed, .keep = keep, .kept = &kept};
    if (!write_fire_before(c->w->exec, c->w->def, &b, err)) return false;
    return kept == rows ||
           err_set(err, SQLSTATE_UNSUPPORTED,
                   "a trigger that leaves out rows of ON CONFLICT DO UPDATE is not supported");
}

static bool store_changed(WriteConflict *c, Err *err)
{
    Write *w = c->w;
    const WriteRules *r = w->plan->rules;
    Batch b;
    Rows old = {0};
    bool after = write_fires_rows(w->exec, w->def, EXEC_UPDATE, NULL, false),
         before = write_fires_rows(w->exec, w->def, EXEC_UPDATE, NULL, true), parents = r && r->children;
    write_rows_init(&old, w->exec, w->def);
    bool ok = !(after || before || parents) ||
              write_fetch(w->transaction, w->table, c->at, c->changed.count, &old, err);
    ok = ok && (!before || changed_before(c, &old, err)) && write_generate(w, &c->changed, err);
    if (ok) rows_window(&c->changed, 0, &b, c->result);
    ok = ok && write_check(w, &b, err) && write_update_rows(w->exec, w->table, c->at, &c->changed, err);
    if (ok) write_count(w, c->changed.count);
    if (ok && parents) {
        const WriteParent p = {.exec = w->exec, .def = w->def, .old_rows = &old, .new_rows = &c->changed};
        ok = write_follow(&p, err);
    }
    ok = ok && write_check_parents(w, &c->changed, err) &&
         (!after || write_fire_after(w->exec, w->def, EXEC_UPDATE, NULL, &old, &c->changed, err));
    rows_done(&old);
    return ok;
}

static bool update_window(WriteConflict *c, const Batch *b, Err *err)
{
    uint32_t row[BATCH_ROWS], pairs, n = c->w->plan->table.columns, chosen;
    uint16_t sel[BATCH_ROWS];
    if (!gather_pairs(c, b, row, &pairs, err)) return false;
    if (!pairs) return true;
    Batch both, given;
    rows_window(&c->there, 0, &both, c->pair);
    rows_window(&c->given, 0, &given, c->pair + n);
    both.columns = 2 * n;
    eval_begin(&c->eval, &both, err);
    eval_all_rows(sel, pairs);
    chosen = pairs;
    if (c->condition && !eval_select(c->condition, &c->eval, sel, pairs, sel, &chosen)) return false;
    if (!chosen) return true;
    if (!no_row_twice(c, sel, chosen, row, err) || !work_out(c, sel, chosen, err)) return false;
    for (uint32_t i = 0; i < chosen; i++) c->updated[row[sel[i]]] = i;
    return store_changed(c, err);
}

// In the order of the given rows.
static bool give_written(WriteConflict *c, const Batch *b, Rows *written, Err *err)
{
    for (uint32_t i = 0; i < b->sel_len; i++) {
        uint16_t row = (uint16_t)batch_row(b, i);
        bool ok = true;
        if (c->holder[i] == ROW_NONE)
            ok = rows_append(written, b->vector, &row, 1, err);
        else if (c->updated[i] != ROWS_NONE)
            ok = write_take_row(&c->changed, c->updated[i], written, err);
        if (!ok) return false;
    }
    return true;
}

static bool run_window(WriteConflict *c, const Batch *b, Rows *written, Err *err)
{
    Write *w = c->w;
    uint16_t sel[BATCH_ROWS];
    uint32_t stored = 0;
    Batch whole;
    if (!write_hidden(w->exec, w->def, b, &whole, err)) return false;
    if (!table_insert_absent(w->transaction, w->table, &whole, c->plan->index_id, c->plan->indexes, c->pos,
                             c->holder, err))
        return false;
    for (uint32_t i = 0; i < b->sel_len; i++) {
        c->updated[i] = ROWS_NONE;
        if (c->holder[i] == ROW_NONE) sel[stored++] = (uint16_t)batch_row(b, i);
    }
    write_count(w, stored);
    exec_progress(w->exec, b->sel_len);
    bool parents = w->plan->rules && w->plan->rules->foreign_keys;
    parents = parents || write_fires_rows(w->exec, w->def, EXEC_INSERT, NULL, false);
    if (parents && !rows_append(&c->stored, b->vector, sel, stored, err)) return false;
    if (c->plan->update && stored < b->sel_len && !update_window(c, b, err)) return false;
    return !written || give_written(c, b, written, err);
}

bool write_conflict_run(WriteConflict *c, const Rows *rows, Rows *written, Err *err)
{
    Write *w = c->w;
    Vector *vector = arena_array(&c->op->mem, Vector, rows->columns + 1);
    Rows *own[] = {&c->stored, &c->there, &c->given, &c->changed};
    for (size_t i = 0; i < COUNT_OF(own); i++) write_rows_init(own[i], w->exec, w->def);
    c->tail = table_tail(w->transaction, w->table);
    for (uint32_t at = 0; at < rows->count; at += BATCH_ROWS) {
        Batch b, one;
        rows_window(rows, at, &b, vector);
        if (!exec_go_on(w->exec, err)) return false;
        if (!c->plan->moves_keys) {
            if (!run_window(c, &b, written, err)) return false;
            continue;
        }
        for (uint16_t i = 0; i < b.rows; i++) {
            one = b;
            one.sel = &i;
            one.sel_len = 1;
            if (!run_window(c, &one, written, err)) return false;
        }
    }
    return write_check_parents(w, &c->stored, err) &&
           (!write_fires_rows(w->exec, w->def, EXEC_INSERT, NULL, false) ||
            write_fire_after(w->exec, w->def, EXEC_INSERT, NULL, NULL, &c->stored, err));
}
