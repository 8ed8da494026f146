// Palette: a line to type in and the actions that fit it, best first. Relies on palette.h, input, list.
#include "tui/widget/palette.h"
#include "tui/widget/input.h"
#include "tui/widget/list.h"
#include <stdio.h>
#include <string.h>

enum { PALETTE_WIDTH = 64, PALETTE_HEIGHT = 16, LABEL_SIZE = 96 };

// --- fitting
// -------------------------------------------------------------------------------------------------

static char fold(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

static bool begins_word(Str text, size_t i)
{
    if (i == 0) return true;
    char before = text.at[i - 1];
    return before == ' ' || before == '_' || before == '.' || before == '-' || before == ':';
}

// One pass over the letters; jumping: prefer a word's beginning further on to a letter in the middle.
static int score_pass(Str typed, Str text, bool jumping)
{
    int score = 1, run = 0;
    size_t at = 0;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.at[i] == ' ') {
            run = 0;
            continue;
        }
        size_t hit = at;
        while (hit < text.len && fold(text.at[hit]) != fold(typed.at[i])) hit++;
        if (hit == text.len) return 0;
        if (jumping && (hit != at || run == 0))
            for (size_t k = hit; k < text.len; k++)
                if (fold(text.at[k]) == fold(typed.at[i]) && begins_word(text, k)) {
                    hit = k;
                    break;
                }
        run = hit == at && i > 0 ? run + 1 : 1;
        score += begins_word(text, hit) ? 8 : run > 1 ? 4 : 1;
        at = hit + 1;
    }
    if (typed.len > 0 && str_equal_fold(str_slice(text, 0, typed.len), typed)) score += 16;
    int length = text.len > 40 ? 40 : (int)text.len;
    return score * 8 + (40 - length) / 8;
}

int palette_score(Str typed, Str text)
{
    int plain = score_pass(typed, text, false), jumping = score_pass(typed, text, true);
    return jumping > plain ? jumping : plain;
}

// --- the popup
// -----------------------------------------------------------------------------------------------

typedef struct PaletteState {
    Input typed;
    List list;
    Action fit[ACTION_COUNT];
    int score[ACTION_COUNT];
    size_t count;
    const App *app;
    char label[LABEL_SIZE], keys[KEY_TEXT_SIZE]; // of the row asked for last
} PaletteState;

static void full_label(Action a, char *out, size_t size)
{
    bool begins;
    char label[LABEL_SIZE];
    Str menu = action_menu(a, &begins);
    action_label(a, label, sizeof label);
    if (menu.len)
        snprintf(out, size, "%.*s: %.60s", STR_ARG(menu), label);
    else
        snprintf(out, size, "%s", label);
}

static uint64_t fit_count(void *self) { return ((const PaletteState *)self)->count; }

static void fit_row(void *self, uint64_t i, ListRow *out)
{
    PaletteState *s = self;
    Action a = s->fit[i];
    full_label(a, s->label, sizeof s->label);
    keymap_key(app_keymap(s->app), a, 0, s->keys);
    *out = (ListRow){.label = str_of(s->label),
                     .detail = str_of(s->keys),
                     .style = app_enabled(s->app, a) ? STYLE_TEXT : STYLE_DIM,
                     .indent = 1};
}

static bool offered(Action a) { return action_info(a)->menu[0] != 0; }

static void search(PaletteState *s)
{
    s->count = 0;
    for (unsigned a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
        char label[LABEL_SIZE];
        if (!offered((Action)a)) continue;
        full_label((Action)a, label, sizeof label);
        int score = palette_score(input_text(&s->typed), str_of(label));
        int by_name = palette_score(input_text(&s->typed), str_of(action_info((Action)a)->name));
        if (by_name > score) score = by_name;
        if (score == 0) continue;
        if (input_text(&s->typed).len == 0) score = 1;
        size_t i = s->count++;
        for (; i > 0 && s->score[i - 1] < score; i--) {
            s->score[i] = s->score[i - 1];
            s->fit[i] = s->fit[i - 1];
        }
        s->score[i] = score;
        s->fit[i] = (Action)a;
    }
    s->list.scroll.at = s->list.scroll.first = 0;
    scroll_set(&s->list.scroll, s->count, s->list.scroll.height);
}

static void palette_start(Pane *p, const void *arg)
{
    (void)arg;
    PaletteState *s = pane_state(p, PaletteState);
    p->takes_text = true;
    s->app = p->app;
    input_init(&s->typed, false, 200);
    list_init(&s->list, (ListRows){s, fit_count, fit_row}, STYLE_POPUP);
    search(s);
}

