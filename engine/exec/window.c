// Window: frames of a partition, by two edges that only move forward, so that all frames of a partition cost
// one walk; and moving cells. RANGE with offsets follows PostgreSQL 15's in_range functions.
#include "engine/exec/window.h"

#include "engine/exec/order.h"
#include <math.h>
#include <string.h>

// ---- pieces ----

static uint32_t piece_add(WindowPiece *out, uint32_t count, uint32_t from, uint32_t to)
{
    if (from >= to) return count;
    out[count] = (WindowPiece){from, to};
    return count + 1;
}

uint32_t window_pieces(const WindowPart *part, uint32_t at, WindowPiece out[3])
{
    const WindowMap *m = part->map;
    const uint32_t from = m->frame_from[at], to = m->frame_to[at];
    uint32_t x = at, y = at + 1, n = 0;
    if (part->exclude == FRAME_EXCLUDE_NONE) return piece_add(out, 0, from, to);
    if (part->exclude != FRAME_EXCLUDE_CURRENT) {
        x = m->peer_from[at];
        y = m->peer_to[at];
    }
    n = piece_add(out, n, from, x < to ? x : to);
    if (part->exclude == FRAME_EXCLUDE_TIES && at >= from && at < to) n = piece_add(out, n, at, at + 1);
    return piece_add(out, n, y > from ? y : from, to);
}

// ---- offsets ----

static bool offset_check(const Value *v, const char *which, FrameUnit unit, Err *err)
{
    bool negative = false;
    if (v->null) return err_set(err, "22004", "frame %s offset must not be null", which);
    switch (type_phys(v->type.id)) {
    case PHYS_I64: negative = v->i64 < 0; break;
    case PHYS_F64: negative = !(v->f64 >= 0); break;
    case PHYS_NUMERIC: negative = v->numeric.kind == NUMERIC_NAN || numeric_sign(&v->numeric) < 0; break;
    case PHYS_INTERVAL: negative = interval_span(&v->interval) < 0; break;
    default: break;
    }
    if (!negative) return true;
    return unit == FRAME_RANGE
               ? err_set(err, "22013", "invalid preceding or following size in window function")
               : err_set(err, "22013", "frame %s offset must not be negative", which);
}

bool window_edges_check(const WindowEdges *e, Err *err)
{
    const WindowFrame *f = e->frame;
    return (!f->from_offset || offset_check(&e->from_offset, "starting", f->unit, err)) &&
           (!f->to_offset || offset_check(&e->to_offset, "ending", f->unit, err));
}

// ---- ROWS, GROUPS ----

// at - by or at + by, kept inside low … high.
static uint32_t move(uint32_t at, int64_t by, bool back, uint32_t low, uint32_t high)
{
    if (back) return by > (int64_t)at - (int64_t)low ? low : at - (uint32_t)by;
    return by > (int64_t)high - (int64_t)at ? high : at + (uint32_t)by;
}

static void rows_edges(const WindowPart *p, const WindowEdges *e)
{
    const WindowMap *m = p->map;
    const FrameEdge from = e->frame->from, to = e->frame->to;
    for (uint32_t i = p->from; i < p->to; i++) {
        uint32_t a = i, b = i + 1;
        if (from == FRAME_FIRST) a = p->from;
        if (from == FRAME_PRECEDING || from == FRAME_FOLLOWING)
            a = move(i, e->from_offset.i64, from == FRAME_PRECEDING, p->from, p->to);
        if (to == FRAME_LAST) b = p->to;
        if (to == FRAME_PRECEDING || to == FRAME_FOLLOWING)
            b = move(i + 1, e->to_offset.i64, to == FRAME_PRECEDING, p->from, p->to);
        m->frame_from[i] = a;
        m->frame_to[i] = b > a ? b : a;
    }
}

// Where group g begins; behind the last one the partition ends.
static uint32_t group_start(const WindowPart *p, uint32_t g)
{
    return g >= p->groups ? p->to : p->map->group_from[p->from + g];
}

