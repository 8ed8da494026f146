// Regex: compiling and matching with PCRE2 (pcre2api(3)), and the patterns a statement keeps.
#include "engine/exec/regex.h"

#include "engine/base/size.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum {
    MATCH_STEPS_MAX = 5000000, // of one search
    MATCH_DEPTH_MAX = 100000,
    MATCH_HEAP_KIB = 64 << 10,
    DFA_STATES = 1000,
    JIT_AFTER = 64 // uses
};

struct Regex {
    Str pattern; // owned
    uint32_t options;
    pcre2_code *code;
    pcre2_match_data *data;
    uint32_t groups, uses;
    bool extent_counts, shortest, back;
};

struct RegexSet {
    Regex kept[REGEX_KEPT_MAX];
    uint32_t count, next, last;
    pcre2_match_context *limits;
};

bool regex_options(Str letters, uint32_t *options, Err *err)
{
    for (size_t i = 0; i < letters.len; i++) {
        switch (letters.at[i]) {
        case 'g': *options |= REGEX_GLOBAL; break;
        case 'i': *options |= REGEX_FOLD; break;
        case 'c': *options &= ~(uint32_t)REGEX_FOLD; break;
        case 'm':
        case 'n': *options |= REGEX_LINE_DOT | REGEX_LINE_ANCHOR; break;
        case 'p':
            *options |= REGEX_LINE_DOT;
            *options &= ~(uint32_t)REGEX_LINE_ANCHOR;
            break;
        case 'w':
            *options |= REGEX_LINE_ANCHOR;
            *options &= ~(uint32_t)REGEX_LINE_DOT;
            break;
        case 's': *options &= ~(uint32_t)(REGEX_LINE_DOT | REGEX_LINE_ANCHOR); break;
        case 'x': *options |= REGEX_EXPANDED; break;
        case 't': *options &= ~(uint32_t)REGEX_EXPANDED; break;
        case 'q': *options |= REGEX_LITERAL; break;
        case 'e': break;
        case 'b': return err_set(err, SQLSTATE_UNSUPPORTED, "basic regular expressions are not supported");
        default: {
            Str one = str_slice(letters, i, 1);
            return err_set(err, "22023", "invalid regular expression option: \"%.*s\"", STR_ARG(one));
        }
        }
    }
    return true;
}

// ---- compiling ----

static void regex_done(Regex *r)
{
    pcre2_match_data_free(r->data);
    pcre2_code_free(r->code);
    free((void *)(uintptr_t)r->pattern.at);
    *r = (Regex){0};
}

static bool compile(Regex *r, const RegexPattern *p, Err *err)
{
    int code;
    PCRE2_SIZE at;
    uint32_t o = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    if (p->options & REGEX_LITERAL)
        o = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_LITERAL;
    else
        o |= PCRE2_UCP | (p->options & REGEX_LINE_DOT ? 0 : PCRE2_DOTALL);
    if (p->options & REGEX_LINE_ANCHOR && !(p->options & REGEX_LITERAL)) o |= PCRE2_MULTILINE;
    if (p->options & REGEX_FOLD) o |= PCRE2_CASELESS;
    if (p->extent_counts) o |= PCRE2_NO_AUTO_POSSESS; // every extent must stay in reach
    Str text = bytes_str(&p->text);
    r->code = pcre2_compile((PCRE2_SPTR)(text.len ? text.at : ""), text.len, o, &code, &at, NULL);
    if (!r->code) {
        unsigned char why[160];
        pcre2_get_error_message(code, why, sizeof why);
        return err_set(err, "2201B", "invalid regular expression: %s", (const char *)why);
    }
    r->data = pcre2_match_data_create(REGEX_GROUPS_MAX, NULL);
    pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &r->groups);
    if (r->groups >= REGEX_GROUPS_MAX)
        return err_set(err, SQLSTATE_LIMIT, "a regular expression may have at most %d groups",
                       REGEX_GROUPS_MAX - 1);
    r->extent_counts = p->extent_counts;
    r->shortest = p->shortest;
    r->back = p->back;
    return r->data || err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a regular expression");
}

static bool make(Regex *r, Str pattern, uint32_t options, Err *err)
{
    RegexPattern p;
    char *copy = size_alloc_zero(pattern.len + 1, 1);
    if (!copy) return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a regular expression");
    if (pattern.len) memcpy(copy, pattern.at, pattern.len);
    *r = (Regex){.pattern = {copy, pattern.len}, .options = options};
    bool ok = regex_pattern_make(&p, pattern, options, err) && compile(r, &p, err);
    bytes_done(&p.text);
    if (!ok) regex_done(r);
    return ok;
}

