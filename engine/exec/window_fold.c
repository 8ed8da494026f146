// Aggregates over the frames of a partition. A frame that is the same for all rows is folded once; one that
// begins where the partition does grows; one that slides takes rows out again where the aggregate can; all
// others are put together from a tree of merged states over blocks of rows, so that no frame costs as much as
// it has rows. Narrow frames, and aggregates whose states cannot be merged, are folded row by row.
#include "engine/exec/window.h"

#include <string.h>

enum { BLOCK = 16, NARROW = 64, LOOK_ROWS = 1024 };

typedef bool (*FoldStep)(unsigned char *base, size_t stride, const uint32_t *group, const Vector *arg,
                         const uint16_t *sel, uint32_t count, Arena *mem, Err *err);

// Positions from … to-1 into a state, or out of it.
static bool feed(WindowFold *f, FoldStep step, unsigned char *state, uint32_t from, uint32_t to, Arena *mem,
                 Err *err)
{
    Vector in[AGGREGATE_ARGS_MAX + 1];
    uint16_t sel[BATCH_ROWS];
    for (uint32_t at = from; at < to;) {
        const uint32_t base = at & ~63u, end = to - base < BATCH_ROWS ? to : base + BATCH_ROWS;
        uint32_t n = 0;
        for (uint32_t i = at; i < end; i++) {
            sel[n] = (uint16_t)(i - base);
            n += !f->pass || (f->pass[i >> 6] >> (i & 63) & 1);
        }
        for (uint32_t a = 0; a < f->call->args && a < AGGREGATE_ARGS_MAX; a++) {
            const Vector *v = &f->in[a];
            in[a] = *v;
            in[a].data = (char *)v->data + (size_t)base * phys_size(type_phys(v->type.id));
            in[a].nulls = v->nulls ? v->nulls + base / 64 : NULL;
        }
        if (n && !step(state, 0, NULL, in, sel, n, mem, err)) return false;
        at = end;
    }
    return true;
}

static bool add(WindowFold *f, unsigned char *state, uint32_t from, uint32_t to, Arena *mem, Err *err)
{
    return feed(f, f->call->function->update, state, from, to, mem, err);
}

static bool result(WindowFold *f, const WindowPart *p, uint32_t at, Err *err)
{
    return f->call->function->final(f->state, p->out, p->map->row[at], f->results, err);
}

// The result may point into the state, whose memory is about to be used again.
static bool result_own(WindowFold *f, const WindowPart *p, uint32_t at, Err *err)
{
    const uint32_t row = p->map->row[at];
    if (!result(f, p, at, err)) return false;
    if (vector_is_null(p->out, row)) return true;
    if (type_phys(p->out->type.id) == PHYS_TEXT) {
        Text *t = (Text *)p->out->data + row;
        *t = text_copy(f->results, *t);
    } else if (type_phys(p->out->type.id) == PHYS_NUMERIC) {
        Numeric *n = (Numeric *)p->out->data + row;
        *n = numeric_copy(f->results, *n);
    }
    return true;
}

static bool same_frame(const WindowMap *m, uint32_t a, uint32_t b)
{
    return m->frame_from[a] == m->frame_from[b] && m->frame_to[a] == m->frame_to[b];
}

static void clear(WindowFold *f) { memset(f->state, 0, f->stride); }

static bool look(WindowFold *f, uint32_t at, Err *err) { return at % LOOK_ROWS || exec_go_on(f->exec, err); }

// ---- frames that begin with the partition ----

static bool growing(WindowFold *f, const WindowPart *p, Err *err)
{
    const WindowMap *m = p->map;
    uint32_t done = p->from;
    clear(f);
    for (uint32_t i = p->from; i < p->to; i++) {
        if (!look(f, i, err)) return false;
        if (i > p->from && m->frame_to[i] == done) {
            window_repeat(p->out, m->row[i - 1], m->row[i]);
            continue;
        }
        if (!add(f, f->state, done, m->frame_to[i], f->results, err)) return false;
        done = m->frame_to[i];
        if (!result(f, p, i, err)) return false;
    }
    return true;
}

// ---- frames that slide, of aggregates that can take rows out ----

static bool sliding(WindowFold *f, const WindowPart *p, Err *err)
{
    const WindowMap *m = p->map;
    uint32_t from = p->from, to = from;
    clear(f);
    for (uint32_t i = p->from; i < p->to; i++) {
        const uint32_t a = m->frame_from[i], b = m->frame_to[i];
        if (!look(f, i, err)) return false;
        if (a >= to) {
            clear(f);
            from = to = a;
        }
        if (!feed(f, f->call->function->retract, f->state, from, a, f->results, err)) return false;
        if (!add(f, f->state, to, b > to ? b : to, f->results, err)) return false;
        from = a;
        to = b > to ? b : to;
        if (!result(f, p, i, err)) return false;
    }
    return true;
}

