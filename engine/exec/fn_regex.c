// Regular expressions as operators and functions of PostgreSQL 15: ~ and its kin, regexp_like, _count,
// _instr, _substr, _replace, _split_to_table, substring(… from …), similar_to_escape.
#include "engine/exec/fn.h"

#include "engine/base/utf8.h"
#include "engine/exec/array_work.h"
#include "engine/exec/regex.h"
#include <string.h>

typedef struct Call {
    KernelContext *ctx;
    Regex *regex;
    RegexSet *set;
    Str text;
    uint32_t options;
} Call;

static bool call_pattern(Call *c, Str pattern)
{
    bool ok = regex_get(&c->regex, c->ctx->regexes, pattern, c->options, c->ctx->err);
    c->set = *c->ctx->regexes;
    return ok;
}

static bool find(const Call *c, size_t from, RegexSpan *span, bool *found)
{
    return regex_find(c->regex, c->set, c->text, from, span, found, c->ctx->err);
}

// Behind a match; an empty one is stepped over by a character.
static size_t behind(const Call *c, RegexSpan whole)
{
    if (whole.to > whole.from) return whole.to;
    size_t at = whole.to;
    if (at < c->text.len) (void)utf8_next(c->text, &at);
    return at == whole.to ? at + 1 : at;
}

// The n-th match (from 1) at or behind `from`.
static bool find_nth(const Call *c, size_t from, int32_t n, RegexSpan *span, bool *found)
{
    *found = false;
    for (int32_t i = 0; i < n && from <= c->text.len; i++) {
        if (!find(c, from, span, found)) return false;
        if (!*found) return true;
        from = behind(c, span[0]);
        if (i + 1 < n) *found = false;
    }
    return true;
}

static bool parameter(KernelContext *ctx, const char *name, int32_t value)
{
    return err_set_at(ctx->err, "22023", ctx->at, "invalid value for parameter \"%s\": %d", name, (int)value);
}

static bool no_global(KernelContext *ctx, uint32_t options, const char *name)
{
    return !(options & REGEX_GLOBAL) ||
           err_set_at(ctx->err, "22023", ctx->at, "%s does not support the \"global\" option", name);
}

// ---- operators ----

static bool test_rows(const Vector *arg, const uint16_t *sel, uint32_t count, Vector *out, KernelContext *ctx,
                      uint32_t options, bool negated)
{
    Call c = {.ctx = ctx, .options = options};
    for (uint32_t k = 0; k < count; k++) {
        uint32_t row = sel ? sel[k] : k;
        bool found;
        if ((k == 0 || !arg[1].constant) && !call_pattern(&c, fn_str(arg, 1, row))) return false;
        if (!regex_test(c.regex, c.set, fn_str(arg, 0, row), &found, ctx->err)) return false;
        FN_OUT(uint8_t)[row] = found != negated;
    }
    return true;
}

#define TEST(name, options, negated)                                                                         \
    FN_KERNEL(name)                                                                                          \
    {                                                                                                        \
        (void)args;                                                                                          \
        return test_rows(arg, sel, count, out, ctx, options, negated);                                       \
    }
TEST(regex_matches, 0, false)
TEST(regex_matches_fold, REGEX_FOLD, false)
TEST(regex_differs, 0, true)
TEST(regex_differs_fold, REGEX_FOLD, true)

// ---- row by row ----

typedef bool (*Row)(Call *c, const Vector *arg, uint32_t args, uint32_t row, Vector *out);

// `flags`: which argument holds them.
static bool call_rows(const Vector *arg, uint32_t args, const uint16_t *sel, uint32_t count, Vector *out,
                      KernelContext *ctx, uint32_t flags, Row each)
{
    for (uint32_t k = 0; k < count; k++) {
        uint32_t row = sel ? sel[k] : k;
        Call c = {.ctx = ctx, .text = fn_str(arg, 0, row)};
        if (flags < args && !regex_options(fn_str(arg, flags, row), &c.options, ctx->err)) return false;
        if (!call_pattern(&c, fn_str(arg, 1, row)) || !each(&c, arg, args, row, out)) return false;
    }
    return true;
}
#define CALL(name, flags, each)                                                                              \
    FN_KERNEL(name) { return call_rows(arg, args, sel, count, out, ctx, flags, each); }
#define EACH(name) static bool name(Call *c, const Vector *arg, uint32_t args, uint32_t row, Vector *out)

