// Schema: what the dictionary says of databases, tables, columns, keys and indexes. Definitions are immutable
// once published and live as long as a reader holds the table. Relies on base, data.
#ifndef ENGINE_STORE_SCHEMA_H
#define ENGINE_STORE_SCHEMA_H

#include "engine/data/value.h"

enum {
    SCHEMA_NAME_MAX = 128, // bytes of an identifier; longer: 42622
    SCHEMA_COLUMNS_MAX = 1600,
    SCHEMA_KEY_COLUMNS_MAX = 32,
    SCHEMA_TABLES_MAX = 100000,
    SCHEMA_TEXT_MAX = 1 << 20, // a DEFAULT or CHECK expression
};

typedef struct ColumnDef {
    Str name;
    Type type;
    bool not_null;
    Str default_text; // SQL expression as printed by engine/sql; at == NULL = none
    bool
        identity; // value from the column's own counter when none is given (serial, AUTO_INCREMENT, IDENTITY)
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
} ForeignKeyDef;

typedef struct CheckDef {
    Str name;
    Str text; // SQL expression
} CheckDef;

typedef struct TableDef {
    uint64_t id;      // unique in the data directory, never used twice
    uint64_t version; // grows with every change of the definition; 0 before the table is created
    Str database, name;
    uint16_t column_count, index_count, foreign_key_count, check_count;
    ColumnDef *column;
    IndexDef *index;
    ForeignKeyDef *foreign_key;
    CheckDef *check;
} TableDef;

// Position of a column, -1 if there is none. Names compare exactly (the lexer has folded unquoted ones).
int schema_column(const TableDef *t, Str name);
const IndexDef *schema_primary(const TableDef *t); // NULL if none
// The best unique index that has exactly these columns (any order), NULL if none.
const IndexDef *schema_unique_on(const TableDef *t, const uint16_t *column, uint16_t count);
TableDef *schema_copy(const TableDef *t, Arena *mem);

#endif
