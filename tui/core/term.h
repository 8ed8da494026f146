// Term: the terminal: the one place that knows curses. Shows a surface, gives events, and leaves the terminal
// as it was on every way out: exit, signals, crashes. Relies on canvas, event, theme.
#ifndef TUI_CORE_TERM_H
#define TUI_CORE_TERM_H

#include "engine/base/err.h"
#include "tui/core/app.h"
#include "tui/core/canvas.h"
#include "tui/core/event.h"
#include "tui/core/theme.h"

enum { TERM_CLIPBOARD_MAX = 128 << 10, TERM_STDERR_MAX = 256 << 10, TERM_ESC_DELAY_MS = 25 };

typedef struct Term Term;
typedef struct TermOptions {
    const Theme *theme; // copied
    bool theme_chosen;  // the user asked for it: NO_COLOR does not turn it off
    bool mouse;
    int esc_delay_ms; // 0 = TERM_ESC_DELAY_MS; $ESCDELAY wins
} TermOptions;

// One per process. An unknown TERM is replaced by the nearest known one (term_note tells). 58000 when there
// is none or standard input or output is no terminal. While it is open, standard error goes to a file in
// memory.
MUST_CHECK bool term_open(Term **out, const TermOptions *options, Err *err);
// Restores everything and prints what was written to standard error meanwhile.
void term_close(Term *t);
const char *term_note(const Term *t); // "" or what was replaced
int term_width(const Term *t);
int term_height(const Term *t);
int term_colors(const Term *t); // 0 = none
Charset term_charset(const Term *t);
void term_theme(Term *t, const Theme *theme);
void term_mouse(Term *t, bool on);
void term_repaint(Term *t); // the next show paints every cell
// Paints the difference to what is shown; one write.
void term_show(Term *t, const Surface *s);
// Waits for input, a signal, or one of `fds`, at most timeout_ms (-1 = for ever).
void term_wait(Term *t, const int *fds, size_t count, int timeout_ms);
// The next event that is there already; false when there is none: drain, then draw.
bool term_next(Term *t, Event *e);
// Back to the shell until fg; the next event is EVENT_RESUME.
void term_suspend(Term *t);
// Puts text on the terminal's clipboard (OSC 52, write only), or into a file when it is larger than
// TERM_CLIPBOARD_MAX or the terminal cannot: `route` (`size` bytes) says what was done. False with err when
// neither.
MUST_CHECK bool term_copy(Term *t, Str text, Io io, char *route, size_t size, Err *err);
// Draw, wait, route, until app_quit or a hang-up; returns the signal that ended it, 0 for app_quit.
int term_run(Term *t, App *a);
// Closes the terminal and ends the process by that signal, as whoever sent it expects.
_Noreturn void term_die(Term *t, int signal);

#endif
