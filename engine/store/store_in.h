// Store, seen from inside: relations and their definitions, open transactions, the catalog, and what ties
// them to the log. Locks are taken in this order: checkpoint, catalog, door, write, (index latch), commit,
// active.
//
// Nouns: store, relation, catalog, transaction, table, definition, record
#ifndef ENGINE_STORE_STORE_IN_H
#define ENGINE_STORE_STORE_IN_H

#include "engine/base/map.h"
#include "engine/store/block_in.h"
#include "engine/store/log_in.h"
#include "engine/store/store.h"

typedef struct Relation Relation;
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
    bool gate;                        // nobody new for a moment
    Mutex write;                      // appending, ending, index building
    uint32_t writers;                 // open transactions with changes
    uint64_t ddl;                     // the open transaction that changes the definition; 0 = none
    _Atomic(Generation *) generation; // NULL: not asked for yet
    atomic_int_fast64_t live;
    atomic_uint_fast64_t commits, updates, dead;
    _Atomic Stamp last_commit;
    Slots slots;
    Stamp file_at;               // the table file holds all up to here; 0 = there is none
    uint64_t checkpoint_updates; // updates at the moment the checkpoint was cut
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
    atomic_bool read; // by the transaction; several scanning workers set it
    bool numbered;    // identity numbers were given
    uint64_t counted;
    int64_t balance; // rows the transaction has added, less those it ended
    Table *next, *chain;
};

enum {
    TRANSACTION_TABLE_CHAINS = 32,
    TRANSACTION_WAIT_US = 5000000,
    CATALOG_KEY_MAX = 3 * SCHEMA_NAME_MAX + 2
};

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
    uint64_t waits_for;         // another transaction; 0 = none (active mutex)
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
    Cond ended;
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
    bool stopping;
    StoreRecovery recovery;
};

bool store_out_of_memory(Err *err);
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
MUST_CHECK bool transaction_may_change(Transaction *t, Err *err); // 25006
// Registers the table as written by t; 40001 when its definition is not the newest or is being changed.
MUST_CHECK bool table_open_writer(Transaction *t, Table *table, Err *err);
// Waits for another transaction's end: 40P01 on a deadlock, 40001 when it takes too long.
MUST_CHECK bool transaction_wait(Transaction *t, uint64_t other, Err *err);
Table *transaction_handle(Transaction *t, Definition *d); // catalog latch held
// Stamps the changes: begin and end of rows and definitions. done: these values instead of the transaction's
// own.
void transaction_stamp(Transaction *t, Stamp begin, Stamp end);
#define RECORD_TEMPORARY STR("temporary\n") // all there is to say of a transaction on temporary tables
// The operation queue as text of a log record.
MUST_CHECK bool record_encode(Transaction *t, Bytes *out, Err *err);

#endif
