// Functions of byte strings: encode and decode (hex, base64, escape), cutting.
#include "engine/exec/fn.h"

#include <string.h>
#include <sys/types.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

typedef bool (*Coder)(Str in, Bytes *out, KernelContext *ctx);

static bool hex_encode(Str in, Bytes *out, KernelContext *ctx)
{
    (void)ctx;
    for (size_t i = 0; i < in.len; i++) bytes_put_hex64(out, (unsigned char)in.at[i], 2);
    return true;
}

static bool hex_decode(Str in, Bytes *out, KernelContext *ctx)
{
    int high = -1;
    for (size_t i = 0; i < in.len; i++) {
        if (in.at[i] == ' ' || in.at[i] == '\n' || in.at[i] == '\t' || in.at[i] == '\r') continue;
        int d = hex_digit(in.at[i]);
        if (d < 0)
            return err_set_at(ctx->err, "22023", ctx->at, "invalid hexadecimal digit: \"%.1s\"", in.at + i);
        if (high >= 0) bytes_put_byte(out, (char)(high << 4 | d));
        high = high >= 0 ? -1 : d;
    }
    return high < 0 ||
           err_set_at(ctx->err, "22023", ctx->at, "invalid hexadecimal data: odd number of digits");
}

static const char base64_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// RFC 2045: lines of 76 characters.
static bool base64_encode(Str in, Bytes *out, KernelContext *ctx)
{
    (void)ctx;
    for (size_t i = 0; i < in.len; i += 3) {
        size_t n = in.len - i < 3 ? in.len - i : 3;
        uint32_t v = 0;
        for (size_t k = 0; k < 3; k++) v = v << 8 | (k < n ? (unsigned char)in.at[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            bytes_put_byte(out, k <= n ? base64_letters[v >> (18 - 6 * k) & 63] : '=');
        if ((i / 3 + 1) % 19 == 0 && i + 3 < in.len) bytes_put_byte(out, '\n');
    }
    return true;
}

static bool base64_decode(Str in, Bytes *out, KernelContext *ctx)
{
    uint32_t v = 0;
    unsigned have = 0, ends = 0;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.at[i];
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r') continue;
        const char *at = c ? strchr(base64_letters, c) : NULL;
        if (c == '=')
            ends++;
        else if (!at || ends)
            return err_set_at(ctx->err, "22023", ctx->at,
                              "invalid symbol \"%.1s\" found while decoding base64 sequence", in.at + i);
        v = v << 6 | (c == '=' ? 0 : (uint32_t)(at - base64_letters));
        if (++have < 4) continue;
        for (unsigned k = 0; k + ends < 3; k++) bytes_put_byte(out, (char)(v >> (16 - 8 * k)));
        have = v = 0;
    }
    return !have || err_set_at(ctx->err, "22023", ctx->at, "invalid base64 end sequence");
}

static bool escape_encode(Str in, Bytes *out, KernelContext *ctx)
{
    (void)ctx;
    for (size_t i = 0; i < in.len; i++) {
        unsigned char c = (unsigned char)in.at[i];
        if (c == '\\')
            bytes_put(out, STR("\\\\"));
        else if (c == 0 || c >= 128)
            bytes_printf(out, "\\%03o", c);
        else
            bytes_put_byte(out, (char)c);
    }
    return true;
}

static bool is_octal(Str s, size_t at)
{
    return at + 3 < s.len && s.at[at + 1] >= '0' && s.at[at + 1] <= '3' && s.at[at + 2] >= '0' &&
           s.at[at + 2] <= '7' && s.at[at + 3] >= '0' && s.at[at + 3] <= '7';
}

static bool escape_decode(Str in, Bytes *out, KernelContext *ctx)
{
    for (size_t i = 0; i < in.len; i++) {
        if (in.at[i] != '\\')
            bytes_put_byte(out, in.at[i]);
        else if (i + 1 < in.len && in.at[i + 1] == '\\')
            bytes_put_byte(out, in.at[++i]);
        else if (is_octal(in, i)) {
            bytes_put_byte(
                out, (char)((in.at[i + 1] - '0') << 6 | (in.at[i + 2] - '0') << 3 | (in.at[i + 3] - '0')));
            i += 3;
        } else
            return err_set_at(ctx->err, SQLSTATE_BAD_TEXT, ctx->at, "invalid input syntax for type bytea");
    }
    return true;
}

static Coder coder_of(Str name, bool encode)
{
    static const struct {
        const char *name;
        Coder encode, decode;
    } coders[] = {{"hex", hex_encode, hex_decode},
                  {"base64", base64_encode, base64_decode},
                  {"escape", escape_encode, escape_decode}};
    for (size_t i = 0; i < COUNT_OF(coders); i++)
        if (str_equal_fold(name, str_of(coders[i].name))) return encode ? coders[i].encode : coders[i].decode;
    return NULL;
}

static bool code_rows(const Vector *arg, const uint16_t *sel, uint32_t count, Vector *out, KernelContext *ctx,
                      bool encode)
{
    Bytes b;
    bool ok = true;
    bytes_init(&b, TYPE_VALUE_BYTES_MAX);
    for (uint32_t k = 0; ok && k < count; k++) {
        uint32_t row = sel ? sel[k] : k;
        Str name = fn_str(arg, 1, row);
        Coder code = coder_of(name, encode);
        bytes_clear(&b);
        if (!code)
            ok = err_set_at(ctx->err, "22023", ctx->at, "unrecognized encoding: \"%.*s\"", STR_ARG(name));
        ok = ok && code(fn_str(arg, 0, row), &b, ctx);
        if (ok && b.failed)
            ok = err_set_at(ctx->err, "54000", ctx->at, "result of encoding conversion is too large");
        ok = ok && fn_put(out, row, bytes_str(&b), ctx);
    }
    bytes_done(&b);
    return ok;
}
FN_KERNEL(bytes_encode)
{
    (void)args;
    return code_rows(arg, sel, count, out, ctx, true);
}
FN_KERNEL(bytes_decode)
{
    (void)args;
    return code_rows(arg, sel, count, out, ctx, false);
}

FN_KERNEL(bytes_substr)
{
    FN_ROWS(r, {
        Str s = fn_str(arg, 0, r);
        int64_t from = (int64_t)FN_CELL(int32_t, 1, r) - 1;
        int64_t len = args > 2 ? FN_CELL(int32_t, 2, r) : INT32_MAX;
        if (len < 0) return err_set_at(ctx->err, "22011", ctx->at, "negative substring length not allowed");
        int64_t to = from + len;
        if (from < 0) from = 0;
        s = to > from ? str_slice(s, (size_t)from, (size_t)(to - from)) : STR_NONE;
        FN_OUT(Text)[r] = text_of(s);
    });
    return true;
}

FN_KERNEL(bytes_get)
{
    FN_UNUSED;
    FN_ROWS(r, {
        Str s = fn_str(arg, 0, r);
        int32_t at = FN_CELL(int32_t, 1, r);
        if (at < 0 || (size_t)at >= s.len)
            return err_set_at(ctx->err, "2202E", ctx->at, "index %d out of valid range, 0..%zd", at,
                              (ssize_t)s.len - 1);
        FN_OUT(int32_t)[r] = (unsigned char)s.at[at];
    });
    return true;
}

#define S FUNCTION_STRICT
#define B TYPE_BYTEA
#define I TYPE_INTEGER
const Function fn_bytes[] = {
    {"encode", 2, S, {B, TYPE_TEXT}, TYPE_TEXT, bytes_encode},
    {"decode", 2, S, {TYPE_TEXT, TYPE_TEXT}, B, bytes_decode},
    {"substr", 2, S, {B, I}, B, bytes_substr},
    {"substr", 3, S, {B, I, I}, B, bytes_substr},
    {"substring", 2, S, {B, I}, B, bytes_substr},
    {"substring", 3, S, {B, I, I}, B, bytes_substr},
    {"get_byte", 2, S, {B, I}, I, bytes_get},
    {0},
};
