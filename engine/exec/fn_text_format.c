// format(text, …): %s, %I and %L with a place, a flag and a width (PostgreSQL 15, 9.4.1); and the small
// functions that take values of any types: quote_nullable, num_nulls, num_nonnulls.
#include "engine/base/utf8.h"
#include "engine/exec/fn.h"

typedef struct Format {
    Str s;
    size_t at;
    const Vector *arg;
    uint32_t args, row, next; // next: the argument before the one that comes
    KernelContext *ctx;
    Bytes *out;
} Format;

// One %…: what stands between the sign and the letter.
typedef struct FormatSpec {
    int64_t place, width_place; // 0 = not given; width_place -1 = the next argument
    int64_t width;
    bool left;
} FormatSpec;

static bool wrong(const Format *f, const char *what)
{
    return err_set_at(f->ctx->err, "22023", f->ctx->at, "%s", what);
}

static bool unterminated(const Format *f)
{
    wrong(f, "unterminated format() type specifier");
    return err_hint(f->ctx->err, "For a single \"%%\" use \"%%%%\".");
}

static bool digits(Format *f, int64_t *out, bool *any)
{
    *out = 0;
    *any = false;
    for (; f->at < f->s.len && f->s.at[f->at] >= '0' && f->s.at[f->at] <= '9'; f->at++, *any = true)
        if ((*out = *out * 10 + (f->s.at[f->at] - '0')) > INT32_MAX)
            return wrong(f, "number is out of range");
    return f->at < f->s.len || unterminated(f);
}

static bool place_of(Format *f, int64_t n, int64_t *place)
{
    if (!n) return wrong(f, "format specifies argument 0, but arguments are numbered from 1");
    *place = n;
    f->at++;
    return f->at < f->s.len || unterminated(f);
}

static bool width_of(Format *f, FormatSpec *spec)
{
    bool any;
    int64_t n;
    if (f->s.at[f->at] != '*') {
        if (!digits(f, &n, &any)) return false;
        if (any) spec->width = n;
        return true;
    }
    f->at++;
    if (f->at >= f->s.len) return unterminated(f);
    if (!digits(f, &n, &any)) return false;
    spec->width_place = -1;
    if (!any) return true;
    if (f->s.at[f->at] != '$') return wrong(f, "width argument position must be ended by \"$\"");
    return place_of(f, n, &spec->width_place);
}

static bool spec_read(Format *f, FormatSpec *spec)
{
    bool any;
    int64_t n;
    *spec = (FormatSpec){0};
    if (!digits(f, &n, &any)) return false;
    if (any && f->s.at[f->at] != '$') { // it was the width
        spec->width = n;
        return true;
    }
    if (any && !place_of(f, n, &spec->place)) return false;
    for (; f->at < f->s.len && f->s.at[f->at] == '-'; f->at++) spec->left = true;
    return f->at < f->s.len ? width_of(f, spec) : unterminated(f);
}

// The argument at a place, or the next one.
static bool argument(Format *f, int64_t place, const Vector **out)
{
    if (place > 0) f->next = (uint32_t)place;
    if (place <= 0) f->next++;
    if (f->next >= f->args) return wrong(f, "too few arguments for format()");
    *out = &f->arg[f->next];
    return true;
}

// As the value is printed; what needs the session is cast.
static bool argument_text(const Format *f, const Vector *v, Str *out)
{
    Value value = vector_value(v, f->row);
    *out = STR_NONE;
    if (value.null) return true;
    if (cast_needs_context(value.type.id)) {
        bool fine = cast_value_in(f->ctx->cast, &value, &value, type_of(TYPE_TEXT), CAST_EXPLICIT,
                                  f->ctx->mem, f->ctx->err);
        if (fine) *out = arena_copy(f->ctx->mem, text_str(&value.text));
        return fine;
    }
    Bytes text;
    bytes_init(&text, TYPE_VALUE_BYTES_MAX);
    value_to_text(&value, &text);
    if (text.failed) f->out->failed = true;
    *out = arena_copy(f->ctx->mem, bytes_str(&text));
    bytes_done(&text);
    return true;
}

static bool width_argument(Format *f, FormatSpec *spec)
{
    const Vector *v = NULL;
    Str s;
    if (!spec->width_place) return true;
    if (!argument(f, spec->width_place, &v) || !argument_text(f, v, &s)) return false;
    spec->width = 0;
    if (s.len && !str_to_int64(s, &spec->width))
        return err_set_at(f->ctx->err, SQLSTATE_BAD_TEXT, f->ctx->at,
                          "invalid input syntax for type integer: \"%.*s\"", STR_ARG(s));
    if (spec->width < 0) {
        spec->left = true;
        spec->width = -spec->width;
    }
    return spec->width <= INT32_MAX || wrong(f, "number is out of range");
}

