// Chart: from figures to cells. A line chart is a bitmap of 2 x 4 dots per cell, shown as braille where there
// is braille and as one sign per cell elsewhere. Relies on chart.h, base/clock.
#include "tui/widget/chart.h"
#include "engine/base/clock.h"
#include "engine/base/utf8.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_SIZE = 32, LABEL_COLUMNS_MAX = 8, SERIES_MAX = 6, TICKS_MAX = 64 };

// --- numbers
// -------------------------------------------------------------------------------------------------

static const char *grouped(char *out, double value)
{
    char plain[NUMBER_SIZE];
    int len = snprintf(plain, sizeof plain, "%.0f", value), put = 0;
    for (int i = 0; i < len && put < NUMBER_SIZE - 2; i++) {
        int left = len - i;
        if (i > 0 && plain[i - 1] != '-' && left % 3 == 0) out[put++] = ',';
        out[put++] = plain[i];
    }
    out[put] = 0;
    return out;
}

const char *chart_number(char *out, double value)
{
    static const char unit[] = {'k', 'M', 'G', 'T', 'P', 'E'};
    if (!isfinite(value)) {
        snprintf(out, NUMBER_SIZE, isnan(value) ? "-" : value > 0 ? "inf" : "-inf");
        return out;
    }
    double size = fabs(value);
    if (size < 100000 && floor(size) == size) return grouped(out, value);
    if (size < 1000) {
        snprintf(out, NUMBER_SIZE, "%.3g", value);
        return out;
    }
    unsigned u = 0;
    for (value /= 1000; fabs(value) >= 999.5 && u + 1 < sizeof unit; u++) value /= 1000;
    if (fabs(value) >= 999.5)
        snprintf(out, NUMBER_SIZE, "%.1e", size);
    else
        snprintf(out, NUMBER_SIZE, fabs(value) < 99.95 ? "%.1f%c" : "%.0f%c", value, unit[u]);
    return out;
}

void chart_ticks(double lo, double hi, int wanted, double *first, double *step)
{
    if (wanted < 1) wanted = 1;
    double range = hi - lo;
    if (!(range > 0) || !isfinite(range)) {
        *first = isfinite(lo) ? lo : 0;
        *step = 1;
        return;
    }
    double raw = range / wanted, power = pow(10, floor(log10(raw))), part = raw / power;
    *step = (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10) * power;
    *first = ceil(lo / *step - 1e-9) * *step;
}

void chart_time_ticks(double lo, double hi, int wanted, double *first, double *step)
{
    static const double seconds[] = {1,   2,    5,    10,    15,    30,    60,    120,    300,   600,
                                     900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800};
    if (wanted < 1) wanted = 1;
    double raw = (hi - lo) / wanted / 1e6;
    size_t i = 0;
    while (i + 1 < COUNT_OF(seconds) && seconds[i] < raw) i++;
    double unit = seconds[i];
    while (unit < raw && unit < 1e15) unit *= 2;
    *step = unit * 1e6;
    double offset = isfinite(lo) && fabs(lo) < 4e18 ? (double)clock_local_offset_s((int64_t)lo) * 1e6 : 0;
    *first = ceil((lo + offset) / *step) * *step - offset;
}

// --- bars
// ----------------------------------------------------------------------------------------------------

typedef struct BarShape {
    int label[LABEL_COLUMNS_MAX], labels, text, room, zero;
    double lo, hi;
} BarShape;

static Str label_column(Str label, int i)
{
    Str part = STR_NONE;
    for (int k = 0; k <= i; k++) {
        if (!label.at && k > 0) return STR_NONE;
        bool last = str_find_byte(label, '\t', 0) == SIZE_MAX;
        part = str_cut(&label, '\t');
        if (last && k < i) return STR_NONE;
    }
    return part;
}

static const char *bar_text(const ChartBar *bar, char *out, size_t size)
{
    char number[NUMBER_SIZE];
    if (bar->text.len)
        snprintf(out, size, "%.*s", STR_ARG(bar->text));
    else if (fabs(bar->value) < 1e15 && floor(bar->value) == bar->value)
        snprintf(out, size, "%s", grouped(number, bar->value));
    else
        snprintf(out, size, "%s", chart_number(number, bar->value));
    return out;
}

