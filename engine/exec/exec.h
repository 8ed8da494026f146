// Nouns: exec, sequence
// Exec: runs a plan: a tree of operators, each pulled for batches of at most BATCH_ROWS rows. Relies on base,
// data, txn, store, plan.
#ifndef ENGINE_EXEC_EXEC_H
#define ENGINE_EXEC_EXEC_H

#include "engine/base/io.h"
#include "engine/exec/catalog.h"
#include "engine/plan/plan.h"

// What a session was given last from its sequences.
typedef struct SequenceGiven {
    uint64_t id;
    int64_t last;
} SequenceGiven;
typedef struct SequenceMemory {
    SequenceGiven *at;
    size_t count, cap;
    uint64_t last_id; // lastval()
} SequenceMemory;
void sequence_memory_done(SequenceMemory *m);

// Gives each result batch to `rows` (false = enough).
typedef bool (*ExecRows)(void *self, const Batch *batch);

// One firing of a table's triggers. row: for one row, else for the statement. The values are those of the
// table's columns.
typedef enum ExecEvent { EXEC_INSERT = 1, EXEC_UPDATE = 2, EXEC_DELETE = 4, EXEC_TRUNCATE = 8 } ExecEvent;
typedef struct ExecFire {
    uint64_t table;
    ExecEvent event;
    bool before, row;
    const bool *set;      // UPDATE: columns that SET names; NULL = all
    const Value *old_row; // NULL: there is none
    Value *new_row;       // BEFORE may change it; NULL: there is none
    bool skip;            // a BEFORE trigger has said that nothing becomes of the row
    Arena *mem;           // of what new_row is given
} ExecFire;

// What a statement needs while it runs. Filled by db, one per statement.
typedef struct ExecContext {
    Transaction *transaction;
    const FunctionList *functions;
    PlanContext names; // for expressions that are read while it runs
    void *db;          // for SystemTable.fill
    const Value *param;
    uint32_t params;
    const atomic_bool *cancel;                       // looked at once a batch by every operator: 57014
    atomic_uint_fast64_t *rows_done, *rows_expected; // progress, may be NULL
    // Is a broken foreign key of this table (by id) looked at when the transaction ends? NULL: never.
    bool (*defer)(void *db, uint64_t table, const ForeignKeyDef *key);
    // A setting's value (*out.at NULL: there is none of that name), after it got *value when value is not
    // NULL, `local` until the transaction ends. NULL: there are no settings.
    bool (*setting)(void *db, Str name, const Str *value, bool local, Arena *mem, Str *out, Err *err);
    uint32_t client;           // what a server calls the session; 0 = none
    Pool *pool;                // may be NULL
    size_t memory_max;         // bytes this statement may hold in sorts, joins and groups; 0 = no limit. Past
                               // it rows are put aside in a file; 53200 where that does not help
    struct Memory *memory_all; // what all statements hold together; may be NULL
    Io io;                     // of that file; zeroed: the disk
    struct Measure *measure;   // EXPLAIN ANALYZE; may be NULL
    int64_t statement_us;      // now(), UTC
    const CastContext *cast;   // zone, enums …; may be NULL
    bool read_only;
    LockOwner *session_locks; // advisory ones that outlive the transaction; may be NULL
    const char *user, *database, *node;
    const char *role; // current_user; NULL: user
    // 42501 unless the session has one of these Rights on the sequence; NULL: it may.
    bool (*sequence)(void *db, const ObjectDef *sequence, unsigned any, Err *err);
    const SearchPath *search;  // NULL: functions that take a name refuse
    CatalogTell tell;          // what the catalog's functions ask; NULL: they refuse
    SequenceMemory *sequences; // NULL: nothing is remembered
    // Run functions of the users' by their numbers; NULL: there are none. The result lies in mem.
    bool (*routine)(void *db, uint64_t id, const Value *arg, uint32_t args, Value *out, Arena *mem, Err *err);
    bool (*routine_rows)(void *db, uint64_t id, const Value *arg, uint32_t args, ExecRows rows, void *self,
                         Err *err);
    // Has the table triggers that such a firing would run? NULL: no table has any.
    bool (*has_triggers)(void *db, const TableDef *def, const ExecFire *f);
    bool (*fire)(void *db, const TableDef *def, ExecFire *f, Err *err);
} ExecContext;

// Gives each result batch to `rows` (false = enough). *count: rows changed (INSERT, UPDATE, DELETE), else
// returned. Write plans give rows when plan->returns (RETURNING), and do all or nothing: on false the caller
// takes the statement back (transaction_statement_undo).
MUST_CHECK bool exec_run(const Plan *plan, ExecContext *ctx, ExecRows rows, void *self, int64_t *count,
                         Err *err);
// The same in steps, for results that are taken piece by piece. plan and what ctx points to outlive the run;
// ctx itself is copied. Between the steps other statements may run only when the caller has seen to it that
// they change nothing that this one reads.
typedef struct ExecRun ExecRun;
MUST_CHECK bool exec_open(ExecRun **out, const Plan *plan, const ExecContext *ctx, Err *err);
// The next batch, borrowed until the next step; NULL when all is done, also what a write plan does at its
// end.
MUST_CHECK bool exec_next(ExecRun *r, Batch **out, Err *err);
int64_t exec_count(const ExecRun *r); // rows changed by a write plan, else returned, so far
void exec_close(ExecRun *r);          // NULL is fine
// One expression on no input: DEFAULT values, LIMIT counts, constants (the planner's folding uses it through
// plan).
MUST_CHECK bool exec_constant(const Expr *e, ExecContext *ctx, Value *out, Arena *mem, Err *err);
// The functions, operators and aggregates this room offers.
const FunctionList *exec_functions(void);

#endif
