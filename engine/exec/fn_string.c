// Text functions that build new texts: replace, pad, repeat, reverse, quoting, md5, hex, translate, overlay.
#include "engine/exec/fn.h"

#include "engine/base/utf8.h"
#include <string.h>

static bool too_long(KernelContext *ctx)
{
    return err_set_at(ctx->err, "54000", ctx->at, "requested length too large");
}

// Runs `build` into one growing buffer per row.
typedef bool (*Build)(const Vector *arg, uint32_t args, uint32_t row, Bytes *b, KernelContext *ctx);
static bool build_rows(const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count, Vector *out,
                       KernelContext *ctx, Build build)
{
    Bytes b;
    bool ok = true;
    bytes_init(&b, TYPE_VALUE_BYTES_MAX);
    for (uint32_t k = 0; ok && k < count; k++) {
        uint32_t row = sel ? sel[k] : k;
        bytes_clear(&b);
        ok = build(arg, args, row, &b, ctx);
        if (ok && b.failed) ok = too_long(ctx);
        ok = ok && fn_put(out, row, bytes_str(&b), ctx);
    }
    bytes_done(&b);
    return ok;
}
#define BUILT(name, build)                                                                                   \
    FN_KERNEL(name) { return build_rows(arg, args, sel, count, out, ctx, build); }
#define BUILD(name)                                                                                          \
    static bool name(const Vector *arg, uint32_t args, uint32_t row, Bytes *b, KernelContext *ctx)
#define BUILD_UNUSED (void)args, (void)ctx

BUILD(build_replace)
{
    BUILD_UNUSED;
    Str s = fn_str(arg, 0, row), from = fn_str(arg, 1, row), to = fn_str(arg, 2, row);
    size_t at = 0, hit;
    while (from.len && (hit = str_find(s, from, at)) != SIZE_MAX) {
        bytes_put(b, str_slice(s, at, hit - at));
        bytes_put(b, to);
        at = hit + from.len;
    }
    bytes_put(b, str_slice(s, at, s.len - at));
    return true;
}
BUILT(text_replace, build_replace)

BUILD(build_repeat)
{
    BUILD_UNUSED;
    Str s = fn_str(arg, 0, row);
    int32_t n = FN_CELL(int32_t, 1, row);
    if (n > 0 && s.len > (size_t)TYPE_VALUE_BYTES_MAX / (size_t)n) return too_long(ctx);
    for (int32_t i = 0; i < n && s.len && !b->failed; i++) bytes_put(b, s);
    return true;
}
BUILT(text_repeat, build_repeat)

BUILD(build_reverse)
{
    BUILD_UNUSED;
    Str s = fn_str(arg, 0, row);
    for (size_t at = s.len; at > 0;) {
        size_t from = at - 1;
        while (from > 0 && ((unsigned char)s.at[from] & 0xC0) == 0x80) from--;
        bytes_put(b, str_slice(s, from, at - from));
        at = from;
    }
    return true;
}
BUILT(text_reverse, build_reverse)

// Characters of fill, over and over, until `need` are there.
static void put_fill(Bytes *b, Str fill, size_t need)
{
    size_t pos = 0;
    for (; need && !b->failed; need--) {
        size_t from = pos;
        utf8_next(fill, &pos);
        bytes_put(b, str_slice(fill, from, pos - from));
        if (pos >= fill.len) pos = 0;
    }
}

static bool pad(const Vector *arg, uint32_t args, uint32_t row, Bytes *b, KernelContext *ctx, bool left)
{
    Str s = fn_str(arg, 0, row), fill = args > 2 ? fn_str(arg, 2, row) : STR(" ");
    int32_t want = FN_CELL(int32_t, 1, row);
    size_t width = want < 0 ? 0 : (size_t)want, have = utf8_length(s);
    if (width > TYPE_VALUE_BYTES_MAX / 4) return too_long(ctx);
    size_t need = have < width && fill.len ? width - have : 0;
    if (have > width) s = str_slice(s, 0, utf8_offset(s, width));
    if (left) put_fill(b, fill, need);
    bytes_put(b, s);
    if (!left) put_fill(b, fill, need);
    return true;
}
BUILD(build_lpad) { return pad(arg, args, row, b, ctx, true); }
BUILD(build_rpad) { return pad(arg, args, row, b, ctx, false); }
BUILT(text_lpad, build_lpad)
BUILT(text_rpad, build_rpad)

