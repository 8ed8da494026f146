// Arrays: making them, elements and slices, what they hold, adding to them and comparing what is in them, as
// PostgreSQL 15 does. Each function takes the elements apart, works on native cells and makes a new array.
#include "engine/exec/array_work.h"
#include "engine/exec/fn.h"

#define ARRAYS   FUNCTION_ARRAYS
#define STRICT   FUNCTION_STRICT
#define OPERATOR FUNCTION_OPERATOR
#define INTERNAL FUNCTION_INTERNAL

static Value cell_value(const Vector *v, uint32_t row)
{
    Value x = vector_value(v, row);
    x.type = v->type;
    return x;
}

static int32_t cell_i32(const Vector *v, uint32_t row)
{
    return ((const int32_t *)v->data)[vector_slot(v, row)];
}
static int64_t upper_of(const Array *a, uint32_t d)
{
    return (int64_t)a->dim[d].lower + a->dim[d].length - 1;
}

static bool list_only(const Array *a, KernelContext *ctx)
{
    return a->dims <= 1 ||
           err_set_at(ctx->err, "22000", ctx->at, "argument must be empty or one-dimensional array");
}

// ---- making ----

FN_KERNEL(array_make_row)
{
    FN_ROWS(r, {
        Elements e;
        if (!elements_init(&e, type_element(out->type), args, ctx->mem, ctx->err)) return false;
        for (uint32_t i = 0; i < args; i++) {
            Value v = cell_value(&arg[i], r);
            elements_add(&e, &v);
        }
        if (!elements_put_list(&e, 1, out, r, ctx)) return false;
    });
    return true;
}

static bool stack_mismatch(KernelContext *ctx)
{
    return err_set_at(ctx->err, "2202E", ctx->at,
                      "multidimensional arrays must have array expressions with matching dimensions");
}

// Arrays of one shape become the rows of one with a dimension more; empty and NULL ones go when all are.
static bool stack_row(const Vector *arg, uint32_t args, Vector *out, uint32_t row, KernelContext *ctx)
{
    Array *a = arena_array(ctx->mem, Array, args + 1);
    uint32_t empty = 0;
    uint64_t total = 0;
    for (uint32_t i = 0; i < args; i++) {
        if (!vector_is_null(&arg[i], row) && !elements_open(&a[i], &arg[i], row, ctx)) return false;
        empty += !a[i].dims;
        total += a[i].count;
    }
    Elements e;
    if (!elements_init(&e, type_element(out->type), total, ctx->mem, ctx->err)) return false;
    if (empty == args) return elements_put_list(&e, 1, out, row, ctx);
    if (empty) return stack_mismatch(ctx);
    ArrayDim dim[ARRAY_DIMS_MAX + 1] = {{1, args}};
    if (a[0].dims == ARRAY_DIMS_MAX)
        return err_set_at(ctx->err, SQLSTATE_LIMIT, ctx->at,
                          "number of array dimensions (%d) exceeds the maximum allowed (%d)",
                          ARRAY_DIMS_MAX + 1, ARRAY_DIMS_MAX);
    for (uint32_t i = 0; i < args; i++) {
        if (a[i].dims != a[0].dims) return stack_mismatch(ctx);
        for (uint32_t d = 0; d < a[0].dims; d++) {
            if (a[i].dim[d].length != a[0].dim[d].length || a[i].dim[d].lower != a[0].dim[d].lower)
                return stack_mismatch(ctx);
            dim[d + 1] = a[0].dim[d];
        }
        elements_take(&e, &a[i], 0, a[i].count, ctx->mem);
    }
    return elements_put(&e, dim, a[0].dims + 1, out, row, ctx);
}

FN_KERNEL(array_stack)
{
    FN_ROWS(r, {
        if (!stack_row(arg, args, out, r, ctx)) return false;
    });
    return true;
}