// Byte offset of the argument `start`, a character's number.
static bool start_of(Call *c, const Vector *arg, uint32_t args, uint32_t at, uint32_t row, size_t *from)
{
    int32_t start = at < args ? FN_CELL(int32_t, at, row) : 1;
    if (start < 1) return parameter(c->ctx, "start", start);
    size_t length = utf8_length(c->text);
    *from = (size_t)start - 1 > length ? c->text.len + 1 : utf8_offset(c->text, (size_t)start - 1);
    return true;
}

static bool number_of(Call *c, const Vector *arg, uint32_t args, uint32_t at, uint32_t row, const char *name,
                      int32_t least, int32_t most, int32_t otherwise, int32_t *out)
{
    *out = at < args ? FN_CELL(int32_t, at, row) : otherwise;
    bool inside = *out >= least && (most == INT32_MAX || *out <= most);
    return inside || parameter(c->ctx, name, *out);
}

EACH(each_like)
{
    (void)arg, (void)args;
    bool found;
    if (!no_global(c->ctx, c->options, "regexp_like()")) return false;
    if (!regex_test(c->regex, c->set, c->text, &found, c->ctx->err)) return false;
    FN_OUT(uint8_t)[row] = found;
    return true;
}
CALL(regexp_like, 2, each_like)

EACH(each_count)
{
    RegexSpan span[REGEX_GROUPS_MAX];
    size_t from;
    int32_t n = 0;
    bool found = true;
    if (!no_global(c->ctx, c->options, "regexp_count()") || !start_of(c, arg, args, 2, row, &from))
        return false;
    while (found && from <= c->text.len) {
        if (!find(c, from, span, &found)) return false;
        if (!found) break;
        n++;
        from = behind(c, span[0]);
    }
    FN_OUT(int32_t)[row] = n;
    return true;
}
CALL(regexp_count, 3, each_count)

EACH(each_instr)
{
    RegexSpan span[REGEX_GROUPS_MAX];
    size_t from;
    int32_t n, end, group;
    bool found;
    if (!no_global(c->ctx, c->options, "regexp_instr()") || !start_of(c, arg, args, 2, row, &from) ||
        !number_of(c, arg, args, 3, row, "n", 1, INT32_MAX, 1, &n) ||
        !number_of(c, arg, args, 4, row, "endoption", 0, 1, 0, &end) ||
        !number_of(c, arg, args, 6, row, "subexpr", 0, INT32_MAX, 0, &group) ||
        !find_nth(c, from, n, span, &found))
        return false;
    FN_OUT(int32_t)[row] = 0;
    if (!found || (uint32_t)group > regex_groups(c->regex) || span[group].to < span[group].from) return true;
    size_t at = end ? span[group].to : span[group].from;
    FN_OUT(int32_t)[row] = (int32_t)utf8_length(str_slice(c->text, 0, at)) + 1;
    return true;
}
CALL(regexp_instr, 5, each_instr)

static bool put_group(const Call *c, RegexSpan span, Vector *out, uint32_t row)
{
    if (span.to >= span.from)
        return fn_put(out, row, str_slice(c->text, span.from, span.to - span.from), c->ctx);
    vector_set_null(out, row);
    return true;
}

EACH(each_substr)
{
    RegexSpan span[REGEX_GROUPS_MAX];
    size_t from;
    int32_t n, group;
    bool found;
    if (!no_global(c->ctx, c->options, "regexp_substr()") || !start_of(c, arg, args, 2, row, &from) ||
        !number_of(c, arg, args, 3, row, "n", 1, INT32_MAX, 1, &n) ||
        !number_of(c, arg, args, 5, row, "subexpr", 0, INT32_MAX, 0, &group) ||
        !find_nth(c, from, n, span, &found))
        return false;
    RegexSpan none = {1, 0};
    return put_group(c, found && (uint32_t)group <= regex_groups(c->regex) ? span[group] : none, out, row);
}
CALL(regexp_substr, 4, each_substr)

// substring(s from p): the first group, or the whole when there is none.
EACH(each_substring)
{
    (void)arg, (void)args;
    RegexSpan span[REGEX_GROUPS_MAX], none = {1, 0};
    bool found;
    if (!find(c, 0, span, &found)) return false;
    return put_group(c, found ? span[regex_groups(c->regex) ? 1 : 0] : none, out, row);
}
CALL(regex_substring, 9, each_substring)

