// Search: what a dotted name means: the search path, schemas of the chosen database, other databases. One
// place for the binder, the definitions and the functions that take a name. Relies on store, engine/sql.
#ifndef ENGINE_PLAN_SEARCH_H
#define ENGINE_PLAN_SEARCH_H

#include "engine/sql/ast.h"
#include "engine/store/store.h"

enum { SEARCH_PLACES_MAX = 64 };

typedef struct SearchPath {
    Transaction *transaction;
    Str database;  // chosen; empty = none
    Str temporary; // the session's schema for temporary tables; empty = it has none yet
    const Str *schema;
    uint32_t schemas; // of the path, in order; those that do not exist are passed over
} SearchPath;

typedef struct SearchPlace {
    Str database, schema;
} SearchPlace;
// Where a thing of this name may be, in order. "a.b": schema a of the chosen database; when there is none,
// database a and its public; "a.b.c": schema b of database a. 0 when it can be nowhere.
uint32_t search_places(const SearchPath *s, const AstPath *path, SearchPlace out[SEARCH_PLACES_MAX]);
bool search_has_schema(const SearchPath *s, Str database, Str schema);
// Where a new thing goes: 3D000 no database chosen, 3F000 no such schema, or none in the path.
MUST_CHECK bool search_new_place(const SearchPath *s, const AstPath *path, SearchPlace *out, Err *err);

// A table, or a view or sequence; one of the two is NULL.
typedef struct SearchFound {
    Table *table;
    const ObjectDef *object; // in mem
} SearchFound;
bool search_relation(const SearchPath *s, const AstPath *path, Arena *mem, SearchFound *out);
// An object of another kind, by its name or another text in the name's place.
const ObjectDef *search_object(const SearchPath *s, ObjectKind kind, const AstPath *path, Arena *mem);
// The type that a name means: a built-in one (unless quoted), an enum or a domain. 42704, 22023, 0A000.
MUST_CHECK bool search_type(const SearchPath *s, const AstType *t, const int64_t *mods, size_t count,
                            Arena *mem, Type *out, Err *err);
// As format_type writes it without modifiers: "timestamp with time zone", "character varying", "mood".
Str search_type_name(const SearchPath *s, Type t, Arena *mem);
Type search_type_of(const ObjectDef *o); // of an enum's or domain's object
// "a.b" as users write it in a text ('public."T"'); 42602.
MUST_CHECK bool search_parse(Str text, AstPath *out, Arena *mem, Err *err);
// Would the bare name lead to this schema's thing? Then it need not be written out.
bool search_is_visible(const SearchPath *s, Str database, Str schema, Str name);

#endif
