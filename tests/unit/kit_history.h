// Kit: histories of list-append transactions and the search for anomalies in them, after Elle (Kingsbury,
// Alvaro, "Elle: Inferring Isolation Anomalies from Experimental Observations", VLDB 2020). Lists only grow
// at their end, so what a read returns tells in which order the appends of a key took effect.
#ifndef TESTS_UNIT_KIT_HISTORY_H
#define TESTS_UNIT_KIT_HISTORY_H

#include "engine/base/arena.h"

enum { HISTORY_KEYS = 16, HISTORY_OPS = 8, HISTORY_TXNS_MAX = 4096, HISTORY_LIST_MAX = 4096 };

typedef struct HistoryOp {
    bool append;
    uint8_t key;
    uint32_t value;       // appended; every value once in a history
    const uint32_t *list; // read
    uint32_t len;
} HistoryOp;
typedef struct HistoryTxn {
    bool committed; // else rolled back
    uint32_t ops;
    HistoryOp op[HISTORY_OPS];
} HistoryTxn;
typedef struct History {
    Arena mem;
    HistoryTxn *txn;
    uint32_t txns, cap;
    const uint32_t *final[HISTORY_KEYS]; // the lists at the end
    uint32_t final_len[HISTORY_KEYS];
} History;

typedef enum HistoryAnomaly {
    HISTORY_G1A = 1,        // read of what was rolled back
    HISTORY_G1B = 2,        // read of what its transaction overwrote
    HISTORY_ORDER = 4,      // lists that no order of appends explains; a value twice
    HISTORY_LOST = 8,       // a committed append that is not there at the end
    HISTORY_INTERNAL = 16,  // a transaction does not see its own appends
    HISTORY_G0 = 32,        // circle of writes
    HISTORY_G1C = 64,       // circle of writes and reads of them
    HISTORY_G_SINGLE = 128, // circle with one read that missed a write
    HISTORY_G2 = 256,       // circle with several of them
} HistoryAnomaly;

void kit_history_init(History *h);
HistoryTxn *kit_history_add(History *h, bool committed);
void kit_history_append(HistoryTxn *t, unsigned key, uint32_t value);
void kit_history_read(History *h, HistoryTxn *t, unsigned key, const uint32_t *list, uint32_t len);
void kit_history_final(History *h, unsigned key, const uint32_t *list, uint32_t len);
unsigned kit_history_check(const History *h); // all anomalies there are
void kit_history_done(History *h);

#endif
