// Document: looking into text that has been checked: members are found by skipping over the others, nothing
// is built. The order, hash and containment of jsonb stand on that.
#include "engine/base/hash.h"
#include "engine/data/document.h"
#include "engine/data/numeric.h"

#include <string.h>

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static size_t skip_space(Str s, size_t at)
{
    while (at < s.len && is_space(s.at[at])) at++;
    return at;
}

static size_t skip_string(Str s, size_t at)
{
    for (at++; at < s.len && s.at[at] != '"'; at++) at += s.at[at] == '\\';
    return at < s.len ? at + 1 : s.len;
}

// Behind the value at `at`.
static size_t skip_value(Str s, size_t at)
{
    size_t depth = 0;
    while (at < s.len) {
        char c = s.at[at];
        if (c == '"') {
            at = skip_string(s, at);
            if (!depth) return at;
            continue;
        }
        if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (!depth) return at;
            if (!--depth) return at + 1;
        } else if (!depth && (c == ',' || is_space(c))) {
            return at;
        }
        at++;
    }
    return s.len;
}

DocumentKind document_kind(Str value)
{
    switch (value.len ? value.at[0] : 'n') {
    case '{': return DOCUMENT_OBJECT;
    case '[': return DOCUMENT_ARRAY;
    case '"': return DOCUMENT_STRING;
    case 't': return DOCUMENT_TRUE;
    case 'f': return DOCUMENT_FALSE;
    case 'n': return DOCUMENT_NULL;
    default: return DOCUMENT_NUMBER;
    }
}

void document_walk(DocumentWalk *w, Str value)
{
    *w = (DocumentWalk){.s = str_trim(value)};
    DocumentKind kind = document_kind(w->s);
    w->object = kind == DOCUMENT_OBJECT;
    w->at = kind >= DOCUMENT_ARRAY ? 1 : w->s.len;
}

bool document_next(DocumentWalk *w, Str *key, Str *value)
{
    w->at = skip_space(w->s, w->at);
    if (w->at < w->s.len && w->s.at[w->at] == ',') w->at = skip_space(w->s, w->at + 1);
    if (w->at + 1 >= w->s.len) return false;
    *key = STR_NONE;
    if (w->object) {
        size_t end = skip_string(w->s, w->at);
        *key = str_slice(w->s, w->at, end - w->at);
        w->at = skip_space(w->s, end) + 1; // the colon
        w->at = skip_space(w->s, w->at);
    }
    size_t end = skip_value(w->s, w->at);
    if (end <= w->at) return false;
    *value = str_slice(w->s, w->at, end - w->at);
    w->at = end;
    return true;
}

static bool key_is(Str raw, Str key)
{
    Str inside = str_slice(raw, 1, raw.len < 2 ? 0 : raw.len - 2);
    if (!memchr(inside.at, '\\', inside.len)) return str_equal(inside, key);
    Arena mem = {0};
    Err none = {0};
    Str plain;
    bool same = document_string(raw, &plain, &mem, &none) && str_equal(plain, key);
    arena_done(&mem);
    return same;
}

bool document_member(Str object, Str key, Str *value)
{
    DocumentWalk w;
    Str name, found = STR_NONE, v;
    document_walk(&w, object);
    if (!w.object) return false;
    while (document_next(&w, &name, &v))
        if (key_is(name, key)) found = v;
    *value = found;
    return found.len != 0;
}

bool document_element(Str array, int64_t index, Str *value)
{
    DocumentWalk w;
    Str name, v;
    if (document_kind(str_trim(array)) != DOCUMENT_ARRAY) return false;
    if (index < 0) {
        int64_t count = 0;
        document_walk(&w, array);
        while (document_next(&w, &name, &v)) count++;
        index += count;
    }
    if (index < 0) return false;
    document_walk(&w, array);
    while (document_next(&w, &name, &v)) {
        if (index--) continue;
        *value = v;
        return true;
    }
    return false;
}

// ---- order of jsonb ----

static uint32_t members(Str value)
{
    DocumentWalk w;
    Str key, v;
    uint32_t n = 0;
    document_walk(&w, value);
    while (document_next(&w, &key, &v)) n++;
    return n;
}

static int compare_numbers(Str a, Str b)
{
    Arena mem = {0};
    Err none = {0};
    Numeric x, y;
    int order = 0;
    if (numeric_from_text(&x, a, &mem, &none) && numeric_from_text(&y, b, &mem, &none))
        order = numeric_compare(&x, &y);
    arena_done(&mem);
    return order;
}

