// Kit: an engine on a fresh data directory with one user signed in, for tests of SQL.
#ifndef TESTS_UNIT_KIT_ENGINE_H
#define TESTS_UNIT_KIT_ENGINE_H

#include "engine/engine.h"
#include "tests/unit/kit_dir.h"

typedef struct KitEngine {
    KitDir dir;
    Engine *engine;
    Source *session; // of KIT_ENGINE_USER, the administrator
} KitEngine;
#define KIT_ENGINE_USER     "tester"
#define KIT_ENGINE_PASSWORD "correct horse 7"

// Ends the program with a sentence when something does not work.
void kit_engine_open(KitEngine *k);
// Closes the engine and opens the same directory again, signed in anew.
void kit_engine_reopen(KitEngine *k);
void kit_engine_close(KitEngine *k); // and removes the directory
// One more session of the same user, with its own transaction.
Source *kit_engine_session(KitEngine *k);

#endif
