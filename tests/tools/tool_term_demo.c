// A tiny program on the real terminal layer, driven by tests/tui: panes, a popup, a grid of a million rows;
// keys q (leave), s (segmentation fault), a (abort), e (exit without restoring), w (write to standard error),
// c (copy).
#include "engine/base/clock.h"
#include "tui/core/term.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct DemoList {
    uint64_t at, first;
    char pasted[64];
    size_t keys;
} DemoList;

static void demo_draw(const Pane *p, Canvas *c)
{
    const DemoList *d = pane_state(p, DemoList);
    for (int y = 0; y < c->height; y++) {
        uint64_t row = d->first + (uint64_t)y;
        canvas_printf(c, 0, y, STYLE_NUMBER, "%8llu ", (unsigned long long)row);
        canvas_printf(c, 10, y, STYLE_TEXT, "row number %llu Ivan Petrović 中文 ",
                      (unsigned long long)(row * 7919 % 10007));
        canvas_cstr(c, 45, y, row % 3 ? STYLE_STRING : STYLE_NULL, row % 3 ? "value" : "NULL");
        if (row == d->at) {
            canvas_restyle(c, (Rect){0, y, c->width, 1}, p->focused ? STYLE_SELECTION : STYLE_SELECTION_IDLE);
            canvas_park(c, 0, y);
        }
    }
    if (d->pasted[0]) canvas_printf(c, 20, 0, STYLE_OK, "pasted[%s]", d->pasted);
}

static bool demo_act(Pane *p, Action a)
{
    DemoList *d = pane_state(p, DemoList);
    uint64_t page = (uint64_t)(p->height > 1 ? p->height : 1);
    if (a == ACTION_DOWN)
        d->at++;
    else if (a == ACTION_UP && d->at)
        d->at--;
    else if (a == ACTION_PAGE_DOWN)
        d->at += page;
    else if (a == ACTION_PAGE_UP)
        d->at = d->at > page ? d->at - page : 0;
    else if (a == ACTION_BOTTOM)
        d->at = 999999;
    else
        return false;
    if (d->at < d->first) d->first = d->at;
    if (d->at >= d->first + page) d->first = d->at - page + 1;
    return true;
}

static bool demo_key(Pane *p, Key k)
{
    DemoList *d = pane_state(p, DemoList);
    d->keys++;
    if (k.mods) return false;
    switch (k.code) {
    case 'q': app_quit(p->app); return true;
    case 's': raise(SIGSEGV); return true;
    case 'a': abort();
    case 'e': exit(3);
    case 'w': fputs("said on stderr\033[31m\n", stderr); return true;
    case 'c': app_copy(p->app, STR("copied text")); return true;
    default: return false;
    }
}

static void demo_paste(Pane *p, Str s)
{
    DemoList *d = pane_state(p, DemoList);
    snprintf(d->pasted, sizeof d->pasted, "%.*s", STR_ARG(s));
}

static void demo_title(const Pane *p, Bytes *out)
{
    bytes_printf(out, "demo %llu of 1000000", (unsigned long long)pane_state(p, DemoList)->at);
}

static const PaneKind demo_kind = {.name = "demo",
                                   .state_size = sizeof(DemoList),
                                   .draw = demo_draw,
                                   .act = demo_act,
                                   .key = demo_key,
                                   .paste = demo_paste,
                                   .title = demo_title};

static void status_draw(const Pane *p, Canvas *c)
{
    canvas_fill(c, (Rect){0, 0, c->width, 1}, STYLE_STATUS);
    const char *notice = app_notice_text(p->app);
    canvas_printf(c, 1, 0, STYLE_STATUS, "%dx%d ready  %s", app_width(p->app), app_height(p->app), notice);
}
static const PaneKind status_kind = {.name = "status", .draw = status_draw, .bare = true};

static void demo_clipboard(App *a, Str text)
{
    char route[128];
    Err err = {0};
    if (term_copy(app_self(a), text, io_posix(), route, sizeof route, &err))
        app_notice(a, NOTICE_OK, "%s", route);
    else
        app_notice_err(a, &err);
}

static bool demo_app_act(App *a, Action action)
{
    if (action != ACTION_INTERRUPT && action != ACTION_FILE_QUIT) return false;
    app_quit(a);
    return true;
}

int main(int argc, char **argv)
{
    Err err = {0};
    Theme theme;
    Term *term;
    JobBox *box = NULL;
    Keymap keymap;
    keymap_default(&keymap);
    if (!theme_load(&theme, str_of(argc > 1 ? argv[1] : "dark"), io_posix(), &err)) err_clear(&err);
    TermOptions options = {.theme = &theme, .mouse = argc > 2, .theme_chosen = argc > 1};
    if (!job_box_new(&box, &err) || !term_open(&term, &options, &err)) {
        fprintf(stderr, "%s\n%s\n", err.text, err.hint);
        job_box_free(box);
        return 3;
    }
    AppHooks hooks = {.self = term, .clipboard = demo_clipboard, .act = demo_app_act};
    App *app = app_new(&hooks, &keymap, box);
    static const LayoutNode table[] = {{LAYOUT_COLUMNS, .children = 2},
                                       {LAYOUT_PANE, .slot = 0, .share = 25, .min = 20},
                                       {LAYOUT_ROWS, .share = 75, .children = 2},
                                       {LAYOUT_PANE, .slot = 1, .share = 50},
                                       {LAYOUT_PANE, .slot = 2, .share = 50}};
    static const LayoutNode one[] = {{LAYOUT_PANE, .slot = 0}};
    bool single = getenv("DEMO_ONE") != NULL;
    app_screen(app, single ? one : table, single ? COUNT_OF(one) : COUNT_OF(table));
    app_bar_bottom(app, &status_kind, NULL);
    for (int s = 0; s < (single ? 1 : 3); s++) app_open(app, s, &demo_kind, NULL);
    if (*term_note(term)) app_notice(app, NOTICE_WARNING, "%s", term_note(term));
    int number = term_run(term, app);
    app_free(app);
    job_box_free(box);
    if (number) term_die(term, number);
    term_close(term);
    return 0;
}
