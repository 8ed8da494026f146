// Table file, read: the last line, the directory, and single sections when their cells are asked for. Nothing
// in the file is believed: every offset, count and value is checked, and a section's checksum comes before
// its text is parsed.
#include "engine/store/repair_in.h"
#include "engine/store/table_file_in.h"

#include "engine/base/crc32c.h"
#include "engine/base/size.h"
#include "engine/store/file_name_in.h"
#include "engine/store/cell_in.h"
#include "engine/store/definition_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_BYTES_MAX ((uint64_t)4 << 30)
enum { PART_FRAME_MIN = 13 }; // "crc xxxxxxxx\n"

typedef struct Directory {
    uint64_t id, rows, next;
    Stamp at;
    FilePart part;
    Zone *zone;    // blocks × columns of the file
    TableMap *map; // NULL: a version that is not appended to
} Directory;

static bool damaged(const TableFile *f, Err *err, const char *what)
{
    err_set(err, SQLSTATE_CORRUPT, "%s is damaged: %s", f->name, what);
    return err_hint(err, "run d2db check; the other tables can be used");
}

void table_file_close(TableFile *f)
{
    if (!f) return;
    io_close(&f->file);
    arena_done(&f->mem);
    free(f);
}

// A framed piece of the file: its text without the last line, checked. Free with buf_drop.
static bool read_part(TableFile *f, const FilePart *p, Buf **out, size_t *len, const char *what, Err *err)
{
    size_t got = 0;
    char expect[32];
    if (p->bytes < PART_FRAME_MIN || p->bytes > PART_BYTES_MAX) return damaged(f, err, what);
    Buf *b = buf_new((size_t)p->bytes);
    if (!b) return store_out_of_memory(err);
    *len = (size_t)p->bytes - PART_FRAME_MIN;
    bool ok = io_read(&f->file, b->at, (size_t)p->bytes, (int64_t)p->offset, &got, err);
    snprintf(expect, sizeof expect, "crc %08" PRIx32 "\n", p->crc);
    if (ok && (got != p->bytes || memcmp(b->at + *len, expect, PART_FRAME_MIN) != 0 ||
               crc32c(0, b->at, *len) != p->crc || *len == 0 || b->at[*len - 1] != '\n'))
        ok = damaged(f, err, what);
    if (ok)
        *out = b;
    else
        buf_drop(b);
    return ok;
}

static bool read_tail(TableFile *f, Directory *d, int64_t size, Err *err)
{
    char tail[TABLE_FILE_TAIL + 1] = {0};
    size_t got;
    uint64_t crc;
    if (size < TABLE_FILE_TAIL) return damaged(f, err, "it ends too early");
    if (!io_read(&f->file, tail, TABLE_FILE_TAIL, size - TABLE_FILE_TAIL, &got, err)) return false;
    Str t = {tail, TABLE_FILE_TAIL};
    if (got != TABLE_FILE_TAIL || !str_starts(t, STR("d2t-end ")) || tail[24] != ' ' || tail[39] != ' ' ||
        tail[48] != '\n' || !str_to_uint64(str_slice(t, 8, 16), &d->part.offset) ||
        !str_to_uint64(str_slice(t, 25, 14), &d->part.bytes) ||
        !str_to_hex64_lower(str_slice(t, 40, 8), &crc) || crc != crc32c(0, tail, 39))
        return damaged(f, err, "its last line is not that of a table file");
    if (d->part.offset > (uint64_t)size ||
        d->part.bytes != (uint64_t)size - TABLE_FILE_TAIL - d->part.offset ||
        d->part.bytes > TABLE_FILE_DIRECTORY_MAX)
        return damaged(f, err, "its last line points nowhere");
    return true;
}

static bool get_zone(const Line *l, TypeId type, Zone *z)
{
    Phys p = type_phys(type);
    Value value;
    CodecMemory none = {0};
    int64_t min = INT64_MAX, max = INT64_MIN;
    if (l->field[7].len != 2) return false;
    atomic_init(&z->has_null, l->field[7].at[0] == 'n');
    atomic_init(&z->has_value, l->field[7].at[1] == 'v');
    if (phys_is_plain(p) && l->field[7].at[1] == 'v') {
        if (!codec_get(&value.boolean, type_of(type), l->field[5], false, &none) ||
            !cell_zone(p, &value.boolean, &min))
            return false;
        if (!codec_get(&value.boolean, type_of(type), l->field[6], false, &none) ||
            !cell_zone(p, &value.boolean, &max))
            return false;
    }
    atomic_init(&z->min, min);
    atomic_init(&z->max, max);
    return true;
}

