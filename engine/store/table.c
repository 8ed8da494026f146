// Table: a relation as one transaction holds it: opening its rows at first use, keeping generations alive,
// throwing old versions away when nobody is in, and what the planner asks about size and bounds.
#include "engine/base/clock.h"
#include "engine/base/hash.h"
#include "engine/base/size.h"
#include "engine/store/cell_in.h"
#include "engine/store/index_in.h"
#include "engine/store/store_in.h"
#include "engine/store/table_file_in.h"

#include <stdlib.h>
#include <string.h>

enum { VACUUM_GATE_US = 10000, VACUUM_DEAD_MIN = 1024 };

Table *transaction_handle(Transaction *t, Definition *d)
{
    Relation *r = d->relation;
    Table **chain = &t->chain[hash_u64(r->id) % TRANSACTION_TABLE_CHAINS];
    for (Table *table = *chain; table; table = table->chain) {
        if (table->relation != r) continue;
        if (table->definition != d) table->definition = d; // workers of one statement only read it
        return table;
    }
    Table *table = arena_new(&t->mem, Table);
    *table = (Table){.txn = t, .relation = r, .definition = d, .next = t->tables, .chain = *chain};
    table_enter(table);
    t->tables = *chain = table;
    return table;
}

Table *transaction_table(Transaction *t, Str database, Str name)
{
    return transaction_table_in(t, database, SCHEMA_PUBLIC, name);
}

Table *transaction_table_in(Transaction *t, Str database, Str schema, Str name)
{
    latch_read(&t->store->catalog);
    Definition *d = catalog_find(t->store, database, schema, name, &t->snapshot);
    Table *table = d ? transaction_handle(t, d) : NULL;
    latch_unlock(&t->store->catalog);
    return table;
}

Table *transaction_table_by_id(Transaction *t, uint64_t id)
{
    latch_read(&t->store->catalog);
    Relation *r = catalog_relation(t->store, id);
    Definition *d = r ? relation_definition(r, &t->snapshot) : NULL;
    Table *table = d ? transaction_handle(t, d) : NULL;
    latch_unlock(&t->store->catalog);
    return table;
}

const TableDef *table_def(const Table *t) { return t->definition->def; }

bool relation_generation_locked(Relation *r, Store *s, Generation **out, Err *err)
{
    Generation *g = atomic_load_explicit(&r->generation, memory_order_acquire);
    if (!g) {
        if (r->damaged) {
            *err = r->damage;
            return false;
        }
        if (r->file_at) {
            if (!table_file_open(&g, s, r, err)) return false;
        } else if (!(g = generation_new(&r->slots, 1))) {
            return store_out_of_memory(err);
        }
        atomic_store_explicit(&r->generation, g, memory_order_release);
    }
    *out = g;
    return true;
}

bool relation_generation(Relation *r, Store *s, Generation **out, Err *err)
{
    *out = atomic_load_explicit(&r->generation, memory_order_acquire);
    if (*out) return true;
    mutex_lock(&r->write);
    bool ok = relation_generation_locked(r, s, out, err);
    mutex_unlock(&r->write);
    return ok;
}

uint64_t table_rows_estimate(Table *t)
{
    int64_t live = atomic_load(&t->relation->live) + t->balance;
    return live < 0 ? 0 : (uint64_t)live;
}

uint64_t table_commit_counter(const Table *t) { return atomic_load(&t->relation->commits); }
uint64_t table_update_count(Table *t) { return atomic_load(&t->relation->updates); }

uint32_t table_blocks(Table *t)
{
    Err err = {0};
    Generation *g;
    if (!relation_generation(t->relation, t->txn->store, &g, &err)) return 0; // a scan says why
    return atomic_load_explicit(&g->blocks, memory_order_acquire);
}

bool table_column_bounds(Table *t, uint16_t column, Arena *mem, Value *min, Value *max)
{
    (void)mem;
    Err err = {0};
    Generation *g;
    if (!relation_generation(t->relation, t->txn->store, &g, &err)) return false;
    uint16_t slot = schema_slot(table_def(t), column);
    Phys p = type_phys(slots_type(g->slots, slot).id);
    if (!phys_is_plain(p)) return false;
    int64_t low = INT64_MAX, high = INT64_MIN;
    for (uint32_t i = 0, n = atomic_load_explicit(&g->blocks, memory_order_acquire); i < n; i++) {
        const Block *b = generation_block(g, i);
        if (!b || block_rows(b) == 0) continue;
        if (!block_has_notes(b, slot)) {
            if (slots_get(g->slots, slot)->missing.null) continue;
            return false;
        }
        const Zone *z = &b->column[slot].zone;
        if (atomic_load(&z->unknown)) return false;
        int64_t a = atomic_load_explicit(&z->min, memory_order_relaxed),
                c = atomic_load_explicit(&z->max, memory_order_relaxed);
        if (a < low) low = a;
        if (c > high) high = c;
    }
    if (low > high) return false;
    min->type = max->type = table_def(t)->column[column].type;
    cell_unzone(p, low, min);
    cell_unzone(p, high, max);
    return true;
}

static atomic_int_fast64_t *counter_of(const Table *table, uint16_t column)
{
    return &slots_get(&table->relation->slots, schema_slot(table_def(table), column))->last;
}

bool table_identity_next(Transaction *t, Table *table, uint16_t column, int64_t *out, Err *err)
{
    if (!transaction_may_change(t, err)) return false;
    atomic_int_fast64_t *counter = counter_of(table, column);
    int64_t now = atomic_load(counter);
    do {
        if (now == INT64_MAX)
            return err_set(err, "2200H", "the numbers of %.*s.%.*s are used up",
                           STR_ARG(table_def(table)->name), STR_ARG(table_def(table)->column[column].name));
    } while (!atomic_compare_exchange_weak(counter, &now, now + 1));
    table->numbered = true;
    *out = now + 1;
    return true;
}

