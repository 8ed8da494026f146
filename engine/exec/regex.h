// Regex: PostgreSQL's advanced regular expressions on PCRE2: the pattern is rewritten where the two differ
// (escapes \y \m \M \Z \b …, options, what is refused), and the extent of a match is POSIX's: longest, or
// shortest when the first quantifier says so. Work and memory of a match are limited. One thread at a time
// may use a set. Relies on base.
#ifndef ENGINE_EXEC_REGEX_H
#define ENGINE_EXEC_REGEX_H

#include "engine/base/buf.h"
#include "engine/base/err.h"

enum { REGEX_GROUPS_MAX = 100, REGEX_KEPT_MAX = 32, REGEX_PATTERN_MAX = 1 << 16 };
typedef enum RegexOption {
    REGEX_FOLD = 1,        // i
    REGEX_LINE_DOT = 2,    // . and [^…] do not match a newline (n, p)
    REGEX_LINE_ANCHOR = 4, // ^ and $ match at newlines (n, w)
    REGEX_EXPANDED = 8,    // x: white space and comments do not count
    REGEX_LITERAL = 16,    // q
    REGEX_GLOBAL = 32,     // g: for the caller
} RegexOption;

typedef struct Regex Regex;
typedef struct RegexSet RegexSet;
// Bytes [from, to); to < from: the group took no part.
typedef struct RegexSpan {
    size_t from, to;
} RegexSpan;

// The letters of a flags argument: 22023 for one that is not known.
MUST_CHECK bool regex_options(Str letters, uint32_t *options, Err *err);
// The compiled pattern, from the set (made when NULL) or compiled now: 2201B. Valid until REGEX_KEPT_MAX
// others have been asked for.
MUST_CHECK bool regex_get(Regex **out, RegexSet **set, Str pattern, uint32_t options, Err *err);
void regex_set_free(RegexSet *set);
uint32_t regex_groups(const Regex *r); // captures, at most REGEX_GROUPS_MAX - 1 are told of
// 54001 when the limits are reached.
MUST_CHECK bool regex_test(Regex *r, RegexSet *set, Str s, bool *found, Err *err);
// The first match at or behind byte `from`; span[0] is the whole, then the groups.
MUST_CHECK bool regex_find(Regex *r, RegexSet *set, Str s, size_t from, RegexSpan span[REGEX_GROUPS_MAX],
                           bool *found, Err *err);

// regex_pattern.c: the rewriting.
typedef struct RegexPattern {
    Bytes text;         // for PCRE2
    uint32_t options;   // with those that stand in the pattern
    bool extent_counts; // alternatives or lazy quantifiers: PCRE2's first match need not be POSIX's
    bool shortest;
    bool back; // has back references
} RegexPattern;
MUST_CHECK bool regex_pattern_make(RegexPattern *out, Str pattern, uint32_t options, Err *err);

#endif
