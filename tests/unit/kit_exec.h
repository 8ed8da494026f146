// Kit: a store in a temporary directory and SQL run on it by parser, planner and executor alone, without
// sessions; tables are made from one-line descriptions.
#ifndef TESTS_UNIT_KIT_EXEC_H
#define TESTS_UNIT_KIT_EXEC_H

#include "engine/exec/exec.h"
#include "tests/unit/kit_dir.h"

typedef struct KitExec {
    KitDir dir;
    Store *store;
    Transaction *txn;
    ExecContext ctx;
    bool no_optimise;
    Err err;
    Bytes text;    // the last result: cells parted by |, rows by a line end; NULL is written NULL
    int64_t count; // rows returned or changed
    int64_t rows;  // rows in text
} KitExec;

void kit_exec_open(KitExec *k);
void kit_exec_close(KitExec *k);
// "orders: id integer primary, customer integer > customers(id) cascade, total numeric, note text not_null".
// Behind the type: primary, unique, not_null, index, sorted, "default EXPR", "check EXPR" and a foreign key
// with its ON DELETE and ON UPDATE action (none, restrict, cascade, set_null, set_default).
void kit_exec_table(KitExec *k, const char *description);
// Runs one statement in its own frame; false with k->err, and what it did is taken back.
bool kit_exec_run(KitExec *k, const char *sql);
// Runs it and fails the test when the result is not `want` (rows parted by \n).
void kit_exec_rows(KitExec *k, const char *sql, const char *want);
// Fails the test unless this SQLSTATE comes; the sentence stays in k->err.
void kit_exec_error(KitExec *k, const char *sql, const char *state);

#endif
