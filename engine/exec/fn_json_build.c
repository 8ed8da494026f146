// JSON from values: to_json, json_build_…, json_object, array_to_json, and what json_agg and json_object_agg
// become: their arguments are gathered as arrays (the binder sees to that), which are written here. Each for
// json and jsonb: jsonb is the normal form of the same text.
#include "engine/exec/array_work.h"
#include "engine/exec/fn.h"
#include "engine/exec/json_put.h"

#define J TYPE_JSON
#define B TYPE_JSONB
#define A TYPE_ARRAY
#define V FUNCTION_VARIADIC
#define S FUNCTION_STRICT
#define I FUNCTION_INTERNAL

static void begin(Bytes *text) { bytes_init(text, TYPE_VALUE_BYTES_MAX); }

// Ends with the bytes freed whatever happened.
static bool finish(bool fine, Bytes *text, Vector *out, uint32_t row, KernelContext *ctx)
{
    if (fine) return json_put_done(text, out, row, ctx);
    bytes_done(text);
    return false;
}

FN_KERNEL(to_json)
{
    FN_ROWS(r, {
        Bytes text;
        Value v = vector_value(&arg[0], r);
        bool lines = args > 1 && FN_CELL(uint8_t, 1, r);
        begin(&text);
        if (!finish(json_put(&text, &v, lines, ctx), &text, out, r, ctx)) return false;
    });
    return true;
}

FN_KERNEL(build_array)
{
    FN_ROWS(r, {
        Bytes text;
        bool fine = true;
        begin(&text);
        bytes_put_byte(&text, '[');
        for (uint32_t i = 0; i < args && fine; i++) {
            Value v = vector_value(&arg[i], r);
            if (i) bytes_put(&text, STR(", "));
            fine = json_put(&text, &v, false, ctx);
        }
        bytes_put_byte(&text, ']');
        if (!finish(fine, &text, out, r, ctx)) return false;
    });
    return true;
}

static bool put_pair(Bytes *text, bool first, const Value *key, const Value *value, KernelContext *ctx)
{
    if (!first) bytes_put(text, STR(", "));
    if (!json_put_key(text, key, ctx)) return false;
    bytes_put(text, STR(" : "));
    return json_put(text, value, false, ctx);
}

static bool null_key(const Vector *out, uint32_t place, KernelContext *ctx)
{
    err_set_at(ctx->err, "22023", ctx->at,
               out->type.id == B ? "argument %u: key must not be null" : "argument %u cannot be null", place);
    return out->type.id == B || err_hint(ctx->err, "Object keys should be text.");
}

static bool object_row(const Vector *arg, uint32_t args, Vector *out, uint32_t row, KernelContext *ctx)
{
    Bytes text;
    bool fine = true;
    begin(&text);
    bytes_put_byte(&text, '{');
    for (uint32_t i = 0; i + 1 < args && fine; i += 2) {
        Value key = vector_value(&arg[i], row), value = vector_value(&arg[i + 1], row);
        if (key.null) {
            null_key(out, i + 1, ctx);
            fine = false;
        }
        fine = fine && put_pair(&text, i == 0, &key, &value, ctx);
    }
    bytes_put_byte(&text, '}');
    return finish(fine, &text, out, row, ctx);
}

FN_KERNEL(build_object)
{
    if (args & 1) {
        err_set_at(ctx->err, "22023", ctx->at, "argument list must have even number of elements");
        return err_hint(ctx->err, "The arguments of %s() must consist of alternating keys and values.",
                        out->type.id == B ? "jsonb_build_object" : "json_build_object");
    }
    FN_ROWS(r, {
        if (!object_row(arg, args, out, r, ctx)) return false;
    });
    return true;
}

// ---- json_object: from texts ----

static bool subscripts_wrong(KernelContext *ctx, const char *what)
{
    return err_set_at(ctx->err, "2202E", ctx->at, "%s", what);
}

static bool put_text_pair(Bytes *text, bool first, const Value *key, const Value *value, KernelContext *ctx)
{
    if (key->null) return err_set_at(ctx->err, "22004", ctx->at, "null value not allowed for object key");
    return put_pair(text, first, key, value, ctx);
}

