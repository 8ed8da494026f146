// Palette: every action by typing some of its letters. Relies on app, list, input.
#ifndef TUI_WIDGET_PALETTE_H
#define TUI_WIDGET_PALETTE_H

#include "tui/core/app.h"

void palette_open(App *a);
// How well `typed` fits `text` as a subsequence (words' beginnings and runs weigh more); 0 = not at all.
int palette_score(Str typed, Str text);
// The help screen: every action with its keys, by menu; appended.
void palette_help(const Keymap *m, Bytes *out);

#endif
