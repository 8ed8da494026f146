// Log, written: sessions queue their records; the first that finds nobody writing takes all that wait, writes
// them behind each other, syncs once and lets everybody go (group commit: Gray, Reuter, "Transaction
// Processing", 1993, 9.4); one of those that came meanwhile is next. A session alone so changes no thread.
// Rows of a commit are visible once all before it are durable and carry their stamps.
#include "engine/store/log_in.h"

#include "engine/base/clock.h"
#include "engine/base/crc32c.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

LogNode *log_node_new(Bytes *body, Str user, uint64_t txn, bool asynchronous)
{
    LogNode *n = calloc(1, sizeof *n);
    if (!n) return NULL;
    atomic_init(&n->holders, 1);
    cond_init(&n->done);
    n->body = *body;
    *body = (Bytes){.max = body->max};
    n->body_crc = crc32c(0, n->body.at, n->body.len);
    size_t len = user.len < sizeof n->user - 1 ? user.len : sizeof n->user - 1;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)user.at[i];
        n->user[i] = c > ' ' && c != 127 ? (char)c : '_';
    }
    if (!len) n->user[0] = '-';
    n->txn = txn;
    n->asynchronous = asynchronous;
    return n;
}

void log_node_drop(LogNode *n)
{
    if (atomic_fetch_sub(&n->holders, 1) != 1) return;
    bytes_done(&n->body);
    cond_done(&n->done);
    free(n);
}

// ---- sessions ----

static bool refused(const Log *l, Err *err)
{
    err_set(err, l->failure.state, "%s", l->failure.text);
    return err_hint(err, "%s", l->failure.hint);
}

bool log_put(Log *l, LogNode *n, Err *err)
{
    if (l->failed) return refused(l, err);
    atomic_fetch_add(&n->holders, 2); // the writer, the queue of those to be published
    if (!n->rotate) l->last_stamp = stamp_next(l->clock);
    n->stamp = l->last_stamp;
    n->next = n->next_publish = NULL;
    if (l->waiting_end)
        l->waiting_end->next = n;
    else
        l->waiting = n;
    l->waiting_end = n;
    if (l->publish_end)
        l->publish_end->next_publish = n;
    else
        l->publish = n;
    l->publish_end = n;
    bool large = n->body.len >= LOG_DIRECT_BYTES; // its session has many rows to stamp meanwhile
    if (n->rotate || large) l->urgent = true;
    if ((l->urgent || n->asynchronous) && !l->writing) cond_signal(&l->work);
    return true;
}

static void wake(LogNode *n)
{
    if (n->sleeping) cond_signal(&n->done);
    n->sleeping = false;
}

// Moves the line between seen and unseen as far as it can go; the mutex is held.
static void publish(Log *l)
{
    bool any = false;
    while (l->publish) {
        LogNode *n = l->publish;
        bool ready = n->state == LOG_DURABLE || (n->asynchronous && n->state == LOG_WAITING);
        // A refused one blocks the way until its rows are taken back: a later stamp would show them.
        if (n->state == LOG_REFUSED ? !n->published && !n->taken_back : !n->stamped || !ready) break;
        if (n->state != LOG_REFUSED) {
            atomic_store(&l->published, n->stamp);
            n->published = true;
            wake(n);
        }
        l->publish = n->next_publish;
        if (!l->publish) l->publish_end = NULL;
        log_node_drop(n);
        any = true;
    }
    if (any && l->onlookers) cond_broadcast(&l->moved);
}

static void write_all(Log *l, LogNode *first);
static void settle(Log *l, LogNode *from, const LogNode *to, LogState state);

// Writes all that waits; the mutex is held, and let go of meanwhile. Then somebody else may.
static void lead(Log *l)
{
    LogNode *first = l->waiting;
    l->waiting = l->waiting_end = NULL;
    l->writing = true;
    l->urgent = false;
    bool failed = l->failed;
    mutex_unlock(&l->mutex);
    if (failed)
        settle(l, first, NULL, LOG_REFUSED);
    else
        write_all(l, first);
    mutex_lock(&l->mutex);
    l->writing = false;
    log_segment_prepare(l);
    if (!l->waiting) return;
    LogNode *next = l->waiting;
    while (next && !next->sleeping) next = next->next;
    if (next)
        wake(next);
    else
        cond_signal(&l->work); // those that are not here yet will write themselves; others wait for nothing
}

