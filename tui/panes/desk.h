// Desk: what the panes of one signed-in workstation share: the person's own connection, a second one for
// reading beside it, the state of the transaction, and the running of statements. Panes do not know each
// other: they find one another by slot and hear what happened by messages. Relies on core, data, host.
#ifndef TUI_PANES_DESK_H
#define TUI_PANES_DESK_H

#include "engine/data/collect.h"
#include "engine/data/rowset.h"
#include "tui/core/app.h"
#include "tui/panes/host.h"

enum { SLOT_TREE, SLOT_EDITOR, SLOT_RESULT, SLOT_LOG, SLOT_SIGN_IN = 0 };

enum {
    DESK_RUN_MAX = 64 << 20, // bytes of one text to run
    DESK_RESULTS_MAX = 24,   // result tabs of one run; later statements are told in Messages only
    DESK_HISTORY_MAX = 1000, // statements kept for Query → History
    DESK_HISTORY_BYTES = 4 << 20,
};

// Messages that desk jobs and desk_tell send to panes (their own words begin at DESK_OWN).
enum {
    DESK_RESULT_START = 1, // to the result pane: a run begins; earlier results go
    DESK_RESULT_STATEMENT, // data: DeskStatement of a statement that began
    DESK_RESULT_ROWS,      // data: DeskStatement with `rows` set: columns are known, rows come
    DESK_RESULT_NOTICE,    // data: DeskStatement with `tag` = sentence
    DESK_RESULT_DONE,      // data: DeskStatement, finished
    DESK_RUN_ERROR, // to the result pane and to the pane that ran: err, with err.at in the text that was run
    DESK_RUN_END,   // last message of a run, to the pane that ran, which hands it to desk_run_ended
    DESK_CHANGED,   // to all slots: the schema or the database chosen may be another now
    DESK_INSERT_TEXT, // to the editor: data is a Str to insert at the cursor
    DESK_NEW_TEXT,    // to the editor: data is a Str for a new tab
    DESK_LOG_CHOOSE,  // to the log pane: number = 0 event, 1 query, 2 general
    DESK_OWN = 100
};

// A rowset that the running worker fills while the result pane reads it: whoever is last frees it.
typedef struct DeskRows {
    atomic_uint refs;
    Rowset *set;
} DeskRows;
void desk_rows_drop(DeskRows *r); // NULL is fine

typedef struct DeskStatement {
    unsigned index; // in the run
    size_t at, len; // in the text that was run
    DeskRows
        *rows; // with DESK_RESULT_ROWS: a reference for the pane (take it and set this to NULL); else NULL
    Str tag;   // "SELECT", "UPDATE" …
    int64_t count; // rows returned or changed
    int64_t duration_us;
} DeskStatement;

typedef struct DeskHistory {
    Str text;
    int64_t wall_us;
    bool failed;
} DeskHistory;

typedef struct Desk Desk;
struct Desk {
    Host *host;
    App *app;
    JobBox *box;    // the app's
    Source *source; // the person's connection; used by `worker` only
    JobWorker *worker;
    Source *side; // a session of its own for reading; used by `side_worker` only
    JobWorker *side_worker;
    SourceState state;    // looked at after every run and on ticks
    uint64_t run;         // id of the job that runs statements; 0 = none
    int64_t run_began_us; // monotonic
    // Lines before the next text to run and columns before its first line: places of errors are told in the
    // runner's text. Set before desk_run, which forgets them.
    unsigned run_line, run_column;
    bool run_known;       // the figures of the run before are there
    int64_t run_rows;     // of its last statement: returned or changed
    int64_t run_us;       // how long it took
    DeskHistory *history; // oldest first
    size_t histories, history_bytes;
    int64_t interrupt_us; // of the last Ctrl-C that found nothing to stop
    int sample;           // sample database to load after the first sign-in, from 1; 0 = none
    Arena names_mem;      // the names that the choice on the screen offers
    Str *names;
    size_t name_count;
    void (*leave)(Desk *d);   // sign out: the composition root shows the door
    void (*entered)(Desk *d); // the sign-in pane has signed in: the composition root shows the workstation
};

static inline Desk *desk_of(const App *a) { return app_self(a); }

// Takes two sessions from the host (who has signed in) and starts their workers.
MUST_CHECK bool desk_open(Desk *d, App *app, Host *host, Err *err);
// Stops what runs, rolls back, closes both sessions.
void desk_close(Desk *d);
bool desk_is_open(const Desk *d);
// Runs a text on the person's connection; results go to the result pane, its end and its error to `runner`.
// False with a notice when a run is still going on.
bool desk_run(Desk *d, const Pane *runner, Str text);
void desk_stop(Desk *d);          // Esc
bool desk_running(const Desk *d); // until its end has been told
// What the pane does that hears DESK_RUN_END: the run is over, its error a notice, all panes look again.
void desk_run_ended(Desk *d, const Msg *m);
// One statement that the workstation itself makes ("COMMIT"): as desk_run, told in Messages like any other.
bool desk_run_printf(Desk *d, const char *format, ...) PRINTF_LIKE(2, 3);
// A job on the second connection; work's context is the Source. The answer comes to `pane`.
Job *desk_side_job(const Pane *pane, uint32_t what, void (*work)(Job *j, void *context));
uint64_t desk_side_start(Desk *d, Job *j);
// The same on the person's own connection while a transaction is open there, so that its changes are seen.
uint64_t desk_read_start(Desk *d, Job *j);
// The database the person has chosen; "" when none. Borrowed until the next look.
Str desk_database(const Desk *d);
// Looks at transaction and progress; true when the picture has changed.
bool desk_look(Desk *d);
// Hands a message to the pane of a slot (data is copied when it is a Str: mem holds it).
void desk_tell(Desk *d, int slot, uint32_t what, int64_t number, Str text);
void desk_tell_all(Desk *d, uint32_t what);

// A table's name as d2db.tables gives it, "schema.name" outside of public, quoted for a statement; appended.
void desk_quote_table(Bytes *out, Str name);

#endif
