// Repair: the ordinary way of opening, with damage told and left out instead of refused; then a checkpoint,
// which writes what is whole anew. The damaged files are copied aside before anything is changed.
#include "engine/store/repair_in.h"

#include "engine/base/size.h"
#include "engine/store/backup_in.h"
#include "engine/store/cell_in.h"
#include "engine/store/label_in.h"
#include "engine/store/recovery_in.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { SENTENCE_SIZE = 1024, NAMES_MAX = 1000 };

void repair_tell(const Store *s, const char *file, const char *format, ...)
{
    char sentence[SENTENCE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    s->options.lost(s->options.lost_self, file, sentence);
}

bool repair_keep(Store *s, const IoDir *from, const char *name, const char *prefix, Err *err)
{
    char to[REPAIR_NAME_SIZE];
    IoDir damaged;
    BackupCopy copy = {0};
    if (!io_dir_open_at(&damaged, &s->root, "damaged", true, err)) return false;
    int number = 1;
    do snprintf(to, sizeof to, "%s%.200s.%d", prefix, name, number);
    while (io_exists(&damaged, to) && ++number < NAMES_MAX);
    bool ok = backup_copy(&copy, from, name, &damaged, to, err) && io_dir_sync(&damaged, err) &&
              io_dir_sync(&s->root, err);
    if (ok) repair_tell(s, name, "a copy of the damaged file is damaged/%s", to);
    io_dir_close(&damaged);
    return ok;
}

// What is known of a lost block's keys: the directory's notes on the primary key's columns.
static void put_keys(const Store *s, const Relation *r, const Block *b, Bytes *out)
{
    const TableDef *def = r->definition->def;
    for (uint16_t i = 0; i < def->index_count; i++) {
        const IndexDef *index = &def->index[i];
        for (uint16_t k = 0; index->primary && k < index->column_count; k++) {
            uint16_t slot = schema_slot(def, index->column[k]);
            Type type = slots_type(&r->slots, slot);
            const Zone *z = slot < b->columns ? &b->column[slot].zone : NULL;
            if (!z || !phys_is_plain(type_phys(type.id)) || !atomic_load(&z->has_value)) continue;
            Value low = {.type = type}, high = low;
            cell_unzone(type_phys(type.id), atomic_load(&z->min), &low);
            cell_unzone(type_phys(type.id), atomic_load(&z->max), &high);
            bytes_printf(out, ", %.*s from ", STR_ARG(def->column[index->column[k]].name));
            label_put((Store *)(uintptr_t)s, out, type, &low.boolean);
            bytes_put(out, STR(" to "));
            label_put((Store *)(uintptr_t)s, out, type, &high.boolean);
        }
    }
}

// Rows of other tables may refer to what is gone.
static void tell_references(const Store *s, const Relation *lost)
{
    size_t cursor = 0;
    for (const MapEntry *e; (e = map_next(&s->ids, &cursor)) != NULL;) {
        const Relation *r = e->value;
        const TableDef *def = r->definition ? r->definition->def : NULL;
        for (uint16_t i = 0; def && i < def->foreign_key_count; i++)
            if (def->foreign_key[i].parent_id == lost->id)
                repair_tell(
                    s, "dictionary.local",
                    "foreign key %.*s of table %.*s.%.*s refers to a table that has lost rows: look for "
                    "rows without a parent",
                    STR_ARG(def->foreign_key[i].name), STR_ARG(def->database), STR_ARG(def->name));
    }
}

static bool block_is_whole(Generation *g, Block *b, Err *why)
{
    for (uint16_t c = 0; c < g->file->columns; c++)
        if (!block_load(g, b, g->file->slot[c], why)) return false;
    return !b->numbered || table_file_load_numbers(g, b, why);
}

static void tell_block(const Store *s, Relation *r, const Generation *g, uint32_t at, const Err *why)
{
    const Block *b = generation_block(g, at);
    const TableFile *f = g->file;
    uint64_t next = at + 1 < f->blocks ? f->block[at + 1].number : g->tail_number;
    Bytes keys;
    bytes_init(&keys, SENTENCE_SIZE);
    bytes_put(&keys, STR(""));
    put_keys(s, r, b, &keys);
    repair_tell(s, f->name, "%" PRIu32 " rows are lost, with numbers from %" PRIu64 " to %" PRIu64 "%.*s: %s",
                f->block[at].rows, b->number, next - 1, STR_ARG(bytes_str(&keys)), why->text);
    bytes_done(&keys);
}

bool repair_blocks(Store *s, Relation *r, Generation *g, const IoDir *d, Err *err)
{
    Arena mem = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < g->file->blocks; i++) {
        Block *b = generation_block(g, i);
        Err why = {0};
        if (block_is_whole(g, b, &why)) continue;
        if (!err_is(&why, SQLSTATE_CORRUPT)) {
            *err = why;
            ok = false;
        } else if (!r->salvaged) {
            Str prefix = arena_printf(&mem, "%.*s-", STR_ARG(r->database->directory));
            ok = repair_keep(s, d, arena_cstr(&mem, r->file), arena_cstr(&mem, prefix), err);
            tell_references(s, r);
        }
        if (!ok) break;
        r->salvaged = true;
        tell_block(s, r, g, i, &why);
        atomic_fetch_sub(&r->live, block_rows(b));
        atomic_store(&b->rows, 0);
        b->numbered = false;
    }
    arena_done(&mem);
    return ok;
}

