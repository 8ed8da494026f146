// Document: reading JSON into a tree, the normal form of jsonb, and writing. One reader checks, and builds
// only when asked to: no recursion is deeper than DOCUMENT_DEPTH_MAX.
#include "engine/data/document.h"

#include "engine/base/utf8.h"
#include "engine/data/numeric.h"
#include "engine/data/type.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 40 };

typedef struct Reader {
    Str s;
    size_t at;
    bool build, normal;
    unsigned depth;
    uint32_t nodes;
    Arena *mem;
    Err *err;
} Reader;

static bool read_value(Reader *r, Document **out);

// ---- errors ----

static bool bad(Reader *r)
{
    return err_set(r->err, SQLSTATE_BAD_TEXT, "invalid input syntax for type json");
}

static bool bad_because(Reader *r, const char *why)
{
    bad(r);
    return err_hint(r->err, "%s", why);
}

// What a word or a number is made of, as far as a mistake in it is shown.
static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '.';
}

// The token at which reading stopped: a word, number or string as a whole, else one character.
static Str token(const Reader *r)
{
    size_t end = r->at;
    while (end < r->s.len && (is_word(r->s.at[end]) || (r->s.at[end] & 0x80))) end++;
    if (end == r->at && r->s.at[end] == '"') {
        for (end++; end < r->s.len && r->s.at[end] != '"'; end++) end += r->s.at[end] == '\\';
        end++;
    } else if (end == r->at) {
        end++;
    }
    size_t len = end - r->at;
    return str_slice(r->s, r->at, len > SHOWN_MAX ? SHOWN_MAX : len);
}

static bool expected(Reader *r, const char *what)
{
    if (r->at >= r->s.len) return bad_because(r, "The input string ended unexpectedly.");
    bad(r);
    Str t = token(r);
    char c = r->s.at[r->at];
    bool known = strchr("{}[],:\"-", c) || (c >= '0' && c <= '9') || str_equal(t, STR("true")) ||
                 str_equal(t, STR("false")) || str_equal(t, STR("null"));
    if (!known) return err_hint(r->err, "Token \"%.*s\" is invalid.", STR_ARG(t));
    return err_hint(r->err, "Expected %s, but found \"%.*s\".", what, STR_ARG(t));
}

// ---- strings ----

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static int peek(Reader *r)
{
    while (r->at < r->s.len && is_space(r->s.at[r->at])) r->at++;
    return r->at < r->s.len ? (unsigned char)r->s.at[r->at] : -1;
}

static bool hex4(Str s, size_t at, uint32_t *out)
{
    uint64_t v;
    Str digits = str_slice(s, at, 4);
    if (digits.len < 4 || !str_to_hex64(digits, &v)) return false;
    *out = (uint32_t)v;
    return true;
}

static bool escape_error(Err *err, const char *why)
{
    err_set(err, SQLSTATE_BAD_TEXT, "invalid input syntax for type json");
    return err_hint(err, "%s", why);
}

// What stands at *at behind "\u"; a pair of surrogates makes one character.
static bool read_rune(Str s, size_t *at, uint32_t *out, Err *err)
{
    uint32_t low;
    if (!hex4(s, *at, out)) return escape_error(err, "\"\\u\" must be followed by four hexadecimal digits.");
    *at += 4;
    if (*out >= 0xDC00 && *out <= 0xDFFF)
        return escape_error(err, "Unicode low surrogate must follow a high surrogate.");
    if (*out < 0xD800 || *out > 0xDBFF) return true;
    if (!str_starts(str_slice(s, *at, 2), STR("\\u")))
        return escape_error(err, "Unicode low surrogate must follow a high surrogate.");
    if (!hex4(s, *at + 2, &low))
        return escape_error(err, "\"\\u\" must be followed by four hexadecimal digits.");
    if (low >= 0xD800 && low <= 0xDBFF)
        return escape_error(err, "Unicode high surrogate must not follow a high surrogate.");
    if (low < 0xDC00 || low > 0xDFFF)
        return escape_error(err, "Unicode low surrogate must follow a high surrogate.");
    *out = 0x10000 + ((*out - 0xD800) << 10 | (low - 0xDC00));
    *at += 6;
    return true;
}

