// Schema: what the dictionary says of databases, tables, columns, keys and indexes. Definitions are immutable
// once published and live as long as a reader holds the table. Objects are what a dictionary knows beside
// tables: schemas, views, sequences, types, functions and so on, each a name and a body of named texts.
// Relies on base, data.
//
// Nouns: schema, object
#ifndef ENGINE_STORE_SCHEMA_H
#define ENGINE_STORE_SCHEMA_H

#include "engine/data/value.h"

enum {
    SCHEMA_NAME_MAX = 128, // bytes of an identifier; longer: 42622
    SCHEMA_COLUMNS_MAX = 1600,
    SCHEMA_SLOTS_MAX = 16000, // columns that a table ever had
    SCHEMA_KEY_COLUMNS_MAX = 32,
    SCHEMA_TABLES_MAX = 100000,
    SCHEMA_TEXT_MAX = 1 << 20, // a DEFAULT or CHECK expression, a field of an object
    OBJECT_NAME_MAX = 4096,    // functions carry their argument types in the name
    OBJECT_FIELDS_MAX = 10000,
    OBJECT_DEPENDENCIES_MAX = 10000,
    OBJECT_COUNT_MAX = 100000, // in the data directory
};
#define SCHEMA_PUBLIC STR("public") // is in every database without being an object

typedef struct ColumnDef {
    Str name;
    Type type;
    bool not_null;
    Str default_text; // SQL expression as printed by engine/sql; at == NULL = none
    bool
        identity; // value from the column's own counter when none is given (serial, AUTO_INCREMENT, IDENTITY)
    uint16_t slot; // 1 …: where the relation keeps it, for life; 0 = new, the store gives one
    Str generated; // GENERATED ALWAYS AS (…) STORED: the expression; at == NULL = none
    Str missing;   // codec text of what rows hold that are older than the column; at == NULL = NULL
} ColumnDef;

typedef enum KeyAction { KEY_NO_ACTION, KEY_RESTRICT, KEY_CASCADE, KEY_SET_NULL, KEY_SET_DEFAULT } KeyAction;
typedef enum IndexKind { INDEX_HASH, INDEX_SORTED } IndexKind;

// A unique index carries each PRIMARY KEY and UNIQUE constraint.
typedef struct IndexDef {
    uint64_t id; // unique in the data directory
    Str name;
    IndexKind kind;
    bool unique, primary;
    bool constraint; // made by PRIMARY KEY or UNIQUE, not by CREATE INDEX
    uint16_t column_count;
    uint16_t column[SCHEMA_KEY_COLUMNS_MAX];
} IndexDef;

typedef struct ForeignKeyDef {
    Str name;
    uint16_t column_count;
    uint16_t column[SCHEMA_KEY_COLUMNS_MAX]; // of this table
    uint64_t parent_id;                      // table id
    uint16_t parent_column[SCHEMA_KEY_COLUMNS_MAX];
    KeyAction on_delete, on_update;
    bool not_valid; // rows that were there when it came were not looked at
} ForeignKeyDef;

typedef struct CheckDef {
    Str name;
    Str text;       // SQL expression
    bool not_valid; // as with foreign keys
} CheckDef;

typedef struct TableDef {
    uint64_t id;                // unique in the data directory, never used twice
    uint64_t version;           // grows with every change of the definition; 0 before the table is created
    Str database, schema, name; // schema: empty means public when a table is created
    bool materialized;          // holds the rows of a materialized view
    bool temporary;             // of one session: neither logged nor checkpointed
    uint16_t column_count, index_count, foreign_key_count, check_count;
    uint16_t slots; // columns that the table ever had
    ColumnDef *column;
    IndexDef *index;
    ForeignKeyDef *foreign_key;
    CheckDef *check;
} TableDef;

// The slot of a column, from 0.
static inline uint16_t schema_slot(const TableDef *t, uint16_t column)
{
    return (uint16_t)(t->column[column].slot - 1);
}
// Position of a column, -1 if there is none. Names compare exactly (the lexer has folded unquoted ones).
int schema_column(const TableDef *t, Str name);
const IndexDef *schema_primary(const TableDef *t); // NULL if none
// The best unique index that has exactly these columns (any order), NULL if none.
const IndexDef *schema_unique_on(const TableDef *t, const uint16_t *column, uint16_t count);
TableDef *schema_copy(const TableDef *t, Arena *mem);

// ---- objects ----

// The numbers stand in no file: files name kinds by object_kind_name.
typedef enum ObjectKind {
    OBJECT_ANY, // in questions only
    OBJECT_SCHEMA,
    OBJECT_VIEW,
    OBJECT_MATERIALIZED_VIEW, // its rows are a table; parent: that table's id
    OBJECT_SEQUENCE,
    OBJECT_ENUM,
    OBJECT_DOMAIN,
    OBJECT_FUNCTION, // name: as its kind wishes, with the argument types for overloads
    OBJECT_TRIGGER,  // parent: its table
    OBJECT_COMMENT,  // parent: what it is about; name: the column's, or empty
    OBJECT_KINDS
} ObjectKind;

typedef struct ObjectField {
    Str name, value;
} ObjectField;

typedef struct ObjectDef {
    uint64_t id;      // unique in the data directory among tables, indexes and objects; never used twice
    uint64_t version; // grows with every replacement; 0 before the object is created
    ObjectKind kind;
    Str database, schema, name; // a schema has its name in `name` and an empty `schema`
    Str owner;                  // the user's hash
    uint64_t parent;            // table or object that it is part of; names are unique per parent; 0 = none
    bool temporary;             // of one session: not logged
    uint32_t field_count, dependency_count;
    ObjectField *field;   // what they mean is the kind's; each name once
    uint64_t *dependency; // ids of tables and objects that it cannot be without
} ObjectDef;

const char *object_kind_name(ObjectKind kind); // "materialized-view"
// Kinds whose names must differ within a schema: views, sequences and tables are one space, enums and domains
// another.
bool object_same_space(ObjectKind a, ObjectKind b);
bool object_kind_is_relation(ObjectKind kind);          // shares its names with tables
Str object_field(const ObjectDef *o, const char *name); // at == NULL: there is none
bool object_depends(const ObjectDef *o, uint64_t id);
// Changes o, which is being put together in mem: the value is set or replaced; an empty STR_NONE takes it
// away.
void object_set_field(ObjectDef *o, Arena *mem, const char *name, Str value);
void object_add_dependency(ObjectDef *o, Arena *mem, uint64_t id); // once each; 0 is left out
ObjectDef *object_copy(const ObjectDef *o, Arena *mem);

#endif
