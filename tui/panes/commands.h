// Commands: the actions that belong to no single pane: files, transactions, databases, the model, exports,
// analytics, logs, administration, help. One table from action to function. Relies on desk, dialog, panes.
#ifndef TUI_PANES_COMMANDS_H
#define TUI_PANES_COMMANDS_H

#include "tui/panes/desk.h"

enum { COMMANDS_SCREEN = 4 }; // slots of the workstation screen

// The workstation's screen: tree, editor, result, log; bars above and below.
void commands_screen(App *a);
// The sign-in screen.
void commands_door(App *a);
// AppHooks' slots.
bool commands_act(App *a, Action action);
bool commands_enabled(const App *a, Action action);
void commands_answer(App *a, const Answer *answer);
void commands_message(App *a, Msg *m);

#endif