// The inside of a string with escapes; to NULL = only look. \u0000 has no place in a text.
static bool unescape(Str raw, char *to, size_t *len, bool to_text, Err *err)
{
    static const char from[] = "\"\\/bfnrt", what[] = "\"\\/\b\f\n\r\t";
    *len = 0;
    for (size_t i = 0; i < raw.len;) {
        char c = raw.at[i++];
        if (c != '\\') {
            if (to) to[*len] = c;
            ++*len;
            continue;
        }
        char e = i < raw.len ? raw.at[i++] : 0;
        const char *hit = e ? strchr(from, e) : NULL;
        char rune_text[4];
        size_t rune_len = 1;
        if (hit) {
            rune_text[0] = what[hit - from];
        } else if (e == 'u') {
            uint32_t rune = 0;
            if (!read_rune(raw, &i, &rune, err)) return false;
            if (!rune && to_text) {
                err_set(err, "22P05", "unsupported Unicode escape sequence");
                return err_hint(err, "\\u0000 cannot be converted to text.");
            }
            rune_len = rune ? utf8_encode(rune, rune_text) : 0;
        } else {
            err_set(err, SQLSTATE_BAD_TEXT, "invalid input syntax for type json");
            return err_hint(err, "Escape sequence \"\\%c\" is invalid.", e ? e : ' ');
        }
        if (to) memcpy(to + *len, rune_text, rune_len);
        *len += rune_len;
    }
    return true;
}

bool document_string(Str raw, Str *out, Arena *mem, Err *err)
{
    raw = str_slice(raw, 1, raw.len < 2 ? 0 : raw.len - 2);
    *out = raw;
    if (!memchr(raw.at, '\\', raw.len)) return true;
    char *text = arena_try(mem, raw.len + 4, 1);
    if (!text) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a string of %zu bytes", raw.len);
    size_t len;
    if (!unescape(raw, text, &len, true, err)) return false;
    *out = (Str){text, len};
    return true;
}

// At the opening quote.
static bool read_string(Reader *r, Str *out)
{
    size_t from = r->at++;
    bool escapes = false;
    for (;; r->at++) {
        if (r->at >= r->s.len) {
            r->at = from;
            bad(r);
            return err_hint(r->err, "Token \"%.*s\" is invalid.", STR_ARG(token(r)));
        }
        unsigned char c = (unsigned char)r->s.at[r->at];
        if (c == '"') break;
        if (c < 0x20) {
            bad(r);
            return err_hint(r->err, "Character with value 0x%02x must be escaped.", c);
        }
        if (c == '\\') {
            escapes = true;
            r->at++;
        }
    }
    r->at++;
    Str raw = str_slice(r->s, from, r->at - from);
    size_t len;
    if (!r->build) return !escapes || unescape(str_slice(raw, 1, raw.len - 2), NULL, &len, false, r->err);
    return document_string(raw, out, r->mem, r->err);
}

// ---- numbers ----

static size_t digits(Str s, size_t *at)
{
    size_t from = *at;
    while (*at < s.len && s.at[*at] >= '0' && s.at[*at] <= '9') ++*at;
    return *at - from;
}

static bool number_shape(Str s)
{
    size_t at = s.len && s.at[0] == '-', from = at;
    size_t whole = digits(s, &at);
    if (!whole || (whole > 1 && s.at[from] == '0')) return false;
    if (at < s.len && s.at[at] == '.') {
        at++;
        if (!digits(s, &at)) return false;
    }
    if (at < s.len && (s.at[at] | 32) == 'e') {
        at++;
        if (at < s.len && (s.at[at] == '+' || s.at[at] == '-')) at++;
        if (!digits(s, &at)) return false;
    }
    return at == s.len;
}

static bool number_normal(Reader *r, Str *text)
{
    Numeric n;
    char out[NUMERIC_TEXT_MAX];
    if (!numeric_from_text(&n, *text, r->mem, r->err)) return false;
    size_t len = numeric_to_text(&n, out, sizeof out);
    *text = arena_copy(r->mem, (Str){out, len});
    return true;
}

