// Scan: rows of a table slice by slice. A batch is one slice: its vectors point into the column arrays, the
// selection lists the rows that the snapshot sees. Slices that all may see cost one look at three words.
#include "engine/base/size.h"
#include "engine/store/cell_in.h"
#include "engine/store/index_in.h"
#include "engine/store/store_in.h"

#include <string.h>

struct TableScan {
    Transaction *txn;
    Generation *g;
    const uint16_t *column; // slots
    uint32_t columns;
    const ZoneFilter *zone;
    uint32_t zones;
    uint32_t block, block_to, row;
    uint32_t last_block, last_rows; // where the table ended when the scan began
    Vector *vector;
    uint64_t (*nulls)[BATCH_NULL_WORDS]; // copies for slices that still take rows
    Vector *missing;                     // for blocks that are older than the column; data NULL: not made yet
    Arena *mem;
    uint16_t sel[SLICE_ROWS];
};

bool table_scan_begin(TableScan **out, Transaction *t, Table *table, const uint16_t *column, uint32_t columns,
                      const ZoneFilter *zone, uint32_t zones, uint32_t block_from, uint32_t block_to,
                      Arena *mem, Err *err)
{
    Generation *g;
    if (!table_lock(t, table, LOCK_ACCESS_SHARE, LOCK_WAIT, NULL, err)) return false;
    if (!relation_generation(table->relation, t->store, &g, err)) return false;
    TableScan *s = arena_new(mem, TableScan);
    *s = (TableScan){.txn = t, .g = g, .columns = columns, .zones = zones, .block = block_from};
    const TableDef *def = table_def(table);
    s->mem = mem;
    uint16_t *own = arena_array(mem, uint16_t, columns + 1);
    for (uint32_t i = 0; i < columns; i++) own[i] = schema_slot(def, column[i]);
    s->column = own;
    ZoneFilter *filter = arena_array(mem, ZoneFilter, zones + 1);
    for (uint32_t i = 0; i < zones; i++) {
        filter[i] = zone[i];
        filter[i].column = schema_slot(def, zone[i].column);
    }
    s->zone = filter;
    uint32_t blocks = atomic_load_explicit(&g->blocks, memory_order_acquire);
    s->block_to = block_to < blocks ? block_to : blocks;
    if (blocks) {
        const Block *b = generation_block(g, blocks - 1);
        s->last_block = blocks - 1;
        s->last_rows = b ? block_rows(b) : 0;
    }
    s->vector = arena_array(mem, Vector, columns + 1);
    s->missing = arena_array(mem, Vector, columns + 1);
    s->nulls = arena_get(mem, (columns + 1) * sizeof *s->nulls);
    for (uint32_t i = 0; i < columns; i++) s->vector[i].type = def->column[column[i]].type;
    predicate_zones(table, zone, zones);
    *out = s;
    return true;
}

void table_scan_end(TableScan *s) { s->block = s->block_to; }

static bool zone_may_hold(const ColumnBlock *k, Phys p, const ZoneFilter *f)
{
    const Zone *z = &k->zone;
    if (f->op == ZONE_IS_NULL) return atomic_load(&z->has_null);
    if (!atomic_load(&z->has_value)) return false; // nothing but NULLs
    Value room;
    int64_t value, min = atomic_load_explicit(&z->min, memory_order_relaxed);
    int64_t max = atomic_load_explicit(&z->max, memory_order_relaxed);
    if (f->op == ZONE_NOT_NULL || atomic_load(&z->unknown) || f->value.null ||
        type_phys(f->value.type.id) != p)
        return true;
    if (!cell_zone(p, cell_of_value(p, &f->value, &room), &value)) return true;
    switch (f->op) {
    case ZONE_EQ: return value >= min && value <= max;
    case ZONE_LT: return min < value;
    case ZONE_LE: return min <= value;
    case ZONE_GT: return max > value;
    case ZONE_GE: return max >= value;
    default: return true;
    }
}

