// Rowset: every cell comes back at any row, in memory and from the file; searching; one writer against one
// reader; files that fail; and how fast a million rows go in.
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/base/thread.h"
#include "engine/data/rowset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS = 4 };
static const ResultColumn columns[COLUMNS] = {
    {{"id", 2}, {.id = TYPE_BIGINT, .length = 0, .scale = 0}},
    {{"name", 4}, {.id = TYPE_TEXT, .length = 0, .scale = 0}},
    {{"price", 5}, {.id = TYPE_DOUBLE, .length = 0, .scale = 0}},
    {{"raw", 3}, {.id = TYPE_BYTEA, .length = 0, .scale = 0}},
};

// What row `row` holds, made from its number alone.
static void expect_cell(uint64_t row, uint32_t column, char *out, size_t size, bool *null)
{
    *null = column == 1 && row % 7 == 3;
    out[0] = 0;
    if (*null) return;
    switch (column) {
    case 0: snprintf(out, size, "%llu", (unsigned long long)row); break;
    case 1:
        if (row % 7) snprintf(out, size, "Row number %llu of many", (unsigned long long)(row * row));
        break;
    case 2: snprintf(out, size, "%llu.5", (unsigned long long)row); break;
    default: snprintf(out, size, "\\x%02x", (unsigned)(row & 255)); break;
    }
}

// Rows first … first+count-1; every other position of the batch when `selected`.
static Batch *make_batch(Arena *mem, uint64_t first, uint32_t count, bool selected)
{
    Type types[COLUMNS];
    for (uint32_t c = 0; c < COLUMNS; c++) types[c] = columns[c].type;
    Batch *b = batch_new(mem, types, COLUMNS);
    uint16_t *sel = arena_array(mem, uint16_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = selected ? 2 * i + 1 : i;
        uint64_t row = first + i;
        char text[64];
        bool null;
        expect_cell(row, 1, text, sizeof text, &null);
        sel[i] = (uint16_t)at;
        ((int64_t *)b->vector[0].data)[at] = (int64_t)row;
        ((double *)b->vector[2].data)[at] = (double)row + 0.5;
        ((Text *)b->vector[3].data)[at] = text_of((Str){(const char[]){(char)row}, 1});
        ((Text *)b->vector[1].data)[at] = text_of(arena_copy(mem, str_of(text)));
        if (null) vector_set_null(&b->vector[1], at);
    }
    b->rows = selected ? 2 * count : count;
    b->sel = selected ? sel : NULL;
    b->sel_len = count;
    return b;
}

static void fill(Rowset *r, uint64_t rows)
{
    Err err = {.at = -1};
    for (uint64_t at = 0, step = 1; at < rows; step = step % 900 + 37) {
        Arena mem = {0};
        uint32_t count = (uint32_t)(rows - at < step ? rows - at : step);
        assert_true(rowset_append(r, make_batch(&mem, at, count, step & 1), &err));
        at += count;
        arena_done(&mem);
    }
}

static void check_cell(Rowset *r, uint64_t row, uint32_t column)
{
    char expect[64];
    bool expect_null, null;
    Str text;
    Err err = {.at = -1};
    expect_cell(row, column, expect, sizeof expect, &expect_null);
    assert_true(rowset_cell(r, row, column, &text, &null, &err));
    assert_int_equal(null, expect_null);
    assert_int_equal(text.len, strlen(expect));
    if (text.len) assert_memory_equal(text.at, expect, text.len);
}

static Rowset *rowset_make(size_t memory_max)
{
    Rowset *r;
    Err err = {.at = -1};
    assert_true(rowset_new(&r, columns, COLUMNS, io_posix(), memory_max, &err));
    return r;
}

static void check_all(size_t memory_max)
{
    enum { ROWS = 30000 };
    Rowset *r = rowset_make(memory_max);
    assert_int_equal(rowset_count(r), 0);
    fill(r, ROWS);
    assert_int_equal(rowset_count(r), ROWS);
    for (uint64_t row = 0; row < ROWS; row++)
        for (uint32_t c = 0; c < COLUMNS; c++) check_cell(r, row, c);
    Random random;
    random_seed(&random, 1);
    for (int i = 0; i < 20000; i++)
        check_cell(r, random_below(&random, ROWS), (uint32_t)random_below(&random, COLUMNS));
    assert_int_equal(rowset_width(r, 0), 5);
    assert_int_equal(rowset_width(r, 1), strlen("Row number 899940001 of many"));
    Str text;
    bool null;
    Err err = {.at = -1};
    assert_false(rowset_cell(r, ROWS, 0, &text, &null, &err));
    assert_int_equal(rowset_columns(r), COLUMNS);
    assert_true(str_equal(rowset_column(r, 2)->name, STR("price")));
    rowset_free(r);
}

