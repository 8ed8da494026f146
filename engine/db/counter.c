// Counter: the counts in memory, their file, and catching up with the query log.
//
// DATA/counters, one record a line, fields parted by tabs, \t \n \\ in names written with a backslash:
//     d2db-counters 1
//     through N clean|open
//     USER  DATABASE  NODE  VALID  INVALID
//     end CRC          crc32c of all lines before, 8 hexadecimal digits
// "clean" is written when the engine closes; an "open" one asks for the log's lines with a number above N.
#include "engine/db/counter.h"

#include "engine/base/crc32c.h"
#include "engine/base/map.h"
#include "engine/base/size.h"
#include "engine/base/thread.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    COUNTER_BYTES_MAX = 64 << 20,
    COUNTER_KEY_MAX = 4096,
    COUNTER_WRITE_EVERY = 4096, // queries; the log keeps far more lines than that
    COUNTER_MEMBERS_MAX = 32,
};

typedef struct Entry {
    CounterRow row;
} Entry; // strings in Counter.mem

struct Counter {
    const IoDir *directory;
    Mutex lock;
    Arena mem;
    Map by_key; // "user\0database\0node" → Entry
    uint64_t through;
    uint64_t written; // `through` of the file
};

// ---- counts ----

static Entry *entry(Counter *c, Str user, Str database, Str node)
{
    char key[COUNTER_KEY_MAX];
    size_t len = user.len + database.len + node.len + 2;
    if (len > sizeof key) return NULL;
    memcpy(key, user.at ? user.at : "", user.len);
    key[user.len] = 0;
    memcpy(key + user.len + 1, database.at ? database.at : "", database.len);
    key[user.len + 1 + database.len] = 0;
    memcpy(key + user.len + database.len + 2, node.at ? node.at : "", node.len);
    Entry *e = map_get(&c->by_key, (Str){key, len});
    if (e) return e;
    e = arena_new(&c->mem, Entry);
    e->row = (CounterRow){.user = arena_copy(&c->mem, user),
                          .database = arena_copy(&c->mem, database),
                          .node = arena_copy(&c->mem, node)};
    map_set(&c->by_key, (Str){key, len}, e);
    return e;
}

static void add(Counter *c, Str user, Str database, Str node, bool valid)
{
    Entry *e = entry(c, user, database, node);
    if (e) *(valid ? &e->row.valid : &e->row.invalid) += 1;
}

// ---- the file ----

static void put_field(Bytes *out, Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '\t' || c == '\n' || c == '\\') bytes_put_byte(out, '\\');
        bytes_put_byte(out, c == '\t' ? 't' : c == '\n' ? 'n' : c);
    }
    bytes_put_byte(out, '\t');
}

static Str read_field(Str *line, Arena *mem)
{
    Str raw = str_cut(line, '\t');
    char *out = arena_get(mem, raw.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.at[i];
        if (c == '\\' && i + 1 < raw.len) {
            c = raw.at[++i];
            c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
        }
        out[len++] = c;
    }
    return (Str){out, len};
}

static void put_rows(const Counter *c, Bytes *out)
{
    const MapEntry *m;
    for (size_t i = 0; (m = map_next(&c->by_key, &i)) != NULL;) {
        const CounterRow *r = &((const Entry *)m->value)->row;
        put_field(out, r->user);
        put_field(out, r->database);
        put_field(out, r->node);
        bytes_printf(out, "%" PRIu64 "\t%" PRIu64 "\n", r->valid, r->invalid);
    }
}

static bool write_file(Counter *c, bool clean, Err *err)
{
    Bytes text;
    bytes_init(&text, COUNTER_BYTES_MAX);
    bytes_printf(&text, "d2db-counters 1\nthrough %" PRIu64 " %s\n", c->through, clean ? "clean" : "open");
    put_rows(c, &text);
    uint32_t crc = text.failed ? 0 : crc32c(0, text.at, text.len);
    bytes_printf(&text, "end %08" PRIx32 "\n", crc);
    bool good = !text.failed && io_replace(c->directory, COUNTER_FILE, bytes_str(&text), err);
    bytes_done(&text);
    c->written = c->through;
    return good;
}

static bool damaged(unsigned line, Err *err)
{
    err_set(err, SQLSTATE_CORRUPT, "%s is damaged at line %u", COUNTER_FILE, line);
    return err_hint(
        err, "Remove the file: the counts are then made anew from the query log, as far back as it goes.");
}

static bool read_row(Counter *c, Str line, unsigned number, Arena *mem, Err *err)
{
    Str user = read_field(&line, mem), database = read_field(&line, mem), node = read_field(&line, mem);
    Str valid = str_cut(&line, '\t');
    Entry *e = entry(c, user, database, node);
    if (!e || !str_to_uint64(valid, &e->row.valid) || !str_to_uint64(line, &e->row.invalid))
        return damaged(number, err);
    return true;
}

