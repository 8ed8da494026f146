// Checkpoint: what recovery shares with it. Relies on store.
#ifndef ENGINE_STORE_CHECKPOINT_IN_H
#define ENGINE_STORE_CHECKPOINT_IN_H

#include "engine/base/size.h"
#include "engine/store/store_in.h"

MUST_CHECK bool checkpoint_remove_segments(Store *s, uint64_t first, Err *err);

#endif
