// App, inside: what app.c, app_route.c and app_draw.c share. Relies on app.h.
#ifndef TUI_CORE_APP_IN_H
#define TUI_CORE_APP_IN_H

#include "tui/core/app.h"

typedef struct Popup {
    Pane *pane;
    PopupSpec spec;
} Popup;

struct App {
    AppHooks hooks;
    const Keymap *keymap;
    JobBox *box;
    Layout layout; // count 0 = no screen yet
    Pane *slot[APP_SLOT_MAX];
    Pane *top, *bottom;
    Popup popup[APP_POPUP_MAX];
    size_t popups;
    int focus; // a slot
    int width, height;
    int dragging; // a layout node whose border follows the mouse, or LAYOUT_NONE
    uint64_t last_id;
    unsigned depth; // inside how many entry points: closed panes are freed when it falls to 0
    Pane *closed[APP_PANE_MAX];
    size_t closed_count;
    NoticeKind notice_kind;
    char notice[APP_NOTICE_MAX];
    Bytes copied;
    AppWish wish;
    bool dirty, quitting;
};

void app_enter(App *a);
void app_leave(App *a);
// Gives every pane its size again.
void app_place(App *a);
// The rectangle of a pane with its frame; of a popup too.
Rect app_outside(const App *a, const Pane *p);
// When folded: the line that names the panes.
Rect app_fold_tabs(const App *a);
// Walks the titles of the frame's upper line: calls `at` with each title's place until it returns false.
typedef bool (*AppTabVisit)(void *self, size_t i, int x, int width, Str title, bool active);
void app_tabs_walk(const Pane *p, Rect outside, AppTabVisit visit, void *self);
// The titles of the folded screen's panes, the same way; i is the slot.
void app_fold_walk(const App *a, AppTabVisit visit, void *self);
void app_pane_title(const Pane *p, Bytes *out);

enum { APP_TITLE_MAX = 512 };

#endif
