// Sort, merging: a heap over the rows at hand of each run. Winners are noted as pairs of run and row and
// copied column by column when a run needs its next batch or the output is full.
#include "engine/exec/sort_merge.h"

#include "engine/base/size.h"
#include <stdlib.h>
#include <string.h>

typedef struct Winner {
    uint32_t run;
    uint32_t row;
} Winner;

void sort_merge_init(SortMerge *m, Operator *op, const SortOrder *order, const Rows *rows, const Rows *keys,
                     uint64_t limit)
{
    uint32_t all = rows->columns + keys->columns;
    *m = (SortMerge){
        .op = op, .order = order, .columns = rows->columns, .keys = keys->columns, .limit = limit};
    m->type = arena_array(&op->mem, Type, all + 1);
    m->stay = arena_array(&op->mem, bool, all + 1);
    m->compare = arena_array(&op->mem, OrderCompare, keys->columns + 1);
    for (uint32_t c = 0; c < rows->columns; c++) m->type[c] = rows->column[c].type;
    for (uint32_t c = 0; c < rows->columns; c++) m->stay[c] = rows->borrow;
    for (uint32_t k = 0; k < keys->columns; k++) {
        m->type[rows->columns + k] = keys->column[k].type;
        m->compare[k] = order_compare(keys->column[k].type.id);
    }
}

void sort_merge_done(SortMerge *m)
{
    for (uint32_t i = 0; i < m->runs; i++) {
        spill_read_done(&m->run[i].reader);
        spill_done(&m->run[i].spill);
    }
    free(m->run);
    m->run = NULL;
    m->runs = m->cap = 0;
    arena_done(&m->mem);
}

static bool add_run(SortMerge *m, SortRun **out, Err *err)
{
    if (m->runs == m->cap) {
        uint32_t cap = m->cap ? m->cap * 2 : 8;
        SortRun *bigger = size_realloc(m->run, cap, sizeof *bigger);
        if (!bigger) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory while sorting");
        m->run = bigger;
        m->cap = cap;
    }
    *out = &m->run[m->runs++];
    **out = (SortRun){0};
    spill_init(&(*out)->spill, m->op, m->type, m->stay, m->columns + m->keys);
    return true;
}

