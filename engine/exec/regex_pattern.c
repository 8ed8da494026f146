// Regex: from PostgreSQL's syntax (Spencer's ARE: section 9.7.3 of its manual) to PCRE2's. What PCRE2 would
// understand and PostgreSQL does not is refused here.
#include "engine/exec/regex.h"

#include <string.h>

enum { REPEAT_MAX = 255 };

typedef struct Rewrite {
    RegexPattern *r;
    Str p;
    size_t at;
    unsigned depth, groups;
    bool atom;       // something a quantifier may stand behind
    bool top_branch; // | outside of parentheses
    bool quantified, first_lazy, lazy, branch, look, back;
    Err *err;
} Rewrite;

static bool bad(Rewrite *w, const char *what)
{
    return err_set(w->err, "2201B", "invalid regular expression: %s", what);
}

static char peek(const Rewrite *w, size_t ahead)
{
    return w->at + ahead < w->p.len ? w->p.at[w->at + ahead] : '\0';
}

static void put(Rewrite *w, const char *s) { bytes_put(&w->r->text, str_of(s)); }
static void put_byte(Rewrite *w, char c) { bytes_put_byte(&w->r->text, c); }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static int hex_of(char c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// \uXXXX, \UXXXXXXXX, \xH…: `most` digits, exactly that many unless `any`.
static bool put_hex(Rewrite *w, unsigned most, bool any)
{
    uint32_t rune = 0;
    unsigned n = 0;
    for (; n < most && hex_of(peek(w, 0)) >= 0; n++, w->at++) {
        if (rune >> 28) return bad(w, "invalid escape \\ sequence");
        rune = rune << 4 | (uint32_t)hex_of(peek(w, 0));
    }
    if (!n || (!any && n != most) || rune > 0x10FFFF || (rune >= 0xD800 && rune < 0xE000))
        return bad(w, "invalid escape \\ sequence");
    bytes_printf(&w->r->text, "\\x{%x}", (unsigned)rune);
    return true;
}

// Escapes that stand for one character, in and out of brackets; *done: it was one.
static bool character_escape(Rewrite *w, char c, bool *done)
{
    static const struct {
        char name;
        const char *text;
    } one[] = {{'a', "\\x{7}"}, {'b', "\\x{8}"}, {'B', "\\\\"}, {'e', "\\x{1b}"}, {'f', "\\f"},
               {'n', "\\n"},    {'r', "\\r"},    {'t', "\\t"},  {'v', "\\x{b}"}};
    *done = true;
    for (size_t i = 0; i < COUNT_OF(one); i++)
        if (one[i].name == c) {
            put(w, one[i].text);
            return true;
        }
    switch (c) {
    case 'u': return put_hex(w, 4, false);
    case 'U': return put_hex(w, 8, false);
    case 'x': return put_hex(w, 255, true);
    case '0': put(w, "\\x{0}"); return true;
    case 'c':
        if (w->at >= w->p.len) return bad(w, "invalid escape \\ sequence");
        bytes_printf(&w->r->text, "\\x{%x}", (unsigned)(w->p.at[w->at++] & 31));
        return true;
    default: break;
    }
    if (is_letter(c) || is_digit(c)) {
        *done = false;
        return true;
    }
    put_byte(w, '\\');
    put_byte(w, c);
    return true;
}

static bool class_escape(Rewrite *w, char c)
{
    if (!c || !strchr("dDsSwW", c)) return false;
    put_byte(w, '\\');
    put_byte(w, c);
    return true;
}

static bool constraint_escape(Rewrite *w, char c)
{
    static const struct {
        char name;
        const char *text;
    } all[] = {{'A', "\\A"},         {'Z', "\\z"}, {'m', "\\b(?=\\w)"},
               {'M', "\\b(?<=\\w)"}, {'y', "\\b"}, {'Y', "\\B"}};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i].name == c) {
            put(w, all[i].text);
            w->atom = false;
            return true;
        }
    return false;
}

static bool escape(Rewrite *w)
{
    bool done;
    w->at++;
    if (w->at >= w->p.len) return bad(w, "invalid escape \\ sequence");
    char c = w->p.at[w->at++];
    w->atom = true;
    if (class_escape(w, c) || constraint_escape(w, c)) return true;
    if (c >= '1' && c <= '9') {
        unsigned n = (unsigned)(c - '0');
        while (is_digit(peek(w, 0)) && n * 10 + (unsigned)(peek(w, 0) - '0') <= w->groups)
            n = n * 10 + (unsigned)(w->p.at[w->at++] - '0');
        if (n > w->groups) return bad(w, "invalid backreference number");
        w->back = true;
        bytes_printf(&w->r->text, "\\g{%u}", n);
        return true;
    }
    if (!character_escape(w, c, &done)) return false;
    return done || bad(w, "invalid escape \\ sequence");
}

