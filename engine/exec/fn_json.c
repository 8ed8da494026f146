// JSON: members by key, place and path, containment, changes of jsonb, documents from values. Looking goes
// over the checked text; what changes a document takes its tree.
#include "engine/data/cell_text.h"
#include "engine/exec/array_work.h"
#include "engine/exec/fn.h"
#include "engine/exec/json_put.h"

#define S  FUNCTION_STRICT
#define SO (FUNCTION_STRICT | FUNCTION_OPERATOR)
#define J  TYPE_JSON
#define B  TYPE_JSONB
#define T  TYPE_TEXT

// ---- members ----

// A member as it is, or as text: strings without quotes, null as NULL.
static bool put_member(Vector *out, uint32_t row, bool found, Str value, bool text, KernelContext *ctx)
{
    if (!found || (text && document_kind(value) == DOCUMENT_NULL)) {
        vector_set_null(out, row);
        return true;
    }
    if (text && document_kind(value) == DOCUMENT_STRING &&
        !document_string(value, &value, ctx->mem, ctx->err))
        return false;
    return fn_put(out, row, value, ctx);
}

static bool member_key(const Vector *arg, const uint16_t *sel, uint32_t count, Vector *out, bool text,
                       KernelContext *ctx)
{
    FN_ROWS(r, {
        Str v = STR_NONE;
        bool found = document_member(str_trim(fn_str(arg, 0, r)), fn_str(arg, 1, r), &v);
        if (!put_member(out, r, found, v, text, ctx)) return false;
    });
    return true;
}

static bool member_place(const Vector *arg, const uint16_t *sel, uint32_t count, Vector *out, bool text,
                         KernelContext *ctx)
{
    FN_ROWS(r, {
        Str v = STR_NONE;
        const Str whole = str_trim(fn_str(arg, 0, r));
        const int32_t place = FN_CELL(int32_t, 1, r);
        // PostgreSQL keeps a plain jsonb value as an array of one.
        bool alone = arg[0].type.id == TYPE_JSONB && document_kind(whole) < DOCUMENT_ARRAY &&
                     (place == 0 || place == -1);
        bool found = alone || document_element(whole, place, &v);
        if (alone) v = whole;
        if (!put_member(out, r, found, v, text, ctx)) return false;
    });
    return true;
}

// One step of a path: a key, or a number into an array.
static bool step_into(Str *at, Str step)
{
    int64_t n;
    if (document_kind(*at) == DOCUMENT_OBJECT) return document_member(*at, step, at);
    return document_kind(*at) == DOCUMENT_ARRAY && str_to_int64(step, &n) && document_element(*at, n, at);
}

// An array of texts.
static bool texts_open(Array *a, const Vector *v, uint32_t row, KernelContext *ctx)
{
    if (!elements_open(a, v, row, ctx)) return false;
    return !a->count || type_is_string(a->element.id) ||
           err_set_at(ctx->err, SQLSTATE_TYPE_MISMATCH, ctx->at, "an array of text is wanted, not of %s",
                      type_name(a->element.id));
}

static bool member_path(const Vector *arg, const uint16_t *sel, uint32_t count, Vector *out, bool text,
                        KernelContext *ctx)
{
    FN_ROWS(r, {
        Array path;
        Str at = str_trim(fn_str(arg, 0, r));
        bool found = true;
        if (!texts_open(&path, &arg[1], r, ctx)) return false;
        for (uint32_t i = 0; found && i < path.count; i++) {
            Value step = array_value(&path, i, ctx->mem);
            found = !step.null && step_into(&at, text_str(&step.text));
        }
        if (!put_member(out, r, found, at, text, ctx)) return false;
    });
    return true;
}

#define MEMBER(name, way, text)                                                                              \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        (void)args;                                                                                          \
        return way(arg, sel, count, out, text, ctx);                                                         \
    }
MEMBER(json_key, member_key, false)
MEMBER(json_key_text, member_key, true)
MEMBER(json_place, member_place, false)
MEMBER(json_place_text, member_place, true)
MEMBER(json_path, member_path, false)
MEMBER(json_path_text, member_path, true)

