// Session: what a server of a protocol asks of a session beside running statements. Relies on session.
#include "engine/db/statement.h"

#include <stdio.h>

uint64_t engine_session_number(Source *session) { return session_of(session)->number; }

bool engine_session_use(Source *session, Str database, Err *err)
{
    Session *s = session_of(session);
    if (!s->engine) return err_set(err, "57P01", "the engine is closed");
    if (!store_database_exists(s->engine->store, database))
        return err_set(err, "3D000", "database \"%.*s\" does not exist", STR_ARG(database));
    session_use(s, database);
    return true;
}

bool engine_setting_set(Source *session, Str name, Str value, Err *err)
{
    size_t i = setting_find(name);
    if (i == SIZE_MAX)
        return err_set(err, "42704", "unrecognized configuration parameter \"%.*s\"", STR_ARG(name));
    return setting_set(&session_of(session)->settings, i, value, err);
}

Str engine_setting(Source *session, Str name)
{
    size_t i = setting_find(name);
    return i == SIZE_MAX ? STR_NONE : str_of(setting_value(&session_of(session)->settings, i));
}

uint64_t engine_setting_moves(Source *session) { return session_of(session)->settings.moves; }

void engine_block_begin(Source *session) { session_of(session)->block = true; }

bool engine_block_end(Source *session, Err *err)
{
    Session *s = session_of(session);
    mutex_lock(&s->running);
    bool good = !s->engine || transaction_run_block_end(s, err);
    mutex_unlock(&s->running);
    return good;
}
