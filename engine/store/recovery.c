// Recovery: the last checkpoint's dictionary, then every whole record of the segments it names and of those
// behind. A write that a crash left unfinished at the very end is cut; anything else that is wrong stops the
// opening, because going on would lose commits without a word.
#include "engine/store/recovery_in.h"

#include "engine/base/clock.h"
#include "engine/base/size.h"
#include "engine/store/checkpoint_in.h"
#include "engine/store/dictionary_in.h"
#include "engine/store/repair_in.h"
#include "engine/store/replay_in.h"

#include <inttypes.h>
#include <string.h>

#define SEGMENT_BYTES_MAX ((size_t)8 << 30)

static bool add_database(void *self, uint64_t id, Str name, Str directory, Err *err)
{
    Database *d;
    Store *s = self;
    if (catalog_database(s, name))
        return err_set(err, SQLSTATE_CORRUPT, "dictionary.local names database %.*s twice", STR_ARG(name));
    return catalog_add_database(s, name, id, directory, &d, err);
}

static bool add_table(void *self, const TableDef *def, Str file, Err *err)
{
    Store *s = self;
    Relation *r;
    Database *d = catalog_database(s, def->database);
    if (!d || catalog_relation(s, def->id))
        return err_set(err, SQLSTATE_CORRUPT, "dictionary.local: table %.*s is there twice or in no database",
                       STR_ARG(def->name));
    if (!catalog_add_relation(s, d, def, file, &r, err)) return false;
    return catalog_define(s, r, def, 0) || store_out_of_memory(err);
}

static bool set_state(void *self, const DictionaryState *state, Err *err)
{
    Relation *r = catalog_relation(self, state->id);
    if (!r) return err_set(err, SQLSTATE_CORRUPT, "dictionary.local: a state of no table");
    r->file_at = state->file_at;
    r->file_bytes = state->file_bytes;
    r->told = (FileAnchor){state->file_at, state->file_bytes};
    atomic_store(&r->live, state->file_at ? (int64_t)state->rows : 0);
    atomic_store(&r->updates, state->updates);
    atomic_store(&r->last_commit, state->file_at);
    for (Str rest = state->identity; rest.len;) {
        Str one = str_cut(&rest, ','), column = str_cut(&one, '=');
        uint64_t c;
        int64_t last;
        if (!str_to_uint64(column, &c) || c >= slots_count(&r->slots) || !str_to_int64(one, &last))
            return err_set(err, SQLSTATE_CORRUPT,
                           "dictionary.local: a counter of table %" PRIu64 " cannot be read", r->id);
        atomic_store(&slots_get(&r->slots, (uint16_t)c)->last, last);
    }
    return true;
}

static bool add_object(void *self, const ObjectDef *def, Err *err)
{
    Store *s = self;
    Object *o;
    ObjectVersion *v;
    Database *d = catalog_database(s, def->database);
    if (!d || objects_find(s, def->id))
        return err_set(err, SQLSTATE_CORRUPT, "dictionary.local: %s %.*s is there twice or in no database",
                       object_kind_name(def->kind), STR_ARG(def->name));
    if (!objects_add(s, d, def, &o, err) || !objects_define(s, o, def, false, 0, &v, err)) return false;
    if (v->counter) v->counter->epoch = 0; // the line that follows says which it is
    return true;
}

static bool set_counter(void *self, const CounterLine *line, Err *err)
{
    Object *o = objects_find(self, line->object);
    if (!o || !o->counter)
        return err_set(err, SQLSTATE_CORRUPT, "dictionary.local: a counter of no sequence");
    counter_apply(o, line);
    return true;
}

static bool read_dictionary(Store *s, DictionaryHead *head, Err *err)
{
    Bytes text;
    bytes_init(&text, DICTIONARY_BYTES_MAX);
    const DictionaryVisit visit = {s, add_database, add_table, set_state, add_object, set_counter};
    bool ok = io_read_all(&s->root, "dictionary.local", &text, err) &&
              dictionary_read(bytes_str(&text), head, &visit, err);
    bytes_done(&text);
    return ok;
}

bool recovery_segments(const IoDir *logs, Arena *mem, uint64_t **out, size_t *count, Err *err)
{
    Str *names;
    size_t all;
    *count = 0;
    if (!io_dir_list(logs, mem, &names, &all, err)) return false;
    *out = arena_try(mem, all + 1, sizeof **out);
    if (!*out) return store_out_of_memory(err);
    for (size_t i = 0; i < all; i++) // sorted by name, which is by number
        if (log_segment_number(names[i], &(*out)[*count])) (*count)++;
    return true;
}

typedef struct Run {
    Store *s;
    uint64_t next_seq;
    Stamp last;
    uint64_t bytes;
    Bytes text;            // of the segment; one piece of memory for all of them
    bool stopped, removed; // a repair: nothing behind here is applied; the segment is gone
} Run;

static bool leave_rest(Run *run, uint64_t segment, size_t at, const Err *why, Err *err)
{
    run->stopped = true;
    run->removed = at == 0;
    return repair_log(run->s, segment, at, run->next_seq, why, err);
}

static bool give_up(uint64_t segment, const Err *why, Err *err)
{
    err_set(err, SQLSTATE_CORRUPT, "log segment %012" PRIu64 ".d2l: %s", segment, why->text);
    return err_hint(err, "nothing was changed; run d2db check, and restore the file or repair from a backup");
}

