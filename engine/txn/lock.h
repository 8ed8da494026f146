// Lock: who may do what with a thing, who waits for it in which order, and who waits for whom. A thing is a
// tag; what it stands for is the caller's business. Waiters are served first come, first served; a circle of
// waiters is found the moment it would close, and the one who would close it loses (40P01). Relies on base.
#ifndef ENGINE_TXN_LOCK_H
#define ENGINE_TXN_LOCK_H

#include "engine/base/thread.h"

typedef enum LockKind { LOCK_RELATION, LOCK_ROW, LOCK_TRANSACTION, LOCK_ADVISORY, LOCK_KINDS } LockKind;
typedef struct LockTag {
    LockKind kind;
    uint64_t a, b; // RELATION: id; ROW: relation, position; TRANSACTION: number; ADVISORY: key, space
} LockTag;

// The eight modes of tables and the four of rows, as PostgreSQL 15 names them (13.3). ADVISORY and
// TRANSACTION use SHARE and EXCLUSIVE.
typedef enum LockMode {
    LOCK_NONE,
    LOCK_ACCESS_SHARE,
    LOCK_ROW_SHARE,
    LOCK_ROW_EXCLUSIVE,
    LOCK_SHARE_UPDATE_EXCLUSIVE,
    LOCK_SHARE,
    LOCK_SHARE_ROW_EXCLUSIVE,
    LOCK_EXCLUSIVE,
    LOCK_ACCESS_EXCLUSIVE,
    LOCK_FOR_KEY_SHARE,
    LOCK_FOR_SHARE,
    LOCK_FOR_NO_KEY_UPDATE,
    LOCK_FOR_UPDATE,
    LOCK_MODES
} LockMode;
bool lock_modes_conflict(LockMode a, LockMode b);
bool lock_mode_covers(LockMode held, LockMode wanted); // held keeps out all that wanted keeps out
const char *lock_mode_name(LockMode m);                // "AccessShareLock" …
static inline bool lock_mode_is_weak(LockMode m) { return m >= LOCK_ACCESS_SHARE && m <= LOCK_ROW_EXCLUSIVE; }

typedef struct LockHold LockHold;
typedef struct LockRequest LockRequest;
typedef struct LockItem LockItem;

// One who holds and waits: a transaction, or a session (advisory locks). Owners with the same session number
// (not 0) never stand in each other's way. One thread asks in its name; others may only lend to it.
typedef struct LockOwner {
    uint64_t number;  // of the transaction; 0 = a session's own
    uint64_t session; // 0 = none
    LockHold *holds;  // newest first
    uint64_t serial;  // grows with each lock; a mark for lock_release_after
    LockRequest *waiting;
} LockOwner;

typedef enum LockPatience { LOCK_WAIT, LOCK_NOWAIT, LOCK_SKIP } LockPatience;
typedef struct LockWait {
    LockPatience patience;
    int64_t timeout_us;        // 0 = none; then 55P03
    const atomic_bool *cancel; // 57014 once it is set and lock_wake was called; may be NULL
} LockWait;
typedef enum LockResult {
    LOCK_GRANTED,
    LOCK_GRANTED_LATE, // after a wait: what was read before may be old
    LOCK_REFUSED,      // NOWAIT and SKIP: somebody else has it; err is not set
    LOCK_FAILED,       // 40P01, 55P03, 57014, 53200
} LockResult;

typedef struct LockTable {
    Mutex mutex;
    LockItem **bucket;
    size_t buckets, items;
    LockRequest *request; // all who wait
    LockHold *spare;
} LockTable;

MUST_CHECK bool lock_table_init(LockTable *l, Err *err);
void lock_table_done(LockTable *l);
// A lock that the owner holds already is granted again at once, and so is one that only waits for others
// behind the owner. Advisory locks are counted, others not.
MUST_CHECK LockResult lock_acquire(LockTable *l, LockOwner *o, LockTag tag, LockMode mode,
                                   const LockWait *wait, Err *err);
// Notes a lock that the owner holds by other means (a stamp in a row, a table's fast way), so that others can
// wait for it. Given up by lock_release_after, whatever the mark: who still waits then looks again. False:
// memory is out.
MUST_CHECK bool lock_lend(LockTable *l, LockOwner *o, LockTag tag, LockMode mode);
// Every holder of `from` (in mode FOR KEY SHARE) holds `to` as well: the row has moved on.
MUST_CHECK bool lock_copy(LockTable *l, LockTag from, LockTag to);
bool lock_conflicts(LockTable *l, const LockOwner *o, LockTag tag, LockMode mode); // with somebody else's
bool lock_held(LockTable *l, const LockOwner *o, LockTag tag, LockMode mode);
bool lock_release(LockTable *l, LockOwner *o, LockTag tag, LockMode mode); // one count; false: not held
// Lets go of all that was got after the mark, and of all that was lent. 0 = of everything.
void lock_release_after(LockTable *l, LockOwner *o, uint64_t mark);
void lock_release_all(LockTable *l, LockOwner *o); // nobody can lend to it any more
void lock_release_kind(LockTable *l, LockOwner *o, LockKind kind);
void lock_wake(LockTable *l, const atomic_bool *cancel); // those who wait with this flag look at it

// For people. blocker: the session (or the transaction, if it has none) in whose way it stands; 0 = granted.
typedef struct LockInfo {
    LockTag tag;
    LockMode mode;
    bool granted;
    uint64_t transaction, session, blocker;
    int64_t since_us; // wall clock; when the wait began
} LockInfo;
typedef bool (*LockVisit)(void *self, const LockInfo *info); // false: enough; called under the table's mutex
void lock_list(LockTable *l, LockVisit visit, void *self);
bool lock_is_waiting(LockTable *l, uint64_t session);

#endif
