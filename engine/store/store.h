// Store: one data directory: dictionaries, tables as column arrays, indexes, log, checkpoints, recovery.
// Thread-safe: any number of transactions at once; readers never wait. Relies on base, data, journal, txn.
//
// Nouns: store, transaction, table, index, sequence
#ifndef ENGINE_STORE_STORE_H
#define ENGINE_STORE_STORE_H

#include "engine/base/io.h"
#include "engine/data/batch.h"
#include "engine/journal/journal.h"
#include "engine/store/schema.h"
#include "engine/txn/lock.h"
#include "engine/txn/snapshot.h"

typedef struct Store Store;
typedef struct Transaction Transaction;
typedef struct Table Table; // a table as a transaction sees it: definition + data; held by the transaction

typedef void (*StoreFound)(void *self, const char *file, const char *sentence);

typedef struct StoreOptions {
    Io io;
    const char *path; // made (0700) when absent; its parent must exist
    unsigned node;    // 1 … 63
    Journal *journal; // recovery and damage are told there; may be NULL; kept
    int64_t
        checkpoint_log_bytes; // a checkpoint is taken when the log has grown by this much; 0 = default 64 MiB
    bool no_background;       // tests: checkpoints only by store_checkpoint
    // Called for each log segment that is not needed any more, before it is removed; on false it stays and is
    // offered again after the next checkpoint. The same one may come twice after a crash. NULL = none.
    bool (*archive)(void *self, const char *name, Err *err);
    void *archive_self;
    StoreFound
        lost; // damage is told here and left out instead of being refused (store_repair); NULL: refused
    void *lost_self;
} StoreOptions;

// Takes the directory's lock (55006 names the owner), reads the dictionaries, replays the log over the last
// checkpoint, cuts a torn tail, notes what it did in the event journal. Tables are loaded when first asked
// for.
MUST_CHECK bool store_open(Store **out, const StoreOptions *options, Err *err);
// Checkpoints (best effort, told in the journal if it fails) and lets go of the directory.
void store_close(Store *s);
MUST_CHECK bool store_checkpoint(Store *s, Err *err);

typedef struct StoreRecovery {
    uint64_t records, transactions, cut_bytes;
    int64_t duration_us;
    bool clean;
} StoreRecovery;
void store_recovery(const Store *s, StoreRecovery *out); // what store_open found and did

// One damaged place per call of found. Returns false only when checking itself could not go on.
MUST_CHECK bool store_check(Io io, const char *path, StoreFound found, void *self, uint64_t *files,
                            uint64_t *rows, Err *err);

// Keeps all that is whole of a closed directory: damaged files are copied to DATA/damaged, damaged blocks and
// what is behind a damaged place of the log are left out, and the rest is written anew. lost is called per
// thing that is gone, moved or to be looked at. XX001 when the dictionary itself is damaged: then nothing is
// changed.
MUST_CHECK bool store_repair(Io io, const char *path, StoreFound lost, void *self, Err *err);

// ---- transactions ----

typedef struct TransactionOptions {
    IsolationLevel isolation;
    bool read_only;
    bool asynchronous;         // commit may return before the log is on disk (synchronous = off)
    Str user;                  // for the log and the journal; copied
    uint64_t session;          // its transactions never wait for each other's locks; 0 = none
    const atomic_bool *cancel; // 57014 while waiting, once it is set and lock_wake was called; may be NULL
} TransactionOptions;

MUST_CHECK bool transaction_begin(Transaction **out, Store *s, const TransactionOptions *o, Err *err);
// Durable when it returns true. On false the transaction is rolled back and gone all the same; 40001 when a
// conflict was found, 58030/53100 when the log could not be written. Frees t.
MUST_CHECK bool transaction_commit(Transaction *t, Err *err);
void transaction_rollback(Transaction *t); // frees t
// Frames one statement: a fresh snapshot under READ COMMITTED, and a place to go back to when it fails.
void transaction_statement_begin(Transaction *t);
void transaction_statement_mark(Transaction *t); // the place only
void transaction_statement_undo(
    Transaction *t); // takes back what was done since statement_begin, DDL included
