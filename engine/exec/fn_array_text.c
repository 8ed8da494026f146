// Arrays and rows: array_to_string, string_to_array, string_to_table; unnest and generate_subscripts, which
// give rows; array_agg. Texts are cut at a delimiter, at every character (NULL) or not at all ('').
#include "engine/base/utf8.h"
#include "engine/data/cell_text.h"
#include "engine/exec/array_work.h"
#include "engine/exec/fn.h"

// ---- array_to_string ----

static bool join_row(const Vector *arg, uint32_t args, Vector *out, uint32_t row, KernelContext *ctx)
{
    Array a;
    Bytes text;
    if (vector_is_null(&arg[0], row) || vector_is_null(&arg[1], row)) {
        vector_set_null(out, row);
        return true;
    }
    if (!elements_open(&a, &arg[0], row, ctx)) return false;
    bool shown_null = args > 2 && !vector_is_null(&arg[2], row), any = false;
    CellTextPut put = cell_text_put(a.element.id);
    bytes_init(&text, TYPE_VALUE_BYTES_MAX);
    for (uint32_t i = 0; i < a.count && !text.failed; i++) {
        Value v = array_value(&a, i, ctx->mem);
        if (v.null && !shown_null) continue;
        if (any) bytes_put(&text, fn_str(arg, 1, row));
        any = true;
        if (v.null)
            bytes_put(&text, fn_str(arg, 2, row));
        else
            put(&text, &v.boolean);
    }
    bool fine = !text.failed && fn_put(out, row, bytes_str(&text), ctx);
    if (text.failed)
        err_set_at(ctx->err, SQLSTATE_LIMIT, ctx->at, "the text is longer than one value may be");
    bytes_done(&text);
    return fine;
}

FN_KERNEL(array_to_string)
{
    FN_ROWS(r, {
        if (!join_row(arg, args, out, r, ctx)) return false;
    });
    return true;
}

// ---- cutting a text ----

typedef struct Cutting {
    Str rest, delimiter, null_text;
    bool characters, has_null, ended;
} Cutting;

static void cut_start(Cutting *c, const Value *text, const Value *delimiter, const Value *null_text)
{
    *c = (Cutting){.rest = text_str(&text->text), .characters = delimiter->null};
    if (!delimiter->null) c->delimiter = text_str(&delimiter->text);
    c->has_null = null_text && !null_text->null;
    if (c->has_null) c->null_text = text_str(&null_text->text);
    c->ended = !c->rest.len;
}

static bool cut_next(Cutting *c, Str *part, bool *null)
{
    if (c->ended) return false;
    size_t end = c->characters      ? utf8_offset(c->rest, 1)
                 : c->delimiter.len ? str_find(c->rest, c->delimiter, 0)
                                    : SIZE_MAX;
    size_t skip = c->characters ? 0 : c->delimiter.len;
    bool last = end == SIZE_MAX || (c->characters && end >= c->rest.len);
    *part = last ? c->rest : str_slice(c->rest, 0, end);
    c->ended = last;
    if (!last) c->rest = str_slice(c->rest, end + skip, c->rest.len);
    *null = c->has_null && str_equal(*part, c->null_text);
    return true;
}

static bool split_row(const Vector *arg, uint32_t args, Vector *out, uint32_t row, KernelContext *ctx)
{
    Value v[3] = {{.null = true}, {.null = true}, {.null = true}};
    Cutting c;
    Elements e;
    Str part;
    bool null;
    uint64_t count = 0;
    for (uint32_t i = 0; i < args; i++) v[i] = vector_value(&arg[i], row);
    if (v[0].null) {
        vector_set_null(out, row);
        return true;
    }
    for (cut_start(&c, &v[0], &v[1], args > 2 ? &v[2] : NULL); cut_next(&c, &part, &null);) count++;
    if (!elements_init(&e, type_of(TYPE_TEXT), count, ctx->mem, ctx->err)) return false;
    for (cut_start(&c, &v[0], &v[1], args > 2 ? &v[2] : NULL); cut_next(&c, &part, &null);) {
        Value one = {.type = e.type, .null = null, .text = text_of(part)};
        elements_add(&e, &one);
    }
    return elements_put_list(&e, 1, out, row, ctx);
}

