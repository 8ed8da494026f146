// Counts: the columns are found by name, the sentences are those of the assignment, reports hold all of it.
#include "analytics/report.h"
#include "tests/unit/kit_dir.h"
#include "tests/unit/kit_fake_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static FakeSource *counted(void)
{
    FakeSource *f = fake_new();
    fake_answer(f, "COUNT QUERIES", "user_name database_name node valid:bigint invalid:bigint",
                "SDEY|DB1|vm1|8|2\nAlex|DB2|vm2|3|0\nAlex|~|north|1|0");
    fake_answer(f, "COUNT UPDATE", "table_name updates:bigint", "Employee|9\nDepart\\x1bment|3");
    return f;
}

static void queries_are_told_in_the_words_of_the_assignment(void **state)
{
    (void)state;
    FakeSource *f = counted();
    Arena mem = {0};
    QueryCounts c;
    Err err = {0};
    assert_true(count_queries(&c, fake_source(f), &mem, &err));
    assert_int_equal(c.count, 3);
    assert_int_equal(c.valid, 12);
    assert_int_equal(c.invalid, 2);
    static const char *const sentences[] = {
        "user SDEY submitted 10 queries for DB1 running on Virtual Machine 1",
        "user Alex submitted 3 queries for DB2 running on Virtual Machine 2",
        "user Alex submitted 1 query for no database running on north"};
    for (size_t i = 0; i < 3; i++) {
        Bytes out;
        bytes_init(&out, 4096);
        count_query_sentence(&c.at[i], &out);
        assert_string_equal(out.at, sentences[i]);
        bytes_done(&out);
    }
    arena_done(&mem);
    fake_free(f);
}

static void updates_are_told(void **state)
{
    (void)state;
    FakeSource *f = counted();
    Arena mem = {0};
    UpdateCounts c;
    Err err = {0};
    Bytes out;
    bytes_init(&out, 4096);
    assert_true(count_updates(&c, fake_source(f), STR("My db"), &mem, &err));
    assert_string_equal(fake_log(f), "COUNT UPDATE \"My db\"\n");
    assert_int_equal(c.updates, 12);
    count_update_sentence(&c.at[0], &out);
    assert_string_equal(out.at, "Total 9 Update operations are performed on Employee");
    bytes_done(&out);
    arena_done(&mem);
    fake_free(f);
}

static void reports_are_written_and_kept(void **state)
{
    (void)state;
    FakeSource *f = counted();
    Arena mem = {0};
    QueryCounts q;
    UpdateCounts u;
    Err err = {0};
    Bytes text, first, second;
    KitDir dir;
    char path[KIT_PATH_MAX];
    kit_dir_make(&dir);
    bytes_init(&text, 1 << 20);
    bytes_init(&first, 4096);
    bytes_init(&second, 4096);
    assert_true(count_queries(&q, fake_source(f), &mem, &err));
    assert_true(count_updates(&u, fake_source(f), STR("DB1"), &mem, &err));
    report_queries_text(&q, STR("vm1"), 1795229629118000, &text);
    assert_non_null(
        strstr(text.at,
               "user SDEY submitted 10 queries for DB1 running on Virtual Machine 1 (8 valid, 2 invalid)\n"));
    assert_non_null(strstr(text.at, "Total 14 queries: 12 valid, 2 invalid\n"));
    report_updates_text(&u, STR("vm1"), 1795229629118000, &text);
    assert_non_null(strstr(text.at, "performed on Depart␛ment\n"));
    assert_null(strchr(text.at, '\x1b'));
    kit_dir_path(&dir, "reports", path);
    assert_true(
        report_write(io_posix(), str_of(path), "queries", 1795229629118000, bytes_str(&text), &first, &err));
    assert_true(
        report_write(io_posix(), str_of(path), "queries", 1795229629118000, bytes_str(&text), &second, &err));
    assert_true(str_ends(bytes_str(&first), STR("Z.txt")));
    assert_true(str_ends(bytes_str(&second), STR("Z-2.txt")));
    bytes_done(&text);
    bytes_done(&first);
    bytes_done(&second);
    kit_dir_remove(&dir);
    arena_done(&mem);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_are_told_in_the_words_of_the_assignment),
        cmocka_unit_test(updates_are_told),
        cmocka_unit_test(reports_are_written_and_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