BUILD(build_translate)
{
    BUILD_UNUSED;
    Str s = fn_str(arg, 0, row), from = fn_str(arg, 1, row), to = fn_str(arg, 2, row);
    for (size_t pos = 0; pos < s.len;) {
        size_t at = pos, f = 0, t = 0;
        utf8_next(s, &pos);
        Str rune = str_slice(s, at, pos - at);
        bool found = false;
        while (f < from.len && !found) {
            size_t f_at = f, t_at = t;
            utf8_next(from, &f);
            if (t < to.len) utf8_next(to, &t);
            found = str_equal(rune, str_slice(from, f_at, f - f_at));
            if (found) bytes_put(b, str_slice(to, t_at, t - t_at));
        }
        if (!found) bytes_put(b, rune);
    }
    return true;
}
BUILT(text_translate, build_translate)

BUILD(build_overlay)
{
    Str s = fn_str(arg, 0, row), with = fn_str(arg, 1, row);
    int64_t from = FN_CELL(int32_t, 2, row),
            len = args > 3 ? FN_CELL(int32_t, 3, row) : (int64_t)utf8_length(with);
    if (from <= 0) return err_set_at(ctx->err, "22011", ctx->at, "negative substring length not allowed");
    int64_t behind = from - 1 + len;
    size_t tail = behind > 0 ? utf8_offset(s, (size_t)behind) : 0;
    bytes_put(b, str_slice(s, 0, utf8_offset(s, (size_t)from - 1)));
    bytes_put(b, with);
    bytes_put(b, str_slice(s, tail, s.len - tail));
    return true;
}
BUILT(text_overlay, build_overlay)

void fn_quote_literal(Bytes *b, Str s)
{
    if (str_find_byte(s, '\\', 0) != SIZE_MAX) bytes_put_byte(b, 'E');
    bytes_put_byte(b, '\'');
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '\'' || s.at[i] == '\\') bytes_put_byte(b, s.at[i]);
        bytes_put_byte(b, s.at[i]);
    }
    bytes_put_byte(b, '\'');
}

BUILD(build_quote_literal)
{
    BUILD_UNUSED;
    fn_quote_literal(b, fn_str(arg, 0, row));
    return true;
}
BUILT(text_quote_literal, build_quote_literal)

// Words that may not stand bare as a name.
static bool is_reserved(Str s)
{
    static const char *const words[] = {
        "all",     "analyse", "analyze", "and",       "any",     "array",   "as",         "asc",
        "both",    "case",    "cast",    "check",     "collate", "column",  "constraint", "create",
        "cross",   "default", "desc",    "distinct",  "do",      "else",    "end",        "except",
        "false",   "fetch",   "for",     "foreign",   "from",    "full",    "grant",      "group",
        "having",  "in",      "inner",   "intersect", "into",    "is",      "join",       "lateral",
        "leading", "left",    "like",    "limit",     "natural", "not",     "null",       "offset",
        "on",      "only",    "or",      "order",     "outer",   "primary", "references", "returning",
        "right",   "select",  "some",    "symmetric", "table",   "then",    "to",         "trailing",
        "true",    "union",   "unique",  "user",      "using",   "when",    "where",      "window",
        "with"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_equal(s, str_of(words[i]))) return true;
    return false;
}