static bool cut(Run *run, uint64_t segment, const LogReader *reader, Err *err)
{
    char name[LOG_NAME_SIZE];
    IoFile f;
    log_segment_name(name, segment);
    run->s->recovery.cut_bytes += reader->text.len - reader->at;
    if (!io_open(&f, &run->s->logs, name, IO_WRITE, err)) return false;
    bool ok = io_truncate(&f, (int64_t)reader->at, err) && io_sync(&f, err);
    io_close(&f);
    if (run->s->options.journal)
        journal_event(run->s->options.journal, "recovery",
                      "an unfinished write at byte %zu of log segment %s was cut: %zu bytes", reader->at,
                      name, reader->text.len - reader->at);
    return ok;
}

static bool damage(Run *run, uint64_t segment, const LogReader *reader, const Err *why, Err *err)
{
    return repair_wanted(run->s) ? leave_rest(run, segment, reader->at, why, err)
                                 : give_up(segment, why, err);
}

static bool replay_text(Run *run, uint64_t segment, bool last, Str text, Err *err)
{
    LogReader reader = {.text = text, .expect = run->next_seq};
    Err why = {0};
    if (!log_head(&reader, segment, &why)) {
        if (repair_wanted(run->s)) return leave_rest(run, segment, 0, &why, err);
        *err = why;
        return false;
    }
    for (;;) {
        LogRecord record;
        switch (log_read(&reader, &record, &why)) {
        case LOG_READ_RECORD: break;
        case LOG_READ_END: return true;
        case LOG_READ_TORN:
            if (last) return cut(run, segment, &reader, err);
            err_set(&why, SQLSTATE_CORRUPT,
                    "it ends in an unfinished record at byte %zu, but segments follow", reader.at);
            return damage(run, segment, &reader, &why, err);
        case LOG_READ_DAMAGED: return damage(run, segment, &reader, &why, err);
        }
        if (!replay_record(run->s, &record, err)) return false;
        run->next_seq = record.seq + 1;
        if (record.stamp > run->last) run->last = record.stamp;
        run->s->recovery.records++;
        run->s->recovery.transactions++;
        run->bytes += record.body.len;
    }
}

static bool replay_segment(Run *run, uint64_t segment, bool last, Err *err)
{
    char name[LOG_NAME_SIZE];
    log_segment_name(name, segment);
    bytes_clear(&run->text);
    return io_read_all(&run->s->logs, name, &run->text, err) &&
           replay_text(run, segment, last, bytes_str(&run->text), err);
}

static bool replay_log(Run *run, uint64_t first, uint64_t *next, Err *err)
{
    Arena mem = {0};
    uint64_t *segment;
    size_t count;
    bool ok = recovery_segments(&run->s->logs, &mem, &segment, &count, err);
    bytes_init(&run->text, SEGMENT_BYTES_MAX);
    *next = first;
    for (size_t i = 0; ok && i < count && !run->stopped; i++) {
        if (segment[i] < first) continue; // left behind by a crash after the checkpoint counted
        if (segment[i] != *next) {
            err_set(err, SQLSTATE_CORRUPT, "log segment %012" PRIu64 ".d2l is missing", *next);
            ok = err_hint(err, "restore the file: commits that were acknowledged lie in it");
            if (!repair_wanted(run->s)) break;
            Err why = *err;
            err_clear(err);
            ok = leave_rest(run, segment[i], 0, &why, err);
            break;
        }
        ok = replay_segment(run, segment[i], i + 1 == count, err);
        *next = run->removed ? segment[i] : segment[i] + 1;
    }
    bytes_done(&run->text);
    arena_done(&mem);
    return ok;
}

static bool is_empty(Store *s, bool *empty, Err *err)
{
    Arena mem = {0};
    uint64_t *segment;
    size_t count;
    bool ok = recovery_segments(&s->logs, &mem, &segment, &count, err);
    arena_done(&mem);
    *empty = ok && count == 0;
    return ok;
}

static void tell(Store *s)
{
    if (!s->options.journal || s->recovery.clean) return;
    char text[64];
    journal_event(s->options.journal, "recovery", "%" PRIu64 " transactions were replayed from the log in %s",
                  s->recovery.transactions, clock_text_duration(text, s->recovery.duration_us));
}

bool recovery_run(Store *s, bool *fresh, Err *err)
{
    int64_t began = clock_mono_us();
    DictionaryHead head = {.log_segment = 1, .next_seq = 1, .next_id = 1};
    Run run = {.s = s};
    uint64_t next = 1;
    *fresh = !io_exists(&s->root, "dictionary.local");
    if (*fresh) {
        bool empty;
        if (!is_empty(s, &empty, err)) return false;
        if (!empty) {
            err_set(err, SQLSTATE_CORRUPT, "dictionary.local is missing, but there is a log");
            return err_hint(err, "restore dictionary.local from a backup");
        }
    } else if (!read_dictionary(s, &head, err)) {
        return false;
    }
    if (head.next_id > atomic_load(&s->next_id)) atomic_store(&s->next_id, head.next_id);
    run.next_seq = head.next_seq;
    run.last = head.at;
    if (!replay_log(&run, head.log_segment, &next, err)) return false;
    Err lost = {0};
    if (!checkpoint_remove_segments(s, head.log_segment, &lost))
        err_clear(&lost); // tried again at the next checkpoint
    s->checkpoint_at = *fresh ? 0 : head.at ? head.at : 1;
    s->recovery.duration_us = clock_mono_us() - began;
    s->recovery.clean = s->recovery.records == 0 && s->recovery.cut_bytes == 0;
    stamp_clock_init(&s->clock, s->options.node, run.last);
    if (!log_start(&s->log, &s->logs, &s->clock, next, run.next_seq, run.last, err)) return false;
    atomic_store(&s->log.bytes, (int64_t)run.bytes);
    tell(s);
    return true;
}
