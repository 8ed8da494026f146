// Lexer: what tokens a text is cut into, that nothing is lost, what they mean, and how text is split into
// statements.
#include "tests/unit/kit_cmocka.h"

#include "engine/base/buf.h"
#include "engine/sql/lexer.h"
#include <string.h>

// "word:SELECT number:1 op:+ …" of all tokens but spaces.
static void cut(const char *text, Bytes *out)
{
    static const char *const names[] = {"end",  "space",  "comment", "word", "name", "string",
                                        "bits", "number", "param",   "op",   "semi", "bad"};
    Lexer l;
    lexer_init(&l, str_of(text), 0);
    for (;;) {
        Token t = lexer_next(&l);
        if (t.kind == TOKEN_END) break;
        if (t.kind == TOKEN_SPACE) continue;
        if (out->len) bytes_put_byte(out, ' ');
        bytes_printf(out, "%s:%.*s", names[t.kind], (int)t.len, text + t.at);
    }
}

typedef struct Case {
    const char *text, *tokens;
} Case;

static void tokens_are_postgresqls(void **state)
{
    (void)state;
    static const Case cases[] = {
        {"SELECT a1+2", "word:SELECT word:a1 op:+ number:2"},
        {"1.5e-3 .5 5. 1..2 1e5", "number:1.5e-3 number:.5 number:5. number:1 op:.. number:2 number:1e5"},
        {"1e 12ab", "bad:1e bad:12ab"},
        {"'it''s' E'a\\'b' N'x' U&'\\00e4' $$a'b$$ $t$a$$b$t$",
         "string:'it''s' string:E'a\\'b' string:N'x' string:U&'\\00e4' string:$$a'b$$ string:$t$a$$b$t$"},
        {"b'101' X'fF'", "bits:b'101' bits:X'fF'"},
        {"\"a\"\"b\" `c` U&\"d\"", "name:\"a\"\"b\" name:`c` name:U&\"d\""},
        {"SELECT [my col] FROM [t]", "word:SELECT name:[my col] word:FROM name:[t]"},
        {"a[1] ARRAY[b,[c]] x[y]", "word:a op:[ number:1 op:] word:ARRAY op:[ word:b op:, op:[ word:c op:] "
                                   "op:] word:x op:[ word:y op:]"},
        {"a<-1 a<--b", "word:a op:< op:- number:1 word:a op:< comment:--b"},
        {"@-1 +-1 *-+", "op:@- number:1 op:+ op:- number:1 op:* op:- op:+"},
        {"a/*b/*c*/d*/e", "word:a comment:/*b/*c*/d*/ word:e"},
        {"a::int b:=1 c=>2 d!=3 e||f", "word:a op::: word:int word:b op::= number:1 word:c op:=> number:2 "
                                       "word:d op:!= number:3 word:e op:|| word:f"},
        {"$1 $12 a$b", "param:$1 param:$12 word:a$b"},
        {"'open", "bad:'open"},
        {"\"open", "bad:\"open"},
        {"\"\"", "bad:\"\""},
        {"/* open", "bad:/* open"},
        {"$q$open", "bad:$q$open"},
        {"; ;", "semi:; semi:;"},
        {"\xc3\xa4 \xff", "word:\xc3\xa4 bad:\xff"},
        {"a \x01 b", "word:a bad:\x01 word:b"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Bytes out;
        bytes_init(&out, 4096);
        cut(cases[i].text, &out);
        assert_string_equal(out.at, cases[i].tokens);
        bytes_done(&out);
    }
}

static void nothing_is_lost(void **state)
{
    (void)state;
    static const char text[] =
        "SELECT /* x */ 'a''b', \"c\", $$d$$ -- end\n FROM t WHERE a >= 1.5e3 \x80 AND b[1] = 'open";
    Lexer l;
    size_t at = 0;
    lexer_init(&l, str_of(text), 0);
    for (Token t = lexer_next(&l); t.kind != TOKEN_END; t = lexer_next(&l)) {
        assert_int_equal(t.at, at);
        assert_true(t.len > 0);
        at += t.len;
    }
    assert_int_equal(at, strlen(text));
}

static void check_value(const char *text, const char *value, size_t len)
{
    Lexer l;
    Arena mem = {0};
    Err err = {.at = -1};
    Str out;
    lexer_init(&l, str_of(text), 0);
    Token t = lexer_next(&l);
    assert_ok(lexer_value(&l, &t, &mem, &out, &err), &err);
    assert_int_equal(out.len, len);
    assert_memory_equal(out.at, value, len);
    arena_done(&mem);
}

static void values_are_decoded(void **state)
{
    (void)state;
    static const Case cases[] = {
        {"FooBar", "foobar"},
        {"\"FooBar\"", "FooBar"},
        {"\"a\"\"b\"", "a\"b"},
        {"`a``b`", "a`b"},
        {"'a''b'", "a'b"},
        {"'a\\n'", "a\\n"},
        {"E'a\\n\\x41\\101\\'\\\\'", "a\nAA'\\"},
        {"E'\\u00e4'", "\xc3\xa4"},
        {"E'\\ud83d\\ude00'", "\xf0\x9f\x98\x80"},
        {"$$a'b$$", "a'b"},
        {"$x$$$y$x$", "$$y"},
        {"N'x'", "x"},
        {"U&'\\00e4\\+01F600'", "\xc3\xa4\xf0\x9f\x98\x80"},
        {"b'01'", "b01"},
        {"X'fF'", "xfF"},
        {"12.50", "12.50"},
        {"''", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_value(cases[i].text, cases[i].tokens, strlen(cases[i].tokens));
}

static void bad_values_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sqlstate;
    } cases[] = {
        {"'open", "42601"},    {"\"\"", "42601"},       {"12ab", "42601"},
        {"E'\\u12'", "22025"}, {"E'\\ud83d'", "22025"}, {"E'\\xff'", "22021"},
        {"E'\\000'", "22021"}, {"U&'\\00'", "22025"},   {"'\xff'", "22021"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Lexer l;
        Arena mem = {0};
        Err err = {.at = -1};
        Str out;
        lexer_init(&l, str_of(cases[i].text), 0);
        Token t = lexer_next(&l);
        assert_err(lexer_value(&l, &t, &mem, &out, &err), &err, cases[i].sqlstate);
        arena_done(&mem);
    }
    Lexer l;
    Err err = {.at = -1};
    lexer_init(&l, STR("'a\0b'"), 0);
    Token t = lexer_next(&l);
    assert_false(lexer_fault(&l, &t, &err));
    assert_string_equal(err.state, "22021");
    assert_int_equal(err.at, 2);
}

// A name of a megabyte: a clear error, and no time lost.
static void long_names_are_refused(void **state)
{
    (void)state;
    enum { LONG = 1 << 20 };
    Bytes text;
    bytes_init(&text, 2 * LONG);
    bytes_put_repeat(&text, 'a', LONG);
    for (int quoted = 0; quoted < 2; quoted++) {
        Lexer l;
        Arena mem = {0};
        Err err = {.at = -1};
        Str out;
        if (quoted) text.at[0] = text.at[LONG - 1] = '"';
        lexer_init(&l, bytes_str(&text), 0);
        Token t = lexer_next(&l);
        assert_int_equal(t.len, LONG);
        assert_err(lexer_value(&l, &t, &mem, &out, &err), &err, "42622");
        arena_done(&mem);
    }
    bytes_done(&text);
}

static void statements_are_split(void **state)
{
    (void)state;
    static const Case cases[] = {
        {"a; b ;c", "a|b|c"},
        {" ;; a ; -- x\n", "a"},
        {"a ';' \";\" $$;$$ /*;*/ ; b", "a ';' \";\" $$;$$|b"},
        {"f(1; 2); b", "f(1; 2)|b"},
        {"CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END; b",
         "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a THEN 1 END; END|b"},
        {"BEGIN; COMMIT", "BEGIN|COMMIT"},
        {"-- nothing", ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Bytes out;
        bytes_init(&out, 4096);
        bytes_put(&out, STR(""));
        bytes_reserve(&out, 1)[0] = 0;
        size_t pos = 0, at, len;
        for (bool first = true; lexer_statement(str_of(cases[i].text), &pos, &at, &len); first = false) {
            if (!first) bytes_put_byte(&out, '|');
            bytes_put(&out, str_slice(str_of(cases[i].text), at, len));
        }
        assert_true(str_equal(bytes_str(&out), str_of(cases[i].tokens)));
        bytes_done(&out);
    }
}

static void keywords_are_found(void **state)
{
    (void)state;
    for (int k = 1; k < KEYWORD_TOTAL; k++)
        assert_int_equal(keyword_find(str_of(keyword_text((Keyword)k))), k);
    assert_int_equal(keyword_find(STR("SeLeCt")), KEYWORD_SELECT);
    assert_int_equal(keyword_find(STR("selec")), KEYWORD_ABSENT);
    assert_int_equal(keyword_class(KEYWORD_SELECT), KEYWORD_CLASS_RESERVED);
    assert_int_equal(keyword_class(KEYWORD_LEFT), KEYWORD_CLASS_FUNCTION);
    assert_int_equal(keyword_colour(STR("uuid")), KEYWORD_COLOUR_TYPE);
    assert_int_equal(keyword_colour(STR("student")), KEYWORD_COLOUR_NAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_postgresqls), cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(values_are_decoded),     cmocka_unit_test(bad_values_are_refused),
        cmocka_unit_test(long_names_are_refused), cmocka_unit_test(statements_are_split),
        cmocka_unit_test(keywords_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
