// Engine: what the other wings see of the engine: open a data directory, register, sign in, get a Source per
// session, ask for what the panes show. Relies on base, data.
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "engine/base/io.h"
#include "engine/data/source.h"

typedef struct Engine Engine;

typedef struct EngineOptions {
    Io io;
    const char *path; // the data directory; made when absent (its parents too)
    const char
        *node; // name in logs and reports; NULL = from node.yaml, else "vm1" (written there on first use)
    unsigned workers; // 0 = as many as processors
} EngineOptions;

// Opens logs, users, store (with recovery). 55006 when another process owns the directory.
MUST_CHECK bool engine_open(Engine **out, const EngineOptions *o, Err *err);
void engine_close(Engine *e); // ends sessions (rolled back), checkpoints
// Told to other programs that want the directory: the path of the socket that it is served on.
MUST_CHECK bool engine_owner_tell(Engine *e, const char *socket, Err *err);
Str engine_node(const Engine *e);
// Directories below DATA for what people write: "reports", "exports", "journal".
MUST_CHECK bool engine_directory(const Engine *e, const char *name, Bytes *path, Err *err);

// ---- users ----

typedef struct EngineUser {
    Str name_hash;
    Str role;
    bool disabled;
    int64_t created_us;
} EngineUser;
uint64_t engine_user_count(const Engine *e);
typedef struct EngineRegistration {
    Str user, password, question, answer;
    Str role; // "" = administrator for the first user, "user" after that
    bool by_administrator;
} EngineRegistration;
// 42710 taken, 22023 for what is wrong with the name, password, question or answer. The first one becomes
// administrator.
MUST_CHECK bool engine_register(Engine *e, const EngineRegistration *r, Err *err);
// Sign-in in two steps, as the screen does it. Unknown user and wrong password look alike and take alike; too
// many tries are slowed (the call waits; cancel by setting *stop). Step 1 gives the question (in mem) and a
// ticket.
typedef struct EngineTicket EngineTicket;
MUST_CHECK bool engine_sign_in(Engine *e, Str user, Str password, const atomic_bool *stop,
                               EngineTicket **ticket, Str *question, Arena *mem, Err *err);
// Step 2: the answer; gives a session's Source (closed with source_close). The ticket is gone in either case.
MUST_CHECK bool engine_answer(Engine *e, EngineTicket *ticket, Str answer, Source **session, Err *err);
void engine_ticket_drop(EngineTicket *t);
// Sign-in by SCRAM's messages, for servers of a protocol; nothing here waits. binding: what the channel is
// bound by, "" when SCRAM-SHA-256-PLUS was not offered; plus: the client chose it. message gets the server's
// answer. 08P01 malformed, 28000 for a client that was cheated about binding.
typedef struct EngineScram EngineScram;
MUST_CHECK bool engine_scram_first(Engine *e, Str user, Str client_first, Str binding, bool plus,
                                   EngineScram **out, Bytes *message, Err *err);
// *wait_us > 0: after failed tries, nothing was looked at, ask again after so long. Else a session, whose
// first statement has to be ANSWER '…' unless the account is a service's (28000 until then); or 28P01, 28000,
// 08P01.
MUST_CHECK bool engine_scram_final(EngineScram *s, Str client_final, Bytes *message, int64_t *wait_us,
                                   Source **session, Err *err);
void engine_scram_drop(EngineScram *s);
// One more session of the user who is signed in with `by`, same database chosen: panes that read beside the
// user's own transaction (tree, data model, export, analytics) each take one.
// quiet: for what the program reads for its own screens: that is in no query log and in no count.
MUST_CHECK bool engine_session_again(Engine *e, Source *by, bool quiet, Source **session, Err *err);
// Administration; `by` must be an administrator's session (42501).
MUST_CHECK bool engine_user_list(Engine *e, Source *by, Arena *mem, EngineUser **out, size_t *count,
                                 Err *err);
MUST_CHECK bool engine_user_disable(Engine *e, Source *by, Str user, bool disable, Err *err);
MUST_CHECK bool engine_user_reset(Engine *e, Source *by, Str user, Str password, Str question, Str answer,
                                  Err *err);
// The account signs in without the security question: for programs.
MUST_CHECK bool engine_user_service(Engine *e, Source *by, Str user, bool service, Err *err);
bool engine_is_administrator(Source *session);
bool engine_session_waits(Source *session); // its statement stands behind a lock of somebody else

// ---- sessions, for servers of a protocol ----

uint64_t engine_session_number(Source *session);
// 3D000 when it does not exist.
MUST_CHECK bool engine_session_use(Source *session, Str database, Err *err);
// Settings by name: 42704 unknown, 22023 bad value. `moves` grows whenever one is set: what clients are told
// has to be looked at again. engine_setting: its value, STR_NONE when unknown; borrowed until it is set.
MUST_CHECK bool engine_setting_set(Source *session, Str name, Str value, Err *err);
Str engine_setting(Source *session, Str name);
uint64_t engine_setting_moves(Source *session);
// ---- statements in steps, for servers of a protocol ----
//
// Names: "" is the unnamed statement and the unnamed portal, which the next one replaces.

typedef struct EngineDescription {
    uint32_t params;
    const Type *param; // TYPE_NULL: nothing is asked of it
    bool rows;         // it gives rows
    uint32_t columns;
    const ResultColumn *column;
} EngineDescription; // in the arena given

// Reads one statement (42601 for two; 42P05 when the name is taken) and plans it. type: of $1 …, as far as
// known.
MUST_CHECK bool engine_prepare(Source *session, Str name, Str text, const Type *type, uint32_t types,
                               Err *err);
