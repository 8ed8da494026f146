// Kit: an Io that records every write, sync, truncation, new name, rename and removal below one directory,
// and rebuilds from the record what a power loss at any moment could have left. What was not synced may be
// there, be gone, be torn at 512 bytes or come in another order; of one sector the disk holds some version
// between the last synced and the newest one. Names behave likewise until their directory is synced.
//
// After Pillai et al., "All File Systems Are Not Created Equal" (OSDI 2014), and Mohan et al., "Finding
// Crash-Consistency Bugs with Bounded Black-Box Crash Testing" (OSDI 2018). Relies on base/io.
// Nouns: power
#ifndef TESTS_CRASH_KIT_POWER_H
#define TESTS_CRASH_KIT_POWER_H

#include "engine/base/io.h"

typedef struct PowerIo PowerIo;

// How much of what was not synced survives.
typedef enum PowerLoss {
    POWER_KEEP,    // all: the machine went on long enough
    POWER_DROP,    // nothing
    POWER_PREFIX,  // all up to some call: a disk that keeps the order
    POWER_REORDER, // each write and each name on its own
    POWER_TEAR,    // each sector and each name on its own; sizes may have grown without their data
    POWER_LOSSES
} PowerLoss;

// Records calls below the directory `root`; what is in it now is on the disk for good. Ends the test program
// when it cannot.
PowerIo *power_new(const char *root);
Io power_io(PowerIo *p);
void power_free(PowerIo *p);
// Notes a moment of the workload (an acknowledged commit): `who` < POWER_MARKERS reached `value`.
enum { POWER_MARKERS = 16 };
void power_mark(PowerIo *p, unsigned who, int64_t value);
size_t power_first(const PowerIo *p); // what comes before made the files that were there
size_t power_calls(
    const PowerIo *p); // recorded so far; the power may fail before each of them and at the end

// Goes to the moment before call `at`, which must not be before the last one asked for. marks: the value of
// each marker at that moment.
void power_seek(PowerIo *p, size_t at, int64_t marks[POWER_MARKERS]);
size_t power_pending(const PowerIo *p); // changes that the moment's disk may not have
// Writes what `loss` with these dice leaves into the empty directory `to`. Gives a hash of all names and
// contents, so that equal states are known.
uint64_t power_build(PowerIo *p, PowerLoss loss, uint64_t dice, const char *to);

#endif