// array_fill(value, lengths [, lower bounds])
static bool fill_row(const Vector *arg, uint32_t args, Vector *out, uint32_t row, KernelContext *ctx)
{
    Array length;
    Array lower = {0};
    ArrayDim dim[ARRAY_DIMS_MAX];
    if (vector_is_null(&arg[1], row) || (args > 2 && vector_is_null(&arg[2], row)))
        return err_set_at(ctx->err, "22004", ctx->at, "dimension array or low bound array cannot be null");
    if (!elements_open(&length, &arg[1], row, ctx) || (args > 2 && !elements_open(&lower, &arg[2], row, ctx)))
        return false;
    if ((length.count && length.element.id != TYPE_INTEGER) ||
        (lower.count && lower.element.id != TYPE_INTEGER))
        return err_set_at(ctx->err, SQLSTATE_TYPE_MISMATCH, ctx->at,
                          "dimensions and lower bounds are arrays of integer");
    if (length.dims > 1 || length.count > ARRAY_DIMS_MAX || (args > 2 && lower.count != length.count))
        return err_set_at(ctx->err, "2202E", ctx->at, "wrong number of array subscripts");
    uint64_t total = length.count ? 1 : 0;
    for (uint32_t d = 0; d < length.count; d++) {
        Value n = array_value(&length, d, ctx->mem), low = {.i32 = 1};
        if (args > 2) low = array_value(&lower, d, ctx->mem);
        if (n.null || low.null)
            return err_set_at(ctx->err, "22004", ctx->at, "dimension values cannot be null");
        if (n.i32 < 0)
            return err_set_at(ctx->err, SQLSTATE_LIMIT, ctx->at,
                              "array size exceeds the maximum allowed (%d)", ARRAY_ELEMENTS_MAX);
        dim[d] = (ArrayDim){low.i32, (uint32_t)n.i32};
        total *= (uint32_t)n.i32;
        if (total > ARRAY_ELEMENTS_MAX) break;
    }
    Elements e;
    Value v = cell_value(&arg[0], row);
    if (!elements_init(&e, type_element(out->type), total, ctx->mem, ctx->err)) return false;
    for (uint64_t i = 0; i < total; i++) elements_add(&e, &v);
    return elements_put(&e, dim, length.count, out, row, ctx);
}

FN_KERNEL(array_fill)
{
    FN_ROWS(r, {
        if (!fill_row(arg, args, out, r, ctx)) return false;
    });
    return true;
}

// ---- one element, a slice ----

FN_KERNEL(array_get)
{
    FN_ROWS(r, {
        Array a;
        int32_t at[16];
        uint32_t place;
        if (!elements_open(&a, &arg[0], r, ctx)) return false;
        for (uint32_t i = 1; i < args && i <= 16; i++) at[i - 1] = cell_i32(&arg[i], r);
        Value v = value_null(a.element);
        if (array_place(&a, at, args - 1, &place)) v = array_value(&a, place, ctx->mem);
        vector_set_value(out, r, &v);
    });
    return true;
}

// Copies the part of dimension d and those below it.
static void slice_take(Elements *e, const Array *a, const int64_t (*bound)[2], uint32_t d, uint32_t from,
                       uint32_t count, Arena *mem)
{
    uint32_t each = count / a->dim[d].length;
    uint32_t first = (uint32_t)(bound[d][0] - a->dim[d].lower), n = (uint32_t)(bound[d][1] - bound[d][0] + 1);
    if (d + 1 == a->dims) {
        elements_take(e, a, from + first, n, mem);
        return;
    }
    for (uint32_t i = 0; i < n; i++) slice_take(e, a, bound, d + 1, from + (first + i) * each, each, mem);
}