bool log_finish(Log *l, LogNode *n, Err *err)
{
    mutex_lock(&l->mutex);
    n->stamped = true;
    publish(l);
    while (!n->published && n->state != LOG_REFUSED) {
        if (n->state == LOG_WAITING && !l->writing && l->waiting) {
            lead(l);
        } else {
            n->sleeping = true;
            cond_wait(&n->done, &l->mutex);
            n->sleeping = false;
        }
    }
    bool ok = n->published || refused(l, err);
    mutex_unlock(&l->mutex);
    if (ok) log_node_drop(n);
    return ok;
}

void log_taken_back(Log *l, LogNode *n)
{
    mutex_lock(&l->mutex);
    n->taken_back = true;
    publish(l);
    mutex_unlock(&l->mutex);
    log_node_drop(n);
}

void log_wait_published(Log *l, Stamp stamp)
{
    mutex_lock(&l->mutex);
    // A refused commit takes its rows back; then there is nothing to wait for.
    l->onlookers++;
    while (atomic_load(&l->published) < stamp && l->publish) cond_wait(&l->moved, &l->mutex);
    l->onlookers--;
    mutex_unlock(&l->mutex);
}

LogNode *log_rotate_begin(Log *l, void (*cut)(void *self), void *self, Err *err)
{
    Bytes none = {0};
    LogNode *n = log_node_new(&none, STR_NONE, 0, false);
    if (!n) {
        err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for a checkpoint");
        return NULL;
    }
    n->rotate = true;
    mutex_lock(&l->mutex);
    bool ok = log_put(l, n, err);
    if (ok) cut(self);
    mutex_unlock(&l->mutex);
    if (ok) return n;
    log_node_drop(n);
    return NULL;
}

bool log_rotate_end(Log *l, LogNode *n, uint64_t *first, uint64_t *seq, Stamp *at, Err *err)
{
    atomic_fetch_add(&n->holders, 1);
    bool ok = log_finish(l, n, err);
    if (!ok) log_taken_back(l, n);
    *at = n->stamp;
    *first = n->segment; // the writer left them there
    *seq = n->seq;
    log_node_drop(n);
    return ok;
}

// ---- the writer ----

static void put_head(Log *l, LogNode *n, Bytes *out, uint32_t *head)
{
    char time[CLOCK_TEXT_SIZE];
    size_t from = out->len;
    bytes_printf(out, "commit %" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 " %s %s %zu %08" PRIx32 " ",
                 n->seq, l->durable_seq, n->txn, n->stamp, clock_text_utc(time, stamp_ms(n->stamp) * 1000),
                 n->user, n->body.len, n->body_crc);
    *head = out->failed ? 0 : crc32c(0, out->at + from, out->len - from);
    bytes_printf(out, "%08" PRIx32 "\n", *head);
}

static bool flush(Log *l, Err *err)
{
    if (l->buffer.failed) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the log");
    if (l->buffer.len == 0) return true;
    if (!io_write(&l->file, l->buffer.at, l->buffer.len, l->at, err)) return false;
    l->at += (int64_t)l->buffer.len;
    atomic_fetch_add(&l->bytes, (int64_t)l->buffer.len);
    bytes_clear(&l->buffer);
    return true;
}

static bool write_record(Log *l, LogNode *n, Err *err)
{
    uint32_t head;
    n->seq = l->next_seq++;
    put_head(l, n, &l->buffer, &head);
    if (n->body.len >= LOG_DIRECT_BYTES) {
        if (!flush(l, err) || !io_write(&l->file, n->body.at, n->body.len, l->at, err)) return false;
        l->at += (int64_t)n->body.len;
        atomic_fetch_add(&l->bytes, (int64_t)n->body.len);
    } else {
        bytes_put(&l->buffer, bytes_str(&n->body));
    }
    bytes_printf(&l->buffer, "end %" PRIu64 " %08" PRIx32 "\n", n->seq, head);
    return l->buffer.len < LOG_DIRECT_BYTES || flush(l, err);
}

// Tells everybody from `from` up to, not including, `to` how it went, and lets go of them.
static void settle(Log *l, LogNode *from, const LogNode *to, LogState state)
{
    mutex_lock(&l->mutex);
    for (LogNode *n = from, *next; n != to; n = next) {
        next = n->next;
        n->state = state;
        if (state == LOG_REFUSED) wake(n); // it may stand behind others
        log_node_drop(n);
    }
    publish(l);
    mutex_unlock(&l->mutex);
}

