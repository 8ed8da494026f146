// Scan over a part of a table: what workers that share a table ask of the scan operator. Relies on operator.
#ifndef ENGINE_EXEC_OP_SCAN_H
#define ENGINE_EXEC_OP_SCAN_H

#include "engine/exec/table_read.h"

// Starts op (a PLAN_SCAN) on the blocks [from, to).
MUST_CHECK bool op_scan_open_blocks(Operator *op, uint32_t from, uint32_t to, Err *err);

#endif
