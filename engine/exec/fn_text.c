// Text functions that look or change case by case: joining, measuring, cutting, finding. Positions and
// lengths are in characters (UTF-8), from 1, and follow PostgreSQL 15 where it is asked for what does not
// exist.
#include "engine/exec/fn.h"

#include "engine/base/utf8.h"
#include "engine/data/cast.h"
#include <inttypes.h>
#include <string.h>

char *fn_room(KernelContext *ctx, size_t len)
{
    char *at = len <= TYPE_VALUE_BYTES_MAX ? arena_try(ctx->mem, len + 1, 1) : NULL;
    if (!at)
        err_set_at(ctx->err, "54000", ctx->at, "a text of %zu bytes is longer than the limit of %d bytes",
                   len, TYPE_VALUE_BYTES_MAX);
    return at;
}

bool fn_put(Vector *out, uint32_t row, Str s, KernelContext *ctx)
{
    if (s.len > TEXT_INLINE) {
        char *at = fn_room(ctx, s.len);
        if (!at) return false;
        memcpy(at, s.at, s.len);
        s.at = at;
    }
    ((Text *)out->data)[row] = text_of(s);
    return true;
}

static inline void put_borrowed(Vector *out, uint32_t row, Str s) { ((Text *)out->data)[row] = text_of(s); }

static bool is_ascii(Str s)
{
    unsigned char any = 0;
    for (size_t i = 0; i < s.len; i++) any |= (unsigned char)s.at[i];
    return any < 128;
}

// Bytes [from, to) of characters from … to-1 (0-based, clamped).
static Str rune_slice(Str s, int64_t from, int64_t to)
{
    if (from < 0) from = 0;
    if (to <= from) return STR_NONE;
    if (is_ascii(s)) return str_slice(s, (size_t)from, (size_t)(to - from));
    size_t a = utf8_offset(s, (size_t)from);
    Str rest = str_slice(s, a, s.len - a);
    return str_slice(rest, 0, utf8_offset(rest, (size_t)(to - from)));
}
static size_t rune_count(Str s) { return is_ascii(s) ? s.len : utf8_length(s); }
static Str char_trimmed(const Vector *arg, uint32_t row)
{
    Text t = FN_CELL(Text, 0, row);
    Str s = fn_str(arg, 0, row);
    while (s.len && s.at[s.len - 1] == ' ') s.len--;
    (void)t;
    return s;
}

// ---- joining ----

FN_KERNEL(text_join)
{
    FN_UNUSED;
    FN_ROWS(r, {
        Str a = fn_str(arg, 0, r), b = fn_str(arg, 1, r);
        char *at;
        char small[TEXT_INLINE];
        size_t len = a.len + b.len;
        at = len <= TEXT_INLINE ? small : fn_room(ctx, len);
        if (!at) return false;
        if (a.len) memcpy(at, a.at, a.len);
        if (b.len) memcpy(at + a.len, b.at, b.len);
        put_borrowed(out, r, (Str){at, len});
    });
    return true;
}

static bool cells_join(const Vector *arg, uint32_t from, uint32_t args, uint32_t row, Str between, Bytes *b)
{
    bool first = true;
    for (uint32_t i = from; i < args; i++) {
        if (vector_is_null(&arg[i], row)) continue;
        if (!first) bytes_put(b, between);
        first = false;
        cast_cell_to_text(&arg[i], row, b);
    }
    return !b->failed;
}

// || of a text with any value: its cast to text, which spells booleans out.
FN_KERNEL(text_join_any)
{
    Bytes b;
    bool ok = true;
    bytes_init(&b, TYPE_VALUE_BYTES_MAX);
    for (uint32_t k = 0; ok && k < count; k++) {
        uint32_t r = sel ? sel[k] : k;
        bytes_clear(&b);
        for (uint32_t i = 0; i < args; i++) {
            if (arg[i].type.id == TYPE_BOOLEAN)
                bytes_put(&b, FN_CELL(uint8_t, i, r) ? STR("true") : STR("false"));
            else
                cast_cell_to_text(&arg[i], r, &b);
        }
        ok = b.failed ? err_set_at(ctx->err, "54000", ctx->at, "the joined text is too long")
                      : fn_put(out, r, bytes_str(&b), ctx);
    }
    bytes_done(&b);
    return ok;
}