void fn_quote_ident(Bytes *b, Str s)
{
    bool bare = s.len && !(s.at[0] >= '0' && s.at[0] <= '9') && !is_reserved(s);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        bare &= (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    if (!bare) bytes_put_byte(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"') bytes_put_byte(b, '"');
        bytes_put_byte(b, s.at[i]);
    }
    if (!bare) bytes_put_byte(b, '"');
}

BUILD(build_quote_ident)
{
    BUILD_UNUSED;
    fn_quote_ident(b, fn_str(arg, 0, row));
    return true;
}
BUILT(text_quote_ident, build_quote_ident)

BUILD(build_hex32)
{
    BUILD_UNUSED;
    bytes_put_hex64(b, (uint32_t)FN_CELL(int32_t, 0, row), 1);
    return true;
}
BUILD(build_hex64)
{
    BUILD_UNUSED;
    bytes_put_hex64(b, (uint64_t)FN_CELL(int64_t, 0, row), 1);
    return true;
}
BUILT(hex_i32, build_hex32)
BUILT(hex_i64, build_hex64)

// ---- MD5 (RFC 1321): a checksum for people, no longer fit for secrets ----

static void md5_block(uint32_t state[4], const unsigned char *at)
{
    static const uint8_t turn[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    static const uint32_t sine[64] = {
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
        0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
        0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
        0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
        0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
        0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
        0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
        0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
    uint32_t word[16], a = state[0], b = state[1], c = state[2], d = state[3];
    memcpy(word, at, sizeof word); // little endian, as this machine
    for (unsigned i = 0; i < 64; i++) {
        uint32_t f;
        unsigned g;
        switch (i / 16) {
        case 0: f = (b & c) | (~b & d), g = i; break;
        case 1: f = (d & b) | (~d & c), g = (5 * i + 1) % 16; break;
        case 2: f = b ^ c ^ d, g = (3 * i + 5) % 16; break;
        default: f = c ^ (b | ~d), g = 7 * i % 16; break;
        }
        unsigned by = turn[i / 16][i % 4];
        f += a + sine[i] + word[g];
        a = d;
        d = c;
        c = b;
        b += f << by | f >> (32 - by);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

BUILD(build_md5)
{
    BUILD_UNUSED;
    Str s = fn_str(arg, 0, row);
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    unsigned char last[128] = {0};
    size_t whole = s.len / 64 * 64, rest = s.len - whole, size = rest < 56 ? 64 : 128;
    for (size_t at = 0; at < whole; at += 64) md5_block(state, (const unsigned char *)s.at + at);
    if (rest) memcpy(last, s.at + whole, rest);
    last[rest] = 0x80;
    for (unsigned i = 0; i < 8; i++) last[size - 8 + i] = (unsigned char)((uint64_t)s.len * 8 >> (8 * i));
    for (size_t at = 0; at < size; at += 64) md5_block(state, last + at);
    for (unsigned i = 0; i < 16; i++) bytes_put_hex64(b, state[i / 4] >> (8 * (i % 4)) & 255, 2);
    return true;
}
BUILT(text_md5, build_md5)

#define S FUNCTION_STRICT
#define T TYPE_TEXT
#define I TYPE_INTEGER
const Function fn_string[] = {
    {"replace", 3, S, {T, T, T}, T, text_replace},
    {"repeat", 2, S, {T, I}, T, text_repeat},
    {"reverse", 1, S, {T}, T, text_reverse},
    {"lpad", 2, S, {T, I}, T, text_lpad},
    {"lpad", 3, S, {T, I, T}, T, text_lpad},
    {"rpad", 2, S, {T, I}, T, text_rpad},
    {"rpad", 3, S, {T, I, T}, T, text_rpad},
    {"translate", 3, S, {T, T, T}, T, text_translate},
    {"overlay", 3, S, {T, T, I}, T, text_overlay},
    {"overlay", 4, S, {T, T, I, I}, T, text_overlay},
    {"quote_literal", 1, S, {T}, T, text_quote_literal},
    {"quote_ident", 1, S, {T}, T, text_quote_ident},
    {"to_hex", 1, S, {I}, T, hex_i32},
    {"to_hex", 1, S, {TYPE_BIGINT}, T, hex_i64},
    {"md5", 1, S, {T}, T, text_md5},
    {"md5", 1, S, {TYPE_BYTEA}, T, text_md5},
    {0},
};
