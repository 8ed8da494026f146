// Session: one signed-in user's conversation: chosen database, transaction, settings, prepared statements,
// cached plans. It is a Source. One thread runs it; cancel, state and progress come from any. Relies on all
// of the room.
#ifndef ENGINE_DB_SESSION_H
#define ENGINE_DB_SESSION_H

#include "engine/base/map.h"
#include "engine/db/engine_in.h"
#include "engine/db/notify_box.h"
#include "engine/db/plan_cache.h"
#include "engine/db/setting.h"
#include "engine/plan/search.h"

enum { SESSION_SEARCH_MAX = 32, SESSION_PLACE_SIZE = SCHEMA_NAME_MAX + 3 * SETTING_TEXT_MAX + 4 };

// What a temporary table does when a transaction commits.
typedef struct TemporaryTable {
    uint64_t id;
    bool drop; // else its rows go
} TemporaryTable;

// Foreign keys of the open transaction that are looked at later (deferred.h).
typedef struct DeferredMode { // what SET CONSTRAINTS said, the newest first
    Str name;                 // at == NULL: all
    bool later;
    struct DeferredMode *next;
} DeferredMode;
typedef struct DeferredKey { // broken by some row
    uint64_t table;
    Str name;
    struct DeferredKey *next;
} DeferredKey;
typedef struct Deferred {
    Arena mem;
    DeferredMode *mode;
    DeferredKey *key;
} Deferred;

typedef struct SessionSavepoint SessionSavepoint; // savepoint_run.h

struct Session {
    Source source;  // first
    Engine *engine; // NULL once the engine is closed
    Session *next;
    uint64_t number;
    char user[PROFILE_NAME_MAX * 4 + 1];
    char user_hash[65];
    bool administrator;
    bool quiet;            // of the workstation's own reading: not in the query log nor in the counts
    ProfileTicket *ticket; // the security question is still to be answered: nothing else goes
    bool again;            // made from another session: its end is no sign-out

    Mutex running; // held while statements run
    atomic_bool cancel, busy;
    atomic_uint_fast64_t rows_done, rows_expected;
    atomic_int_fast64_t started_mono_us;

    Mutex shared; // guards what other threads ask for: the next block
    char database[SCHEMA_NAME_MAX + 1];
    uint64_t transaction_number, pending;
    int64_t began_us;
    bool open, failed; // an explicit transaction; it met an error

    Transaction *transaction;
    bool block;               // statements share a transaction until engine_block_end
    IsolationLevel isolation; // of the open transaction
    bool read_only;
    Deferred deferred;
    bool defines;                // the transaction has changed definitions
    bool queried;                // the transaction has run a query: its level is settled
    SessionSavepoint *savepoint; // newest first
    Settings *kept, *outside;    // as a rollback brings them back; as they are behind the transaction
    LockOwner locks;             // advisory ones that outlive transactions
    atomic_bool timed_out;       // cancelled by statement_timeout
    bool idle_ended;     // its transaction was ended while it lay idle: the next statement hears of it
    int64_t watch_until; // watch.h, under its mutex
    bool watch_idle, watching;
    struct Session *watch_next;
    int64_t transaction_us; // now() of the transaction, UTC
    Settings settings;
    CastContext cast; // its `self` is the session
    Mutex enum_lock;  // enums, enum_mem
    struct KnownEnum *enums;
    Arena enum_mem;
    Map prepared;          // name → Prepared
    struct Portal *portal; // newest first
    struct Portal *running_portal;
    NotifyBox notify;
    uint32_t client_number; // what a server calls the session
    PlanCache plans;
    struct RoutineBody *bodies;     // of routines and triggers that have run (routines.h)
    struct TriggerList *triggers;   // triggers.h
    unsigned routine_depth;         // bodies that run, one inside the other
    Bytes table_counts;             // JSON for the general log, as of the three below
    Str search[SESSION_SEARCH_MAX]; // search_path, as of search_text
    uint32_t searches;
    bool search_plain; // nothing was SET for $user
    char search_text[SETTING_TEXT_MAX], search_room[SETTING_TEXT_MAX];
    SequenceMemory sequences;
    SearchPath looked; // of the running statement
    TemporaryTable *on_commit;
    size_t on_commits;
    char temporary[32]; // schema of the session's temporary tables; empty = there are none
    // who it works as, as of the two counters (role.h)
    Arena role_mem;
    struct RoleSet *role_sets;
    Str role_session, role_current;
    char role_text[SETTING_TEXT_MAX], role_as[SETTING_TEXT_MAX];
    uint64_t role_definitions;
    bool role_looked;
    uint64_t counted_definitions, counted_changes;
    char counted_database[SCHEMA_NAME_MAX + 1];
};

MUST_CHECK bool session_new(Session **out, Engine *e, Str user, Str user_hash, bool administrator, Err *err);
Session *session_of(Source *s); // NULL when the source is none of ours
// The session when it may administer; NULL with 42501.
const Session *session_administrator(const Engine *e, Source *by, Err *err);
// Rolls back and lets go of the engine; what is left waits for source_close.
void session_detach(Session *s);
static inline Str session_database(const Session *s) { return str_of(s->database); }
void session_use(Session *s, Str database);
// Where bare names are looked for. Borrowed until the next SET.
void session_search(Session *s, SearchPath *out);
// Database and search path in one: what a cached plan is good for.
Str session_place(const Session *s, char room[SESSION_PLACE_SIZE]);
// Copies what other threads may ask for out of the transaction.
void session_publish(Session *s);

#endif
