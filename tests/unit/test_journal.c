// Journal: lines within 100 ms, rotation, a tail that misses nothing, disks that refuse, and no secret ever.
#include "engine/journal/journal.h"
#include "engine/base/clock.h"
#include "engine/base/thread.h"
#include "tests/unit/kit_cmocka.h"
#include "tests/unit/kit_dir.h"
#include "tests/unit/kit_fault_io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Place {
    KitDir dir;
    char path[KIT_PATH_MAX];
    FaultIo fault;
    Journal *j;
    Arena mem;
} Place;

static int set_up(void **state)
{
    Place *s = calloc(1, sizeof *s);
    kit_dir_make(&s->dir);
    kit_dir_path(&s->dir, "journal", s->path);
    fault_io_init(&s->fault);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    Place *s = *state;
    journal_close(s->j);
    arena_done(&s->mem);
    kit_dir_remove(&s->dir);
    free(s);
    return 0;
}

static void start(Place *s, int64_t rotate_bytes)
{
    Err err = {0};
    JournalOptions o = {
        .io = fault_io(&s->fault), .directory = s->path, .rotate_bytes = rotate_bytes, .node = "vm1"};
    assert_ok(journal_open(&s->j, &o, &err), &err);
}

static void stop(Place *s)
{
    journal_close(s->j);
    s->j = NULL;
}

static char *read_log(Place *s, const char *file)
{
    char name[64];
    snprintf(name, sizeof name, "journal/%s", file);
    return kit_dir_read(&s->dir, name, NULL);
}

static void put_number(Journal *j, JournalLog log, int64_t n)
{
    Json json;
    Bytes line;
    journal_begin(j, log, "number", &json, &line);
    json_key(&json, "n");
    json_int(&json, n);
    journal_end(j, log, &json, &line);
}

// The "n" of a line, -1 for other kinds; every line must be whole JSON.
static int64_t number_of(Place *s, Str line)
{
    JsonMember m[8];
    size_t count;
    int64_t n = -1;
    if (!json_read_object(line, m, 8, &count, &s->mem)) fail_msg("not a JSON line: %.*s", STR_ARG(line));
    assert_str(m[0].key, "at");
    assert_str(m[1].value, "vm1");
    for (size_t i = 0; i < count; i++)
        if (str_equal(m[i].key, STR("n"))) assert_true(str_to_int64(m[i].value, &n));
    arena_reset(&s->mem);
    return n;
}

static void lines_stand_in_their_files(void **state)
{
    Place *s = *state;
    start(s, 0);
    put_number(s->j, JOURNAL_GENERAL, 1);
    journal_event(s->j, "recovery", "read %d records\n\x1b[2J", 7);
    put_number(s->j, JOURNAL_QUERY, 3);
    journal_flush(s->j);
    char *event = read_log(s, "event.jsonl");
    assert_non_null(
        strstr(event, ",\"node\":\"vm1\",\"kind\":\"recovery\",\"text\":\"read 7 records\\n\\u001b[2J\"}\n"));
    assert_memory_equal(event, "{\"at\":\"20", 9);
    free(event);
    stop(s);
    const char *files[] = {"general.jsonl", "query.jsonl"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char *text = read_log(s, files[i]);
        assert_int_equal(number_of(s, (Str){text, strlen(text) - 1}), i * 2 + 1);
        free(text);
    }
    start(s, 0); // goes on behind what is there
    put_number(s->j, JOURNAL_QUERY, 4);
    stop(s);
    char *text = read_log(s, "query.jsonl");
    assert_non_null(strstr(text, "\"n\":3"));
    assert_non_null(strstr(text, "\"n\":4"));
    free(text);
}

static void takes_no_journal(void **state)
{
    (void)state;
    put_number(NULL, JOURNAL_EVENT, 1);
    journal_event(NULL, "x", "y");
    journal_flush(NULL);
    journal_close(NULL);
}

