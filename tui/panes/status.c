// Status: the bottom line. On the left what matters most just now (a notice, an open transaction with its age
// and pending changes, a running statement with its progress); on the right the keys worth knowing. Relies on
// desk.
#include "tui/panes/panes.h"

#include "analytics/figures.h"
#include "engine/base/clock.h"
#include "tui/panes/desk.h"

#include <stdio.h>
#include <string.h>

enum {
    STATUS_TEXT_MAX = 1024,
    RUNNING_SHOWN_US = 150000,
    PROGRESS_CELLS = 12,
    TICK_RUNNING_MS = 100,
    TICK_TRANSACTION_MS = 1000
};

typedef struct StatusState {
    SourceProgress progress;
    int64_t now_us; // wall clock of the last tick
    int64_t now_mono_us;
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
    const SourceProgress *p = &s->progress;
    if (p->running && p->expected) {
        uint64_t done = p->done < p->expected ? p->done : p->expected;
        double part = (double)done / (double)p->expected;
        int full = (int)(part * PROGRESS_CELLS);
        bool plain = canvas_charset(c) == CHARSET_ASCII;
        for (int i = 0; i < PROGRESS_CELLS; i++)
            canvas_glyph(c, x++, 0, STYLE_STATUS,
                         plain      ? (i < full ? '#' : '.')
                         : i < full ? 0x2588
                                    : 0x2591);
        x = canvas_printf(c, x, 0, STYLE_STATUS, " %d%%", (int)(part * 100));
    } else if (p->running && p->done) {
        x = canvas_printf(c, x, 0, STYLE_STATUS, " %llu rows", (unsigned long long)p->done);
    }
    return canvas_cstr(c, x, 0, STYLE_STATUS, "  Esc stop");
}

// keys: what ends it; left out where a notice or a running statement needs the room.
static int draw_transaction(const StatusState *s, const Pane *p, Canvas *c, int x, bool keys)
{
    const SourceState *now = &desk_of(p->app)->state;
    int64_t age_s = now->began_us && s->now_us > now->began_us ? (s->now_us - now->began_us) / 1000000 : 0;
    bool failed = now->failed_transaction;
    Style alert = failed ? STYLE_ERROR : STYLE_STATUS_ALERT;
    x = canvas_printf(c, x, 0, alert, " TRANSACTION %s %d:%02d · %llu %s ", failed ? "FAILED" : "OPEN",
                      (int)(age_s / 60), (int)(age_s % 60), (unsigned long long)now->pending,
                      now->pending == 1 ? "change" : "changes");
    char commit[KEY_TEXT_SIZE], back[KEY_TEXT_SIZE];
    keymap_key(app_keymap(p->app), ACTION_TRANSACTION_COMMIT, 0, commit);
    keymap_key(app_keymap(p->app), ACTION_TRANSACTION_ROLLBACK, 0, back);
    if (keys && !failed) x = canvas_printf(c, x, 0, STYLE_STATUS, " %s commit ", commit);
    if (keys) x = canvas_printf(c, x, 0, STYLE_STATUS, " %s roll back ", back);
    return x;
}

static int draw_place(const Desk *d, Canvas *c, int x)
{
    x = canvas_cstr(c, x, 0, STYLE_STATUS_KEY, " ");
    x = canvas_text(c, x, 0, STYLE_STATUS_KEY,
                    d->state.database[0] ? str_of(d->state.database) : STR("no database"));
    x = canvas_cstr(c, x, 0, STYLE_STATUS_KEY, " ");
    x = canvas_cstr(c, x + 1, 0, STYLE_STATUS, d->state.node);
    x = canvas_cstr(c, x + 2, 0, STYLE_STATUS, d->state.user);
    if (!d->run_known) return x;
    char took[CLOCK_TEXT_SIZE];
    Bytes rows;
    bytes_init(&rows, 64);
    figure_number_text((double)d->run_rows, &rows);
    x = canvas_printf(c, x, 0, STYLE_STATUS, " · %s %s · %s", rows.at, d->run_rows == 1 ? "row" : "rows",
                      clock_text_duration(took, d->run_us));
    bytes_done(&rows);
    return x;
}

// "C-p" as people write it: "^P".
static void put_key(Bytes *out, const char *key)
{
    if (key[0] == 'C' && key[1] == '-' && key[2] && !key[3])
        bytes_printf(out, "^%c", key[2] >= 'a' && key[2] <= 'z' ? key[2] - 'a' + 'A' : key[2]);
    else
        bytes_put(out, str_of(key));
}

static void put_keys(const Pane *p, Bytes *out)
{
    static const struct {
        Action action;
        const char *word;
    } keys[] = {
        {ACTION_QUERY_RUN, "run"},  {ACTION_EDIT_COMPLETE, "complete"}, {ACTION_HELP_PALETTE, "commands"},
        {ACTION_HELP_MENU, "menu"}, {ACTION_HELP_KEYS, "help"},
    };
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        char key[KEY_TEXT_SIZE];
        keymap_key(app_keymap(p->app), keys[i].action, 0, key);
        if (!key[0]) continue;
        if (out->len) bytes_put(out, STR("  "));
        put_key(out, key);
        bytes_printf(out, " %s", keys[i].word);
    }
}

static void draw_keys(const Pane *p, Canvas *c, int from)
{
    Bytes text;
    bytes_init(&text, STATUS_TEXT_MAX);
    const Pane *focus = app_focused(p->app);
    if (focus && focus->kind->hint) focus->kind->hint(focus, &text);
    if (app_popup_count(p->app) == 0) put_keys(p, &text); // in a window only its own keys work
    // The last ones matter most: what does not fit goes from the left.
    Str s = bytes_str(&text);
    int room = c->width - from - 3;
    while (s.len && canvas_text_width(s, room + 1) > room) {
        size_t next = str_find(s, STR("  "), 0);
        s = next == SIZE_MAX ? STR_NONE : str_slice(s, next + 2, s.len);
    }
    if (s.len) canvas_text(c, c->width - canvas_text_width(s, room) - 1, 0, STYLE_STATUS, s);
    bytes_done(&text);
}

static void status_draw(const Pane *p, Canvas *c)
{
    const StatusState *s = pane_state(p, StatusState);
    const Desk *d = desk_of(p->app);
    canvas_fill(c, (Rect){0, 0, c->width, 1}, STYLE_STATUS);
    const char *notice = app_notice_text(p->app);
    int x = 0;
    // What is over in a blink is not worth a flicker.
    bool running = desk_is_open(d) && desk_running(d) && s->now_mono_us - d->run_began_us >= RUNNING_SHOWN_US;
    if (desk_is_open(d) && d->state.in_transaction)
        x = draw_transaction(s, p, c, x, !notice[0] && !running && app_popup_count(p->app) == 0);
    if (running) x = draw_progress(s, d, c, x);
    if (notice[0]) {
        x = canvas_cstr(c, x, 0, STYLE_STATUS, " ");
        canvas_text_in(c, x, 0, c->width - x, ALIGN_LEFT, notice_style[app_notice_kind(p->app)],
                       str_of(notice));
        return;
    }
    if (x == 0 && desk_is_open(d)) x = draw_place(d, c, x);
    draw_keys(p, c, x);
}

const PaneKind pane_status = {
    .name = "status",
    .state_size = sizeof(StatusState),
    .draw = status_draw,
    .tick = status_tick,
    .bare = true,
};
