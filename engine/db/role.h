// Role: who is who. A role has a key that files carry and that never changes, and a name for people: a user's
// key is the hash of the name (the name itself stands in no file), an own role's is "r" and its object's id,
// a built-in one's is its name. Relies on session.
#ifndef ENGINE_DB_ROLE_H
#define ENGINE_DB_ROLE_H

#include "engine/db/statement.h"

enum { ROLE_KEY_SIZE = 65, ROLE_DEPTH_MAX = 10000 };
#define ROLE_PUBLIC        STR("public")
#define ROLE_ADMINISTRATOR STR("administrator") // may do everything
#define ROLE_USER          STR("user")          // makes databases; owns what older directories hold
#define ROLE_READER        STR("reader")        // reads everything
#define ROLE_AUDITOR       STR("auditor")       // logs and counts

// A role with all whose privileges it has.
typedef struct RoleSet {
    Str key;
    bool administrator, reader, auditor, makes_databases, makes_roles;
    uint32_t count;
    Str *member; // keys: itself, and what it is a member of
    struct RoleSet *next;
} RoleSet;

// The set of a key; inside a transaction. Good until the statement ends.
const RoleSet *role_set(Session *s, Str key);
// The session's current role, and the one it was signed in as (or SET SESSION AUTHORIZATION made it).
const RoleSet *role_current(Session *s);
Str role_current_key(Session *s);
Str role_session_key(Session *s);
bool role_has(const RoleSet *set, Str key);
// May everything: cheap when nothing was SET.
bool role_is_administrator(Session *s);
void role_forget(Session *s); // frees what the session keeps
// The key of a name as written in a statement (public only where it may stand); CURRENT_USER and the like
// too. 42704 role "x" does not exist. In mem.
MUST_CHECK bool role_key(Session *s, const AstName *name, bool public, Arena *mem, Str *out, Err *err);
bool role_find(Session *s, Str name, Arena *mem, Str *key);
// How people know it: an own role's name, the session's own user by name, other users by their hash.
Str role_name(Session *s, Str key, Arena *mem);
const ObjectDef *role_object(Session *s, Str key, Arena *mem); // NULL: none was made for it
// SET ROLE, SET SESSION AUTHORIZATION: may the session? 42501, 42704.
MUST_CHECK bool role_may_become(Session *s, Str name, bool authorization, Err *err);
MUST_CHECK bool role_run(Run *run, const AstRole *r, Err *err);    // CREATE ROLE and its like
MUST_CHECK bool role_grant(Run *run, const AstGrant *g, Err *err); // GRANT role TO role

#endif
