// Datetime: spellings against PostgreSQL 15's answers (each line was run there, DateStyle "ISO, MDY"), the
// calendar against itself day by day, and texts that must come back as they went.
#include "engine/base/random.h"
#include "engine/data/datetime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// kind: d date, t time, s timestamp; result "!" and a SQLSTATE for an error.
typedef struct ReadRow {
    char kind;
    const char *text, *result;
} ReadRow;

// clang-format off
static const ReadRow read_row[] = {
    {'d', "2026-11-21", "2026-11-21"},
    {'d', "2026-1-2", "2026-01-02"},
    {'d', "20261121", "2026-11-21"},
    {'d', "261121", "2026-11-21"},
    {'d', "2026/11/21", "2026-11-21"},
    {'d', "11/21/2026", "2026-11-21"},
    {'d', "11-21-2026", "2026-11-21"},
    {'d', "21.11.2026", "!22008"},
    {'d', "Nov 21 2026", "2026-11-21"},
    {'d', "Nov 21, 2026", "2026-11-21"},
    {'d', "21 nov 2026", "2026-11-21"},
    {'d', "2026-Nov-21", "2026-11-21"},
    {'d', "21-Nov-2026", "2026-11-21"},
    {'d', "Nov-21-2026", "2026-11-21"},
    {'d', "99-Jan-08", "!22008"},
    {'d', "Jan-08-99", "1999-01-08"},
    {'d', "Sat Nov 21 2026", "2026-11-21"},
    {'d', "Saturday, November 21, 2026", "2026-11-21"},
    {'d', "2026.325", "2026-11-21"},
    {'d', "J2451187", "1999-01-08"},
    {'d', "99-01-08", "!22008"},
    {'d', "01/02/03", "2003-01-02"},
    {'d', "2026-02-29", "!22008"},
    {'d', "2024-02-29", "2024-02-29"},
    {'d', "1900-02-29", "!22008"},
    {'d', "2000-02-29", "2000-02-29"},
    {'d', "2026-02-30", "!22008"},
    {'d', "2026-13-01", "!22008"},
    {'d', "2026-00-01", "!22008"},
    {'d', "0000-01-01", "!22008"},
    {'d', "44-03-15 BC", "!22008"},
    {'d', "0044-03-15 BC", "0044-03-15 BC"},
    {'d', "0001-12-31 BC", "0001-12-31 BC"},
    {'d', "2026-11-21 10:11:12", "2026-11-21"},
    {'d', "2026-11-21T10:11:12Z", "2026-11-21"},
    {'d', "2026-11-21 25:11:12", "!22008"},
    {'d', "abc", "!22007"},
    {'d', "", "!22007"},
    {'d', "10000-01-01", "10000-01-01"},
    {'d', "5874897-12-31", "5874897-12-31"},
    {'d', "5874898-01-01", "!22008"},
    {'d', "4714-11-24 BC", "4714-11-24 BC"},
    {'d', "4714-11-23 BC", "!22008"},
    {'d', "2026-11", "!22007"},
    {'d', "2026-11-21 -05", "2026-11-21"},
    {'d', "1.5.2026", "2026-01-05"},
    {'d', "1-1-1", "2001-01-01"},
    {'d', "12/25/99", "1999-12-25"},
    {'d', "12/25/69", "2069-12-25"},
    {'d', "12/25/70", "1970-12-25"},
    {'d', "2026 11 21", "2026-11-21"},
    {'d', " 20261121 ", "2026-11-21"},
    {'d', "2026-11-211", "!22008"},
    {'d', "-0001-01-01", "!22007"},
    {'d', "infinity", "infinity"},
    {'d', "-infinity", "-infinity"},
    {'d', "epoch", "1970-01-01"},
    {'d', "Infinity", "infinity"},
    {'d', "1999-12-31 AD", "1999-12-31"},
    {'d', "January 8, 1999", "1999-01-08"},
    {'d', "1999-01-08 AD BC", "!22007"},
    {'d', "2026-11-21x", "!22007"},
    {'d', "2026-11-21 foo", "!22007"},
    {'d', "2026-", "!22007"},
    {'d', "2026-11-", "!22007"},
    {'d', "1/2", "!22007"},
    {'d', "13/13/2026", "!22008"},
    {'d', "2026-06-31", "!22008"},
    {'d', "8 January 1999", "1999-01-08"},
    {'d', "1999 January 8", "1999-01-08"},
    {'d', "1999-Jan-08", "1999-01-08"},
    {'d', "08-Jan-1999", "1999-01-08"},
    {'d', "19990108", "1999-01-08"},
    {'t', "24:00:00", "24:00:00"},
    {'t', "24:00:01", "!22008"},
    {'t', "23:59:60", "24:00:00"},
    {'t', "23:59:60.5", "!22008"},
    {'t', "10:11", "10:11:00"},
    {'t', "101112", "10:11:12"},
    {'t', "1011", "10:11:00"},
    {'t', "10:11:12.1234567", "10:11:12.123457"},
    {'t', "10:11:12.9999999", "10:11:13"},
    {'t', "10:11 PM", "22:11:00"},
    {'t', "10:11PM", "22:11:00"},
    {'t', "12:30 AM", "00:30:00"},
    {'t', "12:30 PM", "12:30:00"},
    {'t', "13:30 PM", "!22008"},
    {'t', "10:60", "!22008"},
    {'t', "10", "!22007"},
    {'t', "10:11:12+02", "10:11:12"},
    {'t', "10:11:12Z", "10:11:12"},
    {'t', "2026-11-21 10:11:12", "10:11:12"},
    {'t', "T10:11:12", "10:11:12"},
    {'t', "t101112", "10:11:12"},
    {'t', "allballs", "00:00:00"},
    {'t', "2026-11-21", "!22007"},
    {'t', "10:11:61", "!22008"},
    {'t', "25:00", "!22008"},
    {'t', "00:00:00", "00:00:00"},
    {'t', "23:59:59.999999", "23:59:59.999999"},
    {'t', "04:05:06.789-8", "04:05:06.789"},
    {'t', "04:05-08:00", "04:05:00"},
    {'t', "040506-08", "04:05:06"},
    {'t', "04:05:06 PST", "04:05:06"},
    {'t', "10.5", "!22007"},
    {'t', "abc", "!22007"},
    {'t', "1:2:3", "01:02:03"},
    {'t', "10:11:12.", "10:11:12"},
    {'t', ":10", "!22007"},
    {'s', "2026-11-21 10:11:12.5+05:30", "2026-11-21 10:11:12.5"},
    {'s', "2026-11-21 10:11:12 Europe/Berlin", "2026-11-21 10:11:12"},
    {'s', "2026-11-21 10:11:12 PST", "2026-11-21 10:11:12"},
    {'s', "2026-11-21 24:00:00", "2026-11-22 00:00:00"},
    {'s', "2026-11-21 23:59:59.9999999", "2026-11-22 00:00:00"},
    {'s', "2026-11-21 23:59:60", "2026-11-22 00:00:00"},
    {'s', "2026-11-21T10:11", "2026-11-21 10:11:00"},
    {'s', "20261121T101112", "2026-11-21 10:11:12"},
    {'s', "20261121 101112", "2026-11-21 10:11:12"},
    {'s', "2026-11-21 10", "!22007"},
    {'s', "infinity", "infinity"},
    {'s', "-infinity", "-infinity"},
    {'t', "18:48:37.8675365", "18:48:37.867536"},
    {'s', "20280409T12:32:52.3143005Z", "2028-04-09 12:32:52.3143"},
    {'t', "0:01 BC", "00:01:00"},
    {'s', "epoch", "1970-01-01 00:00:00"},
    {'s', "294246-12-31 23:59:59.999999", "294246-12-31 23:59:59.999999"},
    {'s', "294277-01-01", "!22008"},
    {'s', "4714-11-24 00:00 BC", "4714-11-24 00:00:00 BC"},
    {'s', "4714-11-23 23:00 BC", "!22008"},
    {'s', "Nov 21 10:11:12 2026", "2026-11-21 10:11:12"},
    {'s', "Sat Nov 21 10:11:12 PST 2026", "2026-11-21 10:11:12"},
    {'s', "2026-11-21 10:11:12 xyz", "!22007"},
    {'s', "2026-11-21 10:11:12 AM", "2026-11-21 10:11:12"},
    {'s', "2026-11-21 10:11:12 BC AD", "!22007"},
    {'s', "2026-11-21 10:11:12-05:30:15", "2026-11-21 10:11:12"},
    {'s', "2026-1-1 1:2:3", "2026-01-01 01:02:03"},
    {'s', "2026-11-21,10:11", "2026-11-21 10:11:00"},
    {'s', "2026-11-21 10:11:12.", "2026-11-21 10:11:12"},
    {'s', "2026-11-21", "2026-11-21 00:00:00"},
    {'s', "0044-03-15 10:00 BC", "0044-03-15 10:00:00 BC"},
    {'s', "1999-01-08 04:05:06", "1999-01-08 04:05:06"},
    {'s', "1999-01-08 04:05:06 -8:00", "1999-01-08 04:05:06"},
    {'s', "January 8 04:05:06 1999 PST", "1999-01-08 04:05:06"},
    {'s', "2026-02-30 10:00", "!22008"},
    {'s', "2026-11-21 10:60", "!22008"},
    {'s', "2026-11-21 24:00:01", "!22008"},
    {'s', "1969-12-31 23:59:59.5", "1969-12-31 23:59:59.5"},
    {'s', "1999-01-08 04:05:06.7891", "1999-01-08 04:05:06.7891"},
    {'s', "2004-10-19 10:23:54+02", "2004-10-19 10:23:54"},
    {'s', "", "!22007"},
    {'s', "now now", "!22007"},
    {'s', "2026-11-21 10:11 10:12", "!22007"},
    {'s', "2026-11-21 2026-11-21", "!22007"},
};
// clang-format on

