// App: panes, screens, popups, notices: who is there and where. Closing is put off to the end of the event,
// so that a pane may close itself inside its own functions. Relies on app_in.h, base/size.
#include "engine/base/size.h"
#include "engine/base/utf8.h"
#include "tui/core/app_in.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { APP_COPIED_MAX = 64 << 20 };

// --- life
// ----------------------------------------------------------------------------------------------------

App *app_new(const AppHooks *hooks, const Keymap *keymap, JobBox *box)
{
    App *a = size_alloc_zero(1, sizeof *a);
    if (!a) abort();
    *a = (App){.hooks = *hooks,
               .keymap = keymap,
               .box = box,
               .width = 80,
               .height = 24,
               .dragging = LAYOUT_NONE,
               .dirty = true};
    bytes_init(&a->copied, APP_COPIED_MAX);
    return a;
}

static void pane_free(Pane *p)
{
    if (!p) return;
    if (p->kind->close) p->kind->close(p);
    Arena mem = p->mem;
    free(p);
    arena_done(&mem);
}

static Pane *pane_new(App *a, const PaneKind *kind, const void *arg)
{
    Pane *p = size_alloc_zero(1, sizeof *p);
    if (!p) abort();
    p->kind = kind;
    p->app = a;
    p->id = ++a->last_id;
    p->state = kind->state_size ? arena_get(&p->mem, kind->state_size) : NULL;
    if (kind->open) kind->open(p, arg);
    return p;
}

void app_enter(App *a) { a->depth++; }

void app_leave(App *a)
{
    assert(a->depth > 0);
    if (--a->depth > 0) return;
    while (a->closed_count > 0) pane_free(a->closed[--a->closed_count]);
}

// Outside of any event there is nothing to put off.
static void pane_discard(App *a, Pane *p)
{
    if (!p) return;
    if (a->depth > 0 && a->closed_count < APP_PANE_MAX)
        a->closed[a->closed_count++] = p;
    else
        pane_free(p);
}

static void close_all(App *a)
{
    while (a->popups > 0) pane_discard(a, a->popup[--a->popups].pane);
    for (int s = 0; s < APP_SLOT_MAX; s++) {
        Pane *p = a->slot[s];
        a->slot[s] = NULL;
        pane_discard(a, p);
    }
    pane_discard(a, a->top);
    pane_discard(a, a->bottom);
    a->top = a->bottom = NULL;
}

void app_free(App *a)
{
    if (!a) return;
    app_enter(a);
    close_all(a);
    app_leave(a);
    bytes_done(&a->copied);
    free(a);
}

void *app_self(const App *a) { return a->hooks.self; }
const Keymap *app_keymap(const App *a) { return a->keymap; }
JobBox *app_box(const App *a) { return a->box; }
void app_quit(App *a) { a->quitting = true; }
bool app_quitting(const App *a) { return a->quitting; }
int app_width(const App *a) { return a->width; }
int app_height(const App *a) { return a->height; }
bool app_dirty(const App *a) { return a->dirty; }
void app_drawn(App *a) { a->dirty = false; }
void app_touch(App *a) { a->dirty = true; }
bool app_enabled(const App *a, Action action) { return !a->hooks.enabled || a->hooks.enabled(a, action); }

void app_wish(App *a, AppWish wish) { a->wish = wish; }

AppWish app_wish_take(App *a)
{
    AppWish wish = a->wish;
    a->wish = APP_WISH_NONE;
    return wish;
}

// --- screens
// -------------------------------------------------------------------------------------------------

void app_screen(App *a, const LayoutNode *table, size_t count)
{
    app_enter(a);
    close_all(a);
    layout_init(&a->layout, table, count);
    a->focus = layout_next(&a->layout, LAYOUT_NONE, 0);
    a->dragging = LAYOUT_NONE;
    app_place(a);
    app_leave(a);
}

static Pane *open_bar(App *a, Pane **bar, const PaneKind *kind, const void *arg)
{
    Pane *old = *bar;
    *bar = kind ? pane_new(a, kind, arg) : NULL;
    pane_discard(a, old);
    app_place(a);
    return *bar;
}

Pane *app_bar_top(App *a, const PaneKind *kind, const void *arg) { return open_bar(a, &a->top, kind, arg); }
Pane *app_bar_bottom(App *a, const PaneKind *kind, const void *arg)
{
    return open_bar(a, &a->bottom, kind, arg);
}

Pane *app_open(App *a, int slot, const PaneKind *kind, const void *arg)
{
    assert(slot >= 0 && slot < APP_SLOT_MAX);
    Pane *old = a->slot[slot];
    a->slot[slot] = NULL;
    pane_discard(a, old);
    Pane *p = pane_new(a, kind, arg);
    a->slot[slot] = p;
    app_place(a);
    return p;
}

