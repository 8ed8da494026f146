// Kit: the workstation on a surface: app, desk and a fake host, driven by key names and read as text; whole
// screens are compared with files below tests/tui/golden.
#ifndef TESTS_UNIT_KIT_STAGE_H
#define TESTS_UNIT_KIT_STAGE_H

#include "tests/unit/kit_fake_host.h"
#include "tui/panes/commands.h"

typedef struct Stage {
    Desk desk; // first: panes reach it through app_self
    FakeHost host;
    App *app;
    JobBox *box;
    Keymap keymap;
    Surface surface;
    Bytes text; // of the last look
    char home[KIT_PATH_MAX];
    bool entering, leaving;
} Stage;

// At the door, nobody registered.
void stage_open(Stage *s, int width, int height);
void stage_close(Stage *s);
// Signed in as alice on the database school, its tree read: the script must answer for it (stage_school).
void stage_enter(Stage *s);
// Tables, columns and rows of a small school.
void stage_school(Stage *s);
void stage_resize(Stage *s, int width, int height);

void stage_keys(Stage *s, const char *names); // "F5 C-f Down M-x", divided by blanks
void stage_type(Stage *s, const char *text);  // typed character by character; \n is Enter
void stage_paste(Stage *s, const char *text);
void stage_press(Stage *s, int x, int y, int button);
void stage_do(Stage *s, Action a);

// Takes what has come and draws; the screen as text.
const char *stage_look(Stage *s);
// Waits for the jobs until the screen holds the text (has lost it); ends the test with the screen otherwise.
void stage_wait(Stage *s, const char *text);
void stage_wait_gone(Stage *s, const char *text);
void stage_wait_run(Stage *s); // until no statement runs
void stage_pause(Stage *s);    // until a job tells something, at most a moment
bool stage_has(Stage *s, const char *text);
// Where it stands; ends the test when it does not.
void stage_find(Stage *s, const char *text, int *x, int *y);
Style stage_style(Stage *s, const char *text); // of its first cell
// The screen is that of tests/tui/golden/NAME.txt (see kit_golden.h).
void stage_golden(Stage *s, const char *name);

#endif