static void test_in_memory(void **state)
{
    (void)state;
    check_all(ROWSET_MEMORY_DEFAULT);
}

static void test_spilled(void **state)
{
    (void)state;
    check_all(100000);
    check_all(0);
}

static void test_find(void **state)
{
    (void)state;
    Rowset *r = rowset_make(100000);
    fill(r, 20000);
    uint64_t row;
    uint32_t column = 99;
    Err err = {.at = -1};
    assert_true(rowset_find(r, STR("rOW NUMBER 225000000 "), 0, false, NULL, &row, &column, &err)); // 15000²
    assert_true(row == 15000 && column == 1);
    assert_true(rowset_find(r, STR("225000000"), 15001, false, NULL, &row, &column, &err));
    assert_true(row == UINT64_MAX);
    assert_true(rowset_find(r, STR("225000000"), UINT64_MAX, true, NULL, &row, &column, &err));
    assert_true(row == 15000);
    assert_true(rowset_find(r, STR("225000000"), 14999, true, NULL, &row, &column, &err));
    assert_true(row == UINT64_MAX);
    assert_true(rowset_find(r, STR("19999.5"), 3, false, NULL, &row, &column, &err));
    assert_true(row == 19999 && column == 2);
    assert_true(rowset_find(r, STR("of many"), 10, true, NULL, &row, &column, &err));
    assert_true(row == 9); // 10 is NULL
    assert_true(rowset_find(r, STR(""), 0, false, NULL, &row, &column, &err));
    assert_true(row == UINT64_MAX);
    atomic_bool stop = true;
    assert_true(rowset_find(r, STR("of many"), 0, false, &stop, &row, &column, &err));
    assert_true(row == UINT64_MAX);
    rowset_free(r);
}

// ---- two threads ----

enum { SHARED_ROWS = 60000 };

static void write_all(void *arg) { fill(arg, SHARED_ROWS); }

static void test_writer_and_reader(void **state)
{
    (void)state;
    Rowset *r = rowset_make(200000);
    Thread writer = {0};
    Err err = {.at = -1};
    assert_true(thread_start(&writer, write_all, r, &err));
    Random random;
    random_seed(&random, 5);
    uint64_t count = 0;
    while (count < SHARED_ROWS) {
        count = rowset_count(r);
        if (!count) continue;
        check_cell(r, count - 1, 1); // the newest
        for (int i = 0; i < 20; i++)
            check_cell(r, random_below(&random, count), (uint32_t)random_below(&random, COLUMNS));
        uint64_t row;
        uint32_t column;
        assert_true(rowset_find(r, STR("0.5"), count - 1, true, NULL, &row, &column, &err));
        assert_true(row < count);
    }
    thread_join(&writer);
    rowset_free(r);
}

// ---- a disk that is full ----

static ssize_t refuse_write(void *self, int fd, const void *at, size_t len, off_t offset)
{
    (void)self, (void)fd, (void)at, (void)len, (void)offset;
    return -28; // ENOSPC
}

static void test_full_disk(void **state)
{
    (void)state;
    IoOps ops = *io_posix().ops;
    ops.write = refuse_write;
    const Io full = {&ops, io_posix().self};
    Rowset *r;
    Err err = {.at = -1};
    assert_true(rowset_new(&r, columns, COLUMNS, full, 0, &err));
    bool went = true;
    for (uint64_t at = 0; at < 20000 && went; at += 1000) {
        Arena mem = {0};
        went = rowset_append(r, make_batch(&mem, at, 1000, false), &err);
        arena_done(&mem);
    }
    assert_false(went);
    assert_string_equal(err.state, "53100");
    for (uint64_t row = 0; row < rowset_count(r); row++)
        check_cell(r, row, 0); // what was read stays readable
    rowset_free(r);
}

