// Recovery: from what lies in the directory to a store in memory. Relies on store, dictionary, log.
#ifndef ENGINE_STORE_RECOVERY_IN_H
#define ENGINE_STORE_RECOVERY_IN_H

#include "engine/store/store_in.h"

// Reads dictionary.local into the catalog and replays the log behind it; starts the log. *fresh: the
// directory was empty.
MUST_CHECK bool recovery_run(Store *s, bool *fresh, Err *err);

// Numbers of the log's segments, ascending, in mem.
MUST_CHECK bool recovery_segments(const IoDir *logs, Arena *mem, uint64_t **out, size_t *count, Err *err);

#endif
