// Table file, written: block by block the rows that one stamp sees, column after column, under a temporary
// name; then the directory, the last line, fdatasync and rename. Writers go on meanwhile: their stamps are
// later.
#include "engine/store/label_in.h"
#include "engine/store/table_file_in.h"

#include "engine/base/crc32c.h"
#include "engine/base/size.h"
#include "engine/store/cell_in.h"
#include "engine/store/definition_in.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_BYTES = 1 << 20 };
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
    uint32_t count, blocks;
    uint64_t rows;
    uint64_t next; // the first number that is not yet given
    Bytes late;    // ranges of numbers that were given to rows on their way
    uint64_t late_from, late_to, lates, late_rows;
} Writer;

static bool too_large(Err *err)
{
    return err_set(err, SQLSTATE_OUT_OF_MEMORY, "a table section is too large or memory is out");
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
    bytes_clear(s);
    return true;
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

static bool write_numbers(Writer *w, Err *err)
{
    uint64_t first, last, number;
    if (!generation_number(w->g, w->pos[0], &first, err) ||
        !generation_number(w->g, w->pos[w->count - 1], &last, err))
        return false;
    bytes_printf(&w->directory, "block\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu64, w->blocks, w->count, first);
    if (last - first + 1 == w->count) { // without gaps the first one says all
        bytes_put(&w->directory, STR("\t-\t-\t-\n"));
        return true;
    }
    bytes_printf(&w->section, "section\t%" PRIu32 "\tnumbers\t%" PRIu32 "\n", w->blocks, w->count);
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

static bool write_block(Writer *w, Err *err)
{
    if (w->count == 0) return true;
    if (!write_numbers(w, err)) return false;
    for (uint16_t c = 0; c < schema_stored(w->def); c++) {
        FilePart part;
        uint16_t slot = schema_slot(w->def, c);
        bytes_printf(&w->section, "section\t%" PRIu32 "\t%u\t%" PRIu32, w->blocks, slot, w->count);
        line_put(&w->section, w->def->column[c].name);
        bytes_put_byte(&w->section, '\n');
        put_column(w, slot);
        if (!write_section(w, &part, err)) return false;
        bytes_printf(&w->directory, "part\t%u\t%" PRIu64 "\t%" PRIu64 "\t%08" PRIx32, slot, part.offset,
                     part.bytes, part.crc);
        put_zone(w, slot);
    }
    w->blocks++;
    w->rows += w->count;
    w->count = 0;
    return !w->directory.failed || too_large(err);
}

static bool load_all(Writer *w, Err *err)
{
    for (uint32_t i = 0, n = atomic_load_explicit(&w->g->blocks, memory_order_acquire); i < n; i++) {
        Block *b = generation_block(w->g, i);
        for (uint16_t c = 0; b && block_rows(b) && c < schema_stored(w->def); c++)
            if (!block_load(w->g, b, schema_slot(w->def, c), err)) return false;
    }
    return true;
}

// A row that is not in the file, but may be named by a record behind the checkpoint.
static bool put_late(Writer *w, uint64_t number, Err *err)
{
    if (++w->late_rows > TABLE_FILE_LATE_MAX) {
        err_set(err, SQLSTATE_LIMIT, "table %.*s has too many rows that are not committed yet",
                STR_ARG(w->def->name));
        return err_hint(err, "a checkpoint can be taken when the large transaction has ended");
    }
    if (w->late_to && w->late_to + 1 == number) {
        w->late_to = number;
        return true;
    }
    if (w->late_to) bytes_printf(&w->late, "late\t%" PRIu64 "\t%" PRIu64 "\n", w->late_from, w->late_to);
    w->late_from = w->late_to = number;
    w->lates++;
    return true;
}

static bool write_rows(Writer *w, Err *err)
{
    const Snapshot see = {.at = w->stamp};
    RowWalk walk = generation_walk(w->g);
    if (!load_all(w, err)) return false;
    for (;;) {
        uint32_t pos;
        uint64_t number;
        if (!generation_walk_next(&walk, &pos, &number, err)) return false;
        if (pos == POS_NONE || number >= w->next) break;
        const Block *b = generation_block(w->g, pos >> 16);
        Stamp begin = block_begin(b, pos & 0xffff);
        if (!snapshot_sees(&see, begin, block_end(b, pos & 0xffff))) {
            bool late = begin != STAMP_NEVER && (stamp_is_txn(begin) || begin > w->stamp);
            if (late && !put_late(w, number, err)) return false;
            continue;
        }
        w->pos[w->count++] = pos;
        if (w->count == STORE_BLOCK_ROWS && !write_block(w, err)) return false;
    }
    if (w->late_to) bytes_printf(&w->late, "late\t%" PRIu64 "\t%" PRIu64 "\n", w->late_from, w->late_to);
    return write_block(w, err);
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
        w->def->id, w->stamp, w->rows, w->next, schema_stored(w->def), w->blocks, w->lates);
    for (uint16_t c = 0; c < schema_stored(w->def); c++) {
        bytes_printf(s, "column\t%u\t", schema_slot(w->def, c));
        codec_put_type(s, slots_type(w->g->slots, schema_slot(w->def, c)));
        bytes_put_byte(s, '\n');
    }
    bytes_put(s, bytes_str(&w->directory));
    bytes_put(s, bytes_str(&w->late));
    FilePart part;
    if (!write_section(w, &part, err)) return false;
    bytes_printf(s, "d2t-end %016" PRIu64 " %014" PRIu64, part.offset, part.bytes);
    uint32_t crc = crc32c(0, s->at, s->len);
    bytes_printf(s, " %08" PRIx32 "\n", crc);
    return io_write(&w->file, s->at, s->len, (int64_t)w->at, err);
}

static bool write_file(Writer *w, const IoDir *d, const char *temporary, const char *name, Err *err)
{
    bool ok = io_open(&w->file, d, temporary, IO_WRITE | IO_CREATE | IO_TRUNCATE, err);
    if (!ok) return false;
    ok = write_head(w, err) && write_rows(w, err) && write_directory(w, err) && io_sync(&w->file, err);
    io_close(&w->file);
    ok = ok && io_rename(d, temporary, name, err) && io_dir_sync(d, err);
    Err lost = {0};
    if (!ok && !io_remove(d, temporary, &lost)) err_note(err, "%s", lost.text);
    return ok;
}

bool table_file_write(Store *s, Relation *r, const TableDef *def, Stamp at, uint64_t *rows, Err *err)
{
    Writer w = {.store = s, .def = def, .stamp = at, .file = IO_FILE_NONE};
    if (!relation_generation(r, s, &w.g, err)) return false;
    mutex_lock(&r->write);
    w.next = generation_next_number(w.g);
    mutex_unlock(&r->write);
    bytes_init(&w.section, SECTION_BYTES_MAX);
    bytes_init(&w.directory, TABLE_FILE_DIRECTORY_MAX);
    bytes_init(&w.late, TABLE_FILE_DIRECTORY_MAX);
    w.pos = size_alloc(STORE_BLOCK_ROWS, sizeof *w.pos);
    IoDir d = IO_DIR_NONE;
    Arena mem = {0};
    const char *name = arena_cstr(&mem, r->file),
               *temporary = arena_cstr(&mem, arena_printf(&mem, "%s.tmp", name));
    bool ok = w.pos || store_out_of_memory(err);
    ok = ok && io_dir_open_at(&d, &s->databases, arena_cstr(&mem, r->database->directory), true, err);
    ok = ok && write_file(&w, &d, temporary, name, err);
    if (!ok) err_note(err, "while writing table %.*s.%.*s", STR_ARG(def->database), STR_ARG(def->name));
    *rows = w.rows;
    io_dir_close(&d);
    free(w.pos);
    bytes_done(&w.section);
    bytes_done(&w.directory);
    bytes_done(&w.late);
    arena_done(&mem);
    return ok;
}
