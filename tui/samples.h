// Samples: the sample databases inside the program, as scripts (tui/samples/*.sql, embedded). Relies on
// panes/host.
#ifndef TUI_SAMPLES_H
#define TUI_SAMPLES_H

#include "tui/panes/host.h"

// All of them; `database` is the name that the workstation gives it, `script` plain SQL without CREATE
// DATABASE.
const HostSample *samples_list(size_t *count);

#endif
