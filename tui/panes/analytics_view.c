// AnalyticsView: the counts of the assignment as bars and sentences, and statements per minute as a line.
// Figures are read on the side connection; the activity comes from the query journal. Relies on desk,
// analytics, chart, textview.
#include "tui/panes/panes.h"

#include "analytics/figures.h"
#include "engine/base/clock.h"
#include "tui/panes/commands.h"
#include "tui/panes/desk.h"
#include "tui/widget/chart.h"
#include "tui/widget/scroll.h"

#include <math.h>
#include <string.h>

enum {
    COUNTS_READ = DESK_OWN,
    MINUTES = 60,
    READ_AT_ONCE = 2000,
    POLL_MS = 1000,
    MORE_MS = 20,
    US_PER_MINUTE = 60000000
};
typedef enum AnalyticsTab { TAB_QUERIES, TAB_UPDATES, TAB_ACTIVITY, TABS } AnalyticsTab;
static const char *const tab_names[TABS] = {"queries", "updates", "activity"};

typedef struct Counts {
    Str database;
    QueryCounts queries;
    UpdateCounts updates;
    bool updates_known;
} Counts;

typedef struct AnalyticsState {
    Arena mem; // of counts
    Counts *counts;
    AnalyticsTab at;
    Scroll scroll;
    HostTail *tail;
    Arena series_mem;
    FigureSeries series;
    int64_t series_minute; // wall time of the series' last minute
    Err err;
    bool reading;
} AnalyticsState;

// ---- reading ----

static void read_counts(Job *j, void *context)
{
    Counts *c = j->data;
    if (!count_queries(&c->queries, context, &j->mem, &j->err) || c->database.len == 0) return;
    c->updates_known = count_updates(&c->updates, context, c->database, &j->mem, &j->err);
}

static void start_reading(Pane *p)
{
    AnalyticsState *s = pane_state(p, AnalyticsState);
    Desk *d = desk_of(p->app);
    Job *j = desk_side_job(p, COUNTS_READ, read_counts);
    Counts *c = arena_new(&j->mem, Counts);
    c->database = arena_copy(&j->mem, desk_database(d));
    j->data = c;
    s->reading = true;
    desk_side_start(d, j);
}

static FigureSeries new_series(AnalyticsState *s, Arena *mem)
{
    int64_t now = clock_wall_us();
    s->series_minute = now / US_PER_MINUTE;
    return figure_series_new(now, MINUTES, mem);
}

static void open_series(Pane *p)
{
    AnalyticsState *s = pane_state(p, AnalyticsState);
    const HostKind *host = desk_of(p->app)->host->kind;
    Err err = {0};
    if (s->tail) host->tail_close(s->tail);
    s->tail = NULL;
    arena_reset(&s->series_mem);
    s->series = new_series(s, &s->series_mem);
    if (!host->tail_open(desk_of(p->app)->host, "query", HOST_FROM_START, &s->tail, &err))
        app_notice_err(p->app, &err);
}

// The window moves with the minute: what is counted stays, the oldest minute goes.
static void move_series(AnalyticsState *s)
{
    Arena mem = {0};
    FigureSeries next = new_series(s, &mem);
    for (uint32_t i = 0; i < next.minutes; i++) {
        int64_t old = (next.start_us - s->series.start_us) / US_PER_MINUTE + i;
        if (old < 0 || old >= s->series.minutes) continue;
        next.count[i] = s->series.count[old];
        next.invalid[i] = s->series.invalid[old];
        if (next.count[i] > next.count_max) next.count_max = next.count[i];
    }
    arena_done(&s->series_mem);
    s->series_mem = mem;
    s->series = next;
}

static int analytics_tick(Pane *p, int64_t now_us)
{
    (void)now_us;
    AnalyticsState *s = pane_state(p, AnalyticsState);
    const HostKind *host = desk_of(p->app)->host->kind;
    if (clock_wall_us() / US_PER_MINUTE != s->series_minute) move_series(s);
    Err err = {0};
    bool end = s->tail == NULL, any = false;
    for (int i = 0; i < READ_AT_ONCE && !end; i++) {
        Str line;
        if (!host->tail_next(s->tail, &line, &end, &err)) {
            app_notice_err(p->app, &err);
            host->tail_close(s->tail);
            s->tail = NULL;
            end = true;
        } else if (!end) {
            figure_series_add(&s->series, line);
            any = true;
        }
    }
    if (any && s->at == TAB_ACTIVITY) app_touch(p->app);
    return end ? POLL_MS : MORE_MS;
}

// ---- drawing ----

static void sentences(const AnalyticsState *s, Bytes *out)
{
    const Counts *c = s->counts;
    if (s->at == TAB_QUERIES) {
        for (size_t i = 0; i < c->queries.count; i++) {
            count_query_sentence(&c->queries.at[i], out);
            bytes_put_byte(out, '\n');
        }
    } else {
        for (size_t i = 0; i < c->updates.count; i++) {
            count_update_sentence(&c->updates.at[i], out);
            bytes_put_byte(out, '\n');
        }
    }
}

