// Backup: with the checkpoint kept away by a lock, table files and dictionary stand still and the log only
// grows at its end; so files can be copied by any process while the owner works on.
#include "engine/store/backup_in.h"
#include "engine/store/recovery_in.h"
#include "engine/store/table_file_in.h"

#include "engine/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { LOCK_WAIT_US = 30000000, LOCK_LOOK_US = 20000 };
#define SEGMENT_BYTES_MAX ((size_t)8 << 30)

typedef struct Backup {
    const BackupRequest *request;
    BackupResult *result;
    BackupCopy copy;
    IoDir root, databases, logs;                // of the data directory
    IoDir to, to_tables, to_logs, to_snapshots; // of the backup
    IoFile lock;
    Arena mem;
    BackupList list;
    BackupTables tables;
    BackupSnapshot now;
} Backup;

// A checkpoint holds the same lock for as long as it runs.
static bool lock(Backup *b, Err *err)
{
    Bytes holder;
    bytes_init(&holder, 512);
    bool ok = io_open(&b->lock, &b->root, BACKUP_LOCK, IO_WRITE | IO_CREATE, err);
    int64_t until = clock_mono_us() + LOCK_WAIT_US;
    while (ok) {
        Err busy = {.at = -1};
        bytes_clear(&holder);
        if (io_lock(&b->lock, STR("backup"), &holder, &busy)) break;
        if (!err_is(&busy, "55006") || clock_mono_us() > until) {
            *err = busy;
            if (err_is(&busy, "55006"))
                err_set(err, "55006", "another backup or a checkpoint of %s takes too long",
                        b->request->from);
            ok = false;
        } else {
            nanosleep(&(struct timespec){.tv_nsec = LOCK_LOOK_US * 1000}, NULL);
        }
    }
    bytes_done(&holder);
    return ok;
}

static bool open_all(Backup *b, Err *err)
{
    Io io = b->request->io;
    return io_dir_open(&b->root, io, b->request->from, false, err) && lock(b, err) &&
           io_dir_open_at(&b->databases, &b->root, "databases", false, err) &&
           io_dir_open_at(&b->logs, &b->root, "log", false, err) &&
           io_dir_open(&b->to, io, b->request->to, true, err) &&
           io_dir_open_at(&b->to_tables, &b->to, "tables", true, err) &&
           io_dir_open_at(&b->to_logs, &b->to, "log", true, err) &&
           io_dir_open_at(&b->to_snapshots, &b->to, "snapshots", true, err) &&
           backup_list_read(&b->list, &b->to, &b->mem, err) &&
           backup_tables_read(&b->tables, &b->root, &b->mem, err);
}

static void close_all(Backup *b)
{
    IoDir *const dir[] = {&b->to_snapshots, &b->to_logs,   &b->to_tables, &b->to,
                          &b->logs,         &b->databases, &b->root};
    for (size_t i = 0; i < COUNT_OF(dir); i++) io_dir_close(dir[i]);
    io_close(&b->lock);
    backup_tables_done(&b->tables);
    arena_done(&b->mem);
}

typedef struct Damage {
    Err *err;
    bool found;
} Damage;

static void on_damage(void *self, const char *file, const char *sentence)
{
    Damage *d = self;
    d->found = true;
    err_set(d->err, SQLSTATE_CORRUPT, "%s: %s", file, sentence);
}

// Only a copy that was read again and found whole gets the name under which it counts.
static bool copy_checked(Backup *b, const BackupTable *t, const IoDir *from, const char *name, Err *err)
{
    char unchecked[BACKUP_TABLE_NAME + 8];
    uint64_t rows = 0;
    Damage damage = {.err = err};
    snprintf(unchecked, sizeof unchecked, "%s.new", name);
    b->result->tables_copied++;
    return backup_copy(&b->copy, from, t->file, &b->to_tables, unchecked, err) &&
           table_file_check(&b->to_tables, t->file, unchecked, t->def, (FileAnchor){t->stamp, t->bytes},
                            on_damage, &damage, &rows, err) &&
           !damage.found && io_rename(&b->to_tables, unchecked, name, err);
}

static bool copy_table(Backup *b, const BackupTable *t, Err *err)
{
    char name[BACKUP_TABLE_NAME];
    IoDir from;
    backup_table_name(name, t);
    b->result->tables++;
    if (!io_dir_open_at(&from, &b->databases, t->directory, false, err)) return false;
    // A file of this table and stamp is always the same.
    bool there =
        io_exists(&b->to_tables, name) && backup_size(&b->to_tables, name) == backup_size(&from, t->file);
    bool ok = there || copy_checked(b, t, &from, name, err);
    io_dir_close(&from);
    return ok;
}