// Cells of all kinds: empty, long, wide, hostile.
static void test_widths_and_long_cells(void **state)
{
    (void)state;
    const ResultColumn one = {STR("t"), {.id = TYPE_TEXT, .length = 0, .scale = 0}};
    Rowset *r;
    Err err = {.at = -1};
    assert_true(rowset_new(&r, &one, 1, io_posix(), 1 << 20, &err));
    Arena mem = {0};
    Batch *b = batch_new(&mem, &one.type, 1);
    size_t long_len = 3 << 20;
    char *long_text = malloc(long_len);
    assert_non_null(long_text);
    memset(long_text, 'x', long_len);
    Text *cell = b->vector[0].data;
    cell[0] = text_of(STR("\346\227\245\346\234\254")); // two wide characters
    b->rows = b->sel_len = 1;
    assert_true(rowset_append(r, b, &err));
    assert_int_equal(rowset_width(r, 0), 4);
    cell[0] = text_of((Str){long_text, long_len});
    cell[1] = text_of(STR_NONE);
    b->rows = b->sel_len = 2;
    assert_true(rowset_append(r, b, &err));
    assert_int_equal(rowset_width(r, 0), 4000);
    Str text;
    bool null;
    assert_true(rowset_cell(r, 1, 0, &text, &null, &err));
    assert_true(text.len == long_len && memcmp(text.at, long_text, long_len) == 0);
    assert_true(rowset_cell(r, 2, 0, &text, &null, &err));
    assert_true(text.len == 0 && !null);
    free(long_text);
    arena_done(&mem);
    rowset_free(r);
}

static void test_million_rows(void **state)
{
    (void)state;
    enum { WIDE = 8, BATCHES = 1000000 / BATCH_ROWS };
    static const TypeId types[WIDE] = {TYPE_INTEGER, TYPE_BIGINT,  TYPE_TEXT,    TYPE_DOUBLE,
                                       TYPE_DATE,    TYPE_NUMERIC, TYPE_BOOLEAN, TYPE_TIMESTAMP};
    ResultColumn wide[WIDE];
    Type list[WIDE];
    for (int c = 0; c < WIDE; c++) {
        list[c] = type_of(types[c]);
        wide[c] = (ResultColumn){STR("c"), list[c]};
    }
    Arena mem = {0};
    Batch *b = batch_new(&mem, list, WIDE);
    for (uint32_t i = 0; i < BATCH_ROWS; i++) {
        ((int32_t *)b->vector[0].data)[i] = (int32_t)i * 1000;
        ((int64_t *)b->vector[1].data)[i] = (int64_t)i * 100000000;
        ((Text *)b->vector[2].data)[i] = text_of(arena_printf(&mem, "name of row %u", i));
        ((double *)b->vector[3].data)[i] = i * 1.25;
        ((int32_t *)b->vector[4].data)[i] = 20000 + (int32_t)i;
        ((Numeric *)b->vector[5].data)[i] = numeric_small(i * 12345, 2);
        ((uint8_t *)b->vector[6].data)[i] = i & 1;
        ((int64_t *)b->vector[7].data)[i] = (int64_t)i * 987654321000;
    }
    b->rows = b->sel_len = BATCH_ROWS;
    Rowset *r;
    Err err = {.at = -1};
    assert_true(rowset_new(&r, wide, WIDE, io_posix(), ROWSET_MEMORY_DEFAULT, &err));
    int64_t start = clock_mono_us();
    for (int i = 0; i < BATCHES; i++) assert_true(rowset_append(r, b, &err));
    int64_t append_us = clock_mono_us() - start;
    uint64_t count = rowset_count(r);
    Random random;
    random_seed(&random, 9);
    Str text;
    bool null;
    start = clock_mono_us();
    for (int i = 0; i < 20000; i++)
        assert_true(rowset_cell(r, random_below(&random, count), 5, &text, &null, &err));
    int64_t read_us = clock_mono_us() - start;
    double cells_per_s = (double)count * WIDE * 1e6 / (double)append_us;
    print_message("# %.1f M cells/s appended, %.2f us a random row\n", cells_per_s / 1e6,
                  (double)read_us / 20000);
    assert_true(cells_per_s > 2e6);
    assert_true(read_us < 20000 * 100);
    rowset_free(r);
    arena_done(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_memory), cmocka_unit_test(test_spilled),
        cmocka_unit_test(test_find),      cmocka_unit_test(test_writer_and_reader),
        cmocka_unit_test(test_full_disk), cmocka_unit_test(test_widths_and_long_cells),
    };
    const struct CMUnitTest timed[] = {cmocka_unit_test(test_million_rows)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    // Timings mean something on a quiet machine only: make check-full.
    return getenv("D2DB_FULL") ? failed + cmocka_run_group_tests(timed, NULL, NULL) : failed;
}
