// Routine: a function or procedure as the dictionary keeps it: an object of kind OBJECT_FUNCTION, called
// "name(types of its input arguments)". Its fields: "kind" (function, procedure), "name", "returns" (a type,
// "void", "trigger", "record"), "set", "volatility", "strict", "language", "form" and "body", "path" (schemas
// that bare names in the body are looked for in, one a line), and per argument "arg N" (mode and type),
// "arg N name", "arg N default". To list routines: transaction_object_list(OBJECT_FUNCTION), then
// routine_read. Relies on store, search.
#ifndef ENGINE_PLAN_ROUTINE_H
#define ENGINE_PLAN_ROUTINE_H

#include "engine/plan/search.h"

enum { ROUTINE_ARGS_MAX = 100 };

typedef enum RoutineMode {
    ROUTINE_IN,
    ROUTINE_OUT,
    ROUTINE_INOUT,
    ROUTINE_VARIADIC,
    ROUTINE_TABLE
} RoutineMode;
typedef struct RoutineArg {
    RoutineMode mode;
    Str name; // empty = none
    Type type;
    Str value; // DEFAULT; at == NULL: none
} RoutineArg;
typedef enum RoutineResult { ROUTINE_VALUE, ROUTINE_VOID, ROUTINE_TRIGGER, ROUTINE_RECORD } RoutineResult;
typedef struct Routine {
    uint64_t id;
    Str database, schema, name, signature; // signature: "name(integer, text)"
    bool procedure, set, strict, variadic;
    char volatility; // 'i', 's', 'v'
    RoutineResult result;
    Type type; // of VALUE
    uint32_t args;
    RoutineArg *arg;
    uint32_t inputs; // IN, INOUT, VARIADIC
    uint16_t *input; // which arguments
    uint32_t outs;   // OUT, INOUT, TABLE
    uint16_t *out;
    Str form, body;
    uint32_t paths;
    Str *path;
} Routine;

static inline bool routine_is_input(RoutineMode m) { return m != ROUTINE_OUT && m != ROUTINE_TABLE; }
static inline bool routine_is_out(RoutineMode m)
{
    return m == ROUTINE_OUT || m == ROUTINE_INOUT || m == ROUTINE_TABLE;
}
// Everything in mem. XX001 when the object is no such thing.
MUST_CHECK bool routine_read(Routine *out, const ObjectDef *o, Arena *mem, Err *err);
// The opposite: fields of def; its name is the signature.
void routine_write(const Routine *r, ObjectDef *def, Arena *mem);
// All routines of this bare name that a path leads to, the nearest first; those with the same arguments
// further on are left out.
MUST_CHECK bool routine_find(const SearchPath *s, const AstPath *path, Arena *mem, Routine **out,
                             uint32_t *count, Err *err);
// Where names of the body are looked for.
void routine_search(const Routine *r, const SearchPath *around, SearchPath *out);
// How many columns a call gives, and their names and types; `name` is for the only one of a scalar.
uint32_t routine_columns(const Routine *r);
Str routine_column_name(const Routine *r, uint32_t column);
Type routine_column_type(const Routine *r, uint32_t column);
// "integer, text": the types of the input arguments.
Str routine_signature(const SearchPath *s, Str name, const Type *type, uint32_t count, Arena *mem);

#endif
