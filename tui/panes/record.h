// Record: one row in a form: inserted, changed or deleted by SQL made from what was typed. Relies on desk.
#ifndef TUI_PANES_RECORD_H
#define TUI_PANES_RECORD_H

#include "tui/panes/desk.h"

// Asks for the table's columns and opens the form; a value left empty is NULL, DEFAULT where there is one.
void record_insert(App *a, Str database, Str table);
// The row whose primary key is asked for first (columns and keys come from the dictionary). remove: shows it
// and deletes it.
void record_change(App *a, Str database, Str table, bool remove);

#endif
