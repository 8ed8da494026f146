// Functions that users made: db runs their bodies, row for row; the entry's name, types and flags are made by
// the binder. The first argument is the function's number.
#include "engine/exec/exec.h"
#include "engine/exec/fn.h"

enum { ROUTINE_CALL_ARGS_MAX = 128 };

static bool no_routines(KernelContext *ctx)
{
    return err_set_at(ctx->err, SQLSTATE_UNSUPPORTED, ctx->at,
                      "a function of the user's is not supported here");
}

bool fn_routine(const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count, Vector *out,
                KernelContext *ctx)
{
    Value value[ROUTINE_CALL_ARGS_MAX];
    const ExecContext *x = ctx->exec;
    if (!x || !x->routine || args < 1 || args > ROUTINE_CALL_ARGS_MAX) return no_routines(ctx);
    FN_ROWS(r, {
        Value result = {.null = true};
        for (uint32_t i = 0; i < args; i++) {
            value[i] = vector_value(&arg[i], arg[i].constant ? 0 : r);
            value[i].type = arg[i].type;
        }
        if (!x->routine(x->db, (uint64_t)value[0].i64, value + 1, args - 1, &result, ctx->mem, ctx->err))
            return false;
        if (result.null)
            vector_set_null(out, r);
        else
            vector_set_value(out, r, &result);
    });
    return true;
}

// ---- those that give rows ----

typedef struct RoutineChunk {
    struct RoutineChunk *next;
    uint32_t rows;
    Value *cell; // rows × columns
} RoutineChunk;

typedef struct RoutineRows {
    RoutineChunk *first, *last, *at;
    uint32_t row, columns; // of `at`
    KernelContext *ctx;    // while it is opened
    size_t held;
} RoutineRows;

static bool take_rows(void *self, const Batch *b)
{
    RoutineRows *s = self;
    Arena *keep = s->ctx->keep;
    size_t room = sizeof(Value) * b->columns * b->sel_len, most = s->ctx->exec->memory_max;
    s->held += room;
    RoutineChunk *c = arena_new(keep, RoutineChunk);
    c->cell =
        most && s->held > most ? NULL : arena_try(keep, (size_t)b->sel_len * b->columns + 1, sizeof(Value));
    if (!c->cell) {
        err_set(s->ctx->err, SQLSTATE_OUT_OF_MEMORY,
                "the rows of a function do not fit into the statement's memory");
        return false;
    }
    for (uint32_t i = 0; i < b->sel_len; i++)
        for (uint32_t k = 0; k < b->columns; k++) {
            Value v = vector_value(&b->vector[k], batch_row(b, i));
            v.type = b->vector[k].type;
            c->cell[(size_t)i * b->columns + k] = value_copy(keep, &v);
        }
    c->rows = b->sel_len;
    s->columns = b->columns;
    if (s->last)
        s->last->next = c;
    else
        s->first = s->at = c;
    s->last = c;
    return true;
}

static bool rows_open(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    RoutineRows *s = state;
    const ExecContext *x = ctx->exec;
    if (!x || !x->routine_rows || !args) return no_routines(ctx);
    s->ctx = ctx;
    return x->routine_rows(x->db, (uint64_t)arg[0].i64, arg + 1, args - 1, take_rows, s, ctx->err) &&
           !err_any(ctx->err);
}

static bool rows_next(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made,
                      KernelContext *ctx)
{
    RoutineRows *s = state;
    (void)ctx;
    for (*made = 0; *made < room && s->at;) {
        if (s->row == s->at->rows) {
            s->at = s->at->next;
            s->row = 0;
            continue;
        }
        const Value *cell = &s->at->cell[(size_t)s->row++ * s->columns];
        for (uint32_t k = 0; k < s->columns; k++) {
            if (cell[k].null)
                vector_set_null(&out[k], to + *made);
            else
                vector_set_value(&out[k], to + *made, &cell[k]);
        }
        ++*made;
    }
    return true;
}

const TableFunction fn_routine_rows = {
    .state_size = sizeof(RoutineRows), .open = rows_open, .next = rows_next};