static BarShape bar_shape(const Canvas *c, const ChartBar *bar, size_t count)
{
    BarShape s = {0};
    for (size_t i = 0; i < count; i++) {
        for (int k = 0; k < LABEL_COLUMNS_MAX; k++) {
            int width = canvas_text_width(label_column(bar[i].label, k), c->width / 2);
            if (width > s.label[k]) s.label[k] = width;
        }
        char text[NUMBER_SIZE * 4];
        int width = canvas_text_width(str_of(bar_text(&bar[i], text, sizeof text)), c->width / 2);
        if (width > s.text) s.text = width;
        if (isfinite(bar[i].value) && bar[i].value < s.lo) s.lo = bar[i].value;
        if (isfinite(bar[i].value) && bar[i].value > s.hi) s.hi = bar[i].value;
    }
    for (int k = 0; k < LABEL_COLUMNS_MAX; k++) s.labels += s.label[k] ? s.label[k] + 2 : 0;
    s.room = c->width - s.labels - s.text - 2;
    if (s.room < 1) s.room = 1;
    double range = s.hi / 2 - s.lo / 2; // halves: the ends may be far apart
    s.zero = range > 0 ? (int)((-s.lo / 2) / range * s.room + 0.5) : 0;
    return s;
}

// A bar of `eighths` to the right of x.
static void draw_bar(Canvas *c, int x, int y, int eighths, Style style)
{
    static const char *const part[8] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int whole = eighths / 8, rest = eighths % 8;
    if (canvas_charset(c) == CHARSET_ASCII) {
        whole = (eighths + 4) / 8;
        rest = 0;
    } else if (canvas_charset(c) == CHARSET_BLOCKS) { // text consoles have the half only
        rest = rest >= 4 ? 4 : 0;
    }
    for (int i = 0; i < whole; i++) canvas_cstr(c, x + i, y, style, "█");
    if (rest) canvas_cstr(c, x + whole, y, style, part[rest]);
}

static void draw_labels(Canvas *c, const BarShape *s, const ChartBar *bar, int y)
{
    int x = 1;
    for (int k = 0; k < LABEL_COLUMNS_MAX; k++) {
        if (!s->label[k]) continue;
        canvas_text_in(c, x, y, s->label[k], ALIGN_LEFT, k == 0 ? STYLE_TEXT : STYLE_DIM,
                       label_column(bar->label, k));
        x += s->label[k] + 2;
    }
}

int chart_bars(Canvas *c, const ChartBar *bar, size_t count, size_t first)
{
    BarShape s = bar_shape(c, bar, count);
    double range = s.hi / 2 - s.lo / 2;
    for (int y = 0; y < c->height && first + (size_t)y < count; y++) {
        const ChartBar *b = &bar[first + (size_t)y];
        Style style = b->style == STYLE_TEXT ? STYLE_CHART1 : b->style;
        int x = s.labels + 1, end = x + s.zero;
        draw_labels(c, &s, b, y);
        if (isfinite(b->value) && range > 0) {
            int eighths = (int)(fabs(b->value) / 2 / range * s.room * 8 + 0.5);
            if (eighths == 0 && b->value != 0) eighths = 1; // something is not nothing
            if (b->value < 0) {
                int cells = (eighths + 7) / 8;
                draw_bar(c, x + s.zero - cells, y, cells * 8, style);
            } else {
                draw_bar(c, x + s.zero, y, eighths, style);
                end = x + s.zero + (eighths + 7) / 8;
            }
        }
        char text[NUMBER_SIZE * 4];
        canvas_cstr(c, end + 1, y, STYLE_NUMBER, bar_text(b, text, sizeof text));
    }
    return (int)(count < 1000000 ? count : 1000000);
}

void chart_sparkline(Canvas *c, int x, int y, int width, const double *value, size_t count, Style style)
{
    static const char *const levels[8] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[8] = {"_", "_", ".", "-", "-", "=", "+", "#"};
    const char *const *level = canvas_charset(c) == CHARSET_FULL ? levels : ascii;
    double lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(value[i])) continue;
        lo = fmin(lo, value[i]);
        hi = fmax(hi, value[i]);
    }
    for (int i = 0; i < width && count > 0; i++) {
        size_t from = (size_t)i * count / (size_t)width, to = ((size_t)i + 1) * count / (size_t)width;
        double most = -INFINITY; // the peak of what falls into a cell stays to be seen
        for (size_t k = from; k < (to > from ? to : from + 1) && k < count; k++)
            if (isfinite(value[k])) most = fmax(most, value[k]);
        if (!isfinite(most)) continue;
        int n = hi > lo ? (int)((most / 2 - lo / 2) / (hi / 2 - lo / 2) * 7 + 0.5) : 3;
        canvas_cstr(c, x + i, y, style, level[n < 0 ? 0 : n > 7 ? 7 : n]);
    }
}

// --- lines
// ---------------------------------------------------------------------------------------------------

