// Array, from and to text: {1,NULL,"a b"}, nested braces for more dimensions, bounds in front when they are
// not from 1. Reading goes over the text once: braces and commas say what an element is, the elements' cells
// grow beside.
#include "engine/base/buf.h"
#include "engine/data/array.h"
#include "engine/data/cast.h"
#include "engine/data/cell_text.h"

// ---- to text ----

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool needs_quotes(Str s)
{
    if (!s.len || str_equal_fold(s, STR("NULL"))) return true;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (c == '{' || c == '}' || c == ',' || c == '"' || c == '\\' || is_space(c)) return true;
    }
    return false;
}

static void put_element(Bytes *out, Str s)
{
    if (!needs_quotes(s)) {
        bytes_put(out, s);
        return;
    }
    bytes_put_byte(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"' || s.at[i] == '\\') bytes_put_byte(out, '\\');
        bytes_put_byte(out, s.at[i]);
    }
    bytes_put_byte(out, '"');
}

typedef struct Printing {
    const Array *a;
    Bytes *out;
    Bytes one; // an element's text
    CellTextPut put;
    bool plain; // numbers never need quotes
    uint32_t next;
} Printing;

static void print_element(Printing *p)
{
    Arena mem = {0};
    Value v = array_value(p->a, p->next, &mem);
    if (v.null) {
        bytes_put(p->out, STR("NULL"));
    } else if (p->plain) {
        p->put(p->out, &v.boolean);
    } else {
        bytes_clear(&p->one);
        p->put(&p->one, &v.boolean);
        put_element(p->out, bytes_str(&p->one));
    }
    p->next++;
    arena_done(&mem);
}

static void print_level(Printing *p, uint32_t d)
{
    bytes_put_byte(p->out, '{');
    for (uint32_t i = 0; i < p->a->dim[d].length && !p->out->failed; i++) {
        if (i) bytes_put_byte(p->out, ',');
        if (d + 1 < p->a->dims)
            print_level(p, d + 1);
        else
            print_element(p);
    }
    bytes_put_byte(p->out, '}');
}

static void put_vector(Bytes *out, const Array *a)
{
    CellTextPut put = cell_text_put(a->element.id);
    size_t size = phys_size(type_phys(a->element.id));
    for (uint32_t i = 0; i < a->count; i++) {
        if (i) bytes_put_byte(out, ' ');
        put(out, a->cells + i * size);
    }
}

void array_to_text(Bytes *out, const Text *cell)
{
    Array a;
    bool vector = array_is_vector(cell);
    if (!array_open(&a, cell) || !a.dims) {
        if (!vector) bytes_put(out, STR("{}"));
        return;
    }
    if (vector) {
        put_vector(out, &a);
        return;
    }
    bool bounds = false;
    for (uint32_t d = 0; d < a.dims; d++) bounds = bounds || a.dim[d].lower != 1;
    for (uint32_t d = 0; bounds && d < a.dims; d++)
        bytes_printf(out, "[%d:%lld]", a.dim[d].lower, (long long)a.dim[d].lower + a.dim[d].length - 1);
    if (bounds) bytes_put_byte(out, '=');
    Printing p = {
        .a = &a, .out = out, .put = cell_text_put(a.element.id), .plain = type_is_number(a.element.id)};
    bytes_init(&p.one, TYPE_VALUE_BYTES_MAX);
    print_level(&p, 0);
    if (p.one.failed) out->failed = true;
    bytes_done(&p.one);
}

// ---- from text ----

typedef struct Reading {
    Str s;
    size_t at;
    Type element;
    Arena *mem;
    Err *err;
    ArrayDim dim[ARRAY_DIMS_MAX];
    bool known[ARRAY_DIMS_MAX]; // dim[d].length is final
    uint32_t dims;              // levels that hold something; 0 = not known yet
    Bytes cells, nulls, one;
    uint32_t count;
} Reading;

static bool malformed(Reading *r, const char *why)
{
    err_set(r->err, SQLSTATE_BAD_TEXT, "malformed array literal: \"%.*s\"", STR_ARG(str_slice(r->s, 0, 100)));
    return err_hint(r->err, "%s", why);
}

