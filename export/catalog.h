// Catalog: the structure of one database as plain structs, read through a Source from information_schema and
// the d2db.* views. Everything lives in the caller's arena. Relies on base, data.
#ifndef EXPORT_CATALOG_H
#define EXPORT_CATALOG_H

#include "engine/data/source.h"

typedef enum CatalogAction {
    CATALOG_NO_ACTION,
    CATALOG_RESTRICT,
    CATALOG_CASCADE,
    CATALOG_SET_NULL,
    CATALOG_SET_DEFAULT
} CatalogAction;
const char *catalog_action_text(CatalogAction a); // "NO ACTION" …

typedef struct CatalogColumn {
    Str name;
    Str type_text; // as SQL writes it: "numeric(10,2)"
    Type type;     // TYPE_NULL when it is none of ours
    bool nullable;
    bool identity;    // value from the column's own counter
    Str default_text; // SQL expression; len 0 = none
    Str generated;    // GENERATED ALWAYS AS (…) STORED; len 0 = none
} CatalogColumn;

// A primary or unique key; positions are into CatalogTable.column.
typedef struct CatalogKey {
    Str name;
    bool primary;
    uint32_t *column;
    uint32_t columns;
} CatalogKey;

typedef struct CatalogForeignKey {
    Str name;
    uint32_t parent;         // position in Catalog.table
    uint32_t *column;        // of this table
    uint32_t *parent_column; // of the parent
    uint32_t columns;
    CatalogAction on_delete, on_update;
} CatalogForeignKey;

typedef struct CatalogCheck {
    Str name;
    Str text; // SQL expression
} CatalogCheck;

// Indexes made by CREATE INDEX; those of keys are not listed.
typedef struct CatalogIndex {
    Str name;
    bool unique;
    Str method; // "hash", "sorted", "btree" …
    uint32_t *column;
    uint32_t columns;
    Str special; // with expressions, a condition or an order of its own: all behind the table's name; len 0 =
                 // plain
} CatalogIndex;

typedef struct CatalogTable {
    Str name;          // "s.t" in a schema other than public
    Str schema, local; // empty, "t"; "s", "t"
    CatalogColumn *column;
    uint32_t columns;
    CatalogKey *key; // the primary key first
    uint32_t keys;
    CatalogForeignKey *foreign;
    uint32_t foreigns;
    CatalogCheck *check;
    uint32_t checks;
    CatalogIndex *index;
    uint32_t indexes;
    int64_t rows; // -1 = not counted
} CatalogTable;

// A schema, view, sequence or comment: the statement that makes it, before all tables or behind their rows.
typedef struct CatalogDefinition {
    bool before;
    Str kind, schema, name, statement;
} CatalogDefinition;

typedef struct Catalog {
    Str database, node;
    CatalogDefinition *definition; // in an order in which they can be run
    uint32_t definitions;
    CatalogTable *table; // in byte order of their names
    uint32_t tables;
} Catalog;

// Reads the structure of `database`; count_rows adds SELECT count(*) of each table, in the same transaction
// if one is open (the database must then be the session's own). 3D000 when there is no such database.
MUST_CHECK bool catalog_read(Catalog *out, Source *s, Str database, bool count_rows, Arena *mem, Err *err);
// Counts the rows of every table again.
MUST_CHECK bool catalog_count_rows(Catalog *c, Source *s, Err *err);
// Makes `database` the session's own (USE) unless it is.
MUST_CHECK bool catalog_use(Source *s, Str database, Err *err);

// The table's name as this source reads it, with its schema.
void catalog_quote_table(Bytes *out, const CatalogTable *t);
const CatalogTable *catalog_table(const Catalog *c, Str name); // NULL if absent
int catalog_column(const CatalogTable *t, Str name);           // -1 if absent
const CatalogKey *catalog_primary(const CatalogTable *t);      // NULL if none
bool catalog_in_primary(const CatalogTable *t, uint32_t column);
bool catalog_in_foreign(const CatalogTable *t, uint32_t column);
// Is there a key whose columns are all among these? (Then at most one row has given values of them.)
bool catalog_unique_on(const CatalogTable *t, const uint32_t *column, uint32_t columns);

#endif
