// Array: opening, reading, making and comparing the bytes of an array. Nothing in them is aligned, so every
// number is copied out.
#include "engine/data/array.h"

#include "engine/base/hash.h"
#include "engine/data/cast.h"
#include "engine/data/record.h"

enum { HEAD_SIZE = 12, DIM_SIZE = 8 };

static uint32_t get_u32(const unsigned char *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

static void put_u32(unsigned char *at, uint32_t v) { memcpy(at, &v, sizeof v); }

// Elements whose cells may point elsewhere are kept as bytes with an end each.
static bool is_long(Type element) { return phys_is_long(type_phys(element.id)); }
static size_t cell_size(Type element) { return phys_size(type_phys(element.id)); }

// ---- opening ----

static bool open_dims(Array *a, const unsigned char **at, const unsigned char *end)
{
    uint64_t all = a->dims ? 1 : 0;
    if (a->dims > ARRAY_DIMS_MAX || (size_t)(end - *at) < (size_t)a->dims * DIM_SIZE) return false;
    for (uint32_t d = 0; d < a->dims; d++, *at += DIM_SIZE) {
        a->dim[d] = (ArrayDim){(int32_t)get_u32(*at), get_u32(*at + 4)};
        all *= a->dim[d].length;
        if (!all || all > ARRAY_ELEMENTS_MAX) return false;
    }
    return all == a->count;
}

static bool open_long(Array *a, const unsigned char *at, const unsigned char *end)
{
    if ((size_t)(end - at) < (size_t)a->count * 4) return false;
    a->ends = at;
    a->bytes = at + (size_t)a->count * 4;
    uint32_t before = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        uint32_t next = get_u32(at + (size_t)i * 4);
        if (next < before) return false;
        before = next;
    }
    return (size_t)(end - a->bytes) == before;
}

bool array_open(Array *out, const Text *cell)
{
    Str s = text_str(cell);
    const unsigned char *at = (const unsigned char *)s.at, *end = at + s.len;
    *out = (Array){0};
    if (s.len < HEAD_SIZE) return false;
    uint32_t of = get_u32(at);
    if ((of & 0xff) >= TYPE_COUNT || (of & 0xff) == TYPE_NULL || (of & 0xff) == TYPE_ARRAY) return false;
    out->element = type_element((Type){.id = TYPE_ARRAY, .of = of});
    out->dims = at[4];
    out->count = get_u32(at + 8);
    bool has_nulls = at[5];
    at += HEAD_SIZE;
    if (!open_dims(out, &at, end)) return false;
    if (has_nulls) {
        size_t size = ((size_t)out->count + 7) / 8;
        if ((size_t)(end - at) < size) return false;
        out->nulls = at;
        at += size;
    }
    if (is_long(out->element)) return open_long(out, at, end);
    out->cells = at;
    return (size_t)(end - at) == (size_t)out->count * cell_size(out->element);
}

bool array_place(const Array *a, const int32_t *subscript, uint32_t subscripts, uint32_t *place)
{
    if (!a->dims || subscripts != a->dims) return false;
    uint64_t at = 0;
    for (uint32_t d = 0; d < a->dims; d++) {
        int64_t i = (int64_t)subscript[d] - a->dim[d].lower;
        if (i < 0 || i >= a->dim[d].length) return false;
        at = at * a->dim[d].length + (uint64_t)i;
    }
    *place = (uint32_t)at;
    return true;
}

// ---- elements out ----

static Str long_bytes(const Array *a, uint32_t i)
{
    uint32_t from = i ? get_u32(a->ends + (size_t)(i - 1) * 4) : 0, to = get_u32(a->ends + (size_t)i * 4);
    return (Str){(const char *)a->bytes + from, to - from};
}

// A short numeric lies there as it is in a cell, a long one as its text.
static Numeric read_numeric(Str s, Arena *mem)
{
    Numeric n = {0};
    Err none = {0};
    if (s.len == sizeof n + 1 && s.at[0] == 's')
        memcpy(&n, s.at + 1, sizeof n);
    else if (!s.len || !numeric_from_text(&n, str_slice(s, 1, s.len - 1), mem, &none))
        n = (Numeric){.kind = NUMERIC_NAN};
    return n;
}

static void read_nulls(const Array *a, uint32_t from, uint32_t count, Vector *out, uint32_t to)
{
    for (uint32_t i = 0; a->nulls && i < count; i++)
        if (array_is_null(a, from + i)) vector_set_null(out, to + i);
}