Pane *app_slot(const App *a, int slot) { return slot >= 0 && slot < APP_SLOT_MAX ? a->slot[slot] : NULL; }

int app_slot_of(const App *a, const Pane *p)
{
    for (int s = 0; s < APP_SLOT_MAX; s++)
        if (p && a->slot[s] == p) return s;
    return LAYOUT_NONE;
}

void app_slot_show(App *a, int slot, bool shown)
{
    layout_show(&a->layout, slot, shown);
    if (!shown && a->focus == slot) a->focus = layout_next(&a->layout, slot, 1);
    app_place(a);
}

void app_focus(App *a, int slot)
{
    if (slot < 0 || slot >= APP_SLOT_MAX || !layout_shown(&a->layout, slot)) return;
    if (a->layout.zoomed != LAYOUT_NONE) a->layout.zoomed = slot;
    a->focus = slot;
    app_place(a);
}

Pane *app_focused(const App *a)
{
    if (a->popups > 0) return a->popup[a->popups - 1].pane;
    return app_slot(a, a->focus);
}

Pane *app_pane(const App *a, uint64_t id)
{
    if (id == 0) return NULL;
    for (int s = 0; s < APP_SLOT_MAX; s++)
        if (a->slot[s] && a->slot[s]->id == id) return a->slot[s];
    for (size_t i = 0; i < a->popups; i++)
        if (a->popup[i].pane->id == id) return a->popup[i].pane;
    if (a->top && a->top->id == id) return a->top;
    return a->bottom && a->bottom->id == id ? a->bottom : NULL;
}

static void popup_remove(App *a, size_t i)
{
    Pane *p = a->popup[i].pane;
    memmove(&a->popup[i], &a->popup[i + 1], (a->popups - i - 1) * sizeof a->popup[0]);
    a->popups--;
    pane_discard(a, p);
}

void app_close(App *a, Pane *p)
{
    for (size_t i = 0; i < a->popups; i++)
        if (a->popup[i].pane == p) {
            popup_remove(a, i);
            app_place(a);
            return;
        }
    int slot = app_slot_of(a, p);
    if (slot == LAYOUT_NONE) return;
    a->slot[slot] = NULL;
    pane_discard(a, p);
    app_place(a);
}

bool app_unsaved(const App *a, Bytes *out)
{
    bool any = false;
    for (int s = 0; s < APP_SLOT_MAX; s++) {
        const Pane *p = a->slot[s];
        Bytes own;
        bytes_init(&own, APP_TITLE_MAX * 8);
        if (p && p->kind->unsaved && p->kind->unsaved(p, &own)) {
            if (any && out) bytes_put(out, STR("\n"));
            any = true;
            if (out) bytes_put(out, bytes_str(&own));
        }
        bytes_done(&own);
    }
    return any;
}

// --- popups
// --------------------------------------------------------------------------------------------------

Pane *app_popup(App *a, const PaneKind *kind, const void *arg, const PopupSpec *spec)
{
    if (a->popups == APP_POPUP_MAX) {
        popup_remove(a, 0);
        app_notice(a, NOTICE_WARNING, "too many windows are open: the lowest was closed");
    }
    Pane *p = pane_new(a, kind, arg);
    p->owner = spec->owner ? spec->owner->id : 0;
    p->question = spec->question;
    a->popup[a->popups++] = (Popup){p, *spec};
    app_place(a);
    return p;
}

void app_popup_resize(App *a, const Pane *p, int width, int height)
{
    for (size_t i = 0; i < a->popups; i++)
        if (a->popup[i].pane == p) {
            a->popup[i].spec.width = width;
            a->popup[i].spec.height = height;
        }
    app_place(a);
}

void app_popup_answer(App *a, Pane *p, const Answer *answer)
{
    app_enter(a); // the answer may lie in the popup
    Answer given = *answer;
    given.question = p->question;
    uint64_t owner_id = p->owner;
    app_close(a, p);
    Pane *owner = app_pane(a, owner_id);
    if (owner && owner->kind->answer)
        owner->kind->answer(owner, &given);
    else if (owner_id == 0 && a->hooks.answer)
        a->hooks.answer(a, &given);
    a->dirty = true;
    app_leave(a);
}

size_t app_popup_count(const App *a) { return a->popups; }
Pane *app_popup_at(const App *a, size_t i) { return i < a->popups ? a->popup[i].pane : NULL; }

// --- places
// --------------------------------------------------------------------------------------------------

static Rect screen_area(const App *a)
{
    int above = a->top ? 1 : 0, below = a->bottom ? 1 : 0;
    return (Rect){0, above, a->width, a->height > above + below ? a->height - above - below : 1};
}

