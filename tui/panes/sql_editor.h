// SqlEditor: the tabs of the editor pane and what several of its files share. Private to the editor's files.
// Nouns: sql_editor, sql_tab
#ifndef TUI_PANES_SQL_EDITOR_H
#define TUI_PANES_SQL_EDITOR_H

#include "tui/panes/desk.h"
#include "tui/panes/panes.h"
#include "tui/text/edit.h"
#include "tui/widget/complete.h"

enum {
    SQL_TABS_MAX = 32,
    SQL_COLOUR_BYTES_MAX = 128 << 10, // larger texts are coloured from a little above what is seen
    SQL_SAVED_BYTES_MAX = 80 << 20,   // of the file that keeps unsaved tabs
};

typedef struct SqlTab {
    Edit edit;
    Bytes path;               // "" = never saved
    unsigned number;          // its own; shown while it has no path
    size_t first;             // line
    int left;                 // cell
    size_t ran_from, ran_len; // what was run last: error places count from there
    size_t error_at;          // byte of the last error, SIZE_MAX = none
} SqlTab;

typedef struct SqlEditor {
    SqlTab *tab[SQL_TABS_MAX];
    size_t tabs, at;
    unsigned made; // numbers given to tabs
    unsigned ran;  // number of the tab whose text was run last
    Complete complete;
    Bytes needle;    // of find
    Bytes use;       // the database of the last session, until it is used again
    Collected words; // table, column, type of the database chosen: for completion
    Arena words_mem;
    bool words_wanted;
    bool kept;          // the file of unsaved tabs is up to date
    int64_t changed_us; // monotonic time of the last change; 0 = none since kept
} SqlEditor;

// The statement that holds byte `at` of text, without the semicolon. Between two statements: the one before
// on the line of its end, the next one further down; behind the last one: the last one. False when there is
// none.
bool sql_editor_statement(Source *s, Str text, size_t at, size_t *from, size_t *len);

// ---- sql_keep.c: unsaved tabs outlive the program ----
// $XDG_STATE_HOME/d2db/USER-HASH.tabs (or ~/.local/state/…): texts, paths and cursors.
void sql_editor_keep(SqlEditor *e, const Desk *d);
void sql_editor_restore(SqlEditor *e, const Desk *d);
SqlTab *sql_tab_new(SqlEditor *e); // at the end, made the current one; NULL when there are too many
void sql_tab_free(SqlTab *t);
void sql_tab_title(const SqlTab *t, Bytes *out);

// ---- sql_view.c: drawing ----
void sql_editor_draw(const Pane *p, Canvas *c);
int sql_editor_gutter(const SqlTab *t); // cells of the line numbers
// Scrolls so that the cursor is seen.
void sql_editor_follow(SqlTab *t, int width, int height);

// ---- sql_words.c: completion ----
void sql_editor_words(Pane *p); // asks for the names of the database
void sql_editor_offer(Pane *p); // opens the list for the word at the cursor
void sql_editor_accept(Pane *p);

#endif
