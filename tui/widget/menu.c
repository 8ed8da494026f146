// Menu: the bar, its pull-downs, and context menus: all three are lists of actions. Relies on menu.h.
#include "tui/widget/menu.h"
#include <string.h>

enum { MENU_MAX = 20, MENU_ITEM_MAX = 40, LABEL_SIZE = 96, INFO_MAX = 256, NAME_MAX_SHOWN = 32 };

typedef struct MenuNames {
    Str name[MENU_MAX];
    size_t count;
} MenuNames;

static MenuNames menu_names(void)
{
    MenuNames m = {0};
    for (unsigned a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
        bool begins;
        Str name = action_menu((Action)a, &begins);
        if (name.len == 0 || (m.count > 0 && str_equal(m.name[m.count - 1], name)) || m.count == MENU_MAX)
            continue;
        m.name[m.count++] = name;
    }
    return m;
}

size_t menu_count(void) { return menu_names().count; }

Str menu_name(size_t menu)
{
    MenuNames m = menu_names();
    return menu < m.count ? m.name[menu] : STR_NONE;
}

size_t menu_of_letter(char letter)
{
    MenuNames m = menu_names();
    for (size_t i = 0; i < m.count; i++)
        if (str_equal_fold(str_slice(m.name[i], 0, 1), (Str){&letter, 1})) return i;
    return SIZE_MAX;
}

// --- the bar
// -------------------------------------------------------------------------------------------------

// Two blanks between names where there is room, else one.
static int bar_gap(const MenuNames *m, int width)
{
    int cells = 2;
    for (size_t i = 0; i < m->count; i++) cells += (int)m->name[i].len + 2;
    return cells <= width ? 2 : 1;
}

// On narrow screens the longest names are cut, so that every menu is seen.
static MenuNames bar_names(int width)
{
    MenuNames m = menu_names();
    for (size_t most = NAME_MAX_SHOWN; most > 1; most--) {
        int cells = 1;
        for (size_t i = 0; i < m.count; i++) {
            m.name[i] = str_slice(m.name[i], 0, most);
            cells += (int)m.name[i].len + 1;
        }
        if (cells <= width + 1) break;
    }
    return m;
}

static int bar_x(const MenuNames *m, size_t menu, int width)
{
    int x = 1, gap = bar_gap(m, width);
    for (size_t i = 0; i < menu; i++) x += (int)m->name[i].len + gap;
    return x;
}

typedef struct BarState {
    MenuBarArg arg;
} BarState;
typedef struct PullState {
    Action item[MENU_ITEM_MAX];
    bool group[MENU_ITEM_MAX]; // a line stands above it
    size_t count, at;
    size_t menu; // of the bar; SIZE_MAX = a context menu
} PullState;

static const PaneKind menu_pull_kind;

// The menu that is open now; SIZE_MAX = none.
static size_t open_menu(const App *a)
{
    for (size_t i = 0; i < app_popup_count(a); i++) {
        const Pane *p = app_popup_at(a, i);
        if (p->kind == &menu_pull_kind) return pane_state(p, PullState)->menu;
    }
    return SIZE_MAX;
}

static void bar_open(Pane *p, const void *arg)
{
    if (arg) pane_state(p, BarState)->arg = *(const MenuBarArg *)arg;
}

static void bar_draw(const Pane *p, Canvas *c)
{
    const BarState *s = pane_state(p, BarState);
    MenuNames m = bar_names(c->width);
    size_t open = open_menu(p->app);
    canvas_fill(c, (Rect){0, 0, c->width, 1}, STYLE_MENU);
    int end = 1;
    for (size_t i = 0; i < m.count; i++) {
        int x = bar_x(&m, i, c->width);
        bool here = i == open;
        if (here) canvas_fill(c, (Rect){x - 1, 0, (int)m.name[i].len + 2, 1}, STYLE_MENU_SELECTED);
        end = canvas_text(c, x, 0, here ? STYLE_MENU_SELECTED : STYLE_MENU, m.name[i]) + 2;
        if (!here) canvas_text(c, x, 0, STYLE_MENU_KEY, str_slice(m.name[i], 0, 1));
    }
    if (!s->arg.info) return;
    Bytes info;
    bytes_init(&info, INFO_MAX * 4);
    s->arg.info(s->arg.self, &info);
    int width = canvas_text_width(bytes_str(&info), c->width);
    if (end + width < c->width) canvas_text(c, c->width - width - 1, 0, STYLE_MENU, bytes_str(&info));
    bytes_done(&info);
}

