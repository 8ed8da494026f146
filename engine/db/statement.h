// Statement: one statement from its text to its result, inside the session's transaction. Relies on session.
// Nouns: statement, query, transaction_run, answer, lock_run
#ifndef ENGINE_DB_STATEMENT_H
#define ENGINE_DB_STATEMENT_H

#include "engine/db/session.h"

// What a running statement gathers for its result and for the logs.
typedef struct Run {
    Session *session;
    Arena *mem;              // of this statement
    Str source;              // the whole text given to source_run
    Str text;                // this statement's part of it
    const ResultSink *sink;  // NULL for statements that the engine runs by itself
    const char *tag;         // "SELECT", "CREATE TABLE" … once known
    int64_t rows;            // returned or changed
    const char *verb;        // "insert", "update" … for the event log; NULL = changed no rows
    Str table;               // that it changed
    bool counts;             // `rows` of it
    const SystemTable *feed; // what COPY reads, while its INSERT is planned; NULL elsewhere
    PlanNames *names;        // of a definition's text while it is planned; NULL elsewhere
    bool calls;              // CALL: procedures may stand in FROM
    bool own;                // a statement of the engine itself: nobody is asked whether it may
    bool refreshes;          // fills a materialized view
    const SearchPath *path;  // where the names of a routine's body are looked for; NULL: as the session says
    const PlanArguments *arguments; // and what its arguments are called
    Str home;                       // the database that such a text is planned in; empty = the chosen one
    bool refill;                    // the engine's own UPDATE that works out generated columns (PlanRequest)
    LockMode locks;                 // ddl_table locks its tables like this; 0 = not at all
    struct Measure *measure;        // EXPLAIN ANALYZE; else NULL
    bool ends_transaction;          // COMMIT or ROLLBACK: the transaction is gone
} Run;

// Runs the text's statement at *pos and moves behind it; *end at the text's end. Errors are given to the sink
// and logged.
MUST_CHECK bool statement_run_next(Session *s, Str source, size_t *pos, unsigned index,
                                   const ResultSink *sink, bool *end, Err *err);
// Whether the session may go on: 57014 cancelled, 28000 account disabled or the question not answered, 25P02.
MUST_CHECK bool statement_may_run(const Session *s, const Statement *statement, Err *err);
// A parsed statement with a transaction around it where it needs one.
MUST_CHECK bool statement_run_parsed(Run *run, const Statement *s, Err *err);
// A parsed statement inside the running one's transaction.
MUST_CHECK bool statement_run_tree(Run *run, const Statement *s, Err *err);
// Parses and runs one statement of the engine's own (checks of new constraints, TRUNCATE); rows go to `rows`.
MUST_CHECK bool statement_run_inner(Run *run, Str sql, ExecRows rows, void *self, int64_t *count, Err *err);
// ---- answer.c ----

// The statement of a session that has to answer its security question: ANSWER '…', or 28000.
MUST_CHECK bool answer_run(Run *run, Err *err);

void statement_warn(const Run *run, const char *state, const char *format, ...) PRINTF_LIKE(3, 4);
void statement_notice(const Run *run, const char *format, ...) PRINTF_LIKE(2, 3);

// ---- query.c ----

// What stand-alone expressions of this statement need to be bound.
const PlanContext *query_names(Run *run);

// A SELECT, INSERT, UPDATE or DELETE with its parameters' values.
MUST_CHECK bool query_run(Run *run, const Statement *s, const Value *param, uint32_t params, Err *err);
// A plan that the cache has for run->text; *hit = false when there is none.
MUST_CHECK bool query_run_cached(Run *run, bool *hit, Err *err);
MUST_CHECK bool query_plan(Plan **out, Run *run, const Statement *s, Err *err);
// With declared types of parameters.
MUST_CHECK bool query_plan_declared(Plan **out, Run *run, const Statement *s, const Type *type,
                                    uint32_t types, Err *err);
// The same with the locks of its tables taken: what it was made from stays.
MUST_CHECK bool query_plan_locked(Plan **out, Run *run, const Statement *s, const Type *type, uint32_t types,
                                  Err *err);
// What the logs and COUNT UPDATE want to know of a changing plan that went well.
void query_note_write(Run *run, const Plan *plan);
MUST_CHECK bool query_run_plan(Run *run, const Plan *plan, const Value *param, uint32_t params, Err *err);
void query_context(const Run *run, ExecContext *out);
// ANALYZE of one table: a sample of its rows becomes its statistics, part of the transaction.
MUST_CHECK bool statement_analyze(Run *run, Table *table, Err *err);
MUST_CHECK bool query_explain(Run *run, const AstExplain *e, Err *err);
MUST_CHECK bool query_prepare(Run *run, const AstPrepare *p, Err *err);
MUST_CHECK bool query_execute(Run *run, const AstExecute *e, Err *err);
MUST_CHECK bool query_deallocate(Run *run, const AstDeallocate *d, Err *err);
void query_prepared_done(Session *s); // forgets all prepared statements
// An expression without columns, brought to `type` (TYPE_NULL: as it comes).
MUST_CHECK bool query_constant(Run *run, const AstExpr *e, Type type, Value *out, Err *err);

// Locks what the plan reads and writes. *stale: a definition has moved since it was made; plan again.
MUST_CHECK bool query_lock_tables(Session *s, const Plan *plan, bool *stale, Err *err);

// ---- transaction_run.c ----

// Begins the transaction of a statement outside of BEGIN … COMMIT; nothing when one is open.
MUST_CHECK bool transaction_run_enter(Session *s, Err *err);
// A place to go back to, with the snapshot that is.
void transaction_run_mark(Session *s);
// Ends a statement: commits or rolls back its own transaction, or leaves the open one going or failed.
MUST_CHECK bool transaction_run_leave(Run *run, bool good, Err *err);
// The statement at hand reads or writes: the first one in a transaction takes its snapshot.
void transaction_run_query(Session *s);
MUST_CHECK bool lock_run(Run *run, const AstLockTable *l, Err *err); // LOCK TABLE
MUST_CHECK bool transaction_run_statement(Run *run, const AstTransaction *t, Err *err);
// Ends engine_block_begin's block: commits what is not inside BEGIN … COMMIT.
MUST_CHECK bool transaction_run_block_end(Session *s, Err *err);
void transaction_run_abandon(Session *s);  // rolls back whatever is open
void transaction_run_idle_end(Session *s); // it lay idle too long; the session's own mutex is held
// Before a statement runs: 25P03 when the session's transaction was ended while it lay idle.
MUST_CHECK bool transaction_run_awake(Session *s, Err *err);
// SET transaction_isolation and the like inside a transaction.
MUST_CHECK bool transaction_run_characteristics(Run *run, const AstTransaction *t, Err *err); // 25001

#endif
