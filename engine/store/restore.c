// Restore: a data directory out of a backup: the newest snapshot that is old enough, and its log up to the
// moment that was asked for. Opening it replays the log as after any other stop.
#include "engine/store/backup_in.h"
#include "engine/store/log_in.h"

#include <inttypes.h>

#define SEGMENT_BYTES_MAX ((size_t)8 << 30)

typedef struct Restore {
    const RestoreRequest *request;
    RestoreResult *result;
    BackupCopy copy;
    IoDir from, from_tables, from_logs, snapshot, archive;
    IoDir to, databases, logs;
    Arena mem;
    BackupTables tables;
    BackupSnapshot chosen;
} Restore;

static bool choose(Restore *r, Err *err)
{
    BackupList list;
    if (!backup_list_read(&list, &r->from, &r->mem, err)) return false;
    if (!list.count) return err_set(err, "58P01", "there is no backup in %s", r->request->from);
    for (size_t i = list.count; i-- > 0;) {
        r->chosen = list.at[i];
        if (stamp_ms(r->chosen.checkpoint) <= r->request->until_ms) return true;
    }
    return err_set(err, "22023", "no snapshot of the backup is as old as the time that was asked for");
}

static bool is_empty(const IoDir *d, Arena *mem, Err *err)
{
    Str *names;
    size_t count;
    return io_dir_list(d, mem, &names, &count, err) &&
           (count == 0 || err_set(err, "58P02", "the directory to restore into is not empty"));
}

static bool open_all(Restore *r, Err *err)
{
    char number[BACKUP_SNAPSHOT_NAME];
    IoDir snapshots;
    Io io = r->request->io;
    if (!io_dir_open(&r->from, io, r->request->from, false, err) || !choose(r, err)) return false;
    backup_snapshot_name(number, r->chosen.number);
    if (!io_dir_open_at(&snapshots, &r->from, "snapshots", false, err)) return false;
    bool ok = io_dir_open_at(&r->snapshot, &snapshots, number, false, err);
    io_dir_close(&snapshots);
    return ok && (!r->request->archive || io_dir_open(&r->archive, io, r->request->archive, false, err)) &&
           io_dir_open_at(&r->from_tables, &r->from, "tables", false, err) &&
           io_dir_open_at(&r->from_logs, &r->from, "log", false, err) &&
           backup_tables_read(&r->tables, &r->snapshot, &r->mem, err) &&
           io_dir_open(&r->to, io, r->request->to, true, err) && is_empty(&r->to, &r->mem, err) &&
           io_dir_open_at(&r->databases, &r->to, "databases", true, err) &&
           io_dir_open_at(&r->logs, &r->to, "log", true, err);
}

static void close_all(Restore *r)
{
    IoDir *const dir[] = {&r->from,    &r->from_tables, &r->from_logs, &r->snapshot,
                          &r->archive, &r->to,          &r->databases, &r->logs};
    for (size_t i = 0; i < COUNT_OF(dir); i++) io_dir_close(dir[i]);
    backup_tables_done(&r->tables);
    arena_done(&r->mem);
}

static bool copy_tables(Restore *r, Err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < r->tables.count; i++) {
        const BackupTable *t = &r->tables.at[i];
        char name[BACKUP_TABLE_NAME];
        IoDir d;
        backup_table_name(name, t);
        if (!io_dir_open_at(&d, &r->databases, t->directory, true, err)) return false;
        ok = backup_copy(&r->copy, &r->from_tables, name, &d, t->file, err) && io_dir_sync(&d, err);
        io_dir_close(&d);
        r->result->tables++;
    }
    return ok;
}

// Every file of the snapshot but the dictionary: that one comes last, and makes a data directory of it all.
static bool copy_names(Restore *r, Err *err)
{
    Str *names;
    size_t count;
    bool ok = io_dir_list(&r->snapshot, &r->mem, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        const char *name = arena_cstr(&r->mem, names[i]);
        if (str_equal(names[i], STR("dictionary.local"))) continue;
        ok = backup_copy(&r->copy, &r->snapshot, name, &r->to, name, err);
    }
    return ok;
}

