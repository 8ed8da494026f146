// Kit: an engine on a fresh data directory.
#include "tests/unit/kit_engine.h"

#include <stdio.h>
#include <stdlib.h>

static void must(bool good, const Err *err, const char *what)
{
    if (good) return;
    fprintf(stderr, "%s: %s %s\n%s\n", what, err->state, err->text, err->notes);
    exit(1);
}

Source *kit_engine_session(KitEngine *k)
{
    Err err = {.at = -1};
    Arena mem = {0};
    EngineTicket *ticket;
    Str question;
    Source *session;
    must(engine_sign_in(k->engine, STR(KIT_ENGINE_USER), STR(KIT_ENGINE_PASSWORD), NULL, &ticket, &question,
                        &mem, &err),
         &err, "sign in");
    must(engine_answer(k->engine, ticket, STR("Bello"), &session, &err), &err, "answer");
    arena_done(&mem);
    return session;
}

static void open_engine(KitEngine *k)
{
    Err err = {.at = -1};
    EngineOptions o = {.io = io_posix(), .path = k->dir.path, .node = "vm1", .workers = 2};
    must(engine_open(&k->engine, &o, &err), &err, "open");
}

void kit_engine_open(KitEngine *k)
{
    Err err = {.at = -1};
    kit_dir_make(&k->dir);
    open_engine(k);
    EngineRegistration r = {
        .user = STR(KIT_ENGINE_USER),
        .password = STR(KIT_ENGINE_PASSWORD),
        .question = STR("Name of the first dog?"),
        .answer = STR("Bello"),
    };
    must(engine_register(k->engine, &r, &err), &err, "register");
    k->session = kit_engine_session(k);
}

void kit_engine_reopen(KitEngine *k)
{
    source_close(k->session);
    engine_close(k->engine);
    open_engine(k);
    k->session = kit_engine_session(k);
}

void kit_engine_close(KitEngine *k)
{
    source_close(k->session);
    engine_close(k->engine);
    kit_dir_remove(&k->dir);
}
