// Lexer: what tokens mean: names folded and unquoted, strings decoded, faults as sentences.
#include "engine/sql/lexer.h"

#include "engine/base/utf8.h"
#include "engine/sql/ast.h"
#include <string.h>

enum { FAULT_SHOWN = 40 }; // bytes of a faulty token that a message repeats

static Str shown(const Lexer *l, const Token *t)
{
    Str s = str_slice(l->text, t->at, t->len);
    if (s.len <= FAULT_SHOWN) return s;
    size_t len = FAULT_SHOWN;
    while (len && ((unsigned char)s.at[len] & 0xc0) == 0x80) len--;
    return str_slice(s, 0, len);
}

static bool fault_utf8(const Lexer *l, const Token *t, Err *err)
{
    Str s = str_slice(l->text, t->at, t->len);
    size_t bad = utf8_check(s);
    if (bad == SIZE_MAX) bad = 0;
    return err_set_at(err, SQLSTATE_BAD_UTF8, (int64_t)(t->at + bad),
                      "invalid byte sequence for encoding \"UTF8\": 0x%02x", (unsigned char)s.at[bad]);
}

static bool fault_nul(const Lexer *l, const Token *t, Err *err)
{
    const char *nul = memchr(l->text.at + t->at, 0, t->len);
    size_t at = nul ? (size_t)(nul - l->text.at) : t->at;
    return err_set_at(err, SQLSTATE_BAD_UTF8, (int64_t)at,
                      "invalid byte sequence for encoding \"UTF8\": 0x00");
}

bool lexer_fault(const Lexer *l, const Token *t, Err *err)
{
    static const char *const sentence[] = {
        [FAULT_NONE] = "syntax error",
        [FAULT_STRING] = "unterminated quoted string",
        [FAULT_DOLLAR] = "unterminated dollar-quoted string",
        [FAULT_NAME] = "unterminated quoted identifier",
        [FAULT_NAME_EMPTY] = "zero-length delimited identifier",
        [FAULT_COMMENT] = "unterminated /* comment",
        [FAULT_BITS] = "unterminated bit string literal",
        [FAULT_NUMBER] = "trailing junk after numeric literal",
        [FAULT_PARAM] = "trailing junk after parameter",
        [FAULT_BYTE] = "syntax error",
        [FAULT_NUL] = "",
        [FAULT_UTF8] = "",
    };
    if (t->fault == FAULT_UTF8) return fault_utf8(l, t, err);
    if (t->fault == FAULT_NUL) return fault_nul(l, t, err);
    Str s = shown(l, t);
    return err_set_at(err, SQLSTATE_SYNTAX, (int64_t)t->at, "%s at or near \"%.*s\"", sentence[t->fault],
                      STR_ARG(s));
}

bool lexer_is_unicode(const Lexer *l, const Token *t)
{
    return t->len > 3 && (l->text.at[t->at] | 32) == 'u' && l->text.at[t->at + 1] == '&' &&
           (l->text.at[t->at + 2] == '\'' || l->text.at[t->at + 2] == '"');
}

static Str plain_name(Str word, Arena *mem)
{
    char *out = arena_get(mem, word.len + 1);
    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
    }
    return (Str){out, word.len};
}

// The inside of a quoted thing, doubled quotes made single; `close` is the quote.
static bool undouble(Str inside, char close, Arena *mem, Str *out, Err *err)
{
    char *to = arena_try(mem, inside.len + 1, 1);
    if (!to)
        return err_set(err, SQLSTATE_OUT_OF_MEMORY,
                       "a literal of %zu bytes does not fit into the statement's memory", inside.len);
    size_t len = 0;
    for (size_t i = 0; i < inside.len; i++) {
        to[len++] = inside.at[i];
        if (inside.at[i] == close) i++;
    }
    *out = (Str){to, len};
    return true;
}

typedef struct Unescape {
    Str in;
    size_t i;
    int64_t at; // of in[0] in the text
    char *to;
    size_t len;
    uint32_t high; // first half of a surrogate pair, 0 = none
    Err *err;
} Unescape;

