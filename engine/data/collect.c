// Collect: see collect.h. Cells go to the arena as they come; the array of them grows outside and is copied
// once.
#include "engine/data/collect.h"

#include "engine/base/size.h"
#include "engine/data/cast.h"
#include <stdlib.h>
#include <string.h>

typedef struct Collector {
    Arena *mem;
    Collected *out;
    Str *cell;
    size_t cells, room;
    Err err; // why rows refused to go on
} Collector;

static bool collect_columns(void *self, const ResultColumn *column, uint32_t count)
{
    Collector *c = self;
    c->out->columns = count;
    c->out->rows = 0;
    c->cells = 0;
    c->out->column = arena_array(c->mem, ResultColumn, count ? count : 1);
    for (uint32_t i = 0; i < count; i++)
        c->out->column[i] = (ResultColumn){arena_copy(c->mem, column[i].name), column[i].type};
    return true;
}

static bool collector_grow(Collector *c, size_t more)
{
    size_t need;
    if (!size_add(&need, c->cells, more)) return false;
    if (need <= c->room) return true;
    size_t room = c->room ? c->room : 256;
    while (room < need)
        if (!size_mul(&room, room, 2)) return false;
    Str *grown = size_realloc(c->cell, room, sizeof *grown);
    if (!grown) return false;
    c->cell = grown;
    c->room = room;
    return true;
}

static bool collect_rows(void *self, const Batch *b)
{
    Collector *c = self;
    if (c->out->rows + b->sel_len > COLLECT_ROWS_MAX)
        return err_set(&c->err, SQLSTATE_LIMIT, "the result has more than %d rows", COLLECT_ROWS_MAX);
    if (!collector_grow(c, (size_t)b->sel_len * b->columns))
        return err_set(&c->err, SQLSTATE_OUT_OF_MEMORY, "no memory for a result of more than %llu rows",
                       (unsigned long long)c->out->rows);
    Bytes text;
    bytes_init(&text, TYPE_VALUE_BYTES_MAX * (size_t)2);
    for (uint32_t i = 0; i < b->sel_len; i++) {
        uint32_t row = batch_row(b, i);
        for (uint32_t k = 0; k < b->columns; k++) {
            Str *cell = &c->cell[c->cells++];
            *cell = STR_NONE;
            if (vector_is_null(&b->vector[k], row)) continue;
            bytes_clear(&text);
            cast_cell_to_text(&b->vector[k], row, &text);
            *cell = arena_copy(c->mem, bytes_str(&text));
        }
    }
    bool failed = text.failed;
    bytes_done(&text);
    c->out->rows += b->sel_len;
    return !failed || err_set(&c->err, SQLSTATE_OUT_OF_MEMORY, "no memory for a value of the result");
}

static void collect_done(void *self, Str tag, int64_t rows, int64_t duration_us)
{
    Collector *c = self;
    (void)rows, (void)duration_us;
    c->out->tag = arena_copy(c->mem, tag);
}

bool source_collect(Source *s, Str text, Arena *mem, Collected *out, Err *err)
{
    *out = (Collected){0};
    Collector c = {.mem = mem, .out = out};
    ResultSink sink = {.self = &c, .columns = collect_columns, .rows = collect_rows, .done = collect_done};
    bool ok = source_run(s, text, &sink, err);
    if (ok && err_any(&c.err)) {
        *err = c.err;
        ok = false;
    }
    if (ok && c.cells) {
        out->cell = arena_try(mem, c.cells, sizeof *out->cell);
        if (out->cell)
            memcpy(out->cell, c.cell, c.cells * sizeof *out->cell);
        else
            ok = err_set(err, SQLSTATE_OUT_OF_MEMORY, "no memory for a result of %llu rows",
                         (unsigned long long)out->rows);
    }
    free(c.cell);
    return ok;
}

int collected_column(const Collected *c, const char *name)
{
    for (uint32_t i = 0; i < c->columns; i++)
        if (str_equal_fold(c->column[i].name, str_of(name))) return (int)i;
    return -1;
}

Str collected_cell(const Collected *c, uint64_t row, int column)
{
    if (column < 0 || (uint32_t)column >= c->columns || row >= c->rows) return STR_NONE;
    return c->cell[row * c->columns + (uint32_t)column];
}

bool collected_null(const Collected *c, uint64_t row, int column)
{
    return collected_cell(c, row, column).at == NULL;
}

int64_t collected_int(const Collected *c, uint64_t row, int column, int64_t otherwise)
{
    int64_t value;
    return str_to_int64(collected_cell(c, row, column), &value) ? value : otherwise;
}

bool collected_true(const Collected *c, uint64_t row, int column)
{
    static const char *const yes[] = {"yes", "t", "true", "1", "on"};
    Str cell = collected_cell(c, row, column);
    for (size_t i = 0; i < COUNT_OF(yes); i++)
        if (str_equal_fold(cell, str_of(yes[i]))) return true;
    return false;
}