// ---- brackets ----

// [:class:], [.x.], [=x=] inside brackets.
static bool bracket_name(Rewrite *w, char kind)
{
    const char close[2] = {kind, ']'};
    size_t end = str_find(w->p, (Str){close, 2}, w->at + 2);
    if (end == SIZE_MAX) return bad(w, "brackets [] not balanced");
    Str name = str_slice(w->p, w->at + 2, end - w->at - 2);
    w->at = end + 2;
    if (kind == ':') {
        bytes_printf(&w->r->text, "[:%.*s:]", STR_ARG(name));
        return true;
    }
    if (!name.len || (name.len > 1 && !((unsigned char)name.at[0] & 0x80)))
        return bad(w, "invalid collating element");
    if (name.len == 1) put_byte(w, '\\');
    bytes_put(&w->r->text, name);
    return true;
}

static bool bracket_member(Rewrite *w)
{
    char c = peek(w, 0), next = peek(w, 1);
    bool done;
    if (c == '[' && (next == ':' || next == '.' || next == '=')) return bracket_name(w, next);
    w->at++;
    if (c == '[') {
        put(w, "\\[");
        return true;
    }
    if (c != '\\') {
        put_byte(w, c);
        return true;
    }
    if (w->at >= w->p.len) return bad(w, "brackets [] not balanced");
    c = w->p.at[w->at++];
    if (class_escape(w, c)) return true;
    if (!character_escape(w, c, &done)) return false;
    return done || bad(w, "invalid escape \\ sequence");
}

static bool bracket(Rewrite *w)
{
    Str rest = str_slice(w->p, w->at, w->p.len - w->at);
    bool start = str_starts(rest, STR("[[:<:]]"));
    if (start || str_starts(rest, STR("[[:>:]]"))) {
        put(w, start ? "\\b(?=\\w)" : "\\b(?<=\\w)");
        w->at += 7;
        w->atom = false;
        return true;
    }
    put_byte(w, '[');
    w->at++;
    if (peek(w, 0) == '^') {
        put_byte(w, '^');
        if (w->r->options & REGEX_LINE_DOT) put(w, "\\n");
        w->at++;
    }
    if (peek(w, 0) == ']') {
        put(w, "\\]");
        w->at++;
    }
    while (w->at < w->p.len && w->p.at[w->at] != ']')
        if (!bracket_member(w)) return false;
    if (w->at >= w->p.len) return bad(w, "brackets [] not balanced");
    w->at++;
    put_byte(w, ']');
    w->atom = true;
    return true;
}

// ---- groups, quantifiers ----

static bool open_group(Rewrite *w)
{
    static const char *const kinds[] = {"(?:", "(?=", "(?!", "(?<=", "(?<!"};
    Str rest = str_slice(w->p, w->at, w->p.len - w->at);
    w->depth++;
    w->atom = false;
    if (peek(w, 1) != '?') {
        w->groups++;
        w->at++;
        put_byte(w, '(');
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!str_starts(rest, str_of(kinds[i]))) continue;
        w->look = w->look || i > 0;
        put(w, kinds[i]);
        w->at += strlen(kinds[i]);
        return true;
    }
    return bad(w, "quantifier operand invalid");
}

static bool close_group(Rewrite *w)
{
    if (!w->depth) return bad(w, "parentheses () not balanced");
    w->depth--;
    w->at++;
    w->atom = true;
    put_byte(w, ')');
    return true;
}

static bool read_count(Rewrite *w, unsigned *n)
{
    *n = 0;
    for (; is_digit(peek(w, 0)); w->at++) {
        *n = *n * 10 + (unsigned)(peek(w, 0) - '0');
        if (*n > REPEAT_MAX) return bad(w, "invalid repetition count(s)");
    }
    return true;
}

