// Backup list: the snapshots that a backup holds, and the table files that a dictionary names. Text like the
// dictionary's, with a checksum in its last line.
#include "engine/store/backup_in.h"

#include "engine/base/clock.h"
#include "engine/base/crc32c.h"
#include "engine/store/definition_in.h"

#include <inttypes.h>
#include <stdio.h>

enum { LIST_BYTES_MAX = 32 << 20, CRC_LINE = 13 };

void backup_snapshot_name(char out[BACKUP_SNAPSHOT_NAME], uint64_t number)
{
    snprintf(out, BACKUP_SNAPSHOT_NAME, "%06" PRIu64, number % 1000000000u);
}

void backup_table_name(char out[BACKUP_TABLE_NAME], const BackupTable *t)
{
    snprintf(out, BACKUP_TABLE_NAME, "%" PRIu64 "-%016" PRIx64 ".d2t", t->def->id, t->stamp);
}

static bool damaged(Err *err)
{
    return err_set(err, SQLSTATE_CORRUPT, "the backup's list of snapshots is damaged");
}

static bool read_snapshot(const Line *l, BackupSnapshot *s)
{
    uint64_t until;
    bool ok = line_uint(l, 1, UINT64_MAX, &s->number) && str_to_hex64_lower(l->field[3], &s->checkpoint) &&
              line_uint(l, 4, UINT64_MAX, &s->first_segment) &&
              line_uint(l, 5, UINT64_MAX, &s->last_segment) && line_uint(l, 6, INT64_MAX, &until);
    s->until_ms = ok ? (int64_t)until : 0;
    return ok && s->last_segment >= s->first_segment;
}

bool backup_list_read(BackupList *out, const IoDir *backup, Arena *mem, Err *err)
{
    Bytes text;
    *out = (BackupList){0};
    if (!io_exists(backup, "backup")) return true;
    bytes_init(&text, LIST_BYTES_MAX);
    bool ok = io_read_all(backup, "backup", &text, err);
    Str all = bytes_str(&text), rest = all;
    uint64_t crc;
    ok = ok && ((all.len > CRC_LINE && str_to_hex64_lower(str_slice(all, all.len - 9, 8), &crc) &&
                 crc == crc32c(0, all.at, all.len - CRC_LINE)) ||
                damaged(err));
    Line line;
    ok = ok && ((line_next(&rest, &line, mem) && line_is(&line, "d2db-backup", 2) &&
                 str_equal(line.field[1], STR("1"))) ||
                err_set(err, SQLSTATE_CORRUPT, "this is no backup of version %d", BACKUP_VERSION));
    while (ok && line_next(&rest, &line, mem) && line_is(&line, "snapshot", 7)) {
        if (out->count == out->cap) {
            size_t cap = out->cap ? out->cap * 2 : 16;
            BackupSnapshot *more = cap <= BACKUP_SNAPSHOTS_MAX * 2 ? arena_try(mem, cap, sizeof *more) : NULL;
            if (!more)
                ok = err_set(err, SQLSTATE_OUT_OF_MEMORY, "the backup's list of snapshots is too long");
            if (!ok) break;
            for (size_t i = 0; i < out->count; i++) more[i] = out->at[i];
            out->at = more;
            out->cap = cap;
        }
        ok = read_snapshot(&line, &out->at[out->count++]) || damaged(err);
    }
    bytes_done(&text);
    return ok;
}

bool backup_list_write(const BackupList *list, const IoDir *backup, Err *err)
{
    Bytes text;
    char time[CLOCK_TEXT_SIZE];
    bytes_init(&text, LIST_BYTES_MAX);
    bytes_printf(&text, "d2db-backup\t%d\n", BACKUP_VERSION);
    for (size_t i = 0; i < list->count; i++) {
        const BackupSnapshot *s = &list->at[i];
        bytes_printf(&text,
                     "snapshot\t%" PRIu64 "\t%s\t%016" PRIx64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRId64 "\n",
                     s->number, clock_text_utc(time, s->until_ms * 1000), s->checkpoint, s->first_segment,
                     s->last_segment, s->until_ms);
    }
    if (!text.failed) bytes_printf(&text, "crc %08" PRIx32 "\n", crc32c(0, text.at, text.len));
    bool ok = text.failed ? err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory")
                          : io_replace(backup, "backup", bytes_str(&text), err);
    bytes_done(&text);
    return ok;
}

// ---- the tables of a dictionary ----

