// Report: see report.h. Names come from people, so every line is made printable on its way into the text.
#include "analytics/report.h"

#include "analytics/figures.h"
#include "engine/base/clock.h"
#include "engine/base/utf8.h"
#include <inttypes.h>
#include <string.h>

enum { LINE_MAX_BYTES = 64 << 10, BAR_CELLS = 40, LABEL_CELLS_MAX = 50, NAME_TRIES = 1000 };

static void put_title(Bytes *out, const char *title, Str node, int64_t wall_us)
{
    char when[CLOCK_TEXT_SIZE];
    bytes_printf(out, "%s\n%s, node ", title, clock_text_utc(when, wall_us));
    utf8_safe(out, node, false);
    bytes_put(out, STR("\n\n"));
}

static void put_line(Bytes *out, Bytes *line)
{
    utf8_safe(out, bytes_str(line), false);
    bytes_put_byte(out, '\n');
    bytes_clear(line);
}

static void put_bars(Bytes *out, const FigureBars *bars)
{
    size_t label = 0;
    for (size_t i = 0; i < bars->count; i++) {
        size_t width = utf8_width(bars->at[i].label);
        if (width > label) label = width;
    }
    if (label > LABEL_CELLS_MAX) label = LABEL_CELLS_MAX;
    for (size_t i = 0; i < bars->count; i++) {
        const FigureBar *b = &bars->at[i];
        size_t width = utf8_width(b->label);
        utf8_safe(out, b->label, false);
        bytes_put_repeat(out, ' ', (width < label ? label - width : 0) + 2);
        size_t cells = bars->value_max > 0 ? (size_t)(b->value / bars->value_max * BAR_CELLS + 0.5) : 0;
        for (size_t k = 0; k < cells; k++) bytes_put(out, STR("█"));
        bytes_put(out, cells ? STR(" ") : STR(""));
        figure_number_text(b->value, out);
        if (b->second > 0) {
            bytes_put(out, STR(" ("));
            figure_number_text(b->second, out);
            bytes_put(out, STR(" invalid)"));
        }
        bytes_put_byte(out, '\n');
    }
}

void report_queries_text(const QueryCounts *c, Str node, int64_t wall_us, Bytes *out)
{
    Bytes line;
    bytes_init(&line, LINE_MAX_BYTES);
    put_title(out, "Queries submitted, by user and database", node, wall_us);
    for (size_t i = 0; i < c->count; i++) {
        count_query_sentence(&c->at[i], &line);
        bytes_printf(&line, " (%" PRIu64 " valid, %" PRIu64 " invalid)", c->at[i].valid, c->at[i].invalid);
        put_line(out, &line);
    }
    if (!c->count) bytes_put(out, STR("no queries were submitted\n"));
    bytes_printf(out, "\nTotal %" PRIu64 " queries: %" PRIu64 " valid, %" PRIu64 " invalid\n\n",
                 c->valid + c->invalid, c->valid, c->invalid);
    Arena mem = {0};
    FigureBars bars = figure_query_bars(c, &mem);
    put_bars(out, &bars);
    arena_done(&mem);
    bytes_done(&line);
}

void report_updates_text(const UpdateCounts *c, Str node, int64_t wall_us, Bytes *out)
{
    Bytes line;
    bytes_init(&line, LINE_MAX_BYTES);
    bytes_printf(&line, "Update operations on the tables of %.*s", STR_ARG(c->database));
    Bytes title;
    bytes_init(&title, LINE_MAX_BYTES);
    utf8_safe(&title, bytes_str(&line), false);
    bytes_clear(&line);
    put_title(out, title.at ? title.at : "Update operations", node, wall_us);
    bytes_done(&title);
    for (size_t i = 0; i < c->count; i++) {
        count_update_sentence(&c->at[i], &line);
        put_line(out, &line);
    }
    if (!c->count) bytes_put(out, STR("no table\n"));
    bytes_printf(out, "\nTotal %" PRIu64 " Update operations\n\n", c->updates);
    Arena mem = {0};
    FigureBars bars = figure_update_bars(c, &mem);
    put_bars(out, &bars);
    arena_done(&mem);
    bytes_done(&line);
}

// 2026-11-21T025349Z: the clock's text without colons and fraction, as names of files go everywhere.
static void put_stamp(Bytes *name, int64_t wall_us)
{
    char when[CLOCK_TEXT_SIZE];
    clock_text_utc(when, wall_us);
    for (const char *c = when; *c && *c != '.'; c++)
        if (*c != ':') bytes_put_byte(name, *c);
    bytes_put_byte(name, 'Z');
}

bool report_write(Io io, Str directory, const char *kind, int64_t wall_us, Str text, Bytes *path, Err *err)
{
    Arena mem = {0};
    IoDir dir;
    if (!io_dir_open(&dir, io, arena_cstr(&mem, directory), true, err)) {
        arena_done(&mem);
        return false;
    }
    Bytes name;
    bytes_init(&name, LINE_MAX_BYTES);
    bool found = false, ok = true;
    for (int i = 1; i <= NAME_TRIES && !found; i++) {
        bytes_clear(&name);
        bytes_printf(&name, "%s-", kind);
        put_stamp(&name, wall_us);
        if (i > 1) bytes_printf(&name, "-%d", i);
        bytes_put(&name, STR(".txt"));
        found = !io_exists(&dir, name.at);
    }
    if (!found) ok = err_set(err, SQLSTATE_IO, "no free name for a report in %.*s", STR_ARG(directory));
    ok = ok && io_replace(&dir, name.at, text, err);
    if (ok) {
        bytes_put(path, directory);
        bytes_put_byte(path, '/');
        bytes_put(path, bytes_str(&name));
    }
    bytes_done(&name);
    io_dir_close(&dir);
    arena_done(&mem);
    return ok;
}