static bool extract(const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count, Vector *out,
                    bool text, KernelContext *ctx)
{
    FN_ROWS(r, {
        Str at = str_trim(fn_str(arg, 0, r));
        bool found = true;
        for (uint32_t i = 1; found && i < args; i++) found = step_into(&at, fn_str(arg, i, r));
        if (!put_member(out, r, found, at, text, ctx)) return false;
    });
    return true;
}
FN_KERNEL(json_extract) { return extract(arg, args, sel, count, out, false, ctx); }
FN_KERNEL(json_extract_text) { return extract(arg, args, sel, count, out, true, ctx); }

// ---- what a document is and holds ----

static const char *const kind_name[] = {
    [DOCUMENT_NULL] = "null",     [DOCUMENT_STRING] = "string", [DOCUMENT_NUMBER] = "number",
    [DOCUMENT_FALSE] = "boolean", [DOCUMENT_TRUE] = "boolean",  [DOCUMENT_ARRAY] = "array",
    [DOCUMENT_OBJECT] = "object"};

FN_KERNEL(json_typeof)
{
    (void)args;
    FN_ROWS(r, {
        if (!fn_put(out, r, str_of(kind_name[document_kind(str_trim(fn_str(arg, 0, r)))]), ctx)) return false;
    });
    return true;
}

FN_KERNEL(json_array_length)
{
    (void)args;
    FN_ROWS(r, {
        Str s = str_trim(fn_str(arg, 0, r));
        DocumentKind kind = document_kind(s);
        if (kind != DOCUMENT_ARRAY)
            return err_set_at(ctx->err, "22023", ctx->at,
                              kind == DOCUMENT_OBJECT ? "cannot get array length of a non-array"
                                                      : "cannot get array length of a scalar");
        DocumentWalk w;
        Str key;
        Str value;
        int32_t n = 0;
        document_walk(&w, s);
        while (document_next(&w, &key, &value)) n++;
        FN_OUT(int32_t)[r] = n;
    });
    return true;
}

FN_KERNEL(jsonb_contains)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(uint8_t)[r] = document_contains(fn_str(arg, 0, r), fn_str(arg, 1, r)); });
    return true;
}
FN_KERNEL(jsonb_within)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(uint8_t)[r] = document_contains(fn_str(arg, 1, r), fn_str(arg, 0, r)); });
    return true;
}

// A key of an object, a string in an array, or the string itself.
static bool exists(Str s, Str key, KernelContext *ctx)
{
    DocumentWalk w;
    Str name;
    Str value;
    Str plain;
    if (document_kind(s) == DOCUMENT_OBJECT) return document_member(s, key, &value);
    if (document_kind(s) == DOCUMENT_STRING)
        return document_string(s, &plain, ctx->mem, ctx->err) && str_equal(plain, key);
    document_walk(&w, s);
    while (document_next(&w, &name, &value))
        if (document_kind(value) == DOCUMENT_STRING && document_string(value, &plain, ctx->mem, ctx->err) &&
            str_equal(plain, key))
            return true;
    return false;
}

FN_KERNEL(jsonb_exists)
{
    (void)args;
    FN_ROWS(r, { FN_OUT(uint8_t)[r] = exists(fn_str(arg, 0, r), fn_str(arg, 1, r), ctx); });
    return true;
}

#define EXISTS_MANY(name, ALL)                                                                               \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        (void)args;                                                                                          \
        FN_ROWS(r, {                                                                                         \
            Array keys;                                                                                      \
            bool answer = ALL;                                                                               \
            if (!texts_open(&keys, &arg[1], r, ctx)) return false;                                           \
            for (uint32_t i = 0; i < keys.count && answer == ALL; i++) {                                     \
                Value key = array_value(&keys, i, ctx->mem);                                                 \
                if (!key.null && exists(fn_str(arg, 0, r), text_str(&key.text), ctx) != ALL) answer = !ALL;  \
            }                                                                                                \
            FN_OUT(uint8_t)[r] = answer;                                                                     \
        });                                                                                                  \
        return true;                                                                                         \
    }
EXISTS_MANY(jsonb_exists_any, false)
EXISTS_MANY(jsonb_exists_all, true)

// ---- changing ----

static bool put_tree(Vector *out, uint32_t row, const Document *d, bool pretty, KernelContext *ctx)
{
    Bytes text;
    bytes_init(&text, TYPE_VALUE_BYTES_MAX);
    if (pretty)
        document_put_pretty(&text, d);
    else
        document_put(&text, d);
    bool fine = text.failed ? err_set_at(ctx->err, SQLSTATE_LIMIT, ctx->at,
                                         "the JSON value is longer than one value may be")
                            : fn_put(out, row, bytes_str(&text), ctx);
    bytes_done(&text);
    return fine;
}