static void draw_bars(const AnalyticsState *s, Canvas *c, int height)
{
    Arena mem = {0};
    FigureBars figures = s->at == TAB_QUERIES ? figure_query_bars(&s->counts->queries, &mem)
                                              : figure_update_bars(&s->counts->updates, &mem);
    ChartBar *bar = arena_array(&mem, ChartBar, figures.count + 1);
    Bytes text;
    bytes_init(&text, 256);
    for (size_t i = 0; i < figures.count; i++) {
        const FigureBar *f = &figures.at[i];
        bytes_clear(&text);
        figure_number_text(f->value, &text);
        if (f->second > 0) {
            bytes_put(&text, STR(" ("));
            figure_number_text(f->second, &text);
            bytes_put(&text, STR(" invalid)"));
        }
        bar[i] = (ChartBar){.label = f->label, .value = f->value, .text = arena_copy(&mem, bytes_str(&text))};
    }
    Canvas part = canvas_sub(c, (Rect){1, 1, c->width - 2, height - 1});
    if (figures.count)
        chart_bars(&part, bar, figures.count, s->scroll.first);
    else
        canvas_cstr(&part, 0, 0, STYLE_DIM, "nothing counted yet");
    bytes_done(&text);
    arena_done(&mem);
}

static void draw_totals(const AnalyticsState *s, Canvas *c)
{
    const Counts *k = s->counts;
    if (s->at == TAB_QUERIES) {
        canvas_printf(c, 1, 0, STYLE_HEADER,
                      "Queries by user, database and node   valid %llu   invalid %llu   total %llu",
                      (unsigned long long)k->queries.valid, (unsigned long long)k->queries.invalid,
                      (unsigned long long)(k->queries.valid + k->queries.invalid));
    } else {
        int x = canvas_cstr(c, 1, 0, STYLE_HEADER, "Update operations by table of ");
        x = canvas_text(c, x, 0, STYLE_HEADER, k->database);
        canvas_printf(c, x, 0, STYLE_HEADER, "   total %llu", (unsigned long long)k->updates.updates);
    }
}

static void draw_counts(const AnalyticsState *s, Canvas *c)
{
    if (s->at == TAB_UPDATES && !s->counts->updates_known) {
        canvas_text_in(c, 1, 0, c->width - 2, ALIGN_LEFT, STYLE_DIM,
                       STR("Choose a database first: Data → Use database"));
        return;
    }
    int height = c->height * 3 / 5;
    draw_totals(s, c);
    draw_bars(s, c, height);
    Bytes text;
    bytes_init(&text, 4 << 20);
    sentences(s, &text);
    canvas_hline(c, 0, height, c->width, STYLE_BORDER);
    Str rest = bytes_str(&text);
    for (uint64_t i = 0; i < s->scroll.first && rest.len; i++) str_cut(&rest, '\n');
    for (int y = height + 1; y < c->height && rest.len; y++)
        canvas_text_in(c, 1, y, c->width - 2, ALIGN_LEFT, STYLE_TEXT, str_cut(&rest, '\n'));
    bytes_done(&text);
}

static void draw_activity(const AnalyticsState *s, Canvas *c)
{
    ChartPoint all[MINUTES], bad[MINUTES];
    double total = 0, invalid = 0;
    uint32_t n = s->series.minutes < MINUTES ? s->series.minutes : MINUTES;
    for (uint32_t i = 0; i < n; i++) {
        double x = (double)(s->series.start_us + (int64_t)i * US_PER_MINUTE);
        all[i] = (ChartPoint){x, s->series.count[i]};
        // No line along the bottom where nothing was wrong: it would cover the other.
        bool near_bad = s->series.invalid[i] > 0 || (i > 0 && s->series.invalid[i - 1] > 0) ||
                        (i + 1 < n && s->series.invalid[i + 1] > 0);
        bad[i] = (ChartPoint){x, near_bad ? s->series.invalid[i] : NAN};
        total += s->series.count[i];
        invalid += s->series.invalid[i];
    }
    canvas_printf(c, 1, 0, STYLE_HEADER,
                  "Statements per minute, the last %u minutes: %.0f, of these %.0f invalid", n, total,
                  invalid);
    ChartSeries series[] = {{STR("all"), all, n, STYLE_CHART1}, {STR("invalid"), bad, n, STYLE_ERROR}};
    ChartSpec spec = {.x_axis = CHART_TIME, .zero = true, .whole = true, .legend = true};
    Canvas part = canvas_sub(c, (Rect){1, 1, c->width - 2, c->height - 1});
    chart_lines(&part, series, COUNT_OF(series), &spec);
}

