// Pane: a part of the screen: one const table of functions and its own state in its own arena. draw is from
// scratch and changes nothing; a pane speaks to the app by its functions and hears from jobs and dialogs by
// messages. Relies on canvas, action, event, job.
#ifndef TUI_CORE_PANE_H
#define TUI_CORE_PANE_H

#include "engine/base/arena.h"
#include "tui/core/action.h"
#include "tui/core/canvas.h"
#include "tui/core/event.h"
#include "tui/core/job.h"

typedef struct App App;
typedef struct Pane Pane;

// A dialog's answer to the pane that asked.
typedef struct Answer {
    int question;     // the number the asker gave
    bool ok;          // false = Esc
    size_t choice;    // of choose and confirm: which
    const Str *field; // of prompt and form: the values, borrowed for the call
    size_t fields;
} Answer;

// Every slot but name and draw may be NULL.
typedef struct PaneKind {
    const char *name;
    size_t state_size;
    void (*open)(Pane *p, const void *arg);   // state is zeroed already; arg is borrowed
    void (*close)(Pane *p);                   // only what the arena does not own
    void (*place)(Pane *p);                   // width or height changed (called once before the first draw)
    void (*draw)(const Pane *p, Canvas *c);   // the whole inside
    bool (*key)(Pane *p, Key k);              // before the key map: the pane's own letters; false = not mine
    bool (*act)(Pane *p, Action a);           // false = not mine, goes on to the app
    void (*text)(Pane *p, Str s);             // typed characters, while takes_text
    void (*paste)(Pane *p, Str s);            // one undo step; never a command
    bool (*mouse)(Pane *p, const Mouse *m);   // in the pane's own cells; false = not mine
    void (*message)(Pane *p, Msg *m);         // a job answered; m is freed by the app after this
    void (*answer)(Pane *p, const Answer *a); // a dialog ended
    int (*tick)(Pane *p,
                int64_t now_us); // time passes: returns ms until it wants to be called again, -1 = no need
    void (*title)(const Pane *p, Bytes *out); // NULL = name
    // Tabs in the frame's upper line: writes the i-th title, false past the last. NULL = title alone.
    bool (*tab)(const Pane *p, size_t i, Bytes *out, bool *active);
    void (*tab_pick)(Pane *p, size_t i);
    void (*hint)(const Pane *p, Bytes *out);    // keys worth showing on the status line
    bool (*unsaved)(const Pane *p, Bytes *out); // true = ask before closing; out says what would be lost
    void (*note)(const Pane *p, Bytes *out);    // stands at the right end of the frame's upper line
    bool bare;                                  // no frame
} PaneKind;

struct Pane {
    const PaneKind *kind;
    App *app;
    uint64_t id;       // never used again in this process; messages find their pane by it
    Arena mem;         // ends with the pane
    void *state;       // state_size bytes, zeroed, in mem
    int width, height; // inside the frame
    bool focused;
    bool takes_text; // printable keys come to text() and are no commands
    uint64_t owner;  // of a popup: the pane that asked; 0 = the app
    int question;    // of a popup
};

// Typed access: MyState *s = pane_state(p, MyState);
#define pane_state(p, Type) ((Type *)(p)->state)

#endif
