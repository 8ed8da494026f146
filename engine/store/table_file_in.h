// Table file: one table at one stamp, columnar: a section of lines per block and column, a directory behind
// them, and a last line that says where the directory is. FORMAT.md specifies every byte. Relies on block,
// codec.
#ifndef ENGINE_STORE_TABLE_FILE_IN_H
#define ENGINE_STORE_TABLE_FILE_IN_H

#include "engine/store/store_in.h"
#include "engine/store/table_map_in.h"

enum {
    TABLE_FILE_VERSION = 2,
    TABLE_FILE_TAIL = 49,
    TABLE_FILE_LATE_MAX = 1 << 26, // rows on their way while a table is written
};
#define TABLE_FILE_DIRECTORY_MAX ((size_t)1 << 30)

typedef struct FilePart {
    uint64_t offset, bytes;
    uint32_t crc;
} FilePart;

typedef struct FileBlock {
    uint32_t id, rows;
    bool numbered;
    uint64_t number;  // of the first row
    FilePart numbers; // when numbered
    FilePart *part;   // one per column of the file
} FileBlock;

typedef struct TableFile {
    IoFile file;
    uint64_t version, bytes; // bytes: what counts of it; something that nobody was told of may follow
    bool repair;
    char name[512]; // for messages: "table shop.orders in databases/shop/orders.d2t"
    Arena mem;
    FileBlock *block;
    uint32_t blocks;
    uint16_t columns, *slot; // the columns that the file has
    FileRange *late;         // numbers that rows on their way had
    uint64_t lates;
} TableFile;

// A generation whose blocks know where their cells lie; sets r->file_at to the file's own stamp and r->live.
MUST_CHECK bool table_file_open(Generation **out, Store *s, Relation *r, Err *err);
void table_file_close(TableFile *f); // NULL is fine
MUST_CHECK bool table_file_load(Generation *g, Block *b, uint16_t column, Err *err);
MUST_CHECK bool table_file_load_numbers(Generation *g, Block *b, Err *err);
// Brings the file to the rows that a snapshot at this stamp sees: changed blocks are appended when the
// dictionary knows the file as it is; else it is written whole beside the old one and put in its place.
MUST_CHECK bool table_file_write(Store *s, Relation *r, const TableDef *def, Stamp at, Err *err);
// Reads all of a file: directory, every section. found is called per damaged place.
MUST_CHECK bool table_file_check(const IoDir *d, const char *path, const char *name, const TableDef *def,
                                 FileAnchor anchor, StoreFound found, void *self, uint64_t *rows, Err *err);

#endif
