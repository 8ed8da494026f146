// Table file, written: block by block the rows that one stamp sees, column after column; then the directory,
// the last line and fdatasync. Blocks that changed are appended to the file, and the new directory names them
// and the old ones; when more than half of the file would be waste, it is written whole under a temporary
// name and renamed. Writers go on meanwhile: their stamps are later.
#include "engine/store/label_in.h"
#include "engine/store/table_file_in.h"

#include "engine/base/clock.h"
#include "engine/base/crc32c.h"
#include "engine/base/size.h"
#include "engine/store/cell_in.h"
#include "engine/store/definition_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    WASTE_FREE = 64 << 10,  // so much of a file may be waste whatever its size
    SPREAD_BYTES = 4 << 20, // after so much the disk gets time for others
    SPREAD_WAIT_US = 20000, // at most
};
#define SECTION_BYTES_MAX ((size_t)4 << 30)

typedef struct Writer {
    IoFile file;
    uint64_t at;
    Bytes section, directory;
    Store *store;
    Generation *g;
    const TableDef *def;
    Stamp stamp;
    uint32_t *pos; // rows of the block being written
    uint32_t count;
    uint64_t rows;
    uint64_t next; // the first number that is not yet given
    TableMap *map; // of the directory being made
    TableChanges changes;
    uint64_t block_bytes; // of the block being written
    size_t block_text;    // where its lines begin
    uint64_t spread;      // bytes since others had time
    int64_t spread_us;
} Writer;

static bool too_large(Err *err)
{
    return err_set(err, SQLSTATE_OUT_OF_MEMORY, "a table section is too large or memory is out");
}

// What was written goes to the disk now, not all at the end, and commits have the disk for as long as it
// took.
static bool spread(Writer *w, Err *err)
{
    if (!io_sync(&w->file, err)) return false;
    int64_t took = clock_mono_us() - w->spread_us;
    store_checkpoint_pause(w->store, took < SPREAD_WAIT_US ? took : SPREAD_WAIT_US);
    w->spread = 0;
    w->spread_us = clock_mono_us();
    return true;
}

// Ends the section with its checksum, writes it, tells where it lies.
static bool write_section(Writer *w, FilePart *part, Err *err)
{
    Bytes *s = &w->section;
    uint32_t crc = s->failed ? 0 : crc32c(0, s->at, s->len);
    bytes_printf(s, "crc %08" PRIx32 "\n", crc);
    if (s->failed) return too_large(err);
    *part = (FilePart){w->at, s->len, crc};
    if (!io_write(&w->file, s->at, s->len, (int64_t)w->at, err)) return false;
    w->at += s->len;
    w->block_bytes += s->len;
    w->spread += s->len;
    bytes_clear(s);
    return w->spread < SPREAD_BYTES || spread(w, err);
}

static void put_missing(Writer *w, uint16_t column, uint32_t count)
{
    const Slot *slot = slots_get(w->g->slots, column);
    for (uint32_t i = 0; i < count; i++) {
        if (slot->missing.null)
            codec_put_null(&w->section);
        else
            label_put(w->store, &w->section, slot->type, &slot->missing.boolean);
        bytes_put_byte(&w->section, '\n');
    }
}

static void put_column(Writer *w, uint16_t column)
{
    Type type = slots_type(w->g->slots, column);
    size_t size = phys_size(type_phys(type.id));
    for (uint32_t i = 0; i < w->count;) {
        // As many as lie side by side in one slice.
        uint32_t run = 1, first = w->pos[i], room = SLICE_ROWS - first % SLICE_ROWS;
        while (run < room && i + run < w->count && w->pos[i + run] == first + run) run++;
        const Block *b = generation_block(w->g, first >> 16);
        uint32_t row = first & 0xffff;
        if (!block_cells(b, column, row / SLICE_ROWS)) {
            put_missing(w, column, run);
            i += run;
            continue;
        }
        const uint64_t *nulls =
            atomic_load_explicit(&b->column[column].nulls[row / SLICE_ROWS], memory_order_acquire);
        label_put_run(w->store, &w->section, type, block_cell(b, column, row, size), nulls, row % SLICE_ROWS,
                      run, '\n');
        i += run;
    }
}