// concat(a, …): NULLs count as nothing.
FN_KERNEL(text_concat)
{
    Bytes b;
    bool ok = true;
    bytes_init(&b, TYPE_VALUE_BYTES_MAX);
    for (uint32_t k = 0; ok && k < count; k++) {
        uint32_t r = sel ? sel[k] : k;
        bytes_clear(&b);
        ok = cells_join(arg, 0, args, r, STR_NONE, &b)
                 ? fn_put(out, r, bytes_str(&b), ctx)
                 : err_set_at(ctx->err, "54000", ctx->at, "the joined text is too long");
    }
    bytes_done(&b);
    return ok;
}

FN_KERNEL(text_concat_ws)
{
    Bytes b;
    bool ok = true;
    bytes_init(&b, TYPE_VALUE_BYTES_MAX);
    for (uint32_t k = 0; ok && k < count; k++) {
        uint32_t r = sel ? sel[k] : k;
        bytes_clear(&b);
        if (vector_is_null(&arg[0], r)) {
            vector_set_null(out, r);
            put_borrowed(out, r, STR_NONE);
            continue;
        }
        ok = cells_join(arg, 1, args, r, fn_str(arg, 0, r), &b)
                 ? fn_put(out, r, bytes_str(&b), ctx)
                 : err_set_at(ctx->err, "54000", ctx->at, "the joined text is too long");
    }
    bytes_done(&b);
    return ok;
}

// ---- measuring ----

#define MEASURE(name, EXPR)                                                                                  \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        FN_UNUSED;                                                                                           \
        FN_ROWS(r, { FN_OUT(int32_t)[r] = (int32_t)(EXPR); });                                               \
        return true;                                                                                         \
    }
MEASURE(text_length, rune_count(fn_str(arg, 0, r)))
MEASURE(char_length, rune_count(char_trimmed(arg, r)))
MEASURE(text_octets, fn_str(arg, 0, r).len)
MEASURE(text_bits, fn_str(arg, 0, r).len * 8)

static int32_t find_rune(Str s, Str needle)
{
    size_t at = str_find(s, needle, 0);
    if (at == SIZE_MAX) return 0;
    return (int32_t)rune_count(str_slice(s, 0, at)) + 1;
}
MEASURE(text_position, find_rune(fn_str(arg, 0, r), fn_str(arg, 1, r)))

FN_KERNEL(text_starts)
{
    FN_UNUSED;
    FN_ROWS(r, { FN_OUT(uint8_t)[r] = str_starts(fn_str(arg, 0, r), fn_str(arg, 1, r)); });
    return true;
}

static int32_t first_rune(Str s)
{
    size_t pos = 0;
    return s.len ? (int32_t)utf8_next(s, &pos) : 0;
}
MEASURE(text_ascii, first_rune(fn_str(arg, 0, r)))

FN_KERNEL(text_chr)
{
    FN_UNUSED;
    FN_ROWS(r, {
        int32_t rune = FN_CELL(int32_t, 0, r);
        char at[4];
        if (rune == 0) return err_set_at(ctx->err, "54000", ctx->at, "null character not permitted");
        if (rune < 0) return err_set_at(ctx->err, "22023", ctx->at, "character number must be positive");
        if (rune > 0x10FFFF || (rune >= 0xD800 && rune < 0xE000))
            return err_set_at(ctx->err, "54000", ctx->at,
                              "requested character not valid for encoding: %" PRId32, rune);
        size_t len = utf8_encode((uint32_t)rune, at);
        put_borrowed(out, r, (Str){at, len});
    });
    return true;
}

// ---- case ----

typedef uint32_t (*RuneMap)(uint32_t rune, bool word_start);
static uint32_t map_lower(uint32_t rune, bool start)
{
    (void)start;
    return utf8_rune_lower(rune);
}
static uint32_t map_upper(uint32_t rune, bool start)
{
    (void)start;
    return utf8_rune_upper(rune);
}
static uint32_t map_initcap(uint32_t rune, bool start)
{
    return start ? utf8_rune_upper(rune) : utf8_rune_lower(rune);
}

