// Term, keys: the escape sequences that terminals send for keys, as data: xterm's numbering of modifiers, and
// the variants of rxvt, the Linux console and old terminals. Relies on event. Source: XTerm Control Sequences
// (PC-style function keys), console_codes(4).
#ifndef TUI_CORE_TERM_KEY_H
#define TUI_CORE_TERM_KEY_H

#include "tui/core/event.h"

enum { TERM_KEY_SEQUENCE_MAX = 16, TERM_KEY_BASE = 0x1000 };
// Codes that are no Key.
enum { TERM_KEY_PASTE_BEGIN = 0xF00, TERM_KEY_PASTE_END, TERM_KEY_FOCUS, TERM_KEY_BLUR, TERM_KEY_MOUSE };

// The number under which a key's sequences are defined, and back. Always above what curses uses itself.
int term_key_number(Key k);
bool term_key_of_number(int number, Key *out);
// The i-th sequence: out holds TERM_KEY_SEQUENCE_MAX bytes; its number; 0 past the last.
int term_key_sequence(size_t i, char *out);

#endif