// Between two statements: under READ COMMITTED nothing is held back from vacuum.
void transaction_statement_end(Transaction *t);
// A fresh snapshot for the running statement under READ COMMITTED: it has waited before it read anything.
void transaction_statement_refresh(Transaction *t);
// Takes back everything since the last savepoint, or all, and lets go of the locks got since.
void transaction_fail(Transaction *t);
// Savepoints are numbered from 1; names are the caller's.
MUST_CHECK bool transaction_savepoint(Transaction *t, Err *err); // 54000
unsigned transaction_savepoints(const Transaction *t);
void transaction_savepoint_release(Transaction *t, unsigned number); // and those behind it
void transaction_savepoint_undo(Transaction *t, unsigned number);    // back to it; it stays
// How long it waits for locks; 0 = as long as it takes.
void transaction_lock_timeout(Transaction *t, int64_t us);
IsolationLevel transaction_isolation(const Transaction *t);
// Nothing has been read or changed yet: another level, and a fresh snapshot at whatever level it is.
void transaction_set_isolation(Transaction *t, IsolationLevel isolation);
void transaction_set_read_only(Transaction *t, bool read_only);
LockOwner *transaction_locks(Transaction *t);
LockWait transaction_lock_wait(const Transaction *t, LockPatience patience);
LockTable *store_locks(Store *s);
const Snapshot *transaction_snapshot(const Transaction *t);
// For foreign keys, which look at what is there now: everything committed up to this moment. The old snapshot
// comes back with _restore.
Stamp transaction_snapshot_latest(Transaction *t);
void transaction_snapshot_restore(Transaction *t, Stamp at);
uint64_t transaction_number(const Transaction *t);
uint64_t transaction_pending(const Transaction *t); // changes in the operation queue
Store *transaction_store(const Transaction *t);
// The operation queue, for the event journal: rows changed per table and kind since the transaction began.
typedef struct TransactionChange {
    Str database, table;
    uint64_t inserted, updated, deleted;
} TransactionChange;
size_t transaction_changes(const Transaction *t, TransactionChange *out, size_t max);

// ---- dictionary, as a transaction sees it ----

// What the owner's lock tells of this process to others who want the directory, beside its number.
MUST_CHECK bool store_tell_owner(Store *s, Str what, Err *err);
MUST_CHECK bool store_database_create(Store *s, Str name, bool if_not_exists, Str user,
                                      Err *err); // its own commit; 42P04
MUST_CHECK bool store_database_drop(Store *s, Str name, bool if_exists, Str user,
                                    Err *err); // 3D000; 55006 while in use
bool store_database_exists(Store *s, Str name);
uint64_t store_database_id(Store *s, Str name); // never used twice; 0 = there is none
// Makes SCHEMA_SHARED when it is not there yet.
MUST_CHECK bool store_shared_make(Store *s, Err *err);
// Sorted by name; strings in mem.
size_t store_databases(Store *s, Arena *mem, Str **names);
size_t transaction_tables(Transaction *t, Str database, Arena *mem, const TableDef ***out); // sorted by name
// NULL if absent. Loads nothing. The table stays valid until the transaction ends.
Table *transaction_table(Transaction *t, Str database, Str name); // in schema public
Table *transaction_table_in(Transaction *t, Str database, Str schema, Str name);
Table *transaction_table_by_id(Transaction *t, uint64_t id);
const TableDef *table_def(const Table *t);
// Tables (of the same database) with a foreign key to `id`.
size_t transaction_children(Transaction *t, uint64_t id, Arena *mem, const TableDef ***out);
// DDL is part of the transaction. def: id, version and index ids are filled in by the store; copied.
MUST_CHECK bool transaction_create_table(Transaction *t, const TableDef *def, Table **out, Err *err); // 42P07
MUST_CHECK bool transaction_drop_table(Transaction *t, Table *table, Err *err);
// Builds over the visible rows; 23505 when a unique one finds two alike; 42P07 name taken in the database.
MUST_CHECK bool transaction_create_index(Transaction *t, Table *table, const IndexDef *def, Err *err);
MUST_CHECK bool transaction_drop_index(Transaction *t, Table *table, Str name, Err *err); // 42704
// A new definition: names, constraints, columns. Columns keep their slot; those with slot 0 are new, and rows
// that are there hold `missing` in them. A column that is left out is gone; one that is converted is a new
// one whose rows the caller writes. Indexes with id 0 are built and checked.
MUST_CHECK bool transaction_alter_table(Transaction *t, Table *table, const TableDef *def, Err *err);