static bool bar_act(Pane *p, Action a)
{
    if (a != ACTION_HELP_MENU) return false;
    menu_open(p->app, 0);
    return true;
}

static bool bar_key(Pane *p, Key k)
{
    if (k.mods != KEY_META || k.code >= 0x80) return false;
    size_t menu = menu_of_letter((char)k.code);
    if (menu == SIZE_MAX) return false;
    menu_open(p->app, menu);
    return true;
}

static size_t menu_at(int x, int width)
{
    MenuNames m = bar_names(width);
    for (size_t i = 0; i < m.count; i++) {
        int left = bar_x(&m, i, width);
        if (x >= left - 1 && x <= left + (int)m.name[i].len) return i;
    }
    return SIZE_MAX;
}

static bool bar_mouse(Pane *p, const Mouse *m)
{
    size_t menu = m->kind == MOUSE_PRESS ? menu_at(m->x, p->width) : SIZE_MAX;
    if (menu == SIZE_MAX) return false;
    menu_open(p->app, menu);
    return true;
}

const PaneKind menu_bar_kind = {.name = "menu bar",
                                .state_size = sizeof(BarState),
                                .open = bar_open,
                                .draw = bar_draw,
                                .act = bar_act,
                                .key = bar_key,
                                .mouse = bar_mouse,
                                .bare = true};

// --- a pull-down
// ---------------------------------------------------------------------------------------------

static void pull_open(Pane *p, const void *arg) { *pane_state(p, PullState) = *(const PullState *)arg; }

static int line_of(const PullState *s, size_t item)
{
    int line = 0;
    for (size_t i = 0; i <= item && i < s->count; i++) line += (i > 0) + (i > 0 && s->group[i]);
    return line;
}

static int pull_height(const PullState *s) { return s->count ? line_of(s, s->count - 1) + 1 : 1; }

static int pull_width(const PullState *s, const Keymap *keys)
{
    int most = 0;
    for (size_t i = 0; i < s->count; i++) {
        char label[LABEL_SIZE], key[KEY_TEXT_SIZE];
        int width = canvas_text_width(str_of(action_label(s->item[i], label, sizeof label)), LABEL_SIZE) + 4;
        width += canvas_text_width(str_of(keymap_key(keys, s->item[i], 0, key)), KEY_TEXT_SIZE);
        if (width > most) most = width;
    }
    return most;
}

// The letter behind '&' in its own colour.
static void draw_label(Canvas *c, int y, Action a, Style style, Style letter_style)
{
    char label[LABEL_SIZE];
    canvas_cstr(c, 1, y, style, action_label(a, label, sizeof label));
    const char *raw = action_info(a)->label, *mark = strchr(raw, '&');
    if (mark)
        canvas_text(c, 1 + canvas_text_width((Str){raw, (size_t)(mark - raw)}, LABEL_SIZE), y, letter_style,
                    (Str){mark + 1, 1});
}

static void pull_draw(const Pane *p, Canvas *c)
{
    const PullState *s = pane_state(p, PullState);
    int first = line_of(s, s->at) >= c->height ? line_of(s, s->at) - c->height + 1 : 0;
    for (size_t i = 0; i < s->count; i++) {
        int y = line_of(s, i) - first;
        bool here = i == s->at, can = app_enabled(p->app, s->item[i]);
        Style style = here ? STYLE_MENU_SELECTED : can ? STYLE_POPUP : STYLE_DIM;
        if (s->group[i] && i > 0) {
            for (int x = 0; x < c->width; x++) canvas_cstr(c, x, y - 1, STYLE_BORDER, "─");
        }
        canvas_fill(c, (Rect){0, y, c->width, 1}, here ? STYLE_MENU_SELECTED : STYLE_POPUP);
        draw_label(c, y, s->item[i], style, here || !can ? style : STYLE_ACCENT);
        char key[KEY_TEXT_SIZE];
        keymap_key(app_keymap(p->app), s->item[i], 0, key);
        int width = canvas_text_width(str_of(key), KEY_TEXT_SIZE);
        canvas_cstr(c, c->width - width - 1, y, here ? style : STYLE_DIM, key);
        if (here) canvas_park(c, 0, y);
    }
}

static void pull_run(Pane *p, size_t i)
{
    App *app = p->app;
    Action a = pane_state(p, PullState)->item[i];
    if (!app_enabled(app, a)) {
        app_notice(app, NOTICE_WARNING, "%s: this makes no sense just now", action_info(a)->help);
        return;
    }
    app_close(app, p);
    app_act(app, a);
}

