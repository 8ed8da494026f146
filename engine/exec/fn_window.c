// Window functions: row numbers and ranks over the partition, neighbours, and the rows of the frame. Results
// and errors are PostgreSQL 15's.
#include "engine/exec/window.h"

#define NUMBERS(name, T, VALUE)                                                                              \
    static bool name(const WindowPart *p, Err *err)                                                          \
    {                                                                                                        \
        const WindowMap *m = p->map;                                                                         \
        T *out = p->out->data;                                                                               \
        (void)err;                                                                                           \
        for (uint32_t i = p->from; i < p->to; i++) out[m->row[i]] = (T)(VALUE);                              \
        return true;                                                                                         \
    }
NUMBERS(row_number, int64_t, i - p->from + 1)
NUMBERS(rank, int64_t, m->peer_from[i] - p->from + 1)
NUMBERS(dense_rank, int64_t, m->group[i] + 1)
NUMBERS(percent_rank, double,
        p->to - p->from < 2 ? 0 : (double)(m->peer_from[i] - p->from) / (double)(p->to - p->from - 1))
NUMBERS(cume_dist, double, (double)(m->peer_to[i] - p->from) / (double)(p->to - p->from))

// The number of buckets is that of the partition's first row. The first buckets get one row more.
static bool ntile(const WindowPart *p, Err *err)
{
    const uint32_t *row = p->map->row, rows = p->to - p->from;
    int32_t *out = p->out->data;
    if (vector_is_null(p->arg, row[p->from])) {
        for (uint32_t i = p->from; i < p->to; i++) vector_set_null(p->out, row[i]);
        return true;
    }
    const int32_t buckets = ((const int32_t *)p->arg->data)[row[p->from]];
    if (buckets <= 0) return err_set(err, "22014", "argument of ntile must be greater than zero");
    const uint32_t each = rows / (uint32_t)buckets, longer = rows % (uint32_t)buckets;
    for (uint32_t i = 0; i < rows; i++) {
        const uint32_t in_longer = longer * (each + 1);
        out[row[p->from + i]] =
            (int32_t)(i < in_longer ? i / (each + 1) : longer + (i - in_longer) / each) + 1;
    }
    return true;
}

// ---- neighbours ----

// The row `by` before (lag) or behind (lead); outside the partition: the third argument.
static bool shift(const WindowPart *p, bool back)
{
    const WindowMap *m = p->map;
    const int32_t *by = p->args > 1 ? p->arg[1].data : NULL;
    bool outside = false;
    for (uint32_t i = p->from; i < p->to; i++) {
        const bool null = by && vector_is_null(&p->arg[1], m->row[i]);
        const int64_t step = by ? by[m->row[i]] : 1, at = (int64_t)i + (back ? -step : step);
        const bool in = !null && at >= (int64_t)p->from && at < (int64_t)p->to;
        m->pick[i] = in ? m->row[at] : ROWS_NONE;
        outside = outside || (!in && !null);
    }
    window_gather(p, &p->arg[0], m->pick, p->out);
    if (!outside || p->args < 3) return true;
    for (uint32_t i = p->from; i < p->to; i++) {
        const uint32_t row = m->row[i];
        const bool null = vector_is_null(&p->arg[1], row);
        const bool other = m->pick[i] == ROWS_NONE && !null;
        m->pick[i] = row;
        if (!other || vector_is_null(&p->arg[2], row)) continue;
        Value v = vector_value(&p->arg[2], row);
        v.type = p->out->type;
        p->out->nulls[row >> 6] &= ~(UINT64_C(1) << (row & 63));
        vector_set_value(p->out, row, &v);
    }
    return true;
}

static bool lag(const WindowPart *p, Err *err) { return (void)err, shift(p, true); }
static bool lead(const WindowPart *p, Err *err) { return (void)err, shift(p, false); }

// ---- rows of the frame ----

static bool first_value(const WindowPart *p, Err *err)
{
    const WindowMap *m = p->map;
    (void)err;
    for (uint32_t i = p->from; i < p->to; i++) {
        WindowPiece piece[3];
        m->pick[i] = window_pieces(p, i, piece) ? m->row[piece[0].from] : ROWS_NONE;
    }
    window_gather(p, p->arg, m->pick, p->out);
    return true;
}

static bool last_value(const WindowPart *p, Err *err)
{
    const WindowMap *m = p->map;
    (void)err;
    for (uint32_t i = p->from; i < p->to; i++) {
        WindowPiece piece[3];
        const uint32_t pieces = window_pieces(p, i, piece);
        m->pick[i] = pieces ? m->row[piece[pieces - 1].to - 1] : ROWS_NONE;
    }
    window_gather(p, p->arg, m->pick, p->out);
    return true;
}

static bool nth_value(const WindowPart *p, Err *err)
{
    const WindowMap *m = p->map;
    for (uint32_t i = p->from; i < p->to; i++) {
        WindowPiece piece[3];
        m->pick[i] = ROWS_NONE;
        if (vector_is_null(&p->arg[1], m->row[i])) continue;
        int64_t left = ((const int32_t *)p->arg[1].data)[m->row[i]];
        if (left <= 0) return err_set(err, "22016", "argument of nth_value must be greater than zero");
        const uint32_t pieces = window_pieces(p, i, piece);
        for (uint32_t k = 0; k < pieces && m->pick[i] == ROWS_NONE; k++) {
            const int64_t rows = piece[k].to - piece[k].from;
            if (left <= rows) m->pick[i] = m->row[piece[k].from + left - 1];
            left -= rows;
        }
    }
    window_gather(p, p->arg, m->pick, p->out);
    return true;
}

#define PLAIN(fn, T)                                                                                         \
    {                                                                                                        \
        .name = #fn, .result = T, .run = fn                                                                  \
    }
const WindowFunction fn_window[] = {
    PLAIN(row_number, TYPE_BIGINT),
    PLAIN(rank, TYPE_BIGINT),
    PLAIN(dense_rank, TYPE_BIGINT),
    PLAIN(percent_rank, TYPE_DOUBLE),
    PLAIN(cume_dist, TYPE_DOUBLE),
    {.name = "ntile", .args_min = 1, .args = 1, .arg = {TYPE_INTEGER}, .result = TYPE_INTEGER, .run = ntile},
    {.name = "lag", .args_min = 1, .args = 3, .arg = {TYPE_NULL, TYPE_INTEGER, TYPE_NULL}, .run = lag},
    {.name = "lead", .args_min = 1, .args = 3, .arg = {TYPE_NULL, TYPE_INTEGER, TYPE_NULL}, .run = lead},
    {.name = "first_value", .args_min = 1, .args = 1, .framed = true, .run = first_value},
    {.name = "last_value", .args_min = 1, .args = 1, .framed = true, .run = last_value},
    {.name = "nth_value",
     .args_min = 2,
     .args = 2,
     .framed = true,
     .arg = {TYPE_NULL, TYPE_INTEGER},
     .run = nth_value},
    {0},
};