// ---- objects: everything the dictionary knows beside tables ----

// Part of the transaction like tables: seen by others when it has committed, gone when it or its statement is
// undone, in the log with its commit. What an object means, and who depends on it, is the caller's to check.
// def: id and version are filled in; copied. *id (may be NULL): of the new object. 42P07 (relations), 42710
// and for a schema 42P06 when the name is taken, 3D000, 42622, 54000, 40001 when another open transaction is
// at it.
MUST_CHECK bool transaction_object_create(Transaction *t, const ObjectDef *def, uint64_t *id, Err *err);
// The object def->id gets this definition; kind and database stay, names may change. 42704 it is not there,
// 40001, and what create says of names. A sequence goes on counting unless restart is set: then it begins
// again with the field "start" (or "restart", if there is one) when this transaction commits.
MUST_CHECK bool transaction_object_replace(Transaction *t, const ObjectDef *def, bool restart, Err *err);
MUST_CHECK bool transaction_object_drop(Transaction *t, uint64_t id, Err *err); // 42704, 40001
// NULL if absent; a copy in mem. kind: any of the same space is found (a view may answer for a sequence), so
// look at ->kind; parent 0 unless the kind has one.
const ObjectDef *transaction_object_find(Transaction *t, ObjectKind kind, Str database, Str schema,
                                         uint64_t parent, Str name, Arena *mem);
const ObjectDef *transaction_object_by_id(Transaction *t, uint64_t id, Arena *mem);
// All of one kind (or OBJECT_ANY) in a database, sorted by schema, name, id; copies in mem.
size_t transaction_object_list(Transaction *t, ObjectKind kind, Str database, Arena *mem,
                               const ObjectDef ***out);
// Those that name id as a dependency or as their parent, in the order they were made.
size_t transaction_object_dependents(Transaction *t, uint64_t id, Arena *mem, const ObjectDef ***out);
// Moves with every commit or undo of a definition (tables and objects): what plans may be kept by.
uint64_t store_definition_counter(const Store *s);

// Sequences count outside of transactions: a number that was given is never given again, also after a crash
// once its transaction has ended. The object's fields: "increment", "min", "max", "start" (decimal), "cycle"
// (present or not).
typedef struct SequenceState {
    int64_t last;
    bool called; // false: the next number is `last` itself
} SequenceState;
// 2200H past the end without cycle; 25006 in a read-only transaction; 42704 when id is no sequence.
MUST_CHECK bool sequence_next(Transaction *t, uint64_t id, int64_t *out, Err *err);
MUST_CHECK bool sequence_set(Transaction *t, uint64_t id, int64_t last, bool called,
                             Err *err); // 22003, 25006
MUST_CHECK bool sequence_state(Transaction *t, uint64_t id, SequenceState *out, Err *err);

// ---- rows ----

// A row version's place in its table: block << 16 | row. Stable while the transaction lives.
typedef uint64_t RowPos;
enum { STORE_BLOCK_ROWS = 65536 };
#define ROW_NONE UINT64_MAX

// Bytes of the table's file as the last checkpoint left it; 0 when there is none yet.
MUST_CHECK bool store_table_bytes(Store *s, uint64_t id, int64_t *bytes, Err *err);
uint64_t table_rows_estimate(Table *t); // live rows, without counting
uint64_t table_commit_counter(
    const Table *t); // moves with every commit that changed the table (result caches)
