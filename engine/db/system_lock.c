// System: d2db.locks (who holds and waits for what) and d2db.snapshots (who keeps old row versions from
// going).
#include "engine/db/ddl.h"
#include "engine/db/system.h"

enum { LOCK_ROWS_MAX = 10000, SNAPSHOT_ROWS_MAX = 4096 };

typedef struct LockRows {
    LockInfo *at;
    size_t count;
} LockRows;

// The rows are told when no mutex is held any more.
static bool take_lock(void *self, const LockInfo *info)
{
    LockRows *rows = self;
    rows->at[rows->count++] = *info;
    return rows->count < LOCK_ROWS_MAX;
}

static void put_number(SystemFill *f, uint64_t value)
{
    if (value)
        system_int(f, (int64_t)value);
    else
        system_null(f);
}

static bool put_lock(SystemFill *f, Session *s, const LockInfo *info)
{
    static const char *const kind[LOCK_KINDS] = {"relation", "tuple", "transactionid", "advisory"};
    bool table = info->tag.kind == LOCK_RELATION || info->tag.kind == LOCK_ROW;
    Table *t = table ? transaction_table_by_id(s->transaction, info->tag.a) : NULL;
    system_text(f, str_of(kind[info->tag.kind]));
    system_optional(f, t ? table_def(t)->database : STR_NONE);
    system_optional(f, t ? system_table_name(table_def(t)->schema, table_def(t)->name, f->mem) : STR_NONE);
    put_number(f, table ? 0 : info->tag.a);
    put_number(f, info->session);
    put_number(f, info->transaction);
    system_text(f, str_of(lock_mode_name(info->mode)));
    system_bool(f, info->granted);
    put_number(f, info->blocker);
    system_time(f, info->since_us);
    return system_done(f);
}

static bool fill_locks(void *db, const Str *args, uint32_t count, bool (*emit)(void *self, const Value *row),
                       void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    Session *s = db;
    SystemFill f = {.emit = emit, .self = self, .mem = mem};
    LockRows rows = {.at = arena_array(mem, LockInfo, LOCK_ROWS_MAX)};
    store_lock_list(s->engine->store, take_lock, &rows);
    for (size_t i = 0; i < rows.count; i++)
        if (!put_lock(&f, s, &rows.at[i])) return false;
    return true;
}

#define TEXT                                                                                                 \
    {                                                                                                        \
        .id = TYPE_TEXT                                                                                      \
    }
#define BIGINT                                                                                               \
    {                                                                                                        \
        .id = TYPE_BIGINT                                                                                    \
    }
#define BOOLEAN                                                                                              \
    {                                                                                                        \
        .id = TYPE_BOOLEAN                                                                                   \
    }
#define TIMESTAMP                                                                                            \
    {                                                                                                        \
        .id = TYPE_TIMESTAMP                                                                                 \
    }
static const char *const locks_names[] = {"kind",       "database",     "table_name", "object",
                                          "session",    "transaction",  "mode",       "granted",
                                          "blocked_by", "waiting_since"};
static const Type locks_types[] = {TEXT,   TEXT, TEXT,    BIGINT, BIGINT,
                                   BIGINT, TEXT, BOOLEAN, BIGINT, TIMESTAMP};
const SystemTable system_locks = {.schema = "d2db",
                                  .name = "locks",
                                  .columns = COUNT_OF(locks_names),
                                  .column_name = locks_names,
                                  .column_type = locks_types,
                                  .fill = fill_locks};

static bool fill_snapshots(void *db, const Str *args, uint32_t count,
                           bool (*emit)(void *self, const Value *row), void *self, Arena *mem, Err *err)
{
    (void)args, (void)count, (void)err;
    const Session *s = db;
    SystemFill f = {.emit = emit, .self = self, .mem = mem};
    StoreHolder *holder = arena_array(mem, StoreHolder, SNAPSHOT_ROWS_MAX);
    size_t n = store_holders(s->engine->store, holder, SNAPSHOT_ROWS_MAX);
    int64_t dead = (int64_t)store_dead_versions(s->engine->store);
    for (size_t i = 0; i < n; i++) {
        put_number(&f, holder[i].session);
        system_int(&f, (int64_t)holder[i].transaction);
        system_time(&f, holder[i].since_us);
        system_time(&f, holder[i].snapshot_us);
        system_int(&f, dead);
        if (!system_done(&f)) return false;
    }
    return true;
}

static const char *const snapshots_names[] = {"session", "transaction", "began", "holds_back_since",
                                              "dead_versions"};
static const Type snapshots_types[] = {BIGINT, BIGINT, TIMESTAMP, TIMESTAMP, BIGINT};
const SystemTable system_snapshots = {.schema = "d2db",
                                      .name = "snapshots",
                                      .columns = COUNT_OF(snapshots_names),
                                      .column_name = snapshots_names,
                                      .column_type = snapshots_types,
                                      .fill = fill_snapshots};
