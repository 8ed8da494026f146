// Log segments, made: the next one is filled with line ends and synced by a thread of its own while the open
// one takes records, so that a commit overwrites what is on the disk already and never waits for a segment.
// Segments that no checkpoint needs are filled anew instead of being removed: of their old records nothing is
// left when the new name is given, so none can be taken for a new one.
#include "engine/store/log_in.h"

#include "engine/base/crc32c.h"

#include <inttypes.h>
#include <string.h>

static bool fill(IoFile *f, int64_t from, int64_t to, Err *err)
{
    char line_ends[LOG_FILL_BYTES];
    memset(line_ends, '\n', sizeof line_ends);
    while (from < to) {
        size_t count = to - from < LOG_FILL_BYTES ? (size_t)(to - from) : LOG_FILL_BYTES;
        if (!io_write(f, line_ends, count, from, err)) return false;
        from += (int64_t)count;
    }
    return true;
}

static size_t put_head(Bytes *head, uint64_t segment)
{
    bytes_init(head, LOG_HEAD_MAX);
    bytes_printf(head, "d2l %d segment %" PRIu64, LOG_VERSION, segment);
    bytes_printf(head, " %08" PRIx32 "\n", crc32c(0, head->at, head->len));
    return head->len;
}

static bool write_file(const IoDir *dir, uint64_t segment, int64_t size, IoFile *out, Err *err)
{
    Bytes head;
    bool ok = put_head(&head, segment) && !head.failed;
    if (!ok) err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for the log");
    if (ok && io_exists(dir, LOG_SPARE)) ok = io_rename(dir, LOG_SPARE, LOG_NEXT, err);
    ok = ok && io_open(out, dir, LOG_NEXT, IO_WRITE | IO_CREATE, err);
    if (ok) {
        ok = io_write(out, head.at, head.len, 0, err) && fill(out, (int64_t)head.len, size, err) &&
             io_truncate(out, size, err) && io_sync(out, err);
        if (!ok) io_close(out);
    }
    bytes_done(&head);
    return ok;
}

bool log_recycle(const IoDir *dir, const char *name, Err *err)
{
    return io_exists(dir, LOG_SPARE) ? io_remove(dir, name, err) : io_rename(dir, name, LOG_SPARE, err);
}

static void preparer(void *arg)
{
    Log *l = arg;
    mutex_lock(&l->mutex);
    for (;;) {
        while (!l->stopping && !l->wanted) cond_wait(&l->prepare, &l->mutex);
        if (l->stopping) break;
        Err err = {0}; // what is wrong is told when the segment is needed
        IoFile file = IO_FILE_NONE;
        uint64_t segment = l->wanted;
        mutex_unlock(&l->mutex);
        bool ok = write_file(l->dir, segment, LOG_SEGMENT_BYTES, &file, &err);
        mutex_lock(&l->mutex);
        l->ready = ok ? segment : 0;
        l->ready_file = file;
        l->wanted = 0;
        cond_broadcast(&l->prepared);
    }
    mutex_unlock(&l->mutex);
}

void log_segment_prepare(Log *l)
{
    if (l->file.fd < 0 || l->at < l->size / 2 || l->wanted || l->ready || l->stopping || l->failed) return;
    Err err = {0}; // then it is made when it is needed
    if (!l->preparer.started && !thread_start(&l->preparer, preparer, l, &err)) return;
    l->wanted = l->segment + 1;
    cond_signal(&l->prepare);
}

// The prepared one, when there is one or will be soon.
static bool take_prepared(Log *l, uint64_t segment)
{
    mutex_lock(&l->mutex);
    while (l->wanted == segment) cond_wait(&l->prepared, &l->mutex);
    bool there = l->ready == segment;
    if (there) l->file = l->ready_file;
    if (there) l->ready = 0;
    mutex_unlock(&l->mutex);
    return there;
}

bool log_segment_make(Log *l, uint64_t segment, size_t record, Err *err)
{
    char name[LOG_NAME_SIZE];
    Bytes head;
    size_t begin = put_head(&head, segment);
    bytes_done(&head);
    int64_t size = LOG_SEGMENT_BYTES;
    bool ok = take_prepared(l, segment);
    if (!ok) {
        if (segment == 1) size = LOG_SEGMENT_FIRST_BYTES;
        // A record larger than a segment is appended; filling first would write it twice.
        if ((int64_t)(record + begin) > size) size = (int64_t)begin;
        ok = write_file(l->dir, segment, size, &l->file, err);
    }
    if (!ok) return false;
    log_segment_name(name, segment);
    ok = io_rename(l->dir, LOG_NEXT, name, err) && io_dir_sync(l->dir, err);
    if (!ok) io_close(&l->file);
    l->at = (int64_t)begin;
    l->size = size;
    return ok;
}

void log_segment_close(Log *l)
{
    if (l->file.fd < 0) return;
    Err err = {0}; // a tail of line ends does no harm
    if (l->at < l->size && !io_truncate(&l->file, l->at, &err)) err_clear(&err);
    io_close(&l->file);
    l->file = IO_FILE_NONE;
    l->segment++;
}

void log_segment_stop(Log *l)
{
    mutex_lock(&l->mutex);
    cond_signal(&l->prepare);
    mutex_unlock(&l->mutex);
    thread_join(&l->preparer);
    if (!l->ready) return;
    Err err = {0}; // the next opening removes it
    io_close(&l->ready_file);
    l->ready = 0;
    if (!io_remove(l->dir, LOG_NEXT, &err)) err_clear(&err);
}
