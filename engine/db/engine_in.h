// Engine: what the files of this room share of it: the rooms below, opened once per data directory, and the
// list of sessions.
#ifndef ENGINE_DB_ENGINE_IN_H
#define ENGINE_DB_ENGINE_IN_H

#include "engine/auth/profile.h"
#include "engine/base/thread.h"
#include "engine/data/cast.h"
#include "engine/db/config.h"
#include "engine/db/counter.h"
#include "engine/engine.h"
#include "engine/exec/exec.h"
#include "engine/exec/memory.h"
#include "engine/journal/journal.h"
#include "engine/store/store.h"

typedef struct Session Session;

struct Engine {
    Io io;
    Arena mem;
    Str path;
    IoDir directory;
    Config config;
    Journal *journal;
    Profile *profile;
    Store *store;
    Counter *counter;
    struct Watch *watch;
    Pool *pool;
    Memory memory; // of all statements
    Zones *zones;
    Mutex lock;       // guards the list of sessions
    Session *session; // newest first
    uint64_t sessions_begun;
    int64_t opened_us; // wall time, UTC
    // Moved by every change of a definition, and by every commit that changed rows: what caches look at.
    atomic_uint_fast64_t definitions, changes;
};

struct EngineTicket {
    Engine *engine;
    ProfileTicket *ticket;
    atomic_bool never; // nobody stops the second step
};

void engine_session_add(Engine *e, Session *s);
void engine_session_remove(Engine *e, Session *s);

#endif
