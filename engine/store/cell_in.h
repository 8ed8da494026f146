// Cell: what indexes and zone notes need to know of one typed cell in a column array: order, equality, hash,
// rank. Relies on data.
#ifndef ENGINE_STORE_CELL_IN_H
#define ENGINE_STORE_CELL_IN_H

#include "engine/data/value.h"

// SQL order of two cells that are not NULL (NaN last): <0, 0, >0.
int cell_compare(Phys p, const void *a, const void *b);
uint64_t cell_hash(Phys p, const void *cell); // equal cells hash alike
// A number that orders like the cells, ties allowed when !cell_rank_exact: the key that sorted arrays carry.
uint64_t cell_rank(Phys p, const void *cell);
bool cell_rank_exact(Phys p);
// Integer-like cells as int64 (bool, smallint … time); false for others.
bool cell_int(Phys p, const void *cell, int64_t *out);
// The cell inside a Value of the same type; for integers of another width *room is filled and given.
const void *cell_of_value(Phys p, const Value *v, Value *room);
// Rank as kept in zone notes: plain types only (phys_is_plain).
bool cell_zone(Phys p, const void *cell, int64_t *out);
void cell_unzone(Phys p, int64_t zone, Value *out); // out->type is set by the caller

#endif