static bool get_place(const Line *l, unsigned field, uint64_t before, FilePart *out)
{
    uint64_t crc;
    if (!line_uint(l, field, before, &out->offset) || !line_uint(l, field + 1, PART_BYTES_MAX, &out->bytes) ||
        !str_to_hex64_lower(l->field[field + 2], &crc) || crc > UINT32_MAX ||
        out->bytes > before - out->offset)
        return false;
    out->crc = (uint32_t)crc;
    return true;
}

static bool get_block(const TableFile *f, const Line *l, uint32_t at, const Directory *d, uint64_t after,
                      FileBlock *b)
{
    uint64_t index, rows;
    if (!line_is(l, "block", 7) || !line_uint(l, 1, UINT32_MAX - 1, &index) ||
        (index != at && f->version == 1) || !line_uint(l, 2, STORE_BLOCK_ROWS, &rows) || rows == 0 ||
        !line_uint(l, 3, d->next, &b->number) || b->number < after)
        return false;
    b->id = (uint32_t)index;
    b->rows = (uint32_t)rows;
    b->numbered = !str_equal(l->field[4], STR("-"));
    return b->numbered ? get_place(l, 4, d->part.offset, &b->numbers) : b->number + rows <= d->next;
}

static bool get_late(TableFile *f, const Directory *d, Str *text, uint64_t lates)
{
    uint64_t rows = 0, after = 0;
    f->lates = lates;
    f->late = arena_try(&f->mem, lates + 1, sizeof *f->late);
    for (uint64_t i = 0; i < lates; i++) {
        Line l;
        FileRange *r = &f->late[i];
        if (!f->late || !line_next(text, &l, &f->mem) || !line_is(&l, "late", 3) ||
            !line_uint(&l, 1, d->next, &r->from) || !line_uint(&l, 2, d->next - 1, &r->to) ||
            r->from > r->to || (i && r->from <= after))
            return false;
        after = r->to;
        rows += r->to - r->from + 1;
        if (rows > TABLE_FILE_LATE_MAX) return false;
    }
    return f->late != NULL;
}

// The file's own columns: the definition may be older or newer. Slots that the relation does not know yet are
// those of a definition that replay will bring.
static bool get_columns(TableFile *f, Str *text, uint16_t columns, Slots *slots)
{
    f->columns = columns;
    f->slot = arena_try(&f->mem, columns + 1u, sizeof *f->slot);
    for (uint16_t c = 0; f->slot && c < columns; c++) {
        Line l;
        uint64_t slot;
        Type type = type_of(TYPE_NULL);
        Err why = {0};
        if (!line_next(text, &l, &f->mem) || !line_is(&l, "column", 3) ||
            !line_uint(&l, 1, SCHEMA_SLOTS_MAX - 1, &slot))
            return false;
        if (!codec_get_type(&type, l.field[2]) || !slots_ensure(slots, (uint16_t)slot, type, &why))
            return false;
        f->slot[c] = (uint16_t)slot;
    }
    return f->slot != NULL;
}

// The lines of one block; the map keeps them, for a checkpoint that leaves the block as it is.
static bool get_block_lines(TableFile *f, Directory *d, uint32_t i, Str *text, Slots *slots)
{
    Line l;
    Err why = {0};
    FileBlock *b = &f->block[i];
    const char *lines = text->at;
    uint64_t after = i ? f->block[i - 1].number + f->block[i - 1].rows : 0, bytes, column;
    if (!line_next(text, &l, &f->mem) || !get_block(f, &l, i, d, after, b)) return false;
    bytes = b->numbered ? b->numbers.bytes : 0;
    b->part = arena_try(&f->mem, f->columns + 1u, sizeof *b->part);
    for (uint16_t c = 0; c < f->columns; c++) {
        if (!b->part || !line_next(text, &l, &f->mem) || !line_is(&l, "part", 8) ||
            !line_uint(&l, 1, SCHEMA_SLOTS_MAX, &column) || column != f->slot[c] ||
            !get_place(&l, 2, d->part.offset, &b->part[c]) ||
            !get_zone(&l, slots_type(slots, f->slot[c]).id, &d->zone[i * f->columns + c]))
            return false;
        bytes += b->part[c].bytes;
    }
    const MapBlock known = {.first = b->number,
                            .id = b->id,
                            .rows = b->rows,
                            .bytes = bytes,
                            .text = {lines, (size_t)(text->at - lines)}};
    return b->part && (!d->map || table_map_add(d->map, &known, &why));
}