static bool escape_bad(Unescape *u)
{
    return err_set_at(u->err, "22025", u->at + (int64_t)u->i, "invalid Unicode escape");
}

static bool put_rune(Unescape *u, uint32_t rune)
{
    if (u->high) {
        if (rune < 0xDC00 || rune > 0xDFFF) return escape_bad(u);
        rune = 0x10000 + ((u->high - 0xD800) << 10) + (rune - 0xDC00);
        u->high = 0;
    } else if (rune >= 0xD800 && rune <= 0xDBFF) {
        u->high = rune;
        return true;
    }
    if (rune == 0 || rune > 0x10FFFF || (rune >= 0xDC00 && rune <= 0xDFFF)) return escape_bad(u);
    u->len += utf8_encode(rune, u->to + u->len);
    return true;
}

static int digit_value(char c, unsigned base)
{
    int v = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 99;
    return v < (int)base ? v : -1;
}

// Up to `max` digits from u->i on; returns how many there were.
static unsigned read_digits(Unescape *u, unsigned base, unsigned max, uint32_t *value)
{
    unsigned n = 0;
    *value = 0;
    while (n < max && u->i < u->in.len && digit_value(u->in.at[u->i], base) >= 0) {
        *value = *value * base + (uint32_t)digit_value(u->in.at[u->i], base);
        u->i++, n++;
    }
    return n;
}

static bool exact_rune(Unescape *u, unsigned digits)
{
    uint32_t rune;
    if (read_digits(u, 16, digits, &rune) != digits) return escape_bad(u);
    return put_rune(u, rune);
}

// One escape of E'…': u->i stands behind the backslash.
static bool backslash(Unescape *u)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    char c = u->in.at[u->i];
    uint32_t value;
    if (c >= '0' && c <= '7') {
        read_digits(u, 8, 3, &value);
        u->to[u->len++] = (char)value;
        return true;
    }
    u->i++;
    if (c == 'u') return exact_rune(u, 4);
    if (c == 'U') return exact_rune(u, 8);
    if (c == 'x' && read_digits(u, 16, 2, &value)) {
        u->to[u->len++] = (char)value;
        return true;
    }
    const char *named = strchr(from, c);
    u->to[u->len++] = c && named ? to[named - from] : c;
    return true;
}

static bool unescape_step(Unescape *u)
{
    char c = u->in.at[u->i];
    bool escape = c == '\\' && u->i + 1 < u->in.len;
    bool unicode = escape && (u->in.at[u->i + 1] | 32) == 'u';
    if (u->high && !unicode) return escape_bad(u);
    u->i++;
    if (escape) return backslash(u);
    u->to[u->len++] = c;
    if (c == '\'') u->i++;
    return true;
}

static bool decoded_check(Unescape *u, Str *out)
{
    Str s = {u->to, u->len};
    size_t bad = utf8_check(s);
    if (bad != SIZE_MAX)
        return err_set_at(u->err, SQLSTATE_BAD_UTF8, u->at,
                          "invalid byte sequence for encoding \"UTF8\": 0x%02x", (unsigned char)s.at[bad]);
    if (s.len && memchr(s.at, 0, s.len))
        return err_set_at(u->err, SQLSTATE_BAD_UTF8, u->at,
                          "invalid byte sequence for encoding \"UTF8\": 0x00");
    *out = s;
    return true;
}

static bool unescape_init(Unescape *u, Str inside, int64_t at, Arena *mem, Err *err)
{
    // An escape never grows: \uXXXX is six bytes and gives at most four.
    *u = (Unescape){.in = inside, .at = at, .err = err, .to = arena_try(mem, inside.len + 5, 1)};
    if (u->to) return true;
    return err_set(err, SQLSTATE_OUT_OF_MEMORY,
                   "a literal of %zu bytes does not fit into the statement's memory", inside.len);
}

static bool escape_string(Str inside, int64_t at, Arena *mem, Str *out, Err *err)
{
    Unescape u;
    if (!unescape_init(&u, inside, at, mem, err)) return false;
    while (u.i < inside.len)
        if (!unescape_step(&u)) return false;
    if (u.high) return escape_bad(&u);
    return decoded_check(&u, out);
}

