// Write, again: rows that a statement wants to change and that somebody else has changed since its snapshot
// (READ COMMITTED): they are locked, the plan runs once more over their newest versions, and what still fits
// takes their place. Other tables of the statement keep the rows that its snapshot sees.
#include "engine/exec/write.h"

#include <string.h>

void write_keep_rows(Rows *rows, const uint32_t *keep, uint32_t kept)
{
    for (uint32_t c = 0; c < rows->columns; c++) {
        RowsColumn *col = &rows->column[c];
        for (uint32_t i = 0; i < kept; i++) {
            if (keep[i] == i) continue;
            memmove(col->data + (size_t)i * col->cell, col->data + (size_t)keep[i] * col->cell, col->cell);
            if (!col->nulls) continue;
            uint64_t bit = UINT64_C(1) << (i & 63);
            if (rows_is_null(col, keep[i]))
                col->nulls[i >> 6] |= bit;
            else
                col->nulls[i >> 6] &= ~bit;
        }
    }
    rows->count = kept;
}

bool write_lock_again(Write *w, const RowPos *pos, uint32_t count, LockMode mode, uint32_t *keep,
                      uint32_t *kept, Recheck *out, Err *err)
{
    Arena *mem = &w->exec->mem;
    RowPos *now = arena_try(mem, (size_t)count + 1, sizeof *now);
    uint8_t *state = arena_try(mem, (size_t)count + 1, 1);
    out->row = arena_try(mem, (size_t)count + 1, sizeof *out->row);
    if (!now || !state || !out->row)
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "too many rows for one statement");
    memcpy(now, pos, count * sizeof *now);
    if (!table_lock_rows(w->transaction, w->table, now, state, count, mode, LOCK_WAIT, true, err))
        return false;
    *kept = 0;
    out->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (state[i] == ROW_STATE_LOCKED || state[i] == ROW_STATE_OWN) keep[(*kept)++] = i;
        if (state[i] == ROW_STATE_MOVED) out->row[out->count++] = (RecheckRow){w->def->id, 0, now[i]};
    }
    return true;
}

bool write_look_again(Operator *child, const Recheck *rows, bool (*take)(void *self, Batch *b, Err *err),
                      void *self, Err *err)
{
    Exec *x = child->exec;
    Batch *b = NULL;
    if (!rows->count) return true;
    x->recheck = rows;
    bool ok = operator_open(child, err);
    while (ok) {
        ok = operator_next(child, &b, err);
        if (!ok || !b) break;
        ok = take(self, b, err);
    }
    x->recheck = NULL;
    return ok;
}