// COUNT UPDATE: one more successful UPDATE statement on this table in this transaction; durable with its
// commit record.
bool transaction_count_update(Transaction *t, Table *table); // false: the table is not open for writing here
// Committed ones so far, of all transactions; survives restarts and checkpoints, ends with the table.
uint64_t table_update_count(Table *t);
// Bounds on a column, from zone maps and indexes; false = not known. Loads the table's directory, not its
// data.
bool table_column_bounds(Table *t, uint16_t column, Arena *mem, Value *min, Value *max);

typedef enum ZoneOp { ZONE_EQ, ZONE_LT, ZONE_LE, ZONE_GT, ZONE_GE, ZONE_IS_NULL, ZONE_NOT_NULL } ZoneOp;
// Blocks that cannot hold a matching row are left out; rows inside a block are not filtered.
typedef struct ZoneFilter {
    uint16_t column;
    ZoneOp op;
    Value value;
} ZoneFilter;

typedef struct TableScan TableScan;
// Columns: positions in the table definition, in the order wanted. The table's columns are loaded on demand.
// The scan covers blocks [block_from, block_to) so that workers can share a table; 0, UINT32_MAX = all.
MUST_CHECK bool table_scan_begin(TableScan **out, Transaction *t, Table *table, const uint16_t *column,
                                 uint32_t columns, const ZoneFilter *zone, uint32_t zones,
                                 uint32_t block_from, uint32_t block_to, Arena *mem, Err *err);
// Next up to BATCH_ROWS positions with at least one visible row; vectors point into the table (valid until
// the transaction ends), sel lists the visible rows. *first = RowPos of row 0 of the batch. *end at the end.
MUST_CHECK bool table_scan_next(TableScan *s, Batch *out, RowPos *first, bool *end, Err *err);
void table_scan_end(TableScan *s);
uint32_t table_blocks(Table *t);
// Fetches given positions (visible or not) into out's vectors (room for BATCH_ROWS); count <= BATCH_ROWS.
MUST_CHECK bool table_fetch(Transaction *t, Table *table, const RowPos *pos, uint32_t count,
                            const uint16_t *column, uint32_t columns, Batch *out, Arena *mem, Err *err);

// Appends the visible rows whose key equals key[0 … n-1] (n = the index's columns, or fewer from the left for
// a sorted index). A NULL in key matches nothing.
typedef struct RowList {
    RowPos *pos;
    size_t count, cap;
} RowList; // free(pos); zeroed = empty
MUST_CHECK bool index_lookup(Transaction *t, Table *table, const IndexDef *index, const Value *key,
                             uint32_t n, RowList *out, Err *err);
typedef struct IndexRange {
    const Value *low, *high;  // on the first column; NULL = open
    bool low_open, high_open; // exclusive
    bool descending;
    uint64_t limit; // stop after so many visible rows; 0 = all
} IndexRange;
// Sorted indexes only; rows come in key order, NULLs last (first when descending); with both ends open, all
// of them.
MUST_CHECK bool index_range(Transaction *t, Table *table, const IndexDef *index, const IndexRange *range,
                            RowList *out, Err *err);

// ---- locks ----

void store_lock_list(Store *s, LockVisit visit, void *self); // all of them; visit must not call the store
// Transactions whose snapshot keeps versions that are no longer the newest. Newest transaction first.
typedef struct StoreHolder {
    uint64_t transaction, session;
    int64_t since_us, snapshot_us; // wall clock
} StoreHolder;
size_t store_holders(Store *s, StoreHolder *out, size_t max);
uint64_t store_dead_versions(Store *s); // row versions that wait to be thrown away
void store_vacuum(Store *s);            // old versions go as soon as nobody is in their table

// Locks the table until the transaction (or what came behind the savepoint) ends. *waited: others were in the
// way, so the definition may have moved on: table_renew. LOCK_REFUSED becomes 55P03. Reading takes ACCESS
// SHARE and writing ROW EXCLUSIVE by itself.
MUST_CHECK bool table_lock(Transaction *t, Table *table, LockMode mode, LockPatience patience, bool *waited,
                           Err *err);