static bool slice_row(const Vector *arg, uint32_t args, Vector *out, uint32_t row, KernelContext *ctx)
{
    Array a;
    Elements e;
    int64_t bound[ARRAY_DIMS_MAX][2];
    ArrayDim dim[ARRAY_DIMS_MAX];
    uint32_t given = (args - 1) / 2;
    if (!elements_open(&a, &arg[0], row, ctx)) return false;
    uint64_t total = given <= a.dims && a.dims ? 1 : 0;
    for (uint32_t d = 0; d < a.dims && total; d++) {
        bound[d][0] = d < given ? cell_i32(&arg[1 + 2 * d], row) : INT32_MIN;
        bound[d][1] = d < given ? cell_i32(&arg[2 + 2 * d], row) : INT32_MAX;
        if (bound[d][0] < a.dim[d].lower) bound[d][0] = a.dim[d].lower;
        if (bound[d][1] > upper_of(&a, d)) bound[d][1] = upper_of(&a, d);
        total = bound[d][0] > bound[d][1] ? 0 : total * (uint64_t)(bound[d][1] - bound[d][0] + 1);
        if (total) dim[d] = (ArrayDim){1, (uint32_t)(bound[d][1] - bound[d][0] + 1)};
    }
    if (!elements_init(&e, a.element, total, ctx->mem, ctx->err)) return false;
    if (total) slice_take(&e, &a, (const int64_t(*)[2])bound, 0, 0, a.count, ctx->mem);
    return elements_put(&e, dim, a.dims, out, row, ctx);
}

FN_KERNEL(array_slice)
{
    FN_ROWS(r, {
        if (!slice_row(arg, args, out, r, ctx)) return false;
    });
    return true;
}

// A list grows to the element's place; what is between is NULL.
static bool set_in_list(const Array *a, int64_t at, const Value *v, Vector *out, uint32_t row,
                        KernelContext *ctx)
{
    Elements e;
    const Value none = value_null(type_of(TYPE_NULL));
    int64_t low = a->dims ? a->dim[0].lower : at, high = a->dims ? upper_of(a, 0) : at - 1;
    int64_t first = at < low ? at : low, last = at > high ? at : high;
    if (!elements_init(&e, type_element(out->type), (uint64_t)(last - first + 1), ctx->mem, ctx->err))
        return false;
    for (int64_t i = first; i < low; i++) elements_add(&e, i == at ? v : &none);
    for (int64_t i = low; i <= high; i++) {
        Value old = array_value(a, (uint32_t)(i - low), ctx->mem);
        elements_add(&e, i == at ? v : &old);
    }
    for (int64_t i = high + 1 > low ? high + 1 : low; i <= last; i++) elements_add(&e, i == at ? v : &none);
    return elements_put_list(&e, (int32_t)first, out, row, ctx);
}

static bool set_row(const Vector *arg, uint32_t args, Vector *out, uint32_t row, KernelContext *ctx)
{
    Array a = {.element = type_element(out->type)};
    int32_t at[16];
    uint32_t place, subscripts = args - 2;
    Value v = cell_value(&arg[1], row);
    if (!vector_is_null(&arg[0], row) && !elements_open(&a, &arg[0], row, ctx)) return false;
    for (uint32_t i = 0; i < subscripts && i < 16; i++) {
        if (vector_is_null(&arg[2 + i], row))
            return err_set_at(ctx->err, "22004", ctx->at, "array subscript in assignment must not be null");
        at[i] = cell_i32(&arg[2 + i], row);
    }
    if (a.dims && a.dims != subscripts)
        return err_set_at(ctx->err, "2202E", ctx->at, "wrong number of array subscripts");
    if (subscripts == 1) return set_in_list(&a, at[0], &v, out, row, ctx);
    Elements e;
    if (!elements_init(&e, a.element, a.dims ? a.count : 1, ctx->mem, ctx->err)) return false;
    if (!a.dims) {
        ArrayDim dim[16];
        for (uint32_t i = 0; i < subscripts && i < 16; i++) dim[i] = (ArrayDim){at[i], 1};
        elements_add(&e, &v);
        return subscripts <= ARRAY_DIMS_MAX
                   ? elements_put(&e, dim, subscripts, out, row, ctx)
                   : err_set_at(ctx->err, "2202E", ctx->at, "wrong number of array subscripts");
    }
    if (!array_place(&a, at, subscripts, &place))
        return err_set_at(ctx->err, "2202E", ctx->at, "array subscript out of range");
    for (uint32_t i = 0; i < a.count; i++) {
        Value old = array_value(&a, i, ctx->mem);
        elements_add(&e, i == place ? &v : &old);
    }
    return elements_put(&e, a.dim, a.dims, out, row, ctx);
}