void array_read(const Array *a, uint32_t from, uint32_t count, Vector *out, uint32_t to, Arena *mem)
{
    read_nulls(a, from, count, out, to);
    size_t size = cell_size(a->element);
    if (!is_long(a->element)) {
        memcpy((char *)out->data + size * to, a->cells + size * from, size * count);
        return;
    }
    bool numeric = type_phys(a->element.id) == PHYS_NUMERIC;
    for (uint32_t i = 0; i < count; i++) {
        if (array_is_null(a, from + i)) {
            memset((char *)out->data + size * (to + i), 0, size);
            continue;
        }
        Str s = long_bytes(a, from + i);
        if (numeric)
            ((Numeric *)out->data)[to + i] = read_numeric(s, mem);
        else
            ((Text *)out->data)[to + i] = text_of(s);
    }
}

Value array_value(const Array *a, uint32_t i, Arena *mem)
{
    uint64_t nulls = 0;
    Value v = {.type = a->element};
    Vector one = {.type = a->element, .data = &v.boolean, .nulls = &nulls};
    array_read(a, i, 1, &one, 0, mem);
    v.null = nulls != 0;
    return v;
}

// ---- making ----

static bool is_null(const uint64_t *nulls, uint32_t i) { return nulls && (nulls[i >> 6] >> (i & 63) & 1); }

static size_t long_size(Type element, const void *cells, uint32_t i)
{
    if (type_phys(element.id) != PHYS_NUMERIC) return ((const Text *)cells)[i].len;
    const Numeric *n = &((const Numeric *)cells)[i];
    char text[NUMERIC_TEXT_MAX];
    return n->kind == NUMERIC_BIG ? numeric_to_text(n, text, sizeof text) + 1 : sizeof *n + 1;
}

static void put_long(unsigned char *at, Type element, const void *cells, uint32_t i, size_t size)
{
    if (type_phys(element.id) != PHYS_NUMERIC) {
        Str s = text_str(&((const Text *)cells)[i]);
        if (s.len) memcpy(at, s.at, s.len);
        return;
    }
    const Numeric *n = &((const Numeric *)cells)[i];
    if (n->kind != NUMERIC_BIG) {
        *at = 's';
        memcpy(at + 1, n, sizeof *n);
        return;
    }
    char text[NUMERIC_TEXT_MAX];
    numeric_to_text(n, text, sizeof text);
    *at = 't';
    memcpy(at + 1, text, size - 1);
}

size_t array_cell_size(Type element, const void *cell)
{
    return is_long(element) ? long_size(element, cell, 0) : cell_size(element);
}

void array_cell_put(unsigned char *at, Type element, const void *cell, size_t size)
{
    if (is_long(element))
        put_long(at, element, cell, 0, size);
    else
        memcpy(at, cell, size);
}

Value array_cell_value(Type element, Str bytes, Arena *mem)
{
    Value v = {.type = element};
    if (!is_long(element))
        memcpy(&v.boolean, bytes.at, bytes.len < cell_size(element) ? bytes.len : cell_size(element));
    else if (type_phys(element.id) == PHYS_NUMERIC)
        v.numeric = read_numeric(bytes, mem);
    else
        v.text = text_of(bytes);
    return v;
}

typedef struct Making {
    Type element;
    const void *cells;
    const uint64_t *nulls;
    uint32_t count;
    bool has_nulls;
} Making;

static size_t elements_size(const Making *m)
{
    if (!is_long(m->element)) return (size_t)m->count * cell_size(m->element);
    size_t size = (size_t)m->count * 4;
    for (uint32_t i = 0; i < m->count; i++)
        if (!is_null(m->nulls, i)) size += long_size(m->element, m->cells, i);
    return size;
}

static void put_elements(const Making *m, unsigned char *at)
{
    size_t size = cell_size(m->element);
    if (!is_long(m->element)) {
        if (m->count) memcpy(at, m->cells, (size_t)m->count * size);
        for (uint32_t i = 0; m->has_nulls && i < m->count; i++)
            if (is_null(m->nulls, i)) memset(at + (size_t)i * size, 0, size);
        return;
    }
    unsigned char *bytes = at + (size_t)m->count * 4;
    size_t end = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        size_t len = is_null(m->nulls, i) ? 0 : long_size(m->element, m->cells, i);
        if (len) put_long(bytes + end, m->element, m->cells, i, len);
        end += len;
        put_u32(at + (size_t)i * 4, (uint32_t)end);
    }
}