// ---- replacing ----

static void put_replacement(const Call *c, Str with, const RegexSpan *span, Bytes *b)
{
    for (size_t i = 0; i < with.len && !b->failed; i++) {
        char next = with.at[i] == '\\' && i + 1 < with.len ? with.at[i + 1] : '\0';
        bool digit = next >= '1' && next <= '9';
        if (with.at[i] != '\\' || (!digit && next != '&' && next != '\\')) {
            bytes_put_byte(b, with.at[i]);
            continue;
        }
        i++;
        uint32_t group = digit ? (uint32_t)(next - '0') : 0;
        if (next == '\\')
            bytes_put_byte(b, '\\');
        else if (group <= regex_groups(c->regex) && span[group].to >= span[group].from)
            bytes_put(b, str_slice(c->text, span[group].from, span[group].to - span[group].from));
    }
}

// n: which match; 0 = all.
static bool replace(Call *c, Str with, size_t from, int32_t n, Vector *out, uint32_t row)
{
    RegexSpan span[REGEX_GROUPS_MAX];
    Bytes b;
    size_t kept = 0;
    bool ok = true, found = true;
    bytes_init(&b, TYPE_VALUE_BYTES_MAX);
    for (int32_t i = 1; ok && from <= c->text.len; i++) {
        ok = find(c, from, span, &found);
        if (!ok || !found) break;
        from = behind(c, span[0]);
        if (n && i < n) continue;
        bytes_put(&b, str_slice(c->text, kept, span[0].from - kept));
        put_replacement(c, with, span, &b);
        kept = span[0].to;
        if (n) break;
    }
    bytes_put(&b, str_slice(c->text, kept, c->text.len - kept));
    if (ok && b.failed) ok = err_set_at(c->ctx->err, "54000", c->ctx->at, "requested length too large");
    ok = ok && fn_put(out, row, bytes_str(&b), c->ctx);
    bytes_done(&b);
    return ok;
}

EACH(each_replace)
{
    (void)args;
    return replace(c, fn_str(arg, 2, row), 0, c->options & REGEX_GLOBAL ? 0 : 1, out, row);
}
CALL(regexp_replace, 3, each_replace)

EACH(each_replace_from)
{
    size_t from;
    int32_t n;
    if (!start_of(c, arg, args, 3, row, &from) ||
        !number_of(c, arg, args, 4, row, "n", 0, INT32_MAX, c->options & REGEX_GLOBAL ? 0 : 1, &n))
        return false;
    return replace(c, fn_str(arg, 2, row), from, n, out, row);
}
CALL(regexp_replace_from, 5, each_replace_from)

// ---- SIMILAR TO: SQL's pattern as a regular expression (section 9.7.2 of PostgreSQL's manual) ----

enum { UTF8_BYTES_MAX = 4 };
typedef struct Similar {
    Bytes *b;
    Str p;
    size_t at;
    Str escape; // one character, or none
    unsigned marks;
    bool shortest; // % before the first mark takes as little as it can
    bool in_class;
    KernelContext *ctx;
} Similar;

// escape-double-quote cuts the pattern into three: what is before, what is wanted, what is behind.
static bool similar_mark(Similar *s)
{
    static const char *const text[] = {")(", ")(?:"};
    s->shortest = false;
    if (s->marks == 2)
        return err_set_at(
            s->ctx->err, "2200C", s->ctx->at,
            "SQL regular expression may not contain more than two escape-double-quote separators");
    bytes_put(s->b, str_of(text[s->marks++]));
    return true;
}

static bool similar_escaped(Similar *s)
{
    s->at += s->escape.len;
    if (s->at >= s->p.len) return true;
    char c = s->p.at[s->at];
    if (c == '"' && !s->in_class) {
        s->at++;
        return similar_mark(s);
    }
    size_t next = s->at;
    (void)utf8_next(s->p, &next);
    bytes_put_byte(s->b, '\\');
    bytes_put(s->b, str_slice(s->p, s->at, next - s->at));
    s->at = next;
    return true;
}

