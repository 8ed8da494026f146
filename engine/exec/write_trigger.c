// Triggers around writes: before and after a statement, before and after each of its rows. What a trigger
// does is the session's (ExecContext.fire). All rows of a statement meet their BEFORE triggers, then all are
// written, then all meet their AFTER triggers.
#include "engine/exec/write.h"

static bool fires(const Exec *x, const TableDef *def, const ExecFire *f)
{
    return x->ctx->has_triggers && x->ctx->has_triggers(x->ctx->db, def, f);
}

bool write_fires_rows(const Exec *x, const TableDef *def, ExecEvent event, const bool *set, bool before)
{
    const ExecFire f = {.table = def->id, .event = event, .before = before, .row = true, .set = set};
    return fires(x, def, &f);
}

bool write_fire_statement(const Exec *x, const TableDef *def, ExecEvent event, const bool *set, bool before,
                          Err *err)
{
    ExecFire f = {.table = def->id, .event = event, .before = before, .set = set};
    return !fires(x, def, &f) || x->ctx->fire(x->ctx->db, def, &f, err);
}

static void row_values(const Rows *rows, uint32_t row, uint32_t columns, Value *out)
{
    for (uint32_t c = 0; c < columns; c++) {
        out[c] = rows_value(rows, c, row);
        out[c].type = rows->column[c].type;
    }
}

bool write_fire_after(const Exec *x, const TableDef *def, ExecEvent event, const bool *set,
                      const Rows *old_rows, const Rows *new_rows, Err *err)
{
    Arena mem = {0};
    Value *was = arena_array(&mem, Value, def->column_count + 1),
          *is = arena_array(&mem, Value, def->column_count + 1);
    const Rows *any = old_rows ? old_rows : new_rows;
    uint32_t rows = any ? any->count : 0;
    bool ok = true;
    for (uint32_t i = 0; ok && i < rows; i++) {
        if (old_rows) row_values(old_rows, i, def->column_count, was);
        if (new_rows) row_values(new_rows, i, def->column_count, is);
        ExecFire f = {.table = def->id,
                      .event = event,
                      .row = true,
                      .set = set,
                      .old_row = old_rows ? was : NULL,
                      .new_row = new_rows ? is : NULL};
        ok = exec_go_on(x, err) && x->ctx->fire(x->ctx->db, def, &f, err);
    }
    arena_done(&mem);
    return ok;
}

static bool put_row(Rows *out, const Value *value, uint32_t columns, Arena *mem, Err *err)
{
    Vector *v = arena_array(mem, Vector, columns + 1);
    for (uint32_t c = 0; c < columns; c++) {
        v[c] = vector_constant(mem, &value[c]);
        v[c].type = value[c].type;
    }
    return rows_append(out, v, NULL, 1, err);
}

bool write_fire_before(Exec *x, const TableDef *def, const WriteBefore *b, Err *err)
{
    uint32_t columns = b->new_rows ? b->new_rows->columns : 0,
             rows = b->new_rows ? b->new_rows->count : b->old_rows->count;
    Arena mem = {0}, row = {0};
    Value *was = arena_array(&mem, Value, def->column_count + 1), *is = arena_array(&mem, Value, columns + 1);
    Type *type = arena_array(&mem, Type, columns + 1);
    Rows out = {0};
    bool ok = true;
    for (uint32_t c = 0; c < columns; c++) type[c] = b->new_rows->column[c].type;
    if (b->new_rows) rows_init(&out, x->memory, type, columns);
    *b->kept = 0;
    for (uint32_t i = 0; ok && i < rows; i++) {
        arena_reset(&row);
        if (b->old_rows) row_values(b->old_rows, i, def->column_count, was);
        if (columns) row_values(b->new_rows, i, columns, is);
        ExecFire f = {.table = def->id,
                      .event = b->event,
                      .before = true,
                      .row = true,
                      .set = b->set,
                      .old_row = b->old_rows ? was : NULL,
                      .new_row = columns ? is : NULL,
                      .mem = &row};
        ok = exec_go_on(x, err) && x->ctx->fire(x->ctx->db, def, &f, err);
        if (!ok || f.skip) continue;
        b->keep[(*b->kept)++] = i;
        ok = !columns || put_row(&out, is, columns, &row, err);
    }
    if (b->new_rows) {
        rows_done(b->new_rows);
        *b->new_rows = out;
    }
    arena_done(&mem);
    arena_done(&row);
    return ok;
}
