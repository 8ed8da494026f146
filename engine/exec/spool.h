// Spool: the rows of a WITH query, worked out as far as somebody has read, kept until the run ends. A
// recursive one runs its step on the rows that came last until none come. Relies on operator, rows, keys.
#ifndef ENGINE_EXEC_SPOOL_H
#define ENGINE_EXEC_SPOOL_H

#include "engine/exec/operator.h"

typedef struct Spool Spool;

// A place between rows.
typedef struct SpoolPlace {
    uint32_t chunk, row;
} SpoolPlace;

// The spool with this number, made (with operators of the body) at the first call. scope: where the body's
// outer references count from; told when owner.
MUST_CHECK bool spool_get(Spool **out, PlanSpoolBody *body, Exec *exec, Scope *scope, bool owner, Err *err);
// To be called when a reader opens: a correlated spool forgets what it has when an outer row has moved.
void spool_start(Spool *s);
// Up to BATCH_ROWS rows from *place on, which moves; vectors: room for every column of the body; sel: for
// BATCH_ROWS. *end: there are no more. The rows stay where they are until the spool starts anew.
MUST_CHECK bool spool_read(Spool *s, SpoolPlace *place, Batch *out, Vector *vectors, uint16_t *sel, bool *end,
                           Err *err);
// The same for the rows that the step works on.
void spool_read_work(const Spool *s, SpoolPlace *place, Batch *out, Vector *vectors, uint16_t *sel,
                     bool *end);
void spool_work_start(const Spool *s, SpoolPlace *place);
MUST_CHECK bool spool_finish(Spool *s, Err *err); // to the last row

#endif
