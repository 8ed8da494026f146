// Check: reads every byte that the store keeps, without opening it, and says what is damaged. Changes
// nothing.
#include "engine/store/dictionary_in.h"
#include "engine/store/recovery_in.h"
#include "engine/store/table_file_in.h"

#include "engine/base/crc32c.h"
#include "engine/base/size.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SEGMENT_BYTES_MAX ((size_t)8 << 30)

typedef struct Check {
    IoDir root, databases, logs;
    StoreFound found;
    void *self;
    uint64_t *files, *rows;
    Map directories; // database name → directory
    Arena mem;
    Map ids; // of tables and objects
    const ObjectDef **object;
    size_t objects, objects_cap;
    const TableDef *table; // whose state line is to come
    Str file;
} Check;

static bool check_database(void *self, uint64_t id, Str name, Str directory, Err *err)
{
    Check *c = self;
    (void)id;
    (void)err;
    map_set(&c->directories, name, (void *)(uintptr_t)arena_cstr(&c->mem, directory));
    return true;
}

static bool check_table(void *self, const TableDef *def, Str file, Err *err)
{
    Check *c = self;
    (void)err;
    c->table = schema_copy(def, &c->mem);
    map_set(&c->ids, (Str){(const char *)&def->id, sizeof def->id}, c);
    c->file = arena_copy(&c->mem, file);
    return true;
}

// Only a table with a stamp has a file.
static bool check_state(void *self, const DictionaryState *state, Err *err)
{
    Check *c = self;
    if (!c->table || c->table->id != state->id || state->file_at == 0) return true;
    const char *directory = map_get(&c->directories, c->table->database),
               *name = arena_cstr(&c->mem, c->file);
    const char *path =
        arena_cstr(&c->mem, arena_printf(&c->mem, "databases/%s/%s", directory ? directory : "?", name));
    Err why = {0};
    IoDir d;
    ++*c->files;
    if (!directory || !io_dir_open_at(&d, &c->databases, directory, false, &why)) {
        c->found(c->self, path, directory ? why.text : "the table is in no database");
        return true;
    }
    bool ok = table_file_check(&d, path, name, c->table, (FileAnchor){state->file_at, state->file_bytes},
                               c->found, c->self, c->rows, err);
    io_dir_close(&d);
    return ok;
}

static bool check_object(void *self, const ObjectDef *def, Err *err)
{
    Check *c = self;
    if (c->objects == c->objects_cap) {
        size_t cap = c->objects_cap ? c->objects_cap * 2 : 64;
        const ObjectDef **more = size_realloc((void *)c->object, cap, sizeof *more);
        if (!more) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory");
        c->object = more;
        c->objects_cap = cap;
    }
    c->object[c->objects++] = object_copy(def, &c->mem);
    map_set(&c->ids, (Str){(const char *)&def->id, sizeof def->id}, c);
    return true;
}

static bool check_counter(void *self, const CounterLine *line, Err *err)
{
    (void)self;
    (void)line;
    (void)err;
    return true;
}

// Everything that an object cannot be without is there.
static void check_dependencies(Check *c)
{
    for (size_t i = 0; i < c->objects; i++) {
        const ObjectDef *o = c->object[i];
        for (uint32_t k = 0; k <= o->dependency_count; k++) {
            uint64_t id = k < o->dependency_count ? o->dependency[k] : o->parent;
            if (id == 0 || map_get(&c->ids, (Str){(const char *)&id, sizeof id})) continue;
            Str why = arena_printf(&c->mem, "%s %.*s.%.*s depends on %" PRIu64 ", which is not there",
                                   object_kind_name(o->kind), STR_ARG(o->schema), STR_ARG(o->name), id);
            c->found(c->self, "dictionary.local", arena_cstr(&c->mem, why));
        }
    }
}

static bool check_dictionary(Check *c, DictionaryHead *head, Err *err)
{
    const DictionaryVisit visit = {c, check_database, check_table, check_state, check_object, check_counter};
    Bytes text;
    Err why = {0};
    bytes_init(&text, DICTIONARY_BYTES_MAX);
    ++*c->files;
    bool ok = io_read_all(&c->root, "dictionary.local", &text, &why) &&
              dictionary_read(bytes_str(&text), head, &visit, &why);
    if (!ok && err_is(&why, SQLSTATE_OUT_OF_MEMORY))
        *err = why;
    else if (!ok)
        c->found(c->self, "dictionary.local", why.text);
    bytes_done(&text);
    if (ok) check_dependencies(c);
    return ok || !err_any(err);
}

