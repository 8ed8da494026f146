// Triggers: objects of kind OBJECT_TRIGGER with their table (or view) as parent. Fields: "timing" (before,
// after), "events" (words), "columns" (slots of UPDATE OF), "row" (present or not), "when", and "body" with
// "path", or "function" (its id); "disabled". Bodies see OLD.c and NEW.c, tg_op, tg_name, tg_table_name,
// tg_when, tg_level. Relies on routines.
#ifndef ENGINE_DB_TRIGGERS_H
#define ENGINE_DB_TRIGGERS_H

#include "engine/sql/ast_routine.h"
#include "engine/db/routines.h"

// ExecContext.has_triggers and .fire; db is the session.
bool triggers_has(void *db, const TableDef *def, const ExecFire *f);
bool triggers_fire(void *db, const TableDef *def, ExecFire *f, Err *err);
// The body of a trigger of this table.
MUST_CHECK bool triggers_body(RoutineBody **out, Session *s, const TableDef *def, uint64_t id, Err *err);
void triggers_done(Session *s);

MUST_CHECK bool triggers_create(Run *run, const AstCreateTrigger *t, Err *err);
MUST_CHECK bool triggers_drop(Run *run, const AstDropTrigger *d, Err *err);
// ALTER TABLE … ENABLE or DISABLE TRIGGER; name empty: all.
MUST_CHECK bool triggers_switch(Run *run, const TableDef *def, Str name, bool on, int64_t at, Err *err);

#endif