static bool read_back(char kind, Str s, char *out, size_t *len, Err *err)
{
    int32_t days;
    int64_t us;
    bool went;
    *len = 0;
    if (kind == 'd') {
        went = date_from_text(&days, s, NULL, err);
        if (went) *len = date_to_text(days, out);
    } else if (kind == 't') {
        went = time_from_text(&us, s, NULL, err);
        if (went) *len = time_to_text(us, out);
    } else {
        went = timestamp_from_text(&us, s, NULL, err);
        if (went) *len = timestamp_to_text(us, out);
    }
    assert_true(*len < DATETIME_TEXT_SIZE);
    return went;
}

static void test_rows(void **state)
{
    (void)state;
    unsigned bad = 0;
    for (size_t i = 0; i < COUNT_OF(read_row); i++) {
        char out[DATETIME_TEXT_SIZE + 1] = "";
        size_t len;
        Err err = {.at = -1};
        bool went = read_back(read_row[i].kind, str_of(read_row[i].text), out, &len, &err);
        const char *expect = read_row[i].result;
        bool same = went ? len == strlen(expect) && memcmp(out, expect, len) == 0
                         : expect[0] == '!' && err_is(&err, expect + 1) &&
                               (!*read_row[i].text || strstr(err.text, read_row[i].text));
        if (same) continue;
        bad++;
        print_message("# %c '%s': got '%s%s', PostgreSQL '%s'\n", read_row[i].kind, read_row[i].text, out,
                      err.state, expect);
    }
    assert_int_equal(bad, 0);
}

