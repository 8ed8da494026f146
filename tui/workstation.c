// Workstation: the composition root of the full-screen program: engine, terminal, key map, theme and app put
// together; what only this level knows (colours, mouse, leaving, signing out) is done here. Relies on
// engine.h, panes, core.
#include "tui/workstation.h"

#include "engine/base/clock.h"
#include "tui/core/term.h"
#include "tui/engine_host.h"
#include "tui/panes/commands.h"
#include "tui/panes/task.h"
#include "tui/widget/dialog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THEME_QUESTION = 10000, EXIT_CANNOT_OPEN = 3, EXIT_TERMINAL = 2 };

typedef struct Workstation {
    Desk desk; // first: panes reach it through app_self
    EngineHost host;
    Engine *engine;
    Term *term;
    App *app;
    JobBox *box;
    Keymap keymap;
    Theme theme;
    bool mouse;
    bool leaving; // the screen changes after this event, not inside a pane's own function
    bool entering;
    Arena themes_mem;
    Str *themes;
    size_t theme_count;
} Workstation;

static Workstation *of(App *a) { return (Workstation *)app_self(a); }

// ---- colours ----

static void ask_theme(App *a)
{
    Workstation *w = of(a);
    arena_done(&w->themes_mem);
    theme_names(&w->themes_mem, w->host.host.io, &w->themes, &w->theme_count);
    size_t at = 0;
    for (size_t i = 0; i < w->theme_count; i++)
        if (str_equal(w->themes[i], str_of(w->theme.name))) at = i;
    dialog_choose(a, NULL, THEME_QUESTION, "Theme", w->themes, NULL, w->theme_count, at);
}

static void choose_theme(App *a, size_t choice)
{
    Workstation *w = of(a);
    Err err = {0};
    if (choice >= w->theme_count) return;
    if (!theme_load(&w->theme, w->themes[choice], w->host.host.io, &err))
        app_notice_err(a, &err); // the built-in one is used
    term_theme(w->term, &w->theme);
    app_touch(a);
}

// ---- signing in and out ----

static void entered(Desk *d)
{
    ((Workstation *)d)->entering = true;
    app_touch(d->app);
}

static void leave(Desk *d)
{
    ((Workstation *)d)->leaving = true;
    app_touch(d->app);
}

static void show_desk(Workstation *w)
{
    Err err = {0};
    int sample = w->desk.sample;
    w->entering = false;
    if (!desk_open(&w->desk, w->app, &w->host.host, &err)) {
        w->host.host.kind->sign_out(&w->host.host);
        app_notice_err(w->app, &err);
        commands_door(w->app);
        return;
    }
    commands_screen(w->app);
    app_notice(w->app, NOTICE_OK, "Welcome, %s. F10 is the menu, F1 the help.", w->desk.state.user);
    if (sample) {
        TaskSpec spec = {.kind = TASK_SAMPLE, .sample = sample - 1};
        task_start(w->app, &spec);
    }
}

static void show_door(Workstation *w)
{
    w->leaving = false;
    // Workers stop first: their last messages then find panes that are still there.
    if (w->desk.worker) desk_stop(&w->desk);
    commands_door(w->app);
    desk_close(&w->desk);
    w->host.host.kind->sign_out(&w->host.host);
}

// ---- the app's hooks ----

static bool hook_act(App *a, Action action)
{
    Workstation *w = of(a);
    switch (action) {
    case ACTION_VIEW_THEME: ask_theme(a); return true;
    case ACTION_VIEW_MOUSE:
        w->mouse = !w->mouse;
        term_mouse(w->term, w->mouse);
        app_notice(a, NOTICE_INFO,
                   w->mouse ? "The mouse works in d2db"
                            : "The mouse belongs to the terminal: select and copy with it");
        return true;
    case ACTION_VIEW_REDRAW: term_repaint(w->term); return true;
    case ACTION_SUSPEND: term_suspend(w->term); return true;
    default: return commands_act(a, action);
    }
}

static void hook_answer(App *a, const Answer *answer)
{
    if (answer->question != THEME_QUESTION)
        commands_answer(a, answer);
    else if (answer->ok)
        choose_theme(a, answer->choice);
}

