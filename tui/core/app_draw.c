// App, drawing: frames, titles and tabs around what the panes draw. Relies on app_in.h.
#include "tui/core/app_in.h"

enum { SCREEN_WIDTH_MIN = 16, SCREEN_HEIGHT_MIN = 5 };

void app_pane_title(const Pane *p, Bytes *out)
{
    if (p->kind->title)
        p->kind->title(p, out);
    else
        bytes_put(out, str_of(p->kind->name));
}

// "┌ first ─ second ─ third ───┐": a title takes a blank on each side, a dash between two.
void app_tabs_walk(const Pane *p, Rect outside, AppTabVisit visit, void *self)
{
    int x = outside.x + 1, end = outside.x + outside.width - 2;
    Bytes title;
    bytes_init(&title, APP_TITLE_MAX);
    bool active = false;
    for (size_t i = 0; x + 2 < end; i++) {
        bytes_clear(&title);
        active = false;
        if (!p->kind->tab(p, i, &title, &active)) break;
        int width = canvas_text_width(bytes_str(&title), end - x - 1) + 2;
        if (!visit(self, i, x, width, bytes_str(&title), active)) break;
        x += width + 1;
    }
    bytes_done(&title);
}

void app_fold_walk(const App *a, AppTabVisit visit, void *self)
{
    Rect tabs = app_fold_tabs(a);
    Bytes title;
    bytes_init(&title, APP_TITLE_MAX);
    int x = tabs.x;
    int slot = layout_next(&a->layout, LAYOUT_NONE, 0), first = slot;
    do {
        const Pane *p = app_slot(a, slot);
        bytes_clear(&title);
        if (p) bytes_put(&title, str_of(p->kind->name));
        int width = canvas_text_width(bytes_str(&title), tabs.width) + 2;
        if (p && !visit(self, (size_t)slot, x, width, bytes_str(&title), slot == a->focus)) break;
        if (p) x += width + 1;
        slot = layout_next(&a->layout, slot, 1);
    } while (slot != first && slot != LAYOUT_NONE);
    bytes_done(&title);
}

typedef struct TabDraw {
    Canvas *c;
    int y;
    bool focused, framed;
} TabDraw;

static bool draw_tab(void *self, size_t i, int x, int width, Str title, bool active)
{
    (void)i;
    const TabDraw *d = self;
    Style style = !active ? STYLE_TAB : d->focused || !d->framed ? STYLE_TAB_ACTIVE : STYLE_TEXT;
    canvas_fill(d->c, (Rect){x, d->y, width, 1}, style);
    canvas_text_in(d->c, x + 1, d->y, width - 2, ALIGN_LEFT, style, title);
    return true;
}

static void draw_note(const Pane *p, Rect r, Canvas *c)
{
    Bytes note;
    bytes_init(&note, APP_TITLE_MAX);
    p->kind->note(p, &note);
    int width = canvas_text_width(bytes_str(&note), r.width);
    if (note.len > 0 && width + 8 < r.width) {
        int x = r.x + r.width - width - 4;
        canvas_fill(c, (Rect){x, r.y, width + 2, 1}, STYLE_DIM);
        canvas_text_in(c, x + 1, r.y, width, ALIGN_LEFT, STYLE_DIM, bytes_str(&note));
    }
    bytes_done(&note);
}

static void draw_box(const Pane *p, Rect r, Canvas *c, bool popup)
{
    Style line = popup ? STYLE_POPUP_BORDER : p->focused ? STYLE_BORDER_FOCUS : STYLE_BORDER;
    canvas_box(c, r, line, line, STR_NONE);
}

static void draw_titles(const Pane *p, Rect r, Canvas *c, bool popup)
{
    Style style = popup ? STYLE_POPUP_TITLE : p->focused ? STYLE_TITLE_FOCUS : STYLE_TITLE;
    Bytes title;
    bytes_init(&title, APP_TITLE_MAX);
    if (!p->kind->tab) app_pane_title(p, &title);
    int width = canvas_text_width(bytes_str(&title), r.width);
    int room = width + 4 < r.width ? width : r.width - 4;
    if (title.len && room > 0) {
        canvas_fill(c, (Rect){r.x + 1, r.y, room + 2, 1}, style);
        canvas_text_in(c, r.x + 2, r.y, room, ALIGN_LEFT, style, bytes_str(&title));
    }
    bytes_done(&title);
    if (p->kind->note) draw_note(p, r, c);
    if (p->kind->tab) app_tabs_walk(p, r, draw_tab, &(TabDraw){c, r.y, p->focused, true});
}

static void draw_pane(const App *a, const Pane *p, Canvas *c)
{
    Rect r = app_outside(a, p);
    if (r.width < 1 || r.height < 1) return;
    Surface *s = c->surface;
    bool shown = s->cursor_shown;
    int x = s->cursor_x, y = s->cursor_y;
    if (!p->kind->bare) draw_titles(p, r, c, false);
    Canvas inside = canvas_sub(c, app_inside(a, p));
    p->kind->draw(p, &inside);
    if (p->focused) return; // only the focus has the cursor
    s->cursor_shown = shown;
    s->cursor_x = x;
    s->cursor_y = y;
}

// Neighbours share their border lines: all boxes come first, then all titles, so that no box covers a title.
static void draw_panes(const App *a, const Pane *focused, Canvas *c)
{
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < APP_SLOT_MAX; i++) {
            const Pane *p = a->slot[i];
            if (!p || p->kind->bare || (p == focused) != (pass == 1)) continue;
            Rect r = app_outside(a, p);
            if (r.width > 0 && r.height > 0) draw_box(p, r, c, false);
        }
    }
    for (int i = 0; i < APP_SLOT_MAX; i++)
        if (a->slot[i] && a->slot[i] != focused) draw_pane(a, a->slot[i], c);
    if (focused && a->popups == 0) draw_pane(a, focused, c); // last: it has the cursor
}

static void draw_popup(const App *a, const Pane *p, Canvas *c)
{
    Rect r = app_outside(a, p);
    c->surface->cursor_shown = false;
    canvas_fill(c, r, STYLE_POPUP);
    if (!p->kind->bare) {
        draw_box(p, r, c, true);
        draw_titles(p, r, c, true);
    }
    Canvas inside = canvas_sub(c, app_inside(a, p));
    p->kind->draw(p, &inside);
}

static void draw_bar(const App *a, const Pane *p, Canvas *c)
{
    if (!p) return;
    Canvas inside = canvas_sub(c, app_outside(a, p));
    p->kind->draw(p, &inside);
}

void app_draw(const App *a, Surface *s)
{
    surface_resize(s, a->width, a->height);
    Canvas c = canvas_of(s);
    if (a->width < SCREEN_WIDTH_MIN || a->height < SCREEN_HEIGHT_MIN) {
        canvas_cstr(&c, 0, 0, STYLE_WARNING, "window too small");
        return;
    }
    draw_panes(a, app_focused(a), &c);
    Rect tabs = app_fold_tabs(a);
    if (tabs.height > 0) app_fold_walk(a, draw_tab, &(TabDraw){&c, tabs.y, true, false});
    draw_bar(a, a->top, &c);
    draw_bar(a, a->bottom, &c);
    for (size_t i = 0; i < a->popups; i++) draw_popup(a, a->popup[i].pane, &c);
}
