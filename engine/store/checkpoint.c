// Checkpoint: everything as of one stamp goes into table files and dictionaries; the log before it goes away.
// Order is all: table files (each carries its own stamp), then dictionary.local, which makes the checkpoint
// count, then removal. Writers run on: their stamps are later.
#include "engine/store/checkpoint_in.h"

#include "engine/store/backup.h"
#include "engine/store/dictionary_in.h"
#include "engine/store/table_file_in.h"

#include <inttypes.h>
#include <stdlib.h>

// Under the log's mutex: counters belong to the records before the cut.
static void cut_counters(void *self)
{
    const Store *s = self;
    size_t cursor = 0;
    for (const MapEntry *e; (e = map_next(&s->ids, &cursor)) != NULL;) {
        Relation *r = e->value;
        r->checkpoint_updates = atomic_load(&r->updates);
    }
}

static bool must_write(const Relation *r, Stamp at)
{
    if (r->salvaged) return true;
    return atomic_load(&r->generation) && atomic_load(&r->last_commit) > r->file_at && r->file_at < at;
}

// The relations stay: only the checkpoint itself and DROP DATABASE, which waits for it, take any away.
static Relation **list_relations(Store *s, size_t *count)
{
    latch_read(&s->catalog);
    Relation **list = size_alloc(s->table_count + 1u, sizeof *list);
    size_t cursor = 0;
    *count = 0;
    for (const MapEntry *e; list && (e = map_next(&s->ids, &cursor)) != NULL;) list[(*count)++] = e->value;
    latch_unlock(&s->catalog);
    return list;
}

static bool write_tables(Store *s, Relation **list, size_t count, Stamp at, Err *err)
{
    const Snapshot see = {.at = at};
    for (size_t i = 0; i < count; i++) {
        Relation *r = list[i];
        latch_read(&s->catalog);
        const Definition *d = relation_definition(r, &see);
        latch_unlock(&s->catalog);
        if (!d || d->def->temporary || !must_write(r, at)) continue;
        if (!table_file_write(s, r, d->def, at, err)) return false;
        r->file_at = at;
        r->salvaged = false;
    }
    return true;
}

static bool write_dictionaries(Store *s, const DictionaryHead *head, Err *err)
{
    Bytes local, global;
    bytes_init(&local, DICTIONARY_BYTES_MAX);
    bytes_init(&global, DICTIONARY_BYTES_MAX);
    latch_read(&s->catalog);
    dictionary_put_local(&local, s, head);
    dictionary_put_global(&global, s, head);
    latch_unlock(&s->catalog);
    bool ok = (!local.failed && !global.failed) || store_out_of_memory(err);
    ok = ok && io_replace(&s->root, "dictionary.global", bytes_str(&global), err) &&
         io_replace(&s->root, "dictionary.local", bytes_str(&local), err);
    bytes_done(&local);
    bytes_done(&global);
    return ok;
}

static bool archive(const Store *s, const char *name, Err *err)
{
    if (!s->options.archive || s->options.archive(s->options.archive_self, name, err)) return true;
    if (s->options.journal) journal_event(s->options.journal, "archive-failed", "%s: %s", name, err->text);
    return false;
}

// Segments below `first`; one that cannot be archived or removed is so next time.
bool checkpoint_remove_segments(Store *s, uint64_t first, Err *err)
{
    Arena mem = {0};
    Str *names;
    size_t count;
    bool ok = io_dir_list(&s->logs, &mem, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        uint64_t segment;
        const char *name = arena_cstr(&mem, names[i]);
        bool old = log_segment_number(names[i], &segment) && segment < first;
        bool running = s->log.writer.started;
        bool left = !running && (str_equal(names[i], STR(LOG_NEXT)) || str_equal(names[i], STR(LOG_SPARE)));
        if (old) ok = archive(s, name, err);
        if (ok && old && running)
            ok = log_recycle(&s->logs, name, err);
        else if (ok && (old || left))
            ok = io_remove(&s->logs, name, err);
    }
    arena_done(&mem);
    return ok;
}