static void hook_clipboard(App *a, Str text)
{
    Workstation *w = of(a);
    char route[256];
    Err err = {0};
    if (term_copy(w->term, text, w->host.host.io, route, sizeof route, &err))
        app_notice(a, NOTICE_INFO, "%s", route);
    else
        app_notice_err(a, &err);
}

static bool hook_enabled(const App *a, Action action) { return commands_enabled(a, action); }

// Screens change between two events: never inside a function of a pane that would go.
static int hook_tick(App *a, int64_t now_us)
{
    (void)now_us;
    Workstation *w = of(a);
    if (w->entering) show_desk(w);
    if (w->leaving) show_door(w);
    return -1;
}

// ---- life ----

static int fail(const char *what, const Err *err, int status)
{
    fprintf(stderr, "d2db: %s%s%s\n", what, what[0] ? ": " : "", err->text);
    if (err->hint[0]) fprintf(stderr, "      %s\n", err->hint);
    return status;
}

static bool open_engine(Workstation *w, const WorkstationOptions *o, Err *err)
{
    EngineOptions e = {.io = o->io, .path = o->data};
    return engine_open(&w->engine, &e, err);
}

// Theme and key map: a broken file is told and the built-in one used.
static void load_looks(Workstation *w, const WorkstationOptions *o, Err *theme_err, Err *keys_err)
{
    if (!theme_load(&w->theme, o->theme ? str_of(o->theme) : STR("dark"), o->io, theme_err) &&
        !err_any(theme_err))
        err_set(theme_err, "F0000", "the theme cannot be read");
    keymap_default(&w->keymap);
    if (!keymap_load(&w->keymap, o->io, keys_err)) keymap_default(&w->keymap);
}

static bool open_app(Workstation *w, Err *err)
{
    AppHooks hooks = {.self = w,
                      .act = hook_act,
                      .message = commands_message,
                      .answer = hook_answer,
                      .clipboard = hook_clipboard,
                      .enabled = hook_enabled,
                      .tick = hook_tick};
    if (!job_box_new(&w->box, err)) return false;
    w->app = app_new(&hooks, &w->keymap, w->box);
    w->desk.app = w->app;
    w->desk.host = &w->host.host;
    w->desk.entered = entered;
    w->desk.leave = leave;
    return true;
}

// signal: what ended the program; it then ends by that signal, with the terminal whole. 0 = returns.
static void close_all(Workstation *w, int signal)
{
    if (w->app) {
        if (w->desk.worker) desk_stop(&w->desk);
        app_free(w->app); // panes keep what is unsaved
        w->app = NULL;
    }
    if (w->desk.host) desk_close(&w->desk);
    if (w->term && !signal) term_close(w->term);
    Term *term = w->term;
    if (w->box) job_box_free(w->box);
    engine_host_done(&w->host);
    if (w->engine) engine_close(w->engine);
    arena_done(&w->themes_mem);
    free(w);
    if (term && signal) term_die(term, signal);
}

int workstation_run(const WorkstationOptions *o)
{
    Err err = {0}, theme_err = {0}, keys_err = {0};
    Workstation *w = calloc(1, sizeof *w);
    if (!w) return fail("", &(Err){.text = "out of memory"}, EXIT_CANNOT_OPEN);
    if (!open_engine(w, o, &err)) {
        free(w);
        return fail(o->data, &err, EXIT_CANNOT_OPEN);
    }
    engine_host_init(&w->host, w->engine, o->io);
    load_looks(w, o, &theme_err, &keys_err);
    w->mouse = o->mouse;
    TermOptions options = {.theme = &w->theme, .theme_chosen = o->theme != NULL, .mouse = o->mouse};
    if (!open_app(w, &err) || !term_open(&w->term, &options, &err)) {
        close_all(w, 0);
        return fail("", &err, EXIT_TERMINAL);
    }
    app_resize(w->app, term_width(w->term), term_height(w->term));
    commands_door(w->app);
    if (term_note(w->term)[0]) app_notice(w->app, NOTICE_WARNING, "%s", term_note(w->term));
    if (err_any(&theme_err))
        app_notice_err(w->app, &theme_err);
    else if (err_any(&keys_err))
        app_notice_err(w->app, &keys_err);
    close_all(w, term_run(w->term, w->app));
    return 0;
}
