// Kit: a program on a pseudo-terminal, its screen read by libvterm. The program is a job of its own under a
// tiny shell, so that Ctrl-Z, signals and terminal modes are as under a real one.
#ifndef TESTS_TUI_KIT_PTY_H
#define TESTS_TUI_KIT_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { KIT_WAIT_MS = 10000 };
typedef struct KitPty KitPty;
typedef struct KitPtyCell {
    char text[32];
    int width;
    bool bold, reverse, underline;
    bool coloured; // foreground or background is not the terminal's own
} KitPtyCell;

// environment: NULL-terminated "NAME=value" (added to this process's own; "NAME" alone removes); may be NULL.
// TERM is xterm-256color unless given. Ends the test when the program cannot be started.
KitPty *kit_pty_start(const char *const *argv, const char *const *environment, int width, int height);
// Kills what is left and frees; never fails.
void kit_pty_free(KitPty *p);
pid_t kit_pty_pid(const KitPty *p);

void kit_pty_send(KitPty *p, const char *at, size_t len); // raw bytes
void kit_pty_type(KitPty *p, const char *text);
// Key names, divided by blanks: "F5 C-s Down M-x Enter"; ends the test on an unknown name.
void kit_pty_keys(KitPty *p, const char *names);
void kit_pty_paste(KitPty *p, const char *text); // bracketed
void kit_pty_resize(KitPty *p, int width, int height);
void kit_pty_signal(KitPty *p, int number);

// Wait on a condition; false when it did not come within timeout_ms (KIT_WAIT_MS is a good one).
bool kit_pty_wait_text(KitPty *p, const char *text, int timeout_ms);    // the screen contains it in one line
bool kit_pty_wait_no_text(KitPty *p, const char *text, int timeout_ms); // no line contains it (any more)
bool kit_pty_wait_quiet(KitPty *p, int quiet_ms, int timeout_ms);       // nothing written for so long
bool kit_pty_wait_exit(KitPty *p, int timeout_ms, int *status);         // as from waitpid
bool kit_pty_wait_stopped(KitPty *p, int timeout_ms);
void kit_pty_foreground(KitPty *p); // what `fg` does

// The screen now. row: UTF-8 without trailing blanks; out holds size bytes; returns out.
const char *kit_pty_row(KitPty *p, int y, char *out, size_t size);
bool kit_pty_has(KitPty *p, const char *text);
// Where the text stands; false when it does not.
bool kit_pty_find(KitPty *p, const char *text, int *x, int *y);
KitPtyCell kit_pty_cell(KitPty *p, int x, int y);
void kit_pty_cursor(KitPty *p, int *x, int *y, bool *shown);
int kit_pty_height(const KitPty *p);
// All rows with newlines, malloc'd: for messages and screenshots.
char *kit_pty_screen(KitPty *p);

// What the program wrote so far.
size_t kit_pty_bytes(const KitPty *p);
bool kit_pty_wrote(const KitPty *p, const char *at, size_t len);
// Whether a DEC private mode (25 cursor, 1049 alternate screen, 2004 paste, 1000/1002/1006 mouse) was left
// switched on.
bool kit_pty_mode(const KitPty *p, int mode);
// The line settings are what they were before the program started.
bool kit_pty_termios_restored(const KitPty *p);

#endif
