// Figures: what charts draw, without drawing: bars, statements per minute, ticks at round numbers.
// Relies on base, count.
// Nouns: figure
#ifndef ANALYTICS_FIGURES_H
#define ANALYTICS_FIGURES_H

#include "analytics/count.h"

typedef struct FigureBar {
    Str label;
    double value;
    double second; // a part of it shown apart (invalid queries); 0 = none
} FigureBar;
typedef struct FigureBars {
    FigureBar *at;
    size_t count;
    double value_max;
} FigureBars;

// Largest first, then by label.
FigureBars figure_query_bars(const QueryCounts *c, Arena *mem); // value: valid + invalid, second: invalid
FigureBars figure_update_bars(const UpdateCounts *c, Arena *mem);

enum { FIGURE_SERIES_MAX = 1440 }; // minutes

// count[i]: what happened in the minute that begins at start_us + i minutes.
typedef struct FigureSeries {
    int64_t start_us; // wall time, a whole minute
    uint32_t minutes;
    double *count;
    double *invalid;
    double count_max;
} FigureSeries;
// From lines of the query journal (JSON, one each); the last `minutes` before now_us. Lines that are none are
// passed over.
FigureSeries figure_series_new(int64_t now_us, uint32_t minutes, Arena *mem);
void figure_series_add(FigureSeries *s, Str journal_line);

enum { FIGURE_TICKS_MAX = 16 };
typedef struct FigureTicks {
    uint32_t count;
    double at[FIGURE_TICKS_MAX]; // ascending, from `low` to `high`
    double low, high, step;      // step is 1, 2 or 5 times a power of ten
} FigureTicks;
// Round ticks that cover [low, high] with about `wished` steps (2 … FIGURE_TICKS_MAX - 1).
FigureTicks figure_ticks(double low, double high, uint32_t wished);
// Whole numbers only (counts): the step is at least 1.
FigureTicks figure_ticks_whole(double high, uint32_t wished);
// "1,204", "30.0k", "1.2M"
void figure_number_text(double value, Bytes *out);
void figure_number_short(double value, Bytes *out);

#endif
