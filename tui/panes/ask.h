// Ask: the questions that commands put before they act, and what their answers do. Relies on desk, dialog,
// task.
#ifndef TUI_PANES_ASK_H
#define TUI_PANES_ASK_H

#include "tui/panes/desk.h"

// Asks when a transaction is open, a statement runs or a text is unsaved; then leaves the program, or only
// signs out.
void ask_leave(App *a, bool quit);
void ask_import(App *a);
void ask_sample(App *a);
void ask_isolation(App *a);
void ask_use(App *a);
void ask_create_database(App *a);
void ask_drop_database(App *a);
void ask_insert_row(App *a);
void ask_update_row(App *a);
void ask_delete_row(App *a);
void ask_model_file(App *a);
void ask_export(App *a);
void ask_add_user(App *a);

void ask_answered(App *a, const Answer *answer);
void ask_message(App *a, Msg *m); // answers of ask's own side jobs

#endif