FN_KERNEL(array_set)
{
    FN_ROWS(r, {
        if (!set_row(arg, args, out, r, ctx)) return false;
    });
    return true;
}

// ---- sizes ----

static void put_i32(Vector *out, uint32_t row, bool known, int64_t value)
{
    if (known)
        ((int32_t *)out->data)[row] = (int32_t)value;
    else
        vector_set_null(out, row);
}

#define ARRAY_NUMBER(name, KNOWN, VALUE)                                                                     \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_ROWS(r, {                                                                                         \
            Array a;                                                                                         \
            if (!elements_open(&a, &arg[0], r, ctx)) return false;                                           \
            const uint32_t d = args > 1 ? (uint32_t)cell_i32(&arg[1], r) - 1 : 0;                            \
            const bool known = KNOWN;                                                                        \
            put_i32(out, r, known, known ? (int64_t)(VALUE) : 0);                                            \
        });                                                                                                  \
        return true;                                                                                         \
    }
ARRAY_NUMBER(array_length, d < a.dims, a.dim[d].length)
ARRAY_NUMBER(array_lower, d < a.dims, a.dim[d].lower)
ARRAY_NUMBER(array_upper, d < a.dims, upper_of(&a, d))
ARRAY_NUMBER(array_ndims, a.dims > d, a.dims)
ARRAY_NUMBER(array_cardinality, d == 0, a.count)

FN_KERNEL(array_dims)
{
    (void)args;
    FN_ROWS(r, {
        Array a;
        Str text = STR("");
        if (!elements_open(&a, &arg[0], r, ctx)) return false;
        for (uint32_t d = 0; d < a.dims; d++)
            text = arena_printf(ctx->mem, "%.*s[%d:%lld]", STR_ARG(text), a.dim[d].lower,
                                (long long)upper_of(&a, d));
        if (!a.dims)
            vector_set_null(out, r);
        else if (!fn_put(out, r, text, ctx))
            return false;
    });
    return true;
}

// ---- adding and taking away ----

static bool add_row(const Vector *array, const Vector *element, bool in_front, Vector *out, uint32_t row,
                    KernelContext *ctx)
{
    Array a = {.element = type_element(out->type)};
    Elements e;
    Value v = cell_value(element, row);
    if (!vector_is_null(array, row) && !elements_open(&a, array, row, ctx)) return false;
    if (!list_only(&a, ctx) || !elements_init(&e, a.element, (uint64_t)a.count + 1, ctx->mem, ctx->err))
        return false;
    if (in_front) elements_add(&e, &v);
    elements_take(&e, &a, 0, a.count, ctx->mem);
    if (!in_front) elements_add(&e, &v);
    return elements_put_list(&e, a.dims ? a.dim[0].lower : 1, out, row, ctx);
}

FN_KERNEL(array_append)
{
    (void)args;
    FN_ROWS(r, {
        if (!add_row(&arg[0], &arg[1], false, out, r, ctx)) return false;
    });
    return true;
}
FN_KERNEL(array_prepend)
{
    (void)args;
    FN_ROWS(r, {
        if (!add_row(&arg[1], &arg[0], true, out, r, ctx)) return false;
    });
    return true;
}

static bool cat_mismatch(KernelContext *ctx)
{
    return err_set_at(ctx->err, "2202E", ctx->at, "cannot concatenate incompatible arrays");
}

