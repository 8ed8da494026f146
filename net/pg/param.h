// Param: what a client binds: text is left to the engine, binary forms become values here. Relies on frame,
// oid. Nouns: pg
#ifndef NET_PG_PARAM_H
#define NET_PG_PARAM_H

#include "engine/base/err.h"
#include "engine/data/value.h"
#include "net/wire/frame.h"

// The value of `wanted` in its binary form (bytes borrowed or in mem). 22P03 when it is not one, 0A000 for a
// type without such a form, 22021 for text that is not UTF-8.
MUST_CHECK bool pg_param_binary(Value *out, Type wanted, Str bytes, Arena *mem, Err *err);
// Text as it came; 22021.
MUST_CHECK bool pg_param_text(Value *out, Str bytes, Err *err);

#endif
