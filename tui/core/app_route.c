// App, routing: who gets an event. Keys: the focused pane's own letters, typed text, then the key map's
// action; actions: the top popup, the focused pane, the app, the menu bar, the composition root. Relies on
// app_in.h.
#include "tui/core/app_in.h"

enum { MESSAGES_AT_ONCE = 256, GROW_STEP = 2 };

// --- actions
// -------------------------------------------------------------------------------------------------

static bool own_act(App *a, Action action)
{
    switch (action) {
    case ACTION_VIEW_NEXT_PANE: app_focus(a, layout_next(&a->layout, a->focus, 1)); return true;
    case ACTION_VIEW_PREV_PANE: app_focus(a, layout_next(&a->layout, a->focus, -1)); return true;
    case ACTION_VIEW_ZOOM:
        a->layout.zoomed = a->layout.zoomed == LAYOUT_NONE ? a->focus : LAYOUT_NONE;
        app_place(a);
        return true;
    case ACTION_VIEW_GROW:
    case ACTION_VIEW_SHRINK:
        layout_grow(&a->layout, a->focus, action == ACTION_VIEW_GROW ? GROW_STEP : -GROW_STEP);
        app_place(a);
        return true;
    case ACTION_VIEW_REDRAW: app_wish(a, APP_WISH_REPAINT); return true;
    case ACTION_SUSPEND: app_wish(a, APP_WISH_SUSPEND); return true;
    default: return false;
    }
}

// With a window open, the panes below and the app's actions rest; Esc closes it without an answer.
static bool popup_act(App *a, Action action)
{
    Pane *p = a->popup[a->popups - 1].pane;
    if (p->kind->act && p->kind->act(p, action)) return true;
    if (action == ACTION_SUSPEND || action == ACTION_VIEW_REDRAW) return own_act(a, action);
    if (action == ACTION_CANCEL || action == ACTION_INTERRUPT) app_popup_answer(a, p, &(Answer){.ok = false});
    return true;
}

static bool route(App *a, Action action)
{
    if (action == ACTION_NONE) return false;
    if (a->popups > 0) return popup_act(a, action);
    Pane *p = app_slot(a, a->focus);
    if (p && p->kind->act && p->kind->act(p, action)) return true;
    if (own_act(a, action)) return true;
    if (a->top && a->top->kind->act && a->top->kind->act(a->top, action)) return true;
    return a->hooks.act && a->hooks.act(a, action);
}

bool app_act(App *a, Action action)
{
    app_enter(a);
    bool taken = route(a, action);
    a->dirty = true;
    app_leave(a);
    return taken;
}

// --- keys
// ----------------------------------------------------------------------------------------------------

static void on_key(App *a, Key k)
{
    a->notice_kind = NOTICE_NONE;
    Pane *p = app_focused(a);
    if (p && p->kind->key && p->kind->key(p, k)) return;
    if (p && p->takes_text && key_is_text(k) && p->kind->text) {
        char text[4];
        uint32_t rune = k.code;
        size_t len = rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
        static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
        for (size_t i = len; i-- > 1; rune >>= 6) text[i] = (char)(0x80 | (rune & 0x3F));
        text[0] = (char)(lead[len] | rune);
        p->kind->text(p, (Str){text, len});
        return;
    }
    Action action = keymap_find(a->keymap, k);
    if (action != ACTION_NONE)
        route(a, action);
    else if (a->popups == 0 && a->top && a->top->kind->key)
        a->top->kind->key(a->top, k);
}

// --- mouse
// ---------------------------------------------------------------------------------------------------

static bool give_mouse(const App *a, Pane *p, Mouse m)
{
    if (!p || !p->kind->mouse) return false;
    Rect r = app_inside(a, p);
    m.x -= r.x;
    m.y -= r.y;
    return p->kind->mouse(p, &m);
}

typedef struct TabHit {
    int x;
    size_t tab;
    bool found;
} TabHit;

static bool hit_tab(void *self, size_t i, int x, int width, Str title, bool active)
{
    (void)title;
    (void)active;
    TabHit *hit = self;
    if (hit->x < x || hit->x >= x + width) return true;
    hit->tab = i;
    hit->found = true;
    return false;
}

static bool press_on_tabs(App *a, int slot, const Mouse *m)
{
    Pane *p = app_slot(a, slot);
    Rect r = layout_rect(&a->layout, slot);
    if (!p || !p->kind->tab || !p->kind->tab_pick || m->y != r.y) return false;
    TabHit hit = {.x = m->x};
    app_tabs_walk(p, r, hit_tab, &hit);
    if (hit.found) p->kind->tab_pick(p, hit.tab);
    return hit.found;
}

