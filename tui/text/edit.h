// Edit: an editor without a screen: buffer, undo, cursor and selection, and the moves and changes a person
// makes. Columns here are graphemes' terminal cells, with tabs at every EDIT_TAB. Relies on buffer, undo.
#ifndef TUI_TEXT_EDIT_H
#define TUI_TEXT_EDIT_H

#include "tui/text/buffer.h"
#include "tui/text/undo.h"

enum { EDIT_TAB = 4 };

typedef struct Edit {
    Buffer text;
    Undo undo;
    size_t cursor; // byte
    size_t anchor; // the selection's other end; == cursor: none
    bool marking;  // moves extend the selection (select.mark)
    int goal;      // the cell that Up and Down aim at; -1 = the cursor's own
} Edit;

typedef enum EditMove {
    EDIT_LEFT,
    EDIT_RIGHT,
    EDIT_UP,
    EDIT_DOWN,
    EDIT_WORD_LEFT,
    EDIT_WORD_RIGHT,
    EDIT_LINE_START,
    EDIT_LINE_END,
    EDIT_PAGE_UP,
    EDIT_PAGE_DOWN,
    EDIT_TOP,
    EDIT_BOTTOM
} EditMove;

void edit_init(Edit *e);
void edit_done(Edit *e);
// Replaces everything; undo starts anew; the text counts as saved.
MUST_CHECK bool edit_load(Edit *e, Str text, Err *err);
// page: lines of a page, for EDIT_PAGE_*. extend: keep the anchor. LINE_START goes to the first non-blank,
// then to 0.
void edit_move(Edit *e, EditMove move, bool extend, size_t page);
void edit_goto(Edit *e, size_t at, bool extend); // to a byte (moved to a grapheme's start)
void edit_goto_line(Edit *e, size_t line);       // from 0
void edit_select_all(Edit *e);
bool edit_selection(const Edit *e, size_t *from, size_t *len); // false when empty
// Replaces the selection. Typing: "\n" keeps the indentation of the line.
MUST_CHECK bool edit_type(Edit *e, Str text, Err *err);
// One undo step. \r\n and \r become \n; ESC and other controls but \n and \t are left out.
MUST_CHECK bool edit_paste(Edit *e, Str text, Err *err);
MUST_CHECK bool edit_newline(Edit *e, Err *err);
MUST_CHECK bool edit_backspace(Edit *e, bool word, Err *err);
MUST_CHECK bool edit_delete(Edit *e, bool word, Err *err);
MUST_CHECK bool edit_delete_line(Edit *e, Err *err);
// Without a selection: spaces up to the next tab stop (indent) / the line one level left (outdent).
MUST_CHECK bool edit_indent(Edit *e, Err *err);
MUST_CHECK bool edit_outdent(Edit *e, Err *err);
// Puts `mark` ("-- ") in front of the selected lines, or takes it away when all have it.
MUST_CHECK bool edit_comment(Edit *e, Str mark, Err *err);
// Replaces [from, from + len) and puts the cursor behind it; one undo step.
MUST_CHECK bool edit_replace(Edit *e, size_t from, size_t len, Str text, Err *err);
MUST_CHECK bool edit_replace_all(Edit *e, Str needle, Str text, bool fold, size_t *count, Err *err);
// Selects the next (or previous) place, around the end if need be; false when there is none.
bool edit_find(Edit *e, Str needle, bool backwards, bool fold);
bool edit_undo(Edit *e);
bool edit_redo(Edit *e);
// Line and cell of a byte, both from 0.
void edit_place(const Edit *e, size_t at, size_t *line, int *cell);
// The byte at (or next before) a cell of a line.
size_t edit_at(const Edit *e, size_t line, int cell);
// The word before the cursor (letters, digits, _ and bytes of non-ASCII): for completion.
size_t edit_word_start(const Edit *e, size_t at);
// Cells of one grapheme [at, next) when it starts in cell `cell`; tabs reach to the next stop.
int edit_cells(const Edit *e, size_t at, size_t next, int cell);
// The bracket that belongs to the one at (or before) `at`; SIZE_MAX when there is none within 64 KiB.
size_t edit_bracket(const Edit *e, size_t at);

#endif
