// Replay: rows go to the place that their number names, so that the order in which transactions committed
// does not matter; what the table file holds already is left out by its stamp.
#include "engine/store/object_in.h"
#include "engine/store/repair_in.h"
#include "engine/store/replay_in.h"

#include <inttypes.h>
#include <string.h>

typedef struct Replay {
    Store *s;
    const LogRecord *record;
    Arena mem;
    Relation *relation; // of the rows that follow; NULL: they are skipped
    Generation *g;
    bool skip;
} Replay;

static bool bad(const Replay *r, Err *err, const char *what)
{
    return err_set(err, SQLSTATE_CORRUPT, "record %" PRIu64 " of the log cannot be applied: %s",
                   r->record->seq, what);
}

static bool define(Replay *p, const Line *first, Str *rest, Err *err)
{
    TableDef def;
    Str file;
    if (!definition_get(first, rest, &def, &file, &p->mem, err)) return false;
    Database *d = catalog_database(p->s, def.database);
    if (!d) return bad(p, err, "a table is defined in an unknown database");
    Relation *r = catalog_relation(p->s, def.id);
    if (!r && !catalog_add_relation(p->s, d, &def, file, &r, err)) return false;
    Generation *g = atomic_load(&r->generation);
    if (!slots_cover(&r->slots, &def, err) || (g && !generation_widen(g, err))) return false;
    Definition *old = r->definition;
    if (!catalog_define(p->s, r, &def, p->record->stamp)) return store_out_of_memory(err);
    if (old) catalog_forget(p->s, old); // nobody else is there to see it
    if (def.id >= atomic_load(&p->s->next_id)) atomic_store(&p->s->next_id, def.id + 1);
    for (uint16_t i = 0; i < def.index_count; i++)
        if (def.index[i].id >= atomic_load(&p->s->next_id)) atomic_store(&p->s->next_id, def.index[i].id + 1);
    return true;
}

// The rows that follow belong to this table.
static bool open_rows(Replay *p, const Line *l, Err *err)
{
    uint64_t id;
    if (!line_uint(l, 1, INT64_MAX, &id)) return bad(p, err, "a rows line");
    Relation *r = catalog_relation(p->s, id);
    if (!r) return bad(p, err, "rows of an unknown table");
    p->relation = r;
    Err why = {0};
    p->skip = r->damaged || !relation_generation(r, p->s, &p->g, &why);
    if (p->skip && !r->damaged) {
        r->damaged = true;
        r->damage = why;
        if (p->s->options.journal) journal_event(p->s->options.journal, "damage", "%s", why.text);
    }
    p->skip = p->skip || p->record->stamp <= r->file_at;
    if (!p->skip) atomic_store(&r->last_commit, p->record->stamp);
    return true;
}

static char *room_of(void *self, size_t size) { return arena_try(self, size, 1); }

static bool put_cells(Replay *p, Block *b, uint32_t row, const char *at, const char *end, Err *err)
{
    Generation *g = p->g;
    CodecMemory mem = {room_of, &p->mem, &p->mem};
    for (uint16_t c = 0, slots = p->relation->definition->def->slots; c < slots; c++) {
        const char *next;
        bool escaped;
        if (at == end) return bad(p, err, "a row has too few values");
        Str field = codec_field(at, end, &next, &escaped);
        uint64_t null = escaped && codec_is_null(field);
        Value v = {.type = slots_type(g->slots, c)};
        if (v.type.id == TYPE_NULL) { // a column that is gone
            at = next;
            continue;
        }
        if (!null && !codec_get(&v.boolean, v.type, field, escaped, &mem))
            return bad(p, err, "a value is not of its column's type");
        Vector one = {.type = v.type, .data = &v.boolean, .nulls = &null};
        if (!block_put(b, c, &one, NULL, 1, row, err)) return false;
        at = next;
    }
    return at == end || bad(p, err, "a row has too many values");
}