static void test_calendar(void **state)
{
    (void)state;
    DateParts p = {-4713, 11, 24}; // 4714 BC
    int32_t first = date_from_parts(p);
    assert_int_equal(first, -2440588);
    for (int32_t day = first; day < 1100000; day++) {
        DateParts q = date_to_parts(day);
        assert_true(date_parts_valid(q));
        assert_int_equal(q.year, p.year);
        assert_int_equal(q.month, p.month);
        assert_int_equal(q.day, p.day);
        assert_int_equal(date_from_parts(q), day);
        p.day++;
        if (!date_parts_valid(p)) p = (DateParts){p.year, p.month + 1, 1};
        if (!date_parts_valid(p)) p = (DateParts){p.year + 1, 1, 1};
    }
    assert_int_equal(date_from_parts((DateParts){1970, 1, 1}), 0);
    assert_int_equal(date_from_parts((DateParts){2000, 3, 1}), 11017);
}

static void test_round_trip(void **state)
{
    (void)state;
    Random r;
    random_seed(&r, 1);
    for (int i = 0; i < 50000; i++) {
        char text[DATETIME_TEXT_SIZE];
        Err err = {.at = -1};
        int32_t days = (int32_t)random_below(&r, 4000000) - 2440588, days_back;
        size_t len = date_to_text(days, text);
        assert_true(date_from_text(&days_back, (Str){text, len}, NULL, &err));
        assert_int_equal(days_back, days);
        int64_t us = days * DATETIME_US_PER_DAY + (int64_t)random_below(&r, 86400000000u), us_back;
        len = timestamp_to_text(us, text);
        assert_true(timestamp_from_text(&us_back, (Str){text, len}, NULL, &err));
        assert_true(us_back == us);
        int64_t time = (int64_t)random_below(&r, 86400000001u), time_back;
        len = time_to_text(time, text);
        assert_true(time_from_text(&time_back, (Str){text, len}, NULL, &err));
        assert_true(time_back == time);
    }
}

static void test_hostile(void **state)
{
    (void)state;
    char text[DATETIME_TEXT_SIZE];
    date_to_text(INT32_MAX - 1, text);
    timestamp_to_text(INT64_MAX - 1, text);
    timestamp_to_text(INT64_MIN + 1, text);
    Err err = {.at = -1};
    int32_t days;
    assert_false(date_from_text(&days, STR("99999999999999999999-01-01"), NULL, &err));
    char long_text[5000];
    memset(long_text, '1', sizeof long_text);
    Err again = {.at = -1};
    assert_false(date_from_text(&days, (Str){long_text, sizeof long_text}, NULL, &again));
    assert_string_equal(again.state, "22007");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
