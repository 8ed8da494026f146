// Casts: what a session gives to casts: its time zone, the moment of its transaction, and what the dictionary
// knows of enums and names. Relies on session.
#ifndef ENGINE_DB_CASTS_H
#define ENGINE_DB_CASTS_H

#include "engine/db/statement.h"

// For a new session: the machine's zone, until SET says another.
void casts_init(Session *s);
// Takes over the setting's new value (the name is put there as the zone writes it). 22023: no such zone.
MUST_CHECK bool casts_set_zone(Session *s, Str value, Err *err);
void casts_reset_zone(Session *s);
// A batch for the sink: cells whose text only the session can tell become that text, in mem; the column's
// type is told by ResultColumn. Others are lent. Batch and vectors are in mem. raw: columns to leave as they
// are, by position (NULL = none).
MUST_CHECK bool casts_show(const Session *s, const Batch *in, const bool *raw, Batch *out, Arena *mem,
                           Err *err);

#endif
