// LogView: follows the three journals live. Lines are read as they come, kept in a ring, and shown as time,
// kind and what matters in columns; Enter shows a whole line. While a transaction is open the event log is in
// front. Relies on desk (the host's tails), textview, dialog.
#include "tui/panes/panes.h"

#include "engine/base/clock.h"
#include "engine/base/json.h"
#include "engine/base/size.h"
#include "tui/panes/desk.h"
#include "tui/widget/dialog.h"
#include "tui/widget/textview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOGS = 3,
    LINES_MAX = 20000,
    LINE_BYTES_MAX = 64 << 10,
    LOG_BYTES_MAX = 16 << 20, // of one log's lines in memory
    READ_AT_ONCE = 2000,
    MEMBERS_MAX = 32,
    POLL_MS = 100,
    POLL_QUIET_MS = 500, // when nothing came for QUIET_US
    QUIET_US = 5000000,
    ASK_FIND = 1,
    ASK_FILTER = 2,
    KIND_WIDTH = 10,
};

static const char *const log_names[LOGS] = {"event", "query", "general"};

// The newest lines. Each has a number that it keeps: line n lies at n % LINES_MAX, and so do the numbers of
// those that pass the filter.
typedef struct LogLines {
    HostTail *tail;
    Str *line; // raw JSON, malloc'ed
    uint64_t first, end;
    size_t bytes;
    uint64_t *seen;
    uint64_t seen_first, seen_end;
    TextView view;
    bool following;
} LogLines;

typedef struct LogState {
    LogLines log[LOGS];
    size_t at;
    Bytes filter, needle;
    int64_t heard_us; // when the last line came
    bool was_in_transaction;
} LogState;

static uint64_t seen_count(const LogLines *l) { return l->seen_end - l->seen_first; }

// The i-th of the lines that are seen.
static Str seen_line(const LogLines *l, uint64_t i)
{
    return l->line[l->seen[(l->seen_first + i) % LINES_MAX] % LINES_MAX];
}

static bool holds(Str line, Str word)
{
    if (word.len == 0) return true;
    for (size_t i = 0; i + word.len <= line.len; i++)
        if (str_equal_fold(str_slice(line, i, word.len), word)) return true;
    return false;
}

// ---- a line as shown ----

static Style kind_style(Str kind)
{
    static const struct {
        const char *word;
        Style style;
    } kinds[] = {
        // Longer words stand before those that they begin with.
        {"sign_in_refused", STYLE_ERROR},
        {"sign_in_slowed", STYLE_WARNING},
        {"checkpoint-failed", STYLE_ERROR},
        {"throttle", STYLE_WARNING},
        {"error", STYLE_ERROR},
        {"refused", STYLE_ERROR},
        {"crash", STYLE_ERROR},
        {"damage", STYLE_ERROR},
        {"rollback", STYLE_WARNING},
        {"recovery", STYLE_WARNING},
        {"dropped", STYLE_WARNING},
        {"commit", STYLE_OK},
        {"begin", STYLE_ACCENT},
        {"sign_", STYLE_ACCENT},
        {"insert", STYLE_ADDED},
        {"update", STYLE_CHANGED},
        {"change", STYLE_CHANGED},
        {"delete", STYLE_REMOVED},
        {"statement", STYLE_KEYWORD},
        {"query", STYLE_KEYWORD},
    };
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (str_starts(kind, str_of(kinds[i].word))) return kinds[i].style;
    return STYLE_NAME;
}

// "2026-11-21T02:53:49.118Z" to the local time of day, as the screens show it.
static void local_time(Str at, char out[CLOCK_TEXT_SIZE])
{
    int year, month, day, hour, minute, second, ms;
    char text[CLOCK_TEXT_SIZE] = "";
    if (at.len) memcpy(text, at.at, at.len < sizeof text - 1 ? at.len : sizeof text - 1);
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3d", &year, &month, &day, &hour, &minute, &second, &ms) != 7) {
        memcpy(out, text, CLOCK_TEXT_SIZE);
        return;
    }
    // Days from the civil date (the usual era arithmetic), then the clock's own zone.
    int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    clock_text_local_time(out,
                          (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000000 + (int64_t)ms * 1000);
}