static bool put_row(Replay *p, uint64_t number, const char *at, const char *end, Err *err)
{
    Generation *g = p->g;
    uint64_t pos = ((uint64_t)g->tail_block << 16) + (number - g->tail_number);
    uint32_t late;
    if (number < g->tail_number) { // it was on its way when the file was written
        if (!generation_find(g, number, &late, err)) return false;
        if (late == POS_NONE || late >> 16 < g->late_block)
            return bad(p, err, "a row number is taken already");
        pos = late;
    }
    if (pos >> 16 >= GENERATION_BLOCKS_MAX) return bad(p, err, "a row number is out of range");
    Block *b = generation_make(g, (uint32_t)(pos >> 16));
    uint32_t row = (uint32_t)pos & 0xffff;
    if (!b) return store_out_of_memory(err);
    if (!block_open_slice(b, row / SLICE_ROWS, err) || !put_cells(p, b, row, at, end, err)) return false;
    atomic_store(&atomic_load(&b->slice[row / SLICE_ROWS].begin)[row % SLICE_ROWS], p->record->stamp);
    if (row >= block_rows(b)) atomic_store_explicit(&b->rows, row + 1, memory_order_release);
    if (number >= g->tail_number && number - g->tail_number >= g->tail_rows)
        g->tail_rows = number - g->tail_number + 1;
    atomic_fetch_add(&p->relation->live, 1);
    return true;
}

static bool end_row(Replay *p, uint64_t number, Err *err)
{
    uint32_t pos;
    if (!generation_find(p->g, number, &pos, err)) return false;
    Block *b = pos == POS_NONE ? NULL : generation_block(p->g, pos >> 16);
    uint32_t row = pos & 0xffff;
    if ((!b || row >= block_rows(b)) && repair_wanted(p->s)) return true; // it was lost with its block
    if (!b || row >= block_rows(b)) return bad(p, err, "a row that is not there is deleted");
    if (!block_open_ends(b, row / SLICE_ROWS, err)) return false;
    atomic_store(&atomic_load(&b->slice[row / SLICE_ROWS].end)[row % SLICE_ROWS], p->record->stamp);
    atomic_fetch_sub(&p->relation->live, 1);
    atomic_fetch_add(&p->relation->dead, 1);
    return true;
}

// "+NUMBER\tvalue…" or "-NUMBER"
static bool row_line(Replay *p, Str line, Err *err)
{
    if (!p->relation) return bad(p, err, "a row without a table");
    if (p->skip) return true;
    Str rest = line, first = str_cut(&rest, '\t');
    uint64_t number;
    if (first.at[first.len - 1] == '\n') first.len--;
    if (!str_to_uint64(str_slice(first, 1, first.len), &number)) return bad(p, err, "a row number");
    if (line.at[0] == '-') return end_row(p, number, err);
    return put_row(p, number, rest.at ? rest.at : line.at + line.len, line.at + line.len, err);
}

static bool counter_line(Replay *p, const Line *l, Err *err)
{
    uint64_t id, a = 0;
    int64_t last = 0;
    if (!line_uint(l, 1, INT64_MAX, &id)) return bad(p, err, "a counter line");
    Relation *r = catalog_relation(p->s, id);
    if (!r) return bad(p, err, "a counter of an unknown table");
    if (line_is(l, "counted", 3)) {
        if (!line_uint(l, 2, INT64_MAX, &a)) return bad(p, err, "a counter line");
        atomic_fetch_add(&r->updates, a);
        return true;
    }
    if (!line_is(l, "identity", 4) || !line_uint(l, 2, slots_count(&r->slots) - 1u, &a) ||
        !line_int(l, 3, &last))
        return bad(p, err, "a counter line");
    Slot *slot = slots_get(&r->slots, (uint16_t)a);
    if (atomic_load(&slot->last) < last) atomic_store(&slot->last, last);
    return true;
}