// The handle speaks of what the snapshot sees now. False: the table is gone.
bool table_renew(Transaction *t, Table *table);

typedef enum RowState {
    ROW_STATE_LOCKED,
    ROW_STATE_MOVED,   // locked; pos is its newest version, which has to be looked at
    ROW_STATE_GONE,    // deleted
    ROW_STATE_SKIPPED, // somebody else has it (SKIP)
    ROW_STATE_OWN,     // this transaction has ended it already
} RowState;
// Locks rows that the snapshot saw, as they are now: waits for others (or 55P03, or passes them by), follows
// a row to its newest version under READ COMMITTED, 40001 above that. contended: rows in nobody's way are
// left alone, for a writer who is about to end them.
MUST_CHECK bool table_lock_rows(Transaction *t, Table *table, RowPos *pos, uint8_t *state, size_t count,
                                LockMode mode, LockPatience patience, bool contended, Err *err);
// The last table_update or table_delete failed because rows have become others (READ COMMITTED only): lock
// them, look at them again and come back.
bool transaction_met_change(const Transaction *t);
// Does the row carry this key, or lie in this range? As a look-up by the index would say, visible or not.
MUST_CHECK bool index_matches(Transaction *t, Table *table, const IndexDef *index, const Value *key,
                              uint32_t n, RowPos pos, bool *yes, Err *err);
MUST_CHECK bool index_in_range(Transaction *t, Table *table, const IndexDef *index, const IndexRange *range,
                               RowPos pos, bool *yes, Err *err);

// Changes go to the operation queue and to private versions. Batches hold every column of the table in order,
// the hidden ones behind the others, with the column's type. NOT NULL, char/varchar lengths and CHECKs are
// the caller's; unique keys are the store's (23505 names constraint, key and value; one that is held by an
// open transaction is waited for). Rows that others hold are waited for; those that others have changed:
// 40001, see transaction_met_change.
MUST_CHECK bool table_insert(Transaction *t, Table *table, const Batch *rows, RowPos *pos /* may be NULL */,
                             Err *err);
// INSERT … ON CONFLICT: a row whose key another row holds in one of the unique indexes with these ids (none
// given: in any unique index) is left out: holder[i] says which row that is (it may be one of this very call)
// and pos[i] is ROW_NONE; else holder[i] is ROW_NONE and pos[i] the new row's place. Row by row, in order;
// keys of open transactions are waited for as table_insert does. The other unique indexes: 23505. A holder
// that the snapshot does not see: 40001 under REPEATABLE READ and up.
MUST_CHECK bool table_insert_absent(Transaction *t, Table *table, const Batch *rows, const uint64_t *index,
                                    uint32_t indexes, RowPos *pos, RowPos *holder, Err *err);
// The place the next new row gets; rows of this transaction from there on are what it has written since.
RowPos table_tail(Transaction *t, Table *table);
bool table_row_is_seen(Transaction *t, Table *table, RowPos pos); // by its snapshot
bool table_row_is_own(Transaction *t, Table *table, RowPos pos);  // written by this transaction
MUST_CHECK bool table_delete(Transaction *t, Table *table, const RowPos *pos, size_t count, Err *err);
// Whole new rows for old positions; unique keys are checked when all rows have been replaced. next gives the
// new rows batch by batch in the order of pos.
typedef bool (*TableNextRows)(void *self, Batch **batch, Err *err);
MUST_CHECK bool table_update(Transaction *t, Table *table, const RowPos *pos, size_t count,
                             TableNextRows next, void *self, Err *err);
// Next value of an identity column; committed numbers are never given twice, also after a crash. Gaps are
// fine.
MUST_CHECK bool table_identity_next(Transaction *t, Table *table, uint16_t column, int64_t *out, Err *err);
// A value given by hand pulls the counter forward.
void table_identity_saw(Transaction *t, Table *table, uint16_t column, int64_t value);

#endif
