// Input: a line of text to be typed. Relies on canvas, event, action.
#ifndef TUI_WIDGET_INPUT_H
#define TUI_WIDGET_INPUT_H

#include "engine/base/buf.h"
#include "tui/core/action.h"
#include "tui/core/canvas.h"
#include "tui/core/event.h"

enum { INPUT_BYTES_DEFAULT = 4096 };

typedef struct Input {
    Bytes text;
    size_t cursor, anchor; // bytes; equal = no selection
    bool secret;           // shown as dots; wiped when done; cannot be copied
    size_t max;            // bytes
} Input;

void input_init(Input *in, bool secret, size_t max_bytes);
void input_done(Input *in); // a secret is overwritten first
void input_set(Input *in, Str text);
Str input_text(const Input *in);
void input_type(Input *in, Str text); // also pastes: newlines become blanks, controls are left out
bool input_act(Input *in, Action a);  // LEFT, RIGHT, HOME, END, words, deletes, selects; false for others
// A field of the whole canvas width on line y; parks the cursor when focused. placeholder is shown while
// empty.
void input_draw(const Input *in, Canvas *c, int x, int y, int width, bool focused, Str placeholder);
void input_mouse(Input *in, int x, int width); // a press at cell x of the field

#endif
