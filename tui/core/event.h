// Event: what reaches the program from the terminal: keys by name, text, mouse, paste, size, signals.
// Relies on str.
// Nouns: event, key
#ifndef TUI_CORE_EVENT_H
#define TUI_CORE_EVENT_H

#include "engine/base/buf.h"

// Keys that are not characters: name as in keys.yaml.
// clang-format off
#define KEY_LIST(X) \
    X(ENTER, "Enter") X(ESC, "Esc") X(TAB, "Tab") X(BACKSPACE, "Backspace") X(DELETE, "Del") \
    X(INSERT, "Ins") X(UP, "Up") X(DOWN, "Down") X(LEFT, "Left") X(RIGHT, "Right") X(HOME, "Home") \
    X(END, "End") X(PAGE_UP, "PgUp") X(PAGE_DOWN, "PgDn") X(F1, "F1") X(F2, "F2") X(F3, "F3") \
    X(F4, "F4") X(F5, "F5") X(F6, "F6") X(F7, "F7") X(F8, "F8") X(F9, "F9") X(F10, "F10") \
    X(F11, "F11") X(F12, "F12")
// clang-format on

typedef enum KeyCode {
    KEYCODE_NONE = 0, // characters stand for themselves
    KEYCODE_FIRST = 0x110000,
#define X(id, name) KEYCODE_##id,
    KEY_LIST(X)
#undef X
        KEYCODE_LAST
} KeyCode;

enum { KEY_CTRL = 1, KEY_META = 2, KEY_SHIFT = 4 };
typedef struct Key {
    uint32_t code; // a code point (Ctrl-letters as the lower case letter) or a KeyCode
    uint8_t mods;  // KEY_CTRL | KEY_META | KEY_SHIFT; Shift only with KeyCodes
} Key;

enum { KEY_TEXT_SIZE = 32, EVENT_TEXT_MAX = 16 << 20 };
// "C-s", "M-x", "S-Tab", "C-PgDn", "Space", "a"; false when it is no key.
bool key_from_text(Str text, Key *out);
// The same backwards; out holds KEY_TEXT_SIZE bytes; returns out.
const char *key_text(char *out, Key k);
static inline bool key_equal(Key a, Key b) { return a.code == b.code && a.mods == b.mods; }
// A character that is typed as itself (no Ctrl, no Meta, no control).
static inline bool key_is_text(Key k)
{
    return k.code >= 32 && k.code != 127 && k.code < 0x110000 && !(k.mods & 3);
}

typedef enum MouseKind { MOUSE_PRESS, MOUSE_RELEASE, MOUSE_DRAG, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN } MouseKind;
typedef struct Mouse {
    MouseKind kind;
    int x, y;   // in the receiver's own cells
    int button; // 1 left, 2 middle, 3 right
    bool twice; // the second press of a double click
    uint8_t mods;
} Mouse;

typedef enum EventKind {
    EVENT_NONE,
    EVENT_KEY,
    EVENT_MOUSE,
    EVENT_PASTE,  // text: any bytes, newlines are \n; never a command
    EVENT_RESIZE, // width, height
    EVENT_FOCUS,  // the terminal's window got or lost the focus
    EVENT_BLUR,
    EVENT_RESUME, // back from Ctrl-Z
    EVENT_HANGUP, // SIGHUP, SIGTERM, SIGINT from outside: save and leave
} EventKind;
typedef struct Event {
    EventKind kind;
    Key key;
    Mouse mouse;
    Str text; // borrowed until the next event
    int width, height;
    int signal;
} Event;

#endif