static void similar_plain(Similar *s, char c)
{
    if (s->in_class) {
        if (c == '\\') bytes_put_byte(s->b, '\\');
        bytes_put_byte(s->b, c);
        if (c == ']') s->in_class = false;
        return;
    }
    switch (c) {
    case '[':
        bytes_put_byte(s->b, c);
        s->in_class = true;
        break;
    case '%': bytes_put(s->b, s->shortest ? STR(".*?") : STR(".*")); break;
    case '_': bytes_put_byte(s->b, '.'); break;
    case '(': bytes_put(s->b, STR("(?:")); break;
    case '\\':
    case '.':
    case '^':
    case '$':
        bytes_put_byte(s->b, '\\');
        bytes_put_byte(s->b, c);
        break;
    default: bytes_put_byte(s->b, c); break;
    }
}

static bool similar_pattern(Str pattern, Str escape, Bytes *b, KernelContext *ctx)
{
    if (utf8_length(escape) > 1) {
        err_set_at(ctx->err, "22025", ctx->at, "invalid escape string");
        return err_hint(ctx->err, "Escape string must be empty or one character.");
    }
    Similar s = {.b = b, .p = pattern, .escape = escape, .ctx = ctx};
    char mark[UTF8_BYTES_MAX + 1];
    memcpy(mark, escape.len ? escape.at : "", escape.len);
    mark[escape.len] = '"';
    s.shortest = escape.len && str_find(pattern, (Str){mark, escape.len + 1}, 0) != SIZE_MAX;
    bytes_put(b, STR("^(?:"));
    while (s.at < pattern.len) {
        Str rest = str_slice(pattern, s.at, pattern.len - s.at);
        if (escape.len && str_starts(rest, escape)) {
            if (!similar_escaped(&s)) return false;
        } else {
            similar_plain(&s, pattern.at[s.at++]);
        }
    }
    bytes_put(b, STR(")$"));
    return true;
}

// Rows of a function that makes a pattern from argument `at` (and the escape behind it).
static bool similar_rows(const Vector *arg, uint32_t args, uint32_t at, bool substring, const uint16_t *sel,
                         uint32_t count, Vector *out, KernelContext *ctx)
{
    Bytes b;
    bool ok = true;
    bytes_init(&b, TYPE_VALUE_BYTES_MAX);
    for (uint32_t k = 0; ok && k < count; k++) {
        uint32_t row = sel ? sel[k] : k;
        bytes_clear(&b);
        ok = similar_pattern(fn_str(arg, at, row), args > at + 1 ? fn_str(arg, at + 1, row) : STR("\\"), &b,
                             ctx);
        if (ok && b.failed) ok = err_set_at(ctx->err, "54000", ctx->at, "requested length too large");
        if (!ok) break;
        if (!substring) {
            ok = fn_put(out, row, bytes_str(&b), ctx);
            continue;
        }
        Call c = {.ctx = ctx, .text = fn_str(arg, 0, row)};
        ok = call_pattern(&c, bytes_str(&b)) && each_substring(&c, arg, args, row, out);
    }
    bytes_done(&b);
    return ok;
}

FN_KERNEL(similar_to_escape) { return similar_rows(arg, args, 0, false, sel, count, out, ctx); }
FN_KERNEL(substring_similar) { return similar_rows(arg, args, 1, true, sel, count, out, ctx); }

// ---- regexp_split_to_table ----

typedef struct Split {
    Str *part;
    uint32_t parts, next;
} Split;

static void part_add(Split *s, uint32_t *cap, Str part, Arena *mem)
{
    if (s->parts == *cap) {
        *cap = *cap ? *cap * 2 : 16;
        Str *grown = arena_array(mem, Str, *cap);
        if (s->parts) memcpy(grown, s->part, s->parts * sizeof(Str));
        s->part = grown;
    }
    s->part[s->parts++] = part;
}

static bool split_all(Split *s, Call *c, Str pattern, Arena *mem)
{
    RegexSpan span[REGEX_GROUPS_MAX];
    uint32_t cap = 0;
    size_t from = 0, kept = 0;
    bool found = true;
    if (!call_pattern(c, pattern)) return false;
    while (found && from <= c->text.len) {
        if (!find(c, from, span, &found)) return false;
        if (!found) break;
        from = behind(c, span[0]);
        // empty matches at the ends, and right behind another match, cut nothing
        if (span[0].from >= c->text.len && span[0].to == span[0].from) break;
        if (span[0].to <= kept) continue;
        part_add(s, &cap, str_slice(c->text, kept, span[0].from - kept), mem);
        kept = span[0].to;
    }
    part_add(s, &cap, str_slice(c->text, kept, c->text.len - kept), mem);
    return true;
}