static bool bounds(Rewrite *w)
{
    unsigned low, high;
    w->at++;
    if (!read_count(w, &low)) return false;
    bytes_printf(&w->r->text, "{%u", low);
    if (peek(w, 0) == ',') {
        w->at++;
        put_byte(w, ',');
        if (is_digit(peek(w, 0))) {
            if (!read_count(w, &high)) return false;
            if (high < low) return bad(w, "invalid repetition count(s)");
            bytes_printf(&w->r->text, "%u", high);
        }
    }
    if (peek(w, 0) != '}') return bad(w, "invalid repetition count(s)");
    w->at++;
    put_byte(w, '}');
    return true;
}

static bool is_quantifier(const Rewrite *w)
{
    char c = peek(w, 0);
    return c == '*' || c == '+' || c == '?' || (c == '{' && is_digit(peek(w, 1)));
}

static bool quantifier(Rewrite *w)
{
    if (!w->atom) return bad(w, "quantifier operand invalid");
    if (peek(w, 0) == '{') {
        if (!bounds(w)) return false;
    } else {
        put_byte(w, w->p.at[w->at++]);
    }
    bool lazy = peek(w, 0) == '?';
    if (lazy) {
        w->at++;
        put_byte(w, '?');
    }
    if (!w->quantified) w->first_lazy = lazy;
    w->quantified = true;
    w->lazy = w->lazy || lazy;
    w->atom = false;
    return !is_quantifier(w) || bad(w, "quantifier operand invalid");
}

// ---- the whole ----

static void blank(Rewrite *w)
{
    if (peek(w, 0) == '#')
        while (w->at < w->p.len && w->p.at[w->at] != '\n') w->at++;
    else
        w->at++;
}

static bool is_blank(const Rewrite *w)
{
    char c = peek(w, 0);
    return w->r->options & REGEX_EXPANDED && (c == '#' || c == ' ' || (c >= '\t' && c <= '\r'));
}

static bool plain(Rewrite *w)
{
    char c = w->p.at[w->at++];
    bool anchor = c == '^' || c == '$';
    if (c == '{' || c == '}' || c == ']' || c == '#' || c == ' ') put_byte(w, '\\');
    put_byte(w, c);
    w->atom = !anchor;
    return true;
}

static bool step(Rewrite *w)
{
    if (is_blank(w)) {
        blank(w);
        return true;
    }
    if (is_quantifier(w)) return quantifier(w);
    switch (w->p.at[w->at]) {
    case '\\': return escape(w);
    case '[': return bracket(w);
    case '(': return open_group(w);
    case ')': return close_group(w);
    case '|':
        w->branch = true;
        w->top_branch = w->top_branch || !w->depth;
        w->atom = false;
        w->at++;
        put_byte(w, '|');
        return true;
    default: return plain(w);
    }
}

// ***: and ***= before the pattern, (?letters) at its start.
static bool directors(Rewrite *w)
{
    RegexPattern *r = w->r;
    if (str_starts(w->p, STR("***="))) {
        r->options |= REGEX_LITERAL;
        w->at = 4;
        return true;
    }
    if (str_starts(w->p, STR("***:"))) w->at = 4;
    if (r->options & REGEX_LITERAL || peek(w, 0) != '(' || peek(w, 1) != '?' || !is_letter(peek(w, 2)))
        return true;
    size_t end = str_find(w->p, STR(")"), w->at);
    if (end == SIZE_MAX) return bad(w, "parentheses () not balanced");
    Str letters = str_slice(w->p, w->at + 2, end - w->at - 2);
    w->at = end + 1;
    return (str_find(letters, STR("g"), 0) == SIZE_MAX && regex_options(letters, &r->options, w->err)) ||
           bad(w, "invalid embedded option");
}

bool regex_pattern_make(RegexPattern *out, Str pattern, uint32_t options, Err *err)
{
    Rewrite w = {.r = out, .p = pattern, .err = err};
    *out = (RegexPattern){.options = options};
    bytes_init(&out->text, (size_t)REGEX_PATTERN_MAX * 8);
    if (pattern.len > REGEX_PATTERN_MAX) return bad(&w, "regular expression is too long");
    if (!directors(&w)) return false;
    if (out->options & REGEX_LITERAL) {
        bytes_put(&out->text, str_slice(pattern, w.at, pattern.len - w.at));
        return true;
    }
    while (w.at < pattern.len)
        if (!step(&w)) return false;
    if (w.depth) return bad(&w, "parentheses () not balanced");
    out->extent_counts = (w.branch || w.lazy) && !w.look && !w.back;
    out->back = w.back;
    out->shortest = !w.top_branch && w.first_lazy;
    return !out->text.failed || err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a regular expression");
}