// Reads the copy; gives the time of its last commit.
static bool check_segment(Backup *b, uint64_t segment, bool last, uint64_t *expect, Err *err)
{
    char name[LOG_NAME_SIZE];
    Bytes text;
    LogRecord record;
    log_segment_name(name, segment);
    bytes_init(&text, SEGMENT_BYTES_MAX);
    LogReader reader = {.expect = *expect};
    bool ok = io_read_all(&b->to_logs, name, &text, err);
    reader.text = bytes_str(&text);
    ok = ok && log_head(&reader, segment, err);
    LogRead state = LOG_READ_END;
    while (ok && (state = log_read(&reader, &record, err)) == LOG_READ_RECORD) {
        *expect = record.seq + 1;
        if (stamp_ms(record.stamp) > b->now.until_ms) b->now.until_ms = stamp_ms(record.stamp);
    }
    if (ok && state == LOG_READ_DAMAGED) ok = err_note(err, "in log segment %s", name);
    if (ok && state == LOG_READ_TORN && !last)
        ok = err_set(err, SQLSTATE_CORRUPT,
                     "log segment %s ends in an unfinished record, but segments follow", name);
    bytes_done(&text);
    return ok;
}

static bool copy_segment(Backup *b, uint64_t segment, uint64_t known, Err *err)
{
    char name[LOG_NAME_SIZE];
    log_segment_name(name, segment);
    b->result->segments++;
    // One that was the last in the backup before may have grown within its size.
    int64_t size = backup_size(&b->to_logs, name);
    if (segment < known && size && size == backup_size(&b->logs, name)) return true;
    b->result->segments_copied++;
    return backup_copy(&b->copy, &b->logs, name, &b->to_logs, name, err);
}

static bool copy_log(Backup *b, Err *err)
{
    uint64_t *segment, expect = b->tables.head.next_seq, known = 0, next = b->tables.head.log_segment;
    size_t count;
    if (b->list.count) known = b->list.at[b->list.count - 1].last_segment;
    if (!recovery_segments(&b->logs, &b->mem, &segment, &count, err)) return false;
    b->now.until_ms = stamp_ms(b->now.checkpoint);
    for (size_t i = 0; i < count; i++) {
        if (segment[i] < b->tables.head.log_segment) continue;
        if (segment[i] != next)
            return err_set(err, SQLSTATE_CORRUPT, "log segment %012" PRIu64 ".d2l is missing", next);
        next = segment[i] + 1;
        if (!b->now.first_segment) b->now.first_segment = segment[i];
        b->now.last_segment = segment[i];
        if (!copy_segment(b, segment[i], known, err) ||
            !check_segment(b, segment[i], i + 1 == count, &expect, err))
            return false;
    }
    return io_dir_sync(&b->to_logs, err);
}

static bool copy_names(Backup *b, Err *err)
{
    char name[BACKUP_SNAPSHOT_NAME];
    IoDir to;
    backup_snapshot_name(name, b->now.number);
    if (!io_dir_open_at(&to, &b->to_snapshots, name, true, err)) return false;
    bool ok = backup_copy(&b->copy, &b->root, "dictionary.local", &to, "dictionary.local", err);
    for (const char *const *n = b->request->name; ok && n && *n; n++)
        if (io_exists(&b->root, *n)) ok = backup_copy(&b->copy, &b->root, *n, &to, *n, err);
    ok = ok && io_dir_sync(&to, err) && io_dir_sync(&b->to_snapshots, err);
    io_dir_close(&to);
    return ok;
}

static bool copy_all(Backup *b, Err *err)
{
    for (size_t i = 0; i < b->tables.count; i++) {
        IoDir d;
        const BackupTable *t = &b->tables.at[i];
        if (!io_dir_open_at(&d, &b->databases, t->directory, false, err)) return false;
        b->copy.expected += (uint64_t)backup_size(&d, t->file);
        io_dir_close(&d);
    }
    for (size_t i = 0; i < b->tables.count; i++)
        if (!copy_table(b, &b->tables.at[i], err)) return false;
    return io_dir_sync(&b->to_tables, err) && copy_names(b, err) && copy_log(b, err);
}

bool backup_make(const BackupRequest *request, BackupResult *out, Err *err)
{
    *out = (BackupResult){0};
    Backup b = {.request = request,
                .result = out,
                .copy = {.progress = request->progress, .self = request->self},
                .root = IO_DIR_NONE,
                .databases = IO_DIR_NONE,
                .logs = IO_DIR_NONE,
                .to = IO_DIR_NONE,
                .to_tables = IO_DIR_NONE,
                .to_logs = IO_DIR_NONE,
                .to_snapshots = IO_DIR_NONE,
                .lock = IO_FILE_NONE};
    bool ok = open_all(&b, err);
    if (ok) {
        b.now.number = b.list.count ? b.list.at[b.list.count - 1].number + 1 : 1;
        b.now.checkpoint = b.tables.head.at;
        ok = copy_all(&b, err);
    }
    if (ok) {
        BackupList list = {arena_try(&b.mem, b.list.count + 1, sizeof(BackupSnapshot)), b.list.count + 1, 0};
        ok = list.at || err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory");
        for (size_t i = 0; ok && i < b.list.count; i++) list.at[i] = b.list.at[i];
        if (ok) list.at[b.list.count] = b.now;
        ok = ok && backup_list_write(&list, &b.to, err);
    }
    out->snapshot = b.now.number;
    out->bytes_copied = b.copy.done;
    out->until_ms = b.now.until_ms;
    close_all(&b);
    return ok;
}