static void analytics_draw(const Pane *p, Canvas *c)
{
    const AnalyticsState *s = pane_state(p, AnalyticsState);
    if (s->at == TAB_ACTIVITY)
        draw_activity(s, c);
    else if (s->counts)
        draw_counts(s, c);
    else if (s->reading)
        canvas_cstr(c, 1, 0, STYLE_DIM, "Counting …");
    else
        canvas_text_in(c, 1, 0, c->width - 2, ALIGN_LEFT, STYLE_ERROR, str_of(s->err.text));
}

// ---- the pane ----

static void place(Pane *p)
{
    AnalyticsState *s = pane_state(p, AnalyticsState);
    if (!s->counts) return;
    size_t rows = s->at == TAB_QUERIES ? s->counts->queries.count : s->counts->updates.count;
    int height = p->height - p->height * 3 / 5 - 1;
    scroll_set(&s->scroll, rows, height > 1 ? height : 1);
}

static void analytics_open(Pane *p, const void *arg)
{
    AnalyticsState *s = pane_state(p, AnalyticsState);
    for (int i = 0; arg && i < TABS; i++)
        if (strcmp(arg, tab_names[i]) == 0) s->at = (AnalyticsTab)i;
    open_series(p);
    start_reading(p);
}

static void analytics_close(Pane *p)
{
    AnalyticsState *s = pane_state(p, AnalyticsState);
    if (s->tail) desk_of(p->app)->host->kind->tail_close(s->tail);
    arena_done(&s->mem);
    arena_done(&s->series_mem);
}

static void analytics_message(Pane *p, Msg *m)
{
    AnalyticsState *s = pane_state(p, AnalyticsState);
    if (m->what != COUNTS_READ) return;
    s->reading = false;
    s->err = m->err;
    if (err_any(&m->err)) {
        app_notice_err(p->app, &m->err);
        return;
    }
    arena_done(&s->mem);
    s->mem = m->mem;
    m->mem = (Arena){0};
    s->counts = m->data;
    place(p);
}

static void choose(Pane *p, AnalyticsTab tab)
{
    AnalyticsState *s = pane_state(p, AnalyticsState);
    s->at = tab;
    s->scroll = (Scroll){0};
    place(p);
}

static bool analytics_act(Pane *p, Action a)
{
    AnalyticsState *s = pane_state(p, AnalyticsState);
    switch (a) {
    case ACTION_CANCEL: app_close(p->app, p); return true;
    case ACTION_RIGHT:
    case ACTION_NEXT:
    case ACTION_VIEW_NEXT_TAB: choose(p, (AnalyticsTab)((s->at + 1) % TABS)); return true;
    case ACTION_LEFT:
    case ACTION_PREV:
    case ACTION_VIEW_PREV_TAB: choose(p, (AnalyticsTab)((s->at + TABS - 1) % TABS)); return true;
    case ACTION_DATA_REFRESH:
        open_series(p);
        start_reading(p);
        return true;
    default: return scroll_act(&s->scroll, a);
    }
}

static bool analytics_key(Pane *p, Key k)
{
    if (k.mods) return false;
    switch (k.code) {
    case 'r': return analytics_act(p, ACTION_DATA_REFRESH);
    case 'w': return commands_act(p->app, ACTION_ANALYTICS_WRITE);
    case 'q': return analytics_act(p, ACTION_CANCEL);
    default: return false;
    }
}

static bool analytics_mouse(Pane *p, const Mouse *m)
{
    AnalyticsState *s = pane_state(p, AnalyticsState);
    if (m->kind == MOUSE_WHEEL_UP)
        scroll_by(&s->scroll, -3);
    else if (m->kind == MOUSE_WHEEL_DOWN)
        scroll_by(&s->scroll, 3);
    else
        return false;
    return true;
}

static bool analytics_tab(const Pane *p, size_t i, Bytes *out, bool *active)
{
    static const char *const titles[TABS] = {"Queries", "Updates", "Activity"};
    if (i >= TABS) return false;
    bytes_put(out, str_of(titles[i]));
    *active = i == pane_state(p, AnalyticsState)->at;
    return true;
}

static void analytics_tab_pick(Pane *p, size_t i)
{
    if (i < TABS) choose(p, (AnalyticsTab)i);
}

static void analytics_title(const Pane *p, Bytes *out)
{
    (void)p;
    bytes_put(out, STR("Analytics"));
}

static void analytics_hint(const Pane *p, Bytes *out)
{
    (void)p;
    bytes_put(out, STR("← → next  r refresh  w write reports  Esc close"));
}

const PaneKind pane_analytics = {
    .name = "analytics",
    .state_size = sizeof(AnalyticsState),
    .open = analytics_open,
    .close = analytics_close,
    .place = place,
    .draw = analytics_draw,
    .key = analytics_key,
    .act = analytics_act,
    .mouse = analytics_mouse,
    .message = analytics_message,
    .tick = analytics_tick,
    .title = analytics_title,
    .tab = analytics_tab,
    .tab_pick = analytics_tab_pick,
    .hint = analytics_hint,
};