static void groups_edges(const WindowPart *p, const WindowEdges *e)
{
    const WindowMap *m = p->map;
    const FrameEdge from = e->frame->from, to = e->frame->to;
    for (uint32_t i = p->from; i < p->to; i++) {
        const uint32_t g = m->group[i];
        uint32_t a = g, b = g + 1;
        if (from == FRAME_FIRST) a = 0;
        if (from == FRAME_PRECEDING || from == FRAME_FOLLOWING)
            a = move(g, e->from_offset.i64, from == FRAME_PRECEDING, 0, p->groups);
        if (to == FRAME_LAST) b = p->groups;
        if (to == FRAME_PRECEDING || to == FRAME_FOLLOWING)
            b = move(g + 1, e->to_offset.i64, to == FRAME_PRECEDING, 0, p->groups);
        m->frame_from[i] = group_start(p, a);
        m->frame_to[i] = group_start(p, b > a ? b : a);
    }
}

// ---- RANGE with offsets ----

typedef struct Within {
    const Vector *key, *bound; // bound: NULL = base plus offset
    const Value *offset;
    bool minus, below; // the sum is base - offset; in range means: not above the sum
    Arena *mem;
} Within;

static bool within_float(double value, double base, double offset, bool minus, bool below)
{
    if (isnan(value)) return isnan(base) || !below;
    if (isnan(base)) return below;
    if (isinf(offset) && isinf(base) && (minus ? base > 0 : base < 0)) return true;
    const double sum = minus ? base - offset : base + offset;
    return below ? value <= sum : value >= sum;
}

static bool within_numeric(const Within *w, const Numeric *value, const Numeric *base, bool *in, Err *err)
{
    Numeric sum;
    *in = base->kind == NUMERIC_NAN ? w->below || value->kind == NUMERIC_NAN : !w->below;
    if (base->kind == NUMERIC_NAN || value->kind == NUMERIC_NAN) return true;
    arena_reset(w->mem);
    if (w->minus ? !numeric_sub(&sum, base, &w->offset->numeric, w->mem, err)
                 : !numeric_add(&sum, base, &w->offset->numeric, w->mem, err))
        return false;
    if (sum.kind == NUMERIC_NAN) { // infinity less infinity: all rows
        *in = true;
        return true;
    }
    const int d = order_numeric(value, &sum);
    *in = w->below ? d <= 0 : d >= 0;
    return true;
}

static __int128 whole(const Vector *v, uint32_t row)
{
    switch (type_phys(v->type.id)) {
    case PHYS_I16: return ((const int16_t *)v->data)[row];
    case PHYS_I32: return ((const int32_t *)v->data)[row];
    default: return ((const int64_t *)v->data)[row];
    }
}

// Is the key of row `value` in the range that row `base` gives?
static bool within(const Within *w, uint32_t value, uint32_t base, bool *in, Err *err)
{
    const Vector *k = w->key;
    if (w->bound) {
        const size_t cell = phys_size(type_phys(k->type.id));
        const int d = order_compare(k->type.id)((const char *)k->data + value * cell,
                                                (const char *)w->bound->data + base * cell);
        *in = w->below ? d <= 0 : d >= 0;
        return true;
    }
    switch (type_phys(k->type.id)) {
    case PHYS_F32: {
        const float *x = k->data;
        *in = within_float((double)x[value], (double)x[base], w->offset->f64, w->minus, w->below);
        return true;
    }
    case PHYS_F64: {
        const double *x = k->data;
        *in = within_float(x[value], x[base], w->offset->f64, w->minus, w->below);
        return true;
    }
    case PHYS_NUMERIC: {
        const Numeric *x = k->data;
        return within_numeric(w, &x[value], &x[base], in, err);
    }
    default: {
        const __int128 by = w->offset->type.id == TYPE_INTERVAL ? w->offset->interval.us : w->offset->i64;
        const __int128 sum = whole(k, base) + (w->minus ? -by : by);
        *in = w->below ? whole(k, value) <= sum : whole(k, value) >= sum;
        return true;
    }
    }
}

