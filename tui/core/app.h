// App: the screen's grammar: which panes there are, where they lie, who has the keyboard, what is on top. It
// draws all of it on one surface and routes each event: top popup, then focused pane, then the app itself.
// Knows no curses. Relies on pane, layout, keymap, job.
#ifndef TUI_CORE_APP_H
#define TUI_CORE_APP_H

#include "tui/core/keymap.h"
#include "tui/core/layout.h"
#include "tui/core/pane.h"
#include "tui/core/theme.h"

enum { APP_PANE_MAX = 64, APP_POPUP_MAX = 16, APP_SLOT_MAX = 16, APP_NOTICE_MAX = 512 };

// What the composition root adds: app-wide actions and what only it knows.
typedef struct AppHooks {
    void *self;
    bool (*act)(App *a, Action action);           // after popup and pane declined
    void (*message)(App *a, Msg *m);              // of jobs without a pane
    void (*answer)(App *a, const Answer *answer); // of dialogs without a pane
    void (*clipboard)(App *a, Str text);          // copied text leaves for the terminal
    bool (*enabled)(const App *a, Action action); // menu entries that make sense now; NULL = all
    // Looks at the time (open transactions, running statements); returns ms until the next call, -1 = no
    // need.
    int (*tick)(App *a, int64_t now_us);
} AppHooks;

typedef enum NoticeKind { NOTICE_NONE, NOTICE_INFO, NOTICE_OK, NOTICE_WARNING, NOTICE_ERROR } NoticeKind;
typedef enum PopupPlace { POPUP_CENTER, POPUP_AT, POPUP_BELOW } PopupPlace;
// A popup's inside size and where: in the middle; at a cell of the screen; below a cell (above it when no
// room is left). A size of 0 or less is that much smaller than the screen, whatever size it gets.
typedef struct PopupSpec {
    PopupPlace place;
    int x, y, width, height;
    const Pane *owner; // who gets the answer; NULL = the app
    int question;
} PopupSpec;

// --- life
// ---------------------------------------------------------------------------------------------------- keymap
// and box are borrowed and must outlive the app.
App *app_new(const AppHooks *hooks, const Keymap *keymap, JobBox *box);
void app_free(App *a);
void *app_self(const App *a); // hooks.self
const Keymap *app_keymap(const App *a);
JobBox *app_box(const App *a);
void app_quit(App *a); // the loop ends after this event
bool app_quitting(const App *a);

// --- screens
// ------------------------------------------------------------------------------------------------- A screen:
// a layout table whose slots show panes. Replacing it closes the old screen's panes and popups.
void app_screen(App *a, const LayoutNode *table, size_t count);
// The menu bar above and the status line below; NULL kind = none. Opened once per screen.
Pane *app_bar_top(App *a, const PaneKind *kind, const void *arg);
Pane *app_bar_bottom(App *a, const PaneKind *kind, const void *arg);
// Opens a pane in a slot of the screen (closing the one that was there).
Pane *app_open(App *a, int slot, const PaneKind *kind, const void *arg);
Pane *app_slot(const App *a, int slot);       // NULL when empty
int app_slot_of(const App *a, const Pane *p); // LAYOUT_NONE for bars and popups
void app_slot_show(App *a, int slot, bool shown);
void app_focus(App *a, int slot);
Pane *app_focused(const App *a); // the top popup, else the pane with the focus; NULL when there is none
Pane *app_pane(const App *a, uint64_t id); // NULL when closed
void app_close(
    App *a, Pane *p); // a popup or a slot's pane; safe inside the pane's own functions (done after the event)
// True when some pane has something unsaved; out says what (may be NULL).
bool app_unsaved(const App *a, Bytes *out);

// --- popups
// --------------------------------------------------------------------------------------------------
Pane *app_popup(App *a, const PaneKind *kind, const void *arg, const PopupSpec *spec);
void app_popup_resize(App *a, const Pane *p, int width, int height);
// Closes the popup and gives its answer to its owner.
void app_popup_answer(App *a, Pane *p, const Answer *answer);
size_t app_popup_count(const App *a);
Pane *app_popup_at(const App *a, size_t i); // 0 = lowest

// --- speaking
// ------------------------------------------------------------------------------------------------
void app_notice(App *a, NoticeKind kind, const char *format, ...) PRINTF_LIKE(3, 4);
void app_notice_err(App *a, const Err *err); // "42P01: table x does not exist"
NoticeKind app_notice_kind(const App *a);
const char *app_notice_text(const App *a); // "" when there is none; the next key takes it away
void app_copy(App *a, Str text);           // to the internal clipboard and the terminal's
Str app_copied(const App *a);
bool app_enabled(const App *a, Action action);

// --- the loop's parts (tests call them directly)
// ---------------------------------------------------------------
void app_resize(App *a, int width, int height);
int app_width(const App *a);
int app_height(const App *a);
void app_event(App *a, const Event *e);
// Like a key bound to it: popup, pane, app; true when somebody took it.
bool app_act(App *a, Action action);
void app_messages(App *a);            // takes what waits in the box
int app_tick(App *a, int64_t now_us); // ms until it wants to be called again, -1 = not at all
// The whole screen, from scratch; sizes the surface.
void app_draw(const App *a, Surface *s);
bool app_dirty(const App *a); // something happened since app_drawn
void app_drawn(App *a);
void app_touch(App *a); // something outside changed: draw again
// What only the terminal's owner can do; taken once.
typedef enum AppWish { APP_WISH_NONE, APP_WISH_REPAINT, APP_WISH_SUSPEND } AppWish;
void app_wish(App *a, AppWish wish);
AppWish app_wish_take(App *a);
// Where the inside of a slot's pane or popup lies on the screen.
Rect app_inside(const App *a, const Pane *p);

#endif
