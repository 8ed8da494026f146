// Write: what stands between rows and the store: NOT NULL, CHECK, FOREIGN KEY in both directions with their
// actions. Keys are looked at when the whole statement has written, so that rows of one statement may refer
// to each other. Relies on operator, rows.
#ifndef ENGINE_EXEC_WRITE_H
#define ENGINE_EXEC_WRITE_H

#include "engine/exec/operator.h"
#include "engine/exec/rows.h"

enum { WRITE_CASCADE_MAX = 64 }; // tables an ON DELETE or ON UPDATE action may run through

typedef struct Write {
    Exec *exec;
    Transaction *transaction;
    Table *table;
    const TableDef *def;
    const PlanWrite *plan;
    Eval eval; // of the CHECKs
    EvalNode **check, **generate;
    uint16_t *column; // 0 … column_count-1
} Write;

// The rows are known: applies the write, or has it wait when the plan defers (once per run).
MUST_CHECK bool write_ready(Operator *op, bool (*apply)(Operator *op, Err *err), Err *err);
MUST_CHECK bool write_apply_waiting(Exec *x, Err *err); // in the order in which they became ready
void write_count(const Write *w, uint64_t rows);        // rows changed, when the statement's own
MUST_CHECK bool write_make(Write *w, Operator *op, Err *err);
MUST_CHECK bool write_open(Write *w, Err *err);
void write_close(Write *w);
// Works out the generated columns of whole rows, in place.
MUST_CHECK bool write_generate(Write *w, Rows *rows, Err *err);
// NULLs that stand for "the next number" get theirs; given numbers are shown to the counter.
MUST_CHECK bool write_identities(Write *w, Batch *rows, Err *err);
// NOT NULL (23502) and CHECK (23514) of whole rows.
MUST_CHECK bool write_check(Write *w, const Batch *rows, Err *err);
// Rows with the table's hidden columns worked out behind the others; valid until the next call.
MUST_CHECK bool write_hidden(Exec *exec, const TableDef *def, const Batch *rows, Batch *out, Err *err);
// Every row of `rows` (whole rows of the table) finds its parents (23503).
MUST_CHECK bool write_check_parents(Write *w, const Rows *rows, Err *err);

// The same for one foreign key, without a refusal: rows with no parent are appended to lost (initialised for
// the table; of neighbours with one key the first). XX000 when the parent table is gone.
MUST_CHECK bool write_lost_rows(Write *w, const ForeignKeyCheck *f, const Rows *rows, Rows *lost, Err *err);
// A broken key is looked at later, when the transaction ends.
bool write_defers(const Exec *exec, const TableDef *def, const ForeignKeyDef *key);
// 23503 for one such row; false.
bool write_no_parent(const Write *w, const ForeignKeyCheck *f, const Rows *rows, uint32_t row, Err *err);

// Rows of a table that have gone: old holds the whole rows as they were; for updates new_rows holds what they
// became. Children are refused (23503) or follow.
typedef struct WriteParent {
    Exec *exec;
    const TableDef *def;
    const Rows *old_rows;
    const Rows *new_rows; // NULL = deleted
    unsigned depth;
} WriteParent;
MUST_CHECK bool write_follow(const WriteParent *p, Err *err);

// Whole rows at these positions, appended to out (initialised for the table's columns).
MUST_CHECK bool write_fetch(Transaction *t, Table *table, const RowPos *pos, size_t count, Rows *out,
                            Err *err);
void write_rows_init(Rows *out, Exec *exec, const TableDef *def);
// For the child's columns from `first` on: whole rows of the table, then what RETURNING reads beside them.
void write_rows_init_child(Rows *out, const Operator *op, uint32_t first);
// One row of rows, appended to out (which may have fewer columns).
MUST_CHECK bool write_take_row(const Rows *rows, uint32_t row, Rows *out, Err *err);

// write_trigger.c: firing what the table has. set: the columns that an UPDATE names, NULL = all.
bool write_fires_rows(const Exec *x, const TableDef *def, ExecEvent event, const bool *set, bool before);
MUST_CHECK bool write_fire_statement(const Exec *x, const TableDef *def, ExecEvent event, const bool *set,
                                     bool before, Err *err);
// Each row's AFTER triggers; whole rows, one of the two may be NULL.
MUST_CHECK bool write_fire_after(const Exec *x, const TableDef *def, ExecEvent event, const bool *set,
                                 const Rows *old_rows, const Rows *new_rows, Err *err);
// Each row's BEFORE triggers: new_rows (NULL for DELETE) becomes what they make of it, rows that they skip
// left out; keep[0 … *kept-1] (room for all): numbers of the others.
typedef struct WriteBefore {
    ExecEvent event;
    const bool *set;
    const Rows *old_rows; // NULL for INSERT
    Rows *new_rows;
    uint32_t *keep, *kept;
} WriteBefore;
MUST_CHECK bool write_fire_before(Exec *x, const TableDef *def, const WriteBefore *b, Err *err);

// ON CONFLICT (write_conflict.c): `rows` are whole and checked; appends to written (NULL = not wanted) what
// RETURNING sees.
typedef struct WriteConflict WriteConflict;
MUST_CHECK bool write_conflict_make(WriteConflict **out, Write *w, Operator *op, Err *err);
MUST_CHECK bool write_conflict_run(WriteConflict *c, const Rows *rows, Rows *written, Err *err);
void write_conflict_close(WriteConflict *c);
// write_again.c: rows that somebody else has changed meanwhile. keep[0 … kept-1]: those that are still as
// they were; out (in the statement's memory): newest versions of those that have changed, locked.
void write_keep_rows(Rows *rows, const uint32_t *keep, uint32_t kept);
MUST_CHECK bool write_lock_again(Write *w, const RowPos *pos, uint32_t count, LockMode mode, uint32_t *keep,
                                 uint32_t *kept, Recheck *out, Err *err);
// Runs the child over these rows only.
MUST_CHECK bool write_look_again(Operator *child, const Recheck *rows,
                                 bool (*take)(void *self, Batch *b, Err *err), void *self, Err *err);
// One table_update of pos with new_rows.
MUST_CHECK bool write_update_rows(Exec *exec, Table *table, const RowPos *pos, const Rows *new_rows,
                                  Err *err);
// First position of each: sorts out repeats (an UPDATE or DELETE whose plan gives a row twice). keep[i]:
// index kept.
MUST_CHECK bool write_unique(Exec *exec, const RowPos *pos, size_t count, uint32_t **keep, uint32_t *kept,
                             Arena *mem, Err *err);
// 23503's note: Key (a, b)=(1, 2) … ; rows of these columns.
void write_note_key(Err *err, const TableDef *def, const uint16_t *column, uint32_t count, const Value *key,
                    const char *format, Str name);

#endif
