// Scan: batches straight from the table's arrays, nothing copied; zone bounds leave out whole blocks, the
// filter makes a selection.
#include "engine/exec/op_scan.h"

#include <string.h>

static bool scan_zones(TableRead *r, ZoneFilter **out, uint32_t *count, Err *err)
{
    const PlanScan *p = plan_as(PlanScan, r->op.plan);
    Value *value;
    if (!table_read_values(r, r->zone, p->zones, &value, err)) return false;
    *out = arena_array(&r->op.mem, ZoneFilter, p->zones ? p->zones : 1);
    for (uint32_t z = 0; z < p->zones; z++) {
        bool plain = p->zone[z].op == ZONE_IS_NULL || p->zone[z].op == ZONE_NOT_NULL;
        if (!plain && value[z].null) continue; // the filter itself refuses every row
        (*out)[(*count)++] = (ZoneFilter){p->zone[z].column, p->zone[z].op, value[z]};
    }
    return true;
}

bool op_scan_open_blocks(Operator *op, uint32_t from, uint32_t to, Err *err)
{
    TableRead *r = (TableRead *)op;
    const PlanScan *p = plan_as(PlanScan, op->plan);
    ZoneFilter *zone;
    uint32_t zones = 0;
    if (!table_read_table(r, err) || !scan_zones(r, &zone, &zones, err)) return false;
    if (p->table.row_position && !r->position) r->position = arena_array(&op->exec->mem, int64_t, BATCH_ROWS);
    return table_scan_begin(&r->scan, op->exec->ctx->transaction, r->table, p->table.column, p->table.columns,
                            zone, zones, from, to, &op->mem, err);
}

static bool scan_open(Operator *op, Err *err)
{
    TableRead *r = (TableRead *)op;
    bool again;
    if (!table_read_table(r, err) || !table_read_again(r, &again, err)) return false;
    return again || op_scan_open_blocks(op, 0, UINT32_MAX, err);
}

static bool scan_next(Operator *op, Batch **out, Err *err)
{
    TableRead *r = (TableRead *)op;
    const PlanTable *t = &plan_as(PlanScan, op->plan)->table;
    RowPos first;
    bool end = false;
    *out = NULL;
    if (r->again) return table_read_found(r, out, err);
    if (!table_scan_next(r->scan, &r->raw, &first, &end, err)) return false;
    if (end) return true;
    if (t->columns) memcpy(op->out.vector, r->raw.vector, t->columns * sizeof(Vector));
    op->out.rows = r->raw.rows;
    op->out.sel = r->raw.sel;
    op->out.sel_len = r->raw.sel_len;
    if (t->row_position) {
        for (uint32_t i = 0; i < r->raw.rows; i++) r->position[i] = (int64_t)(first + i);
        op->out.vector[t->columns] = (Vector){.type = type_of(TYPE_BIGINT), .data = r->position};
    }
    *out = &op->out;
    return table_read_filter(r, err);
}

const OperatorKind op_scan = {sizeof(TableRead), table_read_make, scan_open, scan_next, table_read_close};