static bool next(JournalTail *t, Str *line)
{
    Err err = {0};
    bool end;
    assert_ok(journal_tail_next(t, line, &end, &err), &err);
    return !end;
}

static void lines_arrive_within_100_ms(void **state)
{
    Place *s = *state;
    Err err = {0};
    JournalTail *t;
    Str line;
    start(s, 0);
    put_number(s->j, JOURNAL_EVENT, 1);
    journal_flush(s->j);
    assert_ok(journal_tail_open(&t, io_posix(), s->path, JOURNAL_EVENT, JOURNAL_FROM_END, &err), &err);
    assert_false(next(t, &line)); // from the end
    int64_t late = 0, begin = 0;
    for (int i = 0; i < 10; i++) { // the first tries may meet a busy machine: most have to be in time
        begin = clock_mono_us();
        put_number(s->j, JOURNAL_EVENT, i);
        while (!next(t, &line)) assert_true(clock_mono_us() - begin < 5000000);
        assert_int_equal(number_of(s, line), i);
        late += clock_mono_us() - begin > 100000;
    }
    assert_true(late <= 2);
    journal_tail_close(t);
}

static void tail_survives_rotation(void **state)
{
    Place *s = *state;
    Err err = {0};
    JournalTail *t;
    Str line;
    start(s, 1000); // some ten lines
    assert_ok(journal_tail_open(&t, io_posix(), s->path, JOURNAL_EVENT, JOURNAL_FROM_START, &err), &err);
    int64_t expected = 0;
    for (int64_t n = 0; n < 500; n++) {
        put_number(s->j, JOURNAL_EVENT, n);
        if (n % 37) continue; // up to four rotations between two looks
        journal_flush(s->j);
        while (next(t, &line)) assert_int_equal(number_of(s, line), expected++);
        assert_int_equal(expected, n + 1);
    }
    journal_flush(s->j);
    while (next(t, &line)) assert_int_equal(number_of(s, line), expected++);
    assert_int_equal(expected, 500);
    journal_tail_close(t);
    for (int age = 1; age <= JOURNAL_OLD_FILES; age++) {
        char name[32];
        snprintf(name, sizeof name, "event.%d.jsonl", age);
        char *text = read_log(s, name);
        assert_non_null(text);
        assert_true(strlen(text) <= 1000);
        free(text);
    }
    assert_null(read_log(s, "event.10.jsonl"));
    // From the start of the oldest that is left, to the end, without a gap.
    assert_ok(journal_tail_open(&t, io_posix(), s->path, JOURNAL_EVENT, JOURNAL_FROM_START, &err), &err);
    assert_true(next(t, &line));
    expected = number_of(s, line) + 1;
    assert_true(expected > 100);
    while (next(t, &line)) assert_int_equal(number_of(s, line), expected++);
    assert_int_equal(expected, 500);
    journal_tail_close(t);
}

// The newest lines first seen: whole ones, to the end, over a rotation, then what is written on.
static void tail_begins_near_the_end(void **state)
{
    Place *s = *state;
    Err err = {0};
    JournalTail *t;
    Str line;
    start(s, 100000); // the newest 64 KiB reach into the file before
    for (int64_t n = 0; n < 5000; n++) {
        put_number(s->j, JOURNAL_EVENT, n);
        if (n % 100 == 0) journal_flush(s->j);
    }
    journal_flush(s->j);
    assert_ok(journal_tail_open(&t, io_posix(), s->path, JOURNAL_EVENT, JOURNAL_FROM_NEAR_END, &err), &err);
    assert_true(next(t, &line));
    int64_t expected = number_of(s, line) + 1;
    size_t bytes = line.len + 1;
    for (; next(t, &line); bytes += line.len + 1) assert_int_equal(number_of(s, line), expected++);
    assert_int_equal(expected, 5000);
    assert_true(bytes > JOURNAL_NEAR_END - 400 && bytes <= JOURNAL_NEAR_END);
    put_number(s->j, JOURNAL_EVENT, 5000);
    journal_flush(s->j);
    assert_true(next(t, &line));
    assert_int_equal(number_of(s, line), 5000);
    journal_tail_close(t);
    // A short log is seen whole; none at all begins with its first line.
    put_number(s->j, JOURNAL_QUERY, 7);
    journal_flush(s->j);
    assert_ok(journal_tail_open(&t, io_posix(), s->path, JOURNAL_QUERY, JOURNAL_FROM_NEAR_END, &err), &err);
    assert_true(next(t, &line));
    assert_int_equal(number_of(s, line), 7);
    journal_tail_close(t);
    assert_ok(journal_tail_open(&t, io_posix(), s->path, JOURNAL_GENERAL, JOURNAL_FROM_NEAR_END, &err), &err);
    assert_false(next(t, &line));
    put_number(s->j, JOURNAL_GENERAL, 1);
    journal_flush(s->j);
    assert_true(next(t, &line));
    journal_tail_close(t);
}