FN_KERNEL(jsonb_pretty)
{
    (void)args;
    FN_ROWS(r, {
        Document *d;
        if (!document_parse(&d, fn_str(arg, 0, r), true, ctx->mem, ctx->err) ||
            !put_tree(out, r, d, true, ctx))
            return false;
    });
    return true;
}

static bool put_compact(Vector *out, uint32_t row, const Document *d, KernelContext *ctx)
{
    Bytes text;
    bytes_init(&text, TYPE_VALUE_BYTES_MAX);
    document_put_compact(&text, d);
    return json_put_done(&text, out, row, ctx);
}

static void drop_nulls(Document *d)
{
    Document *next = d->first;
    bool object = d->kind == DOCUMENT_OBJECT;
    d->first = d->last = NULL;
    d->count = 0;
    for (Document *m = next; m; m = next) {
        next = m->next;
        if (m->kind >= DOCUMENT_ARRAY) drop_nulls(m);
        if (!object || m->kind != DOCUMENT_NULL) document_add(d, m);
    }
}

FN_KERNEL(json_strip_nulls)
{
    const bool normal = out->type.id == TYPE_JSONB;
    (void)args;
    FN_ROWS(r, {
        Document *d;
        if (!document_parse(&d, fn_str(arg, 0, r), normal, ctx->mem, ctx->err)) return false;
        if (d->kind >= DOCUMENT_ARRAY) drop_nulls(d);
        if (!(normal ? put_tree(out, r, d, false, ctx) : put_compact(out, r, d, ctx))) return false;
    });
    return true;
}

static void add_members(Document *to, Document *from)
{
    for (Document *m = from->first, *next; m; m = next) {
        next = m->next;
        document_add(to, m);
    }
}

// Objects join, the right one wins; anything else becomes an array of both sides' elements.
FN_KERNEL(jsonb_concat)
{
    (void)args;
    FN_ROWS(r, {
        Document *side[2];
        for (uint32_t i = 0; i < 2; i++)
            if (!document_parse(&side[i], fn_str(arg, i, r), true, ctx->mem, ctx->err)) return false;
        bool objects = side[0]->kind == DOCUMENT_OBJECT && side[1]->kind == DOCUMENT_OBJECT;
        Document *all = document_new(ctx->mem, objects ? DOCUMENT_OBJECT : DOCUMENT_ARRAY, STR_NONE);
        for (uint32_t i = 0; i < 2; i++) {
            if (objects || side[i]->kind == DOCUMENT_ARRAY)
                add_members(all, side[i]);
            else
                document_add(all, side[i]);
        }
        if (objects) document_sort(all, ctx->mem);
        if (!put_tree(out, r, all, false, ctx)) return false;
    });
    return true;
}

static void drop_key(Document *d, Str key)
{
    Document *next = d->first;
    d->first = d->last = NULL;
    d->count = 0;
    for (Document *m = next; m; m = next) {
        next = m->next;
        bool same = d->kind == DOCUMENT_OBJECT ? str_equal(m->key, key)
                                               : m->kind == DOCUMENT_STRING && str_equal(m->text, key);
        if (!same) document_add(d, m);
    }
}

static bool drop_scalar(KernelContext *ctx)
{
    return err_set_at(ctx->err, "22023", ctx->at, "cannot delete from scalar");
}

FN_KERNEL(jsonb_drop_key)
{
    (void)args;
    FN_ROWS(r, {
        Document *d;
        if (!document_parse(&d, fn_str(arg, 0, r), true, ctx->mem, ctx->err)) return false;
        if (d->kind < DOCUMENT_ARRAY) return drop_scalar(ctx);
        drop_key(d, fn_str(arg, 1, r));
        if (!put_tree(out, r, d, false, ctx)) return false;
    });
    return true;
}

FN_KERNEL(jsonb_drop_keys)
{
    (void)args;
    FN_ROWS(r, {
        Document *d;
        Array keys;
        if (!document_parse(&d, fn_str(arg, 0, r), true, ctx->mem, ctx->err) ||
            !texts_open(&keys, &arg[1], r, ctx))
            return false;
        if (d->kind < DOCUMENT_ARRAY) return drop_scalar(ctx);
        for (uint32_t i = 0; i < keys.count; i++) {
            Value key = array_value(&keys, i, ctx->mem);
            if (!key.null) drop_key(d, arena_copy(ctx->mem, text_str(&key.text)));
        }
        if (!put_tree(out, r, d, false, ctx)) return false;
    });
    return true;
}

