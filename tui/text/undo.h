// Undo: what was inserted and deleted, in groups that are taken back together. Typing joins into one group
// until the place, the kind or the line changes. Bounded: the oldest groups are forgotten. Relies on buffer.
#ifndef TUI_TEXT_UNDO_H
#define TUI_TEXT_UNDO_H

#include "tui/text/buffer.h"

#ifndef UNDO_BYTES_MAX
#define UNDO_BYTES_MAX (128 << 20)
#endif

typedef struct UndoStep {
    size_t at, len; // in the buffer
    size_t from;    // where its bytes lie in `bytes`
    uint32_t group;
    bool inserted; // else deleted
} UndoStep;

typedef struct Undo {
    UndoStep *step;
    size_t count, done, cap; // steps [0, done) are in the text, [done, count) can be done again
    Bytes bytes;
    uint32_t group;
    bool joining;     // the next step may join the last one
    unsigned nesting; // inside undo_begin … undo_end
    size_t saved;     // `done` when the text was saved; SIZE_MAX = not reachable any more
} Undo;

void undo_init(Undo *u);
void undo_done(Undo *u);
// Every change between begin and end is one group (may nest).
void undo_begin(Undo *u);
void undo_end(Undo *u);
void undo_break(Undo *u); // the next change starts a new group (the cursor moved, time passed)
// Changes the buffer and remembers how to take it back.
MUST_CHECK bool undo_insert(Undo *u, Buffer *b, size_t at, Str text, Err *err);
MUST_CHECK bool undo_delete(Undo *u, Buffer *b, size_t at, size_t len, Err *err);
// Takes back / does again one group; *at is where the cursor belongs. False when there is nothing.
bool undo_back(Undo *u, Buffer *b, size_t *at);
bool undo_again(Undo *u, Buffer *b, size_t *at);
void undo_saved(Undo *u);         // the text as it is now is on disk
bool undo_changed(const Undo *u); // since then

#endif