typedef struct Writer {
    Journal *j;
    int64_t count;
} Writer;

static void write_numbers(void *arg)
{
    Writer *w = arg;
    for (int64_t n = 0; n < w->count; n++) put_number(w->j, JOURNAL_QUERY, n);
}

// A reader beside a writer that rotates all the time: whole lines, in order; after more than nine rotations
// between two looks lines may be missing, but never come twice or torn.
static void tail_beside_a_writer(void **state)
{
    Place *s = *state;
    Err err = {0};
    JournalTail *t;
    Thread thread = {0};
    Str line;
    start(s, 4000);
    Writer w = {s->j, 20000};
    assert_ok(journal_tail_open(&t, io_posix(), s->path, JOURNAL_QUERY, JOURNAL_FROM_START, &err), &err);
    assert_ok(thread_start(&thread, write_numbers, &w, &err), &err);
    int64_t last = -1, begin = clock_mono_us();
    while (last < w.count - 1) {
        assert_true(clock_mono_us() - begin < 60000000);
        if (!next(t, &line)) continue;
        int64_t n = number_of(s, line);
        assert_true(n > last);
        last = n;
    }
    thread_join(&thread);
    journal_tail_close(t);
}

static void a_refusing_disk_is_told_once(void **state)
{
    Place *s = *state;
    start(s, 0);
    put_number(s->j, JOURNAL_EVENT, 1);
    journal_flush(s->j);
    atomic_store(&s->fault.space, 30); // half a line
    for (int n = 2; n < 6; n++) {
        put_number(s->j, JOURNAL_EVENT, n);
        journal_flush(s->j); // returns although nothing can be written
    }
    char *text = read_log(s, "event.jsonl");
    assert_int_equal(strchr(text, '\n') - text + 1, strlen(text)); // no half line stays
    free(text);
    atomic_store(&s->fault.space, -1);
    journal_flush(s->j);
    put_number(s->j, JOURNAL_EVENT, 6);
    stop(s);
    text = read_log(s, "event.jsonl");
    Str rest = str_of(text);
    int64_t expected = 1, refused = 0;
    while (rest.len) {
        Str line = str_cut(&rest, '\n');
        bool told = str_find(line, STR("journal_refused"), 0) != SIZE_MAX;
        refused += told;
        if (told)
            assert_true(str_find(line, STR("No space left"), 0) != SIZE_MAX);
        else
            assert_int_equal(number_of(s, line), expected++);
    }
    assert_int_equal(expected, 7); // nothing lost: they waited
    assert_int_equal(refused, 1);
    free(text);
}

