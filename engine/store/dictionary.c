// Dictionary: see FORMAT.md. One checksum over the whole text in its last line: a dictionary is read whole or
// not.
#include "engine/store/dictionary_in.h"

#include "engine/base/crc32c.h"

#include <inttypes.h>
#include <string.h>

static bool bad(Err *err, const char *what)
{
    err_set(err, SQLSTATE_CORRUPT, "dictionary.local is damaged: %s", what);
    return err_hint(err, "run d2db check; restore the file from a backup");
}

static bool version_is_known(Str version)
{
    return version.len == 1 && version.at[0] >= '1' && version.at[0] <= '0' + DICTIONARY_VERSION;
}

static bool read_head(Str *rest, DictionaryHead *head, Arena *mem, Err *err)
{
    Line l;
    if (!line_next(rest, &l, mem) || !line_is(&l, "d2db-dictionary", 3) ||
        !str_equal(l.field[2], STR("local")))
        return bad(err, "its first line is not that of a dictionary");
    if (!version_is_known(l.field[1]))
        return err_set(err, SQLSTATE_CORRUPT,
                       "dictionary.local has version %.*s; this program reads versions 1 to %d",
                       STR_ARG(l.field[1]), DICTIONARY_VERSION);
    if (!line_next(rest, &l, mem) || !line_is(&l, "checkpoint", 6) ||
        !str_to_hex64_lower(l.field[1], &head->at) || head->at >= STAMP_NEVER ||
        !line_uint(&l, 2, 999999999999u, &head->log_segment) ||
        !line_uint(&l, 3, INT64_MAX, &head->next_seq) || !line_uint(&l, 4, INT64_MAX, &head->next_id) ||
        !line_uint(&l, 5, 63, &head->node))
        return bad(err, "its checkpoint line cannot be read");
    return true;
}

static bool read_line(const Line *l, Str *rest, const DictionaryVisit *v, Arena *mem, Err *err)
{
    if (line_is(l, "database", 4)) {
        uint64_t id;
        if (!line_uint(l, 1, INT64_MAX, &id) || l->field[2].len == 0 || l->field[2].len > SCHEMA_NAME_MAX)
            return bad(err, "a database line");
        return v->database(v->self, id, l->field[2], l->field[3], err);
    }
    if (line_is(l, "object", 9)) {
        ObjectDef def;
        return object_get(l, rest, &def, mem, err) && v->object(v->self, &def, err);
    }
    CounterLine counter;
    if (counter_get(l, &counter)) return v->counter(v->self, &counter, err);
    if (definition_begins(l)) {
        TableDef def;
        Str file;
        return definition_get(l, rest, &def, &file, mem, err) && v->table(v->self, &def, file, err);
    }
    DictionaryState s = {0};
    bool old = line_is(l, "state", 6); // before version 3
    if ((!old && !line_is(l, "state", 7)) || !line_uint(l, 1, INT64_MAX, &s.id) ||
        !str_to_hex64_lower(l->field[2], &s.file_at) || s.file_at >= STAMP_NEVER ||
        !line_uint(l, 3, INT64_MAX, &s.rows) || !line_uint(l, 4, INT64_MAX, &s.updates) ||
        (!old && !line_uint(l, 6, INT64_MAX, &s.file_bytes)))
        return bad(err, "a line that is none of a dictionary");
    s.identity = l->field[5];
    return v->state(v->self, &s, err);
}

// The text without its last line, when that holds the right checksum.
static bool check_sum(Str *text)
{
    uint64_t crc;
    if (text->len < 13 || !str_starts(str_slice(*text, text->len - 13, 13), STR("crc ")) ||
        text->at[text->len - 1] != '\n' || !str_to_hex64_lower(str_slice(*text, text->len - 9, 8), &crc))
        return false;
    text->len -= 13;
    return crc == crc32c(0, text->at, text->len);
}

