// Table map: what a table file's newest directory says of its blocks, kept beside the rows in memory, so that
// a checkpoint can tell which blocks are as they were and write only the others. A block is known by the
// range of row numbers from its first one to that of the next, so it does not matter where its rows lie in
// memory. Relies on block.
#ifndef ENGINE_STORE_TABLE_MAP_IN_H
#define ENGINE_STORE_TABLE_MAP_IN_H

#include "engine/store/block_in.h"

typedef struct FileRange {
    uint64_t from, to; // both included
} FileRange;

typedef struct MapBlock {
    uint64_t first; // row number
    uint32_t id;    // in its sections' first lines
    uint32_t rows;
    uint64_t bytes; // of its sections
    Str text;       // its lines in the directory
    bool changed;
} MapBlock;

typedef struct TableMap {
    Arena mem;
    MapBlock *block; // in order of their numbers
    uint32_t count, cap;
    uint32_t next_id;
    uint64_t next; // numbers from here on are in no block
    uint16_t columns, *slot;
} TableMap;

TableMap *table_map_new(uint16_t columns); // NULL: memory is out; the caller sets the slots
void table_map_free(TableMap *m);          // NULL is fine
// Text is copied; block.changed is false.
MUST_CHECK bool table_map_add(TableMap *m, const MapBlock *block, Err *err);
// The columns are those of the definition.
bool table_map_fits(const TableMap *m, const TableDef *def);
// What happened to a generation's rows in (from, to]: marks the blocks of the map (which may be NULL) and
// lists, in order, the numbers below `next` that rows on their way have. Free *late.
typedef struct TableChanges {
    FileRange *late;
    uint64_t lates, late_rows;
    uint64_t late_rows_max;
} TableChanges;
MUST_CHECK bool table_map_mark(TableMap *m, Generation *g, Stamp from, Stamp to, uint64_t next,
                               TableChanges *out, Err *err);

#endif
