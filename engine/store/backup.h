// Backup: copies of a data directory while it is in use, and a directory made from them as of any moment that
// their log reaches. Relies on base.
//
//     BACKUP/backup                         the list of snapshots; replacing it makes one count
//     BACKUP/tables/ID-STAMP.d2t            a table's file, shared by all snapshots that have this version of
//     it BACKUP/log/NNNNNNNNNNNN.d2l           log segments, shared too BACKUP/snapshots/NNNNNN/
//     dictionary.local and the files that the caller names (User_Profile …)
//
// Nouns: backup, restore
#ifndef ENGINE_STORE_BACKUP_H
#define ENGINE_STORE_BACKUP_H

#include "engine/base/io.h"

enum { BACKUP_VERSION = 1, BACKUP_NAMES_MAX = 8 };
#define BACKUP_LOCK "backup.lock" // held by a backup: meanwhile no checkpoint replaces table files

typedef struct BackupRequest {
    Io io;
    const char *from;        // the data directory, open in this or another process or in none
    const char *to;          // made when absent
    const char *const *name; // more files to take along when they are there, ended by NULL
    // Called now and then with bytes done of bytes expected; false stops with 57014. May be NULL.
    bool (*progress)(void *self, uint64_t done, uint64_t expected);
    void *self;
} BackupRequest;

typedef struct BackupResult {
    uint64_t snapshot;              // its number in the backup
    uint64_t tables, tables_copied; // files; the others were there from earlier snapshots
    uint64_t segments, segments_copied;
    uint64_t bytes_copied;
    int64_t until_ms; // wall time of the last commit in it
} BackupResult;

// Consistent: holds every commit acknowledged before the call. Copied table files and log records are read
// again and checked. 55006 while another backup or a long checkpoint runs, XX001 when the source is damaged,
// 58P01 when `from` is no data directory.
MUST_CHECK bool backup_make(const BackupRequest *request, BackupResult *out, Err *err);

typedef struct RestoreRequest {
    Io io;
    const char *from;    // the backup
    const char *archive; // one more directory with log segments; may be NULL
    const char *to;      // the new data directory: absent or empty, else 58P02
    int64_t until_ms;    // leave out commits after this wall time; INT64_MAX = take all
} RestoreRequest;

typedef struct RestoreResult {
    uint64_t snapshot;
    uint64_t tables, segments, transactions; // transactions: log records behind the snapshot's checkpoint
    int64_t until_ms;                        // wall time of the last commit that is in
    int64_t left_out_ms;                     // of the first one left out; 0 = none
} RestoreResult;

// 22023 when no snapshot is old enough for until_ms, XX001 when the backup is damaged or a segment is
// missing.
MUST_CHECK bool restore_make(const RestoreRequest *request, RestoreResult *out, Err *err);

#endif
