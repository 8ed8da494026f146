// Look: things of the dictionary as pg_catalog shows them: by number (oid) and with their descriptions.
// Numbers below LOOK_FIRST are PostgreSQL's own or those of system tables; what users make has LOOK_FIRST +
// its id; constraints and defaults, which have no id, a number made of their table's id (look_part). Relies
// on session.
#ifndef ENGINE_DB_LOOK_H
#define ENGINE_DB_LOOK_H

#include "engine/db/statement.h"
#include "engine/sql/parser.h"

enum {
    LOOK_FIRST = PLAN_OID_FIRST,
    LOOK_ENGINE = 10,           // owner of what is built in
    LOOK_DATABASE_OWNER = 6171, // of schema public
    LOOK_CATALOG = 11,          // schema pg_catalog
    LOOK_PUBLIC = 2200,
    LOOK_SCHEMA_STANDARD = 13000, // information_schema
    LOOK_SCHEMA_D2DB = 13001,
    LOOK_SYSTEM_FIRST = 13100, // system tables without a number of their own
    LOOK_FUNCTION_FIRST = 8500,
    LOOK_COLLATION = 100, // default
    LOOK_COLLATION_C = 950,
    LOOK_HEAP = 2,
    LOOK_BTREE = 403,
    LOOK_HASH = 405,
    LOOK_TABLESPACE = 1663,
    LOOK_SQL = 14,
    LOOK_MODIFIER_NONE = -1,
};
// Catalogs by their numbers.
enum {
    LOOK_PG_TYPE = 1247,
    LOOK_PG_PROC = 1255,
    LOOK_PG_CLASS = 1259,
    LOOK_PG_CONSTRAINT = 2606,
    LOOK_PG_NAMESPACE = 2615,
    LOOK_PG_TRIGGER = 2620,
    LOOK_PG_DATABASE = 1262,
    LOOK_PG_ATTRDEF = 2604,
    LOOK_PG_REWRITE = 2618,
};

typedef struct Look {
    Session *s;
    Arena *mem;
    Err *err;
    SearchPath search;
} Look;
Look look_at(Session *s, Arena *mem, Err *err);

static inline int64_t look_oid(uint64_t id) { return (int64_t)(LOOK_FIRST + id); }
static inline uint64_t look_id(int64_t oid) { return oid > LOOK_FIRST ? (uint64_t)(oid - LOOK_FIRST) : 0; }
// Of a part of a table that is known by a number below 2048.
static inline int64_t look_part(uint64_t table, unsigned part)
{
    return (int64_t)(UINT32_C(0x80000000) | (uint32_t)((table & 0xfffff) << 11) | (part & 0x7ff));
}
static inline uint64_t look_part_table(int64_t oid)
{
    return oid >> 31 == 1 ? (uint64_t)oid >> 11 & 0xfffff : 0;
}

// ---- relations ----

// One of def (with index: that index of it), object and system is there.
typedef struct LookRelation {
    int64_t oid, schema_oid;
    char kind; // pg_class.relkind
    Str schema, name;
    const TableDef *def;
    const IndexDef *index;
    const ObjectDef *object; // view, sequence; of a materialized view its text, beside def
    const SystemTable *system;
} LookRelation;
bool look_relation(Look *l, int64_t oid, LookRelation *out);
bool look_relation_named(Look *l, const AstPath *path, LookRelation *out); // by the search path
// All of the chosen database until visit says false.
typedef bool (*LookVisit)(void *self, const LookRelation *r);
bool look_each_relation(Look *l, LookVisit visit, void *self);
bool look_is_shown_index(const TableDef *def, const IndexDef *x);
bool look_relation_visible(Look *l, const LookRelation *r); // its bare name leads to it
// Its name as it must be written to be found: quoted, with its schema where that is needed.
Str look_relation_text(Look *l, const LookRelation *r);
Str look_name_text(Str name, Arena *mem); // quoted where needed
// Columns of anything that has some; 0 and an error when a view's query does not go.
uint32_t look_columns(Look *l, const LookRelation *r, const ColumnDef **out);
int64_t look_system_oid(const SystemTable *t);

// ---- schemas, roles, databases ----

