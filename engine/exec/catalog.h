// Catalog: what functions ask of the dictionary and the session: definitions as text, names of numbers,
// sizes, privileges, settings. The functions stand in fn_catalog*.c; db gives the answers. Relies on data.
#ifndef ENGINE_EXEC_CATALOG_H
#define ENGINE_EXEC_CATALOG_H

#include "engine/data/value.h"

typedef enum CatalogAsk {
    CATALOG_FORMAT_TYPE, // type, modifier
    CATALOG_EXPR,        // text of an expression, relation, [pretty]
    CATALOG_INDEX,       // index, [column, pretty]
    CATALOG_CONSTRAINT,  // constraint, [pretty]
    CATALOG_VIEW,        // relation, [pretty or width]
    CATALOG_VIEW_NAME,   // the same by its name
    CATALOG_TRIGGER,     // trigger, [pretty]
    CATALOG_FUNCTION,    // function
    CATALOG_FUNCTION_ARGUMENTS,
    CATALOG_FUNCTION_IDENTITY,
    CATALOG_FUNCTION_RESULT,
    CATALOG_RULE,
    CATALOG_USER,             // role: its name
    CATALOG_TABLE_VISIBLE,    // relation
    CATALOG_TYPE_VISIBLE,     // type
    CATALOG_FUNCTION_VISIBLE, // function
    CATALOG_COMMENT,          // thing, [catalog's name]
    CATALOG_COMMENT_COLUMN,   // relation, column
    CATALOG_COMMENT_SHARED,   // thing, catalog's name
    CATALOG_SCHEMAS,          // with the implicit ones?
    CATALOG_FIND,             // to_regclass &co.: kind of name, text
    CATALOG_HAS_TABLE,        // may the session's user do that?
    CATALOG_HAS_DATABASE,     //
    CATALOG_HAS_ROLE,         //
    CATALOG_STARTED,          // when the engine was opened, UTC
    CATALOG_SIZE,             // relation: its bytes
    CATALOG_SIZE_INDEXES,     // relation: those of its indexes
    CATALOG_SIZE_DATABASE,    // oid
    CATALOG_SIZE_DATABASE_OF, // name
    CATALOG_TYPE_OF,          // a value of any type: the oid of its type
    CATALOG_TRANSACTION,      // number of the transaction
    CATALOG_CANCEL,           // session: stop its statement
    CATALOG_TERMINATE,        // session: end it
    CATALOG_PUBLISHABLE,      // relation
    CATALOG_SEQUENCE_LAST,    // sequence: what it gave last
    CATALOG_INDEX_COLUMN,     // index, column, property
    CATALOG_ASKS
} CatalogAsk;

// Answers to *out, which begins as a NULL of the function's type; long cells in mem.
typedef bool (*CatalogTell)(void *db, CatalogAsk ask, const Value *arg, uint32_t args, Value *out, Arena *mem,
                            Err *err);

#endif