// How much of the segment belongs into the restored log; *more = later segments may follow.
static bool wanted(Restore *r, Str text, uint64_t segment, uint64_t *expect, size_t *keep, bool *more,
                   Err *err)
{
    LogReader reader = {.text = text, .expect = *expect};
    LogRecord record;
    LogRead state;
    if (!log_head(&reader, segment, err)) return false;
    *more = true;
    while ((state = log_read(&reader, &record, err)) == LOG_READ_RECORD) {
        int64_t at_ms = stamp_ms(record.stamp);
        if (at_ms > r->request->until_ms) {
            r->result->left_out_ms = at_ms;
            *keep = record.at;
            *more = false;
            return true;
        }
        *expect = record.seq + 1;
        r->result->transactions++;
        if (at_ms > r->result->until_ms) r->result->until_ms = at_ms;
    }
    *keep = reader.at;
    // The tail of the last segment was being written while it was copied.
    if (state == LOG_READ_TORN) *more = false;
    return state != LOG_READ_DAMAGED || err_note(err, "in log segment %" PRIu64 " of the backup", segment);
}

static bool put_segment(Restore *r, const char *name, Str text, Err *err)
{
    IoFile f;
    if (!io_open(&f, &r->logs, name, IO_WRITE | IO_NEW | IO_CREATE, err)) return false;
    bool ok = io_write(&f, text.at, text.len, 0, err) && io_sync(&f, err);
    io_close(&f);
    return ok;
}

static bool copy_segment(Restore *r, uint64_t segment, uint64_t *expect, bool *more, Err *err)
{
    char name[LOG_NAME_SIZE];
    Bytes text;
    size_t keep = 0;
    log_segment_name(name, segment);
    // The archive's copy is of a finished segment; the backup's may have been taken while it grew.
    const IoDir *d = r->request->archive && io_exists(&r->archive, name) ? &r->archive : &r->from_logs;
    *more = io_exists(d, name);
    if (!*more)
        return segment > r->chosen.last_segment ||
               err_set(err, SQLSTATE_CORRUPT, "log segment %s is missing in the backup", name);
    bytes_init(&text, SEGMENT_BYTES_MAX);
    bool ok = io_read_all(d, name, &text, err) &&
              wanted(r, bytes_str(&text), segment, expect, &keep, more, err) &&
              put_segment(r, name, str_slice(bytes_str(&text), 0, keep), err);
    r->result->segments++;
    bytes_done(&text);
    return ok;
}

static bool copy_log(Restore *r, Err *err)
{
    uint64_t expect = r->tables.head.next_seq, segment = r->tables.head.log_segment;
    bool more = true, ok = true;
    r->result->until_ms = stamp_ms(r->chosen.checkpoint);
    // A checkpoint without later commits has no segment yet.
    if (r->chosen.first_segment == 0 && !r->request->archive) return true;
    while (ok && more) ok = copy_segment(r, segment++, &expect, &more, err);
    return ok && io_dir_sync(&r->logs, err);
}

bool restore_make(const RestoreRequest *request, RestoreResult *out, Err *err)
{
    *out = (RestoreResult){0};
    Restore r = {.request = request,
                 .result = out,
                 .from = IO_DIR_NONE,
                 .from_tables = IO_DIR_NONE,
                 .from_logs = IO_DIR_NONE,
                 .snapshot = IO_DIR_NONE,
                 .archive = IO_DIR_NONE,
                 .to = IO_DIR_NONE,
                 .databases = IO_DIR_NONE,
                 .logs = IO_DIR_NONE};
    bool ok = open_all(&r, err);
    out->snapshot = r.chosen.number;
    ok = ok && copy_tables(&r, err) && io_dir_sync(&r.databases, err) && copy_names(&r, err) &&
         copy_log(&r, err) &&
         backup_copy(&r.copy, &r.snapshot, "dictionary.local", &r.to, "dictionary.local", err) &&
         io_dir_sync(&r.to, err);
    close_all(&r);
    return ok;
}