static bool make_map(const TableFile *f, Directory *d)
{
    if (f->version != TABLE_FILE_VERSION) return true;
    d->map = table_map_new(f->columns);
    if (!d->map) return false;
    memcpy(d->map->slot, f->slot, f->columns * sizeof *f->slot);
    d->map->next = d->next;
    return true;
}

static bool get_directory(TableFile *f, Directory *d, Str text, Slots *slots)
{
    Line l;
    uint64_t count, blocks, crc, lates;
    if (!line_next(&text, &l, &f->mem) || !line_is(&l, "directory", 8) ||
        !line_uint(&l, 1, INT64_MAX, &d->id) || !str_to_hex64_lower(l.field[2], &crc) || crc >= STAMP_NEVER ||
        !line_uint(&l, 3, INT64_MAX, &d->rows) || !line_uint(&l, 4, INT64_MAX, &d->next) ||
        !line_uint(&l, 5, SCHEMA_COLUMNS_MAX, &count) ||
        !line_uint(&l, 6, GENERATION_BLOCKS_MAX - 1, &blocks) || blocks > text.len ||
        !line_uint(&l, 7, text.len, &lates))
        return false;
    d->at = crc;
    if (!get_columns(f, &text, (uint16_t)count, slots)) return false;
    uint16_t columns = f->columns;
    f->blocks = (uint32_t)blocks;
    f->block = arena_try(&f->mem, blocks + 1, sizeof *f->block);
    d->zone = arena_try(&f->mem, blocks * columns + 1, sizeof *d->zone);
    if (!f->block || !d->zone || !make_map(f, d)) return false;
    uint64_t rows = 0;
    for (uint32_t i = 0; i < blocks; i++) {
        if (!get_block_lines(f, d, i, &text, slots)) return false;
        rows += f->block[i].rows;
    }
    return rows == d->rows && get_late(f, d, &text, lates) && text.len == 0;
}

static bool read_directory_at(TableFile *f, Directory *d, int64_t size, Slots *slots, Err *err)
{
    if (!read_tail(f, d, size, err)) return false;
    // The directory's checksum is its own last line.
    char tail[PART_FRAME_MIN] = {0};
    size_t got, len;
    uint64_t crc;
    if (d->part.bytes < PART_FRAME_MIN) return damaged(f, err, "its directory is cut");
    if (!io_read(&f->file, tail, sizeof tail, (int64_t)(d->part.offset + d->part.bytes - PART_FRAME_MIN),
                 &got, err))
        return false;
    if (got != sizeof tail || !str_to_hex64_lower((Str){tail + 4, 8}, &crc))
        return damaged(f, err, "its directory is cut");
    d->part.crc = (uint32_t)crc;
    Buf *text;
    if (!read_part(f, &d->part, &text, &len, "the checksum of its directory differs", err)) return false;
    bool ok = get_directory(f, d, (Str){(const char *)text->at, len}, slots);
    buf_drop(text);
    f->bytes = (uint64_t)size;
    return ok || damaged(f, err, "its directory cannot be read or does not fit the table's definition");
}

static void directory_forget(TableFile *f, Directory *d)
{
    table_map_free(d->map);
    arena_done(&f->mem);
    f->mem = (Arena){0};
    *d = (Directory){0};
}