static void too_many_lines_are_counted(void **state)
{
    Place *s = *state;
    enum { LINES = 12000, SIZE = 1000 };
    start(s, 0);
    atomic_store(&s->fault.space, 0);
    char *text = malloc(SIZE + 1);
    memset(text, 'x', SIZE);
    text[SIZE] = 0;
    int64_t begin = clock_mono_us();
    for (int n = 0; n < LINES; n++) journal_event(s->j, "big", "%s", text);
    assert_true(clock_mono_us() - begin < 5000000); // the disk blocks nobody
    atomic_store(&s->fault.space, -1);
    journal_flush(s->j);
    journal_flush(s->j);
    stop(s);
    free(text);
    text = read_log(s, "event.jsonl");
    // The writer may have looked more than once while the disk was full.
    static const char words[] = "\"kind\":\"journal_dropped\",\"lines\":";
    int64_t lines = 0, written = 0;
    for (const char *at = text; (at = strstr(at, words)) != NULL; at++)
        lines += strtoll(at + strlen(words), NULL, 10);
    assert_true(lines > 0);
    for (const char *at = text; (at = strstr(at, "\"kind\":\"big\"")) != NULL; at++) written++;
    assert_int_equal(written + lines, LINES);
    free(text);
}

static void rotation_that_fails_loses_no_old_file(void **state)
{
    Place *s = *state;
    Err err = {0};
    start(s, 300); // two or three lines
    for (int n = 0; n < 9; n++) put_number(s->j, JOURNAL_EVENT, n);
    journal_flush(s->j);
    s->fault.watched = FAULT_MAKE; // renaming works, the new file cannot be made
    s->fault.fail_at = 1;
    s->fault.forever = true;
    for (int n = 9; n < 30; n++) {
        put_number(s->j, JOURNAL_EVENT, n);
        journal_flush(s->j);
    }
    s->fault.fail_at = 0;
    journal_flush(s->j);
    stop(s);
    JournalTail *t;
    Str line;
    int64_t expected = 0;
    assert_ok(journal_tail_open(&t, io_posix(), s->path, JOURNAL_EVENT, JOURNAL_FROM_START, &err), &err);
    while (next(t, &line)) {
        int64_t n = number_of(s, line);
        if (n < 0) continue;
        if (expected == 0) expected = n;
        assert_int_equal(n, expected++);
    }
    assert_int_equal(expected, 30);
    journal_tail_close(t);
}

static void a_torn_end_is_closed_off(void **state)
{
    Place *s = *state;
    start(s, 0);
    put_number(s->j, JOURNAL_EVENT, 1);
    stop(s);
    char *text = read_log(s, "event.jsonl");
    kit_dir_write(&s->dir, "journal/event.jsonl", text, strlen(text) - 5); // the crash
    free(text);
    start(s, 0);
    put_number(s->j, JOURNAL_EVENT, 2);
    stop(s);
    text = read_log(s, "event.jsonl");
    Str rest = str_of(text);
    JsonMember m[8];
    size_t count;
    assert_false(json_read_object(str_cut(&rest, '\n'), m, 8, &count, &s->mem));
    assert_int_equal(number_of(s, str_cut(&rest, '\n')), 2);
    assert_int_equal(rest.len, 0);
    free(text);
}

static void long_lines_are_cut(void **state)
{
    Place *s = *state;
    Err err = {0};
    enum { SIZE = 3 << 20 };
    start(s, 0);
    Json json;
    Bytes line;
    journal_begin(s->j, JOURNAL_EVENT, "huge", &json, &line);
    json_key(&json, "text");
    char *text = malloc(SIZE);
    memset(text, 'x', SIZE);
    json_str(&json, (Str){text, SIZE});
    journal_end(s->j, JOURNAL_EVENT, &json, &line);
    stop(s);
    char *written = read_log(s, "event.jsonl");
    assert_non_null(strstr(written, "line_too_long"));
    free(written);
    memcpy(text + SIZE - 3, "\n{}", 3); // a file that somebody else made; its last line has no end
    kit_dir_write(&s->dir, "journal/query.jsonl", text, SIZE);
    JournalTail *t;
    Str got;
    assert_ok(journal_tail_open(&t, io_posix(), s->path, JOURNAL_QUERY, JOURNAL_FROM_START, &err), &err);
    assert_true(next(t, &got));
    assert_int_equal(got.len, JOURNAL_LINE_MAX);
    assert_false(next(t, &got));
    text[SIZE - 2] = '\n';
    text[SIZE - 1] = '\n';
    kit_dir_write(&s->dir, "journal/query.jsonl", text, SIZE);
    journal_tail_close(t);
    free(text);
}