bool dictionary_read(Str text, DictionaryHead *head, const DictionaryVisit *visit, Err *err)
{
    Str rest = str_slice(text, 16, text.len), version = str_cut(&rest, '\t');
    if (str_starts(text, STR("d2db-dictionary\t")) && !version_is_known(version))
        return err_set(err, SQLSTATE_CORRUPT,
                       "dictionary.local has version %.*s; this program reads versions 1 to %d",
                       STR_ARG(str_slice(version, 0, 20)), DICTIONARY_VERSION);
    if (!check_sum(&text)) return bad(err, "its checksum differs");
    Arena mem = {0};
    bool ok = read_head(&text, head, &mem, err);
    while (ok && text.len) {
        Line l;
        ok = line_next(&text, &l, &mem) || bad(err, "a line cannot be read");
        ok = ok && read_line(&l, &text, visit, &mem, err);
    }
    arena_done(&mem);
    return ok;
}

// ---- writing ----

static void put_sum(Bytes *out)
{
    if (!out->failed) bytes_printf(out, "crc %08" PRIx32 "\n", crc32c(0, out->at, out->len));
}

static void put_state(Bytes *out, Relation *r)
{
    mutex_lock(&r->write); // its file may be opened just now
    r->telling = (FileAnchor){r->file_at, r->file_at ? r->file_bytes : 0};
    mutex_unlock(&r->write);
    bytes_printf(out, "state\t%" PRIu64 "\t%016" PRIx64 "\t%" PRId64 "\t%" PRIu64 "\t", r->id, r->telling.at,
                 atomic_load(&r->live) < 0 ? 0 : (int64_t)atomic_load(&r->live), r->checkpoint_updates);
    bool any = false;
    for (uint16_t c = 0; c < slots_count(&r->slots); c++) {
        int64_t last = atomic_load(&slots_get(&r->slots, c)->last);
        if (last) bytes_printf(out, "%s%u=%" PRId64, any ? "," : "", c, last);
        any |= last != 0;
    }
    bytes_printf(out, "\t%" PRIu64 "\n", r->telling.bytes);
}

static void put_object(Bytes *out, Object *o, const Snapshot *see)
{
    const ObjectVersion *v = objects_version(o, see);
    if (!v || v->def->temporary) return;
    object_put(out, v->def);
    if (!v->counter) return;
    mutex_lock(&o->mutex);
    counter_put(out, o->id, v->counter);
    mutex_unlock(&o->mutex);
}

void dictionary_put_local(Bytes *out, const Store *s, const DictionaryHead *head)
{
    const Snapshot see = {.at = head->at};
    bytes_printf(out,
                 "d2db-dictionary\t%d\tlocal\ncheckpoint\t%016" PRIx64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
                 "\t%" PRIu64 "\n",
                 DICTIONARY_VERSION, head->at, head->log_segment, head->next_seq, head->next_id, head->node);
    size_t cursor = 0;
    for (const MapEntry *e; (e = map_next(&s->bases, &cursor)) != NULL;) {
        const Database *d = e->value;
        bytes_printf(out, "database\t%" PRIu64, d->id);
        line_put(out, d->name);
        line_put(out, d->directory);
        bytes_put_byte(out, '\n');
        for (Relation *r = d->relations; r; r = r->sibling) {
            const Definition *def = relation_definition(r, &see);
            if (!def || def->def->temporary) continue;
            definition_put(out, def->def, r->file);
            put_state(out, r);
        }
        for (Object *o = d->objects; o; o = o->sibling) put_object(out, o, &see);
    }
    put_sum(out);
}

void dictionary_put_global(Bytes *out, const Store *s, const DictionaryHead *head)
{
    const Snapshot see = {.at = head->at};
    bytes_printf(out, "d2db-dictionary\t%d\tglobal\ncheckpoint\t%016" PRIx64 "\nnode\t%" PRIu64 "\there\n",
                 DICTIONARY_VERSION, head->at, head->node);
    size_t cursor = 0;
    for (const MapEntry *e; (e = map_next(&s->bases, &cursor)) != NULL;) {
        const Database *d = e->value;
        bytes_put(out, STR("database"));
        line_put(out, d->name);
        bytes_put_byte(out, '\n');
        for (const Relation *r = d->relations; r; r = r->sibling) {
            const Definition *def = relation_definition(r, &see);
            if (!def || def->def->temporary) continue;
            bytes_put(out, STR("placement"));
            line_put(out, d->name);
            line_put(out, def->def->name);
            bytes_printf(out, "\tnode\t%" PRIu64 "\n", head->node);
        }
    }
    put_sum(out);
}
