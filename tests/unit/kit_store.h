// Kit: a store in a temporary directory, tables from a line of text, rows from and to text.
#ifndef TESTS_UNIT_KIT_STORE_H
#define TESTS_UNIT_KIT_STORE_H

#include "engine/store/store.h"
#include "tests/unit/kit_dir.h"

typedef struct KitStore {
    KitDir dir;
    Store *s;
    StoreOptions options;
    char path[KIT_PATH_MAX];
} KitStore;

// Opens a fresh store with database "db"; no background checkpoints. Ends the program when it cannot.
void kit_store_open(KitStore *k);
void kit_store_with(KitStore *k, Io io); // the same, with this Io
// Closes (with or without the orderly checkpoint: as a kill would) and opens again.
void kit_store_again(KitStore *k);
void kit_store_done(KitStore *k);
// Copies the store's files as they are now to a fresh directory: what a kill -9 would leave.
void kit_store_copy(const KitStore *k, KitDir *to);

// "id bigint!, name text, price numeric": '!' primary key, '*' unique.
const TableDef *kit_store_def(Arena *mem, const char *name, const char *columns);
Transaction *kit_store_begin(KitStore *k, IsolationLevel level);
void kit_store_commit(Transaction *t);
Table *kit_store_table(Transaction *t, const char *name); // ends the program when absent
void kit_store_create(KitStore *k, const char *name, const char *columns);
// "1|ann|\N": one row; false with *err as table_insert gives it.
bool kit_store_insert(Transaction *t, Table *table, const char *row, Err *err);
// Rows whose first column has this bigint value.
bool kit_store_update(Transaction *t, Table *table, int64_t key, const char *row, Err *err);
bool kit_store_delete(Transaction *t, Table *table, int64_t key, Err *err);
// All visible rows as "1|ann\n2|bob\n", sorted by line; free with bytes_done.
bool kit_store_dump(Transaction *t, Table *table, Bytes *out, Err *err);
// The same in a transaction of its own; compares, and shows both when they differ.
void kit_store_expect(KitStore *k, const char *table, const char *rows);

#endif
