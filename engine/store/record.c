// Record: the operation queue as the body of one log record: definitions first, then rows by table, then
// counters and what was dropped. Rows that came and went inside the transaction are left out.
#include "engine/store/label_in.h"
#include "engine/store/object_in.h"

#include <inttypes.h>

static bool is_mine(const Transaction *t, Stamp s) { return s == stamp_of_txn(t->number); }

// Which slots the definition has; the others are written as NULL.
static const bool *live_slots(const TableDef *def, Arena *mem)
{
    bool *live = arena_array(mem, bool, def->slots + 1);
    for (uint16_t c = 0; c < schema_stored(def); c++) live[schema_slot(def, c)] = true;
    return live;
}

static bool put_row(Store *s, Bytes *out, Generation *g, uint32_t pos, const TableDef *def, const bool *live,
                    Err *err)
{
    const Block *b = generation_block(g, pos >> 16);
    uint32_t row = pos & 0xffff;
    uint64_t number;
    if (!generation_number(g, pos, &number, err)) return false;
    bytes_put_byte(out, '+');
    bytes_put_uint64(out, number);
    for (uint16_t c = 0; c < def->slots; c++) {
        bytes_put_byte(out, '\t');
        if (!live[c] || block_is_null(b, c, row)) {
            codec_put_null(out);
            continue;
        }
        Type type = slots_type(g->slots, c);
        label_put(s, out, type, block_cell(b, c, row, phys_size(type_phys(type.id))));
    }
    bytes_put_byte(out, '\n');
    return true;
}

static bool put_change(Bytes *out, const Transaction *t, const Change *c, const bool *live, Err *err)
{
    Generation *g = atomic_load(&c->table->relation->generation);
    bool adds = c->kind == CHANGE_INSERT || c->kind == CHANGE_UPDATE_NEW;
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t pos = c->pos + i, row = pos & 0xffff;
        const Block *b = generation_block(g, pos >> 16);
        bool mine = is_mine(t, block_begin(b, row)), gone = is_mine(t, block_end(b, row));
        if (mine && gone) continue;
        if (adds) {
            if (!put_row(t->store, out, g, pos, table_def(c->table), live, err)) return false;
            continue;
        }
        uint64_t number;
        if (!generation_number(g, pos, &number, err)) return false;
        bytes_put_byte(out, '-');
        bytes_put_uint64(out, number);
        bytes_put_byte(out, '\n');
    }
    return true;
}

// Does the table exist when the transaction has committed?
static bool stays(const Transaction *t, const Table *table)
{
    Stamp begin = atomic_load(&table->definition->begin), end = atomic_load(&table->definition->end);
    return begin != STAMP_NEVER && !is_mine(t, end);
}

static bool is_new(const Transaction *t, const Table *table)
{
    bool created = false;
    for (size_t i = 0; i < t->changes; i++)
        created |= t->change[i].kind == CHANGE_DEFINE && t->change[i].table == table && !t->change[i].ended;
    return created;
}

static void put_rows_head(Bytes *out, const Table *table)
{
    bytes_printf(out, "rows\t%" PRIu64, table->relation->id);
    line_put(out, table_def(table)->database);
    line_put(out, table_def(table)->name);
    bytes_put_byte(out, '\n');
}

static bool put_rows(Bytes *out, const Transaction *t, Err *err)
{
    const Table *current = NULL;
    const bool *live = NULL;
    Arena mem = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < t->changes; i++) {
        const Change *c = &t->change[i];
        if (c->kind >= CHANGE_DEFINE || table_def(c->table)->temporary || !stays(t, c->table)) continue;
        if (c->table != current) {
            arena_reset(&mem);
            live = live_slots(table_def(c->table), &mem);
            put_rows_head(out, c->table);
        }
        current = c->table;
        ok = put_change(out, t, c, live, err);
    }
    arena_done(&mem);
    return ok;
}

static void put_table(Bytes *out, const Transaction *t, const Table *table)
{
    bool defined = false;
    for (size_t i = 0; i < t->changes; i++)
        defined |= t->change[i].kind == CHANGE_DEFINE && t->change[i].table == table;
    if (!defined || table_def(table)->temporary) return;
    if (stays(t, table))
        definition_put(out, table_def(table), table->relation->file);
    else if (!is_new(t, table))
        bytes_printf(out, "drop-table\t%" PRIu64 "\n", table->relation->id);
}

static void put_counters(Bytes *out, const Transaction *t, const Table *table)
{
    if (!stays(t, table) || table_def(table)->temporary) return;
    if (table->counted)
        bytes_printf(out, "counted\t%" PRIu64 "\t%" PRIu64 "\n", table->relation->id, table->counted);
    const TableDef *def = table_def(table);
    for (uint16_t c = 0; table->numbered && c < def->column_count; c++) {
        uint16_t slot = schema_slot(def, c);
        int64_t last = atomic_load(&slots_get(&table->relation->slots, slot)->last);
        if (last)
            bytes_printf(out, "identity\t%" PRIu64 "\t%u\t%" PRId64 "\n", table->relation->id, slot, last);
    }
}

// An object's last version, or that it is gone, if it was there before.
static void put_object(Bytes *out, const Transaction *t, const Change *c)
{
    const ObjectVersion *began = c->object_began, *ended = c->object_ended;
    if ((began ? began : ended)->def->temporary) return;
    if (began && !is_mine(t, atomic_load(&began->end))) {
        object_put(out, began->def);
        if (began->counter) counter_put(out, began->object->id, began->counter);
    }
    if (began || !ended) return;
    const ObjectVersion *first = ended;
    while (first->older && is_mine(t, atomic_load(&first->begin))) first = first->older;
    if (!is_mine(t, atomic_load(&first->begin)))
        bytes_printf(out, "drop-object\t%" PRIu64 "\n", ended->object->id);
}

// What only the session sees is not in the log, but its commit needs a stamp.
static bool changes_temporaries(const Transaction *t)
{
    for (size_t i = 0; i < t->changes; i++) {
        const Change *c = &t->change[i];
        const ObjectVersion *v = c->object_began ? c->object_began : c->object_ended;
        if (v ? v->def->temporary : table_def(c->table)->temporary) return true;
    }
    return false;
}

bool record_encode(Transaction *t, Bytes *out, Err *err)
{
    for (size_t i = 0; i < t->changes; i++)
        if (t->change[i].kind == CHANGE_OBJECT) put_object(out, t, &t->change[i]);
    for (const Table *table = t->tables; table; table = table->next) put_table(out, t, table);
    if (!put_rows(out, t, err)) return false;
    for (const Table *table = t->tables; table; table = table->next) put_counters(out, t, table);
    counter_uses_put(out, t);
    if (out->len == 0 && changes_temporaries(t)) bytes_put(out, RECORD_TEMPORARY);
    if (!out->failed) return true;
    err_set(err, SQLSTATE_LIMIT, "the transaction is larger than a log record can be, or memory is out");
    return err_hint(err, "commit in smaller parts");
}
