// Kit: an Io that counts every call, and fails or cuts the k-th one. Wraps any Io; safe with threads.
// For a crash at every place: count once without a fault, then for k = 1 … count: fail_at = k, forever =
// true, run, open again with a healthy Io and look at what is there.
#ifndef TESTS_UNIT_KIT_FAULT_IO_H
#define TESTS_UNIT_KIT_FAULT_IO_H

#include "engine/base/io.h"
#include <stdatomic.h>

typedef enum FaultCall {
    FAULT_OPEN = 1,
    FAULT_CLOSE = 2,
    FAULT_READ = 4,
    FAULT_WRITE = 8,
    FAULT_SYNC = 16,
    FAULT_TRUNCATE = 32,
    FAULT_ALLOCATE = 64,
    FAULT_RENAME = 128,
    FAULT_UNLINK = 256,
    FAULT_MKDIR = 512,
    FAULT_MAKE = 1024, // an open that may make or truncate a file (counted as FAULT_OPEN too)
    // Everything that changes the disk: the places where a crash leaves something different behind.
    FAULT_CHANGES = FAULT_WRITE | FAULT_SYNC | FAULT_TRUNCATE | FAULT_ALLOCATE | FAULT_RENAME | FAULT_UNLINK |
                    FAULT_MKDIR | FAULT_MAKE,
    FAULT_ALL = FAULT_CHANGES | FAULT_OPEN | FAULT_READ,
} FaultCall;

enum { FAULT_KINDS = 11 };

typedef struct FaultIo {
    Io under;
    unsigned watched; // kinds of calls that `fail_at` and `seen` count (FaultCall bits)
    long fail_at;     // the k-th watched call fails, from 1; 0 = none
    bool forever;     // all watched calls after it fail too (a full disk, a cut power line)
    int error;        // the errno it gives; 0 = EIO
    size_t cut;       // a failing write still writes up to so many bytes (fewer than asked)
    atomic_llong
        space;        // bytes that writes may still take before ENOSPC; -1 = no limit. The last write is cut.
    size_t short_max; // reads and writes are cut to so many bytes, without an error; 0 = whole
    atomic_long seen; // watched calls
    atomic_long failed;             // calls that were made to fail
    atomic_long count[FAULT_KINDS]; // calls per kind, in the order of FaultCall's bits
} FaultIo;

// A FaultIo over the real disk that watches FAULT_CHANGES and fails nothing yet.
void fault_io_init(FaultIo *f);
Io fault_io(FaultIo *f);
long fault_io_count(const FaultIo *f, FaultCall kind);

#endif
