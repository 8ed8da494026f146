// Ast, continued: roles, privileges and row policies. Relies on ast.h.
//
// Nouns: AstRole, AstGrant, AstPolicy
#ifndef ENGINE_SQL_AST_ROLE_H
#define ENGINE_SQL_AST_ROLE_H

#include "engine/sql/ast.h"

typedef enum AstRoleDo {
    AST_ROLE_CREATE,
    AST_ROLE_ALTER,
    AST_ROLE_RENAME,
    AST_ROLE_DROP,
    AST_ROLE_ADD,      // ALTER GROUP g ADD USER …
    AST_ROLE_TAKE,     // ALTER GROUP g DROP USER …
    AST_ROLE_REASSIGN, // REASSIGN OWNED BY names TO new_name
    AST_ROLE_DROP_OWNED
} AstRoleDo;

// CREATE, ALTER, DROP ROLE/USER/GROUP and REASSIGN, DROP OWNED.
struct AstRole {
    AstRoleDo what;
    bool login; // written USER: LOGIN is the standard
    bool if_exists, cascade;
    AstNames names;     // DROP several, else one
    AstName new_name;   // RENAME, REASSIGN
    AstOptions options; // in lower case: "login", "nologin", "password" (AST_STRING, AST_NULL), "valid until"
                        // …; "in role", "role", "admin", "user": members as an AST_ROW of AST_STRING
};

typedef struct AstPrivilege {
    AstName name;     // "select" …, "all"; of a role grant: the role
    AstNames columns; // none = the whole thing
} AstPrivilege;

typedef enum AstGrantOn {
    AST_GRANT_ROLE, // GRANT role TO role
    AST_GRANT_TABLE,
    AST_GRANT_SEQUENCE,
    AST_GRANT_SCHEMA,
    AST_GRANT_DATABASE,
    AST_GRANT_TYPE, // domains too
    AST_GRANT_FUNCTION,
    AST_GRANT_OTHER // `words`: LANGUAGE, TABLESPACE …: refused later
} AstGrantOn;

struct AstGrant {
    bool revoke, option_only; // REVOKE GRANT OPTION FOR, ADMIN OPTION FOR
    bool with_option, cascade;
    bool defaults; // ALTER DEFAULT PRIVILEGES
    bool all_in;   // ALL TABLES IN SCHEMA: names are schemas
    AstGrantOn on;
    Str words;
    AstPrivilege *privilege;
    uint32_t privileges;
    AstPaths names;
    AstNames to;
    AstName granted_by;
    AstNames for_roles, in_schemas; // of defaults
};

typedef enum AstPolicyDo {
    AST_POLICY_CREATE,
    AST_POLICY_ALTER,
    AST_POLICY_RENAME,
    AST_POLICY_DROP
} AstPolicyDo;
struct AstPolicy {
    AstPolicyDo what;
    bool if_exists, restrictive;
    AstName name, new_name;
    AstPath table;
    Str command;           // "all", "select" …
    AstNames to;           // none = PUBLIC
    AstExpr *expr, *check; // NULL = not given
};

#endif