static bool pairs_of_one(Bytes *text, const Array *a, KernelContext *ctx)
{
    if (a->dims == 1 && a->count & 1) return subscripts_wrong(ctx, "array must have even number of elements");
    if (a->dims == 2 && a->dim[1].length != 2) return subscripts_wrong(ctx, "array must have two columns");
    if (a->dims > 2) return subscripts_wrong(ctx, "wrong number of array subscripts");
    for (uint32_t i = 0; i + 1 < a->count; i += 2) {
        Value key = array_value(a, i, ctx->mem), value = array_value(a, i + 1, ctx->mem);
        if (!put_text_pair(text, i == 0, &key, &value, ctx)) return false;
    }
    return true;
}

static bool pairs_of_two(Bytes *text, const Array *keys, const Array *values, KernelContext *ctx)
{
    if (keys->dims > 1 || values->dims > 1) return subscripts_wrong(ctx, "wrong number of array subscripts");
    if (keys->count != values->count) return subscripts_wrong(ctx, "mismatched array dimensions");
    for (uint32_t i = 0; i < keys->count; i++) {
        Value key = array_value(keys, i, ctx->mem), value = array_value(values, i, ctx->mem);
        if (!put_text_pair(text, i == 0, &key, &value, ctx)) return false;
    }
    return true;
}

FN_KERNEL(object_of_texts)
{
    FN_ROWS(r, {
        Array a[2] = {{.dims = 0}};
        Bytes text;
        for (uint32_t i = 0; i < args; i++)
            if (!elements_open(&a[i], &arg[i], r, ctx)) return false;
        begin(&text);
        bytes_put_byte(&text, '{');
        bool fine = args == 1 ? pairs_of_one(&text, &a[0], ctx) : pairs_of_two(&text, &a[0], &a[1], ctx);
        bytes_put_byte(&text, '}');
        if (!finish(fine, &text, out, r, ctx)) return false;
    });
    return true;
}

// ---- a list as the text of an array ----

static bool put_array_text(Bytes *text, Str list, KernelContext *ctx)
{
    DocumentWalk w;
    Str key, value;
    bool first = true;
    bytes_put_byte(text, '{');
    for (document_walk(&w, list); document_next(&w, &key, &value); first = false) {
        DocumentKind kind = document_kind(value);
        if (!first) bytes_put_byte(text, ',');
        if (kind == DOCUMENT_NULL) {
            bytes_put(text, STR("NULL"));
            continue;
        }
        if (kind == DOCUMENT_ARRAY) {
            if (!put_array_text(text, value, ctx)) return false;
            continue;
        }
        if (kind == DOCUMENT_STRING && !document_string(value, &value, ctx->mem, ctx->err)) return false;
        bytes_put_byte(text, '"');
        for (size_t i = 0; i < value.len; i++) {
            if (value.at[i] == '"' || value.at[i] == '\\') bytes_put_byte(text, '\\');
            bytes_put_byte(text, value.at[i]);
        }
        bytes_put_byte(text, '"');
    }
    bytes_put_byte(text, '}');
    return true;
}

// Anything but a list stays as it is: it may be an array's text.
FN_KERNEL(array_text_of)
{
    (void)args;
    FN_ROWS(r, {
        Bytes text;
        Str s = str_trim(fn_str(arg, 0, r));
        begin(&text);
        bool list = s.len && s.at[0] == '[', fine = !list || put_array_text(&text, s, ctx);
        if (!list) bytes_put(&text, s);
        if (!finish(fine, &text, out, r, ctx)) return false;
    });
    return true;
}

// ---- aggregates ----

// An array on its way into a list of JSON: it begins a new line.
FN_KERNEL(list_item)
{
    (void)args;
    FN_ROWS(r, {
        Bytes text;
        Value v = vector_value(&arg[0], r);
        begin(&text);
        bytes_put(&text, STR("\n "));
        if (!finish(json_put(&text, &v, false, ctx), &text, out, r, ctx)) return false;
    });
    return true;
}