// At the place that the dictionary knows; what may stand behind it is the beginning of something that never
// counted. A file that was written whole since is another one, of a later stamp: its end counts.
static bool read_directory(TableFile *f, Directory *d, FileAnchor anchor, Slots *slots, Err *err)
{
    int64_t size;
    Err other = {0};
    if (!io_size(&f->file, &size, err)) return false;
    if (anchor.bytes && anchor.bytes <= (uint64_t)size) {
        bool ok = read_directory_at(f, d, (int64_t)anchor.bytes, slots, err);
        if (ok && d->at == anchor.at) return true;
        if (!ok && !err_is(err, SQLSTATE_CORRUPT)) return false;
        if (!ok && anchor.bytes == (uint64_t)size) return false;
        other = *err;
        directory_forget(f, d);
        err_clear(err);
    }
    bool ok = read_directory_at(f, d, size, slots, err);
    // A repair writes what is left of a file under the stamp that it had.
    if (ok && (!anchor.bytes || d->at > anchor.at || (d->at == anchor.at && f->repair))) return true;
    if (ok) damaged(f, err, "it is older than the dictionary says, or cut");
    if (err_any(&other)) *err = other;
    return false;
}

static void fill_block(Block *b, const TableFile *f, const FileBlock *from, uint32_t at, const Zone *zone)
{
    b->in_file = true;
    b->file_block = at;
    b->number = from->number;
    b->numbered = from->numbered;
    for (uint16_t c = 0; c < f->columns; c++) {
        ColumnBlock *k = &b->column[f->slot[c]];
        Zone *z = &k->zone;
        atomic_init(&k->loaded, false);
        atomic_init(&z->min, atomic_load(&zone[c].min));
        atomic_init(&z->max, atomic_load(&zone[c].max));
        atomic_init(&z->has_null, atomic_load(&zone[c].has_null));
        atomic_init(&z->has_value, atomic_load(&zone[c].has_value));
    }
    atomic_store_explicit(&b->rows, from->rows, memory_order_release);
}

// One more row that may come: a number, and stamps that say that it has not.
static bool add_late(Generation *g, uint32_t at, uint64_t number, Err *err)
{
    Block *b = generation_make(g, g->late_block + (at >> 16));
    uint32_t row = at & 0xffff;
    if (!b) return store_out_of_memory(err);
    if (row == 0) {
        uint64_t *numbers = size_alloc(STORE_BLOCK_ROWS, sizeof *numbers);
        if (!numbers) return store_out_of_memory(err);
        atomic_store(&b->numbers, numbers);
        b->number = number;
    }
    if (row % SLICE_ROWS == 0 && !block_open_slice(b, row / SLICE_ROWS, err)) return false;
    atomic_load(&b->numbers)[row] = number;
    atomic_store_explicit(&b->rows, row + 1, memory_order_release);
    return true;
}

static bool add_lates(Generation *g, const TableFile *f, Err *err)
{
    uint32_t at = 0;
    for (uint64_t i = 0; i < f->lates; i++)
        for (uint64_t number = f->late[i].from; number <= f->late[i].to; number++)
            if (!add_late(g, at++, number, err)) return false;
    return true;
}

static bool make_generation(Generation **out, TableFile *f, const Directory *d, const Relation *r, Err *err)
{
    Generation *g = generation_new(&r->slots, d->next);
    if (!g) return store_out_of_memory(err);
    uint64_t late_rows = 0;
    for (uint64_t i = 0; i < f->lates; i++) late_rows += f->late[i].to - f->late[i].from + 1;
    uint32_t late_blocks = (uint32_t)((late_rows + STORE_BLOCK_ROWS - 1) / STORE_BLOCK_ROWS);
    g->late_block = f->blocks;
    g->tail_block = f->blocks + late_blocks;
    for (uint32_t i = 0; i < f->blocks; i++) {
        Block *b = generation_make(g, i);
        if (!b) {
            generation_free(g);
            return store_out_of_memory(err);
        }
        fill_block(b, f, &f->block[i], i, d->zone + (size_t)i * f->columns);
    }
    if (!add_lates(g, f, err)) {
        generation_free(g);
        return false;
    }
    g->file = f;
    *out = g;
    return true;
}

static TableFile *file_new(const char *path, Str database, Str table)
{
    TableFile *f = size_alloc_zero(1, sizeof *f);
    if (!f) return NULL;
    f->file = IO_FILE_NONE;
    snprintf(f->name, sizeof f->name, "table %.*s.%.*s (file %s)", STR_ARG(database), STR_ARG(table), path);
    return f;
}