Rect app_fold_tabs(const App *a)
{
    Rect area = screen_area(a);
    if (!a->layout.folded || a->layout.zoomed != LAYOUT_NONE) return (Rect){0};
    return (Rect){area.x, area.y, area.width, 1};
}

static Rect popup_rect(const App *a, const Popup *p)
{
    Rect screen = {0, 0, a->width, a->height};
    int frame = p->pane->kind->bare ? 0 : 2;
    int width = p->spec.width > 0 ? p->spec.width + frame : a->width + p->spec.width;
    int height = p->spec.height > 0 ? p->spec.height + frame : a->height + p->spec.height;
    if (p->spec.place == POPUP_CENTER) return rect_center(screen, width, height);
    if (width > a->width) width = a->width;
    int x = p->spec.x, y = p->spec.y;
    if (p->spec.place == POPUP_BELOW) {
        int below = a->height - y - 1;
        if (height <= below || below >= y)
            y = y + 1;
        else
            y = y > height ? y - height : 0;
    }
    if (height > a->height - y) height = a->height - y > 2 ? a->height - y : 2;
    if (x + width > a->width) x = a->width - width;
    return (Rect){x < 0 ? 0 : x, y < 0 ? 0 : y, width, height};
}

Rect app_outside(const App *a, const Pane *p)
{
    for (size_t i = 0; i < a->popups; i++)
        if (a->popup[i].pane == p) return popup_rect(a, &a->popup[i]);
    if (p == a->top) return (Rect){0, 0, a->width, 1};
    if (p == a->bottom) return (Rect){0, a->height - 1, a->width, 1};
    int slot = app_slot_of(a, p);
    return slot == LAYOUT_NONE ? (Rect){0} : layout_rect(&a->layout, slot);
}

Rect app_inside(const App *a, const Pane *p)
{
    Rect r = app_outside(a, p);
    if (p->kind->bare || p == a->top || p == a->bottom) return r;
    if (r.width < 2 || r.height < 2) return (Rect){r.x, r.y, 0, 0};
    return (Rect){r.x + 1, r.y + 1, r.width - 2, r.height - 2};
}

static void place_pane(const App *a, Pane *p, bool focused)
{
    if (!p) return;
    Rect r = app_inside(a, p);
    p->focused = focused;
    if (r.width == p->width && r.height == p->height) return;
    p->width = r.width;
    p->height = r.height;
    if (r.width > 0 && r.height > 0 && p->kind->place) p->kind->place(p);
}

void app_place(App *a)
{
    a->dirty = true;
    if (a->layout.count > 0) {
        Rect area = screen_area(a);
        layout_place(&a->layout, area, a->focus);
        Rect tabs = app_fold_tabs(a);
        if (tabs.height > 0 && area.height > 3)
            layout_place(&a->layout, (Rect){area.x, area.y + 1, area.width, area.height - 1}, a->focus);
    }
    place_pane(a, a->top, false);
    place_pane(a, a->bottom, false);
    const Pane *focused = app_focused(a);
    for (int s = 0; s < APP_SLOT_MAX; s++) place_pane(a, a->slot[s], a->slot[s] == focused);
    for (size_t i = 0; i < a->popups; i++) place_pane(a, a->popup[i].pane, a->popup[i].pane == focused);
}

void app_resize(App *a, int width, int height)
{
    a->width = width < 1 ? 1 : width > SURFACE_SIDE_MAX ? SURFACE_SIDE_MAX : width;
    a->height = height < 1 ? 1 : height > SURFACE_SIDE_MAX ? SURFACE_SIDE_MAX : height;
    app_place(a);
}

// --- speaking
// ------------------------------------------------------------------------------------------------

void app_notice(App *a, NoticeKind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(a->notice, sizeof a->notice, format, args);
    va_end(args);
    a->notice_kind = kind;
    a->dirty = true;
}

void app_notice_err(App *a, const Err *err) { app_notice(a, NOTICE_ERROR, "%s: %s", err->state, err->text); }

NoticeKind app_notice_kind(const App *a) { return a->notice_kind; }
const char *app_notice_text(const App *a) { return a->notice_kind == NOTICE_NONE ? "" : a->notice; }

void app_copy(App *a, Str text)
{
    bytes_clear(&a->copied);
    bytes_put(&a->copied, text);
    if (a->copied.failed) {
        bytes_done(&a->copied);
        bytes_init(&a->copied, APP_COPIED_MAX);
        app_notice(a, NOTICE_ERROR, "the selection is too large to copy: %zu bytes, the limit is %d",
                   text.len, APP_COPIED_MAX);
        return;
    }
    if (a->hooks.clipboard) a->hooks.clipboard(a, text);
}

Str app_copied(const App *a) { return bytes_str(&a->copied); }