FN_KERNEL(string_to_array)
{
    FN_ROWS(r, {
        if (!split_row(arg, args, out, r, ctx)) return false;
    });
    return true;
}

const Function fn_array_text[] = {
    {"array_to_string", 2, FUNCTION_ARRAYS, {TYPE_ARRAY, TYPE_TEXT}, TYPE_TEXT, array_to_string},
    {"array_to_string", 3, FUNCTION_ARRAYS, {TYPE_ARRAY, TYPE_TEXT, TYPE_TEXT}, TYPE_TEXT, array_to_string},
    {"string_to_array", 2, 0, {TYPE_TEXT, TYPE_TEXT}, FUNCTION_ARRAY_OF(TYPE_TEXT), string_to_array},
    {"string_to_array",
     3,
     0,
     {TYPE_TEXT, TYPE_TEXT, TYPE_TEXT},
     FUNCTION_ARRAY_OF(TYPE_TEXT),
     string_to_array},
    {0},
};

// ---- functions that give rows ----

typedef struct Unnest {
    Array a;
    uint32_t at;
} Unnest;

static bool damaged(KernelContext *ctx)
{
    return err_set_at(ctx->err, SQLSTATE_CORRUPT, ctx->at, "an array is damaged");
}

static bool unnest_open(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    Unnest *u = state;
    (void)args;
    return array_open(&u->a, &arg[0].text) || damaged(ctx);
}

static bool unnest_next(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made,
                        KernelContext *ctx)
{
    Unnest *u = state;
    uint32_t left = u->a.count - u->at;
    *made = left < room ? left : room;
    if (*made) array_read(&u->a, u->at, *made, out, to, ctx->mem);
    u->at += *made;
    return true;
}

typedef struct Subscripts {
    int64_t next, last;
    int step;
} Subscripts;

static bool subscripts_open(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    Subscripts *s = state;
    Array a;
    uint32_t d = (uint32_t)arg[1].i32 - 1;
    bool down = args > 2 && arg[2].boolean;
    if (!array_open(&a, &arg[0].text)) return damaged(ctx);
    *s = (Subscripts){.next = 1, .last = 0, .step = 1};
    if (d >= a.dims) return true;
    int64_t low = a.dim[d].lower, high = low + a.dim[d].length - 1;
    *s = down ? (Subscripts){high, low, -1} : (Subscripts){low, high, 1};
    return true;
}

static bool subscripts_next(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made,
                            KernelContext *ctx)
{
    Subscripts *s = state;
    (void)ctx;
    int64_t left = (s->last - s->next) * s->step + 1;
    uint32_t n = left <= 0 ? 0 : left < room ? (uint32_t)left : room;
    int32_t *cell = (int32_t *)out->data + to;
    for (uint32_t i = 0; i < n; i++) cell[i] = (int32_t)(s->next + (int64_t)i * s->step);
    s->next += (int64_t)n * s->step;
    *made = n;
    return true;
}

static bool table_open(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    Cutting *c = state;
    (void)ctx;
    cut_start(c, &arg[0], &arg[1], args > 2 ? &arg[2] : NULL);
    c->ended = c->ended || arg[0].null;
    return true;
}

static bool table_next(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made,
                       KernelContext *ctx)
{
    Str part;
    bool null;
    uint32_t n = 0;
    (void)ctx;
    for (; n < room && cut_next(state, &part, &null); n++) {
        Value v = {.type = type_of(TYPE_TEXT), .null = null, .text = text_of(part)};
        vector_set_value(out, to + n, &v);
    }
    *made = n;
    return true;
}

