// Engine files: what can be done with a data directory without signing in: check, backup, restore.
#include "engine/db/engine_in.h"

#include "engine/auth/profile.h"
#include "engine/store/backup.h"

bool engine_check(Io io, const char *path, void (*found)(void *self, const char *file, const char *sentence),
                  void *self, uint64_t *files, uint64_t *rows, Err *err)
{
    return store_check(io, path, found, self, files, rows, err);
}

bool engine_repair(Io io, const char *path, void (*lost)(void *self, const char *file, const char *sentence),
                   void *self, Err *err)
{
    return store_repair(io, path, lost, self, err);
}

bool engine_backup(Io io, const char *path, const char *to, EngineProgress progress, void *self,
                   EngineCopied *out, Err *err)
{
    static const char *const names[] = {"User_Profile", CONFIG_FILE, "dictionary.global", NULL};
    const BackupRequest request = {
        .io = io, .from = path, .to = to, .name = names, .progress = progress, .self = self};
    BackupResult result;
    bool ok = backup_make(&request, &result, err);
    *out = (EngineCopied){.snapshot = result.snapshot,
                          .tables = result.tables,
                          .tables_copied = result.tables_copied,
                          .bytes = result.bytes_copied,
                          .until_ms = result.until_ms};
    return ok;
}

static bool open_once(Io io, const char *path, Err *err)
{
    Engine *e;
    const EngineOptions options = {.io = io, .path = path, .workers = 1};
    if (!engine_open(&e, &options, err)) return false;
    engine_close(e);
    return true;
}

bool engine_restore(Io io, const char *from, const char *archive, const char *path, int64_t until_ms,
                    EngineCopied *out, Err *err)
{
    const RestoreRequest request = {
        .io = io, .from = from, .archive = archive, .to = path, .until_ms = until_ms};
    RestoreResult result;
    bool ok = restore_make(&request, &result, err);
    *out = (EngineCopied){.snapshot = result.snapshot,
                          .tables = result.tables,
                          .tables_copied = result.tables,
                          .transactions = result.transactions,
                          .until_ms = result.until_ms,
                          .left_out_ms = result.left_out_ms};
    return ok && open_once(io, path, err);
}