// Only blocks that take no more rows: the notes of others may move under our eyes.
static bool block_may_hold(const TableScan *s, const Block *b)
{
    for (uint32_t i = 0; i < s->zones; i++) {
        const ZoneFilter *f = &s->zone[i];
        if (!block_has_notes(b, f->column)) continue;
        if (!zone_may_hold(&b->column[f->column], type_phys(slots_type(s->g->slots, f->column).id), f))
            return false;
    }
    return true;
}

// Fills sel with the rows that the snapshot sees; returns how many. *all: every row, sel is not filled.
static uint32_t visible_rows(TableScan *s, Slice *slice, uint32_t rows, bool *all)
{
    _Atomic Stamp *begin = atomic_load_explicit(&slice->begin, memory_order_acquire);
    _Atomic Stamp *end = atomic_load_explicit(&slice->end, memory_order_acquire);
    const Snapshot see = s->txn->snapshot;
    Stamp settled = atomic_load_explicit(&slice->settled, memory_order_acquire), last = 1;
    *all = !end && (!begin || (settled && settled <= see.at && rows == SLICE_ROWS));
    if (*all) return rows;
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows; i++) {
        Stamp from = begin ? atomic_load_explicit(&begin[i], memory_order_acquire) : 0;
        Stamp to = end ? atomic_load_explicit(&end[i], memory_order_acquire) : STAMP_NEVER;
        if (from > last) last = from;
        s->sel[count] = (uint16_t)i;
        count += snapshot_sees(&see, from, to);
    }
    if (!end && rows == SLICE_ROWS && last <= see.at)
        atomic_store_explicit(&slice->settled, last, memory_order_release);
    *all = count == rows;
    return count;
}

// A slice that still takes rows shares words of its null bitmap with the writer: copy those.
static uint64_t *nulls_of(TableScan *s, uint32_t i, const ColumnBlock *k, uint32_t slice, uint32_t rows)
{
    uint64_t *nulls = atomic_load_explicit(&k->nulls[slice], memory_order_acquire);
    if (!nulls || rows == SLICE_ROWS || k->whole) return nulls;
    for (uint32_t w = 0; w < BATCH_NULL_WORDS; w++)
        s->nulls[i][w] = __atomic_load_n(&nulls[w], __ATOMIC_RELAXED);
    return s->nulls[i];
}

// One batch of the value that older rows have in the column.
static Vector missing_of(TableScan *s, uint32_t i)
{
    Vector *v = &s->missing[i];
    if (v->data) return *v;
    const Value *value = &slots_get(s->g->slots, s->column[i])->missing;
    size_t size = phys_size(type_phys(s->vector[i].type.id));
    *v = vector_new(s->mem, s->vector[i].type);
    for (uint32_t row = 0; row < SLICE_ROWS; row++) {
        if (value->null)
            vector_set_null(v, row);
        else
            memcpy((char *)v->data + row * size, &value->boolean, size);
    }
    if (!value->null) v->nulls = NULL;
    return *v;
}

static uint32_t rows_in(const TableScan *s, const Block *b)
{
    uint32_t rows = block_rows(b);
    return s->block == s->last_block && rows > s->last_rows ? s->last_rows : rows;
}

static bool open_block(TableScan *s, Block **out, Err *err)
{
    for (;; s->block++, s->row = 0) {
        *out = NULL;
        if (s->block >= s->block_to) return true;
        Block *b = generation_block(s->g, s->block);
        if (!b || s->row >= rows_in(s, b)) continue;
        if (s->row == 0) {
            if (s->zones && !block_may_hold(s, b)) continue;
            for (uint32_t i = 0; i < s->columns; i++)
                if (!block_load(s->g, b, s->column[i], err)) return false;
        }
        *out = b;
        return true;
    }
}

