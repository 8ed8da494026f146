// Dictionary: dictionary.local (what this node stores, and where the log begins) and dictionary.global (where
// all of the cluster lives) as text. The local one is the anchor of a checkpoint: replacing it is what makes
// one count. Relies on store.
#ifndef ENGINE_STORE_DICTIONARY_IN_H
#define ENGINE_STORE_DICTIONARY_IN_H

#include "engine/store/object_in.h"

enum { DICTIONARY_VERSION = 3 };
#define DICTIONARY_BYTES_MAX ((size_t)1 << 30)

// What stands in its second line.
typedef struct DictionaryHead {
    Stamp at;
    uint64_t log_segment, next_seq, next_id;
    uint64_t node;
} DictionaryHead;

typedef struct DictionaryState {
    uint64_t id, rows, updates;
    Stamp file_at;
    uint64_t file_bytes; // 0: not known (version 2)
    Str identity;        // "2=15,3=9"
} DictionaryState;

// Calls as a reader meets things, in order; each may refuse.
typedef struct DictionaryVisit {
    void *self;
    bool (*database)(void *self, uint64_t id, Str name, Str directory, Err *err);
    bool (*table)(void *self, const TableDef *def, Str file, Err *err);
    bool (*state)(void *self, const DictionaryState *state, Err *err);
    bool (*object)(void *self, const ObjectDef *def, Err *err);
    bool (*counter)(void *self, const CounterLine *line, Err *err); // of the object before
} DictionaryVisit;
MUST_CHECK bool dictionary_read(Str text, DictionaryHead *head, const DictionaryVisit *visit, Err *err);
// The definitions that a snapshot at head->at sees; the catalog latch is held. Notes in each relation what is
// told of its file.
void dictionary_put_local(Bytes *out, const Store *s, const DictionaryHead *head);
void dictionary_put_global(Bytes *out, const Store *s, const DictionaryHead *head);

#endif