static void palette_close(Pane *p) { input_done(&pane_state(p, PaletteState)->typed); }
static void palette_place(Pane *p)
{
    list_place(&pane_state(p, PaletteState)->list, p->width, p->height - 3);
}

static void palette_draw(const Pane *p, Canvas *c)
{
    const PaletteState *s = pane_state(p, PaletteState);
    input_draw(&s->typed, c, 1, 0, c->width - 2, true, STR_NONE);
    Canvas rows = canvas_sub(c, (Rect){0, 1, c->width, c->height - 3});
    int x = c->surface->cursor_x, y = c->surface->cursor_y;
    list_draw(&s->list, &rows, true);
    c->surface->cursor_x = x;
    c->surface->cursor_y = y;
    c->surface->cursor_shown = true;
    if (s->count == 0)
        canvas_cstr(c, 1, 1, STYLE_DIM, "no action fits");
    else
        canvas_text_in(c, 1, c->height - 1, c->width - 2, ALIGN_LEFT, STYLE_DIM,
                       str_of(action_info(s->fit[s->list.scroll.at])->help));
}

static void palette_text(Pane *p, Str text)
{
    PaletteState *s = pane_state(p, PaletteState);
    input_type(&s->typed, text);
    search(s);
}

static void palette_choose(Pane *p)
{
    const PaletteState *s = pane_state(p, PaletteState);
    if (s->count == 0) return;
    App *app = p->app;
    Action a = s->fit[s->list.scroll.at];
    app_close(app, p);
    app_act(app, a);
}

static bool palette_act(Pane *p, Action a)
{
    PaletteState *s = pane_state(p, PaletteState);
    if (a == ACTION_ENTER) {
        palette_choose(p);
        return true;
    }
    if (a == ACTION_HOME || a == ACTION_END || !list_act(&s->list, a)) {
        if (!input_act(&s->typed, a)) return false;
        search(s);
    }
    return true;
}

static bool palette_mouse(Pane *p, const Mouse *m)
{
    PaletteState *s = pane_state(p, PaletteState);
    Mouse inside = *m;
    bool chosen;
    inside.y--;
    bool taken = list_mouse(&s->list, &inside, &chosen);
    if (taken && m->kind == MOUSE_PRESS) palette_choose(p);
    return taken;
}

static const PaneKind palette_kind = {.name = "Command palette",
                                      .state_size = sizeof(PaletteState),
                                      .open = palette_start,
                                      .close = palette_close,
                                      .place = palette_place,
                                      .draw = palette_draw,
                                      .text = palette_text,
                                      .paste = palette_text,
                                      .act = palette_act,
                                      .mouse = palette_mouse};

void palette_open(App *a)
{
    app_popup(a, &palette_kind, NULL,
              &(PopupSpec){.place = POPUP_CENTER, .width = PALETTE_WIDTH, .height = PALETTE_HEIGHT});
}

// --- help
// ----------------------------------------------------------------------------------------------------

// printf counts bytes; columns are cells.
static void put_column(Bytes *out, const char *text, int width)
{
    int cells = canvas_text_width(str_of(text), width);
    bytes_printf(out, "  %s", text);
    bytes_put_repeat(out, ' ', (size_t)(width - cells));
}

void palette_help(const Keymap *m, Bytes *out)
{
    Str menu_before = STR("none");
    for (unsigned i = ACTION_NONE + 1; i < ACTION_COUNT; i++) {
        Action a = (Action)i;
        bool begins;
        Str menu = action_menu(a, &begins);
        if (!str_equal(menu, menu_before)) {
            bytes_printf(out, "%s%.*s\n", out->len ? "\n" : "",
                         STR_ARG(menu.len ? menu : STR("Moving and editing")));
            menu_before = menu;
        }
        char label[LABEL_SIZE], keys[LABEL_SIZE] = "", key[KEY_TEXT_SIZE];
        action_label(a, label, sizeof label);
        size_t len = 0;
        for (size_t k = 0; *keymap_key(m, a, k, key) && len + KEY_TEXT_SIZE + 2 < sizeof keys; k++)
            len += (size_t)snprintf(keys + len, sizeof keys - len, "%s%s", k ? " " : "", key);
        put_column(out, label, 22);
        put_column(out, keys, 18);
        bytes_printf(out, "%s\n", action_info(a)->help);
    }
}
