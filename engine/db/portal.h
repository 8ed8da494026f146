// Portal: a statement with its values, on its way from the first row to the last: run piece by piece, put
// aside between the pieces. What a server's client binds and executes, and what DECLARE CURSOR makes. Before
// another statement of the session begins, the rows that are still to come are read and kept
// (portal_settle_all): a portal shows what was there when it was opened. Relies on prepared, rows.
#ifndef ENGINE_DB_PORTAL_H
#define ENGINE_DB_PORTAL_H

#include "engine/db/prepared.h"
#include "engine/exec/rows.h"

enum { PORTALS_MAX = 1024 };

typedef struct Portal {
    struct Portal *next; // in the session's list
    Arena mem;           // name, values
    Str name;
    Prepared *prepared;
    const Plan *plan; // NULL for what is not planned
    bool *raw;        // per column of the result: cells as they are, the client reads them by itself
    bool by_session;  // some other column's text depends on the session
    Value *param;
    uint32_t params;
    Run run;
    ExecRun *exec; // while rows still come from the plan
    Batch *batch;  // of exec: rows [at, sel_len) are still to be given
    uint32_t at;
    Vector *room;    // for windows on kept rows
    uint16_t *every; // 0, 1, 2 … for windows on batches without a selection
    Rows *kept;      // settled: all rows that were still to come
    Memory memory;
    uint32_t kept_at; // the next one to give
    bool cursor;      // made by DECLARE
    bool scroll, hold;
    int64_t place; // of a scroll cursor: the row it stands on, from 1; 0 = before the first
    bool started, ended;
    bool dead;       // its transaction is gone while it runs
    bool held;       // its transaction has committed
    int64_t changed; // rows of a settled write
    uint64_t given;  // rows, in all
    int64_t busy_us;
} Portal;

Portal *portal_find(const Session *s, Str name);
// Takes one use of p. param: borrowed, copied; each is brought to the type that the statement wants (22P02
// …). 42P03 when the name is taken, "" replaces.
MUST_CHECK bool portal_new(Portal **out, Session *s, Str name, Prepared *p, const Value *param,
                           uint32_t params, Err *err);
// raw: none, one for all columns, or one for each (08P01).
MUST_CHECK bool portal_set_raw(Portal *p, const uint8_t *raw, uint32_t raws, Err *err);
void portal_free(Session *s, Portal *p);
// Up to max more rows (0 = all) to the sink; what the sink did not want (rows returned false) is kept for the
// next time. Runs inside a statement of the session.
MUST_CHECK bool portal_run(Session *s, Portal *p, uint64_t max, const ResultSink *sink, EnginePortalEnd *end,
                           Err *err);
// A cursor's plan begins to run, inside the running statement.
MUST_CHECK bool portal_open(Session *s, Portal *p, Err *err);
// For a cursor: up to max rows (UINT64_MAX = all) to the sink, inside the running statement; *count tells how
// many.
MUST_CHECK bool portal_fetch(Session *s, Portal *p, uint64_t max, const ResultSink *sink, int64_t *count,
                             Err *err);
// A window of its rows to the sink, cells as text where only the session knows it. False: the sink has
// enough, or *err.
bool portal_show(const Portal *p, const Batch *window, const ResultSink *sink, Err *err);
// All rows that are still to come are read now.
MUST_CHECK bool portal_settle(Session *s, Portal *p, Err *err);
MUST_CHECK bool portal_settle_all(Session *s, Err *err);
// At the end of a transaction: those that do not hold are dead; `commit`: those that hold read what is left
// first.
MUST_CHECK bool portal_settle_held(Session *s, Err *err);
void portal_end_transaction(Session *s);
void portal_done(Session *s); // frees all

// ---- cursor.c ----
MUST_CHECK bool portal_declare(Run *run, const Statement *s, Err *err);
MUST_CHECK bool portal_fetch_statement(Run *run, const AstFetch *f, Err *err);
void portal_close_all(Session *s); // but the one that runs
MUST_CHECK bool portal_close_statement(Run *run, const AstClose *c, Err *err);

#endif