// min, max, and whether there are NULLs and values: "a b nv"; types without an order in the notes have "- -".
static void put_zone(Writer *w, uint16_t column)
{
    Type type = slots_type(w->g->slots, column);
    Phys p = type_phys(type.id);
    int64_t min = INT64_MAX, max = INT64_MIN, zone;
    bool null = false, value = false, known = phys_is_plain(p);
    for (uint32_t i = 0; i < w->count; i++) {
        const Block *b = generation_block(w->g, w->pos[i] >> 16);
        if (block_is_null(b, column, w->pos[i] & 0xffff)) {
            null = true;
            continue;
        }
        value = true;
        if (!known || !cell_zone(p, block_cell(b, column, w->pos[i] & 0xffff, phys_size(p)), &zone)) continue;
        if (zone < min) min = zone;
        if (zone > max) max = zone;
    }
    Value low = {.type = type}, high = low;
    cell_unzone(p, min, &low);
    cell_unzone(p, max, &high);
    bytes_put_byte(&w->directory, '\t');
    if (known && value)
        label_put(w->store, &w->directory, low.type, &low.boolean);
    else
        bytes_put_byte(&w->directory, '-');
    bytes_put_byte(&w->directory, '\t');
    if (known && value)
        label_put(w->store, &w->directory, high.type, &high.boolean);
    else
        bytes_put_byte(&w->directory, '-');
    bytes_printf(&w->directory, "\t%s%s\n", null ? "n" : "-", value ? "v" : "-");
}

static bool write_numbers(Writer *w, uint64_t first, Err *err)
{
    uint64_t last, number;
    if (!generation_number(w->g, w->pos[w->count - 1], &last, err)) return false;
    bytes_printf(&w->directory, "block\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu64, w->map->next_id, w->count,
                 first);
    if (last - first + 1 == w->count) { // without gaps the first one says all
        bytes_put(&w->directory, STR("\t-\t-\t-\n"));
        return true;
    }
    bytes_printf(&w->section, "section\t%" PRIu32 "\tnumbers\t%" PRIu32 "\n", w->map->next_id, w->count);
    for (uint32_t i = 0; i < w->count; i++) {
        if (!generation_number(w->g, w->pos[i], &number, err)) return false;
        bytes_put_uint64(&w->section, number);
        bytes_put_byte(&w->section, '\n');
    }
    FilePart part;
    if (!write_section(w, &part, err)) return false;
    bytes_printf(&w->directory, "\t%" PRIu64 "\t%" PRIu64 "\t%08" PRIx32 "\n", part.offset, part.bytes,
                 part.crc);
    return true;
}

static bool write_columns(Writer *w, Err *err)
{
    for (uint16_t c = 0; c < schema_stored(w->def); c++) {
        FilePart part;
        uint16_t slot = schema_slot(w->def, c);
        bytes_printf(&w->section, "section\t%" PRIu32 "\t%u\t%" PRIu32, w->map->next_id, slot, w->count);
        line_put(&w->section, w->def->column[c].name);
        bytes_put_byte(&w->section, '\n');
        put_column(w, slot);
        if (!write_section(w, &part, err)) return false;
        bytes_printf(&w->directory, "part\t%u\t%" PRIu64 "\t%" PRIu64 "\t%08" PRIx32, slot, part.offset,
                     part.bytes, part.crc);
        put_zone(w, slot);
    }
    return !w->directory.failed || too_large(err);
}

static bool write_block(Writer *w, Err *err)
{
    if (w->count == 0) return true;
    MapBlock block = {.id = w->map->next_id, .rows = w->count};
    w->block_bytes = 0;
    w->block_text = w->directory.len;
    if (!generation_number(w->g, w->pos[0], &block.first, err) || !write_numbers(w, block.first, err) ||
        !write_columns(w, err))
        return false;
    block.bytes = w->block_bytes;
    block.text = str_slice(bytes_str(&w->directory), w->block_text, w->directory.len);
    w->rows += w->count;
    w->count = 0;
    return table_map_add(w->map, &block, err);
}

static bool load_block(Writer *w, uint32_t pos, Err *err)
{
    Block *b = generation_block(w->g, pos >> 16);
    for (uint16_t c = 0; c < schema_stored(w->def); c++)
        if (!block_load(w->g, b, schema_slot(w->def, c), err)) return false;
    return true;
}

