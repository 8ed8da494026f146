// Source: names and strings as SQL writes them.
#include "engine/data/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef struct QuoteRow {
    const char *text, *name, *string;
} QuoteRow;

// The names are what PostgreSQL 15's quote_ident gives.
static const QuoteRow quote_row[] = {
    {"abc", "abc", "'abc'"},
    {"_a1", "_a1", "'_a1'"},
    {"1a", "\"1a\"", "'1a'"},
    {"Abc", "\"Abc\"", "'Abc'"},
    {"a b", "\"a b\"", "'a b'"},
    {"na\"me", "\"na\"\"me\"", "'na\"me'"},
    {"it's", "\"it's\"", "'it''s'"},
    {"''", "\"''\"", "''''''"},
    {"", "\"\"", "''"},
    {"select", "\"select\"", "'select'"},
    {"user", "\"user\"", "'user'"},
    {"all", "\"all\"", "'all'"},
    {"xmltable", "\"xmltable\"", "'xmltable'"},
    {"name", "name", "'name'"},
    {"a$b", "\"a$b\"", "'a$b'"},
    {"\303\244", "\"\303\244\"", "'\303\244'"},
    {"back\\slash", "\"back\\slash\"", "'back\\slash'"},
};

static void test_quotes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(quote_row); i++) {
        Bytes out;
        bytes_init(&out, 100);
        source_quote_name(&out, str_of(quote_row[i].text));
        assert_string_equal(out.at, quote_row[i].name);
        bytes_clear(&out);
        source_quote_text(&out, str_of(quote_row[i].text));
        assert_string_equal(out.at, quote_row[i].string);
        bytes_done(&out);
    }
}

// A source that notes what it was asked.
typedef struct FakeSource {
    Source base;
    unsigned runs, cancels, closes;
} FakeSource;

static bool fake_run(Source *s, Str text, const ResultSink *sink, Err *err)
{
    (void)sink;
    ((FakeSource *)s)->runs++;
    return text.len ? true : err_set(err, "42601", "nothing to run");
}
static void fake_cancel(Source *s) { ((FakeSource *)s)->cancels++; }
static void fake_state(Source *s, SourceState *out)
{
    (void)s;
    out->pending = 7;
}
static void fake_progress(Source *s, SourceProgress *out)
{
    (void)s;
    out->done = 3;
}
static size_t fake_spans(Source *s, Str text, Span *out, size_t max)
{
    (void)s;
    if (!max) return 0;
    out[0] = (Span){0, text.len, SPAN_NAME};
    return 1;
}
static void fake_close(Source *s) { ((FakeSource *)s)->closes++; }

static void test_dispatch(void **state)
{
    (void)state;
    static const SourceKind kind = {"fake",        fake_run,   fake_cancel, fake_state,
                                    fake_progress, fake_spans, fake_close};
    FakeSource fake = {.base.kind = &kind};
    Source *s = &fake.base;
    const ResultSink sink = {0};
    Err err = {.at = -1};
    assert_true(source_run(s, STR("x"), &sink, &err));
    assert_false(source_run(s, STR_NONE, &sink, &err));
    assert_string_equal(err.state, "42601");
    source_cancel(s);
    SourceState where;
    memset(&where, 0xff, sizeof where);
    source_state(s, &where);
    assert_int_equal(where.pending, 7);
    assert_false(where.in_transaction);
    SourceProgress progress;
    memset(&progress, 0xff, sizeof progress);
    source_progress(s, &progress);
    assert_true(progress.done == 3 && progress.expected == 0 && !progress.running);
    Span span;
    assert_int_equal(source_spans(s, STR("abc"), &span, 1), 1);
    assert_int_equal(span.len, 3);
    source_close(s);
    source_close(NULL);
    assert_true(fake.runs == 2 && fake.cancels == 1 && fake.closes == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_dispatch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
