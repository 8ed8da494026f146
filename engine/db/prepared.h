// Prepared: a statement that is parsed once and run often: by PREPARE and EXECUTE, or by a server's client.
// Its plan is made when it is prepared and again when definitions have changed. Relies on statement.
#ifndef ENGINE_DB_PREPARED_H
#define ENGINE_DB_PREPARED_H

#include "engine/db/statement.h"

enum { PREPARED_MAX = 4096, PREPARED_TREE_MAX = 256 << 20 };

typedef struct Prepared {
    Arena mem;
    unsigned users; // the session's map, and portals
    Str text;
    Statement *tree; // NULL: nothing but blanks and comments, or not to be looked at yet (ANSWER)
    uint32_t types;
    Type *type; // as declared; TYPE_NULL = not
    Plan *plan; // NULL for what is not planned
    Plan *old;  // one that portals may still run
    uint64_t definitions;
    char place[SESSION_PLACE_SIZE];
    size_t place_len;
    uint32_t columns; // of its result when it was prepared: they must stay
    Type *column;
} Prepared;

// Reads text's only statement (42601 for two). type: declared, copied. One user: the caller.
MUST_CHECK bool prepared_new(Prepared **out, Str text, const Type *type, uint32_t types, Err *err);
void prepared_keep(Prepared *p);
void prepared_drop(Prepared *p); // NULL is fine
// SELECT, INSERT, UPDATE, DELETE.
bool prepared_is_planned(const Prepared *p);
// Its plan as of now, borrowed as long as p is kept; inside the running statement's transaction. 0A000 when
// its result would have changed.
MUST_CHECK bool prepared_plan(const Plan **out, Run *run, Prepared *p, Err *err);
// By name; NULL if there is none.
Prepared *prepared_find(const Session *s, Str name);
// Takes p over. 42P05 when the name is taken; "" replaces.
MUST_CHECK bool prepared_add(Session *s, Str name, Prepared *p, Err *err);
bool prepared_remove(Session *s, Str name);

#endif