static bool define_object(Replay *p, const Line *first, Str *rest, Err *err)
{
    ObjectDef def;
    ObjectVersion *v;
    if (!object_get(first, rest, &def, &p->mem, err)) return false;
    Database *d = catalog_database(p->s, def.database);
    if (!d) return bad(p, err, "an object is defined in an unknown database");
    Object *o = objects_find(p->s, def.id);
    if (!o && !objects_add(p->s, d, &def, &o, err)) return false;
    ObjectVersion *old = o->version;
    if (old && old->def->kind != def.kind) return bad(p, err, "a definition changes an object's kind");
    if (!objects_define(p->s, o, &def, false, p->record->stamp, &v, err)) return false;
    if (!old && v->counter) v->counter->epoch = 0; // the line that follows says which it is
    if (old) objects_forget(p->s, old);            // nobody else is there to see it
    if (def.id >= atomic_load(&p->s->next_id)) atomic_store(&p->s->next_id, def.id + 1);
    return true;
}

static bool number_line(Replay *p, const Line *l, Err *err)
{
    CounterLine line;
    if (!counter_get(l, &line)) return bad(p, err, "a counter line");
    const Object *o = objects_find(p->s, line.object);
    if (!o || !o->counter) return bad(p, err, "a counter of an unknown sequence");
    counter_apply(o, &line);
    return true;
}

static bool other_line(Replay *p, const Line *l, Str *rest, Err *err)
{
    uint64_t id = 0;
    atomic_store(&p->s->catalog_changed, true);
    if (line_is(l, "rows", 4)) return open_rows(p, l, err);
    if (definition_begins(l)) return define(p, l, rest, err);
    if (line_is(l, "object", 9)) return define_object(p, l, rest, err);
    if (line_is(l, "temporary", 1)) return true;
    if (line_is(l, "counter", 6)) return number_line(p, l, err);
    if (line_is(l, "drop-object", 2) && line_uint(l, 1, INT64_MAX, &id) && objects_find(p->s, id)) {
        objects_remove(p->s, objects_find(p->s, id));
        return true;
    }
    if (line_is(l, "counted", 3) || line_is(l, "identity", 4)) return counter_line(p, l, err);
    if (line_is(l, "drop-table", 2) && line_uint(l, 1, INT64_MAX, &id) && catalog_relation(p->s, id)) {
        catalog_remove_relation(p->s, catalog_relation(p->s, id));
        return true;
    }
    if (line_is(l, "database", 4) && line_uint(l, 1, INT64_MAX, &id) && l->field[2].len &&
        l->field[2].len <= SCHEMA_NAME_MAX) {
        Database *d;
        if (id >= atomic_load(&p->s->next_id)) atomic_store(&p->s->next_id, id + 1);
        return catalog_database(p->s, l->field[2])
                   ? bad(p, err, "a database is created twice")
                   : catalog_add_database(p->s, l->field[2], id, l->field[3], &d, err);
    }
    if (line_is(l, "drop-database", 2) && catalog_database(p->s, l->field[1])) {
        catalog_remove_database(p->s, catalog_database(p->s, l->field[1]));
        return true;
    }
    return bad(p, err, "an unknown line");
}

bool replay_record(Store *s, const LogRecord *record, Err *err)
{
    Replay p = {.s = s, .record = record};
    Str rest = record->body;
    bool ok = true;
    while (ok && rest.len) {
        const char *end = memchr(rest.at, '\n', rest.len);
        if (!end) {
            ok = bad(&p, err, "its last line has no end");
        } else if (rest.at[0] == '+' || rest.at[0] == '-') {
            Str line = {rest.at, (size_t)(end - rest.at) + 1};
            rest = str_slice(rest, line.len, rest.len);
            ok = row_line(&p, line, err);
            if (p.mem.used > 1 << 20) arena_reset(&p.mem);
        } else {
            Line l;
            ok = line_next(&rest, &l, &p.mem) ? other_line(&p, &l, &rest, err)
                                              : bad(&p, err, "a line cannot be read");
        }
    }
    arena_done(&p.mem);
    return ok;
}
