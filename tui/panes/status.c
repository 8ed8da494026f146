// Status: the bottom line. On the left what matters most just now (a notice, an open transaction with its age
// and pending changes, a running statement with its progress); on the right the keys worth knowing. Relies on
// desk.
#include "tui/panes/panes.h"

#include "engine/base/clock.h"
#include "tui/panes/desk.h"

#include <stdio.h>
#include <string.h>

enum { STATUS_TEXT_MAX = 1024, PROGRESS_CELLS = 12, TICK_RUNNING_MS = 100, TICK_TRANSACTION_MS = 1000 };

typedef struct StatusState {
    SourceProgress progress;
    int64_t now_us; // wall clock of the last tick
    int64_t now_mono_us;
    int64_t last_rows, last_ms; // of the run before; rows -1 = none
} StatusState;

static const Style notice_style[] = {
    [NOTICE_NONE] = STYLE_STATUS,          [NOTICE_INFO] = STYLE_STATUS, [NOTICE_OK] = STYLE_OK,
    [NOTICE_WARNING] = STYLE_STATUS_ALERT, [NOTICE_ERROR] = STYLE_ERROR,
};

static int status_tick(Pane *p, int64_t now_us)
{
    (void)now_us;
    StatusState *s = pane_state(p, StatusState);
    Desk *d = desk_of(p->app);
    if (!desk_is_open(d)) return -1;
    if (desk_look(d)) app_touch(p->app);
    bool running = desk_running(d);
    if (running)
        source_progress(d->source, &s->progress);
    else if (s->progress.running)
        s->progress.running = false;
    if (!running && !d->state.in_transaction) return -1;
    s->now_us = clock_wall_us();
    s->now_mono_us = clock_mono_us();
    app_touch(p->app);
    return running ? TICK_RUNNING_MS : TICK_TRANSACTION_MS;
}

static int draw_progress(const StatusState *s, const Desk *d, Canvas *c, int x)
{
    char took[CLOCK_TEXT_SIZE];
    clock_text_duration(took, s->now_mono_us > d->run_began_us ? s->now_mono_us - d->run_began_us : 0);
    x = canvas_printf(c, x, 0, STYLE_STATUS_KEY, " RUNNING %s ", took);
    if (s->progress.expected) {
        uint64_t done = s->progress.done < s->progress.expected ? s->progress.done : s->progress.expected;
        int full = (int)(done * PROGRESS_CELLS / s->progress.expected);
        for (int i = 0; i < PROGRESS_CELLS; i++)
            canvas_glyph(c, x++, 0, STYLE_STATUS,
                         canvas_charset(c) == CHARSET_ASCII ? (i < full ? '#' : '.')
                         : i < full                         ? 0x2588
                                                            : 0x2591);
        x = canvas_printf(c, x, 0, STYLE_STATUS, " %d%%", (int)(done * 100 / s->progress.expected));
    } else if (s->progress.done) {
        x = canvas_printf(c, x, 0, STYLE_STATUS, " %llu rows", (unsigned long long)s->progress.done);
    }
    return canvas_cstr(c, x, 0, STYLE_STATUS, "  Esc stop");
}

static int draw_transaction(const StatusState *s, const Desk *d, Canvas *c, int x)
{
    int64_t age_s =
        d->state.began_us && s->now_us > d->state.began_us ? (s->now_us - d->state.began_us) / 1000000 : 0;
    Style alert = d->state.failed_transaction ? STYLE_ERROR : STYLE_STATUS_ALERT;
    x = canvas_printf(c, x, 0, alert, " TRANSACTION %s %d:%02d · %llu %s ",
                      d->state.failed_transaction ? "FAILED" : "OPEN", (int)(age_s / 60), (int)(age_s % 60),
                      (unsigned long long)d->state.pending, d->state.pending == 1 ? "change" : "changes");
    return canvas_cstr(c, x, 0, STYLE_STATUS,
                       d->state.failed_transaction ? " F8 roll back " : " F7 commit  F8 roll back ");
}

static int draw_place(const StatusState *s, const Desk *d, Canvas *c, int x)
{
    x = canvas_cstr(c, x, 0, STYLE_STATUS_KEY, " ");
    x = canvas_text(c, x, 0, STYLE_STATUS_KEY,
                    d->state.database[0] ? str_of(d->state.database) : STR("no database"));
    x = canvas_printf(c, x, 0, STYLE_STATUS, "  %s  %s", d->state.node, d->state.user);
    if (s->last_rows < 0) return x;
    return canvas_printf(c, x, 0, STYLE_STATUS, " · %lld rows · %lld ms", (long long)s->last_rows,
                         (long long)s->last_ms);
}

static void draw_keys(const Pane *p, Canvas *c, int from)
{
    static const struct {
        Action action;
        const char *word;
    } keys[] = {
        {ACTION_QUERY_RUN, "run"},  {ACTION_EDIT_COMPLETE, "complete"}, {ACTION_HELP_PALETTE, "commands"},
        {ACTION_HELP_MENU, "menu"}, {ACTION_HELP_KEYS, "help"},
    };
    Bytes text;
    bytes_init(&text, STATUS_TEXT_MAX);
    const Pane *focus = app_focused(p->app);
    if (focus && focus->kind->hint) focus->kind->hint(focus, &text);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        char key[KEY_TEXT_SIZE];
        keymap_key(app_keymap(p->app), keys[i].action, 0, key);
        if (key[0])
            bytes_printf(&text, "%s%s %s", text.len ? "  " : "", key[0] == 'C' && key[1] == '-' ? key : key,
                         keys[i].word);
    }
    // The last ones matter most: what does not fit goes from the left.
    Str s = bytes_str(&text);
    int room = c->width - from - 3;
    while (s.len && canvas_text_width(s, room + 1) > room) {
        size_t next = str_find(s, STR("  "), 0);
        s = next == SIZE_MAX ? STR_NONE : str_slice(s, next + 2, s.len);
    }
    canvas_text(c, c->width - canvas_text_width(s, room) - 1, 0, STYLE_STATUS, s);
    bytes_done(&text);
}

static void status_draw(const Pane *p, Canvas *c)
{
    const StatusState *s = pane_state(p, StatusState);
    const Desk *d = desk_of(p->app);
    canvas_fill(c, (Rect){0, 0, c->width, 1}, STYLE_STATUS);
    const char *notice = app_notice_text(p->app);
    int x = 0;
    if (desk_is_open(d) && s->progress.running)
        x = draw_progress(s, d, c, x);
    else if (desk_is_open(d) && d->state.in_transaction)
        x = draw_transaction(s, d, c, x);
    if (notice[0]) {
        x = canvas_cstr(c, x, 0, STYLE_STATUS, " ");
        canvas_text_in(c, x, 0, c->width - x, ALIGN_LEFT, notice_style[app_notice_kind(p->app)],
                       str_of(notice));
        return;
    }
    if (x == 0 && desk_is_open(d)) x = draw_place(s, d, c, x);
    draw_keys(p, c, x);
}

static void status_message(Pane *p, Msg *m)
{
    StatusState *s = pane_state(p, StatusState);
    if (m->what != DESK_RUN_END) return;
    s->last_rows = m->total;
    s->last_ms = m->number;
}

static void status_open(Pane *p, const void *arg)
{
    (void)arg;
    pane_state(p, StatusState)->last_rows = -1;
}

const PaneKind pane_status = {
    .name = "status",
    .state_size = sizeof(StatusState),
    .open = status_open,
    .draw = status_draw,
    .tick = status_tick,
    .message = status_message,
    .bare = true,
};