static bool text_map(const Vector *arg, const uint16_t *sel, uint32_t count, Vector *out, KernelContext *ctx,
                     RuneMap map)
{
    FN_ROWS(r, {
        Str s = fn_str(arg, 0, r);
        char small[4 * TEXT_INLINE];
        size_t used = 0;
        bool start = true;
        char *at = s.len <= TEXT_INLINE ? small : fn_room(ctx, s.len * 2);
        if (!at) return false;
        for (size_t pos = 0; pos < s.len;) {
            size_t from = pos;
            uint32_t rune = utf8_next(s, &pos);
            if (rune == UTF8_BAD) {
                memcpy(at + used, s.at + from, pos - from);
                used += pos - from;
            } else {
                used += utf8_encode(map(rune, start), at + used);
            }
            start = !utf8_rune_alnum(rune);
        }
        if (at == small && used > TEXT_INLINE) {
            if (!fn_put(out, r, (Str){at, used}, ctx)) return false;
        } else {
            put_borrowed(out, r, (Str){at, used});
        }
    });
    return true;
}
FN_KERNEL(text_lower)
{
    (void)args;
    return text_map(arg, sel, count, out, ctx, map_lower);
}
FN_KERNEL(text_upper)
{
    (void)args;
    return text_map(arg, sel, count, out, ctx, map_upper);
}
FN_KERNEL(text_initcap)
{
    (void)args;
    return text_map(arg, sel, count, out, ctx, map_initcap);
}

// ---- cutting ----

FN_KERNEL(text_substr)
{
    const bool whole = args == 2;
    FN_ROWS(r, {
        Str s = fn_str(arg, 0, r);
        int64_t from = (int64_t)FN_CELL(int32_t, 1, r) - 1;
        int64_t len = whole ? INT32_MAX : FN_CELL(int32_t, 2, r);
        if (len < 0) return err_set_at(ctx->err, "22011", ctx->at, "negative substring length not allowed");
        put_borrowed(out, r, rune_slice(s, from, whole ? INT32_MAX : from + len));
    });
    return true;
}

// Negative n: all but the last (left) or first (right) -n characters.
FN_KERNEL(text_left)
{
    FN_UNUSED;
    FN_ROWS(r, {
        Str s = fn_str(arg, 0, r);
        int64_t n = FN_CELL(int32_t, 1, r);
        if (n < 0) n += (int64_t)rune_count(s);
        put_borrowed(out, r, rune_slice(s, 0, n));
    });
    return true;
}
FN_KERNEL(text_right)
{
    FN_UNUSED;
    FN_ROWS(r, {
        Str s = fn_str(arg, 0, r);
        int64_t n = FN_CELL(int32_t, 1, r), all = (int64_t)rune_count(s);
        put_borrowed(out, r, rune_slice(s, n < 0 ? -n : all - n, all));
    });
    return true;
}

static bool rune_in(Str set, Str rune) { return str_find(set, rune, 0) != SIZE_MAX; }

static Str trim_runes(Str s, Str set, bool front, bool back)
{
    size_t from = 0, to = s.len;
    while (front && from < to) {
        size_t next = from;
        utf8_next(s, &next);
        if (!rune_in(set, str_slice(s, from, next - from))) break;
        from = next;
    }
    while (back && to > from) {
        size_t prev = to - 1;
        while (prev > from && ((unsigned char)s.at[prev] & 0xC0) == 0x80) prev--;
        if (!rune_in(set, str_slice(s, prev, to - prev))) break;
        to = prev;
    }
    return str_slice(s, from, to - from);
}

#define TRIM(name, front, back)                                                                              \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        (void)ctx;                                                                                           \
        FN_ROWS(r, {                                                                                         \
            Str set = args > 1 ? fn_str(arg, 1, r) : STR(" ");                                               \
            put_borrowed(out, r, trim_runes(fn_str(arg, 0, r), set, front, back));                           \
        });                                                                                                  \
        return true;                                                                                         \
    }
TRIM(text_btrim, true, true)
TRIM(text_ltrim, true, false)
TRIM(text_rtrim, false, true)

