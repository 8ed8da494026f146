// Journal: callers append whole lines to a buffer under a short lock; one writer thread takes the buffers and
// does the disk's work, so that no statement ever waits for it or fails with it. Relies on io, json, thread,
// clock.
#include "engine/journal/journal.h"
#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "engine/base/thread.h"
#include "engine/journal/journal_in.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GATHER_US = 10000, RETRY_US = 500000, NODE_MAX = 128, SENTENCE_MAX = 2048 };
#define ROTATE_BYTES ((int64_t)16 << 20)

typedef struct Queue {
    Bytes waiting;    // guarded by the lock
    uint64_t dropped; // guarded by the lock
    Bytes writing;    // the writer's own from here on
    JournalFile file;
    bool refused; // the disk refused; told when it takes lines again
    char reason[ERR_TEXT_MAX];
} Queue;

struct Journal {
    IoDir dir;
    char node[NODE_MAX];
    Queue queue[JOURNAL_LOGS];
    Mutex lock;
    Cond work, done;
    size_t held;              // bytes handed over and not yet written; guarded, as all below
    uint64_t asked, answered; // passes over the queues that a flush waits for
    bool ending;
    Thread writer;
};

// ---- lines ----

static void begin_line(const Journal *j, const char *kind, Json *json, Bytes *line)
{
    char at[CLOCK_TEXT_SIZE];
    bytes_init(line, JOURNAL_LINE_MAX);
    json_init(json, line);
    json_begin(json, '{');
    json_key(json, "at");
    json_str(json, str_of(clock_text_utc(at, clock_wall_us())));
    json_key(json, "node");
    json_str(json, str_of(j ? j->node : ""));
    json_key(json, "kind");
    json_str(json, str_of(kind));
}

static void end_line(Json *json, Bytes *line)
{
    json_end(json, '}');
    bytes_put_byte(line, '\n');
}

void journal_begin(Journal *j, JournalLog log, const char *kind, Json *json, Bytes *line)
{
    (void)log;
    begin_line(j, kind, json, line);
}

static void hand_over(Journal *j, JournalLog log, Str line)
{
    Queue *q = &j->queue[log];
    mutex_lock(&j->lock);
    if (j->held + line.len > JOURNAL_WAITING_MAX) {
        q->dropped++;
    } else {
        bytes_put(&q->waiting, line);
        if (q->waiting.failed) q->dropped++; // memory is out
        if (j->held == 0) cond_signal(&j->work);
        j->held += line.len;
    }
    mutex_unlock(&j->lock);
}

void journal_end(Journal *j, JournalLog log, Json *json, Bytes *line)
{
    end_line(json, line);
    if (line->failed) {
        bytes_done(line);
        begin_line(j, "line_too_long", json, line);
        json_key(json, "limit");
        json_int(json, JOURNAL_LINE_MAX);
        end_line(json, line);
    }
    if (j && log < JOURNAL_LOGS && !line->failed) hand_over(j, log, bytes_str(line));
    bytes_done(line);
}

void journal_event(Journal *j, const char *kind, const char *format, ...)
{
    char sentence[SENTENCE_MAX];
    va_list list;
    if (!j) return;
    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    Json json;
    Bytes line;
    begin_line(j, kind, &json, &line);
    json_key(&json, "text");
    json_str(&json, str_of(sentence));
    journal_end(j, JOURNAL_EVENT, &json, &line);
}

// ---- writer ----

// A line of the journal about itself, put in front of what comes next.
static void put_note(const Journal *j, Bytes *out, const char *kind, uint64_t lines, const char *reason)
{
    Json json;
    Bytes line;
    begin_line(j, kind, &json, &line);
    if (lines) {
        json_key(&json, "lines");
        json_int(&json, (int64_t)lines);
    }
    if (reason) {
        json_key(&json, "text");
        json_str(&json, str_of(reason));
    }
    end_line(&json, &line);
    bytes_put(out, bytes_str(&line));
    bytes_done(&line);
}

// Writes q->writing; what the disk refuses stays in it.
static bool write_out(Journal *j, Queue *q)
{
    if (q->writing.len == 0) return true;
    Err err = {0};
    size_t written = 0;
    bool ok = journal_file_write(&q->file, &j->dir, bytes_str(&q->writing), &written, &err);
    bytes_remove_front(&q->writing, written);
    if (!ok && !q->refused) {
        q->refused = true;
        snprintf(q->reason, sizeof q->reason, "the disk refused lines of this log: %.400s", err.text);
    }
    return ok;
}