bool sort_merge_run(SortMerge *m, const Rows *rows, const Rows *keys, const uint32_t *row, uint32_t count,
                    Err *err)
{
    SortRun *run;
    Arena mem = {0};
    Vector *v = arena_array(&mem, Vector, m->columns + m->keys + 1);
    bool ok = add_run(m, &run, err);
    for (uint32_t c = 0; c < m->columns + m->keys; c++) v[c] = vector_new(&mem, m->type[c]);
    for (uint32_t from = 0; ok && from < count; from += BATCH_ROWS) {
        uint32_t n = count - from < BATCH_ROWS ? count - from : BATCH_ROWS;
        for (uint32_t c = 0; c < m->columns + m->keys; c++) {
            memset(v[c].nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
            if (c < m->columns)
                rows_gather(rows, c, row + from, n, NULL, &v[c]);
            else
                rows_gather(keys, c - m->columns, row + from, n, NULL, &v[c]);
        }
        ok = exec_go_on(m->op->exec, err) && spill_add(&run->spill, v, NULL, n, err);
    }
    ok = ok && spill_seal(&run->spill, err);
    arena_done(&mem);
    return ok;
}

// ---- the heap ----

static int compare_cells(const SortMerge *m, const Batch *a, uint32_t x, const Batch *b, uint32_t y)
{
    for (uint32_t k = 0; k < m->keys; k++) {
        const Vector *v = &a->vector[m->columns + k], *w = &b->vector[m->columns + k];
        bool v_null = vector_is_null(v, x), w_null = vector_is_null(w, y);
        if (v_null || w_null) {
            if (v_null == w_null) continue;
            return v_null == m->order[k].nulls_first ? -1 : 1;
        }
        size_t cell = phys_size(type_phys(v->type.id));
        int d = m->compare[k]((const char *)v->data + x * cell, (const char *)w->data + y * cell);
        if (d) return m->order[k].descending ? -d : d;
    }
    return 0;
}

// Of equal rows that of the earlier run comes first.
static bool before(const SortMerge *m, uint32_t a, uint32_t b)
{
    const SortRun *x = &m->run[m->first + a], *y = &m->run[m->first + b];
    int d = compare_cells(m, x->batch, x->at, y->batch, y->at);
    return d ? d < 0 : a < b;
}

static void sink(SortMerge *m, uint32_t at)
{
    for (;;) {
        uint32_t least = at, left = 2 * at + 1, right = left + 1;
        if (left < m->heaped && before(m, m->heap[left], m->heap[least])) least = left;
        if (right < m->heaped && before(m, m->heap[right], m->heap[least])) least = right;
        if (least == at) return;
        uint32_t swap = m->heap[at];
        m->heap[at] = m->heap[least];
        m->heap[least] = swap;
        at = least;
    }
}

static bool next_batch(SortRun *run, Err *err)
{
    Batch *b;
    if (!spill_read(&run->reader, &b, err)) return false;
    run->batch = b;
    run->at = 0;
    return true;
}

static bool heap_begin(SortMerge *m, uint32_t first, uint32_t count, Err *err)
{
    m->first = first;
    m->heaped = 0;
    for (uint32_t i = 0; i < count; i++) {
        SortRun *run = &m->run[first + i];
        spill_read_begin(&run->reader, &run->spill);
        if (!next_batch(run, err)) return false;
        if (run->batch) m->heap[m->heaped++] = i;
    }
    for (uint32_t i = m->heaped; i-- > 0;) sink(m, i);
    return true;
}

// ---- copying winners ----

#define MERGE_TAKE(T)                                                                                        \
    do {                                                                                                     \
        T *to = (T *)out->data + from;                                                                       \
        for (uint32_t i = 0; i < count; i++)                                                                 \
            to[i] = ((const T *)m->run[m->first + w[i].run].batch->vector[c].data)[w[i].row];                \
    } while (0)

static void take_long(SortMerge *m, Vector *out, uint32_t from, uint32_t count)
{
    for (uint32_t i = from; i < from + count; i++) {
        if (vector_is_null(out, i)) continue;
        if (type_phys(out->type.id) == PHYS_NUMERIC)
            ((Numeric *)out->data)[i] = numeric_copy(&m->mem, ((Numeric *)out->data)[i]);
        else if (((Text *)out->data)[i].len > TEXT_INLINE)
            ((Text *)out->data)[i] = text_copy(&m->mem, ((Text *)out->data)[i]);
    }
}

static void take(SortMerge *m, Vector *vectors, uint32_t columns, uint32_t from, const Winner *w,
                 uint32_t count)
{
    for (uint32_t c = 0; c < columns; c++) {
        Vector *out = &vectors[c];
        switch (phys_size(type_phys(out->type.id))) {
        case 1: MERGE_TAKE(uint8_t); break;
        case 2: MERGE_TAKE(uint16_t); break;
        case 4: MERGE_TAKE(uint32_t); break;
        case 8: MERGE_TAKE(uint64_t); break;
        default: MERGE_TAKE(Text); break;
        }
        for (uint32_t i = 0; i < count; i++)
            if (vector_is_null(&m->run[m->first + w[i].run].batch->vector[c], w[i].row))
                vector_set_null(out, from + i);
        if (phys_is_long(type_phys(out->type.id)) && !m->stay[c]) take_long(m, out, from, count);
    }
}

// The next rows of the runs in the heap, up to BATCH_ROWS, into vectors with room.
static bool merge(SortMerge *m, Vector *vectors, uint32_t columns, uint32_t *count, Err *err)
{
    Winner w[BATCH_ROWS];
    uint32_t done = 0, noted = 0;
    arena_reset(&m->mem);
    while (m->heaped && done + noted < BATCH_ROWS) {
        uint32_t number = m->heap[0];
        SortRun *run = &m->run[m->first + number];
        w[noted++] = (Winner){number, run->at++};
        if (run->at == run->batch->rows) { // what was noted of it must be copied before it goes
            take(m, vectors, columns, done, w, noted);
            done += noted;
            noted = 0;
            if (!next_batch(run, err)) return false;
            if (!run->batch) m->heap[0] = m->heap[--m->heaped];
        }
        if (m->heaped) sink(m, 0);
    }
    take(m, vectors, columns, done, w, noted);
    *count = done + noted;
    return true;
}

// ---- passes ----

// Runs first … become one new run at the end of the list.
static bool merge_some(SortMerge *m, uint32_t first, uint32_t count, Err *err)
{
    SortRun *into;
    Arena mem = {0};
    uint32_t all = m->columns + m->keys, n = 1;
    bool ok = add_run(m, &into, err) && heap_begin(m, first, count, err);
    Vector *v = arena_array(&mem, Vector, all + 1);
    for (uint32_t c = 0; c < all; c++) v[c] = vector_new(&mem, m->type[c]);
    while (ok && n) {
        for (uint32_t c = 0; c < all; c++) memset(v[c].nulls, 0, BATCH_NULL_WORDS * sizeof(uint64_t));
        ok = merge(m, v, all, &n, err) && spill_add(&into->spill, v, NULL, n, err);
    }
    ok = ok && spill_seal(&into->spill, err);
    arena_done(&mem);
    return ok;
}

// One pass: groups of SORT_FAN_IN neighbours, so that the order of arrival stays.
static bool merge_pass(SortMerge *m, Err *err)
{
    uint32_t old = m->runs;
    for (uint32_t first = 0; first < old; first += SORT_FAN_IN) {
        uint32_t count = old - first < SORT_FAN_IN ? old - first : SORT_FAN_IN;
        if (!merge_some(m, first, count, err)) return false;
    }
    for (uint32_t i = 0; i < old; i++) {
        spill_read_done(&m->run[i].reader);
        spill_done(&m->run[i].spill);
    }
    m->runs -= old;
    memmove(m->run, m->run + old, m->runs * sizeof *m->run);
    return true;
}

bool sort_merge_begin(SortMerge *m, Err *err)
{
    while (m->runs > SORT_FAN_IN)
        if (!merge_pass(m, err)) return false;
    return heap_begin(m, 0, m->runs, err);
}

bool sort_merge_next(SortMerge *m, Batch **out, Err *err)
{
    Operator *op = m->op;
    uint32_t n;
    *out = NULL;
    operator_output_clear(op);
    if (m->limit && m->given >= m->limit) return true;
    if (!merge(m, op->out.vector, m->columns, &n, err)) return false;
    if (m->limit && n > m->limit - m->given) n = (uint32_t)(m->limit - m->given);
    m->given += n;
    op->out.rows = op->out.sel_len = n;
    if (n) *out = &op->out;
    return true;
}