// Arrays of one shape behind each other, or one that is a row of the other.
static bool cat_arrays(const Array *a, const Array *b, Vector *out, uint32_t row, KernelContext *ctx)
{
    ArrayDim dim[ARRAY_DIMS_MAX];
    const Array *large = a->dims >= b->dims ? a : b, *small = a->dims >= b->dims ? b : a;
    uint32_t apart = large->dims - small->dims;
    if (apart > 1) return cat_mismatch(ctx);
    for (uint32_t d = 0; d < large->dims; d++) dim[d] = large->dim[d];
    for (uint32_t d = 1; d < large->dims; d++)
        if (large->dim[d].length != small->dim[d - apart].length) return cat_mismatch(ctx);
    dim[0].length = large->dim[0].length + (apart ? 1 : small->dim[0].length);
    if (!apart) dim[0].lower = a->dim[0].lower;
    Elements e;
    if (!elements_init(&e, type_element(out->type), (uint64_t)a->count + b->count, ctx->mem, ctx->err))
        return false;
    elements_take(&e, a, 0, a->count, ctx->mem);
    elements_take(&e, b, 0, b->count, ctx->mem);
    return elements_put(&e, dim, large->dims, out, row, ctx);
}

static bool cat_row(const Vector *arg, Vector *out, uint32_t row, KernelContext *ctx)
{
    bool null[2] = {vector_is_null(&arg[0], row), vector_is_null(&arg[1], row)};
    Array a[2] = {{.count = 0}, {.count = 0}};
    for (int i = 0; i < 2; i++)
        if (!null[i] && !elements_open(&a[i], &arg[i], row, ctx)) return false;
    if (null[0] && null[1]) {
        vector_set_null(out, row);
        return true;
    }
    for (int i = 0; i < 2; i++) {
        if (!null[i] && a[i].dims) continue;
        Value other = cell_value(&arg[null[1 - i] ? i : 1 - i], row);
        vector_set_value(out, row, &other);
        return true;
    }
    return cat_arrays(&a[0], &a[1], out, row, ctx);
}

FN_KERNEL(array_cat)
{
    (void)args;
    FN_ROWS(r, {
        if (!cat_row(arg, out, r, ctx)) return false;
    });
    return true;
}

static bool same_value(const Value *a, const Value *b)
{
    if (a->null || b->null) return a->null && b->null;
    return value_equal(a, b);
}

FN_KERNEL(array_remove)
{
    (void)args;
    FN_ROWS(r, {
        Array a;
        Elements e;
        Value gone = cell_value(&arg[1], r);
        if (vector_is_null(&arg[0], r)) {
            vector_set_null(out, r);
            continue;
        }
        if (!elements_open(&a, &arg[0], r, ctx)) return false;
        if (a.dims > 1)
            return err_set_at(ctx->err, SQLSTATE_UNSUPPORTED, ctx->at,
                              "removing elements from multidimensional arrays is not supported");
        if (!elements_init(&e, a.element, a.count, ctx->mem, ctx->err)) return false;
        for (uint32_t i = 0; i < a.count; i++) {
            Value v = array_value(&a, i, ctx->mem);
            if (!same_value(&v, &gone)) elements_add(&e, &v);
        }
        if (!elements_put_list(&e, a.dims ? a.dim[0].lower : 1, out, r, ctx)) return false;
    });
    return true;
}

FN_KERNEL(array_replace)
{
    (void)args;
    FN_ROWS(r, {
        Array a;
        Elements e;
        Value old = cell_value(&arg[1], r);
        Value fresh = cell_value(&arg[2], r);
        if (vector_is_null(&arg[0], r)) {
            vector_set_null(out, r);
            continue;
        }
        if (!elements_open(&a, &arg[0], r, ctx) || !elements_init(&e, a.element, a.count, ctx->mem, ctx->err))
            return false;
        for (uint32_t i = 0; i < a.count; i++) {
            Value v = array_value(&a, i, ctx->mem);
            elements_add(&e, same_value(&v, &old) ? &fresh : &v);
        }
        if (!elements_put(&e, a.dim, a.dims, out, r, ctx)) return false;
    });
    return true;
}