static bool split_open(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    Call c = {.ctx = ctx, .text = text_str(&arg[0].text)};
    if (args > 2 && !regex_options(text_str(&arg[2].text), &c.options, ctx->err)) return false;
    if (!no_global(ctx, c.options, "regexp_split_to_table()")) return false;
    return split_all(state, &c, text_str(&arg[1].text), ctx->keep);
}

static bool split_next(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made,
                       KernelContext *ctx)
{
    Split *s = state;
    uint32_t n = s->parts - s->next < room ? s->parts - s->next : room;
    for (uint32_t i = 0; i < n; i++)
        if (!fn_put(out, to + i, s->part[s->next + i], ctx)) return false;
    s->next += n;
    *made = n;
    return true;
}

// ---- arrays of texts ----

FN_KERNEL(regexp_split_to_array)
{
    FN_ROWS(r, {
        Split s = {0};
        Elements e;
        Call c = {.ctx = ctx, .text = fn_str(arg, 0, r)};
        if (args > 2 && !regex_options(fn_str(arg, 2, r), &c.options, ctx->err)) return false;
        if (!no_global(ctx, c.options, "regexp_split_to_array()")) return false;
        if (!split_all(&s, &c, fn_str(arg, 1, r), ctx->mem)) return false;
        if (!elements_init(&e, type_of(TYPE_TEXT), s.parts, ctx->mem, ctx->err)) return false;
        for (uint32_t i = 0; i < s.parts; i++) {
            Value v = {.type = e.type, .text = text_of(s.part[i])};
            elements_add(&e, &v);
        }
        if (!elements_put_list(&e, 1, out, r, ctx)) return false;
    });
    return true;
}

// The groups of a match, or the whole when there are none.
static bool put_groups(const Call *c, const RegexSpan *span, Vector *out, uint32_t row)
{
    Elements e;
    uint32_t groups = regex_groups(c->regex), first = groups ? 1 : 0;
    if (groups >= REGEX_GROUPS_MAX) groups = REGEX_GROUPS_MAX - 1;
    if (!elements_init(&e, type_of(TYPE_TEXT), groups + 1, c->ctx->mem, c->ctx->err)) return false;
    for (uint32_t i = first; i <= groups; i++) {
        Value v = {.type = e.type, .null = span[i].to < span[i].from};
        if (!v.null) v.text = text_of(str_slice(c->text, span[i].from, span[i].to - span[i].from));
        elements_add(&e, &v);
    }
    return elements_put_list(&e, 1, out, row, c->ctx);
}

FN_KERNEL(regexp_match)
{
    FN_ROWS(r, {
        RegexSpan span[REGEX_GROUPS_MAX];
        bool found;
        Call c = {.ctx = ctx, .text = fn_str(arg, 0, r)};
        if (args > 2 && !regex_options(fn_str(arg, 2, r), &c.options, ctx->err)) return false;
        if (c.options & REGEX_GLOBAL) {
            no_global(ctx, c.options, "regexp_match()");
            return err_hint(ctx->err, "Use the regexp_matches function instead.");
        }
        if (!call_pattern(&c, fn_str(arg, 1, r)) || !find(&c, 0, span, &found)) return false;
        if (!found)
            vector_set_null(out, r);
        else if (!put_groups(&c, span, out, r))
            return false;
    });
    return true;
}

typedef struct Matches {
    Str text, pattern;
    uint32_t options;
    size_t from;
    bool ended;
} Matches;

static bool matches_open(void *state, const Value *arg, uint32_t args, KernelContext *ctx)
{
    Matches *m = state;
    *m = (Matches){.text = text_str(&arg[0].text), .pattern = text_str(&arg[1].text)};
    return args < 3 || regex_options(text_str(&arg[2].text), &m->options, ctx->err);
}

static bool matches_next(void *state, Vector *out, uint32_t to, uint32_t room, uint32_t *made,
                         KernelContext *ctx)
{
    Matches *m = state;
    RegexSpan span[REGEX_GROUPS_MAX];
    Call c = {.ctx = ctx, .text = m->text, .options = m->options};
    if (!call_pattern(&c, m->pattern)) return false;
    for (*made = 0; *made < room && !m->ended; ++*made) {
        bool found = false;
        if (m->from <= m->text.len && !find(&c, m->from, span, &found)) return false;
        m->ended = !found || !(m->options & REGEX_GLOBAL);
        if (!found) break;
        m->from = behind(&c, span[0]);
        if (!put_groups(&c, span, out, to + *made)) return false;
    }
    return true;
}

