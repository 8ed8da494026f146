// Log: write-ahead log segments of checksummed text records. One session at a time writes and syncs for all
// that wait; a thread does so for those that do not. A record is named by its sequence number; FORMAT.md
// specifies every byte. Relies on base, txn.
#ifndef ENGINE_STORE_LOG_IN_H
#define ENGINE_STORE_LOG_IN_H

#include "engine/base/io.h"
#include "engine/base/thread.h"
#include "engine/txn/stamp.h"

enum {
    LOG_VERSION = 2,
    LOG_SEGMENT_BYTES = 4 << 20,
    LOG_SEGMENT_FIRST_BYTES = 256 << 10, // of a fresh directory: small sessions stay small
    LOG_FILL_BYTES = 64 << 10,
    LOG_DIRECT_BYTES = 1 << 20, // bodies from here on are written without being copied
    LOG_HEAD_MAX = 512,
    LOG_NAME_SIZE = 24,
    LOG_SECTOR = 512,
    LOG_ASYNC_WAIT_US = 5000, // commits that nobody waits for are gathered for so long
};
#define LOG_NEXT       "next.tmp"  // the next segment, being made or ready
#define LOG_SPARE      "spare.tmp" // a segment that is not needed any more, to become the next one
#define LOG_RECORD_MAX ((size_t)4 << 30)

typedef enum LogState { LOG_WAITING, LOG_DURABLE, LOG_REFUSED } LogState;

// One commit on its way, held by its session, the writer and the queue of those to be published.
typedef struct LogNode LogNode;
struct LogNode {
    LogNode *next, *next_publish;
    atomic_uint holders;
    Bytes body;
    uint32_t body_crc;
    char user[64]; // cut; for people
    uint64_t txn;
    Stamp stamp;
    uint64_t seq;
    uint64_t segment; // a rotation's answer
    LogState state;
    bool rotate;       // no record: begin a new segment
    bool asynchronous; // may be published before it is durable
    bool stamped;      // its rows carry the stamp
    bool published;
    bool taken_back; // refused, and its rows are gone
    bool sleeping;   // its session waits for `done`
    Cond done;
};

typedef struct Log {
    IoDir *dir;
    StampClock *clock;
    Mutex mutex;        // everything below
    Cond work, moved;   // for the writer thread; for those that wait for a stamp to be published
    bool writing;       // somebody has what stands below "the writer's own"
    bool urgent;        // something waits that the writer thread should begin with at once
    uint32_t onlookers; // sessions that wait for `moved`
    Thread writer;
    LogNode *waiting, *waiting_end; // to be written
    LogNode *publish, *publish_end; // to be published, in order of stamps
    bool stopping, failed;
    Err failure;
    uint64_t next_seq, durable_seq;
    Stamp last_stamp;
    _Atomic Stamp published;
    // The next segment is made by a thread of its own while the open one is being filled.
    Thread preparer;
    Cond prepare, prepared;
    uint64_t wanted, ready; // numbers of the one to be made, and of the one that is; 0: none
    IoFile ready_file;
    // the writer's own
    IoFile file;
    uint64_t segment;          // number of the open one; the next to be made when file is closed
    int64_t at, size;          // write position and filled size
    atomic_int_fast64_t bytes; // written since the last checkpoint
    Bytes buffer;
} Log;

MUST_CHECK bool log_start(Log *l, IoDir *dir, StampClock *clock, uint64_t next_segment, uint64_t next_seq,
                          Stamp published, Err *err);
// A segment that no checkpoint needs any more, its name gone from the log: kept for the next one, or removed.
MUST_CHECK bool log_recycle(const IoDir *dir, const char *name, Err *err);
void log_stop(Log *l); // writes what waits, cuts the filler off the last segment
// Takes the body. NULL: memory is out.
LogNode *log_node_new(Bytes *body, Str user, uint64_t txn, bool asynchronous);
void log_node_drop(LogNode *n);
// Gives sequence number and stamp and queues the node; the log's mutex is held by the caller. before: called
// with the mutex held once the stamp is known.
MUST_CHECK bool log_put(Log *l, LogNode *n, Err *err);
// Tells that the rows of the node carry its stamp, and waits until it is published; lets go of it. False: it
// was refused; then the session takes its rows back and calls log_taken_back.
MUST_CHECK bool log_finish(Log *l, LogNode *n, Err *err);
void log_taken_back(Log *l, LogNode *n);
void log_wait_published(Log *l, Stamp stamp);
// Begins a new segment behind all that was put before; cut is called at that moment, with the mutex held.
// NULL: failed.
LogNode *log_rotate_begin(Log *l, void (*cut)(void *self), void *self, Err *err);
// Waits for it. *first: the segment's number; *seq: of its first record; *at: the last stamp before it.
MUST_CHECK bool log_rotate_end(Log *l, LogNode *n, uint64_t *first, uint64_t *seq, Stamp *at, Err *err);
// ---- log_segment.c: by who is writing ----
MUST_CHECK bool log_segment_make(Log *l, uint64_t segment, size_t record, Err *err);
void log_segment_prepare(Log *l); // when it is time; the mutex is held
void log_segment_close(Log *l);
void log_segment_stop(Log *l); // ends the thread

void log_segment_name(char out[LOG_NAME_SIZE], uint64_t segment);
bool log_segment_number(Str name, uint64_t *segment);

// ---- reading ----
typedef struct LogRecord {
    uint64_t seq, synced, txn; // synced: all up to here were durable before this one was written
    Stamp stamp;
    Str user, body; // borrowed from the segment's text
    size_t at;      // offset in the file
} LogRecord;
typedef enum LogRead { LOG_READ_RECORD, LOG_READ_END, LOG_READ_TORN, LOG_READ_DAMAGED } LogRead;
typedef struct LogReader {
    Str text;
    size_t at;
    uint64_t expect; // next sequence number; 0 = any
    bool head_read;
} LogReader;
// Next record of a segment's text. TORN: from r->at on there is the rest of an unfinished write, to be cut.
// DAMAGED: bytes that were durable are not what was written; `why` says so.
LogRead log_read(LogReader *r, LogRecord *out, Err *why);
MUST_CHECK bool log_head(LogReader *r, uint64_t segment, Err *err);

#endif