// The first two lines: a file of another version, or of another table, is not read.
static bool check_head(TableFile *f, uint64_t id, Err *err)
{
    char head[2048], expect[64];
    size_t got;
    bool ok = io_read(&f->file, head, sizeof head, 0, &got, err);
    Str rest = {head, ok ? got : 0}, line = str_cut(&rest, '\n'), crc_line = str_cut(&rest, '\n');
    uint64_t crc, version = TABLE_FILE_VERSION;
    if (ok && str_starts(line, STR("d2t\t")) &&
        str_to_uint64(str_slice(line, 4, str_find_byte(line, '\t', 4) - 4), &version) &&
        (version < 1 || version > TABLE_FILE_VERSION)) {
        err_set(err, SQLSTATE_CORRUPT, "%s has version %" PRIu64 "; this program reads versions 1 to %d",
                f->name, version, TABLE_FILE_VERSION);
        ok = false;
    }
    snprintf(expect, sizeof expect, "d2t\t%" PRIu64 "\ttable\t%" PRIu64 "\t", version, id);
    f->version = version;
    if (ok &&
        (!str_starts(line, str_of(expect)) || crc_line.len != 12 || !str_starts(crc_line, STR("crc ")) ||
         !str_to_hex64_lower(str_slice(crc_line, 4, 8), &crc) || crc != crc32c(0, line.at, line.len + 1)))
        ok = damaged(f, err, "its first lines are not those of this table");
    return ok;
}

bool store_table_bytes(Store *s, uint64_t id, int64_t *bytes, Err *err)
{
    char directory[FILE_NAME_SIZE] = "", file[FILE_NAME_SIZE] = "";
    IoDir d = IO_DIR_NONE;
    IoFile f = IO_FILE_NONE;
    *bytes = 0;
    latch_read(&s->catalog);
    const Relation *r = catalog_relation(s, id);
    if (r && r->file.len < sizeof file && r->database->directory.len < sizeof directory) {
        memcpy(file, r->file.at, r->file.len);
        memcpy(directory, r->database->directory.at, r->database->directory.len);
    }
    latch_unlock(&s->catalog);
    if (!file[0] || !io_exists(&s->databases, directory)) return true;
    bool ok = io_dir_open_at(&d, &s->databases, directory, false, err);
    if (ok && io_exists(&d, file)) {
        ok = io_open(&f, &d, file, IO_READ, err) && io_size(&f, bytes, err);
        io_close(&f);
    }
    io_dir_close(&d);
    return ok;
}

bool table_file_open(Generation **out, Store *s, Relation *r, Err *err)
{
    Arena mem = {0};
    IoDir d = IO_DIR_NONE;
    Directory directory = {0};
    const TableDef *def = r->definition->def;
    const char *dir = arena_cstr(&mem, r->database->directory), *name = arena_cstr(&mem, r->file);
    TableFile *f = file_new(arena_cstr(&mem, arena_printf(&mem, "databases/%s/%s", dir, name)), def->database,
                            def->name);
    bool ok = f || store_out_of_memory(err);
    ok =
        ok && io_dir_open_at(&d, &s->databases, dir, false, err) && io_open(&f->file, &d, name, IO_READ, err);
    if (!ok && f && !err_is(err, SQLSTATE_OUT_OF_MEMORY)) err_note(err, "%s cannot be opened", f->name);
    const FileAnchor anchor = {r->file_at, r->file_bytes};
    if (f) f->repair = repair_wanted(s);
    ok = ok && check_head(f, r->id, err) && read_directory(f, &directory, anchor, &r->slots, err);
    if (ok && directory.id != r->id) ok = damaged(f, err, "it belongs to another table");
    ok = ok && make_generation(out, f, &directory, r, err);
    bool opened = ok, absent = !ok && d.fd >= 0 && !io_exists(&d, name);
    if (!ok && repair_wanted(s) && d.fd >= 0 && (absent || err_is(err, SQLSTATE_CORRUPT))) {
        Err why = *err;
        err_clear(err);
        ok = repair_table(s, r, &d, &why, out, err);
    }
    if (opened) {
        (*out)->map = directory.map;
        r->file_at = directory.at;
        r->file_bytes = f->bytes;
        atomic_store(&r->live, (int64_t)directory.rows);
        ok = !repair_wanted(s) || repair_blocks(s, r, *out, &d, err);
    } else {
        table_map_free(directory.map);
        table_file_close(f);
    }
    io_dir_close(&d);
    arena_done(&mem);
    return ok;
}