// The positions whose key is not NULL.
static void known_part(const WindowPart *p, const Vector *key, uint32_t *from, uint32_t *to)
{
    *from = p->from;
    *to = p->to;
    while (*from < *to && vector_is_null(key, p->map->row[*from])) ++*from;
    while (*to > *from && vector_is_null(key, p->map->row[*to - 1])) --*to;
}

// One edge, walking forward. start: the first position in range; else: the first one behind the range.
static bool range_edge(const WindowPart *p, const WindowEdges *e, bool start, uint32_t *out, Err *err)
{
    const WindowMap *m = p->map;
    const FrameEdge edge = start ? e->frame->from : e->frame->to;
    const Expr *bound = start ? e->frame->from_bound : e->frame->to_bound;
    Arena mem = {0};
    Within w = {.key = &e->key,
                .bound = bound ? (start ? &e->from_bound : &e->to_bound) : NULL,
                .offset = start ? &e->from_offset : &e->to_offset,
                .minus = (edge == FRAME_PRECEDING) != e->descending,
                .below = start == e->descending,
                .mem = &mem};
    uint32_t from, to, at;
    bool ok = true;
    known_part(p, &e->key, &from, &to);
    at = from;
    for (uint32_t i = p->from; ok && i < p->to; i++) {
        if (i < from || i >= to) {
            out[i] = start ? m->peer_from[i] : m->peer_to[i];
            continue;
        }
        for (bool in; at < to; at++) {
            ok = within(&w, m->row[at], m->row[i], &in, err);
            if (!ok || in == start) break;
        }
        out[i] = at;
    }
    arena_done(&mem);
    return ok;
}

static bool range_edges(const WindowPart *p, const WindowEdges *e, Err *err)
{
    const WindowMap *m = p->map;
    const FrameEdge from = e->frame->from, to = e->frame->to;
    if (e->frame->from_offset && !range_edge(p, e, true, m->frame_from, err)) return false;
    if (e->frame->to_offset && !range_edge(p, e, false, m->frame_to, err)) return false;
    for (uint32_t i = p->from; i < p->to; i++) {
        if (!e->frame->from_offset) m->frame_from[i] = from == FRAME_FIRST ? p->from : m->peer_from[i];
        if (!e->frame->to_offset) m->frame_to[i] = to == FRAME_LAST ? p->to : m->peer_to[i];
        if (m->frame_to[i] < m->frame_from[i]) m->frame_to[i] = m->frame_from[i];
    }
    return true;
}

bool window_frames(const WindowPart *part, const WindowEdges *e, Err *err)
{
    switch (e->frame->unit) {
    case FRAME_ROWS: rows_edges(part, e); return true;
    case FRAME_GROUPS: groups_edges(part, e); return true;
    case FRAME_RANGE: break;
    }
    return range_edges(part, e, err);
}

// ---- cells ----

typedef struct Cell16 {
    uint64_t half[2];
} Cell16;

#define GATHER(T)                                                                                            \
    do {                                                                                                     \
        const T *x = from->data;                                                                             \
        T *to = out->data;                                                                                   \
        for (uint32_t i = part->from; i < part->to; i++)                                                     \
            if (pick[i] != ROWS_NONE) to[row[i]] = x[pick[i]];                                               \
    } while (0)

void window_gather(const WindowPart *part, const Vector *from, const uint32_t *pick, Vector *out)
{
    const uint32_t *row = part->map->row;
    switch (phys_size(type_phys(out->type.id))) {
    case 1: GATHER(uint8_t); break;
    case 2: GATHER(uint16_t); break;
    case 4: GATHER(uint32_t); break;
    case 8: GATHER(uint64_t); break;
    default: GATHER(Cell16); break;
    }
    for (uint32_t i = part->from; i < part->to; i++)
        if (pick[i] == ROWS_NONE || vector_is_null(from, pick[i])) vector_set_null(out, row[i]);
}

void window_repeat(Vector *out, uint32_t from_row, uint32_t to_row)
{
    const size_t cell = phys_size(type_phys(out->type.id));
    char *data = out->data;
    memcpy(data + to_row * cell, data + from_row * cell, cell);
    if (vector_is_null(out, from_row)) vector_set_null(out, to_row);
}