static bool read_number(Reader *r, Str *out)
{
    size_t end = r->at;
    while (end < r->s.len && is_word(r->s.at[end])) end++;
    *out = str_slice(r->s, r->at, end - r->at);
    if (!number_shape(*out)) {
        bad(r);
        return err_hint(r->err, "Token \"%.*s\" is invalid.", STR_ARG(str_slice(*out, 0, SHOWN_MAX)));
    }
    r->at = end;
    return !r->build || !r->normal || number_normal(r, out);
}

// ---- values ----

Document *document_new(Arena *mem, DocumentKind kind, Str text)
{
    Document *d = arena_new(mem, Document);
    d->kind = kind;
    d->text = text;
    return d;
}

void document_add(Document *into, Document *member)
{
    member->next = NULL;
    if (into->last)
        into->last->next = member;
    else
        into->first = member;
    into->last = member;
    into->count++;
}

static bool node_new(Reader *r, DocumentKind kind, Str text, Document **out)
{
    if (!r->build) return true;
    if (++r->nodes > DOCUMENT_NODES_MAX)
        return err_set(r->err, SQLSTATE_LIMIT, "a JSON value has more than %d parts", DOCUMENT_NODES_MAX);
    *out = document_new(r->mem, kind, text);
    return true;
}

static bool read_member(Reader *r, Document *into, bool object)
{
    Str key = STR_NONE;
    Document *value = NULL;
    if (object) {
        if (!read_string(r, &key)) return false;
        if (peek(r) != ':') return expected(r, "\":\"");
        r->at++;
    }
    if (!read_value(r, &value)) return false;
    if (!r->build) return true;
    value->key = key;
    document_add(into, value);
    return true;
}

// Behind the opening bracket.
static bool read_members(Reader *r, Document *into, bool object)
{
    int close = object ? '}' : ']';
    r->at++;
    if (peek(r) == close) {
        r->at++;
        return true;
    }
    for (bool first = true;; first = false) {
        int c = peek(r);
        if (object && c != '"') return expected(r, first ? "string or \"}\"" : "string");
        if (!object && first && (c == ',' || c == '}' || c == ':'))
            return expected(r, "array element or \"]\"");
        if (!read_member(r, into, object)) return false;
        c = peek(r);
        if (c == close) break;
        if (c != ',') return expected(r, object ? "\",\" or \"}\"" : "\",\" or \"]\"");
        r->at++;
    }
    r->at++;
    if (r->build && r->normal && object) document_sort(into, r->mem);
    return true;
}

static bool read_container(Reader *r, bool object, Document **out)
{
    if (++r->depth > DOCUMENT_DEPTH_MAX)
        return err_set(r->err, SQLSTATE_TOO_COMPLEX, "a JSON value is nested deeper than %d levels",
                       DOCUMENT_DEPTH_MAX);
    if (!node_new(r, object ? DOCUMENT_OBJECT : DOCUMENT_ARRAY, STR_NONE, out)) return false;
    if (!read_members(r, r->build ? *out : NULL, object)) return false;
    r->depth--;
    return true;
}

static bool read_word(Reader *r, Document **out)
{
    static const struct {
        const char *word;
        DocumentKind kind;
    } words[] = {{"true", DOCUMENT_TRUE}, {"false", DOCUMENT_FALSE}, {"null", DOCUMENT_NULL}};
    Str t = r->at < r->s.len ? token(r) : STR_NONE;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (!str_equal(t, str_of(words[i].word))) continue;
        r->at += t.len;
        return node_new(r, words[i].kind, str_of(words[i].word), out);
    }
    return expected(r, "JSON value");
}

static bool read_value(Reader *r, Document **out)
{
    Str text = STR_NONE;
    int c = peek(r);
    if (c == '{' || c == '[') return read_container(r, c == '{', out);
    if (c == '"') return read_string(r, &text) && node_new(r, DOCUMENT_STRING, text, out);
    if (c == '-' || (c >= '0' && c <= '9'))
        return read_number(r, &text) && node_new(r, DOCUMENT_NUMBER, text, out);
    return read_word(r, out);
}

static bool read_all(Reader *r, Document **out)
{
    if (!read_value(r, out)) return false;
    return peek(r) < 0 || expected(r, "end of input");
}

bool document_check(Str s, Err *err)
{
    Reader r = {.s = s, .err = err};
    return read_all(&r, NULL);
}