static void skip_space(Reading *r)
{
    while (r->at < r->s.len && is_space(r->s.at[r->at])) r->at++;
}
static int peek(const Reading *r) { return r->at < r->s.len ? (unsigned char)r->s.at[r->at] : -1; }

// Room for one more cell and its null bit.
static bool element_add(Reading *r, const Value *v)
{
    size_t size = phys_size(type_phys(r->element.id));
    if (r->count >= ARRAY_ELEMENTS_MAX)
        return err_set(r->err, SQLSTATE_LIMIT, "array size exceeds the maximum allowed (%d)",
                       ARRAY_ELEMENTS_MAX);
    static const uint64_t none = 0;
    if (r->count % 64 == 0) bytes_put(&r->nulls, (Str){(const char *)&none, sizeof none});
    static const char zero[16];
    bytes_put(&r->cells, v ? (Str){(const char *)&v->boolean, size} : (Str){zero, size});
    if (r->nulls.failed || r->cells.failed)
        return err_set(r->err, SQLSTATE_LIMIT, "an array is longer than the %d bytes that one value may have",
                       TYPE_VALUE_BYTES_MAX);
    if (!v) r->nulls.at[r->count / 8] |= (char)(1 << (r->count % 8));
    r->count++;
    return true;
}

static bool read_quoted(Reading *r)
{
    for (r->at++;; r->at++) {
        int c = peek(r);
        if (c == '"') break;
        if (c == '\\') {
            r->at++;
            c = peek(r);
        }
        if (c < 0) return malformed(r, "Unexpected end of input.");
        bytes_put_byte(&r->one, (char)c);
    }
    r->at++;
    return true;
}

// Up to the comma or brace; blanks at the end do not count unless a backslash stands before them.
static bool read_bare(Reading *r, bool *null)
{
    size_t kept = 0;
    bool escaped = false;
    for (;; r->at++) {
        int c = peek(r);
        if (c == ',' || c == '}') break;
        if (c == '{' || c == '"')
            return malformed(r, c == '{' ? "Unexpected \"{\" character." : "Unexpected array element.");
        bool escape = c == '\\';
        if (escape) {
            r->at++;
            c = peek(r);
            escaped = true;
        }
        if (c < 0) return malformed(r, "Unexpected end of input.");
        bytes_put_byte(&r->one, (char)c);
        if (escape || !is_space((char)c)) kept = r->one.len;
    }
    if (!r->one.failed) r->one.len = kept;
    *null = !escaped && str_equal_fold(bytes_str(&r->one), STR("NULL"));
    return true;
}

static bool read_element(Reading *r)
{
    bool null = false;
    bytes_clear(&r->one);
    if (peek(r) == '"' ? !read_quoted(r) : !read_bare(r, &null)) return false;
    if (null) return element_add(r, NULL);
    Value v;
    return cast_text_to_value(&v, bytes_str(&r->one), r->element, r->mem, r->err) && element_add(r, &v);
}

// How many items a level has must be the same everywhere.
static bool level_ends(Reading *r, uint32_t d, uint32_t items)
{
    r->at++;
    if (r->known[d] && r->dim[d].length != items)
        return malformed(r, "Multidimensional arrays must have sub-arrays with matching dimensions.");
    r->known[d] = true;
    r->dim[d].length = items;
    return true;
}

static bool read_level(Reading *r, uint32_t d)
{
    if (d == ARRAY_DIMS_MAX)
        return err_set(r->err, SQLSTATE_LIMIT,
                       "number of array dimensions (%u) exceeds the maximum allowed (%d)", (unsigned)d + 1,
                       ARRAY_DIMS_MAX);
    r->at++;
    for (uint32_t items = 0;; items++) {
        skip_space(r);
        int c = peek(r);
        if (c == '}' && !items) return level_ends(r, d, 0);
        if (c < 0) return malformed(r, "Unexpected end of input.");
        if (c == ',' || c == '}')
            return malformed(r, c == ',' ? "Unexpected \",\" character." : "Unexpected \"}\" character.");
        bool nested = c == '{';
        if (!nested && r->dims && r->dims != d + 1)
            return malformed(r, "Multidimensional arrays must have sub-arrays with matching dimensions.");
        if (nested && r->dims && r->dims <= d + 1) return malformed(r, "Unexpected \"{\" character.");
        if (!nested) r->dims = d + 1;
        if (nested ? !read_level(r, d + 1) : !read_element(r)) return false;
        skip_space(r);
        c = peek(r);
        if (c == '}') return level_ends(r, d, items + 1);
        if (c < 0) return malformed(r, "Unexpected end of input.");
        if (c != ',')
            return malformed(r, c == '{' ? "Unexpected \"{\" character." : "Unexpected array element.");
        r->at++;
    }
}