static void drop_place(Document *d, int64_t at)
{
    Document *next = d->first;
    if (at < 0) at += d->count;
    d->first = d->last = NULL;
    d->count = 0;
    for (int64_t i = 0; next; i++) {
        Document *m = next;
        next = m->next;
        if (i != at) document_add(d, m);
    }
}

FN_KERNEL(jsonb_drop_place)
{
    (void)args;
    FN_ROWS(r, {
        Document *d;
        if (!document_parse(&d, fn_str(arg, 0, r), true, ctx->mem, ctx->err)) return false;
        if (d->kind == DOCUMENT_OBJECT)
            return err_set_at(ctx->err, "22023", ctx->at, "cannot delete from object using integer index");
        if (d->kind < DOCUMENT_ARRAY) return drop_scalar(ctx);
        drop_place(d, FN_CELL(int32_t, 1, r));
        if (!put_tree(out, r, d, false, ctx)) return false;
    });
    return true;
}

const Function fn_json[] = {
    {"->", 2, SO, {J, T}, J, json_key},
    {"->", 2, SO, {B, T}, B, json_key},
    {"->", 2, SO, {J, TYPE_INTEGER}, J, json_place},
    {"->", 2, SO, {B, TYPE_INTEGER}, B, json_place},
    {"->>", 2, SO, {J, T}, T, json_key_text},
    {"->>", 2, SO, {B, T}, T, json_key_text},
    {"->>", 2, SO, {J, TYPE_INTEGER}, T, json_place_text},
    {"->>", 2, SO, {B, TYPE_INTEGER}, T, json_place_text},
    {"#>", 2, SO, {J, TYPE_ARRAY}, J, json_path},
    {"#>", 2, SO, {B, TYPE_ARRAY}, B, json_path},
    {"#>>", 2, SO, {J, TYPE_ARRAY}, T, json_path_text},
    {"#>>", 2, SO, {B, TYPE_ARRAY}, T, json_path_text},
    {"json_extract_path", 2, S | FUNCTION_VARIADIC, {J, T}, J, json_extract},
    {"jsonb_extract_path", 2, S | FUNCTION_VARIADIC, {B, T}, B, json_extract},
    {"json_extract_path_text", 2, S | FUNCTION_VARIADIC, {J, T}, T, json_extract_text},
    {"jsonb_extract_path_text", 2, S | FUNCTION_VARIADIC, {B, T}, T, json_extract_text},
    {"json_typeof", 1, S, {J}, T, json_typeof},
    {"jsonb_typeof", 1, S, {B}, T, json_typeof},
    {"json_array_length", 1, S, {J}, TYPE_INTEGER, json_array_length},
    {"jsonb_array_length", 1, S, {B}, TYPE_INTEGER, json_array_length},
    {"@>", 2, SO, {B, B}, TYPE_BOOLEAN, jsonb_contains},
    {"<@", 2, SO, {B, B}, TYPE_BOOLEAN, jsonb_within},
    {"?", 2, SO, {B, T}, TYPE_BOOLEAN, jsonb_exists},
    {"?|", 2, SO, {B, TYPE_ARRAY}, TYPE_BOOLEAN, jsonb_exists_any},
    {"?&", 2, SO, {B, TYPE_ARRAY}, TYPE_BOOLEAN, jsonb_exists_all},
    {"jsonb_pretty", 1, S, {B}, T, jsonb_pretty},
    {"json_strip_nulls", 1, S, {J}, J, json_strip_nulls},
    {"jsonb_strip_nulls", 1, S, {B}, B, json_strip_nulls},
    {"||", 2, SO, {B, B}, B, jsonb_concat},
    {"-", 2, SO, {B, T}, B, jsonb_drop_key},
    {"-", 2, SO, {B, TYPE_ARRAY}, B, jsonb_drop_keys},
    {"-", 2, SO, {B, TYPE_INTEGER}, B, jsonb_drop_place},
    {0},
};

// ---- functions that give rows ----

