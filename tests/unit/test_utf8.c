// UTF-8: what is well-formed, widths, folding, and that nothing that comes out of utf8_safe can drive a
// terminal.
#include "engine/base/utf8.h"
#include "tests/unit/kit_cmocka.h"

#include <locale.h>
#include <string.h>

// The properties a terminal cares about, written without the code under test: no C0 except allowed ones, no
// DEL, no C1 in either form, none of the bidi and zero-width controls, and well-formed.
static void assert_harmless(Str s, bool newlines)
{
    assert_true(utf8_check(s) == SIZE_MAX);
    for (size_t pos = 0; pos < s.len;) {
        uint32_t rune = utf8_next(s, &pos);
        bool allowed = newlines && (rune == '\n' || rune == '\t');
        assert_true(rune >= 0x20 || allowed);
        assert_false(rune >= 0x7F && rune < 0xA0);
        assert_false(rune >= 0x200B && rune <= 0x200F);
        assert_false(rune >= 0x2028 && rune <= 0x202E);
        assert_false(rune >= 0x2060 && rune <= 0x206F);
        assert_false(rune == 0xFEFF || rune == 0xAD || rune == 0x61C || rune == 0x180E);
        assert_false(rune >= 0xE0000 && rune <= 0xE0FFF);
    }
}

static void every_byte_becomes_harmless(void **state)
{
    (void)state;
    Bytes out;
    bytes_init(&out, 1 << 20);
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            char pair[2] = {(char)a, (char)b};
            bytes_clear(&out);
            utf8_safe(&out, (Str){pair, 2}, b & 1);
            assert_harmless(bytes_str(&out), b & 1);
            assert_true(out.len >= 2);
        }
    for (uint32_t rune = 0; rune <= 0x10FFFF; rune += rune < 0x3000 || rune > 0xDFF00 ? 1 : 17) {
        char encoded[4];
        bytes_clear(&out);
        utf8_safe(&out, (Str){encoded, utf8_encode(rune, encoded)}, false);
        assert_harmless(bytes_str(&out), false);
    }
    bytes_done(&out);
}

static void shows_what_it_hid(void **state)
{
    (void)state;
    const struct {
        Str in;
        const char *out;
        bool newlines;
    } rows[] = {
        {STR("plain \xC3\xA4 \xE4\xB8\xAD"), "plain \xC3\xA4 \xE4\xB8\xAD", false},
        {STR("\x1b[2J"), "\xE2\x90\x9B[2J", false},
        {{"\0", 1}, "\xE2\x90\x80", false},
        {STR("a\nb\tc\r"), "a\nb\tc\xE2\x90\x8D", true},
        {STR("a\nb"),
         "a\xE2\x90\x8A"
         "b",
         false},
        {STR("\x7f"), "\\u007f", false},
        {STR("\xC2\x9B"), "\\u009b", false},
        {STR("\x9B"), "\\x9b", false},
        {STR("\xE2\x80\xAE"), "\\u202e", false},
        {STR("\xF3\xA0\x80\x81"), "\\U000e0001", false},
        {STR("\xED\xA0\x80"), "\\xed\\xa0\\x80", false}, // a surrogate
        {STR("\xC0\xAF"), "\\xc0\\xaf", false},          // an overlong slash
        {STR("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80", false},
    };
    Bytes out;
    bytes_init(&out, 1000);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bytes_clear(&out);
        utf8_safe(&out, rows[i].in, rows[i].newlines);
        assert_string_equal(out.at, rows[i].out);
    }
    bytes_done(&out);
}

static void checks_form(void **state)
{
    (void)state;
    assert_true(utf8_check(STR("12345678\xF4\x8F\xBF\xBF")) == SIZE_MAX);
    assert_int_equal(utf8_check(STR("12345678\xF4\x90\x80\x80")), 8); // > U+10FFFF
    assert_int_equal(utf8_check(STR("ab\xE2\x82")), 2);
    assert_int_equal(utf8_check(STR("\x80")), 0);
    assert_int_equal(utf8_check(STR("\xE0\x9F\xBF")), 0);
    assert_int_equal(utf8_check(STR("\xF0\x8F\xBF\xBF")), 0);
    assert_int_equal(utf8_check(STR("\xF5\x80\x80\x80")), 0);
    for (uint32_t rune = 0; rune <= 0x10FFFF; rune++) {
        char text[4];
        size_t len = utf8_encode(rune, text), pos = 0;
        bool surrogate = rune >= 0xD800 && rune <= 0xDFFF;
        assert_true(utf8_next((Str){text, len}, &pos) == (surrogate ? UTF8_BAD : rune));
        assert_int_equal(pos, len);
        if (len > 1) assert_int_equal(utf8_check((Str){text, len - 1}), 0);
    }
    char all_lengths[64]; // the eight-byte steps must see a bad byte wherever it is
    for (size_t len = 1; len < sizeof all_lengths; len++)
        for (size_t at = 0; at < len; at++) {
            memset(all_lengths, 'a', sizeof all_lengths);
            all_lengths[at] = (char)0xFF;
            assert_int_equal(utf8_check((Str){all_lengths, len}), at);
        }
}

