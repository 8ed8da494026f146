// TableRead: what the three operators that read tables (scan, index, index range) share: the table, its
// columns as a batch, the row position column, the filter. Relies on operator.
#ifndef ENGINE_EXEC_TABLE_READ_H
#define ENGINE_EXEC_TABLE_READ_H

#include "engine/exec/operator.h"

typedef struct TableRead {
    Operator op;
    EvalNode *filter;
    EvalNode **key; // index keys
    EvalNode *low, *high;
    EvalNode **zone;
    Table *table;
    TableScan *scan;
    Batch raw; // as the store gives it
    uint16_t *sel;
    int64_t *position; // cells of the row position column
    RowList found;     // index reads
    size_t next;
    uint32_t room; // rows the fetch vectors hold
    bool again;    // only the rows that are looked at again
} TableRead;

// Compiles filter, keys, bounds and zones.
MUST_CHECK bool table_read_make(Operator *op, Err *err);
// The table as the transaction sees it now; XX000 when the plan is stale.
MUST_CHECK bool table_read_table(TableRead *r, Err *err);
// Filters op->out as it stands.
MUST_CHECK bool table_read_filter(TableRead *r, Err *err);
// Next batch of the positions in `found`.
MUST_CHECK bool table_read_found(TableRead *r, Batch **out, Err *err);
MUST_CHECK bool table_read_values(TableRead *r, EvalNode **node, uint32_t count, Value **out, Err *err);
// Are only rows to be looked at again wanted? Then `found` has those of this table.
MUST_CHECK bool table_read_again(TableRead *r, bool *yes, Err *err);
void table_read_close(Operator *op);

#endif