#define T TYPE_TEXT
#define I TYPE_INTEGER
#define B TYPE_BOOLEAN
#define S FUNCTION_STRICT
#define O (FUNCTION_STRICT | FUNCTION_OPERATOR)
const Function fn_regex[] = {
    {"~", 2, O, {T, T}, B, regex_matches},
    {"~*", 2, O, {T, T}, B, regex_matches_fold},
    {"!~", 2, O, {T, T}, B, regex_differs},
    {"!~*", 2, O, {T, T}, B, regex_differs_fold},
    {"regexp_like", 2, S, {T, T}, B, regexp_like},
    {"regexp_like", 3, S, {T, T, T}, B, regexp_like},
    {"regexp_count", 2, S, {T, T}, I, regexp_count},
    {"regexp_count", 3, S, {T, T, I}, I, regexp_count},
    {"regexp_count", 4, S, {T, T, I, T}, I, regexp_count},
    {"regexp_instr", 2, S, {T, T}, I, regexp_instr},
    {"regexp_instr", 3, S, {T, T, I}, I, regexp_instr},
    {"regexp_instr", 4, S, {T, T, I, I}, I, regexp_instr},
    {"regexp_instr", 5, S, {T, T, I, I, I}, I, regexp_instr},
    {"regexp_instr", 6, S, {T, T, I, I, I, T}, I, regexp_instr},
    {"regexp_instr", 7, S, {T, T, I, I, I, T, I}, I, regexp_instr},
    {"regexp_substr", 2, S, {T, T}, T, regexp_substr},
    {"regexp_substr", 3, S, {T, T, I}, T, regexp_substr},
    {"regexp_substr", 4, S, {T, T, I, I}, T, regexp_substr},
    {"regexp_substr", 5, S, {T, T, I, I, T}, T, regexp_substr},
    {"regexp_substr", 6, S, {T, T, I, I, T, I}, T, regexp_substr},
    {"regexp_replace", 3, S, {T, T, T}, T, regexp_replace},
    {"regexp_replace", 4, S, {T, T, T, T}, T, regexp_replace},
    {"regexp_replace", 4, S, {T, T, T, I}, T, regexp_replace_from},
    {"regexp_replace", 5, S, {T, T, T, I, I}, T, regexp_replace_from},
    {"regexp_replace", 6, S, {T, T, T, I, I, T}, T, regexp_replace_from},
    {"substring", 2, S, {T, T}, T, regex_substring},
    {"substring", 3, S, {T, T, T}, T, substring_similar},
    {"substring_similar", 3, S, {T, T, T}, T, substring_similar},
    {"regexp_match", 2, S, {T, T}, FUNCTION_ARRAY_OF(T), regexp_match},
    {"regexp_match", 3, S, {T, T, T}, FUNCTION_ARRAY_OF(T), regexp_match},
    {"regexp_split_to_array", 2, S, {T, T}, FUNCTION_ARRAY_OF(T), regexp_split_to_array},
    {"regexp_split_to_array", 3, S, {T, T, T}, FUNCTION_ARRAY_OF(T), regexp_split_to_array},
    {"similar_to_escape", 1, S, {T}, T, similar_to_escape},
    {"similar_to_escape", 2, S, {T, T}, T, similar_to_escape},
    {.name = NULL},
};

#define SPLIT(n, third)                                                                                      \
    {                                                                                                        \
        .call = {"regexp_split_to_table", n, S | FUNCTION_SET, {T, T, third}, T, NULL}, .columns = 1,        \
        .column = {{NULL, T}}, .state_size = sizeof(Split), .open = split_open, .next = split_next           \
    }
#define MATCHES(n, third)                                                                                    \
    {                                                                                                        \
        .call = {"regexp_matches", n, S | FUNCTION_SET, {T, T, third}, FUNCTION_ARRAY_OF(T), NULL},          \
        .columns = 1, .column = {{NULL, TYPE_ARRAY}}, .state_size = sizeof(Matches), .open = matches_open,   \
        .next = matches_next                                                                                 \
    }
const TableFunction fn_regex_rows[] = {
    MATCHES(2, TYPE_NULL), MATCHES(3, T), SPLIT(2, TYPE_NULL), SPLIT(3, T), {.call = {.name = NULL}},
};
