// JSON: the writer keeps one bit per level for its commas; the reader walks one line without recursion and
// accepts only what RFC 8259 does. Relies on utf8.
#include "engine/base/json.h"
#include "engine/base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 63 };

void json_init(Json *j, Bytes *out) { *j = (Json){.out = out}; }

static void before_item(Json *j)
{
    uint64_t bit = (uint64_t)1 << j->depth;
    if (!j->after_key && j->depth && (j->comma & bit)) bytes_put_byte(j->out, ',');
    j->comma |= bit;
    j->after_key = false;
}

void json_begin(Json *j, char bracket)
{
    before_item(j);
    bytes_put_byte(j->out, bracket);
    if (j->depth < DEPTH_MAX) j->depth++;
    j->comma &= ~((uint64_t)1 << j->depth);
}

void json_end(Json *j, char bracket)
{
    if (j->depth) j->depth--;
    j->after_key = false;
    bytes_put_byte(j->out, bracket);
}

static void put_escaped(Bytes *out, unsigned char c)
{
    static const char letter[] = "btn\0fr"; // 8 … 13
    bytes_put_byte(out, '\\');
    if (c == '"' || c == '\\')
        bytes_put_byte(out, (char)c);
    else if (c >= 8 && c <= 13 && letter[c - 8])
        bytes_put_byte(out, letter[c - 8]);
    else
        bytes_printf(out, "u%04x", c);
}

