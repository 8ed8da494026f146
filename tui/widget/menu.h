// Menu: the menu bar and its pull-down menus, made from the action list. Relies on app, list.
#ifndef TUI_WIDGET_MENU_H
#define TUI_WIDGET_MENU_H

#include "tui/core/app.h"

// The right end of the bar ("vm1 ● vm2 ●  alice"); drawn right-aligned in what room is left.
typedef struct MenuBarArg {
    void *self;
    void (*info)(void *self, Bytes *out);
} MenuBarArg;

// app_bar_top(app, &menu_bar_kind, &(MenuBarArg){…})
extern const PaneKind menu_bar_kind;
// Opens the pull-down of a menu (0 = the first); what F10 and Alt+letter do.
void menu_open(App *a, size_t menu);
size_t menu_count(void);
Str menu_name(size_t menu);
// The menu whose name begins with that letter (Alt+F = File); SIZE_MAX.
size_t menu_of_letter(char letter);
// A menu at a cell with the given actions (context menu).
void menu_context(App *a, int x, int y, const Action *action, size_t count);

#endif
