// Spool: chunks of rows that never move once a reader has seen them, and the two plans that fill them.
#include "engine/exec/spool.h"

#include "engine/exec/keys.h"
#include <string.h>

enum { SPOOL_FIRST = 64 }; // rows of the first chunk; each next one is eight times as large, up to BATCH_ROWS

typedef enum SpoolState { SPOOL_NEW, SPOOL_BASE, SPOOL_STEP, SPOOL_DONE } SpoolState;

struct Spool {
    PlanSpoolBody *plan;
    Exec *exec;
    Scope *scope;
    Operator *base, *step;
    SpoolState state;
    Rows *chunk;
    uint32_t chunks, chunk_cap;
    Type *type;
    uint32_t columns;
    SpoolPlace work_from, work_to; // what the step reads
    Keys seen;                     // UNION: the rows there are
    bool has_seen;
    uint64_t moves;
};

static void chunks_clear(Spool *s)
{
    for (uint32_t i = 0; i < s->chunks; i++) rows_done(&s->chunk[i]);
    s->chunks = 0;
    if (s->has_seen) keys_done(&s->seen);
    s->has_seen = false;
    s->state = SPOOL_NEW;
}

static void spool_done(void *arg)
{
    Spool *s = arg;
    operator_free(s->base);
    operator_free(s->step);
    chunks_clear(s);
    memory_free(s->exec->memory, s->chunk, s->chunk_cap * sizeof(Rows));
}

static Spool *spool_new(PlanSpoolBody *body, Exec *exec)
{
    Spool *s = arena_new(&exec->mem, Spool);
    s->plan = body;
    s->exec = exec;
    s->columns = body->body->columns;
    s->type = arena_array(&exec->mem, Type, s->columns + 1);
    for (uint32_t c = 0; c < s->columns; c++) s->type[c] = body->body->column[c].type;
    exec->spool[body->number] = s;
    exec_at_end(exec, spool_done, s);
    return s;
}

bool spool_get(Spool **out, PlanSpoolBody *body, Exec *exec, Scope *scope, bool owner, Err *err)
{
    Spool *s = exec->spool[body->number];
    if (!s) s = spool_new(body, exec);
    *out = s;
    if (s->base || (body->correlated && !owner)) return true;
    s->scope = body->correlated ? scope : NULL;
    return operator_make(&s->base, body->body, exec, s->scope, err) &&
           (!body->step || operator_make(&s->step, body->step, exec, s->scope, err));
}

void spool_start(Spool *s)
{
    uint64_t moves = 0;
    if (!s->plan->correlated) return;
    for (const Scope *o = s->scope; o; o = o->up) moves += o->moves;
    if (moves == s->moves && s->state != SPOOL_NEW) return;
    s->moves = moves;
    operator_close(s->base);
    operator_close(s->step);
    chunks_clear(s);
}

// ---- filling ----

static SpoolPlace end_of(const Spool *s)
{
    if (!s->chunks) return (SpoolPlace){0, 0};
    return (SpoolPlace){s->chunks - 1, s->chunk[s->chunks - 1].count};
}

static uint32_t chunk_room(uint32_t chunk)
{
    uint32_t room = SPOOL_FIRST;
    while (chunk-- && room < BATCH_ROWS) room *= 8;
    return room < BATCH_ROWS ? room : BATCH_ROWS;
}

static bool chunk_add(Spool *s, Err *err)
{
    if (s->chunks == s->chunk_cap) {
        uint32_t cap = s->chunk_cap ? s->chunk_cap * 2 : 4;
        void *at = s->chunk;
        if (!memory_grow(s->exec->memory, &at, s->chunk_cap * sizeof(Rows), cap * sizeof(Rows), err))
            return false;
        s->chunk = at;
        s->chunk_cap = cap;
    }
    Rows *r = &s->chunk[s->chunks];
    rows_init(r, s->exec->memory, s->type, s->columns);
    return rows_room(r, chunk_room(s->chunks++), err);
}

static bool keep(Spool *s, const Batch *b, const uint16_t *sel, uint32_t count, Err *err)
{
    uint32_t done = 0;
    while (done < count) {
        Rows *last = s->chunks ? &s->chunk[s->chunks - 1] : NULL;
        uint32_t room = last ? chunk_room(s->chunks - 1) - last->count : 0;
        if (!room) {
            if (!chunk_add(s, err)) return false;
            continue;
        }
        uint32_t n = count - done < room ? count - done : room;
        if (!rows_append(last, b->vector, sel + done, n, err)) return false;
        done += n;
    }
    return true;
}

