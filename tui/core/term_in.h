// Term, inside: the guard that puts the terminal right when the program ends in the middle, and glyphs for
// poor terminals. Relies on term.h.
#ifndef TUI_CORE_TERM_IN_H
#define TUI_CORE_TERM_IN_H

#include "tui/core/term.h"
#include <termios.h>

enum { TERM_RESET_MAX = 512 };

// Signals that ask (HUP, INT, TERM, TSTP, CONT, WINCH) are written to this pipe, one byte each.
typedef enum TermAsk {
    TERM_ASK_HUP = 'h',
    TERM_ASK_INT = 'i',
    TERM_ASK_TERM = 't',
    TERM_ASK_STOP = 'z',
    TERM_ASK_SIZE = 'w'
} TermAsk;

// From now on every crash, exit and second request writes `reset` and sets `saved` again. Error text held
// back in `stderr_fd` is then shown on `real_stderr`. One at a time in a process.
MUST_CHECK bool term_guard_arm(const struct termios *saved, Str reset, int stderr_fd, int real_stderr,
                               Err *err);
int term_guard_fd(void); // to poll: readable when somebody asks
// Shows the held text and puts the signals back as they were.
void term_guard_disarm(void);
// Off while the process is stopped by Ctrl-Z.
void term_guard_pause(bool paused);

// What stands for a rune where the terminal's charset has no such glyph; the rune itself when it has.
uint32_t term_glyph(uint32_t rune, Charset charset);

#endif
