// Index look-up: all rows with these keys. A point look-up fetches one row into small vectors and is over.
#include "engine/exec/table_read.h"

static const IndexDef *index_by_id(const TableDef *def, uint64_t id)
{
    for (uint32_t i = 0; i < def->index_count; i++)
        if (def->index[i].id == id) return &def->index[i];
    return NULL;
}

// Of the rows that are looked at again those that the index would give.
static bool keep_matches(TableRead *r, const IndexDef *index, const Value *key, uint32_t keys,
                         const IndexRange *range, Err *err)
{
    Transaction *t = r->op.exec->ctx->transaction;
    size_t kept = 0;
    for (size_t i = 0; i < r->found.count; i++) {
        bool yes, ok = range ? index_in_range(t, r->table, index, range, r->found.pos[i], &yes, err)
                             : index_matches(t, r->table, index, key, keys, r->found.pos[i], &yes, err);
        if (!ok) return false;
        if (yes) r->found.pos[kept++] = r->found.pos[i];
    }
    r->found.count = kept;
    return true;
}

static bool index_open(Operator *op, Err *err)
{
    TableRead *r = (TableRead *)op;
    const PlanScan *p = plan_as(PlanScan, op->plan);
    Value *key;
    if (!table_read_table(r, err) || !table_read_values(r, r->key, p->keys, &key, err)) return false;
    const TableDef *def = table_def(r->table);
    const IndexDef *index = index_by_id(def, p->index_id);
    if (!index)
        return err_set(err, "42704", "an index of table %.*s does not exist any more",
                       STR_ARG(p->table.name));
    for (uint32_t k = 0; k < p->keys; k++) {
        Type to = def->column[index->column[k]].type;
        if (key[k].null) return true; // NULL equals nothing
        if (key[k].type.id != to.id && !cast_value(&key[k], &key[k], to, CAST_ASSIGNMENT, &op->mem, err))
            return false;
    }
    bool again;
    if (!table_read_again(r, &again, err)) return false;
    if (again) return keep_matches(r, index, key, p->keys, NULL, err);
    return index_lookup(op->exec->ctx->transaction, r->table, index, key, p->keys, &r->found, err);
}

static bool index_next(Operator *op, Batch **out, Err *err)
{
    return table_read_found((TableRead *)op, out, err);
}

static bool range_open(Operator *op, Err *err)
{
    TableRead *r = (TableRead *)op;
    const PlanScan *p = plan_as(PlanScan, op->plan);
    EvalNode *bounds[2] = {r->low, r->high};
    Value *value;
    if (!table_read_table(r, err) || !table_read_values(r, bounds, 2, &value, err)) return false;
    const TableDef *def = table_def(r->table);
    const IndexDef *index = index_by_id(def, p->index_id);
    if (!index)
        return err_set(err, "42704", "an index of table %.*s does not exist any more",
                       STR_ARG(p->table.name));
    Type to = def->column[index->column[0]].type;
    for (int i = 0; i < 2; i++) {
        if (!bounds[i]) continue;
        if (value[i].null) return true; // compares with nothing
        if (value[i].type.id != to.id &&
            !cast_value(&value[i], &value[i], to, CAST_ASSIGNMENT, &op->mem, err))
            return false;
    }
    IndexRange range = {.low = r->low ? &value[0] : NULL,
                        .high = r->high ? &value[1] : NULL,
                        .low_open = p->low_open,
                        .high_open = p->high_open,
                        .descending = p->descending};
    bool again;
    if (!table_read_again(r, &again, err)) return false;
    if (again) return keep_matches(r, index, NULL, 0, &range, err);
    return index_range(op->exec->ctx->transaction, r->table, index, &range, &r->found, err);
}

const OperatorKind op_index = {sizeof(TableRead), table_read_make, index_open, index_next, table_read_close};
const OperatorKind op_index_range = {sizeof(TableRead), table_read_make, range_open, index_next,
                                     table_read_close};