typedef struct LookSchema {
    int64_t oid;
    Str name;
    const ObjectDef *object; // NULL: one that is always there
} LookSchema;
size_t look_schemas(Look *l, LookSchema **out); // of the chosen database
int64_t look_schema_oid(Look *l, Str name);     // 0: there is none
bool look_schema(Look *l, int64_t oid, LookSchema *out);

typedef struct LookRole {
    int64_t oid;
    Str name;
    bool administrator, disabled;
} LookRole;
// Those that this session may know: all for an administrator, else its own. Names of people who are not
// signed in are not kept anywhere: they go by the first digits of their hashes.
size_t look_roles(Look *l, LookRole **out);
int64_t look_role_oid(Look *l, Str user_hash);
int64_t look_owner(Look *l, const LookRelation *r);
Str look_role_name(Look *l, int64_t oid);
int64_t look_database_oid(Look *l, Str name);

// ---- types ----

typedef struct LookType {
    int64_t oid, schema_oid, array, element, base, collation;
    Str name; // pg_type.typname: "int4", "_text"
    int16_t length;
    bool by_value, preferred, not_null;
    char type, category, align, storage;
    Type is;                 // TYPE_NULL: one that no column has
    const ObjectDef *object; // enum, domain
    int32_t modifier;        // of a domain's base
    Str formal;              // how format_type writes it, without modifiers
} LookType;
int64_t look_type_oid(Type t);
int32_t look_type_modifier(Type t); // LOOK_MODIFIER_NONE = none
bool look_type(Look *l, int64_t oid, LookType *out);
size_t look_types(Look *l, LookType **out);                      // all
Str look_type_text(Look *l, int64_t oid, int32_t modifier);      // "character varying(20)"; "???" for no type
bool look_type_named(Look *l, Str text, int64_t *oid, Err *err); // 42704

// ---- constraints ----

typedef struct LookConstraint {
    int64_t oid;
    char type; // p u f c
    Str name;
    const TableDef *def;
    const ObjectDef *domain; // a CHECK of a domain; def is NULL
    const IndexDef *index;
    const ForeignKeyDef *key;
    const CheckDef *check;
} LookConstraint;
size_t look_constraints(Look *l, const TableDef *def, LookConstraint **out);
size_t look_domain_constraints(Look *l, const ObjectDef *domain, LookConstraint **out);
bool look_constraint(Look *l, int64_t oid, LookConstraint *out);

// ---- texts ----

Str look_constraint_text(Look *l, const LookConstraint *c, bool pretty);
// column 0: the whole statement; else the key column alone. pretty: the table's name as short as it goes.
Str look_index_text(Look *l, const LookRelation *r, int32_t column, bool pretty);
// The text of an expression over a table's columns, as PostgreSQL would print it.
Str look_expr_text(Look *l, Str text, const TableDef *table, Type target, bool pretty);
Str look_view_text(Look *l, const LookRelation *r, bool pretty);
// The comment on a thing; at == NULL when there is none. part: "" the thing itself, or as ddl_comment.c names
// parts.
Str look_comment(Look *l, Str schema, uint64_t id, Str part);
Str look_comment_of(Look *l, int64_t oid, int64_t catalog); // catalog 0: any

// ---- functions ----

typedef struct LookFunction {
    int64_t oid;
    const Function *call; // NULL: an aggregate or window function
    const Aggregate *aggregate;
    const WindowFunction *window;
    Str name;
    bool set;
} LookFunction;
// Those that SQL can call by name, built in.
size_t look_functions(Look *l, LookFunction **out);
Str look_function_arguments(Look *l, const LookFunction *f);
Str look_function_result(Look *l, const LookFunction *f);

// ---- names ----

// For CastContext; self is the session.
MUST_CHECK bool look_name_to_oid(void *self, TypeId type, Str name, int64_t *oid, Err *err);
MUST_CHECK bool look_oid_to_name(void *self, TypeId type, int64_t oid, Bytes *out, Err *err);
// For ExecContext.
MUST_CHECK bool look_tell(void *db, CatalogAsk ask, const Value *arg, uint32_t args, Value *out, Arena *mem,
                          Err *err);

#endif
