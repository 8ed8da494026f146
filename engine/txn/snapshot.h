// Snapshot: what a reader sees. A version is visible when it began at or before the snapshot (or is the
// reader's own) and had not ended by then. Relies on stamp.
#ifndef ENGINE_TXN_SNAPSHOT_H
#define ENGINE_TXN_SNAPSHOT_H

#include "engine/txn/stamp.h"

typedef struct Snapshot {
    Stamp at;     // the last commit that is seen
    uint64_t txn; // the reader's own transaction; 0 = none
} Snapshot;

static inline bool snapshot_sees_stamp(const Snapshot *s, Stamp stamp)
{
    return stamp_is_txn(stamp) ? (stamp & ~STAMP_TXN_BIT) == s->txn : stamp <= s->at;
}
static inline bool snapshot_sees(const Snapshot *s, Stamp begin, Stamp end)
{
    return snapshot_sees_stamp(s, begin) && !snapshot_sees_stamp(s, end);
}
typedef enum IsolationLevel {
    ISOLATION_READ_COMMITTED,
    ISOLATION_REPEATABLE_READ,
    ISOLATION_SERIALIZABLE
} IsolationLevel;
// What a writer that wants to end or replace a version with these stamps has to do.
typedef enum WriteVerdict {
    WRITE_OK,
    WRITE_BUSY,    // another open transaction has ended it: wait for it or fail
    WRITE_CHANGED, // a transaction that committed after the snapshot has ended it
} WriteVerdict;
WriteVerdict snapshot_may_write(const Snapshot *s, Stamp end);

#endif
