// Series: generate_series over whole and exact numbers. Whole numbers are counted beforehand, so that the
// loop that writes them neither compares nor overflows.
#include "engine/exec/fn.h"

#include "engine/data/datetime.h"

typedef struct WholeSeries {
    int64_t next, step;
    uint64_t left; // after `next`
    bool ended;
} WholeSeries;

static bool series_step_zero(KernelContext *ctx)
{
    return err_set_at(ctx->err, "22023", ctx->at, "step size cannot equal zero");
}

static bool whole_start(WholeSeries *s, int64_t from, int64_t to, int64_t step, KernelContext *ctx)
{
    const uint64_t stride = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
    if (!stride) return series_step_zero(ctx);
    s->ended = step > 0 ? from > to : from < to;
    s->next = from;
    s->step = step;
    if (s->ended) return true;
    uint64_t span = step > 0 ? (uint64_t)to - (uint64_t)from : (uint64_t)from - (uint64_t)to;
    s->left = span / stride;
    return true;
}

static bool i32_open(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    return whole_start(state, arg[0].i32, arg[1].i32, args > 2 ? arg[2].i32 : 1, ctx);
}
static bool i64_open(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    return whole_start(state, arg[0].i64, arg[1].i64, args > 2 ? arg[2].i64 : 1, ctx);
}

// The numbers that follow; the last of all is reached without going past it.
#define WHOLE_NEXT(name, T)                                                                                  \
    static bool name(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made,                   \
                     KernelContext *ctx)                                                                     \
    {                                                                                                        \
        WholeSeries *s = state;                                                                              \
        T *cell = (T *)out->data + to;                                                                       \
        (void)ctx;                                                                                           \
        if (s->ended) return true;                                                                           \
        uint32_t n = s->left >= room ? room : (uint32_t)s->left + 1;                                         \
        uint64_t v = (uint64_t)s->next;                                                                      \
        const uint64_t step = (uint64_t)s->step;                                                             \
        for (uint32_t i = 0; i < n; i++) cell[i] = (T)(int64_t)(v + i * step);                               \
        s->next = (int64_t)(v + n * step);                                                                   \
        s->ended = n > s->left;                                                                              \
        s->left -= s->ended ? s->left : n;                                                                   \
        *made = n;                                                                                           \
        return true;                                                                                         \
    }
WHOLE_NEXT(i32_next, int32_t)
WHOLE_NEXT(i64_next, int64_t)

// ---- numeric ----

// Row i is worked out from the first one, so that nothing has to be kept from batch to batch.
typedef struct NumericSeries {
    Numeric from, to, step;
    int64_t row;
    bool down;
} NumericSeries;

static bool numeric_usable(const Value *v, const char *what, KernelContext *ctx)
{
    if (v->numeric.kind == NUMERIC_NAN)
        return err_set_at(ctx->err, "22023", ctx->at, "%s cannot be NaN", what);
    if (v->numeric.kind == NUMERIC_INF || v->numeric.kind == NUMERIC_NEG_INF)
        return err_set_at(ctx->err, "22023", ctx->at, "%s cannot be infinity", what);
    return true;
}

static bool decimal_open(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    NumericSeries *s = state;
    if (!numeric_usable(&arg[0], "start value", ctx) || !numeric_usable(&arg[1], "stop value", ctx) ||
        (args > 2 && !numeric_usable(&arg[2], "step size", ctx)))
        return false;
    s->from = arg[0].numeric;
    s->to = arg[1].numeric;
    s->step = args > 2 ? arg[2].numeric : numeric_small(1, 0);
    if (!numeric_sign(&s->step)) return series_step_zero(ctx);
    s->down = numeric_sign(&s->step) < 0;
    return true;
}

static bool decimal_next(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made,
                         KernelContext *ctx)
{
    NumericSeries *s = state;
    Numeric *cell = (Numeric *)out->data + to;
    uint32_t n = 0;
    for (; n < room; n++, s->row++) {
        Numeric row = numeric_from_int64(s->row, ctx->mem), far;
        cell[n] = s->from;
        if (s->row && (!numeric_mul(&far, &s->step, &row, ctx->mem, ctx->err) ||
                       !numeric_add(&cell[n], &s->from, &far, ctx->mem, ctx->err)))
            return false;
        int order = numeric_compare(&cell[n], &s->to);
        if (s->down ? order < 0 : order > 0) break;
    }
    if (n < room) cell[n] = (Numeric){0};
    *made = n;
    return true;
}

// ---- moments ----

typedef struct MomentSeries {
    int64_t next, to;
    Interval step;
    bool down, with_zone;
} MomentSeries;

static bool moment_open(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    MomentSeries *s = state;
    const Interval none = {0};
    (void)args;
    *s = (MomentSeries){.next = arg[0].i64, .to = arg[1].i64, .step = arg[2].interval};
    s->with_zone = arg[0].type.id == TYPE_TIMESTAMPTZ;
    const int order = interval_compare(&s->step, &none);
    s->down = order < 0;
    return order ? true : series_step_zero(ctx);
}

static bool moment_next(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made,
                        KernelContext *ctx)
{
    MomentSeries *s = state;
    int64_t *cell = (int64_t *)out->data + to;
    uint32_t n = 0;
    for (; n < room && (s->down ? s->next >= s->to : s->next <= s->to); n++) {
        cell[n] = s->next;
        const bool went = s->with_zone ? fn_moment_add(&s->next, s->next, &s->step, fn_zone(ctx))
                                       : timestamp_add_interval(&s->next, s->next, &s->step);
        if (!went) return err_set_at(ctx->err, "22008", ctx->at, "timestamp out of range");
    }
    *made = n;
    return true;
}

#define SERIES(type, two, three, start, rows, Kind)                                                          \
    {                                                                                                        \
        .call = {"generate_series", two, FUNCTION_STRICT | FUNCTION_SET, {type, type, three}, type, NULL},   \
        .columns = 1, .column = {{NULL, type}}, .state_size = sizeof(Kind), .open = start, .next = rows      \
    }

#define MOMENTS(type, flag)                                                                                  \
    {                                                                                                        \
        .call = {"generate_series",           3,    FUNCTION_STRICT | FUNCTION_SET | (flag),                 \
                 {type, type, TYPE_INTERVAL}, type, NULL},                                                   \
        .columns = 1, .column = {{NULL, type}}, .state_size = sizeof(MomentSeries), .open = moment_open,     \
        .next = moment_next                                                                                  \
    }

const TableFunction fn_series[] = {
    SERIES(TYPE_INTEGER, 2, TYPE_NULL, i32_open, i32_next, WholeSeries),
    SERIES(TYPE_INTEGER, 3, TYPE_INTEGER, i32_open, i32_next, WholeSeries),
    SERIES(TYPE_BIGINT, 2, TYPE_NULL, i64_open, i64_next, WholeSeries),
    SERIES(TYPE_BIGINT, 3, TYPE_BIGINT, i64_open, i64_next, WholeSeries),
    SERIES(TYPE_NUMERIC, 2, TYPE_NULL, decimal_open, decimal_next, NumericSeries),
    SERIES(TYPE_NUMERIC, 3, TYPE_NUMERIC, decimal_open, decimal_next, NumericSeries),
    MOMENTS(TYPE_TIMESTAMP, 0),
    MOMENTS(TYPE_TIMESTAMPTZ, FUNCTION_STABLE),
    {.call = {.name = NULL}},
};