FN_KERNEL(array_trim)
{
    (void)args;
    FN_ROWS(r, {
        Array a;
        Elements e;
        int32_t n = cell_i32(&arg[1], r);
        if (!elements_open(&a, &arg[0], r, ctx)) return false;
        uint32_t length = a.dims ? a.dim[0].length : 0;
        if (n < 0 || (uint32_t)n > length)
            return err_set_at(ctx->err, "2202E", ctx->at,
                              "number of elements to trim must be between 0 and %u", (unsigned)length);
        uint32_t kept = length ? a.count / length * (length - (uint32_t)n) : 0;
        if (!elements_init(&e, a.element, kept, ctx->mem, ctx->err)) return false;
        elements_take(&e, &a, 0, kept, ctx->mem);
        if (length) a.dim[0].length -= (uint32_t)n;
        for (uint32_t d = 0; d < a.dims; d++) a.dim[d].lower = 1;
        if (!elements_put(&e, a.dim, a.dims, out, r, ctx)) return false;
    });
    return true;
}

// ---- searching ----

static bool search_allowed(const Array *a, KernelContext *ctx)
{
    return a->dims <= 1 || err_set_at(ctx->err, SQLSTATE_UNSUPPORTED, ctx->at,
                                      "searching for elements in multidimensional arrays is not supported");
}

FN_KERNEL(array_position)
{
    FN_ROWS(r, {
        Array a;
        Value wanted = cell_value(&arg[1], r);
        int64_t found = 0;
        bool is = false;
        if (vector_is_null(&arg[0], r)) {
            vector_set_null(out, r);
            continue;
        }
        if (!elements_open(&a, &arg[0], r, ctx) || !search_allowed(&a, ctx)) return false;
        if (args > 2 && vector_is_null(&arg[2], r))
            return err_set_at(ctx->err, "22004", ctx->at, "initial position must not be null");
        int64_t from = args > 2 ? (int64_t)cell_i32(&arg[2], r) - (a.dims ? a.dim[0].lower : 1) : 0;
        for (int64_t i = from < 0 ? 0 : from; i < a.count && !is; i++) {
            Value v = array_value(&a, (uint32_t)i, ctx->mem);
            is = same_value(&v, &wanted);
            found = i + a.dim[0].lower;
        }
        put_i32(out, r, is, found);
    });
    return true;
}

FN_KERNEL(array_positions)
{
    (void)args;
    FN_ROWS(r, {
        Array a;
        Elements e;
        Value wanted = cell_value(&arg[1], r);
        if (vector_is_null(&arg[0], r)) {
            vector_set_null(out, r);
            continue;
        }
        if (!elements_open(&a, &arg[0], r, ctx) || !search_allowed(&a, ctx)) return false;
        if (!elements_init(&e, type_of(TYPE_INTEGER), a.count, ctx->mem, ctx->err)) return false;
        for (uint32_t i = 0; i < a.count; i++) {
            Value v = array_value(&a, i, ctx->mem);
            Value at = {.type = type_of(TYPE_INTEGER), .i32 = a.dim[0].lower + (int32_t)i};
            if (same_value(&v, &wanted)) elements_add(&e, &at);
        }
        if (!elements_put_list(&e, 1, out, r, ctx)) return false;
    });
    return true;
}

static bool has(const Array *a, const Value *v, Arena *mem)
{
    for (uint32_t i = 0; i < a->count; i++) {
        Value x = array_value(a, i, mem);
        if (!x.null && value_equal(&x, v)) return true;
    }
    return false;
}

// NULL is in no array.
static bool holds(const Array *a, const Array *b, bool all, Arena *mem)
{
    for (uint32_t i = 0; i < b->count; i++) {
        Value v = array_value(b, i, mem);
        if ((!v.null && has(a, &v, mem)) != all) return !all;
    }
    return all;
}