// Rows that were not there yet; sel: which.
static bool choose_new(Spool *s, const Batch *b, uint16_t *sel, uint32_t *count, Err *err)
{
    uint32_t group[BATCH_ROWS], known = keys_count(&s->seen), n = 0;
    if (!keys_insert(&s->seen, b->vector, b->sel, b->sel_len, group, err)) return false;
    for (uint32_t i = 0; i < b->sel_len; i++) {
        if (group[i] != known) continue;
        known++;
        sel[n++] = (uint16_t)batch_row(b, i);
    }
    *count = n;
    return true;
}

static bool take(Spool *s, const Batch *b, Err *err)
{
    uint16_t sel[BATCH_ROWS];
    uint32_t count = b->sel_len;
    if (!s->plan->distinct)
        for (uint32_t i = 0; i < count; i++) sel[i] = (uint16_t)batch_row(b, i);
    else if (!choose_new(s, b, sel, &count, err))
        return false;
    return keep(s, b, sel, count, err);
}

static bool begin(Spool *s, Err *err)
{
    if (s->plan->distinct) {
        s->has_seen = true;
        if (!keys_init(&s->seen, s->exec->memory, s->type, s->columns, err)) return false;
    }
    s->work_from = s->work_to = (SpoolPlace){0, 0};
    s->state = SPOOL_BASE;
    return operator_open(s->base, err);
}

// One round is over: the next works on what it has brought.
static bool turn(Spool *s, Err *err)
{
    SpoolPlace end = end_of(s);
    Operator *over = s->state == SPOOL_BASE ? s->base : s->step;
    if (!s->plan->writes) operator_close(over); // a write may still wait with its rows
    bool fresh = end.chunk != s->work_to.chunk || end.row != s->work_to.row;
    s->state = s->step && fresh ? SPOOL_STEP : SPOOL_DONE;
    s->work_from = s->work_to;
    s->work_to = end;
    return s->state == SPOOL_DONE || operator_open(s->step, err);
}

// One batch more, or the end of a round.
static bool more(Spool *s, Err *err)
{
    Batch *b;
    if (!exec_go_on(s->exec, err)) return false;
    if (s->state == SPOOL_NEW && !begin(s, err)) return false;
    if (!operator_next(s->state == SPOOL_BASE ? s->base : s->step, &b, err)) return false;
    return b ? take(s, b, err) : turn(s, err);
}

bool spool_finish(Spool *s, Err *err)
{
    while (s->state != SPOOL_DONE)
        if (!more(s, err)) return false;
    return true;
}

// ---- reading ----

static void window(const Rows *r, uint32_t from, uint32_t to, Batch *out, Vector *vectors, uint16_t *sel)
{
    rows_window(r, 0, out, vectors);
    out->rows = to;
    out->sel_len = to - from;
    if (!from) return;
    for (uint32_t i = from; i < to; i++) sel[i - from] = (uint16_t)i;
    out->sel = sel;
}

bool spool_read(Spool *s, SpoolPlace *place, Batch *out, Vector *vectors, uint16_t *sel, bool *end, Err *err)
{
    *end = false;
    for (;;) {
        const Rows *r = place->chunk < s->chunks ? &s->chunk[place->chunk] : NULL;
        if (r && place->row < r->count) {
            window(r, place->row, r->count, out, vectors, sel);
            place->row = r->count;
            return true;
        }
        if (place->chunk + 1 < s->chunks) {
            *place = (SpoolPlace){place->chunk + 1, 0};
        } else if (s->state == SPOOL_DONE) {
            *end = true;
            return true;
        } else if (!more(s, err)) {
            return false;
        }
    }
}

void spool_work_start(const Spool *s, SpoolPlace *place) { *place = s->work_from; }

void spool_read_work(const Spool *s, SpoolPlace *place, Batch *out, Vector *vectors, uint16_t *sel, bool *end)
{
    *end = false;
    while (place->chunk <= s->work_to.chunk && place->chunk < s->chunks) {
        const Rows *r = &s->chunk[place->chunk];
        uint32_t to = place->chunk == s->work_to.chunk ? s->work_to.row : r->count;
        if (place->row < to) {
            window(r, place->row, to, out, vectors, sel);
            place->row = to;
            return;
        }
        *place = (SpoolPlace){place->chunk + 1, 0};
    }
    *end = true;
}