static void pull_other(Pane *p, int step)
{
    const PullState *s = pane_state(p, PullState);
    if (s->menu == SIZE_MAX) return;
    App *app = p->app;
    size_t count = menu_count(), menu = (s->menu + count + (size_t)(step + (int)count)) % count;
    app_close(app, p);
    menu_open(app, menu);
}

static bool pull_act(Pane *p, Action a)
{
    PullState *s = pane_state(p, PullState);
    switch (a) {
    case ACTION_UP:
    case ACTION_PREV: s->at = (s->at + s->count - 1) % s->count; return true;
    case ACTION_DOWN:
    case ACTION_NEXT: s->at = (s->at + 1) % s->count; return true;
    case ACTION_HOME:
    case ACTION_PAGE_UP:
    case ACTION_TOP: s->at = 0; return true;
    case ACTION_END:
    case ACTION_PAGE_DOWN:
    case ACTION_BOTTOM: s->at = s->count - 1; return true;
    case ACTION_LEFT: pull_other(p, -1); return true;
    case ACTION_RIGHT: pull_other(p, 1); return true;
    case ACTION_ENTER: pull_run(p, s->at); return true;
    case ACTION_HELP_MENU: app_close(p->app, p); return true;
    default: return false;
    }
}

static bool pull_key(Pane *p, Key k)
{
    const PullState *s = pane_state(p, PullState);
    if (k.mods & KEY_CTRL || k.code >= 0x80 || k.code <= ' ') return false;
    char letter = (char)k.code;
    for (size_t i = 0; i < s->count; i++) {
        const char *mark = strchr(action_info(s->item[i])->label, '&');
        if (!mark || !str_equal_fold((Str){mark + 1, 1}, (Str){&letter, 1})) continue;
        pull_run(p, i);
        return true;
    }
    return false;
}

static bool pull_mouse(Pane *p, const Mouse *m)
{
    PullState *s = pane_state(p, PullState);
    bool inside = m->x >= 0 && m->x < p->width && m->y >= 0 && m->y < p->height;
    for (size_t i = 0; inside && i < s->count; i++) {
        if (line_of(s, i) != m->y) continue;
        s->at = i;
        if (m->kind == MOUSE_PRESS) pull_run(p, i);
        return true;
    }
    if (inside || m->kind != MOUSE_PRESS) return true;
    App *app = p->app;
    Rect r = app_inside(app, p);
    size_t menu = r.y + m->y == 0 && s->menu != SIZE_MAX ? menu_at(r.x + m->x, app_width(app)) : SIZE_MAX;
    app_close(app, p); // a press elsewhere closes it, or opens another
    if (menu != SIZE_MAX) menu_open(app, menu);
    return true;
}

static void pull_title(const Pane *p, Bytes *out)
{
    (void)p;
    (void)out;
}

static const PaneKind menu_pull_kind = {.name = "menu",
                                        .state_size = sizeof(PullState),
                                        .open = pull_open,
                                        .draw = pull_draw,
                                        .act = pull_act,
                                        .key = pull_key,
                                        .mouse = pull_mouse,
                                        .title = pull_title};

static void pull_popup(App *a, const PullState *s, int x, int y)
{
    if (s->count == 0) return;
    app_popup(a, &menu_pull_kind, s,
              &(PopupSpec){.place = POPUP_AT,
                           .x = x,
                           .y = y,
                           .width = pull_width(s, app_keymap(a)),
                           .height = pull_height(s)});
}

void menu_open(App *a, size_t menu)
{
    MenuNames m = menu_names(), shown = bar_names(app_width(a));
    if (menu >= m.count) return;
    PullState s = {.menu = menu};
    for (unsigned i = ACTION_NONE + 1; i < ACTION_COUNT && s.count < MENU_ITEM_MAX; i++) {
        bool begins;
        if (!str_equal(action_menu((Action)i, &begins), m.name[menu])) continue;
        s.group[s.count] = begins;
        s.item[s.count++] = (Action)i;
    }
    pull_popup(a, &s, bar_x(&shown, menu, app_width(a)) - 2, 1);
}

void menu_context(App *a, int x, int y, const Action *action, size_t count)
{
    PullState s = {.menu = SIZE_MAX};
    for (size_t i = 0; i < count && s.count < MENU_ITEM_MAX; i++) s.item[s.count++] = action[i];
    pull_popup(a, &s, x, y);
}
