// Keymap: which key does which action. Filled from the action list, changed by keys.yaml. Relies on action,
// event.
#ifndef TUI_CORE_KEYMAP_H
#define TUI_CORE_KEYMAP_H

#include "engine/base/err.h"
#include "engine/base/io.h"
#include "tui/core/action.h"
#include "tui/core/event.h"

enum { KEYMAP_MAX = 512 };
typedef struct Binding {
    Key key;
    Action action;
} Binding;
typedef struct Keymap {
    Binding binding[KEYMAP_MAX];
    size_t count;
} Keymap;

void keymap_default(Keymap *m);
Action keymap_find(const Keymap *m, Key k); // ACTION_NONE when not bound
// The i-th key of an action as text ("F5"), "" when there is none; out holds KEY_TEXT_SIZE bytes; returns
// out.
const char *keymap_key(const Keymap *m, Action a, size_t i, char *out);
// YAML: `query.run: [F5, C-j]` replaces the keys of an action, `query.run: []` removes them. Errors name
// file, line and column (F0000) and leave *m unchanged.
MUST_CHECK bool keymap_read(Keymap *m, Str text, const char *file, Err *err);
// $XDG_CONFIG_HOME/d2db/keys.yaml or ~/.config/d2db/keys.yaml; absent = fine.
MUST_CHECK bool keymap_load(Keymap *m, Io io, Err *err);
// The whole map as such a file, with each action's help as a comment; appended.
void keymap_write(const Keymap *m, Bytes *out);

#endif