static Str split_part(Str s, Str sep, int64_t n)
{
    if (!sep.len) return n == 1 || n == -1 ? s : STR_NONE;
    if (n < 0) {
        int64_t parts = 1;
        for (size_t at = 0; (at = str_find(s, sep, at)) != SIZE_MAX; at += sep.len) parts++;
        n = parts + n + 1;
        if (n < 1) return STR_NONE;
    }
    size_t from = 0;
    for (; n > 1; n--) {
        size_t at = str_find(s, sep, from);
        if (at == SIZE_MAX) return STR_NONE;
        from = at + sep.len;
    }
    size_t end = str_find(s, sep, from);
    return str_slice(s, from, (end == SIZE_MAX ? s.len : end) - from);
}

FN_KERNEL(text_split_part)
{
    FN_UNUSED;
    FN_ROWS(r, {
        int32_t n = FN_CELL(int32_t, 2, r);
        if (!n) return err_set_at(ctx->err, "22023", ctx->at, "field position must not be zero");
        put_borrowed(out, r, split_part(fn_str(arg, 0, r), fn_str(arg, 1, r), n));
    });
    return true;
}

#define S  FUNCTION_STRICT
#define SO (FUNCTION_STRICT | FUNCTION_OPERATOR)
#define T  TYPE_TEXT
#define I  TYPE_INTEGER
const Function fn_text[] = {
    {"||", 2, SO, {T, T}, T, text_join},
    {"||", 2, SO, {T, TYPE_NULL}, T, text_join_any},
    {"||", 2, SO, {TYPE_NULL, T}, T, text_join_any},
    {"||", 2, SO, {TYPE_BYTEA, TYPE_BYTEA}, TYPE_BYTEA, text_join},
    {"concat", 1, FUNCTION_VARIADIC, {TYPE_NULL}, T, text_concat},
    {"concat_ws", 2, FUNCTION_VARIADIC, {T, TYPE_NULL}, T, text_concat_ws},
    {"length", 1, S, {T}, I, text_length},
    {"length", 1, S, {TYPE_CHAR}, I, char_length},
    {"length", 1, S, {TYPE_BYTEA}, I, text_octets},
    {"char_length", 1, S, {T}, I, text_length},
    {"char_length", 1, S, {TYPE_CHAR}, I, char_length},
    {"character_length", 1, S, {T}, I, text_length},
    {"character_length", 1, S, {TYPE_CHAR}, I, char_length},
    {"octet_length", 1, S, {T}, I, text_octets},
    {"octet_length", 1, S, {TYPE_CHAR}, I, text_octets},
    {"octet_length", 1, S, {TYPE_BYTEA}, I, text_octets},
    {"bit_length", 1, S, {T}, I, text_bits},
    {"bit_length", 1, S, {TYPE_BYTEA}, I, text_bits},
    {"strpos", 2, S, {T, T}, I, text_position},
    {"position", 2, S, {T, T}, I, text_position},
    {"^@", 2, S | FUNCTION_OPERATOR, {T, T}, TYPE_BOOLEAN, text_starts},
    {"starts_with", 2, S, {T, T}, TYPE_BOOLEAN, text_starts},
    {"ascii", 1, S, {T}, I, text_ascii},
    {"chr", 1, S, {I}, T, text_chr},
    {"lower", 1, S, {T}, T, text_lower},
    {"upper", 1, S, {T}, T, text_upper},
    {"initcap", 1, S, {T}, T, text_initcap},
    {"substr", 2, S, {T, I}, T, text_substr},
    {"substr", 3, S, {T, I, I}, T, text_substr},
    {"substring", 2, S, {T, I}, T, text_substr},
    {"substring", 3, S, {T, I, I}, T, text_substr},
    {"left", 2, S, {T, I}, T, text_left},
    {"right", 2, S, {T, I}, T, text_right},
    {"btrim", 1, S, {T}, T, text_btrim},
    {"btrim", 2, S, {T, T}, T, text_btrim},
    {"trim", 1, S, {T}, T, text_btrim},
    {"trim", 2, S, {T, T}, T, text_btrim},
    {"ltrim", 1, S, {T}, T, text_ltrim},
    {"ltrim", 2, S, {T, T}, T, text_ltrim},
    {"rtrim", 1, S, {T}, T, text_rtrim},
    {"rtrim", 2, S, {T, T}, T, text_rtrim},
    {"split_part", 3, S, {T, T, I}, T, text_split_part},
    {0},
};
