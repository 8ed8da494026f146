// Permit: what a statement needs to be allowed, and who says so. The binder notes what it meets: the
// relation, in whose name (a view's owner stands for what the view reads), which rights, which columns; when
// the statement is bound, `may` decides. Row policies come the same way. Relies on base, store.
//
// Nouns: right, permit
#ifndef ENGINE_PLAN_PERMIT_H
#define ENGINE_PLAN_PERMIT_H

#include "engine/store/store.h"

// In PostgreSQL's order of letters: "arwdDxtXUCTc".
typedef enum Right {
    RIGHT_INSERT = 1,
    RIGHT_SELECT = 2,
    RIGHT_UPDATE = 4,
    RIGHT_DELETE = 8,
    RIGHT_TRUNCATE = 16,
    RIGHT_REFERENCES = 32,
    RIGHT_TRIGGER = 64,
    RIGHT_EXECUTE = 128,
    RIGHT_USAGE = 256,
    RIGHT_CREATE = 512,
    RIGHT_TEMPORARY = 1024,
    RIGHT_CONNECT = 2048,
    RIGHT_KINDS = 12
} Right;

// What one relation of a statement is used for.
typedef struct PermitNeed {
    const TableDef *table; // one of the two
    const ObjectDef *object;
    Str as;          // the key of the role in whose name; at == NULL: the session's
    unsigned rights; // all of it, or of a column; SELECT, INSERT, UPDATE are asked for by column
    uint32_t columns;
    const Str *name; // of the columns
    const bool *read, *inserted, *updated;
    int64_t at; // in the text
    struct PermitNeed *next;
} PermitNeed;

// The row policies of a table for one role and command: expressions of which one (permissive) and all
// (restrictive) must hold. applies false: there is no row security for this role.
typedef struct PermitPolicies {
    bool applies;
    const Str *permissive, *restrictive; // USING of what is there, WITH CHECK of what comes
    const Str *name;                     // of the restrictive ones
    uint32_t permissives, restrictives;
} PermitPolicies;

typedef struct Permit {
    void *self;
    // 42501 with PostgreSQL's sentence.
    bool (*may)(void *self, const PermitNeed *need, Err *err);
    // command: one Right; check: for rows that come, else for rows that are there.
    bool (*policies)(void *self, const TableDef *table, Str as, Right command, bool check, Arena *mem,
                     PermitPolicies *out, Err *err);
} Permit;

#endif