static void check_global(Check *c)
{
    Bytes text;
    Err why = {0};
    uint64_t crc;
    bytes_init(&text, DICTIONARY_BYTES_MAX);
    ++*c->files;
    if (!io_read_all(&c->root, "dictionary.global", &text, &why)) {
        c->found(c->self, "dictionary.global", why.text);
    } else {
        Str s = bytes_str(&text);
        if (s.len < 13 || !str_to_hex64_lower(str_slice(s, s.len - 9, 8), &crc) ||
            crc != crc32c(0, s.at, s.len - 13) || !str_equal(str_slice(s, s.len - 13, 4), STR("crc ")) ||
            s.at[s.len - 1] != '\n')
            c->found(
                c->self, "dictionary.global",
                "dictionary.global is damaged: its checksum differs; the next checkpoint writes it anew");
    }
    bytes_done(&text);
}

static void check_segment(Check *c, uint64_t segment, bool last, uint64_t *expect)
{
    char name[LOG_NAME_SIZE], path[LOG_NAME_SIZE + 8], sentence[128];
    Bytes text;
    Err why = {0};
    log_segment_name(name, segment);
    snprintf(path, sizeof path, "log/%s", name);
    bytes_init(&text, SEGMENT_BYTES_MAX);
    ++*c->files;
    LogReader reader = {.expect = *expect};
    bool ok = io_read_all(&c->logs, name, &text, &why);
    reader.text = bytes_str(&text);
    ok = ok && log_head(&reader, segment, &why);
    LogRecord record;
    LogRead state = LOG_READ_END;
    while (ok && (state = log_read(&reader, &record, &why)) == LOG_READ_RECORD) *expect = record.seq + 1;
    if (!ok || state == LOG_READ_DAMAGED) c->found(c->self, path, why.text);
    snprintf(sentence, sizeof sentence, "it ends in an unfinished record at byte %zu%s", reader.at,
             last ? ", which the next opening cuts" : ", but segments follow");
    if (ok && state == LOG_READ_TORN) c->found(c->self, path, sentence);
    bytes_done(&text);
}

static bool check_log(Check *c, const DictionaryHead *head, Err *err)
{
    uint64_t *segment, expect = head->next_seq, next = head->log_segment;
    size_t count;
    if (!recovery_segments(&c->logs, &c->mem, &segment, &count, err)) return false;
    for (size_t i = 0; i < count; i++) {
        if (segment[i] < head->log_segment) continue;
        if (next == 0) next = segment[i];
        if (segment[i] != next) c->found(c->self, "log", "a segment is missing");
        if (segment[i] != next) expect = 0;
        check_segment(c, segment[i], i + 1 == count, &expect);
        next = segment[i] + 1;
    }
    return true;
}

bool store_check(Io io, const char *path, StoreFound found, void *self, uint64_t *files, uint64_t *rows,
                 Err *err)
{
    *files = *rows = 0;
    Check c = {.root = IO_DIR_NONE,
               .databases = IO_DIR_NONE,
               .logs = IO_DIR_NONE,
               .found = found,
               .self = self,
               .files = files,
               .rows = rows};
    DictionaryHead head = {0}; // segment 0: the dictionary cannot say where the log begins
    bool ok = io_dir_open(&c.root, io, path, false, err) &&
              io_dir_open_at(&c.databases, &c.root, "databases", false, err) &&
              io_dir_open_at(&c.logs, &c.root, "log", false, err);
    ok = ok && check_dictionary(&c, &head, err);
    if (ok) check_global(&c);
    ok = ok && check_log(&c, &head, err);
    io_dir_close(&c.logs);
    io_dir_close(&c.databases);
    io_dir_close(&c.root);
    map_done(&c.directories);
    map_done(&c.ids);
    free((void *)c.object);
    arena_done(&c.mem);
    return ok;
}