void table_identity_saw(Transaction *t, Table *table, uint16_t column, int64_t value)
{
    (void)t;
    atomic_int_fast64_t *counter = counter_of(table, column);
    int64_t now = atomic_load(counter);
    while (now < value && !atomic_compare_exchange_weak(counter, &now, value)) {}
    table->numbered = true;
}

// ---- vacuum ----

typedef struct Vacuum {
    Generation *from, *to;
    Stamp oldest;
    uint64_t *numbers; // of the block being filled
    uint32_t at;       // next position
    const bool *live;  // slots that some definition has
} Vacuum;

static bool is_needed(const Vacuum *v, const Block *b, uint32_t row)
{
    Stamp begin = block_begin(b, row), end = block_end(b, row);
    return !stamp_is_void(begin) && (stamp_is_txn(end) || end > v->oldest);
}

static bool copy_row(Vacuum *v, const Block *b, uint32_t row, uint64_t number, Err *err)
{
    Block *to = generation_make(v->to, v->at >> 16);
    uint32_t at = v->at & 0xffff;
    if (!to) return store_out_of_memory(err);
    if (at == 0) {
        v->numbers = size_alloc(STORE_BLOCK_ROWS, sizeof *v->numbers);
        if (!v->numbers) return store_out_of_memory(err);
        atomic_store(&to->numbers, v->numbers);
        to->number = number;
    }
    if (!block_open_slice(to, at / SLICE_ROWS, err)) return false;
    v->numbers[at] = number;
    for (uint16_t c = 0; c < to->columns; c++) {
        if (!v->live[c]) continue;
        Type type = slots_type(to->slots, c);
        uint64_t null = block_is_null(b, c, row);
        void *cell = (void *)(uintptr_t)block_cell(b, c, row, phys_size(type_phys(type.id)));
        Vector one = {.type = type, .data = cell, .nulls = &null};
        if (!block_put(to, c, &one, NULL, 1, at, err)) return false;
    }
    atomic_store(&atomic_load(&to->slice[at / SLICE_ROWS].begin)[at % SLICE_ROWS], block_begin(b, row));
    Stamp end = block_end(b, row);
    if (end != STAMP_NEVER) {
        if (!block_open_ends(to, at / SLICE_ROWS, err)) return false;
        atomic_store(&atomic_load(&to->slice[at / SLICE_ROWS].end)[at % SLICE_ROWS], end);
    }
    atomic_store_explicit(&to->rows, at + 1, memory_order_release);
    v->at++;
    return true;
}

static bool copy_rows(Vacuum *v, Err *err)
{
    for (uint32_t i = 0, n = atomic_load(&v->from->blocks); i < n; i++) {
        Block *b = generation_block(v->from, i);
        for (uint16_t c = 0; b && c < b->columns; c++)
            if (!block_load(v->from, b, c, err)) return false;
    }
    RowWalk walk = generation_walk(v->from);
    for (;;) {
        uint32_t pos;
        uint64_t number;
        if (!generation_walk_next(&walk, &pos, &number, err)) return false;
        if (pos == POS_NONE) return true;
        const Block *b = generation_block(v->from, pos >> 16);
        if (is_needed(v, b, pos & 0xffff) && !copy_row(v, b, pos & 0xffff, number, err)) return false;
    }
}

// Slots that some definition has; those that came since count as live.
static bool *live_slots(Store *s, const Relation *r)
{
    latch_read(&s->catalog);
    bool *live = size_alloc_zero(SCHEMA_SLOTS_MAX, sizeof *live);
    for (uint16_t i = slots_count(&r->slots); live && i < SCHEMA_SLOTS_MAX; i++) live[i] = true;
    for (const Definition *d = r->definition; live && d; d = d->older)
        for (uint16_t c = 0; c < schema_stored(d->def); c++) live[schema_slot(d->def, c)] = true;
    latch_unlock(&s->catalog);
    return live;
}

static void rewrite(Store *s, Relation *r, const bool *live)
{
    Err err = {0};
    Generation *old = atomic_load(&r->generation);
    Vacuum v = {.from = old, .oldest = store_oldest(s), .live = live};
    v.to = generation_new(&r->slots, generation_next_number(old));
    if (!v.to) return;
    // The tail begins behind what is copied; until then block numbers come from the copied rows.
    v.to->late_block = v.to->tail_block = GENERATION_BLOCKS_MAX;
    if (!copy_rows(&v, &err)) {
        generation_free(v.to);
        return;
    }
    v.to->late_block = v.to->tail_block = atomic_load(&v.to->blocks);
    atomic_store_explicit(&r->generation, v.to, memory_order_release);
    atomic_store(&r->dead, 0);
    generation_free(old);
}

void relation_vacuum(Store *s, Relation *r)
{
    uint64_t dead = atomic_load(&r->dead);
    if (dead < VACUUM_DEAD_MIN || (int64_t)dead < atomic_load(&r->live) / 2 || !atomic_load(&r->generation))
        return;
    int64_t until = clock_mono_us() + VACUUM_GATE_US, left = VACUUM_GATE_US;
    bool *live = live_slots(s, r);
    if (!live) return;
    mutex_lock(&r->door);
    r->gate = true;
    while (r->users && (left = until - clock_mono_us()) > 0) cond_wait_for(&r->opened, &r->door, left);
    if (r->users == 0) {
        mutex_lock(&r->write);
        rewrite(s, r, live);
        mutex_unlock(&r->write);
    }
    r->gate = false;
    cond_broadcast(&r->opened);
    mutex_unlock(&r->door);
    free(live);
}
