// TableRead: shared steps of the operators that read tables.
#include "engine/exec/table_read.h"

#include <stdlib.h>
#include <string.h>

bool table_read_make(Operator *op, Err *err)
{
    TableRead *r = (TableRead *)op;
    const PlanScan *p = plan_as(PlanScan, op->plan);
    Arena *mem = &op->exec->mem;
    if (p->filter && !eval_compile(&r->filter, p->filter, &op->eval, err)) return false;
    if (!eval_compile_all(&r->key, p->key, p->keys, &op->eval, err)) return false;
    if (p->low && !eval_compile(&r->low, p->low, &op->eval, err)) return false;
    if (p->high && !eval_compile(&r->high, p->high, &op->eval, err)) return false;
    r->zone = arena_array(mem, EvalNode *, p->zones ? p->zones : 1);
    for (uint32_t z = 0; z < p->zones; z++)
        if (p->zone[z].value && !eval_compile(&r->zone[z], p->zone[z].value, &op->eval, err)) return false;
    operator_output(op, false);
    r->raw.columns = p->table.columns;
    r->raw.vector = arena_array(mem, Vector, p->table.columns ? p->table.columns : 1);
    op->rows_stay = true;
    return true;
}

bool table_read_table(TableRead *r, Err *err)
{
    const PlanTable *t = &plan_as(PlanScan, r->op.plan)->table;
    r->table = transaction_table_by_id(r->op.exec->ctx->transaction, t->id);
    if (r->table) return true;
    return err_set(err, SQLSTATE_UNDEFINED_TABLE, "table %.*s does not exist any more", STR_ARG(t->name));
}

bool table_read_values(TableRead *r, EvalNode **node, uint32_t count, Value **out, Err *err)
{
    *out = arena_array(&r->op.mem, Value, count ? count : 1);
    for (uint32_t i = 0; i < count; i++)
        if (node[i] && !eval_value(node[i], &r->op.eval, &(*out)[i], &r->op.mem, err)) return false;
    return true;
}

bool table_read_filter(TableRead *r, Err *err)
{
    Batch *b = &r->op.out;
    exec_progress(r->op.exec, b->sel_len);
    if (!r->filter || !b->sel_len) return true;
    if (!r->sel) r->sel = arena_array(&r->op.exec->mem, uint16_t, BATCH_ROWS);
    eval_begin(&r->op.eval, b, err);
    uint32_t n;
    if (!eval_select(r->filter, &r->op.eval, b->sel, b->sel_len, r->sel, &n)) return false;
    b->sel = r->sel;
    b->sel_len = n;
    return true;
}

static void table_read_room(TableRead *r, uint32_t rows)
{
    if (rows <= r->room) return;
    const PlanScan *p = plan_as(PlanScan, r->op.plan);
    const TableDef *def = table_def(r->table);
    r->room = rows <= 64 ? 64 : BATCH_ROWS;
    Arena *mem = &r->op.exec->mem;
    for (uint32_t c = 0; c < p->table.columns; c++) {
        Type type = def->column[p->table.column[c]].type;
        r->raw.vector[c] = (Vector){.type = type,
                                    .data = arena_get(mem, phys_size(type_phys(type.id)) * r->room),
                                    .nulls = arena_array(mem, uint64_t, BATCH_NULL_WORDS)};
    }
    if (p->table.row_position) r->position = arena_array(mem, int64_t, r->room);
}

bool table_read_found(TableRead *r, Batch **out, Err *err)
{
    const PlanScan *p = plan_as(PlanScan, r->op.plan);
    Batch *b = &r->op.out;
    *out = NULL;
    if (r->next >= r->found.count) return true;
    uint32_t n = r->found.count - r->next > BATCH_ROWS ? BATCH_ROWS : (uint32_t)(r->found.count - r->next);
    const RowPos *pos = r->found.pos + r->next;
    table_read_room(r, n);
    for (uint32_t c = 0; c < r->raw.columns; c++)
        if (r->raw.vector[c].nulls) memset(r->raw.vector[c].nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
    if (!table_fetch(r->op.exec->ctx->transaction, r->table, pos, n, p->table.column, p->table.columns,
                     &r->raw, &r->op.mem, err))
        return false;
    if (p->table.columns) memcpy(b->vector, r->raw.vector, p->table.columns * sizeof(Vector));
    if (p->table.row_position) {
        for (uint32_t i = 0; i < n; i++) r->position[i] = (int64_t)pos[i];
        b->vector[p->table.columns] = (Vector){.type = type_of(TYPE_BIGINT), .data = r->position};
    }
    b->rows = b->sel_len = n;
    b->sel = NULL;
    r->next += n;
    *out = b;
    return table_read_filter(r, err);
}

bool table_read_again(TableRead *r, bool *yes, Err *err)
{
    const PlanTable *t = &plan_as(PlanScan, r->op.plan)->table;
    const Recheck *c = r->op.exec->recheck;
    *yes = false;
    if (!c || !t->row_position) return true;
    for (uint32_t i = 0; i < c->count; i++) *yes |= c->row[i].table == t->id && c->row[i].mark == t->mark;
    if (!*yes) return true;
    r->found.pos = malloc(c->count * sizeof *r->found.pos);
    if (!r->found.pos) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "too many rows have changed meanwhile");
    r->found.cap = c->count;
    for (uint32_t i = 0; i < c->count; i++)
        if (c->row[i].table == t->id && c->row[i].mark == t->mark && c->row[i].pos != ROW_NONE)
            r->found.pos[r->found.count++] = c->row[i].pos;
    if (!r->again) { // a scan's vectors point into the table
        r->raw = (Batch){.columns = t->columns};
        r->raw.vector = arena_array(&r->op.exec->mem, Vector, t->columns + 1);
        r->room = 0;
    }
    r->again = true;
    return true;
}

void table_read_close(Operator *op)
{
    TableRead *r = (TableRead *)op;
    if (r->scan) table_scan_end(r->scan);
    r->scan = NULL;
    r->again = false;
    free(r->found.pos);
    r->found = (RowList){0};
    r->next = 0;
}
