// Snapshot: the one rule that decides between two writers of a row: the first to end the version wins.
#include "engine/txn/snapshot.h"

WriteVerdict snapshot_may_write(const Snapshot *s, Stamp end)
{
    if (end == STAMP_NEVER) return WRITE_OK;
    if (!stamp_is_txn(end)) return WRITE_CHANGED;
    // Ended by the writer's own transaction: there is nothing left to write.
    return (end & ~STAMP_TXN_BIT) == s->txn ? WRITE_CHANGED : WRITE_BUSY;
}