static void press_on_pane(App *a, const Mouse *m)
{
    TabHit hit = {.x = m->x};
    if (rect_has(app_fold_tabs(a), m->x, m->y)) {
        app_fold_walk(a, hit_tab, &hit);
        if (hit.found) app_focus(a, (int)hit.tab);
        return;
    }
    int slot = layout_hit(&a->layout, m->x, m->y);
    if (slot == LAYOUT_NONE) return;
    if (press_on_tabs(a, slot, m)) {
        app_focus(a, slot);
        return;
    }
    a->dragging = layout_border(&a->layout, m->x, m->y);
    if (a->dragging != LAYOUT_NONE) return;
    app_focus(a, slot);
    give_mouse(a, app_slot(a, slot), *m);
}

static void on_mouse(App *a, const Mouse *m)
{
    if (a->popups > 0) {
        give_mouse(a, a->popup[a->popups - 1].pane, *m);
        return;
    }
    if (a->dragging != LAYOUT_NONE) {
        layout_drag(&a->layout, a->dragging, m->x, m->y);
        app_place(a);
        if (m->kind == MOUSE_RELEASE) a->dragging = LAYOUT_NONE;
        return;
    }
    if (a->top && m->y == 0)
        give_mouse(a, a->top, *m);
    else if (a->bottom && m->y == a->height - 1)
        give_mouse(a, a->bottom, *m);
    else if (a->layout.count == 0)
        return;
    else if (m->kind == MOUSE_PRESS)
        press_on_pane(a, m);
    else if (m->kind == MOUSE_WHEEL_UP || m->kind == MOUSE_WHEEL_DOWN)
        give_mouse(a, app_slot(a, layout_hit(&a->layout, m->x, m->y)), *m);
    else
        give_mouse(a, app_slot(a, a->focus), *m);
}

// --- the rest
// ------------------------------------------------------------------------------------------------

static void on_paste(App *a, Str text)
{
    Pane *p = app_focused(a);
    if (p && p->kind->paste)
        p->kind->paste(p, text);
    else if (p && p->takes_text && p->kind->text)
        p->kind->text(p, text);
}

void app_event(App *a, const Event *e)
{
    app_enter(a);
    switch (e->kind) {
    case EVENT_KEY: on_key(a, e->key); break;
    case EVENT_MOUSE: on_mouse(a, &e->mouse); break;
    case EVENT_PASTE: on_paste(a, e->text); break;
    case EVENT_RESIZE: app_resize(a, e->width, e->height); break;
    case EVENT_RESUME: app_wish(a, APP_WISH_REPAINT); break;
    case EVENT_HANGUP: app_quit(a); break;
    case EVENT_NONE:
    case EVENT_FOCUS:
    case EVENT_BLUR: break;
    }
    if (e->kind != EVENT_NONE && e->kind != EVENT_FOCUS && e->kind != EVENT_BLUR) a->dirty = true;
    app_leave(a);
}

void app_messages(App *a)
{
    app_enter(a);
    Msg *m;
    for (int i = 0; i < MESSAGES_AT_ONCE && (m = job_box_take(a->box)) != NULL; i++) {
        Pane *p = app_pane(a, m->pane);
        if (p && p->kind->message)
            p->kind->message(p, m);
        else if (m->pane == 0 && a->hooks.message)
            a->hooks.message(a, m);
        job_msg_free(m);
        a->dirty = true;
    }
    app_leave(a);
}

static void tick_pane(Pane *p, int64_t now_us, int *soonest)
{
    if (!p || !p->kind->tick) return;
    int wait_ms = p->kind->tick(p, now_us);
    if (wait_ms >= 0 && (*soonest < 0 || wait_ms < *soonest)) *soonest = wait_ms;
}

int app_tick(App *a, int64_t now_us)
{
    app_enter(a);
    int soonest = a->hooks.tick ? a->hooks.tick(a, now_us) : -1;
    tick_pane(a->top, now_us, &soonest);
    tick_pane(a->bottom, now_us, &soonest);
    for (int s = 0; s < APP_SLOT_MAX; s++) tick_pane(a->slot[s], now_us, &soonest);
    for (size_t i = 0; i < a->popups; i++) tick_pane(a->popup[i].pane, now_us, &soonest);
    app_leave(a);
    return soonest;
}