static void counts_and_measures(void **state)
{
    (void)state;
    Str s = STR("aaaaaaaa\xC3\xA4\xE4\xB8\xAD\xF0\x9F\x98\x80z");
    assert_int_equal(utf8_length(s), 12);
    assert_int_equal(utf8_offset(s, 9), 10);
    assert_int_equal(utf8_offset(s, 99), s.len);
    assert_int_equal(utf8_offset(s, 0), 0);
    assert_int_equal(utf8_width(s), 8 + 1 + 2 + 2 + 1);
    assert_int_equal(utf8_width(STR("\x1b\xff")), 1 + 4);
    assert_int_equal(utf8_width(STR("e\xCC\x81")), 1); // a combining accent takes no cell
    assert_int_equal(utf8_rune_width(7), 0);
    assert_int_equal(utf8_rune_width(0x4E2D), 2);
    assert_int_equal(utf8_rune_width(0x9B), 0);
}

static void moves_by_grapheme(void **state)
{
    (void)state;
    // e + accent, a flag of two letters, a family joined by ZWJ, CR LF
    Str s =
        STR("xe\xCC\x81\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7\r\ny");
    const size_t stops[] = {0, 1, 4, 12, 23, 25, 26};
    for (size_t i = 0; i + 1 < COUNT_OF(stops); i++) {
        assert_int_equal(utf8_grapheme_next(s, stops[i]), stops[i + 1]);
        assert_int_equal(utf8_grapheme_prev(s, stops[i + 1]), stops[i]);
    }
    assert_int_equal(utf8_grapheme_next(s, 99), s.len);
    assert_int_equal(utf8_grapheme_prev(s, 0), 0);
    char bad[1000];
    memset(bad, 0x80, sizeof bad);
    size_t pos = sizeof bad, steps = 0;
    for (; pos > 0; steps++) {
        size_t before = utf8_grapheme_prev((Str){bad, sizeof bad}, pos);
        assert_true(before < pos);
        pos = before;
    }
    assert_true(steps <= sizeof bad);
}

static void folds(void **state)
{
    (void)state;
    Bytes out;
    bytes_init(&out, 100);
    assert_true(utf8_fold(&out, STR("STRASSE \xC3\x84 \xEF\xBC\xA1 \xEF\xAC\x81 \xE2\x84\xAB")));
    assert_str(bytes_str(&out), "strasse \xC3\xA4 a fi \xC3\xA5");
    bytes_clear(&out);
    assert_true(utf8_fold(&out, STR("stra\xC3\x9F"
                                    "e")));
    assert_str(bytes_str(&out), "strasse");
    bytes_clear(&out);
    assert_true(utf8_nfkc(&out, STR("A\xCC\x88")));
    assert_str(bytes_str(&out), "\xC3\x84");
    bytes_clear(&out);
    assert_false(utf8_fold(&out, STR("\xff")));
    assert_int_equal(out.len, 0);
    assert_false(out.failed);
    assert_true(utf8_fold(&out, STR_NONE));
    char many[90]; // U+FDFA is 18 code points in NFKC
    for (size_t i = 0; i < sizeof many; i += 3) memcpy(many + i, "\xEF\xB7\xBA", 3);
    assert_false(utf8_nfkc(&out, (Str){many, sizeof many}));
    assert_false(out.failed);
    bytes_done(&out);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_becomes_harmless),
        cmocka_unit_test(shows_what_it_hid),
        cmocka_unit_test(checks_form),
        cmocka_unit_test(counts_and_measures),
        cmocka_unit_test(moves_by_grapheme),
        cmocka_unit_test(folds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