static bool unicode_step(Unescape *u, char escape, char quote)
{
    char c = u->in.at[u->i++];
    if (c == escape) {
        char next = u->i < u->in.len ? u->in.at[u->i] : 0;
        if (next == escape && !u->high) {
            u->to[u->len++] = escape;
            u->i++;
            return true;
        }
        if (next != '+') return exact_rune(u, 4);
        u->i++;
        return exact_rune(u, 6);
    }
    if (u->high) return escape_bad(u);
    u->to[u->len++] = c;
    if (c == quote) u->i++;
    return true;
}

static bool name_length(const Token *t, Str name, Err *err)
{
    if (name.len <= AST_NAME_MAX) return true;
    Str start = str_slice(name, 0, 32);
    return err_set_at(err, "42622", (int64_t)t->at,
                      "identifier \"%.*s…\" has %zu bytes; at most %d are allowed", STR_ARG(start), name.len,
                      AST_NAME_MAX);
}

bool lexer_unicode_value(const Lexer *l, const Token *t, char escape, Arena *mem, Str *out, Err *err)
{
    Unescape u;
    char quote = l->text.at[t->at + 2];
    if (!unescape_init(&u, str_slice(l->text, t->at + 3, t->len - 4), (int64_t)t->at + 3, mem, err))
        return false;
    while (u.i < u.in.len)
        if (!unicode_step(&u, escape, quote)) return false;
    if (u.high) return escape_bad(&u);
    if (!decoded_check(&u, out)) return false;
    return quote == '\'' || name_length(t, *out, err);
}

static bool string_value(Str whole, const Token *t, Arena *mem, Str *out, Err *err)
{
    if (whole.at[0] == '$') {
        size_t tag = str_find_byte(whole, '$', 1) + 1;
        *out = arena_copy(mem, str_slice(whole, tag, whole.len - 2 * tag));
        return true;
    }
    bool prefixed = whole.at[0] != '\'';
    Str inside = str_slice(whole, prefixed ? 2 : 1, whole.len - (prefixed ? 3 : 2));
    if ((whole.at[0] | 32) == 'e') return escape_string(inside, (int64_t)t->at + 2, mem, out, err);
    return undouble(inside, '\'', mem, out, err);
}

bool lexer_value(const Lexer *l, const Token *t, Arena *mem, Str *out, Err *err)
{
    Str whole = str_slice(l->text, t->at, t->len);
    switch (t->kind) {
    case TOKEN_BAD: return lexer_fault(l, t, err);
    case TOKEN_WORD:
        if (!name_length(t, whole, err)) return false;
        *out = plain_name(whole, mem);
        return true;
    case TOKEN_QUOTED: {
        if (lexer_is_unicode(l, t)) return lexer_unicode_value(l, t, '\\', mem, out, err);
        char close = whole.at[0] == '[' ? ']' : whole.at[0];
        if (whole.len > 2 * (size_t)AST_NAME_MAX + 2)
            return name_length(t, str_slice(whole, 1, whole.len - 2), err);
        return undouble(str_slice(whole, 1, whole.len - 2), close, mem, out, err) &&
               name_length(t, *out, err);
    }
    case TOKEN_STRING:
        if (lexer_is_unicode(l, t)) return lexer_unicode_value(l, t, '\\', mem, out, err);
        return string_value(whole, t, mem, out, err);
    case TOKEN_BITS: {
        char *text = arena_try(mem, whole.len, 1);
        if (!text)
            return err_set(err, SQLSTATE_OUT_OF_MEMORY,
                           "a literal of %zu bytes does not fit into the statement's memory", whole.len);
        text[0] = (char)(whole.at[0] | 32);
        memcpy(text + 1, whole.at + 2, whole.len - 3);
        *out = (Str){text, whole.len - 2};
        return true;
    }
    default: *out = arena_copy(mem, whole); return true;
    }
}