static bool read_head(Counter *c, Str *rest, bool *clean, Err *err)
{
    if (!str_equal(str_cut(rest, '\n'), STR("d2db-counters 1"))) return damaged(1, err);
    Str line = str_cut(rest, '\n');
    Str word = str_cut(&line, ' '), number = str_cut(&line, ' ');
    if (!str_equal(word, STR("through")) || !str_to_uint64(number, &c->through)) return damaged(2, err);
    *clean = str_equal(line, STR("clean"));
    return true;
}

static bool read_text(Counter *c, Str text, bool *clean, Arena *mem, Err *err)
{
    Str rest = text;
    if (!read_head(c, &rest, clean, err)) return false;
    for (unsigned number = 3; rest.len; number++) {
        size_t body = text.len - rest.len;
        Str line = str_cut(&rest, '\n');
        uint64_t crc;
        if (!str_starts(line, STR("end "))) {
            if (!read_row(c, line, number, mem, err)) return false;
            continue;
        }
        if (!str_to_hex64_lower(str_slice(line, 4, line.len), &crc) || crc != crc32c(0, text.at, body))
            return damaged(number, err);
        return true;
    }
    return damaged(3, err);
}

static bool read_file(Counter *c, bool *clean, Err *err)
{
    Bytes text;
    Arena mem = {0};
    bytes_init(&text, COUNTER_BYTES_MAX);
    bool good = io_read_all(c->directory, COUNTER_FILE, &text, err) &&
                read_text(c, bytes_str(&text), clean, &mem, err);
    bytes_done(&text);
    arena_done(&mem);
    return good;
}

// ---- the log ----

static Str member(const JsonMember *m, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(m[i].key, str_of(key))) return m[i].kind == '0' ? STR_NONE : m[i].value;
    return STR_NONE;
}

static void take_line(Counter *c, Str line, uint64_t after, Arena *mem)
{
    JsonMember m[COUNTER_MEMBERS_MAX];
    size_t count;
    uint64_t number;
    if (!json_read_object(line, m, COUNTER_MEMBERS_MAX, &count, mem)) return;
    if (!str_equal(member(m, count, "kind"), STR("query"))) return;
    if (!str_to_uint64(member(m, count, "number"), &number) || number <= after) return;
    add(c, member(m, count, "user"), member(m, count, "database"), member(m, count, "node"),
        str_equal(member(m, count, "valid"), STR("true")));
    if (number > c->through) c->through = number;
}

static bool read_log(Counter *c, const char *journal, Err *err)
{
    JournalTail *tail;
    if (!journal_tail_open(&tail, c->directory->io, journal, JOURNAL_QUERY, JOURNAL_FROM_START, err))
        return false;
    uint64_t after = c->through;
    bool good, end = false;
    Arena mem = {0};
    Str line;
    while ((good = journal_tail_next(tail, &line, &end, err)) && !end) {
        take_line(c, line, after, &mem);
        arena_reset(&mem);
    }
    arena_done(&mem);
    journal_tail_close(tail);
    return good;
}

bool counter_open(Counter **out, const IoDir *directory, const char *journal, Err *err)
{
    Counter *c = size_alloc_zero(1, sizeof *c);
    if (!c) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for the counts of queries");
    c->directory = directory;
    mutex_init(&c->lock);
    bool clean = false;
    bool good = !io_exists(directory, COUNTER_FILE) || read_file(c, &clean, err);
    if (good && !clean) good = read_log(c, journal, err);
    if (good && write_file(c, false, err)) {
        *out = c;
        return true;
    }
    map_done(&c->by_key);
    arena_done(&c->mem);
    mutex_done(&c->lock);
    free(c);
    return false;
}

void counter_close(Counter *c)
{
    if (!c) return;
    Err err = {.at = -1};
    (void)!write_file(c, true, &err);
    map_done(&c->by_key);
    arena_done(&c->mem);
    mutex_done(&c->lock);
    free(c);
}

uint64_t counter_add(Counter *c, Str user, Str database, Str node, bool valid)
{
    mutex_lock(&c->lock);
    add(c, user, database, node, valid);
    uint64_t number = ++c->through;
    if (number - c->written >= COUNTER_WRITE_EVERY) {
        Err err = {.at = -1}; // a full disk is told by others; the log still has the lines
        (void)!write_file(c, false, &err);
    }
    mutex_unlock(&c->lock);
    return number;
}

static int compare_rows(const void *a, const void *b)
{
    const CounterRow *x = a, *y = b;
    int order = str_compare(x->user, y->user);
    if (!order) order = str_compare(x->database, y->database);
    return order ? order : str_compare(x->node, y->node);
}

size_t counter_rows(Counter *c, Arena *mem, CounterRow **out)
{
    mutex_lock(&c->lock);
    size_t n = 0;
    const MapEntry *m;
    CounterRow *rows = arena_array(mem, CounterRow, c->by_key.count + 1);
    for (size_t i = 0; (m = map_next(&c->by_key, &i)) != NULL;) {
        const CounterRow *r = &((const Entry *)m->value)->row;
        rows[n++] = (CounterRow){arena_copy(mem, r->user), arena_copy(mem, r->database),
                                 arena_copy(mem, r->node), r->valid, r->invalid};
    }
    mutex_unlock(&c->lock);
    qsort(rows, n, sizeof *rows, compare_rows);
    *out = rows;
    return n;
}