bool array_make(Text *out, Type element, const ArrayDim *dim, uint32_t dims, const void *cells,
                const uint64_t *nulls, uint32_t count, Arena *mem, Err *err)
{
    if (count > ARRAY_ELEMENTS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "array size exceeds the maximum allowed (%d)",
                       ARRAY_ELEMENTS_MAX);
    if (!count) dims = 0;
    Making m = {element, cells, nulls, count, false};
    for (uint32_t i = 0; nulls && i < count && !m.has_nulls; i++) m.has_nulls = is_null(nulls, i);
    size_t null_size = m.has_nulls ? ((size_t)count + 7) / 8 : 0;
    size_t head = HEAD_SIZE + (size_t)dims * DIM_SIZE + null_size, size = head + elements_size(&m);
    if (size > TYPE_VALUE_BYTES_MAX)
        return err_set(err, SQLSTATE_LIMIT,
                       "an array of %zu bytes is longer than the %d that one value may have", size,
                       TYPE_VALUE_BYTES_MAX);
    unsigned char *at = arena_try(mem, size, 1);
    if (!at) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for an array of %zu bytes", size);
    put_u32(at, type_of_array(element).of);
    at[4] = (unsigned char)dims;
    at[5] = m.has_nulls;
    put_u32(at + 8, count);
    for (uint32_t d = 0; d < dims; d++) {
        put_u32(at + HEAD_SIZE + (size_t)d * DIM_SIZE, (uint32_t)dim[d].lower);
        put_u32(at + HEAD_SIZE + (size_t)d * DIM_SIZE + 4, dim[d].length);
    }
    unsigned char *bits = at + head - null_size;
    for (uint32_t i = 0; m.has_nulls && i < count; i++)
        if (is_null(nulls, i)) bits[i >> 3] |= (unsigned char)(1u << (i & 7));
    put_elements(&m, at + head);
    *out = text_of((Str){(const char *)at, size});
    return true;
}

enum { VECTOR_AT = 6 };

bool array_is_vector(const Text *cell)
{
    Str s = text_str(cell);
    return s.len >= HEAD_SIZE && s.at[VECTOR_AT] == 1;
}

bool array_make_vector(Text *out, Type element, const void *cells, uint32_t count, Arena *mem, Err *err)
{
    const ArrayDim dim = {0, count};
    Text made;
    if (!array_make(&made, element, &dim, count ? 1 : 0, cells, NULL, count, mem, err)) return false;
    Str s = arena_copy(mem, text_str(&made));
    char *at = arena_get(mem, s.len);
    memcpy(at, s.at, s.len);
    at[VECTOR_AT] = 1;
    *out = text_of((Str){at, s.len});
    return true;
}

bool array_make_list(Text *out, Type element, const void *cells, const uint64_t *nulls, uint32_t count,
                     Arena *mem, Err *err)
{
    ArrayDim one = {1, count};
    return array_make(out, element, &one, 1, cells, nulls, count, mem, err);
}

// ---- order ----

// Of two elements, neither NULL. Numerics that need memory get it from mem.
static int compare_at(const Array *a, const Array *b, uint32_t i, Arena *mem)
{
    Value x = array_value(a, i, mem), y = array_value(b, i, mem);
    return value_compare(&x, &y);
}

static int compare_shape(const Array *a, const Array *b)
{
    if (a->count != b->count) return a->count < b->count ? -1 : 1;
    if (a->dims != b->dims) return a->dims < b->dims ? -1 : 1;
    for (uint32_t d = 0; d < a->dims; d++)
        if (a->dim[d].length != b->dim[d].length) return a->dim[d].length < b->dim[d].length ? -1 : 1;
    for (uint32_t d = 0; d < a->dims; d++)
        if (a->dim[d].lower != b->dim[d].lower) return a->dim[d].lower < b->dim[d].lower ? -1 : 1;
    return 0;
}

int array_compare(const Text *a, const Text *b)
{
    Array x, y;
    if (record_is(a)) return record_compare(a, b);
    if (!array_open(&x, a) || !array_open(&y, b) || !type_equal(x.element, y.element))
        return text_compare(a, b);
    Arena mem = {0};
    int order = 0;
    for (uint32_t i = 0; !order && i < x.count && i < y.count; i++) {
        bool null_x = array_is_null(&x, i), null_y = array_is_null(&y, i);
        order = null_x || null_y ? null_x - null_y : compare_at(&x, &y, i, &mem);
    }
    arena_done(&mem);
    return order ? order : compare_shape(&x, &y);
}

uint64_t array_hash(const Text *a)
{
    Array x;
    if (record_is(a)) return record_hash(a);
    if (!array_open(&x, a)) return text_hash(a);
    Arena mem = {0};
    uint64_t h = hash_u64(x.count);
    for (uint32_t i = 0; i < x.count; i++) {
        Value v = array_value(&x, i, &mem);
        h = hash_mix(h, v.null ? 1 : value_hash(&v));
    }
    arena_done(&mem);
    return h;
}

uint64_t array_rank(const Text *a)
{
    Array x;
    if (!array_open(&x, a) || !x.count) return 0;
    if (array_is_null(&x, 0)) return UINT64_MAX;
    if (!type_is_integer(x.element.id)) return 1;
    Value v = array_value(&x, 0, NULL);
    int64_t n = x.element.id == TYPE_SMALLINT ? v.i16 : x.element.id == TYPE_INTEGER ? v.i32 : v.i64;
    uint64_t rank = (uint64_t)n ^ UINT64_C(1) << 63;
    return rank == 0 ? 1 : rank == UINT64_MAX ? UINT64_MAX - 1 : rank;
}