// ---- any frames ----

static unsigned char *node(WindowFold *f, uint32_t i) { return f->tree + (size_t)i * f->stride; }

static void tree_free(WindowFold *f)
{
    memory_free(f->exec->memory, f->tree, f->tree_bytes);
    arena_done(&f->tree_mem);
    f->tree = NULL;
    f->tree_bytes = 0;
}

static bool tree_make(WindowFold *f, const WindowPart *p, Err *err)
{
    const uint32_t blocks = (p->to - p->from) / BLOCK;
    void *room = NULL;
    f->leaves = 1;
    while (f->leaves < blocks) f->leaves *= 2;
    f->tree_bytes = (size_t)f->leaves * 2 * f->stride;
    if (!memory_grow(f->exec->memory, &room, 0, f->tree_bytes, err)) {
        f->tree_bytes = 0;
        return false;
    }
    f->tree = memset(room, 0, f->tree_bytes);
    for (uint32_t i = 0; i < blocks; i++) {
        const uint32_t from = p->from + i * BLOCK;
        if (!look(f, i, err) || !add(f, node(f, f->leaves + i), from, from + BLOCK, &f->tree_mem, err))
            return false;
    }
    for (uint32_t i = f->leaves - 1; i > 0; i--)
        for (uint32_t k = 0; k < 2; k++)
            if (!f->call->function->merge(node(f, i), node(f, 2 * i + k), &f->tree_mem, err)) return false;
    return true;
}

// Leaves from … to-1 behind the state, in order.
static bool tree_add(WindowFold *f, uint32_t from, uint32_t to, Err *err)
{
    uint32_t right[64], rights = 0;
    uint32_t a = from + f->leaves, b = to + f->leaves;
    for (; a < b; a /= 2, b /= 2) {
        if (a & 1 && !f->call->function->merge(f->state, node(f, a++), &f->scratch, err)) return false;
        if (b & 1) right[rights++] = --b;
    }
    while (rights)
        if (!f->call->function->merge(f->state, node(f, right[--rights]), &f->scratch, err)) return false;
    return true;
}

static bool piece_add(WindowFold *f, const WindowPart *p, WindowPiece x, Err *err)
{
    const uint32_t first = (x.from - p->from + BLOCK - 1) / BLOCK, last = (x.to - p->from) / BLOCK;
    if (!f->tree || first >= last) return add(f, f->state, x.from, x.to, &f->scratch, err);
    return add(f, f->state, x.from, p->from + first * BLOCK, &f->scratch, err) &&
           tree_add(f, first, last, err) && add(f, f->state, p->from + last * BLOCK, x.to, &f->scratch, err);
}

static bool piecewise(WindowFold *f, const WindowPart *p, Err *err)
{
    const WindowMap *m = p->map;
    for (uint32_t i = p->from; i < p->to; i++) {
        WindowPiece piece[3];
        if (!look(f, i, err)) return false;
        if (i > p->from && p->exclude == FRAME_EXCLUDE_NONE && same_frame(m, i - 1, i)) {
            window_repeat(p->out, m->row[i - 1], m->row[i]);
            continue;
        }
        const uint32_t pieces = window_pieces(p, i, piece);
        arena_reset(&f->scratch);
        clear(f);
        for (uint32_t k = 0; k < pieces; k++)
            if (!piece_add(f, p, piece[k], err)) return false;
        if (!result_own(f, p, i, err)) return false;
    }
    return true;
}

static bool any_frames(WindowFold *f, const WindowPart *p, uint32_t widest, Err *err)
{
    bool ok = widest <= NARROW || !f->call->function->merge || tree_make(f, p, err);
    ok = ok && piecewise(f, p, err);
    tree_free(f);
    return ok;
}

bool window_fold(WindowFold *f, const WindowPart *p, Err *err)
{
    const WindowMap *m = p->map;
    uint32_t widest = 0;
    bool from_first = p->exclude == FRAME_EXCLUDE_NONE;
    for (uint32_t i = p->from; i < p->to; i++) {
        const uint32_t width = m->frame_to[i] - m->frame_from[i];
        widest = width > widest ? width : widest;
        from_first = from_first && m->frame_from[i] == p->from;
    }
    if (from_first) return growing(f, p, err);
    if (p->exclude == FRAME_EXCLUDE_NONE && f->call->function->retract) return sliding(f, p, err);
    return any_frames(f, p, widest, err);
}