static bool add_database(void *self, uint64_t id, Str name, Str directory, Err *err)
{
    BackupTables *t = self;
    (void)id;
    (void)err;
    map_set(&t->directories, name, (void *)(uintptr_t)arena_cstr(t->mem, directory));
    return true;
}

static bool add_table(void *self, const TableDef *def, Str file, Err *err)
{
    BackupTables *t = self;
    (void)err;
    t->def = schema_copy(def, t->mem);
    t->file = arena_cstr(t->mem, file);
    return true;
}

// Only a table with a stamp has a file.
static bool add_state(void *self, const DictionaryState *state, Err *err)
{
    BackupTables *t = self;
    if (!t->def || t->def->id != state->id || state->file_at == 0) return true;
    if (t->count == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 64;
        BackupTable *more = arena_try(t->mem, cap, sizeof *more);
        if (!more) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory");
        for (size_t i = 0; i < t->count; i++) more[i] = t->at[i];
        t->at = more;
        t->cap = cap;
    }
    const char *directory = map_get(&t->directories, t->def->database);
    if (!directory)
        return err_set(err, SQLSTATE_CORRUPT, "table %.*s is in no database", STR_ARG(t->def->name));
    t->at[t->count++] = (BackupTable){t->def, directory, t->file, state->file_at, state->file_bytes};
    return true;
}

static bool pass_object(void *self, const ObjectDef *def, Err *err)
{
    (void)self;
    (void)def;
    (void)err;
    return true;
}

static bool pass_counter(void *self, const CounterLine *line, Err *err)
{
    (void)self;
    (void)line;
    (void)err;
    return true;
}

bool backup_tables_read(BackupTables *out, const IoDir *root, Arena *mem, Err *err)
{
    *out = (BackupTables){.mem = mem};
    const DictionaryVisit visit = {out, add_database, add_table, add_state, pass_object, pass_counter};
    Bytes text;
    bytes_init(&text, DICTIONARY_BYTES_MAX);
    bool ok = io_read_all(root, "dictionary.local", &text, err) &&
              dictionary_read(bytes_str(&text), &out->head, &visit, err);
    bytes_done(&text);
    return ok;
}

void backup_tables_done(BackupTables *t) { map_done(&t->directories); }

// ---- copying ----

int64_t backup_size(const IoDir *d, const char *name)
{
    IoFile f;
    Err err = {0};
    int64_t size = 0;
    if (!io_exists(d, name) || !io_open(&f, d, name, IO_READ, &err)) return 0;
    if (!io_size(&f, &size, &err)) size = 0;
    io_close(&f);
    return size;
}

// From the end to the start: of a log that grows at its end meanwhile, the copy is then a beginning of it.
static bool copy_bytes(BackupCopy *c, IoFile *in, IoFile *out, Err *err)
{
    enum { PIECE = 1 << 20 };
    int64_t size, now;
    Bytes piece;
    if (!io_size(in, &size, err)) return false;
    bytes_init(&piece, PIECE + 1);
    char *room = bytes_reserve(&piece, PIECE);
    bool ok = room || err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for a copy");
    for (int64_t end = size; ok && end > 0;) {
        size_t got, len = end % PIECE ? (size_t)(end % PIECE) : PIECE;
        end -= (int64_t)len;
        ok = io_read(in, room, len, end, &got, err) && io_write(out, room, got, end, err);
        c->done += got;
        if (ok && c->progress && !c->progress(c->self, c->done, c->expected))
            ok = err_set(err, SQLSTATE_CANCELED, "the copy was stopped");
    }
    bytes_done(&piece);
    // A log segment that was finished meanwhile has lost its filler.
    return ok && io_size(in, &now, err) && (now >= size || io_truncate(out, now, err));
}

bool backup_copy(BackupCopy *c, const IoDir *from, const char *name, const IoDir *to, const char *to_name,
                 Err *err)
{
    IoFile in, out;
    char temporary[128];
    snprintf(temporary, sizeof temporary, "%.100s.tmp", to_name);
    if (!io_open(&in, from, name, IO_READ, err)) return false;
    bool ok = io_open(&out, to, temporary, IO_WRITE | IO_CREATE | IO_TRUNCATE, err);
    if (ok) {
        ok = copy_bytes(c, &in, &out, err) && io_sync(&out, err);
        io_close(&out);
        ok = ok && io_rename(to, temporary, to_name, err);
    }
    io_close(&in);
    return ok || err_note(err, "while copying %s", name);
}
