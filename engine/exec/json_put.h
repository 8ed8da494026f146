// JSON put: any value as JSON text, as to_json writes it. Relies on value, function.
// Nouns: json
#ifndef ENGINE_EXEC_JSON_PUT_H
#define ENGINE_EXEC_JSON_PUT_H

#include "engine/data/document.h"
#include "engine/plan/function.h"

// Appended: numbers and booleans plain, json as it is, arrays as lists, moments in ISO 8601, everything else
// its text as a string. lines: a new line between the members of the outermost level.
MUST_CHECK bool json_put(Bytes *out, const Value *v, bool lines, KernelContext *ctx);
// The value as the key of an object, with its quotes: 22023 for NULL and for what is no scalar.
MUST_CHECK bool json_put_key(Bytes *out, const Value *v, KernelContext *ctx);
// The finished text to a row of out, in the normal form when out is jsonb. Ends text.
MUST_CHECK bool json_put_done(Bytes *text, Vector *out, uint32_t row, KernelContext *ctx);

#endif