typedef struct Plot {
    int x, y, width, height; // cells
    double x0, x1, y0, y1;
    uint8_t *dots; // per cell: braille bits
    uint8_t *style;
} Plot;

static void bounds(Plot *p, const ChartSeries *series, size_t count, const ChartSpec *spec)
{
    p->x0 = p->y0 = INFINITY;
    p->x1 = p->y1 = -INFINITY;
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < series[s].count; i++) {
            ChartPoint at = series[s].point[i];
            if (!isfinite(at.x) || !isfinite(at.y)) continue;
            p->x0 = fmin(p->x0, at.x);
            p->x1 = fmax(p->x1, at.x);
            p->y0 = fmin(p->y0, at.y);
            p->y1 = fmax(p->y1, at.y);
        }
    if (!(p->x0 <= p->x1)) {
        p->x0 = p->y0 = 0;
        p->x1 = p->y1 = 1;
    }
    if (spec->zero && p->y0 > 0) p->y0 = 0;
    if (p->x1 == p->x0) p->x1 = p->x0 + fmax(fabs(p->x0) * 1e-6, 1);
    if (p->y1 == p->y0) p->y1 = p->y0 + fmax(fabs(p->y0) * 1e-6, 1);
}

// The top is a round number, so that the uppermost tick stands at the top.
static double round_top(Plot *p, int rows, bool whole)
{
    double first, step;
    chart_ticks(p->y0, p->y1, rows > 8 ? rows / 3 : 3, &first, &step);
    if (whole && step < 1) step = 1;
    double top = ceil(p->y1 / step - 1e-9) * step, bottom = floor(p->y0 / step + 1e-9) * step;
    if (isfinite(top) && isfinite(bottom)) {
        p->y1 = top;
        p->y0 = bottom;
    }
    return step;
}

// Where between lo and hi, from 0 to 1. Halves: the ends may be as far apart as figures can be.
static double share(double value, double lo, double hi)
{
    double part = (value / 2 - lo / 2) / (hi / 2 - lo / 2);
    return part > 0 ? (part < 1 ? part : 1) : 0;
}

static void dot(Plot *p, int x, int y, Style style)
{
    static const uint8_t bit[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x < 0 || y < 0 || x >= p->width * 2 || y >= p->height * 4) return;
    size_t cell = (size_t)(y / 4) * (size_t)p->width + (size_t)(x / 2);
    p->dots[cell] |= bit[y % 4][x % 2];
    p->style[cell] = (uint8_t)style;
}

static void stroke(Plot *p, int x0, int y0, int x1, int y1, Style style)
{
    int dx = abs(x1 - x0), dy = abs(y1 - y0), steps = dx > dy ? dx : dy;
    for (int i = 0; i <= steps; i++)
        dot(p, x0 + (steps ? (x1 - x0) * i / steps : 0), y0 + (steps ? (y1 - y0) * i / steps : 0), style);
}

static void draw_series(Plot *p, const ChartSeries *s, Style style)
{
    bool joined = false;
    int last_x = 0, last_y = 0;
    for (size_t i = 0; i < s->count; i++) {
        ChartPoint at = s->point[i];
        if (!isfinite(at.x) || !isfinite(at.y)) {
            joined = false;
            continue;
        }
        int x = (int)(share(at.x, p->x0, p->x1) * (p->width * 2 - 1) + 0.5);
        int y = p->height * 4 - 1 - (int)(share(at.y, p->y0, p->y1) * (p->height * 4 - 1) + 0.5);
        stroke(p, joined ? last_x : x, joined ? last_y : y, x, y, style);
        last_x = x;
        last_y = y;
        joined = true;
    }
}

static void show_dots(Canvas *c, const Plot *p)
{
    static const char sign[SERIES_MAX] = {'*', 'o', '+',
                                          'x', '#', '@'}; // series are told apart without colour too
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            size_t cell = (size_t)y * (size_t)p->width + (size_t)x;
            if (!p->dots[cell]) continue;
            int series = p->style[cell] - STYLE_CHART1;
            uint32_t rune = canvas_charset(c) == CHARSET_FULL
                                ? 0x2800u + p->dots[cell]
                                : (uint32_t)sign[series >= 0 && series < SERIES_MAX ? series : 0];
            canvas_glyph(c, p->x + x, p->y + y, (Style)p->style[cell], rune);
        }
}