// Nothing of these was written: the store stays usable when it was only space that was missing.
static void refuse(Log *l, LogNode *from, const LogNode *to, const Err *why, bool for_good)
{
    mutex_lock(&l->mutex);
    l->failure = *why;
    if (for_good) {
        l->failed = true;
        err_clear(&l->failure);
        err_set(&l->failure, SQLSTATE_IO, "the log cannot be written, the store takes no more changes: %s",
                why->text);
        err_hint(&l->failure,
                 "what was committed is safe; repair the cause and open the data directory again");
    } else {
        err_hint(&l->failure, "nothing was written; free some space and try again");
    }
    mutex_unlock(&l->mutex);
    settle(l, from, to, LOG_REFUSED);
}

static bool sync_run(Log *l, LogNode *from, const LogNode *to, Err *err)
{
    if (from == to) return true;
    if (!flush(l, err) || (l->file.fd >= 0 && !io_sync(&l->file, err))) return false;
    l->durable_seq = l->next_seq - 1;
    settle(l, from, to, LOG_DURABLE);
    return true;
}

static size_t record_size(const LogNode *n) { return n->body.len + LOG_HEAD_MAX + 64; }

// Writes what was taken; `run` is where the records begin that are written but not synced.
static void write_all(Log *l, LogNode *first)
{
    LogNode *run = first, *n = first;
    Err err = {0};
    bool space = false;
    for (; n && !err_any(&err); n = err_any(&err) ? n : n->next) {
        int64_t end = l->at + (int64_t)l->buffer.len + (int64_t)record_size(n);
        bool full = l->file.fd >= 0 && end > l->size;
        if ((n->rotate || full || l->file.fd < 0) && run != n) {
            if (!sync_run(l, run, n, &err)) break;
            run = n;
        }
        if (n->rotate || full) log_segment_close(l);
        if (n->rotate) {
            n->segment = l->segment;
            n->seq = l->next_seq;
            continue;
        }
        if (l->file.fd < 0 && !log_segment_make(l, l->segment, record_size(n), &err)) {
            space = err_is(&err, SQLSTATE_DISK_FULL);
            break;
        }
        if (!write_record(l, n, &err)) break;
    }
    if (!err_any(&err) && sync_run(l, run, NULL, &err)) return;
    bytes_clear(&l->buffer);
    refuse(l, run, NULL, &err, !space);
}

// For commits that nobody waits for, and for what is better begun early.
static void writer(void *arg)
{
    Log *l = arg;
    mutex_lock(&l->mutex);
    for (;;) {
        while (!l->stopping && (!l->waiting || l->writing)) cond_wait(&l->work, &l->mutex);
        if (!l->urgent && !l->stopping) cond_wait_for(&l->work, &l->mutex, LOG_ASYNC_WAIT_US);
        if (l->writing) continue;
        if (l->waiting)
            lead(l);
        else if (l->stopping)
            break;
    }
    mutex_unlock(&l->mutex);
    log_segment_stop(l);
    log_segment_close(l);
}

bool log_start(Log *l, IoDir *dir, StampClock *clock, uint64_t next_segment, uint64_t next_seq,
               Stamp published, Err *err)
{
    l->dir = dir;
    l->clock = clock;
    l->file = l->ready_file = IO_FILE_NONE;
    l->segment = next_segment;
    l->next_seq = next_seq;
    l->durable_seq = next_seq - 1;
    l->last_stamp = published;
    atomic_init(&l->published, published);
    bytes_init(&l->buffer, (size_t)4 * LOG_DIRECT_BYTES);
    mutex_init(&l->mutex);
    cond_init(&l->work);
    cond_init(&l->moved);
    cond_init(&l->prepare);
    cond_init(&l->prepared);
    return thread_start(&l->writer, writer, l, err);
}

void log_stop(Log *l)
{
    mutex_lock(&l->mutex);
    l->stopping = true;
    cond_signal(&l->work);
    mutex_unlock(&l->mutex);
    thread_join(&l->writer);
    mutex_done(&l->mutex);
    cond_done(&l->work);
    cond_done(&l->moved);
    cond_done(&l->prepare);
    cond_done(&l->prepared);
    bytes_done(&l->buffer);
}
