// Store, seen from inside: relations and their definitions, open transactions, the catalog, and what ties
// them to the log. Locks are taken in this order: checkpoint, catalog, door, write, (index latch), commit,
// active.
//
// Nouns: store, relation, catalog, transaction, table, definition, record, change, predicate, history
#ifndef ENGINE_STORE_STORE_IN_H
#define ENGINE_STORE_STORE_IN_H

#include "engine/base/map.h"
#include "engine/store/block_in.h"
#include "engine/store/log_in.h"
#include "engine/store/store.h"

typedef struct Relation Relation;
typedef struct Predicate Predicate; // predicate.c
typedef struct Commit Commit;
typedef struct Database Database;
typedef struct Object Object; // objects have their inside in object_in.h
typedef struct ObjectVersion ObjectVersion;
typedef struct CounterUse CounterUse;

// One definition of a relation, from one stamp to another. Immutable but for the stamps.
typedef struct Definition {
    struct Definition *older; // of the same relation
    struct Definition *named; // next with the same database and name
    Relation *relation;
    _Atomic Stamp begin, end;
    Arena mem;
    TableDef *def;
} Definition;

// What dictionary.local says of a table file: its directory's stamp, and where the file ends; 0 = not known.
typedef struct FileAnchor {
    Stamp at;
    uint64_t bytes;
} FileAnchor;

struct Relation {
    uint64_t id;
    Database *database;
    Relation *sibling; // next in the database
    Str file;          // its table file's name in the database's directory; kept for life
    Arena mem;
    Definition *definition; // newest first (catalog latch)
    Mutex door;             // who is in: users, gate
    Cond opened;
    uint32_t users;                   // open transactions that hold the table
    Table *inside;                    // their handles
    uint32_t strong;                  // handles that hold or want a lock beyond ROW EXCLUSIVE
    atomic_uint row_locks;            // locks on rows that were asked for
    bool gate;                        // nobody new for a moment
    Mutex write;                      // appending, ending, index building
    _Atomic(Generation *) generation; // NULL: not asked for yet
    atomic_int_fast64_t live;
    atomic_uint_fast64_t commits, updates, dead;
    _Atomic Stamp last_commit;
    Slots slots;
    Stamp file_at;               // the table file holds all up to here; 0 = there is none
    uint64_t file_bytes;         // where it ends
    FileAnchor told, telling;    // what dictionary.local says of it, and the one being written (checkpoint)
    uint64_t checkpoint_updates; // updates at the moment the checkpoint was cut
    bool salvaged;               // some of its file was lost in a repair: it is to be written anew
    bool damaged;
    Err damage;
};

struct Database {
    Str name, directory;
    Arena mem;
    Relation *relations;
    Object *objects;
    uint64_t id;
};

typedef enum ChangeKind {
    CHANGE_INSERT, // rows pos … pos + count - 1
    CHANGE_DELETE,
    CHANGE_UPDATE_NEW, // new versions
    CHANGE_UPDATE_OLD, // what they replace
    CHANGE_DEFINE,     // `began` replaces `ended` (either may be NULL: drop, create)
    CHANGE_COUNT,      // one UPDATE statement
    CHANGE_OBJECT,     // as CHANGE_DEFINE, of an object; there is no table
} ChangeKind;
typedef struct Change {
    ChangeKind kind;
    uint32_t pos, count;
    Table *table;
    Definition *began, *ended;
    ObjectVersion *object_began, *object_ended;
} Change;

struct Table {
    Transaction *txn;
    Relation *relation;
    Definition *definition;
    bool writer, changed;
    atomic_bool read_all; // SERIALIZABLE: any change of it counts; several scanning workers set it
    Predicate *predicate; // else those of the rows that were read (the transaction's `reading`)
    uint32_t predicates;
    bool numbered; // identity numbers were given
    uint64_t counted;
    int64_t balance; // rows the transaction has added, less those it ended
    Table *next, *chain;
    // Locks. Written by the transaction under the relation's door, so that others may read them there.
    atomic_uint modes;                              // bits of LockMode
    uint16_t mode_level[LOCK_ACCESS_EXCLUSIVE + 1]; // savepoints there were when it was got
    uint32_t strong, row_locks;
    Table *inside_next, *inside_before;
};