// The rows with numbers from `from` up to, not including, `to`.
static bool write_range(Writer *w, uint64_t from, uint64_t to, Err *err)
{
    const Snapshot see = {.at = w->stamp};
    RowWalk walk;
    uint32_t loaded = UINT32_MAX;
    if (!generation_walk_from(&walk, w->g, from, err)) return false;
    for (;;) {
        uint32_t pos;
        uint64_t number;
        if (!generation_walk_next(&walk, &pos, &number, err)) return false;
        if (pos == POS_NONE || number >= to) return write_block(w, err);
        const Block *b = generation_block(w->g, pos >> 16);
        if (!snapshot_sees(&see, block_begin(b, pos & 0xffff), block_end(b, pos & 0xffff))) continue;
        if (pos >> 16 != loaded && !load_block(w, pos, err)) return false;
        loaded = pos >> 16;
        w->pos[w->count++] = pos;
        if (w->count == STORE_BLOCK_ROWS && !write_block(w, err)) return false;
    }
}

static bool keep_block(Writer *w, const MapBlock *b, Err *err)
{
    bytes_put(&w->directory, b->text);
    w->rows += b->rows;
    return table_map_add(w->map, b, err) && (!w->directory.failed || too_large(err));
}

// Changed blocks and what came since; the last block takes more rows while it has room.
static bool write_changes(Writer *w, const TableMap *old, Err *err)
{
    uint64_t from = 0;
    for (uint32_t i = 0; i < old->count; i++) {
        uint64_t to = i + 1 < old->count ? old->block[i + 1].first : old->next;
        bool grows = i + 1 == old->count && old->block[i].rows < STORE_BLOCK_ROWS && w->next > old->next;
        if (grows) to = w->next;
        bool ok = old->block[i].changed || grows ? write_range(w, from, to, err)
                                                 : keep_block(w, &old->block[i], err);
        if (!ok) return false;
        from = to;
    }
    return from >= w->next || write_range(w, old->count ? from : 0, w->next, err);
}

static bool write_head(Writer *w, Err *err)
{
    Bytes *s = &w->section;
    bytes_printf(s, "d2t\t%d\ttable\t%" PRIu64, TABLE_FILE_VERSION, w->def->id);
    line_put(s, w->def->database);
    line_put(s, w->def->name);
    bytes_put_byte(s, '\n');
    FilePart part;
    return write_section(w, &part, err);
}

static bool write_directory(Writer *w, Err *err)
{
    Bytes *s = &w->section;
    bytes_printf(
        s, "directory\t%" PRIu64 "\t%016" PRIx64 "\t%" PRIu64 "\t%" PRIu64 "\t%u\t%" PRIu32 "\t%" PRIu64 "\n",
        w->def->id, w->stamp, w->rows, w->next, schema_stored(w->def), w->map->count, w->changes.lates);
    for (uint16_t c = 0; c < schema_stored(w->def); c++) {
        bytes_printf(s, "column\t%u\t", schema_slot(w->def, c));
        codec_put_type(s, slots_type(w->g->slots, schema_slot(w->def, c)));
        bytes_put_byte(s, '\n');
    }
    bytes_put(s, bytes_str(&w->directory));
    for (uint64_t i = 0; i < w->changes.lates; i++)
        bytes_printf(s, "late\t%" PRIu64 "\t%" PRIu64 "\n", w->changes.late[i].from, w->changes.late[i].to);
    FilePart part;
    if (!write_section(w, &part, err)) return false;
    bytes_printf(s, "d2t-end %016" PRIu64 " %014" PRIu64, part.offset, part.bytes);
    uint32_t crc = crc32c(0, s->at, s->len);
    bytes_printf(s, " %08" PRIx32 "\n", crc);
    if (!io_write(&w->file, s->at, s->len, (int64_t)w->at, err)) return false;
    w->at += s->len;
    return true;
}