#define ARRAY_HOLDS(name, LEFT, RIGHT, ALL)                                                                  \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        (void)args;                                                                                          \
        FN_ROWS(r, {                                                                                         \
            Array a;                                                                                         \
            Array b;                                                                                         \
            if (!elements_open(&a, &arg[LEFT], r, ctx) || !elements_open(&b, &arg[RIGHT], r, ctx))           \
                return false;                                                                                \
            FN_OUT(uint8_t)[r] = holds(&a, &b, ALL, ctx->mem);                                               \
        });                                                                                                  \
        return true;                                                                                         \
    }
ARRAY_HOLDS(array_contains, 0, 1, true)
ARRAY_HOLDS(array_within, 1, 0, true)
ARRAY_HOLDS(array_overlaps, 0, 1, false)

#define A TYPE_ARRAY
#define E TYPE_NULL

const Function fn_array[] = {
    {"array make", 1, INTERNAL | FUNCTION_VARIADIC, {E}, A, array_make_row},
    {"array stack", 1, INTERNAL | FUNCTION_VARIADIC, {A}, A, array_stack},
    {"array get", 2, INTERNAL | STRICT, {A, TYPE_INTEGER}, E, array_get},
    {"array slice", 3, INTERNAL | STRICT, {A, TYPE_INTEGER, TYPE_INTEGER}, A, array_slice},
    {"array set", 3, INTERNAL, {A, E, TYPE_INTEGER}, A, array_set},
    {"array_fill", 2, 0, {E, A}, A, array_fill},
    {"array_fill", 3, 0, {E, A, A}, A, array_fill},
    {"array_length", 2, ARRAYS | STRICT, {A, TYPE_INTEGER}, TYPE_INTEGER, array_length},
    {"array_lower", 2, ARRAYS | STRICT, {A, TYPE_INTEGER}, TYPE_INTEGER, array_lower},
    {"array_upper", 2, ARRAYS | STRICT, {A, TYPE_INTEGER}, TYPE_INTEGER, array_upper},
    {"array_ndims", 1, ARRAYS | STRICT, {A}, TYPE_INTEGER, array_ndims},
    {"cardinality", 1, ARRAYS | STRICT, {A}, TYPE_INTEGER, array_cardinality},
    {"array_dims", 1, ARRAYS | STRICT, {A}, TYPE_TEXT, array_dims},
    {"array_append", 2, ARRAYS, {A, E}, A, array_append},
    {"array_prepend", 2, ARRAYS, {E, A}, A, array_prepend},
    {"array_cat", 2, ARRAYS, {A, A}, A, array_cat},
    {"||", 2, ARRAYS | OPERATOR, {A, A}, A, array_cat},
    {"||", 2, ARRAYS | OPERATOR, {A, E}, A, array_append},
    {"||", 2, ARRAYS | OPERATOR, {E, A}, A, array_prepend},
    {"array_remove", 2, ARRAYS, {A, E}, A, array_remove},
    {"array_replace", 3, ARRAYS, {A, E, E}, A, array_replace},
    {"trim_array", 2, ARRAYS | STRICT, {A, TYPE_INTEGER}, A, array_trim},
    {"array_position", 2, ARRAYS, {A, E}, TYPE_INTEGER, array_position},
    {"array_position", 3, ARRAYS, {A, E, TYPE_INTEGER}, TYPE_INTEGER, array_position},
    {"array_positions", 2, ARRAYS, {A, E}, FUNCTION_ARRAY_OF(TYPE_INTEGER), array_positions},
    {"@>", 2, ARRAYS | STRICT | OPERATOR, {A, A}, TYPE_BOOLEAN, array_contains},
    {"<@", 2, ARRAYS | STRICT | OPERATOR, {A, A}, TYPE_BOOLEAN, array_within},
    {"&&", 2, ARRAYS | STRICT | OPERATOR, {A, A}, TYPE_BOOLEAN, array_overlaps},
    {0},
};
