// Chart: bars, lines and sparklines drawn with what the terminal has: braille, blocks, or ASCII. Figures come
// in, cells go out; empty input, one point, equal values, NaN and infinities are all fine. Relies on canvas.
#ifndef TUI_WIDGET_CHART_H
#define TUI_WIDGET_CHART_H

#include "engine/base/arena.h"
#include "tui/core/canvas.h"

typedef struct ChartBar {
    Str label;    // may hold several columns by tabs: they are aligned
    double value; // NaN = no figure: "-"
    Str text;     // direct label behind the bar; empty = the value
    Style style;  // 0 (STYLE_TEXT) = chart1
} ChartBar;
// Horizontal bars from a zero line, negatives to the left; a bar per line from `first` on. Returns lines
// needed for all.
int chart_bars(Canvas *c, const ChartBar *bar, size_t count, size_t first);

typedef struct ChartPoint {
    double x, y;
} ChartPoint; // y NaN = a gap
typedef struct ChartSeries {
    Str name;
    const ChartPoint *point; // sorted by x
    size_t count;
    Style style; // 0 = chart1 … chart6 in turn
} ChartSeries;
typedef enum ChartAxis {
    CHART_NUMBER,
    CHART_TIME
} ChartAxis; // TIME: x in microseconds since 1970, ticks in local time
typedef struct ChartSpec {
    ChartAxis x_axis;
    bool zero;  // the y axis begins at 0
    bool whole; // y counts things: no ticks between whole numbers
    Str y_title;
    bool legend; // names of the series in the upper line
} ChartSpec;
void chart_lines(Canvas *c, const ChartSeries *series, size_t count, const ChartSpec *spec);
// One line of eighth blocks.
void chart_sparkline(Canvas *c, int x, int y, int width, const double *value, size_t count, Style style);

// Ticks at 1, 2 or 5 times a power of ten: first tick and step for about `wanted` of them between lo and hi.
void chart_ticks(double lo, double hi, int wanted, double *first, double *step);
// For times (microseconds): 1/5/15/30 s and min, 1/3/6/12 h, days.
void chart_time_ticks(double lo, double hi, int wanted, double *first, double *step);
// "1,204", "151k", "1.8M", "0.25": at most 7 characters; out holds 32 bytes; returns out.
const char *chart_number(char *out, double value);

#endif
