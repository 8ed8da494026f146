// JSON put: values as JSON. The rules are those of PostgreSQL 15's datum_to_json.
#include "engine/exec/json_put.h"

#include "engine/data/datetime.h"
#include "engine/data/record.h"
#include "engine/exec/fn.h"

// What the value's text is, with the session's zone and the labels of enums.
static bool plain_text(Str *out, const Value *v, KernelContext *ctx)
{
    Value text;
    if (!cast_value_in(ctx->cast, &text, v, type_of(TYPE_TEXT), CAST_EXPLICIT, ctx->mem, ctx->err))
        return false;
    *out = arena_copy(ctx->mem, text_str(&text.text));
    return true;
}

// "2026-11-21 10:00:00+01" is written "2026-11-21T10:00:00+01:00".
static void put_moment(Bytes *out, const Value *v, KernelContext *ctx)
{
    char text[DATETIME_TEXT_SIZE];
    bool zoned = v->type.id == TYPE_TIMESTAMPTZ;
    size_t len = v->type.id == TYPE_DATE ? date_to_text(v->i32, text)
                 : zoned                 ? timestamptz_to_text(v->i64, fn_zone(ctx), text)
                                         : timestamp_to_text(v->i64, text);
    Str s = {text, len};
    size_t bc = str_find(s, STR(" BC"), 0), end = bc == SIZE_MAX ? s.len : bc;
    char *gap = memchr(text, ' ', end);
    if (gap) *gap = 'T';
    bytes_put_byte(out, '"');
    bytes_put(out, str_slice(s, 0, end));
    bool hours_only = gap && end >= 3 && (text[end - 3] == '+' || text[end - 3] == '-');
    if (zoned && hours_only) bytes_put(out, STR(":00"));
    bytes_put(out, str_slice(s, end, s.len));
    bytes_put_byte(out, '"');
}

// NaN and Infinity are no JSON numbers.
static void put_number(Bytes *out, const Value *v)
{
    size_t from = out->len;
    value_to_text(v, out);
    if (out->failed || out->len == from) return;
    char last = out->at[out->len - 1];
    if (last >= '0' && last <= '9') return;
    Str word = str_slice(bytes_str(out), from, out->len - from);
    char copy[16];
    memcpy(copy, word.at, word.len < sizeof copy ? word.len : sizeof copy);
    size_t len = word.len;
    out->len = from;
    bytes_printf(out, "\"%.*s\"", (int)len, copy);
}

static bool put_dimension(Bytes *out, const Array *a, uint32_t d, uint32_t *at, bool lines,
                          KernelContext *ctx)
{
    bytes_put_byte(out, '[');
    for (uint32_t i = 0; i < a->dim[d].length && !out->failed; i++) {
        if (i) bytes_put(out, lines ? STR(",\n ") : STR(","));
        if (d + 1 < a->dims) {
            if (!put_dimension(out, a, d + 1, at, false, ctx)) return false;
            continue;
        }
        Value v = array_value(a, (*at)++, ctx->mem);
        if (!json_put(out, &v, false, ctx)) return false;
    }
    bytes_put_byte(out, ']');
    return true;
}

static bool put_array(Bytes *out, const Value *v, bool lines, KernelContext *ctx)
{
    Array a;
    uint32_t at = 0;
    if (!array_open(&a, &v->text))
        return err_set_at(ctx->err, SQLSTATE_CORRUPT, ctx->at, "an array is damaged");
    if (a.dims) return put_dimension(out, &a, 0, &at, lines, ctx);
    bytes_put(out, STR("[]"));
    return true;
}

static bool put_record(Bytes *out, const Value *v, bool lines, KernelContext *ctx)
{
    Record r;
    if (!record_open(&r, &v->text))
        return err_set_at(ctx->err, SQLSTATE_CORRUPT, ctx->at, "a row value is damaged");
    bytes_put_byte(out, '{');
    for (uint32_t i = 0; i < r.fields && !out->failed; i++) {
        Value field = record_value(&r, i, ctx->mem);
        if (i) bytes_put(out, lines ? STR(",\n ") : STR(","));
        document_put_string(out, record_name(&r, i, ctx->mem));
        bytes_put_byte(out, ':');
        if (!json_put(out, &field, false, ctx)) return false;
    }
    bytes_put_byte(out, '}');
    return true;
}

bool json_put(Bytes *out, const Value *v, bool lines, KernelContext *ctx)
{
    Str s;
    if (v->null) {
        bytes_put(out, STR("null"));
        return true;
    }
    if (type_is_number(v->type.id)) {
        put_number(out, v);
        return true;
    }
    switch (v->type.id) {
    case TYPE_BOOLEAN: bytes_put(out, v->boolean ? STR("true") : STR("false")); return true;
    case TYPE_JSON:
    case TYPE_JSONB: bytes_put(out, text_str(&v->text)); return true;
    case TYPE_ARRAY: return put_array(out, v, lines, ctx);
    case TYPE_RECORD: return put_record(out, v, lines, ctx);
    case TYPE_DATE:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ: put_moment(out, v, ctx); return true;
    default: break;
    }
    if (!plain_text(&s, v, ctx)) return false;
    document_put_string(out, s);
    return true;
}

bool json_put_key(Bytes *out, const Value *v, KernelContext *ctx)
{
    Str s;
    if (v->null) return err_set_at(ctx->err, "22023", ctx->at, "key value must not be null");
    if (v->type.id == TYPE_ARRAY || v->type.id == TYPE_JSON || v->type.id == TYPE_JSONB ||
        v->type.id == TYPE_RECORD)
        return err_set_at(ctx->err, "22023", ctx->at,
                          "key value must be scalar, not array, composite, or json");
    if (v->type.id == TYPE_BOOLEAN) {
        document_put_string(out, v->boolean ? STR("true") : STR("false"));
        return true;
    }
    if (v->type.id == TYPE_TIMESTAMP || v->type.id == TYPE_TIMESTAMPTZ) {
        put_moment(out, v, ctx);
        return true;
    }
    if (!plain_text(&s, v, ctx)) return false;
    document_put_string(out, s);
    return true;
}

bool json_put_done(Bytes *text, Vector *out, uint32_t row, KernelContext *ctx)
{
    bool fine = !text->failed;
    if (!fine)
        err_set_at(ctx->err, SQLSTATE_LIMIT, ctx->at, "the JSON value is longer than one value may be");
    else if (out->type.id == TYPE_JSONB)
        fine = document_normal((Text *)out->data + row, bytes_str(text), ctx->mem, ctx->err);
    else
        fine = fn_put(out, row, bytes_str(text), ctx);
    bytes_done(text);
    return fine;
}