bool table_scan_next(TableScan *s, Batch *out, RowPos *first, bool *end, Err *err)
{
    *end = false;
    for (;;) {
        Block *b;
        if (!open_block(s, &b, err)) return false;
        if (!b) {
            *end = true;
            return true;
        }
        uint32_t slice = s->row / SLICE_ROWS, left = rows_in(s, b) - s->row;
        uint32_t rows = left < SLICE_ROWS ? left : SLICE_ROWS;
        bool all;
        *first = (RowPos)s->block << 16 | s->row;
        s->row += SLICE_ROWS;
        uint32_t seen = visible_rows(s, &b->slice[slice], rows, &all);
        if (seen == 0) continue;
        for (uint32_t i = 0; i < s->columns; i++) {
            uint16_t slot = s->column[i];
            const char *cells = block_cells(b, slot, slice);
            Vector missing = cells ? (Vector){0} : missing_of(s, i);
            s->vector[i].data = cells ? (void *)(uintptr_t)cells : missing.data;
            s->vector[i].nulls = cells ? nulls_of(s, i, &b->column[slot], slice, rows) : missing.nulls;
        }
        *out = (Batch){.rows = rows,
                       .sel = all ? NULL : s->sel,
                       .sel_len = seen,
                       .columns = s->columns,
                       .vector = s->vector};
        return true;
    }
}

bool table_fetch(Transaction *t, Table *table, const RowPos *pos, uint32_t count, const uint16_t *column,
                 uint32_t columns, Batch *out, Arena *mem, Err *err)
{
    (void)mem;
    Generation *g;
    if (!relation_generation(table->relation, t->store, &g, err)) return false;
    for (uint32_t c = 0; c < columns; c++) {
        Vector *v = &out->vector[c];
        uint16_t slot = schema_slot(table_def(table), column[c]);
        size_t size = phys_size(type_phys(slots_type(g->slots, slot).id));
        if (v->nulls) memset(v->nulls, 0, BATCH_NULL_WORDS * sizeof *v->nulls);
        for (uint32_t i = 0; i < count; i++) {
            Block *b = generation_block(g, (uint32_t)(pos[i] >> 16));
            uint32_t row = (uint32_t)pos[i] & 0xffff;
            if (!b || row >= block_rows(b))
                return err_set(err, SQLSTATE_INTERNAL, "there is no row at this position");
            if (!block_load(g, b, slot, err)) return false;
            if (!block_is_null(b, slot, row)) {
                memcpy((char *)v->data + i * size, block_cell(b, slot, row, size), size);
                continue;
            }
            memset((char *)v->data + i * size, 0, size);
            if (!v->nulls) v->nulls = arena_get(mem, BATCH_NULL_WORDS * sizeof *v->nulls);
            vector_set_null(v, i);
        }
    }
    out->rows = out->sel_len = count;
    out->sel = NULL;
    return true;
}

// ---- index look-ups ----

typedef struct Collect {
    const Generation *g;
    const Snapshot *see;
    RowList *out;
    size_t limit; // 0 = all
    bool one;     // unique hash: the first one seen is the only one
    bool failed;
} Collect;

static bool collect_row(void *self, uint32_t pos)
{
    Collect *c = self;
    const Block *b = generation_block(c->g, pos >> 16);
    Stamp begin = block_begin(b, pos & 0xffff), end = block_end(b, pos & 0xffff);
    if (!snapshot_sees_stamp(c->see, begin)) return true;
    if (snapshot_sees_stamp(c->see, end))
        return !c->one || stamp_is_txn(begin); // older versions ended before
    RowList *list = c->out;
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 8;
        RowPos *grown = size_realloc(list->pos, cap, sizeof *grown);
        if (!grown) {
            c->failed = true;
            return false;
        }
        list->pos = grown;
        list->cap = cap;
    }
    list->pos[list->count++] = pos;
    return !c->one && (c->limit == 0 || list->count < c->limit);
}

static bool index_of(Transaction *t, Table *table, const IndexDef *def, Generation **g, Index **out, Err *err)
{
    Relation *r = table->relation;
    if (!table_lock(t, table, LOCK_ACCESS_SHARE, LOCK_WAIT, NULL, err)) return false;
    if (!relation_generation(r, t->store, g, err)) return false;
    if ((*out = index_find(*g, def->id)) != NULL) return true;
    mutex_lock(&r->write);
    bool ok = index_make(*g, table_def(table), def, out, err);
    mutex_unlock(&r->write);
    return ok;
}