static bool put_value(Format *f, char letter, const Vector *v, Bytes *one)
{
    Str s;
    bool null = vector_is_null(v, f->row);
    if (null && letter == 'I')
        return err_set_at(f->ctx->err, "22004", f->ctx->at,
                          "null values cannot be formatted as an SQL identifier");
    if (!argument_text(f, v, &s)) return false;
    if (letter == 's')
        bytes_put(one, s);
    else if (letter == 'I')
        fn_quote_ident(one, s);
    else if (null)
        bytes_put(one, STR("NULL"));
    else
        fn_quote_literal(one, s);
    return true;
}

static bool directive(Format *f)
{
    FormatSpec spec;
    const Vector *v = NULL;
    if (f->at >= f->s.len) return unterminated(f);
    if (f->s.at[f->at] == '%') {
        bytes_put_byte(f->out, '%');
        f->at++;
        return true;
    }
    if (!spec_read(f, &spec)) return false;
    char letter = f->s.at[f->at++];
    if (letter != 's' && letter != 'I' && letter != 'L') {
        err_set_at(f->ctx->err, "22023", f->ctx->at, "unrecognized format() type specifier \"%c\"", letter);
        return err_hint(f->ctx->err, "For a single \"%%\" use \"%%%%\".");
    }
    Bytes one;
    bytes_init(&one, TYPE_VALUE_BYTES_MAX);
    bool fine = width_argument(f, &spec) && argument(f, spec.place, &v) && put_value(f, letter, v, &one);
    size_t len = utf8_length(bytes_str(&one)), fill = (size_t)spec.width > len ? (size_t)spec.width - len : 0;
    if (fine && fill && !spec.left) bytes_put_repeat(f->out, ' ', fill);
    if (fine) bytes_put(f->out, bytes_str(&one));
    if (fine && fill && spec.left) bytes_put_repeat(f->out, ' ', fill);
    if (one.failed) f->out->failed = true;
    bytes_done(&one);
    return fine;
}

static bool format_row(const Vector *arg, uint32_t args, uint32_t row, Vector *out, KernelContext *ctx)
{
    Bytes text;
    Format f = {.arg = arg, .args = args, .row = row, .ctx = ctx, .out = &text, .s = fn_str(arg, 0, row)};
    bool fine = true;
    bytes_init(&text, TYPE_VALUE_BYTES_MAX);
    while (fine && f.at < f.s.len) {
        char c = f.s.at[f.at++];
        if (c == '%')
            fine = directive(&f);
        else
            bytes_put_byte(&text, c);
    }
    if (fine && text.failed)
        fine = err_set_at(ctx->err, SQLSTATE_LIMIT, ctx->at, "the text is longer than one value may be");
    fine = fine && fn_put(out, row, bytes_str(&text), ctx);
    bytes_done(&text);
    return fine;
}

FN_KERNEL(text_format)
{
    FN_ROWS(r, {
        if (vector_is_null(&arg[0], r))
            vector_set_null(out, r);
        else if (!format_row(arg, args, r, out, ctx))
            return false;
    });
    return true;
}

static bool count_nulls(const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count, Vector *out,
                        bool nulls)
{
    FN_ROWS(r, {
        int32_t n = 0;
        for (uint32_t i = 0; i < args; i++) n += vector_is_null(&arg[i], r) == nulls;
        FN_OUT(int32_t)[r] = n;
    });
    return true;
}
FN_KERNEL(num_nulls)
{
    (void)ctx;
    return count_nulls(arg, args, sel, count, out, true);
}
FN_KERNEL(num_nonnulls)
{
    (void)ctx;
    return count_nulls(arg, args, sel, count, out, false);
}

const Function fn_text_format[] = {
    {"format", 2, FUNCTION_VARIADIC, {TYPE_TEXT, TYPE_NULL}, TYPE_TEXT, text_format},
    {"num_nulls", 1, FUNCTION_VARIADIC, {TYPE_NULL}, TYPE_INTEGER, num_nulls},
    {"num_nonnulls", 1, FUNCTION_VARIADIC, {TYPE_NULL}, TYPE_INTEGER, num_nonnulls},
    {0},
};
