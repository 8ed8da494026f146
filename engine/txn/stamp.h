// Stamp: when a row version begins and ends: a hybrid logical clock value and the node's id in one 63-bit
// number, so that the stamps of two nodes compare (Kulkarni et al., "Logical Physical Clocks", 2014). Relies
// on base. Knows no tables.
#ifndef ENGINE_TXN_STAMP_H
#define ENGINE_TXN_STAMP_H

#include "engine/base/thread.h"

// bits 62…19: milliseconds since 1970 (44), 18…6: counter (13), 5…0: node (6).
typedef uint64_t Stamp;
enum { STAMP_NODE_BITS = 6, STAMP_COUNTER_BITS = 13 };
#define STAMP_NEVER   ((Stamp)INT64_MAX)  // end of a version that is alive
#define STAMP_TXN_BIT (UINT64_C(1) << 63) // the rest is the number of a transaction that has not committed
static inline Stamp stamp_of_txn(uint64_t txn) { return STAMP_TXN_BIT | txn; }
static inline bool stamp_is_txn(Stamp s) { return s >> 63; }
static inline unsigned stamp_node(Stamp s) { return (unsigned)(s & ((1u << STAMP_NODE_BITS) - 1)); }
static inline int64_t stamp_ms(Stamp s) { return (int64_t)(s >> (STAMP_NODE_BITS + STAMP_COUNTER_BITS)); }

typedef struct StampClock {
    Mutex mutex;
    Stamp last;
    unsigned node;
} StampClock;
void stamp_clock_init(StampClock *c, unsigned node, Stamp last);
void stamp_clock_done(StampClock *c);
Stamp stamp_next(StampClock *c);             // greater than every stamp given or seen before
void stamp_saw(StampClock *c, Stamp remote); // pulls the clock forward

#endif