// ---- sections ----

static char *room_of(void *self, size_t size) { return heap_get(self, size); }

typedef struct Cells {
    char *cells;
    uint64_t *nulls;
    bool has_long; // texts that point into the section
    bool has_null;
} Cells;

static bool get_cells(Cells *out, Str text, Type type, uint32_t rows, Heap *heap)
{
    Phys p = type_phys(type.id);
    size_t size = phys_size(p);
    const char *at = text.at, *end = text.at + text.len, *next;
    CodecMemory mem = {room_of, heap, &heap->big};
    for (uint32_t i = 0; i < rows; i++, at = next) {
        bool escaped;
        if (at == end) return false;
        Str field = codec_field(at, end, &next, &escaped);
        if (next[-1] != '\n') return false;
        if (escaped && codec_is_null(field)) {
            out->nulls[i >> 6] |= UINT64_C(1) << (i & 63);
            out->has_null = true;
            continue;
        }
        if (!codec_get(out->cells + i * size, type, field, escaped, &mem)) return false;
        out->has_long |=
            phys_is_text(p) && p != PHYS_ARRAY && field.len > TEXT_INLINE; // arrays are made anew
    }
    return at == end;
}

// Cuts off the section's own first line, which must be the one for this block and column.
static bool section_body(const Buf *raw, size_t len, uint32_t block, const char *what, uint32_t rows,
                         Str *body)
{
    char head[96];
    int n = snprintf(head, sizeof head, "section\t%" PRIu32 "\t%s\t%" PRIu32, block, what, rows);
    *body = (Str){(const char *)raw->at, len};
    Str line = str_cut(body, '\n');
    return str_starts(line, (Str){head, (size_t)n}) && (line.len == (size_t)n || line.at[n] == '\t');
}

static void publish_cells(Block *b, uint16_t column, Cells *cells, size_t size)
{
    ColumnBlock *k = &b->column[column];
    k->whole = cells->cells;
    k->whole_nulls = cells->nulls;
    for (uint32_t s = 0; s * SLICE_ROWS < block_rows(b); s++) {
        atomic_store_explicit(&k->cells[s], cells->cells + (size_t)s * SLICE_ROWS * size,
                              memory_order_release);
        if (cells->has_null)
            atomic_store_explicit(&k->nulls[s], cells->nulls + s * BATCH_NULL_WORDS, memory_order_release);
    }
    atomic_store_explicit(&k->loaded, true, memory_order_release);
}

// Only columns that the file has are asked for.
static const FilePart *part_of(const TableFile *f, const Block *b, uint16_t slot)
{
    uint16_t c = 0;
    while (c + 1 < f->columns && f->slot[c] != slot) c++;
    return &f->block[b->file_block].part[c];
}

static uint32_t block_id(const TableFile *f, const Block *b) { return f->block[b->file_block].id; }

static bool load_locked(Generation *g, Block *b, uint16_t column, Err *err)
{
    TableFile *f = g->file;
    ColumnBlock *k = &b->column[column];
    uint32_t rows = block_rows(b), slices = (rows + SLICE_ROWS - 1) / SLICE_ROWS;
    Type type = slots_type(g->slots, column);
    size_t size = phys_size(type_phys(type.id)), len;
    char what[96], name[16];
    snprintf(what, sizeof what, "block %" PRIu32 ", column %u: the checksum differs", block_id(f, b), column);
    Buf *raw;
    if (!read_part(f, part_of(f, b, column), &raw, &len, what, err)) return false;
    Cells cells = {.cells = size_alloc_zero((size_t)slices * SLICE_ROWS, size),
                   .nulls = size_alloc_zero(slices * BATCH_NULL_WORDS, 8)};
    bool ok = (cells.cells && cells.nulls) || store_out_of_memory(err);
    Str body;
    snprintf(name, sizeof name, "%u", column);
    snprintf(what, sizeof what, "block %" PRIu32 ", column %u: its text cannot be read", block_id(f, b),
             column);
    if (ok && (!section_body(raw, len, block_id(f, b), name, rows, &body) ||
               !get_cells(&cells, body, type, rows, &k->heap)))
        ok = damaged(f, err, what);
    if (!ok) {
        free(cells.cells);
        free(cells.nulls);
        heap_done(&k->heap);
        buf_drop(raw);
        return false;
    }
    if (cells.has_long)
        k->raw = raw;
    else
        buf_drop(raw);
    publish_cells(b, column, &cells, size);
    return true;
}

