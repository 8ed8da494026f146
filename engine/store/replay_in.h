// Replay: applying log records to the store that the last checkpoint left. Relies on store, log.
#ifndef ENGINE_STORE_REPLAY_IN_H
#define ENGINE_STORE_REPLAY_IN_H

#include "engine/store/store_in.h"

// Applies one record. False: the record says what cannot be (XX001) or memory is out. A table whose file is
// damaged only loses itself: it is marked, and the log is held.
MUST_CHECK bool replay_record(Store *s, const LogRecord *record, Err *err);

#endif
