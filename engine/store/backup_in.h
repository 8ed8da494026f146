// Backup, inside: the list of snapshots, and the files that a dictionary names. Relies on store.
// Nouns: backup
#ifndef ENGINE_STORE_BACKUP_IN_H
#define ENGINE_STORE_BACKUP_IN_H

#include "engine/store/backup.h"
#include "engine/store/dictionary_in.h"

enum { BACKUP_SNAPSHOTS_MAX = 100000, BACKUP_TABLE_NAME = 48, BACKUP_SNAPSHOT_NAME = 16 };

typedef struct BackupSnapshot {
    uint64_t number;
    Stamp checkpoint;                     // table files are as of here
    uint64_t first_segment, last_segment; // log from here to there; 0, 0 = none
    int64_t until_ms;
} BackupSnapshot;

typedef struct BackupList {
    BackupSnapshot *at; // oldest first
    size_t count, cap;
} BackupList;
// An absent list is an empty one. XX001 when it is damaged or of another version.
MUST_CHECK bool backup_list_read(BackupList *out, const IoDir *backup, Arena *mem, Err *err);
MUST_CHECK bool backup_list_write(const BackupList *list, const IoDir *backup, Err *err);

// One table file that a dictionary names.
typedef struct BackupTable {
    const TableDef *def;
    const char *directory, *file; // below databases/
    Stamp stamp;
    uint64_t bytes;
} BackupTable;
typedef struct BackupTables {
    Arena *mem;
    DictionaryHead head;
    BackupTable *at;
    size_t count, cap;
    Map directories; // database → directory
    const TableDef *def;
    const char *file; // of the table whose state line is to come
} BackupTables;
MUST_CHECK bool backup_tables_read(BackupTables *out, const IoDir *root, Arena *mem, Err *err);
void backup_tables_done(BackupTables *t);
void backup_table_name(char out[BACKUP_TABLE_NAME], const BackupTable *t);
void backup_snapshot_name(char out[BACKUP_SNAPSHOT_NAME], uint64_t number);

// Copies through a temporary name, durably once the directory is synced. tick is called per piece.
typedef struct BackupCopy {
    bool (*progress)(void *self, uint64_t done, uint64_t expected);
    void *self;
    uint64_t done, expected;
} BackupCopy;
MUST_CHECK bool backup_copy(BackupCopy *c, const IoDir *from, const char *name, const IoDir *to,
                            const char *to_name, Err *err);
// Size of a file, 0 when it is absent.
int64_t backup_size(const IoDir *d, const char *name);

#endif