// Members whose value speaks for itself stand without their name.
static bool speaks_alone(Str key)
{
    static const char *const keys[] = {"text",     "sentence",  "message", "table", "user",
                                       "database", "statement", "note",    "error"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (str_equal(key, str_of(keys[i]))) return true;
    return false;
}

static int draw_member(Canvas *c, int x, const JsonMember *m)
{
    if (x >= c->width) return x;
    int64_t number = 0;
    if (str_equal(m->key, STR("transaction"))) {
        x = canvas_cstr(c, x, 0, STYLE_DIM, "tx ");
        return canvas_text(c, x, 0, STYLE_NUMBER, m->value) + 2;
    }
    if (str_equal(m->key, STR("duration_us")) && str_to_int64(m->value, &number)) {
        char took[CLOCK_TEXT_SIZE];
        return canvas_cstr(c, x, 0, STYLE_NUMBER, clock_text_duration(took, number)) + 2;
    }
    if (str_equal(m->key, STR("rows")) && str_to_int64(m->value, &number))
        return canvas_printf(c, x, 0, STYLE_NUMBER, "%lld %s", (long long)number,
                             number == 1 ? "row" : "rows") +
               2;
    if (str_equal(m->key, STR("valid")))
        return m->kind == 't' ? x : canvas_cstr(c, x, 0, STYLE_ERROR, "invalid") + 2;
    if (!speaks_alone(m->key)) {
        x = canvas_text(c, x, 0, STYLE_DIM, m->key);
        x = canvas_cstr(c, x, 0, STYLE_DIM, " ");
    }
    Style style = m->kind == 'n' ? STYLE_NUMBER : str_equal(m->key, STR("user")) ? STYLE_ACCENT : STYLE_TEXT;
    return canvas_text(c, x, 0, style, m->value) + 2;
}

static const JsonMember *member_of(const JsonMember *member, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(member[i].key, str_of(key))) return &member[i];
    return NULL;
}

