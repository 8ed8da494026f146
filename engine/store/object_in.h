// Objects, inside: every version of a definition that may still be seen, with stamps like a row's; sequences'
// counters; their text. The catalog's latch guards names and links, an object's mutex its counters.
//
// Nouns: object, objects, counter
#ifndef ENGINE_STORE_OBJECT_IN_H
#define ENGINE_STORE_OBJECT_IN_H

#include "engine/store/definition_in.h"
#include "engine/store/store_in.h"

// What a sequence has given. A restart begins a new one, which counts when its definition is committed.
typedef struct Counter {
    struct Counter *older; // of the same object
    uint64_t epoch;        // version of the definition that it began with
    uint64_t serial;       // grows with every number given: the greater one in the log is the later one
    int64_t last;
    bool called;
} Counter;

typedef struct CounterRule {
    int64_t increment, min, max, start;
    bool cycle;
} CounterRule;

struct ObjectVersion {
    ObjectVersion *older; // of the same object
    ObjectVersion *named; // next with the same name in the same space
    Object *object;
    _Atomic Stamp begin, end;
    Arena mem;
    ObjectDef *def;
    Counter *counter; // sequences
    CounterRule rule;
};

struct Object {
    uint64_t id;
    Database *database;
    Object *sibling;
    ObjectVersion *version; // newest first
    Mutex mutex;            // counters
    Counter *counter;       // newest first; freed with the object
    atomic_uint users;      // open transactions that count with it
};

// A sequence that a transaction counts with.
struct CounterUse {
    CounterUse *next;
    ObjectVersion *version;
    Counter *counter;
    bool used;
};

// ---- catalog latch held for writing, or nobody else there yet ----
MUST_CHECK bool objects_add(Store *s, Database *d, const ObjectDef *def, Object **out, Err *err);
void objects_remove(Store *s, Object *o);
Object *objects_find(const Store *s, uint64_t id);
// The sequence goes on with the counter of the version before, unless restart.
MUST_CHECK bool objects_define(Store *s, Object *o, const ObjectDef *def, bool restart, Stamp begin,
                               ObjectVersion **out, Err *err);
void objects_forget(Store *s, ObjectVersion *v);
void objects_reap(Store *s, Database *d, Stamp oldest);
ObjectVersion *objects_version(const Object *o, const Snapshot *see);
// Is the name free in the space of the kind? Tells 42P07, 42710, 42P06 or 40001.
MUST_CHECK bool objects_name_free(const Transaction *t, const ObjectDef *def, const Object *but, Err *err);
MUST_CHECK bool object_table_name_free(const Transaction *t, Str database, Str schema, Str name, Err *err);

// ---- text: FORMAT.md "Objects" ----
void object_put(Bytes *out, const ObjectDef *def);
MUST_CHECK bool object_get(const Line *first, Str *rest, ObjectDef *out, Arena *mem, Err *err);
void counter_put(Bytes *out, uint64_t object, const Counter *c);
typedef struct CounterLine {
    uint64_t object, epoch, serial;
    int64_t last;
    bool called;
} CounterLine;
bool counter_get(const Line *l, CounterLine *out);
// Takes over what a log record or dictionary says, if it is later than what is there.
void counter_apply(const Object *o, const CounterLine *line);

// ---- transactions ----
void counter_uses_put(Bytes *out, const Transaction *t); // lines for a record
void counter_uses_end(Transaction *t);
// After a rollback the log learns of the numbers all the same.
void counter_uses_keep(Transaction *t);

#endif