enum {
    TRANSACTION_TABLE_CHAINS = 32,
    SAVEPOINTS_MAX = 32768,
    PREDICATES_MAX = 256 /* per table; past it the whole table counts as read */,
    CATALOG_KEY_MAX = 3 * SCHEMA_NAME_MAX + 2
};

typedef struct Savepoint {
    size_t changes;
    uint64_t locks; // mark of the lock owner
} Savepoint;

struct Transaction {
    Store *store;
    uint64_t number;
    Snapshot snapshot;
    IsolationLevel isolation;
    bool read_only, asynchronous;
    Str user;
    Arena mem;
    Table *tables;
    Table *chain[TRANSACTION_TABLE_CHAINS];
    CounterUse *counters; // sequences that it counts with
    Change *change;
    size_t changes, changes_cap, mark;
    uint64_t pending;
    bool changed_rows; // a row to be written has become another: transaction_met_change
    Mutex reading;
    bool in_history;
    LockOwner locks;
    LockWait wait;
    Savepoint *savepoint;
    uint16_t savepoints, savepoints_cap;
    Stamp held;                 // versions that end behind it are kept; NEVER: none are needed (active mutex)
    int64_t began_us;           // wall clock
    Transaction *older, *newer; // open ones (active mutex)
};

enum { OWNER_MAX = 512 };
struct Store {
    StoreOptions options;
    IoDir root, databases, logs;
    IoFile lock;
    char owner[OWNER_MAX]; // what stands in it
    Latch catalog;         // names, ids, bases, definitions' links
    Map names, ids, bases, files, objects, object_ids;
    atomic_uint_fast64_t next_id;
    atomic_uint_fast64_t definitions; // moves when one begins or is taken back
    uint32_t table_count, object_count;
    Mutex active; // open transactions
    LockTable locks;
    atomic_uint serializables; // open transactions that want to know what commits
    Mutex history;
    Commit *oldest_commit, *newest_commit; // in order of stamps
    Transaction *newest;
    uint64_t next_txn;
    StampClock clock;
    Log log;
    Mutex checkpoint; // one at a time
    Stamp checkpoint_at;
    atomic_bool catalog_changed; // databases or definitions since the last checkpoint
    Mutex label_lock;            // labels, label_mem
    Map labels;
    Arena label_mem;
    Mutex background;
    Cond wake;
    Thread keeper;
    bool vacuum_wanted;
    uint64_t holder_told; // the keeper's own
    bool stopping;
    StoreRecovery recovery;
};

bool store_out_of_memory(Err *err);
// A checkpoint lets others have the disk; not while the store is being closed.
void store_checkpoint_pause(Store *s, int64_t us);
void store_wake_keeper(Store *s); // when the log has grown enough for a checkpoint
Stamp store_oldest(Store *s);     // the oldest snapshot that somebody reads

// ---- catalog.c: latch held for writing, or nobody else there yet ----
Database *catalog_database(const Store *s, Str name);
MUST_CHECK bool catalog_add_database(Store *s, Str name, uint64_t id, Str directory, Database **out,
                                     Err *err);
void catalog_remove_database(Store *s, Database *d);
MUST_CHECK bool catalog_add_relation(Store *s, Database *d, const TableDef *def, Str file, Relation **out,
                                     Err *err);