bool document_parse(Document **out, Str s, bool normal, Arena *mem, Err *err)
{
    Reader r = {.s = s, .build = true, .normal = normal, .mem = mem, .err = err};
    return read_all(&r, out);
}

bool document_normal(Text *out, Str s, Arena *mem, Err *err)
{
    Document *d;
    Arena work = {0};
    Bytes text;
    bytes_init(&text, TYPE_VALUE_BYTES_MAX);
    bool fine = document_parse(&d, s, true, &work, err);
    if (fine) document_put(&text, d);
    if (fine && text.failed)
        fine =
            err_set(err, SQLSTATE_LIMIT, "a JSON value is longer than the %d bytes that one value may have",
                    TYPE_VALUE_BYTES_MAX);
    if (fine) *out = text_of(arena_copy(mem, bytes_str(&text)));
    bytes_done(&text);
    arena_done(&work);
    return fine;
}

// ---- normal form ----

typedef struct Place {
    Document *d;
    uint32_t at;
} Place;

static int key_order(Str a, Str b)
{
    if (a.len != b.len) return a.len < b.len ? -1 : 1;
    return a.len ? memcmp(a.at, b.at, a.len) : 0;
}

static int place_order(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    int order = key_order(x->d->key, y->d->key);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

void document_sort(Document *object, Arena *mem)
{
    uint32_t n = 0;
    bool sorted = true;
    for (Document *d = object->first; d; d = d->next)
        sorted = sorted && (!d->next || key_order(d->key, d->next->key) < 0);
    if (sorted) return;
    Place *place = arena_array(mem, Place, object->count);
    for (Document *d = object->first; d; d = d->next, n++) place[n] = (Place){d, n};
    qsort(place, n, sizeof *place, place_order);
    object->first = object->last = NULL;
    object->count = 0;
    for (uint32_t i = 0; i < n; i++)
        if (i + 1 == n || key_order(place[i].d->key, place[i + 1].d->key)) document_add(object, place[i].d);
}

// ---- writing ----

void document_put_string(Bytes *out, Str s)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    bytes_put_byte(out, '"');
    size_t done = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if ((unsigned char)c >= 0x20 && c != '"' && c != '\\') continue;
        bytes_put(out, str_slice(s, done, i - done));
        const char *hit = c ? strchr(from, c) : NULL;
        if (hit)
            bytes_printf(out, "\\%c", to[hit - from]);
        else
            bytes_printf(out, "\\u%04x", (unsigned)c);
        done = i + 1;
    }
    bytes_put(out, str_slice(s, done, s.len - done));
    bytes_put_byte(out, '"');
}

static void put_line(Bytes *out, unsigned level)
{
    bytes_put_byte(out, '\n');
    bytes_put_repeat(out, ' ', (size_t)level * 4);
}

typedef enum DocumentStyle {
    STYLE_NORMAL,
    STYLE_PRETTY,
    STYLE_COMPACT,
} DocumentStyle;

static void put_value(Bytes *out, const Document *d, DocumentStyle style, unsigned level)
{
    if (d->kind == DOCUMENT_STRING) {
        document_put_string(out, d->text);
        return;
    }
    if (d->kind < DOCUMENT_ARRAY) {
        bytes_put(out, d->text);
        return;
    }
    bool object = d->kind == DOCUMENT_OBJECT, pretty = style == STYLE_PRETTY;
    bytes_put_byte(out, object ? '{' : '[');
    for (const Document *m = d->first; m && !out->failed; m = m->next) {
        if (m != d->first) bytes_put(out, style == STYLE_NORMAL ? STR(", ") : STR(","));
        if (pretty) put_line(out, level + 1);
        if (object) {
            document_put_string(out, m->key);
            bytes_put(out, style == STYLE_COMPACT ? STR(":") : STR(": "));
        }
        put_value(out, m, style, level + 1);
    }
    if (pretty) put_line(out, level);
    bytes_put_byte(out, object ? '}' : ']');
}

void document_put(Bytes *out, const Document *d) { put_value(out, d, STYLE_NORMAL, 0); }
void document_put_pretty(Bytes *out, const Document *d) { put_value(out, d, STYLE_PRETTY, 0); }
void document_put_compact(Bytes *out, const Document *d) { put_value(out, d, STYLE_COMPACT, 0); }