static void hides_secrets(void **state)
{
    (void)state;
    const struct {
        const char *in, *out;
    } rows[] = {
        {"SELECT 'a' FROM t", "SELECT 'a' FROM t"},
        {"CREATE USER bob PASSWORD 'secret'", "CREATE USER bob PASSWORD '***'"},
        {"create user bob password='sec''ret' answer 'x'; select 'y'",
         "create user bob password='***' answer '***'; select 'y'"},
        {"ALTER USER b PassWord E'a\\'secret' ;", "ALTER USER b PassWord '***' ;"},
        {"ALTER USER b PASSWORD $$sec'ret$$", "ALTER USER b PASSWORD '***'"},
        {"ALTER USER b PASSWORD $q$sec$$ret$q$ , 1", "ALTER USER b PASSWORD '***' , '***'"},
        {"ALTER USER b IDENTIFIED BY 'secret'", "ALTER USER b IDENTIFIED BY '***'"},
        {"ALTER USER b IDENTIFIED\n  BY /* x */ 'secret'", "ALTER USER b IDENTIFIED\n  BY /***/ '***'"},
        {"ALTER USER b PASSWORD 'secret", "ALTER USER b PASSWORD '***'"},
        {"ALTER USER b PASSWORD $$secret", "ALTER USER b PASSWORD '***'"},
        {"ALTER USER b PASSWORD \"secret\"", "ALTER USER b PASSWORD '***'"},
        {"ALTER USER b PASSWORD secret", "ALTER USER b PASSWORD '***'"},
        {"ALTER USER b PASSWORD 12345678", "ALTER USER b PASSWORD '***'"},
        {"SET PASSWORD FOR bob = 'secret'", "SET PASSWORD FOR '***' = '***'"},
        {"UPDATE t SET user_password = N'secret' WHERE id=7",
         "UPDATE t SET user_password = '***' WHERE id=7"},
        {"SELECT * FROM t WHERE \"Password\" = 'secret'", "SELECT * FROM t WHERE \"Password\" = '***'"},
        {"INSERT INTO t(name, password) VALUES ('x', 'secret'), ('y', 'secret2')",
         "INSERT INTO t(name, password) VALUES ('***', '***'), ('***', '***')"},
        {"-- ALTER USER b PASSWORD 'secret'\nSELECT 1", "/***/\nSELECT 1"},
        {"/* PASSWORD 'secret' /* */ 'secret' */ SELECT 'x'", "/***/ SELECT 'x'"},
        {"SELECT 'PASSWORD', 'x'", "SELECT 'PASSWORD', 'x'"},
        {"SELECT password FROM t", "SELECT password FROM t"},
        {"PASSWORD U&'secret'", "PASSWORD U&'***'"},
        {"", ""},
        {"'", "'"},
        {"$", "$"},
        {"password '", "password '***'"},
        {"password E'\\", "password '***'"},
        {"/*", "/*"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Bytes out;
        bytes_init(&out, 10000);
        bytes_put(&out, STR_NONE);
        journal_hide_secrets(&out, str_of(rows[i].in));
        assert_string_equal(out.at, rows[i].out);
        assert_null(strstr(out.at, "ecret"));
        bytes_done(&out);
    }
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(lines_stand_in_their_files),
        cmocka_unit_test(takes_no_journal),
        WITH(lines_arrive_within_100_ms),
        WITH(tail_survives_rotation),
        WITH(tail_begins_near_the_end),
        WITH(tail_beside_a_writer),
        WITH(a_refusing_disk_is_told_once),
        WITH(too_many_lines_are_counted),
        WITH(rotation_that_fails_loses_no_old_file),
        WITH(a_torn_end_is_closed_off),
        WITH(long_lines_are_cut),
        cmocka_unit_test(hides_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
