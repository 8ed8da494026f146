// Complete: the list of words that an editor offers below its cursor; drawn by the editor's pane, no popup of
// its own. Relies on list.
#ifndef TUI_WIDGET_COMPLETE_H
#define TUI_WIDGET_COMPLETE_H

#include "engine/base/arena.h"
#include "tui/widget/list.h"

enum { COMPLETE_MAX = 500, COMPLETE_HEIGHT = 8 };

typedef struct CompleteItem {
    Str word, detail;
    Style style;
    int score;
} CompleteItem;
typedef struct Complete {
    Arena mem;
    CompleteItem *item;
    size_t count;
    List list;
    bool shown;
    size_t from; // where in the text the word begins that is being completed
} Complete;

void complete_init(Complete *c);
void complete_done(Complete *c);
void complete_begin(Complete *c, size_t from); // empties it
// Kept when it fits `typed` (by palette_score); words are copied, doubles left out.
void complete_offer(Complete *c, Str typed, Str word, Str detail, Style style);
void complete_end(Complete *c); // sorts and shows it when there is something
void complete_hide(Complete *c);
bool complete_act(Complete *c, Action a);               // UP, DOWN, pages while shown; false for others
const CompleteItem *complete_chosen(const Complete *c); // NULL when hidden
// Below (or above) the cell where the word begins.
void complete_draw(const Complete *c, Canvas *canvas, int x, int y);

#endif
