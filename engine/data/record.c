// Record: making, opening and comparing rows as values. Nothing in them is aligned, so every number is copied
// out.
#include "engine/data/record.h"

#include "engine/base/hash.h"

enum { HEAD_SIZE = 8, FIELD_SIZE = 16 };

static uint32_t get_u32(const unsigned char *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

static void put_u32(unsigned char *at, uint32_t v) { memcpy(at, &v, sizeof v); }

// ---- opening ----

bool record_is(const Text *cell)
{
    Str s = text_str(cell);
    return s.len >= HEAD_SIZE && (unsigned char)s.at[0] == TYPE_RECORD;
}

static uint32_t name_end(const Record *r, uint32_t i) { return get_u32(r->heads + i * FIELD_SIZE + 8); }
static uint32_t cell_end(const Record *r, uint32_t i) { return get_u32(r->heads + i * FIELD_SIZE + 12); }

bool record_open(Record *out, const Text *cell)
{
    Str s = text_str(cell);
    const unsigned char *at = (const unsigned char *)s.at;
    if (!record_is(cell)) return false;
    *out = (Record){.fields = get_u32(at + 4), .heads = at + HEAD_SIZE};
    size_t heads = (size_t)out->fields * FIELD_SIZE, left = s.len - HEAD_SIZE;
    if (out->fields > RECORD_FIELDS_MAX || heads > left) return false;
    left -= heads;
    uint32_t names = 0, cells = 0;
    for (uint32_t i = 0; i < out->fields; i++) {
        uint32_t id = get_u32(out->heads + i * FIELD_SIZE) & 0xff;
        if (id >= TYPE_COUNT || name_end(out, i) < names || cell_end(out, i) < cells) return false;
        names = name_end(out, i);
        cells = cell_end(out, i);
    }
    out->names = out->heads + heads;
    out->cells = out->names + names;
    return (uint64_t)names + cells == left;
}

Value record_value(const Record *r, uint32_t i, Arena *mem)
{
    const unsigned char *head = r->heads + i * FIELD_SIZE;
    uint32_t code = get_u32(head), from = i ? cell_end(r, i - 1) : 0;
    Type type = type_element((Type){.id = TYPE_ARRAY, .of = code});
    Str bytes = {(const char *)r->cells + from, cell_end(r, i) - from};
    bool compound = type.id == TYPE_ARRAY || type.id == TYPE_RECORD;
    if (compound && bytes.len >= 4) type.of = get_u32((const unsigned char *)bytes.at);
    if (get_u32(head + 4)) return value_null(type);
    return array_cell_value(type, bytes, mem);
}

Str record_name(const Record *r, uint32_t i, Arena *mem)
{
    uint32_t from = i ? name_end(r, i - 1) : 0;
    if (name_end(r, i) == from) return arena_printf(mem, "f%u", (unsigned)i + 1);
    return (Str){(const char *)r->names + from, name_end(r, i) - from};
}

// ---- making ----

static Str next_name(Str *names)
{
    const char *end = names->len ? memchr(names->at, 0, names->len) : NULL;
    if (!end) return STR_NONE;
    Str one = {names->at, (size_t)(end - names->at)};
    *names = str_slice(*names, one.len + 1, names->len);
    return one;
}

static size_t cells_size(const Value *field, uint32_t fields)
{
    size_t size = 0;
    for (uint32_t i = 0; i < fields; i++)
        if (!field[i].null) size += array_cell_size(field[i].type, &field[i].boolean);
    return size;
}

bool record_make(Text *out, const Value *field, uint32_t fields, Str names, Arena *mem, Err *err)
{
    if (fields > RECORD_FIELDS_MAX)
        return err_set(err, "54011", "ROW expressions can have at most %d entries", RECORD_FIELDS_MAX);
    size_t heads = HEAD_SIZE + (size_t)fields * FIELD_SIZE;
    size_t size = heads + names.len + cells_size(field, fields);
    if (size > TYPE_VALUE_BYTES_MAX)
        return err_set(err, SQLSTATE_LIMIT,
                       "a row of %zu bytes is longer than the %d that one value may have", size,
                       TYPE_VALUE_BYTES_MAX);
    unsigned char *at = arena_try(mem, size, 1);
    if (!at) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a row of %zu bytes", size);
    put_u32(at, TYPE_RECORD);
    put_u32(at + 4, fields);
    unsigned char *name_at = at + heads;
    size_t named = 0, used = 0, ends = fields && names.len ? fields : 0;
    unsigned char *cell_at = name_at + (names.len - ends);
    for (uint32_t i = 0; i < fields; i++) {
        unsigned char *head = at + HEAD_SIZE + i * FIELD_SIZE;
        Str name = next_name(&names);
        if (name.len) memcpy(name_at + named, name.at, name.len);
        named += name.len;
        size_t len = field[i].null ? 0 : array_cell_size(field[i].type, &field[i].boolean);
        if (len) array_cell_put(cell_at + used, field[i].type, &field[i].boolean, len);
        used += len;
        put_u32(head, type_of_array(field[i].type).of);
        put_u32(head + 4, field[i].null);
        put_u32(head + 8, (uint32_t)named);
        put_u32(head + 12, (uint32_t)used);
    }
    *out = text_of((Str){(const char *)at, (size_t)(cell_at - at) + used});
    return true;
}

// ---- order ----

int record_compare(const Text *a, const Text *b)
{
    Record x, y;
    if (!record_open(&x, a) || !record_open(&y, b)) return text_compare(a, b);
    Arena mem = {0};
    int order = 0;
    for (uint32_t i = 0; !order && i < x.fields && i < y.fields; i++) {
        Value v = record_value(&x, i, &mem), w = record_value(&y, i, &mem);
        if (v.null || w.null)
            order = v.null - w.null;
        else if (v.type.id != w.type.id)
            order = v.type.id < w.type.id ? -1 : 1;
        else
            order = value_compare(&v, &w);
    }
    arena_done(&mem);
    return order ? order : (x.fields > y.fields) - (x.fields < y.fields);
}

uint64_t record_hash(const Text *a)
{
    Record x;
    if (!record_open(&x, a)) return text_hash(a);
    Arena mem = {0};
    uint64_t h = hash_u64(x.fields);
    for (uint32_t i = 0; i < x.fields; i++) {
        Value v = record_value(&x, i, &mem);
        h = hash_mix(h, v.null ? 1 : value_hash(&v));
    }
    arena_done(&mem);
    return h;
}