bool table_file_load(Generation *g, Block *b, uint16_t column, Err *err)
{
    mutex_lock(&b->load);
    bool ok = atomic_load(&b->column[column].loaded) || load_locked(g, b, column, err);
    mutex_unlock(&b->load);
    return ok;
}

static bool get_numbers(uint64_t *out, Str text, uint32_t rows, uint64_t first, uint64_t next)
{
    for (uint32_t i = 0; i < rows; i++) {
        if (!str_to_uint64(str_cut(&text, '\n'), &out[i]) || out[i] >= next ||
            (i ? out[i] <= out[i - 1] : out[i] != first))
            return false;
    }
    return text.len == 0;
}

static bool load_numbers_locked(Generation *g, Block *b, Err *err)
{
    TableFile *f = g->file;
    char what[96];
    size_t len;
    Buf *raw;
    Str body;
    snprintf(what, sizeof what, "block %" PRIu32 ", row numbers: the checksum differs", block_id(f, b));
    if (!read_part(f, &f->block[b->file_block].numbers, &raw, &len, what, err)) return false;
    uint64_t *numbers = size_alloc(block_rows(b), sizeof *numbers);
    snprintf(what, sizeof what, "block %" PRIu32 ", row numbers: their text cannot be read", block_id(f, b));
    bool ok = numbers || store_out_of_memory(err);
    if (ok && (!section_body(raw, len, block_id(f, b), "numbers", block_rows(b), &body) ||
               !get_numbers(numbers, body, block_rows(b), b->number, g->tail_number)))
        ok = damaged(f, err, what);
    buf_drop(raw);
    if (!ok) {
        free(numbers);
        return false;
    }
    atomic_store_explicit(&b->numbers, numbers, memory_order_release);
    return true;
}

bool table_file_load_numbers(Generation *g, Block *b, Err *err)
{
    mutex_lock(&b->load);
    bool ok = atomic_load(&b->numbers) || load_numbers_locked(g, b, err);
    mutex_unlock(&b->load);
    return ok;
}

// ---- check ----

static void check_block(Generation *g, uint32_t at, const char *path, StoreFound found, void *self)
{
    Block *b = generation_block(g, at);
    for (uint16_t c = 0; c < g->file->columns; c++) {
        Err err = {0};
        if (!block_load(g, b, g->file->slot[c], &err)) found(self, path, err.text);
    }
    Err err = {0};
    uint64_t number;
    if (!generation_number(g, at << 16, &number, &err)) found(self, path, err.text);
}

bool table_file_check(const IoDir *d, const char *path, const char *name, const TableDef *def,
                      FileAnchor anchor, StoreFound found, void *self, uint64_t *rows, Err *err)
{
    Relation r = {.id = def->id};
    TableFile *f = file_new(path, def->database, def->name);
    if (!f) return store_out_of_memory(err);
    if (!slots_cover(&r.slots, def, err)) {
        slots_done(&r.slots);
        table_file_close(f);
        return false;
    }
    Directory directory = {0};
    Generation *g = NULL;
    Err why = {0};
    bool ok = io_open(&f->file, d, name, IO_READ, &why) && check_head(f, def->id, &why) &&
              read_directory(f, &directory, anchor, &r.slots, &why);
    table_map_free(directory.map);
    if (ok && directory.id != def->id) ok = damaged(f, &why, "it belongs to another table");
    if (!ok || !make_generation(&g, f, &directory, &r, &why)) {
        found(self, path, why.text);
        table_file_close(f);
    } else {
        for (uint32_t i = 0; i < f->blocks; i++) check_block(g, i, path, found, self);
        *rows += directory.rows;
        generation_free(g);
    }
    slots_done(&r.slots);
    return true;
}