typedef struct JsonWalk {
    DocumentWalk walk;
} JsonWalk;

static bool walk_open(void *state, const Value *arg, DocumentKind kind, const char *what, KernelContext *ctx)
{
    Str s = str_trim(text_str(&arg[0].text));
    if (document_kind(s) != kind) return err_set_at(ctx->err, "22023", ctx->at, "%s", what);
    document_walk(&((JsonWalk *)state)->walk, s);
    return true;
}

static bool elements_begin(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    DocumentKind kind = document_kind(str_trim(text_str(&arg[0].text)));
    (void)args;
    return walk_open(state, arg, DOCUMENT_ARRAY,
                     kind == DOCUMENT_OBJECT ? "cannot extract elements from an object"
                                             : "cannot extract elements from a scalar",
                     ctx);
}

static bool members_begin(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    DocumentKind kind = document_kind(str_trim(text_str(&arg[0].text)));
    (void)args;
    return walk_open(state, arg, DOCUMENT_OBJECT,
                     kind == DOCUMENT_ARRAY ? "cannot call json_each on an array"
                                            : "cannot call json_each on a scalar",
                     ctx);
}

static bool keys_begin(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    DocumentKind kind = document_kind(str_trim(text_str(&arg[0].text)));
    (void)args;
    return walk_open(state, arg, DOCUMENT_OBJECT,
                     kind == DOCUMENT_ARRAY ? "cannot call json_object_keys on an array"
                                            : "cannot call json_object_keys on a scalar",
                     ctx);
}

// has_key, has_value: which columns there are; text: values as text.
static bool walk_next(JsonWalk *j, Vector *out, uint32_t to, uint32_t room, uint32_t *made, bool has_key,
                      bool has_value, bool text, KernelContext *ctx)
{
    Str key;
    Str value;
    uint32_t n = 0;
    for (; n < room && document_next(&j->walk, &key, &value); n++) {
        if (has_key &&
            (!document_string(key, &key, ctx->mem, ctx->err) || !fn_put(&out[0], to + n, key, ctx)))
            return false;
        if (has_value && !put_member(&out[has_key], to + n, true, value, text, ctx)) return false;
    }
    *made = n;
    return true;
}

#define WALK_NEXT(name, has_key, has_value, text)                                                            \
    static bool name(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made,                   \
                     KernelContext *ctx)                                                                     \
    {                                                                                                        \
        return walk_next(state, out, to, room, made, has_key, has_value, text, ctx);                         \
    }
WALK_NEXT(elements_next, 0, true, false)
WALK_NEXT(elements_next_text, 0, true, true)
WALK_NEXT(members_next, 1, true, false)
WALK_NEXT(members_next_text, 1, true, true)
WALK_NEXT(keys_next, 1, false, false)

#define ROWS(name, type, result, columns, one, one_type, two, two_type, open, next)                          \
    {                                                                                                        \
        {name, 1, FUNCTION_STRICT | FUNCTION_SET, {type}, result, NULL}, columns,                            \
            {{one, one_type}, {two, two_type}}, sizeof(JsonWalk), open, next                                 \
    }

const TableFunction fn_json_rows[] = {
    ROWS("json_array_elements", J, J, 1, "value", J, NULL, 0, elements_begin, elements_next),
    ROWS("jsonb_array_elements", B, B, 1, "value", B, NULL, 0, elements_begin, elements_next),
    ROWS("json_array_elements_text", J, T, 1, "value", T, NULL, 0, elements_begin, elements_next_text),
    ROWS("jsonb_array_elements_text", B, T, 1, "value", T, NULL, 0, elements_begin, elements_next_text),
    ROWS("json_each", J, TYPE_NULL, 2, "key", T, "value", J, members_begin, members_next),
    ROWS("jsonb_each", B, TYPE_NULL, 2, "key", T, "value", B, members_begin, members_next),
    ROWS("json_each_text", J, TYPE_NULL, 2, "key", T, "value", T, members_begin, members_next_text),
    ROWS("jsonb_each_text", B, TYPE_NULL, 2, "key", T, "value", T, members_begin, members_next_text),
    ROWS("json_object_keys", J, T, 1, NULL, T, NULL, 0, keys_begin, keys_next),
    ROWS("jsonb_object_keys", B, T, 1, NULL, T, NULL, 0, keys_begin, keys_next),
    {.call = {.name = NULL}},
};
