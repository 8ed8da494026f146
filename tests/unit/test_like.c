// LIKE's patterns: shapes, escapes, characters of several bytes, and random patterns against a matcher that
// simply tries everything.
#include "tests/unit/kit_cmocka.h"

#include "engine/base/random.h"
#include "engine/base/utf8.h"
#include "engine/exec/like.h"

static bool like(const char *text, const char *pattern, bool fold)
{
    Arena mem = {0};
    Like l;
    Err err = {.at = -1};
    assert_ok(like_compile(&l, str_of(pattern), '\\', fold, &mem, &err), &err);
    bool hit = like_match(&l, str_of(text));
    arena_done(&mem);
    return hit;
}

static LikeShape shape(const char *pattern)
{
    Arena mem = {0};
    Like l;
    Err err = {.at = -1};
    assert_ok(like_compile(&l, str_of(pattern), '\\', false, &mem, &err), &err);
    LikeShape s = l.shape;
    arena_done(&mem);
    return s;
}

static void shapes(void **state)
{
    (void)state;
    assert_int_equal(shape("abc"), LIKE_EXACT);
    assert_int_equal(shape(""), LIKE_EXACT);
    assert_int_equal(shape("abc%"), LIKE_PREFIX);
    assert_int_equal(shape("%abc"), LIKE_SUFFIX);
    assert_int_equal(shape("%abc%"), LIKE_CONTAINS);
    assert_int_equal(shape("%%"), LIKE_ALL);
    assert_int_equal(shape("a%b"), LIKE_GENERAL);
    assert_int_equal(shape("a_"), LIKE_GENERAL);
    assert_int_equal(shape("a\\%"), LIKE_EXACT);
    assert_true(like("a%", "a\\%", false));
    assert_false(like("ab", "a\\%", false));
    assert_true(like("a%b", "a\\%%", false));
    assert_true(like("ÄRGER", "är%", true));
    assert_false(like("ÄRGER", "är%", false));
    assert_true(like("\xff\xfe", "__", false)); // bad bytes are characters of one byte
    Arena mem = {0};
    Like l;
    Err err = {.at = -1};
    assert_err(like_compile(&l, STR("ab\\"), '\\', false, &mem, &err), &err, "22025");
    assert_ok(like_compile(&l, STR("ab\\"), -1, false, &mem, &err), &err);
    assert_true(like_match(&l, STR("ab\\")));
    arena_done(&mem);
}

// Tries every length for every %.
static bool slow(Str t, Str p)
{
    if (!p.len) return !t.len;
    if (p.at[0] == '%') {
        Str rest = str_slice(p, 1, p.len - 1);
        for (size_t skip = 0;;) {
            if (slow(str_slice(t, skip, t.len - skip), rest)) return true;
            if (skip >= t.len) return false;
            utf8_next(t, &skip);
        }
    }
    if (!t.len) return false;
    size_t step = 0, step_p = 1;
    utf8_next(t, &step);
    if (p.at[0] != '_') {
        step_p = 0;
        utf8_next(p, &step_p);
        if (!str_equal(str_slice(t, 0, step), str_slice(p, 0, step_p))) return false;
    }
    return slow(str_slice(t, step, t.len - step), str_slice(p, step_p, p.len - step_p));
}

static size_t fill(Random *r, char *out, size_t runes, const char *const *letters, size_t kinds)
{
    size_t len = 0;
    while (runes--) {
        Str s = str_of(letters[random_below(r, kinds)]);
        for (size_t i = 0; i < s.len; i++) out[len++] = s.at[i];
    }
    return len;
}

static void random_patterns(void **state)
{
    (void)state;
    static const char *const letters[] = {"a", "b", "ä", "%", "_", "%"};
    Random r;
    random_seed(&r, 11);
    int hits = 0;
    for (int i = 0; i < 200000; i++) {
        char text[64], pattern[64];
        Str t = {text, fill(&r, text, random_below(&r, 9), letters, 3)};
        Str p = {pattern, fill(&r, pattern, random_below(&r, 7), letters, 6)};
        Arena mem = {0};
        Like l;
        Err err = {.at = -1};
        assert_ok(like_compile(&l, p, -1, false, &mem, &err), &err);
        bool want = slow(t, p);
        if (like_match(&l, t) != want) fail_msg("'%.*s' like '%.*s' is not %d", STR_ARG(t), STR_ARG(p), want);
        hits += want;
        arena_done(&mem);
    }
    assert_true(hits > 10000); // both answers were tried
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shapes), cmocka_unit_test(random_patterns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
