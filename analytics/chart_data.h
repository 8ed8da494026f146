// ChartData: figures for charts, without drawing: bars, statements per minute, ticks at round numbers.
// Relies on base, count.
#ifndef ANALYTICS_CHART_DATA_H
#define ANALYTICS_CHART_DATA_H

#include "analytics/count.h"

typedef struct ChartBar {
    Str label;
    double value;
    double second; // a part of it shown apart (invalid queries); 0 = none
} ChartBar;
typedef struct ChartBars {
    ChartBar *at;
    size_t count;
    double value_max;
} ChartBars;

// Largest first, then by label.
ChartBars chart_query_bars(const QueryCounts *c, Arena *mem); // value: valid + invalid, second: invalid
ChartBars chart_update_bars(const UpdateCounts *c, Arena *mem);

enum { CHART_SERIES_MAX = 1440 }; // minutes

// count[i]: what happened in the minute that begins at start_us + i minutes.
typedef struct ChartSeries {
    int64_t start_us; // wall time, a whole minute
    uint32_t minutes;
    double *count;
    double *invalid;
    double count_max;
} ChartSeries;
// From lines of the query journal (JSON, one each); the last `minutes` before now_us. Lines that are none are
// passed over.
ChartSeries chart_series_new(int64_t now_us, uint32_t minutes, Arena *mem);
void chart_series_add(ChartSeries *s, Str journal_line);

enum { CHART_TICKS_MAX = 16 };
typedef struct ChartTicks {
    uint32_t count;
    double at[CHART_TICKS_MAX]; // ascending, from `low` to `high`
    double low, high, step;     // step is 1, 2 or 5 times a power of ten
} ChartTicks;
// Round ticks that cover [low, high] with about `wished` steps (2 … CHART_TICKS_MAX - 1).
ChartTicks chart_ticks(double low, double high, uint32_t wished);
// Whole numbers only (counts): the step is at least 1.
ChartTicks chart_ticks_whole(double high, uint32_t wished);
// "1,204", "30.0k", "1.2M"
void chart_number_text(double value, Bytes *out);
void chart_number_short(double value, Bytes *out);

#endif