// The first of a list does not begin a new line.
static Value first_item(Value v)
{
    bool line = v.type.id == TYPE_JSON && !v.null && str_starts(text_str(&v.text), STR("\n ["));
    if (line) v.text = text_of(str_slice(text_str(&v.text), 2, TYPE_VALUE_BYTES_MAX));
    return v;
}

static bool list_row(const Vector *arg, Vector *out, uint32_t row, KernelContext *ctx)
{
    Array a;
    Bytes text;
    bool fine = true;
    if (!elements_open(&a, &arg[0], row, ctx)) return false;
    begin(&text);
    bytes_put_byte(&text, '[');
    for (uint32_t i = 0; i < a.count && fine && !text.failed; i++) {
        Value v = array_value(&a, i, ctx->mem);
        if (i)
            bytes_put(&text, a.element.id == TYPE_RECORD ? STR(", \n ") : STR(", "));
        else
            v = first_item(v);
        fine = json_put(&text, &v, false, ctx);
    }
    bytes_put_byte(&text, ']');
    return finish(fine, &text, out, row, ctx);
}

FN_KERNEL(list_of_elements)
{
    (void)args;
    FN_ROWS(r, {
        if (!list_row(arg, out, r, ctx)) return false;
    });
    return true;
}

static bool pairs_row(const Vector *arg, Vector *out, uint32_t row, KernelContext *ctx)
{
    Array keys, values;
    Bytes text;
    bool fine = true;
    if (!elements_open(&keys, &arg[0], row, ctx) || !elements_open(&values, &arg[1], row, ctx)) return false;
    begin(&text);
    bytes_put(&text, STR("{ "));
    for (uint32_t i = 0; i < keys.count && fine && !text.failed; i++) {
        Value key = array_value(&keys, i, ctx->mem), value = array_value(&values, i, ctx->mem);
        if (key.null)
            fine = err_set_at(ctx->err, "22023", ctx->at, "field name must not be null");
        else
            fine = put_pair(&text, i == 0, &key, &value, ctx);
    }
    bytes_put(&text, STR(" }"));
    return finish(fine, &text, out, row, ctx);
}

FN_KERNEL(object_of_elements)
{
    (void)args;
    FN_ROWS(r, {
        if (!pairs_row(arg, out, r, ctx)) return false;
    });
    return true;
}

const Function fn_json_build[] = {
    {"to_json", 1, S, {TYPE_NULL}, J, to_json},
    {"to_jsonb", 1, S, {TYPE_NULL}, B, to_json},
    {"row_to_json", 1, S, {TYPE_RECORD}, J, to_json},
    {"row_to_json", 2, S, {TYPE_RECORD, TYPE_BOOLEAN}, J, to_json},
    {"array_to_json", 1, S | FUNCTION_ARRAYS, {A}, J, to_json},
    {"array_to_json", 2, S | FUNCTION_ARRAYS, {A, TYPE_BOOLEAN}, J, to_json},
    {"json_build_array", 1, V, {TYPE_NULL}, J, build_array},
    {"jsonb_build_array", 1, V, {TYPE_NULL}, B, build_array},
    {"json_build_object", 1, V, {TYPE_NULL}, J, build_object},
    {"jsonb_build_object", 1, V, {TYPE_NULL}, B, build_object},
    {"json_object", 1, S, {A}, J, object_of_texts},
    {"json_object", 2, S, {A, A}, J, object_of_texts},
    {"jsonb_object", 1, S, {A}, B, object_of_texts},
    {"jsonb_object", 2, S, {A, A}, B, object_of_texts},
    {"json array text", 1, S | I, {TYPE_TEXT}, TYPE_TEXT, array_text_of},
    {"json item", 1, S | I, {A}, J, list_item},
    {"json of elements", 1, S | I, {A}, J, list_of_elements},
    {"jsonb of elements", 1, S | I, {A}, B, list_of_elements},
    {"json of pairs", 2, S | I, {A, A}, J, object_of_elements},
    {"jsonb of pairs", 2, S | I, {A, A}, B, object_of_elements},
    {0},
};