#define SET FUNCTION_SET
#define CALL(name, args, flags, result, ...)                                                                 \
    {                                                                                                        \
        name, args, (flags) | SET, {__VA_ARGS__}, result, NULL                                               \
    }

const TableFunction fn_array_rows[] = {
    {CALL("unnest", 1, FUNCTION_STRICT | FUNCTION_ARRAYS, TYPE_NULL, TYPE_ARRAY),
     1,
     {{NULL, TYPE_NULL}},
     sizeof(Unnest),
     unnest_open,
     unnest_next},
    {CALL("generate_subscripts", 2, FUNCTION_STRICT | FUNCTION_ARRAYS, TYPE_INTEGER, TYPE_ARRAY,
          TYPE_INTEGER),
     1,
     {{NULL, TYPE_INTEGER}},
     sizeof(Subscripts),
     subscripts_open,
     subscripts_next},
    {CALL("generate_subscripts", 3, FUNCTION_STRICT | FUNCTION_ARRAYS, TYPE_INTEGER, TYPE_ARRAY, TYPE_INTEGER,
          TYPE_BOOLEAN),
     1,
     {{NULL, TYPE_INTEGER}},
     sizeof(Subscripts),
     subscripts_open,
     subscripts_next},
    {CALL("string_to_table", 2, 0, TYPE_TEXT, TYPE_TEXT, TYPE_TEXT),
     1,
     {{NULL, TYPE_TEXT}},
     sizeof(Cutting),
     table_open,
     table_next},
    {CALL("string_to_table", 3, 0, TYPE_TEXT, TYPE_TEXT, TYPE_TEXT, TYPE_TEXT),
     1,
     {{NULL, TYPE_TEXT}},
     sizeof(Cutting),
     table_open,
     table_next},
    {.call = {.name = NULL}},
};

// ---- array_agg ----

// Elements come in pieces of growing size, so that none is copied twice.
typedef struct Piece {
    struct Piece *next;
    uint32_t count, cap;
    uint64_t *nulls;
    unsigned char *cells;
} Piece;
typedef struct Gather {
    Piece *first, *last;
    uint64_t count;
    Type type;
} Gather;

enum { PIECE_FIRST = 8, PIECE_MAX = 1 << 16 };

static Piece *piece_for(Gather *g, size_t size, Arena *mem)
{
    Piece *p = g->last;
    if (p && p->count < p->cap) return p;
    uint32_t cap = !p ? PIECE_FIRST : p->cap < PIECE_MAX ? p->cap * 2 : PIECE_MAX;
    Piece *fresh = arena_try(mem, 1, sizeof *fresh);
    if (!fresh) return NULL;
    fresh->cap = cap;
    fresh->nulls = arena_try(mem, cap / 64 + 1, sizeof(uint64_t));
    fresh->cells = arena_try(mem, cap, size);
    if (!fresh->nulls || !fresh->cells) return NULL;
    if (p)
        p->next = fresh;
    else
        g->first = fresh;
    return g->last = fresh;
}

static bool gather_update(unsigned char *base, size_t stride, const uint32_t *group, const Vector *arg,
                          const uint16_t *sel, uint32_t count, Arena *mem, Err *err)
{
    size_t size = phys_size(type_phys(arg->type.id));
    for (uint32_t k = 0; k < count; k++) {
        Gather *g = (Gather *)(void *)(base + (group ? group[k] * stride : 0));
        Value v = vector_value(arg, sel ? sel[k] : k);
        if (v.null && arg->type.id == TYPE_ARRAY)
            return err_set(err, "22004", "cannot accumulate null arrays");
        Piece *p = piece_for(g, size, mem);
        if (!p) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "out of memory for an array");
        v.type = arg->type;
        g->type = type_bare(arg->type);
        v = value_copy(mem, &v);
        if (v.null)
            p->nulls[p->count >> 6] |= UINT64_C(1) << (p->count & 63);
        else
            memcpy(p->cells + p->count * size, &v.boolean, size);
        p->count++;
        g->count++;
    }
    return true;
}

