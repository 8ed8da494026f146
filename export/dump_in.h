// DumpRun: what the files of one dump share: the order of the tables, the names given so far, counts for the
// footer. A room's own header. Relies on dialect.
#ifndef EXPORT_DUMP_IN_H
#define EXPORT_DUMP_IN_H

#include "engine/base/map.h"
#include "export/dialect.h"

typedef struct DumpTable {
    uint32_t table; // position in the catalog
    uint64_t rows;
    uint64_t checksum; // sum of its rows' hashes: their order does not matter
} DumpTable;

typedef struct DumpRun {
    Source *source;
    const DumpOptions *options;
    const DumpDialect *dialect;
    OutFile *out;
    Arena *mem;
    Catalog catalog;
    DumpTable *order; // parents before children
    uint32_t *place;  // of each catalog table in `order`
    Map names;        // of tables, keys and indexes given, folded to lower case
    DumpProgress progress;
} DumpRun;

// ---- dump_order.c ----

// Parents first; tables of a cycle as they come by name.
void dump_order(DumpRun *d);
// Can the key stand in CREATE TABLE, its parent being there before the child's rows?
bool dump_foreign_early(const DumpRun *d, uint32_t table, const CatalogForeignKey *key);

// ---- dump_table.c ----

// Notes a name that tables, keys and indexes of the target may share; false when it was given already.
bool dump_take_name(DumpRun *d, Str name);
void dump_create_table(DumpRun *d, uint32_t table);
void dump_indexes(DumpRun *d, uint32_t table, bool unique);
void dump_late_foreign_keys(DumpRun *d, uint32_t table);

// ---- dump_values.c ----

MUST_CHECK bool dump_values(DumpRun *d, DumpTable *t, Err *err);

#endif
