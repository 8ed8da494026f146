// Figures: see figures.h.
#include "analytics/figures.h"

#include "engine/base/json.h"
#include "engine/data/datetime.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_US = 60000000, JOURNAL_MEMBERS_MAX = 32 };

// ---- bars ----

static int bar_order(const void *a, const void *b)
{
    const FigureBar *p = a, *q = b;
    if (p->value != q->value) return p->value > q->value ? -1 : 1;
    return str_compare(p->label, q->label);
}

static FigureBars bars_of(FigureBar *at, size_t count)
{
    FigureBars bars = {.at = at, .count = count};
    qsort(at, count, sizeof *at, bar_order);
    if (count) bars.value_max = at[0].value;
    return bars;
}

FigureBars figure_query_bars(const QueryCounts *c, Arena *mem)
{
    FigureBar *at = arena_array(mem, FigureBar, c->count + 1);
    for (size_t i = 0; i < c->count; i++) {
        const QueryCount *q = &c->at[i];
        at[i] = (FigureBar){.label = arena_printf(mem, "%.*s  %.*s  %.*s", STR_ARG(q->user),
                                                  STR_ARG(q->database.len ? q->database : STR("-")),
                                                  STR_ARG(q->node)),
                            .value = (double)q->valid + (double)q->invalid,
                            .second = (double)q->invalid};
    }
    return bars_of(at, c->count);
}

FigureBars figure_update_bars(const UpdateCounts *c, Arena *mem)
{
    FigureBar *at = arena_array(mem, FigureBar, c->count + 1);
    for (size_t i = 0; i < c->count; i++)
        at[i] = (FigureBar){.label = c->at[i].table, .value = (double)c->at[i].updates};
    return bars_of(at, c->count);
}

// ---- statements per minute ----

FigureSeries figure_series_new(int64_t now_us, uint32_t minutes, Arena *mem)
{
    if (minutes < 1) minutes = 1;
    if (minutes > FIGURE_SERIES_MAX) minutes = FIGURE_SERIES_MAX;
    int64_t this_minute = now_us - now_us % MINUTE_US;
    return (FigureSeries){.start_us = this_minute - (int64_t)(minutes - 1) * MINUTE_US,
                          .minutes = minutes,
                          .count = arena_array(mem, double, minutes),
                          .invalid = arena_array(mem, double, minutes)};
}

// The journal's "at" is a UTC timestamp with a Z behind it, or microseconds.
static bool member_time(const JsonMember *m, int64_t *out)
{
    Err ignored = {0};
    if (m->kind == 'n') return str_to_int64(m->value, out);
    return m->kind == 's' && timestamp_from_text(out, m->value, NULL, &ignored);
}

static bool member_says_invalid(const JsonMember *m)
{
    bool no = m->kind == 'f' ||
              (m->kind == 's' && (str_equal(m->value, STR("no")) || str_equal(m->value, STR("false"))));
    if (str_equal(m->key, STR("valid"))) return no;
    return str_equal(m->key, STR("invalid")) && m->kind == 't';
}

void figure_series_add(FigureSeries *s, Str journal_line)
{
    static const char *const times[] = {"at", "time", "when", "ts"};
    JsonMember member[JOURNAL_MEMBERS_MAX];
    size_t members;
    Arena mem = {0};
    int64_t at = INT64_MIN;
    bool invalid = false;
    if (json_read_object(journal_line, member, JOURNAL_MEMBERS_MAX, &members, &mem)) {
        for (size_t i = 0; i < members; i++) {
            for (size_t k = 0; k < COUNT_OF(times) && at == INT64_MIN; k++)
                if (str_equal(member[i].key, str_of(times[k])) && !member_time(&member[i], &at))
                    at = INT64_MIN;
            invalid = invalid || member_says_invalid(&member[i]);
        }
    }
    arena_done(&mem);
    if (at < s->start_us || at >= s->start_us + (int64_t)s->minutes * MINUTE_US) return;
    size_t minute = (size_t)((at - s->start_us) / MINUTE_US);
    s->count[minute]++;
    if (invalid) s->invalid[minute]++;
    if (s->count[minute] > s->count_max) s->count_max = s->count[minute];
}

// ---- ticks ----

// The smallest of 1, 2, 5 times a power of ten that is not below `raw`.
static double nice_step(double raw)
{
    double power = pow(10, floor(log10(raw)));
    static const double times[] = {1, 2, 5, 10};
    for (size_t i = 0; i < COUNT_OF(times); i++)
        if (raw <= power * times[i] * (1 + 1e-9)) return power * times[i];
    return power * 10;
}

static FigureTicks ticks_with_step(double low, double high, double step)
{
    FigureTicks t = {
        .step = step, .low = floor(low / step + 1e-9) * step, .high = ceil(high / step - 1e-9) * step};
    double first = floor(low / step + 1e-9);
    for (int i = 0; i < FIGURE_TICKS_MAX; i++) {
        double at = (first + i) * step;
        t.at[t.count++] = at;
        if (at >= t.high - step / 2) break;
    }
    return t;
}

FigureTicks figure_ticks(double low, double high, uint32_t wished)
{
    if (!isfinite(low)) low = 0;
    if (!isfinite(high)) high = low + 1;
    if (high < low) {
        double other = low;
        low = high;
        high = other;
    }
    double least = fmax(fabs(low), fabs(high)) * 1e-9;
    if (high - low <= least) high = low + (low != 0 ? fabs(low) : 1);
    if (wished < 2) wished = 2;
    if (wished > FIGURE_TICKS_MAX - 4) wished = FIGURE_TICKS_MAX - 4;
    double span = high / wished - low / wished; // no overflow at ±1e308
    if (!isfinite(span) || span <= 0) return ticks_with_step(0, 1, 1);
    double step = nice_step(span);
    if (!isfinite(step * 2)) return ticks_with_step(0, 1, 1);
    return ticks_with_step(low, high, step);
}

FigureTicks figure_ticks_whole(double high, uint32_t wished)
{
    if (!isfinite(high) || high < 1) high = 1;
    FigureTicks t = figure_ticks(0, high, wished);
    return t.step >= 1 ? t : ticks_with_step(0, ceil(high), 1);
}

// ---- numbers ----

void figure_number_text(double value, Bytes *out)
{
    if (!isfinite(value) || fabs(value) >= 1e15) {
        bytes_printf(out, "%g", value);
        return;
    }
    if (value != floor(value)) {
        bytes_printf(out, "%.2f", value);
        return;
    }
    char digits[32];
    Bytes text = {0};
    bytes_init(&text, sizeof digits);
    bytes_put_uint64(&text, (uint64_t)fabs(value));
    if (value < 0) bytes_put_byte(out, '-');
    for (size_t i = 0; i < text.len; i++) {
        if (i && (text.len - i) % 3 == 0) bytes_put_byte(out, ',');
        bytes_put_byte(out, text.at[i]);
    }
    bytes_done(&text);
}

void figure_number_short(double value, Bytes *out)
{
    static const struct {
        double from;
        char letter;
    } units[] = {{1e12, 'T'}, {1e9, 'G'}, {1e6, 'M'}, {1e4, 'k'}};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        double unit = units[i].letter == 'k' ? 1e3 : units[i].from;
        if (isfinite(value) && fabs(value) >= units[i].from && fabs(value) < 1e15) {
            bytes_printf(out, "%.1f%c", value / unit, units[i].letter);
            return;
        }
    }
    figure_number_text(value, out);
}
