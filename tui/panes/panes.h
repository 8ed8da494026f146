// Panes: the kinds that screens are made of; one file each, none knows another. Relies on core/pane.
#ifndef TUI_PANES_PANES_H
#define TUI_PANES_PANES_H

#include "tui/core/pane.h"

extern const PaneKind pane_sign_in;   // registration and sign-in; arg: SignInStart (sign_in.h)
extern const PaneKind pane_menu_bar;  // top line: menus, node, user
extern const PaneKind pane_status;    // bottom line: transaction, notice, keys
extern const PaneKind pane_tree;      // databases, tables, columns
extern const PaneKind pane_editor;    // SQL in tabs
extern const PaneKind pane_result;    // grids of a run, messages
extern const PaneKind pane_log;       // the three journals
extern const PaneKind pane_diagram;   // the data model as a drawing; popup
extern const PaneKind pane_dumps;     // dump browser; popup
extern const PaneKind pane_analytics; // counts and charts; popup
extern const PaneKind pane_users;     // administration; popup
extern const PaneKind pane_task;      // an export or import with progress; popup; arg: TaskSpec (task.h)

#endif
