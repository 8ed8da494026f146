// Store: opening and closing a data directory, its databases, and the keeper: the thread that takes a
// checkpoint when the log has grown.
#include "engine/store/store_in.h"

#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "engine/store/definition_in.h"
#include "engine/store/file_name_in.h"
#include "engine/store/recovery_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    KEEPER_LOOK_US = 200000,
    VACUUM_LIVE_MAX = 100000,
    HOLDER_DEAD_MIN = 100000,
    HOLDER_AGE_US = 60000000
};
#define CHECKPOINT_LOG_BYTES INT64_C(67108864)

bool store_out_of_memory(Err *err) { return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory"); }

#define OWNER_SERVES ", serves on "

static void owner_text(Store *s)
{
    char now[CLOCK_TEXT_SIZE];
    snprintf(s->owner, sizeof s->owner, "pid %ld since %s", (long)getpid(),
             clock_text_utc(now, clock_wall_us()));
}

bool store_tell_owner(Store *s, Str what, Err *err)
{
    size_t len = strlen(s->owner);
    snprintf(s->owner + len, sizeof s->owner - len, OWNER_SERVES "%.*s", STR_ARG(what));
    return io_truncate(&s->lock, 0, err) && io_write(&s->lock, s->owner, strlen(s->owner), 0, err);
}

static bool lock_directory(Store *s, Err *err)
{
    Bytes holder;
    Err held = {.at = -1};
    bytes_init(&holder, OWNER_MAX);
    owner_text(s);
    bool ok = io_open(&s->lock, &s->root, "lock", IO_WRITE | IO_CREATE, err) &&
              io_lock(&s->lock, str_of(s->owner), &holder, &held);
    if (!ok && err_is(&held, "55006")) {
        err_set(err, "55006", "the data directory %s is in use by %.*s", s->options.path,
                STR_ARG(holder.len ? bytes_str(&holder) : STR("another process")));
        if (str_find(bytes_str(&holder), STR(OWNER_SERVES), 0) != SIZE_MAX)
            err_hint(
                err,
                "It is a running node: connect with psql -h DIRECTORY-OF-THE-SOCKET -U NAME -d DATABASE, "
                "or end it first.");
    } else if (!ok && err_any(&held))
        *err = held;
    bytes_done(&holder);
    return ok;
}

static bool open_directories(Store *s, Err *err)
{
    return io_dir_open(&s->root, s->options.io, s->options.path, true, err) && lock_directory(s, err) &&
           io_dir_open_at(&s->databases, &s->root, "databases", true, err) &&
           io_dir_open_at(&s->logs, &s->root, "log", true, err) && io_dir_sync(&s->root, err);
}

void store_wake_keeper(Store *s)
{
    if (atomic_load(&s->log.bytes) >= s->options.checkpoint_log_bytes) cond_signal(&s->wake);
}

void store_checkpoint_pause(Store *s, int64_t us)
{
    int64_t until = clock_mono_us() + us, left = us;
    mutex_lock(&s->background);
    while (s->keeper.started && !s->stopping && (left = until - clock_mono_us()) > 0)
        cond_wait_for(&s->wake, &s->background, left);
    mutex_unlock(&s->background);
}

void store_vacuum(Store *s)
{
    mutex_lock(&s->background);
    s->vacuum_wanted = true;
    cond_signal(&s->wake);
    mutex_unlock(&s->background);
}

// A reader that keeps many versions for long is told of, once.
static void tell_of_long_reader(Store *s)
{
    StoreHolder holder[64];
    uint64_t dead = store_dead_versions(s);
    if (dead < HOLDER_DEAD_MIN || !s->options.journal) return;
    size_t n = store_holders(s, holder, COUNT_OF(holder));
    int64_t now = clock_wall_us();
    for (size_t i = 0; i < n; i++) {
        if (now - holder[i].snapshot_us < HOLDER_AGE_US || holder[i].transaction == s->holder_told) continue;
        s->holder_told = holder[i].transaction;
        char since[CLOCK_TEXT_SIZE];
        journal_event(s->options.journal, "vacuum-held",
                      "transaction %" PRIu64 " of session %" PRIu64
                      " keeps old row versions since %s; %" PRIu64 " wait to be thrown away",
                      holder[i].transaction, holder[i].session, clock_text_utc(since, holder[i].snapshot_us),
                      dead);
        return;
    }
}

// Tables that hold more dead versions than they should, without a checkpoint. Large ones wait for the
// checkpoint: nobody gets in while a table is rewritten.
static void vacuum(Store *s, bool wanted)
{
    mutex_lock(&s->checkpoint);
    size_t count = 0, cursor = 0;
    latch_read(&s->catalog);
    Relation **list = size_alloc(s->table_count + 1u, sizeof *list);
    for (const MapEntry *e; list && (e = map_next(&s->ids, &cursor)) != NULL;) {
        Relation *r = e->value;
        bool small = atomic_load(&r->live) < VACUUM_LIVE_MAX;
        if (atomic_load(&r->dead) && (small || wanted)) list[count++] = r;
    }
    latch_unlock(&s->catalog);
    for (size_t i = 0; i < count; i++) relation_vacuum(s, list[i]);
    free(list);
    mutex_unlock(&s->checkpoint);
    tell_of_long_reader(s);
}

static void keeper(void *arg)
{
    Store *s = arg;
    int64_t limit = s->options.checkpoint_log_bytes;
    mutex_lock(&s->background);
    while (!s->stopping) {
        cond_wait_for(&s->wake, &s->background, KEEPER_LOOK_US);
        if (s->stopping) break;
        bool wanted = s->vacuum_wanted, ok = true;
        s->vacuum_wanted = false;
        mutex_unlock(&s->background);
        Err err = {0};
        if (atomic_load(&s->log.bytes) >= limit)
            ok = store_checkpoint(s, &err); // its failure is in the journal; the log grows on
        else
            vacuum(s, wanted);
        mutex_lock(&s->background);
        if (!ok && !s->stopping) cond_wait_for(&s->wake, &s->background, KEEPER_LOOK_US * 10);
    }
    mutex_unlock(&s->background);
}

static void init(Store *s, const StoreOptions *options)
{
    s->options = *options;
    if (!s->options.checkpoint_log_bytes) s->options.checkpoint_log_bytes = CHECKPOINT_LOG_BYTES;
    s->root = s->databases = s->logs = IO_DIR_NONE;
    s->lock = IO_FILE_NONE;
    latch_init(&s->catalog);
    mutex_init(&s->label_lock);
    arena_init(&s->label_mem, 0);
    mutex_init(&s->active);
    mutex_init(&s->history);
    mutex_init(&s->checkpoint);
    mutex_init(&s->background);
    cond_init(&s->wake);
    atomic_init(&s->next_id, 1);
    s->next_txn = 1;
}

static void done(Store *s)
{
    catalog_clear(s);
    io_dir_close(&s->logs);
    io_dir_close(&s->databases);
    io_close(&s->lock);
    io_dir_close(&s->root);
    latch_done(&s->catalog);
    mutex_done(&s->label_lock);
    map_done(&s->labels);
    arena_done(&s->label_mem);
    mutex_done(&s->active);
    history_done(s);
    mutex_done(&s->history);
    lock_table_done(&s->locks);
    mutex_done(&s->checkpoint);
    mutex_done(&s->background);
    cond_done(&s->wake);
    free(s);
}

bool store_open(Store **out, const StoreOptions *options, Err *err)
{
    Store *s = size_alloc_zero(1, sizeof *s);
    if (!s) return store_out_of_memory(err);
    init(s, options);
    bool fresh = false;
    if (!lock_table_init(&s->locks, err) || !open_directories(s, err) || !recovery_run(s, &fresh, err)) {
        if (s->log.writer.started) log_stop(&s->log);
        done(s);
        return false;
    }
    bool ok = (!fresh || store_checkpoint(s, err)) &&
              (options->no_background || thread_start(&s->keeper, keeper, s, err));
    if (!ok) {
        log_stop(&s->log);
        done(s);
        return false;
    }
    *out = s;
    return true;
}

void store_close(Store *s)
{
    if (!s) return;
    mutex_lock(&s->background);
    s->stopping = true;
    cond_signal(&s->wake);
    mutex_unlock(&s->background);
    thread_join(&s->keeper);
    Err err = {0};
    if (!store_checkpoint(s, &err)) err_clear(&err); // told in the journal; the log holds everything
    log_stop(&s->log);
    stamp_clock_done(&s->clock);
    done(s);
}

void store_recovery(const Store *s, StoreRecovery *out) { *out = s->recovery; }

// ---- databases: each change is its own commit; the checkpoint's mutex keeps the two apart ----

static bool commit_line(Store *s, Bytes *body, Str user, Err *err)
{
    LogNode *n = body->failed ? NULL : log_node_new(body, user, 0, false);
    if (!n) return store_out_of_memory(err);
    mutex_lock(&s->log.mutex);
    bool ok = log_put(&s->log, n, err);
    mutex_unlock(&s->log.mutex);
    if (!ok) {
        log_node_drop(n);
        return false;
    }
    if (log_finish(&s->log, n, err)) {
        atomic_store(&s->catalog_changed, true);
        return true;
    }
    log_taken_back(&s->log, n);
    return false;
}

static bool has_database(Store *s, Str name)
{
    latch_read(&s->catalog);
    bool has = catalog_database(s, name) != NULL;
    latch_unlock(&s->catalog);
    return has;
}

bool store_database_exists(Store *s, Str name)
{
    return !str_equal(name, SCHEMA_SHARED) && has_database(s, name);
}

uint64_t store_database_id(Store *s, Str name)
{
    latch_read(&s->catalog);
    const Database *d = catalog_database(s, name);
    uint64_t id = d ? d->id : 0;
    latch_unlock(&s->catalog);
    return id;
}

static bool create(Store *s, Str name, Str user, Err *err)
{
    char directory[FILE_NAME_SIZE];
    if (!file_name_encode(directory, name, "", err)) return false;
    uint64_t id = atomic_fetch_add(&s->next_id, 1);
    Bytes body;
    bytes_init(&body, 4096);
    bytes_printf(&body, "database\t%" PRIu64, id);
    line_put(&body, name);
    line_put(&body, str_of(directory));
    bytes_put_byte(&body, '\n');
    bool ok = commit_line(s, &body, user, err);
    bytes_done(&body);
    Database *d;
    latch_write(&s->catalog);
    ok = ok && catalog_add_database(s, name, id, str_of(directory), &d, err);
    latch_unlock(&s->catalog);
    return ok;
}

bool store_database_create(Store *s, Str name, bool if_not_exists, Str user, Err *err)
{
    if (name.len == 0) return err_set(err, "42602", "a database needs a name");
    if (name.len > SCHEMA_NAME_MAX)
        return err_set(err, "42622", "the name of a database is longer than %d bytes", SCHEMA_NAME_MAX);
    if (memchr(name.at, 0, name.len)) return err_set(err, "42602", "the name of a database holds a NUL byte");
    if (str_equal(name, SCHEMA_SHARED))
        return err_set(err, "42939", "the name \"%.*s\" is the engine's own", STR_ARG(name));
    mutex_lock(&s->checkpoint);
    bool exists = has_database(s, name), ok;
    if (exists)
        ok = if_not_exists || err_set(err, "42P04", "database %.*s exists already", STR_ARG(name));
    else
        ok = create(s, name, user, err);
    mutex_unlock(&s->checkpoint);
    return ok;
}

bool store_shared_make(Store *s, Err *err)
{
    mutex_lock(&s->checkpoint);
    bool ok = has_database(s, SCHEMA_SHARED) || create(s, SCHEMA_SHARED, STR(""), err);
    mutex_unlock(&s->checkpoint);
    return ok;
}

// Nobody holds a table of it and nothing in it waits for a commit. Catalog latch held for writing.
static bool in_use(const Database *d)
{
    for (Relation *r = d->relations; r; r = r->sibling) {
        mutex_lock(&r->door);
        bool used = r->users > 0;
        mutex_unlock(&r->door);
        if (used) return true;
    }
    return false;
}

// Takes it out of the names, so that nobody can come in.
static Database *hide(Store *s, Str name, Err *err)
{
    latch_write(&s->catalog);
    Database *d = catalog_database(s, name);
    if (in_use(d)) {
        err_set(err, "55006", "database %.*s is in use by an open transaction", STR_ARG(name));
        d = NULL;
    } else {
        map_remove(&s->bases, name);
    }
    latch_unlock(&s->catalog);
    return d;
}

static bool drop(Store *s, Str name, Str user, Err *err)
{
    Database *d = hide(s, name, err);
    if (!d) return false;
    Bytes body;
    bytes_init(&body, 4096);
    bytes_put(&body, STR("drop-database"));
    line_put(&body, name);
    bytes_put_byte(&body, '\n');
    bool ok = commit_line(s, &body, user, err);
    bytes_done(&body);
    latch_write(&s->catalog);
    if (ok)
        catalog_remove_database(s, d);
    else
        map_set(&s->bases, d->name, d);
    latch_unlock(&s->catalog);
    return ok;
}

bool store_database_drop(Store *s, Str name, bool if_exists, Str user, Err *err)
{
    mutex_lock(&s->checkpoint);
    bool ok;
    if (store_database_exists(s, name))
        ok = drop(s, name, user, err);
    else
        ok = if_exists || err_set(err, "3D000", "database %.*s does not exist", STR_ARG(name));
    mutex_unlock(&s->checkpoint);
    return ok;
}

static int compare_names(const void *a, const void *b)
{
    return str_compare(*(const Str *)a, *(const Str *)b);
}

size_t store_databases(Store *s, Arena *mem, Str **names)
{
    latch_read(&s->catalog);
    size_t count = 0, cursor = 0;
    *names = arena_array(mem, Str, s->bases.count + 1);
    for (const MapEntry *e; (e = map_next(&s->bases, &cursor)) != NULL;)
        if (!str_equal(e->key, SCHEMA_SHARED)) (*names)[count++] = arena_copy(mem, e->key);
    latch_unlock(&s->catalog);
    qsort(*names, count, sizeof **names, compare_names);
    return count;
}
