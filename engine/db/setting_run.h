// Setting: SET, RESET and SHOW of settings. Relies on statement.
// Nouns: setting_run
#ifndef ENGINE_DB_SETTING_RUN_H
#define ENGINE_DB_SETTING_RUN_H

#include "engine/db/statement.h"

MUST_CHECK bool setting_run_set(Run *run, const AstSet *set, Err *err);
// Setting i gets a value, with what follows from it.
MUST_CHECK bool setting_run_assign(Session *s, size_t i, Str value, Err *err);
// ExecContext's setting: current_setting() and set_config().
bool setting_run_config(void *db, Str name, const Str *value, bool local, Arena *mem, Str *out, Err *err);
void setting_run_reset_all(Session *s);
MUST_CHECK bool setting_run_show(Run *run, const AstPath *name, Err *err);

#endif
