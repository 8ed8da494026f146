// Enums: CREATE TYPE … AS ENUM, ALTER TYPE, DROP TYPE, and the labels as casts ask for them. Relies on
// statement.
#ifndef ENGINE_DB_ENUMS_H
#define ENGINE_DB_ENUMS_H

#include "engine/db/statement.h"

enum { ENUM_LABEL_MAX = 63, ENUM_LABELS_MAX = 10000 };

MUST_CHECK bool enums_create(Run *run, const AstCreateEnum *e, Err *err);
// DROP TYPE and DROP DOMAIN. 42704, 2BP01 while a table uses it.
MUST_CHECK bool enums_drop(Run *run, const AstDrop *d, Err *err);

// For CastContext; self is the session. What was looked up is kept until enums_forget, under a mutex: workers
// ask too.
bool enums_label(void *self, uint32_t number, int64_t place, Str *label, Err *err);
bool enums_place(void *self, uint32_t number, Str label, int64_t *place, Err *err);
void enums_forget(Session *s); // before a statement
void enums_done(Session *s);

#endif
