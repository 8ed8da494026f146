// Workstation: the full-screen program. Relies on everything below tui.
#ifndef TUI_WORKSTATION_H
#define TUI_WORKSTATION_H

#include "engine/base/io.h"

typedef struct WorkstationOptions {
    Io io;
    const char *data;  // data directory
    const char *theme; // name or file; NULL = from the profile, else the default
    bool mouse;
} WorkstationOptions;

// Runs until the user leaves; returns the program's exit status (0, or 3 when the directory cannot be
// opened).
int workstation_run(const WorkstationOptions *o);

#endif