static void draw_y_axis(Canvas *c, const Plot *p, double step)
{
    for (int y = 0; y < p->height; y++) canvas_cstr(c, p->x - 1, p->y + y, STYLE_AXIS, "│");
    int last = p->height + 1;
    for (int i = 0; i < TICKS_MAX && p->y0 + i * step <= p->y1 + step * 1e-6; i++) {
        double value = p->y0 + i * step;
        int y = p->height - 1 - (int)(share(value, p->y0, p->y1) * (p->height - 1) + 0.5);
        if (last - y < 2 || y < 0) continue;
        last = y;
        char text[NUMBER_SIZE];
        canvas_text_in(c, 0, p->y + y, p->x - 2, ALIGN_RIGHT, STYLE_AXIS, str_of(chart_number(text, value)));
        canvas_cstr(c, p->x - 1, p->y + y, STYLE_AXIS, "┤");
    }
}

static void x_label(double value, double step, ChartAxis axis, char *out)
{
    if (axis == CHART_NUMBER) {
        chart_number(out, value);
        return;
    }
    char time[CLOCK_TEXT_SIZE];
    clock_text_local_time(time, (int64_t)value); // hh:mm:ss.mmm
    time[step < 60e6 ? 8 : 5] = 0;
    if (step >= 86400e6) { // days: the date says more than the hour
        clock_text_utc(time, (int64_t)value + (int64_t)clock_local_offset_s((int64_t)value) * 1000000);
        memmove(time, time + 5, 5);
        time[5] = 0;
    }
    snprintf(out, NUMBER_SIZE, "%s", time);
}

static void draw_x_axis(Canvas *c, const Plot *p, ChartAxis axis)
{
    int y = p->y + p->height;
    canvas_cstr(c, p->x - 1, y, STYLE_AXIS, "└");
    for (int x = 0; x < p->width; x++) canvas_cstr(c, p->x + x, y, STYLE_AXIS, "─");
    double first, step;
    if (axis == CHART_TIME)
        chart_time_ticks(p->x0, p->x1, p->width / 10, &first, &step);
    else
        chart_ticks(p->x0, p->x1, p->width / 10, &first, &step);
    int free_from = 0;
    for (int i = 0; i < TICKS_MAX && first + i * step <= p->x1; i++) {
        char text[NUMBER_SIZE];
        double value = first + i * step;
        int x = p->x + (int)(share(value, p->x0, p->x1) * (p->width - 1) + 0.5);
        x_label(value, step, axis, text);
        int width = (int)strlen(text), left = x - width / 2;
        if (left < free_from || left + width > c->width) continue;
        canvas_cstr(c, x, y, STYLE_AXIS, "┬");
        canvas_cstr(c, left, y + 1, STYLE_AXIS, text);
        free_from = left + width + 1;
    }
}

static Style series_style(const ChartSeries *s, size_t i)
{
    return s->style == STYLE_TEXT ? (Style)(STYLE_CHART1 + i % SERIES_MAX) : s->style;
}

static void draw_legend(Canvas *c, const ChartSeries *series, size_t count, const ChartSpec *spec)
{
    int x = canvas_text(c, 0, 0, STYLE_AXIS, spec->y_title);
    for (size_t i = 0; spec->legend && i < count; i++) {
        x = canvas_cstr(c, x + 2, 0, series_style(&series[i], i), "■ ");
        x = canvas_text(c, x, 0, STYLE_TEXT, series[i].name);
    }
}

void chart_lines(Canvas *c, const ChartSeries *series, size_t count, const ChartSpec *spec)
{
    int head = spec->legend || spec->y_title.len ? 1 : 0;
    Plot p = {.y = head, .height = c->height - head - 2};
    if (p.height < 1 || c->width < 12) {
        canvas_cstr(c, 0, 0, STYLE_DIM, "too small for a chart");
        return;
    }
    bounds(&p, series, count, spec);
    double step = round_top(&p, p.height, spec->whole);
    char text[NUMBER_SIZE];
    int labels = canvas_text_width(str_of(chart_number(text, p.y1)), 10);
    int low = canvas_text_width(str_of(chart_number(text, p.y0)), 10), between = 4; // "0.25" between 0 and 1
    labels = labels > low ? labels : low;
    labels = step == floor(step) || labels > between ? labels : between;
    p.x = labels + 3;
    p.width = c->width - p.x;
    Arena mem = {0};
    size_t cells = (size_t)p.width * (size_t)p.height;
    p.dots = arena_get(&mem, cells);
    p.style = arena_get(&mem, cells);
    draw_y_axis(c, &p, step);
    draw_x_axis(c, &p, spec->x_axis);
    for (size_t i = 0; i < count; i++) draw_series(&p, &series[i], series_style(&series[i], i));
    show_dots(c, &p);
    if (head) draw_legend(c, series, count, spec);
    arena_done(&mem);
}
