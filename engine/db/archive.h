// Archive: the administrator's command that keeps log segments. Relies on engine_in.
#ifndef ENGINE_DB_ARCHIVE_H
#define ENGINE_DB_ARCHIVE_H

#include "engine/db/engine_in.h"

// Runs node.yaml's log_archive for one segment and waits for it; `self` is the Engine. 38000 when it did not
// end with status 0.
MUST_CHECK bool archive_segment(void *self, const char *name, Err *err);

#endif