// Moves what waits behind what is still to be written, with the notes that are due.
static void take_waiting(Journal *j, Queue *q)
{
    Bytes taken;
    mutex_lock(&j->lock);
    taken = q->waiting;
    uint64_t dropped = q->dropped;
    bytes_init(&q->waiting, JOURNAL_WAITING_MAX);
    q->dropped = 0;
    mutex_unlock(&j->lock);
    if (q->writing.failed) bytes_clear(&q->writing); // memory was out; it may be there again
    if (q->refused) {
        put_note(j, &q->writing, "journal_refused", 0, q->reason);
        q->refused = false;
    }
    bytes_put(&q->writing, bytes_str(&taken));
    if (dropped) put_note(j, &q->writing, "journal_dropped", dropped, NULL);
    bytes_done(&taken);
}

// One round over the logs; true when everything handed over before it stands in the files.
static bool pass(Journal *j)
{
    bool all = true;
    size_t left = 0;
    for (size_t i = 0; i < JOURNAL_LOGS; i++) {
        Queue *q = &j->queue[i];
        bool ok = write_out(j, q);
        if (ok) {
            take_waiting(j, q);
            ok = write_out(j, q);
        }
        all = all && ok;
        left += q->writing.len;
    }
    mutex_lock(&j->lock);
    j->held = left;
    for (size_t i = 0; i < JOURNAL_LOGS; i++) j->held += j->queue[i].waiting.len;
    mutex_unlock(&j->lock);
    return all;
}

static void writer(void *arg)
{
    Journal *j = arg;
    bool stuck = false;
    mutex_lock(&j->lock);
    for (;;) {
        bool urged = j->ending || j->asked > j->answered;
        if (!urged && stuck)
            cond_wait_for(&j->work, &j->lock, RETRY_US);
        else if (!urged && j->held == 0)
            cond_wait(&j->work, &j->lock);
        if (!j->ending && j->asked == j->answered && !stuck) {
            if (j->held == 0) continue;
            cond_wait_for(&j->work, &j->lock, GATHER_US); // more lines come with the first
        }
        uint64_t asked = j->asked;
        bool last = j->ending;
        mutex_unlock(&j->lock);
        stuck = !pass(j);
        mutex_lock(&j->lock);
        j->answered = asked;
        cond_broadcast(&j->done);
        if (last) break;
    }
    mutex_unlock(&j->lock);
}

void journal_flush(Journal *j)
{
    if (!j) return;
    mutex_lock(&j->lock);
    uint64_t mine = ++j->asked;
    cond_signal(&j->work);
    while (j->answered < mine) cond_wait(&j->done, &j->lock);
    mutex_unlock(&j->lock);
}

// ---- open and close ----

static bool open_files(Journal *j, int64_t rotate_bytes, Err *err)
{
    for (size_t i = 0; i < JOURNAL_LOGS; i++)
        if (!journal_file_open(&j->queue[i].file, &j->dir, (JournalLog)i, rotate_bytes, err)) return false;
    return true;
}

static void release(Journal *j)
{
    for (size_t i = 0; i < JOURNAL_LOGS; i++) {
        io_close(&j->queue[i].file.file);
        bytes_done(&j->queue[i].waiting);
        bytes_done(&j->queue[i].writing);
    }
    io_dir_close(&j->dir);
    cond_done(&j->done);
    cond_done(&j->work);
    mutex_done(&j->lock);
    free(j);
}

bool journal_open(Journal **out, const JournalOptions *o, Err *err)
{
    *out = NULL;
    Journal *j = size_alloc_zero(1, sizeof *j);
    if (!j) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while opening the journal");
    j->dir = IO_DIR_NONE;
    mutex_init(&j->lock);
    cond_init(&j->work);
    cond_init(&j->done);
    snprintf(j->node, sizeof j->node, "%s", o->node ? o->node : "");
    for (size_t i = 0; i < JOURNAL_LOGS; i++) {
        j->queue[i].file.file = IO_FILE_NONE;
        bytes_init(&j->queue[i].waiting, JOURNAL_WAITING_MAX);
        // Room for a refusal's and a loss's note beside all that may wait.
        bytes_init(&j->queue[i].writing, 2 * (size_t)JOURNAL_WAITING_MAX);
    }
    int64_t rotate_bytes = o->rotate_bytes > 0 ? o->rotate_bytes : ROTATE_BYTES;
    if (io_dir_open(&j->dir, o->io, o->directory, true, err) && open_files(j, rotate_bytes, err) &&
        thread_start(&j->writer, writer, j, err)) {
        *out = j;
        return true;
    }
    release(j);
    return err_note(err, "while opening the journal in %s", o->directory);
}

void journal_close(Journal *j)
{
    if (!j) return;
    mutex_lock(&j->lock);
    j->ending = true;
    cond_signal(&j->work);
    mutex_unlock(&j->lock);
    thread_join(&j->writer);
    release(j);
}