MUST_CHECK bool engine_describe(Source *session, Str name, Arena *mem, EngineDescription *out,
                                Err *err);        // 26000
void engine_unprepare(Source *session, Str name); // fine when there is none
// Values: of the type asked for, or texts of TYPE_NULL, which are read as that type. raw: result columns
// whose cells come as they are; of others those whose text only the session knows (a moment with a zone, an
// enum) come as that text. None, one for all columns, or one for each.
typedef struct EngineBinding {
    const Value *param;
    uint32_t params;
    const uint8_t *raw;
    uint32_t raws;
} EngineBinding;
// 26000, 08P01 wrong counts, 22P02 … unreadable, 42P03.
MUST_CHECK bool engine_bind(Source *session, Str portal, Str statement, const EngineBinding *b, Err *err);
MUST_CHECK bool engine_portal_describe(Source *session, Str portal, Arena *mem, EngineDescription *out,
                                       Err *err);
typedef enum EnginePortalEnd {
    ENGINE_PORTAL_DONE,      // sink->done was called
    ENGINE_PORTAL_EMPTY,     // there was nothing but blanks in the text
    ENGINE_PORTAL_SUSPENDED, // max rows were given; there may be more
    ENGINE_PORTAL_FULL,      // the sink wanted no more for now
} EnginePortalEnd;
// Gives up to max rows (0 = all) to the sink: rows, notice and done; columns only from statements that have
// no plan. rows returning false ends the step. 34000 no such portal. goes_on: the same step again after FULL.
MUST_CHECK bool engine_portal_run(Source *session, Str portal, uint64_t max, bool goes_on,
                                  const ResultSink *sink, EnginePortalEnd *end, Err *err);
void engine_portal_close(Source *session, Str portal);
// Notifications (LISTEN, NOTIFY). number: how the session is called in those that it sends. wake is called on
// some thread when one has come, under locks: it may only pass the word on. NULL: no more.
typedef struct EngineNotification {
    uint32_t number;
    Str channel, payload; // in mem
} EngineNotification;
void engine_on_notification(Source *session, uint32_t number, void (*wake)(void *self), void *self);
bool engine_next_notification(Source *session, Arena *mem, EngineNotification *out); // false: none
// From here on statements outside of BEGIN … COMMIT share one transaction until engine_block_end, which
// commits it, or takes it back when one of them has failed.
void engine_block_begin(Source *session);
MUST_CHECK bool engine_block_end(Source *session, Err *err);
// Something outside of the engine went wrong: as if a statement had failed.
void engine_block_fail(Source *session);
bool engine_session_cancelled(Source *session); // source_cancel was called since its statement began
char engine_transaction_state(Source *session); // 'I' none, 'T' inside BEGIN … COMMIT, 'E' failed
size_t engine_count_statements(Str text);       // 0: nothing but blanks and comments
// Whether the whole text can be parsed (42601 …), before its first statement runs.
MUST_CHECK bool engine_check_syntax(Source *session, Str text, Err *err);

// ---- logs, as the log pane shows them ----

typedef struct EngineTail EngineTail;
// Where it begins: behind the last line, at the oldest that is kept, or some hundred lines before the end.
typedef enum EngineFrom { ENGINE_FROM_END, ENGINE_FROM_START, ENGINE_FROM_NEAR_END } EngineFrom;
// log: "general", "event" or "query".
MUST_CHECK bool engine_tail_open(Engine *e, const char *log, EngineFrom from, EngineTail **out, Err *err);
// Next JSON line (borrowed until the next call); *end = nothing more at the moment.
MUST_CHECK bool engine_tail_next(EngineTail *t, Str *line, bool *end, Err *err);
void engine_tail_close(EngineTail *t);

// ---- files ----

// d2db check: one call of found per damaged place; works on a directory that is not open.
MUST_CHECK bool engine_check(Io io, const char *path,
                             void (*found)(void *self, const char *file, const char *sentence), void *self,
                             uint64_t *files, uint64_t *rows, Err *err);

// `d2db repair`, of a closed directory: damaged files are copied to DATA/damaged, what is whole is kept, and
// what is lost is told. XX001 when the dictionary itself is damaged.
MUST_CHECK bool engine_repair(Io io, const char *path,
                              void (*lost)(void *self, const char *file, const char *sentence), void *self,
                              Err *err);

typedef struct EngineCopied {
    uint64_t snapshot;              // its number in the backup
    uint64_t tables, tables_copied; // files; the others were in the backup already
    uint64_t transactions;          // restored from the log, behind the snapshot's checkpoint
    uint64_t bytes;                 // copied
    int64_t until_ms;               // wall time of the last commit in it
    int64_t left_out_ms;            // of the first one that is not; 0 = none
} EngineCopied;
// progress: bytes done of bytes expected, false stops with 57014; may be NULL.
typedef bool (*EngineProgress)(void *self, uint64_t done, uint64_t expected);
// d2db backup: `path` may be in use, by this process too. From the second one on only what is new is copied.
// 55006 while another backup or a long checkpoint runs; XX001 when what was copied is damaged.
MUST_CHECK bool engine_backup(Io io, const char *path, const char *to, EngineProgress progress, void *self,
                              EngineCopied *out, Err *err);
// d2db restore: a new data directory `path` (absent or empty, 58P02) with all commits up to until_ms
// (INT64_MAX = all). archive: one more directory with log segments, or NULL. It is opened once, so that the
// log is replayed.
MUST_CHECK bool engine_restore(Io io, const char *from, const char *archive, const char *path,
                               int64_t until_ms, EngineCopied *out, Err *err);

#endif