// The cells of a key; *never: it holds a NULL, or a number that the column cannot hold, and equals nothing.
static IndexKey key_of_values(const Index *x, const Value *key, uint32_t n, Value *room, bool *never)
{
    IndexKey k = {.count = (uint16_t)n};
    *never = false;
    for (uint32_t i = 0; i < n; i++) {
        int64_t wide, narrow;
        *never |= key[i].null;
        if (key[i].null) continue;
        k.cell[i] = cell_of_value(x->phys[i], &key[i], &room[i]);
        *never |= cell_int(x->phys[i], k.cell[i], &narrow) &&
                  cell_int(type_phys(key[i].type.id), &key[i].boolean, &wide) && narrow != wide;
    }
    return k;
}

static int row_compare(const Generation *g, const Index *x, uint16_t column, uint32_t pos, const void *cell)
{
    const Block *b = generation_block(g, pos >> 16);
    return cell_compare(x->phys[column],
                        block_cell(b, x->column[column], pos & 0xffff, phys_size(x->phys[column])), cell);
}

bool index_matches(Transaction *t, Table *table, const IndexDef *index, const Value *key, uint32_t n,
                   RowPos pos, bool *yes, Err *err)
{
    Generation *g;
    Index *x;
    bool never;
    Value room[SCHEMA_KEY_COLUMNS_MAX];
    *yes = false;
    if (!index_of(t, table, index, &g, &x, err)) return false;
    IndexKey k = key_of_values(x, key, n, room, &never);
    Block *b = generation_block(g, (uint32_t)(pos >> 16));
    for (uint16_t i = 0; i < x->count; i++)
        if (!block_load(g, b, x->column[i], err)) return false;
    for (uint32_t i = 0; i < n && !never; i++)
        never = block_is_null(b, x->column[i], (uint32_t)pos & 0xffff) ||
                row_compare(g, x, (uint16_t)i, (uint32_t)pos, k.cell[i]) != 0;
    *yes = !never;
    return true;
}

bool index_in_range(Transaction *t, Table *table, const IndexDef *index, const IndexRange *range, RowPos pos,
                    bool *yes, Err *err)
{
    Generation *g;
    Index *x;
    Value room;
    *yes = false;
    if (!index_of(t, table, index, &g, &x, err)) return false;
    Block *b = generation_block(g, (uint32_t)(pos >> 16));
    if (!block_load(g, b, x->column[0], err)) return false;
    if (block_is_null(b, x->column[0], (uint32_t)pos & 0xffff)) return true;
    if (range->low) {
        int low = row_compare(g, x, 0, (uint32_t)pos, cell_of_value(x->phys[0], range->low, &room));
        if (low < 0 || (low == 0 && range->low_open)) return true;
    }
    if (range->high) {
        int high = row_compare(g, x, 0, (uint32_t)pos, cell_of_value(x->phys[0], range->high, &room));
        if (high > 0 || (high == 0 && range->high_open)) return true;
    }
    *yes = true;
    return true;
}

bool index_lookup(Transaction *t, Table *table, const IndexDef *index, const Value *key, uint32_t n,
                  RowList *out, Err *err)
{
    Generation *g;
    Index *x;
    if (!index_of(t, table, index, &g, &x, err)) return false;
    bool never;
    Value room[SCHEMA_KEY_COLUMNS_MAX];
    IndexKey k = key_of_values(x, key, n, room, &never);
    if (never) return true;
    predicate_key(table, index, key, n);
    Collect c = {.g = g,
                 .see = &t->snapshot,
                 .out = out,
                 .one = x->unique && x->kind == INDEX_HASH && !atomic_load(&g->withdrawn)};
    if (!index_visit_key(g, x, &k, collect_row, &c, &table->relation->write, err)) return false;
    return !c.failed || store_out_of_memory(err);
}

bool index_range(Transaction *t, Table *table, const IndexDef *index, const IndexRange *range, RowList *out,
                 Err *err)
{
    Generation *g;
    Index *x;
    if ((range->low && range->low->null) || (range->high && range->high->null)) return true;
    if (!index_of(t, table, index, &g, &x, err)) return false;
    predicate_range(table, index, range);
    Collect c = {
        .g = g, .see = &t->snapshot, .out = out, .limit = range->limit ? out->count + range->limit : 0};
    if (!index_visit_range(g, x, range, collect_row, &c, &table->relation->write, err)) return false;
    return !c.failed || store_out_of_memory(err);
}
