// EngineHost: the panes' Host over an engine in this process. Relies on engine.h, panes/host.
#ifndef TUI_ENGINE_HOST_H
#define TUI_ENGINE_HOST_H

#include "engine/engine.h"
#include "tui/panes/host.h"

typedef struct EngineHost {
    Host host; // first
    Engine *engine;
    EngineTicket *ticket; // between the password and the answer
    Source *session;      // of the signed-in user: asked for more sessions and for administration
} EngineHost;

// Borrows the engine.
void engine_host_init(EngineHost *h, Engine *engine, Io io);
void engine_host_done(EngineHost *h);

#endif
