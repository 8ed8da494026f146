// Access: what a role may do with a thing: its owner and what was granted on it. An access object (its parent
// is the thing) keeps both for what has no owner of its own: tables, databases, schema public. What is older
// than roles has none: it belongs to the role "user". Relies on role.
// Nouns: access, grant, policy
#ifndef ENGINE_DB_ACCESS_H
#define ENGINE_DB_ACCESS_H

#include "engine/db/role.h"
#include "engine/plan/permit.h"

#define ACCESS_LETTERS "arwdDxtXUCTc" // in the order of the Rights

typedef enum AccessKind {
    ACCESS_TABLE, // materialized views too
    ACCESS_VIEW,
    ACCESS_SEQUENCE,
    ACCESS_SCHEMA,
    ACCESS_DATABASE,
    ACCESS_TYPE,
    ACCESS_FUNCTION,
    ACCESS_KINDS
} AccessKind;

typedef struct AccessThing {
    AccessKind kind;
    uint64_t id; // 0: a database, or schema public
    Str database, schema, name;
    Str owner; // key
    bool temporary, materialized;
    const ObjectDef *object; // NULL: it is a table, a database, public
    const ObjectDef *record; // its access object; NULL: there is none
} AccessThing;

// One entry of what was granted.
typedef struct AccessEntry {
    Str grantee, grantor;    // keys
    unsigned column;         // 0: the whole thing; else 1 + its place (views) or its slot (tables)
    unsigned rights, option; // option: may be passed on
} AccessEntry;

void access_of_table(Session *s, const TableDef *def, Arena *mem, AccessThing *out);
void access_of_object(Session *s, const ObjectDef *o, Arena *mem, AccessThing *out);
bool access_of_schema(Session *s, Str database, Str schema, Arena *mem, AccessThing *out); // false: none
void access_of_database(Session *s, Str database, Arena *mem, AccessThing *out);
unsigned access_all(AccessKind kind);               // the Rights that the kind knows
const char *access_kind_name(const AccessThing *t); // "table"
unsigned access_column(const TableDef *def, uint32_t column);
// All entries, those that hold without any GRANT included; in mem.
uint32_t access_entries(const AccessThing *t, Arena *mem, AccessEntry **out);
// What the set has: of the whole thing (column 0), or of the column beside that.
unsigned access_rights(const AccessThing *t, const RoleSet *set, unsigned column);
unsigned access_options(const AccessThing *t, const RoleSet *set, unsigned column); // may be passed on
bool access_owns(Session *s, const AccessThing *t);
// 42501 "must be owner of table t"; the schema's owner will do where `dropping`.
MUST_CHECK bool access_owner(Run *run, const AccessThing *t, bool dropping, Err *err);
MUST_CHECK bool access_table_owner(Run *run, const TableDef *def, Err *err);
// 42501 "permission denied for table t".
MUST_CHECK bool access_need(Session *s, const AccessThing *t, unsigned rights, Err *err);
MUST_CHECK bool access_create_in(Run *run, const SearchPlace *place, Err *err); // CREATE in a schema
// Writes the owner of a new table, with what ALTER DEFAULT PRIVILEGES gives.
MUST_CHECK bool access_own_table(Run *run, const TableDef *def, Err *err);
MUST_CHECK bool access_own_object(Run *run, const ObjectDef *o, Err *err); // default privileges only
MUST_CHECK bool access_set_owner(Run *run, const AccessThing *t, const AstName *name, Err *err);
// Puts the entries in the place of what the thing's access object says.
MUST_CHECK bool access_write(Run *run, const AccessThing *t, Str owner, const AccessEntry *e, uint32_t count,
                             Err *err);
// What the binder asks (plan/permit.h); NULL for statements of the engine's own.
// What ALTER DEFAULT PRIVILEGES says of a new thing: 0 = nothing, else all its entries (grant.c).
uint32_t grant_defaults(Run *run, const AccessThing *t, AccessEntry **out);
const Permit *access_permit(Run *run);
bool access_sequence(void *db, const ObjectDef *sequence, unsigned any,
                     Err *err);               // one of the rights will do
void access_told(Session *s, const Err *err); // a refusal, in the event log

MUST_CHECK bool grant_run(Run *run, const AstGrant *g, Err *err);   // GRANT, REVOKE (grant.c)
MUST_CHECK bool policy_run(Run *run, const AstPolicy *c, Err *err); // policy.c
MUST_CHECK bool policy_switch(Run *run, Table *table, Str words, bool *known,
                              Err *err); // ALTER TABLE … ROW LEVEL SECURITY
// Row policies of a table that this role meets (policy.c).
bool policy_list(Session *s, const TableDef *table, Str as, Right command, bool check, Arena *mem,
                 PermitPolicies *out, Err *err);

#endif