static bool is_plain(char given)
{
    unsigned char c = (unsigned char)given;
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void put_text(Bytes *out, Str s)
{
    bytes_put_byte(out, '"');
    for (size_t pos = 0; pos < s.len;) {
        size_t run = pos;
        while (run < s.len && is_plain(s.at[run])) run++;
        bytes_put(out, str_slice(s, pos, run - pos));
        pos = run;
        if (pos >= s.len) break;
        unsigned char c = (unsigned char)s.at[pos];
        if (c < 0x80) {
            put_escaped(out, c);
            pos++;
            continue;
        }
        char encoded[4];
        uint32_t rune = utf8_next(s, &pos);
        if (rune >= 0x80 && rune < 0xA0)
            bytes_printf(out, "\\u%04x", (unsigned)rune); // C1 controls drive terminals too
        else
            bytes_put(out, (Str){encoded, utf8_encode(rune, encoded)});
    }
    bytes_put_byte(out, '"');
}

void json_key_str(Json *j, Str key)
{
    before_item(j);
    put_text(j->out, key);
    bytes_put_byte(j->out, ':');
    j->after_key = true;
}

void json_key(Json *j, const char *key) { json_key_str(j, str_of(key)); }

void json_str(Json *j, Str s)
{
    before_item(j);
    put_text(j->out, s);
}

void json_raw(Json *j, Str json)
{
    before_item(j);
    bytes_put(j->out, json);
}

void json_int(Json *j, int64_t value)
{
    before_item(j);
    bytes_put_int64(j->out, value);
}

void json_double(Json *j, double value)
{
    if (!isfinite(value)) {
        json_null(j);
        return;
    }
    char text[40];
    int len = 0;
    for (int digits = 15; digits <= 17; digits++) {
        len = snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    for (int i = 0; i < len; i++) // the locale's decimal point
        if (!strchr("0123456789+-eE.", text[i])) text[i] = '.';
    json_raw(j, (Str){text, (size_t)len});
}

void json_bool(Json *j, bool value) { json_raw(j, value ? STR("true") : STR("false")); }
void json_null(Json *j) { json_raw(j, STR("null")); }

// ---- reader ----

typedef struct Reader {
    Str line;
    size_t at;
    Arena *mem;
} Reader;

static char peek(const Reader *r) { return r->at < r->line.len ? r->line.at[r->at] : 0; }

static void skip_space(Reader *r)
{
    while (r->at < r->line.len && memchr(" \t\r\n", r->line.at[r->at], 4)) r->at++;
}

static bool take(Reader *r, char c)
{
    skip_space(r);
    if (r->at >= r->line.len || r->line.at[r->at] != c) return false;
    r->at++;
    return true;
}

static bool read_hex4(Reader *r, uint32_t *out)
{
    uint64_t value;
    Str digits = str_slice(r->line, r->at, 4);
    if (digits.len < 4 || !str_to_hex64(digits, &value)) return false;
    r->at += 4;
    *out = (uint32_t)value;
    return true;
}

// Behind the 'u'. A lone surrogate becomes U+FFFD: a log line with one is still readable.
static bool read_rune(Reader *r, char *out, size_t *len)
{
    uint32_t rune, low;
    if (!read_hex4(r, &rune)) return false;
    if (rune >= 0xD800 && rune <= 0xDBFF && str_starts(str_slice(r->line, r->at, 2), STR("\\u"))) {
        size_t before = r->at;
        r->at += 2;
        if (!read_hex4(r, &low)) return false;
        if (low >= 0xDC00 && low <= 0xDFFF)
            rune = 0x10000 + ((rune - 0xD800) << 10 | (low - 0xDC00));
        else
            r->at = before;
    }
    *len += utf8_encode(rune, out + *len);
    return true;
}

static bool read_escape(Reader *r, char *out, size_t *len)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = peek(r);
    if (!c) return false;
    r->at++;
    if (c == 'u') return read_rune(r, out, len);
    const char *hit = strchr(from, c);
    if (!hit) return false;
    out[(*len)++] = to[hit - from];
    return true;
}

// Offset of the closing quote; SIZE_MAX when there is none or a bare control character stands in the string.
static size_t string_end(const Reader *r, size_t at, bool *escapes)
{
    *escapes = false;
    for (; at < r->line.len; at++) {
        unsigned char c = (unsigned char)r->line.at[at];
        if (c == '"') return at;
        if (c < 0x20) return SIZE_MAX;
        if (c == '\\') {
            *escapes = true;
            at++;
        }
    }
    return SIZE_MAX;
}

static bool read_string(Reader *r, Str *out)
{
    bool escapes;
    if (!take(r, '"')) return false;
    size_t end = string_end(r, r->at, &escapes);
    if (end == SIZE_MAX) return false;
    Str raw = str_slice(r->line, r->at, end - r->at);
    if (!escapes) {
        r->at = end + 1;
        *out = arena_copy(r->mem, raw);
        return true;
    }
    char *text = arena_get(r->mem, raw.len + 4); // unescaping never makes it longer
    size_t len = 0;
    while (r->at < end) {
        char c = r->line.at[r->at++];
        if (c != '\\')
            text[len++] = c;
        else if (!read_escape(r, text, &len) || r->at > end)
            return false;
    }
    r->at++;
    *out = (Str){text, len};
    return true;
}

static size_t digits(Reader *r)
{
    size_t from = r->at;
    while (peek(r) >= '0' && peek(r) <= '9') r->at++;
    return r->at - from;
}

static bool read_number(Reader *r, Str *out)
{
    size_t from = r->at;
    if (peek(r) == '-') r->at++;
    bool zero = peek(r) == '0';
    size_t whole = digits(r);
    if (whole == 0 || (zero && whole > 1)) return false;
    if (peek(r) == '.') {
        r->at++;
        if (digits(r) == 0) return false;
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        r->at++;
        if (peek(r) == '+' || peek(r) == '-') r->at++;
        if (digits(r) == 0) return false;
    }
    *out = str_slice(r->line, from, r->at - from);
    return true;
}

// The raw text of a nested object or array: brackets must pair, what stands between is not looked at.
static bool read_nested(Reader *r, Str *out)
{
    size_t from = r->at;
    uint64_t is_object = 0;
    unsigned depth = 0;
    for (; r->at < r->line.len; r->at++) {
        char c = r->line.at[r->at];
        if (c == '"') {
            bool escapes;
            r->at = string_end(r, r->at + 1, &escapes);
            if (r->at == SIZE_MAX) return false;
        } else if (c == '{' || c == '[') {
            if (depth++ >= DEPTH_MAX) return false;
            is_object = is_object << 1 | (c == '{');
        } else if (c == '}' || c == ']') {
            if ((is_object & 1) != (c == '}')) return false;
            is_object >>= 1;
            if (--depth == 0) {
                r->at++;
                *out = str_slice(r->line, from, r->at - from);
                return true;
            }
        }
    }
    return false;
}

static bool read_word(Reader *r, Str word, Str *out)
{
    *out = str_slice(r->line, r->at, word.len);
    r->at += out->len;
    return str_equal(*out, word);
}

static bool read_value(Reader *r, JsonMember *m)
{
    skip_space(r);
    char c = peek(r);
    m->kind = c;
    switch (c) {
    case '"': m->kind = 's'; return read_string(r, &m->value);
    case '{':
    case '[': return read_nested(r, &m->value);
    case 't': return read_word(r, STR("true"), &m->value);
    case 'f': return read_word(r, STR("false"), &m->value);
    case 'n': m->kind = '0'; return read_word(r, STR("null"), &m->value);
    default: m->kind = 'n'; return read_number(r, &m->value);
    }
}

bool json_read_object(Str line, JsonMember *out, size_t max, size_t *count, Arena *mem)
{
    Reader r = {line, 0, mem};
    *count = 0;
    if (!take(&r, '{')) return false;
    bool more = !take(&r, '}');
    while (more) {
        if (*count == max) return false;
        JsonMember *m = &out[*count];
        if (!read_string(&r, &m->key) || !take(&r, ':') || !read_value(&r, m)) return false;
        ++*count;
        more = take(&r, ',');
        if (!more && !take(&r, '}')) return false;
    }
    skip_space(&r);
    return r.at == line.len;
}
