// Dialog: the questions a program asks: message, confirm, choose, prompt, form, text. Each is a popup pane;
// the answer arrives at the owner's answer() (the app's when owner is NULL) with the number of the question.
// Relies on app, form.
#ifndef TUI_WIDGET_DIALOG_H
#define TUI_WIDGET_DIALOG_H

#include "tui/core/app.h"
#include "tui/widget/form.h"

// A sentence and an OK button. kind colours the title.
void dialog_message(App *a, NoticeKind kind, const char *title, Str text);
void dialog_error(App *a, const char *title, const Err *err); // sentence, state, place, hint and notes
// Buttons: NULL-terminated, mnemonic behind '&' ("&Save", "&Discard", "Cancel"). answer.choice = which; Esc:
// ok = false. `safe` is the one that has the focus first.
void dialog_confirm(App *a, const Pane *owner, int question, const char *title, Str text,
                    const char *const *button, size_t safe);
// One of a list, with a filter line. Strings are copied. answer.choice = index.
void dialog_choose(App *a, const Pane *owner, int question, const char *title, const Str *item,
                   const Str *detail, size_t count, size_t at);
// One line. answer.field[0] = the text.
void dialog_prompt(App *a, const Pane *owner, int question, const char *title, const char *label,
                   Str initial);
// A form. answer.field = the values.
void dialog_form(App *a, const Pane *owner, int question, const char *title, const FieldSpec *spec,
                 size_t count, const Str *initial, const char *send);
// A text to read (cell values, help, plans), with search. Copied.
void dialog_text(App *a, const char *title, Str text);

#endif