// Table files that no relation owns: dropped tables, temporaries of a crash.
static void remove_files(Store *s)
{
    Arena mem = {0};
    Str *dirs, *files;
    size_t dir_count, count;
    Err err = {0};
    if (!io_dir_list(&s->databases, &mem, &dirs, &dir_count, &err)) dir_count = 0;
    for (size_t i = 0; i < dir_count; i++) {
        IoDir d;
        latch_read(&s->catalog);
        size_t cursor = 0;
        const Database *owner = NULL;
        for (const MapEntry *e; (e = map_next(&s->bases, &cursor)) != NULL && !owner;)
            if (str_equal(((Database *)e->value)->directory, dirs[i])) owner = e->value;
        latch_unlock(&s->catalog);
        if (!io_dir_open_at(&d, &s->databases, arena_cstr(&mem, dirs[i]), false, &err)) continue;
        if (!io_dir_list(&d, &mem, &files, &count, &err)) count = 0;
        for (size_t k = 0; k < count; k++) {
            Str key = arena_printf(&mem, "%.*s/%.*s", STR_ARG(dirs[i]), STR_ARG(files[k]));
            latch_read(&s->catalog);
            bool owned = owner && map_get(&s->files, key);
            latch_unlock(&s->catalog);
            bool ours = str_ends(files[k], STR(".d2t")) || str_ends(files[k], STR(".d2t.tmp"));
            if (!owned && ours && !io_remove(&d, arena_cstr(&mem, files[k]), &err)) err_clear(&err);
        }
        io_dir_close(&d);
        if (!owner && !io_remove_dir(&s->databases, arena_cstr(&mem, dirs[i]), &err)) err_clear(&err);
    }
    arena_done(&mem);
}

static bool anything_new(const Store *s)
{
    return atomic_load(&s->catalog_changed) || atomic_load(&s->log.bytes) > 0 || s->checkpoint_at == 0;
}

static bool write_checkpoint(Store *s, Err *err)
{
    DictionaryHead head = {.node = s->options.node};
    latch_read(&s->catalog); // relations hold still while their counters are cut
    LogNode *cut = log_rotate_begin(&s->log, cut_counters, s, err);
    latch_unlock(&s->catalog);
    bool ok = cut && log_rotate_end(&s->log, cut, &head.log_segment, &head.next_seq, &head.at, err);
    if (!ok) return false;
    atomic_store(&s->log.bytes, 0);
    bool catalog = atomic_exchange(&s->catalog_changed, false);
    head.next_id = atomic_load(&s->next_id);
    size_t count;
    Relation **list = list_relations(s, &count);
    ok = (list || store_out_of_memory(err)) && write_tables(s, list, count, head.at, err) &&
         write_dictionaries(s, &head, err);
    if (ok) {
        for (size_t i = 0; i < count; i++) list[i]->told = list[i]->telling;
        s->checkpoint_at = head.at ? head.at : 1;
        ok = checkpoint_remove_segments(s, head.log_segment, err);
        for (size_t i = 0; i < count; i++) relation_vacuum(s, list[i]);
        latch_write(&s->catalog);
        catalog_reap(s);
        latch_unlock(&s->catalog);
        if (catalog) remove_files(s);
    } else if (catalog) {
        atomic_store(&s->catalog_changed, true);
    }
    free(list);
    return ok;
}

// Some table's file is damaged and the log has changes to it.
static bool holds_log(Store *s)
{
    bool holds = false;
    const Snapshot see = {.at = atomic_load(&s->log.published)};
    latch_read(&s->catalog);
    size_t cursor = 0;
    for (const MapEntry *e; (e = map_next(&s->ids, &cursor)) != NULL;) {
        const Relation *r = e->value;
        holds |= r->damaged && relation_definition(r, &see);
    }
    latch_unlock(&s->catalog);
    return holds;
}

// A backup that copies table files holds the lock: then this is for later. The log keeps everything.
static bool write_beside_backups(Store *s, Err *err)
{
    IoFile lock;
    Bytes holder;
    bytes_init(&holder, 512);
    bool ok = io_open(&lock, &s->root, BACKUP_LOCK, IO_WRITE | IO_CREATE, err);
    if (ok) {
        ok = io_lock(&lock, STR("checkpoint"), &holder, err) && write_checkpoint(s, err);
        io_close(&lock);
    }
    bytes_done(&holder);
    return ok;
}

bool store_checkpoint(Store *s, Err *err)
{
    mutex_lock(&s->checkpoint);
    bool ok = true;
    if (holds_log(s)) {
        ok = err_set(err, SQLSTATE_CORRUPT,
                     "no checkpoint is taken: the log holds changes of a table whose file is damaged");
        err_hint(err, "run d2db check; drop the table or restore its file");
    } else if (anything_new(s)) {
        ok = write_beside_backups(s, err);
        if (!ok) atomic_store(&s->catalog_changed, true);
        if (!ok && s->options.journal && !err_is(err, "55006"))
            journal_event(s->options.journal, "checkpoint-failed", "%s", err->text);
    }
    mutex_unlock(&s->checkpoint);
    return ok;
}
