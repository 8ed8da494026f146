// Kit: the workstation as a person uses it: starts the real program on a terminal with a data directory of
// its own, registers, signs in, runs SQL, opens menus. Whatever is waited for and does not come ends the test
// with the screen as it is. Nouns: walk
#ifndef TESTS_TUI_KIT_WALK_H
#define TESTS_TUI_KIT_WALK_H

#include "tests/tui/kit_pty.h"
#include "tests/unit/kit_dir.h"

enum { WALK_WAIT_MS = 15000, WALK_IDLE_MS = 40, WALK_EXTRA_MAX = 8 };
#define WALK_USER     "ada"
#define WALK_PASSWORD "difference engine 2"
#define WALK_QUESTION "Name of the first ship?"
#define WALK_ANSWER   "Blue Whale"

typedef struct Walk {
    KitDir dir;                        // the person's home; removed at the end
    char data[KIT_PATH_MAX];           // DATA, below it
    const char *extra[WALK_EXTRA_MAX]; // environment beside the usual; NULL ends it
    int width, height;                 // 0 = 110 x 32
    KitPty *p;                         // NULL while it does not run
} Walk;

void walk_make(Walk *w);
void walk_end(Walk *w); // the program may still run
void walk_start(Walk *w);

// The text comes in one line of the screen, or goes.
void walk_need(Walk *w, const char *text);
void walk_need_within(Walk *w, const char *text, int timeout_ms);
void walk_need_gone(Walk *w, const char *text);
void walk_keys(Walk *w, const char *names);
// Esc, until the text is gone: a key right behind an Esc would be taken for Alt and that key.
void walk_escape(Walk *w, const char *text);
void walk_type(Walk *w, const char *text);
// The screen goes to standard error and the test ends.
void walk_fail(Walk *w, const char *what);
// The program ends by itself with this status, and the terminal is as it was before.
void walk_need_exit(Walk *w, int status);
void walk_need_whole_terminal(Walk *w);

// First start: fills in the form; sample: "none", "school" or "library". Ends at the sign-in form.
void walk_register(Walk *w, const char *sample);
// From the sign-in form to the panes; the user's name is typed unless it stands there already.
void walk_sign_in(Walk *w, bool name_is_there);
// walk_start, walk_register with no sample, walk_sign_in.
void walk_enter(Walk *w);

void walk_write_sql(Walk *w, const char *sql); // replaces what the editor holds
// A key that runs something: a statement before it has come to its end then.
void walk_key_when_idle(Walk *w, const char *key);
void walk_run(Walk *w, const char *sql, const char *want);
// menu: 0 is the first of the bar; letter: the one that is marked in the entry.
void walk_menu(Walk *w, const char *menu, char letter);
// A file below DATA, freed by the caller; NULL when there is none.
char *walk_file(const Walk *w, const char *name);
// The first file of a directory below DATA whose name begins so; false when there is none.
bool walk_find_file(const Walk *w, const char *directory, const char *begins, char *out);

#endif