static bool read_number(Reading *r, int64_t *out)
{
    size_t from = r->at;
    if (peek(r) == '-' || peek(r) == '+') r->at++;
    while (peek(r) >= '0' && peek(r) <= '9') r->at++;
    Str digits = str_slice(r->s, from, r->at - from);
    if (digits.len && digits.at[0] == '+') digits = str_slice(digits, 1, digits.len);
    if (!str_to_int64(digits, out)) return malformed(r, "Missing array dimension value.");
    return true;
}

// [1:3][0:1]= in front; *given: how many.
static bool read_bounds(Reading *r, ArrayDim *given, uint32_t *dims)
{
    for (*dims = 0;; ++*dims) {
        skip_space(r);
        if (peek(r) != '[') break;
        if (*dims == ARRAY_DIMS_MAX)
            return err_set(r->err, SQLSTATE_LIMIT,
                           "number of array dimensions (%u) exceeds the maximum allowed (%d)",
                           (unsigned)*dims + 1, ARRAY_DIMS_MAX);
        int64_t low = 1, high;
        r->at++;
        if (!read_number(r, &high)) return false;
        if (peek(r) == ':') {
            low = high;
            r->at++;
            if (!read_number(r, &high)) return false;
        }
        if (peek(r) != ']') return malformed(r, "Missing \"]\" after array dimensions.");
        r->at++;
        if (low < INT32_MIN || high > INT32_MAX || high < INT32_MIN)
            return err_set(r->err, SQLSTATE_OUT_OF_RANGE, "an array bound is out of range");
        if (high < low) return err_set(r->err, "2202E", "upper bound cannot be less than lower bound");
        given[*dims] = (ArrayDim){(int32_t)low, (uint32_t)(high - low + 1)};
    }
    if (!*dims) return true;
    if (peek(r) != '=') return malformed(r, "Missing \"=\" after array dimensions.");
    r->at++;
    skip_space(r);
    return peek(r) == '{' || malformed(r, "Array contents must start with \"{\".");
}

static bool read_all(Reading *r)
{
    ArrayDim given[ARRAY_DIMS_MAX];
    uint32_t dims;
    for (uint32_t d = 0; d < ARRAY_DIMS_MAX; d++) r->dim[d].lower = 1;
    if (!read_bounds(r, given, &dims)) return false;
    if (peek(r) != '{') return malformed(r, "Array value must start with \"{\" or dimension information.");
    if (!read_level(r, 0)) return false;
    skip_space(r);
    if (r->at < r->s.len) return malformed(r, "Junk after closing right brace.");
    if (!dims) return true;
    if (dims != r->dims) return malformed(r, "Specified array dimensions do not match array contents.");
    for (uint32_t d = 0; d < dims; d++) {
        if (given[d].length != r->dim[d].length)
            return malformed(r, "Specified array dimensions do not match array contents.");
        r->dim[d] = given[d];
    }
    return true;
}

bool array_from_text(Text *out, Str s, Type array, Arena *mem, Err *err)
{
    Reading r = {.s = s, .element = type_element(array), .mem = mem, .err = err};
    bytes_init(&r.cells, TYPE_VALUE_BYTES_MAX * (size_t)4);
    bytes_init(&r.nulls, ARRAY_ELEMENTS_MAX);
    bytes_init(&r.one, TYPE_VALUE_BYTES_MAX);
    bool done = read_all(&r) && array_make(out, r.element, r.dim, r.dims, r.cells.at,
                                           (const uint64_t *)(const void *)r.nulls.at, r.count, mem, err);
    bytes_done(&r.cells);
    bytes_done(&r.nulls);
    bytes_done(&r.one);
    return done;
}