// In their own places, or seen only in the whole line.
static bool is_placed(Str key)
{
    static const char *const keys[] = {"at",      "kind",     "transaction", "node",
                                       "session", "sentence", "number",      "text"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (str_equal(key, str_of(keys[i]))) return true;
    return false;
}

// "20:57:33.121 change    tx 1845  update registration …": time, kind, transaction, sentence, the rest, and
// the text of a statement, which may be long, at the end.
static void draw_members(Canvas *c, const JsonMember *member, size_t count)
{
    static const char *const first[] = {"transaction", "sentence"};
    const JsonMember *m = member_of(member, count, "at");
    int x = 0;
    if (m) {
        char text[CLOCK_TEXT_SIZE] = "";
        local_time(m->value, text);
        x = canvas_cstr(c, 1, 0, STYLE_DIM, text) + 1;
    }
    if ((m = member_of(member, count, "kind")) != NULL) {
        int behind = canvas_text(c, x, 0, kind_style(m->value), m->value);
        x = (behind < x + KIND_WIDTH ? x + KIND_WIDTH : behind) + 1;
    }
    for (size_t i = 0; i < COUNT_OF(first); i++)
        if ((m = member_of(member, count, first[i])) != NULL && m->kind != '0') x = draw_member(c, x, m);
    for (size_t i = 0; i < count; i++) {
        m = &member[i];
        if (!is_placed(m->key) && m->kind != '0' && m->value.len) x = draw_member(c, x, m);
    }
    if ((m = member_of(member, count, "text")) != NULL) draw_member(c, x, m);
}

static void draw_line(void *self, uint64_t i, Canvas *whole, int y, int left)
{
    LogLines *l = self;
    Str raw = seen_line(l, i);
    JsonMember member[MEMBERS_MAX];
    size_t count = 0;
    Arena mem = {0};
    Canvas c = canvas_sub(whole, (Rect){-left, y, whole->width + left, 1});
    if (json_read_object(raw, member, MEMBERS_MAX, &count, &mem))
        draw_members(&c, member, count);
    else
        canvas_text(&c, 1, 0, STYLE_DIM, raw);
    arena_done(&mem);
}

static uint64_t line_count(void *self) { return seen_count(self); }
static Str line_text(void *self, uint64_t i) { return seen_line(self, i); }

// ---- reading ----

static void place(const Pane *p, LogLines *l)
{
    bool following = l->following;
    textview_place(&l->view, p->width, p->height);
    if (following) scroll_to(&l->view.scroll, seen_count(l) ? seen_count(l) - 1 : 0);
}

static void see(const LogState *s, LogLines *l, uint64_t number)
{
    if (holds(l->line[number % LINES_MAX], bytes_str(&s->filter)))
        l->seen[l->seen_end++ % LINES_MAX] = number;
}

static void filter_all(const LogState *s, LogLines *l)
{
    l->seen_first = l->seen_end = 0;
    for (uint64_t n = l->first; n < l->end; n++) see(s, l, n);
}

// The oldest line goes; who reads further up keeps the place.
static void drop_line(LogLines *l)
{
    Str *line = &l->line[l->first % LINES_MAX];
    l->bytes -= line->len;
    free((void *)(uintptr_t)line->at);
    if (seen_count(l) && l->seen[l->seen_first % LINES_MAX] == l->first) {
        Scroll *scroll = &l->view.scroll;
        l->seen_first++;
        scroll->at -= scroll->at > 0;
        scroll->first -= scroll->first > 0;
    }
    l->first++;
}

static void add_line(const LogState *s, LogLines *l, Str text)
{
    text = str_slice(text, 0, LINE_BYTES_MAX);
    char *copy = size_alloc(text.len + 1, 1);
    if (!copy) return; // the file still has it
    memcpy(copy, text.at, text.len);
    while (l->end - l->first == LINES_MAX || (l->end > l->first && l->bytes + text.len > LOG_BYTES_MAX))
        drop_line(l);
    l->line[l->end % LINES_MAX] = (Str){copy, text.len};
    l->bytes += text.len;
    see(s, l, l->end++);
}

static bool read_lines(Pane *p, LogLines *l)
{
    LogState *s = pane_state(p, LogState);
    const HostKind *host = desk_of(p->app)->host->kind;
    Err err = {0};
    bool any = false, end = false;
    for (int i = 0; l->tail && i < READ_AT_ONCE && !end; i++) {
        Str line;
        if (!host->tail_next(l->tail, &line, &end, &err)) {
            app_notice_err(p->app, &err);
            host->tail_close(l->tail);
            l->tail = NULL;
        } else if (!end) {
            add_line(s, l, line);
            any = true;
        }
    }
    if (any) place(p, l);
    return any;
}

static int log_tick(Pane *p, int64_t now_us)
{
    (void)now_us;
    LogState *s = pane_state(p, LogState);
    bool in_transaction = desk_of(p->app)->state.in_transaction;
    if (in_transaction && !s->was_in_transaction) {
        s->at = 0;
        s->log[0].following = true;
        place(p, &s->log[0]);
        app_touch(p->app);
    }
    s->was_in_transaction = in_transaction;
    int64_t mono_us = clock_mono_us();
    for (size_t i = 0; i < LOGS; i++) {
        if (!read_lines(p, &s->log[i])) continue;
        s->heard_us = mono_us;
        if (i == s->at) app_touch(p->app);
    }
    bool quiet = mono_us - s->heard_us > QUIET_US && !in_transaction && !desk_running(desk_of(p->app));
    return quiet ? POLL_QUIET_MS : POLL_MS;
}

// ---- the pane ----

static void log_open(Pane *p, const void *arg)
{
    (void)arg;
    LogState *s = pane_state(p, LogState);
    Desk *d = desk_of(p->app);
    Err err = {0};
    bytes_init(&s->filter, 4096);
    bytes_init(&s->needle, 4096);
    for (size_t i = 0; i < LOGS; i++) {
        LogLines *l = &s->log[i];
        l->line = arena_array(&p->mem, Str, LINES_MAX);
        l->seen = arena_array(&p->mem, uint64_t, LINES_MAX);
        l->following = true;
        textview_init(&l->view, (TextViewLines){l, line_count, line_text, draw_line}, STYLE_TEXT);
        l->view.bar = true;
        if (!d->host->kind->tail_open(d->host, log_names[i], HOST_FROM_NEAR_END, &l->tail, &err))
            app_notice_err(p->app, &err);
    }
}

static void log_close(Pane *p)
{
    LogState *s = pane_state(p, LogState);
    for (size_t i = 0; i < LOGS; i++) {
        LogLines *l = &s->log[i];
        if (l->tail) desk_of(p->app)->host->kind->tail_close(l->tail);
        while (l->first < l->end) drop_line(l);
        textview_done(&l->view);
    }
    bytes_done(&s->filter);
    bytes_done(&s->needle);
}

static void log_place(Pane *p)
{
    LogState *s = pane_state(p, LogState);
    for (size_t i = 0; i < LOGS; i++) place(p, &s->log[i]);
}

static void log_draw(const Pane *p, Canvas *c)
{
    const LogState *s = pane_state(p, LogState);
    textview_draw(&s->log[s->at].view, c, p->focused);
    if (seen_count(&s->log[s->at]) == 0)
        canvas_cstr(c, 1, 0, STYLE_DIM, s->filter.len ? "no line holds the filter's word" : "nothing yet");
}

static void show_line(Pane *p, LogLines *l)
{
    if (l->view.scroll.at >= seen_count(l)) return;
    JsonMember member[MEMBERS_MAX];
    size_t count = 0;
    Arena mem = {0};
    Bytes text;
    bytes_init(&text, 1 << 20);
    Str raw = line_text(l, l->view.scroll.at);
    if (!json_read_object(raw, member, MEMBERS_MAX, &count, &mem)) bytes_put(&text, raw);
    for (size_t i = 0; i < count; i++) {
        bytes_put(&text, member[i].key);
        bytes_put_repeat(&text, ' ', member[i].key.len < 14 ? 14 - member[i].key.len : 1);
        bytes_put(&text, member[i].value);
        bytes_put_byte(&text, '\n');
    }
    dialog_text(p->app, "Log line", bytes_str(&text));
    bytes_done(&text);
    arena_done(&mem);
}

static void set_filter(Pane *p, Str word)
{
    LogState *s = pane_state(p, LogState);
    bytes_clear(&s->filter);
    bytes_put(&s->filter, word);
    for (size_t i = 0; i < LOGS; i++) {
        filter_all(s, &s->log[i]);
        s->log[i].following = true;
        place(p, &s->log[i]);
    }
}

static void ask_find(Pane *p)
{
    dialog_prompt(p->app, p, ASK_FIND, "Find", "Text", bytes_str(&pane_state(p, LogState)->needle));
}

static void find(Pane *p, bool backwards)
{
    LogState *s = pane_state(p, LogState);
    LogLines *l = &s->log[s->at];
    if (s->needle.len == 0) {
        ask_find(p);
        return;
    }
    l->following = false;
    if (!textview_find(&l->view, bytes_str(&s->needle), backwards))
        app_notice(p->app, NOTICE_WARNING, "Not found: %.*s", STR_ARG(bytes_str(&s->needle)));
}

static void log_answer(Pane *p, const Answer *a)
{
    LogState *s = pane_state(p, LogState);
    if (!a->ok) return;
    if (a->question == ASK_FILTER) {
        set_filter(p, a->field[0]);
    } else {
        bytes_clear(&s->needle);
        bytes_put(&s->needle, a->field[0]);
        if (s->needle.len) find(p, true);
    }
}

static void follow(Pane *p, LogLines *l, bool on)
{
    l->following = on;
    place(p, l);
}

static bool log_act(Pane *p, Action a)
{
    LogState *s = pane_state(p, LogState);
    LogLines *l = &s->log[s->at];
    switch (a) {
    case ACTION_VIEW_NEXT_TAB: s->at = (s->at + 1) % LOGS; return true;
    case ACTION_VIEW_PREV_TAB: s->at = (s->at + LOGS - 1) % LOGS; return true;
    case ACTION_LOGS_FOLLOW: follow(p, l, !l->following); return true;
    case ACTION_LOGS_FILTER:
        dialog_prompt(p->app, p, ASK_FILTER, "Show lines that hold", "Word", bytes_str(&s->filter));
        return true;
    case ACTION_EDIT_FIND: ask_find(p); return true;
    case ACTION_EDIT_FIND_NEXT: find(p, false); return true;
    case ACTION_EDIT_FIND_PREV: find(p, true); return true;
    case ACTION_EDIT_COPY:
        if (l->view.scroll.at < seen_count(l)) app_copy(p->app, line_text(l, l->view.scroll.at));
        return true;
    case ACTION_ENTER: show_line(p, l); return true;
    default: break;
    }
    if (!textview_act(&l->view, a)) return false;
    l->following = seen_count(l) == 0 || l->view.scroll.at + 1 == seen_count(l);
    return true;
}

static bool log_mouse(Pane *p, const Mouse *m)
{
    LogState *s = pane_state(p, LogState);
    LogLines *l = &s->log[s->at];
    if (!textview_mouse(&l->view, m)) return false;
    l->following = seen_count(l) == 0 || l->view.scroll.at + 1 == seen_count(l);
    if (m->twice) show_line(p, l);
    return true;
}

static void log_message(Pane *p, Msg *m)
{
    LogState *s = pane_state(p, LogState);
    if (m->what != DESK_LOG_CHOOSE || m->number < 0 || m->number >= LOGS) return;
    s->at = (size_t)m->number;
    follow(p, &s->log[s->at], true);
}

static bool log_tab(const Pane *p, size_t i, Bytes *out, bool *active)
{
    const LogState *s = pane_state(p, LogState);
    if (i >= LOGS) return false;
    *active = i == s->at;
    if (i == 0) bytes_put(out, STR("Log: "));
    bytes_put(out, str_of(log_names[i]));
    return true;
}

static void log_note(const Pane *p, Bytes *out)
{
    const LogState *s = pane_state(p, LogState);
    if (s->filter.len) {
        bytes_put(out, STR("/"));
        bytes_put(out, bytes_str(&s->filter));
        bytes_put(out, STR(" · "));
    }
    bytes_put(out, s->log[s->at].following ? STR("following") : STR("paused"));
}

static void log_tab_pick(Pane *p, size_t i)
{
    if (i < LOGS) pane_state(p, LogState)->at = i;
}

static void log_hint(const Pane *p, Bytes *out)
{
    (void)p;
    bytes_put(out, STR("Enter line  M-f follow  M-. next log"));
}

const PaneKind pane_log = {
    .name = "log",
    .state_size = sizeof(LogState),
    .open = log_open,
    .close = log_close,
    .place = log_place,
    .draw = log_draw,
    .act = log_act,
    .mouse = log_mouse,
    .message = log_message,
    .answer = log_answer,
    .tick = log_tick,
    .tab = log_tab,
    .tab_pick = log_tab_pick,
    .hint = log_hint,
    .note = log_note,
};