static int compare_strings(Str a, Str b)
{
    Arena mem = {0};
    Err none = {0};
    Str x = a, y = b;
    int order =
        document_string(a, &x, &mem, &none) && document_string(b, &y, &mem, &none) ? str_compare(x, y) : 0;
    arena_done(&mem);
    return order;
}

// Keys stand by length, then bytes; as text they compare like any strings.
static int compare_values(Str a, Str b)
{
    DocumentKind x = document_kind(a), y = document_kind(b);
    if (x != y) return x < y ? -1 : 1;
    if (x == DOCUMENT_NUMBER) return compare_numbers(a, b);
    if (x == DOCUMENT_STRING) return compare_strings(a, b);
    if (x < DOCUMENT_ARRAY) return 0;
    uint32_t m = members(a), n = members(b);
    if (m != n) return m < n ? -1 : 1;
    DocumentWalk v, w;
    Str key_a, key_b, value_a, value_b;
    document_walk(&v, a);
    document_walk(&w, b);
    while (document_next(&v, &key_a, &value_a) && document_next(&w, &key_b, &value_b)) {
        int order = key_a.len ? compare_strings(key_a, key_b) : 0;
        if (!order) order = compare_values(value_a, value_b);
        if (order) return order;
    }
    return 0;
}

int document_compare(const Text *a, const Text *b)
{
    if (text_equal(a, b)) return 0;
    Str x = text_str(a), y = text_str(b);
    // PostgreSQL's one oddity: an empty array is less than everything else.
    bool empty_x = str_equal(x, STR("[]")), empty_y = str_equal(y, STR("[]"));
    if (empty_x || empty_y) return (int)empty_y - (int)empty_x;
    return compare_values(x, y);
}

static uint64_t hash_value(Str v, uint64_t h)
{
    DocumentKind kind = document_kind(v);
    h = hash_mix(h, kind);
    if (kind == DOCUMENT_STRING)
        return hash_bytes(v.at, v.len, h); // one string has one spelling in the normal form
    if (kind == DOCUMENT_NUMBER) {
        Arena mem = {0};
        Err none = {0};
        Numeric n;
        if (numeric_from_text(&n, v, &mem, &none)) h = hash_mix(h, numeric_hash(&n));
        arena_done(&mem);
        return h;
    }
    DocumentWalk w;
    Str key, value;
    document_walk(&w, v);
    while (document_next(&w, &key, &value)) {
        if (key.len) h = hash_bytes(key.at, key.len, h);
        h = hash_value(value, h);
    }
    return h;
}

uint64_t document_hash(const Text *a) { return hash_value(text_str(a), 0); }

uint64_t document_rank(const Text *a)
{
    Str s = text_str(a);
    return str_equal(s, STR("[]")) ? 0 : (uint64_t)document_kind(s) + 1;
}

// ---- containment ----

static bool array_has(Str array, Str wanted)
{
    DocumentWalk w;
    Str key, v;
    DocumentKind kind = document_kind(wanted);
    document_walk(&w, array);
    while (document_next(&w, &key, &v)) {
        if (document_kind(v) != kind) continue;
        if (kind >= DOCUMENT_ARRAY ? document_contains(v, wanted) : compare_values(v, wanted) == 0)
            return true;
    }
    return false;
}

bool document_contains(Str a, Str b)
{
    DocumentWalk w;
    Str key, v, mine;
    DocumentKind x = document_kind(a), y = document_kind(b);
    if (x == DOCUMENT_ARRAY && y < DOCUMENT_ARRAY)
        return array_has(a, b); // PostgreSQL's exception for a plain value
    if (x != y) return false;
    if (x < DOCUMENT_ARRAY) return compare_values(a, b) == 0;
    document_walk(&w, b);
    while (document_next(&w, &key, &v)) {
        if (x == DOCUMENT_ARRAY) {
            if (!array_has(a, v)) return false;
            continue;
        }
        Arena mem = {0};
        Err none = {0};
        Str plain;
        bool has = document_string(key, &plain, &mem, &none) && document_member(a, plain, &mine);
        arena_done(&mem);
        bool same_kind = has && document_kind(mine) == document_kind(v);
        if (!same_kind ||
            (document_kind(v) >= DOCUMENT_ARRAY ? !document_contains(mine, v) : compare_values(mine, v)))
            return false;
    }
    return true;
}