static bool write_whole(Writer *w, const IoDir *d, const char *name, Arena *mem, Err *err)
{
    const char *temporary = arena_cstr(mem, arena_printf(mem, "%s.tmp", name));
    bool ok = io_open(&w->file, d, temporary, IO_WRITE | IO_CREATE | IO_TRUNCATE, err);
    if (!ok) return false;
    ok = write_head(w, err) && write_range(w, 0, w->next, err) && write_directory(w, err) &&
         io_sync(&w->file, err);
    io_close(&w->file);
    ok = ok && io_rename(d, temporary, name, err) && io_dir_sync(d, err);
    Err lost = {0};
    if (!ok && io_exists(d, temporary) && !io_remove(d, temporary, &lost)) err_note(err, "%s", lost.text);
    return ok;
}

// Until the dictionary names the new end, the file ends where it ended before.
static bool append(Writer *w, const Relation *r, const IoDir *d, const char *name, Err *err)
{
    if (!io_open(&w->file, d, name, IO_WRITE, err)) return false;
    w->at = r->file_bytes;
    bool ok = io_truncate(&w->file, (int64_t)w->at, err) && write_changes(w, w->g->map, err) &&
              write_directory(w, err) && io_sync(&w->file, err);
    io_close(&w->file);
    return ok;
}

// Is it worth it? Not when more than half of the file would be what no directory names any more, or when
// blocks have become so small that they should be put together.
static bool may_append(const Writer *w, const Relation *r)
{
    const TableMap *m = w->g->map;
    bool known = r->told.bytes && r->told.bytes == r->file_bytes && r->told.at == r->file_at;
    if (!m || !known || r->salvaged || !table_map_fits(m, w->def)) return false;
    uint64_t live = 0, kept = 0, rows = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        bool grows = i + 1 == m->count && m->block[i].rows < STORE_BLOCK_ROWS && w->next > m->next;
        live += m->block[i].bytes + m->block[i].text.len;
        rows += m->block[i].rows;
        if (!m->block[i].changed && !grows) kept += m->block[i].bytes;
    }
    if (m->count > 2 && rows < (uint64_t)(m->count - 2) * STORE_BLOCK_ROWS / 2) return false;
    return r->file_bytes - kept <= live + WASTE_FREE && (live <= WASTE_FREE || kept >= live / 4);
}

static bool writer_begin(Writer *w, Relation *r, Err *err)
{
    if (!relation_generation(r, w->store, &w->g, err)) return false;
    mutex_lock(&r->write);
    w->next = generation_next_number(w->g);
    mutex_unlock(&r->write);
    bytes_init(&w->section, SECTION_BYTES_MAX);
    bytes_init(&w->directory, TABLE_FILE_DIRECTORY_MAX);
    w->changes.late_rows_max = TABLE_FILE_LATE_MAX;
    w->spread_us = clock_mono_us();
    w->pos = size_alloc(STORE_BLOCK_ROWS, sizeof *w->pos);
    w->map = table_map_new(schema_stored(w->def));
    if (!w->pos || !w->map) return store_out_of_memory(err);
    for (uint16_t c = 0; c < schema_stored(w->def); c++) w->map->slot[c] = schema_slot(w->def, c);
    w->map->next = w->next;
    return table_map_mark(w->g->map, w->g, r->file_at, w->stamp, w->next, &w->changes, err);
}

bool table_file_write(Store *s, Relation *r, const TableDef *def, Stamp at, Err *err)
{
    Writer w = {.store = s, .def = def, .stamp = at, .file = IO_FILE_NONE};
    IoDir d = IO_DIR_NONE;
    Arena mem = {0};
    const char *name = arena_cstr(&mem, r->file);
    bool ok = writer_begin(&w, r, err) &&
              io_dir_open_at(&d, &s->databases, arena_cstr(&mem, r->database->directory), true, err);
    if (ok && may_append(&w, r)) {
        w.map->next_id = w.g->map->next_id;
        ok = append(&w, r, &d, name, err);
    } else if (ok) {
        ok = write_whole(&w, &d, name, &mem, err);
    }
    if (ok) {
        table_map_free(w.g->map);
        w.g->map = w.map;
        w.map = NULL;
        r->file_bytes = w.at;
    } else {
        err_note(err, "while writing table %.*s.%.*s", STR_ARG(def->database), STR_ARG(def->name));
    }
    io_dir_close(&d);
    free(w.pos);
    free(w.changes.late);
    table_map_free(w.map);
    bytes_done(&w.section);
    bytes_done(&w.directory);
    arena_done(&mem);
    return ok;
}