static bool differing(Err *err)
{
    return err_set(err, "2202E", "cannot accumulate arrays of different dimensionality");
}

// Arrays become one with a dimension more.
static bool stack_final(const Gather *g, Vector *out, uint32_t row, Arena *work, Arena *mem, Err *err)
{
    Elements e = {0};
    ArrayDim dim[ARRAY_DIMS_MAX] = {{1, (uint32_t)g->count}};
    Array first = {0};
    for (const Piece *p = g->first; p; p = p->next)
        for (uint32_t i = 0; i < p->count; i++) {
            Array a;
            if (!array_open(&a, (const Text *)(const void *)p->cells + i))
                return err_set(err, SQLSTATE_CORRUPT, "an array is damaged");
            if (!a.dims) return err_set(err, "2202E", "cannot accumulate empty arrays");
            if (!first.dims) {
                first = a;
                if (a.dims == ARRAY_DIMS_MAX)
                    return err_set(err, SQLSTATE_LIMIT,
                                   "number of array dimensions (%d) exceeds the maximum allowed (%d)",
                                   ARRAY_DIMS_MAX + 1, ARRAY_DIMS_MAX);
                if (!elements_init(&e, a.element, g->count * a.count, work, err)) return false;
            }
            if (a.dims != first.dims) return differing(err);
            for (uint32_t d = 0; d < a.dims; d++) {
                if (a.dim[d].length != first.dim[d].length) return differing(err);
                dim[d + 1] = first.dim[d];
            }
            elements_take(&e, &a, 0, a.count, work);
        }
    return array_make((Text *)out->data + row, e.type, dim, first.dims + 1, e.cells, e.nulls, e.count, mem,
                      err);
}

static bool gather_final(const unsigned char *state, Vector *out, uint32_t row, Arena *mem, Err *err)
{
    const Gather *g = (const Gather *)(const void *)state;
    Arena work = {0};
    Elements e;
    if (!g->count) {
        vector_set_null(out, row);
        return true;
    }
    if (g->type.id == TYPE_ARRAY) {
        bool stacked = stack_final(g, out, row, &work, mem, err);
        arena_done(&work);
        return stacked;
    }
    bool fine = elements_init(&e, g->type, g->count, &work, err);
    for (const Piece *p = g->first; fine && p; p = p->next) {
        memcpy(e.cells + (size_t)e.count * e.size, p->cells, (size_t)p->count * e.size);
        for (uint32_t i = 0; i < p->count; i++, e.count++)
            if (p->nulls[i >> 6] >> (i & 63) & 1) e.nulls[e.count >> 6] |= UINT64_C(1) << (e.count & 63);
    }
    fine = fine && array_make_list((Text *)out->data + row, g->type, e.cells, e.nulls, e.count, mem, err);
    arena_done(&work);
    return fine;
}

static Type gather_type(const Type *arg, uint32_t args)
{
    if (args && arg[0].id == TYPE_ARRAY) return type_bare(arg[0]);
    return args ? type_of_array(type_bare(arg[0])) : type_of(TYPE_NULL);
}

const Aggregate fn_array_aggregate[] = {
    {.name = "array_agg",
     .kind = AGGREGATE_OTHER,
     .args = 1,
     .arg = {TYPE_NULL},
     .result = TYPE_ARRAY,
     .state_size = sizeof(Gather),
     .update = gather_update,
     .final = gather_final,
     .result_type = gather_type},
    // What json_agg gathers; the blank keeps the name from being written.
    {.name = "json gather",
     .kind = AGGREGATE_OTHER,
     .flags = AGGREGATE_JSON,
     .args = 1,
     .arg = {TYPE_NULL},
     .result = TYPE_ARRAY,
     .state_size = sizeof(Gather),
     .update = gather_update,
     .final = gather_final,
     .result_type = gather_type},
    {0},
};