bool repair_table(Store *s, Relation *r, const IoDir *d, const Err *why, Generation **out, Err *err)
{
    Arena mem = {0};
    const char *name = arena_cstr(&mem, r->file),
               *prefix = arena_cstr(&mem, arena_printf(&mem, "%.*s-", STR_ARG(r->database->directory)));
    bool ok = !io_exists(d, name) || repair_keep(s, d, name, prefix, err);
    if (ok) {
        repair_tell(s, name, "all of its %" PRId64 " rows as of the last checkpoint are lost: %s",
                    (int64_t)atomic_load(&r->live), why->text);
        tell_references(s, r);
        r->salvaged = true;
        atomic_store(&r->live, 0);
        *out = generation_new(&r->slots, 1);
        ok = *out || store_out_of_memory(err);
    }
    arena_done(&mem);
    return ok;
}

bool repair_log(Store *s, uint64_t segment, size_t cut, uint64_t seq, const Err *why, Err *err)
{
    Arena mem = {0};
    uint64_t *list;
    size_t count;
    bool ok = recovery_segments(&s->logs, &mem, &list, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        char name[LOG_NAME_SIZE];
        IoFile f;
        if (list[i] < segment) continue;
        log_segment_name(name, list[i]);
        ok = repair_keep(s, &s->logs, name, "log-", err);
        if (ok && (list[i] > segment || !cut)) {
            ok = io_remove(&s->logs, name, err);
        } else if (ok && (ok = io_open(&f, &s->logs, name, IO_WRITE, err))) {
            ok = io_truncate(&f, (int64_t)cut, err) && io_sync(&f, err);
            io_close(&f);
        }
    }
    arena_done(&mem);
    repair_tell(s, "log", "transactions from record %" PRIu64 " on are lost: %s", seq, why->text);
    atomic_store(&s->catalog_changed, true);
    return ok && io_dir_sync(&s->logs, err);
}

static bool load_tables(Store *s, Err *err)
{
    size_t cursor = 0;
    for (const MapEntry *e; (e = map_next(&s->ids, &cursor)) != NULL;) {
        Relation *r = e->value;
        Generation *g;
        if (!relation_generation(r, s, &g, err)) return false;
        if (r->salvaged) atomic_store(&s->catalog_changed, true);
    }
    return true;
}

bool store_repair(Io io, const char *path, StoreFound lost, void *self, Err *err)
{
    Store *s;
    IoDir there;
    if (!io_dir_open(&there, io, path, false, err)) return false;
    bool known = io_exists(&there, "dictionary.local");
    io_dir_close(&there);
    if (!known) {
        err_set(err, SQLSTATE_CORRUPT, "there is no dictionary.local in %s", path);
        return err_hint(err, "without it nothing is known of the tables; restore it from a backup");
    }
    const StoreOptions options = {
        .io = io, .path = path, .node = 1, .no_background = true, .lost = lost, .lost_self = self};
    if (!store_open(&s, &options, err)) return false;
    bool ok = load_tables(s, err) && store_checkpoint(s, err);
    store_close(s);
    return ok;
}