void catalog_remove_relation(Store *s, Relation *r);
Relation *catalog_relation(const Store *s, uint64_t id);
Definition *catalog_define(Store *s, Relation *r, const TableDef *def, Stamp begin);
void catalog_forget(Store *s, Definition *d); // unlinks and frees one definition
Definition *catalog_find(const Store *s, Str database, Str schema, Str name, const Snapshot *see);
Definition *catalog_list(const Store *s, Str database, Str schema, Str name); // all of that name
void catalog_clear(Store *s);
Definition *relation_definition(const Relation *r, const Snapshot *see);
void catalog_reap(Store *s); // relations and definitions that nobody can see any more
MUST_CHECK bool catalog_file_name(Store *s, const Database *d, Str table, uint64_t id, Arena *mem, Str *out,
                                  Err *err);

// The table's rows; opens the table file's directory at first use.
MUST_CHECK bool relation_generation(Relation *r, Store *s, Generation **out, Err *err);
MUST_CHECK bool relation_generation_locked(Relation *r, Store *s, Generation **out,
                                           Err *err); // write mutex held
// Drops old versions when nobody is in and enough are dead.
void relation_vacuum(Store *s, Relation *r);

// ---- transactions from inside ----
MUST_CHECK bool transaction_push(Transaction *t, const Change *c, Err *err);
void transaction_undo_to(Transaction *t, size_t mark);
void change_stamp_rows(const Generation *g, const Change *c, bool begin, Stamp stamp);
MUST_CHECK bool transaction_may_change(Transaction *t, Err *err); // 25006
// Registers the table as written by t and locks it; 40001 when its definition is not the newest.
MUST_CHECK bool table_open_writer(Transaction *t, Table *table, Err *err);
// Waits until another transaction has ended, or has given up what it did since a savepoint: 40P01, 55P03,
// 57014.
MUST_CHECK bool transaction_wait(Transaction *t, uint64_t other, Err *err);
Table *transaction_handle(Transaction *t, Definition *d); // catalog latch held
Transaction *transaction_open_number(const Store *s,
                                     uint64_t number); // active mutex held; NULL: it has ended
// A handle comes in or goes out; its locks of more than `level` savepoints are let go of.
void table_enter(Table *table);
void table_leave(Table *table);
void table_unlock_above(Table *table, int level);     // -1: all of them
void table_merge_locks(Table *table, uint16_t level); // those above belong to the level from now on
// ---- predicate.c: SERIALIZABLE ----
void predicate_all(Table *table);
void predicate_key(Table *table, const IndexDef *index, const Value *key, uint32_t n);
void predicate_range(Table *table, const IndexDef *index, const IndexRange *range);
void predicate_zones(Table *table, const ZoneFilter *zone, uint32_t zones);
void history_enter(Transaction *t); // before its snapshot is taken
void history_leave(Transaction *t);
Commit *history_entry(const Transaction *t);        // NULL: nobody wants to know, or memory is out
void history_add(Store *s, Commit *c, Stamp stamp); // the log's mutex is held
MUST_CHECK bool history_validate(Transaction *t, Commit **checked, Err *err); // 40001
void history_done(Store *s);
// What stands between a writer (of this mode) and a row; the write mutex is held.
typedef enum RowVerdict {
    ROW_FREE,
    ROW_OWN,     // ended by the transaction itself
    ROW_LOCKED,  // another transaction holds it
    ROW_REPLACED // ended for good by another
} RowVerdict;
RowVerdict table_row_verdict(Table *table, const Generation *g, uint32_t pos, LockMode mode);
LockMode table_write_mode(const Table *table, const Generation *g, uint32_t old, uint32_t new_pos);
bool table_changed_meanwhile(bool deleted, Err *err); // 40001; false
// Stamps the changes: begin and end of rows and definitions. done: these values instead of the transaction's
// own.
void transaction_stamp(Transaction *t, Stamp begin, Stamp end);
#define RECORD_TEMPORARY STR("temporary\n") // all there is to say of a transaction on temporary tables
// The operation queue as text of a log record.
MUST_CHECK bool record_encode(Transaction *t, Bytes *out, Err *err);

#endif