static RegexSet *set_new(void)
{
    RegexSet *s = size_alloc_zero(1, sizeof *s);
    if (!s || !(s->limits = pcre2_match_context_create(NULL))) {
        free(s);
        return NULL;
    }
    pcre2_set_match_limit(s->limits, MATCH_STEPS_MAX);
    pcre2_set_depth_limit(s->limits, MATCH_DEPTH_MAX);
    pcre2_set_heap_limit(s->limits, MATCH_HEAP_KIB);
    return s;
}

void regex_set_free(RegexSet *s)
{
    if (!s) return;
    for (uint32_t i = 0; i < s->count; i++) regex_done(&s->kept[i]);
    pcre2_match_context_free(s->limits);
    free(s);
}

static bool is_it(const Regex *r, Str pattern, uint32_t options)
{
    return r->code && r->options == options && str_equal(r->pattern, pattern);
}

bool regex_get(Regex **out, RegexSet **set, Str pattern, uint32_t options, Err *err)
{
    if (!*set && !(*set = set_new()))
        return err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for regular expressions");
    RegexSet *s = *set;
    options &= ~(uint32_t)REGEX_GLOBAL;
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t k = (s->last + i) % s->count;
        if (!is_it(&s->kept[k], pattern, options)) continue;
        s->last = k;
        *out = &s->kept[k];
        if (++(*out)->uses == JIT_AFTER) pcre2_jit_compile((*out)->code, PCRE2_JIT_COMPLETE);
        return true;
    }
    uint32_t k = s->count < REGEX_KEPT_MAX ? s->count++ : s->next++ % REGEX_KEPT_MAX;
    regex_done(&s->kept[k]);
    if (!make(&s->kept[k], pattern, options, err)) return false;
    s->last = k;
    *out = &s->kept[k];
    return true;
}

uint32_t regex_groups(const Regex *r) { return r->groups; }

// ---- matching ----

static bool failed(int code, Err *err)
{
    unsigned char why[160];
    pcre2_get_error_message(code, why, sizeof why);
    return err_set(err, SQLSTATE_TOO_COMPLEX, "regular expression failed: %s", (const char *)why);
}

static int search(const Regex *r, const RegexSet *set, Str s, size_t from, uint32_t options)
{
    PCRE2_SPTR at = (PCRE2_SPTR)(s.at ? s.at : "");
    int code = pcre2_match(r->code, at, s.len, from, options | PCRE2_NO_UTF_CHECK, r->data, set->limits);
    if (code == PCRE2_ERROR_JIT_STACKLIMIT)
        code = pcre2_match(r->code, at, s.len, from, options | PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, r->data,
                           set->limits);
    return code;
}

// All ways at once: no capturing, and no way to run wild.
static int search_all(const Regex *r, const RegexSet *set, Str s, size_t from, uint32_t options)
{
    int states[DFA_STATES];
    return pcre2_dfa_match(r->code, (PCRE2_SPTR)(s.at ? s.at : ""), s.len, from, options | PCRE2_NO_UTF_CHECK,
                           r->data, set->limits, states, DFA_STATES);
}

bool regex_test(Regex *r, RegexSet *set, Str s, bool *found, Err *err)
{
    int code = search(r, set, s, 0, 0);
    if (code == PCRE2_ERROR_MATCHLIMIT && !r->back) code = search_all(r, set, s, 0, PCRE2_DFA_SHORTEST);
    *found = code >= 0;
    return code >= 0 || code == PCRE2_ERROR_NOMATCH || failed(code, err);
}

static void take_spans(const Regex *r, RegexSpan *span)
{
    const PCRE2_SIZE *o = pcre2_get_ovector_pointer(r->data);
    for (uint32_t i = 0; i <= r->groups; i++) {
        bool none = o[2 * i] == PCRE2_UNSET;
        span[i] = none ? (RegexSpan){1, 0} : (RegexSpan){o[2 * i], o[2 * i + 1]};
    }
}

// Where POSIX ends the match that starts here; `end` stays when it cannot be told.
static size_t posix_end(const Regex *r, const RegexSet *set, Str s, size_t start, size_t end)
{
    int code = search_all(r, set, s, start, PCRE2_ANCHORED | (r->shortest ? PCRE2_DFA_SHORTEST : 0));
    return code < 0 ? end : pcre2_get_ovector_pointer(r->data)[1];
}

bool regex_find(Regex *r, RegexSet *set, Str s, size_t from, RegexSpan span[REGEX_GROUPS_MAX], bool *found,
                Err *err)
{
    int code = search(r, set, s, from, 0);
    *found = code >= 0;
    if (code == PCRE2_ERROR_NOMATCH) return true;
    if (code < 0) return failed(code, err);
    take_spans(r, span);
    if (!r->extent_counts) return true;
    size_t end = posix_end(r, set, s, span[0].from, span[0].to);
    if (end == span[0].to) return true;
    // The same extent again, for the groups in it.
    code = search(r, set, str_slice(s, 0, end), span[0].from, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
    if (code >= 0)
        take_spans(r, span);
    else
        span[0].to = end;
    return true;
}
